//! Somebody connects their account and is led to a working line, and out of everything that goes wrong on the
//! way there.

use crate::{connects, newcomer, open};
use anyhow::Context;
use fantoccini::key::Key;
use ringdesk_machine::tunnel::Program;
use ringdesk_sandbox::{Config, Fault, PhoneBehavior, Sandbox};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    owner::{LINE, Owner},
    programs::program,
    tray::Tray,
    tunnels::StandIn,
};
use serde_json::json;

const PRIYA: &str = "+14155550123";
const HELEN: &str = "+14155550161";
/// The owner's own mobile.
const NORA: &str = "+14155550107";

pub(crate) const WAY: &str = "Making sure calls can find you";
pub(crate) const WAYS: &str = "How should calls and texts find this computer?";
pub(crate) const POINT: &str = "Point your numbers here";
pub(crate) const HOURS: &str = "Where calls ring, and when you’re open";
pub(crate) const GREETING: &str = "What callers hear";
pub(crate) const BACKUP: &str = "While this computer sleeps";
pub(crate) const TEST: &str = "Say hello to yourself";
pub(crate) const RULES: &str = "Before you text customers";

/// Waits until a page of the setup is shown.
pub(crate) async fn turns_to(window: &Window, title: &str) -> anyhow::Result<()> {
    window.says("h1", title).await.map(|_| ())
}

/// Presses the button that goes on, once it does.
pub(crate) async fn goes_on(window: &Window, words: &str) -> anyhow::Result<()> {
    window.pick("footer .primary:not([aria-disabled=true])", words).await
}

/// Clicks what holds these words, wherever on a page of the setup it lies: the foot of the page may be over it.
pub(crate) async fn presses(window: &Window, css: &str, words: &str) -> anyhow::Result<()> {
    window.says(css, words).await?;
    let script = format!(
        "[...document.querySelectorAll('{css}')].find((one) => one.textContent.includes('{words}'))
             ?.scrollIntoView({{ block: 'center' }})"
    );
    window.run(&script).await?;
    window.pick(css, words).await
}

/// Types something else into a field.
pub(crate) async fn retypes(window: &Window, css: &str, words: &str) -> anyhow::Result<()> {
    window.run(&format!("document.querySelector('{css}').select()")).await?;
    window.write(css, words).await
}

/// Waits until a knock came through, and says to which address.
pub(crate) async fn address(window: &Window) -> anyhow::Result<String> {
    window.find("[data-check=knock].pass").await?;
    let said = window.run("return document.querySelector('dd code').textContent").await?;
    Ok(said.as_str().context("an address")?.to_owned())
}

/// Waits until a knock came through a tunnel to another address than before, and says to which.
pub(crate) async fn address_of(window: &Window, tunnel: &StandIn, before: &str) -> anyhow::Result<String> {
    let other = format!(
        "const now = document.querySelector('dd code')?.textContent ?? '';
         return now.startsWith('http') && now !== '{before}'"
    );
    window.until(&other).await?;
    let now = address(window).await?;
    let opened = tunnel.last_start()?.address;
    anyhow::ensure!(opened.as_ref() == Some(&now), "{now} is not {opened:?}");
    Ok(now)
}

/// An address of this computer where nobody listens.
pub(crate) fn nobodys() -> anyhow::Result<String> {
    let port = ringdesk_tests::free_port()?;
    Ok(format!("https://localhost:{port}"))
}

/// The program was killed with its window, and could not end its tunnel.
pub(crate) async fn ends(tunnel: &StandIn) -> anyhow::Result<()> {
    let start = tunnel.last_start()?;
    if start.is_there().await? { start.kill().await } else { Ok(()) }
}

