//! Recordings: told of by Twilio, fetched with credentials to Twilio's host only, looked through, kept
//! under the hash of their content. What was fetched of one is not fetched again.

use crate::{
    Inbox,
    files::private_file,
    from_twilio::{event, hex, noted, receipt},
    outbox::backoff,
    rules::Rules,
    shift::Shift,
};
use ringdesk_domain::{
    Engine, Moment, RecordingId,
    voicemail::{TWILIO_WRITES, WritingProblem, cannot_write, twilio_writes},
};
use ringdesk_sound::Unreadable;
use ringdesk_store::{Answer, Audio, Kept, NoAudio, RecordingFact, RecordingFetch, StoreError};
use ringdesk_twilio::{Form, Signed, error::RestError, post::RecordingPost, rest::Part};
use sha2::{Digest, Sha256};
use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::{
    fs,
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
};

/// Fetched at once.
const AT_ONCE: usize = 3;
/// Largest file, in bytes: an hour of two channels as Twilio keeps them.
const LARGEST: u64 = 128 * 1024 * 1024;
/// Nothing is fetched while the disk has less room than this, in bytes.
const ROOM: u64 = 200 * 1024 * 1024;
/// One Twilio says it does not have is asked for at least this long, in milliseconds, and so often.
const GIVE_UP_MS: i64 = 24 * 60 * 60_000;
const GIVE_UP_TRIES: u32 = 5;
/// A file that is shorter than Twilio says is fetched so often before it is taken as it is.
const SHORT_TRIES: u32 = 3;
/// So much shorter, in milliseconds: Twilio rounds.
const SHORT_MS: u64 = 2_000;
/// The end of a message is told before its file is there, in milliseconds.
const READY_MS: i64 = 2_000;
/// What is looked for, in this order.
const KINDS: [&str; 2] = ["wav", "mp3"];

/// What went wrong with a recording.
enum Fault {
    Twilio(RestError),
    Disk(io::Error),
    NoRoom,
    /// It broke off, or is shorter than Twilio says.
    Cut,
    Refused(&'static str),
}

/// What is stored of a try.
enum Settled {
    Keep { audio: Audio, forget_there: bool },
    GiveUp(NoAudio, &'static str),
    Retry(Moment),
}

/// What a message's end, or its own callback, tells of a recording.
pub(crate) struct Told<'a> {
    pub(crate) sid: &'a str,
    pub(crate) call_sid: &'a str,
    pub(crate) tagged: bool,
    pub(crate) source: &'a str,
    pub(crate) status: &'a str,
    pub(crate) duration_s: Option<u32>,
    pub(crate) error_code: Option<u32>,
    pub(crate) began: Option<Moment>,
}

/// The fact as it is stored, with what the owner wants done with a message now.
pub(crate) fn fact(told: &Told<'_>, rules: &Rules, at: Moment) -> RecordingFact {
    let settings = &rules.settings;
    let engine = settings.transcripts.engine;
    let language = engine == Engine::Twilio && !twilio_writes(&settings.calls.language);
    // Twilio is not asked to write down what may get too long.
    let longest = settings.calls.message_seconds;
    let unwritten = match () {
        () if language => Some(WritingProblem::Language),
        () if engine == Engine::Twilio && longest >= TWILIO_WRITES.1 => Some(WritingProblem::TooLong),
        () => cannot_write(engine, told.duration_s),
    };
    let complete = told.status == "completed";
    RecordingFact {
        id: RecordingId::new(at),
        sid: told.sid.to_owned(),
        call_sid: told.call_sid.to_owned(),
        tagged: told.tagged,
        source: told.source.to_owned(),
        status: told.status.to_owned(),
        duration_s: told.duration_s,
        error_code: told.error_code,
        at: told.began.unwrap_or(at),
        due_at: if complete { at } else { at.plus_ms(READY_MS) },
        engine,
        unwritten,
        emailed: settings.email.on,
    }
}

/// Fetches what is wanted.
pub(crate) struct Recordings;

impl Shift for Recordings {
    type Job = RecordingFetch;
    const AT_ONCE: usize = AT_ONCE;

