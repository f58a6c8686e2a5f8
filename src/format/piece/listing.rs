//! What the readers of a file tell, as lines: for tests of formats.

use crate::bytes::{Flaw, ReadAt};
use crate::format::{Calm, Disagreement, Older, Options, Sink, Stamp, Value, read};
use std::sync::atomic::AtomicBool;

/// All that a visit tells, a line each.
#[derive(Debug, Default)]
struct Lines(Vec<String>);

impl Sink for Lines {
    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>) {
        let member = String::from_utf8_lossy(member);
        let value = match stamp.value {
            Value::At(moment) => {
                format!("{} {}", moment.written.exact(), moment.zone.name())
            }
            Value::Unset => "unset".to_owned(),
            Value::Invalid(why) => format!("invalid: {why}"),
        };
        self.0
            .push(format!("{member} {} {value}", stamp.field.name));
    }

    fn disagreement(&mut self, member: &[u8], disagreement: Disagreement) {
        let member = String::from_utf8_lossy(member);
        let (one, other) = (disagreement.one.0.name, disagreement.other.0.name);
        self.0.push(format!(
            "{member} disagree {one} {other}: {}",
            disagreement.what
        ));
    }

    fn older(&mut self, member: &[u8], older: Older<'_>) {
        let (member, newest) = (
            String::from_utf8_lossy(member),
            String::from_utf8_lossy(older.where_newest),
        );
        self.0.push(format!("{member} older than {newest}"));
    }

    fn flaw(&mut self, member: &[u8], flaw: Flaw) {
        let member = String::from_utf8_lossy(member);
        self.0
            .push(format!("{member} {} {}", flaw.kind.name(), flaw.message));
    }
}

/// Whether each time that a visit tells can be written anew.
#[derive(Debug, Default)]
struct Slots(Vec<bool>);

impl Sink for Slots {
    fn stamp(&mut self, _member: &[u8], stamp: &Stamp<'_>) {
        self.0.push(stamp.slot.is_some());
    }
    fn disagreement(&mut self, _member: &[u8], _disagreement: Disagreement) {}
    fn older(&mut self, _member: &[u8], _older: Older<'_>) {}
    fn flaw(&mut self, _member: &[u8], _flaw: Flaw) {}
}

/// All that is in a file, a line each: `<member> <field> <RFC 3339 with nine digits> <zone>`.
pub(in crate::format) fn lines_with(file: &dyn ReadAt, options: &Options) -> Vec<String> {
    let mut lines = Lines::default();
    read(
        file,
        options,
        Calm::NEVER,
        &mut lines,
        &AtomicBool::new(false),
    );
    lines.0
}

/// The same by default, of bytes.
pub(in crate::format) fn lines(bytes: &[u8]) -> Vec<String> {
    lines_with(&bytes, &Options::default())
}

/// Whether each time in bytes can be written anew.
pub(in crate::format) fn slots(bytes: &[u8]) -> Vec<bool> {
    let (mut slots, stop) = (Slots::default(), AtomicBool::new(false));
    read(&bytes, &Options::default(), Calm::NEVER, &mut slots, &stop);
    slots.0
}

/// The signatures in bytes, and whether they cover the times.
pub(in crate::format) fn signatures(bytes: &[u8]) -> Vec<(&'static str, bool)> {
    let (options, stop) = (Options::default(), AtomicBool::new(false));
    let tally = read(&bytes, &options, Calm::NEVER, &mut Lines::default(), &stop);
    let signatures = tally.signatures.iter();
    signatures
        .map(|signature| (signature.name, signature.covers_times))
        .collect()
}
