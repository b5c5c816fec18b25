//! The way from Twilio to this computer, and what the lines are told.

use super::{
    DAY,
    account::{reconnect, replace_token},
    ails, finds, found, is, leads, mended, nobody,
};
use ringdesk_inbox::view::{Grade, Place};
use ringdesk_sandbox::Fault;
use ringdesk_tests::office::{LINES, Office};
use rusqlite::Connection;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::net::{TcpListener, TcpStream};

async fn set(office: &Office, patch: Value) {
    office.desk.inbox.apply_settings(&patch).await.expect("settings");
}

/// The owner has an address of their own.
async fn own_address(office: &Office, address: &str) {
    set(office, json!({ "address": { "way": "own", "address": address } })).await;
}

/// The lines are set at the practice line as the office wants them.
async fn pointed(office: &Office) {
    finds(office, "webhooks", Grade::Pass).await;
}

/// An address that leads whoever comes to the office's door, as long as that is wanted. The port stays taken.
async fn lead(office: &Office) -> (SocketAddr, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let wanted = Arc::new(AtomicBool::new(true));
    let leads = wanted.clone();
    let door = office.door("");
    let door = door.trim_start_matches("http://").split('/').next().expect("a host").to_owned();
    tokio::spawn(async move {
        while let Ok((mut outside, _)) = listener.accept().await {
            if !leads.load(Ordering::Relaxed) {
                continue;
            }
            let mut inside = TcpStream::connect(&door).await.expect("the door is open");
            tokio::spawn(async move {
                // Either end may hang up whenever it likes.
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    (at, wanted)
}

#[tokio::test]
async fn an_address_nobody_answers_at_is_knocked_at_again() {
    let office = Office::open().await;
    finds(&office, "reachable", Grade::Pass).await;
    let (at, leads) = lead(&office).await;
    own_address(&office, &format!("http://{at}")).await;
    let through = format!("Address: http://{at}");
    office
        .until("it is found there", || async {
            let check = found(&office, "reachable").await;
            (check.grade == Grade::Pass && check.details == [through.clone()]).then_some(())
        })
        .await;
    leads.store(false, Ordering::Relaxed);
    assert!(!office.desk.inbox.knock().await.expect("a knock").through);
    let check = ails(&office, "reachable", Grade::Fail, "Calls don’t reach this computer").await;
    is(&mended(&office, &check).await, Grade::Fail, "Calls don’t reach this computer");
    leads.store(true, Ordering::Relaxed);
    is(&mended(&office, &check).await, Grade::Pass, "Calls get here in");
}

/// Somebody with a certificate nobody vouches for.
fn self_made() -> SocketAddr {
    ringdesk_twilio::rest::prepare_tls();
    let certificate = CertificateDer::from(include_bytes!("../../data/tls/certificate.der").to_vec());
    let key = PrivatePkcs8KeyDer::from(include_bytes!("../../data/tls/key.der").to_vec());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key))
        .expect("a certificate with its key");
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut tls = rustls::ServerConnection::new(config.clone()).expect("a server");
            // Whoever comes ends it once they have seen the certificate.
            let _ = tls.complete_io(&mut stream);
        }
    });
    at
}

#[tokio::test]
async fn a_certificate_twilio_would_not_take_is_told() {
    let office = Office::open().await;
    finds(&office, "reachable", Grade::Pass).await;
    is(&found(&office, "certificate").await, Grade::Unknown, "needs none");
    own_address(&office, &format!("https://{}", self_made())).await;
    finds(&office, "certificate", Grade::Fail).await;
    let check = ails(&office, "certificate", Grade::Fail, "It isn’t accepted").await;
    leads(&check, Place::Address);
    ails(&office, "reachable", Grade::Fail, "certificate").await;
    set(&office, json!({ "address": { "way": "unset", "address": "" } })).await;
    finds(&office, "reachable", Grade::Pass).await;
    is(&found(&office, "certificate").await, Grade::Unknown, "needs none");
}

