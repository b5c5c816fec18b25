//! Calls: facts that come in any order, more than once or never, and what is known of them together.

use crate::{
    Answer, NewText, Receipt, ReceiptState, Store, StoreError,
    conversations::conversation_for,
    cursors::{came_after_all, repaired},
    db::Db,
    lines::line_for,
    outbox::queue,
    receipts::{Filed, file},
    recordings::{RecordingFact, attach, note},
    row::Columns,
    texts::still_waiting,
    voicemails::VoicemailRow,
};
use ringdesk_domain::{
    Actor, Address, Arrival, CallId, ChangeKind, ConversationId, LineId, Moment,
    calls::{Ending, Facts, Leg, Screened, ending, is_over, rank},
    routing::{Decision, Plan},
};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// How long nothing is heard of a call before Twilio is asked, in milliseconds; then longer and longer.
const QUIET_MS: i64 = 5 * 60_000;
/// Times Twilio is asked about a call.
const RECHECKS: i64 = 8;

/// Which call something happened to.
#[derive(Debug, Clone)]
pub struct Which {
    /// Our id for it, if it is new.
    pub id: CallId,
    /// Twilio's id.
    pub sid: String,
    /// Our own id from the signed path: a call of ours, whose answer may be lost.
    pub ours: Option<CallId>,
    /// Our number.
    pub line: Address,
    /// The customer.
    pub customer: Address,
    /// Whether it is the owner's call: never made by a post, only found.
    pub outgoing: bool,
    /// How it reached us, if it is new.
    pub arrival: Arrival,
}

/// Something that happened to a call.
#[derive(Debug, Clone, Default)]
pub struct Happening {
    /// Twilio's status word for the call itself.
    pub status: Option<String>,
    /// What was decided for it.
    pub decision: Option<Decision>,
    /// Whether the two were connected.
    pub bridged: Option<bool>,
    /// Seconds they talked.
    pub talked_s: Option<u32>,
    /// Whether they went on to the greeting.
    pub greeted: bool,
    /// Seconds of message they left.
    pub message_s: Option<u32>,
    /// The recording of it, where it was named.
    pub recording: Option<Box<RecordingFact>>,
}

/// Something that happened to a phone that was rung.
#[derive(Debug, Clone)]
pub struct LegHappening {
    /// Twilio's id of the leg.
    pub sid: String,
    /// Twilio's id of the call it was rung for.
    pub parent_sid: String,
    /// The phone.
    pub number: String,
    /// Twilio's status word.
    pub status: String,
    /// Seconds, at its end.
    pub duration_s: Option<u32>,
    /// What came of "press 1".
    pub screened: Option<Screened>,
}

/// A call as it is kept.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is seen on the screen by itself")]
pub struct CallRow {
    /// Our id.
    pub id: CallId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// Our line in it.
    pub line: LineId,
    /// Its number.
    pub line_number: Address,
    /// What the owner calls it.
    pub line_name: String,
    /// The other end.
    pub customer: Address,
    /// Their name, where the owner gave one.
    pub name: Option<String>,
    /// Whether the customer called.
    pub incoming: bool,
    /// Twilio's id, once known.
    pub provider_sid: Option<String>,
    /// Twilio's status word.
    pub status: String,
    /// How it ended.
    pub ending: Option<Ending>,
    /// Whether nobody of ours talked with them.
    pub missed: bool,
    /// Seconds talked, or of the message.
    pub duration_s: Option<u32>,
    /// The phone they talked with, or the one of ours that rings first.
    pub phone: Option<String>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Why it could not be placed.
    pub error_code: Option<u32>,
    /// Who of us called.
    pub actor: Option<String>,
    /// Whether they were texted that they were missed.
    pub texted_back: bool,
    /// Whether the owner wants nothing of them now.
    pub blocked: bool,
    /// How it reached us.
    pub arrival: Arrival,
    /// When it began.
    pub at: Moment,
    /// The phones that were rung, in order.
    pub legs: Vec<LegRow>,
}

/// A phone that was rung.
#[derive(Debug, Clone)]
pub struct LegRow {
    /// The phone.
    pub number: String,
    /// What is known of it.
    pub leg: Leg,
    /// Seconds, at its end.
    pub duration_s: Option<u32>,
}

