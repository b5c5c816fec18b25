//! Knocks at our own door from outside, as Twilio would: over the public address, signed. Only our door can
//! give the word that is expected, so a tunnel's own page or somebody else's server is told from it.

use crate::{
    form::Form,
    rest::tls,
    signature::{Algorithm, sign, signed_string},
};
use reqwest::{Response, header::CONTENT_TYPE};
use rustls::{CertificateError, client::Resumption};
use secrecy::{ExposeSecret, SecretString};
use std::{
    error::Error,
    io,
    time::{Duration, Instant},
};

/// How long a knock may take; Twilio itself waits 15 s.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer that is looked at, in bytes; the right one has 44.
const MAX_ANSWER: usize = 1024;

/// Why our door was not reached. The texts hold neither the address nor a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KnockError {
    /// The name in the address leads nowhere, or it is no address.
    #[error("the name of the address is not known")]
    NoName,
    /// Nobody takes connections there.
    #[error("no connection")]
    NoConnection,
    /// No answer within ten seconds.
    #[error("no answer in time")]
    TooSlow,
    /// The certificate is not one Twilio would take; what is wrong with it, such as `it has expired`.
    #[error("the certificate: {0}")]
    Certificate(String),
    /// The door is there and does not believe our signature: another address or another token (403 without a
    /// word, as our door gives it).
    #[error("the signature was not believed")]
    Refused,
    /// Answered with this status, but not by our door.
    #[error("somebody else answered ({0})")]
    Elsewhere(u16),
    /// The tunnel is there, our computer is not behind it (502, 503, 504 or 530).
    #[error("nobody behind the tunnel ({0})")]
    Busy(u16),
}

/// What the door answers to a knock with this `nonce`: Base64 of an HMAC-SHA256 only a holder of the Auth
/// Token can make.
pub fn knock_answer(token: &SecretString, nonce: &str) -> String {
    sign(token.expose_secret(), Algorithm::HmacSha256, format!("knock {nonce}").as_bytes())
}

