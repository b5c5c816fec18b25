//! Webhooks that are stored many at once end where the same ones stored one after the other end.

use super::{LINE, T0, accepted, incoming, never, new_text, receipt, report, store};
use futures_util::future::join_all;
use ringdesk_domain::{
    Actor, Address, ChangeKind, Moment, TextId,
    consent::{self, Consent},
};
use ringdesk_store::{
    ConversationFilter, IncomingText, NewAttachment, Receipt, Recorded, Report, Store, StoreError, Text,
};

/// Texts as an unlucky day brings them.
fn day() -> Vec<IncomingText> {
    let bodies = [
        "Hello",
        "stop",
        "a\0b",
        "\"quoted\" \\ and 🛠️",
        "START",
        "help",
        "",
        "please stop texting me",
        "yes",
    ];
    let mut day: Vec<IncomingText> = (0..160_usize)
        .map(|n| {
            let body = bodies[(n * 7 + n / 16) % bodies.len()];
            let wanted =
                NewAttachment { url: "https://api.twilio.com/x".into(), declared_type: "image/png".into() };
            // Some came late, some show pictures, some go to a line nobody knows.
            IncomingText {
                customer: Address::received(&format!("+141555501{:02}", (n * 5 + n / 16) % 16)),
                line: Address::received(if n % 13 == 12 { "+15005550009" } else { LINE }),
                word: consent::read(body),
                attachments: if n % 9 == 8 { vec![wanted] } else { Vec::new() },
                media_claimed: u32::from(n % 9 == 8),
                group_with: (n % 17 == 16).then(|| "+14155550199".into()),
                ..incoming(&format!("SM{n}"), body, late(n))
            }
        })
        .collect();
    // The way over the fallback address brings the same text as another request.
    for n in (0..160).rev().step_by(11) {
        let twin = IncomingText { id: TextId::new(T0), ..day[n].clone() };
        day.insert(n + 1, twin);
    }
    day
}

fn late(n: usize) -> Moment {
    let ms = i64::try_from(n).expect("small") * 1_000;
    T0.plus_ms(if n % 10 == 9 { ms - 60_000 } else { ms })
}

fn keyed(n: usize) -> Receipt {
    let mut replay_key = [7; 32];
    replay_key[..8].copy_from_slice(&n.to_le_bytes());
    Receipt { replay_key, ..receipt(1) }
}

/// Everything a person could see, without our own ids.
async fn seen(store: &Store) -> Vec<String> {
    let mut seen = Vec::new();
    for row in store.conversations(ConversationFilter::Open, None, 0, 200).await.expect("list") {
        let texts: Vec<String> =
            store.texts(row.id, None, 200).await.expect("texts").iter().map(plain).collect();
        let changes = store.changes_after(0, 10_000).await.expect("changes");
        let told = |kind: ChangeKind| {
            changes.iter().filter(|change| change.conversation == Some(row.id) && change.kind == kind).count()
        };
        let ledger: Vec<_> = store.consent_history(&row.customer).await.expect("ledger");
        let ledger: Vec<_> = ledger.iter().map(|entry| (entry.event.clone(), entry.at)).collect();
        seen.push(format!(
            "{:?} {:?} at {:?}, {} unread, waits {:?}, done {:?}, {:?} since {:?}, last {:?}, told {:?}\n  {texts:?}\n  {ledger:?}",
            row.line_number, row.customer, row.last_at, row.unread, row.waiting_since, row.done_at, row.consent,
            row.consent_since, row.last,
            [ChangeKind::TextArrived, ChangeKind::TextChanged, ChangeKind::ConsentChanged].map(told),
        ));
    }
    seen.sort();
    seen
}

/// Compares row by row, so that a failure shows the one that differs.
#[track_caller]
fn same(left: &[String], right: &[String]) {
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(right) {
        assert_eq!(left, right);
    }
}

fn plain(text: &Text) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        text.body,
        text.status,
        text.provider_sid,
        text.error_code,
        text.at,
        text.media_claimed,
        text.group_with
    )
}

#[tokio::test]
async fn texts_stored_together_say_the_same_as_one_by_one() {
    let (_one, alone) = store().await;
    for text in day() {
        alone.record_incoming_text(text, None).await.expect("stored");
    }
    let (_two, together) = store().await;
    for (group, texts) in day().chunks(40).enumerate() {
        let all = texts
            .iter()
            .enumerate()
            .map(|(n, text)| together.record_incoming_text(text.clone(), Some(keyed(group * 40 + n))));
        for outcome in join_all(all).await {
            assert!(outcome.expect("stored").answer.is_some());
        }
    }
    same(&seen(&together).await, &seen(&alone).await);
}

#[tokio::test]
async fn the_same_request_many_times_at_once_is_stored_once() {
    let (_folder, store) = store().await;
    store.record_incoming_text(incoming("SM0", "first", T0), Some(keyed(0))).await.expect("stored");
    let same = (0..40).map(|_| store.record_incoming_text(incoming("SM1", "Hello", T0), Some(keyed(1))));
    let outcomes: Vec<Recorded> =
        join_all(same).await.into_iter().map(|done| done.expect("stored")).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.stored_in.is_some()).count(), 1);
    assert!(outcomes.iter().all(|outcome| outcome.answer == Some(receipt(1).answer)));
    let all = store.conversations(ConversationFilter::Open, None, 0, 5).await.expect("list");
    assert_eq!((all.len(), all[0].unread), (1, 2));
}

