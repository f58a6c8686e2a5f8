//! `unrepresentable-time`: a time that does not fit where it has to go next.

use super::{
    Artifact, Bound, BoundName, Calm, Certainty, Check, Facts, Level, Observation, Rule, embedded,
};
use crate::format::{Confidence, Kept, Role, Value};
use crate::time::{Interval, Span, Timestamp};
use std::borrow::Cow;

pub(super) const RULE: Rule = Rule {
    id: "unrepresentable-time",
    summary: "a time of a file, or inside it, does not fit where it goes next",
    level: Level::Error,
    why: "\
A time that a format cannot hold is wrapped, clamped or dropped without a word: 2040 in a zip's \
extended timestamp reads as 1903, a negative time in a gzip header as 2106. Whoever unpacks it sees a \
time that nobody wrote.",
    example: "\
    error unrepresentable-time  dist/app.bin\n      \
mtime 2040-01-01T00:00:00Z is 1 y 347 d after the last second that signed 32-bit fields can hold \
(2038-01-19T03:14:07Z): zip extended timestamps and 32-bit systems cannot hold it",
    remedy: "\
Find what wrote the time (mostly a clock far off, or an overflow) and set it right.",
    checks: &[
        Check::Artifact { calm, judge },
        Check::Stamp {
            calm,
            judge: judge_inside,
        },
    ],
};

const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds, 0)
}

/// Where unsigned fields begin.
const FIRST: Timestamp = at(0);

/// The last whole seconds that fields can hold, and what has such fields.
const LAST: &[(i64, &str)] = &[
    // Info-ZIP reads field 0x5455 as signed; ext3, cramfs and 32-bit time_t are.
    (2_147_483_647, "zip extended timestamps and 32-bit systems"),
    // RFC 1952 MTIME, cpio newc, RPM's and OpenPGP's uint32.
    (4_294_967_295, "gzip, cpio, rpm, squashfs and OpenPGP"),
    // The DOS date of zip (APPNOTE 4.4.6): 2107-12-31T23:59:58.
    (4_354_819_198, "zip"),
    // Eleven octal digits (POSIX pax, ustar): 2242-03-16T12:56:31Z.
    (8_589_934_591, "ustar"),
    // The 34 bits of ext4's large inodes: 2446-05-10T22:38:55Z.
    (15_032_385_535, "ext4"),
];

/// The tightest of them.
const LAST_OF_ALL: Timestamp = at(2_147_483_647);

fn calm(_facts: &Facts<'_>) -> Calm {
    Calm {
        from: FIRST,
        to: LAST_OF_ALL,
        ..Calm::ALWAYS
    }
}

fn judge(artifact: &Artifact, _facts: &Facts<'_>) -> Option<Observation> {
    let modified = artifact.times.modified;
    let (bound, detail) = if modified < FIRST {
        let bound = Bound {
            name: BoundName::UnixEpoch,
            at: Interval::exactly(FIRST),
        };
        (
            bound,
            Cow::Borrowed("zip, gzip, cpio, ustar, ar and rpm cannot hold it"),
        )
    } else {
        let short: Vec<&str> = LAST
            .iter()
            .filter(|(last, _)| modified >= at(*last).later(Span::from_secs(1)))
            .map(|(_, formats)| *formats)
            .collect();
        let bound = Bound {
            name: BoundName::FormatLimit,
            at: Interval::exactly(LAST_OF_ALL),
        };
        if short.is_empty() {
            return None;
        }
        (
            bound,
            Cow::Owned(format!("{} cannot hold it", short.join(", "))),
        )
    };
    let found = Interval::exactly(modified);
    let observation = Observation::of_time("mtime", found, bound, Certainty::Proven);
    Some(Observation {
        detail: Some(detail),
        ..observation
    })
}

/// The last second of ext4, the widest that what is unpacked is put on.
const LAST_OF_FILES: Timestamp = at(15_032_385_535);

