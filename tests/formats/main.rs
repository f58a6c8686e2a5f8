//! Files of every format against the real programs that write and read them.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, and makes the files it looks at"
)]

mod compressed;
mod lab;
