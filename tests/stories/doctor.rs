//! The check-up: each check fails once for a reason that can happen to anybody, and what mends it does.

mod account;
mod here;
mod texting;
mod way;

use ringdesk_domain::Moment;
use ringdesk_inbox::{
    Access, Clock, Computer, Inbox, Look, Problem, Reach, Safe,
    view::{Check, Grade, Place},
};
use ringdesk_sandbox::{Config, Fault, Sandbox};
use ringdesk_tests::{
    host::{ACCOUNT, Host, TOKEN},
    office::{LINES, Office},
};
use ringdesk_twilio::{Client, Credentials, PublicUrl};
use serde_json::{Value, json};
use std::{collections::BTreeSet, future::Future, pin::Pin, process::Output, sync::Arc};
use tokio::net::TcpSocket;

const DAY: i64 = 24 * 60;
/// What no story can bring about: nothing is opened with an SQLite that is too old, and no disk is filled up
/// here. The tests beside these checks make them fail.
const ONLY_BESIDE: [(&str, &str); 2] = [
    ("disk", include_str!("../../crates/inbox/src/doctor/disk.rs")),
    ("sqlite", include_str!("../../crates/inbox/src/doctor/sqlite.rs")),
];
/// What is as the owner wants it, however it is.
const CHOICES: [(&str, &str); 1] =
    [("autostart", include_str!("../../crates/inbox/src/doctor/autostart.rs"))];

/// What a check finds now, with Twilio asked.
async fn found(office: &Office, id: &str) -> Check {
    let checkup = office.desk.inbox.doctor(true).await.expect("a check-up");
    checkup.checks.into_iter().find(|check| check.id == id).unwrap_or_else(|| panic!("no check {id}"))
}

/// It finds this, sooner or later.
async fn finds(office: &Office, id: &str, grade: Grade) -> Check {
    let what = format!("{id} is found to be {grade:?}");
    let look = || async { Some(found(office, id).await).filter(|check| check.grade == grade) };
    office.until(&what, look).await
}

/// What it finds is this, and this much of it is said.
fn is(check: &Check, grade: Grade, said: &str) {
    assert_eq!(check.grade, grade, "{check:?}");
    let told = format!("{}: {} {}", check.title, check.said, check.hint.as_deref().unwrap_or(""));
    assert!(told.contains(said), "{said}: {told}");
    assert!(check.hint.is_some() || grade < Grade::Warn, "{check:?}");
}

/// It finds something wrong now, and this much of it is said.
async fn ails(office: &Office, id: &str, grade: Grade, said: &str) -> Check {
    assert!(grade > Grade::Pass, "{id} is well");
    let check = found(office, id).await;
    is(&check, grade, said);
    check
}

/// A port where nobody listens and, as long as it is held, nobody else can; and its address.
fn nobody() -> (TcpSocket, String) {
    let port = TcpSocket::new_v4().expect("a socket");
    port.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let address = format!("http://{}", port.local_addr().expect("an address"));
    (port, address)
}

/// Where the check's Fix leads.
fn leads(check: &Check, place: Place) {
    let fix = check.fix.as_ref().unwrap_or_else(|| panic!("no fix: {check:?}"));
    assert_eq!(fix.place, Some(place), "{fix:?}");
}

/// The check's Fix, done by the desk; what it finds then.
async fn mended(office: &Office, check: &Check) -> Check {
    let fix = check.fix.as_ref().unwrap_or_else(|| panic!("no fix: {check:?}"));
    assert_eq!(fix.place, None, "the desk does it: {fix:?}");
    let mended = office.desk.inbox.fix(&check.id).await.unwrap_or_else(|why| panic!("{}: {why}", check.id));
    assert_eq!(mended.id, check.id);
    mended
}

/// The office's host finds the computer like this from now on.
fn look(office: &Office, computer: Computer) {
    let look: Look = Arc::new(move || -> Pin<Box<dyn Future<Output = Computer> + Send>> {
        let computer = computer.clone();
        Box::pin(async move { computer })
    });
    office.desk.inbox.look_with(look);
}

/// The first words in quotes after each time something is asked in the stories.
fn asked_for<'a>(stories: &'a str, asking: &str) -> BTreeSet<&'a str> {
    let asking = format!("{asking}(&office,\"");
    let after = stories.split(asking.as_str()).skip(1);
    let ids = after.filter_map(|after| after.split_once('"').map(|(id, _)| id));
    ids.filter(|id| id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')).collect()
}

