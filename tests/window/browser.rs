//! The same window in a normal browser, against a headless host.

use crate::access::looks_accessible;
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    host::{ACCOUNT, Host, TOKEN},
    owner::LINE,
};

const PRIYA: &str = "+14155550123";

#[tokio::test]
async fn the_window_works_in_a_browser_with_the_token_pasted_once() {
    ringdesk_tests::end_if_stuck();
    let config = Config { account_sid: ACCOUNT.into(), auth_token: TOKEN.into(), ..Config::practice() };
    let twilio = Sandbox::start(config).await.expect("a pretend Twilio");
    let host = Host::start(twilio.url()).await.expect("a host");
    host.point_here().await.expect("pointed");
    let page = format!("http://{}/", host.api().expect("an address"));
    let token = std::fs::read_to_string(host.data_dir().join("api-token")).expect("a token");
    let desktop = Desktop::start("1280x800").await.expect("a desktop");
    let window = desktop.browse(&page).await.expect("a browser");
    let says = async |words: &str, pictures: &[(String, Vec<u8>)]| {
        let (_, status) = twilio.text_from(PRIYA, LINE, words, pictures).await;
        anyhow::ensure!(status == Some(200), "the text was answered with {status:?}");
        anyhow::Ok(())
    };
    let story = async |window: &Window| {
        window.write("#token", "not the token").await?;
        window.enter("#token").await?;
        window.says(".notice", "That is not its token").await?;
        looks_accessible(window, "the token of a browser").await?;
        window.run("document.querySelector('#token').select()").await?;
        window.write("#token", &token).await?;
        window.enter("#token").await?;
        window.says(".empty", "Nobody is waiting on you").await?;
        // What arrives is there by itself, pictures included.
        says("Is this the right tap?", &[("image/png".into(), ringdesk_tests::office::png())]).await?;
        window.says("[data-conversation]", "Is this the right tap?").await?;
        window.click("[data-conversation]").await?;
        window.until("return document.querySelector('img[data-attachment]')?.naturalWidth === 1").await?;
        window.write("form textarea", "It is!").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=delivered]").await?;
        // Once is enough for this browser.
        window.goto(&page).await?;
        window.says("[data-conversation]", "It is!").await?;
        says("Thanks", &[]).await?;
        window.says("[data-conversation]", "Thanks").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
