//! What was found in a file, kept: as much of it as anybody wants to hear of.

use super::{Calm, Disagreement, Field, Moment, Older, Sink, Stamp, Tally, Value, Zone, sentinel};
use crate::bytes::Flaw;
use crate::time::{Interval, Timestamp, grouped};
use std::collections::{HashMap, HashSet};

/// What was found in a file.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// The times that somebody wants to hear of, in the order of the file.
    pub stamps: Vec<Kept>,
    /// What contradicts itself, and in which member; of those of one kind as many as there is room for.
    pub disagreements: Vec<(Vec<u8>, Disagreement)>,
    /// Archives in it that are older than what lies in them.
    pub older: Vec<Aged>,
    /// What could not be read, and in which member.
    pub flaws: Vec<(Vec<u8>, Flaw)>,
    /// What all times come to, together.
    pub tally: Tally,
    /// How many of each are kept at most.
    most: usize,
    /// How many were not kept.
    lost: u64,
    /// How many contradictions there are of each kind.
    kinds: HashMap<Kind, u64>,
    /// About which times nobody wants to hear; all are wanted without it.
    calm: Option<Calm>,
}

/// Between which fields something contradicts itself, and what that comes to: the same in many members where a tool
/// has written one of the fields anew in each.
type Kind = (&'static str, &'static str, String);

fn kind(disagreement: &Disagreement) -> Kind {
    let (one, other) = (disagreement.one.0.name, disagreement.other.0.name);
    (one, other, disagreement.what.clone())
}

/// What contradicts itself in one member, or in many in the same way.
#[derive(Debug, Clone, Copy)]
pub struct Contradiction<'a> {
    /// The way to the first of them.
    pub member: &'a [u8],
    /// What it is there.
    pub disagreement: &'a Disagreement,
    /// In how many members it is so.
    pub members: u64,
}

impl Contradiction<'_> {
    /// What is said of the other members, behind what is said of the first.
    pub fn elsewhere(&self) -> String {
        if self.members > 1 {
            format!("; so in {} members", grouped(self.members.into()))
        } else {
            String::new()
        }
    }
}

/// A time that was kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The way to its member; empty for the file itself.
    pub member: Vec<u8>,
    /// Which field.
    pub field: &'static Field,
    /// Its bytes as they stand there.
    pub raw: Vec<u8>,
    /// What they say.
    pub value: Value,
}

/// An archive in a file that bears a time before that of something in it.
#[derive(Debug, Clone)]
pub struct Aged {
    /// The way to it.
    pub member: Vec<u8>,
    /// What it bears.
    pub own: (&'static Field, Moment),
    /// The latest time in it.
    pub newest: Interval,
    /// The way to that.
    pub where_newest: Vec<u8>,
}

impl Content {
    /// Room for so many times, contradictions and flaws each.
    pub(super) fn with_room(most: u64, calm: Calm) -> Self {
        Self {
            most: usize::try_from(most).unwrap_or(usize::MAX),
            calm: Some(calm),
            ..Self::default()
        }
    }

    /// What a file with these times has come to.
    #[cfg(test)]
    pub(crate) fn of(stamps: Vec<Kept>) -> Self {
        Self {
            stamps,
            ..Self::default()
        }
    }

    /// Whether there was more than was kept.
    pub const fn is_cut(&self) -> bool {
        self.lost > 0
    }

    /// What contradicts itself, each kind once.
    pub fn contradictions(&self) -> impl Iterator<Item = Contradiction<'_>> {
        let mut met = HashSet::new();
        self.disagreements
            .iter()
            .filter_map(move |(member, disagreement)| {
                let kind = kind(disagreement);
                let members = self.kinds.get(&kind).copied().unwrap_or(1);
                met.insert(kind).then_some(Contradiction {
                    member,
                    disagreement,
                    members,
                })
            })
    }

    /// Whether no rule can have anything to say of it on a file with this `mtime`.
    pub fn is_quiet(&self, modified: Timestamp) -> bool {
        let tally = &self.tally;
        let tells = tally.stamps == 0 || tally.evidence > 0;
        let is_clean = self.stamps.is_empty() && self.disagreements.is_empty();
        let newest = tally
            .newest
            .as_ref()
            .and_then(|(newest, _)| newest.latest());
        let is_older = newest > Some(modified);
        let is_decided = tally.undecided == 0 && !is_older;
        is_clean && self.older.is_empty() && self.flaws.is_empty() && tells && is_decided
    }

