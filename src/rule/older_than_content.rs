//! `older-than-content`: an archive bears a time before that of something in it.

use super::{
    Artifact, Bound, BoundName, Certainty, Check, Facts, Level, Observation, Opened, Rule, Times,
};
use crate::format::Content;
use crate::time::{Order, Span};

pub(super) const RULE: Rule = Rule {
    id: "older-than-content",
    summary: "a file is older than the newest time inside it",
    level: Level::Warning,
    why: "\
Nothing can be packed before it exists. A file that bears a time before that of its content was stamped by another clock \
than its content was: one of the two was wrong. It shows a clock that was set back, or a builder that was ahead, long \
after now has passed both times.",
    example: "\
    warning older-than-content  dist/app.tar.gz\n      \
mtime 2026-11-23T11:09:12Z is 2 h before the latest time in it (2026-11-23T13:09:12Z): ./bin/app",
    remedy: "\
Compare the clocks of the machines that made the content and the file. A file whose time was set after it was \
written, which its ctime shows, is reported under --strict only, and so is an archive in an archive: clamping does that.",
    checks: &[Check::Content(judge)],
};

fn judge(opened: &Opened<'_>, facts: &Facts<'_>) -> Vec<Observation> {
    let Opened {
        artifact, content, ..
    } = *opened;
    let own = own(content, artifact, facts.tolerance).into_iter();
    let inner = content.older.iter().filter_map(|aged| {
        let (field, moment) = aged.own;
        let bound = Bound {
            name: BoundName::Newest,
            at: aged.newest,
        };
        Certainty::earlier(moment.time, bound.at, facts.tolerance)?;
        let observation = Observation::of_time(field.name, moment.time, bound, Certainty::Possible);
        let newest = String::from_utf8_lossy(&aged.where_newest).into_owned();
        Some(observation.inside(&aged.member).saying(newest))
    });
    own.chain(inner).collect()
}

fn own(content: &Content, artifact: &Artifact, tolerance: Span) -> Option<Observation> {
    let (newest, member) = content.tally.newest.as_ref()?;
    if artifact.is_deliberate {
        return None;
    }
    let Times {
        modified, changed, ..
    } = artifact.times;
    let found = artifact.written(modified);
    if found.order(*newest) != Order::Before {
        return None;
    }
    let certainty = Certainty::earlier(found, *newest, tolerance)?;
    // Whoever sets a time changes the inode then, so that its ctime is later. Whoever makes an image of a tree
    // (mkfs.ext4 -d, mksquashfs) writes both times alike, in whole seconds.
    let was_set = changed.is_none_or(|changed| Some(changed) > found.latest());
    let is_of_image = changed == Some(modified) && modified.subsecond() == 0;
    let certainty = if was_set || is_of_image {
        Certainty::Possible
    } else {
        certainty
    };
    let bound = Bound {
        name: BoundName::Newest,
        at: *newest,
    };
    let member = String::from_utf8_lossy(member).into_owned();
    Some(Observation::of_time("mtime", found, bound, certainty).saying(member))
}

#[cfg(test)]
mod tests {
    use super::own;
    use crate::format::{Calm, Options, look};
    use crate::rule::Certainty;
    use crate::rule::artifact::tests::file;
    use crate::time::{Span, Timestamp};
    use flate2::Compression;
    use std::io::Read as _;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_time_that_was_set_later_proves_nothing() {
        let mut packed = flate2::GzBuilder::new()
            .mtime(2000)
            .read(&b""[..], Compression::fast());
        let mut bytes = Vec::new();
        packed.read_to_end(&mut bytes).unwrap();
        let stop = AtomicBool::new(false);
        let content = look(&bytes.as_slice(), &Options::default(), Calm::NEVER, &stop);
        let seen = |changed: Timestamp, whole: bool| {
            let mut artifact = file(1000, 1000, 1000);
            if whole {
                artifact.times.modified = Timestamp::from_unix(1000, 0);
            }
            artifact.times.changed = Some(changed);
            own(&content, &artifact, Span::ZERO).map(|seen| seen.certainty)
        };
        let at = |seconds, nanos| Timestamp::from_unix(seconds, nanos);
        assert_eq!(seen(at(1000, 1), false), Some(Certainty::Proven));
        assert_eq!(seen(at(3000, 1), false), Some(Certainty::Possible));
        // The tree of an image, whose maker wrote both.
        assert_eq!(seen(at(1000, 0), true), Some(Certainty::Possible));
        assert_eq!(seen(at(1000, 7), true), Some(Certainty::Proven));
    }
}
