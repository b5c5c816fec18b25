//! `cargo xtask bench voice`: how soon callers are answered while texts are stored, beside a handler that
//! does nothing, in one run.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark prints numbers")]

use anyhow::Context;
use axum::{
    Router,
    body::Bytes,
    routing::{get, post},
    serve::ListenerExt,
};
use ringdesk_tests::measure::{
    ACCOUNT, LINE, Lane, healthy, kept, load_average, median, open_loop, posted, ringdeskd, serving, text,
    write_figures,
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    env, fs,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    task::JoinSet,
};

const ROUNDS: usize = 3;
/// Calls a second.
const RATE: f64 = 200.0;
/// Calls of a measurement: 20 s of them.
const CALLS: usize = 4_000;
/// Calls before a measurement, a second of them.
const WARM: usize = 200;
/// Connections that text.
const TEXTING: usize = 8;
/// Milliseconds: what callers may wait at p99, and what they should.
const MUST: f64 = 100.0;
const AIM: f64 = 15.0;

const DOOR: &str = "/phone/twilio/voice/inbound";
/// How this program is told to be the handler that does nothing.
const NOTHING: &str = "--nothing-at";

/// Who answers calls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Who {
    Ringdesk,
    Nothing,
}

type Table = BTreeMap<(&'static str, Who), Vec<f64>>;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [flag, port] = &arguments[..]
        && flag == NOTHING
    {
        return ringdesk_server::runtime()?.block_on(do_nothing(port.parse()?));
    }
    let rounds = arguments.first().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    tokio::runtime::Runtime::new()?.block_on(bench(rounds))
}

/// Takes calls and does nothing, on a runtime like ours.
async fn do_nothing(port: u16) -> anyhow::Result<()> {
    let router =
        Router::new().route("/healthz", get(|| async {})).route(DOOR, post(|_whole: Bytes| async {}));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(|stream| {
        // Only its speed would suffer.
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

async fn bench(rounds: usize) -> anyhow::Result<()> {
    let load = load_average();
    // Made before anything is timed; both get the same.
    let (warm, calls) = (Arc::new(calls(0, WARM)), Arc::new(calls(1_000, CALLS)));
    let mut table = Table::new();
    for round in 0..rounds {
        println!("  round {} of {rounds}", round + 1);
        let house = House::open().await?;
        let nothing = Nothing::open().await?;
        rings_both_phones(house.port).await?;
        // We go second, where more is stored already.
        for (who, port, first) in
            [(Who::Nothing, nothing.port, 1_000_000), (Who::Ringdesk, house.port, 2_000_000)]
        {
            let texting = Texting::begin(house.port, first);
            open_loop(port, warm.clone(), RATE).await?;
            let figures = open_loop(port, calls.clone(), RATE).await?;
            let texts = texting.end().await?;
            let noted = [
                ("calls/s", figures.rate),
                ("p50 ms", figures.p50),
                ("p99 ms", figures.p99),
                ("worst ms", figures.worst),
                ("texts/s meanwhile", texts),
            ];
            for (what, value) in noted {
                table.entry((what, who)).or_default().push(value);
            }
        }
        table.entry(("not kept", Who::Ringdesk)).or_default().push(house.not_kept_once().await?);
        for mut child in [nothing.child, house.child] {
            child.kill().await?;
        }
    }
    print(&table, &load)
}

/// Signed calls, each from somebody else.
fn calls(first: usize, count: usize) -> Vec<Vec<u8>> {
    (first..first + count).map(call).collect()
}

fn sid(n: usize) -> String {
    format!("CA{n:032x}")
}

fn call(n: usize) -> Vec<u8> {
    let (sid, from) = (sid(n), format!("+1415{:07}", 2_000_000 + n));
    let fields: [(&str, &str); 27] = [
        ("AccountSid", ACCOUNT),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", &sid),
        ("CallStatus", "ringing"),
        ("CallToken", "%7B%22parentCallInfoToken%22%3A%22a.b.c%22%7D"),
        ("Called", LINE),
        ("CalledCity", ""),
        ("CalledCountry", "US"),
        ("CalledState", "CA"),
        ("CalledZip", ""),
        ("Caller", &from),
        ("CallerCity", "SAN FRANCISCO"),
        ("CallerCountry", "US"),
        ("CallerState", "CA"),
        ("CallerZip", "94103"),
        ("Direction", "inbound"),
        ("From", &from),
        ("FromCity", "SAN FRANCISCO"),
        ("FromCountry", "US"),
        ("FromState", "CA"),
        ("FromZip", "94103"),
        ("StirVerstat", "TN-Validation-Passed-A"),
        ("To", LINE),
        ("ToCity", ""),
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("ToZip", ""),
    ];
    posted(DOOR, n, &fields)
}

/// One call that is not counted, to know that what is timed is the whole answer.
async fn rings_both_phones(port: u16) -> anyhow::Result<()> {
    let mut lane = Lane::open(port).await?;
    lane.ask_well(&call(999)).await?;
    let answer = String::from_utf8_lossy(lane.answer());
    let both = answer.matches("</Number>").count() == 2 && answer.contains("/voice/screen");
    anyhow::ensure!(both, "a call does not ring two phones: {answer}");
    Ok(())
}

/// `ringdeskd serve` on a fresh folder, for a business that is open and has two phones.
struct House {
    port: u16,
    child: Child,
    folder: TempDir,
}

impl House {
    async fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (data, patch) = (folder.path().join("office"), folder.path().join("patch.json"));
        fs::write(&patch, settings().to_string())?;
        let patch = patch.to_str().context("a path")?;
        let applied = ringdeskd(&["settings", "apply", patch], &data).output().await?;
        anyhow::ensure!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        let port = ringdesk_tests::free_port()?;
        let child = start(serving(&data, port))?;
        healthy(port).await.context("ringdeskd")?;
        Ok(Self { port, child, folder })
    }

    /// How many of the answered calls are not in the export exactly once, and how many it has besides.
    async fn not_kept_once(&self) -> anyhow::Result<f64> {
        let kept = kept(&self.folder.path().join("office"), "call").await?;
        let asked = || (0..WARM).chain([999]).chain(1_000..1_000 + CALLS);
        let wrong = asked().filter(|n| kept.get(&sid(*n)) != Some(&1)).count();
        Ok((wrong + kept.len().abs_diff(asked().count())) as f64)
    }
}

fn settings() -> Value {
    let always = json!([{ "from": "00:00", "to": "24:00" }]);
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: Map<String, Value> = days.map(|day| (day.to_owned(), always.clone())).into_iter().collect();
    json!({
        "business_name": "Bell & Daughter",
        "time_zone": "America/Los_Angeles",
        "hours": { "week": week },
        "calls": {
            "phones": [
                { "name": "Nora", "number": "+14155550107" },
                { "name": "Sam", "number": "+14155550108" },
            ],
            "screening": true,
        },
    })
}

/// This program once more, as the handler that does nothing: a process of its own, as ours is.
struct Nothing {
    port: u16,
    child: Child,
}

impl Nothing {
    async fn open() -> anyhow::Result<Self> {
        let port = ringdesk_tests::free_port()?;
        let mut command = Command::new(env::current_exe()?);
        command.args([NOTHING, &port.to_string()]);
        let child = start(command)?;
        healthy(port).await.context("the handler that does nothing")?;
        Ok(Self { port, child })
    }
}

fn start(mut command: Command) -> anyhow::Result<Child> {
    Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn()?)
}

/// Connections that text as soon as they were answered.
struct Texting {
    began: Instant,
    enough: Arc<AtomicBool>,
    lanes: JoinSet<anyhow::Result<usize>>,
}

impl Texting {
    /// `first` is the number of the first text; none of them may have come before.
    fn begin(port: u16, first: usize) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let mut lanes = JoinSet::new();
        for lane in 0..TEXTING {
            let enough = enough.clone();
            lanes.spawn(async move {
                let mut connection = Lane::open(port).await?;
                let mut taken = 0;
                while !enough.load(Ordering::Relaxed) {
                    // Made on the way: how many there will be is not known before.
                    connection.ask_well(&text(first + taken * TEXTING + lane)).await.context("a text")?;
                    taken += 1;
                }
                anyhow::Ok(taken)
            });
        }
        Self { began: Instant::now(), enough, lanes }
    }

    /// Ends it; says how many were stored in a second.
    async fn end(mut self) -> anyhow::Result<f64> {
        self.enough.store(true, Ordering::Relaxed);
        let mut taken = 0;
        while let Some(lane) = self.lanes.join_next().await {
            taken += lane??;
        }
        Ok(taken as f64 / self.began.elapsed().as_secs_f64())
    }
}

