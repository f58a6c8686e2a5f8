//! `cpu-frequency`: what scales the processor's frequency.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "cpu-frequency",
    summary: "what scales the processor's frequency",
    place: "`/sys/devices/system/cpu/cpu*/cpufreq` (scaling_driver, scaling_governor, cpuinfo_max_freq, \
cpuinfo_min_freq, scaling_cur_freq)",
    meaning: "\
Scaling matters where the cycle counter follows it (no constant_tsc), and where a hypervisor takes the rate of \
its guests' counters from the frequency just in force. A guest mostly sees none of it: it is the host's.",
    remedy: "Take the governor performance on the machine that has the processor, or keep it at one frequency.",
    source: "RHEL 6 Virtualization Guide, KVM guest timing management; Linux `Documentation/admin-guide/pm/cpufreq.rst`",
    look,
};

/// The most processors that are looked at.
const PROCESSORS: usize = 512;

fn look(machine: &Machine) -> Sign {
    const FOLDER: &str = "/sys/devices/system/cpu";
    let names = machine.names(FOLDER).unwrap_or_default();
    let is_processor = |name: &&String| {
        let number = name.strip_prefix("cpu").unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut governors: Vec<String> = Vec::new();
    let mut first = None;
    for name in names.iter().filter(is_processor).take(PROCESSORS) {
        let folder = format!("{FOLDER}/{name}/cpufreq");
        if let Some(governor) = machine.line(&format!("{folder}/scaling_governor")) {
            first.get_or_insert(folder);
            if !governors.contains(&governor) {
                governors.push(governor);
            }
        }
    }
    let Some(folder) = first else {
        return unseen(machine);
    };
    let driver = machine
        .line(&format!("{folder}/scaling_driver"))
        .unwrap_or_else(|| "unnamed".to_owned());
    let frequency = |name: &str| machine.number(&format!("{folder}/{name}"));
    let (least, most) = (frequency("cpuinfo_min_freq"), frequency("cpuinfo_max_freq"));
    let range = match (least, most) {
        (Some(least), Some(most)) => format!(", {} to {} MHz", least / 1000, most / 1000),
        _ => String::new(),
    };
    let seen = format!(
        "governor {}, driver {driver}{range}",
        governors.join(" and ")
    );
    if governors.iter().all(|governor| governor == "performance") {
        return Sign::good(seen, "the processor is kept at its highest frequency")
            .mark(Mark::ScalesNot);
    }
    let is_constant = machine.has_flag("constant_tsc");
    if is_constant || machine.flags().is_none() {
        let meaning = "the frequency changes, and the counter does not follow it; a hypervisor that takes its guests' rate \
from the frequency just in force is misled all the same";
        return Sign::good(seen, meaning).mark(Mark::Scales);
    }
    Sign::suspicious(
        seen,
        "the frequency changes, and the cycle counter with it: this machine's clock and those of its guests run unevenly",
        "take the governor performance (`cpupower frequency-set -g performance`) and stop what sets another",
    )
    .mark(Mark::Scales)
}

fn unseen(machine: &Machine) -> Sign {
    if machine.hypervisor().is_some() {
        return Sign::unknown(
            "no scaling in this guest",
            "whether the host scales its processor cannot be seen from here: look there",
        )
        .mark(Mark::ScalesNot);
    }
    Sign::absent("how the processor is scaled")
}
