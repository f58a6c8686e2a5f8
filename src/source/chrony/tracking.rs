//! What `chronyc -c tracking` prints, one line of 14 fields (chronyc(1), `tracking`).
//!
//! All its numbers are decimals of seconds or parts per million, read as integers. They come to chronyc
//! with 24 significant bits: three days are told to 8 ms.

use crate::source::Refusal;
use crate::time::Span;

/// Decimals of a nanosecond.
const NANOS: i128 = 1_000_000_000;

/// How much of a field that cannot be read is repeated.
const SHOWN: usize = 60;

/// The references of a clock that follows nobody: `127.127.1.x`, and `LOCL` in letters.
const LOCAL: [&str; 2] = ["7F7F01", "4C4F434C"];

/// What chronyd says of the clock it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Tracking {
    /// Its reference in eight hexadecimal digits.
    reference: String,
    /// The reference's address, or its name when it is a device.
    name: String,
    /// How far the reference is from a true clock.
    stratum: u8,
    /// What it adds to the system's clock to have the time: negative for a clock that is fast. (What
    /// chronyc prints for people has no sign but the word `fast`.)
    pub(in crate::source) correction: Span,
    /// How far off it found itself at the last measurement. One that cannot set its clock, but was told
    /// to step it, believes that it has: only here it shows.
    last_offset: Span,
    /// The clock's own error of rate in parts per million; negative for a clock that is slow.
    frequency: String,
    /// The way to the reference and back.
    root_delay: Span,
    /// How far off it may be besides, grown since the last measurement already.
    root_dispersion: Span,
    /// `Normal`, `Insert second`, `Delete second`, `Not synchronised`.
    leap: String,
}

impl Tracking {
    /// Reads the line; says what is wrong with it otherwise.
    pub(in crate::source) fn parse(text: &str) -> Result<Self, String> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let fields: Vec<&str> = line.split(',').collect();
        let [
            reference,
            name,
            stratum,
            _reference_time,
            correction,
            last_offset,
            _average_offset,
            frequency,
            _residual,
            _skew,
            root_delay,
            root_dispersion,
            _update_interval,
            leap,
        ] = fields[..]
        else {
            let count = fields.len();
            return Err(format!("`chronyc -c tracking` has 14 fields, not {count}"));
        };
        let strange = |what: &str, text: &str| {
            let beginning: String = text.chars().take(SHOWN).collect();
            format!("chronyc gives `{}` as the {what}", beginning.escape_debug())
        };
        let plain = |what: &str, text: &str, letters: &str| {
            let ok = |letter: char| letter.is_ascii_alphanumeric() || letters.contains(letter);
            let is_plain = text.len() <= 64 && text.chars().all(ok);
            is_plain
                .then(|| text.to_owned())
                .ok_or_else(|| strange(what, text))
        };
        let seconds = |what: &str, text: &str| decimal(text).ok_or_else(|| strange(what, text));
        let is_hexadecimal =
            |text: &&str| text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let reference = Some(reference)
            .filter(is_hexadecimal)
            .ok_or_else(|| strange("reference", reference))?;
        decimal(frequency).ok_or_else(|| strange("frequency", frequency))?;
        let dispersion = seconds("root dispersion", root_dispersion)?;
        Ok(Self {
            reference: reference.to_ascii_uppercase(),
            name: plain("name of the reference", name, ".:-_[]%")?,
            stratum: stratum.parse().map_err(|_no| strange("stratum", stratum))?,
            correction: seconds("correction", correction)?,
            last_offset: seconds("last offset", last_offset)?,
            frequency: frequency.to_owned(),
            root_delay: seconds("root delay", root_delay)?,
            root_dispersion: Some(dispersion)
                .filter(|&dispersion| dispersion >= Span::ZERO)
                .ok_or_else(|| strange("root dispersion", root_dispersion))?,
            leap: plain("leap status", leap, " ")?,
        })
    }

    /// Lets it pass only when chronyd follows somebody.
    pub(in crate::source) fn admit(&self, allow_local_reference: bool) -> Result<(), Refusal> {
        let is_set = (1..16).contains(&self.stratum) && self.reference != "00000000";
        if !is_set || self.leap == "Not synchronised" {
            return Err(Refusal::ServerUnsynchronised(format!(
                "chronyd: reference {}, stratum {}, {}; `chronyc sources` shows whom it cannot reach",
                self.reference, self.stratum, self.leap
            )));
        }
        let is_local = LOCAL.iter().any(|local| self.reference.starts_with(local));
        if is_local && !allow_local_reference {
            let reference = self.reference.clone();
            return Err(Refusal::LocalReference { reference });
        }
        Ok(())
    }

    /// How far off the clock may be once corrected: the root distance (RFC 5905 §11.2), what chronyd
    /// last found itself off, and what its numbers cannot express.
    pub(in crate::source) fn uncertainty(&self) -> Span {
        let distance = self.root_delay.abs().half().plus(self.root_dispersion);
        let error = distance.plus(self.last_offset.abs());
        let told = error.plus(self.correction.abs()).as_nanos();
        // A 2^24th of each number was rounded off, half of the last decimal again, half of it here.
        error.plus(Span::from_nanos((told >> 23) + 4))
    }

    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let reference = match self.name.as_str() {
            "" => self.reference.clone(),
            name => format!("{} ({name})", self.reference),
        };
        vec![
            ("reference", reference),
            ("stratum", self.stratum.to_string()),
            ("frequency", format!("{} ppm", self.frequency)),
            ("correction", self.correction.to_string()),
            ("last-offset", self.last_offset.to_string()),
            ("root-delay", self.root_delay.to_string()),
            ("root-dispersion", self.root_dispersion.to_string()),
            ("leap", self.leap.clone()),
        ]
    }
}

