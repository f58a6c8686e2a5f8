//! The headers in front of the members, in the order in which they lie there, near ones read together.

use super::fields::Side;
use super::header::{Entry, Local};
use super::survey::{Sum, Survey};
use super::walk::Batch;
use super::window::{CHUNK, Window};
use crate::bytes::Flaw;

/// A member whose own header is to be looked at, and what the times of the other come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Where its header is.
    pub(super) local: u64,
    /// Where its entry in the central directory is.
    pub(super) at: u64,
    /// Its number.
    pub(super) number: u64,
    /// How long its header is at least.
    pub(super) least: usize,
    pub(super) sum: Sum,
}

/// Headers nearer to each other than this are read together: less than a call costs more.
const NEAR: u64 = 4096;

/// What extra fields a local header may have beside those in the central directory, without another read.
pub(super) const SPARE: usize = 64;

/// How long a local header will be.
pub(super) fn estimate(entry: &Entry<'_>) -> usize {
    Local::FIXED + entry.name.len() + entry.extra.len()
}

/// Counts the times of the members of which both headers say the same, and gives the numbers of the others to `other`.
///
/// # Errors
/// When the system fails to read.
pub(super) fn count(
    rows: &mut [Row],
    batch: &Batch<'_>,
    window: &mut Window<'_>,
    survey: &mut Survey,
    mut other: impl FnMut(u64),
) -> Result<(), Flaw> {
    if !rows.is_sorted_by_key(|row| row.local) {
        rows.sort_unstable_by_key(|row| row.local);
    }
    let mut rest = &*rows;
    while let Some(first) = rest.first() {
        let (near, length) = together(rest);
        let (group, after) = rest.split_at(near);
        // Once, for all of the group.
        window.at(first.local, length, length)?;
        for row in group {
            let local = read(window, row.local, row.least)?;
            let entry = batch.entry(row.at);
            let is_counted = entry.zip(local).is_some_and(|(entry, local)| {
                let sum = survey.sum(local.dos, local.extra, Side::Local);
                let sum = sum.filter(|sum| local.name == entry.name && sum.agrees(&row.sum));
                if let Some(sum) = &sum {
                    survey.count(&row.sum, entry.name);
                    survey.count(sum, entry.name);
                }
                sum.is_some()
            });
            if !is_counted {
                other(row.number);
            }
        }
        rest = after;
    }
    Ok(())
}

/// How many of the rows are read together, and how many bytes.
fn together(rows: &[Row]) -> (usize, usize) {
    let Some(first) = rows.first() else {
        return (0, 0);
    };
    let (mut count, mut length) = (0, 0);
    let mut end = first.local;
    for row in rows {
        let spare = row.least.saturating_add(SPARE);
        let from = usize::try_from(row.local - first.local).unwrap_or(usize::MAX);
        let to = from.saturating_add(spare);
        if count > 0 && (row.local.saturating_sub(end) > NEAR || to > CHUNK) {
            break;
        }
        count += 1;
        length = length.max(to);
        end = row.local;
    }
    (count, length)
}

/// The header at a place, if there is one.
///
/// # Errors
/// When the system fails to read.
pub(super) fn read<'w>(
    window: &'w mut Window<'_>,
    at: u64,
    least: usize,
) -> Result<Option<Local<'w>>, Flaw> {
    let most = least.saturating_add(SPARE);
    let head = window.at(at, Local::FIXED, most)?;
    let Some(length) = Local::length(head) else {
        return Ok(None);
    };
    Ok(Local::parse(window.at(at, length, length)?))
}
