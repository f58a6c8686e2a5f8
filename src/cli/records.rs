//! `--record`: what the records say that were named, beside what was stated.

use super::Failure;
use crate::record::{self, Given, Window};
use std::env;
use std::path::PathBuf;

/// What they say.
#[derive(Debug)]
pub(super) struct Records {
    /// What was stated and what others wrote come to.
    pub(super) window: Window,
    /// Records of skewgate's own, in the order in which they were named.
    pub(super) own: Vec<PathBuf>,
}

/// Reads the records. What was stated wins on its side.
pub(super) fn read(names: &[String], stated: Window) -> Result<Records, Failure> {
    let mut windows = vec![stated];
    let mut own = Vec::new();
    for name in names {
        let given = record::given(name, &|variable| env::var_os(variable));
        match given.map_err(Failure::not_audited)? {
            Given::Own(path) => own.push(path),
            Given::Foreign(found) => windows.extend(found),
        }
    }
    let window = record::combined(windows).map_err(Failure::not_audited)?;
    Ok(Records { window, own })
}
