//! Woodpecker's variables (woodpecker-ci.org/docs/usage/environment).

use super::when::Wrong;
use super::{Means, Provenance, Said, when};
use crate::record::{Trust, Window};

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "woodpecker",
    form: "ci",
    summary: "Woodpecker: when this pipeline was created, by its server",
    trust: Trust::Server,
    bounds: "start, from below: CI_PIPELINE_CREATED, else CI_PIPELINE_STARTED or CI_STEP_STARTED",
    traps: "\
Only CI_PIPELINE_CREATED is by the server's clock. The agent fills in the other two by its own, which is the \
builder's, and both with the start of the workflow. All are whole seconds since 1970; 0 means not yet.",
    example: "skewgate audit dist --record ci",
    silent: "none of its variables is set",
    means: Means::Variables {
        names: &[CREATED, STARTED[0], STARTED[1]],
        read,
    },
};

const CREATED: &str = "CI_PIPELINE_CREATED";
const STARTED: [&str; 2] = ["CI_PIPELINE_STARTED", "CI_STEP_STARTED"];

fn read(said: &Said<'_>) -> Result<Window, Wrong> {
    when::first_second(said, &[CREATED], &STARTED)
}
