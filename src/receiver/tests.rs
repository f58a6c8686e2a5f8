//! What holds for every row.

use super::sample::{Kind, NOW, at, field, judged_at, value};
use super::{Answer, Looks, OTHERS, RECEIVERS, find};
use crate::format::{Calm, Kept, Stamp};
use crate::time::{Interval, Span, Timestamp};
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;

/// The names of what receivers look at.
const NAMES: [&str; 14] = [
    "a.deb",
    "a.udeb",
    "a.ddeb",
    "a.changes",
    "Release",
    "InRelease",
    "a.tar.gz",
    "a.tar",
    "a.nupkg",
    "a.snupkg",
    "a.gem",
    "a.rpm",
    "app",
    "a.zip",
];

const MEMBERS: [&str; 7] = [
    "",
    "a",
    "pkg/DESCRIPTION",
    "data.tar.xz!./a",
    "control.tar.gz!./",
    "data.tar.gz!a",
    "data.tar.gz!a.tar!b",
];

const FIELDS: [&str; 9] = [
    "tar.mtime",
    "tar.pax.mtime",
    "zip.central",
    "rpm.signed",
    "rpm.changelog",
    "openpgp.signature",
    "debian.date",
    "macho.signing-time",
    "macho.timestamp-token",
];

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

/// How a field of this name tells its time.
fn kinds(field: &str) -> proptest::strategy::BoxedStrategy<Kind> {
    let stated = || (-14..=14_i64).prop_map(|ahead| Kind::Stated(ahead * 3600));
    match field {
        "zip.central" => prop_oneof![Just(Kind::Dos), stated()].boxed(),
        "rpm.changelog" => prop_oneof![Just(Kind::Exact), Just(Kind::Day)].boxed(),
        _ => Just(Kind::Exact).boxed(),
    }
}

fn kept() -> impl Strategy<Value = Kept> {
    let named = (select(MEMBERS.to_vec()), select(FIELDS.to_vec()), seconds());
    named.prop_flat_map(|(member, name, seconds)| {
        kinds(name).prop_map(move |kind| Kept {
            member: member.into(),
            field: field(name),
            raw: b"UTC".into(),
            value: value(seconds, kind),
        })
    })
}

proptest! {
    /// What is calm is not kept, so that nothing could be said of it: not for sure, and under `--strict` not even
    /// possibly.
    #[test]
    fn nothing_that_is_calm_is_refused(
        stamps in proptest::collection::vec(kept(), 0..8),
        name in select(NAMES.to_vec()),
        width in 0..20_i64,
        possible in any::<bool>(),
    ) {
        let now = Interval::between(at(NOW), at(NOW + width));
        for receiver in RECEIVERS {
            let Looks::Inside { calm, signatures, .. } = receiver.looks else { continue };
            let (from, to) = calm(now);
            let calm = Calm { from, to, possible, signatures };
            let is_calm = |kept: &&Kept| {
                let Kept { field, value, ref raw, .. } = **kept;
                calm.covers(&Stamp { field, raw, value, slot: None })
            };
            let calm = stamps.iter().filter(is_calm).cloned().collect();
            let found = judged_at(receiver, name, calm, now);
            assert!(
                found.iter().all(|found| !found.is_proven && !possible),
                "{}: {found:?}", receiver.name
            );
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
        for (name, member, field) in NAMES
            .iter()
            .flat_map(|name| MEMBERS.map(|member| (name, member)))
            .flat_map(|(name, member)| FIELDS.map(|field| (name, member, field)))
        {
            // In 2096, before the year that limits have that no clock says.
            let late = vec![super::sample::kept(
                member,
                field,
                4_000_000_000,
                Kind::Exact,
            )];
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
