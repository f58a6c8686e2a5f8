//! Which file system a folder is on, by the table of mounts.

use super::Machine;

const TABLE: &str = "/proc/self/mountinfo";

impl Machine {
    /// The kind of file system that an absolute path is on, as `mount(8)` calls it.
    pub(in crate::doctor) fn filesystem(&self, path: &str) -> Option<String> {
        let text = self.text(TABLE)?;
        // Of mounts on one folder the last one covers the others.
        let mounts = text.lines().enumerate().filter_map(|(at, line)| {
            let (point, kind) = mount(line)?;
            covers(&point, path).then_some((point.len(), at, point, kind))
        });
        let (_, at, point, kind) = mounts.max_by_key(|(length, at, ..)| (*length, *at))?;
        // Where it comes from is nobody's business, so it is not remembered.
        let line = format!("0 0 0:0 / {point} rw - {kind} none rw");
        self.taken.borrow_mut().line(TABLE, at, &line);
        Some(kind.to_owned())
    }
}

/// The folder and the kind of a line of `proc_pid_mountinfo(5)`.
fn mount(line: &str) -> Option<(String, &str)> {
    let (before, after) = line.split_once(" - ")?;
    let point = before.split(' ').nth(4)?;
    let kind = after.split(' ').next()?;
    Some((point.replace("\\040", " "), kind))
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
        assert_eq!(mount("36 35"), None);
    }
}
