//! Answers in Twilio's terms.

use crate::Door;
use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use ringdesk_inbox::Answer;
use std::{future::Future, time::Duration};

/// Longest wait for the disk. Beyond it Twilio is told to ask again; the fact may still be stored,
/// and the repeat then changes nothing.
const STORE_TIME: Duration = Duration::from_secs(5);

/// Answers after `storing` is done.
pub(crate) async fn after<E: std::fmt::Display>(
    door: &Door,
    storing: impl Future<Output = Result<Answer, E>>,
) -> Response {
    match tokio::time::timeout(STORE_TIME, storing).await {
        Ok(Ok(answer)) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            if answer.body.is_empty() {
                return status.into_response();
            }
            (status, [(CONTENT_TYPE, "text/xml; charset=utf-8")], answer.body).into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "a signed request could not be stored");
            busy(door)
        }
        Err(_) => {
            tracing::error!("a signed request waited too long for the disk");
            busy(door)
        }
    }
}

/// Twilio is to come again; in case it does not, the inbox asks for what it has.
fn busy(door: &Door) -> Response {
    door.inbox.answered_busy();
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
