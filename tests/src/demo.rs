//! The customer's short story.
use ringdesk_tests::{
    desktop::Desktop,
    programs::{program, repository},
};
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let desktop = Desktop::start("1280x800").await?;
    let dir = tempfile::tempdir()?;
    let w = desktop
        .open(&program("ringdesk"), &["--practice", "--data-dir", dir.path().to_str().unwrap_or("")])
        .await?;
    let out = repository().join("target/demo");
    w.find("aside input").await?;
    w.picture(&out.join("0-empty.png")).await?;
    w.write("aside input", "Hi, it’s Marcus. The kitchen tap drips again. Could you come by this week?")
        .await?;
    w.enter("aside input").await?;
    w.find("[data-conversation]").await?;
    w.picture(&out.join("1-row.png")).await?;
    w.click("[data-conversation]").await?;
    w.find("form textarea").await?;
    w.says("aside .quick button", "photo").await?.click().await?;
    w.find("[data-attachment]").await?;
    w.write("form textarea", "On our way. Sam is about 15 minutes out.").await?;
    w.picture(&out.join("2-draft.png")).await?;
    w.enter("form textarea").await?;
    w.find(".state.clock").await?;
    w.picture(&out.join("3-undo.png")).await?;
    w.find("[data-status=delivered]").await?;
    w.picture(&out.join("4-delivered.png")).await?;
    w.theme(Some("dark")).await?;
    w.picture(&out.join("5-dark.png")).await?;
    w.theme(None).await?;
    w.close().await?;
    Ok(())
}
