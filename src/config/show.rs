//! What is in force, written as a `skewgate.toml` whose comments say where each value came from.

use super::embedded::zone_text;
use super::{Accepted, Effective, EmbeddedSettings, Origin, Place, RecordSettings, Value};
use crate::report::is_hidden;
use crate::rule::{Change, RULES};
use std::fmt::{self, Write as _};
use std::path::PathBuf;

impl fmt::Display for Effective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(path) => writeln!(f, "# {} over the defaults", path.display())?,
            None => writeln!(f, "# no skewgate.toml here or above: defaults")?,
        }
        let paths = self.paths.value.iter();
        let paths: Vec<String> = paths
            .map(|path: &PathBuf| path.display().to_string())
            .collect();
        line(
            f,
            "profile",
            &quoted(self.profile.value.name),
            &self.profile.origin,
        )?;
        line(f, "paths", &list(&paths), &self.paths.origin)?;
        let fail_on = self.fail_on.value.map_or("never", crate::rule::Level::name);
        line(f, "fail-on", &quoted(fail_on), &self.fail_on.origin)?;
        line(
            f,
            "strict",
            &self.strict.value.to_string(),
            &self.strict.origin,
        )?;
        line(
            f,
            "tolerance",
            &quoted(&duration(self.tolerance.value)),
            &self.tolerance.origin,
        )?;
        patterns(f, "include", &self.include)?;
        patterns(f, "exclude", &self.exclude)?;
        line(
            f,
            "one-file-system",
            &self.one_file_system.value.to_string(),
            &self.one_file_system.origin,
        )?;
        line(
            f,
            "depth-limit",
            &self.depth_limit.value.to_string(),
            &self.depth_limit.origin,
        )?;
        let threads = self
            .threads
            .value
            .unwrap_or_else(crate::walk::default_threads);
        line(f, "threads", &threads.to_string(), &self.threads.origin)?;
        writeln!(f, "\n[clock]")?;
        self.clock(f)?;
        self.record(f)?;
        self.embedded(f)?;
        self.rules(f)?;
        self.places
            .iter()
            .try_for_each(|place| write!(f, "{place}"))?;
        self.accepted
            .iter()
            .try_for_each(|accepted| write!(f, "{accepted}"))
    }
}

impl Effective {
    fn clock(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = &self.clock;
        line(
            f,
            "sources",
            &list(&clock.sources.value),
            &clock.sources.origin,
        )?;
        line(
            f,
            "minimum",
            &clock.minimum.value.to_string(),
            &clock.minimum.origin,
        )?;
        line(
            f,
            "timeout",
            &quoted(&duration(clock.timeout.value)),
            &clock.timeout.origin,
        )?;
        let most = clock
            .max_uncertainty
            .value
            .map(|span| quoted(&duration(span)));
        optional(f, "max-uncertainty", most, &clock.max_uncertainty.origin)?;
        let path = clock
            .ca_file
            .value
            .as_ref()
            .map(|path| quoted(&path.display().to_string()));
        optional(f, "ca-file", path, &clock.ca_file.origin)?;
        let local = clock.allow_local_reference.value.to_string();
        line(
            f,
            "allow-local-reference",
            &local,
            &clock.allow_local_reference.origin,
        )
    }

    fn record(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n[record]")?;
        let RecordSettings {
            sources,
            trusted_keys,
            drift_limit,
        } = &self.record;
        line(f, "sources", &list(&sources.value), &sources.origin)?;
        let keys: Vec<String> = trusted_keys.value.iter().map(ToString::to_string).collect();
        line(f, "trusted-keys", &list(&keys), &trusted_keys.origin)?;
        let limit = quoted(&format!("{}ppm", drift_limit.value));
        line(f, "drift-limit", &limit, &drift_limit.origin)
    }

