//! Pictures for the page: `ringdesk-media://localhost/{attachment}`, and those on the practice phone
//! under `/practice/{sid}`. Only what is safe to show is shown.

use crate::{front::Front, office::Open};
use tauri::{
    Manager, UriSchemeContext, UriSchemeResponder, Wry,
    http::{Request, Response, StatusCode, header},
};

const SHOWN: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// Answers a request of the page.
#[allow(clippy::needless_pass_by_value, reason = "the shape Tauri calls")]
pub(crate) fn answer(
    context: UriSchemeContext<'_, Wry>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let path = request.uri().path().trim_start_matches('/').to_owned();
        let found = match app.state::<Front>().open() {
            Some(open) => picture(&open, &path).await,
            None => None,
        };
        responder.respond(found.unwrap_or_else(|| respond(StatusCode::NOT_FOUND, "text/plain", Vec::new())));
    });
}

async fn picture(open: &Open, path: &str) -> Option<Response<Vec<u8>>> {
    let (kind, bytes) = if let Some(sid) = path.strip_prefix("practice/") {
        open.practice.as_ref()?.picture(sid)?
    } else {
        let file = open.desk.inbox.file(path.parse().ok()?).await.ok()?;
        (file.content_type, tokio::fs::read(file.path).await.ok()?)
    };
    SHOWN.contains(&kind.as_str()).then(|| respond(StatusCode::OK, &kind, bytes))
}

fn respond(status: StatusCode, kind: &str, bytes: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    if let Ok(kind) = kind.parse() {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    response
}
