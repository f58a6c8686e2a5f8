//! When a build began and ended, and who says so.

mod stated;

pub use stated::{Error, stated};

use crate::time::Interval;

/// When a build began and ended. Each side is known only if somebody says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// Its start.
    pub began: Option<Bound>,
    /// Its end.
    pub ended: Option<Bound>,
}

/// One side of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// When it was.
    pub at: Interval,
    /// Who says so.
    pub source: String,
}
