//! Everything that is kept, one JSON object at a time, for `export`.

use crate::{Store, StoreError};
use serde_json::{Map, Value};
use sqlx::{Column, Row, TypeInfo, ValueRef, sqlite::SqliteRow};
use uuid::Uuid;

/// Rows read at once.
const PAGE: i64 = 1_000;

/// Type names with the statement that reads them after a key, in key order. `key` is dropped.
const KINDS: [(&str, &str); 12] = [
    ("line", "SELECT rowid AS key, id, number, name, provider_sid, created_at AS at FROM lines
      WHERE rowid > $1 ORDER BY rowid LIMIT $2"),
    ("contact", "SELECT c.rowid AS key, c.id, c.name, c.notes, c.created_at AS at, (SELECT
      group_concat(tag) FROM contact_tags g WHERE g.contact_id = c.id) AS tags, (SELECT group_concat(number) FROM contact_numbers n
      WHERE n.contact_id = c.id) AS numbers FROM contacts c WHERE c.rowid > $1 ORDER BY c.rowid LIMIT $2"),
    ("conversation", "SELECT c.rowid AS key, c.id, l.number AS line, c.customer, c.created_at AS at, c.last_at, c.unread,
      c.waiting_since, c.done_at FROM conversations c JOIN lines l ON l.id = c.line_id
      WHERE c.rowid > $1 ORDER BY c.rowid LIMIT $2"),
    ("text", "SELECT t.seq AS key, t.id, t.conversation_id, t.provider_sid, t.direction, t.body, t.status, t.error_code,
      CASE t.direction WHEN 'in' THEN c.customer ELSE l.number END AS \"from\",
      CASE t.direction WHEN 'in' THEN l.number ELSE c.customer END AS \"to\",
      t.at, t.segments, t.price, t.price_unit, t.source, t.actor, t.resend_of, t.media_claimed,
      (SELECT json_group_array(json_object('state', a.state, 'content_type', a.content_type, 'bytes', a.bytes,
           'sha256', a.sha256)) FROM attachments a WHERE a.text_id = t.id) AS attachments
      FROM texts t JOIN conversations c ON c.id = t.conversation_id JOIN lines l ON l.id = c.line_id
      WHERE t.seq > $1 ORDER BY t.seq LIMIT $2"),
    ("call", "SELECT k.rowid AS key, k.id, k.conversation_id, k.provider_sid, k.direction, k.status, k.ending, k.duration_s,
      k.phone, k.error_code, k.actor, k.source, k.text_back, k.at,
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
    ("receipt", "SELECT seq AS key, seq AS id, event, received_at AS at, state, problem, lower(hex(replay_key)) AS replay_key
      FROM receipts WHERE seq > $1 ORDER BY seq LIMIT $2"),
    ("outbox", "SELECT seq AS key, text_id AS id, text_id, state, due_at AS at, claimed_at, tries, looks FROM outbox
      WHERE seq > $1 ORDER BY seq LIMIT $2"),
];

impl Store {
    /// Hands every kept thing to `take`, kind by kind, oldest first. Stops at the first error.
    pub async fn export<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(Map<String, Value>) -> Result<(), E>,
    ) -> Result<(), E> {
        for (kind, sql) in KINDS {
            let mut after = i64::MIN;
            loop {
                let page = sqlx::query(sql).bind(after).bind(PAGE).fetch_all(&self.readers).await;
                let page = page.map_err(StoreError::from)?;
                for row in &page {
                    after = row.try_get("key").map_err(StoreError::from)?;
                    take(object(kind, row)?)?;
                }
                if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                    break;
                }
            }
        }
        Ok(())
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
        "INTEGER" if name == "heard" => (row.try_get::<i64, _>(name)? != 0).into(),
        "INTEGER" => row.try_get::<i64, _>(name)?.into(),
        "BLOB" => row.try_get::<Uuid, _>(name)?.to_string().into(),
        _ if name == "attachments" => {
            serde_json::from_str(row.try_get(name)?).map_err(|e| StoreError::Driver(e.to_string()))?
        }
        _ => row.try_get::<String, _>(name)?.into(),
    })
}
