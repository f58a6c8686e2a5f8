//! Instants, lengths of time, and uncertain instants.
//!
//! Time is integers: nanoseconds in an `i128`, so that every value a file can carry fits (any `i64`
//! of seconds does) and no arithmetic on hostile values overflows. UTC as POSIX counts it: no leap
//! seconds.

mod interval;
pub mod json;
mod rate;
mod text;

pub use interval::{Interval, Order};
pub use rate::Rate;
pub(crate) use text::grouped;
pub use text::{ParseError, parse_duration, parse_instant, parse_rfc5322};

/// Nanoseconds in a second.
const NANOS: i128 = 1_000_000_000;

/// An instant: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX.1, "Seconds
/// Since the Epoch").
///
/// Total: any `i64` of seconds with any nanoseconds is one. Prints as RFC 3339, or as `@seconds`
/// outside the years that RFC 3339 can write (0000 to the last days of 9999); see [`Timestamp::exact`] for the form
/// with all nine digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i128);

impl Timestamp {
    /// Before everything: the open side of an interval.
    pub(crate) const DISTANT_PAST: Self = Self(i128::MIN);
    /// After everything: the open side of an interval.
    pub(crate) const DISTANT_FUTURE: Self = Self(i128::MAX);

    /// The instant `seconds` and `nanoseconds` after 1970 (`struct timespec`).
    pub const fn from_unix(seconds: i64, nanoseconds: u32) -> Self {
        Self(seconds as i128 * NANOS + nanoseconds as i128)
    }

    /// The instant this many nanoseconds after 1970.
    pub const fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970.
    pub const fn as_nanos(self) -> i128 {
        self.0
    }

    /// Whole seconds since 1970, rounded down; saturates at the ends of `i64`.
    pub fn seconds(self) -> i64 {
        let seconds = self.0.div_euclid(NANOS);
        i64::try_from(seconds).unwrap_or(if seconds < 0 { i64::MIN } else { i64::MAX })
    }

    /// The part below the second, in nanoseconds.
    pub fn subsecond(self) -> i128 {
        self.0.rem_euclid(NANOS)
    }

    /// How much later this is than `other`; negative when it is earlier.
    pub const fn since(self, other: Self) -> Span {
        Span(self.0.saturating_sub(other.0))
    }

    /// The instant `span` later. An open side stays open.
    pub const fn later(self, span: Span) -> Self {
        match self {
            Self::DISTANT_PAST | Self::DISTANT_FUTURE => self,
            Self(nanos) => Self(nanos.saturating_add(span.0)),
        }
    }

    /// The instant `span` earlier. An open side stays open.
    pub const fn earlier(self, span: Span) -> Self {
        self.later(Span(span.0.saturating_neg()))
    }
}

/// A signed length of time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i128);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of whole seconds.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds as i128 * NANOS)
    }

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis as i128 * (NANOS / 1000))
    }

    /// A span of nanoseconds.
    pub const fn from_nanos(nanos: i128) -> Self {
        Self(nanos)
    }

    /// The span in nanoseconds.
    pub const fn as_nanos(self) -> i128 {
        self.0
    }

    /// The length without its sign.
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// The span the other way.
    pub const fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// Both spans together.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Half the span.
    pub const fn half(self) -> Self {
        Self(self.0 / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::{Span, Timestamp};
    use proptest::prelude::{any, proptest};

    proptest! {
        #[test]
        fn every_timespec_survives(seconds in any::<i64>(), nanos in 0..1_000_000_000_u32) {
            let at = Timestamp::from_unix(seconds, nanos);
            assert_eq!(at.seconds(), seconds);
            assert_eq!(at.subsecond(), i128::from(nanos));
        }

        #[test]
        fn later_undoes_since(a in any::<i64>(), b in any::<i64>()) {
            let (a, b) = (Timestamp::from_unix(a, 0), Timestamp::from_unix(b, 0));
            assert_eq!(b.later(a.since(b)), a);
            assert_eq!(a.earlier(a.since(b)), b);
        }
    }

    #[test]
    fn an_open_side_stays_open() {
        let day = Span::from_secs(86_400);
        assert_eq!(Timestamp::DISTANT_PAST.later(day), Timestamp::DISTANT_PAST);
        assert_eq!(
            Timestamp::DISTANT_FUTURE.earlier(day),
            Timestamp::DISTANT_FUTURE
        );
    }
}
