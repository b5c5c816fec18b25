//! What Twilio recorded: told of by callbacks in any order, fetched once, kept as a file.

use crate::{Answer, Kept, Receipt, Store, StoreError, calls, db::Db};
use ringdesk_domain::{ChangeKind, Engine, Moment, RecordingId, VoicemailId, voicemail};
use uuid::Uuid;

/// After this long Twilio is asked for what it should have written down, in milliseconds.
const TWILIO_WRITES_MS: i64 = 5 * 60_000;
/// And by then it has written it down, or never will.
const WRITTEN_BY_THEN_MS: i64 = 60 * 60_000;

/// Something that is known of a recording.
#[derive(Debug, Clone)]
pub struct RecordingFact {
    /// Our id for it, if it is new.
    pub id: RecordingId,
    /// Twilio's id.
    pub sid: String,
    /// Twilio's id of the call.
    pub call_sid: String,
    /// Whether a document of ours asked for it as a message.
    pub tagged: bool,
    /// What made it: Twilio's word, empty where it is not told.
    pub source: String,
    /// Twilio's status word.
    pub status: String,
    /// Seconds.
    pub duration_s: Option<u32>,
    /// Why there is none.
    pub error_code: Option<u32>,
    /// When it began, or was told of.
    pub at: Moment,
    /// When the file is worth asking for.
    pub due_at: Moment,
    /// Who writes a message down.
    pub engine: Engine,
    /// Why nobody can, where that is known beforehand.
    pub unwritten: Option<voicemail::WritingProblem>,
    /// Whether a message is sent to the owner by email.
    pub emailed: bool,
}

/// A recording claimed to be fetched.
#[derive(Debug, Clone)]
pub struct RecordingFetch {
    /// Our id.
    pub id: RecordingId,
    /// Twilio's id.
    pub sid: String,
    /// Seconds, as Twilio says.
    pub duration_s: Option<u32>,
    /// Tries so far, this one included.
    pub tries: u32,
    /// When it was recorded.
    pub since: Moment,
}

/// What the file of a recording holds.
#[derive(Debug, Clone)]
pub struct Audio {
    /// The file.
    pub file: Kept,
    /// Its length.
    pub length_ms: u64,
    /// 200 bytes, one for each part of the waveform.
    pub peaks: Vec<u8>,
    /// Whether nothing is to be heard.
    pub silent: bool,
    /// What is odd about it, for people.
    pub problem: Option<String>,
}

/// Why there is no file of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAudio {
    /// Not kept on purpose.
    Refused,
    /// It could not be had.
    Gone,
}

/// Records a fact about a recording; what is known already stays.
pub(crate) fn note(db: &Db, fact: &RecordingFact) -> Result<(), StoreError> {
    let gone = matches!(fact.status.as_str(), "absent" | "failed");
    let (state, due) = if gone { ("gone", None) } else { ("wanted", Some(fact.due_at.0)) };
    db.run(
        "INSERT INTO recordings (id, provider_sid, call_sid, tagged, source, status, duration_s, error_code, at,
             engine, emailed, state, due_at, problem)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (provider_sid) DO UPDATE SET
             tagged = max(tagged, excluded.tagged),
             source = CASE WHEN source = '' THEN excluded.source ELSE source END,
             status = CASE WHEN status IN ('completed', 'absent', 'failed') THEN status ELSE excluded.status END,
             duration_s = coalesce(excluded.duration_s, duration_s),
             error_code = coalesce(excluded.error_code, error_code),
             state = CASE WHEN state = 'wanted' AND excluded.state = 'gone' THEN 'gone' ELSE state END,
             due_at = CASE WHEN state = 'wanted' AND excluded.state <> 'gone'
                           THEN min(due_at, excluded.due_at) ELSE due_at END,
             problem = coalesce(problem, excluded.problem)",
        &[
            &fact.id.uuid(),
            &fact.sid,
            &fact.call_sid,
            &fact.tagged,
            &fact.source,
            &fact.status,
            &fact.duration_s,
            &fact.error_code,
            &fact.at.0,
            &fact.engine.word(),
            &fact.emailed,
            &state,
            &due,
            &gone.then_some("Twilio recorded nothing."),
        ],
    )?;
    db.run(
        "UPDATE transcripts SET state = 'unavailable', problem = 'no_audio', due_at = NULL
         WHERE recording_sid = $1 AND state IN ('wanted', 'writing')
           AND EXISTS (SELECT 1 FROM recordings WHERE provider_sid = $1 AND status IN ('absent', 'failed'))",
        &[&fact.sid],
    )?;
    // A note of its own, so that it is the same whichever comes first: the recording or what was said.
    if let (Engine::Twilio | Engine::Command, Some(problem)) = (fact.engine, fact.unwritten) {
        db.run(
            "INSERT INTO transcripts (recording_sid, engine, state, problem) VALUES ($1, $2, 'unavailable', $3)
             ON CONFLICT DO NOTHING",
            &[&fact.sid, &fact.engine.word(), &problem.word()],
        )?;
    }
    Ok(())
}

