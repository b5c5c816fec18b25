//! Views beside the story, which the documents show and the story passes by.

use crate::demo_album::{Album, DRAWN};
use anyhow::Context;
use fantoccini::key::Key;
use ringdesk_sandbox::{Config, Fault, Sandbox};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    host::{ACCOUNT, Host, TOKEN},
    owner::{LINE, Owner},
    programs::program,
};
use serde_json::json;
use std::path::Path;

/// Whoever the story is about.
const MARCUS: &str = "+14155550176";
/// Bytes of a picture that no carrier takes.
const TOO_LARGE: usize = 6_000_000;

/// Calls and voicemail before there are any.
pub(crate) async fn nothing_yet(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.keys(&[Key::Control], "2").await?;
    window.says(".empty", "No calls yet").await?;
    album.take(window, "calls-empty", "Nobody called yet").await?;
    window.keys(&[Key::Control], "3").await?;
    window.says(".empty", "No voicemail").await?;
    album.take(window, "voicemail-empty", "Nobody left a message yet").await?;
    window.keys(&[Key::Control], "1").await?;
    window.find("aside input").await.map(|_| ())
}

/// The practice phone, which a small window shows only when it is asked for.
pub(crate) async fn phone(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    // Neither button is in sight where the phone lies beside the conversation.
    window.run("document.querySelector('header .practice button').click()").await?;
    album.take(window, "phone", "The practice phone: be your own customer").await?;
    window.run("document.querySelector('#practice-phone .close button').click()").await?;
    window.settled().await
}

/// How somebody came to be opted out, whose conversation is open.
pub(crate) async fn consent(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.click("[aria-label='About this customer']").await?;
    window.pick(".panel button", "See record").await?;
    window.find(".panel ol time").await?;
    album.take_part(window, "consent", "What they agreed to, and when", ".panel ol").await?;
    window.click("[aria-label='About this customer']").await?;
    window.gone(".panel").await
}

/// A word nobody said.
pub(crate) async fn nothing_found(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.write("[role=search] input", "parrot").await?;
    window.says("[role=region]", "Nothing found").await?;
    searched(window, album, "nothing-found", "A word nobody said").await?;
    window.click("[role=search] button").await?;
    window.gone(".results").await?;
    window.pick("[data-conversation]", "Marcus Webb").await?;
    window.says("h2", "Marcus Webb").await.map(|_| ())
}

/// What came of a search while a conversation is open. With letters twice as large there is room for one of the
/// two: whoever searches there has left the conversation.
pub(crate) async fn searched(
    window: &Window,
    album: &mut Album,
    name: &str,
    seen: &str,
) -> anyhow::Result<()> {
    album.wide(window, name, seen, None).await?;
    album.small(window, name, None).await?;
    if album.in_every_look() {
        window.run("document.querySelector('header .back button').click()").await?;
        window.gone("#open-title").await?;
        window.run("document.querySelector('[role=search] input').focus()").await?;
    }
    album.large(window, name, None).await
}

/// Hours of a day and a day off, as they are changed in the settings that are shown.
pub(crate) async fn editors(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.click("[data-day='monday 0']").await?;
    window.find(".editor").await?;
    album.take_part(window, "day-editor", "Settings: the hours of a day, typed", ".editor").await?;
    window.pick(".editor button", "Done").await?;
    window.gone(".editor").await?;
    let form = "form[aria-label=\"A day off\"]";
    window.pick("button", "Add a day").await?;
    window.write(&format!("{form} input"), "Summer party").await?;
    album.take_part(window, "holiday-editor", "Settings: a day off", form).await?;
    window.pick(&format!("{form} button"), "Cancel").await?;
    window.gone(form).await?;
    let greetings = ".card[aria-label=\"What callers hear\"]";
    album.take_part(window, "greetings", "Settings: what callers hear", greetings).await?;
    let back = ".card[aria-label=\"Text people you miss\"]";
    album.take_part(window, "text-back", "Settings: the text to somebody who called in vain", back).await
}

/// How voicemails come by email, in the settings that are shown.
pub(crate) async fn letters(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.click("input[aria-label='Email of voicemails']").await?;
    let card = ".card[aria-label=\"Email of voicemails\"]";
    window.find(&format!("{card} .fields")).await?;
    album.take_part(window, "letters", "Settings: voicemails by email", card).await
}

/// What a row of the check-up, or of its log, tells once it is opened: `more`.
pub(crate) async fn row(
    window: &Window,
    album: &mut Album,
    (name, seen): (&str, &str),
    row: &str,
    more: &str,
) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.click(&format!("{row} .main")).await?;
    let more = format!("{row} {more}");
    window.find(&more).await?;
    album.take_part(window, name, seen, &more).await
}

/// What is asked before Twilio's copies go.
pub(crate) async fn keeping(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.click("[aria-label='Delete recordings at Twilio once a copy is safe here']").await?;
    window.find("dialog[open] #keeping-title").await?;
    album.take(window, "keeping-question", "What goes for good is asked about first").await?;
    closes(window).await
}

