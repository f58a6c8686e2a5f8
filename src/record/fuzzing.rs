//! The readers of other people's records and of skewgate's own, opened to the fuzzers in `fuzz/` and to nobody else: this is here
//! only under `cfg(fuzzing)`.

use super::foreign::recognised;
use super::own::{of_bytes, sealed, to_text};
use super::{GivenError, Record, Window};

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

/// What a record of skewgate's own says, holding it against what must be true of any bytes. What only lacks the
/// digest that fits is given it, since nobody finds one by chance.
pub fn own_record(bytes: &[u8]) -> Option<Record> {
    let record = match of_bytes(bytes) {
        Ok(record) => record,
        Err(why) => {
            assert!(!why.is_empty());
            let sealed = sealed(bytes)?;
            of_bytes(sealed.as_bytes()).ok()?
        }
    };
    let text = to_text(&record);
    assert_eq!(
        of_bytes(text.as_bytes()).as_ref(),
        Ok(&record),
        "it does not read back"
    );
    let drift = record.drift();
    for segment in &drift.segments {
        assert!(
            segment.from <= segment.to,
            "a stretch ends before it begins"
        );
    }
    if let Some(gain) = drift.gain() {
        assert!(gain.least() <= gain.most(), "a rate that is none");
    }
    Some(record)
}
