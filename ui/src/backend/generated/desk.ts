// Written by `cargo xtask types` from crates/desk; do not edit.

export type AccountNumber = { 
/**
 * E.164.
 */
number: string, 
/**
 * As people write it.
 */
display: string, 
/**
 * As the owner named it at Twilio, unless that is the number again.
 */
name: string | null, 
/**
 * Takes texts.
 */
texts: boolean, 
/**
 * Takes pictures.
 */
pictures: boolean, 
/**
 * Takes calls.
 */
calls: boolean, 
/**
 * Whether it is a line of ours.
 */
used: boolean, 
/**
 * Where what arrives on it goes today.
 */
answers: Answers, 
/**
 * The host it goes to, where that is somewhere else.
 */
answers_at: string | null, 
/**
 * What silently keeps its texts or calls from going where its addresses say.
 */
overrides: Array<Override>, 
/**
 * Whether what it had before we came is known and can be put back.
 */
restorable: boolean, };

export type AccountNumbers = { 
/**
 * As Twilio lists them.
 */
numbers: Array<AccountNumber>, };

export type AddColleagueRequest = { 
/**
 * Their name, 1 to 60 characters.
 */
name: string, };

export type AddGreetingRequest = { 
/**
 * WAV or MP3, at most 20 MB and three minutes.
 */
base64: string, };

export type AddNoteRequest = { 
/**
 * The conversation.
 */
id: ConversationId, 
/**
 * The words.
 */
body: string, };

export type AddPictureRequest = { 
/**
 * Its bytes in Base64.
 */
base64: string, };

export type AddressKind = "number" | "short_code" | "name" | "hidden";

export type AddressNow = { 
/**
 * What the owner chose.
 */
way: Way, 
/**
 * How it is.
 */
state: AddressState, 
/**
 * The address, once there is one.
 */
address: string | null, 
/**
 * Why there is none, or why nobody comes through; in words.
 */
problem: string | null, 
/**
 * What to do about it; in words.
 */
hint: string | null, 
/**
 * When a knock from outside last came through.
 */
knocked_at: Moment | null, 
/**
 * How long it took, in milliseconds.
 */
knock_ms: number | null, 
/**
 * The lines post to another address, and the owner is asked before that is changed.
 */
moved: boolean, 
/**
 * The programs found on this computer that can open a way.
 */
programs: Array<TunnelProgram>, 
/**
 * Whether the address was given when the program was started and cannot be chosen here.
 */
fixed: boolean, };

export type AddressState = "unset" | "opening" | "open" | "failed" | "blocked";

export type AfterHours = "voicemail" | "message" | "forward";

export type AgedItem = { 
/**
 * What.
 */
kind: AgedKind, 
/**
 * How many.
 */
count: number, 
/**
 * When the oldest of them came.
 */
oldest: Moment | null, 
/**
 * How many of them would go at Twilio, too.
 */
at_twilio: number, };

export type AgedKind = "texts" | "calls" | "voicemails" | "recordings";

export type Answers = "here" | "other_desk" | "demo" | "elsewhere" | "nowhere";

export type AssignRequest = { 
/**
 * The conversation.
 */
id: ConversationId, 
/**
 * The colleague; null makes it nobody's.
 */
to: ColleagueId | null, };

export type Attachment = { 
/**
 * Our id.
 */
id: AttachmentId, 
/**
 * Where it stands.
 */
state: AttachmentState, 
/**
 * The type its bytes show, once kept.
 */
content_type: string | null, 
/**
 * Whether it can be shown.
 */
showable: boolean, 
/**
 * Its size.
 */
bytes: number | null, 
/**
 * Its name for `send_text`, once kept.
 */
sha256: string | null, 
/**
 * Why it is not here.
 */
problem: string | null, };

export type AttachmentFile = { 
/**
 * What it is called, for people.
 */
name: string, 
/**
 * The whole file.
 */
base64: string, };

export type AttachmentId = string;

export type AttachmentState = "wanted" | "kept" | "refused" | "gone";

export type AudioState = "wanted" | "kept" | "refused" | "gone" | "deleted";

export type Away = { 
/**
 * When it went to sleep or was switched off.
 */
from: Moment, 
/**
 * When it was back.
 */
to: Moment, 
/**
 * Whether all of it is here; more may come.
 */
complete: boolean, 
/**
 * Texts that came.
 */
texts: number, 
/**
 * Conversations they came in.
 */
people: number, 
/**
 * Calls that came, answered elsewhere or not.
 */
calls: number, 
/**
 * Those of them that nobody took and that left no voicemail.
 */
missed: number, 
/**
 * Voicemails that were left.
 */
voicemails: number, 
/**
 * The conversations something came in, newest first, at most 50.
 */
conversations: Array<ConversationId>, };

export type Backup = { 
/**
 * How it is.
 */
state: BackupState, 
/**
 * How it is, in words.
 */
said: string, 
/**
 * What to do, in words.
 */
hint: string | null, 
/**
 * Where it is hosted.
 */
url: string | null, 
/**
 * When the owner last heard it.
 */
heard_at: Moment | null, 
/**
 * What a TwiML Bin has to hold, to be copied.
 */
document: string, 
/**
 * The phone a try would ring; empty where none is known.
 */
phone: string, };

export type BackupBinRequest = { 
/**
 * Its address, such as `https://handler.twilio.com/twiml/EH…`.
 */
url: string, };

export type BackupReason = "daily" | "asked" | "update";

export type BackupRequest = { 
/**
 * Its name.
 */
name: string, 
/**
 * The recovery code, where it is sealed and more than its outside is to be looked at.
 */
code?: string, };

export type BackupState = "off" | "missing" | "by_hand" | "old" | "unused" | "unheard" | "ready";

export type Backups = { 
/**
 * Whether one is made every day.
 */
daily: boolean, 
/**
 * Where they are kept, such as a folder on another disk; beside the data when left out.
 */
folder: string | null, };

export type Before = { 
/**
 * When the last call shown began.
 */
at: Moment, 
/**
 * Its id.
 */
id: CallId, };

export type BeforeVoicemail = { 
/**
 * When the last one shown was left.
 */
at: Moment, 
/**
 * Its id.
 */
id: VoicemailId, };

export type BeginRequest = { 
/**
 * Their number, as people write it.
 */
to: string, 
/**
 * From which of our numbers; the first one when left out.
 */
line?: string, };

export type Begun = { 
/**
 * Which.
 */
id: ConversationId, };

export type Call = { 
/**
 * Our id.
 */
id: CallId, 
/**
 * Where it belongs.
 */
conversation: ConversationId, 
/**
 * Our line in it.
 */
line: LineId, 
/**
 * Our number as people write it.
 */
line_display: string, 
/**
 * The owner's name for it; may be empty.
 */
line_name: string, 
/**
 * The other end, whole.
 */
customer: string, 
/**
 * As people write it.
 */
with: string, 
/**
 * Their name, where the owner gave one.
 */
name: string | null, 
/**
 * What kind of address it is.
 */
kind: AddressKind, 
/**
 * Whether they called.
 */
incoming: boolean, 
/**
 * Twilio's status word.
 */
status: string, 
/**
 * How it ended; not known while it goes on.
 */
ending: Ending | null, 
/**
 * Whether it is still going on.
 */
live: boolean, 
/**
 * Whether they called and nobody of ours talked with them.
 */
missed: boolean, 
/**
 * When it began.
 */
at: Moment, 
/**
 * Seconds talked, or of the message.
 */
duration_s: number | null, 
/**
 * The phone they talked with, or of ours that rings first, as the owner calls it.
 */
answered_by: string | null, 
/**
 * The phones that were rung, in order.
 */
legs: Array<Leg>, 
/**
 * What was decided when it came.
 */
plan: Plan | null, 
/**
 * Why.
 */
reasons: Array<Why>, 
/**
 * Whether they were texted that they were missed.
 */
texted_back: boolean, 
/**
 * Whether the owner wants nothing of them now.
 */
blocked: boolean, 
/**
 * Why it could not be placed.
 */
failure: Failure | null, 
/**
 * Who of us called.
 */
actor: string | null, 
/**
 * Why it is here later than it came, if it is.
 */
late: Late | null, };

export type CallBackRequest = { 
/**
 * The customer's conversation.
 */
conversation: ConversationId, 
/**
 * A phone of the settings; the first one when left out.
 */
phone?: string, };

