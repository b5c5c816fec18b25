//! What tells of a customer besides their own rows: requests of Twilio's, and Changes.

use crate::{StoreError, db::Db, row::Columns};
use rusqlite::ToSql;
use sqlx::SqlitePool;
use std::collections::HashSet;
use uuid::Uuid;

/// Requests looked through at once.
const PAGE: i64 = 1_000;

/// What was found, as far as it was looked for beside the writer.
pub(super) struct Traces {
    /// Numbers of requests.
    receipts: Vec<i64>,
    /// Requests up to here were looked through.
    receipts_to: i64,
    /// Numbers of Changes.
    changes: Vec<i64>,
    /// Changes up to here were looked through.
    changes_to: i64,
}

/// What a request about a customer may say, as it stands in the body.
pub(super) struct Marks {
    /// Whole values: Twilio's ids, and numbers as a form writes them.
    values: HashSet<Vec<u8>>,
    /// Numbers as an answer of ours may name them.
    numbers: Vec<String>,
}

impl Marks {
    pub(super) fn new(numbers: Vec<String>, sids: Vec<String>) -> Self {
        let mut values: HashSet<Vec<u8>> = sids.into_iter().map(String::into_bytes).collect();
        // A word such as "anonymous" is many people's.
        let numbers: Vec<String> = numbers.into_iter().filter(|number| number.starts_with('+')).collect();
        for number in &numbers {
            let digits = number.trim_start_matches('+');
            values.extend(["%2B", "%2b", "+"].map(|plus| format!("{plus}{digits}").into_bytes()));
        }
        Self { values, numbers }
    }

    /// Whether a request with this body and this answer is about them.
    fn are_in(&self, payload: &[u8], answer: &str) -> bool {
        let is_theirs = |field: &[u8]| {
            let value = field.iter().position(|byte| *byte == b'=').map_or(0, |at| at + 1);
            self.values.contains(&field[value..])
        };
        payload.split(|byte| *byte == b'&').any(is_theirs)
            || self.numbers.iter().any(|number| answer.contains(number.as_str()))
    }
}

impl Traces {
    /// Looks through every request and every Change there is.
    pub(super) async fn look(
        readers: &SqlitePool,
        conversations: &[Uuid],
        marks: &Marks,
    ) -> Result<Self, StoreError> {
        let newest = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM changes");
        let changes_to: i64 = newest.fetch_one(readers).await?;
        let conversations: Vec<String> = conversations.iter().map(|id| id.simple().to_string()).collect();
        let changes: Vec<i64> = sqlx::query_scalar(
            "SELECT seq FROM changes
             WHERE seq <= $2 AND conversation_id IN (SELECT unhex(value) FROM json_each($1))",
        )
        .bind(serde_json::to_string(&conversations).unwrap_or_default())
        .bind(changes_to)
        .fetch_all(readers)
        .await?;
        let (mut receipts, mut receipts_to) = (Vec::new(), 0_i64);
        loop {
            let page = sqlx::query(
                "SELECT seq, payload, answer_body FROM receipts WHERE seq > $1 ORDER BY seq LIMIT $2",
            );
            let page = page.bind(receipts_to).bind(PAGE).fetch_all(readers).await?;
            for row in &page {
                receipts_to = row.col("seq")?;
                if marks.are_in(row.col("payload")?, row.col("answer_body")?) {
                    receipts.push(receipts_to);
                }
            }
            if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                return Ok(Self { receipts, receipts_to, changes, changes_to });
            }
        }
    }

    /// Empties the requests, also those that came since, and takes the conversations out of the Changes.
    pub(super) fn forget(&self, db: &Db, conversations: &[Uuid], marks: &Marks) -> Result<(), StoreError> {
        let since = db.all(
            "SELECT seq, payload, answer_body FROM receipts WHERE seq > $1",
            &[&self.receipts_to],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, String>(2)?)),
        )?;
        let since = since.into_iter().filter(|(_, payload, answer)| marks.are_in(payload, answer));
        let nothing: &dyn ToSql = &Vec::<u8>::new();
        for seq in self.receipts.iter().copied().chain(since.map(|(seq, ..)| seq)) {
            // One that comes again gets an answer that says nothing; one that failed is not tried again.
            db.run(
                "UPDATE receipts SET payload = $2,
                     answer_body = CASE WHEN answer_body = '' THEN '' ELSE '<Response/>' END,
                     state = CASE WHEN state = 'failed' THEN 'applied' ELSE state END, problem = NULL
                 WHERE seq = $1",
                &[&seq, nothing],
            )?;
        }
        for seq in &self.changes {
            db.run("UPDATE changes SET conversation_id = NULL WHERE seq = $1", &[seq])?;
        }
        for conversation in conversations {
            db.run(
                "UPDATE changes SET conversation_id = NULL WHERE seq > $2 AND conversation_id = $1",
                &[conversation, &self.changes_to],
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_about_them_by_a_whole_value() {
        let numbers = vec!["+14155550101".to_owned(), "anonymous".to_owned()];
        let marks = Marks::new(numbers, vec!["SM1".to_owned()]);
        let about = |payload: &str, answer: &str| marks.are_in(payload.as_bytes(), answer);
        assert!(about("ToCountry=US&From=%2B14155550101&Body=hi", ""));
        assert!(about("From=%2b14155550101", ""));
        assert!(about("MessageSid=SM1", ""));
        assert!(about("", "<Dial><Number>+14155550101</Number></Dial>"));
        assert!(!about("From=%2B14155550102&Body=call+%2B14155550101+please", ""));
        assert!(!about("MessageSid=SM12&From=anonymous", "<Response/>"));
        assert!(!about("", ""));
    }
}
