//! Pictures and files: fetched with credentials to Twilio's host only, judged by their bytes, kept
//! under the hash of their content.

use crate::{
    Inbox, Problem, files::private_file, from_twilio::hex, letters::when, outbox::backoff, shift::Shift,
};
use ringdesk_domain::{AttachmentId, Moment, media};
use ringdesk_store::{Fetch, Kept, StoreError};
use ringdesk_twilio::error::RestError;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use tokio::{io::AsyncWriteExt, sync::Notify};

/// Fetched at once.
const AT_ONCE: usize = 3;
/// A picture Twilio says it does not have is asked for at least this long, in milliseconds, and so often.
const GIVE_UP_MS: i64 = 24 * 60 * 60_000;
const GIVE_UP_TRIES: u32 = 5;
/// Enough of a file to tell its type.
const HEAD: usize = 8_192;

/// A kept file, to be shown or sent.
#[derive(Debug, Clone)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// The type its bytes show.
    pub content_type: String,
    /// Whether it may be shown in the window.
    pub showable: bool,
}

/// What went wrong with a file.
enum Fault {
    Twilio(RestError),
    Disk(std::io::Error),
    Refused(&'static str),
}

/// Fetches what is wanted.
pub(crate) struct Fetching;

impl Shift for Fetching {
    type Job = Fetch;
    const AT_ONCE: usize = AT_ONCE;

    fn bell(inbox: &Inbox) -> &Notify {
        &inbox.0.fetching
    }

    async fn claim(inbox: &Inbox, now: Moment) -> Result<Option<Fetch>, StoreError> {
        inbox.store().claim_fetch(now).await
    }

    async fn due(inbox: &Inbox, _: Moment) -> Result<Option<Moment>, StoreError> {
        inbox.store().next_fetch_due().await
    }

    async fn work(inbox: Inbox, fetch: Fetch) {
        inbox.fetch(fetch).await;
    }
}

impl Inbox {
    async fn fetch(&self, fetch: Fetch) {
        let outcome = self.download(&fetch).await;
        let now = self.now();
        let stored = match outcome {
            Ok(kept) => self.store().keep_attachment(fetch.id, kept, now).await,
            Err(Fault::Refused(why)) => self.store().give_up_attachment(fetch.id, true, why, now).await,
            Err(Fault::Twilio(RestError::TooLarge(_))) => {
                self.store().give_up_attachment(fetch.id, true, "too large to keep", now).await
            }
            Err(Fault::Twilio(error)) if !error.is_passing() => {
                tracing::warn!(%error, attachment = %fetch.id, "a picture cannot be had");
                self.store()
                    .give_up_attachment(fetch.id, false, "its address is not one of Twilio’s", now)
                    .await
            }
            Err(Fault::Twilio(RestError::Refused { status: 404 | 410, .. }))
                if fetch.tries >= GIVE_UP_TRIES && now.since(fetch.since) > GIVE_UP_MS =>
            {
                self.store().give_up_attachment(fetch.id, false, "Twilio no longer has it", now).await
            }
            Err(fault) => {
                match &fault {
                    Fault::Disk(error) => {
                        tracing::error!(%error, attachment = %fetch.id, "a picture could not be kept");
                    }
                    Fault::Twilio(error) => {
                        tracing::info!(%error, attachment = %fetch.id, "a picture is not there yet");
                    }
                    Fault::Refused(_) => {}
                }
                let due = now.plus_ms(backoff(1_000, 15 * 60_000, fetch.tries));
                self.store().retry_attachment(fetch.id, due, now).await
            }
        };
        if let Err(error) = stored {
            tracing::error!(%error, attachment = %fetch.id, "a picture's state could not be stored");
        }
    }

    async fn download(&self, fetch: &Fetch) -> Result<Kept, Fault> {
        let reach = self.reach().ok_or(Fault::Twilio(RestError::Unreachable("not connected")))?;
        let limit = media::MAX_INCOMING_BYTES;
        let mut download = reach.client.download(&fetch.url, limit).await.map_err(Fault::Twilio)?;
        tokio::fs::create_dir_all(&self.0.media).await.map_err(Fault::Disk)?;
        let partial = self.0.media.join(format!("{}.part", fetch.id));
        let outcome = async {
            let mut file = private_file(&partial, false).await.map_err(Fault::Disk)?;
            let (mut hash, mut head, mut bytes) = (Sha256::new(), Vec::new(), 0_u64);
            while let Some(chunk) = download.chunk().await.map_err(Fault::Twilio)? {
                hash.update(&chunk);
                bytes += chunk.len() as u64;
                head.extend_from_slice(&chunk[..chunk.len().min(HEAD.saturating_sub(head.len()))]);
                file.write_all(&chunk).await.map_err(Fault::Disk)?;
            }
            if bytes == 0 {
                return Err(Fault::Twilio(RestError::Unreadable));
            }
            let kept = judge(&head, bytes, &hex(&hash.finalize()))?;
            // A write that failed late is told by the flush only.
            file.flush().await.map_err(Fault::Disk)?;
            file.sync_all().await.map_err(Fault::Disk)?;
            self.file_away(&partial, &kept.sha256).await.map_err(Fault::Disk)?;
            Ok(kept)
        }
        .await;
        if outcome.is_err() {
            let _ = tokio::fs::remove_file(&partial).await;
        }
        outcome
    }

