//! Intents about who works here, and who sees to a conversation.

use crate::{CommandError, Desk, Nothing};
use ringdesk_domain::{Colleague, ColleagueId, ConversationId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who sees to a conversation from now on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AssignRequest {
    /// The conversation.
    pub id: ConversationId,
    /// The colleague; null makes it nobody's.
    // Never left out: what was forgotten would take it from somebody.
    #[serde(deserialize_with = "Option::deserialize")]
    pub to: Option<ColleagueId>,
}

/// A colleague to add.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AddColleagueRequest {
    /// Their name, 1 to 60 characters.
    pub name: String,
}

/// What a colleague is called from now on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RenameColleagueRequest {
    /// Which.
    pub id: ColleagueId,
    /// Their name, 1 to 60 characters.
    pub name: String,
}

/// Which colleague.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OneColleague {
    /// The colleague.
    pub id: ColleagueId,
}

/// A colleague who is no longer in the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ColleagueRemoved {
    /// How many conversations were theirs and are nobody's now.
    pub conversations: u32,
}

pub(crate) async fn assign(desk: &Desk, request: AssignRequest) -> Result<Nothing, CommandError> {
    desk.inbox.assign(request.id, request.to).await?;
    Ok(Nothing {})
}

pub(crate) async fn list(desk: &Desk, _: Nothing) -> Result<Vec<Colleague>, CommandError> {
    Ok(desk.inbox.colleagues().await?)
}

pub(crate) async fn add(desk: &Desk, request: AddColleagueRequest) -> Result<Colleague, CommandError> {
    Ok(desk.inbox.add_colleague(&request.name).await?)
}

pub(crate) async fn rename(desk: &Desk, request: RenameColleagueRequest) -> Result<Colleague, CommandError> {
    Ok(desk.inbox.rename_colleague(request.id, &request.name).await?)
}

pub(crate) async fn remove(desk: &Desk, request: OneColleague) -> Result<ColleagueRemoved, CommandError> {
    Ok(ColleagueRemoved { conversations: desk.inbox.remove_colleague(request.id).await? })
}
