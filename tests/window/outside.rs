//! What is told and done outside the window: notifications, the tray, a second start, closing.

use crate::open;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::Owner,
    tray::Tray,
};
use serde_json::json;

const PRIYA: &str = "+14155550123";
const MARCUS: &str = "+14155550176";

/// A desktop of the owner's, with notifications and a panel.
async fn desktop(owner: &Owner) -> (Desktop, Tray) {
    ringdesk_tests::end_if_stuck();
    let mut desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    desktop.notifications().await.expect("notifications");
    let tray = Tray::start(desktop.bus()).await.expect("a panel");
    (desktop, tray)
}

#[tokio::test]
async fn a_notification_says_who_and_leads_to_the_conversation() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, _tray) = desktop(&owner).await;
    let window = open(&desktop, &owner).await;
    let desk = &desktop;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.text(PRIYA, "Could you quote <b>a radiator</b> & a boiler?").await?;
        let under = desk.told("(415) 555-0123").await?;
        assert_eq!(under, "Could you quote &lt;b&gt;a radiator&lt;/b&gt; &amp; a boiler?");
        // One per conversation, however many texts.
        owner.text(PRIYA, "Hello?").await?;
        assert_eq!(desk.told("(415) 555-0123 (2 new)").await?, "Hello?");
        desk.shows(1).await?;
        owner.text(MARCUS, "The tap drips").await?;
        assert_eq!(desk.told("(415) 555-0176").await?, "The tap drips");
        desk.shows(2).await?;
        // The click opens that conversation; what is read is told no more.
        desk.click_notification().await?;
        window.says("h2", "(415) 555-0123").await?;
        desk.shows(1).await?;
        window.pick("[data-conversation]", "The tap drips").await?;
        window.says("h2", "(415) 555-0176").await?;
        desk.shows(0).await?;
        window.pick("[data-conversation]", "Hello?").await?;
        window.says("h2", "(415) 555-0123").await?;
        // The program knows what is in view once it answers what is asked after that.
        window.settled().await?;
        window.desk("health", json!({})).await?;
        let told = desk.tellings()?;
        owner.text(PRIYA, "Are you there?").await?;
        window.says(".bubble", "Are you there?").await?;
        // It counts as read once it was drawn.
        let read = "return window.__TAURI_INTERNALS__
            .invoke('desk', { command: 'conversations', request: { filter: 'unread' } })
            .then((list) => list.total === 0)";
        window.until(read).await?;
        window.pick("[data-conversation]", "The tap drips").await?;
        window.says("h2", "(415) 555-0176").await?;
        // Others may look at the screen: as much as the owner wants seen.
        owner.call("apply_settings", json!({ "notifications": { "shows": "sender" } })).await?;
        owner.text(PRIYA, "My code is 4711").await?;
        assert_eq!(desk.told("(415) 555-0123").await?, "Sent you a text.");
        owner.call("apply_settings", json!({ "notifications": { "shows": "nothing" } })).await?;
        owner.text(PRIYA, "My code is 4712").await?;
        assert_eq!(desk.told("2 new texts").await?, "Open Ringdesk to read it.");
        assert_eq!(desk.tellings()?, told + 2, "what was in view was not told");
        desk.shows(1).await?;
        desk.click_notification().await?;
        window.says("h2", "(415) 555-0123").await?;
        window.says(".fresh", "New since you left").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn what_came_during_a_pause_is_told_together() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, tray) = desktop(&owner).await;
    let window = open(&desktop, &owner).await;
    let (desk, tray) = (&desktop, &tray);
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        tray.says("Connected").await?;
        tray.says("Quit (calls and texts stop arriving)").await?;
        tray.choose("For 1 hour").await?;
        tray.says("Resume notifications").await?;
        for n in 0..5 {
            owner.text(&format!("+1415555010{n}"), "Anybody there?").await?;
        }
        tray.says("Connected · 5 unread").await?;
        assert_eq!(desk.tellings()?, 0);
        tray.choose("Resume notifications").await?;
        assert_eq!(desk.told("While you were away").await?, "5 texts from 5 people.");
        desk.click_notification().await?;
        window.find(".chip[aria-pressed=true]").await?;
        window.says(".chip[aria-pressed=true]", "Unread 5").await?;
        // The tray leads to a new text, too.
        tray.choose("New text").await?;
        window.says("dialog[open] h2", "New text").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn what_was_not_delivered_is_told() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, tray) = desktop(&owner).await;
    let window = open(&desktop, &owner).await;
    let (desk, tray) = (&desktop, &tray);
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        let send = async |to: &str| {
            let yes = ["stranger", "quiet_hours"];
            let text = json!({ "to": to, "body": "Your parcel is here", "yes_to": yes, "undo_seconds": 0 });
            owner.call("send_text", text).await
        };
        send("+14155530003").await?;
        let under = desk.told("Not delivered to (415) 553-0003").await?;
        assert_eq!(under, "Open the conversation to see why and what to do.");
        desk.click_notification().await?;
        window.says("h2", "(415) 553-0003").await?;
        window.says(".explain", "The phone is off").await?;
        desk.shows(0).await?;
        let failed = async || {
            let list = owner.call("conversations", json!({})).await?;
            let rows = list["conversations"].as_array().cloned().unwrap_or_default();
            anyhow::Ok(rows.iter().filter(|row| row["last"]["failed"] == true).count())
        };
        // Many at once, and nothing of it unread: it is told together.
        let together = async |exchange: u32, failures: usize| {
            owner.call("pause_notifications", json!({ "minutes": 60 })).await?;
            for n in 6..10 {
                send(&format!("+1415{exchange}{n}30003")).await?;
            }
            while failed().await? < failures {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            owner.call("pause_notifications", json!({ "minutes": 0 })).await?;
            assert_eq!(desk.told("While you were away").await?, "4 texts were not delivered.");
            desk.shows(1).await
        };
        together(5, 5).await?;
        tray.says("Connected").await?;
        // The click leads to the newest of them, whichever that is.
        desk.click_notification().await?;
        let newest = r"return [...document.querySelectorAll('h2')]
            .some((title) => /\(415\) 5[6-9]3-0003/.test(title.textContent))";
        window.until(newest).await?;
        window.says(".explain", "The phone is off").await?;
        desk.shows(0).await?;
        // It is taken back once each of them was seen.
        together(6, 9).await?;
        for n in 6..10 {
            let who = format!("(415) 6{n}3-0003");
            window.pick("[data-conversation]", &who).await?;
            window.says("h2", &who).await?;
        }
        desk.shows(0).await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn a_click_opens_the_window_of_a_program_that_has_none() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, _tray) = desktop(&owner).await;
    let story = async {
        let mut hidden = desktop.run(&owner.program(), &owner.arguments(&["--hidden"]))?;
        owner.answers().await?;
        anyhow::ensure!(desktop.close_window().is_err(), "it has no window yet");
        owner.text(MARCUS, "The tap drips").await?;
        desktop.told("(415) 555-0176").await?;
        desktop.click_notification().await?;
        // Nobody drives this window: that the text was read shows that it is before the owner's eyes.
        while owner.call("conversations", json!({ "filter": "unread" })).await?["total"] != 0 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        // Told to end, it ends by itself and leaves nothing that could be clicked in vain.
        owner.text(PRIYA, "Hello?").await?;
        desktop.shows(1).await?;
        let id = hidden.id().unwrap_or_default().to_string();
        tokio::process::Command::new("kill").args(["-TERM", &id]).status().await?;
        let ended = hidden.wait().await?;
        anyhow::ensure!(ended.success(), "it ended with {ended}");
        desktop.shows(0).await?;
        // The next start tells what comes, and nothing twice.
        let told = desktop.tellings()?;
        let _hidden = desktop.run(&owner.program(), &owner.arguments(&["--hidden"]))?;
        owner.answers().await?;
        owner.text(MARCUS, "And now it floods").await?;
        desktop.told("(415) 555-0176").await?;
        assert_eq!(desktop.tellings()?, told + 1);
        anyhow::Ok(())
    };
    let told = tokio::time::timeout(std::time::Duration::from_secs(120), story).await;
    told.expect("the story got stuck").expect("the story");
}

