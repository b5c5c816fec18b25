//! `/greeting/{sha256}`: a sound file callers hear, fetched by Twilio as often as it likes.

use crate::Door;
use axum::{
    extract::{Path, State},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};

pub(crate) async fn play(State(door): State<Door>, Path(sha256): Path<String>) -> Response {
    match door.inbox.greeting(&sha256).await {
        Ok((content_type, bytes)) => {
            let headers = [
                (CONTENT_TYPE, content_type),
                // The name is the hash of the content: it never changes.
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, bytes).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
