use ringdesk_domain::Moment;
use ringdesk_inbox::{
    About, Access, CallFilter, Clock, Inbox, Problem,
    view::{Webhook, WebhookState},
};
use ringdesk_store::{Answer, Receipt, ReceiptState, Store};
use ringdesk_tests::{
    office::{LINES, Office, texts},
    voicemail::{helen_calls, leaves, voicemails},
};
use ringdesk_twilio::Form;
use serde_json::{Value, json};

const MARIA: &str = "+14155550910";
const NOW: Moment = Moment(1_795_197_600_000);

async fn log(inbox: &Inbox, state: Option<WebhookState>) -> Vec<Webhook> {
    inbox.webhooks(state, None, 50).await.expect("a log")
}

/// A field of a request, as often as it came.
fn values<'a>(webhook: &'a Webhook, name: &str) -> Vec<&'a str> {
    webhook.fields.iter().filter(|field| field.name == name).map(|field| field.value.as_str()).collect()
}

fn id(kind: &str, n: u32) -> String {
    format!("{kind}{n:032x}")
}

/// A request that could not be stored when it came.
async fn failed(store: &Store, key: u8, event: &'static str, fields: &[(&str, &str)]) {
    let receipt = Receipt {
        replay_key: [key; 32],
        event,
        detail: String::new(),
        received_at: NOW,
        payload: Form::from_pairs(fields.iter().copied()).encode().into_bytes(),
        answer: Answer { status: 200, body: String::new() },
    };
    store.keep_receipt(receipt, ReceiptState::Failed("the disk".into())).await.expect("kept");
}

#[tokio::test]
async fn what_twilio_sent_is_listed_newest_first_with_every_field() {
    let office = Office::open().await;
    let maria = office.phone(MARIA);
    maria.texts("Are you open?").await;
    maria.texts("Hello?").await;
    let inbox = &office.desk.inbox;
    let all = log(inbox, None).await;
    let words: Vec<Vec<&str>> = all.iter().map(|webhook| values(webhook, "Body")).collect();
    assert_eq!(words, [["Hello?"], ["Are you open?"]]);
    for webhook in &all {
        assert_eq!((webhook.event.as_str(), webhook.answer), ("sms/inbound", 200));
        assert_eq!((webhook.state, webhook.problem.as_deref()), (WebhookState::Applied, None));
        assert!(webhook.answer_body.contains("<Response"), "{}", webhook.answer_body);
        assert_eq!(webhook.about.as_deref(), values(webhook, "MessageSid").first().copied());
        assert_eq!((values(webhook, "From"), values(webhook, "To")), (vec![MARIA], vec![LINES[0]]));
    }
    let older = inbox.webhooks(None, Some(all[0].seq), 50).await.expect("a log");
    assert_eq!(older.iter().map(|webhook| webhook.seq).collect::<Vec<_>>(), [all[1].seq]);
    assert_eq!(inbox.webhooks(None, None, 1).await.expect("a log").len(), 1);
    assert!(log(inbox, Some(WebhookState::Failed)).await.is_empty());
}

#[tokio::test]
async fn what_contradicts_itself_is_shown_and_not_tried_again() {
    let office = Office::open().await;
    let sid = id("SM", 7);
    let mut fields = office.text_fields(&sid, MARIA, "Hello");
    fields.push(("From", "+14155550911"));
    assert_eq!(office.signed("/sms/inbound", &fields).post().await.0, 200);
    let inbox = &office.desk.inbox;
    let aside = log(inbox, Some(WebhookState::Quarantined)).await;
    assert_eq!(aside.len(), 1);
    assert_eq!(values(&aside[0], "From"), [MARIA, "+14155550911"]);
    assert_eq!(aside[0].about.as_ref(), Some(&sid));
    assert!(aside[0].problem.as_ref().is_some_and(|problem| problem.contains("From was sent twice")));
    let again = inbox.replay_webhook(aside[0].seq).await;
    assert!(matches!(again, Err(Problem::Told { code: "nothing_to_replay", .. })), "{again:?}");
    let nothing = inbox.replay_webhook(aside[0].seq + 1).await;
    assert!(matches!(nothing, Err(Problem::NotFound)), "{nothing:?}");
    assert!(office.kept("text").await.is_empty());
}

