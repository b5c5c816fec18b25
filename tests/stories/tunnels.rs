use ringdesk_machine::tunnel::{Program, State, Trouble, Tunnel, Way, installed_in};
use ringdesk_tests::tunnels::{GREETING, StandIn, asked, desk, until, until_broken, until_open};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, time::Duration};

fn ngrok() -> Way {
    Way::Ngrok { domain: None }
}

fn named() -> Way {
    Way::CloudflaredNamed { tunnel: "front-desk".into(), host: "phone.example.test".into() }
}

async fn opens_forwards_and_closes(way: Way, control: Value) -> StandIn {
    let stand_in = StandIn::new(way.program()).expect("a stand-in");
    stand_in.control(&control).expect("told");
    let desk = desk().await.expect("a desk");
    let tunnel = Tunnel::open(stand_in.plan(way, desk).expect("a plan"));
    let mut state = tunnel.state();
    let address = until_open(&mut state, "").await.expect("open");
    assert_eq!(asked(&address).await.expect("an answer"), GREETING);
    let start = stand_in.last_start().expect("started");
    assert_eq!(start.address, Some(address));
    assert!(start.is_there().await.expect("asked"));
    tunnel.close().await;
    assert!(!start.is_there().await.expect("asked"), "no process is left");
    assert!(state.changed().await.is_err(), "and nobody says anything any more");
    assert_eq!(stand_in.starts().expect("starts").len(), 1);
    stand_in
}

#[tokio::test]
async fn a_quick_tunnel_of_cloudflared_opens_forwards_and_leaves_nothing() {
    opens_forwards_and_closes(Way::CloudflaredQuick, json!({})).await;
}

#[tokio::test]
async fn tailscale_opens_forwards_and_leaves_nothing() {
    let stand_in = opens_forwards_and_closes(Way::Tailscale, json!({})).await;
    let arguments = stand_in.last_start().expect("started").arguments;
    assert_eq!(arguments[..2], ["funnel", "--https=443"]);
}

#[tokio::test]
async fn ngrok_opens_forwards_and_leaves_nothing() {
    opens_forwards_and_closes(ngrok(), json!({})).await;
    let chosen = Way::Ngrok { domain: Some("helens-desk.ngrok-free.dev".into()) };
    let stand_in = opens_forwards_and_closes(chosen, json!({})).await;
    let arguments = stand_in.last_start().expect("started").arguments;
    assert!(arguments.contains(&"--url=helens-desk.ngrok-free.dev".to_owned()), "{arguments:?}");
}

#[tokio::test]
async fn ngroks_address_is_asked_for_where_its_log_does_not_tell() {
    opens_forwards_and_closes(ngrok(), json!({ "quiet": true })).await;
}

#[tokio::test]
async fn a_named_tunnel_has_the_owners_own_address() {
    let stand_in = StandIn::new(Program::Cloudflared).expect("a stand-in");
    let desk = desk().await.expect("a desk");
    let tunnel = Tunnel::open(stand_in.plan(named(), desk).expect("a plan"));
    let address = until_open(&mut tunnel.state(), "").await.expect("open");
    assert_eq!(address, "https://phone.example.test");
    let start = stand_in.last_start().expect("started");
    assert!(start.arguments.ends_with(&["run".to_owned(), "front-desk".to_owned()]), "{:?}", start.arguments);
    assert_eq!(asked(&start.address.expect("it forwards")).await.expect("an answer"), GREETING);
    tunnel.close().await;
}

#[tokio::test]
async fn a_program_that_is_killed_is_started_again_and_has_a_new_address() {
    for way in [Way::CloudflaredQuick, Way::Tailscale, ngrok()] {
        let stand_in = StandIn::new(way.program()).expect("a stand-in");
        let desk = desk().await.expect("a desk");
        let tunnel = Tunnel::open(stand_in.plan(way, desk).expect("a plan"));
        let mut state = tunnel.state();
        let before = until_open(&mut state, "").await.expect("open");
        let first = stand_in.last_start().expect("started");
        first.kill().await.expect("killed");
        let address = until_open(&mut state, &before).await.expect("open again");
        assert_eq!(asked(&address).await.expect("an answer"), GREETING);
        assert!(!first.is_there().await.expect("asked"));
        tunnel.close().await;
        assert!(!stand_in.last_start().expect("started").is_there().await.expect("asked"));
    }
}

