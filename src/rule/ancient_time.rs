//! `ancient-time`: an artifact is older than archives can say.

use super::{Artifact, Bound, BoundName, Calm, Certainty, Check, Facts, Level, Observation, Rule};
use crate::time::{Interval, Span, Timestamp};

pub(super) const RULE: Rule = Rule {
    id: "ancient-time",
    summary: "a file's modification time is before 1980 and no well-known constant",
    level: Level::Warning,
    why: "\
Zip begins in 1980: Python's zipfile, wheel builders and jar refuse what is older. Debian refuses \
packages with files before 1975. Such a time is mostly that of a machine without a clock, or a field \
that was never set.",
    example: "\
    warning ancient-time  dist/firmware.bin\n      \
mtime 1970-01-01T00:07:21Z is 9 y 364 d before the first year that zip can hold (1980-01-01T00:00:00Z)",
    remedy: "\
Set the clock of the machine that made it, or give the file a time (SOURCE_DATE_EPOCH). Constants that \
packers write on purpose (0, 1, the zip epoch and others; see docs/rules.md) are known and let pass.",
    checks: &[Check::Artifact { calm, judge }],
};

/// 1980-01-01T00:00:00Z, where the DOS date of zip begins (APPNOTE 4.4.6).
const ZIP_EPOCH: Interval = Interval::exactly(Timestamp::from_unix(315_532_800, 0));

fn calm(_facts: &Facts<'_>) -> Calm {
    Calm::since(ZIP_EPOCH)
}

fn judge(artifact: &Artifact, _facts: &Facts<'_>) -> Option<Observation> {
    let modified = artifact.times.modified;
    let found = Interval::exactly(modified);
    let certainty = Certainty::earlier(found, ZIP_EPOCH, Span::ZERO)?;
    let bound = Bound {
        name: BoundName::ZipEpoch,
        at: ZIP_EPOCH,
    };
    let is_constant = crate::format::sentinel(modified, "mtime", false).is_some();
    (!is_constant).then(|| Observation::of_time("mtime", found, bound, certainty))
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::record::Window;
    use crate::rule::Facts;
    use crate::rule::artifact::tests::file;
    use crate::time::{Interval, Span, Timestamp};

    #[test]
    fn constants_are_not_ancient() {
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
        let found = |seconds| {
            let mut artifact = file(0, 0, 0);
            artifact.times.modified = Timestamp::from_unix(seconds, 0);
            judge(&artifact, &facts).is_some()
        };
        assert!(!found(0) && !found(1) && !found(315_532_800));
        assert!(found(2) && found(315_532_799) && found(-1));
    }
}
