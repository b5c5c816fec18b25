use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_inbox::view::{Attachment, AttachmentState};
use ringdesk_sandbox::Fault;
use ringdesk_tests::{
    office::{Office, Phone, png},
    voicemail::does,
};
use serde_json::json;

/// Waits until the first attachment of a phone's first text stands so.
async fn stands(office: &Office, phone: &Phone<'_>, state: AttachmentState) -> Attachment {
    office
        .until("the picture", || async {
            let texts = office.texts_with(phone).await;
            texts.into_iter().next()?.attachments.into_iter().find(|a| a.state == state)
        })
        .await
}

#[tokio::test]
async fn a_picture_is_fetched_kept_by_its_content_and_shown() {
    let office = Office::open().await;
    let maria = office.phone("+14155550601");
    maria.texts_file("Look", "image/png", &png()).await;
    let picture = stands(&office, &maria, AttachmentState::Kept).await;
    assert_eq!((picture.content_type.as_deref(), picture.showable), (Some("image/png"), true));
    let file = office.desk.inbox.file(picture.id).await.expect("a file");
    assert_eq!(std::fs::read(file.path).expect("bytes"), png());
    assert_eq!(office.sandbox.report().leaked_credentials, 0, "credentials stay at Twilio's host");
}

/// Waits until the picture is kept; whenever a try has failed, the time for the next one comes.
async fn kept_at_last(office: &Office, phone: &Phone<'_>) {
    office
        .until("the picture at last", || async {
            office.minutes_pass(1);
            let texts = office.texts_with(phone).await;
            texts.into_iter().next()?.attachments.into_iter().find(|a| a.state == AttachmentState::Kept)
        })
        .await;
}

#[tokio::test]
async fn a_picture_that_is_late_or_breaks_off_is_asked_for_again() {
    let office = Office::open().await;
    let maria = office.phone("+14155550602");
    office.fault(Fault::Times(2, Box::new(Fault::MediaNotFound)));
    office.fault(Fault::MediaBroken);
    maria.texts_file("Look", "image/png", &png()).await;
    kept_at_last(&office, &maria).await;
}

#[tokio::test]
async fn wanted_pictures_survive_a_restart() {
    let mut office = Office::open().await;
    office.fault(Fault::MediaNotFound);
    office.phone("+14155550603").texts_file("Look", "image/png", &png()).await;
    office.restart().await;
    kept_at_last(&office, &office.phone("+14155550603")).await;
}

#[tokio::test]
async fn the_bytes_decide_not_the_claim() {
    let office = Office::open().await;
    let maria = office.phone("+14155550604");
    maria.texts_file("A page in disguise", "image/png", b"<!DOCTYPE html><script>1</script>").await;
    let page = stands(&office, &maria, AttachmentState::Refused).await;
    assert!(page.problem.is_some());

    let paul = office.phone("+14155550605");
    paul.texts_file("A picture in disguise", "application/octet-stream", &png()).await;
    assert_eq!(
        stands(&office, &paul, AttachmentState::Kept).await.content_type.as_deref(),
        Some("image/png")
    );
}

#[tokio::test]
async fn too_large_is_not_kept() {
    let office = Office::open().await;
    let maria = office.phone("+14155550606");
    let mut large = png();
    large.resize(7 * 1024 * 1024, 0);
    maria.texts_file("Huge", "image/png", &large).await;
    stands(&office, &maria, AttachmentState::Refused).await;
}

#[tokio::test]
async fn an_address_that_is_not_twilios_never_sees_our_credentials() {
    let office = Office::open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let elsewhere = format!("http://{}/steal", listener.local_addr().expect("address"));
    let sid = format!("MM{}", "d".repeat(32));
    let mut fields = office.text_fields(&sid, "+14155550607", "Look");
    fields.retain(|(name, _)| *name != "NumMedia");
    fields.extend([("NumMedia", "1"), ("MediaUrl0", &elsewhere), ("MediaContentType0", "image/png")]);
    assert_eq!(office.signed("/sms/inbound", &fields).post().await.0, 200);
    stands(&office, &office.phone("+14155550607"), AttachmentState::Gone).await;
    let nobody = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
    assert!(nobody.is_err(), "nobody knocked there");
}

#[tokio::test]
async fn a_wrong_count_of_pictures_is_shown_as_such() {
    let office = Office::open().await;
    let sid = format!("MM{}", "e".repeat(32));
    let mut fields = office.text_fields(&sid, "+14155550608", "Look");
    fields.retain(|(name, _)| *name != "NumMedia");
    fields.push(("NumMedia", "3"));
    office.signed("/sms/inbound", &fields).post().await;
    let texts = office.texts_with(&office.phone("+14155550608")).await;
    assert_eq!((texts[0].attachments.len(), texts[0].missing_attachments), (0, 3));
}

/// What an attachment is saved as: its name and its bytes.
async fn saved(office: &Office, file: &Attachment) -> (String, Vec<u8>) {
    let file = does(office, "attachment_file", json!({ "attachment": file.id })).await;
    let bytes = STANDARD.decode(file["base64"].as_str().expect("text")).expect("base64");
    (file["name"].as_str().expect("a name").to_owned(), bytes)
}

#[tokio::test]
async fn what_a_customer_sent_is_saved_under_a_name_that_says_whose_it_is() {
    let office = Office::open().await;
    let maria = office.phone("+14155550609");
    // The bytes say what it is, whatever its sender claims.
    maria.texts_file("The leak", "image/jpeg", &png()).await;
    let picture = stands(&office, &maria, AttachmentState::Kept).await;
    let name = "(415) 555-0609 2026-11-20 10.00.png".to_owned();
    assert_eq!(saved(&office, &picture).await, (name, png()));
    let id = office.conversation_with(&maria).await.conversation.id;
    does(&office, "save_contact", json!({ "id": id, "name": "Maria Lopez" })).await;
    assert_eq!(saved(&office, &picture).await.0, "Maria Lopez 2026-11-20 10.00.png");

    let paul = office.phone("+14155550610");
    let card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Paul\r\nEND:VCARD\r\n".to_vec();
    paul.texts_file("My card", "text/vcard", &card).await;
    let file = stands(&office, &paul, AttachmentState::Kept).await;
    assert!(!file.showable, "it is offered to be saved");
    let name = "(415) 555-0610 2026-11-20 10.00.vcf".to_owned();
    assert_eq!(saved(&office, &file).await, (name, card));

    let page = office.phone("+14155550611");
    page.texts_file("A page", "text/vcard", b"<!DOCTYPE html><script>1</script>").await;
    let refused = stands(&office, &page, AttachmentState::Refused).await;
    let asked = office.desk.call("attachment_file", json!({ "attachment": refused.id })).await;
    assert_eq!(asked.expect_err("it is not here").code, "not_found");
}