#[tokio::test]
async fn each_check_has_its_story() {
    let stories = [
        include_str!("doctor/account.rs"),
        include_str!("doctor/here.rs"),
        include_str!("doctor/texting.rs"),
        include_str!("doctor/way.rs"),
    ];
    // However their lines are broken.
    let stories: String = stories.iter().flat_map(|story| story.split_whitespace()).collect();
    let office = Office::open().await;
    let checkup = office.desk.inbox.doctor(false).await.expect("a check-up");
    let checks: BTreeSet<&str> = checkup.checks.iter().map(|check| check.id.as_str()).collect();
    assert_eq!(asked_for(&stories, ""), checks, "each is looked at");
    let mut ailing = asked_for(&stories, "ails");
    for (id, source) in ONLY_BESIDE {
        let (_, tests) = source.split_once("#[cfg(test)]").expect("tests");
        assert!(tests.contains("Grade::Fail"), "{id} is made to fail beside it");
        assert!(ailing.insert(id), "a story makes {id} fail");
    }
    for (id, source) in CHOICES {
        assert!(![".warn(", ".fail("].iter().any(|grade| source.contains(grade)), "{id} is a choice");
        assert!(ailing.insert(id), "a story makes {id} fail");
    }
    assert_eq!(ailing, checks, "and each is seen to find something wrong");
}

#[tokio::test]
async fn who_is_not_to_ask_twilio_asks_nothing() {
    let now = Moment(1_795_197_600_000);
    let numbers = LINES.map(String::from).to_vec();
    let config = Config { numbers, now: Arc::new(move || now.0), pace: 0.0, ..Config::practice() };
    let twilio = Sandbox::start(config).await.expect("a practice line");
    let (sid, token) = twilio.credentials();
    let folder = tempfile::tempdir().expect("a folder");
    // Nothing runs here by itself: whatever is asked was asked for.
    let inbox = Inbox::open(folder.path(), Access::Own, Clock::set_to(now)).await.expect("an office");
    let credentials = Credentials::account(sid, token.to_owned().into());
    inbox.connect(Reach {
        client: Client::new(twilio.url(), credentials).expect("a client"),
        public: Some(PublicUrl::parse("https://phone.example.com").expect("an address")),
        prefix: "/phone/twilio".into(),
        signing: token.to_owned().into(),
    });
    inbox.set_up_lines(None, false).await.expect("set up");
    inbox.make_backup().await.expect("made");
    inbox.heard_backup(true).await.expect("heard");
    let asked = twilio.report().requests.len();
    let checkup = inbox.doctor(false).await.expect("a check-up");
    assert_eq!(twilio.report().requests.len(), asked);
    let backup = checkup.checks.iter().find(|check| check.id == "fallback").expect("a check");
    is(backup, Grade::Pass, "Twilio takes voicemail");
    inbox.doctor(true).await.expect("a check-up");
    assert!(twilio.report().requests.len() > asked);
    inbox.close().await;
}

#[tokio::test]
async fn a_practice_line_is_well() {
    let office = Office::open().await;
    look(&office, Computer { safe: Some(Safe::Practice), ..Computer::default() });
    finds(&office, "reachable", Grade::Pass).await;
    finds(&office, "webhooks", Grade::Pass).await;
    let checkup = office.desk.inbox.doctor(true).await.expect("a check-up");
    let unwell: Vec<&Check> = checkup.checks.iter().filter(|check| check.grade > Grade::Pass).collect();
    assert!(unwell.is_empty(), "{unwell:?}");
    assert_eq!((checkup.live, checkup.worst), (true, Grade::Pass));
    // Nothing that is nobody's business: no number but our lines', and no secret.
    let (_, token) = office.sandbox.credentials();
    office.phone("+14155550931").texts("Hello").await;
    let checkup = office.desk.inbox.doctor(true).await.expect("a check-up");
    let told = serde_json::to_string(&checkup).expect("JSON");
    assert!(!told.contains(token) && !told.contains("5550931"), "{told}");
}

#[tokio::test]
async fn what_twilio_was_not_asked_is_not_made_up() {
    let office = Office::open().await;
    finds(&office, "reachable", Grade::Pass).await;
    let asked = ["credentials", "balance", "clock", "webhooks", "overrides", "other_computer", "alerts"];
    let checkup = office.desk.inbox.doctor(false).await.expect("a check-up");
    assert!(!checkup.live);
    for id in asked {
        let check = checkup.checks.iter().find(|check| check.id == id).expect("a check");
        is(check, Grade::Unknown, "Twilio wasn’t asked");
    }
    // One question without an answer is one check without a finding.
    office.fault(Fault::Times(1_000, Box::new(Fault::MonitorAway)));
    is(&found(&office, "alerts").await, Grade::Unknown, "Twilio has trouble answering");
    is(&found(&office, "balance").await, Grade::Pass, "$20.00");
    office.sandbox.mend();
    is(&found(&office, "alerts").await, Grade::Pass, "Nothing in 30 days");
}

#[tokio::test]
async fn only_what_can_be_mended_from_here_is_mended() {
    let office = Office::open().await;
    let refused = office.desk.inbox.fix("balance").await;
    assert!(matches!(refused, Err(Problem::Told { code: "not_mendable", .. })), "{refused:?}");
    let refused = office.desk.inbox.fix("weather").await;
    assert!(matches!(refused, Err(Problem::NotFound)), "{refused:?}");
}

