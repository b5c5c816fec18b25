//! Putting the rooms together: folder and lock, memory, door, counter, and the connection to Twilio.

use crate::{
    api,
    in_use::{InUse, nobody_outside, verifier},
    programs::Programs,
    reach::{Given, ToHere},
};
use ringdesk_desk::Desk;
use ringdesk_inbox::{Access, Clock, Inbox, Look, OpenError, Problem, StoreError};
use ringdesk_machine::{AccountCredentials, DataFolder, FolderError};
use ringdesk_webhooks::Door;
use secrecy::SecretString;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// How long the office may take to close.
const CLOSING: Duration = Duration::from_secs(4);

/// What to open.
#[derive(Clone)]
pub struct Plan {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Where Twilio's webhooks arrive; port 0 for any.
    pub listen: SocketAddr,
    /// Our address as Twilio sees it. Left out, it is what the owner chose in the settings; where they chose
    /// nothing, the listening address.
    pub public_url: Option<String>,
    /// Open even where Twilio could not reach us: nothing arrives by itself until it can.
    pub unreachable_too: bool,
    /// The path all webhooks are under.
    pub prefix: String,
    /// `https://api.twilio.com`, or a practice line.
    pub twilio_url: String,
    /// Whose account.
    pub credentials: AccountCredentials,
    /// The password of the mail account that sends the owner's letters, where it is known already.
    pub mail_password: Option<SecretString>,
    /// Where the HTTP desk listens, if at all.
    pub api: Option<SocketAddr>,
    /// Tell Twilio to post the account's texts here.
    pub point_here: bool,
    /// What names this computer without saying anything of it, where that is known: data that comes from
    /// another one sends nothing until the owner says so.
    pub computer: Option<String>,
    /// How this computer is looked over for a check-up.
    pub look: Option<Look>,
    /// Where programs that open tunnels are looked for; wherever programs usually are when empty.
    pub tunnel_folders: Vec<PathBuf>,
    /// The clock.
    pub clock: Clock,
}

/// Why the office did not open.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The public address.
    #[error("the public address cannot be used: {0}")]
    PublicUrl(#[from] ringdesk_twilio::signature::BadUrl),
    /// Twilio's address.
    #[error("Twilio's address cannot be used: {0}")]
    Twilio(#[from] ringdesk_twilio::error::RestError),
    /// The desk would be open to other computers.
    #[error("{0} is not on this computer; the desk API listens on 127.0.0.1 only")]
    NotLoopback(SocketAddr),
    /// Twilio could never reach us.
    #[error("{0} is this computer's own address; Twilio needs a public one (--public-url https://…)")]
    NotPublic(String),
    /// What is kept belongs to another Twilio account.
    #[error("the texts kept here belong to another Twilio account")]
    OtherAccount,
    /// What is kept could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The settings could not be read.
    #[error(transparent)]
    Settings(Problem),
    /// Another program listens where we would.
    #[error("another program uses {0}")]
    Taken(SocketAddr),
    /// A port or file.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
}

/// The runtime an office lives on: one thread. The database has threads of its own; more of them for the
/// rest only hand each webhook around, which costs a quarter of the throughput (`docs/decisions/0005`).
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        // What the database answers goes before what came in meanwhile.
        .global_queue_interval(1)
        .enable_all()
        .build()
}

