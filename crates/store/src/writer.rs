//! The one writer: a thread that takes what is waiting, stores it as a group, commits once with FULL sync,
//! and only then answers them all. When one request of a group fails, the group is stored once more with a
//! savepoint for each: rarely needed, they would cost every request a copy of each page it writes.

use crate::{StoreError, db::Db, search::index_texts};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
        mpsc as threads,
    },
    thread::JoinHandle,
};
use tokio::sync::{mpsc, oneshot, watch};

/// Requests in one commit, at most.
const GROUP: usize = 64;
/// Requests waiting, at most; beyond it a caller waits for room.
const WAITING: usize = 1_024;
/// From how many texts on outside the full-text index they are taken into it.
const UNINDEXED: i64 = 256;

/// Pages in the write-ahead log from which on it is folded back: few, so that the disk is never busy with
/// that for long.
const LOG_PAGES: i64 = 2_000;

/// A request that can be run on the connection and answered after the commit.
trait Request: Send {
    fn run(&mut self, db: &Db) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, group: Result<(), StoreError>);
}

struct Task<T, F> {
    act: F,
    outcome: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Request for Task<T, F>
where
    T: Send,
    F: Fn(&Db) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, db: &Db) -> Result<(), StoreError> {
        self.outcome = (self.act)(db);
        self.outcome.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    fn answer(self: Box<Self>, group: Result<(), StoreError>) {
        // Nobody waiting any more is fine: the fact is stored.
        let _ = self.reply.send(group.and(self.outcome));
    }
}

/// The door to the writer.
pub(crate) struct Writer {
    queue: RwLock<Option<mpsc::Sender<Box<dyn Request>>>>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

impl Writer {
    /// Starts the writer. `latest` tells readers the newest committed Change. What is given back ends
    /// when the file is closed.
    pub(crate) fn start(
        file: PathBuf,
        latest: watch::Sender<i64>,
    ) -> Result<(Self, oneshot::Receiver<()>), StoreError> {
        let db = Db::open(&file)?;
        let (queue, waiting) = mpsc::channel(WAITING);
        let (closed, ended) = oneshot::channel();
        let thread = std::thread::Builder::new().name("writer".into());
        thread
            .spawn(move || {
                let folder = Folder::start(&file);
                Thread { file, db: Some(db), indexed: 0, folder }.run(waiting, &latest);
                // Nobody may be waiting for it.
                let _ = closed.send(());
            })
            .map_err(|error| StoreError::Disk(error.to_string()))?;
        Ok((Self { queue: RwLock::new(Some(queue)) }, ended))
    }

    /// Takes nothing new; what is waiting is still stored, then the file is closed.
    pub(crate) fn close(&self) {
        self.queue.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Runs one whole fact, which is undone alone if it fails; returns after it is on disk. `act` may be
    /// run again after what it wrote was undone.
    pub(crate) async fn write<T, F>(&self, act: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Db) -> Result<T, StoreError> + Send + 'static,
    {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (reply, outcome) = oneshot::channel();
        let task = Box::new(Task { act, outcome: Err(StoreError::Busy), reply });
        queue.ok_or(StoreError::Busy)?.send(task).await.map_err(|_| StoreError::Busy)?;
        outcome.await.map_err(|_| StoreError::Busy)?
    }
}

/// A transaction that cannot be rolled back is gone already, which happens when the disk fails.
fn not_undone(error: &StoreError) -> StoreError {
    StoreError::Disk(format!("a rollback failed: {error}"))
}

/// Folds the write-ahead log back beside the writer, so that nobody waits while it is copied.
struct Folder {
    wake: threads::SyncSender<()>,
    /// Whether it has folded back what there was.
    folded: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Folder {
    /// Without it the writer folds back by itself, sooner or later.
    fn start(file: &Path) -> Option<Self> {
        let db =
            Db::open(file).inspect_err(|error| tracing::warn!(%error, "the log is not folded back")).ok()?;
        let (wake, woken) = threads::sync_channel(1);
        let folded = Arc::new(AtomicBool::new(false));
        let done = folded.clone();
        let work = move || {
            while woken.recv().is_ok() {
                if let Err(error) = db.fold() {
                    tracing::warn!(%error, "the log could not be folded back");
                }
                done.store(true, Ordering::Release);
            }
        };
        let thread = std::thread::Builder::new().name("folder".into()).spawn(work).ok()?;
        Some(Self { wake, folded, thread })
    }

    /// Ends before the writer closes the file: whoever closes last tidies up.
    fn end(self) {
        drop(self.wake);
        if self.thread.join().is_err() {
            tracing::warn!("the folder broke down");
        }
    }
}

/// What the writer's thread knows.
struct Thread {
    file: PathBuf,
    db: Option<Db>,
    /// Number of the last text known to be in the full-text index.
    indexed: i64,
    folder: Option<Folder>,
}

impl Thread {
    fn run(mut self, mut waiting: mpsc::Receiver<Box<dyn Request>>, latest: &watch::Sender<i64>) {
        let mut group = Vec::with_capacity(GROUP);
        while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
            match self.commit(&mut group) {
                Ok(newest) => {
                    latest.send_if_modified(|seq| std::mem::replace(seq, newest.max(*seq)) < newest);
                    group.drain(..).for_each(|request| request.answer(Ok(())));
                    self.index();
                    self.fold();
                }
                Err(error) => {
                    tracing::error!(%error, requests = group.len(), "a group could not be stored");
                    if let (StoreError::Damaged(_), Some(folder)) = (&error, self.file.parent()) {
                        crate::Store::suspect(folder);
                    }
                    // After a failed sync the connection's own view cannot be trusted: begin afresh.
                    self.db = None;
                    group.drain(..).for_each(|request| request.answer(Err(error.clone())));
                }
            }
        }
        if let Some(folder) = self.folder.take() {
            folder.end();
        }
        if let Some(Err(error)) = self.db.map(Db::close) {
            tracing::warn!(%error, "the database was not closed cleanly");
        }
    }

