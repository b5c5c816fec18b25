//! A conversation as a table for spreadsheets.

use super::{
    csv,
    sheet::{Counts, Sheet, Subject},
    words::{self, file_name},
};
use ringdesk_domain::{Moment, Status, delivery::TwilioStatus};
use ringdesk_store::{CallItem, ConsentEntry, Item, Note, TextItem};
use std::io::{self, BufWriter, Write};

const COLUMNS: [&str; 15] = [
    "at",
    "what",
    "direction",
    "from",
    "to",
    "words",
    "status",
    "delivered_at",
    "error_code",
    "ending",
    "duration_s",
    "files",
    "by",
    "arrival",
    "provider_sid",
];

/// One row; what it does not say is empty.
#[derive(Default)]
struct Row {
    at: Moment,
    what: &'static str,
    incoming: Option<bool>,
    words: String,
    status: String,
    delivered_at: String,
    error_code: String,
    ending: String,
    duration_s: String,
    files: Vec<String>,
    by: String,
    arrival: String,
    sid: String,
}

/// A table on its way.
pub(super) struct Table<W: Write> {
    out: BufWriter<W>,
    subject: Subject,
    counts: Counts,
}

impl<W: Write + Send + 'static> Sheet<W> for Table<W> {
    fn begin(subject: Subject, out: W) -> io::Result<Self> {
        let mut out = BufWriter::new(out);
        csv::begin(&mut out, &COLUMNS)?;
        Ok(Self { out, subject, counts: Counts::default() })
    }

    fn item(&mut self, item: Item) -> io::Result<()> {
        match item {
            Item::Text(item) => self.text(&item),
            Item::Call(item) => self.call(*item),
            Item::Note(note) => self.note(note),
            Item::Consent(entry) => self.consent(&entry),
        }
    }

    fn end(self) -> io::Result<(W, Counts)> {
        Ok((self.out.into_inner().map_err(io::IntoInnerError::into_error)?, self.counts))
    }
}

impl<W: Write> Table<W> {
    fn text(&mut self, item: &TextItem) -> io::Result<()> {
        let text = &item.text;
        let kept = item.attachments.iter().filter_map(|file| file.kept.as_ref());
        let files: Vec<String> = kept.map(|kept| file_name(&kept.sha256, &kept.content_type)).collect();
        self.counts.texts += 1;
        self.counts.files += u32::try_from(files.len()).unwrap_or(u32::MAX);
        let delivered = Status::Twilio(TwilioStatus::Delivered);
        let delivered = item.reports.iter().find(|(status, ..)| *status == delivered);
        self.row(&Row {
            at: text.at,
            what: "text",
            incoming: Some(text.incoming),
            words: text.body.clone(),
            status: text.status.word().to_owned(),
            delivered_at: delivered.map(|(.., at)| words::iso(*at, &self.subject.zone)).unwrap_or_default(),
            error_code: text.error_code.map(|code| code.to_string()).unwrap_or_default(),
            files,
            by: text.actor.clone().unwrap_or_default(),
            arrival: text.arrival.word().to_owned(),
            sid: text.provider_sid.clone().unwrap_or_default(),
            ..Row::default()
        })
    }

    fn call(&mut self, item: CallItem) -> io::Result<()> {
        let CallItem { call, left, recorded } = item;
        let incoming = Some(call.incoming);
        self.counts.calls += 1;
        self.row(&Row {
            at: call.at,
            what: "call",
            incoming,
            status: call.status,
            error_code: call.error_code.map(|code| code.to_string()).unwrap_or_default(),
            ending: call.ending.map(|ending| ending.word().to_owned()).unwrap_or_default(),
            duration_s: call.duration_s.map(|seconds| seconds.to_string()).unwrap_or_default(),
            by: call.actor.unwrap_or_default(),
            arrival: call.arrival.word().to_owned(),
            sid: call.provider_sid.unwrap_or_default(),
            ..Row::default()
        })?;
        for (one, sid) in left {
            let said = one.written.and_then(|written| written.edited.or(written.said));
            let sound = one.sha256.zip(one.content_type);
            self.counts.voicemails += 1;
            self.counts.files += u32::from(sound.is_some());
            self.row(&Row {
                at: one.at,
                what: "voicemail",
                incoming: Some(true),
                words: said.unwrap_or_default(),
                duration_s: one.duration_s.map(|seconds| seconds.to_string()).unwrap_or_default(),
                files: sound.map(|(sha256, kind)| file_name(&sha256, &kind)).into_iter().collect(),
                sid: sid.unwrap_or_default(),
                ..Row::default()
            })?;
        }
        for one in recorded {
            let sound = one.sha256.zip(one.content_type);
            self.counts.files += u32::from(sound.is_some());
            self.row(&Row {
                at: one.at,
                what: "recording",
                incoming,
                words: one.said.unwrap_or_default(),
                duration_s: one.duration_s.map(|seconds| seconds.to_string()).unwrap_or_default(),
                files: sound.map(|(sha256, kind)| file_name(&sha256, &kind)).into_iter().collect(),
                sid: one.sid,
                ..Row::default()
            })?;
        }
        Ok(())
    }

    fn note(&mut self, note: Note) -> io::Result<()> {
        let by = note.actor.unwrap_or_default();
        self.row(&Row { at: note.at, what: "note", words: note.body, by, ..Row::default() })
    }

    fn consent(&mut self, entry: &ConsentEntry) -> io::Result<()> {
        let (words, by) = (words::consent(&entry.event).to_owned(), entry.actor.clone().unwrap_or_default());
        self.row(&Row { at: entry.at, what: "consent", words, by, ..Row::default() })
    }

    fn row(&mut self, row: &Row) -> io::Result<()> {
        let (line, customer) = (self.subject.row.line_number.as_str(), self.subject.row.customer.as_str());
        let (direction, from, to) = match row.incoming {
            Some(true) => ("in", customer, line),
            Some(false) => ("out", line, customer),
            None => ("", "", ""),
        };
        let (at, files) = (words::iso(row.at, &self.subject.zone), row.files.join(" "));
        let cells: [&str; COLUMNS.len()] = [
            &at,
            row.what,
            direction,
            from,
            to,
            &row.words,
            &row.status,
            &row.delivered_at,
            &row.error_code,
            &row.ending,
            &row.duration_s,
            &files,
            &row.by,
            &row.arrival,
            &row.sid,
        ];
        csv::row(&mut self.out, cells)
    }
}
