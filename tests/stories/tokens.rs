use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{
        Method, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use ringdesk_inbox::Clock;
use ringdesk_machine::AccountCredentials;
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_server::{
    Plan,
    rotation::{Act, Keep, Rotation, Stage},
};
use ringdesk_tests::{host::client, office::Office};
use ringdesk_twilio::{Client, Credentials};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::sync::mpsc;

const PRIYA: &str = "+14155550123";
const LINE: &str = "+15005550006";
/// Longest wait for a line to be pointed here; a story that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(20);

fn asking(url: &str, account: &AccountCredentials) -> Client {
    let credentials = Credentials::account(&account.account_sid, account.auth_token.clone());
    Client::new(url, credentials).expect("a client")
}

/// The account with the other of its two tokens.
fn other(account: &AccountCredentials) -> AccountCredentials {
    let second = account.secondary_auth_token.clone().expect("a second token");
    AccountCredentials { auth_token: second, ..account.clone() }
}

/// What a safe holds of an account, and whether it takes more.
#[derive(Clone, Default)]
struct Safe(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    kept: Vec<AccountCredentials>,
    locked: bool,
}

impl Safe {
    fn keep(&self) -> Keep {
        let safe = self.clone();
        Arc::new(move |credentials: &AccountCredentials| {
            let mut inner = safe.0.lock().expect("the safe");
            inner.kept.push(credentials.clone());
            let locked = || ringdesk_desk::CommandError {
                code: "keychain_locked".into(),
                message: "It is locked.".into(),
                hint: "Unlock it.".into(),
            };
            if inner.locked { Err(locked()) } else { Ok(()) }
        })
    }

    fn lock(&self, locked: bool) {
        self.0.lock().expect("the safe").locked = locked;
    }

    /// What was given to it last, whether it took it or not.
    fn last(&self) -> AccountCredentials {
        self.0.lock().expect("the safe").kept.last().cloned().expect("something was kept")
    }
}

/// What the way to Twilio does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Carries,
    /// What is asked comes through; the answer to a promotion does not.
    LosesThePromotion,
    /// Nothing comes through.
    Cut,
}

#[derive(Clone)]
struct Between {
    twilio: String,
    wire: Arc<Mutex<Wire>>,
}

