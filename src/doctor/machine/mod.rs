//! A machine as the facts see it: small files below a root, and what is told beside them.
//!
//! The root is `/` of the machine that this runs on, or a captured tree of another's, which anybody may have
//! made: nothing outside it is read, and no more than the bounds here. What is absent is `None`, never an
//! error. Only what a fact asked for is remembered, so a capture holds that and nothing else.

mod capture;
mod container;
mod hypervisor;
mod kernel;
mod mount;
mod process;
mod told;

pub use capture::Capture;
pub(super) use hypervisor::Hypervisor;
pub(super) use kernel::{Bits, Family, Release};
pub(super) use told::{Discipline, Told};

use crate::sys::{Tree, kernel_log};
use crate::time::Timestamp;
use capture::Taken;
use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};

/// What is told beside the files of a captured tree, at its root.
pub(super) const TOLD: &str = "machine.json";

/// The most that is read of one file.
const FILE: usize = 256 * 1024;

/// The most that is read of the table of mounts: a host of containers has a line of a page for each.
const MOUNTS: usize = 8 * 1024 * 1024;

/// The most that is read of the kernel's log.
const LOG: usize = 1024 * 1024;

/// The longest line that is looked at, and the most characters that are told of one.
const LINE: usize = 8192;

/// The most lines that are taken of one file.
const LINES: usize = 512;

/// The most names that are looked at in one directory.
const NAMES: usize = 8192;

/// A machine: this one, or a captured tree of another.
#[derive(Debug)]
pub struct Machine {
    /// `None` where the system has no such tree: then every file is absent.
    tree: Option<Tree>,
    root: PathBuf,
    is_live: bool,
    told: Told,
    /// Folders whose mounts are to be looked at.
    paths: Vec<String>,
    /// Whether somebody named them.
    has_named_paths: bool,
    /// The processes with their names, once asked.
    processes: OnceCell<Option<Vec<(String, String)>>>,
    /// The kernel's log, once asked.
    log: OnceCell<Option<String>>,
    hypervisor: OnceCell<Option<Hypervisor>>,
    /// By what sign it is a container, once asked.
    container: OnceCell<Option<Option<String>>>,
    taken: RefCell<Taken>,
}

/// Why a captured tree cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[error("cannot look at `{}`: {error}", path.display())]
pub struct Error {
    path: PathBuf,
    error: std::io::Error,
}

impl Machine {
    /// This machine, as it is now.
    pub fn here() -> Self {
        let root = PathBuf::from("/");
        Self::new(Tree::open(&root).ok(), root, true, Told::here())
    }

    /// A captured tree. Nothing of this machine is read.
    ///
    /// # Errors
    /// When the root cannot be opened. What is missing or malformed below it is only unknown.
    pub fn under(root: &Path) -> Result<Self, Error> {
        let tree = Tree::open(root).map_err(|error| Error {
            path: root.to_owned(),
            error,
        })?;
        let told = tree.read(TOLD, FILE).ok();
        let told = told
            .and_then(|bytes| Told::read(&bytes))
            .unwrap_or_default();
        Ok(Self::new(Some(tree), root.to_owned(), false, told))
    }

    fn new(tree: Option<Tree>, root: PathBuf, is_live: bool, told: Told) -> Self {
        Self {
            tree,
            root,
            is_live,
            has_named_paths: !told.paths.is_empty(),
            paths: match told.paths.clone() {
                none if none.is_empty() => vec!["/".to_owned()],
                paths => paths,
            },
            told,
            processes: OnceCell::new(),
            log: OnceCell::new(),
            hypervisor: OnceCell::new(),
            container: OnceCell::new(),
            taken: RefCell::default(),
        }
    }

    /// The same, with the folders whose mounts are to be looked at instead of the root.
    #[must_use]
    pub fn with_paths(self, paths: Vec<String>) -> Self {
        if paths.is_empty() {
            return self;
        }
        Self {
            paths,
            has_named_paths: true,
            ..self
        }
    }

    /// Where the captured tree is; `None` for this machine.
    pub fn captured(&self) -> Option<&Path> {
        (!self.is_live).then_some(self.root.as_path())
    }

    /// What the facts asked for so far, to be written down.
    pub fn capture(&self) -> Capture {
        Capture::of(&self.taken.borrow(), &self.told)
    }

    pub(super) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Whether somebody named these folders; else it is the root, where builds may never write.
    pub(super) const fn has_named_paths(&self) -> bool {
        self.has_named_paths
    }

    pub(super) const fn told(&self) -> &Told {
        &self.told
    }

    /// The first line of a file, without the blanks around it; `None` where it is empty.
    pub(super) fn line(&self, path: &str) -> Option<String> {
        let text = self.text(path)?;
        let line = text.lines().next()?.trim();
        let line = cut(line, LINE).to_owned();
        self.taken.borrow_mut().line(path, 0, &line);
        (!line.is_empty()).then_some(line)
    }

