//! The one writer: takes what is waiting, stores it with one commit and FULL sync, and only then answers.
//! Plain webhooks go together, everything else in a savepoint of its own.

use crate::{
    Receipt, StoreError,
    arrivals::{self, ArrivedReport, ArrivedText, Marks},
    search::index_texts,
    texts::{record, record_report},
};
use serde_json::value::RawValue;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{future::Future, pin::Pin, sync::Arc};
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// Requests in one commit, at most.
const GROUP: usize = 64;
/// Requests waiting, at most; beyond it a caller is told the store is busy.
const WAITING: usize = 1_024;
/// From how many texts on outside the full-text index they are taken into it.
const UNINDEXED: i64 = 256;

pub(crate) type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

/// What a request came to, and who is told after the commit.
pub(crate) struct Slot<T> {
    pub(crate) outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T> Slot<T> {
    /// Keeps the outcome; gives back only what went wrong.
    fn settle(&mut self, outcome: Result<T, StoreError>) -> Result<(), StoreError> {
        let failed = outcome.as_ref().err().cloned();
        self.outcome = Some(outcome);
        failed.map_or(Ok(()), Err)
    }

    fn answer(self, group: Result<(), StoreError>) {
        let outcome = match group {
            Ok(()) => self.outcome.unwrap_or(Err(StoreError::Busy)),
            Err(error) => Err(error),
        };
        // Nobody waiting any more is fine: the fact is stored.
        let _ = self.reply.send(outcome);
    }
}

/// One whole fact to store.
pub(crate) enum Request {
    /// A text the door brought.
    Text(Box<ArrivedText>),
    /// A delivery report the door brought.
    Report(Box<ArrivedReport>),
    /// Anything else.
    Act(Box<dyn Act>),
}

impl Request {
    /// Stores it by itself.
    async fn run(&mut self, conn: &mut SqliteConnection) -> Result<(), StoreError> {
        match self {
            Self::Text(arrived) => {
                let outcome = record(conn, &arrived.text, Some(&arrived.receipt)).await;
                arrived.slot.settle(outcome)
            }
            Self::Report(arrived) => {
                let outcome = record_report(conn, &arrived.report, Some(&arrived.receipt)).await;
                arrived.slot.settle(outcome)
            }
            Self::Act(act) => act.run(conn).await,
        }
    }

    /// A webhook that needs nothing special, laid out, and its receipt.
    pub(crate) fn plain(&self) -> Option<(&RawValue, &Receipt)> {
        match self {
            Self::Text(arrived) => Some((arrived.laid.as_deref()?, &arrived.receipt)),
            Self::Report(arrived) => Some((arrived.laid.as_deref()?, &arrived.receipt)),
            Self::Act(_) => None,
        }
    }

    fn is_settled(&self) -> bool {
        match self {
            Self::Text(arrived) => arrived.slot.outcome.is_some(),
            Self::Report(arrived) => arrived.slot.outcome.is_some(),
            Self::Act(act) => act.is_settled(),
        }
    }

    fn answer(self, group: Result<(), StoreError>) {
        match self {
            Self::Text(arrived) => arrived.slot.answer(group),
            Self::Report(arrived) => arrived.slot.answer(group),
            Self::Act(act) => act.answer(group),
        }
    }
}

/// Work that can be run on the connection and answered after the commit.
pub(crate) trait Act: Send {
    fn run<'c>(&'c mut self, conn: &'c mut SqliteConnection) -> Work<'c, ()>;
    fn is_settled(&self) -> bool;
    fn answer(self: Box<Self>, group: Result<(), StoreError>);
}

struct Task<T, F> {
    act: Option<F>,
    slot: Slot<T>,
}

impl<T, F> Act for Task<T, F>
where
    T: Send,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send,
{
    fn run<'c>(&'c mut self, conn: &'c mut SqliteConnection) -> Work<'c, ()> {
        Box::pin(async move {
            let act = self.act.take().expect("an act runs once");
            let outcome = act(conn).await;
            self.slot.settle(outcome)
        })
    }

    fn is_settled(&self) -> bool {
        self.slot.outcome.is_some()
    }

    fn answer(self: Box<Self>, group: Result<(), StoreError>) {
        self.slot.answer(group);
    }
}

/// The door to the writer; cheap to clone.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Request>,
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
        self.ask(|slot| Ok(Request::Act(Box::new(Task { act: Some(act), slot })))).await
    }

    /// Hands a request over; returns after it is on disk.
    pub(crate) async fn ask<T>(
        &self,
        request: impl FnOnce(Slot<T>) -> Result<Request, StoreError>,
    ) -> Result<T, StoreError> {
        let (reply, outcome) = oneshot::channel();
        let request = request(Slot { outcome: None, reply })?;
        self.queue.send(request).await.map_err(|_| StoreError::Busy)?;
        outcome.await.map_err(|_| StoreError::Busy)?
    }
}

