//! Who is slow or many cannot keep others from being heard. The limits are real seconds here, so each
//! story waits for the door to close something.

use ringdesk_tests::office::Office;
use std::io::Read;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn connect(office: &Office) -> TcpStream {
    let door = office.door("");
    let at = door.trim_start_matches("http://").split('/').next().expect("an address");
    TcpStream::connect(at).await.expect("a connection")
}

async fn to_the_end(mut stream: TcpStream) -> String {
    let mut all = Vec::new();
    // A connection that is closed on us ends as well.
    let _ = stream.read_to_end(&mut all).await;
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn a_head_that_never_ends_is_hung_up_on() {
    let office = Office::open().await;
    let mut stream = connect(&office).await;
    stream.write_all(b"POST /phone/twilio/sms/inbound HTTP/1.1\r\nHost: x\r\n").await.expect("sent");
    let told = to_the_end(stream).await;
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 408"), "{told}");
}

#[tokio::test]
async fn a_body_that_never_ends_is_told_so() {
    let office = Office::open().await;
    let mut stream = connect(&office).await;
    let head = format!(
        "POST /phone/twilio/sms/inbound HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\nConnection: close\r\n\r\nBody=",
        "a".repeat(28)
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    assert!(to_the_end(stream).await.starts_with("HTTP/1.1 408"));
    assert_eq!(office.kept("receipt").await.len(), 0);
}

#[tokio::test]
async fn more_than_256_connections_wait_for_a_place() {
    let office = Office::open().await;
    let mut idle = Vec::new();
    for _ in 0..256 {
        idle.push(connect(&office).await);
    }
    let mut late = connect(&office).await;
    late.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("sent");
    let told = to_the_end(late).await;
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    // Asked of the system itself: the runtime may not have looked at all of them yet.
    let is_closed = |stream: TcpStream| stream.into_std().is_ok_and(|mut plain| plain.read(&mut [0]).is_ok());
    assert!(idle.into_iter().any(is_closed), "there was a place before one became free");
}
