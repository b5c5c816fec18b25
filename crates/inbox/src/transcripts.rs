//! What callers say, written down: by Twilio, which posts it, or by a program of the owner's on this
//! computer, which is given a sound file and prints words.

use crate::{
    Inbox, Problem,
    from_twilio::{event, noted, receipt},
    shift::Shift,
};
use ringdesk_domain::{
    Actor, Engine, Moment, VoicemailId,
    settings::Transcripts,
    voicemail::{Word, WritingProblem, Written},
};
use ringdesk_store::{Answer, Outcome, Receipt, StoreError, ToWrite};
use ringdesk_twilio::{Form, Signed, error::RestError, post::TranscriptionPost};
use serde::Deserialize;
use std::{io, process::Stdio, time::Duration};
use tokio::{io::AsyncReadExt, process::Command, sync::Notify};

/// How long a program may take for one message.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Most of what it prints that is read, in bytes.
const MOST_OUTPUT: u64 = 4 * 1024 * 1024;
/// Samples a second of the file it is given: what speech models are made for.
const RATE: u32 = 16_000;
/// A program that fails is tried so often.
const PROGRAM_TRIES: u32 = 3;
/// Twilio is asked so often for something that was not posted.
const TWILIO_TRIES: u32 = 3;
/// And so often for something it says it still writes.
const TWILIO_WRITES: u32 = 12;
/// And after this long again, in milliseconds.
const AGAIN_MS: i64 = 5 * 60_000;
/// A word is marked as unsure below this.
const SURE: f64 = 0.6;
/// How the files are called that programs are given.
pub(crate) const HANDED: &str = "message-";
/// Characters of a correction, at most.
const LONGEST: usize = 20_000;

/// Writes down what is due.
pub(crate) struct Writing;

impl Shift for Writing {
    type Job = ToWrite;
    // A model takes the whole computer; one after the other.
    const AT_ONCE: usize = 1;

    fn bell(inbox: &Inbox) -> &Notify {
        &inbox.0.writing
    }

    fn may(_: &Inbox) -> bool {
        true
    }

    async fn claim(inbox: &Inbox, now: Moment) -> Result<Option<ToWrite>, StoreError> {
        inbox.store().claim_writing(now).await
    }

    async fn due(inbox: &Inbox, _: Moment) -> Result<Option<Moment>, StoreError> {
        inbox.store().next_writing_due().await
    }

    async fn work(inbox: Inbox, job: ToWrite) {
        let outcome = match job.engine {
            Engine::Command => inbox.ask_program(&job).await,
            Engine::Twilio | Engine::Off => inbox.ask_twilio(&job).await,
        };
        let now = inbox.now();
        while let Err(error) = inbox.store().written(job.clone(), outcome.clone(), now).await {
            inbox.rest(&error).await;
        }
        inbox.ring_for_voicemail();
    }
}

impl Inbox {
    /// Twilio wrote a message down, or could not.
    pub async fn transcript_came(&self, signed: Signed<Form>) -> Result<Answer, StoreError> {
        let at = self.now();
        let signed = match signed.read(TranscriptionPost::read) {
            Ok(signed) => signed,
            Err((form, why)) => {
                return self
                    .keep_unread(receipt(&form, event::TRANSCRIPT, String::new(), at, noted()), &why)
                    .await;
            }
        };
        let receipt = receipt(&signed, event::TRANSCRIPT, String::new(), at, noted());
        match self.apply_transcript(signed.what(), receipt.clone()).await {
            Ok(answer) => Ok(answer.unwrap_or_else(noted)),
            Err(StoreError::Driver(why)) => self.keep_failed(receipt, why).await,
            Err(error) => Err(error),
        }
    }

    /// Stores what Twilio wrote down.
    pub(crate) async fn apply_transcript(
        &self,
        post: &TranscriptionPost,
        receipt: Receipt,
    ) -> Result<Option<Answer>, StoreError> {
        let at = receipt.received_at;
        let outcome = twilio_said(&post.status, &post.text, at);
        let (recording, transcription) = (post.recording_sid.clone(), post.transcription_sid.clone());
        let stored =
            self.store().record_transcript(recording, transcription, outcome, at, Some(receipt)).await?;
        self.ring_for_voicemail();
        Ok(stored)
    }

    /// Has a voicemail written down, by whoever writes now.
    pub async fn write_down(&self, id: VoicemailId) -> Result<(), Problem> {
        let engine = self.rules().settings.transcripts.engine;
        if engine == Engine::Off {
            return Err(Problem::NobodyWrites);
        }
        if !self.store().write_down(id, engine, self.now()).await? {
            return Err(Problem::NotFound);
        }
        self.0.writing.notify_one();
        Ok(())
    }

