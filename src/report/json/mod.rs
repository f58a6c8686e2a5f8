//! The JSON report: one document with everything in it.
//!
//! Its shape is a promise (`schema` says which): it has its own structs in [`shape`], and what is
//! inside skewgate may change beside it. Findings are written one by one from where they are, never
//! gathered again.

mod clock;
mod convert;
mod drift;
mod examination;
mod format;
mod listing;
mod paths;
mod reading;
mod recorded;
mod scalar;
pub(super) mod shape;
mod stamps;
#[cfg(test)]
mod tests;

pub(super) use clock::Clock;
pub(super) use listing::lines as listing_lines;
pub(super) use recorded::Record;
pub(super) use scalar::{Path, Verdict};

use super::{Drifts, Reading, Renderer, Report, Schema, Style, Writing};
use crate::doctor::Examination;
use crate::record;
use drift::Document as DriftDocument;
use examination::Document as ExaminationDocument;
use format::Guarded;
use reading::Document as ReadingDocument;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use shape::Document;
use std::io::{self, Write};

pub(super) const RENDERER: Renderer = Renderer {
    name: "json",
    summary: "for machines: one document with everything in it (`skewgate schema report`)",
    write: Writing::Whole(write),
    reading: write_reading,
    drift: write_drift,
    examination: write_examination,
    listing: listing::document,
};

pub(super) const SCHEMA: Schema = Schema {
    name: "report",
    summary: "the document that `-o json` writes",
    text: schema::<Document<'static>>,
};

pub(super) const READING_SCHEMA: Schema = Schema {
    name: "clock",
    summary: "the document that `skewgate clock -o json` writes, and each line of its `-o ndjson`",
    text: schema::<ReadingDocument<'static>>,
};

pub(super) const RECORD_SCHEMA: Schema = Schema {
    name: "record",
    summary: "the file in which `skewgate begin`, `end` and `run` record a build",
    text: schema::<record::Shape>,
};

pub(super) const DRIFT_SCHEMA: Schema = Schema {
    name: "drift",
    summary: "the document that `skewgate drift -o json` writes, and each line of its `-o ndjson`",
    text: schema::<DriftDocument<'static>>,
};

fn write_drift(drifts: &Drifts, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    put(&DriftDocument::of(drifts), PrettyFormatter::new(), out)
}

/// The same, a line for each record and one for the builders.
pub(super) fn drift_lines(drifts: &Drifts, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    DriftDocument::parts(drifts).try_for_each(|part| line(&part, out))
}

pub(super) const EXAMINATION_SCHEMA: Schema = Schema {
    name: "doctor",
    summary: "the document that `skewgate doctor -o json` writes, and the line of its `-o ndjson`",
    text: schema::<ExaminationDocument<'static>>,
};

pub(super) const LISTING_SCHEMA: Schema = Schema {
    name: "stamps",
    summary: "the document that `skewgate stamps -o json` writes, and each line of its `-o ndjson`",
    text: schema::<stamps::Document<'static>>,
};

fn write_examination(found: &Examination, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    put(&ExaminationDocument::of(found), PrettyFormatter::new(), out)
}

/// The same in a line.
pub(super) fn examination_line(
    found: &Examination,
    _style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    line(&ExaminationDocument::of(found), out)
}

fn write_reading(reading: &Reading, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    put(&ReadingDocument::of(reading), PrettyFormatter::new(), out)
}

/// The same in a line.
pub(super) fn reading_line(
    reading: &Reading,
    _style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    line(&ReadingDocument::of(reading), out)
}

fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    put(&Document::of(report), PrettyFormatter::new(), out)
}

/// Writes a value without line breaks, and one behind it.
pub(super) fn line<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    put(value, CompactFormatter, out)
}

fn put<T: Serialize, F: Formatter>(value: &T, format: F, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Guarded(format)))?;
    out.write_all(b"\n")
}

/// The schema of what is written of a struct (draft 2020-12), pretty printed.
pub(super) fn schema<T: JsonSchema>() -> String {
    let settings = SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(RecursiveTransform(without_null));
    let schema = settings.into_generator().into_root_schema_for::<T>();
    format!("{:#}\n", schema.as_value())
}

/// What is not known is absent, never null, which a schema made from an `Option` does not say.
fn without_null(schema: &mut schemars::Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let null = serde_json::json!({ "type": "null" });
    if let Some(Value::Array(any)) = object.get_mut("anyOf") {
        any.retain(|one| *one != null);
        if let [Value::Object(only)] = any.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            object.extend(only);
        }
    }
}
