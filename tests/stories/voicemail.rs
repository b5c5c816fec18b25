use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_domain::{Moment, VoicemailId, calls::Ending};
use ringdesk_inbox::{
    CallFilter,
    view::{self, AudioState, TimelineItem, Voicemail, Writing},
};
use ringdesk_sandbox::{CallIn, Fault, Heard, PhoneBehavior};
use ringdesk_tests::{
    office::{LINES, Office},
    voicemail::{
        HELEN, HELEN_DISPLAY, Post, Told, at_last, calls, does, files, helen, helen_calls, kept, leaves,
        served, set, shown, untold, voicemail, voicemails,
    },
};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

/// What `sha256sum` says of `helen.wav`.
const HELEN_SHA256: &str = "f72b01d0d2db9b3e39aa19728879d57c1c276c7c9ad897ffff7181a0d26ba363";

/// How many there are, unheard, waiting.
async fn counts(office: &Office) -> [Value; 3] {
    let counts = does(office, "voicemail_counts", json!({})).await;
    ["total", "unheard", "waiting"].map(|name| counts[name].clone())
}

/// What somebody left, newest first.
async fn left_by(office: &Office, from: &str) -> Vec<Voicemail> {
    let mut all = voicemails(office, json!({ "limit": 500 })).await;
    all.retain(|one| one.customer == from);
    all
}

async fn calls_of(office: &Office, from: &str) -> Vec<view::Call> {
    let mut all = office.desk.inbox.calls(CallFilter::All, None, None, 100).await.expect("calls");
    all.retain(|call| call.customer == from);
    all
}

/// Whose voicemails a list holds, newest first.
async fn whose(office: &Office, request: Value) -> Vec<String> {
    voicemails(office, request).await.into_iter().map(|one| one.customer).collect()
}

fn fine(office: &Office) {
    let report = office.sandbox.report();
    assert!(report.alerts.is_empty(), "Twilio would complain: {:?}", report.alerts);
    assert!(report.webhooks.keys().all(|status| (200..300).contains(status)), "{:?}", report.webhooks);
    assert_eq!(report.leaked_credentials, 0, "credentials stay at Twilio's host");
}

/// What Twilio tells of a message, in some order.
type Order = fn(&Told) -> Vec<Post>;

#[tokio::test]
async fn a_message_is_shown_at_once_and_its_sound_follows() {
    let office = Office::open().await;
    // Twilio tells of the sound before it hands it out, as WAV or as MP3.
    office.fault(Fault::Times(2, Box::new(Fault::RecordingNotFound)));
    let report = leaves(&office, helen_calls()).await;
    assert_eq!(report.heard(Heard::Beep).len(), 1);
    let wanted = shown(&office, "the message", |one| one.audio == AudioState::Wanted).await;
    assert_eq!((wanted.customer.as_str(), wanted.with.as_str()), (HELEN, HELEN_DISPLAY));
    assert_eq!((wanted.duration_s, wanted.length_ms, wanted.peaks.len()), (Some(8), None, 0));
    assert_eq!((wanted.writing, wanted.transcript.as_deref()), (Writing::Off, None));
    assert_eq!((wanted.heard, wanted.waiting, wanted.position_ms), (false, true, 0));
    let silent = office.desk.call("voicemail_sound", json!({ "voicemail": wanted.id })).await;
    assert_eq!(silent.expect_err("it is not here").code, "no_sound");

    let one = at_last(&office, "its sound", |one| one.audio == AudioState::Kept).await;
    assert_eq!(one.id, wanted.id);
    assert!(one.length_ms.is_some_and(|ms| ms.abs_diff(7_995) <= 50), "{:?}", one.length_ms);
    assert_eq!((one.peaks.len(), one.peaks.iter().max()), (200, Some(&255)));
    assert_eq!((one.content_type.as_deref(), one.audio_problem.as_deref()), (Some("audio/wav"), None));
    assert!(!one.heard);
    let (there, _) = served(&office.sandbox, &office.sandbox.recordings()[0]).await;
    let media = office.desk.inbox.media_folder();
    assert_eq!(files(media), [HELEN_SHA256], "kept under the hash of its content, and nothing else");
    let file = media.join(HELEN_SHA256);
    assert_eq!(std::fs::read(&file).expect("the file"), there);
    assert_eq!(file.metadata().expect("the file").permissions().mode() & 0o777, 0o600);
    let sound = does(&office, "voicemail_sound", json!({ "voicemail": one.id })).await;
    assert_eq!(
        (&sound["name"], &sound["content_type"]),
        (&json!("(415) 555-0801 2026-11-20 10.00.wav"), &json!("audio/wav"))
    );
    assert_eq!(STANDARD.decode(sound["base64"].as_str().expect("text")).expect("base64"), there);

    assert_eq!(counts(&office).await, [json!(1), json!(1), json!(1)]);
    assert_eq!(does(&office, "conversations", json!({})).await["unheard"], json!(1));
    let open = office.conversation_with(&office.phone(HELEN)).await;
    let left = open.timeline.into_iter().find_map(|item| match item {
        TimelineItem::Call(call) => call.voicemail,
        _ => None,
    });
    assert_eq!(left.map(|left| (left.id, left.audio)), Some((one.id, AudioState::Kept)));
    fine(&office);
}

