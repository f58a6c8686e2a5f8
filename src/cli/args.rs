//! The command line, and the environment variables that stand for its flags.

use super::begin::BeginArgs;
use super::clock::ClockCommandArgs;
use super::doctor::DoctorArgs;
use super::drift::DriftArgs;
use super::embedded::EmbeddedArgs;
use super::output::Request;
use super::recording::RecordArgs;
use super::run::RunArgs;
use super::stamps::StampsArgs;
use super::variables::{variable, with_variables};
use crate::config::{
    self, ClockGiven, FailOn, Given, Origin, Profile, RecordGiven, Value, positive, ppm,
};
use crate::record::TrustedKey;
use crate::time::{Span, parse_duration};
use crate::walk::Walker;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser};
use clap::{Subcommand, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Audits the timestamps of build artifacts against a trusted clock and the build's own window.
#[derive(Debug, Parser)]
#[command(
    name = "skewgate",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
#[command(after_help = "\
Every flag can be set in the environment: --fail-on is SKEWGATE_FAIL_ON, and so on (lists: a line each).
Exit codes: 0 pass, 1 findings, 2 wrong usage or I/O error, 3 no verdict possible.")]
pub(super) struct Cli {
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Audit what a build produced (the main job)
    #[command(after_help = "\
Examples:
  skewgate audit                                  the usual output folders here (dist, target, build, …)
  skewgate audit dist --not-before @$BUILD_START  what is older was not built by this build
  skewgate audit dist --clock fixed:$TIME+-5s     against a time that somebody states
  skewgate audit -o json=report.json -o human     several reports at once
  git ls-files -z | skewgate audit --files-from - -0")]
    Audit(Box<AuditArgs>),
    /// Write down that a build begins, and when, by clocks from outside
    #[command(after_help = "\
Examples:
  skewgate begin --clock nts:time.example.org     before the build; the record is .skewgate/record.json
  skewgate begin dist --record build.json         artifacts will be written to dist
The record is at --record, else in $RUNNER_TEMP/skewgate, else in .skewgate here. One that is open and of this
tree and boot stays as it is; any other is kept as NAME.previous.json.
Exit codes: 0 recorded, also when only the builder's own clock told the time, 2 not recorded.")]
    Begin(Box<BeginArgs>),
    /// Run a build, record it, and audit what it made
    #[command(after_help = "\
Examples:
  skewgate run dist -- make                        audits dist when make has succeeded
  skewgate run --clock nts:time.example.org --every 1m --no-audit -- ./build.sh
The command keeps its standard input, output and error; the audit's report goes to standard error unless -o says
otherwise. Signals are passed on to it. Within it, SKEWGATE_RECORD names the record, and a further run goes by it.
Exit codes: the command's own when it fails, 128 and the signal's number when one ended it, 126 when it cannot be
executed, 127 when it is not there; else the audit's.")]
    Run(Box<RunArgs>),
    /// Write down that the build has ended
    #[command(after_help = "\
Exit codes: 0 recorded, or it had ended already, 2 not recorded: there is no record, or it is of another boot.")]
    End(Box<RecordArgs>),
    /// Tell what time it really is, and who says so
    #[command(after_help = "\
Examples:
  skewgate clock --clock nts:time.example.org --clock https://example.org/
  skewgate clock --clock ci -o json                                  by the CI system's own server
  skewgate clock --clock public --wait --within 50ms --timeout 60s   a gate before a build
  skewgate clock --verify report.json --clock-ca-file tsa.pem        its tokens, years later, offline
Exit codes: 0 agreed (and within the limit), 1 not within the limit, 2 wrong usage, 3 no agreement, or a
limit and no outside clock to hold the builder's against. With --verify: 0 all tokens hold, 1 one does
not, 3 there is none.")]
    Clock(Box<ClockCommandArgs>),
    /// Tell how the clock ran over a build, or the clocks of a fleet over many
    #[command(after_help = "\
Examples:
  skewgate drift .skewgate/record.json            one build: offset and rate over time, and what they come from
  skewgate drift records/ --limit 100ppm          every record below: builders by what is proven of them
Exit codes: 0 every clock proven within the limit and never set, 1 one proven beyond it, or set, or jumped, 2 a
record cannot be read, 3 nothing is proven of one.")]
    Drift(DriftArgs),
    /// Tell what this machine says of its own clock, and what to do
    #[command(after_help = "\
Examples:
  skewgate doctor                                          what can be seen here
  skewgate doctor --clock ntp:time.example.org --for 1m    and how the clock really runs
  skewgate doctor --capture facts                          what to send with a question; it holds no secrets
  skewgate doctor --root facts                             what somebody sent
Exit codes: 0 nothing suspicious, 1 something is, 2 wrong usage, 3 nothing suspicious, but the clock could not
be measured as was asked for.")]
    Doctor(Box<DoctorArgs>),
    /// List every time in files: where it is, its bytes, and what they say
    #[command(after_help = super::stamps::AFTER_HELP)]
    Stamps(Box<StampsArgs>),
    /// Explain a rule: why, an example, what to do
    Explain {
        /// The rule's id, such as future-mtime
        rule: String,
    },
    /// List what there is
    List {
        /// Which table
        table: Table,
    },
    /// Write a commented skewgate.toml
    Init {
        /// Replace one that is there
        #[arg(long)]
        force: bool,
    },
    /// Show the configuration
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print a JSON schema
    Schema {
        /// Which: clock, config, doctor, drift, record, report, report-lines or stamps
        name: String,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Of which command; without, of skewgate itself
        command: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print what is in force, and where each value came from
    Show(Box<SettingArgs>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Table {
    Rules,
    Sources,
    Reports,
    Facts,
    Profiles,
    Records,
    Formats,
    Receivers,
    Sentinels,
}

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// What to audit, files or directories; without, the usual output folders that exist here
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Audit the paths that a file lists, a line each (`-` for standard input)
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    pub(super) files_from: Option<PathBuf>,
    /// The list's paths end with NUL instead of a newline
    #[arg(short = '0', long, requires = "files_from")]
    pub(super) null: bool,
    /// When the build began: RFC 3339, @SECONDS or git:REV
    #[arg(long, value_name = "TIME")]
    pub(super) not_before: Option<String>,
    /// When the build ended: RFC 3339, @SECONDS or git:REV
    #[arg(long, value_name = "TIME")]
    pub(super) not_after: Option<String>,
    /// The date to clamp times to [default: `SOURCE_DATE_EPOCH`]
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub(super) source_date_epoch: Option<String>,
    #[command(flatten)]
    pub(super) settings: SettingArgs,
    /// A report to write: human, json or ndjson, to standard output or to a file; repeatable
    #[arg(short, long, value_name = "NAME[=FILE]", value_parser = Request::parse, value_delimiter = '\n')]
    #[arg(default_value = "human", help_heading = "Output")]
    pub(super) output: Vec<Request>,
    /// List every finding
    #[arg(short, long, help_heading = "Output")]
    pub(super) verbose: bool,
    /// Show no progress on the terminal
    #[arg(long, help_heading = "Output")]
    pub(super) no_progress: bool,
}

/// How often servers may be asked at most.
pub(super) fn watched(text: &str) -> Result<Span, String> {
    let span = positive(text)?;
    if span < Span::from_secs(2) {
        return Err("servers take it amiss to be asked more often than every 2s".to_owned());
    }
    Ok(span)
}

/// What a configuration file can set, too.
#[derive(Debug, Args)]
pub(super) struct SettingArgs {
    /// A record of the build: a file, `ci` or git:REV; repeatable
    #[arg(
        long,
        value_name = "RECORD",
        value_delimiter = '\n',
        help_heading = "Record"
    )]
    pub(super) record: Vec<String>,
    /// A key that may have signed skewgate's own record, as OpenSSH writes it; repeatable
    #[arg(
        long,
        value_name = "KEY",
        value_delimiter = '\n',
        help_heading = "Record",
        hide_short_help = true
    )]
    record_key: Vec<TrustedKey>,
    /// How far the builder's clock may run too fast or too slow by that record [default: 500ppm]
    #[arg(long, value_name = "PPM", value_parser = ppm, help_heading = "Record", hide_short_help = true)]
    drift_limit: Option<u32>,
    #[command(flatten)]
    pub(super) clock: ClockArgs,
    /// The starting point: default, release or strict
    #[arg(long, value_name = "NAME", value_parser = config::profile, help_heading = "Judging")]
    profile: Option<&'static Profile>,
    /// The least level that fails: error, warning, note or never
    #[arg(long, value_name = "LEVEL", value_parser = config::fail_on, help_heading = "Judging")]
    fail_on: Option<FailOn>,
    /// Report what is only possible, too
    #[arg(long, help_heading = "Judging")]
    strict: bool,
    /// What every rule lets pass, such as 2s
    #[arg(long, value_name = "SPAN", value_parser = parse_duration, help_heading = "Judging")]
    tolerance: Option<Span>,
    #[command(flatten)]
    embedded: EmbeddedArgs,
    /// Only what this pattern covers; repeatable
    #[arg(
        long,
        value_name = "GLOB",
        value_delimiter = '\n',
        help_heading = "Walking"
    )]
    include: Vec<String>,
    /// Not what this pattern covers; repeatable
    #[arg(
        long,
        value_name = "GLOB",
        value_delimiter = '\n',
        help_heading = "Walking"
    )]
    exclude: Vec<String>,
    /// Stay on the file system of each path
    #[arg(short = 'x', long, help_heading = "Walking")]
    one_file_system: bool,
    /// How many directories deep to go; deeper ones are a fault
    #[arg(
        long,
        value_name = "N",
        help_heading = "Walking",
        hide_short_help = true
    )]
    depth_limit: Option<u32>,
    /// How many threads to walk with
    #[arg(short = 'j', long, value_name = "N", help_heading = "Walking")]
    threads: Option<NonZeroUsize>,
    /// Which walker: beneath (by directory handles) or portable (by paths)
    #[arg(long, value_name = "NAME", value_parser = walker, help_heading = "Walking", hide_short_help = true)]
    pub(super) walker: Option<Walker>,
    #[command(flatten)]
    pub(super) file: FileArgs,
}

