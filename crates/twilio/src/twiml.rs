//! Answers to TwiML webhooks.

/// "Do nothing more": the answer to a text that gets no automatic reply.
pub const EMPTY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
