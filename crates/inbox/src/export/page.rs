//! A conversation as one page for reading, printing and showing to others: everything is in it, nothing is
//! loaded from elsewhere, and nothing in it runs.

use super::{
    html::Html,
    sheet::{Counts, Sheet, Subject},
    words,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use ringdesk_domain::{
    Address, Moment,
    media::{self, UNKNOWN},
};
use ringdesk_store::{
    Attachment, AttachmentState, AudioState, CallItem, ConsentEntry, Item, Kept, Note, TextItem, VoicemailRow,
};
use ringdesk_twilio::explain;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Write},
};

const STYLE: &str = include_str!("page.css");

/// A page on its way.
pub(super) struct Page<W: Write> {
    html: Html<W>,
    subject: Subject,
    counts: Counts,
}

/// Something to listen to.
struct Sound<'a> {
    heading: &'static str,
    seconds: Option<u32>,
    audio: AudioState,
    /// SHA-256 and type.
    file: Option<(&'a str, &'a str)>,
    /// What was said in it.
    said: Option<&'a str>,
    sid: Option<&'a str>,
}

/// Sounds every browser plays.
fn plays(content_type: &str) -> bool {
    matches!(content_type, "audio/wav" | "audio/x-wav" | "audio/mpeg")
}

impl<W: Write + Send + 'static> Sheet<W> for Page<W> {
    fn begin(subject: Subject, out: W) -> io::Result<Self> {
        let mut page = Self { html: Html::new(out), subject, counts: Counts::default() };
        page.head()?;
        page.header()?;
        page.html.raw("<main>\n<ol>\n")?;
        Ok(page)
    }

    fn item(&mut self, item: Item) -> io::Result<()> {
        match item {
            Item::Text(item) => self.text(&item),
            Item::Call(item) => self.call(*item),
            Item::Note(note) => self.note(&note),
            Item::Consent(entry) => self.consent(&entry),
        }
    }

    fn end(mut self) -> io::Result<(W, Counts)> {
        self.html.raw(concat!(
            "</ol>\n</main>\n<footer>\n<p>Made by Ringdesk ",
            env!("CARGO_PKG_VERSION"),
            ". Each ID is Twilio's name for the same text, call or recording in its own records. ",
            "A SHA-256 is the fingerprint of a file: it shows that the file was not changed.</p>\n",
            "</footer>\n</body>\n</html>\n"
        ))?;
        Ok((self.html.end()?, self.counts))
    }
}

impl<W: Write> Page<W> {
    fn head(&mut self) -> io::Result<()> {
        let style = STANDARD.encode(Sha256::digest(STYLE));
        self.html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")?;
        self.html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")?;
        self.html.raw("img-src data:; media-src data:; base-uri 'none'; form-action 'none'; ")?;
        self.html.raw("style-src 'sha256-")?;
        self.html.text(&style)?;
        self.html
            .raw("'\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")?;
        self.html.raw("<title>Conversation with ")?;
        self.html.text(&self.subject.who())?;
        self.html.raw("</title>\n<style>")?;
        self.html.raw(STYLE)?;
        self.html.raw("</style>\n</head>\n<body>\n")
    }

    fn header(&mut self) -> io::Result<()> {
        let subject = &self.subject;
        let shown = |address: &Address| address.display(&subject.region);
        let (customer, line) = (shown(&subject.row.customer), shown(&subject.row.line_number));
        let line = match subject.line_name.as_str() {
            "" => line,
            // Many lines are named by their own number.
            name if name == line => line,
            name => format!("{name}, {line}"),
        };
        let (who, business) = (subject.who(), subject.business.clone());
        let (range, made_at) = (subject.range, subject.made_at);
        let zone = subject.zone.iana_name().unwrap_or("this computer").to_owned();
        self.html.raw("<header>\n<h1 dir=\"auto\">Conversation with ")?;
        self.html.text(&who)?;
        self.html.raw("</h1>\n<dl>")?;
        if !business.is_empty() {
            self.fact("Business", &business)?;
        }
        self.fact("Line", &line)?;
        if who == customer {
            self.fact("Customer", &customer)?;
        } else {
            self.fact("Customer", &format!("{who}, {customer}"))?;
        }
        if let Some((first, last)) = range {
            self.when("From", first)?;
            self.when("To", last)?;
        }
        self.when("Made on", made_at)?;
        self.fact("Time zone", &zone)?;
        self.html.raw("</dl>\n</header>\n")
    }

