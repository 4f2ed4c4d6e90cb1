//! One writer at a time owns a directory.

use engine::port::PortFault;
use local::DirLock;

#[test]
fn the_second_writer_is_told_who_is_first() {
    let dir = tempfile::tempdir().expect("a directory for the test");
    let first = DirLock::acquire(dir.path()).expect("nobody owns it");
    let refused = DirLock::acquire(dir.path()).expect_err("it is owned");
    assert_eq!(refused.fault, PortFault::Fenced);
    let process = format!("process {}", std::process::id());
    assert!(refused.what.contains(&process), "{}", refused.what);
    drop(first);
    DirLock::acquire(dir.path()).expect("it is free again");
}

#[test]
fn a_directory_that_is_not_there() {
    let dir = tempfile::tempdir().expect("a directory for the test");
    let fault = DirLock::acquire(&dir.path().join("no")).map(|_| ()).map_err(|error| error.fault);
    assert_eq!(fault, Err(PortFault::Missing));
}