#[tokio::test]
async fn the_running_program_looks_itself_over() {
    let office = Office::open().await;
    look(&office, Computer { safe: Some(Safe::Practice), ..Computer::default() });
    let worst = || async { office.desk.inbox.health().await.expect("health").checkup };
    office.until("it looked by itself", || async { worst().await }).await;
    office.sandbox.set_balance("0.00", "USD");
    office.minutes_pass(16);
    let failed = || async { (worst().await == Some(Grade::Fail)).then_some(()) };
    office.until("it found the balance gone", failed).await;
    office.sandbox.set_balance("20.00", "USD");
    assert_ne!(found(&office, "balance").await.grade, Grade::Fail);
    assert_ne!(worst().await, Some(Grade::Fail), "whoever looks tells everybody");
}

#[tokio::test]
async fn lines_that_are_pointed_here_after_the_first_look_are_looked_at_again() {
    let office = Office::open().await;
    look(&office, Computer { safe: Some(Safe::Practice), ..Computer::default() });
    let worst = || async { office.desk.inbox.health().await.expect("health").checkup };
    let failed = || async { (worst().await == Some(Grade::Fail)).then_some(()) };
    finds(&office, "reachable", Grade::Pass).await;
    finds(&office, "webhooks", Grade::Pass).await;
    office.sandbox.set_number(LINES[0], &[("SmsUrl", "https://example.com/texts")]);
    office.minutes_pass(16);
    office.until("it found texts to go elsewhere", failed).await;
    // No time passes from here on.
    office.desk.inbox.know_lines(true).await.expect("texts come here");
    let mended = || async { (worst().await != Some(Grade::Fail)).then_some(()) };
    office.until("it looked again", mended).await;
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// A practice line for a program of its own.
async fn practice() -> Sandbox {
    let config = Config { account_sid: ACCOUNT.into(), auth_token: TOKEN.into(), ..Config::practice() };
    Sandbox::start(config).await.expect("a practice line")
}

/// The grade of a check in the JSON of `ringdeskd doctor`.
fn grade(checkup: &Value, id: &str) -> String {
    let checks = checkup["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no check {id}"));
    check["grade"].as_str().expect("a grade").to_owned()
}

#[tokio::test]
async fn the_command_line_says_the_same_and_its_exit_code_tells() {
    let twilio = practice().await;
    let mut host = Host::start(twilio.url()).await.expect("a host");

    // Beside a running owner it is the owner who looks. By now it knows its line.
    host.call("account_numbers", json!({})).await.expect("numbers");
    let looked = host.run(&["doctor", "--json", "--live"]).await.expect("ran");
    let checkup: Value = serde_json::from_slice(&looked.stdout).expect("JSON");
    assert_eq!((&checkup["live"], grade(&checkup, "credentials").as_str()), (&json!(true), "pass"));
    assert_eq!(grade(&checkup, "keychain"), "pass", "the host knows where the sign-in is from");
    // Nobody has pointed the line here.
    assert_eq!((grade(&checkup, "webhooks").as_str(), code(&looked)), ("fail", Some(1)));
    let words = host.run(&["doctor", "--live"]).await.expect("ran");
    let words = String::from_utf8_lossy(&words.stdout).into_owned();
    assert!(words.contains("PASS  Twilio sign-in: Accepted\n"), "{words}");
    assert!(words.contains("FAIL  Texts and calls go somewhere else: "), "{words}");
    assert!(words.contains("      Fix: Point the lines here\n"), "{words}");

    // Nobody runs: it looks itself, and without being asked to it leaves Twilio alone.
    host.stop().await.expect("stopped");
    let looked = host.run(&["doctor", "--json"]).await.expect("ran");
    let checkup: Value = serde_json::from_slice(&looked.stdout).expect("JSON");
    assert_eq!((&checkup["live"], code(&looked)), (&json!(false), Some(0)), "{checkup}");
    assert_eq!(["database", "reachable"].map(|id| grade(&checkup, id)), ["pass", "unknown"]);
    let (url, public) = (twilio.url(), "https://a.example");
    let live = ["doctor", "--json", "--live", "--twilio-url", url, "--public-url", public];
    let looked = host.run(&live).await.expect("ran");
    let checkup: Value = serde_json::from_slice(&looked.stdout).expect("JSON");
    assert_eq!(["credentials", "webhooks"].map(|id| grade(&checkup, id)), ["pass", "fail"]);
    assert_eq!(code(&looked), Some(1));
    let refused = host.command(&live).env("RINGDESK_AUTH_TOKEN", "another").output().await.expect("ran");
    let checkup: Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert_eq!((grade(&checkup, "credentials").as_str(), code(&refused)), ("fail", Some(1)));

    // Without credentials Twilio cannot be asked, and in no folder there is nothing to look at.
    let mut nobody = host.command(&live);
    nobody.env_remove("RINGDESK_AUTH_TOKEN").env_remove("DBUS_SESSION_BUS_ADDRESS");
    assert_eq!(code(&nobody.output().await.expect("ran")), Some(4));
    let nowhere = host.data_dir().join("nowhere");
    let nowhere = ["doctor", "--data-dir", nowhere.to_str().expect("a path")];
    let mut looking = tokio::process::Command::new(ringdesk_tests::programs::program("ringdeskd"));
    assert_eq!(code(&looking.args(nowhere).output().await.expect("ran")), Some(1));
}
