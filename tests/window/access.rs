//! Everybody can use it: what axe-core finds in each view.

use crate::{
    connecting::{
        BACKUP, GREETING, HOURS, POINT, RULES, TEST, WAY, WAYS, address, address_of, ends, goes_on, nobodys,
        presses, turns_to,
    },
    connects, newcomer, open, text_arrives,
};
use fantoccini::key::Key;
use ringdesk_machine::tunnel::Program;
use ringdesk_sandbox::{Config, Fault, PhoneBehavior};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    loudspeaker::NO_SOUND,
    owner::{LINE, Owner},
    programs::{program, repository},
    tunnels::StandIn,
};
use serde_json::json;

/// What axe-core objects to on the page, in both themes.
pub(crate) async fn looks_accessible(window: &Window, view: &str) -> anyhow::Result<()> {
    let axe = std::fs::read_to_string(repository().join("ui/node_modules/axe-core/axe.min.js"))?;
    for theme in ["light", "dark"] {
        window.theme(Some(theme)).await?;
        let script = format!(
            "{axe}; return window.axe.run(document, {{ resultTypes: ['violations'] }}).then((found) =>
             found.violations.map((rule) => rule.id + ': ' + rule.nodes.map((node) => node.html).join(' | ')))"
        );
        let found = window.run(&script).await?;
        anyhow::ensure!(found == serde_json::json!([]), "{view}, {theme}: {found}");
    }
    window.theme(None).await
}

