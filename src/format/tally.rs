//! What the times of one archive come to, all members together.

use super::{Calm, Confidence, FORMATS, Field, Format, Moment, Stamp, Value, Zone, sentinel};
use crate::time::{Interval, Order};

/// What the times of one archive come to, all members together.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How many entries it has.
    pub entries: u64,
    /// How many times were found.
    pub stamps: u64,
    /// How many of them are evidence of when something happened: neither unset nor a well-known constant.
    pub evidence: u64,
    /// How many decide nothing for lack of a zone.
    pub undecided: u64,
    /// The latest of those that are certain, and which member has it.
    pub newest: Option<(Interval, Vec<u8>)>,
    /// The producers of the constants that were found, each once.
    pub constants: Vec<&'static str>,
    /// What signs the file or something in it, each once.
    pub signatures: Vec<Signature>,
    /// A bit for each of `FORMATS` that was met.
    pub formats: u64,
}

/// A signature in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Of which kind.
    pub name: &'static str,
    /// Whether it holds no longer once a time is written anew.
    pub covers_times: bool,
}

impl Tally {
    /// Every format that was met, in the order of the table.
    pub fn met(&self) -> impl Iterator<Item = &'static Format> {
        let formats = self.formats;
        FORMATS
            .iter()
            .filter(move |format| formats & format.bit() != 0)
    }

    /// Counts a time of `member`.
    pub fn count(&mut self, stamp: &Stamp<'_>, member: &[u8], calm: Calm) {
        self.stamps += 1;
        let Value::At(moment) = stamp.value else {
            return;
        };
        if let Some(constant) =
            sentinel(moment.written, stamp.field.name, moment.zone != Zone::Known)
        {
            self.constant(constant.producer);
            return;
        }
        self.evidence += 1;
        let is_open =
            moment.time.earliest() <= Some(calm.now) && moment.time.latest() > Some(calm.now);
        self.undecided += u64::from(moment.zone == Zone::Unknown && is_open);
        if stamp.field.confidence == Confidence::High {
            self.newer(moment.time, member);
        }
    }

    /// Takes the producer of a constant.
    pub(super) fn constant(&mut self, producer: &'static str) {
        if !self.constants.contains(&producer) {
            self.constants.push(producer);
        }
    }

    /// Takes a signature.
    pub(super) fn signed(&mut self, signature: Signature) {
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }

    /// Takes a time that is evidence for the latest, if it is.
    pub fn newer(&mut self, time: Interval, member: &[u8]) {
        match &mut self.newest {
            Some((newest, _)) if time.earliest() <= newest.earliest() => {}
            Some((newest, at)) => {
                *newest = time;
                at.clear();
                at.extend_from_slice(member);
            }
            none => *none = Some((time, member.to_vec())),
        }
    }

    /// The latest time in it, if that is after all that the time of its own can be, and that is no constant.
    pub(super) fn newer_than(&self, (field, own): (&Field, Moment)) -> Option<(Interval, &[u8])> {
        let (newest, member) = self.newest.as_ref()?;
        let is_constant = || sentinel(own.written, field.name, own.zone != Zone::Known).is_some();
        (newest.order(own.time) == Order::After && !is_constant()).then_some((*newest, member))
    }

    /// Adds what was found in a member.
    pub(super) fn add(&mut self, inner: Self) {
        self.entries += inner.entries;
        self.stamps += inner.stamps;
        self.evidence += inner.evidence;
        self.undecided += inner.undecided;
        self.formats |= inner.formats;
        for constant in inner.constants {
            self.constant(constant);
        }
        for signature in inner.signatures {
            self.signed(signature);
        }
        if let Some((time, member)) = inner.newest {
            self.newer(time, &member);
        }
    }
}
