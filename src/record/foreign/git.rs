//! The commit that was built: no build of it began before it was made.

use super::{Means, Provenance, when};
use crate::record::stated::commit_time;
use crate::record::{Trust, Window};

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "git",
    form: "git:REV",
    summary: "the commit that was built, by its committer's clock",
    trust: Trust::Author,
    bounds: "start, from below: the committer time of the commit",
    traps: "\
Whoever made the commit chose its time, and their clock may be ahead. It bounds the start only where nothing \
better does. `--not-before git:REV` takes the same time as stated, which then wins over all other records.",
    example: "skewgate audit dist --record git:HEAD",
    silent: "it has no committer time",
    means: Means::Prefix {
        prefix: "git:",
        read: |revision| {
            let at = when::since(commit_time(revision)?);
            let source = format!("git:{revision}: committer time");
            Ok(Window {
                began: Some(when::bound(at, source, Trust::Author)),
                ended: None,
            })
        },
    },
};
