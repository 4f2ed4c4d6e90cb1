//! What every [`InvoicePort`] does.

use super::Reopen;
use engine::port::PortFault;
use engine::port::invoice::InvoicePort;

/// Runs the suite over places that `make` gives, each fresh.
pub fn run(fresh: &dyn Fn() -> Reopen<dyn InvoicePort>) {
    let mut open = fresh();
    let port = open();
    assert_eq!(port.handed_over("a-2026-03").ok().flatten(), None, "nothing is there at first");
    let ids = ["a-2026-03", "a-2026-03-a1", "세금/../계산서", "A"];
    for id in ids {
        for again in ["first", "again"] {
            let taken = port.hand_over(id, id.as_bytes());
            assert!(taken.is_ok(), "{id}, {again}: {taken:?}");
        }
    }
    let other = port.hand_over("a-2026-03", b"another").map_err(|error| error.fault);
    assert_eq!(other, Err(PortFault::Corrupt), "an issued document is never edited");
    drop(port);
    let port = open();
    for id in ids {
        let found = port.handed_over(id).ok().flatten();
        assert_eq!(found.as_deref(), Some(id.as_bytes()), "{id}, opened again");
    }
}
