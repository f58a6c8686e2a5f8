//! `manifest`: what the manifest of a jar says of when it was built.

use super::piece::dates::{free, millis};
use super::piece::text::{self, tell};
use super::{Field, Format, Layer, Reads, Stamp, Value, Visit};
use crate::bytes::{Extent, Flaw};

pub(super) const FORMAT: Format = Format {
    name: "manifest",
    summary: "META-INF/MANIFEST.MF of jars: dates in its main section, as build tools and people put them there. What is no \
date in a common form is passed over; the first 64 KiB are read",
    names: &["manifest.mf"],
    is: |head| head.has(0, b"Manifest-Version:"),
    layer: Layer::Leaf,
    fields: &[&BND, &DATE],
    reads: Reads::Extent(read),
};

static BND: Field = Field::event(
    "manifest.bnd-last-modified",
    "Bnd-LastModified, when bnd made the jar, milliseconds since 1970 UTC",
);

static DATE: Field = Field::in_text(
    "manifest.date",
    "Build-Date, Build-Time, Build-Timestamp, Created-At, Implementation-Build-Date and the like, in whatever form and \
zone the build chose",
);

/// The names under which builds put a date there, in small letters.
const DATES: [&str; 14] = [
    "build-date",
    "build-date-utc",
    "build-date-iso",
    "build-datetime",
    "build-time",
    "build-time-iso",
    "build-timestamp",
    "built-at",
    "built-on",
    "created-at",
    "created-on",
    "implementation-build-date",
    "implementation-build-time",
    "implementation-timestamp",
];

fn read(visit: &mut Visit<'_>, extent: Extent<'_>) -> Result<(), Flaw> {
    let first = text::beginning(extent)?;
    let mut lines = text::lines(&first).peekable();
    while let Some(line) = lines.next() {
        // The main section ends with an empty line (JAR File Specification, "Name-Value pairs and Sections").
        if line.is_empty() {
            break;
        }
        let mut line = line.to_owned();
        while let Some(more) = lines.peek().and_then(|next| next.strip_prefix(' ')) {
            line.push_str(more);
            lines.next();
        }
        let Some((key, value)) = text::pair(&line, ':') else {
            continue;
        };
        let key = key.to_ascii_lowercase();
        if key == "bnd-lastmodified" {
            tell(visit, &BND, millis, value);
        } else if DATES.contains(&key.as_str())
            && let Some(moment) = free(value)
        {
            visit.stamp(&Stamp::fixed(&DATE, value.as_bytes(), Value::At(moment)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::format::piece::listing::lines;

    #[test]
    fn dates_are_read_in_the_main_section() {
        let text = b"Manifest-Version: 1.0\r\nBnd-LastModified: 1767323046123\r\nBuild-Time: 2026-01-02 03:04\r\n :06\r\n\
Created-At: soon\r\nBuild-Jdk: 17\r\nBUILD-DATE: 2026-01-02T03:04:06Z\r\n\r\nName: a\r\nBuild-Date: 2027-01-01\r\n";
        assert_eq!(
            lines(text),
            [
                " manifest.bnd-last-modified 2026-01-02T03:04:06.123000000Z known",
                " manifest.date 2026-01-02T03:04:06.000000000Z unknown",
                " manifest.date 2026-01-02T03:04:06.000000000Z known",
            ]
        );
    }
}
