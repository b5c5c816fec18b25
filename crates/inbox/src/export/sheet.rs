//! A conversation on its way to a file: whose it is, and everything in it, part by part.

use super::{blocking, words};
use crate::{Inbox, Problem, view};
use jiff::tz::TimeZone;
use ringdesk_domain::{ConversationId, Moment};
use ringdesk_store::{ConversationRow, Item, Place};
use std::{io, path::Path};

/// What is read at once.
const PART: usize = 2_000;

/// Whose conversation it is.
pub(super) struct Subject {
    pub(super) inbox: Inbox,
    pub(super) row: ConversationRow,
    pub(super) business: String,
    /// What the owner calls our line in it.
    pub(super) line_name: String,
    pub(super) region: String,
    pub(super) zone: TimeZone,
    pub(super) made_at: Moment,
    /// When the first and the last of it happened.
    pub(super) range: Option<(Moment, Moment)>,
    places: Vec<Place>,
}

impl Subject {
    /// The customer as people call them.
    pub(super) fn who(&self) -> String {
        self.row.name.clone().unwrap_or_else(|| self.row.customer.display(&self.region))
    }

    pub(super) fn stamp(&self) -> String {
        words::stamp(self.made_at, &self.zone)
    }
}

/// How much was written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) texts: u32,
    pub(super) calls: u32,
    pub(super) voicemails: u32,
    pub(super) files: u32,
}

impl Counts {
    pub(super) fn exported(self, path: &Path, bytes: u64) -> view::Exported {
        view::Exported {
            path: path.display().to_string(),
            texts: self.texts,
            calls: self.calls,
            voicemails: self.voicemails,
            files: self.files,
            bytes,
        }
    }
}

/// What a conversation is written as. It is written where it keeps nobody waiting.
pub(super) trait Sheet<W>: Sized + Send + 'static {
    fn begin(subject: Subject, out: W) -> io::Result<Self>;

    fn item(&mut self, item: Item) -> io::Result<()>;

    fn end(self) -> io::Result<(W, Counts)>;
}

impl Inbox {
    pub(super) async fn subject(&self, id: ConversationId) -> Result<Subject, Problem> {
        let store = self.store();
        let row = store.conversation(id).await?.ok_or(Problem::NotFound)?;
        let line = store.line(row.line).await?;
        let places = store.places(id).await?;
        let rules = self.rules();
        Ok(Subject {
            inbox: self.clone(),
            line_name: line.map(|line| line.name).unwrap_or_default(),
            row,
            business: rules.settings.business_name.clone(),
            region: rules.settings.region.clone(),
            zone: rules.zone.clone(),
            made_at: self.now(),
            range: places.first().zip(places.last()).map(|(first, last)| (first.at(), last.at())),
            places,
        })
    }

    /// Writes everything in a conversation.
    pub(super) async fn fill<S: Sheet<W>, W: Send + 'static>(
        &self,
        mut subject: Subject,
        out: W,
    ) -> Result<(W, Counts), Problem> {
        let (places, row) = (std::mem::take(&mut subject.places), subject.row.clone());
        let mut sheet = blocking(move || S::begin(subject, out)).await?;
        for part in places.chunks(PART) {
            let items = self.store().items(&row, part).await?;
            sheet = blocking(move || {
                for item in items {
                    sheet.item(item)?;
                }
                Ok(sheet)
            })
            .await?;
        }
        blocking(move || sheet.end()).await
    }
}
