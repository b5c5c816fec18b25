//! What the product does, one file per thing it does. Three ways in: a webhook, a person's intent,
//! waking up. Two ways out: the outbox, and a Change somebody listens to.

mod address;
mod attachments;
mod backup;
mod before;
mod call_back;
mod calls;
mod care;
mod catch_up;
mod clock;
mod colleagues;
mod computer;
mod conversations;
mod data_backups;
mod doctor;
mod erase;
mod error;
mod export;
mod files;
mod flow;
mod from_twilio;
mod health;
mod hosting;
mod keep;
mod knocks;
mod letters;
mod lines;
mod links;
mod lock;
mod made_up;
mod news;
mod outbox;
mod overrides;
mod pointing;
mod raw_record;
mod reach;
mod receive_text;
mod reconcile;
mod recordings;
mod rules;
mod send_text;
mod settings;
mod setup;
mod shift;
mod skew;
mod speak;
mod take_call;
mod track_delivery;
mod transcripts;
pub mod view;
mod voicemails;
mod webhook_log;

pub use address::{Knocking, WayNow, WayState};
pub use attachments::File;
pub use calls::Simulation;
pub use clock::{Clock, Reading};
pub use computer::{Computer, Look, LookForPrograms, Safe};
pub use data_backups::{
    BackupProblem, Restored, backups_of, restore, restore_in_place, verify_backup_at, verify_backups_of,
};
pub use error::{CallProblem, ContactProblem, MailProblem, Problem, SendProblem};
pub use export::csv_cell;
pub use health::RefusalReason;
pub use made_up::MadeUp;
pub use news::{Follower, LineNews, News, Piece};
pub use raw_record::About;
pub use ringdesk_store::{
    Access, Answer, CallFilter, ConversationFilter, OpenError, StoreError, VoicemailFilter,
};
pub use send_text::Sending;
pub use voicemails::SoundFile;

use ringdesk_store::Store;
use ringdesk_twilio::{Client, PublicUrl};
use secrecy::SecretString;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, RwLock},
};
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// How Twilio is reached and how Twilio reaches us. The host hands it over ready made; a new address
/// arrives by calling [`Inbox::connect`] again.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Twilio's REST API.
    pub client: Client,
    /// Our address as Twilio sees it, if there is one: texts leave without, and nothing arrives.
    pub public: Option<PublicUrl>,
    /// The path all webhooks are under, such as `/phone/twilio`.
    pub prefix: String,
    /// The Auth Token Twilio signs with; a knock at our own door is signed with it.
    pub signing: SecretString,
}

impl Reach {
    /// A webhook's address with its fragment: how often and for what Twilio should try again. Like all
    /// addresses of ours it is none while there is no public one.
    /// Source: Twilio's webhook connection overrides; the fragment is neither sent nor signed.
    pub fn webhook(&self, path: &str) -> Option<String> {
        Some(format!("{}#rc=5&rp=all", self.plain(path)?))
    }

    /// One whose answer a caller waits for: given up early, so that the fallback comes before they hang up.
    pub fn voice_webhook(&self, path: &str) -> Option<String> {
        Some(format!("{}#ct=2000&rt=3000&tt=7000&rc=2&rp=all", self.plain(path)?))
    }

    /// An address of ours from which something is fetched.
    pub fn plain(&self, path: &str) -> Option<String> {
        Some(format!("{}{}{path}", self.origin()?, self.prefix))
    }

    /// Scheme, host and port of our public address.
    pub fn origin(&self) -> Option<&str> {
        self.public.as_ref().map(PublicUrl::origin)
    }
}

/// What a code of Twilio's means, and what to do.
pub fn explain_code(code: u32) -> (String, String) {
    let told = ringdesk_twilio::explain(code);
    (told.what, told.next)
}

/// The heart of the office; cheap to clone.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inbox")
    }
}

struct Inner {
    store: Store,
    media: PathBuf,
    clock: Clock,
    reach: RwLock<Option<Arc<Reach>>>,
    outbox: Notify,
    fetching: Notify,
    recordings: Notify,
    writing: Notify,
    letters: Notify,
    forgetting: Notify,
    keeping: Notify,
    looking: Notify,
    caring: Notify,
    catching: Notify,
    catching_up: catch_up::CatchingUp,
    data_backups: data_backups::Memory,
    exports: export::Exports,
    compared: Mutex<Option<skew::Compared>>,
    knowing: Notify,
    backing: Notify,
    pointing: tokio::sync::Mutex<()>,
    threshold: address::Threshold,
    look: RwLock<Option<Look>>,
    programs: RwLock<Option<LookForPrograms>>,
    checkup: Mutex<Option<view::Checkup>>,
    memory: doctor::Memory,
    counted: conversations::Counted,
    mail_password: RwLock<Option<SecretString>>,
    rules: RwLock<Arc<rules::Rules>>,
    learning: tokio::sync::Mutex<()>,
    setting_up: tokio::sync::Mutex<()>,
    refusals: Mutex<health::Refusals>,
    answering: Mutex<health::Answering>,
    busy: Mutex<health::Busy>,
    stop: CancellationToken,
    loops: Mutex<Vec<JoinHandle<()>>>,
}