#[tokio::test]
async fn lines_that_post_elsewhere_are_pointed_here() {
    let office = Office::open().await;
    pointed(&office).await;
    let before = office.sandbox.number(LINES[0]);
    for (field, value, title) in [
        ("SmsUrl", "https://example.com/texts", "Texts go somewhere else"),
        ("VoiceUrl", "https://example.com/calls", "Calls go somewhere else"),
        ("VoiceMethod", "GET", "Calls go somewhere else"),
    ] {
        office.sandbox.set_number(LINES[0], &[(field, value)]);
        let check = ails(&office, "webhooks", Grade::Fail, title).await;
        let told = |detail: &String| detail.contains(field) && detail.contains(value);
        assert!(check.details.iter().any(told), "{check:?}");
        is(&mended(&office, &check).await, Grade::Pass, "(500) 555-0006");
        assert_eq!(office.sandbox.number(LINES[0])[field], before[field]);
    }
    // Whose number that is, is nobody's business.
    let forwards = "https://example.com/forward?PhoneNumber=%2B14155550997";
    office.sandbox.set_number(LINES[0], &[("VoiceUrl", forwards)]);
    let check = ails(&office, "webhooks", Grade::Fail, "Calls go somewhere else").await;
    let told = format!("{check:?}");
    assert!(told.contains("…0997") && !told.contains("4155550997"), "{told}");
    is(&mended(&office, &check).await, Grade::Pass, "(500) 555-0006");
    office.sandbox.set_number(LINES[1], &[("StatusCallback", "")]);
    let check = ails(&office, "webhooks", Grade::Warn, "not all that belongs to it").await;
    is(&mended(&office, &check).await, Grade::Pass, "(500) 555-0007");
}

#[tokio::test]
async fn a_line_another_computer_answers_is_taken_back() {
    let office = Office::open().await;
    pointed(&office).await;
    is(&found(&office, "other_computer").await, Grade::Pass, "No other Ringdesk");
    let other = "https://desk.example.com/phone/twilio";
    let urls = [format!("{other}/sms/inbound#rc=5&rp=all"), format!("{other}/voice/inbound")];
    office.sandbox.set_number(LINES[0], &[("SmsUrl", urls[0].as_str()), ("VoiceUrl", urls[1].as_str())]);
    let said = "Another computer answers this line: (500) 555-0006";
    let check = ails(&office, "other_computer", Grade::Fail, said).await;
    is(&mended(&office, &check).await, Grade::Pass, "No other Ringdesk");
    office.phone("+14155550951").texts("Are you there?").await;
}

#[tokio::test]
async fn what_gets_in_between_is_taken_out() {
    let office = Office::open().await;
    pointed(&office).await;
    is(&found(&office, "overrides").await, Grade::Pass, "Nothing else answers first");
    let application = format!("AP{}", "a".repeat(32));
    let trunk = format!("TK{}", "b".repeat(32));
    let flow = format!("https://webhooks.twilio.com/v1/Accounts/AC{0}/Flows/FW{0}", "c".repeat(32));
    for (field, value, said) in [
        ("SmsApplicationSid", &application, "An application at Twilio takes its texts"),
        ("VoiceApplicationSid", &application, "An application at Twilio takes its calls"),
        ("TrunkSid", &trunk, "A SIP trunk takes its calls"),
        ("VoiceUrl", &flow, "A Studio flow"),
    ] {
        office.sandbox.set_number(LINES[0], &[(field, value.as_str())]);
        let check = ails(&office, "overrides", Grade::Fail, said).await;
        is(&mended(&office, &check).await, Grade::Pass, "Nothing else answers first");
    }
    let elsewhere = [("InboundRequestUrl", "https://example.com/in"), ("UseInboundWebhookOnNumber", "false")];
    office.sandbox.set_service("Reminders", &elsewhere, &LINES[..1]);
    let check = ails(&office, "overrides", Grade::Fail, "Reminders").await;
    is(&mended(&office, &check).await, Grade::Pass, "Nothing else answers first");
    office.phone("+14155550952").texts("Now it comes here").await;
}

