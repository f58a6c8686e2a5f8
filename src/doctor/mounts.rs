//! `mounts`: whose clock stamps the files of the builds.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "mounts",
    summary: "what file systems the given folders are on, and whose clock stamps there",
    place: "`/proc/self/mountinfo`",
    meaning: "\
On a network or shared file system the server stamps what is written, by its own clock: this machine's may be \
right and the files from the future all the same. FAT keeps two seconds, ext3 and HFS+ one.",
    remedy: "Build on a local file system, or keep the server's clock in step; audit with `--clock` on both.",
    source: "Linux `Documentation/filesystems`; statx(2)",
    look,
};

/// File systems whose times come from another machine, by how `mount(8)` calls them.
const SERVED: [(&str, &str); 19] = [
    ("nfs", "the NFS server"),
    ("cifs", "the SMB server"),
    ("smb", "the SMB server"),
    ("9p", "the host"),
    ("virtiofs", "the host"),
    ("vboxsf", "the host"),
    ("vmhgfs", "the host"),
    ("fuse.vmhgfs", "the host"),
    ("drvfs", "the Windows host"),
    ("prl_fs", "the host"),
    ("fuse.sshfs", "the SSH server"),
    ("fuse.glusterfs", "the Gluster servers"),
    ("fuse.ceph", "the Ceph servers and clients"),
    ("fuse.s3fs", "the object store"),
    ("fuse.gcsfuse", "the object store"),
    ("fuse.rclone", "the object store"),
    ("ceph", "the Ceph servers and clients"),
    ("glusterfs", "the Gluster servers"),
    ("afs", "the AFS server"),
];

/// How coarse the times of some are.
const COARSE: [(&str, &str); 5] = [
    ("vfat", "two seconds"),
    ("msdos", "two seconds"),
    ("exfat", "10 ms, some two seconds"),
    ("ext3", "a second"),
    ("hfsplus", "a second"),
];

fn look(machine: &Machine) -> Sign {
    let mounts: Vec<(&String, String)> = machine
        .paths()
        .iter()
        .filter_map(|path| Some((path, machine.filesystem(path)?)))
        .collect();
    if mounts.is_empty() {
        return Sign::absent("the table of mounts");
    }
    let told: Vec<String> = mounts
        .iter()
        .map(|(path, kind)| format!("{path} is {}", named(kind)))
        .collect();
    let seen = told.join("; ");
    let mut servers = mounts.iter().filter_map(|(_, kind)| server(kind));
    let Some(server) = servers.next() else {
        return match mounts.iter().any(|(_, kind)| is_other_program(kind)) {
            true => Sign::unknown(
                seen,
                "a program stamps what is written there, perhaps by another machine's clock",
            ),
            false => Sign::good(seen, "this machine's clock stamps there"),
        };
    };
    let meaning = format!("{server} stamps what is written there, by a clock of its own");
    if !machine.has_named_paths() {
        return Sign::unknown(
            seen,
            format!("{meaning}; name the folders that builds write to"),
        )
        .mark(Mark::ServerStamps);
    }
    Sign::suspicious(
        seen,
        meaning,
        "build on a local file system, or keep that machine's clock in step and look at it, too",
    )
    .mark(Mark::ServerStamps)
}

/// Programs here that keep what they serve on this machine: its kernel stamps it in the end.
const LOCAL: [&str; 8] = [
    "fuse.overlayfs",
    "fuse.fuse-overlayfs",
    "fuse.bindfs",
    "fuse.mergerfs",
    "fuse.gocryptfs",
    "fuse.encfs",
    "fuse.ntfs-3g",
    "fuse.lxcfs",
];

/// Whether some program serves it, of which is not known where it keeps what is written.
fn is_other_program(kind: &str) -> bool {
    (kind == "fuse" || kind.starts_with("fuse.")) && !LOCAL.contains(&kind)
}

fn named(kind: &str) -> String {
    match COARSE.iter().find(|(name, _)| *name == kind) {
        Some((_, coarse)) => format!("{kind} (times to {coarse})"),
        None => kind.to_owned(),
    }
}

fn server(kind: &str) -> Option<&'static str> {
    // nfs4 and smb3 are kinds of the same.
    let is_kind = |name: &str| {
        let rest = kind.strip_prefix(name)?;
        let same = rest.is_empty()
            || rest.starts_with('.')
            || rest.bytes().all(|byte| byte.is_ascii_digit());
        same.then_some(())
    };
    let found = SERVED.iter().find(|(name, _)| is_kind(name).is_some());
    found.map(|row| row.1)
}
