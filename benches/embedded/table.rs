//! Runs everybody in turn, and prints what each took and which targets are met.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use crate::child::{self, Run};
use crate::contender::{CONTENDERS, Contender, Way};
use crate::corpus::Corpus;
use crate::ratio::{Bound, Thousandths, median, peak, ratio};

/// Measured rounds, after one that is not measured.
const ROUNDS: usize = 5;

/// What is measured, with the labels of the contenders.
#[derive(Clone, Copy, Debug)]
enum Measure {
    /// CPU time of the first over that of the second.
    Cpu(&'static str, &'static str),
    /// Wall time of the first over that of the second.
    Wall(&'static str, &'static str),
    /// CPU time of the first over that of the two others together.
    CpuOverSum(&'static str, &'static str, &'static str),
    /// Peak memory, in MiB.
    Peak(&'static str),
}

/// Every target for the times inside files.
#[rustfmt::skip]
const TARGETS: &[(Measure, Bound)] = &[
    (Measure::Cpu("zipinfo", "zip directories"), Bound::AtLeast(50_000)),
    (Measure::Cpu("add-det --check", "zip directories"), Bound::AtLeast(100_000)),
    (Measure::Cpu("add-det --check", "zip local headers"), Bound::AtLeast(10_000)),
    (Measure::Peak("zip directories"), Bound::None),
    (Measure::Cpu("bsdtar", "tar.gz, 1 thread"), Bound::AtLeast(1_700)),
    (Measure::Cpu("GNU tar", "tar.gz, 1 thread"), Bound::AtLeast(3_000)),
    (Measure::Cpu("tar.gz, 1 thread", "bare zlib-rs"), Bound::AtMost(1_150)),
    (Measure::Wall("tar.gz, 1 thread", "tar.gz, 2 threads"), Bound::AtLeast(1_800)),
    (Measure::Cpu("dpkg-deb -c", "deb, 1 thread"), Bound::AtLeast(1_400)),
    (Measure::Cpu("strip-nondeterm.", "ar, 1 thread"), Bound::AtLeast(10_000)),
    (Measure::Wall("xz, 1 thread", "xz, 2 threads"), Bound::AtLeast(1_800)),
    // It makes 2 GB/s on one thread, and what comes out ahead has to go through memory once more: little is won on files
    // of this size.
    (Measure::Wall("zstd, 1 thread", "zstd, 2 threads"), Bound::None),
    (Measure::Cpu("plain, auto", "plain, none"), Bound::AtMost(1_030)),
    (Measure::CpuOverSum("mixed, auto", "mixed, none", "mixed, archives"), Bound::AtMost(1_100)),
];

/// A contender's runs, or why there are none.
struct Row {
    contender: &'static Contender,
    line: Result<Vec<OsString>, String>,
    runs: Vec<Run>,
}

/// Measures all contenders whose label contains one of the words that follow `--only`, or all.
pub(crate) fn measure(words: &[&str]) -> Result<(), Box<dyn Error>> {
    let only = words.iter().skip_while(|word| **word != "--only").skip(1);
    let only: Vec<&str> = only
        .copied()
        .filter(|word| !word.starts_with("--"))
        .collect();
    let is_wanted = |label: &str| only.is_empty() || only.iter().any(|word| label.contains(word));
    let corpus = Corpus::prepare()?;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "{} cores, load {}",
        std::thread::available_parallelism()?,
        load.trim()
    );
    let mut rows: Vec<Row> = CONTENDERS
        .iter()
        .filter(|contender| is_wanted(contender.label))
        .map(|contender| Row {
            contender,
            line: contender
                .command_line(&corpus)
                .map_err(|error| error.to_string()),
            runs: Vec::new(),
        })
        .collect();
    for round in 0..=ROUNDS {
        for row in &mut rows {
            let Ok(line) = &row.line else { continue };
            let run = child::measure(line, &corpus.at("stderr"))?;
            if let Err(reason) = check(row.contender, &run) {
                row.line = Err(reason);
            } else if round > 0 {
                row.runs.push(run);
            }
        }
    }
    print(&corpus, &rows);
    check_counts(&corpus, &rows)
}

/// Whether a run counts.
fn check(contender: &Contender, run: &Run) -> Result<(), String> {
    let expected: &[i32] = match contender.way {
        // It fails where it would change something, which is the point.
        Way::AddDet => &[0, 1],
        Way::Reader(..) | Way::Bare | Way::Audit(_) | Way::Once(..) | Way::Each(_) => &[0],
    };
    match run.code {
        Some(code) if expected.contains(&code) => Ok(()),
        _ => Err(format!(
            "exit code {:?}. {} {}",
            run.code, run.complaint, run.said
        )),
    }
}

fn print(corpus: &Corpus, rows: &[Row]) {
    println!(
        "\n{:<18} {:>6} {:>9} {:>9} {:>9}   medians of {ROUNDS} rounds",
        "contender", "files", "CPU s", "wall s", "peak MiB"
    );
    for row in rows {
        let label = row.contender.label;
        let files = corpus.files(row.contender.set).len();
        match &row.line {
            Ok(_) => println!(
                "{label:<18} {files:>6} {:>9} {:>9} {:>9}",
                time(&row.runs, |run| run.cpu),
                time(&row.runs, |run| run.wall),
                decimal(peak(&row.runs) * 1000 / 1024)
            ),
            Err(reason) => println!("{label:<18} not measured: {reason}"),
        }
    }
    println!("\n{:<52} {:>10} {:>9}", "target", "bound", "measured");
    for (measure, bound) in TARGETS {
        let what = match measure {
            Measure::Cpu(one, other) => format!("CPU {one} / {other}"),
            Measure::Wall(one, other) => format!("wall {one} / {other}"),
            Measure::CpuOverSum(one, other, more) => format!("CPU {one} / ({other} + {more})"),
            Measure::Peak(one) => format!("peak MiB {one}"),
        };
        let limit = match bound {
            Bound::AtMost(bound) => format!("<= {}", decimal(*bound)),
            Bound::AtLeast(bound) => format!(">= {}", decimal(*bound)),
            Bound::None => "-".to_owned(),
        };
        match measured(*measure, rows) {
            Some(value) => println!(
                "{what:<52} {limit:>10} {:>9} {}",
                decimal(value),
                bound.verdict(value)
            ),
            None => println!("{what:<52} {limit:>10} {:>9} not measured", "-"),
        }
    }
}

fn measured(measure: Measure, rows: &[Row]) -> Option<Thousandths> {
    let runs = |label: &str| {
        let row = rows.iter().find(|row| row.contender.label == label)?;
        row.line.is_ok().then_some(row.runs.as_slice())
    };
    match measure {
        Measure::Cpu(one, other) => ratio(runs(one)?, runs(other)?, |run| run.cpu),
        Measure::Wall(one, other) => ratio(runs(one)?, runs(other)?, |run| run.wall),
        Measure::CpuOverSum(one, other, more) => {
            let rounds = runs(one)?.iter().zip(runs(other)?).zip(runs(more)?);
            let ratios = rounds.map(|((one, other), more)| {
                let both = other.cpu.saturating_add(more.cpu).as_nanos();
                Thousandths::try_from((one.cpu.as_nanos() * 1000).checked_div(both)?).ok()
            });
            median(ratios.collect::<Option<_>>()?)
        }
        Measure::Peak(one) => Some(peak(runs(one)?) * 1000 / 1024),
    }
}

/// Whoever lists members shows a line each: skewgate must have seen as many, but for what stands around the lists.
fn check_counts(corpus: &Corpus, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    for peer in rows
        .iter()
        .filter(|row| matches!(row.contender.way, Way::Each(_)))
    {
        let around = 6 * u64::try_from(corpus.files(peer.contender.set).len())?;
        let ours = rows
            .iter()
            .filter(|row| row.contender.set == peer.contender.set);
        for ours in ours.filter(|row| matches!(row.contender.way, Way::Reader(..))) {
            let (Some(peer_run), Some(run)) = (peer.runs.first(), ours.runs.first()) else {
                continue;
            };
            let entries: u64 = run.said.parse()?;
            if entries.saturating_add(around) < peer_run.lines {
                let (one, other) = (ours.contender.label, peer.contender.label);
                return Err(format!(
                    "{one} saw {entries} members, {other} {} lines",
                    peer_run.lines
                )
                .into());
            }
        }
    }
    Ok(())
}

fn time(runs: &[Run], quantity: fn(&Run) -> Duration) -> String {
    let median = median(runs.iter().map(quantity).collect()).unwrap_or_default();
    format!("{}.{:04}", median.as_secs(), median.subsec_micros() / 100)
}

fn decimal(value: Thousandths) -> String {
    format!("{}.{:03}", value / 1000, value % 1000)
}
