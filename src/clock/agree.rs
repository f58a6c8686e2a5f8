//! Whom to believe when sources differ.
//!
//! The agreement is every instant that more than half of the votes support, and it must be one region.
//! So wherever the honest are more than half, the truth is in it: each of them holds the truth. The region
//! that *most* support (Marzullo's) would not do, for a liar who overlaps the honest halfway makes that
//! region smaller, and can leave the truth outside. And where more than half support two separate regions,
//! either may be the true one, so there is no agreement (`docs/decisions/0006-agreement.md`).

use crate::source::Upstream;
use crate::time::{Interval, Span, Timestamp};

/// What one source says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Say<'sample> {
    /// What the time was, at one instant for all.
    pub(super) time: Interval,
    /// Where it has the time from.
    pub(super) upstreams: &'sample [Upstream],
}

/// What more than half support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Agreement {
    /// Every instant that they do.
    pub(super) region: Interval,
    /// The most votes that any instant of it has.
    pub(super) support: usize,
    /// How many votes there are.
    pub(super) votes: usize,
}

/// What more than half of the votes support, if it is one region.
pub(super) fn agreement(says: &[Say<'_>]) -> Option<Agreement> {
    let voters = voters(says);
    let votes = voters.iter().max().map_or(0, |last| last + 1);
    let support = |at: Timestamp| {
        let holds = |say: &Say<'_>| say.time.distance(Interval::exactly(at)) == Span::ZERO;
        let mut supports = vec![false; votes];
        for (say, &voter) in says.iter().zip(&voters) {
            supports[voter] |= holds(say);
        }
        supports.into_iter().filter(|&supports| supports).count()
    };
    // Time is a whole number of nanoseconds: between a start, or what follows an end, and the next of
    // them, nothing changes.
    let step = Span::from_nanos(1);
    let start = |say: &Say<'_>| say.time.earliest().unwrap_or(Timestamp::DISTANT_PAST);
    let behind = |say: &Say<'_>| say.time.latest().map(|latest| latest.later(step));
    let mut edges: Vec<Timestamp> = says.iter().map(start).collect();
    edges.extend(says.iter().filter_map(behind));
    edges.sort_unstable();
    edges.dedup();
    let mut found: Option<Agreement> = None;
    let mut is_inside = false;
    for (index, &edge) in edges.iter().enumerate() {
        let support = support(edge);
        let was_inside = std::mem::replace(&mut is_inside, support * 2 > votes);
        if !is_inside {
            continue;
        }
        let last = edges
            .get(index + 1)
            .map_or(Timestamp::DISTANT_FUTURE, |next| next.earlier(step));
        match &mut found {
            Some(_another) if !was_inside => return None,
            Some(agreement) => {
                let first = agreement
                    .region
                    .earliest()
                    .unwrap_or(Timestamp::DISTANT_PAST);
                agreement.region = Interval::between(first, last);
                agreement.support = agreement.support.max(support);
            }
            None => {
                let region = Interval::between(edge, last);
                found = Some(Agreement {
                    region,
                    support,
                    votes,
                });
            }
        }
    }
    found
}

/// Which vote each source has a part in, counted from zero: those with an upstream in common, directly or
/// through others, have one together. It supports whatever any of them says, so that nobody can silence
/// an honest server by claiming to take the time from it.
fn voters(says: &[Say<'_>]) -> Vec<usize> {
    let mut voters: Vec<usize> = (0..says.len()).collect();
    for (later, say) in says.iter().enumerate() {
        for (earlier, other) in says[..later].iter().enumerate() {
            if say
                .upstreams
                .iter()
                .any(|upstream| other.upstreams.contains(upstream))
            {
                let (from, to) = (voters[later], voters[earlier]);
                voters
                    .iter_mut()
                    .filter(|voter| **voter == from)
                    .for_each(|voter| *voter = to);
            }
        }
    }
    let mut known = Vec::new();
    for voter in &mut voters {
        let place = known.iter().position(|other| other == voter);
        let place = place.unwrap_or_else(|| {
            known.push(*voter);
            known.len() - 1
        });
        *voter = place;
    }
    voters
}

#[cfg(test)]
mod tests {
    use super::{Agreement, Say, agreement, voters};
    use crate::source::Upstream;
    use crate::time::{Interval, Order, Timestamp};
    use proptest::collection::vec;
    use proptest::prelude::{Just, Strategy as _, proptest};
    use std::net::Ipv4Addr;

    fn interval(from: i64, to: i64) -> Interval {
        Interval::between(Timestamp::from_unix(from, 0), Timestamp::from_unix(to, 0))
    }

    fn of(times: &[(i64, i64)]) -> Option<(Interval, usize, usize)> {
        let says: Vec<Say<'_>> = times
            .iter()
            .map(|&(from, to)| Say {
                time: interval(from, to),
                upstreams: &[],
            })
            .collect();
        agreement(&says).map(
            |Agreement {
                 region,
                 support,
                 votes,
             }| (region, support, votes),
        )
    }

    #[test]
    fn only_more_than_half_is_believed() {
        let (early, late) = ((0, 10), (20, 30));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[early]), Some((interval(0, 10), 1, 1)));
        assert_eq!(of(&[early, late]), None);
        assert_eq!(of(&[early, (5, 15)]), Some((interval(5, 10), 2, 2)));
        assert_eq!(of(&[early, late, (5, 8)]), Some((interval(5, 8), 2, 3)));
        assert_eq!(of(&[early, late, early, late]), None);
        assert_eq!(
            of(&[early, early, early, late]),
            Some((interval(0, 10), 3, 4))
        );
    }

    #[test]
    fn two_regions_are_no_agreement() {
        assert_eq!(of(&[(0, 10), (0, 2), (8, 10)]), None);
        assert_eq!(
            of(&[(0, 10), (0, 5), (5, 10)]),
            Some((interval(0, 10), 3, 3))
        );
    }

    #[test]
    fn a_liar_who_overlaps_halfway_does_not_narrow_what_is_agreed() {
        // The truth may be 1, which the region of most support, 8 to 9, would exclude.
        let honest = (0, 10);
        let agreed = of(&[honest, honest, honest, (8, 9), (8, 9)]);
        assert_eq!(agreed, Some((interval(0, 10), 5, 5)));
    }

    #[test]
    fn open_sides_are_no_obstacle() {
        let from = |at| Say {
            time: Interval::from(Timestamp::from_unix(at, 0)),
            upstreams: &[],
        };
        let agreed = agreement(&[from(5), from(7)]).unwrap();
        assert_eq!(agreed.region, Interval::from(Timestamp::from_unix(7, 0)));
    }

    fn machine(last: u8) -> Upstream {
        Upstream::Machine(Ipv4Addr::new(10, 0, 0, last).into())
    }

    #[test]
    fn those_with_an_upstream_in_common_have_one_vote() {
        let chains = [
            vec![machine(1), machine(9)],
            vec![machine(2)],
            vec![machine(3), machine(9)],
            vec![machine(3), machine(4)],
            vec![],
            vec![],
        ];
        let says: Vec<Say<'_>> = chains
            .iter()
            .map(|upstreams| Say {
                time: interval(0, 1),
                upstreams,
            })
            .collect();
        assert_eq!(voters(&says), [0, 1, 0, 0, 2, 3]);
    }

    #[test]
    fn two_names_of_one_liar_do_not_outvote_two_others() {
        let (liar, honest) = ([machine(9)], [[machine(1)], [machine(2)]]);
        let lie = Say {
            time: interval(50, 51),
            upstreams: &liar,
        };
        let truth = |which: usize| Say {
            time: interval(0, 1),
            upstreams: &honest[which],
        };
        let agreed = agreement(&[lie, lie, lie, truth(0), truth(1)]).unwrap();
        assert_eq!(
            (agreed.region, agreed.support, agreed.votes),
            (interval(0, 1), 2, 3)
        );
    }

    #[test]
    fn nobody_is_silenced_by_a_liar_who_claims_to_follow_him() {
        let (server, follower) = ([machine(1)], [machine(9), machine(1)]);
        let other = [machine(2)];
        let says = [
            Say {
                time: interval(0, 1),
                upstreams: &server,
            },
            Say {
                time: interval(50, 51),
                upstreams: &follower,
            },
            Say {
                time: interval(0, 1),
                upstreams: &other,
            },
        ];
        assert_eq!(agreement(&says).unwrap().region, interval(0, 1));
    }

    proptest! {
        /// Any honest majority, whatever the asymmetry of its delays, whatever the others say.
        #[test]
        fn the_truth_is_inside_wherever_the_honest_are_more_than_half(
            truth in -1000..1000_i64,
            honest in vec((0..50_i64, 0..50_i64), 1..6),
            lies in vec((-60..60_i64, 0..80_i64), 0..6),
            order in Just((0..16).collect::<Vec<usize>>()).prop_shuffle(),
        ) {
            let lies = &lies[..lies.len().min(honest.len() - 1)];
            let mut times: Vec<(i64, i64)> = honest.iter().map(|(a, b)| (truth - a, truth + b)).collect();
            times.extend(lies.iter().map(|(from, width)| (truth + from, truth + from + width)));
            let mut keyed: Vec<_> = times.iter().zip(&order).collect();
            keyed.sort_by_key(|(_, key)| **key);
            let shuffled: Vec<(i64, i64)> = keyed.iter().map(|(time, _)| **time).collect();
            assert_eq!(of(&times), of(&shuffled));
            // Two regions may have a majority; then there is no answer. Any answer holds the truth.
            if let Some((region, ..)) = of(&times) {
                assert_eq!(region.order(interval(truth, truth)), Order::Overlaps, "{times:?}");
            }
        }

        /// With no liar who overlaps a truth-teller there is always an answer.
        #[test]
        fn an_honest_majority_is_always_heard(
            honest in vec((0..50_i64, 0..50_i64), 1..6),
            lies in vec((100..5000_i64, 0..50_i64), 0..6),
        ) {
            let lies = &lies[..lies.len().min(honest.len() - 1)];
            let mut times: Vec<(i64, i64)> = honest.iter().map(|(a, b)| (-a, *b)).collect();
            times.extend(lies.iter().map(|(from, width)| (*from, from + width)));
            assert!(of(&times).is_some());
        }

        #[test]
        fn every_instant_of_an_answer_has_more_than_half_behind_it(
            times in vec((0..60_i64, 0..40_i64), 0..8),
        ) {
            let times: Vec<(i64, i64)> = times.iter().map(|(from, width)| (*from, from + width)).collect();
            if let Some((region, support, votes)) = of(&times) {
                let inside = |at: i64| interval(at, at).order(region) == Order::Overlaps;
                let counts = (0..100).filter(|&at| inside(at)).map(|at| times.iter().filter(|(from, to)| (*from..=*to).contains(&at)).count());
                let counts: Vec<usize> = counts.collect();
                assert!(counts.iter().all(|count| count * 2 > votes), "{times:?}");
                assert_eq!(counts.iter().max(), Some(&support));
            }
        }
    }
}
