//! Nanoseconds per event of the native scanner, with events of about 250 bytes.
//!
//! `cargo run --release -p saldo-formats --example scan_speed`

use formats::{Scanner, Spare};
use std::hint::black_box;
use std::time::Instant;

const EVENTS: usize = 200_000;

fn main() {
    let mut file = String::new();
    for n in 0..EVENTS {
        use std::fmt::Write;
        let _ = writeln!(
            file,
            "{{\"source\":\"studio-a\",\"id\":\"t-{n:012}\",\"kind\":\"win\",\
             \"occurred_at\":\"2026-03-01T00:{:02}:{:02}.123456Z\",\"amount\":\"{}.50\",\
             \"asset\":\"EUR\",\"dims\":{{\"provider\":\"studio-a\",\"game\":\"roulette-{}\",\
             \"player\":\"p-{}\",\"partner\":\"shop-{}\"}},\"ref\":\"b-{n:012}\"}}",
            n / 60 % 60,
            n % 60,
            n % 1000,
            n % 50,
            n % 100_000,
            n % 300,
        );
    }
    println!("{} bytes an event", file.len() / EVENTS);
    for (name, slow) in [("fast", false), ("slow", true), ("fast", false), ("fast", false)] {
        let (mut scanner, mut spare) = (Scanner::default(), Spare::default());
        let start = Instant::now();
        for line in formats::lines::split(file.as_bytes()) {
            let mut draft = spare.take();
            let read = if slow {
                scanner.scan_slowly(line, "studio-a", &mut draft)
            } else {
                scanner.scan(line, "studio-a", &mut draft)
            };
            assert!(read.is_ok());
            black_box(&draft);
            spare.put(draft);
        }
        let nanos = start.elapsed().as_nanos() / EVENTS as u128;
        println!("{name}: {nanos} ns an event");
    }
}