    /// Takes a picture the owner wants to send; it can be sent by its hash from now on.
    pub async fn add_picture(&self, bytes: &[u8]) -> Result<Kept, Problem> {
        if bytes.len() as u64 > media::MAX_PICTURE_BYTES {
            return Err(Problem::Picture("It is larger than 5 MB. Choose a smaller one."));
        }
        let found = infer::get(bytes).map(|kind| kind.mime_type());
        let Some(content_type) = found.filter(|found| media::can_send(Some(found))) else {
            return Err(Problem::Picture("Only JPEG, PNG and GIF pictures can be sent."));
        };
        let content_type = content_type.to_owned();
        let sha256 = self.keep_bytes(bytes.to_vec()).await?;
        Ok(Kept { content_type, bytes: bytes.len() as u64, sha256 })
    }

    /// A picture that was added, judged again by its bytes.
    pub(crate) async fn picture(&self, sha256: &str) -> Result<Kept, Problem> {
        if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Problem::NotFound);
        }
        let bytes = tokio::fs::read(self.kept(sha256)).await.map_err(|_| Problem::NotFound)?;
        let content_type = infer::get(&bytes).map(|kind| kind.mime_type());
        let content_type =
            content_type.filter(|kind| media::can_send(Some(kind))).ok_or(Problem::NotFound)?;
        Ok(Kept {
            content_type: content_type.to_owned(),
            bytes: bytes.len() as u64,
            sha256: sha256.to_owned(),
        })
    }

    /// The file of an attachment, once it is kept.
    pub async fn file(&self, id: AttachmentId) -> Result<File, Problem> {
        let attachment = self.store().attachment(id).await?.ok_or(Problem::NotFound)?;
        let kept = attachment.kept.ok_or(Problem::NotFound)?;
        Ok(File {
            path: self.kept(&kept.sha256),
            showable: media::treat(Some(&kept.content_type)) == media::Use::Show,
            content_type: kept.content_type,
        })
    }

    /// The file of an attachment and what it is called where people see it, such as
    /// `Helen Okafor 2026-11-22 08.31.jpg`; not yet made safe for a file system.
    pub async fn file_to_save(&self, id: AttachmentId) -> Result<(PathBuf, String), Problem> {
        let store = self.store();
        let attachment = store.attachment(id).await?.ok_or(Problem::NotFound)?;
        let kept = attachment.kept.ok_or(Problem::NotFound)?;
        let text = store.text(attachment.text).await?.ok_or(Problem::NotFound)?;
        let with = store.conversation(text.conversation).await?.ok_or(Problem::NotFound)?;
        let rules = self.rules();
        let who = with.name.unwrap_or_else(|| with.customer.display(&rules.settings.region));
        let at = when(text.at, &rules.zone, "%Y-%m-%d %H.%M");
        let end = media::extension(media::saved_as(&kept.content_type, &attachment.declared_type));
        Ok((self.kept(&kept.sha256), format!("{who} {at}.{end}")))
    }

    /// The same as a whole: name and bytes.
    pub async fn file_bytes(&self, id: AttachmentId) -> Result<(String, Vec<u8>), Problem> {
        let (path, name) = self.file_to_save(id).await?;
        let bytes = tokio::fs::read(&path).await.map_err(|_| Problem::NotFound)?;
        Ok((name, bytes))
    }
}

/// Decides by the bytes, not by what the sender claimed.
fn judge(head: &[u8], bytes: u64, sha256: &str) -> Result<Kept, Fault> {
    let found = infer::get(head).map(|kind| kind.mime_type());
    if media::treat(found) == media::Use::Refuse {
        return Err(Fault::Refused("it is a program or a web page, which Ringdesk does not keep"));
    }
    let content_type = found.unwrap_or(media::UNKNOWN).to_owned();
    Ok(Kept { content_type, bytes, sha256: sha256.to_owned() })
}
