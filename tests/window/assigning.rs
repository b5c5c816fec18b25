//! Who sees to a conversation.

use crate::{access::looks_accessible, window};
use fantoccini::key::Key;
use ringdesk_tests::desktop::Window;
use serde_json::json;

const MARCUS: &str = "+14155550176";
const PRIYA: &str = "+14155550123";

/// Presses a key wherever the focus is.
async fn key(window: &Window, key: Key) -> anyhow::Result<()> {
    window.press(&String::from(char::from(key))).await
}

/// Somebody writes, and their conversation is opened by keys alone.
async fn a_text_is_read(window: &Window) -> anyhow::Result<()> {
    window.find("aside input").await?;
    window.customer_texts(MARCUS, "The tap drips again").await?;
    window.says("[data-conversation]", "The tap drips again").await?;
    window.press("j").await?;
    window.says(".bubble", "The tap drips again").await.map(|_| ())
}

/// The picker is open, and what is typed goes into its field.
async fn asks(window: &Window) -> anyhow::Result<()> {
    window.find("dialog[open] #assign-name").await?;
    window.until("return document.activeElement?.id === 'assign-name'").await
}

/// The picker is closed, and keys go where they went before.
async fn closed(window: &Window) -> anyhow::Result<()> {
    window.gone("dialog[open]").await?;
    window.until("return document.activeElement === document.body").await
}

/// What Enter would choose.
async fn would_choose(window: &Window, words: &str) -> anyhow::Result<()> {
    window.says("dialog[open] [role=option][aria-selected=true]", words).await.map(|_| ())
}

/// The row and the head of the open conversation name Sam.
async fn is_sams(window: &Window) -> anyhow::Result<()> {
    window.says("[data-conversation]", "Assigned to Sam Ortiz").await?;
    window.says("#open-title + p", "Assigned to Sam").await.map(|_| ())
}

/// The row and the head of the open conversation name nobody.
async fn is_nobodys(window: &Window) -> anyhow::Result<()> {
    let named = "[...document.querySelectorAll('[data-conversation], #open-title + p')]
        .some((one) => one.textContent.includes('Assigned to'))";
    window.until(&format!("return !{named}")).await
}

#[tokio::test]
async fn a_conversation_is_assigned_by_keys_alone() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        a_text_is_read(window).await?;
        is_nobodys(window).await?;

        // The first name is added on the way.
        window.press("a").await?;
        asks(window).await?;
        window.says("dialog[open] h2", "Who sees to (415) 555-0176?").await?;
        window.says("dialog[open] p", "Type the name of whoever sees to it").await?;
        looks_accessible(window, "the first colleague").await?;
        window.press("Sam Ortiz").await?;
        would_choose(window, "Add “Sam Ortiz”").await?;
        key(window, Key::Enter).await?;
        closed(window).await?;
        window.says(".done", "Assigned to Sam Ortiz.").await?;
        is_sams(window).await?;

        // As it is, until somebody goes up to nobody.
        window.press("a").await?;
        asks(window).await?;
        would_choose(window, "Sam Ortiz").await?;
        looks_accessible(window, "who sees to a conversation").await?;
        key(window, Key::Up).await?;
        would_choose(window, "Nobody").await?;
        key(window, Key::Enter).await?;
        closed(window).await?;
        window.says(".done", "Assigned to nobody.").await?;
        is_nobodys(window).await?;
        window.keys(&[Key::Control], "z").await?;
        is_sams(window).await?;

        // Escape changes nothing, and goes back no further.
        window.keys(&[Key::Control], "k").await?;
        window.write("dialog[open] [role=combobox]", "assign").await?;
        window.says("[role=option][aria-selected=true]", "Assign to…").await?;
        window.enter("dialog[open] [role=combobox]").await?;
        asks(window).await?;
        window.press("Nora Bell").await?;
        would_choose(window, "Add “Nora Bell”").await?;
        key(window, Key::Escape).await?;
        closed(window).await?;
        is_sams(window).await?;
        let known = window.desk("colleagues", json!({})).await?;
        assert_eq!(known.as_array().map(Vec::len), Some(1), "{known}");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn the_contact_panel_says_whose_it_is_and_has_the_focus_again() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        a_text_is_read(window).await?;
        window.desk("add_colleague", json!({ "name": "Sam Ortiz" })).await?;
        window.press("i").await?;
        window.says(".panel .assigned", "Nobody").await?;
        window.run("document.querySelector('.panel .assigned').focus()").await?;
        key(window, Key::Enter).await?;
        asks(window).await?;
        would_choose(window, "Sam Ortiz").await?;
        key(window, Key::Enter).await?;
        window.gone("dialog[open]").await?;
        window.says(".panel .assigned", "Sam Ortiz").await?;
        window.until("return document.activeElement?.matches('.panel .assigned')").await?;
        is_sams(window).await?;
        looks_accessible(window, "a conversation that is somebody's").await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn what_was_theirs_becomes_nobodys_once_that_was_said() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        a_text_is_read(window).await?;
        window.customer_texts(PRIYA, "Could you quote a radiator?").await?;
        window.says("[data-conversation]", "Could you quote a radiator?").await?;
        let sam = window.desk("add_colleague", json!({ "name": "Sam" })).await?;
        let all = window.desk("conversations", json!({})).await?;
        for row in all["conversations"].as_array().expect("rows") {
            window.desk("assign", json!({ "id": row["id"], "to": sam["id"] })).await?;
        }
        window.says("#open-title + p", "Assigned to Sam").await?;

        window.keys(&[Key::Control], ",").await?;
        window.find("[data-colleague] input").await?;
        window.write("[data-colleague] input", "uel Ortiz").await?;
        window.enter("[data-colleague] input").await?;
        window.find("[aria-label='Remove Samuel Ortiz']").await?;
        looks_accessible(window, "people here").await?;
        // Another name is told of all at once, also to what is open.
        window.keys(&[Key::Control], "1").await?;
        window.says("[data-conversation]", "Assigned to Samuel Ortiz").await?;
        window.says("#open-title + p", "Assigned to Samuel").await?;

        window.keys(&[Key::Control], ",").await?;
        window.click("[aria-label='Remove Samuel Ortiz']").await?;
        window.says("dialog[open] p", "2 conversations are assigned to Samuel Ortiz.").await?;
        looks_accessible(window, "removing a colleague").await?;
        window.pick("dialog[open] button", "Remove Samuel Ortiz").await?;
        window.says(".done", "2 conversations are nobody’s now.").await?;
        window.gone("[data-colleague]").await?;
        window.keys(&[Key::Control], "1").await?;
        window.find("[data-conversation]").await?;
        is_nobodys(window).await
    };
    desktop.tell(window, story).await;
}
