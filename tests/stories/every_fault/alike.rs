//! Texts with the same words to the same customer, from two lines, that may both have left.

use super::{EACH, Sent, all_are, all_reach, nothing_is_open, send_each, taken, text, three_looks};
use ringdesk_tests::{
    office::{LINES, Office},
    wire::{Mishap, Wire},
};
use serde_json::json;

/// An office whose numbers take no texts: a Messaging Service sends them all, from its first number.
async fn office_with_a_service() -> (Office, Wire) {
    let (office, wire) = Office::open_over_wire().await;
    wire.mute_numbers();
    office.desk.inbox.know_lines(false).await.expect("the numbers");
    let patch = json!({ "texts": { "messaging_service_sid": format!("MG{}", "0".repeat(32)) } });
    office.desk.inbox.apply_settings(&patch).await.expect("settings");
    (office, wire)
}

/// A text to each of some customers from the first line, and one from the second. None is reported.
async fn from_both(office: &Office, wire: &Wire, mishaps: [Mishap; 2]) -> [Vec<Sent>; 2] {
    let customers: Vec<String> = (0..EACH).map(|n| format!("+1415400{}", 7_000 + n)).collect();
    for customer in &customers {
        wire.unreported(customer);
    }
    let mut both = [Vec::new(), Vec::new()];
    for ((line, mishap), sends) in LINES.into_iter().zip(mishaps).zip(&mut both) {
        wire.meets(mishap);
        *sends = send_each(office, line, &customers).await;
        all_reach(office, sends, "send_unknown").await;
    }
    wire.meets(Mishap::Nothing);
    both
}

#[tokio::test]
async fn two_alike_with_two_messages_both_arrived() {
    let (office, wire) = office_with_a_service().await;
    let both = from_both(&office, &wire, [Mishap::LoseAnswer, Mishap::LoseAnswer]).await;
    office.minutes_pass(2);
    for sends in &both {
        all_reach(&office, sends, "delivered").await;
        assert!(taken(&office, sends).iter().all(|times| *times == 2));
    }
    nothing_is_open(&office).await;
}

#[tokio::test]
async fn two_alike_with_one_message_are_left_to_the_owner() {
    let (office, wire) = office_with_a_service().await;
    let [never, took] = from_both(&office, &wire, [Mishap::ResetAfterBody, Mishap::LoseAnswer]).await;
    let both = [never.as_slice(), took.as_slice()].concat();
    three_looks(&office, &wire, &both).await;
    all_are(&office, &both, "not waiting", |text| text.lost || text.status.word() == "delivered").await;
    // What is listed later may still settle one of the two, but not both.
    for (one, other) in never.iter().zip(&took) {
        let lost = [text(&office, one).await.lost, text(&office, other).await.lost];
        assert!(lost.contains(&true), "{lost:?}");
    }
    assert!(taken(&office, &took).iter().all(|times| *times == 1), "nothing was sent by itself");
    nothing_is_open(&office).await;
}

#[tokio::test]
async fn two_alike_from_numbers_of_their_own_are_told_apart() {
    let (office, wire) = Office::open_over_wire().await;
    // The second number takes no texts at Twilio, but nobody hears of that.
    let [took, never] = from_both(&office, &wire, [Mishap::LoseAnswer, Mishap::ResetAfterBody]).await;
    office.minutes_pass(2);
    all_reach(&office, &took, "delivered").await;
    three_looks(&office, &wire, &never).await;
    all_are(&office, &never, "lost", |text| text.lost).await;
    assert!(taken(&office, &took).iter().all(|times| *times == 1));
    nothing_is_open(&office).await;
}