    fn bell(inbox: &Inbox) -> &Notify {
        &inbox.0.recordings
    }

    async fn claim(inbox: &Inbox, now: Moment) -> Result<Option<RecordingFetch>, StoreError> {
        inbox.store().claim_recording(now).await
    }

    async fn due(inbox: &Inbox, _: Moment) -> Result<Option<Moment>, StoreError> {
        inbox.store().next_recording_due().await
    }

    async fn work(inbox: Inbox, fetch: RecordingFetch) {
        inbox.fetch_recording(fetch).await;
    }
}

impl Inbox {
    /// Twilio tells of a recording; `tagged` where a document of ours asked for it as a message.
    pub async fn recording_ready(&self, signed: Signed<Form>, tagged: bool) -> Result<Answer, StoreError> {
        let at = self.now();
        let detail = if tagged { "voicemail" } else { "" };
        let signed = match signed.read(RecordingPost::read) {
            Ok(signed) => signed,
            Err((form, why)) => {
                return self
                    .keep_unread(receipt(&form, event::RECORDING, detail.into(), at, noted()), &why)
                    .await;
            }
        };
        let receipt = receipt(&signed, event::RECORDING, detail.into(), at, noted());
        let stored = self.apply_recording(signed.what(), tagged, receipt.clone()).await;
        match stored {
            Ok(answer) => Ok(answer.unwrap_or_else(noted)),
            Err(StoreError::Driver(why)) => self.keep_failed(receipt, why).await,
            Err(error) => Err(error),
        }
    }

    /// Stores what a post tells of a recording.
    pub(crate) async fn apply_recording(
        &self,
        post: &RecordingPost,
        tagged: bool,
        receipt: ringdesk_store::Receipt,
    ) -> Result<Option<Answer>, StoreError> {
        let at = receipt.received_at;
        let told = Told {
            sid: &post.recording_sid,
            call_sid: post.call_sid.as_deref().unwrap_or(""),
            tagged,
            source: &post.source,
            status: &post.status,
            duration_s: post.duration_s,
            error_code: post.error_code,
            began: post.started_ms.map(Moment),
        };
        let stored = self.store().record_recording(fact(&told, &self.rules(), at), at, Some(receipt)).await?;
        self.ring_for_voicemail();
        Ok(stored)
    }

    /// There may be something to fetch, to write down, to send, or to care for.
    pub(crate) fn ring_for_voicemail(&self) {
        self.0.recordings.notify_one();
        self.0.writing.notify_one();
        self.0.letters.notify_one();
        self.0.caring.notify_one();
    }

    async fn fetch_recording(&self, fetch: RecordingFetch) {
        let outcome = self.obtain(&fetch).await;
        let (now, store) = (self.now(), self.store());
        let settled = self.settle(&fetch, outcome, now);
        if let Settled::GiveUp(..) = settled {
            for kind in KINDS {
                let partial = self.partial(fetch.id, kind);
                let _ = fs::remove_file(tag_of(&partial)).await;
                let _ = fs::remove_file(partial).await;
            }
        }
        loop {
            let stored = match &settled {
                Settled::Keep { audio, forget_there } => {
                    store.keep_recording(fetch.id, audio.clone(), *forget_there, now).await
                }
                Settled::GiveUp(state, why) => store.give_up_recording(fetch.id, *state, why, now).await,
                Settled::Retry(at) => store.retry_recording(fetch.id, *at).await,
            };
            match stored {
                Ok(()) => break,
                Err(error) => self.rest(&error).await,
            }
        }
        self.ring_for_voicemail();
        self.0.forgetting.notify_one();
    }

