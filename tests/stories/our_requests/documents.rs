//! Whether a request is one Twilio's OpenAPI documents know.

use super::basic;
use reqwest::Url;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What our client sent.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) authorization: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) body: String,
}

/// Twilio's documents.
pub(super) struct Documents(Vec<Value>);

/// A document with a path, what the placeholders in it stand for, and what may be asked there.
type Place<'a> = (&'a Value, Vec<(String, String)>, &'a Value);

impl Documents {
    pub(super) fn read() -> Self {
        let read = |text: &str| -> Value { serde_json::from_str(text).expect("a document") };
        Self(vec![
            read(include_str!("../../data/openapi/twilio_accounts_v1.json")),
            read(include_str!("../../data/openapi/twilio_api_v2010.json")),
            read(include_str!("../../data/openapi/twilio_lookups_v2.json")),
            read(include_str!("../../data/openapi/twilio_messaging_v1.json")),
            read(include_str!("../../data/openapi/twilio_monitor_v1.json")),
            read(include_str!("../../data/openapi/twilio_studio_v2.json")),
        ])
    }

    /// The document that has this path, what the path names, and what may be asked there.
    fn place(&self, path: &str) -> Option<Place<'_>> {
        self.0.iter().find_map(|document| {
            let paths = document["paths"].as_object().expect("paths");
            paths.iter().find_map(|(template, item)| Some((document, named(template, path)?, item)))
        })
    }

    /// Everything that is wrong with a request.
    pub(super) fn wrong(&self, asked: &Asked) -> Vec<String> {
        let Some((document, in_path, item)) = self.place(&as_documented(&asked.path)) else {
            return vec![format!("{}: no such path", asked.path)];
        };
        let Some(operation) = item.get(asked.method.to_lowercase()) else {
            return vec![format!("{} {}: no such method", asked.method, asked.path)];
        };
        let mut wrong = Vec::new();
        if asked.authorization.as_ref() != Some(&basic()) {
            wrong.push("not signed in".to_owned());
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let parameters: Vec<&Value> = parameters.iter().map(|one| resolved(document, one)).collect();
        for place in ["path", "query"] {
            let known = parameters.iter().filter(|one| one["in"] == place);
            let known: BTreeMap<&str, &Value> =
                known.map(|one| (one["name"].as_str().expect("a name"), &one["schema"])).collect();
            let required = parameters.iter().filter(|one| one["in"] == place && one["required"] == true);
            let required: Vec<&str> = required.filter_map(|one| one["name"].as_str()).collect();
            let sent = if place == "path" { in_path.clone() } else { pairs(&asked.query) };
            wrong.extend(misfits(document, &known, &required, &sent));
        }

        let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
        if form.is_null() {
            if !asked.body.is_empty() {
                wrong.push("a body where none is taken".to_owned());
            }
            return wrong;
        }
        let kind = asked.content_type.as_deref().unwrap_or_default();
        if kind.split(';').next() != Some("application/x-www-form-urlencoded") {
            wrong.push(format!("a body of type {kind:?}"));
        }
        let known = form["properties"].as_object().expect("properties");
        let known: BTreeMap<&str, &Value> =
            known.iter().map(|(name, schema)| (name.as_str(), schema)).collect();
        let required = form["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let required: Vec<&str> = required.collect();
        let mut sent = pairs(&asked.body);
        if operation["operationId"].as_str().is_some_and(|id| id.starts_with("Update")) {
            // In an update, empty clears: no schema says so, and no pattern allows for it.
            sent.retain(|(name, value)| !(value.is_empty() && known.contains_key(name.as_str())));
        }
        wrong.extend(misfits(document, &known, &required, &sent));
        wrong
    }

    /// Asserts that a request is found wrong, and for this.
    #[track_caller]
    pub(super) fn notice(&self, asked: &Asked, what: &str) {
        let wrong = self.wrong(asked);
        assert!(wrong.iter().any(|one| one.contains(what)), "{what:?} is not among {wrong:?}: {asked:?}");
    }
}

/// The bytes of a file are where its record is, but for the ending.
fn as_documented(path: &str) -> String {
    let sound = path.strip_suffix(".wav").or(path.strip_suffix(".mp3"));
    let sound = sound.filter(|path| path.contains("/Recordings/"));
    let picture = Some(path).filter(|path| path.contains("/Media/") && !path.contains(".json"));
    sound.or(picture).map_or_else(|| path.to_owned(), |path| format!("{path}.json"))
}

/// What `template` names in `path`, where they fit.
fn named(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (mut templates, mut parts) = (template.split('/'), path.split('/'));
    let mut values = Vec::new();
    loop {
        match (templates.next(), parts.next()) {
            (None, None) => return Some(values),
            (Some(template), Some(part)) => {
                if let Some((before, rest)) = template.split_once('{') {
                    let (name, after) = rest.split_once('}')?;
                    let value = part.strip_prefix(before)?.strip_suffix(after)?;
                    let (_, value) = pairs(&format!("v={}", value.replace('+', "%2B"))).remove(0);
                    values.push((name.to_owned(), value));
                } else if template != part {
                    return None;
                }
            }
            _ => return None,
        }
    }
}

fn pairs(encoded: &str) -> Vec<(String, String)> {
    let url = Url::parse(&format!("http://localhost/?{encoded}")).expect("an address");
    url.query_pairs().into_owned().filter(|(name, _)| !name.is_empty()).collect()
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.map_or(schema, |at| document.pointer(at).expect("what is referred to"))
}

/// What was sent and is not known, is missing, or does not fit.
fn misfits(
    document: &Value,
    known: &BTreeMap<&str, &Value>,
    required: &[&str],
    sent: &[(String, String)],
) -> Vec<String> {
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in sent {
        values.entry(name).or_default().push(value);
    }
    let missing = required.iter().filter(|name| !values.contains_key(**name));
    let mut wrong: Vec<String> = missing.map(|name| format!("{name} is missing")).collect();
    for (name, values) in values {
        match known.get(name) {
            Some(schema) => {
                wrong.extend(misfit(document, schema, &values).map(|why| format!("{name}: {why}")));
            }
            None => wrong.push(format!("{name} is not known")),
        }
    }
    wrong
}

fn misfit(document: &Value, schema: &Value, values: &[&str]) -> Option<String> {
    let mut schema = resolved(document, schema).clone();
    let sent = if schema["type"] == "array" {
        schema["items"] = resolved(document, &schema["items"]).clone();
        values.iter().map(|value| typed(&schema["items"], value)).collect::<Value>()
    } else if let [value] = values {
        typed(&schema, value)
    } else {
        return Some(format!("sent {} times", values.len()));
    };
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .with_format("phone-number", is_e164)
        .with_format("endpoint", is_e164)
        .build(&schema)
        .expect("a schema");
    let why: Vec<String> = validator.iter_errors(&sent).map(|error| error.to_string()).collect();
    Some(why.join("; ")).filter(|why| !why.is_empty())
}

/// A value of a form as the thing it stands for.
fn typed(schema: &Value, text: &str) -> Value {
    let read = match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().ok().map(Value::from),
        Some("number") => text.parse::<f64>().ok().map(Value::from),
        Some("boolean") => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    read.unwrap_or_else(|| json!(text))
}

fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    digits.is_some_and(|digits| (2..=15).contains(&digits.len()) && !digits.starts_with('0'))
}
