//! The counter where a person's intents arrive. Every command is declared once, in the table below:
//! hosts mount it, the window's types come from it, and it decides nothing.

mod calls;
mod colleagues;
mod conversations;
mod error;
mod line;
mod lists;
mod safety;
mod settings;
mod table;
mod texts;
mod typescript;
mod voicemails;

pub use calls::{
    AddGreetingRequest, Before, CallBackRequest, CallBegun, CallsRequest, HearRequest, RouteRequest,
    WhichCalls,
};
pub use colleagues::{
    AddColleagueRequest, AssignRequest, ColleagueRemoved, OneColleague, RenameColleagueRequest,
};
pub use conversations::{
    AddNoteRequest, BeginRequest, Begun, ConversationRequest, ConversationsRequest, DraftRequest, Filter,
    Noted, OneConversation, OptedIn, RemoveNoteRequest, SaveContactRequest,
};
pub use error::CommandError;
pub use line::{
    AccountNumbers, BackupBinRequest, ChooseLinesRequest, DoctorRequest, HeardBackupRequest,
    MakeBackupRequest, OneCheck, OneNumber, OneWebhook, RawRecordRequest, SetUpLinesRequest,
    SetupStepRequest, TryBackupRequest, Webhooks, WebhooksRequest,
};
pub use lists::{LimitRequest, Lines, SearchRequest};
pub use safety::{
    BackupRequest, CodeRequest, ConversationFormat, DeleteCustomerRequest, ExportConversationRequest,
    HistoryRequest,
};
pub use settings::{PatchRequest, PauseRequest};
pub use table::Command;
pub use texts::{
    AddPictureRequest, AttachmentFile, MeasureRequest, OneAttachment, OneText, Released, SendTextRequest,
    Sent, TakenBack,
};
pub use typescript::typescript;
pub use voicemails::{
    BeforeVoicemail, EditTranscriptRequest, HoldRequest, ListenedRequest, MarkHeardRequest, OneVoicemail,
    RemoveVoicemailRequest, RetentionRequest, VoicemailSound, VoicemailsRequest, WhichVoicemails,
};

pub use ringdesk_domain::Change;

use ringdesk_inbox::{Inbox, view};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where intents arrive.
#[derive(Clone, Debug)]
pub struct Desk {
    /// What acts.
    pub inbox: Inbox,
}

/// A request without fields, or an answer without content.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}

