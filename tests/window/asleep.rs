//! The morning after a night in which the computer was off; and backups, and deleting a customer, by keys alone.

use crate::{access::looks_accessible, does, elsewhere, finds, key, open, tabs_to};
use anyhow::Context;
use fantoccini::key::Key;
use ringdesk_sandbox::{Config, Rang};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::{LINE, Owner},
};
use rusqlite::Connection;
use serde_json::json;

const PRIYA: &str = "+14155550123";
const MARCUS: &str = "+14155550176";
const JOEL: &str = "+14155550199";
const HELEN: &str = "+14155550161";

const HOUR_MS: i64 = 60 * 60_000;
/// How long the computer was off.
const NIGHT_MS: i64 = 8 * HOUR_MS;
/// The program ended so long ago, as far as it knows.
fn a_night_passes(owner: &Owner) {
    let database = Connection::open(owner.folder().join("ringdesk.db")).expect("the data");
    let awake = "UPDATE meta SET value = CAST(CAST(value AS INTEGER) - ?1 AS TEXT) WHERE key = 'awake_at'";
    assert_eq!(database.execute(awake, [NIGHT_MS]).expect("moved"), 1);
    let cursors = "UPDATE cursors SET began_at = began_at - ?1, complete_to = complete_to - ?1,
                   back_to = back_to - ?1";
    assert_eq!(database.execute(cursors, [NIGHT_MS]).expect("moved"), 1);
}

#[tokio::test]
async fn what_came_while_the_program_was_off_is_told_shown_and_marked() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let mut desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    desktop.notifications().await.expect("notifications");
    let window = open(&desktop, &owner).await;
    let desk = &desktop;
    let evening = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        window.says(".stamp .to", "Complete up to").await?;
        // What comes now is not found in Twilio's lists before it came by itself.
        let listed = "return window.__TAURI_INTERNALS__
            .invoke('desk', { command: 'catch_up_state', request: {} })
            .then((now) => !now.running && now.history.state === 'done')";
        window.until(listed).await?;
        owner.text(PRIYA, "See you tomorrow").await?;
        window.says("[data-conversation]", "See you tomorrow").await?;
        desk.told("(415) 555-0123").await?;
        anyhow::ensure!(window.run("return document.querySelector('section.away')").await?.is_null());
        anyhow::Ok(())
    };
    desktop.tell(window, evening).await;

    a_night_passes(&owner);
    let before_now = |hours: i64| (Config::practice().now)() - hours * HOUR_MS;
    owner.twilio.arrived(PRIYA, LINE, "Could you come an hour later?", before_now(7));
    owner.twilio.arrived(MARCUS, LINE, "The tap drips again", before_now(6));
    owner.twilio.rang(JOEL, LINE, before_now(5), Rang::HungUp);
    owner.twilio.rang(HELEN, LINE, before_now(4), Rang::LeftMessage(5));

    // Nothing is left of what was shown in the evening.
    desktop.notifications().await.expect("notifications");
    let window = open(&desktop, &owner).await;
    let desk = &desktop;
    let morning = async |window: &Window| {
        window.says("section.away .title", "While you were away").await?;
        window.says("section.away .came", "2 texts from 2 people · 1 missed call · 1 voicemail").await?;
        window.says("section.away .hint", "is here.").await?;
        looks_accessible(window, "what came meanwhile").await?;
        // So a notification says, and its click leads to all of it.
        let under = desk.told("While you were away").await?;
        assert_eq!(under, "2 texts from 2 people, 1 missed call, 1 voicemail.");
        desk.click_notification().await?;
        window.says(".chip[aria-pressed=true]", "Unread").await?;
        window.pick(".chip", "All").await?;
        window.says(".chip[aria-pressed=true]", "All").await?;
        window.pick("section.away button", "Show them").await?;
        window.says(".chip[aria-pressed=true]", "Unread").await?;
        window.says("[data-conversation]", "The tap drips again").await?;

        window.pick("[data-conversation]", "(415) 555-0123").await?;
        let asleep = "Arrived while this computer was asleep";
        window.says(".text:has([data-late=asleep])", "Could you come an hour later?").await?;
        window.says(".text [data-late=asleep]", asleep).await?;
        window.says(".text:not(:has([data-late]))", "See you tomorrow").await?;
        looks_accessible(window, "a text of the night").await?;

        elsewhere(window).await?;
        window.keys(&[Key::Control], "2").await?;
        window.find("[data-call]").await?;
        window.press("j").await?;
        window.enter("[data-call] .main").await?;
        window.says("[id^=detail-] [data-late=asleep]", asleep).await?;
        looks_accessible(window, "a call of the night").await?;

        window.keys(&[Key::Control], "3").await?;
        window.says("#voicemail [data-voicemail] [data-late=asleep]", asleep).await?;
        window.press("j").await?;
        window.says("#voicemail-open .head [data-late=asleep]", asleep).await?;
        looks_accessible(window, "a voicemail of the night").await?;

        window.keys(&[Key::Control], "1").await?;
        window.pick("section.away button", "Got it").await?;
        window.gone("section.away").await?;
        window.says(".stamp .to", "Complete up to").await?;
        window.pick(".stamp button", "Check now").await?;
        window.says(".stamp [role=status]", "Complete up to").await?;
        looks_accessible(window, "up to when all is here").await
    };
    desktop.tell(window, morning).await;

    // What was seen is not told again.
    let window = open(&desktop, &owner).await;
    let noon = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        window.says(".stamp .to", "Complete up to").await?;
        let state = window.desk("catch_up_state", json!({})).await?;
        anyhow::ensure!(state["away"].is_null() || state["away"]["texts"] == 0, "{state}");
        window.gone("section.away").await
    };
    desktop.tell(window, noon).await;
}

