//! From what everybody said to a clock: whose word counts, and how the others stand to it.

use super::agree::{Agreement, Say, agreement};
use super::{Answer, Clock, Error, Options, Standing, Votes};
use crate::source::{Carry, Class, Sample, Upstream};
use crate::sys::Boottime;
use crate::time::{Interval, Order, Span};
use std::slice;

/// Whose word counts beside each other's: the best of these that answers. The others are held against
/// what those agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bench {
    Authenticated,
    Outside,
    Stated,
    FileServer,
    Builder,
}

const fn bench(class: Class) -> Bench {
    match class {
        Class::Authenticated => Bench::Authenticated,
        Class::Network | Class::Host => Bench::Outside,
        Class::Stated => Bench::Stated,
        Class::FileServer => Bench::FileServer,
        Class::SelfAsserted | Class::System => Bench::Builder,
    }
}

/// What the answers come to.
pub(super) fn agree(mut answers: Vec<Answer>, options: &Options) -> Result<Clock, Error> {
    let Some(jury) = Jury::of(&answers) else {
        return Err(Error::Silent(answers));
    };
    let Some(agreement) = jury.agreement() else {
        return Err(Error::Disagreement(answers));
    };
    let Agreement {
        region,
        support,
        votes,
    } = agreement;
    for answer in &mut answers {
        answer.standing = match &answer.said {
            Ok(sample) => jury.standing(sample, region),
            Err(_) => Standing::None,
        };
    }
    let votes = Votes {
        agreeing: support,
        of: votes,
    };
    if support < options.minimum {
        let minimum = options.minimum;
        return Err(Error::TooFew {
            votes,
            minimum,
            answers,
        });
    }
    let uncertainty = region.width().half();
    if let Some(limit) = options.max_uncertainty.filter(|limit| uncertainty > *limit) {
        return Err(Error::TooVague {
            uncertainty,
            limit,
            answers,
        });
    }
    let (time, taken, carry) = (region, jury.at, jury.carry());
    let class = jury.class(region);
    Ok(Clock {
        time,
        taken,
        carry,
        class,
        votes,
        answers,
    })
}

/// Those whose word counts.
struct Jury {
    bench: Bench,
    samples: Vec<Sample>,
    /// When the sharpest of them was asked. There, nothing has to be said of it about the ruler; and what
    /// the ruler makes of those who are vague anyway matters less.
    at: Boottime,
}

impl Jury {
    fn of(answers: &[Answer]) -> Option<Self> {
        let samples = || {
            answers
                .iter()
                .filter_map(|answer| answer.said.as_ref().ok())
        };
        let bench_of = |sample: &&Sample| bench(sample.class);
        let best = samples().map(|sample| bench_of(&sample)).min()?;
        let samples: Vec<Sample> = samples()
            .filter(|sample| bench_of(sample) == best)
            .cloned()
            .collect();
        let at = samples
            .iter()
            .min_by_key(|sample| sample.time.width())?
            .taken;
        Some(Self {
            bench: best,
            samples,
            at,
        })
    }

    fn agreement(&self) -> Option<Agreement> {
        let say = |(place, sample)| Say {
            time: self.time(sample),
            upstreams: self.upstreams(place, sample),
        };
        let says: Vec<Say<'_>> = self.samples.iter().enumerate().map(say).collect();
        agreement(&says).filter(|agreement| !self.overrules_strict(agreement.region))
    }

    /// Where a sample has the time from, as far as that counts. A machine that was asked under several
    /// names says it once: with another claim in each answer it could tie all others together, and so
    /// make one vote of them.
    fn upstreams<'jury>(&'jury self, place: usize, sample: &'jury Sample) -> &'jury [Upstream] {
        let all = &sample.evidence.upstreams;
        let machine = |sample: &Sample| sample.evidence.server.map(Upstream::of);
        let Some(own) = machine(sample) else {
            return all;
        };
        let mut before = self.samples.iter().take(place);
        match all.iter().find(|upstream| **upstream == own) {
            Some(only) if before.any(|other| machine(other) == Some(own)) => slice::from_ref(only),
            Some(_) | None => all,
        }
    }

    /// What a sample makes of the instant at which all are compared. Beside those who are carried by the
    /// ruler a stated time is, too: within its step it is only as good as when it was stated.
    fn time(&self, sample: &Sample) -> Interval {
        match (sample.carry, self.carry()) {
            (Carry::Steps(_), by_ruler @ Carry::Ruler(_)) => {
                by_ruler.from(sample.time, self.at.since(sample.taken))
            }
            (Carry::Steps(_) | Carry::Ruler(_), _) => sample.at(self.at),
        }
    }

    fn agrees(&self, sample: &Sample, region: Interval) -> bool {
        self.time(sample).order(region) == Order::Overlaps
    }

    /// How anybody stands to what they agree on.
    fn standing(&self, sample: &Sample, region: Interval) -> Standing {
        let time = self.time(sample);
        match time.order(region) {
            Order::Overlaps if bench(sample.class) == self.bench => Standing::Agrees,
            Order::Overlaps => Standing::Follows,
            order => Standing::Outside {
                by: time.distance(region),
                is_later: order == Order::After,
            },
        }
    }

    /// Whether certificates that hold only by the time their own servers gave overrule one that holds by
    /// the builder's clock as well: somebody with old keys could have given an old time.
    fn overrules_strict(&self, region: Interval) -> bool {
        let certificate = |sample: &Sample| sample.evidence.certificate;
        let is_strict =
            |sample: &Sample| certificate(sample).is_none_or(|certificate| certificate.is_strict);
        let mut strict = self
            .samples
            .iter()
            .filter(|sample| is_strict(sample))
            .peekable();
        strict.peek().is_some() && !strict.any(|sample| self.agrees(sample, region))
    }

    /// How what they agree on is carried along. Those on one bench are all carried in the same way, in steps
    /// only what was stated.
    fn carry(&self) -> Carry {
        let first = self.samples.first().map(|sample| sample.carry);
        first.unwrap_or(Carry::Steps(Span::ZERO))
    }

    /// The best class among those who agree.
    fn class(&self, region: Interval) -> Class {
        let agreeing = self
            .samples
            .iter()
            .filter(|sample| self.agrees(sample, region));
        agreeing
            .map(|sample| sample.class)
            .min()
            .unwrap_or(Class::System)
    }
}

#[cfg(test)]
mod tests;
