//! Everything comes out, once and in order.

use crate::{LINE, MARIA, T0, conversation, incoming, named, new_text, receipt, report, store};
use ringdesk_domain::{Actor, Address, Arrival, CallId, NoteId, Settings, TextId, consent::Word};
use ringdesk_store::{
    ExportFrom, Happening, IncomingText, Item, Kept, NewAttachment, SeedText, Store, StoreError, Which,
};
use serde_json::{Map, Value, json};

/// Everything of a kind.
async fn kept(store: &Store, kind: &str) -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    let take = |object: Map<String, Value>| {
        if object["type"] == kind {
            all.push(object);
        }
        Ok::<(), StoreError>(())
    };
    store.export(take).await.expect("export");
    all
}

fn call(n: usize) -> Which {
    Which {
        id: CallId::new(T0),
        sid: format!("CA{n:032x}"),
        ours: None,
        line: Address::received(LINE),
        customer: Address::received(MARIA),
        outgoing: false,
        arrival: Arrival::Asleep,
    }
}

fn over() -> Happening {
    Happening { status: Some("completed".into()), ..Happening::default() }
}

#[tokio::test]
async fn an_export_is_read_part_by_part() {
    let (_folder, store) = store().await;
    let seeds = (0..2_500_i64).map(|n| SeedText {
        line: Address::received(LINE),
        customer: Address::received(MARIA),
        incoming: true,
        body: format!("text {n}"),
        at: T0.plus_ms(n),
    });
    store.seed(seeds.collect()).await.expect("seeded");
    let (mut from, mut texts) = (Some(ExportFrom::default()), Vec::new());
    while let Some(part) = from {
        let (objects, next) = store.export_part(part).await.expect("a part");
        assert!(objects.len() <= 1_000, "{}", objects.len());
        texts.extend(objects.iter().filter(|one| one["type"] == "text").map(|one| one["body"].clone()));
        from = next;
    }
    assert_eq!(texts, (0..2_500).map(|n| json!(format!("text {n}"))).collect::<Vec<_>>());
}

#[tokio::test]
async fn nothing_an_owner_would_miss_is_left_out() {
    let (_folder, store) = store().await;
    let late = IncomingText {
        arrival: Arrival::Asleep,
        word: Word::Stop,
        group_with: Some("+14155550177".into()),
        ..incoming("SM1", "STOP", T0)
    };
    let told = store.record_incoming_text(late, Some(receipt(1))).await.expect("stored");
    let id = told.stored_in.expect("new");
    store.record_report(report("SM1", None, "received"), None).await.expect("reported");
    store.record_call(call(1), over(), T0, None).await.expect("stored");
    store.save_draft(id, "We could".into(), T0).await.expect("kept");
    store.set_hold(id, true, T0).await.expect("held");
    store.save_person(Address::received(MARIA), named("Maria"), T0).await.expect("named");
    store.set_blocked(Address::received(MARIA), true, Actor::Owner, T0).await.expect("blocked");
    let settings = Settings { business_name: "Bell & Daughter".into(), ..Settings::default() };
    store.change_settings(T0, move |_| Ok::<_, ()>(settings.clone())).await.expect("kept").expect("taken");

    let one = async |kind: &str| kept(&store, kind).await.pop().unwrap_or_else(|| panic!("no {kind}"));
    let text = one("text").await;
    assert_eq!((&text["arrival"], &text["group_with"]), (&json!("asleep"), &json!("+14155550177")));
    assert_eq!(text["reports"], json!([{ "status": "received", "error_code": null, "at": T0.0 }]));
    let call = one("call").await;
    assert_eq!((&call["arrival"], &call["missed"]), (&json!("asleep"), &json!(true)));
    assert_eq!(one("draft").await["body"], json!("We could"));
    assert_eq!(one("conversation").await["held_at"], json!(T0.0));
    assert_eq!(one("contact").await["name"], json!("Maria"));
    assert_eq!(one("blocked").await["customer"], json!(MARIA));
    assert_eq!(one("consent").await["event"], json!("stop_word"));
    assert_eq!(one("consent_state").await["state"], json!("opted_out"));
    assert_eq!(one("settings").await["settings"]["business_name"], json!("Bell & Daughter"));
    assert_eq!(one("line").await["used"], json!(true));
    assert!(!one("receipt").await.contains_key("payload"), "what it said is in the text");
}

