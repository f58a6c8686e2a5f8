//! Side-by-side benchmark: skewgate, the floor and the peers walk the same trees in one run.
//!
//! `benches/README.md` says how to run it and how to read it. A module uses only those declared above it: the trees, who
//! may walk them, what was asked for, the shapes (a tree and who walks it), the runs, the tables.
#![expect(
    clippy::print_stdout,
    reason = "a benchmark's result is what it prints"
)]

#[cfg(target_os = "linux")]
mod trees;
#[cfg(target_os = "linux")]
mod floor;
#[cfg(target_os = "linux")]
mod limited;
#[cfg(target_os = "linux")]
#[path = "../shared/child.rs"]
mod child;
#[cfg(target_os = "linux")]
#[path = "../shared/ratio.rs"]
mod ratio;
#[cfg(target_os = "linux")]
mod contender;
#[cfg(target_os = "linux")]
mod options;
#[cfg(target_os = "linux")]
mod shape;
#[cfg(target_os = "linux")]
mod proof;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod target;
#[cfg(target_os = "linux")]
mod table;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    match bench() {
        Ok(code) => code,
        Err(error) => {
            println!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the walk benchmark needs Linux: its floor is made of getdents64 and statx");
}

/// Serves a re-executed copy of this program, or runs the benchmark.
#[cfg(target_os = "linux")]
fn bench() -> Result<std::process::ExitCode, Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [floor::COMMAND, rest @ ..] => println!("{}", floor::main(rest)?),
        [trees::COMMAND, rest @ ..] => trees::main(rest)?,
        [limited::COMMAND, rest @ ..] => return Err(limited::main(rest)),
        // `cargo bench` passes `--bench`; `cargo test --all-targets` does not, and must not wait for minutes.
        _ if words.contains(&"--bench") => return measure(),
        _ => println!("the walk benchmark runs under `cargo bench --bench walk`"),
    }
    Ok(std::process::ExitCode::SUCCESS)
}

/// Runs the shapes that were asked for and prints their tables, then the targets.
#[cfg(target_os = "linux")]
fn measure() -> Result<std::process::ExitCode, Box<dyn std::error::Error>> {
    use clap::Parser as _;

    let options = options::Options::parse();
    let ground = trees::Ground::prepare()?;
    let tools = contender::Tools::find(|tool| options.includes(tool), &ground)?;
    table::print_machine(&options, &ground, &tools);
    let mut results = Vec::new();
    for shape in shape::shapes(&options) {
        let name = shape.name;
        match run::shape(shape, &ground, &tools)? {
            Some(result) => {
                table::print_shape(&result);
                results.push(result);
            }
            None => println!("\n{name}: not measured, the caches may not be dropped"),
        }
    }
    table::print_targets(&results);
    let failed = results.iter().any(run::ShapeResult::failed);
    Ok(std::process::ExitCode::from(u8::from(failed)))
}
