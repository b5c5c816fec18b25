use ringdesk_domain::{
    Actor, CallId, ConversationId,
    calls::{Ending, Screened},
    routing::{Plan, Why},
};
use ringdesk_inbox::{CallFilter, News, view};
use ringdesk_sandbox::{CallIn, CallReport, CallStatus, Fault, Heard, PhoneBehavior};
use ringdesk_tests::{
    asleep::complete,
    host::client,
    office::{LINES, Office},
};
use ringdesk_twilio::twiml;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::sync::Mutex;

const CALLER: &str = "+14155550701";
const NORA: &str = "+14155550107";
const SAM: &str = "+14155550108";

async fn set(office: &Office, patch: Value) {
    office.desk.inbox.apply_settings(&patch).await.expect("settings");
}

/// Nora's phone rings while it is open.
async fn forwards_to_nora(office: &Office) {
    set(
        office,
        json!({ "business_name": "Bell & Daughter",
            "calls": { "phones": [{ "name": "Nora", "number": NORA }] } }),
    )
    .await;
}

fn picks_up(presses: Option<&str>) -> PhoneBehavior {
    PhoneBehavior::Answers { after_s: 5, talks_s: 60, presses: presses.map(Into::into) }
}

async fn log(office: &Office) -> Vec<view::Call> {
    office.desk.inbox.calls(CallFilter::All, None, None, 100).await.expect("calls")
}

/// A call, and how it stands in the log once its end is known.
async fn rings(office: &Office, call: CallIn) -> (CallReport, view::Call) {
    let before: Vec<CallId> = log(office).await.iter().map(|call| call.id).collect();
    let sid = office.sandbox.call_in(call);
    let report = office.sandbox.ended(&sid).await;
    let shown = office
        .until("the call's end", || async {
            let calls = log(office).await;
            calls.into_iter().find(|c| !before.contains(&c.id) && !c.live && c.ending.is_some())
        })
        .await;
    (report, shown)
}

/// Waits until it was decided of every missed call whether to text back.
pub(crate) async fn decided(office: &Office) {
    let database = Connection::open(office.data_folder().join("ringdesk.db")).expect("a database");
    let open = "SELECT count(*) FROM calls WHERE missed = 1 AND cared_at IS NULL AND arrival <> 'history'";
    let none = || {
        let open: i64 = database.query_row(open, [], |row| row.get(0)).expect("asked");
        async move { (open == 0).then_some(()) }
    };
    office.until("it is decided whom to text back", none).await;
}

fn caller() -> CallIn {
    CallIn::new(CALLER, LINES[0])
}

async fn conversation(office: &Office) -> view::Conversation {
    office.conversation_with(&office.phone(CALLER)).await.conversation
}

fn fine(office: &Office) {
    let report = office.sandbox.report();
    assert!(report.alerts.is_empty(), "Twilio would complain: {:?}", report.alerts);
    assert!(report.webhooks.keys().all(|status| (200..300).contains(status)), "{:?}", report.webhooks);
}

#[tokio::test]
async fn whoever_presses_1_talks_and_the_log_says_so() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    office.sandbox.set_phone(NORA, picks_up(Some("1")));
    let (heard, call) = rings(&office, caller()).await;
    assert_eq!(heard.heard(Heard::Bridged), [NORA]);
    assert_eq!(heard.heard(Heard::Said), Vec::<&str>::new(), "nothing was said to the caller");
    assert_eq!((call.ending, call.missed), (Some(Ending::Answered), false));
    assert_eq!(call.answered_by.as_deref(), Some("Nora"));
    assert!(call.duration_s.is_some_and(|s| (60..80).contains(&s)), "seconds, not minutes: {call:?}");
    assert_eq!(call.legs[0].screened, Some(Screened::Accepted));
    assert_eq!(call.reasons, [Why::Open]);
    let shown = conversation(&office).await;
    assert_eq!((shown.unread, shown.waiting_since), (0, None));
    fine(&office);
}

