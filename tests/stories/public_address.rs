use ringdesk_inbox::{
    Follower, LineNews,
    view::{AddressNow, AddressState, LinesPlan},
};
use ringdesk_machine::tunnel::Program;
use ringdesk_tests::{
    office::{LINES, Office},
    tunnels::{StandIn, Start, until_broken},
};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Mutex;

const PRIYA: &str = "+14155550123";
const MARCUS: &str = "+14155550176";

/// A computer with one program that opens tunnels, and an office on it.
struct Computer {
    office: Office,
    program: StandIn,
    _folder: TempDir,
}

impl Computer {
    async fn with(program: Program) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let program = StandIn::within(folder.path(), program).expect("a stand-in");
        let office = Office::open_with_programs(folder.path()).await;
        Self { office, program, _folder: folder }
    }

    fn start(&self) -> Start {
        self.program.last_start().expect("it was started")
    }

    fn starts(&self) -> usize {
        self.program.starts().expect("its notes").len()
    }
}

async fn choose(office: &Office, address: serde_json::Value) {
    let patch = json!({ "address": address });
    office.desk.inbox.apply_settings(&patch).await.expect("settings");
}

async fn address(office: &Office) -> AddressNow {
    office.desk.inbox.address().await.expect("an address")
}

/// Waits until knocks come through to an address other than `before`.
async fn opens(office: &Office, before: Option<&str>) -> String {
    office
        .until("the way is open", || async {
            let now = address(office).await;
            let new = now.address.filter(|new| Some(new.as_str()) != before);
            new.filter(|_| now.state == AddressState::Open)
        })
        .await
}

/// Waits until there is no way, and why is said in these words.
async fn fails(office: &Office, words: &str) {
    let now = office
        .until(words, || async {
            let now = address(office).await;
            let said = now.problem.as_deref().is_some_and(|problem| problem.contains(words));
            said.then_some(now)
        })
        .await;
    assert_eq!(now.state, AddressState::Failed);
    assert!(now.hint.is_some_and(|hint| !hint.is_empty()), "what to do about {words}");
}

async fn plan(office: &Office) -> LinesPlan {
    office.desk.inbox.plan_lines().await.expect("a plan")
}

/// Waits until all lines post to an address of ours.
async fn points_to(office: &Office, wanted: &str) {
    office
        .until("the lines post there", || async {
            let plan = plan(office).await;
            let there = plan.address.as_deref() == Some(wanted);
            (there && plan.numbers.iter().all(|number| number.changes.is_empty())).then_some(())
        })
        .await;
}

async fn moved(office: &Office, wanted: bool) {
    office
        .until("it is known where the lines post to", || async {
            let health = office.desk.inbox.health().await.expect("health");
            (health.moved == wanted).then_some(())
        })
        .await;
}

/// The next thing that is told of the line.
async fn told(office: &Office, follower: &Mutex<Follower>) -> LineNews {
    office.until("something is told", || async { follower.lock().await.line().await.expect("asked") }).await
}

#[tokio::test]
async fn customers_come_through_the_tunnel_the_owner_chose() {
    for (program, way) in [
        (Program::Cloudflared, "cloudflare_quick"),
        (Program::Tailscale, "tailscale"),
        (Program::Ngrok, "ngrok"),
    ] {
        let computer = Computer::with(program).await;
        let office = &computer.office;
        let own = opens(office, None).await;
        choose(office, json!({ "way": way })).await;
        let there = opens(office, Some(&own)).await;
        let now = address(office).await;
        assert!(!now.fixed, "it can be chosen");
        assert!(now.programs.iter().any(|one| one.program == program.name() && one.usable), "{now:?}");
        moved(office, true).await;
        let (_, answer) = office.sandbox.text_from(PRIYA, LINES[0], "Are you open?", &[]).await;
        assert_ne!(answer, Some(200), "the line still posts to the old address");
        let set_up = office.desk.call("set_up_lines", json!({})).await.expect("set up");
        assert_eq!(set_up["address"], there.as_str());
        points_to(office, &there).await;
        moved(office, false).await;
        office.phone(PRIYA).texts("Now you are open").await;
    }
}

