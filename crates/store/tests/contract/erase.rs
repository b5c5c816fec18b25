//! A customer who is deleted is gone, and stays gone.

use crate::{LINE, MARIA, T0, accepted, incoming, named, never, new_text, receipt, report, store};
use ringdesk_domain::{
    Actor, Address, Arrival, CallId, ChangeKind, ConversationId, Engine, Moment, NoteId, RecordingId,
    consent::{Consent, Word},
    voicemail::Written,
};
use ringdesk_store::{
    Audio, CustomerCounts, Erasing, Happening, IncomingText, Kept, NewAttachment, Outcome, PersonPatch,
    Receipt, ReceiptFilter, ReceiptState, RecordingFact, Settlement, Store, StoreError, Which,
};
use serde_json::{Map, Value};

const OTHER: &str = "+14155550199";
const NEIGHBOUR: &str = "+14155550102";

/// Everything that is kept, but for the log of requests.
async fn everything(store: &Store) -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    let take = |object: Map<String, Value>| {
        if object["type"] != "receipt" {
            all.push(object);
        }
        Ok::<(), StoreError>(())
    };
    store.export(take).await.expect("export");
    all
}

fn sid(kind: &str, n: usize) -> String {
    format!("{kind}{n:032x}")
}

fn text_of(customer: &str, n: usize, body: &str) -> IncomingText {
    let wanted = NewAttachment { url: "https://api.twilio.com/x".into(), declared_type: "image/png".into() };
    IncomingText {
        customer: Address::received(customer),
        attachments: vec![wanted],
        ..incoming(&sid("SM", n), body, T0)
    }
}

fn call_of(customer: &str, n: usize) -> Which {
    Which {
        id: CallId::new(T0),
        sid: sid("CA", n),
        ours: None,
        line: Address::received(LINE),
        customer: Address::received(customer),
        outgoing: false,
        arrival: Arrival::Live,
    }
}

fn left() -> Happening {
    Happening { status: Some("completed".into()), greeted: true, message_s: Some(12), ..Happening::default() }
}

fn recording(n: usize) -> RecordingFact {
    RecordingFact {
        id: RecordingId::new(T0),
        sid: sid("RE", n),
        call_sid: sid("CA", n),
        tagged: true,
        source: "RecordVerb".into(),
        status: "completed".into(),
        duration_s: Some(12),
        error_code: None,
        at: T0,
        due_at: T0,
        engine: Engine::Twilio,
        unwritten: None,
        emailed: true,
    }
}

fn said(words: &str) -> Outcome {
    Outcome::Text(Written { text: words.into(), words: Vec::new() })
}

fn request(n: usize, customer: &str) -> Receipt {
    let key = u8::try_from(n).expect("few");
    let digits = customer.trim_start_matches('+');
    let payload = format!("MessageSid={}&From=%2B{digits}&Body=hi", sid("SM", n)).into_bytes();
    Receipt { payload, ..receipt(key) }
}

/// A text with a picture, a call with a message, what was said in it, a note, a draft, a name, and a text of
/// ours that waits: everything there can be of a customer.
async fn happens(store: &Store, customer: &str, n: usize) -> ConversationId {
    let text = text_of(customer, n, &format!("Radiator{n} is cold"));
    let told = store.record_incoming_text(text, Some(request(n, customer))).await.expect("stored");
    let id = told.stored_in.expect("new");
    let picture = store.claim_fetch(T0).await.expect("asked").expect("due");
    let file = Kept { content_type: "image/png".into(), bytes: 3, sha256: format!("{n:064x}") };
    store.keep_attachment(picture.id, file, T0).await.expect("kept");
    store.record_call(call_of(customer, n), left(), T0, None).await.expect("stored");
    store.record_recording(recording(n), T0, None).await.expect("stored");
    let fetch = store.claim_recording(T0).await.expect("asked").expect("due");
    let file = Kept { content_type: "audio/x-wav".into(), bytes: 3, sha256: format!("{:064x}", n + 100) };
    let audio = Audio { file, length_ms: 12_000, peaks: vec![1; 200], silent: false, problem: None };
    store.keep_recording(fetch.id, audio, false, T0).await.expect("kept");
    let words = said(&format!("Gate{n} is open"));
    store.record_transcript(sid("RE", n), sid("TR", n), words, T0, None).await.expect("stored");
    store.add_note(NoteId::new(T0), id, format!("Note {n}"), Actor::Owner, T0).await.expect("kept");
    let patch = PersonPatch { tags: Some(vec![format!("Tag{n}")]), ..named(&format!("Person{n}")) };
    store.save_person(Address::received(customer), patch, T0).await.expect("named");
    store.queue_text(new_text(id, &format!("Waiting {n}"), T0.plus_ms(60_000))).await.expect("queued");
    store.save_draft(id, format!("Draft {n}"), T0).await.expect("kept");
    id
}

/// A text to another number of theirs.
async fn happens_elsewhere(store: &Store, customer: &str, n: usize) {
    let text = IncomingText { attachments: Vec::new(), ..text_of(customer, n, &format!("Listed{n}")) };
    store.record_incoming_text(text, Some(request(n, customer))).await.expect("stored");
}

