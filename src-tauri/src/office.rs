//! Opening and closing the office behind the window: the real line, or a practice line of its own. It
//! lives on a thread of its own, so that no click waits behind a webhook, nor a webhook behind a click.

use ringdesk_inbox::Clock;
use ringdesk_machine::{AccountCredentials, from_environment};
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_server::{Office, Plan};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::Duration,
};
use tauri::{AppHandle, Manager};
use tokio::sync::oneshot;

/// What the window stands on.
pub(crate) struct Open {
    pub(crate) desk: ringdesk_desk::Desk,
    pub(crate) practice: Option<Sandbox>,
    running: Mutex<Option<Running>>,
}

/// The office's thread, and how it is told to close.
struct Running {
    close: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Opens the office. A practice line has a folder of its own inside the data folder.
pub(crate) fn open(data_dir: PathBuf, practice: bool) -> anyhow::Result<Open> {
    let runtime = ringdesk_server::runtime()?;
    let (opened, open) = mpsc::channel();
    let (close, closing) = oneshot::channel();
    let thread = std::thread::Builder::new().name("office".into()).spawn(move || {
        let folder = runtime.block_on(async move {
            let (office, sandbox) = match begin(&data_dir, practice).await {
                Ok(begun) => begun,
                Err(error) => {
                    let _ = opened.send(Err(error));
                    return None;
                }
            };
            if opened.send(Ok((office.desk.clone(), sandbox))).is_ok() {
                // Without a word too, when the window is gone altogether.
                let _ = closing.await;
            }
            Some(office.close().await)
        });
        // A look-up of a name that hangs somewhere must not keep the program.
        runtime.shutdown_timeout(Duration::from_millis(200));
        drop(folder);
    })?;
    let (desk, practice) = open.recv()??;
    Ok(Open { desk, practice, running: Mutex::new(Some(Running { close, thread })) })
}

async fn begin(data_dir: &Path, practice: bool) -> anyhow::Result<(Office, Option<Sandbox>)> {
    let real = if practice { None } else { from_environment() };
    let sandbox = match &real {
        Some(_) => None,
        None => Some(Sandbox::start(Config::practice()).await?),
    };
    let (credentials, twilio_url, listen, folder) = match (&sandbox, real) {
        (Some(sandbox), _) => {
            let (sid, token) = sandbox.credentials();
            let credentials = AccountCredentials {
                account_sid: sid.to_owned(),
                auth_token: token.to_owned().into(),
                secondary_auth_token: None,
                api_key: None,
            };
            (credentials, sandbox.url().to_owned(), 0, data_dir.join("practice"))
        }
        (None, Some(credentials)) => {
            (credentials, "https://api.twilio.com".to_owned(), 8787, data_dir.to_owned())
        }
        (None, None) => anyhow::bail!("no line and no practice line"),
    };
    let office = Office::open(Plan {
        data_dir: folder,
        listen: SocketAddr::from(([127, 0, 0, 1], listen)),
        public_url: std::env::var("RINGDESK_PUBLIC_URL").ok().filter(|_| sandbox.is_none()),
        prefix: "/phone/twilio".into(),
        twilio_url,
        credentials,
        api: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        point_here: sandbox.is_some(),
        clock: Clock::System,
    })
    .await?;
    Ok((office, sandbox))
}

/// Plays a customer's short story while somebody watches.
pub(crate) async fn tell_story(app: AppHandle) {
    let Some(open) = app.try_state::<Open>() else { return };
    let Some(line) = &open.practice else { return };
    // What the customer photographs: the only picture the program carries.
    let picture = include_bytes!("../../icons/128x128.png").to_vec();
    ringdesk_server::story::play(&open.desk, line, "+15005550006", picture).await;
}

/// Closes the office; the window is gone already.
pub(crate) fn close(app: &AppHandle) {
    let Some(open) = app.try_state::<Open>() else { return };
    let running = open.running.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(Running { close, thread }) = running {
        // An office that ended by itself has nothing left to close.
        let _ = close.send(());
        let _ = thread.join();
    }
}
