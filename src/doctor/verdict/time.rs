//! Causes of a clock that shows a wrong time: nobody keeps it, two do, or it is not this machine's.

use super::{BEYOND, Cause, Ground, weight};
use crate::doctor::Mark;
use crate::doctor::machine::Hypervisor;

pub(super) const FAKED: Cause = Cause {
    id: "faked",
    title: "a library fakes the time",
    needs: &[Ground::Is(Mark::Faked)],
    any: &[],
    weights: &[weight(
        Ground::Is(Mark::Faked),
        80,
        "a preload or a setting of it is there",
    )],
    say: |case| {
        format!(
            "what programs see here is made up: {}",
            case.seen("faked-time")
        )
    },
    remedy: |_| "unset LD_PRELOAD and FAKETIME for the build, and look again".to_owned(),
};

pub(super) const GUEST_OPTIONS: Cause = Cause {
    id: "guest-options",
    title: "the kernel was booted with the wrong options for this hypervisor",
    needs: &[],
    any: &[
        Ground::Is(Mark::WrongOption),
        Ground::Is(Mark::MissingOption),
        Ground::Is(Mark::WrongKernel),
    ],
    weights: &[
        weight(
            Ground::Is(Mark::MissingOption),
            25,
            "options that the hypervisor asks for are missing",
        ),
        weight(Ground::Is(Mark::WrongOption), 15, "an option is wrong here"),
        weight(
            Ground::Is(Mark::WrongKernel),
            15,
            "the kernel is built for another number of processors",
        ),
        weight(Ground::Gross, 10, BEYOND),
        weight(Ground::InStep, -15, "it runs in step"),
    ],
    say: |case| {
        let ids = ["guest-options", "kernel-options", "smp-kernel"];
        let wrong = ids
            .into_iter()
            .filter(|id| case.sign(id).is_some_and(|sign| sign.remedy.is_some()));
        let seen: Vec<&str> = wrong.map(|id| case.seen(id)).collect();
        format!(
            "the kernel was booted in a way that is wrong for this machine: {}",
            seen.join("; ")
        )
    },
    remedy: |case| {
        let ids = ["guest-options", "kernel-options", "smp-kernel"];
        let remedies = ids
            .into_iter()
            .filter_map(|id| case.sign(id)?.remedy.clone());
        remedies.collect::<Vec<_>>().join("; ")
    },
};

pub(super) const TWO_MASTERS: Cause = Cause {
    id: "two-masters",
    title: "two masters set the clock",
    needs: &[Ground::Is(Mark::TwoMasters)],
    any: &[],
    weights: &[
        weight(Ground::Is(Mark::TwoMasters), 30, "more than one sets it"),
        weight(Ground::Is(Mark::Stepped), 15, "it was set again and again"),
        weight(Ground::Steps, 15, "it was set while it was measured"),
        weight(
            Ground::Gross,
            -10,
            "none of them could make it run so far off evenly",
        ),
    ],
    say: |case| {
        format!(
            "{} set one clock and undo each other's corrections",
            case.seen("two-masters")
        )
    },
    remedy: |case| {
        case.sign("two-masters")
            .and_then(|sign| sign.remedy.clone())
            .unwrap_or_default()
    },
};

pub(super) const ELSEWHERE: Cause = Cause {
    id: "elsewhere",
    title: "the clock is the host's",
    needs: &[Ground::Is(Mark::Container)],
    any: &[
        Ground::Gross,
        Ground::Steps,
        Ground::Is(Mark::Unsynchronised),
    ],
    weights: &[
        weight(
            Ground::Is(Mark::Container),
            25,
            "a container has no clock of its own",
        ),
        weight(Ground::Gross, 25, BEYOND),
        weight(Ground::Steps, 10, "it was set while it was measured"),
    ],
    say: |case| {
        let clock = case.measured.map_or_else(
            || "a container's clock is its host's".to_owned(),
            |_| {
                format!(
                    "{}, and it is the clock of the container's host",
                    case.runs()
                )
            },
        );
        format!("{clock}: what is wrong with it cannot be seen from here")
    },
    remedy: |_| "run skewgate doctor on the host".to_owned(),
};

