//! What is read in files that real programs made, and in ones that lie (`fixtures/formats`), beside what the programs
//! themselves read there.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it passes over"
)]

mod zip;
