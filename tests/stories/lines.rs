use ringdesk_inbox::{Problem, view};
use ringdesk_sandbox::{CallIn, Fault};
use ringdesk_tests::{
    host::client,
    office::{LINES, Office},
};
use serde_json::json;
use std::collections::BTreeMap;
use view::{Answers, OverrideKind};

const MARIA: &str = "+14155550801";
/// What a switchboard in the cloud has set.
const SWITCHBOARD: [(&str, &str); 6] = [
    ("VoiceUrl", "https://pbx.example.com/answer"),
    ("VoiceMethod", "GET"),
    ("VoiceFallbackUrl", "https://pbx.example.com/later"),
    ("StatusCallback", "https://pbx.example.com/ended"),
    ("SmsUrl", "https://demo.twilio.com/welcome/sms/reply"),
    ("SmsMethod", "POST"),
];

/// Has numbers set by somebody else before the office comes; they are lines, and nothing of theirs is kept.
async fn set_elsewhere(office: &Office, numbers: &[&str], fields: &[(&str, &str)]) {
    for number in numbers {
        office.desk.inbox.restore_line(number).await.expect("given back");
        assert!(office.sandbox.set_number(number, fields));
    }
    office.desk.inbox.choose_lines(&LINES.map(String::from)).await.expect("lines again");
}

async fn number(office: &Office, number: &str) -> view::AccountNumber {
    let numbers = office.desk.inbox.account_numbers().await.expect("numbers");
    numbers.into_iter().find(|one| one.number == number).expect("on the account")
}

fn planned(plan: view::LinesPlan, number: &str) -> view::NumberPlan {
    plan.numbers.into_iter().find(|one| one.number == number).expect("a line")
}

fn change<'a>(changes: &'a [view::FieldChange], field: &str) -> &'a view::FieldChange {
    changes.iter().find(|change| change.field == field).unwrap_or_else(|| panic!("{field}: {changes:?}"))
}

/// The office's own address, and the same door under another name.
fn addresses(office: &Office) -> [String; 2] {
    let own = office.door("").trim_end_matches("/phone/twilio").to_owned();
    let named = own.replace("127.0.0.1", "localhost");
    [own, named]
}

/// Has the office found at this address from now on.
async fn found_at(office: &Office, address: &str, follow: bool) {
    let patch = json!({ "address": { "way": "own", "address": address, "follow": follow } });
    office.desk.inbox.apply_settings(&patch).await.expect("settings");
}

/// Waits until a field of a number begins like this.
async fn posts_to(office: &Office, number: &str, field: &str, address: &str) {
    office
        .until(&format!("{field} leads to {address}"), || async {
            office.sandbox.number(number)[field].starts_with(address).then_some(())
        })
        .await;
}

async fn moved(office: &Office, wanted: bool) {
    office
        .until("it is known whether lines are behind", || async {
            let health = office.desk.inbox.health().await.expect("health");
            (health.moved == wanted).then_some(())
        })
        .await;
}

#[track_caller]
fn told<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> (&'static str, String) {
    match outcome {
        Err(Problem::Told { code, message, hint }) => {
            assert!(!hint.is_empty(), "{message}");
            (code, message)
        }
        other => panic!("not told: {other:?}"),
    }
}

