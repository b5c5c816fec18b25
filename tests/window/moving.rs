//! What holds still: rows somebody points at, and everything for whoever wants nothing to move.

use crate::{elsewhere, key, window};
use fantoccini::key::Key;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    programs::program,
};
use serde_json::json;

const PRIYA: &str = "+14155550123";
const MARCUS: &str = "+14155550176";
const JOEL: &str = "+14155550199";

/// Keeps in the page whatever moved for longer than nobody sees.
const WATCH: &str = "window.moved = [];
    addEventListener('animationstart', ({ animationName }) => window.moved.push(animationName), true);
    const look = () => {
        for (const { effect } of document.getAnimations()) {
            const { duration } = effect.getComputedTiming();
            if (duration > 1) window.moved.push(`${effect.target?.className}: ${duration} ms`);
        }
        requestAnimationFrame(look);
    };
    look()";

/// The conversations of the list, from its top.
async fn listed(window: &Window) -> anyhow::Result<Vec<String>> {
    let rows = "return [...document.querySelectorAll('#inbox [data-conversation]')]
        .map((row) => row.dataset.conversation)";
    Ok(serde_json::from_value(window.run(rows).await?)?)
}

#[tokio::test]
async fn no_row_moves_while_somebody_points_at_it() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        window.find("aside input").await?;
        for (who, words) in [(PRIYA, "Could you quote a radiator?"), (MARCUS, "The tap drips")] {
            window.customer_texts(who, words).await?;
            window.says("[data-conversation]", words).await?;
        }
        let before = listed(window).await?;
        anyhow::ensure!(before.len() == 2, "{before:?}");
        let (marcus, priya) = (&before[0], &before[1]);
        let (x, y) = window.point_at(&format!("[data-conversation='{priya}']")).await?;
        let pointed = format!(
            "return document.elementFromPoint({x}, {y})?.closest('[data-conversation]')?.dataset.conversation"
        );
        assert_eq!(window.run(&pointed).await?, priya.as_str());

        window.customer_texts(JOEL, "Are you open?").await?;
        window.says(".rows [role=status]", "It appears when you move away.").await?;
        // What is in a row may change where it is.
        window.customer_texts(PRIYA, "Or two of them?").await?;
        window.says(&format!("[data-conversation='{priya}'] .preview"), "Or two of them?").await?;
        window.settled().await?;
        assert_eq!(window.run(&pointed).await?, priya.as_str(), "it is still under the pointer");
        assert_eq!(listed(window).await?, before);

        window.point_at("#inbox-title").await?;
        window.gone(".rows [role=status]").await?;
        window.says("[data-conversation] .preview", "Are you open?").await?;
        let after = listed(window).await?;
        anyhow::ensure!(after.len() == 3 && after[0] == *priya && after[2] == *marcus, "{after:?}");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn nothing_moves_for_whoever_wants_no_motion() {
    ringdesk_tests::end_if_stuck();
    let desktop = Desktop::start("1280x800").await.expect("a desktop");
    desktop.without_motion().expect("what the owner wants");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path").to_owned();
    let arguments = ["--practice", "--data-dir", &path];
    let window = desktop.open(&program("ringdesk"), &arguments).await.expect("a window");
    let still = "return document.getAnimations().length === 0";
    let story = async |window: &Window| {
        window.find("aside input").await?;
        window.until("return matchMedia('(prefers-reduced-motion: reduce)').matches").await?;
        window.customer_texts(PRIYA, "Could you quote a radiator?").await?;
        window.says("[data-conversation]", "Could you quote a radiator?").await?;
        window.run(WATCH).await?;
        window.press("j").await?;
        window.says(".bubble", "Could you quote a radiator?").await?;
        window.until(still).await?;
        // Where things move, what was just written rises.
        window.press("r").await?;
        window.press("Gladly").await?;
        key(window, Key::Enter).await?;
        window.find(".out[data-status=delivered]").await?;
        window.until(still).await?;
        elsewhere(window).await?;
        window.press("n").await?;
        window.says("dialog[open] h2", "New text").await?;
        window.until(still).await?;
        key(window, Key::Escape).await?;
        window.gone("dialog[open]").await?;
        assert_eq!(window.run("return window.moved").await?, json!([]), "nothing moved in between");
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
