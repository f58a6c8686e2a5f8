//! Files of every format against the real programs that write and read them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod compressed;
mod lab;
