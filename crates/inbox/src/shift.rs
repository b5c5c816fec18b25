//! A loop that claims what is due, works on a few things at a time, and rests until more is due.

use crate::Inbox;
use ringdesk_domain::Moment;
use ringdesk_store::StoreError;
use tokio::{sync::Notify, task::JoinSet};

/// What a loop does.
pub(crate) trait Shift: Send + 'static {
    /// One thing to work on.
    type Job: Send + 'static;
    /// How many at once.
    const AT_ONCE: usize;

    /// What wakes it before something is due.
    fn bell(inbox: &Inbox) -> &Notify;

    /// Whether anything can be done now.
    fn may(inbox: &Inbox) -> bool {
        inbox.reach().is_some()
    }

    /// Claims something that is due.
    fn claim(
        inbox: &Inbox,
        now: Moment,
    ) -> impl Future<Output = Result<Option<Self::Job>, StoreError>> + Send;

    /// When something is due next.
    fn due(inbox: &Inbox, now: Moment) -> impl Future<Output = Result<Option<Moment>, StoreError>> + Send;

    /// Works on it. May be dropped at any point: it is claimed again at the next start.
    fn work(inbox: Inbox, job: Self::Job) -> impl Future<Output = ()> + Send;
}

impl Inbox {
    /// Works until the inbox closes.
    pub(crate) async fn run<S: Shift>(self) {
        let mut running: JoinSet<()> = JoinSet::new();
        loop {
            while running.try_join_next().is_some() {}
            // One reading for claiming and waiting: what falls due in between is not passed over.
            let now = self.now();
            let may = S::may(&self);
            if may && running.len() < S::AT_ONCE {
                match S::claim(&self, now).await {
                    Ok(Some(job)) => {
                        running.spawn(S::work(self.clone(), job));
                        continue;
                    }
                    Ok(None) => {}
                    Err(error) => {
                        // The store comes back without a bell: it is asked again.
                        self.rest(&error).await;
                        if self.0.stop.is_cancelled() {
                            break;
                        }
                        continue;
                    }
                }
            }
            let due = if may { S::due(&self, now).await } else { Ok(None) };
            let due = match due {
                Ok(due) => due,
                Err(error) => {
                    self.rest(&error).await;
                    if self.0.stop.is_cancelled() {
                        break;
                    }
                    continue;
                }
            };
            let due = due.filter(|due| *due > now);
            tokio::select! {
                () = self.0.stop.cancelled() => break,
                () = S::bell(&self).notified() => {}
                Some(_) = running.join_next() => {}
                () = self.until(due) => {}
            }
        }
        running.shutdown().await;
    }
}
