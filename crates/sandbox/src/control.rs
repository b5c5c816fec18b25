//! Playing the customer and breaking things, over HTTP: JSON in, JSON out.

use crate::{Fault, PhoneText, Report, TextIn, World, inbound};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/practice/texts", post(text_in))
        .route("/practice/phones/{number}", get(phone))
        .route("/practice/faults", post(fault).delete(mend))
        .route("/practice/latency", post(latency))
        .route("/practice/report", get(report))
}

#[derive(Deserialize)]
struct Written {
    from: String,
    to: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    pictures: Vec<Picture>,
}

#[derive(Deserialize)]
struct Picture {
    content_type: String,
    base64: String,
}

async fn text_in(State(world): State<World>, Json(text): Json<Written>) -> Json<Value> {
    let Written { from, to, body, pictures } = text;
    let pictures = pictures
        .into_iter()
        .filter_map(|picture| Some((picture.content_type, STANDARD.decode(picture.base64).ok()?)))
        .collect();
    let text = TextIn { from, to, body, pictures, besides: Vec::new() };
    let (sid, status) = inbound::text_in(&world, text).await;
    Json(json!({ "sid": sid, "webhook_status": status }))
}

async fn phone(State(world): State<World>, Path(number): Path<String>) -> Json<Vec<PhoneText>> {
    Json(world.town().phone(&number))
}

async fn fault(State(world): State<World>, Json(fault): Json<Fault>) -> StatusCode {
    world.town().faults.add(fault);
    StatusCode::NO_CONTENT
}

async fn mend(State(world): State<World>) -> StatusCode {
    world.town().faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Latency {
    ms: u64,
}

async fn latency(State(world): State<World>, Json(latency): Json<Latency>) -> StatusCode {
    world.town().latency_ms = latency.ms;
    StatusCode::NO_CONTENT
}

async fn report(State(world): State<World>) -> Json<Report> {
    Json(world.town().report())
}
