//! Who may ask: the account's Auth Tokens, of which there are two while one is exchanged for the other, and
//! an API key. Source: Twilio's OpenAPI document for accounts v1, and its page on API keys.

use crate::{
    World,
    rest::{answered, error, not_found, owner},
    town::{hex, iso},
};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/v1/AuthTokens/Secondary", post(make).delete(drop_it))
        .route("/v1/AuthTokens/Promote", post(promote))
}

/// The account's Auth Tokens.
pub(crate) struct Tokens {
    primary: String,
    secondary: Option<String>,
}

impl Tokens {
    pub(crate) fn new(primary: String) -> Self {
        Self { primary, secondary: None }
    }

    /// The one that signs webhooks.
    pub(crate) fn primary(&self) -> &str {
        &self.primary
    }

    fn include(&self, token: &str) -> bool {
        self.primary == token || self.secondary.as_deref() == Some(token)
    }
}

/// Whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// With an Auth Token.
    Owner,
    /// With an API key, which cannot see the account itself.
    Key,
}

/// Who HTTP Basic says it is, where that is believed.
pub(crate) fn caller(world: &World, headers: &HeaderMap) -> Option<Caller> {
    let given = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let given = String::from_utf8(STANDARD.decode(given).ok()?).ok()?;
    let (name, secret) = given.split_once(':')?;
    let config = &world.config;
    if name == config.account_sid {
        return world.town().tokens.include(secret).then_some(Caller::Owner);
    }
    let (key, key_secret) = config.api_key.as_ref()?;
    (name == key && secret == key_secret).then_some(Caller::Key)
}

async fn make(State(world): State<World>, headers: HeaderMap) -> Response {
    if let Err(refused) = owner(&world, &headers) {
        return refused;
    }
    let token = hex(16);
    world.town().tokens.secondary = Some(token.clone());
    let now = iso((world.config.now)());
    let shape = json!({
        "account_sid": world.config.account_sid, "date_created": now, "date_updated": now,
        "secondary_auth_token": token, "url": format!("{}/v1/AuthTokens/Secondary", world.base),
    });
    answered(StatusCode::CREATED, shape)
}

async fn drop_it(State(world): State<World>, headers: HeaderMap) -> Response {
    if let Err(refused) = owner(&world, &headers) {
        return refused;
    }
    match world.town().tokens.secondary.take() {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => not_found("secondary Auth Token"),
    }
}

/// The secondary token becomes the primary one, which is good for nothing from then on.
async fn promote(State(world): State<World>, headers: HeaderMap) -> Response {
    if let Err(refused) = owner(&world, &headers) {
        return refused;
    }
    let now = iso((world.config.now)());
    let mut town = world.town();
    let Some(token) = town.tokens.secondary.take() else {
        return error(400, 20001, "There is no secondary Auth Token to promote.");
    };
    town.tokens.primary.clone_from(&token);
    let shape = json!({
        "account_sid": world.config.account_sid, "auth_token": token, "date_created": now,
        "date_updated": now, "url": format!("{}/v1/AuthTokens/Promote", world.base),
    });
    answered(StatusCode::OK, shape)
}
