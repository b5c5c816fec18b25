//! Twilio's own record of a thing, as it is, for whoever asks Twilio's support about it.

use super::Client;
use crate::{error::RestError, sid};
use reqwest::Method;
use serde_json::Value;

/// What a record is of, by its SID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record<'a> {
    /// `SM…` or `MM…`.
    Message(&'a str),
    /// `CA…`.
    Call(&'a str),
    /// `RE…`.
    Recording(&'a str),
}

impl Client {
    /// Twilio's own record, without anything called `auth_token`. It holds whole numbers and what was
    /// written: for the window, never for a log.
    pub async fn raw(&self, what: Record<'_>) -> Result<Value, RestError> {
        let (fits, path) = match what {
            Record::Message(sid) => (sid::is_message(sid), format!("/Messages/{sid}.json")),
            Record::Call(sid) => (sid::is_call(sid), format!("/Calls/{sid}.json")),
            Record::Recording(sid) => (sid::is_recording(sid), format!("/Recordings/{sid}.json")),
        };
        if !fits {
            return Err(RestError::NotTwilio);
        }
        let mut record: Value = self.ask(Method::GET, &self.url(&path), &[]).await?;
        forget_tokens(&mut record);
        Ok(record)
    }
}

fn forget_tokens(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.eq_ignore_ascii_case("auth_token"));
            fields.values_mut().for_each(forget_tokens);
        }
        Value::Array(all) => all.iter_mut().for_each(forget_tokens),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::pretend::{ACCOUNT, Answer, answering, client};
    use serde_json::json;

    const CALL: &str = "CA0123456789abcdef0123456789abcdef";

    #[tokio::test]
    async fn a_record_comes_as_it_is_but_for_tokens() {
        let record = r#"{"sid":"CA1","auth_token":"secret","odd":[{"Auth_Token":"secret","price":"-1"}]}"#;
        let (base, asked) = answering(vec![Answer::ok(record)]).await;
        let client = client(&base);
        let record = client.raw(Record::Call(CALL)).await.expect("a record");
        assert_eq!(record, json!({ "sid": "CA1", "odd": [{ "price": "-1" }] }));
        let asked = &asked.await.expect("asked")[0].head;
        let path = format!("GET /2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json ");
        assert!(asked.starts_with(&path), "{asked}");
        for odd in [Record::Message(CALL), Record::Recording("RE1"), Record::Call("CA../../x")] {
            assert_eq!(client.raw(odd).await, Err(RestError::NotTwilio), "{odd:?}");
        }
    }
}
