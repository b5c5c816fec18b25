//! What callers said, written down by one engine, corrected by the owner, found by its words.

use crate::{Answer, Receipt, Store, StoreError, db::Db, recordings::tell};
use ringdesk_domain::{
    Actor, ChangeKind, Moment, VoicemailId,
    voicemail::{Engine, WritingProblem, Written},
};
use uuid::Uuid;

/// What an engine said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This was said.
    Text(Written),
    /// Nothing was said.
    NoSpeech,
    /// There is nothing to read, and will not be.
    Unavailable(WritingProblem),
    /// It is worth trying again.
    Later(Moment),
}

/// A message claimed to be written down.
#[derive(Debug, Clone)]
pub struct ToWrite {
    /// Twilio's id of the recording.
    pub recording_sid: String,
    /// Who writes it down.
    pub engine: Engine,
    /// Tries so far, this one included.
    pub tries: u32,
    /// The file, where it is here.
    pub sha256: Option<String>,
}

/// Makes what was said of a recording searchable, where it is a voicemail.
pub(crate) fn index(db: &Db, recording_sid: &str) -> Result<(), StoreError> {
    let found: Option<(i64, Option<String>)> = db.first(
        "SELECT v.seq, coalesce(t.edited, t.said) FROM recordings r JOIN voicemails v ON v.recording_id = r.id
         JOIN transcripts t ON t.recording_sid = r.provider_sid WHERE r.provider_sid = $1",
        &[&recording_sid],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let Some((seq, words)) = found else { return Ok(()) };
    db.run("DELETE FROM transcript_search WHERE rowid = $1", &[&seq])?;
    if let Some(words) = words {
        db.run("INSERT INTO transcript_search (rowid, words) VALUES ($1, $2)", &[&seq, &words])?;
    }
    Ok(())
}

fn settle(
    db: &Db,
    recording_sid: &str,
    engine: Engine,
    provider_sid: Option<&str>,
    outcome: &Outcome,
    now: Moment,
) -> Result<(), StoreError> {
    let (state, problem, said, due) = match outcome {
        Outcome::Text(written) => ("text", None, Some(written), None),
        Outcome::NoSpeech => ("no_speech", None, None, None),
        Outcome::Unavailable(problem) => ("unavailable", Some(problem.word()), None, None),
        Outcome::Later(at) => {
            let state = if engine == Engine::Twilio { "writing" } else { "wanted" };
            (state, None, None, Some(at.0))
        }
    };
    let words = said.filter(|said| !said.words.is_empty());
    let words = words.and_then(|said| serde_json::to_string(&said.words).ok());
    let text = said.map(|said| said.text.as_str());
    // Of what was deleted nothing is kept.
    let deleted = db.first(
        "SELECT 1 FROM recordings WHERE provider_sid = $1 AND state = 'deleted'",
        &[&recording_sid],
        |_| Ok(()),
    )?;
    if deleted.is_some() || crate::erase::is_erased(db, &[recording_sid])? {
        return Ok(());
    }
    // What is written down stays: a late word of the other engine, or a repeat, changes nothing.
    let changed = db.run(
        "INSERT INTO transcripts (recording_sid, engine, state, problem, provider_sid, said, words, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (recording_sid) DO UPDATE SET
             engine = excluded.engine, state = excluded.state, problem = excluded.problem,
             provider_sid = coalesce(excluded.provider_sid, provider_sid), said = excluded.said,
             words = excluded.words, due_at = excluded.due_at
         WHERE transcripts.state <> 'text'",
        &[&recording_sid, &engine.word(), &state, &problem, &provider_sid, &text, &words, &due],
    )?;
    if changed == 0 {
        return Ok(());
    }
    index(db, recording_sid)?;
    let kind = match outcome {
        Outcome::Text(_) => ChangeKind::VoicemailWritten,
        _ => ChangeKind::VoicemailChanged,
    };
    tell(db, recording_sid, kind, now)
}

impl Store {
    /// Twilio wrote something down, with the request that told of it.
    pub async fn record_transcript(
        &self,
        recording_sid: String,
        provider_sid: String,
        outcome: Outcome,
        now: Moment,
        receipt: Option<Receipt>,
    ) -> Result<Option<Answer>, StoreError> {
        let sids = vec![recording_sid.clone(), provider_sid.clone()];
        self.once_unless_erased(sids, receipt, move |db| {
            settle(db, &recording_sid, Engine::Twilio, Some(&provider_sid), &outcome, now)
        })
        .await
    }

    /// Claims a message that is due to be written down, or looked for at Twilio.
    pub async fn claim_writing(&self, now: Moment) -> Result<Option<ToWrite>, StoreError> {
        self.writer()?
            .write(move |db| {
                let claimed = db.first(
                    "UPDATE transcripts SET state = 'writing', tries = tries + 1, due_at = NULL
                     WHERE recording_sid = (SELECT recording_sid FROM transcripts
                                            WHERE due_at <= $1 ORDER BY due_at LIMIT 1)
                     RETURNING recording_sid, engine, tries,
                         (SELECT sha256 FROM recordings WHERE provider_sid = recording_sid AND state = 'kept')",
                    &[&now.0],
                    |row| {
                        Ok(ToWrite {
                            recording_sid: row.get(0)?,
                            engine: Engine::from_word(&row.get::<_, String>(1)?),
                            tries: row.get(2)?,
                            sha256: row.get(3)?,
                        })
                    },
                )?;
                if let Some(claimed) = &claimed {
                    tell(db, &claimed.recording_sid, ChangeKind::VoicemailChanged, now)?;
                }
                Ok(claimed)
            })
            .await
    }

    /// When the next message is due to be written down, if any is.
    pub async fn next_writing_due(&self) -> Result<Option<Moment>, StoreError> {
        let due = sqlx::query_scalar("SELECT min(due_at) FROM transcripts WHERE due_at IS NOT NULL");
        Ok(due.fetch_one(&self.readers).await.map(|due: Option<i64>| due.map(Moment))?)
    }

    /// What came of writing a message down.
    pub async fn written(&self, claimed: ToWrite, outcome: Outcome, now: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| settle(db, &claimed.recording_sid, claimed.engine, None, &outcome, now))
            .await
    }

    /// The owner wants a voicemail written down, by whoever writes now. `false`: it cannot be.
    pub async fn write_down(&self, id: VoicemailId, engine: Engine, now: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let sid: Option<String> = db.first(
                    "SELECT r.provider_sid FROM voicemails v JOIN recordings r ON r.id = v.recording_id
                     WHERE v.id = $1",
                    &[&id.uuid()],
                    |row| row.get(0),
                )?;
                let Some(sid) = sid else { return Ok(false) };
                db.run(
                    "INSERT INTO transcripts (recording_sid, engine, state, due_at)
                     SELECT provider_sid, $2, 'wanted', CASE WHEN state = 'kept' OR $2 = 'twilio' THEN $3 END
                     FROM recordings WHERE provider_sid = $1
                     ON CONFLICT (recording_sid) DO UPDATE SET engine = excluded.engine, state = 'wanted',
                         problem = NULL, tries = 0, due_at = excluded.due_at
                     WHERE transcripts.state <> 'text'",
                    &[&sid, &engine.word(), &now.0],
                )?;
                tell(db, &sid, ChangeKind::VoicemailChanged, now)?;
                Ok(true)
            })
            .await
    }

    /// The owner corrects what was written down; `None` brings the original back. `false`: there is no
    /// such voicemail, or nothing of it could be told apart.
    pub async fn edit_transcript(
        &self,
        id: VoicemailId,
        text: Option<String>,
        actor: Actor,
        now: Moment,
    ) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let sid: Option<String> = db.first(
                    "SELECT r.provider_sid FROM voicemails v JOIN recordings r ON r.id = v.recording_id
                     WHERE v.id = $1",
                    &[&id.uuid()],
                    |row| row.get(0),
                )?;
                let Some(sid) = sid else { return Ok(false) };
                let by = text.is_some().then(|| actor.label());
                // Somebody may write down by hand what no engine did.
                db.run(
                    "INSERT INTO transcripts (recording_sid, engine, state, edited, edited_by)
                     VALUES ($1, 'off', 'unavailable', $2, $3)
                     ON CONFLICT (recording_sid) DO UPDATE SET edited = excluded.edited,
                         edited_by = excluded.edited_by",
                    &[&sid, &text, &by],
                )?;
                index(db, &sid)?;
                tell(db, &sid, ChangeKind::VoicemailChanged, now)?;
                Ok(true)
            })
            .await
    }
}

/// A voicemail's row in the index of words goes with it.
pub(crate) fn forget(db: &Db, voicemail: Uuid) -> Result<(), StoreError> {
    db.run(
        "DELETE FROM transcript_search WHERE rowid = (SELECT seq FROM voicemails WHERE id = $1)",
        &[&voicemail],
    )?;
    Ok(())
}
