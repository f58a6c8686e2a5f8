//! `roughenough_server`, a Roughtime server.

use super::{Lab, available, free_port};
use std::process::Command;

/// The key of a server whose seed is all zero.
pub(crate) const KEY: &str = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";

/// The server's name, where it is installed.
pub(crate) fn server() -> Option<&'static str> {
    const NAME: &str = "roughenough_server";
    available(NAME).then_some(NAME)
}

/// Starts one that is `offset` seconds off, and says where.
pub(crate) fn start(lab: &mut Lab, server: &str, offset: i64) -> u16 {
    let port = free_port();
    let name = format!("roughtime{offset}");
    lab.start(
        &name,
        Command::new(server)
            .args(["-i", "127.0.0.1", "-j", "1", "--insecure-zero-seed", "-p"])
            .arg(port.to_string())
            .arg(format!("--fixed-offset={offset}")),
    );
    // It says nothing to whoever does not speak Roughtime, but it holds its port.
    lab.until("roughenough_server", || {
        std::net::UdpSocket::bind(("127.0.0.1", port)).is_err()
    });
    port
}
