//! The quick check against the stages: whatever it says of an event, they say too, and it knows
//! what it has seen.

use super::Known;
use crate::batch::origin::Origins;
use crate::lookup::Lookup;
use crate::stage;
use ledger::event::EventFields;
use ledger::rules::{Dimension, Kind, Leg, Party, Reference, Segment, Sign, Source, Template};
use ledger::rules::{Rules, TimeBasis};
use ledger::{Asset, Decimal, Dim, Draft, EventRef, EventView};
use std::sync::Arc;

const RECEIVED_AT: i64 = 1_000;

fn rules() -> Rules {
    let dim = |name: &str, party| Dimension { name: name.into(), personal: false, party };
    let kind = |name: &str, sign, reference, dims_required| Kind {
        name: name.into(),
        sign,
        reference,
        dims_required,
        legs: vec![Leg { debit: 0, credit: 0 }],
    };
    let source = |name: &str| Source {
        name: name.into(),
        party: None,
        kinds: Vec::new(),
        group: "group".into(),
        earliest: 10,
        ahead_nanos_max: 100,
    };
    Rules {
        semantics: 1,
        revision: 1,
        operator: "house".into(),
        assets: ["BIG", "EUR"]
            .map(|code| Asset { code: code.into(), scale: if code == "BIG" { 18 } else { 2 } })
            .into(),
        dims: vec![dim("game", false), dim("partner", true), dim("shop", false)],
        parties: vec![Party { name: "p1".into(), aliases: vec!["P-one".into()] }],
        sources: vec![source("a"), source("b")],
        kinds: vec![
            kind("any", Sign::Any, Reference::Optional(vec![0]), Vec::new()),
            kind("bet", Sign::Positive, Reference::None, vec![0]),
            kind("rollback", Sign::Any, Reference::Cancels(vec![1]), Vec::new()),
            kind("win", Sign::NonNegative, Reference::Required(vec![1]), vec![0]),
        ],
        templates: vec![Template { segments: vec![Segment::Dim(0)], basis: TimeBasis::Occurred }],
    }
}

fn amounts() -> impl Iterator<Item = Option<Decimal>> {
    let given = ["5", "0", "-5.25", "0.001", "10000000000000000000", "12.5"];
    let given = given.into_iter().map(|text| Decimal::parse(text.as_bytes()).ok());
    given.chain([None])
}

fn drafts() -> Vec<Draft<'static>> {
    let dim = |name, value| Dim { name, value };
    let dims: [&[Dim<'_>]; 8] = [
        &[dim("game", "g1")],
        &[],
        &[dim("game", "g1"), dim("partner", "p1")],
        &[dim("game", "g2"), dim("partner", "P-one"), dim("shop", "s")],
        &[dim("partner", "p9")],
        &[dim("game", "g1"), dim("undeclared", "x")],
        &[dim("game", "")],
        &[dim("shop", "\u{ac00}")],
    ];
    let to = |source, id| Some(EventRef { source, id });
    let references = [None, to("a", "0"), to("a", "1"), to("b", "1"), to("c", "1")];
    let mut drafts = Vec::new();
    for (kind, dims) in
        ["any", "bet", "rollback", "win", "none"].iter().flat_map(|kind| dims.map(|d| (*kind, d)))
    {
        for (reference, occurred_at) in references.iter().zip([500, 1_100, 9, 500, 1_101]) {
            for (at, amount) in amounts().enumerate() {
                let asset = amount.map(|_| ["EUR", "BIG", "XXX"][at % 3]);
                let (source, reference) = ("a", *reference);
                let dims = dims.to_vec();
                let (id, occurred_at) = ("1", if at % 2 == 0 { 500 } else { occurred_at });
                drafts.push(Draft {
                    source,
                    id,
                    kind,
                    occurred_at,
                    amount,
                    asset,
                    dims,
                    reference,
                });
            }
        }
    }
    drafts
}

#[test]
fn the_quick_check_says_what_the_stages_say() {
    let lookup = Arc::new(Lookup::new(rules()));
    let books = |_| Some(Arc::clone(&lookup));
    let origin = Origins::new(&books).get("a", 1).expect("there is a book");
    let mut known = Known::new(Arc::clone(&origin));
    let (mut valid, mut quick) = (0, 0);
    for round in 0..2 {
        for (draft, operator) in
            drafts().iter_mut().flat_map(|d| [(d.clone(), "house"), (d.clone(), "other")])
        {
            let (mut bytes, mut draft) = (Vec::new(), draft);
            draft.check_envelope().expect("a good envelope");
            draft.encode(operator, |_| false, &mut bytes);
            let fields = EventFields::decode(&bytes).expect("canonical");
            let event = EventView::decode(&bytes).expect("canonical");
            let right = stage::check(&lookup, &event, origin.source_id, RECEIVED_AT);
            let said = known.check(&fields, RECEIVED_AT);
            if let Some(said) = said {
                assert_eq!(Ok(said), right, "{draft:?}");
            }
            if let Ok(right) = right {
                known.remember(&fields, &right);
                valid += round;
                quick += round * usize::from(said.is_some());
            }
        }
    }
    // All but those of large amounts and of references to another source.
    assert!(valid > 50 && quick * 2 > valid, "{quick} of {valid}");
}
