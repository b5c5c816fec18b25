//! How calls end, from whatever was told of them by then.

use proptest::{collection::vec, option, prelude::*, sample::select};
use ringdesk_domain::{
    calls::{Ending, Facts, Leg, SHORTEST_MESSAGE_S, Screened, ending, is_over, rank},
    routing::{CallerId, Phone, Plan, Ring},
};
use std::collections::HashSet;

/// Twilio's words for how far a call is, in the order in which they come.
const ON_THE_WAY: [&str; 4] = ["queued", "initiated", "ringing", "in-progress"];
const OVER: [&str; 5] = ["completed", "busy", "failed", "no-answer", "canceled"];

fn forward(screening: bool) -> Plan {
    Plan::Forward {
        phones: vec![Phone { name: String::new(), number: "+14155550111".into() }],
        ring: Ring::InOrder,
        ring_seconds: 20,
        caller_id: CallerId::Caller,
        screening,
    }
}

fn leg(status: &str) -> Leg {
    Leg { status: status.into(), screened: None }
}

fn accepted(status: &str) -> Leg {
    Leg { status: status.into(), screened: Some(Screened::Accepted) }
}

fn declined(status: &str) -> Leg {
    Leg { status: status.into(), screened: Some(Screened::Declined) }
}

/// A customer's call that is over, and what was decided for it.
fn call(plan: Plan) -> Facts {
    Facts { incoming: true, status: "completed".into(), plan: Some(plan), ..Facts::default() }
}

/// A customer's call that was forwarded to a phone that asks for a 1.
fn screened() -> Facts {
    call(forward(true))
}

/// The same without the question.
fn unscreened() -> Facts {
    call(forward(false))
}

/// A call of ours that is over.
fn ours(legs: &[Leg]) -> Facts {
    Facts { status: "completed".into(), legs: legs.to_vec(), ..Facts::default() }
}

#[track_caller]
fn check(facts: &Facts, expected: impl Into<Option<Ending>>) {
    assert_eq!(ending(facts), expected.into(), "{facts:?}");
}

#[test]
fn a_call_that_goes_on_has_no_ending() {
    for status in ON_THE_WAY.into_iter().chain(["answered", "", "a word of next year"]) {
        let legs = vec![leg("in-progress"), declined("completed")];
        for incoming in [true, false] {
            let facts = Facts { incoming, status: status.into(), legs: legs.clone(), ..screened() };
            check(&facts, None);
            let told = Facts { bridged: Some(false), message_s: Some(30), greeted: true, ..facts };
            check(&told, None);
        }
    }
}

#[test]
fn they_talked_when_twilio_bridged_them() {
    let bridged = Facts { bridged: Some(true), legs: vec![accepted("completed")], ..screened() };
    check(&bridged, Ending::Answered);
    // From that moment on, not only when it is over.
    check(&Facts { status: "in-progress".into(), ..bridged.clone() }, Ending::Answered);
    check(&Facts { status: "ringing".into(), ..bridged.clone() }, Ending::Answered);
    // Whatever else was told, or not yet.
    check(&Facts { legs: Vec::new(), ..bridged.clone() }, Ending::Answered);
    check(&Facts { message_s: Some(30), greeted: true, ..bridged.clone() }, Ending::Answered);
    check(&Facts { legs: vec![declined("completed")], ..bridged.clone() }, Ending::Answered);
    check(&Facts { status: "failed".into(), ..bridged.clone() }, Ending::Answered);
    check(&Facts { plan: None, ..bridged }, Ending::Answered);
    check(&Facts { bridged: Some(true), ..unscreened() }, Ending::Answered);
}

#[test]
fn without_twilios_word_pressing_1_means_that_they_talked() {
    for status in ["completed", "in-progress", "answered", "ringing", ""] {
        check(&Facts { legs: vec![accepted(status)], ..screened() }, Ending::Answered);
        check(&Facts { legs: vec![declined(status)], ..screened() }, Ending::ScreenedOut);
    }
    // Nobody pressed anything, or nobody told.
    check(&Facts { legs: vec![leg("completed")], ..screened() }, Ending::ScreenedOut);
    // One of several is enough.
    let legs = vec![leg("no-answer"), declined("completed"), accepted("completed"), leg("canceled")];
    check(&Facts { legs, ..screened() }, Ending::Answered);
}

