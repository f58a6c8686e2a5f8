//! Prints: the machine and the contenders, a table a shape, the targets.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::child::{self, Run};
use crate::contender::{Tool, Tools};
use crate::options::Options;
use crate::ratio::{Bound, Thousandths, median, peak, ratio};
use crate::run::{Runs, ShapeResult};
use crate::shape::cores;
use crate::target::{Measure, TARGETS};
use crate::trees::Ground;

/// Who a table's ratios are against.
const BASELINES: [Tool; 3] = [Tool::Floor, Tool::Find, Tool::Fd];

/// Prints what a reader must know to judge the absolute times.
pub(crate) fn print_machine(options: &Options, ground: &Ground, tools: &Tools) {
    let cpu = line_of("/proc/cpuinfo", "model name");
    let cpu = cpu.rsplit(": ").next().unwrap_or("unknown");
    let kernel = line_of("/proc/sys/kernel/osrelease", "");
    let load = line_of("/proc/loadavg", "");
    println!("machine   {} cores, {cpu}", cores());
    println!("kernel    {kernel}, load {load}");
    println!("trees on  {}", filesystem(&ground.at("trees")));
    println!(
        "memory    a peak is never below that of `true`: {}",
        least(ground)
    );
    for (tool, version) in tools.versions() {
        println!("{tool:<9} {version}");
    }
    if options.quick {
        println!("quick     a trial on small trees, not a claim");
    }
}

fn line_of(file: &str, beginning: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(beginning));
    line.unwrap_or("unknown").to_owned()
}

fn filesystem(place: &Path) -> String {
    let asked = Command::new("find")
        .arg(place)
        .args(["-maxdepth", "0", "-printf", "%F"])
        .output();
    let said = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    said.unwrap_or_else(|_| "unknown".to_owned())
}

/// The kernel counts the spawning process into a child's peak, so this is where measuring begins.
fn least(ground: &Ground) -> String {
    match child::measure(&["true".into()], &ground.at("stderr")) {
        Ok(run) => format!("{} MiB", mebibytes(run.peak)),
        Err(error) => format!("unknown ({error})"),
    }
}

/// Prints the table of one shape.
pub(crate) fn print_shape(result: &ShapeResult) {
    let shape = &result.shape;
    print!("\n{}: {}", shape.name, result.census);
    if shape.cold {
        print!(", dentries and inodes dropped before each run");
    }
    if let Some(descriptors) = shape.descriptors {
        print!(", {descriptors} file descriptors");
    }
    println!(", medians of {} rounds", shape.rounds);
    print!(
        "{:<16} {:>9} {:>9} {:>9}",
        "contender", "CPU s", "wall s", "peak MiB"
    );
    for quantity in ["CPU", "wall"] {
        for baseline in BASELINES {
            print!(" {:>10}", format!("{quantity}/{baseline}"));
        }
    }
    println!();
    for (contender, runs) in &result.rows {
        print_row(result, contender.label, runs);
    }
}

fn print_row(result: &ShapeResult, label: &str, runs: &Runs) {
    let runs = match runs {
        Ok(runs) => runs,
        Err(reason) => return println!("{label:<16} FAILED: {reason}"),
    };
    let (cpu, wall) = (times(runs, |run| run.cpu), times(runs, |run| run.wall));
    print!(
        "{label:<16} {cpu:>9} {wall:>9} {:>9}",
        mebibytes(peak(runs))
    );
    let quantities: [fn(&Run) -> Duration; 2] = [|run| run.cpu, |run| run.wall];
    for quantity in quantities {
        for baseline in BASELINES {
            let baseline = result.baseline(baseline);
            let compared = baseline.and_then(|baseline| ratio(runs, baseline, quantity));
            print!(" {:>10}", compared.map_or("-".to_owned(), decimal));
        }
    }
    println!();
}

/// Prints each target with its bound, the measured value and whether the bound was kept.
pub(crate) fn print_targets(results: &[ShapeResult]) {
    println!(
        "\n{:<32} {:<28} {:>10} {:>9}",
        "target", "measure", "bound", "measured"
    );
    for target in TARGETS {
        let measure = match target.measure {
            Measure::Cpu(one, other) => format!("CPU {one} / {other}"),
            Measure::Wall(one, other) => format!("wall {one} / {other}"),
            Measure::Peak(one) => format!("peak MiB {one}"),
            Measure::PeakOverWarm(one) => format!("peak {one} / at warm"),
        };
        let bound = match target.bound {
            Bound::AtMost(bound) => format!("<= {}", decimal(bound)),
            Bound::AtLeast(bound) => format!(">= {}", decimal(bound)),
            Bound::None => "-".to_owned(),
        };
        print!("{:<32} {measure:<28} {bound:>10} ", target.work);
        match target.measured(results) {
            Ok(value) => println!("{:>9} {}", decimal(value), target.bound.verdict(value)),
            Err(reason) => println!("{:>9} not measured: {reason}", "-"),
        }
    }
}

fn times(runs: &[Run], quantity: fn(&Run) -> Duration) -> String {
    let median = median(runs.iter().map(quantity).collect()).unwrap_or_default();
    format!("{}.{:04}", median.as_secs(), median.subsec_micros() / 100)
}

fn mebibytes(kibibytes: u64) -> String {
    decimal(kibibytes * 1000 / 1024)
}

fn decimal(value: Thousandths) -> String {
    format!("{}.{:03}", value / 1000, value % 1000)
}
