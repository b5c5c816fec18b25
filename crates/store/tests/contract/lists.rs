//! What the list of conversations says of calls and counts by line, and how far a part of a timeline's calls
//! reaches.

use super::{
    LINE, MARIA, T0, conversation, incoming, new_text, store,
    voicemails::{Told, tell},
};
use ringdesk_domain::{Actor, Address, Arrival, CallId, LineId, Moment, calls::Ending};
use ringdesk_store::{ConversationFilter, FilterCounts, Happening, NewText, Store, VoicemailsWanted, Which};

const MINUTE_MS: i64 = 60_000;

fn minute(n: i64) -> Moment {
    T0.plus_ms(n * MINUTE_MS)
}

/// A customer rings in vain.
async fn misses(store: &Store, line: &str, customer: &str, at: Moment) -> CallId {
    let id = CallId::new(at);
    let which = Which {
        id,
        sid: format!("CA{:032x}", at.0),
        ours: None,
        line: Address::received(line),
        customer: Address::received(customer),
        outgoing: false,
        arrival: Arrival::Live,
    };
    let over = Happening { status: Some("no-answer".into()), ..Happening::default() };
    store.record_call(which, over, at, None).await.expect("stored");
    id
}

#[tokio::test]
async fn whoever_was_missed_is_not_answered_by_our_text_of_itself() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    store.queue_text(new_text(id, "We call you", minute(1))).await.expect("queued");
    let row = async || store.conversation(id).await.expect("row").expect("there");
    assert_eq!((row().await.last_call, row().await.waiting_since), (None, None));

    let call = misses(&store, LINE, MARIA, minute(2)).await;
    let sorry = NewText { actor: Actor::Desk, ..new_text(id, "Sorry we missed your call", minute(3)) };
    assert!(store.care(call, Some(sorry), T0, minute(3)).await.expect("cared for"));
    let missed = row().await;
    assert_eq!(missed.last_call, Some((true, Some(Ending::HungUpRinging), true)));
    assert_eq!(missed.last.map(|(_, body, _)| body).as_deref(), Some("Sorry we missed your call"));
    assert_eq!(missed.waiting_since, Some(minute(2)));
    for filter in [ConversationFilter::Missed, ConversationFilter::Waiting] {
        assert_eq!(store.count_conversations(filter, None).await.expect("count"), 1, "{filter:?}");
        let list = store.conversations(filter, None, 0, 5).await.expect("list");
        assert_eq!(list[0].last_call, missed.last_call);
    }

    // What they write, and what we do, is newer.
    store.record_incoming_text(incoming("SM2", "No worries", minute(4)), None).await.expect("stored");
    assert_eq!(row().await.last_call, None);
    store.queue_text(new_text(id, "Six is fine", minute(5))).await.expect("queued");
    assert_eq!((row().await.last_call, row().await.waiting_since), (None, None));
}

#[tokio::test]
async fn whoever_left_a_message_is_listed_with_what_they_said() {
    let (_folder, store) = store().await;
    for told in [Told::Rings, Told::Left, Told::Over, Told::Ready] {
        tell(&store, 1, told).await;
    }
    let row =
        async || store.conversations(ConversationFilter::Open, None, 0, 5).await.expect("list").remove(0);
    let left = row().await;
    assert_eq!(left.last_call, Some((true, Some(Ending::Voicemail), true)));
    assert_eq!(left.last_said, None, "nobody wrote it down yet");
    let mut seen = store.latest_change();
    // Whoever shows the list is told of each.
    let mut told = async || {
        let news = store.changes_after(seen, 50).await.expect("changes");
        seen = store.latest_change();
        news.iter().any(|change| change.conversation == Some(left.id))
    };
    tell(&store, 1, Told::Written).await;
    assert!(told().await);
    assert_eq!(row().await.last_said.as_deref(), Some("Please call me back"));
    let wanted = VoicemailsWanted { limit: 1, ..VoicemailsWanted::default() };
    let id = store.voicemails(wanted).await.expect("list")[0].id;
    for (words, said) in [(Some("Call me at six"), "Call me at six"), (None, "Please call me back")] {
        let words = words.map(str::to_owned);
        assert!(store.edit_transcript(id, words, Actor::Owner, T0).await.expect("edited"));
        assert!(told().await);
        assert_eq!(row().await.last_said.as_deref(), Some(said));
    }
    assert!(store.remove_voicemail(id, true, T0).await.expect("removed"));
    assert!(told().await);
    assert_eq!(row().await.last_said, None);
}

#[tokio::test]
async fn a_number_leads_to_where_something_happened_last() {
    let (_folder, store) = store().await;
    let maria = Address::received(MARIA);
    let newest = async || store.newest_conversation(&maria).await.expect("asked");
    assert_eq!(newest().await, None, "none is made");
    let first = conversation(&store).await;
    assert_eq!(newest().await, Some(first));
    misses(&store, "+15005550007", MARIA, minute(1)).await;
    let second = newest().await.expect("a conversation");
    assert_ne!(second, first);
    misses(&store, LINE, "+14155550102", minute(2)).await;
    assert_eq!(newest().await, Some(second), "somebody else's is none of theirs");
    store.record_incoming_text(incoming("SM2", "Hello?", minute(3)), None).await.expect("stored");
    assert_eq!(newest().await, Some(first));
}

#[tokio::test]
async fn a_line_is_counted_by_itself() {
    let (_folder, store) = store().await;
    let other = "+15005550007";
    conversation(&store).await;
    misses(&store, other, MARIA, minute(1)).await;
    misses(&store, other, "+14155550102", minute(2)).await;
    let lines = store.lines().await.expect("lines");
    let of = |number: &str| lines.iter().find(|line| line.number.as_str() == number).expect("a line").id;
    let counts = async |line| store.filter_counts(line).await.expect("counts");
    assert_eq!(counts(of(LINE)).await, FilterCounts { unread: 1, waiting: 1, missed: 0 });
    assert_eq!(counts(of(other)).await, FilterCounts { unread: 2, waiting: 2, missed: 2 });
    assert_eq!(counts(LineId::new(T0)).await, FilterCounts::default());
    let all = store.unread().await.expect("counts");
    assert_eq!((all.conversations, all.waiting, all.missed), (3, 3, 2));
}

#[tokio::test]
async fn calls_reach_as_far_back_as_wanted_where_there_are_more() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    for n in 0..5 {
        misses(&store, LINE, MARIA, minute(n)).await;
    }
    let ever = Moment(i64::MAX);
    for (until, limit, reach) in [
        (ever, 3, Some(minute(2))),
        (ever, 4, Some(minute(1))),
        (ever, 5, None),
        (ever, 6, None),
        (minute(2), 1, Some(minute(1))),
        (minute(2), 2, None),
        (minute(0), 1, None),
    ] {
        assert_eq!(store.calls_reach(id, until, limit).await.expect("asked"), reach, "{limit}");
    }
    let part = store.calls_in(id, minute(1), minute(4)).await.expect("calls");
    let at: Vec<Moment> = part.iter().map(|(call, _)| call.at).collect();
    assert_eq!(at, [minute(1), minute(2), minute(3)], "oldest first");
}
