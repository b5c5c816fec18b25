//! What stands behind the window: nothing yet, a practice line, or the owner's line; and how one becomes
//! the other. A practice line has a folder of its own, so that the two never mix.

use crate::{
    account,
    choice::{Choice, Chosen},
    computer, kept, mail,
    office::{self, Line, Open},
    rotation::{self, TokenState},
    sound::Sound,
};
use ringdesk_desk::CommandError;
use ringdesk_inbox::{Clock, OpenError, Safe, view::DataBackup};
use ringdesk_machine::{AccountCredentials, DataFolder, FolderError, Keychain, KeychainError, Sealed};
use ringdesk_server::{OfficeError, rotation::Act};
use secrecy::SecretString;
use serde::Serialize;
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};
use tauri::{AppHandle, Manager};
use tokio::sync::{Mutex, watch};

/// How long until it is asked again which of two tokens Twilio uses, at first and at most.
const ASK_AGAIN: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);
/// A safe that takes longer waits for its owner's password.
const SAFE_ANSWERS: Duration = Duration::from_secs(3);

/// Another Ringdesk uses what is kept here; that it is not seen says that it is somebody else's.
const TAKEN: &str = "Ringdesk is open already, perhaps for another user of this computer.";
const TAKEN_HINT: &str = "Close it there, then try again.";

/// How the program was started.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    /// Where everything is kept.
    pub(crate) data_dir: PathBuf,
    /// A practice line, whatever was chosen before.
    pub(crate) practice: bool,
    /// Twilio, or a practice line that stands for it.
    pub(crate) twilio_url: String,
    /// Where the owner's line takes Twilio's webhooks.
    pub(crate) listen: SocketAddr,
}

/// Where the way to a line stands.
#[derive(Clone)]
pub(crate) enum Stage {
    /// It is being opened.
    Opening,
    /// Nobody has chosen yet.
    Welcome,
    /// The owner's line was chosen and could not be opened.
    Trouble(Trouble),
    /// It is open.
    Open(Arc<Open>),
}

/// Why the owner's line could not be opened.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Trouble {
    /// What the page branches on: `locked`, `missing`, `absent`, `sealed`, `damaged`, `taken` or `failed`.
    pub(crate) kind: &'static str,
    /// What happened, where there is more to say.
    pub(crate) detail: String,
    /// What whoever asked for the line is told to do; the page has words of its own.
    #[serde(skip)]
    hint: &'static str,
}

impl Trouble {
    /// In words for whoever asked for the line.
    fn told(&self) -> CommandError {
        match self.kind {
            "damaged" => problem("damaged", "What is kept on this computer can't be read.", self.hint),
            "taken" => problem("taken", TAKEN, TAKEN_HINT),
            _ => problem("failed", &self.detail, self.hint),
        }
    }
}

/// What stands behind the window.
pub(crate) struct Front {
    app: AppHandle,
    start: Start,
    stage: watch::Sender<Stage>,
    /// One change at a time.
    changing: Mutex<()>,
    sound: Sound,
}

impl Front {
    pub(crate) fn new(app: AppHandle, mut start: Start, sound: Sound) -> Self {
        // One name for one folder, however it was written: the safe's item is named after it.
        if std::fs::create_dir_all(&start.data_dir).is_ok() {
            start.data_dir = start.data_dir.canonicalize().unwrap_or(start.data_dir);
        }
        Self { app, start, stage: watch::Sender::new(Stage::Opening), changing: Mutex::new(()), sound }
    }

    /// The open office.
    pub(crate) fn open(&self) -> Option<Arc<Open>> {
        match &*self.stage.borrow() {
            Stage::Open(open) => Some(open.clone()),
            _ => None,
        }
    }

    /// The open office, or that there is none.
    pub(crate) fn opened(&self) -> Result<Arc<Open>, CommandError> {
        self.open().ok_or_else(|| problem("not_open", "No line is open.", "Choose one first."))
    }

