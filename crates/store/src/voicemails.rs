//! Messages callers left, as the owner reads, hears and deletes them.

use crate::{Store, StoreError, db::Db, row::Columns, search::fts_query};
use ringdesk_domain::{
    Actor, Address, Arrival, CallId, ChangeKind, ConversationId, Engine, LineId, Moment, VoicemailId,
    voicemail::{Word, WritingProblem, counts_as_heard},
};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// A voicemail.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is seen on the screen by itself")]
pub struct VoicemailRow {
    /// Our id.
    pub id: VoicemailId,
    /// The call it was left in.
    pub call: CallId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// Our line in it.
    pub line: LineId,
    /// Its number.
    pub line_number: Address,
    /// What the owner calls it.
    pub line_name: String,
    /// Who left it.
    pub customer: Address,
    /// Their name, where the owner gave one.
    pub name: Option<String>,
    /// When they called.
    pub at: Moment,
    /// How the call reached us.
    pub arrival: Arrival,
    /// Its length in seconds, as Twilio says.
    pub duration_s: Option<u32>,
    /// Its length in milliseconds, as it was measured.
    pub length_ms: Option<u64>,
    /// Who heard it, once somebody did.
    pub heard: Option<String>,
    /// Where listening stopped, in milliseconds.
    pub position_ms: u64,
    /// Where its file stands.
    pub audio: AudioState,
    /// Why the file is not here, or what is odd about it.
    pub audio_problem: Option<String>,
    /// The file's type.
    pub content_type: Option<String>,
    /// The file's name in the media folder.
    pub sha256: Option<String>,
    /// The waveform, 200 bytes.
    pub peaks: Vec<u8>,
    /// What was written down of it, if anybody shall.
    pub written: Option<TranscriptRow>,
    /// Whether they wait for an answer.
    pub waiting: bool,
    /// Whether a call of ours reached them since.
    pub called_back: bool,
    /// Whether it is kept whatever the settings say.
    pub held: bool,
    /// Where the email of it stands, and what is wrong with it.
    pub email: Option<(EmailState, Option<String>)>,
}

/// Where the file of a voicemail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioState {
    /// To be fetched, now or later.
    Wanted,
    /// Here.
    Kept,
    /// Not kept on purpose.
    Refused,
    /// Could not be had.
    Gone,
    /// Deleted by age.
    Deleted,
}

/// Where the email of a voicemail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailState {
    /// It will be sent.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It could not be sent.
    Failed,
}

/// What was written down of a voicemail.
#[derive(Debug, Clone)]
pub struct TranscriptRow {
    /// By whom.
    pub engine: Engine,
    /// Whether somebody still writes.
    pub writing: bool,
    /// Whether nothing was said.
    pub no_speech: bool,
    /// Why there is nothing.
    pub problem: Option<WritingProblem>,
    /// What was said.
    pub said: Option<String>,
    /// Each word with its time.
    pub words: Vec<Word>,
    /// The owner's own words instead.
    pub edited: Option<String>,
}

/// Which voicemails a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VoicemailFilter {
    /// Every one.
    #[default]
    All,
    /// Nobody listened yet.
    Unheard,
    /// Whoever left it waits for an answer.
    Waiting,
}

impl VoicemailFilter {
    const fn sql(self) -> &'static str {
        match self {
            Self::All => "v.removed_at IS NULL",
            Self::Unheard => "v.removed_at IS NULL AND v.heard_at IS NULL",
            Self::Waiting => {
                "v.removed_at IS NULL AND c.waiting_since IS NOT NULL AND c.done_at IS NULL
                 AND v.at >= c.waiting_since"
            }
        }
    }
}

/// What is looked for in a list of voicemails.
#[derive(Debug, Clone, Default)]
pub struct VoicemailsWanted {
    /// Which.
    pub filter: VoicemailFilter,
    /// On one line only.
    pub line: Option<LineId>,
    /// Those that hold all words, or whose caller's name or number fits.
    pub search: Option<String>,
    /// Those before this one.
    pub before: Option<(Moment, VoicemailId)>,
    /// At most.
    pub limit: u32,
}

/// What the badges count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VoicemailCounts {
    /// All.
    pub total: u32,
    /// Nobody listened yet.
    pub unheard: u32,
    /// Whoever left it waits for an answer.
    pub waiting: u32,
}

const COLUMNS: &str = "v.id, v.call_id, k.conversation_id, c.line_id, l.number AS line_number, l.name AS line_name, c.customer,
    nullif(p.name, '') AS name, v.at, k.arrival, v.duration_s, v.heard_at IS NOT NULL AS heard, v.heard_by, v.position_ms,
    r.state AS audio, r.problem AS audio_problem, r.content_type, r.sha256, r.length_ms, r.peaks,
    t.engine, t.state AS writing, t.problem AS writing_problem, t.said, t.words, t.edited,
    c.waiting_since IS NOT NULL AND c.done_at IS NULL AND v.at >= c.waiting_since AS waiting,
    EXISTS (SELECT 1 FROM calls o WHERE o.conversation_id = c.id AND o.direction = 'out' AND o.ending = 'answered'
            AND o.at > v.at) AS called_back,
    c.held_at IS NOT NULL AS held, m.state AS email, m.problem AS email_problem";
