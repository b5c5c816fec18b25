//! Files at Twilio: pictures customers sent, messages they left. Twilio's own host wants credentials and
//! may answer with a redirect to storage elsewhere, which must not see them.

use super::{Client, client::describe};
use crate::error::RestError;
use bytes::Bytes;
use reqwest::{
    Response, StatusCode, Url,
    header::{CONTENT_RANGE, ETAG, HeaderName, IF_RANGE, LOCATION, RANGE},
};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long a whole file may take. What came of one that broke off is gone on with.
const WHOLE: Duration = Duration::from_secs(10 * 60);
/// Redirects followed, at most.
const MAX_REDIRECTS: usize = 3;

/// What is here already of a file whose rest is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Bytes that are here; the rest begins there.
    pub from: u64,
    /// The [`Download::etag`] they came with.
    pub etag: String,
}

/// A file on its way in, limited in size while it is read.
#[derive(Debug)]
pub struct Download {
    /// Where the bytes that come belong: behind the part that is here, or at 0, and the part is worthless.
    pub from: u64,
    /// Size of the whole file in bytes, where it is told.
    pub total: Option<u64>,
    /// What its rest can be asked for by, should it break off.
    pub etag: Option<String>,
    response: Response,
    until: Instant,
    left: u64,
    limit: u64,
}

impl Download {
    /// The next bytes, `None` at the end. Thirty seconds without any, or ten minutes for all of them, are
    /// [`RestError::Unreachable`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, RestError> {
        let chunk = timeout_at(self.until, self.response.chunk()).await;
        let chunk = chunk.map_err(|_| RestError::Unreachable("it came too slowly"))?;
        let chunk = chunk.map_err(|e| RestError::Unreachable(describe(&e)))?;
        if let Some(chunk) = &chunk {
            self.left = self.left.checked_sub(chunk.len() as u64).ok_or(RestError::TooLarge(self.limit))?;
        }
        Ok(chunk)
    }
}

impl Client {
    /// Starts fetching a file that Twilio named in a message; at most `limit` bytes will come.
    pub async fn download(&self, url: &str, limit: u64) -> Result<Download, RestError> {
        let url = Url::parse(url).map_err(|_| RestError::NotTwilio)?;
        if !self.is_twilio(&url) {
            return Err(RestError::NotTwilio);
        }
        self.fetch(url, None, limit).await
    }

    /// Starts fetching a file of at most `limit` bytes from Twilio's host, or the rest of it.
    pub(super) async fn fetch(
        &self,
        url: Url,
        part: Option<&Part>,
        limit: u64,
    ) -> Result<Download, RestError> {
        let part = part.filter(|part| part.from > 0 && is_strong(&part.etag));
        let mut response = self.follow(url.clone(), part).await?;
        let rest = part.filter(|part| continues(&response, part));
        let answers_a_part =
            matches!(response.status(), StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE);
        if part.is_some() && rest.is_none() && answers_a_part {
            // Not the rest of what is here: begun anew, whole.
            response = self.follow(url, None).await?;
        }
        let (status, from) = (response.status(), rest.map_or(0, |part| part.from));
        if !status.is_success() {
            return Err(RestError::Refused { status: status.as_u16(), code: 0 });
        }
        if rest.is_none() && status == StatusCode::PARTIAL_CONTENT {
            return Err(RestError::Unreadable);
        }
        let told = header(&response, &CONTENT_RANGE).and_then(content_range).and_then(|(_, total)| total);
        let total = told.or_else(|| response.content_length().map(|length| from + length));
        if total.is_some_and(|total| total > limit) {
            return Err(RestError::TooLarge(limit));
        }
        let left = limit.checked_sub(from).ok_or(RestError::TooLarge(limit))?;
        let etag = header(&response, &ETAG).or(rest.map(|part| part.etag.as_str()));
        let etag = etag.filter(|etag| is_strong(etag)).map(str::to_owned);
        Ok(Download { from, total, etag, response, until: Instant::now() + WHOLE, left, limit })
    }

    /// Asks for a file wherever it is. Only the first request, to Twilio's own host, carries credentials.
    async fn follow(&self, mut url: Url, part: Option<&Part>) -> Result<Response, RestError> {
        let mut request = self.signed_in(self.fetching.get(url.clone()));
        for _ in 0..=MAX_REDIRECTS {
            if let Some(part) = part {
                request = request.header(RANGE, format!("bytes={}-", part.from)).header(IF_RANGE, &part.etag);
            }
            let response = request.send().await.map_err(|e| RestError::Unreachable(describe(&e)))?;
            if !response.status().is_redirection() {
                return Ok(response);
            }
            let target = header(&response, &LOCATION);
            url = target.and_then(|target| url.join(target).ok()).ok_or(RestError::Unreadable)?;
            if !self.may_follow(&url) {
                return Err(RestError::NotTwilio);
            }
            request = self.fetching.get(url.clone());
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

fn header<'a>(response: &'a Response, name: &HeaderName) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// Whether an answer is the rest of what is here. Not everybody minds `If-Range`.
fn continues(response: &Response, part: &Part) -> bool {
    let range = header(response, &CONTENT_RANGE).and_then(content_range);
    response.status() == StatusCode::PARTIAL_CONTENT
        && range.is_some_and(|(from, _)| from == part.from)
        && header(response, &ETAG).is_none_or(|etag| etag == part.etag)
}

/// Where a part begins, and the size of the whole where that is told. Source: RFC 9110, 14.4.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = range.split_once('-')?;
    Some((from.parse().ok()?, total.parse().ok()))
}

/// A weak `ETag` does not promise the same bytes. Source: RFC 9110, 8.8.3 and 13.1.5.
fn is_strong(etag: &str) -> bool {
    etag.len() > 2
        && etag.starts_with('"')
        && etag.ends_with('"')
        && etag.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Credentials;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        task::JoinHandle,
    };