#[tokio::test]
async fn whatever_order_a_message_is_told_in_it_is_there_once() {
    let office = Office::open().await;
    let orders: [(&str, Order); 8] = [
        ("as usual", |told| vec![told.rings(), told.left(), told.over(), told.ready()]),
        ("its callback before everything", |told| vec![told.ready(), told.rings(), told.left(), told.over()]),
        ("its callback before the action", |told| vec![told.rings(), told.ready(), told.left(), told.over()]),
        ("the end first", |told| vec![told.over(), told.ready(), told.left(), told.rings()]),
        ("the action last", |told| vec![told.rings(), told.ready(), told.over(), told.left()]),
        ("without the action", |told| vec![told.rings(), told.over(), told.ready()]),
        ("without its callback", |told| vec![told.rings(), told.left(), told.over()]),
        ("everything twice, the callback in other words too", |told| {
            let again = told.ready().with("RecordingTrack", "both");
            let once = [told.rings(), told.ready(), told.left(), told.over(), again];
            [once.clone(), once].concat()
        }),
    ];
    for (n, (order, posts)) in orders.into_iter().enumerate() {
        let from = format!("+1415555{:04}", 8_100 + n);
        let call = CallIn { speech: Some(helen()), ..CallIn::new(&from, LINES[1]) };
        let recording = untold(&office.sandbox, call).await;
        for post in posts(&Told::of(&office.sandbox, &from, &recording)) {
            post.to(&office).await;
        }
        let look = || async {
            let left = left_by(&office, &from).await;
            let here = left.iter().all(|one| one.audio == AudioState::Kept) && !left.is_empty();
            if !here {
                office.minutes_pass(1);
            }
            here.then_some(left)
        };
        let left = office.until(order, look).await;
        assert_eq!((left.len(), left[0].duration_s), (1, Some(8)), "{order}");
        assert!(left[0].length_ms.is_some_and(|ms| ms.abs_diff(7_995) <= 50), "{order}: {left:?}");
        let calls = calls_of(&office, &from).await;
        assert_eq!(calls.len(), 1, "{order}");
        let call = (calls[0].ending, calls[0].duration_s, calls[0].missed);
        assert_eq!(call, (Some(Ending::Voicemail), Some(8), true), "{order}");
        let open = office.conversation_with(&office.phone(&from)).await;
        assert_eq!(open.conversation.unread, 1, "{order}");
    }
    assert_eq!(counts(&office).await, [json!(8), json!(8), json!(8)]);
    let asked: Vec<u32> = office.sandbox.recordings().iter().map(|recording| recording.asked).collect();
    assert_eq!(asked, [1; 8], "each was fetched once");
}

#[tokio::test]
async fn what_is_recorded_of_a_call_is_no_message() {
    let office = Office::open().await;
    // What is told here is not what Twilio lists.
    office.caught_up().await;
    for (n, (source, is_message)) in
        [("DialVerb", false), ("StartCallRecordingAPI", false), ("", false), ("RecordVerb", true)]
            .into_iter()
            .enumerate()
    {
        let from = format!("+1415555{:04}", 8_200 + n);
        let call = CallIn { message_s: Some(9), ..CallIn::new(&from, LINES[1]) };
        let recording = untold(&office.sandbox, call).await;
        let told = Told::of(&office.sandbox, &from, &recording);
        let ready = told.ready().at("/voice/recording").with("RecordingSource", source);
        for post in [told.rings(), told.over(), ready] {
            post.to(&office).await;
        }
        let sid = json!(recording.sid);
        let fetched = || async {
            let all = office.kept("recording").await;
            all.into_iter().find(|one| one["provider_sid"] == sid && one["state"] == "kept")
        };
        office.until("the recording is here all the same", fetched).await;
        assert_eq!(left_by(&office, &from).await.len(), usize::from(is_message), "{source}");
        let ending = if is_message { Ending::Voicemail } else { Ending::HungUpGreeting };
        assert_eq!(calls_of(&office, &from).await[0].ending, Some(ending), "{source}");
    }
}

