//! Everybody can use it: what axe-core finds in each view.

use crate::text_arrives;
use ringdesk_tests::{
    desktop::{Desktop, Window},
    programs::{program, repository},
};

/// What axe-core objects to on the page, in both themes.
async fn looks_accessible(window: &Window, view: &str) -> anyhow::Result<()> {
    let axe = std::fs::read_to_string(repository().join("ui/node_modules/axe-core/axe.min.js"))?;
    for theme in ["light", "dark"] {
        window.theme(Some(theme)).await?;
        let script = format!(
            "{axe}; return window.axe.run(document, {{ resultTypes: ['violations'] }}).then((found) =>
             found.violations.map((rule) => rule.id + ': ' + rule.nodes.map((node) => node.html).join(' | ')))"
        );
        let found = window.run(&script).await?;
        anyhow::ensure!(found == serde_json::json!([]), "{view}, {theme}: {found}");
    }
    window.theme(None).await
}

#[tokio::test]
async fn every_view_is_accessible_in_both_themes() {
    ringdesk_tests::end_if_stuck();
    let desktop = Desktop::start("1280x800").await.expect("a desktop");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path").to_owned();
    let window = desktop.open(&program("ringdesk"), &["--data-dir", &path]).await.expect("a window");
    let story = async |window: &Window| {
        window.find(".choice").await?;
        looks_accessible(window, "welcome").await?;
        window.pick(".choice", "Connect my Twilio account").await?;
        window.write("#sid", "AC1").await?;
        window.write("#token", "x").await?;
        window.enter("#token").await?;
        window.says(".notice", "doesn't look like an Account SID").await?;
        looks_accessible(window, "account").await?;
        window.pick("button", "Back").await?;
        window.pick(".choice", "Try it with a practice line").await?;
        window.says(".empty", "Nobody is waiting on you").await?;
        looks_accessible(window, "empty inbox").await?;
        text_arrives(window, "Look at https://example.test/boiler please").await?;
        window.write("form textarea", "Will do").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=delivered]").await?;
        window.run("document.activeElement.blur()").await?;
        window.press("i").await?;
        window.says(".panel .consent", "Happy to get texts").await?;
        looks_accessible(window, "conversation and contact").await?;
        window.press("i").await?;
        window.pick(".quick button", "STOP").await?;
        window.says(".closed", "has opted out").await?;
        looks_accessible(window, "opted out").await?;
        window.write("[role=search] input", "boiler").await?;
        window.find("[data-found]").await?;
        looks_accessible(window, "search").await?;
        window.write("[role=search] input", " zzz").await?;
        window.says("[role=region]", "Nothing found").await?;
        looks_accessible(window, "nothing found").await?;
        window.run("document.activeElement.blur()").await?;
        window.press("e").await?;
        window.says(".done", "is put away").await?;
        window.press("?").await?;
        window.find("dialog[open]").await?;
        looks_accessible(window, "keys").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