#[tokio::test]
async fn every_view_is_accessible_in_both_themes() {
    ringdesk_tests::end_if_stuck();
    let desktop = Desktop::start_with("1280x800", &NO_SOUND).await.expect("a desktop");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path").to_owned();
    let window = desktop.open(&program("ringdesk"), &["--data-dir", &path]).await.expect("a window");
    let desk = &desktop;
    let story = async |window: &Window| {
        window.find(".choice").await?;
        looks_accessible(window, "welcome").await?;
        window.pick(".choice", "Connect my Twilio account").await?;
        window.write("#sid", "AC1").await?;
        window.write("#token", "x").await?;
        window.enter("#token").await?;
        window.says(".notice", "doesn't look like an Account SID").await?;
        looks_accessible(window, "account").await?;
        window.pick("button", "sealed by a passphrase").await?;
        window.find("#passphrase").await?;
        looks_accessible(window, "passphrase").await?;
        window.pick("button", "Back").await?;
        window.pick(".choice", "Try it with a practice line").await?;
        window.says(".empty", "Nobody is waiting on you").await?;
        looks_accessible(window, "empty inbox").await?;
        for (key, section) in [("2", "calls"), ("3", "voicemail")] {
            window.keys(&[Key::Control], key).await?;
            window.find(&format!("main :is(#{section}, #{section}-open) .empty")).await?;
            looks_accessible(window, &format!("empty {section}")).await?;
        }
        window.keys(&[Key::Control], "1").await?;
        text_arrives(window, "Look at https://example.test/boiler please").await?;
        window.write("form textarea", "Will do").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=delivered]").await?;
        window.run("document.activeElement.blur()").await?;
        window.press("i").await?;
        window.says(".panel .consent", "Happy to get texts").await?;
        looks_accessible(window, "conversation and contact").await?;
        window.press("i").await?;
        window.pick(".quick button", "STOP").await?;
        window.says(".closed", "has opted out").await?;
        looks_accessible(window, "opted out").await?;
        window.write("[role=search] input", "boiler").await?;
        window.find("[data-found]").await?;
        looks_accessible(window, "search").await?;
        window.write("[role=search] input", " zzz").await?;
        window.says("[role=region]", "Nothing found").await?;
        looks_accessible(window, "nothing found").await?;
        window.run("document.activeElement.blur()").await?;
        window.press("e").await?;
        window.says(".done", "is done").await?;
        window.press("?").await?;
        window.find("dialog[open]").await?;
        looks_accessible(window, "keys").await?;
        closed(window).await?;

        window.click("[role=search] button").await?;
        window.customer_texts("+14155550123", "See https://example.test/radiator").await?;
        window.says("[data-conversation]", "example.test").await?;
        window.pick(".quick button", "Photo").await?;
        window.says("[data-conversation]", "Photo").await?;
        window.pick("[data-conversation]", "example.test").await?;
        window.says("h2#open-title", "(415) 555-0123").await?;
        window.click("button.link").await?;
        window.find("dialog[open]").await?;
        looks_accessible(window, "link question").await?;
        closed(window).await?;
        window.write("form textarea", "Thanks!").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=delivered]").await?;
        window.write("form textarea", "Thanks!").await?;
        window.enter("form textarea").await?;
        window.says("form .notice button", "Send anyway").await?;
        looks_accessible(window, "question before sending").await?;
        window.pick("form .notice button", "Not now").await?;
        window.keys(&[Key::Control, Key::Shift], "n").await?;
        window.write("form textarea", "A note").await?;
        looks_accessible(window, "writing a note").await?;
        window.enter("form textarea").await?;
        window.find("li.note .body").await?;
        window.write("form textarea", &format!("{}a", char::from(Key::Control))).await?;
        window.write("form textarea", "/").await?;
        window.find("form .none").await?;
        looks_accessible(window, "note and no templates").await?;
        let templates = json!([{ "name": "Hours", "body": "Until six." }]);
        window.desk("apply_settings", json!({ "texts": { "templates": templates } })).await?;
        window.find(".templates").await?;
        looks_accessible(window, "templates").await?;
        window.write("form textarea", &char::from(Key::Escape).to_string()).await?;
        window.run("document.activeElement.blur()").await?;
        window.press("n").await?;
        window.write("#new-to", "415").await?;
        window.find("dialog[open] li").await?;
        looks_accessible(window, "new text").await?;
        closed(window).await?;
        window.keys(&[Key::Control], "k").await?;
        window.write("dialog[open] [role=combobox]", "example").await?;
        window.find("dialog[open] [role=option] mark").await?;
        looks_accessible(window, "find anything").await?;
        closed(window).await?;
        let printed = r#"{"words": [{"word": "Call", "start": 0.1, "end": 0.4},
            {"word": "me", "start": 0.4, "end": 0.6, "probability": 0.2}]}"#;
        let arguments = json!(["-c", format!("echo '{printed}'"), "{file}"]);
        let program = json!({ "engine": "command", "program": "/bin/sh", "arguments": arguments });
        window.desk("apply_settings", json!({ "transcripts": program })).await?;
        window.pick(".quick button", "Leave a message").await?;
        window.says("[data-conversation]", "Left a voicemail").await?;
        window.keys(&[Key::Control], "2").await?;
        window.find("[data-call]").await?;
        looks_accessible(window, "calls").await?;
        window.press("j").await?;
        window.enter("[data-call] .main").await?;
        window.find("[id^=detail-]").await?;
        looks_accessible(window, "a call").await?;
        window.press("c").await?;
        window.find("dialog[open]").await?;
        looks_accessible(window, "call back").await?;
        closed(window).await?;
        voicemail_looks_accessible(window).await?;
        window.keys(&[Key::Control], ",").await?;
        for section in [
            "Calls & hours",
            "Voicemail",
            "Your business",
            "Texts",
            "Notifications",
            "Look",
            "Keeping",
            "Your data",
            "Lines",
        ] {
            window.pick(".sections button", section).await?;
            window.says("#section-title", section).await?;
            if section == "Texts" {
                window.pick("button", "Add a template").await?;
            }
            looks_accessible(window, section).await?;
            if section == "Keeping" {
                let copies = "Delete recordings at Twilio once a copy is safe here";
                window.click(&format!("[aria-label='{copies}']")).await?;
                window.says("dialog[open] h2", "Delete recordings at Twilio?").await?;
                looks_accessible(window, "before something is deleted").await?;
                closed(window).await?;
            }
        }
        desk.close_window()?;
        window.says("dialog[open] h2", "Keep receiving texts?").await?;
        looks_accessible(window, "closing").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

/// The message that was left, on a computer without a loudspeaker.
async fn voicemail_looks_accessible(window: &Window) -> anyhow::Result<()> {
    window.keys(&[Key::Control], "3").await?;
    window.find("#voicemail [data-voicemail]").await?;
    looks_accessible(window, "voicemail").await?;
    window.press("j").await?;
    window.says(".words", "Call me").await?;
    window.find(".deck .play[aria-disabled=false]").await?;
    looks_accessible(window, "a voicemail").await?;
    window.press(" ").await?;
    window.find(".deck .notice").await?;
    looks_accessible(window, "a voicemail without a loudspeaker").await?;
    window.pick(".transcript button", "Edit").await?;
    window.find(".transcript textarea").await?;
    looks_accessible(window, "changing what was written down").await?;
    window.write(".transcript textarea", &char::from(Key::Escape).to_string()).await?;
    window.gone(".transcript textarea").await?;
    window.run("document.activeElement.blur()").await?;
    window.press(&char::from(Key::Delete).to_string()).await?;
    window.says(".empty", "No voicemail").await?;
    looks_accessible(window, "a deleted voicemail").await?;
    window.keys(&[Key::Control], "z").await?;
    window.find("#voicemail [data-voicemail]").await?;
    window.write("#voicemail [role=search] input", "zzz").await?;
    window.says("#voicemail .empty", "Nothing found").await?;
    looks_accessible(window, "no such voicemail").await?;
    window.write("#voicemail [role=search] input", &char::from(Key::Escape).to_string()).await?;
    window.keys(&[Key::Control], "1").await?;
    window.pick("[data-conversation]", "Left a voicemail").await?;
    window.says("[data-call] [data-voicemail]", "Call me").await?;
    looks_accessible(window, "a voicemail in its conversation").await
}

