use ringdesk_domain::ChangeKind;
use ringdesk_tests::office::{LINES, Office};

#[tokio::test]
async fn a_text_opens_a_conversation_and_is_unread() {
    let office = Office::open().await;
    let maria = office.phone("+14155550101");
    maria.texts("Are you open today?").await;
    let open = office.conversation_with(&maria).await;
    assert_eq!(open.conversation.unread, 1);
    assert!(open.conversation.waiting_since.is_some());
    assert_eq!(office.texts_with(&maria).await[0].body, "Are you open today?");

    office.desk.inbox.mark_read(open.conversation.id).await.expect("read");
    assert_eq!(office.conversation_with(&maria).await.conversation.unread, 0);
}

#[tokio::test]
async fn a_repeated_webhook_is_counted_once_and_gets_the_same_answer() {
    let office = Office::open().await;
    office.caught_up().await;
    let maria = office.phone("+14155550102");
    let sid = format!("SM{}", "a".repeat(32));
    let request = office.signed("/sms/inbound", &office.text_fields(&sid, maria.number(), "Hello"));
    let first = request.post().await;
    let changes = office.desk.inbox.latest_change();
    for _ in 0..3 {
        assert_eq!(request.post().await, first);
    }
    assert_eq!(first.0, 200);
    assert!(first.1.contains("<Response/>"));
    assert_eq!(office.texts_with(&maria).await.len(), 1);
    assert_eq!(office.kept("receipt").await.len(), 1);
    // The next text is told of. How the line is may be told at any time.
    let joel = office.phone("+14155550110");
    joel.texts("And this one?").await;
    let mut told = office.desk.inbox.next_changes(changes).await.expect("changes");
    told.retain(|change| change.kind != ChangeKind::HealthChanged);
    let joels = office.conversation_with(&joel).await.conversation.id;
    let only_joels = !told.is_empty() && told.iter().all(|change| change.conversation == Some(joels));
    assert!(only_joels, "a repeat tells nobody: {told:?}");
}

#[tokio::test]
async fn the_same_text_by_the_fallback_address_is_the_same_text() {
    let office = Office::open().await;
    let maria = office.phone("+14155550103");
    let sid = format!("SM{}", "b".repeat(32));
    let mut fields = office.text_fields(&sid, maria.number(), "Hello");
    office.signed("/sms/inbound", &fields).post().await;
    fields.push(("ErrorCode", "11200"));
    assert_eq!(office.signed("/sms/fallback", &fields).post().await.0, 200);
    assert_eq!(office.texts_with(&maria).await.len(), 1);
}

#[tokio::test]
async fn the_same_words_twice_are_two_texts() {
    let office = Office::open().await;
    let maria = office.phone("+14155550104");
    maria.texts("Hello?").await;
    maria.texts("Hello?").await;
    assert_eq!(office.texts_with(&maria).await.len(), 2);
}

#[tokio::test]
async fn a_line_nobody_told_us_of_is_recorded() {
    let office = Office::open().await;
    let (account, _) = office.sandbox.credentials();
    let sid = format!("SM{}", "c".repeat(32));
    let fields = [
        ("MessageSid", sid.as_str()),
        ("AccountSid", account),
        ("From", "+14155550105"),
        ("To", "+15005559999"),
        ("Body", "Is this you?"),
    ];
    assert_eq!(office.signed("/sms/inbound", &fields).post().await.0, 200);
    let lines = office.desk.inbox.lines().await.expect("lines");
    assert!(lines.iter().any(|line| line.number == "+15005559999"));
    assert_eq!(office.texts_with(&office.phone("+14155550105")).await[0].body, "Is this you?");
}

#[tokio::test]
async fn odd_senders_survive_as_they_are() {
    let office = Office::open().await;
    for sender in ["72645", "BritishGas", "anonymous", "+266696687", "whatsapp:+14155550142"] {
        let phone = office.phone(sender);
        phone.texts("Hello").await;
        let open = office.conversation_with(&phone).await;
        assert_eq!(open.conversation.customer, sender);
        assert_eq!(open.closed.is_none(), sender == "72645", "{sender}");
    }
}

#[tokio::test]
async fn each_line_has_its_own_conversation_with_a_customer() {
    let office = Office::open().await;
    let maria = office.phone("+14155550106");
    maria.texts_line(LINES[0], "To the first").await;
    maria.texts_line(LINES[1], "To the second").await;
    let all = office.conversations().await;
    assert_eq!(all.iter().filter(|c| c.customer == maria.number()).count(), 2);
}

#[tokio::test]
async fn a_done_conversation_comes_back_when_they_write() {
    let office = Office::open().await;
    let maria = office.phone("+14155550107");
    maria.texts("Thanks!").await;
    let id = office.conversation_with(&maria).await.conversation.id;
    office.desk.inbox.set_done(id, true).await.expect("done");
    assert!(office.conversation_with(&maria).await.conversation.done_at.is_some());
    maria.texts("One more thing").await;
    assert!(office.conversation_with(&maria).await.conversation.done_at.is_none());
}

#[tokio::test]
async fn texts_are_found_by_their_words() {
    let office = Office::open().await;
    office.phone("+14155550108").texts("The boiler makes a noise").await;
    office.phone("+14155550109").texts("Café opens at nine").await;
    let found = |words: &'static str| async {
        office.desk.inbox.search(words, 10).await.expect("search").texts.len()
    };
    assert_eq!(found("boiler").await, 1);
    assert_eq!(found("boil noi").await, 0, "only the last word may be a beginning");
    assert_eq!(found("boiler noi").await, 1);
    assert_eq!(found("cafe").await, 1);
    assert_eq!(found("\"*'; DROP").await, 0);
}
