//! Text from outside, made safe to show: hostile names must neither steer a terminal nor command the
//! CI system that reads the log.
//!
//! What is escaped reads back without doubt: `\n`, `\r`, `\t`; `\x1b` for any other ASCII character
//! (`\x80` and above are single bytes that are no UTF-8); `\u{202e}` for what no eye can see; `\\`
//! for a backslash, but only where the next character would make it look like one of these.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{MAIN_SEPARATOR, Path};

/// A path or a text from outside as people may see it. Plain printable text is unchanged.
///
/// Beside what is invisible, it breaks `##`, since GitHub, Azure and `TeamCity` take `##[`, `##vso[`
/// and `##teamcity[` anywhere in a line for commands, and `::` at the start, since GitHub's runner
/// does so there, whatever blanks stand before it.
pub(crate) fn shown<T: AsRef<OsStr> + ?Sized>(text: &T) -> Cow<'_, str> {
    let text = text.as_ref();
    match text.to_str() {
        Some(text) if is_plain(text) => Cow::Borrowed(text),
        _ => Cow::Owned(escaped(text.as_encoded_bytes())),
    }
}

/// Bytes from outside, which may be text, in the same way.
pub(crate) fn shown_bytes(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if is_plain(text) => Cow::Borrowed(text),
        _ => Cow::Owned(escaped(bytes)),
    }
}

/// A path with `/` between its names, whatever the system writes there; lossy where it is no UTF-8.
pub(super) fn slashed(path: &Path) -> Cow<'_, str> {
    let text = path.to_string_lossy();
    if MAIN_SEPARATOR == '/' {
        return text;
    }
    Cow::Owned(text.replace(MAIN_SEPARATOR, "/"))
}

/// Whether a character steers the terminal, the order of the text, or cannot be seen.
pub(crate) const fn is_hidden(character: char) -> bool {
    match character {
        ' '..='~' => false,
        // C0, DEL and C1; the soft hyphen.
        '\0'..='\u{9f}' | '\u{ad}' => true,
        // Marks that change how what follows is laid out, and letters that are blank.
        '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}' | '\u{1160}' => true,
        '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => true,
        // Zero-width characters, bidi overrides and isolates, the line separators.
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' => true,
        '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' => true,
        '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => character.is_whitespace(),
    }
}

fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let starts_safely = !text.starts_with([' ', ':']) && !text.ends_with(' ');
    let mut last = 0;
    let no_command = bytes.iter().all(|&byte| {
        let doubled = last == b'#' && byte == b'#';
        last = byte;
        byte != b'\\' && !doubled
    });
    starts_safely && no_command && !text.chars().any(is_hidden)
}

/// Rare: what is plain is not written again.
fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|one| push(&mut out, one));
        for byte in chunk.invalid() {
            close_backslash(&mut out);
            push_hex(&mut out, u32::from(*byte));
        }
    }
    // A blank at the end would not be seen, nor that the name goes on.
    if out.ends_with(' ') {
        out.pop();
        close_backslash(&mut out);
        push_hex(&mut out, u32::from(b' '));
    }
    out
}

fn push(out: &mut String, character: char) {
    let commands = match character {
        ' ' => out.is_empty(),
        ':' => out == ":",
        '#' => out.ends_with('#'),
        _ => false,
    };
    match character {
        '\\' | 'n' | 'r' | 't' | 'x' | 'u' => {
            close_backslash(out);
            out.push(character);
        }
        _ if !commands && !is_hidden(character) => out.push(character),
        _ => {
            close_backslash(out);
            match character {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                ascii if ascii.is_ascii() => push_hex(out, u32::from(ascii)),
                other => {
                    let _infallible = write!(out, "\\u{{{:x}}}", u32::from(other));
                }
            }
        }
    }
}

/// Doubles a backslash that what comes next would turn into an escape.
fn close_backslash(out: &mut String) {
    if out.ends_with('\\') {
        out.push('\\');
    }
}