export type CallBegun = { 
/**
 * Our id for it.
 */
call: CallId, };

export type CallId = string;

export type CallerId = "caller" | "business";

export type Calls = { 
/**
 * Whether a phone rings at all while it is open.
 */
forwarding: boolean, 
/**
 * The phones that ring, in the owner's order.
 */
phones: Array<Phone>, 
/**
 * One after another, or all together.
 */
ring: Ring, 
/**
 * How long each rings, 5 to 60 seconds.
 */
ring_seconds: number, 
/**
 * Which number the phone shows.
 */
caller_id: CallerId, 
/**
 * Whether whoever picks up must press 1, so that a mailbox never takes a customer.
 */
screening: boolean, 
/**
 * What happens while it is closed.
 */
after_hours: AfterHours, 
/**
 * The phones that ring while it is closed, where [`AfterHours::Forward`] is set.
 */
after_hours_phones: Array<Phone>, 
/**
 * What callers hear.
 */
greetings: Greetings, 
/**
 * The voice that speaks, as Twilio names it.
 */
voice: string, 
/**
 * Its language, such as `en-US`.
 */
language: string, 
/**
 * Seconds of message at most, 5 to 300; from 120 on Twilio writes nothing down.
 */
message_seconds: number, 
/**
 * The key that ends a message: a digit, `*` or `#`.
 */
finish_key: string, 
/**
 * What somebody who was missed is texted.
 */
text_back: TextBack, };

export type CallsRequest = { 
/**
 * All of them when left out.
 */
filter?: WhichCalls, 
/**
 * On one line only.
 */
line?: LineId, 
/**
 * Those before this one.
 */
before?: Before, 
/**
 * 100 when left out.
 */
limit?: number, };

export type CatchUp = { 
/**
 * Whether Twilio is being asked just now.
 */
running: boolean, 
/**
 * Up to when nothing is missing of any line; none before the first look, or without a line.
 */
complete_to: Moment | null, 
/**
 * Why the last look could not be finished, in words; it is tried again.
 */
problem: string | null, 
/**
 * Texts, calls and voicemails of this week that should have come by themselves and were fetched.
 */
repaired: number, 
/**
 * What came while the computer was asleep or off, until somebody has seen it.
 */
away: Away | null, 
/**
 * What is brought in of before Ringdesk.
 */
history: History, };

export type Change = { 
/**
 * Grows by at least one with every change.
 */
seq: number, 
/**
 * What became stale.
 */
kind: ChangeKind, 
/**
 * The conversation it happened in, where there is one.
 */
conversation: ConversationId | null, 
/**
 * When it was stored.
 */
at: Moment, };

export type ChangeKind = "text_arrived" | "text_changed" | "text_failed" | "call_changed" | "call_missed" | "voicemail_left" | "voicemail_changed" | "voicemail_written" | "attachment_changed" | "conversation_changed" | "consent_changed" | "settings_changed" | "health_changed";

export type Charged = "no" | "usually" | "yes";

export type Check = { 
/**
 * Its name, such as `overrides`.
 */
id: string, 
/**
 * What was looked at, such as "Sleep backup".
 */
title: string, 
/**
 * How it is.
 */
grade: Grade, 
/**
 * What was found.
 */
said: string, 
/**
 * Why it matters.
 */
why: string, 
/**
 * What to do where it cannot be mended by a click.
 */
hint: string | null, 
/**
 * What mends it.
 */
fix: Fix | null, 
/**
 * More for whoever keeps the computer running, a line each.
 */
details: Array<string>, };

export type Checkup = { 
/**
 * When.
 */
at: Moment, 
/**
 * How long it took, in milliseconds.
 */
took_ms: number, 
/**
 * Whether Twilio was asked, too.
 */
live: boolean, 
/**
 * The worst of all.
 */
worst: Grade, 
/**
 * One per check, in the order of a line's life.
 */
checks: Array<Check>, };

export type ChooseLinesRequest = { 
/**
 * E.164; every other number of the account is left alone.
 */
numbers: Array<string>, };

export type ClosingTime = string;

export type CodeRequest = { 
/**
 * As it was shown; case, spaces and dashes do not matter.
 */
code: string, };

export type Colleague = { 
/**
 * Our id.
 */
id: ColleagueId, 
/**
 * As the owner calls them.
 */
name: string, };

export type ColleagueId = string;

export type ColleagueRemoved = { 
/**
 * How many conversations were theirs and are nobody's now.
 */
conversations: number, };

export type CommandError = { 
/**
 * What the window branches on.
 */
code: string, 
/**
 * What happened, for a person.
 */
message: string, 
/**
 * What to do next, for a person.
 */
hint: string, };

export type Consent = "unknown" | "given" | "opted_out";

export type ConsentEventId = string;

export type ConsentNote = { 
/**
 * Our id.
 */
id: ConsentEventId, 
/**
 * What happened.
 */
event: string, 
/**
 * When.
 */
at: Moment, };

export type Contact = { 
/**
 * Our id.
 */
id: string, 
/**
 * As the owner calls them.
 */
name: string, 
/**
 * Their numbers, E.164.
 */
numbers: Array<string>, };

export type ContactCard = { 
/**
 * As the owner calls them; may be empty.
 */
name: string, 
/**
 * The owner's notes.
 */
notes: string, 
/**
 * By the alphabet.
 */
tags: Array<string>, 
/**
 * Their numbers.
 */
numbers: Array<Number>, 
/**
 * Where they stand on texts.
 */
consent: Consent, 
/**
 * How that came about, oldest first.
 */
consent_history: Array<ConsentNote>, 
/**
 * Their latest calls, newest first.
 */
calls: Array<Call>, 
/**
 * Whether everything of the conversation is kept, whatever the settings say.
 */
held: boolean, };

export type Conversation = { 
/**
 * Our id.
 */
id: ConversationId, 
/**
 * Our line in it.
 */
line: LineId, 
/**
 * Our number as people write it.
 */
line_display: string, 
/**
 * The customer's address, whole.
 */
customer: string, 
/**
 * As people write it.
 */
display: string, 
/**
 * What kind of address it is.
 */
kind: AddressKind, 
/**
 * Their name, where the owner gave one.
 */
name: string | null, 
/**
 * Newest event.
 */
last_at: Moment, 
/**
 * Unread events.
 */
unread: number, 
/**
 * Since when they wait for an answer.
 */
waiting_since: Moment | null, 
/**
 * The beginning of what the owner has begun to write.
 */
draft: string | null, 
/**
 * When it was put away.
 */
done_at: Moment | null, 
/**
 * Where they stand on texts.
 */
consent: Consent, 
/**
 * Since when.
 */
consent_since: Moment | null, 
/**
 * The newest text.
 */
last: LastText | null, 
/**
 * The newest call, where no text is newer but the one that texted them back by itself.
 */
last_call: LastCall | null, 
/**
 * Whether everything of it is kept, whatever the settings say.
 */
held: boolean, 
/**
 * Who sees to it, if anybody does.
 */
assigned: Colleague | null, };

export type ConversationFormat = "html" | "csv";

export type ConversationId = string;

export type ConversationList = { 
/**
 * Newest first.
 */
conversations: Array<Conversation>, 
/**
 * How many the whole list has.
 */
total: number, 
/**
 * What the filters count on the chosen line; on all lines where none is chosen.
 */
counts: FilterCounts, 
/**
 * Conversations with something unread.
 */
unread: number, 
/**
 * Conversations where the customer waits.
 */
waiting: number, 
/**
 * Conversations where the customer rang in vain and waits.
 */
missed: number, 
/**
 * Voicemails nobody listened to.
 */
unheard: number, 
/**
 * The newest Change these are not older than.
 */
seq: number, };

export type ConversationRequest = { 
/**
 * The conversation.
 */
id: ConversationId, 
/**
 * The part before this; the newest when left out.
 */
older?: Older, 
/**
 * The newest part reaches back to this text at least, up to 2,000 texts.
 */
until?: TextId, };

export type ConversationsRequest = { 
/**
 * Which; all that are not done when left out.
 */
filter?: Filter, 
/**
 * On this line only; on all when left out.
 */
line?: LineId, 
/**
 * From this place on; from the top when left out.
 */
from?: number, 
/**
 * At most this many; 100 when left out.
 */
limit?: number, };

