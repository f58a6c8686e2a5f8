//! Bounds that the user states: an instant, or the commit that was built.

use super::{Bound, Trust};
use crate::time::{Interval, ParseError, parse_instant};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

/// Why a stated bound cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no instant.
    #[error(transparent)]
    Instant(#[from] ParseError),
    /// Git could not be run.
    #[error("cannot run git to look up `{0}`")]
    Git(String, #[source] io::Error),
    /// Git does not know such a commit.
    #[error("`git:{0}`: git finds no such commit here")]
    Revision(String),
    /// Git's answer has no committer time.
    #[error("`git:{0}`: the commit has no readable committer time")]
    Commit(String),
}

/// Reads a bound: RFC 3339, `@seconds`, or `git:REV` for the time that commit was made.
///
/// # Errors
/// When it is none of these, or git does not know the revision.
pub fn stated(text: &str) -> Result<Bound, Error> {
    let at = match text.strip_prefix("git:") {
        Some(revision) => commit_time(revision)?,
        None => parse_instant(text)?,
    };
    Ok(Bound {
        at,
        source: text.to_owned(),
        trust: Trust::Stated,
    })
}

/// When a commit was made, by its committer's clock, which is a whole second.
pub(super) fn commit_time(revision: &str) -> Result<Interval, Error> {
    let unknown = || Error::Revision(revision.to_owned());
    if revision.is_empty() || revision.contains(['\n', '\0']) {
        return Err(unknown());
    }
    let commit = read_commit(revision).map_err(|source| Error::Git(revision.to_owned(), source))?;
    let mut lines = commit.lines();
    if !lines
        .next()
        .is_some_and(|header| header.contains(" commit "))
    {
        return Err(unknown());
    }
    let committer = lines
        .take_while(|line| !line.is_empty())
        .find_map(|line| line.strip_prefix("committer "));
    // `Name <mail> seconds zone`; a name may hold anything but `<`, `>` and newlines.
    let seconds = committer.and_then(|line| line.rsplit(' ').nth(1));
    let instant = seconds.and_then(|seconds| parse_instant(&format!("@{seconds}")).ok());
    instant.ok_or_else(|| Error::Commit(revision.to_owned()))
}

/// The commit that is checked out in a folder; `None` outside a repository, and without git.
pub(super) fn commit_of(folder: &Path) -> Option<String> {
    let mut git = Command::new("git");
    // It is not fetched from anywhere if it is not there.
    git.current_dir(folder).env("GIT_NO_LAZY_FETCH", "1");
    let told = ask(git, "--batch-check", "HEAD").ok()?;
    let (commit, rest) = told.split_once(' ')?;
    let is_name = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_name && rest.starts_with("commit ")).then(|| commit.to_owned())
}

/// The commit object as it is stored.
fn read_commit(revision: &str) -> io::Result<String> {
    ask(Command::new("git"), "--batch", revision)
}

/// What git says of a commit. Plumbing, with the revision on standard input: neither the user's configuration
/// nor the revision itself can make git do anything else.
fn ask(mut git: Command, how: &str, revision: &str) -> io::Result<String> {
    let mut git = git
        .args(["cat-file", how])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = git.stdin.take() {
        // Outside a repository git is gone before it reads this; its empty answer says enough.
        let _gone = writeln!(stdin, "{revision}^{{commit}}");
    }
    Ok(String::from_utf8_lossy(&git.wait_with_output()?.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Error, stated};

    #[test]
    fn a_bound_says_where_it_is_from() {
        let bound = stated("@1000").unwrap();
        assert_eq!(bound.source, "@1000");
        assert_eq!(bound.at.earliest().unwrap().seconds(), 1000);
    }

    #[test]
    fn what_git_does_not_know_is_named() {
        for revision in ["no-such-revision", "", "--help", "HEAD\nHEAD"] {
            let error = stated(&format!("git:{revision}")).unwrap_err();
            assert!(
                matches!(&error, Error::Revision(named) if named == revision),
                "{error}"
            );
        }
    }
}
