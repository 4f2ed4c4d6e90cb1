//! A small operator with two feeds, made from nothing but this file, and the files it would issue.
//! What its events post is worked out here by hand, not by the code under test.
#![allow(dead_code)] // each test file uses a part of it

use std::collections::BTreeMap;

use ledger::rules::{
    Dimension, Kind, Leg, Party, Reference, Segment, Sign, Source, Template, TimeBasis,
};
use ledger::time::Span;
use ledger::{Asset, Dim, Draft, EventRef, Rounding, Rules, Total};
use proof::checkpoint::{Checkpoint, stream_origin};
use proof::commitment::{StatementCommitment, agreement_hash, leaf_data};
use proof::digest::{BlindKey, content_hash, leaf_hash, sha256};
use proof::event_file::EventProof;
use proof::events::EventListBuilder;
use proof::heads::Head;
use proof::leaf::LeafData;
use proof::note::{SigningKey, VerifierKey};
use proof::placement::Placement;
use proof::statement_file::{MyEvent, StatementProof};
use proof::sums::sums_root;
use proof::tree::{Frontier, MemoryTiles};
use proof::{Hash, inclusion_proof, rules_bytes};
use settle::steps::{Round, Select, Share, Sum};
use settle::{
    AccountSum, Agreement, Effect, Figure, Inputs, Measure, Operand, PeriodKind, RoundTo, Rule,
    Seg, Selection, Side, Step, Term, Title,
};

pub const OPERATOR: &str = "casino";
/// 2026-11-01 and 2026-12-01, UTC.
pub const START: i64 = 1_793_491_200_000_000_000;
pub const END: i64 = 1_796_083_200_000_000_000;
pub const MINUTE: i64 = 60_000_000_000;

pub fn key() -> SigningKey {
    SigningKey::from_seed(OPERATOR, [3; 32]).expect("a good name")
}

pub fn keys() -> Vec<VerifierKey> {
    vec![key().verifier().clone()]
}

/// An event in plain words; cents.
#[derive(Clone, Debug)]
pub struct Fact {
    pub source: &'static str,
    pub id: String,
    pub kind: &'static str,
    pub at: i64,
    pub cents: Option<i64>,
    pub game: &'static str,
    pub provider: &'static str,
    pub reference: Option<String>,
}

pub fn fact(source: &'static str, id: &str, kind: &'static str, at: i64, cents: i64) -> Fact {
    let (id, game, provider) = (id.to_owned(), "roulette", "alpha");
    Fact { source, id, kind, at, cents: Some(cents), game, provider, reference: None }
}

pub fn refer(source: &'static str, id: &str, kind: &'static str, at: i64, to: &str) -> Fact {
    Fact { cents: None, reference: Some(to.to_owned()), ..fact(source, id, kind, at, 0) }
}

impl Fact {
    pub fn canonical(&self) -> Vec<u8> {
        let money = self.cents.map(|cents| ledger::Decimal::from_minor(cents.into(), 2));
        let mut draft = Draft {
            source: self.source,
            id: &self.id,
            kind: self.kind,
            occurred_at: self.at,
            amount: money,
            asset: money.map(|_| "EUR"),
            dims: vec![
                Dim { name: "game", value: self.game },
                Dim { name: "player", value: "somebody" },
                Dim { name: "provider", value: self.provider },
            ],
            reference: self.reference.as_deref().map(|id| EventRef { source: self.source, id }),
        };
        draft.check_envelope().expect("a good event");
        let mut out = Vec::new();
        draft.encode(OPERATOR, |dim| dim == "player", &mut out);
        out
    }

    pub fn mine(&self) -> MyEvent {
        MyEvent { canonical: self.canonical() }
    }
}

pub fn rules() -> Rules {
    let segments = |last: &str| {
        let literal = |text: &str| Segment::Literal(text.into());
        vec![literal("play"), Segment::Dim(2), Segment::Dim(0), literal(last)]
    };
    let template = |last: &str, basis| Template { segments: segments(last), basis };
    let clearing = Template {
        segments: vec![Segment::Literal("clearing".into()), Segment::Dim(2)],
        basis: TimeBasis::Occurred,
    };
    let kind = |name: &str, reference, legs| Kind {
        name: name.into(),
        sign: Sign::Positive,
        reference,
        dims_required: vec![2],
        legs,
    };
    let source = |name: &str| Source {
        name: name.into(),
        party: Some(0),
        kinds: vec![],
        group: name.into(),
        earliest: 0,
        ahead_nanos_max: 0,
    };
    let dim = |name: &str, personal, party| Dimension { name: name.into(), personal, party };
    Rules {
        semantics: 1,
        revision: 4,
        operator: OPERATOR.into(),
        assets: vec![
            Asset { code: "EUR".into(), scale: 2 },
            Asset { code: "KRW".into(), scale: 0 },
        ],
        dims: vec![
            dim("game", false, false),
            dim("player", true, false),
            dim("provider", false, true),
        ],
        parties: vec![
            Party { name: "alpha".into(), aliases: vec!["Alpha Gaming".into()] },
            Party { name: "beta".into(), aliases: vec![] },
        ],
        sources: vec![source("studio-a"), source("studio-b")],
        kinds: vec![
            kind("bet", Reference::None, vec![Leg { debit: 2, credit: 0 }]),
            kind("rollback", Reference::Cancels(vec![0, 2]), vec![]),
            kind("win", Reference::Optional(vec![0]), vec![Leg { debit: 1, credit: 2 }]),
        ],
        // A win counts where its bet does, in time.
        templates: vec![
            template("stakes", TimeBasis::Occurred),
            template("wins", TimeBasis::Original),
            clearing,
        ],
    }
}

