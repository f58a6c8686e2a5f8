//! The clock that an audit trusts: what the sources agree on, carried forward by the ruler.

mod agree;
mod builder;

pub use builder::Builder;

use crate::source::{AddressError, Budget, Class, Named, Options, Refusal, Sample};
use crate::sys::{Boottime, boottime};
use crate::time::{Interval, Span};

/// The address that stands for: the best this machine has without being told more.
pub const AUTO: &str = "auto";

/// What `auto` tries, the best first.
const AUTO_ORDER: &[&str] = &["kernel:", "system:"];

/// What the time is, and who says so.
#[derive(Debug, Clone)]
pub struct Clock {
    /// What was agreed on, one sample for each source that supports it.
    agreed: Vec<Sample>,
    /// What every source said.
    answers: Vec<Answer>,
}

/// What one source said.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its address.
    pub address: String,
    /// What it said, or why it did not.
    pub said: Result<Sample, Refusal>,
}

/// Why there is no clock.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address names no source.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// `auto` stands beside other sources.
    #[error("`auto` stands alone: name the sources, or leave the choice to skewgate")]
    AutoAmongOthers,
    /// Nobody answered.
    #[error("no time: {}", list(.0))]
    Silent(Vec<Answer>),
    /// They do not agree.
    #[error("no trusted time: more than half of the sources must agree, and they do not: {}", list(.0))]
    Disagreement(Vec<Answer>),
}

impl Error {
    /// Whether the request was wrong, rather than the answers.
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::Address(_) | Self::AutoAmongOthers)
    }
}

fn list(answers: &[Answer]) -> String {
    let mut words = Vec::new();
    for answer in answers {
        words.push(match &answer.said {
            Ok(sample) => {
                let earliest = sample
                    .time
                    .earliest()
                    .map(|at| at.to_string())
                    .unwrap_or_default();
                format!(
                    "`{}` says {earliest}, give or take {}",
                    answer.address,
                    sample.time.width()
                )
            }
            Err(refusal) => format!("`{}`: {refusal}", answer.address),
        });
    }
    words.join("; ")
}

/// Checks addresses without asking anybody.
///
/// # Errors
/// When one names no source, or `auto` is not alone.
pub fn open<A: AsRef<str>>(addresses: &[A]) -> Result<Vec<Named>, Error> {
    let is_auto = |address: &A| address.as_ref() == AUTO;
    match addresses {
        [] => Ok(Vec::new()),
        [only] if is_auto(only) => Ok(Vec::new()),
        several if several.iter().any(is_auto) => Err(Error::AutoAmongOthers),
        named => named
            .iter()
            .map(|address| Ok(Named::open(address.as_ref(), &Options::default())?))
            .collect(),
    }
}

/// Asks the sources; none means `auto`.
///
/// # Errors
/// When nobody answers, or those who do have no majority.
pub fn ask(sources: &[Named]) -> Result<Clock, Error> {
    if sources.is_empty() {
        return ask_auto();
    }
    let said = |named: &Named| Answer {
        address: named.address.clone(),
        said: named.sample(Budget::of(Span::from_secs(5))),
    };
    let answers: Vec<Answer> = sources.iter().map(said).collect();
    let samples: Vec<&Sample> = answers
        .iter()
        .filter_map(|answer| answer.said.as_ref().ok())
        .collect();
    if samples.is_empty() {
        return Err(Error::Silent(answers));
    }
    let now = boottime();
    let times: Vec<Interval> = samples.iter().map(|sample| sample.at(now)).collect();
    let Some(supporters) = agree::majority(&times) else {
        return Err(Error::Disagreement(answers));
    };
    let agreed = supporters
        .into_iter()
        .map(|at| samples[at].clone())
        .collect();
    Ok(Clock { agreed, answers })
}

fn ask_auto() -> Result<Clock, Error> {
    let mut answers = Vec::new();
    for address in AUTO_ORDER {
        let said =
            Named::open(address, &Options::default())?.sample(Budget::of(Span::from_secs(5)));
        let agreed: Vec<Sample> = said.clone().into_iter().collect();
        answers.push(Answer {
            address: (*address).to_owned(),
            said,
        });
        if !agreed.is_empty() {
            return Ok(Clock { agreed, answers });
        }
    }
    Err(Error::Silent(answers))
}

impl Clock {
    /// What the time is at a reading of the ruler: where all that was agreed on, each carried in its
    /// own way, can be true.
    pub fn at(&self, ruler: Boottime) -> Interval {
        let mut times = self.agreed.iter().map(|sample| sample.at(ruler));
        let first = times
            .next()
            .unwrap_or_else(|| Interval::from(crate::time::Timestamp::from_unix(0, 0)));
        times.fold(first, |all, time| all.intersection(time).unwrap_or(all))
    }

    /// What the time is now. Asked after something was read, it is no earlier than that.
    pub fn now(&self) -> Interval {
        self.at(boottime())
    }

    /// How good the best witness of it is.
    pub fn class(&self) -> Class {
        self.agreed
            .iter()
            .map(|sample| sample.class)
            .min()
            .unwrap_or(Class::System)
    }

    /// What every source said.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, ask, open};
    use crate::source::Class;

    #[test]
    fn auto_always_finds_a_clock_and_it_is_the_builders_own() {
        let clock = ask(&open(&["auto"]).unwrap()).unwrap();
        assert!(matches!(clock.class(), Class::SelfAsserted | Class::System));
        assert!(
            clock.now().earliest()
                >= clock
                    .answers()
                    .last()
                    .unwrap()
                    .said
                    .clone()
                    .unwrap()
                    .time
                    .earliest()
        );
    }

    #[test]
    fn auto_stands_alone() {
        assert!(matches!(
            open(&["auto", "system:"]),
            Err(Error::AutoAmongOthers)
        ));
    }

    #[test]
    fn two_that_exclude_each_other_are_no_clock() {
        let sources = open(&["fixed:2020-01-01T00:00:00Z", "fixed:2021-01-01T00:00:00Z"]).unwrap();
        let error = ask(&sources).unwrap_err();
        assert!(matches!(error, Error::Disagreement(_)));
        assert!(
            error
                .to_string()
                .contains("`fixed:2021-01-01T00:00:00Z` says 2020-12-31T23:59:59Z"),
            "{error}"
        );
    }

    #[test]
    fn two_of_three_are() {
        let sources = open(&["fixed:@1000±5s", "fixed:@5000±5s", "fixed:@1003±5s"]).unwrap();
        let now = ask(&sources).unwrap().now();
        let seconds = (
            now.earliest().unwrap().seconds(),
            now.latest().unwrap().seconds(),
        );
        assert_eq!(seconds, (998, 1005));
    }
}
