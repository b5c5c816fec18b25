//! The one window.

use tauri::{AppHandle, WebviewUrl, WebviewWindowBuilder};

/// Opens it. Links in it go nowhere: it shows our own page and nothing else.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("Ringdesk")
        .inner_size(1280.0, 800.0)
        .min_inner_size(640.0, 480.0)
        .disable_drag_drop_handler()
        .on_navigation(|url| matches!(url.scheme(), "tauri") || url.host_str() == Some("tauri.localhost"))
        .build()?;
    Ok(())
}
