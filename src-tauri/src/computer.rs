//! This computer, as a check-up asks for it: the password safe, sound, notifications, and starting by itself.
//! What takes its time is looked at now and then.

use crate::{front::blocking, office::Open, window::Page};
use ringdesk_domain::Moment;
use ringdesk_inbox::{Computer, Look, Safe};
use ringdesk_machine::{Keychain, KeychainError};
use std::{
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};
use tauri::{AppHandle, Manager};
use tauri_plugin_autostart::ManagerExt;
use tokio::sync::Mutex;

/// How long a look into a safe that gave what it keeps counts, and into one that did not: each look at a locked
/// one may ask its owner to open it.
const OPEN: Duration = Duration::from_secs(10 * 60);
const SHUT: Duration = Duration::from_secs(60);
/// How long a look at loudspeakers and notifications counts.
const FRESH: Duration = Duration::from_secs(15);
/// Longest wait for any of them.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was seen, and when.
type Seen<T> = Arc<Mutex<Option<(Instant, T)>>>;

#[derive(Clone)]
struct Eyes {
    app: AppHandle,
    /// The office keeps the look, so the look does not keep the office.
    open: Weak<Open>,
    safe: Seen<Safe>,
    outputs: Seen<Option<usize>>,
    notifications: Seen<Option<bool>>,
}

/// How this computer is looked at for an office.
pub(crate) fn look(app: AppHandle, open: &Arc<Open>) -> Look {
    let eyes = Eyes {
        app,
        open: Arc::downgrade(open),
        safe: Seen::default(),
        outputs: Seen::default(),
        notifications: Seen::default(),
    };
    Arc::new(move || -> Pin<Box<dyn Future<Output = Computer> + Send>> {
        let eyes = eyes.clone();
        Box::pin(async move { eyes.look().await })
    })
}

impl Eyes {
    async fn look(self) -> Computer {
        let Some(open) = self.open.upgrade() else { return Computer::default() };
        let credentials = open.in_use.credentials();
        let (kept, folder) = (open.safe.clone(), open.folder.clone());
        drop(open);
        let (safe, outputs, notifications) =
            tokio::join!(self.safe(kept, folder), self.outputs(), self.notifications());
        Computer {
            safe: Some(safe),
            token_since: credentials.kept_at_ms.map(Moment),
            second_token: credentials.secondary_auth_token.is_some(),
            outputs,
            notifications,
            starts_itself: self.app.autolaunch().is_enabled().ok(),
        }
    }

    async fn safe(&self, kept: Safe, folder: PathBuf) -> Safe {
        if kept != Safe::Keychain {
            return kept;
        }
        let mut seen = self.safe.lock().await;
        if let Some((at, safe)) = &*seen {
            let counts = if *safe == Safe::Keychain { OPEN } else { SHUT };
            if at.elapsed() < counts {
                return safe.clone();
            }
        }
        let keychain = Keychain::of(&folder);
        let read = tokio::time::timeout(PATIENCE, blocking(move || keychain.read())).await;
        let safe = match read {
            Ok(Ok(Ok(Some(_)))) => Safe::Keychain,
            Ok(Ok(Ok(None))) => Safe::Missing,
            Ok(Ok(Err(KeychainError::Absent))) => Safe::Absent,
            // One that waits for its owner's password is as good as locked.
            Ok(Ok(Err(KeychainError::Locked | KeychainError::Failed(_))) | Err(_)) | Err(_) => Safe::Locked,
        };
        *seen = Some((Instant::now(), safe.clone()));
        safe
    }

    async fn outputs(&self) -> Option<usize> {
        let mut seen = self.outputs.lock().await;
        if let Some((at, outputs)) = *seen
            && at.elapsed() < FRESH
        {
            return outputs;
        }
        let asked = tokio::time::timeout(PATIENCE, blocking(ringdesk_sound::outputs)).await;
        let outputs = asked.ok().and_then(Result::ok).map(|outputs| outputs.len());
        *seen = Some((Instant::now(), outputs));
        outputs
    }

    async fn notifications(&self) -> Option<bool> {
        let mut seen = self.notifications.lock().await;
        if let Some((at, there)) = *seen
            && at.elapsed() < FRESH
        {
            return there;
        }
        let page = self.app.state::<Page>();
        let there = tokio::time::timeout(PATIENCE, page.notifications.there()).await.ok();
        *seen = Some((Instant::now(), there));
        there
    }
}