    /// Corrects what was written down; `None` brings the original back.
    pub async fn edit_transcript(
        &self,
        id: VoicemailId,
        text: Option<&str>,
        actor: Actor,
    ) -> Result<(), Problem> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        if text.is_some_and(|text| text.chars().count() > LONGEST) {
            return Err(Problem::LongWords);
        }
        let found = self.store().edit_transcript(id, text.map(str::to_owned), actor, self.now()).await?;
        if found { Ok(()) } else { Err(Problem::NotFound) }
    }

    /// Twilio posted nothing: its own list knows.
    async fn ask_twilio(&self, job: &ToWrite) -> Outcome {
        let now = self.now();
        let again = Outcome::Later(now.plus_ms(AGAIN_MS));
        let Some(reach) = self.reach() else { return again };
        let listed = match reach.client.transcriptions_of(&job.recording_sid).await {
            Ok(listed) => listed,
            Err(RestError::Refused { status: 404 | 410, .. }) => {
                return Outcome::Unavailable(WritingProblem::NoAnswer);
            }
            Err(RestError::Refused { .. }) if job.tries >= TWILIO_WRITES => {
                return Outcome::Unavailable(WritingProblem::NoAnswer);
            }
            Err(error) => {
                tracing::info!(%error, recording = job.recording_sid, "a transcript could not be asked for");
                return again;
            }
        };
        match listed.into_iter().next() {
            Some(found) if found.status == "in-progress" && job.tries >= TWILIO_WRITES => {
                Outcome::Unavailable(WritingProblem::NoAnswer)
            }
            Some(found) => twilio_said(&found.status, found.transcription_text.as_deref().unwrap_or(""), now),
            None if job.tries < TWILIO_TRIES => again,
            None => Outcome::Unavailable(WritingProblem::NoAnswer),
        }
    }

    async fn ask_program(&self, job: &ToWrite) -> Outcome {
        let Some(sha256) = &job.sha256 else { return Outcome::Unavailable(WritingProblem::NoAudio) };
        let settings = self.rules().settings.transcripts.clone();
        if settings.program.trim().is_empty() {
            return Outcome::Unavailable(WritingProblem::NoProgram);
        }
        let (kept, folder) = (self.kept(sha256), self.0.media.clone());
        let sound = tokio::task::spawn_blocking(move || {
            // Named `.wav`, because programs look at that; gone with the value.
            let file = tempfile::Builder::new().prefix(HANDED).suffix(".wav").tempfile_in(&folder)?;
            let sound = ringdesk_sound::read(&kept).map_err(io::Error::other)?;
            std::fs::write(file.path(), sound.to_wav(RATE))?;
            Ok::<_, io::Error>(file)
        });
        let file = match sound.await.map_err(io::Error::other).flatten() {
            Ok(file) => file,
            Err(error) => {
                tracing::error!(%error, "a message could not be handed to the program");
                return match job.tries {
                    PROGRAM_TRIES.. => Outcome::Unavailable(WritingProblem::NoAudio),
                    tries => Outcome::Later(self.now().plus_ms(i64::from(tries) * 60_000)),
                };
            }
        };
        match tokio::time::timeout(PATIENCE, run(&settings, file.path())).await {
            Ok(Ok(Some(printed))) => {
                let written = read_output(&printed);
                if written.text.is_empty() { Outcome::NoSpeech } else { Outcome::Text(written) }
            }
            Ok(Err(error))
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) =>
            {
                Outcome::Unavailable(WritingProblem::NoProgram)
            }
            Ok(Ok(None) | Err(_)) | Err(_) if job.tries < PROGRAM_TRIES => {
                Outcome::Later(self.now().plus_ms(i64::from(job.tries) * 60_000))
            }
            Ok(Ok(None) | Err(_)) | Err(_) => Outcome::Unavailable(WritingProblem::Failed),
        }
    }
}

/// What Twilio's words about a transcript come to.
fn twilio_said(status: &str, text: &str, now: Moment) -> Outcome {
    match (status, text.trim()) {
        ("completed", "") => Outcome::NoSpeech,
        ("completed", text) => Outcome::Text(Written { text: text.to_owned(), words: Vec::new() }),
        ("failed", _) => Outcome::Unavailable(WritingProblem::Failed),
        _ => Outcome::Later(now.plus_ms(AGAIN_MS)),
    }
}

/// Runs the owner's program; what it printed, or `None` where it failed.
async fn run(settings: &Transcripts, file: &std::path::Path) -> io::Result<Option<String>> {
    let mut arguments: Vec<std::ffi::OsString> = Vec::new();
    let mut named = false;
    for argument in &settings.arguments {
        named |= argument.contains("{file}");
        arguments.push(argument.replace("{file}", &file.to_string_lossy()).into());
    }
    if !named {
        arguments.push(file.into());
    }
    // Our own secrets are none of its business.
    let ours = std::env::vars_os().map(|(name, _)| name);
    let ours = ours.filter(|name| name.to_string_lossy().starts_with("RINGDESK_"));
    let mut program = Command::new(settings.program.trim());
    for name in ours {
        program.env_remove(name);
    }
    let mut child = program
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut printed = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(MOST_OUTPUT).read_to_end(&mut printed).await?;
    }
    let ended = child.wait().await?;
    if !ended.success() {
        tracing::warn!(code = ended.code(), "the program that writes messages down failed");
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&printed).into_owned()))
}

