//! Everything the checks look at, gathered once. A question without an answer is the business of the check
//! that wanted it.

use super::words::{unasked, unread};
use crate::{Computer, Inbox, Problem, Reach, view};
use ringdesk_domain::{Address, Moment, Settings};
use ringdesk_store::{Line, LookedThrough, Piled};
use ringdesk_twilio::{
    error::RestError,
    knock::KnockError,
    rest::{Alert, Balance, Brand, Campaign, Message, MessagingService, Sender, TollFree},
};
use std::{future::Future, pin::Pin, sync::PoisonError, time::Duration};

/// Longest wait for one answer of Twilio's.
const PATIENCE: Duration = Duration::from_secs(20);
/// Alerts that are looked at, and for how long back, in milliseconds: Twilio keeps them as long.
const MOST_ALERTS: usize = 500;
pub(super) const MONTH_MS: i64 = 30 * DAY_MS;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
/// What had to be fetched is news for this long, in milliseconds.
const WEEK_MS: i64 = 7 * DAY_MS;
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(super) const MINUTE_MS: i64 = 60_000;
/// Without anything arriving for this long Twilio is asked whether anything came, in milliseconds.
pub(super) const QUIET_MS: i64 = 7 * DAY_MS;
/// Messaging Services and lines that are looked into; more of them than an office has.
const MOST: usize = 20;
/// The whole database is read again after this long, in milliseconds, unless somebody asks.
const THROUGH_MS: i64 = DAY_MS;
/// Where it is kept since when a second token is taken.
const SECOND_TOKEN: &str = "second_token_since";

/// Area codes whose calls cost the caller nothing.
const TOLL_FREE: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];

/// An answer, or in words why there is none.
pub(super) type Asked<T> = Result<T, String>;

/// What is known at one moment.
pub(super) struct Known {
    pub(super) now: Moment,
    /// Whether this process is the one that answers Twilio.
    pub(super) running: bool,
    /// Whether there is an account.
    pub(super) connected: bool,
    /// Whether Twilio answered when it was last asked.
    pub(super) answering: bool,
    /// Up to when everything is here that came to the lines.
    pub(super) complete_to: Option<Moment>,
    /// How much of this week should have come by itself and was fetched.
    pub(super) repaired: Asked<u32>,
    pub(super) settings: Settings,
    pub(super) lines: Vec<Line>,
    pub(super) piled: Asked<Piled>,
    pub(super) through: Asked<LookedThrough>,
    /// The version of SQLite in use, and the oldest one that is good.
    pub(super) sqlite: Asked<(String, String)>,
    /// Requests of the last hour whose signature was wrong, since the lines were last pointed here by a fix.
    pub(super) wrong_signatures: u64,
    /// When that was.
    pub(super) pointed_at: Option<Moment>,
    pub(super) address: Asked<view::AddressNow>,
    /// How the last knock from outside went.
    pub(super) knock: Option<Result<Duration, KnockError>>,
    pub(super) backup: Asked<view::Backup>,
    pub(super) computer: Computer,
    /// Since when a second token is taken, as far as it was seen.
    pub(super) second_token_since: Option<Moment>,
    /// The data folder.
    pub(super) folder: String,
    /// Free room for it, in bytes.
    pub(super) room: Option<u64>,
    /// The backups of the data.
    pub(super) backups: Asked<view::DataBackups>,
    /// What Twilio says; none where it was not asked.
    pub(super) live: Option<Live>,
}

/// What Twilio says.
pub(super) struct Live {
    pub(super) sign_in: Result<(), RestError>,
    pub(super) balance: Asked<Balance>,
    /// How far our clock is ahead, in milliseconds.
    pub(super) skew_ms: Asked<i64>,
    pub(super) plan: Asked<view::LinesPlan>,
    /// Where what arrives on each line goes.
    pub(super) answering: Asked<Vec<(String, view::Answers)>>,
    pub(super) pools: Asked<Vec<Pool>>,
    pub(super) brands: Asked<Vec<Brand>>,
    pub(super) toll_free: Asked<Vec<TollFree>>,
    pub(super) alerts: Asked<Vec<Alert>>,
    /// When Twilio last took a text for us; asked only where nothing came here for long.
    pub(super) newest_there: Asked<Option<Moment>>,
}

/// A Messaging Service and what is in it.
pub(super) struct Pool {
    pub(super) service: MessagingService,
    pub(super) senders: Vec<Sender>,
    pub(super) campaigns: Vec<Campaign>,
}

impl Known {
    /// Whether Twilio itself ever came through.
    pub(super) fn came_from_twilio(&self) -> bool {
        self.piled.as_ref().is_ok_and(|piled| piled.last_webhook_at.is_some())
    }

