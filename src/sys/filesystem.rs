//! What a file system is, and whose clock stamps the files on it.

use std::path::Path;

/// Whose clock a file's times come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamper {
    /// This machine's.
    Local,
    /// Another machine's: a file server's, or the host's behind a shared folder.
    Server,
    /// The clock of whoever made the image; nothing is stamped here, `ctime` included.
    Image,
}

/// A kind of file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filesystem {
    /// As `mount(8)` calls it.
    pub name: &'static str,
    /// Whose clock stamps here.
    pub stamper: Stamper,
    /// Whether times are kept to two seconds only (FAT).
    pub two_seconds: bool,
}

impl Filesystem {
    /// A file system of which nothing is known: taken for a local one.
    pub const UNKNOWN: Self = Self::new("unknown", Stamper::Local);

    const fn new(name: &'static str, stamper: Stamper) -> Self {
        Self {
            name,
            stamper,
            two_seconds: false,
        }
    }
}

/// By the magic numbers of `statfs(2)` and `linux/magic.h`. Local ones that need no special word are
/// left out: they are stamped here, to the nanosecond or with the whole second visible in the value.
#[cfg(target_os = "linux")]
const MAGIC: &[(u32, Filesystem)] = &[
    (
        0x4d44,
        Filesystem {
            two_seconds: true,
            ..Filesystem::new("vfat", Stamper::Local)
        },
    ),
    (0xef53, Filesystem::new("ext4", Stamper::Local)),
    (0x5846_5342, Filesystem::new("xfs", Stamper::Local)),
    (0x9123_683e, Filesystem::new("btrfs", Stamper::Local)),
    (0x0102_1994, Filesystem::new("tmpfs", Stamper::Local)),
    (0x794c_7630, Filesystem::new("overlay", Stamper::Local)),
    (0x2fc1_2fc1, Filesystem::new("zfs", Stamper::Local)),
    (0x6969, Filesystem::new("nfs", Stamper::Server)),
    (0xff53_4d42, Filesystem::new("cifs", Stamper::Server)),
    (0xfe53_4d42, Filesystem::new("smb2", Stamper::Server)),
    (0x517b, Filesystem::new("smb", Stamper::Server)),
    (0x0102_1997, Filesystem::new("9p", Stamper::Server)),
    (0x6573_5546, Filesystem::new("fuse", Stamper::Server)),
    (0x00c3_6400, Filesystem::new("ceph", Stamper::Server)),
    (0x5346_414f, Filesystem::new("afs", Stamper::Server)),
    (0x786f_4256, Filesystem::new("vboxsf", Stamper::Server)),
    (0x7371_7368, Filesystem::new("squashfs", Stamper::Image)),
    (0x9660, Filesystem::new("iso9660", Stamper::Image)),
    (0x1501_3346, Filesystem::new("udf", Stamper::Image)),
    (0xe0f5_e1e2, Filesystem::new("erofs", Stamper::Image)),
    (0x28cd_3d45, Filesystem::new("cramfs", Stamper::Image)),
    (0x7275, Filesystem::new("romfs", Stamper::Image)),
];

#[cfg(target_os = "linux")]
impl Filesystem {
    /// The file system that a directory handle is on.
    pub(super) fn of_handle(handle: &impl std::os::fd::AsFd) -> Self {
        rustix::fs::fstatfs(handle).map_or(Self::UNKNOWN, |found| Self::from_magic(&found))
    }

    /// The file system that a path is on.
    pub(crate) fn of_path(path: &Path) -> Self {
        rustix::fs::statfs(path).map_or(Self::UNKNOWN, |found| Self::from_magic(&found))
    }

    fn from_magic(found: &rustix::fs::StatFs) -> Self {
        // The field is a signed word on some architectures and the magic 32 bits on all.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "32 bits are used"
        )]
        let magic = found.f_type as u32;
        MAGIC
            .iter()
            .find(|row| row.0 == magic)
            .map_or(Self::UNKNOWN, |row| row.1)
    }
}

#[cfg(not(target_os = "linux"))]
impl Filesystem {
    /// The file system that a directory handle is on: not asked here.
    #[cfg(unix)]
    pub(super) fn of_handle(_handle: &impl std::os::fd::AsFd) -> Self {
        Self::UNKNOWN
    }

    /// The file system that a path is on: not asked here.
    pub(crate) fn of_path(_path: &Path) -> Self {
        Self::UNKNOWN
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Filesystem, MAGIC};
    use std::path::Path;

    #[test]
    fn proc_is_not_in_the_table_and_shm_is() {
        assert_eq!(Filesystem::of_path(Path::new("/proc")), Filesystem::UNKNOWN);
        assert_eq!(Filesystem::of_path(Path::new("/dev/shm")).name, "tmpfs");
    }

    #[test]
    fn no_magic_stands_twice() {
        for (at, row) in MAGIC.iter().enumerate() {
            assert!(
                MAGIC[..at].iter().all(|other| other.0 != row.0),
                "{}",
                row.1.name
            );
        }
    }
}
