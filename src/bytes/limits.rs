//! How much of one file is read at most, whatever it claims of itself.

use super::Flaw;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The limits on reading one file. Reaching one is a [`Flaw`], so it never goes unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many archives may lie in each other, the outermost counted.
    pub nesting: u64,
    /// How many bytes may come out of decompressors for one file, at all levels together.
    pub decoded: u64,
    /// How many times as large as the file that may be, once it is more than 64 MiB.
    pub ratio: u64,
    /// How many entries an archive may have.
    pub entries: u64,
    /// How many bytes of one header, extended header or name are kept.
    pub header: u64,
    /// How many bytes of a nested file are kept in memory so that it can be read at any place.
    pub memory: u64,
    /// How many bytes of a nested file are kept at all, the rest in a temporary file.
    pub spool: u64,
    /// How many bytes a decompressor may take for its window or dictionary.
    pub dictionary: u64,
    /// How many stamps of one file are reported one by one; the rest is counted.
    pub reported: u64,
}

/// Under this, a ratio says nothing: zeros compress a thousandfold.
pub(super) const RATIO_FROM: u64 = 64 << 20;

/// One of the [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// [`Limits::nesting`].
    Nesting,
    /// [`Limits::decoded`].
    Decoded,
    /// [`Limits::ratio`].
    Ratio,
    /// [`Limits::entries`].
    Entries,
    /// [`Limits::header`].
    Header,
    /// [`Limits::memory`].
    Memory,
    /// [`Limits::spool`].
    Spool,
    /// [`Limits::dictionary`].
    Dictionary,
    /// [`Limits::reported`].
    Reported,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 9] = [
        Self::Nesting,
        Self::Decoded,
        Self::Ratio,
        Self::Entries,
        Self::Header,
        Self::Memory,
        Self::Spool,
        Self::Dictionary,
        Self::Reported,
    ];

    /// As `--limit NAME=N` and the configuration name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nesting => "nesting",
            Self::Decoded => "decoded",
            Self::Ratio => "ratio",
            Self::Entries => "entries",
            Self::Header => "header",
            Self::Memory => "memory",
            Self::Spool => "spool",
            Self::Dictionary => "dictionary",
            Self::Reported => "reported",
        }
    }

    /// What there is too much of, at the beginning of a sentence.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Nesting => "archives lie in each other",
            Self::Decoded => "it decompresses to",
            Self::Ratio => "it decompresses to",
            Self::Entries => "it has",
            Self::Header => "one header or name takes",
            Self::Memory => "in memory it takes",
            Self::Spool => "a file in it that must be kept to be read takes",
            Self::Dictionary => "its decompressor wants",
            Self::Reported => "its reported stamps are",
        }
    }

    /// What it is counted in.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Nesting => " deep",
            Self::Ratio => " times its size",
            Self::Entries => " entries",
            Self::Reported => "",
            Self::Decoded | Self::Header | Self::Memory | Self::Spool | Self::Dictionary => {
                " bytes"
            }
        }
    }
}

impl Limits {
    /// What they are unless told otherwise: well above all real deliverables that were measured, and little
    /// enough for a small machine.
    pub const DEFAULT: Self = Self {
        // A .deb with a tar with a war with a jar with a jar.
        nesting: 5,
        decoded: 8 << 30,
        // Real files were at 32 times at most.
        ratio: 200,
        entries: 5_000_000,
        header: 1 << 20,
        memory: 64 << 20,
        spool: 512 << 20,
        // xz -9 takes 64 MiB, zstd -19 takes 8 MiB, zstd --long 128 MiB.
        dictionary: 128 << 20,
        reported: 1000,
    };