/// A picture that goes with a text, and one that is too large to.
pub(crate) async fn attached(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    let id = window.run("return document.querySelector('img[data-attachment]').dataset.attachment").await?;
    let file = window.desk("attachment_file", json!({ "attachment": id })).await?;
    let base64 = file["base64"].as_str().context("a file")?;
    let drop = format!(
        "const bytes = Uint8Array.from(atob('{base64}'), (letter) => letter.charCodeAt(0));
         const files = new DataTransfer();
         files.items.add(new File([bytes], 'pipe.png', {{ type: 'image/png' }}));
         files.items.add(new File([new Uint8Array({TOO_LARGE})], 'basement.png', {{ type: 'image/png' }}));
         const at = document.querySelector('#timeline');
         for (const type of ['dragover', 'drop'])
             at.dispatchEvent(new DragEvent(type, {{ dataTransfer: files, bubbles: true, cancelable: true }}))"
    );
    window.run(&drop).await?;
    window.find("form li img").await?;
    window.says("form .notice", "too large to send").await?;
    album.take(window, "attached", "A picture that goes with a text, and one that is too large to").await?;
    window.pick("form .notice button", "Not now").await?;
    window.gone("form .notice").await?;
    window.click("form li button").await?;
    window.gone("form li").await
}

/// What is asked before the first text to somebody new; Marcus's conversation is opened again.
pub(crate) async fn stranger(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.run("document.activeElement.blur()").await?;
    window.press("n").await?;
    window.write("#new-to", "(415) 555-0142").await?;
    window.enter("#new-to").await?;
    window.says("h2#open-title", "(415) 555-0142").await?;
    let words = "Hello, this is Nora of Bell & Daughter. Your radiator key is here.";
    window.write("form textarea", words).await?;
    window.enter("form textarea").await?;
    window.says("form .notice", "You have never texted with this number.").await?;
    album.take(window, "stranger", "The first text to a number is asked about").await?;
    window.pick("form .notice button", "Not now").await?;
    window.write("form textarea", &format!("{}a", char::from(Key::Control))).await?;
    window.write("form textarea", &char::from(Key::Delete).to_string()).await?;
    window.pick("[data-conversation]", "Marcus Webb").await?;
    window.says("h2", "Marcus Webb").await.map(|_| ())
}

/// What lies over a conversation that is open.
pub(crate) async fn dialogs(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.run("document.activeElement.blur()").await?;
    window.press("?").await?;
    window.find("dialog[open] #keys-title").await?;
    album.take(window, "keys", "All keys").await?;
    closes(window).await?;

    window.customer_texts(MARCUS, "Is it this one? https://example.com/taps/kitchen").await?;
    window.click(".bubble button.link").await?;
    window.find("dialog[open] #link-title").await?;
    album.take(window, "link-question", "Where a link leads is said before it is opened").await?;
    closes(window).await?;

    window.keys(&[Key::Control], "k").await?;
    window.write("dialog[open] [role=combobox]", "newest").await?;
    window.says("[role=option][aria-selected=true]", "Twilio’s record of the newest text").await?;
    window.enter("dialog[open] [role=combobox]").await?;
    window.find("dialog[open] pre").await?;
    album.take(window, "record", "What Twilio knows of a text, for whoever helps").await?;
    closes(window).await?;

    window.click("[aria-label='About this customer']").await?;
    window.pick(".panel button", "Delete this customer").await?;
    window.find("dialog[open] li").await?;
    album.take(window, "delete-customer", "What deleting a customer takes away").await?;
    closes(window).await?;
    window.click("[aria-label='About this customer']").await?;
    window.gone(".panel").await
}

/// A recovery code, in the settings of one's data.
pub(crate) async fn recovery_code(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    if !album.in_every_look() {
        return Ok(());
    }
    window.pick("button", "Set a recovery code").await?;
    window.find("[data-step=show] .recovery-code").await?;
    album.take(window, "recovery-code", "A code on paper that locks the backups").await?;
    closes(window).await
}

/// A new computer, which takes one of these backups.
pub(crate) async fn restoring(album: &mut Album, backups: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().to_str().context("a path")?;
    let desktop = Desktop::start_with("1280x800", &[DRAWN]).await?;
    let window = desktop.open(&program("ringdesk"), &["--data-dir", data]).await?;
    window.pick("button", "Bring back a backup").await?;
    window.says("h1", "Bring back a backup").await?;
    window.write(".restoring .folder input", &backups.display().to_string()).await?;
    window.enter(".restoring .folder input").await?;
    window.says("button", "Bring back this backup").await?;
    album.take(&window, "restoring", "A new computer: which backup, and what comes of it").await?;
    window.pick("button", "Bring back this backup").await?;
    window.says("h1", "Your data is back").await?;
    album.take(&window, "restored", "It is back").await?;
    window.close().await
}

