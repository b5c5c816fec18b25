//! Studio flows: what answers calls at Twilio while this computer is away.
//! Source: Twilio's OpenAPI document studio v2.

use super::{
    Client,
    client::{filled, or_default},
};
use crate::{error::RestError, sid};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

const PRODUCT: &str = "studio";
const FLOWS: &str = "/v2/Flows";
/// More flows than an account may have of any use to us.
const ENOUGH: usize = 1000;

/// A flow as Twilio keeps it.
#[derive(Debug, Clone, Deserialize)]
pub struct Flow {
    /// `FW…`.
    pub sid: String,
    /// As it was named.
    #[serde(default, deserialize_with = "or_default")]
    pub friendly_name: String,
    /// `draft` or `published`; only what was published is run.
    pub status: String,
    /// Counts up with each change.
    #[serde(default, deserialize_with = "or_default")]
    pub revision: u32,
    /// What a number's address has to be for calls to run it.
    #[serde(default, deserialize_with = "filled")]
    pub webhook_url: Option<String>,
    /// What it does; never told in a list.
    pub definition: Option<Value>,
}

impl Client {
    /// All flows of the account, without their definitions.
    pub async fn flows(&self) -> Result<Vec<Flow>, RestError> {
        self.list(PRODUCT, &format!("{FLOWS}?PageSize=100"), "flows", ENOUGH).await
    }

    /// One flow with its definition.
    pub async fn flow(&self, sid: &str) -> Result<Flow, RestError> {
        self.ask(Method::GET, &self.flow_url(sid)?, &[]).await
    }

    /// Makes a flow and publishes it; `comment` says why, for whoever reads its history. Sent once: after
    /// [`RestError::Unreachable`] it may be there, and [`flows`](Self::flows) tells. A definition that cannot
    /// be run is refused.
    pub async fn create_flow(
        &self,
        name: &str,
        definition: &Value,
        comment: &str,
    ) -> Result<Flow, RestError> {
        let definition = definition.to_string();
        let form = [
            ("FriendlyName", name),
            ("Status", "published"),
            ("Definition", definition.as_str()),
            ("CommitMessage", comment),
        ];
        self.make(&format!("{}{FLOWS}", self.product(PRODUCT)), &form).await
    }

    /// Gives a flow another definition and publishes it.
    pub async fn update_flow(&self, sid: &str, definition: &Value, comment: &str) -> Result<Flow, RestError> {
        let definition = definition.to_string();
        let form = [("Status", "published"), ("Definition", definition.as_str()), ("CommitMessage", comment)];
        self.ask(Method::POST, &self.flow_url(sid)?, &form).await
    }

    fn flow_url(&self, sid: &str) -> Result<String, RestError> {
        if !sid::is_flow(sid) {
            return Err(RestError::NotTwilio);
        }
        Ok(format!("{}{FLOWS}/{sid}", self.product(PRODUCT)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Form,
        rest::pretend::{Answer, answering, client},
    };
    use serde_json::json;

    const SID: &str = "FW0123456789abcdef0123456789abcdef";

    fn flow() -> Answer {
        Answer::new(
            "201 Created",
            &format!(
                r#"{{"sid":"{SID}","friendly_name":"Ringdesk","status":"published","revision":1,
                "webhook_url":"https://webhooks.twilio.com/v1/Accounts/AC/Flows/{SID}","definition":null}}"#
            ),
        )
    }

    #[tokio::test]
    async fn a_flow_is_made_published_and_changed() {
        let (base, asked) = answering(vec![flow(), flow()]).await;
        let client = client(&base);
        let definition = json!({ "initial_state": "Trigger", "states": [] });
        let made = client.create_flow("Ringdesk", &definition, "At first").await.expect("a flow");
        assert_eq!((made.revision, made.definition), (1, None));
        client.update_flow(&made.sid, &definition, "Other hours").await.expect("the flow");
        let asked = asked.await.expect("asked");
        for (asked, path) in asked.iter().zip(["POST /v2/Flows ", &format!("POST /v2/Flows/{SID} ")]) {
            assert!(asked.head.starts_with(path), "{}", asked.head);
            let form = Form::parse(asked.body.as_bytes()).expect("a form");
            assert_eq!(form.text("Status"), Some("published"));
            let sent: Value = serde_json::from_str(form.text("Definition").expect("it")).expect("JSON");
            assert_eq!(sent, definition);
        }
        assert!(asked[0].body.contains("FriendlyName=Ringdesk") && !asked[1].body.contains("FriendlyName"));
        assert_eq!(client.flow("FW1").await.err(), Some(RestError::NotTwilio));
    }
}
