//! What happens to a call: one case per rule, then whatever settings anybody could make.

use jiff::{Timestamp, tz::TimeZone};
use proptest::{collection::vec, option, prelude::*, sample::select};
use ringdesk_domain::{
    Address, Moment, Settings,
    address::AddressKind,
    hours::{Day, Holiday, Hours, Week, Window},
    quiet::TimeOfDay,
    routing::{
        AfterHours, Caller, CallerId, Decision, Greeting, LineRules, MOST_PHONES, Phone, Plan, Ring, Warning,
        Which, Why, decide, warnings,
    },
};

const LINE: &str = "+15005550006";
const SECOND_LINE: &str = "+15005550007";
const MARIA: &str = "+14155550101";
const NORA: &str = "+14155550111";
const OLE: &str = "+14155550112";
const NIGHT: &str = "+14155550113";

/// A Wednesday.
const OPEN: &str = "2026-06-10T12:00Z";
const EVENING: &str = "2026-06-10T20:00Z";

fn moment(text: &str) -> Moment {
    Moment(text.parse::<Timestamp>().expect("a moment").as_millisecond())
}

fn phone(number: &str) -> Phone {
    Phone { name: String::new(), number: number.into() }
}

fn phones(numbers: &[&str]) -> Vec<Phone> {
    numbers.iter().copied().map(phone).collect()
}

/// Nine to five on weekdays; Nora's phone rings.
fn shop() -> Settings {
    let mut shop = Settings { business_name: "Harbor Plumbing".into(), ..Settings::default() };
    shop.calls.phones = phones(&[NORA]);
    shop
}

fn shop_with(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut shop = shop();
    change(&mut shop);
    shop
}

/// Today, by itself.
fn holiday(greeting: &str) -> Holiday {
    let date = "2026-06-10".parse().expect("a date");
    Holiday {
        name: "Market day".into(),
        day: Day::Once { date },
        windows: Vec::new(),
        greeting: greeting.into(),
    }
}

/// A call as most are: Maria's, at noon.
#[derive(Debug, Clone, Copy)]
struct Ringing<'a> {
    from: &'a str,
    blocked: bool,
    line: &'a str,
    at: &'a str,
}

const CALL: Ringing = Ringing { from: MARIA, blocked: false, line: LINE, at: OPEN };
const LATE: Ringing = Ringing { at: EVENING, ..CALL };

fn decided(settings: &Settings, call: Ringing) -> Decision {
    let address = Address::received(call.from);
    let caller = Caller { address: &address, blocked: call.blocked };
    let lines = [LINE.to_owned(), SECOND_LINE.to_owned()];
    decide(caller, call.line, moment(call.at), settings, &lines, &TimeZone::UTC)
}

/// What a phone's ringing looks like where nothing else was set.
fn rings(numbers: &[&str]) -> Plan {
    Plan::Forward {
        phones: phones(numbers),
        ring: Ring::InOrder,
        ring_seconds: 20,
        caller_id: CallerId::Caller,
        screening: true,
    }
}

#[track_caller]
fn check(settings: &Settings, call: Ringing, plan: &Plan, which: Which, reasons: &[Why]) {
    let decision = decided(settings, call);
    assert_eq!((&decision.plan, decision.which, &decision.reasons[..]), (plan, which, reasons));
}

#[track_caller]
fn check_words(settings: &Settings, call: Ringing, words: &str) {
    assert_eq!(decided(settings, call).greeting.text, words);
}

fn own_line(number: &str) -> Why {
    Why::OwnLine { number: number.into() }
}

fn caller_is(number: &str) -> Why {
    Why::CallerIsPhone { number: number.into() }
}

fn market_day() -> Why {
    Why::Holiday { name: "Market day".into() }
}

#[test]
fn open_hours_ring_the_phone() {
    check(&shop(), CALL, &rings(&[NORA]), Which::Open, &[Why::Open]);
}

#[test]
fn several_phones_ring_as_the_owner_set_them() {
    let settings = shop_with(|s| {
        s.calls.phones = phones(&[OLE, NORA]);
        s.calls.ring = Ring::AtOnce;
        s.calls.ring_seconds = 35;
        s.calls.caller_id = CallerId::Business;
        s.calls.screening = false;
    });
    let plan = Plan::Forward {
        phones: phones(&[OLE, NORA]),
        ring: Ring::AtOnce,
        ring_seconds: 35,
        caller_id: CallerId::Business,
        screening: false,
    };
    check(&settings, CALL, &plan, Which::Open, &[Why::Open]);
}