export type CustomerContents = { 
/**
 * Conversations, one for each line and number.
 */
conversations: number, 
/**
 * Texts.
 */
texts: number, 
/**
 * Calls.
 */
calls: number, 
/**
 * Voicemails.
 */
voicemails: number, 
/**
 * Pictures and sounds.
 */
files: number, 
/**
 * Notes of ours.
 */
notes: number, 
/**
 * Texts, calls and recordings Twilio may have, too.
 */
at_twilio: number, };

export type DataBackup = { 
/**
 * Its name, which is also its file's.
 */
name: string, 
/**
 * When it was made.
 */
at: Moment, 
/**
 * Its size with all pictures and sounds that belong to it, in bytes.
 */
bytes: number, 
/**
 * Whether it takes a recovery code to open it.
 */
sealed: boolean, 
/**
 * Why it was made.
 */
reason: BackupReason, 
/**
 * When it was last looked through and found whole.
 */
verified_at: Moment | null, 
/**
 * What is wrong with it, in words.
 */
problem: string | null, };

export type DataBackups = { 
/**
 * Whether one is being made just now.
 */
running: boolean, 
/**
 * Where they are kept.
 */
folder: string, 
/**
 * Whether that is a folder the owner chose, rather than the one beside the data.
 */
chosen: boolean, 
/**
 * Newest first.
 */
backups: Array<DataBackup>, 
/**
 * Whether a recovery code seals them.
 */
sealed: boolean, 
/**
 * Why the last one was not made, in words.
 */
problem: string | null, 
/**
 * What to do about it, in words.
 */
hint: string | null, 
/**
 * When the next one is made by itself; none where that is switched off.
 */
next_at: Moment | null, };

export type Day = { "rule": "once", 
/**
 * Such as `2026-12-24`.
 */
date: string, } | { "rule": "yearly", 
/**
 * 1 to 12.
 */
month: number, 
/**
 * 1 to 31; the 29th of February comes in leap years.
 */
day: number, } | { "rule": "nth", 
/**
 * 1 to 12.
 */
month: number, 
/**
 * The day of the week.
 */
weekday: Weekday, 
/**
 * 1 to 5, or -1 for the last.
 */
nth: number, } | { "rule": "easter", 
/**
 * Days after it; before it when negative.
 */
offset: number, };

export type DeleteCustomerRequest = { 
/**
 * A conversation with them; all their numbers and lines are meant.
 */
conversation: ConversationId, 
/**
 * Also what Twilio has of them.
 */
at_twilio: boolean, };

export type DoctorRequest = { 
/**
 * Ask Twilio, too.
 */
live?: boolean, };

export type DraftLength = { 
/**
 * Parts.
 */
segments: number, 
/**
 * Units left in the last part.
 */
left: number, 
/**
 * Characters.
 */
characters: number, 
/**
 * Whether it is over Twilio's limit.
 */
too_long: boolean, };

export type DraftRequest = { 
/**
 * The conversation.
 */
id: ConversationId, 
/**
 * The words; none forgets the draft.
 */
body: string, };

export type EditTranscriptRequest = { 
/**
 * Our id.
 */
voicemail: VoicemailId, 
/**
 * The words; none brings back what was written down.
 */
text: string | null, };

export type Email = { 
/**
 * Whether each voicemail is sent.
 */
on: boolean, 
/**
 * Who gets them.
 */
to: string, 
/**
 * Who sends them; the first address when left empty.
 */
from: string, 
/**
 * The mail server.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * How the way to it is secured.
 */
security: MailSecurity, 
/**
 * Who logs in; nobody when left empty.
 */
user: string, };

export type EmailState = "waiting" | "sent" | "failed";

export type Ending = "answered" | "voicemail" | "hung_up_ringing" | "hung_up_greeting" | "screened_out" | "heard_message" | "blocked" | "busy" | "no_answer" | "canceled" | "failed";

export type Engine = "off" | "twilio" | "command";

export type ExportConversationRequest = { 
/**
 * Which.
 */
conversation: ConversationId, 
/**
 * How.
 */
format: ConversationFormat, };

export type Exported = { 
/**
 * Where it is.
 */
path: string, 
/**
 * Texts in it.
 */
texts: number, 
/**
 * Calls in it.
 */
calls: number, 
/**
 * Voicemails in it.
 */
voicemails: number, 
/**
 * Pictures and sounds in it.
 */
files: number, 
/**
 * Its size, in bytes.
 */
bytes: number, };

export type Failure = { 
/**
 * Twilio's code, where there is one.
 */
code: number | null, 
/**
 * What happened.
 */
what: string, 
/**
 * What to do.
 */
next: string, 
/**
 * Whether it cost something.
 */
charged: Charged, 
/**
 * Whether sending it again can help.
 */
can_retry: boolean, 
/**
 * Twilio's page about it.
 */
help_url: string | null, };

export type FieldChange = { 
/**
 * In words, such as "Texts go to".
 */
what: string, 
/**
 * Twilio's own name of it, such as `SmsUrl`.
 */
field: string, 
/**
 * As it is now; empty where it is not set.
 */
now: string, 
/**
 * As it would be; empty: it would not be set.
 */
then: string, };

export type Filter = "all" | "unread" | "missed" | "waiting" | "done";

export type FilterCounts = { 
/**
 * With something unread.
 */
unread: number, 
/**
 * Where the customer waits.
 */
waiting: number, 
/**
 * Where the customer rang in vain and waits.
 */
missed: number, };

export type Fix = { 
/**
 * What the button says, such as "Point the lines here".
 */
label: string, 
/**
 * Where it leads: none where the desk mends it itself (command `fix`).
 */
place: Place | null, };

export type Found = { 
/**
 * The text.
 */
text: TextId, 
/**
 * Where it belongs.
 */
conversation: ConversationId, 
/**
 * The customer's address, whole.
 */
customer: string, 
/**
 * As people write it.
 */
display: string, 
/**
 * Their name, where the owner gave one.
 */
name: string | null, 
/**
 * The words around it, matches between U+0002 and U+0003.
 */
snippet: string, 
/**
 * When it was written.
 */
at: Moment, };

export type Grade = "unknown" | "pass" | "warn" | "fail";

export type Greeting = { 
/**
 * The words, spoken where there is no recording.
 */
text: string, 
/**
 * A sound file of ours, by the hash of its content.
 */
recording: string | null, };

export type Greetings = { 
/**
 * While it is open and nobody takes the call.
 */
open: Greeting, 
/**
 * While it is closed, before a message.
 */
closed: Greeting, 
/**
 * While it is closed and no message is taken.
 */
message: Greeting, };

export type Health = { 
/**
 * Whether Twilio can reach us at all.
 */
reachable: boolean, 
/**
 * Whether an account is connected and Twilio answered when last asked.
 */
connected: boolean, 
/**
 * Whether an account is connected and Twilio did not take our sign-in when last asked.
 */
sign_in_refused: boolean, 
/**
 * Verified requests whose effects could not be stored.
 */
failed_receipts: number, 
/**
 * Verified requests that contradict themselves.
 */
quarantined: number, 
/**
 * Sends that may have left.
 */
send_unknown: number, 
/**
 * Texts waiting to leave.
 */
queued: number, 
/**
 * Pictures not fetched yet.
 */
pictures_wanted: number, 
/**
 * When Twilio last reached us.
 */
last_webhook_at: Moment | null, 
/**
 * How the way to this computer is.
 */
address: AddressState, 
/**
 * The lines post to another address than ours, and the owner is to be asked before that is changed.
 */
moved: boolean, 
/**
 * What the last check-up found at its worst; none before the first.
 */
checkup: Grade | null, 
/**
 * Up to when nothing is missing of any line; none before the first look, or without a line.
 */
complete_to: Moment | null, 
/**
 * Whether what may be missing is being fetched just now.
 */
catching_up: boolean, 
/**
 * Lines that another computer with Ringdesk answers, as people write them.
 */
elsewhere: Array<string>, 
/**
 * Nothing is sent until the owner says that this computer may.
 */
locked: SendingLock | null, 
/**
 * Requests refused in the last day, by reason.
 */
refused: Record<string, number>, };

export type HearRequest = { 
/**
 * Which.
 */
which: Which, 
/**
 * A phone of the settings; the first one when left out.
 */
phone?: string, };

export type HeardBackupRequest = { 
/**
 * They did.
 */
heard: boolean, };