#[test]
fn without_the_question_whoever_picked_up_talked() {
    for status in ["completed", "in-progress", "answered"] {
        check(&Facts { legs: vec![leg("busy"), leg(status)], ..unscreened() }, Ending::Answered);
    }
    for status in ["busy", "no-answer", "canceled", "failed", "ringing", "initiated", ""] {
        check(&Facts { legs: vec![leg(status)], ..unscreened() }, Ending::HungUpRinging);
    }
    // Unless Twilio says otherwise.
    let legs = vec![leg("completed")];
    check(&Facts { legs, bridged: Some(false), greeted: true, ..unscreened() }, Ending::HungUpGreeting);
}

#[test]
fn a_message_that_was_left_is_voicemail() {
    check(&Facts { message_s: Some(30), ..call(Plan::Voicemail) }, Ending::Voicemail);
    let nobody = Facts { message_s: Some(30), bridged: Some(false), greeted: true, ..screened() };
    check(&nobody, Ending::Voicemail);
    check(&Facts { legs: vec![leg("no-answer")], ..nobody.clone() }, Ending::Voicemail);
    // A mailbox picked up and was sent away: the customer then found ours.
    check(&Facts { legs: vec![declined("completed")], ..nobody.clone() }, Ending::Voicemail);
    check(&Facts { legs: vec![leg("completed")], ..nobody }, Ending::Voicemail);
    // Twilio's word on the bridge did not come.
    let legs = vec![declined("completed")];
    check(&Facts { message_s: Some(30), legs, ..screened() }, Ending::Voicemail);
    check(
        &Facts { status: "failed".into(), message_s: Some(30), ..call(Plan::Voicemail) },
        Ending::Voicemail,
    );
    // Nor did what was decided.
    check(&Facts { plan: None, message_s: Some(30), ..screened() }, Ending::Voicemail);
}

#[test]
fn a_second_of_silence_is_no_message() {
    for (seconds, expected) in [
        (0, Ending::HungUpGreeting),
        (SHORTEST_MESSAGE_S - 1, Ending::HungUpGreeting),
        (SHORTEST_MESSAGE_S, Ending::Voicemail),
        (119, Ending::Voicemail),
    ] {
        let message_s = Some(seconds);
        check(&Facts { message_s, ..call(Plan::Voicemail) }, expected);
        check(&Facts { message_s, bridged: Some(false), greeted: true, ..screened() }, expected);
    }
    let legs = vec![declined("completed")];
    check(&Facts { message_s: Some(1), legs, greeted: true, ..screened() }, Ending::ScreenedOut);
}

#[test]
fn hanging_up_is_told_by_how_far_they_came() {
    for status in OVER.into_iter().filter(|status| *status != "failed") {
        let over = |facts: Facts| Facts { status: status.into(), ..facts };
        check(&over(screened()), Ending::HungUpRinging);
        check(&over(unscreened()), Ending::HungUpRinging);
        check(&over(Facts { legs: vec![leg("no-answer")], ..screened() }), Ending::HungUpRinging);
        check(&over(Facts { legs: vec![leg("canceled"); 2], ..unscreened() }), Ending::HungUpRinging);
        // The action of `<Dial>` is asked for also when it was the caller who hung up.
        let told = Facts { bridged: Some(false), legs: vec![leg("canceled")], ..screened() };
        check(&over(told.clone()), Ending::HungUpRinging);
        check(&over(Facts { greeted: true, ..told }), Ending::HungUpGreeting);
        // Nothing rang: there was the greeting at once.
        check(&over(call(Plan::Voicemail)), Ending::HungUpGreeting);
        // Nobody knows any more what was decided.
        check(&over(Facts { plan: None, ..screened() }), Ending::HungUpRinging);
        check(&over(Facts { plan: None, greeted: true, ..screened() }), Ending::HungUpGreeting);
    }
}

#[test]
fn picking_up_without_pressing_1_is_screened_out() {
    for legs in [
        vec![declined("completed")],
        vec![leg("completed")],
        // Told of one and not of the other.
        vec![declined("")],
        vec![leg("in-progress")],
        vec![leg("no-answer"), declined("completed"), leg("busy")],
    ] {
        for (bridged, greeted) in [(Some(false), true), (Some(false), false), (None, true), (None, false)] {
            check(&Facts { legs: legs.clone(), bridged, greeted, ..screened() }, Ending::ScreenedOut);
        }
    }
}

#[test]
fn a_declined_question_was_a_question_whatever_else_is_known() {
    // What was decided is not known here; that a 1 was asked for and did not come is.
    let facts = Facts { plan: None, legs: vec![declined("completed")], ..screened() };
    check(&facts, Ending::ScreenedOut);
}

