//! One page of a list, with Twilio's links to the others, and the moments a list can be asked for.

use crate::{World, rest::Params};
use axum::extract::OriginalUri;
use serde_json::{Map, Value, json};

const DAY_MS: i64 = 86_400_000;

/// A part of a list, and the ways to the others.
struct Part {
    shown: Vec<Value>,
    number: usize,
    size: usize,
    start: usize,
    more: bool,
    path: String,
    /// What else was asked for.
    kept: Vec<String>,
}

impl Part {
    /// Only what is shown is put into its shape: lists are long.
    fn of<T>(uri: &OriginalUri, query: &Params, all: &[T], shape: impl FnMut(&T) -> Value) -> Self {
        let size = query.get("PageSize").and_then(|size| size.parse().ok()).unwrap_or(50_usize);
        let size = size.clamp(1, 1_000);
        let number: usize = query.get("Page").and_then(|page| page.parse().ok()).unwrap_or(0);
        let start = number.saturating_mul(size);
        let shown: Vec<Value> = all.iter().skip(start).take(size).map(shape).collect();
        let more = start.saturating_add(shown.len()) < all.len();
        let paging = ["Page=", "PageToken=", "PageSize="];
        let pairs = uri.0.query().unwrap_or("").split('&');
        let kept = pairs.filter(|pair| !pair.is_empty() && !paging.iter().any(|p| pair.starts_with(p)));
        let kept = kept.map(str::to_owned).collect();
        Self { shown, number, size, start, more, path: uri.0.path().to_owned(), kept }
    }

    fn link(&self, page: usize) -> String {
        let mut pairs = self.kept.clone();
        pairs.push(format!("PageSize={}&Page={page}&PageToken=PA{}", self.size, "0".repeat(32)));
        format!("{}?{}", self.path, pairs.join("&"))
    }

    fn next(&self) -> Option<String> {
        self.more.then(|| self.link(self.number + 1))
    }

    fn previous(&self) -> Option<String> {
        self.number.checked_sub(1).map(|page| self.link(page))
    }
}

/// One page of a list, each entry as `shape` writes it, with Twilio's links to the others.
pub(crate) fn page<T>(
    uri: &OriginalUri,
    query: &Params,
    name: &str,
    all: &[T],
    shape: impl FnMut(&T) -> Value,
) -> Value {
    let part = Part::of(uri, query, all, shape);
    let mut body = Map::new();
    for (key, value) in [
        ("page", json!(part.number)),
        ("page_size", json!(part.size)),
        ("start", json!(part.start)),
        ("end", json!(part.start.saturating_add(part.shown.len().saturating_sub(1)))),
        ("uri", json!(part.link(part.number))),
        ("first_page_uri", json!(part.link(0))),
        ("next_page_uri", json!(part.next())),
        ("previous_page_uri", json!(part.previous())),
    ] {
        body.insert(key.into(), value);
    }
    body.insert(name.into(), part.shown.into());
    body.into()
}

/// One page of a list as the newer products have it, whose links are whole addresses.
pub(crate) fn listed<T>(
    world: &World,
    uri: &OriginalUri,
    query: &Params,
    key: &str,
    all: &[T],
    shape: impl FnMut(&T) -> Value,
) -> Value {
    let part = Part::of(uri, query, all, shape);
    let whole = |path: String| format!("{}{path}", world.base);
    let meta = json!({
        "page": part.number, "page_size": part.size, "key": key, "url": whole(part.link(part.number)),
        "first_page_url": whole(part.link(0)), "next_page_url": part.next().map(whole),
        "previous_page_url": part.previous().map(whole),
    });
    let mut body = Map::new();
    body.insert("meta".into(), meta);
    body.insert(key.into(), part.shown.into());
    body.into()
}

/// A moment as filters write it: a day or an instant, in UTC milliseconds.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let at: Option<jiff::Timestamp> = text.parse().ok();
    at.or_else(|| {
        Some(text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
    .map(jiff::Timestamp::as_millisecond)
}

/// Whether a moment is what a list is asked for: on the UTC day `name`, until `name<`, from `name>` on. A day
/// means its first moment there. Source: Twilio's OpenAPI document for 2010-04-01.
pub(crate) fn within(query: &Params, name: &str, at_ms: Option<i64>) -> bool {
    let asked = |how: &str| query.get(&format!("{name}{how}")).and_then(|text| instant(text));
    let fits = |asked: Option<i64>, fits: &dyn Fn(i64, i64) -> bool| {
        asked.is_none_or(|asked| at_ms.is_some_and(|at_ms| fits(at_ms, asked)))
    };
    fits(asked(""), &|at, day| at.div_euclid(DAY_MS) == day.div_euclid(DAY_MS))
        && fits(asked("<"), &|at, end| at <= end)
        && fits(asked(">"), &|at, begin| at >= begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Friday, 20 November 2026, at six in the evening.
    const AT_MS: i64 = 1_795_197_600_000;

    fn asked(pairs: &[(&str, &str)]) -> Params {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_moment_is_asked_for_by_day_or_to_the_second() {
        for (name, value, fits) in [
            ("DateSent", "2026-11-20", true),
            ("DateSent", "2026-11-19", false),
            ("DateSent", "2026-11-20T03:00:00Z", true),
            ("DateSent>", "2026-11-20", true),
            ("DateSent>", "2026-11-21", false),
            ("DateSent>", "2026-11-20T18:00:00Z", true),
            ("DateSent>", "2026-11-20T18:00:01Z", false),
            ("DateSent<", "2026-11-20", false),
            ("DateSent<", "2026-11-21", true),
            ("DateSent<", "2026-11-20T18:00:00Z", true),
            ("StartTime", "2026-11-19", true),
        ] {
            assert_eq!(within(&asked(&[(name, value)]), "DateSent", Some(AT_MS)), fits, "{name}={value}");
        }
        assert!(!within(&asked(&[("DateSent>", "2020-01-01")]), "DateSent", None), "it was never sent");
        assert!(within(&asked(&[]), "DateSent", None));
    }

    #[test]
    fn only_what_is_on_the_page_is_put_into_its_shape() {
        let all: Vec<u32> = (0..5_000).collect();
        let uri = OriginalUri("/list?To=x&PageSize=1000&Page=3".parse().expect("an address"));
        let query = asked(&[("PageSize", "1000"), ("Page", "3")]);
        let mut shaped = 0;
        let list = page(&uri, &query, "numbers", &all, |number| {
            shaped += 1;
            (*number).into()
        });
        assert_eq!((shaped, list["start"].as_u64(), list["end"].as_u64()), (1_000, Some(3_000), Some(3_999)));
        let next = list["next_page_uri"].as_str().expect("another page");
        assert!(next.starts_with("/list?To=x&PageSize=1000&Page=4&PageToken=PA"), "{next}");
        let last =
            page(&uri, &asked(&[("PageSize", "1000"), ("Page", "4")]), "numbers", &all, |n| (*n).into());
        assert!(last["next_page_uri"].is_null());
    }
}
