//! `<Record>`: takes a message, keeps it, tells when it is ready, and has it written down.

use super::{
    alert,
    document::{Link, Record},
    leg::{Cut, Fields, Leg, Place, Source},
    letters::Kind,
    recordings::{Kept, Progress, Recording, Transcription},
    register::{CallStatus, Heard},
    scene::Scene,
    tape::{Speech, Tape},
};
use crate::{
    Fault,
    carrier::Webhook,
    town::{date, sid},
};
use std::sync::Arc;

/// How long after its end a recording is ready.
const READY_MS: u64 = 1_000;
/// How long it takes to write down what was said in it.
const WRITTEN_MS: u64 = 5_000;
/// What is written down lasts longer than the first and not as long as the second.
/// Source: Twilio's `<Record>` page.
const WRITABLE_MS: (u64, u64) = (2_000, 120_000);
/// What is written when it could not be made out. Source: Twilio's OpenAPI document, its example.
const BLANK: &str = "(blank)";
/// What is told of the call with what was written down.
const ABOUT_CALL: [&str; 9] =
    ["CallSid", "AccountSid", "From", "To", "Caller", "Called", "CallStatus", "ApiVersion", "Direction"];

impl Leg {
    /// Takes a message. What follows is the action's answer, or else, where nothing was said, the next verb.
    pub(super) async fn record(&mut self, record: &Record, place: &Place) -> Result<Option<Source>, Cut> {
        self.answer();
        let Some(action) = self.resolve(place, &record.action) else { return Ok(None) };
        if record.beep {
            self.notice(Heard::Beep, "");
        }
        let most_ms = record.max_s * 1_000;
        let silence_ms = if record.silence_s == 0 { most_ms } else { most_ms.min(record.silence_s * 1_000) };
        let message_ms = std::mem::take(&mut self.person.message_ms);
        if message_ms == 0 {
            self.wait(silence_ms).await?;
            return Ok(None);
        }
        let time = Arc::clone(&self.scene.time);
        let (began_ms, began_utc_ms) = (time.now_ms(), time.utc_ms());
        let spoken = self.wait(message_ms.min(most_ms)).await;
        let spoken_ms = time.now_ms() - began_ms;
        let ended = match (spoken, self.person.finish_key) {
            (Err(cut), _) => Err(cut),
            (Ok(()), _) if message_ms > most_ms => Ok(String::new()),
            (Ok(()), Some(key)) if record.finish_keys.contains(key) => Ok(key.to_string()),
            (Ok(()), Some(_)) => self.wait(silence_ms).await.map(|()| String::new()),
            (Ok(()), None) => Err(Cut::HungUp),
        };
        if spoken_ms == 0 {
            return ended.map(|_| None);
        }
        let recording = self.keep(began_utc_ms, spoken_ms);
        self.notice(Heard::Recorded, &recording.duration_s.to_string());
        self.follow_up(record, place, &recording, spoken_ms);
        let fields = |digits: String| -> Fields {
            let mut fields = named(&recording);
            fields.push(("RecordingDuration".to_owned(), recording.duration_s.to_string()));
            fields.push(("Digits".to_owned(), digits));
            fields
        };
        match ended {
            Ok(digits) => Ok(Some(Source::Ask(action, fields(digits)))),
            Err(Cut::Moved(source)) => Err(Cut::Moved(source)),
            Err(cut) => {
                self.mention(&action, Some(CallStatus::Completed), fields("hangup".to_owned()));
                Err(cut)
            }
        }
    }

    /// Puts away what was said.
    fn keep(&self, began_ms: i64, spoken_ms: u64) -> Recording {
        let speech = self.person.speech.clone().unwrap_or_else(Speech::message);
        let world = &self.scene.world;
        let recording = Recording::begun(world, &self.sid, began_ms, spoken_ms);
        let mut town = world.town();
        let short = town.faults.strikes(&Fault::RecordingTooShort);
        let tape = Tape::record(&speech, if short { spoken_ms / 2 } else { spoken_ms });
        town.calls.recordings.add(Kept::new(recording.clone(), tape, self.scene.time.utc_ms()));
        recording
    }

