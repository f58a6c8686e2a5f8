//! How times are written in bytes: reading one, and writing another of the same length.

use super::piece::calendar::{civil, civil_seconds, fields};
use super::{Moment, Value, Zone};
use crate::bytes::{array, le16};
use crate::time::{Interval, Span, Timestamp};

/// A way to write a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// MS-DOS time and then date, 16 bits each, little-endian, in steps of two seconds, in somebody's local time (zip:
    /// APPNOTE 4.4.6).
    DosTimeDate,
    /// The same with the date first (cab: CFFILE).
    DosDateTime,
    /// Seconds since 1970 in 32 bits, little-endian, unsigned.
    Unix32Le,
    /// Seconds since 1970 in 32 bits, big-endian, unsigned.
    Unix32Be,
    /// Seconds since 1970 in 64 bits, little-endian, signed.
    Unix64Le,
    /// Steps of 100 ns since 1601 in 64 bits, little-endian (Windows FILETIME).
    FileTime,
    /// Seconds since 1970 in this many octal digits, spaces and NULs around them or not (ustar, cpio odc).
    Octal(u8),
    /// Seconds since 1970 in this many decimal digits, spaces after them (ar).
    Decimal(u8),
    /// Seconds since 1970 in this many hexadecimal digits (cpio newc).
    Hex(u8),
    /// Seconds since 1970 in so many bytes, big-endian two's complement, the first bit set as a mark (GNU tar).
    Base256(u8),
    /// Seconds since 1970 in decimal with a fraction or without, this many characters (POSIX pax).
    PaxDecimal(u8),
    /// Year in 16 bits big-endian, month, day, hour, minute, second in a byte each, UTC (PNG tIME).
    PngTime,
}

/// The zone furthest ahead of UTC, and the one furthest behind, in seconds.
pub(crate) const ZONES: (i64, i64) = (14 * 3600, 12 * 3600);

/// By how much tools round to the two seconds that DOS time can hold: down (most), or up (Info-ZIP, 7-Zip).
pub(crate) const DOS_ROUNDING: i64 = 2;

/// When a local time without a zone can have been.
pub(crate) fn unzoned(written: Timestamp, rounding: i64) -> Moment {
    let (ahead, behind) = ZONES;
    Moment {
        written,
        time: Interval::between(
            written.earlier(Span::from_secs(ahead + rounding)),
            written.later(Span::from_secs(behind + rounding)),
        ),
        zone: Zone::Unknown,
    }
}

/// What the two halves of a DOS time say.
fn dos(date: u16, time: u16) -> Value {
    if date == 0 {
        // No month and no day: Go's zero time, and others that do not say.
        return Value::Unset;
    }
    dos_seconds(date, time).map_or(
        Value::Invalid("no such day or time in the calendar"),
        |seconds| Value::At(unzoned(Timestamp::from_unix(seconds, 0), DOS_ROUNDING)),
    )
}

/// Seconds since 1970 of the two halves of a DOS time, as if in UTC; `None` where there is no such day or time.
pub(crate) fn dos_seconds(date: u16, time: u16) -> Option<i64> {
    let (date, time) = (i64::from(date), i64::from(time));
    let on = [1980 + (date >> 9), (date >> 5) & 15, date & 31];
    let at = [time >> 11, (time >> 5) & 63, (time & 31) * 2];
    civil_seconds(on, at).filter(|_| time & 31 < 30)
}

impl Form {
    /// How many bytes it takes.
    pub const fn length(self) -> usize {
        match self {
            Self::DosTimeDate | Self::DosDateTime | Self::Unix32Le | Self::Unix32Be => 4,
            Self::Unix64Le | Self::FileTime => 8,
            Self::PngTime => 7,
            Self::Octal(length)
            | Self::Decimal(length)
            | Self::Hex(length)
            | Self::Base256(length)
            | Self::PaxDecimal(length) => length as usize,
        }
    }

