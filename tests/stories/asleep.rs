use crate::calls::decided;
use ringdesk_domain::{Actor, Moment, consent::Consent};
use ringdesk_inbox::{CallFilter, ConversationFilter, Follower, News, Sending, view};
use ringdesk_sandbox::{Direction, Fault, Rang, TextIn, TrueMessage};
use ringdesk_tests::{
    asleep::{
        Came, LEAVES, Rush, WAVERS, complete, everything, is_all_here_once, is_in_order, number, that_arrived,
    },
    office::{LINES, Office, Signed, sending, texts},
};
use serde_json::json;
use std::collections::BTreeSet;
use tokio::{sync::Mutex, task::JoinSet};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const NIGHT_MS: i64 = 8 * HOUR_MS;
const PRIYA: &str = "+14155550123";
const MARCUS: &str = "+14155550176";

/// An office that has everything there is, and texts back whom it missed.
async fn open() -> Office {
    let office = Office::open().await;
    let text_back = json!({ "calls": { "text_back": { "on": true } } });
    office.desk.inbox.apply_settings(&text_back).await.expect("settings");
    complete(&office, office.clock.now()).await;
    office
}

/// The office closes for the night. When it closed, and what came meanwhile.
async fn closes_for_the_night(office: &mut Office) -> (Moment, Came) {
    let closed = office.clock.now();
    office.close().await;
    let came = Rush::NIGHT.comes(&office.sandbox, closed, NIGHT_MS);
    office.clock.advance_ms(NIGHT_MS);
    office.sandbox.set_latency_ms(100);
    (closed, came)
}

fn counts_what_came(state: &view::CatchUp, (from, to): (Moment, Moment), came: &Came) {
    let away = state.away.as_ref().expect("something came");
    let count = |n: usize| u32::try_from(n).expect("not so many");
    assert_eq!((away.from, away.to, away.complete), (from, to, true));
    assert_eq!((away.texts, away.people), (Rush::NIGHT.texts, count(came.wrote.len())));
    assert_eq!((away.calls, away.voicemails), (Rush::NIGHT.calls, count(came.left.len())));
    assert_eq!(away.missed, count(came.missed.len() - came.left.len()));
    assert_eq!((state.complete_to, state.repaired), (Some(to), 0));
    assert!(state.problem.is_none(), "{:?}", state.problem);
}

/// Everybody who was missed waits to be called back, and whoever left a message waits, too.
async fn missed_calls_are_tasks(office: &Office, came: &Came) {
    let list = office.desk.inbox.conversations(ConversationFilter::Missed, None, 0, 500).await.expect("list");
    assert!(list.conversations.iter().all(|one| one.waiting_since.is_some() && one.unread > 0));
    let waiting: BTreeSet<String> = list.conversations.into_iter().map(|one| one.customer).collect();
    assert_eq!(waiting, &came.missed - &came.left);
    let list =
        office.desk.inbox.conversations(ConversationFilter::Waiting, None, 0, 500).await.expect("list");
    let waiting: BTreeSet<String> = list.conversations.into_iter().map(|one| one.customer).collect();
    assert!(waiting.is_superset(&came.missed));
    let calls = office.desk.inbox.calls(CallFilter::All, None, None, 500).await.expect("calls");
    assert!(calls.iter().all(|call| call.late == Some(view::Late::Asleep)));
    let talked = office.desk.inbox.calls(CallFilter::Answered, None, None, 500).await.expect("calls");
    let talked: BTreeSet<String> = talked.into_iter().map(|call| call.customer).collect();
    assert_eq!(talked, came.put_through);
}

async fn where_they_stand(office: &Office, customer: &str) -> Consent {
    office.conversation_with(&office.phone(customer)).await.conversation.consent
}

