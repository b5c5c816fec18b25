//! What the window says and shows where it was suspended, or Twilio was out of reach.

use crate::{access::looks_accessible, key, open, shows_texts};
use anyhow::Context;
use fantoccini::key::Key;
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_tests::{
    asleep::number,
    desktop::{Desktop, Window},
    owner::{LINE, Owner},
};
use serde_json::{Value, json};
use std::time::Duration;

const MARCUS: &str = "+14155550176";

/// Texts that come while a window is suspended: more than the 500 Changes told at once.
const TEXTS: u32 = 600;
/// Others they come from.
const PEOPLE: u32 = 60;
/// One of so many is Marcus's: more of his than one answer holds.
const HIS: u32 = 8;
/// Rows of the list that are in sight.
const ROWS: usize = 8;

/// Trouble that may pass by itself is told of well within this time: after two minutes of it.
const LASTING: Duration = Duration::from_secs(240);

/// Sends them one after the other, so that their order is known. Gives Marcus's.
async fn much_comes(owner: &Owner) -> anyhow::Result<Vec<String>> {
    let mut his = Vec::new();
    for n in 0..TEXTS {
        let words = format!("Text {n}");
        if n % HIS == 0 {
            owner.text(MARCUS, &words).await?;
            his.push(words);
        } else {
            owner.text(&number(n % PEOPLE), &words).await?;
        }
    }
    Ok(his)
}

#[tokio::test]
async fn a_window_that_was_suspended_shows_all_that_came_meanwhile() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    let desk = &desktop;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.text(MARCUS, "Are you open?").await?;
        window.says("[data-conversation]", "Are you open?").await?;
        window.press("j").await?;
        window.says(".bubble", "Are you open?").await?;

        desk.suspend(true).await?;
        let came = much_comes(&owner).await;
        // Whatever came of it: nobody could end a page that stays suspended.
        desk.suspend(false).await?;
        let his = [vec!["Are you open?".to_owned()], came?].concat();

        // His conversation goes on without a gap.
        shows_texts(window, his.len()).await?;
        let bubbles =
            "return [...document.querySelectorAll('#timeline .bubble')].map((one) => one.textContent)";
        assert_eq!(window.run(bubbles).await?, json!(his));
        // It was before the owner's eyes; that of everybody else was not.
        let badge = "document.querySelector('nav .section[aria-current=page] .count')?.textContent.trim()";
        window.until(&format!("return {badge} === '{PEOPLE}'")).await?;
        let list = owner.call("conversations", json!({})).await?;
        assert_eq!((&list["unread"], &list["total"]), (&json!(PEOPLE), &json!(PEOPLE + 1)));
        let rows = list["conversations"].as_array().context("rows")?;
        let ids: Vec<&Value> = rows.iter().take(ROWS).map(|row| &row["id"]).collect();
        let shown = format!(
            "const shown = [...document.querySelectorAll('#inbox [data-conversation]')].slice(0, {ROWS});
             return JSON.stringify(shown.map((row) => row.dataset.conversation)) === {}",
            Value::from(serde_json::to_string(&ids)?)
        );
        window.until(&shown).await?;
        window.says("[data-conversation] .preview", &format!("Text {}", TEXTS - 1)).await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

/// Has Twilio asked, whatever it answers.
async fn asks(window: &Window) {
    let _ = window.desk("account_numbers", json!({})).await;
}

#[tokio::test]
async fn a_lost_connection_and_a_refused_sign_in_are_said_until_they_are_over() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    // Where it is for good, so that it can come back.
    let (_, token) = owner.twilio.credentials();
    let same = Config { listen: owner.twilio.address(), auth_token: token.to_owned(), ..Config::practice() };
    let another = Config { auth_token: "0".repeat(32), ..same.clone() };
    let twilio = owner.twilio;
    let story = async move |window: &Window| {
        window.says(".placard", "Connected").await?;
        twilio.stop().await;
        asks(window).await;
        window.says(".banner", "Texts you write wait here and leave once it is back.").await?;
        window.says(".placard", "Not connected").await?;
        looks_accessible(window, "no connection").await?;

        let twilio = Sandbox::start(same).await?;
        window.pick(".banner button", "Try now").await?;
        window.gone(".banner").await?;

        twilio.stop().await;
        let _changed = Sandbox::start(another).await?;
        asks(window).await;
        window.says(".banner", "Twilio no longer accepts your sign-in.").await?;
        looks_accessible(window, "a refused sign-in").await?;
        window.pick(".banner button", "Connect again").await?;
        window.says("dialog[open] h2", "Connect your account anew?").await?;
        looks_accessible(window, "before an account is connected anew").await?;
        key(window, Key::Escape).await?;
        window.gone("dialog[open]").await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_connection_that_stays_lost_is_told_until_it_is_back() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let mut desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    desktop.notifications().await.expect("notifications");
    let window = open(&desktop, &owner).await;
    // Where it is for good, so that it can come back.
    let (_, token) = owner.twilio.credentials();
    let same = Config { listen: owner.twilio.address(), auth_token: token.to_owned(), ..Config::practice() };
    let points = owner.twilio.number(LINE);
    let twilio = owner.twilio;
    let desk = &desktop;
    let story = async move |window: &Window| {
        window.says(".placard", "Connected").await?;
        twilio.stop().await;
        asks(window).await;
        window.says(".placard", "Not connected").await?;
        assert_eq!(desk.tellings()?, 0, "it may be back in a moment");
        let under = desk.told_within("Your line is not connected", LASTING).await?;
        anyhow::ensure!(under.contains("texts you write wait"), "{under}");
        desk.shows(1).await?;

        let back = Sandbox::start(same).await?;
        for field in ["SmsUrl", "VoiceUrl", "VoiceFallbackUrl", "StatusCallback"] {
            let set = [(field, points[field].as_str())];
            anyhow::ensure!(back.set_number(LINE, &set), "it is a number of the account");
        }
        asks(window).await;
        window.gone(".banner").await?;
        desk.shows(0).await
    };
    desktop.tell(window, story).await;
}
