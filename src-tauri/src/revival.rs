//! The page has a process of its own, which the system or a fault of the web view may end. Linux's web view
//! leaves it to us what comes then: the page begins anew, unless it ends over and over.

use crate::{sound::Sound, window::Page};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tauri::{Manager, WebviewWindow};
use webkit2gtk::WebViewExt;

/// Ended so often within this time, the page waits until the owner asks for the window.
const MOST: usize = 3;
const WITHIN: Duration = Duration::from_secs(60);

/// When the page's process ended of late.
#[derive(Debug, Default)]
struct Ends {
    times: Vec<Instant>,
    waits: bool,
}

impl Ends {
    /// It ended. Whether the page may begin anew by itself.
    fn may_begin(&mut self, now: Instant) -> bool {
        self.times.retain(|then| now.duration_since(*then) < WITHIN);
        self.times.push(now);
        self.waits = self.times.len() >= MOST;
        !self.waits
    }

    /// The owner asks for the window. Whether the page waited for that.
    fn asked_for(&mut self) -> bool {
        std::mem::take(&mut self.waits)
    }
}

#[derive(Default)]
struct Revival(Mutex<Ends>);

impl Revival {
    fn ends(&self) -> MutexGuard<'_, Ends> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has the window's page begin anew whenever its process ended.
pub(crate) fn watch(window: &WebviewWindow) {
    // There already where the window is opened again.
    window.manage(Revival::default());
    let app = window.app_handle().clone();
    let watched = window.with_webview(move |web| {
        web.inner().connect_web_process_terminated(move |view, reason| {
            tracing::warn!(?reason, "the window's page ended");
            app.state::<Page>().gone();
            app.state::<Sound>().gone();
            if app.state::<Revival>().ends().may_begin(Instant::now()) {
                view.reload();
            } else {
                tracing::error!("the window's page ends over and over; it stays blank until it is asked for");
            }
        });
    });
    if let Err(error) = watched {
        tracing::warn!(%error, "a page that ends stays blank");
    }
}

/// The owner asks for the window: a page that waited for that begins anew.
pub(crate) fn asked_for(window: &WebviewWindow) -> tauri::Result<()> {
    let waited = window.try_state::<Revival>().is_some_and(|revival| revival.ends().asked_for());
    if waited { window.reload() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_ends_over_and_over_waits_for_its_owner() {
        let (mut ends, began) = (Ends::default(), Instant::now());
        let after = |seconds| began + Duration::from_secs(seconds);
        assert!(!ends.asked_for(), "nothing ended");
        assert!(ends.may_begin(after(0)) && ends.may_begin(after(30)));
        assert!(!ends.asked_for(), "it began anew by itself");
        assert!(ends.may_begin(after(61)), "the first is long ago");
        assert!(!ends.may_begin(after(62)));
        assert!(ends.asked_for());
        assert!(!ends.asked_for(), "once");
        assert!(!ends.may_begin(after(63)), "asked for, it ended again");
        assert!(ends.may_begin(after(200)) && !ends.asked_for());
    }
}
