//! What holds for every row.

use super::sample::{Kind, NOW, at, field, judged_at, value};
use super::{Answer, Looks, OTHERS, RECEIVERS, find, sample};
use crate::format::{Calm, Stamp};
use crate::time::{Interval, Span, Timestamp};
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::select;

/// Seconds near the limits of all.
fn seconds() -> impl Strategy<Value = i64> {
    let graces = [
        0,
        10,
        30,
        180,
        300,
        36_000,
        86_400,
        26 * 3600,
        38 * 3600,
        7 * 86_400,
    ];
    let limits = [
        0,
        157_766_400 - 14 * 3600,
        157_766_400,
        157_766_400 + 12 * 3600,
        189_302_400,
        315_532_800,
        4_354_819_198,
        8_589_934_591,
    ];
    prop_oneof![
        (select(graces.to_vec()), -15..15_i64).prop_map(|(grace, by)| NOW + grace + by),
        (select(graces.to_vec()), -14 * 3600..14 * 3600_i64)
            .prop_map(|(grace, by)| NOW + grace + by),
        (select(limits.to_vec()), -3..3_i64).prop_map(|(limit, by)| limit + by),
        any::<i32>().prop_map(i64::from),
    ]
}

/// What receivers look at: the file, the way in it, and the field.
const LOOKED_AT: [(&str, &str, &str); 12] = [
    ("a.deb", "data.tar.xz!./a", "tar.mtime"),
    ("a.ddeb", "control.tar.gz!./", "tar.mtime"),
    ("a.changes", "", "openpgp.signature"),
    ("InRelease", "", "debian.date"),
    ("pkg.tar.gz", "pkg/DESCRIPTION", "tar.mtime"),
    ("pkg.tar.gz", "pkg/DESCRIPTION", "tar.pax.mtime"),
    ("a.nupkg", "a", "zip.central"),
    ("a.gem", "data.tar.gz!a", "tar.mtime"),
    ("a.rpm", "", "openpgp.signature"),
    ("a.rpm", "", "rpm.changelog"),
    ("app", "", "macho.signing-time"),
    ("app", "", "macho.timestamp-token"),
];

/// How a field of this name tells its time, where a DOS time is so many hours ahead of UTC, if that was stated.
fn kind(field: &str, zone: Option<i64>, is_day: bool) -> Kind {
    match (field, zone, is_day) {
        ("zip.central", Some(ahead), _) => Kind::Stated(ahead * 3600),
        ("zip.central", None, _) => Kind::Dos,
        ("rpm.changelog", _, true) => Kind::Day,
        _ => Kind::Exact,
    }
}

proptest! {
    /// What is calm is not kept, so that nothing could be said of it: not for sure, and under `--strict` not even
    /// possibly.
    #[test]
    fn nothing_that_is_calm_is_refused(
        seconds in seconds(),
        zone in proptest::option::of(-14..=14_i64),
        is_day in any::<bool>(),
        width in 0..20_i64,
        possible in any::<bool>(),
    ) {
        let now = Interval::between(at(NOW), at(NOW + width));
        for receiver in RECEIVERS {
            let Looks::Inside { calm, signatures, .. } = receiver.looks else { continue };
            let (from, to) = calm(now);
            let calm = Calm { from, to, possible, signatures, now: to };
            for (name, member, told) in LOOKED_AT {
                let kept = sample::kept(member, told, seconds, kind(told, zone, is_day));
                let stamp = Stamp { field: kept.field, raw: &kept.raw, value: kept.value, slot: None };
                if calm.covers(&stamp) {
                    let found = judged_at(receiver, name, vec![kept], now);
                    assert!(
                        found.iter().all(|found| !found.is_proven && !possible),
                        "{}: {found:?}", receiver.name
                    );
                }
            }
        }
    }

    #[test]
    fn no_file_that_is_calm_is_refused(seconds in seconds(), nanos in 0..1_000_000_000_u32) {
        let (now, modified) = (Interval::exactly(at(NOW)), Timestamp::from_unix(seconds, nanos));
        for receiver in RECEIVERS {
            let Looks::Outside { calm, judge } = receiver.looks else { continue };
            let (from, to) = calm(now);
            let is_calm = (from..=to).contains(&modified);
            assert!(!is_calm || judge(modified, now).is_none(), "{}", receiver.name);
        }
    }
}