#[tokio::test]
async fn a_tunnel_that_comes_back_elsewhere_is_followed_and_nothing_is_missed() {
    let computer = Computer::with(Program::Cloudflared).await;
    let office = &computer.office;
    let own = opens(office, None).await;
    let follower = Mutex::new(office.desk.inbox.follow().await.expect("follows"));
    choose(office, json!({ "way": "cloudflare_quick", "follow": true })).await;
    let first = opens(office, Some(&own)).await;
    points_to(office, &first).await;
    assert_eq!(told(office, &follower).await, LineNews::Back { repointed: true });
    office.phone(PRIYA).texts("Before").await;

    let (start, held) = (computer.start(), computer.start().hold().await.expect("open"));
    start.kill().await.expect("killed");
    until_broken(held).await.expect("gone");
    let (_, answer) = office.sandbox.text_from(MARCUS, LINES[0], "Meanwhile", &[]).await;
    assert_eq!(answer, None, "nobody is there");

    let second = opens(office, Some(&first)).await;
    points_to(office, &second).await;
    assert_eq!(told(office, &follower).await, LineNews::Back { repointed: true });
    assert_eq!(follower.lock().await.line().await.expect("asked"), None, "told once");
    office.phone(PRIYA).texts("After").await;
    let marcus = office.phone(MARCUS);
    let caught_up = || async {
        let known = office.conversations().await.into_iter().any(|one| one.customer == MARCUS);
        known.then_some(())
    };
    office.until("what came meanwhile is fetched", caught_up).await;
    let words: Vec<String> = office.texts_with(&marcus).await.into_iter().map(|text| text.body).collect();
    assert_eq!(words, ["Meanwhile"]);
    assert_eq!(computer.starts(), 2);
}

#[tokio::test]
async fn an_owner_who_wants_to_be_asked_is_asked_before_the_line_follows() {
    let computer = Computer::with(Program::Cloudflared).await;
    let office = &computer.office;
    let own = opens(office, None).await;
    choose(office, json!({ "way": "cloudflare_quick" })).await;
    let first = opens(office, Some(&own)).await;
    office.desk.call("set_up_lines", json!({})).await.expect("set up");
    moved(office, false).await;
    let follower = Mutex::new(office.desk.inbox.follow().await.expect("follows"));

    computer.start().kill().await.expect("killed");
    let second = opens(office, Some(&first)).await;
    assert_eq!(told(office, &follower).await, LineNews::Moved);
    moved(office, true).await;
    assert!(address(office).await.moved);
    let plan = plan(office).await;
    assert!(plan.numbers.iter().all(|number| !number.changes.is_empty()), "nothing was changed unasked");
    let change = &plan.numbers[0].changes[0];
    assert!(change.now.starts_with(&first) && change.then.starts_with(&second), "{change:?}");

    office.desk.call("set_up_lines", json!({})).await.expect("set up");
    points_to(office, &second).await;
    assert_eq!(told(office, &follower).await, LineNews::Back { repointed: false });
    office.phone(PRIYA).texts("Hello again").await;
}

#[tokio::test]
async fn a_tunnel_that_hangs_is_opened_anew() {
    let computer = Computer::with(Program::Cloudflared).await;
    let office = &computer.office;
    let own = opens(office, None).await;
    let follower = Mutex::new(office.desk.inbox.follow().await.expect("follows"));
    choose(office, json!({ "way": "cloudflare_quick", "follow": true })).await;
    let first = opens(office, Some(&own)).await;
    points_to(office, &first).await;
    assert_eq!(told(office, &follower).await, LineNews::Back { repointed: true });
    let hanging = computer.start();

    computer.program.control(&json!({ "hang": true })).expect("told");
    let inbox = &office.desk.inbox;
    let knocks = async {
        let (one, two, three) = tokio::join!(inbox.knock(), inbox.knock(), inbox.knock());
        for knock in [one, two, three] {
            assert!(!knock.expect("a knock").through);
        }
        computer.program.control(&json!({})).expect("told");
    };
    let meanwhile = office.sandbox.text_from(MARCUS, LINES[0], "Meanwhile", &[]);
    let ((), (_, answer)) = tokio::join!(knocks, meanwhile);
    assert_eq!(answer, None, "nobody comes through");
    let second = opens(office, Some(&first)).await;
    points_to(office, &second).await;
    assert_eq!(computer.starts(), 2, "once");
    assert!(!hanging.is_there().await.expect("asked"));
    assert_eq!(told(office, &follower).await, LineNews::Back { repointed: true });
    assert_eq!(follower.lock().await.line().await.expect("asked"), None, "told once");
    office.phone(PRIYA).texts("Through again").await;
    let caught_up = || async {
        let known = office.conversations().await.into_iter().any(|one| one.customer == MARCUS);
        known.then_some(())
    };
    office.until("what came meanwhile is fetched", caught_up).await;
}

