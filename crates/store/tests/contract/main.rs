//! What any store must do, whichever database it stands on. Every method is called here.
#![allow(missing_docs, reason = "the names of the tests are their documentation")]

mod closing;
mod colleagues;
mod copy;
mod doctor;
mod erase;
mod export;
mod groups;
mod lists;
mod lock;
mod migrations;
mod news;
mod receipts;
mod searching;
mod voicemails;

use ringdesk_domain::{
    Actor, Address, Arrival, ChangeKind, ConversationId, Moment, Settings, Status, TextId,
    consent::{Consent, Word},
    delivery::Step,
};
use ringdesk_store::{
    Access, Answer, AttachmentState, CallFilter, ConversationFilter, IncomingText, Kept, KnownNumber,
    NewAttachment, NewText, OpenError, PersonPatch, PersonSaved, Receipt, ReceiptState, Recorded, Report,
    SeedText, Settlement, Store, StoreError, VoicemailsWanted,
};
use tempfile::TempDir;

const LINE: &str = "+15005550006";
const MARIA: &str = "+14155550101";
const T0: Moment = Moment(1_795_197_600_000);

async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), Access::Own).await.expect("a store");
    (folder, store)
}

fn incoming(sid: &str, body: &str, at: Moment) -> IncomingText {
    IncomingText {
        id: TextId::new(at),
        provider_sid: sid.into(),
        line: Address::received(LINE),
        customer: Address::received(MARIA),
        body: body.into(),
        word: Word::Nothing,
        at,
        arrival: Arrival::Live,
        status: Status::from_twilio("received"),
        attachments: Vec::new(),
        media_claimed: 0,
        group_with: None,
    }
}

fn receipt(key: u8) -> Receipt {
    Receipt {
        replay_key: [key; 32],
        event: "sms/inbound",
        detail: String::new(),
        received_at: T0,
        payload: b"Body=hi".to_vec(),
        answer: Answer { status: 200, body: format!("answer {key}") },
    }
}

fn named(name: &str) -> PersonPatch {
    PersonPatch { name: Some(name.into()), ..PersonPatch::default() }
}

async fn conversation(store: &Store) -> ConversationId {
    store
        .record_incoming_text(incoming("SM1", "Hello", T0), None)
        .await
        .expect("stored")
        .stored_in
        .expect("new")
}

fn new_text(conversation: ConversationId, body: &str, at: Moment) -> NewText {
    NewText {
        id: TextId::new(at),
        conversation,
        body: body.into(),
        pictures: Vec::new(),
        segments: 1,
        actor: Actor::Owner,
        at,
        due_at: at,
        resend_of: None,
    }
}

fn report(sid: &str, text: Option<TextId>, status: &str) -> Report {
    Report {
        provider_sid: sid.into(),
        text,
        status: Status::from_twilio(status),
        error_code: None,
        opted_out: false,
        at: T0,
    }
}

fn accepted(sid: &str) -> Settlement {
    Settlement::Accepted { provider_sid: sid.into(), status: Status::from_twilio("queued"), error_code: None }
}

const fn never(_: u32) -> bool {
    false
}

#[tokio::test]
async fn the_same_request_gets_the_first_answer_and_changes_nothing() {
    let (_folder, store) = store().await;
    let first =
        store.record_incoming_text(incoming("SM1", "Hello", T0), Some(receipt(1))).await.expect("stored");
    assert!(first.stored_in.is_some());
    let changes = store.latest_change();
    let other = Receipt { answer: Answer { status: 500, body: "else".into() }, ..receipt(1) };
    let again = store.record_incoming_text(incoming("SM2", "Other", T0), Some(other)).await.expect("stored");
    assert_eq!(again, Recorded { answer: first.answer, stored_in: None });
    assert_eq!(store.latest_change(), changes);
    // Another request about the same text: noted, but no second text.
    let twin =
        store.record_incoming_text(incoming("SM1", "Hello", T0), Some(receipt(2))).await.expect("stored");
    assert_eq!(twin.stored_in, None);
}