/// Which calls a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallFilter {
    /// Every one.
    #[default]
    All,
    /// Nobody of ours talked with them.
    Missed,
    /// They left a message.
    Voicemail,
    /// They were talked with.
    Answered,
    /// We called.
    Outgoing,
}

impl CallFilter {
    const fn sql(self) -> &'static str {
        match self {
            Self::All => "1 = 1",
            Self::Missed => "k.missed = 1 AND k.ending IS NOT 'voicemail'",
            Self::Voicemail => "k.ending = 'voicemail'",
            Self::Answered => "k.ending = 'answered'",
            Self::Outgoing => "k.direction = 'out'",
        }
    }
}

/// A call of ours about to be placed.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// Our id, which goes into the callback's path.
    pub id: CallId,
    /// With whom.
    pub conversation: ConversationId,
    /// The phone of ours that rings first, E.164.
    pub phone: String,
    /// Who wants it.
    pub actor: Actor,
    /// When.
    pub at: Moment,
}

/// What came of placing it.
#[derive(Debug, Clone)]
pub enum CallPlaced {
    /// Twilio took it.
    Accepted {
        /// Twilio's id.
        provider_sid: String,
        /// Its first status.
        status: String,
    },
    /// It does not ring, for certain.
    Failed {
        /// Twilio's code, where it gave one.
        code: Option<u32>,
    },
    /// It may ring.
    Unknown,
}

/// A missed call that nobody has decided about yet.
#[derive(Debug, Clone)]
pub struct ToCare {
    /// Our id.
    pub id: CallId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// The caller.
    pub customer: Address,
    /// How it ended.
    pub ending: Option<Ending>,
    /// When it began.
    pub at: Moment,
}

/// A call whose end is not known.
#[derive(Debug, Clone)]
pub struct ToRecheck {
    /// Our id.
    pub id: CallId,
    /// Twilio's id, where it is known.
    pub provider_sid: Option<String>,
    /// Our number.
    pub line: Address,
    /// The phone of ours that rings first, for a call of ours.
    pub phone: Option<String>,
    /// When it began.
    pub at: Moment,
}

const COLUMNS: &str = "k.id, k.conversation_id, c.line_id, l.number AS line_number, l.name AS line_name, c.customer,
    nullif(p.name, '') AS name, k.direction, k.provider_sid, k.status, k.ending, k.missed, k.duration_s, k.phone,
    k.decision, k.error_code, k.actor, k.text_back IS NOT NULL AS texted_back, b.customer IS NOT NULL AS blocked, k.arrival, k.at";
const TABLES: &str =
    "calls k JOIN conversations c ON c.id = k.conversation_id JOIN lines l ON l.id = c.line_id
    LEFT JOIN contact_numbers n ON n.number = c.customer LEFT JOIN contacts p ON p.id = n.contact_id
    LEFT JOIN blocked b ON b.customer = c.customer";

fn seconds(value: Option<i64>) -> Option<u32> {
    value.and_then(|s| u32::try_from(s).ok())
}

fn call(row: &SqliteRow) -> Result<CallRow, StoreError> {
    Ok(CallRow {
        id: row.id("id")?,
        conversation: row.id("conversation_id")?,
        line: row.id("line_id")?,
        line_number: Address::received(row.col("line_number")?),
        line_name: row.col("line_name")?,
        customer: Address::received(row.col("customer")?),
        name: row.col("name")?,
        incoming: row.col::<&str>("direction")? == "in",
        provider_sid: row.col("provider_sid")?,
        status: row.col("status")?,
        ending: row.col::<Option<&str>>("ending")?.and_then(Ending::from_word),
        missed: row.col::<i64>("missed")? != 0,
        duration_s: seconds(row.col("duration_s")?),
        phone: row.col("phone")?,
        decision: read_decision(row.col("decision")?),
        error_code: seconds(row.col("error_code")?),
        actor: row.col("actor")?,
        texted_back: row.col::<i64>("texted_back")? != 0,
        blocked: row.col::<i64>("blocked")? != 0,
        arrival: Arrival::from_word(row.col("arrival")?),
        at: row.at("at")?,
        legs: Vec::new(),
    })
}

