//! The build's record from the outside: who begins it at the same time, who is killed over it, what is in its
//! way, and what a command sees that is run under it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, says what it passes over, and writes its own files"
)]

#[cfg(target_os = "linux")]
mod begin;
#[cfg(target_os = "linux")]
mod drift;
#[cfg(target_os = "linux")]
mod harness;
#[cfg(target_os = "linux")]
mod judged;
#[cfg(target_os = "linux")]
mod killed;
#[cfg(target_os = "linux")]
mod places;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod signature;
#[cfg(target_os = "linux")]
mod signals;
#[cfg(target_os = "linux")]
mod steps;