#[test]
fn closed_hours_take_a_message() {
    check(&shop(), LATE, &Plan::Voicemail, Which::Closed, &[Why::Closed]);
}

#[test]
fn whoever_is_blocked_is_refused_before_anything_else() {
    let everything = shop_with(|s| {
        s.hours.closed_until = Some(moment("2026-06-11T00:00Z"));
        s.hours.holidays = vec![holiday("Closed for the market.")];
    });
    for settings in [shop(), everything] {
        for call in [CALL, LATE] {
            let call = Ringing { blocked: true, ..call };
            check(&settings, call, &Plan::Reject, Which::Message, &[Why::Blocked]);
            check_words(&settings, call, "");
        }
    }
}

#[test]
fn without_forwarding_a_message_is_taken() {
    let settings = shop_with(|s| s.calls.forwarding = false);
    check(&settings, CALL, &Plan::Voicemail, Which::Open, &[Why::Open, Why::ForwardingOff]);
    // While it is closed nothing was to be forwarded anyway.
    check(&settings, LATE, &Plan::Voicemail, Which::Closed, &[Why::Closed]);
}

#[test]
fn a_line_may_forward_otherwise_than_the_rest() {
    let off = LineRules { forwarding: Some(false), ..LineRules::default() };
    let settings = shop_with(|s| s.lines = [(LINE.to_owned(), off)].into());
    check(&settings, CALL, &Plan::Voicemail, Which::Open, &[Why::Open, Why::ForwardingOff]);
    check(&settings, Ringing { line: SECOND_LINE, ..CALL }, &rings(&[NORA]), Which::Open, &[Why::Open]);

    let on = LineRules { forwarding: Some(true), ..LineRules::default() };
    let settings = shop_with(|s| {
        s.calls.forwarding = false;
        s.lines = [(LINE.to_owned(), on)].into();
    });
    check(&settings, CALL, &rings(&[NORA]), Which::Open, &[Why::Open]);
}

#[test]
fn a_line_may_ring_phones_of_its_own() {
    let own = LineRules { phones: Some(phones(&[OLE])), ..LineRules::default() };
    let settings = shop_with(|s| s.lines = [(LINE.to_owned(), own)].into());
    check(&settings, CALL, &rings(&[OLE]), Which::Open, &[Why::Open]);
    check(&settings, Ringing { line: SECOND_LINE, ..CALL }, &rings(&[NORA]), Which::Open, &[Why::Open]);

    // None of its own is a list, too: everybody's are not meant.
    let none = LineRules { phones: Some(Vec::new()), ..LineRules::default() };
    let settings = shop_with(|s| s.lines = [(LINE.to_owned(), none)].into());
    check(&settings, CALL, &Plan::Voicemail, Which::Open, &[Why::Open, Why::NoPhone]);
}

#[test]
fn a_line_may_keep_hours_of_its_own() {
    let evenings = Week { wednesday: vec![stretch("18:00", "22:00")], ..Week::default() };
    let own = LineRules { week: Some(evenings), ..LineRules::default() };
    let settings = shop_with(|s| s.lines = [(LINE.to_owned(), own)].into());
    check(&settings, CALL, &Plan::Voicemail, Which::Closed, &[Why::Closed]);
    check(&settings, LATE, &rings(&[NORA]), Which::Open, &[Why::Open]);
    let second = Ringing { line: SECOND_LINE, ..LATE };
    check(&settings, second, &Plan::Voicemail, Which::Closed, &[Why::Closed]);
}

#[test]
fn without_a_phone_a_message_is_taken() {
    let settings = shop_with(|s| s.calls.phones = Vec::new());
    check(&settings, CALL, &Plan::Voicemail, Which::Open, &[Why::Open, Why::NoPhone]);
}

#[test]
fn a_line_of_ours_never_rings_in_circles() {
    let settings = shop_with(|s| s.calls.phones = phones(&[SECOND_LINE, NORA]));
    check(&settings, CALL, &rings(&[NORA]), Which::Open, &[Why::Open, own_line(SECOND_LINE)]);
    let settings = shop_with(|s| s.calls.phones = phones(&[NORA, LINE]));
    check(&settings, CALL, &rings(&[NORA]), Which::Open, &[Why::Open, own_line(LINE)]);
    let settings = shop_with(|s| s.calls.phones = phones(&[LINE, SECOND_LINE]));
    let reasons = [Why::Open, own_line(LINE), own_line(SECOND_LINE), Why::NoPhone];
    check(&settings, CALL, &Plan::Voicemail, Which::Open, &reasons);
}

