//! An office with a practice line, in this process: real SQLite, real HTTP over loopback, and a clock
//! that moves when told. Waiting follows the numbered Changes; nothing sleeps.

use crate::wire::Wire;
use ringdesk_desk::Desk;
use ringdesk_domain::{ConversationId, Moment, TextId};
use ringdesk_inbox::{Clock, ConversationFilter, Sending, view};
use ringdesk_machine::AccountCredentials;
use ringdesk_sandbox::{Config, Fault, PhoneText, Sandbox};
use ringdesk_server::{InUse, Office as Opened, Plan};
use ringdesk_twilio::{
    Form,
    signature::{Algorithm, sign, signed_string},
};
use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;

/// Our lines in the stories.
pub const LINES: [&str; 2] = ["+15005550006", "+15005550007"];
/// Longest wait for anything; a story that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest pause between two looks.
const AGAIN: Duration = Duration::from_millis(50);

/// An office for one story.
#[derive(Debug)]
pub struct Office {
    /// The pretend Twilio.
    pub sandbox: Sandbox,
    /// The counter.
    pub desk: Desk,
    /// Moves when told.
    pub clock: Clock,
    /// How far that is ahead of Twilio's, in milliseconds.
    ahead_ms: Arc<AtomicI64>,
    opened: Option<Opened>,
    folder: TempDir,
    tunnel_folders: Vec<PathBuf>,
    /// Where it takes its Twilio to be.
    twilio: String,
    /// What names the computer it is on, from the next time it is opened.
    pub computer: Option<String>,
}

/// A customer's phone.
#[derive(Debug, Clone)]
pub struct Phone<'a> {
    office: &'a Office,
    number: String,
}

impl Office {
    /// Opens one.
    pub async fn open() -> Self {
        Self::open_with(&LINES).await
    }

    /// Opens one with these lines.
    pub async fn open_with(lines: &[&str]) -> Self {
        Self::opened(lines, Vec::new()).await
    }

    /// Opens one that looks for programs that open tunnels in this folder, and nowhere else.
    pub async fn open_with_programs(folder: &Path) -> Self {
        Self::opened(&LINES, vec![folder.to_owned()]).await
    }

    /// Opens one that reaches its Twilio over a wire.
    pub async fn open_over_wire() -> (Self, Wire) {
        Self::open_over_wire_ahead(0).await
    }

    /// Opens one that does, and whose clock is so far ahead of Twilio's; behind it when negative.
    pub async fn open_over_wire_ahead(ahead_ms: i64) -> (Self, Wire) {
        let practice = practice(&LINES, ahead_ms).await;
        let wire = Wire::start(practice.sandbox.url()).await;
        let office = Self::opened_at(wire.url(), &LINES, Vec::new(), practice).await;
        (office, wire)
    }

    async fn opened(lines: &[&str], tunnel_folders: Vec<PathBuf>) -> Self {
        let practice = practice(lines, 0).await;
        let twilio = practice.sandbox.url().to_owned();
        Self::opened_at(twilio, lines, tunnel_folders, practice).await
    }

    async fn opened_at(
        twilio: String,
        lines: &[&str],
        tunnel_folders: Vec<PathBuf>,
        practice: Practice,
    ) -> Self {
        let Practice { sandbox, clock, ahead_ms } = practice;
        let folder = tempfile::tempdir().expect("a folder");
        let plan = plan(&sandbox, &twilio, &folder, &clock, &tunnel_folders);
        let opened = Opened::open(plan).await.expect("an office");
        let here = serde_json::json!({ "time_zone": "America/Los_Angeles" });
        opened.desk.inbox.apply_settings(&here).await.expect("settings");
        let desk = opened.desk.clone();
        let opened = Some(opened);
        let computer = None;
        let office =
            Self { sandbox, desk, clock, ahead_ms, opened, folder, tunnel_folders, twilio, computer };
        office.pointed(lines.len()).await;
        office.settled().await;
        office
    }

