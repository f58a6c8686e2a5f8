//! The flags about the times inside files, which `audit` and `stamps` share.

use super::args::{origin, set};
use crate::bytes::Limit;
use crate::config::{self, EmbeddedGiven, Value};
use crate::format::{Embedded, ZipZone};
use crate::receiver::Receiver;
use clap::{ArgMatches, Args};

/// The times inside deliverables, and who will be given them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inside")]
pub(super) struct EmbeddedArgs {
    #[command(flatten)]
    inside: InsideArgs,
    /// Who may refuse files for them (`skewgate list receivers`)
    #[arg(long = "for", id = "for", value_name = "RECEIVER", value_parser = config::receiver, value_delimiter = ',')]
    receivers: Vec<&'static Receiver>,
}

/// The times inside files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inside")]
pub(super) struct InsideArgs {
    /// Which files to open for the times inside: auto, all or none
    #[arg(long, value_name = "WHICH", value_parser = config::embedded)]
    embedded: Option<Embedded>,
    /// The zone of zip's local times: unknown, utc, local or such as +05:30
    #[arg(long, value_name = "ZONE", value_parser = config::zip_zone, allow_hyphen_values = true)]
    zip_tz: Option<ZipZone>,
    /// Read only the central directory of zip archives, not the headers of their members
    #[arg(long, hide_short_help = true)]
    no_local_headers: bool,
    /// Raise or lower a limit on what is read of one file, such as nesting=9; repeatable
    #[arg(long, value_name = "NAME=N", value_parser = config::limit, value_delimiter = '\n', hide_short_help = true)]
    limit: Vec<(Limit, u64)>,
}

impl EmbeddedArgs {
    /// What was set, each with where.
    pub(super) fn given(&self, matches: &ArgMatches) -> EmbeddedGiven {
        EmbeddedGiven {
            receivers: set(origin(matches, "for"), Some(self.receivers.clone())),
            ..self.inside.given(matches)
        }
    }
}

impl InsideArgs {
    /// What was set, each with where.
    pub(super) fn given(&self, matches: &ArgMatches) -> EmbeddedGiven {
        let origin = |id: &str| origin(matches, id);
        let limits = self.limit.iter().copied();
        let limits = limits.filter_map(|limit| Some(Value::new(limit, origin("limit")?)));
        EmbeddedGiven {
            files: set(origin("embedded"), self.embedded),
            zip_zone: set(origin("zip_tz"), self.zip_tz.clone()),
            local_headers: set(origin("no_local_headers"), Some(!self.no_local_headers)),
            limits: limits.collect(),
            receivers: None,
        }
    }
}