#[test]
fn the_line_that_is_called_is_ours_even_where_no_list_says_so() {
    let settings = shop_with(|s| s.calls.phones = phones(&[LINE]));
    let address = Address::received(MARIA);
    let caller = Caller { address: &address, blocked: false };
    let decision = decide(caller, LINE, moment(OPEN), &settings, &[], &TimeZone::UTC);
    assert_eq!(decision.plan, Plan::Voicemail);
}

#[test]
fn whoever_calls_from_our_phone_does_not_ring_it() {
    let from_nora = Ringing { from: NORA, ..CALL };
    check(&shop(), from_nora, &Plan::Voicemail, Which::Open, &[Why::Open, caller_is(NORA), Why::NoPhone]);
    let settings = shop_with(|s| s.calls.phones = phones(&[NORA, OLE]));
    check(&settings, from_nora, &rings(&[OLE]), Which::Open, &[Why::Open, caller_is(NORA)]);
    // However the number was written.
    let written = Ringing { from: "+1 (415) 555-2671", ..CALL };
    let settings = shop_with(|s| s.calls.phones = phones(&["+14155552671", OLE]));
    check(&settings, written, &rings(&[OLE]), Which::Open, &[Why::Open, caller_is("+14155552671")]);
}

#[test]
fn a_phone_that_is_listed_twice_rings_once() {
    let mut settings = shop();
    settings.calls.phones = phones(&[NORA, OLE, NORA, OLE]);
    settings.calls.phones[0].name = "Nora's mobile".into();
    let decision = decided(&settings, CALL);
    let Plan::Forward { phones, .. } = decision.plan else { panic!("{:?}", decision.plan) };
    // The first of two has its name.
    assert_eq!(phones, settings.calls.phones[..2]);
    assert_eq!(decision.reasons, [Why::Open]);
}