table::commands! {
    /// A part of a list of conversations, newest first.
    conversations: conversations::list(ConversationsRequest) -> view::ConversationList;
    /// One conversation with its timeline.
    conversation: conversations::open(ConversationRequest) -> view::OpenConversation;
    /// Marks a conversation read.
    mark_read: conversations::mark_read(OneConversation) -> Nothing;
    /// Marks a conversation unread.
    mark_unread: conversations::mark_unread(OneConversation) -> Nothing;
    /// Puts a conversation away.
    mark_done: conversations::mark_done(OneConversation) -> Nothing;
    /// Takes a conversation out again.
    reopen: conversations::reopen(OneConversation) -> Nothing;
    /// What is known of the customer of a conversation.
    contact: conversations::contact(OneConversation) -> view::ContactCard;
    /// Changes what is known of the customer of a conversation.
    save_contact: conversations::save_contact(SaveContactRequest) -> Nothing;
    /// Keeps what has been written so far.
    save_draft: conversations::save_draft(DraftRequest) -> Nothing;
    /// The conversation with somebody's number, made where none is.
    begin: conversations::begin(BeginRequest) -> Begun;
    /// Keeps a note in a conversation; no customer sees it.
    add_note: conversations::add_note(AddNoteRequest) -> Noted;
    /// Removes a note, or puts it back.
    remove_note: conversations::remove_note(RemoveNoteRequest) -> Nothing;
    /// Assigns a conversation to a colleague, or to nobody.
    assign: colleagues::assign(AssignRequest) -> Nothing;
    /// Colleagues, by name.
    colleagues: colleagues::list(Nothing) -> Vec<ringdesk_domain::Colleague>;
    /// Adds a colleague; a name that is in the list already is the same colleague.
    add_colleague: colleagues::add(AddColleagueRequest) -> ringdesk_domain::Colleague;
    /// Gives a colleague another name.
    rename_colleague: colleagues::rename(RenameColleagueRequest) -> ringdesk_domain::Colleague;
    /// Takes a colleague out of the list; what was theirs is nobody's.
    remove_colleague: colleagues::remove(OneColleague) -> ColleagueRemoved;
    /// Marks the customer of a conversation as opted out of texts.
    opt_out: conversations::opt_out(OneConversation) -> Nothing;
    /// Undoes an opt-out the owner marked, or one the customer answered YES to.
    opt_in: conversations::opt_in(OneConversation) -> OptedIn;
    /// Writes a text; it leaves when its undo time is over.
    send_text: texts::send(SendTextRequest) -> Sent;
    /// Takes a text back while it waits.
    take_back: texts::take_back(OneText) -> TakenBack;
    /// Sends a text that waited so long that it was held.
    send_now: texts::now(OneText) -> Released;
    /// Sends a failed text again, as a new one.
    send_again: texts::again(OneText) -> Sent;
    /// What a draft would be sent as.
    measure_text: texts::measure(MeasureRequest) -> view::DraftLength;
    /// Takes a picture to be sent.
    add_picture: texts::add_picture(AddPictureRequest) -> view::Picture;
    /// A picture or file of a text, whole.
    attachment_file: texts::attachment_file(OneAttachment) -> AttachmentFile;
    /// Our lines.
    lines: lists::lines(Nothing) -> Lines;
    /// The call log, newest first.
    calls: calls::list(CallsRequest) -> Vec<view::Call>;
    /// Calls a customer: a phone of ours rings first, then theirs.
    call_back: calls::call_back(CallBackRequest) -> CallBegun;
    /// Takes no calls from a customer any more.
    block_caller: calls::block(OneConversation) -> Nothing;
    /// Takes a customer's calls again.
    unblock_caller: calls::unblock(OneConversation) -> Nothing;
    /// Closes until the end of the day.
    close_early: calls::close_early(Nothing) -> ringdesk_domain::Settings;
    /// Opens again after closing early.
    open_again: calls::open_again(Nothing) -> ringdesk_domain::Settings;
    /// What a caller would get at some moment, and why.
    route: calls::route(RouteRequest) -> view::Route;
    /// When the holidays come, and public ones to take over.
    holidays: calls::holidays(Nothing) -> view::Holidays;
    /// Keeps a sound file callers may hear.
    add_greeting: calls::add_greeting(AddGreetingRequest) -> view::Sound;
    /// Rings a phone of ours and says there what callers hear.
    hear_greeting: calls::hear_greeting(HearRequest) -> Nothing;
    /// Voicemails, newest first.
    voicemails: voicemails::list(VoicemailsRequest) -> Vec<view::Voicemail>;
    /// One voicemail.
    voicemail: voicemails::one(OneVoicemail) -> view::Voicemail;
    /// How many voicemails there are.
    voicemail_counts: voicemails::counts(Nothing) -> view::VoicemailCounts;
    /// Marks a voicemail as heard, or as not heard.
    mark_heard: voicemails::mark_heard(MarkHeardRequest) -> Nothing;
    /// Keeps how far somebody listened; three seconds, or most of a short one, make it heard.
    listened: voicemails::listened(ListenedRequest) -> Nothing;
    /// Corrects what was written down of a voicemail, or brings the original back.
    edit_transcript: voicemails::edit_transcript(EditTranscriptRequest) -> Nothing;
    /// Has a voicemail written down, or tries it again.
    write_down: voicemails::write_down(OneVoicemail) -> Nothing;
    /// Asks Twilio for the sound of a voicemail again.
    fetch_again: voicemails::fetch_again(OneVoicemail) -> Nothing;
    /// Deletes a voicemail, or takes that back; it is gone for good a month later.
    remove_voicemail: voicemails::remove(RemoveVoicemailRequest) -> Nothing;
    /// The sound of a voicemail, whole.
    voicemail_sound: voicemails::sound(OneVoicemail) -> VoicemailSound;
    /// Sends a voicemail to the owner by email.
    email_voicemail: voicemails::email(OneVoicemail) -> Nothing;
    /// Sends a letter to the owner, to see whether it arrives.
    test_email: voicemails::test_email(Nothing) -> Nothing;
    /// What would be deleted by age; nothing is.
    retention: voicemails::retention(RetentionRequest) -> view::Retention;
    /// Keeps everything of a conversation whatever the settings say, or no longer.
    set_hold: voicemails::hold(HoldRequest) -> Nothing;
    /// People, by name.
    contacts: lists::contacts(LimitRequest) -> Vec<view::Contact>;
    /// People by name or number, and texts that hold all words; newest first.
    search: lists::search(SearchRequest) -> view::Results;
    /// The settings.
    settings: settings::show(Nothing) -> ringdesk_domain::Settings;
    /// Changes settings by a merge patch (RFC 7396).
    apply_settings: settings::apply(PatchRequest) -> ringdesk_domain::Settings;
    /// Pauses notifications, or resumes them.
    pause_notifications: settings::pause(PauseRequest) -> ringdesk_domain::Settings;
    /// What is unusual, and whether the line is connected.
    health: lists::health(Nothing) -> view::Health;
    /// How far connecting the line has come.
    setup: line::setup(Nothing) -> view::Setup;
    /// Begins to connect the line, or goes through it again.
    begin_setup: line::begin(Nothing) -> view::Setup;
    /// Says how far a step got.
    setup_step: line::step(SetupStepRequest) -> view::Setup;
    /// Ends being led through it; what is left can be done in the settings.
    finish_setup: line::finish(Nothing) -> view::Setup;
    /// The numbers of the account and where what arrives on them goes.
    account_numbers: line::numbers(Nothing) -> AccountNumbers;
    /// Says which numbers of the account are lines.
    choose_lines: line::choose(ChooseLinesRequest) -> AccountNumbers;
    /// What setting the lines up would change at Twilio; nothing is.
    plan_lines: line::plan(Nothing) -> view::LinesPlan;
    /// Has Twilio send what arrives on the lines here; what was set before is kept.
    set_up_lines: line::set_up(SetUpLinesRequest) -> view::LinesPlan;
    /// Puts back what a number had before we first came.
    restore_line: line::restore(OneNumber) -> view::LinesPlan;
    /// The way from Twilio to this computer, as it is now.
    address: line::address(Nothing) -> view::AddressNow;
    /// Knocks at our own door from outside.
    knock: line::knock(Nothing) -> view::Knock;
    /// What answers at Twilio while this computer is off.
    backup: line::backup(Nothing) -> view::Backup;
    /// Makes the sleep backup at Twilio, or brings it up to date, and has the lines use it.
    make_backup: line::make_backup(MakeBackupRequest) -> view::Backup;
    /// Uses a TwiML Bin the owner made as the sleep backup.
    backup_bin: line::backup_bin(BackupBinRequest) -> view::Backup;
    /// Rings a phone with the sleep backup, as a caller would hear it.
    try_backup: line::try_backup(TryBackupRequest) -> Nothing;
    /// Says whether the owner heard the sleep backup.
    heard_backup: line::heard_backup(HeardBackupRequest) -> view::Backup;
    /// Looks the line over.
    doctor: line::doctor(DoctorRequest) -> view::Checkup;
    /// Mends what a check found, where that can be done from here, and looks again.
    fix: line::fix(OneCheck) -> view::Check;
    /// What Twilio sent, newest first.
    webhooks: line::webhooks(WebhooksRequest) -> Webhooks;
    /// Tries a request of Twilio's again whose effects could not be stored.
    replay_webhook: line::replay(OneWebhook) -> view::Webhook;
    /// Everything Twilio told of something, for support.
    raw_record: line::raw_record(RawRecordRequest) -> view::RawRecord;
    /// How complete what is here is, and what came while the computer was asleep.
    catch_up_state: safety::catch_up_state(Nothing) -> view::CatchUp;
    /// Fetches now what did not reach us.
    catch_up: safety::catch_up(Nothing) -> view::CatchUp;
    /// Somebody has seen what came while the computer was asleep.
    seen_away: safety::seen_away(Nothing) -> view::CatchUp;
    /// Brings in texts and calls of before the line was connected.
    bring_in_history: safety::history(HistoryRequest) -> view::CatchUp;
    /// Stops bringing them in; what is here stays.
    stop_history: safety::stop_history(Nothing) -> view::CatchUp;
    /// Lets this computer send again, after its data was restored or came from another one.
    unlock_sending: safety::unlock(Nothing) -> Nothing;
    /// The backups of the data.
    data_backups: safety::backups(Nothing) -> view::DataBackups;
    /// Makes a backup of the data now.
    back_up_now: safety::back_up(Nothing) -> view::DataBackups;
    /// Looks a backup through.
    verify_backup: safety::verify(BackupRequest) -> view::DataBackups;
    /// A new recovery code; it seals nothing before the owner has given it back.
    new_recovery_code: safety::new_code(Nothing) -> view::RecoveryCode;
    /// The owner has written the recovery code down: it seals backups from now on.
    use_recovery_code: safety::use_code(CodeRequest) -> view::DataBackups;
    /// Seals no more backups; takes the code that seals them.
    drop_recovery_code: safety::drop_code(CodeRequest) -> view::DataBackups;
    /// Writes everything that is kept into a folder, with pictures and sounds.
    export_everything: safety::export_all(Nothing) -> view::Exported;
    /// Writes one conversation to a file.
    export_conversation: safety::export_conversation(ExportConversationRequest) -> view::Exported;
    /// What deleting the customer of a conversation would take away.
    customer_contents: safety::customer(OneConversation) -> view::CustomerContents;
    /// Deletes everything of the customer of a conversation, for good.
    delete_customer: safety::delete_customer(DeleteCustomerRequest) -> view::CustomerContents;
}