#[tokio::test]
async fn a_mailbox_never_takes_a_customer() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    office.sandbox.set_phone(NORA, PhoneBehavior::Mailbox { after_s: 3 });
    let (heard, call) =
        rings(&office, CallIn { message_s: Some(12), finish_key: Some('#'), ..caller() }).await;
    assert_eq!(heard.heard(Heard::Bridged), Vec::<&str>::new());
    let said = heard.heard(Heard::Said);
    assert!(said[0].starts_with("Thank you for calling Bell & Daughter. Nobody can take"), "{said:?}");
    assert_eq!(said.last(), Some(&"Thank you. Goodbye."), "the greeting is not played in circles");
    assert_eq!(heard.recordings.len(), 1);
    assert_eq!((call.ending, call.duration_s, call.missed), (Some(Ending::Voicemail), Some(12), true));
    let left = office.desk.call("voicemails", json!({})).await.expect("voicemails");
    let left: Vec<view::Voicemail> = serde_json::from_value(left).expect("a list");
    assert_eq!((left.len(), left[0].duration_s), (1, Some(12)));
    let shown = conversation(&office).await;
    assert_eq!(shown.unread, 1);
    assert!(shown.waiting_since.is_some(), "somebody should call back");
    fine(&office);
}

#[tokio::test]
async fn whoever_is_not_reached_goes_on_to_the_greeting() {
    for (phone, screened) in [
        (PhoneBehavior::Busy, false),
        (PhoneBehavior::Ignores, false),
        (PhoneBehavior::Unreachable, false),
        (picks_up(Some("2")), true),
        (picks_up(None), true),
    ] {
        let office = Office::open().await;
        forwards_to_nora(&office).await;
        office.sandbox.set_phone(NORA, phone.clone());
        let (heard, call) = rings(&office, caller()).await;
        assert!(heard.heard(Heard::Said)[0].starts_with("Thank you for calling"), "{phone:?}: {heard:?}");
        let expected = if screened { Ending::ScreenedOut } else { Ending::HungUpGreeting };
        assert_eq!((call.ending, call.missed), (Some(expected), true), "{phone:?}");
        assert_eq!(conversation(&office).await.unread, 1, "{phone:?}");
        fine(&office);
    }
}

#[tokio::test]
async fn hanging_up_while_it_rings_and_in_the_greeting_are_told_apart() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    let (heard, call) = rings(&office, CallIn { patience_s: 10, ..caller() }).await;
    assert_eq!(heard.heard(Heard::Said), Vec::<&str>::new());
    assert_eq!(call.ending, Some(Ending::HungUpRinging));
    let (heard, call) = rings(&office, CallIn { hangs_up_in_greeting_after_s: Some(2), ..caller() }).await;
    // Twilio calls it completed, for the greeting had picked up.
    assert_eq!(heard.status, CallStatus::Completed);
    assert_eq!((call.ending, call.missed), (Some(Ending::HungUpGreeting), true));
    assert_eq!(conversation(&office).await.unread, 2);
    fine(&office);
}

#[tokio::test]
async fn somebody_with_several_numbers_has_the_calls_of_all_of_them() {
    const MOBILE: &str = "+14155550702";
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    for from in [CALLER, MOBILE, CALLER, MOBILE, MOBILE, CALLER] {
        office.minutes_pass(1);
        rings(&office, CallIn { patience_s: 10, ..CallIn::new(from, LINES[0]) }).await;
    }
    let id = conversation(&office).await.id;
    let called = async || {
        let card = office.desk.inbox.contact(id).await.expect("a card");
        card.calls.into_iter().map(|call| call.customer).collect::<Vec<_>>()
    };
    assert_eq!(called().await, [CALLER, CALLER, CALLER], "they are two people, as far as anybody knows");
    let inbox = &office.desk.inbox;
    inbox.save_contact(id, None, None, None, (Some(MOBILE), None)).await.expect("saved");
    assert_eq!(called().await, [CALLER, MOBILE, MOBILE, CALLER, MOBILE], "the newest first, and no more");
    inbox.opt_out(id, Actor::Owner).await.expect("marked");
    let mobile = office.conversation_with(&office.phone(MOBILE)).await.conversation.id;
    let card = inbox.contact(mobile).await.expect("a card");
    assert_eq!(card.calls.len(), 5, "the same from the other number");
    assert!(card.consent_history.is_empty(), "who opted out is a number");
    fine(&office);
}