    /// What bytes say.
    pub fn decode(self, raw: &[u8]) -> Value {
        if raw.len() != self.length() {
            return Value::Invalid("it is cut off");
        }
        let halves = || (le16(raw, 0).unwrap_or(0), le16(raw, 2).unwrap_or(0));
        let seconds = match self {
            Self::DosTimeDate => {
                let (time, date) = halves();
                return dos(date, time);
            }
            Self::DosDateTime => {
                let (date, time) = halves();
                return dos(date, time);
            }
            Self::PaxDecimal(_) => return pax(raw),
            Self::PngTime => return png(raw),
            Self::FileTime => return file_time(raw),
            Self::Unix32Le => array(raw, 0).map(|bytes| i64::from(u32::from_le_bytes(bytes))),
            Self::Unix32Be => array(raw, 0).map(|bytes| i64::from(u32::from_be_bytes(bytes))),
            Self::Unix64Le => array(raw, 0).map(i64::from_le_bytes),
            Self::Octal(_) => match digits(raw, 8) {
                Digits::None => return Value::Unset,
                Digits::Bad => None,
                Digits::Number(number) => Some(number),
            },
            Self::Decimal(_) => match digits(raw, 10) {
                Digits::None => return Value::Unset,
                Digits::Bad => None,
                Digits::Number(number) => Some(number),
            },
            Self::Hex(_) => match digits(raw, 16) {
                Digits::None => return Value::Unset,
                Digits::Bad => None,
                Digits::Number(number) => Some(number),
            },
            Self::Base256(_) => base256(raw),
        };
        seconds.map_or(Value::Invalid("it is no number"), |seconds| {
            Value::At(Moment::exactly(Timestamp::from_unix(seconds, 0)))
        })
    }
}

impl Form {
    /// The bytes that say `at` in place of `old`, cut to what the form can hold: a time is never made later by it.
    /// `None` where it cannot hold anything like it.
    pub fn encode(self, at: Timestamp, old: &[u8]) -> Option<Vec<u8>> {
        let seconds = at.seconds();
        let raw = match self {
            Self::DosTimeDate => [dos_halves(at)?[1], dos_halves(at)?[0]].concat(),
            Self::DosDateTime => dos_halves(at)?.concat(),
            Self::Unix32Le => u32::try_from(seconds).ok()?.to_le_bytes().to_vec(),
            Self::Unix32Be => u32::try_from(seconds).ok()?.to_be_bytes().to_vec(),
            Self::Unix64Le => seconds.to_le_bytes().to_vec(),
            Self::FileTime => {
                let steps = at.as_nanos().div_euclid(100) - FILE_TIME_BEGIN;
                u64::try_from(steps).ok()?.to_le_bytes().to_vec()
            }
            Self::Octal(length) => {
                // What ends the number, or is around it, stays.
                let digits = old.iter().filter(|byte| byte.is_ascii_digit()).count();
                let from = old.iter().position(u8::is_ascii_digit)?;
                let number = format!("{:0digits$o}", u64::try_from(seconds).ok()?);
                let mut raw = old.to_vec();
                raw.get_mut(from..from + digits)?
                    .copy_from_slice(number.get(..digits)?.as_bytes());
                (number.len() == digits && raw.len() == usize::from(length)).then_some(raw)?
            }
            Self::Decimal(length) => {
                let width = usize::from(length);
                format!("{:<width$}", u64::try_from(seconds).ok()?).into_bytes()
            }
            Self::Hex(length) => {
                let width = usize::from(length);
                format!("{:0width$x}", u64::try_from(seconds).ok()?).into_bytes()
            }
            Self::Base256(length) => {
                let sign = if seconds < 0 { 0xff } else { 0 };
                let mut raw = vec![sign; usize::from(length)];
                let from = raw.len().checked_sub(8)?;
                raw[from..].copy_from_slice(&seconds.to_be_bytes());
                *raw.first_mut()? |= 0x80;
                raw
            }
            Self::PaxDecimal(length) => pax_bytes(at, usize::from(length))?,
            Self::PngTime => {
                let ([year, month, day], [hour, minute, second]) = fields(seconds);
                let mut raw = u16::try_from(year).ok()?.to_be_bytes().to_vec();
                for field in [month, day, hour, minute, second] {
                    raw.push(u8::try_from(field).ok()?);
                }
                raw
            }
        };
        (raw.len() == self.length()).then_some(raw)
    }
}

/// The date and the time of DOS, of which 1980 is the first year.
fn dos_halves(at: Timestamp) -> Option<[[u8; 2]; 2]> {
    let first = Timestamp::from_unix(315_532_800, 0);
    let ([year, month, day], [hour, minute, second]) = fields(at.max(first).seconds());
    let date = ((year - 1980) << 9) | (month << 5) | day;
    let time = (hour << 11) | (minute << 5) | (second / 2);
    Some([date, time].map(u16::try_from))
        .and_then(|[date, time]| Some([date.ok()?.to_le_bytes(), time.ok()?.to_le_bytes()]))
}

/// A decimal number of exactly so many characters: with fewer decimals, or zeros before or after it.
fn pax_bytes(at: Timestamp, length: usize) -> Option<Vec<u8>> {
    let whole = u64::try_from(at.seconds()).ok()?.to_string();
    let room = length.checked_sub(whole.len())?;
    if room < 2 {
        return Some(format!("{whole:0>length$}").into_bytes());
    }
    let nanos = format!(
        "{:0<width$}",
        format!("{:09}", at.subsecond()),
        width = room - 1
    );
    Some(format!("{whole}.{}", nanos.get(..room - 1)?).into_bytes())
}

