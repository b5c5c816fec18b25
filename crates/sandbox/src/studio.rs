//! Flows over REST, with Twilio's refusals. Running them is `flow.rs`'s business.
//! Source: Twilio's OpenAPI document for studio v2, and its error dictionary.

use crate::{
    Fault, World,
    definition::Definition,
    paging::listed,
    rest::{Params, answered, detailed, error, known, not_found},
    town::{iso, sid},
};
use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use ringdesk_twilio::Form;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a definition that is not valid gets.
const INVALID: (u32, &str) = (81022, "Flow definition validation failed");

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/v2/Flows", get(list).post(create))
        .route("/v2/Flows/Validate", post(validate))
        .route("/v2/Flows/{sid}", get(fetch).post(update).delete(delete))
}

/// A flow, in its latest revision.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) sid: String,
    name: String,
    definition: Value,
    /// What is wrong with it; nothing with one that is published.
    errors: Vec<Value>,
    published: bool,
    revision: u32,
    comment: Option<String>,
    created_ms: i64,
    updated_ms: i64,
    /// What calls get: the latest revision that was published.
    pub(crate) live: Option<(u32, Arc<Definition>)>,
}

/// What a definition was read as, or what is wrong with it.
type Examined = Result<Arc<Definition>, Vec<Value>>;

/// A form that creates or changes a flow, looked through.
struct Draft {
    published: bool,
    definition: Option<(Value, Examined)>,
    comment: Option<String>,
}

impl Draft {
    #[allow(clippy::result_large_err, reason = "the refusal is the response itself")]
    fn read(form: &Form) -> Result<Self, Response> {
        let published = match form.filled("Status") {
            Some("published") => true,
            Some("draft") => false,
            Some(_) => return Err(error(400, 20001, "Status can be draft or published")),
            None => return Err(missing("Status")),
        };
        let mut definition = None;
        if let Some(text) = form.filled("Definition") {
            let Ok(value) = serde_json::from_str::<Value>(text) else {
                return Err(error(400, 20001, "Definition is not valid JSON"));
            };
            let read = Definition::read(&value).map(Arc::new);
            if let (true, Err(errors)) = (published, &read) {
                return Err(invalid(errors));
            }
            definition = Some((value, read));
        }
        Ok(Self { published, definition, comment: form.filled("CommitMessage").map(str::to_owned) })
    }
}

fn missing(name: &str) -> Response {
    error(400, 20001, &format!("Missing required parameter {name} in the post body"))
}

fn invalid(errors: &[Value]) -> Response {
    detailed(400, INVALID.0, INVALID.1, Some(json!({ "errors": errors })))
}

impl Flow {
    /// Becomes another revision. What was drafted before can be published as it is, if it is valid.
    fn revise(&mut self, draft: Draft, now_ms: i64) -> Result<(), Vec<Value>> {
        let (definition, read) = match draft.definition {
            Some(brought) => brought,
            None => (self.definition.clone(), Definition::read(&self.definition).map(Arc::new)),
        };
        let revision = self.revision + 1;
        match read {
            Ok(read) => {
                if draft.published {
                    self.live = Some((revision, read));
                }
                self.errors = Vec::new();
            }
            Err(errors) if draft.published => return Err(errors),
            Err(errors) => self.errors = errors,
        }
        self.definition = definition;
        self.published = draft.published;
        self.revision = revision;
        self.comment = draft.comment;
        self.updated_ms = now_ms;
        Ok(())
    }
}

