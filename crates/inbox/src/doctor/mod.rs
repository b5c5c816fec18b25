//! The check-up: looks the line over from end to end and says what it found and what mends it. One check per
//! file, with its words, which the window and the command line share.

mod a2p;
mod alerts;
mod audio;
mod autostart;
mod backups;
mod balance;
mod certificate;
mod clock;
mod credentials;
mod database;
mod disk;
mod fallback;
mod geo;
mod keychain;
mod known;
mod last_event;
mod notifications;
mod other_computer;
mod outbox;
mod overrides;
mod reachable;
mod receipts;
mod repairs;
mod sender_pool;
mod signatures;
mod sqlite;
mod token_age;
mod toll_free;
mod unknown_sends;
mod webhooks;
mod words;

use crate::{Inbox, Problem, view};
use known::{Asked, Known};
use ringdesk_domain::{ChangeKind, Moment};
use ringdesk_store::LookedThrough;
use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};
use tokio::sync::{Notify, watch};
use view::{Check, Checkup, Grade};

/// How often the running program looks itself over, in milliseconds.
const ROUND_MS: i64 = 15 * 60_000;
/// How long after the start the database is read through first, in milliseconds: while the window opens, it
/// has better use for the disk and the processor.
const OPENING_MS: i64 = 30_000;

/// A check: what is known in, what was found out.
type Look = fn(&Known) -> Check;

/// Every check by its name, in the order of a line's life.
const CHECKS: [(&str, Look); 29] = [
    ("credentials", credentials::check),
    ("token_age", token_age::check),
    ("keychain", keychain::check),
    ("balance", balance::check),
    ("clock", clock::check),
    ("reachable", reachable::check),
    ("certificate", certificate::check),
    ("webhooks", webhooks::check),
    ("other_computer", other_computer::check),
    ("overrides", overrides::check),
    ("fallback", fallback::check),
    ("last_event", last_event::check),
    ("repairs", repairs::check),
    ("signatures", signatures::check),
    ("a2p", a2p::check),
    ("toll_free", toll_free::check),
    ("sender_pool", sender_pool::check),
    ("geo", geo::check),
    ("alerts", alerts::check),
    ("outbox", outbox::check),
    ("unknown_sends", unknown_sends::check),
    ("receipts", receipts::check),
    ("database", database::check),
    ("sqlite", sqlite::check),
    ("disk", disk::check),
    ("backups", backups::check),
    ("audio", audio::check),
    ("notifications", notifications::check),
    ("autostart", autostart::check),
];

/// What is remembered from one look to the next.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// What reading the whole database found, and when that was.
    through: watch::Sender<Option<(Moment, Asked<LookedThrough>)>>,
    /// When a fix pointed the lines here: what went wrong before says nothing any more.
    pointed_at: Mutex<Option<Moment>>,
    /// Something was set right: the light is not to stay what it was.
    again: Notify,
}

/// Points every line here; with `overrides` also mends what gets in between.
async fn point_here(inbox: &Inbox, overrides: bool) -> Result<(), Problem> {
    inbox.set_up_lines(None, overrides).await?;
    *inbox.0.memory.pointed_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(inbox.now());
    Ok(())
}

impl Inbox {
    /// Looks the line over; `live` asks Twilio, too. What cannot be known here and now is said to be unknown.
    pub async fn doctor(&self, live: bool) -> Result<Checkup, Problem> {
        Ok(self.look_over(live, true).await)
    }

    /// Mends what a check found, where that can be done from here, and looks at it again.
    pub async fn fix(&self, check: &str) -> Result<Check, Problem> {
        match check {
            "webhooks" | "other_computer" | "signatures" => point_here(self, false).await?,
            "overrides" => point_here(self, true).await?,
            "fallback" => self.make_backup().await.map(|_| ())?,
            "backups" => self.back_up_now().await.map(|_| ())?,
            "reachable" => self.knock().await.map(|_| ())?,
            "receipts" => receipts::fix(self).await?,
            _ if CHECKS.iter().any(|(id, _)| *id == check) => {
                return Err(Problem::Told {
                    code: "not_mendable",
                    message: "Ringdesk can’t mend this by itself.".into(),
                    hint: "The check says what to do about it.".into(),
                });
            }
            _ => return Err(Problem::NotFound),
        }
        let checkup = self.doctor(true).await?;
        checkup.checks.into_iter().find(|found| found.id == check).ok_or(Problem::NotFound)
    }

    /// Looks the line over, and reads the database through, now and then until the inbox closes.
    pub(crate) async fn run_checkups(self) {
        tokio::join!(self.run_rounds(), self.run_reading());
    }

