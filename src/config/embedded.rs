//! `[embedded]`: which deliverables are looked into, how far, and who will be given them.

use super::{Origin, Value, pick};
use crate::bytes::{Limit, Limits};
use crate::format::{Embedded, Options, ZipZone};
use crate::receiver::{RECEIVERS, Receiver, find};
use crate::time::Span;

/// What one place sets of it.
#[derive(Debug, Default)]
pub struct EmbeddedGiven {
    /// Which files are opened.
    pub files: Option<Value<Embedded>>,
    /// In which zone DOS times are.
    pub zip_zone: Option<Value<ZipZone>>,
    /// Whether the local headers of zip members are read.
    pub local_headers: Option<Value<bool>>,
    /// The limits that differ.
    pub limits: Vec<Value<(Limit, u64)>>,
    /// Who will be given the deliverables.
    pub receivers: Option<Value<Vec<&'static Receiver>>>,
}

/// What is in force of it.
#[derive(Debug)]
pub struct EmbeddedSettings {
    /// Which files are opened.
    pub files: Value<Embedded>,
    /// In which zone DOS times are.
    pub zip_zone: Value<ZipZone>,
    /// Whether the local headers of zip members are read.
    pub local_headers: Value<bool>,
    /// Every limit.
    pub limits: Vec<Value<(Limit, u64)>>,
    /// Who will be given the deliverables.
    pub receivers: Value<Vec<&'static Receiver>>,
}

impl EmbeddedSettings {
    /// Puts together what was given and what the file says.
    pub fn new(given: EmbeddedGiven, file: EmbeddedGiven) -> Self {
        let none = &Origin::Default;
        let limit = |limit: Limit| {
            let mut set = given.limits.iter().rev().chain(file.limits.iter().rev());
            let set = set.find(|set| set.value.0 == limit).cloned();
            set.unwrap_or_else(|| Value::new((limit, Limits::DEFAULT.get(limit)), Origin::Default))
        };
        Self {
            limits: Limit::ALL.map(limit).into(),
            files: pick(given.files, file.files, Embedded::Auto, none),
            zip_zone: pick(given.zip_zone, file.zip_zone, ZipZone::Unknown, none),
            local_headers: pick(given.local_headers, file.local_headers, true, none),
            receivers: pick(given.receivers, file.receivers, Vec::new(), none),
        }
    }

    /// How deliverables are looked into.
    pub fn options(&self) -> Options {
        let mut limits = Limits::DEFAULT;
        for set in &self.limits {
            limits.set(set.value.0, set.value.1);
        }
        Options {
            embedded: self.files.value,
            zip_zone: self.zip_zone.value.clone(),
            local_headers: self.local_headers.value,
            limits,
        }
    }
}

/// Reads which files are opened.
///
/// # Errors
/// With the sentence to show.
pub fn embedded(text: &str) -> Result<Embedded, String> {
    let found = Embedded::ALL.into_iter().find(|mode| mode.name() == text);
    found.ok_or_else(|| format!("`{text}` says not which files to open: write auto, all or none"))
}

/// Reads the zone of DOS times: `unknown`, `utc`, `local`, or so far ahead of UTC.
///
/// # Errors
/// With the sentence to show.
pub fn zip_zone(text: &str) -> Result<ZipZone, String> {
    match text {
        "unknown" => return Ok(ZipZone::Unknown),
        "local" => return Ok(ZipZone::Local),
        "utc" => return Ok(ZipZone::Ahead(Span::ZERO)),
        _ => {}
    }
    let refused = || {
        format!(
            "`{text}` is no zone: write unknown, utc, local, or how far it is from UTC (+05:30)"
        )
    };
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        _ => return Err(refused()),
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "00"));
    let two = |text: &str| {
        let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|_| is_two)
    };
    let seconds = two(hours)
        .zip(two(minutes))
        .map(|(h, m)| (h * 3600 + m * 60, m));
    let seconds = seconds.filter(|(seconds, minutes)| *minutes < 60 && *seconds <= 14 * 3600);
    let (seconds, _) = seconds.ok_or_else(refused)?;
    Ok(ZipZone::Ahead(Span::from_secs(sign * seconds)))
}