/// What something is, in a word or its words.
fn said(item: &Item) -> String {
    match item {
        Item::Text(item) => item.text.body.clone(),
        Item::Call(_) => "a call".into(),
        Item::Consent(entry) => entry.event.clone(),
        Item::Note(note) => note.body.clone(),
    }
}

#[tokio::test]
async fn a_conversation_comes_in_the_order_of_the_window() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    let later = T0.plus_ms(1_000);
    // Told in another order than they happened; some of it at once.
    store.record_incoming_text(incoming("SM3", "third", later), None).await.expect("stored");
    store.record_incoming_text(incoming("SM2", "second", T0.plus_ms(5)), None).await.expect("stored");
    store.record_incoming_text(incoming("SM4", "fourth", later), None).await.expect("stored");
    store.record_call(call(1), over(), later, None).await.expect("stored");
    let note = NoteId::new(later);
    store.add_note(note, id, "a note".into(), Actor::Owner, later).await.expect("kept");
    store.opt_out(Address::received(MARIA), Actor::Owner, later).await.expect("marked");
    let oops = store.queue_text(new_text(id, "oops", later)).await.expect("queued");
    assert!(store.take_back(oops.id, later).await.expect("asked"));
    let removed = NoteId::new(later);
    store.add_note(removed, id, "removed".into(), Actor::Owner, later).await.expect("kept");
    assert!(store.remove_note(removed, true, later).await.expect("asked"));

    let row = store.conversation(id).await.expect("asked").expect("there");
    let places = store.places(id).await.expect("places");
    assert_eq!((places.first().map(ringdesk_store::Place::at), places.len()), (Some(T0), 7));
    let expected = ["Hello", "second", "a call", "third", "fourth", "owner_opted_out", "a note"];
    for part in [1, 3, 100] {
        let mut all = Vec::new();
        for some in places.chunks(part) {
            all.extend(store.items(&row, some).await.expect("items").iter().map(said));
        }
        assert_eq!(all, expected, "{part} at once");
    }
    assert!(store.items(&row, &[]).await.expect("items").is_empty());
}

#[tokio::test]
async fn a_text_comes_with_its_files_and_reports() {
    let (_folder, store) = store().await;
    let wanted = NewAttachment { url: "https://api.twilio.com/x".into(), declared_type: "image/png".into() };
    let text = IncomingText { attachments: vec![wanted.clone(), wanted], ..incoming("MM1", "two", T0) };
    let id = store.record_incoming_text(text, None).await.expect("stored").stored_in.expect("new");
    let first = store.claim_fetch(T0).await.expect("asked").expect("due");
    let file = Kept { content_type: "image/png".into(), bytes: 3, sha256: "a".repeat(64) };
    store.keep_attachment(first.id, file.clone(), T0).await.expect("kept");
    let own = TextId::new(T0);
    store
        .queue_text(ringdesk_store::NewText { id: own, ..new_text(id, "ours", T0.plus_ms(1)) })
        .await
        .expect("queued");
    store.record_report(report("SM9", Some(own), "delivered"), None).await.expect("reported");
    store.record_report(report("SM9", Some(own), "sent"), None).await.expect("reported");

    let row = store.conversation(id).await.expect("asked").expect("there");
    let places = store.places(id).await.expect("places");
    let items = store.items(&row, &places).await.expect("items");
    let [Item::Text(theirs), Item::Text(ours)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!(theirs.attachments.len(), 2);
    assert_eq!(theirs.attachments.iter().filter_map(|one| one.kept.as_ref()).collect::<Vec<_>>(), [&file]);
    // At the same moment the one that is further comes later.
    let reports: Vec<&str> = ours.reports.iter().map(|(status, ..)| status.word()).collect();
    assert_eq!(reports, ["sent", "delivered"]);
    assert_eq!(store.kept_files().await.expect("files"), [file]);
}
