//! Backups of the data: made once a day and when somebody asks, sealed by a recovery code, looked through,
//! and let go when enough newer ones are there. Not to be mixed up with the sleep backup, which answers at
//! Twilio.

mod clear;
mod code;
mod make;
mod manifest;
mod places;
mod restore;
mod rotation;
mod seal;
mod trouble;
mod verify;

pub use restore::{Restored, backups_of, restore, restore_in_place, verify_backup_at};
pub use trouble::BackupProblem;
pub use verify::verify_backups_of;

use crate::{Inbox, Problem, Safe, from_twilio::hex, view};
use code::RecoveryCode;
use make::Making;
use manifest::{Backup, backups_in};
use places::{Places, or_own, own_folder};
use rand::Rng;
use ringdesk_domain::{ChangeKind, Moment};
use ringdesk_store::{OpenError, database_file, meta_of};
use rotation::DAY_MS;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How long after a start the day's backup is made, where it is due, in milliseconds: first come the
/// calls and texts that were missed.
const AFTER_START_MS: i64 = 10 * 60_000;
/// When one is made by itself again at the soonest, also after it failed, in milliseconds.
const AGAIN_MS: i64 = 60 * 60_000;
/// What seals backups; the half of the key that is no secret.
const RECIPIENT: &str = "backup_recipient";
/// Which office's backups they are, also after one of them was restored.
const SERIES: &str = "backup_series";
/// Why the last one was not made.
const PROBLEM: &str = "backup_problem";

/// What is known of backups while the office is open.
#[derive(Default)]
pub(crate) struct Memory {
    /// One at a time.
    turn: tokio::sync::Mutex<()>,
    running: AtomicBool,
    wake: Notify,
    /// Whether one is wanted without waiting for its turn.
    at_once: AtomicBool,
    /// A code that was shown and not given back yet.
    shown: Mutex<Option<RecoveryCode>>,
    next_at: Mutex<Option<Moment>>,
}

impl Memory {
    /// The settings may say something else now.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }
}

/// Why the last one was not made, as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    message: String,
    hint: String,
}

/// Makes a backup of data that is about to be changed by a newer program, before it is opened.
pub(crate) async fn before_update(data: PathBuf, now: Moment) -> Result<(), OpenError> {
    let make = move || {
        let file = database_file(&data);
        let fact = |key: &str| meta_of(&file, key).map_err(BackupProblem::copying(&data));
        let making = Making {
            folder: own_folder(&data),
            recipient: fact(RECIPIENT)?,
            series: fact(SERIES)?.unwrap_or_default(),
            reason: view::BackupReason::Update,
            now,
            stop: CancellationToken::new(),
            beside: false,
            data: data.clone(),
        };
        making.make()
    };
    let made = tokio::task::spawn_blocking(make).await;
    match made.map_err(|error| OpenError::Other(error.to_string()))? {
        Ok(_) => Ok(()),
        Err(BackupProblem::DataDamaged(what)) => Err(OpenError::Damaged(what)),
        Err(problem) => Err(OpenError::Other(format!(
            "no backup could be made before this update, so nothing was changed. {problem} {}",
            problem.hint()
        ))),
    }
}

impl Inbox {
    /// The backups of the data.
    pub async fn data_backups(&self) -> Result<view::DataBackups, Problem> {
        let (places, store, memory) = (self.backup_places().await?, self.store(), &self.0.data_backups);
        let sealed = store.meta(RECIPIENT).await?.is_some();
        let problem: Option<Kept> =
            store.meta(PROBLEM).await?.and_then(|kept| serde_json::from_str(&kept).ok());
        let (message, hint) = problem.map(|kept| (kept.message, kept.hint)).unzip();
        let (folder, chosen) = (places.folder.display().to_string(), places.chosen);
        let list = move || places.backups().iter().map(Backup::view).collect::<Vec<_>>();
        let backups = blocking(list).await?;
        let next_at = *memory.next_at.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(view::DataBackups {
            running: memory.running.load(Ordering::Acquire),
            folder,
            chosen,
            backups,
            sealed,
            problem: message,
            hint,
            next_at,
        })
    }

