use ringdesk_domain::{Actor, consent::Consent, sending::Reason};
use ringdesk_inbox::{SendProblem, view};
use ringdesk_tests::office::{LINES, Office, sending};

#[tokio::test]
async fn stop_covers_all_our_lines() {
    let office = Office::open().await;
    let maria = office.phone("+14155550201");
    maria.texts_line(LINES[0], "Hello").await;
    maria.texts_line(LINES[1], "STOP").await;
    for conversation in office.conversations().await {
        let open = office.desk.inbox.conversation(conversation.id, None, None).await.expect("open");
        assert_eq!(open.closed, Some(Reason::OptedOut));
        let refused = office.desk.inbox.send_text(sending(conversation.id, "But…"), Actor::Owner).await;
        assert!(matches!(refused, Err(SendProblem::Guard(Reason::OptedOut))));
    }
    maria.texts("START").await;
    assert_eq!(office.conversation_with(&maria).await.conversation.consent, Consent::Given);
}

#[tokio::test]
async fn a_text_after_stop_is_refused_before_it_leaves() {
    let office = Office::open().await;
    let maria = office.phone("+14155550202");
    maria.texts("Hello").await;
    let id = office.conversation_with(&maria).await.conversation.id;
    let waiting = ringdesk_inbox::Sending { undo_seconds: Some(5), ..sending(id, "Our offer") };
    let queued = office.desk.inbox.send_text(waiting, Actor::Owner).await.expect("queued");
    // Between writing and leaving they say stop.
    maria.texts("stop").await;
    office.clock.advance_ms(6_000);
    let text = office.reaches(&maria, queued.id, "failed").await;
    let failure = text.failure.expect("a reason");
    assert_eq!((failure.code, failure.charged), (Some(21610), view::Charged::No));
    assert_eq!(office.sandbox.report().creates, 0, "nothing left");
}

#[tokio::test]
async fn a_yes_from_somebody_who_opted_out_changes_nothing() {
    let office = Office::open().await;
    let maria = office.phone("+14155550203");
    maria.texts("STOP").await;
    maria.texts("Yes").await;
    let open = office.conversation_with(&maria).await;
    assert_eq!(open.conversation.consent, Consent::OptedOut);
    let noted = |item: &view::TimelineItem| matches!(item, view::TimelineItem::Consent(n) if n.event == "yes_while_out");
    assert!(open.timeline.iter().any(noted));
}

#[tokio::test]
async fn the_owner_undoes_their_own_mark_and_confirms_a_yes_but_never_undoes_a_stop() {
    let office = Office::open().await;
    let maria = office.phone("+14155550205");
    maria.texts("Hello").await;
    let id = office.conversation_with(&maria).await.conversation.id;
    let inbox = &office.desk.inbox;
    assert!(!inbox.opt_in(id, Actor::Owner).await.expect("asked"), "there is nothing to undo");
    office.minutes_pass(1);
    inbox.opt_out(id, Actor::Owner).await.expect("marked");
    assert!(inbox.opt_in(id, Actor::Owner).await.expect("asked"));
    assert_eq!(office.conversation_with(&maria).await.conversation.consent, Consent::Given);

    office.minutes_pass(1);
    inbox.opt_out(id, Actor::Owner).await.expect("marked");
    office.minutes_pass(1);
    maria.texts("STOP").await;
    assert!(!inbox.opt_in(id, Actor::Owner).await.expect("asked"), "they said it themselves");
    office.minutes_pass(1);
    inbox.opt_out(id, Actor::Owner).await.expect("marked");
    assert!(!inbox.opt_in(id, Actor::Owner).await.expect("asked"), "a mark on top changes nothing");
    office.minutes_pass(1);
    maria.texts("yes").await;
    assert!(inbox.opt_in(id, Actor::Owner).await.expect("asked"));
    let open = office.conversation_with(&maria).await;
    assert_eq!((open.conversation.consent, open.closed), (Consent::Given, None));
    office.answers(&maria, "Welcome back").await;
}

#[tokio::test]
async fn wording_that_sounds_like_stop_is_suggested_not_decided() {
    let office = Office::open().await;
    let maria = office.phone("+14155550204");
    maria.texts("Please stop texting me about this").await;
    let open = office.conversation_with(&maria).await;
    assert_eq!(open.closed, None);
    let noted = |item: &view::TimelineItem| matches!(item, view::TimelineItem::Consent(n) if n.event == "stop_suggested");
    assert!(open.timeline.iter().any(noted));
    office.desk.inbox.opt_out(open.conversation.id, Actor::Owner).await.expect("marked");
    assert_eq!(office.conversation_with(&maria).await.closed, Some(Reason::OptedOut));
}

#[tokio::test]
async fn twilios_refusal_because_of_an_opt_out_is_remembered() {
    let office = Office::open().await;
    // Its last digits make the practice line refuse with 21610.
    let gone = office.phone("+14155521610");
    gone.texts("Hello").await;
    let id = office.answers(&gone, "Hi!").await;
    office.reaches(&gone, id, "failed").await;
    assert_eq!(office.conversation_with(&gone).await.closed, Some(Reason::OptedOut));
    let ledger = office.kept("consent").await;
    assert!(ledger.iter().any(|entry| entry["event"] == "twilio_refused"));
}

#[tokio::test]
async fn the_first_text_to_a_stranger_is_asked_about_once() {
    let office = Office::open().await;
    let inbox = &office.desk.inbox;
    let id = inbox.conversation_with("(415) 555-0205", None).await.expect("a number");
    let asked = inbox.send_text(sending(id, "Hello there"), Actor::Owner).await;
    assert!(matches!(asked, Err(SendProblem::Guard(Reason::Stranger))));
    let insisting = ringdesk_inbox::Sending { yes_to: vec![Reason::Stranger], ..sending(id, "Hello there") };
    inbox.send_text(insisting, Actor::Owner).await.expect("sent");
    inbox.send_text(sending(id, "And one more"), Actor::Owner).await.expect("not asked again");
}
