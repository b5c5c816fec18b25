use ringdesk_sandbox::{Config, Fault, Sandbox};
use ringdesk_tests::host::{ACCOUNT, Host, TOKEN, post_signed};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::task::JoinSet;

/// As many texts more are acknowledged before each kill than before the last one.
const SHARE: usize = 33;
/// As many are posted at once.
const LANES: usize = 8;
const SENDS: usize = 50;

/// Longest time for a round; one that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_loses_no_acknowledged_text_and_sends_none_twice() {
    for round in 0..3_usize {
        tokio::time::timeout(PATIENCE, crash(round)).await.expect("the round ends");
    }
}

async fn crash(round: usize) {
    let sandbox = Sandbox::start(Config {
        account_sid: ACCOUNT.into(),
        auth_token: TOKEN.into(),
        pace: 0.0,
        ..Config::practice()
    })
    .await
    .expect("a practice line");
    let host = Host::start(sandbox.url()).await.expect("a host");
    host.point_here().await.expect("pointed");
    // Customers who can be answered, and some answers that get lost on the way.
    for n in 0..SENDS {
        let (_, status) =
            sandbox.text_from(&format!("+1415555{:04}", 1_000 + n), "+15005550006", "Hello", &[]).await;
        assert_eq!(status, Some(200));
    }
    sandbox.fault(Fault::Times(5, Box::new(Fault::ErrorAfterAccepting)));
    sandbox.fault(Fault::Times(5, Box::new(Fault::BreakAfterAccepting)));
    let list = host.call("conversations", json!({ "limit": 500 })).await.expect("list");
    let conversations: Vec<String> = list["conversations"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["id"].as_str().expect("id").to_owned())
        .collect();
    assert_eq!(conversations.len(), SENDS);

    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let accepted: Arc<Mutex<Vec<String>>> = Arc::default();
    let door = host.door("/sms/inbound").expect("door");
    let host = Arc::new(tokio::sync::RwLock::new(host));
    let mut work = JoinSet::new();
    for lane in 0..LANES {
        let (door, acknowledged) = (door.clone(), acknowledged.clone());
        work.spawn(async move {
            // There is always more to come: the kill is never too late.
            for n in (lane..).step_by(LANES) {
                let sid = format!("SM{:032x}", (round + 1) * 10_000 + n);
                let from = format!("+1628555{n:04}");
                let fields = [
                    ("MessageSid", sid.as_str()),
                    ("AccountSid", ACCOUNT),
                    ("From", from.as_str()),
                    ("To", "+15005550006"),
                    ("Body", "Are you there?"),
                ];
                match post_signed(&door, &fields).await {
                    Some(200) => acknowledged.lock().expect("lock").push(sid),
                    // Nobody answers any more: it was killed.
                    _ => return,
                }
            }
        });
    }
    for (n, id) in conversations.into_iter().enumerate() {
        let (host, accepted) = (host.clone(), accepted.clone());
        work.spawn(async move {
            let body = format!("answer {n}");
            let request = json!({ "conversation": id, "body": body, "undo_seconds": 0 });
            if host.read().await.call("send_text", request).await.is_ok() {
                accepted.lock().expect("lock").push(body);
            }
        });
    }
    // In the middle: once a share of the texts is acknowledged and some replies have left.
    let share = SHARE * (round + 1);
    loop {
        let texts = acknowledged.lock().expect("lock").len();
        if texts >= share && sandbox.report().creates >= 5 {
            break;
        }
        tokio::task::yield_now().await;
    }
    // While every lane is asking: what was acknowledged before must be there.
    host.read().await.cut_power().await.expect("killed");
    while work.join_next().await.is_some() {}
    host.write().await.kill().await.expect("ended");
    let mut host = Arc::into_inner(host).expect("nobody else holds it").into_inner();
    let acknowledged = std::mem::take(&mut *acknowledged.lock().expect("lock"));
    let accepted = std::mem::take(&mut *accepted.lock().expect("lock"));

    let check = |kept: &[serde_json::Map<String, Value>]| {
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        for text in kept.iter().filter(|object| object["type"] == "text") {
            if let Some(sid) = text["provider_sid"].as_str() {
                *seen.entry(sid).or_default() += 1;
            }
        }
        for sid in &acknowledged {
            assert_eq!(seen.get(sid.as_str()), Some(&1), "acknowledged, so there once");
        }
        for body in &accepted {
            assert!(kept.iter().any(|object| object.get("body") == Some(&json!(body))), "{body} was taken");
        }
    };
    check(&host.export().await.expect("export"));

    // It comes back, finishes what may leave, and repeats nothing.
    host.serve().await.expect("again");
    host.point_here().await.expect("pointed");
    let settled = |state: &str| matches!(state, "settled" | "unknown" | "not_found");
    loop {
        let kept = host.export().await.expect("export");
        let mut outbox = kept.iter().filter(|object| object["type"] == "outbox");
        if outbox.all(|row| row["state"].as_str().is_some_and(settled)) {
            break;
        }
        tokio::task::yield_now().await;
    }
    // Once more: an export reads a text before its row, which may have been settled in between.
    let kept = host.export().await.expect("export");
    // Every unsettled send is visible as such.
    for row in kept.iter().filter(|object| object["type"] == "outbox" && object["state"] != "settled") {
        let text = kept.iter().find(|o| o["type"] == "text" && o["id"] == row["text_id"]).expect("text");
        assert_eq!(text["status"], "send_unknown");
    }
    check(&kept);
    host.stop().await.expect("stopped");
    for (what, times) in sandbox.report().accepted {
        assert_eq!(times, 1, "{what} was sent {times} times");
    }
    sandbox.stop().await;
}