    /// Reads the database through once the window had time to open, and every day from there on; has the line
    /// looked over again where something else is found than before.
    async fn run_reading(&self) {
        let mut next = self.now().plus_ms(OPENING_MS);
        loop {
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.until(Some(next)) => {}
            }
            next = self.now().plus_ms(ROUND_MS);
            if self.reach().is_none() {
                continue;
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                news = known::read_daily(self) => {
                    if news {
                        self.look_over_soon();
                    }
                }
            }
        }
    }

    /// Looks the line over once the way to it was tried, and now and then from there on.
    async fn run_rounds(&self) {
        let mut knocking = self.knocking();
        let round = self.now().plus_ms(ROUND_MS);
        let tried = async {
            // Its other end is ours: it cannot end before we do.
            let _ = knocking.wait_for(|knocks| knocks.through || knocks.failures > 0).await;
        };
        tokio::select! {
            () = self.0.stop.cancelled() => return,
            () = tried => {}
            () = self.until(Some(round)) => {}
        }
        loop {
            let round = self.now().plus_ms(ROUND_MS);
            if self.reach().is_some() {
                tokio::select! {
                    () = self.0.stop.cancelled() => return,
                    _ = self.look_over(true, false) => {}
                }
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.memory.again.notified() => {}
                () = self.until(Some(round)) => {}
            }
        }
    }

    /// Has the line looked over again at once.
    pub(crate) fn look_over_soon(&self) {
        self.0.memory.again.notify_one();
    }

    async fn look_over(&self, live: bool, thorough: bool) -> Checkup {
        let began = Instant::now();
        let known = Box::pin(Known::gather(self, live, thorough)).await;
        let checks: Vec<Check> = CHECKS.iter().map(|(_, check)| check(&known)).collect();
        let checkup = Checkup {
            at: known.now,
            took_ms: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
            live: known.live.is_some(),
            worst: checks.iter().map(|check| check.grade).max().unwrap_or(Grade::Unknown),
            checks,
        };
        if checkup.live {
            self.keep_checkup(checkup.clone()).await;
        }
        checkup
    }

    /// Keeps what was found last, and has the windows look again where the worst of it is another.
    async fn keep_checkup(&self, checkup: Checkup) {
        let (at, worst) = (checkup.at, checkup.worst);
        let before = self.0.checkup.lock().unwrap_or_else(PoisonError::into_inner).replace(checkup);
        if before.map(|before| before.worst) == Some(worst) {
            return;
        }
        // Beside a running owner nothing is written, and nobody follows our Changes.
        if let Err(error) = self.store().tell(ChangeKind::HealthChanged, at).await {
            tracing::debug!(%error, "the check-up could not be told");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, Clock, Reach};
    use ringdesk_twilio::{Client, Credentials};

    /// An office nobody connected: everything has to be said without Twilio and without a host.
    async fn alone(folder: &std::path::Path) -> Inbox {
        let clock = Clock::set_to(Moment(1_795_197_600_000));
        Inbox::open(folder, Access::Own, clock).await.expect("an office")
    }

    #[tokio::test]
    async fn every_check_speaks_for_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = alone(folder.path()).await;
        let checkup = inbox.doctor(true).await.expect("a check-up");
        let ids: Vec<&str> = checkup.checks.iter().map(|check| check.id.as_str()).collect();
        let listed: Vec<&str> = CHECKS.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, listed);
        assert!(!checkup.live, "nobody was there to be asked");
        for check in &checkup.checks {
            assert!(!check.title.is_empty() && !check.said.is_empty(), "{}", check.id);
            assert!(check.why.ends_with('.'), "{}: {}", check.id, check.why);
            assert!(check.hint.is_some() || check.grade < Grade::Warn, "{}", check.id);
        }
        inbox.close().await;
    }

    /// How the database is found.
    async fn database(inbox: &Inbox, thorough: bool) -> Grade {
        let checkup = inbox.look_over(false, thorough).await;
        checkup.checks.iter().find(|check| check.id == "database").expect("a check").grade
    }

    #[tokio::test]
    async fn the_database_is_left_alone_while_the_window_opens() {
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = alone(folder.path()).await;
        let credentials = Credentials::account(&format!("AC{}", "0".repeat(32)), "a token".to_owned().into());
        inbox.connect(Reach {
            client: Client::new("https://api.twilio.com", credentials).expect("a client"),
            public: None,
            prefix: String::new(),
            signing: "a token".to_owned().into(),
        });
        assert_eq!(database(&inbox, false).await, Grade::Unknown, "a round does not read it");
        let mut through = inbox.0.memory.through.subscribe();
        let later = async {
            inbox.clock().advance_ms(OPENING_MS);
            // Its other end is the inbox's, which is still here.
            let _ = through.wait_for(Option::is_some).await;
            inbox.0.stop.cancel();
        };
        // The reading comes first, so that it knows when it began.
        tokio::join!(biased; inbox.run_reading(), later);
        assert_eq!(database(&inbox, false).await, Grade::Pass, "and knows what was read");
        inbox.close().await;
    }

    #[tokio::test]
    async fn whoever_asks_has_the_database_read_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = alone(folder.path()).await;
        assert_eq!(database(&inbox, true).await, Grade::Pass);
        assert_eq!(database(&inbox, false).await, Grade::Pass, "and it is remembered");
        inbox.close().await;
    }

    #[tokio::test]
    async fn what_cannot_be_mended_is_not_said_to_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = alone(folder.path()).await;
        assert!(matches!(inbox.fix("balance").await, Err(Problem::Told { code: "not_mendable", .. })));
        assert!(matches!(inbox.fix("weather").await, Err(Problem::NotFound)));
        inbox.close().await;
    }
}
