//! The road for feeds that write every line alike: what stands between the texts of a line is
//! remembered from lines that the other roads read, and then only compared.
//!
//! A line that consists of remembered pieces and, between them, texts without quotes, escapes and
//! control characters differs from a line that was read before in those texts only: it has the
//! same fields, and is as well formed. Whatever else it is goes down the other roads.

use super::field::{Fields, Span};
use super::text::plain_end;
use crate::time::rfc3339;
use ledger::Decimal;

/// Pieces that may follow one text: kinds of events differ in a field or two.
const BRANCHES_MAX: usize = 8;
/// Texts in all layouts together.
const NODES_MAX: usize = 512;
/// After so many lines that were not recognised, less those that were, no line is tried.
const MISSES_MAX: i32 = 4096;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Source,
    Id,
    Kind,
    OccurredAt,
    Amount,
    Asset,
    RefSource,
    RefId,
    /// A dimension; where its name is in the piece before it.
    Dim(usize, usize),
    /// Something that is passed over.
    Other,
}

/// A piece that leads to the next text.
#[derive(Debug)]
struct Branch {
    piece: Vec<u8>,
    role: Role,
    next: usize,
}

/// What may follow a text.
#[derive(Debug, Default)]
struct Node {
    branches: Vec<Branch>,
    ends: Vec<Vec<u8>>,
}

/// The layouts of the lines read so far.
#[derive(Debug)]
pub(super) struct Layouts {
    /// The first one is that of the beginning of a line.
    nodes: Vec<Node>,
    misses: i32,
}

impl Default for Layouts {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], misses: 0 }
    }
}

impl Layouts {
    /// Reads a line of a known layout; nothing when it is not one.
    pub(super) fn read(&mut self, line: &str, dims: &mut Vec<(Span, Span)>) -> Option<Fields> {
        if self.misses >= MISSES_MAX {
            return None;
        }
        let read = self.walk(line, dims);
        self.misses = (self.misses + if read.is_some() { -1 } else { 1 }).max(0);
        read
    }

    fn walk(&self, line: &str, dims: &mut Vec<(Span, Span)>) -> Option<Fields> {
        let (bytes, mut fields) = (line.as_bytes(), Fields::default());
        let (mut node, mut at) = (&self.nodes[0], 0);
        loop {
            let rest = &bytes[at..];
            let Some(branch) = node.branches.iter().find(|branch| begins(rest, &branch.piece))
            else {
                return node.ends.iter().any(|end| end == rest).then_some(fields);
            };
            let start = at + branch.piece.len();
            let end = plain_end(bytes, start)?;
            if bytes[end] != b'"' {
                return None;
            }
            let text = || Span::of_line(start, end);
            match branch.role {
                Role::Source => fields.source = Some(text()?),
                Role::Id => fields.id = Some(text()?),
                Role::Kind => fields.kind = Some(text()?),
                Role::OccurredAt => fields.occurred_at = Some(rfc3339(&bytes[start..end])?),
                Role::Amount => fields.amount = Some(Decimal::parse(&bytes[start..end]).ok()?),
                Role::Asset => fields.asset = Some(text()?),
                Role::RefSource => fields.ref_source = Some(text()?),
                Role::RefId => fields.ref_id = Some(text()?),
                Role::Dim(from, to) => dims.push((Span::of_line(at + from, at + to)?, text()?)),
                Role::Other => {}
            }
            (node, at) = (&self.nodes[branch.next], end);
        }
    }

    /// Remembers the layout of a line that was read as an event.
    pub(super) fn learn(&mut self, line: &str) {
        let bytes = line.as_bytes();
        if self.misses >= MISSES_MAX || memchr::memchr(b'\\', bytes).is_some() {
            return;
        }
        let (mut node, mut at) = (0, 0);
        for (start, end, role) in texts(bytes) {
            let piece = &bytes[at..start];
            let role = match role {
                Role::Dim(from, to) => Role::Dim(from - at, to - at),
                other => other,
            };
            let branches = &self.nodes[node].branches;
            let known = branches.iter().find(|branch| branch.piece == piece);
            node = match known {
                Some(branch) => branch.next,
                None if branches.len() < BRANCHES_MAX && self.nodes.len() < NODES_MAX => {
                    let next = self.nodes.len();
                    self.nodes.push(Node::default());
                    let branch = Branch { piece: piece.to_vec(), role, next };
                    self.nodes[node].branches.push(branch);
                    next
                }
                None => return,
            };
            at = end;
        }
        let ends = &mut self.nodes[node].ends;
        if ends.len() < BRANCHES_MAX {
            ends.push(bytes[at..].to_vec());
        }
    }
}

/// Whether `bytes` begins with `piece`: pieces are short, and a call costs more than comparing.
#[inline]
fn begins(bytes: &[u8], piece: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..piece.len()) else { return false };
    let ((a, a_rest), (b, b_rest)) = (bytes.as_chunks::<8>(), piece.as_chunks::<8>());
    let word = |chunk: &[u8; 8]| u64::from_le_bytes(*chunk);
    if let (Some(a_last), Some(b_last)) = (bytes.last_chunk::<8>(), piece.last_chunk::<8>()) {
        return a.iter().zip(b).all(|(a, b)| word(a) == word(b)) && word(a_last) == word(b_last);
    }
    a_rest == b_rest
}

/// The texts of an event without escapes that stand for values: where each begins and ends, and
/// what it is.
fn texts(bytes: &[u8]) -> Vec<(usize, usize, Role)> {
    let mut found = Vec::new();
    // For each open object its last key, and nothing for each open array.
    let mut open: Vec<Option<(usize, usize)>> = Vec::new();
    let (mut at, mut is_key) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'{' => {
                open.push(Some((0, 0)));
                is_key = true;
            }
            b'[' => {
                open.push(None);
                is_key = false;
            }
            b'}' | b']' => {
                open.pop();
            }
            b',' => is_key = open.last().is_some_and(Option::is_some),
            b':' => is_key = false,
            b'"' => {
                let start = at + 1;
                let length = memchr::memchr(b'"', &bytes[start..]).unwrap_or(0);
                at = start + length;
                match open.last_mut() {
                    Some(Some(key)) if is_key => *key = (start, at),
                    _ => found.push((start, at, role(bytes, &open))),
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn role(bytes: &[u8], open: &[Option<(usize, usize)>]) -> Role {
    let name = |(start, end): (usize, usize)| &bytes[start..end];
    match *open {
        [Some(key)] => match name(key) {
            b"source" => Role::Source,
            b"id" => Role::Id,
            b"kind" => Role::Kind,
            b"occurred_at" => Role::OccurredAt,
            b"amount" => Role::Amount,
            b"asset" => Role::Asset,
            b"ref" => Role::RefId,
            _ => Role::Other,
        },
        [Some(outer), Some(key)] => match (name(outer), name(key)) {
            (b"dims", _) => Role::Dim(key.0, key.1),
            (b"ref", b"source") => Role::RefSource,
            (b"ref", b"id") => Role::RefId,
            _ => Role::Other,
        },
        _ => Role::Other,
    }
}
