//! The counter over HTTP, for this computer only: JSON in, JSON out, a token, and the right `Host`.

use crate::pages;
use axum::{
    Router,
    body::Body,
    extract::{Path, Query, Request, State},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::{Next, from_fn_with_state},
    response::{
        IntoResponse, Json, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use futures_util::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, Limited};
use ringdesk_desk::{CommandError, Desk};
use serde::Deserialize;
use serde_json::Value;
use std::{convert::Infallible, sync::Arc};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Largest request, in bytes: a 5 MB picture in Base64, and a little.
const MAX_REQUEST: usize = 32 * 1024 * 1024;

#[derive(Clone)]
struct Api {
    desk: Desk,
    token: Arc<str>,
    hosts: Arc<[String]>,
    stop: CancellationToken,
}

pub(crate) async fn serve(listener: TcpListener, desk: Desk, token: String, stop: CancellationToken) {
    let port = listener.local_addr().map(|at| at.port()).unwrap_or_default();
    let hosts = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"));
    let api = Api { desk, token: token.into(), hosts: hosts.into(), stop: stop.clone() };
    let router = Router::new()
        .route("/api", get(list))
        .route("/api/changes", get(changes))
        .route("/api/media/{id}", get(media))
        .route("/api/{command}", post(call))
        .layer(from_fn_with_state(api.clone(), admit))
        .fallback(pages::page)
        .layer(from_fn_with_state(api.clone(), at_home))
        .with_state(api);
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
    if let Err(error) = serving.await {
        tracing::error!(%error, "the desk API stopped");
    }
}

/// Only under an address of this computer: a page from elsewhere can make a browser ask us under its own.
async fn at_home(State(api): State<Api>, request: Request, next: Next) -> Response {
    if api.hosts.iter().any(|host| host == header(request.headers(), HOST)) {
        return next.run(request).await;
    }
    let error = problem("wrong_host", "Not an address of this desk.", "Use 127.0.0.1 and the port shown.");
    (StatusCode::MISDIRECTED_REQUEST, Json(error)).into_response()
}

/// Only with the token.
async fn admit(State(api): State<Api>, request: Request, next: Next) -> Response {
    let given = header(request.headers(), AUTHORIZATION).strip_prefix("Bearer ").unwrap_or("");
    if given.as_bytes().ct_eq(api.token.as_bytes()).into() {
        return next.run(request).await;
    }
    let error =
        problem("unauthorized", "The token is missing or wrong.", "It is in api-token in the data folder.");
    (StatusCode::UNAUTHORIZED, Json(error)).into_response()
}

fn header(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

pub(crate) fn problem(code: &str, message: &str, hint: &str) -> CommandError {
    CommandError { code: code.into(), message: message.into(), hint: hint.into() }
}

async fn list() -> Response {
    let types = ringdesk_desk::typescript();
    Json(serde_json::json!({ "commands": Desk::commands(), "types": types })).into_response()
}

async fn call(State(api): State<Api>, Path(command): Path<String>, body: Body) -> Response {
    let Ok(body) = Limited::new(body, MAX_REQUEST).collect().await else {
        return refused(&problem("too_large", "The request is too large.", "Send less at once."));
    };
    let body = body.to_bytes();
    let request = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
    let Ok(request) = request else {
        return refused(&problem(
            "invalid_request",
            "The request is not JSON.",
            "GET /api shows what is taken.",
        ));
    };
    match api.desk.call(&command, request).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => refused(&error),
    }
}

fn refused(error: &CommandError) -> Response {
    let status = match error.code.as_str() {
        "not_found" | "unknown_command" => StatusCode::NOT_FOUND,
        "invalid_request" | "invalid_settings" => StatusCode::BAD_REQUEST,
        "too_large" => StatusCode::PAYLOAD_TOO_LARGE,
        "store" => StatusCode::SERVICE_UNAVAILABLE,
        "twilio" => StatusCode::BAD_GATEWAY,
        "internal" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    (status, Json(error)).into_response()
}

#[derive(Deserialize)]
struct After {
    after: Option<i64>,
}

async fn changes(
    State(api): State<Api>,
    Query(query): Query<After>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let after = query.after.unwrap_or_else(|| api.desk.inbox.latest_change());
    let batches = stream::unfold((api, after), |(api, after)| async move {
        let changes = tokio::select! {
            () = api.stop.cancelled() => return None,
            changes = api.desk.inbox.next_changes(after) => changes.ok()?,
        };
        let newest = changes.last()?.seq;
        let events: Vec<_> = changes
            .iter()
            .filter_map(|change| {
                let data = serde_json::to_string(change).ok()?;
                Some(Ok(Event::default().id(change.seq.to_string()).event("change").data(data)))
            })
            .collect();
        Some((stream::iter(events), (api, newest)))
    });
    Sse::new(batches.flatten()).keep_alive(KeepAlive::default())
}

async fn media(State(api): State<Api>, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse() else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(file) = api.desk.inbox.file(id).await else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(bytes) = tokio::fs::read(&file.path).await else { return StatusCode::NOT_FOUND.into_response() };
    let mut headers = HeaderMap::new();
    // What cannot be shown safely is only ever a download.
    let kind = if file.showable { file.content_type } else { "application/octet-stream".into() };
    if let Ok(kind) = kind.parse() {
        headers.insert(CONTENT_TYPE, kind);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, axum::http::HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, axum::http::HeaderValue::from_static("private, max-age=86400"));
    (headers, bytes).into_response()
}
