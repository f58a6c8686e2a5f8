//! The trees that are walked: made once, by a generator without chance, and kept under `target/bench/trees`.
//!
//! A tree is made by a re-executed copy of the benchmark. A child's peak memory is reported as no less than that of the
//! process that spawned it, so the benchmark itself must stay small.

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use rustix::fs::{CWD, Mode, OFlags, Timespec, Timestamps, futimens, mkdirat, openat};
use rustix::io;
use serde::{Deserialize, Serialize};

/// The hidden first argument that makes the benchmark build a tree.
pub(crate) const COMMAND: &str = "build";

/// The extensions of the files, none of which says that a file carries times.
pub(crate) const EXTENSIONS: [&str; 10] =
    ["o", "so", "h", "c", "d", "js", "css", "html", "map", "txt"];

/// The mtime of the files that are findings of an audit with `--not-before MIDDLE`.
pub(crate) const OLD: i64 = 1_700_000_000;
/// Between the old files and the others.
pub(crate) const MIDDLE: i64 = 1_700_050_000;
/// The mtime of everything else.
const RECENT: i64 = 1_700_100_000;
/// A bound that no entry exceeds, as GNU find, fd and the floor take it, and as bfs does.
pub(crate) const NEWER: (i64, &str) = (1_700_200_000, "2023-11-17T05:46:40Z");
/// A bound that every entry exceeds.
pub(crate) const EPOCH: (i64, &str) = (0, "1970-01-01T00:00:00Z");

/// Changed with whatever changes the trees, so that those at hand are made anew.
const GENERATOR: u32 = 1;

/// How a tree looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// Projects of 4 to 7 levels; above the last level, 10 to 80 files and 2 to 5 subdirectories a directory.
    Forest,
    /// All files in one directory.
    Wide,
    /// Each directory in the one before, with a file beside it.
    Deep,
    /// Empty directories, side by side.
    EmptyDirs,
}

/// One tree: its name, its form and how many files (or, without files, directories) it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) count: u32,
}

/// What a finished tree holds; kept beside it as the stamp that it is finished.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Census {
    generator: u32,
    form: Form,
    count: u32,
    pub(crate) files: u64,
    pub(crate) directories: u64,
    pub(crate) old: u64,
}

impl Census {
    /// How many entries a walk reports, the root left out.
    pub(crate) fn entries(&self) -> u64 {
        self.files + self.directories
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (files, directories) = (self.files, self.directories);
        write!(f, "{files} files in {directories} directories")
    }
}

/// The place of all that the benchmark keeps between runs.
#[derive(Debug)]
pub(crate) struct Ground(PathBuf);

impl Ground {
    /// Makes the place, inside cargo's target directory.
    pub(crate) fn prepare() -> Result<Self, Box<dyn Error>> {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench");
        fs::create_dir_all(place.join("trees"))?;
        Ok(Self(place))
    }

    /// A path in the place.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The finished tree, built if it is not there.
    pub(crate) fn tree(&self, tree: &Tree) -> Result<(PathBuf, Census), Box<dyn Error>> {
        let path = self.at("trees").join(tree.name);
        let stamp = path.with_extension("json");
        if let Some(census) = census(&stamp, tree) {
            return Ok((path, census));
        }
        // `rm` walks with a constant number of handles, whatever the depth of a half-made tree.
        let removed = Command::new("rm").arg("-rf").args([&stamp, &path]).status();
        if !removed?.success() {
            return Err(format!("cannot remove `{}`", path.display()).into());
        }
        let form = serde_json::to_string(&tree.form)?;
        let built = Command::new(std::env::current_exe()?)
            .args([COMMAND, &form, &tree.count.to_string()])
            .args([&path, &stamp])
            .status()?;
        match census(&stamp, tree) {
            Some(census) if built.success() => Ok((path, census)),
            _ => Err(format!("cannot build `{}`", path.display()).into()),
        }
    }
}

fn census(stamp: &Path, tree: &Tree) -> Option<Census> {
    let text = fs::read(stamp).ok()?;
    let census: Census = serde_json::from_slice(&text).ok()?;
    let made_as = (census.generator, census.form, census.count);
    (made_as == (GENERATOR, tree.form, tree.count)).then_some(census)
}