impl Inbox {
    /// Opens the office's memory in a data folder.
    pub async fn open(folder: &Path, access: Access, clock: Clock) -> Result<Self, OpenError> {
        let update = || data_backups::before_update(folder.to_owned(), clock.now());
        let store = Store::open_after(folder, access, update).await?;
        let inbox = Self(Arc::new(Inner {
            store,
            media: folder.join("media"),
            clock,
            reach: RwLock::new(None),
            outbox: Notify::new(),
            fetching: Notify::new(),
            recordings: Notify::new(),
            writing: Notify::new(),
            letters: Notify::new(),
            forgetting: Notify::new(),
            keeping: Notify::new(),
            looking: Notify::new(),
            caring: Notify::new(),
            catching: Notify::new(),
            catching_up: catch_up::CatchingUp::default(),
            data_backups: data_backups::Memory::default(),
            exports: export::Exports::default(),
            compared: Mutex::default(),
            knowing: Notify::new(),
            backing: Notify::new(),
            pointing: tokio::sync::Mutex::default(),
            threshold: address::Threshold::default(),
            look: RwLock::default(),
            programs: RwLock::default(),
            checkup: Mutex::default(),
            memory: doctor::Memory::default(),
            counted: conversations::Counted::default(),
            mail_password: RwLock::default(),
            rules: RwLock::default(),
            learning: tokio::sync::Mutex::default(),
            setting_up: tokio::sync::Mutex::default(),
            refusals: Mutex::default(),
            answering: Mutex::default(),
            busy: Mutex::default(),
            stop: CancellationToken::new(),
            loops: Mutex::default(),
        }));
        inbox.learn_rules().await?;
        Ok(inbox)
    }

    /// Takes over how Twilio is reached from now on.
    pub fn connect(&self, reach: Reach) {
        let reach = Arc::new(reach);
        *self.0.reach.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(reach.clone());
        self.address_is(reach.origin());
        if self.sign_in_refused() {
            // Perhaps it is taken now.
            self.know_soon();
        }
        self.nudge();
    }

    /// Starts the loops that send, fetch and look up; [`Inbox::close`] ends them.
    pub fn start(&self) {
        let mut loops = self.0.loops.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if loops.is_empty() {
            loops.push(tokio::spawn(self.clone().run_outbox()));
            loops.push(tokio::spawn(self.clone().run::<attachments::Fetching>()));
            loops.push(tokio::spawn(self.clone().run::<recordings::Recordings>()));
            loops.push(tokio::spawn(self.clone().run::<transcripts::Writing>()));
            loops.push(tokio::spawn(self.clone().run::<letters::Letters>()));
            loops.push(tokio::spawn(self.clone().run::<keep::Forgetting>()));
            loops.push(tokio::spawn(self.clone().run_keeping()));
            loops.push(tokio::spawn(self.clone().run_reconcile()));
            loops.push(tokio::spawn(self.clone().run_care()));
            loops.push(tokio::spawn(self.clone().run_knowing()));
            loops.push(tokio::spawn(self.clone().run_reaching()));
            loops.push(tokio::spawn(self.clone().run_backup()));
            loops.push(tokio::spawn(self.clone().run_watch()));
            loops.push(tokio::spawn(self.clone().run_catching_up()));
            loops.push(tokio::spawn(self.clone().run_data_backups()));
            loops.push(tokio::spawn(self.clone().run_checkups()));
        }
    }

    /// Lets work in hand finish, then closes the database.
    pub async fn close(self) {
        self.end_day().await;
        self.0.stop.cancel();
        let loops =
            std::mem::take(&mut *self.0.loops.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for task in loops {
            let _ = task.await;
        }
        self.0.store.close().await;
    }

    /// Which folder pictures are kept in.
    pub fn media_folder(&self) -> &Path {
        &self.0.media
    }

    /// The clock everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn now(&self) -> ringdesk_domain::Moment {
        self.0.clock.now()
    }

    pub(crate) fn reach(&self) -> Option<Arc<Reach>> {
        self.0.reach.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn nudge(&self) {
        self.0.outbox.notify_one();
        self.0.fetching.notify_one();
        self.0.recordings.notify_one();
        self.0.writing.notify_one();
        self.0.forgetting.notify_one();
        self.0.looking.notify_one();
        self.0.backing.notify_one();
        self.0.catching.notify_one();
        self.0.letters.notify_one();
    }
}
