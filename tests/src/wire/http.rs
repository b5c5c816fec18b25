//! Requests and answers as they pass along a wire.

use serde_json::Value;
use std::io;
use tokio::{io::AsyncReadExt, net::TcpStream};

/// An answer of whoever is between an office and its Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    /// Whole lines, each with its end.
    headers: String,
    body: String,
}

impl Answer {
    /// JSON with a status.
    pub fn json(status: u16, body: &Value) -> Self {
        let headers = "content-type: application/json\r\n".to_owned();
        Self { status, headers, body: body.to_string() }
    }

    /// A page with a status, such as a proxy has.
    pub fn page(status: u16, body: &str) -> Self {
        Self { status, headers: "content-type: text/html\r\n".into(), body: body.to_owned() }
    }

    /// Nothing but a status.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: String::new(), body: String::new() }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, header: &str) -> Self {
        self.headers.push_str(header);
        self.headers.push_str("\r\n");
        self
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let Self { status, headers, body } = self;
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} As told\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        [head.as_bytes(), body.as_bytes()].concat()
    }
}

/// A request as it comes along.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// With the empty line at its end.
    head: String,
    /// What came of the body so far, and its whole length in bytes.
    body: Vec<u8>,
    pub(super) length: usize,
}

impl Asked {
    /// Reads the head, and what of the body came in the same breath.
    pub(super) async fn begin(here: &mut TcpStream) -> io::Result<Self> {
        let mut read = Vec::<u8>::new();
        let end = loop {
            if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let nothing = here.read_buf(&mut read).await? == 0;
            // Whoever speaks TLS would wait for a word of it.
            if nothing || !read[0].is_ascii_uppercase() {
                return Err(io::ErrorKind::InvalidData.into());
            }
        };
        let body = read.split_off(end);
        let head = String::from_utf8(read).map_err(io::Error::other)?;
        let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        Ok(Self { head, body, length })
    }

    /// Reads on until there is so much of the body.
    pub(super) async fn read_to(&mut self, here: &mut TcpStream, length: usize) -> io::Result<()> {
        while self.body.len() < length {
            if here.read_buf(&mut self.body).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }

    pub(super) fn line(&self) -> &str {
        self.head.lines().next().unwrap_or("")
    }

    pub(super) fn sends(&self) -> bool {
        self.line().starts_with("POST /2010-04-01/") && self.line().contains("/Messages.json")
    }

    /// A field of the form.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let form = ringdesk_twilio::Form::parse(&self.body).ok()?;
        form.text(name).map(str::to_owned)
    }

    /// Without a field of the form.
    pub(super) fn forget(&mut self, name: &str) {
        let others = self.body.split(|byte| *byte == b'&');
        let others = others.filter(|pair| pair.split(|byte| *byte == b'=').next() != Some(name.as_bytes()));
        let others: Vec<&[u8]> = others.collect();
        self.body = others.join(&b'&');
    }

    /// A part of the query of a list.
    pub(super) fn asks(&self, name: &str) -> Option<String> {
        let query = self.line().split(' ').nth(1)?.split_once('?')?.1;
        let form = ringdesk_twilio::Form::parse(query.as_bytes()).ok()?;
        form.text(name).map(str::to_owned)
    }

    /// As it goes on: on a connection of its own, with the body as it is now.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let ours = ["connection:", "content-length:"];
        let kept = |line: &&str| {
            !line.is_empty() && !ours.iter().any(|name| line.to_ascii_lowercase().starts_with(name))
        };
        let mut lines: Vec<&str> = self.head.lines().filter(kept).collect();
        let length = format!("content-length: {}", self.body.len());
        lines.extend([length.as_str(), "connection: close", "", ""]);
        [lines.join("\r\n").as_bytes(), self.body.as_slice()].concat()
    }
}

/// A header of a head, by its name in small letters.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The body of an answer.
pub(super) fn body_of(answer: &[u8]) -> &[u8] {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    end.map_or(&[], |end| &answer[end + 4..])
}
