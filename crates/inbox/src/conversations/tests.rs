//! How a timeline comes in parts, and what a list counts.

use super::*;
use crate::{Access, Clock};
use ringdesk_domain::{Arrival, CallId, consent::Word};
use ringdesk_store::{Happening, IncomingText, Which};

const LINES: [&str; 2] = ["+15005550006", "+15005550007"];
const MARIA: &str = "+14155550101";

fn minute(n: i64) -> Moment {
    Moment(1_795_197_600_000).plus_ms(n * 60_000)
}

async fn office(folder: &std::path::Path) -> Inbox {
    Inbox::open(folder, Access::Own, Clock::set_to(minute(1_000))).await.expect("an office")
}

/// Maria writes.
async fn writes(inbox: &Inbox, line: &str, at: Moment) -> TextId {
    let text = IncomingText {
        id: TextId::new(at),
        provider_sid: format!("SM{:032x}", at.0),
        line: Address::received(line),
        customer: Address::received(MARIA),
        body: "Hello".into(),
        word: Word::Nothing,
        at,
        arrival: Arrival::Live,
        status: Status::from_twilio("received"),
        attachments: Vec::new(),
        media_claimed: 0,
        group_with: None,
    };
    let id = text.id;
    inbox.store().record_incoming_text(text, None).await.expect("stored");
    id
}

/// Maria rings in vain.
async fn rings(inbox: &Inbox, line: &str, at: Moment) {
    let which = Which {
        id: CallId::new(at),
        sid: format!("CA{:032x}", at.0),
        ours: None,
        line: Address::received(line),
        customer: Address::received(MARIA),
        outgoing: false,
        arrival: Arrival::Live,
    };
    let over = Happening { status: Some("no-answer".into()), ..Happening::default() };
    inbox.store().record_call(which, over, at, None).await.expect("stored");
}

/// The one conversation there is.
async fn talk(inbox: &Inbox) -> ConversationId {
    let list = inbox.conversations(ConversationFilter::Open, None, 0, 5).await.expect("a list");
    assert_eq!(list.total, 1);
    list.conversations[0].id
}

fn at(open: &view::OpenConversation) -> Vec<Moment> {
    open.timeline.iter().map(|item| item.order().0).collect()
}

/// The parts, newest first, are of these sizes, and together hold every minute once.
#[track_caller]
fn whole(parts: &[Vec<Moment>], sizes: &[usize], all: i64) {
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
    let seen: Vec<Moment> = parts.iter().rev().flatten().copied().collect();
    assert_eq!(seen, (0..all).map(minute).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_call_and_every_text_is_in_one_part_of_the_timeline() {
    let only_calls: fn(i64) -> bool = |_| true;
    let texts_first: fn(i64) -> bool = |n| n >= 5;
    let every_third_a_text: fn(i64) -> bool = |n| n % 3 != 0;
    let texts_last: fn(i64) -> bool = |n| n < 65;
    for (is_call, all, sizes) in [
        (only_calls, 60, &[60][..]),
        (only_calls, 130, &[60, 60, 10][..]),
        (texts_first, 75, &[60, 15][..]),
        // Sixty calls with the texts between them, and the rest.
        (every_third_a_text, 180, &[89, 91][..]),
        // The texts end the first part, the calls the second.
        (texts_last, 135, &[60, 70, 5][..]),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = office(folder.path()).await;
        for n in 0..all {
            if is_call(n) {
                rings(&inbox, LINES[0], minute(n)).await;
            } else {
                writes(&inbox, LINES[0], minute(n)).await;
            }
        }
        let id = talk(&inbox).await;
        let mut parts = Vec::new();
        let mut older = None;
        loop {
            let open = inbox.conversation(id, older, None).await.expect("a part");
            parts.push(at(&open));
            older = open.older;
            if older.is_none() {
                break;
            }
        }
        whole(&parts, sizes, all);
        inbox.close().await;
    }
}

#[tokio::test]
async fn a_text_that_was_looked_for_is_there_however_often_they_called_since() {
    let folder = tempfile::tempdir().expect("a folder");
    let inbox = office(folder.path()).await;
    let text = writes(&inbox, LINES[0], minute(0)).await;
    for n in 1..=70 {
        rings(&inbox, LINES[0], minute(n)).await;
    }
    let id = talk(&inbox).await;
    let open = inbox.conversation(id, None, Some(text)).await.expect("a conversation");
    assert_eq!((open.timeline.len(), open.older.is_none()), (71, true));
    inbox.close().await;
}

#[tokio::test]
async fn a_number_of_theirs_leads_to_a_conversation_only_where_there_is_one() {
    const SHOP: &str = "+14155550102";
    let folder = tempfile::tempdir().expect("a folder");
    let inbox = office(folder.path()).await;
    writes(&inbox, LINES[0], minute(0)).await;
    let id = talk(&inbox).await;
    inbox.save_contact(id, None, None, None, (Some(SHOP), None)).await.expect("saved");
    let leads = async || {
        let card = inbox.contact(id).await.expect("a card");
        card.numbers.into_iter().map(|one| (one.number, one.conversation)).collect::<Vec<_>>()
    };
    assert_eq!(leads().await, [(MARIA.to_owned(), Some(id)), (SHOP.to_owned(), None)]);
    // Another line is ours, too.
    rings(&inbox, LINES[1], minute(1)).await;
    let list = inbox.conversations(ConversationFilter::Open, None, 0, 5).await.expect("a list");
    assert_ne!(list.conversations[0].id, id);
    assert_eq!(leads().await[0], (MARIA.to_owned(), Some(list.conversations[0].id)));
    inbox.close().await;
}

#[tokio::test]
async fn with_a_line_chosen_its_own_conversations_are_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let inbox = office(folder.path()).await;
    writes(&inbox, LINES[0], minute(0)).await;
    rings(&inbox, LINES[1], minute(1)).await;
    let lines = inbox.lines().await.expect("lines");
    let line = |number: &str| lines.iter().find(|line| line.number == number).map(|line| line.id);
    for (chosen, unread, waiting, missed) in
        [(None, 2, 2, 1), (line(LINES[0]), 1, 1, 0), (line(LINES[1]), 1, 1, 1)]
    {
        let list = inbox.conversations(ConversationFilter::Open, chosen, 0, 5).await.expect("a list");
        let counts = list.counts;
        assert_eq!((counts.unread, counts.waiting, counts.missed), (unread, waiting, missed));
        assert_eq!((list.unread, list.waiting, list.missed), (2, 2, 1), "of all lines");
    }
    inbox.close().await;
}
