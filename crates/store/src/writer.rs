//! The one writer: takes what is waiting, gives each request a savepoint, commits once with FULL
//! sync, and only then answers them all.

use crate::{
    StoreError,
    search::{CLOSE_GROUP, INDEXED},
};
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{future::Future, pin::Pin, sync::Arc};
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// Requests in one commit, at most.
const GROUP: usize = 64;
/// Requests waiting, at most; beyond it a caller is told the store is busy.
const WAITING: usize = 1_024;

pub(crate) type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

/// A request that can be run on the connection and answered after the commit.
trait Request: Send {
    fn run<'c>(&'c mut self, conn: &'c mut SqliteConnection) -> Work<'c, ()>;
    fn answer(self: Box<Self>, group: Result<(), StoreError>);
}

struct Task<T, F> {
    act: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Request for Task<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send,
{
    fn run<'c>(&'c mut self, conn: &'c mut SqliteConnection) -> Work<'c, ()> {
        Box::pin(async move {
            let act = self.act.take().expect("a request runs once");
            let outcome = act(conn).await;
            let failed = outcome.as_ref().err().cloned();
            self.outcome = Some(outcome);
            failed.map_or(Ok(()), Err)
        })
    }

    fn answer(self: Box<Self>, group: Result<(), StoreError>) {
        let outcome = match group {
            Ok(()) => self.outcome.unwrap_or(Err(StoreError::Busy)),
            Err(error) => Err(error),
        };
        // Nobody waiting any more is fine: the fact is stored.
        let _ = self.reply.send(outcome);
    }
}

/// The door to the writer; cheap to clone.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Request>>,
    closing: Arc<Notify>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

impl Writer {
    /// Starts the writer on its connection. `latest` tells readers the newest committed Change.
    pub(crate) fn start(
        conn: SqliteConnection,
        options: SqliteConnectOptions,
        latest: watch::Sender<i64>,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(WAITING);
        let closing = Arc::new(Notify::new());
        let task = tokio::spawn(run(conn, options, waiting, latest, closing.clone()));
        (Self { queue, closing }, task)
    }

    /// Takes nothing new; what is waiting is still stored, then the file is closed.
    pub(crate) fn close(&self) {
        self.closing.notify_one();
    }

    /// Runs one whole fact in a savepoint of its own; returns after it is on disk.
    pub(crate) async fn write<T, F>(&self, act: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        let task: Box<dyn Request> = Box::new(Task { act: Some(act), outcome: None, reply });
        self.queue.send(task).await.map_err(|_| StoreError::Busy)?;
        outcome.await.map_err(|_| StoreError::Busy)?
    }
}

async fn run(
    conn: SqliteConnection,
    options: SqliteConnectOptions,
    mut waiting: mpsc::Receiver<Box<dyn Request>>,
    latest: watch::Sender<i64>,
    closing: Arc<Notify>,
) {
    let mut open = Some(conn);
    let mut indexed = None;
    let mut group = Vec::with_capacity(GROUP);
    loop {
        let taken = tokio::select! {
            biased;
            taken = waiting.recv_many(&mut group, GROUP) => taken,
            () = closing.notified() => {
                waiting.close();
                continue;
            }
        };
        if taken == 0 {
            break;
        }
        let outcome = async {
            let conn = usable(&mut open, &options).await?;
            let known = match indexed {
                Some(known) => known,
                None => sqlx::query_scalar(INDEXED).fetch_one(&mut *conn).await?,
            };
            commit(conn, known, &mut group).await
        };
        match outcome.await {
            Ok(committed) => {
                indexed = Some(committed.indexed);
                let newest = committed.change;
                latest.send_if_modified(|seq| std::mem::replace(seq, newest.max(*seq)) < newest);
                group.drain(..).for_each(|request| request.answer(Ok(())));
            }
            Err(error) => {
                tracing::error!(%error, requests = group.len(), "a group could not be stored");
                // After a failed sync the connection's own view cannot be trusted: begin afresh.
                (open, indexed) = (None, None);
                group.drain(..).for_each(|request| request.answer(Err(error.clone())));
            }
        }
    }
    if let Some(conn) = open
        && let Err(error) = conn.close().await
    {
        tracing::warn!(error = %StoreError::from(error), "the database was not closed cleanly");
    }
}

async fn usable<'c>(
    conn: &'c mut Option<SqliteConnection>,
    options: &SqliteConnectOptions,
) -> Result<&'c mut SqliteConnection, StoreError> {
    if conn.is_none() {
        *conn = Some(SqliteConnection::connect_with(options).await?);
    }
    conn.as_mut().ok_or(StoreError::Busy)
}

/// What a commit moved on to.
#[derive(Clone, Copy)]
struct Committed {
    /// Number of the newest Change.
    change: i64,
    /// The last text in the full-text index.
    indexed: i64,
}

/// Runs a group and commits it. A request that fails by its own fault is rolled back alone; any other
/// failure gives up the whole group.
async fn commit(
    conn: &mut SqliteConnection,
    indexed: i64,
    group: &mut [Box<dyn Request>],
) -> Result<Committed, StoreError> {
    sqlx::query("BEGIN IMMEDIATE; SAVEPOINT request").execute(&mut *conn).await?;
    let last = group.len() - 1;
    for (at, request) in group.iter_mut().enumerate() {
        let next = match request.run(conn).await {
            Ok(()) if at == last => "RELEASE request",
            Ok(()) => "RELEASE request; SAVEPOINT request",
            Err(error) if error.is_own_fault() && at == last => "ROLLBACK TO request; RELEASE request",
            Err(error) if error.is_own_fault() => "ROLLBACK TO request; RELEASE request; SAVEPOINT request",
            Err(error) => return Err(error),
        };
        sqlx::query(next).execute(&mut *conn).await?;
    }
    let row = sqlx::query(CLOSE_GROUP).bind(indexed).fetch_one(&mut *conn).await?;
    let committed = Committed { change: row.try_get(0)?, indexed: row.try_get(1)? };
    sqlx::query("COMMIT").execute(&mut *conn).await?;
    Ok(committed)
}
