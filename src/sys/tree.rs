//! Reading small files below a root, whatever stands there: links stay inside, pipes and devices are
//! refused, and no more is read than was asked for.
//!
//! The root is `/` of the running system, or a copy of another's that anybody may have made. A link, absolute
//! or not, is resolved as if the root were `/`, by handles, so that nothing swapped half way leads out.

#[cfg(unix)]
mod system {
    use rustix::fs::{
        AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, readlinkat, statat,
    };
    use rustix::io::{Errno, pread};
    use std::ffi::CString;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    const FOLDER: OFlags = OFlags::RDONLY
        .union(OFlags::DIRECTORY)
        .union(OFlags::NOFOLLOW)
        .union(OFlags::NONBLOCK)
        .union(OFlags::CLOEXEC);

    const FILE: OFlags = OFlags::RDONLY
        .union(OFlags::NOFOLLOW)
        .union(OFlags::NONBLOCK)
        .union(OFlags::NOCTTY)
        .union(OFlags::CLOEXEC);

    /// How many links are followed for one path, as many as Linux follows (`path_resolution(7)`).
    const LINKS: usize = 40;

    /// How many names a path may come to, its links resolved.
    const NAMES: usize = 256;

    /// An open root.
    #[derive(Debug)]
    pub(crate) struct Tree(OwnedFd);

    /// Where a path leads: a name in a folder.
    struct Found {
        /// The folders that lead there; none for the root.
        way: Vec<OwnedFd>,
        name: CString,
        kind: FileType,
    }

    impl Tree {
        /// Opens a root. A link is followed here and nowhere else: the user named it.
        pub(crate) fn open(root: &Path) -> io::Result<Self> {
            let flags = FOLDER.difference(OFlags::NOFOLLOW);
            Ok(Self(openat(CWD, root, flags, Mode::empty())?))
        }

        /// The first `limit` bytes of a regular file.
        pub(crate) fn read(&self, path: &str, limit: usize) -> io::Result<Vec<u8>> {
            let file = self.file(path)?;
            read_at(&file, 0, limit)
        }

        /// The last `limit` bytes of a regular file.
        pub(crate) fn tail(&self, path: &str, limit: usize) -> io::Result<Vec<u8>> {
            let file = self.file(path)?;
            let size = u64::try_from(fstat(&file)?.st_size).unwrap_or(0);
            let from = size.saturating_sub(u64::try_from(limit).unwrap_or(u64::MAX));
            read_at(&file, from, limit)
        }

        /// The names in a directory that are text, `most` of them at most.
        pub(crate) fn names(&self, path: &str, most: usize) -> io::Result<Vec<String>> {
            let found = self.find(path, true)?;
            let folder = openat(self.folder(&found), &found.name, FOLDER, Mode::empty())?;
            let mut names = Vec::new();
            for entry in Dir::read_from(&folder)?.take(most) {
                let name = entry?.file_name().to_str().map(str::to_owned);
                names.extend(name.ok().filter(|name| name != "." && name != ".."));
            }
            Ok(names)
        }

        /// Where a link leads to, as it is written.
        pub(crate) fn link(&self, path: &str) -> io::Result<String> {
            let found = self.find(path, false)?;
            self.target(&found)
        }

        /// Whether there is anything.
        pub(crate) fn has(&self, path: &str) -> bool {
            self.find(path, true).is_ok()
        }

        fn file(&self, path: &str) -> io::Result<OwnedFd> {
            let found = self.find(path, true)?;
            // Looked at before it is opened: to open a device may do something.
            if found.kind != FileType::RegularFile {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            let file = openat(self.folder(&found), &found.name, FILE, Mode::empty())?;
            let kind = FileType::from_raw_mode(fstat(&file)?.st_mode);
            if kind != FileType::RegularFile {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            Ok(file)
        }

        fn folder<'tree>(&'tree self, found: &'tree Found) -> &'tree OwnedFd {
            found.way.last().unwrap_or(&self.0)
        }

        fn target(&self, found: &Found) -> io::Result<String> {
            let target = readlinkat(self.folder(found), &found.name, Vec::new())?;
            target
                .into_string()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
        }

        /// Where a path leads, its links resolved as if the root were `/`.
        fn find(&self, path: &str, follows_last: bool) -> io::Result<Found> {
            let mut way: Vec<OwnedFd> = Vec::new();
            let mut left = Vec::new();
            push_names(&mut left, path);
            let (mut links, mut names) = (0, 0);
            while let Some(name) = left.pop() {
                names += 1;
                if names > NAMES {
                    return Err(Errno::NAMETOOLONG.into());
                }
                if name == ".." {
                    way.pop();
                    continue;
                }
                let name = CString::new(name)?;
                let folder = way.last().unwrap_or(&self.0);
                let stat = statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW)?;
                let kind = FileType::from_raw_mode(stat.st_mode);
                let is_last = left.is_empty();
                if kind == FileType::Symlink && (!is_last || follows_last) {
                    links += 1;
                    if links > LINKS {
                        return Err(Errno::LOOP.into());
                    }
                    let found = Found { way, name, kind };
                    let target = self.target(&found)?;
                    way = found.way;
                    if target.starts_with('/') {
                        way.clear();
                    }
                    push_names(&mut left, &target);
                } else if is_last {
                    return Ok(Found { way, name, kind });
                } else {
                    let next = openat(folder, &name, FOLDER, Mode::empty())?;
                    way.push(next);
                }
            }
            Ok(Found {
                way,
                name: c".".to_owned(),
                kind: FileType::Directory,
            })
        }
    }

