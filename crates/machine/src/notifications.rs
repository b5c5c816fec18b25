//! Notifications of the desktop: one per subject, replaced while it is there, with one act: a click.

#[cfg(all(unix, not(target_os = "macos")))]
mod owner;

use notify_rust::Notification;
#[cfg(all(unix, not(target_os = "macos")))]
use notify_rust::{Hint, NotificationHandle, Urgency};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    runtime::Handle,
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
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

/// What is to be shown about a subject; nothing once it is taken back.
type Wanted = watch::Receiver<Option<Note>>;

/// What is shown, and what is to be shown as soon as somebody shows anything.
type All = Arc<Mutex<HashMap<String, watch::Sender<Option<Note>>>>>;

/// The notifications that are shown. Whoever drops it takes none back; [`Notifications::withdraw_all`] does.
#[derive(Debug)]
pub struct Notifications {
    runtime: Handle,
    clicks: UnboundedSender<String>,
    all: All,
}

impl Notifications {
    /// Ready to show, on a runtime; the receiver tells which subject was clicked.
    pub fn new(runtime: Handle) -> (Self, UnboundedReceiver<String>) {
        let (clicks, clicked) = unbounded_channel();
        (Self { runtime, clicks, all: All::default() }, clicked)
    }

    /// Shows a notification, in place of the one about the same subject.
    pub fn show(&self, subject: &str, note: Note) {
        let mut all = held(&self.all);
        if let Some(one) = all.get(subject).filter(|one| !one.is_closed()) {
            one.send_replace(Some(note));
            return;
        }
        let (one, wanted) = watch::channel(Some(note));
        all.insert(subject.to_owned(), one);
        self.runtime.spawn(keep(subject.to_owned(), wanted, self.clicks.clone(), self.all.clone()));
    }

    /// Takes back what is shown about a subject.
    pub fn withdraw(&self, subject: &str) {
        let all = held(&self.all);
        if let Some(one) = all.get(subject) {
            one.send_replace(None);
        }
    }

    /// Whether anybody shows notifications on this desktop.
    pub async fn there(&self) -> bool {
        is_there().await
    }

    /// Which subjects something is shown about.
    pub fn subjects(&self) -> Vec<String> {
        let all = held(&self.all);
        let there = all.iter().filter(|(_, one)| !one.is_closed() && one.borrow().is_some());
        there.map(|(subject, _)| subject.clone()).collect()
    }

    /// Takes back everything, and waits until it is gone: nobody would answer a click any more.
    pub async fn withdraw_all(&self) {
        let all: Vec<_> = held(&self.all).values().cloned().collect();
        for one in &all {
            one.send_replace(None);
        }
        for one in &all {
            one.closed().await;
        }
    }
}

/// Has shown what is wanted about a subject, for as long as anything is.
async fn keep(subject: String, mut wanted: Wanted, clicks: UnboundedSender<String>, all: All) {
    loop {
        present(&subject, &mut wanted, &clicks).await;
        if is_over(&subject, &wanted, &all) {
            return;
        }
    }
}

/// Whether nothing was wanted about a subject meanwhile; whoever wants something later begins anew.
fn is_over(subject: &str, wanted: &Wanted, all: &All) -> bool {
    let mut all = held(all);
    let over = !wanted.has_changed().unwrap_or(false) || wanted.borrow().is_none();
    if over {
        all.remove(subject);
    }
    over
}

fn held<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A notification that is shown.
#[cfg(all(unix, not(target_os = "macos")))]
struct Shown {
    /// The server answers only the connection that asked, which the handle keeps.
    handle: NotificationHandle,
    /// Whether the server reads marks such as `<b>` in the words.
    marks_up: bool,
    owner: owner::Owner,
}

#[cfg(all(unix, not(target_os = "macos")))]
impl Shown {
    async fn new(note: &Note) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let marks_up = marks_up().await;
        // Before it is shown, so that nothing is missed.
        let owner = owner::Owner::watched().await?;
        let handle = drawn(note, marks_up).show_async().await?;
        Ok(Self { handle, marks_up, owner })
    }

    /// Says something else in its place.
    async fn replaced(mut self, note: &Note) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let new = drawn(note, self.marks_up);
        let updated = tokio::task::spawn_blocking(move || {
            *self.handle = new;
            self.handle.update().map(|()| self)
        });
        Ok(updated.await??)
    }
}