/// One that a later release wrote may say more than is understood here.
fn read_decision(json: Option<&str>) -> Option<Decision> {
    serde_json::from_str(json?).ok()
}

/// Records what happened to a call in the running transaction; nothing, where it is one of ours that
/// nobody knows.
fn happen(db: &Db, which: &Which, what: &Happening, at: Moment) -> Result<(), StoreError> {
    let mut known: Option<Uuid> =
        db.first("SELECT id FROM calls WHERE provider_sid = $1", &[&which.sid], |row| row.get(0))?;
    if let (None, Some(ours)) = (known, which.ours) {
        // It rings, so Twilio took it, whatever the answer to our POST may still say.
        known = db.first(
            "UPDATE calls SET provider_sid = $2 WHERE id = $1 AND provider_sid IS NULL AND direction = 'out'
             RETURNING id",
            &[&ours.uuid(), &which.sid],
            |row| row.get(0),
        )?;
    }
    let id = match known {
        Some(known) => known,
        None if which.outgoing => return Ok(()),
        None => {
            let line = line_for(db, &which.line, at)?;
            let conversation = conversation_for(db, line, &which.customer, at)?;
            db.run(
                "INSERT INTO calls (id, conversation_id, direction, provider_sid, status, rank, at, source, arrival)
                 VALUES ($1, $2, 'in', $3, 'ringing', 0, $4, $5, $6)",
                &[
                    &which.id.uuid(),
                    &conversation,
                    &which.sid,
                    &at.0,
                    &which.arrival.source(),
                    &which.arrival.word(),
                ],
            )?;
            repaired(db, &which.sid, which.arrival, at)?;
            // A recording of it may have been told of first.
            message_of(db, &which.sid)?;
            // Whoever is refused does not push in front of others.
            let refused = what.decision.as_ref().is_some_and(|decision| decision.plan == Plan::Reject);
            if !refused {
                db.run(
                    "UPDATE conversations SET last_at = max(last_at, $2) WHERE id = $1",
                    &[&conversation, &at.0],
                )?;
            }
            which.id.uuid()
        }
    };
    let status = what.status.as_deref().unwrap_or("");
    let decision = what.decision.as_ref().and_then(|decision| serde_json::to_string(decision).ok());
    db.run(
        "UPDATE calls SET status = CASE WHEN $3 > rank THEN $2 ELSE status END, rank = max(rank, $3),
             decision = coalesce(decision, $4),
             bridged = CASE WHEN $5 IS NULL THEN bridged ELSE max(coalesce(bridged, 0), $5) END,
             greeted = max(greeted, $6),
             message_s = CASE WHEN $7 IS NULL THEN message_s ELSE max(coalesce(message_s, 0), $7) END
         WHERE id = $1",
        &[&id, &status, &rank(status), &decision, &what.bridged, &what.greeted, &what.message_s],
    )?;
    if let Some(recording) = &what.recording {
        note(db, recording)?;
    }
    if let Some(talked_s) = what.talked_s {
        db.run("UPDATE calls SET duration_s = $2 WHERE id = $1", &[&id, &talked_s])?;
    }
    conclude(db, id, at)
}

/// Records what happened to a phone that was rung.
fn leg_happens(db: &Db, leg: &LegHappening, at: Moment) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO call_legs (provider_sid, parent_sid, number, status, rank, screened, duration_s, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (provider_sid) DO UPDATE SET
             number = CASE WHEN number = '' THEN excluded.number ELSE number END,
             status = CASE WHEN excluded.rank > rank THEN excluded.status ELSE status END,
             rank = max(rank, excluded.rank), screened = coalesce(screened, excluded.screened),
             duration_s = coalesce(excluded.duration_s, duration_s)",
        &[
            &leg.sid,
            &leg.parent_sid,
            &leg.number,
            &leg.status,
            &rank(&leg.status),
            &leg.screened.map(Screened::word),
            &leg.duration_s,
            &at.0,
        ],
    )?;
    let call: Option<Uuid> =
        db.first("SELECT id FROM calls WHERE provider_sid = $1", &[&leg.parent_sid], |row| row.get(0))?;
    call.map_or(Ok(()), |call| conclude(db, call, at))
}