/// An open office. Close it with [`Office::close`].
#[derive(Debug)]
pub struct Office {
    /// The counter.
    pub desk: Desk,
    /// Where webhooks arrive.
    pub webhooks: SocketAddr,
    /// Where the HTTP desk listens.
    pub api: Option<SocketAddr>,
    in_use: InUse,
    door: Door,
    folder: DataFolder,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Office {
    /// Opens the office.
    pub async fn open(plan: Plan) -> Result<Self, OfficeError> {
        if let Some(api) = plan.api.filter(|api| !api.ip().is_loopback()) {
            return Err(OfficeError::NotLoopback(api));
        }
        let folder = own(&plan.data_dir).await?;
        let inbox = Inbox::open(folder.path(), Access::Own, plan.clock).await?;
        if inbox.account().await?.is_some_and(|owner| owner != plan.credentials.account_sid) {
            return Err(OfficeError::OtherAccount);
        }
        if let Some(computer) = plan.computer {
            inbox.lives_on(&computer).await?;
        }
        if let Some(password) = plan.mail_password {
            inbox.set_mail_password(Some(password));
        }
        if let Some(look) = plan.look {
            inbox.look_with(look);
        }
        let listener = bind(plan.listen).await?;
        let webhooks = address(&listener)?;
        let programs = Programs::new(plan.tunnel_folders);
        inbox.programs_with(programs.for_inbox());
        let believes = verifier(nobody_outside(webhooks)?, &plan.credentials);
        let door = Door::new(inbox.clone(), believes, &plan.prefix);
        let way = ToHere::begin(Given {
            inbox: inbox.clone(),
            door: door.clone(),
            credentials: plan.credentials,
            twilio_url: plan.twilio_url,
            prefix: plan.prefix,
            webhooks,
            public_url: plan.public_url,
            unreachable_too: plan.unreachable_too,
            programs,
            folder: folder.path().to_owned(),
        })
        .await?;
        let in_use = way.in_use();
        // Whatever may be refused comes before anything runs by itself.
        let api = match plan.api {
            Some(listen) => Some(ApiDoor::open(&folder, listen).await?),
            None => None,
        };
        inbox.start();

        let stop = CancellationToken::new();
        let desk = Desk { inbox: inbox.clone() };
        let mut tasks = vec![
            tokio::spawn(ringdesk_webhooks::serve(listener, door.clone(), stop.clone())),
            tokio::spawn(way.keep(stop.clone())),
            tokio::spawn(know_lines(inbox, plan.point_here, stop.clone())),
        ];
        let at = api.as_ref().map(|api| api.at);
        tasks.extend(api.map(|ApiDoor { listener, token, .. }| {
            tokio::spawn(api::serve(listener, desk.clone(), token, stop.clone()))
        }));
        Ok(Self { desk, webhooks, api: at, in_use, door, folder, stop, tasks })
    }

    /// Where the data is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The account as it is used, for whoever changes its tokens while the office is open.
    pub fn in_use(&self) -> InUse {
        self.in_use.clone()
    }

    /// Lets work in hand finish and closes everything, within a few seconds. A send that is still in
    /// the air then is looked up at the next start. The folder is to be kept until nothing of this
    /// office runs any more.
    #[must_use = "another office may open the folder once it is dropped"]
    pub async fn close(self) -> DataFolder {
        let Self { desk, door, folder, stop, tasks, .. } = self;
        folder.closing();
        stop.cancel();
        drop(door);
        let closing = async {
            for task in tasks {
                let _ = task.await;
            }
            desk.inbox.close().await;
            folder.close_api();
        };
        if tokio::time::timeout(CLOSING, closing).await.is_err() {
            tracing::warn!("closing took too long; what was in the air is looked up at the next start");
        }
        folder
    }
}

/// The Twilio account whose texts a folder keeps, if one is known; not for an async task.
pub fn account_of(data_dir: &Path) -> Option<String> {
    runtime().ok()?.block_on(async {
        let inbox = Inbox::open(data_dir, Access::Read, Clock::System).await.ok()?;
        let account = inbox.account().await.ok().flatten();
        inbox.close().await;
        account
    })
}

/// Owns the folder; waits while its owner is closing.
pub(crate) async fn own(path: &Path) -> Result<DataFolder, FolderError> {
    let until = tokio::time::Instant::now() + CLOSING + Duration::from_secs(1);
    loop {
        match DataFolder::own(path) {
            Err(FolderError::Closing(_)) if tokio::time::Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            owned => return owned,
        }
    }
}

/// Where the HTTP desk will be served; whoever asks meanwhile waits.
struct ApiDoor {
    listener: TcpListener,
    at: SocketAddr,
    token: String,
}

impl ApiDoor {
    async fn open(folder: &DataFolder, listen: SocketAddr) -> Result<Self, OfficeError> {
        let listener = bind(listen).await?;
        let at = address(&listener)?;
        let file = |error| OfficeError::Io("api-token".into(), error);
        let token = folder.open_api(&at.to_string(), listen.port() != 0).map_err(file)?;
        Ok(Self { listener, at, token })
    }
}

async fn bind(at: SocketAddr) -> Result<TcpListener, OfficeError> {
    TcpListener::bind(at).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => OfficeError::Taken(at),
        _ => OfficeError::Io(at.to_string(), error),
    })
}

fn address(listener: &TcpListener) -> Result<SocketAddr, OfficeError> {
    listener.local_addr().map_err(|error| OfficeError::Io("listener".into(), error))
}

/// Takes over the account's numbers, trying again while Twilio cannot be reached.
async fn know_lines(inbox: Inbox, point_here: bool, stop: CancellationToken) {
    let mut pause = Duration::from_secs(2);
    loop {
        match inbox.know_lines(point_here).await {
            Ok(lines) => {
                tracing::info!(lines, "the account's numbers are known");
                return;
            }
            Err(error) => tracing::warn!(%error, "the account's numbers could not be listed yet"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(300)),
        }
    }
}
