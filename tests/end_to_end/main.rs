//! The program as its users run it: with pipes that close, disks that fill, signals, terminals, other
//! users' files, real repositories and a real libfaketime.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, and makes the files it looks at"
)]

mod harness;
mod clocks;
mod real;
mod reports;
mod signals;
mod stamps;
mod streams;
mod terminal;