/// Shows what is wanted, until somebody clicks it or it is there no more.
#[cfg(all(unix, not(target_os = "macos")))]
async fn present(subject: &str, wanted: &mut Wanted, clicks: &UnboundedSender<String>) {
    while let Some(mut shown) = shown(wanted).await {
        loop {
            let mut clicked = false;
            let changed = tokio::select! {
                biased;
                // To the next one its number means something else: nothing is asked by it any more.
                () = shown.owner.left() => return,
                // This panics where the bus goes just as it begins; the whole session goes with it.
                () = shown.handle.wait_for_action_async(|act| clicked = act.is_default_action()) => None,
                changed = wanted.changed() => Some(changed),
            };
            match changed {
                Some(Ok(())) => {}
                Some(Err(_)) => return,
                None => {
                    if clicked {
                        // Some servers leave it there.
                        shown.handle.close_async().await;
                        // The program is ending.
                        let _ = clicks.send(subject.to_owned());
                    }
                    return;
                }
            }
            let note = wanted.borrow_and_update().clone();
            let Some(note) = note else {
                shown.handle.close_async().await;
                return;
            };
            match shown.replaced(&note).await {
                Ok(same) => shown = same,
                Err(error) => {
                    tracing::info!(%error, "a notification could not be replaced: it is shown anew");
                    break;
                }
            }
        }
    }
}

/// Shows what is wanted by then, once anybody shows anything; `None`: it was taken back, or nobody does.
#[cfg(all(unix, not(target_os = "macos")))]
async fn shown(wanted: &mut Wanted) -> Option<Shown> {
    // At the start of a session, whoever shows notifications may come a minute after us.
    const AGAIN: std::time::Duration = std::time::Duration::from_secs(2);
    const TRIES: u32 = 30;
    let mut tries = 0;
    loop {
        let note = wanted.borrow_and_update().clone()?;
        match Shown::new(&note).await {
            Ok(shown) => return Some(shown),
            Err(error) if tries == TRIES => {
                tracing::warn!(%error, "a notification could not be shown");
                return None;
            }
            Err(error) => tracing::debug!(%error, "a notification cannot be shown yet"),
        }
        tries += 1;
        match tokio::time::timeout(AGAIN, wanted.changed()).await {
            Err(_) => {}
            Ok(Ok(())) => tries = 0,
            Ok(Err(_)) => return None,
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

/// Shows each thing that is wanted, by itself: these systems replace nothing and take nothing back.
#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn present(subject: &str, wanted: &mut Wanted, clicks: &UnboundedSender<String>) {
    loop {
        let note = wanted.borrow_and_update().clone();
        let Some(note) = note else { return };
        let (subject, clicks) = (subject.to_owned(), clicks.clone());
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
        if wanted.changed().await.is_err() {
            return;
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
    #[cfg(all(unix, not(target_os = "macos")))]
    use std::collections::HashSet;

    #[test]
    fn a_strangers_marks_stay_words() {
        let note =
            Note { title: "<b>Bank</b>\u{202E}".into(), body: "a & <img src=x>\nb".into(), urgent: false };
        let marked = drawn(&note, true);
        assert_eq!(marked.summary, "<b>Bank</b>");
        assert_eq!(marked.body, "a &amp; &lt;img src=x&gt; b");
        assert_eq!(drawn(&note, false).body, "a & <img src=x> b");
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn a_server_is_told_who_shows_what_and_how_urgent_it_is() {
        for (urgent, category, urgency) in
            [(false, "im.received", Urgency::Normal), (true, "network.error", Urgency::Critical)]
        {
            let note = Note { title: "Dana".into(), body: "See you at 5".into(), urgent };
            let drawn = drawn(&note, true);
            assert_eq!(drawn.appname, "Ringdesk");
            assert_eq!(drawn.actions, ["default", "Open"]);
            let (entry, category) = (Hint::DesktopEntry("Ringdesk".into()), Hint::Category(category.into()));
            let expected = HashSet::from([entry, category, Hint::Urgency(urgency)]);
            assert_eq!(drawn.hints, expected);
            // For as long as the server finds right.
            assert_eq!(i32::from(drawn.timeout), -1);
        }
    }

    #[test]
    fn a_note_that_comes_as_the_one_before_closes_is_shown() {
        let said = |body: &str| Some(Note { title: "Dana".into(), body: body.into(), urgent: false });
        let all = All::default();
        let (one, mut wanted) = watch::channel(said("Are you open?"));
        held(&all).insert("dana".to_owned(), one.clone());
        one.send_replace(said("Hello?"));
        assert!(!is_over("dana", &wanted, &all), "somebody wants something else by now");
        assert_eq!(*wanted.borrow_and_update(), said("Hello?"));
        assert!(is_over("dana", &wanted, &all));
        assert!(held(&all).is_empty(), "whoever wants something later begins anew");
        one.send_replace(None);
        assert!(is_over("dana", &wanted, &all), "it was taken back");
    }
}
