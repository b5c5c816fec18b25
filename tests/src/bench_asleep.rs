//! `cargo xtask bench asleep`: how soon everything is here that came while the program was off, with a Twilio
//! that takes 100 ms for each answer, beside asking it for the same pages and doing nothing with them.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "a benchmark prints numbers")]

use anyhow::Context;
use ringdesk_sandbox::{Config, Rang, Sandbox};
use ringdesk_tests::{
    host::client,
    measure::{ACCOUNT, LINE, TOKEN, healthy, kept, load_average, ringdeskd, write_figures},
};
use serde_json::{Map, Value, json};
use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::process::Child;

/// How long the pretend Twilio takes for an answer, in milliseconds.
const LATENCY_MS: u64 = 100;
/// Seconds until everything is here: what must be reached for each amount.
const LOADS: [(usize, usize, usize, f64); 2] = [(500, 40, 20, 60.0), (10_000, 40, 20, 30.0)];
/// A round that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut figures = Map::new();
    let load = load_average();
    println!(
        "{:<34}{:>10}{:>12}{:>14}{:>8}",
        "came meanwhile", "seconds", "requests", "only asking s", "ratio"
    );
    for (texts, calls, voicemails, must) in LOADS {
        let name = format!("{texts} texts, {calls} calls, {voicemails} voicemails");
        let (seconds, requests, floor) = round(texts, calls, voicemails).await?;
        println!("{name:<34}{seconds:>10.2}{requests:>12}{floor:>14.2}{:>8.2}", seconds / floor);
        println!("    must ≤ {must} s: {}", if seconds <= must { "met" } else { "NOT MET" });
        figures.insert(
            name,
            json!({ "seconds": seconds, "requests": requests, "only asking": floor,
                    "ratio": seconds / floor, "must": must, "met": seconds <= must }),
        );
    }
    figures.insert("load".into(), json!({ "before": load, "after": load_average() }));
    write_figures("asleep.json", figures)
}

/// One morning: seconds until everything is here, requests it took, and seconds for as many requests for pages alone.
async fn round(texts: usize, calls: usize, voicemails: usize) -> anyhow::Result<(f64, u64, f64)> {
    let sandbox = Sandbox::start(Config {
        account_sid: ACCOUNT.into(),
        auth_token: TOKEN.into(),
        numbers: vec![LINE.into()],
        pace: 0.0,
        ..Config::practice()
    })
    .await?;
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("office");
    let (host, api) = start(&sandbox, &data).await?;
    until_complete(&data, api, 0).await?;
    stop(host).await?;
    let off_ms = now_ms();
    for n in 0..texts {
        let from = format!("+1415555{:04}", n % 2_000);
        sandbox.arrived(
            &from,
            LINE,
            &format!("Could somebody look at the boiler? Number {n}, thank you."),
            off_ms,
        );
    }
    for n in 0..calls + voicemails {
        let how = if n < calls { Rang::HungUp } else { Rang::LeftMessage(8) };
        sandbox.rang(&format!("+1628555{n:04}"), LINE, off_ms, how);
    }
    sandbox.set_latency_ms(LATENCY_MS);
    let before = sandbox.asked();
    let began = Instant::now();
    let (host, api) = start(&sandbox, &data).await?;
    until_complete(&data, api, off_ms).await?;
    let seconds = began.elapsed().as_secs_f64();
    let requests = sandbox.asked() - before;
    stop(host).await?;
    for (kind, expected) in [("text", texts), ("call", calls + voicemails), ("voicemail", voicemails)] {
        let there: usize = kept(&data, kind).await?.values().sum();
        anyhow::ensure!(there == expected, "{there} of {expected} of kind {kind} are here");
    }
    let floor = only_asking(&sandbox, texts).await?;
    sandbox.stop().await;
    Ok((seconds, requests, floor))
}

/// Seconds to ask for the same lists and each call's legs, one after the other, and to do nothing with them.
async fn only_asking(sandbox: &Sandbox, texts: usize) -> anyhow::Result<f64> {
    let began = Instant::now();
    let base = format!("{}/2010-04-01/Accounts/{ACCOUNT}", sandbox.url());
    let mut paths = vec!["/Calls.json?PageSize=1000".to_owned(), "/Recordings.json?PageSize=1000".to_owned()];
    paths.extend((0..texts.div_ceil(1_000)).map(|page| format!("/Messages.json?PageSize=1000&Page={page}")));
    for path in paths {
        let answer = client().get(format!("{base}{path}")).basic_auth(ACCOUNT, Some(TOKEN)).send().await?;
        anyhow::ensure!(answer.status().is_success(), "the pretend Twilio refused");
        answer.bytes().await?;
    }
    Ok(began.elapsed().as_secs_f64())
}

async fn start(sandbox: &Sandbox, data: &Path) -> anyhow::Result<(Child, u16)> {
    let (port, api) = (ringdesk_tests::free_port()?, ringdesk_tests::free_port()?);
    let (listen, desk) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{api}"));
    let here = format!("http://{listen}");
    let arguments =
        ["serve", "--twilio-url", sandbox.url(), "--public-url", &here, "--listen", &listen, "--api", &desk];
    let host = ringdeskd(&arguments, data).stdout(Stdio::null()).kill_on_drop(true).spawn()?;
    healthy(port).await?;
    Ok((host, api))
}

/// Waits until everything of before a moment is here.
async fn until_complete(data: &Path, api: u16, after_ms: i64) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let state = ask(data, api).await?;
        let complete = state["complete_to"].as_i64().is_some_and(|to| to > after_ms);
        if complete && state["running"] == false && state["history"]["state"] == "done" {
            return Ok(());
        }
        anyhow::ensure!(began.elapsed() < PATIENCE, "it was never complete: {state}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ask(data: &Path, api: u16) -> anyhow::Result<Value> {
    let token = std::fs::read_to_string(data.join("api-token")).context("no token")?;
    let url = format!("http://127.0.0.1:{api}/api/catch_up_state");
    let answer = client().post(url).bearer_auth(token).json(&json!({})).send().await?;
    Ok(answer.json().await?)
}

async fn stop(mut host: Child) -> anyhow::Result<()> {
    host.kill().await?;
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "a benchmark is about real time")]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
