//! A mail server on loopback for the stories: real SMTP over TCP, with the moods of real ones. It keeps what
//! it is given and sends nothing on. Source: RFC 5321 and 4954.

use base64::{Engine, engine::general_purpose::STANDARD};
use mail_parser::{MessageParser, MimeHeaders};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// Longest wait for a letter; a story that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the server behaves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Who may send, user and password; anybody when left out.
    pub login: Option<(String, String)>,
    /// Nobody is let in, whatever they say (535).
    pub refuse_login: bool,
    /// No recipient is known (550).
    pub refuse_recipient: bool,
    /// So many letters more are put off (451).
    pub busy: usize,
    /// After so many letters more the server hangs up without a word. It has kept each of them.
    pub hang_up: usize,
}

/// A letter that was given to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterIn {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The letter as it came, without the dots of the wire.
    pub raw: Vec<u8>,
}

/// A part of a letter, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Such as `audio/wav`.
    pub content_type: String,
    /// Its name, where it is a file.
    pub filename: Option<String>,
    /// What is in it; text is UTF-8.
    pub bytes: Vec<u8>,
}

/// The server; gone when dropped.
#[derive(Debug)]
pub struct Smtp {
    address: SocketAddr,
    mood: Arc<Mutex<Options>>,
    letters: watch::Receiver<Vec<LetterIn>>,
    serving: JoinHandle<()>,
}

impl Smtp {
    /// Starts one on a free port.
    pub async fn start(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let mood = Arc::new(Mutex::new(options));
        let (kept, letters) = watch::channel(Vec::new());
        let (kept, moods) = (Arc::new(kept), mood.clone());
        let serving = tokio::spawn(async move {
            let mut guests = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let guest = Guest {
                    stream: BufReader::new(stream),
                    mood: moods.clone(),
                    kept: kept.clone(),
                    logged_in: false,
                    letter: None,
                };
                // Whoever hangs up in the middle has their reasons.
                guests.spawn(async move { drop(guest.serve().await) });
            }
        });
        Self { address, mood, letters, serving }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// It behaves otherwise from now on.
    pub fn change(&self, how: impl FnOnce(&mut Options)) {
        how(&mut lock(&self.mood));
    }

    /// What it was given, oldest first. A letter that was sent again is there again.
    pub fn letters(&self) -> Vec<LetterIn> {
        self.letters.borrow().clone()
    }

    /// Waits until it has this many letters.
    pub async fn wait_for(&self, count: usize) -> Vec<LetterIn> {
        let mut letters = self.letters.clone();
        let enough = letters.wait_for(|letters| letters.len() >= count);
        match tokio::time::timeout(PATIENCE, enough).await {
            Ok(letters) => letters.expect("the server is there").clone(),
            Err(late) => panic!("{} of {count} letters came ({late})", self.letters().len()),
        }
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The parts of a letter, decoded; a letter of one part has one.
pub fn parts(raw: &[u8]) -> Vec<Part> {
    let letter = MessageParser::default().parse(raw).expect("a letter");
    let parts = letter.parts.iter().filter(|part| !part.is_multipart()).map(|part| {
        let kind = part.content_type();
        let kind = kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("")));
        Part {
            content_type: kind.unwrap_or_else(|| "text/plain".into()),
            filename: part.attachment_name().map(str::to_owned),
            bytes: part.contents().to_vec(),
        }
    });
    parts.collect()
}

/// A letter's subject, decoded.
pub fn subject(raw: &[u8]) -> String {
    let letter = MessageParser::default().parse(raw).expect("a letter");
    letter.subject().unwrap_or("").to_owned()
}

/// What a letter is known by, without the angle brackets.
pub fn message_id(raw: &[u8]) -> String {
    let letter = MessageParser::default().parse(raw).expect("a letter");
    letter.message_id().unwrap_or("").to_owned()
}

fn lock(mood: &Mutex<Options>) -> MutexGuard<'_, Options> {
    mood.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Somebody connected.
struct Guest {
    stream: BufReader<TcpStream>,
    mood: Arc<Mutex<Options>>,
    kept: Arc<watch::Sender<Vec<LetterIn>>>,
    logged_in: bool,
    letter: Option<LetterIn>,
}