    /// Closes the office and opens it again on the same data.
    pub async fn restart(&mut self) {
        self.close().await;
        self.reopen().await;
    }

    /// Waits until Twilio posts what arrives on our lines here.
    async fn pointed(&self, lines: usize) {
        self.until("the lines are known", || async {
            let known = self.desk.inbox.lines().await.expect("lines");
            let plan = self.desk.inbox.plan_lines().await.expect("a plan");
            let pointed = plan.numbers.iter().all(|number| number.changes.is_empty());
            (known.len() == lines && pointed).then_some(())
        })
        .await;
    }

    /// Waits until nothing goes on by itself any more: somebody knocked, and what that has looked up is here.
    async fn settled(&self) {
        self.until("the way is open", || async {
            let address = self.desk.inbox.address().await.expect("an address");
            (address.state != view::AddressState::Opening && self.desk.inbox.connected()).then_some(())
        })
        .await;
        self.desk.inbox.catch_up_now().await.expect("asked for");
        self.caught_up().await;
    }

    /// Waits until everything Twilio has is here, of before, too.
    pub async fn caught_up(&self) {
        self.until("everything is here", || async {
            let state = self.desk.inbox.catch_up_state().await.expect("a state");
            let done = state.history.state == view::HistoryState::Done;
            (done && !state.running && state.complete_to.is_some()).then_some(())
        })
        .await;
    }

    /// Opens a closed office again, which takes its Twilio to be elsewhere.
    pub async fn reopen_at(&mut self, twilio: &str) {
        twilio.clone_into(&mut self.twilio);
        self.reopen().await;
    }

    /// Opens a closed office again.
    pub async fn reopen(&mut self) {
        let plan = plan(&self.sandbox, &self.twilio, &self.folder, &self.clock, &self.tunnel_folders);
        let plan = Plan { computer: self.computer.clone(), ..plan };
        let opened = Opened::open(plan).await.expect("an office");
        self.desk = opened.desk.clone();
        self.opened = Some(opened);
    }

    /// Closes the office.
    pub async fn close(&mut self) {
        if let Some(opened) = self.opened.take() {
            drop(opened.close().await);
        }
    }

    /// The account as the open office uses it.
    pub fn in_use(&self) -> InUse {
        self.opened.as_ref().map(Opened::in_use).expect("open")
    }