/// Posts a signed form (`AccountSid`, `Knock`) to `url`, an address of our door with its path; a fragment is
/// neither sent nor signed. Answers how long it took. No redirect is followed and no proxy used.
pub async fn knock(
    url: &str,
    account_sid: &str,
    nonce: &str,
    token: &SecretString,
) -> Result<Duration, KnockError> {
    let mut tls = tls().map_err(|_| KnockError::NoConnection)?;
    // Going on with an earlier knock's session would leave the certificate unseen that is to be judged.
    tls.resumption = Resumption::disabled();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("Ringdesk/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .timeout(PATIENCE)
        .no_proxy()
        .build()
        .map_err(|_| KnockError::NoConnection)?;
    let url = url.split('#').next().unwrap_or_default();
    let form = Form::from_pairs([("AccountSid", account_sid), ("Knock", nonce)]);
    let signature = sign(token.expose_secret(), Algorithm::HmacSha1, &signed_string(url, &form));
    let request = client
        .post(url)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("X-Twilio-Signature", signature)
        .body(form.encode());
    let began = Instant::now();
    let response = request.send().await.map_err(|error| reason(&error))?;
    let status = response.status().as_u16();
    match status {
        200 | 403 => {}
        502..=504 | 530 => return Err(KnockError::Busy(status)),
        _ => return Err(KnockError::Elsewhere(status)),
    }
    let said = beginning(response).await?;
    match status {
        200 if said == knock_answer(token, nonce).as_bytes() => Ok(began.elapsed()),
        403 if said.is_empty() => Err(KnockError::Refused),
        _ => Err(KnockError::Elsewhere(status)),
    }
}

/// As much of the answer as decides whether it is the right one.
async fn beginning(mut response: Response) -> Result<Vec<u8>, KnockError> {
    let mut read = Vec::new();
    while read.len() <= MAX_ANSWER {
        match response.chunk().await.map_err(|error| reason(&error))? {
            Some(chunk) => read.extend_from_slice(&chunk),
            None => break,
        }
    }
    Ok(read)
}

fn reason(error: &reqwest::Error) -> KnockError {
    if error.is_builder() || is_nameless(error) {
        KnockError::NoName
    } else if let Some(wrong) = certificate(error) {
        KnockError::Certificate(wrong.to_owned())
    } else if error.is_timeout() {
        KnockError::TooSlow
    } else {
        KnockError::NoConnection
    }
}

/// Whether the name could not be looked up. The layer below says so in words only: its own type is hidden, and
/// `reqwest::Error::is_dns` knows no other resolver than one we do not use.
fn is_nameless(error: &(dyn Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        // The second: a name that cannot be one.
        if matches!(error.to_string().as_str(), "dns error" | "invalid dns name") {
            return true;
        }
        at = error.source();
    }
    false
}

/// What is wrong with the certificate, where that is what went wrong.
fn certificate(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return judged(error);
        }
        // An I/O error does not name what it wraps as its source.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        at = match wrapped {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

fn judged(error: &rustls::Error) -> Option<&'static str> {
    let rustls::Error::InvalidCertificate(wrong) = error else {
        return matches!(error, rustls::Error::NoCertificatesPresented).then_some("there is none");
    };
    Some(match wrong {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name"
        }
        CertificateError::UnknownIssuer => "nobody knows who issued it",
        CertificateError::Revoked => "it was revoked",
        _ => "it cannot be trusted",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        PublicUrl, Verifier,
        rest::pretend::{ACCOUNT, Answer, answering},
    };

    const NONCE: &str = "9f2c";

    fn token() -> SecretString {
        "a token".into()
    }

    async fn knocked(answer: Answer) -> Result<(), KnockError> {
        let (base, _) = answering(vec![answer]).await;
        knock(&format!("{base}/knock"), ACCOUNT, NONCE, &token()).await.map(|_| ())
    }

    #[tokio::test]
    async fn our_door_is_known_by_its_answer() {
        assert_eq!(knocked(Answer::ok(&knock_answer(&token(), NONCE))).await, Ok(()));
        let longer = knock_answer(&token(), NONCE) + "\n";
        for other in ["", "<html>Welcome</html>", NONCE, &knock_answer(&token(), "9f2d"), &longer] {
            assert_eq!(knocked(Answer::ok(other)).await, Err(KnockError::Elsewhere(200)), "{other}");
        }
    }

    #[tokio::test]
    async fn who_answers_instead_is_told_by_the_status() {
        let answers = |status: &'static str| knocked(Answer::new(status, "<html></html>"));
        assert_eq!(knocked(Answer::new("403 Forbidden", "")).await, Err(KnockError::Refused));
        assert_eq!(answers("403 Forbidden").await, Err(KnockError::Elsewhere(403)));
        assert_eq!(answers("404 Not Found").await, Err(KnockError::Elsewhere(404)));
        assert_eq!(answers("302 Found\r\nLocation: /").await, Err(KnockError::Elsewhere(302)));
        for (status, code) in [("502 Bad Gateway", 502), ("504 Gateway Timeout", 504), ("530 Origin", 530)] {
            assert_eq!(answers(status).await, Err(KnockError::Busy(code)));
        }
    }

    #[tokio::test]
    async fn a_knock_is_signed_as_twilio_signs() {
        let (base, asked) = answering(vec![Answer::ok("")]).await;
        let _ = knock(&format!("{base}/phone/knock#rc=5&rp=all"), ACCOUNT, NONCE, &token()).await;
        let asked = &asked.await.expect("asked")[0];
        assert!(asked.head.starts_with("POST /phone/knock HTTP/1.1\r\n"), "{}", asked.head);
        let signature = asked.head.lines().find_map(|line| line.strip_prefix("x-twilio-signature: "));
        let form = Form::parse(asked.body.as_bytes()).expect("a form");
        assert_eq!((form.text("AccountSid"), form.text("Knock")), (Some(ACCOUNT), Some(NONCE)));
        let public = PublicUrl::parse(&base).expect("an address");
        let verifier = Verifier::new(public, ACCOUNT.to_owned(), vec![token()]);
        let signature = signature.expect("a signature");
        let body = asked.body.clone().into();
        verifier.verify("knock", "/phone/knock", signature, body).expect("believed");
    }

    #[tokio::test]
    async fn an_address_that_leads_nowhere_is_told_apart() {
        // The last name is too long to be anybody's, so that nobody is asked for it.
        let long = format!("{}.example/", "a".repeat(64));
        let (plain, secure) = (format!("http://{long}"), format!("https://{long}"));
        for none in ["no address", "http://[::1", &plain, &secure] {
            assert_eq!(knock(none, ACCOUNT, NONCE, &token()).await, Err(KnockError::NoName), "{none}");
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("its address"));
        drop(listener);
        assert_eq!(knock(&url, ACCOUNT, NONCE, &token()).await, Err(KnockError::NoConnection));
    }

    #[test]
    fn a_certificate_is_found_where_the_layers_below_hide_it() {
        let wrapped =
            |error: rustls::Error| io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error));
        let told = |wrong: CertificateError| certificate(&wrapped(rustls::Error::InvalidCertificate(wrong)));
        assert_eq!(told(CertificateError::Expired), Some("it has expired"));
        assert_eq!(told(CertificateError::NotValidForName), Some("it is for another name"));
        assert_eq!(told(CertificateError::UnknownIssuer), Some("nobody knows who issued it"));
        assert_eq!(told(CertificateError::BadSignature), Some("it cannot be trusted"));
        assert_eq!(certificate(&wrapped(rustls::Error::DecryptError)), None);
        assert_eq!(certificate(&io::Error::other("no TLS at all")), None);
    }
}