/// What is no time, what readers of the same field take for different times, and what no file system holds.
fn judge_inside(kept: &Kept, _artifact: &Artifact, _facts: &Facts<'_>) -> Option<Observation> {
    let field = kept.field;
    let moment = match &kept.value {
        Value::At(moment) => moment,
        Value::Unset => return None,
        Value::Invalid(why) => {
            let bytes: String = kept
                .raw
                .iter()
                .take(32)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let what = format!("its bytes {bytes} are no time: {why}");
            // What nobody gives to a file when unpacking goes nowhere; texts hold whatever people wrote.
            let certainty = match field.role {
                Role::Modified => Certainty::Proven,
                Role::Event => Certainty::Possible,
            };
            let observation = Observation::of_state(field.name, certainty, what);
            return Some(observation.inside(&kept.member));
        }
    };
    if embedded::constant(kept).is_some() || field.confidence == Confidence::Low {
        return None;
    }
    let (earliest, latest) = (moment.time.earliest()?, moment.time.latest()?);
    let is_signed = field.name.contains(".ut.");
    let (name, limit, what) = if latest < FIRST {
        let what =
            "zip, gzip, cpio, ustar, ar and rpm cannot hold it, and GNU tar finds it implausible";
        (BoundName::UnixEpoch, FIRST, what)
    } else if is_signed && earliest >= at(2_147_483_648) {
        let what = "some readers take this field for signed, and see a time before 1970";
        (BoundName::FormatLimit, LAST_OF_ALL, what)
    } else if earliest > LAST_OF_FILES {
        (
            BoundName::FormatLimit,
            LAST_OF_FILES,
            "no file system that it is unpacked on holds it",
        )
    } else {
        return None;
    };
    let bound = Bound {
        name,
        at: Interval::exactly(limit),
    };
    let observation = Observation::of_time(field.name, moment.time, bound, Certainty::Proven);
    Some(observation.inside(&kept.member).saying(what))
}

#[cfg(test)]
mod tests {
    use super::{LAST, judge, judge_inside};
    use crate::format::{Confidence, Field, Kept, Role, Value};
    use crate::record::Window;
    use crate::rule::artifact::tests::file;
    use crate::rule::{Certainty, Facts, Observation};
    use crate::time::{Interval, Span, Timestamp};

    fn with<T>(judged: impl FnOnce(&Facts<'_>) -> T) -> T {
        let now = Interval::exactly(Timestamp::from_unix(1_800_000_000, 0));
        let window = Window::default();
        let facts = Facts {
            now,
            window: &window,
            begin_by_builder: None,
            source_date: None,
            receivers: &[],
            tolerance: Span::ZERO,
        };
        judged(&facts)
    }

    fn detail(seconds: i64) -> Option<String> {
        let text = |seen: Observation| seen.detail.unwrap().into_owned();
        with(|facts| judge(&file(seconds, 0, 0), facts)).map(text)
    }

    #[test]
    fn what_is_no_time_is_proven_only_where_a_file_would_get_it() {
        static FILE: Field = Field {
            name: "zip.central",
            what: "",
            role: Role::Modified,
            confidence: Confidence::High,
        };
        static TEXT: Field = Field {
            name: "gettext.po-revision-date",
            what: "",
            role: Role::Event,
            confidence: Confidence::High,
        };
        let certainty = |field| {
            let kept = Kept {
                member: Vec::new(),
                field,
                raw: b"2003-01-08 07:44+EDT".to_vec(),
                value: Value::Invalid("it is no date"),
            };
            with(|facts| judge_inside(&kept, &file(0, 0, 0), facts)).map(|seen| seen.certainty)
        };
        assert_eq!(certainty(&FILE), Some(Certainty::Proven));
        assert_eq!(certainty(&TEXT), Some(Certainty::Possible));
    }

    #[test]
    fn a_time_is_refused_by_all_whose_last_second_it_passes() {
        assert_eq!(detail(0), None);
        assert_eq!(detail(2_147_483_647), None);
        assert_eq!(
            detail(-1).unwrap(),
            "zip, gzip, cpio, ustar, ar and rpm cannot hold it"
        );
        for (count, (last, formats)) in LAST.iter().enumerate() {
            let seen = detail(last + 1).unwrap();
            assert!(seen.contains(formats), "{seen}");
            assert!(seen.matches(", ").count() >= count, "{seen}");
        }
    }
}
