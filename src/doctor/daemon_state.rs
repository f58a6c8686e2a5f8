//! `daemon-state`: what the time daemons wrote down.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "daemon-state",
    summary: "what the time daemons wrote down of this machine's clock",
    place: "`/run/systemd/timesync/synchronized`, `/var/lib/chrony/drift`, `/var/lib/ntp/ntp.drift`, \
`/var/lib/ntp/drift`, `/var/lib/ntpsec/ntp.drift`, `/etc/ntp.conf`",
    meaning: "\
The drift file holds the correction that the daemon found, in parts per million. At 500 the kernel's correction \
is used up: the clock runs further off than that. Without `tinker panic 0` ntpd ends itself in a guest that was \
paused for more than 1000 s.",
    remedy: "At the limit look for what scales the clock. In a guest let ntpd step it (`tinker panic 0`), or run chronyd with `makestep`.",
    source: "ntpd(8), driftfile; chrony.conf(5), driftfile; VMware KB 1006427; systemd-timesyncd(8)",
    look,
};

const DRIFTS: [&str; 5] = [
    "/var/lib/chrony/drift",
    "/var/lib/chrony/chrony.drift",
    "/var/lib/ntp/ntp.drift",
    "/var/lib/ntp/drift",
    "/var/lib/ntpsec/ntp.drift",
];

/// From here on the correction is as good as used up.
const LIMIT: u64 = 490;

fn look(machine: &Machine) -> Sign {
    let drift = DRIFTS.iter().find_map(|path| {
        let line = machine.line(path)?;
        let said = line.split_whitespace().next()?.to_owned();
        Some((*path, whole(&said)?, said))
    });
    if let Some((path, ppm, said)) = &drift
        && *ppm >= LIMIT
    {
        return Sign::suspicious(
            format!("{said} ppm ({path})"),
            "the daemon's correction is used up: the clock runs further off than it can correct",
            "look for what scales the clock: frequency scaling here or on the host, a wrong rate of the cycle counter",
        )
        .mark(Mark::Saturated);
    }
    let runs = |name: &str| {
        machine
            .running([name])
            .is_some_and(|found| !found.is_empty())
            .then_some(())
    };
    let is_guest = machine.hypervisor().is_some();
    if is_guest && runs("ntpd").is_some() {
        let is_tinker = |line: &str| line.trim_start().starts_with("tinker ");
        let panics = machine
            .lines("/etc/ntp.conf", is_tinker)
            .is_some_and(|lines| !lines.iter().any(|line| line.contains("panic 0")));
        if panics {
            return Sign::suspicious(
                "ntpd without tinker panic 0",
                "it ends itself when this guest was paused for more than 1000 s, and then nothing keeps the clock",
                "put `tinker panic 0` first into /etc/ntp.conf, or run chronyd with `makestep`",
            );
        }
    }
    // It leaves the mark since systemd 239; where the kernel knows that the clock is kept, none is needed.
    let is_kept = machine
        .told()
        .discipline
        .is_some_and(|said| said.synchronised);
    let is_marked = machine.has("/run/systemd/timesync/synchronized");
    if runs("systemd-timesyncd").is_some() && !is_marked && !is_kept {
        return Sign::suspicious(
            "systemd-timesyncd has not reached a server since it booted",
            "it keeps nothing in step until it does",
            "see `timedatectl timesync-status`, and let it reach its servers (UDP port 123)",
        );
    }
    match drift {
        Some((path, _, said)) => Sign::good(
            format!("{said} ppm ({path})"),
            "the correction that was needed is within what the kernel can do",
        ),
        None if is_marked => Sign::good(
            "systemd-timesyncd has reached a server",
            "the clock was in step since this machine booted",
        ),
        None => Sign::absent("what a time daemon wrote down"),
    }
}

/// The whole part of a decimal number, without its sign.
fn whole(text: &str) -> Option<u64> {
    let digits = text.trim_start_matches(['-', '+']);
    digits.split('.').next()?.parse().ok()
}
