//! What several records come to: one window.

use super::{Bound, Trust, Window};
use crate::time::{Interval, Order, Timestamp};
use std::cmp::Reverse;
use std::fmt;

/// A build that would have ended before it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// What was said of its start.
    pub began: Box<Bound>,
    /// What was said of its end.
    pub ended: Box<Bound>,
}

impl std::error::Error for Contradiction {}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { began, ended } = self;
        write!(
            f,
            "the build cannot end ({ended}) before it began ({began})"
        )?;
        if began.trust == Trust::Stated && ended.trust == Trust::Stated {
            return Ok(());
        }
        write!(
            f,
            "; one of the two is of another build, or by a clock that was wrong: leave that one out"
        )
    }
}

/// Puts windows together. On each side the best trust wins: what is trusted less neither loosens nor
/// tightens it. Among the same trust the strictest wins: of starts the latest, of ends the earliest.
///
/// # Errors
/// When the build would have ended before it began.
pub fn combined(windows: impl IntoIterator<Item = Window>) -> Result<Window, Contradiction> {
    let mut began: Vec<Bound> = Vec::new();
    let mut ended: Vec<Bound> = Vec::new();
    for window in windows {
        // A start that is only known to be no later, and an end that is only known to be no earlier,
        // hold nothing against any artifact.
        began.extend(window.began.filter(|bound| bound.at.earliest().is_some()));
        ended.extend(window.ended.filter(|bound| bound.at.latest().is_some()));
    }
    let window = Window {
        // The last of those that are the same would win: the first that was named shall.
        began: began
            .into_iter()
            .rev()
            .max_by_key(|bound| (Reverse(bound.trust), earliest(bound.at))),
        ended: ended
            .into_iter()
            .min_by_key(|bound| (bound.trust, latest(bound.at))),
    };
    window.check()?;
    Ok(window)
}

fn earliest(at: Interval) -> Timestamp {
    at.earliest().unwrap_or(Timestamp::DISTANT_PAST)
}

fn latest(at: Interval) -> Timestamp {
    at.latest().unwrap_or(Timestamp::DISTANT_FUTURE)
}

impl Window {
    /// Whether there can be such a window.
    ///
    /// # Errors
    /// When the build would have ended before it began.
    pub fn check(&self) -> Result<(), Contradiction> {
        let (Some(began), Some(ended)) = (&self.began, &self.ended) else {
            return Ok(());
        };
        match ended.at.order(began.at) {
            Order::Before => Err(Contradiction {
                began: Box::new(began.clone()),
                ended: Box::new(ended.clone()),
            }),
            Order::Overlaps | Order::After => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::combined;
    use crate::record::{Bound, Trust, Window};
    use crate::time::{Interval, Timestamp};
    use proptest::prelude::{Just, Strategy, any, prop_assert, prop_oneof, proptest};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds, 0)
    }

    fn bound(at: Interval, source: &str, trust: Trust) -> Option<Bound> {
        let source = source.to_owned();
        Some(Bound { at, source, trust })
    }

    fn began(seconds: i64, source: &str, trust: Trust) -> Window {
        Window {
            began: bound(Interval::from(at(seconds)), source, trust),
            ended: None,
        }
    }

    fn ended(seconds: i64, source: &str, trust: Trust) -> Window {
        Window {
            began: None,
            ended: bound(Interval::until(at(seconds)), source, trust),
        }
    }

    fn sources(windows: Vec<Window>) -> (Option<String>, Option<String>) {
        let window = combined(windows).unwrap();
        let source = |bound: Option<Bound>| bound.map(|bound| bound.source);
        (source(window.began), source(window.ended))
    }

    #[test]
    fn the_better_trust_wins_on_its_side_whichever_is_stricter() {
        for others in [(5, 95), (20, 80)] {
            let windows = vec![
                began(others.0, "builder", Trust::Builder),
                ended(others.1, "author", Trust::Author),
                began(10, "server", Trust::Server),
                ended(90, "stated", Trust::Stated),
            ];
            let expected = (Some("server".to_owned()), Some("stated".to_owned()));
            assert_eq!(sources(windows), expected);
        }
    }

    #[test]
    fn of_the_same_trust_the_strictest_wins_and_of_the_same_the_first() {
        let windows = vec![
            began(10, "early", Trust::Server),
            began(12, "late", Trust::Server),
            began(12, "later named", Trust::Server),
            ended(90, "late", Trust::Server),
            ended(80, "early", Trust::Server),
            ended(80, "later named", Trust::Server),
        ];
        let expected = (Some("late".to_owned()), Some("early".to_owned()));
        assert_eq!(sources(windows), expected);
    }

    #[test]
    fn a_build_does_not_end_before_it_began() {
        let windows = vec![
            began(100, "a.json", Trust::Builder),
            ended(99, "b.json", Trust::Builder),
        ];
        let message = combined(windows).unwrap_err().to_string();
        for part in [
            "1970-01-01T00:01:39Z",
            "a.json",
            "b.json",
            "builder's own clock",
            "leave that one out",
        ] {
            assert!(message.contains(part), "{message}");
        }
        assert!(
            combined(vec![
                began(100, "", Trust::Builder),
                ended(100, "", Trust::Builder)
            ])
            .is_ok()
        );
    }

    #[test]
    fn a_side_that_holds_nothing_is_none() {
        let empty = Window {
            began: bound(Interval::until(at(5)), "", Trust::Stated),
            ended: bound(Interval::from(at(5)), "", Trust::Stated),
        };
        assert_eq!(combined(vec![empty]), Ok(Window::default()));
        assert_eq!(combined(Vec::new()), Ok(Window::default()));
    }

    fn windows() -> impl Strategy<Value = Vec<Window>> {
        let trust = prop_oneof![
            Just(Trust::Stated),
            Just(Trust::Server),
            Just(Trust::Builder),
            Just(Trust::Author)
        ];
        let one = (0..50_i64, trust, any::<bool>()).prop_map(|(seconds, trust, is_end)| {
            if is_end {
                ended(seconds + 40, "", trust)
            } else {
                began(seconds, "", trust)
            }
        });
        proptest::collection::vec(one, 0..6)
    }

    proptest! {
        #[test]
        fn one_record_more_never_loosens_what_is_trusted_as_much(few in windows(), more in windows()) {
            let all: Vec<Window> = few.iter().chain(&more).cloned().collect();
            let (Ok(few), Ok(all)) = (combined(few), combined(all)) else { return Ok(()) };
            if let Some(before) = few.began {
                let now = all.began.unwrap();
                prop_assert!(now.trust < before.trust || now.trust == before.trust && now.at.earliest() >= before.at.earliest());
            }
            if let Some(before) = few.ended {
                let now = all.ended.unwrap();
                prop_assert!(now.trust < before.trust || now.trust == before.trust && now.at.latest() <= before.at.latest());
            }
        }
    }
}