#[tokio::test]
async fn after_hours_holidays_and_early_closing_have_their_own_words() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    office.sandbox.set_phone(NORA, picks_up(Some("1")));
    office.desk.inbox.close_early(true).await.expect("closed");
    let (heard, call) = rings(&office, caller()).await;
    assert!(heard.heard(Heard::Said)[0].contains("We are closed right now"), "{heard:?}");
    assert!(matches!(call.reasons[..], [Why::ClosedEarly { .. }, Why::Closed]), "{call:?}");
    assert_eq!(call.plan, Some(Plan::Voicemail));

    // It expires by itself: the next opening is Monday at nine.
    office.minutes_pass(3 * 24 * 60);
    let (heard, _) = rings(&office, caller()).await;
    assert_eq!(heard.heard(Heard::Bridged), [NORA]);

    set(
        &office,
        json!({ "hours": { "holidays": [{ "name": "Founders' day", "day": { "rule": "once", "date": "2026-11-23" },
            "greeting": "It is founders' day at {business}." }] } }),
    )
    .await;
    let (heard, call) = rings(&office, caller()).await;
    assert_eq!(heard.heard(Heard::Said)[0], "It is founders' day at Bell & Daughter.");
    assert_eq!(call.reasons, [Why::Holiday { name: "Founders' day".into() }, Why::Closed]);

    set(&office, json!({ "hours": { "holidays": null }, "calls": { "after_hours": "message" } })).await;
    office.minutes_pass(10 * 60);
    let (heard, call) = rings(&office, CallIn { message_s: Some(9), ..caller() }).await;
    assert!(heard.heard(Heard::Said)[0].contains("call again during our opening hours"), "{heard:?}");
    assert_eq!((call.ending, heard.recordings.len()), (Some(Ending::HeardMessage), 0));

    let night = json!([{ "name": "Sam", "number": SAM }]);
    set(&office, json!({ "calls": { "after_hours": "forward", "after_hours_phones": night } })).await;
    office.sandbox.set_phone(SAM, picks_up(Some("1")));
    let (heard, call) = rings(&office, caller()).await;
    assert_eq!((heard.heard(Heard::Bridged), call.answered_by.as_deref()), (vec![SAM], Some("Sam")));
    fine(&office);
}

#[tokio::test]
async fn a_blocked_caller_is_refused_until_they_are_unblocked() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    office.sandbox.set_phone(NORA, picks_up(Some("1")));
    rings(&office, caller()).await;
    let id = conversation(&office).await.id;
    office.desk.inbox.set_blocked(id, true, Actor::Owner).await.expect("blocked");
    let (heard, call) = rings(&office, caller()).await;
    assert_eq!(heard.heard(Heard::Answered), Vec::<&str>::new(), "nothing is charged");
    assert_eq!((call.ending, call.missed, call.blocked), (Some(Ending::Blocked), false, true));
    assert_eq!(call.reasons, [Why::Blocked]);
    assert_eq!(conversation(&office).await.unread, 0);
    office.desk.inbox.set_blocked(id, false, Actor::Owner).await.expect("unblocked");
    assert_eq!(rings(&office, caller()).await.1.ending, Some(Ending::Answered));
    fine(&office);
}

#[tokio::test]
async fn a_hidden_caller_is_taken_and_cannot_be_called_back() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    let (heard, call) = rings(&office, CallIn::new("anonymous", LINES[0])).await;
    assert_eq!(heard.legs[0].from, LINES[0], "a number that is hidden cannot be shown");
    assert_eq!(call.ending, Some(Ending::HungUpGreeting));
    let refused = office.desk.inbox.call_back(call.conversation, None, Actor::Owner).await;
    assert!(refused.is_err(), "{refused:?}");
    fine(&office);
}

#[tokio::test]
async fn two_phones_ring_in_order_or_together() {
    let office = Office::open().await;
    let phones = json!([{ "name": "Nora", "number": NORA }, { "name": "Sam", "number": SAM }]);
    set(&office, json!({ "calls": { "phones": phones } })).await;
    office.sandbox.set_phone(NORA, PhoneBehavior::Busy);
    office.sandbox.set_phone(SAM, picks_up(Some("1")));
    let (heard, call) = rings(&office, caller()).await;
    assert_eq!(call.answered_by.as_deref(), Some("Sam"));
    assert_eq!(call.legs.iter().map(|leg| leg.phone.as_str()).collect::<Vec<_>>(), ["Nora", "Sam"]);
    assert_eq!(heard.heard(Heard::Bridged), [SAM]);

    set(&office, json!({ "calls": { "ring": "at_once" } })).await;
    office
        .sandbox
        .set_phone(NORA, PhoneBehavior::Answers { after_s: 2, talks_s: 30, presses: Some("1".into()) });
    let (_, call) = rings(&office, caller()).await;
    assert_eq!(call.answered_by.as_deref(), Some("Nora"), "the first to take it has it");
    let lost = call.legs.iter().find(|leg| leg.phone == "Sam").expect("Sam's phone rang");
    assert!(!lost.bridged, "{call:?}");
    fine(&office);
}