/// Where the configuration is.
#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// The configuration [default: the nearest skewgate.toml, here or above]
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub(super) config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long, conflicts_with = "config", help_heading = "Configuration")]
    pub(super) no_config: bool,
}

/// The trusted clock.
#[derive(Debug, Args)]
#[command(next_help_heading = "Clock")]
pub(super) struct ClockArgs {
    /// Whom to ask the time: an address, a preset (`skewgate list sources`) or `auto`; repeatable
    #[arg(long, value_name = "ADDRESS", value_delimiter = '\n')]
    clock: Vec<String>,
    /// How many sources must agree at least
    #[arg(long, value_name = "N", hide_short_help = true)]
    clock_minimum: Option<NonZeroUsize>,
    /// How long to wait for all of them together [default: 5s]
    #[arg(long, value_name = "SPAN", value_parser = positive, hide_short_help = true)]
    clock_timeout: Option<Span>,
    /// How far off their agreement may be
    #[arg(long, value_name = "SPAN", value_parser = positive, hide_short_help = true)]
    clock_max_uncertainty: Option<Span>,
    /// Certificate authorities to trust beside Mozilla's (PEM)
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    clock_ca_file: Option<PathBuf>,
    /// Let a server count that serves its own undisciplined clock
    #[arg(long, hide_short_help = true)]
    clock_allow_local_reference: bool,
}

