//! TwiML Bins: documents the owner keeps at Twilio. They have no REST API; they are made in Twilio's console.

use super::Client;
use crate::sid::is_sid;

/// Where Twilio hosts them.
const BINS: &str = "https://handler.twilio.com/twiml/";

impl Client {
    /// Whether an address is that of a TwiML Bin: at Twilio, or at the practice line we speak to.
    pub fn twiml_bin(&self, url: &str) -> bool {
        let base = self.base.as_str().trim_end_matches('/');
        let practice = url.strip_prefix(base).and_then(|path| path.strip_prefix("/twiml/"));
        url.strip_prefix(BINS).or(practice).is_some_and(|sid| is_sid(sid, &["EH"]))
    }
}

#[cfg(test)]
mod tests {
    use crate::rest::pretend::client;

    const SID: &str = "EH0123456789abcdef0123456789abcdef";

    #[test]
    fn only_a_bin_is_taken_for_one() {
        let client = client("http://127.0.0.1:4567");
        for (url, is) in [
            (format!("https://handler.twilio.com/twiml/{SID}"), true),
            (format!("http://127.0.0.1:4567/twiml/{SID}"), true),
            (format!("http://handler.twilio.com/twiml/{SID}"), false),
            (format!("https://handler.twilio.com.example.com/twiml/{SID}"), false),
            (format!("https://handler.twilio.com/twiml/{SID}?a=b"), false),
            ("https://handler.twilio.com/twiml/EH1".to_owned(), false),
            (format!("http://127.0.0.1:45678/twiml/{SID}"), false),
        ] {
            assert_eq!(client.twiml_bin(&url), is, "{url}");
        }
    }
}
