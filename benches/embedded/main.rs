//! Side-by-side benchmark: skewgate and the peers read the times in the same archives in one run.
//!
//! `benches/README.md` says how to run it and how to read it. A module uses only those declared above it: one measured
//! child, ratios, archives made here, the corpus, skewgate's reader by itself, who takes part, the runs and their table.
#![expect(
    clippy::print_stdout,
    reason = "a benchmark's result is what it prints"
)]

#[cfg(target_os = "linux")]
#[path = "../shared/child.rs"]
mod child;
#[cfg(target_os = "linux")]
#[path = "../shared/ratio.rs"]
mod ratio;
#[cfg(target_os = "linux")]
mod made;
#[cfg(target_os = "linux")]
mod corpus;
#[cfg(target_os = "linux")]
mod reader;
#[cfg(target_os = "linux")]
mod contender;
#[cfg(target_os = "linux")]
mod table;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    match bench() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!(
        "the benchmark of times inside files needs Linux: it measures its children with wait4"
    );
}

/// Serves a re-executed copy of this program, or runs the benchmark.
#[cfg(target_os = "linux")]
fn bench() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [corpus::COMMAND] => corpus::Corpus::gather()?,
        [reader::COMMAND, rest @ ..] => println!("{}", reader::main(rest)?),
        [reader::BARE, rest @ ..] => println!("{}", reader::bare(rest)?),
        // `cargo bench` passes `--bench`; `cargo test --all-targets` does not, and must not wait for minutes.
        _ if words.contains(&"--bench") => return table::measure(&words),
        _ => println!(
            "the benchmark of times inside files runs under `cargo bench --bench embedded`"
        ),
    }
    Ok(())
}
