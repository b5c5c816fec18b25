//! Small windows, large ones, and large words.

use crate::{access::looks_accessible, elsewhere, text_arrives, window, window_on};
use fantoccini::key::Key;
use ringdesk_tests::desktop::Window;
use serde_json::json;

/// How wide and how high a window is, and how large its words are, in percent.
pub(crate) type Layout = (u32, u32, u32);

/// As it is opened.
pub(crate) const USUAL: Layout = (1280, 800, 100);
pub(crate) const SMALL: Layout = (960, 640, 100);
pub(crate) const LARGE_WORDS: Layout = (1280, 800, 200);
/// All of a 4K screen.
const LARGE: Layout = (3840, 2160, 100);

/// Gives the window another layout.
pub(crate) async fn becomes(window: &Window, (width, height, percent): Layout) -> anyhow::Result<()> {
    window.desk("apply_settings", json!({ "window": { "text_percent": percent } })).await?;
    window.size(width, height).await?;
    let letter = 16 * percent / 100;
    let so = format!(
        "return outerWidth === {width} && outerHeight === {height}
             && getComputedStyle(document.documentElement).fontSize === '{letter}px'"
    );
    window.until(&so).await?;
    window.settled().await
}

/// Nothing lies beside the window.
async fn fits(window: &Window, view: &str) -> anyhow::Result<()> {
    let page = "const page = document.scrollingElement; return page.scrollWidth <= page.clientWidth";
    anyhow::ensure!(window.run(page).await? == true, "{view} is wider than the window");
    Ok(())
}

/// The main views, with something in each of them, fit these layouts.
async fn all_fit(window: &Window, layouts: &[(Layout, &str)]) -> anyhow::Result<()> {
    text_arrives(window, "Look at https://example.test/boiler please").await?;
    window.write("form textarea", "Will do").await?;
    window.enter("form textarea").await?;
    window.find(".out[data-status=delivered]").await?;
    window.pick(".quick button", "Leave a message").await?;
    window.says("[data-conversation]", "Left a voicemail").await?;
    elsewhere(window).await?;
    let views = [
        ("1", "a conversation", "#timeline .out"),
        ("2", "calls", "#calls [data-call]"),
        ("3", "voicemail", "#voicemail [data-voicemail]"),
        ("4", "check-up", ".found-list:not([aria-busy=true]) [data-check]"),
        ("5", "settings", "#section-title"),
    ];
    for (layout, how) in layouts {
        becomes(window, *layout).await?;
        for (key, view, css) in views {
            window.keys(&[Key::Control], key).await?;
            window.find(css).await?;
            let view = format!("{view} {how}");
            fits(window, &view).await?;
            looks_accessible(window, &view).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_main_views_fit_a_small_window_and_large_words() {
    let (desktop, _folder, window) = window().await;
    let layouts = [(SMALL, "in a small window"), (LARGE_WORDS, "with large words")];
    desktop.tell(window, async |window| all_fit(window, &layouts).await).await;
}

#[tokio::test]
async fn the_main_views_fit_a_large_screen() {
    let (desktop, _folder, window) = window_on("3840x2160").await;
    let layouts = [(LARGE, "on a large screen")];
    desktop.tell(window, async |window| all_fit(window, &layouts).await).await;
}
