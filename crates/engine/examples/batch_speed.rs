//! How fast the batch road is: `batch_speed [millions] [threads] [mix]` makes that many events in
//! memory and recomputes them. `mix` is `plain`, or `mixed`: half refer to an earlier event, one
//! in a hundred is a cancel, and one in fifty repeats the one before; or `wide`: fewer
//! cancels, and 100 providers, 333 games and 50 partners.

use engine::batch::{KEYS_MAX, Task, recompute};
use engine::lookup::Lookup;
use engine::port::{
    Fetched, Frame, FrameKind, FrameView, Log, LogReader, PortError, PortFault, Position,
};
use engine::record::{EventsHeader, NO_RAW, push_event};
use engine::trace::Traces;
use ledger::rules::{
    Dimension, Kind, Leg, Party, Reference, Segment, Sign, Source, Template, TimeBasis,
};
use ledger::{Asset, Decimal, Dim, Draft, EventRef, Rules};
use std::sync::Arc;
use std::time::Instant;

const OPERATOR: &str = "house";
const SOURCE: &str = "studio-a";
const FRAME_RECORDS: u64 = 8192;

fn rules() -> Rules {
    let dimension = |name: &str, party| Dimension { name: name.into(), personal: false, party };
    let text = |text: &str| Segment::Literal(text.into());
    let template = |segments| Template { segments, basis: TimeBasis::Occurred };
    let play = |end| template(vec![text("play"), Segment::Dim(2), Segment::Dim(0), text(end)]);
    let kind = |name: &str, reference, legs| Kind {
        name: name.into(),
        sign: if name == "rollback" { Sign::Any } else { Sign::Positive },
        reference,
        dims_required: if name == "rollback" { Vec::new() } else { vec![0, 2] },
        legs,
    };
    Rules {
        semantics: 1,
        revision: 1,
        operator: OPERATOR.into(),
        assets: vec![Asset { code: "EUR".into(), scale: 2 }],
        dims: vec![
            dimension("game", false),
            dimension("partner", true),
            dimension("provider", true),
        ],
        parties: (0..100)
            .map(|n| Party { name: format!("party-{n}"), aliases: vec![format!("PARTY {n}")] })
            .collect(),
        sources: vec![Source {
            name: SOURCE.into(),
            party: Some(0),
            kinds: Vec::new(),
            group: SOURCE.into(),
            earliest: 0,
            ahead_nanos_max: 1 << 60,
        }],
        kinds: vec![
            kind("bet", Reference::None, vec![Leg { debit: 0, credit: 1 }]),
            kind("rollback", Reference::Cancels(vec![0, 2]), Vec::new()),
            kind("win", Reference::Optional(vec![0]), vec![Leg { debit: 2, credit: 0 }]),
        ],
        templates: vec![
            template(vec![text("clearing"), Segment::Dim(2)]),
            play("stakes"),
            play("wins"),
        ],
    }
}

/// What the events are like.
#[derive(Clone, Copy, PartialEq)]
enum Mix {
    Plain,
    Mixed,
    Wide,
}

/// A number below `below`, small ones more often, the same for a bet and its win.
fn drawn(number: u64, below: u64, salt: u64) -> u64 {
    let mut mixed = (number / 2).wrapping_mul(4).wrapping_add(salt);
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ (mixed >> 31) ^ (mixed << 17)).wrapping_mul(factor);
    }
    let mixed = mixed >> 44;
    (mixed * mixed / (1 << 20) * below) >> 20
}

fn event(number: u64, mix: Mix, records: &mut Vec<u8>) {
    let is_mixed = mix != Mix::Plain;
    // A repeat says what the one before said.
    let number = if is_mixed && number % 50 == 49 { number - 1 } else { number };
    let is_win = number % 2 == 1;
    let is_cancel = match mix {
        Mix::Plain => false,
        Mix::Mixed => number % 100 == 51,
        Mix::Wide => number % 500 == 51,
    };
    let id = format!("round-{number:09}");
    let before = format!("round-{:09}", number.saturating_sub(1));
    let (games, providers, partners) = match mix {
        Mix::Wide => (333, 100, 50),
        _ => (40, 5, 1),
    };
    let game = format!("game-{}", drawn(number, games, 1));
    let provider = format!("PARTY {}", drawn(number, providers, 2));
    let partner = format!("PARTY {}", drawn(number, partners, 3));
    let kind = match (is_cancel, is_win) {
        (true, _) => "rollback",
        (false, true) => "win",
        (false, false) => "bet",
    };
    let has_reference = is_cancel || (is_mixed && is_win);
    let cents = i128::from(number % 9_000 + 1);
    let mut dims = vec![Dim { name: "partner", value: &partner }];
    if !is_cancel {
        dims.push(Dim { name: "game", value: &game });
        dims.push(Dim { name: "provider", value: &provider });
    }
    let mut draft = Draft {
        source: SOURCE,
        id: &id,
        kind,
        occurred_at: i64::try_from(number).expect("small") * 8_640_000,
        amount: (!is_cancel).then(|| Decimal::from_minor(cents, 2)),
        asset: (!is_cancel).then_some("EUR"),
        dims,
        reference: has_reference.then_some(EventRef { source: SOURCE, id: &before }),
    };
    draft.check_envelope().expect("a good event");
    let encode = |out: &mut Vec<u8>| draft.encode(OPERATOR, |_| false, out);
    push_event(records, encode, &["player"], (0, 0), &mut Vec::new());
}