    /// The office's data folder.
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("office")
    }

    /// A customer's phone.
    pub fn phone(&self, number: &str) -> Phone<'_> {
        Phone { office: self, number: number.to_owned() }
    }

    /// Something goes wrong from now on.
    pub fn fault(&self, fault: Fault) {
        self.sandbox.fault(fault);
    }

    /// Moves the clock.
    pub fn minutes_pass(&self, minutes: i64) {
        self.clock.advance_ms(minutes * 60_000);
    }

    /// Sets the clock by so much, on or back; Twilio's goes on as it did.
    pub fn clock_is_set(&self, by_ms: i64) {
        self.ahead_ms.fetch_add(by_ms, Ordering::SeqCst);
        // A clock on the wall that moves while the steady one does not: as in a sleep, but back, too.
        self.clock.sleep_ms(by_ms);
    }

    /// The door's address, with the path.
    pub fn door(&self, path: &str) -> String {
        let at = self.opened.as_ref().map(|opened| opened.webhooks).expect("open");
        format!("http://{at}/phone/twilio{path}")
    }

    /// Waits for something to be so, looking again after every Change, and now and then for what is no
    /// Change of ours, such as a text on a customer's phone.
    pub async fn until<T, F>(&self, what: &str, mut look: impl FnMut() -> F) -> T
    where
        F: Future<Output = Option<T>>,
    {
        let inbox = &self.desk.inbox;
        let waiting = async {
            loop {
                let seen = inbox.latest_change();
                if let Some(found) = look().await {
                    return found;
                }
                if let Ok(changes) = tokio::time::timeout(AGAIN, inbox.next_changes(seen)).await {
                    changes.expect("changes");
                }
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(found) => found,
            Err(late) => panic!("never happened: {what} ({late})"),
        }
    }

    /// All conversations, done ones too.
    pub async fn conversations(&self) -> Vec<view::Conversation> {
        let mut all = Vec::new();
        for filter in [ConversationFilter::Open, ConversationFilter::Done] {
            all.extend(
                self.desk.inbox.conversations(filter, None, 0, 500).await.expect("list").conversations,
            );
        }
        all
    }

    /// The conversation with a phone.
    pub async fn conversation_with(&self, phone: &Phone<'_>) -> view::OpenConversation {
        let found = self.conversations().await.into_iter().find(|c| c.customer == phone.number);
        let found = found.unwrap_or_else(|| panic!("no conversation with {}", phone.number));
        self.desk.inbox.conversation(found.id, None, None).await.expect("conversation")
    }

    /// The texts of the conversation with a phone, oldest first.
    pub async fn texts_with(&self, phone: &Phone<'_>) -> Vec<view::Text> {
        texts(self.conversation_with(phone).await)
    }

    /// Answers a phone at once.
    pub async fn answers(&self, phone: &Phone<'_>, words: &str) -> TextId {
        let conversation = self.conversation_with(phone).await.conversation.id;
        let queued = self.desk.inbox.send_text(sending(conversation, words), ringdesk_domain::Actor::Owner);
        queued.await.expect("queued").id
    }

    /// Waits until a text of ours has this status.
    pub async fn reaches(&self, phone: &Phone<'_>, id: TextId, status: &str) -> view::Text {
        self.until(status, || async {
            let texts = self.texts_with(phone).await;
            texts.into_iter().find(|text| text.id == id && text.status.word() == status)
        })
        .await
    }

    /// Where Twilio has everything that is kept here.
    pub async fn paths_at_twilio(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for (kind, path) in [
            ("text", "Messages"),
            ("call", "Calls"),
            ("recording", "Recordings"),
            ("transcript", "Transcriptions"),
        ] {
            let all = self.kept(kind).await;
            let sids = all.iter().filter_map(|one| one["provider_sid"].as_str());
            paths.extend(sids.map(|sid| format!("{path}/{sid}")));
        }
        paths
    }

    /// Every kept thing of a kind.
    pub async fn kept(&self, kind: &str) -> Vec<serde_json::Map<String, serde_json::Value>> {
        let mut all = Vec::new();
        let mut take = |object: serde_json::Map<String, serde_json::Value>| {
            if object["type"] == kind {
                all.push(object);
            }
            Ok::<(), ringdesk_inbox::StoreError>(())
        };
        self.desk.inbox.export(&mut take).await.expect("export");
        all
    }

    /// A signed request to the door, as Twilio would post it; the caller may spoil it.
    pub fn signed(&self, path: &str, fields: &[(&str, &str)]) -> Signed {
        let form = Form::from_pairs(fields.iter().copied());
        let url = self.door(path);
        let (_, token) = self.sandbox.credentials();
        let signature = sign(token, Algorithm::HmacSha1, &signed_string(&url, &form));
        Signed { url, body: form.encode(), signatures: vec![signature] }
    }

    /// The fields of a text to our first line, to be posted by hand.
    pub fn text_fields<'a>(&'a self, sid: &'a str, from: &'a str, body: &'a str) -> Vec<(&'a str, &'a str)> {
        let (account, _) = self.sandbox.credentials();
        vec![
            ("MessageSid", sid),
            ("AccountSid", account),
            ("From", from),
            ("To", LINES[0]),
            ("Body", body),
            ("NumMedia", "0"),
        ]
    }
}

/// The texts of an open conversation.
pub fn texts(open: view::OpenConversation) -> Vec<view::Text> {
    let text = |item| match item {
        view::TimelineItem::Text(text) => Some(*text),
        _ => None,
    };
    open.timeline.into_iter().filter_map(text).collect()
}

