//! skewgate audits the timestamps of build artifacts against a trusted clock and the build's own
//! window.
//!
//! The map, in the order of the pipeline. The law: **a module may use only modules declared above
//! it** (`tests/architecture.rs` holds it).

// Instants, spans, and uncertain instants with the one comparison that rules use.
pub mod time;
// All that differs between operating systems: the only `cfg` on one, the only `unsafe`, the only
// reading of clocks.
pub mod sys;
// Reading hostile bytes: pieces, streams, and the limits on both.
pub mod bytes;
// TABLE: who can be asked the time.
pub mod source;
// What the sources agree on, carried forward; the builder's own clocks as evidence.
pub mod clock;
// How the builder's clock ran beside the true time: rates, steps, and back to when things really were.
pub mod drift;
// When the build began and ended, and who says so.
pub mod record;
// TABLE: what the machine says of its own clock, and what that means.
pub mod doctor;
// Which files there are.
pub mod walk;
// TABLE: which times a file carries inside.
pub mod format;
// TABLE: who will refuse them for those.
pub mod receiver;
// TABLE: what is wrong with their times.
pub mod rule;
// From what was found to a verdict.
pub mod gate;
// TABLE: how a result is written.
pub mod report;
// One audit, from options to report.
pub mod audit;
// What is in force: the command line, the environment, `skewgate.toml` and the profile.
pub mod config;
// The one place that prints and exits: one file a command.
pub mod cli;
