//! Whatever goes wrong between Twilio and this computer, in the end the office has what Twilio has. Histories
//! are made up from seeds, and a hundred of them happen together in one office. `RINGDESK_SEEDS` says how
//! many seeds there are, and `RINGDESK_SEED` names one that shall happen alone.

use ringdesk_tests::history::{Turn, only, place_of, together, told, truth::Wrong, without, world::World};
use std::{
    any::Any,
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use tokio::runtime::Builder;

/// Seeds there are unless more or fewer are asked for.
const SEEDS: u64 = 600;
/// As many happen together in one office.
const TOGETHER: usize = 100;
/// As many offices are open at once.
const OFFICES: usize = 2;

#[test]
fn every_history_ends_in_what_twilio_has() {
    let seeds = seeds();
    let batches: Vec<&[u64]> = seeds.chunks(TOGETHER).collect();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..OFFICES.min(batches.len()) {
            scope.spawn(|| {
                while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let turns = together(batch);
                    let wrong = happen(&turns);
                    if !wrong.is_empty() {
                        // One failure is enough to look into.
                        next.store(batches.len(), Ordering::Relaxed);
                        let said = explained(batch, &turns, wrong);
                        failed.lock().expect("nobody panics with it").get_or_insert(said);
                    }
                }
            });
        }
    });
    if let Some(said) = failed.into_inner().expect("nobody panics with it") {
        panic!("{said}");
    }
}

fn seeds() -> Vec<u64> {
    let asked = |name: &str| env::var(name).ok().map(|value| value.parse::<u64>().expect("a number"));
    match (asked("RINGDESK_SEED"), asked("RINGDESK_SEEDS")) {
        (Some(seed), _) => vec![seed],
        (None, count) => (0..count.unwrap_or(SEEDS)).collect(),
    }
}

/// All this happens in an office of its own: what is different at the end, or what nobody expected meanwhile.
fn happen(turns: &[Turn]) -> Vec<Wrong> {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let happening = async {
        let mut world = World::open().await;
        world.happens(turns).await;
        let wrong = world.settles().await;
        world.close().await;
        wrong
    };
    let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(happening)));
    ended.unwrap_or_else(|panicked| vec![Wrong { customer: String::new(), what: words(panicked.as_ref()) }])
}

fn words(panicked: &(dyn Any + Send)) -> String {
    let said = panicked.downcast_ref::<String>().cloned();
    said.or_else(|| panicked.downcast_ref::<&str>().map(|said| (*said).to_owned())).unwrap_or_default()
}

/// The seed, as little of its history as still goes wrong, and what does.
fn explained(batch: &[u64], turns: &[Turn], wrong: Vec<Wrong>) -> String {
    let of_one = wrong.iter().find_map(|wrong| place_of(&wrong.customer));
    let Some((place, seed)) = of_one.and_then(|place| Some((place, batch.get(place)?))) else {
        let (first, last) = (batch.first(), batch.last());
        return format!("with the seeds {first:?} to {last:?} together: {}", listed(&wrong));
    };
    let alone = only(turns, place);
    let again = happen(&alone);
    if again.is_empty() {
        let of_it: Vec<Wrong> =
            wrong.into_iter().filter(|wrong| place_of(&wrong.customer) == Some(place)).collect();
        return format!(
            "seed {seed}, only among those that happen with it:\n{}{}",
            told(&alone),
            listed(&of_it)
        );
    }
    let (turns, wrong) = smallest(alone, again);
    format!("seed {seed} (RINGDESK_SEED={seed} for its whole history):\n{}{}", told(&turns), listed(&wrong))
}

/// Leaves out whatever need not happen for it to go wrong.
fn smallest(mut turns: Vec<Turn>, mut wrong: Vec<Wrong>) -> (Vec<Turn>, Vec<Wrong>) {
    let mut thing = 0;
    while let Some(fewer) = without(&turns, thing) {
        let still = happen(&fewer);
        if still.is_empty() {
            thing += 1;
        } else {
            (turns, wrong) = (fewer, still);
        }
    }
    (turns, wrong)
}

fn listed(wrong: &[Wrong]) -> String {
    let lines: Vec<String> =
        wrong.iter().map(|wrong| format!("wrong: {} {}", wrong.customer, wrong.what)).collect();
    lines.join("\n")
}
