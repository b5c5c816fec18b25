//! Opening and closing the office behind the window: the owner's line, or a practice line. It
//! lives on a thread of its own, so that no click waits behind a webhook, nor a webhook behind a click.

use crate::front::Start;
use ringdesk_inbox::{Clock, Safe};
use ringdesk_machine::AccountCredentials;
use ringdesk_sandbox::{Config, Sandbox};
use ringdesk_server::{InUse, Office, Plan};
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::oneshot;

/// What the window stands on.
pub(crate) struct Open {
    pub(crate) desk: ringdesk_desk::Desk,
    pub(crate) practice: Option<Sandbox>,
    /// The account as it is used, for whoever changes its tokens.
    pub(crate) in_use: InUse,
    /// Where its credentials are kept.
    pub(crate) safe: Safe,
    /// Where its data is.
    pub(crate) folder: PathBuf,
    /// Whether it has the mail account's password; held while that is read or changed.
    pub(crate) mail_password_known: tokio::sync::Mutex<bool>,
    running: Mutex<Option<Running>>,
}

/// The office's thread, and how it is told to close.
struct Running {
    close: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

/// Whose line.
pub(crate) enum Line {
    /// A pretend one, in a folder of its own.
    Practice,
    /// The owner's, and where its credentials are kept.
    Account(AccountCredentials, Safe),
}

/// Opens the office; not for an async task.
pub(crate) fn open(start: &Start, line: Line) -> anyhow::Result<Open> {
    let runtime = ringdesk_server::runtime()?;
    let (opened, open) = mpsc::channel();
    let (close, closing) = oneshot::channel();
    let safe = match &line {
        Line::Practice => Safe::Practice,
        Line::Account(_, safe) => safe.clone(),
    };
    let start = start.clone();
    let thread = std::thread::Builder::new().name("office".into()).spawn(move || {
        let folder = runtime.block_on(async move {
            let (office, sandbox) = match begin(&start, line).await {
                Ok(begun) => begun,
                Err(error) => {
                    let _ = opened.send(Err(error));
                    return None;
                }
            };
            let data = office.folder().to_owned();
            if opened.send(Ok((office.desk.clone(), sandbox, office.in_use(), data))).is_ok() {
                // Without a word too, when the window is gone altogether.
                let _ = closing.await;
            }
            Some(office.close().await)
        });
        // A look-up of a name that hangs somewhere must not keep the program.
        runtime.shutdown_timeout(Duration::from_millis(200));
        drop(folder);
    })?;
    let (desk, practice, in_use, folder) = open.recv()??;
    let mail_password_known = tokio::sync::Mutex::default();
    let running = Mutex::new(Some(Running { close, thread }));
    Ok(Open { desk, practice, in_use, safe, folder, mail_password_known, running })
}

async fn begin(start: &Start, line: Line) -> anyhow::Result<(Office, Option<Sandbox>)> {
    let plan = |credentials, twilio_url: &str| Plan {
        data_dir: start.data_dir.clone(),
        listen: start.listen,
        public_url: std::env::var("RINGDESK_PUBLIC_URL").ok(),
        unreachable_too: true,
        prefix: "/phone/twilio".into(),
        twilio_url: twilio_url.to_owned(),
        credentials,
        api: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        point_here: false,
        computer: ringdesk_machine::computer_id(),
        // Asked for at the safe once it is open.
        mail_password: None,
        // It looks through the window's eyes, once there is an office to look for.
        look: None,
        tunnel_folders: Vec::new(),
        clock: Clock::System,
    };
    let sandbox = match line {
        Line::Account(credentials, _) => {
            return Ok((Office::open(plan(credentials, &start.twilio_url)).await?, None));
        }
        Line::Practice => Sandbox::start(Config::practice()).await?,
    };
    let (sid, token) = sandbox.credentials();
    let credentials = AccountCredentials {
        account_sid: sid.to_owned(),
        auth_token: token.to_owned().into(),
        secondary_auth_token: None,
        switched: false,
        api_key: None,
        kept_at_ms: None,
    };
    let practice = Plan {
        data_dir: start.data_dir.join("practice"),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        point_here: true,
        computer: None,
        ..plan(credentials, sandbox.url())
    };
    Ok((Office::open(practice).await?, Some(sandbox)))
}

impl Open {
    /// Closes the office and waits until it has ended.
    pub(crate) fn close(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { close, thread }) = running {
            // An office that ended by itself has nothing left to close.
            let _ = close.send(());
            let _ = thread.join();
        }
    }
}

/// Plays a customer's short story while somebody watches.
pub(crate) async fn tell_story(open: &Open) {
    let Some(line) = &open.practice else { return };
    // What the customer photographs: the only picture the program carries.
    let picture = include_bytes!("../../icons/128x128.png").to_vec();
    ringdesk_server::story::play(&open.desk, line, "+15005550006", picture).await;
}
