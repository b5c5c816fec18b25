//! Texts are words, whatever stands in them.

use crate::{
    elsewhere,
    fitting::{LARGE_WORDS, SMALL, USUAL, becomes},
    key, shows_texts, text_arrives, window,
};
use fantoccini::key::Key;
use ringdesk_tests::desktop::Window;
use serde_json::json;

/// What no words become, wherever they are shown.
const STRANGE: &str = "script, iframe, object, style, form, input, video, details, math, base, meta, link, h1, \
    img, a, svg";

/// Opens each request of the log, and names those in which something is more than words, or wider than its place.
const REQUESTS: &str = "const done = arguments[0];
    const drawn = () => new Promise((draw) => requestAnimationFrame(() => requestAnimationFrame(draw)));
    const look = async () => {
        const found = [];
        for (const row of document.querySelectorAll('[data-webhook] .main')) {
            row.click();
            await drawn();
            const odd = document.querySelectorAll('.detail :is(STRANGE)').length;
            const wide = [...document.querySelectorAll('#health, #health .card, #health .detail')]
                .filter((one) => one.scrollWidth > one.clientWidth + 1).length;
            if (odd > 0 || wide > 0 || !document.querySelector('.detail td')) found.push(row.id);
        }
        return found;
    };
    look().then(done, (error) => done(String(error)))";

/// A hundred bodies that would do something anywhere else.
fn bodies() -> Vec<String> {
    let marks = [
        "<script>ran()</script>",
        "<img src=x onerror=ran()>",
        "<svg onload=ran()>",
        "<svg><script>ran()</script></svg>",
        "<iframe srcdoc='<script>parent.ran()</script>'></iframe>",
        "<a href='javascript:ran()'>press</a>",
        "javascript:ran()",
        "data:text/html,<script>ran()</script>",
        "<style>*{display:none}</style>",
        "<link rel=stylesheet href=//127.0.0.1:9/x.css>",
        "<base href=//127.0.0.1:9/>",
        "<meta http-equiv=refresh content='0;url=javascript:ran()'>",
        "<form action=javascript:ran()><button autofocus onfocus=ran()>",
        "<math><mi xlink:href='javascript:ran()'>x</mi></math>",
        "<details open ontoggle=ran()>",
        "<video><source onerror=ran()></video>",
        "<object data='javascript:ran()'></object>",
        "<input autofocus onfocus=ran()>",
        "</p></li></ol></div><h1>outside</h1>",
        "<!--><img src=x onerror=ran()>-->",
    ];
    // Markup may be written in capitals; what it calls may not.
    let capitals = |mark: &str| mark.to_uppercase().replace("PARENT.", "parent.").replace("RAN()", "ran()");
    let shells: [fn(&str) -> String; 3] = [|mark| mark.to_owned(), |mark| format!("\"'>{mark}"), capitals];
    let odd = [
        "{{constructor.constructor('ran()')()}}".to_owned(),
        "${ran()}".to_owned(),
        "{@html '<img src=x onerror=ran()>'}".to_owned(),
        "%3Cscript%3Eran()%3C/script%3E".to_owned(),
        "&lt;script&gt;ran()&lt;/script&gt;".to_owned(),
        "\u{202E}txet eht nrut\u{202C}".to_owned(),
        "\u{2066}\u{2067}\u{2068}isolates".to_owned(),
        "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}".repeat(40),
        "o\u{489}".repeat(300),
        "W".repeat(10_000),
        "👩‍👩‍👧‍👦".repeat(60),
        "🇩".repeat(301),
        "\u{200D}\u{200B}\u{FEFF}\u{2060}".repeat(50),
        "\u{0}\u{1}\u{7}\u{8}\u{1B}[31m".to_owned(),
        "line\n".repeat(300),
        "\t".repeat(400),
        "\u{FDFD}".repeat(100),
        "ﷺ".repeat(100),
        "a\u{0301}\u{0328}".repeat(400),
        "مرحبا hello שלום world".to_owned(),
    ];
    let mut bodies: Vec<String> =
        shells.iter().flat_map(|shell| marks.iter().map(move |mark| shell(mark))).chain(odd).collect();
    // As links, which become buttons.
    bodies.extend((0..20).map(|n| format!("http://127.0.0.1:9/{}?{}", "x/".repeat(n * 20), marks[n])));
    bodies
}

/// Nothing in these places is more than words and what we mark in them, and nothing is wider than its place.
async fn stays_words(window: &Window, view: &str, words: &str, ours: &str) -> anyhow::Result<()> {
    window.find(words).await?;
    let odd = format!(
        "return [...document.querySelectorAll('{words} *')].filter((one) => !one.matches('{ours}'))
             .map((one) => one.outerHTML.slice(0, 100))"
    );
    let odd = window.run(&odd).await?;
    anyhow::ensure!(odd == json!([]), "{view} holds {odd}");
    stays_in_place(window, view).await
}

