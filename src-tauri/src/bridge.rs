//! What the page may call: the counter's table under one name, live Changes, the practice phone, and what
//! only this computer can do.

use crate::{
    copies,
    front::{Front, Stage, Trouble, blocking, problem},
    mail,
    rotation::{self, TokenState},
    sound::{Act, Recorded, Sound, whole_ms},
    tray,
    window::{self, Call, Page},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_desk::CommandError;
use ringdesk_domain::{AttachmentId, ConversationId, VoicemailId};
use ringdesk_inbox::{Problem, view::DataBackup};
use ringdesk_sandbox::{CallIn, PhoneText, Speech};
use ringdesk_server::rotation::Act as Step;
use ringdesk_sound::{Output, Play, Playing};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;
use std::{fs::File, io::Read, path::PathBuf, sync::Arc, time::Duration};
use tauri::{
    AppHandle, Manager, State,
    ipc::{Channel, Invoke, Response},
};
use tauri_plugin_autostart::ManagerExt;

/// Every command of the bridge; `build.rs` and the capability file name the same ones.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        about,
        desk,
        subscribe,
        practice_phone,
        practice_text,
        practice_call,
        practise,
        connect,
        reopen,
        unseal,
        leave,
        disconnect,
        backups_found,
        restore,
        open_link,
        listen,
        in_view,
        dropped,
        closing_asked,
        close_window,
        in_tray,
        starts_itself,
        start_itself,
        player_listen,
        play,
        player,
        outputs,
        record,
        record_level,
        save_copy,
        save_file,
        mail_password,
        mail_password_known,
        token,
        rotate_token
    ]
}

/// What the page should know before anything else.
#[derive(Serialize)]
struct About {
    version: &'static str,
    /// `welcome`, `trouble` or `open`.
    stage: &'static str,
    practice: bool,
    trouble: Option<Trouble>,
    known: bool,
}

/// Waits while a line is being opened.
#[tauri::command]
async fn about(front: State<'_, Front>) -> Result<About, ()> {
    let (stage, practice, trouble) = match front.settled().await {
        Stage::Opening | Stage::Welcome => ("welcome", false, None),
        Stage::Trouble(trouble) => ("trouble", false, Some(trouble)),
        Stage::Open(open) => ("open", open.practice.is_some(), None),
    };
    let known = front.known();
    Ok(About { version: env!("CARGO_PKG_VERSION"), stage, practice, trouble, known })
}

/// Tries a practice line.
#[tauri::command]
async fn practise(front: State<'_, Front>) -> Result<(), CommandError> {
    front.practise().await
}

/// Connects the owner's account, perhaps with a key (`SK…` and its secret) that asks and sends. What is secret
/// goes to the password safe, or under a passphrase's seal.
#[tauri::command]
async fn connect(
    front: State<'_, Front>,
    sid: String,
    token: String,
    passphrase: Option<String>,
    key: Option<(String, String)>,
) -> Result<(), CommandError> {
    front.connect(&sid, &token, passphrase, key).await
}

/// Opens the account that was connected before.
#[tauri::command]
async fn reopen(front: State<'_, Front>) -> Result<(), CommandError> {
    front.reopen().await
}

/// Opens what a passphrase sealed.
#[tauri::command]
async fn unseal(front: State<'_, Front>, passphrase: String) -> Result<(), CommandError> {
    front.unseal(passphrase).await
}

/// Back to the first choice; or, after trouble, once more (`again`).
#[tauri::command]
async fn leave(front: State<'_, Front>, again: bool) -> Result<(), ()> {
    if again {
        front.begin().await;
    } else {
        front.leave().await;
    }
    Ok(())
}

/// Forgets the account's credentials and goes back to the first choice; what is stored stays.
#[tauri::command]
async fn disconnect(front: State<'_, Front>) -> Result<(), CommandError> {
    front.disconnect().await
}

/// The backups of data that cannot be used, newest first; or those of a folder, where nothing is kept yet.
#[tauri::command]
async fn backups_found(
    front: State<'_, Front>,
    folder: Option<String>,
) -> Result<Vec<DataBackup>, CommandError> {
    front.backups_found(folder).await
}

/// Puts a backup in its place, with the recovery code where it is sealed, and opens it; or one of a folder to
/// where nothing is kept yet.
#[tauri::command]
async fn restore(
    front: State<'_, Front>,
    name: String,
    code: Option<String>,
    folder: Option<String>,
) -> Result<(), CommandError> {
    front.restore(name, code, folder).await
}

/// Opens a link in the owner's browser, mail or phone program; the page has shown where it leads.
#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn open_link(url: String) -> Result<(), CommandError> {
    let url = tauri::Url::parse(&url).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https" | "tel" | "mailto"));
    let no_link =
        || problem("no_link", "That is no link Ringdesk opens.", "Copy it into your browser instead.");
    let url = url.ok_or_else(no_link)?;
    open::that_detached(url.as_str()).map_err(|error| {
        tracing::warn!(%error, "no program opened a link");
        problem("no_browser", "No browser answered.", "Copy the link and open it yourself.")
    })
}

