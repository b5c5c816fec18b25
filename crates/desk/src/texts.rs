//! Intents about texts.

use crate::{CommandError, Desk};
use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_domain::{Actor, AttachmentId, ConversationId, Moment, TextId, sending::Reason};
use ringdesk_inbox::{Problem, SendProblem, Sending, view};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A text to be sent, into a conversation or to a number.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct SendTextRequest {
    /// The conversation, or else `to`.
    pub conversation: Option<ConversationId>,
    /// A number as people write it.
    pub to: Option<String>,
    /// Which of our numbers writes to `to`; our first when left out.
    pub line: Option<String>,
    /// The words.
    pub body: String,
    /// Pictures from `add_picture`.
    pub pictures: Option<Vec<String>>,
    /// The questions that were answered with yes: `stranger`, `same_again`, `quiet_hours`, `many_parts`.
    pub yes_to: Option<Vec<Reason>>,
    /// Seconds to take it back; the owner's setting when left out, 0 sends at once.
    pub undo_seconds: Option<u32>,
}

/// A text in the outbox.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Sent {
    /// Its id.
    pub id: TextId,
    /// Until when it can be taken back.
    pub undo_until: Moment,
}

/// Which text.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OneText {
    /// The text.
    pub id: TextId,
}

/// Whether a text was taken back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TakenBack {
    /// `false`: it has left.
    pub taken_back: bool,
}

/// Whether a held text may leave now.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Released {
    /// `false`: it was not held.
    pub released: bool,
}

/// A draft to be measured.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MeasureRequest {
    /// The words.
    pub body: String,
}

/// A picture to be sent.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AddPictureRequest {
    /// Its bytes in Base64.
    pub base64: String,
}

/// A picture or file of a text.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct OneAttachment {
    /// Our id.
    pub attachment: AttachmentId,
}

/// A picture or file, to be saved.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AttachmentFile {
    /// What it is called, for people.
    pub name: String,
    /// The whole file.
    pub base64: String,
}

pub(crate) async fn send(desk: &Desk, request: SendTextRequest) -> Result<Sent, CommandError> {
    let conversation = match (request.conversation, &request.to) {
        (Some(conversation), _) => conversation,
        (None, Some(to)) => desk.inbox.conversation_with(to, request.line.as_deref()).await?,
        (None, None) => return Err(SendProblem::NoNumber.into()),
    };
    let sending = Sending {
        conversation,
        body: request.body,
        pictures: request.pictures.unwrap_or_default(),
        yes_to: request.yes_to.unwrap_or_default(),
        undo_seconds: request.undo_seconds,
        resend_of: None,
    };
    let queued = desk.inbox.send_text(sending, Actor::Owner).await?;
    Ok(Sent { id: queued.id, undo_until: queued.due_at })
}

pub(crate) async fn again(desk: &Desk, request: OneText) -> Result<Sent, CommandError> {
    let queued = desk.inbox.send_again(request.id, Actor::Owner).await?;
    Ok(Sent { id: queued.id, undo_until: queued.due_at })
}

pub(crate) async fn now(desk: &Desk, request: OneText) -> Result<Released, CommandError> {
    Ok(Released { released: desk.inbox.release(request.id).await? })
}

pub(crate) async fn take_back(desk: &Desk, request: OneText) -> Result<TakenBack, CommandError> {
    Ok(TakenBack { taken_back: desk.inbox.take_back(request.id).await? })
}

pub(crate) async fn measure(desk: &Desk, request: MeasureRequest) -> Result<view::DraftLength, CommandError> {
    Ok(desk.inbox.measure(&request.body).await?)
}

pub(crate) async fn add_picture(
    desk: &Desk,
    request: AddPictureRequest,
) -> Result<view::Picture, CommandError> {
    let bytes = STANDARD
        .decode(&request.base64)
        .map_err(|_| Problem::Picture("It did not arrive whole. Try again."))?;
    Ok(desk.inbox.add_picture(&bytes).await?.into())
}

pub(crate) async fn attachment_file(
    desk: &Desk,
    request: OneAttachment,
) -> Result<AttachmentFile, CommandError> {
    let (name, bytes) = desk.inbox.file_bytes(request.attachment).await?;
    Ok(AttachmentFile { name, base64: STANDARD.encode(bytes) })
}
