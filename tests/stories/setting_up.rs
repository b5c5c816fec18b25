use ringdesk_domain::ChangeKind;
use ringdesk_inbox::{
    Problem, Reach, WayNow,
    view::{AddressState, Setup, Step, StepState},
};
use ringdesk_sandbox::{CallIn, Fault};
use ringdesk_tests::office::{LINES, Office};
use ringdesk_twilio::{Client, Credentials, PublicUrl};

fn state(setup: &Setup, step: Step) -> StepState {
    setup.steps.iter().find(|one| one.step == step).expect("a step").state
}

fn states(setup: &Setup) -> Vec<StepState> {
    setup.steps.iter().map(|step| step.state).collect()
}

/// Twilio is to find the office there from now on.
fn found_at(office: &Office, origin: &str) {
    let (sid, token) = office.sandbox.credentials();
    let credentials = Credentials::account(sid, token.to_owned().into());
    office.desk.inbox.connect(Reach {
        client: Client::new(office.sandbox.url(), credentials).expect("a client"),
        public: Some(PublicUrl::parse(origin).expect("an address")),
        prefix: "/phone/twilio".into(),
        signing: token.to_owned().into(),
    });
}

async fn open(office: &Office) {
    office
        .until("the way is open", || async {
            let address = office.desk.inbox.address().await.expect("an address");
            (address.state == AddressState::Open).then_some(())
        })
        .await;
}

/// Why a step is not done, and what leads out of it.
async fn refused(office: &Office, step: Step) -> String {
    let before = states(&office.desk.inbox.setup().await.expect("setup"));
    let (message, hint) = match office.desk.inbox.setup_step(step, StepState::Done).await {
        Err(Problem::Told { message, hint, .. }) => (message, hint),
        other => panic!("{step:?}: {other:?}"),
    };
    assert!(!hint.is_empty());
    assert_eq!(states(&office.desk.inbox.setup().await.expect("setup")), before, "nothing is kept");
    message
}

#[tokio::test]
async fn connecting_a_line_goes_on_where_it_was_after_a_restart() {
    let mut office = Office::open().await;
    open(&office).await;
    let inbox = office.desk.inbox.clone();
    let never = inbox.setup().await.expect("setup");
    assert!(!never.begun && !never.going, "nobody asked to be led");
    assert_eq!(state(&never, Step::Lines), StepState::Done, "the steps say what is there all the same");
    assert_eq!(state(&never, Step::Address), StepState::Done);
    assert_eq!(state(&never, Step::Rules), StepState::Todo);

    let begun = inbox.begin_setup().await.expect("setup");
    assert!(begun.going);
    assert_eq!(states(&begun), [StepState::Todo; 8]);
    inbox.setup_step(Step::Lines, StepState::Done).await.expect("done");
    inbox.setup_step(Step::Address, StepState::Done).await.expect("done");
    inbox.setup_step(Step::Hours, StepState::Skipped).await.expect("skipped");
    drop(inbox);
    office.restart().await;

    let inbox = office.desk.inbox.clone();
    let setup = inbox.setup().await.expect("setup");
    assert!(setup.going);
    let (done, todo, skipped) = (StepState::Done, StepState::Todo, StepState::Skipped);
    assert_eq!(states(&setup), [done, done, todo, skipped, todo, todo, todo, todo]);
    let setup = inbox.finish_setup().await.expect("setup");
    assert!(!setup.going);
    let again = inbox.begin_setup().await.expect("setup");
    assert_eq!((again.going, states(&again)), (true, states(&setup)), "what is done stays done");
}