/// A recording of a call, as its conclusion needs it.
struct Of {
    id: Uuid,
    sid: String,
    duration_s: Option<u32>,
    engine: Engine,
    emailed: bool,
    state: String,
    silent: bool,
}

/// Makes voicemails of what was recorded of a caller: what a document of ours asked for as a message, or
/// Twilio made by `<Record>`. Anything else is a recording of a call. `call` is our id, `at` when they called, `now` when
/// this became known.
pub(crate) fn attach(
    db: &Db,
    call: Uuid,
    call_sid: Option<&str>,
    seconds: u32,
    at: i64,
    now: Moment,
) -> Result<(), StoreError> {
    let found = db.all(
        "SELECT id, provider_sid, duration_s, engine, emailed, state, silent FROM recordings
         WHERE call_sid = $1 AND (tagged = 1 OR source = 'RecordVerb') AND coalesce(duration_s, $2) >= $2
           AND status NOT IN ('absent', 'failed')
         ORDER BY at, id",
        &[&call_sid, &ringdesk_domain::calls::SHORTEST_MESSAGE_S],
        |row| {
            Ok(Of {
                id: row.get(0)?,
                sid: row.get(1)?,
                duration_s: row.get(2)?,
                engine: Engine::from_word(&row.get::<_, String>(3)?),
                emailed: row.get(4)?,
                state: row.get(5)?,
                silent: row.get(6)?,
            })
        },
    )?;
    if found.is_empty() {
        let known: Option<Uuid> =
            db.first("SELECT id FROM voicemails WHERE call_id = $1", &[&call], |row| row.get(0))?;
        if known.is_none() {
            insert(db, call, None, seconds, at)?;
        }
        return Ok(());
    }
    // What was deleted stays deleted, whatever is told of it late.
    for recording in found.into_iter().filter(|recording| recording.state != "deleted") {
        let seconds = recording.duration_s.unwrap_or(seconds);
        let known = db.run(
            "UPDATE voicemails SET duration_s = $2 WHERE recording_id = $1",
            &[&recording.id, &seconds],
        )?;
        if known > 0 {
            continue;
        }
        let waiting: Option<Uuid> = db.first(
            "UPDATE voicemails SET recording_id = $2, duration_s = $3 WHERE call_id = $1 AND recording_id IS NULL
             RETURNING id",
            &[&call, &recording.id, &seconds],
            |row| row.get(0),
        )?;
        let id = match waiting {
            Some(id) => id,
            None => insert(db, call, Some(recording.id), seconds, at)?,
        };
        if recording.engine != Engine::Off {
            let twilio = recording.engine == Engine::Twilio;
            let (state, due) = match () {
                () if recording.silent => ("no_speech", None),
                () if twilio => ("writing", Some(now.plus_ms(TWILIO_WRITES_MS).0)),
                () => ("wanted", (recording.state == "kept").then_some(now.0)),
            };
            db.run(
                "INSERT INTO transcripts (recording_sid, engine, state, due_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT DO NOTHING",
                &[&recording.sid, &recording.engine.word(), &state, &due],
            )?;
        }
        if recording.emailed {
            db.run(
                "INSERT INTO letters (voicemail_id, state, wanted_at, due_at, tries) VALUES ($1, 'waiting', $2, $2, 0)
                 ON CONFLICT DO NOTHING",
                &[&id, &now.0],
            )?;
        }
        // What was written down before may be looked for from now on.
        super::transcripts::index(db, &recording.sid)?;
    }
    Ok(())
}

