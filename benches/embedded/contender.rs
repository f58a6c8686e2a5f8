//! Who takes part in what, and the command line that makes each do the same work.

use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::corpus::{Corpus, Set};
use crate::reader;

/// A way to read a set of files.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// skewgate's reader: on so many threads, and how much of each file.
    Reader(&'static str, &'static str),
    /// The bare decompressor.
    Bare,
    /// skewgate as a whole, on one thread.
    Audit(&'static str),
    /// A program that takes all files at once.
    Once(&'static str, &'static [&'static str]),
    /// A program that takes one file at a time.
    Each(&'static str),
    /// add-det, installed by cargo beside the corpus.
    AddDet,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    pub(crate) label: &'static str,
    pub(crate) set: Set,
    pub(crate) way: Way,
}

const fn row(label: &'static str, set: Set, way: Way) -> Contender {
    Contender { label, set, way }
}

/// Everybody, those that are compared with each other in turn.
#[rustfmt::skip]
pub(crate) const CONTENDERS: &[Contender] = &[
    row("zip directories", Set::Zips, Way::Reader("1", "directories")),
    row("zip local headers", Set::Zips, Way::Reader("1", "headers")),
    row("zipinfo", Set::Zips, Way::Each("zipinfo")),
    row("add-det --check", Set::Zips, Way::AddDet),
    row("tar.gz, 1 thread", Set::Crates, Way::Reader("1", "all")),
    row("tar.gz, 2 threads", Set::Crates, Way::Reader("2", "all")),
    row("bare zlib-rs", Set::Crates, Way::Bare),
    row("bsdtar", Set::Crates, Way::Each("bsdtar -tvzf")),
    row("GNU tar", Set::Crates, Way::Each("tar -tvzf")),
    row("deb, 1 thread", Set::Debs, Way::Reader("1", "all")),
    row("dpkg-deb -c", Set::Debs, Way::Each("dpkg-deb -c")),
    row("ar, 1 thread", Set::Libraries, Way::Reader("1", "all")),
    row("strip-nondeterm.", Set::Copies, Way::Once("strip-nondeterminism", &[])),
    row("xz, 1 thread", Set::Xz, Way::Reader("1", "all")),
    row("xz, 2 threads", Set::Xz, Way::Reader("2", "all")),
    row("zstd, 1 thread", Set::Zstd, Way::Reader("1", "all")),
    row("zstd, 2 threads", Set::Zstd, Way::Reader("2", "all")),
    row("plain, none", Set::Plain, Way::Audit("none")),
    row("plain, auto", Set::Plain, Way::Audit("auto")),
    row("mixed, none", Set::Mixed, Way::Audit("none")),
    row("mixed, auto", Set::Mixed, Way::Audit("auto")),
    row("mixed, archives", Set::Small, Way::Reader("1", "all")),
];

/// What `add-det` and `strip-nondeterminism` take for the build's time.
pub(crate) const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH=1700000000";

impl Contender {
    /// The command line, or why there is none.
    pub(crate) fn command_line(&self, corpus: &Corpus) -> Result<Vec<OsString>, Box<dyn Error>> {
        let files = corpus.files(self.set);
        if files.is_empty() {
            return Err("the files are missing".into());
        }
        let this = std::env::current_exe()?;
        let mut line: Vec<OsString> = vec!["env".into(), "LC_ALL=C.UTF-8".into()];
        // To skewgate it would be one more bound to hold all times against.
        let epoch = match self.way {
            Way::AddDet | Way::Once(..) => SOURCE_DATE_EPOCH,
            Way::Reader(..) | Way::Bare | Way::Audit(_) | Way::Each(_) => "-uSOURCE_DATE_EPOCH",
        };
        line.insert(1, epoch.into());
        let mut add = |words: &[&str]| line.extend(words.iter().map(OsString::from));
        match self.way {
            Way::Reader(threads, what) => {
                line.extend([
                    this.into(),
                    reader::COMMAND.into(),
                    threads.into(),
                    what.into(),
                ]);
            }
            Way::Bare => line.extend([this.into(), reader::BARE.into()]),
            Way::Audit(embedded) => {
                add(&[
                    env!("CARGO_BIN_EXE_skewgate"),
                    "audit",
                    "--clock",
                    "system:",
                    "--no-config",
                ]);
                add(&["--threads", "1", "--embedded", embedded, "--"]);
            }
            Way::Once(program, arguments) => {
                find(program)?;
                add(&[program]);
                add(arguments);
            }
            Way::Each(call) => {
                find(call.split(' ').next().unwrap_or(call))?;
                let each = format!("for file; do {call} \"$file\"; done");
                add(&["sh", "-c", &each, "each"]);
            }
            Way::AddDet => {
                line.push(add_det(corpus)?.into());
                line.push("--check".into());
            }
        }
        line.extend(files.into_iter().map(OsString::from));
        Ok(line)
    }
}

/// Whether a program is there.
fn find(program: &str) -> Result<(), Box<dyn Error>> {
    let found = Command::new("sh")
        .args(["-c", "command -v \"$0\" >/dev/null", program])
        .status()?;
    if found.success() {
        Ok(())
    } else {
        Err(format!("{program} is missing").into())
    }
}

fn add_det(corpus: &Corpus) -> Result<PathBuf, Box<dyn Error>> {
    let root = corpus.at("tools");
    let program = root.join("bin/add-det");
    if !program.exists() {
        // Without a network the others are still worth comparing: that it is missing is said, not fatal.
        Command::new(env!("CARGO"))
            .args(["install", "add-determinism", "--locked", "--root"])
            .arg(&root)
            .status()?;
    }
    if program.exists() {
        Ok(program)
    } else {
        Err("add-det cannot be installed".into())
    }
}
