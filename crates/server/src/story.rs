//! A customer's short story on the practice line, played while somebody watches.

use ringdesk_desk::Desk;
use ringdesk_sandbox::Sandbox;
use serde_json::json;
use std::time::Duration;

/// Who the story is about.
const MARCUS: &str = "+14155550176";
const JOEL: &str = "+14155530003";

/// Plays it: a text, a picture, our answer, a number that is switched off, and a STOP. `picture` is
/// what the customer photographs, as PNG.
pub async fn play(desk: &Desk, line: &Sandbox, ours: &str, picture: Vec<u8>) {
    let pause = || tokio::time::sleep(Duration::from_secs(3));
    let photo = ("image/png".to_owned(), picture);
    pause().await;
    line.text_from(
        MARCUS,
        ours,
        "Hi, it’s Marcus. The kitchen tap drips again. Could you come by this week?",
        &[],
    )
    .await;
    pause().await;
    line.text_from(MARCUS, ours, "", &[photo]).await;
    pause().await;
    answer(desk, MARCUS, "Thanks for the picture. Sam is about 15 minutes out.").await;
    pause().await;
    line.text_from(JOEL, ours, "Joel here, please call me back", &[]).await;
    answer(desk, JOEL, "Hi Joel, we just tried you.").await;
    pause().await;
    line.text_from("+14155550123", ours, "STOP", &[]).await;
}

async fn answer(desk: &Desk, to: &str, words: &str) {
    if let Err(error) = desk.call("send_text", json!({ "to": to, "body": words })).await {
        tracing::warn!(code = error.code, "the story could not go on");
    }
}
