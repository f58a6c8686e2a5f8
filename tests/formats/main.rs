//! What is read in files that real programs made, and in ones that lie (`fixtures/formats`), beside what the programs
//! themselves read there.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, writes what it reads, and says what it passes over"
)]

mod ar;
mod binaries;
mod compressed;
mod cpio;
mod damage;
mod debian;
mod discs;
mod golden;
mod look;
mod pictures;
mod seven_zip;
mod slots;
mod systems;
mod tar;
mod zip;
