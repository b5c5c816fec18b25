//! `X-Twilio-Signature`: what Twilio signs and how we check it.
//! Source: Twilio's webhook security page; agrees with twilio-python 9.13.0 on its vectors.

use crate::form::{Form, Malformed};
use base64::Engine;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use subtle::ConstantTimeEq;

/// Length of a signature header: 20 bytes in Base64.
pub const HEADER_LENGTH: usize = 28;

/// Which keyed hash signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// What every account uses, keyed with the Auth Token.
    HmacSha1,
    /// The newer shared-key mode of twilio-python 9.13.0.
    HmacSha256,
}

/// The address Twilio knows us by, as the owner configured it: scheme, host, port and perhaps
/// credentials. Signatures are checked against this, never against a header of the request.
#[derive(Clone)]
pub struct PublicUrl {
    origin: String,
    candidates: Vec<String>,
    websocket: bool,
}

impl std::fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicUrl({})", self.origin)
    }
}

/// Why an address cannot be our public one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// No `scheme://host`.
    #[error("not a web address; expected something like https://phone.example.com")]
    Shape,
    /// Plain http to another computer.
    #[error("must start with https:// (http:// is only for this computer)")]
    NotSecure,
    /// Twilio refuses callbacks to such hosts (21609).
    #[error("the host name has an underscore, which Twilio refuses")]
    Underscore,
}

impl PublicUrl {
    /// Reads an address without path, such as `https://phone.example.com`.
    pub fn parse(url: &str) -> Result<Self, BadUrl> {
        let url = url.trim_end_matches('/');
        let (scheme, authority) = url.split_once("://").ok_or(BadUrl::Shape)?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "https" | "wss" => "443",
            "http" | "ws" => "80",
            _ => return Err(BadUrl::Shape),
        };
        let (userinfo, host_port) =
            authority.rsplit_once('@').map_or((None, authority), |(u, rest)| (Some(u), rest));
        let after_bracket = host_port.rfind(']').map_or(0, |at| at + 1);
        let (host, port) = match host_port[after_bracket..].rfind(':') {
            Some(colon) => {
                (&host_port[..after_bracket + colon], Some(&host_port[after_bracket + colon + 1..]))
            }
            None => (host_port, None),
        };
        let odd = |b: u8| b.is_ascii_control() || b"/?#@ \\".contains(&b) || !b.is_ascii();
        if host.is_empty() || host.bytes().any(odd) || port.is_some_and(|p| p.parse::<u16>().is_err()) {
            return Err(BadUrl::Shape);
        }
        if host.contains('_') {
            return Err(BadUrl::Underscore);
        }
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if default_port == "80" && !local {
            return Err(BadUrl::NotSecure);
        }
        Ok(Self::from_parts(&scheme, userinfo, host, port, default_port))
    }

    fn from_parts(
        scheme: &str,
        userinfo: Option<&str>,
        host: &str,
        port: Option<&str>,
        default: &str,
    ) -> Self {
        let mut candidates = Vec::new();
        for user in [userinfo, None] {
            for port in [port, None, Some(default)] {
                let user = user.map(|u| format!("{u}@")).unwrap_or_default();
                let port = port.map(|p| format!(":{p}")).unwrap_or_default();
                let candidate = format!("{scheme}://{user}{host}{port}");
                if !candidates.contains(&candidate) {
                    candidates.push(candidate);
                }
            }
        }
        let port = port.map(|p| format!(":{p}")).unwrap_or_default();
        Self { origin: format!("{scheme}://{host}{port}"), candidates, websocket: scheme.starts_with("ws") }
    }

    /// Scheme, host and port, without credentials.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// The exact bytes under the signature.
pub fn signed_string(url: &str, form: &Form) -> Vec<u8> {
    let mut out = Vec::with_capacity(url.len() + 512);
    out.extend_from_slice(url.as_bytes());
    for (name, values) in form.signing_order() {
        for value in values {
            out.extend_from_slice(name);
            out.extend_from_slice(value);
        }
    }
    out
}

/// Signs like Twilio does; Base64 with padding.
pub fn sign(key: &str, algorithm: Algorithm, signed: &[u8]) -> String {
    let base64 = &base64::engine::general_purpose::STANDARD;
    match algorithm {
        Algorithm::HmacSha1 => {
            let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any key length works");
            mac.update(signed);
            base64.encode(mac.finalize().into_bytes())
        }
        Algorithm::HmacSha256 => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key length works");
            mac.update(signed);
            base64.encode(mac.finalize().into_bytes())
        }
    }
}

/// Whether a JSON body is the one its signed URL names (`bodySHA256`).
pub fn json_body_matches(path_and_query: &str, body: &[u8]) -> bool {
    let query = path_and_query.split_once('?').map_or("", |(_, query)| query);
    let Some(named) = query.split('&').find_map(|pair| pair.strip_prefix("bodySHA256=")) else {
        return false;
    };
    let mut hex = String::with_capacity(64);
    for b in Sha256::digest(body) {
        let _ = write!(hex, "{b:02x}");
    }
    bool::from(hex.as_bytes().ct_eq(named.as_bytes()))
}

