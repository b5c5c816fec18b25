//! What is around the inbox: settings, finding anything, new texts, notes, templates, pictures.

use crate::{access::looks_accessible, elsewhere, key, one, tabs_back_to, text_arrives, window};
use fantoccini::key::Key;
use ringdesk_tests::desktop::Window;

#[tokio::test]
async fn settings_take_effect_and_are_there_after_a_restart() {
    let (desktop, folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(window, "Hello").await?;
        elsewhere(window).await?;
        window.keys(&[Key::Control], ",").await?;
        window.write("#business-name", "Bell & Daughter").await?;
        window.enter("#business-name").await?;
        window.says("nav .who", "Bell & Daughter").await?;
        window.says(".saved", "Saved").await?;
        window.pick(".sections button", "Texts").await?;
        // Late texts: off is off, and stays off.
        window.click("[aria-label='Late texts']").await?;
        window.gone("[aria-label='Late texts, from']").await?;
        let kept = window.desk("settings", serde_json::json!({})).await?;
        assert_eq!(kept["texts"]["quiet_hours"]["from"], kept["texts"]["quiet_hours"]["to"]);
        window.pick("button", "Ctrl Enter").await?;
        window.find("[aria-label='Send with'] button:nth-child(2)[aria-pressed=true]").await?;
        window.pick(".sections button", "Look").await?;
        window.pick("button", "Dark").await?;
        window.find("html[data-theme=dark]").await?;
        window.find("#size option[value='150']").await?.click().await?;
        window.until("return getComputedStyle(document.documentElement).fontSize === '24px'").await?;
        window.click("[aria-label='Single-letter keys']").await?;
        window.until("return !document.querySelector('[aria-label=\"Single-letter keys\"]').checked").await?;
        window.pick(".sections button", "Lines").await?;
        window.says(".number", "(500) 555-0006").await?;
        window.write("#service", "nonsense").await?;
        window.enter("#service").await?;
        window.says(".setting p", "That is none").await?;
        window.find("#service[aria-invalid=true]").await?;
        let kept = window.desk("settings", serde_json::json!({})).await?;
        assert!(kept["texts"]["messaging_service_sid"].is_null(), "nothing was changed");
        // Letters do nothing now; keys with Ctrl do.
        window.keys(&[Key::Control], "1").await?;
        window.says("h2#open-title", "(415) 555-0176").await?;
        elsewhere(window).await?;
        window.press("e").await?;
        window.settled().await?;
        window.find("[data-conversation]").await?;
        // Enter begins a new line, with Ctrl it sends.
        window.write("form textarea", "One").await?;
        window.enter("form textarea").await?;
        window.write("form textarea", "two").await?;
        window.until("return document.querySelector('form textarea').value === 'One\\ntwo'").await?;
        window.write("form textarea", &format!("{}{}", one(Key::Control), one(Key::Enter))).await?;
        window.says(".out .bubble", "two").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
    let path = folder.path().to_str().expect("a path").to_owned();
    let again = ["--practice", "--data-dir", &path];
    let window =
        desktop.open(&ringdesk_tests::programs::program("ringdesk"), &again).await.expect("a window");
    let story = async |window: &Window| {
        window.says("nav .who", "Bell & Daughter").await?;
        window.find("html[data-theme=dark]").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn anything_is_found_and_done_by_keys_alone() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        window.find("aside input").await?;
        window.customer_texts("+14155550176", "The kitchen tap drips").await?;
        window.says("[data-conversation]", "The kitchen tap drips").await?;
        window.press("j").await?;
        window.says(".bubble", "The kitchen tap drips").await?;
        // At any hour of the day.
        let never = serde_json::json!({ "texts": { "quiet_hours": { "from": "00:00", "to": "00:00" } } });
        window.desk("apply_settings", never).await?;
        window.customer_texts("+14155550123", "Could you quote a radiator?").await?;
        window.says("[data-conversation]", "radiator").await?;
        // People and words.
        window.keys(&[Key::Control], "k").await?;
        window.write("dialog[open] [role=combobox]", "radi").await?;
        window.says("dialog[open] [role=option] mark", "radiator").await?;
        window.enter("dialog[open] [role=combobox]").await?;
        window.says(".sought .bubble", "Could you quote a radiator?").await?;
        // Acts, by arrows.
        window.keys(&[Key::Control], "k").await?;
        window.write("dialog[open] [role=combobox]", "note").await?;
        window.says("[role=option][aria-selected=true]", "Write a note").await?;
        window.enter("dialog[open] [role=combobox]").await?;
        // A note to ourselves, removed and put back.
        window.press("Ask for the size").await?;
        key(window, Key::Enter).await?;
        window.says("li.note .body", "Ask for the size").await?;
        tabs_back_to(window, "Remove this note").await?;
        key(window, Key::Enter).await?;
        window.gone("li.note .body").await?;
        window.says(".done", "The note is removed").await?;
        window.keys(&[Key::Control], "z").await?;
        window.says("li.note .body", "Ask for the size").await?;
        // A call is left to the computer's phone program.
        window.press("c").await?;
        assert_eq!(desktop.opened().await?, "tel:+14155550123");
        // Somebody new: the conversation opens, and the first text is asked about.
        window.press("n").await?;
        window.write("#new-to", "nobody").await?;
        window.enter("#new-to").await?;
        window.says("dialog[open] .notice", "number").await?;
        window.run("document.querySelector('#new-to').select()").await?;
        window.write("#new-to", "(415) 555-0199").await?;
        window.enter("#new-to").await?;
        window.says("h2#open-title", "(415) 555-0199").await?;
        window.press("Your parcel is here").await?;
        key(window, Key::Enter).await?;
        window.says("form .notice", "You have never texted with this number.").await?;
        window.says("form .notice button", "Send anyway").await?;
        tabs_back_to(window, "Send anyway").await?;
        key(window, Key::Enter).await?;
        window.find(".out[data-status=delivered]").await?;
        window.keys(&[Key::Control], ",").await?;
        window.says("#section-title", "Your business").await?;
        elsewhere(window).await?;
        window.press(&one(Key::Escape)).await?;
        window.says("h2#open-title", "(415) 555-0199").await?;
        anyhow::Ok(())
    };
    // It borrows the desktop that also closes the window.
    let told = story(&window).await;
    desktop.tell(window, async move |_| told).await;
}

#[tokio::test]
async fn a_template_is_a_slash_away() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(window, "Hello").await?;
        window.write("form textarea", "/").await?;
        window.says("form .none", "No templates yet").await?;
        window.write("form textarea", &one(Key::Escape)).await?;
        window.gone("form .none").await?;
        elsewhere(window).await?;
        window.keys(&[Key::Control], ",").await?;
        window.pick(".sections button", "Texts").await?;
        for (name, body) in [("Hours", "We are open until six."), ("On our way", "Hi {name}, on our way.")] {
            window.pick("button", "Add a template").await?;
            window.write("form.template input", name).await?;
            window.write("form.template textarea", body).await?;
            window.pick("form.template button", "Save template").await?;
            window.find(&format!("[aria-label='Remove the template {name}']")).await?;
        }
        window.keys(&[Key::Control], "1").await?;
        window.write("form textarea", "/").await?;
        window.says(".templates", "We are open until six.").await?;
        window.write("form textarea", &one(Key::Down)).await?;
        window.says(".templates [aria-selected=true]", "On our way").await?;
        window.enter("form textarea").await?;
        // Without a name it says something that fits everybody.
        window
            .until("return document.querySelector('form textarea').value === 'Hi there, on our way.'")
            .await?;
        window.write("form textarea", &format!("{}a", one(Key::Control))).await?;
        window.write("form textarea", "/hou").await?;
        window.says(".templates [aria-selected=true]", "Hours").await?;
        window.write("form textarea", &one(Key::Tab)).await?;
        window
            .until("return document.querySelector('form textarea').value === 'We are open until six.'")
            .await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn pictures_are_dropped_checked_and_looked_at() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(window, "Hello").await?;
        for _ in 0..2 {
            window.pick(".quick button", "Photo").await?;
        }
        window.until("return document.querySelectorAll('button.picture img').length === 2").await?;
        window.click("button.picture").await?;
        window.says("dialog[open] [role=status]", "1 of 2").await?;
        window.press(&one(Key::Right)).await?;
        window.says("dialog[open] [role=status]", "2 of 2").await?;
        window.press(&one(Key::Escape)).await?;
        window.gone("dialog[open]").await?;
        // Dropped on the conversation: what is no picture is refused, what is one is attached.
        let drop = |bytes: &str, kind: &str| {
            format!(
                "const files = new DataTransfer();
                 files.items.add(new File([{bytes}], 'file', {{ type: '{kind}' }}));
                 const at = document.querySelector('#timeline');
                 for (const type of ['dragover', 'drop'])
                     at.dispatchEvent(new DragEvent(type, {{ dataTransfer: files, bubbles: true, cancelable: true }}))"
            )
        };
        window.run(&drop("'just words'", "text/plain")).await?;
        window.find(".notice").await?;
        window.gone("form li").await?;
        let large = "new Uint8Array(6_000_000)";
        window.run(&drop(large, "image/png")).await?;
        window.says("form .notice", "too large to send").await?;
        let pixel = ringdesk_tests::office::png();
        window.run(&drop(&format!("new Uint8Array({pixel:?})"), "image/png")).await?;
        window.find("form li img").await?;
        looks_accessible(window, "a picture that is attached, and one that is too large").await?;
        window.pick("form button", "Send").await?;
        window.find(".out[data-status=delivered] img").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}

