use crate::{T0, accepted, conversation, incoming, named, never, new_text, report, store};
use ringdesk_domain::{Actor, Arrival, ChangeKind, ConversationId, Moment, NoteId, TextId};
use ringdesk_store::{IncomingText, NewText, News, Settlement, Store, Untold};

/// What is new after a Change, in the only conversation there is.
async fn news(store: &Store, after: i64) -> Option<(u32, u32)> {
    let all = store.news(after, store.latest_change(), None).await.expect("asked");
    assert!(all.len() < 2);
    all.first().map(|News { arrived, failed, .. }| (*arrived, *failed))
}

async fn kinds(store: &Store, after: i64) -> Vec<ChangeKind> {
    let changes = store.changes_after(after, 50).await.expect("asked");
    changes.into_iter().map(|change| change.kind).collect()
}

/// A text of ours that Twilio took.
async fn sent(store: &Store, id: ConversationId, sid: &str, at: Moment) -> TextId {
    let text = new_text(id, "On our way", at);
    let text_id = text.id;
    store.queue_text(text).await.expect("queued");
    store.claim_text(at, None).await.expect("claimed");
    store.settle(text_id, accepted(sid), at, never).await.expect("settled");
    text_id
}

#[tokio::test]
async fn what_arrived_unread_is_new_until_it_was_told_or_read() {
    let (_folder, store) = store().await;
    assert_eq!(store.told().await.expect("asked"), None);
    let id = conversation(&store).await;
    store.record_incoming_text(incoming("SM2", "Hello?", T0.plus_ms(1)), None).await.expect("stored");
    assert_eq!(news(&store, 0).await, Some((2, 0)));
    let told = store.latest_change();
    store.tell_to(told, None).await.expect("kept");
    assert_eq!(store.told().await.expect("asked"), Some(told));
    assert_eq!(news(&store, told).await, None);
    store.record_incoming_text(incoming("SM3", "Hello??", T0.plus_ms(2)), None).await.expect("stored");
    assert_eq!(news(&store, told).await, Some((1, 0)));
    store.mark_read(id, T0).await.expect("read");
    assert_eq!(news(&store, told).await, None, "what was read is not new");
}

#[tokio::test]
async fn a_failure_is_new_once_and_not_when_it_was_sent_again() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    store.mark_read(id, T0).await.expect("read");
    let text = sent(&store, id, "SM10", T0.plus_ms(1)).await;
    let before = store.latest_change();
    store.record_report(report("SM10", None, "undelivered"), None).await.expect("stored");
    assert_eq!(kinds(&store, before).await, [ChangeKind::TextFailed]);
    assert_eq!(news(&store, before).await, Some((0, 1)));
    // Sent again, it is no news any more.
    let again = NewText { resend_of: Some(text), ..new_text(id, "On our way", T0.plus_ms(2)) };
    store.queue_text(again).await.expect("queued");
    assert_eq!(news(&store, before).await, None);
}

#[tokio::test]
async fn only_an_ending_that_holds_is_a_failure() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    store.mark_read(id, T0).await.expect("read");
    sent(&store, id, "SM10", T0.plus_ms(1)).await;
    store.record_report(report("SM10", None, "delivered"), None).await.expect("stored");
    let before = store.latest_change();
    // Two endings: Twilio is asked which one holds.
    store.record_report(report("SM10", None, "undelivered"), None).await.expect("stored");
    assert_eq!(kinds(&store, before).await, [ChangeKind::TextChanged]);
    assert_eq!(news(&store, before).await, None);
    // Refused at once, and a failure found by looking: both are told.
    let refused = new_text(id, "And this?", T0.plus_ms(3));
    let text = refused.id;
    store.queue_text(refused).await.expect("queued");
    store.claim_text(T0.plus_ms(3), None).await.expect("claimed");
    let no = Settlement::Refused { code: 21_211, opted_out: false };
    store.settle(text, no, T0.plus_ms(4), never).await.expect("settled");
    assert_eq!(news(&store, before).await, Some((0, 1)));
}

