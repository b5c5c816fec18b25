//! Files behind HTTP Basic, pictures and recordings alike: with a redirect to storage under another name,
//! where whoever has a part of one already is given the rest.

use crate::{
    Fault, World, rest,
    town::{Stored, Town},
    voice::Download,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{
            ACCEPT_RANGES, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE,
            LOCATION, RANGE,
        },
    },
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::{StreamExt, stream};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What comes instead of a recording where somebody else answers.
const PAGE: &str = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Log in</body></html>";

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
    to_storage(&mut town, &storage_of(&world), Stored::Picture(media))
}

/// Where files are: another host name for the same computer. Whoever follows must not take credentials
/// along.
pub(crate) fn storage_of(world: &World) -> String {
    world.base.replace("127.0.0.1", "localhost")
}

/// Sends whoever asks on to a file in storage.
pub(crate) fn to_storage(town: &mut Town, host: &str, file: Stored) -> Response {
    let key = crate::town::hex(16);
    town.storage.insert(key.clone(), file);
    let url = format!("{}/storage/{key}", host.trim_end_matches('/'));
    (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, url)]).into_response()
}

async fn storage(State(world): State<World>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let mut town = world.town();
    if headers.contains_key(AUTHORIZATION) {
        town.report.leaked_credentials += 1;
        return StatusCode::BAD_REQUEST.into_response();
    }
    match town.storage.get(&key).cloned() {
        Some(Stored::Picture(sid)) => picture(&mut town, &sid, &headers),
        Some(Stored::Recording(sid, format)) => {
            let Some((kind, sound)) = town.calls.recordings.get(&sid).and_then(|kept| kept.file(format))
            else {
                return StatusCode::NOT_FOUND.into_response();
            };
            let (kind, file) = if town.faults.strikes(&Fault::RecordingNotAudio) {
                ("text/html; charset=utf-8", Bytes::from_static(PAGE.as_bytes()))
            } else {
                (kind, sound)
            };
            let breaks = town.faults.strikes(&Fault::RecordingBroken);
            let (response, sent) = serve(kind, &file, &headers, breaks);
            if let (Some(kept), Some((from, bytes))) = (town.calls.recordings.get_mut(&sid), sent) {
                kept.recording.downloads.push(Download { format, from, bytes });
            }
            response
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn picture(town: &mut Town, sid: &str, headers: &HeaderMap) -> Response {
    let Some(kept) = town.media.get(sid).cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let breaks = town.faults.strikes(&Fault::MediaBroken);
    serve(&kept.content_type, &kept.bytes, headers, breaks).0
}

/// All of a file, or the rest of it for somebody who has the beginning of this very file. Besides, what of
/// it is sent: the first byte and their number.
fn serve(kind: &str, file: &Bytes, headers: &HeaderMap, breaks: bool) -> (Response, Option<(u64, u64)>) {
    let whole = file.len();
    let tag = tag(file);
    let asked = first_byte(headers, &tag);
    let from = asked.unwrap_or(0);
    if from > 0 && from >= whole {
        let all = [(CONTENT_RANGE, format!("bytes */{whole}"))];
        return ((StatusCode::RANGE_NOT_SATISFIABLE, all).into_response(), None);
    }
    let rest = file.slice(from..);
    let length = rest.len();
    let sent = if breaks { length / 2 } else { length };
    let body = if breaks { broken(rest.slice(..sent)) } else { Body::from(rest) };
    let fields = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_LENGTH, length.to_string()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (ETAG, tag),
    ];
    let response = match asked {
        Some(from) if length > 0 => {
            let part = [(CONTENT_RANGE, format!("bytes {from}-{}/{whole}", whole - 1))];
            (StatusCode::PARTIAL_CONTENT, fields, part, body).into_response()
        }
        _ => (fields, body).into_response(),
    };
    let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    (response, Some((size(from), size(sent))))
}

/// A name for a file's content, the same every time.
fn tag(file: &Bytes) -> String {
    let mut hasher = DefaultHasher::new();
    file.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// The first byte that is wanted, where that is of the very file they have a part of. Every other way to
/// ask for a part is answered with the whole.
fn first_byte(headers: &HeaderMap, tag: &str) -> Option<usize> {
    let field = |name: HeaderName| headers.get(name)?.to_str().ok();
    if field(IF_RANGE).is_some_and(|theirs| theirs != tag) {
        return None;
    }
    field(RANGE)?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
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
    let begins = stream::once(async { Ok(begins) });
    let ends = stream::once(async {
        // What came before is on its way by then.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("the line went dead"))
    });
    Body::from_stream(begins.chain(ends))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn asks(fields: &[(HeaderName, &'static str)]) -> (u16, Option<(u64, u64)>) {
        let fields = fields.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let headers: HeaderMap = fields.collect();
        let (response, sent) = serve("text/plain", &Bytes::from_static(b"0123456789"), &headers, false);
        (response.status().as_u16(), sent)
    }

    #[test]
    fn the_rest_of_a_file_is_for_those_who_have_its_beginning() {
        assert_eq!(asks(&[]), (200, Some((0, 10))));
        assert_eq!(asks(&[(RANGE, "bytes=4-")]), (206, Some((4, 6))));
        assert_eq!(asks(&[(RANGE, "bytes=0-")]), (206, Some((0, 10))));
        assert_eq!(asks(&[(RANGE, "bytes=10-")]), (416, None));
        assert_eq!(asks(&[(RANGE, "bytes=2-4")]), (200, Some((0, 10))));
        assert_eq!(asks(&[(RANGE, "bytes=4-"), (IF_RANGE, "\"another\"")]), (200, Some((0, 10))));
        let tag: &'static str = tag(&Bytes::from_static(b"0123456789")).leak();
        assert_eq!(asks(&[(RANGE, "bytes=4-"), (IF_RANGE, tag)]), (206, Some((4, 6))));
    }
}
