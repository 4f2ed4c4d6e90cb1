//! What a close leaves in the Store.

use crate::port::Position;
use crate::wire::{BadBytes, Reader, Writer};
use ledger::time::Span;
use settle::AccountSum;

/// A closed period of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Position of the close: what stands before it is in, what comes after is late.
    pub position: Position,
    /// Position of the statement's own record; 0 until it is there.
    pub statement_position: Position,
    /// When it was closed, nanoseconds UTC.
    pub closed_at: i64,
    /// The statement's place in the control stream, once recorded.
    pub sequence: Option<u64>,
    /// The period's time, resolved once.
    pub span: Span,
    /// Book revision it was rated under.
    pub revision: u32,
    /// The statement's body.
    pub body: Vec<u8>,
    /// The sums it was rated from, ascending by path and asset.
    pub sums: Vec<AccountSum>,
    /// What counterparties check against.
    pub commitment: Vec<u8>,
    /// Earlier periods that late facts changed, as this close rated them again: what the next
    /// close compares with.
    pub restated: Vec<Restated>,
}

/// A closed period rated again at a later close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restated {
    /// The period, as people write it.
    pub period: String,
    /// The body of the statement that it would have now.
    pub body: Vec<u8>,
}

impl Closed {
    /// Bytes of version 1 where no earlier period was rated again, of version 2 otherwise.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let version = if self.restated.is_empty() { 1 } else { 2 };
        writer.u8(version).u64(self.position).u64(self.statement_position).i64(self.closed_at);
        writer.u64(self.sequence.unwrap_or(u64::MAX)).i64(self.span.start).i64(self.span.end);
        writer.u32(self.revision).blob(&self.body).blob(&self.commitment);
        writer.u32(u32::try_from(self.sums.len()).unwrap_or(u32::MAX));
        for sum in &self.sums {
            writer.text(&sum.path).text(&sum.asset);
            writer.i128(sum.total.debit).i128(sum.total.credit).u64(sum.total.count);
        }
        if version == 2 {
            writer.u32(u32::try_from(self.restated.len()).unwrap_or(u32::MAX));
            for restated in &self.restated {
                writer.text(&restated.period).blob(&restated.body);
            }
        }
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        Self::read(bytes, true)
    }

    /// The same without the sums, which are most of it.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode_without_sums(bytes: &[u8]) -> Result<Self, BadBytes> {
        Self::read(bytes, false)
    }

    fn read(bytes: &[u8], with_sums: bool) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        let version = reader.u8()?;
        if !(1..=2).contains(&version) {
            return Err(BadBytes);
        }
        let (position, statement_position) = (reader.u64()?, reader.u64()?);
        let (closed_at, sequence) = (reader.i64()?, reader.u64()?);
        let span = Span { start: reader.i64()?, end: reader.i64()? };
        let revision = reader.u32()?;
        let (body, commitment) = (reader.blob()?.to_vec(), reader.blob()?.to_vec());
        let sums = read_sums(&mut reader, with_sums)?;
        let mut restated = Vec::new();
        for _ in 0..if version == 1 { 0 } else { reader.u32()? } {
            let (period, body) = (reader.text()?.to_owned(), reader.blob()?.to_vec());
            restated.push(Restated { period, body });
        }
        reader.end()?;
        let sequence = (sequence != u64::MAX).then_some(sequence);
        Ok(Self {
            position,
            statement_position,
            closed_at,
            sequence,
            span,
            revision,
            body,
            sums,
            commitment,
            restated,
        })
    }
}

/// Reads the sums, or passes over them.
fn read_sums(reader: &mut Reader<'_>, wanted: bool) -> Result<Vec<AccountSum>, BadBytes> {
    let mut sums = Vec::new();
    for _ in 0..reader.u32()? {
        let (path, asset) = (reader.text()?, reader.text()?);
        let (debit, credit, count) = (reader.i128()?, reader.i128()?, reader.u64()?);
        if wanted {
            let total = ledger::Total { debit, credit, count };
            sums.push(AccountSum { path: path.to_owned(), asset: asset.to_owned(), total });
        }
    }
    Ok(sums)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    fn closed() -> Closed {
        let total = ledger::Total { debit: 7, credit: -3, count: 2 };
        Closed {
            position: 9,
            statement_position: 10,
            closed_at: 11,
            sequence: Some(12),
            span: Span { start: 13, end: 14 },
            revision: 15,
            body: b"body".to_vec(),
            sums: vec![AccountSum { path: "a:b".into(), asset: "EUR".into(), total }],
            commitment: b"commitment".to_vec(),
            restated: vec![Restated { period: "2026-02".into(), body: b"again".to_vec() }],
        }
    }

    /// What both versions write of the same, but for the version and what is restated.
    const COMMON: &str = "0900000000000000\
        0a00000000000000\
        0b00000000000000\
        0c00000000000000\
        0d00000000000000\
        0e00000000000000\
        0f000000\
        04000000626f6479\
        0a000000636f6d6d69746d656e74\
        01000000\
        03000000613a62\
        03000000455552\
        07000000000000000000000000000000\
        fdffffffffffffffffffffffffffffff\
        0200000000000000";
    const RESTATED: &str = "0100000007000000323032362d303205000000616761696e";

    fn bytes(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        pairs.map(byte).collect()
    }

    #[test]
    fn bytes_of_both_versions_come_back_and_no_cut_is_taken_for_a_close() {
        let plain = Closed { restated: Vec::new(), ..closed() };
        for (stored, value) in
            [(format!("01{COMMON}"), plain), (format!("02{COMMON}{RESTATED}"), closed())]
        {
            let stored = bytes(&stored);
            assert_eq!(value.encode(), stored);
            let light = Closed { sums: Vec::new(), ..value.clone() };
            assert_eq!(Closed::decode(&stored), Ok(value));
            assert_eq!(Closed::decode_without_sums(&stored), Ok(light));
            for length in 0..stored.len() {
                assert_eq!(Closed::decode(&stored[..length]), Err(BadBytes), "{length} bytes");
            }
        }
    }
}
