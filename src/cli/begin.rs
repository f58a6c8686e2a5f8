//! `skewgate begin`: writes down that a build begins, and when.

use super::recording::{RecordArgs, quoted, store, tell_kept, warn_of_no_witness, when};
use super::{Exit, Failure, complain, interrupt};
use crate::clock::{self, Local, Reading};
use crate::record::{Begun, Record, Surroundings};
use clap::{ArgMatches, Args};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::thread;

#[derive(Debug, Args)]
pub(super) struct BeginArgs {
    /// Where artifacts will be written to: the clock of each file system is looked at
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Begin another record although one is open
    #[arg(long)]
    pub(super) new: bool,
    #[command(flatten)]
    pub(super) record: RecordArgs,
}

pub(super) fn run(args: &BeginArgs, matches: &ArgMatches) -> Result<Exit, Failure> {
    // Before anything else: the build begins now.
    let local = Local::now();
    let current = std::env::current_dir()?;
    let asking = args.record.asking(matches, &current)?;
    let store = store(&args.record)?;
    let record = Record::begun(local.clone(), &current)?;
    let place = quoted(store.path());
    // Written down at once: what happens while the sources are asked costs only their word.
    match store.begin(&record, args.new)? {
        Begun::Already(there) => {
            let began = there.readings.first().map(|taken| when(&taken.reading));
            let began = began.unwrap_or_default();
            complain(&format!(
                "skewgate: the record {place} of this build is open already and stays: it began {began}; --new begins another\n"
            ));
            return Ok(Exit::Pass);
        }
        Begun::Anew { kept: Some(kept) } => tell_kept(&kept),
        Begun::Anew { kept: None } => {}
    }
    let interrupt = interrupt::watch()?;
    let is_unwanted = || interrupt.flag().load(Ordering::Relaxed);
    let (surroundings, asked) = thread::scope(|scope| {
        let looking = scope.spawn(|| Surroundings::look(&current, &args.paths));
        let asked = asking.ask(&is_unwanted);
        (looking.join().unwrap_or_default(), asked)
    });
    if matches!(asked, Err(clock::Error::Interrupted)) {
        complain(&format!(
            "interrupted: the record {place} holds the builder's own word alone\n"
        ));
        interrupt.end_process();
        return Ok(Exit::NoVerdict);
    }
    let reading = Reading::of(local, &asked);
    store.update(&record.id, |record| {
        record.settle(surroundings);
        record.begin_with(reading.clone());
    })?;
    warn_of_no_witness(&reading);
    let began = when(&reading);
    complain(&format!(
        "skewgate: the build began {began}; its record is {place}\n"
    ));
    Ok(Exit::Pass)
}
