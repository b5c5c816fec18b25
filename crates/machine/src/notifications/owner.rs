//! Who shows notifications. They come and go while we run, as a panel that is started anew does, and count
//! from one again: a number of the one before means something else to the next.

use futures_util::StreamExt;
use zbus::{
    Connection,
    fdo::{DBusProxy, NameOwnerChangedStream},
};

/// Whoever shows notifications, watched on a connection of its own.
pub(super) struct Owner(NameOwnerChangedStream);

impl Owner {
    pub(super) async fn watched() -> zbus::Result<Self> {
        let bus = DBusProxy::new(&Connection::session().await?).await?;
        let name = "org.freedesktop.Notifications";
        Ok(Self(bus.receive_name_owner_changed_with_args(&[(0, name)]).await?))
    }

    /// Waits until they show notifications no more.
    pub(super) async fn left(&mut self) {
        while let Some(change) = self.0.next().await {
            // One that was just started, perhaps by what we asked of it, takes over from nobody.
            if change.args().is_ok_and(|change| change.old_owner().is_some()) {
                return;
            }
        }
        // So did the bus.
    }
}
