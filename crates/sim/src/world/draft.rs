//! Decides what happens next in a world: which event, about what, and what goes wrong with it.

use super::event::{Event, Fault};
use super::field::{ASSETS, DIMS, Draw, Role, Shape};
use super::memory::{Held, Memory, Slot};
use super::options::WorldOptions;
use crate::rng::{Rng, Zipf, mix};

const MILLISECOND_NS: i64 = 1_000_000;

/// Makes one event after the other.
pub(super) struct Drafter {
    shape: &'static Shape,
    rng: Rng,
    crowds: [Crowd; DIMS],
    persons: Crowd,
    memory: Memory,
    held: Held,
    last_id: u64,
    /// Lines that have gone out.
    emitted: u64,
    /// Times that something happened; moves the clock.
    happened: u64,
    step_ns: u64,
    now_ns: i64,
}

/// Some that are met often and many that are met now and then.
struct Crowd {
    size: u64,
    head: Zipf,
}

impl Crowd {
    fn new(size: u64) -> Self {
        const HEAD_MAX: u64 = 4_096;
        let head = usize::try_from(size.min(HEAD_MAX)).unwrap_or(0);
        Self { size, head: Zipf::new(head) }
    }

    fn draw(&self, rng: &mut Rng) -> u64 {
        if rng.chance(1, 2) { self.head.draw(rng) as u64 } else { rng.below(self.size) }
    }
}

/// What may go wrong, each with its rate and what makes it; `None` where it cannot happen yet.
type Trouble = (u32, fn(&mut Drafter, &WorldOptions) -> Option<Event>);

impl Drafter {
    pub fn new(options: &WorldOptions) -> Self {
        let shape = options.field.shape();
        let span_ns = options.span_seconds.saturating_mul(1_000_000_000);
        Self {
            shape,
            rng: Rng::from_seed(options.seed),
            crowds: std::array::from_fn(|at| Crowd::new(shape.size(at, options))),
            persons: Crowd::new(u64::from(options.players)),
            memory: Memory::default(),
            held: Held::default(),
            last_id: 0,
            emitted: 0,
            happened: 0,
            step_ns: span_ns / options.events.max(1),
            now_ns: options.start_ns,
        }
    }

    /// The event of the next line; `None` after the last.
    pub fn next_event(&mut self, options: &WorldOptions) -> Option<Event> {
        if self.emitted == options.events {
            return None;
        }
        let event = loop {
            let is_full = self.room(options) == 0;
            if let Some(event) = self.held.pop(self.emitted, is_full) {
                break event;
            }
            self.tick(options);
            let event = self.trouble(options);
            if let Some(event) = event.or_else(|| self.ordinary(options)) {
                break event;
            }
        };
        self.emitted += 1;
        Some(event)
    }

    /// How many lines have no event yet.
    fn room(&self, options: &WorldOptions) -> u64 {
        options.events - self.emitted - self.held.len()
    }

    fn tick(&mut self, options: &WorldOptions) {
        let since_start_ns = self.step_ns * self.happened;
        self.happened += 1;
        let now_ns = options.start_ns.saturating_add_unsigned(since_start_ns);
        self.now_ns = now_ns - now_ns % MILLISECOND_NS;
    }

    fn trouble(&mut self, options: &WorldOptions) -> Option<Event> {
        let troubles: [Trouble; 7] = [
            (options.duplicates_ppm, |drafter, _| drafter.duplicate()),
            (options.contests_ppm, |drafter, _| drafter.contest()),
            (options.corrupt_ppm, |drafter, _| Some(drafter.broken())),
            (options.cancel_ppm, |drafter, _| drafter.counter()),
            (options.cancel_first_ppm, Drafter::counter_first),
            (options.double_cancel_ppm, |drafter, _| drafter.second_cancel()),
            (options.orphans_ppm, |drafter, _| drafter.orphan()),
        ];
        let mut roll = self.rng.below(1_000_000);
        for (rate_ppm, make) in troubles {
            let rate_ppm = u64::from(rate_ppm);
            if roll < rate_ppm {
                return make(self, options);
            }
            roll -= rate_ppm;
        }
        None
    }

    /// An event that is as it should be; `None` when it was held back for a later line.
    fn ordinary(&mut self, options: &WorldOptions) -> Option<Event> {
        let event = self.next_kind();
        let arrives_at = self.emitted + self.delay(options);
        self.memory.keep(event, arrives_at, &mut self.rng);
        if arrives_at == self.emitted {
            return Some(event);
        }
        self.held.push(event, arrives_at);
        None
    }

    /// By how many lines the next event comes too late.
    fn delay(&mut self, options: &WorldOptions) -> u64 {
        const LATE_LINES_MAX: u64 = 2_048;
        const OUT_OF_ORDER_LINES_MAX: u64 = 16;
        let (late, near) = (u64::from(options.late_ppm), u64::from(options.out_of_order_ppm));
        let roll = self.rng.below(1_000_000);
        if self.held.len() >= Held::MAX {
            0
        } else if roll < late {
            let most = (options.events / 4).clamp(OUT_OF_ORDER_LINES_MAX, LATE_LINES_MAX);
            self.rng.between(OUT_OF_ORDER_LINES_MAX, most)
        } else if roll < late + near {
            self.rng.between(1, OUT_OF_ORDER_LINES_MAX)
        } else {
            0
        }
    }

    fn next_kind(&mut self) -> Event {
        let mut roll = self.rng.below(1_000);
        let kind = self.shape.kinds.iter().position(|kind| {
            let is_it = roll < kind.share_permille;
            roll = roll.saturating_sub(kind.share_permille);
            is_it
        });
        let kind = kind.unwrap_or(0);
        let answer = match self.shape.kinds[kind].role {
            Role::Opens => None,
            Role::Stands => Some(self.fresh(kind)),
            Role::Beside | Role::Follows | Role::Cancels => self.answer(kind),
        };
        answer.unwrap_or_else(|| self.fresh(0))
    }

