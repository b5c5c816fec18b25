//! Intents about messages callers left, and about how long things are kept.

use crate::{CommandError, Desk, Nothing};
use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_domain::{Actor, ConversationId, Keep, LineId, Moment, VoicemailId};
use ringdesk_inbox::{Problem, VoicemailFilter, view};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which voicemails.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct VoicemailsRequest {
    /// All of them when left out.
    pub filter: Option<WhichVoicemails>,
    /// Those that hold all words (the last may be a beginning), or whose caller's name or number fits.
    pub search: Option<String>,
    /// On one line only.
    pub line: Option<LineId>,
    /// Those before this one.
    pub before: Option<BeforeVoicemail>,
    /// 100 when left out.
    pub limit: Option<u32>,
}

/// Where a part of the list ends.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct BeforeVoicemail {
    /// When the last one shown was left.
    pub at: Moment,
    /// Its id.
    pub id: VoicemailId,
}

/// Which voicemails a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WhichVoicemails {
    /// Every one.
    #[default]
    All,
    /// Nobody listened yet.
    Unheard,
    /// Whoever left it waits for an answer.
    Waiting,
}

/// A voicemail.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct OneVoicemail {
    /// Our id.
    pub voicemail: VoicemailId,
}

/// Whether a voicemail counts as heard.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct MarkHeardRequest {
    /// Our id.
    pub voicemail: VoicemailId,
    /// Whether it does.
    pub heard: bool,
}

/// How far somebody listened.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct ListenedRequest {
    /// Our id.
    pub voicemail: VoicemailId,
    /// Where they are, in milliseconds of it.
    #[ts(type = "number")]
    pub position_ms: u64,
    /// How much of it they heard since they began, jumps left out.
    #[ts(type = "number")]
    pub played_ms: u64,
}

/// What was said, in the owner's words.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EditTranscriptRequest {
    /// Our id.
    pub voicemail: VoicemailId,
    /// The words; none brings back what was written down.
    pub text: Option<String>,
}

/// Whether a voicemail is deleted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct RemoveVoicemailRequest {
    /// Our id.
    pub voicemail: VoicemailId,
    /// Whether it is.
    pub removed: bool,
}

/// The sound of a voicemail.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VoicemailSound {
    /// What it is called, for people.
    pub name: String,
    /// Its type.
    pub content_type: String,
    /// The whole file.
    pub base64: String,
}

/// How long things would be kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RetentionRequest {
    /// As the settings say when left out.
    pub keep: Option<Keep>,
}

/// Whether nothing of a conversation is deleted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct HoldRequest {
    /// Which.
    pub conversation: ConversationId,
    /// Whether everything of it is kept.
    pub hold: bool,
}

pub(crate) async fn list(
    desk: &Desk,
    request: VoicemailsRequest,
) -> Result<Vec<view::Voicemail>, CommandError> {
    let filter = match request.filter.unwrap_or_default() {
        WhichVoicemails::All => VoicemailFilter::All,
        WhichVoicemails::Unheard => VoicemailFilter::Unheard,
        WhichVoicemails::Waiting => VoicemailFilter::Waiting,
    };
    let before = request.before.map(|before| (before.at, before.id));
    let limit = request.limit.unwrap_or(100);
    Ok(desk.inbox.voicemails(filter, request.line, request.search, before, limit).await?)
}

pub(crate) async fn one(desk: &Desk, request: OneVoicemail) -> Result<view::Voicemail, CommandError> {
    Ok(desk.inbox.voicemail(request.voicemail).await?)
}

pub(crate) async fn counts(desk: &Desk, _: Nothing) -> Result<view::VoicemailCounts, CommandError> {
    Ok(desk.inbox.voicemail_counts().await?)
}

pub(crate) async fn mark_heard(desk: &Desk, request: MarkHeardRequest) -> Result<Nothing, CommandError> {
    desk.inbox.mark_heard(request.voicemail, request.heard, Actor::Owner).await?;
    Ok(Nothing {})
}

pub(crate) async fn listened(desk: &Desk, request: ListenedRequest) -> Result<Nothing, CommandError> {
    let ListenedRequest { voicemail, position_ms, played_ms } = request;
    desk.inbox.listened(voicemail, position_ms, played_ms, Actor::Owner).await?;
    Ok(Nothing {})
}

pub(crate) async fn edit_transcript(
    desk: &Desk,
    request: EditTranscriptRequest,
) -> Result<Nothing, CommandError> {
    desk.inbox.edit_transcript(request.voicemail, request.text.as_deref(), Actor::Owner).await?;
    Ok(Nothing {})
}

pub(crate) async fn write_down(desk: &Desk, request: OneVoicemail) -> Result<Nothing, CommandError> {
    desk.inbox.write_down(request.voicemail).await?;
    Ok(Nothing {})
}

pub(crate) async fn fetch_again(desk: &Desk, request: OneVoicemail) -> Result<Nothing, CommandError> {
    desk.inbox.fetch_again(request.voicemail).await?;
    Ok(Nothing {})
}

pub(crate) async fn remove(desk: &Desk, request: RemoveVoicemailRequest) -> Result<Nothing, CommandError> {
    desk.inbox.remove_voicemail(request.voicemail, request.removed).await?;
    Ok(Nothing {})
}

pub(crate) async fn sound(desk: &Desk, request: OneVoicemail) -> Result<VoicemailSound, CommandError> {
    let (name, content_type, bytes) = desk.inbox.voicemail_bytes(request.voicemail).await?;
    Ok(VoicemailSound { name, content_type, base64: STANDARD.encode(bytes) })
}

pub(crate) async fn email(desk: &Desk, request: OneVoicemail) -> Result<Nothing, CommandError> {
    desk.inbox.email_voicemail(request.voicemail).await?;
    Ok(Nothing {})
}

pub(crate) async fn test_email(desk: &Desk, _: Nothing) -> Result<Nothing, CommandError> {
    desk.inbox.test_email().await?;
    Ok(Nothing {})
}

pub(crate) async fn retention(
    desk: &Desk,
    request: RetentionRequest,
) -> Result<view::Retention, CommandError> {
    if let Some(keep) = &request.keep
        && let Some(why) = keep.problem()
    {
        return Err(Problem::from(ringdesk_domain::settings::Invalid::Value { field: "keep", why }).into());
    }
    Ok(desk.inbox.retention(request.keep.as_ref()).await?)
}

pub(crate) async fn hold(desk: &Desk, request: HoldRequest) -> Result<Nothing, CommandError> {
    desk.inbox.set_hold(request.conversation, request.hold).await?;
    Ok(Nothing {})
}
