//! `time-zone`: in which zone local times are written.

use super::{Fact, Machine, Sign};

pub(super) const FACT: Fact = Fact {
    id: "time-zone",
    summary: "in which zone local times are written here",
    place: "`TZ`, `/etc/localtime`, `/etc/timezone`",
    meaning: "\
The clock itself has no zone. But zip files and other formats with DOS times hold local time without a zone: \
packed east of the reader, they look hours from the future.",
    remedy: "Pack under TZ=UTC.",
    source: "APPNOTE.TXT section 4.4.6; tzset(3)",
    look,
};

fn look(machine: &Machine) -> Sign {
    let variable = machine.variable("TZ").map(|zone| format!("{zone} (TZ)"));
    let link = machine.link("/etc/localtime").map(|target| {
        let zone = target
            .split_once("zoneinfo/")
            .map_or(target.as_str(), |(_, zone)| zone);
        format!("{zone} (/etc/localtime)")
    });
    let file = || {
        machine
            .line("/etc/timezone")
            .map(|zone| format!("{zone} (/etc/timezone)"))
    };
    let Some(zone) = variable.or(link).or_else(file) else {
        return Sign::unknown(
            "no zone is set",
            "local times are UTC, unless a program has another opinion",
        );
    };
    // `GMT+5` is five hours behind.
    let name = zone.split(' ').next().unwrap_or_default();
    let name = name.trim_start_matches(':').trim_start_matches("Etc/");
    let is_utc = ["", "UTC", "UTC0", "GMT", "GMT0", "UCT", "Universal", "Zulu"].contains(&name);
    if is_utc {
        return Sign::good(zone, "local times are UTC");
    }
    Sign::good(
        zone,
        "DOS times that are packed here are hours off for readers elsewhere: pack under TZ=UTC",
    )
}
