//! Runs flows. A call whose address is a flow's is answered from here, a widget at a time, with the TwiML
//! that does what the widget is there for; its action leads back here. Of the variables only those are known
//! that are about the call, the line and what the widgets heard.

use crate::{
    World,
    definition::{Condition, Definition, State},
    hosted::{fields, xml},
    rest::not_found,
    studio::Flow,
};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State as Extract},
    response::Response,
    routing::get,
};
use quick_xml::escape::escape;
use serde::Serialize;
use std::{collections::BTreeMap, fmt::Write, sync::Arc};

/// More splits than any flow has in a row: they lead round in circles.
const MOST_SPLITS: u32 = 100;

type Fields = BTreeMap<String, String>;

pub(crate) fn routes() -> Router<World> {
    Router::new().route("/v1/Accounts/{account}/Flows/{sid}", get(step).post(step))
}

/// What a flow did with one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlowRun {
    /// The flow.
    pub flow_sid: String,
    /// Which of its revisions.
    pub revision: u32,
    /// The call.
    pub call_sid: String,
    /// The widgets it came to, in that order.
    pub steps: Vec<String>,
    /// What the flow's log would show.
    pub errors: Vec<String>,
}

/// The account's flows, oldest first, and what they did.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    pub(crate) all: Vec<Flow>,
    runs: Vec<Run>,
}

impl Flows {
    /// What all of them did, oldest first.
    pub(crate) fn told(&self) -> Vec<FlowRun> {
        self.runs.iter().map(|run| run.log.clone()).collect()
    }

    /// The document for a call: at first, or after something has happened to it. None where there is no
    /// such flow, or none that was published.
    fn step(&mut self, flow_sid: &str, event: Option<&str>, told: Fields) -> Option<String> {
        let call_sid = told.get("CallSid").cloned().unwrap_or_default();
        let Some(event) = event else {
            let flow = self.all.iter().find(|flow| flow.sid == flow_sid)?;
            let (revision, definition) = flow.live.clone()?;
            let first = if call_sid.is_empty() { "incomingMessage" } else { "incomingCall" };
            let steps = vec![definition.initial_state.clone()];
            let log =
                FlowRun { flow_sid: flow_sid.to_owned(), revision, call_sid, steps, errors: Vec::new() };
            let mut run = Run { log, definition, trigger: told, heard: BTreeMap::new() };
            let document = run.go(first);
            self.runs.push(run);
            return Some(document);
        };
        let mut runs = self.runs.iter_mut().rev();
        let run = runs.find(|run| run.log.flow_sid == flow_sid && run.log.call_sid == call_sid)?;
        let gone = told.get("CallStatus").is_some_and(|status| status == "completed");
        let at = run.at().to_owned();
        run.heard.insert(at, told);
        Some(run.go(if gone { "hangup" } else { event }))
    }
}

/// A flow that was begun.
#[derive(Debug)]
struct Run {
    log: FlowRun,
    definition: Arc<Definition>,
    /// What was told when it began.
    trigger: Fields,
    /// What was told at the end of a widget, by its name.
    heard: BTreeMap<String, Fields>,
}

impl Run {
    /// The widget it has come to.
    fn at(&self) -> &str {
        self.log.steps.last().map_or("", String::as_str)
    }

    /// Goes on from the widget it has come to.
    fn go(&mut self, event: &str) -> String {
        let definition = Arc::clone(&self.definition);
        let mut next = definition.state(self.at()).and_then(|state| state.next(event));
        for _ in 0..MOST_SPLITS {
            let Some(state) = next.and_then(|name| definition.state(&name)) else { return document("") };
            self.log.steps.push(state.name.clone());
            let verbs = match state.kind.as_str() {
                "split-based-on" => {
                    next = self.split(state);
                    continue;
                }
                "say-play" => self.say(state),
                "connect-call-to" => self.connect(state),
                "record-voicemail" => self.record(state),
                other => {
                    tracing::warn!(widget = other, "the practice line does not run this widget");
                    self.log.errors.push(format!("{} is not run here: {other}", state.name));
                    String::new()
                }
            };
            return document(&verbs);
        }
        self.log.errors.push("the flow leads round in circles".to_owned());
        document("")
    }