    /// Where it stands, now and later.
    pub(crate) fn stages(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Where it stands, once that is decided.
    pub(crate) async fn settled(&self) -> Stage {
        let mut stage = self.stage.subscribe();
        match stage.wait_for(|stage| !matches!(stage, Stage::Opening)).await {
            Ok(stage) => stage.clone(),
            // The sender lives as long as we do.
            Err(_) => Stage::Welcome,
        }
    }

    /// Opens what was chosen before.
    pub(crate) async fn begin(&self) {
        self.open_chosen(self.start.practice).await;
    }

    async fn open_chosen(&self, practice: bool) {
        let _one = self.changing.lock().await;
        self.close().await;
        let environment = ringdesk_machine::from_environment();
        let stage = match (practice, environment, self.choice().line) {
            (true, _, _) | (false, None, Some(Chosen::Practice)) => self.stand_on(Line::Practice).await,
            (false, Some(credentials), _) => {
                self.stand_on(Line::Account(credentials, Safe::Environment)).await
            }
            (false, None, Some(Chosen::Keychain)) => self.by_keychain().await,
            (false, None, Some(Chosen::Sealed)) => trouble("sealed", ""),
            (false, None, None) => Stage::Welcome,
        };
        self.stage.send_replace(stage);
    }

    /// The owner tries a practice line.
    pub(crate) async fn practise(&self) -> Result<(), CommandError> {
        let _one = self.changing.lock().await;
        self.choose(&Choice { line: Some(Chosen::Practice), ..self.choice() })?;
        self.close().await;
        let stage = self.stand_on(Line::Practice).await;
        self.become_open(stage)
    }

    /// The owner connects their account: asked at Twilio, kept in the password safe, or sealed where a
    /// passphrase is given, and opened. With a key (`SK…` and its secret) that one asks and sends, and the
    /// token only proves that what arrives is Twilio's.
    pub(crate) async fn connect(
        &self,
        sid: &str,
        token: &str,
        passphrase: Option<String>,
        key: Option<(String, String)>,
    ) -> Result<(), CommandError> {
        let _one = self.changing.lock().await;
        let credentials = account::typed(sid, token, key, Clock::System.now().0)?;
        let before = self.choice();
        let chosen = before.account.as_ref().map(|(sid, _)| sid.clone());
        let folder = self.start.data_dir.clone();
        let stored = blocking(move || ringdesk_server::account_of(&folder)).await?;
        let known: Vec<String> = chosen.into_iter().chain(stored).collect();
        if known.iter().any(|other| *other != credentials.account_sid) {
            return Err(problem(
                "other_account",
                "The texts kept here belong to another Twilio account.",
                "Connect that one. Whoever set up this computer can give another account a folder of its own.",
            ));
        }
        account::accepted(&self.start.twilio_url, &credentials).await?;
        let line = kept::keep(&self.start.data_dir, &credentials, passphrase.map(SecretString::from)).await?;
        self.choose(&Choice {
            line: Some(line),
            account: Some((credentials.account_sid.clone(), line)),
            // Kept before anything can break, so that it is begun whenever the line opens at last.
            to_set_up: before.to_set_up || known.is_empty(),
        })?;
        self.close().await;
        kept::forget_before(&self.start.data_dir, before.account.map(|(_, place)| place), line).await;
        let safe = if line == Chosen::Sealed { Safe::Sealed } else { Safe::Keychain };
        let stage = self.stand_on(Line::Account(credentials, safe)).await;
        self.become_open(stage)
    }

    /// The owner goes back to the account that was connected before.
    pub(crate) async fn reopen(&self) -> Result<(), CommandError> {
        let choice = self.choice();
        if let Some((_, line)) = choice.account {
            self.choose(&Choice { line: Some(line), ..choice })?;
        }
        self.open_chosen(false).await;
        Ok(())
    }

    /// Whether an account was connected before.
    pub(crate) fn known(&self) -> bool {
        ringdesk_machine::from_environment().is_some() || self.choice().account.is_some()
    }

    /// The owner opens the sealed file.
    pub(crate) async fn unseal(&self, passphrase: String) -> Result<(), CommandError> {
        let _one = self.changing.lock().await;
        if self.open().is_some() {
            // Asked twice, it is open already.
            return Ok(());
        }
        let sealed = Sealed::of(&self.start.data_dir);
        let passphrase = SecretString::from(passphrase);
        let read = blocking(move || sealed.read(&passphrase)).await?;
        let credentials = read.map_err(|error| kept::not_unsealed(&error))?;
        let stage = self.stand_on(Line::Account(credentials, Safe::Sealed)).await;
        self.become_open(stage)
    }

    /// The owner disconnects their account: its credentials are forgotten. What is stored stays, for whenever
    /// they connect it again.
    pub(crate) async fn disconnect(&self) -> Result<(), CommandError> {
        let _one = self.changing.lock().await;
        if let Some(why) =
            ringdesk_machine::from_environment().and_then(|_| rotation::elsewhere(&Safe::Environment))
        {
            return Err(problem("token_elsewhere", "The token can't be forgotten here.", why));
        }
        let before = self.choice();
        kept::forget(&self.start.data_dir, before.account.map(|(_, place)| place)).await?;
        self.choose(&Choice { line: None, account: None, ..before })?;
        self.close().await;
        self.stage.send_replace(Stage::Welcome);
        Ok(())
    }

    /// The backups of the owner's line, newest first; its data is not opened. Those of a folder where one is
    /// given: on a computer that keeps nothing yet.
    pub(crate) async fn backups_found(
        &self,
        folder: Option<String>,
    ) -> Result<Vec<DataBackup>, CommandError> {
        let place = match folder {
            Some(folder) => {
                self.may_restore(true)?;
                backup_folder(&folder)?
            }
            None => self.start.data_dir.clone(),
        };
        blocking(move || ringdesk_inbox::backups_of(&place)).await
    }

    /// Puts a backup in the place of data that cannot be used, with the recovery code where it is sealed, and
    /// opens the line. What is damaged is kept beside it. Or puts one of a folder where nothing is kept yet;
    /// its account is connected then.
    pub(crate) async fn restore(
        &self,
        name: String,
        code: Option<String>,
        folder: Option<String>,
    ) -> Result<(), CommandError> {
        let fresh = folder.is_some();
        {
            let _one = self.changing.lock().await;
            self.may_restore(fresh)?;
            let backup = match folder {
                Some(folder) => backup_folder(&folder)?.join(name),
                None => name.into(),
            };
            let (folder, code) = (self.start.data_dir.clone(), code.map(SecretString::from));
            let now = Clock::System.now();
            let restoring = move || {
                let owned = DataFolder::own(&folder).map_err(|error| error.to_string());
                let _owned = owned.map_err(|why| problem("failed", &why, "Close the other one first."))?;
                let restored = ringdesk_inbox::restore_in_place(&folder, backup, code.as_ref(), now);
                restored.map_err(|error| problem(error.code(), &error.to_string(), &error.hint()))
            };
            let restored = blocking(restoring).await??;
            tracing::info!(name = restored.name, missing = restored.missing, "a backup was restored");
        }
        if fresh {
            return Ok(());
        }
        self.open_chosen(self.start.practice).await;
        match &*self.stage.borrow() {
            Stage::Trouble(trouble) if matches!(trouble.kind, "damaged" | "taken" | "failed") => {
                Err(trouble.told())
            }
            _ => Ok(()),
        }
    }

    /// Whether the owner's line has a database, whatever state that is in.
    fn keeps_data(&self) -> bool {
        self.start.data_dir.join("ringdesk.db").symlink_metadata().is_ok()
    }

    /// That a backup may take the place of what is here: it cannot be used, or (`fresh`) there is nothing.
    fn may_restore(&self, fresh: bool) -> Result<(), CommandError> {
        let stage = self.stage.borrow();
        if fresh {
            if matches!(&*stage, Stage::Welcome) && !self.keeps_data() {
                return Ok(());
            }
            return Err(problem(
                "not_empty",
                "Texts and calls are kept on this computer already.",
                "Connect your account to see them. A backup takes their place only where they can't be read.",
            ));
        }
        if matches!(&*stage, Stage::Trouble(Trouble { kind: "damaged", .. })) {
            return Ok(());
        }
        Err(problem(
            "not_damaged",
            "There is nothing to restore: this line's data can be used.",
            "Open Ringdesk again.",
        ))
    }

    /// Goes a step on in replacing the account's token, or back; nobody leaves or connects meanwhile.
    pub(crate) async fn rotate(
        &self,
        act: Act,
        passphrase: Option<String>,
    ) -> Result<TokenState, CommandError> {
        let _one = self.changing.lock().await;
        let open = self.opened()?;
        let gone = rotation::go(&open, act, passphrase.map(SecretString::from)).await;
        if gone.is_err() && act == Act::Switch {
            // Twilio may have done it all the same.
            tauri::async_runtime::spawn(settle(self.app.clone(), Arc::downgrade(&open)));
        }
        gone
    }

    /// Back to the first choice. What is stored and kept stays.
    pub(crate) async fn leave(&self) {
        let _one = self.changing.lock().await;
        self.close().await;
        self.stage.send_replace(Stage::Welcome);
    }

    /// Closes the office, if one is open, and waits until it has ended.
    pub(crate) async fn close(&self) {
        if let Stage::Open(open) = self.stage.send_replace(Stage::Opening) {
            self.sound.silence();
            let _ = tokio::task::spawn_blocking(move || open.close()).await;
        }
    }

    /// Closes for good, also a line that is just being opened.
    pub(crate) async fn end(&self) {
        let opening = tokio::time::timeout(Duration::from_secs(5), self.changing.lock()).await;
        self.close().await;
        drop(opening);
    }

    async fn stand_on(&self, line: Line) -> Stage {
        let (start, practice) = (self.start.clone(), matches!(line, Line::Practice));
        match blocking(move || office::open(&start, line)).await {
            Ok(Ok(open)) => {
                let open = Arc::new(open);
                open.desk.inbox.look_with(computer::look(self.app.clone(), &open));
                if let Ok(downloads) = self.app.path().download_dir() {
                    open.desk.inbox.exports_to(&downloads);
                }
                tauri::async_runtime::spawn(mail::hand_over(open.clone()));
                tauri::async_runtime::spawn(settle(self.app.clone(), Arc::downgrade(&open)));
                // Before the page sees the line, so that it begins with what is to be set up.
                self.begin_setup(&open).await;
                Stage::Open(open)
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the office did not open");
                match failed(&error) {
                    // The backups that are found are those of the owner's line.
                    Stage::Trouble(Trouble { kind: "damaged", detail, .. }) if practice => {
                        trouble("failed", &detail)
                    }
                    stage => stage,
                }
            }
            Err(error) => trouble("failed", &error.message),
        }
    }

    /// Has the owner led to a working line, where that is to be and was not begun yet.
    async fn begin_setup(&self, open: &Open) {
        let choice = self.choice();
        let account = open.in_use.credentials().account_sid;
        if !choice.to_set_up || choice.account.as_ref().is_none_or(|(sid, _)| *sid != account) {
            return;
        }
        if let Err(error) = open.desk.inbox.begin_setup().await {
            tracing::warn!(%error, "the owner cannot be led through connecting the line yet");
        } else if self.choose(&Choice { to_set_up: false, ..choice }).is_err() {
            tracing::warn!("connecting the line is begun once more at the next start");
        }
    }

    fn become_open(&self, stage: Stage) -> Result<(), CommandError> {
        let failed = match &stage {
            Stage::Trouble(trouble) => Err(trouble.told()),
            _ => Ok(()),
        };
        self.stage.send_replace(stage);
        failed
    }

    async fn by_keychain(&self) -> Stage {
        let mut asked = Box::pin(Keychain::of(&self.start.data_dir).ask());
        if let Ok(found) = tokio::time::timeout(SAFE_ANSWERS, &mut asked).await {
            return self.by_what_is_kept(found).await;
        }
        tauri::async_runtime::spawn(open_late(self.app.clone(), asked));
        trouble("locked", "")
    }

    async fn by_what_is_kept(&self, found: Result<Option<AccountCredentials>, KeychainError>) -> Stage {
        match found {
            Ok(Some(credentials)) => self.stand_on(Line::Account(credentials, Safe::Keychain)).await,
            Ok(None) => trouble("missing", ""),
            Err(KeychainError::Locked) => trouble("locked", ""),
            Err(KeychainError::Absent) => trouble("absent", ""),
            Err(error @ KeychainError::Failed(_)) => trouble("failed", &error.to_string()),
        }
    }

    fn choice(&self) -> Choice {
        Choice::read(&self.start.data_dir)
    }

    fn choose(&self, choice: &Choice) -> Result<(), CommandError> {
        choice.write(&self.start.data_dir)
    }
}

/// Opens the line when its owner unlocks the safe at last, or says what else the safe answered, unless they went
/// another way meanwhile.
async fn open_late(
    app: AppHandle,
    asked: impl Future<Output = Result<Option<AccountCredentials>, KeychainError>> + Send,
) {
    let found = asked.await;
    if let Err(error @ KeychainError::Locked) = &found {
        tracing::info!(%error, "the password safe was waited for in vain");
        return;
    }
    let front = app.state::<Front>();
    let _one = front.changing.lock().await;
    let waits = matches!(&*front.stage.borrow(), Stage::Trouble(Trouble { kind: "locked", .. }));
    if waits && front.choice().line == Some(Chosen::Keychain) {
        front.stage.send_replace(Stage::Opening);
        let stage = front.by_what_is_kept(found).await;
        front.stage.send_replace(stage);
    }
}

/// Finds out which of two tokens Twilio uses, asking until it answers or the office is closed.
async fn settle(app: AppHandle, open: Weak<Open>) {
    let front = app.state::<Front>();
    let mut pause = ASK_AGAIN;
    loop {
        {
            let _one = front.changing.lock().await;
            let now = front.open().filter(|now| Weak::ptr_eq(&open, &Arc::downgrade(now)));
            let Some(now) = now else { return };
            if rotation::settle(&now).await {
                return;
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A folder somebody typed, in which backups are to be looked for.
fn backup_folder(typed: &str) -> Result<PathBuf, CommandError> {
    let folder = PathBuf::from(typed.trim());
    if folder.is_absolute() && folder.is_dir() {
        return Ok(folder);
    }
    Err(problem(
        "no_folder",
        "That folder isn't there.",
        "Type its whole path. If it is on another disk, plug that in first.",
    ))
}

fn trouble(kind: &'static str, detail: &str) -> Stage {
    Stage::Trouble(Trouble { kind, detail: detail.to_owned(), hint: "Close Ringdesk and open it again." })
}

/// Why an office did not open.
fn failed(error: &anyhow::Error) -> Stage {
    let error = error.downcast_ref::<OfficeError>().ok_or_else(|| error.to_string());
    let at = match error {
        Ok(OfficeError::Taken(at)) => at,
        Ok(OfficeError::Open(OpenError::Damaged(what))) => return trouble("damaged", what),
        Ok(OfficeError::Folder(FolderError::Taken(_) | FolderError::Closing(_))) => {
            return trouble("taken", "");
        }
        Ok(other) => return trouble("failed", &other.to_string()),
        Err(other) => return trouble("failed", &other),
    };
    let detail = format!(
        "Another program, perhaps a second Ringdesk, takes what arrives here (port {}). Close it and try again.",
        at.port()
    );
    Stage::Trouble(Trouble { kind: "failed", detail, hint: "Nothing was lost." })
}

pub(crate) fn not_written() -> CommandError {
    problem("store", "This could not be saved.", "Check that the disk has room, then try again.")
}

pub(crate) fn problem(code: &str, message: &str, hint: &str) -> CommandError {
    CommandError { code: code.into(), message: message.into(), hint: hint.into() }
}

/// Does something slow on a thread where that is allowed.
pub(crate) async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CommandError> {
    tokio::task::spawn_blocking(act).await.map_err(|error| {
        tracing::error!(%error, "something broke");
        problem("internal", "Something went wrong inside Ringdesk.", "Try once more.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backups_are_looked_for_in_a_folder_that_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let typed = folder.path().to_str().expect("a path");
        assert_eq!(backup_folder(&format!(" {typed}\n")).expect("it is there"), folder.path());
        for other in ["", "backups", "../backups", &format!("{typed}/not there")] {
            assert_eq!(backup_folder(other).expect_err("it is not").code, "no_folder", "{other}");
        }
    }

    #[test]
    fn a_folder_somebody_else_has_open_is_said_without_its_name() {
        let folder = PathBuf::from("/home/nora/ringdesk");
        for error in [FolderError::Taken(folder.clone()), FolderError::Closing(folder)] {
            let Stage::Trouble(said) = failed(&OfficeError::Folder(error).into()) else {
                panic!("no trouble")
            };
            assert_eq!((said.kind, said.detail.as_str()), ("taken", ""));
            let told = said.told();
            assert_eq!((told.code.as_str(), told.hint.as_str()), ("taken", TAKEN_HINT));
            assert!(told.message.contains("open already"), "{}", told.message);
        }
    }

    #[test]
    fn a_taken_port_is_said_with_what_to_do() {
        let at = SocketAddr::from(([127, 0, 0, 1], 8787));
        let Stage::Trouble(said) = failed(&OfficeError::Taken(at).into()) else { panic!("no trouble") };
        assert_eq!(said.kind, "failed");
        assert!(said.detail.contains("(port 8787). Close it and try again."), "{}", said.detail);
        let damaged = OfficeError::Open(OpenError::Damaged("it is empty".into()));
        let Stage::Trouble(said) = failed(&damaged.into()) else { panic!("no trouble") };
        assert_eq!((said.kind, said.detail.as_str()), ("damaged", "it is empty"));
        let other = anyhow::anyhow!("the disk is full");
        let Stage::Trouble(said) = failed(&other) else { panic!("no trouble") };
        assert_eq!(said.detail, "the disk is full");
    }
}
