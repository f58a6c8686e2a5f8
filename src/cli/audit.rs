//! `skewgate audit`: the main job.

use super::args::{AuditArgs, FileArgs, SettingArgs};
use super::output::{Outputs, Request, Target};
use super::{Exit, Failure, complain, interrupt, progress, window};
use crate::audit::{self, Error, Options, Watch};
use crate::clock::Sources;
use crate::config::{self, Accepted, Effective, Place};
use crate::record::{self, Window};
use crate::report::{Report, Style, shown};
use crate::rule::{Ignore, Override, Policy};
use crate::time::{Interval, parse_instant};
use crate::walk::{self, PatternError, Patterns, Root, Select};
use clap::{ArgMatches, ColorChoice};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

/// Where builds put what they make, by the conventions of their tools.
const OUTPUT_FOLDERS: &[&str] = &[
    "dist",
    "target",
    "build",
    "out",
    "_build",
    "bazel-bin",
    "output",
    "release",
    "artifacts",
];

pub(super) fn run(
    args: &AuditArgs,
    matches: &ArgMatches,
    color: ColorChoice,
) -> Result<Exit, Failure> {
    run_into(args, matches, color, &args.output)
}

/// The same, into other reports.
pub(super) fn run_into(
    args: &AuditArgs,
    matches: &ArgMatches,
    color: ColorChoice,
    reports: &[Request],
) -> Result<Exit, Failure> {
    let options = options(args, matches)?;
    let style = Style {
        colour: super::output::wants_colour(color),
        verbose: args.verbose,
    };
    let outputs = Outputs::open(reports, style).map_err(Failure::not_audited)?;
    let interrupt = interrupt::watch().map_err(Failure::not_audited)?;
    let seen = AtomicU64::new(0);
    let watch = Watch {
        sink: outputs.streams_any().then_some(&outputs),
        keep: outputs.keeps_any(),
        stop: interrupt.flag(),
        seen: &seen,
    };
    let done = progress::show(!args.no_progress, &seen, || audit::run(&options, watch));
    match done {
        Ok(report) => Ok(finish(outputs, &report)),
        Err(Error::Interrupted) => {
            // What was begun beside the target of a report is removed before this process ends.
            drop(outputs);
            complain("interrupted: not everything was audited, so there is no verdict\n");
            interrupt.end_process();
            Ok(Exit::NoVerdict)
        }
        Err(Error::Clock(error)) => Err(Failure::no_clock(error)),
        Err(error) => Err(Failure::not_audited(error)),
    }
}

/// Writes the reports. The verdict decides the exit, but a pass whose report is lost is none.
fn finish(outputs: Outputs, report: &Report) -> Exit {
    if !outputs.shows_verdict() {
        let (verdict, reason) = (report.verdict.name(), &report.reason);
        complain(&format!("skewgate: {verdict}, {reason}\n"));
    }
    let exit = Exit::from(report.verdict);
    let lost = outputs.write(report);
    for loss in &lost {
        complain(&format!("error: {}\n", shown(&loss.to_string())));
    }
    if lost.is_empty() || exit != Exit::Pass {
        exit
    } else {
        Exit::Error
    }
}

/// Puts together what each step is told, before anything is audited.
fn options(args: &AuditArgs, matches: &ArgMatches) -> Result<Options, Failure> {
    let current = std::env::current_dir().map_err(walk::Error::CurrentDirectory);
    let current = current.map_err(Failure::not_audited)?;
    let effective = effective(&args.settings, matches, &current)?;
    let roots = roots(args, &effective, &current)?;
    let asking = effective.clock.of_sources().map_err(Failure::not_audited)?;
    let sources = Sources::open(&effective.clock.sources.value, &asking);
    let sources = sources.map_err(Failure::not_audited)?;
    let stated = Window {
        began: bound("--not-before", args.not_before.as_deref())?,
        ended: bound("--not-after", args.not_after.as_deref())?,
    };
    let records = window::read(&effective.record, stated, &current)?;
    let policy = policy(&effective, &roots, &current).map_err(Failure::not_audited)?;
    let select = select(&effective).map_err(Failure::not_audited)?;
    Ok(Options {
        walk: walk::Options {
            roots: roots.paths,
            base: effective.base,
            select,
            one_file_system: effective.one_file_system.value,
            depth_limit: effective.depth_limit.value,
            threads: effective.threads.value,
            walker: args.settings.walker.unwrap_or_default(),
        },
        roots_are_default: roots.chosen == Chosen::Usual,
        sources,
        clock: effective.clock.of_agreement(),
        window: records.window,
        record: records.own,
        drift_limit: effective.record.drift_limit.value,
        source_date: source_date(args.source_date_epoch.as_deref())?,
        format: effective.embedded.options(),
        receivers: effective.embedded.receivers.value,
        policy,
        gate: effective.profile.value.gate(effective.fail_on.value),
        profile: effective.profile.value.name,
    })
}

