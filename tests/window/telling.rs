//! What the owner wants to be told of outside the window.

use crate::{
    calls::always_rings,
    keys::{MARCUS, PRIYA},
    open,
    voicemail::leaves,
};
use fantoccini::key::Key;
use ringdesk_sandbox::Config;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::Owner,
    tray::Tray,
    voicemail::{HELEN, HELEN_DISPLAY, helen},
};
use serde_json::json;

const JOEL: &str = "+14155550199";

const HOUR_MS: i64 = 60 * 60_000;

/// Waits until this holds of the notifications (`now`) the office keeps.
async fn keeps(window: &Window, so: &str) -> anyhow::Result<()> {
    window
        .until(&format!(
            "return window.__TAURI_INTERNALS__.invoke('desk', {{ command: 'settings', request: {{}} }})
                 .then(({{ notifications: now }}) => {so})"
        ))
        .await
}

/// Turns a switch on or off, once it shows what was kept before.
async fn turns(window: &Window, title: &str, on: bool) -> anyhow::Result<()> {
    let switch = format!("[aria-label='{title}']");
    let (off, set) = (format!("{switch}:not(:checked)"), format!("{switch}:checked"));
    let (before, after) = if on { (off, set) } else { (set, off) };
    window.click(&before).await?;
    window.find(&after).await.map(|_| ())
}

/// Works all there is in Settings, Notifications, and leaves it as it was.
async fn works_everything(window: &Window) -> anyhow::Result<()> {
    let kinds = [
        ("New texts", "texts"),
        ("Missed calls", "calls"),
        ("Texts that were not delivered", "failures"),
        ("Your line has no connection", "line"),
    ];
    for (title, name) in kinds {
        for on in [false, true] {
            turns(window, title, on).await?;
            keeps(window, &format!("now.{name} === {on}")).await?;
        }
    }
    for (said, shows) in [("Name only", "sender"), ("Nothing", "nothing"), ("Name and words", "words")] {
        window.pick("[aria-label=Show] button", said).await?;
        window.says("[aria-label=Show] [aria-pressed=true]", said).await?;
        keeps(window, &format!("now.shows === '{shows}'")).await?;
    }
    for pause in ["30 minutes", "1 hour", "Until tomorrow"] {
        window.pick("#settings button", pause).await?;
        window.says("#settings .setting", "Paused until").await?;
        keeps(window, "now.paused_until !== null").await?;
        window.pick("#settings button", "Resume").await?;
        keeps(window, "now.paused_until === null").await?;
    }
    let quiet = "Quiet every day";
    turns(window, quiet, true).await?;
    for (end, time) in [("from", "22:00"), ("to", "07:00")] {
        window.click(&format!("[aria-label='{quiet}, {end}'] option[value='{time}']")).await?;
        keeps(window, &format!("now.quiet_hours?.{end} === '{time}'")).await?;
    }
    turns(window, quiet, false).await
}

#[tokio::test]
async fn notifications_are_those_the_owner_wants() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let mut desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    desktop.notifications().await.expect("notifications");
    let window = open(&desktop, &owner).await;
    let desk = &desktop;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        always_rings(&owner).await?;
        window.keys(&[Key::Control], "5").await?;
        window.pick(".sections button", "Notifications").await?;
        works_everything(window).await?;
        turns(window, "New texts", false).await?;
        keeps(window, "now.texts === false").await?;
        let kept = owner.call("settings", json!({})).await?;
        let wanted = json!({
            "texts": false, "calls": true, "failures": true, "line": true, "shows": "words",
            "quiet_hours": null, "paused_until": null,
        });
        assert_eq!(kept["notifications"], wanted);

        // What comes after it is told; the text is not.
        let told = desk.tellings()?;
        owner.text(PRIYA, "Are you open?").await?;
        owner.rings_in_vain(MARCUS).await;
        desk.told("Missed call from (415) 555-0176").await?;
        assert_eq!(desk.tellings()?, told + 1);
        turns(window, "New texts", true).await?;
        keeps(window, "now.texts === true").await?;
        owner.text(JOEL, "The tap drips").await?;
        assert_eq!(desk.told("(415) 555-0199").await?, "The tap drips");
        assert_eq!(desk.tellings()?, told + 2);
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_voicemail_is_told_and_leads_to_where_it_was_left() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let mut desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    desktop.notifications().await.expect("notifications");
    let window = open(&desktop, &owner).await;
    let desk = &desktop;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        leaves(&owner, HELEN, helen()).await;
        let under = desk.told(HELEN_DISPLAY).await?;
        anyhow::ensure!(under.starts_with("Left a message"), "{under}");
        // It took the place of what was told of the call.
        desk.shows(1).await?;
        desk.click_notification().await?;
        window.says("h2#open-title", HELEN_DISPLAY).await?;
        window.find("#timeline [data-call] [data-voicemail]").await?;
        desk.shows(0).await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn nobody_who_shows_notifications_for_a_while_ends_nothing() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let mut desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    desktop.notifications().await.expect("notifications");
    let window = open(&desktop, &owner).await;
    let begun = async {
        window.says(".placard", "Connected").await?;
        owner.text(PRIYA, "Are you open?").await?;
        desktop.told("(415) 555-0123").await?;
        // It ends while one of ours is shown and waits for a click.
        desktop.no_notifications().await?;
        owner.text(PRIYA, "Hello?").await?;
        window.says("[data-conversation]", "Hello?").await?;
        desktop.notifications().await
    }
    .await;
    begun.unwrap_or_else(|error| panic!("{error:#}\nthe program said: {}", desktop.said()));
    let desk = &desktop;
    let story = async |window: &Window| {
        assert_eq!(desk.told("(415) 555-0123 (2 new)").await?, "Hello?");
        desk.shows(1).await?;
        desk.click_notification().await?;
        window.says("h2#open-title", "(415) 555-0123").await?;
        window.says(".bubble", "Hello?").await?;
        desk.shows(0).await?;
        owner.text(MARCUS, "The tap drips").await?;
        assert_eq!(desk.told("(415) 555-0176").await?, "The tap drips");
        let said = desk.said();
        anyhow::ensure!(!said.contains("panicked at"), "{said}");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

/// From an hour ago until two hours from now, as a clock in UTC shows it.
fn just_now() -> serde_json::Value {
    let hour = (Config::practice().now)() / HOUR_MS;
    let clock = |hour: i64| format!("{:02}:00", hour.rem_euclid(24));
    json!({ "from": clock(hour - 1), "to": clock(hour + 2) })
}

#[tokio::test]
async fn what_comes_in_quiet_hours_is_told_once_they_are_over() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let mut desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    desktop.notifications().await.expect("notifications");
    let tray = Tray::start(desktop.bus()).await.expect("a panel");
    let window = open(&desktop, &owner).await;
    let (desk, tray) = (&desktop, &tray);
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        let quiet = json!({ "time_zone": "UTC", "notifications": { "quiet_hours": just_now() } });
        owner.call("apply_settings", quiet).await?;
        // Once the second is counted, whatever is to be said of the first has been said.
        for (from, unread) in [(PRIYA, "1 unread"), (MARCUS, "2 unread")] {
            owner.text(from, "Are you open?").await?;
            tray.says(unread).await?;
        }
        assert_eq!(desk.tellings()?, 0);
        owner.call("apply_settings", json!({ "notifications": { "quiet_hours": null } })).await?;
        assert_eq!(desk.told("(415) 555-0123").await?, "Are you open?");
        desk.shows(2).await?;
        assert_eq!(desk.tellings()?, 2);
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
