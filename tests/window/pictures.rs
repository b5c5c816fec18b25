//! Pictures come from other programs: pasted, and dragged onto the window.

use crate::{text_arrives, window};
use fantoccini::key::Key;
use ringdesk_tests::{desktop::Window, hand::Hand, office::png};

#[tokio::test]
async fn pictures_are_pasted_and_dropped_from_other_programs() {
    let (desktop, folder, window) = window().await;
    let display = desktop.display();
    let story = async |window: &Window| {
        text_arrives(window, "Hello").await?;
        let attached = |count: u32| {
            format!(
                "return [...document.querySelectorAll('form li img')].filter((one) => one.naturalWidth > 0).length === {count}"
            )
        };
        let copied = Hand::copied(display, "image/png", png())?;
        window.click("form textarea").await?;
        window.keys(&[Key::Control], "v").await?;
        window.until(&attached(1)).await?;
        drop(copied);

        let file = folder.path().join("leak under the sink.png");
        std::fs::write(&file, png())?;
        Hand::file(display, &file)?.drop_on_window().await?;
        window.until(&attached(2)).await?;
        // What is no picture is refused, and said.
        let file = folder.path().join("words.txt");
        std::fs::write(&file, "just words")?;
        Hand::file(display, &file)?.drop_on_window().await?;
        window.find(".notice").await?;
        window.pick("form button", "Send").await?;
        window.find(".out[data-status=delivered] img").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
