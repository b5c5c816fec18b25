//! Our numbers and where Twilio sends what arrives on them.

use super::{
    Client,
    client::{MAX_PAGES, filled},
};
use crate::{error::RestError, sid};
use reqwest::Method;
use serde::Deserialize;

/// A number the account owns, with everything that decides who is told of what arrives on it.
#[derive(Debug, Clone, Deserialize)]
pub struct Number {
    /// `PN…`.
    pub sid: String,
    /// E.164.
    pub phone_number: String,
    /// As the owner named it; often the number again.
    pub friendly_name: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Where texts are posted.
    #[serde(default, deserialize_with = "filled")]
    pub sms_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "filled")]
    pub sms_method: Option<String>,
    /// Where texts are posted when the first address fails.
    #[serde(default, deserialize_with = "filled")]
    pub sms_fallback_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "filled")]
    pub sms_fallback_method: Option<String>,
    /// Where calls are posted.
    #[serde(default, deserialize_with = "filled")]
    pub voice_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "filled")]
    pub voice_method: Option<String>,
    /// Where calls are posted when the first address fails.
    #[serde(default, deserialize_with = "filled")]
    pub voice_fallback_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "filled")]
    pub voice_fallback_method: Option<String>,
    /// Where the end of a call is posted; texts have no such address here.
    #[serde(default, deserialize_with = "filled")]
    pub status_callback: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "filled")]
    pub status_callback_method: Option<String>,
    /// `AP…`: where it is set, the addresses for texts mean nothing.
    #[serde(default, deserialize_with = "filled")]
    pub sms_application_sid: Option<String>,
    /// `AP…`: where it is set, the addresses for calls mean nothing.
    #[serde(default, deserialize_with = "filled")]
    pub voice_application_sid: Option<String>,
    /// `TK…`: where it is set, the addresses for calls and the application mean nothing.
    #[serde(default, deserialize_with = "filled")]
    pub trunk_sid: Option<String>,
    /// `voice` or `fax`.
    #[serde(default, deserialize_with = "filled")]
    pub voice_receive_mode: Option<String>,
}

/// What a number can do.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Capabilities {
    /// Sends and takes texts.
    #[serde(default, alias = "SMS")]
    pub sms: bool,
    /// Sends and takes pictures.
    #[serde(default, alias = "MMS")]
    pub mms: bool,
    /// Makes and takes calls.
    #[serde(default)]
    pub voice: bool,
}

#[derive(Deserialize)]
struct Page {
    incoming_phone_numbers: Vec<Number>,
    next_page_uri: Option<String>,
}

impl Client {
    /// All numbers of the account.
    pub async fn numbers(&self) -> Result<Vec<Number>, RestError> {
        let mut all = Vec::new();
        let mut url = self.url("/IncomingPhoneNumbers.json?PageSize=100");
        for _ in 0..MAX_PAGES {
            let page: Page = self.ask(Method::GET, &url, &[]).await?;
            all.extend(page.incoming_phone_numbers);
            match page.next_page_uri {
                Some(next) => url = self.next_uri(&next)?,
                None => return Ok(all),
            }
        }
        Err(RestError::Unreadable)
    }

    /// Changes a number, with Twilio's own names (`SmsUrl`, `VoiceFallbackMethod`…); an empty value clears.
    /// What is not named stays. The same again changes nothing.
    pub async fn update_number(&self, number_sid: &str, form: &[(&str, &str)]) -> Result<Number, RestError> {
        if !sid::is_number(number_sid) {
            return Err(RestError::NotTwilio);
        }
        let url = self.url(&format!("/IncomingPhoneNumbers/{number_sid}.json"));
        self.ask(Method::POST, &url, form).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::pretend::{ACCOUNT, Answer, answering, client};

    const SID: &str = "PN0123456789abcdef0123456789abcdef";

    fn number(rest: &str) -> String {
        format!(
            r#"{{"sid":"{SID}","phone_number":"+14155550100","friendly_name":"Front desk",
            "capabilities":{{"voice":true,"SMS":true,"MMS":false,"fax":false}}{rest}}}"#
        )
    }

    #[tokio::test]
    async fn what_twilio_leaves_empty_is_not_there() {
        let rest = r#","sms_url":"","voice_url":"https://phone.example.com/voice","voice_method":"POST",
            "sms_application_sid":"","voice_application_sid":null,"trunk_sid":"TK1","status_callback":"""#;
        let page = format!(r#"{{"incoming_phone_numbers":[{}],"next_page_uri":null}}"#, number(rest));
        let (base, _) = answering(vec![Answer::ok(&page)]).await;
        let numbers = client(&base).numbers().await.expect("numbers");
        let [number] = numbers.as_slice() else { panic!("{numbers:?}") };
        assert_eq!(number.voice_url.as_deref(), Some("https://phone.example.com/voice"));
        assert_eq!(number.voice_method.as_deref(), Some("POST"));
        assert_eq!(number.trunk_sid.as_deref(), Some("TK1"));
        let empty = [&number.sms_url, &number.sms_application_sid, &number.status_callback];
        assert!(empty.iter().all(|field| field.is_none()), "{number:?}");
        assert!(number.voice_application_sid.is_none() && number.sms_fallback_url.is_none());
        let Capabilities { sms, mms, voice } = number.capabilities;
        assert!(sms && !mms && voice);
    }

    #[tokio::test]
    async fn a_number_is_changed_by_twilios_own_names() {
        let (base, asked) = answering(vec![Answer::ok(&number(""))]).await;
        let form = [("VoiceUrl", "https://a.example/v#rc=2"), ("TrunkSid", "")];
        let changed = client(&base).update_number(SID, &form).await.expect("the number");
        assert_eq!(changed.sid, SID);
        let asked = &asked.await.expect("asked")[0];
        let path = format!("POST /2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/{SID}.json ");
        assert!(asked.head.starts_with(&path), "{}", asked.head);
        assert_eq!(asked.body, "VoiceUrl=https%3A%2F%2Fa.example%2Fv%23rc%3D2&TrunkSid=");
        let refused = client(&base).update_number("PN../../x", &form).await;
        assert_eq!(refused.err(), Some(RestError::NotTwilio));
    }

    #[tokio::test]
    async fn the_rest_of_the_numbers_is_asked_for_where_the_first_were() {
        let number = number("");
        let page = format!(r#"{{"incoming_phone_numbers":[{number}],"next_page_uri":"@example.com/"}}"#);
        let (base, asked) = answering(vec![Answer::ok(&page)]).await;
        assert_eq!(client(&base).numbers().await.err(), Some(RestError::NotTwilio));
        assert_eq!(asked.await.expect("asked").len(), 1);
    }
}