#[tokio::test]
async fn a_failed_receipt_can_be_tried_again_and_a_quarantined_one_stays() {
    let (_folder, store) = store().await;
    store.keep_receipt(receipt(1), ReceiptState::Failed("why".into())).await.expect("kept");
    store.keep_receipt(receipt(2), ReceiptState::Quarantined("From twice".into())).await.expect("kept");
    let open = store.failed_receipts(10).await.expect("list");
    assert_eq!((open.len(), open[0].payload.as_slice()), (1, &b"Body=hi"[..]));
    let stored =
        store.record_incoming_text(incoming("SM1", "Hello", T0), Some(receipt(1))).await.expect("stored");
    assert!(stored.stored_in.is_some());
    assert!(store.failed_receipts(10).await.expect("list").is_empty());
    let counts = store.counts().await.expect("counts");
    assert_eq!((counts.failed_receipts, counts.quarantined), (0, 1));
}

#[tokio::test]
async fn one_request_of_a_group_can_fail_alone() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let twin = new_text(id, "one", T0);
    let calls = (0..40).map(|n| {
        // Every fourth has an id that is taken, which the schema refuses.
        let new = if n % 4 == 0 {
            NewText { id: twin.id, ..new_text(id, "taken", T0) }
        } else {
            new_text(id, "fine", T0)
        };
        store.queue_text(new)
    });
    store.queue_text(twin.clone()).await.expect("first");
    let mut done = (0, 0);
    let waiting: Vec<_> = calls.collect();
    for outcome in futures_util::future::join_all(waiting).await {
        match outcome {
            Ok(_) => done.0 += 1,
            Err(StoreError::Driver(_)) => done.1 += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(done, (30, 10));
    assert_eq!(store.texts(id, None, 100).await.expect("texts").len(), 32);
}

#[tokio::test]
async fn conversations_are_listed_newest_first_and_page_by_page() {
    let (_folder, store) = store().await;
    for n in 0..25_i64 {
        let text = IncomingText {
            customer: Address::received(&format!("+1415555{n:04}")),
            ..incoming(&format!("SM{n}"), "Hello", T0.plus_ms(n))
        };
        store.record_incoming_text(text, None).await.expect("stored");
    }
    let mut seen = Vec::new();
    for from in [0, 10, 20, 30] {
        let part = store.conversations(ConversationFilter::Open, None, from, 10).await.expect("part");
        seen.extend(part.iter().map(|row| row.last_at));
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted_by(|a, b| a > b));
    assert_eq!(store.count_conversations(ConversationFilter::Open, None).await.expect("count"), 25);
    let line = store.lines().await.expect("lines")[0].id;
    let on = |line| store.count_conversations(ConversationFilter::Open, Some(line));
    assert_eq!(on(line).await.expect("count"), 25);
    assert_eq!(on(ringdesk_domain::LineId::new(T0)).await.expect("count"), 0);
    assert_eq!(
        store.conversations(ConversationFilter::Open, Some(line), 20, 10).await.expect("part").len(),
        5
    );
    assert_eq!(store.unread().await.expect("unread").conversations, 25);
}

#[tokio::test]
async fn what_was_put_away_comes_back_as_it_was() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let waiting = async || store.conversation(id).await.expect("row").expect("there").waiting_since;
    let since = waiting().await;
    assert!(since.is_some());
    store.set_done(id, true, T0.plus_ms(10)).await.expect("done");
    assert_eq!(store.unread().await.expect("unread").waiting, 0);
    store.set_done(id, false, T0.plus_ms(20)).await.expect("back");
    assert_eq!(waiting().await, since);
    // A customer who writes to what was put away waits from then on.
    store.set_done(id, true, T0.plus_ms(30)).await.expect("done");
    let later = T0.plus_ms(60_000);
    store.record_incoming_text(incoming("SMlater", "Hello again", later), None).await.expect("stored");
    assert_eq!(waiting().await, Some(later));
    store.mark_read(id, later).await.expect("read");
    store.mark_unread(id, later).await.expect("unread");
    assert_eq!(store.unread().await.expect("unread").conversations, 1);
}

