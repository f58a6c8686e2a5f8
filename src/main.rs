//! The `skewgate` command.
fn main() {}
