//! Asking everybody at once, and what comes of it.

use super::{Answer, Clock, Sources, Standing, Votes, jury};
use crate::source::{Budget, Named, Refusal, Sample};
use crate::time::Span;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// How the time is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many votes must agree at least.
    pub minimum: usize,
    /// How long to wait for all answers together.
    pub timeout: Span,
    /// How far off the agreement may be: half its width.
    pub max_uncertainty: Option<Span>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            minimum: 1,
            timeout: Span::from_secs(5),
            max_uncertainty: None,
        }
    }
}

/// Why there is no clock.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nobody answered.
    #[error("no trusted time: {}", self.summary())]
    Silent(Vec<Answer>),
    /// They do not agree.
    #[error("no trusted time: {}", self.summary())]
    Disagreement(Vec<Answer>),
    /// Too few agree.
    #[error("no trusted time: {}", self.summary())]
    TooFew {
        /// How many do.
        votes: Votes,
        /// How many must.
        minimum: usize,
        /// What each said.
        answers: Vec<Answer>,
    },
    /// They agree on too wide a time.
    #[error("no trusted time: {}", self.summary())]
    TooVague {
        /// How far off they may be.
        uncertainty: Span,
        /// How far they may be at most.
        limit: Span,
        /// What each said.
        answers: Vec<Answer>,
    },
    /// Asking itself failed.
    #[error("no trusted time: {}", self.summary())]
    Unasked,
    /// It was no longer wanted.
    #[error("interrupted before the time was known")]
    Interrupted,
}

impl Error {
    /// Why, without what each source said.
    pub fn summary(&self) -> String {
        match self {
            Self::Silent(_) => "no source answered".to_owned(),
            Self::Disagreement(_) => {
                "more than half of the sources must agree, and they do not".to_owned()
            }
            Self::TooFew { votes, minimum, .. } => {
                let Votes { agreeing, of } = votes;
                let heard = self.answers().iter().filter(|answer| answer.said.is_ok());
                let why = if heard.count() > *of {
                    "; those that have the time from one upstream count as one, and those beside better witnesses \
                     not at all"
                } else {
                    ""
                };
                format!("{agreeing} of {of} sources agree, and at least {minimum} must{why}")
            }
            Self::TooVague {
                uncertainty, limit, ..
            } => {
                format!(
                    "the sources agree, but only to within {uncertainty}, and it must be within {limit}"
                )
            }
            Self::Unasked => {
                "the sources could not be asked: this machine gives no thread for it, or skewgate has a fault"
                    .to_owned()
            }
            Self::Interrupted => "interrupted before the time was known".to_owned(),
        }
    }

    /// What to do about it.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Silent(_) => {
                "mend the way to them, or name sources that can be reached (--clock)"
            }
            Self::Disagreement(_) => {
                "take the one that is wrong off the list, or name more: among four, one may lie"
            }
            Self::TooFew { .. } => {
                "name more sources (--clock), or ask for fewer (--clock-minimum)"
            }
            Self::TooVague { .. } => {
                "name sharper sources (--clock), or allow more (--clock-max-uncertainty)"
            }
            Self::Unasked => "run it again; when it stays so, report it",
            Self::Interrupted => "run it again",
        }
    }

    /// What every source said.
    pub fn answers(&self) -> &[Answer] {
        match self {
            Self::Unasked | Self::Interrupted => &[],
            Self::Silent(answers) | Self::Disagreement(answers) => answers,
            Self::TooFew { answers, .. } | Self::TooVague { answers, .. } => answers,
        }
    }
}

/// Asks all sources at once, and waits no longer than the options say, whatever the sources do.
///
/// # Errors
/// When nobody answers, those who do have no majority, too few agree, or on too wide a time.
pub fn ask(sources: &Sources, options: &Options) -> Result<Clock, Error> {
    ask_unless(sources, options, &|| false)
}

