//! What Twilio lists and what it posts come at the same time, or a clock jumps meanwhile: all of it is here
//! once, nothing is said to be complete that is not, and who wants no texts gets none.

use ringdesk_domain::{Actor, Moment, TextId, consent::Consent};
use ringdesk_inbox::{Sending, view};
use ringdesk_sandbox::{Fault, Rang, TextIn};
use ringdesk_tests::{
    asleep::{
        Kept, complete, complete_without_a_gap, everything, is_all_here_once, is_in_order, listed, number,
        that_arrived,
    },
    office::{LINES, Office, sending},
};
use std::collections::BTreeSet;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const NIGHT_MS: i64 = 8 * HOUR_MS;
const PRIYA: &str = "+14155550123";
const MARCUS: &str = "+14155550176";

/// How long an answer of Twilio's is in the air, so that something can happen meanwhile.
const IN_THE_AIR_MS: u64 = 200;
/// Where a look can be cut off: in the middle of this list, and in which of those of its kind. Nothing is read;
/// the texts of one line are; all texts are; all but the calls are; all but those of the second line.
const CUTS: [(&str, usize); 5] = [
    ("/Messages.json", 1),
    ("/Messages.json", 3),
    ("/Recordings.json", 1),
    ("/Calls.json", 2),
    ("/Calls.json", 3),
];
/// More texts than are on a page, and to how many people.
const SENT: u32 = 1_050;
const PEOPLE: u32 = 30;

/// By which way Twilio tells of a text first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    List,
    Webhook,
}

/// Waits until a look that was just asked for is in the middle of a list; so many requests came before it.
async fn in_the_middle_of(office: &Office, before: usize, list: &str, times: usize) {
    let asked = || async {
        let requests = office.sandbox.report().requests;
        let lists = requests[before..].iter().filter(|one| one.starts_with("GET ") && one.ends_with(list));
        (lists.count() >= times).then_some(())
    };
    office.until("it is being listed", asked).await;
}

/// Has a look begin, and waits until it is in the middle of a list.
async fn looks(office: &Office, list: &str, times: usize) {
    office.sandbox.set_latency_ms(IN_THE_AIR_MS);
    let before = office.sandbox.report().requests.len();
    office.desk.inbox.catch_up_now().await.expect("asked for");
    in_the_middle_of(office, before, list, times).await;
}

/// A text and a call to each line that nobody of ours was told of. Their SIDs.
fn comes(office: &Office, at: Moment) -> [String; 4] {
    let (sandbox, words) = (&office.sandbox, format!("Written at {}", at.0));
    [
        sandbox.arrived(PRIYA, LINES[0], &words, at.0),
        sandbox.arrived(MARCUS, LINES[1], &words, at.0 + 1_000),
        sandbox.rang(MARCUS, LINES[0], at.0 + 2_000, Rang::LeftMessage(3)),
        sandbox.rang(PRIYA, LINES[1], at.0 + 3_000, Rang::HungUp),
    ]
}

#[tokio::test]
async fn a_computer_that_falls_asleep_in_the_middle_of_a_look_has_everything_once() {
    let office = Office::open().await;
    let (mut before, mut meanwhile) = (BTreeSet::new(), BTreeSet::new());
    for (list, times) in CUTS {
        office.minutes_pass(30);
        complete(&office, office.clock.now()).await;
        office.minutes_pass(2);
        before.extend(comes(&office, office.clock.now()));
        office.minutes_pass(2);
        let dusk = office.clock.now();
        looks(&office, list, times).await;

        // Nothing else runs between these, so nothing is listed before it came.
        for hours in [1, 4, 7] {
            meanwhile.extend(comes(&office, dusk.plus_ms(hours * HOUR_MS)));
        }
        office.clock.sleep_ms(NIGHT_MS);
        office.sandbox.set_latency_ms(0);
        let dawn = office.clock.now();
        let state = complete_without_a_gap(&office, dawn).await;

        let kept = everything(&office).await;
        is_all_here_once(&office.sandbox.truth(), &kept);
        assert_eq!(that_arrived(&kept, "missed"), before, "cut off in {list}, {times}");
        assert_eq!(that_arrived(&kept, "asleep"), meanwhile, "cut off in {list}, {times}");
        assert_eq!((state.complete_to, state.problem), (Some(dawn), None));
        let away = state.away.expect("something came");
        assert_eq!((away.from, away.to, away.complete), (dusk, dawn, true));
        assert_eq!((away.texts, away.calls, away.voicemails, away.missed), (6, 6, 3, 3));
        office.desk.inbox.seen_away().await.expect("seen");
    }
    is_in_order(&office).await;
}

