//! `/knock`: our own knock from outside. Believed like any request of Twilio's; it leaves no receipt and is
//! no news of Twilio.

use crate::{
    Door,
    verified::{Raw, believe},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

pub(crate) async fn answer(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "knock", request).await {
        Ok(signed) => match signed.what().filled("Knock").and_then(|nonce| door.inbox.knocked(nonce)) {
            Some(proof) => proof.into_response(),
            // Of the same account, and not of this computer.
            None => StatusCode::CONFLICT.into_response(),
        },
        Err(refused) => refused,
    }
}
