//! `rtc`: what the battery-backed clock says.

use super::{Fact, Machine, Mark, Sign};
use crate::time::{Span, Timestamp};

pub(super) const FACT: Fact = Fact {
    id: "rtc",
    summary: "what the battery-backed clock says, beside the system's",
    place: "`/sys/class/rtc/rtc*/since_epoch` and `hctosys`, `/etc/adjtime` (third line, LOCAL or UTC)",
    meaning: "\
Whole hours between the two say that one keeps local time and the other takes it for UTC: after the next boot \
the system's clock is off by that. Any other difference says that one of them ran off; in a guest the hypervisor \
gives the battery-backed clock, so it is a second opinion without network.",
    remedy: "`timedatectl set-local-rtc 0`, then `hwclock --systohc --utc` once the system's clock is right.",
    source: "hwclock(8); systemd clock-util.c",
    look,
};

/// It has whole seconds, and is read a while after the clock.
const NEAR: Span = Span::from_secs(5);

/// What is no more taken for a slow drift of the battery-backed clock.
const FAR: Span = Span::from_secs(60);

const QUARTER: i128 = 900 * 1_000_000_000;

/// The one that the kernel set its clock by when it booted (`hctosys`), of several; else the first.
fn chosen(machine: &Machine) -> String {
    let mut clocks = machine
        .names("/sys/class/rtc")
        .unwrap_or_default()
        .into_iter();
    let is_it = |clock: &String| {
        machine
            .line(&format!("/sys/class/rtc/{clock}/hctosys"))
            .as_deref()
            == Some("1")
    };
    clocks.find(is_it).unwrap_or_else(|| "rtc0".to_owned())
}

fn look(machine: &Machine) -> Sign {
    let clock = chosen(machine);
    let (Some(seconds), Some(wall)) = (
        machine.number(&format!("/sys/class/rtc/{clock}/since_epoch")),
        machine.wall(),
    ) else {
        return Sign::absent("a battery-backed clock");
    };
    let apart = Timestamp::from_unix(seconds, 0).since(wall);
    let is_local = machine
        .first_of("/etc/adjtime", |line| line.trim() == "LOCAL")
        .is_some_and(|line| line.is_some());
    let kept = if is_local { ", kept in local time" } else { "" };
    let side = if apart < Span::ZERO {
        "behind"
    } else {
        "ahead of"
    };
    let seen = format!("{} {side} the system's clock{kept}", apart.abs());
    if apart.abs() <= NEAR {
        return Sign::good(
            format!("in step with the system's clock{kept}"),
            "both say the same, which proves neither right",
        );
    }
    let zones = (apart.as_nanos() + QUARTER / 2).div_euclid(QUARTER);
    let rest = Span::from_nanos(apart.as_nanos() - zones * QUARTER).abs();
    if zones != 0 && rest <= NEAR && apart.abs() <= Span::from_secs(14 * 3600 + 5) {
        if is_local {
            return Sign::good(seen, "it keeps local time, and the system knows");
        }
        return Sign::suspicious(
            seen,
            "whole quarters of an hour: one of the two keeps local time and the other takes it for UTC",
            "`timedatectl set-local-rtc 0`, then `hwclock --systohc --utc` once the system's clock is right",
        )
        .mark(Mark::RtcZone);
    }
    if apart.abs() <= FAR {
        return Sign::good(seen, "as far as such clocks run off by themselves");
    }
    if machine
        .line(&format!("/sys/class/rtc/{clock}/hctosys"))
        .as_deref()
        == Some("0")
    {
        return Sign::unknown(
            seen,
            "the kernel did not set the system's clock by it when it booted, so it may have no battery",
        )
        .mark(Mark::RtcApart);
    }
    Sign::suspicious(
        seen,
        "one of the two ran off or was never set; a guest's battery-backed clock is its host's",
        "ask an outside clock which is right (`skewgate clock`), and set the other by it",
    )
    .mark(Mark::RtcApart)
}
