//! What came while nobody was there, and how it is listed.

use super::{CALLER, LINE, NOW_MS, SAM, SECOND, alarms, ask, client, get, open, refused, sids};
use crate::{CallDirection, CallStatus, Direction, Fault, Format, Rang, Sandbox, TextIn};
use ringdesk_twilio::Form;
use serde_json::Value;

const HOUR_MS: i64 = 3_600_000;

/// The form of the request an alert about something is about.
async fn failed_request(sandbox: &Sandbox, resource_sid: &str) -> Vec<Form> {
    let list = get(sandbox, "/v1/Alerts?PageSize=1000").await;
    let alerts = list["alerts"].as_array().expect("a list").iter();
    let mut forms = Vec::new();
    for alert in alerts.filter(|alert| alert["resource_sid"] == resource_sid) {
        let one = get(sandbox, &format!("/v1/Alerts/{}", alert["sid"].as_str().expect("a SID"))).await;
        let form = one["request_variables"].as_str().expect("a form");
        forms.push(Form::parse(form.as_bytes()).expect("a form"));
    }
    forms
}

/// The bodies of some list's messages.
fn bodies(list: &Value) -> Vec<&str> {
    list["messages"].as_array().expect("a list").iter().filter_map(|one| one["body"].as_str()).collect()
}

#[tokio::test]
async fn texts_nobody_was_asked_about_are_listed_by_time_and_known_to_monitor() {
    let (sandbox, app) = open().await;
    sandbox.set_number(LINE, &[("SmsUrl", &app.at("/sms"))]);
    let second = sandbox.arrived(CALLER, LINE, "Hello?", NOW_MS - HOUR_MS);
    let picture = ("image/png".to_owned(), vec![1, 2, 3]);
    let text = TextIn {
        pictures: vec![picture],
        besides: vec![("OptOutType".to_owned(), "STOP".to_owned())],
        ..TextIn::new(CALLER, LINE, "Enough of this")
    };
    let first = sandbox.arrived_with(text, NOW_MS - 2 * HOUR_MS);
    sandbox.arrived(CALLER, SECOND, "Nobody is asked here", NOW_MS);
    sandbox.sent_elsewhere(LINE, CALLER, "Good evening", NOW_MS - 3 * HOUR_MS);

    assert_eq!(app.told("/sms", "Body"), Vec::<String>::new());
    let list = get(&sandbox, "{AC}/Messages.json?To=%2B15005550006").await;
    assert_eq!(bodies(&list), ["Hello?", "Enough of this"], "the latest first");
    assert_eq!(alarms(&sandbox).await, ["11200", "11200"]);
    let form = failed_request(&sandbox, &first).await.remove(0);
    assert_eq!((form.text("MessageSid"), form.text("OptOutType")), (Some(&*first), Some("STOP")));
    assert_eq!(form.text("NumMedia"), Some("1"));
    let media = get(&sandbox, &format!("{{AC}}/Messages/{first}/Media.json")).await;
    assert_eq!(media["media_list"].as_array().map(Vec::len), Some(1));

    let truth = sandbox.truth().messages;
    assert_eq!(truth.len(), 4);
    assert_eq!((truth[0].sid.as_str(), truth[0].created_ms), (second.as_str(), NOW_MS - HOUR_MS));
    assert_eq!((truth[1].media, truth[3].direction), (1, Direction::OutboundApi));
    assert!(sandbox.report().accepted.is_empty() && sandbox.report().webhooks.is_empty());
}

