//! JSON of which a few places hold times: it is gone through without keeping the rest.

use super::text::tell;
use crate::bytes::{Extent, Flaw, Limit};
use crate::format::{Field, Head, Value, Visit};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A place in a document.
#[derive(Debug)]
pub(in crate::format) struct Pick {
    /// The keys on the way there, with slashes between; `*` is every item of a list.
    pub(in crate::format) path: &'static str,
    /// What stands there.
    pub(in crate::format) what: What,
}

/// What stands at a place in a document.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) enum What {
    /// A time, and how it is read.
    Time(&'static Field, fn(&str) -> Value),
    /// A document of its own, in base64 …
    Payload,
    /// … if this stands there, too.
    PayloadType,
    /// A signature.
    Signature,
}

/// A time.
pub(in crate::format) const fn time(
    path: &'static str,
    field: &'static Field,
    read: fn(&str) -> Value,
) -> Pick {
    let what = What::Time(field, read);
    Pick { path, what }
}

/// The beginning of what may be JSON; nothing of what cannot be.
pub(in crate::format) fn beginning<'head>(head: &'head Head<'_>) -> &'head [u8] {
    match head.first.trim_ascii_start() {
        [b'{' | b'[' | 0xef, ..] => head.long(),
        _ => &[],
    }
}

/// Whether bytes are the beginning of a JSON object in which these strings, keys or the beginnings of texts, stand
/// early.
pub(in crate::format) fn mentions<const N: usize>(first: &[u8], wanted: [&str; N]) -> [bool; N] {
    let mut met = [false; N];
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    let mut rest = first.trim_ascii_start();
    if !rest.starts_with(b"{") {
        return met;
    }
    while let Some(quote) = rest.iter().position(|byte| *byte == b'"') {
        rest = &rest[quote + 1..];
        for (met, wanted) in met.iter_mut().zip(wanted) {
            *met |= rest.starts_with(wanted.as_bytes());
        }
    }
    met
}

/// All of a file that is to be gone through.
///
/// # Errors
/// When it is larger than what may be kept in memory, or the system fails to read it.
pub(in crate::format) fn whole(visit: &Visit<'_>, extent: Extent<'_>) -> Result<Vec<u8>, Flaw> {
    let most = visit.budget().limits.memory;
    if extent.size() > most {
        return Err(Flaw::limit(Limit::Memory, most));
    }
    let mut bytes = extent.bytes(0, usize::try_from(most).unwrap_or(usize::MAX))?;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(bytes)
}

/// Tells of the times in a document, or in as many as there are, one after another or one a line.
///
/// # Errors
/// When one is no JSON, or they are too large.
pub(in crate::format) fn read(
    visit: &mut Visit<'_>,
    extent: Extent<'_>,
    picks: &'static [Pick],
) -> Result<(), Flaw> {
    let bytes = whole(visit, extent)?;
    for document in documents(&bytes) {
        visit.budget().go_on()?;
        pick(document, picks, &mut |pick, text| {
            if let What::Time(field, read) = pick.what {
                tell(visit, field, read, text);
            }
        })?;
    }
    Ok(())
}

/// The documents that stand one after another, as they are: whether they are JSON is not looked at.
pub(in crate::format) fn documents(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return None;
        }
        let (document, after) = rest.split_at(end(rest));
        rest = after;
        Some(document)
    })
}

/// Whether all of a file is at hand, an object that ends before its first bracket is closed.
pub(in crate::format) fn is_cut_off(head: &Head<'_>) -> bool {
    let first = beginning(head);
    let length = u64::try_from(first.len()).unwrap_or(u64::MAX);
    let is_all = match head.extent {
        Some(extent) => extent.size() <= length,
        None => first.len() < Head::LENGTH,
    };
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    let first = first.trim_ascii_start();
    is_all && first.starts_with(b"{") && closes(first).is_none()
}

/// Where a document ends: behind the bracket that closes its first one, or at the end of all.
fn end(bytes: &[u8]) -> usize {
    closes(bytes).unwrap_or(bytes.len())
}

/// Where the first bracket is closed, if it is.
fn closes(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut in_text, mut is_escaped) = (0_u64, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Goes through one document, and tells what stands at the places.
///
/// # Errors
/// When it is no JSON. However deep it is nested, only the way to the places is gone down.
pub(in crate::format) fn pick(
    document: &[u8],
    picks: &'static [Pick],
    found: &mut dyn FnMut(&'static Pick, &str),
) -> Result<(), Flaw> {
    let mut json = serde_json::Deserializer::from_slice(document);
    let on = picks.iter().map(|pick| (pick, pick.path)).collect();
    let level = Level { on, found };
    level
        .deserialize(&mut json)
        .and_then(|()| json.end())
        .map_err(|error| {
            let told =
                |how| format!("its JSON is {how}: {error}; the times after that were not read");
            if error.is_eof() {
                Flaw::truncated(told("cut off"))
            } else {
                Flaw::malformed(told("wrong"))
            }
        })
}

/// One value on the way to some of the places.
struct Level<'a> {
    /// Each with what is left of its path.
    on: Vec<(&'static Pick, &'static str)>,
    found: &'a mut dyn FnMut(&'static Pick, &str),
}