#[tokio::test]
async fn nothing_begun_is_lost_and_nothing_unseen_is_read() {
    let (desktop, _folder, window) = window().await;
    let story = async |window: &Window| {
        text_arrives(window, "Hello").await?;
        window.keys(&[Key::Control, Key::Shift], "n").await?;
        window.press("Gate code 4471").await?;
        window.keys(&[Key::Control], ",").await?;
        window.says("#section-title", "Your business").await?;
        // What comes now is not seen, though its conversation was open.
        window.customer_texts("+14155550176", "Are you there?").await?;
        window.says("nav .count", "1").await?;
        window.settled().await?;
        let list = window.desk("conversations", serde_json::json!({ "filter": "unread" })).await?;
        assert_eq!(list["total"], 1);
        window.keys(&[Key::Control], "1").await?;
        window.says(".bubble", "Are you there?").await?;
        window.gone("nav .count").await?;
        window.keys(&[Key::Control, Key::Shift], "n").await?;
        window.until("return document.querySelector('form textarea').value === 'Gate code 4471'").await?;
        window.enter("form textarea").await?;
        window.says("li.note .body", "Gate code 4471").await?;
        // A text that was just sent is what Ctrl Z takes back, for as long as a slow computer may need.
        let longer = serde_json::json!({ "texts": { "undo_seconds": 60 } });
        window.desk("apply_settings", longer).await?;
        window.write("form textarea", "Oops, wrong text").await?;
        window.enter("form textarea").await?;
        window.says(".out .bubble", "Oops").await?;
        let emptied =
            "return document.activeElement.matches('form textarea') && document.activeElement.value === ''";
        window.until(emptied).await?;
        window.keys(&[Key::Control], "z").await?;
        window.gone(".out").await?;
        window.until("return document.querySelector('form textarea').value === 'Oops, wrong text'").await?;
        // Keys reach nothing behind a picture.
        for _ in 0..2 {
            window.pick(".quick button", "Photo").await?;
        }
        window.until("return document.querySelectorAll('button.picture img').length === 2").await?;
        window.click("button.picture").await?;
        window.says("dialog[open] [role=status]", "1 of 2").await?;
        for _ in 0..2 {
            window.click("dialog[open] [aria-label='Next picture']").await?;
        }
        window.press("e").await?;
        window.press(&one(Key::Left)).await?;
        window.says("dialog[open] [role=status]", "1 of 2").await?;
        window.press(&one(Key::Escape)).await?;
        window.gone("dialog[open]").await?;
        window.says("h2#open-title", "(415) 555-0176").await?;
        // Who opted out can still have a note.
        window.pick(".quick button", "STOP").await?;
        window.says(".closed", "has opted out").await?;
        elsewhere(window).await?;
        window.keys(&[Key::Control, Key::Shift], "n").await?;
        window.write("form textarea", "Do not text").await?;
        window.enter("form textarea").await?;
        window.says("li.note .body", "Do not text").await?;
        window.gone("form textarea").await?;
        anyhow::Ok(())
    };
    desktop.tell(window, story).await;
}
