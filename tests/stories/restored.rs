#![allow(clippy::large_futures, reason = "an office asked many things at once")]
use ringdesk_domain::{Actor, TextId};
use ringdesk_inbox::{
    Sending, restore,
    view::{SendingLock, Text},
};
use ringdesk_tests::{
    asleep::{complete, everything, is_all_here_once},
    office::{LINES, Office, sending},
    voicemail::{HELEN, does, helen_calls, leaves},
};
use serde_json::json;
use std::{collections::BTreeMap, fs};

const PRIYA: &str = "+14155550123";
const MARCUS: &str = "+14155550176";
const MINUTE_MS: i64 = 60_000;

/// An office with a backup that was made while this text to Priya could still be taken back.
async fn backed_up(words: &str) -> (Office, TextId) {
    let office = Office::open().await;
    complete(&office, office.clock.now()).await;
    let priya = office.phone(PRIYA);
    priya.texts("Can you come on Monday?").await;
    let conversation = office.conversation_with(&priya).await.conversation.id;
    let text = Sending { undo_seconds: Some(30), ..sending(conversation, words) };
    let waiting = office.desk.inbox.send_text(text, Actor::Owner).await.expect("queued").id;
    does(&office, "back_up_now", json!({})).await;
    assert_eq!(office.sandbox.report().creates, 0, "it waits");
    (office, waiting)
}

/// The computer breaks, and all that is left is the folder of backups: a closed office is put together from
/// it and opened again.
async fn comes_back(office: &mut Office) {
    let data = office.data_folder();
    let disk = tempfile::tempdir().expect("another disk");
    let backups = disk.path().join("backups");
    fs::rename(data.join("backups"), &backups).expect("moved");
    fs::remove_dir_all(&data).expect("wiped");
    restore(&backups, &data, None).expect("restored");
    office.reopen().await;
    assert_eq!(locked(office).await, Some(SendingLock::Restored));
}

async fn locked(office: &Office) -> Option<SendingLock> {
    office.desk.inbox.health().await.expect("health").locked
}

/// The texts to or from somebody with these words.
async fn with_words(office: &Office, customer: &str, words: &str) -> Vec<Text> {
    let mut texts = office.texts_with(&office.phone(customer)).await;
    texts.retain(|text| text.body == words);
    texts
}

/// Somebody is answered, and has it.
async fn answers(office: &Office, customer: &str, words: &str) {
    let phone = office.phone(customer);
    let text = office.answers(&phone, words).await;
    office.reaches(&phone, text, "delivered").await;
}

/// Texts and a call come and are answered.
async fn a_morning_passes(office: &Office) {
    office.phone(MARCUS).texts("Are you open?").await;
    office.phone(PRIYA).texts("Thanks").await;
    leaves(office, helen_calls()).await;
    office.minutes_pass(1);
    answers(office, MARCUS, "Until six").await;
    answers(office, HELEN, "We will look at the radiator").await;
    office.minutes_pass(1);
}

/// How both lines are set up at Twilio.
fn set_up(office: &Office) -> Vec<BTreeMap<String, String>> {
    LINES.iter().map(|line| office.sandbox.number(line)).collect()
}

#[tokio::test]
async fn what_happened_since_the_backup_is_here_once_and_nothing_of_it_happens_twice() {
    let (mut office, waiting) = backed_up("Monday at nine").await;
    office.clock.advance_ms(31_000);
    office.reaches(&office.phone(PRIYA), waiting, "delivered").await;
    office.minutes_pass(1);
    a_morning_passes(&office).await;
    office.close().await;
    office.sandbox.arrived(PRIYA, LINES[0], "See you then", office.clock.now().0 + MINUTE_MS);
    office.minutes_pass(30);
    let (sent, lines) = (office.sandbox.report().creates, set_up(&office));
    assert_eq!(sent, 3);

    comes_back(&mut office).await;
    let state = complete(&office, office.clock.now()).await;
    let away = state.away.expect("much is new to it");
    assert_eq!((away.texts, away.calls, away.voicemails, away.complete), (3, 1, 1, true));
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
    // What waited in the backup left long ago: it is that one, and nobody is asked about it.
    let words = with_words(&office, PRIYA, "Monday at nine").await;
    let [left] = &words[..] else { panic!("it is there once: {words:?}") };
    assert_eq!((left.id, left.status.word(), left.held), (waiting, "delivered", false));
    assert!(office.kept("outbox").await.iter().all(|row| row["state"] == "settled"));
    let marcus = office.conversation_with(&office.phone(MARCUS)).await.conversation;
    assert_eq!(marcus.waiting_since, None, "they have their answer");

    for _ in 0..2 {
        office.minutes_pass(11);
        complete(&office, office.clock.now()).await;
        assert_eq!(office.sandbox.report().creates, sent, "nothing is sent");
        assert_eq!(set_up(&office), lines, "and no line is pointed here");
    }
    assert_eq!(locked(&office).await, Some(SendingLock::Restored));

    does(&office, "unlock_sending", json!({})).await;
    assert_eq!(locked(&office).await, None);
    answers(&office, PRIYA, "On our way").await;
    office.minutes_pass(6);
    complete(&office, office.clock.now()).await;
    let report = office.sandbox.report();
    assert_eq!(report.creates, sent + 1, "only what is new has left");
    assert!(report.accepted.values().all(|times| *times == 1), "{:?}", report.accepted);
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}

#[tokio::test]
async fn what_waited_in_the_backup_and_never_left_asks_first_and_leaves_once() {
    let (mut office, waiting) = backed_up("Monday at nine").await;
    office.close().await;
    office.minutes_pass(60);
    comes_back(&mut office).await;
    complete(&office, office.clock.now()).await;
    let words = with_words(&office, PRIYA, "Monday at nine").await;
    let [asks] = &words[..] else { panic!("it is there once: {words:?}") };
    assert_eq!((asks.id, asks.held), (waiting, true));

    // Whoever says yes before they unlocked it has only said half of it.
    assert!(office.desk.inbox.release(waiting).await.expect("asked"));
    office.minutes_pass(6);
    complete(&office, office.clock.now()).await;
    assert_eq!(office.sandbox.report().creates, 0, "nothing is sent");
    does(&office, "unlock_sending", json!({})).await;
    office.reaches(&office.phone(PRIYA), waiting, "delivered").await;
    assert_eq!(office.phone(PRIYA).got().len(), 1);
    assert_eq!(office.sandbox.report().creates, 1);
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}
