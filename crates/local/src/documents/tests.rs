//! What `SQLite`'s failures are called here.

use super::database::port_error;
use engine::port::PortFault;
use rusqlite::{Error, ffi};

#[test]
fn failures_have_the_faults_of_the_ports() {
    for (code, fault) in [
        (ffi::SQLITE_FULL, PortFault::Full),
        (ffi::SQLITE_CORRUPT, PortFault::Corrupt),
        (ffi::SQLITE_NOTADB, PortFault::Corrupt),
        (ffi::SQLITE_IOERR_SHORT_READ, PortFault::Corrupt),
        (ffi::SQLITE_IOERR_FSYNC, PortFault::FlushFailed),
        (ffi::SQLITE_IOERR_WRITE, PortFault::Io),
        (ffi::SQLITE_BUSY, PortFault::Fenced),
        (ffi::SQLITE_TOOBIG, PortFault::Limit),
    ] {
        let error = Error::SqliteFailure(ffi::Error::new(code), None);
        assert_eq!(port_error("x.db", &error).fault, fault, "{code}");
    }
    assert_eq!(port_error("x.db", &Error::QueryReturnedNoRows).fault, PortFault::Corrupt);
}
