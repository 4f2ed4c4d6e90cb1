//! Lines out of bytes: of a slice, and of a reader with bounded memory.

use std::io::{self, Read};

/// Longest line in bytes; what a line may hold is bounded, and so is the memory to read it.
pub const LINE_BYTES_MAX: usize = 256 * 1024;
const CHUNK_BYTES: usize = 1024 * 1024;

/// The lines of `bytes` without their `\n`; empty ones are left out.
pub fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            if !is_blank(line) {
                return Some(line);
            }
        }
    })
}

fn is_blank(line: &[u8]) -> bool {
    line.is_empty() || line == b"\r"
}

/// One line of a reader.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'b> {
    /// The line without its end.
    Whole(&'b [u8]),
    /// The beginning of a line longer than [`LINE_BYTES_MAX`]; its rest was passed over.
    TooLong(&'b [u8]),
}

/// Reads lines with one buffer; a byte order mark at the start is passed over.
#[derive(Debug)]
pub struct LineReader<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    at_end: bool,
    begun: bool,
}

impl<R: Read> LineReader<R> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        let buffer = vec![0; CHUNK_BYTES];
        Self { input, buffer, start: 0, end: 0, offset: 0, at_end: false, begun: false }
    }

    /// Bytes of the input before the next line.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next line that is not empty; `None` at the end.
    ///
    /// # Errors
    /// What the input reports.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            let Some((start, end, whole)) = self.find()? else { return Ok(None) };
            if !whole {
                self.pass_over_rest()?;
                return Ok(Some(Line::TooLong(&self.buffer[..LINE_BYTES_MAX])));
            }
            if !is_blank(&self.buffer[start..end]) {
                return Ok(Some(Line::Whole(&self.buffer[start..end])));
            }
        }
    }

    /// Bounds of the next line in the buffer, and whether it is whole.
    fn find(&mut self) -> io::Result<Option<(usize, usize, bool)>> {
        let mut searched = 0;
        loop {
            let window = &self.buffer[self.start..self.end];
            if !self.begun && (window.len() >= 3 || self.at_end) {
                self.begun = true;
                if window.starts_with(b"\xef\xbb\xbf") {
                    self.take(3);
                    continue;
                }
            }
            if let Some(found) = memchr::memchr(b'\n', &window[searched..]) {
                let (start, length) = (self.start, searched + found);
                self.take(length + 1);
                return Ok(Some((start, start + length, length <= LINE_BYTES_MAX)))
                    .map(|line| self.moved_when_long(line));
            }
            searched = window.len();
            if searched > LINE_BYTES_MAX {
                self.buffer.copy_within(self.start..self.start + LINE_BYTES_MAX, 0);
                self.take(searched);
                return Ok(Some((0, LINE_BYTES_MAX, false)));
            }
            if self.at_end {
                let (start, end) = (self.start, self.end);
                self.take(searched);
                return Ok((searched > 0).then_some((start, end, true)));
            }
            self.fill()?;
        }
    }

    /// A long line's beginning is always handed over from the front of the buffer.
    fn moved_when_long(
        &mut self,
        line: Option<(usize, usize, bool)>,
    ) -> Option<(usize, usize, bool)> {
        let (start, end, whole) = line?;
        if !whole {
            // The line ended inside the buffer: nothing is left to pass over, so put the end back.
            self.buffer.copy_within(start..start + LINE_BYTES_MAX, 0);
            self.start -= 1;
            self.offset -= 1;
        }
        Some((start, end, whole))
    }

    fn take(&mut self, count: usize) {
        self.start += count;
        self.offset += count as u64;
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        self.read_at(self.end)
    }

    fn read_at(&mut self, at: usize) -> io::Result<()> {
        let count = loop {
            match self.input.read(&mut self.buffer[at..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.at_end = count == 0;
        self.end = at + count;
        Ok(())
    }

    /// Passes over the rest of a long line, leaving the first bytes of the buffer as they are.
    fn pass_over_rest(&mut self) -> io::Result<()> {
        loop {
            let window = &self.buffer[self.start..self.end];
            if let Some(found) = memchr::memchr(b'\n', window) {
                self.take(found + 1);
                return Ok(());
            }
            self.take(window.len());
            if self.at_end {
                return Ok(());
            }
            self.start = LINE_BYTES_MAX;
            self.read_at(LINE_BYTES_MAX)?;
        }
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
