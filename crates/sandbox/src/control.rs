//! Playing the customer and breaking things, over HTTP: JSON in, JSON out.

use crate::{Fault, PhoneText, Report, World, carrier};
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
        .route("/practice/report", get(report))
}

#[derive(Deserialize)]
struct TextIn {
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

async fn text_in(State(world): State<World>, Json(text): Json<TextIn>) -> Json<Value> {
    let pictures = text
        .pictures
        .into_iter()
        .filter_map(|picture| Some((picture.content_type, STANDARD.decode(picture.base64).ok()?)))
        .collect();
    let (sid, status) = carrier::text_in(&world, &text.from, &text.to, &text.body, pictures).await;
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

async fn report(State(world): State<World>) -> Json<Report> {
    Json(world.town().report())
}