/// A browser that is new to a desk without a window, and what it says when the desk is gone.
pub(crate) async fn token(album: &mut Album) -> anyhow::Result<()> {
    let config = Config { account_sid: ACCOUNT.into(), auth_token: TOKEN.into(), ..Config::practice() };
    let twilio = Sandbox::start(config).await?;
    let mut host = Host::start(twilio.url()).await?;
    host.point_here().await?;
    let page = format!("http://{}/", host.api()?);
    let desktop = Desktop::start_with("1280x800", &[DRAWN]).await?;
    let window = desktop.browse(&page).await?;
    window.find("#token").await?;
    window.size(1280, 800).await?;
    album.take(&window, "token", "A browser is asked for the desk's token once").await?;
    let token = std::fs::read_to_string(host.data_dir().join("api-token"))?;
    window.write("#token", &token).await?;
    window.enter("#token").await?;
    window.says(".empty", "Nobody is waiting on you").await?;
    let words = "The kitchen tap drips again. Are you free today?";
    let (_, status) = twilio.text_from(MARCUS, LINE, words, &[]).await;
    anyhow::ensure!(status == Some(200), "the text was answered with {status:?}");
    window.pick("[data-conversation]", "The kitchen tap").await?;
    window.says(".text .bubble", "The kitchen tap").await?;
    host.kill().await?;
    // Whoever comes back to a page has it look at once.
    window.run("document.dispatchEvent(new Event('visibilitychange'))").await?;
    window.says(".banner", "Ringdesk does not answer.").await?;
    album.take(&window, "desk-away", "A browser whose desk does not answer").await?;
    window.close().await
}

/// Several lines: to which of them each of the customers wrote, the way from one to another, and what one of them
/// does otherwise.
pub(crate) async fn lines(album: &mut Album) -> anyhow::Result<()> {
    let (emergencies, yard) = ("+15005550007", "+15005550008");
    let numbers = [LINE, emergencies, yard].map(String::from).to_vec();
    let owner = Owner::newcomer(Config { numbers, ..Config::practice() }).await?;
    let arguments = owner.arguments(&[]);
    let listen = arguments.iter().skip_while(|one| *one != "--listen").nth(1).context("where it listens")?;
    let texts = format!("http://{listen}/phone/twilio/sms/inbound");
    // The last has no name: its end tells it from the others.
    for (line, name) in [(LINE, "Main"), (emergencies, "Emergencies"), (yard, yard)] {
        let fields = [("SmsUrl", texts.as_str()), ("FriendlyName", name)];
        anyhow::ensure!(owner.twilio.set_number(line, &fields), "{line} is a number of the account");
    }
    let [sid, token] = owner.environment();
    let desktop = Desktop::start_with("1280x800", &[DRAWN, sid, token]).await?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says(".placard", "Connected").await?;
    window.desk("apply_settings", json!({ "business_name": "Bell & Daughter" })).await?;
    for (from, line, words) in [
        ("+14155550161", LINE, "Could you look at the radiator on Thursday?"),
        ("+14155550134", yard, "The skip is full. Can you have it emptied?"),
        ("+14155550123", emergencies, "No hot water since last night, and the baby is three weeks old."),
        (MARCUS, LINE, "The kitchen tap drips again."),
        ("+16285550173", yard, "Is the yard open on Saturdays?"),
    ] {
        let (_, status) = owner.twilio.text_from(from, line, words, &[]).await;
        anyhow::ensure!(status == Some(200), "the text was answered with {status:?}");
        window.says("[data-conversation]", words).await?;
    }
    let list = window.desk("conversations", json!({})).await?;
    for row in list["conversations"].as_array().context("a list")? {
        let name = match row["customer"].as_str() {
            Some(MARCUS) => "Marcus Webb",
            Some("+14155550134") => "Fern Dental Practice",
            Some("+14155550123") => "Priya Nair",
            _ => continue,
        };
        window.desk("save_contact", json!({ "id": row["id"], "name": name })).await?;
        window.says("[data-conversation] .name", name).await?;
    }
    window.click("nav .line button").await?;
    window.find("dialog[open] [role=option]:nth-child(3) [aria-label='2 unread']").await?;
    album.take(&window, "lines", "Several lines: what waits on each, and who wrote to which").await?;
    closes(&window).await?;

    window.keys(&[Key::Control], ",").await?;
    window.pick(".sections button", "Calls & hours").await?;
    window.find(&format!("label.line option[value='{emergencies}']")).await?.click().await?;
    window.says("label.line", "What this line does otherwise.").await?;
    album.take(&window, "routing-line", "Settings: what one of several lines does otherwise").await?;
    window.pick(".sections button", "Lines").await?;
    window.find("[data-backup=off]").await?;
    owner.twilio.fault(Fault::StudioForbidden);
    window.pick("[data-backup=off] button", "Set up the sleep backup").await?;
    window.says(".steps h3", "Make it at Twilio, in three steps").await?;
    let seen = "Settings: a sleep backup made by hand, where Twilio lets nobody else make it";
    album.take_part(&window, "backup-by-hand", seen, ".steps").await?;
    window.close().await
}

/// Escape closes a dialog.
pub(crate) async fn closes(window: &Window) -> anyhow::Result<()> {
    window.press(&char::from(Key::Escape).to_string()).await?;
    window.gone("dialog[open]").await
}