    /// An event that has to do with none before it.
    fn fresh(&mut self, kind: usize) -> Event {
        self.last_id += 1;
        let mut dims = [0; DIMS];
        for (at, dim) in self.shape.dims.iter().enumerate() {
            dims[at] = match dim.draw {
                Draw::Crowd(_) | Draw::Listed => self.crowds[at].draw(&mut self.rng),
                Draw::SettledBy(other, _) => mix(dims[other] + 1) % self.crowds[at].size,
                Draw::PerEvent => self.last_id,
            };
        }
        let asset = (self.shape.asset)(&dims);
        Event {
            id: self.last_id,
            kind,
            asset,
            occurred_at_ns: self.now_ns,
            amount_minor: self.amount(asset),
            dims,
            person: self.persons.draw(&mut self.rng),
            reference: None,
            is_respelled: false,
            fault: None,
        }
    }

    /// An amount in the asset's range, the small ones more often.
    fn amount(&mut self, asset: u8) -> u64 {
        let asset = &ASSETS[usize::from(asset)];
        let steps = (asset.high - asset.low) / asset.step;
        let (one, other) = (self.rng.below(steps), self.rng.below(steps));
        asset.low + one.min(other) * asset.step
    }

    /// An event about `original`.
    fn about(&mut self, kind: usize, original: &Event) -> Event {
        self.last_id += 1;
        let (low, high) = self.shape.kinds[kind].of_original_permille;
        let permille = self.rng.between(low, high);
        Event {
            id: self.last_id,
            kind,
            occurred_at_ns: self.now_ns,
            amount_minor: (original.amount_minor * permille / 1_000).max(1),
            reference: (self.shape.kinds[kind].role != Role::Beside).then_some(original.id),
            ..*original
        }
    }

    /// An event about a recent one that has had no such answer.
    fn answer(&mut self, kind: usize) -> Option<Event> {
        let mut excluded = 1 << kind;
        if self.shape.kinds[kind].role != Role::Beside {
            excluded |= self.shape.referring();
        }
        let is_free = |slot: &Slot| {
            slot.event.kind == 0 && slot.event.fault.is_none() && slot.answers & excluded == 0
        };
        let slot = self.memory.recent(&mut self.rng, is_free)?;
        slot.answers |= 1 << kind;
        let original = slot.event;
        Some(self.about(kind, &original))
    }

    fn duplicate(&mut self) -> Option<Event> {
        let event = self.memory.any(&mut self.rng, |_| true)?;
        // A broken line repeats byte for byte: it has no meaning that could be spelled otherwise.
        let is_respelled = event.fault.is_none() && self.rng.chance(1, 4);
        Some(Event { is_respelled, ..event })
    }

    fn contest(&mut self) -> Option<Event> {
        let (now, shape) = (self.emitted, self.shape);
        let suits = |slot: &Slot| {
            let is_cancel = shape.kinds[slot.event.kind].role == Role::Cancels;
            // What has not arrived yet would arrive as the contest of its contest.
            slot.arrives_at < now && slot.event.fault.is_none() && !is_cancel
        };
        let event = self.memory.any(&mut self.rng, suits)?;
        if self.rng.chance(1, 2) {
            let amount_minor = event.amount_minor + self.rng.between(1, 1_000);
            return Some(Event { amount_minor, ..event });
        }
        let seconds = i64::try_from(self.rng.between(1, 30)).unwrap_or(1);
        let occurred_at_ns = event.occurred_at_ns + seconds * 1_000 * MILLISECOND_NS;
        Some(Event { occurred_at_ns, ..event })
    }

    fn broken(&mut self) -> Event {
        let fault = self.rng.pick(&Fault::ALL).copied();
        let event = Event { fault, ..self.fresh(0) };
        self.memory.keep(event, self.emitted, &mut self.rng);
        event
    }

    fn counter(&mut self) -> Option<Event> {
        let event = self.answer(self.shape.counter)?;
        self.memory.keep(event, self.emitted, &mut self.rng);
        Some(event)
    }

    fn counter_first(&mut self, options: &WorldOptions) -> Option<Event> {
        const LINES_AHEAD_MAX: u64 = 64;
        if self.room(options) < 2 || self.held.len() >= Held::MAX {
            return None;
        }
        let original = self.fresh(0);
        let counter = self.about(self.shape.counter, &original);
        self.held.push(original, self.emitted + self.rng.between(1, LINES_AHEAD_MAX));
        self.memory.keep(counter, self.emitted, &mut self.rng);
        Some(counter)
    }

    fn second_cancel(&mut self) -> Option<Event> {
        let kind = self.shape.counter;
        if self.shape.kinds[kind].role != Role::Cancels {
            return None;
        }
        let is_cancelled = |slot: &Slot| slot.answers & (1 << kind) != 0;
        let original = self.memory.recent(&mut self.rng, is_cancelled)?.event;
        Some(self.about(kind, &original))
    }

    fn orphan(&mut self) -> Option<Event> {
        let referring = self.shape.referring();
        let kinds = 0..self.shape.kinds.len();
        let kinds: Vec<usize> = kinds.filter(|kind| referring & (1 << kind) != 0).collect();
        let kind = *self.rng.pick(&kinds)?;
        let never_sent = self.fresh(0);
        let event = self.about(kind, &never_sent);
        self.memory.keep(event, self.emitted, &mut self.rng);
        Some(event)
    }
}
