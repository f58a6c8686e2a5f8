//! Whether a record is of what is built here and now.

use super::{Host, Mismatch, Phase, Record, Tree};
use crate::sys::{Boottime, RulerId};
use crate::time::{Interval, Order};

/// What a record is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// The ruler of this process.
    pub ruler: RulerId,
    /// This machine.
    pub host: Host,
    /// What is built here.
    pub tree: Tree,
}

/// Why a record does not belong to what is audited here, at a time that is now. Nothing when it does.
///
/// While a record is open, only the boot in which it was begun can end it. One that has ended holds its
/// window wherever it is read, and then another machine or boot is only worth knowing.
pub fn mismatches(record: &Record, here: &Here, now: Interval) -> Vec<Mismatch> {
    let Some(first) = record.readings.first() else {
        return vec![void(
            "it has no reading at all: begin the next build with `skewgate begin`".to_owned(),
        )];
    };
    let ruler = &first.reading.local.ruler;
    let is_open = record.is_open();
    let unended = |reason: String| Mismatch {
        reason,
        is_void: is_open,
    };
    let mut found = Vec::new();
    found.extend(order(record).map(void));
    let is_other_boot = ruler.boot != here.ruler.boot || ruler.boot.is_none();
    if is_other_boot {
        found.extend(other_host(&record.host, &here.host).map(unended));
        found.push(unended(other_boot(ruler, &here.ruler, is_open)));
    } else if ruler.namespace != here.ruler.namespace {
        found.push(unended(other_namespace(ruler, &here.ruler)));
    }
    found.extend(other_tree(&record.tree, &here.tree).map(void));
    found.extend(future(record, now).map(void));
    found
}

const fn void(reason: String) -> Mismatch {
    Mismatch {
        reason,
        is_void: true,
    }
}

fn named(text: Option<&str>) -> &str {
    text.unwrap_or("unknown")
}

/// Two containers of one machine may have two names. So this is asked only where the boot differs.
fn other_host(record: &Host, here: &Host) -> Option<String> {
    let differs = match (&record.machine, &here.machine) {
        (Some(one), Some(other)) => one != other,
        _ => record.name.is_some() && record.name != here.name,
    };
    let (record, here) = (named(record.name.as_deref()), named(here.name.as_deref()));
    differs.then(|| {
        format!(
            "it was begun on another machine (`{record}`, this is `{here}`): begin, build and end on one"
        )
    })
}

fn other_boot(record: &RulerId, here: &RulerId, is_open: bool) -> String {
    let (record, here) = (named(record.boot.as_deref()), named(here.boot.as_deref()));
    let remedy = if is_open {
        "no reading of now can end it: begin again and build again"
    } else {
        "its own readings hold, and none of now can be set beside them"
    };
    format!("it is of another boot ({record}, this is {here}): {remedy}")
}

fn other_namespace(record: &RulerId, here: &RulerId) -> String {
    let (record, here) = (
        named(record.namespace.as_deref()),
        named(here.namespace.as_deref()),
    );
    format!(
        "it is of another time namespace (offsets `{record}`, here `{here}`): begin, build and end inside one container"
    )
}

/// Another tree, if nothing at all is the same: trees are moved, mounted elsewhere and cloned anew.
fn other_tree(record: &Tree, here: &Tree) -> Option<String> {
    let is_same_folder = record.identity.is_some() && record.identity == here.identity;
    let is_same_commit = record.commit.is_some() && record.commit == here.commit;
    if is_same_folder || record.path == here.path || is_same_commit {
        return None;
    }
    let told = |tree: &Tree| {
        let commit = named(tree.commit.as_deref());
        format!("`{}` at commit {commit}", tree.path.display())
    };
    let (record, here) = (told(record), told(here));
    Some(format!(
        "it is of another tree ({record}, this is {here}): audit in the folder in which the build began, or name its own record with `--record FILE`"
    ))
}

