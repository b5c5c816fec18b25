//! The window's files, for a browser. They hold no secret; what is behind them asks for the token.

use std::{borrow::Cow, io::Read};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;

/// Each is packed with gzip by the build, under its own name.
#[derive(rust_embed::Embed)]
#[folder = "$OUT_DIR/window"]
struct Files;

/// As strict as the program's own window: its scripts and nothing else; a browser plays what it was handed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
     media-src blob:; font-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// Answers with a file of the window.
pub(crate) async fn page(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    let Some(file) = Files::get(path) else { return StatusCode::NOT_FOUND.into_response() };
    // Files under assets/ are named after their content.
    let keeps = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = HeaderValue::from_str(file.metadata.mimetype())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let packed = unpacks(request.headers());
    let mut response = (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, HeaderValue::from_static(keeps)),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ],
        if packed { file.data } else { unpacked(&file.data).into() },
    )
        .into_response();
    if packed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Every browser does; a command line has to be asked to.
fn unpacks(headers: &HeaderMap) -> bool {
    let takes = headers.get(header::ACCEPT_ENCODING).and_then(|takes| takes.to_str().ok()).unwrap_or("");
    takes.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok());
        name.trim() == "gzip" && weight != Some(0.0)
    })
}

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut whole).expect("the build packed it");
    whole
}

/// The files themselves, for the program's own window.
pub mod window {
    use super::{Cow, Files, unpacked};

    /// A file, such as `index.html`.
    pub fn file(name: &str) -> Option<Vec<u8>> {
        Files::get(name).map(|file| unpacked(&file.data))
    }

    /// What they are called.
    pub fn names() -> impl Iterator<Item = Cow<'static, str>> {
        Files::iter()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};

    use super::*;

    async fn asked(takes: &str) -> (Option<String>, Vec<u8>) {
        let request =
            Request::get("/").header(header::ACCEPT_ENCODING, takes).body(Body::empty()).expect("request");
        let response = page(request).await;
        let coding =
            response.headers().get(header::CONTENT_ENCODING).map(|it| it.to_str().expect("words").into());
        (coding, to_bytes(response.into_body(), usize::MAX).await.expect("page").to_vec())
    }

    #[tokio::test]
    async fn a_page_goes_out_packed_to_whoever_unpacks_it() {
        let (coding, packed) = asked("br, gzip;q=0.8").await;
        assert_eq!(coding.as_deref(), Some("gzip"));
        assert_eq!(asked("gzip;q=0, br").await.0, None);
        let (coding, plain) = asked("identity").await;
        assert_eq!(coding, None);
        assert!(plain.starts_with(b"<!doctype html>") || plain.starts_with(b"<!DOCTYPE html>"));
        assert_eq!(unpacked(&packed), plain);
    }

    #[tokio::test]
    async fn a_browser_is_given_the_icon_that_the_page_names() {
        let plain = String::from_utf8(asked("identity").await.1).expect("words");
        let named = plain.split_once("<link rel=\"icon\" href=\"").and_then(|(_, rest)| rest.split_once('"'));
        let (address, _) = named.expect("an icon");
        let response = page(Request::get(address).body(Body::empty()).expect("request")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "image/png");
    }
}