    /// Makes a backup now.
    pub async fn back_up_now(&self) -> Result<view::DataBackups, Problem> {
        self.make_data_backup(view::BackupReason::Asked).await?;
        self.0.data_backups.wake();
        self.data_backups().await
    }

    /// Makes a backup into a folder of somebody's choice, also beside a running owner.
    pub async fn back_up_into(&self, folder: &Path) -> Result<view::DataBackup, Problem> {
        let data = self.data_folder();
        let folder = std::path::absolute(folder)?;
        let making = Making {
            folder: or_own(&data, folder),
            recipient: self.store().meta(RECIPIENT).await?,
            series: self.store().meta(SERIES).await?.unwrap_or_default(),
            reason: view::BackupReason::Asked,
            now: self.now(),
            stop: self.0.stop.clone(),
            beside: true,
            data,
        };
        Ok(blocking(move || making.make()).await??.view())
    }

    /// Looks a backup through; with the code also inside of a sealed one. What is found is kept with it.
    pub async fn verify_backup(
        &self,
        name: &str,
        code: Option<SecretString>,
    ) -> Result<view::DataBackups, Problem> {
        // Nothing is swept or let go meanwhile.
        let one = self.0.data_backups.turn.lock().await;
        let (places, now) = (self.backup_places().await?, self.now());
        let name = name.to_owned();
        let looked = blocking(move || {
            let backup = places.backups().into_iter().find(|backup| backup.name == name);
            let backup = backup.ok_or(Problem::NotFound)?;
            let mut manifest = backup.known()?.clone();
            let opened = manifest.sealed && code.is_some();
            let outcome = verify::verify(&backup, code.as_ref(), &own_folder(&places.data));
            // What was found inside only a look inside can take back.
            let deeper = manifest.found_inside && manifest.problem.is_some() && !opened;
            match outcome {
                Ok(()) if deeper => {}
                Ok(()) => {
                    (manifest.verified_at, manifest.problem, manifest.found_inside) =
                        (Some(now), None, false);
                }
                Err(problem @ BackupProblem::Damaged { .. }) => {
                    (manifest.verified_at, manifest.problem) = (None, Some(problem.to_string()));
                    manifest.found_inside = opened || deeper;
                }
                // It says nothing about the backup.
                Err(problem) => return Err(problem.into()),
            }
            // Where somebody deleted it meanwhile, it does not come back.
            if backup.is_described() {
                backup.describe(&manifest)?;
            }
            Ok::<_, Problem>(())
        });
        looked.await??;
        drop(one);
        self.store().tell(ChangeKind::HealthChanged, now).await?;
        self.data_backups().await
    }

    /// A new recovery code. It is remembered until it is given back or the program ends, and kept nowhere.
    #[allow(clippy::unused_async, reason = "a command as the others are")]
    pub async fn new_recovery_code(&self) -> Result<view::RecoveryCode, Problem> {
        let code = RecoveryCode::random();
        let shown = code.shown();
        *self.0.data_backups.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
        Ok(view::RecoveryCode { code: shown.expose_secret().to_owned() })
    }