#[tokio::test]
async fn a_sleep_backup_is_made_used_and_heard() {
    let office = Office::open().await;
    pointed(&office).await;
    let check = ails(&office, "fallback", Grade::Warn, "There is none").await;
    leads(&check, Place::Backup);
    set(&office, json!({ "sleep_backup": { "on": true } })).await;
    let check = ails(&office, "fallback", Grade::Fail, "It isn't made yet").await;
    let check = mended(&office, &check).await;
    is(&check, Grade::Warn, "nobody has heard it yet");
    leads(&check, Place::Backup);
    office.desk.inbox.heard_backup(true).await.expect("heard");
    is(&found(&office, "fallback").await, Grade::Pass, "Twilio takes voicemail when this computer is off");
    office.sandbox.set_number(LINES[0], &[("VoiceFallbackUrl", "")]);
    let check = ails(&office, "fallback", Grade::Warn, "not every line uses it").await;
    is(&mended(&office, &check).await, Grade::Pass, "Twilio takes voicemail");
    is(&found(&office, "webhooks").await, Grade::Pass, "");
}

#[tokio::test]
async fn a_sleep_backup_twilio_forbids_is_made_by_hand() {
    let office = Office::open().await;
    pointed(&office).await;
    office.fault(Fault::Times(1_000, Box::new(Fault::StudioForbidden)));
    set(&office, json!({ "sleep_backup": { "on": true } })).await;
    let check = found(&office, "fallback").await;
    let check = mended(&office, &check).await;
    is(&check, Grade::Warn, "Twilio doesn't let Ringdesk make it");
    leads(&check, Place::Backup);
    let document = office.desk.inbox.backup().await.expect("a backup").document;
    let bin = office.sandbox.twiml_bin(&document);
    office.desk.inbox.backup_bin(&bin).await.expect("taken");
    office.desk.inbox.heard_backup(true).await.expect("heard");
    is(&found(&office, "fallback").await, Grade::Pass, "Twilio takes voicemail");
}

#[tokio::test]
async fn a_quiet_week_is_told_from_a_line_that_lost_its_texts() {
    let office = Office::open().await;
    pointed(&office).await;
    is(&found(&office, "last_event").await, Grade::Unknown, "Nobody has called or texted yet");
    office.phone("+14155550953").texts("Hello").await;
    is(&found(&office, "last_event").await, Grade::Pass, "Less than a minute ago");
    office.minutes_pass(8 * DAY);
    // Until Twilio's list was read, nobody knows whether that is all.
    let check = finds(&office, "last_event", Grade::Pass).await;
    is(&check, Grade::Pass, "8 days ago");
    let here = office.sandbox.number(LINES[0])["SmsUrl"].clone();
    let (_port, nowhere) = nobody();
    let nowhere = format!("{nowhere}/texts");
    office.sandbox.set_number(LINES[0], &[("SmsUrl", nowhere.as_str()), ("SmsFallbackUrl", "")]);
    let (_, status) = office.sandbox.text_from("+14155550954", LINES[0], "Anybody there?", &[]).await;
    assert_eq!(status, None, "nobody took it");
    let said = "Twilio took a text for you less than a minute ago";
    let check = ails(&office, "last_event", Grade::Warn, said).await;
    leads(&check, Place::Lines);
    // It is fetched, and what is here is not missed.
    office.minutes_pass(6);
    let fetched = || async {
        office.conversations().await.into_iter().find(|one| one.customer == "+14155550954").map(|_| ())
    };
    office.until("it is fetched", fetched).await;
    let check = finds(&office, "last_event", Grade::Pass).await;
    is(&check, Grade::Pass, "8 days ago");
    office.sandbox.set_number(LINES[0], &[("SmsUrl", here.as_str())]);
    office.phone("+14155550953").texts("Hello again").await;
    is(&found(&office, "last_event").await, Grade::Pass, "Less than a minute ago");
}