/// What a call's row says before something is concluded from it.
struct Known {
    conversation: Uuid,
    facts: Facts,
    ending: Option<Ending>,
    missed: bool,
    sid: Option<String>,
    duration_s: Option<u32>,
    at: i64,
    /// Whether it is of before Ringdesk: nobody waits, and it is no news.
    history: bool,
}

/// A recording of a call became known: of a caller's message it is a fact about the call.
pub(crate) fn recorded(db: &Db, call_sid: &str, at: Moment) -> Result<(), StoreError> {
    let call = message_of(db, call_sid)?;
    call.map_or(Ok(()), |call| conclude(db, call, at))
}

/// Takes over how long a message the recordings of a call tell of; the call, where there is one.
fn message_of(db: &Db, call_sid: &str) -> Result<Option<Uuid>, StoreError> {
    db.first(
        "UPDATE calls SET message_s = max(coalesce(message_s, 0), (
             SELECT max(coalesce(r.duration_s, 0)) FROM recordings r
             WHERE r.call_sid = calls.provider_sid AND (r.tagged = 1 OR r.source = 'RecordVerb')))
         WHERE provider_sid = $1 AND direction = 'in' AND EXISTS (
             SELECT 1 FROM recordings r
             WHERE r.call_sid = calls.provider_sid AND (r.tagged = 1 OR r.source = 'RecordVerb'))
         RETURNING id",
        &[&call_sid],
        |row| row.get(0),
    )
}

/// Draws the conclusion from everything that is known of a call, and tells of it.
fn conclude(db: &Db, id: Uuid, at: Moment) -> Result<(), StoreError> {
    let known = db.first(
        "SELECT conversation_id, direction, status, decision, bridged, greeted, message_s, ending, missed,
             provider_sid, duration_s, at, arrival
         FROM calls WHERE id = $1",
        &[&id],
        |row| {
            Ok(Known {
                conversation: row.get(0)?,
                facts: Facts {
                    incoming: row.get::<_, String>(1)? == "in",
                    status: row.get(2)?,
                    plan: read_decision(row.get::<_, Option<String>>(3)?.as_deref()).map(|d| d.plan),
                    bridged: row.get(4)?,
                    greeted: row.get(5)?,
                    message_s: row.get(6)?,
                    legs: Vec::new(),
                },
                ending: row.get::<_, Option<String>>(7)?.as_deref().and_then(Ending::from_word),
                missed: row.get(8)?,
                sid: row.get(9)?,
                duration_s: row.get(10)?,
                at: row.get(11)?,
                history: row.get::<_, String>(12)? == Arrival::History.word(),
            })
        },
    )?;
    let Some(mut known) = known else { return Ok(()) };
    let legs = db.all(
        "SELECT number, status, screened, duration_s FROM call_legs WHERE parent_sid = $1 ORDER BY seq",
        &[&known.sid],
        |row| {
            let screened: Option<String> = row.get(2)?;
            let leg =
                Leg { status: row.get(1)?, screened: screened.as_deref().and_then(Screened::from_word) };
            Ok(LegRow { number: row.get(0)?, leg, duration_s: row.get(3)? })
        },
    )?;
    known.facts.legs = legs.iter().map(|leg| leg.leg.clone()).collect();
    let now = ending(&known.facts);
    let missed = known.facts.incoming && now.is_some_and(Ending::is_missed);
    // Whoever took it: the one that pressed 1, or else the one that was there longest.
    let taken = (now == Some(Ending::Answered)).then(|| {
        let picked = legs.iter().filter(|leg| leg.leg.picked_up());
        picked.max_by_key(|leg| (leg.leg.screened == Some(Screened::Accepted), leg.duration_s))
    });
    let taken = taken.flatten();
    let duration_s = match now {
        Some(Ending::Answered) => known.duration_s.or_else(|| taken.and_then(|leg| leg.duration_s)),
        Some(Ending::Voicemail) => known.facts.message_s,
        _ => None,
    };
    let phone = taken.filter(|_| known.facts.incoming).map(|leg| leg.number.as_str());
    let over = is_over(&known.facts.status);
    let recheck = (!over).then(|| at.plus_ms(QUIET_MS).0);
    db.run(
        "UPDATE calls SET ending = $2, missed = $3, duration_s = $4, phone = coalesce($5, phone), recheck_at = $6
         WHERE id = $1",
        &[&id, &now.map(Ending::word), &missed, &duration_s, &phone, &recheck],
    )?;
    if let (Some(Ending::Voicemail), Some(seconds)) = (now, known.facts.message_s) {
        attach(db, id, known.sid.as_deref(), seconds, known.at, at)?;
    }
    let put_away: Option<i64> = db
        .first("SELECT done_at FROM conversations WHERE id = $1", &[&known.conversation], |row| row.get(0))?
        .flatten();
    if missed != known.missed && !known.history {
        db.run(
            "UPDATE conversations SET unread = max(0, unread + $2),
                 waiting_since = CASE WHEN $2 > 0 AND done_at IS NOT NULL THEN $3 ELSE waiting_since END,
                 done_at = CASE WHEN $2 > 0 THEN NULL ELSE done_at END, last_at = max(last_at, $3)
             WHERE id = $1",
            &[&known.conversation, &(if missed { 1 } else { -1 }), &known.at],
        )?;
    }
    // What was put away before waits from this call on, not from what was seen to long ago.
    if now != known.ending && put_away.is_none() {
        still_waiting(db, known.conversation)?;
    }
    let kind = match () {
        () if known.history => ChangeKind::CallChanged,
        () if missed && !known.missed => ChangeKind::CallMissed,
        // It was told of as one who left nothing.
        () if now == Some(Ending::Voicemail) && known.ending != now => ChangeKind::VoicemailLeft,
        () => ChangeKind::CallChanged,
    };
    db.tell(kind, Some(known.conversation), at)
}

