//! `--record`: what the records say that were named, beside what was stated.

use super::Failure;
use super::recording::{is_within, usual_place};
use crate::config::RecordSettings;
use crate::record::{self, Documented, Given, Window};
use std::env;
use std::path::{Path, PathBuf};

/// What they say.
#[derive(Debug)]
pub(super) struct Records {
    /// What was stated and what others wrote come to.
    pub(super) window: Window,
    /// skewgate's own record.
    pub(super) own: Option<Documented>,
}

/// Two builds at once.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{one}` and `{other}` are both records of skewgate's own: an audit goes by one, so leave the other out"
)]
struct TwoRecords {
    one: String,
    other: String,
}

/// Reads the records. What was stated wins on its side.
pub(super) fn read(
    settings: &RecordSettings,
    stated: Window,
    current: &Path,
) -> Result<Records, Failure> {
    let mut windows = vec![stated];
    let mut own: Option<PathBuf> = None;
    for name in &settings.sources.value {
        let given = record::given(name, &|variable| env::var_os(variable));
        match given.map_err(Failure::not_audited)? {
            Given::Own(path) => {
                if let Some(one) = own.replace(path.clone()).filter(|one| *one != path) {
                    let (one, other) = (one.display().to_string(), path.display().to_string());
                    return Err(Failure::not_audited(TwoRecords { one, other }));
                }
            }
            Given::Foreign(found) => windows.extend(found),
        }
    }
    let window = record::combined(windows).map_err(Failure::not_audited)?;
    // One that nobody named is where `skewgate begin` puts it.
    let usual = || Some(usual_place()).filter(|place| place.exists());
    let own = own.or_else(usual);
    let load = |path| Documented::load(path, &settings.trusted_keys.value, current);
    let mut own = own.map(load).transpose().map_err(Failure::not_audited)?;
    if let Some(documented) = &mut own {
        let within = documented
            .read
            .as_ref()
            .is_ok_and(|record| is_within(&record.id));
        documented.is_kept_open = within;
    }
    Ok(Records { window, own })
}
