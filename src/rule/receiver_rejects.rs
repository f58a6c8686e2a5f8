//! `receiver-rejects`: a receiver that was named will refuse the artifact.

use super::{
    Artifact, Bound, BoundName, Calm, Certainty, Check, Facts, Level, Observation, Opened, Rule,
};
use crate::format::Kept;
use crate::receiver::{Answer, Delivery, Looks, Receiver, Rejection};
use crate::sys::Kind;
use crate::time::{Interval, Timestamp};

pub(super) const RULE: Rule = Rule {
    id: "receiver-rejects",
    summary: "a receiver that was named with --for would refuse this file for the times in it",
    level: Level::Error,
    why: "\
Archives and registries check the times in what is uploaded, each by a rule of its own and by its own clock, and say so \
only after the build, the tests and the upload. Here their rules are held against the trusted time beforehand. Their \
clocks are later when they get the file, so the message says from when on they would take it.",
    example: "\
    error receiver-rejects  dist/app_1.0_amd64.deb!data.tar.xz!./usr/bin/app\n      \
tar.mtime 2026-11-25T11:21:00Z is 23 h 58 min after what the receiver accepts (2026-11-24T11:22:41Z): Debian's archive \
(dak) would reject this package: 3 members are later than its clock + 24 h; it would take it from 2026-11-24T11:21:00Z",
    remedy: "\
Set the clock of the builder right and build again, or have the packer clamp the times. `skewgate list receivers` says \
who looks at what. What a receiver takes all the same and only warns of, and what depends on the zone of its server, is \
reported under --strict only. No tolerance is added to what receivers leave.",
    checks: &[
        Check::Artifact {
            calm: calm_outside,
            judge: judge_outside,
        },
        Check::Stamp {
            calm: calm_inside,
            judge: none,
        },
        Check::Content(judge_inside),
    ],
};

/// What no receiver that looks at files has anything against.
fn calm_outside(facts: &Facts<'_>) -> Calm {
    calm(facts, |looks| match looks {
        Looks::Outside { calm, .. } => Some(calm),
        Looks::Inside { .. } => None,
    })
}

/// What no receiver that looks inside has anything against.
fn calm_inside(facts: &Facts<'_>) -> Calm {
    calm(facts, |looks| match looks {
        Looks::Inside { calm, .. } => Some(calm),
        Looks::Outside { .. } => None,
    })
}

fn calm(
    facts: &Facts<'_>,
    of: impl Fn(Looks) -> Option<fn(Interval) -> (Timestamp, Timestamp)>,
) -> Calm {
    let calms = facts
        .receivers
        .iter()
        .filter_map(|receiver| of(receiver.looks));
    calms.fold(Calm::ALWAYS, |all, calm| {
        let (from, to) = calm(facts.now);
        all.and(Calm {
            from,
            to,
            ..Calm::ALWAYS
        })
    })
}

/// What is packed: files and folders. Of several receivers the first that is sure.
fn judge_outside(artifact: &Artifact, facts: &Facts<'_>) -> Option<Observation> {
    if !matches!(artifact.kind, Kind::File | Kind::Directory) {
        return None;
    }
    let modified = artifact.times.modified;
    let seen = facts.receivers.iter().filter_map(|receiver| {
        let Looks::Outside { judge, .. } = receiver.looks else {
            return None;
        };
        judge(modified, facts.now).map(|rejection| observation(receiver, rejection))
    });
    seen.reduce(|first, other| {
        if other.certainty > first.certainty {
            other
        } else {
            first
        }
    })
}

/// A receiver looks at what lies in a file as a whole.
fn none(_kept: &Kept, _artifact: &Artifact, _facts: &Facts<'_>) -> Option<Observation> {
    None
}

fn judge_inside(opened: &Opened<'_>, facts: &Facts<'_>) -> Vec<Observation> {
    let delivery = Delivery {
        name: opened.name,
        content: opened.content,
    };
    let seen = facts.receivers.iter().flat_map(|receiver| {
        let rejections = match receiver.looks {
            Looks::Inside { judge, .. } => judge(&delivery, facts.now),
            Looks::Outside { .. } => Vec::new(),
        };
        let rejections = rejections.into_iter();
        rejections.map(|rejection| observation(receiver, rejection))
    });
    seen.collect()
}

