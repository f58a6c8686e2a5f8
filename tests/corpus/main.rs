//! Real packages and archives raise no alarm, and a time from the future is found in every format.
//!
//! What a package manager or a registry delivers was built with clocks that were right, by tools that all have
//! their own ways with times: whatever is found there is a false alarm. The other half holds against the first: it
//! plants a time from the future in each format, and what is silent about that one is no gate.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, says what it passes over, and makes the files it looks at"
)]

mod bounds;
mod build;
mod constants;
mod gather;
mod harness;
mod planted;
mod real;
