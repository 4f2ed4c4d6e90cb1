//! Every leaf hashed again from the Log, every tree grown again: roots and tiles must be those
//! that are stored.

use super::{Progress, VerifyReport};
use crate::block::Block;
use crate::books::Books;
use crate::control::{Command, Control};
use crate::engine::{Engine, Secrets};
use crate::error::EngineError;
use crate::key::KeyHasher;
use crate::port::{Frame, FrameKind, Position};
use crate::prepare::{Parts, Preparer};
use crate::record::EventsHeader;
use crate::streams::{CONTROL, tile_path};
use proof::Hash;
use proof::digest::{leaf_hash, sha256};
use proof::leaf::RecordLeafData;
use proof::tree::{Frontier, TileId, TileSink, encode_tile};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Frames hashed side by side before their leaves are appended in order.
const FRAMES_AT_ONCE: usize = 16;

/// Grows every stream's tree again and compares.
///
/// # Errors
/// When a port fails or a record does not have its form.
pub(super) fn check(
    engine: &Engine,
    threads: usize,
    progress: Progress<'_>,
    report: &mut VerifyReport,
) -> Result<(), EngineError> {
    let outcomes = outcomes_by_frame(engine)?;
    let hashing = Hashing {
        books: engine.state.books.clone(),
        secrets: engine.secrets.clone(),
        keys: engine.keys.clone(),
    };
    let mut trees = Trees { engine, trees: BTreeMap::new(), wrong_tiles: 0, tiles: 0 };
    let mut reader = engine.log.reader(0)?;
    let (mut batch, mut done) = (Vec::new(), 0);
    loop {
        let frame = reader.next_frame()?.filter(|view| view.first < engine.store.position());
        let at_end = frame.is_none();
        if let Some(view) = frame {
            let ends = view.ends.chunks_exact(4);
            let ends = ends.map(|four| u32::from_le_bytes(four.try_into().unwrap_or([0; 4])));
            let frame = Frame {
                kind: view.kind,
                header: view.header.to_vec(),
                records: view.records.to_vec(),
                ends: ends.collect(),
            };
            done += frame.ends.len() as u64;
            batch.push((view.first, Arc::new(frame)));
        }
        if batch.len() >= FRAMES_AT_ONCE || at_end {
            for (first, stream, leaves) in hash(&hashing, &batch, threads)? {
                trees.append(first, &stream, &leaves, &outcomes, report);
            }
            batch.clear();
            progress("hashing", done);
        }
        if at_end {
            break;
        }
    }
    trees.compare(report);
    Ok(())
}

/// The outcomes of each frame, by the position of its first record.
fn outcomes_by_frame(engine: &Engine) -> Result<HashMap<Position, Vec<u8>>, EngineError> {
    let (mut found, mut bad) = (HashMap::new(), None);
    engine.store().blocks(0, &mut |bytes| match Block::decode(bytes) {
        Ok(block) => {
            found.insert(block.first, block.outcomes);
            true
        }
        Err(error) => {
            bad = Some(error);
            false
        }
    })?;
    bad.map_or(Ok(found), |error| Err(error.into()))
}

type Hashed = (Position, String, Vec<Hash>);

/// What hashing leaves needs, apart from the Store: it goes to several threads.
struct Hashing {
    books: Books,
    secrets: Secrets,
    keys: KeyHasher,
}