    /// What is stored of a try.
    fn settle(&self, fetch: &RecordingFetch, outcome: Result<Audio, Fault>, now: Moment) -> Settled {
        let old = fetch.tries >= GIVE_UP_TRIES && now.since(fetch.since) > GIVE_UP_MS;
        let recording = fetch.sid.as_str();
        match outcome {
            Ok(audio) => {
                // What is not whole here stays there.
                let forget_there =
                    audio.problem.is_none() && self.rules().settings.keep.delete_recordings_at_twilio;
                return Settled::Keep { audio, forget_there };
            }
            Err(Fault::Refused(why)) => return Settled::GiveUp(NoAudio::Refused, why),
            Err(Fault::Twilio(RestError::TooLarge(_))) => {
                return Settled::GiveUp(NoAudio::Refused, "It is too large to keep.");
            }
            Err(Fault::Twilio(RestError::NotTwilio)) => {
                tracing::warn!(recording, "a recording would have to be fetched elsewhere");
                let why = "Twilio sent us to an address that is not safe to follow.";
                return Settled::GiveUp(NoAudio::Gone, why);
            }
            Err(Fault::Twilio(RestError::Refused { status: 404 | 410, .. })) if old => {
                return Settled::GiveUp(NoAudio::Gone, "Twilio no longer has it.");
            }
            Err(Fault::Cut) if old => return Settled::GiveUp(NoAudio::Gone, "It never came whole."),
            Err(Fault::Disk(error)) => tracing::error!(%error, recording, "a recording could not be kept"),
            Err(Fault::NoRoom) => tracing::error!("the disk has too little room for recordings"),
            Err(Fault::Twilio(error)) => tracing::info!(%error, recording, "a recording is not there yet"),
            Err(Fault::Cut) => tracing::info!(recording, "a recording did not come whole"),
        }
        Settled::Retry(now.plus_ms(backoff(1_000, 15 * 60_000, fetch.tries)))
    }

    /// The recording as a file of ours: as WAV, or as MP3 where that cannot be had.
    async fn obtain(&self, fetch: &RecordingFetch) -> Result<Audio, Fault> {
        fs::create_dir_all(&self.0.media).await.map_err(Fault::Disk)?;
        let room = fs4::available_space(&self.0.media).map_err(Fault::Disk)?;
        if room < ROOM {
            return Err(Fault::NoRoom);
        }
        let mut last = None;
        for kind in KINDS {
            match self.obtain_as(fetch, kind).await {
                // What never comes whole as one kind may as the other.
                Err(Fault::Cut) if kind == KINDS[0] && fetch.tries >= SHORT_TRIES => last = Some(Fault::Cut),
                Err(
                    fault @ (Fault::Twilio(RestError::Refused { status: 404 | 410 | 415, .. })
                    | Fault::Refused(_)),
                ) => {
                    // What is no sound as one kind is not missing as the other.
                    last = Some(match (last, fault) {
                        (Some(refused @ Fault::Refused(_)), _) => refused,
                        (_, fault) => fault,
                    });
                }
                other => return other,
            }
        }
        Err(last.unwrap_or(Fault::Cut))
    }

    async fn obtain_as(&self, fetch: &RecordingFetch, kind: &str) -> Result<Audio, Fault> {
        let partial = self.partial(fetch.id, kind);
        let (sha256, bytes) = self.download_to(&partial, fetch, kind).await?;
        let path = partial.clone();
        let inspected =
            tokio::task::spawn_blocking(move || ringdesk_sound::inspect(&path)).await.map_err(|error| {
                // A file that breaks the decoder is no file to keep.
                tracing::error!(%error, "a recording could not be looked through");
                Fault::Refused("It is not a sound file.")
            });
        let judged = match inspected {
            Ok(Ok(found)) => {
                let told_ms = u64::from(fetch.duration_s.unwrap_or(0)) * 1_000;
                let short = found.length_ms + SHORT_MS < told_ms;
                if short && fetch.tries < SHORT_TRIES {
                    Err(Fault::Cut)
                } else {
                    Ok(Audio {
                        file: Kept { content_type: found.kind.content_type().into(), bytes, sha256 },
                        length_ms: found.length_ms,
                        peaks: found.peaks,
                        silent: found.silent,
                        problem: short.then(|| "It is shorter than Twilio says.".into()),
                    })
                }
            }
            Ok(Err(Unreadable::Broken)) => Err(Fault::Cut),
            Ok(Err(Unreadable::NotSound)) => Err(Fault::Refused("It is not a sound file.")),
            Ok(Err(Unreadable::TooLong)) => Err(Fault::Refused("It is too long to keep.")),
            Ok(Err(Unreadable::Io(error))) => Err(Fault::Disk(error)),
            Err(fault) => Err(fault),
        };
        let judged = match judged {
            Ok(audio) => {
                self.file_away(&partial, &audio.file.sha256).await.map(|()| audio).map_err(Fault::Disk)
            }
            Err(fault) => Err(fault),
        };
        if judged.is_err() {
            let _ = fs::remove_file(&partial).await;
        }
        let _ = fs::remove_file(tag_of(&partial)).await;
        judged
    }