#[tokio::test]
async fn what_came_asleep_is_left_out_where_it_is_told_of_together() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    // Twilio's clock is not ours: what it dates half a minute before is of the same absence.
    let since = T0.plus_ms(31_000);
    for (sid, arrival, at) in [
        ("SM2", Arrival::Asleep, T0.plus_ms(999)),
        ("SM3", Arrival::Asleep, since),
        ("SM4", Arrival::Asleep, since.plus_ms(1)),
        ("SM5", Arrival::Missed, since.plus_ms(2)),
        ("SM6", Arrival::Live, since.plus_ms(3)),
    ] {
        let text = IncomingText { arrival, ..incoming(sid, "Hello?", at) };
        store.record_incoming_text(text, None).await.expect("stored");
    }
    let arrived = async |apart| {
        let news = store.news(0, store.latest_change(), apart).await.expect("asked");
        news.iter().map(|one| one.arrived).sum::<u32>()
    };
    assert_eq!((arrived(None).await, arrived(Some(since)).await), (6, 4));
    store.mark_read(id, since).await.expect("read");
    assert_eq!(arrived(Some(since)).await, 0);
}

#[tokio::test]
async fn absences_are_told_of_once_together_and_only_when_all_of_them_is_here() {
    let (_folder, store) = store().await;
    let untold = async |after| store.untold_absence(after).await.expect("asked");
    let minute = |n: i64| T0.plus_ms(n * 60_000);
    assert_eq!(untold(T0).await, None);
    store.was_away(minute(1), minute(2), false).await.expect("kept");
    assert_eq!(untold(T0).await, None, "more may come");
    store.made_up_for(minute(2), minute(2)).await.expect("kept");
    let first = Untold { began_at: minute(1), ended_at: minute(2), last_at: minute(1) };
    assert_eq!(untold(T0).await, Some(first));
    store.was_away(minute(3), minute(4), false).await.expect("kept");
    assert_eq!(untold(T0).await, Some(first));
    store.made_up_for(minute(4), minute(4)).await.expect("kept");
    assert_eq!(untold(T0).await, Some(Untold { ended_at: minute(4), last_at: minute(3), ..first }));
    assert_eq!(untold(minute(4)).await, None, "it was long ago");
    store.tell_to(store.latest_change(), Some(minute(3))).await.expect("told");
    assert_eq!(untold(T0).await, None);
    // Told of something else, that stays told.
    store.tell_to(store.latest_change(), None).await.expect("told");
    assert_eq!(untold(T0).await, None);
}

#[tokio::test]
async fn a_note_is_kept_in_its_place_removed_and_put_back() {
    let (_folder, store) = store().await;
    let id = conversation(&store).await;
    store
        .save_person(ringdesk_domain::Address::received(crate::MARIA), named("Maria"), T0)
        .await
        .expect("named");
    for (n, words) in [(10, "Gate code"), (20, "Call first")] {
        let at = T0.plus_ms(n);
        store.add_note(NoteId::new(at), id, words.into(), Actor::Owner, at).await.expect("kept");
    }
    let all = store.notes(id, Moment(i64::MIN), Moment(i64::MAX)).await.expect("asked");
    let words: Vec<&str> = all.iter().map(|note| note.body.as_str()).collect();
    assert_eq!(words, ["Gate code", "Call first"]);
    // From one moment until before another.
    assert_eq!(store.notes(id, T0.plus_ms(10), T0.plus_ms(20)).await.expect("asked").len(), 1);
    assert!(store.remove_note(all[0].id, true, T0).await.expect("asked"));
    assert_eq!(store.notes(id, T0, Moment(i64::MAX)).await.expect("asked").len(), 1);
    assert!(store.remove_note(all[0].id, false, T0).await.expect("asked"));
    assert_eq!(store.notes(id, T0, Moment(i64::MAX)).await.expect("asked").len(), 2);
    assert!(!store.remove_note(NoteId::new(T0), true, T0).await.expect("asked"), "there is none");
}