async fn erased(store: &Store, id: ConversationId, at_twilio: bool) -> (CustomerCounts, Vec<String>) {
    match store.erase_customer(id, at_twilio, T0).await.expect("asked") {
        Erasing::Done(counts, files) => (counts, files),
        other => panic!("{other:?}"),
    }
}

/// What Twilio may tell late of the `n`th customer, and list.
async fn told_late(store: &Store, customer: &str, n: usize) {
    let again = Receipt { replay_key: [200; 32], ..request(n, customer) };
    let text = store.record_incoming_text(text_of(customer, n, "again"), Some(again)).await.expect("asked");
    assert_eq!(text.stored_in, None);
    assert_eq!(text.answer, Some(request(n, customer).answer));
    store.record_incoming_text(text_of(customer, n, "listed"), None).await.expect("asked");
    store.record_report(report(&sid("SM", n), None, "received"), None).await.expect("asked");
    store.record_call(call_of(customer, n), left(), T0, None).await.expect("asked");
    store.record_recording(recording(n), T0, None).await.expect("asked");
    let other = RecordingFact { sid: sid("RE", n + 500), ..recording(n) };
    store.record_recording(other, T0, None).await.expect("asked");
    store.record_transcript(sid("RE", n), sid("TR", n), said("late"), T0, None).await.expect("asked");
}

#[tokio::test]
async fn everything_of_a_customer_goes_and_nothing_of_the_neighbours() {
    let (_folder, store) = store().await;
    let neighbour = happens(&store, NEIGHBOUR, 1).await;
    let before = everything(&store).await;
    let id = happens(&store, MARIA, 2).await;
    let add = PersonPatch { add_number: Some(Address::received(OTHER)), ..PersonPatch::default() };
    store.save_person(Address::received(MARIA), add, T0).await.expect("added");
    happens_elsewhere(&store, OTHER, 3).await;
    for words in ["radiator2", "listed3"] {
        assert_eq!(store.search(words, 5).await.expect("found").len(), 1, "{words}");
    }
    let counts = store.customer_counts(id).await.expect("asked").expect("there");
    let (went, files) = erased(&store, id, false).await;
    assert_eq!(counts, went);
    let expected = CustomerCounts {
        conversations: 2,
        texts: 3,
        calls: 1,
        voicemails: 1,
        files: 2,
        notes: 1,
        at_twilio: 4,
    };
    assert_eq!(went, expected);
    assert_eq!(files, [format!("{:064x}", 2), format!("{:064x}", 102)]);
    assert_eq!(everything(&store).await, before);
    assert_eq!(store.customer_counts(id).await.expect("asked"), None);
    assert!(store.customer_counts(neighbour).await.expect("asked").is_some());
    assert_eq!(store.erase_customer(id, false, T0).await.expect("asked"), Erasing::NotFound);
    // Nor is it found by its words, nor named by a Change.
    for words in ["radiator2", "listed3"] {
        assert!(store.search(words, 5).await.expect("found").is_empty(), "{words}");
    }
    assert_eq!(store.search("radiator1", 5).await.expect("found").len(), 1);
    assert!(store.search_people("person2", "US", 5).await.expect("found").is_empty());
    let changes = store.changes_after(0, 500).await.expect("changes");
    assert!(changes.iter().all(|change| change.conversation.is_none_or(|of| of == neighbour)));
    assert!(changes.iter().any(|change| change.kind == ChangeKind::ConversationChanged));
    assert_eq!(store.to_forget(T0, 10).await.expect("list"), []);
}

#[tokio::test]
async fn the_requests_about_them_are_emptied() {
    let (_folder, store) = store().await;
    happens(&store, NEIGHBOUR, 1).await;
    let id = happens(&store, MARIA, 2).await;
    let failed = Receipt { replay_key: [9; 32], ..request(8, MARIA) };
    store.keep_receipt(failed, ReceiptState::Failed("why".into())).await.expect("kept");
    erased(&store, id, false).await;
    let all = store.receipts(ReceiptFilter::All, None, 10).await.expect("list");
    let full: Vec<bool> = all.iter().rev().map(|one| !one.request.payload.is_empty()).collect();
    assert_eq!(full, [true, false, false]);
    assert!(store.failed_receipts(10).await.expect("list").is_empty(), "what failed is not tried again");
}

#[tokio::test]
async fn what_is_told_late_or_listed_does_not_bring_them_back() {
    let (_folder, store) = store().await;
    let id = happens(&store, MARIA, 2).await;
    erased(&store, id, false).await;
    let after = everything(&store).await;
    told_late(&store, MARIA, 2).await;
    assert_eq!(everything(&store).await, after);
    let all = store.receipts(ReceiptFilter::All, None, 10).await.expect("list");
    assert!(all.iter().all(|one| one.request.payload.is_empty()), "nor is the request kept");
    // They may write again, like anybody.
    let new = store.record_incoming_text(text_of(MARIA, 7, "Hello"), None).await.expect("stored");
    assert!(new.stored_in.is_some_and(|new| new != id));
}

