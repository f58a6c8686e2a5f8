//! Times as JSON: decimal strings, since JSON numbers do not hold nanoseconds.

use super::{Span, Timestamp, parse_instant};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// An instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact(pub Timestamp);

impl Exact {
    /// The first instant of an interval.
    pub fn first(interval: super::Interval) -> Option<Self> {
        interval.earliest().map(Self)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.exact())
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let read = parse_instant(&text).map_err(D::Error::custom)?;
        match read.earliest().filter(|_| read.width() == Span::ZERO) {
            Some(at) => Ok(Self(at)),
            None => Err(D::Error::custom(format_args!(
                "`{text}` is an instant without its nine digits"
            ))),
        }
    }
}

impl JsonSchema for Exact {
    fn schema_name() -> Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An instant: RFC 3339 in UTC with nine digits, or `@seconds` since 1970 outside the years 0000 to 9999.",
            "type": "string",
            "pattern": r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z|@-?[0-9]+\.[0-9]{9})$"
        })
    }
}

/// Where an uncertain instant lies, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Interval {
    /// The earliest it can be; absent when nothing bounds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Exact>,
    /// The latest it can be; absent when nothing bounds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<Exact>,
}

impl From<super::Interval> for Interval {
    fn from(interval: super::Interval) -> Self {
        Self {
            earliest: interval.earliest().map(Exact),
            latest: interval.latest().map(Exact),
        }
    }
}

impl From<Interval> for super::Interval {
    fn from(Interval { earliest, latest }: Interval) -> Self {
        let earliest = earliest.map_or(Timestamp::DISTANT_PAST, |at| at.0);
        let latest = latest.map_or(Timestamp::DISTANT_FUTURE, |at| at.0);
        Self::between(earliest, latest)
    }
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub Span);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.decimal_seconds())
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        let read = Span::from_decimal_seconds(&text);
        let refused = || {
            D::Error::custom(format_args!(
                "`{text}` is no decimal number of seconds with nine digits"
            ))
        };
        read.map(Self).ok_or_else(refused)
    }
}

impl JsonSchema for Seconds {
    fn schema_name() -> Cow<'static, str> {
        "Seconds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time in seconds, as an exact decimal.",
            "type": "string",
            "pattern": r"^-?[0-9]+\.[0-9]{9}$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Exact, Interval, Seconds};
    use crate::time::{self, Span, Timestamp};
    use proptest::prelude::{any, proptest};

    proptest! {
        #[test]
        fn what_is_written_is_read_again(nanos in any::<i128>(), width in 0..i128::from(u64::MAX)) {
            let at = Timestamp::from_nanos(nanos % 10_i128.pow(27));
            let (instant, length) = (Exact(at), Seconds(Span::from_nanos(nanos % 10_i128.pow(30))));
            let range = Interval::from(time::Interval::between(at, at.later(Span::from_nanos(width))));
            let texts = (
                serde_json::to_string(&instant).unwrap(),
                serde_json::to_string(&length).unwrap(),
                serde_json::to_string(&range).unwrap(),
            );
            assert_eq!(serde_json::from_str::<Exact>(&texts.0).unwrap(), instant);
            assert_eq!(serde_json::from_str::<Seconds>(&texts.1).unwrap(), length);
            assert_eq!(serde_json::from_str::<Interval>(&texts.2).unwrap(), range);
        }
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        for text in [
            "2026-11-23T00:00:00Z",
            "@5",
            "",
            "5",
            "2026-11-23T00:00:00.123Z",
        ] {
            let error = serde_json::from_value::<Exact>(text.into()).unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
        for text in [
            "5",
            "1.5",
            "+1.000000000",
            "-.000000000",
            "1.00000000a",
            "--1.000000000",
        ] {
            assert!(
                serde_json::from_value::<Seconds>(text.into()).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn an_open_side_is_absent() {
        let open = time::Interval::from(Timestamp::from_unix(5, 0));
        let text = serde_json::to_string(&Interval::from(open)).unwrap();
        assert_eq!(text, r#"{"earliest":"1970-01-01T00:00:05.000000000Z"}"#);
        let read: Interval = serde_json::from_str(&text).unwrap();
        let read: time::Interval = read.into();
        assert_eq!(read, open);
    }
}
