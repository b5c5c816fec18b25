//! Made-up texts, for measuring with a full house.

use crate::{Inbox, Problem};
use ringdesk_domain::{Address, Moment};
use ringdesk_store::SeedText;

/// A text that never was.
#[derive(Debug, Clone)]
pub struct MadeUp {
    /// E.164.
    pub customer: String,
    /// Whether the customer wrote it.
    pub incoming: bool,
    /// The words.
    pub body: String,
    /// When, in UTC milliseconds.
    pub at_ms: i64,
}

impl Inbox {
    /// Stores made-up texts on a line that is nobody's.
    pub async fn make_up(&self, texts: Vec<MadeUp>) -> Result<(), Problem> {
        let texts = texts
            .into_iter()
            .map(|text| SeedText {
                line: Address::received("+15005550006"),
                customer: Address::received(&text.customer),
                incoming: text.incoming,
                body: text.body,
                at: Moment(text.at_ms),
            })
            .collect();
        Ok(self.store().seed(texts).await?)
    }
}