#[tokio::test]
async fn backups_their_code_and_a_deletion_go_by_keys_alone() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.text(PRIYA, "Is the boiler in?").await?;
        owner.text(MARCUS, "The kitchen tap is leaking").await?;
        owner.text(MARCUS, "And the bathroom, too").await?;
        window.says("[data-conversation]", "And the bathroom, too").await?;
        backs_up(window).await?;
        sets_a_code(window).await?;
        asks_for_the_code(window).await?;
        deletes_marcus(window).await?;
        window.until("return document.querySelectorAll('[data-conversation]').length === 1").await?;
        window.says("[data-conversation]", "Is the boiler in?").await.map(|_| ())
    };
    desktop.tell(window, story).await;
}

/// Goes to Settings, Your data, and makes a backup.
async fn backs_up(window: &Window) -> anyhow::Result<()> {
    finds(window, "your data", "Settings: Your data").await?;
    window.says("#section-title", "Your data").await?;
    window.says("[data-backups=warn]", "No backup yet").await?;
    window.until("return document.activeElement?.id === 'settings'").await?;
    looks_accessible(window, "no backup yet").await?;
    does(window, "Back up now").await?;
    window.says("[role=status]", "A new backup is made.").await?;
    window.says("[data-backups=good]", "Last backup today").await?;
    window.says("[data-backup]", "You asked for it").await?;
    // Those in a folder of one's own are sealed: the code comes first.
    does(window, "Choose another folder").await?;
    window.says(".first", "Set a recovery code first").await?;
    window.until("return document.activeElement?.matches('.first .title')").await?;
    looks_accessible(window, "a code is needed first").await?;
    does(window, "Leave it as it is").await?;
    window.gone(".first").await?;
    does(window, "Check the backup of").await?;
    window.says("[data-backup]", "Complete").await?;
    looks_accessible(window, "a backup").await
}

/// Sets a recovery code.
async fn sets_a_code(window: &Window) -> anyhow::Result<()> {
    does(window, "Set a recovery code").await?;
    let shown = window.find("[data-step=show] .recovery-code").await?;
    let code = shown.prop("textContent").await?.context("a code")?;
    looks_accessible(window, "a recovery code").await?;
    does(window, "I’ve written it down").await?;
    window.find("[data-step=type]").await?;
    window.until("return document.activeElement?.matches('[data-step=type] input')").await?;
    // A slip of the pen shows.
    window.press(&code[1..]).await?;
    key(window, Key::Enter).await?;
    window.says("[data-step=type] .notice", "Group 1 is another one than was shown.").await?;
    looks_accessible(window, "a code that is another one").await?;
    window.until("return document.activeElement?.matches('[data-step=type] input')").await?;
    window.keys(&[Key::Control], "a").await?;
    window.press(&code).await?;
    key(window, Key::Enter).await?;
    window.says("[data-step=done]", "Backups are locked from now on").await?;
    looks_accessible(window, "backups are sealed").await?;
    does(window, "Close").await?;
    window.gone("dialog[open]").await?;
    window.says("button", "Replace the code").await?;
    window.says("[data-backup]", "· locked ·").await?;
    let page = window.run("return document.body.textContent").await?;
    anyhow::ensure!(page.as_str().is_some_and(|page| !page.contains(&code)), "it is shown once");
    Ok(())
}

/// What a locked backup and another code ask for first.
async fn asks_for_the_code(window: &Window) -> anyhow::Result<()> {
    // From the top of the page: the newest is the first of the list.
    key(window, Key::Escape).await?;
    window.find("#inbox").await?;
    finds(window, "your data", "Settings: Your data").await?;
    window.until("return document.activeElement?.id === 'settings'").await?;
    window.says("[data-backup]", "· locked ·").await?;
    does(window, "Check the backup of").await?;
    window.find("dialog[open] #backup-check").await?;
    looks_accessible(window, "checking a locked backup").await?;
    key(window, Key::Escape).await?;
    window.gone("dialog[open]").await?;
    does(window, "Replace the code").await?;
    window.find("dialog[open] [data-step=prove]").await?;
    looks_accessible(window, "another recovery code").await?;
    does(window, "I no longer have it").await?;
    window.find("dialog[open] [data-step=lost]").await?;
    looks_accessible(window, "a lost recovery code").await?;
    key(window, Key::Escape).await?;
    window.gone("dialog[open]").await
}

/// Deletes one of the customers.
async fn deletes_marcus(window: &Window) -> anyhow::Result<()> {
    finds(window, "leaking", "The kitchen tap is leaking").await?;
    window.says(".sought .bubble", "The kitchen tap is leaking").await?;
    finds(window, "contact panel", "Show or hide the contact panel").await?;
    window.find("#customer-delete").await?;
    looks_accessible(window, "what can be done with a customer's data").await?;
    does(window, "Delete this customer").await?;
    window.says("dialog[open] h2", "Delete everything of (415) 555-0176?").await?;
    window.says("dialog[open] li", "2 texts").await?;
    looks_accessible(window, "what a deletion takes away").await?;
    tabs_to(window, "Also at Twilio").await?;
    window.press(" ").await?;
    window.find("dialog[open] input:checked").await?;
    does(window, "Delete (415) 555-0176").await?;
    window.says(".done", "Everything of (415) 555-0176 is deleted").await?;
    window.gone("dialog[open]").await?;
    window.until("return !document.body.innerText.includes('The kitchen tap is leaking')").await?;
    looks_accessible(window, "a deleted customer").await
}
