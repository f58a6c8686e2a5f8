//! One central directory, from its first entry to the last, as often as it takes.

use super::end::Directory;
use super::fields::{Kind, Side};
use super::header::Entry;
use super::names::Names;
use super::survey::Survey;
use super::tell::{Header, Record, tell};
use super::walk::Walk;
use super::window::Window;
use super::zone::Known;
use super::{inside, local};
use crate::bytes::Flaw;
use crate::format::{Disagreement, Visit};

/// What the first pass leaves for the others.
#[derive(Debug, Default)]
struct Left {
    /// A bit an entry: whether it is to be told of.
    rest: Vec<u64>,
    /// Whether there is one.
    is_any: bool,
    /// Whether some member carries times itself.
    is_wanted: bool,
    /// The numbers of entries whose name was there before, with the DOS time that it had.
    again: Vec<(u64, u32)>,
}

/// How many such names are told.
const AGAIN: usize = 1 << 16;

impl Left {
    fn rest(&mut self, number: u64) {
        let Ok(word) = usize::try_from(number / 64) else {
            return;
        };
        if word >= self.rest.len() {
            self.rest.resize(word + 1, 0);
        }
        if let Some(word) = self.rest.get_mut(word) {
            *word |= 1 << (number % 64);
        }
        self.is_any = true;
    }