#[tokio::test]
async fn closing_asks_once_and_a_second_start_opens_the_first_ones_window() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, tray) = desktop(&owner).await;
    let window = open(&desktop, &owner).await;
    let (desk, tray) = (&desktop, &tray);
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        desk.close_window()?;
        window.says("dialog[open]", "nothing reaches you until you open it again").await?;
        window.pick("dialog[open] button", "Cancel").await?;
        window.gone("dialog[open]").await?;
        desk.close_window()?;
        window.pick("dialog[open] button", "Keep receiving").await?;
        window.until("return document.hidden").await?;
        owner.text(PRIYA, "Still there?").await?;
        desk.told("(415) 555-0123").await?;
        tray.choose("Open Ringdesk").await?;
        window.until("return !document.hidden").await?;
        window.says("[data-conversation]", "Still there?").await?;
        // The next time it is put away without a question.
        desk.close_window()?;
        window.until("return document.hidden").await?;
        let list = owner.call("conversations", json!({})).await?;
        let id = list["conversations"][0]["id"].as_str().unwrap_or_default().to_owned();
        let second = desk.run(&owner.program(), &owner.arguments(&["--conversation", &id]))?.wait().await?;
        anyhow::ensure!(second.success(), "the second start ended with {second}");
        window.until("return !document.hidden").await?;
        window.says("h2", "(415) 555-0123").await?;
        window.says(".bubble", "Still there?").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn the_window_comes_back_as_it_was_and_starts_with_the_computer_when_wanted() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, tray) = desktop(&owner).await;
    let window = open(&desktop, &owner).await;
    let (desk, tray) = (&desktop, &tray);
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        window.keys(&[fantoccini::key::Key::Control], ",").await?;
        window.pick(".sections button", "Look").await?;
        let started = || -> anyhow::Result<Option<String>> {
            let Ok(list) = std::fs::read_dir(desk.home().join(".config/autostart")) else { return Ok(None) };
            let file = list.flatten().next();
            Ok(file.map(|file| std::fs::read_to_string(file.path())).transpose()?)
        };
        anyhow::ensure!(started()?.is_none(), "it does not start by itself unasked");
        window.click("[aria-label='Start with the computer']").await?;
        window
            .until("return document.querySelector('[aria-label=\"Start with the computer\"]').checked")
            .await?;
        let entry = started()?.unwrap_or_default();
        let folder = format!("--data-dir \"{}\"", owner.folder().display());
        anyhow::ensure!(entry.contains("--hidden") && entry.contains(&folder), "as it was started: {entry}");
        window.click("[aria-label='Start with the computer']").await?;
        window
            .until("return !document.querySelector('[aria-label=\"Start with the computer\"]').checked")
            .await?;
        anyhow::ensure!(started()?.is_none(), "no longer");
        window.size(1000, 700).await?;
        // What quitting means is asked before anything ends.
        tray.choose("Quit").await?;
        window.says("dialog[open]", "nothing reaches you until you open it again").await?;
        window.pick("dialog[open] button", "Cancel").await?;
        window.gone("dialog[open]").await?;
        tray.choose("Quit").await?;
        let quit = window.says("dialog[open] button", "Quit").await?;
        // Whether it was clicked may go unanswered: the program ends.
        let _ = quit.click().await;
        anyhow::Ok(())
    };
    // The program ends in the middle of its story, as it was told.
    story(&window).await.expect("the story");
    window.ended().await.expect("it ended");
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        window.until("return outerWidth === 1000 && outerHeight === 700").await?;
        // The same the next time, without a question.
        tray.choose("Quit").await
    };
    story(&window).await.expect("the story");
    window.ended().await.expect("it ended without being asked");
}