    /// Where a recording is written to until it is whole.
    fn partial(&self, id: RecordingId, kind: &str) -> PathBuf {
        self.0.media.join(format!("{id}.{kind}.part"))
    }

    /// Fetches into a file, going on after what is there already; its hash and its size.
    async fn download_to(
        &self,
        partial: &Path,
        fetch: &RecordingFetch,
        kind: &str,
    ) -> Result<(String, u64), Fault> {
        let reach = self.reach().ok_or(Fault::Twilio(RestError::Unreachable("not connected")))?;
        let there = begun(partial).await;
        let download = reach.client.download_recording(&fetch.sid, kind, there, LARGEST).await;
        let mut download = download.map_err(Fault::Twilio)?;
        let outcome = async {
            if let Some(etag) = &download.etag {
                let mut tag = private_file(&tag_of(partial), false).await?;
                tag.write_all(etag.as_bytes()).await?;
                tag.flush().await?;
            } else {
                let _ = fs::remove_file(tag_of(partial)).await;
            }
            let mut hash = Sha256::new();
            let mut bytes = 0;
            if download.from > 0 {
                bytes = hash_file(partial, &mut hash).await?;
            }
            let file = private_file(partial, download.from > 0).await?;
            Ok::<_, io::Error>((file, hash, bytes))
        }
        .await;
        let (mut file, mut hash, mut bytes) = match outcome {
            Ok(ready) => ready,
            Err(error) => return Err(self.full(partial, error).await),
        };
        loop {
            match download.chunk().await {
                Ok(Some(chunk)) => {
                    if let Err(error) = file.write_all(&chunk).await {
                        return Err(self.full(partial, error).await);
                    }
                    hash.update(&chunk);
                    bytes += chunk.len() as u64;
                }
                Ok(None) => break,
                Err(error) => {
                    // What came is on the disk, and gone on with next time.
                    let _ = file.flush().await;
                    return Err(Fault::Twilio(error));
                }
            }
        }
        // A write that failed late is told by the flush only.
        if let Err(error) = async {
            file.flush().await?;
            file.sync_all().await
        }
        .await
        {
            return Err(self.full(partial, error).await);
        }
        if bytes == 0 || download.total.is_some_and(|total| total != bytes) {
            let _ = fs::remove_file(partial).await;
            return Err(Fault::Cut);
        }
        Ok((hex(&hash.finalize()), bytes))
    }

    /// The disk took no more: what was written is given back to it.
    async fn full(&self, partial: &Path, error: io::Error) -> Fault {
        let _ = fs::remove_file(partial).await;
        let _ = fs::remove_file(tag_of(partial)).await;
        Fault::Disk(error)
    }
}

/// Where the mark of the version that was begun is kept.
fn tag_of(partial: &Path) -> PathBuf {
    partial.with_extension("tag")
}

/// What an earlier try left, where it can be gone on with.
async fn begun(partial: &Path) -> Option<Part> {
    let etag = fs::read_to_string(tag_of(partial)).await.ok().filter(|etag| !etag.is_empty())?;
    let from = fs::metadata(partial).await.ok()?.len();
    (from > 0).then_some(Part { from, etag })
}

async fn hash_file(path: &Path, hash: &mut Sha256) -> io::Result<u64> {
    let mut file = fs::File::open(path).await?;
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer).await? {
            0 => return Ok(bytes),
            read => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}
