//! Azure Pipelines' predefined variables (learn.microsoft.com, "Use predefined variables").

use super::when::Wrong;
use super::{Means, Provenance, Said, when};
use crate::record::{Trust, Window};

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "azure",
    form: "ci",
    summary: "Azure Pipelines: when this run was queued, by its server",
    trust: Trust::Server,
    bounds: "start, from below: SYSTEM_PIPELINESTARTTIME",
    traps: "\
It is the run that was queued then, not this job that started: jobs wait for their agent and for approvals, \
perhaps for days. The time is written `2026-06-15 13:45:30+00:00`, in any zone.",
    example: "skewgate audit $(Build.ArtifactStagingDirectory) --record ci",
    silent: "the variable is not set",
    means: Means::Variables {
        names: &[NAME],
        read,
    },
};

const NAME: &str = "SYSTEM_PIPELINESTARTTIME";

fn read(said: &Said<'_>) -> Result<Window, Wrong> {
    let at = said(NAME)
        .map(|text| when::zoned(NAME, &text))
        .transpose()?;
    let window = |at| when::began_since(at, NAME.to_owned(), Trust::Server);
    Ok(at.flatten().map(window).unwrap_or_default())
}
