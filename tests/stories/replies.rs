use ringdesk_domain::{Actor, sending::Reason};
use ringdesk_inbox::{SendProblem, Sending, view};
use ringdesk_sandbox::Fault;
use ringdesk_tests::office::{LINES, Office, png, sending};

#[tokio::test]
async fn a_reply_reaches_the_phone_from_the_number_that_was_texted() {
    let office = Office::open().await;
    let maria = office.phone("+14155550301");
    maria.texts_line(LINES[1], "Hello second line").await;
    let patch = serde_json::json!({"texts": {"messaging_service_sid": format!("MG{}", "0".repeat(32))}});
    office.desk.inbox.apply_settings(&patch).await.expect("a default service");
    let id = office.conversation_with(&maria).await.conversation.id;
    let refused = office.desk.inbox.send_text(sending(id, "Hello"), Actor::Owner).await.expect("queued");
    // This practice number is one of Twilio's magic ones and cannot send; the refusal proves who sent.
    let text = office.reaches(&maria, refused.id, "failed").await;
    assert_eq!(text.failure.expect("reason").code, Some(21606));

    maria.texts("Hello first line").await;
    let first =
        office.conversations().await.into_iter().find(|c| c.line_display.ends_with("0006")).expect("there");
    let queued = office.desk.inbox.send_text(sending(first.id, "Hello"), Actor::Owner).await.expect("queued");
    office.until("delivered", || async { maria.got().into_iter().find(|t| t.body == "Hello") }).await;
    assert_eq!(maria.got()[0].with, LINES[0]);
    let all = ringdesk_tests::office::texts(
        office.desk.inbox.conversation(first.id, None, None).await.expect("open"),
    );
    assert!(all.iter().any(|text| text.id == queued.id));
}

#[tokio::test]
async fn a_text_can_be_taken_back_while_it_waits() {
    let office = Office::open().await;
    let maria = office.phone("+14155550302");
    maria.texts("Hello").await;
    let id = office.conversation_with(&maria).await.conversation.id;
    let waiting = Sending { undo_seconds: None, ..sending(id, "Oops") };
    let queued = office.desk.inbox.send_text(waiting, Actor::Owner).await.expect("queued");
    assert_eq!(queued.due_at.since(office.clock.now()), 5_000, "five seconds unless set otherwise");
    assert!(office.desk.inbox.take_back(queued.id).await.expect("asked"));
    office.minutes_pass(1);
    assert_eq!(office.texts_with(&maria).await.len(), 1, "it is gone from the conversation");

    let sent = office.answers(&maria, "Really").await;
    office.reaches(&maria, sent, "delivered").await;
    assert!(!office.desk.inbox.take_back(sent).await.expect("asked"), "it has left");
    assert_eq!(office.sandbox.report().creates, 1);
}

