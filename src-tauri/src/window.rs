//! The one window: opened, brought to the front, put away.

use crate::{
    front::{Front, Stage},
    sound::Sound,
    words,
};
use ringdesk_domain::{ConversationId, media, settings::OnClose};
use ringdesk_inbox::view::Health;
use ringdesk_machine::Notifications;
use serde::Serialize;
use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tauri::{
    AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder, ipc::Channel, webview::PageLoadEvent,
};
use tokio::sync::watch;

const NAME: &str = "main";
/// Longest wait for what has not left yet, when the window is closed.
const PATIENCE: Duration = Duration::from_secs(1);
/// Longest wait for a page that begins.
const FIRST: Duration = Duration::from_secs(1);

/// Where the page is asked to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub(crate) enum Call {
    /// A conversation.
    Conversation {
        /// Which.
        id: ConversationId,
    },
    /// The list of what is unread.
    Unread,
    /// A new text.
    NewText,
    /// How the line is.
    Health,
    /// The question what closing the window means.
    Closing,
    /// The field where texts are written: files were dropped on the window, and are asked for one by one.
    Dropped {
        /// The place of the first.
        first: usize,
        /// How many.
        files: usize,
    },
}

/// What the program knows of its page.
pub(crate) struct Page {
    pub(crate) notifications: Notifications,
    ear: Mutex<Ear>,
    in_view: Mutex<Option<ConversationId>>,
    /// What the owner was told of together as not delivered and has not seen since, the newest last.
    failed_in: Mutex<Vec<ConversationId>>,
    /// What closing the window means now; `Quit` where there is no line.
    pub(crate) on_close: Mutex<OnClose>,
    /// Whether the page has what it shows first, and follows it.
    follows: watch::Sender<bool>,
    /// The files that were dropped on the window, in their order: those of one drop may still be asked for
    /// when others follow.
    dropped: Mutex<Vec<PathBuf>>,
}

/// How the page is asked.
#[derive(Default)]
struct Ear {
    listening: Option<Channel<Call>>,
    /// What it is to be asked once it listens.
    pending: Option<Call>,
    /// It was asked what closing means, and has not shown the question yet.
    unanswered: bool,
    /// The window was asked for before it could be opened.
    wanted: bool,
}

/// The subject of a notification about many texts that were not delivered.
pub(crate) const FAILURES: &str = "failures";
const FAILURE: &str = "failure ";
const MISSED: &str = "missed ";

/// The subject of a notification about a text that was not delivered.
pub(crate) fn failure_in(conversation: ConversationId) -> String {
    format!("{FAILURE}{conversation}")
}

/// The subject of a notification about a call nobody took, or about the message they left.
pub(crate) fn missed_in(conversation: ConversationId) -> String {
    format!("{MISSED}{conversation}")
}

/// The conversation a notification's subject is about.
pub(crate) fn conversation_of(subject: &str) -> Option<ConversationId> {
    [FAILURE, MISSED].iter().find_map(|kind| subject.strip_prefix(kind)).unwrap_or(subject).parse().ok()
}

impl Page {
    pub(crate) fn new(notifications: Notifications) -> Self {
        Self {
            notifications,
            ear: Mutex::default(),
            in_view: Mutex::default(),
            failed_in: Mutex::default(),
            on_close: Mutex::new(OnClose::Quit),
            follows: watch::Sender::new(false),
            dropped: Mutex::default(),
        }
    }

    /// The page listens from now on.
    pub(crate) fn listen(&self, channel: Channel<Call>) {
        let mut ear = held(&self.ear);
        if let Some(call) = ear.pending.take() {
            // A page that is gone already asks again when it is back.
            let _ = channel.send(call);
        }
        ear.listening = Some(channel);
    }

    /// The page has what it shows first, and follows it.
    pub(crate) fn follow(&self) {
        self.follows.send_replace(true);
    }

    /// The page is gone or begins anew: it neither listens nor shows anything.
    pub(crate) fn gone(&self) {
        let mut ear = held(&self.ear);
        ear.listening = None;
        ear.unanswered = false;
        drop(ear);
        *held(&self.in_view) = None;
    }

