use axum::{Router, http::StatusCode};
use ringdesk_domain::public::Way;
use ringdesk_inbox::{
    Follower, Knocking, LineNews, Reach, WayNow, WayState,
    view::{AddressState, Step, StepState},
};
use ringdesk_tests::office::{LINES, Office};
use ringdesk_twilio::{Client, Credentials, PublicUrl};
use tokio::{net::TcpListener, sync::Mutex};

const PRIYA: &str = "+14155550123";
/// Addresses where nobody is: ports that no other story is ever given.
const NOBODY: [&str; 2] = ["http://127.0.0.1:9", "http://127.0.0.1:1"];

/// Where the office's own door is found.
fn own(office: &Office) -> String {
    office.door("").trim_end_matches("/phone/twilio").to_owned()
}

fn token(office: &Office) -> String {
    office.sandbox.credentials().1.to_owned()
}

/// The office is to be found there from now on, as far as it knows, and signs with this token.
fn found_at(office: &Office, origin: &str, token: &str) {
    let (sid, secret) = office.sandbox.credentials();
    let credentials = Credentials::account(sid, secret.to_owned().into());
    office.desk.inbox.connect(Reach {
        client: Client::new(office.sandbox.url(), credentials).expect("a client"),
        public: Some(PublicUrl::parse(origin).expect("an address")),
        prefix: "/phone/twilio".into(),
        signing: token.to_owned().into(),
    });
}

/// Somebody who answers everything with this status; their address.
async fn somebody(status: u16) -> String {
    said(status, "").await
}