impl Store {
    /// Records what happened to a call, with the request that told of it. The answer is the one that
    /// was given before, if the request came before.
    pub async fn record_call(
        &self,
        which: Which,
        what: Happening,
        at: Moment,
        receipt: Option<Receipt>,
    ) -> Result<Option<Answer>, StoreError> {
        let told = receipt.is_some();
        let recording = what.recording.as_ref().map(|one| one.sid.clone());
        let sids = std::iter::once(which.sid.clone()).chain(recording).collect();
        self.once_unless_erased(sids, receipt, move |db| {
            if told && came_after_all(db, &which.sid)? {
                db.run(
                    "UPDATE calls SET arrival = 'live', source = 'webhook' WHERE provider_sid = $1",
                    &[&which.sid],
                )?;
            }
            happen(db, &which, &what, at)
        })
        .await
    }

    /// Records what happened to a phone that was rung, with the request that told of it.
    pub async fn record_leg(
        &self,
        leg: LegHappening,
        at: Moment,
        receipt: Option<Receipt>,
    ) -> Result<Option<Answer>, StoreError> {
        let sids = vec![leg.sid.clone(), leg.parent_sid.clone()];
        self.once_unless_erased(sids, receipt, move |db| leg_happens(db, &leg, at)).await
    }

    /// Records something unless the request that tells of it was recorded before; its answer, as it was
    /// given then.
    pub(crate) async fn once(
        &self,
        receipt: Option<Receipt>,
        record: impl Fn(&Db) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Option<Answer>, StoreError> {
        self.writer()?
            .write(move |db| {
                if let Some(receipt) = &receipt
                    && let Filed::Before(before) = file(db, receipt, &ReceiptState::Applied)?
                {
                    return Ok(Some(before));
                }
                record(db)?;
                Ok(receipt.as_ref().map(|receipt| receipt.answer.clone()))
            })
            .await
    }

    /// What was decided for a call when it came.
    pub async fn decision(&self, sid: &str) -> Result<Option<Decision>, StoreError> {
        let kept: Option<Option<String>> =
            sqlx::query_scalar("SELECT decision FROM calls WHERE provider_sid = $1")
                .bind(sid)
                .fetch_optional(&self.readers)
                .await?;
        Ok(read_decision(kept.flatten().as_deref()))
    }

    /// Writes a call of ours before it is placed; the one that is being placed to them already, if any.
    pub async fn new_call(&self, new: NewCall) -> Result<CallId, StoreError> {
        self.writer()?
            .write(move |db| {
                let rings: Option<Uuid> = db.first(
                    "SELECT id FROM calls WHERE conversation_id = $1 AND direction = 'out' AND rank < 90 AND at > $2
                     ORDER BY at DESC LIMIT 1",
                    &[&new.conversation.uuid(), &new.at.plus_ms(-60_000).0],
                    |row| row.get(0),
                )?;
                if let Some(rings) = rings {
                    return Ok(rings.into());
                }
                db.run(
                    "INSERT INTO calls (id, conversation_id, direction, status, rank, phone, actor, at, source, recheck_at)
                     VALUES ($1, $2, 'out', 'placing', 0, $3, $4, $5, 'desk', $6)",
                    &[
                        &new.id.uuid(),
                        &new.conversation.uuid(),
                        &new.phone,
                        &new.actor.label(),
                        &new.at.0,
                        &new.at.plus_ms(60_000).0,
                    ],
                )?;
                db.run(
                    "UPDATE conversations SET last_at = max(last_at, $2) WHERE id = $1",
                    &[&new.conversation.uuid(), &new.at.0],
                )?;
                db.tell(ChangeKind::CallChanged, Some(new.conversation.uuid()), new.at)?;
                Ok(new.id)
            })
            .await
    }

    /// Settles a call of ours by what came of placing it. Reports that came earlier are further.
    pub async fn call_placed(&self, id: CallId, placed: CallPlaced, at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                match &placed {
                    CallPlaced::Accepted { provider_sid, status } => db.run(
                        "UPDATE calls SET provider_sid = coalesce(provider_sid, $2),
                             status = CASE WHEN $4 > rank THEN $3 ELSE status END, rank = max(rank, $4)
                         WHERE id = $1",
                        &[&id.uuid(), provider_sid, status, &rank(status)],
                    )?,
                    CallPlaced::Failed { code } => db.run(
                        "UPDATE calls SET status = 'failed', rank = 90, error_code = $2
                         WHERE id = $1 AND provider_sid IS NULL",
                        &[&id.uuid(), code],
                    )?,
                    CallPlaced::Unknown => db.run(
                        "UPDATE calls SET status = 'unknown' WHERE id = $1 AND provider_sid IS NULL",
                        &[&id.uuid()],
                    )?,
                };
                conclude(db, id.uuid(), at)
            })
            .await
    }

    /// Calls nothing was heard of for long.
    pub async fn calls_to_recheck(&self, now: Moment, limit: u32) -> Result<Vec<ToRecheck>, StoreError> {
        let rows = sqlx::query(
            "SELECT k.id, k.provider_sid, l.number, k.phone, k.at FROM calls k
             JOIN conversations c ON c.id = k.conversation_id JOIN lines l ON l.id = c.line_id
             WHERE k.recheck_at <= $1 ORDER BY k.recheck_at LIMIT $2",
        )
        .bind(now.0)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ToRecheck {
                    id: row.id("id")?,
                    provider_sid: row.col("provider_sid")?,
                    line: Address::received(row.col("number")?),
                    phone: row.col("phone")?,
                    at: row.at("at")?,
                })
            })
            .collect()
    }

    /// Which call has this id of Twilio's.
    pub async fn call_with_sid(&self, sid: &str) -> Result<Option<CallId>, StoreError> {
        let id: Option<Uuid> = sqlx::query_scalar("SELECT id FROM calls WHERE provider_sid = $1")
            .bind(sid)
            .fetch_optional(&self.readers)
            .await?;
        Ok(id.map(CallId::from))
    }

    /// Twilio could not be asked about a call: it does not count.
    pub async fn postpone_call(&self, id: CallId, until: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run("UPDATE calls SET recheck_at = $2 WHERE id = $1", &[&id.uuid(), &until.0])?;
                Ok(())
            })
            .await
    }

    /// Nothing more was found out about a call: it is asked about later, and at last left as it is.
    pub async fn recheck_later(&self, id: CallId, now: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run(
                    "UPDATE calls SET rechecks = rechecks + 1,
                         recheck_at = CASE WHEN rechecks >= $3 THEN NULL ELSE $2 + ($4 << rechecks) END
                     WHERE id = $1",
                    &[&id.uuid(), &now.0, &RECHECKS, &QUIET_MS],
                )?;
                Ok(())
            })
            .await
    }

    /// Missed calls about which nothing was decided yet, oldest first.
    pub async fn calls_to_care(&self, limit: u32) -> Result<Vec<ToCare>, StoreError> {
        let rows = sqlx::query(
            "SELECT k.id, k.conversation_id, c.customer, k.ending, k.at FROM calls k
             JOIN conversations c ON c.id = k.conversation_id
             WHERE k.missed = 1 AND k.cared_at IS NULL AND k.arrival <> 'history' ORDER BY k.at LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ToCare {
                    id: row.id("id")?,
                    conversation: row.id("conversation_id")?,
                    customer: Address::received(row.col("customer")?),
                    ending: row.col::<Option<&str>>("ending")?.and_then(Ending::from_word),
                    at: row.at("at")?,
                })
            })
            .collect()
    }

    /// Decides about a missed call, once: texts them back, unless they were since `unless_since`, or
    /// leaves it (`None`).
    pub async fn care(
        &self,
        id: CallId,
        text: Option<NewText>,
        unless_since: Moment,
        now: Moment,
    ) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let customer: Option<String> = db.first(
                    "UPDATE calls SET cared_at = $2 WHERE id = $1 AND cared_at IS NULL AND missed = 1
                     RETURNING (SELECT customer FROM conversations c WHERE c.id = calls.conversation_id)",
                    &[&id.uuid(), &now.0],
                    |row| row.get(0),
                )?;
                let (Some(customer), Some(text)) = (customer, &text) else { return Ok(false) };
                let lately = db.first(
                    "SELECT 1 FROM calls k JOIN conversations c ON c.id = k.conversation_id
                     WHERE c.customer = $1 AND k.text_back IS NOT NULL AND k.cared_at > $2",
                    &[&customer, &unless_since.0],
                    |_| Ok(()),
                )?;
                if lately.is_some() {
                    return Ok(false);
                }
                queue(db, text)?;
                db.run("UPDATE calls SET text_back = $2 WHERE id = $1", &[&id.uuid(), &text.id.uuid()])?;
                db.tell(ChangeKind::CallChanged, Some(text.conversation.uuid()), now)?;
                Ok(true)
            })
            .await
    }

    /// Takes no calls from this caller any more, or takes them again.
    pub async fn set_blocked(
        &self,
        customer: Address,
        blocked: bool,
        actor: Actor,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                if blocked {
                    db.run(
                        "INSERT INTO blocked (customer, actor, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                        &[&customer.as_str(), &actor.label(), &at.0],
                    )?;
                } else {
                    db.run("DELETE FROM blocked WHERE customer = $1", &[&customer.as_str()])?;
                }
                db.tell(ChangeKind::CallChanged, None, at)
            })
            .await
    }

    /// Everybody the owner wants nothing of.
    pub async fn blocked(&self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT customer FROM blocked").fetch_all(&self.readers).await?)
    }

    /// Calls, newest first, those before `before`.
    pub async fn calls(
        &self,
        filter: CallFilter,
        line: Option<LineId>,
        before: Option<(Moment, CallId)>,
        limit: u32,
    ) -> Result<Vec<CallRow>, StoreError> {
        // Only where there is one: the index is sought by it.
        let older = if before.is_some() { "AND (k.at, k.id) < ($2, $3)" } else { "" };
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES}
             WHERE {} AND ($1 IS NULL OR c.line_id = $1) {older} ORDER BY k.at DESC, k.id DESC LIMIT $4",
            filter.sql()
        );
        let (at, id) = before.unzip();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(line.map(LineId::uuid))
            .bind(at.map(|at| at.0))
            .bind(id.map(CallId::uuid))
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        self.with_legs(rows.iter().map(call).collect::<Result<_, _>>()?).await
    }

    /// Whether the customer of a conversation has ever called.
    pub async fn has_called(&self, id: ConversationId) -> Result<bool, StoreError> {
        let called = sqlx::query_scalar::<_, i64>(
            "SELECT EXISTS (SELECT 1 FROM calls WHERE conversation_id = $1 AND direction = 'in')",
        );
        Ok(called.bind(id.uuid()).fetch_one(&self.readers).await? != 0)
    }

    /// One call.
    pub async fn call(&self, id: CallId) -> Result<Option<CallRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE k.id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.uuid()).fetch_optional(&self.readers).await?;
        let found = row.as_ref().map(call).transpose()?;
        Ok(self.with_legs(found.into_iter().collect()).await?.pop())
    }

    /// The newest calls of a customer, on all our lines.
    pub async fn calls_of(&self, customer: &Address, limit: u32) -> Result<Vec<CallRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE c.customer = $1 ORDER BY k.at DESC, k.id DESC LIMIT $2"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(customer.as_str())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        self.with_legs(rows.iter().map(call).collect::<Result<_, _>>()?).await
    }

    /// When the oldest of the `limit` newest calls of a conversation before a moment began, where there are more
    /// before it.
    pub async fn calls_reach(
        &self,
        conversation: ConversationId,
        until: Moment,
        limit: u32,
    ) -> Result<Option<Moment>, StoreError> {
        let began: Vec<i64> = sqlx::query_scalar(
            "SELECT at FROM calls WHERE conversation_id = $1 AND at < $2 ORDER BY at DESC LIMIT 2 OFFSET $3",
        )
        .bind(conversation.uuid())
        .bind(until.0)
        .bind(i64::from(limit) - 1)
        .fetch_all(&self.readers)
        .await?;
        Ok(match began[..] {
            [at, _] => Some(Moment(at)),
            _ => None,
        })
    }

    /// The calls of a conversation from one moment until before another, oldest first, each with what was
    /// left in it.
    pub async fn calls_in(
        &self,
        conversation: ConversationId,
        from: Moment,
        until: Moment,
    ) -> Result<Vec<(CallRow, Vec<VoicemailRow>)>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES}
             WHERE k.conversation_id = $1 AND k.at >= $2 AND k.at < $3 ORDER BY k.at, k.id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(conversation.uuid())
            .bind(from.0)
            .bind(until.0)
            .fetch_all(&self.readers)
            .await?;
        let calls: Vec<CallRow> = rows.iter().map(call).collect::<Result<_, _>>()?;
        let recorded: Vec<CallId> =
            calls.iter().filter(|call| call.ending == Some(Ending::Voicemail)).map(|call| call.id).collect();
        let mut left = self.voicemails_of(&recorded).await?;
        let calls = self.with_legs(calls).await?;
        Ok(calls
            .into_iter()
            .map(|call| {
                let (own, rest) = std::mem::take(&mut left).into_iter().partition(|one| one.call == call.id);
                left = rest;
                (call, own)
            })
            .collect())
    }

    /// The same calls with the phones that were rung for them.
    async fn with_legs(&self, mut calls: Vec<CallRow>) -> Result<Vec<CallRow>, StoreError> {
        let sids: Vec<&str> = calls.iter().filter_map(|call| call.provider_sid.as_deref()).collect();
        if sids.is_empty() {
            return Ok(calls);
        }
        let rows = sqlx::query(
            "SELECT parent_sid, number, status, screened, duration_s FROM call_legs
             WHERE parent_sid IN (SELECT value FROM json_each($1)) ORDER BY seq",
        )
        .bind(serde_json::to_string(&sids).unwrap_or_default())
        .fetch_all(&self.readers)
        .await?;
        for row in &rows {
            let parent: &str = row.col("parent_sid")?;
            let screened = row.col::<Option<&str>>("screened")?.and_then(Screened::from_word);
            let leg = LegRow {
                number: row.col("number")?,
                leg: Leg { status: row.col("status")?, screened },
                duration_s: seconds(row.col("duration_s")?),
            };
            if let Some(call) = calls.iter_mut().find(|call| call.provider_sid.as_deref() == Some(parent)) {
                call.legs.push(leg);
            }
        }
        Ok(calls)
    }
}