impl Between {
    async fn start(twilio: &str) -> (String, Arc<Mutex<Wire>>) {
        let wire = Arc::new(Mutex::new(Wire::Carries));
        let between = Self { twilio: twilio.to_owned(), wire: wire.clone() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router: Router = Router::new().fallback(Self::carry).with_state(between);
        tokio::spawn(async move { axum::serve(listener, router).await });
        (url, wire)
    }

    async fn carry(State(between): State<Self>, request: Request) -> Response {
        let wire = *between.wire.lock().expect("a wire");
        if wire == Wire::Cut {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let body = to_bytes(body, 1024 * 1024).await.expect("a small body");
        let (status, kind, said) = between.ask(&head.method, path, &head.headers, body).await;
        if wire == Wire::LosesThePromotion && path.ends_with("/Promote") {
            return StatusCode::BAD_GATEWAY.into_response();
        }
        (status, [(CONTENT_TYPE, kind)], said).into_response()
    }

    async fn ask(
        &self,
        method: &Method,
        path: &str,
        headers: &axum::http::HeaderMap,
        body: Bytes,
    ) -> (StatusCode, String, Bytes) {
        let mut request = client().request(method.clone(), format!("{}{path}", self.twilio)).body(body);
        for name in [AUTHORIZATION, CONTENT_TYPE] {
            if let Some(value) = headers.get(&name) {
                request = request.header(name, value);
            }
        }
        let answer = request.send().await.expect("an answer");
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or("application/json").to_owned();
        (answer.status(), kind, answer.bytes().await.expect("all of it"))
    }
}

/// An office that reaches its Twilio over a wire, and the safe its tokens are in.
struct Desk {
    sandbox: Sandbox,
    url: String,
    wire: Arc<Mutex<Wire>>,
    folder: TempDir,
    safe: Safe,
    office: ringdesk_server::Office,
}

impl Desk {
    async fn open() -> Self {
        ringdesk_tests::end_if_stuck();
        let sandbox = Sandbox::start(Config { pace: 0.0, ..Config::practice() }).await.expect("a line");
        let (url, wire) = Between::start(sandbox.url()).await;
        let folder = tempfile::tempdir().expect("a folder");
        let (sid, token) = sandbox.credentials();
        let one = AccountCredentials {
            account_sid: sid.to_owned(),
            auth_token: token.to_owned().into(),
            secondary_auth_token: None,
            switched: false,
            api_key: None,
            kept_at_ms: None,
        };
        let office = office(&folder, &url, one).await;
        let desk = Self { sandbox, url, wire, folder, safe: Safe::default(), office };
        desk.pointed().await;
        desk
    }

    /// The program ended, and is started again with what the safe holds.
    async fn restarted(self) -> Self {
        let Self { sandbox, url, wire, folder, safe, office: before } = self;
        drop(before.close().await);
        let office = office(&folder, &url, safe.last()).await;
        let desk = Self { sandbox, url, wire, folder, safe, office };
        desk.pointed().await;
        desk
    }

    /// Waits until texts to the line come here.
    async fn pointed(&self) {
        let door = format!("http://{}/", self.office.webhooks);
        let pointing = async {
            while !self.sandbox.number(LINE).get("SmsUrl").is_some_and(|url| url.starts_with(&door)) {
                let inbox = &self.office.desk.inbox;
                let change = inbox.next_changes(inbox.latest_change());
                // No Change of ours: it is looked for now and then.
                let _ = tokio::time::timeout(Duration::from_millis(50), change).await;
            }
        };
        tokio::time::timeout(PATIENCE, pointing).await.expect("the line is pointed here");
    }

    fn wire(&self, wire: Wire) {
        *self.wire.lock().expect("a wire") = wire;
    }

    fn rotation(&self) -> Rotation {
        Rotation::new(self.office.in_use(), self.safe.keep())
    }

    /// Goes a step; the code of what went wrong, if anything did.
    async fn goes(&self, act: Act) -> Result<(), String> {
        self.rotation().go(act).await.map_err(|problem| problem.code)
    }

    /// The credentials in use.
    fn now(&self) -> AccountCredentials {
        self.office.in_use().credentials()
    }

    fn stage(&self) -> Stage {
        Stage::of(&self.now())
    }

    /// Whether Twilio itself takes the first token of these.
    async fn good(&self, account: &AccountCredentials) -> bool {
        asking(self.sandbox.url(), account).account().await.is_ok()
    }

    async fn a_text_arrives(&self) {
        let (_, answer) = self.sandbox.text_from(PRIYA, LINE, "Are you open?", &[]).await;
        assert_eq!(answer, Some(200), "the door believes what Twilio signs with");
    }
}

async fn office(folder: &TempDir, url: &str, credentials: AccountCredentials) -> ringdesk_server::Office {
    let plan = Plan {
        data_dir: folder.path().join("office"),
        listen: ([127, 0, 0, 1], 0).into(),
        public_url: None,
        unreachable_too: false,
        prefix: "/phone/twilio".into(),
        twilio_url: url.to_owned(),
        credentials,
        mail_password: None,
        api: None,
        point_here: true,
        computer: None,
        look: None,
        tunnel_folders: Vec::new(),
        clock: Clock::System,
    };
    ringdesk_server::Office::open(plan).await.expect("an office")
}

#[tokio::test]
async fn a_token_is_replaced_without_missing_a_text() {
    let office = Office::open().await;
    let safe = Safe::default();
    let rotation = Rotation::new(office.in_use(), safe.keep());
    let one = office.in_use().credentials();
    let priya = office.phone(PRIYA);

    rotation.go(Act::Begin).await.expect("a second token");
    assert_eq!(Stage::of(&safe.last()), Stage::Two);
    priya.texts("With the old one").await;
    assert!(office.desk.inbox.knock().await.expect("a knock").through);

    rotation.go(Act::Switch).await.expect("changed places");
    assert_eq!(Stage::of(&safe.last()), Stage::Switched);
    priya.texts("With the new one").await;
    let old = asking(office.sandbox.url(), &one).account().await;
    assert!(old.is_err(), "Twilio takes the old one no more");
    assert!(office.desk.inbox.knock().await.expect("a knock").through);
    let sent = office.answers(&priya, "Questions reach Twilio, too").await;
    office.reaches(&priya, sent, "delivered").await;

    rotation.go(Act::Retire).await.expect("only the new one");
    assert_eq!(Stage::of(&safe.last()), Stage::One);
    priya.texts("Only the new one").await;
    assert_eq!(priya.got().len(), 1);
    assert_eq!(office.texts_with(&priya).await.len(), 4);
}

#[tokio::test]
async fn steps_come_in_order_and_a_new_token_can_be_given_up() {
    let desk = Desk::open().await;
    for act in [Act::Switch, Act::Retire, Act::Cancel] {
        assert_eq!(desk.goes(act).await, Err("token_step".into()), "{act:?}");
    }
    desk.goes(Act::Begin).await.expect("a second token");
    assert_eq!(desk.goes(Act::Begin).await, Err("token_step".into()));
    let second = other(&desk.now());
    assert!(desk.good(&second).await);
    desk.goes(Act::Cancel).await.expect("given up");
    assert!(!desk.good(&second).await, "Twilio does not take it any more");
    assert_eq!((desk.stage(), Stage::of(&desk.safe.last())), (Stage::One, Stage::One));
    desk.a_text_arrives().await;
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_found_out() {
    let desk = Desk::open().await;
    desk.goes(Act::Begin).await.expect("a second token");
    desk.wire(Wire::LosesThePromotion);
    desk.goes(Act::Switch).await.expect("the two tokens tell");
    assert_eq!((desk.stage(), Stage::of(&desk.safe.last())), (Stage::Switched, Stage::Switched));
    assert!(desk.good(&desk.now()).await);
    desk.a_text_arrives().await;
}

#[tokio::test]
async fn a_change_that_nobody_could_ask_about_is_settled_once_somebody_can() {
    let desk = Desk::open().await;
    desk.goes(Act::Begin).await.expect("a second token");
    desk.wire(Wire::Cut);
    assert_eq!(desk.goes(Act::Switch).await, Err("unreachable".into()));
    assert_eq!((desk.stage(), Stage::of(&desk.safe.last())), (Stage::Two, Stage::Two));
    // What was asked may have come through all the same.
    asking(desk.sandbox.url(), &desk.now()).promote_secondary_token().await.expect("changed places");
    desk.a_text_arrives().await;
    assert!(!desk.rotation().settle().await, "nobody knows yet");
    assert_eq!(desk.stage(), Stage::Two);
    desk.wire(Wire::Carries);
    assert!(desk.rotation().settle().await);
    assert_eq!((desk.stage(), Stage::of(&desk.safe.last())), (Stage::Switched, Stage::Switched));
    assert!(desk.good(&desk.now()).await);
    desk.goes(Act::Retire).await.expect("only the new one");
    desk.a_text_arrives().await;
}

#[tokio::test]
async fn a_crash_between_keeping_and_changing_loses_nothing() {
    let desk = Desk::open().await;
    desk.goes(Act::Begin).await.expect("a second token");
    let old = desk.sandbox.auth_token();
    let (told, mut kept) = mpsc::unbounded_channel();
    let (goes_on, waits) = std::sync::mpsc::channel::<()>();
    let (waits, keep) = (Mutex::new(waits), desk.safe.keep());
    let keep: Keep = Arc::new(move |credentials: &AccountCredentials| {
        let outcome = keep(credentials);
        told.send(()).expect("somebody waits");
        // Until the story is past the crash.
        let _ = waits.lock().expect("alone").recv();
        outcome
    });
    let rotation = Rotation::new(desk.office.in_use(), keep);
    tokio::select! {
        gone = rotation.go(Act::Switch) => panic!("it went on: {gone:?}"),
        told = kept.recv() => assert_eq!(told, Some(())),
    }
    drop(goes_on);
    assert_eq!(desk.sandbox.auth_token(), old, "Twilio was not told yet");

    let desk = desk.restarted().await;
    assert_eq!(desk.stage(), Stage::Switched, "as it was kept");
    desk.a_text_arrives().await;
    assert!(desk.rotation().settle().await);
    assert_eq!((desk.stage(), Stage::of(&desk.safe.last())), (Stage::Two, Stage::Two));
    desk.goes(Act::Switch).await.expect("changed places");
    desk.goes(Act::Retire).await.expect("only the new one");
    assert_ne!(desk.sandbox.auth_token(), old);
    desk.a_text_arrives().await;
}

#[tokio::test]
async fn the_old_token_is_not_retired_while_twilio_uses_it() {
    let desk = Desk::open().await;
    desk.goes(Act::Begin).await.expect("a second token");
    // As a crash would leave it that came before Twilio was told.
    let two = desk.now();
    let early = AccountCredentials {
        secondary_auth_token: Some(two.auth_token.clone()),
        switched: true,
        ..other(&two)
    };
    desk.office.in_use().renew(early).expect("taken over");
    assert_eq!(desk.goes(Act::Retire).await, Err("not_switched".into()));
    assert_eq!((desk.stage(), Stage::of(&desk.safe.last())), (Stage::Two, Stage::Two));
    desk.a_text_arrives().await;
}

#[tokio::test]
async fn a_change_made_at_twilio_is_followed() {
    let desk = Desk::open().await;
    desk.goes(Act::Begin).await.expect("a second token");
    assert!(desk.rotation().settle().await);
    assert_eq!(desk.stage(), Stage::Two, "there was nothing to settle");
    asking(desk.sandbox.url(), &desk.now()).promote_secondary_token().await.expect("changed places");
    desk.a_text_arrives().await;
    assert!(desk.rotation().settle().await);
    assert_eq!((desk.stage(), Stage::of(&desk.safe.last())), (Stage::Switched, Stage::Switched));
    desk.a_text_arrives().await;
}

#[tokio::test]
async fn nothing_changes_at_twilio_that_the_safe_does_not_take() {
    let desk = Desk::open().await;
    let first = desk.sandbox.auth_token();
    desk.safe.lock(true);
    assert_eq!(desk.goes(Act::Begin).await, Err("keychain_locked".into()));
    assert_eq!(desk.stage(), Stage::One);
    assert!(!desk.good(&other(&desk.safe.last())).await, "no token is left that nobody knows");

    desk.safe.lock(false);
    desk.goes(Act::Begin).await.expect("a second token");
    desk.safe.lock(true);
    assert_eq!(desk.goes(Act::Switch).await, Err("keychain_locked".into()));
    assert_eq!((desk.stage(), desk.sandbox.auth_token()), (Stage::Two, first));
    desk.a_text_arrives().await;
}
