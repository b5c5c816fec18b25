//! The panel of the desktop, where icons of running programs are.

/// Whether a panel shows icons of running programs now; a plain GNOME has none.
#[cfg(target_os = "linux")]
pub async fn panel_shows_icons() -> bool {
    let patience = std::time::Duration::from_secs(2);
    matches!(tokio::time::timeout(patience, has_host()).await, Ok(Ok(true)))
}

/// Whether this system shows icons of running programs; it does.
#[cfg(not(target_os = "linux"))]
#[allow(clippy::unused_async, reason = "on Linux a panel is asked")]
pub async fn panel_shows_icons() -> bool {
    true
}

/// Source: the freedesktop `StatusNotifierItem` specification, `org.freedesktop.StatusNotifierWatcher`.
#[cfg(target_os = "linux")]
async fn has_host() -> zbus::Result<bool> {
    let name = "org.kde.StatusNotifierWatcher";
    let bus = zbus::Connection::session().await?;
    let watcher = zbus::Proxy::new(&bus, name, "/StatusNotifierWatcher", name).await?;
    watcher.get_property("IsStatusNotifierHostRegistered").await
}
