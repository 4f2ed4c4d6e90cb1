//! Text in any encoding to UTF-8, while it is read. Byte order marks are passed over.
//!
//! UTF-8 itself goes through as it is: each row is checked by itself, so that bad bytes spoil one
//! row. In other encodings bad bytes become U+FFFD, which none of them but UTF-16 can write, and
//! rows with it are refused.

use encoding_rs::{Decoder, Encoding, UTF_8};
use std::io::{self, Read};

/// What marks a byte that was no text in its encoding.
pub(super) const BAD: char = '\u{fffd}';
const CHUNK_BYTES: usize = 32 * 1024;

/// `input` as UTF-8, and whether [`BAD`] in it means bad bytes.
pub(super) fn to_utf8<'i>(input: Box<dyn Read + 'i>, label: &str) -> (Box<dyn Read + 'i>, bool) {
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding != UTF_8 => (Box::new(Transcode::new(input, encoding)), true),
        _ => (Box::new(Unmarked { input, head: [0; 3], served: 0, length: None }), false),
    }
}

/// Leaves out the byte order mark of UTF-8.
struct Unmarked<R> {
    input: R,
    head: [u8; 3],
    served: usize,
    length: Option<usize>,
}

impl<R: Read> Read for Unmarked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = match self.length {
            Some(length) => length,
            None => self.begin()?,
        };
        if self.served < length {
            let count = out.len().min(length - self.served);
            out[..count].copy_from_slice(&self.head[self.served..self.served + count]);
            self.served += count;
            return Ok(count);
        }
        self.input.read(out)
    }
}

impl<R: Read> Unmarked<R> {
    fn begin(&mut self) -> io::Result<usize> {
        let mut length = 0;
        while length < 3 {
            match self.input.read(&mut self.head[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.head[..length] == *b"\xef\xbb\xbf" {
            length = 0;
        }
        self.length = Some(length);
        Ok(length)
    }
}

struct Transcode<R> {
    input: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    from: usize,
    to: usize,
    text: Vec<u8>,
    served: usize,
    done: bool,
}

impl<R: Read> Transcode<R> {
    fn new(input: R, encoding: &'static Encoding) -> Self {
        Self {
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            bytes: vec![0; CHUNK_BYTES],
            from: 0,
            to: 0,
            text: Vec::new(),
            served: 0,
            done: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut at_end = false;
        if self.from == self.to {
            let count = self.input.read(&mut self.bytes)?;
            (self.from, self.to, at_end) = (0, count, count == 0);
        }
        self.text.resize(CHUNK_BYTES * 3, 0);
        let source = &self.bytes[self.from..self.to];
        let (result, read, written, _) =
            self.decoder.decode_to_utf8(source, &mut self.text, at_end);
        self.from += read;
        self.text.truncate(written);
        self.served = 0;
        self.done = at_end && result == encoding_rs::CoderResult::InputEmpty;
        Ok(())
    }
}

impl<R: Read> Read for Transcode<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.served == self.text.len() {
            if self.done {
                return Ok(0);
            }
            self.fill()?;
        }
        let count = out.len().min(self.text.len() - self.served);
        out[..count].copy_from_slice(&self.text[self.served..self.served + count]);
        self.served += count;
        Ok(count)
    }
}