fn walker(name: &str) -> Result<Walker, String> {
    match name {
        "beneath" => Ok(Walker::Beneath),
        "portable" => Ok(Walker::Portable),
        _ => Err(format!(
            "there is no walker `{name}`: write beneath or portable"
        )),
    }
}

/// A command line that was read.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) command: Command,
    /// What clap saw for the command, to tell where each value came from.
    pub(super) matches: ArgMatches,
    pub(super) color: ColorChoice,
}

/// The command line, with an environment variable for every flag.
pub fn command() -> clap::Command {
    with_variables(Cli::command()).mut_subcommand("run", shortened)
}

/// What `audit` explains as well is in the long help only.
fn shortened(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| match arg.get_help_heading() {
        Some("Judging" | "Inside" | "Walking" | "Configuration") => arg.hide_short_help(true),
        _ => arg,
    })
}

/// Reads the command line of this process.
pub(super) fn parse() -> Result<Parsed, clap::Error> {
    let matches = command().try_get_matches()?;
    let Cli { color, command } = Cli::from_arg_matches(&matches)?;
    let mut innermost = &matches;
    while let Some((_, deeper)) = innermost.subcommand() {
        innermost = deeper;
    }
    Ok(Parsed {
        command,
        matches: innermost.clone(),
        color,
    })
}