#[tokio::test]
async fn the_owner_picks_which_numbers_are_lines() {
    let office = Office::open().await;
    let maria = office.phone(MARIA);
    maria.texts("Are you open today?").await;
    let numbers = office.desk.inbox.account_numbers().await.expect("numbers");
    assert!(numbers.iter().all(|number| number.used && number.answers == Answers::Here), "{numbers:?}");
    assert_eq!(numbers.iter().map(|number| number.number.as_str()).collect::<Vec<_>>(), LINES);
    let chosen = office.desk.inbox.choose_lines(&[LINES[1].to_owned()]).await.expect("chosen");
    assert_eq!(chosen.iter().map(|number| number.used).collect::<Vec<_>>(), [false, true]);
    let lines = office.desk.inbox.lines().await.expect("lines");
    assert_eq!(lines.iter().map(|line| line.number.as_str()).collect::<Vec<_>>(), [LINES[1]]);
    let texts = office.texts_with(&maria).await;
    assert_eq!(texts[0].body, "Are you open today?", "what was written stays");
    let plan = office.desk.inbox.plan_lines().await.expect("a plan");
    assert_eq!(plan.numbers.len(), 1, "the other number is left alone");
    for nobody in [Vec::new(), vec!["+14155550000".to_owned()]] {
        assert_eq!(told(office.desk.inbox.choose_lines(&nobody).await).0, "no_lines");
    }
    assert_eq!(office.desk.inbox.lines().await.expect("lines").len(), 1, "nothing was changed");
}

#[tokio::test]
async fn what_is_picked_outlives_a_restart() {
    let mut office = Office::open().await;
    office.desk.inbox.choose_lines(&[LINES[1].to_owned()]).await.expect("chosen");
    office.restart().await;
    assert!(!number(&office, LINES[0]).await.used);
    assert!(number(&office, LINES[1]).await.used);
}

#[tokio::test]
async fn every_change_is_shown_before_it_is_made_and_can_be_taken_back() {
    let office = Office::open().await;
    set_elsewhere(&office, &[LINES[0]], &SWITCHBOARD).await;
    let as_it_was = office.sandbox.number(LINES[0]);
    let shown = number(&office, LINES[0]).await;
    assert_eq!((shown.answers, shown.answers_at.as_deref()), (Answers::Elsewhere, Some("pbx.example.com")));
    assert!(!shown.restorable, "nothing is known of before yet");

    let plan = planned(office.desk.inbox.plan_lines().await.expect("a plan"), LINES[0]);
    let calls = change(&plan.changes, "VoiceUrl");
    assert_eq!((calls.what.as_str(), calls.now.as_str()), ("Calls go to", "https://pbx.example.com/answer"));
    let at = "/phone/twilio/voice/inbound#ct=2000&rt=3000&tt=7000&rc=2&rp=all";
    assert!(calls.then.ends_with(at), "{calls:?}");
    let texts = change(&plan.changes, "SmsUrl");
    assert!(texts.then.ends_with("/phone/twilio/sms/inbound#rc=5&rp=all"), "{texts:?}");
    assert_eq!(change(&plan.changes, "VoiceMethod").now, "GET");
    assert!(!plan.changes.iter().any(|change| change.field == "SmsMethod"), "it is POST already");
    assert_eq!(office.sandbox.number(LINES[0]), as_it_was, "a plan changes nothing");

    let done = office.desk.inbox.set_up_lines(None, false).await.expect("set up");
    let done = planned(done, LINES[0]);
    assert!(done.changes.is_empty(), "{:?}", done.changes);
    let now = office.sandbox.number(LINES[0]);
    for wanted in &plan.changes {
        assert_eq!(now[&wanted.field], wanted.then, "{}", wanted.field);
    }
    assert_eq!(change(&done.before, "VoiceUrl").then, "https://pbx.example.com/answer");
    office.phone(MARIA).texts("Hello?").await;
    assert!(number(&office, LINES[0]).await.restorable);

    // Whatever happens in between, it is the first values that are put back.
    assert!(office.sandbox.set_number(LINES[0], &[("VoiceUrl", "https://example.com/later")]));
    office.desk.inbox.set_up_lines(Some(&[LINES[0].to_owned()]), false).await.expect("set up again");
    let plan = office.desk.inbox.restore_line(LINES[0]).await.expect("restored");
    assert_eq!(office.sandbox.number(LINES[0]), as_it_was);
    assert!(plan.numbers.iter().all(|number| number.number != LINES[0]), "it is no line any more");
    let shown = number(&office, LINES[0]).await;
    assert!(!shown.used && !shown.restorable);
    assert_eq!(told(office.desk.inbox.restore_line(LINES[0]).await).0, "no_before");
}