struct Memory {
    frames: Arc<Vec<Frame>>,
    end: Position,
}

impl Memory {
    fn new(events: u64, mix: Mix) -> Self {
        let header = EventsHeader {
            operator: OPERATOR.into(),
            source: SOURCE.into(),
            received_at: 0,
            revision: 1,
            mapping: String::new(),
            raw_block: NO_RAW,
            file: [0; 32],
            rows_done: 0,
            last: false,
            traces: Traces::default(),
        };
        let frame = |first: u64| {
            let (mut records, mut ends) = (Vec::new(), Vec::new());
            for number in first..(first + FRAME_RECORDS).min(events) {
                event(number, mix, &mut records);
                ends.push(u32::try_from(records.len()).expect("a frame is short"));
            }
            Frame { kind: FrameKind::Events, header: header.encode(), records, ends }
        };
        let frames = (0..events.div_ceil(FRAME_RECORDS)).map(|at| frame(at * FRAME_RECORDS));
        Self { frames: Arc::new(frames.collect()), end: events }
    }
}

fn place(position: Position) -> (usize, usize) {
    let place = |value| usize::try_from(value).expect("small");
    (place(position / FRAME_RECORDS), place(position % FRAME_RECORDS))
}

impl Log for Memory {
    fn append(&self, _: &[Frame]) -> Result<Position, PortError> {
        Err(PortError::new(PortFault::Limit, "made once"))
    }

    fn flush(&self) -> Result<Position, PortError> {
        Ok(self.end)
    }

    fn end(&self) -> Position {
        self.end
    }

    fn durable_end(&self) -> Position {
        self.end
    }

    fn reader(&self, from: Position) -> Result<Box<dyn LogReader>, PortError> {
        let frames = Arc::clone(&self.frames);
        Ok(Box::new(Reader { frames, next: place(from).0, ends: Vec::new() }))
    }

    fn fetch(
        &self,
        position: Position,
        header: &mut Vec<u8>,
        record: &mut Vec<u8>,
    ) -> Result<Fetched, PortError> {
        let (frame, at) = place(position);
        let first = position - at as u64;
        let frame = &self.frames[frame];
        let start = if at == 0 { 0 } else { frame.ends[at - 1] as usize };
        header.clone_from(&frame.header);
        record.clear();
        record.extend_from_slice(&frame.records[start..frame.ends[at] as usize]);
        Ok(Fetched { kind: frame.kind, first })
    }
}

struct Reader {
    frames: Arc<Vec<Frame>>,
    next: usize,
    ends: Vec<u8>,
}

impl LogReader for Reader {
    fn next_frame(&mut self) -> Result<Option<FrameView<'_>>, PortError> {
        let Some(frame) = self.frames.get(self.next) else { return Ok(None) };
        let first = self.next as u64 * FRAME_RECORDS;
        self.next += 1;
        self.ends.clear();
        self.ends.extend(frame.ends.iter().flat_map(|end| end.to_le_bytes()));
        let (header, records) = (&frame.header[..], &frame.records[..]);
        Ok(Some(FrameView { first, kind: frame.kind, header, records, ends: &self.ends }))
    }
}

/// Time that all threads have used, as Linux counts it in hundredths of a second.
fn cpu_nanos() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.split(' ').skip(13).take(2).filter_map(|word| word.parse::<u64>().ok());
    ticks.sum::<u64>() * 10_000_000
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise| {
        words.get(at).and_then(|word| word.parse::<u64>().ok()).unwrap_or(otherwise)
    };
    let mix = match words.get(2).map(String::as_str) {
        Some("mixed") => Mix::Mixed,
        Some("wide") => Mix::Wide,
        _ => Mix::Plain,
    };
    let (events, threads) = (number(0, 2) * 1_000_000, number(1, 2));
    let log = Memory::new(events, mix);
    let lookup = Arc::new(Lookup::new(rules()));
    let (started, cpu) = (Instant::now(), cpu_nanos());
    let task = Task {
        log: &log,
        operator: OPERATOR,
        books: &|_| Some(Arc::clone(&lookup)),
        up_to: events,
        cuts: &[],
        fine: &[],
        threads: usize::try_from(threads).expect("few"),
        keys_max: KEYS_MAX,
        progress: &|_| {},
    };
    let recomputed = recompute(&task).expect("a good log");
    let nanos = started.elapsed().as_nanos() / u128::from(events);
    let cpu = u128::from(cpu_nanos() - cpu) / u128::from(events);
    println!("{cpu} ns of processor time an event");
    println!("{nanos} ns an event on {threads} threads, {} sums", recomputed.sums.len());
    println!("{:?}", recomputed.counts.get(SOURCE));
}
