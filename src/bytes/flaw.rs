//! Why a piece of a file could not be read to its end.

use super::Limit;
use std::borrow::Cow;
use std::error::Error;
use std::io;

/// Why something could not be read to its end. What was read before stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Flaw {
    /// In what way.
    pub kind: FlawKind,
    /// What is wrong, where, and what to do, for somebody who does not know the format.
    pub message: Cow<'static, str>,
}

/// In what way something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlawKind {
    /// It is not as its format says.
    Malformed,
    /// It ends too early.
    Truncated,
    /// It is encrypted, or of a variant that cannot be read.
    Unsupported,
    /// A limit was reached.
    Limit(Limit),
    /// It changed while it was read.
    Unstable,
    /// The system failed to read it.
    Io,
    /// There is nothing more to tell: it was told deeper down, or somebody wants it all to stop.
    Told,
}

impl FlawKind {
    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::Unsupported => "unsupported",
            Self::Limit(_) => "limit",
            Self::Unstable => "unstable",
            Self::Io => "io",
            Self::Told => "told",
        }
    }
}

impl Flaw {
    /// It is not as its format says.
    pub fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FlawKind::Malformed, message)
    }

    /// It ends too early.
    pub fn truncated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FlawKind::Truncated, message)
    }

    /// It cannot be read by anybody without a key, or not by skewgate.
    pub fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FlawKind::Unsupported, message)
    }

    /// It goes beyond `limit`, which is set to `most`.
    pub fn limit(limit: Limit, most: u64) -> Self {
        let message = format!(
            "{} more than {most}{}; the rest was not looked at: raise it with --limit {}=N if this file is to be trusted",
            limit.what(),
            limit.unit(),
            limit.name()
        );
        Self::new(FlawKind::Limit(limit), message)
    }

    /// It was written while it was read.
    pub fn unstable() -> Self {
        let message = "it was written while it was read; audit it again once nothing writes to it";
        Self::new(FlawKind::Unstable, message)
    }

    /// More was found than is reported one by one.
    pub fn unreported(most: u64, lost: u64) -> Self {
        let limit = Limit::Reported;
        let name = limit.name();
        let message = format!(
            "{lost} more findings than the {most} that are shown of one file; raise that with --limit {name}=N to see them all"
        );
        Self::new(FlawKind::Limit(limit), message)
    }

    /// There is nothing more to tell.
    pub fn told() -> Self {
        Self::new(FlawKind::Told, "stopped")
    }

    /// Whether nothing more of the whole file is to be read: what stops one part stops all of it.
    pub fn ends_file(&self) -> bool {
        match self.kind {
            FlawKind::Told | FlawKind::Io | FlawKind::Unstable => true,
            FlawKind::Limit(limit) => matches!(limit, Limit::Decoded | Limit::Ratio),
            FlawKind::Malformed | FlawKind::Truncated | FlawKind::Unsupported => false,
        }
    }

    fn new(kind: FlawKind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self { kind, message }
    }
}

/// Decoders speak `io::Error`; a flaw that went through one comes out as it was.
impl From<io::Error> for Flaw {
    fn from(error: io::Error) -> Self {
        let own = error
            .get_ref()
            .and_then(|inner| <dyn Error>::downcast_ref::<Self>(inner));
        if let Some(own) = own {
            return own.clone();
        }
        let kind = match error.kind() {
            io::ErrorKind::UnexpectedEof => FlawKind::Truncated,
            // What decoders call bytes that they cannot make sense of.
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                FlawKind::Malformed
            }
            _ => FlawKind::Io,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<Flaw> for io::Error {
    fn from(flaw: Flaw) -> Self {
        Self::new(io::ErrorKind::InvalidData, flaw)
    }
}

#[cfg(test)]
mod tests {
    use super::{Flaw, FlawKind};
    use crate::bytes::Limit;
    use std::io;

    #[test]
    fn a_flaw_comes_out_of_a_decoder_as_it_went_in() {
        let flaw = Flaw::limit(Limit::Nesting, 5);
        assert_eq!(Flaw::from(io::Error::from(flaw.clone())), flaw);
        let end = Flaw::from(io::Error::from(io::ErrorKind::UnexpectedEof));
        assert_eq!(end.kind, FlawKind::Truncated);
        let raw = Flaw::from(io::Error::from_raw_os_error(5));
        assert_eq!((raw.kind, raw.ends_file()), (FlawKind::Io, true));
    }
}