/// What a rejection comes to: an error must not be made of what a receiver takes.
fn observation(receiver: &Receiver, rejection: Rejection) -> Observation {
    let bound = Bound {
        name: BoundName::Receiver,
        at: rejection.limit,
    };
    let certainty = match rejection.answer {
        Answer::Refuses if rejection.is_proven => Certainty::Proven,
        Answer::Refuses | Answer::Warns => Certainty::Possible,
    };
    Observation {
        subject: Some(receiver.name.to_owned()),
        ..Observation::of_time(rejection.field, rejection.found, bound, certainty)
    }
    .inside(&rejection.member)
    .saying(rejection.what)
}

#[cfg(test)]
mod tests {
    use super::{calm_inside, judge_inside, judge_outside};
    use crate::format::{Confidence, Content, Field, Kept, Moment, Role, Value};
    use crate::receiver::{Receiver, find};
    use crate::record::Window;
    use crate::rule::artifact::tests::file;
    use crate::rule::{Certainty, Facts, Opened};
    use crate::sys::Kind;
    use crate::time::{Interval, Span, Timestamp};
    use std::ffi::OsStr;

    const NOW: i64 = 1_800_000_000;

    static FIELD: Field = Field {
        name: "tar.mtime",
        what: "a field of a test",
        role: Role::Modified,
        confidence: Confidence::High,
    };

    fn facts<'a>(window: &'a Window, receivers: &'a [&'static Receiver]) -> Facts<'a> {
        Facts {
            now: Interval::exactly(Timestamp::from_unix(NOW, 0)),
            window,
            begin_by_builder: None,
            source_date: None,
            receivers,
            tolerance: Span::ZERO,
        }
    }

    /// What is made of a member that is so far ahead, for whom.
    fn seen(receiver: &str, name: &str, member: &str, ahead: i64) -> Vec<Certainty> {
        let (window, at) = (Window::default(), Timestamp::from_unix(NOW + ahead, 0));
        let receivers = [find(receiver).unwrap()];
        let facts = facts(&window, &receivers);
        let content = Content::of(vec![Kept {
            member: member.into(),
            field: &FIELD,
            raw: Vec::new(),
            value: Value::At(Moment::exactly(at)),
        }]);
        let opened = Opened {
            name: OsStr::new(name),
            artifact: &file(NOW, NOW, NOW),
            content: &content,
        };
        let seen = judge_inside(&opened, &facts);
        let is_calm = calm_inside(&facts).to >= at;
        assert!(!is_calm || seen.is_empty(), "{seen:?}");
        for observation in &seen {
            assert_eq!(observation.subject.as_deref(), Some(receiver));
            assert_eq!(observation.member.as_deref(), Some(member.as_bytes()));
        }
        seen.iter().map(|seen| seen.certainty).collect()
    }

    #[test]
    fn an_error_is_made_only_of_what_is_refused() {
        let (package, member) = ("a.deb", "data.tar.xz!./a");
        assert_eq!(seen("dak", package, member, 86_401), [Certainty::Proven]);
        assert_eq!(seen("dak", package, member, 86_400), []);
        assert_eq!(seen("gnu-tar", "a.tar", "a", 86_401), [Certainty::Possible]);
    }

    #[test]
    fn of_a_file_the_surest_is_told() {
        let window = Window::default();
        let receivers = ["nuget-pack", "python-zipfile"].map(|name| find(name).unwrap());
        let facts = facts(&window, &receivers);
        let mut artifact = file(1, NOW, NOW);
        let seen = judge_outside(&artifact, &facts).unwrap();
        assert_eq!(seen.subject.as_deref(), Some("python-zipfile"));
        assert_eq!(seen.certainty, Certainty::Proven);
        artifact.kind = Kind::Symlink;
        assert_eq!(judge_outside(&artifact, &facts), None);
    }
}
