//! `/media/{link}`: a picture of ours, fetched once by Twilio.

use crate::Door;
use axum::{
    extract::{Path, State},
    http::{
        Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};

pub(crate) async fn show(State(door): State<Door>, Path(link): Path<String>, method: Method) -> Response {
    let Ok(picture) = door.inbox.open_link(&link, false).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (CONTENT_TYPE, picture.content_type.clone()),
        (CONTENT_LENGTH, picture.bytes.to_string()),
        (CACHE_CONTROL, "no-store".into()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
    ];
    if method == Method::HEAD {
        return (headers, ()).into_response();
    }
    // Read first: a link is used up only when the picture can really be handed over.
    let Ok(bytes) = tokio::fs::read(door.inbox.media_folder().join(&picture.sha256)).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match door.inbox.open_link(&link, true).await {
        Ok(_) => (headers, bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
