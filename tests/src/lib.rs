//! Helpers the stories share: an office with a practice line, and a real desktop to open windows on. And
//! what the benchmarks share.

pub mod asleep;
pub mod chromium;
pub mod desktop;
mod driver;
pub mod hand;
pub mod history;
pub mod host;
pub mod loudspeaker;
pub mod measure;
pub mod office;
pub mod owner;
pub mod programs;
pub mod smtp;
pub mod tray;
pub mod tunnels;
pub mod voicemail;
pub mod wire;

use std::{
    net::TcpListener,
    sync::{
        LazyLock, Once,
        atomic::{AtomicU16, Ordering},
    },
    thread,
    time::Duration,
};

/// Longest a program of tests may run; each needs a few minutes of it.
const WHOLE_RUN: Duration = Duration::from_secs(30 * 60);

/// Ends this program of tests in failure should it get stuck: a red run tells more than one that never
/// ends. The test runner names the test that was still running.
#[allow(clippy::print_stderr, reason = "nobody else is left to say it")]
pub fn end_if_stuck() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        thread::spawn(|| {
            let (_never, nothing) = std::sync::mpsc::channel::<()>();
            let _ = nothing.recv_timeout(WHOLE_RUN);
            eprintln!("stuck for {} minutes: ended", WHOLE_RUN.as_secs() / 60);
            std::process::abort();
        });
    });
}

/// A port of this computer where nobody listens, for whoever will in a moment: none of those the system gives
/// to others meanwhile, and another one each time.
pub fn free_port() -> std::io::Result<u16> {
    const FIRST: u16 = 12_000;
    const PORTS: u16 = 16_000;
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(rand::random()));
    loop {
        let port = FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % PORTS;
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => return Ok(port),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
}
