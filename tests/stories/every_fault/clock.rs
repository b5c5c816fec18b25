//! This computer's clock is wrong, or was when a text left, or is set in between: what became of the text is
//! found out all the same, and what is not found was looked for as long as ever.

use super::{Sent, WORDS, all_are, all_reach, counted, looked, rows_are, send, text, three_looks};
use ringdesk_sandbox::Fault;
use ringdesk_tests::{
    office::{LINES, Office},
    wire::{Mishap, Wire},
};
use std::slice;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// How far ahead of Twilio's our clock is; behind it when negative.
const AHEAD_MS: [i64; 4] = [10 * MINUTE_MS, DAY_MS, -15 * MINUTE_MS, -DAY_MS];
const CUSTOMER: &str = "+14155550311";

/// A text whose answer is lost, and of which Twilio reports nothing.
async fn unsettled(office: &Office, wire: &Wire, mishap: Mishap) -> Sent {
    wire.unreported(CUSTOMER);
    wire.meets(mishap);
    let sent = send(office, LINES[0], CUSTOMER, WORDS).await;
    all_reach(office, slice::from_ref(&sent), "send_unknown").await;
    wire.meets(Mishap::Nothing);
    sent
}

/// It is found at Twilio, was sent once, and nobody was asked to send it again.
async fn is_found(office: &Office, wire: &Wire, sent: &Sent) {
    let sent = slice::from_ref(sent);
    all_are(office, sent, "found", |text| {
        assert!(!text.lost, "it is there: nobody gives it up");
        text.status.word() == "delivered"
    })
    .await;
    rows_are(office, sent, "settled", |row| row["state"] == "settled" && row["tries"] == 1).await;
    counted(office, wire, sent, 1, 1);
}

#[tokio::test]
async fn with_a_clock_that_is_wrong_all_along_a_text_is_found() {
    for ahead_ms in AHEAD_MS {
        let (mut office, wire) = Office::open_over_wire_ahead(ahead_ms).await;
        let sent = unsettled(&office, &wire, Mishap::LoseAnswer).await;
        office.minutes_pass(2);
        is_found(&office, &wire, &sent).await;
        office.close().await;
    }
}

#[tokio::test]
async fn a_text_that_left_by_a_wrong_clock_is_found_once_it_is_set_right() {
    for ahead_ms in AHEAD_MS {
        let (mut office, wire) = Office::open_over_wire_ahead(ahead_ms).await;
        let sent = unsettled(&office, &wire, Mishap::LoseAnswer).await;
        office.clock_is_set(-ahead_ms);
        office.minutes_pass(12);
        is_found(&office, &wire, &sent).await;
        office.close().await;
    }
}

#[tokio::test]
async fn a_text_is_found_by_a_clock_that_went_wrong_since() {
    for ahead_ms in AHEAD_MS {
        let (mut office, wire) = Office::open_over_wire().await;
        let sent = unsettled(&office, &wire, Mishap::LoseAnswer).await;
        office.clock_is_set(ahead_ms);
        office.minutes_pass(12);
        is_found(&office, &wire, &sent).await;
        office.close().await;
    }
}

#[tokio::test]
async fn a_clock_that_is_set_between_the_looks_does_not_cut_them_short() {
    let (office, wire) = Office::open_over_wire_ahead(-15 * MINUTE_MS).await;
    office.fault(Fault::LateInList(9 * 60_000));
    let sent = unsettled(&office, &wire, Mishap::LoseAnswer).await;
    for (minutes, looks) in [(1, 1), (2, 2)] {
        office.minutes_pass(minutes);
        looked(&office, &wire, slice::from_ref(&sent), looks).await;
    }
    office.clock_is_set(15 * MINUTE_MS);
    looked(&office, &wire, slice::from_ref(&sent), 3).await;
    assert!(!text(&office, &sent).await.lost, "three minutes are too few to give it up");
    office.minutes_pass(8);
    is_found(&office, &wire, &sent).await;
}

#[tokio::test]
async fn with_a_wrong_clock_too_what_twilio_never_took_is_left_to_the_owner() {
    for ahead_ms in AHEAD_MS {
        let (mut office, wire) = Office::open_over_wire_ahead(ahead_ms).await;
        let sent = [unsettled(&office, &wire, Mishap::ResetAfterBody).await];
        three_looks(&office, &wire, &sent).await;
        all_are(&office, &sent, "lost", |text| text.lost).await;
        rows_are(&office, &sent, "given up", |row| row["state"] == "not_found" && row["looks"] == 3).await;
        counted(&office, &wire, &sent, 1, 0);
        office.close().await;
    }
}
