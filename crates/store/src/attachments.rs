//! Pictures and files: what is wanted, what is kept and where it stands.

use crate::{Store, StoreError, db::Db, row::Columns};
use ringdesk_domain::{AttachmentId, ChangeKind, Moment, TextId};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// A picture a customer sent, not fetched yet.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    /// Where Twilio keeps it.
    pub url: String,
    /// The type the sender claimed.
    pub declared_type: String,
}

/// A file in the media folder, named by its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The type its bytes show.
    pub content_type: String,
    /// Its size.
    pub bytes: u64,
    /// Lower-case hex; also its file name.
    pub sha256: String,
}

/// Where an attachment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentState {
    /// To be fetched, now or later.
    Wanted,
    /// In the media folder.
    Kept,
    /// Not kept on purpose: too large, or a program.
    Refused,
    /// Could not be had.
    Gone,
}

/// A picture or file of a text.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Our id.
    pub id: AttachmentId,
    /// The text it belongs to.
    pub text: TextId,
    /// Order in the text.
    pub position: u32,
    /// Where it stands.
    pub state: AttachmentState,
    /// The type its sender claimed.
    pub declared_type: String,
    /// The file, once kept.
    pub kept: Option<Kept>,
    /// Why it was refused or could not be had, for people.
    pub problem: Option<String>,
}

/// A picture claimed to be fetched.
#[derive(Debug, Clone)]
pub struct Fetch {
    /// Our id.
    pub id: AttachmentId,
    /// Where Twilio keeps it.
    pub url: String,
    /// Tries so far, this one included.
    pub tries: u32,
    /// When it was first wanted.
    pub since: Moment,
}

pub(crate) fn attachment(row: &SqliteRow) -> Result<Attachment, StoreError> {
    let state = match row.col::<&str>("state")? {
        "kept" => AttachmentState::Kept,
        "refused" => AttachmentState::Refused,
        "gone" => AttachmentState::Gone,
        _ => AttachmentState::Wanted,
    };
    let kept = match (row.col("content_type")?, row.col::<Option<i64>>("bytes")?, row.col("sha256")?) {
        (Some(content_type), Some(bytes), Some(sha256)) => {
            Some(Kept { content_type, bytes: u64::try_from(bytes).unwrap_or(0), sha256 })
        }
        _ => None,
    };
    Ok(Attachment {
        id: row.id("id")?,
        text: row.id("text_id")?,
        position: row.count("position")?,
        state,
        declared_type: row.col("declared_type")?,
        kept,
        problem: row.col("problem")?,
    })
}

pub(crate) fn insert_kept(
    db: &Db,
    text: TextId,
    position: i64,
    file: &Kept,
    at: Moment,
) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO attachments (id, text_id, position, declared_type, state, content_type, bytes, sha256, tries)
         VALUES ($1, $2, $3, $4, 'kept', $4, $5, $6, 0)",
        &[
            &AttachmentId::new(at).uuid(),
            &text.uuid(),
            &position,
            &file.content_type,
            &i64::try_from(file.bytes).unwrap_or(i64::MAX),
            &file.sha256,
        ],
    )?;
    Ok(())
}

impl Store {
    /// The attachments of texts, in order.
    pub async fn attachments(&self, texts: &[TextId]) -> Result<Vec<Attachment>, StoreError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = texts.iter().map(|text| text.uuid().simple().to_string()).collect();
        let rows = sqlx::query(
            "SELECT id, text_id, position, declared_type, state, content_type, bytes, sha256, problem
             FROM attachments WHERE text_id IN (SELECT unhex(value) FROM json_each($1))
             ORDER BY text_id, position",
        )
        .bind(serde_json::to_string(&ids).unwrap_or_default())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(attachment).collect()
    }

    /// One attachment.
    pub async fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>, StoreError> {
        let row = sqlx::query(
            "SELECT id, text_id, position, declared_type, state, content_type, bytes, sha256, problem
             FROM attachments WHERE id = $1",
        )
        .bind(id.uuid())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(attachment).transpose()
    }

    /// Claims a picture that is due to be fetched.
    pub async fn claim_fetch(&self, now: Moment) -> Result<Option<Fetch>, StoreError> {
        self.writer()?
            .write(move |db| {
                db.first(
                    "UPDATE attachments SET state = 'fetching', tries = tries + 1
                     WHERE id = (SELECT id FROM attachments WHERE state = 'wanted' AND due_at <= $1
                                 ORDER BY due_at LIMIT 1)
                     RETURNING id, url, tries, (SELECT at FROM texts WHERE id = text_id)",
                    &[&now.0],
                    |row| {
                        Ok(Fetch {
                            id: row.get::<_, Uuid>(0)?.into(),
                            url: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                            tries: row.get(2)?,
                            since: Moment(row.get(3)?),
                        })
                    },
                )
            })
            .await
    }

    /// When the next picture is due, if any is.
    pub async fn next_fetch_due(&self) -> Result<Option<Moment>, StoreError> {
        let due: Option<i64> =
            sqlx::query_scalar("SELECT min(due_at) FROM attachments WHERE state = 'wanted'")
                .fetch_one(&self.readers)
                .await?;
        Ok(due.map(Moment))
    }

    /// The picture is in the media folder.
    pub async fn keep_attachment(&self, id: AttachmentId, file: Kept, at: Moment) -> Result<(), StoreError> {
        self.change_attachment(id, "kept", Some(file), None, None, at).await
    }

    /// The picture is not kept: `refused` on purpose, otherwise it could not be had.
    pub async fn give_up_attachment(
        &self,
        id: AttachmentId,
        refused: bool,
        problem: &str,
        at: Moment,
    ) -> Result<(), StoreError> {
        let state = if refused { "refused" } else { "gone" };
        self.change_attachment(id, state, None, Some(problem.to_owned()), None, at).await
    }

    /// The picture could not be fetched now.
    pub async fn retry_attachment(
        &self,
        id: AttachmentId,
        due_at: Moment,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.change_attachment(id, "wanted", None, None, Some(due_at), at).await
    }

    async fn change_attachment(
        &self,
        id: AttachmentId,
        state: &'static str,
        file: Option<Kept>,
        problem: Option<String>,
        due_at: Option<Moment>,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let file = file.as_ref();
                let conversation = db.first(
                    "UPDATE attachments SET state = $2, content_type = $3, bytes = $4, sha256 = $5, problem = $6,
                         due_at = $7
                     WHERE id = $1
                     RETURNING (SELECT conversation_id FROM texts WHERE texts.id = text_id)",
                    &[
                        &id.uuid(),
                        &state,
                        &file.map(|file| file.content_type.as_str()),
                        &file.map(|file| i64::try_from(file.bytes).unwrap_or(i64::MAX)),
                        &file.map(|file| file.sha256.as_str()),
                        &problem,
                        &due_at.map(|at| at.0),
                    ],
                    |row| row.get(0),
                )?;
                db.tell(ChangeKind::AttachmentChanged, conversation, at)
            })
            .await
    }
}