#[tokio::test]
async fn texts_of_a_conversation_leave_in_order_one_at_a_time() {
    let office = Office::open().await;
    let maria = office.phone("+14155550303");
    maria.texts("Hello").await;
    for n in 0..8 {
        office.answers(&maria, &format!("number {n}")).await;
    }
    office.until("all there", || async { (maria.got().len() == 8).then_some(()) }).await;
    let order: Vec<String> = maria.got().into_iter().map(|text| text.body).collect();
    assert_eq!(order, (0..8).map(|n| format!("number {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_same_words_at_once_are_asked_about() {
    let office = Office::open().await;
    let maria = office.phone("+14155550304");
    maria.texts("Hello").await;
    office.answers(&maria, "On our way").await;
    let id = office.conversation_with(&maria).await.conversation.id;
    let again = office.desk.inbox.send_text(sending(id, "On our way"), Actor::Owner).await;
    assert!(matches!(again, Err(SendProblem::Guard(Reason::SameAgain))));
}

#[tokio::test]
async fn late_at_night_a_text_out_of_the_blue_is_asked_about() {
    let office = Office::open().await;
    let maria = office.phone("+14155550309");
    maria.texts("Hello").await;
    let id = office.conversation_with(&maria).await.conversation.id;
    // From ten in the morning to half past ten at night.
    office.minutes_pass(12 * 60 + 30);
    let asked = office.desk.inbox.send_text(sending(id, "Are you still up?"), Actor::Owner).await;
    assert!(matches!(asked, Err(SendProblem::Guard(Reason::QuietHours))));
    maria.texts("Are you still there?").await;
    office.answers(&maria, "We are").await;
    office.minutes_pass(2 * 60);
    let sure = Sending { yes_to: vec![Reason::QuietHours], ..sending(id, "Your boiler leaks") };
    let queued = office.desk.inbox.send_text(sure, Actor::Owner).await.expect("queued");
    office.reaches(&maria, queued.id, "delivered").await;
    let wrong = office.desk.inbox.apply_settings(&serde_json::json!({ "time_zone": "Mars/Base" })).await;
    assert!(wrong.is_err());
}

#[tokio::test]
async fn a_text_of_many_parts_is_asked_about() {
    let office = Office::open().await;
    let maria = office.phone("+14155550310");
    maria.texts("Hello").await;
    let id = office.conversation_with(&maria).await.conversation.id;
    let long = "All about boilers. ".repeat(40);
    let told = office.desk.call("send_text", serde_json::json!({ "conversation": id, "body": long })).await;
    let told = told.expect_err("a question");
    assert_eq!((told.code.as_str(), told.message.as_str()), ("many_parts", "This goes out as 5 texts."));
    assert!(told.hint.starts_with("Each part is charged."), "{}", told.hint);
    let sure =
        serde_json::json!({ "conversation": id, "body": long, "yes_to": ["many_parts"], "undo_seconds": 0 });
    office.desk.call("send_text", sure).await.expect("queued");
}

#[tokio::test]
async fn a_picture_leaves_by_a_link_that_works_once() {
    let office = Office::open().await;
    let maria = office.phone("+14155550305");
    maria.texts("Can I see it?").await;
    let picture = office.desk.inbox.add_picture(&png()).await.expect("a picture");
    let id = office.conversation_with(&maria).await.conversation.id;
    let with = Sending { pictures: vec![picture.sha256.clone()], ..sending(id, "Here") };
    let queued = office.desk.inbox.send_text(with, Actor::Owner).await.expect("queued");
    let text = office.reaches(&maria, queued.id, "delivered").await;
    assert_eq!(text.attachments.len(), 1);
    let got = maria.got();
    let (kind, bytes) = office.sandbox.picture(&got[0].media[0]).expect("on the phone");
    assert_eq!((kind.as_str(), bytes), ("image/png", png()));

    let forged = reqwest::Client::builder().no_proxy().build().expect("client");
    for link in ["", "AAAA", &"A".repeat(54)] {
        let answer = forged.get(office.door(&format!("/media/{link}"))).send().await.expect("answer");
        assert_eq!(answer.status(), 404);
    }
}

#[tokio::test]
async fn only_pictures_twilio_takes_are_taken() {
    let office = Office::open().await;
    let inbox = &office.desk.inbox;
    assert!(inbox.add_picture(b"<html>hello</html>").await.is_err());
    assert!(inbox.add_picture(&vec![0; 6 * 1024 * 1024]).await.is_err());
}

#[tokio::test]
async fn too_many_requests_wait_and_then_leave_once() {
    let office = Office::open().await;
    let maria = office.phone("+14155550306");
    maria.texts("Hello").await;
    office.fault(Fault::Times(2, Box::new(Fault::Busy(3))));
    let id = office.answers(&maria, "Patience").await;
    for tries in 1..=2 {
        office
            .until("refused for now", || async {
                let outbox = office.kept("outbox").await;
                (outbox[0]["state"] == "queued" && outbox[0]["tries"] == tries).then_some(())
            })
            .await;
        office.clock.advance_ms(40_000);
    }
    office.reaches(&maria, id, "delivered").await;
    let report = office.sandbox.report();
    assert_eq!((report.creates, report.accepted.values().sum::<u32>()), (3, 1));
}

#[tokio::test]
async fn a_failure_says_what_happened_what_it_cost_and_what_to_do() {
    let office = Office::open().await;
    let off = office.phone("+14155530003");
    off.texts("Hello").await;
    let id = office.answers(&off, "Are you there?").await;
    let failure = office.reaches(&off, id, "undelivered").await.failure.expect("reason");
    assert_eq!(
        (failure.code, failure.charged, failure.can_retry),
        (Some(30003), view::Charged::Usually, true)
    );
    assert!(failure.what.contains("off") && failure.next.contains("later"), "{failure:?}");

    let landline = office.phone("+14155521614");
    landline.texts("Hello").await;
    let id = office.answers(&landline, "Hi").await;
    let failure = office.reaches(&landline, id, "failed").await.failure.expect("reason");
    assert_eq!((failure.code, failure.charged, failure.can_retry), (Some(21614), view::Charged::No, false));
}

#[tokio::test]
async fn a_failed_text_can_be_sent_again() {
    let office = Office::open().await;
    let off = office.phone("+14155530008");
    off.texts("Hello").await;
    let id = office.answers(&off, "Once").await;
    office.reaches(&off, id, "undelivered").await;
    let again = office.desk.inbox.send_again(id, Actor::Owner).await.expect("again");
    office.reaches(&off, again.id, "undelivered").await;
    assert_eq!(office.sandbox.report().creates, 2);
    assert!(office.kept("text").await.iter().any(|text| text["resend_of"] == id.to_string()));
}

#[tokio::test]
async fn a_text_that_waits_for_its_conversation_holds_up_no_other() {
    let office = Office::open().await;
    let (maria, joel) = (office.phone("+14155550307"), office.phone("+14155550308"));
    maria.texts("Hello").await;
    joel.texts("Hello").await;
    office.fault(Fault::ErrorAfterAccepting);
    office.fault(Fault::Times(2, Box::new(Fault::DroppedCallbacks)));
    let stuck = office.answers(&maria, "Where is it?").await;
    office.reaches(&maria, stuck, "send_unknown").await;
    office.answers(&maria, "And this one waits").await;
    let conversation = office.conversation_with(&joel).await.conversation.id;
    let soon = Sending { undo_seconds: Some(5), ..sending(conversation, "In five seconds") };
    let queued = office.desk.inbox.send_text(soon, Actor::Owner).await.expect("queued");
    office.clock.advance_ms(5_000);
    office.reaches(&joel, queued.id, "delivered").await;
}

#[tokio::test]
async fn pressing_try_again_twice_sends_one_text() {
    let office = Office::open().await;
    let off = office.phone("+14155530003");
    off.texts("Hello").await;
    let id = office.answers(&off, "Once").await;
    office.reaches(&off, id, "undelivered").await;
    let first = office.desk.inbox.send_again(id, Actor::Owner).await.expect("again");
    let second = office.desk.inbox.send_again(id, Actor::Owner).await.expect("the same");
    assert_eq!(first.id, second.id);
    office.reaches(&off, first.id, "undelivered").await;
    assert_eq!(office.sandbox.report().creates, 2);
    assert!(office.texts_with(&off).await.iter().any(|text| text.id == id && text.resent));
}

#[tokio::test]
async fn an_answer_that_was_taken_back_or_failed_is_no_answer() {
    let office = Office::open().await;
    let maria = office.phone("+14155530005");
    maria.texts("Is anybody there?").await;
    let id = office.conversation_with(&maria).await.conversation.id;
    let waiting = Sending { undo_seconds: Some(5), ..sending(id, "Oops") };
    let queued = office.desk.inbox.send_text(waiting, Actor::Owner).await.expect("queued");
    assert!(office.conversation_with(&maria).await.conversation.waiting_since.is_none());
    assert!(office.desk.inbox.take_back(queued.id).await.expect("asked"));
    assert!(office.conversation_with(&maria).await.conversation.waiting_since.is_some());
    let failing = office.answers(&maria, "Yes").await;
    office.reaches(&maria, failing, "undelivered").await;
    assert!(office.conversation_with(&maria).await.conversation.waiting_since.is_some());
}

#[tokio::test]
async fn a_text_that_could_not_leave_for_long_is_asked_about_first() {
    let office = Office::open().await;
    let maria = office.phone("+14155550309");
    maria.texts("When do you come?").await;
    office.fault(Fault::Busy(1_200));
    let id = office.answers(&maria, "There in ten minutes").await;
    office
        .until("refused for now", || async {
            let outbox = office.kept("outbox").await;
            (outbox[0]["state"] == "queued" && outbox[0]["tries"] == 1).then_some(())
        })
        .await;
    office.minutes_pass(21);
    let held = office
        .until("held", || async { office.texts_with(&maria).await.into_iter().find(|text| text.held) })
        .await;
    assert_eq!((held.id, office.sandbox.report().creates), (id, 1));
    assert!(office.desk.inbox.release(id).await.expect("asked"));
    office.reaches(&maria, id, "delivered").await;
}
