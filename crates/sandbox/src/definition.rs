//! Definitions of flows, and what Twilio finds wrong with them.
//! Source: Twilio's "Studio Flow and Widget JSON Schemas", and its error 81022.

use serde::Deserialize;
use serde_json::{Map, Value, json};

const MOST_STATES: usize = 1_000;

/// What a property has to be.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Whole,
    Yes,
}

/// A widget that is known inside out.
struct Widget {
    kind: &'static str,
    properties: &'static [(&'static str, Kind)],
    required: &'static [&'static str],
    events: &'static [&'static str],
}

const WIDGETS: [Widget; 6] = [
    Widget {
        kind: "trigger",
        properties: &[],
        required: &[],
        events: &[
            "incomingMessage",
            "incomingCall",
            "incomingConversationMessage",
            "incomingRequest",
            "incomingParent",
        ],
    },
    Widget {
        kind: "say-play",
        properties: &[
            ("say", Kind::Text),
            ("play", Kind::Text),
            ("digits", Kind::Text),
            ("voice", Kind::Text),
            ("language", Kind::Text),
            ("loop", Kind::Whole),
        ],
        required: &[],
        events: &["audioComplete"],
    },
    Widget {
        kind: "connect-call-to",
        properties: &[
            ("noun", Kind::Text),
            ("to", Kind::Text),
            ("caller_id", Kind::Text),
            ("record", Kind::Yes),
            ("timeout", Kind::Whole),
            ("time_limit", Kind::Text),
            ("sip_endpoint", Kind::Text),
            ("sip_username", Kind::Text),
            ("sip_password", Kind::Text),
        ],
        required: &["noun", "caller_id"],
        events: &["callCompleted", "hangup"],
    },
    Widget {
        kind: "record-voicemail",
        properties: &[
            ("timeout", Kind::Whole),
            ("finish_on_key", Kind::Text),
            ("max_length", Kind::Whole),
            ("transcribe", Kind::Yes),
            ("transcription_callback_url", Kind::Text),
            ("trim", Kind::Text),
            ("play_beep", Kind::Text),
            ("recording_status_callback_url", Kind::Text),
        ],
        required: &[],
        events: &["recordingComplete", "noAudio", "hangup"],
    },
    Widget {
        kind: "split-based-on",
        properties: &[("input", Kind::Text)],
        required: &["input"],
        events: &["noMatch", "match"],
    },
    Widget {
        kind: "gather-input-on-call",
        properties: &[
            ("timeout", Kind::Whole),
            ("finish_on_key", Kind::Text),
            ("stop_gather", Kind::Yes),
            ("number_of_digits", Kind::Whole),
            ("save_response_as", Kind::Text),
            ("say", Kind::Text),
            ("play", Kind::Text),
            ("voice", Kind::Text),
            ("language", Kind::Text),
            ("loop", Kind::Whole),
            ("hints", Kind::Text),
            ("gather_language", Kind::Text),
            ("speech_timeout", Kind::Text),
            ("speech_model", Kind::Text),
            ("profanity_filter", Kind::Text),
        ],
        required: &[],
        events: &["keypress", "speech", "timeout"],
    },
];
/// Widgets that Twilio knows and that are not looked into here.
const OTHERS: [&str; 18] = [
    "add-twiml-redirect",
    "capture-payments",
    "connect-virtual-agent",
    "connect-virtual-agent-v2",
    "enqueue-call",
    "fork-stream",
    "make-http-request",
    "make-outgoing-call-v1",
    "make-outgoing-call-v2",
    "record-call",
    "run-function",
    "run-subflow",
    "search-contact",
    "send-and-wait-for-reply",
    "send-message",
    "send-to-auto-pilot",
    "send-to-flex",
    "set-variables",
];
const NOUNS: [&str; 6] = ["number", "number-multi", "client", "conference", "sim", "sip"];
const CONDITIONS: [&str; 17] = [
    "equal_to",
    "not_equal_to",
    "matches_any_of",
    "does_not_match_any_of",
    "is_blank",
    "is_not_blank",
    "regex",
    "contains",
    "does_not_contain",
    "starts_with",
    "does_not_start_with",
    "less_than",
    "greater_than",
    "is_before_time",
    "is_after_time",
    "is_before_date",
    "is_after_date",
];

/// A definition that nothing is wrong with.
#[derive(Debug, Deserialize)]
pub(crate) struct Definition {
    pub(crate) initial_state: String,
    pub(crate) states: Vec<State>,
}

/// One widget of it.
#[derive(Debug, Deserialize)]
pub(crate) struct State {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) properties: Map<String, Value>,
    pub(crate) transitions: Vec<Transition>,
}

/// Where it goes on after something has happened.
#[derive(Debug, Deserialize)]
pub(crate) struct Transition {
    pub(crate) event: String,
    pub(crate) next: Option<String>,
    #[serde(default)]
    pub(crate) conditions: Vec<Condition>,
}

