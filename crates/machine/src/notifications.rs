//! Notifications of the desktop: one per subject, replaced while it is there, with one act: a click.

use notify_rust::{Hint, Notification, Urgency};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tokio::{
    runtime::Handle,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

/// What a notification says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// First line.
    pub title: String,
    /// The rest, as plain words.
    pub body: String,
    /// Stays until it is seen to.
    pub urgent: bool,
}

/// The notifications that are shown. Whoever drops it takes none back; [`Notifications::withdraw_all`] does.
#[derive(Debug)]
pub struct Notifications {
    runtime: Handle,
    clicks: UnboundedSender<String>,
    shown: Mutex<HashMap<String, Shown>>,
}

#[derive(Debug)]
struct Shown {
    acts: UnboundedSender<Act>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
enum Act {
    Show(Note),
    Withdraw,
}

impl Notifications {
    /// Ready to show, on a runtime; the receiver tells which subject was clicked.
    pub fn new(runtime: Handle) -> (Self, UnboundedReceiver<String>) {
        let (clicks, clicked) = unbounded_channel();
        (Self { runtime, clicks, shown: Mutex::default() }, clicked)
    }

    /// Shows a notification, in place of the one about the same subject.
    pub fn show(&self, subject: &str, note: Note) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|_, one| !one.task.is_finished());
        if shown.get(subject).is_some_and(|one| one.acts.send(Act::Show(note.clone())).is_ok()) {
            return;
        }
        let (acts, received) = unbounded_channel();
        // The other end is here.
        let _ = acts.send(Act::Show(note));
        let task = self.runtime.spawn(keep(subject.to_owned(), received, self.clicks.clone()));
        shown.insert(subject.to_owned(), Shown { acts, task });
    }

    /// Takes back what is shown about a subject.
    pub fn withdraw(&self, subject: &str) {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = shown.get(subject) {
            // Closed already is as good.
            let _ = one.acts.send(Act::Withdraw);
        }
    }

    /// Whether anybody shows notifications on this desktop.
    pub async fn there(&self) -> bool {
        is_there().await
    }

    /// Which subjects something is shown about.
    pub fn subjects(&self) -> Vec<String> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().filter(|(_, one)| !one.task.is_finished()).map(|(subject, _)| subject.clone()).collect()
    }

    /// Takes back everything, and waits until it is gone: nobody would answer a click any more.
    pub async fn withdraw_all(&self) {
        let all = std::mem::take(&mut *self.shown.lock().unwrap_or_else(PoisonError::into_inner));
        for Shown { acts, task } in all.into_values() {
            let _ = acts.send(Act::Withdraw);
            let _ = task.await;
        }
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
async fn keep(subject: String, mut acts: UnboundedReceiver<Act>, clicks: UnboundedSender<String>) {
    let marks = marks_up().await;
    while let Some(act) = acts.recv().await {
        let Act::Show(note) = act else { return };
        // The server answers only the connection that asked, which the handle keeps.
        let mut handle = match drawn(&note, marks).show_async().await {
            Ok(handle) => handle,
            Err(error) => {
                tracing::warn!(%error, "a notification could not be shown");
                return;
            }
        };
        loop {
            let mut clicked = false;
            let act = tokio::select! {
                () = handle.wait_for_action_async(|act| clicked = act.is_default_action()) => None,
                act = acts.recv() => Some(act),
            };
            match act {
                Some(Some(Act::Show(note))) => {
                    let new = drawn(&note, marks);
                    let updated = tokio::task::spawn_blocking(move || {
                        *handle = new;
                        handle.update().map(|()| handle)
                    });
                    match updated.await {
                        Ok(Ok(same)) => handle = same,
                        Ok(Err(error)) => {
                            tracing::warn!(%error, "a notification could not be replaced");
                            return;
                        }
                        Err(_) => return,
                    }
                }
                Some(_) => {
                    handle.close_async().await;
                    return;
                }
                None => {
                    if clicked {
                        // Some servers leave it there.
                        handle.close_async().await;
                        if clicks.send(subject.clone()).is_err() {
                            return;
                        }
                    }
                    // What was sent meanwhile is shown anew; afterwards sending fails, and a new task begins.
                    acts.close();
                    break;
                }
            }
        }
    }
}

/// Whether the server reads marks such as `<b>` in the words.
#[cfg(all(unix, not(target_os = "macos")))]
async fn marks_up() -> bool {
    let asked = tokio::task::spawn_blocking(notify_rust::get_capabilities).await;
    // Words with a stray `&lt;` harm nobody; marks of a stranger might.
    asked.map_or(true, |known| known.map_or(true, |known| known.iter().any(|word| word == "body-markup")))
}

/// Whether a server of notifications answers.
#[cfg(all(unix, not(target_os = "macos")))]
async fn is_there() -> bool {
    let asked = tokio::task::spawn_blocking(notify_rust::get_server_information).await;
    asked.is_ok_and(|known| known.is_ok())
}

/// These systems always have one.
#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn is_there() -> bool {
    true
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn keep(subject: String, mut acts: UnboundedReceiver<Act>, clicks: UnboundedSender<String>) {
    // These systems replace nothing; each is shown by itself.
    while let Some(Act::Show(note)) = acts.recv().await {
        let (subject, clicks) = (subject.clone(), clicks.clone());
        let wait = move || match drawn(&note, false).show() {
            Ok(handle) => handle.wait_for_action(|act| {
                if act != "__closed" {
                    // The program is ending.
                    let _ = clicks.send(subject);
                }
            }),
            Err(error) => tracing::warn!(%error, "a notification could not be shown"),
        };
        if let Err(error) = std::thread::Builder::new().name("notification".into()).spawn(wait) {
            tracing::warn!(%error, "a notification could not be shown");
        }
    }
}

fn drawn(note: &Note, marks_up: bool) -> Notification {
    let mut drawn = Notification::new();
    drawn.appname("Ringdesk").summary(&plain(&note.title)).icon("ringdesk");
    let body = plain(&note.body);
    drawn.body(&if marks_up { escaped(&body) } else { body });
    #[cfg(all(unix, not(target_os = "macos")))]
    drawn
        .action("default", "Open")
        .hint(Hint::DesktopEntry("Ringdesk".into()))
        .hint(Hint::Category(if note.urgent { "network.error" } else { "im.received" }.into()))
        .urgency(if note.urgent { Urgency::Critical } else { Urgency::Normal });
    drawn
}

/// One line without control characters and without marks that turn the direction of what follows.
fn plain(words: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    words.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_marks_stay_words() {
        let note =
            Note { title: "<b>Bank</b>\u{202E}".into(), body: "a & <img src=x>\nb".into(), urgent: false };
        let drawn = drawn(&note, true);
        assert_eq!(drawn.summary, "<b>Bank</b>");
        assert_eq!(drawn.body, "a &amp; &lt;img src=x&gt; b");
    }
}
