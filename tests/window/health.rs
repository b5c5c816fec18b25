//! The line's check-up, the log of what Twilio sent, and the line's settings.

use crate::{FAR, access::looks_accessible, connects, does, key, leaves_the_rest, newcomer, open};
use fantoccini::key::Key;
use ringdesk_sandbox::Config;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::{LINE, Owner},
    tray::Tray,
};
use rusqlite::Connection;
use serde_json::json;

const PRIYA: &str = "+14155550123";

/// Goes to Settings, Lines.
async fn to_lines(window: &Window) -> anyhow::Result<()> {
    window.keys(&[Key::Control], ",").await?;
    window.pick(".sections button", "Lines").await?;
    window.says("#section-title", "Lines").await.map(|_| ())
}

/// Goes up or down the checks to one of them.
async fn to_check(window: &Window, check: &str) -> anyhow::Result<()> {
    let above = format!(
        "const checks = [...document.querySelectorAll('[data-check] .main')];
         return checks.indexOf(document.activeElement) - checks.findIndex(({{ id }}) => id === 'check-{check}')"
    );
    for _ in 0..FAR {
        match window.run(&above).await?.as_i64().unwrap_or_default() {
            0 => return Ok(()),
            1.. => window.press("k").await?,
            _ => window.press("j").await?,
        }
    }
    anyhow::bail!("{check} is not reached; the page says: {}", window.page().await)
}

/// Somebody connected for the first time and sets their number up in Settings.
async fn sets_up(window: &Window, owner: &Owner) -> anyhow::Result<()> {
    window.pick(".choice", "Connect my Twilio account").await?;
    connects(window, owner.twilio.credentials()).await?;
    leaves_the_rest(window).await?;
    window.says(".placard", "Connected").await?;
    to_lines(window).await?;
    window.pick("[data-number] button", "Set it up for me").await?;
    window.says(".told", "Your numbers are set up").await?;
    window.says("[data-answers=here]", "Answers on this computer").await.map(|_| ())
}

