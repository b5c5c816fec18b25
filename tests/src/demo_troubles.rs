//! What goes wrong: a line that cannot be opened, a password safe without an entry or not there at all, a sign-in
//! Twilio no longer takes, data from another computer, and texts that did not leave.

use crate::{
    demo_album::{Album, DRAWN},
    demo_asides::closes,
    demo_day::{HOUR_MS, MINUTE_MS, in_the_past, opened, plan, with},
};
use anyhow::Context;
use ringdesk_domain::{Actor, ConversationId};
use ringdesk_inbox::{Clock, ConversationFilter, Inbox, Sending};
use ringdesk_machine::DataFolder;
use ringdesk_sandbox::{Config, Fault, Sandbox};
use ringdesk_server::{Office, Plan};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    office::{sending, texts},
    owner::{LINE, Owner},
};
use serde_json::json;
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

const MARCUS: &str = "+14155550176";
const PRIYA: &str = "+14155550123";

/// How long ago the texts were begun that did not leave, and the last of them.
const BEGAN_MS: i64 = 4 * HOUR_MS;
const LAST_MS: i64 = 40 * MINUTE_MS;
/// Minutes after which a text that nobody finds at Twilio is long given up.
const GIVEN_UP: u32 = 120;
/// Longest wait for anything of the office, and longest pause between two looks.
const PATIENCE: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(50);

/// Another program uses the line's door; its data is damaged; somebody else has its folder open.
pub(crate) async fn start(album: &mut Album) -> anyhow::Result<()> {
    let owner = Owner::new().await?;
    let [sid, token] = owner.environment();
    let desktop = Desktop::start_with("1280x800", &[DRAWN, sid, token]).await?;
    let arguments = owner.arguments(&[]);
    let listen = arguments.iter().skip_while(|one| *one != "--listen").nth(1).context("where it listens")?;
    let door = TcpListener::bind(listen.as_str())?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says("h1", "Your line could not be opened").await?;
    album.take(&window, "failed", "A line that cannot be opened: why, and the ways on").await?;
    drop(door);
    window.pick("button", "Try again").await?;
    window.says(".placard", "Connected").await?;
    owner.text(PRIYA, "Is the boiler in?").await?;
    window.says("[data-conversation]", "Is the boiler in?").await?;
    window.desk("back_up_now", json!({})).await?;
    window.close().await?;

    let file = owner.folder().join("ringdesk.db");
    let mut bytes = fs::read(&file)?;
    bytes.get_mut(4096..8192).context("more than a page")?.fill(0x5a);
    fs::write(&file, &bytes)?;
    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says("h1", "What is kept here can’t be read").await?;
    window.says("button", "Bring back this backup").await?;
    album.take(&window, "damaged", "Data that cannot be read: the backup that is offered").await?;
    window.close().await?;

    let owned = DataFolder::own(owner.folder())?;
    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says("h1", "Ringdesk is open already").await?;
    album.take(&window, "taken", "Somebody else has it open").await?;
    window.close().await?;
    drop(owned);
    Ok(())
}

