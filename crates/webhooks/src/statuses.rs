//! `/sms/status` and `/sms/status/{message id}`: how far our texts have got.

use crate::{
    Door, answer,
    verified::{Raw, believe},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ringdesk_domain::TextId;

pub(crate) async fn report(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "sms/status", request).await {
        Ok(signed) => answer::after(&door, door.inbox.track_delivery(signed, None)).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn report_of(
    State(door): State<Door>,
    Path(text): Path<String>,
    Raw(request): Raw,
) -> Response {
    let Ok(text) = text.parse::<TextId>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match believe(&door, "sms/status", request).await {
        Ok(signed) => answer::after(&door, door.inbox.track_delivery(signed, Some(text))).await,
        Err(refused) => refused,
    }
}
