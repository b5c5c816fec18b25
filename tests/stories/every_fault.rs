//! The way of a text to Twilio breaks at every place it can, fifty times each: none is sent twice, and what
//! became of it is found out wherever anything tells.

mod alike;
mod breaks;
mod clock;
mod killed;
mod late;

use breaks::{Break, EACH, NEVER_TAKEN, REFUSED, TAKEN, WORDS, message};
use ringdesk_domain::{Actor, ConversationId, TextId, sending::Reason};
use ringdesk_inbox::{Sending, view};
use ringdesk_sandbox::Fault;
use ringdesk_tests::{
    office::{LINES, Office, sending, texts},
    wire::{Mishap, Wire},
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// A text of ours on its way.
#[derive(Debug, Clone)]
struct Sent {
    customer: String,
    conversation: ConversationId,
    id: TextId,
}

/// Writes to a customer who never wrote to us.
async fn send(office: &Office, line: &str, customer: &str, words: &str) -> Sent {
    let inbox = &office.desk.inbox;
    let conversation = inbox.conversation_with(customer, Some(line)).await.expect("a conversation");
    let draft = Sending { yes_to: Reason::QUESTIONS.to_vec(), ..sending(conversation, words) };
    let id = inbox.send_text(draft, Actor::Owner).await.expect("queued").id;
    Sent { customer: customer.to_owned(), conversation, id }
}

async fn send_each(office: &Office, line: &str, customers: &[String]) -> Vec<Sent> {
    let mut all = Vec::with_capacity(customers.len());
    for customer in customers {
        all.push(send(office, line, customer, WORDS).await);
    }
    all
}

async fn text(office: &Office, sent: &Sent) -> view::Text {
    let open = office.desk.inbox.conversation(sent.conversation, None, None).await.expect("a conversation");
    texts(open).into_iter().find(|text| text.id == sent.id).expect("the text")
}

/// Waits until all of them are so.
async fn all_are(office: &Office, sends: &[Sent], what: &str, so: impl Fn(&view::Text) -> bool) {
    for sent in sends {
        office.until(what, || async { so(&text(office, sent).await).then_some(()) }).await;
    }
}

async fn all_reach(office: &Office, sends: &[Sent], status: &str) {
    all_are(office, sends, status, |text| text.status.word() == status).await;
}

/// The rows of the outbox, by text.
async fn rows(office: &Office) -> HashMap<String, Map<String, Value>> {
    let rows = office.kept("outbox").await.into_iter();
    rows.map(|row| (row["text_id"].as_str().expect("an id").to_owned(), row)).collect()
}

/// Waits until the rows of all of them are so.
async fn rows_are(office: &Office, sends: &[Sent], what: &str, so: impl Fn(&Map<String, Value>) -> bool) {
    let so = &so;
    office
        .until(what, || async {
            let rows = rows(office).await;
            sends.iter().all(|sent| so(&rows[&sent.id.to_string()])).then_some(())
        })
        .await;
}

/// So many looks at Twilio's list have found nothing of any of them.
async fn looked(office: &Office, wire: &Wire, sends: &[Sent], looks: usize) {
    for sent in sends {
        let asked = || wire.looks(&sent.customer) >= looks;
        office.until("looked up", || async { asked().then_some(()) }).await;
    }
    rows_are(office, sends, "looked up in vain", |row| {
        row["looks"].as_u64().and_then(|n| usize::try_from(n).ok()).is_some_and(|n| n >= looks)
    })
    .await;
}

/// Three looks, as far apart as they have to be.
async fn three_looks(office: &Office, wire: &Wire, sends: &[Sent]) {
    for looks in 1..=3 {
        office.minutes_pass(11);
        looked(office, wire, sends, looks).await;
    }
}

/// How many times Twilio took each text.
fn taken(office: &Office, sends: &[Sent]) -> Vec<u32> {
    let accepted: BTreeMap<String, u32> = office.sandbox.report().accepted;
    let of = |sent: &Sent| accepted.get(&format!("{} {WORDS}", sent.customer)).copied().unwrap_or(0);
    sends.iter().map(of).collect()
}

/// All of them left this computer so many times, and Twilio took each so many times.
fn counted(office: &Office, wire: &Wire, sends: &[Sent], left: usize, times: u32) {
    for (sent, taken) in sends.iter().zip(taken(office, sends)) {
        assert_eq!((wire.sent(&sent.customer), taken), (left, times), "{}", sent.customer);
    }
}

/// Nothing waits for anything any more.
async fn nothing_is_open(office: &Office) {
    for row in rows(office).await.values() {
        assert!(matches!(row["state"].as_str(), Some("settled" | "not_found")), "{row:?}");
    }
}

#[tokio::test]
async fn what_never_left_goes_out_once_when_the_way_is_free() {
    let (mut office, wire) = Office::open_over_wire().await;
    let waits = |row: &Map<String, Value>| row["state"] == "queued";
    let back = |row: &Map<String, Value>| row["state"] == "queued" && row["tries"] != 0;
    let mut sends = Vec::new();
    // A name with a part of more than 63 letters is none.
    for (kind, twilio) in [
        (Break::NobodyListens, "http://127.0.0.1:1".to_owned()),
        (Break::NoSuchName, format!("http://{}.example", "x".repeat(64))),
        (Break::NoTls, wire.url().replacen("http", "https", 1)),
    ] {
        office.close().await;
        office.reopen_at(&twilio).await;
        let each = send_each(&office, LINES[0], &kind.customers()).await;
        // Nobody can be asked what came meanwhile: they wait, however long.
        office.minutes_pass(3);
        rows_are(&office, &each, "waiting", waits).await;
        counted(&office, &wire, &each, 0, 0);
        sends.extend(each);
    }
    office.close().await;
    office.reopen_at(&wire.url()).await;
    office.minutes_pass(1);
    all_reach(&office, &sends, "delivered").await;
    counted(&office, &wire, &sends, 1, 1);

    let mut busy = Vec::new();
    for kind in [Break::Busy, Break::BusyForAWhile] {
        wire.meets(kind.mishap(&Value::Null));
        let each = send_each(&office, LINES[0], &kind.customers()).await;
        rows_are(&office, &each, "back in the queue", back).await;
        counted(&office, &wire, &each, 1, 0);
        busy.extend(each);
    }
    wire.meets(Mishap::Nothing);
    office.minutes_pass(1);
    all_reach(&office, &busy, "delivered").await;
    counted(&office, &wire, &busy, 2, 1);
    nothing_is_open(&office).await;
}

#[tokio::test]
async fn what_twilio_refuses_has_failed_and_is_not_tried_again() {
    let (office, wire) = Office::open_over_wire().await;
    let mut sends = Vec::new();
    for kind in REFUSED {
        wire.meets(kind.mishap(&Value::Null));
        let each = send_each(&office, LINES[0], &kind.customers()).await;
        all_are(&office, &each, "failed", |text| {
            text.status.word() == "failed" && text.failure.as_ref().is_some_and(|why| why.code.is_some())
        })
        .await;
        sends.extend(each);
    }
    wire.meets(Mishap::Nothing);
    office.minutes_pass(30);
    let fine = send(&office, LINES[0], "+14155550199", WORDS).await;
    all_reach(&office, &[fine], "delivered").await;
    counted(&office, &wire, &sends, 1, 0);
    nothing_is_open(&office).await;
}

#[tokio::test]
async fn what_twilio_never_took_is_left_to_the_owner_after_three_looks() {
    let (office, wire) = Office::open_over_wire().await;
    let mut sends = Vec::new();
    for kind in NEVER_TAKEN {
        wire.meets(kind.mishap(&Value::Null));
        let before = wire.asked();
        let each = send_each(&office, LINES[0], &kind.customers()).await;
        all_reach(&office, &each, "send_unknown").await;
        assert_eq!(wire.asked() - before, EACH, "{kind:?}");
        sends.extend(each);
    }
    wire.meets(Mishap::Nothing);
    three_looks(&office, &wire, &sends).await;
    all_are(&office, &sends, "lost", |text| text.lost).await;
    rows_are(&office, &sends, "tried once", |row| row["tries"] == 1).await;
    assert!(office.sandbox.report().accepted.is_empty(), "nothing was sent by itself");
    nothing_is_open(&office).await;

    let mut again = Vec::with_capacity(sends.len());
    for sent in &sends {
        let inbox = &office.desk.inbox;
        let first = inbox.send_again(sent.id, Actor::Owner).await.expect("the owner decides");
        let second = inbox.send_again(sent.id, Actor::Owner).await.expect("twice, even");
        assert_eq!(first.id, second.id, "one new text");
        again.push(Sent { id: first.id, ..sent.clone() });
    }
    all_reach(&office, &again, "delivered").await;
    all_are(&office, &sends, "sent again", |text| text.resent && text.lost).await;
    assert!(taken(&office, &sends).iter().all(|times| *times == 1));
    let kept = office.kept("text").await;
    for sent in &sends {
        let repeats = kept.iter().filter(|text| text["resend_of"] == sent.id.to_string()).count();
        assert_eq!(repeats, 1);
    }
    nothing_is_open(&office).await;
}

#[tokio::test]
async fn what_twilio_took_is_found_by_its_report_or_its_list() {
    let (office, wire) = Office::open_over_wire().await;
    let first = send(&office, LINES[0], "+14155550198", "The first of all").await;
    all_reach(&office, std::slice::from_ref(&first), "delivered").await;
    let kept = office.kept("text").await;
    let sid = kept[0]["provider_sid"].as_str().expect("a SID").to_owned();
    let ours = message(&sid, &first.customer, "The first of all");
    let (mut reported, mut listed) = (Vec::new(), Vec::new());
    for kind in TAKEN {
        wire.meets(kind.mishap(&ours));
        let customers = kind.customers();
        // The second half is never reported.
        let (first, second) = customers.split_at(EACH / 2);
        for customer in second {
            wire.unreported(customer);
        }
        let first = send_each(&office, LINES[0], first).await;
        let second = send_each(&office, LINES[0], second).await;
        all_reach(&office, &first, "delivered").await;
        all_reach(&office, &second, "send_unknown").await;
        reported.extend(first);
        listed.extend(second);
    }

    office.fault(Fault::Times(u32::try_from(EACH).expect("few"), Box::new(Fault::CallbackBeforeAnswer)));
    wire.meets(Break::ReportedFirst.mishap(&ours));
    let early = send_each(&office, LINES[0], &Break::ReportedFirst.customers()).await;
    all_reach(&office, &early, "delivered").await;

    let customers = Break::OnlyReported.customers();
    for customer in &customers {
        wire.unlisted(customer, true);
    }
    wire.meets(Break::OnlyReported.mishap(&ours));
    let only = send_each(&office, LINES[0], &customers).await;
    all_reach(&office, &only, "delivered").await;

    wire.meets(Break::Hangs.mishap(&ours));
    let hanging = send_each(&office, LINES[0], &Break::Hangs.customers()).await;
    for sent in &hanging {
        // Four hang at once; each makes room for the next.
        all_reach(&office, std::slice::from_ref(sent), "delivered").await;
        wire.let_go(&sent.customer);
    }

    let customers = Break::ListedLate.customers();
    for customer in &customers {
        wire.unreported(customer);
        wire.unlisted(customer, true);
    }
    wire.meets(Break::ListedLate.mishap(&ours));
    let late = send_each(&office, LINES[0], &customers).await;
    all_reach(&office, &late, "send_unknown").await;

    wire.meets(Mishap::Nothing);
    office.minutes_pass(2);
    all_reach(&office, &listed, "delivered").await;
    looked(&office, &wire, &late, 1).await;
    office.minutes_pass(2);
    looked(&office, &wire, &late, 2).await;
    for customer in &customers {
        wire.unlisted(customer, false);
    }
    office.minutes_pass(10);
    all_reach(&office, &late, "delivered").await;

    for sends in [reported, listed, early, only, hanging, late] {
        counted(&office, &wire, &sends, 1, 1);
        rows_are(&office, &sends, "sent once", |row| row["tries"] == 1).await;
    }
    nothing_is_open(&office).await;
}
