//! Reading for the window, and the small acts on a conversation.

mod counts;
#[cfg(test)]
mod tests;

pub(crate) use counts::Counted;

use crate::{ContactProblem, Inbox, Problem, view};
use ringdesk_domain::{
    Actor, Address, Change, ConversationId, LineId, Moment, NoteId, Status, TextId,
    consent::Consent,
    media::{self, CAREFUL_PICTURE_BYTES},
    segments,
    sending::Reason,
};
use ringdesk_store::{
    AttachmentState, ConsentEntry, ConversationFilter, ConversationRow, Hit, Kept, Note, PersonPatch,
    PersonSaved, StoreError, Text,
};
use ringdesk_twilio::{explain, meaning::Retry};
use std::cmp::Reverse;

/// Texts in one part of a timeline, and calls.
const PAGE: u32 = 60;
/// Texts in the part that reaches back to one that was looked for, at most, and calls.
const REACH: u32 = 2_000;
/// Characters of a text in the list.
const PREVIEW: usize = 120;
/// Characters of a note, at most.
const NOTE: usize = 5_000;
/// Calls on a contact's card.
const PAST_CALLS: u32 = 5;

impl Inbox {
    /// The Twilio account whose texts are kept, once Twilio has confirmed one.
    pub async fn account(&self) -> Result<Option<String>, StoreError> {
        self.store().account().await
    }

    /// Our lines.
    pub async fn lines(&self) -> Result<Vec<view::Line>, Problem> {
        let region = self.store().settings().await?.region;
        let lines = self.store().lines().await?;
        Ok(lines
            .into_iter()
            .map(|line| view::Line {
                id: line.id,
                display: line.number.display(&region),
                number: line.number.as_str().to_owned(),
                name: line.name,
            })
            .collect())
    }

    /// A part of a list of conversations, newest first, from place `from` on.
    pub async fn conversations(
        &self,
        filter: ConversationFilter,
        line: Option<LineId>,
        from: u32,
        limit: u32,
    ) -> Result<view::ConversationList, Problem> {
        // Read before the rows: a Change that comes meanwhile is asked for again, never missed.
        let seq = self.store().latest_change();
        let store = self.store();
        let region = store.settings().await?.region;
        let (rows, counts) = tokio::try_join!(
            store.conversations(filter, line, from, limit.clamp(1, 500)),
            self.counts(filter, line, seq),
        )?;
        Ok(view::ConversationList {
            conversations: rows.into_iter().map(|row| conversation(row, &region)).collect(),
            total: counts.total,
            counts: counts.filters,
            unread: counts.unread.conversations,
            waiting: counts.unread.waiting,
            missed: counts.unread.missed,
            unheard: counts.unread.unheard,
            seq,
        })
    }

    /// One conversation with the newest part of its timeline, back to `until` where one is named, or the
    /// part before `older`.
    pub async fn conversation(
        &self,
        id: ConversationId,
        older: Option<view::Older>,
        until: Option<TextId>,
    ) -> Result<view::OpenConversation, Problem> {
        let store = self.store();
        let seq = store.latest_change();
        let before = older.map(|older| (older.at, older.seq));
        let page = match until {
            // A few more, to show what it was about.
            Some(until) => (store.texts_since(id, until).await? + PAGE / 4).clamp(PAGE, REACH),
            None => PAGE,
        };
        // What was looked for is there, however often they called since.
        let calls = if until.is_some() { REACH } else { PAGE };
        let until = older.map_or(Moment(i64::MAX), |o| o.at);
        // Somebody waits for it: what needs no other answer is asked at once.
        let (settings, row, mut texts, called_since) = tokio::try_join!(
            store.settings(),
            store.conversation(id),
            store.texts(id, before, page + 1),
            store.calls_reach(id, until, calls)
        )?;
        let region = settings.region;
        let row = row.ok_or(Problem::NotFound)?;
        let more = texts.len() > page as usize;
        texts.truncate(page as usize);
        texts.reverse();
        let unknown = row.consent == Consent::Unknown && !texts.iter().any(|text| !text.incoming);
        let oldest = texts.first().filter(|_| more).map(|text| view::Older { at: text.at, seq: text.seq });
        // Whichever there are too many of, texts or calls, ends the part: nothing in between is left out.
        let begins = match called_since {
            Some(at) if oldest.is_none_or(|oldest| oldest.at < at) => Some(view::Older { at, seq: 0 }),
            _ => oldest,
        };
        let from = begins.map_or(Moment(i64::MIN), |begins| begins.at);
        texts.retain(|text| text.at >= from);
        let ids: Vec<TextId> = texts.iter().map(|text| text.id).collect();
        let called = async { if unknown { store.has_called(id).await } else { Ok(false) } };
        let (history, mut attachments, own, calls, called) = tokio::try_join!(
            store.consent_history(&row.customer),
            store.attachments(&ids),
            store.notes(id, from, until),
            store.calls_in(id, from, until),
            called
        )?;
        let stranger = unknown && !called;
        let notes = history.into_iter().filter(|note| {
            note.event != "wrote_first" && note.at >= from && (older.is_none() || note.at < until)
        });
        let notes = notes.map(|note| {
            view::TimelineItem::Consent(view::ConsentNote { id: note.id, event: note.event, at: note.at })
        });
        let closed = match () {
            () if row.consent == Consent::OptedOut => Some(Reason::OptedOut),
            () if !row.customer.takes_texts() => Some(Reason::NoWayBack),
            () => None,
        };
        let mut timeline: Vec<view::TimelineItem> = Vec::with_capacity(texts.len());
        for text in texts {
            let (own, rest) = attachments.into_iter().partition(|a| a.text == text.id);
            attachments = rest;
            timeline.push(view::TimelineItem::Text(Box::new(shown(text, own))));
        }
        timeline.extend(notes);
        timeline.extend(own.into_iter().map(|note| {
            let Note { id, body, actor, at } = note;
            view::TimelineItem::Note(view::Note { id, body, actor, at })
        }));
        timeline.extend(calls.into_iter().map(|(row, left)| {
            view::TimelineItem::Call(Box::new(view::TimelineCall {
                call: self.call_view(row),
                voicemail: left.into_iter().next_back().map(|row| self.voicemail_view(row)),
            }))
        }));
        timeline.sort_by_key(view::TimelineItem::order);
        Ok(view::OpenConversation {
            draft: row.draft.clone().unwrap_or_default(),
            conversation: conversation(row, &region),
            timeline,
            older: begins,
            closed,
            stranger,
            seq,
        })
    }