pub fn measure() -> Measure {
    let term = |sign, last: &str| Term {
        sign,
        template: vec![
            Seg::Literal("play".into()),
            Seg::Dim("provider".into()),
            Seg::Dim("game".into()),
            Seg::Literal(last.into()),
        ],
        side: Side::Net,
    };
    let title = Title { en: "GGR".into(), ko: "총게임수익".into() };
    let terms = vec![term(settle::Sign::Plus, "stakes"), term(settle::Sign::Plus, "wins")];
    Measure { name: "ggr".into(), title, terms, cut: None }
}

pub fn agreement(rate: &str) -> Agreement {
    let step = |name: &str, rule| Step {
        name: name.into(),
        title: Title::default(),
        label: settle::Label::default(),
        rule,
    };
    let only = Selection { dims: BTreeMap::from([("provider".into(), ["alpha".into()].into())]) };
    let to = RoundTo { scale: 2, mode: Rounding::HalfEven };
    let amount = Figure { of: Operand::Running, rate: rate.parse().ok(), round: None };
    Agreement {
        name: "provider-share".into(),
        version: 1,
        title: Title { en: "Share".into(), ko: "배분".into() },
        from: OPERATOR.into(),
        to: "alpha".into(),
        asset: Asset { code: "EUR".into(), scale: 2 },
        zone: "UTC".into(),
        period: PeriodKind::Month,
        effective: Span { start: i64::MIN, end: i64::MAX },
        steps: vec![
            step("alpha", Rule::Select(Select { selection: only, ..Select::default() })),
            step("ggr", Rule::Sum(Sum { measure: "ggr".into(), effect: Effect::Set })),
            step("share", Rule::Share(Share { amount, effect: Effect::Set })),
            step("round", Rule::Round(Round { to, keep_residue: false })),
        ],
        opening: BTreeMap::new(),
        due: None,
        custom: None,
    }
}

/// The month's events of both feeds, those of other months and of another provider included.
pub fn facts() -> Vec<Fact> {
    let at = |minutes: i64| START + minutes * MINUTE;
    let mut facts: Vec<Fact> =
        (0..40).map(|n| fact("studio-a", &format!("a-{n}"), "bet", at(n * 7), 1_000 + n)).collect();
    facts.extend((0..10).map(|n| fact("studio-b", &format!("b-{n}"), "bet", at(n * 400), 250)));
    facts.push(Fact {
        reference: Some("a-3".into()),
        ..fact("studio-a", "w-3", "win", at(30), 2_700)
    });
    // Won after the month on a bet within it: it counts within.
    let late = fact("studio-a", "w-4", "win", END + MINUTE, 900);
    facts.push(Fact { reference: Some("a-4".into()), ..late });
    facts.push(refer("studio-a", "r-5", "rollback", at(60), "a-5"));
    facts.push(fact("studio-a", "before", "bet", START - MINUTE, 77));
    facts.push(refer("studio-a", "r-before", "rollback", at(90), "before"));
    facts.push(fact("studio-a", "after", "bet", END, 78));
    facts.push(Fact { provider: "beta", ..fact("studio-a", "other", "bet", at(5), 5_000) });
    facts.push(Fact { provider: "Alpha Gaming", ..fact("studio-b", "alias", "bet", at(6), 1) });
    facts
}

/// What a fact posts to accounts of alpha's play within the month, worked out by hand.
pub fn postings(fact: &Fact, all: &[Fact]) -> Option<(String, Total)> {
    let target = fact.reference.as_ref().and_then(|id| all.iter().find(|other| &other.id == id));
    let within = |at: i64| (START..END).contains(&at);
    let (what, reverse) = if fact.kind == "rollback" { (target?, true) } else { (fact, false) };
    let at = if fact.kind == "win" { target.map_or(fact.at, |bet| bet.at) } else { fact.at };
    if what.provider == "beta" || !within(at) {
        return None;
    }
    let cents = i128::from(what.cents?);
    let (last, debits) = if what.kind == "bet" { ("stakes", false) } else { ("wins", true) };
    let total = if debits == reverse { Total::of_credit(cents) } else { Total::of_debit(cents) };
    Some((format!("play:alpha:{}:{last}", what.game), total))
}

