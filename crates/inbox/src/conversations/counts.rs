//! What a list of conversations counts. Every part of a list that is scrolled through tells it, so what was
//! counted last is kept until something changes.

use crate::{Inbox, view};
use ringdesk_domain::LineId;
use ringdesk_store::{ConversationFilter, StoreError, Unread};
use std::sync::{Mutex, PoisonError};

/// What is counted for one list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    /// Conversations in it.
    pub(super) total: u32,
    /// By filter, on the list's line only where it is of one.
    pub(super) filters: view::FilterCounts,
    /// What the badges count.
    pub(super) unread: Unread,
}

/// Which list, and the newest Change that was known when it was counted.
type Of = (ConversationFilter, Option<LineId>, i64);

/// What was counted last.
#[derive(Debug, Default)]
pub(crate) struct Counted(Mutex<Option<(Of, Counts)>>);

impl Counted {
    fn get(&self, of: Of) -> Option<Counts> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.filter(|(counted, _)| *counted == of).map(|(_, counts)| counts)
    }

    fn keep(&self, of: Of, counts: Counts) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((of, counts));
    }
}

impl Inbox {
    /// Counts for a list. `seq` is the newest Change, read before anything else is: what is counted beside a
    /// write may know of it already, and is never kept for after it.
    pub(super) async fn counts(
        &self,
        filter: ConversationFilter,
        line: Option<LineId>,
        seq: i64,
    ) -> Result<Counts, StoreError> {
        let counted = &self.0.counted;
        if let Some(counts) = counted.get((filter, line, seq)) {
            return Ok(counts);
        }
        let store = self.store();
        let own = async {
            match line {
                Some(line) => store.filter_counts(line).await.map(Some),
                None => Ok(None),
            }
        };
        let (total, unread, own) =
            tokio::try_join!(store.count_conversations(filter, line), store.unread(), own)?;
        let filters = own.map_or(
            view::FilterCounts {
                unread: unread.conversations,
                waiting: unread.waiting,
                missed: unread.missed,
            },
            |own| view::FilterCounts { unread: own.unread, waiting: own.waiting, missed: own.missed },
        );
        let counts = Counts { total, filters, unread };
        // Beside a running owner no Change is ever heard of.
        if seq > 0 {
            counted.keep((filter, line, seq), counts);
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, Clock};
    use ringdesk_domain::{Address, ConversationId, Moment};
    use ringdesk_store::SeedText;

    const LINE: &str = "+15005550006";
    const NOW: Moment = Moment(1_795_197_600_000);

    async fn office(folder: &std::path::Path) -> Inbox {
        Inbox::open(folder, Access::Own, Clock::set_to(NOW)).await.expect("an office")
    }

    async fn with(inbox: &Inbox, customer: &str) -> ConversationId {
        let (line, customer) = (Address::received(LINE), Address::received(customer));
        inbox.store().conversation_with(line, customer, NOW).await.expect("a conversation")
    }

    /// A text that is told to nobody.
    async fn silently(inbox: &Inbox, customer: &str) {
        let text = SeedText {
            line: Address::received(LINE),
            customer: Address::received(customer),
            incoming: true,
            body: "Hello".into(),
            at: NOW,
        };
        inbox.store().seed(vec![text]).await.expect("stored");
    }

    /// How many there are of this list, and how many are unread on its line and on all.
    async fn told(inbox: &Inbox, filter: ConversationFilter, line: Option<LineId>) -> (u32, u32, u32) {
        let list = inbox.conversations(filter, line, 0, 1).await.expect("a list");
        (list.total, list.counts.unread, list.unread)
    }

    #[tokio::test]
    async fn whatever_changes_is_counted_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = office(folder.path()).await;
        let open = async |inbox: &Inbox| told(inbox, ConversationFilter::Open, None).await;
        assert_eq!(open(&inbox).await, (0, 0, 0));
        let maria = with(&inbox, "+14155550101").await;
        assert_eq!(open(&inbox).await, (1, 0, 0));
        with(&inbox, "+14155550102").await;
        assert_eq!(open(&inbox).await, (2, 0, 0));
        inbox.mark_unread(maria).await.expect("marked");
        assert_eq!(open(&inbox).await, (2, 1, 1));
        let line = inbox.store().lines().await.expect("lines")[0].id;
        let other = LineId::new(NOW);
        for (filter, line, counts) in [
            (ConversationFilter::Unread, None, (1, 1, 1)),
            (ConversationFilter::Done, None, (0, 1, 1)),
            (ConversationFilter::Open, Some(line), (2, 1, 1)),
            (ConversationFilter::Open, Some(other), (0, 0, 1)),
        ] {
            assert_eq!(told(&inbox, filter, line).await, counts, "{filter:?} {line:?}");
        }
        inbox.set_done(maria, true).await.expect("put away");
        assert_eq!(open(&inbox).await, (1, 0, 0));
        inbox.close().await;
    }

    #[tokio::test]
    async fn parts_of_one_list_are_counted_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let inbox = office(folder.path()).await;
        let open = async |inbox: &Inbox| told(inbox, ConversationFilter::Open, None).await.0;
        let maria = with(&inbox, "+14155550101").await;
        assert_eq!(open(&inbox).await, 1);
        silently(&inbox, "+14155550102").await;
        assert_eq!(open(&inbox).await, 1, "nothing was heard of it");
        inbox.mark_unread(maria).await.expect("marked");
        assert_eq!(open(&inbox).await, 2);
        inbox.close().await;
    }

    #[tokio::test]
    async fn beside_a_running_owner_nothing_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let owner = office(folder.path()).await;
        let beside = Inbox::open(folder.path(), Access::Read, Clock::set_to(NOW)).await.expect("beside it");
        let open = async |inbox: &Inbox| told(inbox, ConversationFilter::Open, None).await.0;
        assert_eq!(open(&beside).await, 0);
        with(&owner, "+14155550101").await;
        assert_eq!(open(&beside).await, 1);
        beside.close().await;
        owner.close().await;
    }
}