#[tokio::test]
async fn too_little_to_be_a_message_is_a_missed_call() {
    let office = Office::open().await;
    let report = leaves(&office, CallIn { message_s: Some(1), ..CallIn::new(HELEN, LINES[0]) }).await;
    assert_eq!(report.recordings.len(), 1, "Twilio kept a second of it");
    // Nothing at all: Twilio tells of a recording of no seconds, or of one that is absent.
    for (from, status) in [("+14155550803", "completed"), ("+14155550804", "absent")] {
        let sid = |prefix: &str| format!("{prefix}{:0>32}", &from[1..]);
        let (account, _) = office.sandbox.credentials();
        let told = Told::new(account, from, &sid("CA"), &sid("RE"), 0);
        let ready = told.ready().with("RecordingStatus", status);
        for post in [told.rings(), told.left(), ready, told.over()] {
            post.to(&office).await;
        }
    }
    for from in [HELEN, "+14155550803", "+14155550804"] {
        let calls = calls_of(&office, from).await;
        assert_eq!((calls.len(), calls[0].ending, calls[0].missed), (1, Some(Ending::HungUpGreeting), true));
        let open = office.conversation_with(&office.phone(from)).await.conversation;
        assert!(open.unread == 1 && open.waiting_since.is_some(), "somebody should call back: {open:?}");
    }
    assert_eq!(voicemails(&office, json!({})).await.len(), 0);
    assert_eq!(counts(&office).await, [json!(0), json!(0), json!(0)]);
}

#[tokio::test]
async fn a_long_message_is_kept_up_to_the_limit() {
    for seconds in [119, 300] {
        let office = Office::open().await;
        leaves(&office, CallIn { message_s: Some(seconds), ..CallIn::new(HELEN, LINES[0]) }).await;
        let one = kept(&office).await;
        assert_eq!(one.duration_s, Some(119), "{seconds}");
        assert!(one.length_ms.is_some_and(|ms| ms.abs_diff(119_000) <= 50), "{seconds}: {:?}", one.length_ms);
        // The eight seconds of speech are at its beginning.
        let (spoken, silent) = one.peaks.split_at(15);
        assert_eq!((spoken.iter().max(), silent.iter().max()), (Some(&255), Some(&0)), "{seconds}");
        fine(&office);
    }
}

#[tokio::test]
async fn two_messages_of_one_call_are_both_there() {
    let office = Office::open().await;
    let mut told = Vec::new();
    for seconds in [8, 4] {
        let call = CallIn { message_s: Some(seconds), ..CallIn::new(HELEN, LINES[1]) };
        told.push(Told::of(&office.sandbox, HELEN, &untold(&office.sandbox, call).await));
    }
    let second = told.remove(1).within(&told[0]);
    let first = &told[0];
    for post in [first.rings(), first.left(), first.over(), first.ready(), second.ready()] {
        post.to(&office).await;
    }
    let both = || async {
        let left = left_by(&office, HELEN).await;
        let here = left.len() == 2 && left.iter().all(|one| one.audio == AudioState::Kept);
        here.then_some(left)
    };
    let left = office.until("both messages", both).await;
    assert_eq!(left[0].call, left[1].call);
    let mut lengths = [left[0].length_ms, left[1].length_ms];
    lengths.sort_unstable();
    assert_eq!(lengths, [Some(4_000), Some(8_000)]);
    assert_eq!(calls_of(&office, HELEN).await.len(), 1);
    assert_eq!(counts(&office).await, [json!(2), json!(2), json!(2)]);
}

