//! The one window: opened, brought to the front, put away.

use crate::words;
use ringdesk_domain::{ConversationId, settings::OnClose};
use ringdesk_machine::Notifications;
use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder, ipc::Channel};

const NAME: &str = "main";

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
    /// The question what closing the window means.
    Closing,
}

/// What the program knows of its page.
pub(crate) struct Page {
    pub(crate) notifications: Notifications,
    listening: Mutex<Option<Channel<Call>>>,
    /// What it is to be asked once it listens.
    pending: Mutex<Option<Call>>,
    in_view: Mutex<Option<ConversationId>>,
    /// What closing the window means now; `Quit` where there is no line.
    pub(crate) on_close: Mutex<OnClose>,
}

impl Page {
    pub(crate) fn new(notifications: Notifications) -> Self {
        Self {
            notifications,
            listening: Mutex::default(),
            pending: Mutex::default(),
            in_view: Mutex::default(),
            on_close: Mutex::new(OnClose::Quit),
        }
    }

    /// The page listens from now on.
    pub(crate) fn listen(&self, channel: Channel<Call>) {
        if let Some(call) = held(&self.pending).take() {
            // A page that is gone already asks again when it is back.
            let _ = channel.send(call);
        }
        *held(&self.listening) = Some(channel);
    }

    /// Which conversation the owner has before their eyes.
    pub(crate) fn sees(&self, conversation: Option<ConversationId>) {
        *held(&self.in_view) = conversation;
        if let Some(id) = conversation {
            self.notifications.withdraw(&id.to_string());
        }
    }

    pub(crate) fn in_view(&self) -> Option<ConversationId> {
        *held(&self.in_view)
    }

    fn call(&self, call: Call) -> bool {
        held(&self.listening).as_ref().is_some_and(|channel| channel.send(call).is_ok())
    }
}

fn held<T>(what: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Brings the window before the owner's eyes, opened first where there is none, and asks its page.
pub(crate) fn show(app: &AppHandle, call: Option<Call>) {
    let page = app.state::<Page>();
    if let Some(call) = call
        && !page.call(call)
    {
        *held(&page.pending) = Some(call);
    }
    let window = match app.get_webview_window(NAME) {
        Some(window) => Ok(window),
        None => open(app),
    };
    let shown = window.and_then(|window| {
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
    WebviewWindowBuilder::new(app, NAME, WebviewUrl::default())
        .title(words::title(0))
        .inner_size(1280.0, 800.0)
        .min_inner_size(640.0, 480.0)
        .disable_drag_drop_handler()
        .on_navigation(|url| matches!(url.scheme(), "tauri") || url.host_str() == Some("tauri.localhost"))
        .build()
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
        OnClose::Quit => false,
        OnClose::Keep => {
            put_away(app);
            true
        }
        OnClose::Ask => page.call(Call::Closing),
    }
}

/// Puts the window away; texts go on arriving.
pub(crate) fn put_away(app: &AppHandle) {
    app.state::<Page>().sees(None);
    if let Some(window) = app.get_webview_window(NAME)
        && let Err(error) = window.hide()
    {
        tracing::warn!(%error, "the window could not be put away");
    }
}