/// Whether nobody wants to know any more; looked at every now and then.
pub type Unwanted<'asker> = &'asker (dyn Fn() -> bool + Sync);

/// The same, unless it is no longer wanted.
///
/// # Errors
/// As [`ask`], and when it is no longer wanted.
pub fn ask_unless(
    sources: &Sources,
    options: &Options,
    is_unwanted: Unwanted<'_>,
) -> Result<Clock, Error> {
    let budget = Budget::of(options.timeout);
    let mut answers = Vec::new();
    for (place, stage) in sources.0.iter().enumerate() {
        let is_last = place + 1 == sources.0.len();
        let said = ask_stage(stage, is_last, budget, is_unwanted)?;
        let is_heard = said.iter().any(|answer| answer.said.is_ok());
        answers.extend(said);
        if is_heard {
            return jury::agree(answers, options);
        }
    }
    Err(Error::Silent(answers))
}

/// Asks one source. A fault of its own costs its answer, and nobody else's.
fn one(source: &Named, budget: Budget) -> Result<Sample, Refusal> {
    let asked = panic::catch_unwind(AssertUnwindSafe(|| source.sample(budget)));
    asked.unwrap_or_else(|_said_already| {
        let why = "skewgate has a fault in how it asks this source; please report it";
        Err(Refusal::Unavailable(why.to_owned()))
    })
}

fn unasked(error: &io::Error) -> Refusal {
    Refusal::Unavailable(format!(
        "this machine gives no thread to ask it with: {error}"
    ))
}

/// How often it is looked whether the time is still wanted.
const GLANCE: Duration = Duration::from_millis(20);

/// What is kept of the time for those who answer at the last moment to be heard.
const RESERVE: i128 = 20;