#[tokio::test]
async fn trouble_and_a_picture_are_accessible_too() {
    ringdesk_tests::end_if_stuck();
    let desktop = Desktop::start("1280x800").await.expect("a desktop");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path").to_owned();
    let choice = json!({ "line": "keychain", "account": ["AC1", "keychain"] });
    std::fs::write(folder.path().join("line.json"), choice.to_string()).expect("written");
    let window = desktop.open(&program("ringdesk"), &["--data-dir", &path]).await.expect("a window");
    let story = async |window: &Window| {
        window.says("h1", "No password safe answers").await?;
        looks_accessible(window, "no password safe").await?;
        window.pick("button", "practice").await?;
        window.pick(".quick button", "Photo").await?;
        window.click("[data-conversation]").await?;
        window.click("button.picture").await?;
        window.find("dialog[open] img").await?;
        looks_accessible(window, "picture").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn connecting_a_line_and_looking_after_it_is_accessible_too() {
    let (desktop, owner) = newcomer(Config { demo_urls: true, ..Config::practice() }).await;
    let tunnel = StandIn::within(desktop.home(), Program::Cloudflared).expect("a stand-in");
    owner.twilio.set_service("Reminders", &[], &[LINE]);
    let window = open(&desktop, &owner).await;
    let tunnel = &tunnel;
    let story = async |window: &Window| {
        window.pick(".choice", "Connect my Twilio account").await?;
        presses(window, "summary", "Advanced").await?;
        presses(window, "button", "Use an API key as well").await?;
        window.write("#key-sid", "SK1").await?;
        looks_accessible(window, "account with a key").await?;
        presses(window, "button", "Leave the API key out").await?;
        connects(window, owner.twilio.credentials()).await?;
        window.says(".overrides", "Reminders").await?;
        looks_accessible(window, "numbers").await?;
        goes_on(window, "Use this number").await?;
        way_looks_accessible(window, tunnel).await?;
        turns_to(window, POINT).await?;
        presses(window, ".card details summary", "").await?;
        looks_accessible(window, "what changes at Twilio").await?;
        goes_on(window, "Set it up for me").await?;
        window.says(".tip", "Your numbers point here.").await?;
        looks_accessible(window, "numbers that point here").await?;
        goes_on(window, "Continue").await?;
        for (title, view) in [(HOURS, "phones and hours"), (GREETING, "greetings of the setup")] {
            turns_to(window, title).await?;
            looks_accessible(window, view).await?;
            goes_on(window, "Continue").await?;
        }
        backup_looks_accessible(window, &owner).await?;
        turns_to(window, TEST).await?;
        presses(window, "details summary", "").await?;
        looks_accessible(window, "nothing was tried yet").await?;
        window.write("form input[type=tel]", "(415) 555-0107").await?;
        presses(window, "form button", "Send a text").await?;
        window.find("[data-status=delivered]").await?;
        owner.text("+14155550107", "It works").await?;
        window.says(".tip", "Your line works in both directions.").await?;
        looks_accessible(window, "an answer to oneself").await?;
        goes_on(window, "Continue").await?;
        turns_to(window, RULES).await?;
        window.find("[data-check=a2p]").await?;
        looks_accessible(window, "rules").await?;
        goes_on(window, "Done, open my inbox").await?;
        window.find("nav .section").await?;
        health_looks_accessible(window).await?;
        lines_look_accessible(window).await
    };
    desktop.tell(window, story).await;
    ends(tunnel).await.expect("nothing is left");
}

/// The way from Twilio to this computer: found, chosen anew, and with nobody at its end.
async fn way_looks_accessible(window: &Window, tunnel: &StandIn) -> anyhow::Result<()> {
    turns_to(window, WAY).await?;
    address(window).await?;
    presses(window, "details summary", "").await?;
    looks_accessible(window, "the way").await?;
    presses(window, "main button", "Choose another way").await?;
    turns_to(window, WAYS).await?;
    looks_accessible(window, "ways").await?;
    presses(window, "summary", "Other ways").await?;
    presses(window, ".way", "An address of my own").await?;
    goes_on(window, "Use this way").await?;
    window.find("[aria-invalid=true]").await?;
    looks_accessible(window, "an address that is none").await?;
    let nobodys = nobodys()?;
    window.write("input[inputmode=url]", &nobodys).await?;
    goes_on(window, "Use this way").await?;
    window.find("[data-check=knock].fail").await?;
    looks_accessible(window, "nobody at the address").await?;
    presses(window, "[data-check=knock] button", "Choose another way").await?;
    presses(window, ".way", "Let Ringdesk set it up").await?;
    goes_on(window, "Use this way").await?;
    address_of(window, tunnel, &nobodys).await?;
    goes_on(window, "Continue").await
}

/// The sleep backup: none, made by hand, heard.
async fn backup_looks_accessible(window: &Window, owner: &Owner) -> anyhow::Result<()> {
    turns_to(window, BACKUP).await?;
    window.find("footer .primary").await?;
    looks_accessible(window, "no sleep backup").await?;
    owner.twilio.fault(Fault::StudioForbidden);
    goes_on(window, "Set up the sleep backup").await?;
    let document = window.find("pre").await?.prop("textContent").await?.unwrap_or_default();
    looks_accessible(window, "a sleep backup by hand").await?;
    window.write("form input[inputmode=url]", &owner.twilio.twiml_bin(&document)).await?;
    window.enter("form input[inputmode=url]").await?;
    let listens = PhoneBehavior::Answers { after_s: 1, talks_s: 60, presses: None };
    owner.twilio.set_phone("+14155550107", listens);
    window.write(".try input[type=tel]", "(415) 555-0107").await?;
    presses(window, ".try button", "Call me with it").await?;
    window.says(".try button", "I heard it").await?;
    looks_accessible(window, "hearing the sleep backup").await?;
    presses(window, ".try button", "I heard it").await?;
    window.says(".tip.good", "Twilio takes voicemail when this computer is off.").await?;
    goes_on(window, "Continue").await
}

/// The check-up, the log, and Twilio's record of a text.
async fn health_looks_accessible(window: &Window) -> anyhow::Result<()> {
    window.keys(&[Key::Control], "4").await?;
    window.find("[data-check=reachable][data-grade=pass]").await?;
    window.click("[data-check] .main").await?;
    window.find("[data-check] .more").await?;
    window.click(".found-list details summary").await?;
    looks_accessible(window, "check-up").await?;
    window.pick(".segments button", "What Twilio sent").await?;
    window.find("[data-webhook]").await?;
    window.click("[data-webhook] .main").await?;
    window.find(".detail table").await?;
    looks_accessible(window, "what Twilio sent").await?;
    window.pick(".which button", "Put aside").await?;
    window.says(".empty", "Nothing was put aside").await?;
    looks_accessible(window, "nothing put aside").await?;
    window.keys(&[Key::Control], "1").await?;
    window.pick("[data-conversation]", "It works").await?;
    window.says(".bubble", "It works").await?;
    window.keys(&[Key::Control], "k").await?;
    window.write("dialog[open] [role=combobox]", "newest").await?;
    window.says("[role=option]", "Twilio’s record of the newest text").await?;
    window.enter("dialog[open] [role=combobox]").await?;
    window.find("dialog[open] pre").await?;
    looks_accessible(window, "Twilio's record").await?;
    closed(window).await
}

/// Settings, Lines, of an account.
async fn lines_look_accessible(window: &Window) -> anyhow::Result<()> {
    window.keys(&[Key::Control], ",").await?;
    window.pick(".sections button", "Lines").await?;
    for part in ["[data-number]", "[data-address=open]", "[data-backup]", "[data-token=one]"] {
        window.find(part).await?;
    }
    looks_accessible(window, "lines of an account").await?;
    presses(window, "#settings button", "Disconnect and forget the token").await?;
    window.says("dialog[open] h2", "Disconnect your account?").await?;
    looks_accessible(window, "before an account is forgotten").await?;
    closed(window).await?;
    window.pick("[data-token=one] button", "Make a second token").await?;
    window.find("[data-token=two]").await?;
    window.pick("[data-address] button", "Choose another way").await?;
    window.find(".ways").await?;
    looks_accessible(window, "two tokens and another way").await?;
    window.pick("[data-number] button", "Put back what was before").await?;
    window.find("dialog[open]").await?;
    looks_accessible(window, "putting back what was before").await?;
    closed(window).await
}

/// Closes the dialog that is open.
async fn closed(window: &Window) -> anyhow::Result<()> {
    window.press(&char::from(Key::Escape).to_string()).await?;
    window.gone("dialog[open]").await
}