/// Builds one tree and then writes its stamp: `build FORM COUNT PATH STAMP`.
pub(crate) fn main(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let [form, count, path, stamp] = arguments else {
        return Err("usage: build FORM COUNT PATH STAMP".into());
    };
    let (form, count) = (serde_json::from_str(form)?, count.parse()?);
    println!("building {path}");
    mkdirat(CWD, *path, Mode::RWXU)?;
    let root = open(CWD, path)?;
    let (files, directories) = match form {
        Form::Forest => forest(&root, count)?,
        Form::Wide => (fill(&root, 0, count)?, 0),
        Form::Deep => deep(&root, count)?,
        Form::EmptyDirs => empty_dirs(&root, count)?,
    };
    let old = (0..files).filter(|number| is_old(*number)).count();
    let census = Census {
        generator: GENERATOR,
        form,
        count,
        files,
        directories,
        old: u64::try_from(old)?,
    };
    // What is not written back yet is not dropped from the caches before a cold run.
    rustix::fs::sync();
    // No change time of this tree may lie in the second in which an audit begins.
    std::thread::sleep(Duration::from_secs(1));
    File::create(stamp)?.write_all(&serde_json::to_vec(&census)?)?;
    Ok(())
}

/// One directory to be filled: its path below the root, its files and the number of the first.
struct Plot {
    path: String,
    first: u32,
    files: u32,
}

fn forest(root: &OwnedFd, count: u32) -> io::Result<(u64, u64)> {
    let (plots, empty) = plan(count);
    for path in plots.iter().map(|plot| &plot.path).chain(&empty) {
        mkdirat(root, path, Mode::RWXU)?;
    }
    plots.par_iter().try_for_each(|plot| {
        let directory = open(root, &plot.path)?;
        fill(&directory, plot.first, plot.files).map(drop)
    })?;
    for path in &empty {
        date(&open(root, path)?, RECENT)?;
    }
    date(root, RECENT)?;
    let directories = plots.len() + empty.len();
    Ok((count.into(), u64::try_from(directories).unwrap_or(u64::MAX)))
}

/// The directories of a forest in the order in which they can be made: those with files, then those without.
fn plan(count: u32) -> (Vec<Plot>, Vec<String>) {
    let mut dice = Dice(0x5ce3_9a7e);
    let (mut plots, mut empty, mut planted) = (Vec::new(), Vec::new(), 0);
    for project in 0.. {
        let mut pending = vec![(format!("project-{project:03}"), dice.between(4, 7))];
        while let Some((path, levels)) = pending.pop() {
            if levels == 0 {
                empty.push(path);
                continue;
            }
            if planted == count {
                return (plots, empty);
            }
            let files = dice.between(10, 80).min(count - planted);
            for number in 0..dice.between(2, 5) {
                pending.push((format!("{path}/part-{number}"), levels - 1));
            }
            plots.push(Plot {
                path,
                first: planted,
                files,
            });
            planted += files;
        }
    }
    (plots, empty)
}

fn deep(root: &OwnedFd, levels: u32) -> io::Result<(u64, u64)> {
    let mut parent = open(root, ".")?;
    for level in 0..levels {
        mkdirat(&parent, "level", Mode::RWXU)?;
        let child = open(&parent, "level")?;
        fill(&child, level, 1)?;
        date(&parent, RECENT)?;
        parent = child;
    }
    date(&parent, RECENT)?;
    Ok((levels.into(), levels.into()))
}

fn empty_dirs(root: &OwnedFd, count: u32) -> io::Result<(u64, u64)> {
    for number in 0..count {
        let name = format!("empty-{number:06}");
        mkdirat(root, &name, Mode::RWXU)?;
        date(&open(root, &name)?, RECENT)?;
    }
    date(root, RECENT)?;
    Ok((0, count.into()))
}

/// Makes the files with these numbers; each is a file of its own, since hard links would share the inodes.
fn fill(directory: &OwnedFd, first: u32, files: u32) -> io::Result<u64> {
    for (number, extension) in (first..first + files).zip(EXTENSIONS.iter().cycle()) {
        let name = format!("unit-{number:07}.{extension}");
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = openat(directory, &name, flags, Mode::RUSR | Mode::WUSR)?;
        let old = is_old(number.into());
        date(&file, if old { OLD } else { RECENT })?;
    }
    date(directory, RECENT)?;
    Ok(files.into())
}

/// Whether the file with this number is old: 178 in every thousand, scattered.
fn is_old(number: u64) -> bool {
    number * 617 % 1000 < 178
}

fn open(parent: impl AsFd, path: &str) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(parent, path, flags, Mode::empty())
}

fn date(entry: &OwnedFd, seconds: i64) -> io::Result<()> {
    let time = Timespec {
        tv_sec: seconds,
        tv_nsec: 0,
    };
    futimens(
        entry,
        &Timestamps {
            last_access: time,
            last_modification: time,
        },
    )
}

/// Throws that are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn between(&mut self, least: u32, most: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let thrown = (mixed ^ (mixed >> 31)) % u64::from(most - least + 1);
        least + u32::try_from(thrown).unwrap_or(0)
    }
}