#[tokio::test]
async fn a_step_is_done_only_when_it_is() {
    let office = Office::open().await;
    open(&office).await;
    let inbox = &office.desk.inbox;
    inbox.begin_setup().await.expect("setup");
    let own = office.door("");
    let own = own.trim_end_matches("/phone/twilio");

    // The lines post to this computer, as they were told when the office opened.
    office
        .until("the lines post here", || async { inbox.setup_step(Step::Point, StepState::Done).await.ok() })
        .await;
    inbox.setup_step(Step::Point, StepState::Todo).await.expect("taken back");
    // Nobody has to be there: it is another address than the one the lines post to.
    found_at(&office, "http://127.0.0.1:9");
    assert_eq!(refused(&office, Step::Address).await, "Nobody answers at the address.");
    assert_eq!(refused(&office, Step::Point).await, "Calls and texts don't come to this computer yet.");
    let skipped = inbox.setup_step(Step::Address, StepState::Skipped).await.expect("skipped");
    assert_eq!(state(&skipped, Step::Address), StepState::Skipped);
    found_at(&office, own);
    inbox.setup_step(Step::Address, StepState::Done).await.expect("done");

    inbox.way_is(WayNow::default());
    let nowhere = refused(&office, Step::Address).await;
    assert!(nowhere.contains("no public address"), "{nowhere}");
}

#[tokio::test]
async fn the_test_is_done_once_something_came_through() {
    let office = Office::open().await;
    open(&office).await;
    let inbox = &office.desk.inbox;
    let priya = office.phone("+14155550123");
    priya.texts("From before").await;
    office.minutes_pass(1);
    inbox.begin_setup().await.expect("setup");
    assert_eq!(refused(&office, Step::Test).await, "No call and no text has come through yet.");
    let id = office.answers(&priya, "A test").await;
    office.reaches(&priya, id, "delivered").await;
    let tested = inbox.setup_step(Step::Test, StepState::Done).await.expect("done");
    assert_eq!(state(&tested, Step::Test), StepState::Done);

    let office = Office::open().await;
    let inbox = &office.desk.inbox;
    inbox.begin_setup().await.expect("setup");
    assert_eq!(refused(&office, Step::Test).await, "No call and no text has come through yet.");
    let call = CallIn { patience_s: 10, ..CallIn::new("+14155550801", LINES[0]) };
    let call = office.sandbox.call_in(call);
    office.sandbox.ended(&call).await;
    inbox.setup_step(Step::Test, StepState::Done).await.expect("done");
}

#[tokio::test]
async fn a_backup_is_done_when_the_lines_use_it_and_put_off_when_nobody_wants_it() {
    let office = Office::open().await;
    open(&office).await;
    let inbox = &office.desk.inbox;
    inbox.begin_setup().await.expect("setup");
    let unwanted = inbox.setup_step(Step::Backup, StepState::Done).await.expect("put off");
    assert_eq!(state(&unwanted, Step::Backup), StepState::Skipped);
    office.fault(Fault::Times(1_000, Box::new(Fault::StudioForbidden)));
    inbox.make_backup().await.expect("asked");
    let by_hand = refused(&office, Step::Backup).await;
    assert_eq!(by_hand, inbox.backup().await.expect("backup").said);
    office.sandbox.mend();

    let office = Office::open().await;
    open(&office).await;
    let inbox = &office.desk.inbox;
    inbox.begin_setup().await.expect("setup");
    inbox.make_backup().await.expect("made");
    let made = inbox.setup_step(Step::Backup, StepState::Done).await.expect("done");
    assert_eq!(state(&made, Step::Backup), StepState::Done);
}

#[tokio::test]
async fn steps_taken_in_two_windows_at_once_are_all_kept() {
    let office = Office::open().await;
    let inbox = &office.desk.inbox;
    inbox.begin_setup().await.expect("setup");
    let before = inbox.latest_change();
    let (hours, greeting, backup, rules) = tokio::join!(
        inbox.setup_step(Step::Hours, StepState::Done),
        inbox.setup_step(Step::Greeting, StepState::Skipped),
        inbox.setup_step(Step::Backup, StepState::Skipped),
        inbox.setup_step(Step::Rules, StepState::Done),
    );
    for kept in [hours, greeting, backup, rules] {
        kept.expect("kept");
    }
    let setup = inbox.setup().await.expect("setup");
    let (done, todo, skipped) = (StepState::Done, StepState::Todo, StepState::Skipped);
    assert_eq!(states(&setup), [todo, todo, todo, done, skipped, skipped, todo, done]);
    let changes = inbox.next_changes(before).await.expect("changes");
    assert!(changes.iter().any(|change| change.kind == ChangeKind::SettingsChanged), "{changes:?}");
}