#[tokio::test]
async fn a_phone_that_is_our_own_line_never_rings_in_circles() {
    let office = Office::open().await;
    set(&office, json!({ "calls": { "phones": [{ "number": LINES[1] }] } })).await;
    let (heard, call) = rings(&office, caller()).await;
    assert!(heard.legs.is_empty(), "{heard:?}");
    assert_eq!(call.reasons, [Why::Open, Why::OwnLine { number: LINES[1].into() }, Why::NoPhone]);
    assert_eq!(call.plan, Some(Plan::Voicemail), "never a dead end");
    fine(&office);
}

#[tokio::test]
async fn a_request_that_comes_twice_gets_the_same_document_and_one_call() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    office.fault(Fault::RepeatVoice);
    rings(&office, caller()).await;
    let answers = office.sandbox.report().repeated_answers;
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].0, answers[0].1);
    assert_eq!(log(&office).await.len(), 1);
    assert_eq!(conversation(&office).await.unread, 1);
}

#[tokio::test]
async fn callbacks_in_any_order_twice_or_never_end_in_the_same_log() {
    for faults in [
        vec![],
        vec![Fault::Times(9, Box::new(Fault::DuplicatedCallbacks))],
        vec![Fault::Times(9, Box::new(Fault::ReorderedCallbacks))],
        vec![Fault::Times(9, Box::new(Fault::DroppedCallbacks))],
    ] {
        let office = Office::open().await;
        forwards_to_nora(&office).await;
        office.sandbox.set_phone(NORA, picks_up(Some("1")));
        for fault in &faults {
            office.fault(fault.clone());
        }
        let sid = office.sandbox.call_in(caller());
        office.sandbox.ended(&sid).await;
        // Whatever did not come is asked for.
        office.minutes_pass(6);
        let call = office
            .until("the call's end", || async {
                log(&office).await.into_iter().next().filter(|call| !call.live)
            })
            .await;
        assert_eq!(
            (call.ending, call.answered_by.as_deref()),
            (Some(Ending::Answered), Some("Nora")),
            "{faults:?}"
        );
        assert_eq!((call.status.as_str(), call.legs.len()), ("completed", 1), "{faults:?}");
        assert_eq!(conversation(&office).await.unread, 0, "{faults:?}");
    }
}

#[tokio::test]
async fn a_missed_call_whose_callbacks_never_come_is_found_out_and_told_once() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    let follower = Mutex::new(office.desk.inbox.follow().await.expect("follows"));
    let news = async || follower.lock().await.news(None).await.expect("news");
    office.fault(Fault::Times(20, Box::new(Fault::DroppedCallbacks)));
    let sid = office.sandbox.call_in(CallIn { patience_s: 10, ..caller() });
    office.sandbox.ended(&sid).await;
    office.minutes_pass(6);
    let call = office
        .until("the call's end", || async {
            log(&office).await.into_iter().next().filter(|call| call.missed)
        })
        .await;
    assert_eq!(call.ending, Some(Ending::HungUpRinging));
    // The log may show it a moment before it is told of.
    let told = office.until("news", || async { Some(news().await).filter(|news| !news.is_empty()) }).await;
    assert!(matches!(&told[..], [News::Missed(..)]), "{told:?}");
    complete(&office, office.clock.now()).await;
    assert_eq!(news().await, []);
}

#[tokio::test]
async fn the_masked_number_goes_its_whole_way() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    set(
        &office,
        json!({ "calls": { "ring_seconds": 15, "screening": false, "caller_id": "business",
        "message_seconds": 60, "finish_key": "*" } }),
    )
    .await;
    let (heard, call) = rings(&office, CallIn { message_s: Some(90), ..caller() }).await;
    assert_eq!((heard.legs[0].to.as_str(), heard.legs[0].from.as_str()), (NORA, LINES[0]));
    assert_eq!((call.ending, call.duration_s), (Some(Ending::Voicemail), Some(60)), "the limit holds");
    let rang: u64 = heard.events.iter().find(|event| event.kind == Heard::Said).map_or(0, |event| event.at_s);
    assert_eq!(rang, 20, "fifteen seconds, and Twilio's own five");
    let (heard, call) =
        rings(&office, CallIn { message_s: Some(20), finish_key: Some('*'), ..caller() }).await;
    assert_eq!((call.ending, call.duration_s), (Some(Ending::Voicemail), Some(20)));
    assert_eq!(heard.heard(Heard::Said).last(), Some(&"Thank you. Goodbye."));
    fine(&office);
}