enum Digits {
    /// Nothing but blanks.
    None,
    /// Something that is no number.
    Bad,
    Number(i64),
}

/// A number in digits, with blanks and NULs before and after it, and a sign if it is decimal.
fn digits(raw: &[u8], radix: u32) -> Digits {
    let is_blank = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(from) = raw.iter().position(|byte| !is_blank(byte)) else {
        return Digits::None;
    };
    let rest = &raw[from..];
    let to = rest.iter().position(is_blank).unwrap_or(rest.len());
    let (number, after) = rest.split_at(to);
    let signed = radix == 10 || !number.starts_with(b"-");
    let plain = !number.starts_with(b"+") && signed && after.iter().all(is_blank);
    let text = std::str::from_utf8(number).ok().filter(|_| plain);
    let number = text.and_then(|text| i64::from_str_radix(text, radix).ok());
    number.map_or(Digits::Bad, Digits::Number)
}

/// GNU tar's numbers that do not fit in octal; `None` where it would not fit in 64 bits.
fn base256(raw: &[u8]) -> Option<i64> {
    let (first, rest) = raw.split_first()?;
    // The first bit is the mark, the second the sign.
    let mut number = i128::from(first & 0x7f);
    if first & 0x40 != 0 {
        number -= 0x80;
    }
    for byte in rest {
        number = number.checked_mul(256)?.checked_add(i128::from(*byte))?;
    }
    i64::try_from(number).ok()
}

/// 1601-01-01 in steps of 100 ns since 1970.
const FILE_TIME_BEGIN: i128 = -116_444_736_000_000_000;

fn file_time(raw: &[u8]) -> Value {
    let Some(steps) = array(raw, 0).map(u64::from_le_bytes) else {
        return Value::Invalid("it is cut off");
    };
    if steps == 0 {
        return Value::Unset;
    }
    Value::At(Moment::exactly(Timestamp::from_nanos(
        (FILE_TIME_BEGIN + i128::from(steps)) * 100,
    )))
}

/// POSIX.1-2017 pax: seconds with a fraction of any length; what is beyond nanoseconds is cut off.
fn pax(raw: &[u8]) -> Value {
    const BAD: Value = Value::Invalid("it is no decimal number");
    let Ok(text) = std::str::from_utf8(raw) else {
        return BAD;
    };
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return BAD;
    }
    let Ok(seconds) = whole.parse::<i64>() else {
        return Value::Invalid("it does not fit in 64 bits");
    };
    let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = nanos.fold(0, |nanos, digit| nanos * 10 + i128::from(digit - b'0'));
    let all = (i128::from(seconds) * 1_000_000_000 + nanos) * sign;
    Value::At(Moment::exactly(Timestamp::from_nanos(all)))
}

fn png(raw: &[u8]) -> Value {
    let [high, low, month, day, hour, minute, second] = *raw else {
        return Value::Invalid("it is cut off");
    };
    let year = i64::from(u16::from_be_bytes([high, low]));
    let on = [year, i64::from(month), i64::from(day)];
    let at = [i64::from(hour), i64::from(minute), i64::from(second)];
    civil(on, at).map_or(
        Value::Invalid("no such day or time in the calendar"),
        |at| Value::At(Moment::exactly(at)),
    )
}

#[cfg(test)]
mod tests {
    use super::Form;
    use crate::format::Value;
    use crate::format::piece::calendar::civil;
    use crate::time::Timestamp;
    use proptest::prelude::{any, proptest};

    fn written(form: Form, raw: &[u8]) -> Option<Timestamp> {
        match form.decode(raw) {
            Value::At(moment) => Some(moment.written),
            Value::Unset | Value::Invalid(_) => None,
        }
    }

