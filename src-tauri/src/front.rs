//! What stands behind the window: nothing yet, a practice line, or the owner's line; and how one becomes
//! the other. A practice line has a folder of its own, so that the two never mix.

use crate::{
    mail,
    office::{self, Line, Open},
    sound::Sound,
};
use ringdesk_desk::CommandError;
use ringdesk_machine::{AccountCredentials, Keychain, KeychainError, Sealed, SealedError, write_private};
use ringdesk_twilio::{Client, Credentials, error::RestError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{Mutex, watch};

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
    /// What the page branches on: `locked`, `missing`, `absent`, `sealed` or `failed`.
    pub(crate) kind: &'static str,
    /// What happened, where there is more to say.
    pub(crate) detail: String,
}

/// The choice that was made, as it is kept in the folder. No secret is in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Choice {
    line: Chosen,
    /// The account that was connected, and where its credentials are.
    account: Option<(String, Chosen)>,
}

/// Which line, and where its credentials are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Chosen {
    Practice,
    /// The owner's; in the password safe.
    Keychain,
    /// The owner's; in a file under a passphrase's seal.
    Sealed,
}

/// What stands behind the window.
pub(crate) struct Front {
    start: Start,
    stage: watch::Sender<Stage>,
    /// One change at a time.
    changing: Mutex<()>,
    sound: Sound,
}

impl Front {
    pub(crate) fn new(mut start: Start, sound: Sound) -> Self {
        // One name for one folder, however it was written: the safe's item is named after it.
        if std::fs::create_dir_all(&start.data_dir).is_ok() {
            start.data_dir = start.data_dir.canonicalize().unwrap_or(start.data_dir);
        }
        Self { start, stage: watch::Sender::new(Stage::Opening), changing: Mutex::new(()), sound }
    }

    /// The open office.
    pub(crate) fn open(&self) -> Option<Arc<Open>> {
        match &*self.stage.borrow() {
            Stage::Open(open) => Some(open.clone()),
            _ => None,
        }
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
        let chosen = self.choice().map(|choice| choice.line);
        let stage = match (practice, environment, chosen) {
            (true, _, _) | (false, None, Some(Chosen::Practice)) => self.opened(Line::Practice).await,
            (false, Some(credentials), _) => self.opened(Line::Account(credentials)).await,
            (false, None, Some(Chosen::Keychain)) => self.by_keychain().await,
            (false, None, Some(Chosen::Sealed)) => trouble("sealed", ""),
            (false, None, None) => Stage::Welcome,
        };
        self.stage.send_replace(stage);
    }

    /// The owner tries a practice line.
    pub(crate) async fn practise(&self) -> Result<(), CommandError> {
        let _one = self.changing.lock().await;
        let account = self.choice().and_then(|choice| choice.account);
        self.choose(&Choice { line: Chosen::Practice, account })?;
        self.close().await;
        let stage = self.opened(Line::Practice).await;
        self.become_open(stage)
    }

    /// The owner connects their account: asked at Twilio, kept in the password safe, or sealed where a
    /// passphrase is given, and opened.
    pub(crate) async fn connect(
        &self,
        sid: &str,
        token: String,
        passphrase: Option<String>,
    ) -> Result<(), CommandError> {
        let _one = self.changing.lock().await;
        let credentials = AccountCredentials {
            account_sid: sid.trim().to_owned(),
            auth_token: token.trim().to_owned().into(),
            secondary_auth_token: None,
            api_key: None,
        };
        let chosen = self.choice().and_then(|choice| choice.account).map(|(sid, _)| sid);
        let folder = self.start.data_dir.clone();
        let kept = blocking(move || ringdesk_server::account_of(&folder)).await?;
        if chosen.into_iter().chain(kept).any(|other| other != credentials.account_sid) {
            return Err(problem(
                "other_account",
                "The texts kept here belong to another Twilio account.",
                "Connect that one. Whoever set up this computer can give another account a folder of its own.",
            ));
        }
        self.ask_twilio(&credentials).await?;
        let line = self.keep(&credentials, passphrase.map(SecretString::from)).await?;
        self.choose(&Choice { line, account: Some((credentials.account_sid.clone(), line)) })?;
        self.close().await;
        let stage = self.opened(Line::Account(credentials)).await;
        self.become_open(stage)
    }

    /// The owner goes back to the account that was connected before.
    pub(crate) async fn reopen(&self) -> Result<(), CommandError> {
        if let Some((sid, line)) = self.choice().and_then(|choice| choice.account) {
            self.choose(&Choice { line, account: Some((sid, line)) })?;
        }
        self.open_chosen(false).await;
        Ok(())
    }

    /// Whether an account was connected before.
    pub(crate) fn known(&self) -> bool {
        ringdesk_machine::from_environment().is_some()
            || self.choice().is_some_and(|choice| choice.account.is_some())
    }

