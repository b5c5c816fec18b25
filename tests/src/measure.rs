//! What the benchmarks share: the program as a host has it, signed requests, connections that ask them,
//! and figures.
#![allow(clippy::cast_precision_loss, reason = "figures are read by people")]

use crate::programs::repository;
use rand::{Rng, SeedableRng, rngs::StdRng};
use ringdesk_twilio::{
    Form,
    signature::{Algorithm, sign, signed_string},
};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fs,
    ops::Range,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
    task::JoinSet,
};

/// Our address, as Twilio signs it.
pub const PUBLIC: &str = "https://bench.example.test";
/// The account.
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
/// Its token.
pub const TOKEN: &str = "a-token-for-measuring";
/// Our line.
pub const LINE: &str = "+15005550006";

/// How long a server may take until it answers.
const STARTING: Duration = Duration::from_secs(20);
/// Connections of an open loop.
const OPEN_LANES: usize = 64;

/// A command of `ringdeskd` as a host has it, on a data folder.
pub fn ringdeskd(arguments: &[&str], data_dir: &Path) -> Command {
    let mut command = Command::new(repository().join("target/host/ringdeskd"));
    command
        .args(arguments)
        .arg("--data-dir")
        .arg(data_dir)
        .env("RINGDESK_ACCOUNT_SID", ACCOUNT)
        .env("RINGDESK_AUTH_TOKEN", TOKEN)
        .env("RINGDESK_LOG", "error");
    command
}

/// `ringdeskd serve` at a port, with no Twilio to be reached.
pub fn serving(data_dir: &Path, port: u16) -> Command {
    let listen = format!("127.0.0.1:{port}");
    let arguments =
        ["serve", "--twilio-url", "http://127.0.0.1:9", "--public-url", PUBLIC, "--listen", &listen];
    ringdeskd(&arguments, data_dir)
}

/// Waits until the server at a port is healthy.
pub async fn healthy(port: u16) -> anyhow::Result<()> {
    let began = Instant::now();
    while !matches!(health(port).await, Ok(200)) {
        anyhow::ensure!(began.elapsed() < STARTING, "it did not start");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

async fn health(port: u16) -> anyhow::Result<u16> {
    Lane::open(port).await?.ask(b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n").await
}

/// How often each thing of a kind is in the export, by Twilio's id.
pub async fn kept(data_dir: &Path, kind: &str) -> anyhow::Result<BTreeMap<String, usize>> {
    let out = ringdeskd(&["export", "--format", "jsonl"], data_dir).output().await?;
    anyhow::ensure!(out.status.success(), "the export failed");
    let mut kept = BTreeMap::new();
    for line in out.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let row: Value = serde_json::from_slice(line)?;
        if row["type"] == kind {
            *kept.entry(row["provider_sid"].as_str().unwrap_or("").to_owned()).or_default() += 1;
        }
    }
    Ok(kept)
}

/// A whole request as Twilio would post it, signed; `n` is its idempotency token.
pub fn posted(path: &str, n: usize, fields: &[(&str, &str)]) -> Vec<u8> {
    let form = Form::from_pairs(fields.iter().copied());
    let signature = sign(TOKEN, Algorithm::HmacSha1, &signed_string(&format!("{PUBLIC}{path}"), &form));
    let body = form.encode();
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench.example.test\r\nUser-Agent: TwilioProxy/1.1\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: {signature}\r\n\
         I-Twilio-Idempotency-Token: {n}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The `n`th text to our line, from one of 2,000 customers.
pub fn text(n: usize) -> Vec<u8> {
    let body =
        format!("Hello, could somebody look at the boiler on Thursday morning? Number {n}, thank you.");
    message("/phone/twilio/sms/inbound", n, n, ("Body", &body))
}

/// A report about the text `about`, one of many.
pub fn report(n: usize, about: usize) -> Vec<u8> {
    let step = ["queued", "sent", "delivered"][about % 3];
    message("/phone/twilio/sms/status", n, about, ("MessageStatus", step))
}

fn message(path: &str, n: usize, about: usize, what: (&str, &str)) -> Vec<u8> {
    let (sid, from) = (format!("SM{about:032x}"), format!("+1415555{:04}", n % 2_000));
    let fields: [(&str, &str); 19] = [
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("SmsMessageSid", &sid),
        ("NumMedia", "0"),
        ("ToCity", ""),
        ("FromZip", "94103"),
        ("SmsSid", &sid),
        ("FromState", "CA"),
        ("SmsStatus", "received"),
        ("FromCity", ""),
        ("FromCountry", "US"),
        ("To", LINE),
        ("ToZip", ""),
        ("NumSegments", "1"),
        ("MessageSid", &sid),
        ("AccountSid", ACCOUNT),
        ("From", &from),
        ("ApiVersion", "2010-04-01"),
        what,
    ];
    posted(path, n, &fields)
}

/// One connection that asks one thing after the other.
#[derive(Debug)]
pub struct Lane {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the last answer's body is in the buffer.
    body: Range<usize>,
}

impl Lane {
    /// Connects to a port of this computer.
    pub async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 4_096], body: 0..0 })
    }

    /// Sends a whole request, reads the whole answer, says its status.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await?;
            anyhow::ensure!(read > 0, "the connection was closed");
            filled += read;
            let text = &self.buffer[..filled];
            let Some(head) = text.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head_text = String::from_utf8_lossy(&text[..head]).to_ascii_lowercase();
            let length = head_text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|n| n.trim().parse().ok()).unwrap_or(0);
            if filled >= head + 4 + length {
                self.body = head + 4..head + 4 + length;
                return Ok(head_text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0));
            }
        }
    }

    /// Asks, and takes no answer but a good one.
    pub async fn ask_well(&mut self, request: &[u8]) -> anyhow::Result<()> {
        let status = self.ask(request).await?;
        anyhow::ensure!((200..300).contains(&status), "answered {status}");
        Ok(())
    }

    /// The last answer.
    pub fn answer(&self) -> &[u8] {
        &self.buffer[self.body.clone()]
    }
}

