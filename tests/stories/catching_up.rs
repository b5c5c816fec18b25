use ringdesk_domain::{calls::Ending, consent::Consent};
use ringdesk_inbox::{CallFilter, view};
use ringdesk_sandbox::CallIn;
use ringdesk_tests::{
    asleep::{complete, everything, is_all_here_once},
    office::{LINES, Office, png},
    voicemail::helen,
};
use rusqlite::Connection;

const PRIYA: &str = "+14155550123";
const MARCUS: &str = "+14155550176";
const HELEN: &str = "+14155550801";

async fn calls(office: &Office) -> Vec<view::Call> {
    office.desk.inbox.calls(CallFilter::All, None, None, 100).await.expect("calls")
}

#[tokio::test]
async fn what_came_while_the_office_was_closed_is_there_afterwards_once_and_in_order() {
    let mut office = Office::open().await;
    office.phone(PRIYA).texts("Are you open?").await;
    let first = office.clock.now();
    office.close().await;
    office.minutes_pass(30);
    let sandbox = &office.sandbox;
    let picture = ("image/png".to_owned(), png());
    let (_, unreached) = sandbox.text_from(PRIYA, LINES[0], "Look at this", &[picture]).await;
    assert_eq!(unreached, None, "nobody is there");
    office.minutes_pass(1);
    office.sandbox.text_from(MARCUS, LINES[1], "STOP", &[]).await;
    office.minutes_pass(1);
    office.sandbox.text_from(MARCUS, LINES[1], "START", &[]).await;
    office.minutes_pass(1);
    let call = office.sandbox.call_in(CallIn { patience_s: 10, ..CallIn::new(HELEN, LINES[0]) });
    office.sandbox.ended(&call).await;
    office.minutes_pass(60);
    office.reopen().await;
    office
        .until("everything is here", || async {
            (office.conversations().await.len() == 3 && calls(&office).await.len() == 1).then_some(())
        })
        .await;

    let texts = office.texts_with(&office.phone(PRIYA)).await;
    let said: Vec<&str> = texts.iter().map(|text| text.body.as_str()).collect();
    assert_eq!(said, ["Are you open?", "Look at this"]);
    assert_eq!(texts[1].at.since(first), 30 * 60_000, "at the time it was written");
    office
        .until("the picture is here", || async {
            let texts = office.texts_with(&office.phone(PRIYA)).await;
            (texts[1].attachments[0].state == view::AttachmentState::Kept).then_some(())
        })
        .await;
    let marcus = office.conversation_with(&office.phone(MARCUS)).await;
    assert_eq!(marcus.conversation.consent, Consent::Given);
    assert_eq!(marcus.conversation.unread, 2);
    let missed = calls(&office).await.remove(0);
    assert_eq!((missed.customer.as_str(), missed.at.since(first)), (HELEN, 33 * 60_000));
    assert_eq!(missed.ending, Some(Ending::HungUpRinging));

    // Listed again, it changes nothing.
    let before = office.desk.inbox.latest_change();
    office.minutes_pass(5);
    office.sandbox.text_from(PRIYA, LINES[1], "Hello?", &[]).await;
    office
        .until("the next text is here", || async { (office.conversations().await.len() == 4).then_some(()) })
        .await;
    complete(&office, office.clock.now()).await;
    assert_eq!(office.texts_with(&office.phone(MARCUS)).await.len(), 2);
    assert_eq!(calls(&office).await.len(), 1);
    assert!(office.desk.inbox.latest_change() > before);
    let report = office.sandbox.report();
    assert!(report.accepted.is_empty(), "nobody is texted back hours later: {:?}", report.accepted);
}

#[tokio::test]
async fn a_message_left_at_twilio_is_fetched_and_heard() {
    let mut office = Office::open().await;
    office.close().await;
    office.minutes_pass(5);
    let bin = office.sandbox.twiml_bin("<Response><Say>Leave a message.</Say><Record/></Response>");
    office.sandbox.set_number(LINES[0], &[("VoiceFallbackUrl", &bin)]);
    let call = CallIn { speech: Some(helen()), ..CallIn::new(HELEN, LINES[0]) };
    let call = office.sandbox.call_in(call);
    office.sandbox.ended(&call).await;
    assert_eq!(office.sandbox.recordings().len(), 1);
    office.minutes_pass(5);
    office.reopen().await;
    let voicemail = office
        .until("her message is here", || async {
            let all = office.desk.call("voicemails", serde_json::json!({})).await.expect("voicemails");
            let one = all.as_array().and_then(|all| all.first().cloned())?;
            (one["audio"] == "kept").then_some(one)
        })
        .await;
    assert_eq!((voicemail["customer"].as_str(), voicemail["heard"].as_bool()), (Some(HELEN), Some(false)));
    assert_eq!(calls(&office).await[0].ending, Some(Ending::Voicemail));
}

#[tokio::test]
async fn a_text_that_did_not_come_through_comes_within_five_minutes() {
    let office = Office::open().await;
    office.phone(MARCUS).texts("First").await;
    let before = office.sandbox.number(LINES[0])["SmsUrl"].clone();
    office.sandbox.set_number(LINES[0], &[("SmsUrl", "http://127.0.0.1:9/in"), ("SmsFallbackUrl", "")]);
    let (_, answer) = office.sandbox.text_from(PRIYA, LINES[0], "Are you open?", &[]).await;
    assert_eq!(answer, None, "it goes nowhere");
    office.sandbox.set_number(LINES[0], &[("SmsUrl", &before)]);
    assert_eq!(office.conversations().await.len(), 1);
    office.minutes_pass(6);
    office
        .until("it came all the same", || async { (office.conversations().await.len() == 2).then_some(()) })
        .await;
    assert_eq!(office.texts_with(&office.phone(PRIYA)).await[0].body, "Are you open?");
}