/// Reports about twelve texts of ours, in an order no carrier promises not to use.
fn news() -> Vec<Report> {
    let mut all = Vec::new();
    for n in 0..12 {
        let words: &[&str] = match n % 6 {
            0 => &["sent", "queued", "delivered"],
            1 => &["delivered", "undelivered"],
            2 => &["sent", "failed", "sent"],
            3 => &["undelivered"],
            4 => &["sending", "teleported", "sent"],
            _ => &["delivered", "read", "sent"],
        };
        for word in words {
            let failed = matches!(*word, "failed" | "undelivered");
            all.push(Report {
                error_code: failed.then_some(if n % 6 == 3 { 21_610 } else { 30_003 }),
                opted_out: failed && n % 6 == 3,
                ..report(&format!("SM{n}"), None, word)
            });
        }
        all.push(report(&format!("SM9{n}"), None, "sent"));
    }
    all
}

async fn with_texts_of_ours() -> (tempfile::TempDir, Store) {
    let (folder, store) = store().await;
    for n in 0..12 {
        let customer = Address::received(&format!("+141555502{n:02}"));
        let at =
            store.conversation_with(Address::received(LINE), customer, T0).await.expect("a conversation");
        let text = store.queue_text(new_text(at, "Hello", T0)).await.expect("queued");
        store.claim_text(T0, None).await.expect("asked").expect("due");
        store.settle(text.id, accepted(&format!("SM{n}")), T0, never).await.expect("settled");
    }
    (folder, store)
}

#[tokio::test]
async fn reports_stored_together_say_the_same_as_one_by_one() {
    let (_one, alone) = with_texts_of_ours().await;
    let mut steps = Vec::new();
    for report in news() {
        steps.push(alone.record_report(report, None).await.expect("stored").step);
    }
    let (_two, together) = with_texts_of_ours().await;
    let all =
        news().into_iter().enumerate().map(|(n, report)| together.record_report(report, Some(keyed(n))));
    let outcomes = join_all(all).await;
    assert_eq!(outcomes.into_iter().map(|done| done.expect("stored").step).collect::<Vec<_>>(), steps);
    same(&seen(&together).await, &seen(&alone).await);
    assert_eq!(
        together.texts_to_recheck(T0, 50).await.expect("list").len(),
        alone.texts_to_recheck(T0, 50).await.expect("list").len()
    );
}

#[tokio::test]
async fn a_stop_stands_whatever_comes_with_it() {
    let (_folder, store) = store().await;
    // Somebody we know nothing of, so that the second text alone would count as writing first.
    let text = |n: usize, body: &str| IncomingText {
        word: consent::read(body),
        ..incoming(&format!("SM{n}"), body, T0.plus_ms(i64::try_from(n).expect("small")))
    };
    let all = [text(1, "STOP"), text(2, "Who is this?"), text(3, "Hello?")];
    let all = all.into_iter().enumerate().map(|(n, text)| store.record_incoming_text(text, Some(keyed(n))));
    for outcome in join_all(all).await {
        outcome.expect("stored");
    }
    let customer = Address::received(super::MARIA);
    assert_eq!(store.consent(&customer).await.expect("asked").0, Consent::OptedOut);
    let ledger = store.consent_history(&customer).await.expect("ledger");
    assert_eq!(ledger.iter().map(|entry| entry.event.as_str()).collect::<Vec<_>>(), ["stop_word"]);
}

#[tokio::test]
async fn a_click_hides_no_text_that_came_after_it() {
    let (_folder, store) = store().await;
    let id = super::conversation(&store).await;
    let later = incoming("SM2", "One more thing", T0.plus_ms(1));
    let (done, came) =
        tokio::join!(store.set_done(id, true, T0), store.record_incoming_text(later, Some(keyed(1))));
    done.expect("done");
    came.expect("stored");
    let row = store.conversation(id).await.expect("asked").expect("there");
    assert_eq!((row.done_at, row.unread), (None, 1));
}

#[tokio::test]
async fn one_webhook_the_schema_refuses_does_not_take_the_others_along() {
    let (_folder, store) = store().await;
    let first = incoming("SM0", "first", T0);
    store.record_incoming_text(first.clone(), Some(keyed(0))).await.expect("stored");
    let all = (1..40).map(|n| {
        let text = incoming(&format!("SM{n}"), "Hello", T0);
        // An id that is taken.
        let text = if n == 20 { IncomingText { id: first.id, ..text } } else { text };
        store.record_incoming_text(text, Some(keyed(n)))
    });
    let outcomes = join_all(all).await;
    let refused = |outcome: &Result<Recorded, StoreError>| matches!(outcome, Err(StoreError::Driver(_)));
    assert_eq!(outcomes.iter().filter(|outcome| refused(outcome)).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 38);
    let row = &store.conversations(ConversationFilter::Open, None, 0, 5).await.expect("list")[0];
    assert_eq!(row.unread, 39);
}

#[tokio::test]
async fn who_was_unmarked_before_they_ever_wrote_counts_as_writing_first() {
    let (_folder, store) = store().await;
    let customer = Address::received(super::MARIA);
    store.opt_out(customer.clone(), Actor::Owner, T0).await.expect("marked");
    assert!(store.opt_in(customer.clone(), Actor::Owner, T0.plus_ms(1)).await.expect("asked"));
    assert_eq!(store.consent(&customer).await.expect("asked").0, Consent::Unknown);
    store
        .record_incoming_text(incoming("SM1", "Hello", T0.plus_ms(2)), Some(keyed(1)))
        .await
        .expect("stored");
    assert_eq!(store.consent(&customer).await.expect("asked").0, Consent::Given);
}