/// Waits until these checks found nothing wrong.
async fn passes(window: &Window, checks: &[&str]) -> anyhow::Result<()> {
    for check in checks {
        window.find(&format!("[data-check={check}][data-grade=pass]")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn from_an_empty_folder_to_the_first_text_and_call_with_nothing_typed_but_credentials() {
    let (mut desktop, owner) = newcomer(Config { demo_urls: true, ..Config::practice() }).await;
    desktop.notifications().await.expect("notifications");
    // Its folder is the first that programs are looked for in.
    let tunnel = StandIn::within(desktop.home(), Program::Cloudflared).expect("a stand-in");
    let window = open(&desktop, &owner).await;
    let (desk, tunnel) = (&desktop, &tunnel);
    let story = async |window: &Window| {
        window.pick(".choice", "Connect my Twilio account").await?;
        connects(window, owner.twilio.credentials()).await?;
        window.says("h1", "Which numbers are your business lines?").await?;
        window.says(".number", "(500) 555-0006").await?;
        window.says(".tip", "It plays a Twilio demo message.").await?;
        goes_on(window, "Use this number").await?;

        turns_to(window, WAY).await?;
        let before = address(window).await?;
        presses(window, "main button", "Choose another way").await?;
        turns_to(window, WAYS).await?;
        window.find("input[value=cloudflare_quick]:checked").await?;
        goes_on(window, "Use this way").await?;
        turns_to(window, WAY).await?;
        let there = address_of(window, tunnel, &before).await?;
        goes_on(window, "Continue").await?;

        turns_to(window, POINT).await?;
        window.says(".changes .before", "a Twilio demo message").await?;
        window.says(".changes .after", "this computer").await?;
        goes_on(window, "Set it up for me").await?;
        window.says(".tip", "Read again at Twilio: every one of them is set as it should be.").await?;
        anyhow::ensure!(owner.twilio.number(LINE)["SmsUrl"].starts_with(&there), "texts go to the tunnel");
        goes_on(window, "Continue").await?;

        turns_to(window, HOURS).await?;
        goes_on(window, "Continue").await?;
        turns_to(window, GREETING).await?;
        goes_on(window, "Continue").await?;
        turns_to(window, BACKUP).await?;
        goes_on(window, "Set up the sleep backup").await?;
        window.says(".tip", "It is made, and nobody has heard it yet.").await?;
        goes_on(window, "Continue").await?;

        turns_to(window, TEST).await?;
        window.says(".call", "No call yet").await?;
        // By then the page knows which calls there were before.
        window.desk("calls", json!({ "limit": 1 })).await?;
        window.settled().await?;
        owner.rings_in_vain(HELEN).await;
        window.says(".call", "Your call came in.").await?;
        goes_on(window, "Continue").await?;
        turns_to(window, RULES).await?;
        window.find("[data-check=a2p]").await?;
        presses(window, "button", "Add it to my greetings").await?;
        window.says(".told", "Your greetings say it.").await?;
        goes_on(window, "Done, open my inbox").await?;

        window.says(".placard", "Connected").await?;
        window.says("[data-conversation]", "(415) 555-0161").await?;
        owner.text(PRIYA, "Are you open today?").await?;
        window.says("[data-conversation]", "Are you open today?").await?;
        window.keys(&[Key::Control], "4").await?;
        window.says("h1", "Line check-up").await?;
        passes(window, &["credentials", "keychain", "reachable", "webhooks", "overrides"]).await?;
        passes(window, &["last_event", "signatures", "receipts"]).await?;
        window.says("[data-check=fallback][data-grade=warn]", "nobody has heard it yet").await?;

        // A passing address moves with every start; the line follows, and it is said once.
        tunnel.last_start()?.kill().await?;
        desk.told("Your line is back").await?;
        let back = tunnel.last_start()?.address.context("an address")?;
        anyhow::ensure!(owner.twilio.number(LINE)["SmsUrl"].starts_with(&back), "texts follow");
        owner.text(PRIYA, "Still open?").await?;
        window.keys(&[Key::Control], "1").await?;
        window.says("[data-conversation]", "Still open?").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
    ends(tunnel).await.expect("nothing is left");
}

#[tokio::test]
async fn each_step_says_what_is_wrong_and_leads_out_of_it() {
    let key = (format!("SK{}", "5".repeat(32)), "TheSecretOfTheKey".to_owned());
    let config = Config { api_key: Some(key.clone()), ..Config::practice() };
    let (mut desktop, owner) = newcomer(config).await;
    desktop.notifications().await.expect("notifications");
    let tray = Tray::start(desktop.bus()).await.expect("a panel");
    let tunnel = StandIn::within(desktop.home(), Program::Cloudflared).expect("a stand-in");
    owner.twilio.set_service("Reminders", &[("InboundRequestUrl", "https://app.example.com/in")], &[LINE]);
    let window = open(&desktop, &owner).await;
    let (desk, tunnel, tray) = (&desktop, &tunnel, &tray);
    let story = async |window: &Window| {
        wrong_credentials(window, owner.twilio.credentials(), &key).await?;
        window.says(".overrides", "Messaging Service “Reminders”").await?;
        presses(window, ".number", "").await?;
        goes_on(window, "Use the picked numbers").await?;
        window.says(".notice", "Pick at least one number.").await?;
        presses(window, ".number", "").await?;
        goes_on(window, "Use this number").await?;
        wrong_address(window, tunnel, tray).await?;
        overridden(window, &owner).await?;
        turns_to(window, HOURS).await?;
        goes_on(window, "Continue").await?;
        turns_to(window, GREETING).await?;
        goes_on(window, "Continue").await?;
        backup_by_hand(window, &owner).await?;
        nobody_answers_the_test(window, &owner).await?;
        turns_to(window, RULES).await?;
        goes_on(window, "Done, open my inbox").await?;
        window.says(".placard", "Connected").await?;
        window.keys(&[Key::Control], "4").await?;
        passes(window, &["reachable", "webhooks", "overrides", "fallback"]).await?;
        window.keys(&[Key::Control], "1").await?;
        moves(window, &owner, (desk, tray), tunnel).await
    };
    desktop.tell(window, story).await;
    ends(tunnel).await.expect("nothing is left");
}

/// First a wrong token, then a wrong key.
async fn wrong_credentials(
    window: &Window,
    (sid, token): (&str, &str),
    (key, secret): &(String, String),
) -> anyhow::Result<()> {
    window.pick(".choice", "Connect my Twilio account").await?;
    connects(window, (sid, "not-the-token")).await?;
    window.says(".notice", "Twilio doesn't accept this account and token together").await?;
    retypes(window, "#token", token).await?;
    presses(window, "summary", "Advanced").await?;
    presses(window, "button", "Use an API key as well").await?;
    window.write("#key-sid", key).await?;
    window.write("#key-secret", "not-the-secret").await?;
    window.enter("#key-secret").await?;
    let wrong = "Twilio doesn't accept this API key. The account and its token are fine.";
    window.says(".notice", wrong).await?;
    retypes(window, "#key-secret", secret).await?;
    window.enter("#key-secret").await?;
    window.says("h1", "Which numbers are your business lines?").await.map(|_| ())
}

/// An address nobody answers at, then a tunnel whose program ends and does not come back at once.
async fn wrong_address(window: &Window, tunnel: &StandIn, tray: &Tray) -> anyhow::Result<()> {
    turns_to(window, WAY).await?;
    address(window).await?;
    presses(window, "main button", "Choose another way").await?;
    presses(window, "summary", "Other ways").await?;
    presses(window, ".way", "An address of my own").await?;
    window.write("input[inputmode=url]", "http://phone.example.com").await?;
    goes_on(window, "Use this way").await?;
    window.says("[role=alert]", "It begins with https://").await?;
    let nobodys = nobodys()?;
    retypes(window, "input[inputmode=url]", &nobodys).await?;
    goes_on(window, "Use this way").await?;
    window.says("[data-check=knock].fail", "Nobody answers at the address.").await?;
    window.says("[data-check=knock].fail", "Check that the tunnel or the router").await?;
    tray.says("Customers can’t reach you").await?;
    presses(window, "[data-check=knock] button", "Choose another way").await?;
    presses(window, ".way", "Let Ringdesk set it up").await?;
    // Whoever chose before decided that, too: they want to be asked.
    window.find("[aria-label='Follow a new address by itself']:not(:checked)").await?;
    goes_on(window, "Use this way").await?;
    let first = address_of(window, tunnel, &nobodys).await?;
    tunnel.control(&json!({ "fail": "exit" }))?;
    tunnel.last_start()?.kill().await?;
    window.says("[data-check=path].fail", "cloudflared ended by itself.").await?;
    window.says("[data-check=path].fail", "It is started again by itself.").await?;
    tunnel.control(&json!({}))?;
    address_of(window, tunnel, &first).await?;
    goes_on(window, "Continue").await
}

/// A Messaging Service takes the texts, and Twilio refuses the first change.
async fn overridden(window: &Window, owner: &Owner) -> anyhow::Result<()> {
    turns_to(window, POINT).await?;
    window.says(".overrides", "takes its texts to app.example.com").await?;
    window.says(".overrides", "Let this number's own address win.").await?;
    owner.twilio.fault(Fault::NumberUpdateRefused);
    goes_on(window, "Set it up for me").await?;
    window.says(".notice", "Twilio refused to change the number ending in 0006.").await?;
    goes_on(window, "Set it up for me").await?;
    window.says(".tip", "Your numbers point here.").await?;
    window.gone(".overrides").await?;
    owner.text(PRIYA, "Now it reaches you").await?;
    goes_on(window, "Continue").await
}

/// The account may not have a flow: a TwiML Bin does instead, and is heard on the second try.
async fn backup_by_hand(window: &Window, owner: &Owner) -> anyhow::Result<()> {
    turns_to(window, BACKUP).await?;
    owner.twilio.fault(Fault::StudioForbidden);
    goes_on(window, "Set up the sleep backup").await?;
    window.says(".tip", "Twilio doesn't let Ringdesk make it on this account.").await?;
    window.says("h3", "Make it at Twilio, in three steps").await?;
    presses(window, "li button", "Copy").await?;
    window.says(".told", "Copied.").await?;
    let field = "form input[inputmode=url]";
    window.write(field, "https://example.com/bin").await?;
    window.enter(field).await?;
    window.says(".notice", "That isn't the address of a TwiML Bin.").await?;
    let document = window.find("pre").await?.prop("textContent").await?.context("a document")?;
    retypes(window, field, &owner.twilio.twiml_bin(&document)).await?;
    window.enter(field).await?;
    window.says(".tip", "It is made, and nobody has heard it yet.").await?;
    let listens = PhoneBehavior::Answers { after_s: 1, talks_s: 60, presses: None };
    owner.twilio.set_phone(NORA, listens);
    window.write(".try input[type=tel]", "(415) 555-0107").await?;
    for (heard, said) in [
        ("Nothing came", "Then it can’t be relied on yet."),
        ("I heard it", "Twilio takes voicemail when this computer is off."),
    ] {
        presses(window, ".try button", "Call me with it").await?;
        window.says(".try [role=status]", "Your phone rings now. Pick up and listen.").await?;
        presses(window, ".try button", heard).await?;
        window.says(".notice, .tip.good", said).await?;
    }
    goes_on(window, "Continue").await
}

/// The first mobile is switched off.
async fn nobody_answers_the_test(window: &Window, owner: &Owner) -> anyhow::Result<()> {
    turns_to(window, TEST).await?;
    let field = "form input[type=tel]";
    let even = "const high = (one) => document.querySelector(one)?.offsetHeight;
        return high('form') > 0
            && ['form input', 'form button'].every((one) => high(one) === high('footer button'))";
    window.until(even).await?;
    window.write(field, "(415) 553-0003").await?;
    presses(window, "form button", "Send a text").await?;
    window.says(".notice", "The phone is off").await?;
    retypes(window, field, "(415) 555-0107").await?;
    presses(window, "form button", "Send again").await?;
    window.find("[data-status=delivered]").await?;
    owner.text(NORA, "It works").await?;
    window.says(".tip", "Your line works in both directions.").await?;
    goes_on(window, "Continue").await
}

/// The tunnel comes back elsewhere, and its owner is asked before the line follows.
async fn moves(
    window: &Window,
    owner: &Owner,
    (desktop, tray): (&Desktop, &Tray),
    tunnel: &StandIn,
) -> anyhow::Result<()> {
    tunnel.last_start()?.kill().await?;
    desktop.told("Your line moved").await?;
    tray.says("something needs you").await?;
    window.says(".placard", "Your line posts to an old address").await?;
    let (_, answer) = owner.twilio.text_from(PRIYA, LINE, "Nobody is there", &[]).await;
    anyhow::ensure!(answer.is_none(), "the old address answered with {answer:?}");
    window.pick(".placard .act", "Point it here").await?;
    window.says(".toast", "Your lines point here again.").await?;
    owner.text(PRIYA, "Hello again").await?;
    window.says("[data-conversation]", "Hello again").await.map(|_| ())
}

#[tokio::test]
async fn an_account_without_a_number_is_told_where_to_get_one() {
    ringdesk_tests::end_if_stuck();
    let mut desktop = Desktop::start("1280x800").await.expect("a desktop");
    desktop.safe(true).await.expect("a password safe");
    let folder = tempfile::tempdir().expect("a folder");
    let none = Config { numbers: Vec::new(), ..Config::practice() };
    let twilio = Sandbox::start(none.clone()).await.expect("a pretend Twilio");
    // Where it is for good, so that a number can come while the page waits.
    let one = Config { listen: twilio.address(), numbers: vec![LINE.to_owned()], ..none };
    let url = twilio.url().to_owned();
    let path = folder.path().to_str().expect("a path").to_owned();
    let arguments = ["--data-dir", &path, "--twilio-url", &url, "--listen", "127.0.0.1:0"];
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let desk = &desktop;
    let story = async |window: &Window| {
        window.pick(".choice", "Connect my Twilio account").await?;
        connects(window, twilio.credentials()).await?;
        window.says(".tip", "There is no number on this account yet").await?;
        window.pick(".tip button", "Get a number at Twilio").await?;
        let opened = desk.opened().await?;
        anyhow::ensure!(opened.starts_with("https://console.twilio.com/"), "{opened}");
        twilio.stop().await;
        let _bought = Sandbox::start(one).await?;
        window.pick(".tip button", "Look again").await?;
        window.says(".number", "(500) 555-0006").await?;
        goes_on(window, "Use this number").await?;
        turns_to(window, WAY).await
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn whoever_stops_half_way_goes_on_where_they_were() {
    let (desktop, owner) = newcomer(Config::practice()).await;
    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        window.pick(".choice", "Connect my Twilio account").await?;
        connects(window, owner.twilio.credentials()).await?;
        goes_on(window, "Use this number").await?;
        turns_to(window, WAY).await?;
        goes_on(window, "Continue").await?;
        turns_to(window, POINT).await?;
        goes_on(window, "Set it up for me").await?;
        window.says(".tip", "Your numbers point here.").await?;
        goes_on(window, "Continue").await?;
        turns_to(window, HOURS).await
    };
    // The program is killed in the middle of it.
    desktop.tell(window, story).await;

    let window = open(&desktop, &owner).await;
    let story = async |window: &Window| {
        turns_to(window, HOURS).await?;
        window.says("[aria-current=step]", "Hours").await?;
        for done in ["Account", "Number", "Reach"] {
            window.says(".steps .done", done).await?;
        }
        window.pick("footer button", "Skip this step").await?;
        turns_to(window, GREETING).await?;
        window.pick("footer button", "Back").await?;
        turns_to(window, HOURS).await?;
        window.pick("footer button", "Skip this step").await?;
        turns_to(window, GREETING).await?;
        window.pick("footer button", "Finish later").await?;
        window.says(".placard", "Connected").await?;
        // Later is whenever they like, at the first step nobody went past.
        window.keys(&[Key::Control], ",").await?;
        window.pick(".sections button", "Lines").await?;
        window.pick("button", "Start the setup").await?;
        turns_to(window, GREETING).await?;
        window.pick("footer button", "Finish later").await?;
        window.says(".placard", "Connected").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