/// A side of the window that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{flag} is no time: write RFC 3339, @SECONDS or git:REV")]
struct NoTime {
    flag: &'static str,
    source: record::Error,
}

fn bound(flag: &'static str, text: Option<&str>) -> Result<Option<record::Bound>, Failure> {
    let read = text.map(record::stated).transpose();
    read.map_err(|source| Failure::not_audited(NoTime { flag, source }))
}

/// What is in force.
pub(super) fn effective(
    args: &SettingArgs,
    matches: &ArgMatches,
    current: &Path,
) -> Result<Effective, Failure> {
    let file = configured(&args.file, current).map_err(Failure::not_audited)?;
    Ok(Effective::new(args.given(matches), file, current))
}

/// What the file says that is in force here.
pub(super) fn configured(
    args: &FileArgs,
    current: &Path,
) -> Result<Option<config::File>, config::Error> {
    let path = match &args.config {
        _ if args.no_config => None,
        Some(path) => Some(path.clone()),
        None => config::find(current),
    };
    path.map(|path| config::load(&path, current)).transpose()
}

/// What to audit, and who chose it.
struct Roots {
    paths: Vec<Root>,
    chosen: Chosen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    /// The command line: perhaps only a part of what is always audited.
    Here,
    /// The configuration.
    Configured,
    /// Nobody: the usual output folders.
    Usual,
}

fn roots(args: &AuditArgs, effective: &Effective, current: &Path) -> Result<Roots, Failure> {
    if let Some(list) = &args.files_from {
        let paths = listed(list, args.null).map_err(Failure::not_audited)?;
        return Ok(Roots {
            paths,
            chosen: Chosen::Here,
        });
    }
    let (paths, chosen) = if !args.paths.is_empty() {
        (args.paths.clone(), Chosen::Here)
    } else if !effective.paths.value.is_empty() {
        (effective.paths.value.clone(), Chosen::Configured)
    } else {
        (usual_folders(current), Chosen::Usual)
    };
    if paths.is_empty() {
        let folders = OUTPUT_FOLDERS.join(", ");
        return Err(Failure::no_verdict(format!(
            "nothing to audit: none of the usual output folders is here ({folders}); name what the build made"
        )));
    }
    Ok(Roots {
        paths: paths.into_iter().map(Root::named).collect(),
        chosen,
    })
}

fn usual_folders(current: &Path) -> Vec<PathBuf> {
    let is_there = |name: &&&str| current.join(name).is_dir();
    OUTPUT_FOLDERS
        .iter()
        .filter(is_there)
        .map(PathBuf::from)
        .collect()
}

fn listed(list: &Path, nul: bool) -> Result<Vec<Root>, walk::Error> {
    if list == Path::new("-") {
        return walk::read_list(io::stdin().lock(), "standard input", nul);
    }
    let name = list.display().to_string();
    let file = File::open(list).map_err(|source| walk::Error::List {
        path: name.clone(),
        source,
    })?;
    walk::read_list(BufReader::new(file), &name, nul)
}