#[tokio::test]
async fn when_our_answer_fails_the_second_address_takes_the_call() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    office.sandbox.set_phone(NORA, picks_up(Some("1")));
    office.fault(Fault::VoiceFails);
    let (heard, call) = rings(&office, caller()).await;
    assert_eq!(heard.heard(Heard::Bridged), [NORA], "{heard:?}");
    assert_eq!(call.ending, Some(Ending::Answered));
    assert_eq!(log(&office).await.len(), 1);
}

#[tokio::test]
async fn a_missed_caller_is_texted_back_once_where_that_is_welcome() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    set(&office, json!({ "calls": { "text_back": { "on": true, "body": "Hi {name}, sorry we missed you. {business}", "hours": 4 } } })).await;
    let phone = office.phone(CALLER);
    let (_, call) = rings(&office, CallIn { patience_s: 5, ..caller() }).await;
    let texts =
        office.until("the text back", || async { Some(phone.got()).filter(|got| !got.is_empty()) }).await;
    assert_eq!(texts[0].body, "Hi, sorry we missed you. Bell & Daughter");
    let shown = conversation(&office).await;
    assert!(shown.waiting_since.is_some(), "a text of our own accord is nobody's answer");
    assert_eq!(shown.unread, 1);
    assert!(log(&office).await.iter().any(|one| one.id == call.id && one.texted_back));

    // Again within four hours: no second text. Later: one more.
    rings(&office, CallIn { patience_s: 5, ..caller() }).await;
    decided(&office).await;
    office.minutes_pass(241);
    rings(&office, CallIn { patience_s: 5, ..caller() }).await;
    office.until("the second text", || async { (phone.got().len() == 2).then_some(()) }).await;

    // Whoever opted out is not texted, nor is anybody in the quiet hours.
    let out = office.phone("+14155550702");
    out.texts("STOP").await;
    rings(&office, CallIn { patience_s: 5, ..CallIn::new(out.number(), LINES[0]) }).await;
    decided(&office).await;
    office.minutes_pass(9 * 60);
    let night = office.phone("+14155550703");
    rings(&office, CallIn { patience_s: 5, ..CallIn::new(night.number(), LINES[0]) }).await;
    decided(&office).await;
    let calls = office.kept("call").await;
    let not_texted = calls.iter().all(|call| call["text_back"].is_null() || call["from"] == CALLER);
    assert!(not_texted, "nobody else was texted: {calls:?}");
    assert_eq!((out.got().len(), night.got().len()), (0, 0));
}

#[tokio::test]
async fn talking_or_texting_closes_the_task_to_call_back() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    rings(&office, CallIn { patience_s: 5, ..caller() }).await;
    assert!(conversation(&office).await.waiting_since.is_some());
    office.minutes_pass(1);
    office.sandbox.set_phone(NORA, picks_up(Some("1")));
    rings(&office, caller()).await;
    assert_eq!(conversation(&office).await.waiting_since, None, "they called again and were taken");
    office.sandbox.set_phone(NORA, PhoneBehavior::Ignores);
    office.minutes_pass(1);
    rings(&office, CallIn { patience_s: 5, ..caller() }).await;
    assert!(conversation(&office).await.waiting_since.is_some());
    office.minutes_pass(1);
    office.answers(&office.phone(CALLER), "On our way.").await;
    assert_eq!(conversation(&office).await.waiting_since, None);
}

async fn called(office: &Office, id: ConversationId) -> view::Call {
    let call = office.desk.inbox.call_back(id, None, Actor::Owner).await.expect("placed");
    office
        .until("the call back's end", || async {
            let calls = log(office).await;
            calls.into_iter().find(|one| one.id == call && !one.live && one.ending.is_some())
        })
        .await
}