#[tokio::test]
async fn lines_that_never_came_here_do_not_follow_to_a_new_address() {
    let office = Office::open().await;
    let [own, named] = addresses(&office);
    set_elsewhere(&office, &[LINES[0]], &SWITCHBOARD).await;
    let switchboard = office.sandbox.number(LINES[0]);
    found_at(&office, &named, true).await;
    // The first line would have been changed before the second.
    posts_to(&office, LINES[1], "SmsUrl", &named).await;
    posts_to(&office, LINES[1], "VoiceUrl", &named).await;
    moved(&office, false).await;
    assert_eq!(office.sandbox.number(LINES[0]), switchboard, "it was never ours");

    // Its texts come here now, and its calls still go to the switchboard.
    let texts = office.sandbox.number(LINES[1])["SmsUrl"].clone();
    assert!(office.sandbox.set_number(LINES[0], &[("SmsUrl", texts.as_str())]));
    found_at(&office, &own, true).await;
    posts_to(&office, LINES[1], "SmsUrl", &own).await;
    let now = office.sandbox.number(LINES[0]);
    assert!(now["SmsUrl"].starts_with(&own), "{now:?}");
    for field in ["VoiceUrl", "VoiceMethod", "VoiceFallbackUrl", "StatusCallback"] {
        assert_eq!(now[field], switchboard[field], "{field}");
    }
}

#[tokio::test]
async fn an_owner_who_says_follow_means_the_lines_that_were_here() {
    let office = Office::open().await;
    let [own, named] = addresses(&office);
    set_elsewhere(&office, &[LINES[1]], &SWITCHBOARD).await;
    let switchboard = office.sandbox.number(LINES[1]);
    posts_to(&office, LINES[0], "SmsUrl", &own).await;
    found_at(&office, &named, false).await;
    moved(&office, true).await;
    let plan = office.desk.call("set_up_lines", json!({ "moved": true })).await.expect("they follow");
    assert_eq!(plan["address"], named.as_str());
    assert_eq!(plan["numbers"][0]["changes"], json!([]), "{plan}");
    posts_to(&office, LINES[0], "VoiceUrl", &named).await;
    moved(&office, false).await;
    assert_eq!(office.sandbox.number(LINES[1]), switchboard, "it was never ours");
    office.phone(MARIA).texts("Found you").await;
    // There is nothing to do a second time, and that is no mistake.
    office.desk.call("set_up_lines", json!({ "moved": true })).await.expect("nothing to do");
}

#[tokio::test]
async fn what_was_done_is_not_told_as_a_failure() {
    let office = Office::open().await;
    assert!(office.sandbox.set_number(LINES[0], &[("SmsUrl", "https://example.com/texts")]));
    // The numbers can be changed, and then not all can be asked again.
    office.fault(Fault::Times(1_000, Box::new(Fault::MessagingAway)));
    let plan = office.desk.inbox.set_up_lines(None, false).await.expect("it was done");
    assert!(planned(plan, LINES[0]).changes.is_empty());
    let plan = office.desk.inbox.restore_line(LINES[0]).await.expect("it was done");
    assert!(plan.numbers.iter().all(|number| number.number != LINES[0]), "{plan:?}");
    let asked = office.desk.inbox.choose_lines(&[LINES[0].to_owned()]).await;
    assert!(matches!(asked, Err(Problem::Twilio(_))), "{asked:?}");
    office.sandbox.mend();
    assert!(!number(&office, LINES[0]).await.used, "and what was not done is");
}

#[tokio::test]
async fn another_desk_and_twilios_own_message_are_told_apart() {
    let office = Office::open().await;
    let other = "https://other.example.com/phone/twilio/voice/inbound#rc=2";
    for (url, answers, at) in [
        (other, Answers::OtherDesk, Some("other.example.com")),
        ("https://example.com/answer", Answers::Elsewhere, Some("example.com")),
        ("https://demo.twilio.com/welcome/voice/", Answers::Demo, None),
        ("", Answers::Nowhere, None),
    ] {
        let fields = [("SmsFallbackUrl", ""), ("VoiceFallbackUrl", ""), ("SmsUrl", ""), ("VoiceUrl", url)];
        assert!(office.sandbox.set_number(LINES[0], &fields));
        let shown = number(&office, LINES[0]).await;
        assert_eq!((shown.answers, shown.answers_at.as_deref()), (answers, at), "{url}");
    }
}