/// A text that leaves at once.
pub fn sending(conversation: ConversationId, words: &str) -> Sending {
    Sending {
        conversation,
        body: words.to_owned(),
        pictures: Vec::new(),
        yes_to: Vec::new(),
        undo_seconds: Some(0),
        resend_of: None,
    }
}

/// A practice line, a clock, and how far that is ahead of the practice line's, in milliseconds.
struct Practice {
    sandbox: Sandbox,
    clock: Clock,
    ahead_ms: Arc<AtomicI64>,
}

async fn practice(lines: &[&str], ahead_ms: i64) -> Practice {
    crate::end_if_stuck();
    // A Friday, ten in the morning in California.
    let clock = Clock::set_to(Moment(1_795_197_600_000).plus_ms(ahead_ms));
    let ahead_ms = Arc::new(AtomicI64::new(ahead_ms));
    let (tells, wrong_ms) = (clock.clone(), ahead_ms.clone());
    let config = Config {
        numbers: lines.iter().map(|line| (*line).to_owned()).collect(),
        pace: 0.0,
        now: Arc::new(move || tells.now().0 - wrong_ms.load(Ordering::SeqCst)),
        ..Config::practice()
    };
    let sandbox = Sandbox::start(config).await.expect("a practice line");
    Practice { sandbox, clock, ahead_ms }
}

fn plan(
    sandbox: &Sandbox,
    twilio: &str,
    folder: &TempDir,
    clock: &Clock,
    tunnel_folders: &[PathBuf],
) -> Plan {
    let (sid, token) = sandbox.credentials();
    Plan {
        data_dir: folder.path().join("office"),
        listen: ([127, 0, 0, 1], 0).into(),
        public_url: None,
        // A Twilio that is elsewhere has no way to us.
        unreachable_too: twilio != sandbox.url(),
        prefix: "/phone/twilio".into(),
        twilio_url: twilio.to_owned(),
        credentials: AccountCredentials {
            account_sid: sid.to_owned(),
            auth_token: token.to_owned().into(),
            secondary_auth_token: None,
            switched: false,
            api_key: None,
            kept_at_ms: None,
        },
        mail_password: None,
        api: None,
        point_here: true,
        computer: None,
        look: None,
        tunnel_folders: tunnel_folders.to_vec(),
        clock: clock.clone(),
    }
}

/// A request to the door.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Where to.
    pub url: String,
    /// The form.
    pub body: String,
    /// Its signature headers; one, unless somebody plays tricks.
    pub signatures: Vec<String>,
}

impl Signed {
    /// Posts it; answers status and body.
    pub async fn post(&self) -> (u16, String) {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let mut request = client
            .post(&self.url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(self.body.clone());
        for signature in &self.signatures {
            request = request.header("x-twilio-signature", signature);
        }
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a body"))
    }
}

impl Phone<'_> {
    /// Texts our first line; the office has stored it when this returns.
    pub async fn texts(&self, words: &str) {
        self.texts_line(LINES[0], words).await;
    }

    /// Texts a line.
    pub async fn texts_line(&self, line: &str, words: &str) {
        let (_, status) = self.office.sandbox.text_from(&self.number, line, words, &[]).await;
        assert_eq!(status, Some(200), "the door took the text");
    }

    /// Texts a file.
    pub async fn texts_file(&self, words: &str, content_type: &str, bytes: &[u8]) {
        let file = (content_type.to_owned(), bytes.to_vec());
        let (_, status) = self.office.sandbox.text_from(&self.number, LINES[0], words, &[file]).await;
        assert_eq!(status, Some(200), "the door took the text");
    }

    /// The number.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// What arrived from the office, oldest first.
    pub fn got(&self) -> Vec<PhoneText> {
        self.office.sandbox.phone(&self.number).into_iter().filter(|text| !text.mine).collect()
    }
}

/// The smallest PNG there is: one pixel.
pub fn png() -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    STANDARD.decode(pixel).expect("well formed")
}