/// The password safe has no entry, then does not answer: a passphrase does instead, and is asked for at the next
/// start.
pub(crate) async fn safe(album: &mut Album) -> anyhow::Result<()> {
    let mut desktop = Desktop::start_with("1280x800", &[DRAWN]).await?;
    let owner = Owner::new().await?;
    let (sid, token) = owner.twilio.credentials();
    let connected = json!({ "line": "keychain", "account": [sid, "keychain"] });
    fs::write(owner.folder().join("line.json"), connected.to_string())?;
    let arguments = owner.arguments(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    desktop.safe(true).await?;
    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says("h1", "Your Twilio token is gone").await?;
    album.take(&window, "token-gone", "The password safe has no entry: what to do").await?;
    window.close().await?;

    desktop.no_safe().await?;
    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says("h1", "No password safe answers").await?;
    album.take(&window, "no-safe", "No password safe answers: what to do").await?;
    window.pick("button", "Connect anew").await?;
    window.write("#sid", sid).await?;
    window.write("#token", token).await?;
    window.enter("#token").await?;
    window.says(".notice", "no password safe running").await?;
    window.pick(".link", "sealed by a passphrase").await?;
    window.write("#passphrase", "correct horse").await?;
    let seen = "A file sealed by a passphrase, instead of the password safe";
    album.take_part(&window, "passphrase-offer", seen, "#passphrase").await?;
    window.enter("#passphrase").await?;
    window.says(".placard", "Connected").await?;
    window.close().await?;

    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says("h1", "Type your passphrase").await?;
    album.take(&window, "passphrase", "The passphrase is asked for at every start").await?;
    window.close().await
}

/// Somebody changed the account's token, in an office that still asks its Twilio with the one before.
pub(crate) async fn refused(window: &Window, album: &mut Album, at: SocketAddr) -> anyhow::Result<()> {
    let _changed = Sandbox::start(Config { listen: at, ..Config::practice() }).await?;
    // It would ask by itself, somewhat later; what it is answered now says nothing new.
    let _ = window.desk("account_numbers", json!({})).await;
    window.says(".banner", "Twilio no longer accepts your sign-in.").await?;
    album.take(window, "refused", "Twilio no longer accepts the sign-in: what to do").await?;
    window.pick(".banner button", "Connect again").await?;
    window.says("dialog[open] h2", "Connect your account anew?").await?;
    album.take(window, "account-question", "What connecting anew means").await?;
    closes(window).await
}

/// Data that comes from another computer, while one more answers the line; and texts that did not leave there.
pub(crate) async fn unsent(album: &mut Album) -> anyhow::Result<()> {
    let (owner, clock, now) = in_the_past(BEGAN_MS).await?;
    do_not_leave(&owner, &clock, now).await?;
    // From here on it is as late at Twilio as it is.
    clock.advance_ms(BEGAN_MS);
    let elsewhere = [
        ("SmsUrl", "https://desk.example.com/phone/twilio/sms/inbound"),
        ("VoiceUrl", "https://desk.example.com/phone/twilio/voice/inbound"),
    ];
    anyhow::ensure!(owner.twilio.set_number(LINE, &elsewhere), "it is a number of the account");

    let (_desktop, window) = opened(&owner).await?;
    window.says(".banner", "This data came from another computer").await?;
    let list = window.desk("conversations", json!({})).await?;
    for (number, name) in [(MARCUS, "Marcus Webb"), (PRIYA, "Priya Nair")] {
        window.desk("save_contact", json!({ "id": with(&list, number)?, "name": name })).await?;
    }
    window.pick("[data-conversation]", "Priya Nair").await?;
    window.says(".out .bubble", "Make that fifteen.").await?;
    album.take(&window, "sending-locked", "Data from another computer: nothing is sent yet").await?;
    window.pick(".banner button", "Send from this computer").await?;
    window.find("dialog[open] #unlock-title").await?;
    album.take(&window, "sending-question", "What to look at before this computer sends").await?;
    window.pick("dialog[open] button", "Yes, send from this computer").await?;
    window.gone("dialog[open]").await?;
    dismisses(&window, "Texts leave from this computer now.").await?;
    window.says(".banner", "Another computer answers (500) 555-0006.").await?;
    album.take(&window, "elsewhere", "Another computer answers the line").await?;
    window.pick(".banner button", "Answer here instead").await?;
    dismisses(&window, "come to this computer first again.").await?;
    window.gone(".banner").await?;

    window.until("return document.querySelectorAll('.out .explain .choices').length === 2").await?;
    album.take(&window, "held", "Texts that waited too long: sent now, or discarded").await?;
    window.pick("[data-conversation]", "Marcus Webb").await?;
    window.says(".out .explain", "Twilio’s record doesn’t show that this text left").await?;
    album.take(&window, "lost", "A text that most likely never left").await?;
    owner.twilio.fault(Fault::ErrorBeforeAccepting);
    window.write("form textarea", "Shall I bring the new valve, too?").await?;
    window.enter("form textarea").await?;
    window.says(".out .explain", "We’re not sure this text left.").await?;
    album.take(&window, "unsure", "A text that may have left: nothing is sent twice").await?;
    window.close().await
}

/// On the computer before, one text is lost on its way to Twilio, and two still wait when the office closes.
async fn do_not_leave(owner: &Owner, clock: &Clock, now: i64) -> anyhow::Result<()> {
    let plan = Plan { computer: Some("the one before".to_owned()), ..plan(owner, clock)? };
    let office = Office::open(plan).await?;
    let inbox = &office.desk.inbox;
    let settings = json!({
        "business_name": "Bell & Daughter",
        "texts": { "undo_seconds": 0, "quiet_hours": { "from": "09:00", "to": "09:00" } },
    });
    inbox.apply_settings(&settings).await?;
    is_ready(inbox).await?;
    owner.text(MARCUS, "Could you come at three instead of two?").await?;
    let marcus = conversation(inbox, MARCUS).await?;
    owner.twilio.fault(Fault::ErrorBeforeAccepting);
    inbox.send_text(sending(marcus, "Three is fine. See you then."), Actor::Owner).await?;
    is_given_up(inbox, clock, marcus).await?;
    clock.advance_ms(now - LAST_MS - clock.now().0);
    owner.text(PRIYA, "When do you come?").await?;
    let priya = conversation(inbox, PRIYA).await?;
    for words in ["There in ten minutes.", "Make that fifteen."] {
        let text = Sending { undo_seconds: Some(60), ..sending(priya, words) };
        inbox.send_text(text, Actor::Owner).await?;
    }
    drop(office.close().await);
    Ok(())
}

/// The conversation with a number.
async fn conversation(inbox: &Inbox, number: &str) -> anyhow::Result<ConversationId> {
    let list = inbox.conversations(ConversationFilter::Open, None, 0, 50).await?;
    let row = list.conversations.iter().find(|row| row.customer == number);
    Ok(row.context("nobody wrote")?.id)
}

/// Waits until the line is known, and what Twilio has of it is here: no text leaves before.
async fn is_ready(inbox: &Inbox) -> anyhow::Result<()> {
    until(inbox, async || anyhow::Ok(!inbox.lines().await?.is_empty())).await?;
    inbox.catch_up_now().await?;
    let is_here = async || {
        let state = inbox.catch_up_state().await?;
        anyhow::Ok(!state.running && state.complete_to.is_some())
    };
    until(inbox, is_here).await
}

/// A text was sent; minutes pass until it is no longer looked for at Twilio.
async fn is_given_up(inbox: &Inbox, clock: &Clock, conversation: ConversationId) -> anyhow::Result<()> {
    let ours = async || {
        let all = texts(inbox.conversation(conversation, None, None).await?);
        anyhow::Ok(all.into_iter().find(|text| !text.incoming))
    };
    let is_unsure =
        async || anyhow::Ok(ours().await?.is_some_and(|text| text.status.word() == "send_unknown"));
    until(inbox, is_unsure).await?;
    for _ in 0..GIVEN_UP {
        let seen = inbox.latest_change();
        if ours().await?.is_some_and(|text| text.lost) {
            return Ok(());
        }
        clock.advance_ms(MINUTE_MS);
        // Having looked in vain may be no Change.
        let _ = tokio::time::timeout(AGAIN, inbox.next_changes(seen)).await;
    }
    anyhow::bail!("a text is looked for as ever")
}

/// Waits until something is so, looking again after every Change, and now and then.
async fn until(inbox: &Inbox, so: impl AsyncFn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let waiting = async {
        loop {
            let seen = inbox.latest_change();
            if so().await? {
                return anyhow::Ok(());
            }
            let _ = tokio::time::timeout(AGAIN, inbox.next_changes(seen)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.context("it was never so")?
}

/// What was done is said, and goes when the owner has read it.
async fn dismisses(window: &Window, words: &str) -> anyhow::Result<()> {
    window.says(".done", words).await?;
    window.click(".done [aria-label=Dismiss]").await?;
    window.gone(".done").await
}
