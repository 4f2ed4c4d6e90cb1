//! Legal holds: while one stands, no raw row that it covers is dropped or overwritten. Placed and
//! lifted by commands; every one of them stays.

use crate::access::{document, opened};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::Position;
use crate::wire::{BadBytes, Reader, Writer};

/// What every command is kept under: `legalhold:` and its position.
const PREFIX: &[u8] = b"legalhold:";

/// A hold as one command says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHold {
    /// Its id.
    pub id: String,
    /// The party whose rows are held; empty for any.
    pub party: String,
    /// The source whose rows are held; empty for any.
    pub source: String,
    /// The first day of receipt that is held, days since 1970; `i32::MIN` for all before.
    pub from: i32,
    /// The last one; `i32::MAX` for all after, also those to come.
    pub to: i32,
    /// The person who ordered this.
    pub ordered_by: String,
    /// Why.
    pub reason: String,
    /// Whether it is lifted by this.
    pub lifted: bool,
}

/// Who did it, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Position of the command.
    pub position: Position,
    /// When it was given, nanoseconds UTC.
    pub at: i64,
    /// Who gave it.
    pub author: String,
    /// The person who ordered it.
    pub ordered_by: String,
    /// Why.
    pub reason: String,
}

/// A hold with what was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedHold {
    /// As it was placed.
    pub hold: LegalHold,
    /// Who placed it.
    pub placed: Done,
    /// Who lifted it; none while it stands.
    pub lifted: Option<Done>,
}

impl LegalHold {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.id).text(&self.party).text(&self.source);
        writer.fixed(&self.from.to_le_bytes()).fixed(&self.to.to_le_bytes());
        writer.text(&self.ordered_by).text(&self.reason).u8(self.lifted.into());
        writer.bytes
    }

    /// Reads the bytes of any version ever written.
    ///
    /// # Errors
    /// [`BadBytes`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let (id, party) = (reader.text()?.to_owned(), reader.text()?.to_owned());
        let source = reader.text()?.to_owned();
        let from = i32::from_le_bytes(reader.fixed()?);
        let to = i32::from_le_bytes(reader.fixed()?);
        let (ordered_by, reason) = (reader.text()?.to_owned(), reader.text()?.to_owned());
        let lifted = reader.u8()? == 1;
        reader.end()?;
        Ok(Self { id, party, source, from, to, ordered_by, reason, lifted })
    }

    /// What it is on, in a few words: `party studio-0`, `source feed-a`, `everything`.
    pub fn subject(&self) -> String {
        match (self.party.as_str(), self.source.as_str()) {
            ("", "") => "everything".to_owned(),
            ("", source) => format!("source {source}"),
            (party, "") => format!("party {party}"),
            (party, source) => format!("party {party}, source {source}"),
        }
    }
}

/// The document of a hold's command, and what it is kept under.
pub(crate) fn document_of(
    position: Position,
    (at, author): (i64, &str),
    hold: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    ([PREFIX, &position.to_be_bytes()].concat(), document(at, author, hold))
}

impl Engine {
    /// Every hold that was ever placed, in order.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn legal_holds(&self) -> Result<Vec<RecordedHold>, EngineError> {
        let commands = self.recorded_under(PREFIX, |key, value| {
            let (position, at, author, bytes) = opened(key, value)?;
            let hold = LegalHold::decode(bytes)?;
            let (ordered_by, reason) = (hold.ordered_by.clone(), hold.reason.clone());
            Ok((hold, Done { position, at, author, ordered_by, reason }))
        })?;
        let mut found: Vec<RecordedHold> = Vec::new();
        for (hold, done) in commands {
            match found.iter_mut().find(|known| known.hold.id == hold.id) {
                Some(known) if hold.lifted => known.lifted = Some(done),
                Some(_) => {}
                None => found.push(RecordedHold { hold, placed: done, lifted: None }),
            }
        }
        Ok(found)
    }

    /// Whether a hold covers rows of a source that were received on a day (days since 1970). A
    /// party's hold covers its own sources, under any book there ever was, and those that were no
    /// other party's: rows about it may be among them.
    pub fn is_covered(&self, hold: &LegalHold, source: &str, day: i32) -> bool {
        let of_source = hold.source.is_empty() || hold.source == source;
        let of_party = || {
            let owners = self.owners(source);
            owners.is_empty() || owners.contains(&hold.party)
        };
        of_source && (hold.from..=hold.to).contains(&day) && (hold.party.is_empty() || of_party())
    }

    /// The parties whose source it ever was.
    fn owners(&self, source: &str) -> Vec<String> {
        let owner = |revision: &std::sync::Arc<crate::books::Revision>| {
            let rules = &revision.lookup.rules;
            let source = &rules.sources[usize::from(rules.source(source)?)];
            Some(rules.parties[usize::from(source.party?)].name.clone())
        };
        self.state.books.all().filter_map(owner).collect()
    }

    /// Whether a hold may be recorded as it is.
    pub(crate) fn hold_follows(&self, bytes: &[u8]) -> Result<(), EngineError> {
        let hold = LegalHold::decode(bytes)?;
        let known = self.legal_holds()?.into_iter().find(|known| known.hold.id == hold.id);
        match known {
            None if !hold.lifted => Ok(()),
            Some(known) if hold.lifted && known.lifted.is_none() => Ok(()),
            None => Err(EngineError::Unknown(format!("legal hold {}", hold.id))),
            Some(_) => Err(EngineError::Conflict(format!("legal hold {}", hold.id))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_comes_back_and_no_cut_is_taken_for_one() {
        let hold = LegalHold {
            id: "h1".into(),
            party: "studio-0".into(),
            source: String::new(),
            from: -7,
            to: i32::MAX,
            ordered_by: "Kim, counsel".into(),
            reason: "case 17".into(),
            lifted: false,
        };
        let bytes = hold.encode();
        assert_eq!(LegalHold::decode(&bytes), Ok(hold));
        for length in 0..bytes.len() {
            assert_eq!(LegalHold::decode(&bytes[..length]), Err(BadBytes), "{length}");
        }
    }
}