/// Looks for the spelling of our address that was signed; answers the signed bytes.
/// Every key and spelling is compared in constant time.
pub fn find_signed(
    public: &PublicUrl,
    path_and_query: &str,
    form: &Form,
    signature: &str,
    keys: &[SecretString],
    algorithm: Algorithm,
) -> Option<Vec<u8>> {
    let tail = signed_string("", form);
    let slashes: &[&str] = if public.websocket { &["", "/"] } else { &[""] };
    for origin in &public.candidates {
        for slash in slashes {
            let mut signed =
                Vec::with_capacity(origin.len() + path_and_query.len() + slash.len() + tail.len());
            signed.extend_from_slice(origin.as_bytes());
            signed.extend_from_slice(path_and_query.as_bytes());
            signed.extend_from_slice(slash.as_bytes());
            signed.extend_from_slice(&tail);
            for key in keys {
                let expected = sign(key.expose_secret(), algorithm, &signed);
                if bool::from(expected.as_bytes().ct_eq(signature.as_bytes())) {
                    return Some(signed);
                }
            }
        }
    }
    None
}

/// Identifies a verified request for ever: SHA-256 over the event's name and the signed bytes, so
/// headers, order, re-encoding and regrouped names make no difference.
pub type ReplayKey = [u8; 32];

/// Something Twilio signed. Only [`Verifier::verify`] makes one.
#[derive(Debug, Clone)]
pub struct Signed<T> {
    what: T,
    replay_key: ReplayKey,
    body: Bytes,
}

impl<T> Signed<T> {
    /// What was signed.
    pub fn what(&self) -> &T {
        &self.what
    }

    /// The request's identity.
    pub fn replay_key(&self) -> ReplayKey {
        self.replay_key
    }

    /// The body exactly as it came.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Reads the signed thing as something more definite.
    pub fn read<U, E>(self, reader: impl FnOnce(&T) -> Result<U, E>) -> Result<Signed<U>, (Self, E)> {
        match reader(&self.what) {
            Ok(what) => Ok(Signed { what, replay_key: self.replay_key, body: self.body }),
            Err(error) => Err((self, error)),
        }
    }
}

/// Why a request was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// No signature header, several, or one of the wrong length.
    #[error("no single signature")]
    NoSignature,
    /// The body is no form.
    #[error("not a form")]
    Malformed,
    /// No key of ours made this signature.
    #[error("signature does not match")]
    Wrong,
    /// Signed by our key but about another account.
    #[error("another account")]
    OtherAccount,
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// Checks requests against our address, account and tokens.
#[derive(Debug)]
pub struct Verifier {
    public: PublicUrl,
    account_sid: String,
    tokens: Vec<SecretString>,
}

impl Verifier {
    /// `tokens`: the primary Auth Token, then the secondary while one is being rotated in.
    pub fn new(public: PublicUrl, account_sid: String, tokens: Vec<SecretString>) -> Self {
        Self { public, account_sid, tokens }
    }

    /// Our public address.
    pub fn public(&self) -> &PublicUrl {
        &self.public
    }

