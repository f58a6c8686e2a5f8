//! Which file system a folder is on, by the table of mounts.

use super::{MOUNTS, Machine};

pub(super) const TABLE: &str = "/proc/self/mountinfo";

impl Machine {
    /// The kind of file system that an absolute path is on, as `mount(8)` calls it.
    pub(in crate::doctor) fn filesystem(&self, path: &str) -> Option<String> {
        let bytes = self.tree.as_ref()?.read(TABLE, MOUNTS).ok()?;
        // Of one that is cut off the mount that counts may be missing.
        if bytes.len() >= MOUNTS {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        // Of mounts on one folder the last one covers the others.
        let mounts = text.lines().enumerate().filter_map(|(at, line)| {
            let (point, kind) = mount(line)?;
            covers(&point, path).then_some((point.len(), at, kind))
        });
        let (_, _, kind) = mounts.max_by_key(|(length, at, _)| (*length, *at))?;
        self.taken.borrow_mut().mount(path, kind);
        Some(kind.to_owned())
    }
}

/// The folder and the kind of a line of `proc_pid_mountinfo(5)`.
fn mount(line: &str) -> Option<(String, &str)> {
    let (before, after) = line.split_once(" - ")?;
    let point = before.split(' ').nth(4)?;
    let kind = after.split(' ').next()?;
    Some((unescaped(point), kind))
}

/// Blanks, tabs, line ends and backslashes are written in octal (`proc_pid_mountinfo(5)`).
fn unescaped(point: &str) -> String {
    let point = point.replace("\\040", " ").replace("\\011", "\t");
    point.replace("\\012", "\n").replace("\\134", "\\")
}

fn covers(point: &str, path: &str) -> bool {
    let below = path.strip_prefix(point.trim_end_matches('/'));
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{covers, mount};

    #[test]
    fn a_mount_covers_what_is_below_it() {
        assert!(
            covers("/", "/") && covers("/", "/a/b") && covers("/a", "/a") && covers("/a", "/a/b")
        );
        assert!(!covers("/a", "/ab") && !covers("/a/b", "/a"));
        let line = r"36 35 98:0 /x /mnt\040two rw,noatime master:1 - nfs4 server:/x rw";
        assert_eq!(mount(line), Some(("/mnt two".to_owned(), "nfs4")));
        let line = r"36 35 98:0 / /a\134b\011c rw - ext4 /dev/x rw";
        assert_eq!(mount(line), Some(("/a\\b\tc".to_owned(), "ext4")));
        assert_eq!(mount("36 35"), None);
    }
}
