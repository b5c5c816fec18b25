//! Several lines: which of them is shown, and to which of them somebody wrote.

use crate::{access::looks_accessible, elsewhere, fitting::SMALL, key, open, tabs_to};
use fantoccini::key::Key;
use ringdesk_sandbox::Config;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::{LINE, Owner},
};

/// The owner's other number. Neither has a name.
const OTHER: &str = "+15005550007";
const PRIYA: &str = "+14155550123";
const HELEN: &str = "+14155550161";
const MARCUS: &str = "+14155550176";

/// What opens the list of lines, as it is heard.
const SWITCH: &str = "Which line to show";

/// Whether so many rows are shown, each with all of who wrote. What is cut by less than a pixel counts, too: an
/// ellipsis takes whole letters all the same.
const WHOLE: &str = "const whole = (name) => {
        const alone = name.parentElement.appendChild(name.cloneNode(true));
        Object.assign(alone.style, { position: 'absolute', inlineSize: 'max-content' });
        const wanted = alone.getBoundingClientRect().width;
        alone.remove();
        return name.scrollWidth <= name.clientWidth && wanted <= name.getBoundingClientRect().width + 0.01;
    };
    const names = [...document.querySelectorAll('[data-conversation] .name')];";

/// Somebody with two numbers whose texts and calls go to this computer.
async fn owner() -> Owner {
    let numbers = vec![LINE.to_owned(), OTHER.to_owned()];
    let owner = Owner::newcomer(Config { numbers, ..Config::practice() }).await.expect("an owner");
    let arguments = owner.arguments(&[]);
    let listen = arguments.iter().skip_while(|one| *one != "--listen").nth(1).expect("where it listens");
    let at = |path: &str| format!("http://{listen}/phone/twilio{path}");
    let ways = [
        ("SmsUrl", at("/sms/inbound")),
        ("VoiceUrl", at("/voice/inbound")),
        ("VoiceFallbackUrl", at("/voice/fallback")),
        ("StatusCallback", at("/voice/status")),
    ];
    let ways = ways.each_ref().map(|(name, url)| (*name, url.as_str()));
    for line in [LINE, OTHER] {
        assert!(owner.twilio.set_number(line, &ways), "{line} is a number of the account");
    }
    owner
}

/// A customer texts one of the lines.
async fn texts(owner: &Owner, from: &str, line: &str, words: &str) -> anyhow::Result<()> {
    let (_, status) = owner.twilio.text_from(from, line, words, &[]).await;
    anyhow::ensure!(status == Some(200), "the text was answered with {status:?}");
    Ok(())
}

/// So many rows are shown, and nobody's number is cut.
async fn rows(window: &Window, count: usize) -> anyhow::Result<()> {
    window.until(&format!("{WHOLE} return names.length === {count} && names.every(whole)")).await
}

/// The list of lines is opened, and has the focus.
async fn asks(window: &Window) -> anyhow::Result<()> {
    tabs_to(window, SWITCH).await?;
    key(window, Key::Enter).await?;
    window.find("dialog[open] [role=listbox]").await?;
    window.until("return document.activeElement?.getAttribute('role') === 'listbox'").await
}

/// What Enter would choose.
async fn would_choose(window: &Window, words: &str) -> anyhow::Result<()> {
    window.says("dialog[open] [role=option][aria-selected=true]", words).await.map(|_| ())
}

/// The list of lines is closed, and what opened it has the focus again.
async fn closed(window: &Window) -> anyhow::Result<()> {
    window.gone("dialog[open]").await?;
    window.until("return document.activeElement?.matches('nav .line button') === true").await
}

#[tokio::test]
async fn a_line_is_chosen_by_keys_alone_and_nobodys_number_is_cut() {
    ringdesk_tests::end_if_stuck();
    let owner = owner().await;
    let desktop = Desktop::start_with("1280x800", &owner.environment()).await.expect("a desktop");
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.says(".placard", "Connected").await?;
        texts(&owner, PRIYA, LINE, "Are you open today?").await?;
        texts(&owner, HELEN, OTHER, "The boiler is out again").await?;
        texts(&owner, MARCUS, OTHER, "The tap drips").await?;
        rows(window, 3).await?;
        window.says("[data-conversation] .name", "(415) 555-0123").await?;
        for (words, line) in [("Are you open today?", "…0006"), ("The tap drips", "…0007")] {
            let row = window.says("[data-conversation]", words).await?;
            let said = row.prop("textContent").await?.unwrap_or_default();
            anyhow::ensure!(said.contains(line), "{said} came to {line}");
        }
        window.says("nav .who", "All lines").await?;
        window.says(".chip", "Unread 3").await?;
        looks_accessible(window, "rows of several lines").await?;
        let (width, height, _) = SMALL;
        window.size(width, height).await?;
        rows(window, 3).await?;
        window.size(1280, 800).await?;

        elsewhere(window).await?;
        asks(window).await?;
        would_choose(window, "All lines together").await?;
        window.find("dialog[open] [role=option]:nth-child(1) [aria-label='1 unread']").await?;
        window.find("dialog[open] [role=option]:nth-child(2) [aria-label='2 unread']").await?;
        looks_accessible(window, "which line to show").await?;
        key(window, Key::Up).await?;
        would_choose(window, "(500) 555-0007").await?;
        key(window, Key::Enter).await?;
        closed(window).await?;
        window.says("nav .who", "(500) 555-0007").await?;
        window.says(".chip", "Unread 2").await?;
        rows(window, 2).await?;
        // Whose customers they are is said once, above.
        window.gone("[data-conversation] .line").await?;
        window.find("nav .section [aria-label='3 unread']").await?;
        looks_accessible(window, "one of several lines").await?;

        // What comes to another line does not come between.
        texts(&owner, MARCUS, LINE, "Is this the right number?").await?;
        window.find("nav .section [aria-label='4 unread']").await?;
        rows(window, 2).await?;
        asks(window).await?;
        would_choose(window, "(500) 555-0007").await?;
        window.find("dialog[open] [role=option]:nth-child(1) [aria-label='2 unread']").await?;
        key(window, Key::Home).await?;
        would_choose(window, "(500) 555-0006").await?;
        key(window, Key::Escape).await?;
        closed(window).await?;
        window.says("nav .who", "(500) 555-0007").await?;

        asks(window).await?;
        key(window, Key::End).await?;
        would_choose(window, "All lines together").await?;
        key(window, Key::Enter).await?;
        closed(window).await?;
        rows(window, 4).await?;
        window.says(".chip", "Unread 4").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
