//! Text in which dates stand: its lines, and the elements of XML and HTML. Only the beginning of a file is looked
//! at, and what is no UTF-8 is passed over.

use crate::bytes::{Extent, Flaw};
use crate::format::{Field, Stamp, Value, Visit};

/// How much of a text is looked at, in bytes.
const BEGINNING: usize = 64 * 1024;

/// The beginning of a text.
///
/// # Errors
/// When the system fails to read it.
pub(in crate::format) fn beginning(extent: Extent<'_>) -> Result<Vec<u8>, Flaw> {
    extent.bytes(0, BEGINNING)
}

/// The lines of a text, without what ends them.
pub(in crate::format) fn lines(text: &[u8]) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    // Half a line may hold half a date.
    let whole = match text.iter().rposition(|byte| *byte == b'\n') {
        Some(end) if text.len() >= BEGINNING - 3 => &text[..end],
        _ => text,
    };
    let lines = whole.split(|byte| *byte == b'\n');
    lines.filter_map(|line| str::from_utf8(line).ok().map(str::trim_end))
}

/// The key and the value of a line, with `between` between them and blanks around both or not.
pub(in crate::format) fn pair(line: &str, between: char) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(between)?;
    Some((key.trim(), value.trim()))
}

/// Tells of a time in text.
pub(in crate::format) fn tell(
    visit: &mut Visit<'_>,
    field: &'static Field,
    read: fn(&str) -> Value,
    text: &str,
) {
    let most = usize::try_from(visit.budget().limits.header).unwrap_or(usize::MAX);
    let raw = text.as_bytes();
    visit.stamp(&Stamp::fixed(
        field,
        &raw[..raw.len().min(most)],
        read(text),
    ));
}

/// XML, or HTML, from its root element on.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct Markup<'a> {
    /// What stands in the tag of the root.
    tag: &'a str,
    /// What stands behind it.
    rest: &'a str,
}

/// An element that holds nothing but text.
pub(in crate::format) type Element<'a> = (&'a str, &'a str);

/// What stands in the next tag, and what behind it; comments, declarations and processing instructions are passed
/// over.
fn tag(mut text: &str) -> Option<(&str, &str)> {
    loop {
        let rest = text.get(text.find('<')? + 1..)?;
        let past = |end: &str| rest.get(rest.find(end)? + end.len()..);
        text = if rest.starts_with("!--") {
            past("-->")?
        } else if rest.starts_with("![CDATA[") {
            past("]]>")?
        } else if rest.starts_with('?') {
            past("?>")?
        } else if rest.starts_with('!') {
            past(">")?
        } else {
            let mut quote = None;
            let end = rest.find(|found| match quote {
                Some(open) if found == open => {
                    quote = None;
                    false
                }
                Some(_) => false,
                None if found == '"' || found == '\'' => {
                    quote = Some(found);
                    false
                }
                None => found == '>',
            })?;
            return Some((rest.get(..end)?, rest.get(end + 1..)?));
        };
    }
}

/// The name of a tag without the prefix of its namespace.
fn name(tag: &str) -> &str {
    let end = tag.find(|found: char| found.is_whitespace() || found == '/');
    let name = tag.get(..end.unwrap_or(tag.len())).unwrap_or(tag);
    name.rsplit_once(':').map_or(name, |(_, name)| name)
}

impl<'a> Markup<'a> {
    /// Takes the beginning of a file; `None` for what is no markup.
    pub(in crate::format) fn of(first: &'a [u8]) -> Option<Self> {
        let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
        let first = first.trim_ascii_start();
        if !first.starts_with(b"<") {
            return None;
        }
        let valid = match str::from_utf8(first) {
            Ok(text) => text,
            Err(error) => str::from_utf8(first.get(..error.valid_up_to())?).ok()?,
        };
        let (tag, rest) = tag(valid)?;
        Some(Self { tag, rest })
    }

    /// The name of the root element without its prefix.
    pub(in crate::format) fn root(&self) -> &'a str {
        name(self.tag)
    }

    /// Whether a namespace, or the beginning of one, is named in the tag of the root.
    pub(in crate::format) fn names(&self, namespace: &str) -> bool {
        let mut places = self.tag.match_indices(namespace);
        places.any(|(at, _)| {
            self.tag
                .get(..at)
                .is_some_and(|before| before.ends_with(['"', '\'']))
        })
    }

    /// The elements with one of these names that hold nothing but text: what stands in the tag, and the text.
    pub(in crate::format) fn elements(
        &self,
        wanted: &'static [&'static str],
    ) -> impl Iterator<Item = Element<'a>> {
        let mut rest = self.rest;
        std::iter::from_fn(move || {
            loop {
                let (tag, after) = tag(rest)?;
                rest = after;
                if wanted.contains(&name(tag)) && !tag.ends_with('/') {
                    let (text, end) = after.split_at_checked(after.find('<')?)?;
                    if end.starts_with("</") {
                        return Some((tag, text.trim()));
                    }
                }
            }
        })
    }
}

/// Whether an element has this name, whatever its prefix.
pub(in crate::format) fn is_named(tag: &str, wanted: &str) -> bool {
    name(tag) == wanted
}

#[cfg(test)]
mod tests {
    use super::{BEGINNING, Markup, lines};
    use proptest::prelude::{any, proptest};

    #[test]
    fn elements_are_found_between_all_that_markup_may_hold() {
        let text = b"\xef\xbb\xbf<?xml version='1.0'?><!-- <a>0</a> --><!DOCTYPE r>\n<n:r xmlns:n=\"urn:x/1\" b='>'>\
<n:a c=\">\">1</n:a><a/><a>2<b/></a><![CDATA[<a>3</a>]]><a> 4 </a><a>5";
        let markup = Markup::of(text).unwrap();
        assert_eq!(markup.root(), "r");
        assert!(markup.names("urn:x") && !markup.names("x/1"));
        let found: Vec<_> = markup.elements(&["a"]).collect();
        assert_eq!(found, [("n:a c=\">\"", "1"), ("a", "4")]);
        assert!(Markup::of(b"text <a>").is_none() && Markup::of(b"<!-- <a>").is_none());
    }

    #[test]
    fn half_a_line_at_the_end_is_left_out() {
        let mut text = b"a\r\nb\xff\nc".to_vec();
        assert_eq!(lines(&text).collect::<Vec<_>>(), ["a", "c"]);
        text.resize(BEGINNING, b'x');
        assert_eq!(lines(&text).collect::<Vec<_>>(), ["a"]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in any::<Vec<u8>>(), near in "<[<>/!?\\-a'\" \\[\\]]{0,40}") {
            for bytes in [&bytes[..], near.as_bytes()] {
                if let Some(markup) = Markup::of(bytes) {
                    let _named = (markup.root(), markup.names("a"));
                    assert!(markup.elements(&["a", ""]).count() <= bytes.len());
                }
                assert!(lines(bytes).count() <= bytes.len() + 1);
            }
        }
    }
}
