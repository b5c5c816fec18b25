use ringdesk_desk::Desk;
use ringdesk_inbox::{
    ConversationFilter, LineNews,
    view::{Grade, SendingLock},
};
use ringdesk_machine::AccountCredentials;
use ringdesk_server::{Office as Opened, Plan};
use ringdesk_tests::office::{LINES, Office, texts};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Mutex;

const MARIA: &str = "+14155550123";
/// Our lines as people write them.
const SHOWN: [&str; 2] = ["(500) 555-0006", "(500) 555-0007"];

/// Another computer with Ringdesk on the same account, with data of its own.
async fn another(office: &Office, folder: &TempDir) -> Opened {
    let (sid, token) = office.sandbox.credentials();
    let plan = Plan {
        data_dir: folder.path().join("office"),
        listen: ([127, 0, 0, 1], 0).into(),
        public_url: None,
        unreachable_too: false,
        prefix: "/phone/twilio".into(),
        twilio_url: office.sandbox.url().to_owned(),
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
        point_here: false,
        computer: None,
        look: None,
        tunnel_folders: Vec::new(),
        clock: office.clock.clone(),
    };
    Opened::open(plan).await.expect("an office")
}

/// What was said with Maria, as an office has it.
async fn said(desk: &Desk) -> Vec<String> {
    let all = desk.inbox.conversations(ConversationFilter::Open, None, 0, 500).await.expect("list");
    let Some(maria) = all.conversations.into_iter().find(|one| one.customer == MARIA) else {
        return Vec::new();
    };
    let open = desk.inbox.conversation(maria.id, None, None).await.expect("a conversation");
    texts(open).into_iter().map(|text| text.body).collect()
}

/// Waits until an office finds these lines to be answered elsewhere.
async fn finds_elsewhere(office: &Office, desk: &Desk, lines: &[&str]) {
    office
        .until("it is known who answers", || async {
            let health = desk.inbox.health().await.expect("health");
            (health.elsewhere == lines).then_some(())
        })
        .await;
}

/// Some minutes pass, and the office has knocked at its own door since.
async fn minutes_pass(office: &Office, minutes: i64) {
    office.minutes_pass(minutes);
    office
        .until("it knocked", || async {
            let address = office.desk.inbox.address().await.expect("an address");
            (address.knocked_at == Some(office.clock.now())).then_some(())
        })
        .await;
}

fn posts_to(office: &Office) -> String {
    office.sandbox.number(LINES[0])["SmsUrl"].clone()
}

#[tokio::test]
async fn a_computer_that_takes_the_lines_over_is_told_of_once_and_hands_them_back_with_nothing_lost() {
    let office = Office::open().await;
    let inbox = &office.desk.inbox;
    let follower = Mutex::new(inbox.follow().await.expect("follows"));
    let news = || async { follower.lock().await.line().await.expect("asked") };
    office.phone(MARIA).texts("First").await;

    let folder = tempfile::tempdir().expect("a folder");
    let other = another(&office, &folder).await;
    let take_over = || async { other.desk.inbox.set_up_lines(None, false).await.ok() };
    office.until("it took the lines over", take_over).await;
    let theirs = posts_to(&office);
    assert!(!theirs.starts_with(&office.door("")), "{theirs}");
    office.phone(MARIA).texts("To the other one").await;
    assert!(said(&other.desk).await.contains(&"To the other one".to_owned()));
    office.minutes_pass(11);
    finds_elsewhere(&office, &office.desk, &SHOWN).await;
    assert_eq!(office.until("it is told", news).await, LineNews::Elsewhere);
    let fetched = || async { (said(&office.desk).await.len() == 2).then_some(()) };
    office.until("what came there is here, too", fetched).await;
    for _ in 0..3 {
        minutes_pass(&office, 11).await;
        assert_eq!(news().await, None, "told once");
        assert_eq!(posts_to(&office), theirs, "the lines are left alone");
    }

    let check = inbox.fix("other_computer").await.expect("handed over");
    assert_eq!(check.grade, Grade::Pass, "{check:?}");
    finds_elsewhere(&office, &office.desk, &[]).await;
    assert_eq!(office.until("it is taken back", news).await, LineNews::Back { repointed: false });
    let ours = posts_to(&office);
    assert!(ours.starts_with(&office.door("")), "{ours}");
    office.phone(MARIA).texts("Back here").await;
    minutes_pass(&office, 11).await;
    finds_elsewhere(&office, &other.desk, &SHOWN).await;
    minutes_pass(&office, 11).await;
    assert_eq!(posts_to(&office), ours, "the other one leaves them alone, too");
    assert_eq!(said(&office.desk).await, ["First", "To the other one", "Back here"]);
    let theirs = || async {
        let said = said(&other.desk).await;
        said.ends_with(&["To the other one".to_owned(), "Back here".to_owned()]).then_some(())
    };
    office.until("nothing is missing there either", theirs).await;
    drop(other.close().await);
}

/// The office's data is on this computer from now on.
async fn moves_to(office: &mut Office, computer: &str) {
    office.close().await;
    office.computer = Some(computer.to_owned());
    office.reopen().await;
}

async fn locked(office: &Office) -> Option<SendingLock> {
    office.desk.inbox.health().await.expect("health").locked
}

#[tokio::test]
async fn data_that_came_from_another_computer_sends_nothing_until_the_owner_says_so() {
    let mut office = Office::open().await;
    moves_to(&mut office, "one").await;
    assert_eq!(locked(&office).await, None, "it is where it always was");
    let pointed = || async { posts_to(&office).starts_with(&office.door("")).then_some(()) };
    office.until("texts come here", pointed).await;
    office.phone(MARIA).texts("Are you open?").await;
    let first = office.answers(&office.phone(MARIA), "Yes").await;
    office.reaches(&office.phone(MARIA), first, "delivered").await;
    let before = posts_to(&office);

    moves_to(&mut office, "two").await;
    assert_eq!(locked(&office).await, Some(SendingLock::Copied));
    let maria = office.phone(MARIA);
    let waits = office.answers(&maria, "Until six").await;
    for _ in 0..2 {
        minutes_pass(&office, 11).await;
        assert_eq!(office.sandbox.report().accepted.len(), 1, "nothing leaves");
        assert_eq!(posts_to(&office), before, "and the lines are not taken from anybody");
    }
    assert!(!office.desk.inbox.health().await.expect("health").moved);

    office.desk.call("unlock_sending", json!({})).await.expect("unlocked");
    assert_eq!(locked(&office).await, None);
    office
        .until("what waited too long is asked about", || async {
            office.texts_with(&maria).await.into_iter().find(|text| text.id == waits && text.held)
        })
        .await;
    let now = office.answers(&maria, "Still coming?").await;
    office.reaches(&maria, now, "delivered").await;
    assert_eq!(maria.got().len(), 2);
    // Whether the other computer still answers, only the owner knows.
    finds_elsewhere(&office, &office.desk, &SHOWN).await;
    assert_eq!(posts_to(&office), before);
    let check = office.desk.inbox.fix("other_computer").await.expect("handed over");
    assert_eq!(check.grade, Grade::Pass, "{check:?}");
    maria.texts("Thanks").await;

    moves_to(&mut office, "two").await;
    assert_eq!(locked(&office).await, None, "it is asked once");
}
