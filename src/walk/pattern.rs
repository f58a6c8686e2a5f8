//! Glob patterns over paths.
//!
//! A pattern without a slash matches a name at any depth; one with a slash matches the path from the
//! base (`./name` is the name in the base alone). `*` and `?` stop at a slash, `**` does not. A
//! pattern that matches a directory covers all that is in it.

use crate::sys::Kind;
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};
use std::ffi::OsStr;
use std::path::Path;

/// A pattern that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a pattern: {reason}")]
pub struct PatternError {
    pattern: String,
    reason: String,
}

/// A set of patterns.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// Those without a slash, held against a name.
    names: GlobSet,
    /// Those with one, held against a path from the base.
    paths: GlobSet,
}

impl Patterns {
    /// Compiles patterns.
    ///
    /// # Errors
    /// Names the first that is malformed.
    pub fn new<P: AsRef<str>>(patterns: impl IntoIterator<Item = P>) -> Result<Self, PatternError> {
        let (mut names, mut paths) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let refused = |reason: String| PatternError {
                pattern: pattern.to_owned(),
                reason,
            };
            let trimmed = pattern.strip_suffix('/').unwrap_or(pattern);
            let (into, text) = match trimmed.strip_prefix("./") {
                Some(rest) => (&mut paths, rest),
                None if trimmed.contains('/') => (&mut paths, trimmed),
                None => (&mut names, trimmed),
            };
            // No path has such parts: the pattern would never match, and nobody would notice.
            let mut parts = text.strip_prefix('/').unwrap_or(text).split('/');
            if parts.any(|part| matches!(part, "" | "." | "..")) {
                let reason = "it has a part that no path has (empty, `.` or `..`)";
                return Err(refused(reason.to_owned()));
            }
            let glob = GlobBuilder::new(text).literal_separator(true).build();
            into.add(glob.map_err(|error| refused(error.kind().to_string()))?);
        }
        let refused = |error: globset::Error| PatternError {
            pattern: "(all together)".to_owned(),
            reason: error.kind().to_string(),
        };
        Ok(Self {
            names: names.build().map_err(refused)?,
            paths: paths.build().map_err(refused)?,
        })
    }

    /// Whether a pattern matches the path or a directory above it.
    pub fn cover(&self, anchored: &Path) -> bool {
        // The base itself has no name that a pattern could mean, though some match no text at all.
        let named = |path: &&Path| !path.as_os_str().is_empty();
        anchored.ancestors().filter(named).any(|path| {
            self.paths.is_match(path) || path.file_name().is_some_and(|name| self.match_name(name))
        })
    }

    fn match_name(&self, name: &OsStr) -> bool {
        !self.names.is_empty() && self.names.is_match(name)
    }

    fn match_path(&self, path: &Candidate<'_>) -> bool {
        !self.paths.is_empty() && self.paths.is_match_candidate(path)
    }
}

/// Which entries of a walk are wanted. Roots always are.
#[derive(Debug, Clone, Default)]
pub struct Select {
    include: Option<Patterns>,
    exclude: Option<Patterns>,
}

impl Select {
    /// Wants what `include` covers (without one, everything) and `exclude` does not.
    pub fn new(include: Option<Patterns>, exclude: Option<Patterns>) -> Self {
        Self { include, exclude }
    }

    /// Whether everything is wanted.
    pub(super) fn is_all(&self) -> bool {
        self.include.is_none() && self.exclude.is_none()
    }

    /// Whether a path has to be made for [`Select::choose`].
    pub(super) fn needs_paths(&self) -> bool {
        let with_paths = |patterns: &Option<Patterns>| {
            patterns
                .as_ref()
                .is_some_and(|patterns| !patterns.paths.is_empty())
        };
        with_paths(&self.include) || with_paths(&self.exclude)
    }

