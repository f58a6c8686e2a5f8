//! The line report: what is found, as it is found, one JSON object a line, nothing kept.
//!
//! The objects are those of the JSON report, each with its `type`. The first line is the header, the
//! last the trailer; between them there is no promised order. A report without a trailer was cut off.

use super::json::shape::{Fault, Finding, Summary, Suppressed, Tool, Window};
use super::json::{Clock, Path, Record, Verdict, schema};
use super::json::{drift_lines, examination_line, line, listing_lines, reading_line};
use super::{Found, Head, Renderer, Report, Schema, Stream, Writing};
use crate::time::json::Exact;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

pub(super) const RENDERER: Renderer = Renderer {
    name: "ndjson",
    summary: "for machines: a line for each finding, at once (`skewgate schema report-lines`)",
    write: Writing::Stream(Stream {
        header,
        found,
        trailer,
    }),
    reading: reading_line,
    drift: drift_lines,
    examination: examination_line,
    listing: listing_lines,
};

pub(super) const SCHEMA: Schema = Schema {
    name: "report-lines",
    summary: "each line that `-o ndjson` writes",
    text: schema::<Line<'static>>,
};

/// The version of the shape.
const VERSION: &str = "skewgate/report-lines/v1";

/// One line of what an audit of build artifacts' timestamps by skewgate finds, as it finds it.
///
/// The first line is the header and the last one the trailer: without it the report was cut off. In
/// between lines come in no promised order. Instants, lengths of time and intervals are as in the
/// report.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schemars(rename = "ReportLine")]
enum Line<'report> {
    /// What is known before anything is audited.
    Header(Box<Header<'report>>),
    /// One thing that is wrong with a time.
    Finding(Finding<'report>),
    /// A finding that is accepted.
    Suppressed(Suppressed<'report>),
    /// An artifact that could not be read, or not wholly.
    Fault(Fault<'report>),
    /// What it comes to.
    Trailer(Trailer<'report>),
}

/// What is known before anything is audited.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Header<'report> {
    /// The version of this shape.
    #[schemars(extend("const" = VERSION))]
    schema: &'static str,
    tool: Tool,
    /// The profile that the audit's options started from.
    profile: &'static str,
    /// What is audited, as it was named.
    roots: Vec<Path<'report>>,
    clock: Clock<'report>,
    window: Window<'report>,
    /// skewgate's own record of the build; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<Record<'report>>,
    /// The second that `SOURCE_DATE_EPOCH` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_date_epoch: Option<Exact>,
}

/// What it comes to.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Trailer<'report> {
    verdict: Verdict,
    /// Why the verdict is what it is, in a sentence.
    reason: &'report str,
    summary: Summary,
}

fn header(head: &Head, out: &mut dyn Write) -> io::Result<()> {
    let header = Header {
        schema: VERSION,
        tool: Tool::of(head.version),
        profile: head.profile,
        roots: head.roots.iter().map(|root| Path::of(root)).collect(),
        clock: Clock::of(&head.clock),
        window: Window::of(&head.window),
        record: head.record.as_ref().map(Record::of),
        source_date_epoch: head.source_date.and_then(Exact::first),
    };
    line(&Line::Header(Box::new(header)), out)
}

fn found(found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    match found {
        Found::Findings(list) => list
            .iter()
            .try_for_each(|one| line(&Line::Finding(Finding::of(one)), out)),
        Found::Suppressed(list) => list
            .iter()
            .try_for_each(|one| line(&Line::Suppressed(Suppressed::of(one)), out)),
        Found::Faults(list) => list
            .iter()
            .try_for_each(|one| line(&Line::Fault(Fault::of(one)), out)),
    }
}

fn trailer(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let trailer = Trailer {
        verdict: report.verdict.into(),
        reason: &report.reason,
        summary: Summary::of(&report.summary),
    };
    line(&Line::Trailer(trailer), out)
}

#[cfg(test)]
mod tests {
    use super::{RENDERER, SCHEMA};
    use crate::report::sample::{clean, full, hostile, stated};
    use crate::report::text::is_hidden;
    use crate::report::{Found, Report, Writing};
    use serde_json::Value;

    fn written(report: &Report) -> String {
        let Writing::Stream(stream) = RENDERER.write else {
            panic!("the line report is written as things are found");
        };
        let mut out = Vec::new();
        (stream.header)(&report.head, &mut out).unwrap();
        for found in [
            Found::Findings(&report.findings),
            Found::Suppressed(&report.suppressed),
            Found::Faults(&report.faults),
        ] {
            (stream.found)(&found, &mut out).unwrap();
        }
        (stream.trailer)(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_line_keeps_the_promise() {
        let schema = serde_json::from_str(&(SCHEMA.text)()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for report in [clean(), stated(), full(), hostile()] {
            let text = written(&report);
            let found = report.findings.len() + report.suppressed.len() + report.faults.len();
            assert_eq!(text.lines().count(), 2 + found);
            for line in text.lines() {
                assert!(!line.contains("##[") && !line.contains(is_hidden), "{line}");
                let mut value: Value = serde_json::from_str(line).unwrap();
                validator.validate(&value).unwrap();
                value["surplus"] = Value::Null;
                assert!(!validator.is_valid(&value), "{line}");
            }
        }
    }

    #[test]
    fn the_type_stands_first() {
        let text = written(&full());
        let lines: Vec<&str> = text.lines().collect();
        let header = r#"{"type":"header","schema":"skewgate/report-lines/v1","tool":"#;
        assert!(lines[0].starts_with(header), "{text}");
        assert!(lines[1].starts_with(r#"{"type":"finding","rule":"clock-unsynchronised","#));
        assert!(lines[9].starts_with(r#"{"type":"suppressed","rule":"future-mtime","#));
        assert_eq!(
            lines[10],
            r#"{"type":"fault","path":"dist/secret","kind":"unreadable","message":"Permission denied (os error 13)"}"#
        );
        assert_eq!(
            lines[12],
            r#"{"type":"trailer","verdict":"fail","reason":"6 errors","summary":{"entries":1234,"files":1200,"opened":0,"stamps":0,"findings":{"error":6,"warning":1,"note":1},"suppressed":1,"faults":1,"vanished":1,"elapsed":"0.012000000"}}"#
        );
    }
}