#[tokio::test]
async fn a_program_that_lets_nothing_through_is_ended_and_begun_anew() {
    let stand_in = StandIn::new(Program::Cloudflared).expect("a stand-in");
    let desk = desk().await.expect("a desk");
    let tunnel = Tunnel::open(stand_in.plan(Way::CloudflaredQuick, desk).expect("a plan"));
    let mut state = tunnel.state();
    let before = until_open(&mut state, "").await.expect("open");
    stand_in.control(&json!({ "hang": true })).expect("told");
    let hung = stand_in.last_start().expect("started");
    let held = hung.hold().await.expect("let in");
    tunnel.restart();
    until_broken(held).await.expect("ended");
    stand_in.control(&json!({})).expect("told");
    let address = until_open(&mut state, &before).await.expect("open again");
    assert!(!hung.is_there().await.expect("asked"), "gone before the next has an address");
    assert_eq!(asked(&address).await.expect("an answer"), GREETING);
    tunnel.close().await;
}

#[tokio::test]
async fn a_quick_tunnel_that_cloudflare_forgot_is_opened_under_another_name() {
    let stand_in = StandIn::new(Program::Cloudflared).expect("a stand-in");
    let desk = desk().await.expect("a desk");
    let tunnel = Tunnel::open(stand_in.plan(Way::CloudflaredQuick, desk).expect("a plan"));
    let mut state = tunnel.state();
    let before = until_open(&mut state, "").await.expect("open");
    stand_in.control(&json!({ "forgotten": true })).expect("told");
    let expired = |state: &State| matches!(state, State::Down { trouble: Trouble::Expired, .. });
    let (said, answer) = tokio::join!(until(&mut state, expired), asked(&before));
    said.expect("said");
    assert!(answer.is_err(), "nobody is there any more");
    stand_in.control(&json!({})).expect("told");
    let address = until_open(&mut state, &before).await.expect("open again");
    assert_eq!(asked(&address).await.expect("an answer"), GREETING);
    assert_eq!(stand_in.starts().expect("starts").len(), 2);
    tunnel.close().await;
}

#[tokio::test]
async fn a_program_that_lost_its_connection_for_good_is_begun_anew() {
    let stand_in = StandIn::new(Program::Cloudflared).expect("a stand-in");
    let desk = desk().await.expect("a desk");
    let mut plan = stand_in.plan(Way::CloudflaredQuick, desk).expect("a plan");
    plan.pace.look = Duration::from_millis(20);
    let tunnel = Tunnel::open(plan);
    let mut state = tunnel.state();
    let before = until_open(&mut state, "").await.expect("open");
    stand_in.control(&json!({ "cut_off": true })).expect("told");
    let lost = |state: &State| matches!(state, State::Down { trouble: Trouble::Lost, .. });
    until(&mut state, lost).await.expect("said");
    stand_in.control(&json!({})).expect("told");
    let address = until_open(&mut state, &before).await.expect("open again");
    assert_eq!(asked(&address).await.expect("an answer"), GREETING);
    tunnel.close().await;
}

#[tokio::test]
async fn a_tunnel_that_is_dropped_ends_its_program() {
    let stand_in = StandIn::new(Program::Ngrok).expect("a stand-in");
    let desk = desk().await.expect("a desk");
    let tunnel = Tunnel::open(stand_in.plan(ngrok(), desk).expect("a plan"));
    until_open(&mut tunnel.state(), "").await.expect("open");
    let held = stand_in.last_start().expect("started").hold().await.expect("let in");
    drop(tunnel);
    until_broken(held).await.expect("ended");
}

/// Opens a tunnel that is bound to fail, and again when there is nothing in its way any more.
async fn is_told(way: Way, control: Value, expected: Trouble) {
    let stand_in = StandIn::new(way.program()).expect("a stand-in");
    stand_in.control(&control).expect("told");
    let desk = desk().await.expect("a desk");
    let mut plan = stand_in.plan(way.clone(), desk).expect("a plan");
    if expected == Trouble::NoAddress {
        plan.pace.patience = Duration::from_secs(2);
    }
    let tunnel = Tunnel::open(plan);
    let mut state = tunnel.state();
    let down = until(&mut state, |state| matches!(state, State::Down { .. })).await.expect("down");
    let as_expected = matches!(&down, State::Down { trouble, .. } if *trouble == expected);
    assert!(as_expected, "{way:?}, {control}: {down:?}");
    stand_in.control(&json!({})).expect("told");
    tunnel.restart();
    until_open(&mut state, "").await.expect("open");
    tunnel.close().await;
}

