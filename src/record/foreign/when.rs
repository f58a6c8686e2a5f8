//! Times as other people's records write them, and what is wrong with one that cannot be read.

use super::{Said, json};
use crate::record::{Bound, Trust, Window};
use crate::time::{Interval, Order, Timestamp, parse_instant};
use serde_json::Value;
use std::fmt;

/// The longest part of somebody else's text that a message repeats, in characters.
const BRIEF: usize = 80;

/// A field that does not say what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The field, as a path of keys, or a variable.
    field: String,
    /// What it says.
    value: String,
    /// What is wrong with that, and what to do.
    why: String,
}

impl Wrong {
    pub(super) fn new(field: &str, value: impl fmt::Display, why: impl Into<String>) -> Self {
        Self {
            field: brief(field),
            value: brief(&value.to_string()),
            why: why.into(),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, value, why } = self;
        write!(f, "{field} is `{value}`, {why}")
    }
}

/// The beginning of a text.
pub(super) fn brief(text: &str) -> String {
    match text.char_indices().nth(BRIEF) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What a program in Go writes for a time that nobody set: `time.Time{}`.
const UNSET: &str = "0001-01-01T00:00:00Z";

/// A time by RFC 3339, as wide as its last digit; `None` for one that was left empty.
pub(super) fn zoned(field: &str, text: &str) -> Result<Option<Interval>, Wrong> {
    if text.is_empty() || text == UNSET {
        return Ok(None);
    }
    // That an `@` may stand before seconds is skewgate's own.
    let read = (!text.starts_with('@')).then(|| parse_instant(text).ok());
    read.flatten().map(Some).ok_or_else(|| {
        Wrong::new(
            field,
            text,
            "which is no RFC 3339 time with its zone, such as 2026-01-02T03:04:05Z",
        )
    })
}

/// A whole number of seconds since 1970, which names that second; `None` for 0, by which programs mean
/// that it has not happened.
pub(super) fn seconds(field: &str, text: &str) -> Result<Option<Interval>, Wrong> {
    if text.is_empty() || text == "0" {
        return Ok(None);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let read = is_number.then(|| parse_instant(&format!("@{text}")).ok());
    read.flatten().map(Some).ok_or_else(|| {
        Wrong::new(
            field,
            text,
            "which is no whole number of seconds since 1970",
        )
    })
}

/// The time at a path in a JSON document by RFC 3339; `None` where there is none.
pub(super) fn zoned_at(value: &Value, path: &str) -> Result<Option<Interval>, Wrong> {
    match json::at(value, path) {
        None => Ok(None),
        Some(Value::String(text)) => zoned(path, text),
        Some(other) => Err(Wrong::new(
            path,
            other,
            "where a text with an RFC 3339 time should be",
        )),
    }
}

/// A time from which it was, `[t, ∞)`.
pub(super) fn since(at: Interval) -> Interval {
    at.earliest().map_or(at, Interval::from)
}

/// A time until which it was, `(-∞, t]`.
pub(super) fn until(at: Interval) -> Interval {
    at.latest().map_or(at, Interval::until)
}

/// One side of a window.
pub(super) fn bound(at: Interval, source: String, trust: Trust) -> Bound {
    Bound { at, source, trust }
}

/// A window of which only is known that it begins no earlier.
pub(super) fn began_since(at: Interval, source: String, trust: Trust) -> Window {
    Window {
        began: Some(bound(since(at), source, trust)),
        ended: None,
    }
}

/// The start by the first variable that tells a second: one that the server set, else one that the builder
/// did.
pub(super) fn first_second(
    said: &Said<'_>,
    by_server: &[&str],
    by_builder: &[&str],
) -> Result<Window, Wrong> {
    for (names, trust) in [(by_server, Trust::Server), (by_builder, Trust::Builder)] {
        for name in names {
            let Some(text) = said(name) else { continue };
            if let Some(at) = seconds(name, &text)? {
                return Ok(began_since(at, (*name).to_owned(), trust));
            }
        }
    }
    Ok(Window::default())
}

/// The window, if what a record says of its end can be true beside what it says of its start.
pub(super) fn in_order(window: Window, (began, ended): (&str, &str)) -> Result<Window, Wrong> {
    let (Some(start), Some(end)) = (&window.began, &window.ended) else {
        return Ok(window);
    };
    if end.at.order(start.at) != Order::Before {
        return Ok(window);
    }
    let shown = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let why = format!(
        "which is before {began} ({}): its clock was set back in between, or the record is made up",
        shown(start.at.earliest())
    );
    Err(Wrong::new(ended, shown(end.at.latest()), why))
}

#[cfg(test)]
mod tests {
    use super::{BRIEF, Wrong, brief, seconds, zoned, zoned_at};
    use serde_json::json;

    #[test]
    fn a_time_has_its_zone() {
        let width = |text| {
            zoned("f", text)
                .unwrap()
                .map(|at| at.width().as_nanos() + 1)
        };
        assert_eq!(width("2026-01-02T03:04:05Z"), Some(1_000_000_000));
        assert_eq!(width("2026-01-02 03:04:05.25-11:30"), Some(10_000_000));
        assert_eq!(width(""), None);
        assert_eq!(width("0001-01-01T00:00:00Z"), None);
        for text in [
            "@5",
            "2026-01-02T03:04:05",
            "2026-01-02",
            "1793491200",
            "x\0",
        ] {
            let wrong = zoned("f", text).unwrap_err().to_string();
            assert!(
                wrong.starts_with(&format!("f is `{text}`, which is no")),
                "{wrong}"
            );
        }
    }

    #[test]
    fn seconds_are_a_plain_number() {
        let first = |text| {
            seconds("f", text)
                .unwrap()
                .map(|at| at.earliest().unwrap().seconds())
        };
        assert_eq!(first("915148800"), Some(915_148_800));
        assert_eq!((first("0"), first("")), (None, None));
        for text in ["-1", "1.5", "+1", "1e9", " 1", "99999999999999999999"] {
            assert!(seconds("f", text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_no_time() {
        let value = json!({"a": {"b": 5, "c": null}});
        assert!(zoned_at(&value, "a.c").unwrap().is_none());
        let wrong = zoned_at(&value, "a.b").unwrap_err().to_string();
        assert!(wrong.starts_with("a.b is `5`, where"), "{wrong}");
    }

    #[test]
    fn a_message_is_no_longer_for_a_longer_text() {
        let long = "ü".repeat(10_000);
        assert_eq!(brief(&long).chars().count(), BRIEF + 1);
        assert!(Wrong::new(&long, &long, "why").to_string().len() < 400);
        assert_eq!(brief("short"), "short");
    }
}
