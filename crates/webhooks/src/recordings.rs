//! `/voice/recording`, `/voice/recording/voicemail` and `/voice/transcription`: a recording can be had, and
//! what was said in it. The second is told of messages our own document asked for, and of nothing else.

use crate::{
    Door, answer,
    verified::{Raw, believe},
};
use axum::{
    extract::{Request, State},
    response::Response,
};

pub(crate) async fn ready(State(door): State<Door>, Raw(request): Raw) -> Response {
    hand_over(&door, request, false).await
}

pub(crate) async fn message_ready(State(door): State<Door>, Raw(request): Raw) -> Response {
    hand_over(&door, request, true).await
}

async fn hand_over(door: &Door, request: Request, tagged: bool) -> Response {
    match believe(door, "voice/recording", request).await {
        Ok(signed) => answer::after(door, door.inbox.recording_ready(signed, tagged)).await,
        Err(refused) => refused,
    }
}

pub(crate) async fn written(State(door): State<Door>, Raw(request): Raw) -> Response {
    match believe(&door, "voice/transcription", request).await {
        Ok(signed) => answer::after(&door, door.inbox.transcript_came(signed)).await,
        Err(refused) => refused,
    }
}