#[tokio::test]
async fn what_had_to_be_fetched_is_counted_for_a_week() {
    let office = Office::open().await;
    pointed(&office).await;
    is(&found(&office, "repairs").await, Grade::Pass, "What came this week came by itself");
    let here = office.sandbox.number(LINES[0])["SmsUrl"].clone();
    let (_port, nowhere) = nobody();
    let nowhere = format!("{nowhere}/texts");
    office.sandbox.set_number(LINES[0], &[("SmsUrl", nowhere.as_str()), ("SmsFallbackUrl", "")]);
    let (_, status) = office.sandbox.text_from("+14155550958", LINES[0], "Anybody there?", &[]).await;
    assert_eq!(status, None, "nobody took it");
    office.sandbox.set_number(LINES[0], &[("SmsUrl", here.as_str())]);
    office.minutes_pass(6);
    finds(&office, "repairs", Grade::Warn).await;
    let said = "1 text or call of this week did not reach this computer by itself";
    let check = ails(&office, "repairs", Grade::Warn, said).await;
    leads(&check, Place::Address);
    office.minutes_pass(8 * DAY);
    is(&found(&office, "repairs").await, Grade::Pass, "What came this week came by itself");
}

#[tokio::test]
async fn a_list_that_could_not_be_read_for_long_is_told() {
    let office = Office::open().await;
    pointed(&office).await;
    let database = Connection::open(office.data_folder().join("ringdesk.db")).expect("a database");
    let long_ago = office.clock.now().plus_ms(-3 * 60 * 60_000).0;
    // As if Twilio had listed nothing since; the first time may still be under way.
    let check = office
        .until("it is found incomplete", || async {
            database.execute("UPDATE cursors SET complete_to = ?1", [long_ago]).expect("done");
            Some(found(&office, "last_event").await).filter(|check| check.grade == Grade::Warn)
        })
        .await;
    is(&check, Grade::Warn, "What came may not all be here: for 3 hours");
    office.minutes_pass(6);
    finds(&office, "last_event", Grade::Unknown).await;
}

/// So many texts come, and none is let in.
async fn turned_away(office: &Office, texts: usize) {
    for n in 0..texts {
        let (_, status) = office.sandbox.text_from(&format!("+1415555096{n}"), LINES[0], "Hello?", &[]).await;
        assert_eq!(status, Some(403));
    }
}

#[tokio::test]
async fn requests_that_are_not_believed_point_to_the_token_the_address_or_strangers() {
    let office = Office::open().await;
    finds(&office, "reachable", Grade::Pass).await;
    pointed(&office).await;
    is(&found(&office, "signatures").await, Grade::Pass, "None was turned away");
    for n in 0..4_u32 {
        let sid = format!("SM{n:032x}");
        let mut odd = office.signed("/sms/inbound", &office.text_fields(&sid, "+14155550955", "Let me in"));
        odd.body.push('x');
        assert_eq!(odd.post().await.0, 403);
    }
    let check = ails(&office, "signatures", Grade::Warn, "most likely strangers’").await;
    assert_eq!(check.fix, None);
    office.minutes_pass(90);
    is(&found(&office, "signatures").await, Grade::Pass, "None was turned away");

    // The same door under another spelling: what Twilio signs is another address.
    let other = office.door("/sms/inbound").replace("127.0.0.1", "localhost");
    office.sandbox.set_number(LINES[0], &[("SmsUrl", other.as_str()), ("SmsFallbackUrl", "")]);
    turned_away(&office, 3).await;
    let check = ails(&office, "signatures", Grade::Fail, "under another spelling").await;
    is(&mended(&office, &check).await, Grade::Pass, "None was turned away");
    office.phone("+14155550956").texts("Now it works").await;
    office.minutes_pass(90);

    let token = replace_token(&office).await;
    turned_away(&office, 3).await;
    let check = ails(&office, "signatures", Grade::Fail, "the token was changed at Twilio").await;
    leads(&check, Place::Account);
    reconnect(&office, token);
    office.phone("+14155550957").texts("Believed again").await;
    office.minutes_pass(90);
    is(&found(&office, "signatures").await, Grade::Pass, "None was turned away");
}
