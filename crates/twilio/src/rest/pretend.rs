//! A Twilio for one test: answers one request after the other as told, and then says what was asked.

use super::{Client, Credentials};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

/// The account of these tests.
pub(crate) const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

/// What is answered: `BASE` in the body stands for the address.
pub(crate) struct Answer {
    head: String,
    body: String,
}

impl Answer {
    /// `head`: the status, and headers where there are any.
    pub(crate) fn new(head: &str, body: &str) -> Self {
        Self { head: head.to_owned(), body: body.to_owned() }
    }

    pub(crate) fn ok(body: &str) -> Self {
        Self::new("200 OK", body)
    }
}

/// What was asked.
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Starts it; answers its address, and what it was asked once everything is answered.
pub(crate) async fn answering(answers: Vec<Answer>) -> (String, JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("its address"));
    let here = base.clone();
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        for Answer { head: status, body } in answers {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.expect("a head"));
            }
            let head = String::from_utf8(head).expect("text");
            let mut form = vec![0; length(&head)];
            stream.read_exact(&mut form).await.expect("a body");
            asked.push(Asked { head, body: String::from_utf8(form).expect("text") });
            let body = body.replace("BASE", &here);
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.expect("written");
        }
        asked
    });
    (base, asked)
}

/// How long the body is that comes after this head.
fn length(head: &str) -> usize {
    let head = head.to_ascii_lowercase();
    let told = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    told.unwrap_or(0)
}

/// A client that takes `base` for Twilio.
pub(crate) fn client(base: &str) -> Client {
    Client::new(base, Credentials::account(ACCOUNT, "secret".into())).expect("a client")
}