    /// The owner opens the sealed file.
    pub(crate) async fn unseal(&self, passphrase: String) -> Result<(), CommandError> {
        let _one = self.changing.lock().await;
        let sealed = Sealed::of(&self.start.data_dir);
        let passphrase = SecretString::from(passphrase);
        let credentials = blocking(move || sealed.read(&passphrase)).await?.map_err(|error| match error {
            SealedError::Wrong => {
                problem("wrong_passphrase", "That passphrase doesn't open it.", "Try again, or connect anew.")
            }
            error => problem("sealed", &error.to_string(), "Connect your account anew."),
        })?;
        let stage = self.opened(Line::Account(credentials)).await;
        self.become_open(stage)
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

    async fn opened(&self, line: Line) -> Stage {
        let start = self.start.clone();
        match blocking(move || office::open(&start, line)).await {
            Ok(Ok(open)) => {
                let open = Arc::new(open);
                tauri::async_runtime::spawn(mail::hand_over(open.clone()));
                Stage::Open(open)
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the office did not open");
                trouble("failed", &error.to_string())
            }
            Err(error) => trouble("failed", &error.message),
        }
    }

    fn become_open(&self, stage: Stage) -> Result<(), CommandError> {
        let failed = match &stage {
            Stage::Trouble(trouble) => Some(trouble.detail.clone()),
            _ => None,
        };
        self.stage.send_replace(stage);
        failed.map_or(Ok(()), |detail| Err(problem("failed", &detail, "Close Ringdesk and open it again.")))
    }

    async fn by_keychain(&self) -> Stage {
        let keychain = Keychain::of(&self.start.data_dir);
        match blocking(move || keychain.read()).await {
            Ok(Ok(Some(credentials))) => self.opened(Line::Account(credentials)).await,
            Ok(Ok(None)) => trouble("missing", ""),
            Ok(Err(KeychainError::Locked)) => trouble("locked", ""),
            Ok(Err(KeychainError::Absent)) => trouble("absent", ""),
            Ok(Err(error @ KeychainError::Failed(_))) => trouble("failed", &error.to_string()),
            Err(error) => trouble("failed", &error.message),
        }
    }

    /// Whether Twilio knows this account and takes this token.
    async fn ask_twilio(&self, credentials: &AccountCredentials) -> Result<(), CommandError> {
        let sid = &credentials.account_sid;
        if !(sid.len() == 34 && sid.starts_with("AC") && sid[2..].bytes().all(|b| b.is_ascii_hexdigit())) {
            return Err(problem(
                "wrong_sid",
                "That doesn't look like an Account SID.",
                "It starts with AC and has 34 letters and digits. Copy it from your Twilio home page.",
            ));
        }
        let account = Credentials::account(sid, credentials.auth_token.clone());
        let asked = match Client::new(&self.start.twilio_url, account) {
            Ok(client) => client.account().await.map(|_| ()),
            Err(error) => Err(error),
        };
        asked.map_err(|error| match error {
            RestError::Refused { status: 401 | 403 | 404, .. } => problem(
                "refused",
                "Twilio doesn't accept this account and token together.",
                "Copy both again from your Twilio home page: press “Show” next to the token first.",
            ),
            error => {
                tracing::warn!(%error, "Twilio could not be asked");
                problem(
                    "unreachable",
                    "Twilio could not be asked just now.",
                    "Check the internet connection and try again. Nothing was changed.",
                )
            }
        })
    }

    async fn keep(
        &self,
        credentials: &AccountCredentials,
        passphrase: Option<SecretString>,
    ) -> Result<Chosen, CommandError> {
        let keychain = Keychain::of(&self.start.data_dir);
        let sealed = Sealed::of(&self.start.data_dir);
        let credentials = credentials.clone();
        let Some(passphrase) = passphrase else {
            let kept = blocking(move || keychain.write(&credentials)).await?;
            return kept.map(|()| Chosen::Keychain).map_err(|error| match error {
                KeychainError::Absent => problem(
                    "keychain_absent",
                    "This computer has no password safe running.",
                    "Install one, such as GNOME Keyring, or keep the token in a file sealed by a passphrase.",
                ),
                KeychainError::Locked => problem(
                    "keychain_locked",
                    "Your computer's password safe is locked.",
                    "Unlock it and try again, or keep the token in a file sealed by a passphrase.",
                ),
                KeychainError::Failed(why) => {
                    tracing::warn!(why, "the password safe failed");
                    problem(
                        "keychain_locked",
                        "Your computer's password safe did not take it.",
                        "Unlock it and try again, or keep the token in a file sealed by a passphrase.",
                    )
                }
            });
        };
        let write = move || -> Result<(), SealedError> {
            std::fs::create_dir_all(keychain.folder())?;
            sealed.write(&credentials, &passphrase)
        };
        blocking(write).await?.map(|()| Chosen::Sealed).map_err(|error| {
            tracing::error!(%error, "the credentials could not be sealed");
            not_written()
        })
    }

    fn choice(&self) -> Option<Choice> {
        let text = std::fs::read_to_string(choice_file(&self.start.data_dir)).ok()?;
        serde_json::from_str(&text).ok()
    }

    fn choose(&self, choice: &Choice) -> Result<(), CommandError> {
        let text = serde_json::to_vec(choice).map_err(|_| not_written())?;
        let written = std::fs::create_dir_all(&self.start.data_dir)
            .and_then(|()| write_private(&choice_file(&self.start.data_dir), &text));
        written.map_err(|error| {
            tracing::error!(%error, "the choice could not be kept");
            not_written()
        })
    }
}

fn choice_file(data_dir: &Path) -> PathBuf {
    data_dir.join("line.json")
}

fn trouble(kind: &'static str, detail: &str) -> Stage {
    Stage::Trouble(Trouble { kind, detail: detail.to_owned() })
}

fn not_written() -> CommandError {
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
