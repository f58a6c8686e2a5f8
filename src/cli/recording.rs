//! What `begin`, `end` and `run` have in common: where the record is, and what they say of it.

use super::args::{ClockArgs, FileArgs};
use super::asking::{Asking, settings};
use super::{Failure, complain};
use crate::clock::{Reading, Trusted};
use crate::record::{Signer, Store, default_place};
use crate::report::shown;
use clap::{ArgMatches, Args};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The build's record, and whom to ask the time for it.
#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// The build's record [default: in `$RUNNER_TEMP/skewgate`, or else in .skewgate]
    #[arg(long, value_name = "FILE", help_heading = "Record")]
    pub(super) record: Option<PathBuf>,
    #[command(flatten)]
    pub(super) signing: SigningArgs,
    #[command(flatten)]
    pub(super) clock: ClockArgs,
    #[command(flatten)]
    pub(super) file: FileArgs,
}

impl RecordArgs {
    /// Whom to ask the time.
    pub(super) fn asking(&self, matches: &ArgMatches, current: &Path) -> Result<Asking, Failure> {
        Asking::by(&settings(&self.clock, &self.file, matches, current)?)
    }
}

/// Who signs it.
#[derive(Debug, Args)]
pub(super) struct SigningArgs {
    /// An Ed25519 key to sign the record with, into FILE.sig (`ssh-keygen -Y verify` checks it)
    #[arg(long, value_name = "FILE", help_heading = "Record")]
    pub(super) sign_key: Option<PathBuf>,
}

/// The variable in which CI runners name the folder of what they keep for a job.
const RUNNER_TEMP: &str = "RUNNER_TEMP";

/// The variable in which `run` tells its command that it is recorded already, and by what record.
pub(super) const RUN_ID: &str = "SKEWGATE_RUN_ID";

/// Whether this runs within the command of a `skewgate run` that keeps the record of this name.
pub(super) fn is_within(id: &str) -> bool {
    env::var_os(RUN_ID).is_some_and(|run| run == OsStr::new(id))
}

/// Where the record is, and who signs it.
pub(super) fn store(args: &RecordArgs) -> Result<Store, Failure> {
    store_at(args.record.clone(), &args.signing)
}

/// The same, for a place that may have been named.
pub(super) fn store_at(place: Option<PathBuf>, args: &SigningArgs) -> Result<Store, Failure> {
    let signer = args.sign_key.as_deref().map(Signer::of_file).transpose()?;
    Ok(Store::new(place.unwrap_or_else(usual_place), signer))
}

/// Where it is when nobody says.
pub(super) fn usual_place() -> PathBuf {
    default_place(env::var_os(RUNNER_TEMP).as_deref())
}

/// When a reading was taken, and by whose word.
pub(super) fn when(reading: &Reading) -> String {
    match &reading.trusted {
        Ok(trusted) if trusted.class.is_independent() => by_sources(reading, trusted),
        Ok(_) | Err(_) => format!("{} by its own clock", reading.local.clocks.wall),
    }
}

fn by_sources(reading: &Reading, trusted: &Trusted) -> String {
    let time = trusted.at(reading.local.clocks.taken);
    let (Some(earliest), Some(latest)) = (time.earliest(), time.latest()) else {
        return "an unknown time".to_owned();
    };
    let half = latest.since(earliest).half();
    let (agreeing, of) = (trusted.votes.agreeing, trusted.votes.of);
    let class = trusted.class.name();
    format!(
        "{} ±{half} by {agreeing} of {of} sources ({class})",
        earliest.later(half)
    )
}

/// Says so when nobody outside the builder told the time.
pub(super) fn warn_of_no_witness(reading: &Reading) {
    let why = match &reading.trusted {
        Ok(trusted) if trusted.class.is_independent() => return,
        Ok(trusted) => format!("the best witness was {}", trusted.class.name()),
        Err(why) => shown(why).into_owned(),
    };
    complain(&format!(
        "warning: no outside clock told the time ({why}), so the record holds the builder's own word alone; name sources with --clock\n"
    ));
    for witness in &reading.witnesses {
        if let Err(refusal) = &witness.said {
            let (address, refusal) = (shown(&witness.address), shown(refusal));
            complain(&format!("  `{address}`: {refusal}\n"));
        }
    }
}

/// Says where the record is kept that was there before.
pub(super) fn tell_kept(kept: &Path) {
    let kept = quoted(kept);
    complain(&format!(
        "skewgate: the record that was there is now {kept}\n"
    ));
}

/// A path in a sentence.
pub(super) fn quoted(path: &Path) -> String {
    format!("`{}`", shown(path))
}
