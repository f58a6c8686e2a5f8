//! That it comes to the same however it is counted.

use super::{calm, fixture, look};
use crate::look::{Found, Seen};
use skewgate::format::{Calm, Options};
use std::path::PathBuf;

fn fixtures() -> Vec<PathBuf> {
    let folders = ["zip", "jar", "apk", "wheel", "ooxml", "nesting"].map(fixture);
    let entries = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    // What is told of one lies beside it.
    paths
        .filter(|path| path.extension().is_none_or(|end| end != "stamps"))
        .collect()
}

#[test]
fn what_is_counted_in_bulk_is_what_is_counted_one_by_one() {
    let options = Options::default();
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        let every = look(&bytes, &options, Calm::NEVER);
        for (from, to) in [
            (0, 5_000_000_000),
            (1_700_000_000, 1_800_000_000),
            (1_767_240_000, 1_767_400_000),
        ] {
            for possible in [true, false] {
                let calm = calm(from, to, possible);
                let quiet = look(&bytes, &options, calm);
                let tallied = |seen: &Seen| {
                    let tally = &seen.tally;
                    let mut constants = tally.constants.clone();
                    constants.sort_unstable();
                    let newest = tally.newest.as_ref().map(|(time, _)| time.earliest());
                    (
                        tally.entries,
                        tally.stamps,
                        tally.evidence,
                        constants,
                        newest,
                    )
                };
                let name = path.display();
                assert_eq!(tallied(&every), tallied(&quiet), "{name} {calm:?}");
                assert_eq!(every.told(), quiet.told(), "{name} {calm:?}");
                let loud = every.found.iter().filter(|found| {
                    let (Some(time), from, to) = (found.time, calm.from, calm.to) else {
                        return found.zone == "invalid";
                    };
                    let (earliest, latest) = (time.earliest().unwrap(), time.latest().unwrap());
                    let covers = if possible {
                        earliest >= from && latest <= to
                    } else {
                        latest >= from && earliest <= to
                    };
                    !covers
                });
                let line = |found: &Found| (found.member.clone(), found.field, found.seconds());
                let loud: Vec<_> = loud.map(line).collect();
                let told: Vec<_> = quiet.found.iter().map(line).collect();
                assert_eq!(loud, told, "{name} {calm:?}");
            }
        }
    }
}
