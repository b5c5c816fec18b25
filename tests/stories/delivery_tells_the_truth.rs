use ringdesk_sandbox::Fault;
use ringdesk_tests::office::Office;

#[tokio::test]
async fn callbacks_that_come_before_the_answer_are_kept_and_applied() {
    let office = Office::open().await;
    let maria = office.phone("+14155550401");
    maria.texts("Hello").await;
    office.fault(Fault::CallbackBeforeAnswer);
    let id = office.answers(&maria, "Early").await;
    office.reaches(&maria, id, "delivered").await;
    assert_eq!(office.sandbox.report().creates, 1);
}

#[tokio::test]
async fn repeated_and_reordered_callbacks_end_the_same() {
    let office = Office::open().await;
    let maria = office.phone("+14155550402");
    maria.texts("Hello").await;
    for fault in [
        Fault::ReorderedCallbacks,
        Fault::DuplicatedCallbacks,
        Fault::DelayedCallbacks(300),
        Fault::UnknownStatus,
    ] {
        office.fault(fault.clone());
        let id = office.answers(&maria, &format!("{fault:?}")).await;
        office.reaches(&maria, id, "delivered").await;
    }
}

#[tokio::test]
async fn a_report_with_a_wrong_signature_moves_nothing() {
    let office = Office::open().await;
    let maria = office.phone("+14155550403");
    maria.texts("Hello").await;
    office.fault(Fault::WrongSignature);
    let id = office.answers(&maria, "Careful").await;
    // The first report is refused, the second believed: the text goes straight to delivered.
    office.reaches(&maria, id, "delivered").await;
    let health = office.desk.inbox.health().await.expect("health");
    assert_eq!(health.refused.get("wrong signature"), Some(&1));
}

#[tokio::test]
async fn two_different_endings_are_decided_by_twilios_own_record() {
    let office = Office::open().await;
    let maria = office.phone("+14155550404");
    maria.texts("Hello").await;
    let id = office.answers(&maria, "Which is it?").await;
    office.reaches(&maria, id, "delivered").await;
    let texts = office.kept("text").await;
    let sid = texts.iter().find(|text| text["id"] == id.to_string()).expect("there")["provider_sid"].clone();
    let (account, _) = office.sandbox.credentials();
    let fields = [
        ("MessageSid", sid.as_str().expect("a SID")),
        ("AccountSid", account),
        ("MessageStatus", "undelivered"),
        ("ErrorCode", "30008"),
    ];
    let before = office.desk.inbox.latest_change();
    assert_eq!(office.signed("/sms/status", &fields).post().await.0, 204);
    // The claim is noted, Twilio is asked, and its record (delivered, with a price) stands.
    office
        .until("asked", || async {
            let texts = office.kept("text").await;
            let text = texts.into_iter().find(|text| text["id"] == id.to_string())?;
            (office.desk.inbox.latest_change() > before && text["price"].is_string()).then_some(())
        })
        .await;
    office.reaches(&maria, id, "delivered").await;
    // From now on a long text says what it would cost.
    let conversation = office.conversation_with(&maria).await.conversation.id;
    let long = serde_json::json!({ "conversation": conversation, "body": "All about boilers. ".repeat(40) });
    let told = office.desk.call("send_text", long).await.expect_err("a question");
    assert_eq!(told.hint, "About 0.04 USD by your last texts. Shorten it, or send it anyway.");
}

#[tokio::test]
async fn a_text_without_an_ending_is_asked_about() {
    let office = Office::open().await;
    let maria = office.phone("+14155550405");
    maria.texts("Hello").await;
    office.fault(Fault::Times(2, Box::new(Fault::DroppedCallbacks)));
    let id = office.answers(&maria, "Silence").await;
    let arrived = || async { maria.got().iter().any(|text| text.status == "delivered").then_some(()) };
    office.until("it arrived", arrived).await;
    office.reaches(&maria, id, "queued").await;
    office.minutes_pass(16);
    office.reaches(&maria, id, "delivered").await;
}
