//! Texts that do not leave or arrive at once, and what the owner does about them.

use crate::{access::looks_accessible, open};
use ringdesk_sandbox::Fault;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::Owner,
};
use rusqlite::Connection;
use serde_json::json;

const PRIYA: &str = "+14155550123";
/// As people write it.
const PRIYA_DISPLAY: &str = "(415) 555-0123";

/// Changes what is kept while the program is off; says how many rows.
fn behind_its_back(owner: &Owner, sql: &str) -> usize {
    let database = Connection::open(owner.folder().join("ringdesk.db")).expect("the data");
    database.execute(sql, []).expect("changed")
}

#[tokio::test]
async fn a_text_that_failed_arrives_once_the_phone_is_back() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    let before = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.text(PRIYA, "Are you open?").await?;
        window.pick("[data-conversation]", "Are you open?").await?;
        window.says(".bubble", "Are you open?").await?;
        // Twilio's list would say what became of it.
        owner.twilio.fault(Fault::HiddenFromList);
        window.write("form textarea", "Until six").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=delivered]").await.map(|_| ())
    };
    desktop.tell(window, before).await;

    // As if the phone had been off then.
    let off = "UPDATE texts SET status = 'undelivered', error_code = 30003 WHERE direction = 'out'";
    assert_eq!(behind_its_back(&owner, off), 1);
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        window.pick("[data-conversation]", PRIYA_DISPLAY).await?;
        window.says(".out[data-status=undelivered] .explain", "The phone is off").await?;
        window.pick(".explain button", "Try again").await?;
        window.says(".out[data-status=delivered] .bubble", "Until six").await?;
        // What failed is still said, and offers to call, but not to be sent a third time.
        let said = "return [...document.querySelectorAll('.out')].map((one) => one.dataset.status).join()
                === 'undelivered,delivered'
            && ![...document.querySelectorAll('.explain button')]
                .some((one) => one.textContent.includes('Try again'))";
        window.until(said).await?;
        assert_eq!(owner.twilio.report().creates, 2);
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn texts_that_waited_too_long_leave_or_are_discarded_as_the_owner_says() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    let before = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.text(PRIYA, "When do you come?").await?;
        window.says("[data-conversation]", "When do you come?").await?;
        for words in ["There in ten minutes", "Make that fifteen"] {
            let yes = ["quiet_hours"];
            let text = json!({ "to": PRIYA, "body": words, "yes_to": yes, "undo_seconds": 60 });
            owner.call("send_text", text).await?;
        }
        anyhow::Ok(())
    };
    desktop.tell(window, before).await;

    // As if the program had been off for an hour.
    let hour_ms = 60 * 60_000;
    let late = format!(
        "UPDATE outbox SET due_at = due_at - {hour_ms}, wanted_at = wanted_at - {hour_ms}
         WHERE state = 'queued'"
    );
    assert_eq!(behind_its_back(&owner, &late), 2);
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        window.pick("[data-conversation]", PRIYA_DISPLAY).await?;
        window.until("return document.querySelectorAll('.out .explain .choices').length === 2").await?;
        looks_accessible(window, "texts that waited too long").await?;
        assert_eq!(owner.twilio.report().creates, 0, "nothing left unasked");
        // Of two, the upper one.
        window.pick(".out .choices button", "Send it now").await?;
        window.says(".out[data-status=delivered] .bubble", "There in ten minutes").await?;
        window.pick(".out .choices button", "Discard it").await?;
        window.until("return document.querySelectorAll('.out').length === 1").await?;
        // Its words come back, should they be wanted after all.
        window.until("return document.querySelector('form textarea').value === 'Make that fifteen'").await?;
        assert_eq!(owner.twilio.report().creates, 1);
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
