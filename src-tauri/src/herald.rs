//! Tells the owner what is new while the window is elsewhere: notifications, the tray, the title.

use crate::{
    front::{Front, Stage},
    office::Open,
    tray,
    window::{self, Call, Page},
    words,
};
use ringdesk_domain::{ConversationId, Settings, settings::OnClose};
use ringdesk_inbox::{
    Follower, Inbox, LineNews, News, Problem,
    view::{AddressState, BackupState, Grade, Health},
};
use std::{sync::PoisonError, time::Duration};
use tauri::{AppHandle, Manager};
use tokio::sync::{mpsc::UnboundedReceiver, watch};

const LINE: &str = "line";
const DIGEST: &str = "digest";
const AWAY: &str = "away";
/// How long somebody may need to unlock the password safe that has just asked for it.
const UNLOCKING: Duration = Duration::from_secs(20);
/// How often the sleep backup is looked at.
const LOOK: Duration = Duration::from_secs(60);

/// Whether a sleep backup answers while this computer is off, as far as is known. Twilio may have to be asked,
/// so somebody else looks, and nobody waits for them.
struct Backup {
    wanted: watch::Sender<bool>,
    ready: watch::Receiver<Option<bool>>,
}

impl Backup {
    /// As it was when it was looked at last; none where that is yet to come.
    fn is_ready(&self, settings: &Settings) -> Option<bool> {
        let on = settings.sleep_backup.on;
        self.wanted.send_if_modified(|wanted| std::mem::replace(wanted, on) != on);
        if on { *self.ready.borrow() } else { Some(false) }
    }
}