/// As the configuration writes a zone.
pub(super) fn zone_text(zone: &ZipZone) -> String {
    match zone {
        ZipZone::Unknown => "unknown".to_owned(),
        ZipZone::Local => "local".to_owned(),
        ZipZone::Ahead(Span::ZERO) => "utc".to_owned(),
        ZipZone::Ahead(span) => {
            let sign = if *span < Span::ZERO { '-' } else { '+' };
            let minutes = span.abs().as_nanos() / 60_000_000_000;
            format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

/// Reads `NAME=N`, where N may end in `k`, `M` or `G` for 1024 and its powers.
///
/// # Errors
/// With the sentence to show.
pub fn limit(text: &str) -> Result<(Limit, u64), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` sets no limit: write NAME=N, such as nesting=9"))?;
    Ok((limit_name(name)?, limit_value(value)?))
}

/// Reads the name of a limit.
pub(super) fn limit_name(name: &str) -> Result<Limit, String> {
    let found = Limit::ALL.into_iter().find(|limit| limit.name() == name);
    found.ok_or_else(|| {
        let known = Limit::ALL.map(Limit::name);
        match super::did_you_mean(name, known) {
            Some(meant) => format!("there is no limit `{name}`; did you mean `{meant}`?"),
            None => format!(
                "there is no limit `{name}`: write one of {}",
                known.join(", ")
            ),
        }
    })
}

fn limit_value(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.as_bytes().last() {
        Some(b'k') => (&text[..text.len() - 1], 10),
        Some(b'M') => (&text[..text.len() - 1], 20),
        Some(b'G') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number = number.parse::<u64>().ok();
    let number = number.and_then(|number| number.checked_mul(1 << unit));
    let number = number.filter(|&number| number > 0);
    number.ok_or_else(|| {
        format!("`{text}` is no limit: write a number above 0, with k, M or G after it or not")
    })
}

/// Reads the name of a receiver.
///
/// # Errors
/// With the sentence to show.
pub fn receiver(name: &str) -> Result<&'static Receiver, String> {
    find(name).ok_or_else(|| {
        let known = RECEIVERS.iter().map(|receiver| receiver.name);
        match super::did_you_mean(name, known) {
            Some(meant) => format!("there is no receiver `{name}`; did you mean `{meant}`?"),
            None => format!("there is no receiver `{name}`; see `skewgate list receivers`"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{EmbeddedGiven, EmbeddedSettings, embedded, limit, zip_zone, zone_text};
    use crate::bytes::{Limit, Limits};
    use crate::config::{Origin, Value};
    use crate::format::{Embedded, ZipZone};
    use crate::time::Span;

    #[test]
    fn a_zone_is_read_as_it_is_written() {
        for text in ["unknown", "local", "utc", "+05:30", "-03:30", "+14:00"] {
            assert_eq!(zone_text(&zip_zone(text).unwrap()), text);
        }
        assert_eq!(
            zip_zone("+02").unwrap(),
            ZipZone::Ahead(Span::from_secs(7200))
        );
        for text in [
            "",
            "+",
            "5",
            "+5:30",
            "+15:00",
            "+05:60",
            "+0530",
            "Europe/Berlin",
            "+-1:00",
        ] {
            assert!(
                zip_zone(text).unwrap_err().contains(&format!("`{text}`")),
                "{text}"
            );
        }
    }

    #[test]
    fn a_limit_is_read_with_its_unit() {
        assert_eq!(limit("nesting=9"), Ok((Limit::Nesting, 9)));
        assert_eq!(limit("decoded=16G"), Ok((Limit::Decoded, 16 << 30)));
        assert!(
            limit("nestign=9")
                .unwrap_err()
                .contains("did you mean `nesting`")
        );
        for text in [
            "nesting",
            "nesting=",
            "nesting=0",
            "nesting=-1",
            "decoded=99999999999G",
            "nesting=9x",
        ] {
            assert!(limit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_last_limit_that_is_nearest_wins() {
        let set = |name, to| Value::new((name, to), Origin::Default);
        let given = EmbeddedGiven {
            limits: vec![set(Limit::Nesting, 7), set(Limit::Nesting, 8)],
            files: embedded("all")
                .ok()
                .map(|mode| Value::new(mode, Origin::Default)),
            ..EmbeddedGiven::default()
        };
        let file = EmbeddedGiven {
            limits: vec![set(Limit::Nesting, 6), set(Limit::Ratio, 9)],
            ..EmbeddedGiven::default()
        };
        let options = EmbeddedSettings::new(given, file).options();
        assert_eq!((options.limits.nesting, options.limits.ratio), (8, 9));
        assert_eq!(options.limits.spool, Limits::DEFAULT.spool);
        assert_eq!(options.embedded, Embedded::All);
    }
}