/// The page listens to where it is asked to go: by a notification, the tray, a second start.
#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn listen(page: State<'_, Page>, channel: Channel<Call>) {
    page.listen(channel);
}

/// Which conversation the owner has before their eyes, if any.
#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn in_view(page: State<'_, Page>, conversation: Option<ConversationId>) {
    page.sees(conversation);
}

/// Largest file that is read, in bytes: what a smaller picture can still be made of.
const MOST_DROPPED: u64 = 50_000_000;

/// The contents of a file that was dropped on the window, by its place among all of them.
#[tauri::command]
async fn dropped(page: State<'_, Page>, place: usize) -> Result<Response, CommandError> {
    let unread = || {
        let hint = "Choose it with the paper clip instead, or copy it to this computer first.";
        problem("unread", "The file could not be read.", hint)
    };
    let path = page.dropped(place).ok_or_else(unread)?;
    let read = move || {
        let mut bytes = Vec::new();
        File::open(path)?.take(MOST_DROPPED).read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = blocking(read).await?.map_err(|error| {
        tracing::info!(%error, "a dropped file could not be read");
        unread()
    })?;
    Ok(Response::new(bytes))
}

/// The page shows the question what closing the window means.
#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn closing_asked(page: State<'_, Page>) {
    page.asks();
}

/// The owner said what closing the window means: put away (`keep`), or the end.
#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn close_window(app: AppHandle, keep: bool) {
    if keep {
        window::put_away(&app);
    } else {
        app.exit(0);
    }
}

/// Whether the tray shows the icon by which a window that was put away comes back.
#[tauri::command]
async fn in_tray(app: AppHandle) -> Result<bool, ()> {
    Ok(tray::is_shown(&app).await)
}

/// Whether Ringdesk starts with the computer.
#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn starts_itself(app: AppHandle) -> bool {
    app.autolaunch().is_enabled().unwrap_or(false)
}

/// Makes Ringdesk start with the computer, without a window, or no longer.
#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn start_itself(app: AppHandle, on: bool) -> Result<(), CommandError> {
    let auto = app.autolaunch();
    if on { auto.enable() } else { auto.disable() }.map_err(|error| {
        tracing::warn!(%error, "starting with the computer could not be changed");
        problem(
            "autostart",
            "This computer did not take it.",
            "Add Ringdesk to the programs your system starts at login.",
        )
    })
}

/// A command of the counter.
#[tauri::command]
async fn desk(front: State<'_, Front>, command: String, request: Value) -> Result<Value, CommandError> {
    front.opened()?.desk.call(&command, request).await
}