#[tokio::test]
async fn people_are_found_by_the_start_of_a_name_and_by_digits() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let customer = store.conversation(id).await.expect("row").expect("there").customer;
    let found = async |words: &str| store.search_people(words, "US", 5).await.expect("found").len();
    store.save_person(customer.clone(), named("Zoë Brontë"), T0).await.expect("named");
    assert_eq!((found("bront").await, found("zoe").await, found("BRONTË zo").await), (1, 1, 1));
    // The old name is found no more.
    store.save_person(customer.clone(), named("Ann Hall"), T0).await.expect("named");
    assert_eq!((found("zoe").await, found("hall").await, found("hall zoe").await), (0, 1, 0));
    let digits = &customer.as_str()[customer.as_str().len() - 5..];
    assert_eq!((found(digits).await, found("99999999").await, found("%").await), (1, 0, 0));
}

#[tokio::test]
async fn a_contact_is_one_person_with_several_numbers() {
    let (_folder, store) = store().await;
    conversation(&store).await;
    let (maria, office) = (Address::received(MARIA), Address::received("+14155550142"));
    let patch = PersonPatch {
        notes: Some("Gate code 12".into()),
        tags: Some(vec!["Regular".into(), "Gate".into()]),
        add_number: Some(office.clone()),
        ..named("Maria")
    };
    assert_eq!(store.save_person(maria.clone(), patch, T0).await.expect("saved"), PersonSaved::Saved);
    let person = store.person(&office).await.expect("person");
    assert_eq!((person.name.as_str(), person.notes.as_str()), ("Maria", "Gate code 12"));
    assert_eq!(
        (person.tags.as_slice(), person.numbers.len()),
        (&["Gate".to_owned(), "Regular".into()][..], 2)
    );
    // Another person cannot take it over by the way.
    let other = Address::received("+14155550143");
    let patch = PersonPatch { add_number: Some(office.clone()), ..named("Joel") };
    let taken = store.save_person(other.clone(), patch, T0).await.expect("asked");
    assert_eq!(taken, PersonSaved::NumberOf("Maria".into()));
    assert_eq!(store.person(&other).await.expect("person").name, "");
    // One of the same name is the same person; so is one that nobody has named.
    store
        .save_person(other.clone(), PersonPatch { notes: Some("Dog".into()), ..named("maria") }, T0)
        .await
        .expect("saved");
    let third = Address::received("+14155550144");
    let tags = PersonPatch { tags: Some(vec!["Late".into()]), ..PersonPatch::default() };
    store.save_person(third.clone(), tags, T0).await.expect("saved");
    for number in [&other, &third] {
        let patch = PersonPatch { add_number: Some(number.clone()), ..PersonPatch::default() };
        assert_eq!(store.save_person(maria.clone(), patch, T0).await.expect("saved"), PersonSaved::Saved);
    }
    let person = store.person(&third).await.expect("person");
    assert_eq!((person.name.as_str(), person.notes.as_str()), ("Maria", "Gate code 12\nDog"));
    assert_eq!((person.tags.len(), person.numbers.len()), (3, 4));
    assert_eq!(store.search_people("mari", "US", 5).await.expect("found").len(), 1);
    for number in [other, third] {
        let patch = PersonPatch { remove_number: Some(number), ..PersonPatch::default() };
        store.save_person(maria.clone(), patch, T0).await.expect("saved");
    }
    // It can be let go, but never the last one.
    for number in [&office, &maria] {
        let patch = PersonPatch { remove_number: Some(number.clone()), ..PersonPatch::default() };
        store.save_person(maria.clone(), patch, T0).await.expect("saved");
    }
    assert_eq!(store.person(&maria).await.expect("person").numbers, [maria]);
    assert_eq!(store.person(&office).await.expect("person").name, "");
}