#[tokio::test]
async fn what_was_changed_at_twilio_is_found_and_mended_by_keys_alone() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let tray = Tray::start(desktop.bus()).await.expect("a panel");
    let window = open(&desktop, &owner).await;
    let tray = &tray;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.call("set_up_lines", json!({})).await?;
        let ours = owner.twilio.number(LINE)["VoiceUrl"].clone();
        let elsewhere = [("VoiceUrl", "https://pbx.example.com/calls")];
        anyhow::ensure!(owner.twilio.set_number(LINE, &elsewhere), "it is a number of the account");
        tray.choose("Check the line").await?;
        window.says("h1", "Line check-up").await?;
        let wrong = "[data-check=webhooks][data-grade=fail]";
        window.says(wrong, "Calls go somewhere else").await?;
        window.says(wrong, "What comes in on (500) 555-0006 isn’t sent here as it should be").await?;
        tray.says("something needs you").await?;
        window.says(".placard strong", "Something needs you").await?;
        window.says(".placard .act", "Check the line").await?;
        looks_accessible(window, "a failing check").await?;
        // The worst is on top. What it is about, then why, then mended.
        window.find(".found-list:not([aria-busy=true])").await?;
        window.press("j").await?;
        window.until("return document.activeElement?.id === 'check-webhooks'").await?;
        key(window, Key::Enter).await?;
        window.says("[data-check=webhooks] .more", "pbx.example.com").await?;
        window.press("f").await?;
        window.says("[data-check=webhooks][data-grade=pass]", "From (500) 555-0006").await?;
        anyhow::ensure!(owner.twilio.number(LINE)["VoiceUrl"] == ours, "calls come here again");
        key(window, Key::Escape).await?;
        window.gone("[data-check=webhooks] .more").await?;

        // What no press mends leads to its place.
        window.find(".found-list:not([aria-busy=true])").await?;
        to_check(window, "fallback").await?;
        does(window, "Set up the backup").await?;
        window.says("#section-title", "Lines").await?;
        window.until("return document.activeElement?.id === 'line-backup'").await?;
        window.says("[data-backup=off] button", "Set up the sleep backup").await?;
        does(window, "Set up the sleep backup").await?;
        window.says("[data-backup=unheard]", "nobody has heard it yet").await?;

        tray.choose("Close early today").await?;
        tray.choose("Open again").await?;
        tray.says("Close early today").await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn what_could_not_be_stored_is_in_the_log_and_tried_again() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    let behind_its_back = |sql: &str| {
        let database = Connection::open(owner.folder().join("ringdesk.db"))?;
        anyhow::Ok(database.execute_batch(sql)?)
    };
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        behind_its_back(
            "CREATE TRIGGER jammed BEFORE INSERT ON texts WHEN NEW.body LIKE '%jammed%'
             BEGIN SELECT RAISE(ABORT, 'jammed'); END",
        )?;
        owner.text(PRIYA, "The lock is jammed").await?;
        window.keys(&[Key::Control], "4").await?;
        window.says("[data-check=receipts][data-grade=fail]", "1 thing couldn’t be stored yet").await?;
        window.pick(".segments button", "What Twilio sent").await?;
        window.pick(".which button", "All").await?;
        window.says("[data-webhook][data-state=failed]", "Text from (415) 555-0123").await?;
        window.pick("[data-webhook] .again button", "Try again").await?;
        window.says("[role=status]", "It still could not be stored.").await?;
        behind_its_back("DROP TRIGGER jammed")?;
        window.pick("[data-webhook] .again button", "Try again").await?;
        window.says("[role=status]", "It is stored now.").await?;
        window.find("[data-webhook][data-state=applied]").await?;
        window.click("[data-webhook] .main").await?;
        window.says(".detail td", "The lock is jammed").await?;
        window.says(".detail", "Answered with 200").await?;

        window.keys(&[Key::Control], "1").await?;
        window.pick("[data-conversation]", "The lock is jammed").await?;
        window.says(".bubble", "The lock is jammed").await?;
        // What Twilio knows of it, for whoever helps.
        window.keys(&[Key::Control], "k").await?;
        window.write("dialog[open] [role=combobox]", "newest").await?;
        window.says("[role=option]", "Twilio’s record of the newest text").await?;
        window.enter("dialog[open] [role=combobox]").await?;
        window.says("dialog[open] h2", "Twilio’s record").await?;
        window.says("dialog[open] .tip", "It holds the customer’s words and number").await?;
        window.says("dialog[open] pre", "The lock is jammed").await?;
        window.says("dialog[open] [data-webhook]", "Text from (415) 555-0123").await?;
        window.click("dialog[open] [aria-label=Close]").await?;
        window.gone("dialog[open]").await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_number_is_set_up_in_settings_and_given_back_what_it_had() {
    let (desktop, owner) = newcomer(Config { demo_urls: true, ..Config::practice() }).await;
    let window = open(&desktop, &owner).await;
    let before = owner.twilio.number(LINE);
    let story = async |window: &Window| {
        sets_up(window, &owner).await?;
        owner.text(PRIYA, "Hello").await?;
        window.pick("[data-address=open] button", "Try a test call-in").await?;
        window.says("[data-address] [role=status]", "The test came through").await?;
        window.pick("[data-number] button", "Put back what was before").await?;
        window.says("dialog[open]", "no longer arrive here").await?;
        window.pick("dialog[open] button", "Put back what was before").await?;
        window.says(".told", "(500) 555-0006 has what it had before.").await?;
        window.says("[data-answers=demo]", "Plays a Twilio demo message").await?;
        let now = owner.twilio.number(LINE);
        for field in ["SmsUrl", "VoiceUrl", "StatusCallback", "VoiceFallbackUrl"] {
            anyhow::ensure!(now[field] == before[field], "{field} is {:?}", now[field]);
        }
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_new_token_takes_the_place_of_the_old_without_a_text_missed() {
    let (desktop, owner) = newcomer(Config::practice()).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        sets_up(window, &owner).await?;
        let old = owner.twilio.auth_token();
        window.says("[data-token=one]", "One token is in use.").await?;
        window.pick("[data-token=one] button", "Make a second token").await?;
        window.says("[data-token=two]", "A second token is ready; both are taken.").await?;
        anyhow::ensure!(owner.twilio.auth_token() == old, "Twilio signs with the old one");
        owner.text(PRIYA, "Signed with the old one").await?;
        window.pick("[data-token=two] button", "Do away with the second token").await?;
        window.pick("[data-token=one] button", "Make a second token").await?;
        window.pick("[data-token=two] button", "Switch to the new token").await?;
        window.says("[data-token=switched]", "The new one is in use.").await?;
        anyhow::ensure!(owner.twilio.auth_token() != old, "Twilio signs with the new one");
        owner.text(PRIYA, "Signed with the new one").await?;
        window.pick("[data-token=switched] button", "Retire the old token").await?;
        window.says("[data-token=one]", "One token is in use.").await?;
        owner.text(PRIYA, "There is only the new one").await?;
        window.keys(&[Key::Control], "1").await?;
        window.says("[data-conversation]", "There is only the new one").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;

    // The new one is what the safe holds.
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.text(PRIYA, "And it stays").await?;
        window.says("[data-conversation]", "And it stays").await?;
        window.keys(&[Key::Control], "4").await?;
        window.says("[data-check=credentials][data-grade=pass]", "Accepted").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