async fn run(
    conn: SqliteConnection,
    options: SqliteConnectOptions,
    mut waiting: mpsc::Receiver<Request>,
    latest: watch::Sender<i64>,
    closing: Arc<Notify>,
) {
    let mut desk = Desk { conn: Some(conn), options, marks: None, indexed: 0 };
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
        let mut way = Way::Together;
        while !group.is_empty() {
            match desk.commit(&mut group, way).await {
                Ok(newest) => {
                    latest.send_if_modified(|seq| std::mem::replace(seq, newest.max(*seq)) < newest);
                    group
                        .extract_if(.., |request| request.is_settled())
                        .for_each(|request| request.answer(Ok(())));
                }
                Err(error) => {
                    tracing::error!(%error, requests = group.len(), "a group could not be stored");
                    group.drain(..).for_each(|request| request.answer(Err(error.clone())));
                }
            }
            // Repeats and whatever else was not plain after all.
            way = Way::OneByOne;
        }
        desk.index().await;
    }
    if let Some(conn) = desk.conn
        && let Err(error) = conn.close().await
    {
        tracing::warn!(error = %StoreError::from(error), "the database was not closed cleanly");
    }
}

/// How the door's webhooks of a group are stored; everything else always goes one by one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Together,
    OneByOne,
}

/// The connection and what is known of its tables.
struct Desk {
    conn: Option<SqliteConnection>,
    options: SqliteConnectOptions,
    marks: Option<Marks>,
    /// Number of the last text known to be in the full-text index.
    indexed: i64,
}

impl Desk {
    /// Stores a group and says the number of the newest Change. What is not settled afterwards was left
    /// for the way one by one.
    async fn commit(&mut self, group: &mut [Request], way: Way) -> Result<i64, StoreError> {
        let outcome = self.try_commit(group, way).await;
        if outcome.is_err() {
            // After a failed sync the connection's own view cannot be trusted: begin afresh.
            (self.conn, self.marks) = (None, None);
        }
        outcome
    }

    async fn try_commit(&mut self, group: &mut [Request], way: Way) -> Result<i64, StoreError> {
        if self.conn.is_none() {
            self.conn = Some(SqliteConnection::connect_with(&self.options).await?);
        }
        let Some(conn) = &mut self.conn else { return Err(StoreError::Busy) };
        if self.marks.is_none() {
            arrivals::begin(conn).await?;
        }
        let marks = match way {
            Way::Together => together(conn, group).await?,
            Way::OneByOne => {
                sqlx::query("BEGIN IMMEDIATE").execute(&mut *conn).await?;
                one_by_one(conn, group).await?;
                arrivals::close(conn).await?
            }
        };
        self.marks = Some(marks);
        Ok(marks.change)
    }

    /// Takes texts into the full-text index, once there are many; a search takes in the rest.
    async fn index(&mut self) {
        let (Some(marks), Some(conn)) = (self.marks, &mut self.conn) else { return };
        if marks.text - self.indexed < UNINDEXED {
            return;
        }
        match index_texts(conn).await {
            Ok(indexed) => self.indexed = indexed,
            Err(error) => {
                tracing::error!(%error, "texts could not be made searchable");
                (self.conn, self.marks) = (None, None);
            }
        }
    }
}

/// Stores a group in the order it came: plain webhooks that follow each other together, everything else
/// in a savepoint of its own.
async fn together(conn: &mut SqliteConnection, group: &mut [Request]) -> Result<Marks, StoreError> {
    if group.iter().all(|request| request.plain().is_some()) {
        match arrivals::file(conn, group).await {
            Err(error) if error.is_own_fault() => tracing::warn!(%error, "a group is stored one by one"),
            outcome => return outcome,
        }
    }
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *conn).await?;
    let mut rest = group;
    while !rest.is_empty() {
        let run = rest.iter().take_while(|request| request.plain().is_some()).count();
        let (next, after) = rest.split_at_mut(run.max(1));
        if run > 1 {
            sqlx::query("SAVEPOINT plain").execute(&mut *conn).await?;
            let then = match arrivals::file(conn, next).await {
                Ok(_) => "RELEASE plain",
                Err(error) if error.is_own_fault() => "ROLLBACK TO plain; RELEASE plain",
                Err(error) => return Err(error),
            };
            sqlx::query(then).execute(&mut *conn).await?;
        }
        one_by_one(conn, next).await?;
        rest = after;
    }
    arrivals::close(conn).await
}

/// Stores the requests that are not settled, each in a savepoint. One that fails by its own fault is
/// rolled back alone; any other failure gives up the whole group.
async fn one_by_one(conn: &mut SqliteConnection, group: &mut [Request]) -> Result<(), StoreError> {
    for request in group.iter_mut().filter(|request| !request.is_settled()) {
        sqlx::query("SAVEPOINT request").execute(&mut *conn).await?;
        let then = match request.run(conn).await {
            Ok(()) => "RELEASE request",
            Err(error) if error.is_own_fault() => "ROLLBACK TO request; RELEASE request",
            Err(error) => return Err(error),
        };
        sqlx::query(then).execute(&mut *conn).await?;
    }
    Ok(())
}
