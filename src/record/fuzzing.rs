//! The reader of other people's records, opened to the fuzzers in `fuzz/` and to nobody else: this is here
//! only under `cfg(fuzzing)`.

use super::foreign::recognised;
use super::{GivenError, Window};

/// The longest message that bytes from outside may lead to.
const MOST_WORDS: usize = 2000;

/// What a file says, holding it against what must be true of any bytes.
pub fn record(bytes: &[u8]) -> Option<Window> {
    match recognised(bytes, "x", &|_| None) {
        Ok(None) => None,
        Ok(Some(window)) => {
            assert!(window.check().is_ok(), "it ends before it began");
            let bounds = [&window.began, &window.ended].into_iter().flatten();
            assert!(bounds.clone().count() > 0, "it says nothing");
            for bound in bounds {
                assert!(bound.source.starts_with("x: "));
                assert!(bound.at.earliest().is_some() || bound.at.latest().is_some());
            }
            Some(window)
        }
        Err(error) => {
            assert!(error.to_string().len() < MOST_WORDS, "{error}");
            assert!(!matches!(error, GivenError::NoCi { .. }));
            None
        }
    }
}
