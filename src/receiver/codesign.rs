//! `codesign`: Apple's signer, on what it signed.

use super::limit::{Limit, Reading, until};
use super::way::times;
use super::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RECEIVER: Receiver = Receiver {
    name: "codesign",
    summary: "Apple's codesign --timestamp: signed Mach-O",
    rule: "\
fails if the signing time, by the signer's clock, and the time of the time-stamp authority are more than 180 s apart, and \
leaves the file signed; without a time of an authority, codesign -d notes a signing time more than 180 s ahead of its clock",
    source: "\
csutanyu/codesign@5e1ce241 src/codesign.h:91, src/cs_sign.cpp:199-211, src/cs_dump.cpp:150-169 \
(Apple security_systemkeychain-55191; today's is closed, and every failure that users report is beyond 180 s)",
    looks: Looks::Inside {
        calm: |now| (Timestamp::DISTANT_PAST, until(now, GRACE)),
        signatures: true,
        judge,
    },
};

/// How far the two may be apart.
const GRACE: Span = Span::from_secs(180);

fn judge(delivery: &Delivery<'_>, now: Interval) -> Vec<Rejection> {
    let stamped: Vec<_> = times(delivery.content, "macho.timestamp-token").collect();
    let mut worst: Option<(Span, Rejection)> = None;
    let mut alone = Vec::new();
    for (kept, signed) in times(delivery.content, "macho.signing-time") {
        let reading = Reading::of(kept, Interval::exactly(signed));
        let beside = stamped
            .iter()
            .filter(|(token, _)| token.member == kept.member);
        let nearest = beside
            .map(|(_, at)| *at)
            .min_by_key(|at| at.since(signed).abs());
        let Some(token) = nearest else {
            alone.push(reading);
            continue;
        };
        let apart = token.since(signed).abs();
        let limit = if signed > token {
            Limit::Last(Interval::exactly(token.later(GRACE)))
        } else {
            Limit::First(Interval::exactly(token.earlier(GRACE)))
        };
        if let Some(passed) = limit.passed(delivery, [reading])
            && worst.as_ref().is_none_or(|(most, _)| apart > *most)
        {
            let what = format!(
                "codesign fails on this file: its clock and the time-stamp authority, which said {token}, are more than 3 min apart \
(\"check your system clock\")"
            );
            worst = Some((apart, passed.rejection(Answer::Refuses, what)));
        }
    }
    let passed = Limit::Last(now.later(GRACE)).passed(delivery, alone);
    let note = passed.map(|passed| {
        let would = passed.would();
        let what = format!(
            "codesign -d {would} note that this was signed more than 3 min ahead of its clock, and codesign --timestamp fails under \
such a clock"
        );
        passed.rejection(Answer::Warns, what)
    });
    worst
        .map(|(_, rejection)| rejection)
        .into_iter()
        .chain(note)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RECEIVER;
    use crate::receiver::Answer;
    use crate::receiver::sample::{NOW, certainties, edge, judged_of};

    const TOKEN: &str = "macho.timestamp-token";
    const SIGNED: &str = "macho.signing-time";

    #[test]
    fn the_two_clocks_may_be_three_minutes_apart() {
        for past in [NOW - 9_000_000, NOW] {
            for (by, expected) in [
                (180, vec![]),
                (181, vec![true]),
                (-180, vec![]),
                (-181, vec![true]),
            ] {
                let pair = [("", SIGNED, past + by), ("", TOKEN, past)];
                assert_eq!(certainties(&RECEIVER, "app", &pair), expected, "{by}");
            }
        }
        // Each slice has its own.
        let slices = [("x86_64", SIGNED, NOW - 900), ("arm64", TOKEN, NOW)];
        assert_eq!(certainties(&RECEIVER, "app", &slices), [true; 0]);
    }

    #[test]
    fn without_an_authority_its_own_clock_counts() {
        edge(&RECEIVER, "app", ("arm64", SIGNED), NOW + 180);
        let found = judged_of(&RECEIVER, "app", &[("", SIGNED, NOW + 181)]);
        assert_eq!(found[0].answer, Answer::Warns);
    }
}