    /// The owner has written the code down: it seals backups from now on, and one is made at once.
    pub async fn use_recovery_code(&self, code: SecretString) -> Result<view::DataBackups, Problem> {
        let code = RecoveryCode::typed(&code).map_err(|_| BackupProblem::Mistyped)?;
        let memory = &self.0.data_backups;
        let was_shown = memory.shown.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&code);
        let recipient = code.recipient();
        if !was_shown {
            if self.store().meta(RECIPIENT).await?.as_ref() == Some(&recipient) {
                // Given back twice, it is in force already.
                return self.data_backups().await;
            }
            return Err(not_the_one("That isn't the code that was shown."));
        }
        let change = (ChangeKind::HealthChanged, self.now());
        self.store().set_meta(RECIPIENT, Some(recipient), Some(change)).await?;
        *memory.shown.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // What keeps it from being made is told in the answer, and it is tried again: the code is in force.
        let made = self.make_data_backup(view::BackupReason::Asked).await;
        if let Err(problem) = made {
            tracing::warn!(%problem, "no backup could be made with the new code yet");
        }
        memory.wake();
        self.data_backups().await
    }

    /// Seals no more backups; takes the code that seals them.
    pub async fn drop_recovery_code(&self, code: SecretString) -> Result<view::DataBackups, Problem> {
        let code = RecoveryCode::typed(&code).map_err(|_| BackupProblem::Mistyped)?;
        let kept = self.store().meta(RECIPIENT).await?;
        if kept.is_some_and(|recipient| recipient != code.recipient()) {
            return Err(not_the_one("That isn't the code that locks your backups."));
        }
        let change = (ChangeKind::HealthChanged, self.now());
        self.store().set_meta(RECIPIENT, None, Some(change)).await?;
        self.data_backups().await
    }

    /// Makes a backup every day, until the inbox closes.
    pub(crate) async fn run_data_backups(self) {
        let memory = &self.0.data_backups;
        let began = self.now();
        let mut tried_at = None;
        let own = own_folder(&self.data_folder());
        let swept = move || {
            clear::sweep(&own);
            clear::sweep_opened(&own);
        };
        let _ = blocking(swept).await;
        loop {
            let due = self.next_data_backup(began, tried_at).await.unwrap_or_else(|problem| {
                tracing::warn!(%problem, "when the next backup is due could not be looked up");
                Some(self.now().plus_ms(AGAIN_MS))
            });
            *memory.next_at.lock().unwrap_or_else(PoisonError::into_inner) = due;
            let at_once = tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = memory.wake.notified() => {
                    tried_at = None;
                    memory.at_once.swap(false, Ordering::AcqRel)
                }
                () = self.until(due) => false,
            };
            // Looked at again: the owner may have switched it off, or made one meanwhile.
            let due = self.next_data_backup(began, tried_at).await;
            let is_due = matches!(due, Ok(Some(due)) if due <= self.now());
            let reason = match (at_once, is_due) {
                (true, _) => view::BackupReason::Asked,
                (false, true) => view::BackupReason::Daily,
                (false, false) => continue,
            };
            tried_at = Some(self.now());
            let made = tokio::select! {
                // What was begun is swept up at the next start.
                () = self.0.stop.cancelled() => return,
                made = self.make_data_backup(reason) => made,
            };
            if let Err(problem) = made {
                tracing::warn!(%problem, "a backup could not be made");
            }
        }
    }

    /// When the next one is made by itself; none where that is switched off.
    async fn next_data_backup(
        &self,
        began: Moment,
        tried_at: Option<Moment>,
    ) -> Result<Option<Moment>, Problem> {
        let practice = self.computer().await.safe == Some(Safe::Practice);
        if practice || !self.rules().settings.backups.daily {
            return Ok(None);
        }
        let places = self.backup_places().await?;
        let now = self.now();
        let made = move || {
            // One of a clock that was ahead keeps none from being made, nor one in a folder of before.
            let counts =
                |backup: &Backup| backup.folder == places.folder && backup.is_sound() && backup.at <= now;
            places.backups().into_iter().find(counts).map(|backup| backup.at)
        };
        let of_day = blocking(made).await?.map_or(began, |last| last.plus_ms(DAY_MS));
        let due = of_day.max(began.plus_ms(AFTER_START_MS));
        Ok(Some(tried_at.map_or(due, |tried| due.max(tried.plus_ms(AGAIN_MS)))))
    }

    /// Refuses a folder backups could not be kept in, before it is chosen.
    pub(crate) async fn check_backup_folder(&self, folder: &str) -> Result<(), Problem> {
        let (data, folder) = (self.data_folder(), PathBuf::from(folder));
        let series = self.backup_series().await?;
        blocking(move || places::can_be_chosen(&data, &folder, &series)).await??;
        Ok(())
    }

    /// A folder was chosen: the first one in it does not wait for its turn. It does for a recovery code, with
    /// which one is made anyway.
    pub(crate) async fn begin_backups_there(&self) {
        if matches!(self.store().meta(RECIPIENT).await, Ok(Some(_))) {
            self.0.data_backups.at_once.store(true, Ordering::Release);
        }
    }

    /// Makes one, and keeps why where it cannot be made.
    async fn make_data_backup(&self, reason: view::BackupReason) -> Result<(), Problem> {
        let memory = &self.0.data_backups;
        let _one = memory.turn.lock().await;
        memory.running.store(true, Ordering::Release);
        let told = self.store().tell(ChangeKind::HealthChanged, self.now()).await;
        let made = match told {
            Ok(()) => self.write_data_backup(reason).await,
            Err(error) => Err(error.into()),
        };
        memory.running.store(false, Ordering::Release);
        let kept = made.as_ref().err().map(|problem| match problem {
            Problem::Told { message, hint, .. } => Kept { message: message.clone(), hint: hint.clone() },
            other => Kept {
                message: "The last backup couldn't be made.".into(),
                hint: format!("It is tried again ({other})."),
            },
        });
        let kept = kept.and_then(|kept| serde_json::to_string(&kept).ok());
        let change = (ChangeKind::HealthChanged, self.now());
        let noted = self.store().set_meta(PROBLEM, kept, Some(change)).await;
        made.and(noted.map_err(Problem::from))
    }

    async fn write_data_backup(&self, reason: view::BackupReason) -> Result<(), Problem> {
        let places = self.backup_places().await?;
        let making = Making {
            data: places.data,
            folder: places.folder,
            recipient: self.store().meta(RECIPIENT).await?,
            series: self.backup_series().await?,
            reason,
            now: self.now(),
            stop: self.0.stop.clone(),
            beside: false,
        };
        let made = blocking(move || making.make()).await??;
        tracing::info!(name = made.name, "a backup of the data was made");
        Ok(())
    }

    async fn backup_series(&self) -> Result<String, Problem> {
        if let Some(series) = self.store().meta(SERIES).await? {
            return Ok(series);
        }
        // What was restored may be of before there was one: those in the data folder are ours.
        let own = own_folder(&self.data_folder());
        let before = move || {
            let known = backups_in(&own).into_iter().filter_map(|backup| backup.manifest);
            known.map(|manifest| manifest.series).find(|series| !series.is_empty())
        };
        let series = blocking(before).await?.unwrap_or_else(|| hex(&rand::rng().random::<[u8; 8]>()));
        self.store().set_meta(SERIES, Some(series.clone()), None).await?;
        Ok(series)
    }

    fn data_folder(&self) -> PathBuf {
        self.0.media.parent().unwrap_or(&self.0.media).to_owned()
    }

    async fn backup_places(&self) -> Result<Places, Problem> {
        let (data, chosen) = (self.data_folder(), self.store().settings().await?.backups.folder);
        let series = self.store().meta(SERIES).await?.unwrap_or_default();
        blocking(move || Places::of(data, chosen, series)).await
    }
}

fn not_the_one(message: &str) -> Problem {
    Problem::Told {
        code: "wrong_code",
        message: message.into(),
        hint: "Compare it with what you wrote down, group by group. Nothing was changed.".into(),
    }
}

/// Does what waits for the disk where that keeps nobody else.
async fn blocking<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(act).await;
    done.map_err(|error| Problem::File(std::io::Error::other(error)))
}
