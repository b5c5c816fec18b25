//! Messages callers left: read, heard, deleted.

use crate::{Inbox, Problem, letters::file_name, view};
use ringdesk_domain::{Actor, Engine, LineId, Moment, VoicemailId};
use ringdesk_store::{AudioState, EmailState, VoicemailFilter, VoicemailRow, VoicemailsWanted};
use std::path::PathBuf;

/// The sound of a voicemail.
#[derive(Debug, Clone)]
pub struct SoundFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called where people see it, such as `Helen Okafor 2026-11-22 08.31.wav`; not yet made safe
    /// for a file system.
    pub name: String,
    /// Its type.
    pub content_type: String,
}

impl Inbox {
    /// Voicemails, newest first, those before `before`; those that hold all words, or whose caller fits.
    pub async fn voicemails(
        &self,
        filter: VoicemailFilter,
        line: Option<LineId>,
        search: Option<String>,
        before: Option<(Moment, VoicemailId)>,
        limit: u32,
    ) -> Result<Vec<view::Voicemail>, Problem> {
        let wanted = VoicemailsWanted { filter, line, search, before, limit: limit.clamp(1, 500) };
        let rows = self.store().voicemails(wanted).await?;
        Ok(rows.into_iter().map(|row| self.voicemail_view(row)).collect())
    }

    /// One voicemail.
    pub async fn voicemail(&self, id: VoicemailId) -> Result<view::Voicemail, Problem> {
        let row = self.store().voicemail(id).await?.ok_or(Problem::NotFound)?;
        Ok(self.voicemail_view(row))
    }

    /// How many voicemails there are.
    pub async fn voicemail_counts(&self) -> Result<view::VoicemailCounts, Problem> {
        let counts = self.store().voicemail_counts().await?;
        Ok(view::VoicemailCounts { total: counts.total, unheard: counts.unheard, waiting: counts.waiting })
    }

    /// Somebody heard it, or wants it to count as not heard.
    pub async fn mark_heard(&self, id: VoicemailId, heard: bool, actor: Actor) -> Result<(), Problem> {
        found(self.store().mark_heard(id, heard.then_some(actor), self.now()).await?)
    }

    /// How far somebody listened, and how much of it they heard since they began; that may make it heard.
    pub async fn listened(
        &self,
        id: VoicemailId,
        position_ms: u64,
        played_ms: u64,
        actor: Actor,
    ) -> Result<(), Problem> {
        found(self.store().listened(id, position_ms, played_ms, actor, self.now()).await?)
    }

    /// Deletes it, or takes that back; for good a month later.
    pub async fn remove_voicemail(&self, id: VoicemailId, removed: bool) -> Result<(), Problem> {
        let known = self.store().remove_voicemail(id, removed, self.now()).await?;
        self.0.letters.notify_one();
        found(known)
    }

    /// Asks Twilio for its sound again.
    pub async fn fetch_again(&self, id: VoicemailId) -> Result<(), Problem> {
        found(self.store().fetch_recording_again(id, self.now()).await?)?;
        self.0.recordings.notify_one();
        Ok(())
    }

    /// Its sound, once it is here.
    pub async fn voicemail_file(&self, id: VoicemailId) -> Result<SoundFile, Problem> {
        let row = self.store().voicemail(id).await?.ok_or(Problem::NotFound)?;
        let rules = self.rules();
        match (row.audio, &row.sha256, &row.content_type) {
            (AudioState::Kept, Some(sha256), Some(content_type)) => Ok(SoundFile {
                path: self.kept(sha256),
                name: file_name(&row, &rules.settings.region, &rules.zone),
                content_type: content_type.clone(),
            }),
            _ => Err(Problem::NoSound),
        }
    }

    /// Its sound as a whole: name, type and bytes.
    pub async fn voicemail_bytes(&self, id: VoicemailId) -> Result<(String, String, Vec<u8>), Problem> {
        let file = self.voicemail_file(id).await?;
        let bytes = tokio::fs::read(&file.path).await?;
        Ok((file.name, file.content_type, bytes))
    }

    /// The sound of a greeting that was added.
    pub async fn greeting_file(&self, sha256: &str) -> Result<PathBuf, Problem> {
        let named = sha256.len() == 64 && sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let path = self.kept(sha256);
        if named && tokio::fs::try_exists(&path).await? { Ok(path) } else { Err(Problem::NotFound) }
    }

    /// A voicemail as the window shows it.
    pub(crate) fn voicemail_view(&self, row: VoicemailRow) -> view::Voicemail {
        let rules = self.rules();
        let region = &rules.settings.region;
        let written = row.written.as_ref().filter(|written| written.engine != Engine::Off);
        let edited = row.written.as_ref().and_then(|written| written.edited.clone());
        let original = written.and_then(|written| written.said.clone());
        let writing = match written {
            None => view::Writing::Off,
            Some(written) if written.writing => view::Writing::Writing,
            Some(written) if written.said.is_some() => view::Writing::Text,
            Some(written) if written.no_speech => view::Writing::NoSpeech,
            Some(_) => view::Writing::Unavailable,
        };
        let words = written.filter(|_| edited.is_none()).map(|written| written.words.clone());
        let (email, email_problem) = row.email.unzip();
        view::Voicemail {
            id: row.id,
            call: row.call,
            conversation: row.conversation,
            line: row.line,
            line_display: row.line_number.display(region),
            line_name: row.line_name,
            with: row.customer.display(region),
            kind: row.customer.kind(),
            customer: row.customer.as_str().to_owned(),
            name: row.name,
            at: row.at,
            late: view::late(row.arrival),
            duration_s: row.duration_s,
            length_ms: row.length_ms,
            heard: row.heard.is_some(),
            heard_by: row.heard,
            position_ms: row.position_ms,
            audio: match row.audio {
                AudioState::Wanted => view::AudioState::Wanted,
                AudioState::Kept => view::AudioState::Kept,
                AudioState::Refused => view::AudioState::Refused,
                AudioState::Gone => view::AudioState::Gone,
                AudioState::Deleted => view::AudioState::Deleted,
            },
            audio_problem: row.audio_problem,
            content_type: row.content_type,
            peaks: row.peaks,
            writing,
            writing_problem: written.and_then(|written| written.problem),
            engine: written.map(|written| written.engine),
            words: words.unwrap_or_default(),
            edited: edited.is_some(),
            transcript: edited.or_else(|| original.clone()),
            original,
            waiting: row.waiting,
            called_back: row.called_back,
            held: row.held,
            email: email.map(|state| match state {
                EmailState::Waiting => view::EmailState::Waiting,
                EmailState::Sent => view::EmailState::Sent,
                EmailState::Failed => view::EmailState::Failed,
            }),
            email_problem: email_problem.flatten(),
        }
    }
}

fn found(found: bool) -> Result<(), Problem> {
    if found { Ok(()) } else { Err(Problem::NotFound) }
}
