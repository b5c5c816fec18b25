use super::*;
use crate::testing::speech;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// How long `helen.wav` is.
const LENGTH_MS: u64 = 7_995;
/// What the test's loudspeakers have between the voice and the ear.
const LATENCY_MS: u64 = 80;

/// Loudspeakers that count how often they were opened, or are not there.
#[derive(Clone, Default)]
struct Few {
    opened: Rc<RefCell<Vec<Option<String>>>>,
    open_now: Rc<Cell<usize>>,
    none: Rc<Cell<bool>>,
}

/// Closes when it is dropped.
struct Closing(Rc<Cell<usize>>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Loudspeakers for Few {
    fn open(
        &mut self,
        device: Option<&str>,
        _voice: &Arc<Mutex<Voice>>,
        _opening: u64,
    ) -> Result<Loudspeaker, Trouble> {
        if self.none.get() {
            return Err(Trouble::NoDevice);
        }
        self.opened.borrow_mut().push(device.map(str::to_owned));
        self.open_now.set(self.open_now.get() + 1);
        let stream = Box::new(Closing(self.open_now.clone()));
        Ok(Loudspeaker { latency: Duration::from_millis(LATENCY_MS), _stream: stream })
    }
}

type Told = Box<dyn Fn(Playing)>;

/// A player in a quiet room: its clock moves when told, and its loudspeaker takes what it would have taken.
struct Room {
    deck: Deck<Few, Box<dyn Fn() -> Instant>, Told>,
    loudspeakers: Few,
    now: Rc<Cell<Instant>>,
    reports: Rc<RefCell<Vec<Playing>>>,
}

impl Room {
    fn new() -> Self {
        let (loudspeakers, reports) = (Few::default(), Rc::new(RefCell::new(Vec::new())));
        let now = Rc::new(Cell::new(Instant::now()));
        let (clock, told) = (now.clone(), reports.clone());
        let clock: Box<dyn Fn() -> Instant> = Box::new(move || clock.get());
        let report: Box<dyn Fn(Playing)> = Box::new(move |playing| told.borrow_mut().push(playing));
        Self { deck: Deck::new(loudspeakers.clone(), clock, report), loudspeakers, now, reports }
    }

    /// One on which Helen speaks.
    fn playing(at_ms: u64, speed: f32) -> Self {
        let mut room = Self::new();
        room.plays("helen.wav", at_ms, speed, None);
        room
    }

    fn plays(&mut self, name: &str, at_ms: u64, speed: f32, device: Option<&str>) {
        let (what, device) = (name.to_owned(), device.map(str::to_owned));
        self.deck.take(Order::Play(Play { what, path: speech(name), at_ms, speed, device }));
    }

    /// Time passes while a loudspeaker takes ten milliseconds after ten.
    fn passes(&mut self, ms: u64) {
        for _ in 0..ms / 10 {
            if self.loudspeakers.open_now.get() > 0 {
                held(&self.deck.voice).render(&mut [0.0; 480], self.now.get());
            }
            self.waits(10);
        }
    }

    /// Time passes in which no loudspeaker takes anything.
    fn waits(&mut self, ms: u64) {
        self.now.set(self.now.get() + Duration::from_millis(ms));
        self.deck.tick();
    }

    fn last(&self) -> Playing {
        self.reports.borrow().last().expect("a report").clone()
    }

    fn shows(&self, state: State, position_ms: u64, played_ms: u64) {
        let last = self.last();
        let near = |a: u64, b: u64| a.abs_diff(b) <= 10;
        assert!(
            last.state == state && near(last.position_ms, position_ms) && near(last.played_ms, played_ms),
            "{state:?} at {position_ms}, {played_ms} heard, but: {last:?}"
        );
    }
}

#[test]
fn nothing_is_opened_before_something_plays() {
    let mut room = Room::new();
    let orders =
        [Order::Pause, Order::Resume, Order::Seek(5), Order::Speed(2.0), Order::Stop, Order::Lost(1)];
    for order in orders {
        room.deck.take(order);
        room.passes(100);
    }
    assert_eq!(room.loudspeakers.opened.borrow().len(), 0);
    assert_eq!(room.deck.wait(), None);
    assert_eq!(room.reports.borrow().len(), 0);
}

#[test]
fn it_is_told_four_times_a_second_where_the_ear_is() {
    let mut room = Room::playing(0, 1.0);
    room.shows(State::Playing, 0, 0);
    assert_eq!(room.last().length_ms, LENGTH_MS);
    assert_eq!(room.last().what.as_deref(), Some("helen.wav"));
    assert_eq!(room.deck.wait(), Some(QUARTER));
    room.passes(1_000);
    assert_eq!(room.reports.borrow().len(), 5);
    // Ten milliseconds were taken just now; those and seventy before them are on their way.
    room.shows(State::Playing, 1_000 - LATENCY_MS + 10, 1_000 - LATENCY_MS + 10);
}

#[test]
fn a_pause_is_exact_and_what_is_on_its_way_is_heard() {
    let mut room = Room::playing(2_000, 1.0);
    room.passes(500);
    room.deck.take(Order::Pause);
    assert_eq!((room.last().position_ms, room.last().played_ms), (2_500, 500));
    room.passes(1_000);
    assert_eq!(room.last().state, State::Paused);
    room.deck.take(Order::Resume);
    room.shows(State::Playing, 2_500, 500);
    room.passes(500);
    room.deck.take(Order::Pause);
    assert_eq!((room.last().position_ms, room.last().played_ms), (3_000, 1_000));
}

#[test]
fn faster_counts_in_the_recordings_time() {
    let mut room = Room::playing(0, 2.0);
    room.passes(1_000);
    room.deck.take(Order::Pause);
    let last = room.last();
    assert!(last.position_ms.abs_diff(2_000) < 50 && last.played_ms == last.position_ms, "{last:?}");
    assert!((last.speed - 2.0).abs() < f32::EPSILON);
}

#[test]
fn another_speed_loses_no_place_and_never_goes_back() {
    let mut room = Room::playing(0, 1.0);
    room.passes(1_000);
    for speed in [2.0, 1.5, 1.0] {
        room.deck.take(Order::Speed(speed));
        room.passes(500);
    }
    room.deck.take(Order::Pause);
    let last = room.last();
    assert!(last.position_ms.abs_diff(1_000 + 1_000 + 750 + 500) < 60, "{last:?}");
    assert_eq!(last.position_ms, last.played_ms);
    let positions: Vec<u64> = room.reports.borrow().iter().map(|report| report.position_ms).collect();
    assert!(positions.is_sorted(), "{positions:?}");
    // While it waits, only the speed changes.
    room.deck.take(Order::Speed(f32::NAN));
    assert_eq!(room.last().position_ms, last.position_ms);
    assert!((room.last().speed - 1.0).abs() < f32::EPSILON);
}

#[test]
fn what_was_jumped_over_was_not_heard() {
    let mut room = Room::playing(0, 1.0);
    room.passes(500);
    room.deck.take(Order::Seek(6_000));
    room.shows(State::Playing, 6_000, 500);
    room.passes(1_000);
    room.deck.take(Order::Seek(100));
    room.shows(State::Playing, 100, 1_500);
    room.passes(300);
    room.deck.take(Order::Stop);
    room.shows(State::Idle, 400, 1_800);
    assert_eq!(room.last().what.as_deref(), Some("helen.wav"));
}

#[test]
fn what_waits_goes_on_waiting_somewhere_else() {
    let mut room = Room::playing(0, 1.0);
    room.passes(200);
    room.deck.take(Order::Pause);
    room.deck.take(Order::Seek(4_321));
    assert_eq!((room.last().state, room.last().position_ms), (State::Paused, 4_321));
    room.passes(1_000);
    room.deck.take(Order::Resume);
    room.shows(State::Playing, 4_321, 200);
}

#[test]
fn the_end_is_told_when_the_ear_is_there() {
    let mut room = Room::playing(LENGTH_MS - 500, 1.0);
    room.passes(500);
    assert_eq!(room.last().state, State::Playing);
    room.passes(LATENCY_MS + 20);
    assert_eq!(room.last().state, State::Ended);
    assert_eq!((room.last().position_ms, room.last().length_ms), (LENGTH_MS, LENGTH_MS));
    room.shows(State::Ended, LENGTH_MS, 500);
    // Once more, from the beginning.
    room.deck.take(Order::Resume);
    room.shows(State::Playing, 0, 500);
}

#[test]
fn a_place_at_the_end_is_the_end_and_playing_there_begins_anew() {
    let mut room = Room::playing(LENGTH_MS, 1.0);
    room.shows(State::Playing, 0, 0);
    room.passes(100);
    room.deck.take(Order::Seek(u64::MAX));
    room.shows(State::Ended, LENGTH_MS, 100);
    room.deck.take(Order::Seek(1_000));
    room.shows(State::Paused, 1_000, 100);
    room.deck.take(Order::Seek(LENGTH_MS + 1));
    room.shows(State::Ended, LENGTH_MS, 100);
}

#[test]
fn the_recording_before_says_last_where_it_stopped() {
    let mut room = Room::playing(1_000, 1.0);
    room.passes(500);
    room.plays("helen.mp3", 0, 1.0, None);
    let reports = room.reports.borrow();
    let [.., before, now] = reports.as_slice() else { panic!("two reports") };
    assert_eq!((before.what.as_deref(), before.state), (Some("helen.wav"), State::Idle));
    assert_eq!((before.position_ms, before.played_ms), (1_500, 500));
    assert_eq!((now.what.as_deref(), now.state), (Some("helen.mp3"), State::Playing));
    assert_eq!((now.position_ms, now.played_ms), (0, 0));
}

#[test]
fn a_loudspeaker_is_let_go_when_nothing_plays() {
    let mut room = Room::playing(0, 1.0);
    room.passes(6_000);
    assert_eq!(room.loudspeakers.open_now.get(), 1);
    room.deck.take(Order::Pause);
    assert_eq!(room.deck.wait(), Some(IDLE));
    room.passes(4_000);
    assert_eq!(room.loudspeakers.open_now.get(), 1);
    room.passes(1_010);
    assert_eq!(room.loudspeakers.open_now.get(), 0);
    assert_eq!(room.deck.wait(), None);
    room.deck.take(Order::Resume);
    room.shows(State::Playing, 6_000, 6_000);
    assert_eq!(room.loudspeakers.opened.borrow().len(), 2);
}

#[test]
fn without_a_loudspeaker_it_says_so_and_tries_again_when_asked() {
    let mut room = Room::new();
    room.loudspeakers.none.set(true);
    room.plays("helen.wav", 3_000, 1.5, None);
    room.shows(State::Trouble, 3_000, 0);
    assert_eq!((room.last().trouble, room.last().length_ms), (Some(Trouble::NoDevice), LENGTH_MS));
    room.deck.take(Order::Seek(4_000));
    room.shows(State::Trouble, 4_000, 0);
    room.loudspeakers.none.set(false);
    room.deck.take(Order::Resume);
    room.shows(State::Playing, 4_000, 0);
    assert_eq!(room.last().trouble, None);
}

#[test]
fn a_lost_loudspeaker_keeps_the_place_for_the_next_one() {
    let mut room = Room::playing(0, 1.0);
    room.passes(1_000);
    // Of one that was closed long ago.
    room.deck.take(Order::Lost(0));
    assert_eq!(room.last().state, State::Playing);
    room.deck.take(Order::Lost(1));
    room.shows(State::Trouble, 1_000 - LATENCY_MS + 10, 1_000 - LATENCY_MS + 10);
    assert_eq!(room.last().trouble, Some(Trouble::DeviceLost));
    assert_eq!(room.loudspeakers.open_now.get(), 0);
    let place = room.last().position_ms;
    room.passes(10_000);
    room.plays("helen.wav", place, 1.0, None);
    room.shows(State::Playing, place, 0);
    assert_eq!(room.loudspeakers.open_now.get(), 1);
}

#[test]
fn one_that_takes_nothing_is_lost_without_a_word() {
    let mut room = Room::playing(0, 1.0);
    room.passes(1_000);
    room.waits(2_900);
    assert_eq!(room.last().state, State::Playing);
    room.waits(200);
    assert_eq!(room.last().trouble, Some(Trouble::DeviceLost));
    // And lost while it waits, it is no trouble: the next one is opened.
    let mut room = Room::playing(0, 1.0);
    room.passes(100);
    room.deck.take(Order::Pause);
    room.deck.take(Order::Lost(1));
    assert_eq!(room.last().state, State::Paused);
    room.deck.take(Order::Resume);
    assert_eq!(room.loudspeakers.opened.borrow().len(), 2);
}

#[test]
fn another_device_is_opened_after_the_one_before_is_closed() {
    let mut room = Room::new();
    room.plays("helen.wav", 0, 1.0, Some("alsa:pulse"));
    room.plays("helen.wav", 0, 1.0, Some("alsa:pulse"));
    room.plays("helen.wav", 0, 1.0, None);
    assert_eq!(*room.loudspeakers.opened.borrow(), [Some("alsa:pulse".to_owned()), None]);
    assert_eq!(room.loudspeakers.open_now.get(), 1);
}

#[test]
fn what_cannot_be_played_is_told_and_keeps_its_place() {
    let mut room = Room::playing(0, 1.0);
    for name in ["README.md", "nobody.wav"] {
        room.plays(name, 1_234, 1.0, None);
        let last = room.last();
        assert_eq!((last.state, last.trouble), (State::Trouble, Some(Trouble::Unplayable)));
        assert_eq!((last.what.as_deref(), last.position_ms, last.length_ms), (Some(name), 1_234, 0));
        room.deck.take(Order::Seek(0));
        room.deck.take(Order::Resume);
        assert_eq!(room.last().position_ms, 1_234);
    }
    room.waits(60_000);
    assert_eq!(room.last().state, State::Trouble);
    assert_eq!(room.deck.wait(), None);
}
