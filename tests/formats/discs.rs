//! Images for discs beside isoinfo, which walks their folders by itself.
//!
//! What it cannot see: hours, the zone, and what Rock Ridge says of times. It prints the day that the record of a folder or
//! a file has, in the zone of who wrote it, so that it is compared with the bytes.

use crate::look::{seen, shell};
use crate::systems::tree;
use std::fs;

/// Path and day of all that isoinfo finds: `one/a.txt Jun 15 2040`.
fn by_isoinfo(told: &str) -> Vec<String> {
    let mut folder = String::new();
    let mut all = Vec::new();
    for line in told.lines() {
        if let Some(path) = line.strip_prefix("Directory listing of ") {
            path.trim_start_matches('/').clone_into(&mut folder);
            continue;
        }
        let Some((about, rest)) = line.split_once('[') else {
            continue;
        };
        let (_, name) = rest.split_once("] ").unwrap();
        // Without the number of the version, which goes with an end of a name that may be empty.
        let name = match name.trim().split_once(';') {
            Some((name, _)) => name.trim_end_matches('.'),
            None => name.trim(),
        };
        // A folder is told where it is listed as well as in the folder around it.
        if name == ".." || name == "." && !folder.is_empty() {
            continue;
        }
        let words: Vec<&str> = about.split_ascii_whitespace().collect();
        let day = words[words.len() - 3..].join(" ");
        let path = format!("{folder}{}", name.trim_start_matches('.'));
        all.push(format!("{path} {day}"));
    }
    all.sort();
    all
}

#[test]
fn discs_have_the_folders_and_days_that_isoinfo_finds() {
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let folder = tree();
    for (make, read) in [
        (
            "TZ=Asia/Kolkata genisoimage -quiet -R -J -o x.iso t",
            "isoinfo -R -l -i x.iso",
        ),
        (
            "TZ=America/St_Johns genisoimage -quiet -l -o x.iso t 2>&1",
            "isoinfo -l -i x.iso",
        ),
    ] {
        if shell(folder.path(), "genisoimage", make).is_none() {
            return;
        }
        let Some(told) = shell(folder.path(), "isoinfo", read) else {
            return;
        };
        let theirs = by_isoinfo(&told);
        let image = seen(&fs::read(folder.path().join("x.iso")).unwrap());
        let ours = image.of("iso9660.recorded").map(|found| {
            let [year, month, day] = [found.raw[0], found.raw[1], found.raw[2]].map(usize::from);
            let month = months[month - 1];
            format!("{} {month} {day} {}", found.member, 1900 + year)
        });
        let mut ours: Vec<String> = ours.collect();
        ours.sort();
        assert!(ours.len() > 1200, "{}", ours.len());
        assert_eq!(ours, theirs, "{make}");
    }
}
