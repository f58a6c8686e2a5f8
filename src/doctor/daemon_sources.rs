//! `daemon-sources`: whether chronyd hears from its servers.

use super::{Fact, Machine, Sign};

pub(super) const FACT: Fact = Fact {
    id: "daemon-sources",
    summary: "what chronyd has heard from its servers",
    place: "`chronyc -n -c sources`, where chronyd runs and lets this user ask",
    meaning: "\
A daemon that no server answers corrects nothing any more, and the clock drifts in silence: nothing fails, and \
the last correction stays in force. The reach has a bit for each of the last eight requests.",
    remedy: "Let it reach its servers (UDP port 123, or 4460 TCP for NTS), and give it at least three.",
    source: "chronyc(1), sources",
    look,
};

fn look(machine: &Machine) -> Sign {
    let Some(heard) = &machine.told().chronyd else {
        return Sign::absent("what a chronyd has heard");
    };
    let all = heard.len();
    let answering = heard.iter().filter(|one| one.reach != 0).count();
    let is_selected = heard.iter().any(|one| one.state == '*');
    let seen = format!("{answering} of {all} answer");
    match (all, answering, is_selected) {
        (0, _, _) => Sign::unknown(
            "chronyd has no server",
            "it keeps nothing in step by one; perhaps it only serves",
        ),
        (_, 0, _) => Sign::suspicious(
            seen,
            "nobody has told it the time of late: the clock runs on as its last correction left it",
            "let it reach its servers (UDP port 123); `chronyc sources` and `chronyc activity` tell",
        ),
        (_, _, false) => Sign::unknown(
            format!("{seen}, none is selected"),
            "they contradict each other, or it has just begun; `chronyc sources` tells",
        ),
        (_, 1, true) => Sign::good(
            seen,
            "it follows the only one that answers, which nobody contradicts",
        ),
        (_, _, true) => Sign::good(seen, "it follows one, and others can contradict it"),
    }
}