#[tokio::test]
async fn what_is_kept_belongs_to_the_first_account() {
    let (_folder, store) = store().await;
    assert_eq!(store.account().await.expect("asked"), None);
    store.belongs_to("AC1".into()).await.expect("first");
    store.belongs_to("AC2".into()).await.expect("second");
    assert_eq!(store.account().await.expect("asked").as_deref(), Some("AC1"));
}

#[tokio::test]
async fn a_draft_is_kept_until_it_is_empty() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let draft = async || store.conversation(id).await.expect("row").expect("there").draft;
    store.save_draft(id, "We could".into(), T0).await.expect("kept");
    store.save_draft(id, "We could come".into(), T0).await.expect("kept");
    assert_eq!(draft().await.as_deref(), Some("We could come"));
    store.save_draft(id, String::new(), T0).await.expect("gone");
    assert_eq!(draft().await, None);
    // What was sent is no draft, nor is its beginning; what was begun since is.
    store.save_draft(id, "See you".into(), T0).await.expect("kept");
    store.queue_text(new_text(id, "See you at six", T0)).await.expect("queued");
    assert_eq!(draft().await, None);
    store.save_draft(id, "And bring".into(), T0).await.expect("kept");
    store.queue_text(new_text(id, "See you at seven", T0)).await.expect("queued");
    assert_eq!(draft().await.as_deref(), Some("And bring"));
}

#[tokio::test]
async fn reading_doing_and_reopening_are_told_once() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let before = store.latest_change();
    store.mark_read(id, T0).await.expect("read");
    store.mark_read(id, T0).await.expect("read");
    store.set_done(id, true, T0).await.expect("done");
    assert!(store.conversation(id).await.expect("row").expect("there").done_at.is_some());
    assert_eq!(store.conversations(ConversationFilter::Done, None, 0, 5).await.expect("list").len(), 1);
    store.set_done(id, false, T0).await.expect("reopened");
    let told = store.changes_after(before, 10).await.expect("changes");
    assert_eq!(told.len(), 3);
    assert!(
        told.iter()
            .all(|change| change.kind == ChangeKind::ConversationChanged && change.conversation == Some(id))
    );
}

#[tokio::test]
async fn a_send_is_claimed_once_and_in_order() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let first = store.queue_text(new_text(id, "one", T0)).await.expect("queued");
    store.queue_text(new_text(id, "two", T0)).await.expect("queued");
    assert_eq!(store.next_text_due(T0.plus_ms(-1)).await.expect("due"), Some(T0));
    assert_eq!(store.next_text_due(T0).await.expect("due"), None);
    let claim = store.claim_text(T0, None).await.expect("asked").expect("due");
    assert_eq!((claim.id, claim.body.as_str(), claim.tries), (first.id, "one", 1));
    assert!(store.claim_text(T0, None).await.expect("asked").is_none(), "one in the air at a time");
    store.settle(first.id, Settlement::Back { due_at: T0.plus_ms(500) }, T0, never).await.expect("back");
    assert!(store.claim_text(T0, None).await.expect("asked").is_none(), "the first still goes first");
    let claim = store.claim_text(T0.plus_ms(500), None).await.expect("asked").expect("due");
    assert_eq!((claim.id, claim.tries), (first.id, 2));
    store.settle(first.id, accepted("SM8"), T0, never).await.expect("settled");
    assert_eq!(store.claim_text(T0, None).await.expect("asked").expect("due").body, "two");
    assert_eq!(store.last_sent(id).await.expect("asked").expect("there").body, "two");
    assert!(!store.take_back(first.id, T0).await.expect("asked"));
    let later = T0.plus_ms(16 * 60_000);
    let late = store.queue_text(new_text(id, "late", T0)).await.expect("queued");
    assert!(store.claim_text(later, None).await.expect("asked").is_none(), "it waited too long: asked first");
    assert!(store.release(late.id, later).await.expect("asked"));
    assert!(!store.release(late.id, later).await.expect("asked"), "it is not held any more");
}