#[tokio::test]
async fn a_list_that_was_half_read_when_the_computer_fell_asleep_is_read_from_its_beginning() {
    let office = Office::open().await;
    office.minutes_pass(30);
    complete(&office, office.clock.now()).await;
    office.minutes_pass(4);
    let dusk = office.clock.now();
    let sent = |n: u32, at_ms: i64| {
        office.sandbox.sent_elsewhere(LINES[0], &number(n % PEOPLE), &format!("Sent {n}"), at_ms);
    };
    // Ten in a second, since the last look.
    for n in 0..SENT {
        sent(n, dusk.0 - i64::from(SENT - n) * 100);
    }
    // What came is read, and of what was sent the first of two pages.
    looks(&office, "/Messages.json", 3).await;

    // What is sent meanwhile moves everything on by some places.
    for n in SENT..SENT + 20 {
        sent(n, dusk.0 + i64::from(n) * 2_000);
    }
    office.sandbox.arrived(PRIYA, LINES[0], "Good morning", dusk.0 + 7 * HOUR_MS);
    office.clock.sleep_ms(NIGHT_MS);
    office.sandbox.set_latency_ms(0);
    let state = complete_without_a_gap(&office, office.clock.now()).await;
    assert_eq!(state.complete_to, Some(office.clock.now()));
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
    is_in_order(&office).await;
}

/// What there is of customers, in whatever order it came here.
async fn of_customers(office: &Office) -> Vec<Kept> {
    let kinds = ["conversation", "text", "call", "consent", "consent_state"];
    let of_them = |one: &Kept| one["type"].as_str().is_some_and(|kind| kinds.contains(&kind));
    everything(office).await.into_iter().filter(of_them).collect()
}

/// The time at Twilio, whose clock ours is so far ahead of.
fn at_twilio(office: &Office, ahead_ms: i64) -> Moment {
    office.clock.now().plus_ms(-ahead_ms)
}

