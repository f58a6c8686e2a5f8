//! Who takes part, and the command line that makes each do the same work.
//!
//! The work: list every directory, read the mtime of every entry, report those newer than a bound. In the measured runs
//! no entry exceeds the bound, so that nobody is measured by how it prints; in the proof before them every entry does.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;
use rustix::time::{ClockId, clock_gettime};

use crate::floor;
use crate::trees::{EPOCH, EXTENSIONS, Ground, MIDDLE, NEWER, OLD};

/// A program that takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// The benchmark's own walker.
    Floor,
    /// GNU find.
    Find,
    /// fd, installed by cargo beside the trees.
    Fd,
    /// bfs, when it is installed.
    Bfs,
    /// skewgate, as built for this run.
    Skewgate,
}

/// The programs found for this run.
#[derive(Debug)]
pub(crate) struct Tools(Vec<(Tool, PathBuf, String)>);

impl Tools {
    /// Finds the programs that are wanted, and installs fd when it is not there.
    pub(crate) fn find(
        wanted: impl Fn(Tool) -> bool,
        ground: &Ground,
    ) -> Result<Self, Box<dyn Error>> {
        let mut found = Vec::new();
        for tool in Tool::value_variants().iter().filter(|tool| wanted(**tool)) {
            let program = match tool {
                Tool::Floor => std::env::current_exe()?,
                Tool::Find => PathBuf::from("find"),
                Tool::Fd => fd(ground)?,
                Tool::Bfs => PathBuf::from("bfs"),
                Tool::Skewgate => PathBuf::from(env!("CARGO_BIN_EXE_skewgate")),
            };
            let version = match tool {
                Tool::Floor => Some("openat, getdents64, statx".to_owned()),
                Tool::Find | Tool::Fd | Tool::Bfs | Tool::Skewgate => version(&program),
            };
            match version {
                Some(version) => found.push((*tool, program, version)),
                None => println!("{tool}: missing, left out"),
            }
        }
        Ok(Self(found))
    }

    /// The program, or nothing when it is missing or was not asked for.
    fn program(&self, tool: Tool) -> Option<&Path> {
        let mut found = self.0.iter().filter(|(other, ..)| *other == tool);
        found.next().map(|(_, program, _)| program.as_path())
    }

    /// Each program with the version that it states.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (Tool, &str)> {
        self.0.iter().map(|(tool, _, said)| (*tool, said.as_str()))
    }

    /// Whether the program was found and asked for.
    pub(crate) fn have(&self, tool: Tool) -> bool {
        self.program(tool).is_some()
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Floor => "floor",
            Self::Find => "find",
            Self::Fd => "fd",
            Self::Bfs => "bfs",
            Self::Skewgate => "skewgate",
        })
    }
}

fn fd(ground: &Ground) -> Result<PathBuf, Box<dyn Error>> {
    let root = ground.at("tools");
    let program = root.join("bin/fd");
    if !program.exists() {
        // Without a network the others are still worth comparing: a missing fd is said, not fatal.
        Command::new(env!("CARGO"))
            .args(["install", "fd-find", "--locked", "--root"])
            .arg(&root)
            .status()?;
    }
    Ok(program)
}

fn version(program: &Path) -> Option<String> {
    let said = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&said.stdout);
    let line = text.lines().next().unwrap_or("states no version");
    Some(line.to_owned())
}

/// Which rules an audit applies beyond those that are always on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// None.
    Standard,
    /// Twenty patterns that leave every file in, so that no work is saved.
    Globs,
    /// A window around every time in the tree.
    Window,
    /// A window that begins after the old files, which makes them findings.
    AfterOld,
}

impl Rules {
    fn arguments(self) -> Vec<String> {
        match self {
            Self::Standard => Vec::new(),
            Self::Globs => {
                let patterns = |name: &&str| {
                    let include = format!("--include=**/*.{name}");
                    [include, format!("--exclude=**/scratch-*/*.{name}.tmp")]
                };
                EXTENSIONS.iter().flat_map(patterns).collect()
            }
            Self::Window => {
                // Not a time within the tree: the change times of its entries are as late as its making.
                let now = clock_gettime(ClockId::Realtime).tv_sec;
                let begin = OLD - 1;
                vec![
                    format!("--not-before=@{begin}"),
                    format!("--not-after=@{now}"),
                ]
            }
            Self::AfterOld => vec![format!("--not-before=@{MIDDLE}")],
        }
    }
}

/// Why a contender is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// To show that it sees the whole tree: everything is reported.
    Prove,
    /// To be measured: nothing is reported, but where findings are the point.
    Measure,
}

/// One row of a table: a program and how it is called.
#[derive(Clone, Debug)]
pub(crate) struct Contender {
    pub(crate) label: &'static str,
    pub(crate) tool: Tool,
    rules: Rules,
    threads: Option<usize>,
    pub(crate) output: &'static str,
}

impl Contender {
    /// A program as it comes.
    pub(crate) const fn new(label: &'static str, tool: Tool) -> Self {
        Self {
            label,
            tool,
            rules: Rules::Standard,
            threads: None,
            output: "human",
        }
    }

    /// The same on so many threads.
    pub(crate) const fn on(self, threads: usize) -> Self {
        Self {
            threads: Some(threads),
            ..self
        }
    }

    /// skewgate with these rules and this report.
    pub(crate) const fn audit(label: &'static str, rules: Rules, output: &'static str) -> Self {
        Self {
            rules,
            output,
            ..Self::new(label, Tool::Skewgate)
        }
    }

    /// Whether the old files are findings.
    pub(crate) fn has_findings(&self) -> bool {
        self.rules == Rules::AfterOld
    }

    /// The command line for this errand; what is not for stdout goes to `report`.
    pub(crate) fn command_line(
        &self,
        tools: &Tools,
        tree: &Path,
        errand: Errand,
        report: &Path,
    ) -> Vec<OsString> {
        let mut line: Vec<OsString> = tools
            .program(self.tool)
            .map(Into::into)
            .into_iter()
            .collect();
        let (seconds, text) = match errand {
            Errand::Prove => EPOCH,
            Errand::Measure => NEWER,
        };
        let mut add = |words: &[&dyn AsRef<OsStr>]| {
            line.extend(words.iter().map(|word| word.as_ref().to_owned()));
        };
        // The root itself is reported by nobody: not every contender can.
        match self.tool {
            Tool::Floor => {
                let threads = self.threads.unwrap_or(1).to_string();
                add(&[&floor::COMMAND, &tree, &seconds.to_string(), &threads]);
            }
            Tool::Find | Tool::Bfs => add(&[&tree, &"-mindepth", &"1", &"-newermt", &text]),
            Tool::Fd => add(&[
                &"-uu",
                &"--changed-after",
                &format!("@{seconds}"),
                &".",
                &tree,
            ]),
            Tool::Skewgate => {
                add(&[&"audit", &tree, &"--clock", &"system:", &"--no-config"]);
                if let Some(threads) = self.threads {
                    add(&[&"--threads", &threads.to_string()]);
                }
                for argument in self.rules.arguments() {
                    add(&[&argument]);
                }
                let file = report.display();
                let output = match (errand, self.output) {
                    (Errand::Prove, _) => format!("json={file}"),
                    (Errand::Measure, "human") => "human".to_owned(),
                    (Errand::Measure, name) => format!("{name}={file}"),
                };
                add(&[&"-o", &output]);
            }
        }
        line
    }
}