export type History = { 
/**
 * How far it got.
 */
state: HistoryState, 
/**
 * How many days before the line was connected are wanted.
 */
days: number, 
/**
 * Back to when everything is here.
 */
back_to: Moment | null, 
/**
 * Of the time that is wanted, how much is here, in percent.
 */
percent: number, 
/**
 * Texts that were brought in.
 */
texts: number, 
/**
 * Calls that were brought in.
 */
calls: number, };

export type HistoryRequest = { 
/**
 * Days before the line was connected, 0 to 396; Twilio has no more.
 */
days: number, };

export type HistoryState = "none" | "running" | "done" | "stopped";

export type HoldRequest = { 
/**
 * Which.
 */
conversation: ConversationId, 
/**
 * Whether everything of it is kept.
 */
hold: boolean, };

export type Holiday = { 
/**
 * What it is called.
 */
name: string, 
/**
 * When it is.
 */
day: Day, 
/**
 * When it is open all the same; none: closed.
 */
windows: Array<Stretch>, 
/**
 * What callers hear on it; empty: the usual words for being closed.
 */
greeting: string, };

export type Holidays = { 
/**
 * When each of the settings' holidays comes next, in their order: `2026-12-25`.
 */
next: Array<string | null>, 
/**
 * Public ones to take over.
 */
packs: Array<Pack>, };

export type Hours = { 
/**
 * Week by week.
 */
week: Week, 
/**
 * Days with hours of their own; the first that fits counts.
 */
holidays: Array<Holiday>, 
/**
 * Closed until then, whatever the rest says.
 */
closed_until: Moment | null, };

export type Keep = { 
/**
 * Texts with their pictures, 7 days to a hundred years.
 */
texts_days: number | null, 
/**
 * Calls that left no voicemail.
 */
calls_days: number | null, 
/**
 * Voicemails with what was written down of them, and recordings of calls.
 */
voicemails_days: number | null, 
/**
 * What goes here goes at Twilio, too.
 */
delete_at_twilio: boolean, 
/**
 * Recordings go at Twilio as soon as a copy is here that was looked through.
 */
delete_recordings_at_twilio: boolean, };

export type Knock = { 
/**
 * Whether it came through.
 */
through: boolean, 
/**
 * How long it took, in milliseconds.
 */
took_ms: number, 
/**
 * What went wrong, in words.
 */
problem: string | null, 
/**
 * What to do about it, in words.
 */
hint: string | null, };

export type LastCall = { 
/**
 * Whether they called.
 */
incoming: boolean, 
/**
 * How it ended; not known while it goes on.
 */
ending: Ending | null, 
/**
 * Whether nobody of ours talked with them.
 */
missed: boolean, 
/**
 * How the message they left begins, where it was written down.
 */
said: string | null, };

export type LastText = { 
/**
 * Whether they wrote it.
 */
incoming: boolean, 
/**
 * Its beginning.
 */
preview: string, 
/**
 * How far it got.
 */
status: Status, 
/**
 * Whether they will not get it.
 */
failed: boolean, 
/**
 * Pictures on it.
 */
pictures: number, };

export type Late = "asleep" | "missed";

export type Leg = { 
/**
 * As the owner calls it, or its number as people write it.
 */
phone: string, 
/**
 * Twilio's status word.
 */
status: string, 
/**
 * What came of "press 1".
 */
screened: Screened | null, 
/**
 * Whether they talked.
 */
bridged: boolean, 
/**
 * Seconds, at its end.
 */
seconds: number | null, };

export type LimitRequest = { 
/**
 * 100 when left out.
 */
limit?: number, };

export type Line = { 
/**
 * Our id.
 */
id: LineId, 
/**
 * E.164.
 */
number: string, 
/**
 * As people write it.
 */
display: string, 
/**
 * The owner's name for it; may be empty.
 */
name: string, };

export type LineId = string;

export type LineRules = { 
/**
 * Whether a phone rings.
 */
forwarding: boolean | null, 
/**
 * When it is open.
 */
week: Week | null, 
/**
 * Which phones ring.
 */
phones: Array<Phone> | null, };

export type Lines = { 
/**
 * The business's name; may be empty.
 */
business_name: string, 
/**
 * Oldest first.
 */
lines: Array<Line>, };

export type LinesPlan = { 
/**
 * Where they would post to, such as `https://phone.example.com`; none while there is no public address.
 */
address: string | null, 
/**
 * Whether Twilio did not let us see the Messaging Services: one of them may take the texts all the same.
 */
unseen: boolean, 
/**
 * One per line.
 */
numbers: Array<NumberPlan>, };

export type ListenedRequest = { 
/**
 * Our id.
 */
voicemail: VoicemailId, 
/**
 * Where they are, in milliseconds of it.
 */
position_ms: number, 
/**
 * How much of it they heard since they began, jumps left out.
 */
played_ms: number, };

export type MailSecurity = "tls" | "starttls" | "none";

export type MakeBackupRequest = { 
/**
 * Also where the owner's TwiML Bin is in use: it makes way.
 */
replace_bin?: boolean, };

export type MarkHeardRequest = { 
/**
 * Our id.
 */
voicemail: VoicemailId, 
/**
 * Whether it does.
 */
heard: boolean, };

export type MeasureRequest = { 
/**
 * The words.
 */
body: string, };

export type Moment = number;

export type Note = { 
/**
 * Our id.
 */
id: NoteId, 
/**
 * The words.
 */
body: string, 
/**
 * Who wrote it.
 */
actor: string | null, 
/**
 * When.
 */
at: Moment, };

export type NoteId = string;

export type Noted = { 
/**
 * Which.
 */
id: NoteId, };

export type Nothing = Record<symbol, never>;

export type Notifications = { 
/**
 * Of a customer's text.
 */
texts: boolean, 
/**
 * Of a call nobody took.
 */
calls: boolean, 
/**
 * Of a text of ours that was not delivered.
 */
failures: boolean, 
/**
 * Of a line in trouble: it lost its connection, or nobody reaches it.
 */
line: boolean, 
/**
 * How much they show to whoever looks at the screen.
 */
shows: Shows, 
/**
 * Every day in these hours, only a line in trouble is told of.
 */
quiet_hours: QuietHours | null, 
/**
 * Until then, only a line in trouble is told of.
 */
paused_until: Moment | null, };

export type Number = { 
/**
 * E.164, or as it came.
 */
number: string, 
/**
 * As people write it.
 */
display: string, 
/**
 * The conversation with it, on any of our lines: where there are several, the one where something happened
 * last.
 */
conversation: ConversationId | null, };

export type NumberPlan = { 
/**
 * E.164.
 */
number: string, 
/**
 * As people write it.
 */
display: string, 
/**
 * What would change; empty where all is as it should be.
 */
changes: Array<FieldChange>, 
/**
 * What keeps it from working all the same.
 */
overrides: Array<Override>, 
/**
 * What it had before we first came, if that is known.
 */
before: Array<FieldChange>, };

export type Older = { 
/**
 * Instant of the oldest text or call shown.
 */
at: Moment, 
/**
 * Of a text its order of storing; otherwise 0.
 */
seq: number, };

export type OnClose = "ask" | "keep" | "quit";

export type OneAttachment = { 
/**
 * Our id.
 */
attachment: AttachmentId, };

export type OneCheck = { 
/**
 * Its name, such as `overrides`.
 */
check: string, };

export type OneColleague = { 
/**
 * The colleague.
 */
id: ColleagueId, };

export type OneConversation = { 
/**
 * The conversation.
 */
id: ConversationId, };

export type OneNumber = { 
/**
 * E.164.
 */
number: string, };

export type OneText = { 
/**
 * The text.
 */
id: TextId, };

export type OneVoicemail = { 
/**
 * Our id.
 */
voicemail: VoicemailId, };

export type OneWebhook = { 
/**
 * Its number in the log.
 */
seq: number, };

export type OpenConversation = { 
/**
 * The conversation.
 */
conversation: Conversation, 
/**
 * Its timeline, oldest first.
 */
timeline: Array<TimelineItem>, 
/**
 * What the owner has begun to write.
 */
draft: string, 
/**
 * Ask with this for what came before, if anything did.
 */
older: Older | null, 
/**
 * Why nothing can be sent, if so.
 */
closed: Reason | null, 
/**
 * Whether the first text needs a yes.
 */
stranger: boolean, 
/**
 * The newest Change this is not older than.
 */
seq: number, };

