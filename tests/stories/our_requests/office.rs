//! The forms an office makes by itself: pointing numbers here, giving them back, and its flow.

use super::{ACCOUNT, TOKEN, Twilio, documents::Documents};
use ringdesk_domain::Moment;
use ringdesk_inbox::{Access, Clock, Inbox, Reach};
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_tests::office::LINES;
use ringdesk_twilio::{Client, Credentials, Form, PublicUrl};
use serde_json::json;
use std::sync::Arc;

/// What somebody else has set, down to what beats it all.
const SWITCHBOARD: [(&str, &str); 7] = [
    ("SmsUrl", "https://pbx.example.com/texts"),
    ("SmsFallbackUrl", "https://pbx.example.com/texts-later"),
    ("VoiceUrl", "https://pbx.example.com/calls"),
    ("VoiceMethod", "GET"),
    ("VoiceReceiveMode", "fax"),
    ("SmsApplicationSid", "AP00000000000000000000000000000001"),
    ("TrunkSid", "TK00000000000000000000000000000002"),
];

#[tokio::test]
async fn what_an_office_sends_to_set_its_line_up_is_what_twilio_documents() {
    let now = Moment(1_795_197_600_000);
    let practice = Sandbox::start(Config {
        account_sid: ACCOUNT.to_owned(),
        auth_token: TOKEN.to_owned(),
        numbers: LINES.map(String::from).to_vec(),
        pace: 0.0,
        now: Arc::new(move || now.0),
        ..Config::practice()
    })
    .await
    .expect("a practice line");
    let twilio = Twilio::open(Some(practice.url().to_owned())).await;
    let folder = tempfile::tempdir().expect("a folder");
    // Nothing runs here by itself.
    let inbox = Inbox::open(folder.path(), Access::Own, Clock::set_to(now)).await.expect("an office");
    inbox.connect(Reach {
        client: Client::new(&twilio.base, Credentials::account(ACCOUNT, TOKEN.into())).expect("a client"),
        public: Some(PublicUrl::parse("https://phone.example.com").expect("an address")),
        prefix: "/phone/twilio".into(),
        signing: TOKEN.into(),
    });

    assert!(practice.set_number(LINES[0], &SWITCHBOARD));
    practice.set_service("Reminders", &[("InboundRequestUrl", "https://app.example.com/in")], &LINES[..1]);
    inbox.account_numbers().await.expect("numbers");
    inbox.set_up_lines(None, true).await.expect("set up");
    let rings = json!({
        "business_name": "Bell & Daughter",
        "calls": { "phones": [{ "name": "Nora", "number": "+14155550107" }] },
        "sleep_backup": { "on": true, "rings": true },
    });
    inbox.make_backup().await.expect("made");
    inbox.apply_settings(&rings).await.expect("settings");
    inbox.make_backup().await.expect("changed");
    inbox.try_backup("+14155550107").await.expect("it rings");
    inbox.set_up_lines(None, false).await.expect("as it is");
    inbox.restore_line(LINES[0]).await.expect("given back");
    inbox.doctor(true).await.expect("a check-up");
    inbox.close().await;

    let documents = Documents::read();
    let all = twilio.taken();
    for asked in &all {
        let wrong = documents.wrong(asked);
        assert!(wrong.is_empty(), "{wrong:#?}\n{asked:#?}");
    }
    // And these were among them.
    let sent = |path: &str, name: &str, value: &str| {
        let is_it = |form: &Form| form.text(name).is_some_and(|sent| sent.contains(value));
        let posts = all.iter().filter(|asked| asked.method == "POST" && asked.path.contains(path));
        let mut forms = posts.map(|asked| Form::parse(asked.body.as_bytes()).expect("a form"));
        assert!(forms.any(|form| is_it(&form)), "{path} {name} {value}");
    };
    for (path, name, value) in [
        ("/IncomingPhoneNumbers/", "SmsUrl", "https://phone.example.com/phone/twilio/sms/inbound#rc=5"),
        ("/IncomingPhoneNumbers/", "VoiceFallbackUrl", "/Flows/FW"),
        ("/IncomingPhoneNumbers/", "VoiceReceiveMode", "fax"),
        ("/IncomingPhoneNumbers/", "SmsApplicationSid", "AP00000000000000000000000000000001"),
        ("/IncomingPhoneNumbers/", "TrunkSid", "TK00000000000000000000000000000002"),
        ("/v1/Services/MG", "UseInboundWebhookOnNumber", "true"),
        ("/v1/Services/MG", "UseInboundWebhookOnNumber", "false"),
        ("/v2/Flows", "FriendlyName", "Ringdesk sleep backup "),
        ("/v2/Flows/FW", "Definition", "connect-call-to"),
        ("/Calls.json", "Twiml", "/Flows/FW"),
    ] {
        sent(path, name, value);
    }
}
