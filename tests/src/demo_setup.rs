//! Connecting a line, step by step, what is set of it from then on, and the password safe that is locked the next
//! morning.

use crate::{
    demo_album::{Album, DRAWN},
    demo_asides::closes,
};
use fantoccini::key::Key;
use ringdesk_machine::tunnel::Program;
use ringdesk_sandbox::Config;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::{LINE, Owner},
    tunnels::StandIn,
};

/// The owner's own mobile.
const NORA: &str = "+14155550107";

const WAYS: &str = "How should calls and texts find this computer?";
const WAY: &str = "Making sure calls can find you";
const POINT: &str = "Point your numbers here";

/// Every step, and the morning after.
pub(crate) async fn steps(album: &mut Album) -> anyhow::Result<()> {
    let mut desktop = Desktop::start_with("1280x800", &[DRAWN]).await?;
    desktop.safe(true).await?;
    // Its folder is the first that programs are looked for in.
    let tunnel = StandIn::within(desktop.home(), Program::Cloudflared)?;
    let owner = Owner::newcomer(Config { demo_urls: true, ..Config::practice() }).await?;
    let arguments = owner.arguments(&[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let window = desktop.open(&owner.program(), &arguments).await?;
    let told = connects(&window, &owner, album).await;
    window.close().await?;
    // Killed with its window, the program could not end its tunnel.
    if let Ok(start) = tunnel.last_start()
        && start.is_there().await?
    {
        start.kill().await?;
    }
    told?;

    desktop.safe(false).await?;
    let window = desktop.open(&owner.program(), &arguments).await?;
    window.says("h1", "Your password safe is locked").await?;
    album.take(&window, "locked", "The password safe is locked: what to do").await?;
    window.close().await
}

async fn connects(window: &Window, owner: &Owner, album: &mut Album) -> anyhow::Result<()> {
    window.pick(".choice", "Connect my Twilio account").await?;
    let (sid, token) = owner.twilio.credentials();
    window.write("#sid", sid).await?;
    window.write("#token", token).await?;
    window.enter("#token").await?;
    window.says("h1", "Which numbers are your business lines?").await?;
    window.says(".number", "(500) 555-0006").await?;
    album.take(window, "setup-number", "Connecting: which numbers are lines").await?;
    goes_on(window, "Use this number").await?;
    finds_a_way(window, album).await?;

    window.says("h1", POINT).await?;
    window.find(".changes .after").await?;
    album.take(window, "setup-point", "Connecting: what changes at Twilio").await?;
    overridden(window, owner, album).await?;
    goes_on(window, "Set it up for me").await?;
    window.says(".tip", "Your numbers point here.").await?;
    goes_on(window, "Continue").await?;
    window.says("h1", "Where calls ring, and when you’re open").await?;
    window.find("[data-day]").await?;
    album.take(window, "setup-hours", "Connecting: whose phones ring, and when").await?;
    goes_on(window, "Continue").await?;
    window.says("h1", "What callers hear").await?;
    album.take(window, "setup-greeting", "Connecting: what callers hear").await?;
    goes_on(window, "Continue").await?;
    window.says("h1", "While this computer sleeps").await?;
    goes_on(window, "Set up the sleep backup").await?;
    window.says(".tip", "It is made, and nobody has heard it yet.").await?;
    album.take(window, "setup-backup", "Connecting: who answers while the computer sleeps").await?;
    goes_on(window, "Continue").await?;

    window.says("h1", "Say hello to yourself").await?;
    window.write("form input[type=tel]", "(415) 555-0107").await?;
    presses(window, "form button", "Send a text").await?;
    window.find("[data-status=delivered]").await?;
    owner.text(NORA, "It works").await?;
    window.says(".tip", "Your line works in both directions.").await?;
    album.take(window, "setup-test", "Connecting: a text to oneself, and the answer").await?;
    goes_on(window, "Continue").await?;
    window.says("h1", "Before you text customers").await?;
    window.find("[data-check=a2p]").await?;
    album.take(window, "setup-rules", "Connecting: what carriers ask of a business").await?;
    goes_on(window, "Done, open my inbox").await?;
    window.says(".placard", "Connected").await?;
    account(window, album).await
}

/// An application at Twilio takes the number's texts, as the page says when it is shown once more.
async fn overridden(window: &Window, owner: &Owner, album: &mut Album) -> anyhow::Result<()> {
    let application = format!("AP{}", "7".repeat(32));
    let taken = owner.twilio.set_number(LINE, &[("SmsApplicationSid", application.as_str())]);
    anyhow::ensure!(taken, "it is a number of the account");
    window.pick("footer button", "Back").await?;
    window.says("h1", WAY).await?;
    window.find("[data-check=knock].pass").await?;
    goes_on(window, "Continue").await?;
    window.says("h1", POINT).await?;
    window.says(".overrides", "An application at Twilio takes its texts").await?;
    let seen = "Connecting: something at Twilio goes before the number’s own settings";
    album.take_part(window, "setup-overrides", seen, ".overrides").await
}

/// What the settings have of an account, and the first page once there is one.
async fn account(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    window.keys(&[Key::Control], ",").await?;
    window.pick(".sections button", "Lines").await?;
    for part in ["[data-number]", "[data-address=open]", "[data-backup]", "[data-token=one]"] {
        window.find(part).await?;
    }
    album.take(window, "settings-account", "Settings: the account and its lines").await?;
    let token = "[data-token=one]";
    album.take_part(window, "settings-token", "Settings: the account’s token, and a new one", token).await?;
    presses(window, "#settings button", "Disconnect and forget the token").await?;
    window.find("dialog[open] #forget-title").await?;
    album.take(window, "forget-question", "What disconnecting an account means").await?;
    closes(window).await?;
    window.pick(".placard button", "Switch line").await?;
    window.says(".choice", "Open my line").await?;
    album.take(window, "welcome-back", "The first page, where an account is known").await
}

/// The steps about the way from Twilio to this computer.
async fn finds_a_way(window: &Window, album: &mut Album) -> anyhow::Result<()> {
    window.says("h1", WAY).await?;
    window.find("[data-check=knock].pass").await?;
    let before = window.run("return document.querySelector('dd code').textContent").await?;
    presses(window, "main button", "Choose another way").await?;
    window.says("h1", WAYS).await?;
    window.find("input[value=cloudflare_quick]:checked").await?;
    album.take(window, "setup-ways", "Connecting: the ways to this computer").await?;
    let nobodys = finds_nobody(window, album).await?;
    goes_on(window, "Use this way").await?;
    window.says("h1", WAY).await?;
    let other = format!(
        "const now = document.querySelector('dd code')?.textContent ?? '';
         return now.startsWith('http') && now !== {before} && now !== '{nobodys}'"
    );
    window.until(&other).await?;
    window.find("[data-check=knock].pass").await?;
    album.take(window, "setup-reach", "Connecting: a way is open, and a knock came through").await?;
    goes_on(window, "Continue").await
}

/// An address of one's own where nobody answers, and the way back from there. Says which.
async fn finds_nobody(window: &Window, album: &mut Album) -> anyhow::Result<String> {
    let field = "input[inputmode=url]";
    presses(window, "summary", "Other ways").await?;
    presses(window, ".way", "An address of my own").await?;
    window.write(field, "https://desk.example.com").await?;
    album.take_part(window, "setup-own-way", "Connecting: an address of one’s own", field).await?;
    let nobodys = format!("https://localhost:{}", ringdesk_tests::free_port()?);
    window.run(&format!("document.querySelector('{field}').select()")).await?;
    window.write(field, &nobodys).await?;
    goes_on(window, "Use this way").await?;
    window.says("[data-check=knock].fail", "Nobody answers at the address.").await?;
    let seen = "Connecting: nobody answers at the address, and what to do";
    album.take_part(window, "setup-blocked", seen, "[data-check=knock]").await?;
    presses(window, "[data-check=knock] button", "Choose another way").await?;
    window.says("h1", WAYS).await?;
    presses(window, ".way", "Let Ringdesk set it up").await?;
    Ok(nobodys)
}

/// Presses the button that goes on, once it does.
async fn goes_on(window: &Window, words: &str) -> anyhow::Result<()> {
    window.pick("footer .primary:not([aria-disabled=true])", words).await
}

/// Clicks what holds these words, wherever on the page it lies: the foot of the page may be over it.
async fn presses(window: &Window, css: &str, words: &str) -> anyhow::Result<()> {
    window.says(css, words).await?;
    let script = format!(
        "[...document.querySelectorAll('{css}')].find((one) => one.textContent.includes('{words}'))
             ?.scrollIntoView({{ block: 'center' }})"
    );
    window.run(&script).await?;
    window.pick(css, words).await
}