export type OptedIn = { 
/**
 * `false`: only the customer can undo it.
 */
opted_in: boolean, };

export type Override = { 
/**
 * What.
 */
kind: OverrideKind, 
/**
 * Twilio's id of it: `MG…`, `AP…`, `TK…`, `FW…`.
 */
sid: string, 
/**
 * What it is called at Twilio, where that is known.
 */
name: string | null, 
/**
 * What it does to the number, in words.
 */
said: string, 
/**
 * What mending it does, in words; none where the owner has to do it at Twilio.
 */
mend: string | null, };

export type OverrideKind = "messaging_service" | "text_application" | "call_application" | "trunk" | "studio_flow";

export type Pack = { 
/**
 * Two letters, such as `US`.
 */
country: string, 
/**
 * As people call it.
 */
name: string, 
/**
 * Through the year.
 */
holidays: Array<Holiday>, };

export type PatchRequest = Record<string, unknown>;

export type PauseRequest = { 
/**
 * Minutes; 0 resumes, null pauses until tomorrow morning.
 */
minutes: number | null, };

export type Phone = { 
/**
 * What it is called, such as "Nora's mobile"; may be empty.
 */
name: string, 
/**
 * E.164.
 */
number: string, };

export type Picture = { 
/**
 * Its name for `send_text`.
 */
sha256: string, 
/**
 * Its type.
 */
content_type: string, 
/**
 * Its size.
 */
bytes: number, 
/**
 * Some carriers refuse pictures this large.
 */
large: boolean, };

export type Place = "account" | "token" | "address" | "lines" | "backup" | "webhooks" | "unsettled" | "notifications" | "sound" | "running";

export type Plan = { "kind": "reject" } | { "kind": "forward", 
/**
 * Which; at least one, at most ten.
 */
phones: Array<Phone>, 
/**
 * How.
 */
ring: Ring, 
/**
 * How long each.
 */
ring_seconds: number, 
/**
 * Which number they show.
 */
caller_id: CallerId, 
/**
 * Whether they must press 1.
 */
screening: boolean, } | { "kind": "voicemail" } | { "kind": "message" };

export type Playback = { 
/**
 * How fast, in percent: 100, 125, 150 or 200. The voice keeps its pitch.
 */
speed_percent: number, 
/**
 * Which sound output; the computer's own choice when left out.
 */
device: string | null, };

export type PublicAddress = { 
/**
 * Which.
 */
way: Way, 
/**
 * The owner's own address (`https://phone.example.com`), or the host name of a named tunnel
 * (`phone.example.com`); empty for the others, or for a free choice of theirs.
 */
address: string, 
/**
 * A named Cloudflare tunnel's name; empty for the others.
 */
tunnel: string, 
/**
 * Whether the lines may be pointed to a new address without asking.
 */
follow: boolean, };

export type QuietHours = { 
/**
 * When they begin.
 */
from: TimeOfDay, 
/**
 * When they are over.
 */
to: TimeOfDay, };

export type RawField = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its value.
 */
value: string, };

export type RawRecord = { 
/**
 * Twilio's id of it, where it has one.
 */
sid: string | null, 
/**
 * What Twilio sent about it, oldest first.
 */
webhooks: Array<Webhook>, 
/**
 * Twilio's own record as it is now, as JSON; none where Twilio could not be asked.
 */
record: string | null, 
/**
 * Why it could not, in words.
 */
problem: string | null, };

export type RawRecordRequest = { 
/**
 * A text.
 */
text?: TextId, 
/**
 * A call.
 */
call?: CallId, 
/**
 * A voicemail.
 */
voicemail?: VoicemailId, };

export type Reason = "empty" | "opted_out" | "no_way_back" | "too_long" | "too_many_pictures" | "stranger" | "same_again" | "quiet_hours" | "many_parts";

export type RecoveryCode = { 
/**
 * Groups of letters and digits.
 */
code: string, };

export type Released = { 
/**
 * `false`: it was not held.
 */
released: boolean, };

export type RemoveNoteRequest = { 
/**
 * Which.
 */
id: NoteId, 
/**
 * Whether it is removed.
 */
removed: boolean, };

export type RemoveVoicemailRequest = { 
/**
 * Our id.
 */
voicemail: VoicemailId, 
/**
 * Whether it is.
 */
removed: boolean, };

export type RenameColleagueRequest = { 
/**
 * Which.
 */
id: ColleagueId, 
/**
 * Their name, 1 to 60 characters.
 */
name: string, };

export type Results = { 
/**
 * Conversations with people whose name or number fits, newest first.
 */
people: Array<Conversation>, 
/**
 * Texts that hold the words, newest first.
 */
texts: Array<Found>, };

export type Retention = { 
/**
 * Kind by kind; those that are kept for ever are left out.
 */
items: Array<AgedItem>, 
/**
 * Conversations of which nothing is deleted.
 */
held: number, };

export type RetentionRequest = { 
/**
 * As the settings say when left out.
 */
keep: Keep | null, };

export type Ring = "in_order" | "at_once";

export type Route = { 
/**
 * When.
 */
at: Moment, 
/**
 * The same on the business's clock: `2026-11-20T09:52`.
 */
local: string, 
/**
 * Where that clock hangs, as IANA names it.
 */
zone: string, 
/**
 * Our line as people write it.
 */
line_display: string, 
/**
 * Whether it is open then.
 */
open: boolean, 
/**
 * When that changes; not within a year where it says nothing.
 */
until: Moment | null, 
/**
 * The same on the business's clock.
 */
until_local: string | null, 
/**
 * The holiday whose hours count.
 */
holiday: string | null, 
/**
 * What happens.
 */
plan: Plan, 
/**
 * Why, in the order it was decided.
 */
reasons: Array<Why>, 
/**
 * Which words are said when nobody takes the call.
 */
which: Which, 
/**
 * Those words.
 */
greeting: Greeting, 
/**
 * What would surprise the owner.
 */
warnings: Array<Warning>, 
/**
 * What Twilio is answered; where no line is connected, its addresses lead nowhere.
 */
twiml: string, };

export type RouteRequest = { 
/**
 * Our line; the first when left out.
 */
line?: string, 
/**
 * Who calls; somebody unknown when left out.
 */
from?: string, 
/**
 * When; now when left out.
 */
at?: Moment, 
/**
 * When, as the business's clock shows it: `2026-12-24T18:05`.
 */
local?: string, };

export type SaveContactRequest = { 
/**
 * The conversation.
 */
id: ConversationId, 
/**
 * Their name.
 */
name?: string, 
/**
 * The owner's notes.
 */
notes?: string, 
/**
 * All tags.
 */
tags?: Array<string>, 
/**
 * One more number, as people write it.
 */
add_number?: string, 
/**
 * A number that is not theirs; the last one stays.
 */
remove_number?: string, };

export type Screened = "accepted" | "declined";

export type SearchRequest = { 
/**
 * All must occur; the last may be a beginning.
 */
words: string, 
/**
 * 50 when left out.
 */
limit?: number, };

export type SendTextRequest = { 
/**
 * The conversation, or else `to`.
 */
conversation?: ConversationId, 
/**
 * A number as people write it.
 */
to?: string, 
/**
 * Which of our numbers writes to `to`; our first when left out.
 */
line?: string, 
/**
 * The words.
 */
body: string, 
/**
 * Pictures from `add_picture`.
 */
pictures?: Array<string>, 
/**
 * The questions that were answered with yes: `stranger`, `same_again`, `quiet_hours`, `many_parts`.
 */
yes_to?: Array<Reason>, 
/**
 * Seconds to take it back; the owner's setting when left out, 0 sends at once.
 */
undo_seconds?: number, };

export type SendingLock = "restored" | "copied";

export type Sent = { 
/**
 * Its id.
 */
id: TextId, 
/**
 * Until when it can be taken back.
 */
undo_until: Moment, };

export type SetUpLinesRequest = { 
/**
 * E.164; every line when left out.
 */
numbers?: Array<string>, 
/**
 * Also mend what beats the numbers' own addresses, where that can be done from here.
 */
overrides?: boolean, 
/**
 * Only those lines that post to an old address of ours, whatever else is asked for: what goes elsewhere
 * still does.
 */
moved?: boolean, };