    /// Believes a request or says why not. `event` is the route's own name; `path_and_query` is the
    /// raw request target.
    pub fn verify(
        &self,
        event: &'static str,
        path_and_query: &str,
        signature: &str,
        body: Bytes,
    ) -> Result<Signed<Form>, Refusal> {
        if signature.len() != HEADER_LENGTH {
            return Err(Refusal::NoSignature);
        }
        let form = Form::parse(&body)?;
        let sha1 = Algorithm::HmacSha1;
        let signed = find_signed(&self.public, path_and_query, &form, signature, &self.tokens, sha1)
            .ok_or(Refusal::Wrong)?;
        if !form.all("AccountSid").any(|sid| sid == self.account_sid) {
            return Err(Refusal::OtherAccount);
        }
        let mut hash = Sha256::new();
        hash.update(b"v1");
        hash.update(event.as_bytes());
        hash.update([0]);
        hash.update(&signed);
        Ok(Signed { what: form, replay_key: hash.finalize().into(), body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct File {
        vectors: Vec<Vector>,
    }

    #[derive(Deserialize)]
    struct Vector {
        name: String,
        kind: String,
        auth_token: String,
        url_received: String,
        #[serde(default)]
        params: Vec<(String, String)>,
        body: Option<String>,
        signature: String,
        algorithm: Option<String>,
        expect_valid: bool,
    }

    /// Splits a whole URL as a server would see it: our address, and the request target.
    fn split(url: &str) -> (String, String) {
        let start = url.find("://").expect("absolute") + 3;
        let end = url[start..].find(['/', '?']).map_or(url.len(), |at| start + at);
        (url[..end].to_owned(), url[end..].to_owned())
    }

    fn verdict(v: &Vector) -> bool {
        let (origin, target) = split(&v.url_received);
        // The vectors know http hosts that a user could not configure.
        let public = PublicUrl::parse(&origin).unwrap_or_else(|_| {
            let host = origin.trim_start_matches("http://");
            let (host, port) = host.split_once(':').map_or((host, None), |(h, p)| (h, Some(p)));
            PublicUrl::from_parts("http", None, host, port, "80")
        });
        let algorithm = match v.algorithm.as_deref() {
            Some("HMAC_SHA256") => Algorithm::HmacSha256,
            _ => Algorithm::HmacSha1,
        };
        let form = if v.kind == "json" {
            Form::from_pairs([("", ""); 0])
        } else {
            Form::from_pairs(v.params.clone())
        };
        let keys = [SecretString::from(v.auth_token.clone())];
        let signed = find_signed(&public, &target, &form, &v.signature, &keys, algorithm).is_some();
        signed && (v.kind != "json" || json_body_matches(&target, v.body.as_deref().unwrap_or("").as_bytes()))
    }

    #[test]
    fn agrees_with_every_published_vector() {
        let file: File = serde_json::from_str(include_str!("../tests/signature.json")).expect("vectors");
        assert!(file.vectors.len() >= 56);
        for v in &file.vectors {
            assert_eq!(verdict(v), v.expect_valid, "{}", v.name);
        }
    }

    const ACCOUNT: &str = "AC00000000000000000000000000000001";

    fn verifier() -> Verifier {
        let public = PublicUrl::parse("https://phone.example.test").expect("url");
        Verifier::new(public, ACCOUNT.into(), vec!["new-token".into(), "old-token".into()])
    }

    fn ask(token: &str, pairs: &[(&str, &str)]) -> Result<Signed<Form>, Refusal> {
        let form = Form::from_pairs(pairs.iter().copied());
        let signature =
            sign(token, Algorithm::HmacSha1, &signed_string("https://phone.example.test/sms", &form));
        verifier().verify("text", "/sms", &signature, Bytes::from(form.encode()))
    }

    #[test]
    fn either_token_is_believed_and_no_other() {
        let pairs = [("AccountSid", ACCOUNT), ("Body", "hi")];
        assert!(ask("new-token", &pairs).is_ok());
        assert!(ask("old-token", &pairs).is_ok());
        assert_eq!(ask("else", &pairs).err(), Some(Refusal::Wrong));
    }

    #[test]
    fn another_account_is_refused() {
        let other = [("AccountSid", "AC00000000000000000000000000000002")];
        assert_eq!(ask("new-token", &other).err(), Some(Refusal::OtherAccount));
        assert_eq!(ask("new-token", &[("Body", "hi")]).err(), Some(Refusal::OtherAccount));
    }

    #[test]
    fn a_regrouped_request_has_the_same_identity() {
        let one = ask("new-token", &[("AccountSid", ACCOUNT), ("Ab", "cd")]).expect("signed");
        let two = ask("new-token", &[("AccountSid", ACCOUNT), ("A", "bcd")]).expect("signed");
        assert_eq!(one.replay_key(), two.replay_key());
    }

    #[test]
    fn addresses_are_https_or_this_computer() {
        let parse = |url: &str| PublicUrl::parse(url).map(|u| u.origin().to_owned());
        assert_eq!(parse("https://phone.example.test/"), Ok("https://phone.example.test".into()));
        assert_eq!(parse("http://127.0.0.1:8787"), Ok("http://127.0.0.1:8787".into()));
        assert_eq!(parse("http://phone.example.test"), Err(BadUrl::NotSecure));
        assert_eq!(parse("phone.example.test"), Err(BadUrl::Shape));
        assert_eq!(parse("https://my_phone.example.test"), Err(BadUrl::Underscore));
        assert_eq!(parse("https://phone.example.test/path"), Err(BadUrl::Shape));
    }

    proptest! {
        #[test]
        fn one_changed_byte_is_one_too_many(body in ".{1,60}", at in 0usize..60, flip in 1u8..=255) {
            let form = Form::from_pairs([("AccountSid", ACCOUNT), ("Body", &body)]);
            let url = "https://phone.example.test/sms";
            let signature = sign("new-token", Algorithm::HmacSha1, &signed_string(url, &form));
            let mut changed = form.clone().encode().into_bytes();
            let at = changed.len() - 1 - at % changed.len();
            changed[at] ^= flip;
            if let Ok(signed) = verifier().verify("text", "/sms", &signature, changed.clone().into()) {
                // Only a change that decodes to the same signed bytes may pass.
                prop_assert_eq!(signed_string(url, signed.what()), signed_string(url, &form));
            }
        }
    }
}
