//! `[record]`: which records say when the build began and ended.

use super::{Origin, Value, pick};
use crate::record::{CI, TrustedKey};

/// What a kernel steers a clock by at most (`adjtimex(2)`); healthy ones are within 100 parts per million.
const DRIFT_LIMIT: u32 = 500;

/// What one place sets of it.
#[derive(Debug, Default)]
pub struct RecordGiven {
    /// Records, as they are named: files, `ci`, `git:REV`.
    pub sources: Option<Value<Vec<String>>>,
    /// Who may have signed skewgate's own.
    pub trusted_keys: Option<Value<Vec<TrustedKey>>>,
    /// By how many parts per million the builder's clock may run too fast or too slow.
    pub drift_limit: Option<Value<u32>>,
}

/// What is in force of it.
#[derive(Debug)]
pub struct RecordSettings {
    /// Records, as they are named: files, `ci`, `git:REV`.
    pub sources: Value<Vec<String>>,
    /// Who may have signed skewgate's own; nobody has to where there are none.
    pub trusted_keys: Value<Vec<TrustedKey>>,
    /// By how many parts per million the builder's clock may run too fast or too slow.
    pub drift_limit: Value<u32>,
}

impl RecordSettings {
    /// Puts together what was given and what the file says.
    pub fn new(given: RecordGiven, file: RecordGiven) -> Self {
        let none = &Origin::Default;
        Self {
            sources: pick(given.sources, file.sources, Vec::new(), none),
            trusted_keys: pick(given.trusted_keys, file.trusted_keys, Vec::new(), none),
            drift_limit: pick(given.drift_limit, file.drift_limit, DRIFT_LIMIT, none),
        }
    }
}

/// Reads a limit of a rate in parts per million.
///
/// # Errors
/// With the sentence to show.
pub fn ppm(text: &str) -> Result<u32, String> {
    let number = text.trim().trim_end_matches("ppm").trim_end();
    let read = number.parse().ok();
    // A clock half as fast again is what the measurement reaches.
    let limit = read.filter(|limit| (1..=500_000).contains(limit));
    limit.ok_or_else(|| {
        format!("`{text}` is no rate: write parts per million from 1ppm to 500000ppm")
    })
}

/// Whether a name of a record is that of a file.
pub(super) fn is_file(name: &str) -> bool {
    name != CI && !name.starts_with("git:")
}

#[cfg(test)]
mod tests {
    use super::{RecordGiven, RecordSettings, is_file, ppm};
    use crate::config::{Origin, Value};

    #[test]
    fn the_command_line_wins_over_the_file() {
        let given = |name: &str, origin: Origin| RecordGiven {
            sources: Some(Value::new(vec![name.to_owned()], origin)),
            ..RecordGiven::default()
        };
        let flag = || given("ci", Origin::Flag("--record".to_owned()));
        let file = || given("slsa.json", Origin::Profile("x"));
        let in_force = |one, other| RecordSettings::new(one, other).sources.value;
        assert_eq!(in_force(flag(), file()), ["ci"]);
        assert_eq!(in_force(RecordGiven::default(), file()), ["slsa.json"]);
        assert!(in_force(RecordGiven::default(), RecordGiven::default()).is_empty());
    }

    #[test]
    fn a_limit_of_a_rate_is_checked() {
        for (text, limit) in [("500ppm", 500), ("100 ppm", 100), ("20", 20)] {
            assert_eq!(ppm(text), Ok(limit));
        }
        for text in ["", "0ppm", "-1", "5s", "ppm", "500001ppm", "0.5ppm"] {
            assert!(ppm(text).unwrap_err().contains(&format!("`{text}`")));
        }
    }

    #[test]
    fn only_files_start_in_a_folder() {
        assert!(is_file("ci.json") && is_file("./ci") && is_file("a/git:b"));
        assert!(!is_file("ci") && !is_file("git:HEAD"));
    }
}
