//! The program is killed while texts are in the air, four at a time, until all fifty were.

use super::{Break, EACH, WORDS};
use ringdesk_inbox::{Clock, Inbox, StoreError};
use ringdesk_machine::AccountCredentials;
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_server::{Office, Plan};
use ringdesk_tests::{
    host::{ACCOUNT, Host, TOKEN},
    office::LINES,
    wire::Wire,
};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// As many texts are in the air at once.
const AT_ONCE: usize = 4;
/// Longest wait for anything; a story that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(90);
/// Longest pause between two looks.
const AGAIN: Duration = Duration::from_millis(50);

/// A practice line, and a host that was killed over each of its texts.
struct Killed {
    sandbox: Sandbox,
    wire: Wire,
    host: Host,
}

impl Killed {
    async fn over(kind: Break) -> Self {
        let config =
            Config { account_sid: ACCOUNT.into(), auth_token: TOKEN.into(), pace: 0.0, ..Config::practice() };
        let sandbox = Sandbox::start(config).await.expect("a practice line");
        let wire = Wire::start(sandbox.url()).await;
        let mut host = Host::start(&wire.url()).await.expect("a host");
        host.point_here().await.expect("pointed");
        let customers = kind.customers();
        for customer in &customers {
            let (_, status) = sandbox.text_from(customer, LINES[0], "Hello", &[]).await;
            assert_eq!(status, Some(200));
        }
        for customer in customers.iter().skip(1).step_by(2) {
            wire.unreported(customer);
        }
        wire.meets(kind.mishap(&Value::Null));
        let list = host.call("conversations", json!({ "limit": 500 })).await.expect("a list");
        for conversation in list["conversations"].as_array().expect("rows") {
            let request = json!({ "conversation": conversation["id"], "body": WORDS, "undo_seconds": 0 });
            host.call("send_text", request).await.expect("queued");
        }
        let mut left = EACH;
        while left > 0 {
            let hanging = left.min(AT_ONCE);
            tokio::time::timeout(PATIENCE, wire.holds(hanging)).await.expect("they are in the air");
            host.kill().await.expect("killed");
            wire.hang_up().await;
            left -= hanging;
            if left > 0 {
                host.serve().await.expect("again");
            }
        }
        assert_eq!(wire.asked(), EACH, "none left twice");
        Self { sandbox, wire, host }
    }

    /// Opens what was left behind in this process, and lets time pass until all things of a kind are so.
    async fn end_with(&self, kind: &str, so: impl Fn(&Map<String, Value>) -> bool) {
        let clock = Clock::set_to(Clock::System.now());
        let office = Office::open(self.plan(&clock)).await.expect("an office");
        let inbox = &office.desk.inbox;
        let waiting = async {
            while !kept(inbox, kind).await.iter().all(&so) {
                clock.advance_ms(60_000);
                // No Change of ours: it is looked now and then.
                let _ = tokio::time::timeout(AGAIN, inbox.next_changes(inbox.latest_change())).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("all of them end");
        drop(office.close().await);
        assert_eq!(self.wire.asked(), EACH, "nothing was sent again by itself");
    }

    fn plan(&self, clock: &Clock) -> Plan {
        Plan {
            data_dir: self.host.data_dir(),
            listen: ([127, 0, 0, 1], 0).into(),
            public_url: None,
            unreachable_too: false,
            prefix: "/phone/twilio".into(),
            twilio_url: self.wire.url(),
            credentials: AccountCredentials {
                account_sid: ACCOUNT.to_owned(),
                auth_token: TOKEN.to_owned().into(),
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
            tunnel_folders: Vec::new(),
            clock: clock.clone(),
        }
    }
}

async fn kept(inbox: &Inbox, kind: &str) -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    let mut take = |object: Map<String, Value>| {
        if object["type"] == kind {
            all.push(object);
        }
        Ok::<(), StoreError>(())
    };
    inbox.export(&mut take).await.expect("an export");
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_before_the_request_was_read_leaves_it_to_the_owner() {
    let killed = Killed::over(Break::KilledBefore).await;
    killed.end_with("outbox", |row| row["state"] == "not_found" && row["tries"] == 1).await;
    assert!(killed.sandbox.report().accepted.is_empty());
    killed.sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_before_the_answer_was_stored_is_found_out() {
    let killed = Killed::over(Break::KilledAfter).await;
    killed.end_with("text", |text| text["direction"] == "in" || text["status"] == "delivered").await;
    let accepted = killed.sandbox.report().accepted;
    assert_eq!(accepted.len(), EACH);
    assert!(accepted.values().all(|times| *times == 1), "{accepted:?}");
    killed.sandbox.stop().await;
}