    /// What to do with one entry. `inside` says whether a directory above it is included; `path` may
    /// be left out when no pattern needs it.
    pub(super) fn choose(
        &self,
        name: &OsStr,
        path: Option<&Path>,
        inside: bool,
        kind: Kind,
    ) -> Choice {
        let path = path.map(Candidate::new);
        let matched = |patterns: &Patterns| {
            patterns.match_name(name) || path.as_ref().is_some_and(|path| patterns.match_path(path))
        };
        if self.exclude.as_ref().is_some_and(matched) {
            return Choice::Skip;
        }
        match &self.include {
            Some(include) if !inside && !matched(include) => match kind {
                Kind::Directory => Choice::Look,
                Kind::File | Kind::Symlink | Kind::Special => Choice::Skip,
            },
            _ => Choice::Take,
        }
    }

    /// Whether a root itself lies in what is included.
    pub(super) fn includes(&self, anchored: &Path) -> bool {
        self.include
            .as_ref()
            .is_none_or(|include| include.cover(anchored))
    }
}

/// What to do with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// It is wanted, and so is all that is in it.
    Take,
    /// It is not wanted itself; something in it may be.
    Look,
    /// Neither it nor anything in it.
    Skip,
}

#[cfg(test)]
mod tests {
    use super::{Choice, Patterns, Select};
    use crate::sys::Kind;
    use std::ffi::OsStr;
    use std::path::Path;

    fn covers(pattern: &str, path: &str) -> bool {
        Patterns::new([pattern]).unwrap().cover(Path::new(path))
    }

    #[test]
    fn without_a_slash_a_name_matches_at_any_depth() {
        assert!(covers("*.tmp", "a/b/c.tmp"));
        assert!(covers("*.tmp", "c.tmp"));
        assert!(!covers("*.tmp", "a/b/c.tmpx"));
        assert!(covers("vendor", "a/vendor/x/y"));
        assert!(covers("vendor/", "a/vendor/x/y"));
    }

    #[test]
    fn with_a_slash_it_starts_at_the_base() {
        assert!(covers("dist/*.jar", "dist/a.jar"));
        assert!(!covers("dist/*.jar", "dist/sub/a.jar"));
        assert!(covers("dist/**/*.jar", "dist/sub/a.jar"));
        assert!(!covers("dist/*.jar", "x/dist/a.jar"));
        assert!(covers("./vendor", "vendor/x"));
        assert!(!covers("./vendor", "a/vendor/x"));
        assert!(covers("/usr/lib", "/usr/lib/x"));
        assert!(covers("{a,b}/x", "b/x/y"));
        assert!(!covers("**/*", "") && covers("**/*", "x"));
    }

    #[test]
    fn what_is_malformed_is_named() {
        let error = Patterns::new(["fine", "a[b"]).unwrap_err();
        assert!(error.to_string().contains("`a[b`"), "{error}");
        for never in ["", "/", "a//b", "a/./b", "../a", "./", "vendor//"] {
            let error = Patterns::new([never]).expect_err(never).to_string();
            assert!(error.contains(&format!("`{never}`")), "{error}");
        }
    }

    #[test]
    fn an_exclude_beats_an_include_and_directories_are_looked_into() {
        let patterns = |text: &str| Some(Patterns::new([text]).unwrap());
        let select = Select::new(patterns("*.jar"), patterns("test*"));
        let choose = |name: &str, inside, kind| select.choose(OsStr::new(name), None, inside, kind);
        assert_eq!(choose("a.jar", false, Kind::File), Choice::Take);
        assert_eq!(choose("test.jar", false, Kind::File), Choice::Skip);
        assert_eq!(choose("a.txt", false, Kind::File), Choice::Skip);
        assert_eq!(choose("a.txt", true, Kind::File), Choice::Take);
        assert_eq!(choose("sub", false, Kind::Directory), Choice::Look);
        assert_eq!(choose("tests", true, Kind::Directory), Choice::Skip);
    }
}