fn insert(db: &Db, call: Uuid, recording: Option<Uuid>, seconds: u32, at: i64) -> Result<Uuid, StoreError> {
    let id = VoicemailId::new(Moment(at)).uuid();
    db.run(
        // What was left before Ringdesk was listened to elsewhere.
        "INSERT INTO voicemails (id, call_id, recording_id, duration_s, at, heard_at)
         VALUES ($1, $2, $3, $4, $5, (SELECT k.at FROM calls k WHERE k.id = $2 AND k.arrival = 'history'))",
        &[&id, &call, &recording, &seconds, &at],
    )?;
    Ok(id)
}

/// Tells that a recording changed, where it is somebody's voicemail.
pub(crate) fn tell(db: &Db, sid: &str, kind: ChangeKind, at: Moment) -> Result<(), StoreError> {
    let conversation: Option<Uuid> = db.first(
        "SELECT k.conversation_id FROM recordings r JOIN voicemails v ON v.recording_id = r.id
         JOIN calls k ON k.id = v.call_id WHERE r.provider_sid = $1",
        &[&sid],
        |row| row.get(0),
    )?;
    conversation.map_or(Ok(()), |conversation| db.tell(kind, Some(conversation), at))
}

impl Store {
    /// Records that there is a recording, or how far it is, with the request that told of it.
    pub async fn record_recording(
        &self,
        fact: RecordingFact,
        now: Moment,
        receipt: Option<Receipt>,
    ) -> Result<Option<Answer>, StoreError> {
        let sids = vec![fact.sid.clone(), fact.call_sid.clone()];
        self.once_unless_erased(sids, receipt, move |db| {
            note(db, &fact)?;
            calls::recorded(db, &fact.call_sid, now)?;
            tell(db, &fact.sid, ChangeKind::VoicemailChanged, now)
        })
        .await
    }

    /// Claims a recording that is due to be fetched.
    pub async fn claim_recording(&self, now: Moment) -> Result<Option<RecordingFetch>, StoreError> {
        self.writer()?
            .write(move |db| {
                db.first(
                    "UPDATE recordings SET state = 'fetching', tries = tries + 1
                     WHERE id = (SELECT id FROM recordings WHERE state = 'wanted' AND due_at <= $1
                                 ORDER BY due_at LIMIT 1)
                     RETURNING id, provider_sid, duration_s, tries, at",
                    &[&now.0],
                    |row| {
                        Ok(RecordingFetch {
                            id: row.get::<_, Uuid>(0)?.into(),
                            sid: row.get(1)?,
                            duration_s: row.get(2)?,
                            tries: row.get(3)?,
                            since: Moment(row.get(4)?),
                        })
                    },
                )
            })
            .await
    }

    /// When the next recording is due, if any is.
    pub async fn next_recording_due(&self) -> Result<Option<Moment>, StoreError> {
        let due = sqlx::query_scalar("SELECT min(due_at) FROM recordings WHERE state = 'wanted'");
        Ok(due.fetch_one(&self.readers).await.map(|due: Option<i64>| due.map(Moment))?)
    }

