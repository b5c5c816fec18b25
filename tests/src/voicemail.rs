//! Callers who leave messages: through the practice line, or told of by hand, in orders that Twilio itself
//! would rarely choose. And storage elsewhere, which takes its time.

use crate::{
    host::client,
    office::{LINES, Office},
    programs::repository,
};
use axum::{Router, http::header::CONTENT_TYPE};
use ringdesk_domain::VoicemailId;
use ringdesk_inbox::view::{AudioState, Voicemail};
use ringdesk_sandbox::{CallIn, CallReport, Recording, Sandbox, Speech};
use serde_json::{Value, json};
use std::{fs, io, path::Path, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
};

/// Longest wait for anybody; a story that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Helen's number.
pub const HELEN: &str = "+14155550801";
/// As people write it.
pub const HELEN_DISPLAY: &str = "(415) 555-0801";
/// What she says in `tests/data/speech`.
pub const HELEN_SAYS: &str = concat!(
    "Hi, this is Helen at number nine. The radiator in the hall has gone cold at the top again. ",
    "I am home on Monday after three. Please call me back.",
);

/// A file of `tests/data/speech`.
pub fn sound(name: &str) -> Vec<u8> {
    fs::read(repository().join("tests/data/speech").join(name)).expect("a sound file")
}

/// So many seconds of nothing, as WAV: PCM of 16 bits, 8,000 samples a second.
pub fn silence(seconds: u32) -> Vec<u8> {
    let data = seconds * 16_000;
    let mut file = b"RIFF".to_vec();
    file.extend((data + 36).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend([16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(data.to_le_bytes());
    file.resize(44 + usize::try_from(data).expect("a short silence"), 0);
    file
}

/// Helen's eight seconds.
pub fn helen() -> Speech {
    Speech::new(sound("helen.wav")).saying(HELEN_SAYS)
}

/// Helen calls our first line, says what she has to say, and hangs up.
pub fn helen_calls() -> CallIn {
    calls(HELEN, helen())
}

/// Somebody calls our first line, says this, and hangs up.
pub fn calls(from: &str, speech: Speech) -> CallIn {
    CallIn { speech: Some(speech), ..CallIn::new(from, LINES[0]) }
}

/// Somebody calls; when this returns, everything about the call was posted and stored.
pub async fn leaves(office: &Office, call: CallIn) -> CallReport {
    let sid = office.sandbox.call_in(call);
    office.sandbox.ended(&sid).await
}

/// Carries out a command of the desk.
pub async fn does(office: &Office, command: &str, request: Value) -> Value {
    let done = office.desk.call(command, request).await;
    done.unwrap_or_else(|error| panic!("{command}: {error:?}"))
}

/// Changes settings.
pub async fn set(office: &Office, patch: Value) {
    does(office, "apply_settings", patch).await;
}

/// Voicemails, newest first.
pub async fn voicemails(office: &Office, request: Value) -> Vec<Voicemail> {
    serde_json::from_value(does(office, "voicemails", request).await).expect("a list of voicemails")
}

/// One voicemail.
pub async fn voicemail(office: &Office, id: VoicemailId) -> Voicemail {
    let one = does(office, "voicemail", json!({ "voicemail": id })).await;
    serde_json::from_value(one).expect("a voicemail")
}

/// Waits until the newest voicemail is like this.
pub async fn shown(office: &Office, what: &str, fits: impl Fn(&Voicemail) -> bool) -> Voicemail {
    let look = || async {
        let newest = voicemails(office, json!({ "limit": 1 })).await.into_iter().next();
        newest.filter(&fits)
    };
    office.until(what, look).await
}

/// Waits likewise, and with each look a minute passes: what failed is tried again.
pub async fn at_last(office: &Office, what: &str, fits: impl Fn(&Voicemail) -> bool) -> Voicemail {
    let look = || async {
        let newest = voicemails(office, json!({ "limit": 1 })).await.into_iter().next();
        let found = newest.filter(&fits);
        if found.is_none() {
            office.minutes_pass(1);
        }
        found
    };
    office.until(what, look).await
}

/// Waits until the sound of the newest voicemail is here.
pub async fn kept(office: &Office) -> Voicemail {
    shown(office, "its sound", |one| one.audio == AudioState::Kept).await
}

/// Names of the files in a folder, by the alphabet.
pub fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: io::Result<fs::DirEntry>| entry.expect("a file").file_name();
    let mut names: Vec<String> = entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What Twilio gives whoever may fetch a recording, and what it calls this version of it.
pub async fn served(twilio: &Sandbox, recording: &Recording) -> (Vec<u8>, String) {
    let (account, token) = twilio.credentials();
    let request = client().get(format!("{}.wav", recording.url)).basic_auth(account, Some(token));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    let etag = answer.headers()["etag"].to_str().expect("text").to_owned();
    (answer.bytes().await.expect("all of it").to_vec(), etag)
}

/// Somebody leaves a message on a number of Twilio's of which nobody tells the office: the number leads
/// elsewhere from now on.
pub async fn untold(twilio: &Sandbox, call: CallIn) -> Recording {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    let record = "<Response><Record action=\"/done\"/></Response>";
    let answer = move || async move { ([(CONTENT_TYPE, "text/xml")], record) };
    let router: Router = Router::new().fallback(answer);
    let elsewhere = tokio::spawn(async move { axum::serve(listener, router).await });
    let (account, token) = twilio.credentials();
    let numbers = format!("{}/2010-04-01/Accounts/{account}/IncomingPhoneNumbers", twilio.url());
    let asked = format!("{numbers}.json?PhoneNumber={}", call.to.trim_start_matches('+'));
    let asked = client().get(asked).basic_auth(account, Some(token)).send().await.expect("an answer");
    let asked: Value = asked.json().await.expect("JSON");
    let sid = asked["incoming_phone_numbers"][0]["sid"].as_str().expect("a SID");
    let pointed = client().post(format!("{numbers}/{sid}.json")).basic_auth(account, Some(token));
    let pointed = pointed.form(&[("VoiceUrl", url.as_str()), ("StatusCallback", url.as_str())]);
    assert_eq!(pointed.send().await.expect("an answer").status().as_u16(), 200);
    let call = twilio.call_in(call);
    let report = twilio.ended(&call).await;
    elsewhere.abort();
    report.recordings.into_iter().next().expect("a recording")
}

/// What Twilio would tell of a message. The story chooses what of it, in which order, and how often.
#[derive(Debug, Clone)]
pub struct Told {
    account: String,
    from: String,
    call: String,
    recording: String,
    seconds: u64,
}

impl Told {
    /// Of a message with these SIDs.
    pub fn new(account: &str, from: &str, call: &str, recording: &str, seconds: u64) -> Self {
        Self {
            account: account.to_owned(),
            from: from.to_owned(),
            call: call.to_owned(),
            recording: recording.to_owned(),
            seconds,
        }
    }

    /// Of something the practice line recorded.
    pub fn of(twilio: &Sandbox, from: &str, recording: &Recording) -> Self {
        let (account, _) = twilio.credentials();
        Self::new(account, from, &recording.call_sid, &recording.sid, recording.duration_s)
    }

    /// The same, left in the call of another.
    #[must_use]
    pub fn within(self, other: &Self) -> Self {
        Self { call: other.call.clone(), ..self }
    }

    /// Somebody calls.
    pub fn rings(&self) -> Post {
        self.about_call("/voice/inbound", "ringing")
    }

    /// The action of `<Record>`: a message was left, and the caller hung up.
    pub fn left(&self) -> Post {
        let url = format!("https://api.twilio.com/2010-04-01/Accounts/{}/Recordings", self.account);
        self.about_call("/voice/voicemail-done", "completed")
            .with("RecordingUrl", &format!("{url}/{}", self.recording))
            .with("RecordingSid", &self.recording)
            .with("RecordingDuration", &self.seconds.to_string())
            .with("Digits", "hangup")
    }

    /// The call is over.
    pub fn over(&self) -> Post {
        self.about_call("/voice/status", "completed").with("CallDuration", &(self.seconds + 5).to_string())
    }

    /// The recording can be had; told to the address for messages our own document asked for.
    pub fn ready(&self) -> Post {
        self.post("/voice/recording/voicemail")
            .with("RecordingSid", &self.recording)
            .with("RecordingStatus", "completed")
            .with("RecordingDuration", &self.seconds.to_string())
            .with("RecordingChannels", "1")
            .with("RecordingSource", "RecordVerb")
    }

    /// What was said in it.
    pub fn written(&self, words: &str) -> Post {
        self.post("/voice/transcription")
            .with("RecordingSid", &self.recording)
            .with("TranscriptionSid", &self.recording.replacen("RE", "TR", 1))
            .with("TranscriptionStatus", "completed")
            .with("TranscriptionText", words)
    }

    fn about_call(&self, path: &str, status: &str) -> Post {
        let call = self.post(path).with("From", &self.from).with("To", LINES[0]);
        call.with("Direction", "inbound").with("CallStatus", status)
    }

    fn post(&self, path: &str) -> Post {
        let post = Post { path: path.to_owned(), fields: Vec::new() };
        post.with("AccountSid", &self.account).with("CallSid", &self.call)
    }
}

/// One post about a message.
#[derive(Debug, Clone)]
pub struct Post {
    path: String,
    fields: Vec<(String, String)>,
}

impl Post {
    /// The same with another value, or one field more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same, posted somewhere else.
    #[must_use]
    pub fn at(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// Where it is posted.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it says.
    pub fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Posts it; the office has stored it when this returns.
    pub async fn to(&self, office: &Office) {
        let (status, body) = office.signed(&self.path, &self.fields()).post().await;
        assert!((200..300).contains(&status), "{}: {status} {body}", self.path);
    }
}

/// Somebody's storage on this computer: gives everybody the same file, half of it at once, and the rest when
/// told to.
#[derive(Debug)]
pub struct Storage {
    url: String,
    seen: watch::Receiver<Seen>,
    permits: Arc<Semaphore>,
    serving: JoinHandle<()>,
}

/// What storage saw.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// What was asked, in lower case, oldest first.
    pub asked: Vec<String>,
    /// How many waited for their rest at once, at most.
    pub most: usize,
    waiting: usize,
}

impl Storage {
    /// Opens one, on a free port. `etag` with its quotation marks.
    pub async fn open(file: Vec<u8>, etag: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let (tell, seen) = watch::channel(Seen::default());
        let (tell, file, etag) = (Arc::new(tell), Arc::new(file), Arc::new(etag.to_owned()));
        let permits = Arc::new(Semaphore::new(0));
        let kept = permits.clone();
        let serving = tokio::spawn(async move {
            let mut guests = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let guest = Guest {
                    stream,
                    file: file.clone(),
                    etag: etag.clone(),
                    tell: tell.clone(),
                    permits: permits.clone(),
                };
                // Whoever hangs up in the middle has their reasons.
                guests.spawn(async move { drop(guest.serve().await) });
            }
        });
        Self { url, seen, permits: kept, serving }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// So many get the rest, whoever they are.
    pub fn let_go(&self, count: usize) {
        self.permits.add_permits(count);
    }

    /// Waits until so many came; what was seen until then.
    pub async fn came(&self, count: usize) -> Seen {
        let mut seen = self.seen.clone();
        let enough = tokio::time::timeout(PATIENCE, seen.wait_for(|seen| seen.asked.len() >= count)).await;
        match enough {
            Ok(seen) => seen.expect("it is open").clone(),
            Err(late) => panic!("{} of {count} came ({late})", self.seen.borrow().asked.len()),
        }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Somebody who fetches the file.
struct Guest {
    stream: TcpStream,
    file: Arc<Vec<u8>>,
    etag: Arc<String>,
    tell: Arc<watch::Sender<Seen>>,
    permits: Arc<Semaphore>,
}

impl Guest {
    async fn serve(mut self) -> io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await?);
        }
        self.tell.send_modify(|seen| {
            seen.asked.push(String::from_utf8_lossy(&head).to_ascii_lowercase());
            seen.waiting += 1;
            seen.most = seen.most.max(seen.waiting);
        });
        let (first, rest) = self.file.split_at(self.file.len() / 2);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: audio/x-wav\r\nContent-Length: {}\r\nETag: {}\r\nConnection: close\r\n\r\n",
            self.file.len(),
            self.etag
        );
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.write_all(first).await?;
        if let Ok(permit) = self.permits.acquire().await {
            // It lets one go on, once.
            permit.forget();
        }
        self.tell.send_modify(|seen| seen.waiting -= 1);
        self.stream.write_all(rest).await
    }
}