    fn say(&mut self, state: &State) -> String {
        let mut verbs = String::new();
        let times = self.attribute(state, "loop", "loop");
        if let Some(text) = state.text("say") {
            let (voice, language) =
                (self.attribute(state, "voice", "voice"), self.attribute(state, "language", "language"));
            let text = self.filled(&text);
            let _ = write!(verbs, "<Say{voice}{language}{times}>{}</Say>", escape(text));
        } else if let Some(url) = state.text("play") {
            let url = self.filled(&url);
            let _ = write!(verbs, "<Play{times}>{}</Play>", escape(url));
        } else {
            let digits = self.attribute(state, "digits", "digits");
            let _ = write!(verbs, "<Play{digits}{times}/>");
        }
        verbs.push_str("<Redirect>?FlowEvent=audioComplete</Redirect>");
        verbs
    }

    fn connect(&mut self, state: &State) -> String {
        let noun = state.text("noun").unwrap_or_default();
        if noun != "number" && noun != "number-multi" {
            self.log.errors.push(format!("{} calls a {noun}, which is not run here", state.name));
            return "<Redirect>?FlowEvent=callCompleted</Redirect>".to_owned();
        }
        let mut attributes = self.attribute(state, "caller_id", "callerId");
        attributes += &self.attribute(state, "timeout", "timeout");
        attributes += &self.attribute(state, "time_limit", "timeLimit");
        if state.text("record").as_deref() == Some("true") {
            attributes += " record=\"record-from-answer\"";
        }
        let to = self.filled(&state.text("to").unwrap_or_default());
        let numbers: Vec<String> = if noun == "number" {
            vec![to]
        } else {
            to.split(',').map(str::trim).filter(|number| !number.is_empty()).map(str::to_owned).collect()
        };
        let mut verb = format!("<Dial action=\"?FlowEvent=callCompleted\"{attributes}>");
        for number in numbers {
            let _ = write!(verb, "<Number>{}</Number>", escape(number));
        }
        verb + "</Dial>"
    }

    fn record(&mut self, state: &State) -> String {
        let mut attributes = String::new();
        for (property, attribute) in [
            ("timeout", "timeout"),
            ("max_length", "maxLength"),
            ("trim", "trim"),
            ("play_beep", "playBeep"),
            ("transcribe", "transcribe"),
            ("transcription_callback_url", "transcribeCallback"),
            ("recording_status_callback_url", "recordingStatusCallback"),
        ] {
            attributes += &self.attribute(state, property, attribute);
        }
        // Unlike the verb, the widget knows no key unless it is named.
        let keys = self.filled(&state.text("finish_on_key").unwrap_or_default());
        format!(
            "<Record action=\"?FlowEvent=recordingComplete\" finishOnKey=\"{}\"{attributes}/>\
             <Redirect>?FlowEvent=noAudio</Redirect>",
            escape(keys)
        )
    }

    /// Where a split leads.
    fn split(&mut self, state: &State) -> Option<String> {
        let input = self.filled(&state.text("input").unwrap_or_default());
        for transition in state.transitions.iter().filter(|transition| transition.event == "match") {
            let mut conditions = transition.conditions.iter();
            if conditions.len() > 0 && conditions.all(|condition| self.holds(condition, &input)) {
                return transition.next.clone();
            }
        }
        state.next("noMatch")
    }

    fn holds(&mut self, condition: &Condition, input: &str) -> bool {
        let input = match condition.arguments.first() {
            Some(argument) => self.filled(argument),
            None => input.to_owned(),
        };
        let value = self.filled(&condition.value);
        let any_of = || value.split(',').any(|one| one.trim() == input);
        match condition.kind.as_str() {
            "equal_to" => input == value,
            "not_equal_to" => input != value,
            "matches_any_of" => any_of(),
            "does_not_match_any_of" => !any_of(),
            "is_blank" => input.trim().is_empty(),
            "is_not_blank" => !input.trim().is_empty(),
            "contains" => input.contains(&value),
            "does_not_contain" => !input.contains(&value),
            "starts_with" => input.starts_with(&value),
            "does_not_start_with" => !input.starts_with(&value),
            other => {
                self.log.errors.push(format!("a condition is not run here: {other}"));
                false
            }
        }
    }

    /// A property as an attribute of a verb, where it is set.
    fn attribute(&mut self, state: &State, property: &str, attribute: &str) -> String {
        let Some(value) = state.text(property) else { return String::new() };
        format!(" {attribute}=\"{}\"", escape(self.filled(&value)))
    }

    /// A text with its variables filled in; one that is not known is empty, and an error.
    fn filled(&mut self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((name, behind)) = after.split_once("}}") else {
                self.log.errors.push("a variable is not closed".to_owned());
                return filled;
            };
            match self.variable(name.trim()) {
                Some(value) => filled.push_str(&value),
                None => self.log.errors.push(format!("no such variable: {}", name.trim())),
            }
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }

    fn variable(&self, name: &str) -> Option<String> {
        let told = |fields: &Fields, name: &str| fields.get(name).cloned().unwrap_or_default();
        match name {
            "contact.channel.address" => Some(told(&self.trigger, "From")),
            "flow.channel.address" => Some(told(&self.trigger, "To")),
            _ => {
                if let Some(field) = name.strip_prefix("trigger.call.") {
                    return Some(told(&self.trigger, field));
                }
                let (widget, field) = name.strip_prefix("widgets.")?.split_once('.')?;
                self.definition.state(widget)?;
                Some(self.heard.get(widget).map(|fields| told(fields, field)).unwrap_or_default())
            }
        }
    }
}

fn document(verbs: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{verbs}</Response>")
}

async fn step(
    Extract(world): Extract<World>,
    Path((account, sid)): Path<(String, String)>,
    Query(query): Query<Fields>,
    body: Bytes,
) -> Response {
    if account != world.config.account_sid {
        return not_found("flow");
    }
    let event = query.get("FlowEvent").cloned();
    let told = fields(query, &body);
    match world.town().flows.step(&sid, event.as_deref(), told) {
        Some(document) => xml(document),
        None => not_found("flow"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(states: &serde_json::Value) -> Run {
        let definition = json!({ "initial_state": "Trigger", "states": states });
        let definition = Arc::new(Definition::read(&definition).expect("a definition"));
        let log = FlowRun {
            flow_sid: "FW1".into(),
            revision: 1,
            call_sid: "CA1".into(),
            steps: vec!["Trigger".into()],
            errors: Vec::new(),
        };
        let told = [("From", "+15550100009"), ("To", "+15005550006")];
        let trigger = told.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Run { log, definition, trigger, heard: BTreeMap::new() }
    }

    fn begins_with(widget: &str) -> serde_json::Value {
        let transitions = json!([{ "event": "incomingCall", "next": widget }]);
        json!({ "name": "Trigger", "type": "trigger", "transitions": transitions })
    }

    #[test]
    fn widgets_become_verbs() {
        for (kind, properties, verbs) in [
            (
                "say-play",
                json!({ "say": "You called {{flow.channel.address}} & us", "voice": "Polly.Joanna" }),
                "<Say voice=\"Polly.Joanna\">You called +15005550006 &amp; us</Say>",
            ),
            ("say-play", json!({ "play": "https://a.example/x.mp3", "loop": 2 }), "<Play loop=\"2\">"),
            (
                "connect-call-to",
                json!({ "noun": "number-multi", "to": "+15550100001, +15550100002", "timeout": 20,
                    "caller_id": "{{contact.channel.address}}" }),
                "callerId=\"+15550100009\" timeout=\"20\"><Number>+15550100001</Number><Number>+15550100002",
            ),
            (
                "record-voicemail",
                json!({ "max_length": 119, "play_beep": "true" }),
                "<Record action=\"?FlowEvent=recordingComplete\" finishOnKey=\"\" maxLength=\"119\"",
            ),
        ] {
            let widget = json!({ "name": "it", "type": kind, "properties": properties, "transitions": [] });
            let mut run = run(&json!([begins_with("it"), widget]));
            let document = run.go("incomingCall");
            assert!(document.contains(verbs), "{document}");
            assert_eq!(run.log.steps, ["Trigger", "it"]);
            assert!(run.log.errors.is_empty(), "{:?}", run.log.errors);
        }
    }

    #[test]
    fn what_is_not_known_is_in_the_flows_log() {
        let widget = json!({ "name": "it", "type": "say-play", "transitions": [],
            "properties": { "say": "Hello {{flow.variables.name}}" } });
        let mut run = run(&json!([begins_with("it"), widget]));
        assert!(run.go("incomingCall").contains("<Say>Hello </Say>"));
        assert_eq!(run.log.errors, ["no such variable: flow.variables.name"]);
    }

    #[test]
    fn a_split_that_leads_to_itself_comes_to_an_end() {
        let split = json!({ "name": "it", "type": "split-based-on", "properties": { "input": "x" },
            "transitions": [{ "event": "noMatch", "next": "it" }] });
        let mut run = run(&json!([begins_with("it"), split]));
        assert_eq!(run.go("incomingCall"), document(""));
        assert_eq!(run.log.errors.len(), 1);
    }
}