/// Somebody who answers everything with this status and these words; their address.
async fn said(status: u16, words: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let status = StatusCode::from_u16(status).expect("a status");
    let router = Router::new().fallback(move || async move { (status, words) });
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn is(office: &Office, state: AddressState) {
    office
        .until(&format!("the way is {state:?}"), || async {
            let address = office.desk.inbox.address().await.expect("an address");
            (address.state == state).then_some(())
        })
        .await;
}

async fn last_webhook(office: &Office) -> Option<ringdesk_domain::Moment> {
    office.desk.inbox.health().await.expect("health").last_webhook_at
}

#[tokio::test]
async fn a_knock_from_outside_comes_through_and_is_no_webhook() {
    let office = Office::open().await;
    is(&office, AddressState::Open).await;
    let knock = office.desk.inbox.knock().await.expect("a knock");
    assert_eq!((knock.through, knock.problem, knock.hint), (true, None, None));
    let address = office.desk.inbox.address().await.expect("an address");
    assert_eq!(address.address, Some(own(&office)));
    assert_eq!((address.knocked_at, address.problem), (Some(office.clock.now()), None));
    assert!(address.knock_ms.is_some());
    let health = office.desk.inbox.health().await.expect("health");
    assert_eq!((health.reachable, health.address), (true, AddressState::Open));
    assert_eq!(last_webhook(&office).await, None, "Twilio was not here");
    assert!(office.kept("receipt").await.is_empty());
    // Time passes, and somebody knocks again.
    office.minutes_pass(2);
    office
        .until("somebody knocks", || async {
            let address = office.desk.inbox.address().await.expect("an address");
            (address.knocked_at == Some(office.clock.now())).then_some(())
        })
        .await;
}

#[tokio::test]
async fn why_nobody_comes_through_is_told_with_what_to_do() {
    let office = Office::open().await;
    is(&office, AddressState::Open).await;
    for (address, problem) in [
        (NOBODY[0].to_owned(), "Nobody answers at the address."),
        (somebody(404).await, "Something else answers at this address (it said 404)."),
        (said(403, "No entry").await, "Something else answers at this address (it said 403)."),
        (somebody(200).await, "Something else answers at this address (it said 200)."),
        (somebody(409).await, "Another Ringdesk answers at this address."),
        (somebody(502).await, "The tunnel is there, but this computer isn't behind it."),
        (somebody(530).await, "The tunnel is there, but this computer isn't behind it."),
    ] {
        found_at(&office, &address, &token(&office));
        let knock = office.desk.inbox.knock().await.expect("a knock");
        assert_eq!((knock.through, knock.problem.as_deref()), (false, Some(problem)));
        assert!(knock.hint.is_some_and(|hint| !hint.is_empty()));
        is(&office, AddressState::Blocked).await;
        let shown = office.desk.inbox.address().await.expect("an address");
        assert_eq!((shown.problem.as_deref(), shown.knocked_at), (Some(problem), None));
        assert!(!office.desk.inbox.health().await.expect("health").reachable);
    }
    // The door is ours, and what is signed there is not.
    found_at(&office, &own(&office), "another token");
    let knock = office.desk.inbox.knock().await.expect("a knock");
    let problem = "The program at this address doesn't accept our signature.";
    assert_eq!(knock.problem.as_deref(), Some(problem));
    found_at(&office, &own(&office), &token(&office));
    assert!(office.desk.inbox.knock().await.expect("a knock").through);
    is(&office, AddressState::Open).await;
}

#[tokio::test]
async fn only_our_own_knock_is_answered() {
    let office = Office::open().await;
    is(&office, AddressState::Open).await;
    let (account, _) = office.sandbox.credentials();
    let nonce = "0123456789abcdef0123456789abcdef";
    let knock = office.signed("/knock", &[("AccountSid", account), ("Knock", nonce)]);
    let (status, body) = knock.post().await;
    assert_eq!((status, body.as_str()), (409, ""), "another Ringdesk of the same account");
    let nameless = office.signed("/knock", &[("AccountSid", account)]);
    assert_eq!(nameless.post().await.0, 409);
    let mut spoiled = knock.clone();
    spoiled.body = spoiled.body.replace("0123", "3210");
    assert_eq!(spoiled.post().await.0, 403);
    let mut unsigned = knock;
    unsigned.signatures.clear();
    assert_eq!(unsigned.post().await.0, 403);
    let other = [("AccountSid", "AC99999999999999999999999999999999"), ("Knock", nonce)];
    assert_eq!(office.signed("/knock", &other).post().await.0, 403);
    assert_eq!(last_webhook(&office).await, None);
    assert!(office.kept("receipt").await.is_empty());
}

#[tokio::test]
async fn a_line_nobody_reaches_is_told_of_once_and_taken_back_once() {
    let office = Office::open().await;
    is(&office, AddressState::Open).await;
    let inbox = &office.desk.inbox;
    let follower = Mutex::new(inbox.follow().await.expect("follows"));
    let news = || async { follower.lock().await.line().await.expect("asked") };
    assert_eq!(news().await, None);
    found_at(&office, NOBODY[0], &token(&office));
    for _ in 0..2 {
        assert!(!inbox.knock().await.expect("a knock").through);
    }
    assert_eq!(news().await, None, "it may be back in a moment");
    let since = office.clock.now();
    office.minutes_pass(3);
    assert_eq!(news().await, Some(LineNews::Unreachable(since)));
    assert_eq!(news().await, None, "told once");
    found_at(&office, &own(&office), &token(&office));
    let back = office.until("the line is back", news).await;
    assert_eq!(back, LineNews::Back { repointed: false });
    assert_eq!(news().await, None, "told once");
}

#[tokio::test]
async fn whoever_is_choosing_an_address_is_not_told_that_there_is_none() {
    let office = Office::open().await;
    is(&office, AddressState::Open).await;
    let inbox = &office.desk.inbox;
    let mut follower: Follower = inbox.follow().await.expect("follows");
    inbox.begin_setup().await.expect("begun");
    inbox.way_is(WayNow::default());
    is(&office, AddressState::Unset).await;
    let knock = inbox.knock().await.expect("a knock");
    assert!(!knock.through && knock.problem.is_some() && knock.hint.is_some());
    assert_eq!(follower.line().await.expect("asked"), None);
    office.minutes_pass(3);
    assert_eq!(follower.line().await.expect("asked"), None);
    inbox.finish_setup().await.expect("finished");
    assert_eq!(follower.line().await.expect("asked"), None, "there is time to choose one");
    let since = office.clock.now();
    office.minutes_pass(3);
    assert_eq!(follower.line().await.expect("asked"), Some(LineNews::Unreachable(since)));
    let wanted = serde_json::json!({ "notifications": { "line": false } });
    inbox.apply_settings(&wanted).await.expect("settings");
    let mut deaf = inbox.follow().await.expect("follows");
    assert_eq!(deaf.line().await.expect("asked"), None);
    office.minutes_pass(3);
    assert_eq!(deaf.line().await.expect("asked"), None, "they don't want to be told");
}

#[tokio::test]
async fn an_outage_that_goes_on_at_another_address_is_told_of_once() {
    let office = Office::open().await;
    is(&office, AddressState::Open).await;
    let inbox = &office.desk.inbox;
    let follower = Mutex::new(inbox.follow().await.expect("follows"));
    let news = || async { follower.lock().await.line().await.expect("asked") };
    found_at(&office, NOBODY[0], &token(&office));
    for _ in 0..2 {
        assert!(!inbox.knock().await.expect("a knock").through);
    }
    assert_eq!(news().await, None, "it may be back in a moment");
    let since = office.clock.now();
    office.minutes_pass(3);
    assert_eq!(news().await, Some(LineNews::Unreachable(since)));
    // Another address: nobody knows yet whether it is a better one, and it is not.
    found_at(&office, NOBODY[1], &token(&office));
    assert_eq!(news().await, None, "nobody knows yet");
    for _ in 0..2 {
        assert!(!inbox.knock().await.expect("a knock").through);
        assert_eq!(news().await, None, "they know already");
    }
    found_at(&office, &own(&office), &token(&office));
    let known = || async {
        let news = news().await;
        assert!(news.is_none() || inbox.knocking().borrow().through, "nobody knows yet: {news:?}");
        news
    };
    assert_eq!(office.until("the line is back", known).await, LineNews::Back { repointed: false });
    assert_eq!(news().await, None, "told once");
}

#[tokio::test]
async fn a_name_made_just_now_has_a_minute_until_it_is_known() {
    let office = Office::open().await;
    is(&office, AddressState::Open).await;
    let inbox = &office.desk.inbox;
    let mut follower = inbox.follow().await.expect("follows");
    // Too long to be anybody's, so that nobody is asked for it.
    let nowhere = format!("https://{}.example", "a".repeat(64));
    found_at(&office, &nowhere, &token(&office));
    for _ in 0..3 {
        let knock = inbox.knock().await.expect("a knock");
        assert_eq!(knock.problem.as_deref(), Some("The name in the address leads nowhere."));
    }
    is(&office, AddressState::Opening).await;
    assert!(inbox.health().await.expect("health").reachable);
    assert_eq!(*inbox.knocking().borrow(), Knocking::default(), "that is no failure yet");
    assert_eq!(follower.line().await.expect("asked"), None);
    office.minutes_pass(2);
    is(&office, AddressState::Blocked).await;
    let knocking = *inbox.knocking().borrow();
    assert!(knocking.failures > 0 && knocking.hangs, "{knocking:?}");
}

#[tokio::test]
async fn whoever_comes_back_under_the_same_address_knocks_first_and_catches_up() {
    let office = Office::open().await;
    is(&office, AddressState::Open).await;
    let inbox = &office.desk.inbox;
    let there = WayNow {
        way: Way::Own,
        state: WayState::There,
        address: Some(own(&office)),
        problem: None,
        fixed: true,
    };
    let gone = Some(("The tunnel is gone.".to_owned(), "It is tried again.".to_owned()));
    inbox.way_is(WayNow { state: WayState::Failed, problem: gone, ..there.clone() });
    is(&office, AddressState::Failed).await;
    assert_eq!(*inbox.knocking().borrow(), Knocking::default());
    let before = office.sandbox.number(LINES[0])["SmsUrl"].clone();
    office.sandbox.set_number(LINES[0], &[("SmsUrl", "http://127.0.0.1:9/in"), ("SmsFallbackUrl", "")]);
    let (_, answer) = office.sandbox.text_from(PRIYA, LINES[0], "Are you open?", &[]).await;
    assert_eq!(answer, None, "it goes nowhere");
    office.sandbox.set_number(LINES[0], &[("SmsUrl", &before)]);
    inbox.way_is(there);
    is(&office, AddressState::Open).await;
    assert!(inbox.knocking().borrow().through);
    office
        .until("what came meanwhile is here", || async {
            (office.conversations().await.len() == 1).then_some(())
        })
        .await;
}

#[tokio::test]
async fn twilio_coming_through_counts_where_this_computer_cannot_knock() {
    let office = Office::open().await;
    is(&office, AddressState::Open).await;
    let inbox = &office.desk.inbox;
    inbox.begin_setup().await.expect("begun");
    // As behind a router that does not lead this computer back to itself.
    found_at(&office, NOBODY[0], &token(&office));
    assert!(!inbox.knock().await.expect("a knock").through);
    is(&office, AddressState::Blocked).await;
    assert!(inbox.setup_step(Step::Address, StepState::Done).await.is_err());
    office.minutes_pass(1);
    office.phone(PRIYA).texts("Are you open?").await;
    let knock = inbox.knock().await.expect("a knock");
    let problem = "A test call-in from this computer doesn't come through, but Twilio does.";
    assert_eq!((knock.through, knock.problem.as_deref()), (false, Some(problem)));
    is(&office, AddressState::Open).await;
    assert!(inbox.health().await.expect("health").reachable);
    let knocking = *inbox.knocking().borrow();
    assert_eq!((knocking.failures, knocking.through), (0, true));
    inbox.setup_step(Step::Address, StepState::Done).await.expect("done");
    // Until something does not come that Twilio took.
    let before = office.sandbox.number(LINES[0])["SmsUrl"].clone();
    office.sandbox.set_number(LINES[0], &[("SmsUrl", "http://127.0.0.1:9/in"), ("SmsFallbackUrl", "")]);
    office.minutes_pass(1);
    let (_, answer) = office.sandbox.text_from(PRIYA, LINES[0], "Hello?", &[]).await;
    assert_eq!(answer, None, "it goes nowhere");
    office.sandbox.set_number(LINES[0], &[("SmsUrl", &before)]);
    office.minutes_pass(6);
    is(&office, AddressState::Blocked).await;
    assert!(!inbox.health().await.expect("health").reachable);
}
