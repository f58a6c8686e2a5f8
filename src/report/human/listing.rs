//! The times in files, a line each: what is written, the field, the bytes, where they are, the member.

use super::entries;
use super::paint::Page;
use crate::bytes::Origin;
use crate::format::{Content, Form, Moment, Slot, Stamp, Value, Zone, sentinel};
use crate::gate::counted;
use crate::report::listing::{Counts, Listed, Listing, constant};
use crate::report::text::{shown, shown_bytes};
use crate::report::{Style, Unread};
use crate::rule::Level;
use crate::time::{Span, Timestamp};
use std::io::{self, Write};

pub(super) fn listing(style: Style) -> Box<dyn Listing> {
    Box::new(Lines {
        style,
        widths: WIDTHS,
        counts: Counts::default(),
        is_later: false,
    })
}

/// What the columns time, field, bytes and slot are widened to at first. They grow with what they hold: who writes
/// things as they come cannot know the widest.
const WIDTHS: [usize; 4] = [20, 16, 12, 6];

/// A column grows no further.
const WIDEST: usize = 40;

/// So many characters of the way to a member are shown; machines are told all.
const MEMBER: usize = 400;

/// So many bytes of a time are shown.
const BYTES: usize = 40;

struct Lines {
    style: Style,
    widths: [usize; 4],
    counts: Counts,
    is_later: bool,
}

impl Lines {
    /// A line of the list; `note` is what else there is to say of it.
    fn row(
        &mut self,
        columns: &[String; 4],
        note: Option<&str>,
        member: &[u8],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut text = String::from(" ");
        for (width, column) in self.widths.iter_mut().zip(columns) {
            let length = column.chars().count();
            *width = length.min(WIDEST).max(*width);
            text.push_str(&format!(" {column:<0$} ", *width));
        }
        if let Some(note) = note {
            text.push_str(&format!(" [{note}]"));
        }
        if !member.is_empty() {
            let name = shown_bytes(member);
            text.push(' ');
            match name.char_indices().nth(MEMBER) {
                Some((end, _)) => {
                    text.push_str(name.get(..end).unwrap_or_default());
                    text.push('…');
                }
                None => text.push_str(&name),
            }
        }
        let page = &mut Page::new(out, self.style);
        match note {
            Some(_) => {
                let text = page.dim(text.trim_end());
                page.line(format_args!("{text}"))
            }
            None => page.line(format_args!("{}", text.trim_end())),
        }
    }
}