    /// The file is in the media folder, and was looked through. `forget_there`: it goes at Twilio now.
    pub async fn keep_recording(
        &self,
        id: RecordingId,
        audio: Audio,
        forget_there: bool,
        now: Moment,
    ) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let sid: Option<String> = db.first(
                    "UPDATE recordings SET state = 'kept', content_type = $2, bytes = $3, sha256 = $4, length_ms = $5,
                         peaks = $6, silent = $7, problem = $8, due_at = NULL
                     WHERE id = $1 AND state <> 'deleted' RETURNING provider_sid",
                    &[
                        &id.uuid(),
                        &audio.file.content_type,
                        &i64::try_from(audio.file.bytes).unwrap_or(i64::MAX),
                        &audio.file.sha256,
                        &i64::try_from(audio.length_ms).unwrap_or(i64::MAX),
                        &audio.peaks,
                        &audio.silent,
                        &audio.problem,
                    ],
                    |row| row.get(0),
                )?;
                let Some(sid) = sid else { return Ok(()) };
                db.run(
                    "UPDATE transcripts SET
                         state = CASE WHEN $2 THEN 'no_speech' WHEN state = 'unavailable' THEN 'wanted' ELSE state END,
                         problem = NULL,
                         due_at = CASE WHEN $2 THEN NULL WHEN state <> 'writing' THEN $3 ELSE due_at END
                     WHERE recording_sid = $1 AND engine <> 'off'
                       AND (state IN ('wanted', 'writing') OR (state = 'unavailable' AND problem = 'no_audio'))",
                    &[&sid, &audio.silent, &now.0],
                )?;
                let held = db.first(
                    "SELECT 1 FROM recordings r JOIN calls k ON k.provider_sid = r.call_sid
                     JOIN conversations c ON c.id = k.conversation_id
                     WHERE r.provider_sid = $1 AND c.held_at IS NOT NULL",
                    &[&sid],
                    |_| Ok(()),
                )?;
                if forget_there && held.is_none() {
                    // Of what is deleted there Twilio writes nothing down (its warning 13618).
                    let writes = db.first(
                        "SELECT 1 FROM transcripts WHERE recording_sid = $1 AND engine = 'twilio'
                           AND state IN ('wanted', 'writing')",
                        &[&sid],
                        |_| Ok(()),
                    )?;
                    let due = if writes.is_some() { now.plus_ms(WRITTEN_BY_THEN_MS) } else { now };
                    super::keep::forget_at_twilio(db, &sid, due)?;
                }
                tell(db, &sid, ChangeKind::VoicemailChanged, now)
            })
            .await
    }

    /// The file could not be had now.
    pub async fn retry_recording(&self, id: RecordingId, due_at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run(
                    "UPDATE recordings SET state = 'wanted', due_at = $2 WHERE id = $1 AND state = 'fetching'",
                    &[&id.uuid(), &due_at.0],
                )?;
                Ok(())
            })
            .await
    }

    /// There will be no file.
    pub async fn give_up_recording(
        &self,
        id: RecordingId,
        state: NoAudio,
        problem: &str,
        now: Moment,
    ) -> Result<(), StoreError> {
        let problem = problem.to_owned();
        let state = match state {
            NoAudio::Refused => "refused",
            NoAudio::Gone => "gone",
        };
        self.writer()?
            .write(move |db| {
                let sid: Option<String> = db.first(
                    "UPDATE recordings SET state = $2, problem = $3, due_at = NULL
                     WHERE id = $1 AND state = 'fetching' RETURNING provider_sid",
                    &[&id.uuid(), &state, &problem],
                    |row| row.get(0),
                )?;
                let Some(sid) = sid else { return Ok(()) };
                // Nobody can listen to it; what Twilio writes down may still come.
                db.run(
                    "UPDATE transcripts SET state = 'unavailable', problem = 'no_audio', due_at = NULL
                     WHERE recording_sid = $1 AND state = 'wanted'",
                    &[&sid],
                )?;
                tell(db, &sid, ChangeKind::VoicemailChanged, now)
            })
            .await
    }

    /// The owner wants the file of a voicemail asked for again. `false`: there is nothing to ask for.
    pub async fn fetch_recording_again(&self, id: VoicemailId, now: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let sid: Option<String> = db.first(
                    "UPDATE recordings SET state = 'wanted', tries = 0, due_at = $2, problem = NULL
                     WHERE id = (SELECT recording_id FROM voicemails WHERE id = $1)
                       AND state IN ('wanted', 'gone', 'refused') RETURNING provider_sid",
                    &[&id.uuid(), &now.0],
                    |row| row.get(0),
                )?;
                let Some(sid) = sid else { return Ok(false) };
                tell(db, &sid, ChangeKind::VoicemailChanged, now)?;
                Ok(true)
            })
            .await
    }

    /// Whether any recording or attachment has this file.
    pub async fn uses_file(&self, sha256: &str) -> Result<bool, StoreError> {
        let used = sqlx::query_scalar::<_, i64>(
            "SELECT EXISTS (SELECT 1 FROM recordings WHERE sha256 = $1)
                 OR EXISTS (SELECT 1 FROM attachments WHERE sha256 = $1)",
        );
        Ok(used.bind(sha256).fetch_one(&self.readers).await? != 0)
    }
}
