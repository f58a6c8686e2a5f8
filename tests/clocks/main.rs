//! Every source of time against a real server on loopback, or against one that lies.
//!
//! The servers are started by the tests, on free ports, without touching the clock of this machine, and
//! are always stopped.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, and starts the servers it asks"
)]

mod ahead;
mod audit;
mod child;
mod chrony;
mod clock;
mod doctor;
mod filesystem;
mod http;
mod lab;
mod liars;
mod ntp;
mod nts;
mod phc;
mod presumed;
#[cfg(feature = "roughtime")]
mod roughtime;
mod story;
mod tsa;
