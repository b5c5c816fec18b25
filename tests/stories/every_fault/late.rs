use super::{Sent, WORDS, all_are, all_reach, send, taken, three_looks};
use ringdesk_domain::Actor;
use ringdesk_tests::{
    office::{LINES, Office, texts},
    wire::{Mishap, Wire},
};

/// A text that Twilio took, and of which nothing was heard or seen until it was given up.
async fn lost(office: &Office, wire: &Wire, customer: &str) -> Sent {
    wire.unreported(customer);
    wire.unlisted(customer, true);
    wire.meets(Mishap::LoseAnswer);
    let sent = send(office, LINES[0], customer, WORDS).await;
    all_reach(office, std::slice::from_ref(&sent), "send_unknown").await;
    wire.meets(Mishap::Nothing);
    three_looks(office, wire, std::slice::from_ref(&sent)).await;
    all_are(office, std::slice::from_ref(&sent), "lost", |text| text.lost).await;
    sent
}

/// Twilio reports after all.
async fn reported(office: &Office, sent: &Sent) {
    let messages = office.phone(&sent.customer).got();
    let message = messages.first().expect("it arrived");
    let (account, _) = office.sandbox.credentials();
    let fields = [
        ("MessageSid", message.sid.as_str()),
        ("SmsSid", message.sid.as_str()),
        ("AccountSid", account),
        ("MessageStatus", "delivered"),
        ("From", LINES[0]),
        ("To", sent.customer.as_str()),
    ];
    let (status, _) = office.signed(&format!("/sms/status/{}", sent.id), &fields).post().await;
    assert_eq!(status, 204);
}

#[tokio::test]
async fn a_report_that_comes_after_all_settles_a_lost_text() {
    let (office, wire) = Office::open_over_wire().await;
    let sent = lost(&office, &wire, "+14155550301").await;
    reported(&office, &sent).await;
    all_are(&office, std::slice::from_ref(&sent), "found", |text| {
        text.status.word() == "delivered" && !text.lost
    })
    .await;
    let again = office.desk.inbox.send_again(sent.id, Actor::Owner).await;
    assert!(again.is_err(), "it is there: nothing to send again");
    assert_eq!(taken(&office, &[sent]), [1]);
}

#[tokio::test]
async fn a_report_after_the_owner_sent_it_again_shows_that_both_left() {
    let (office, wire) = Office::open_over_wire().await;
    let sent = lost(&office, &wire, "+14155550302").await;
    let again = office.desk.inbox.send_again(sent.id, Actor::Owner).await.expect("the owner decides");
    let again = Sent { id: again.id, ..sent.clone() };
    all_reach(&office, std::slice::from_ref(&again), "queued").await;
    reported(&office, &sent).await;
    all_are(&office, std::slice::from_ref(&sent), "found", |text| {
        text.status.word() == "delivered" && !text.lost && text.resent
    })
    .await;
    assert_eq!(taken(&office, &[sent]), [2]);
}

#[tokio::test]
async fn a_text_that_is_listed_after_all_is_found_and_not_sent_again() {
    let (office, wire) = Office::open_over_wire().await;
    let sent = lost(&office, &wire, "+14155550303").await;
    wire.unlisted(&sent.customer, false);
    office.minutes_pass(6);
    all_are(&office, std::slice::from_ref(&sent), "found", |text| {
        text.status.word() == "delivered" && !text.lost
    })
    .await;
    let open = office.desk.inbox.conversation(sent.conversation, None, None).await.expect("a conversation");
    assert_eq!(texts(open).len(), 1, "not as one that somebody else sent");
    assert_eq!(taken(&office, &[sent]), [1]);
}
