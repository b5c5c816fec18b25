//! Asking the process that owns a data folder, over its HTTP desk on this computer.

use anyhow::Context;
use serde_json::Value;
use std::{path::Path, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long an owner may take to answer what it only has to look up.
pub(crate) const SOON: Duration = Duration::from_secs(10);
/// How long it may take to let us in, and to take what we ask.
const DOOR: Duration = Duration::from_secs(10);
/// Longest answer that is read, in bytes.
const MOST_ANSWER: u64 = 4 * 1024 * 1024;

/// A running owner that can be asked once.
#[derive(Debug)]
pub(crate) struct Owner {
    stream: TcpStream,
    address: String,
    token: String,
}

/// The owner said no, in words for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub(crate) String);

impl Owner {
    /// The owner of a folder; none where nobody runs with an API there.
    pub(crate) async fn of(data_dir: &Path) -> Option<Self> {
        let read = |name: &str| std::fs::read_to_string(data_dir.join(name)).ok();
        let (address, token) = (read("api-address")?, read("api-token")?);
        let (address, token) = (address.trim().to_owned(), token.trim().to_owned());
        // An owner that was cut off leaves its address behind.
        let stream = timeout(DOOR, TcpStream::connect(&address)).await.ok()?.ok()?;
        Some(Self { stream, address, token })
    }

    /// Asks for a command of the desk and waits for so long; [`Refused`] where it did not happen.
    pub(crate) async fn ask(
        mut self,
        command: &str,
        request: &Value,
        patience: Duration,
    ) -> anyhow::Result<Value> {
        let (address, token, body) = (&self.address, &self.token, request.to_string());
        let request = format!(
            "POST /api/{command} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let written = timeout(DOOR, self.stream.write_all(request.as_bytes())).await;
        written.context("the owner does not answer")?.context("the owner does not listen")?;
        let mut answer = String::new();
        let mut all = self.stream.take(MOST_ANSWER);
        let read = timeout(patience, all.read_to_string(&mut answer)).await;
        read.context("the owner does not answer")?.context("the owner's answer broke off")?;
        anyhow::ensure!(all.limit() > 0, "the owner's answer is too long");
        let (head, body) = answer.split_once("\r\n\r\n").context("the owner's answer broke off")?;
        let body: Value = serde_json::from_str(body).context("the owner's answer could not be read")?;
        if head.starts_with("HTTP/1.1 200") {
            return Ok(body);
        }
        Err(Refused(body["message"].as_str().unwrap_or("the owner refused").to_owned()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tokio::net::TcpListener;

    /// An owner behind a listener.
    async fn owner() -> (TcpListener, Owner) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let stream = TcpStream::connect(&address).await.expect("let in");
        (listener, Owner { stream, address, token: "a token".into() })
    }

    #[tokio::test]
    async fn an_owner_that_hangs_is_not_waited_for_for_ever() {
        let (_silent, owner) = owner().await;
        let asked = owner.ask("settings", &json!({}), Duration::from_millis(10)).await;
        assert_eq!(asked.expect_err("nobody answers").to_string(), "the owner does not answer");
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_read_to_the_end() {
        let (listener, owner) = owner().await;
        let flood = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a question");
            let more = vec![b' '; 64 * 1024];
            while stream.write_all(&more).await.is_ok() {}
        });
        let asked = owner.ask("settings", &json!({}), DOOR).await;
        assert_eq!(asked.expect_err("too long").to_string(), "the owner's answer is too long");
        flood.await.expect("it was hung up on");
    }

    #[tokio::test]
    async fn an_owner_that_says_no_is_repeated() {
        let (listener, owner) = owner().await;
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a question");
            let (mut asked, mut part) = (String::new(), [0; 1024]);
            while !asked.ends_with("{}") {
                let read = stream.read(&mut part).await.expect("the question");
                assert_ne!(read, 0, "it broke off after {asked}");
                asked.push_str(&String::from_utf8_lossy(&part[..read]));
            }
            let body = r#"{"message":"That is no time zone."}"#;
            let answer = format!("HTTP/1.1 422 No\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.expect("answered");
            asked
        });
        let asked = owner.ask("apply_settings", &json!({}), DOOR).await.expect_err("refused");
        assert_eq!(asked.downcast::<Refused>().expect("words").0, "That is no time zone.");
        let asked = answering.await.expect("asked");
        assert!(asked.starts_with("POST /api/apply_settings "), "{asked}");
    }
}
