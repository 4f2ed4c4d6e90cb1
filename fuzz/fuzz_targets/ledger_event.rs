//! The canonical event: what is read as one is, byte for byte, what would be written.
#![no_main]

use ledger::{Draft, EventView};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(view) = EventView::decode(bytes) else { return };
    let draft = Draft {
        source: view.source,
        id: view.id,
        kind: view.kind,
        occurred_at: view.occurred_at,
        amount: view.amount,
        asset: view.asset,
        dims: view.dims().collect(),
        reference: view.reference,
    };
    let mut written = Vec::new();
    draft.encode(view.operator, |_| false, &mut written);
    assert_eq!(written, bytes);
});