fn push_hex(out: &mut String, byte: u32) {
    let _infallible = write!(out, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::{escaped, is_hidden, shown};
    use proptest::prelude::{any, prop, proptest};

    #[test]
    fn what_is_plain_is_unchanged() {
        for text in [
            "dist/lib/libfoo.so.1",
            "Größe/日本語 ☃.txt",
            "a:b::c",
            "# [x] #",
            "out\\dist\\app.exe",
            "",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn what_steers_is_escaped() {
        for (text, expected) in [
            ("a\nb\rc\td\0e", r"a\nb\rc\td\x00e"),
            ("\x1b[31mred\x7f\u{9b}1m", r"\x1b[31mred\x7f\u{9b}1m"),
            ("exe\u{202e}gpj.sh", r"exe\u{202e}gpj.sh"),
            ("zero\u{200b}width\u{feff}", r"zero\u{200b}width\u{feff}"),
            ("\u{3000}::error::", r"\u{3000}::error::"),
            ("::error::gotcha", r":\x3aerror::gotcha"),
            ("  ::error::gotcha", r"\x20 ::error::gotcha"),
            ("a##[error]gotcha", r"a#\x23[error]gotcha"),
            ("###[error]gotcha", r"#\x23#[error]gotcha"),
            ("trailing ", r"trailing\x20"),
            (r"by\x2dlabel", r"by\\x2dlabel"),
            ("back\\\nslash", r"back\\\nslash"),
            ("end\\", "end\\"),
        ] {
            assert_eq!(shown(text), expected);
        }
        assert_eq!(escaped(b"a\xff\\\xfe"), r"a\xff\\\xfe");
    }

    /// What `escaped` wrote, read back.
    fn unescaped(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let next = rest[first.len_utf8()..].chars().next();
            let skip = match (first, next) {
                ('\\', Some('\\')) => (b"\\".to_vec(), 2),
                ('\\', Some('n')) => (b"\n".to_vec(), 2),
                ('\\', Some('r')) => (b"\r".to_vec(), 2),
                ('\\', Some('t')) => (b"\t".to_vec(), 2),
                ('\\', Some('x')) => (vec![u8::from_str_radix(&rest[2..4], 16).unwrap()], 4),
                ('\\', Some('u')) => {
                    let end = rest.find('}').unwrap();
                    let code = u32::from_str_radix(&rest[3..end], 16).unwrap();
                    let character = char::from_u32(code).unwrap();
                    (character.to_string().into_bytes(), end + 1)
                }
                _ => (first.to_string().into_bytes(), first.len_utf8()),
            };
            bytes.extend(skip.0);
            rest = &rest[skip.1..];
        }
        bytes
    }

    fn assert_safe(text: &str) {
        assert!(!text.chars().any(is_hidden), "{text:?}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(!text.contains("##"), "{text:?}");
        assert!(!text.trim_start().starts_with("::"), "{text:?}");
        assert_eq!(text, text.trim(), "{text:?}");
    }

    proptest! {
        #[test]
        fn any_text_is_safe(text in any::<String>()) {
            assert_safe(&shown(&text));
        }

        #[test]
        fn any_hostile_text_is_safe_and_reads_back(text in "[\\\\#:\\[ nrtxu{}\n\t\u{1b}\u{85}\u{202e}a0]{0,12}") {
            assert_safe(&shown(&text));
            assert_eq!(unescaped(&shown(&text)), text.as_bytes());
        }

        #[test]
        fn any_bytes_are_safe_and_read_back(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            let text = escaped(&bytes);
            assert_safe(&text);
            assert_eq!(unescaped(&text), bytes);
        }

        #[test]
        fn plain_paths_are_unchanged(path in "[a-zA-Z0-9_.+~@=,()\\[\\]{}'&-]{1,9}(/[a-zA-Z0-9_.+ ~:-]{1,8}[a-z]){0,4}") {
            assert_eq!(shown(&path), path);
        }
    }
}
