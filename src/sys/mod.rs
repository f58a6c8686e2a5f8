//! All that differs between operating systems: the only `cfg` on one, the only `unsafe`, the only
//! reading of a clock.
//!
//! Nothing here judges: these are facts as the system states them.

mod child;
mod clock;
mod directory;
mod filesystem;
mod hypervisor;
mod limits;
mod machine;
mod phc;
mod place;
mod probe;
mod replace;
mod stat;
mod tree;
mod watch;

pub(crate) use child::{Ended, Running, die_of};
pub use clock::{
    Boottime, Clocks, Discipline, boottime, clocks, coarse_tick, discipline, raw_wall_clock,
    timestamp, wall_clock,
};
pub(crate) use directory::{Directory, HAS_HANDLES, c_name, file_name, path_from_bytes};
pub use filesystem::{Filesystem, Stamper};
pub(crate) use hypervisor::{hypervisor_leaf, kernel_log};
pub(crate) use limits::open_file_limit;
pub use machine::{RulerId, host_name, machine_facts, machine_id};
pub(crate) use phc::DeviceClock;
pub(crate) use place::read_at;
pub(crate) use probe::Probe;
pub(crate) use replace::{Replacement, open_lock, open_regular};
pub(crate) use stat::created;
pub use stat::{Identity, Kind, Stat};
pub(crate) use tree::Tree;
pub(crate) use watch::{Stop, Watch};
