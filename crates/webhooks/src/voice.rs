//! `/voice/…`: a call comes, rings, is taken or not, and ends.

use crate::{
    Door, answer,
    verified::{Raw, believe},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ringdesk_domain::CallId;

pub(crate) async fn inbound(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "voice/inbound", request).await {
        Ok(signed) => answer::after(&door, Box::pin(door.inbox.take_call(signed))).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn fallback(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "voice/fallback", request).await {
        Ok(signed) => answer::after(&door, Box::pin(door.inbox.take_fallback(signed))).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn screen(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "voice/screen", request).await {
        Ok(signed) => answer::after(&door, Box::pin(door.inbox.screen(signed))).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn screened(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "voice/screen-result", request).await {
        Ok(signed) => answer::after(&door, Box::pin(door.inbox.screened(signed, None))).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn screened_of(
    State(door): State<Door>,
    Path(call): Path<String>,
    Raw(request): Raw,
) -> Response {
    let Ok(call) = call.parse::<CallId>() else { return StatusCode::NOT_FOUND.into_response() };
    match believe(&door, "voice/screen-result", request).await {
        Ok(signed) => answer::after(&door, Box::pin(door.inbox.screened(signed, Some(call)))).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn dialed(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "voice/dial-status", request).await {
        Ok(signed) => answer::after(&door, Box::pin(door.inbox.dialed(signed))).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn message_left(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "voice/voicemail-done", request).await {
        Ok(signed) => answer::after(&door, Box::pin(door.inbox.message_left(signed))).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn progress(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "voice/status", request).await {
        Ok(signed) => answer::after(&door, Box::pin(door.inbox.track_call(signed, None))).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn progress_of(
    State(door): State<Door>,
    Path(call): Path<String>,
    Raw(request): Raw,
) -> Response {
    let Ok(call) = call.parse::<CallId>() else { return StatusCode::NOT_FOUND.into_response() };
    match believe(&door, "voice/status", request).await {
        Ok(signed) => answer::after(&door, Box::pin(door.inbox.track_call(signed, Some(call)))).await,
        Err(refused) => refused,
    }
}