/// What has to be so for a transition.
#[derive(Debug, Deserialize)]
pub(crate) struct Condition {
    pub(crate) arguments: Vec<String>,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) value: String,
}

impl Definition {
    /// Reads a definition; otherwise what is wrong with it, in Twilio's shape.
    pub(crate) fn read(value: &Value) -> Result<Self, Vec<Value>> {
        let mut check = Check::default();
        check.definition(value);
        if check.errors.is_empty() {
            Self::deserialize(value).map_err(|error| {
                check.add("#", &error.to_string());
                check.errors
            })
        } else {
            Err(check.errors)
        }
    }

    pub(crate) fn state(&self, name: &str) -> Option<&State> {
        self.states.iter().find(|state| state.name == name)
    }
}

impl State {
    /// Where it goes on after this, where the flow does.
    pub(crate) fn next(&self, event: &str) -> Option<String> {
        self.transitions.iter().find(|transition| transition.event == event)?.next.clone()
    }

    /// A property, as text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.properties.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(yes) => Some(yes.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

#[derive(Debug, Default)]
struct Check {
    errors: Vec<Value>,
}

impl Check {
    fn add(&mut self, path: &str, message: &str) {
        self.errors.push(json!({ "message": message, "property_path": path }));
    }

    fn definition(&mut self, value: &Value) {
        let Some(definition) = value.as_object() else { return self.add("#", "is not an object") };
        self.only("#", definition, &["description", "$schema", "flags", "initial_state", "states"]);
        let states = definition.get("states").and_then(Value::as_array);
        let Some(states) = states.filter(|states| (1..=MOST_STATES).contains(&states.len())) else {
            return self.add("#/states", "is missing, empty or too long");
        };
        let mut names: Vec<&str> = Vec::with_capacity(states.len());
        for (at, state) in states.iter().enumerate() {
            let path = format!("#/states/{at}");
            match state.get("name").and_then(Value::as_str).filter(|name| !name.is_empty()) {
                Some(name) if names.contains(&name) => self.add(&path, "has a name that is not unique"),
                Some(name) => names.push(name),
                None => self.add(&path, "has no name"),
            }
        }
        let initial = definition.get("initial_state").and_then(Value::as_str);
        if !initial.is_some_and(|initial| names.contains(&initial)) {
            self.add("#/initial_state", "names no widget");
        }
        for (at, state) in states.iter().enumerate() {
            self.state(&format!("#/states/{at}"), state, &names);
        }
    }

    fn state(&mut self, path: &str, value: &Value, names: &[&str]) {
        let Some(state) = value.as_object() else { return self.add(path, "is not an object") };
        self.only(path, state, &["name", "type", "properties", "transitions"]);
        let kind = state.get("type").and_then(Value::as_str).unwrap_or("");
        let widget = WIDGETS.iter().find(|widget| widget.kind == kind);
        if widget.is_none() && !OTHERS.contains(&kind) {
            return self.add(&format!("{path}/type"), "is no widget");
        }
        match (widget, state.get("properties")) {
            (Some(widget), Some(Value::Object(properties))) => self.properties(path, widget, properties),
            (None, Some(Value::Object(_))) => {}
            (_, None) if kind == "trigger" => {}
            _ => self.add(&format!("{path}/properties"), "is not an object"),
        }
        let Some(transitions) = state.get("transitions").and_then(Value::as_array) else {
            return self.add(&format!("{path}/transitions"), "is not an array");
        };
        for (at, transition) in transitions.iter().enumerate() {
            self.transition(&format!("{path}/transitions/{at}"), widget, transition, names);
        }
    }

    fn properties(&mut self, path: &str, widget: &Widget, properties: &Map<String, Value>) {
        let path = format!("{path}/properties");
        for (name, value) in properties {
            let known = widget.properties.iter().find(|(known, _)| known == name);
            let fits = match known {
                Some((_, Kind::Text)) => value.is_string(),
                Some((_, Kind::Whole)) => value.as_u64().is_some_and(|number| number > 0),
                Some((_, Kind::Yes)) => value.is_boolean(),
                None => name == "offset" && value.is_object(),
            };
            if !fits {
                self.add(&format!("{path}/{name}"), "is unknown or has the wrong type");
            }
        }
        let text = |name: &str| properties.get(name).and_then(Value::as_str);
        for name in widget.required {
            if text(name).is_none() {
                self.add(&format!("{path}/{name}"), "is missing");
            }
        }
        match widget.kind {
            "say-play" if !["say", "play", "digits"].iter().any(|name| properties.contains_key(*name)) => {
                self.add(&path, "has nothing to say or to play");
            }
            "connect-call-to" => {
                let noun = text("noun").unwrap_or("");
                if !noun.is_empty() && !NOUNS.contains(&noun) {
                    self.add(&format!("{path}/noun"), "is none that can be called");
                }
                if noun != "sip" && text("to").is_none_or(str::is_empty) {
                    self.add(&format!("{path}/to"), "is missing");
                }
            }
            "record-voicemail" if text("play_beep").is_some_and(|beep| beep != "true" && beep != "false") => {
                self.add(&format!("{path}/play_beep"), "is neither true nor false");
            }
            _ => {}
        }
    }