/// What programs print: words with times, in seconds, by themselves or in segments.
#[derive(Deserialize)]
struct Printed {
    text: Option<String>,
    #[serde(default)]
    words: Vec<PrintedWord>,
    #[serde(default)]
    segments: Vec<Segment>,
}

#[derive(Deserialize)]
struct Segment {
    text: Option<String>,
    #[serde(default)]
    words: Vec<PrintedWord>,
}

#[derive(Deserialize)]
struct PrintedWord {
    #[serde(alias = "word")]
    text: String,
    start: f64,
    end: f64,
    #[serde(alias = "probability", alias = "conf", alias = "score")]
    confidence: Option<f64>,
}

/// Reads what a program printed: a JSON object with `text`, `words` or `segments` (as Whisper and Vosk print
/// them), or plain text.
fn read_output(printed: &str) -> Written {
    let Ok(Printed { text, words, segments }) = serde_json::from_str(printed.trim()) else {
        return Written { text: tidy(printed), words: Vec::new() };
    };
    let mut all = words;
    let mut parts = Vec::new();
    for segment in segments {
        all.extend(segment.words);
        parts.extend(segment.text);
    }
    let mut words: Vec<Word> = all.iter().filter_map(word).collect();
    words.sort_by_key(|word| word.start_ms);
    let spoken = || words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let text = text.map(|text| tidy(&text)).filter(|text| !text.is_empty());
    let text = text.unwrap_or_else(|| if parts.is_empty() { spoken() } else { tidy(&parts.join(" ")) });
    Written { text, words }
}

/// A word with a time that can be; anything else is left out.
fn word(printed: &PrintedWord) -> Option<Word> {
    let ms = |seconds: f64| {
        let ms = (seconds * 1_000.0).round();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, as was asked")]
        (0.0..=86_400_000.0).contains(&ms).then_some(ms as u32)
    };
    let text = printed.text.trim().to_owned();
    let (start_ms, end_ms) = (ms(printed.start)?, ms(printed.end)?);
    let unsure = printed.confidence.is_some_and(|confidence| confidence < SURE);
    (!text.is_empty() && start_ms <= end_ms).then_some(Word { text, start_ms, end_ms, unsure })
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_print_is_understood() {
        let word =
            |text: &str, start_ms, end_ms, unsure| Word { text: text.into(), start_ms, end_ms, unsure };
        for (printed, text, words) in [
            ("  Call me\nback. \n", "Call me back.", vec![]),
            ("", "", vec![]),
            ("{}", "", vec![]),
            ("[1, 2]", "[1, 2]", vec![]),
            (
                r#"{"text": " Call me. ", "words": [{"word": "Call", "start": 0.1, "end": 0.4, "probability": 0.9},
                   {"word": "me.", "start": 0.4, "end": 0.6, "probability": 0.2}]}"#,
                "Call me.",
                vec![word("Call", 100, 400, false), word("me.", 400, 600, true)],
            ),
            (
                r#"{"segments": [{"text": "Call ", "words": [{"text": "Call", "start": 1, "end": 2}]}, {"text": "me."}]}"#,
                "Call me.",
                vec![word("Call", 1_000, 2_000, false)],
            ),
            (
                r#"{"words": [{"word": "b", "start": 2, "end": 3}, {"word": "a", "start": 0, "end": 1},
                   {"word": "x", "start": -1, "end": 1}, {"word": " ", "start": 0, "end": 1},
                   {"word": "y", "start": 3, "end": 2}]}"#,
                "a b",
                vec![word("a", 0, 1_000, false), word("b", 2_000, 3_000, false)],
            ),
        ] {
            assert_eq!(read_output(printed), Written { text: text.into(), words }, "{printed}");
        }
    }

    #[test]
    fn twilios_words_about_a_transcript_are_understood() {
        let text = |text: &str| Outcome::Text(Written { text: text.into(), words: Vec::new() });
        for (status, said, outcome) in [
            ("completed", " Hello. ", text("Hello.")),
            ("completed", " ", Outcome::NoSpeech),
            ("failed", "", Outcome::Unavailable(WritingProblem::Failed)),
            ("in-progress", "", Outcome::Later(Moment(AGAIN_MS))),
        ] {
            assert_eq!(twilio_said(status, said, Moment(0)), outcome, "{status}");
        }
    }
}