#[test]
fn no_more_phones_ring_than_twilio_takes() {
    let many: Vec<String> = (0..14).map(|n| format!("+141555502{n:02}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let settings = shop_with(|s| s.calls.phones = phones(&many));
    check(&settings, CALL, &rings(&many[..MOST_PHONES]), Which::Open, &[Why::Open]);
    // One that is left out takes nobody's place.
    let first = Ringing { from: many[0], ..CALL };
    check(&settings, first, &rings(&many[1..=MOST_PHONES]), Which::Open, &[Why::Open, caller_is(many[0])]);
}

#[test]
fn a_number_that_is_hidden_is_not_shown() {
    for (from, shown) in [
        (MARIA, CallerId::Caller),
        ("+442079460018", CallerId::Caller),
        ("anonymous", CallerId::Business),
        ("+266696687", CallerId::Business),
        ("", CallerId::Business),
        ("72645", CallerId::Business),
        ("BritishGas", CallerId::Business),
        ("sip:nora@example.com", CallerId::Business),
    ] {
        let decision = decided(&shop(), Ringing { from, ..CALL });
        let Plan::Forward { caller_id, .. } = decision.plan else { panic!("{from}: {:?}", decision.plan) };
        assert_eq!(caller_id, shown, "{from}");
    }
}

#[test]
fn after_hours_are_what_the_owner_set() {
    let settings = shop_with(|s| s.calls.after_hours = AfterHours::Message);
    check(&settings, LATE, &Plan::Message, Which::Message, &[Why::Closed]);
    // It is for closed hours alone.
    check(&settings, CALL, &rings(&[NORA]), Which::Open, &[Why::Open]);

    let forward = |numbers: &[&str]| {
        shop_with(|s| {
            s.calls.after_hours = AfterHours::Forward;
            s.calls.after_hours_phones = phones(numbers);
        })
    };
    check(&forward(&[NIGHT]), LATE, &rings(&[NIGHT]), Which::Closed, &[Why::Closed]);
    check(&forward(&[NIGHT]), CALL, &rings(&[NORA]), Which::Open, &[Why::Open]);
    // Never a dead end.
    check(&forward(&[]), LATE, &Plan::Voicemail, Which::Closed, &[Why::Closed, Why::NoPhone]);
    let reasons = [Why::Closed, own_line(LINE), Why::NoPhone];
    check(&forward(&[LINE]), LATE, &Plan::Voicemail, Which::Closed, &reasons);
    let reasons = [Why::Closed, caller_is(NIGHT), Why::NoPhone];
    check(&forward(&[NIGHT]), Ringing { from: NIGHT, ..LATE }, &Plan::Voicemail, Which::Closed, &reasons);
}

#[test]
fn after_hours_ring_although_forwarding_is_off_by_day() {
    let settings = shop_with(|s| {
        s.calls.forwarding = false;
        s.calls.after_hours = AfterHours::Forward;
        s.calls.after_hours_phones = phones(&[NIGHT]);
    });
    check(&settings, LATE, &rings(&[NIGHT]), Which::Closed, &[Why::Closed]);
    check(&settings, CALL, &Plan::Voicemail, Which::Open, &[Why::Open, Why::ForwardingOff]);
}

#[test]
fn a_holiday_may_have_words_of_its_own() {
    let own = shop_with(|s| s.hours.holidays = vec![holiday("{business} is at the market.")]);
    check(&own, CALL, &Plan::Voicemail, Which::Holiday, &[market_day(), Why::Closed]);
    check_words(&own, CALL, "Harbor Plumbing is at the market.");

    let usual = shop_with(|s| s.hours.holidays = vec![holiday("")]);
    check(&usual, CALL, &Plan::Voicemail, Which::Closed, &[market_day(), Why::Closed]);

    // Its words tell why nobody answers; what then happens is after hours' to say.
    let told = shop_with(|s| {
        s.hours.holidays = vec![holiday("{business} is at the market.")];
        s.calls.after_hours = AfterHours::Message;
    });
    check(&told, CALL, &Plan::Message, Which::Holiday, &[market_day(), Why::Closed]);

    let tomorrow = Ringing { at: "2026-06-11T12:00Z", ..CALL };
    check(&own, tomorrow, &rings(&[NORA]), Which::Open, &[Why::Open]);
}

#[test]
fn a_holiday_that_is_open_rings_like_any_day() {
    let settings = shop_with(|s| {
        s.hours.holidays =
            vec![Holiday { windows: vec![stretch("11:00", "13:00")], ..holiday("Not today.") }];
    });
    check(&settings, CALL, &rings(&[NORA]), Which::Open, &[market_day(), Why::Open]);
    check(&settings, LATE, &Plan::Voicemail, Which::Holiday, &[market_day(), Why::Closed]);
}

#[test]
fn closing_early_beats_hours_and_holidays() {
    let until = moment("2026-06-11T00:00Z");
    let early = Why::ClosedEarly { until };
    let settings = shop_with(|s| s.hours.closed_until = Some(until));
    check(&settings, CALL, &Plan::Voicemail, Which::Closed, &[early.clone(), Why::Closed]);
    let tomorrow = Ringing { at: "2026-06-11T12:00Z", ..CALL };
    check(&settings, tomorrow, &rings(&[NORA]), Which::Open, &[Why::Open]);

    // The words of the holiday are not those of somebody who went home.
    let on_holiday = shop_with(|s| {
        s.hours.closed_until = Some(until);
        s.hours.holidays =
            vec![Holiday { windows: vec![stretch("11:00", "13:00")], ..holiday("Not today.") }];
    });
    check(&on_holiday, CALL, &Plan::Voicemail, Which::Closed, &[early.clone(), Why::Closed]);

    // And what happens then is what happens after hours.
    let night = shop_with(|s| {
        s.hours.closed_until = Some(until);
        s.calls.after_hours = AfterHours::Forward;
        s.calls.after_hours_phones = phones(&[NIGHT]);
    });
    check(&night, CALL, &rings(&[NIGHT]), Which::Closed, &[early, Why::Closed]);
}

#[test]
fn reasons_come_in_the_order_in_which_it_was_decided() {
    let settings = shop_with(|s| {
        s.hours.holidays = vec![Holiday { windows: vec![stretch("11:00", "13:00")], ..holiday("") }];
        s.calls.phones = phones(&[MARIA, SECOND_LINE, LINE]);
    });
    let reasons =
        [market_day(), Why::Open, caller_is(MARIA), own_line(SECOND_LINE), own_line(LINE), Why::NoPhone];
    check(&settings, CALL, &Plan::Voicemail, Which::Open, &reasons);
}

#[test]
fn callers_hear_the_words_for_what_happens() {
    let greetings = |s: &mut Settings| {
        let said = |text: &str| Greeting { text: text.into(), recording: Some(format!("{text}.mp3")) };
        s.calls.greetings.open = said("open");
        s.calls.greetings.closed = said("closed");
        s.calls.greetings.message = said("message");
    };
    let settings = shop_with(greetings);
    let message = shop_with(|s| {
        greetings(s);
        s.calls.after_hours = AfterHours::Message;
    });
    for (settings, call, words) in
        [(&settings, CALL, "open"), (&settings, LATE, "closed"), (&message, LATE, "message")]
    {
        let greeting = decided(settings, call).greeting;
        assert_eq!(greeting, Greeting { text: words.into(), recording: Some(format!("{words}.mp3")) });
    }
    // A recording of the usual words would not say what the holiday's say.
    let holiday = shop_with(|s| {
        greetings(s);
        s.hours.holidays = vec![holiday("At the market.")];
    });
    let expected = Greeting { text: "At the market.".into(), recording: None };
    assert_eq!(decided(&holiday, CALL).greeting, expected);
}

#[test]
fn the_name_of_the_business_is_filled_in() {
    for (name, heard) in [
        ("Harbor Plumbing", "Welcome to Harbor Plumbing. Harbor Plumbing is shut."),
        ("  Harbor Plumbing ", "Welcome to Harbor Plumbing. Harbor Plumbing is shut."),
        ("", "Welcome to us. us is shut."),
        ("  ", "Welcome to us. us is shut."),
        // Filled in once: a name is no pattern.
        ("{business}", "Welcome to {business}. {business} is shut."),
    ] {
        let settings = shop_with(|s| {
            s.business_name = name.into();
            s.calls.greetings.closed.text = "Welcome to {business}. {business} is shut.".into();
        });
        check_words(&settings, LATE, heard);
    }
}

#[test]
fn blank_words_of_a_holiday_are_none() {
    let settings = shop_with(|s| s.hours.holidays = vec![holiday("  ")]);
    check(&settings, CALL, &Plan::Voicemail, Which::Closed, &[market_day(), Why::Closed]);
}

#[track_caller]
fn check_warnings(change: impl FnOnce(&mut Settings), expected: &[Warning]) {
    let lines = [LINE.to_owned(), SECOND_LINE.to_owned()];
    let found = warnings(&shop_with(change), LINE, &lines, &TimeZone::UTC, moment(OPEN));
    assert_eq!(found, expected);
}

#[test]
fn what_would_surprise_the_owner_is_told() {
    use Warning::{NeverOpen, NoPhone, NotScreened, OwnLine, RingLong};
    let shut = || Week {
        monday: Vec::new(),
        tuesday: Vec::new(),
        wednesday: Vec::new(),
        thursday: Vec::new(),
        friday: Vec::new(),
        ..Week::default()
    };
    check_warnings(|_| {}, &[]);
    // Long is no trouble while somebody has to press 1.
    check_warnings(|s| s.calls.ring_seconds = 60, &[]);
    check_warnings(|s| s.calls.screening = false, &[NotScreened]);
    let unscreened = |seconds| {
        move |s: &mut Settings| {
            s.calls.screening = false;
            s.calls.ring_seconds = seconds;
        }
    };
    check_warnings(unscreened(24), &[NotScreened]);
    check_warnings(unscreened(25), &[RingLong, NotScreened]);
    // Where nothing rings, nothing rings too long.
    check_warnings(
        |s| {
            unscreened(60)(s);
            s.calls.forwarding = false;
        },
        &[],
    );
    check_warnings(
        |s| {
            unscreened(60)(s);
            s.calls.forwarding = false;
            s.calls.after_hours = AfterHours::Forward;
            s.calls.after_hours_phones = phones(&[NIGHT]);
        },
        &[RingLong, NotScreened],
    );

    check_warnings(|s| s.calls.phones = Vec::new(), &[NoPhone]);
    check_warnings(
        |s| {
            s.calls.phones = Vec::new();
            s.calls.forwarding = false;
        },
        &[],
    );
    check_warnings(|s| s.calls.after_hours = AfterHours::Forward, &[NoPhone]);
    check_warnings(|s| s.calls.phones = phones(&[NORA, SECOND_LINE]), &[OwnLine]);
    check_warnings(|s| s.calls.phones = phones(&[LINE, SECOND_LINE]), &[NoPhone, OwnLine]);
    check_warnings(
        |s| {
            s.calls.after_hours = AfterHours::Forward;
            s.calls.after_hours_phones = phones(&[LINE]);
        },
        &[NoPhone, OwnLine],
    );

    check_warnings(|s| s.hours.week = shut(), &[NeverOpen]);
    check_warnings(
        |s| {
            s.hours.week = shut();
            s.hours.holidays = vec![Holiday { windows: vec![stretch("22:00", "23:00")], ..holiday("") }];
        },
        &[],
    );
    // Never closed is not never open.
    check_warnings(
        |s| {
            let day = || vec![stretch("00:00", "24:00")];
            s.hours.week = Week {
                monday: day(),
                tuesday: day(),
                wednesday: day(),
                thursday: day(),
                friday: day(),
                saturday: day(),
                sunday: day(),
            };
        },
        &[],
    );
    // Closed early is not closed for good.
    check_warnings(|s| s.hours.closed_until = Some(moment("2026-06-11T00:00Z")), &[]);

    // The line's own rules are looked at, not everybody's.
    let own = |rules: LineRules| move |s: &mut Settings| s.lines = [(LINE.to_owned(), rules)].into();
    check_warnings(own(LineRules { week: Some(shut()), ..LineRules::default() }), &[NeverOpen]);
    check_warnings(own(LineRules { phones: Some(Vec::new()), ..LineRules::default() }), &[NoPhone]);
    check_warnings(
        own(LineRules { phones: Some(Vec::new()), forwarding: Some(false), ..LineRules::default() }),
        &[],
    );
    check_warnings(
        |s| {
            s.calls.phones = Vec::new();
            own(LineRules { phones: Some(phones(&[NORA])), ..LineRules::default() })(s);
        },
        &[],
    );
}

fn stretch(from: &str, to: &str) -> Window {
    Window {
        from: TimeOfDay::try_from(from.to_owned()).expect("a time"),
        to: to.to_owned().try_into().expect("a time"),
    }
}

/// Callers, phones and lines get their numbers from here, so that they meet often.
const NUMBERS: [&str; 6] = [LINE, SECOND_LINE, MARIA, NORA, OLE, NIGHT];

fn any_phones() -> impl Strategy<Value = Vec<Phone>> {
    let number = prop_oneof![
        3 => select(&NUMBERS[..]).prop_map(str::to_owned),
        1 => (0..20u8).prop_map(|n| format!("+141555502{n:02}")),
    ];
    let phone = (".{0,3}", number).prop_map(|(name, number)| Phone { name, number });
    vec(phone, 0..16)
}

fn any_windows() -> impl Strategy<Value = Vec<Window>> {
    let hour = |hour: u16| TimeOfDay::new(hour, 0).map(String::from).expect("a time");
    vec((0..24u16, 0..24u16), 0..3).prop_map(move |hours| {
        // Beginning where it ends is nothing the settings take.
        let hours = hours.into_iter().filter(|(from, to)| from != to);
        hours.map(|(from, to)| stretch(&hour(from), &hour(to))).collect()
    })
}

fn any_week() -> impl Strategy<Value = Week> {
    proptest::array::uniform7(any_windows()).prop_map(
        |[monday, tuesday, wednesday, thursday, friday, saturday, sunday]| Week {
            monday,
            tuesday,
            wednesday,
            thursday,
            friday,
            saturday,
            sunday,
        },
    )
}

fn any_hours() -> impl Strategy<Value = Hours> {
    let day = prop_oneof![
        (1..=12i8, 1..=31i8).prop_map(|(month, day)| Day::Yearly { month, day }),
        (-366..=366i16).prop_map(|offset| Day::Easter { offset }),
    ];
    let holiday = (day, any_windows(), "(At the fair, \\{business\\}\\.)?")
        .prop_map(|(day, windows, greeting)| Holiday { name: "A day".into(), day, windows, greeting });
    (any_week(), vec(holiday, 0..4), option::of(any_moment().prop_map(Moment)))
        .prop_map(|(week, holidays, closed_until)| Hours { week, holidays, closed_until })
}

/// Of our time mostly, and of no time at all.
fn any_moment() -> impl Strategy<Value = i64> {
    prop_oneof![9 => 1_700_000_000_000..1_900_000_000_000i64, 1 => any::<i64>()]
}

fn any_rules() -> impl Strategy<Value = LineRules> {
    (option::of(any::<bool>()), option::of(any_week()), option::of(any_phones()))
        .prop_map(|(forwarding, week, phones)| LineRules { forwarding, week, phones })
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let how = (
        select(vec![Ring::InOrder, Ring::AtOnce]),
        5..=60u32,
        select(vec![CallerId::Caller, CallerId::Business]),
        any::<bool>(),
        select(vec![AfterHours::Voicemail, AfterHours::Message, AfterHours::Forward]),
    );
    let lists = (any::<bool>(), any_phones(), any_phones());
    (".{0,12}", any_hours(), lists, how, option::of(any_rules())).prop_map(
        |(business_name, hours, (forwarding, phones, after_hours_phones), how, rules)| {
            let mut settings = Settings { business_name, hours, ..Settings::default() };
            settings.lines = rules.map(|rules| (LINE.to_owned(), rules)).into_iter().collect();
            let calls = &mut settings.calls;
            (calls.forwarding, calls.phones, calls.after_hours_phones) =
                (forwarding, phones, after_hours_phones);
            (calls.ring, calls.ring_seconds, calls.caller_id, calls.screening, calls.after_hours) = how;
            settings
        },
    )
}

fn any_caller() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&NUMBERS[..]).prop_map(str::to_owned),
        1 => select(vec!["anonymous", "", "+266696687", "72645", "BritishGas"]).prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_call_comes_to_a_good_end(
        settings in any_settings(),
        from in any_caller(),
        blocked in any::<bool>(),
        at in any_moment(),
        lines in proptest::sample::subsequence(vec![LINE.to_owned(), SECOND_LINE.to_owned()], 0..=2),
        place in select(vec!["UTC", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"]),
    ) {
        let zone = TimeZone::get(place).expect("a zone of the system's");
        let address = Address::received(&from);
        let caller = Caller { address: &address, blocked };
        let Decision { plan, which, greeting, reasons } = decide(caller, LINE, Moment(at), &settings, &lines, &zone);
        let calls = &settings.calls;
        let has = |why: &Why| reasons.contains(why);

        prop_assert_eq!(plan == Plan::Reject, blocked);
        if blocked {
            prop_assert_eq!(reasons, [Why::Blocked]);
            return Ok(());
        }
        let verdicts = reasons.iter().filter(|why| matches!(why, Why::Open | Why::Closed)).count();
        prop_assert_eq!(verdicts, 1, "{:?}", reasons);
        prop_assert_eq!(which == Which::Open, has(&Why::Open));
        prop_assert!(!has(&Why::Blocked));
        prop_assert!(!greeting.text.trim().is_empty(), "a caller is never left with silence");

        match &plan {
            Plan::Forward { phones, ring, ring_seconds, caller_id, screening } => {
                prop_assert!((1..=MOST_PHONES).contains(&phones.len()));
                for (place, phone) in phones.iter().enumerate() {
                    let number = &phone.number;
                    prop_assert!(number != LINE && !lines.contains(number), "a line of ours: {}", number);
                    prop_assert!(number != address.as_str(), "the caller's own: {}", number);
                    prop_assert!(phones[..place].iter().all(|other| other.number != *number), "twice: {}", number);
                }
                prop_assert_eq!((*ring, *ring_seconds, *screening), (calls.ring, calls.ring_seconds, calls.screening));
                let shown = if address.kind() == AddressKind::Number { calls.caller_id } else { CallerId::Business };
                prop_assert_eq!(*caller_id, shown);
                prop_assert!(!has(&Why::NoPhone) && !has(&Why::ForwardingOff));
                prop_assert!(has(&Why::Open) || calls.after_hours == AfterHours::Forward);
            }
            Plan::Message => {
                prop_assert!(has(&Why::Closed) && calls.after_hours == AfterHours::Message);
            }
            Plan::Voicemail => {
                let no_message = has(&Why::Closed) && calls.after_hours == AfterHours::Message;
                prop_assert!(!no_message, "{:?}", reasons);
                let told = has(&Why::ForwardingOff) || has(&Why::NoPhone);
                prop_assert!(told || has(&Why::Closed), "{:?}", reasons);
            }
            Plan::Reject => prop_assert!(false, "refused without being blocked"),
        }
        // What is looked at for the owner has no surprises of its own.
        warnings(&settings, LINE, &lines, &zone, Moment(at));
    }
}
