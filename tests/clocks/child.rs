//! Running a test again in a process of its own, with other rights or other mounts.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Set in a child: the folder that its parent made.
const FOLDER: &str = "SKEWGATE_CLOCKS_TEST_FOLDER";

/// In a child, the folder that its parent made.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// Runs a test of this binary by `command`, and passes its failure on.
pub(crate) fn run(mut command: Command, test: &str, folder: &Path) {
    let output = command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    // A name that no test has would pass without running anything.
    assert!(
        output.status.success() && shown.contains("1 passed"),
        "{command:?}: {}\n{shown}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr),
    );
}

/// This binary with nobody's rights: those of this user when it is not root.
pub(crate) fn as_nobody() -> Command {
    const NOBODY: u32 = 65_534;
    // By its path nobody may be let in to it.
    let mut command = Command::new("/proc/self/exe");
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// This binary where it can mount without anybody else seeing it; `None` where only root can.
pub(crate) fn with_own_mounts() -> Option<Command> {
    let mut command = Command::new("unshare");
    command.arg("-m").arg(std::env::current_exe().unwrap());
    rustix::process::geteuid().is_root().then_some(command)
}