/// The next news there are.
async fn next_news(office: &Office, follower: &Mutex<Follower>) -> Vec<News> {
    let look = || async {
        let news = follower.lock().await.news(None).await.expect("news");
        (!news.is_empty()).then_some(news)
    };
    office.until("news", look).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_of_texts_and_calls_is_here_in_the_morning_once_and_in_order() {
    let mut office = open().await;
    office.phone(PRIYA).texts("Before you go").await;
    let before = office.sandbox.truth().messages[0].sid.clone();
    let (closed, came) = closes_for_the_night(&mut office).await;
    office.reopen().await;
    let morning = office.clock.now();
    let state = complete(&office, morning).await;

    let kept = everything(&office).await;
    is_all_here_once(&office.sandbox.truth(), &kept);
    is_in_order(&office).await;
    counts_what_came(&state, (closed, morning), &came);
    assert_eq!(that_arrived(&kept, "asleep"), came.sids);
    assert_eq!(that_arrived(&kept, "live"), BTreeSet::from([before]));
    let texts = office.texts_with(&office.phone(&number(LEAVES))).await;
    assert!(texts.iter().all(|text| text.late == Some(view::Late::Asleep)));
    missed_calls_are_tasks(&office, &came).await;
    assert_eq!(where_they_stand(&office, &number(WAVERS)).await, Consent::Given);
    assert_eq!(where_they_stand(&office, &number(LEAVES)).await, Consent::OptedOut);

    // Listed again, it changes nothing, and nobody is texted back hours later.
    office.minutes_pass(6);
    let state = complete(&office, office.clock.now()).await;
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
    assert_eq!(state.repaired, 0);
    decided(&office).await;
    assert!(office.kept("outbox").await.is_empty(), "nobody is texted");
    let report = office.sandbox.report();
    assert!(report.accepted.is_empty(), "nobody is texted: {:?}", report.accepted);
    let seen = office.desk.inbox.seen_away().await.expect("seen");
    assert!(seen.away.is_none(), "it is shown until somebody has seen it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_is_told_of_once_and_together() {
    let mut office = open().await;
    let mut before = office.desk.inbox.follow().await.expect("follows");
    assert_eq!(before.news(None).await.expect("news"), []);
    let (closed, came) = closes_for_the_night(&mut office).await;
    office.reopen().await;
    let morning = office.clock.now();
    let follower = Mutex::new(office.desk.inbox.follow().await.expect("follows"));
    let early = follower.lock().await.news(None).await.expect("news");
    assert!(early.is_empty(), "not before all of it is here: {early:?}");
    complete(&office, morning).await;
    let news = next_news(&office, &follower).await;
    let [News::Away { from, to, texts, people, calls, missed, voicemails }] = &news[..] else {
        panic!("one for all: {news:?}");
    };
    assert_eq!((*from, *to), (closed, morning));
    assert_eq!((*texts, *calls, *missed, *voicemails), (500, 40, 15, 20));
    assert_eq!(usize::try_from(*people).ok(), Some(came.wrote.len()));

    // Neither later looks nor a restart tell of it again; what comes by itself is news as ever.
    office.minutes_pass(6);
    complete(&office, office.clock.now()).await;
    assert_eq!(follower.lock().await.news(None).await.expect("news"), []);
    office.sandbox.set_latency_ms(0);
    office.restart().await;
    office.desk.inbox.know_lines(true).await.expect("texts come here");
    complete(&office, office.clock.now()).await;
    let follower = Mutex::new(office.desk.inbox.follow().await.expect("follows"));
    assert_eq!(follower.lock().await.news(None).await.expect("news"), []);
    office.phone(PRIYA).texts("Good morning").await;
    let news = next_news(&office, &follower).await;
    assert!(matches!(&news[..], [News::Texts(_)]), "{news:?}");
}

/// Every other text without pictures, and every other message that was left, as Twilio would post them.
fn posts(office: &Office) -> Vec<Signed> {
    let (truth, (account, _)) = (office.sandbox.truth(), office.sandbox.credentials());
    let plain = |message: &&TrueMessage| message.direction == Direction::Inbound && message.media == 0;
    let texts = truth.messages.iter().step_by(2).filter(plain).map(|text| {
        let from = text.from.as_deref().unwrap_or_default();
        let mut fields = office.text_fields(&text.sid, from, &text.body);
        fields.retain(|(name, _)| *name != "To");
        fields.push(("To", &text.to));
        office.signed("/sms/inbound", &fields)
    });
    let recordings = truth.recordings.iter().step_by(2).map(|recording| {
        let seconds = recording.duration_s.to_string();
        let fields = [
            ("AccountSid", account),
            ("CallSid", recording.call_sid.as_str()),
            ("RecordingSid", recording.sid.as_str()),
            ("RecordingStatus", "completed"),
            ("RecordingDuration", seconds.as_str()),
            ("RecordingChannels", "1"),
            ("RecordingSource", "RecordVerb"),
        ];
        office.signed("/voice/recording/voicemail", &fields)
    });
    texts.chain(recordings).collect()
}

/// In every conversation all is shown by its time; what was fetched, and what came by itself, is each in the
/// order in which it was written.
async fn each_in_order(office: &Office) {
    for conversation in office.conversations().await {
        let open = office.desk.inbox.conversation(conversation.id, None, None).await.expect("conversation");
        let shown = texts(open);
        assert!(shown.is_sorted_by_key(|text| text.at), "by its time");
        for fetched in [true, false] {
            let same = shown.iter().filter(|text| text.late.is_some() == fetched);
            let count = |text: &view::Text| text.body.strip_prefix("Text ")?.parse::<u32>().ok();
            let counted: Vec<u32> = same.filter_map(count).collect();
            assert!(counted.is_sorted(), "in order, fetched {fetched}: {counted:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_that_race_the_listing_double_nothing() {
    let mut office = open().await;
    let (_, came) = closes_for_the_night(&mut office).await;
    let asked = office.sandbox.asked();
    office.reopen().await;
    let morning = office.clock.now();
    let follower = Mutex::new(office.desk.inbox.follow().await.expect("follows"));
    // The lists are in the air.
    office.sandbox.until_asked(asked + 3).await;
    let mut posts = posts(&office).into_iter();
    let mut posting = JoinSet::new();
    let mut post = |posting: &mut JoinSet<u16>| {
        if let Some(post) = posts.next() {
            posting.spawn(async move { post.post().await.0 });
        }
    };
    (0..8).for_each(|_| post(&mut posting));
    while let Some(status) = posting.join_next().await {
        let status = status.expect("an answer");
        assert!((200..300).contains(&status), "the door took it: {status}");
        post(&mut posting);
    }
    complete(&office, morning).await;

    let kept = everything(&office).await;
    is_all_here_once(&office.sandbox.truth(), &kept);
    let (live, asleep) = (that_arrived(&kept, "live"), that_arrived(&kept, "asleep"));
    assert_eq!(&live | &asleep, came.sids, "each came by itself or was fetched");
    assert!(asleep.len() >= came.sids.len() / 2 - 20, "half of them had to be fetched: {}", asleep.len());
    each_in_order(&office).await;
    missed_calls_are_tasks(&office, &came).await;
    assert_eq!(where_they_stand(&office, &number(WAVERS)).await, Consent::Given);
    assert_eq!(where_they_stand(&office, &number(LEAVES)).await, Consent::OptedOut);

    // Of what was fetched it is told once, whatever came by itself meanwhile, and nobody is texted.
    let mut news = next_news(&office, &follower).await;
    office.minutes_pass(6);
    complete(&office, office.clock.now()).await;
    news.extend(follower.lock().await.news(None).await.expect("news"));
    let away = news.iter().filter(|one| matches!(one, News::Away { .. })).count();
    assert_eq!(away, 1, "{news:?}");
    decided(&office).await;
    assert!(office.kept("outbox").await.is_empty(), "nobody is texted");
    assert!(office.sandbox.report().accepted.is_empty(), "nobody is texted");
}

/// A text that can still be taken back.
async fn begins_to_answer(office: &Office, customer: &str, words: &str) -> view::Text {
    let phone = office.phone(customer);
    let conversation = office.conversation_with(&phone).await.conversation.id;
    let text = Sending { undo_seconds: Some(30), ..sending(conversation, words) };
    let queued = office.desk.inbox.send_text(text, Actor::Owner).await.expect("queued");
    let texts = office.texts_with(&phone).await;
    texts.into_iter().find(|text| text.id == queued.id).expect("it waits")
}

#[tokio::test]
async fn a_sleep_is_noticed_and_what_waited_over_it_asks_first() {
    let office = open().await;
    let follower = Mutex::new(office.desk.inbox.follow().await.expect("follows"));
    for (customer, sleep_ms) in [(PRIYA, 12 * MINUTE_MS), (MARCUS, NIGHT_MS)] {
        let other = if customer == PRIYA { "+14155550501" } else { "+14155550502" };
        office.phone(customer).texts("Hello").await;
        office.phone(other).texts("Hello").await;
        let stopped = begins_to_answer(&office, customer, "How about Monday?").await;
        let wanted = begins_to_answer(&office, other, "How about Tuesday?").await;
        follower.lock().await.news(None).await.expect("news");
        let dusk = office.clock.now();
        office.sandbox.arrived(customer, LINES[0], "STOP", dusk.0 + 5 * MINUTE_MS);
        // So long ago that nobody is texted back.
        office.sandbox.rang(other, LINES[0], dusk.0 + MINUTE_MS, Rang::LeftMessage(4));
        office.clock.sleep_ms(sleep_ms);
        let dawn = office.clock.now();
        let state = complete(&office, dawn).await;
        let away = state.away.expect("something came");
        assert_eq!((away.from, away.to), (dusk, dawn));
        assert_eq!((away.texts, away.calls, away.voicemails, away.missed), (1, 1, 1, 0));
        office.desk.inbox.seen_away().await.expect("seen");
        let news = next_news(&office, &follower).await;
        assert!(matches!(&news[..], [News::Away { texts: 1, calls: 1, voicemails: 1, .. }]), "{news:?}");

        let text = async |customer: &str, id| {
            let texts = office.texts_with(&office.phone(customer)).await;
            texts.into_iter().find(|text| text.id == id).expect("it is there")
        };
        assert!(text(other, wanted.id).await.held, "it asks first");
        assert_eq!(where_they_stand(&office, customer).await, Consent::OptedOut);
        for id in [stopped.id, wanted.id] {
            office.desk.inbox.release(id).await.expect("released");
        }
        office.reaches(&office.phone(other), wanted.id, "delivered").await;
        office
            .until("it is not sent", || async {
                text(customer, stopped.id).await.status.is_failure().then_some(())
            })
            .await;
        assert!(office.phone(customer).got().is_empty(), "who says STOP gets nothing more");
    }
    assert_eq!(office.sandbox.report().creates, 2);
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}

#[tokio::test]
async fn what_does_not_come_by_itself_is_fetched_marked_and_counted() {
    let office = open().await;
    office.phone(MARCUS).texts("First").await;
    let before = office.sandbox.number(LINES[0])["SmsUrl"].clone();
    office.sandbox.set_number(LINES[0], &[("SmsUrl", "http://127.0.0.1:9/in"), ("SmsFallbackUrl", "")]);
    let (lost, answer) = office.sandbox.text_from(PRIYA, LINES[0], "Are you open?", &[]).await;
    assert_eq!(answer, None, "it goes nowhere");
    office.minutes_pass(1);
    let (late, _) = office.sandbox.text_from(PRIYA, LINES[0], "Hello?", &[]).await;
    office.minutes_pass(1);
    office.sandbox.set_number(LINES[0], &[("SmsUrl", &before)]);
    // Not everything is in Twilio's list at once.
    office.sandbox.fault(Fault::LateInList(u64::try_from(7 * MINUTE_MS).expect("later")));
    let hidden = office.sandbox.arrived(PRIYA, LINES[0], "Anybody?", office.clock.now().0);
    office.minutes_pass(3);
    let state = complete(&office, office.clock.now()).await;
    assert_eq!((state.repaired, state.away.is_none()), (2, true));
    office.minutes_pass(5);
    let state = complete(&office, office.clock.now()).await;
    assert_eq!(state.repaired, 3);
    let kept = everything(&office).await;
    is_all_here_once(&office.sandbox.truth(), &kept);
    assert_eq!(that_arrived(&kept, "missed"), BTreeSet::from([lost, late.clone(), hidden]));
    let marks = |texts: Vec<view::Text>| texts.iter().map(|text| text.late).collect::<Vec<_>>();
    let missed = Some(view::Late::Missed);
    assert_eq!(marks(office.texts_with(&office.phone(PRIYA)).await), [missed, missed, missed]);
    assert_eq!(marks(office.texts_with(&office.phone(MARCUS)).await), [None]);

    // It was only slow: no repair after all.
    let (status, _) = office.signed("/sms/inbound", &office.text_fields(&late, PRIYA, "Hello?")).post().await;
    assert_eq!(status, 200);
    assert_eq!(office.desk.inbox.catch_up_state().await.expect("a state").repaired, 2);
    assert_eq!(marks(office.texts_with(&office.phone(PRIYA)).await), [missed, None, missed]);
}

#[tokio::test]
async fn what_only_an_alert_tells_is_here_afterwards() {
    let mut office = open().await;
    office.phone(PRIYA).texts("Hello").await;
    office.close().await;
    let at_ms = office.clock.now().0 + HOUR_MS;
    let besides = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    // A word of their own for Advanced Opt-Out, which is in no list of words.
    let enough = TextIn::new(PRIYA, LINES[0], "Genug");
    office.sandbox.arrived_with(TextIn { besides: besides("OptOutType", "STOP"), ..enough }, at_ms);
    let lunch = TextIn::new(MARCUS, LINES[0], "Lunch?");
    let group = besides("OtherRecipients0", "+14155550177");
    office.sandbox.arrived_with(TextIn { besides: group, ..lunch }, at_ms);
    let call = office.sandbox.rang(MARCUS, LINES[1], at_ms, Rang::HungUp);
    office.clock.advance_ms(2 * HOUR_MS);
    office.reopen().await;
    complete(&office, office.clock.now()).await;
    assert_eq!(where_they_stand(&office, PRIYA).await, Consent::OptedOut);
    let kept = everything(&office).await;
    is_all_here_once(&office.sandbox.truth(), &kept);
    assert!(that_arrived(&kept, "asleep").contains(&call));
    let group = kept.iter().find(|one| one["type"] == "text" && one["body"] == "Lunch?").expect("the text");
    assert_eq!(group["group_with"], "+14155550177");

    // An account whose alerts cannot be read has all that is listed.
    office.sandbox.fault(Fault::Times(1_000, Box::new(Fault::MonitorAway)));
    office.close().await;
    office.sandbox.arrived(MARCUS, LINES[0], "Anybody?", office.clock.now().0 + HOUR_MS);
    office.clock.advance_ms(2 * HOUR_MS);
    office.reopen().await;
    complete(&office, office.clock.now()).await;
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}

#[tokio::test]
async fn lists_that_are_away_for_a_while_lose_nothing() {
    let mut office = open().await;
    let closed = office.clock.now();
    office.close().await;
    Rush { texts: 20, people: 10, calls: 4, voicemails: 2 }.comes(&office.sandbox, closed, HOUR_MS);
    office.clock.advance_ms(HOUR_MS);
    office.sandbox.fault(Fault::Times(1_000, Box::new(Fault::ListAway)));
    office.reopen().await;
    let morning = office.clock.now();
    office
        .until("Twilio does not answer", || async {
            office.desk.inbox.catch_up_state().await.expect("a state").problem
        })
        .await;
    assert!(everything(&office).await.iter().all(|one| one["type"] != "text"));
    office.sandbox.mend();
    let tried_again = || async {
        office.minutes_pass(1);
        let state = office.desk.inbox.catch_up_state().await.expect("a state");
        (state.problem.is_none() && state.complete_to >= Some(morning)).then_some(state)
    };
    let state = office.until("everything is here", tried_again).await;
    assert!(state.away.is_some_and(|away| (away.texts, away.calls) == (20, 4)));
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}