export type Settings = { 
/**
 * The name at the top of the window.
 */
business_name: string, 
/**
 * Two letters of the country whose numbers are written the short way.
 */
region: string, 
/**
 * The business's time zone as IANA names it; the computer's own when left out.
 */
time_zone: string | null, 
/**
 * When the business is open.
 */
hours: Hours, 
/**
 * How calls are taken.
 */
calls: Calls, 
/**
 * What lines do otherwise than all lines, by their numbers in E.164.
 */
lines: { [key in string]: LineRules }, 
/**
 * How texts are sent.
 */
texts: Texts, 
/**
 * What the owner is told of outside the window.
 */
notifications: Notifications, 
/**
 * How the window behaves.
 */
window: Window, 
/**
 * How voicemails are played.
 */
playback: Playback, 
/**
 * Who writes voicemails down.
 */
transcripts: Transcripts, 
/**
 * Voicemails as letters to the owner.
 */
email: Email, 
/**
 * How long things are kept.
 */
keep: Keep, 
/**
 * How Twilio finds the way to this computer.
 */
address: PublicAddress, 
/**
 * What answers while this computer is off.
 */
sleep_backup: SleepBackup, 
/**
 * Copies of the data.
 */
backups: Backups, };

export type Setup = { 
/**
 * Whether it was ever begun: who connected in another way is not reminded of it.
 */
begun: boolean, 
/**
 * Whether the owner is being led through it: it was begun and neither finished nor put off.
 */
going: boolean, 
/**
 * Its steps, in order.
 */
steps: Array<SetupStep>, };

export type SetupStep = { 
/**
 * Which.
 */
step: Step, 
/**
 * How far it got.
 */
state: StepState, };

export type SetupStepRequest = { 
/**
 * Which.
 */
step: Step, 
/**
 * How far it got.
 */
state: StepState, };

export type Shows = "words" | "sender" | "nothing";

export type SleepBackup = { 
/**
 * Whether the owner wants one.
 */
on: boolean, 
/**
 * Whether it rings the phones first, at any hour: it knows nothing of hours. Otherwise it takes a
 * message at once.
 */
rings: boolean, };

export type Sound = { 
/**
 * Its name for the settings.
 */
sha256: string, 
/**
 * Its type.
 */
content_type: string, 
/**
 * Its size.
 */
bytes: number, };

export type Status = string;

export type Step = "lines" | "address" | "point" | "hours" | "greeting" | "backup" | "test" | "rules";

export type StepState = "todo" | "done" | "skipped";

export type Stretch = { 
/**
 * When it opens.
 */
from: TimeOfDay, 
/**
 * When it closes, the first minute that is closed.
 */
to: ClosingTime, };

export type TakenBack = { 
/**
 * `false`: it has left.
 */
taken_back: boolean, };

export type Template = { 
/**
 * What it is called.
 */
name: string, 
/**
 * The words; `{name}` stands for the customer's first name.
 */
body: string, };

export type Text = { 
/**
 * Our id.
 */
id: TextId, 
/**
 * Whether they wrote it.
 */
incoming: boolean, 
/**
 * The words.
 */
body: string, 
/**
 * When.
 */
at: Moment, 
/**
 * Who wrote it on our side.
 */
actor: string | null, 
/**
 * How far it got.
 */
status: Status, 
/**
 * Until when it can be taken back.
 */
undo_until: Moment | null, 
/**
 * It waited so long for its turn that the owner is asked before it leaves.
 */
held: boolean, 
/**
 * It may have left and was not found at Twilio: the owner decides.
 */
lost: boolean, 
/**
 * It was sent again as another text.
 */
resent: boolean, 
/**
 * Why it failed, if it did.
 */
failure: Failure | null, 
/**
 * Its pictures and files.
 */
attachments: Array<Attachment>, 
/**
 * Pictures Twilio claimed but did not list.
 */
missing_attachments: number, 
/**
 * The others in a group text.
 */
group_with: string | null, 
/**
 * Parts.
 */
segments: number | null, 
/**
 * Why it is here later than it came, if it is.
 */
late: Late | null, };

export type TextBack = { 
/**
 * Whether anything is.
 */
on: boolean, 
/**
 * The words; `{business}` and `{name}` stand for the business's and the customer's first name.
 */
body: string, 
/**
 * To the same number at most once in so many hours, 1 to 720.
 */
hours: number, 
/**
 * Only so many minutes after the call, 1 to 120: later it would only puzzle.
 */
within_minutes: number, };

export type TextId = string;

export type Texts = { 
/**
 * Seconds in which a text can be taken back, 0 to 60.
 */
undo_seconds: number, 
/**
 * Enter sends; otherwise Ctrl or Cmd with Enter.
 */
enter_sends: boolean, 
/**
 * Let Twilio replace look-alike characters so that a text stays in fewer parts.
 */
smart_encoding: boolean, 
/**
 * A Messaging Service (`MG…`) for lines that cannot send texts themselves.
 */
messaging_service_sid: string | null, 
/**
 * When a text asks before it leaves, unless the customer wrote within the hour.
 */
quiet_hours: QuietHours | null, 
/**
 * From how many parts on a text asks before it leaves, for each one costs; 0 never asks.
 */
ask_from_parts: number, 
/**
 * Texts that are written often, in the owner's order.
 */
templates: Array<Template>, };

export type Theme = "system" | "light" | "dark";

export type TimeOfDay = string;

export type TimelineCall = { 
/**
 * What was left, if anything.
 */
voicemail: Voicemail | null, 
/**
 * Our id.
 */
id: CallId, 
/**
 * Where it belongs.
 */
conversation: ConversationId, 
/**
 * Our line in it.
 */
line: LineId, 
/**
 * Our number as people write it.
 */
line_display: string, 
/**
 * The owner's name for it; may be empty.
 */
line_name: string, 
/**
 * The other end, whole.
 */
customer: string, 
/**
 * As people write it.
 */
with: string, 
/**
 * Their name, where the owner gave one.
 */
name: string | null, 
/**
 * What kind of address it is.
 */
kind: AddressKind, 
/**
 * Whether they called.
 */
incoming: boolean, 
/**
 * Twilio's status word.
 */
status: string, 
/**
 * How it ended; not known while it goes on.
 */
ending: Ending | null, 
/**
 * Whether it is still going on.
 */
live: boolean, 
/**
 * Whether they called and nobody of ours talked with them.
 */
missed: boolean, 
/**
 * When it began.
 */
at: Moment, 
/**
 * Seconds talked, or of the message.
 */
duration_s: number | null, 
/**
 * The phone they talked with, or of ours that rings first, as the owner calls it.
 */
answered_by: string | null, 
/**
 * The phones that were rung, in order.
 */
legs: Array<Leg>, 
/**
 * What was decided when it came.
 */
plan: Plan | null, 
/**
 * Why.
 */
reasons: Array<Why>, 
/**
 * Whether they were texted that they were missed.
 */
texted_back: boolean, 
/**
 * Whether the owner wants nothing of them now.
 */
blocked: boolean, 
/**
 * Why it could not be placed.
 */
failure: Failure | null, 
/**
 * Who of us called.
 */
actor: string | null, 
/**
 * Why it is here later than it came, if it is.
 */
late: Late | null, };

export type TimelineItem = { "type": "text" } & Text | { "type": "consent" } & ConsentNote | { "type": "note" } & Note | { "type": "call" } & TimelineCall;

export type Transcripts = { 
/**
 * Nobody, Twilio or a program.
 */
engine: Engine, 
/**
 * Where the program is.
 */
program: string, 
/**
 * What it is called with; `{file}` stands for the sound file, which comes last where it is not named.
 */
arguments: Array<string>, };

export type TryBackupRequest = { 
/**
 * As people write it.
 */
phone: string, };

export type TunnelProgram = { 
/**
 * `cloudflared`, `tailscale` or `ngrok`.
 */
program: string, 
/**
 * Its version.
 */
version: string, 
/**
 * Whether it is new enough.
 */
usable: boolean, };