    /// Gathers it; Twilio is asked nothing without `ask_twilio`; only `thorough` reads the whole database.
    pub(super) async fn gather(inbox: &Inbox, ask_twilio: bool, thorough: bool) -> Self {
        let (now, store) = (inbox.now(), inbox.store());
        let lines = store.lines().await.unwrap_or_default();
        let piled = store.piled(now).await.map_err(|error| unread(&error.into()));
        let reach = inbox.reach();
        let computer = inbox.computer().await;
        let folder = inbox.0.media.parent().unwrap_or(&inbox.0.media).to_owned();
        let settings = inbox.rules().settings.clone();
        let live = match &reach {
            Some(reach) if ask_twilio => {
                let last_at = piled.as_ref().ok().and_then(|piled| piled.last_webhook_at);
                let quiet = last_at.is_none_or(|at| now.since(at) >= QUIET_MS);
                Some(ask(inbox, reach, &settings, &lines, quiet).await)
            }
            _ => None,
        };
        let loops = inbox.0.loops.lock().unwrap_or_else(PoisonError::into_inner).len();
        let pointed_at = *inbox.0.memory.pointed_at.lock().unwrap_or_else(PoisonError::into_inner);
        // They are counted by the minute.
        let over_at = pointed_at.map_or(Moment(0), |at| at.plus_ms(MINUTE_MS));
        let refused = inbox.refused_since(now.plus_ms(-HOUR_MS).max(over_at));
        Self {
            now,
            running: loops > 0,
            connected: reach.is_some(),
            answering: inbox.connected(),
            complete_to: inbox.complete_to().await,
            repaired: store.repaired(now.plus_ms(-WEEK_MS)).await.map_err(|error| unread(&error.into())),
            second_token_since: second_token(inbox, computer.second_token).await,
            through: look_through(inbox, thorough).await,
            sqlite: store.sqlite().await.map_err(|error| unread(&error.into())),
            pointed_at,
            wrong_signatures: refused.get("wrong signature").copied().unwrap_or(0),
            address: inbox.address().await.map_err(|problem| unread(&problem)),
            knock: inbox.last_knock(),
            backup: inbox.backup_known(ask_twilio).await.map_err(|problem| unread(&problem)),
            room: fs4::available_space(&folder).ok(),
            backups: inbox.data_backups().await.map_err(|problem| unread(&problem)),
            folder: folder.display().to_string(),
            settings,
            lines,
            piled,
            computer,
            live,
        }
    }

    /// Twilio's answer to one of the questions, or why there is none.
    pub(super) fn asked<'k, T>(&'k self, answer: impl FnOnce(&'k Live) -> &'k Asked<T>) -> Asked<&'k T> {
        match &self.live {
            Some(live) => answer(live).as_ref().map_err(Clone::clone),
            None if self.connected => Err("Twilio wasn’t asked.".into()),
            None => Err("No account is connected.".into()),
        }
    }

    /// A number as people write it.
    pub(super) fn display(&self, number: &str) -> String {
        Address::received(number).display(&self.settings.region)
    }

    /// Whether this is a practice line, which owes nobody anything.
    pub(super) fn is_practice(&self) -> bool {
        self.computer.safe == Some(crate::Safe::Practice)
    }

    /// Lines whose texts US carriers want registered.
    pub(super) fn registered_lines(&self) -> Vec<&Line> {
        us_lines(&self.lines).filter(|line| !is_toll_free(line.number.as_str())).collect()
    }

    /// Lines whose texts want a toll-free verification.
    pub(super) fn toll_free_lines(&self) -> Vec<&Line> {
        us_lines(&self.lines).filter(|line| is_toll_free(line.number.as_str())).collect()
    }
}

fn us_lines(lines: &[Line]) -> impl Iterator<Item = &Line> {
    lines.iter().filter(|line| line.takes_texts && line.number.as_str().starts_with("+1"))
}

/// Source: the North American Numbering Plan's codes for toll-free service.
fn is_toll_free(number: &str) -> bool {
    TOLL_FREE.iter().any(|code| number.strip_prefix("+1").is_some_and(|rest| rest.starts_with(code)))
}

/// Boxed: what is asked at the same time would be a large future otherwise.
type Asking<'a, T> = Pin<Box<dyn Future<Output = Asked<T>> + Send + 'a>>;

fn asking<'a, T: Send + 'a>(
    question: impl Future<Output = Result<T, RestError>> + Send + 'a,
) -> Asking<'a, T> {
    Box::pin(async move { patiently(question).await.map_err(|error| unasked(&error)) })
}

fn looking<'a, T: Send + 'a>(
    question: impl Future<Output = Result<T, Problem>> + Send + 'a,
) -> Asking<'a, T> {
    Box::pin(async move {
        let late = Problem::Twilio(RestError::Unreachable("no answer in time"));
        let answer = tokio::time::timeout(PATIENCE, question).await.unwrap_or(Err(late));
        answer.map_err(|problem| unread(&problem))
    })
}

async fn patiently<T>(question: impl Future<Output = Result<T, RestError>>) -> Result<T, RestError> {
    let late = RestError::Unreachable("no answer in time");
    tokio::time::timeout(PATIENCE, question).await.unwrap_or(Err(late))
}