    /// The page shows the question what closing means.
    pub(crate) fn asks(&self) {
        held(&self.ear).unanswered = false;
    }

    /// Which conversation the owner has before their eyes.
    pub(crate) fn sees(&self, conversation: Option<ConversationId>) {
        *held(&self.in_view) = conversation;
        if let Some(id) = conversation {
            self.notifications.withdraw(&id.to_string());
            self.notifications.withdraw(&failure_in(id));
            self.notifications.withdraw(&missed_in(id));
            let mut failed = held(&self.failed_in);
            failed.retain(|other| *other != id);
            if failed.is_empty() {
                self.notifications.withdraw(FAILURES);
            }
        }
    }

    /// The owner is told together of texts that were not delivered, in these conversations.
    pub(crate) fn failed_in(&self, conversations: &[ConversationId]) {
        *held(&self.failed_in) = conversations.to_vec();
    }

    /// Where the newest of them is that they have not seen.
    pub(crate) fn newest_failure(&self) -> Option<ConversationId> {
        held(&self.failed_in).last().copied()
    }

    pub(crate) fn in_view(&self) -> Option<ConversationId> {
        *held(&self.in_view)
    }

    /// Asks the page, now or once it listens.
    fn call(&self, call: Call) {
        let mut ear = held(&self.ear);
        let heard = ear.listening.as_ref().is_some_and(|channel| channel.send(call).is_ok());
        if !heard {
            ear.pending = Some(call);
        }
    }

    /// Files were dropped on the window: the web view tells its page of them without their contents.
    pub(crate) fn drop_files(&self, mut files: Vec<PathBuf>) {
        // A link is dropped as if it were one.
        files.retain(|file| file.is_absolute());
        if files.is_empty() {
            return;
        }
        let mut dropped = held(&self.dropped);
        let call = Call::Dropped { first: dropped.len(), files: files.len() };
        // A text takes no more.
        dropped.extend(files.into_iter().take(media::MAX_PICTURES));
        drop(dropped);
        if let Some(channel) = &held(&self.ear).listening {
            // A page that is gone has nothing they could be dropped on.
            let _ = channel.send(call);
        }
    }

    /// One of the files that were dropped.
    pub(crate) fn dropped(&self, place: usize) -> Option<PathBuf> {
        held(&self.dropped).get(place).cloned()
    }

    /// The window is asked for before there can be one.
    pub(crate) fn later(&self, call: Option<Call>) {
        let mut ear = held(&self.ear);
        ear.pending = call;
        ear.wanted = true;
    }

    /// Whether the window was asked for meanwhile.
    pub(crate) fn wanted(&self) -> bool {
        held(&self.ear).wanted
    }

    /// Whether the question what closing means was not asked since it was shown last.
    fn first_question(&self) -> bool {
        !std::mem::replace(&mut held(&self.ear).unanswered, true)
    }

    /// Asks what closing means. `false`: the page does not listen, or hangs since it was asked before.
    fn ask_closing(&self) -> bool {
        self.first_question()
            && held(&self.ear).listening.as_ref().is_some_and(|channel| channel.send(Call::Closing).is_ok())
    }
}