#[tokio::test]
async fn a_voicemail_is_heard_by_listening_not_by_looking() {
    let office = Office::open().await;
    leaves(&office, helen_calls()).await;
    let one = kept(&office).await;
    let stands = async || {
        let now = voicemail(&office, one.id).await;
        (now.heard, now.position_ms)
    };
    let listened = async |position_ms: u64, played_ms: u64| {
        let how = json!({ "voicemail": one.id, "position_ms": position_ms, "played_ms": played_ms });
        does(&office, "listened", how).await;
        stands().await
    };
    office.conversation_with(&office.phone(HELEN)).await;
    does(&office, "mark_read", json!({ "id": one.conversation })).await;
    assert_eq!(stands().await, (false, 0), "the conversation was read, the message was not heard");
    assert_eq!(counts(&office).await[1], json!(1));

    assert_eq!(listened(2_999, 2_999).await, (false, 2_999));
    assert_eq!(listened(7_900, 1_200).await, (false, 7_900), "a jump to its end is not listening");
    assert_eq!(
        listened(99_999, 0).await,
        (false, one.length_ms.expect("measured")),
        "nobody is behind its end"
    );
    assert_eq!(listened(3_000, 3_000).await, (true, 3_000));
    assert_eq!(voicemail(&office, one.id).await.heard_by.as_deref(), Some("owner"));
    assert_eq!(counts(&office).await, [json!(1), json!(0), json!(1)], "heard, and not answered yet");
    assert_eq!(does(&office, "conversations", json!({})).await["unheard"], json!(0));
    assert_eq!(listened(500, 0).await, (true, 500), "where listening stopped is kept");

    does(&office, "mark_heard", json!({ "voicemail": one.id, "heard": false })).await;
    assert_eq!(stands().await, (false, 0), "from the beginning again");
    does(&office, "mark_heard", json!({ "voicemail": one.id, "heard": true })).await;
    assert_eq!(stands().await, (true, 0));

    // Of two seconds nobody can hear three: most of them will do.
    office.minutes_pass(1);
    leaves(&office, CallIn { message_s: Some(2), ..CallIn::new(HELEN, LINES[0]) }).await;
    let short = shown(&office, "two seconds", |one| one.length_ms == Some(2_000)).await;
    for (played_ms, heard) in [(1_599, false), (1_600, true)] {
        let how = json!({ "voicemail": short.id, "position_ms": played_ms, "played_ms": played_ms });
        does(&office, "listened", how).await;
        assert_eq!(voicemail(&office, short.id).await.heard, heard, "{played_ms}");
    }
    let nobodys = json!({ "voicemail": VoicemailId::new(Moment(0)), "position_ms": 0, "played_ms": 9_000 });
    assert_eq!(office.desk.call("listened", nobodys).await.expect_err("there is none").code, "not_found");
}

#[tokio::test]
async fn what_was_deleted_can_be_had_back() {
    let office = Office::open().await;
    leaves(&office, helen_calls()).await;
    let one = kept(&office).await;
    let in_timeline = async || {
        let open = office.conversation_with(&office.phone(HELEN)).await;
        let call = open.timeline.into_iter().find_map(|item| match item {
            TimelineItem::Call(call) => Some(call),
            _ => None,
        });
        call.expect("the call stays").voicemail.is_some()
    };
    does(&office, "remove_voicemail", json!({ "voicemail": one.id, "removed": true })).await;
    assert_eq!(voicemails(&office, json!({})).await.len(), 0);
    assert_eq!(voicemails(&office, json!({ "search": "0801" })).await.len(), 0);
    assert_eq!(counts(&office).await, [json!(0), json!(0), json!(0)]);
    assert_eq!(does(&office, "conversations", json!({})).await["unheard"], json!(0));
    assert!(!in_timeline().await);
    does(&office, "remove_voicemail", json!({ "voicemail": one.id, "removed": false })).await;
    assert_eq!(voicemails(&office, json!({})).await[0].id, one.id);
    assert_eq!(counts(&office).await, [json!(1), json!(1), json!(1)]);
    assert!(in_timeline().await);
    does(&office, "voicemail_sound", json!({ "voicemail": one.id })).await;
}

