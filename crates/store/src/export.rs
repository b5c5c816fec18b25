//! Everything that is kept, for `export`: one JSON object at a time, or a conversation as the window shows it.

use crate::{
    Attachment, AudioState, CallRow, ConsentEntry, ConversationRow, Kept, Note, Store, StoreError, Text,
    VoicemailRow,
    attachments::attachment,
    row::Columns,
    texts::{TEXT_COLUMNS, text},
};
use ringdesk_domain::{ConversationId, Moment, Status};
use serde_json::{Map, Value};
use sqlx::{Column, Row, TypeInfo, ValueRef, sqlite::SqliteRow};
use std::collections::HashMap;
use uuid::Uuid;

/// Rows read at once.
const PAGE: i64 = 1_000;

/// Type names with the statement that reads them after a key, in key order. `key` is dropped.
const KINDS: [(&str, &str); 16] = [
    ("settings", "SELECT id AS key, id, value AS settings FROM settings WHERE id > $1 ORDER BY id LIMIT $2"),
    ("line", "SELECT rowid AS key, id, number, name, provider_sid, used, takes_texts, created_at AS at FROM lines
      WHERE rowid > $1 ORDER BY rowid LIMIT $2"),
    ("contact", "SELECT c.rowid AS key, c.id, c.name, c.notes, c.created_at AS at, (SELECT
      group_concat(tag) FROM contact_tags g WHERE g.contact_id = c.id) AS tags, (SELECT group_concat(number) FROM contact_numbers n
      WHERE n.contact_id = c.id) AS numbers FROM contacts c WHERE c.rowid > $1 ORDER BY c.rowid LIMIT $2"),
    ("conversation", "SELECT c.rowid AS key, c.id, l.number AS line, c.customer, c.created_at AS at, c.last_at, c.unread,
      c.waiting_since, c.done_at, c.held_at, u.name AS assigned_to FROM conversations c
      JOIN lines l ON l.id = c.line_id LEFT JOIN colleagues u ON u.id = c.assigned_to
      WHERE c.rowid > $1 ORDER BY c.rowid LIMIT $2"),
    ("draft", "SELECT rowid AS key, conversation_id AS id, conversation_id, body, at FROM drafts
      WHERE rowid > $1 ORDER BY rowid LIMIT $2"),
    ("text", "SELECT t.seq AS key, t.id, t.conversation_id, t.provider_sid, t.direction, t.body, t.status, t.error_code,
      CASE t.direction WHEN 'in' THEN c.customer ELSE l.number END AS \"from\",
      CASE t.direction WHEN 'in' THEN l.number ELSE c.customer END AS \"to\",
      t.at, t.segments, t.price, t.price_unit, t.source, t.arrival, t.actor, t.resend_of, t.group_with, t.media_claimed,
      (SELECT json_group_array(json_object('status', p.status, 'error_code', nullif(p.error_code, 0), 'at', p.seen_at)
           ORDER BY p.seen_at, p.status)
       FROM text_reports p WHERE p.provider_sid = t.provider_sid) AS reports,
      (SELECT json_group_array(json_object('state', a.state, 'content_type', a.content_type, 'bytes', a.bytes,
           'sha256', a.sha256)) FROM attachments a WHERE a.text_id = t.id) AS attachments
      FROM texts t JOIN conversations c ON c.id = t.conversation_id JOIN lines l ON l.id = c.line_id
      WHERE t.seq > $1 ORDER BY t.seq LIMIT $2"),
    ("call", "SELECT k.rowid AS key, k.id, k.conversation_id, k.provider_sid, k.direction, k.status, k.ending, k.duration_s,
      k.missed, k.phone, k.error_code, k.actor, k.source, k.arrival, k.text_back, k.at,
      CASE k.direction WHEN 'in' THEN c.customer ELSE l.number END AS \"from\",
      CASE k.direction WHEN 'in' THEN l.number ELSE c.customer END AS \"to\", k.decision,
      (SELECT json_group_array(json_object('number', g.number, 'status', g.status, 'screened', g.screened,
           'duration_s', g.duration_s, 'provider_sid', g.provider_sid))
       FROM call_legs g WHERE g.parent_sid = k.provider_sid) AS legs
      FROM calls k JOIN conversations c ON c.id = k.conversation_id JOIN lines l ON l.id = c.line_id
      WHERE k.rowid > $1 ORDER BY k.rowid LIMIT $2"),
    ("recording", "SELECT r.rowid AS key, r.id, r.provider_sid, r.call_sid, r.source, r.status, r.duration_s, r.state,
      r.content_type, r.bytes, r.sha256, r.length_ms, r.at FROM recordings r WHERE r.rowid > $1 AND NOT EXISTS (
      SELECT 1 FROM voicemails v WHERE v.recording_id = r.id AND v.removed_at IS NOT NULL) ORDER BY r.rowid LIMIT $2"),
    ("voicemail", "SELECT v.seq AS key, v.id, v.call_id, v.recording_id, r.provider_sid, v.duration_s,
      coalesce(t.edited, t.said) AS transcript, v.heard_at IS NOT NULL AS heard, v.heard_at, v.heard_by, v.at FROM voicemails v
      LEFT JOIN recordings r ON r.id = v.recording_id LEFT JOIN transcripts t ON t.recording_sid = r.provider_sid
      WHERE v.seq > $1 AND v.removed_at IS NULL ORDER BY v.seq LIMIT $2"),
    ("transcript", "SELECT t.rowid AS key, r.id, v.id AS voicemail_id, t.recording_sid, t.provider_sid, t.engine, t.state,
      t.problem, t.said AS text, t.edited, t.edited_by, t.words FROM transcripts t
      LEFT JOIN recordings r ON r.provider_sid = t.recording_sid LEFT JOIN voicemails v ON v.recording_id = r.id
      WHERE t.rowid > $1 AND v.removed_at IS NULL ORDER BY t.rowid LIMIT $2"),
    ("note", "SELECT rowid AS key, id, conversation_id, body, actor, at FROM notes
      WHERE rowid > $1 AND removed_at IS NULL ORDER BY rowid LIMIT $2"),
    ("consent", "SELECT rowid AS key, id, customer, event, text_id, actor, at FROM consent_events
      WHERE rowid > $1 ORDER BY rowid LIMIT $2"),
    ("consent_state", "SELECT rowid AS key, customer AS id, customer, state, since AS at FROM consents
      WHERE rowid > $1 ORDER BY rowid LIMIT $2"),
    ("blocked", "SELECT rowid AS key, customer AS id, customer, actor, at FROM blocked
      WHERE rowid > $1 ORDER BY rowid LIMIT $2"),
    ("receipt", "SELECT seq AS key, seq AS id, event, received_at AS at, state, problem, lower(hex(replay_key)) AS replay_key
      FROM receipts WHERE seq > $1 ORDER BY seq LIMIT $2"),
    ("outbox", "SELECT seq AS key, text_id AS id, text_id, state, due_at AS at, claimed_at, tries, looks FROM outbox
      WHERE seq > $1 ORDER BY seq LIMIT $2"),
];

/// Where an export goes on; it begins with the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExportFrom {
    kind: usize,
    after: Option<i64>,
}

/// Where something stands in a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    id: Uuid,
    at: Moment,
}

impl Place {
    /// When it happened.
    pub const fn at(&self) -> Moment {
        self.at
    }
}

/// Something in a conversation.
#[derive(Debug, Clone)]
pub enum Item {
    /// A call.
    Call(Box<CallItem>),
    /// A text.
    Text(Box<TextItem>),
    /// A line of the consent ledger.
    Consent(ConsentEntry),
    /// A note of ours.
    Note(Note),
}

/// A call with what was left in it.
#[derive(Debug, Clone)]
pub struct CallItem {
    /// The call.
    pub call: CallRow,
    /// Messages, each with Twilio's id of its recording, once that is known.
    pub left: Vec<(VoicemailRow, Option<String>)>,
    /// What else was recorded of it, oldest first.
    pub recorded: Vec<CallRecording>,
}

/// Something that was recorded of a call and is no voicemail.
#[derive(Debug, Clone)]
pub struct CallRecording {
    /// Twilio's id.
    pub sid: String,
    /// When it began, or was told of.
    pub at: Moment,
    /// Its length in seconds, as Twilio says.
    pub duration_s: Option<u32>,
    /// Where its file stands.
    pub audio: AudioState,
    /// The file's type.
    pub content_type: Option<String>,
    /// The file's name in the media folder.
    pub sha256: Option<String>,
    /// What was written down of it.
    pub said: Option<String>,
}

/// A text with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct TextItem {
    /// The text.
    pub text: Text,
    /// Its pictures and files, in order.
    pub attachments: Vec<Attachment>,
    /// What Twilio reported of it, oldest first: the status, why it failed, and when that came.
    pub reports: Vec<(Status, Option<u32>, Moment)>,
}

impl Store {
    /// Hands every kept thing to `take`, kind by kind, oldest first. Stops at the first error.
    pub async fn export<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(Map<String, Value>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut from = Some(ExportFrom::default());
        while let Some(part) = from {
            let (objects, next) = self.export_part(part).await?;
            objects.into_iter().try_for_each(&mut take)?;
            from = next;
        }
        Ok(())
    }

    /// Up to 1,000 kept things of one kind, oldest first, and where to go on; nowhere: that was all.
    pub async fn export_part(
        &self,
        from: ExportFrom,
    ) -> Result<(Vec<Map<String, Value>>, Option<ExportFrom>), StoreError> {
        let Some(&(kind, sql)) = KINDS.get(from.kind) else { return Ok((Vec::new(), None)) };
        let after = from.after.unwrap_or(i64::MIN);
        let page = sqlx::query(sql).bind(after).bind(PAGE).fetch_all(&self.readers).await?;
        let objects = page.iter().map(|row| object(kind, row)).collect::<Result<_, _>>()?;
        let next = match page.last() {
            Some(last) if page.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX) => {
                ExportFrom { after: Some(last.col("key")?), ..from }
            }
            _ => ExportFrom { kind: from.kind + 1, after: None },
        };
        Ok((objects, Some(next).filter(|next| next.kind < KINDS.len())))
    }

    /// Every file of the media folder that belongs to a text or a recording, once each. Those of deleted
    /// voicemails are left out.
    pub async fn kept_files(&self) -> Result<Vec<Kept>, StoreError> {
        let rows = sqlx::query(
            "SELECT sha256, max(content_type) AS content_type, max(bytes) AS bytes FROM (
                 SELECT sha256, content_type, bytes FROM attachments WHERE sha256 IS NOT NULL
                 UNION ALL
                 SELECT r.sha256, r.content_type, r.bytes FROM recordings r
                 WHERE r.sha256 IS NOT NULL AND NOT EXISTS (
                     SELECT 1 FROM voicemails v WHERE v.recording_id = r.id AND v.removed_at IS NOT NULL))
             GROUP BY sha256 ORDER BY sha256",
        )
        .fetch_all(&self.readers)
        .await?;
        let kept = |row: &SqliteRow| -> Result<Kept, StoreError> {
            Ok(Kept {
                content_type: row.col::<Option<String>>("content_type")?.unwrap_or_default(),
                bytes: row.col::<Option<i64>>("bytes")?.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
                sha256: row.col("sha256")?,
            })
        };
        rows.iter().map(kept).collect()
    }

    /// Everything in a conversation in the order the window shows it. Only where it stands: what it is
    /// is asked for part by part, by [`Store::items`].
    pub async fn places(&self, id: ConversationId) -> Result<Vec<Place>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, at FROM (
                 SELECT 0 AS kind, id, at, 0 AS seq FROM calls WHERE conversation_id = $1
                 UNION ALL
                 SELECT 1, id, at, seq FROM texts WHERE conversation_id = $1 AND status <> 'taken_back'
                 UNION ALL
                 SELECT 2, e.id, e.at, 0 FROM consent_events e JOIN conversations c ON c.customer = e.customer
                 WHERE c.id = $1 AND e.event <> 'wrote_first'
                 UNION ALL
                 SELECT 3, id, at, 0 FROM notes WHERE conversation_id = $1 AND removed_at IS NULL)
             ORDER BY at, kind, seq, id",
        )
        .bind(id.uuid())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok(Place { id: row.col("id")?, at: row.at("at")? })).collect()
    }

    /// What stands at some neighbouring places of a conversation, in their order. What went meanwhile is
    /// left out.
    pub async fn items(&self, of: &ConversationRow, places: &[Place]) -> Result<Vec<Item>, StoreError> {
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return Ok(Vec::new()) };
        let (from, until) = (first.at, last.at.plus_ms(1));
        let (texts, calls, notes, consents) = tokio::try_join!(
            self.texts_at(places),
            self.calls_in(of.id, from, until),
            self.notes(of.id, from, until),
            self.consent_history(&of.customer)
        )?;
        let mut items: HashMap<Uuid, Item> = HashMap::with_capacity(places.len());
        items.extend(texts.into_iter().map(|item| (item.text.id.uuid(), Item::Text(Box::new(item)))));
        items.extend(notes.into_iter().map(|note| (note.id.uuid(), Item::Note(note))));
        items.extend(consents.into_iter().map(|entry| (entry.id.uuid(), Item::Consent(entry))));
        let sids: Vec<&str> = calls.iter().filter_map(|(call, _)| call.provider_sid.as_deref()).collect();
        let mut recorded = self.recorded_of(&sids).await?;
        for (call, messages) in calls {
            let mut left = Vec::new();
            for message in messages {
                let sid = self.recording_sid(message.id).await?;
                left.push((message, sid));
            }
            let own = call.provider_sid.as_deref().and_then(|sid| recorded.remove(sid));
            let mut own = own.unwrap_or_default();
            own.retain(|one| left.iter().all(|(_, sid)| sid.as_deref() != Some(one.sid.as_str())));
            items.insert(call.id.uuid(), Item::Call(Box::new(CallItem { call, left, recorded: own })));
        }
        Ok(places.iter().filter_map(|place| items.remove(&place.id)).collect())
    }

    /// What was recorded of calls, by Twilio's ids of them. What is deleted, and where nothing was recorded,
    /// is left out.
    async fn recorded_of(&self, calls: &[&str]) -> Result<HashMap<String, Vec<CallRecording>>, StoreError> {
        let rows = sqlx::query(
            "SELECT r.call_sid, r.provider_sid, r.at, r.duration_s, r.state, r.content_type, r.sha256,
                 coalesce(t.edited, t.said) AS said
             FROM recordings r LEFT JOIN transcripts t ON t.recording_sid = r.provider_sid
             WHERE r.call_sid IN (SELECT value FROM json_each($1)) AND r.state <> 'deleted'
               AND r.status NOT IN ('absent', 'failed') AND NOT EXISTS (
                 SELECT 1 FROM voicemails v WHERE v.recording_id = r.id AND v.removed_at IS NOT NULL)
             ORDER BY r.at, r.id",
        )
        .bind(serde_json::to_string(calls).unwrap_or_default())
        .fetch_all(&self.readers)
        .await?;
        let mut all: HashMap<String, Vec<CallRecording>> = HashMap::new();
        for row in &rows {
            let recording = CallRecording {
                sid: row.col("provider_sid")?,
                at: row.at("at")?,
                duration_s: row.col::<Option<i64>>("duration_s")?.and_then(|n| u32::try_from(n).ok()),
                audio: match row.col::<&str>("state")? {
                    "kept" => AudioState::Kept,
                    "refused" => AudioState::Refused,
                    "gone" => AudioState::Gone,
                    _ => AudioState::Wanted,
                },
                content_type: row.col("content_type")?,
                sha256: row.col("sha256")?,
                said: row.col("said")?,
            };
            all.entry(row.col("call_sid")?).or_default().push(recording);
        }
        Ok(all)
    }

    /// The texts at some places, with their files and reports.
    async fn texts_at(&self, places: &[Place]) -> Result<Vec<TextItem>, StoreError> {
        let ids: Vec<String> = places.iter().map(|place| place.id.simple().to_string()).collect();
        let ids = serde_json::to_string(&ids).unwrap_or_default();
        let sql = format!(
            "SELECT {TEXT_COLUMNS} FROM texts t LEFT JOIN outbox o ON o.text_id = t.id
             WHERE t.id IN (SELECT unhex(value) FROM json_each($1))"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids.as_str()).fetch_all(&self.readers).await?;
        let item = |row: &SqliteRow| -> Result<TextItem, StoreError> {
            Ok(TextItem { text: text(row)?, attachments: Vec::new(), reports: Vec::new() })
        };
        let mut items: Vec<TextItem> = rows.iter().map(item).collect::<Result<_, _>>()?;
        let at: HashMap<Uuid, usize> =
            items.iter().enumerate().map(|(n, item)| (item.text.id.uuid(), n)).collect();
        let files = sqlx::query(
            "SELECT id, text_id, position, declared_type, state, content_type, bytes, sha256, problem
             FROM attachments WHERE text_id IN (SELECT unhex(value) FROM json_each($1))
             ORDER BY text_id, position",
        );
        for row in &files.bind(ids.as_str()).fetch_all(&self.readers).await? {
            let file = attachment(row)?;
            if let Some(item) = at.get(&file.text.uuid()).and_then(|n| items.get_mut(*n)) {
                item.attachments.push(file);
            }
        }
        let reports = sqlx::query(
            "SELECT t.id, p.status, p.error_code, p.seen_at FROM text_reports p
             JOIN texts t ON t.provider_sid = p.provider_sid
             WHERE t.id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY p.seen_at",
        );
        for row in &reports.bind(ids.as_str()).fetch_all(&self.readers).await? {
            let code = Some(row.count("error_code")?).filter(|code| *code != 0);
            let report = (Status::from_twilio(row.col("status")?), code, row.at("seen_at")?);
            if let Some(item) = at.get(&row.col::<Uuid>("id")?).and_then(|n| items.get_mut(*n)) {
                item.reports.push(report);
            }
        }
        for item in &mut items {
            item.reports.sort_by_key(|(status, _, at)| (*at, status.rank()));
        }
        Ok(items)
    }
}

fn object(kind: &str, row: &SqliteRow) -> Result<Map<String, Value>, StoreError> {
    let mut object = Map::new();
    object.insert("type".into(), kind.into());
    for column in row.columns().iter().filter(|column| column.name() != "key") {
        object.insert(column.name().to_owned(), value(row, column.name())?);
    }
    Ok(object)
}

fn value(row: &SqliteRow, name: &str) -> Result<Value, StoreError> {
    let raw = row.try_get_raw(name)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    Ok(match raw.type_info().name() {
        "INTEGER" if matches!(name, "heard" | "missed" | "used" | "takes_texts") => {
            (row.try_get::<i64, _>(name)? != 0).into()
        }
        "INTEGER" => row.try_get::<i64, _>(name)?.into(),
        "BLOB" => row.try_get::<Uuid, _>(name)?.to_string().into(),
        _ if matches!(name, "attachments" | "reports" | "settings") => {
            serde_json::from_str(row.try_get(name)?).map_err(|e| StoreError::Driver(e.to_string()))?
        }
        _ => row.try_get::<String, _>(name)?.into(),
    })
}