#[tokio::test]
async fn what_a_program_says_is_wrong_is_understood() {
    let told = |fail: &str| json!({ "fail": fail });
    is_told(named(), told("sign_in"), Trouble::SignIn).await;
    let not_allowed = |link: Option<&str>| Trouble::NotAllowed { link: link.map(str::to_owned) };
    is_told(Way::CloudflaredQuick, told("not_allowed"), not_allowed(None)).await;
    is_told(Way::CloudflaredQuick, told("exit"), Trouble::Ended { code: Some(3) }).await;
    is_told(Way::Tailscale, told("sign_in"), Trouble::SignIn).await;
    let page = "https://login.tailscale.com/f/funnel?node=nStandIn";
    is_told(Way::Tailscale, told("not_allowed"), not_allowed(Some(page))).await;
    is_told(Way::Tailscale, told("taken"), Trouble::Taken).await;
    is_told(Way::Tailscale, told("exit"), Trouble::Ended { code: Some(3) }).await;
    is_told(ngrok(), told("sign_in"), Trouble::SignIn).await;
    is_told(ngrok(), told("not_allowed"), not_allowed(None)).await;
    is_told(ngrok(), told("taken"), Trouble::Taken).await;
    is_told(ngrok(), told("exit"), Trouble::Ended { code: Some(3) }).await;
}

#[tokio::test]
async fn a_program_without_an_address_is_not_waited_for_for_ever() {
    tokio::join!(
        is_told(Way::CloudflaredQuick, json!({ "fail": "silent" }), Trouble::NoAddress),
        is_told(Way::Tailscale, json!({ "fail": "silent" }), Trouble::NoAddress),
        is_told(ngrok(), json!({ "fail": "silent" }), Trouble::NoAddress),
    );
}

#[tokio::test]
async fn a_program_that_is_not_there_is_told_and_used_once_it_is() {
    let stand_in = StandIn::new(Program::Ngrok).expect("a stand-in");
    let desk = desk().await.expect("a desk");
    let mut plan = stand_in.plan(ngrok(), desk).expect("a plan");
    let later = plan.program.with_file_name("later");
    fs::create_dir(&later).expect("a folder");
    plan.program = later.join("ngrok");
    let tunnel = Tunnel::open(plan);
    let mut state = tunnel.state();
    let missing = |state: &State| matches!(state, State::Down { trouble: Trouble::NotStarted, .. });
    until(&mut state, missing).await.expect("told");
    StandIn::within(&later, Program::Ngrok).expect("installed");
    until_open(&mut state, "").await.expect("open, without anybody asking");
    tunnel.close().await;
}

#[tokio::test]
async fn what_tailscale_serves_already_is_left_alone() {
    let serving = |ports: &[&str]| {
        let tcp: Value = ports.iter().map(|port| ((*port).to_owned(), json!({ "HTTPS": true }))).collect();
        json!({ "serve": { "TCP": tcp } })
    };
    let stand_in = StandIn::new(Program::Tailscale).expect("a stand-in");
    let desk = desk().await.expect("a desk");
    stand_in.control(&serving(&["443"])).expect("told");
    let tunnel = Tunnel::open(stand_in.plan(Way::Tailscale, desk).expect("a plan"));
    until_open(&mut tunnel.state(), "").await.expect("open");
    assert_eq!(stand_in.last_start().expect("started").arguments[1], "--https=8443");
    tunnel.close().await;

    stand_in.control(&serving(&["443", "8443", "10000"])).expect("told");
    let tunnel = Tunnel::open(stand_in.plan(Way::Tailscale, desk).expect("a plan"));
    let full = |state: &State| matches!(state, State::Down { trouble: Trouble::PortsTaken, .. });
    until(&mut tunnel.state(), full).await.expect("told");
    assert_eq!(stand_in.starts().expect("starts").len(), 1, "nothing was tried");
    tunnel.close().await;
}

