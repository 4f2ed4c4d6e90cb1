//! Headers, records and commands of the Log: what is read is read again from what is written.
#![no_main]

use engine::control::Control;
use engine::record::{EventsHeader, Record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = EventsHeader::decode(bytes) {
        assert_eq!(EventsHeader::decode(&header.encode()), Ok(header));
    }
    if let Ok(control) = Control::decode(bytes) {
        assert_eq!(Control::decode(&control.encode()), Ok(control));
    }
    if let Ok(Record::Event(event)) = Record::decode(bytes) {
        let _ = (event.pseudonyms().count(), ledger::EventView::decode(event.canonical));
    }
});
