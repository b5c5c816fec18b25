//! Believing a request: everything that must hold before the inbox hears of it.

use crate::Door;
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, OriginalUri, Request},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ringdesk_twilio::{Form, Refusal, Signed, signature::HEADER_LENGTH};
use std::time::Duration;

/// Largest body, in bytes; Twilio's are under 8 KiB.
const MAX_BODY: usize = 64 * 1024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(10);

/// A form Twilio signed. `event` is the route's own name and part of the request's identity.
pub(crate) async fn believe(
    door: &Door,
    event: &'static str,
    request: Request,
) -> Result<Signed<Form>, Response> {
    let refuse = |status: StatusCode, reason: &'static str| {
        door.inbox.note_refusal(reason);
        tracing::debug!(event, reason, "a request was refused");
        status.into_response()
    };
    let Some(signature) = single_signature(request.headers()) else {
        return Err(refuse(StatusCode::FORBIDDEN, "no single signature"));
    };
    if !is_form(request.headers()) {
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not a form"));
    }
    // Unsigned, so nothing is concluded from it; it helps to find a request in Twilio's own log.
    let token = request.headers().get("i-twilio-idempotency-token").and_then(|value| value.to_str().ok());
    tracing::debug!(event, token, "a request came");
    // Under a nested router only the original target is what was signed.
    let target = match request.extensions().get::<OriginalUri>() {
        Some(OriginalUri(uri)) => uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        None => String::new(),
    };
    let body = read_body(request.into_body()).await.map_err(|(status, why)| refuse(status, why))?;
    door.verifier().verify(event, &target, &signature, body).map_err(|refusal| match refusal {
        Refusal::Malformed => refuse(StatusCode::BAD_REQUEST, "not a form"),
        Refusal::NoSignature => refuse(StatusCode::FORBIDDEN, "no single signature"),
        Refusal::Wrong => refuse(StatusCode::FORBIDDEN, "wrong signature"),
        Refusal::OtherAccount => refuse(StatusCode::FORBIDDEN, "another account"),
    })
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn single_signature(headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all("x-twilio-signature").iter();
    let (first, second) = (all.next()?, all.next());
    let signature = first.to_str().ok().filter(|text| text.len() == HEADER_LENGTH && second.is_none())?;
    Some(signature.to_owned())
}

async fn read_body(body: Body) -> Result<Bytes, (StatusCode, &'static str)> {
    match tokio::time::timeout(BODY_TIME, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, "body too large"))
        }
        Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, "body broke off")),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "body too slow")),
    }
}

/// The raw request, with the target as it came on the wire.
pub(crate) struct Raw(pub(crate) Request);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(request))
    }
}