/// Copies what a tunnel remembers, as a crash would leave it.
#[cfg(unix)]
fn copy(from: &std::path::Path, to: &std::path::Path, change: impl Fn(String) -> String) {
    fs::create_dir_all(to).expect("a folder");
    let record = fs::read_to_string(from.join("child.json")).expect("a record");
    fs::write(to.join("child.json"), change(record)).expect("written");
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_outlived_us_is_ended_at_the_next_start() {
    let (before, after) = (StandIn::new(Program::Ngrok), StandIn::new(Program::Cloudflared));
    let (before, after) = (before.expect("a stand-in"), after.expect("a stand-in"));
    let desk = desk().await.expect("a desk");
    let crashed = before.plan(ngrok(), desk).expect("a plan");
    let next = after.plan(Way::CloudflaredQuick, desk).expect("a plan");
    let tunnel = Tunnel::open(crashed.clone());
    until_open(&mut tunnel.state(), "").await.expect("open");
    let left_over = before.last_start().expect("started");
    let held = left_over.hold().await.expect("let in");

    // Another process that was given the same number is none of ours.
    copy(&crashed.scratch, &next.scratch, |record| {
        let other = record.replace("\"began\":\"", "\"began\":\"not ");
        assert_ne!(other, record);
        other
    });
    let second = Tunnel::open(next.clone());
    until_open(&mut second.state(), "").await.expect("open");
    assert!(left_over.is_there().await.expect("asked"));
    second.close().await;

    copy(&crashed.scratch, &next.scratch, |record| record);
    let third = Tunnel::open(next);
    until_broken(held).await.expect("ended");
    until_open(&mut third.state(), "").await.expect("open");
    third.close().await;
    tunnel.close().await;
    assert!(!left_over.is_there().await.expect("asked"));
}

#[tokio::test]
async fn installed_programs_are_found_with_their_versions() {
    let temp = tempfile::tempdir().expect("a place");
    let folders = ["first", "second", "third"].map(|name| temp.path().join(name));
    for folder in &folders {
        fs::create_dir(folder).expect("a folder");
    }
    let [first, second, third] = &folders;
    StandIn::within(second, Program::Cloudflared).expect("a stand-in");
    let old = StandIn::within(first, Program::Ngrok).expect("a stand-in");
    old.control(&json!({ "version": "2.3.35" })).expect("told");
    // One that cannot be run, and one that never says anything.
    fs::write(first.join("cloudflared"), "not a program").expect("written");
    let silent = StandIn::within(second, Program::Tailscale).expect("a stand-in");
    silent.control(&json!({ "fail": "silent" })).expect("told");
    let look = |folders: Vec<PathBuf>| async move {
        tokio::task::spawn_blocking(move || installed_in(&folders)).await.expect("looked")
    };

    let found = look(vec![first.clone(), second.clone()]).await;
    let told: Vec<_> = found.iter().map(|one| (one.program, one.version.as_str(), one.usable)).collect();
    assert_eq!(told, [(Program::Cloudflared, "2025.2.0", true), (Program::Ngrok, "2.3.35", false)]);
    assert_eq!(found[0].path, second.join("cloudflared"));

    StandIn::within(third, Program::Ngrok).expect("a stand-in");
    let found = look(vec![first.clone(), third.clone()]).await;
    assert_eq!(found.len(), 1);
    assert!(found[0].usable && found[0].path.starts_with(third), "a recent one comes before an old one");
    assert!(look(Vec::new()).await.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn no_program_is_run_out_of_a_folder_that_depends_on_where_we_were_started() {
    let temp = tempfile::tempdir().expect("a place");
    StandIn::within(temp.path(), Program::Ngrok).expect("a stand-in");
    let here = std::env::current_dir().expect("somewhere");
    let up: PathBuf = here.components().skip(1).map(|_| "..").collect();
    let relative = up.join(temp.path().strip_prefix("/").expect("a whole path"));
    assert!(relative.join("ngrok").is_file(), "it can be found that way");
    let look = |folder: PathBuf| async move {
        tokio::task::spawn_blocking(move || installed_in(&[folder])).await.expect("looked")
    };
    assert!(look(relative).await.is_empty());
    assert_eq!(look(temp.path().to_owned()).await.len(), 1);
}
