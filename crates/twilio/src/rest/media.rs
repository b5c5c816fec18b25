//! Pictures customers sent. Twilio's own host wants credentials and answers with a redirect to
//! storage elsewhere, which must not see them.

use super::{Client, client::describe};
use crate::error::RestError;
use bytes::Bytes;
use reqwest::{Response, Url, header::LOCATION};

/// Redirects followed, at most.
const MAX_REDIRECTS: usize = 3;

/// A file on its way in, limited in size while it is read.
#[derive(Debug)]
pub struct Download {
    response: Response,
    left: u64,
    limit: u64,
}

impl Download {
    /// The next bytes, `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, RestError> {
        let chunk = self.response.chunk().await.map_err(|e| RestError::Unreachable(describe(&e)))?;
        if let Some(chunk) = &chunk {
            self.left = self.left.checked_sub(chunk.len() as u64).ok_or(RestError::TooLarge(self.limit))?;
        }
        Ok(chunk)
    }
}

impl Client {
    /// Starts fetching a file that Twilio named in a message; at most `limit` bytes will come.
    pub async fn download(&self, url: &str, limit: u64) -> Result<Download, RestError> {
        let mut url = Url::parse(url).map_err(|_| RestError::NotTwilio)?;
        if !self.is_twilio(&url) {
            return Err(RestError::NotTwilio);
        }
        let mut request = self.signed_in(self.asking.get(url.clone()));
        for _ in 0..=MAX_REDIRECTS {
            let response = request.send().await.map_err(|e| RestError::Unreachable(describe(&e)))?;
            let status = response.status();
            if status.is_redirection() {
                let target = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                url = target.and_then(|target| url.join(target).ok()).ok_or(RestError::Unreadable)?;
                if !self.may_follow(&url) {
                    return Err(RestError::NotTwilio);
                }
                request = self.asking.get(url.clone());
                continue;
            }
            if !status.is_success() {
                return Err(RestError::Refused { status: status.as_u16(), code: 0 });
            }
            if response.content_length().is_some_and(|length| length > limit) {
                return Err(RestError::TooLarge(limit));
            }
            return Ok(Download { response, left: limit, limit });
        }
        Err(RestError::Unreadable)
    }

    /// Credentials go to the configured host and nowhere else.
    fn is_twilio(&self, url: &Url) -> bool {
        url.scheme() == self.base.scheme()
            && url.host_str() == self.base.host_str()
            && url.port_or_known_default() == self.base.port_or_known_default()
            && url.username().is_empty()
    }

    /// Storage may be any named https host; loopback only while Twilio itself is a practice line there.
    fn may_follow(&self, url: &Url) -> bool {
        let named =
            url.domain().is_some_and(|name| name.contains('.') && name.rsplit('.').next() != Some("local"));
        let practice = matches!(self.base.host_str(), Some("127.0.0.1" | "localhost"));
        (url.scheme() == "https" && named)
            || (practice && matches!(url.host_str(), Some("127.0.0.1" | "localhost")))
    }
}
