//! What answers calls at Twilio while this computer is off: as a Studio flow, which is made over REST, and as
//! a document for a TwiML Bin, which the owner makes by hand. Neither asks anybody else for anything.

use ringdesk_domain::{
    Settings,
    routing::{CallerId, Ring, business},
};
use ringdesk_twilio::twiml::{Say, Verb, document as written};
use serde_json::{Value, json};

/// Seconds of silence that end a message.
const SILENCE: u32 = 10;
/// Phones that ring, at most. Source: Twilio's `<Dial>` page.
const MOST_PHONES: usize = 10;
/// Told to whoever opens the flow in Studio.
const ABOUT: &str = "Answers while the computer with Ringdesk is off. Ringdesk keeps it up to date: what is \
    changed here is written over.";
/// In a bin: once a message was left, the call is over. A bin is asked again then, and would say everything
/// anew. Source: Twilio's "How to use templates with TwiML Bins".
const OVER: &str = "{{#RecordingUrl}}<Hangup/>{{/RecordingUrl}}";

/// Our own phones that ring first; none where the owner wants a message taken at once. `lines` are our
/// numbers: one that rang another would end here again.
fn phones<'a>(settings: &'a Settings, lines: &[String]) -> Vec<&'a str> {
    if !settings.sleep_backup.rings {
        return Vec::new();
    }
    let phones = settings.calls.phones.iter().map(|phone| phone.number.as_str());
    phones.filter(|phone| !lines.iter().any(|line| line == phone)).take(MOST_PHONES).collect()
}

/// What is said: in words even where callers usually hear a recording, which is on this computer.
fn greeting(settings: &Settings) -> String {
    let words = settings.calls.greetings.open.text.replace("{business}", business(settings));
    // Both a flow and a bin take double braces, and a brace with a percent sign, for something to fill in.
    words.replace('{', "{ ")
}

/// A Studio flow that rings our phones if that is wanted, and then takes a message.
/// Source: Twilio's pages "Studio Flow Definition" and on the widgets named here.
pub(crate) fn definition(settings: &Settings, lines: &[String]) -> Value {
    let calls = &settings.calls;
    let phones = phones(settings, lines);
    // A widget rings one phone, or all at once; one after another takes one each.
    let rings: Vec<(&str, String)> = match calls.ring {
        Ring::AtOnce if phones.len() > 1 => vec![("number-multi", phones.join(","))],
        _ => phones.iter().map(|phone| ("number", (*phone).to_owned())).collect(),
    };
    let first = |at: usize| if at < rings.len() { format!("ring_{}", at + 1) } else { "greeting".to_owned() };
    let mut states = vec![json!({
        "name": "Trigger",
        "type": "trigger",
        "transitions": [
            { "event": "incomingMessage" },
            { "event": "incomingCall", "next": first(0) },
            { "event": "incomingRequest" },
        ],
        "properties": { "offset": { "x": 0, "y": 0 } },
    })];
    let shown = match calls.caller_id {
        CallerId::Caller => "{{contact.channel.address}}",
        CallerId::Business => "{{flow.channel.address}}",
    };
    for (at, (noun, to)) in rings.iter().enumerate() {
        let status = format!("{{{{widgets.ring_{}.DialCallStatus}}}}", at + 1);
        states.push(json!({
            "name": format!("ring_{}", at + 1),
            "type": "connect-call-to",
            "transitions": [
                { "event": "callCompleted", "next": format!("answered_{}", at + 1) },
                { "event": "hangup" },
            ],
            "properties": {
                "noun": noun,
                "to": to,
                "caller_id": shown,
                "timeout": calls.ring_seconds,
                "record": false,
                "offset": place(2 * at + 1),
            },
        }));
        // Whoever talked is done; whatever else came of it, the next one has a try.
        states.push(json!({
            "name": format!("answered_{}", at + 1),
            "type": "split-based-on",
            "transitions": [
                { "event": "noMatch", "next": first(at + 1) },
                {
                    "event": "match",
                    "conditions": [{
                        "friendly_name": "They talked",
                        "arguments": [status],
                        "type": "equal_to",
                        "value": "completed",
                    }],
                },
            ],
            "properties": { "input": status, "offset": place(2 * at + 2) },
        }));
    }
    states.push(json!({
        "name": "greeting",
        "type": "say-play",
        "transitions": [{ "event": "audioComplete", "next": "message" }],
        "properties": {
            "say": greeting(settings),
            "voice": calls.voice,
            "language": calls.language,
            "loop": 1,
            "offset": place(2 * rings.len() + 1),
        },
    }));
    states.push(json!({
        "name": "message",
        "type": "record-voicemail",
        "transitions": [{ "event": "recordingComplete" }, { "event": "noAudio" }, { "event": "hangup" }],
        "properties": {
            "play_beep": "true",
            "max_length": calls.message_seconds,
            "timeout": SILENCE,
            "finish_on_key": calls.finish_key.to_string(),
            "trim": "trim-silence",
            "transcribe": false,
            "offset": place(2 * rings.len() + 2),
        },
    }));
    json!({
        "description": ABOUT,
        "states": states,
        "initial_state": "Trigger",
        "flags": { "allow_concurrent_calls": true },
    })
}

