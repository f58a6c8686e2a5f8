//! `skewgate end`: writes down that a build has ended, and when.

use super::recording::{RecordArgs, is_within, quoted, store, warn_of_no_witness, when};
use super::{Exit, Failure, complain, interrupt};
use crate::clock::{self, Local, Reading};
use crate::record::{self, Here, Phase, Record, mismatches};
use crate::time::Interval;
use clap::ArgMatches;
use std::sync::atomic::Ordering;

pub(super) fn run(args: &RecordArgs, matches: &ArgMatches) -> Result<Exit, Failure> {
    // Before anything else: the build has ended by now.
    let local = Local::now();
    let current = std::env::current_dir()?;
    let asking = args.asking(matches, &current)?;
    let store = store(args)?;
    let place = quoted(store.path());
    let record = record::load(store.path())?;
    if !record.is_open() {
        store.sign_again(&record.id)?;
        let ended = record.readings.last().map(|taken| when(&taken.reading));
        let ended = ended.unwrap_or_default();
        complain(&format!(
            "skewgate: the record {place} is as it was: it ended already, {ended}\n"
        ));
        return Ok(Exit::Pass);
    }
    if is_within(&record.id) {
        complain(&format!(
            "skewgate: the record {place} is as it was: `skewgate run` ends it when its command has ended\n"
        ));
        return Ok(Exit::Pass);
    }
    refuse_strangers(&record, &local)?;
    let interrupt = interrupt::watch()?;
    let is_unwanted = || interrupt.flag().load(Ordering::Relaxed);
    let asked = asking.ask(&is_unwanted);
    if matches!(asked, Err(clock::Error::Interrupted)) {
        complain(&format!("interrupted: the record {place} is still open\n"));
        interrupt.end_process();
        return Ok(Exit::NoVerdict);
    }
    let reading = Reading::of(local, &asked);
    let record = store.close(&record.id, reading.clone())?;
    warn_of_no_witness(&reading);
    complain(&summary(&record, &place));
    Ok(Exit::Pass)
}

/// Refuses to end what was begun on another ruler. The tree is whoever's who names the record; when it began is
/// the audit's to judge, by a better clock.
fn refuse_strangers(record: &Record, local: &Local) -> Result<(), Failure> {
    let here = Here {
        ruler: local.ruler.clone(),
        host: record::Host::here(),
        tree: record.tree.clone(),
    };
    let whenever = Interval::from(local.clocks.wall);
    let reasons: Vec<String> = mismatches(record, &here, whenever)
        .into_iter()
        .filter(|found| found.is_void)
        .map(|found| found.reason)
        .collect();
    if reasons.is_empty() {
        return Ok(());
    }
    let reasons = reasons.join("; ");
    Err(Failure::usage(format!(
        "the record cannot be ended here: {reasons}"
    )))
}

/// What an ended record comes to, in a line.
pub(super) fn summary(record: &Record, place: &str) -> String {
    let last = record
        .readings
        .iter()
        .rev()
        .find(|taken| taken.phase == Phase::End);
    let (Some(first), Some(last)) = (record.readings.first(), last) else {
        return format!("skewgate: the record {place} is still open\n");
    };
    let taken = |taken: &record::Recorded| taken.reading.local.clocks.taken;
    let long = taken(last).since(taken(first));
    let ended = when(&last.reading);
    let count = record.readings.len();
    format!(
        "skewgate: the build ended {ended}, {long} after it began by its own ruler; its record {place} has {count} readings\n"
    )
}
