//! What the check-up counts, and whether the file is sound.

use super::{
    MARIA, T0, conversation, incoming, named, never, new_text, receipt, report, store,
    voicemails::{Told, tell},
};
use futures_util::future::join_all;
use ringdesk_domain::Address;
use ringdesk_store::{LookedThrough, Piled, Receipt, ReceiptState, Settlement};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

#[tokio::test]
async fn what_waits_failed_or_was_put_aside_is_counted_while_it_is_news() {
    let (_folder, store) = store().await;
    assert_eq!(store.piled(T0).await.expect("counts"), Piled::default());
    let talk = conversation(&store).await;
    let piled = store.piled(T0).await.expect("counts");
    assert_eq!((piled.lines_since, piled.first_webhook_at), (Some(T0), None));
    let text = new_text(talk, "Hello?", T0);
    let id = text.id;
    store.queue_text(text).await.expect("queued");
    store.keep_receipt(receipt(1), ReceiptState::Failed("why".into())).await.expect("kept");
    let later = Receipt { received_at: T0.plus_ms(MINUTE_MS), ..receipt(2) };
    store.keep_receipt(later, ReceiptState::Quarantined("From twice".into())).await.expect("kept");
    let piled = store.piled(T0.plus_ms(MINUTE_MS)).await.expect("counts");
    assert_eq!((piled.late, piled.held, piled.failed, piled.quarantined), (0, 0, 1, 1));
    let webhooks = (piled.first_webhook_at, piled.last_webhook_at);
    assert_eq!(webhooks, (Some(T0), Some(T0.plus_ms(MINUTE_MS))));

    // A quarter of an hour later it is late, and held as soon as somebody would send it.
    let late = T0.plus_ms(16 * MINUTE_MS);
    assert_eq!(store.piled(late).await.expect("counts").late, 1);
    assert!(store.claim_text(late, None).await.expect("asked").is_none());
    let piled = store.piled(late).await.expect("counts");
    assert_eq!((piled.late, piled.held), (0, 1));

    // Sent after all, nobody knows whether it left; what was never found is news for a week.
    assert!(store.release(id, late).await.expect("released"));
    assert!(store.claim_text(late, None).await.expect("asked").is_some());
    store.settle(id, Settlement::Unknown, late, never).await.expect("settled");
    assert_eq!(store.piled(late).await.expect("counts").unsettled, 1);
    store.looked_in_vain(id, None, late).await.expect("looked");
    assert_eq!(store.piled(late).await.expect("counts").unsettled, 1);
    let piled = store.piled(late.plus_ms(8 * DAY_MS)).await.expect("counts");
    assert_eq!((piled.unsettled, piled.quarantined, piled.failed), (0, 0, 1));
}

#[tokio::test]
async fn a_look_through_everything_finds_what_no_index_leads_to() {
    let (_folder, store) = store().await;
    store.record_incoming_text(incoming("SM1", "Hello", T0), None).await.expect("stored");
    assert_eq!(store.look_through(T0).await.expect("read"), LookedThrough::default());
    // A report of a text nobody knows is odd after an hour, and no news after a week.
    store.record_report(report("SM9", None, "delivered"), None).await.expect("stored");
    for (later_ms, parked) in [(0, 0), (90 * MINUTE_MS, 1), (8 * DAY_MS, 0)] {
        let found = store.look_through(T0.plus_ms(later_ms)).await.expect("read");
        assert_eq!((found.parked, found.problems.len()), (parked, 0), "{later_ms}");
    }
    // A country that is switched off.
    let talk = conversation_with_maria(&store).await;
    let text = new_text(talk, "Hello?", T0);
    let id = text.id;
    store.queue_text(text).await.expect("queued");
    assert!(store.claim_text(T0, None).await.expect("asked").is_some());
    let refused = Settlement::Refused { code: 21408, opted_out: false };
    store.settle(id, refused, T0, never).await.expect("settled");
    assert_eq!(store.look_through(T0).await.expect("read").countries, 1);
    assert_eq!(store.look_through(T0.plus_ms(31 * DAY_MS)).await.expect("read").countries, 0);
}

#[tokio::test]
async fn what_was_written_since_the_last_look_is_no_damage() {
    let (_folder, store) = store().await;
    conversation(&store).await;
    // Together they take every reader there is.
    let looks = async |when: &str| {
        for found in join_all((0..8).map(|_| store.look_through(T0))).await {
            let problems = found.expect("read").problems;
            assert!(problems.is_empty(), "{when}: {problems:?}");
        }
    };
    looks("at first").await;
    for n in 0..3_usize {
        for told in [Told::Rings, Told::Left, Told::Over, Told::Ready, Told::Written] {
            tell(&store, n, told).await;
        }
        looks("after what a caller said").await;
        let name = named(&format!("Maria {n}"));
        store.save_person(Address::received(MARIA), name, T0).await.expect("named");
        looks("after a name").await;
        let text = incoming(&format!("SMlater{n}"), "the boiler again", T0);
        store.record_incoming_text(text, None).await.expect("stored");
        assert_eq!(store.search("boiler", 50).await.expect("found").len(), n + 1);
        looks("after a text").await;
    }
}

async fn conversation_with_maria(store: &ringdesk_store::Store) -> ringdesk_domain::ConversationId {
    let filter = ringdesk_store::ConversationFilter::Open;
    let all = store.conversations(filter, None, 0, 10).await.expect("list");
    let maria = all.iter().find(|row| row.customer.as_str() == MARIA);
    maria.expect("a conversation").id
}

#[tokio::test]
async fn the_sqlite_in_use_is_one_that_is_safe() {
    let (_folder, store) = store().await;
    let (version, oldest) = store.sqlite().await.expect("a version");
    assert_eq!(oldest, "3.51.3");
    assert!(version.starts_with("3."), "{version}");
}
