//! What may be asked of the benchmark on its command line.

use clap::Parser;

use crate::contender::Tool;

/// The shape that is walked only when asked for.
pub(crate) const GROWTH: &str = "growth";

/// Every shape, in the order in which they run.
pub(crate) const SHAPES: [&str; 8] = [
    "warm",
    "cold",
    "scaling",
    "wide",
    "deep",
    "empty-dirs",
    "empty",
    GROWTH,
];

/// Walks the same trees with skewgate, the floor and the peers, and compares them with the targets.
#[derive(Debug, Parser)]
#[command(name = "walk", bin_name = "cargo bench --bench walk --")]
pub(crate) struct Options {
    /// Run only these contenders.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) only: Vec<Tool>,

    /// Run only these shapes.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = SHAPES)]
    pub(crate) shape: Vec<String>,

    /// Measured rounds, after one that is not measured (default: 5, or 3 with --quick).
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,

    /// Walk trees of a tenth of the size: a trial in about a minute, not a claim.
    #[arg(long)]
    pub(crate) quick: bool,

    /// Also build and walk the tree of 4M files, to see whether memory grows.
    #[arg(long)]
    pub(crate) growth: bool,

    /// Passed by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// How often each contender is measured.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 3 } else { 5 })
    }

    /// Whether this contender takes part.
    pub(crate) fn includes(&self, tool: Tool) -> bool {
        self.only.is_empty() || self.only.contains(&tool)
    }

    /// Whether this shape is walked.
    pub(crate) fn walks(&self, shape: &str) -> bool {
        let named = self.shape.iter().any(|name| name == shape);
        match shape {
            GROWTH => named || self.growth,
            _ => named || self.shape.is_empty(),
        }
    }
}
