//! A busy morning. What came in the two days before is told at its own time to an office in this process; then
//! the window is opened on what that kept.

use crate::demo_album::{Album, DRAWN};
use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use fantoccini::key::Key;
use ringdesk_domain::{Actor, CallId, Moment};
use ringdesk_inbox::{CallFilter, Clock, ConversationFilter, Inbox, MadeUp};
use ringdesk_machine::AccountCredentials;
use ringdesk_sandbox::{CallIn, Config, PhoneBehavior};
use ringdesk_server::{Office, Plan};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::{LINE, Owner},
    voicemail::helen,
};
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
/// How long ago it begins.
const BEGAN_MS: i64 = 52 * HOUR_MS;

const MARCUS: &str = "+14155550176";
const PRIYA: &str = "+14155550123";
const HELEN: &str = "+14155550161";
const TAMSIN: &str = "+14155550118";
const FERN: &str = "+14155550134";
const JOEL: &str = "+14155550199";
const RUTH: &str = "+14155550155";
const DALE: &str = "+14155550187";
/// Her phone is off.
const NIA: &str = "+14155530003";
const NAMES: [(&str, &str); 9] = [
    (MARCUS, "Marcus Webb"),
    (PRIYA, "Priya Nair"),
    (HELEN, "Helen Okafor"),
    (TAMSIN, "Tamsin Lowe"),
    (FERN, "Fern Dental Practice"),
    (JOEL, "Joel Anders"),
    (RUTH, "Ruth Castellano"),
    (DALE, "Dale Kim"),
    (NIA, "Nia Brooks"),
];
/// Nobody knows who that is.
const STRANGER: &str = "+16285550173";
/// The owner's mobile, which nobody picks up on a busy morning.
const NORA: &str = "+14155550107";

const BUCKET: &str = concat!(
    "Morning, it’s Marcus. The bucket is nearly full, so earlier is better if you can manage it. ",
    "I’ve left the side gate open.",
);
const VALVE: &str = "Hey, Dale here. Quick one, does the new valve need anything special for winter?";

/// The picture a customer sent in the story, whose conversation is open.
pub(crate) async fn photo(window: &Window) -> anyhow::Result<Vec<u8>> {
    let id = window.run("return document.querySelector('img[data-attachment]').dataset.attachment").await?;
    let file = window.desk("attachment_file", json!({ "attachment": id })).await?;
    Ok(STANDARD.decode(file["base64"].as_str().context("a file")?)?)
}

/// An owner so many milliseconds ago, the clock that is moved for them, and when it really is, in milliseconds. At Twilio
/// it is never later than it really is.
pub(crate) async fn in_the_past(ago_ms: i64) -> anyhow::Result<(Owner, Clock, i64)> {
    let real = Config::practice().now;
    let now = real();
    let clock = Clock::set_to(Moment(now - ago_ms));
    let tells = clock.clone();
    let past = Arc::new(move || tells.now().0.min(real()));
    let owner = Owner::newcomer(Config { now: past, pace: 0.0, ..Config::practice() }).await?;
    Ok((owner, clock, now))
}

