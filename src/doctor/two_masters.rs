//! `two-masters`: whether more than one sets the clock.

use super::machine::Hypervisor;
use super::time_daemons::DAEMONS;
use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "two-masters",
    summary: "whether more than one sets the clock",
    place: "`/proc/*/comm`, `/sys/bus/vmbus/drivers/hv_utils`",
    meaning: "\
Two that set one clock undo each other's corrections: it swings, and may jump back every half minute (\"Time \
jumped backwards\" in the journal). NTP instead of the hypervisor's periodic synchronisation, never beside it.",
    remedy: "Stop all but one. For a guest that is asked by time servers: chronyd, and the hypervisor's periodic synchronisation off.",
    source: "VMware KB 1006427; microsoft/WSL issue 11790",
    look,
};

fn look(machine: &Machine) -> Sign {
    let Some(mut masters) = machine.running(DAEMONS) else {
        return Sign::absent("what runs here");
    };
    // It starts and leads the others.
    if machine
        .running(["timemaster"])
        .is_some_and(|found| !found.is_empty())
    {
        masters.retain(|name| *name != "phc2sys");
    }
    // Of old both were called so.
    if masters.contains(&"openntpd") {
        masters.retain(|name| *name != "ntpd");
    }
    // It sets the system's clock by the network card's, or the other way round: only its options tell.
    let has_phc2sys = masters.contains(&"phc2sys") && masters.len() > 1;
    if has_phc2sys {
        masters.retain(|name| *name != "phc2sys");
    }
    let hypervisor = machine.hypervisor();
    let is_old_hyper_v = machine
        .version()
        .is_some_and(|version| version < (4, 11, 0));
    match hypervisor {
        Some(Hypervisor::VirtualBox) => {
            masters.extend(machine.running(["VBoxService"]).unwrap_or_default());
        }
        Some(Hypervisor::Wsl) if !masters.is_empty() => masters.push("the WSL host"),
        // Later ones offer the host's time as a device and set the clock only after a pause.
        Some(Hypervisor::HyperV) if is_old_hyper_v => {
            let has = machine.has("/sys/bus/vmbus/drivers/hv_util/bind")
                || machine.has("/sys/bus/vmbus/drivers/hv_utils/bind");
            masters.extend(has.then_some("hv_utils"));
        }
        _ => {}
    }
    if masters.len() > 1 {
        return fighting(&masters, hypervisor);
    }
    if has_phc2sys {
        return Sign::unknown(
            format!("{}, and phc2sys", masters.join(", ")),
            "they are two masters only if phc2sys sets the system's clock, and not the network card's by it: see its options -s and -c",
        );
    }
    let tools = machine
        .running(["vmtoolsd", "vmware-guestd"])
        .unwrap_or_default();
    if hypervisor == Some(Hypervisor::Vmware) && !tools.is_empty() && !masters.is_empty() {
        return Sign::unknown(
            format!("{}, and {}", masters.join(", "), tools.join(", ")),
            "they are two masters only if the tools set the clock periodically: `vmware-toolbox-cmd timesync status` must say Disabled",
        );
    }
    match masters.first() {
        Some(only) => Sign::good(format!("{only} alone"), "one master sets the clock"),
        None if machine.is_container() => Sign::unknown(
            "none in this container",
            "what sets the clock runs outside of it: look at the machine that the container runs on",
        ),
        None => Sign::good("none at all", "nobody undoes another's corrections"),
    }
}

/// More than one that surely sets it.
fn fighting(masters: &[&str], hypervisor: Option<Hypervisor>) -> Sign {
    let seen = masters.join(" and ");
    let remedy = match hypervisor {
        Some(Hypervisor::Wsl) => "stop the time daemon in here: the WSL host sets the clock".to_owned(),
        Some(Hypervisor::VirtualBox) => {
            "stop the time daemon, or start VBoxService with --disable-timesync".to_owned()
        }
        Some(Hypervisor::HyperV) if masters.contains(&"hv_utils") => {
            "switch the integration service Time Synchronization off for this guest, or stop the time daemon".to_owned()
        }
        _ => format!("stop all of {seen} but one"),
    };
    Sign::suspicious(
        seen,
        "they undo each other's corrections: the clock swings and may jump back",
        remedy,
    )
    .mark(Mark::TwoMasters)
}
