//! Asking everybody at once, and what comes of it.

use super::{Answer, Clock, Sources, Standing, Votes, jury};
use crate::source::{Budget, Named, Refusal, Sample};
use crate::time::Span;
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
                format!("{agreeing} of {of} sources agree, and at least {minimum} must")
            }
            Self::TooVague {
                uncertainty, limit, ..
            } => {
                format!(
                    "the sources agree, but only to within {uncertainty}, and it must be within {limit}"
                )
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
            Self::Interrupted => "run it again",
        }
    }

    /// What every source said.
    pub fn answers(&self) -> &[Answer] {
        match self {
            Self::Interrupted => &[],
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
pub(super) type Unwanted<'asker> = &'asker (dyn Fn() -> bool + Sync);

/// The same, unless it is no longer wanted.
pub(super) fn ask_unless(
    sources: &Sources,
    options: &Options,
    is_unwanted: Unwanted<'_>,
) -> Result<Clock, Error> {
    let budget = Budget::of(options.timeout);
    let mut answers = Vec::new();
    for stage in &sources.0 {
        let said = ask_stage(stage, budget, is_unwanted)?;
        let is_heard = said.iter().any(|answer| answer.said.is_ok());
        answers.extend(said);
        if is_heard {
            return jury::agree(answers, options);
        }
    }
    Err(Error::Silent(answers))
}

/// How often it is looked whether the time is still wanted.
const GLANCE: Duration = Duration::from_millis(20);

/// What is kept of the time for those who answer at the last moment to be heard.
const RESERVE: i128 = 20;

fn ask_stage(
    stage: &[Arc<Named>],
    budget: Budget,
    is_unwanted: Unwanted<'_>,
) -> Result<Vec<Answer>, Error> {
    let (tell, told) = mpsc::channel();
    let nanos = budget.left().map_or(0, |left| {
        i128::try_from(left.as_nanos()).unwrap_or(i128::MAX)
    });
    let theirs = Span::from_nanos(nanos - nanos / RESERVE);
    let waiting: Vec<Arc<Named>> = stage.to_vec();
    for (place, source) in waiting.into_iter().enumerate() {
        let tell = tell.clone();
        // Left behind when it takes too long: a resolver or a child may never come back.
        thread::spawn(move || {
            let said = source.sample(Budget::of(theirs));
            // Nobody may be waiting any more.
            let _late = tell.send((place, said));
        });
    }
    drop(tell);
    let mut said: Vec<Option<Result<Sample, Refusal>>> = vec![None; stage.len()];
    while said.iter().any(Option::is_none) {
        let Some(left) = budget.left() else { break };
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
    let silent = || {
        Err(Refusal::Timeout {
            waited: budget.spent(),
            ignored: 0,
        })
    };
    let answer = |(source, said): (&Arc<Named>, Option<_>)| Answer {
        address: source.address.clone(),
        scheme: source.scheme,
        said: said.unwrap_or_else(silent),
        standing: Standing::None,
    };
    Ok(stage.iter().zip(said).map(answer).collect())
}
