//! The shapes: which tree is walked by whom, and under what conditions.

use std::num::NonZero;
use std::thread::available_parallelism;

use crate::contender::{Contender, Rules, Tool};
use crate::options::{Options, SHAPES};
use crate::trees::{Form, Tree};

/// The file descriptors that must be enough for any shape of tree.
const DESCRIPTORS: u32 = 256;

/// One table of the output.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) tree: Tree,
    pub(crate) contenders: Vec<Contender>,
    /// Dentries and inodes are dropped before each run.
    pub(crate) cold: bool,
    /// How many file descriptors a contender may have, if that is limited.
    pub(crate) descriptors: Option<u32>,
    pub(crate) rounds: u32,
}

/// How many threads can run at once here.
pub(crate) fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// The shapes that were asked for.
pub(crate) fn shapes(options: &Options) -> Vec<Shape> {
    let names = SHAPES.iter().filter(|name| options.walks(name));
    let mut shapes: Vec<Shape> = names.map(|name| shape(name, options)).collect();
    for shape in &mut shapes {
        shape
            .contenders
            .retain(|contender| options.includes(contender.tool));
    }
    shapes.retain(|shape| !shape.contenders.is_empty());
    shapes
}

fn shape(name: &'static str, options: &Options) -> Shape {
    let [million, four_million, wide] = trees(options.quick);
    let plain = Shape {
        name,
        tree: million,
        contenders: everyone(cores()),
        cold: false,
        descriptors: None,
        rounds: options.rounds(),
    };
    let narrow = |tree| Shape {
        tree,
        descriptors: Some(DESCRIPTORS),
        ..plain.clone()
    };
    match name {
        "warm" => Shape {
            contenders: [everyone(cores()), audits(), noise()].concat(),
            ..plain
        },
        "cold" => Shape {
            cold: true,
            // As many as skewgate takes by itself: waiting for a disk costs no core.
            contenders: everyone((4 * cores()).clamp(8, 64)),
            ..plain
        },
        "scaling" => Shape {
            contenders: vec![
                Contender::new("floor 1", Tool::Floor).on(1),
                Contender::new("floor 2", Tool::Floor).on(2),
                Contender::new("skewgate 1", Tool::Skewgate).on(1),
                Contender::new("skewgate 2", Tool::Skewgate).on(2),
            ],
            ..plain
        },
        "wide" => narrow(wide),
        "deep" => narrow(tree("deep", Form::Deep, 5_000)),
        "empty-dirs" => narrow(tree("empty-dirs", Form::EmptyDirs, 100_000)),
        "empty" => Shape {
            tree: tree("empty", Form::EmptyDirs, 0),
            // A start takes a millisecond: many make a steady median.
            rounds: options.rounds().saturating_mul(20),
            ..plain
        },
        _ => Shape {
            tree: four_million,
            contenders: vec![
                Contender::new("floor", Tool::Floor).on(cores()),
                Contender::new("skewgate", Tool::Skewgate),
            ],
            ..plain
        },
    }
}

/// The trees whose size depends on the options: those of 1M and 4M files, and the one directory.
fn trees(quick: bool) -> [Tree; 3] {
    match quick {
        false => [
            tree("million", Form::Forest, 1_000_000),
            tree("four-million", Form::Forest, 4_000_000),
            tree("wide", Form::Wide, 1_000_000),
        ],
        true => [
            tree("million-quick", Form::Forest, 100_000),
            tree("four-million-quick", Form::Forest, 400_000),
            tree("wide-quick", Form::Wide, 100_000),
        ],
    }
}

fn tree(name: &'static str, form: Form, count: u32) -> Tree {
    Tree { name, form, count }
}

/// Every program once, doing the same work.
fn everyone(floor_threads: usize) -> Vec<Contender> {
    vec![
        Contender::new("floor", Tool::Floor).on(floor_threads),
        Contender::new("find", Tool::Find),
        Contender::new("fd", Tool::Fd),
        Contender::new("bfs", Tool::Bfs),
        Contender::new("skewgate", Tool::Skewgate),
    ]
}

/// What skewgate does beyond the work of the others.
fn audits() -> Vec<Contender> {
    vec![
        Contender::audit("skewgate globs", Rules::Globs, "human"),
        Contender::audit("skewgate window", Rules::Window, "human"),
        Contender::audit("skewgate ndjson", Rules::AfterOld, "ndjson"),
        Contender::audit("skewgate json", Rules::AfterOld, "json"),
        Contender::audit("skewgate human", Rules::AfterOld, "human"),
    ]
}

/// The floor once more: how far its two rows differ is how far the ratios of this run can be trusted.
fn noise() -> Vec<Contender> {
    vec![Contender::new("floor again", Tool::Floor).on(cores())]
}