#[tokio::test]
async fn calls_nobody_was_asked_about_are_whole() {
    let (sandbox, app) = open().await;
    sandbox.set_number(LINE, &[("VoiceUrl", &app.at("/in")), ("StatusCallback", &app.at("/over"))]);
    let gone = sandbox.rang(CALLER, LINE, NOW_MS - 3 * HOUR_MS, Rang::HungUp);
    let left = sandbox.rang(CALLER, LINE, NOW_MS - 2 * HOUR_MS, Rang::LeftMessage(5));
    let through = Rang::PutThrough { to: SAM.to_owned(), talked_s: 60 };
    let through = sandbox.rang(CALLER, LINE, NOW_MS - HOUR_MS, through);

    let status = |sid: &str| sandbox.call(sid).map(|call| (call.status, call.duration_s));
    assert_eq!(status(&gone), Some((CallStatus::NoAnswer, 0)));
    assert_eq!(status(&left), Some((CallStatus::Completed, 11)));
    assert_eq!(status(&through), Some((CallStatus::Completed, 60)));
    let list = get(&sandbox, "{AC}/Calls.json?To=%2B15005550006").await;
    assert_eq!(sids(&list["calls"]), [&*through, &*left, &*gone]);
    let legs = get(&sandbox, &format!("{{AC}}/Calls.json?ParentCallSid={through}")).await;
    assert_eq!((sids(&legs["calls"]).len(), legs["calls"][0]["to"].as_str()), (1, Some(SAM)));

    let recordings = get(&sandbox, &format!("{{AC}}/Recordings.json?CallSid={left}")).await;
    let recording = &recordings["recordings"][0];
    assert_eq!(
        (recording["duration"].as_str(), recording["source"].as_str()),
        (Some("5"), Some("RecordVerb"))
    );
    let kept = sandbox.world.town().calls.recordings.all()[0].file(Format::Wav).expect("its sound");
    assert_eq!(crate::Speech::new(kept.1).length_ms(), Some(5_000));

    let forms = failed_request(&sandbox, &gone).await;
    let statuses: Vec<_> = forms.iter().map(|form| form.text("CallStatus")).collect();
    assert_eq!(statuses, [Some("no-answer"), Some("ringing")], "its end was told last");
    let truth = sandbox.truth();
    assert_eq!((truth.calls.len(), truth.recordings.len()), (4, 1));
    assert_eq!(truth.calls[3].direction, CallDirection::OutboundDial);
    assert_eq!(app.told("/in", "CallSid").len() + app.told("/over", "CallSid").len(), 0);
}

#[tokio::test]
async fn a_list_can_be_away_and_a_message_late_in_it() {
    let (sandbox, _) = open().await;
    sandbox.fault(Fault::LateInList(90_000));
    let late = sandbox.arrived(CALLER, LINE, "Late", NOW_MS);
    sandbox.fault(Fault::LateInList(90_000));
    sandbox.arrived(CALLER, LINE, "Early", NOW_MS - 90_000);
    assert_eq!(bodies(&get(&sandbox, "{AC}/Messages.json").await), ["Early"]);
    assert_eq!(get(&sandbox, &format!("{{AC}}/Messages/{late}.json")).await["body"], "Late");
    assert_eq!(sandbox.truth().messages.len(), 2);
    sandbox.fault(Fault::Times(3, Box::new(Fault::ListAway)));
    for list in ["Messages", "Calls", "Recordings"] {
        assert_eq!(refused(&sandbox, &format!("{{AC}}/{list}.json"), None).await, (503, 20503));
    }
    assert_eq!(bodies(&get(&sandbox, "{AC}/Messages.json").await).len(), 1);
}

#[tokio::test]
async fn thousands_are_listed_a_thousand_at_a_time() {
    let (sandbox, _) = open().await;
    for n in 0..2_500 {
        sandbox.arrived(CALLER, LINE, &n.to_string(), NOW_MS - HOUR_MS + n);
    }
    let mut next = Some("{AC}/Messages.json?PageSize=1000&DateSent%3E=2026-11-20".to_owned());
    let mut all = Vec::new();
    let asked = sandbox.asked();
    while let Some(path) = next {
        let list = get(&sandbox, &path).await;
        all.extend(bodies(&list).into_iter().map(str::to_owned));
        next = list["next_page_uri"].as_str().map(str::to_owned);
    }
    let expected: Vec<String> = (0..2_500).rev().map(|n| n.to_string()).collect();
    assert_eq!(all, expected);
    sandbox.until_asked(asked + 3).await;
    assert_eq!(sandbox.asked(), asked + 3);
    let day_before = get(&sandbox, "{AC}/Messages.json?DateSent=2026-11-19").await;
    assert_eq!(bodies(&day_before).len(), 0);
}

#[tokio::test]
async fn answers_take_as_long_as_is_wanted_and_pictures_do_not() {
    let (sandbox, _) = open().await;
    let picture = ("image/png".to_owned(), vec![1, 2, 3]);
    let text = TextIn { pictures: vec![picture], ..TextIn::new(CALLER, LINE, "Look") };
    let sid = sandbox.arrived_with(text, NOW_MS);
    let media = sandbox.phone(CALLER)[0].media[0].clone();
    sandbox.set_latency_ms(3_600_000);
    assert_eq!(ask(&sandbox, &format!("{{AC}}/Messages/{sid}/Media/{media}"), None).await.0, 200);
    let asked = sandbox.asked();
    tokio::select! {
        (status, _) = ask(&sandbox, "{AC}/Messages.json", None) => panic!("answered with {status}"),
        () = sandbox.until_asked(asked + 1) => {}
    }
    let mended = client().post(format!("{}/practice/latency", sandbox.url()));
    let mended = mended.json(&serde_json::json!({ "ms": 0 })).send().await.expect("an answer");
    assert_eq!(mended.status().as_u16(), 204);
    assert_eq!(get(&sandbox, "{AC}/Messages.json").await["messages"][0]["sid"], sid.as_str());
}
