//! `/sms/inbound` and `/sms/fallback`: the same text, whichever way it comes.

use crate::{
    Door, answer,
    verified::{Raw, believe},
};
use axum::{extract::State, response::Response};

pub(crate) async fn inbound(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "sms/inbound", request).await {
        Ok(signed) => answer::after(&door, door.inbox.receive_text(signed)).await,
        Err(refused) => refused,
    }
}
