//! In-toto statements of provenance (in-toto/attestation, `spec/v1/statement.md`; in-toto Statement v0.1), and
//! the two times that a provenance has.

use super::document::{Document, Item};
use super::json;
use super::when::{self, Wrong};
use crate::record::{Trust, Window, combined};

/// What a statement says it is.
const TYPES: [&str; 2] = [
    "https://in-toto.io/Statement/v1",
    "https://in-toto.io/Statement/v0.1",
];

/// Where the times are in a provenance.
pub(super) struct Fields {
    /// What the predicates are that have them there.
    pub(super) predicates: &'static [&'static str],
    /// What they are called.
    pub(super) name: &'static str,
    /// The path of the start.
    pub(super) began: &'static str,
    /// The path of the end.
    pub(super) ended: &'static str,
}

/// What the provenances in a document say together, which is what the strictest of them says; `None` where
/// there is none.
pub(super) fn window(document: &Document<'_>, fields: &Fields) -> Option<Result<Window, Wrong>> {
    let is_one = |item: &&Item| {
        let kind = json::text(&item.value, "predicateType");
        kind.is_some_and(|kind| fields.predicates.contains(&kind))
    };
    let own: Vec<&Item> = document.items().iter().filter(is_one).collect();
    if own.is_empty() {
        return None;
    }
    let windows = own.iter().map(|item| read(document.place, item, fields));
    let windows: Result<Vec<Window>, Wrong> = windows.collect();
    Some(windows.and_then(|windows| {
        combined(windows).map_err(|contradiction| {
            let (began, ended) = (contradiction.began, contradiction.ended);
            let why = format!(
                "which is before the start of another provenance in the same file ({began}): \
                 keep only the line of the build that is audited"
            );
            Wrong::new(fields.ended, ended, why)
        })
    }))
}

fn read(place: &str, item: &Item, fields: &Fields) -> Result<Window, Wrong> {
    let kind = json::text(&item.value, "_type").unwrap_or_default();
    if !TYPES.contains(&kind) {
        return Err(Wrong::new(
            "_type",
            kind,
            "which is no in-toto statement of v0.1 or v1",
        ));
    }
    let checked = if item.is_signed {
        "its signature not checked"
    } else {
        "not signed"
    };
    let side = |path: &str| {
        let field = path.rsplit('.').next().unwrap_or(path);
        let source = format!("{place}: {} {field}, {checked}", fields.name);
        let at = when::zoned_at(&item.value, path)?;
        Ok(at.map(|at| when::bound(at, source, Trust::Builder)))
    };
    let window = Window {
        began: side(fields.began)?,
        ended: side(fields.ended)?,
    };
    when::in_order(window, (fields.began, fields.ended))
}
