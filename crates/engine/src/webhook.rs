//! Endpoints of webhooks: where what changes is sent, as recorded by commands, and how far each of
//! them has been delivered.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::port::{Position, Table};
use crate::query::changes::Cursor;
use crate::step::Step;
use crate::wire::{BadBytes, Reader, Writer};

/// What an endpoint is kept under: this and its id.
const ENDPOINT: &str = "webhook:";
/// What is kept of its progress: under this and its id.
const DELIVERED: &str = "delivered:";

/// A secret that signs deliveries, sealed under a key of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecret {
    /// The sealed bytes; what sealed them knows their form.
    pub sealed: Vec<u8>,
    /// First nanosecond UTC at which it signs no longer; `i64::MAX` for the newest.
    pub until: i64,
}

/// An endpoint, as it is from one command on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: String,
    /// Where deliveries go.
    pub url: String,
    /// What people call it.
    pub name: String,
    /// Names of the changes that are sent; none for every one.
    pub types: Vec<String>,
    /// The party whose changes alone are sent; empty for the operator's own.
    pub party: String,
    /// Whether anything is sent.
    pub enabled: bool,
    /// Why it is not, where Saldo itself stopped; empty otherwise.
    pub stopped: String,
    /// What signs, the newest first.
    pub secrets: Vec<SealedSecret>,
    /// Whether it was removed.
    pub removed: bool,
}

/// An endpoint with what is recorded about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEndpoint {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Position of the command that made it: what changed before is not sent.
    pub made: Position,
    /// When it was made, nanoseconds UTC.
    pub made_at: i64,
    /// Who made it.
    pub author: String,
    /// Everything up to here was delivered.
    pub delivered: Cursor,
}

/// How far an endpoint has been delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The endpoint's id.
    pub id: String,
    /// Everything up to here was delivered.
    pub cursor: Cursor,
}

impl Endpoint {
    /// Bytes of version 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).text(&self.id).text(&self.url).text(&self.name);
        writer.u32(u32::try_from(self.types.len()).unwrap_or(u32::MAX));
        for name in &self.types {
            writer.text(name);
        }
        writer.text(&self.party).u8(self.enabled.into()).text(&self.stopped);
        writer.u32(u32::try_from(self.secrets.len()).unwrap_or(u32::MAX));
        for secret in &self.secrets {
            writer.blob(&secret.sealed).i64(secret.until);
        }
        writer.u8(self.removed.into());
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
        let (id, url) = (reader.text()?.to_owned(), reader.text()?.to_owned());
        let (name, mut types) = (reader.text()?.to_owned(), Vec::new());
        for _ in 0..reader.u32()? {
            types.push(reader.text()?.to_owned());
        }
        let (party, enabled) = (reader.text()?.to_owned(), reader.u8()? == 1);
        let (stopped, mut secrets) = (reader.text()?.to_owned(), Vec::new());
        for _ in 0..reader.u32()? {
            let sealed = reader.blob()?.to_vec();
            secrets.push(SealedSecret { sealed, until: reader.i64()? });
        }
        let removed = reader.u8()? == 1;
        reader.end()?;
        Ok(Self { id, url, name, types, party, enabled, stopped, secrets, removed })
    }
}

/// What the Store keeps: when, where and by whom it was made, and what it is now.
struct Kept {
    made: Position,
    made_at: i64,
    author: String,
    endpoint: Vec<u8>,
}

impl Kept {
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(1).u64(self.made).i64(self.made_at).text(&self.author).blob(&self.endpoint);
        writer.bytes
    }

    fn decode(bytes: &[u8]) -> Result<Self, BadBytes> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes);
        }
        let (made, made_at) = (reader.u64()?, reader.i64()?);
        let (author, endpoint) = (reader.text()?.to_owned(), reader.blob()?.to_vec());
        reader.end()?;
        Ok(Self { made, made_at, author, endpoint })
    }
}

fn key(prefix: &str, id: &str) -> Vec<u8> {
    [prefix.as_bytes(), id.as_bytes()].concat()
}

pub(crate) fn push_progress(writer: &mut Writer, progress: &[Progress]) {
    writer.u32(u32::try_from(progress.len()).unwrap_or(u32::MAX));
    for Progress { id, cursor } in progress {
        writer.text(id).u64(cursor.position).u32(cursor.place);
    }
}

