//! Beginning a record: who and where this is, and whose clocks stamp what will be built.

use super::{Command, Here, Host, Mount, Phase, Record, Recorded, Tree};
use crate::clock::{Local, Reading};
use crate::record::stated::commit_of;
use crate::source::{Budget, random};
use crate::sys::{
    Probe, RulerId, Stamper, Stat, host_name, machine_facts, machine_id, raw_wall_clock, wall_clock,
};
use crate::time::{Span, Timestamp};
use ring::hmac;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

/// How long to wait for git and for a file system: one whose server is gone never answers.
const PATIENCE: Span = Span::from_secs(2);

/// How many file systems are looked at. Builds write to one or two.
const MOST_MOUNTS: usize = 32;

/// What the trusted time of a reading is until the sources have answered.
const UNASKED: &str = "not asked yet";

impl Record {
    /// A record of a build that begins in a folder, at a reading of the local clocks. Nobody is asked anything
    /// yet.
    ///
    /// # Errors
    /// When the system gives no random bits to name it by.
    pub fn begun(local: Local, folder: &Path) -> io::Result<Self> {
        let random: [u8; 16] = random().map_err(|refusal| io::Error::other(refusal.to_string()))?;
        Ok(Self {
            id: hexadecimal(&random),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            host: Host::here(),
            tree: Tree::at(folder),
            mounts: Vec::new(),
            facts: Vec::new(),
            command: None,
            readings: vec![Recorded {
                phase: Phase::Begin,
                reading: Reading::unasked(local, UNASKED),
            }],
        })
    }

    /// Puts in what was found around the build.
    pub fn settle(&mut self, surroundings: Surroundings) {
        self.tree.commit = surroundings.commit;
        self.mounts = surroundings.mounts;
        self.facts = surroundings.facts;
    }

    /// Puts in what the sources said to its beginning.
    pub fn begin_with(&mut self, reading: Reading) {
        if let Some(first) = self.readings.first_mut() {
            first.reading = reading;
        }
    }

    /// Puts in what the sources said to its end.
    pub fn end_with(&mut self, reading: Reading) {
        let ended = self
            .readings
            .iter_mut()
            .rfind(|taken| taken.phase == Phase::End);
        if let Some(ended) = ended {
            ended.reading = reading;
        }
    }

    /// What is run: the program's name and how many arguments it gets, but not which.
    pub fn runs(&mut self, program: &Path, arguments: usize) {
        let name = program.file_name().unwrap_or(program.as_os_str());
        self.command = Some(Command {
            program: name.to_string_lossy().into_owned(),
            arguments: u64::try_from(arguments).unwrap_or(u64::MAX),
            exit: None,
        });
    }
}

impl Host {
    /// This machine.
    pub fn here() -> Self {
        Self {
            name: host_name(),
            machine: machine_id().map(|id| digest(&id)),
        }
    }
}

