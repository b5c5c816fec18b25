//! The same window in a normal browser, against a headless host.

use crate::{access::looks_accessible, keys::PRIYA};
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_tests::{
    desktop::{Desktop, Window},
    host::{ACCOUNT, Host, TOKEN},
    owner::LINE,
};

/// A headless host with a line, as a browser finds it.
pub(crate) struct Hosted {
    // Ended before the Twilio it asks.
    _host: Host,
    twilio: Sandbox,
    /// The address of its page.
    pub(crate) page: String,
    /// What opens its desk.
    pub(crate) token: String,
}

impl Hosted {
    pub(crate) async fn start() -> Self {
        ringdesk_tests::end_if_stuck();
        let config = Config { account_sid: ACCOUNT.into(), auth_token: TOKEN.into(), ..Config::practice() };
        let twilio = Sandbox::start(config).await.expect("a pretend Twilio");
        let host = Host::start(twilio.url()).await.expect("a host");
        host.point_here().await.expect("pointed");
        let page = format!("http://{}/", host.api().expect("an address"));
        let token = std::fs::read_to_string(host.data_dir().join("api-token")).expect("a token");
        Self { _host: host, twilio, page, token }
    }

    /// A customer texts.
    pub(crate) async fn text(
        &self,
        from: &str,
        words: &str,
        pictures: &[(String, Vec<u8>)],
    ) -> anyhow::Result<()> {
        let (_, status) = self.twilio.text_from(from, LINE, words, pictures).await;
        anyhow::ensure!(status == Some(200), "the text was answered with {status:?}");
        Ok(())
    }
}

#[tokio::test]
async fn the_window_works_in_a_browser_with_the_token_pasted_once() {
    let hosted = Hosted::start().await;
    let desktop = Desktop::start("1280x800").await.expect("a desktop");
    let window = desktop.browse(&hosted.page).await.expect("a browser");
    let story = async |window: &Window| {
        window.write("#token", "not the token").await?;
        window.enter("#token").await?;
        window.says(".notice", "That is not its token").await?;
        looks_accessible(window, "the token of a browser").await?;
        window.run("document.querySelector('#token').select()").await?;
        window.write("#token", &hosted.token).await?;
        window.enter("#token").await?;
        window.says(".empty", "Nobody is waiting on you").await?;
        // What arrives is there by itself, pictures included.
        let picture = ("image/png".to_owned(), ringdesk_tests::office::png());
        hosted.text(PRIYA, "Is this the right tap?", &[picture]).await?;
        window.says("[data-conversation]", "Is this the right tap?").await?;
        window.click("[data-conversation]").await?;
        window.until("return document.querySelector('img[data-attachment]')?.naturalWidth === 1").await?;
        window.write("form textarea", "It is!").await?;
        window.enter("form textarea").await?;
        window.find(".out[data-status=delivered]").await?;
        // Once is enough for this browser.
        window.goto(&hosted.page).await?;
        window.says("[data-conversation]", "It is!").await?;
        hosted.text(PRIYA, "Thanks", &[]).await?;
        window.says("[data-conversation]", "Thanks").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
