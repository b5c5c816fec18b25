//! What is found, and in which order.

use super::{MARIA, T0, incoming, store};
use ringdesk_domain::{Address, Arrival, Moment};
use ringdesk_store::{IncomingText, Store};

async fn stores(store: &Store, arrival: Arrival, at: Moment) {
    let text = IncomingText { arrival, ..incoming(&format!("SM{}", at.0), "the boiler again", at) };
    store.record_incoming_text(text, None).await.expect("stored");
}

#[tokio::test]
async fn what_was_fetched_later_stands_where_its_time_puts_it() {
    let (_folder, store) = store().await;
    let hour = |n: i64| T0.plus_ms(n * 60 * 60_000);
    for n in 0..3 {
        stores(&store, Arrival::Live, hour(n)).await;
    }
    // Of before the line was ours, the newest first, and of a night.
    for n in 1..=6 {
        stores(&store, Arrival::History, hour(-n)).await;
    }
    stores(&store, Arrival::Asleep, hour(1).plus_ms(1)).await;
    let mut newest = vec![hour(2), hour(1).plus_ms(1), hour(1), hour(0)];
    newest.extend((1..=6).map(|n| hour(-n)));
    for limit in [1, 2, 4, 6, 10, 50] {
        for words in ["boiler", "the boil"] {
            let hits = store.search(words, limit).await.expect("found");
            let at: Vec<Moment> = hits.iter().map(|hit| hit.at).collect();
            let expected: Vec<Moment> = newest.iter().copied().take(limit as usize).collect();
            assert_eq!(at, expected, "the newest {limit}");
            assert!(hits.iter().all(|hit| hit.snippet.contains("\u{2}boiler\u{3}")), "{hits:?}");
        }
    }
    // What comes from then on leads again.
    stores(&store, Arrival::Live, hour(3)).await;
    let hits = store.search("boiler", 2).await.expect("found");
    assert_eq!(hits.iter().map(|hit| hit.at).collect::<Vec<_>>(), [hour(3), hour(2)]);
}

#[tokio::test]
async fn a_number_is_found_as_it_is_written_at_home() {
    let (_folder, store) = store().await;
    let (london, paris) = ("+442079460018", "+33123456789");
    for customer in [london, paris, MARIA] {
        let text = IncomingText { customer: Address::received(customer), ..incoming(customer, "Hello", T0) };
        store.record_incoming_text(text, None).await.expect("stored");
    }
    for (words, region, number) in [
        ("020 7946 0018", "GB", Some(london)),
        ("(020) 79", "GB", Some(london)),
        ("020", "GB", Some(london)),
        ("7946 0018", "GB", Some(london)),
        ("+44 20 7946 0018", "GB", Some(london)),
        ("0044 20 7946 0018", "GB", Some(london)),
        ("+44 20 79", "US", Some(london)),
        ("020 79", "US", None),
        ("01 23 45 67 89", "FR", Some(paris)),
        ("01 23", "FR", Some(paris)),
        ("01 23", "GB", None),
        ("(415) 555-0101", "US", Some(MARIA)),
        ("1 415", "US", Some(MARIA)),
        ("555-01", "US", Some(MARIA)),
        ("555-01", "GB", Some(MARIA)),
        ("020 7946 0018 Maria", "GB", None),
    ] {
        let found = store.search_people(words, region, 5).await.expect("found");
        let numbers: Vec<&str> = found.iter().map(|row| row.customer.as_str()).collect();
        assert_eq!(numbers, Vec::from_iter(number), "{words} in {region}");
    }
}
