//! Intents about calls.

use crate::{CommandError, Desk, Nothing, OneConversation};
use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_domain::{Actor, CallId, ConversationId, LineId, Moment, Settings, routing::Which};
use ringdesk_inbox::{CallFilter, Problem, Simulation, view};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct CallsRequest {
    /// All of them when left out.
    pub filter: Option<WhichCalls>,
    /// On one line only.
    pub line: Option<LineId>,
    /// Those before this one.
    pub before: Option<Before>,
    /// 100 when left out.
    pub limit: Option<u32>,
}

/// Where a part of the call log ends.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct Before {
    /// When the last call shown began.
    pub at: Moment,
    /// Its id.
    pub id: CallId,
}

/// Which calls a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WhichCalls {
    /// Every one.
    #[default]
    All,
    /// Nobody of ours talked with them.
    Missed,
    /// They left a message.
    Voicemail,
    /// They were talked with.
    Answered,
    /// We called.
    Outgoing,
}

/// Whom to call, and which phone of ours rings first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct CallBackRequest {
    /// The customer's conversation.
    pub conversation: ConversationId,
    /// A phone of the settings; the first one when left out.
    #[serde(default)]
    pub phone: Option<String>,
}

/// A call that is being placed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CallBegun {
    /// Our id for it.
    pub call: CallId,
}

/// A call that is only imagined.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct RouteRequest {
    /// Our line; the first when left out.
    pub line: Option<String>,
    /// Who calls; somebody unknown when left out.
    pub from: Option<String>,
    /// When; now when left out.
    pub at: Option<Moment>,
    /// When, as the business's clock shows it: `2026-12-24T18:05`.
    pub local: Option<String>,
}

/// A sound file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AddGreetingRequest {
    /// WAV or MP3, at most 20 MB and three minutes.
    pub base64: String,
}

/// Which words to hear, and on which phone.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct HearRequest {
    /// Which.
    pub which: Which,
    /// A phone of the settings; the first one when left out.
    #[serde(default)]
    pub phone: Option<String>,
}

pub(crate) async fn list(desk: &Desk, request: CallsRequest) -> Result<Vec<view::Call>, CommandError> {
    let filter = match request.filter.unwrap_or_default() {
        WhichCalls::All => CallFilter::All,
        WhichCalls::Missed => CallFilter::Missed,
        WhichCalls::Voicemail => CallFilter::Voicemail,
        WhichCalls::Answered => CallFilter::Answered,
        WhichCalls::Outgoing => CallFilter::Outgoing,
    };
    let before = request.before.map(|before| (before.at, before.id));
    Ok(desk.inbox.calls(filter, request.line, before, request.limit.unwrap_or(100)).await?)
}

pub(crate) async fn call_back(desk: &Desk, request: CallBackRequest) -> Result<CallBegun, CommandError> {
    let phone = request.phone.as_deref();
    let call = desk.inbox.call_back(request.conversation, phone, Actor::Owner).await?;
    Ok(CallBegun { call })
}

pub(crate) async fn block(desk: &Desk, request: OneConversation) -> Result<Nothing, CommandError> {
    desk.inbox.set_blocked(request.id, true, Actor::Owner).await?;
    Ok(Nothing {})
}

pub(crate) async fn unblock(desk: &Desk, request: OneConversation) -> Result<Nothing, CommandError> {
    desk.inbox.set_blocked(request.id, false, Actor::Owner).await?;
    Ok(Nothing {})
}

pub(crate) async fn close_early(desk: &Desk, _: Nothing) -> Result<Settings, CommandError> {
    Ok(desk.inbox.close_early(true).await?)
}

pub(crate) async fn open_again(desk: &Desk, _: Nothing) -> Result<Settings, CommandError> {
    Ok(desk.inbox.close_early(false).await?)
}

#[allow(clippy::unused_async, reason = "every command is awaited")]
pub(crate) async fn route(desk: &Desk, request: RouteRequest) -> Result<view::Route, CommandError> {
    let RouteRequest { line, from, at, local } = request;
    Ok(desk.inbox.simulate(&Simulation { line, from, at, local })?)
}

#[allow(clippy::unused_async, reason = "every command is awaited")]
pub(crate) async fn holidays(desk: &Desk, _: Nothing) -> Result<view::Holidays, CommandError> {
    Ok(desk.inbox.holidays())
}

pub(crate) async fn add_greeting(
    desk: &Desk,
    request: AddGreetingRequest,
) -> Result<view::Sound, CommandError> {
    let bytes = STANDARD.decode(request.base64).map_err(|_| Problem::Sound("It could not be read."))?;
    Ok(desk.inbox.add_greeting(bytes).await?)
}

pub(crate) async fn hear_greeting(desk: &Desk, request: HearRequest) -> Result<Nothing, CommandError> {
    desk.inbox.hear_greeting(request.which, request.phone.as_deref()).await?;
    Ok(Nothing {})
}