#[tokio::test]
async fn what_a_program_writes_down_meanwhile_is_not_kept() {
    let (_folder, store) = store().await;
    let told = store.record_incoming_text(text_of(MARIA, 2, "Hello"), None).await.expect("stored");
    store.record_call(call_of(MARIA, 2), left(), T0, None).await.expect("stored");
    let fact = RecordingFact { engine: Engine::Command, ..recording(2) };
    store.record_recording(fact, T0, None).await.expect("stored");
    let fetch = store.claim_recording(T0).await.expect("asked").expect("due");
    let file = Kept { content_type: "audio/x-wav".into(), bytes: 3, sha256: "b".repeat(64) };
    let audio = Audio { file, length_ms: 12_000, peaks: vec![1; 200], silent: false, problem: None };
    store.keep_recording(fetch.id, audio.clone(), false, T0).await.expect("kept");
    let writing = store.claim_writing(T0).await.expect("asked").expect("due");
    erased(&store, told.stored_in.expect("new"), false).await;
    let after = everything(&store).await;
    store.written(writing, said("Please call me"), T0).await.expect("asked");
    store.keep_recording(fetch.id, audio, false, T0).await.expect("asked");
    assert_eq!(everything(&store).await, after);
}

#[tokio::test]
async fn whoever_wants_no_texts_is_remembered() {
    let (_folder, store) = store().await;
    let id = happens(&store, MARIA, 2).await;
    let stop = IncomingText { word: Word::Stop, at: T0.plus_ms(1), ..text_of(MARIA, 3, "STOP") };
    store.record_incoming_text(stop, None).await.expect("stored");
    store.set_blocked(Address::received(MARIA), true, Actor::Owner, T0).await.expect("blocked");
    erased(&store, id, false).await;
    let maria = Address::received(MARIA);
    assert_eq!(store.consent(&maria).await.expect("asked").0, Consent::OptedOut);
    let ledger = store.consent_history(&maria).await.expect("ledger");
    assert!(ledger.iter().all(|entry| entry.text.is_none()), "{ledger:?}");
    assert_eq!(ledger.last().map(|entry| entry.event.as_str()), Some("stop_word"));
    assert_eq!(store.blocked().await.expect("list"), [MARIA]);
    // A new text to them is refused at the last moment, too.
    let again = store.conversation_with(Address::received(LINE), maria, T0).await.expect("new");
    let text = store.queue_text(new_text(again, "Our offer", T0)).await.expect("queued");
    assert!(store.claim_text(T0, None).await.expect("asked").is_none());
    let text = store.text(text.id).await.expect("asked").expect("there");
    assert_eq!(text.error_code, Some(21610));
}

#[tokio::test]
async fn what_is_not_settled_or_on_hold_does_not_go() {
    let (_folder, store) = store().await;
    let id = happens(&store, MARIA, 2).await;
    let tries = async |expected: Erasing, now: Moment| {
        let before = everything(&store).await;
        assert_eq!(store.erase_customer(id, true, now).await.expect("asked"), expected);
        assert_eq!(everything(&store).await, before, "{expected:?}");
    };
    store.set_hold(id, true, T0).await.expect("held");
    tries(Erasing::OnHold, T0).await;
    store.set_hold(id, false, T0).await.expect("let go");
    let ringing = Happening { status: Some("ringing".into()), ..Happening::default() };
    store.record_call(call_of(MARIA, 5), ringing, T0, None).await.expect("stored");
    tries(Erasing::Calling, T0).await;
    store.record_call(call_of(MARIA, 5), left(), T0, None).await.expect("stored");
    let sending = store.claim_text(T0.plus_ms(60_000), None).await.expect("asked").expect("due");
    tries(Erasing::Sending, T0).await;
    store.settle(sending.id, Settlement::Unknown, T0, never).await.expect("unknown");
    tries(Erasing::Sending, T0).await;
    store.settle(sending.id, accepted(&sid("SM", 9)), T0, never).await.expect("settled");
    erased(&store, id, false).await;
    assert_eq!(store.counts().await.expect("counts").send_unknown, 0);
}

#[tokio::test]
async fn a_call_whose_end_nobody_told_does_not_keep_them_for_ever() {
    let (_folder, store) = store().await;
    let ringing = Happening { status: Some("ringing".into()), ..Happening::default() };
    store.record_call(call_of(MARIA, 5), ringing, T0, None).await.expect("stored");
    let id = store.conversation_with(Address::received(LINE), Address::received(MARIA), T0).await;
    let id = id.expect("there");
    let later = T0.plus_ms(5 * 60 * 60_000);
    assert!(matches!(store.erase_customer(id, false, later).await.expect("asked"), Erasing::Done(..)));
}

#[tokio::test]
async fn what_twilio_has_goes_where_that_is_wanted() {
    let (_folder, store) = store().await;
    let id = happens(&store, MARIA, 2).await;
    erased(&store, id, true).await;
    let mut listed: Vec<String> =
        store.to_forget(T0, 10).await.expect("list").into_iter().map(|one| one.provider_sid).collect();
    listed.sort();
    assert_eq!(listed, [sid("CA", 2), sid("RE", 2), sid("SM", 2), sid("TR", 2)]);
}