#[tokio::test]
async fn a_program_that_is_not_here_or_too_old_is_said_and_used_once_it_is_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let office = Office::open_with_programs(folder.path()).await;
    let own = opens(&office, None).await;
    choose(&office, json!({ "way": "cloudflare_quick" })).await;
    fails(&office, "cloudflared is not on this computer").await;
    choose(&office, json!({ "way": "unset" })).await;
    assert_eq!(opens(&office, None).await, own);

    let program = StandIn::within(folder.path(), Program::Cloudflared).expect("a stand-in");
    program.control(&json!({ "version": "2019.1.0" })).expect("told");
    choose(&office, json!({ "way": "cloudflare_quick" })).await;
    fails(&office, "is too old (2019.1.0)").await;
    choose(&office, json!({ "way": "unset" })).await;
    assert_eq!(opens(&office, None).await, own);

    program.control(&json!({ "fail": "not_allowed" })).expect("told");
    choose(&office, json!({ "way": "cloudflare_quick" })).await;
    fails(&office, "opens no tunnel for this computer right now").await;
    program.control(&json!({})).expect("told");
    opens(&office, Some(&own)).await;
}

#[tokio::test]
async fn an_address_of_the_owners_is_taken_when_it_leads_here_and_explained_when_not() {
    let office = Office::open().await;
    let own = opens(&office, None).await;
    for (wrong, words) in [
        ("https://front_desk.example.com", "underscore"),
        ("http://phone.example.com", "https://"),
        ("https://phone.example.com/twilio", "no address Twilio can use"),
    ] {
        choose(&office, json!({ "way": "own", "address": wrong })).await;
        fails(&office, words).await;
        assert!(!office.desk.inbox.health().await.expect("health").reachable);
    }
    let nobody = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    choose(&office, json!({ "way": "own", "address": nobody })).await;
    office
        .until("nobody comes through", || async {
            let now = address(&office).await;
            (now.state == AddressState::Blocked && now.problem.is_some()).then_some(())
        })
        .await;
    // The same door under another name.
    let named = own.replace("127.0.0.1", "localhost");
    choose(&office, json!({ "way": "own", "address": named })).await;
    assert_eq!(opens(&office, None).await, named);
    office.desk.call("set_up_lines", json!({})).await.expect("set up");
    office.phone(PRIYA).texts("Found you").await;
}

#[tokio::test]
async fn a_tunnel_ends_with_the_choice_and_with_the_office() {
    let mut computer = Computer::with(Program::Cloudflared).await;
    let own = opens(&computer.office, None).await;
    choose(&computer.office, json!({ "way": "cloudflare_quick" })).await;
    let there = opens(&computer.office, Some(&own)).await;
    let first = computer.start();
    let held = first.hold().await.expect("open");
    choose(&computer.office, json!({ "way": "unset" })).await;
    until_broken(held).await.expect("it ends with the choice");
    assert_eq!(opens(&computer.office, Some(&there)).await, own);

    choose(&computer.office, json!({ "way": "cloudflare_quick" })).await;
    opens(&computer.office, Some(&own)).await;
    let second = computer.start();
    assert_ne!(first.pid, second.pid);
    computer.office.close().await;
    for start in computer.program.starts().expect("its notes") {
        assert!(!start.is_there().await.expect("asked"), "{start:?} is left");
    }
}

#[tokio::test]
async fn whether_lines_follow_changes_nothing_about_an_open_way() {
    let computer = Computer::with(Program::Cloudflared).await;
    let office = &computer.office;
    let own = opens(office, None).await;
    choose(office, json!({ "way": "cloudflare_quick" })).await;
    let there = opens(office, Some(&own)).await;
    choose(office, json!({ "follow": true })).await;
    office.minutes_pass(2);
    points_to(office, &there).await;
    assert_eq!(computer.starts(), 1);
}
