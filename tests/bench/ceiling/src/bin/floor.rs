//! Whole text transactions a second at FULL sync, 32 in a commit, one thread, no server.

#[path = "../office.rs"]
mod office;

use office::{Event, Office};
use std::time::Instant;

fn main() -> rusqlite::Result<()> {
    let file = std::env::temp_dir().join(format!("ringdesk-floor-{}.db", std::process::id()));
    let office = Office::open(&file)?;
    let make = |n: u32| {
        let mut key = [0_u8; 32];
        key[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
        let words = format!("Hello, could somebody look at the boiler on Thursday morning? Number {n}, thank you.");
        let fields = [format!("SM{n:032x}"), format!("+1415555{:04}", n % 2_000), "+15005550006".into(), words];
        Event { key, payload: vec![b'x'; 650], status: false, fields, at: i64::from(n) }
    };
    let events: Vec<Event> = (0..32_000).map(make).collect();
    let began = Instant::now();
    for group in events.chunks(32) {
        office.commit(group.iter())?;
        office.index()?;
    }
    println!("{:.0}", f64::from(32_000_u32) / began.elapsed().as_secs_f64());
    drop(office);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    Ok(())
}