/// A flow in Twilio's shape; in a list without its definition.
fn flow_json(world: &World, flow: &Flow, whole: bool) -> Value {
    let url = format!("{}/v2/Flows/{}", world.base, flow.sid);
    let account = &world.config.account_sid;
    json!({
        "sid": flow.sid, "account_sid": account, "author_sid": null, "friendly_name": flow.name,
        "definition": whole.then_some(&flow.definition),
        "status": if flow.published { "published" } else { "draft" }, "revision": flow.revision,
        "commit_message": flow.comment, "valid": whole.then_some(flow.errors.is_empty()),
        "errors": whole.then_some(&flow.errors), "warnings": whole.then(Vec::<Value>::new),
        "date_created": iso(flow.created_ms), "date_updated": iso(flow.updated_ms),
        "webhook_url": format!("{}/v1/Accounts/{account}/Flows/{}", world.base, flow.sid),
        "links": {
            "revisions": format!("{url}/Revisions"),
            "test_users": format!("{url}/TestUsers"),
            "executions": format!("{url}/Executions"),
        },
        "url": url,
    })
}

/// Checks HTTP Basic, and whether the account may have flows.
#[allow(clippy::result_large_err, reason = "the refusal is the response itself")]
fn studio(world: &World, headers: &HeaderMap) -> Result<(), Response> {
    known(world, headers)?;
    if world.town().faults.strikes(&Fault::StudioForbidden) {
        return Err(error(403, 20403, "Studio is not enabled for this account."));
    }
    Ok(())
}

async fn list(
    State(world): State<World>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = studio(&world, &headers) {
        return refused;
    }
    let town = world.town();
    let shape = |flow: &Flow| flow_json(&world, flow, false);
    answered(StatusCode::OK, listed(&world, &uri, &query, "flows", &town.flows.all, shape))
}

async fn create(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refused) = studio(&world, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let Some(name) = form.filled("FriendlyName") else { return missing("FriendlyName") };
    let draft = match Draft::read(&form) {
        Ok(draft) if draft.definition.is_none() => return missing("Definition"),
        Ok(draft) => draft,
        Err(refused) => return refused,
    };
    let now_ms = (world.config.now)();
    let mut flow = Flow {
        sid: sid("FW"),
        name: name.to_owned(),
        definition: Value::Null,
        errors: Vec::new(),
        published: false,
        revision: 0,
        comment: None,
        created_ms: now_ms,
        updated_ms: now_ms,
        live: None,
    };
    if let Err(errors) = flow.revise(draft, now_ms) {
        return invalid(&errors);
    }
    let shape = flow_json(&world, &flow, true);
    world.town().flows.all.push(flow);
    answered(StatusCode::CREATED, shape)
}

/// Looks through what could be created, and creates nothing.
async fn validate(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refused) = studio(&world, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    if form.filled("FriendlyName").is_none() {
        return missing("FriendlyName");
    }
    match Draft::read(&form).map(|draft| draft.definition) {
        Ok(None) => missing("Definition"),
        Ok(Some((_, Err(errors)))) => invalid(&errors),
        Ok(Some((_, Ok(_)))) => answered(StatusCode::OK, json!({ "valid": true })),
        Err(refused) => refused,
    }
}

async fn fetch(State(world): State<World>, Path(sid): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = studio(&world, &headers) {
        return refused;
    }
    let town = world.town();
    match town.flows.all.iter().find(|flow| flow.sid == sid) {
        Some(flow) => answered(StatusCode::OK, flow_json(&world, flow, true)),
        None => not_found("flow"),
    }
}

async fn update(
    State(world): State<World>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = studio(&world, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let mut town = world.town();
    let Some(flow) = town.flows.all.iter_mut().find(|flow| flow.sid == sid) else {
        return not_found("flow");
    };
    let draft = match Draft::read(&form) {
        Ok(draft) => draft,
        Err(refused) => return refused,
    };
    if let Err(errors) = flow.revise(draft, (world.config.now)()) {
        return invalid(&errors);
    }
    if let Some(name) = form.filled("FriendlyName") {
        name.clone_into(&mut flow.name);
    }
    answered(StatusCode::OK, flow_json(&world, flow, true))
}

async fn delete(State(world): State<World>, Path(sid): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = studio(&world, &headers) {
        return refused;
    }
    let mut town = world.town();
    let before = town.flows.all.len();
    town.flows.all.retain(|flow| flow.sid != sid);
    if town.flows.all.len() == before {
        return not_found("flow");
    }
    StatusCode::NO_CONTENT.into_response()
}