impl Guest {
    async fn serve(mut self) -> io::Result<()> {
        self.say("220 mail.example.test ready").await?;
        while let Some(line) = self.hear().await? {
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let reply = match verb.to_ascii_uppercase().as_str() {
                "EHLO" if lock(&self.mood).login.is_some() => {
                    "250-mail.example.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN"
                }
                "EHLO" => "250-mail.example.test\r\n250 8BITMIME",
                "HELO" => "250 mail.example.test",
                "AUTH" => self.log_in(rest).await?,
                "MAIL" => self.sender(rest),
                "RCPT" => self.recipient(rest),
                "DATA" if self.letter.as_ref().is_none_or(|letter| letter.to.is_empty()) => {
                    "503 5.5.1 To whom?"
                }
                "DATA" => {
                    self.say("354 End with a dot").await?;
                    if !self.keep().await? {
                        return Ok(());
                    }
                    "250 2.0.0 Kept"
                }
                "RSET" => {
                    self.letter = None;
                    "250 2.0.0 Forgotten"
                }
                "NOOP" => "250 2.0.0 Nothing done",
                "QUIT" => return self.say("221 2.0.0 Goodbye").await,
                _ => "502 5.5.2 Not understood",
            };
            self.say(reply).await?;
        }
        Ok(())
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.stream.write_all(format!("{reply}\r\n").as_bytes()).await
    }

    /// The next line as bytes, its end included; empty when they hung up.
    async fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).await?;
        Ok(line)
    }

    async fn hear(&mut self) -> io::Result<Option<String>> {
        let line = self.line().await?;
        Ok((!line.is_empty()).then(|| String::from_utf8_lossy(&line).trim_end().to_owned()))
    }

    /// Asks for something in base64.
    async fn ask(&mut self, question: &str) -> io::Result<String> {
        self.say(&format!("334 {}", STANDARD.encode(question))).await?;
        Ok(decoded(&self.hear().await?.unwrap_or_default()))
    }

    async fn log_in(&mut self, how: &str) -> io::Result<&'static str> {
        let (mechanism, first) = how.split_once(' ').unwrap_or((how, ""));
        let given = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let whole = if first.is_empty() { self.ask("").await? } else { decoded(first) };
                let mut fields = whole.split('\0').skip(1).map(str::to_owned);
                (fields.next().unwrap_or_default(), fields.next().unwrap_or_default())
            }
            "LOGIN" => {
                let user = if first.is_empty() { self.ask("Username:").await? } else { decoded(first) };
                (user, self.ask("Password:").await?)
            }
            _ => return Ok("504 5.5.4 Not known"),
        };
        let mood = lock(&self.mood);
        self.logged_in = !mood.refuse_login && mood.login.as_ref() == Some(&given);
        Ok(if self.logged_in { "235 2.7.0 Come in" } else { "535 5.7.8 User or password is wrong" })
    }

    fn sender(&mut self, rest: &str) -> &'static str {
        let mut mood = lock(&self.mood);
        if mood.login.is_some() && !self.logged_in {
            return "530 5.7.0 Log in first";
        }
        if mood.busy > 0 {
            mood.busy -= 1;
            return "451 4.3.2 Come back later";
        }
        self.letter = Some(LetterIn { from: address(rest), to: Vec::new(), raw: Vec::new() });
        "250 2.1.0 Go on"
    }

    fn recipient(&mut self, rest: &str) -> &'static str {
        let refused = lock(&self.mood).refuse_recipient;
        match &mut self.letter {
            Some(_) if refused => "550 5.1.1 Nobody of that name here",
            Some(letter) => {
                letter.to.push(address(rest));
                "250 2.1.5 Known"
            }
            None => "503 5.5.1 From whom?",
        }
    }

    /// Reads the letter and keeps it. `false` where it is to be kept without a word.
    async fn keep(&mut self) -> io::Result<bool> {
        let mut letter = self.letter.take().expect("somebody sends it");
        loop {
            let line = self.line().await?;
            match line.as_slice() {
                b"" => return Ok(false),
                b".\r\n" => break,
                [b'.', rest @ ..] => letter.raw.extend_from_slice(rest),
                line => letter.raw.extend_from_slice(line),
            }
        }
        let answers = {
            let mut mood = lock(&self.mood);
            let answers = mood.hang_up == 0;
            mood.hang_up = mood.hang_up.saturating_sub(1);
            answers
        };
        self.kept.send_modify(|letters| letters.push(letter));
        Ok(answers)
    }
}

/// The address of `FROM:<…>` or `TO:<…>`.
fn address(rest: &str) -> String {
    let inside = rest.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or("", |(address, _)| address).to_owned()
}

fn decoded(base64: &str) -> String {
    String::from_utf8(STANDARD.decode(base64).unwrap_or_default()).unwrap_or_default()
}