#[tokio::test]
async fn consent_is_asked_again_when_a_send_is_claimed() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let queued = store.queue_text(new_text(id, "offer", T0)).await.expect("queued");
    store.opt_out(Address::received(MARIA), Actor::Owner, T0).await.expect("marked");
    assert!(store.claim_text(T0, None).await.expect("asked").is_none());
    let text = store.text(queued.id).await.expect("asked").expect("there");
    assert_eq!((text.status.word(), text.error_code, text.refused), ("failed", Some(21610), true));
    let (consent, since) = store.consent(&Address::received(MARIA)).await.expect("asked");
    assert_eq!((consent, since), (Consent::OptedOut, Some(T0)));
    assert_eq!(store.consent_history(&Address::received(MARIA)).await.expect("ledger").len(), 2);
}

#[tokio::test]
async fn a_word_nobody_knows_is_shown_and_moves_nothing_back() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let queued = store.queue_text(new_text(id, "one", T0)).await.expect("queued");
    store.claim_text(T0, None).await.expect("asked").expect("due");
    store.settle(queued.id, accepted("SM9"), T0, never).await.expect("settled");
    let shown = async |word: &str| {
        store.record_report(report("SM9", None, word), None).await.expect("stored");
        store.text(queued.id).await.expect("asked").expect("there").status.word().to_owned()
    };
    assert_eq!(shown("sent").await, "sent");
    assert_eq!(shown("teleported").await, "teleported");
    assert_eq!(shown("queued").await, "teleported");
    assert_eq!(shown("delivered").await, "delivered");
    assert_eq!(shown("teleported").await, "delivered");
}

#[tokio::test]
async fn reports_are_parked_applied_by_rank_and_settle_what_was_unknown() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let queued = store.queue_text(new_text(id, "one", T0)).await.expect("queued");
    store.claim_text(T0, None).await.expect("asked").expect("due");
    let early = store.record_report(report("SM9", None, "delivered"), None).await.expect("parked");
    assert_eq!(early.step, None);
    store.settle(queued.id, accepted("SM9"), T0, never).await.expect("settled");
    assert_eq!(store.text(queued.id).await.expect("asked").expect("there").status.word(), "delivered");
    let late = store.record_report(report("SM9", None, "sent"), None).await.expect("kept");
    assert_eq!(late.step, Some(Step::Keep));
    let odd = store.record_report(report("SM9", None, "undelivered"), None).await.expect("noted");
    assert_eq!(odd.step, Some(Step::Conflict));
    assert_eq!(store.texts_to_recheck(T0, 5).await.expect("list").len(), 1);
    store.postpone_recheck(queued.id, Some(T0.plus_ms(9))).await.expect("later");
    assert!(store.texts_to_recheck(T0, 5).await.expect("list").is_empty());
    let price = Some(("-0.0079".to_owned(), "USD".to_owned()));
    store.record_fetched(report("SM9", None, "undelivered"), Some(2), price, None).await.expect("decided");
    let text = store.text(queued.id).await.expect("asked").expect("there");
    assert_eq!(
        (text.status.word(), text.segments, text.price.as_deref()),
        ("undelivered", Some(2), Some("-0.0079"))
    );

    let lost = store.queue_text(new_text(id, "two", T0)).await.expect("queued");
    store.claim_text(T0, None).await.expect("asked").expect("due");
    store.settle(lost.id, Settlement::Unknown, T0, never).await.expect("unknown");
    let later = T0.plus_ms(120_000);
    assert_eq!(store.unsettled(later).await.expect("list").len(), 1);
    assert!(store.next_look_due().await.expect("due").is_some());
    store.postpone_look(lost.id, later.plus_ms(1)).await.expect("later");
    assert!(store.unsettled(later).await.expect("list").is_empty());
    store.looked_in_vain(lost.id, Some(later), T0).await.expect("noted");
    store.looked_in_vain(lost.id, None, T0).await.expect("given up");
    assert_eq!(
        store.text(lost.id).await.expect("asked").expect("there").outbox.as_deref(),
        Some("not_found")
    );
    // Late evidence still attaches.
    store.record_report(report("SM10", Some(lost.id), "sent"), None).await.expect("applied");
    let text = store.text(lost.id).await.expect("asked").expect("there");
    assert_eq!((text.status.word(), text.outbox.as_deref()), ("sent", Some("settled")));
    assert_eq!(store.known_sids(&["SM10".into(), "SM11".into()]).await.expect("list"), ["SM10"]);
}