/// The processes below the program in which its page runs.
fn pages_of(program: u32) -> Vec<u32> {
    let mut all = Vec::new();
    for task in std::fs::read_dir(format!("/proc/{program}/task")).into_iter().flatten().flatten() {
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        all.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    // The system keeps only the first fifteen letters of a name.
    all.retain(|id| {
        std::fs::read_to_string(format!("/proc/{id}/comm"))
            .is_ok_and(|name| name.starts_with("WebKitWebProces"))
    });
    all
}

#[tokio::test]
async fn a_page_whose_process_ends_begins_anew() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, _tray) = desktop(&owner).await;
    let pause = std::time::Duration::from_millis(50);
    let story = async {
        // Nobody drives this window: a driver would not outlive its page.
        let program = desktop.run(&owner.program(), &owner.arguments(&["--hidden"]))?;
        let id = program.id().unwrap_or_default();
        owner.answers().await?;
        let read = async || {
            while owner.call("conversations", json!({ "filter": "unread" })).await?["total"] != 0 {
                tokio::time::sleep(pause).await;
            }
            anyhow::Ok(())
        };
        owner.text(MARCUS, "The tap drips").await?;
        desktop.told("(415) 555-0176").await?;
        desktop.click_notification().await?;
        read().await?;
        let told = desktop.tellings()?;
        owner.text(MARCUS, "Still there?").await?;
        read().await?;
        assert_eq!(desktop.tellings()?, told, "it is before the owner's eyes");
        let before = pages_of(id);
        anyhow::ensure!(!before.is_empty(), "the page has a process of its own");
        for page in &before {
            tokio::process::Command::new("kill").args(["-KILL", &page.to_string()]).status().await?;
        }
        while pages_of(id).iter().all(|page| before.contains(page)) {
            tokio::time::sleep(pause).await;
        }
        // Nothing is before the owner's eyes any more: they are told, and the click leads there.
        owner.text(MARCUS, "And now it floods").await?;
        assert_eq!(desktop.told("(415) 555-0176").await?, "And now it floods");
        desktop.click_notification().await?;
        read().await?;
        desktop.shows(0).await
    };
    let told = tokio::time::timeout(std::time::Duration::from_secs(120), story).await;
    told.expect("the story got stuck").expect("the story");
}

