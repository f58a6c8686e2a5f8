//! Why an artifact bears the time it does, and what to do about it.

use super::Rule;

/// Why an artifact bears the time it does, as far as its other times tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The clock that stamped it was wrong: a time that nobody can set is wrong too.
    Clock,
    /// The clock that stamped it was wrong: by the record of the build it was really written in it.
    Drift,
    /// The time came with the file: copied, extracted or set.
    Imported,
    /// The clock of the file server was wrong.
    Filesystem,
    /// It was written, or its clock ran, after the build had ended.
    Late,
    /// Nothing wrote it in this build.
    Untouched,
    /// Only the time inside is wrong: the file's own times are in order.
    Embedded,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 7] = [
        Self::Clock,
        Self::Drift,
        Self::Imported,
        Self::Filesystem,
        Self::Late,
        Self::Untouched,
        Self::Embedded,
    ];

    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Drift => "drift",
            Self::Imported => "imported",
            Self::Filesystem => "filesystem",
            Self::Late => "late",
            Self::Untouched => "untouched",
            Self::Embedded => "embedded",
        }
    }

    /// As a sentence explains it.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Clock => {
                "the clock that stamped it was ahead: its ctime or btime, which nobody can set, is too"
            }
            Self::Drift => {
                "the builder's clock was wrong: by the record it was written while the build ran"
            }
            Self::Imported => "copied, extracted or set with that time: its ctime is in order",
            Self::Filesystem => "the clock of the file server that stamped it was ahead",
            Self::Late => "written after the build ended, unless the builder's clock ran ahead",
            Self::Untouched => "nothing wrote it in this build: its ctime is as old",
            Self::Embedded => {
                "only the time inside is wrong: it came with what was packed, or from another clock"
            }
        }
    }
}

impl Cause {
    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Clock | Self::Drift => {
                "Set the builder's clock right (a virtual machine's runs fast for reasons on its host), then build again"
            }
            Self::Imported => {
                "Find what brings the time in (an archive, cp -p, touch -d) and have it set another, or accept it with an ignore"
            }
            Self::Filesystem => "Set the clock of the file server right, then build again",
            Self::Late => {
                "Let the build end after what writes there (signing, stripping, packaging); if nothing does, the clock was ahead"
            }
            Self::Untouched => "Find out why it was not rebuilt, or empty the output folder first",
            Self::Embedded => {
                "Find where the packed files came from, or which clock packed them; have the packer clamp to SOURCE_DATE_EPOCH"
            }
        }
    }
}

/// What to do about a finding, in a sentence: by its cause, or else as its rule begins to say.
pub fn remedy(rule: &Rule, cause: Option<Cause>) -> &'static str {
    let first = || {
        let sentence = rule
            .remedy
            .split_once(". ")
            .map_or(rule.remedy, |(first, _)| first);
        sentence.trim_end_matches('.')
    };
    cause.map_or_else(first, Cause::remedy)
}