const TABLES: &str =
    "voicemails v JOIN calls k ON k.id = v.call_id JOIN conversations c ON c.id = k.conversation_id
    JOIN lines l ON l.id = c.line_id LEFT JOIN recordings r ON r.id = v.recording_id
    LEFT JOIN transcripts t ON t.recording_sid = r.provider_sid LEFT JOIN letters m ON m.voicemail_id = v.id
    LEFT JOIN contact_numbers n ON n.number = c.customer LEFT JOIN contacts p ON p.id = n.contact_id";

fn voicemail(row: &SqliteRow) -> Result<VoicemailRow, StoreError> {
    let written = match row.col::<Option<&str>>("engine")? {
        Some(engine) => {
            let state: &str = row.col("writing")?;
            let words = row.col::<Option<&str>>("words")?;
            Some(TranscriptRow {
                engine: Engine::from_word(engine),
                writing: matches!(state, "wanted" | "writing"),
                no_speech: state == "no_speech",
                problem: row.col::<Option<&str>>("writing_problem")?.and_then(WritingProblem::from_word),
                said: row.col("said")?,
                words: words.and_then(|words| serde_json::from_str(words).ok()).unwrap_or_default(),
                edited: row.col("edited")?,
            })
        }
        None => None,
    };
    let email = match row.col::<Option<&str>>("email")? {
        Some(state) => {
            let state = match state {
                "sent" => EmailState::Sent,
                "failed" => EmailState::Failed,
                _ => EmailState::Waiting,
            };
            Some((state, row.col("email_problem")?))
        }
        None => None,
    };
    let heard = row.col::<i64>("heard")? != 0;
    let number = |name| row.col::<Option<i64>>(name).map(|n| n.and_then(|n| u64::try_from(n).ok()));
    Ok(VoicemailRow {
        id: row.id("id")?,
        call: row.id("call_id")?,
        conversation: row.id("conversation_id")?,
        line: row.id("line_id")?,
        line_number: Address::received(row.col("line_number")?),
        line_name: row.col("line_name")?,
        customer: Address::received(row.col("customer")?),
        name: row.col("name")?,
        at: row.at("at")?,
        arrival: Arrival::from_word(row.col("arrival")?),
        duration_s: number("duration_s")?.and_then(|s| u32::try_from(s).ok()),
        length_ms: number("length_ms")?,
        heard: heard
            .then(|| row.col::<Option<String>>("heard_by"))
            .transpose()?
            .map(Option::unwrap_or_default),
        position_ms: number("position_ms")?.unwrap_or(0),
        audio: match row.col::<Option<&str>>("audio")? {
            Some("kept") => AudioState::Kept,
            Some("refused") => AudioState::Refused,
            Some("gone") => AudioState::Gone,
            Some("deleted") => AudioState::Deleted,
            _ => AudioState::Wanted,
        },
        audio_problem: row.col("audio_problem")?,
        content_type: row.col("content_type")?,
        sha256: row.col("sha256")?,
        peaks: row.col::<Option<Vec<u8>>>("peaks")?.unwrap_or_default(),
        written,
        waiting: row.col::<i64>("waiting")? != 0,
        called_back: row.col::<i64>("called_back")? != 0,
        held: row.col::<i64>("held")? != 0,
        email,
    })
}

/// Tells that a voicemail changed.
pub(crate) fn changed(db: &Db, id: VoicemailId, at: Moment) -> Result<(), StoreError> {
    let conversation: Option<Uuid> = db.first(
        "SELECT k.conversation_id FROM voicemails v JOIN calls k ON k.id = v.call_id WHERE v.id = $1",
        &[&id.uuid()],
        |row| row.get(0),
    )?;
    conversation.map_or(Ok(()), |conversation| db.tell(ChangeKind::VoicemailChanged, Some(conversation), at))
}