pub(crate) fn read_progress(reader: &mut Reader<'_>) -> Result<Vec<Progress>, BadBytes> {
    let mut found = Vec::new();
    for _ in 0..reader.u32()? {
        let id = reader.text()?.to_owned();
        found.push(Progress { id, cursor: read_cursor(reader)? });
    }
    Ok(found)
}

fn read_cursor(reader: &mut Reader<'_>) -> Result<Cursor, BadBytes> {
    Ok(Cursor { position: reader.u64()?, place: reader.u32()? })
}

impl Step<'_> {
    /// An endpoint is from now on as the command at `position` says.
    pub(crate) fn webhook(
        &mut self,
        bytes: Vec<u8>,
        (position, at, author): (Position, i64, String),
    ) -> Result<(), EngineError> {
        let endpoint = Endpoint::decode(&bytes)?;
        let place = key(ENDPOINT, &endpoint.id);
        if endpoint.removed {
            self.remove(Table::Meta, place);
            self.remove(Table::Meta, key(DELIVERED, &endpoint.id));
            return Ok(());
        }
        let before = self.engine_ref().store.document(Table::Meta, &place)?;
        let kept = match before {
            Some(before) => Kept { endpoint: bytes, ..Kept::decode(&before)? },
            None => Kept { made: position, made_at: at, author, endpoint: bytes },
        };
        self.put(Table::Meta, place, kept.encode());
        Ok(())
    }

    /// Notes how far endpoints were delivered; those that are gone are left out.
    pub(crate) fn delivered(&mut self, progress: &[Progress]) -> Result<(), EngineError> {
        for Progress { id, cursor } in progress {
            let known = self.engine_ref().store.document(Table::Meta, &key(ENDPOINT, id))?;
            if known.is_some() {
                let mut writer = Writer::default();
                writer.u8(1).u64(cursor.position).u32(cursor.place);
                self.put(Table::Meta, key(DELIVERED, id), writer.bytes);
            }
        }
        Ok(())
    }
}

impl Engine {
    /// Every endpoint, by id.
    ///
    /// # Errors
    /// When the Store cannot be read.
    pub fn webhooks(&self) -> Result<Vec<RecordedEndpoint>, EngineError> {
        let (mut found, mut bad) = (Vec::new(), None);
        self.store.documents(Table::Meta, ENDPOINT.as_bytes(), &mut |key, value| {
            if !key.starts_with(ENDPOINT.as_bytes()) {
                return false;
            }
            match Kept::decode(value).and_then(|kept| Ok((Endpoint::decode(&kept.endpoint)?, kept)))
            {
                Ok(kept) => found.push(kept),
                Err(error) => bad = Some(error),
            }
            bad.is_none()
        })?;
        if let Some(error) = bad {
            return Err(error.into());
        }
        let recorded = |(endpoint, kept): (Endpoint, Kept)| {
            let Kept { made, made_at, author, .. } = kept;
            let delivered = self.delivered_to(&endpoint.id)?;
            let delivered = delivered.unwrap_or(Cursor { position: made + 1, place: 0 });
            Ok(RecordedEndpoint { endpoint, made, made_at, author, delivered })
        };
        found.into_iter().map(recorded).collect()
    }

    fn delivered_to(&self, id: &str) -> Result<Option<Cursor>, EngineError> {
        let Some(bytes) = self.store.document(Table::Meta, &key(DELIVERED, id))? else {
            return Ok(None);
        };
        let mut reader = Reader::new(&bytes);
        if reader.u8()? != 1 {
            return Err(BadBytes.into());
        }
        let cursor = read_cursor(&mut reader)?;
        reader.end()?;
        Ok(Some(cursor))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_comes_back_and_no_cut_is_taken_for_one() {
        let endpoint = Endpoint {
            id: "w1".into(),
            url: "https://example.com/saldo".into(),
            name: "studio-a".into(),
            types: vec!["event.posted".into()],
            party: "studio-a".into(),
            enabled: true,
            stopped: String::new(),
            secrets: vec![SealedSecret { sealed: vec![7; 60], until: i64::MAX }],
            removed: false,
        };
        let bytes = endpoint.encode();
        assert_eq!(Endpoint::decode(&bytes), Ok(endpoint));
        for length in 0..bytes.len() {
            assert_eq!(Endpoint::decode(&bytes[..length]), Err(BadBytes), "{length}");
        }
    }
}