/// Where a widget is drawn in Studio: one below the other.
fn place(at: usize) -> Value {
    json!({ "x": 0, "y": 250 * at })
}

/// The same as a document for a TwiML Bin. Its `<Record>` has no address of ours to go on at, so it comes
/// back to the bin, which then only hangs up. A bin cannot tell how ringing ended: whoever talked with
/// somebody and stays on the line hears the greeting.
pub(crate) fn document(settings: &Settings, lines: &[String]) -> String {
    let calls = &settings.calls;
    let say = Say { text: greeting(settings), voice: calls.voice.clone(), language: calls.language.clone() };
    let (longest, key) = (calls.message_seconds, calls.finish_key);
    let record = format!(
        "<Record maxLength=\"{longest}\" timeout=\"{SILENCE}\" finishOnKey=\"{key}\" trim=\"trim-silence\"/>"
    );
    let plain = written(&[Verb::Say(say), Verb::Hangup]);
    // What is said is escaped, so these are the document's own.
    plain
        .replacen("<Response>", &format!("\n<Response>\n{OVER}\n{}", dial(settings, lines)), 1)
        .replace("<Hangup/></Response>", &format!("\n{record}\n<Hangup/>\n</Response>"))
}

/// Rings our phones; without an `action`, whatever came of it, the document goes on.
fn dial(settings: &Settings, lines: &[String]) -> String {
    let calls = &settings.calls;
    let phones = phones(settings, lines);
    if phones.is_empty() {
        return String::new();
    }
    let numbers: String = phones.iter().map(|phone| ["<Number>", phone, "</Number>"].concat()).collect();
    let shown = match calls.caller_id {
        CallerId::Caller => "",
        CallerId::Business => " callerId=\"{{To}}\"",
    };
    let in_order = calls.ring == Ring::InOrder && phones.len() > 1;
    let sequential = if in_order { " sequential=\"true\"" } else { "" };
    let timeout = calls.ring_seconds;
    format!("<Dial timeout=\"{timeout}\" answerOnBridge=\"true\"{sequential}{shown}>{numbers}</Dial>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringdesk_domain::routing::Phone;

    const NORA: &str = "+14155550107";
    const SAM: &str = "+14155550108";
    const LINE: &str = "+15005550006";

    fn ringing(ring: Ring) -> Settings {
        let mut settings = Settings { business_name: "Bell & Daughter".into(), ..Settings::default() };
        let phone = |number: &str| Phone { name: String::new(), number: number.into() };
        settings.calls.phones = vec![phone(NORA), phone(LINE), phone(SAM)];
        settings.calls.ring = ring;
        settings.sleep_backup.rings = true;
        settings
    }

    /// The names of the states along the way of a call nobody takes.
    fn way(definition: &Value) -> Vec<String> {
        let named = |name: &str| {
            let mut states = definition["states"].as_array().expect("states").iter();
            states.find(|state| state["name"] == name).unwrap_or_else(|| panic!("no state {name}")).clone()
        };
        let mut way = vec!["Trigger".to_owned()];
        loop {
            let state = named(&way[way.len() - 1]);
            let goes_on = ["incomingCall", "callCompleted", "noMatch", "audioComplete", "recordingComplete"];
            let transitions = state["transitions"].as_array().expect("transitions");
            let on = |transition: &&Value| goes_on.iter().any(|event| transition["event"] == *event);
            match transitions.iter().find(on).and_then(|transition| transition["next"].as_str()) {
                Some(next) => way.push(next.to_owned()),
                None => return way,
            }
        }
    }

    #[test]
    fn a_message_is_taken_at_once_unless_phones_are_to_ring() {
        let settings = Settings { business_name: "Bell & Daughter".into(), ..Settings::default() };
        let made = definition(&settings, &[]);
        assert_eq!(way(&made), ["Trigger", "greeting", "message"]);
        let said = made["states"][1]["properties"]["say"].as_str().expect("words");
        assert!(said.starts_with("Thank you for calling Bell & Daughter."), "{said}");
        let mut ringing = ringing(Ring::InOrder);
        ringing.calls.phones.clear();
        assert_eq!(way(&definition(&ringing, &[])), ["Trigger", "greeting", "message"]);
    }

    #[test]
    fn phones_ring_one_after_another_or_together_and_lines_never() {
        let lines = [LINE.to_owned()];
        let made = definition(&ringing(Ring::InOrder), &lines);
        let one_by_one = ["Trigger", "ring_1", "answered_1", "ring_2", "answered_2", "greeting", "message"];
        assert_eq!(way(&made), one_by_one);
        assert_eq!(made["states"][3]["properties"]["to"], SAM);
        let made = definition(&ringing(Ring::AtOnce), &lines);
        assert_eq!(way(&made), ["Trigger", "ring_1", "answered_1", "greeting", "message"]);
        let ring = &made["states"][1]["properties"];
        assert_eq!((&ring["noun"], &ring["to"]), (&json!("number-multi"), &json!(format!("{NORA},{SAM}"))));
        assert_eq!(ring["caller_id"], "{{contact.channel.address}}");
        assert_eq!(made["states"][2]["properties"]["input"], "{{widgets.ring_1.DialCallStatus}}");
    }

    #[test]
    fn what_a_business_is_called_is_never_filled_in_by_twilio() {
        for name in ["{{From}} {% x %} <Dial/>", "{{{From}}} {{% x %}}", "{{{{#From}}", "{ {From} }"] {
            let settings = Settings { business_name: name.into(), ..Settings::default() };
            let said = greeting(&settings);
            assert!(!said.contains("{{") && !said.contains("{%") && !said.contains("{#"), "{said}");
            let flow = definition(&settings, &[]);
            assert_eq!(flow["states"][1]["properties"]["say"], said.as_str());
            let bin = document(&settings, &[]);
            assert_eq!(bin.matches("{{").count(), OVER.matches("{{").count(), "{bin}");
            assert!(!bin.contains("<Dial"), "{bin}");
        }
    }

    #[test]
    fn a_bin_holds_the_same_and_ends_when_it_comes_round_again() {
        let plain = document(&Settings::default(), &[]);
        assert!(plain.contains(&format!("<Response>\n{OVER}\n<Say ")), "{plain}");
        assert!(plain.ends_with("trim=\"trim-silence\"/>\n<Hangup/>\n</Response>"), "{plain}");
        assert!(!plain.contains("<Dial"), "{plain}");
        let rings = document(&ringing(Ring::InOrder), &[LINE.to_owned()]);
        let numbers = format!("><Number>{NORA}</Number><Number>{SAM}</Number></Dial>\n<Say ");
        let dial = "<Dial timeout=\"20\" answerOnBridge=\"true\" sequential=\"true\">";
        assert!(rings.contains(dial), "{rings}");
        assert!(rings.contains(&numbers), "{rings}");
        let mut business = ringing(Ring::AtOnce);
        business.calls.caller_id = CallerId::Business;
        let shown = document(&business, &[]);
        assert!(shown.contains("answerOnBridge=\"true\" callerId=\"{{To}}\">"), "{shown}");
    }
}
