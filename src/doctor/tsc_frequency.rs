//! `tsc-frequency`: whether the kernel takes the cycle counter to run at the rate it really has.

use super::measured::part;
use super::{Fact, Machine, Mark, Sign};
use crate::time::Rate;

pub(super) const FACT: Fact = Fact {
    id: "tsc-frequency",
    summary: "at what rate the kernel takes the cycle counter to run, beside what the processor is sold as",
    place: "the kernel's log (`TSC freq read from hypervisor`, `tsc: Detected`, `Refined TSC clocksource \
calibration`), `/proc/cpuinfo` (`model name … @`, `cpu MHz`)",
    meaning: "\
A clock that counts cycles is wrong by exactly as much as the rate that the kernel assumes. A host that measured \
its processor while it was throttled tells its guests too low a rate, and their clocks run fast: 2.0 GHz assumed \
of 2.4 GHz make a clock that gains a fifth. Some mobile processors count a tenth faster than they are sold as, so \
the ratio alone proves nothing; a measured drift that fits it does.",
    remedy: "\
Fix the host's frequency while it boots and while its hypervisor starts; on hosted VMware state it (host.cpukHz, \
host.noTSC and ptsc.noTSC in the configuration). After a migration boot the guest again.",
    source: "Linux `arch/x86/kernel/cpu/vmware.c`, `arch/x86/kernel/tsc.c`; KVM `timekeeping.rst` section 4.4; the rule of the ratio is skewgate's own",
    look,
};

/// Ratios nearer than this are no sign of anything, in parts per billion: 2 %.
const NEAR: i128 = 20_000_000;

/// What a ratio is good for: processors' names are rounded to 10 MHz, in parts per billion: 1 %.
const SHARP: i128 = 10_000_000;

const BILLION: i128 = 1_000_000_000;

/// What the kernel says of the rate, the last word first.
const SAYINGS: [&str; 5] = [
    "Refined TSC clocksource calibration: ",
    "TSC freq read from hypervisor : ",
    "tsc: Detected ",
    "time.c: Detected ",
    "Detected ",
];

fn look(machine: &Machine) -> Sign {
    let model = machine.first("/proc/cpuinfo", "model name");
    let sold = model
        .as_deref()
        .and_then(|line| giga(line.rsplit_once('@')?.1));
    let said = logged(machine);
    let shown = machine.first("/proc/cpuinfo", "cpu MHz");
    let shown = shown
        .as_deref()
        .and_then(|line| kilo(line.split_once(':')?.1));
    // In a guest the kernel shows the rate that it assumes; elsewhere, and where the processor tells (aperfmperf),
    // the one just scaled to.
    let is_assumed = machine.hypervisor().is_some() && !machine.has_flag("aperfmperf");
    let shown = shown.filter(|_| is_assumed);
    let Some((assumed, by)) = said.or(shown.map(|khz| (khz, "cpu MHz"))) else {
        return Sign::absent("the rate that the kernel assumes");
    };
    let Some(sold) = sold else {
        return Sign::unknown(
            format!(
                "{} assumed ({by}); the processor's name has no rate",
                mega(assumed)
            ),
            "there is nothing here to compare it with",
        );
    };
    // Cycles come at the rate sold, and the kernel divides them by what it assumes.
    let gain = (sold - assumed).saturating_mul(BILLION) / assumed;
    let seen = format!("{} assumed ({by}), {} sold", mega(assumed), mega(sold));
    if gain.abs() <= NEAR {
        return Sign::good(
            seen,
            "the kernel takes the counter to run at about the rate that the processor is sold as",
        );
    }
    let side = if gain > 0 { "fast" } else { "slow" };
    let meaning = format!(
        "if the counter really runs at the rate sold, a clock that counts by it is {} {side}",
        part(gain.abs())
    );
    let counts_otherwise = machine
        .clocksource()
        .is_some_and(|source| !source.starts_with("tsc"));
    if counts_otherwise {
        return Sign::unknown(
            seen,
            "the clock does not count by it, so this decides nothing",
        );
    }
    judged(machine, seen, &meaning, gain > 0)
        .mark(Mark::CycleRatio)
        .explaining(Rate::between(gain - SHARP, gain + SHARP))
}

/// What a ratio means where the clock counts by it.
fn judged(machine: &Machine, seen: String, meaning: &str, is_fast: bool) -> Sign {
    // Those that count faster than they are sold as look slow here, and are right.
    if machine.hypervisor().is_none() || !is_fast {
        let meaning = format!("{meaning}; some processors count faster than they are sold as");
        return Sign::unknown(seen, meaning);
    }
    Sign::suspicious(
        seen,
        format!(
            "{meaning}; only a measurement decides, since some processors count faster than they are sold as"
        ),
        "measure the clock (--clock); boot the guest again, and see that the host's frequency is fixed while it boots",
    )
}

/// The rate that the kernel's log tells, in kHz, and by what words.
fn logged(machine: &Machine) -> Option<(i128, &'static str)> {
    let is_one =
        |line: &str| SAYINGS.iter().any(|words| line.contains(words)) && line.contains("MHz");
    let lines = machine.log(is_one)?;
    SAYINGS.iter().find_map(|words| {
        let rate = |line: &String| kilo(line.split_once(words)?.1);
        let rate = lines.iter().find_map(rate)?;
        Some((rate, words.trim_end_matches([' ', ':'])))
    })
}

/// `2394.123 MHz` in kHz.
fn kilo(text: &str) -> Option<i128> {
    scaled(text, 3).filter(|rate| (10_000..100_000_000).contains(rate))
}

/// `2.40GHz` in kHz.
fn giga(text: &str) -> Option<i128> {
    scaled(text, 6).filter(|rate| (10_000..100_000_000).contains(rate))
}

/// A decimal number at the beginning of a text, times ten to the power of `digits`.
fn scaled(text: &str, digits: usize) -> Option<i128> {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (whole, fraction) = text
        .get(..end)?
        .split_once('.')
        .unwrap_or((text.get(..end)?, ""));
    let fraction: String = fraction
        .chars()
        .chain("000000".chars())
        .take(digits)
        .collect();
    format!("{whole}{fraction}").parse().ok()
}

fn mega(khz: i128) -> String {
    format!("{}.{:03} MHz", khz / 1000, khz % 1000)
}

#[cfg(test)]
mod tests {
    use super::{giga, kilo};

    #[test]
    fn rates_are_read_without_floats() {
        assert_eq!(kilo(" 2394.123 MHz processor"), Some(2_394_123));
        assert_eq!(kilo("2000 MHz"), Some(2_000_000));
        assert_eq!(giga(" 2.40GHz"), Some(2_400_000));
        assert_eq!(
            (kilo("x"), kilo("0 MHz"), giga("999999999999")),
            (None, None, None)
        );
        assert_eq!(kilo("99999999999999999999999999999999999999999 MHz"), None);
    }
}