/// A machine's id for this program alone, as `machine-id(5)` wants it.
fn digest(id: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, id.as_bytes());
    let tag = hmac::sign(&key, b"skewgate record: host");
    format!("hmac-sha256:{}", hexadecimal(tag.as_ref()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

impl Tree {
    /// A folder, without the commit.
    pub fn at(folder: &Path) -> Self {
        let path = folder.canonicalize();
        let found = fs::metadata(folder).ok();
        Self {
            path: path.unwrap_or_else(|_gone| folder.to_owned()),
            identity: found.and_then(|found| Stat::of(&found).identity()),
            commit: None,
        }
    }
}

impl Here {
    /// This process, in a folder.
    pub fn look(folder: &Path) -> Self {
        let mut tree = Tree::at(folder);
        tree.commit = bounded_commit(folder);
        Self {
            ruler: RulerId::here(),
            host: Host::here(),
            tree,
        }
    }
}

/// What is around a build that begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// The commit that is checked out.
    pub commit: Option<String>,
    /// Where artifacts will be written to.
    pub mounts: Vec<Mount>,
    /// What else is worth knowing of the machine.
    pub facts: Vec<(String, String)>,
}

impl Surroundings {
    /// Looks around, in a folder and where the paths will be. It takes no longer than a few seconds, whatever
    /// the file systems do, and leaves nothing behind.
    pub fn look(folder: &Path, paths: &[PathBuf]) -> Self {
        let name = |(name, value): (&str, String)| (name.to_owned(), value);
        let here = [PathBuf::from(folder)];
        let paths = if paths.is_empty() { &here[..] } else { paths };
        let commit = |folder: PathBuf| thread::spawn(move || bounded_commit(&folder));
        let commit = commit(folder.to_owned());
        Self {
            mounts: mounts(folder, paths),
            facts: machine_facts().into_iter().map(name).collect(),
            commit: commit.join().ok().flatten(),
        }
    }
}

fn bounded_commit(folder: &Path) -> Option<String> {
    let folder = folder.to_owned();
    Budget::of(PATIENCE).bound(move || commit_of(&folder))?
}

/// What there is to know of each file system that the paths are on.
fn mounts(folder: &Path, paths: &[PathBuf]) -> Vec<Mount> {
    let budget = Budget::of(PATIENCE);
    let folders: Vec<PathBuf> = paths.iter().map(|path| folder.join(path)).collect();
    let found = budget.bound(move || {
        let mut seen = HashSet::new();
        let there = folders.iter().filter_map(|path| nearest_folder(path));
        there
            .filter(|(_, device)| seen.insert(*device))
            .map(|(path, _)| path)
            .take(MOST_MOUNTS)
            .collect::<Vec<PathBuf>>()
    });
    let probed = found.unwrap_or_default().into_iter().map(|path| {
        let own = path.clone();
        let mount = budget.bound(move || mount(&own));
        mount.unwrap_or_else(|| Mount {
            path,
            filesystem: "unknown".to_owned(),
            stamper: "local".to_owned(),
            stamp: Err(format!("the file system did not answer within {PATIENCE}")),
        })
    });
    probed.collect()
}

/// The folder that a path is, or will be made in, and the device it is on.
fn nearest_folder(path: &Path) -> Option<(PathBuf, u64)> {
    path.ancestors().find_map(|folder| {
        let found = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
        Some((folder.to_owned(), Stat::of(&found).device))
    })
}

fn mount(path: &Path) -> Mount {
    let probe = random_name().and_then(|name| Probe::make(path, &name));
    let (filesystem, stamp) = match probe {
        Err(error) => (crate::sys::Filesystem::of_path(path), Err(error)),
        Ok(probe) => {
            let kernel = || raw_wall_clock().unwrap_or_else(wall_clock);
            let before: Timestamp = kernel();
            let stamp = probe.stamp();
            (
                probe.filesystem(),
                stamp.map(|stamp| (before, stamp, kernel())),
            )
        }
    };
    Mount {
        path: path.to_owned(),
        filesystem: filesystem.name.to_owned(),
        stamper: match filesystem.stamper {
            Stamper::Local => "local",
            Stamper::Server => "server",
            Stamper::Image => "image",
        }
        .to_owned(),
        stamp: stamp.map_err(|error| format!("no file can be made there: {error}")),
    }
}

/// What the probe is called where it must have a name.
fn random_name() -> io::Result<String> {
    let random: [u8; 8] = random().map_err(|refusal| io::Error::other(refusal.to_string()))?;
    Ok(format!(".skewgate-{}", hexadecimal(&random)))
}

#[cfg(test)]
mod tests {
    use super::{Here, Surroundings, digest};
    use crate::clock::Local;
    use crate::record::own::{Record, mismatches};
    use crate::sys::wall_clock;
    use crate::time::{Interval, Span};
    use std::fs;
    use std::path::{Path, PathBuf};

    #[test]
    fn what_was_just_begun_belongs_here() {
        let folder = tempfile::tempdir().unwrap();
        let one = Record::begun(Local::now(), folder.path()).unwrap();
        let other = Record::begun(Local::now(), folder.path()).unwrap();
        assert!(one.id != other.id && one.id.len() == 32 && one.is_open());
        let now = Interval::exactly(wall_clock());
        assert_eq!(mismatches(&one, &Here::look(folder.path()), now), []);
        let elsewhere = tempfile::tempdir().unwrap();
        assert_eq!(
            mismatches(&one, &Here::look(elsewhere.path()), now).len(),
            1
        );
    }

    #[test]
    fn each_file_system_is_stamped_once_and_nothing_is_left_there() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["dist/not/yet/there", "file", "/dev/shm/x", "/proc/x"].map(PathBuf::from);
        fs::File::create(folder.path().join("file")).unwrap();
        let found = Surroundings::look(folder.path(), &paths);
        let shown: Vec<&Path> = found.mounts.iter().map(|mount| &*mount.path).collect();
        let expected = [folder.path(), Path::new("/dev/shm"), Path::new("/proc")];
        assert_eq!(shown, expected);
        for mount in &found.mounts[..2] {
            let (before, stamp, after) = mount.stamp.clone().unwrap();
            assert!(stamp <= after && before.since(stamp) < Span::from_secs(3));
        }
        assert!(found.mounts[2].stamp.is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(found.commit, None);
        assert!(found.facts.iter().any(|(name, _)| name == "kernel"));
    }

    #[test]
    fn a_commit_is_found_where_it_is_checked_out() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        if here.join(".git").exists() {
            let commit = Surroundings::look(here, &[]).commit.unwrap();
            assert!(commit.len() == 40, "{commit}");
        }
    }

    #[test]
    fn a_machine_is_told_from_others_without_telling_its_id() {
        let (one, other) = ("0123456789abcdef".repeat(2), "0".repeat(32));
        assert_ne!(digest(&one), digest(&other));
        assert_eq!(digest(&one), digest(&one));
        assert!(!digest(&one).contains(&one[..8]));
    }
}
