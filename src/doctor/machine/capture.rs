//! What the facts asked for, remembered line by line, so that it can be written down for a bug report and
//! looked at elsewhere. What no fact asked for is not in it.

use super::mount::TABLE;
use super::{TOLD, Told};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What was asked for.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Of each file the lines, by where they stand.
    files: BTreeMap<String, BTreeMap<usize, String>>,
    /// Where links lead.
    links: BTreeMap<String, String>,
    /// Of each folder that was named the kind of file system that it is on.
    mounts: Vec<(String, String)>,
}

/// A capture: the files of a tree that says the same to every fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Each file: where below the root, and what it holds.
    pub files: Vec<(String, String)>,
}

impl Taken {
    pub(super) fn exists(&mut self, path: &str) {
        self.files.entry(path.to_owned()).or_default();
    }

    pub(super) fn line(&mut self, path: &str, at: usize, line: &str) {
        let lines = self.files.entry(path.to_owned()).or_default();
        lines.insert(at, line.to_owned());
    }

    /// Words of a line: those that are known of it already stay.
    pub(super) fn words(&mut self, path: &str, words: &[String]) {
        let lines = self.files.entry(path.to_owned()).or_default();
        let line = lines.entry(0).or_default();
        for word in words {
            if line.split_whitespace().all(|known| known != word) {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
    }

    pub(super) fn mount(&mut self, path: &str, kind: &str) {
        self.mounts.push((path.to_owned(), kind.to_owned()));
    }

    pub(super) fn link(&mut self, path: &str, target: &str) {
        self.links.insert(path.to_owned(), target.to_owned());
    }
}

impl Capture {
    pub(super) fn of(taken: &Taken, told: &Told) -> Self {
        // A folder that was only seen to be there is there by the files below it, or not at all.
        let is_folder = |path: &str| {
            let below = format!("{path}/");
            taken.files.keys().any(|other| other.starts_with(&below))
        };
        let files = taken.files.iter();
        let files = files.filter(|(path, lines)| !lines.is_empty() || !is_folder(path));
        let mut files: Vec<(String, String)> = files
            .map(|(path, lines)| {
                let text: String = lines.values().flat_map(|line| [line, "\n"]).collect();
                (path.trim_start_matches('/').to_owned(), text)
            })
            .collect();
        let mut told = told.clone();
        told.links.extend(taken.links.clone());
        // What folders are called is nobody's business, nor where their files come from.
        let mut table = String::new();
        told.paths.clear();
        for (at, (path, kind)) in taken.mounts.iter().enumerate() {
            let path = if path == "/" { "/" } else { &format!("/{at}") };
            let _written = writeln!(table, "0 0 0:0 / {path} rw - {kind} none rw");
            told.paths.push(path.to_owned());
        }
        if !table.is_empty() {
            files.push((TABLE.trim_start_matches('/').to_owned(), table));
        }
        if taken.mounts.iter().all(|(path, _)| path == "/") {
            told.paths.clear();
        }
        let told = serde_json::to_string_pretty(&told).unwrap_or_default();
        files.push((TOLD.to_owned(), format!("{told}\n")));
        Self { files }
    }
}