async fn ask(inbox: &Inbox, reach: &Reach, settings: &Settings, lines: &[Line], quiet: bool) -> Live {
    let client = &reach.client;
    let registered = us_lines(lines).any(|line| !is_toll_free(line.number.as_str()));
    let toll_free = us_lines(lines).any(|line| is_toll_free(line.number.as_str()));
    let now = inbox.now();
    let answers = tokio::join!(
        Box::pin(patiently(client.knows_us())),
        asking(client.balance()),
        asking(client.skew_ms(now.0)),
        looking(inbox.plan_lines()),
        looking(inbox.answering()),
        asking(pools(reach, settings, lines)),
        asking(async { if registered { client.brands().await } else { Ok(Vec::new()) } }),
        asking(async { if toll_free { client.toll_free_verifications().await } else { Ok(Vec::new()) } }),
        asking(client.alerts(now.plus_ms(-MONTH_MS).0, MOST_ALERTS)),
        asking(async { if quiet { newest_there(reach, lines).await } else { Ok(None) } }),
    );
    let (sign_in, balance, skew_ms, plan, answering, pools, brands, toll_free, alerts, newest) = answers;
    Live {
        sign_in,
        balance,
        skew_ms,
        plan,
        answering,
        pools,
        brands,
        toll_free,
        alerts,
        newest_there: newest,
    }
}

/// The Messaging Services our lines are in, and the one the settings name.
async fn pools(reach: &Reach, settings: &Settings, lines: &[Line]) -> Result<Vec<Pool>, RestError> {
    let client = &reach.client;
    let named = settings.texts.messaging_service_sid.as_deref();
    let mut pools = Vec::new();
    for service in client.messaging_services().await?.into_iter().take(MOST) {
        let senders = client.messaging_service_senders(&service.sid).await?;
        let ours = |sender: &Sender| lines.iter().any(|line| line.number.as_str() == sender.phone_number);
        if named != Some(service.sid.as_str()) && !senders.iter().any(ours) {
            continue;
        }
        let campaigns = client.campaigns(&service.sid).await?;
        pools.push(Pool { service, senders, campaigns });
    }
    Ok(pools)
}

async fn newest_there(reach: &Reach, lines: &[Line]) -> Result<Option<Moment>, RestError> {
    let mut newest = None;
    for line in lines.iter().take(MOST) {
        // The newest come first: one page is enough.
        let listed = reach.client.messages_to(line.number.as_str(), None, |_| true).await?;
        let inbound = listed.iter().filter(|message| message.direction == "inbound");
        newest = newest.max(inbound.filter_map(Message::created_ms).map(Moment).max());
    }
    Ok(newest)
}

/// What reading the whole database finds, or found when it was read last.
async fn look_through(inbox: &Inbox, thorough: bool) -> Asked<LookedThrough> {
    if thorough {
        return read_through(inbox).await;
    }
    let before = inbox.0.memory.through.borrow().clone();
    before.map_or_else(|| Err("It hasn’t been read through yet.".into()), |(_, found)| found)
}

/// Reads the whole database, which keeps a processor busy for seconds where much is kept.
async fn read_through(inbox: &Inbox) -> Asked<LookedThrough> {
    let now = inbox.now();
    let found = inbox.store().look_through(now).await.map_err(|error| {
        tracing::warn!(%error, "the database could not be read through");
        unread(&error.into())
    });
    inbox.0.memory.through.send_replace(Some((now, found.clone())));
    found
}

/// Reads it unless it was read less than a day ago; whether something else is found than before.
pub(super) async fn read_daily(inbox: &Inbox) -> bool {
    let before = inbox.0.memory.through.borrow().clone();
    // One that failed is tried again.
    let read = before.and_then(|(at, found)| Some((at, found.ok()?)));
    if read.as_ref().is_some_and(|(at, _)| (0..THROUGH_MS).contains(&inbox.now().since(*at))) {
        return false;
    }
    let known = read.map(|(_, found)| found).unwrap_or_default();
    read_through(inbox).await.is_ok_and(|found| found != known)
}

/// Since when a second token is taken: noted when it is first seen, so that a restart does not forget it.
async fn second_token(inbox: &Inbox, taken: bool) -> Option<Moment> {
    let store = inbox.store();
    let since = store.meta(SECOND_TOKEN).await.ok().flatten().and_then(|ms| ms.parse().ok()).map(Moment);
    let note = match (taken, since) {
        (true, None) => Some(inbox.now()),
        (false, Some(_)) => None,
        _ => return since,
    };
    let kept = store.set_meta(SECOND_TOKEN, note.map(|at| at.0.to_string()), None).await;
    if let Err(error) = kept {
        tracing::info!(%error, "since when a second token is taken could not be noted");
    }
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toll_free_number_is_known_by_its_code() {
        for (number, free) in
            [("+18335550100", true), ("+18005550100", true), ("+14155550100", false), ("+4980055501", false)]
        {
            assert_eq!(is_toll_free(number), free, "{number}");
        }
    }
}
