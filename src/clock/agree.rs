//! Whom to believe when sources differ.

use crate::time::{Interval, Timestamp};

/// The sources whose intervals share a region that more than half of all support, if there is one.
///
/// A sweep for the region of maximum overlap (Marzullo), which counts only with a strict majority:
/// two against two, or one against one, say nothing. A strict majority's region is the only one, for
/// two majorities would share a member.
pub(super) fn majority(times: &[Interval]) -> Option<Vec<usize>> {
    let start = |time: &Interval| time.earliest().unwrap_or(Timestamp::DISTANT_PAST);
    let holds = |time: &Interval, at: Timestamp| {
        time.order(Interval::exactly(at)) == crate::time::Order::Overlaps
    };
    // The best-supported instant can be found among the starts: moving back from any instant to the
    // latest start before it loses nobody.
    let supporters = |at: Timestamp| -> Vec<usize> {
        (0..times.len())
            .filter(|&index| holds(&times[index], at))
            .collect()
    };
    let best = times
        .iter()
        .map(|time| supporters(start(time)))
        .max_by_key(Vec::len)?;
    (best.len() * 2 > times.len()).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::majority;
    use crate::time::{Interval, Timestamp};
    use proptest::collection::vec;
    use proptest::prelude::proptest;

    fn interval(from: i64, to: i64) -> Interval {
        Interval::between(Timestamp::from_unix(from, 0), Timestamp::from_unix(to, 0))
    }

    #[test]
    fn only_more_than_half_is_believed() {
        let (early, late) = (interval(0, 10), interval(20, 30));
        assert_eq!(majority(&[]), None);
        assert_eq!(majority(&[early]), Some(vec![0]));
        assert_eq!(majority(&[early, late]), None);
        assert_eq!(majority(&[early, late, interval(5, 8)]), Some(vec![0, 2]));
        assert_eq!(majority(&[early, late, early, late]), None);
    }

    proptest! {
        #[test]
        fn an_honest_majority_always_wins(
            truth in -1000..1000_i64,
            honest in vec((0..50_i64, 0..50_i64), 1..6),
            lies in vec((-5000..5000_i64, 0..50_i64), 0..6),
        ) {
            let lies = &lies[..lies.len().min(honest.len() - 1)];
            let mut times: Vec<Interval> = honest.iter().map(|(a, b)| interval(truth - a, truth + b)).collect();
            times.extend(lies.iter().map(|(from, width)| interval(*from, from + width)));
            let believed = majority(&times).unwrap();
            assert!(believed.len() * 2 > times.len());
            let shared = believed.iter().skip(1).try_fold(times[believed[0]], |all, &at| all.intersection(times[at]));
            assert!(shared.is_some());
        }
    }
}
