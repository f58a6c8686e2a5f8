//! What is read in files that real programs made, and in ones that lie (`fixtures/formats`), beside what the programs
//! themselves read there.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it passes over, and makes the files it looks at"
)]

mod ar;
mod binaries;
mod compressed;
mod cpio;
mod debian;
mod golden;
mod lab;
mod look;
mod slots;
mod systems;
mod tar;
mod zip;
