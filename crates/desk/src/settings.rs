//! Intents about settings.

use crate::{CommandError, Desk, Nothing};
use ringdesk_domain::Settings;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What to change, as a merge patch (RFC 7396) of the settings.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "Record<string, unknown>")]
pub struct PatchRequest(pub serde_json::Value);

pub(crate) async fn show(desk: &Desk, _: Nothing) -> Result<Settings, CommandError> {
    Ok(desk.inbox.settings().await?)
}

pub(crate) async fn apply(desk: &Desk, request: PatchRequest) -> Result<Settings, CommandError> {
    Ok(desk.inbox.apply_settings(&request.0).await?)
}

/// For how long notifications pause.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PauseRequest {
    /// Minutes; 0 resumes, null pauses until tomorrow morning.
    pub minutes: Option<u32>,
}

pub(crate) async fn pause(desk: &Desk, request: PauseRequest) -> Result<Settings, CommandError> {
    Ok(desk.inbox.pause_notifications(request.minutes).await?)
}
