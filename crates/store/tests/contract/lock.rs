//! The sending lock, and which computer the data is on.

use crate::{T0, conversation, new_text, store};
use ringdesk_domain::ChangeKind;
use ringdesk_store::Store;

async fn lock(store: &Store) -> Option<String> {
    store.sending_lock().await.expect("asked")
}

#[tokio::test]
async fn nothing_is_claimed_while_sending_is_locked_and_what_waited_too_long_is_asked_about() {
    let (_folder, store) = store().await;
    let talk = conversation(&store).await;
    store.queue_text(new_text(talk, "On our way", T0)).await.expect("queued");
    assert_eq!(lock(&store).await, None);
    let before = store.latest_change();
    store.set_sending_lock(Some("restored"), T0).await.expect("locked");
    assert_eq!(lock(&store).await.as_deref(), Some("restored"));
    let told = store.changes_after(before, 10).await.expect("changes");
    assert!(matches!(&told[..], [change] if change.kind == ChangeKind::HealthChanged), "{told:?}");
    assert!(store.claim_text(T0, None).await.expect("asked").is_none());
    let late = T0.plus_ms(16 * 60_000);
    assert!(store.claim_text(late, None).await.expect("asked").is_none());
    assert_eq!(store.piled(late).await.expect("counts").held, 0, "nobody is asked about it yet");

    store.set_sending_lock(None, late).await.expect("unlocked");
    assert_eq!(lock(&store).await, None);
    assert!(store.claim_text(late, None).await.expect("asked").is_none());
    assert_eq!(store.piled(late).await.expect("counts").held, 1);
    store.queue_text(new_text(talk, "Here we are", late)).await.expect("queued");
    let claim = store.claim_text(late, None).await.expect("asked").expect("it may leave");
    assert_eq!(claim.body, "Here we are");
}

#[tokio::test]
async fn data_on_another_computer_is_locked_until_it_belongs_there() {
    let (_folder, store) = store().await;
    assert!(!store.is_home().await.expect("asked"), "nobody knows where it is");
    for _ in 0..2 {
        store.lives_on("one", T0).await.expect("kept");
        assert_eq!(lock(&store).await, None);
        assert!(store.is_home().await.expect("asked"));
    }
    store.lives_on("two", T0).await.expect("kept");
    assert_eq!(lock(&store).await.as_deref(), Some("copied"));
    let told = store.latest_change();
    store.lives_on("two", T0).await.expect("kept");
    assert_eq!((lock(&store).await.as_deref(), store.latest_change()), (Some("copied"), told), "told once");
    assert!(!store.is_home().await.expect("asked"));

    store.set_sending_lock(None, T0).await.expect("unlocked");
    store.lives_on("two", T0).await.expect("kept");
    assert_eq!(lock(&store).await, None);
    assert!(store.is_home().await.expect("asked"));
    store.lives_on("one", T0).await.expect("kept");
    assert_eq!(lock(&store).await.as_deref(), Some("copied"), "what it was before does not count");

    store.set_sending_lock(Some("restored"), T0).await.expect("locked");
    store.lives_on("three", T0).await.expect("kept");
    assert_eq!(lock(&store).await.as_deref(), Some("restored"));
}