/// Opens the window on what an owner has, on a desktop of its own.
pub(crate) async fn opened(owner: &Owner) -> anyhow::Result<(Desktop, Window)> {
    let [sid, token] = owner.environment();
    let desktop = Desktop::start_with("1280x800", &[DRAWN, sid, token]).await?;
    let arguments = owner.arguments(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let window = desktop.open(&owner.program(), &arguments).await?;
    Ok((desktop, window))
}

/// The inbox of somebody who has a lot to do.
pub(crate) async fn day(album: &mut Album, photo: Vec<u8>) -> anyhow::Result<()> {
    let (owner, clock, now) = in_the_past(BEGAN_MS).await?;
    passes(&owner, &clock, now, photo).await?;
    // From here on it is as late at Twilio as it is.
    clock.advance_ms(HOUR_MS);

    let (_desktop, window) = opened(&owner).await?;
    window.says(".placard", "Connected").await?;
    is_known(&window).await?;

    window.pick("[data-conversation]", "Marcus Webb").await?;
    window.says("[data-call] [data-voicemail]", "The bucket is nearly full").await?;
    window.find("[data-voicemail] .play[aria-disabled=false]").await?;
    window.find("img[data-attachment]").await?;
    // Off the list, which holds still while somebody points at it.
    window.click(".bubble").await?;
    window.write("form textarea", "Thanks for the picture. Sam is about 15 minutes out.").await?;
    window.enter("form textarea").await?;
    window.find(".out[data-status=delivered]").await?;
    window.run("document.activeElement.blur()").await?;
    window.press("i").await?;
    window.says(".panel .assigned", "Sam Ortiz").await?;
    album.wide(&window, "inbox", "A busy morning: who waits, and for how long", None).await?;
    // There it would lie over the conversation.
    window.press("i").await?;
    window.gone(".panel").await?;
    album.other_sizes(&window, "inbox", None).await?;
    log_and_messages(&window, album).await?;
    window.close().await
}

/// What became of every call until then, and what was left to hear.
async fn log_and_messages(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    window.keys(&[Key::Control], "2").await?;
    window.says("[data-call]", "Answered by Nora").await?;
    album.take(window, "calls", "The call log: what became of every caller").await?;
    window.keys(&[Key::Control], "3").await?;
    window.says("#voicemail [data-voicemail]", "Helen Okafor").await?;
    window.press("j").await?;
    window.says(".transcript", "Please call me back").await?;
    window.says(".quick .replies", "this afternoon").await?;
    window.find(".deck .play[aria-disabled=false]").await?;
    // As if some of it had been heard.
    window.press(&char::from(Key::Right).to_string()).await?;
    window.find(".deck [role=slider][aria-valuenow='5']").await?;
    album.take(window, "voicemail", "Voicemail: read before it is heard, and answered from there").await?;
    window.pick(".transcript button", "Edit").await?;
    window.find(".transcript textarea").await?;
    album.take(window, "voicemail-edit", "What was written down is set right by hand").await
}

/// Everything comes at its own time. When this returns, all of it is kept, and the office is closed.
async fn passes(owner: &Owner, clock: &Clock, now: i64, photo: Vec<u8>) -> anyhow::Result<()> {
    let office = Office::open(plan(owner, clock)?).await?;
    let inbox = &office.desk.inbox;
    let week: Map<String, Value> =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            .into_iter()
            .map(|day| (day.to_owned(), json!([{ "from": "00:00", "to": "24:00" }])))
            .collect();
    let templates = json!([
        { "name": "This afternoon", "body": "I’ll ring you this afternoon." },
        { "name": "On our way", "body": "Hi {name}, we are on our way. About 15 minutes." },
    ]);
    let settings = json!({
        "business_name": "Bell & Daughter",
        "calls": { "phones": [{ "name": "Nora", "number": NORA }] },
        "hours": { "week": week },
        "texts": {
            "undo_seconds": 0,
            "quiet_hours": { "from": "09:00", "to": "09:00" },
            "templates": templates,
        },
        "transcripts": { "engine": "twilio" },
    });
    inbox.apply_settings(&settings).await?;
    let before = |customer: &str, incoming: bool, body: &str, ago_ms: i64| MadeUp {
        customer: customer.to_owned(),
        incoming,
        body: body.to_owned(),
        at_ms: now - ago_ms,
    };
    let seen_to = vec![
        before(DALE, true, "The new shutoff valve holds. Thank you!", 98 * HOUR_MS),
        before(FERN, true, "Did our payment arrive?", 27 * HOUR_MS),
        before(FERN, false, "Invoice 2204 is paid, thank you.", 26 * HOUR_MS),
    ];
    inbox.make_up(seen_to).await?;

    let at = |ago_ms: i64| clock.advance_ms(now - ago_ms - clock.now().0);
    at(51 * HOUR_MS);
    calls(owner, CallIn { speech: Some(helen().saying(VALVE)), ..CallIn::new(DALE, LINE) }).await;
    at(50 * HOUR_MS);
    owner.text(JOEL, "Got it. See you at the yard at nine.").await?;
    // Nora has time.
    owner.twilio.set_phone(NORA, talks(600));
    at(49 * HOUR_MS);
    owner.twilio.set_phone(DALE, talks(65));
    is_called(inbox, DALE).await?;
    at(26 * HOUR_MS + 30 * MINUTE_MS);
    owner.twilio.set_phone(FERN, talks(78));
    is_called(inbox, FERN).await?;
    at(17 * HOUR_MS);
    calls(owner, CallIn { talks_s: Some(407), ..CallIn::new(TAMSIN, LINE) }).await;
    owner.twilio.set_phone(NORA, PhoneBehavior::Ignores);
    at(16 * HOUR_MS);
    owner.text(TAMSIN, "Is Thursday still all right for the radiator?").await?;
    at(104 * MINUTE_MS);
    calls(owner, CallIn { patience_s: 10, ..CallIn::new(MARCUS, LINE) }).await;
    at(103 * MINUTE_MS);
    calls(owner, CallIn { speech: Some(helen().saying(BUCKET)), ..CallIn::new(MARCUS, LINE) }).await;
    at(92 * MINUTE_MS);
    let words = "The kitchen tap drips again. Could you come by this week?";
    let picture = ("image/png".to_owned(), photo);
    let (_, status) = owner.twilio.text_from(MARCUS, LINE, words, &[picture]).await;
    anyhow::ensure!(status == Some(200), "the picture was answered with {status:?}");
    at(71 * MINUTE_MS);
    calls(owner, CallIn { speech: Some(helen()), ..CallIn::new(HELEN, LINE) }).await;
    at(46 * MINUTE_MS);
    calls(owner, CallIn { patience_s: 10, ..CallIn::new(STRANGER, LINE) }).await;
    at(26 * MINUTE_MS);
    owner.text(RUTH, "STOP").await?;
    at(21 * MINUTE_MS);
    owner.text(PRIYA, "Hello, are you taking new customers?").await?;
    at(19 * MINUTE_MS);
    owner.text(PRIYA, "Could you quote for moving a radiator?").await?;
    at(0);
    drop(office.close().await);
    Ok(())
}

/// An office behind the door where the program will answer, to which the owner's number leads.
pub(crate) fn plan(owner: &Owner, clock: &Clock) -> anyhow::Result<Plan> {
    let arguments = owner.arguments(&[]);
    let listen = arguments.iter().skip_while(|one| *one != "--listen").nth(1).context("where it listens")?;
    let at = |path: &str| format!("http://{listen}/phone/twilio{path}");
    let ways = [
        ("SmsUrl", at("/sms/inbound")),
        ("VoiceUrl", at("/voice/inbound")),
        ("VoiceFallbackUrl", at("/voice/fallback")),
        ("StatusCallback", at("/voice/status")),
    ];
    let ways = ways.each_ref().map(|(name, url)| (*name, url.as_str()));
    anyhow::ensure!(owner.twilio.set_number(LINE, &ways), "it is a number of the account");
    let (sid, token) = owner.twilio.credentials();
    Ok(Plan {
        data_dir: owner.folder().to_owned(),
        listen: listen.parse()?,
        public_url: None,
        unreachable_too: true,
        prefix: "/phone/twilio".into(),
        twilio_url: owner.twilio.url().to_owned(),
        credentials: AccountCredentials {
            account_sid: sid.to_owned(),
            auth_token: token.to_owned().into(),
            secondary_auth_token: None,
            switched: false,
            api_key: None,
            kept_at_ms: None,
        },
        mail_password: None,
        api: None,
        point_here: false,
        // The window's program asks whether it is the same one.
        computer: ringdesk_machine::computer_id(),
        look: None,
        tunnel_folders: Vec::new(),
        clock: clock.clone(),
    })
}

/// Somebody calls; when this returns, everything about it was told.
async fn calls(owner: &Owner, call: CallIn) {
    let sid = owner.twilio.call_in(call);
    owner.twilio.ended(&sid).await;
}

/// Somebody who picks up, presses 1 where that is asked, and hangs up after so many seconds.
fn talks(talks_s: u32) -> PhoneBehavior {
    PhoneBehavior::Answers { after_s: 4, talks_s, presses: Some("1".into()) }
}

/// Nora calls somebody who wrote or called before; when this returns, what came of it is kept.
async fn is_called(inbox: &Inbox, number: &str) -> anyhow::Result<()> {
    let list = inbox.conversations(ConversationFilter::Open, None, 0, 50).await?;
    let known = list.conversations.iter().find(|row| row.customer == number).context("nobody to call")?;
    let call = inbox.call_back(known.id, None, Actor::Owner).await?;
    tokio::time::timeout(Duration::from_secs(60), ends(inbox, call)).await.context("a call never ended")?
}

async fn ends(inbox: &Inbox, call: CallId) -> anyhow::Result<()> {
    let mut seen = inbox.latest_change();
    loop {
        let log = inbox.calls(CallFilter::Outgoing, None, None, 10).await?;
        if log.iter().any(|one| one.id == call && !one.live && one.ending.is_some()) {
            return Ok(());
        }
        seen = inbox.next_changes(seen).await?.last().context("the office closed")?.seq;
    }
}

/// People have names, some of them were read, two are somebody's, two messages were heard, and one text does
/// not arrive.
async fn is_known(window: &Window) -> anyhow::Result<()> {
    let yes = ["stranger", "same_again", "quiet_hours"];
    let text = json!({ "to": NIA, "body": "Your receipt is ready, thank you.", "yes_to": yes });
    window.desk("send_text", text).await?;
    let failed = "return window.__TAURI_INTERNALS__.invoke('desk', { command: 'conversations', request: {} })
        .then((list) => list.conversations.some((row) => row.last?.failed))";
    window.until(failed).await?;
    let list = window.desk("conversations", json!({})).await?;
    for (number, name) in NAMES {
        window.desk("save_contact", json!({ "id": with(&list, number)?, "name": name })).await?;
    }
    let notes = "88 Linden Court. Prefers mornings. Shutoff is behind the left cupboard panel.";
    let about = json!({ "id": with(&list, MARCUS)?, "tags": ["Regular", "Gate code"], "notes": notes });
    window.desk("save_contact", about).await?;
    for number in [DALE, JOEL, RUTH, TAMSIN] {
        window.desk("mark_read", json!({ "id": with(&list, number)? })).await?;
    }
    let messages = window.desk("voicemails", json!({})).await?;
    for message in messages.as_array().context("a list")? {
        if message["customer"] == DALE || message["customer"] == MARCUS {
            let request = json!({ "voicemail": message["id"], "heard": true });
            window.desk("mark_heard", request).await?;
        }
    }
    for (name, number) in [("Sam Ortiz", MARCUS), ("Nora Bell", FERN)] {
        let colleague = window.desk("add_colleague", json!({ "name": name })).await?;
        let request = json!({ "id": with(&list, number)?, "to": colleague["id"] });
        window.desk("assign", request).await?;
    }
    window.says("[data-conversation]", "Assigned to Sam Ortiz").await.map(|_| ())
}

/// The conversation with a number.
pub(crate) fn with<'a>(list: &'a Value, number: &str) -> anyhow::Result<&'a Value> {
    let rows = list["conversations"].as_array().context("a list")?;
    let row = rows.iter().find(|row| row["customer"] == number);
    Ok(&row.with_context(|| format!("nobody has the number that ends in {}", &number[8..]))?["id"])
}
