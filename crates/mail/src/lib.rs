//! Letters to the owner: handed to their mail server over SMTP, and what came of it. Knows nothing of our
//! office, keeps nothing and repeats nothing by itself. Source: RFC 5321, 3207 and 4954.

mod error;
mod letter;

pub use error::MailError;
pub use letter::{File, Letter};

use error::Step;
use lettre::{
    Message,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::{ClientId, Extension},
    },
};
use secrecy::{ExposeSecret, SecretString};
use std::{future::Future, net::Ipv4Addr, time::Duration};

/// How long the server may take to be reached, to let us in, and to take a short letter.
const STEP: Duration = Duration::from_secs(60);
/// How long each of a server's addresses may take to be reached.
const REACH: Duration = Duration::from_secs(20);
/// What even a slow line carries, in bytes a second: a long letter gets more time.
const PACE: u64 = 16 * 1024;
/// How long the server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(5);

/// The mail server, and who logs in there. Prints no password.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name, or its address.
    pub host: String,
    /// Its port: usually 465 for [`Security::Tls`], 587 for [`Security::StartTls`].
    pub port: u16,
    /// How the way to it is secured.
    pub security: Security,
    /// Who logs in; nobody when empty.
    pub user: String,
    /// Their password.
    pub password: Option<SecretString>,
}

/// How the way to the server is secured. Certificates are checked against what this computer trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// From the first byte on.
    Tls,
    /// From the server's word on; a server without it gets nothing.
    StartTls,
    /// Not at all; the password goes as it is.
    None,
}

/// Hands a letter over. `Ok` means that the server has it. After [`MailError::Unreachable`] it may have it
/// all the same: whoever sends again gives the same `message_id`, by which mailboxes tell a repeat.
pub async fn send(server: &Server, letter: Letter) -> Result<(), MailError> {
    let message = letter::written(letter)?;
    let raw = message.formatted();
    let credentials = credentials(server)?;
    let mut connection = within(STEP, connect(server)).await?;
    if let Some(credentials) = &credentials {
        within(STEP, log_in(&mut connection, credentials)).await?;
    }
    let time = STEP + Duration::from_secs(raw.len() as u64 / PACE);
    within(time, hand_over(&mut connection, &message, &raw)).await?;
    // The letter is theirs now, however they part.
    let _ = tokio::time::timeout(GOODBYE, connection.quit()).await;
    Ok(())
}

async fn within<T>(time: Duration, step: impl Future<Output = Result<T, MailError>>) -> Result<T, MailError> {
    tokio::time::timeout(time, step).await.unwrap_or(Err(MailError::Unreachable))
}

fn credentials(server: &Server) -> Result<Option<Credentials>, MailError> {
    if server.user.is_empty() {
        return Ok(None);
    }
    let password = server.password.as_ref().ok_or(MailError::Login)?;
    Ok(Some(Credentials::new(server.user.clone(), password.expose_secret().to_owned())))
}

async fn connect(server: &Server) -> Result<AsyncSmtpConnection, MailError> {
    // What this computer is called is nobody's business; an address stands for it, as RFC 5321, 4.1.4 has it.
    let us = ClientId::Ipv4(Ipv4Addr::LOCALHOST);
    let from_the_start = match server.security {
        Security::Tls => Some(trusted(&server.host).await?),
        Security::StartTls | Security::None => None,
    };
    let address = (server.host.as_str(), server.port);
    let reached = AsyncSmtpConnection::connect_tokio1(address, Some(REACH), &us, from_the_start, None).await;
    let mut connection = reached.map_err(|error| MailError::told(&error, Step::Reaching))?;
    if server.security == Security::StartTls {
        if !connection.can_starttls() {
            return Err(MailError::Tls);
        }
        let upgraded = connection.starttls(trusted(&server.host).await?, &us).await;
        upgraded.map_err(|error| MailError::told(&error, Step::Reaching))?;
    }
    Ok(connection)
}

/// What this computer trusts; read from its files.
async fn trusted(host: &str) -> Result<TlsParameters, MailError> {
    let host = host.to_owned();
    let read = tokio::task::spawn_blocking(move || TlsParameters::new(host)).await;
    read.ok().and_then(Result::ok).ok_or(MailError::Tls)
}

async fn log_in(connection: &mut AsyncSmtpConnection, credentials: &Credentials) -> Result<(), MailError> {
    let logged_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await;
    logged_in.map(|_| ()).map_err(|error| MailError::told(&error, Step::LoggingIn))
}

