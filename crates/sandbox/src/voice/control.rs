//! Playing the callers and the called, over HTTP: JSON in, JSON out.

use super::{CallIn, CallReport, PhoneBehavior, Recording, call_in, hang_up};
use crate::World;
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// The largest call that can be described, what is said in it included.
const MOST_BYTES: usize = 64 * 1024 * 1024;

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/practice/calls", post(begin).layer(DefaultBodyLimit::max(MOST_BYTES)))
        .route("/practice/calls/{sid}", get(tell))
        .route("/practice/calls/{sid}/hang_up", post(end))
        .route("/practice/recordings", get(recordings))
        .route("/practice/phones/{number}/behavior", put(behave))
        .route("/practice/forward", post(forward))
}

async fn begin(State(world): State<World>, Json(call): Json<CallIn>) -> Json<Value> {
    Json(json!({ "sid": call_in(&world, call) }))
}

async fn tell(State(world): State<World>, Path(sid): Path<String>) -> Result<Json<CallReport>, StatusCode> {
    world.town().calls.report(&sid).map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn end(State(world): State<World>, Path(sid): Path<String>) -> StatusCode {
    if hang_up(&world, &sid) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn recordings(State(world): State<World>) -> Json<Vec<Recording>> {
    Json(world.town().calls.recordings.all().iter().map(|kept| kept.recording.clone()).collect())
}

async fn behave(
    State(world): State<World>,
    Path(number): Path<String>,
    Json(behavior): Json<PhoneBehavior>,
) -> StatusCode {
    world.town().phones.insert(number, behavior);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Forward {
    seconds: f64,
}

async fn forward(State(world): State<World>, Json(forward): Json<Forward>) -> StatusCode {
    match Duration::try_from_secs_f64(forward.seconds) {
        Ok(by) => {
            world.clock.forward(by);
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}