#[tokio::test]
async fn a_start_hands_what_was_in_the_air_to_the_look_up() {
    let (folder, store) = store().await;
    let id = conversation(&store).await;
    let queued = store.queue_text(new_text(id, "one", T0)).await.expect("queued");
    store.claim_text(T0, None).await.expect("asked").expect("due");
    let epoch = store.epoch();
    store.close().await;
    let store = Store::open(folder.path(), Access::Own).await.expect("again");
    assert_eq!(store.epoch(), epoch + 1);
    let text = store.text(queued.id).await.expect("asked").expect("there");
    assert_eq!((text.status, text.outbox.as_deref()), (Status::SendUnknown, Some("unknown")));
    assert!(store.claim_text(T0, None).await.expect("asked").is_none());
}

#[tokio::test]
async fn pictures_are_wanted_claimed_kept_or_given_up() {
    let (_folder, store) = store().await;
    let wanted = NewAttachment { url: "https://api.twilio.com/x".into(), declared_type: "image/png".into() };
    let text = IncomingText { attachments: vec![wanted.clone(), wanted], ..incoming("MM1", "", T0) };
    let id = text.id;
    store.record_incoming_text(text, None).await.expect("stored");
    let first = store.claim_fetch(T0).await.expect("asked").expect("due");
    let second = store.claim_fetch(T0).await.expect("asked").expect("due");
    assert!(store.claim_fetch(T0).await.expect("asked").is_none());
    store.retry_attachment(first.id, T0.plus_ms(10), T0).await.expect("later");
    assert_eq!(store.next_fetch_due().await.expect("due"), Some(T0.plus_ms(10)));
    let again = store.claim_fetch(T0.plus_ms(10)).await.expect("asked").expect("due");
    assert_eq!((again.id, again.tries), (first.id, 2));
    let kept = Kept { content_type: "image/png".into(), bytes: 3, sha256: "a".repeat(64) };
    store.keep_attachment(first.id, kept.clone(), T0).await.expect("kept");
    store.give_up_attachment(second.id, true, "too large to keep", T0).await.expect("refused");
    let all = store.attachments(&[id]).await.expect("list");
    assert_eq!(all[0].kept.as_ref(), Some(&kept));
    assert_eq!(
        (all[1].state, all[1].problem.as_deref()),
        (AttachmentState::Refused, Some("too large to keep"))
    );
    assert_eq!(store.attachment(first.id).await.expect("asked").expect("there").state, AttachmentState::Kept);
    assert!(store.spend_link("link".into(), T0).await.expect("asked"));
    assert!(!store.spend_link("link".into(), T0).await.expect("asked"), "a link works once");
}

