//! Texts are words, whatever stands in them.

use crate::{text_arrives, window};
use ringdesk_tests::desktop::Window;
use serde_json::json;

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
    let shells: [fn(&str) -> String; 3] =
        [|mark| mark.to_owned(), |mark| format!("\"'>{mark}"), |mark| mark.to_uppercase()];
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
        window.settled().await?;
        // As numbers, since the driver's own letters cannot be all there are.
        let shown = "return [...document.querySelectorAll('.bubble')].map((one) =>
            [...one.textContent].map((letter) => letter.codePointAt(0)))";
        let shown: Vec<Vec<u32>> = serde_json::from_value(window.run(shown).await?)?;
        // The timeline shows the newest sixty.
        assert!(shown.len() >= 60, "{}", shown.len());
        for (shown, body) in shown.iter().rev().zip(bodies.iter().rev()) {
            let shown: String = shown.iter().filter_map(|point| char::from_u32(*point)).collect();
            assert_eq!(&shown, body, "shown as it came");
        }
        let broken = "return [...document.querySelectorAll('main, section, .timeline, .rows, body')]
            .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.tagName)";
        assert_eq!(window.run(broken).await?, json!([]), "nothing is wider than its place");
        assert_eq!(window.run("return window.hasRun === true").await?, false, "nothing ran");
        assert_eq!(window.run("return window.violations").await?, json!([]), "nothing was even tried");
        let strange = "return document.querySelectorAll('.timeline :is(script, iframe, object, svg script, style, \
            form, input, video, details, math, base, meta, link)').length";
        assert_eq!(window.run(strange).await?, 0);
        // The program still answers its keys.
        window.run("document.activeElement.blur()").await?;
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
