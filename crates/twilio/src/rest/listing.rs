//! Long lists of the 2010 API, newest first, page by page. Filters by day are whole UTC days.
//! Source: Twilio's pages on the Messages, Calls and Recordings resources.

use super::{Call, Client, Message, Recording};
use crate::error::RestError;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::marker::PhantomData;

/// Entries of a page: as many as Twilio gives at most.
pub const PAGE: usize = 1_000;

/// Something Twilio lists.
pub trait Listed: DeserializeOwned {
    /// What it is called in a page.
    const KEY: &'static str;
}

impl Listed for Message {
    const KEY: &'static str = "messages";
}

impl Listed for Call {
    const KEY: &'static str = "calls";
}

impl Listed for Recording {
    const KEY: &'static str = "recordings";
}

/// From when to when, in UTC milliseconds, both included. Twilio is asked for whole days: what comes may be
/// older or newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The beginning.
    pub from_ms: i64,
    /// The end; now where it is left out.
    pub to_ms: Option<i64>,
}

impl Span {
    /// The filter by `field`, to be put behind other parameters.
    fn filter(self, field: &str) -> String {
        let day = |ms: i64, days: i64| {
            let at = Timestamp::from_millisecond(ms).unwrap_or_default();
            let date = at.to_zoned(TimeZone::UTC).date();
            date.checked_add(days.days()).unwrap_or(date)
        };
        let from = format!("&{field}%3E={}T00%3A00%3A00Z", day(self.from_ms, 0));
        // Whether a last day is included differs by resource; one more does no harm.
        let to = self.to_ms.map(|to| format!("&{field}%3C={}T00%3A00%3A00Z", day(to, 1)));
        from + &to.unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
enum Next {
    /// A path under the account.
    First(String),
    /// As Twilio named it.
    Uri(String),
    Over,
}

/// A list that is asked for page by page with [`Client::page`].
#[derive(Debug, Clone)]
pub struct Listing<T> {
    next: Next,
    of: PhantomData<fn() -> T>,
}

impl<T> Listing<T> {
    fn of(path: String) -> Self {
        Self { next: Next::First(path), of: PhantomData }
    }

    /// Whether the last page was asked for.
    pub fn is_over(&self) -> bool {
        matches!(self.next, Next::Over)
    }
}

impl Listing<Message> {
    /// Messages to a number. One of ours that waits has no date, and is not among them.
    pub fn to(number: &str, span: Span) -> Self {
        Self::of(format!("/Messages.json?To={}{}&PageSize={PAGE}", encode(number), span.filter("DateSent")))
    }

    /// Messages from a number.
    pub fn from(number: &str, span: Span) -> Self {
        Self::of(format!("/Messages.json?From={}{}&PageSize={PAGE}", encode(number), span.filter("DateSent")))
    }
}

impl Listing<Call> {
    /// Calls to a number.
    pub fn to(number: &str, span: Span) -> Self {
        Self::of(format!("/Calls.json?To={}{}&PageSize={PAGE}", encode(number), span.filter("StartTime")))
    }
}

impl Listing<Recording> {
    /// All recordings of the account.
    pub fn all(span: Span) -> Self {
        let filter = span.filter("DateCreated");
        Self::of(format!("/Recordings.json?PageSize={PAGE}{filter}"))
    }
}

impl Client {
    /// The next page of a list, newest first; none after the last.
    pub async fn page<T: Listed>(&self, listing: &mut Listing<T>) -> Result<Option<Vec<T>>, RestError> {
        let url = match &listing.next {
            Next::First(path) => self.url(path),
            Next::Uri(uri) => self.next_uri(uri)?,
            Next::Over => return Ok(None),
        };
        let mut page: Map<String, Value> = self.ask(Method::GET, &url, &[]).await?;
        let entries = page.remove(T::KEY).ok_or(RestError::Unreadable)?;
        let Value::Array(entries) = entries else { return Err(RestError::Unreadable) };
        let listed = entries.len();
        let entries: Vec<T> =
            entries.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect();
        if entries.len() < listed {
            tracing::warn!(kind = T::KEY, entries = listed - entries.len(), "entries could not be read");
        }
        listing.next = match page.get("next_page_uri").and_then(Value::as_str) {
            Some(uri) => Next::Uri(uri.to_owned()),
            None => Next::Over,
        };
        Ok(Some(entries))
    }
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::pretend::{Answer, answering, client};

    /// 2026-11-20 18:00 UTC.
    const FRIDAY_MS: i64 = 1_795_197_600_000;

    #[tokio::test]
    async fn a_list_goes_on_until_there_is_no_next_page() {
        let call = |n: u32| format!(r#"{{"sid":"CA{n}","status":"completed"}}"#);
        let first = format!(
            r#"{{"calls":[{}],"next_page_uri":"/2010-04-01/Accounts/AC/Calls.json?Page=1"}}"#,
            call(1)
        );
        let last = format!(r#"{{"calls":[{}],"next_page_uri":null}}"#, call(2));
        let (base, asked) = answering(vec![Answer::ok(&first), Answer::ok(&last)]).await;
        let client = client(&base);
        let span = Span { from_ms: FRIDAY_MS, to_ms: Some(FRIDAY_MS) };
        let mut listing = Listing::<Call>::to("+15005550006", span);
        for n in 1..=2 {
            let page = client.page(&mut listing).await.expect("a page").expect("not over");
            assert_eq!(page[0].sid, format!("CA{n}"));
        }
        assert!(listing.is_over());
        assert!(client.page(&mut listing).await.expect("over").is_none());
        let asked = asked.await.expect("asked");
        let path = "/Calls.json?To=%2B15005550006&StartTime%3E=2026-11-20T00%3A00%3A00Z\
                    &StartTime%3C=2026-11-21T00%3A00%3A00Z&PageSize=1000 ";
        assert!(asked[0].head.contains(path), "{}", asked[0].head);
    }

    #[tokio::test]
    async fn a_next_page_somewhere_else_is_not_asked_for() {
        let page = r#"{"messages":[],"next_page_uri":"https://elsewhere.example.com/2010-04-01/x"}"#;
        let (base, _asked) = answering(vec![Answer::ok(page)]).await;
        let client = client(&base);
        let mut listing = Listing::<Message>::from("+15005550006", Span { from_ms: 0, to_ms: None });
        client.page(&mut listing).await.expect("a page");
        assert_eq!(client.page(&mut listing).await.err(), Some(RestError::NotTwilio));
    }
}
