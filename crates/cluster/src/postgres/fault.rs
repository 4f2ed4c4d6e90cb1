//! What PostgreSQL's errors mean to the port.

use engine::port::{PortError, PortFault};
use std::io;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

fn fault_of(error: &Error) -> PortFault {
    let Some(code) = error.code() else {
        // Without an answer of the server it is the way to it; else it is what we sent or read.
        let read = error.to_string();
        let own = read.contains("converting") || read.contains("deserializing");
        return if own { PortFault::Corrupt } else { PortFault::Unavailable };
    };
    match code.code().get(..2).unwrap_or_default() {
        "53" if *code == SqlState::DISK_FULL => PortFault::Full,
        // Connections, shutdown by the operator, too many connections; waiting for a lock took too
        // long; the server ended a transaction that stood still.
        "08" | "57" | "53" | "55" | "25" => PortFault::Unavailable,
        "58" => PortFault::Io,
        "XX" => PortFault::Corrupt,
        "54" => PortFault::Limit,
        "42" if *code == SqlState::UNDEFINED_TABLE => PortFault::Missing,
        _ => PortFault::Refused,
    }
}

/// The error of the port for one of the driver.
pub(super) fn failed(what: impl Into<String>, error: &Error) -> PortError {
    let mut said = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        said = format!("{said}: {cause}");
        source = cause.source();
    }
    let source = Some(io::Error::other(said));
    PortError { fault: fault_of(error), what: what.into(), source }
}
