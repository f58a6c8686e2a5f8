//! JSON that is safe to print: still the same values, but no string in it steers a terminal or
//! commands a CI system.

use crate::report::text::is_hidden;
use serde_json::ser::{CharEscape, Formatter};
use std::io::{self, Write};

/// A formatter that writes `\u` escapes for what cannot be seen and for the second `#` of `##`, with
/// which CI systems begin commands anywhere in a line.
pub(super) struct Guarded<F>(pub(super) F);

impl<F: Formatter> Formatter for Guarded<F> {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let is_plain = fragment.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if is_plain && !fragment.contains("##") {
            return self.0.write_string_fragment(out, fragment);
        }
        let mut start = 0;
        let mut last = '\0';
        for (at, character) in fragment.char_indices() {
            let steers = is_hidden(character) || (character == '#' && last == '#');
            last = character;
            if !steers {
                continue;
            }
            let end = at + character.len_utf8();
            self.0
                .write_string_fragment(out, fragment.get(start..at).unwrap_or_default())?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            start = end;
        }
        self.0
            .write_string_fragment(out, fragment.get(start..).unwrap_or_default())
    }

    fn write_char_escape<W>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        self.0.write_char_escape(out, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_key(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use crate::report::json::line;
    use proptest::prelude::{any, proptest};

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        line(&text, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_steers_is_escaped() {
        assert_eq!(
            written("a##[b\u{9b}\u{202e}\u{e0001}\"\n"),
            "\"a#\\u0023[b\\u009b\\u202e\\udb40\\udc01\\\"\\n\"\n"
        );
    }

    proptest! {
        #[test]
        fn the_value_is_the_same(text in any::<String>(), hostile in "[#\u{85}\u{200b}\\[a\"\\\\]{0,9}") {
            for text in [text, hostile] {
                let json = written(&text);
                assert!(!json.contains("##") && !json.trim_end().contains(crate::report::text::is_hidden));
                assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            }
        }
    }
}