    /// The owner has seen it.
    pub async fn mark_read(&self, id: ConversationId) -> Result<(), Problem> {
        Ok(self.store().mark_read(id, self.now()).await?)
    }

    /// The owner wants to see to it later.
    pub async fn mark_unread(&self, id: ConversationId) -> Result<(), Problem> {
        Ok(self.store().mark_unread(id, self.now()).await?)
    }

    /// Puts a conversation away or takes it out again.
    pub async fn set_done(&self, id: ConversationId, done: bool) -> Result<(), Problem> {
        Ok(self.store().set_done(id, done, self.now()).await?)
    }

    /// The owner marks the customer as opted out.
    pub async fn opt_out(&self, id: ConversationId, actor: Actor) -> Result<(), Problem> {
        let row = self.store().conversation(id).await?.ok_or(Problem::NotFound)?;
        Ok(self.store().opt_out(row.customer, actor, self.now()).await?)
    }

    /// The owner undoes an opt-out: their own mark, or one the customer answered YES to. `false`: only
    /// the customer can.
    pub async fn opt_in(&self, id: ConversationId, actor: Actor) -> Result<bool, Problem> {
        let row = self.store().conversation(id).await?.ok_or(Problem::NotFound)?;
        Ok(self.store().opt_in(row.customer, actor, self.now()).await?)
    }

    /// Keeps a note in a conversation; no customer sees it.
    pub async fn add_note(&self, id: ConversationId, body: String, actor: Actor) -> Result<NoteId, Problem> {
        let body = body.trim().to_owned();
        if body.is_empty() || body.chars().count() > NOTE {
            return Err(Problem::Note);
        }
        if self.store().conversation(id).await?.is_none() {
            return Err(Problem::NotFound);
        }
        let now = self.now();
        let note = NoteId::new(now);
        self.store().add_note(note, id, body, actor, now).await?;
        Ok(note)
    }

    /// Removes a note, or puts it back.
    pub async fn remove_note(&self, id: NoteId, removed: bool) -> Result<(), Problem> {
        if self.store().remove_note(id, removed, self.now()).await? { Ok(()) } else { Err(Problem::NotFound) }
    }

    /// What the owner knows of the customer of a conversation. Their calls are those of all their numbers;
    /// where they stand on texts is said of this number alone.
    pub async fn contact(&self, id: ConversationId) -> Result<view::ContactCard, Problem> {
        let store = self.store();
        let region = store.settings().await?.region;
        let row = store.conversation(id).await?.ok_or(Problem::NotFound)?;
        let (person, history) =
            tokio::try_join!(store.person(&row.customer), store.consent_history(&row.customer))?;
        let (mut calls, mut numbers) = (Vec::new(), Vec::new());
        for number in &person.numbers {
            calls.extend(store.calls_of(number, PAST_CALLS).await?);
            numbers.push(view::Number {
                number: number.as_str().to_owned(),
                display: number.display(&region),
                conversation: store.newest_conversation(number).await?,
            });
        }
        calls.sort_by_key(|call| Reverse((call.at, call.id)));
        calls.truncate(PAST_CALLS as usize);
        let note = |note: ConsentEntry| view::ConsentNote { id: note.id, event: note.event, at: note.at };
        Ok(view::ContactCard {
            name: person.name,
            notes: person.notes,
            tags: person.tags,
            numbers,
            consent: row.consent,
            consent_history: history.into_iter().map(note).collect(),
            calls: calls.into_iter().map(|row| self.call_view(row)).collect(),
            held: row.held,
        })
    }