fn held<T>(what: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Brings the window before the owner's eyes, opened first where there is none, and asks its page.
pub(crate) fn show(app: &AppHandle, call: Option<Call>) {
    if let Some(call) = call {
        app.state::<Page>().call(call);
    }
    let window = match app.get_webview_window(NAME) {
        Some(window) => Ok(window),
        None => open(app),
    };
    let shown = window.and_then(|window| {
        #[cfg(target_os = "linux")]
        crate::revival::asked_for(&window)?;
        window.unminimize()?;
        window.show()?;
        window.set_focus()
    });
    if let Err(error) = shown {
        tracing::error!(%error, "the window could not be shown");
    }
}

/// Links in it go nowhere: it shows our own page and nothing else.
fn open(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let window = WebviewWindowBuilder::new(app, NAME, WebviewUrl::default())
        .title(words::title(0))
        .inner_size(1280.0, 800.0)
        .min_inner_size(640.0, 480.0)
        .on_page_load(|window, load| {
            if matches!(load.event(), PageLoadEvent::Started) {
                window.state::<Page>().gone();
                window.state::<Sound>().gone();
            }
        })
        .on_navigation(|url| matches!(url.scheme(), "tauri") || url.host_str() == Some("tauri.localhost"))
        .build()?;
    #[cfg(target_os = "linux")]
    crate::revival::watch(&window);
    Ok(window)
}

/// Returns once the page has what it shows first; at once where there is no window, after a moment in any case.
pub(crate) async fn shown_first(app: &AppHandle) {
    if app.get_webview_window(NAME).is_none() {
        return;
    }
    let (page, front) = (app.state::<Page>(), app.state::<Front>());
    let mut follows = page.follows.subscribe();
    let shown = async {
        // Without a line there is nothing to follow.
        if matches!(front.settled().await, Stage::Open(_)) {
            // The sender lives as long as the page.
            let _ = follows.wait_for(|follows| *follows).await;
        }
    };
    // Whoever is long in coming is not waited for.
    let _ = tokio::time::timeout(FIRST, shown).await;
}

/// Says in the title how much is unread.
pub(crate) fn entitle(app: &AppHandle, unread: u32) {
    if let Some(window) = app.get_webview_window(NAME)
        && let Err(error) = window.set_title(&words::title(unread))
    {
        tracing::warn!(%error, "the window's title could not be set");
    }
}

/// The owner closes the window. `true`: it stays, because it is put away or the owner is asked first.
pub(crate) fn stays(app: &AppHandle) -> bool {
    let page = app.state::<Page>();
    let on_close = *held(&page.on_close);
    match on_close {
        OnClose::Quit => has_texts_to_send(app) && page.ask_closing(),
        OnClose::Keep => {
            put_away(app);
            true
        }
        OnClose::Ask => page.ask_closing(),
    }
}

/// The owner quits from outside the window. `false`: they are told first what that means, as they have not
/// said yet what closing the window does, or as a text has not left; who quits once more means it.
pub(crate) fn may_quit(app: &AppHandle) -> bool {
    let page = app.state::<Page>();
    let on_close = *held(&page.on_close);
    let asks = on_close == OnClose::Ask || has_texts_to_send(app);
    if !asks || !page.first_question() {
        return true;
    }
    show(app, Some(Call::Closing));
    false
}

/// Whether a text would stay behind if the program ended now.
fn has_texts_to_send(app: &AppHandle) -> bool {
    let Some(open) = app.try_state::<Front>().and_then(|front| front.open()) else { return false };
    let asked = async { tokio::time::timeout(PATIENCE, open.desk.inbox.health()).await };
    // Nobody is kept here because the disk does not answer, nor for texts that leave only once the owner says so.
    let stays = |health: &Health| health.queued > 0 && health.locked.is_none();
    matches!(tauri::async_runtime::block_on(asked), Ok(Ok(health)) if stays(&health))
}

/// Puts the window away; texts go on arriving.
pub(crate) fn put_away(app: &AppHandle) {
    app.state::<Page>().sees(None);
    app.state::<Sound>().put_microphone_away();
    if let Some(window) = app.get_webview_window(NAME)
        && let Err(error) = window.hide()
    {
        tracing::warn!(%error, "the window could not be put away");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::Range;

    #[test]
    fn files_keep_their_places_while_others_are_dropped() {
        let (notifications, _clicked) = Notifications::new(tauri::async_runtime::handle().inner().clone());
        let page = Page::new(notifications);
        let folder = std::env::temp_dir();
        let files = |names: Range<usize>| names.map(|n| folder.join(format!("{n}.png"))).collect();
        page.drop_files(files(0..2));
        // A link is no file, and of these a text takes ten.
        page.drop_files(vec![PathBuf::from("example.com")]);
        page.drop_files(files(2..20));
        assert_eq!(page.dropped(0), Some(folder.join("0.png")));
        assert_eq!(page.dropped(11), Some(folder.join("11.png")));
        assert_eq!(page.dropped(12), None);
    }
}
