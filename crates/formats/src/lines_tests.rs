//! Lines of a reader are the lines of the whole, however the reads fall.
#![allow(clippy::unwrap_used)] // a test may panic

use super::{LINE_BYTES_MAX, Line, LineReader, split};
use proptest::prelude::*;
use std::io::Read;

/// Hands out `step` bytes at a time.
struct Dribble<'b>(&'b [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(out.len()).min(self.0.len());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn read_all(bytes: &[u8], step: usize) -> Vec<(Vec<u8>, bool)> {
    let mut reader = LineReader::new(Dribble(bytes, step));
    let mut lines = Vec::new();
    while let Some(line) = reader.next_line().unwrap() {
        lines.push(match line {
            Line::Whole(line) => (line.to_vec(), true),
            Line::TooLong(head) => (head.to_vec(), false),
        });
    }
    assert_eq!(reader.offset(), bytes.len() as u64);
    lines
}

#[test]
fn long_lines_are_cut_and_the_next_is_found() {
    for extra in [0, 1, 2, 900_000, 3_000_000] {
        for step in [1000, 4096, 10_000_000] {
            let mut bytes = b"\xef\xbb\xbffirst\r\n\n".to_vec();
            bytes.extend(std::iter::repeat_n(b'x', LINE_BYTES_MAX + extra));
            bytes.extend_from_slice(b"\nlast");
            let lines = read_all(&bytes, step);
            let middle = (vec![b'x'; LINE_BYTES_MAX], extra == 0);
            let expected = vec![(b"first\r".to_vec(), true), middle, (b"last".to_vec(), true)];
            assert!(lines == expected, "{extra} {step}: {} lines", lines.len());
        }
    }
}

proptest! {
    #[test]
    fn a_reader_gives_the_lines_of_the_slice(bytes in "[ab\n\r]{0,40}", step in 1usize..9) {
        let lines = read_all(bytes.as_bytes(), step).into_iter();
        let lines: Vec<_> = lines.map(|line| line.0).collect();
        let expected: Vec<_> = split(bytes.as_bytes()).map(<[u8]>::to_vec).collect();
        prop_assert_eq!(lines, expected);
    }
}
