//! Reading lists.

use crate::{CommandError, Desk, Nothing};
use ringdesk_inbox::view;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How many, at most.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct LimitRequest {
    /// 100 when left out.
    pub limit: Option<u32>,
}

/// Words to look for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct SearchRequest {
    /// All must occur; the last may be a beginning.
    pub words: String,
    /// 50 when left out.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Our lines, and what they are called together.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Lines {
    /// The business's name; may be empty.
    pub business_name: String,
    /// Oldest first.
    pub lines: Vec<view::Line>,
}

pub(crate) async fn lines(desk: &Desk, _: Nothing) -> Result<Lines, CommandError> {
    let business_name = desk.inbox.settings().await?.business_name;
    Ok(Lines { business_name, lines: desk.inbox.lines().await? })
}

pub(crate) async fn contacts(desk: &Desk, request: LimitRequest) -> Result<Vec<view::Contact>, CommandError> {
    Ok(desk.inbox.contacts(request.limit.unwrap_or(100)).await?)
}

pub(crate) async fn search(desk: &Desk, request: SearchRequest) -> Result<view::Results, CommandError> {
    Ok(desk.inbox.search(&request.words, request.limit.unwrap_or(50)).await?)
}

pub(crate) async fn health(desk: &Desk, _: Nothing) -> Result<view::Health, CommandError> {
    Ok(desk.inbox.health().await?)
}