/// A clock of which nothing is known proves nothing, and lets nothing pass.
#[test]
fn without_a_clock_nothing_is_proven() {
    let now = Interval::from(at(NOW));
    for receiver in RECEIVERS {
        let Looks::Inside {
            signatures: false, ..
        } = receiver.looks
        else {
            continue;
        };
        for (name, member, field) in LOOKED_AT {
            // In 2096, before the year that limits have that no clock says.
            let late = vec![sample::kept(member, field, 4_000_000_000, Kind::Exact)];
            let found = judged_at(receiver, name, late, now);
            assert!(
                found.iter().all(|found| !found.is_proven),
                "{}",
                receiver.name
            );
        }
    }
}

#[test]
fn every_row_explains_itself() {
    for receiver in RECEIVERS {
        for text in [receiver.summary, receiver.rule, receiver.source] {
            assert!(
                text.len() > 20 && !text.contains("  "),
                "{}: {text}",
                receiver.name
            );
            assert!(
                !text.ends_with('.'),
                "{}: {text} is a phrase",
                receiver.name
            );
        }
        // A commit, so that it can be read again.
        assert!(receiver.source.contains('@'), "{}", receiver.name);
        assert_eq!(find(receiver.name).unwrap().source, receiver.source);
    }
    let names = RECEIVERS.iter().map(|receiver| receiver.name);
    let mut names: Vec<&str> = names.chain(OTHERS.iter().map(|other| other.name)).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "each has one name");
}

/// What the words of a rejection promise.
#[test]
fn who_only_warns_does_not_say_that_it_refuses() {
    let now = Interval::exactly(at(NOW));
    for receiver in RECEIVERS {
        let Looks::Outside { judge, .. } = receiver.looks else {
            continue;
        };
        let found = judge(Timestamp::from_unix(-1, 0), now).unwrap();
        let warns = found.what.contains("warn");
        assert_eq!(warns, found.answer == Answer::Warns, "{}", receiver.name);
    }
}

/// Else a header that was rounded up would seem to stand alone.
#[test]
fn the_record_beside_a_late_header_is_kept() {
    let now = Interval::exactly(at(NOW));
    for (name, grace) in [("gnu-tar", 0), ("cran", 300)] {
        let Looks::Inside { calm, .. } = find(name).unwrap().looks else {
            panic!("{name} looks inside")
        };
        // Less than a second before the header, which is the first that is late.
        let record = Timestamp::from_unix(NOW + grace, 1);
        assert!(calm(now).1 < record.earlier(Span::from_millis(1)), "{name}");
    }
}

#[test]
fn signatures_are_kept_for_who_compares_them() {
    let covers = |name, signatures| {
        let calm = Calm {
            now: Timestamp::from_unix(0, 0),
            from: at(0),
            to: at(NOW),
            possible: false,
            signatures,
        };
        calm.covers(&Stamp {
            field: field(name),
            raw: &[],
            value: value(NOW - 900, Kind::Exact),
            slot: None,
        })
    };
    for name in ["macho.signing-time", "macho.timestamp-token"] {
        assert!(covers(name, false) && !covers(name, true), "{name}");
    }
    assert!(covers("macho.id-dylib", true));
    let compares = RECEIVERS.iter().filter(|receiver| {
        matches!(
            receiver.looks,
            Looks::Inside {
                signatures: true,
                ..
            }
        )
    });
    let compares: Vec<&str> = compares.map(|receiver| receiver.name).collect();
    assert_eq!(compares, ["codesign"]);
}
