//! A Log in memory, made from lines of text, and a small book of two revisions.

use engine::control::{Command, Control};
use engine::lookup::Lookup;
use engine::port::{
    Fetched, Frame, FrameKind, FrameView, Log, LogReader, PortError, PortFault, Position,
};
use engine::record::{EventsHeader, NO_RAW, push_event, push_unreadable};
use engine::trace::Traces;
use ledger::rules::{
    Dimension, Kind, Leg, Party, Reference, Segment, Sign, Source, Template, TimeBasis,
};
use ledger::{Asset, Decimal, Dim, Draft, EventRef, Reject, Rules};
use std::collections::BTreeMap;
use std::sync::Arc;

pub const OPERATOR: &str = "house";
const MINUTE_NANOS: i64 = 60_000_000_000;

fn rules(revision: u32) -> Rules {
    let party = |name: &str, alias: &str| Party { name: name.into(), aliases: vec![alias.into()] };
    let source = |name: &str, group: &str| Source {
        name: name.into(),
        party: None,
        kinds: Vec::new(),
        group: group.into(),
        earliest: 0,
        ahead_nanos_max: 1 << 60,
    };
    let text = |text: &str| Segment::Literal(text.into());
    let template = |segments, basis| Template { segments, basis };
    let kind = |name: &str, sign, reference, legs: &[(u16, u16)]| Kind {
        name: name.into(),
        sign,
        reference,
        dims_required: Vec::new(),
        legs: legs.iter().map(|&(debit, credit)| Leg { debit, credit }).collect(),
    };
    let (adj, bet, win) = (0, 1, 4);
    let mut parties = vec![party("p1", "P-one")];
    if revision > 1 {
        parties.push(party("p2", "P-two"));
    }
    Rules {
        semantics: 1,
        revision,
        operator: OPERATOR.into(),
        assets: vec![Asset { code: "EUR".into(), scale: 2 }],
        dims: vec![
            Dimension { name: "game".into(), personal: false, party: false },
            Dimension { name: "partner".into(), personal: false, party: true },
        ],
        parties,
        sources: vec![source("a", "ab"), source("b", "ab"), source("c", "c")],
        kinds: vec![
            kind("adj", Sign::Any, Reference::Optional(vec![bet]), &[(0, 1)]),
            kind("bet", Sign::NonNegative, Reference::None, &[(0, 1)]),
            kind("rollback", Sign::Any, Reference::Cancels(vec![adj, bet, win]), &[]),
            kind("tip", Sign::Any, Reference::None, &[(0, 1), (3, 0)]),
            kind("win", Sign::Positive, Reference::Required(vec![bet]), &[(2, 0)]),
        ],
        templates: vec![
            template(vec![text("clearing")], TimeBasis::Occurred),
            template(vec![text("play"), Segment::Dim(0), text("stakes")], TimeBasis::Occurred),
            template(vec![text("play"), Segment::Dim(0), text("wins")], TimeBasis::Original),
            template(vec![text("fees"), Segment::Dim(1)], TimeBasis::Occurred),
        ],
    }
}

/// The book's revisions.
pub fn books(revision: u32) -> Option<Arc<Lookup>> {
    (1..=2).contains(&revision).then(|| Arc::new(Lookup::new(rules(revision))))
}

/// Frames of one record each.
pub struct History {
    frames: Vec<Frame>,
}

impl History {
    /// Reads lines: `source id kind amount minute [name=value]...`, `source bad bytes`, or a
    /// command; an amount of `-` is none, and the dimension `game` is `g1` unless given.
    pub fn new(text: &str) -> Self {
        let (mut frames, mut revision) = (Vec::new(), 1);
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            frames.push(match words[..] {
                ["book", number] => {
                    revision = number.parse().expect("a number");
                    command(Command::Book {
                        revision,
                        files: BTreeMap::new(),
                        reason: String::new(),
                    })
                }
                ["replay", position] => {
                    command(Command::Replay { position: position.parse().expect("a number") })
                }
                ["resolve", later, which] => command(Command::Resolve {
                    later: later.parse().expect("a number"),
                    keep_later: which == "later",
                    reason: String::new(),
                }),
                ["refused", source, count] => command(Command::Refused {
                    source: source.into(),
                    code: "E1".into(),
                    count: count.parse().expect("a number"),
                }),
                ["close"] => command(Command::Verified { position: 0, clean: true }),
                ["fix", position, source, ..] => command(Command::Fix {
                    position: position.parse().expect("a number"),
                    operator: OPERATOR.into(),
                    source: source.into(),
                    revision,
                    record: event(&words[2..]),
                    reason: String::new(),
                }),
                [source, "bad", bytes] => {
                    let mut record = Vec::new();
                    let hash = [bytes.as_bytes()[0]; 32];
                    push_unreadable(&mut record, Reject::Unreadable, hash, "bad", (0, 0));
                    frame(FrameKind::Events, header(source, revision), record)
                }
                _ => frame(FrameKind::Events, header(words[0], revision), event(&words)),
            });
        }
        Self { frames }
    }

    pub fn len(&self) -> Position {
        self.frames.len() as Position
    }
}