fn hash(
    hashing: &Hashing,
    frames: &[(Position, Arc<Frame>)],
    threads: usize,
) -> Result<Vec<Hashed>, EngineError> {
    let share = frames.len().div_ceil(threads.max(1)).max(1);
    let part = |part: &[(Position, Arc<Frame>)]| -> Result<Vec<Hashed>, EngineError> {
        part.iter().map(|(first, frame)| hash_frame(hashing, *first, frame)).collect()
    };
    let part = &part;
    let parts = std::thread::scope(|scope| {
        let workers: Vec<_> =
            frames.chunks(share).map(|chunk| scope.spawn(move || part(chunk))).collect();
        workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let mut hashed = Vec::with_capacity(frames.len());
    for part in parts {
        let failed = |_| EngineError::Form("a hashing thread ended".into());
        hashed.extend(part.map_err(failed)??);
    }
    Ok(hashed)
}

fn hash_frame(
    hashing: &Hashing,
    first: Position,
    frame: &Arc<Frame>,
) -> Result<Hashed, EngineError> {
    if frame.kind == FrameKind::Control {
        let control = Control::decode(&frame.records)?;
        let hashed = match &control.command {
            Command::Statement { commitment, .. } => commitment.as_slice(),
            _ => frame.records.as_slice(),
        };
        let blind = hashing.secrets.blind_key(CONTROL).blind(&first.to_be_bytes());
        let kind = control.command.kind();
        let mut data = Vec::new();
        RecordLeafData { kind, record_hash: sha256(hashed), blind }.encode_into(&mut data);
        return Ok((first, CONTROL.to_owned(), vec![leaf_hash(&data)]));
    }
    let header = EventsHeader::decode(&frame.header)?;
    let preparer = Preparer {
        keys: hashing.keys.clone(),
        blind: Arc::new(hashing.secrets.blind_key(&header.source)),
        lookup: Arc::clone(&hashing.books.get(header.revision)?.lookup),
        parts: Parts { stages: false, ..Parts::default() },
        pool: Arc::default(),
    };
    let prepared = preparer.prepare(Arc::clone(frame))?;
    Ok((first, header.source, prepared.leaves))
}

struct Trees<'e> {
    engine: &'e Engine,
    trees: BTreeMap<String, Frontier>,
    wrong_tiles: u64,
    tiles: u64,
}

impl Trees<'_> {
    fn append(
        &mut self,
        first: Position,
        stream: &str,
        leaves: &[Hash],
        outcomes: &HashMap<Position, Vec<u8>>,
        report: &mut VerifyReport,
    ) {
        let Some(outcomes) = outcomes.get(&first).filter(|list| list.len() == leaves.len()) else {
            report.differ(format!("no journal block fits the frame at position {first}"));
            return;
        };
        let distinct: Vec<Hash> = leaves
            .iter()
            .zip(outcomes)
            .filter(|(_, outcome)| **outcome != 0)
            .map(|(leaf, _)| *leaf)
            .collect();
        let mut tiles = Tiles { engine: self.engine, stream, wrong: 0, count: 0 };
        let tree = self.trees.entry(stream.to_owned()).or_default();
        tree.append_many(&distinct, &mut tiles);
        self.wrong_tiles += tiles.wrong;
        self.tiles += tiles.count;
    }

    fn compare(self, report: &mut VerifyReport) {
        let streams = &self.engine.state.streams;
        let mut leaves = 0;
        for (name, stored) in streams.iter() {
            let grown = self.trees.get(name);
            let (size, root) = grown.map_or((0, Frontier::new().root()), |t| (t.size(), t.root()));
            leaves += size;
            if (size, root) != (stored.size(), stored.root()) {
                report.differ(format!(
                    "the tree of {name} has {} leaves and root {}; the Log gives {size} and {root}",
                    stored.size(),
                    stored.root()
                ));
            }
        }
        for name in self.trees.keys().filter(|name| streams.tree(name).is_none()) {
            report.differ(format!("the Log has the stream {name}, the Store does not"));
        }
        if self.wrong_tiles > 0 {
            report.differ(format!("{} tree tiles are not what the Log gives", self.wrong_tiles));
        }
        report.checks.push(("leaves", leaves));
        report.checks.push(("tiles", self.tiles));
    }
}

/// Compares full tiles with those stored, instead of keeping them.
struct Tiles<'e> {
    engine: &'e Engine,
    stream: &'e str,
    wrong: u64,
    count: u64,
}

impl TileSink for Tiles<'_> {
    fn put_tile(&mut self, id: TileId, hashes: &[Hash]) {
        let mut bytes = Vec::with_capacity(hashes.len() * 32);
        encode_tile(hashes, &mut bytes);
        let stored = self.engine.store().tile(&tile_path(self.stream, id));
        self.count += 1;
        if !matches!(stored, Ok(Some(stored)) if stored == bytes) {
            self.wrong += 1;
        }
    }
}