export type Voicemail = { 
/**
 * Our id.
 */
id: VoicemailId, 
/**
 * The call it was left in.
 */
call: CallId, 
/**
 * Where it belongs.
 */
conversation: ConversationId, 
/**
 * Our line in it.
 */
line: LineId, 
/**
 * Our number as people write it.
 */
line_display: string, 
/**
 * The owner's name for it; may be empty.
 */
line_name: string, 
/**
 * Who left it, whole.
 */
customer: string, 
/**
 * As people write it.
 */
with: string, 
/**
 * Their name, where the owner gave one.
 */
name: string | null, 
/**
 * What kind of address it is.
 */
kind: AddressKind, 
/**
 * When they called.
 */
at: Moment, 
/**
 * Seconds, as Twilio says.
 */
duration_s: number | null, 
/**
 * Milliseconds, as it was measured.
 */
length_ms: number | null, 
/**
 * Whether somebody listened.
 */
heard: boolean, 
/**
 * Who.
 */
heard_by: string | null, 
/**
 * Why it is here later than it came, if it is.
 */
late: Late | null, 
/**
 * Where listening stopped, in milliseconds.
 */
position_ms: number, 
/**
 * Where its sound stands.
 */
audio: AudioState, 
/**
 * Why the sound is not here, or what is odd about it.
 */
audio_problem: string | null, 
/**
 * The type of the sound.
 */
content_type: string | null, 
/**
 * The waveform: 200 numbers from 0 to 255, none until the sound is here.
 */
peaks: Array<number>, 
/**
 * What is read: the owner's correction, or what was written down.
 */
transcript: string | null, 
/**
 * Where writing it down stands.
 */
writing: Writing, 
/**
 * Why there is nothing to read.
 */
writing_problem: WritingProblem | null, 
/**
 * Who writes it down.
 */
engine: Engine | null, 
/**
 * Each word with its time; none where they are not known, or where the owner corrected it.
 */
words: Array<Word>, 
/**
 * Whether the owner corrected it.
 */
edited: boolean, 
/**
 * What was written down.
 */
original: string | null, 
/**
 * Whether they wait for an answer.
 */
waiting: boolean, 
/**
 * Whether a call of ours reached them since.
 */
called_back: boolean, 
/**
 * Whether it is kept whatever the settings say.
 */
held: boolean, 
/**
 * Where the email of it stands, if one is sent.
 */
email: EmailState | null, 
/**
 * What is wrong with the email.
 */
email_problem: string | null, };

export type VoicemailCounts = { 
/**
 * All.
 */
total: number, 
/**
 * Nobody listened yet.
 */
unheard: number, 
/**
 * Whoever left it waits for an answer.
 */
waiting: number, };

export type VoicemailId = string;

export type VoicemailSound = { 
/**
 * What it is called, for people.
 */
name: string, 
/**
 * Its type.
 */
content_type: string, 
/**
 * The whole file.
 */
base64: string, };

export type VoicemailsRequest = { 
/**
 * All of them when left out.
 */
filter?: WhichVoicemails, 
/**
 * Those that hold all words (the last may be a beginning), or whose caller's name or number fits.
 */
search?: string, 
/**
 * On one line only.
 */
line?: LineId, 
/**
 * Those before this one.
 */
before?: BeforeVoicemail, 
/**
 * 100 when left out.
 */
limit?: number, };

export type Warning = "ring_long" | "not_screened" | "no_phone" | "own_line" | "never_open";

export type Way = "unset" | "own" | "cloudflare_quick" | "cloudflare_named" | "tailscale" | "ngrok";

export type Webhook = { 
/**
 * Its number in the log.
 */
seq: number, 
/**
 * What it was about, such as `sms/inbound`.
 */
event: string, 
/**
 * When it came.
 */
at: Moment, 
/**
 * What became of it.
 */
state: WebhookState, 
/**
 * Why not, in words.
 */
problem: string | null, 
/**
 * The HTTP status it was answered with.
 */
answer: number, 
/**
 * Twilio's id of what it is about, if it names one.
 */
about: string | null, 
/**
 * Its fields as they came.
 */
fields: Array<RawField>, 
/**
 * What it was answered with; empty for none.
 */
answer_body: string, };

export type WebhookState = "applied" | "failed" | "quarantined";

export type Webhooks = { 
/**
 * Newest first.
 */
webhooks: Array<Webhook>, };

export type WebhooksRequest = { 
/**
 * Only these; all when left out.
 */
state?: WebhookState, 
/**
 * Those before this number.
 */
before?: number, 
/**
 * 50 when left out.
 */
limit?: number, };

export type Week = { monday: Array<Stretch>, tuesday: Array<Stretch>, wednesday: Array<Stretch>, thursday: Array<Stretch>, friday: Array<Stretch>, saturday: Array<Stretch>, sunday: Array<Stretch>, };

export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

export type Which = "open" | "closed" | "message" | "holiday";

export type WhichCalls = "all" | "missed" | "voicemail" | "answered" | "outgoing";

export type WhichVoicemails = "all" | "unheard" | "waiting";

export type Why = { "why": "blocked" } | { "why": "closed_early", 
/**
 * Until then.
 */
until: Moment, } | { "why": "holiday", 
/**
 * What it is called.
 */
name: string, } | { "why": "open" } | { "why": "closed" } | { "why": "forwarding_off" } | { "why": "no_phone" } | { "why": "own_line", 
/**
 * Its number.
 */
number: string, } | { "why": "caller_is_phone", 
/**
 * Its number.
 */
number: string, };

export type Window = { 
/**
 * What closing it means.
 */
on_close: OnClose, 
/**
 * Light or dark.
 */
theme: Theme, 
/**
 * How large its words are, in percent of the usual size: 80 to 200.
 */
text_percent: number, 
/**
 * Single letters do nothing.
 */
letters_off: boolean, };

export type Word = { 
/**
 * The word, with what is written around it.
 */
text: string, 
/**
 * When it begins, in milliseconds of the message.
 */
start_ms: number, 
/**
 * When it ends.
 */
end_ms: number, 
/**
 * Whether whoever wrote it down was not sure.
 */
unsure: boolean, };

export type Writing = "off" | "writing" | "text" | "no_speech" | "unavailable";

export type WritingProblem = "too_short" | "too_long" | "language" | "failed" | "no_answer" | "no_program" | "no_audio";