#[tokio::test]
async fn calling_back_rings_our_phone_first_and_shows_the_business() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    rings(&office, CallIn { patience_s: 5, ..caller() }).await;
    let id = conversation(&office).await.id;
    office.minutes_pass(1);
    office.sandbox.set_phone(NORA, picks_up(Some("1")));
    office.sandbox.set_phone(CALLER, PhoneBehavior::Answers { after_s: 3, talks_s: 45, presses: None });
    let call = called(&office, id).await;
    assert_eq!((call.incoming, call.ending), (false, Some(Ending::Answered)));
    assert!(call.duration_s.is_some_and(|s| s >= 45), "{call:?}");
    assert_eq!(conversation(&office).await.waiting_since, None, "the task is closed");
    let report = office.sandbox.report();
    assert_eq!(report.calls, 1, "one POST");

    for (nora, customer, ending) in [
        (picks_up(None), PhoneBehavior::Ignores, Ending::Canceled),
        (PhoneBehavior::Mailbox { after_s: 2 }, PhoneBehavior::Ignores, Ending::Canceled),
        (PhoneBehavior::Ignores, PhoneBehavior::Ignores, Ending::Canceled),
        (picks_up(Some("1")), PhoneBehavior::Busy, Ending::Busy),
        (picks_up(Some("1")), PhoneBehavior::Ignores, Ending::NoAnswer),
        (picks_up(Some("1")), PhoneBehavior::Unreachable, Ending::Failed),
    ] {
        office.minutes_pass(1);
        office.sandbox.set_phone(NORA, nora.clone());
        office.sandbox.set_phone(CALLER, customer.clone());
        let call = called(&office, id).await;
        assert_eq!((call.ending, call.missed), (Some(ending), false), "{nora:?} {customer:?}");
    }
    fine(&office);
}

