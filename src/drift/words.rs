//! A gain in words.

use crate::time::{Rate, Span, grouped};
use std::fmt;

/// Parts per billion in a part per million.
const PPM: u128 = 1000;

/// How much a clock gains on the true time, for people: `200,000 ppm ± 14 fast: it gains 120 s in
/// 600 s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gain(pub Rate);

impl Gain {
    /// Only the rate: `200,000 ppm ± 14 fast`.
    pub fn short(self) -> String {
        let (least, most) = (self.0.least(), self.0.most());
        let Some(side) = self.side() else {
            return format!("between {} and {} ppm", signed(least), signed(most));
        };
        let middle = ((least + most) / 2).unsigned_abs();
        let half = (most - least).unsigned_abs().div_ceil(2);
        format!("{} ppm ± {} {side}", ppm(middle, false), ppm(half, true))
    }

    /// Whether it is proven to be fast or slow.
    fn side(self) -> Option<&'static str> {
        match (self.0.least() > 0, self.0.most() < 0) {
            (true, _) => Some("fast"),
            (_, true) => Some("slow"),
            _ => None,
        }
    }
}

impl fmt::Display for Gain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())?;
        let does = match self.side() {
            Some("fast") => "gains",
            Some(_) => "loses",
            None => return f.write_str(": neither fast nor slow is proven"),
        };
        // Parts per billion of so many seconds are so many nanoseconds.
        let middle = ((self.0.least() + self.0.most()) / 2).abs();
        let (in_minutes, in_day) = (middle * 600, middle * 86_400);
        if in_minutes >= 1_000_000_000 {
            let half = (self.0.most() - self.0.least()) / 2 * 600;
            write!(f, ": it {does} {} s in 600 s", seconds(in_minutes, half))
        } else {
            write!(f, ": it {does} {} a day", rounded(in_day))
        }
    }
}

/// Nanoseconds as seconds: to the tenth where they are known as well as that.
fn seconds(nanos: i128, half: i128) -> String {
    if half >= 50_000_000 {
        return ((nanos + 500_000_000) / 1_000_000_000).to_string();
    }
    let tenths = (nanos + 50_000_000) / 100_000_000;
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        tenth => format!("{}.{tenth}", tenths / 10),
    }
}

/// A length of time as precise as it prints.
fn rounded(nanos: i128) -> Span {
    let unit = if nanos >= 60_000_000_000 {
        1_000_000_000
    } else {
        1_000_000
    };
    Span::from_nanos((nanos + unit / 2) / unit * unit)
}

/// Parts per billion as parts per million: whole ones from ten on, rounded up or to the nearest.
fn ppm(ppb: u128, is_up: bool) -> String {
    if ppb >= 10 * PPM {
        let whole = if is_up {
            ppb.div_ceil(PPM)
        } else {
            (ppb + PPM / 2) / PPM
        };
        return grouped(whole);
    }
    let text = format!("{}.{:03}", ppb / PPM, ppb % PPM);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Parts per billion as parts per million, with a sign.
fn signed(ppb: i128) -> String {
    let sign = if ppb < 0 { "-" } else { "+" };
    match ppb {
        0 => "0".to_owned(),
        _ => format!("{sign}{}", ppm(ppb.unsigned_abs(), true)),
    }
}

#[cfg(test)]
mod tests {
    use super::Gain;
    use crate::time::Rate;

    fn told(least: i128, most: i128) -> String {
        Gain(Rate::between(least, most)).to_string()
    }

    #[test]
    fn a_gain_is_told_in_what_people_see() {
        for (least, most, text) in [
            (
                199_963_000,
                200_026_000,
                "199,995 ppm ± 32 fast: it gains 120 s in 600 s",
            ),
            (
                199_986_000,
                200_014_000,
                "200,000 ppm ± 14 fast: it gains 120 s in 600 s",
            ),
            (
                199_764_000,
                200_036_000,
                "199,900 ppm ± 136 fast: it gains 120 s in 600 s",
            ),
            (
                -166_667_000,
                -166_666_000,
                "166,667 ppm ± 0.5 slow: it loses 100 s in 600 s",
            ),
            (48_000, 52_000, "50 ppm ± 2 fast: it gains 4.320 s a day"),
            (
                -1_500,
                -1_000,
                "1.25 ppm ± 0.25 slow: it loses 108 ms a day",
            ),
            (
                -3_000,
                5_000,
                "between -3 and +5 ppm: neither fast nor slow is proven",
            ),
            (
                0,
                12_000,
                "between 0 and +12 ppm: neither fast nor slow is proven",
            ),
        ] {
            assert_eq!(told(least, most), text);
        }
    }
}
