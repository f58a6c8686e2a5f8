//! `faked-time`: whether programs here see a made-up time.

use super::{Fact, Machine, Mark, Sign};
use crate::time::{Span, parse_instant};

pub(super) const FACT: Fact = Fact {
    id: "faked-time",
    summary: "whether programs here see a made-up time",
    place: "`LD_PRELOAD`, `FAKETIME*`, `/etc/ld.so.preload`, `SOURCE_DATE_EPOCH`; the clock of programs beside the kernel's",
    meaning: "\
Under libfaketime programs see a made-up time while the kernel stamps files with its own. A SOURCE_DATE_EPOCH \
in the future puts times from the future into everything that honours it.",
    remedy: "Unset LD_PRELOAD and FAKETIME; take SOURCE_DATE_EPOCH from the last commit.",
    source: "faketime(1); reproducible-builds.org, SOURCE_DATE_EPOCH",
    look,
};

const UNSET: &str = "unset LD_PRELOAD and FAKETIME for the build and for this";

fn look(machine: &Machine) -> Sign {
    let told = machine.told();
    if let Some(apart) = told.interposed {
        let side = if apart.0 < Span::ZERO {
            "behind"
        } else {
            "ahead of"
        };
        return Sign::suspicious(
            format!("programs see a time {} {side} the kernel's", apart.0.abs()),
            "what programs write of the time is made up; files are stamped by the kernel",
            UNSET,
        )
        .mark(Mark::Faked);
    }
    let preload = told
        .environment
        .get("LD_PRELOAD")
        .filter(|list| list.contains("faketime"));
    let setting = told
        .environment
        .keys()
        .find(|name| name.starts_with("FAKETIME"));
    let global = machine
        .parts("/etc/ld.so.preload", |line| {
            line.contains("faketime").then(|| "faketime".to_owned())
        })
        .and_then(|lines| lines.into_iter().next())
        .map(|_| "/etc/ld.so.preload names libfaketime".to_owned());
    let named = preload
        .map(|_| "LD_PRELOAD names libfaketime".to_owned())
        .or_else(|| setting.map(|name| format!("{name} is set")))
        .or(global);
    if let Some(named) = named {
        return Sign::suspicious(named, "programs may see a made-up time", UNSET).mark(Mark::Faked);
    }
    let date = told.environment.get("SOURCE_DATE_EPOCH");
    let at = date.and_then(|date| parse_instant(&format!("@{}", date.trim())).ok()?.earliest());
    if let (Some(at), Some(wall)) = (at, machine.wall())
        && at > wall
    {
        return Sign::suspicious(
            format!("SOURCE_DATE_EPOCH is {at}, {} from now", at.since(wall)),
            "everything that honours it gets times from the future",
            "take it from the last commit: `git log -1 --format=%ct`",
        );
    }
    if told.wall.is_none() {
        return Sign::absent("the environment");
    }
    Sign::good("nothing fakes it", "programs see the kernel's clock")
}