/// The clock goes ahead by mistake, if it does, and is set back then, perhaps in the middle of a look.
async fn is_set_back(office: &Office, ahead_ms: i64, back_ms: i64, in_a_look: bool) {
    let is_here = || async { is_all_here_once(&office.sandbox.truth(), &everything(office).await) };
    office.minutes_pass(30);
    if ahead_ms > 0 {
        office.clock_is_set(ahead_ms);
    }
    office.phone(PRIYA).texts("This comes").await;
    office.sandbox.arrived(MARCUS, LINES[0], "This does not", at_twilio(office, ahead_ms).0);
    let state = listed(office).await;
    assert_eq!(state.complete_to, Some(at_twilio(office, ahead_ms)));
    is_here().await;
    let before = of_customers(office).await;

    if in_a_look {
        looks(office, "/Messages.json", 1).await;
    }
    office.clock_is_set(-back_ms);
    office.sandbox.set_latency_ms(0);
    let ahead_ms = ahead_ms - back_ms;
    let again = listed(office).await;
    assert_eq!((again.complete_to, again.repaired), (state.complete_to, state.repaired));
    assert_eq!(of_customers(office).await, before, "nothing is new, and nothing is gone");

    // What comes from now on is here, by itself or not, and what is of long ago, too.
    office.minutes_pass(6);
    office.phone(PRIYA).texts("This comes, too").await;
    let now = at_twilio(office, ahead_ms);
    office.sandbox.arrived(MARCUS, LINES[1], "This neither", now.0);
    office.sandbox.arrived(MARCUS, LINES[0], "Before Ringdesk", now.0 - 40 * DAY_MS);
    office.desk.inbox.bring_in_history(60).await.expect("wanted");
    office.caught_up().await;
    let later = listed(office).await;
    is_here().await;
    assert!(later.complete_to >= state.complete_to, "{later:?}");
    assert!(later.complete_to <= Some(now), "of what is to come nobody knows: {later:?}");

    // The clock is right, and time goes on.
    if ahead_ms < 0 {
        office.clock_is_set(-ahead_ms);
    }
    office.minutes_pass(6);
    let right = complete_without_a_gap(office, office.clock.now()).await;
    assert_eq!(right.complete_to, Some(office.clock.now()));
    is_here().await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_fetches_nothing_twice_and_jumps_over_nothing() {
    for in_a_look in [false, true] {
        for (ahead_ms, back_ms) in
            [(0, HOUR_MS), (0, 2 * DAY_MS), (HOUR_MS, HOUR_MS), (2 * DAY_MS, 2 * DAY_MS)]
        {
            let office = Office::open().await;
            is_set_back(&office, ahead_ms, back_ms, in_a_look).await;
        }
    }
}

async fn where_they_stand(office: &Office, customer: &str) -> Consent {
    office.conversation_with(&office.phone(customer)).await.conversation.consent
}

/// What the ledger says of a customer, oldest first.
async fn ledger(office: &Office, customer: &str) -> Vec<String> {
    let ledger = office.kept("consent").await;
    let theirs = ledger.iter().filter(|entry| entry["customer"] == customer);
    theirs.filter_map(|entry| entry["event"].as_str().map(str::to_owned)).collect()
}

/// A text that can still be taken back for half a minute.
async fn begins_to_answer(office: &Office, customer: &str, words: &str) -> TextId {
    let conversation = office.conversation_with(&office.phone(customer)).await.conversation.id;
    let text = Sending { undo_seconds: Some(30), ..sending(conversation, words) };
    office.desk.inbox.send_text(text, Actor::Owner).await.expect("queued").id
}

/// Somebody writes, and their webhook is on its way. `read` is what Advanced Opt-Out read in it. Its SID.
fn writes(office: &Office, customer: &str, words: &str, read: Option<&str>) -> String {
    let besides = read.map(|read| ("OptOutType".to_owned(), read.to_owned()));
    let text = TextIn { besides: besides.into_iter().collect(), ..TextIn::new(customer, LINES[0], words) };
    office.sandbox.arrived_with(text, office.clock.now().0)
}

/// The webhook of a text comes.
async fn is_posted(office: &Office, sid: &str, customer: &str, words: &str, read: Option<&str>) {
    let mut fields = office.text_fields(sid, customer, words);
    fields.extend(read.map(|read| ("OptOutType", read)));
    let (status, _) = office.signed("/sms/inbound", &fields).post().await;
    assert_eq!(status, 200, "the door took it");
}

/// Somebody writes, and Twilio tells of it both ways.
async fn is_told(office: &Office, customer: &str, words: &str, read: &str, first: First) {
    let sid = writes(office, customer, words, Some(read));
    if first == First::List {
        listed(office).await;
    }
    is_posted(office, &sid, customer, words, Some(read)).await;
    if first == First::Webhook {
        listed(office).await;
    }
}

#[tokio::test]
async fn a_stop_and_a_start_mean_the_same_whether_the_list_or_the_webhook_tells_first() {
    let office = Office::open().await;
    for (first, customer) in [(First::List, PRIYA), (First::Webhook, MARCUS)] {
        let phone = office.phone(customer);
        phone.texts("Hello").await;
        office.minutes_pass(1);
        let waits = begins_to_answer(&office, customer, "How about Monday?").await;
        is_told(&office, customer, "STOP", "STOP", first).await;
        assert_eq!(where_they_stand(&office, customer).await, Consent::OptedOut, "{first:?}");
        office.minutes_pass(1);
        let text = office.reaches(&phone, waits, "failed").await;
        let failure = text.failure.expect("a reason");
        assert_eq!((failure.code, failure.charged), (Some(21610), view::Charged::No));
        assert!(phone.got().is_empty(), "who says STOP gets nothing more");

        is_told(&office, customer, "START", "START", first).await;
        assert_eq!(where_they_stand(&office, customer).await, Consent::Given, "{first:?}");
        let wanted = office.answers(&phone, "How about Tuesday?").await;
        office.reaches(&phone, wanted, "delivered").await;
        assert_eq!(phone.got().len(), 1);
        assert_eq!(ledger(&office, customer).await, ["wrote_first", "stop_word", "start_word"]);
    }
    assert_eq!(office.sandbox.report().creates, 2);
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}

#[tokio::test]
async fn a_webhook_that_comes_late_undoes_nothing_that_was_said_since() {
    let office = Office::open().await;
    for (customer, words, then, ends) in
        [(PRIYA, "START", "STOP", Consent::OptedOut), (MARCUS, "STOP", "START", Consent::Given)]
    {
        let phone = office.phone(customer);
        phone.texts("Hello").await;
        office.minutes_pass(1);
        let waits = begins_to_answer(&office, customer, "How about Monday?").await;
        let sid = writes(&office, customer, words, None);
        office.clock.advance_ms(10_000);
        phone.texts(then).await;
        listed(&office).await;
        office.clock.advance_ms(10_000);
        is_posted(&office, &sid, customer, words, None).await;
        assert_eq!(where_they_stand(&office, customer).await, ends, "{words}, then {then}");
        office.minutes_pass(1);
        let becomes = if ends == Consent::Given { "delivered" } else { "failed" };
        office.reaches(&phone, waits, becomes).await;
    }
    assert_eq!(office.sandbox.report().creates, 1, "who said STOP last gets nothing");
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}

#[tokio::test]
async fn a_start_between_two_stops_undoes_neither_however_late_it_is_listed() {
    let office = Office::open().await;
    let phone = office.phone(PRIYA);
    office.minutes_pass(1);
    phone.texts("STOP").await;
    office.clock.advance_ms(10_000);
    writes(&office, PRIYA, "START", None);
    office.clock.advance_ms(10_000);
    phone.texts("STOP").await;
    listed(&office).await;
    assert_eq!(where_they_stand(&office, PRIYA).await, Consent::OptedOut);
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}

#[tokio::test]
async fn what_only_the_webhook_tells_of_a_word_counts_though_the_list_came_first() {
    let office = Office::open().await;
    // No alert tells it, either.
    office.fault(Fault::Times(1_000, Box::new(Fault::MonitorAway)));
    for (first, area) in [(First::List, "+141555501"), (First::Webhook, "+141555502")] {
        for (end, before, words, read, ends) in [
            ("01", None, "Genug", "STOP", Consent::OptedOut),
            ("02", Some("Hello"), "Please stop texting me", "STOP", Consent::OptedOut),
            ("03", Some("STOP"), "Yes", "START", Consent::Given),
        ] {
            let customer = format!("{area}{end}");
            if let Some(before) = before {
                office.phone(&customer).texts(before).await;
            }
            office.minutes_pass(1);
            is_told(&office, &customer, words, read, first).await;
            assert_eq!(where_they_stand(&office, &customer).await, ends, "{words}, {first:?}");
        }
    }
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}

#[tokio::test]
async fn a_stop_counts_where_the_times_do_not_tell_whether_a_start_came_after_it() {
    let office = Office::open().await;
    office.minutes_pass(1);
    office.phone(PRIYA).texts("Hello").await;
    // Of one second, which is all that a list tells.
    office.clock.advance_ms(600);
    office.phone(PRIYA).texts("START").await;
    office.clock.advance_ms(200);
    writes(&office, PRIYA, "STOP", None);
    listed(&office).await;
    assert_eq!(where_they_stand(&office, PRIYA).await, Consent::OptedOut);

    // By a clock that was set back it comes long before.
    for words in ["STOP", "START"] {
        office.minutes_pass(1);
        office.phone(MARCUS).texts(words).await;
    }
    assert_eq!(where_they_stand(&office, MARCUS).await, Consent::Given);
    office.clock_is_set(-HOUR_MS);
    office.phone(MARCUS).texts("STOP").await;
    assert_eq!(where_they_stand(&office, MARCUS).await, Consent::OptedOut);
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}

#[tokio::test]
async fn a_text_that_is_about_to_leave_leaves_though_the_clock_is_set_back() {
    let office = Office::open().await;
    for (customer, back_ms) in [(PRIYA, HOUR_MS), (MARCUS, 2 * DAY_MS)] {
        let phone = office.phone(customer);
        phone.texts("Where are you?").await;
        let waits = begins_to_answer(&office, customer, "There in ten minutes").await;
        office.clock_is_set(-back_ms);
        let soon = office.clock.now().plus_ms(MINUTE_MS);
        let leaves_soon = || async {
            let texts = office.texts_with(&phone).await;
            let text = texts.into_iter().find(|text| text.id == waits)?;
            text.undo_until.is_some_and(|until| until <= soon).then_some(())
        };
        office.until("it leaves within a minute", leaves_soon).await;
        office.minutes_pass(1);
        office.reaches(&phone, waits, "delivered").await;
    }
    assert_eq!(office.sandbox.report().creates, 2);
}

/// What Priya wrote, in the order in which it is shown: each text is its number.
async fn shown(office: &Office) -> Vec<u32> {
    let texts = office.texts_with(&office.phone(PRIYA)).await;
    texts.iter().map(|text| text.body.parse().expect("a number")).collect()
}

#[tokio::test]
async fn texts_of_one_second_are_here_once_and_keep_their_order() {
    let mut office = Office::open().await;
    office.minutes_pass(1);
    // Four in each second: every third is posted at once, every third never, and every third once it was
    // listed.
    let (posted, late) = (|n: u32| n.is_multiple_of(3), |n: u32| n % 3 == 2);
    let mut to_post = Vec::new();
    for n in 0..12 {
        let words = n.to_string();
        if posted(n) {
            office.phone(PRIYA).texts(&words).await;
        } else {
            let sid = writes(&office, PRIYA, &words, None);
            to_post.extend(late(n).then_some((sid, words)));
        }
        office.clock.advance_ms(250);
    }
    listed(&office).await;

    // A webhook tells no time, and a list the second: what can be told from that is as it was written.
    let order = shown(&office).await;
    assert!(order.is_sorted_by_key(|n| n / 4), "second by second: {order:?}");
    for way in [true, false] {
        let same: Vec<u32> = order.iter().copied().filter(|n| posted(*n) == way).collect();
        assert!(same.is_sorted(), "posted {way}: {order:?}");
    }
    // However late the rest is posted, and however often all of it is listed, that stays so.
    for (sid, words) in &to_post {
        is_posted(&office, sid, PRIYA, words, None).await;
    }
    assert_eq!(shown(&office).await, order);
    office.minutes_pass(6);
    listed(&office).await;
    assert_eq!(shown(&office).await, order);
    office.restart().await;
    listed(&office).await;
    assert_eq!(shown(&office).await, order);
    let priya = office.conversation_with(&office.phone(PRIYA)).await.conversation;
    let last = priya.last.expect("a text").preview;
    assert_eq!((priya.unread, order.last().map(u32::to_string)), (12, Some(last)));
    is_all_here_once(&office.sandbox.truth(), &everything(&office).await);
}
