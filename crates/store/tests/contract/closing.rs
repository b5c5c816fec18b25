//! What a clean end leaves behind.

use super::{T0, conversation, incoming, store};
use ringdesk_store::StoreError;
use std::{pin::pin, task::Poll};

/// How often it is closed while somebody's reading is given up.
const ENDS: u32 = 20;

#[tokio::test]
async fn a_clean_end_leaves_one_file_whatever_was_being_read() {
    let mut left = 0;
    for end in 0..ENDS {
        let (folder, store) = store().await;
        conversation(&store).await;
        let given_up = |polls: u32| {
            let store = &store;
            async move {
                let mut reading = pin!(store.settings());
                let mut polled = 0;
                std::future::poll_fn(|cx| {
                    polled += 1;
                    if polled > polls { Poll::Ready(()) } else { reading.as_mut().poll(cx).map(|_| ()) }
                })
                .await;
            }
        };
        for polls in [1, 2, 3] {
            given_up((end + polls) % 3 + 1).await;
        }
        store.close().await;
        left += u32::from(folder.path().join("ringdesk.db-wal").exists());
    }
    assert_eq!(left, 0, "of {ENDS} ends");
}

#[tokio::test]
async fn what_is_closed_takes_nothing_more() {
    let (_folder, store) = store().await;
    store.close().await;
    let late = store.record_incoming_text(incoming("SM1", "Hello", T0), None).await;
    assert!(matches!(late, Err(StoreError::Busy)), "{late:?}");
    store.close().await;
}