    fn is_rest(&self, number: u64) -> bool {
        let word = usize::try_from(number / 64).ok();
        word.and_then(|word| self.rest.get(word))
            .is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// The DOS time of the entry before that has the same name as this one.
    fn before(&self, number: u64) -> Option<u32> {
        let at = self
            .again
            .binary_search_by_key(&number, |(number, _)| *number);
        at.ok()
            .and_then(|at| self.again.get(at))
            .map(|(_, dos)| *dos)
    }
}

/// Reads all that a directory lists.
///
/// # Errors
/// When it cannot be read to its end.
pub(super) fn read(
    visit: &mut Visit<'_>,
    window: &mut Window<'_>,
    directory: &Directory,
) -> Result<(), Flaw> {
    let known = Known::stated(&visit.options().zip_zone);
    let mut survey = Survey::new(visit.calm(), &known);
    let mut left = Left::default();
    let mut walk = Walk::new(directory);
    let surveyed = count(
        visit,
        window,
        (directory, &mut walk),
        &mut survey,
        &mut left,
    );
    let known = known.or(survey.offsets);
    survey.finish(visit, &known);
    let before = directory.start.saturating_sub(16);
    if window.array(before)? == Some(*b"APK Sig Block 42") {
        visit.signed("APK Signature Scheme v2+", true);
    }
    // What was counted before a limit was reached is told, too.
    if left.is_any {
        let mut signatures = visit.tally_mut().signatures.iter();
        let is_covered = signatures.any(|signature| signature.covers_times);
        visit.sealed(is_covered, |visit| {
            rest(visit, window, (directory, walk.entries), &known, &left)
        })?;
    }
    surveyed?;
    check(visit, window, directory, &walk)?;
    if left.is_wanted {
        inside::go(visit, window, directory, &known)?;
    }
    Ok(())
}

/// The first pass: counts what nobody wants to hear of.
fn count(
    visit: &mut Visit<'_>,
    window: &mut Window<'_>,
    (directory, walk): (&Directory, &mut Walk),
    survey: &mut Survey,
    left: &mut Left,
) -> Result<(), Flaw> {
    let options = visit.options();
    let room = window.extent().size().saturating_sub(directory.start) / 46;
    let most = room.min(visit.budget().limits.entries);
    // Names are compared where there is time for it.
    let mut names = options
        .local_headers
        .then(|| Names::new(directory.entries.min(most)));
    let mut locals = Window::new(window.extent());
    let mut rows = Vec::new();
    while let Some(batch) = walk.next(window)? {
        rows.clear();
        let next = batch.each(|number, at, entry| {
            visit.entry()?;
            left.is_wanted |= inside::is_wanted(options.embedded, entry);
            signed(visit, entry.name);
            let before = names
                .as_mut()
                .and_then(|names| names.other(entry.name, entry.dos));
            if let Some(before) = before
                && left.again.len() < AGAIN
            {
                left.again.push((number, before));
            }
            let sum = survey.sum(entry.dos, entry.extra, Side::Central);
            match sum.filter(|_| before.is_none()) {
                None => left.rest(number),
                Some(sum) if options.local_headers && !entry.is_masked() => rows.push(local::Row {
                    local: directory.base.saturating_add(entry.local),
                    at,
                    number,
                    least: local::estimate(entry),
                    sum,
                }),
                Some(sum) => survey.count(&sum, entry.name),
            }
            Ok(())
        })?;
        local::count(&mut rows, &batch, &mut locals, survey, |number| {
            left.rest(number);
        })?;
        walk.went(next);
    }
    Ok(())
}

/// The second pass: tells of what the first has left.
fn rest(
    visit: &mut Visit<'_>,
    window: &mut Window<'_>,
    (directory, entries): (&Directory, u64),
    known: &Known,
    left: &Left,
) -> Result<(), Flaw> {
    let mut locals = Window::new(window.extent());
    let mut walk = Walk::new(directory);
    while let Some(batch) = walk.next(window)? {
        let next = batch.each(|number, at, entry| {
            if number % 1024 == 0 {
                visit.budget().go_on()?;
            }
            if left.is_rest(number) {
                let local = directory.base.saturating_add(entry.local);
                visit.at(entry.name, |visit| {
                    member(
                        visit,
                        (entry, at),
                        (&mut locals, local),
                        known,
                        left.before(number),
                    )
                })?;
            }
            Ok(())
        })?;
        walk.went(next);
        // A window further than the first pass came to its end: it may have stopped within one.
        if walk.entries > entries {
            break;
        }
    }
    Ok(())
}

/// Tells of one member.
fn member(
    visit: &mut Visit<'_>,
    (entry, at): (&Entry<'_>, u64),
    (locals, local_at): (&mut Window<'_>, u64),
    known: &Known,
    before: Option<u32>,
) -> Result<(), Flaw> {
    let extent = locals.extent();
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let central = Header::read(Record {
        side: Side::Central,
        dos: entry.dos,
        dos_at: at.saturating_add(12),
        extra: entry.extra,
        extra_at: at.saturating_add(46).saturating_add(length(entry.name)),
        is_locked: entry.is_locked(),
    });
    let is_read = visit.options().local_headers && !entry.is_masked();
    let read = if is_read {
        local::read(locals, local_at, local::estimate(entry))?
    } else {
        None
    };
    let header = read.filter(|local| local.name == entry.name).map(|local| {
        Header::read(Record {
            side: Side::Local,
            dos: local.dos,
            dos_at: local_at.saturating_add(10),
            extra: local.extra,
            extra_at: local_at
                .saturating_add(30)
                .saturating_add(length(local.name)),
            is_locked: entry.is_locked(),
        })
    });
    tell(visit, extent, (&central, header.as_ref()), known);
    match read {
        None if is_read => visit.flaw(Flaw::malformed(format!(
            "its content is not at {local_at}, where the central directory says: it cannot be unpacked, or programs that \
do not read the directory see something else"
        ))),
        Some(local) if local.name != entry.name => visit.flaw(Flaw::malformed(format!(
            "the header in front of its content (at {local_at}) bears another name: under which one it is unpacked \
depends on the program"
        ))),
        _ => {}
    }
    if let Some(before) = before {
        let field = Side::Central.field(Kind::Dos);
        let time = |dos| known.value(dos).moment().map(|moment| moment.time);
        visit.disagree(Disagreement {
            one: (field, time(before)),
            other: (field, time(entry.dos)),
            what: "this name stands twice in the archive, with different times: which one is unpacked depends on the program"
                .to_owned(),
        });
    }
    Ok(())
}

/// Whether the end record told the truth.
fn check(
    visit: &mut Visit<'_>,
    window: &mut Window<'_>,
    directory: &Directory,
    walk: &Walk,
) -> Result<(), Flaw> {
    let size = walk.at.saturating_sub(directory.start);
    let rest = window.at(walk.at, 4, 4)?;
    // A signature of the directory (APPNOTE 4.3.13) counts as part of it.
    let is_signature = rest.starts_with(b"PK\x05\x05");
    let is_whole = size >= directory.size || is_signature;
    if !is_whole {
        visit.flaw(Flaw::malformed(format!(
            "its central directory of {} bytes at {} is damaged at {}: {} of {} entries were read, nobody can say what the \
others are",
            directory.size, directory.start, walk.at, walk.entries, directory.entries
        )));
    }
    let entries = if directory.is_narrow {
        walk.entries & 0xffff
    } else {
        walk.entries
    };
    if entries == directory.entries && (size == directory.size || is_signature) || !is_whole {
        return Ok(());
    }
    let field = Side::Central.field(Kind::Dos);
    visit.disagree(Disagreement {
        one: (field, None),
        other: (field, None),
        what: format!(
            "its end record speaks of {} entries in {} bytes, and there are {} in {size}: programs that count see other \
members than those that go by size; all were read",
            directory.entries, directory.size, walk.entries
        ),
    });
    Ok(())
}

/// Notes signatures by the names of their files.
#[inline]
fn signed(visit: &mut Visit<'_>, name: &[u8]) {
    match name.first() {
        Some(b'M') => {
            let file = name.strip_prefix(b"META-INF/").unwrap_or_default();
            let ends = [&b".SF"[..], b".RSA", b".DSA", b".EC"];
            if ends.iter().any(|end| file.ends_with(end)) {
                // It signs the content of members only (JAR File Specification, "Signed JAR File").
                visit.signed("JAR signature", false);
            }
        }
        // It signs the whole package but for itself (NuGet, "Package Signatures Technical Specification").
        Some(b'.') if name == b".signature.p7s" => visit.signed("NuGet package signature", true),
        _ => {}
    }
}
