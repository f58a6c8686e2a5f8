//! Running a test again in a process of its own, where it may have other rights, limits or mounts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Set in a child: the tree that its parent made.
const TREE: &str = "SKEWGATE_WALK_TEST_TREE";

/// In a child, the tree that its parent made.
pub(crate) fn tree() -> Option<PathBuf> {
    std::env::var_os(TREE).map(PathBuf::from)
}

/// Runs a test of this binary by `command`, and passes its failure on.
pub(crate) fn run(mut command: Command, test: &str, tree: &Path) {
    let output = command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(TREE, tree)
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

/// This binary.
pub(crate) fn same() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

/// This binary with no rights but everybody's; `None` where there are no others to give up.
pub(crate) fn as_nobody() -> Option<Command> {
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65_534;
    if !is_root() {
        return None;
    }
    // By its path nobody may be let in to it.
    let by_handle = Path::new("/proc/self/exe");
    let mut command = if by_handle.exists() {
        Command::new(by_handle)
    } else {
        same()
    };
    command.uid(NOBODY).gid(NOBODY);
    Some(command)
}

/// How many files this process has open.
pub(crate) fn open_handles() -> usize {
    std::fs::read_dir("/dev/fd").unwrap().count()
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A test that this machine does not permit is passed over, but never where the project is built.
#[expect(clippy::print_stderr, reason = "whoever runs the tests should know")]
pub(crate) fn pass_over(why: &str) {
    assert!(
        std::env::var_os("CI").is_none(),
        "must run where CI is set: {why}"
    );
    eprintln!("passed over: {why}");
}