    /// Stores a group and says the number of the newest Change. A request that fails by its own fault is
    /// rolled back alone; any other failure gives up the whole group.
    fn commit(&mut self, group: &mut [Box<dyn Request>]) -> Result<i64, StoreError> {
        let db = match &self.db {
            Some(db) => db,
            None => self.db.insert(Db::open(&self.file)?),
        };
        db.run("BEGIN IMMEDIATE", &[])?;
        let Err(error) = group.iter_mut().try_for_each(|request| request.run(db)) else {
            return Self::close_group(db);
        };
        if !error.is_own_fault() {
            return Err(error);
        }
        db.run("ROLLBACK", &[]).map_err(|error| not_undone(&error))?;
        if group.len() == 1 {
            return Ok(0);
        }
        db.run("BEGIN IMMEDIATE", &[])?;
        for request in group {
            db.run("SAVEPOINT request", &[])?;
            match request.run(db) {
                Ok(()) => {}
                Err(error) if error.is_own_fault() => {
                    db.run("ROLLBACK TO request", &[]).map_err(|error| not_undone(&error))?;
                }
                Err(error) => return Err(error),
            }
            db.run("RELEASE request", &[])?;
        }
        Self::close_group(db)
    }

    fn close_group(db: &Db) -> Result<i64, StoreError> {
        let newest = db.first("SELECT max(seq) FROM changes", &[], |row| row.get::<_, Option<i64>>(0))?;
        db.run("COMMIT", &[])?;
        Ok(newest.flatten().unwrap_or(0))
    }

    /// Has the log folded back once it is long. The writer does the little that was written meanwhile, so
    /// that the log begins anew.
    fn fold(&mut self) {
        let (Some(db), Some(folder)) = (&self.db, &self.folder) else { return };
        let outcome = if folder.folded.swap(false, Ordering::Acquire) {
            db.fold()
        } else {
            db.log_pages().map(|pages| {
                if pages >= LOG_PAGES {
                    // One that is at it already has been told.
                    let _ = folder.wake.try_send(());
                }
            })
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "the log could not be folded back");
        }
    }

    /// Takes texts into the full-text index, once there are many; a search takes in the rest.
    fn index(&mut self) {
        let Some(db) = &self.db else { return };
        let outcome = db.first("SELECT max(seq) FROM texts", &[], |row| row.get::<_, Option<i64>>(0));
        let outcome = outcome.and_then(|newest| {
            if newest.flatten().unwrap_or(0) - self.indexed < UNINDEXED {
                return Ok(self.indexed);
            }
            index_texts(db)
        });
        match outcome {
            Ok(indexed) => self.indexed = indexed,
            Err(error) => {
                tracing::error!(%error, "texts could not be made searchable");
                self.db = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_how_long_the_log_is_folds_nothing_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.db");
        std::fs::write(&file, "").expect("a file");
        let db = Db::open(&file).expect("a database");
        db.run("CREATE TABLE t (x TEXT)", &[]).expect("a table");
        let before = db.log_pages().expect("pages");
        assert!(before > 0, "{before}");
        for _ in 0..50 {
            db.run("INSERT INTO t VALUES (hex(randomblob(9000)))", &[]).expect("a row");
        }
        let long = db.log_pages().expect("pages");
        assert!(long > before + 50, "{before} {long}");
        db.fold().expect("folded");
        db.run("INSERT INTO t VALUES ('the log begins anew')", &[]).expect("a row");
        let anew = db.log_pages().expect("pages");
        assert!(anew < before + 5, "{anew}");
    }
}
