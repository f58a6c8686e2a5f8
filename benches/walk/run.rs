//! Runs the contenders of a shape, interleaved, and measures each.

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::child::{self, Run};
use crate::contender::{Contender, Errand, Tool, Tools};
use crate::limited;
use crate::proof;
use crate::shape::Shape;
use crate::trees::{Census, Ground};

/// The file that audits write to, beside the trees.
const REPORT: &str = "report";

/// All runs of one contender, or why there are none.
pub(crate) type Runs = Result<Vec<Run>, String>;

/// What came of one shape.
#[derive(Debug)]
pub(crate) struct ShapeResult {
    pub(crate) shape: Shape,
    pub(crate) census: Census,
    /// In the order of the shape's contenders.
    pub(crate) rows: Vec<(Contender, Runs)>,
}

impl ShapeResult {
    /// Whether skewgate or the floor itself failed; a peer may.
    pub(crate) fn failed(&self) -> bool {
        let ours = |tool| matches!(tool, Tool::Skewgate | Tool::Floor);
        let mut rows = self.rows.iter();
        rows.any(|(contender, runs)| ours(contender.tool) && runs.is_err())
    }
}

/// Walks one tree with everybody: each once to prove that it sees the whole tree, then round by round. Nothing comes
/// back when this machine does not allow the shape.
pub(crate) fn shape(
    shape: Shape,
    ground: &Ground,
    tools: &Tools,
) -> Result<Option<ShapeResult>, Box<dyn Error>> {
    if shape.cold && drop_caches().is_err() {
        return Ok(None);
    }
    let (tree, census) = ground.tree(&shape.tree)?;
    let track = Track {
        shape: &shape,
        tree: &tree,
        ground,
        tools,
        census: &census,
    };
    let taking_part = shape.contenders.iter().filter(|one| tools.have(one.tool));
    let mut rows: Vec<(Contender, Runs)> = taking_part
        .map(|one| {
            let proven = track.run(one, Errand::Prove);
            (one.clone(), proven.map(|_| Vec::new()))
        })
        .collect();
    for _ in 0..shape.rounds {
        for (contender, runs) in &mut rows {
            let Ok(done) = runs else { continue };
            match track.run(contender, Errand::Measure) {
                Ok(run) => done.push(run),
                Err(reason) => *runs = Err(reason),
            }
        }
    }
    discard(&ground.at(REPORT))?;
    Ok(Some(ShapeResult {
        shape,
        census,
        rows,
    }))
}

/// What the runs of a shape have in common.
struct Track<'a> {
    shape: &'a Shape,
    tree: &'a Path,
    ground: &'a Ground,
    tools: &'a Tools,
    census: &'a Census,
}

impl Track<'_> {
    fn run(&self, contender: &Contender, errand: Errand) -> Result<Run, String> {
        let report = self.ground.at(REPORT);
        // What an earlier run left must not pass for the report of this one.
        discard(&report).map_err(|error| format!("cannot remove the last report: {error}"))?;
        let mut line = contender.command_line(self.tools, self.tree, errand, &report);
        if let Some(descriptors) = self.shape.descriptors {
            let this = std::env::current_exe().map_err(|error| error.to_string())?;
            let limit = [
                this.into(),
                limited::COMMAND.into(),
                descriptors.to_string().into(),
            ];
            line.splice(0..0, limit);
        }
        if self.shape.cold {
            drop_caches().map_err(|error| format!("cannot drop the caches: {error}"))?;
        }
        let run = child::measure(&line, &self.ground.at("stderr"));
        let run = run.map_err(|error| format!("cannot run it: {error}"))?;
        proof::check(contender, errand, &run, self.census, &report)?;
        Ok(run)
    }
}

fn discard(report: &Path) -> io::Result<()> {
    match fs::remove_file(report) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Frees dentries and inodes, which is what makes a walk cold; only root may.
fn drop_caches() -> io::Result<()> {
    let mut switch = OpenOptions::new()
        .write(true)
        .open("/proc/sys/vm/drop_caches")?;
    switch.write_all(b"2")
}
