//! Intents about what must not be lost: catching up, backups, exports, and deleting a customer.

use crate::{CommandError, Desk, Nothing};
use ringdesk_domain::ConversationId;
use ringdesk_inbox::view;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How much of before Ringdesk is brought in.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct HistoryRequest {
    /// Days before the line was connected, 0 to 396; Twilio has no more.
    pub days: u32,
}

/// A recovery code the owner wrote down.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct CodeRequest {
    /// As it was shown; case, spaces and dashes do not matter.
    pub code: String,
}

/// One of the backups.
#[derive(Clone, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct BackupRequest {
    /// Its name.
    pub name: String,
    /// The recovery code, where it is sealed and more than its outside is to be looked at.
    #[serde(default)]
    pub code: Option<String>,
}

/// What a conversation is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConversationFormat {
    /// One page with everything in it, for reading and printing.
    Html,
    /// A table for a spreadsheet.
    Csv,
}

/// Which conversation is exported, and how.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct ExportConversationRequest {
    /// Which.
    pub conversation: ConversationId,
    /// How.
    pub format: ConversationFormat,
}

/// Which customer is deleted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[ts(optional_fields)]
pub struct DeleteCustomerRequest {
    /// A conversation with them; all their numbers and lines are meant.
    pub conversation: ConversationId,
    /// Also what Twilio has of them.
    #[serde(default)]
    pub at_twilio: bool,
}

pub(crate) async fn catch_up_state(desk: &Desk, _: Nothing) -> Result<view::CatchUp, CommandError> {
    Ok(desk.inbox.catch_up_state().await?)
}

pub(crate) async fn catch_up(desk: &Desk, _: Nothing) -> Result<view::CatchUp, CommandError> {
    Ok(desk.inbox.catch_up_now().await?)
}

pub(crate) async fn seen_away(desk: &Desk, _: Nothing) -> Result<view::CatchUp, CommandError> {
    Ok(desk.inbox.seen_away().await?)
}

pub(crate) async fn history(desk: &Desk, request: HistoryRequest) -> Result<view::CatchUp, CommandError> {
    Ok(desk.inbox.bring_in_history(request.days).await?)
}

pub(crate) async fn stop_history(desk: &Desk, _: Nothing) -> Result<view::CatchUp, CommandError> {
    Ok(desk.inbox.stop_history().await?)
}

pub(crate) async fn unlock(desk: &Desk, _: Nothing) -> Result<Nothing, CommandError> {
    desk.inbox.unlock_sending().await?;
    Ok(Nothing {})
}

pub(crate) async fn backups(desk: &Desk, _: Nothing) -> Result<view::DataBackups, CommandError> {
    Ok(desk.inbox.data_backups().await?)
}

pub(crate) async fn back_up(desk: &Desk, _: Nothing) -> Result<view::DataBackups, CommandError> {
    Ok(desk.inbox.back_up_now().await?)
}

pub(crate) async fn verify(desk: &Desk, request: BackupRequest) -> Result<view::DataBackups, CommandError> {
    Ok(desk.inbox.verify_backup(&request.name, request.code.map(Into::into)).await?)
}

pub(crate) async fn new_code(desk: &Desk, _: Nothing) -> Result<view::RecoveryCode, CommandError> {
    Ok(desk.inbox.new_recovery_code().await?)
}

pub(crate) async fn use_code(desk: &Desk, request: CodeRequest) -> Result<view::DataBackups, CommandError> {
    Ok(desk.inbox.use_recovery_code(request.code.into()).await?)
}

pub(crate) async fn drop_code(desk: &Desk, request: CodeRequest) -> Result<view::DataBackups, CommandError> {
    Ok(desk.inbox.drop_recovery_code(request.code.into()).await?)
}

pub(crate) async fn export_all(desk: &Desk, _: Nothing) -> Result<view::Exported, CommandError> {
    Ok(desk.inbox.export_everything().await?)
}

pub(crate) async fn export_conversation(
    desk: &Desk,
    request: ExportConversationRequest,
) -> Result<view::Exported, CommandError> {
    match request.format {
        ConversationFormat::Html => Ok(desk.inbox.export_page(request.conversation).await?),
        ConversationFormat::Csv => Ok(desk.inbox.export_table(request.conversation).await?),
    }
}

pub(crate) async fn customer(
    desk: &Desk,
    request: crate::OneConversation,
) -> Result<view::CustomerContents, CommandError> {
    Ok(desk.inbox.customer_contents(request.id).await?)
}

pub(crate) async fn delete_customer(
    desk: &Desk,
    request: DeleteCustomerRequest,
) -> Result<view::CustomerContents, CommandError> {
    Ok(desk.inbox.delete_customer(request.conversation, request.at_twilio).await?)
}