    fn text(&mut self, item: &TextItem) -> io::Result<()> {
        let text = &item.text;
        self.counts.texts += 1;
        self.begin_item(text.incoming, "Text from ", text.at)?;
        if !text.body.is_empty() {
            self.words(&text.body)?;
        }
        for (n, file) in (1..).zip(&item.attachments) {
            self.attachment(n, file)?;
        }
        let missing = usize::try_from(text.media_claimed).unwrap_or(0).saturating_sub(item.attachments.len());
        self.html.raw("<dl>")?;
        if missing > 0 {
            self.fact("Files", &format!("{missing} more were announced and did not come"))?;
        }
        if !text.incoming {
            self.fact("Status", words::status(&text.status))?;
        }
        if let Some(code) = text.error_code {
            let told = explain(code);
            self.fact("Not delivered", &format!("{} (Twilio's code {code})", told.what))?;
        }
        for (status, code, at) in &item.reports {
            self.html.raw("<div><dt>Reported</dt><dd>")?;
            self.html.text(words::status(status))?;
            if let Some(code) = code {
                self.html.text(&format!(" ({code})"))?;
            }
            self.html.raw(", ")?;
            self.time(*at)?;
            self.html.raw("</dd></div>")?;
        }
        if let Some(others) = &text.group_with {
            self.fact("Group with", others)?;
        }
        if text.actor.as_deref() == Some("desk") {
            self.fact("Written by", "Ringdesk, by itself")?;
        }
        if let Some(late) = words::late(text.arrival) {
            self.fact("Arrival", late)?;
        }
        self.id(text.provider_sid.as_deref())?;
        self.html.raw("</dl>\n</li>\n")
    }

    fn call(&mut self, item: CallItem) -> io::Result<()> {
        let (sid, arrival) = (item.call.provider_sid.clone(), item.call.arrival);
        let call = self.subject.inbox.call_view(item.call);
        self.counts.calls += 1;
        self.begin_item(call.incoming, "Call from ", call.at)?;
        self.html.raw("<dl>")?;
        self.fact("Ending", if call.live { "Still going on" } else { words::ending(call.ending) })?;
        if let Some(seconds) = call.duration_s {
            self.fact("Length", &words::seconds(seconds))?;
        }
        if let Some(phone) = call.answered_by.filter(|_| call.incoming) {
            self.fact("Answered on", &phone)?;
        }
        if let Some(failure) = call.failure {
            self.fact("Why", &failure.what)?;
        }
        if let Some(late) = words::late(arrival) {
            self.fact("Arrival", late)?;
        }
        self.id(sid.as_deref())?;
        self.html.raw("</dl>\n")?;
        for (one, sid) in item.left {
            self.voicemail(&one, sid.as_deref())?;
        }
        for one in item.recorded {
            self.sound(&Sound {
                heading: "Recording of the call",
                seconds: one.duration_s,
                audio: one.audio,
                file: one.sha256.as_deref().zip(one.content_type.as_deref()),
                said: one.said.as_deref(),
                sid: Some(&one.sid),
            })?;
        }
        self.html.raw("</li>\n")
    }

    fn voicemail(&mut self, one: &VoicemailRow, sid: Option<&str>) -> io::Result<()> {
        self.counts.voicemails += 1;
        let written = one.written.as_ref();
        self.sound(&Sound {
            heading: "Voicemail",
            seconds: one.duration_s,
            audio: one.audio,
            file: one.sha256.as_deref().zip(one.content_type.as_deref()),
            said: written.and_then(|written| written.edited.as_deref().or(written.said.as_deref())),
            sid,
        })
    }

    fn sound(&mut self, one: &Sound<'_>) -> io::Result<()> {
        self.html.raw("<h2>")?;
        self.html.raw(one.heading)?;
        self.html.raw("</h2>\n")?;
        let mut whole = None;
        if let Some((sha256, content_type)) = one.file
            && let Some(file) = self.open(sha256)?
        {
            whole = Some(self.handed_over(file, sha256, content_type)?);
        }
        if let Some(said) = one.said {
            self.html.raw("<blockquote>")?;
            self.words(said)?;
            self.html.raw("</blockquote>\n")?;
        }
        self.html.raw("<dl>")?;
        if let Some(seconds) = one.seconds {
            self.fact("Length", &words::seconds(seconds))?;
        }
        let state = match (whole, one.audio) {
            (Some(true), _) => None,
            (Some(false), _) => Some("This file is not as it was when it came"),
            (None, AudioState::Wanted) => Some("Not fetched yet"),
            (None, AudioState::Deleted) => Some("Deleted"),
            (None, _) => Some("Not on this computer"),
        };
        if let Some(state) = state {
            self.fact("Sound", state)?;
        }
        if let Some((sha256, _)) = one.file {
            self.fact("SHA-256", sha256)?;
        }
        self.id(one.sid)?;
        self.html.raw("</dl>\n")
    }

    /// A file to listen to, where every browser plays it, or else to save. Whether it is as it was when it
    /// came.
    fn handed_over(&mut self, file: File, sha256: &str, content_type: &str) -> io::Result<bool> {
        self.counts.files += 1;
        if plays(content_type) {
            self.html.raw("<audio controls=\"controls\" preload=\"metadata\" src=\"")?;
            let found = self.html.data(content_type, file)?;
            self.html.raw("\"></audio>\n")?;
            return Ok(found == sha256);
        }
        self.html.raw("<p class=\"save\"><a download=\"")?;
        self.html.text(&words::file_name(sha256, content_type))?;
        self.html.raw("\" href=\"")?;
        // No browser opens this type by itself.
        let found = self.html.data(UNKNOWN, file)?;
        self.html.raw("\">")?;
        self.html.raw(words::save(content_type))?;
        self.html.raw("</a></p>\n")?;
        Ok(found == sha256)
    }