    /// Puts the names of a path before those that are left, which are taken from the end.
    fn push_names(left: &mut Vec<String>, path: &str) {
        let names = path
            .split('/')
            .filter(|name| !name.is_empty() && *name != ".");
        left.extend(names.rev().map(str::to_owned));
    }

    fn read_at(file: &OwnedFd, from: u64, limit: usize) -> io::Result<Vec<u8>> {
        const CHUNK: usize = 32 * 1024;
        let mut bytes = Vec::new();
        let mut chunk = vec![0; CHUNK.min(limit)];
        while bytes.len() < limit {
            let wanted = chunk.len().min(limit - bytes.len());
            let at = from.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            let read = match pread(file, &mut chunk[..wanted], at) {
                Ok(0) => break,
                Ok(read) => read,
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            bytes.extend_from_slice(&chunk[..read]);
        }
        Ok(bytes)
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;
    use std::path::Path;

    /// An open root, which no value is: this system has nothing of the kind.
    #[derive(Debug)]
    pub(crate) enum Tree {}

    impl Tree {
        pub(crate) fn open(_root: &Path) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(crate) fn read(&self, _path: &str, _limit: usize) -> io::Result<Vec<u8>> {
            match *self {}
        }

        pub(crate) fn tail(&self, _path: &str, _limit: usize) -> io::Result<Vec<u8>> {
            match *self {}
        }

        pub(crate) fn names(&self, _path: &str, _most: usize) -> io::Result<Vec<String>> {
            match *self {}
        }

        pub(crate) fn link(&self, _path: &str) -> io::Result<String> {
            match *self {}
        }

        pub(crate) fn has(&self, _path: &str) -> bool {
            match *self {}
        }
    }
}

pub(crate) use system::Tree;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::Tree;
    use std::os::unix::fs::symlink;
    use std::process::Command;
    use std::time::Duration;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test makes its files")]
    fn links_stay_inside_and_pipes_are_not_opened() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        std::fs::create_dir(at("etc")).unwrap();
        std::fs::write(at("etc/word"), "inside").unwrap();
        std::fs::write(outside.path().join("word"), "outside").unwrap();
        symlink(outside.path(), at("out")).unwrap();
        symlink("../../../../../../etc/word", at("etc/up")).unwrap();
        symlink("/etc/word", at("etc/absolute")).unwrap();
        symlink("loop", at("loop")).unwrap();
        let made = Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        let tree = Tree::open(root.path()).unwrap();
        for path in ["/etc/word", "etc/../etc/./word", "/etc/up", "/etc/absolute"] {
            assert_eq!(tree.read(path, 100).unwrap(), b"inside", "{path}");
        }
        for path in [
            "/out/word",
            "/loop",
            "/pipe",
            "/etc",
            "/",
            "/no",
            "/etc/word/x",
        ] {
            assert!(tree.read(path, 100).is_err(), "{path}");
        }
        assert_eq!(tree.read("/etc/word", 2).unwrap(), b"in");
        assert_eq!(tree.tail("/etc/word", 2).unwrap(), b"de");
        assert_eq!(tree.link("/etc/absolute").unwrap(), "/etc/word");
        assert!(tree.has("/etc") && tree.has("/") && tree.has("/pipe") && !tree.has("/out"));
        let mut names = tree.names("/etc", 10).unwrap();
        names.sort();
        assert_eq!(names, ["absolute", "up", "word"]);
        assert!(tree.read(&"etc/../".repeat(300), 1).is_err());
    }

    #[test]
    fn what_is_no_file_is_not_even_opened() {
        let root = tempfile::tempdir().unwrap();
        let pipe = root.path().join("pipe");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        // Whoever writes into a pipe waits until somebody opens it to read.
        let mut writer = Command::new("sh")
            .args(["-c", r#": >"$0""#])
            .arg(&pipe)
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(100));
        assert!(Tree::open(root.path()).unwrap().read("/pipe", 1).is_err());
        std::thread::sleep(Duration::from_millis(100));
        let waits = writer.try_wait().unwrap().is_none();
        writer.kill().unwrap();
        writer.wait().unwrap();
        assert!(waits, "the pipe was opened");
    }
}
