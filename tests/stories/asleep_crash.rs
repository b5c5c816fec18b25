use ringdesk_domain::Moment;
use ringdesk_sandbox::{CallStatus, Config, Direction, Rang, Sandbox, TrueMessage, Truth};
use ringdesk_tests::{
    asleep::{Rush, is_all_here_once, that_arrived},
    host::{ACCOUNT, Host, TOKEN},
    office::LINES,
};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// So often it is killed.
const KILLS: u64 = 50;
/// What came before the first of them, and what comes before each.
const BEFORE: Rush = Rush { texts: 60, people: 20, calls: 10, voicemails: 5 };
const EACH: Rush = Rush { texts: 4, people: 2, calls: 1, voicemails: 1 };
/// An hour, and over how much of it the first of it and then each of the others come, in milliseconds: no two
/// texts of a conversation in the same second, and nothing so late that a text back would be welcome.
const HOUR_MS: i64 = 60 * 60_000;
const BEFORE_MS: i64 = 20 * 60_000;
const EACH_MS: i64 = 20_000;
/// Who calls in vain at the very end, so that a text back is welcome.
const FRESH: &str = "+14155550799";

/// Longest time for the story; one that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(600);

/// Waits until everything of before a moment is here and nothing is asked any more.
async fn complete(host: &Host, to: Moment) {
    loop {
        // Whoever was just killed does not answer.
        if let Ok(state) = host.call("catch_up_state", json!({})).await {
            let running = state["running"] == true || state["history"]["state"] == "running";
            let complete_to = state["complete_to"].as_i64();
            if !running && complete_to >= Some(to.0) {
                return;
            }
        }
        tokio::task::yield_now().await;
    }
}

