//! Pictures: behind HTTP Basic, with a redirect to storage under another name.

use crate::{Fault, World, rest};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Response},
    routing::get,
};

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route(
            "/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}",
            get(redirect).delete(delete),
        )
        .route("/storage/{key}", get(storage))
}

async fn redirect(
    State(world): State<World>,
    Path((account, message, media)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = rest::signed_in(&world, &account, &headers) {
        return refused;
    }
    let described = media.strip_suffix(".json").map(str::to_owned);
    let media = described.clone().unwrap_or(media);
    let mut town = world.town();
    let known = town.media.get(&media).is_some_and(|kept| kept.message == message);
    if !known || town.faults.strikes(&Fault::MediaNotFound) {
        return rest::not_found("media");
    }
    if described.is_some() {
        return rest::describe_media(&town, &account, &message, &media);
    }
    let key = crate::town::hex(16);
    town.storage.insert(key.clone(), media);
    // Another host name for the same computer: whoever follows must not take credentials along.
    let host = world.base.replace("127.0.0.1", "localhost");
    (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, format!("{host}/storage/{key}"))]).into_response()
}

async fn storage(State(world): State<World>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let mut town = world.town();
    if headers.contains_key(AUTHORIZATION) {
        town.report.leaked_credentials += 1;
        return StatusCode::BAD_REQUEST.into_response();
    }
    let Some(kept) = town.storage.get(&key).and_then(|sid| town.media.get(sid)).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if town.faults.strikes(&Fault::MediaBroken) {
        let half = kept.bytes.slice(..kept.bytes.len() / 2);
        let length = (CONTENT_LENGTH, kept.bytes.len().to_string());
        return ([(CONTENT_TYPE, kept.content_type), length], broken(half)).into_response();
    }
    ([(CONTENT_TYPE, kept.content_type)], kept.bytes).into_response()
}

async fn delete(
    State(world): State<World>,
    Path((account, _, media)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = rest::signed_in(&world, &account, &headers) {
        return refused;
    }
    let media = media.strip_suffix(".json").map_or(media.as_str(), |sid| sid);
    match world.town().media.remove(media) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => rest::not_found("media"),
    }
}

/// A body that begins well and then breaks off.
pub(crate) fn broken(begins: Bytes) -> Body {
    let parts = [Ok(begins), Err(std::io::Error::other("the line went dead"))];
    Body::from_stream(futures_util::stream::iter(parts))
}