    /// Changes what is known of the customer of a conversation.
    pub async fn save_contact(
        &self,
        id: ConversationId,
        name: Option<&str>,
        notes: Option<String>,
        tags: Option<Vec<String>>,
        numbers: (Option<&str>, Option<&str>),
    ) -> Result<(), ContactProblem> {
        let store = self.store();
        let region = store.settings().await?.region;
        let row = store.conversation(id).await?.ok_or(Problem::NotFound)?;
        let (add, remove) = numbers;
        let add_number = match add {
            Some(typed) => Some(Address::typed(typed, &region).ok_or(ContactProblem::NoNumber)?),
            None => None,
        };
        let tidy = |tag: String| Some(tag.trim().to_owned()).filter(|tag| !tag.is_empty());
        let patch = PersonPatch {
            name: name.map(|name| name.trim().to_owned()),
            notes,
            tags: tags.map(|tags| tags.into_iter().filter_map(tidy).collect()),
            add_number,
            remove_number: remove.map(Address::received),
        };
        match store.save_person(row.customer, patch, self.now()).await? {
            PersonSaved::Saved => Ok(()),
            PersonSaved::NumberOf(name) => Err(ContactProblem::NumberOf(name)),
        }
    }

    /// Keeps what the owner has begun to write; nothing forgets it.
    pub async fn save_draft(&self, id: ConversationId, body: String) -> Result<(), Problem> {
        Ok(self.store().save_draft(id, body, self.now()).await?)
    }

    /// What a draft would be sent as.
    pub async fn measure(&self, body: &str) -> Result<view::DraftLength, Problem> {
        let smart = self.store().settings().await?.texts.smart_encoding;
        let length = if smart { segments::measure(&segments::smart(body)) } else { segments::measure(body) };
        let characters = u32::try_from(body.chars().count()).unwrap_or(u32::MAX);
        Ok(view::DraftLength {
            segments: length.segments,
            left: length.left,
            characters,
            too_long: body.chars().count() > segments::MAX_CHARACTERS,
        })
    }

    /// People whose name or number fits, and texts that hold all words; both newest first.
    pub async fn search(&self, words: &str, limit: u32) -> Result<view::Results, Problem> {
        let region = self.store().settings().await?.region;
        let limit = limit.clamp(1, 200);
        let (people, hits) = tokio::try_join!(
            self.store().search_people(words, &region, limit),
            self.store().search(words, limit)
        )?;
        let found = |hit: Hit| view::Found {
            text: hit.text,
            conversation: hit.conversation,
            customer: hit.customer.as_str().to_owned(),
            display: hit.customer.display(&region),
            name: hit.name,
            snippet: hit.snippet,
            at: hit.at,
        };
        Ok(view::Results {
            people: people.into_iter().map(|row| conversation(row, &region)).collect(),
            texts: hits.into_iter().map(found).collect(),
        })
    }

    /// People, by name.
    pub async fn contacts(&self, limit: u32) -> Result<Vec<view::Contact>, Problem> {
        let rows = self.store().contacts(limit.clamp(1, 1_000)).await?;
        Ok(rows
            .into_iter()
            .map(|row| view::Contact {
                id: row.id.to_string(),
                name: row.name,
                numbers: row.numbers.iter().map(|number| number.as_str().to_owned()).collect(),
            })
            .collect())
    }

    /// Changes after a number, oldest first; waits for the first. Empty: the office is closing.
    pub async fn next_changes(&self, after: i64) -> Result<Vec<Change>, Problem> {
        if !self.change_after(after).await {
            return Ok(Vec::new());
        }
        Ok(self.store().changes_after(after, 500).await?)
    }

    /// Waits until there is a Change after a number; `false`: the office is closing.
    pub(crate) async fn change_after(&self, after: i64) -> bool {
        tokio::select! {
            there = self.store().change_after(after) => there,
            () = self.0.stop.cancelled() => false,
        }
    }

    /// The number of the newest Change.
    pub fn latest_change(&self) -> i64 {
        self.store().latest_change()
    }