#[tokio::test]
async fn quitting_says_which_texts_have_not_left() {
    let owner = Owner::new().await.expect("an owner");
    let (desktop, tray) = desktop(&owner).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        owner.call("apply_settings", json!({ "window": { "on_close": "quit" } })).await?;
        let send = async |to: &str| {
            let yes = ["stranger", "quiet_hours"];
            let text = json!({ "to": to, "body": "On my way", "yes_to": yes, "undo_seconds": 60 });
            let sent = owner.call("send_text", text).await?;
            anyhow::Ok(sent["id"].clone())
        };
        let first = send(PRIYA).await?;
        desktop.close_window()?;
        let one = "1 text has not left yet. If you quit, it waits until you open Ringdesk again.";
        window.says("dialog[open]", one).await?;
        window.pick("dialog[open] button", "Cancel").await?;
        window.gone("dialog[open]").await?;
        let second = send(MARCUS).await?;
        tray.choose("Quit").await?;
        window.says("dialog[open]", "2 texts have not left yet.").await?;
        // Said while it is asked, as they may leave meanwhile.
        for id in [first, second] {
            owner.call("take_back", json!({ "id": id })).await?;
        }
        window.gone("dialog[open] [role=status] p").await?;
        window.pick("dialog[open] button", "Cancel").await?;
        window.gone("dialog[open]").await?;
        // Nothing waits: it ends as the owner said before.
        desktop.close_window()
    };
    // The program ends in the middle of its story, as it was told.
    story(&window).await.expect("the story");
    window.ended().await.expect("it ended");
}

#[tokio::test]
async fn where_no_panel_shows_an_icon_closing_says_how_the_window_comes_back() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    let desk = &desktop;
    let comes_back = "start Ringdesk again to see its window";
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        desk.close_window()?;
        window.says("dialog[open]", comes_back).await?;
        window.pick("dialog[open] button", "Cancel").await?;
        window.gone("dialog[open]").await?;
        let _tray = Tray::start(desk.bus()).await?;
        desk.close_window()?;
        window.says("dialog[open]", "Keep receiving texts?").await?;
        let said = "return !document.querySelector('dialog[open]').textContent.includes('start Ringdesk')";
        window.until(said).await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn what_shows_notifications_may_be_started_anew() {
    let owner = Owner::new().await.expect("an owner");
    let (mut desktop, _tray) = desktop(&owner).await;
    let window = open(&desktop, &owner).await;
    window.says(".placard", "Connected").await.expect("a line");
    owner.text(PRIYA, "Are you open?").await.expect("a text");
    desktop.told("(415) 555-0123").await.expect("it is told");
    // It counts from one again, and says nothing of what it showed before.
    desktop.notifications().await.expect("notifications");
    let desk = &desktop;
    let story = async |window: &Window| {
        owner.text(MARCUS, "The tap drips").await?;
        desk.told("(415) 555-0176").await?;
        owner.text(PRIYA, "Hello?").await?;
        assert_eq!(desk.told("(415) 555-0123 (2 new)").await?, "Hello?");
        desk.shows(2).await?;
        // Each leads to the conversation it is about, and takes no other with it.
        desk.click_notification().await?;
        window.says("h2", "(415) 555-0176").await?;
        desk.shows(1).await?;
        desk.click_notification().await?;
        window.says("h2", "(415) 555-0123").await?;
        desk.shows(0).await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn what_comes_before_notifications_are_shown_is_told_once_they_are() {
    ringdesk_tests::end_if_stuck();
    let owner = Owner::new().await.expect("an owner");
    let mut desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let tray = Tray::start(desktop.bus()).await.expect("a panel");
    let story = async {
        let _hidden = desktop.run(&owner.program(), &owner.arguments(&["--hidden"]))?;
        owner.answers().await?;
        let grade = async || {
            let checkup = owner.call("doctor", json!({})).await?;
            let checks = checkup["checks"].as_array().cloned().unwrap_or_default();
            let check = checks.into_iter().find(|check| check["id"] == "notifications");
            anyhow::Ok(check.unwrap_or_default()["grade"].clone())
        };
        while grade().await? != "warn" {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        owner.text(MARCUS, "The tap drips").await?;
        // Nobody has shown it by now.
        tray.says("1 unread").await?;
        desktop.notifications().await?;
        assert_eq!(desktop.told("(415) 555-0176").await?, "The tap drips");
        desktop.shows(1).await
    };
    let told = tokio::time::timeout(std::time::Duration::from_secs(120), story).await;
    told.expect("the story got stuck").expect("the story");
}
