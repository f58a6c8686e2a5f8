//! What documents of GitHub's REST API have in common (docs.github.com/rest, API version 2022-11-28).

use super::document::{Document, Item};
use super::when::{Wrong, brief};
use serde_json::Value;

/// How many of several are named in a message.
const NAMED: usize = 8;

/// The objects of one kind in a document: it is one, or lists them under a key. `None` where it is of
/// another kind. `gh api --paginate` writes several lists, one behind the other.
pub(super) fn listed<'value>(
    document: &'value Document<'_>,
    key: &str,
    is_one: fn(&Value) -> bool,
) -> Option<Vec<&'value Value>> {
    let mut found = Vec::new();
    for Item { value, is_signed } in document.items() {
        match value.get(key).and_then(Value::as_array) {
            _ if *is_signed => return None,
            Some(list) => found.extend(list),
            None if is_one(value) => found.push(value),
            None => return None,
        }
    }
    (!document.items().is_empty()).then_some(found)
}

/// That there is not the one object that was looked for.
pub(super) fn not_one(
    key: &str,
    name_of: fn(&Value) -> String,
    found: &[&Value],
    remedy: &str,
) -> Wrong {
    let mut names: Vec<String> = found
        .iter()
        .take(NAMED)
        .map(|one| brief(&name_of(one)))
        .collect();
    if found.len() > NAMED {
        names.push(format!("and {} more", found.len() - NAMED));
    }
    let why = match found {
        [] => format!("which is empty; {remedy}"),
        _ => format!(
            "of which {} may be meant ({}); {remedy}",
            found.len(),
            names.join(", ")
        ),
    };
    Wrong::new(key, format_args!("a list of {}", found.len()), why)
}