#[tokio::test]
async fn a_message_left_at_twilio_in_a_call_that_is_known_is_fetched_too() {
    let office = Office::open().await;
    let bin = office.sandbox.twiml_bin("<Response><Say>Leave a message.</Say><Record/></Response>");
    let nowhere = "http://127.0.0.1:9/voice";
    office.sandbox.set_number(LINES[0], &[("VoiceUrl", nowhere), ("VoiceFallbackUrl", &bin)]);
    let call = CallIn { speech: Some(helen()), ..CallIn::new(HELEN, LINES[0]) };
    let call = office.sandbox.call_in(call);
    office.sandbox.ended(&call).await;
    assert_eq!(office.sandbox.recordings().len(), 1);
    let known = || async { calls(&office).await.pop().filter(|call| call.ending.is_some()) };
    office.until("its end was told", known).await;
    office.minutes_pass(6);
    office
        .until("her message is here", || async {
            let all = office.desk.call("voicemails", serde_json::json!({})).await.expect("voicemails");
            let all = all.as_array().expect("a list").clone();
            (all.len() == 1 && all[0]["audio"] == "kept").then_some(())
        })
        .await;
    let calls = calls(&office).await;
    assert_eq!((calls.len(), calls[0].ending), (1, Some(Ending::Voicemail)));
}

/// Waits until Twilio is asked for a list of texts; so many requests came to it before.
async fn texts_are_listed(office: &Office, before: usize) {
    loop {
        let asked = office.sandbox.asked();
        let requests = office.sandbox.report().requests;
        let is_list = |request: &String| request.starts_with("GET ") && request.ends_with("/Messages.json");
        if requests[before..].iter().any(is_list) {
            return;
        }
        office.sandbox.until_asked(asked + 1).await;
    }
}

#[tokio::test]
async fn nothing_leaves_before_what_was_written_meanwhile_is_read_however_long_that_takes() {
    let mut office = Office::open().await;
    complete(&office, office.clock.now()).await;
    for customer in [PRIYA, MARCUS] {
        office.phone(customer).texts("Hello").await;
    }
    let closed = office.clock.now();
    office.close().await;
    office.sandbox.arrived(PRIYA, LINES[0], "STOP", closed.plus_ms(60_000).0);
    office.minutes_pass(60);
    office.sandbox.set_latency_ms(400);
    let before = office.sandbox.report().requests.len();
    office.reopen().await;
    let opened = office.clock.now();

    // What came is on its way here, and that takes three minutes.
    texts_are_listed(&office, before).await;
    let (priya, marcus) = (office.phone(PRIYA), office.phone(MARCUS));
    let unwanted = office.answers(&priya, "How about Monday?").await;
    let wanted = office.answers(&marcus, "How about Tuesday?").await;
    office.minutes_pass(3);
    let read = || async {
        let priya = office.conversation_with(&priya).await.conversation;
        (priya.consent == Consent::OptedOut).then_some(())
    };
    office.until("the STOP is read", read).await;
    complete(&office, opened).await;
    office.sandbox.set_latency_ms(0);
    office.reaches(&marcus, wanted, "delivered").await;
    let refused = || async {
        let texts = office.texts_with(&priya).await;
        texts.into_iter().find(|text| text.id == unwanted && text.status.is_failure())
    };
    office.until("it is not sent", refused).await;
    assert!(priya.got().is_empty(), "who says STOP gets nothing more");
    assert_eq!(office.sandbox.report().creates, 1);
}

#[tokio::test]
async fn a_text_that_could_not_be_stored_when_it_came_is_fetched_within_a_minute() {
    let office = Office::open().await;
    complete(&office, office.clock.now()).await;
    office.phone(MARCUS).texts("First").await;
    let database = Connection::open(office.data_folder().join("ringdesk.db")).expect("a database");
    // Neither the text nor the request that brought it can be kept.
    for table in ["texts", "receipts"] {
        let jam = format!(
            "CREATE TRIGGER {table}_jammed BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'jammed'); END"
        );
        database.execute_batch(&jam).expect("jammed");
    }
    let (_, answer) = office.sandbox.text_from(PRIYA, LINES[0], "Are you open?", &[]).await;
    assert_eq!(answer, Some(503), "Twilio is to come again");
    assert_eq!(office.conversations().await.len(), 1);
    database.execute_batch("DROP TRIGGER texts_jammed; DROP TRIGGER receipts_jammed").expect("mended");

    // Twilio does not come again, and the next look of its own accord is five minutes away.
    office.minutes_pass(1);
    let state = complete(&office, office.clock.now()).await;
    assert_eq!((state.repaired, state.away.is_none()), (1, true));
    let texts = office.texts_with(&office.phone(PRIYA)).await;
    assert_eq!(texts.iter().map(|text| text.late).collect::<Vec<_>>(), [Some(view::Late::Missed)]);
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}
