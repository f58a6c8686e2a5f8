//! Whether a record belongs to what is audited.

use super::{Host, Mismatch, Record, Tree};
use crate::sys::RulerId;
use crate::time::Interval;

/// Where an audit is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// Its ruler.
    pub ruler: RulerId,
    /// The machine.
    pub host: Host,
    /// The folder it is made in.
    pub tree: Tree,
}

/// Why a record does not belong here; nothing when it does.
pub fn mismatches(_record: &Record, _here: &Here, _now: Interval) -> Vec<Mismatch> {
    Vec::new()
}