    const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
    const SID: &str = "RE0123456789abcdef0123456789abcdef";

    /// Answers one request after the other as told, and then says what was asked.
    async fn answering(answers: Vec<String>) -> (Client, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let asked = tokio::spawn(async move {
            let mut asked = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.expect("a head"));
                }
                asked.push(String::from_utf8(head).expect("text").to_ascii_lowercase());
                stream.write_all(answer.as_bytes()).await.expect("written");
            }
            asked
        });
        let credentials = Credentials::account(ACCOUNT, "secret".into());
        (Client::new(&base, credentials).expect("a client"), asked)
    }

    fn answer(head: &str, body: &str) -> String {
        format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    }

    fn rest(etag: &str) -> Part {
        Part { from: 4, etag: etag.to_owned() }
    }

    async fn read(mut download: Download) -> (u64, String) {
        let mut whole = Vec::new();
        while let Some(chunk) = download.chunk().await.expect("bytes") {
            whole.extend_from_slice(&chunk);
        }
        (download.from, String::from_utf8(whole).expect("text"))
    }

    #[tokio::test]
    async fn a_file_that_broke_off_goes_on_where_it_did() {
        let head = "206 Partial Content\r\nETag: \"a\"\r\nContent-Range: bytes 4-9/10";
        let (client, asked) = answering(vec![answer(head, "456789")]).await;
        let download = client.download_recording(SID, "wav", Some(rest("\"a\"")), 10).await.expect("it");
        assert_eq!((download.total, download.etag.as_deref()), (Some(10), Some("\"a\"")));
        assert_eq!(read(download).await, (4, "456789".into()));
        let asked = &asked.await.expect("asked")[0];
        let path = format!("get /2010-04-01/accounts/{ACCOUNT}/recordings/{SID}.wav ");
        assert!(asked.starts_with(&path.to_ascii_lowercase()), "{asked}");
        for line in ["range: bytes=4-\r\n", "if-range: \"a\"\r\n", "authorization: basic "] {
            assert!(asked.contains(line), "{line} in {asked}");
        }
    }

    #[tokio::test]
    async fn what_is_not_its_rest_is_begun_anew() {
        let whole = || answer("200 OK\r\nETag: \"b\"", "0123456789");
        let part = |head: &str| answer(&format!("206 Partial Content\r\n{head}"), "56789");
        for answers in [
            // Another file by now.
            vec![whole()],
            vec![part("ETag: \"b\"\r\nContent-Range: bytes 4-8/9"), whole()],
            // Another part.
            vec![part("ETag: \"a\"\r\nContent-Range: bytes 5-9/10"), whole()],
            vec![part("ETag: \"a\""), whole()],
            vec![answer("416 Range Not Satisfiable\r\nContent-Range: bytes */4", ""), whole()],
        ] {
            let times = answers.len();
            let (client, asked) = answering(answers).await;
            let download = client.download_recording(SID, "mp3", Some(rest("\"a\"")), 10).await.expect("it");
            assert_eq!(download.etag.as_deref(), Some("\"b\""));
            assert_eq!(read(download).await, (0, "0123456789".into()));
            let asked = asked.await.expect("asked");
            assert_eq!(asked.len(), times);
            assert_eq!(asked.iter().filter(|head| head.contains("range: bytes=4-")).count(), 1);
        }
    }

    #[tokio::test]
    async fn a_rest_is_asked_for_only_by_a_name_that_promises_the_same_bytes() {
        for etag in ["W/\"a\"", "a", "", "\"a\r\nX: \""] {
            let (client, asked) = answering(vec![answer("200 OK\r\nETag: W/\"a\"", "0123456789")]).await;
            let download = client.download_recording(SID, "wav", Some(rest(etag)), 10).await.expect("it");
            assert_eq!(download.etag, None);
            assert_eq!(read(download).await.0, 0);
            assert!(!asked.await.expect("asked")[0].contains("range:"), "{etag}");
        }
    }

    #[tokio::test]
    async fn storage_elsewhere_is_told_the_rest_but_no_credentials() {
        let head = "206 Partial Content\r\nContent-Range: bytes 4-9/10";
        let moved = answer("307 Temporary Redirect\r\nLocation: /elsewhere", "");
        let (client, asked) = answering(vec![moved, answer(head, "456789")]).await;
        let download = client.download_recording(SID, "wav", Some(rest("\"a\"")), 10).await.expect("it");
        assert_eq!(read(download).await.0, 4);
        let asked = &asked.await.expect("asked")[1];
        assert!(asked.contains("range: bytes=4-") && !asked.contains("authorization"), "{asked}");
    }

    #[tokio::test]
    async fn what_is_here_counts_towards_the_limit() {
        let head = "206 Partial Content\r\nETag: \"a\"\r\nContent-Range: bytes 4-9/*";
        let (client, _) = answering(vec![answer(head, "456789")]).await;
        let refused = client.download_recording(SID, "wav", Some(rest("\"a\"")), 9).await;
        assert_eq!(refused.err(), Some(RestError::TooLarge(9)));
    }

    #[tokio::test]
    async fn nothing_is_asked_under_what_is_no_sid() {
        let (client, _) = answering(Vec::new()).await;
        for (sid, kind) in [("RE../../x", "wav"), ("", "wav"), (SID, "ogg"), (SID, "wav?a=b")] {
            let refused = client.download_recording(sid, kind, None, 10).await;
            assert_eq!(refused.err(), Some(RestError::NotTwilio), "{sid}.{kind}");
        }
    }
}
