use ringdesk_inbox::view::{self, HistoryState};
use ringdesk_sandbox::{Rang, Truth};
use ringdesk_tests::{
    asleep::{complete, everything, is_all_here_once, is_in_order, number, that_arrived},
    office::{LINES, Office},
};
use serde_json::json;
use std::collections::BTreeSet;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Days of which the account has a past.
const PAST: u32 = 45;
const PEOPLE: u32 = 10;

/// An account with a past, and nobody in its office yet.
async fn before() -> Office {
    let mut office = Office::open().await;
    office.close().await;
    std::fs::remove_dir_all(office.data_folder()).expect("nobody was ever here");
    for line in LINES {
        let nowhere = ["SmsUrl", "SmsFallbackUrl", "VoiceUrl", "VoiceFallbackUrl", "StatusCallback"];
        assert!(office.sandbox.set_number(line, &nowhere.map(|name| (name, ""))));
    }
    let now = office.clock.now().0;
    // Not at the very end of thirty days.
    for day in (1..=PAST).rev().filter(|day| !(29..=31).contains(day)) {
        let (who, line) = (number(day % PEOPLE), LINES[usize::from(day % 2 == 1)]);
        let at_ms = now - i64::from(day) * DAY_MS - HOUR_MS;
        office.sandbox.arrived(&who, line, &format!("Day {day}"), at_ms);
        office.sandbox.sent_elsewhere(line, &who, &format!("Thank you for day {day}"), at_ms + 60_000);
        match day % 5 {
            0 => drop(office.sandbox.rang(&who, line, at_ms + 120_000, Rang::HungUp)),
            3 => drop(office.sandbox.rang(&who, line, at_ms + 120_000, Rang::LeftMessage(5))),
            _ => {}
        }
        office.sandbox.arrived(&who, line, "Are you there?", at_ms + 180_000);
    }
    office
}

/// What Twilio has of so many days.
fn of_days(office: &Office, days: i64) -> Truth {
    let since = office.clock.now().0 - days * DAY_MS;
    let mut truth = office.sandbox.truth();
    truth.messages.retain(|message| message.created_ms >= since);
    truth.calls.retain(|call| call.start_ms >= since);
    let calls: BTreeSet<String> = truth.calls.iter().map(|call| call.sid.clone()).collect();
    truth.recordings.retain(|recording| calls.contains(&recording.call_sid));
    truth
}

async fn state(office: &Office) -> view::CatchUp {
    office.desk.inbox.catch_up_state().await.expect("how complete it is")
}

/// All of it is here as something that is over: read, not waiting, heard, no news, and without a mark.
async fn is_over_and_done_with(office: &Office) {
    let kept = everything(office).await;
    let all = kept.iter().filter(|one| one["type"] == "text" || one["type"] == "call").count();
    assert_eq!(that_arrived(&kept, "history").len(), all);
    for conversation in office.conversations().await {
        assert_eq!((conversation.unread, conversation.waiting_since), (0, None));
    }
    let unheard = office.desk.call("voicemails", json!({ "filter": "unheard" })).await.expect("voicemails");
    assert_eq!(unheard, json!([]));
    let mut follower = office.desk.inbox.follow().await.expect("follows");
    assert_eq!(follower.news(None).await.expect("news"), []);
    let state = state(office).await;
    assert_eq!((state.repaired, state.away.is_none()), (0, true));
    assert!(office.sandbox.report().accepted.is_empty(), "nobody is texted about last month");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_thirty_days_are_brought_in_and_are_no_news() {
    let mut office = before().await;
    office.reopen().await;
    let mut follower = office.desk.inbox.follow().await.expect("follows");
    let state = complete(&office, office.clock.now()).await;
    let history = state.history;
    assert_eq!((history.state, history.days, history.percent), (HistoryState::Done, 30, 100));
    let truth = of_days(&office, 30);
    assert_eq!(usize::try_from(history.texts).ok(), Some(truth.messages.len()));
    assert_eq!(usize::try_from(history.calls).ok(), Some(truth.calls.len()));
    is_all_here_once(&truth, &everything(&office).await);
    is_over_and_done_with(&office).await;
    assert_eq!(follower.news(None).await.expect("news"), []);

    // From then on it is as ever.
    office.desk.inbox.know_lines(true).await.expect("texts come here");
    office.phone(&number(1)).texts("And today?").await;
    let open = office.conversation_with(&office.phone(&number(1))).await;
    assert_eq!(open.conversation.unread, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_the_past_is_brought_in_whatever_comes_between() {
    let mut office = before().await;
    office.reopen().await;
    complete(&office, office.clock.now()).await;
    // Slow enough to come between, and to have only begun when it is asked how far it is.
    office.sandbox.set_latency_ms(50);
    let inbox = office.desk.inbox.clone();
    let asked = office.sandbox.asked();
    let begun = inbox.bring_in_history(396).await.expect("begun").history;
    assert_eq!((begun.state, begun.days), (HistoryState::Running, 396));
    assert!(begun.percent < 10, "a month of thirteen is here: {}", begun.percent);
    office.sandbox.until_asked(asked + 20).await;
    let stopped = inbox.stop_history().await.expect("stopped").history;
    assert_eq!(stopped.state, HistoryState::Stopped);
    office.sandbox.set_latency_ms(2);
    // It stays so, and what comes now comes all the same.
    office.desk.inbox.know_lines(true).await.expect("texts come here");
    office.phone(&number(1)).texts("And today?").await;
    office.minutes_pass(6);
    let stopped = complete(&office, office.clock.now()).await.history;
    assert_eq!(stopped.state, HistoryState::Stopped);
    assert!(stopped.percent < 100);

    let asked = office.sandbox.asked();
    let on = inbox.bring_in_history(396).await.expect("goes on").history;
    assert!(on.percent >= stopped.percent, "nothing is brought in again");
    drop(inbox);
    office.sandbox.until_asked(asked + 20).await;
    office.restart().await;
    let resumed = state(&office).await.history;
    assert_eq!(resumed.days, 396);
    assert_ne!(resumed.state, HistoryState::Stopped, "it goes on by itself");
    let done = complete(&office, office.clock.now()).await.history;
    assert_eq!((done.state, done.percent), (HistoryState::Done, 100));
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
    is_in_order(&office).await;
}
