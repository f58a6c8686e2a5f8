//! Drone's variables (docs.drone.io/pipeline/environment/reference).

use super::when::Wrong;
use super::{Means, Provenance, Said, when};
use crate::record::{Trust, Window};

pub(super) const PROVENANCE: Provenance = Provenance {
    name: "drone",
    form: "ci",
    summary: "Drone: when this build was created, by its server",
    trust: Trust::Server,
    bounds: "start, from below: DRONE_BUILD_CREATED, else DRONE_STAGE_STARTED or DRONE_BUILD_STARTED",
    traps: "\
Only DRONE_BUILD_CREATED is by the server's clock. The runner fills in the others by its own, which is the \
builder's. DRONE_BUILD_FINISHED and DRONE_STAGE_FINISHED say nothing while the build runs: they hold the time \
at which the variables were made. All are whole seconds since 1970; 0 means not yet.",
    example: "skewgate audit dist --record ci",
    silent: "none of its variables is set",
    means: Means::Variables {
        names: &[CREATED, STARTED[0], STARTED[1]],
        read,
    },
};

const CREATED: &str = "DRONE_BUILD_CREATED";
const STARTED: [&str; 2] = ["DRONE_STAGE_STARTED", "DRONE_BUILD_STARTED"];

fn read(said: &Said<'_>) -> Result<Window, Wrong> {
    when::first_second(said, &[CREATED], &STARTED)
}
