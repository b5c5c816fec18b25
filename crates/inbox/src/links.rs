//! One-time signed links on our public address, from which Twilio fetches the pictures we send.

use crate::{Inbox, Problem, Reach};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use ringdesk_domain::AttachmentId;
use ringdesk_store::Kept;
use sha2::Sha256;

/// How long a link may be used, in milliseconds: Twilio fetches within minutes.
const GOOD_FOR_MS: i64 = 60 * 60_000;
/// Bytes: id, expiry, and half of an HMAC-SHA256.
const PARTS: (usize, usize, usize) = (16, 8, 16);

impl Inbox {
    /// What is said where something needs a public address and there is none.
    pub(crate) fn told_no_address() -> Problem {
        Problem::Told {
            code: "no_address",
            message: "Twilio can't reach this computer yet.".into(),
            hint: "Give it a public address in Settings first. Then try again.".into(),
        }
    }

    /// A link to a picture; none without a public address.
    pub(crate) fn media_link(&self, picture: AttachmentId, reach: &Reach) -> Option<String> {
        let expires = self.now().plus_ms(GOOD_FOR_MS).0;
        let mut bytes = picture.uuid().as_bytes().to_vec();
        bytes.extend_from_slice(&expires.to_be_bytes());
        let seal = seal(reach, &bytes);
        bytes.extend_from_slice(&seal);
        reach.plain(&format!("/media/{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The picture a link is for. `spend`: uses the link up, so that it works once.
    pub async fn open_link(&self, link: &str, spend: bool) -> Result<Kept, Problem> {
        let reach = self.reach().ok_or(Problem::NotFound)?;
        let bytes = URL_SAFE_NO_PAD.decode(link).map_err(|_| Problem::NotFound)?;
        if bytes.len() != PARTS.0 + PARTS.1 + PARTS.2 {
            return Err(Problem::NotFound);
        }
        let (said, sealed) = bytes.split_at(PARTS.0 + PARTS.1);
        let mut mac = mac(&reach);
        mac.update(said);
        mac.verify_truncated_left(sealed).map_err(|_| Problem::NotFound)?;
        let (id, expires) = said.split_at(PARTS.0);
        let id = uuid::Uuid::from_slice(id).map_err(|_| Problem::NotFound)?;
        let expires = i64::from_be_bytes(expires.try_into().map_err(|_| Problem::NotFound)?);
        if self.now().0 > expires {
            return Err(Problem::NotFound);
        }
        let picture = self.store().attachment(id.into()).await?.ok_or(Problem::NotFound)?;
        let kept = picture.kept.ok_or(Problem::NotFound)?;
        if spend && !self.store().spend_link(link.to_owned(), self.now()).await? {
            return Err(Problem::NotFound);
        }
        Ok(kept)
    }
}

fn mac(reach: &Reach) -> Hmac<Sha256> {
    // The key lives with the account, so a link outlives a restart and no second secret is kept.
    let mut mac = reach.client.keyed(b"ringdesk media link");
    mac.update(b"v1");
    mac
}

fn seal(reach: &Reach, said: &[u8]) -> Vec<u8> {
    let mut mac = mac(reach);
    mac.update(said);
    mac.finalize().into_bytes()[..PARTS.2].to_vec()
}