async fn stays_in_place(window: &Window, view: &str) -> anyhow::Result<()> {
    let wide = "const places = 'body, main, section, .timeline, .rows, #inbox .results, dialog[open], #find-list';
        return [...document.querySelectorAll(places)]
            .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.tagName)";
    let wide = window.run(wide).await?;
    anyhow::ensure!(wide == json!([]), "{view} is wider than its place: {wide}");
    Ok(())
}

/// The same where they are found, and where what came is listed.
async fn stay_words_elsewhere(window: &Window) -> anyhow::Result<()> {
    window.write("#inbox [role=search] input", "ran").await?;
    window.find("[data-found] mark").await?;
    stays_words(window, "the search", "[data-found] .words", "mark").await?;
    key(window, Key::Escape).await?;
    window.gone("[data-found]").await?;
    window.keys(&[Key::Control], "k").await?;
    window.write("dialog[open] [role=combobox]", "ran").await?;
    window.find("dialog[open] [role=option] mark").await?;
    stays_words(window, "the search for anything", "dialog[open] .cut", "mark").await?;
    key(window, Key::Escape).await?;
    window.gone("dialog[open]").await?;
    window.keys(&[Key::Control], "4").await?;
    window.pick(".segments button", "What Twilio sent").await?;
    window.find("[data-webhook]").await?;
    stays_in_place(window, "the log").await?;
    let found = window.waits(&REQUESTS.replace("STRANGE", STRANGE)).await?;
    anyhow::ensure!(found == json!([]), "requests of the log: {found}");
    window.keys(&[Key::Control], "1").await?;
    window.find("#timeline .bubble").await.map(|_| ())
}

#[tokio::test]
async fn a_hundred_hostile_bodies_stay_words_and_break_nothing() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(window, "Hello").await?;
        let watch = "window.ran = () => { window.hasRun = true }; window.violations = [];
            addEventListener('securitypolicyviolation', (event) => window.violations.push(event.blockedURI))";
        window.run(watch).await?;
        let bodies = bodies();
        assert_eq!(bodies.len(), 100);
        for body in &bodies {
            window.customer_texts("+14155550176", body).await?;
        }
        let last =
            "return document.querySelector('.timeline li:last-child')?.textContent.includes('x/x/x/x/')";
        window.until(last).await?;
        shows_texts(window, bodies.len() + 1).await?;
        window.settled().await?;
        // As numbers, since the driver's own letters cannot be all there are.
        let shown = "return [...document.querySelectorAll('.bubble')].map((one) =>
            [...one.textContent].map((letter) => letter.codePointAt(0)))";
        let shown: Vec<Vec<u32>> = serde_json::from_value(window.run(shown).await?)?;
        // The first one said hello.
        for (shown, body) in shown.iter().skip(1).zip(&bodies) {
            let shown: String = shown.iter().filter_map(|point| char::from_u32(*point)).collect();
            assert_eq!(&shown, body, "shown as it came");
        }
        stays_words(window, "the timeline", ".bubble", "button.link").await?;
        // Beside the bubbles stand our own signs, which are drawn as SVG.
        let strange = format!("return document.querySelectorAll('#timeline :is({STRANGE}):not(svg)').length");
        assert_eq!(window.run(&strange).await?, 0);
        becomes(window, SMALL).await?;
        stays_in_place(window, "a small window").await?;
        stay_words_elsewhere(window).await?;
        becomes(window, LARGE_WORDS).await?;
        stays_in_place(window, "large words").await?;
        becomes(window, USUAL).await?;
        assert_eq!(window.run("return window.hasRun === true").await?, false, "nothing ran");
        assert_eq!(window.run("return window.violations").await?, json!([]), "nothing was even tried");
        // What does run is noticed, and so is what is kept from it.
        let trap = "const script = document.createElement('script');
            script.textContent = 'ran()'; document.body.append(script)";
        window.run(trap).await?;
        window.until("return window.hasRun === true || window.violations.length > 0").await?;
        // The program still answers its keys.
        elsewhere(window).await?;
        window.press("r").await?;
        window.press("Fine, thanks").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=delivered]").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn the_page_may_load_and_run_nothing_from_elsewhere() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(
            window,
            "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
        )
        .await?;
        window.settled().await?;
        assert_ne!(window.run("return document.title").await?, "owned");
        let inline = "const script = document.createElement('script');
            script.textContent = 'window.ran = true'; document.body.append(script); return window.ran === true";
        assert_eq!(window.run(inline).await?, false);
        let reach = "return fetch('http://127.0.0.1:9/').then(() => 'reached', (error) => error.name)";
        assert_eq!(window.run(reach).await?, "TypeError");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