impl SettingArgs {
    /// What was set, each with where.
    pub(super) fn given(&self, matches: &ArgMatches) -> Given {
        let origin = |id: &str| origin(matches, id);
        let switch = |id: &str, on: bool| origin(id).map(|origin| Value::new(on, origin));
        let each = |id: &str, values: &[String]| {
            let origin = origin(id).unwrap_or(Origin::Default);
            values
                .iter()
                .map(|value| Value::new(value.clone(), origin.clone()))
                .collect()
        };
        Given {
            profile: set(origin("profile"), self.profile),
            paths: None,
            fail_on: set(origin("fail_on"), self.fail_on),
            strict: switch("strict", self.strict),
            tolerance: set(origin("tolerance"), self.tolerance),
            include: each("include", &self.include),
            exclude: each("exclude", &self.exclude),
            one_file_system: switch("one_file_system", self.one_file_system),
            depth_limit: set(origin("depth_limit"), self.depth_limit),
            threads: set(origin("threads"), self.threads),
            clock: self.clock.given(matches),
            embedded: self.embedded.given(matches),
            record: RecordGiven {
                sources: set(origin("record"), Some(self.record.clone())),
                trusted_keys: set(origin("record_key"), Some(self.record_key.clone())),
                drift_limit: set(origin("drift_limit"), self.drift_limit),
            },
        }
    }
}

impl ClockArgs {
    /// Whether anybody is named to be asked.
    pub(super) const fn is_given(&self) -> bool {
        !self.clock.is_empty()
    }

    /// What was set, each with where.
    pub(super) fn given(&self, matches: &ArgMatches) -> ClockGiven {
        let origin = |id: &str| origin(matches, id);
        let is_local = self.clock_allow_local_reference;
        ClockGiven {
            sources: set(origin("clock"), Some(self.clock.clone())),
            minimum: set(origin("clock_minimum"), self.clock_minimum),
            timeout: set(origin("clock_timeout"), self.clock_timeout),
            max_uncertainty: set(origin("clock_max_uncertainty"), self.clock_max_uncertainty),
            ca_file: set(origin("clock_ca_file"), self.clock_ca_file.clone()),
            allow_local_reference: set(origin("clock_allow_local_reference"), Some(is_local)),
        }
    }
}

pub(super) fn set<T>(origin: Option<Origin>, value: Option<T>) -> Option<Value<T>> {
    Some(Value::new(value?, origin?))
}

/// Where a value came from, unless it is only a default.
pub(super) fn origin(matches: &ArgMatches, id: &str) -> Option<Origin> {
    let long = id.replace('_', "-");
    match matches.value_source(id)? {
        ValueSource::CommandLine => Some(Origin::Flag(format!("--{long}"))),
        ValueSource::EnvVariable => Some(Origin::Environment(variable(&long))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Cli, command};
    use crate::cli::variables::variables;
    use clap::FromArgMatches as _;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_flag_has_a_variable() {
        fn check(command: &clap::Command) {
            for arg in command
                .get_arguments()
                .filter(|arg| arg.get_long().is_some())
            {
                assert!(arg.get_env().is_some(), "{:?}", arg.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        check(&command());
        assert!(variables().contains(&"SKEWGATE_FAIL_ON".to_owned()));
    }

    #[test]
    fn the_help_of_every_command_fits_a_screen() {
        fn check(command: &mut clap::Command) {
            let help = command.render_help().to_string();
            assert!(help.lines().count() <= 60, "{help}");
            command.get_subcommands_mut().for_each(check);
        }
        check(&mut command());
    }

    #[test]
    fn a_negative_source_date_is_a_value() {
        let words = ["skewgate", "audit", "--source-date-epoch", "-1"];
        let matches = command().try_get_matches_from(words).unwrap();
        assert!(Cli::from_arg_matches(&matches).is_ok());
    }
}