impl Listing for Lines {
    fn begin(&mut self, _version: &'static str, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn file(&mut self, file: &Listed<'_>, out: &mut dyn Write) -> io::Result<()> {
        let page = &mut Page::new(out, self.style);
        if std::mem::replace(&mut self.is_later, true) {
            page.gap()?;
        }
        let path = page.bold(shown(file.path));
        let size = counted(file.size, "byte");
        page.line(format_args!("{path}: {size}"))?;
        (self.widths, self.counts) = (WIDTHS, Counts::default());
        let Some(modified) = file.modified else {
            return Ok(());
        };
        let note = sentinel(modified, "mtime", false).map(|constant| constant.producer);
        let columns = [&short(modified), "mtime", "-", "-"].map(str::to_owned);
        self.row(&columns, note, b"", out)
    }

    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>, out: &mut dyn Write) -> io::Result<()> {
        let constant = constant(stamp);
        self.counts.take(stamp.value, constant);
        let (time, note) = match &stamp.value {
            Value::At(moment) => (time(moment), constant),
            Value::Unset => ("unset".to_owned(), None),
            Value::Invalid(why) => ("invalid".to_owned(), Some(*why)),
        };
        let columns = [
            time,
            stamp.field.name.to_owned(),
            bytes(stamp.raw, stamp.slot),
            stamp.slot.map_or_else(|| "-".to_owned(), slot),
        ];
        self.row(&columns, note, member, out)
    }

    fn rest(&mut self, content: &Content, out: &mut dyn Write) -> io::Result<()> {
        let page = &mut Page::new(out, self.style);
        for contradiction in content.contradictions() {
            let found = contradiction.disagreement;
            let word = page.level(Level::Warning, "disagreement");
            let (one, other) = (found.one.0.name, found.other.0.name);
            let place = place(contradiction.member);
            let what = shown(&found.what);
            let more = contradiction.elsewhere();
            page.line(format_args!("  {word} {one}, {other}{place}: {what}{more}"))?;
        }
        for found in &content.older {
            let word = page.level(Level::Warning, "older");
            let (field, own) = (found.own.0.name, time(&found.own.1));
            let newest = found.newest.earliest().map(short).unwrap_or_default();
            let (place, newer) = (place(&found.member), shown_bytes(&found.where_newest));
            page.line(format_args!(
                "  {word} {field}{place}: it is of {own}, and what lies in it is not before {newest}: {newer}"
            ))?;
        }
        for (member, flaw) in &content.flaws {
            let word = page.level(Level::Error, "flaw");
            let (kind, place, why) = (flaw.kind.name(), place(member), shown(&*flaw.message));
            page.line(format_args!("  {word} {kind}{place}: {why}"))?;
        }
        let total = total(content, self.counts);
        page.line(format_args!("  {total}"))
    }

    fn end(&mut self, _unread: &[Unread], _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The last line of a file.
fn total(content: &Content, counts: Counts) -> String {
    let tally = &content.tally;
    let mut parts = vec![counted(counts.times, "time")];
    if counts.constants > 0 {
        let by = tally.constants.join("; ");
        parts.push(format!("{} ({by})", counted(counts.constants, "constant")));
    }
    for (count, what) in [(counts.unset, "unset"), (counts.invalid, "invalid")] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    let mut text = parts.join(", ");
    let met: Vec<&str> = tally.met().map(|format| format.name).collect();
    if met.is_empty() {
        text.push_str("; of no format that is known");
    } else {
        text.push_str(&format!("; {}", met.join(", ")));
    }
    if tally.entries > 0 {
        text.push_str(&format!(" with {}", entries(tally.entries)));
    }
    for signature in &tally.signatures {
        let covers = match signature.covers_times {
            true => "covers these times",
            false => "does not cover these times",
        };
        text.push_str(&format!("; signed: {} ({covers})", signature.name));
    }
    text
}

/// Where something is that is no time of the list.
fn place(member: &[u8]) -> String {
    match member {
        b"" => String::new(),
        member => format!(" in {}", shown_bytes(member)),
    }
}

/// An instant with the decimals that it has.
fn short(at: Timestamp) -> String {
    let exact = at.exact();
    let (whole, zone) = match exact.strip_suffix('Z') {
        Some(whole) => (whole, "Z"),
        None => (&*exact, ""),
    };
    let whole = whole.trim_end_matches('0').trim_end_matches('.');
    format!("{whole}{zone}")
}

/// A time as it is written, and what is known of its zone.
fn time(moment: &Moment) -> String {
    let written = short(moment.written);
    let civil = written.trim_end_matches('Z');
    match moment.zone {
        Zone::Known => written,
        Zone::Unknown => format!("{civil} local?"),
        Zone::Stated | Zone::Inferred => {
            let ahead = |end: Option<Timestamp>| end.map(|end| offset(moment.written.since(end)));
            let (least, most) = (ahead(moment.time.latest()), ahead(moment.time.earliest()));
            let (least, most) = (least.unwrap_or_default(), most.unwrap_or_default());
            let name = moment.zone.name();
            if least == most {
                format!("{civil}{least} {name}")
            } else {
                format!("{civil} {least}/{most} {name}")
            }
        }
    }
}

/// How far a zone is ahead of UTC, to the nearest quarter hour: intervals are wider by what writers round.
fn offset(ahead: Span) -> String {
    const QUARTER: i128 = 900_000_000_000;
    let quarters = (ahead.as_nanos() + QUARTER / 2).div_euclid(QUARTER);
    let sign = if quarters < 0 { '-' } else { '+' };
    let minutes = quarters.unsigned_abs() * 15;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The bytes of a time: text in quotes, else in hexadecimal.
fn bytes(raw: &[u8], slot: Option<Slot>) -> String {
    let shown = &raw[..raw.len().min(BYTES)];
    let more = if shown.len() < raw.len() { "…" } else { "" };
    if shown.is_empty() {
        return "-".to_owned();
    }
    if is_text(raw, slot) {
        return format!("\"{}\"{more}", shown_bytes(shown));
    }
    let mut text: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
    text.push_str(more);
    text
}

/// Whether bytes are meant to be read by people.
fn is_text(raw: &[u8], slot: Option<Slot>) -> bool {
    let form = slot.map(|slot| slot.form);
    match form {
        Some(Form::Octal(_) | Form::Decimal(_) | Form::Hex(_) | Form::PaxDecimal(_)) => true,
        Some(_) => false,
        // What is as long as a binary number is one, unless it has nothing but what dates are made of.
        None if raw.len() == 8 && raw.iter().all(u8::is_ascii_hexdigit) => true,
        None if matches!(raw.len(), 4 | 7 | 8) => raw
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b':' | b'.' | b' ')),
        // Texts in fields of their own length end in NULs.
        None => {
            let length = raw.iter().rposition(|&byte| byte != 0);
            let text = length.and_then(|last| raw.get(..=last));
            let is_read = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
            text.is_some_and(|text| text.iter().all(is_read))
        }
    }
}

/// Where a time can be written anew.
fn slot(slot: Slot) -> String {
    match slot.at {
        Origin::File(at) => format!("@{at}"),
        Origin::Decoded { codec, from, at } => format!("{}@{from}:{at}", codec.name()),
        Origin::Deep => "-".to_owned(),
    }
}