#[tokio::test]
async fn what_silently_beats_a_number_is_explained_and_mended() {
    let office = Office::open().await;
    let ours = LINES[0].to_owned();
    for (field, sid, kind) in [
        ("SmsApplicationSid", "AP00000000000000000000000000000001", OverrideKind::TextApplication),
        ("VoiceApplicationSid", "AP00000000000000000000000000000002", OverrideKind::CallApplication),
        ("TrunkSid", "TK00000000000000000000000000000003", OverrideKind::Trunk),
    ] {
        assert!(office.sandbox.set_number(&ours, &[(field, sid)]));
        let found = number(&office, &ours).await.overrides;
        assert_eq!((found.len(), found[0].kind, found[0].sid.as_str()), (1, kind, sid), "{found:?}");
        assert!(found[0].said.ends_with('.') && found[0].mend.is_some(), "{found:?}");
        let plan = planned(office.desk.inbox.set_up_lines(None, false).await.expect("set up"), &ours);
        assert_eq!(plan.overrides.len(), 1, "it is only undone when that is wanted");
        let plan = planned(office.desk.inbox.set_up_lines(None, true).await.expect("mended"), &ours);
        assert!(plan.overrides.is_empty(), "{:?}", plan.overrides);
        assert_eq!(office.sandbox.number(&ours)[field], "");
        assert_eq!(change(&plan.before, field).then, sid, "it can be put back");
    }
    office.phone(MARIA).texts("Hello?").await;
    let sid = office.sandbox.call_in(CallIn { patience_s: 20, ..CallIn::new(MARIA, LINES[0]) });
    office.sandbox.ended(&sid).await;
    office
        .until("the call is known", || async {
            let calls = office.desk.inbox.calls(ringdesk_inbox::CallFilter::All, None, None, 5).await;
            (!calls.expect("calls").is_empty()).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_messaging_service_leaves_texts_to_the_number_and_goes_on_sending() {
    let office = Office::open().await;
    let ours = LINES[0].to_owned();
    let inbound = [("InboundRequestUrl", "https://app.example.com/in")];
    let sid = office.sandbox.set_service("Reminders", &inbound, &LINES);
    let found = number(&office, &ours).await.overrides;
    assert_eq!((found[0].kind, &found[0].sid), (OverrideKind::MessagingService, &sid));
    assert_eq!(found[0].name.as_deref(), Some("Reminders"));
    assert!(found[0].said.contains("app.example.com"), "{}", found[0].said);
    let plan = office.desk.inbox.set_up_lines(None, true).await.expect("mended");
    assert!(plan.numbers.iter().all(|number| number.overrides.is_empty()), "{plan:?}");
    office.phone(MARIA).texts("Hello?").await;
    // What the first line gives back, the second still counts on.
    office.desk.inbox.restore_line(LINES[0]).await.expect("restored");
    assert!(number(&office, LINES[1]).await.overrides.is_empty());
    office.desk.inbox.restore_line(LINES[1]).await.expect("restored");
    let again = number(&office, LINES[1]).await.overrides;
    assert_eq!(again.first().map(|one| one.kind), Some(OverrideKind::MessagingService), "as it was");
}

#[tokio::test]
async fn a_service_keeps_a_numbers_texts_until_the_number_is_right() {
    let office = Office::open().await;
    let ours = [LINES[0].to_owned()];
    office.sandbox.set_service("Reminders", &[("InboundRequestUrl", "https://app.example.com/in")], &LINES);
    assert!(office.sandbox.set_number(LINES[0], &[("SmsUrl", "https://example.com/texts")]));
    office.fault(Fault::NumberUpdateRefused);
    assert_eq!(told(office.desk.inbox.set_up_lines(Some(&ours), true).await).0, "number_refused");
    let found = number(&office, LINES[0]).await.overrides;
    assert_eq!(found.first().map(|one| one.kind), Some(OverrideKind::MessagingService), "{found:?}");
    office.desk.inbox.set_up_lines(Some(&ours), true).await.expect("this time");
    assert!(number(&office, LINES[0]).await.overrides.is_empty());
}

#[tokio::test]
async fn a_line_is_given_back_though_its_service_is_gone() {
    let office = Office::open().await;
    let inbound = [("InboundRequestUrl", "https://app.example.com/in")];
    let service = office.sandbox.set_service("Reminders", &inbound, &LINES[..1]);
    office.desk.inbox.set_up_lines(None, true).await.expect("mended");
    let (sid, token) = office.sandbox.credentials();
    let url = format!("{}/v1/Services/{service}", office.sandbox.url());
    let gone = client().delete(url).basic_auth(sid, Some(token)).send().await.expect("an answer");
    assert_eq!(gone.status().as_u16(), 204);
    office.desk.inbox.restore_line(LINES[0]).await.expect("restored");
    let shown = number(&office, LINES[0]).await;
    assert!(!shown.used && !shown.restorable, "{shown:?}");
}

#[tokio::test]
async fn a_studio_flow_is_named_and_makes_way() {
    let office = Office::open().await;
    let sid = "FW00000000000000000000000000000001";
    let url = format!("https://webhooks.twilio.com/v1/Accounts/AC1/Flows/{sid}");
    assert!(office.sandbox.set_number(LINES[0], &[("VoiceUrl", &url)]));
    let found = number(&office, LINES[0]).await.overrides;
    assert_eq!((found[0].kind, found[0].sid.as_str()), (OverrideKind::StudioFlow, sid));
    assert!(found[0].said.contains("calls"), "{}", found[0].said);
    let plan = planned(office.desk.inbox.set_up_lines(None, false).await.expect("set up"), LINES[0]);
    assert!(plan.overrides.is_empty() && plan.changes.is_empty(), "{plan:?}");
}

#[tokio::test]
async fn a_number_twilio_refuses_does_not_keep_the_others() {
    let office = Office::open().await;
    for line in LINES {
        assert!(office.sandbox.set_number(line, &[("SmsUrl", "https://example.com/texts")]));
    }
    office.fault(Fault::NumberUpdateRefused);
    let (code, message) = told(office.desk.inbox.set_up_lines(None, false).await);
    assert_eq!(code, "number_refused");
    let named = |line: &&str| message.contains(&line[line.len() - 4..]);
    let refused: Vec<&str> = LINES.into_iter().filter(named).collect();
    assert_eq!(refused.len(), 1, "{message}");
    let at: BTreeMap<&str, Answers> = {
        let numbers = office.desk.inbox.account_numbers().await.expect("numbers");
        LINES.into_iter().zip(numbers).map(|(line, number)| (line, number.answers)).collect()
    };
    for (line, answers) in &at {
        let expected = if refused[0] == *line { Answers::Elsewhere } else { Answers::Here };
        assert_eq!(*answers, expected, "{at:?}");
    }
    let plan = office.desk.inbox.set_up_lines(None, false).await.expect("this time");
    assert!(plan.numbers.iter().all(|number| number.changes.is_empty()), "{plan:?}");
}

#[tokio::test]
async fn while_twilio_is_away_nothing_is_concluded() {
    let office = Office::open().await;
    // As often as anybody asks.
    office.fault(Fault::Times(1_000, Box::new(Fault::MessagingAway)));
    let asked = office.desk.inbox.plan_lines().await;
    assert!(matches!(asked, Err(Problem::Twilio(_))), "{asked:?}");
    office.sandbox.mend();
    office.desk.inbox.plan_lines().await.expect("it is back");
}