/// No reading can be after now. By the builder's own clock only where no other ever told: one that is ahead is
/// what a record is for. The last one counts: by then a clock that jumped in the build, which is found as that,
/// is where it is now.
fn future(record: &Record, now: Interval) -> Option<String> {
    let readings = || record.readings.iter().rev().map(|taken| &taken.reading);
    let told = readings().find_map(|reading| reading.trusted.as_ref().ok());
    let (taken, by) = match told {
        Some(trusted) => (trusted.time, "the sources asked then"),
        None => (
            Interval::exactly(readings().next()?.local.clocks.wall),
            "the builder's own clock",
        ),
    };
    if taken.order(now) != Order::After {
        return None;
    }
    let (taken, now) = (taken.earliest()?, now.latest()?);
    let ahead = taken.since(now);
    Some(format!(
        "it was last read at {taken} by {by}, which is {ahead} after now ({now}): mend that clock, or ask a better one with `--clock`, and begin again"
    ))
}

/// What cannot be of a record that was written as things happened.
fn order(record: &Record) -> Option<String> {
    let begins = |phase: Phase| phase == Phase::Begin;
    let phases = || record.readings.iter().map(|taken| taken.phase);
    if !phases().next().is_some_and(begins) || phases().skip(1).any(begins) {
        return Some(
            "it does not begin with the one reading of its begin: begin the next build with `skewgate begin`"
                .to_owned(),
        );
    }
    if phases().rev().skip(1).any(|phase| phase == Phase::End) {
        return Some(
            "readings follow the one that ended it: begin the next build with `skewgate begin`"
                .to_owned(),
        );
    }
    let mut last: Option<(&RulerId, Boottime)> = None;
    for taken in &record.readings {
        let local = &taken.reading.local;
        let at = local.clocks.taken;
        if let Some((ruler, before)) = last
            && *ruler == local.ruler
            && at < before
        {
            let back = before.since(at);
            return Some(format!(
                "its readings run back by {back} on one ruler, which no machine's does: begin the next build with `skewgate begin`"
            ));
        }
        last = Some((&local.ruler, at));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Here, Mismatch, mismatches};
    use crate::record::own::{Phase, Record, sample};
    use crate::sys::Boottime;
    use crate::time::{Interval, Span, Timestamp};
    use std::path::PathBuf;

    fn here(record: &Record) -> Here {
        Here {
            ruler: record.readings[0].reading.local.ruler.clone(),
            host: record.host.clone(),
            tree: record.tree.clone(),
        }
    }

    fn now() -> Interval {
        Interval::exactly(Timestamp::from_unix(2_000_000_000, 0))
    }

    /// What is said of a record that was changed, by one who is elsewhere: of an open one and of an ended one.
    fn said(change: impl Fn(&mut Record, &mut Here)) -> [Vec<(bool, String)>; 2] {
        [sample::open(), sample::record()].map(|mut record| {
            let mut here = here(&record);
            change(&mut record, &mut here);
            let found = mismatches(&record, &here, now());
            let told = |Mismatch { reason, is_void }| (is_void, reason);
            found.into_iter().map(told).collect()
        })
    }

    fn assert_said(told: &[Vec<(bool, String)>; 2], voids: [bool; 2], words: &[&str]) {
        for (told, is_void) in told.iter().zip(voids) {
            let [(void, reason)] = &told[..] else {
                panic!("{told:?}");
            };
            assert_eq!(*void, is_void, "{reason}");
            for word in words {
                assert!(reason.contains(word), "{word}: {reason}");
            }
        }
    }

    #[test]
    fn a_record_belongs_where_it_was_begun() {
        assert_eq!(said(|_, _| {}), [vec![], vec![]]);
    }

    #[test]
    fn another_boot_ends_no_record() {
        let told = said(|_, here| here.ruler.boot = Some("later".to_owned()));
        assert_said(&told, [true, false], &["boot-1", "later"]);
        let told = said(|record, here| {
            record.readings[0].reading.local.ruler.boot = None;
            here.ruler.boot = None;
        });
        assert_said(&told, [true, false], &["another boot", "unknown"]);
    }

    #[test]
    fn another_machine_is_told_from_another_container() {
        let told = said(|_, here| here.host.machine = Some("sha256:other".to_owned()));
        assert_eq!(told, [vec![], vec![]]);
        for by_name in [true, false] {
            let told = said(|_, here| {
                here.ruler.boot = Some("later".to_owned());
                here.host.name = Some("gate".to_owned());
                here.host.machine = (!by_name).then(|| "sha256:other".to_owned());
            });
            for (told, is_void) in told.iter().zip([true, false]) {
                assert!(told[0].1.contains("`builder`") && told[0].1.contains("`gate`"));
                assert!(told.len() == 2 && told.iter().all(|one| one.0 == is_void));
            }
        }
        let told = said(|_, here| {
            here.ruler.boot = Some("later".to_owned());
            here.host.name = Some("renamed".to_owned());
        });
        assert_eq!(told.map(|told| told.len()), [1, 1]);
    }

    #[test]
    fn another_time_namespace_ends_no_record() {
        let told = said(|_, here| here.ruler.namespace = Some("boottime 5 0".to_owned()));
        assert_said(&told, [true, false], &["boottime 5 0", "boottime 0 0"]);
    }

    #[test]
    fn another_tree_is_one_with_nothing_the_same() {
        let same: [fn(&mut Here); 3] = [
            |here| here.tree.path = PathBuf::from("/a"),
            |here| here.tree.identity = None,
            |here| here.tree.commit = None,
        ];
        for left_out in 0..3 {
            let told = said(|_, here| {
                same.iter()
                    .enumerate()
                    .filter(|(at, _)| *at != left_out)
                    .for_each(|(_, change)| change(here));
            });
            assert_eq!(told, [vec![], vec![]]);
        }
        let told = said(|_, here| same.iter().for_each(|change| change(here)));
        assert_said(&told, [true, true], &["`/a`", "`/src/app`", "c0ffee"]);
        let told = said(|record, here| {
            same.iter().for_each(|change| change(here));
            (record.tree.identity, record.tree.commit) = (None, None);
        });
        assert_said(&told, [true, true], &["another tree"]);
    }

    #[test]
    fn a_reading_after_now_is_none() {
        let later = Timestamp::from_unix(2_000_000_060, 0);
        let by_wall = said(|record, _| {
            for taken in &mut record.readings {
                taken.reading.local.clocks.wall = later;
                taken.reading.trusted = Err("nobody was asked".to_owned());
            }
        });
        assert_said(
            &by_wall,
            [true, true],
            &["1 min after now", "builder's own clock"],
        );
        let by_sources = said(|record, _| {
            for taken in &mut record.readings {
                if let Ok(trusted) = &mut taken.reading.trusted {
                    trusted.time = Interval::exactly(later);
                }
            }
        });
        assert_said(&by_sources, [true, true], &["1 min after now", "sources"]);
        // A builder that is ahead is what a record is for.
        let ahead = said(|record, _| record.readings[0].reading.local.clocks.wall = later);
        assert_eq!(ahead, [vec![], vec![]]);
    }

    #[test]
    fn what_cannot_have_been_written_as_it_happened_is_void() {
        let back = said(|record, _| {
            let first = record.readings[0].reading.local.clocks.taken;
            let earlier = Boottime::at(first.as_nanos()).later(Span::from_secs(-2));
            record.readings[1].reading.local.clocks.taken = earlier;
        });
        assert_said(&back, [true, true], &["run back by 2 s"]);
        let beginless = said(|record, _| record.readings[0].phase = Phase::During);
        assert_said(&beginless, [true, true], &["does not begin"]);
        let twice = said(|record, _| record.readings[1].phase = Phase::Begin);
        assert_said(&twice, [true, true], &["does not begin"]);
        let empty = said(|record, _| record.readings.clear());
        assert_said(&empty, [true, true], &["no reading"]);
        let mut record = sample::record();
        let during = record.readings[1].clone();
        record.readings.push(during);
        let found = mismatches(&record, &here(&record), now());
        assert!(
            found[0].reason.contains("follow") && found[0].is_void,
            "{found:?}"
        );
    }
}