    #[test]
    fn numbers_are_read_with_what_tools_put_around_them() {
        let seconds = |form, raw: &[u8]| written(form, raw).map(Timestamp::seconds);
        assert_eq!(
            seconds(Form::Octal(12), b"14770000000\0"),
            Some(0o14_770_000_000)
        );
        assert_eq!(
            seconds(Form::Octal(12), b" 1477000000 "),
            Some(0o1_477_000_000)
        );
        assert_eq!(
            seconds(Form::Decimal(12), b"1767323046  "),
            Some(1_767_323_046)
        );
        assert_eq!(seconds(Form::Decimal(12), b"-1          "), Some(-1));
        assert_eq!(seconds(Form::Hex(8), b"6957334F"), Some(0x6957_334f));
        assert_eq!(
            seconds(Form::Base256(12), b"\x80\0\0\0\0\0\0\x02\0\0\0\0"),
            Some(1 << 33)
        );
        assert_eq!(seconds(Form::Base256(12), &[0xff; 12]), Some(-1));
        for bad in [
            &b"12 34567890\0"[..],
            b"+1234567890\0",
            b"-123456789 \0",
            b"12345678901x",
        ] {
            assert!(
                matches!(Form::Octal(12).decode(bad), Value::Invalid(_)),
                "{bad:?}"
            );
        }
        assert_eq!(Form::Decimal(12).decode(&[b' '; 12]), Value::Unset);
        assert!(matches!(
            Form::Base256(12).decode(&[0x80 | 0x3f; 12]),
            Value::Invalid(_)
        ));
    }

    #[test]
    fn a_fraction_of_any_length_is_read() {
        let at = |text: &str| {
            written(
                Form::PaxDecimal(u8::try_from(text.len()).unwrap()),
                text.as_bytes(),
            )
        };
        assert_eq!(
            at("1767323046.75"),
            Some(Timestamp::from_unix(1_767_323_046, 750_000_000))
        );
        assert_eq!(at("1.0000000019"), Some(Timestamp::from_unix(1, 1)));
        assert_eq!(at("-1.5"), Some(Timestamp::from_unix(-2, 500_000_000)));
        assert_eq!(at("7."), Some(Timestamp::from_unix(7, 0)));
        for bad in ["", ".5", "1e9", "+1", "1.5.2", "99999999999999999999"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_no_date_is_no_time() {
        let dos = |date: u16, time: u16| {
            Form::DosTimeDate.decode(&[time.to_le_bytes(), date.to_le_bytes()].concat())
        };
        assert_eq!(dos(0, 0), Value::Unset);
        // February 31, hour 31, second 62.
        for (date, time) in [
            (0x0c5f_u16, 0),
            (0x0021, 0xf800),
            (0x0021, 0x001f),
            (0xffff, 0xffff),
            (0x0001, 0),
        ] {
            assert!(
                matches!(dos(date, time), Value::Invalid(_)),
                "{date:x} {time:x}"
            );
        }
        let moment = dos(0x5c22, 0x1883);
        let at = civil([2026, 1, 2], [3, 4, 6]).unwrap();
        assert_eq!(moment.moment().unwrap().written, at);
        let width = moment.moment().unwrap().time.width();
        assert_eq!(width, crate::time::Span::from_secs(26 * 3600 + 4));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(seconds in 315_532_800..4_294_967_295_i64, nanos in 0..1_000_000_000_u32) {
            let at = Timestamp::from_unix(seconds, nanos);
            let forms = [
                (Form::DosTimeDate, &b"abcd"[..]), (Form::DosDateTime, b"abcd"), (Form::Unix32Le, b"abcd"), (Form::Unix32Be, b"abcd"),
                (Form::Unix64Le, b"abcdefgh"), (Form::FileTime, b"abcdefgh"), (Form::Octal(12), b"00000000000\0"),
                (Form::Octal(12), b" 0000000000\0"), (Form::Decimal(12), b"0           "), (Form::Hex(8), b"00000000"),
                (Form::Base256(12), b"\x80bcdefghijkl"), (Form::PaxDecimal(20), b"1234567890.123456789"),
                (Form::PaxDecimal(10), b"1234567890"), (Form::PngTime, b"abcdefg"),
            ];
            for (form, old) in forms {
                let Some(raw) = form.encode(at, old) else {
                    // Ten octal digits end in 2004.
                    assert!(form == Form::Octal(12) && seconds > 0o7_777_777_777 , "{form:?}");
                    continue;
                };
                let again = written(form, &raw).unwrap();
                let lost = at.since(again).as_nanos();
                assert!((0..2_000_000_000).contains(&lost), "{form:?} {raw:?}");
                assert_eq!(form.encode(again, &raw), Some(raw));
            }
        }

        #[test]
        fn no_bytes_panic(raw in proptest::collection::vec(any::<u8>(), 0..24)) {
            let length = u8::try_from(raw.len()).unwrap();
            for form in [
                Form::DosTimeDate, Form::DosDateTime, Form::Unix32Le, Form::Unix32Be, Form::Unix64Le, Form::FileTime,
                Form::Octal(length), Form::Decimal(length), Form::Hex(length), Form::Base256(length), Form::PaxDecimal(length),
                Form::PngTime,
            ] {
                let value = form.decode(&raw);
                if let Some(moment) = value.moment() {
                    let _bytes = form.encode(moment.written, &raw);
                }
            }
        }
    }
}