impl Store {
    /// Voicemails, newest first.
    pub async fn voicemails(&self, wanted: VoicemailsWanted) -> Result<Vec<VoicemailRow>, StoreError> {
        let older = if wanted.before.is_some() { "AND (v.at, v.id) < ($2, $3)" } else { "" };
        let words = wanted.search.as_deref().map(str::trim).filter(|words| !words.is_empty());
        let query = words.and_then(fts_query);
        // A number is typed in many ways: its digits count.
        let digits: String = words.unwrap_or("").chars().filter(char::is_ascii_digit).collect();
        let digits = (digits.len() >= 3).then(|| format!("%{digits}%"));
        let fits = match words {
            Some(_) => {
                "AND (v.seq IN (SELECT rowid FROM transcript_search WHERE transcript_search MATCH $5)
                  OR p.seq IN (SELECT rowid FROM name_search WHERE name_search MATCH $5) OR c.customer LIKE $6)"
            }
            None => "",
        };
        if words.is_some() && query.is_none() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE {} AND ($1 IS NULL OR c.line_id = $1) {older} {fits}
             ORDER BY v.at DESC, v.id DESC LIMIT $4",
            wanted.filter.sql()
        );
        let (at, id) = wanted.before.unzip();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(wanted.line.map(LineId::uuid))
            .bind(at.map(|at| at.0))
            .bind(id.map(VoicemailId::uuid))
            .bind(i64::from(wanted.limit))
            .bind(query)
            .bind(digits)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(voicemail).collect()
    }

    /// One voicemail, also a deleted one.
    pub async fn voicemail(&self, id: VoicemailId) -> Result<Option<VoicemailRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE v.id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.uuid()).fetch_optional(&self.readers).await?;
        row.as_ref().map(voicemail).transpose()
    }

    /// The voicemails left in some calls.
    pub(crate) async fn voicemails_of(&self, calls: &[CallId]) -> Result<Vec<VoicemailRow>, StoreError> {
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = calls.iter().map(|call| call.uuid().simple().to_string()).collect();
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES}
             WHERE v.removed_at IS NULL AND v.call_id IN (SELECT unhex(value) FROM json_each($1))
             ORDER BY v.at, v.id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(serde_json::to_string(&ids).unwrap_or_default())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(voicemail).collect()
    }

    /// How many voicemails there are.
    pub async fn voicemail_counts(&self) -> Result<VoicemailCounts, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) AS total, count(*) FILTER (WHERE v.heard_at IS NULL) AS unheard,
                 count(*) FILTER (WHERE c.waiting_since IS NOT NULL AND c.done_at IS NULL
                                  AND v.at >= c.waiting_since) AS waiting
             FROM voicemails v JOIN calls k ON k.id = v.call_id JOIN conversations c ON c.id = k.conversation_id
             WHERE v.removed_at IS NULL",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(VoicemailCounts {
            total: row.count("total")?,
            unheard: row.count("unheard")?,
            waiting: row.count("waiting")?,
        })
    }

    /// Somebody heard a voicemail, or wants it to count as not heard.
    pub async fn mark_heard(
        &self,
        id: VoicemailId,
        by: Option<Actor>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let heard_at = by.as_ref().map(|_| now.0);
                let marked = db.run(
                    "UPDATE voicemails SET heard_at = $2, heard_by = $3,
                         position_ms = CASE WHEN $2 IS NULL THEN 0 ELSE position_ms END
                     WHERE id = $1",
                    &[&id.uuid(), &heard_at, &by.as_ref().map(Actor::label)],
                )?;
                changed(db, id, now)?;
                Ok(marked > 0)
            })
            .await
    }

    /// How far somebody listened: where they are, and how much of it they heard since they began.
    pub async fn listened(
        &self,
        id: VoicemailId,
        position_ms: u64,
        played_ms: u64,
        by: Actor,
        now: Moment,
    ) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let length: Option<Option<i64>> = db.first(
                    "SELECT coalesce(r.length_ms, v.duration_s * 1000) FROM voicemails v
                     LEFT JOIN recordings r ON r.id = v.recording_id WHERE v.id = $1",
                    &[&id.uuid()],
                    |row| row.get(0),
                )?;
                let Some(length) = length else { return Ok(false) };
                let length = length.and_then(|ms| u64::try_from(ms).ok());
                let position = position_ms.min(length.unwrap_or(u64::MAX));
                db.run(
                    "UPDATE voicemails SET position_ms = $2 WHERE id = $1",
                    &[&id.uuid(), &i64::try_from(position).unwrap_or(i64::MAX)],
                )?;
                if counts_as_heard(played_ms, length) {
                    let fresh = db.run(
                        "UPDATE voicemails SET heard_at = $2, heard_by = $3 WHERE id = $1 AND heard_at IS NULL",
                        &[&id.uuid(), &now.0, &by.label()],
                    )?;
                    if fresh > 0 {
                        changed(db, id, now)?;
                    }
                }
                Ok(true)
            })
            .await
    }

    /// Deletes a voicemail, or takes that back.
    pub async fn remove_voicemail(
        &self,
        id: VoicemailId,
        removed: bool,
        now: Moment,
    ) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let found = db.run(
                    "UPDATE voicemails SET removed_at = $2 WHERE id = $1",
                    &[&id.uuid(), &removed.then_some(now.0)],
                )?;
                changed(db, id, now)?;
                Ok(found > 0)
            })
            .await
    }
}
