//! GitLab CI's predefined variables (docs.gitlab.com, "Predefined CI/CD variables reference").

use super::when::Wrong;
use super::{Means, Provenance, Said, when};
use crate::record::{Trust, Window};

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "gitlab",
    form: "ci",
    summary: "GitLab: when this job started, by its server",
    trust: Trust::Server,
    bounds: "start, from below: CI_JOB_STARTED_AT, else CI_PIPELINE_CREATED_AT",
    traps: "\
The times are in the zone of the server, which is not always UTC; they name it. A job may set the variables \
anew for itself: protect what may.",
    example: "skewgate audit dist --record ci",
    silent: "neither variable is set",
    means: Means::Variables {
        names: &NAMES,
        read,
    },
};

const NAMES: [&str; 2] = ["CI_JOB_STARTED_AT", "CI_PIPELINE_CREATED_AT"];

fn read(said: &Said<'_>) -> Result<Window, Wrong> {
    for name in NAMES {
        let Some(text) = said(name) else { continue };
        if let Some(at) = when::zoned(name, &text)? {
            return Ok(when::began_since(at, name.to_owned(), Trust::Server));
        }
    }
    Ok(Window::default())
}