#[tokio::test]
async fn lines_contacts_and_settings_are_kept() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let known = KnownNumber {
        number: Address::received(LINE),
        provider_sid: "PN1".into(),
        name: "Front desk".into(),
        takes_texts: false,
    };
    store.know_lines(vec![known], T0).await.expect("known");
    let lines = store.lines().await.expect("lines");
    assert_eq!((lines.len(), lines[0].name.as_str(), lines[0].takes_texts), (1, "Front desk", false));
    assert!(store.line(lines[0].id).await.expect("asked").is_some());
    store.save_person(Address::received(MARIA), named("Maria"), T0).await.expect("named");
    store.save_person(Address::received(MARIA), named("Maria Lopez"), T0).await.expect("renamed");
    assert_eq!(store.contacts(5).await.expect("list").len(), 1);
    assert_eq!(
        store.conversation(id).await.expect("row").expect("there").name.as_deref(),
        Some("Maria Lopez")
    );
    let settings = Settings { business_name: "Bell & Daughter".into(), ..Settings::default() };
    assert_eq!(store.settings().await.expect("default"), Settings::default());
    let next = settings.clone();
    let saved = store.change_settings(T0, move |_| Ok::<_, ()>(next.clone())).await;
    assert_eq!(saved.expect("saved"), Ok(settings.clone()));
    let refused = store.change_settings(T0, |kept| Err::<Settings, _>(kept.business_name.clone())).await;
    assert_eq!(refused.expect("asked"), Err("Bell & Daughter".into()), "what is refused changes nothing");
    assert_eq!(store.settings().await.expect("there"), settings);
    let same =
        store.conversation_with(Address::received(LINE), Address::received(MARIA), T0).await.expect("same");
    assert_eq!(same, id);
    assert!(store.calls(CallFilter::All, None, None, 5).await.expect("calls").is_empty());
    assert!(
        store
            .voicemails(VoicemailsWanted { limit: 5, ..VoicemailsWanted::default() })
            .await
            .expect("voicemails")
            .is_empty()
    );
}

#[tokio::test]
async fn the_owner_says_which_numbers_are_lines() {
    let (_folder, store) = store().await;
    let known = |numbers: &[&str]| {
        let number = |number: &&str| KnownNumber {
            number: Address::received(number),
            provider_sid: format!("PN{number}"),
            name: String::new(),
            takes_texts: true,
        };
        numbers.iter().map(number).collect::<Vec<_>>()
    };
    let other = "+15005550007";
    store.know_lines(known(&[LINE, other]), T0).await.expect("known");
    assert_eq!(store.lines().await.expect("lines").len(), 2, "nobody has chosen yet");
    let seen = store.latest_change();
    store.know_lines(known(&[LINE, other]), T0).await.expect("known");
    assert_eq!(store.latest_change(), seen, "nothing new is no news");
    let nobody = vec![Address::received("+15005550099")];
    assert!(!store.choose_lines(nobody, T0).await.expect("asked"));
    assert_eq!(store.lines().await.expect("lines").len(), 2);
    assert!(store.choose_lines(vec![Address::received(other)], T0).await.expect("chosen"));
    let used = store.lines().await.expect("lines");
    assert_eq!((used.len(), used[0].number.as_str()), (1, other));
    store.know_lines(known(&["+15005550008"]), T0).await.expect("known");
    assert_eq!(store.lines().await.expect("lines").len(), 1, "a new one has to be chosen");
    let all = store.all_lines().await.expect("lines");
    assert_eq!(all.iter().map(|line| line.used).collect::<Vec<_>>(), [false, true, false]);
    store.keep_before(used[0].id, "{}".into(), T0).await.expect("kept");
    let line = store.line(used[0].id).await.expect("asked").expect("there");
    assert_eq!(line.before.as_deref(), Some("{}"));
    store.give_up_line(line.id, T0).await.expect("given up");
    let line = store.line(line.id).await.expect("asked").expect("there");
    assert_eq!((line.before, line.used), (None, false));
}

#[tokio::test]
async fn words_are_found_newest_first_and_taken_back_ones_never() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    store
        .record_incoming_text(incoming("SM2", "the boiler again", T0.plus_ms(1)), None)
        .await
        .expect("stored");
    let oops = store.queue_text(new_text(id, "boiler oops", T0.plus_ms(2))).await.expect("queued");
    assert_eq!(store.search("boil", 5).await.expect("found").len(), 2);
    assert!(store.take_back(oops.id, T0).await.expect("asked"));
    let hits = store.search("boil", 5).await.expect("found");
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].snippet, "the \u{2}boiler\u{3} again");
}

