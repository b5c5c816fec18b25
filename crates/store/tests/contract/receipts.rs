//! The log of what was received, and small facts by name.

use super::{T0, incoming, receipt, store};
use ringdesk_domain::{ChangeKind, VoicemailId};
use ringdesk_store::{LoggedReceipt, Receipt, ReceiptFilter, ReceiptState, Store};

async fn log(store: &Store, filter: ReceiptFilter, before: Option<i64>) -> Vec<LoggedReceipt> {
    store.receipts(filter, before, 2).await.expect("a log")
}

/// The keys of the receipts about something.
async fn keys(store: &Store, sid: Option<&str>, ours: &str) -> Vec<u8> {
    let rows = store.receipts_about(sid.map(str::to_owned), ours.into()).await.expect("asked");
    rows.iter().map(|row| row.request.replay_key[0]).collect()
}

fn seqs(log: &[LoggedReceipt]) -> Vec<i64> {
    log.iter().map(|row| row.seq).collect()
}

#[tokio::test]
async fn the_log_is_read_newest_first_by_what_became_of_it() {
    let (_folder, store) = store().await;
    store.record_incoming_text(incoming("SM1", "Hello", T0), Some(receipt(1))).await.expect("stored");
    store.keep_receipt(receipt(2), ReceiptState::Failed("why".into())).await.expect("kept");
    store.keep_receipt(receipt(3), ReceiptState::Quarantined("From twice".into())).await.expect("kept");
    let newest = log(&store, ReceiptFilter::All, None).await;
    assert_eq!(newest[0].state, ReceiptState::Quarantined("From twice".into()));
    assert_eq!(newest[1].state, ReceiptState::Failed("why".into()));
    let older = log(&store, ReceiptFilter::All, Some(newest[1].seq)).await;
    assert_eq!((older.len(), &older[0].state), (1, &ReceiptState::Applied));
    assert_eq!((older[0].answer.status, older[0].answer.body.as_str()), (200, "answer 1"));
    assert_eq!((older[0].request.event.as_str(), older[0].request.received_at), ("sms/inbound", T0));
    for (filter, one) in [
        (ReceiptFilter::Applied, &older[0]),
        (ReceiptFilter::Failed, &newest[1]),
        (ReceiptFilter::Quarantined, &newest[0]),
    ] {
        assert_eq!(seqs(&log(&store, filter, None).await), [one.seq], "{filter:?}");
        let found = store.receipt(one.seq).await.expect("asked").expect("there");
        assert_eq!((found.request.replay_key, found.state), (one.request.replay_key, one.state.clone()));
    }
    assert!(store.receipt(99).await.expect("asked").is_none());
}

#[tokio::test]
async fn what_names_something_is_found_by_twilios_id_and_by_ours() {
    let (_folder, store) = store().await;
    let about = |key: u8, detail: &str, payload: &str| Receipt {
        detail: detail.into(),
        payload: payload.into(),
        ..receipt(key)
    };
    for receipt in [
        about(1, "", "MessageSid=SM1&Body=hi"),
        about(2, "ours", "MessageStatus=sent"),
        about(3, "", "MessageSid=SM2&Body=SM"),
        about(4, "ours", "MessageSid=SM1&MessageStatus=delivered"),
    ] {
        store.keep_receipt(receipt, ReceiptState::Quarantined(String::new())).await.expect("kept");
    }
    assert_eq!(keys(&store, Some("SM1"), "ours").await, [1, 2, 4]);
    assert_eq!(keys(&store, Some("SM2"), "others").await, [3]);
    assert_eq!(keys(&store, None, "ours").await, [2, 4], "it never had an id of Twilio's");
    assert!(keys(&store, None, "others").await.is_empty());
}

#[tokio::test]
async fn a_voicemail_that_is_not_there_has_no_recording() {
    let (_folder, store) = store().await;
    assert_eq!(store.recording_sid(VoicemailId::new(T0)).await.expect("asked"), None);
}

#[tokio::test]
async fn a_fact_is_kept_by_its_name_and_told_where_a_window_shows_it() {
    let (_folder, store) = store().await;
    assert_eq!(store.meta("setup").await.expect("asked"), None);
    let before = store.latest_change();
    store.set_meta("setup", Some("one".into()), None).await.expect("kept");
    assert_eq!(store.latest_change(), before, "nobody is told");
    let told = Some((ChangeKind::SettingsChanged, T0));
    store.set_meta("setup", Some("two".into()), told).await.expect("kept");
    assert_eq!(store.meta("setup").await.expect("asked").as_deref(), Some("two"));
    assert_eq!(store.meta("backup").await.expect("asked"), None);
    store.set_meta("setup", None, None).await.expect("forgotten");
    assert_eq!(store.meta("setup").await.expect("asked"), None);
    store.tell(ChangeKind::HealthChanged, T0).await.expect("told");
    let changes = store.changes_after(before, 10).await.expect("changes");
    let kinds: Vec<ChangeKind> = changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::SettingsChanged, ChangeKind::HealthChanged]);
}
