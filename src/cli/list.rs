//! `skewgate list`: what there is, straight from the tables.

use super::args::Table;
use crate::clock::{AUTO, PRESETS};
use crate::config::PROFILES;
use crate::doctor::FACTS;
use crate::format::{Base, FORMATS, SENTINELS, Scope, Sentinel};
use crate::receiver::RECEIVERS;
use crate::record::PROVENANCES;
use crate::report::RENDERERS;
use crate::rule::RULES;
use crate::source::SCHEMES;
use crate::time::Timestamp;

/// A table as aligned columns, the last as wide as it likes.
pub(super) fn text(table: Table) -> String {
    let rows: Vec<Vec<String>> = match table {
        Table::Rules => RULES
            .iter()
            .map(|rule| owned([rule.id, rule.level.name(), rule.summary]))
            .collect(),
        Table::Sources => SCHEMES
            .iter()
            .map(|scheme| [scheme.form, scheme.class.name(), scheme.summary])
            .chain(
                PRESETS
                    .iter()
                    .map(|preset| [preset.name, "preset", preset.summary]),
            )
            .chain([[
                AUTO,
                "preset",
                "the host's clock and the CI system's server, else this machine's own",
            ]])
            .map(|row| row.map(str::to_owned).to_vec())
            .collect(),
        Table::Reports => RENDERERS
            .iter()
            .map(|renderer| owned([renderer.name, renderer.summary]))
            .collect(),
        Table::Facts => FACTS
            .iter()
            .map(|fact| owned([fact.id, fact.summary]))
            .collect(),
        Table::Profiles => PROFILES
            .iter()
            .map(|profile| owned([profile.name, profile.summary]))
            .collect(),
        Table::Records => PROVENANCES
            .iter()
            .map(|row| owned([row.name, row.form, row.trust.name(), row.summary]))
            .collect(),
        Table::Formats => FORMATS
            .iter()
            .map(|format| owned([format.name, format.summary]))
            .collect(),
        Table::Receivers => RECEIVERS
            .iter()
            .map(|receiver| owned([receiver.name, receiver.summary, receiver.rule]))
            .collect(),
        Table::Sentinels => SENTINELS.iter().map(sentinel).collect(),
    };
    aligned(&rows)
}

fn sentinel(sentinel: &Sentinel) -> Vec<String> {
    let at = Timestamp::from_unix(sentinel.seconds, 0).to_string();
    let zone = match sentinel.base {
        Base::Utc => "UTC",
        Base::Local => "local",
    };
    let scope = match sentinel.scope {
        Scope::Anywhere => "anywhere",
        Scope::Fields(prefix) => prefix,
    };
    [&at, zone, scope, sentinel.producer]
        .map(str::to_owned)
        .to_vec()
}

fn owned<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let is_last = column + 1 == row.len();
            let width = if is_last {
                0
            } else {
                width(column).unwrap_or(0) + 2
            };
            text.push_str(&format!("{cell:width$}"));
        }
        text.push('\n');
    }
    text
}
