//! The symbols that name object files with their mtimes.

use super::{OBJECT, Shape, at};
use crate::bytes::{Extent, Flaw, Limit, WINDOW, array, be64, le64};
use crate::format::{Stamp, Value, Visit};

/// `N_OSO` (mach-o/stab.h).
const N_OSO: u8 = 0x66;

/// How long the name of an object file may be.
const NAME: usize = 4096;

/// Goes through the symbols that `LC_SYMTAB` tells of.
pub(super) fn read(
    visit: &mut Visit<'_>,
    extent: Extent<'_>,
    shape: Shape,
    command: &[u8],
) -> Result<(), Flaw> {
    let [from, count, names, length] =
        [8, 12, 16, 20].map(|at| u64::from(shape.number(command, at)));
    let each = if shape.is_wide { 16 } else { 12 };
    let symbols = extent.part(from, count * u64::try_from(each).unwrap_or(0));
    let names = extent.part(names, length);
    let most = visit.budget().limits.entries;
    if count > most {
        visit.flaw(Flaw::limit(Limit::Entries, most));
    }
    let (mut place, end) = (0, symbols.size().min(most.saturating_mul(16)));
    while place < end {
        visit.budget().go_on()?;
        let chunk = symbols.bytes(place, WINDOW - WINDOW % each)?;
        if chunk.is_empty() {
            break;
        }
        for symbol in chunk.chunks_exact(each).filter(|symbol| symbol[4] == N_OSO) {
            visit.entry()?;
            tell(visit, shape, names, symbol)?;
        }
        place += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
    }
    Ok(())
}

fn tell(visit: &mut Visit<'_>, shape: Shape, names: Extent<'_>, symbol: &[u8]) -> Result<(), Flaw> {
    let mut name = names.bytes(u64::from(shape.number(symbol, 0)), NAME)?;
    let end = name.iter().position(|byte| *byte == 0);
    name.truncate(end.unwrap_or(name.len()));
    let raw = &symbol[8..];
    let seconds = match (shape.is_wide, shape.is_big) {
        (true, true) => be64(raw, 0),
        (true, false) => le64(raw, 0),
        (false, _) => array::<4>(raw, 0).map(|_| u64::from(shape.number(raw, 0))),
    };
    let value = seconds
        .filter(|seconds| *seconds != 0)
        .map_or(Value::Unset, at);
    // Debuggers compare it with the file's.
    let stamp = Stamp::fixed(&OBJECT, raw, value);
    visit.at(&name, |visit| visit.stamp(&stamp));
    Ok(())
}
