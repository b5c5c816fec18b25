//! Intents about conversations.

use crate::{CommandError, Desk, Nothing};
use ringdesk_domain::{Actor, ConversationId, LineId, NoteId, TextId};
use ringdesk_inbox::{ConversationFilter, view};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which part of which list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct ConversationsRequest {
    /// Which; all that are not done when left out.
    pub filter: Option<Filter>,
    /// On this line only; on all when left out.
    pub line: Option<LineId>,
    /// From this place on; from the top when left out.
    pub from: Option<u32>,
    /// At most this many; 100 when left out.
    pub limit: Option<u32>,
}

/// Which conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Everything not done.
    All,
    /// With something unread.
    Unread,
    /// The customer rang in vain and waits.
    Missed,
    /// The customer waits for an answer.
    Waiting,
    /// Put away.
    Done,
}

/// Which conversation, and which part of its timeline.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct ConversationRequest {
    /// The conversation.
    pub id: ConversationId,
    /// The part before this; the newest when left out.
    #[serde(default)]
    pub older: Option<view::Older>,
    /// The newest part reaches back to this text at least, up to 2,000 texts.
    #[serde(default)]
    pub until: Option<TextId>,
}

/// Which conversation.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OneConversation {
    /// The conversation.
    pub id: ConversationId,
}

/// Whether an opt-out was undone.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OptedIn {
    /// `false`: only the customer can undo it.
    pub opted_in: bool,
}

/// What is to change about the customer of a conversation; what is left out stays.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct SaveContactRequest {
    /// The conversation.
    pub id: ConversationId,
    /// Their name.
    #[serde(default)]
    pub name: Option<String>,
    /// The owner's notes.
    #[serde(default)]
    pub notes: Option<String>,
    /// All tags.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// One more number, as people write it.
    #[serde(default)]
    pub add_number: Option<String>,
    /// A number that is not theirs; the last one stays.
    #[serde(default)]
    pub remove_number: Option<String>,
}

/// What has been written so far.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftRequest {
    /// The conversation.
    pub id: ConversationId,
    /// The words; none forgets the draft.
    pub body: String,
}

pub(crate) async fn list(
    desk: &Desk,
    request: ConversationsRequest,
) -> Result<view::ConversationList, CommandError> {
    let filter = match request.filter.unwrap_or(Filter::All) {
        Filter::All => ConversationFilter::Open,
        Filter::Unread => ConversationFilter::Unread,
        Filter::Missed => ConversationFilter::Missed,
        Filter::Waiting => ConversationFilter::Waiting,
        Filter::Done => ConversationFilter::Done,
    };
    Ok(desk
        .inbox
        .conversations(filter, request.line, request.from.unwrap_or(0), request.limit.unwrap_or(100))
        .await?)
}

pub(crate) async fn open(
    desk: &Desk,
    request: ConversationRequest,
) -> Result<view::OpenConversation, CommandError> {
    Ok(desk.inbox.conversation(request.id, request.older, request.until).await?)
}

pub(crate) async fn mark_read(desk: &Desk, request: OneConversation) -> Result<Nothing, CommandError> {
    desk.inbox.mark_read(request.id).await?;
    Ok(Nothing {})
}

pub(crate) async fn mark_unread(desk: &Desk, request: OneConversation) -> Result<Nothing, CommandError> {
    desk.inbox.mark_unread(request.id).await?;
    Ok(Nothing {})
}

pub(crate) async fn mark_done(desk: &Desk, request: OneConversation) -> Result<Nothing, CommandError> {
    desk.inbox.set_done(request.id, true).await?;
    Ok(Nothing {})
}

pub(crate) async fn reopen(desk: &Desk, request: OneConversation) -> Result<Nothing, CommandError> {
    desk.inbox.set_done(request.id, false).await?;
    Ok(Nothing {})
}

pub(crate) async fn contact(
    desk: &Desk,
    request: OneConversation,
) -> Result<view::ContactCard, CommandError> {
    Ok(desk.inbox.contact(request.id).await?)
}

pub(crate) async fn save_contact(desk: &Desk, request: SaveContactRequest) -> Result<Nothing, CommandError> {
    let SaveContactRequest { id, name, notes, tags, add_number, remove_number } = request;
    let numbers = (add_number.as_deref(), remove_number.as_deref());
    desk.inbox.save_contact(id, name.as_deref(), notes, tags, numbers).await?;
    Ok(Nothing {})
}

pub(crate) async fn save_draft(desk: &Desk, request: DraftRequest) -> Result<Nothing, CommandError> {
    desk.inbox.save_draft(request.id, request.body).await?;
    Ok(Nothing {})
}

pub(crate) async fn opt_in(desk: &Desk, request: OneConversation) -> Result<OptedIn, CommandError> {
    Ok(OptedIn { opted_in: desk.inbox.opt_in(request.id, Actor::Owner).await? })
}

pub(crate) async fn opt_out(desk: &Desk, request: OneConversation) -> Result<Nothing, CommandError> {
    desk.inbox.opt_out(request.id, Actor::Owner).await?;
    Ok(Nothing {})
}

/// Whom to write to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct BeginRequest {
    /// Their number, as people write it.
    pub to: String,
    /// From which of our numbers; the first one when left out.
    #[serde(default)]
    pub line: Option<String>,
}

/// A conversation that is there now.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Begun {
    /// Which.
    pub id: ConversationId,
}

/// A note to keep.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AddNoteRequest {
    /// The conversation.
    pub id: ConversationId,
    /// The words.
    pub body: String,
}

/// A note that was kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Noted {
    /// Which.
    pub id: NoteId,
}

/// A note to remove, or to put back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RemoveNoteRequest {
    /// Which.
    pub id: NoteId,
    /// Whether it is removed.
    pub removed: bool,
}

pub(crate) async fn begin(desk: &Desk, request: BeginRequest) -> Result<Begun, CommandError> {
    Ok(Begun { id: desk.inbox.conversation_with(&request.to, request.line.as_deref()).await? })
}

pub(crate) async fn add_note(desk: &Desk, request: AddNoteRequest) -> Result<Noted, CommandError> {
    Ok(Noted { id: desk.inbox.add_note(request.id, request.body, Actor::Owner).await? })
}

pub(crate) async fn remove_note(desk: &Desk, request: RemoveNoteRequest) -> Result<Nothing, CommandError> {
    desk.inbox.remove_note(request.id, request.removed).await?;
    Ok(Nothing {})
}