pub(super) const PAUSED: Cause = Cause {
    id: "paused",
    title: "the machine slept or was paused, and woke with an old clock",
    needs: &[],
    any: &[Ground::Is(Mark::Suspended), Ground::Steps],
    weights: &[
        weight(Ground::Is(Mark::Suspended), 15, "it slept since it booted"),
        weight(
            Ground::Steps,
            20,
            "it was set, or jumped, while it was measured",
        ),
        weight(
            Ground::Is(Mark::Unsynchronised),
            10,
            "the kernel knows of nobody who sets it when it wakes",
        ),
        weight(Ground::Gross, -10, "it runs off evenly, too"),
    ],
    say: |case| {
        if case.has(Mark::Suspended) {
            return format!(
                "the machine slept ({}), and its clock may have been old when it woke, until somebody set it",
                case.seen("suspend")
            );
        }
        "the clock was set, or jumped, while it was measured: as after a pause by the hypervisor, or when somebody sets it".to_owned()
    },
    remedy: |case| {
        match case.machine.hypervisor() {
        Some(Hypervisor::Wsl) => "`wsl --shutdown` and start again, or `hwclock -s` as root; update WSL, which sets the clock when it wakes".to_owned(),
        _ => "let a daemon step the clock when the machine wakes (chronyd with `makestep 1 -1`), and keep builders awake".to_owned(),
    }
    },
};

pub(super) const LOST_DATE: Cause = Cause {
    id: "lost-date",
    title: "the clock lost its date",
    needs: &[],
    any: &[
        Ground::Is(Mark::Implausible),
        Ground::Is(Mark::RtcZone),
        Ground::Is(Mark::RtcApart),
    ],
    weights: &[
        weight(Ground::Is(Mark::Implausible), 60, "the date cannot be"),
        weight(
            Ground::Is(Mark::RtcZone),
            20,
            "the battery-backed clock is whole hours off",
        ),
        weight(
            Ground::Is(Mark::RtcApart),
            15,
            "the battery-backed clock says something else",
        ),
    ],
    say: |case| {
        format!(
            "the date is {}; the battery-backed clock is {}",
            case.seen("plausible-time"),
            case.seen("rtc")
        )
    },
    remedy: |_| {
        "set the clock by an outside source (`skewgate clock`), then the battery-backed one: `hwclock --systohc --utc`".to_owned()
    },
};

pub(super) const NOBODY_KEEPS_IT: Cause = Cause {
    id: "nobody-keeps-it",
    title: "nobody keeps the clock in step",
    needs: &[
        Ground::Is(Mark::Unsynchronised),
        Ground::IsNot(Mark::Container),
    ],
    any: &[],
    weights: &[
        weight(
            Ground::Is(Mark::Unsynchronised),
            20,
            "its kernel says that nothing does",
        ),
        weight(
            Ground::Is(Mark::AgentMissing),
            10,
            "the hypervisor's agent does not run",
        ),
        weight(
            Ground::Is(Mark::Daemon),
            -10,
            "a time daemon runs, though it keeps nothing yet",
        ),
        weight(Ground::Is(Mark::Agent), -15, "the hypervisor's agent runs"),
        weight(
            Ground::Gross,
            -15,
            "a daemon could not correct that much either",
        ),
    ],
    say: |case| format!("{}, and nothing keeps it in step", case.runs()),
    remedy: |case| {
        match (case.machine.hypervisor(), case.has(Mark::HostClock)) {
        (Some(_), true) => "run chronyd with the host's clock: `refclock PHC /dev/ptp0 poll 2`".to_owned(),
        (Some(Hypervisor::Vmware), false) => "run chronyd, or let VMware Tools set the clock: `vmware-toolbox-cmd timesync enable`; not both".to_owned(),
        (Some(Hypervisor::Kvm), false) => "run chronyd; with `modprobe ptp_kvm` it can ask the host (`refclock PHC /dev/ptp0 poll 2`)".to_owned(),
        (Some(Hypervisor::Wsl), false) => {
            "update WSL, whose host sets the clock when it wakes; `hwclock -s` as root sets it now"
                .to_owned()
        }
        _ => "run a time daemon: chronyd".to_owned(),
    }
    },
};

pub(super) const FILE_SERVER: Cause = Cause {
    id: "file-server",
    title: "another machine's clock stamps the files",
    needs: &[Ground::Is(Mark::ServerStamps)],
    any: &[],
    weights: &[
        weight(
            Ground::Is(Mark::ServerStamps),
            15,
            "the given folders are another machine's",
        ),
        weight(Ground::InStep, 15, "this machine's own clock runs in step"),
    ],
    say: |case| {
        format!(
            "files are stamped by another machine's clock: {}",
            case.seen("mounts")
        )
    },
    remedy: |_| "look at that machine's clock, or build on a local file system".to_owned(),
};