/// A decimal number with at most nine decimals, in units of the ninth. Exact.
fn decimal(text: &str) -> Option<Span> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = |digits: &str, most: usize| {
        let is_number =
            (1..=most).contains(&digits.len()) && digits.bytes().all(|d| d.is_ascii_digit());
        is_number.then(|| digits.parse::<i128>().ok())?
    };
    // 18 digits of seconds are more than chronyd can mean, and less than could overflow.
    let (whole, decimals) = (number(whole, 18)?, number(fraction, 9)?);
    let scale = 10_i128.pow(9 - u32::try_from(fraction.len()).ok()?);
    let units = whole * NANOS + decimals * scale;
    Some(Span::from_nanos(if is_negative { -units } else { units }))
}

#[cfg(test)]
mod tests {
    use super::{Tracking, decimal};
    use crate::source::Refusal;
    use crate::time::Span;
    use proptest::prelude::{any, proptest};

    const GOOD: &str = "0A000001,10.0.0.1,3,1795186402.005,-259200.000000000,0.000000010,0.000001949,-199999.984,0.005,56.226,0.000011113,0.000029232,0.3,Normal\n";

    fn with(field: usize, text: &str) -> Result<Tracking, String> {
        let mut fields: Vec<&str> = GOOD.trim_end().split(',').collect();
        fields[field] = text;
        Tracking::parse(&fields.join(","))
    }

    #[test]
    fn a_line_of_chronyc_is_read_exactly() {
        let tracking = Tracking::parse(GOOD).unwrap();
        assert_eq!(tracking.correction, Span::from_secs(-259_200));
        let facts = tracking.facts();
        let fact = |name| facts.iter().find(|fact| fact.0 == name).unwrap().1.as_str();
        assert_eq!(fact("reference"), "0A000001 (10.0.0.1)");
        assert_eq!(fact("frequency"), "-199999.984 ppm");
        assert_eq!(fact("correction"), "-3 d");
        assert_eq!(fact("root-dispersion"), "29 us");
        assert_eq!(fact("leap"), "Normal");
        assert_eq!(tracking.admit(false), Ok(()));
    }

    #[test]
    fn what_chronyd_could_not_set_right_and_could_not_express_counts() {
        let nanos = |tracking: Tracking| tracking.uncertainty().as_nanos();
        let distance = 11_113 / 2 + 29_232 + 10;
        let rounding = (259_200_000_000_000_i128 + distance) / (1 << 23) + 4;
        assert_eq!(nanos(Tracking::parse(GOOD).unwrap()), distance + rounding);
        assert!(nanos(with(5, "-12.5").unwrap()) > 12_500_000_000);
        // A root delay can come out negative when clocks differ; it is no credit.
        assert_eq!(
            nanos(with(10, "-0.000011113").unwrap()),
            distance + rounding
        );
    }

    #[test]
    fn a_clock_that_follows_nobody_is_refused() {
        let refused = |field, text: &str| with(field, text).unwrap().admit(false).unwrap_err();
        for (field, text) in [
            (0, "00000000"),
            (2, "0"),
            (2, "16"),
            (13, "Not synchronised"),
        ] {
            let refusal = refused(field, text);
            assert!(
                matches!(refusal, Refusal::ServerUnsynchronised(_)),
                "{refusal}"
            );
        }
        for reference in ["7F7F0101", "7f7f0100", "4C4F434C"] {
            let refusal = refused(0, reference);
            assert!(
                matches!(refusal, Refusal::LocalReference { .. }),
                "{refusal}"
            );
            assert_eq!(with(0, reference).unwrap().admit(true), Ok(()));
        }
    }

    #[test]
    fn what_chronyc_would_not_print_is_refused() {
        for (field, text) in [
            (0, "127.0.0.1"),
            (0, "0A00000G"),
            (1, "\u{1b}[31m"),
            (2, "-1"),
            (2, "256"),
            (4, "nan"),
            (4, "1e3"),
            (5, ""),
            (7, "fast"),
            (10, "0x1"),
            (11, "-0.1"),
            (13, "Normal\nOr not"),
        ] {
            let why = with(field, text).expect_err(text);
            assert!(why.contains("chronyc"), "{why}");
            assert!(!why.contains(['\n', '\u{1b}']), "{why:?}");
        }
        let long = with(0, &"\u{1d}".repeat(9000)).unwrap_err();
        assert!(long.len() < 500, "{long}");
        assert!(Tracking::parse("").is_err());
        assert!(Tracking::parse(&format!("{},more", GOOD.trim_end())).is_err());
    }

    #[test]
    fn decimals_are_exact() {
        for (text, nanos) in [
            ("0", 0),
            ("-0.000000001", -1),
            ("+1.5", 1_500_000_000),
            (
                "999999999999999999.999999999",
                999_999_999_999_999_999_999_999_999,
            ),
        ] {
            assert_eq!(decimal(text), Some(Span::from_nanos(nanos)), "{text}");
        }
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "--1",
            "+-1",
            "1.0000000001",
            "1234567890123456789",
            "1 ",
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), field in 0..14_usize) {
            let _read = (Tracking::parse(&text), with(field, &text));
        }
    }
}
