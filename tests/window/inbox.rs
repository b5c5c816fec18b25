//! Texts come in, answers go out, and the inbox is worked through.

use crate::{access::looks_accessible, open, text_arrives, window};
use anyhow::Context;
use fantoccini::key::Key;
use ringdesk_sandbox::Fault;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::Owner,
    programs::program,
};
use serde_json::json;

/// Keeps in the page what was drawn of each step of a text of ours, however seldom the driver looks.
const WATCH: &str = "window.ticks = [];
    const look = () => {
        const now = document.querySelector('.out[data-status]')?.dataset.status;
        if (now && window.ticks.at(-1) !== now) window.ticks.push(now);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })";

#[tokio::test]
async fn a_text_comes_in_and_a_reply_goes_out() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(window, "Are you open today?").await?;
        window.write("form textarea", "Yes, until six.").await?;
        window.says(".count", "1 text · 145 left").await?;
        window.run(WATCH).await?;
        window.enter("form textarea").await?;
        // The ticks tell the truth, one after the other. Two of them last shorter than a slow computer may
        // take to draw.
        window.says(".state", "Sending in").await?;
        window.find(".out[data-status=waiting]").await?;
        window.find(".out[data-status=delivered]").await?;
        let ticks: Vec<String> = serde_json::from_value(window.run("return window.ticks").await?)?;
        let mut ahead = ["waiting", "queued", "sent", "delivered"].into_iter();
        let in_order = ticks.iter().all(|tick| ahead.any(|step| step == tick));
        let ends = (ticks.first().map(String::as_str), ticks.last().map(String::as_str));
        assert!(in_order && ends == (Some("waiting"), Some("delivered")), "{ticks:?}");
        window.says(".state", "Delivered").await?;
        window.says("[data-phone=got]", "Yes, until six.").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn undo_brings_the_words_back() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(window, "Hello").await?;
        // As long as a slow computer may need.
        window.desk("apply_settings", json!({ "texts": { "undo_seconds": 60 } })).await?;
        window.write("form textarea", "Oops, wrong person").await?;
        window.enter("form textarea").await?;
        window.pick(".meta button", "Undo").await?;
        window.gone(".out").await?;
        window.until("return document.querySelector('form textarea').value === 'Oops, wrong person'").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_failure_is_translated() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        window.find("select option[value='+14155530003']").await?.click().await?;
        text_arrives(window, "Call me").await?;
        window.write("form textarea", "We just tried").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=undelivered]").await?;
        window.says(".state", "Not delivered").await?;
        window.says(".explain", "The phone is off").await?;
        window.says(".explain", "Try again later, or call.").await?;
        window.says(".explain button", "Try again").await?;
        window.click(".explain summary").await?;
        looks_accessible(window, "a text that was not delivered").await?;
        // Another one leaves, and only that can be tried again.
        window.pick(".explain button", "Try again").await?;
        let tried = "const offered = [...document.querySelectorAll('.explain')].map((one) =>
                [...one.querySelectorAll('button')].some((button) => button.textContent.includes('Try again')));
            return document.querySelectorAll('.out[data-status=undelivered]').length === 2
                && offered.join() === 'false,true'";
        window.until(tried).await?;
        window.pick(".explain button", "Call instead").await?;
        assert_eq!(desktop.opened().await?, "tel:+14155530003");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_text_that_may_have_left_says_so() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.text("+14155550123", "Are you open?").await?;
        window.pick("[data-conversation]", "Are you open?").await?;
        window.says(".bubble", "Are you open?").await?;
        owner.twilio.fault(Fault::ErrorBeforeAccepting);
        window.write("form textarea", "Until six").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=send_unknown]").await?;
        window.says(".explain", "We’re not sure this text left.").await?;
        looks_accessible(window, "a text that may have left").await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn stop_locks_the_composer_and_says_why() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(window, "STOP").await?;
        window.says(".closed", "has opted out of texts").await?;
        window.says(".closed", "by texting START").await?;
        window.gone("form textarea").await?;
        window.says("[data-conversation]", "Opted out").await?;
        window.pick(".quick button", "START").await?;
        window.find("form textarea").await?;
        // Both are on record.
        window.run("document.activeElement.blur()").await?;
        window.press("i").await?;
        window.pick(".panel button", "See record").await?;
        window.until("return document.querySelectorAll('.panel ol li').length === 2").await?;
        window.says(".panel ol li:first-child", "Opted out").await?;
        window.says(".panel ol li:last-child", "Opted in").await?;
        looks_accessible(window, "the record of a consent").await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn the_inbox_is_worked_through_by_keys_alone() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        for (number, words) in
            [("+14155550176", "Is the boiler fixed?"), ("+14155550123", "Could you quote a radiator?")]
        {
            window.click(&format!("aside select option[value='{number}']")).await?;
            window.write("aside input", words).await?;
            window.enter("aside input").await?;
            window.says("[data-conversation] .preview", words).await?;
            window.until("return document.querySelector('aside input').value === ''").await?;
        }
        window.says(".chip", "Waiting on us 2").await?;
        window.run("document.activeElement.blur()").await?;
        // Down to the second, and away with it: the other one is opened.
        window.press("j").await?;
        window.says("h2", "(415) 555-0123").await?;
        // There is nothing above the first.
        window.press("k").await?;
        window.says("h2", "(415) 555-0123").await?;
        window.press("j").await?;
        window.says("h2", "(415) 555-0176").await?;
        window.press("e").await?;
        window.says("h2", "(415) 555-0123").await?;
        window.says(".done", "is done").await?;
        window.says(".chip", "Waiting on us 1").await?;
        window.press(&format!("{}z", char::from(Key::Control))).await?;
        window.says("h2", "(415) 555-0176").await?;
        window.says(".chip", "Waiting on us 2").await?;
        window.press("u").await?;
        window.says(".chip", "Unread 1").await?;
        // A word somebody wrote leads to what they wrote.
        window.press("/").await?;
        window.write("[role=search] input", "radia").await?;
        window.says("[data-found] mark", "radiator").await?;
        window.enter("[role=search] input").await?;
        window.says(".sought .bubble", "Could you quote a radiator?").await?;
        window.write("[role=search] input", "tor zzz").await?;
        window.says("[role=region]", "Nothing found").await?;
        window.write("[role=search] input", &String::from(char::from(Key::Escape))).await?;
        window.find(".chip").await?;
        window.run("document.activeElement.blur()").await?;
        window.press("?").await?;
        window.says("dialog[open]", "Leave unread").await?;
        // Escape closes the list of keys and nothing behind it.
        window.press(&String::from(char::from(Key::Escape))).await?;
        window.gone("dialog[open]").await?;
        window.says("h2#open-title", "(415) 555-0123").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_customer_gets_a_name_a_tag_and_a_note() {
    let (desktop, folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(window, "Hello").await?;
        window.write("form textarea", "We could come on").await?;
        window.run("document.activeElement.blur()").await?;
        window.press("i").await?;
        window.says(".panel .consent", "Happy to get texts").await?;
        window.pick(".panel button", "Add a name").await?;
        window.find(".panel input[name=name]").await?;
        looks_accessible(window, "naming a customer").await?;
        window.write(".panel input[name=name]", "Marcus Webb").await?;
        window.enter(".panel input[name=name]").await?;
        window.says("h2#open-title", "Marcus Webb").await?;
        window.says("[data-conversation] .name", "Marcus Webb").await?;
        window.click(".panel [aria-label='Add a tag']").await?;
        window.write(".panel input[name=typed]", "Regular").await?;
        window.enter(".panel input[name=typed]").await?;
        window.says(".panel .tag", "Regular").await?;
        window.write(".panel textarea", "Gate code 12").await?;
        window.run("document.activeElement.blur()").await?;
        window.pick(".panel button", "Add another number").await?;
        window.write(".panel input[name=typed]", "12").await?;
        window.enter(".panel input[name=typed]").await?;
        window.says(".notice", "doesn't look like a phone number").await?;
        looks_accessible(window, "another number that is none").await?;
        window.run("document.querySelector('.panel input[name=typed]').value = '(415) 555-0142'").await?;
        window.enter(".panel input[name=typed]").await?;
        window.says(".panel li", "(415) 555-0142").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
    let path = folder.path().to_str().expect("a path").to_owned();
    let again = ["--practice", "--data-dir", &path];
    let window = desktop.open(&program("ringdesk"), &again).await.expect("a window");
    let story = async |window: &Window| {
        window.says("[data-conversation] .preview", "Draft: We could come on").await?;
        window.click("[data-conversation]").await?;
        window.until("return document.querySelector('form textarea')?.value === 'We could come on'").await?;
        window.run("document.activeElement.blur()").await?;
        window.press("i").await?;
        window.says(".panel .tag", "Regular").await?;
        window.until("return document.querySelector('.panel textarea')?.value === 'Gate code 12'").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_link_shows_its_true_host_before_it_is_opened() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        let words = "Look: https://your.bank@evil.example/login?a=1. Thanks";
        text_arrives(window, words).await?;
        window.until(&format!("return document.querySelector('.bubble').textContent === '{words}'")).await?;
        window.pick(".bubble .link", "https://your.bank@").await?;
        window.says("dialog[open] h2", "Open evil.example?").await?;
        window.pick("dialog[open] button", "Open in browser").await?;
        assert_eq!(desktop.opened().await?, "https://your.bank@evil.example/login?a=1");
        let odd = "return window.__TAURI_INTERNALS__
            .invoke('open_link', { url: 'file:///etc/passwd' }).then(() => 'opened', (error) => error.code)";
        assert_eq!(window.run(odd).await?, "no_link");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn pictures_are_seen_on_both_ends_and_keys_alone_will_do() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        window.pick(".quick button", "Photo").await?;
        window.find("[data-conversation]").await?;
        // No mouse from here: j opens the newest conversation, r goes to the composer.
        window.run("document.activeElement.blur()").await?;
        window.press("j").await?;
        window.find("img[data-attachment]").await?;
        let drawn = "const image = document.querySelector('img[data-attachment]');
            return image.complete && image.naturalWidth === 480";
        window.until(drawn).await?;
        window.press("r").await?;
        window.press("Coming").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=delivered]").await?;
        window.run("document.activeElement.blur()").await?;
        window.press("e").await?;
        window.gone("[data-conversation]").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn the_first_start_opens_the_conversation_it_is_told_to() {
    let (desktop, folder, window) = window().await;
    let before = async |window: &Window| {
        window.find("aside input").await?;
        for (who, words) in
            [("+14155550176", "Is the boiler fixed?"), ("+14155550123", "Could you quote a radiator?")]
        {
            window.customer_texts(who, words).await?;
            window.says("[data-conversation]", words).await?;
        }
        let list = window.desk("conversations", json!({})).await?;
        let rows = list["conversations"].as_array().cloned().unwrap_or_default();
        let older = rows.iter().find(|row| row["customer"] == "+14155550176").context("a row")?;
        anyhow::Ok(older["id"].as_str().context("an id")?.to_owned())
    };
    let id = desktop.tell(window, before).await;
    let path = folder.path().to_str().expect("a path").to_owned();
    let there = ["--practice", "--data-dir", &path, "--conversation", &id];
    let window = desktop.open(&program("ringdesk"), &there).await.expect("a window");
    let story = async |window: &Window| {
        window.says("h2#open-title", "(415) 555-0176").await?;
        window.says(".bubble", "Is the boiler fixed?").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn what_was_said_is_there_after_a_restart() {
    let (desktop, folder, window) = window().await;
    desktop.tell(window, async |window| text_arrives(window, "Remember me").await).await;
    let path = folder.path().to_str().expect("a path").to_owned();
    let again = ["--practice", "--data-dir", &path];
    let window = desktop.open(&program("ringdesk"), &again).await.expect("a window");
    let story = async |window: &Window| {
        window.says("[data-conversation]", "Remember me").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