#[tokio::test]
async fn a_call_back_is_placed_once_whatever_happens_to_its_answer() {
    for fault in [Fault::HangAfterAccepting, Fault::BreakAfterAccepting, Fault::ErrorAfterAccepting] {
        let office = Office::open().await;
        forwards_to_nora(&office).await;
        rings(&office, CallIn { patience_s: 5, ..caller() }).await;
        let id = conversation(&office).await.id;
        office.minutes_pass(1);
        office.sandbox.set_phone(NORA, picks_up(Some("1")));
        office.sandbox.set_phone(CALLER, PhoneBehavior::Answers { after_s: 3, talks_s: 45, presses: None });
        office.fault(fault.clone());
        let call = called(&office, id).await;
        assert_eq!(call.ending, Some(Ending::Answered), "{fault:?}");
        assert_eq!(office.sandbox.report().calls, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn the_simulator_says_what_the_door_does() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    let route =
        office.desk.call("route", json!({ "from": CALLER, "line": LINES[0] })).await.expect("a route");
    let asked = office.signed(
        "/voice/inbound",
        &[
            ("CallSid", "CA0123456789abcdef0123456789abcdef"),
            ("AccountSid", office.sandbox.credentials().0),
            ("From", CALLER),
            ("To", LINES[0]),
            ("CallStatus", "ringing"),
            ("Direction", "inbound"),
        ],
    );
    let (status, body) = asked.post().await;
    assert_eq!((status, Value::String(body)), (200, route["twiml"].clone()));
    assert_eq!((route["open"].clone(), route["local"].clone()), (json!(true), json!("2026-11-20T10:00")));
    assert_eq!(route["until_local"], json!("2026-11-20T17:00"));
    let sunday = office.desk.call("route", json!({ "local": "2026-11-22T12:00" })).await.expect("a route");
    assert_eq!(
        (sunday["open"].clone(), sunday["until_local"].clone()),
        (json!(false), json!("2026-11-23T09:00"))
    );
    assert!(office.desk.call("route", json!({ "local": "tomorrow" })).await.is_err());
}

/// The fields of a post about one call to our first line.
fn post<'a>(office: &'a Office, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let call = [
        ("CallSid", "CA0123456789abcdef0123456789abcdef"),
        ("AccountSid", office.sandbox.credentials().0),
        ("From", CALLER),
        ("To", LINES[0]),
        ("Direction", "inbound"),
    ];
    call.into_iter().chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn what_the_second_address_is_told_is_not_lost() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    let send =
        async |path: &str, more: &[(&str, &str)]| office.signed(path, &post(&office, more)).post().await;
    send("/voice/inbound", &[("CallStatus", "ringing")]).await;
    let failed = office.door("/voice/dial-status");
    let talked = [
        ("CallStatus", "in-progress"),
        ("DialCallStatus", "completed"),
        ("DialBridged", "true"),
        ("DialCallDuration", "600"),
        ("DialCallSid", "CA1123456789abcdef0123456789abcdef"),
        ("ErrorCode", "11200"),
        ("ErrorUrl", failed.as_str()),
    ];
    let (status, body) = send("/voice/fallback", &talked).await;
    assert_eq!((status, body.as_str()), (200, twiml::EMPTY), "whoever has talked hears no greeting");
    let call = log(&office).await.remove(0);
    assert_eq!((call.ending, call.duration_s), (Some(Ending::Answered), Some(600)));
    // A document Twilio could not use is not given again.
    let inbound = office.door("/voice/inbound");
    let unusable = [("CallStatus", "in-progress"), ("ErrorCode", "13224"), ("ErrorUrl", inbound.as_str())];
    let (_, body) = send("/voice/fallback", &unusable).await;
    assert!(body.contains("<Record") && !body.contains("<Dial"), "{body}");
}

#[tokio::test]
async fn a_recorded_greeting_is_played_and_its_words_spoken_where_it_is_gone() {
    let office = Office::open().await;
    assert!(office.desk.inbox.add_greeting(b"no sound at all".to_vec()).await.is_err());
    let spoken = include_bytes!("../data/speech/helen.mp3").to_vec();
    let sound = office.desk.inbox.add_greeting(spoken).await.expect("kept");
    let recording =
        json!({ "calls": { "forwarding": false, "greetings": { "open": { "recording": sound.sha256 } } } });
    set(&office, recording).await;
    let (heard, _) = rings(&office, caller()).await;
    let played = heard.heard(Heard::Played);
    assert_eq!(played, [office.door(&format!("/greeting/{}", sound.sha256))]);
    let served = client().get(played[0]).send().await.expect("an answer");
    assert_eq!(served.headers()["content-type"], "audio/wav");
    let served = served.bytes().await.expect("bytes");
    assert_eq!(&served[..4], b"RIFF", "whatever it was, it is what a telephone carries now");
    let kept = std::fs::read(office.desk.inbox.media_folder().join(&sound.sha256)).expect("a file");
    assert_eq!(served, kept);
    let fetched = &heard.fetched[0];
    assert_eq!((fetched.status, fetched.played), (Some(200), true), "Twilio played it");
    let other =
        client().get(office.door(&format!("/greeting/{}", "0".repeat(64)))).send().await.expect("an answer");
    assert_eq!(other.status(), 404);
    std::fs::remove_file(office.desk.inbox.media_folder().join(&sound.sha256)).expect("removed");
    // As after a start: what callers hear is read anew.
    set(&office, json!({ "business_name": "Bell & Daughter" })).await;
    let (heard, _) = rings(&office, caller()).await;
    assert!(heard.heard(Heard::Said)[0].starts_with("Thank you for calling"), "{heard:?}");
}

#[tokio::test]
async fn asked_twice_a_customer_is_called_once() {
    let office = Office::open().await;
    forwards_to_nora(&office).await;
    office.phone(CALLER).texts("Please call me").await;
    let id = conversation(&office).await.id;
    let inbox = &office.desk.inbox;
    let (first, second) =
        tokio::join!(inbox.call_back(id, None, Actor::Owner), inbox.call_back(id, None, Actor::Owner));
    assert_eq!(first.expect("placed"), second.expect("the same"));
    office
        .until("it is over", || async { log(&office).await.into_iter().find(|call| call.ending.is_some()) })
        .await;
    assert_eq!(office.sandbox.report().calls, 1);
}

#[tokio::test]
async fn the_owner_hears_on_their_phone_what_callers_hear() {
    let office = Office::open().await;
    assert!(
        office.desk.call("hear_greeting", json!({ "which": "open" })).await.is_err(),
        "there is no phone yet"
    );
    forwards_to_nora(&office).await;
    office.sandbox.set_phone(NORA, picks_up(None));
    office.desk.call("hear_greeting", json!({ "which": "closed" })).await.expect("it rings");
    assert_eq!(office.sandbox.report().calls, 1);
    let rung = office.sandbox.truth().calls.remove(0);
    office.sandbox.ended(&rung.sid).await;
    assert!(log(&office).await.is_empty(), "nobody called");
    fine(&office);
}