#[tokio::test]
async fn voicemails_are_found_by_words_by_name_and_by_digits() {
    const ZOE: &str = "+14155550802";
    let office = Office::open().await;
    set(&office, json!({ "transcripts": { "engine": "twilio" } })).await;
    leaves(&office, helen_calls()).await;
    shown(&office, "Helen's words", |one| one.writing == Writing::Text).await;
    office.minutes_pass(1);
    let zoe = CallIn { to: LINES[1].into(), ..calls(ZOE, helen().saying("The boiler drips on the stairs.")) };
    leaves(&office, zoe).await;
    let zoe = shown(&office, "Zoë's words", |one| one.customer == ZOE && one.writing == Writing::Text).await;
    does(&office, "save_contact", json!({ "id": zoe.conversation, "name": "Zoë Brontë" })).await;

    let looks: [(&str, &[&str]); 13] = [
        ("radiator", &[HELEN]),
        ("monday RADIATOR", &[HELEN]),
        ("radia", &[HELEN]),
        ("boiler stairs", &[ZOE]),
        ("boiler radiator", &[]),
        ("zoe", &[ZOE]),
        ("bront", &[ZOE]),
        ("0801", &[HELEN]),
        ("(415) 555-0802", &[ZOE]),
        ("555", &[ZOE, HELEN]),
        ("the", &[ZOE, HELEN]),
        ("?!", &[]),
        ("", &[ZOE, HELEN]),
    ];
    for (words, found) in looks {
        assert_eq!(whose(&office, json!({ "search": words })).await, found, "{words}");
    }
    assert_eq!(whose(&office, json!({ "line": zoe.line })).await, [ZOE]);
    assert_eq!(whose(&office, json!({ "line": zoe.line, "search": "radiator" })).await, [HELEN; 0]);
    assert_eq!(whose(&office, json!({ "limit": 1 })).await, [ZOE]);
    let before = json!({ "at": zoe.at, "id": zoe.id });
    assert_eq!(whose(&office, json!({ "before": before })).await, [HELEN]);
    let first = voicemails(&office, json!({ "before": before })).await.remove(0);
    let before = json!({ "at": first.at, "id": first.id });
    assert_eq!(whose(&office, json!({ "before": before })).await, [HELEN; 0]);
    assert_eq!(voicemail(&office, zoe.id).await.name.as_deref(), Some("Zoë Brontë"));
}

#[tokio::test]
async fn lists_show_what_is_unheard_and_who_waits() {
    const NORA: &str = "+14155550107";
    const ZOE: &str = "+14155550802";
    let office = Office::open().await;
    let unheard = json!({ "filter": "unheard" });
    let waiting = json!({ "filter": "waiting" });
    leaves(&office, helen_calls()).await;
    let helens = kept(&office).await;
    office.minutes_pass(1);
    leaves(&office, calls(ZOE, helen())).await;
    let zoes = shown(&office, "Zoë's message", |one| one.customer == ZOE).await;
    assert_eq!(whose(&office, unheard.clone()).await, [ZOE, HELEN]);
    assert_eq!(whose(&office, waiting.clone()).await, [ZOE, HELEN]);
    does(&office, "mark_heard", json!({ "voicemail": helens.id, "heard": true })).await;
    assert_eq!(whose(&office, unheard.clone()).await, [ZOE]);
    assert_eq!(whose(&office, waiting.clone()).await, [ZOE, HELEN], "heard is not answered");

    office.minutes_pass(1);
    office.answers(&office.phone(HELEN), "We come on Monday at four.").await;
    assert_eq!(whose(&office, waiting.clone()).await, [ZOE]);
    assert_eq!(counts(&office).await, [json!(2), json!(1), json!(1)]);
    let answered = voicemail(&office, helens.id).await;
    assert_eq!((answered.waiting, answered.called_back), (false, false));

    set(&office, json!({ "calls": { "phones": [{ "name": "Nora", "number": NORA }] } })).await;
    let talks = |talks_s| PhoneBehavior::Answers { after_s: 3, talks_s, presses: Some("1".into()) };
    office.sandbox.set_phone(NORA, talks(90));
    office.sandbox.set_phone(ZOE, talks(45));
    does(&office, "call_back", json!({ "conversation": zoes.conversation })).await;
    let called = || async {
        let now = voicemail(&office, zoes.id).await;
        (now.called_back && !now.waiting).then_some(())
    };
    office.until("Zoë was called back", called).await;
    assert_eq!(whose(&office, waiting.clone()).await, [HELEN; 0]);

    // Whoever calls once more waits once more; what was put away waits for nobody.
    office.minutes_pass(5);
    office.sandbox.set_phone(NORA, PhoneBehavior::Ignores);
    leaves(&office, calls(ZOE, helen())).await;
    let again = shown(&office, "Zoë's second message", |one| one.id != zoes.id && one.customer == ZOE).await;
    assert_eq!(whose(&office, waiting.clone()).await, [ZOE]);
    assert_eq!(voicemails(&office, waiting.clone()).await[0].id, again.id, "not the one that was answered");
    does(&office, "mark_done", json!({ "id": zoes.conversation })).await;
    assert_eq!(whose(&office, waiting).await, [HELEN; 0]);
    assert_eq!(whose(&office, unheard).await, [ZOE, ZOE]);
}