impl Level<'_> {
    /// Those that go on by this key.
    fn by(&self, key: &str) -> Vec<(&'static Pick, &'static str)> {
        let on = self.on.iter().filter_map(|(pick, path)| {
            let (first, rest) = path.split_once('/').unwrap_or((path, ""));
            (first == key).then_some((*pick, rest))
        });
        on.collect()
    }

    fn scalar<E>(self, text: &str) -> Result<(), E> {
        for (pick, _) in self.on.iter().filter(|(_, rest)| rest.is_empty()) {
            (self.found)(pick, text);
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.on.is_empty() {
            return from.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.scalar(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.scalar(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.scalar(&number.to_string())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.scalar(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let on = self.by("*");
        loop {
            let level = Level {
                on: on.clone(),
                found: &mut *self.found,
            };
            if items.next_element_seed(level)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(on) = entries.next_key_seed(Key(&self))? {
            entries.next_value_seed(Level {
                on,
                found: &mut *self.found,
            })?;
        }
        Ok(())
    }
}

/// A key, of which only where it leads is kept.
struct Key<'a, 'b>(&'a Level<'b>);

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Vec<(&'static Pick, &'static str)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = Vec<(&'static Pick, &'static str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.by(key))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pick, What, documents, mentions, pick};
    use crate::bytes::Limit;
    use crate::format::Options;
    use crate::format::piece::listing::lines_with;
    use proptest::prelude::{any, proptest};

    const PICKS: &[Pick] = &[
        Pick {
            path: "created",
            what: What::Payload,
        },
        Pick {
            path: "list/*/a.b",
            what: What::Payload,
        },
    ];

    fn picked(document: &str) -> Result<Vec<String>, String> {
        let mut all = Vec::new();
        let outcome = pick(document.as_bytes(), PICKS, &mut |pick, text| {
            all.push(format!("{}={text}", pick.path));
        });
        outcome.map(|()| all).map_err(|flaw| flaw.message.into())
    }

    #[test]
    fn only_what_stands_at_a_place_is_told() {
        let text = r#"{"created": "x\"y", "list": [{"a.b": 1, "c": {"a.b": 2}}, 3, {"a.b": -1.5}, {"a.b": null}],
"other": {"created": "no"}, "created": "twice"}"#;
        let expected = [
            "created=x\"y",
            "list/*/a.b=1",
            "list/*/a.b=-1.5",
            "created=twice",
        ];
        assert_eq!(picked(text).unwrap(), expected);
        assert_eq!(
            picked(r#"{"*": {"created": 1}, "list": {"*": 2}}"#).unwrap(),
            [""; 0]
        );
    }

    #[test]
    fn what_is_no_json_is_told() {
        for (text, why) in [
            ("{", "cut off"),
            (r#"{"created": tru}"#, "wrong"),
            ("{} {}", "wrong"),
        ] {
            let told = picked(text).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        for text in [deep.clone(), format!("{{\"list\":{deep}}}")] {
            assert_eq!(picked(&text).unwrap(), [""; 0]);
        }
    }

    #[test]
    fn documents_end_where_their_first_bracket_is_closed() {
        let all = |text: &'static str| -> Vec<&str> {
            let found = documents(text.as_bytes());
            found.map(|found| str::from_utf8(found).unwrap()).collect()
        };
        assert_eq!(
            all("{\"a\": \"}\\\"\"}\n[{}]{} "),
            ["{\"a\": \"}\\\"\"}", "[{}]", "{}"]
        );
        assert_eq!(all("{\"a\n"), ["{\"a\n"]);
        assert_eq!(all(" }}x"), ["}", "}", "x"]);
    }

    #[test]
    fn a_file_is_told_by_what_stands_early() {
        assert_eq!(
            mentions(b"\xef\xbb\xbf { \"a\" : 1, \"bc\"", ["a\"", "b", "d"]),
            [true, true, false]
        );
        assert_eq!(mentions(b"[\"a\"]", ["a"]), [false]);
    }

    #[test]
    fn what_is_too_large_for_memory_is_told() {
        let mut options = Options::default();
        let bytes = br#"{"bomFormat":"CycloneDX","metadata":{"timestamp":"2026-01-02T04:04:06Z"}}"#;
        options.limits.set(Limit::Memory, 73);
        assert_eq!(lines_with(&&bytes[..], &options).len(), 1);
        options.limits.set(Limit::Memory, 72);
        let told = lines_with(&&bytes[..], &options).join("");
        assert!(told.contains("--limit memory=N"), "{told}");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in any::<Vec<u8>>(), near in "[{}\\[\\]\",:a1\\\\]{0,40}") {
            for bytes in [&bytes[..], near.as_bytes()] {
                for document in documents(bytes) {
                    let _outcome = pick(document, PICKS, &mut |_, _| {});
                }
            }
        }
    }
}
