//! `skewgate init`: a configuration to start from.

use super::output::{create, print};
use super::{Exit, Failure};
use crate::config::{FILE_NAME, TEMPLATE};
use std::path::Path;

pub(super) fn run(force: bool) -> Result<Exit, Failure> {
    let path = Path::new(FILE_NAME);
    if path.exists() && !force {
        let refused = format!("`{FILE_NAME}` is already here; --force replaces it");
        return Err(Failure::usage(refused));
    }
    create(path, TEMPLATE)
        .map_err(|error| Failure::usage(format!("cannot write `{FILE_NAME}`: {error}")))?;
    print(&format!(
        "wrote {FILE_NAME}; `skewgate config show` prints what is in force\n"
    ))
}