/// Waits until every sound and picture is here, too, and what was to be sent was taken.
async fn fetched(host: &Host) {
    loop {
        let kept = host.export().await.expect("export");
        let recordings = kept.iter().filter(|one| one["type"] == "recording");
        let pictures = kept.iter().filter(|one| one["type"] == "text");
        let mut pictures = pictures.flat_map(|text| text["attachments"].as_array().expect("a list"));
        let mut sent = kept.iter().filter(|one| one["type"] == "outbox").peekable();
        let sent = sent.peek().is_some() && sent.all(|one| one["state"] == "settled");
        let all = |state: &Value| state == "kept";
        if sent && recordings.map(|one| &one["state"]).all(all) && pictures.all(|one| all(&one["state"])) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

fn now() -> Moment {
    Moment((Config::practice().now)())
}

/// A host that was just closed takes it that this was an hour ago: since when.
fn closed_an_hour_ago(host: &Host) -> Moment {
    let closed = now().plus_ms(-HOUR_MS);
    let database = Connection::open(host.data_dir().join("ringdesk.db")).expect("a database");
    let earlier = format!(
        "UPDATE cursors SET began_at = began_at - {HOUR_MS}, complete_to = complete_to - {HOUR_MS},
             back_to = back_to - {HOUR_MS};
         UPDATE meta SET value = '{}' WHERE key = 'awake_at'",
        closed.0
    );
    database.execute_batch(&earlier).expect("earlier");
    closed
}

/// The next of what comes before each start comes while nobody is there.
fn comes(times: &mut i64, sandbox: &Sandbox, closed: Moment) -> Moment {
    let from = closed.plus_ms(BEFORE_MS + EACH_MS * *times);
    *times += 1;
    EACH.comes(sandbox, from, EACH_MS);
    now()
}

/// In every conversation the texts of the customer are shown in the order in which they were written, and at
/// their own times.
async fn is_in_order(host: &Host, truth: &Truth) {
    let mut written: BTreeMap<(String, String), Vec<(i64, &str)>> = BTreeMap::new();
    for text in inbound(truth) {
        let ends = (text.to.clone(), text.from.clone().expect("a customer"));
        written.entry(ends).or_default().push((text.created_ms, &text.body));
    }
    for texts in written.values_mut() {
        texts.sort_unstable();
    }
    let lines = host.call("lines", json!({})).await.expect("lines");
    let lines = lines["lines"].as_array().expect("a list");
    let list = host.call("conversations", json!({ "limit": 500 })).await.expect("conversations");
    for conversation in list["conversations"].as_array().expect("a list") {
        let line = lines.iter().find(|line| line["id"] == conversation["line"]).expect("our line");
        let end = |number: &Value| number.as_str().expect("a number").to_owned();
        let ends = (end(&line["number"]), end(&conversation["customer"]));
        let open = host.call("conversation", json!({ "id": conversation["id"] })).await.expect("it opens");
        let items = open["timeline"].as_array().expect("a list").iter();
        let texts = items.filter(|item| item["type"] == "text" && item["incoming"] == true);
        let shown: Vec<(i64, &str)> = texts
            .map(|text| (text["at"].as_i64().expect("a time"), text["body"].as_str().expect("words")))
            .collect();
        // Of a long conversation the newest part is shown.
        let written = written.remove(&ends).unwrap_or_default();
        assert!(written.ends_with(&shown) && written.is_empty() == shown.is_empty(), "{shown:?} {written:?}");
    }
    assert!(written.is_empty(), "conversations are missing: {}", written.len());
}

fn inbound(truth: &Truth) -> impl Iterator<Item = &TrueMessage> {
    truth.messages.iter().filter(|message| message.direction == Direction::Inbound)
}

/// All that came is counted, and nothing is missing up to a moment.
fn is_told(state: &Value, truth: &Truth, (from, to): (Moment, Moment)) {
    let people: BTreeSet<(&str, Option<&str>)> =
        inbound(truth).map(|text| (text.to.as_str(), text.from.as_deref())).collect();
    let calls = || truth.calls.iter().filter(|call| call.parent.is_none());
    let away = &state["away"];
    for (what, count) in [
        ("texts", inbound(truth).count()),
        ("people", people.len()),
        ("calls", calls().count()),
        ("missed", calls().filter(|call| call.status == CallStatus::NoAnswer).count()),
        ("voicemails", truth.recordings.len()),
    ] {
        assert_eq!(away[what], count, "{what}: {away}");
    }
    assert_eq!((&away["from"], &away["complete"]), (&json!(from.0), &json!(true)));
    assert!(state["complete_to"].as_i64() >= Some(to.0), "{state}");
    assert_eq!((&state["repaired"], &state["problem"]), (&json!(0), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_while_catching_up_has_everything_once_in_the_end() {
    tokio::time::timeout(PATIENCE, kills()).await.expect("the story ends");
}

async fn kills() {
    let sandbox = Sandbox::start(Config {
        account_sid: ACCOUNT.into(),
        auth_token: TOKEN.into(),
        numbers: LINES.map(str::to_owned).to_vec(),
        pace: 0.0,
        ..Config::practice()
    })
    .await
    .expect("a practice line");
    let opened = Moment((Config::practice().now)());
    let mut host = Host::start(sandbox.url()).await.expect("a host");
    while host.call("lines", json!({})).await.expect("lines")["lines"] == json!([]) {
        tokio::task::yield_now().await;
    }
    host.call("catch_up", json!({})).await.expect("asked");
    complete(&host, opened).await;
    // At any hour of the day.
    let never = json!({ "from": "00:00", "to": "00:00" });
    let text_back = json!({ "calls": { "text_back": { "on": true } }, "texts": { "quiet_hours": never } });
    host.call("apply_settings", text_back).await.expect("settings");
    host.stop().await.expect("stopped");
    let closed = closed_an_hour_ago(&host);

    sandbox.set_latency_ms(5);
    BEFORE.comes(&sandbox, closed, BEFORE_MS);
    // The next one is a request later each time, until there is nothing left to come between; then from the
    // beginning, with more to fetch.
    let (mut kills, mut requests, mut times) = (0, 1, 0);
    while kills < KILLS {
        let came = comes(&mut times, &sandbox, closed);
        let asked = sandbox.asked();
        host.serve().await.expect("again");
        tokio::select! {
            () = sandbox.until_asked(asked + requests) => (kills, requests) = (kills + 1, requests + 1),
            () = complete(&host, came) => requests = 1,
        }
        host.kill().await.expect("killed");
    }

    sandbox.set_latency_ms(0);
    let came = comes(&mut times, &sandbox, closed);
    sandbox.rang(FRESH, LINES[0], came.0 - 1_000, Rang::HungUp);
    host.serve().await.expect("at last");
    complete(&host, came).await;
    fetched(&host).await;
    let truth = sandbox.truth();
    let state = host.call("catch_up_state", json!({})).await.expect("a state");
    is_told(&state, &truth, (closed, came));
    is_in_order(&host, &truth).await;
    let kept = host.export().await.expect("export");
    host.stop().await.expect("stopped");
    assert!(truth.messages.len() >= 260, "{} texts came", truth.messages.len());
    is_all_here_once(&truth, &kept);
    let calls = truth.calls.iter().filter(|call| call.parent.is_none()).map(|call| &call.sid);
    let came: BTreeSet<String> = inbound(&truth).map(|text| &text.sid).chain(calls).cloned().collect();
    assert_eq!(that_arrived(&kept, "asleep"), came);
    // Nobody is texted back an hour later, and who called just now is, once.
    let accepted = sandbox.report().accepted;
    assert_eq!(accepted.values().collect::<Vec<_>>(), [&1], "{accepted:?}");
    assert!(accepted.keys().all(|what| what.contains(FRESH)), "{accepted:?}");
    sandbox.stop().await;
}