#[test]
fn whoever_heard_that_it_is_closed_heard_it() {
    check(&call(Plan::Message), Ending::HeardMessage);
    check(&Facts { greeted: true, ..call(Plan::Message) }, Ending::HeardMessage);
    check(&Facts { status: "in-progress".into(), ..call(Plan::Message) }, None);
    check(&Facts { status: "failed".into(), ..call(Plan::Message) }, Ending::Failed);
}

#[test]
fn refused_is_refused_in_whatever_words() {
    // A refused call is "busy" to Twilio; its own words may come late or never.
    for status in OVER.into_iter().chain(ON_THE_WAY).chain([""]) {
        check(&Facts { status: status.into(), ..call(Plan::Reject) }, Ending::Blocked);
    }
}

#[test]
fn a_call_that_failed_is_told_as_such() {
    let failed = |facts: Facts| Facts { status: "failed".into(), ..facts };
    check(&failed(screened()), Ending::Failed);
    check(&failed(call(Plan::Voicemail)), Ending::Failed);
    check(&failed(Facts { bridged: Some(false), legs: vec![leg("failed")], ..unscreened() }), Ending::Failed);
    check(&failed(Facts { plan: None, ..screened() }), Ending::Failed);
    // A phone of ours that failed is no failed call: the customer heard the greeting.
    let legs = vec![leg("failed")];
    check(&Facts { legs, bridged: Some(false), greeted: true, ..screened() }, Ending::HungUpGreeting);
}

#[test]
fn calls_of_ours_end_as_the_customers_phone_says() {
    for (status, expected) in [
        ("completed", Ending::Answered),
        ("in-progress", Ending::Answered),
        ("answered", Ending::Answered),
        ("busy", Ending::Busy),
        ("no-answer", Ending::NoAnswer),
        ("failed", Ending::Failed),
        // Told of no end, although the call is over.
        ("ringing", Ending::NoAnswer),
        ("initiated", Ending::NoAnswer),
        ("", Ending::NoAnswer),
    ] {
        check(&ours(&[leg(status)]), expected);
        let bridged = Facts { bridged: Some(true), ..ours(&[leg(status)]) };
        check(&bridged, Ending::Answered);
        check(&Facts { status: "in-progress".into(), ..bridged }, Ending::Answered);
        check(&Facts { status: "in-progress".into(), ..ours(&[leg(status)]) }, None);
    }
    // Picked up, Twilio says, and never connected.
    check(&Facts { bridged: Some(false), ..ours(&[leg("completed")]) }, Ending::NoAnswer);
    check(&Facts { bridged: Some(false), ..ours(&[leg("busy")]) }, Ending::Busy);
    // What the newest attempt says counts.
    check(&ours(&[leg("busy"), leg("completed")]), Ending::Answered);
    check(&ours(&[leg("no-answer"), leg("busy")]), Ending::Busy);
}

#[test]
fn a_call_of_ours_that_never_reached_the_customer_is_canceled_or_failed() {
    for status in OVER {
        let facts = Facts { status: status.into(), ..ours(&[]) };
        check(&facts, if status == "failed" { Ending::Failed } else { Ending::Canceled });
    }
    check(&Facts { bridged: Some(false), ..ours(&[]) }, Ending::Canceled);
}

#[test]
fn hanging_up_before_the_customer_picks_up_cancels_a_call_of_ours() {
    check(&ours(&[leg("canceled")]), Ending::Canceled);
}

#[test]
fn missed_is_whoever_called_and_talked_with_nobody() {
    for (ending, missed) in [
        (Ending::Answered, false),
        (Ending::Voicemail, true),
        (Ending::HungUpRinging, true),
        (Ending::HungUpGreeting, true),
        (Ending::ScreenedOut, true),
        (Ending::HeardMessage, true),
        // The owner wanted it so.
        (Ending::Blocked, false),
        (Ending::Busy, false),
        (Ending::NoAnswer, false),
        (Ending::Canceled, false),
        (Ending::Failed, true),
    ] {
        assert_eq!(ending.is_missed(), missed, "{ending:?}");
    }
}

#[test]
fn stored_words_are_read_back() {
    let words: HashSet<&str> = Ending::ALL.into_iter().map(Ending::word).collect();
    assert_eq!(words.len(), Ending::ALL.len(), "no two share a word");
    for ending in Ending::ALL {
        assert_eq!(Ending::from_word(ending.word()), Some(ending));
        // The same word stands in the store and on the wire.
        assert_eq!(serde_json::to_value(ending).expect("a word"), ending.word());
    }
    for screened in [Screened::Accepted, Screened::Declined] {
        assert_eq!(Screened::from_word(screened.word()), Some(screened));
        assert_eq!(serde_json::to_value(screened).expect("a word"), screened.word());
    }
    assert_eq!(Ending::from_word("Answered").or(Ending::from_word("")), None);
    assert_eq!(Screened::from_word(""), None);
}