/// Streams Changes after a number until the page is gone.
#[tauri::command]
async fn subscribe(
    front: State<'_, Front>,
    page: State<'_, Page>,
    after: i64,
    channel: Channel<Vec<ringdesk_desk::Change>>,
) -> Result<(), CommandError> {
    let inbox = front.opened()?.desk.inbox.clone();
    page.follow();
    tauri::async_runtime::spawn(async move {
        let mut after = after;
        loop {
            match inbox.next_changes(after).await {
                Ok(changes) if changes.is_empty() => return,
                Ok(changes) => {
                    after = changes.last().map_or(after, |change| change.seq);
                    if channel.send(changes).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "changes could not be read");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    });
    Ok(())
}

/// The page hears how the player is: now, on each change, and four times a second while it plays.
#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn player_listen(sound: State<'_, Sound>, channel: Channel<Playing>) {
    sound.listen(channel);
}

/// Plays a voicemail, by its id, or a greeting: `greeting:` and its SHA-256.
#[tauri::command]
async fn play(
    front: State<'_, Front>,
    sound: State<'_, Sound>,
    what: String,
    at_ms: f64,
    speed: f32,
) -> Result<(), CommandError> {
    let _turn = sound.turn().await;
    let open = front.opened()?;
    let inbox = &open.desk.inbox;
    let path = if let Some(sha256) = what.strip_prefix("greeting:") {
        inbox.greeting_file(sha256).await?
    } else {
        let id: VoicemailId = what.parse().map_err(|_| Problem::NotFound)?;
        inbox.voicemail_file(id).await?.path
    };
    let device = inbox.settings().await?.playback.device;
    let play = Play { what, path, at_ms: whole_ms(at_ms), speed, device };
    sound.play(play, || front.open().is_some_and(|now| Arc::ptr_eq(&now, &open)));
    Ok(())
}

/// Pauses, resumes, stops, goes to a place (in milliseconds) or changes the speed (such as 1.25).
#[tauri::command]
async fn player(sound: State<'_, Sound>, act: Act, value: Option<f64>) -> Result<(), ()> {
    let _turn = sound.turn().await;
    sound.act(act, value);
    Ok(())
}

/// What this computer can play on.
#[tauri::command]
async fn outputs() -> Result<Vec<Output>, CommandError> {
    blocking(ringdesk_sound::outputs).await
}

/// Records the microphone; ends that and gives what was said, if it was running.
#[tauri::command]
async fn record(
    front: State<'_, Front>,
    sound: State<'_, Sound>,
    on: bool,
) -> Result<Option<Recorded>, CommandError> {
    if !on {
        return sound.recorded().await;
    }
    sound.record(|| front.opened().map(|_| ())).await?;
    Ok(None)
}

/// How loud it is at the microphone, 0 to 1.
#[tauri::command]
#[allow(clippy::needless_pass_by_value, reason = "the shape of a Tauri command")]
fn record_level(sound: State<'_, Sound>) -> f32 {
    sound.level()
}

/// Copies a voicemail to where the owner's downloads are, and says where it is now.
#[tauri::command]
async fn save_copy(
    app: AppHandle,
    front: State<'_, Front>,
    voicemail: VoicemailId,
) -> Result<String, CommandError> {
    let file = front.opened()?.desk.inbox.voicemail_file(voicemail).await?;
    let folder = downloads(&app)?;
    blocking(move || copies::save_sound(&file.path, &folder, &file.name)).await?
}

/// Copies a picture or file of a text to where the owner's downloads are, and says where it is now.
#[tauri::command]
async fn save_file(
    app: AppHandle,
    front: State<'_, Front>,
    attachment: AttachmentId,
) -> Result<String, CommandError> {
    let (file, name) = front.opened()?.desk.inbox.file_to_save(attachment).await?;
    let folder = downloads(&app)?;
    blocking(move || copies::save_file(&file, &folder, &name)).await?
}

fn downloads(app: &AppHandle) -> Result<PathBuf, CommandError> {
    let path = app.path();
    let folder = path.download_dir().or_else(|_| path.document_dir()).or_else(|_| path.home_dir());
    folder.map_err(|_| copies::no_folder())
}

/// Keeps the mail account's password in the password safe and hands it to the office; none forgets it.
#[tauri::command]
async fn mail_password(front: State<'_, Front>, password: Option<String>) -> Result<(), CommandError> {
    let password = password.filter(|password| !password.is_empty()).map(SecretString::from);
    let open = front.opened()?;
    mail::keep(&open, password).await
}

/// Whether the office has the mail account's password.
#[tauri::command]
async fn mail_password_known(front: State<'_, Front>) -> Result<bool, CommandError> {
    let open = front.opened()?;
    Ok(mail::known(&open).await)
}

/// How the account's token is.
#[tauri::command]
async fn token(front: State<'_, Front>) -> Result<TokenState, CommandError> {
    let open = front.opened()?;
    Ok(rotation::state(&open))
}

/// Goes a step on in replacing the account's token, or back; with the passphrase where the token is sealed.
#[tauri::command]
async fn rotate_token(
    front: State<'_, Front>,
    act: Step,
    passphrase: Option<String>,
) -> Result<TokenState, CommandError> {
    front.rotate(act, passphrase).await
}

fn no_practice() -> CommandError {
    problem("no_practice", "There is no practice line.", "Start Ringdesk with --practice.")
}

/// What a pretend customer's phone shows.
#[tauri::command]
async fn practice_phone(front: State<'_, Front>, number: String) -> Result<Vec<PhoneText>, CommandError> {
    Ok(front.opened()?.practice.as_ref().ok_or_else(no_practice)?.phone(&number))
}

/// A pretend customer texts our line.
#[tauri::command]
async fn practice_text(
    front: State<'_, Front>,
    from: String,
    to: String,
    body: String,
    picture: Option<(String, String)>,
) -> Result<(), CommandError> {
    let open = front.opened()?;
    let sandbox = open.practice.as_ref().ok_or_else(no_practice)?;
    let picture = picture.and_then(|(kind, base64)| Some((kind, STANDARD.decode(base64).ok()?)));
    let pictures: Vec<_> = picture.into_iter().collect();
    sandbox.text_from(&from, &to, &body, &pictures).await;
    Ok(())
}

/// A pretend customer calls our line: hangs up in the greeting, or leaves a message. Every phone of ours
/// that the practice line rings stays silent, unless it was told otherwise.
#[tauri::command]
async fn practice_call(
    front: State<'_, Front>,
    from: String,
    to: String,
    message: bool,
) -> Result<(), CommandError> {
    let open = front.opened()?;
    let sandbox = open.practice.as_ref().ok_or_else(no_practice)?;
    let call = CallIn::new(&from, &to);
    sandbox.call_in(if message {
        CallIn { speech: Some(Speech::message()), ..call }
    } else {
        CallIn { patience_s: 10, hangs_up_in_greeting_after_s: Some(2), ..call }
    });
    // Nobody who practises wants to wait for a minute of ringing and talking.
    sandbox.forward(Duration::from_secs(120));
    Ok(())
}
