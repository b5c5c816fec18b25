//! Calls and hours, as the owner sets them and sees what became of them.

use crate::{access::looks_accessible, key};
use fantoccini::key::Key;
use ringdesk_sandbox::PhoneBehavior;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::Owner,
};
use serde_json::{Value, json};

const PRIYA: &str = "+14155550123";
const NORA: &str = "+14155550107";

async fn desktop(owner: &Owner) -> (Desktop, Window) {
    ringdesk_tests::end_if_stuck();
    let mut desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    desktop.notifications().await.expect("notifications");
    let arguments = owner.arguments(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let window = desktop.open(&owner.program(), &arguments).await.expect("a window");
    (desktop, window)
}

/// Open around the clock; Nora's phone rings, and nobody picks up.
pub(crate) async fn always_rings(owner: &Owner) -> anyhow::Result<()> {
    let always = json!([{ "from": "00:00", "to": "24:00" }]);
    let week: serde_json::Map<String, Value> =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            .into_iter()
            .map(|day| (day.to_owned(), always.clone()))
            .collect();
    let phones = json!([{ "name": "Nora", "number": NORA }]);
    owner.call("apply_settings", json!({ "calls": { "phones": phones }, "hours": { "week": week } })).await?;
    Ok(())
}

/// What the settings say of a day, once it is this.
pub(crate) async fn kept(window: &Window, day: &str, hours: &Value) -> anyhow::Result<()> {
    let expected = serde_json::to_string(hours)?;
    window
        .until(&format!(
            "return window.__TAURI_INTERNALS__.invoke('desk', {{ command: 'settings', request: {{}} }})
                 .then((all) => JSON.stringify(all.hours.week['{day}']) === '{expected}')"
        ))
        .await
}

#[tokio::test]
async fn hours_are_set_by_mouse_or_by_keys_and_the_picture_follows() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, window) = desktop(&owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        window.keys(&[Key::Control], ",").await?;
        window.pick(".sections button", "Calls & hours").await?;
        window.says("aside h2", "What a caller hears").await?;
        // A phone is typed as people write numbers.
        window.pick("button", "Add a phone").await?;
        window.write(".phones form input:not([type=tel])", "Nora").await?;
        window.write(".phones form input[type=tel]", "(415) 555-0107").await?;
        window.press(&char::from(Key::Enter).to_string()).await?;
        window
            .until(
                "return window.__TAURI_INTERNALS__.invoke('desk', { command: 'settings', request: {} })
                     .then((all) => all.calls.phones.length === 1 && all.calls.phones[0].number === '+14155550107')",
            )
            .await?;
        // Keys alone: Monday ends an hour later, begins an hour earlier.
        window.run("document.querySelector('[data-block=\"monday 0\"]').focus()").await?;
        for _ in 0..4 {
            window.keys(&[Key::Shift], &char::from(Key::Right).to_string()).await?;
        }
        for _ in 0..4 {
            window.keys(&[Key::Alt], &char::from(Key::Left).to_string()).await?;
        }
        kept(window, "monday", &json!([{ "from": "08:00", "to": "18:00" }])).await?;
        // The mouse: hours for Sunday, which had none.
        window
            .run("document.querySelector('[data-day=\"sunday 0\"]').scrollIntoView({ block: 'center' })")
            .await?;
        window.drag("[data-day=\"sunday 0\"] + .lane", 0.25, 0.5).await?;
        window.find("[data-block=\"sunday 0\"]").await?;
        // It is drawn before it is kept.
        window
            .until(
                "return window.__TAURI_INTERNALS__.invoke('desk', { command: 'settings', request: {} })
                     .then((all) => all.hours.week.sunday.length === 1)",
            )
            .await?;
        // The picture of another time follows them.
        window.pick("aside .chip", "Sunday").await?;
        window.says("aside", "Open").await?;
        window.run("document.querySelector('[data-block=\"sunday 0\"]').focus()").await?;
        window.press(&char::from(Key::Delete).to_string()).await?;
        kept(window, "sunday", &json!([])).await?;
        window.says("aside blockquote", "We are closed right now").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_missed_call_is_told_seen_and_called_back() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, window) = desktop(&owner).await;
    let desk = &desktop;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        always_rings(&owner).await?;
        owner.rings_in_vain(PRIYA).await;
        desk.told("Missed call from (415) 555-0123").await?;
        desk.shows(1).await?;
        window.says("[data-conversation]", "Missed call").await?;
        // The log, by keys alone.
        window.keys(&[Key::Control], "2").await?;
        window.says("[data-call]", "(415) 555-0123").await?;
        window.says("[data-call]", "Hung up while it rang").await?;
        window.press("j").await?;
        key(window, Key::Enter).await?;
        window.says("[data-call] ~ *, [id^=detail-]", "Nora").await?;
        owner
            .twilio
            .set_phone(NORA, PhoneBehavior::Answers { after_s: 2, talks_s: 60, presses: Some("1".into()) });
        owner.twilio.set_phone(PRIYA, PhoneBehavior::Answers { after_s: 3, talks_s: 45, presses: None });
        window.press("c").await?;
        window.says("dialog[open] h2", "(415) 555-0123").await?;
        looks_accessible(window, "calling back by a phone").await?;
        key(window, Key::Enter).await?;
        window.says("dialog[open]", "Your phone is ringing").await?;
        owner.twilio.forward(std::time::Duration::from_secs(600));
        window.says("dialog[open]", "You talked").await?;
        looks_accessible(window, "a call that is over").await?;
        assert_eq!(owner.twilio.report().calls, 1);
        key(window, Key::Escape).await?;
        window.gone("dialog[open]").await?;
        // The task is closed, and the notification is gone once it was seen.
        let list = owner.call("conversations", json!({ "filter": "missed" })).await?;
        assert_eq!(list["total"], 0, "{list}");
        window.keys(&[Key::Control], "1").await?;
        window.pick("[data-conversation]", "(415) 555-0123").await?;
        window.find("#timeline [data-call].missed").await?;
        looks_accessible(window, "a missed call in its conversation").await
    };
    desktop.tell(window, story).await;
}
