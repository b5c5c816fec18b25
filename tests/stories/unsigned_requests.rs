use ringdesk_tests::office::{Office, Signed};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn rows(office: &Office) -> usize {
    let mut rows = 0;
    for kind in ["conversation", "text", "receipt", "consent"] {
        rows += office.kept(kind).await.len();
    }
    rows
}

fn request(office: &Office) -> Signed {
    let sid = format!("SM{}", "f".repeat(32));
    office.signed("/sms/inbound", &office.text_fields(&sid, "+14155550701", "Hello"))
}

#[tokio::test]
async fn wrong_missing_and_doubled_signatures_leave_no_row() {
    let office = Office::open().await;
    let good = request(&office);
    let signature = good.signatures[0].clone();
    let wrong: String =
        signature.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c }).collect();
    for signatures in [
        vec![],
        vec![String::new()],
        vec![wrong],
        vec![signature.clone(), signature.clone()],
        vec![format!("{signature}=")],
    ] {
        assert_eq!(Signed { signatures, ..good.clone() }.post().await.0, 403);
    }
    let other_body = good.body.replace("Hello", "Hallo");
    assert_eq!(Signed { body: other_body, ..good.clone() }.post().await.0, 403);
    let other_path = good.url.replace("inbound", "fallback");
    assert_eq!(Signed { url: other_path, ..good.clone() }.post().await.0, 403);
    assert_eq!(rows(&office).await, 0);
    let refused = office.desk.inbox.health().await.expect("health").refused;
    assert_eq!(refused.values().sum::<u64>(), 7);
}

#[tokio::test]
async fn a_regrouped_request_is_the_same_request() {
    let office = Office::open().await;
    let good = request(&office);
    assert_eq!(good.post().await.0, 200);
    let before = rows(&office).await;
    // Other names and values, same signed bytes: "Body" + "Hello" becomes "BodyH" + "ello".
    let regrouped = good.body.replace("Body=Hello", "BodyH=ello");
    assert_ne!(regrouped, good.body);
    let answer = Signed { body: regrouped, ..good.clone() }.post().await;
    assert_eq!(answer, good.post().await, "it gets the old answer");
    assert_eq!(rows(&office).await, before, "and changes nothing");
}

#[tokio::test]
async fn another_account_is_refused() {
    let office = Office::open().await;
    let sid = format!("SM{}", "f".repeat(32));
    let fields = [("MessageSid", sid.as_str()), ("AccountSid", "AC99999999999999999999999999999999")];
    assert_eq!(office.signed("/sms/inbound", &fields).post().await.0, 403);
    assert_eq!(rows(&office).await, 0);
}

#[tokio::test]
async fn contradictory_doubles_are_kept_aside_and_nothing_is_concluded() {
    let office = Office::open().await;
    let sid = format!("SM{}", "f".repeat(32));
    let mut fields = office.text_fields(&sid, "+14155550702", "Hello");
    fields.push(("From", "+14155550703"));
    assert_eq!(office.signed("/sms/inbound", &fields).post().await.0, 200);
    assert!(office.kept("text").await.is_empty());
    assert_eq!(office.kept("receipt").await[0]["state"], "quarantined");
    assert_eq!(office.desk.inbox.health().await.expect("health").quarantined, 1);
}

#[tokio::test]
async fn a_signed_request_that_says_nothing_is_kept_whole() {
    let office = Office::open().await;
    let (account, _) = office.sandbox.credentials();
    let fields = [("AccountSid", account), ("MessageSid", "SMnonsense"), ("Body", "Hello")];
    assert_eq!(office.signed("/sms/inbound", &fields).post().await.0, 200);
    assert_eq!(office.kept("receipt").await[0]["state"], "quarantined");
    assert!(office.kept("text").await.is_empty());
}

/// Says something to the door over a raw socket; answers the status line.
async fn raw(office: &Office, head: &str, body: &str) -> String {
    let url = office.door("");
    let address = url.trim_start_matches("http://").split('/').next().expect("address").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("the door");
    // The door may answer and close before it has read everything.
    let _ = stream
        .write_all(format!("{head}Host: {address}\r\nConnection: close\r\n\r\n{body}").as_bytes())
        .await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).lines().next().unwrap_or("").to_owned()
}

#[tokio::test]
async fn only_the_exact_paths_and_methods_are_there() {
    let office = Office::open().await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n";
    let cases = [
        ("GET /healthz HTTP/1.1\r\n", "200"),
        ("POST /healthz HTTP/1.1\r\nContent-Length: 0\r\n", "405"),
        ("GET /phone/twilio/sms/inbound HTTP/1.1\r\n", "405"),
        ("POST /phone/twilio/sms/inbound/ HTTP/1.1\r\nContent-Length: 0\r\n", "404"),
        ("POST /phone/twilio/sms/Inbound HTTP/1.1\r\nContent-Length: 0\r\n", "404"),
        ("POST /sms/inbound HTTP/1.1\r\nContent-Length: 0\r\n", "404"),
        ("POST /phone/twilio/sms/status/not-an-id HTTP/1.1\r\nContent-Length: 0\r\n", "404"),
        (
            "POST /phone/twilio/sms/inbound HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 0\r\n",
            "403",
        ),
        (
            "POST /phone/twilio/sms/inbound HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\
             X-Twilio-Signature: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n",
            "415",
        ),
    ];
    for (head, status) in cases {
        let answer = raw(&office, head, "").await;
        assert!(answer.contains(status), "{head:?}: {answer}");
    }
    let head = format!("POST /phone/twilio/sms/inbound HTTP/1.1\r\n{form}Content-Length: 3\r\n");
    assert!(raw(&office, &head, "a=b").await.contains("403"));
    let big = "a".repeat(70_000);
    let head = format!("POST /phone/twilio/sms/inbound HTTP/1.1\r\n{form}Content-Length: {}\r\n", big.len());
    assert!(raw(&office, &head, &big).await.contains("413"));
    let bad = "Body=%zz";
    let head = format!("POST /phone/twilio/sms/inbound HTTP/1.1\r\n{form}Content-Length: {}\r\n", bad.len());
    assert!(raw(&office, &head, bad).await.contains("400"));
    let headers = "X-Filler: 1\r\n".repeat(100);
    let head = format!("POST /phone/twilio/sms/inbound HTTP/1.1\r\n{headers}Content-Length: 0\r\n");
    assert!(raw(&office, &head, "").await.contains("431"));
    assert_eq!(rows(&office).await, 0);
}

#[tokio::test]
async fn without_a_signature_the_body_is_not_waited_for() {
    let office = Office::open().await;
    let head = "POST /phone/twilio/sms/inbound HTTP/1.1\r\n\
        Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n";
    assert!(raw(&office, head, "").await.contains("403"));
}