#[test]
fn each_status_is_further_than_the_one_before() {
    let words = ["a word of next year"].into_iter().chain(ON_THE_WAY).chain(["completed"]);
    let ranks: Vec<i64> = words.map(rank).collect();
    assert!(ranks.is_sorted_by(|before, after| before < after), "{ranks:?}");
    // Twilio says "answered" where it means "in-progress"; and no end is further than another.
    assert_eq!(rank("answered"), rank("in-progress"));
    assert!(OVER.iter().all(|status| rank(status) == rank("completed") && is_over(status)));
    assert!(!ON_THE_WAY.into_iter().chain(["answered", ""]).any(is_over));
}

fn any_status() -> impl Strategy<Value = String> {
    let known: Vec<&str> = ON_THE_WAY.into_iter().chain(OVER).chain(["answered"]).collect();
    prop_oneof![9 => select(known).prop_map(str::to_owned), 1 => "[a-z-]{0,8}"]
}

fn any_leg() -> impl Strategy<Value = Leg> {
    let screened = option::of(select(vec![Screened::Accepted, Screened::Declined]));
    (any_status(), screened).prop_map(|(status, screened)| Leg { status, screened })
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let plan = select(vec![Plan::Reject, Plan::Voicemail, Plan::Message, forward(true), forward(false)]);
    let told = (option::of(any::<bool>()), any::<bool>(), option::of(0..130u32));
    (any::<bool>(), any_status(), option::of(plan), told, vec(any_leg(), 0..4)).prop_map(
        |(incoming, status, plan, (bridged, greeted, message_s), legs)| Facts {
            incoming,
            status,
            plan,
            bridged,
            greeted,
            message_s,
            legs,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Callbacks come twice, late and in any order.
    #[test]
    fn a_status_never_goes_back(told in vec(any_status(), 1..12)) {
        let mut known = String::new();
        for status in &told {
            let before = rank(&known);
            if rank(status) > before {
                known.clone_from(status);
            }
            prop_assert!(rank(&known) >= before);
            prop_assert!(rank(status) <= rank(&known));
        }
        prop_assert_eq!(is_over(&known), told.iter().any(|status| is_over(status)));
    }

    #[test]
    fn every_call_that_is_over_has_one_ending(facts in any_facts()) {
        let ended = ending(&facts);
        let certain = facts.bridged == Some(true) || (facts.incoming && facts.plan == Some(Plan::Reject));
        prop_assert_eq!(ended.is_some(), is_over(&facts.status) || certain);
        let Some(ended) = ended else { return Ok(()) };
        let outgoing_only = matches!(ended, Ending::Busy | Ending::NoAnswer | Ending::Canceled);
        let both = matches!(ended, Ending::Answered | Ending::Failed);
        prop_assert!(both || outgoing_only != facts.incoming, "{:?}", ended);
        prop_assert_eq!(ended == Ending::Blocked, facts.incoming && facts.plan == Some(Plan::Reject));
        if facts.bridged == Some(false) {
            prop_assert!(ended != Ending::Answered);
        }
    }

    #[test]
    fn a_callback_that_comes_again_changes_nothing(facts in any_facts(), which in any::<prop::sample::Index>()) {
        let mut again = facts.clone();
        if facts.incoming && !facts.legs.is_empty() {
            again.legs.push(facts.legs[which.index(facts.legs.len())].clone());
        }
        prop_assert_eq!(ending(&again), ending(&facts));
    }

    #[test]
    fn the_order_in_which_our_phones_are_told_of_does_not_matter(
        facts in any_facts(),
        order in any::<prop::sample::Index>(),
    ) {
        prop_assume!(facts.incoming && !facts.legs.is_empty());
        let mut turned = facts.clone();
        let by = order.index(turned.legs.len());
        turned.legs.rotate_left(by);
        prop_assert_eq!(ending(&turned), ending(&facts));
    }

    #[test]
    fn a_bridge_is_the_last_word(facts in any_facts(), status in any_status()) {
        prop_assume!(facts.plan != Some(Plan::Reject));
        let bridged = Facts { bridged: Some(true), status, ..facts };
        prop_assert_eq!(ending(&bridged), Some(Ending::Answered));
    }
}