#[tokio::test]
async fn what_could_not_be_stored_is_stored_on_a_second_try() {
    let folder = tempfile::tempdir().expect("a folder");
    let (text, call) = (id("SM", 1), id("CA", 2));
    let account = id("AC", 1);
    let store = Store::open(folder.path(), Access::Own).await.expect("a store");
    let words = [
        ("MessageSid", text.as_str()),
        ("AccountSid", &account),
        ("From", MARIA),
        ("To", LINES[0]),
        ("Body", "Is it ready?"),
        ("NumMedia", "0"),
    ];
    failed(&store, 1, "sms/inbound", &words).await;
    let over = [
        ("CallSid", call.as_str()),
        ("AccountSid", &account),
        ("From", MARIA),
        ("To", LINES[0]),
        ("Direction", "inbound"),
        ("CallStatus", "completed"),
    ];
    failed(&store, 2, "voice/status", &over).await;
    // The same transcription of two recordings: the second contradicts the first, whenever it is tried.
    let written = id("TR", 3);
    for (key, recording) in [(3, id("RE", 4)), (4, id("RE", 5))] {
        let fields = [
            ("TranscriptionSid", written.as_str()),
            ("RecordingSid", recording.as_str()),
            ("AccountSid", &account),
            ("TranscriptionStatus", "completed"),
            ("TranscriptionText", "Please call me back."),
        ];
        failed(&store, key, "voice/transcription", &fields).await;
    }
    store.close().await;

    let inbox = Inbox::open(folder.path(), Access::Own, Clock::set_to(NOW)).await.expect("an inbox");
    let open = log(&inbox, Some(WebhookState::Failed)).await;
    assert_eq!(open.len(), 4);
    let why = Some("It could not be stored: the disk.");
    assert!(open.iter().all(|webhook| webhook.problem.as_deref() == why));
    assert_eq!(inbox.health().await.expect("health").failed_receipts, 4);
    let mut states = Vec::new();
    for webhook in open.iter().rev() {
        let before = inbox.latest_change();
        states.push(inbox.replay_webhook(webhook.seq).await.expect("tried").state);
        assert!(inbox.latest_change() > before, "the window shows how it went");
    }
    let stored = WebhookState::Applied;
    assert_eq!(states, [stored, stored, stored, WebhookState::Failed]);
    assert_eq!(inbox.health().await.expect("health").failed_receipts, 1);
    let again = inbox.replay_webhook(open[3].seq).await;
    assert!(matches!(again, Err(Problem::Told { code: "nothing_to_replay", .. })), "{again:?}");

    let people = inbox
        .conversations(ringdesk_inbox::ConversationFilter::Open, None, 0, 10)
        .await
        .expect("conversations")
        .conversations;
    let talk = inbox.conversation(people[0].id, None, None).await.expect("a conversation");
    assert_eq!((people.len(), people[0].customer.as_str()), (1, MARIA));
    assert_eq!(texts(talk)[0].body, "Is it ready?");
    let calls = inbox.calls(CallFilter::All, None, None, 10).await.expect("calls");
    assert_eq!((calls.len(), calls[0].customer.as_str()), (1, MARIA));
    inbox.close().await;
}

#[tokio::test]
async fn the_raw_record_of_a_text_is_everything_twilio_told_of_it() {
    let office = Office::open().await;
    let maria = office.phone(MARIA);
    maria.texts("Is it ready?").await;
    office.phone("+14155550912").texts("Another customer").await;
    let inbox = &office.desk.inbox;
    let theirs = office.texts_with(&maria).await[0].id;
    let ours = office.answers(&maria, "It is ready").await;
    office.reaches(&maria, ours, "delivered").await;
    let both = [(theirs, "Is it ready?", "sms/inbound"), (ours, "It is ready", "sms/status")];
    for (text, words, event) in both {
        let raw = inbox.raw_record(About::Text(text)).await.expect("a record");
        let sid = raw.sid.expect("an id of Twilio's");
        assert!(!raw.webhooks.is_empty());
        for webhook in &raw.webhooks {
            assert_eq!((webhook.event.as_str(), webhook.about.as_ref()), (event, Some(&sid)));
        }
        assert!(raw.webhooks.is_sorted_by_key(|webhook| webhook.seq), "oldest first");
        let record = raw.record.expect("Twilio's own");
        assert!(record.contains('\n') && !record.contains("auth_token"), "{record}");
        let record: Value = serde_json::from_str(&record).expect("JSON");
        assert_eq!((&record["sid"], &record["body"]), (&json!(sid), &json!(words)));
        assert_eq!(raw.problem, None);
    }
    // What is here is shown also where Twilio cannot be asked.
    inbox.disconnect();
    let raw = inbox.raw_record(About::Text(theirs)).await.expect("a record");
    assert_eq!((raw.webhooks.len(), raw.record), (1, None));
    assert!(raw.problem.is_some_and(|problem| problem.contains("can't be asked")));
}

#[tokio::test]
async fn calls_and_voicemails_have_a_raw_record_too() {
    let office = Office::open().await;
    let report = leaves(&office, helen_calls()).await;
    let inbox = &office.desk.inbox;
    let (call, raw) = office
        .until("the message is in the log", || async {
            let calls = inbox.calls(CallFilter::All, None, None, 10).await.expect("calls");
            let left = voicemails(&office, json!({})).await;
            let raw = inbox.raw_record(About::Voicemail(left.first()?.id)).await.expect("a record");
            (raw.sid.is_some() && raw.record.is_some()).then_some((calls.first()?.id, raw))
        })
        .await;
    let sid = raw.sid.expect("an id of Twilio's");
    assert!(sid.starts_with("RE"), "{sid}");
    let names = |webhook: &Webhook| webhook.fields.iter().any(|field| field.value.contains(&sid));
    assert!(!raw.webhooks.is_empty() && raw.webhooks.iter().all(names));
    assert!(raw.record.is_some_and(|record| record.contains(&sid)));

    let raw = inbox.raw_record(About::Call(call)).await.expect("a record");
    assert_eq!(raw.sid.as_ref(), Some(&report.sid));
    assert!(raw.webhooks.iter().any(|webhook| webhook.event == "voice/inbound"));
    assert!(raw.record.is_some_and(|record| record.contains(&report.sid)));
}