    /// Everything that is kept, one JSON object at a time.
    pub async fn export<E: From<StoreError>>(
        &self,
        take: impl FnMut(serde_json::Map<String, serde_json::Value>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.store().export(take).await
    }
}

/// A picture the owner added, as the composer shows it.
impl From<Kept> for view::Picture {
    fn from(kept: Kept) -> Self {
        Self {
            large: kept.bytes > CAREFUL_PICTURE_BYTES,
            sha256: kept.sha256,
            content_type: kept.content_type,
            bytes: kept.bytes,
        }
    }
}

pub(crate) fn conversation(row: ConversationRow, region: &str) -> view::Conversation {
    view::Conversation {
        id: row.id,
        line: row.line,
        line_display: row.line_number.display(region),
        display: row.customer.display(region),
        kind: row.customer.kind(),
        customer: row.customer.as_str().to_owned(),
        name: row.name,
        last_at: row.last_at,
        unread: row.unread,
        waiting_since: row.waiting_since.filter(|_| row.done_at.is_none()),
        draft: row.draft.map(|draft| draft.chars().take(PREVIEW).collect()),
        done_at: row.done_at,
        held: row.held,
        assigned: row.assigned,
        consent: row.consent,
        consent_since: row.consent_since,
        last_call: row.last_call.map(|(incoming, ending, missed)| view::LastCall {
            incoming,
            ending,
            missed,
            said: row.last_said.map(|said| said.chars().take(PREVIEW).collect()),
        }),
        last: row.last.map(|(incoming, body, status)| view::LastText {
            incoming,
            preview: body.chars().take(PREVIEW).collect(),
            failed: status.is_failure(),
            status,
            pictures: row.last_pictures,
        }),
    }
}

fn shown(text: Text, attachments: Vec<ringdesk_store::Attachment>) -> view::Text {
    let listed = u32::try_from(attachments.len()).unwrap_or(u32::MAX);
    let waiting = text.status == Status::Waiting && text.outbox.as_deref() == Some("queued");
    view::Text {
        failure: text.status.is_failure().then(|| failure(&text)),
        id: text.id,
        incoming: text.incoming,
        body: text.body,
        at: text.at,
        actor: text.actor,
        status: text.status,
        undo_until: text.due_at.filter(|_| waiting),
        held: text.outbox.as_deref() == Some("held"),
        resent: text.resent,
        late: if text.incoming { view::late(text.arrival) } else { None },
        lost: text.outbox.as_deref() == Some("not_found"),
        missing_attachments: text.media_claimed.saturating_sub(listed),
        attachments: attachments.into_iter().map(attachment).collect(),
        group_with: text.group_with,
        segments: text.segments,
    }
}

fn failure(text: &Text) -> view::Failure {
    let charged = match () {
        () if text.refused => view::Charged::No,
        () if text.price.is_some() => view::Charged::Yes,
        () => view::Charged::Usually,
    };
    match text.error_code {
        Some(code) => explained(code, charged),
        None => view::Failure {
            code: None,
            what: "The carrier gave no reason.".into(),
            next: "Try once more; if it repeats, call.".into(),
            charged,
            can_retry: true,
            help_url: None,
        },
    }
}

fn explained(code: u32, charged: view::Charged) -> view::Failure {
    let told = explain(code);
    view::Failure {
        code: Some(code),
        what: told.what,
        next: told.next,
        charged,
        can_retry: told.retry != Retry::No && !told.opted_out,
        help_url: Some(told.help_url),
    }
}

/// Why a call of ours could not be placed.
pub(crate) fn failure_of(code: Option<u32>) -> view::Failure {
    match code {
        Some(code) => explained(code, view::Charged::No),
        None => view::Failure {
            code: None,
            what: "The call could not leave this computer, so nobody's phone rang.".into(),
            next: "Check the internet connection, then call again.".into(),
            charged: view::Charged::No,
            can_retry: true,
            help_url: None,
        },
    }
}

fn attachment(attachment: ringdesk_store::Attachment) -> view::Attachment {
    let kept = attachment.kept;
    view::Attachment {
        id: attachment.id,
        state: match attachment.state {
            AttachmentState::Wanted => view::AttachmentState::Wanted,
            AttachmentState::Kept => view::AttachmentState::Kept,
            AttachmentState::Refused => view::AttachmentState::Refused,
            AttachmentState::Gone => view::AttachmentState::Gone,
        },
        showable: kept
            .as_ref()
            .is_some_and(|kept| media::treat(Some(&kept.content_type)) == media::Use::Show),
        content_type: kept.as_ref().map(|kept| kept.content_type.clone()),
        bytes: kept.as_ref().map(|kept| kept.bytes),
        sha256: kept.map(|kept| kept.sha256),
        problem: attachment.problem,
    }
}