/// Asks a stage's sources side by side. Whatever they do, something of the budget is left for the next.
fn ask_stage(
    stage: &[Arc<Named>],
    is_last: bool,
    budget: Budget,
    is_unwanted: Unwanted<'_>,
) -> Result<Vec<Answer>, Error> {
    let (tell, told) = mpsc::channel();
    let nanos = budget.left().map_or(0, |left| {
        i128::try_from(left.as_nanos()).unwrap_or(i128::MAX)
    });
    let reserve = nanos / RESERVE;
    let theirs = Span::from_nanos(nanos - reserve);
    let all = if is_last {
        budget
    } else {
        budget.at_most(Span::from_nanos(nanos - reserve / 2))
    };
    let mut said: Vec<Option<Result<Sample, Refusal>>> = vec![None; stage.len()];
    for (place, (source, said)) in stage.iter().zip(&mut said).enumerate() {
        let (source, tell) = (Arc::clone(source), tell.clone());
        // Left behind when it takes too long: a resolver or a child may never come back.
        let asked = thread::Builder::new().spawn(move || {
            let said = one(&source, Budget::of(theirs));
            // Nobody may be waiting any more.
            let _late = tell.send((place, said));
        });
        *said = asked.err().map(|error| Err(unasked(&error)));
    }
    drop(tell);
    while said.iter().any(Option::is_none) {
        let Some(left) = all.left() else { break };
        if is_unwanted() {
            return Err(Error::Interrupted);
        }
        match told.recv_timeout(left.min(GLANCE)) {
            Ok((place, answer)) => {
                if let Some(place) = said.get_mut(place) {
                    *place = Some(answer);
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    let silent = || Err(budget.timeout());
    let answer = |(source, said): (&Arc<Named>, Option<_>)| Answer {
        address: source.address.clone(),
        scheme: source.scheme,
        said: said.unwrap_or_else(silent),
        standing: Standing::None,
    };
    Ok(stage.iter().zip(said).map(answer).collect())
}

#[cfg(test)]
mod tests {
    use super::{Error, Options, ask};
    use crate::clock::Sources;
    use crate::source::{Budget, Carry, Class, Evidence, Named, Refusal, Sample, Source};
    use crate::sys::boottime;
    use crate::time::{Interval, Rate, Span, Timestamp};
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    /// What a source does when it is asked.
    #[derive(Debug, Clone, Copy)]
    enum Does {
        /// It answers with this second.
        Answers(Class, i64),
        /// It looks at no budget.
        Hangs,
        /// It comes to nothing when its budget is spent.
        GivesUp,
        Panics,
    }

    impl Source for Does {
        fn sample(&self, budget: Budget) -> Result<Sample, Refusal> {
            match *self {
                Self::Answers(class, second) => Ok(Sample {
                    class,
                    time: Interval::around(Timestamp::from_unix(second, 0), Span::from_secs(1)),
                    taken: boottime(),
                    carry: Carry::Ruler(Rate::UNKNOWN),
                    evidence: Evidence::default(),
                }),
                Self::Hangs => {
                    thread::sleep(Duration::from_secs(60));
                    Err(Refusal::Unsupported)
                }
                Self::GivesUp => {
                    thread::sleep(budget.left().unwrap_or_default());
                    Err(Refusal::Unsupported)
                }
                Self::Panics => panic!("as a test wants it"),
            }
        }
    }

    const STATED: Does = Does::Answers(Class::Stated, 2_000_000_000);

    fn sources(stages: &[&[Does]]) -> Sources {
        let named = |(place, does): (usize, &Does)| {
            Arc::new(Named::test(&format!("test:{place}"), Box::new(*does)))
        };
        let stage = |stage: &&[Does]| stage.iter().enumerate().map(named).collect();
        Sources(stages.iter().map(stage).collect())
    }

    fn options(millis: i64) -> Options {
        Options {
            timeout: Span::from_millis(millis),
            ..Options::default()
        }
    }

    #[test]
    fn whatever_the_sources_do_it_is_over_in_time() {
        let began = boottime();
        let clock = ask(
            &sources(&[&[Does::Hangs, STATED, Does::Hangs]]),
            &options(300),
        )
        .unwrap();
        let took = boottime().since(began);
        assert!(
            took >= Span::from_millis(290) && took < Span::from_millis(600),
            "{took}"
        );
        let silent: Vec<bool> = clock
            .answers()
            .iter()
            .map(|answer| matches!(answer.said, Err(Refusal::Timeout { .. })))
            .collect();
        assert_eq!(silent, [true, false, true]);
    }

    #[test]
    fn who_gives_up_in_time_is_heard_to_say_so() {
        let error = ask(&sources(&[&[Does::GivesUp]]), &options(400)).unwrap_err();
        assert_eq!(error.answers()[0].said, Err(Refusal::Unsupported));
    }

    #[test]
    fn a_stage_that_hangs_leaves_time_for_the_next() {
        let clock = ask(&sources(&[&[Does::Hangs], &[STATED]]), &options(2000)).unwrap();
        assert_eq!(clock.class(), Class::Stated);
        assert_eq!(clock.answers().len(), 2);
    }

    #[test]
    fn the_next_stage_is_only_asked_when_nobody_answers() {
        let system = Does::Answers(Class::System, 2_100_000_000);
        let clock = ask(&sources(&[&[STATED], &[system]]), &options(2000)).unwrap();
        assert_eq!((clock.class(), clock.answers().len()), (Class::Stated, 1));
        // Those who answer and do not agree have answered.
        let liar = Does::Answers(Class::Stated, 2_100_000_000);
        let error = ask(&sources(&[&[STATED, liar], &[system]]), &options(2000)).unwrap_err();
        assert!(matches!(error, Error::Disagreement(_)), "{error}");
    }

    #[test]
    fn a_fault_in_one_source_costs_its_answer_only() {
        let clock = ask(&sources(&[&[Does::Panics, STATED]]), &options(5000)).unwrap();
        let said = clock.answers()[0].said.clone().unwrap_err().to_string();
        assert!(said.contains("please report it"), "{said}");
    }
}
