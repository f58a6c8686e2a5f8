//! The `skewgate` command.

use skewgate::cli::{self, Exit};

fn main() -> Exit {
    cli::run()
}