    /// The value of one.
    pub const fn get(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Nesting => self.nesting,
            Limit::Decoded => self.decoded,
            Limit::Ratio => self.ratio,
            Limit::Entries => self.entries,
            Limit::Header => self.header,
            Limit::Memory => self.memory,
            Limit::Spool => self.spool,
            Limit::Dictionary => self.dictionary,
            Limit::Reported => self.reported,
        }
    }

    /// Sets one.
    pub const fn set(&mut self, limit: Limit, to: u64) {
        *match limit {
            Limit::Nesting => &mut self.nesting,
            Limit::Decoded => &mut self.decoded,
            Limit::Ratio => &mut self.ratio,
            Limit::Entries => &mut self.entries,
            Limit::Header => &mut self.header,
            Limit::Memory => &mut self.memory,
            Limit::Spool => &mut self.spool,
            Limit::Dictionary => &mut self.dictionary,
            Limit::Reported => &mut self.reported,
        } = to;
    }
}

/// What is left of the limits for one file, shared by all threads that work on it.
#[derive(Debug)]
pub struct Budget<'audit> {
    /// The limits.
    pub limits: Limits,
    /// The size of the file on disk, in bytes.
    size: u64,
    decoded: AtomicU64,
    stop: &'audit AtomicBool,
}

impl<'audit> Budget<'audit> {
    /// A budget for a file of `size` bytes. `stop` ends the reading early.
    pub const fn new(limits: Limits, size: u64, stop: &'audit AtomicBool) -> Self {
        Self {
            limits,
            size,
            decoded: AtomicU64::new(0),
            stop,
        }
    }

    /// Takes bytes that came out of a decompressor.
    ///
    /// # Errors
    /// When they are too many, or somebody wants it all to stop.
    pub fn decoded(&self, bytes: u64) -> Result<(), Flaw> {
        self.go_on()?;
        let before = self.decoded.fetch_add(bytes, Ordering::Relaxed);
        let all = before.saturating_add(bytes);
        let limits = &self.limits;
        if all > limits.decoded {
            return Err(Flaw::limit(Limit::Decoded, limits.decoded));
        }
        if all > RATIO_FROM && all / limits.ratio.max(1) > self.size {
            return Err(Flaw::limit(Limit::Ratio, limits.ratio));
        }
        Ok(())
    }

    /// Whether to go on.
    ///
    /// # Errors
    /// When somebody wants it all to stop.
    pub fn go_on(&self) -> Result<(), Flaw> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Flaw::told());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Limit, Limits, RATIO_FROM};
    use crate::bytes::FlawKind;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_limit_is_reached_by_one_byte_more() {
        let stop = AtomicBool::new(false);
        let mut limits = Limits::DEFAULT;
        limits.set(Limit::Decoded, 100);
        let budget = Budget::new(limits, 10, &stop);
        budget.decoded(60).unwrap();
        budget.decoded(40).unwrap();
        let flaw = budget.decoded(1).unwrap_err();
        assert_eq!(flaw.kind, FlawKind::Limit(Limit::Decoded));
        assert!(flaw.message.contains("--limit decoded=N"), "{flaw}");
    }

    #[test]
    fn a_ratio_counts_once_there_is_much() {
        let stop = AtomicBool::new(false);
        let budget = Budget::new(Limits::DEFAULT, 1000, &stop);
        budget.decoded(RATIO_FROM).unwrap();
        let flaw = budget.decoded(1).unwrap_err();
        assert!(flaw.message.contains("200 times"), "{flaw}");
        stop.store(true, Ordering::Relaxed);
        assert_eq!(budget.go_on().unwrap_err().kind, FlawKind::Told);
    }

    #[test]
    fn every_limit_is_set_by_its_name() {
        for limit in Limit::ALL {
            let mut limits = Limits::DEFAULT;
            limits.set(limit, 7);
            assert_eq!(limits.get(limit), 7, "{}", limit.name());
            let others = Limit::ALL.iter().filter(|&&other| other != limit);
            for other in others {
                assert_eq!(limits.get(*other), Limits::DEFAULT.get(*other));
            }
        }
    }
}
