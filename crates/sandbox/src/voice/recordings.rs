//! What is kept of what was said on calls: recordings, who fetched them, and what was written down.

use super::tape::{Format, Tape};
use crate::{World, town::sid};
use bytes::Bytes;
use serde::Serialize;

/// A message somebody left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recording {
    /// Twilio's id.
    pub sid: String,
    /// The call it belongs to.
    pub call_sid: String,
    /// Its length, as it is told.
    pub duration_s: u64,
    /// Where it is, without ending.
    pub url: String,
    /// When it began, in UTC milliseconds.
    pub began_ms: i64,
    /// Whether its sound is there; a pretend second after its end.
    pub ready: bool,
    /// Whether it was deleted over REST. Its sound and all that leads to it are gone then.
    pub deleted: bool,
    /// How often its sound was asked for, refusals included.
    pub asked: u32,
    /// Every time some of its sound was sent, oldest first.
    pub downloads: Vec<Download>,
}

impl Recording {
    /// So much that was said, from a moment on; its sound is still to come.
    pub(super) fn begun(world: &World, call_sid: &str, began_ms: i64, spoken_ms: u64) -> Self {
        let sid = sid("RE");
        Self {
            url: format!("{}/2010-04-01/Accounts/{}/Recordings/{sid}", world.base, world.config.account_sid),
            sid,
            call_sid: call_sid.to_owned(),
            // To the nearest second.
            duration_s: (spoken_ms + 500) / 1_000,
            began_ms,
            ready: false,
            deleted: false,
            asked: 0,
            downloads: Vec::new(),
        }
    }

    /// Twilio's word.
    pub(crate) fn status(&self) -> &'static str {
        match (self.deleted, self.ready) {
            (true, _) => "deleted",
            (false, true) => "completed",
            (false, false) => "processing",
        }
    }
}

/// Something of a recording that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Download {
    /// As what.
    pub format: Format,
    /// The first byte; 0 unless whoever asked had a part of it already.
    pub from: u64,
    /// So many bytes were sent, fewer than were promised where the line went dead.
    pub bytes: u64,
}

/// A recording with what belongs to it.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) recording: Recording,
    pub(crate) updated_ms: i64,
    tape: Tape,
}

impl Kept {
    pub(crate) fn new(recording: Recording, tape: Tape, now_ms: i64) -> Self {
        Self { recording, updated_ms: now_ms, tape }
    }

    /// Its sound and content type, where there is any in this format.
    pub(crate) fn file(&self, format: Format) -> Option<(&'static str, Bytes)> {
        self.tape.file(format).filter(|_| self.recording.ready && !self.recording.deleted)
    }
}

/// How far the writing down has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Going,
    Completed,
    Failed,
}

impl Progress {
    /// Twilio's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Going => "in-progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// What was written down of a recording.
#[derive(Debug, Clone)]
pub(crate) struct Transcription {
    pub(crate) sid: String,
    pub(crate) recording_sid: String,
    pub(crate) duration_s: u64,
    pub(crate) progress: Progress,
    pub(crate) text: Option<String>,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
}

/// All recordings and transcriptions, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    kept: Vec<Kept>,
    pub(crate) transcriptions: Vec<Transcription>,
}

impl Shelf {
    pub(crate) fn add(&mut self, kept: Kept) {
        self.kept.push(kept);
    }

    pub(crate) fn all(&self) -> &[Kept] {
        &self.kept
    }

    pub(crate) fn get(&self, sid: &str) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.recording.sid == sid)
    }

    pub(crate) fn get_mut(&mut self, sid: &str) -> Option<&mut Kept> {
        self.kept.iter_mut().find(|kept| kept.recording.sid == sid)
    }

    /// Those of one call.
    pub(crate) fn of_call(&self, call_sid: &str) -> Vec<Recording> {
        let of_call = self.kept.iter().filter(|kept| kept.recording.call_sid == call_sid);
        of_call.map(|kept| kept.recording.clone()).collect()
    }

    pub(crate) fn transcription_mut(&mut self, sid: &str) -> Option<&mut Transcription> {
        self.transcriptions.iter_mut().find(|transcription| transcription.sid == sid)
    }
}
