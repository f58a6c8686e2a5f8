//! What the measured rates prove of a limit.

use super::{Claim, Drift, Segment};
use crate::time::{Rate, Span};

/// Parts per billion in a part per million.
const PPM: i128 = 1000;

impl Segment {
    /// How much the builder's clock gained on the true time; `None` for a single reading.
    pub fn gain(&self) -> Option<Rate> {
        self.rate.and_then(Rate::inverse)
    }

    /// The gain that counts: a clock that was only slewed towards the true time is as good as its timer.
    fn judged(&self) -> Option<Rate> {
        self.mended.or_else(|| self.gain())
    }

    /// How far that is proven to be from none, in parts per billion.
    fn proven(&self) -> i128 {
        self.judged()
            .map_or(0, |gain| gain.distance(Rate::within(0)))
    }

    /// What is proven of a limit in parts per billion.
    fn claim(&self, limit: i128) -> Claim {
        let Some(gain) = self.judged() else {
            return Claim::Inconclusive {
                needs: self.needs_at_all(limit),
            };
        };
        let (least, most) = (gain.least(), gain.most());
        let width = most - least;
        if least > limit || most < -limit {
            return Claim::Exceeds;
        }
        // A bound as wide as the limit itself measures nothing.
        if least >= -limit && most <= limit && width <= limit {
            return Claim::Within;
        }
        // What is uncertain shrinks as the baseline grows. Twice the distance from the middle to what
        // decides is how wide it may be.
        let off = (least + most).abs();
        let may_be = if off > 2 * limit {
            off - 2 * limit
        } else {
            (2 * limit - off).min(limit)
        };
        let baseline = self.to.since(self.from).as_nanos();
        let needs = (may_be > 0)
            .then(|| baseline.saturating_mul(width).saturating_add(may_be - 1) / may_be);
        Claim::Inconclusive {
            needs: needs.map(Span::from_nanos),
        }
    }

    /// How long after a single reading one as uncertain would tell, of a clock that is right.
    fn needs_at_all(&self, limit: i128) -> Option<Span> {
        let uncertain = self.width.as_nanos().saturating_mul(2_000_000_000);
        (limit > 0).then(|| Span::from_nanos(uncertain / limit))
    }
}

impl Drift {
    /// How much the builder's clock gained on the true time where it is proven to have been worst; where
    /// nothing is proven, where it was measured longest. Where it was only slewed towards the true time, how much
    /// its timer gained. `None` without a measurement.
    pub fn gain(&self) -> Option<Rate> {
        self.worst()?.judged()
    }

    /// The segment that [`Self::gain`] speaks of.
    pub fn worst(&self) -> Option<&Segment> {
        let measured = self.segments.iter().filter(|one| one.rate.is_some());
        measured.max_by_key(|one| (one.proven(), one.to.since(one.from)))
    }

    /// What is proven of a limit in parts per million: it exceeds where one segment does, and is within only
    /// where all of them are.
    pub fn claim(&self, limit: u32) -> Claim {
        let limit = i128::from(limit) * PPM;
        let claims: Vec<Claim> = self.segments.iter().map(|one| one.claim(limit)).collect();
        if claims.contains(&Claim::Exceeds) {
            return Claim::Exceeds;
        }
        let mut needs = None;
        let mut is_within = !claims.is_empty();
        for claim in claims {
            if let Claim::Inconclusive { needs: one } = claim {
                is_within = false;
                needs = needs.max(one);
            }
        }
        if is_within {
            Claim::Within
        } else {
            Claim::Inconclusive { needs }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::drift::{Claim, Drift, Segment};
    use crate::sys::{Boottime, RulerId};
    use crate::time::{Rate, Span};

    /// A segment of 100 s with a gain between two in ppm, as the ruler has it.
    fn segment(least: i128, most: i128) -> Segment {
        Segment {
            ruler: RulerId::default(),
            from: Boottime::at(0),
            to: Boottime::at(100_000_000_000),
            readings: 2,
            rate: Rate::between(least * 1000, most * 1000).inverse(),
            mended: None,
            width: Span::from_millis(30),
        }
    }

    fn claim(gains: &[(i128, i128)]) -> Claim {
        let segments = gains.iter().map(|(least, most)| segment(*least, *most));
        Drift {
            segments: segments.collect(),
            ..Drift::default()
        }
        .claim(500)
    }

    #[test]
    fn a_claim_holds_wherever_the_rate_lies() {
        assert_eq!(claim(&[(501, 900)]), Claim::Exceeds);
        assert_eq!(claim(&[(-900, -501)]), Claim::Exceeds);
        assert_eq!(claim(&[(-100, 300)]), Claim::Within);
        assert_eq!(claim(&[(-100, 300), (600, 700)]), Claim::Exceeds);
        for open in [
            &[(400, 600)][..],
            &[(-499, 499)],
            &[(-900, 900)],
            &[(-100, 300), (-800, 0)],
            &[],
        ] {
            assert!(
                matches!(claim(open), Claim::Inconclusive { .. }),
                "{open:?}"
            );
        }
    }

    #[test]
    fn a_longer_baseline_is_said_to_decide() {
        let needs = |gains: &[(i128, i128)]| match claim(gains) {
            Claim::Inconclusive { needs } => needs.map(|span| span.as_nanos() / 1_000_000_000),
            other => panic!("{other:?}"),
        };
        // 1000 ppm wide around 800: it may be 600 wide.
        assert!((166..168).contains(&needs(&[(300, 1300)]).unwrap()));
        // 2000 ppm wide around 0: it may be 500 wide.
        assert!((400..402).contains(&needs(&[(-1000, 1000)]).unwrap()));
        assert_eq!(needs(&[]), None);
    }

    #[test]
    fn a_single_reading_says_when_the_next_would_tell() {
        let single = Segment {
            rate: None,
            ..segment(0, 0)
        };
        let drift = Drift {
            segments: vec![single],
            ..Drift::default()
        };
        // 60 ms over 500 ppm.
        assert_eq!(
            drift.claim(500),
            Claim::Inconclusive {
                needs: Some(Span::from_secs(120))
            }
        );
        assert_eq!(drift.gain(), None);
    }

    #[test]
    fn the_worst_that_is_proven_is_what_it_gained() {
        let drift = Drift {
            segments: vec![segment(-10, 900), segment(200, 210), segment(-300, -290)],
            ..Drift::default()
        };
        let gain = drift.gain().unwrap();
        assert!(
            gain.least() <= -300_000 && gain.most() >= -290_000 && gain.most() < 0,
            "{gain:?}"
        );
    }
}
