//! Twilio's dates in webhooks and in the 2010 API: RFC 2822.

/// An instant, in UTC milliseconds.
pub(crate) fn ms(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp().as_millisecond())
}
