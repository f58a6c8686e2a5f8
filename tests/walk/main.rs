//! The two directory walkers against each other and against independent ones.
//!
//! Every tree is walked by both, with few threads and many, and everything that one reports the
//! other must report too; walkdir on one thread, GNU find or a list that the test wrote down says
//! what is there.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and so do the functions that tests share"
)]

mod child;
mod harness;
mod oracle;
mod tree;

mod deep;
mod kinds;
#[cfg(target_os = "linux")]
mod mounts;
mod permissions;
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod races;
mod random;
mod roots;
mod select;
mod visitors;
mod wide;
