//! How clocks ran, for the tests of the renderers.

use super::{Drifts, Unread};
use crate::clock::{Standing, Witness};
use crate::drift::tests::{EPOCH, Machine, SECOND};
use crate::record::sample::{minutes, record};
use crate::record::{BuildDrift, fleet};
use crate::source::Class;
use crate::time::Span;
use std::path::{Path, PathBuf};

/// How the clock of the builder that this tool was made for ran, while it was set and a source strayed; what
/// comes from outside is hostile.
pub(super) fn drifts() -> Drifts {
    let mut machine = Machine::even(-166_666_667);
    machine.walls.push((150 * SECOND, EPOCH + 30 * SECOND));
    let mut readings = minutes(&machine, 0);
    for (reading, at) in readings.iter_mut().zip(0_i64..) {
        let (time, taken) = match &reading.trusted {
            Ok(trusted) => (trusted.time, trusted.taken),
            Err(reason) => panic!("{reason}"),
        };
        let said = |address: &str, off| Witness {
            address: address.to_owned(),
            said: Ok((Class::Network, time.later(Span::from_millis(off)), taken)),
            standing: Standing::Agrees,
        };
        reading.witnesses = vec![said("ntp:one\x1b[31m", 0), said("::ntp:##[two]", -at * 200)];
    }
    readings[4].trusted = Err("nobody\n##[error]answered".to_owned());
    let record = record("::error::host\n", readings);
    drifts_of(
        vec![BuildDrift::of(
            Path::new("r\u{202e}ecord.json"),
            &record,
            500,
        )],
        Vec::new(),
    )
}

/// Those of a fleet: one went bad, one is right, and one record could not be read.
pub(super) fn fleet_drifts() -> Drifts {
    let build = |host: &str, rate: i128, from: i128| {
        let record = record(host, minutes(&Machine::even(rate), from));
        BuildDrift::of(
            &PathBuf::from(format!("records/{host}-{from}.json")),
            &record,
            500,
        )
    };
    let builds = vec![
        build("good", 1000, 0),
        build("##[bad]", 0, 10),
        build("##[bad]", -200_000_000, 20),
        build("##[bad]", -100_000_000, 30),
    ];
    let unread = Unread {
        path: PathBuf::from("records/\x1b[2J.json"),
        reason: "no\n::error::JSON".to_owned(),
    };
    drifts_of(builds, vec![unread])
}

fn drifts_of(builds: Vec<BuildDrift>, unread: Vec<Unread>) -> Drifts {
    Drifts {
        version: "0.1.0",
        limit: 500,
        builders: fleet(&builds),
        builds,
        unread,
    }
}
