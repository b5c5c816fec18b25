use ringdesk_domain::Actor;
use ringdesk_sandbox::Fault;
use ringdesk_tests::office::Office;

#[tokio::test]
async fn an_answer_that_broke_off_is_settled_by_the_callback_not_by_sending_again() {
    let office = Office::open().await;
    for (n, fault) in [Fault::BreakAfterAccepting, Fault::ErrorAfterAccepting].into_iter().enumerate() {
        let phone = office.phone(&format!("+1415555050{n}"));
        phone.texts("Hello").await;
        office.fault(fault);
        let id = office.answers(&phone, "Did it leave?").await;
        office.reaches(&phone, id, "delivered").await;
        assert_eq!(phone.got().len(), 1);
    }
    assert_eq!(office.sandbox.report().creates, 2);
}

#[tokio::test]
async fn without_a_callback_it_is_found_in_twilios_list() {
    let office = Office::open().await;
    let maria = office.phone("+14155550511");
    maria.texts("Hello").await;
    office.fault(Fault::ErrorAfterAccepting);
    office.fault(Fault::Times(2, Box::new(Fault::DroppedCallbacks)));
    let id = office.answers(&maria, "Where are you?").await;
    office.reaches(&maria, id, "send_unknown").await;
    office.minutes_pass(2);
    office.reaches(&maria, id, "delivered").await;
    assert_eq!(office.sandbox.report().creates, 1);
}

#[tokio::test]
async fn what_twilio_never_had_is_said_to_be_lost_and_left_to_the_owner() {
    let office = Office::open().await;
    let maria = office.phone("+14155550512");
    maria.texts("Hello").await;
    office.fault(Fault::ErrorBeforeAccepting);
    let id = office.answers(&maria, "Hello?").await;
    office.reaches(&maria, id, "send_unknown").await;
    let looks = || async { office.kept("outbox").await[0]["looks"].as_i64() };
    for look in 1..=3 {
        office.minutes_pass(11);
        office.until("looked", || async { (looks().await == Some(look)).then_some(()) }).await;
    }
    let text = office.reaches(&maria, id, "send_unknown").await;
    assert!(text.lost);
    assert_eq!(office.sandbox.report().creates, 1, "nothing was sent again by itself");

    let again = office.desk.inbox.send_again(id, Actor::Owner).await.expect("the owner decides");
    office.reaches(&maria, again.id, "delivered").await;
    assert_eq!(maria.got().len(), 1);
}

#[tokio::test]
async fn a_restart_does_not_make_an_unsettled_text_leave_again() {
    let mut office = Office::open().await;
    let number = "+14155550513";
    office.phone(number).texts("Hello").await;
    office.fault(Fault::ErrorAfterAccepting);
    office.fault(Fault::Times(2, Box::new(Fault::DroppedCallbacks)));
    let first = office.answers(&office.phone(number), "Same").await;
    office.reaches(&office.phone(number), first, "send_unknown").await;
    // A restart must not make it leave again.
    office.restart().await;
    office.minutes_pass(2);
    office.reaches(&office.phone(number), first, "delivered").await;
    assert_eq!(office.sandbox.report().creates, 1);
}

#[tokio::test]
async fn an_unsettled_text_holds_back_the_next_one_in_its_conversation() {
    let office = Office::open().await;
    let maria = office.phone("+14155550514");
    maria.texts("Hello").await;
    office.fault(Fault::ErrorAfterAccepting);
    office.fault(Fault::Times(2, Box::new(Fault::DroppedCallbacks)));
    let first = office.answers(&maria, "One").await;
    office.reaches(&maria, first, "send_unknown").await;
    let second = office.answers(&maria, "Two").await;
    let other = office.phone("+14155550515");
    other.texts("Hello").await;
    let third = office.answers(&other, "Three").await;
    office.reaches(&other, third, "delivered").await;
    office.reaches(&maria, second, "waiting").await;
    office.minutes_pass(2);
    office.reaches(&maria, second, "delivered").await;
}