/** Every command with its request and answer. */
export interface Commands {
  /** A part of a list of conversations, newest first. */
  conversations: { request: ConversationsRequest; answer: ConversationList };
  /** One conversation with its timeline. */
  conversation: { request: ConversationRequest; answer: OpenConversation };
  /** Marks a conversation read. */
  mark_read: { request: OneConversation; answer: Nothing };
  /** Marks a conversation unread. */
  mark_unread: { request: OneConversation; answer: Nothing };
  /** Puts a conversation away. */
  mark_done: { request: OneConversation; answer: Nothing };
  /** Takes a conversation out again. */
  reopen: { request: OneConversation; answer: Nothing };
  /** What is known of the customer of a conversation. */
  contact: { request: OneConversation; answer: ContactCard };
  /** Changes what is known of the customer of a conversation. */
  save_contact: { request: SaveContactRequest; answer: Nothing };
  /** Keeps what has been written so far. */
  save_draft: { request: DraftRequest; answer: Nothing };
  /** The conversation with somebody's number, made where none is. */
  begin: { request: BeginRequest; answer: Begun };
  /** Keeps a note in a conversation; no customer sees it. */
  add_note: { request: AddNoteRequest; answer: Noted };
  /** Removes a note, or puts it back. */
  remove_note: { request: RemoveNoteRequest; answer: Nothing };
  /** Assigns a conversation to a colleague, or to nobody. */
  assign: { request: AssignRequest; answer: Nothing };
  /** Colleagues, by name. */
  colleagues: { request: Nothing; answer: Array<Colleague> };
  /** Adds a colleague; a name that is in the list already is the same colleague. */
  add_colleague: { request: AddColleagueRequest; answer: Colleague };
  /** Gives a colleague another name. */
  rename_colleague: { request: RenameColleagueRequest; answer: Colleague };
  /** Takes a colleague out of the list; what was theirs is nobody's. */
  remove_colleague: { request: OneColleague; answer: ColleagueRemoved };
  /** Marks the customer of a conversation as opted out of texts. */
  opt_out: { request: OneConversation; answer: Nothing };
  /** Undoes an opt-out the owner marked, or one the customer answered YES to. */
  opt_in: { request: OneConversation; answer: OptedIn };
  /** Writes a text; it leaves when its undo time is over. */
  send_text: { request: SendTextRequest; answer: Sent };
  /** Takes a text back while it waits. */
  take_back: { request: OneText; answer: TakenBack };
  /** Sends a text that waited so long that it was held. */
  send_now: { request: OneText; answer: Released };
  /** Sends a failed text again, as a new one. */
  send_again: { request: OneText; answer: Sent };
  /** What a draft would be sent as. */
  measure_text: { request: MeasureRequest; answer: DraftLength };
  /** Takes a picture to be sent. */
  add_picture: { request: AddPictureRequest; answer: Picture };
  /** A picture or file of a text, whole. */
  attachment_file: { request: OneAttachment; answer: AttachmentFile };
  /** Our lines. */
  lines: { request: Nothing; answer: Lines };
  /** The call log, newest first. */
  calls: { request: CallsRequest; answer: Array<Call> };
  /** Calls a customer: a phone of ours rings first, then theirs. */
  call_back: { request: CallBackRequest; answer: CallBegun };
  /** Takes no calls from a customer any more. */
  block_caller: { request: OneConversation; answer: Nothing };
  /** Takes a customer's calls again. */
  unblock_caller: { request: OneConversation; answer: Nothing };
  /** Closes until the end of the day. */
  close_early: { request: Nothing; answer: Settings };
  /** Opens again after closing early. */
  open_again: { request: Nothing; answer: Settings };
  /** What a caller would get at some moment, and why. */
  route: { request: RouteRequest; answer: Route };
  /** When the holidays come, and public ones to take over. */
  holidays: { request: Nothing; answer: Holidays };
  /** Keeps a sound file callers may hear. */
  add_greeting: { request: AddGreetingRequest; answer: Sound };
  /** Rings a phone of ours and says there what callers hear. */
  hear_greeting: { request: HearRequest; answer: Nothing };
  /** Voicemails, newest first. */
  voicemails: { request: VoicemailsRequest; answer: Array<Voicemail> };
  /** One voicemail. */
  voicemail: { request: OneVoicemail; answer: Voicemail };
  /** How many voicemails there are. */
  voicemail_counts: { request: Nothing; answer: VoicemailCounts };
  /** Marks a voicemail as heard, or as not heard. */
  mark_heard: { request: MarkHeardRequest; answer: Nothing };
  /** Keeps how far somebody listened; three seconds, or most of a short one, make it heard. */
  listened: { request: ListenedRequest; answer: Nothing };
  /** Corrects what was written down of a voicemail, or brings the original back. */
  edit_transcript: { request: EditTranscriptRequest; answer: Nothing };
  /** Has a voicemail written down, or tries it again. */
  write_down: { request: OneVoicemail; answer: Nothing };
  /** Asks Twilio for the sound of a voicemail again. */
  fetch_again: { request: OneVoicemail; answer: Nothing };
  /** Deletes a voicemail, or takes that back; it is gone for good a month later. */
  remove_voicemail: { request: RemoveVoicemailRequest; answer: Nothing };
  /** The sound of a voicemail, whole. */
  voicemail_sound: { request: OneVoicemail; answer: VoicemailSound };
  /** Sends a voicemail to the owner by email. */
  email_voicemail: { request: OneVoicemail; answer: Nothing };
  /** Sends a letter to the owner, to see whether it arrives. */
  test_email: { request: Nothing; answer: Nothing };
  /** What would be deleted by age; nothing is. */
  retention: { request: RetentionRequest; answer: Retention };
  /** Keeps everything of a conversation whatever the settings say, or no longer. */
  set_hold: { request: HoldRequest; answer: Nothing };
  /** People, by name. */
  contacts: { request: LimitRequest; answer: Array<Contact> };
  /** People by name or number, and texts that hold all words; newest first. */
  search: { request: SearchRequest; answer: Results };
  /** The settings. */
  settings: { request: Nothing; answer: Settings };
  /** Changes settings by a merge patch (RFC 7396). */
  apply_settings: { request: PatchRequest; answer: Settings };
  /** Pauses notifications, or resumes them. */
  pause_notifications: { request: PauseRequest; answer: Settings };
  /** What is unusual, and whether the line is connected. */
  health: { request: Nothing; answer: Health };
  /** How far connecting the line has come. */
  setup: { request: Nothing; answer: Setup };
  /** Begins to connect the line, or goes through it again. */
  begin_setup: { request: Nothing; answer: Setup };
  /** Says how far a step got. */
  setup_step: { request: SetupStepRequest; answer: Setup };
  /** Ends being led through it; what is left can be done in the settings. */
  finish_setup: { request: Nothing; answer: Setup };
  /** The numbers of the account and where what arrives on them goes. */
  account_numbers: { request: Nothing; answer: AccountNumbers };
  /** Says which numbers of the account are lines. */
  choose_lines: { request: ChooseLinesRequest; answer: AccountNumbers };
  /** What setting the lines up would change at Twilio; nothing is. */
  plan_lines: { request: Nothing; answer: LinesPlan };
  /** Has Twilio send what arrives on the lines here; what was set before is kept. */
  set_up_lines: { request: SetUpLinesRequest; answer: LinesPlan };
  /** Puts back what a number had before we first came. */
  restore_line: { request: OneNumber; answer: LinesPlan };
  /** The way from Twilio to this computer, as it is now. */
  address: { request: Nothing; answer: AddressNow };
  /** Knocks at our own door from outside. */
  knock: { request: Nothing; answer: Knock };
  /** What answers at Twilio while this computer is off. */
  backup: { request: Nothing; answer: Backup };
  /** Makes the sleep backup at Twilio, or brings it up to date, and has the lines use it. */
  make_backup: { request: MakeBackupRequest; answer: Backup };
  /** Uses a TwiML Bin the owner made as the sleep backup. */
  backup_bin: { request: BackupBinRequest; answer: Backup };
  /** Rings a phone with the sleep backup, as a caller would hear it. */
  try_backup: { request: TryBackupRequest; answer: Nothing };
  /** Says whether the owner heard the sleep backup. */
  heard_backup: { request: HeardBackupRequest; answer: Backup };
  /** Looks the line over. */
  doctor: { request: DoctorRequest; answer: Checkup };
  /** Mends what a check found, where that can be done from here, and looks again. */
  fix: { request: OneCheck; answer: Check };
  /** What Twilio sent, newest first. */
  webhooks: { request: WebhooksRequest; answer: Webhooks };
  /** Tries a request of Twilio's again whose effects could not be stored. */
  replay_webhook: { request: OneWebhook; answer: Webhook };
  /** Everything Twilio told of something, for support. */
  raw_record: { request: RawRecordRequest; answer: RawRecord };
  /** How complete what is here is, and what came while the computer was asleep. */
  catch_up_state: { request: Nothing; answer: CatchUp };
  /** Fetches now what did not reach us. */
  catch_up: { request: Nothing; answer: CatchUp };
  /** Somebody has seen what came while the computer was asleep. */
  seen_away: { request: Nothing; answer: CatchUp };
  /** Brings in texts and calls of before the line was connected. */
  bring_in_history: { request: HistoryRequest; answer: CatchUp };
  /** Stops bringing them in; what is here stays. */
  stop_history: { request: Nothing; answer: CatchUp };
  /** Lets this computer send again, after its data was restored or came from another one. */
  unlock_sending: { request: Nothing; answer: Nothing };
  /** The backups of the data. */
  data_backups: { request: Nothing; answer: DataBackups };
  /** Makes a backup of the data now. */
  back_up_now: { request: Nothing; answer: DataBackups };
  /** Looks a backup through. */
  verify_backup: { request: BackupRequest; answer: DataBackups };
  /** A new recovery code; it seals nothing before the owner has given it back. */
  new_recovery_code: { request: Nothing; answer: RecoveryCode };
  /** The owner has written the recovery code down: it seals backups from now on. */
  use_recovery_code: { request: CodeRequest; answer: DataBackups };
  /** Seals no more backups; takes the code that seals them. */
  drop_recovery_code: { request: CodeRequest; answer: DataBackups };
  /** Writes everything that is kept into a folder, with pictures and sounds. */
  export_everything: { request: Nothing; answer: Exported };
  /** Writes one conversation to a file. */
  export_conversation: { request: ExportConversationRequest; answer: Exported };
  /** What deleting the customer of a conversation would take away. */
  customer_contents: { request: OneConversation; answer: CustomerContents };
  /** Deletes everything of the customer of a conversation, for good. */
  delete_customer: { request: DeleteCustomerRequest; answer: CustomerContents };
}