#[tokio::test]
async fn everything_comes_out_of_export() {
    let (_folder, store) = store().await;
    let seeds = (0..2_500_i64).map(|n| SeedText {
        line: Address::received(LINE),
        customer: Address::received(&format!("+1415555{:04}", n % 7)),
        incoming: n % 2 == 0,
        body: format!("text {n}"),
        at: T0.plus_ms(n),
    });
    store.seed(seeds.collect()).await.expect("seeded");
    let mut bodies = Vec::new();
    store
        .export::<StoreError>(|object| {
            if object["type"] == "text" {
                bodies.push(object["body"].as_str().unwrap_or_default().to_owned());
            }
            Ok(())
        })
        .await
        .expect("export");
    assert_eq!(bodies, (0..2_500).map(|n| format!("text {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_reader_beside_the_owner_reads_and_cannot_write() {
    let (folder, store) = store().await;
    let id = conversation(&store).await;
    let beside = Store::open(folder.path(), Access::Read).await.expect("beside");
    assert!(beside.conversation(id).await.expect("row").is_some());
    assert!(beside.mark_read(id, T0).await.is_err());
    let nowhere = tempfile::tempdir().expect("a folder");
    assert!(matches!(Store::open(nowhere.path(), Access::Read).await, Err(OpenError::Other(_))));
}

#[tokio::test]
async fn a_damaged_database_is_refused_untouched() {
    let (folder, store) = store().await;
    conversation(&store).await;
    store.close().await;
    let file = folder.path().join("ringdesk.db");
    let mut bytes = std::fs::read(&file).expect("a file");
    bytes[..100].fill(0x5a);
    std::fs::write(&file, &bytes).expect("damaged");
    assert!(matches!(Store::open(folder.path(), Access::Own).await, Err(OpenError::Damaged(_))));
    assert_eq!(std::fs::read(&file).expect("a file"), bytes);
}

#[tokio::test]
async fn a_change_wakes_who_waits_for_it() {
    let (_folder, store) = store().await;
    let seen = store.latest_change();
    let (woken, _) = tokio::join!(store.change_after(seen), conversation(&store));
    assert!(woken);
    assert!(!store.changes_after(seen, 10).await.expect("changes").is_empty());
}

#[tokio::test]
async fn a_start_that_was_overtaken_by_a_stop_opts_nobody_in() {
    let (_folder, store) = store().await;
    let maria = Address::received(MARIA);
    let says =
        |sid: &str, body: &str, word: Word, at: Moment| IncomingText { word, ..incoming(sid, body, at) };
    let stop = says("SM2", "STOP", Word::Stop, T0.plus_ms(10_000));
    store.record_incoming_text(stop, Some(receipt(2))).await.expect("stored");
    // Written first, and told of last.
    let start = says("SM1", "START", Word::Start, T0.plus_ms(20_000));
    store.record_incoming_text(start, Some(receipt(1))).await.expect("stored");
    assert_eq!(store.consent(&maria).await.expect("asked").0, Consent::Given);
    for _ in 0..2 {
        store.start_was_written("SM1".into(), T0).await.expect("known");
        let stands = store.consent(&maria).await.expect("asked");
        assert_eq!(stands, (Consent::OptedOut, Some(T0.plus_ms(10_000))));
    }
    // One that was written later counts.
    let start = says("SM3", "START", Word::Start, T0.plus_ms(30_000));
    store.record_incoming_text(start, Some(receipt(3))).await.expect("stored");
    store.start_was_written("SM3".into(), T0.plus_ms(30_000)).await.expect("known");
    assert_eq!(store.consent(&maria).await.expect("asked").0, Consent::Given);
}
