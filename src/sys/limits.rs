//! How many files this process may hold open.

/// The limit on open files (`RLIMIT_NOFILE`), raised as far as the system lets a process raise its
/// own; `None` where there is none to speak of.
#[cfg(unix)]
pub(crate) fn open_file_limit() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// More handles than a walk has use for, and as many as macOS lets a process have
    /// (`OPEN_MAX`).
    const PLENTY: u64 = 10_240;
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current?;
    let wanted = limit.maximum.unwrap_or(PLENTY).min(PLENTY).max(current);
    let raised = Rlimit {
        current: Some(wanted),
        maximum: limit.maximum,
    };
    let granted = setrlimit(Resource::Nofile, raised).map_or(current, |()| wanted);
    usize::try_from(granted).ok()
}

/// The limit on open files: none to speak of here.
#[cfg(not(unix))]
pub(crate) fn open_file_limit() -> Option<usize> {
    None
}
