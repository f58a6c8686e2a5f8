//! A record as a file: what is written, and what is read again, only as it was written.

use super::Record;
use super::shape::{Shape, VERSION};
use crate::sys::open_regular;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::Path;

/// More bytes than any record has that skewgate writes.
const MOST_BYTES: u64 = 16 << 20;

/// More readings than any record has that skewgate writes.
const MOST_READINGS: usize = 2 * super::MOST_READINGS;

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is none.
    #[error(
        "there is no record at `{path}`: `skewgate begin` writes one before the build, and `--record FILE` says where it is"
    )]
    Missing {
        /// Where it was looked for.
        path: String,
    },
    /// It cannot be read.
    #[error("cannot read the record `{path}`: name another with `--record FILE`, or mend this")]
    Read {
        /// Where it is.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// It is not as skewgate wrote it: cut off, edited, or of another version.
    #[error(
        "the record `{path}` cannot be used: {why}; it counts only as skewgate wrote it, so let the build begin anew (`skewgate begin --new`)"
    )]
    Damaged {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads a record.
///
/// # Errors
/// When there is none, it cannot be read, or it is not as skewgate wrote it.
pub fn load(path: &Path) -> Result<Record, LoadError> {
    let bytes = read_bytes(path)?;
    of_bytes(&bytes).map_err(|why| LoadError::Damaged {
        path: path.display().to_string(),
        why,
    })
}

/// The bytes of a record's file: of a regular one, which is not reached through a link.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, LoadError> {
    let shown = || path.display().to_string();
    let unread = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => LoadError::Missing { path: shown() },
        _ => LoadError::Read {
            path: shown(),
            source,
        },
    };
    let mut bytes = Vec::new();
    let file = open_regular(path).map_err(unread)?;
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(unread)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= MOST_BYTES) {
        return Ok(bytes);
    }
    Err(unread(io::Error::other(format!(
        "it has more than {} MiB, as no record has",
        MOST_BYTES >> 20
    ))))
}

/// What is written of a record.
pub(in crate::record) fn to_text(record: &Record) -> String {
    text(Shape::of(record))
}

/// The digest that the record's file carries, as `sha256:` and hexadecimal digits.
pub(super) fn digest_of(record: &Record) -> String {
    digested(&Shape::of(record))
}

fn text(shape: Shape) -> String {
    let digest = digested(&shape);
    let shape = Shape {
        digest: Some(digest),
        ..shape
    };
    let text = serde_json::to_string_pretty(&shape).unwrap_or_default();
    format!("{text}\n")
}