async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    raw: &[u8],
) -> Result<(), MailError> {
    let envelope = message.envelope();
    if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        let plain = |address: &lettre::Address| AsRef::<str>::as_ref(address).is_ascii();
        if !envelope.from().is_none_or(plain) {
            return Err(MailError::Address("from"));
        }
        if !envelope.to().iter().all(plain) {
            return Err(MailError::Address("to"));
        }
    }
    let taken = connection.send(envelope, raw).await;
    taken.map(|_| ()).map_err(|error| MailError::told(&error, Step::Sending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
        task::JoinHandle,
    };

    /// A server that says one thing after the other, each when it is its turn, and then hangs up. It says
    /// what it heard.
    async fn saying(replies: &'static [&'static str]) -> (u16, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let heard = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a connection");
            let (mut stream, mut heard) = (BufReader::new(stream), Vec::new());
            for reply in replies {
                let in_letter = reply.starts_with("354");
                stream.write_all(format!("{reply}\r\n").as_bytes()).await.expect("written");
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                        return heard;
                    }
                    let over = !in_letter || line == ".\r\n";
                    heard.push(line.trim_end().to_owned());
                    if over {
                        break;
                    }
                }
            }
            heard
        });
        (port, heard)
    }

    fn server(port: u16, security: Security, user: &str) -> Server {
        let password = Some("open sesame".into());
        Server { host: "127.0.0.1".into(), port, security, user: user.into(), password }
    }

    fn letter() -> Letter {
        Letter {
            message_id: "1@ringdesk.invalid".into(),
            from: "office@example.com".into(),
            to: "nora@example.com".into(),
            subject: "Voicemail".into(),
            body: "Hello".into(),
            files: Vec::new(),
        }
    }

    const HELLO: &str = "250-mail.example.test\r\n250 AUTH PLAIN LOGIN";
    const NOBODY: &str = "550-5.1.1 Nobody\r\n550 5.1.1 of that name";

    #[tokio::test]
    async fn what_the_server_says_becomes_what_the_owner_can_do() {
        let refused = |words: &str| Err(MailError::Refused(words.into()));
        let later = |words: &str| Err(MailError::Later(words.into()));
        let cases: [(&str, &'static [&'static str], Result<(), MailError>); 11] = [
            (
                "it goes",
                &["220 hi", HELLO, "235 in", "250 ok", "250 ok", "354 go", "250 ok", "221 bye"],
                Ok(()),
            ),
            ("no goodbye", &["220 hi", HELLO, "235 in", "250 ok", "250 ok", "354 go", "250 ok"], Ok(())),
            ("wrong password", &["220 hi", HELLO, "535 5.7.8 No", "221 bye"], Err(MailError::Login)),
            ("needs another password", &["220 hi", HELLO, "534 5.7.9 No", "221 bye"], Err(MailError::Login)),
            ("no way to log in", &["220 hi", "250 mail.example.test", "221 bye"], Err(MailError::Login)),
            ("not now", &["220 hi", HELLO, "454 4.7.0 Not now", "221 bye"], later("4.7.0 Not now")),
            (
                "nobody there",
                &["220 hi", HELLO, "235 in", "250 ok", NOBODY, "221 bye"],
                refused("5.1.1 Nobody of that name"),
            ),
            ("busy", &["220 hi", HELLO, "235 in", "451 4.3.0 Busy", "221 bye"], later("4.3.0 Busy")),
            (
                "encryption wanted",
                &["220 hi", HELLO, "530 5.7.0 Must issue a STARTTLS command first", "221 bye"],
                Err(MailError::Tls),
            ),
            (
                "hangs up after the letter",
                &["220 hi", HELLO, "235 in", "250 ok", "250 ok", "354 go"],
                Err(MailError::Unreachable),
            ),
            ("no mail server", &["HTTP/1.1 400 Bad Request"], Err(MailError::Unreachable)),
        ];
        for (what, replies, expected) in cases {
            let (port, _heard) = saying(replies).await;
            assert_eq!(send(&server(port, Security::None, "nora"), letter()).await, expected, "{what}");
        }
    }

    #[tokio::test]
    async fn this_computer_does_not_say_its_name() {
        let replies = &["220 hi", HELLO, "250 ok", "250 ok", "354 go", "250 ok", "221 bye"];
        let (port, heard) = saying(replies).await;
        send(&server(port, Security::None, ""), letter()).await.expect("sent");
        let heard = heard.await.expect("heard");
        let envelope = ["EHLO [127.0.0.1]", "MAIL FROM:<office@example.com>", "RCPT TO:<nora@example.com>"];
        assert_eq!(heard[..3], envelope);
        assert!(heard.iter().any(|line| line == "Message-ID: <1@ringdesk.invalid>"), "{heard:?}");
    }

    #[tokio::test]
    async fn without_encryption_where_it_is_wanted_nothing_is_said() {
        let (port, heard) = saying(&["220 hi", HELLO]).await;
        let refused = send(&server(port, Security::StartTls, "nora"), letter()).await;
        assert_eq!(refused, Err(MailError::Tls));
        assert_eq!(heard.await.expect("heard"), ["EHLO [127.0.0.1]"]);
        let (port, _heard) = saying(&["220 hi", HELLO]).await;
        assert_eq!(send(&server(port, Security::Tls, "nora"), letter()).await, Err(MailError::Tls));
    }

    #[tokio::test]
    async fn nobody_there_is_tried_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        drop(listener);
        let unreachable = send(&server(port, Security::None, ""), letter()).await;
        assert_eq!(unreachable, Err(MailError::Unreachable));
        assert!(MailError::Unreachable.is_passing() && !MailError::Login.is_passing());
    }

    #[tokio::test]
    async fn a_letter_without_the_password_that_is_needed_does_not_leave() {
        let mut server = server(1, Security::None, "nora");
        server.password = None;
        assert_eq!(send(&server, letter()).await, Err(MailError::Login));
        server.password = Some("open sesame".into());
        assert!(!format!("{server:?}").contains("sesame"));
    }
}