fn header(source: &str, revision: u32) -> Vec<u8> {
    let header = EventsHeader {
        operator: OPERATOR.into(),
        source: source.into(),
        received_at: 0,
        revision,
        mapping: String::new(),
        raw_block: NO_RAW,
        file: [0; 32],
        rows_done: 0,
        last: false,
        traces: Traces::default(),
    };
    header.encode()
}

fn event(words: &[&str]) -> Vec<u8> {
    let [source, id, kind, amount, minute, ref rest @ ..] = *words else { panic!("{words:?}") };
    let mut draft = Draft { source, id, kind, ..Draft::default() };
    draft.occurred_at = minute.parse::<i64>().expect("minutes") * MINUTE_NANOS;
    draft.amount = (amount != "-").then(|| Decimal::parse(amount.as_bytes()).expect("an amount"));
    draft.asset = draft.amount.map(|_| "EUR");
    draft.dims.push(Dim { name: "game", value: "g1" });
    for word in rest {
        let (name, value) = word.split_once('=').expect("name=value");
        match name {
            "ref" => {
                let (source, id) = value.split_once('/').expect("source/id");
                draft.reference = Some(EventRef { source, id });
            }
            "game" => draft.dims[0].value = value,
            _ => draft.dims.push(Dim { name, value }),
        }
    }
    draft.check_envelope().expect("an event");
    let mut record = Vec::new();
    let encode = |out: &mut Vec<u8>| draft.encode(OPERATOR, |_| false, out);
    push_event(&mut record, encode, &[], (0, 0), &mut Vec::new());
    record
}

fn command(command: Command) -> Frame {
    let control = Control { at: 0, author: "test".into(), command };
    frame(FrameKind::Control, Vec::new(), control.encode())
}

fn frame(kind: FrameKind, header: Vec<u8>, records: Vec<u8>) -> Frame {
    let ends = vec![u32::try_from(records.len()).expect("short")];
    Frame { kind, header, records, ends }
}

impl Log for History {
    fn append(&self, _: &[Frame]) -> Result<Position, PortError> {
        Err(PortError::new(PortFault::Limit, "the history is fixed"))
    }

    fn flush(&self) -> Result<Position, PortError> {
        Ok(self.len())
    }

    fn end(&self) -> Position {
        self.len()
    }

    fn durable_end(&self) -> Position {
        self.len()
    }

    fn reader(&self, from: Position) -> Result<Box<dyn LogReader>, PortError> {
        let frames = self.frames.clone();
        Ok(Box::new(Reader { frames, next: from, ends: Vec::new() }))
    }

    fn fetch(
        &self,
        position: Position,
        header: &mut Vec<u8>,
        record: &mut Vec<u8>,
    ) -> Result<Fetched, PortError> {
        let at = usize::try_from(position).expect("small");
        let missing = || PortError::new(PortFault::Missing, "no such position");
        let frame = self.frames.get(at).ok_or_else(missing)?;
        header.clone_from(&frame.header);
        record.clone_from(&frame.records);
        Ok(Fetched { kind: frame.kind, first: position })
    }
}

struct Reader {
    frames: Vec<Frame>,
    next: Position,
    ends: Vec<u8>,
}

impl LogReader for Reader {
    fn next_frame(&mut self) -> Result<Option<FrameView<'_>>, PortError> {
        let first = self.next;
        let at = usize::try_from(first).expect("small");
        let Some(frame) = self.frames.get(at) else { return Ok(None) };
        self.next += 1;
        self.ends = frame.ends[0].to_le_bytes().to_vec();
        Ok(Some(FrameView {
            first,
            kind: frame.kind,
            header: &frame.header,
            records: &frame.records,
            ends: &self.ends,
        }))
    }
}