/// Looks at the sleep backup now and then, as long as there is to be one. What was found last holds until
/// something else is found.
async fn look_at_backup(
    inbox: &Inbox,
    mut wanted: watch::Receiver<bool>,
    ready: watch::Sender<Option<bool>>,
) {
    loop {
        let on = *wanted.borrow_and_update();
        if on {
            match inbox.backup().await {
                Ok(backup) => tell_if_new(&ready, Some(backup.state == BackupState::Ready)),
                Err(error) => tracing::info!(%error, "the sleep backup could not be looked at"),
            }
        } else {
            tell_if_new(&ready, None);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            changed = wanted.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

fn tell_if_new(ready: &watch::Sender<Option<bool>>, now: Option<bool>) {
    ready.send_if_modified(|known| std::mem::replace(known, now) != now);
}

/// Follows whichever line is open until the program ends.
pub(crate) async fn run(app: AppHandle) {
    let front = app.state::<Front>();
    let mut stages = front.stages();
    loop {
        let stage = stages.borrow_and_update().clone();
        let changed = match stage {
            Stage::Open(open) => {
                let changed = tokio::select! {
                    () = follow(&app, &open) => stages.changed().await,
                    changed = stages.changed() => changed,
                };
                withdraw_all(&app).await;
                closes(&app, OnClose::Quit);
                window::entitle(&app, 0);
                tray::draw(&app, tray::State::default());
                changed
            }
            Stage::Opening => stages.changed().await,
            // Started without a window, nobody would learn that nothing arrives. Whoever types the password of
            // the safe right now is not disturbed.
            stage => {
                let locked = matches!(&stage, Stage::Trouble(trouble) if trouble.kind == "locked");
                let wait = if locked { UNLOCKING } else { Duration::ZERO };
                if let Ok(changed) = tokio::time::timeout(wait, stages.changed()).await {
                    changed
                } else {
                    window::show(&app, None);
                    stages.changed().await
                }
            }
        };
        if changed.is_err() {
            return;
        }
    }
}

/// Takes back what is shown; a server of notifications that hangs must not hang us.
pub(crate) async fn withdraw_all(app: &AppHandle) {
    let notifications = &app.state::<Page>().notifications;
    if tokio::time::timeout(Duration::from_secs(1), notifications.withdraw_all()).await.is_err() {
        tracing::warn!("notifications could not be taken back");
    }
}

async fn follow(app: &AppHandle, open: &Open) {
    let inbox = &open.desk.inbox;
    let mut follower = loop {
        match inbox.follow().await {
            Ok(follower) => break follower,
            Err(error) => {
                tracing::error!(%error, "nothing can be told outside the window yet");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    };
    let (wanted, wants) = watch::channel(false);
    let (found, ready) = watch::channel(None);
    let backup = Backup { wanted, ready };
    tokio::select! {
        () = look_at_backup(inbox, wants, found) => {}
        () = tell_on(app, open, &mut follower, backup) => {}
    }
}

/// Tells what is new until the office closes.
async fn tell_on(app: &AppHandle, open: &Open, follower: &mut Follower, mut backup: Backup) {
    loop {
        if let Err(error) = tell(app, open, follower, &backup).await {
            tracing::warn!(%error, "what is new could not be told");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        tokio::select! {
            there = follower.wait() => {
                if !there {
                    return;
                }
            }
            Ok(()) = backup.ready.changed() => {}
        }
    }
}

async fn tell(app: &AppHandle, open: &Open, follower: &mut Follower, backup: &Backup) -> Result<(), Problem> {
    let (page, inbox) = (app.state::<Page>(), &open.desk.inbox);
    let settings = inbox.settings().await?;
    closes(app, settings.window.on_close);
    for news in follower.news(page.in_view()).await? {
        if let News::Digest { texts: 0, calls: 0, failed_in, .. } = &news {
            page.failed_in(failed_in);
        }
        page.notifications.show(&subject(&news), words::note(&news));
    }
    let backup = backup.is_ready(&settings);
    match follower.line().await? {
        Some(LineNews::Refused(_)) => page.notifications.show(LINE, words::refused()),
        Some(LineNews::Lost(_)) => page.notifications.show(LINE, words::lost()),
        Some(LineNews::Unreachable(_)) => page.notifications.show(LINE, words::unreachable(backup)),
        Some(LineNews::Moved) => page.notifications.show(LINE, words::moved()),
        Some(LineNews::Elsewhere) => page.notifications.show(LINE, words::elsewhere()),
        Some(LineNews::Back { repointed: true }) => page.notifications.show(LINE, words::followed()),
        Some(LineNews::Back { repointed: false }) => page.notifications.withdraw(LINE),
        None => {}
    }
    // What was read elsewhere is no news any more.
    for shown in page.notifications.subjects() {
        let failure = |id: ConversationId| shown == window::failure_in(id);
        if let Some(id) = window::conversation_of(&shown).filter(|id| !failure(*id))
            && inbox.unread_in(id).await? == 0
        {
            page.notifications.withdraw(&shown);
        }
    }
    let unread = inbox.unread().await?;
    if unread == 0 {
        page.notifications.withdraw(DIGEST);
        page.notifications.withdraw(AWAY);
    }
    window::entitle(app, unread + inbox.voicemail_counts().await?.unheard);
    let health = inbox.health().await?;
    let (line, good) = light(&health, open.practice.is_some());
    let now = inbox.clock().now();
    let before = |until: Option<ringdesk_domain::Moment>| until.is_some_and(|until| now < until);
    tray::draw(
        app,
        tray::State {
            line: Some(line),
            good,
            unread,
            asks: asks(&health),
            paused: before(settings.notifications.paused_until),
            closed: before(settings.hours.closed_until),
            backup,
        },
    );
    Ok(())
}

/// How the line is, in words, and whether it works; what is worst first, as in the window.
fn light(health: &Health, practice: bool) -> (&'static str, bool) {
    match health.address {
        _ if health.sign_in_refused => (words::SIGN_IN_REFUSED, false),
        _ if !health.connected => (words::OFFLINE, false),
        AddressState::Blocked | AddressState::Failed => (words::UNREACHABLE, false),
        _ if health.locked.is_some() => (words::LOCKED, false),
        _ if !health.elsewhere.is_empty() => (words::ELSEWHERE, false),
        AddressState::Unset => (words::NO_WAY, false),
        AddressState::Opening if !health.reachable || !health.moved => (words::OPENING, health.reachable),
        _ if health.moved => (words::MOVED, false),
        AddressState::Opening | AddressState::Open => {
            let line = if practice { words::PRACTICE } else { words::CONNECTED };
            (line, health.checkup != Some(Grade::Fail))
        }
    }
}

/// Whether something about the line waits for its owner.
fn asks(health: &Health) -> bool {
    health.sign_in_refused
        || health.moved
        || health.locked.is_some()
        || !health.elsewhere.is_empty()
        || health.checkup == Some(Grade::Fail)
}

fn closes(app: &AppHandle, means: OnClose) {
    *app.state::<Page>().on_close.lock().unwrap_or_else(PoisonError::into_inner) = means;
}

/// What a notification is about: one at a time of each.
fn subject(news: &News) -> String {
    match news {
        News::Texts(piece) => piece.conversation.to_string(),
        // What they said takes the place of the call they said it in.
        News::Missed(piece, _) | News::Voicemail { piece, .. } => window::missed_in(piece.conversation),
        News::Failure(piece) => window::failure_in(piece.conversation),
        News::Away { .. } => AWAY.to_owned(),
        News::Digest { texts: 0, calls: 0, .. } => window::FAILURES.to_owned(),
        News::Digest { .. } => DIGEST.to_owned(),
    }
}

/// Goes where a click on a notification leads.
pub(crate) async fn answer_clicks(app: AppHandle, mut clicked: UnboundedReceiver<String>) {
    while let Some(subject) = clicked.recv().await {
        let call = match (window::conversation_of(&subject), subject.as_str()) {
            (Some(id), _) => Some(Call::Conversation { id }),
            (None, DIGEST | AWAY) => Some(Call::Unread),
            (None, LINE) => Some(Call::Health),
            (None, window::FAILURES) => {
                app.state::<Page>().newest_failure().map(|id| Call::Conversation { id })
            }
            (None, _) => None,
        };
        window::show(&app, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringdesk_domain::Moment;
    use ringdesk_inbox::{Piece, view::SendingLock};
    use std::collections::BTreeMap;

    fn health(address: AddressState, connected: bool) -> Health {
        Health {
            reachable: true,
            connected,
            sign_in_refused: false,
            failed_receipts: 0,
            quarantined: 0,
            send_unknown: 0,
            queued: 0,
            pictures_wanted: 0,
            last_webhook_at: None,
            address,
            moved: false,
            checkup: None,
            complete_to: None,
            catching_up: false,
            elsewhere: Vec::new(),
            locked: None,
            refused: BTreeMap::new(),
        }
    }

    #[test]
    fn the_light_says_first_what_keeps_customers_away() {
        for (address, connected, practice, line, good) in [
            (AddressState::Open, true, false, words::CONNECTED, true),
            (AddressState::Open, true, true, words::PRACTICE, true),
            (AddressState::Open, false, false, words::OFFLINE, false),
            (AddressState::Opening, true, false, words::OPENING, true),
            (AddressState::Unset, true, false, words::NO_WAY, false),
            (AddressState::Blocked, false, false, words::OFFLINE, false),
            (AddressState::Blocked, true, true, words::UNREACHABLE, false),
            (AddressState::Failed, true, false, words::UNREACHABLE, false),
        ] {
            assert_eq!(light(&health(address, connected), practice), (line, good), "{address:?}");
        }
        let moved = |address| Health { moved: true, ..health(address, true) };
        for address in [AddressState::Open, AddressState::Opening] {
            assert_eq!(light(&moved(address), false), (words::MOVED, false), "nothing arrives");
            assert!(asks(&moved(address)));
        }
        assert_eq!(light(&moved(AddressState::Failed), false), (words::UNREACHABLE, false));
        let coming = Health { reachable: false, ..moved(AddressState::Opening) };
        assert_eq!(light(&coming, false), (words::OPENING, false));
        let elsewhere = |address| {
            let elsewhere = vec!["(415) 555-0100".to_owned()];
            Health { elsewhere, ..health(address, true) }
        };
        for (address, line) in [
            (AddressState::Open, words::ELSEWHERE),
            (AddressState::Unset, words::ELSEWHERE),
            (AddressState::Blocked, words::UNREACHABLE),
        ] {
            assert_eq!(light(&elsewhere(address), false), (line, false), "{address:?}");
            assert!(asks(&elsewhere(address)));
        }
        let locked = Health { locked: Some(SendingLock::Restored), ..elsewhere(AddressState::Open) };
        assert_eq!((light(&locked, false), asks(&locked)), ((words::LOCKED, false), true));
        let refused = Health { sign_in_refused: true, ..health(AddressState::Blocked, false) };
        assert_eq!(light(&refused, false), (words::SIGN_IN_REFUSED, false));
        assert!(asks(&refused));
        assert!(!asks(&health(AddressState::Open, true)));
        for (grade, waits) in [(Grade::Pass, false), (Grade::Warn, false), (Grade::Fail, true)] {
            let seen = Health { checkup: Some(grade), ..health(AddressState::Open, true) };
            assert_eq!(asks(&seen), waits, "{grade:?}");
            assert_eq!(light(&seen, false).1, grade != Grade::Fail, "{grade:?}");
        }
    }

    #[test]
    fn a_sleep_backup_is_not_guessed_and_not_forgotten() {
        let (wanted, wants) = watch::channel(false);
        let (found, ready) = watch::channel(None);
        let backup = Backup { wanted, ready };
        let off = Settings::default();
        let mut on = off.clone();
        on.sleep_backup.on = true;
        assert_eq!(backup.is_ready(&off), Some(false), "none is wanted");
        assert_eq!(backup.is_ready(&on), None, "nobody looked yet");
        assert!(*wants.borrow(), "somebody looks from now on");
        tell_if_new(&found, Some(true));
        assert_eq!(backup.is_ready(&on), Some(true));
        assert_eq!(backup.is_ready(&on), Some(true), "until something else is found");
        assert_eq!(backup.is_ready(&off), Some(false));
        assert!(!*wants.borrow());
    }

    #[test]
    fn a_message_replaces_the_missed_call_it_was_left_in() {
        let conversation = ConversationId::new(Moment(0));
        let piece = Piece { conversation, who: None, words: None, pictures: 0, unread: 1 };
        let message = subject(&News::Voicemail { piece: piece.clone(), seconds: None });
        assert_eq!(message, subject(&News::Missed(piece, None)));
        assert_eq!(window::conversation_of(&message), Some(conversation));
    }
}