/// `SOURCE_DATE_EPOCH`: a whole number of seconds (the specification of that name at reproducible-builds.org), by
/// flag or by the variable that build tools read. An empty variable is an unset one.
fn source_date(flag: Option<&str>) -> Result<Option<Interval>, Failure> {
    const NAME: &str = "SOURCE_DATE_EPOCH";
    let variable = std::env::var_os(NAME).map(|value| value.to_string_lossy().into_owned());
    let Some(text) = flag
        .map(str::to_owned)
        .or(variable)
        .filter(|text| !text.is_empty())
    else {
        return Ok(None);
    };
    let seconds = text
        .parse::<i64>()
        .ok()
        .and_then(|_| parse_instant(&format!("@{text}")).ok());
    let refused = || {
        format!(
            "{NAME} is `{text}`, not a whole number of seconds since 1970; set it right or unset it"
        )
    };
    seconds
        .map(Some)
        .ok_or_else(|| Failure::not_audited(refused()))
}

fn select(effective: &Effective) -> Result<Select, PatternError> {
    let compile = |patterns: &[config::Value<String>]| {
        let patterns = patterns.iter().map(|pattern| &pattern.value);
        (patterns.len() > 0)
            .then(|| Patterns::new(patterns))
            .transpose()
    };
    Ok(Select::new(
        compile(&effective.include)?,
        compile(&effective.exclude)?,
    ))
}

fn policy(effective: &Effective, roots: &Roots, current: &Path) -> Result<Policy, PatternError> {
    let anchored = |root: &Root| walk::anchored(root.path(), current, &effective.base);
    let anchors: Vec<PathBuf> = roots.paths.iter().map(anchored).collect();
    let place = |place: &Place| {
        Ok(Override {
            paths: Patterns::new(&place.patterns)?,
            changes: place.changes.clone(),
        })
    };
    let ignore = |accepted: &Accepted| {
        Ok(Ignore {
            rule: accepted.rule,
            paths: (!accepted.patterns.is_empty())
                .then(|| Patterns::new(&accepted.patterns))
                .transpose()?,
            written: accepted.patterns.join(", "),
            reason: accepted.reason.clone(),
            expires: accepted.expires,
            origin: accepted.origin.to_string(),
            in_scope: roots.chosen != Chosen::Here || covers_all(&anchors, &accepted.patterns),
            taken: AtomicU64::new(0),
        })
    };
    Ok(Policy {
        settings: effective.settings(),
        overrides: effective
            .places
            .iter()
            .map(place)
            .collect::<Result<_, _>>()?,
        ignores: effective
            .accepted
            .iter()
            .map(ignore)
            .collect::<Result<_, _>>()?,
        possible: effective.strict.value,
    })
}

/// Whether an audit of these roots meets all that patterns can match: otherwise that they took
/// nothing says nothing.
fn covers_all(anchors: &[PathBuf], patterns: &[String]) -> bool {
    patterns.iter().all(|pattern| {
        let is_literal = |part: &&str| !part.contains(['*', '?', '[', '{', '\\']);
        // Without a slash, a pattern starts nowhere in particular.
        let start: PathBuf = match pattern.trim_end_matches('/') {
            name if !name.contains('/') => PathBuf::new(),
            path => path
                .trim_start_matches("./")
                .split('/')
                .take_while(is_literal)
                .collect(),
        };
        anchors.iter().any(|anchor| start.starts_with(anchor))
    })
}

impl Target {
    /// Whether people are reading there.
    pub(super) const fn is_standard_output(&self) -> bool {
        matches!(self, Self::Standard)
    }
}

#[cfg(test)]
mod tests {
    use super::covers_all;
    use std::path::PathBuf;

    #[test]
    fn an_ignore_is_stale_only_where_all_it_could_match_was_audited() {
        let covered =
            |root: &str, pattern: &str| covers_all(&[PathBuf::from(root)], &[pattern.to_owned()]);
        assert!(covered("dist", "dist/**"));
        assert!(covered("dist", "dist/old/*.map"));
        assert!(covered("", "*.map"));
        assert!(!covered("dist", "*.map"));
        assert!(!covered("dist/new", "dist/**"));
        assert!(!covered("dist", "**/x.map"));
    }
}