    /// What becomes of a recording beside the call.
    fn follow_up(&mut self, record: &Record, place: &Place, recording: &Recording, spoken_ms: u64) {
        let callback = record.callback.as_ref().and_then(|link| self.resolve(place, link));
        let ready = callback.map(|link| self.ready(recording, link));
        let told = record.transcript.as_ref().and_then(|link| {
            let found = place.of(link);
            if found.is_none() {
                self.alert(13615, "the address for the transcription is no address");
            }
            found
        });
        let words = self.person.speech.take().unwrap_or_else(Speech::message).words.unwrap_or_default();
        let (scene, call_sid, recording) = (Arc::clone(&self.scene), self.sid.clone(), recording.clone());
        let (ready_ms, transcribe) = (scene.time.now_ms() + READY_MS, record.transcribe);
        self.scene.beside(Box::pin(async move {
            scene.time.until(ready_ms).await;
            let now_ms = scene.time.utc_ms();
            if let Some(kept) = scene.world.town().calls.recordings.get_mut(&recording.sid) {
                kept.recording.ready = true;
                kept.updated_ms = now_ms;
            }
            scene.world.stir();
            if let Some(ready) = ready {
                scene.send(&call_sid, ready, Kind::Recording);
            }
            if !transcribe {
                return;
            }
            let (longer_than_ms, shorter_than_ms) = WRITABLE_MS;
            if spoken_ms <= longer_than_ms || spoken_ms >= shorter_than_ms {
                let message = "the recording is too short or too long to be transcribed";
                alert(&scene.world, &call_sid, 13617, message);
                return;
            }
            write_down(&scene, &recording, words, told).await;
        }));
    }

    fn ready(&self, recording: &Recording, link: Link) -> Webhook {
        let mut fields = named(recording);
        for (name, value) in [
            ("AccountSid", self.scene.world.config.account_sid.as_str()),
            ("CallSid", &self.sid),
            ("RecordingStatus", "completed"),
            ("RecordingDuration", &recording.duration_s.to_string()),
            ("RecordingChannels", "1"),
            ("RecordingStartTime", &date(recording.began_ms)),
            ("RecordingSource", "RecordVerb"),
            ("RecordingTrack", "both"),
        ] {
            fields.push((name.to_owned(), value.to_owned()));
        }
        Webhook { url: link.url, method: link.method, fields, voice: true }
    }
}

/// Which recording it is about.
fn named(recording: &Recording) -> Fields {
    vec![
        ("RecordingUrl".to_owned(), recording.url.clone()),
        ("RecordingSid".to_owned(), recording.sid.clone()),
    ]
}

/// Writes a recording down, and tells whoever wants to know.
async fn write_down(scene: &Scene, recording: &Recording, words: String, told: Option<Link>) {
    let (transcription_sid, now_ms) = (sid("TR"), scene.time.utc_ms());
    let (lost, failed) = {
        let mut town = scene.world.town();
        town.calls.recordings.transcriptions.push(Transcription {
            sid: transcription_sid.clone(),
            recording_sid: recording.sid.clone(),
            duration_s: recording.duration_s,
            progress: Progress::Going,
            text: None,
            created_ms: now_ms,
            updated_ms: now_ms,
        });
        if town.faults.strikes(&Fault::SilentTranscription) {
            return;
        }
        (town.faults.strikes(&Fault::LostTranscription), town.faults.strikes(&Fault::FailedTranscription))
    };
    scene.time.until(scene.time.now_ms() + WRITTEN_MS).await;
    let (progress, text) =
        if failed { (Progress::Failed, BLANK.to_owned()) } else { (Progress::Completed, words) };
    let webhook = {
        let mut town = scene.world.town();
        if let Some(transcription) = town.calls.recordings.transcription_mut(&transcription_sid) {
            transcription.progress = progress;
            transcription.text = Some(text.clone());
            transcription.updated_ms = scene.time.utc_ms();
        }
        let Some(call) = town.calls.get(&recording.call_sid) else { return };
        let mut fields = call.parameters(&scene.world.config.account_sid, call.status.word());
        fields.retain(|(name, _)| ABOUT_CALL.contains(&name.as_str()));
        told.filter(|_| !lost).map(|link| {
            fields.extend(named(recording));
            for (name, value) in [
                ("TranscriptionSid", transcription_sid.as_str()),
                ("TranscriptionText", &text),
                ("TranscriptionStatus", progress.word()),
                ("TranscriptionType", "fast"),
                ("TranscriptionUrl", &format!("{}/Transcriptions/{transcription_sid}", recording.url)),
                // It does name its own address.
                ("url", &link.url),
            ] {
                fields.push((name.to_owned(), value.to_owned()));
            }
            Webhook { url: link.url, method: link.method, fields, voice: true }
        })
    };
    scene.world.stir();
    if let Some(webhook) = webhook {
        scene.send(&recording.call_sid, webhook, Kind::Recording);
    }
}