    fn embedded(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n[embedded]")?;
        let EmbeddedSettings {
            files,
            zip_zone,
            local_headers,
            limits,
            receivers,
        } = &self.embedded;
        line(f, "files", &quoted(files.value.name()), &files.origin)?;
        line(
            f,
            "zip-tz",
            &quoted(&zone_text(&zip_zone.value)),
            &zip_zone.origin,
        )?;
        let headers = local_headers.value.to_string();
        line(f, "local-headers", &headers, &local_headers.origin)?;
        let names = receivers
            .value
            .iter()
            .map(|receiver| receiver.name.to_owned());
        let names: Vec<String> = names.collect();
        line(f, "receivers", &list(&names), &receivers.origin)?;
        for limit in limits {
            let (name, most) = limit.value;
            line(
                f,
                &format!("limits.{}", name.name()),
                &most.to_string(),
                &limit.origin,
            )?;
        }
        Ok(())
    }

    fn rules(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n[rules]")?;
        let settings = self.settings();
        for rule in RULES {
            let setting = settings.of(rule);
            let value = format!(
                "{{ level = \"{}\", tolerance = \"{}\" }}",
                setting.level.name(),
                duration(setting.tolerance)
            );
            let (level, tolerance) = self.origins_of(rule);
            let origin = if level == tolerance {
                level.to_string()
            } else {
                format!("level {level}, tolerance {tolerance}")
            };
            writeln!(f, "{} = {value} # {origin}", rule.id)?;
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n[[path]] # {}", self.origin)?;
        writeln!(f, "match = {}", list(&self.patterns))?;
        for change in self.changes.iter().filter(|change| change.rule.is_none()) {
            let tolerance = change.tolerance.map(duration).unwrap_or_default();
            writeln!(f, "tolerance = {}", quoted(&tolerance))?;
        }
        self.changes.iter().try_for_each(|change| single(f, change))
    }
}

fn single(f: &mut fmt::Formatter<'_>, change: &Change) -> fmt::Result {
    let Some(rule) = change.rule else {
        return Ok(());
    };
    let level = change
        .level
        .map(|level| format!("level = \"{}\"", level.name()));
    let tolerance = change
        .tolerance
        .map(|span| format!("tolerance = \"{}\"", duration(span)));
    let parts: Vec<String> = level.into_iter().chain(tolerance).collect();
    writeln!(f, "rules.{} = {{ {} }}", rule.id, parts.join(", "))
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n[[ignore]] # {}", self.origin)?;
        writeln!(f, "rule = {}", quoted(self.rule.id))?;
        if !self.patterns.is_empty() {
            writeln!(f, "path = {}", list(&self.patterns))?;
        }
        writeln!(f, "reason = {}", quoted(&self.reason))?;
        match self.expires.and_then(crate::time::Interval::earliest) {
            Some(at) => writeln!(f, "expires = {at}"),
            None => Ok(()),
        }
    }
}

fn line(f: &mut fmt::Formatter<'_>, key: &str, value: &str, origin: &Origin) -> fmt::Result {
    writeln!(f, "{key} = {value} # {origin}")
}

/// A key that may be unset, which TOML can only say by leaving it out.
fn optional(
    f: &mut fmt::Formatter<'_>,
    key: &str,
    value: Option<String>,
    origin: &Origin,
) -> fmt::Result {
    match value {
        Some(value) => line(f, key, &value, origin),
        None => writeln!(f, "# {key} is not set"),
    }
}

fn patterns(f: &mut fmt::Formatter<'_>, key: &str, patterns: &[Value<String>]) -> fmt::Result {
    if patterns.is_empty() {
        return writeln!(f, "{key} = [] # default");
    }
    writeln!(f, "{key} = [")?;
    for pattern in patterns {
        writeln!(f, "    {}, # {}", quoted(&pattern.value), pattern.origin)?;
    }
    writeln!(f, "]")
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A TOML basic string (TOML 1.0, "String"), in which nothing steers whoever shows it: `##[` would
/// command a CI runner anywhere in a line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            hidden if is_hidden(hidden) || hidden == '#' && quoted.ends_with('#') => {
                // Writing to a string cannot fail.
                let _written = write!(quoted, "\\U{:08x}", u32::from(hidden));
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// A span as the file takes it, exactly.
fn duration(span: crate::time::Span) -> String {
    let nanos = span.as_nanos();
    match (nanos % 1_000_000_000, nanos % 1_000_000) {
        (0, _) => format!("{}s", nanos / 1_000_000_000),
        (_, 0) => format!("{}ms", nanos / 1_000_000),
        _ => format!("{nanos}ns"),
    }
}