/// What a measurement gave.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Answers a second.
    pub rate: f64,
    /// Milliseconds half of the answers took at most.
    pub p50: f64,
    /// Milliseconds all but one in a hundred took at most.
    pub p99: f64,
    /// Milliseconds the slowest took.
    pub worst: f64,
}

impl Figures {
    /// From the milliseconds of each answer, and the seconds of all.
    fn of(mut times: Vec<f64>, took: f64) -> Self {
        times.sort_by(f64::total_cmp);
        let at = |share: f64| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
            let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
            times.get(place).copied().unwrap_or(0.0)
        };
        Self { rate: times.len() as f64 / took, p50: at(0.5), p99: at(0.99), worst: at(1.0) }
    }
}

/// Each lane asks as soon as it was answered.
pub async fn closed_loop(port: u16, requests: Arc<Vec<Vec<u8>>>, lanes: usize) -> anyhow::Result<Figures> {
    let began = Instant::now();
    let mut work = JoinSet::new();
    for lane in 0..lanes {
        let requests = requests.clone();
        work.spawn(async move {
            let mut connection = Lane::open(port).await?;
            let mut times = Vec::new();
            for request in requests.iter().skip(lane).step_by(lanes) {
                let asked = Instant::now();
                connection.ask_well(request).await?;
                times.push(asked.elapsed().as_secs_f64() * 1e3);
            }
            anyhow::Ok(times)
        });
    }
    let all = all_of(work).await?;
    Ok(Figures::of(all, began.elapsed().as_secs_f64()))
}

/// Requests at `rate` a second as people text and call, not as a metronome ticks (exponential pauses),
/// whatever the answers do; times count from the planned moment.
pub async fn open_loop(port: u16, requests: Arc<Vec<Vec<u8>>>, rate: f64) -> anyhow::Result<Figures> {
    let (give, take) = tokio::sync::mpsc::unbounded_channel::<(usize, Instant)>();
    let take = Arc::new(tokio::sync::Mutex::new(take));
    let mut work = JoinSet::new();
    for _ in 0..OPEN_LANES {
        let (take, requests) = (take.clone(), requests.clone());
        work.spawn(async move {
            let mut connection = Lane::open(port).await?;
            let mut times = Vec::new();
            loop {
                let next = take.lock().await.recv().await;
                let Some((n, planned)) = next else { return anyhow::Ok(times) };
                connection.ask_well(&requests[n]).await?;
                times.push(planned.elapsed().as_secs_f64() * 1e3);
            }
        });
    }
    let began = Instant::now();
    let count = requests.len();
    // A thread of its own: the runtime's timers only know whole milliseconds.
    #[allow(clippy::disallowed_methods, reason = "this thread does nothing but keep the pace")]
    let pace = std::thread::spawn(move || {
        // The same pauses for every server.
        let mut chance = StdRng::seed_from_u64(7);
        let mut planned = began;
        for n in 0..count {
            planned += Duration::from_secs_f64(-(1.0 - chance.random::<f64>()).ln() / rate);
            std::thread::sleep(planned.saturating_duration_since(Instant::now()));
            if give.send((n, planned)).is_err() {
                return;
            }
        }
    });
    let all = all_of(work).await?;
    pace.join().map_err(|_| anyhow::anyhow!("the pace was lost"))?;
    Ok(Figures::of(all, began.elapsed().as_secs_f64()))
}

async fn all_of(mut work: JoinSet<anyhow::Result<Vec<f64>>>) -> anyhow::Result<Vec<f64>> {
    let mut all = Vec::new();
    while let Some(times) = work.join_next().await {
        all.extend(times??);
    }
    Ok(all)
}

/// The one in the middle; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// How busy the machine is, as it says itself.
pub fn load_average() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()
}

/// Keeps figures in `target/bench`.
pub fn write_figures(name: &str, figures: Map<String, Value>) -> anyhow::Result<()> {
    let folder = repository().join("target/bench");
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), serde_json::to_string_pretty(&Value::Object(figures))?)?)
}
