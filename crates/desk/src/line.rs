//! Intents about connecting a line and keeping it healthy.

use crate::{CommandError, Desk, Nothing};
use ringdesk_domain::{CallId, TextId, VoicemailId};
use ringdesk_inbox::{About, view};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How far a step of connecting a line got.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct SetupStepRequest {
    /// Which.
    pub step: view::Step,
    /// How far it got.
    pub state: view::StepState,
}

/// Which numbers of the account are lines.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ChooseLinesRequest {
    /// E.164; every other number of the account is left alone.
    pub numbers: Vec<String>,
}

/// The account's numbers.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AccountNumbers {
    /// As Twilio lists them.
    pub numbers: Vec<view::AccountNumber>,
}

/// Which lines are set up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct SetUpLinesRequest {
    /// E.164; every line when left out.
    pub numbers: Option<Vec<String>>,
    /// Also mend what beats the numbers' own addresses, where that can be done from here.
    pub overrides: Option<bool>,
    /// Only those lines that post to an old address of ours, whatever else is asked for: what goes elsewhere
    /// still does.
    pub moved: Option<bool>,
}

/// One of our numbers.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OneNumber {
    /// E.164.
    pub number: String,
}

/// How the sleep backup is made.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct MakeBackupRequest {
    /// Also where the owner's TwiML Bin is in use: it makes way.
    pub replace_bin: Option<bool>,
}

/// Which phone a try of the sleep backup rings.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TryBackupRequest {
    /// As people write it.
    pub phone: String,
}

/// Whether the owner heard it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct HeardBackupRequest {
    /// They did.
    pub heard: bool,
}

/// A TwiML Bin the owner made.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupBinRequest {
    /// Its address, such as `https://handler.twilio.com/twiml/EH…`.
    pub url: String,
}

/// How thorough a check-up is.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct DoctorRequest {
    /// Ask Twilio, too.
    pub live: Option<bool>,
}

/// A check.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OneCheck {
    /// Its name, such as `overrides`.
    pub check: String,
}

/// A part of the log of what Twilio sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct WebhooksRequest {
    /// Only these; all when left out.
    pub state: Option<view::WebhookState>,
    /// Those before this number.
    #[ts(type = "number", optional)]
    pub before: Option<i64>,
    /// 50 when left out.
    pub limit: Option<u32>,
}

/// The log of what Twilio sent.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Webhooks {
    /// Newest first.
    pub webhooks: Vec<view::Webhook>,
}

/// A request in the log.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
pub struct OneWebhook {
    /// Its number in the log.
    #[ts(type = "number")]
    pub seq: i64,
}

/// Something Twilio keeps a record of; one of them.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct RawRecordRequest {
    /// A text.
    pub text: Option<TextId>,
    /// A call.
    pub call: Option<CallId>,
    /// A voicemail.
    pub voicemail: Option<VoicemailId>,
}

pub(crate) async fn setup(desk: &Desk, _: Nothing) -> Result<view::Setup, CommandError> {
    Ok(desk.inbox.setup().await?)
}

pub(crate) async fn begin(desk: &Desk, _: Nothing) -> Result<view::Setup, CommandError> {
    Ok(desk.inbox.begin_setup().await?)
}

pub(crate) async fn step(desk: &Desk, request: SetupStepRequest) -> Result<view::Setup, CommandError> {
    Ok(desk.inbox.setup_step(request.step, request.state).await?)
}

pub(crate) async fn finish(desk: &Desk, _: Nothing) -> Result<view::Setup, CommandError> {
    Ok(desk.inbox.finish_setup().await?)
}

pub(crate) async fn numbers(desk: &Desk, _: Nothing) -> Result<AccountNumbers, CommandError> {
    Ok(AccountNumbers { numbers: desk.inbox.account_numbers().await? })
}

pub(crate) async fn choose(desk: &Desk, request: ChooseLinesRequest) -> Result<AccountNumbers, CommandError> {
    Ok(AccountNumbers { numbers: desk.inbox.choose_lines(&request.numbers).await? })
}

pub(crate) async fn plan(desk: &Desk, _: Nothing) -> Result<view::LinesPlan, CommandError> {
    Ok(desk.inbox.plan_lines().await?)
}

pub(crate) async fn set_up(desk: &Desk, request: SetUpLinesRequest) -> Result<view::LinesPlan, CommandError> {
    if request.moved.unwrap_or(false) {
        return Ok(desk.inbox.lines_follow().await?);
    }
    let overrides = request.overrides.unwrap_or(false);
    Ok(desk.inbox.set_up_lines(request.numbers.as_deref(), overrides).await?)
}

pub(crate) async fn restore(desk: &Desk, request: OneNumber) -> Result<view::LinesPlan, CommandError> {
    Ok(desk.inbox.restore_line(&request.number).await?)
}

pub(crate) async fn address(desk: &Desk, _: Nothing) -> Result<view::AddressNow, CommandError> {
    Ok(desk.inbox.address().await?)
}

pub(crate) async fn knock(desk: &Desk, _: Nothing) -> Result<view::Knock, CommandError> {
    Ok(desk.inbox.knock().await?)
}

pub(crate) async fn backup(desk: &Desk, _: Nothing) -> Result<view::Backup, CommandError> {
    Ok(desk.inbox.backup().await?)
}

pub(crate) async fn make_backup(
    desk: &Desk,
    request: MakeBackupRequest,
) -> Result<view::Backup, CommandError> {
    if request.replace_bin.unwrap_or(false) {
        return Ok(desk.inbox.replace_bin().await?);
    }
    Ok(desk.inbox.make_backup().await?)
}

pub(crate) async fn backup_bin(desk: &Desk, request: BackupBinRequest) -> Result<view::Backup, CommandError> {
    Ok(desk.inbox.backup_bin(&request.url).await?)
}

pub(crate) async fn try_backup(desk: &Desk, request: TryBackupRequest) -> Result<Nothing, CommandError> {
    desk.inbox.try_backup(&request.phone).await?;
    Ok(Nothing {})
}

pub(crate) async fn heard_backup(
    desk: &Desk,
    request: HeardBackupRequest,
) -> Result<view::Backup, CommandError> {
    Ok(desk.inbox.heard_backup(request.heard).await?)
}

pub(crate) async fn doctor(desk: &Desk, request: DoctorRequest) -> Result<view::Checkup, CommandError> {
    Ok(desk.inbox.doctor(request.live.unwrap_or(false)).await?)
}

pub(crate) async fn fix(desk: &Desk, request: OneCheck) -> Result<view::Check, CommandError> {
    Ok(desk.inbox.fix(&request.check).await?)
}

pub(crate) async fn webhooks(desk: &Desk, request: WebhooksRequest) -> Result<Webhooks, CommandError> {
    let limit = request.limit.unwrap_or(50).min(500);
    Ok(Webhooks { webhooks: desk.inbox.webhooks(request.state, request.before, limit).await? })
}

pub(crate) async fn replay(desk: &Desk, request: OneWebhook) -> Result<view::Webhook, CommandError> {
    Ok(desk.inbox.replay_webhook(request.seq).await?)
}

pub(crate) async fn raw_record(
    desk: &Desk,
    request: RawRecordRequest,
) -> Result<view::RawRecord, CommandError> {
    let about = match (request.text, request.call, request.voicemail) {
        (Some(text), ..) => About::Text(text),
        (None, Some(call), _) => About::Call(call),
        (None, None, Some(voicemail)) => About::Voicemail(voicemail),
        (None, None, None) => return Err(CommandError::invalid("a text, a call or a voicemail")),
    };
    Ok(desk.inbox.raw_record(about).await?)
}