    /// All was told; what is left of it is said, too.
    pub(super) fn close(&mut self, tally: Tally) {
        self.tally = tally;
        if self.lost > 0 {
            let (most, lost) = (self.most, self.lost);
            let flaw = Flaw::unreported(u64::try_from(most).unwrap_or(u64::MAX), lost);
            self.flaws.push((Vec::new(), flaw));
        }
    }

    /// Whether a time is a well-known constant of which no rule can speak: constants prove nothing, and those of the
    /// past are not even possible. An import library has tens of thousands.
    fn is_idle(&self, stamp: &Stamp<'_>) -> bool {
        let (Some(calm), Value::At(moment)) = (self.calm, stamp.value) else {
            return false;
        };
        let is_late = calm.possible && moment.time.latest() > Some(calm.to);
        let is_civil = moment.zone == Zone::Unknown;
        !is_late && sentinel(moment.written, stamp.field.name, is_civil).is_some()
    }

    fn has_room(&mut self, kept: usize) -> bool {
        let has = kept < self.most;
        self.lost += u64::from(!has);
        has
    }
}

impl Sink for Content {
    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>) {
        if !self.is_idle(stamp) && self.has_room(self.stamps.len()) {
            self.stamps.push(Kept {
                member: member.to_vec(),
                field: stamp.field,
                raw: stamp.raw.to_vec(),
                value: stamp.value,
            });
        }
    }

    fn disagreement(&mut self, member: &[u8], disagreement: Disagreement) {
        let kind = kind(&disagreement);
        if let Some(count) = self.kinds.get_mut(&kind) {
            *count += 1;
            if self.disagreements.len() < self.most {
                self.disagreements.push((member.to_vec(), disagreement));
            }
        } else if self.has_room(self.disagreements.len()) {
            self.kinds.insert(kind, 1);
            self.disagreements.push((member.to_vec(), disagreement));
        }
    }

    fn older(&mut self, member: &[u8], older: Older<'_>) {
        if self.has_room(self.older.len()) {
            self.older.push(Aged {
                member: member.to_vec(),
                own: older.own,
                newest: older.newest,
                where_newest: older.where_newest.to_vec(),
            });
        }
    }

    fn flaw(&mut self, member: &[u8], flaw: Flaw) {
        if self.has_room(self.flaws.len()) {
            self.flaws.push((member.to_vec(), flaw));
        }
    }
}

/// Hands times on, and keeps all else.
pub(super) struct Passing<'a> {
    /// Takes each time, and the way to its member.
    pub(super) each: &'a mut dyn FnMut(&[u8], &Stamp<'_>),
    /// All else.
    pub(super) rest: Content,
}

impl Sink for Passing<'_> {
    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>) {
        (self.each)(member, stamp);
    }

    fn disagreement(&mut self, member: &[u8], disagreement: Disagreement) {
        self.rest.disagreement(member, disagreement);
    }

    fn older(&mut self, member: &[u8], older: Older<'_>) {
        self.rest.older(member, older);
    }

    fn flaw(&mut self, member: &[u8], flaw: Flaw) {
        self.rest.flaw(member, flaw);
    }
}

#[cfg(test)]
mod tests {
    use super::{Calm, Content};
    use crate::format::{Disagreement, FORMATS, Sink as _, Tally};
    use crate::time::Timestamp;

    #[test]
    fn contradictions_of_one_kind_are_counted_beyond_what_is_kept() {
        let start = Timestamp::from_unix(0, 0);
        let calm = Calm {
            from: start,
            to: start,
            possible: false,
            signatures: false,
            now: start,
        };
        let mut content = Content::with_room(2, calm);
        let field = FORMATS[0].fields[0];
        let mut disagree = |what: &str, member: &str| {
            let disagreement = Disagreement {
                one: (field, None),
                other: (field, None),
                what: what.to_owned(),
            };
            content.disagreement(member.as_bytes(), disagreement);
            content.is_cut()
        };
        for member in ["a", "b", "c", "d"] {
            assert!(!disagree("two headers differ", member));
        }
        assert!(disagree("two names differ", "e"));
        content.close(Tally::default());
        let kinds = content.contradictions();
        let kinds: Vec<_> = kinds.map(|kind| (kind.member, kind.members)).collect();
        assert_eq!(kinds, [(b"a".as_slice(), 4)]);
        assert_eq!((content.disagreements.len(), content.flaws.len()), (2, 1));
    }
}
