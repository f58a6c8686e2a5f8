//! `[record]`: which records say when the build began and ended.

use super::{Origin, Value, pick};
use crate::record::CI;

/// What one place sets of it.
#[derive(Debug, Default)]
pub struct RecordGiven {
    /// Records, as they are named: files, `ci`, `git:REV`.
    pub sources: Option<Value<Vec<String>>>,
}

/// What is in force of it.
#[derive(Debug)]
pub struct RecordSettings {
    /// Records, as they are named: files, `ci`, `git:REV`.
    pub sources: Value<Vec<String>>,
}

impl RecordSettings {
    /// Puts together what was given and what the file says.
    pub fn new(given: RecordGiven, file: RecordGiven) -> Self {
        let none = &Origin::Default;
        Self {
            sources: pick(given.sources, file.sources, Vec::new(), none),
        }
    }
}

/// Whether a name of a record is that of a file.
pub(super) fn is_file(name: &str) -> bool {
    name != CI && !name.starts_with("git:")
}

#[cfg(test)]
mod tests {
    use super::{RecordGiven, RecordSettings, is_file};
    use crate::config::{Origin, Value};

    #[test]
    fn the_command_line_wins_over_the_file() {
        let given = |name: &str, origin: Origin| RecordGiven {
            sources: Some(Value::new(vec![name.to_owned()], origin)),
        };
        let flag = || given("ci", Origin::Flag("--record".to_owned()));
        let file = || given("slsa.json", Origin::Profile("x"));
        let in_force = |one, other| RecordSettings::new(one, other).sources.value;
        assert_eq!(in_force(flag(), file()), ["ci"]);
        assert_eq!(in_force(RecordGiven::default(), file()), ["slsa.json"]);
        assert!(in_force(RecordGiven::default(), RecordGiven::default()).is_empty());
    }

    #[test]
    fn only_files_start_in_a_folder() {
        assert!(is_file("ci.json") && is_file("./ci") && is_file("a/git:b"));
        assert!(!is_file("ci") && !is_file("git:HEAD"));
    }
}