/// The digest of a shape without one.
fn digested(shape: &Shape) -> String {
    let compact = serde_json::to_vec(shape).unwrap_or_default();
    let mut text = "sha256:".to_owned();
    for byte in digest(&SHA256, &compact).as_ref() {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

/// What must be right for the rest to be looked at.
#[derive(Deserialize)]
struct Opening {
    schema: String,
}

/// Reads what [`to_text`] wrote; or says why these bytes are nothing of the kind.
pub(in crate::record) fn of_bytes(bytes: &[u8]) -> Result<Record, String> {
    let wrong = |error: &serde_json::Error| explained(bytes, error);
    let opening: Opening = serde_json::from_slice(bytes).map_err(|error| wrong(&error))?;
    if opening.schema != VERSION {
        let schema = opening.schema;
        return Err(format!(
            "its schema is `{schema}`, and this version of skewgate reads `{VERSION}`: begin and audit with the same one"
        ));
    }
    let mut shape: Shape = serde_json::from_slice(bytes).map_err(|error| wrong(&error))?;
    let Some(stated) = shape.digest.take() else {
        return Err("it has no `digest`, so somebody has edited it".to_owned());
    };
    let digest = digested(&shape);
    if digest != stated {
        return Err(format!(
            "its `digest` is {stated} and that of what it says is {digest}: it was edited after skewgate wrote it"
        ));
    }
    if shape.readings.len() > MOST_READINGS {
        let count = shape.readings.len();
        return Err(format!(
            "it has {count} `readings`, and skewgate writes no more than {MOST_READINGS}"
        ));
    }
    let record = shape.into_record()?;
    if to_text(&record).as_bytes() != bytes {
        return Err("another program wrote it anew, with the same content".to_owned());
    }
    Ok(record)
}

/// What has the shape of a record, written as a record is: with the digest that fits what it says. The fuzzers
/// would never find one.
#[cfg(fuzzing)]
pub(in crate::record) fn sealed(bytes: &[u8]) -> Option<String> {
    let shape: Shape = serde_json::from_slice(bytes).ok()?;
    Some(text(Shape {
        digest: None,
        ..shape
    }))
}

/// What serde says, with the line it is about: there is the name of the field.
fn explained(bytes: &[u8], error: &serde_json::Error) -> String {
    const MOST_LETTERS: usize = 80;
    if error.is_eof() {
        return "it is cut off".to_owned();
    }
    // The error quotes what the file has, which may be all of it.
    let brief = |text: &str, most: usize| text.trim().chars().take(most).collect::<String>();
    let said = brief(&error.to_string(), 2 * MOST_LETTERS);
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().nth(error.line().saturating_sub(1));
    match brief(line.unwrap_or_default(), MOST_LETTERS).as_str() {
        "" => said,
        line => format!("{said}, which is `{line}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{of_bytes, to_text};
    use crate::record::own::sample;
    use proptest::prelude::{any, proptest};
    use proptest::sample::Index;

    #[test]
    fn what_is_wrong_is_quoted_in_brief() {
        let name = "x".repeat(100_000);
        let text = format!("{{\"schema\": \"skewgate/record/v1\", \"{name}\": 1}}");
        let why = of_bytes(text.as_bytes()).unwrap_err();
        assert!(why.contains("xxx") && why.len() < 400, "{}", why.len());
    }

    #[test]
    fn what_is_written_is_read_again() {
        for record in sample::records() {
            let text = to_text(&record);
            assert_eq!(of_bytes(text.as_bytes()), Ok(record), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let text = to_text(&sample::record());
        for (edited, said) in [
            (
                text.replace("record/v1", "record/v2"),
                "its schema is `skewgate/record/v2`",
            ),
            (text.replace("\"id\"", "\"idd\""), "unknown field `idd`"),
            (text.replacen(".0000", ".000", 1), ".000"),
            (text.replace("\"builder\"", "\"other\""), "it was edited"),
            (text.replace("  ", "    "), "another program wrote it anew"),
            (text.replace('\n', "\r\n"), "another program wrote it anew"),
            (text[..text.len() / 2].to_owned(), "it is cut off"),
            (String::new(), "it is cut off"),
            (format!("{{\"x\":{}", "[".repeat(1 << 20)), "it is cut off"),
            ("{}".to_owned(), "missing field `schema`"),
        ] {
            assert_ne!(edited, text, "{said}");
            let why = of_bytes(edited.as_bytes()).unwrap_err();
            assert!(why.contains(said), "{said}: {why}");
        }
        let without = text.find(",\n  \"digest\"").unwrap();
        let why = of_bytes(format!("{}\n}}\n", &text[..without]).as_bytes()).unwrap_err();
        assert!(why.contains("no `digest`"), "{why}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            assert!(of_bytes(&bytes).is_err());
        }

        #[test]
        fn any_two_bytes_edited_are_noticed(places in any::<[Index; 2]>(), bits in 1..=255_u8) {
            let mut bytes = to_text(&sample::record()).into_bytes();
            let length = bytes.len();
            for place in places {
                bytes[place.index(length)] ^= bits;
            }
            let same = places[0].index(length) == places[1].index(length);
            assert_eq!(of_bytes(&bytes).is_ok(), same);
        }
    }

    #[test]
    fn every_byte_and_every_length_counts() {
        let bytes = to_text(&sample::record()).into_bytes();
        for at in 0..bytes.len() {
            assert!(of_bytes(&bytes[..at]).is_err(), "cut off at {at}");
            for bits in [0x01, 0x20, 0x80] {
                let mut edited = bytes.clone();
                edited[at] ^= bits;
                assert!(of_bytes(&edited).is_err(), "{bits:#x} at {at}");
            }
        }
    }
}