fn print(table: &Table, load: &str) -> anyhow::Result<()> {
    let get = |what: &'static str, who: Who| median(table.get(&(what, who)).cloned().unwrap_or_default());
    let ratio = |what| get(what, Who::Ringdesk) / get(what, Who::Nothing);
    let mut figures = Map::new();
    println!("\n{:<24}{:>14}{:>16}{:>10}", "medians", "ringdeskd", "empty handler", "ratio");
    for what in ["p50 ms", "p99 ms", "worst ms", "calls/s", "texts/s meanwhile"] {
        let (ours, nothing) = (get(what, Who::Ringdesk), get(what, Who::Nothing));
        println!("{what:<24}{ours:>14.2}{nothing:>16.2}{:>10.2}", ratio(what));
        figures.insert(what.into(), json!([ours, nothing]));
    }
    let p99 = get("p99 ms", Who::Ringdesk);
    let missing: f64 = table.get(&("not kept", Who::Ringdesk)).into_iter().flatten().sum();
    let verdict =
        |most: f64, reached: f64| format!("≤ {most}: {}", if reached <= most { "met" } else { "NOT MET" });
    println!("\n{:<50}{:>10}", format!("voice, {RATE} calls/s while texts are stored"), "reached");
    println!("{:<50}{p99:>10.2}  must {}; aim {}", "p99 ms", verdict(MUST, p99), verdict(AIM, p99));
    println!("{:<50}{:>10.2}", "p99, x an empty handler", ratio("p99 ms"));
    println!("{:<50}{:>10.2}", "p50, x an empty handler", ratio("p50 ms"));
    println!("{:<50}{missing:>10.0}  must {}", "answered and not kept exactly once", verdict(0.0, missing));
    let after = load_average();
    println!("\nload before: {load}; after: {after}");
    let voice =
        json!({ "reached": p99, "must": MUST, "met": p99 <= MUST, "aim": AIM, "aim met": p99 <= AIM });
    figures.insert("voice p99 ms".into(), voice);
    figures.insert("p99, x an empty handler".into(), json!(ratio("p99 ms")));
    figures.insert("p50, x an empty handler".into(), json!(ratio("p50 ms")));
    let lost = json!({ "reached": missing, "must": 0, "met": missing <= 0.0 });
    figures.insert("answered and not kept exactly once".into(), lost);
    figures.insert("load".into(), json!({ "before": load, "after": after }));
    write_figures("voice.json", figures)
}