    fn note(&mut self, note: &Note) -> io::Result<()> {
        self.html.raw("<li class=\"item note\">\n<h2>Our own note</h2>\n")?;
        self.time(note.at)?;
        self.words(&note.body)?;
        self.html.raw("</li>\n")
    }

    fn consent(&mut self, entry: &ConsentEntry) -> io::Result<()> {
        self.html.raw("<li class=\"item quiet\">\n<h2>")?;
        self.html.text(words::consent(&entry.event))?;
        self.html.raw("</h2>\n")?;
        self.time(entry.at)?;
        self.html.raw("</li>\n")
    }

    fn attachment(&mut self, n: u32, file: &Attachment) -> io::Result<()> {
        let Some(kept) = &file.kept else {
            self.html.raw("<p class=\"file\">A file that is not here: ")?;
            let state = match file.state {
                AttachmentState::Wanted => "not fetched yet",
                AttachmentState::Refused => "not kept",
                AttachmentState::Gone | AttachmentState::Kept => "could not be had",
            };
            self.html.text(file.problem.as_deref().unwrap_or(state))?;
            return self.html.raw("</p>\n");
        };
        let changed = |whole| if whole { "" } else { ". This file is not as it was when it came" };
        let shows = media::treat(Some(&kept.content_type)) == media::Use::Show;
        match self.open(&kept.sha256)? {
            Some(picture) if shows => {
                self.html.raw("<figure><img alt=\"Picture ")?;
                self.html.text(&n.to_string())?;
                self.html.raw("\" src=\"")?;
                let whole = self.html.data(&kept.content_type, picture)? == kept.sha256;
                self.html.raw("\"/><figcaption>")?;
                self.about_file(kept, changed(whole))?;
                self.counts.files += 1;
                self.html.raw("</figcaption></figure>\n")
            }
            there => {
                let said = match there {
                    Some(other) => {
                        // The bytes of a contact card do not show that they are one.
                        let card = kept.content_type == UNKNOWN && media::is_card(&file.declared_type);
                        let kind = if card { &file.declared_type } else { &kept.content_type };
                        changed(self.handed_over(other, &kept.sha256, kind)?)
                    }
                    None => ". This file is not on this computer any more",
                };
                self.html.raw("<p class=\"file\">")?;
                self.about_file(kept, said)?;
                self.html.raw("</p>\n")
            }
        }
    }

    fn about_file(&mut self, kept: &Kept, said: &'static str) -> io::Result<()> {
        self.html.text(&format!("{}, {} bytes, SHA-256 ", kept.content_type, kept.bytes))?;
        self.html.raw("<code>")?;
        self.html.text(&kept.sha256)?;
        self.html.raw("</code>")?;
        self.html.raw(said)
    }

    /// A file of the media folder, if it is there.
    fn open(&self, sha256: &str) -> io::Result<Option<File>> {
        match File::open(self.subject.inbox.kept(sha256)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            file => file.map(Some),
        }
    }

    /// Of a text or a call; `what` ends with the word before whoever it is from.
    fn begin_item(&mut self, incoming: bool, what: &'static str, at: Moment) -> io::Result<()> {
        let (class, who) = if incoming { ("theirs", self.subject.who()) } else { ("ours", "us".to_owned()) };
        self.html.raw("<li class=\"item ")?;
        self.html.raw(class)?;
        self.html.raw("\">\n<h2 dir=\"auto\">")?;
        self.html.raw(what)?;
        self.html.text(&who)?;
        self.html.raw("</h2>\n")?;
        self.time(at)?;
        self.html.raw("\n")
    }

    fn words(&mut self, words: &str) -> io::Result<()> {
        self.html.raw("<p class=\"words\" dir=\"auto\">")?;
        self.html.text(words)?;
        self.html.raw("</p>\n")
    }

    fn time(&mut self, at: Moment) -> io::Result<()> {
        self.html.raw("<time datetime=\"")?;
        self.html.text(&words::iso(at, &self.subject.zone))?;
        self.html.raw("\">")?;
        self.html.text(&words::human(at, &self.subject.zone))?;
        self.html.raw("</time>")
    }

    fn fact(&mut self, name: &'static str, value: &str) -> io::Result<()> {
        self.html.raw("<div><dt>")?;
        self.html.raw(name)?;
        self.html.raw("</dt><dd dir=\"auto\">")?;
        self.html.text(value)?;
        self.html.raw("</dd></div>")
    }

    fn when(&mut self, name: &'static str, at: Moment) -> io::Result<()> {
        self.html.raw("<div><dt>")?;
        self.html.raw(name)?;
        self.html.raw("</dt><dd>")?;
        self.time(at)?;
        self.html.raw("</dd></div>")
    }

    fn id(&mut self, sid: Option<&str>) -> io::Result<()> {
        sid.map_or(Ok(()), |sid| self.fact("Twilio's ID", sid))
    }
}
