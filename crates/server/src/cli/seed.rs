//! `ringdeskd seed`: made-up data, the same for the same seed, for measuring.

use clap::Args;
use rand::{Rng, SeedableRng, rngs::StdRng};
use ringdesk_inbox::{Access, Clock, Inbox, MadeUp};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Seed {
    /// Where everything is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// How many conversations.
    #[arg(long, default_value_t = 100)]
    conversations: u32,
    /// How many texts in all.
    #[arg(long, default_value_t = 1_000)]
    texts: u32,
    /// The same seed makes the same data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Texts stored at once.
const BATCH: u32 = 2_000;

const WORDS: [&str; 48] = [
    "boiler", "leak", "kitchen", "Thursday", "morning", "quote", "thanks", "radiator", "please", "call",
    "garden", "tomorrow", "key", "gate", "invoice", "photo", "drain", "sink", "noise", "again", "number",
    "ready", "street", "water", "pressure", "valve", "bathroom", "window", "late", "early", "sure", "great",
    "maybe", "visit", "price", "hour", "today", "friend", "dog", "parking", "back", "door", "heating",
    "cold", "new", "old", "fixed", "when",
];

impl Seed {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let folder = crate::wiring::own(&self.data_dir).await?;
        let inbox = Inbox::open(folder.path(), Access::Own, Clock::System).await?;
        let mut rng = StdRng::seed_from_u64(self.seed);
        let people = self.conversations.max(1);
        let mut at = inbox.clock().now().0 - i64::from(self.texts) * 1_000;
        let mut left = self.texts;
        while left > 0 {
            let batch = (0..left.min(BATCH)).map(|_| {
                at += 1_000;
                made_up(&mut rng, people, at)
            });
            let batch: Vec<MadeUp> = batch.collect();
            left -= u32::try_from(batch.len()).unwrap_or(left);
            inbox.make_up(batch).await?;
        }
        inbox.close().await;
        Ok(())
    }
}

fn made_up(rng: &mut StdRng, people: u32, at: i64) -> MadeUp {
    let person = rng.random_range(0..people);
    let words = rng.random_range(3..=18);
    let body: Vec<&str> = (0..words).map(|_| WORDS[rng.random_range(0..WORDS.len())]).collect();
    MadeUp {
        // 555 numbers: nobody's.
        customer: format!("+1{:03}555{:04}", 200 + person / 10_000 % 800, person % 10_000),
        incoming: rng.random_bool(0.6),
        body: body.join(" "),
        at_ms: at,
    }
}