    fn transition(&mut self, path: &str, widget: Option<&Widget>, value: &Value, names: &[&str]) {
        let Some(transition) = value.as_object() else { return self.add(path, "is not an object") };
        self.only(path, transition, &["event", "next", "conditions"]);
        let event = transition.get("event").and_then(Value::as_str).unwrap_or("");
        let known = widget.is_none_or(|widget| widget.events.contains(&event));
        if event.is_empty() || !known {
            self.add(&format!("{path}/event"), "is nothing that happens in this widget");
        }
        match transition.get("next") {
            None | Some(Value::Null) => {}
            Some(Value::String(next)) if names.contains(&next.as_str()) => {}
            Some(_) => self.add(&format!("{path}/next"), "names a widget that does not exist"),
        }
        let conditions = match transition.get("conditions") {
            None if event != "match" => return,
            Some(Value::Array(conditions)) if event == "match" && !conditions.is_empty() => conditions,
            _ => return self.add(&format!("{path}/conditions"), "is for a match, which has some"),
        };
        for (at, condition) in conditions.iter().enumerate() {
            let text = |name: &str| condition.get(name).and_then(Value::as_str);
            let arguments = condition.get("arguments").and_then(Value::as_array);
            let whole = text("friendly_name").is_some()
                && text("value").is_some()
                && text("type").is_some_and(|kind| CONDITIONS.contains(&kind))
                && arguments.is_some_and(|arguments| arguments.iter().all(Value::is_string));
            if !whole {
                self.add(&format!("{path}/conditions/{at}"), "is not a condition");
            }
        }
    }

    fn only(&mut self, path: &str, object: &Map<String, Value>, known: &[&str]) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            self.add(&format!("{path}/{name}"), "is unknown");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow() -> Value {
        json!({
            "description": "When the office is asleep",
            "states": [
                { "name": "Trigger", "type": "trigger", "properties": { "offset": { "x": 0, "y": 0 } },
                  "transitions": [
                      { "event": "incomingMessage" },
                      { "event": "incomingCall", "next": "greeting" },
                  ] },
                { "name": "greeting", "type": "say-play", "properties": { "say": "Hello", "loop": 1 },
                  "transitions": [{ "event": "audioComplete", "next": "record" }] },
                { "name": "record", "type": "record-voicemail",
                  "properties": { "play_beep": "true", "max_length": 119, "transcribe": false },
                  "transitions": [{ "event": "recordingComplete" }, { "event": "hangup" }] },
            ],
            "initial_state": "Trigger", "flags": { "allow_concurrent_calls": true },
        })
    }

    #[test]
    fn a_whole_definition_is_read() {
        let read = Definition::read(&flow()).expect("nothing wrong");
        assert_eq!(read.initial_state, "Trigger");
        let greeting = read.state("greeting").expect("a widget");
        assert_eq!(greeting.next("audioComplete").as_deref(), Some("record"));
        assert_eq!(greeting.text("loop").as_deref(), Some("1"));
        assert_eq!(read.state("record").and_then(|record| record.next("hangup")), None);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (pointer, value, path) in [
            ("/initial_state", json!("Start"), "#/initial_state"),
            ("/states", json!([]), "#/states"),
            ("/states/1/type", json!("sing"), "#/states/1/type"),
            ("/states/1/name", json!("Trigger"), "#/states/1"),
            ("/states/1/properties", json!({}), "#/states/1/properties"),
            ("/states/1/properties/loop", json!("1"), "#/states/1/properties/loop"),
            ("/states/1/transitions/0/next", json!("nowhere"), "#/states/1/transitions/0/next"),
            ("/states/1/transitions/0/event", json!("hangup"), "#/states/1/transitions/0/event"),
            (
                "/states/1/transitions/0",
                json!({ "event": "audioComplete", "conditions": [] }),
                "#/states/1/transitions/0/conditions",
            ),
            ("/states/2/properties/play_beep", json!("maybe"), "#/states/2/properties/play_beep"),
            ("/states/2/properties/max_length", json!("119"), "#/states/2/properties/max_length"),
        ] {
            let mut flow = flow();
            *flow.pointer_mut(pointer).expect(pointer) = value;
            let errors = Definition::read(&flow).expect_err(pointer);
            assert!(errors.iter().any(|error| error["property_path"] == path), "{pointer}: {errors:?}");
        }
        assert!(Definition::read(&json!("a flow")).is_err());
    }
}