/// What goes into a statement's file; each part can be replaced before it is issued.
pub struct Issue {
    /// Listed.
    pub listed: Vec<Fact>,
    /// Summed.
    pub rows: Vec<AccountSum>,
    pub agreement: Agreement,
    pub entries_max: usize,
    /// Instead of the body that follows.
    pub body: Option<Vec<u8>>,
}

pub fn sums(facts: &[Fact], all: &[Fact]) -> Vec<AccountSum> {
    let mut sums: BTreeMap<String, Total> = BTreeMap::new();
    for (path, total) in facts.iter().filter_map(|fact| postings(fact, all)) {
        sums.entry(path).or_default().add(total).expect("small");
    }
    let row = |(path, total)| AccountSum { path, asset: "EUR".into(), total };
    sums.into_iter().map(row).collect()
}

impl Issue {
    /// Of the facts that count.
    pub fn of(facts: &[Fact]) -> Self {
        let counts = |fact: &&Fact| postings(fact, facts).is_some();
        Self {
            listed: facts.iter().filter(counts).cloned().collect(),
            rows: sums(facts, facts),
            agreement: agreement("0.12"),
            entries_max: 1000,
            body: None,
        }
    }

    pub fn file(&self) -> StatementProof {
        let (rules, measure) = (rules_bytes::encode(&rules()), measure());
        let span = Span { start: START, end: END };
        let inputs = Inputs::of(std::slice::from_ref(&measure), &self.rows);
        let period = "2026-11".parse().expect("a period");
        let rated = settle::rate(&self.agreement, period, span, &inputs).expect("it rates");
        let body = self.body.clone().unwrap_or_else(|| rated.body());
        let (agreement, measures) = (self.agreement.encode(), vec![measure.encode()]);
        let head = |source: &str| Head {
            origin: stream_origin(OPERATOR, source),
            size: 60,
            root: sha256(source.as_bytes()),
        };
        let commitment = StatementCommitment {
            operator: OPERATOR.into(),
            agreement: self.agreement.name.clone(),
            period: "2026-11".into(),
            start: START,
            end: END,
            version: self.agreement.version,
            body_hash: sha256(&body),
            sums_root: sums_root(&self.rows),
            cut: vec![head("studio-a"), head("studio-b")],
            rules_hash: sha256(&rules),
            agreement_hash: agreement_hash(&agreement, &measures),
        };
        let commitment = commitment.encode().expect("a good commitment");
        let mut data = Vec::new();
        leaf_data(&commitment, [5; 16]).encode_into(&mut data);
        let mut list = EventListBuilder::with_entries_max(self.entries_max);
        for fact in &self.listed {
            list.push(fact.source, &fact.id, fact.at, &content_hash(&fact.canonical()));
        }
        let mut file = StatementProof {
            commitment,
            placement: place("control", &data, [5; 16], 11, 13),
            agreement,
            measures,
            body,
            rows: self.rows.clone(),
            rules,
            events: list.build(),
            manifest: String::new(),
            countersigned: None,
            notices: None,
        };
        file.sign_manifest(&[&key()]).expect("names that can be signed");
        file
    }
}

/// Puts leaf data at `sequence` of a stream of `size` leaves and signs its head.
pub fn place(source: &str, data: &[u8], blind: [u8; 16], sequence: u64, size: u64) -> Placement {
    let mut leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(&n.to_le_bytes())).collect();
    leaves[usize::try_from(sequence).expect("small")] = leaf_hash(data);
    let (mut frontier, mut tiles) = (Frontier::new(), MemoryTiles::default());
    frontier.append_many(&leaves, &mut tiles);
    let checkpoint = Checkpoint {
        origin: stream_origin(OPERATOR, source),
        size,
        root: frontier.root(),
        extensions: vec![],
    };
    Placement {
        sequence,
        blind,
        tree_size: size,
        inclusion: inclusion_proof(sequence, size, &frontier.over(&tiles)).expect("in memory"),
        checkpoint: checkpoint.sign(&[&key()]).expect("a good checkpoint").to_string(),
    }
}

/// The proof file of one event.
pub fn event_file() -> EventProof {
    let fact = fact("studio-a", "t-81", "bet", START + MINUTE, 12_34);
    let (canonical, pseudonyms) = (fact.canonical(), vec![[0x22; 16]]);
    let blind = BlindKey::new(&[0x11; 32]).blind(fact.id.as_bytes());
    let mut data = Vec::new();
    let content_hash = content_hash(&canonical);
    LeafData { content_hash, pseudonyms: &pseudonyms, blind }.encode_into(&mut data);
    EventProof {
        operator: OPERATOR.into(),
        source: fact.source.into(),
        id: fact.id.clone(),
        canonical,
        pseudonyms,
        placement: place(fact.source, &data, blind, 12, 40),
    }
}