    /// A whole number that stands in a file.
    pub(super) fn number(&self, path: &str) -> Option<i64> {
        self.line(path)?.parse().ok()
    }

    /// The lines of a file of which `wanted` says so.
    pub(super) fn lines(&self, path: &str, wanted: impl Fn(&str) -> bool) -> Option<Vec<String>> {
        let text = self.text(path)?;
        Some(self.wanted(path, &text, wanted))
    }

    /// The first line of a file that begins with this.
    pub(super) fn first(&self, path: &str, beginning: &str) -> Option<String> {
        self.first_of(path, |line| line.starts_with(beginning))?
    }

    /// The first line of a file of which `wanted` says so: `None` where there is no file, `Some(None)` where it
    /// has no such line.
    pub(super) fn first_of(
        &self,
        path: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Option<Option<String>> {
        let text = self.text(path)?;
        let mut lines = text.lines().map(|line| cut(line, LINE)).enumerate();
        let found = lines.find(|(_, line)| wanted(line));
        let mut taken = self.taken.borrow_mut();
        taken.exists(path);
        Some(found.map(|(at, line)| {
            taken.line(path, at, line);
            line.to_owned()
        }))
    }

    /// Of each line of a file the part that `part` makes of it; nothing else of the line is remembered.
    pub(super) fn parts(
        &self,
        path: &str,
        part: impl Fn(&str) -> Option<String>,
    ) -> Option<Vec<String>> {
        let text = self.text(path)?;
        Some(self.parted(path, &text, part))
    }

    /// The words of a one-line file of which `wanted` says so; no other word is remembered.
    pub(super) fn words(&self, path: &str, wanted: impl Fn(&str) -> bool) -> Option<Vec<String>> {
        let text = self.text(path)?;
        let words = text.split_whitespace().filter(|word| wanted(word));
        let words: Vec<String> = words
            .take(LINES)
            .map(|word| cut(word, LINE).to_owned())
            .collect();
        self.taken.borrow_mut().words(path, &words);
        Some(words)
    }

    /// Of each line at the end of a log the part that `part` makes of it; nothing else of the line is remembered.
    pub(super) fn last_parts(
        &self,
        path: &str,
        part: impl Fn(&str) -> Option<String>,
    ) -> Option<Vec<String>> {
        let bytes = self.tree.as_ref()?.tail(path, FILE).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some(self.parted(path, &text, part))
    }

    /// The lines of the kernel's log of which `wanted` says so; `None` where nobody may read it.
    pub(super) fn log(&self, wanted: impl Fn(&str) -> bool) -> Option<Vec<String>> {
        const PATH: &str = "/var/log/dmesg";
        let log = self.log.get_or_init(|| {
            let ring = self.is_live.then(|| kernel_log(LOG)).flatten();
            let ring = ring.filter(|text| !text.trim().is_empty());
            ring.or_else(|| {
                let bytes = self.tree.as_ref()?.read(PATH, LOG).ok()?;
                Some(String::from_utf8_lossy(&bytes).into_owned())
            })
        });
        Some(self.wanted(PATH, log.as_ref()?, wanted))
    }

    /// The names in a directory, sorted.
    pub(super) fn names(&self, path: &str) -> Option<Vec<String>> {
        let mut names = self.tree.as_ref()?.names(path, NAMES).ok()?;
        names.sort();
        Some(names)
    }

    /// Whether there is anything at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        let has = self.tree.as_ref().is_some_and(|tree| tree.has(path));
        if has {
            self.taken.borrow_mut().exists(path);
        }
        has
    }

    /// Where a link leads; a captured tree tells it beside its files.
    pub(super) fn link(&self, path: &str) -> Option<String> {
        let told = self.told.links.get(path).cloned();
        let link = told.or_else(|| self.tree.as_ref()?.link(path).ok())?;
        let link = cut(&link, LINE).to_owned();
        self.taken.borrow_mut().link(path, &link);
        Some(link)
    }

    /// What a variable of the environment is set to.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.told.environment.get(name).map(String::as_str)
    }

    /// What the machine's own clock says.
    pub(super) fn wall(&self) -> Option<Timestamp> {
        self.told.wall.map(|at| at.0)
    }

    fn text(&self, path: &str) -> Option<String> {
        let bytes = self.tree.as_ref()?.read(path, FILE).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn wanted(&self, path: &str, text: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        self.parted(path, text, |line| wanted(line).then(|| line.to_owned()))
    }

    fn parted(&self, path: &str, text: &str, part: impl Fn(&str) -> Option<String>) -> Vec<String> {
        let lines = text.lines().map(|line| cut(line, LINE)).enumerate();
        let parts = lines.filter_map(|(at, line)| Some((at, part(line)?)));
        let parts: Vec<(usize, String)> = parts.take(LINES).collect();
        let mut taken = self.taken.borrow_mut();
        taken.exists(path);
        parts
            .into_iter()
            .map(|(at, part)| {
                taken.line(path, at, &part);
                part
            })
            .collect()
    }
}

/// The beginning of a text.
fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}
