//! Canonical events: they come back from their bytes, and no other bytes are taken for one.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use ledger::event::EventFields;
use ledger::{Decimal, Dim, Draft, EventRef, EventView, Reject};
use proptest::prelude::*;

/// An event with owned texts, for strategies.
#[derive(Clone, Debug)]
struct Owned {
    texts: [String; 3],
    occurred_at: i64,
    amount: Option<(i64, u8, String)>,
    dims: Vec<(String, String)>,
    reference: Option<(String, String)>,
}

fn owned() -> impl Strategy<Value = Owned> {
    let name = || "[a-z0-9-]{1,64}";
    let id = || "[ -~]{1,64}|[가-힣]{1,42}";
    let word = || "[a-z][a-z0-9_-]{0,63}";
    let amount = (any::<i64>(), 0u8..=18, "[A-Z][A-Z0-9]{0,15}");
    let dims = prop::collection::btree_map(word(), "\\PC{0,60}", 0..6);
    (
        (name(), id(), word()).prop_map(|(a, b, c)| [a, b, c]),
        any::<i64>(),
        prop::option::of(amount),
        dims.prop_map(|dims| dims.into_iter().rev().collect()),
        prop::option::of((name(), id())),
    )
        .prop_map(|(texts, occurred_at, amount, dims, reference)| Owned {
            texts,
            occurred_at,
            amount,
            dims,
            reference,
        })
}

impl Owned {
    fn draft(&self) -> Draft<'_> {
        let amount = |(c, scale, _): &(i64, u8, String)| Decimal::new((*c).into(), *scale).unwrap();
        Draft {
            source: &self.texts[0],
            id: &self.texts[1],
            kind: &self.texts[2],
            occurred_at: self.occurred_at,
            amount: self.amount.as_ref().map(amount),
            asset: self.amount.as_ref().map(|(_, _, asset)| asset.as_str()),
            dims: self.dims.iter().map(|(name, value)| Dim { name, value }).collect(),
            reference: self.reference.as_ref().map(|(source, id)| EventRef { source, id }),
        }
    }
}

fn bytes(draft: &mut Draft<'_>, is_personal: impl Fn(&str) -> bool) -> Vec<u8> {
    draft.check_envelope().unwrap();
    let mut out = Vec::new();
    draft.encode("house", is_personal, &mut out);
    out
}

/// What a view would be encoded as.
fn again(view: &EventView<'_>) -> Vec<u8> {
    let draft = Draft {
        source: view.source,
        id: view.id,
        kind: view.kind,
        occurred_at: view.occurred_at,
        amount: view.amount,
        asset: view.asset,
        dims: view.dims().collect(),
        reference: view.reference,
    };
    let mut out = Vec::new();
    draft.encode(view.operator, |_| false, &mut out);
    out
}

fn win() -> Draft<'static> {
    Draft {
        source: "studio-a",
        id: "t-81",
        kind: "win",
        occurred_at: 1,
        amount: Some("25.00".parse().unwrap()),
        asset: Some("EUR"),
        dims: vec![Dim { name: "player", value: "p" }, Dim { name: "game", value: "" }],
        reference: Some(EventRef { source: "studio-a", id: "t-80" }),
    }
}

/// The frozen form, byte for byte.
#[test]
fn the_bytes_of_version_1() {
    let encoded = bytes(&mut win(), |dim| dim == "player");
    let hex: Vec<_> = encoded.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [
        "01",
        "010500686f757365",
        "02080073747564696f2d61",
        "030400742d3831",
        "04030077696e",
        "0508000100000000000000",
        "06110019",
        // 15 more bytes of the coefficient, and the scale.
        &"00".repeat(16),
        "070300455552",
        "0805000467616d65",
        "090d000873747564696f2d61742d3830",
    ];
    assert_eq!(hex.concat(), parts.concat());
}

#[test]
fn envelopes() {
    type Change = fn(&mut Draft<'static>);
    let long: &'static str = Box::leak("x".repeat(257).into_boxed_str());
    let check = |what: &str, change: Change, wanted: Result<(), Reject>| {
        let mut draft = win();
        change(&mut draft);
        assert_eq!(draft.check_envelope(), wanted, "{what}");
    };
    let cases: [(&str, Change, Result<(), Reject>); 13] = [
        ("good", |_| {}, Ok(())),
        ("source", |d| d.source = "Studio", Err(Reject::SourceName)),
        ("id", |d| d.id = "", Err(Reject::EventId)),
        ("kind", |d| d.kind = "Win", Err(Reject::KindName)),
        ("asset missing", |d| d.asset = None, Err(Reject::AmountWithoutAsset)),
        ("amount missing", |d| d.amount = None, Err(Reject::AmountWithoutAsset)),
        ("asset", |d| d.asset = Some("eur"), Err(Reject::AssetCode)),
        ("decimals", |d| d.amount = Some(Decimal::new(1, 19).unwrap()), Err(Reject::AmountScale)),
        (
            "reference",
            |d| d.reference = Some(EventRef { source: "a", id: "\n" }),
            Err(Reject::ReferenceName),
        ),
        ("dimension", |d| d.dims[0].name = "Player", Err(Reject::DimensionName)),
        ("twice", |d| d.dims[0].name = "game", Err(Reject::DuplicateDimension)),
        ("many", |d| d.dims = vec![d.dims[0]; 33], Err(Reject::TooManyDimensions)),
        ("neither amount nor asset", |d| (d.amount, d.asset) = (None, None), Ok(())),
    ];
    for (what, change, wanted) in cases {
        check(what, change, wanted);
    }
    let mut draft = Draft { dims: vec![Dim { name: "player", value: long }], ..win() };
    assert_eq!(draft.check_envelope(), Err(Reject::DimensionValue));
    assert_eq!(draft.check_known(), Err(Reject::DimensionValue));
    draft.dims[0].value = &long[..256];
    assert_eq!((draft.check_known(), draft.check_envelope()), (Ok(()), Ok(())));
    draft.source = "Studio";
    assert_eq!(draft.check_known(), Err(Reject::SourceName));
}

/// The bounds hold for what is read as well: a file may have been written by anyone.
#[test]
fn bounds_of_what_is_read() {
    let names: Vec<_> = (0..33).map(|at| format!("d{at:02}")).collect();
    let dims = |count: usize| names[..count].iter().map(|name| Dim { name, value: "" }).collect();
    for (scale, count, wanted) in
        [(18, 32, true), (0, 0, true), (19, 32, false), (20, 32, false), (18, 33, false)]
    {
        let amount = Some(Decimal::new(1, scale).unwrap());
        let draft = Draft { amount, dims: dims(count), ..win() };
        let mut bytes = Vec::new();
        draft.encode("house", |_| false, &mut bytes);
        let read = EventView::decode(&bytes);
        assert_eq!(read.is_ok(), wanted, "{scale} decimals, {count} dimensions");
    }
    let said = EventView::decode(&[]).unwrap_err().to_string();
    assert_eq!(said, "the bytes are not a canonical event of version 1");
}

/// The fields as bytes are those that a reader of the whole event sees.
#[test]
fn fields_are_those_of_the_event() {
    let encoded = bytes(&mut win(), |_| false);
    let (fields, view) =
        (EventFields::decode(&encoded).unwrap(), EventView::decode(&encoded).unwrap());
    let dims: Vec<_> = fields.dims().collect();
    assert_eq!(dims, [(&b"game"[..], &b""[..]), (b"player", b"p")]);
    assert_eq!((fields.source, fields.id), (view.source.as_bytes(), view.id.as_bytes()));
    assert_eq!(fields.amount, Some((25, 0)), "without trailing zeros");
    assert_eq!(fields.reference, Some((&b"studio-a"[..], &b"t-80"[..])));
}

/// Where the parts of an event are, also when something stands before it in the buffer.
#[test]
fn parts_are_where_the_encoder_says() {
    for before in [0, 7] {
        let mut out = vec![0xff; before];
        let mut draft = win();
        draft.check_envelope().unwrap();
        ledger::event::encode_head("house", draft.source, &mut out);
        let found = draft.encode_rest(|_| true, &mut out);
        assert_eq!(&out[found.id_at..found.id_at + 4], b"t-81");
        assert_eq!(&out[found.reference_at..], b"t-80");
        assert_eq!(&out[found.dims][..8], b"\x08\x05\0\x04game");
    }
}

proptest! {
    #[test]
    fn events_come_back(owned in owned()) {
        let mut draft = owned.draft();
        let encoded = bytes(&mut draft, |_| false);
        prop_assert!(encoded.len() < ledger::limits::CANONICAL_BYTES_MAX);
        let view = EventView::decode(&encoded).unwrap();
        prop_assert_eq!((view.operator, view.source, view.id), ("house", draft.source, draft.id));
        prop_assert_eq!((view.kind, view.occurred_at), (draft.kind, draft.occurred_at));
        prop_assert_eq!((view.amount, view.asset), (draft.amount, draft.asset));
        prop_assert_eq!(view.reference, draft.reference);
        prop_assert_eq!(view.dims().collect::<Vec<_>>(), draft.dims.clone());
        for dim in &draft.dims {
            prop_assert_eq!(view.dim(dim.name), Some(dim.value));
        }
        prop_assert_eq!(again(&view), encoded);
    }

    /// The order of dimensions and trailing zeros are not content; personal dimensions are not
    /// in it.
    #[test]
    fn the_same_fact_has_the_same_bytes(owned in owned(), player in "\\PC{0,20}") {
        let mut draft = owned.draft();
        draft.dims.retain(|dim| dim.name != "player");
        let plain = bytes(&mut draft.clone(), |_| false);
        draft.dims.reverse();
        draft.dims.push(Dim { name: "player", value: &player });
        draft.amount = draft.amount.map(|amount| amount.rescale(18).unwrap_or(amount));
        prop_assert_eq!(bytes(&mut draft, |dim| dim == "player"), plain);
    }

    #[test]
    fn hostile_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(EventView::decode(&bytes).is_err());
    }

    /// Whatever is read of changed bytes is written as those very bytes again.
    #[test]
    fn changed_bytes_are_refused_or_their_own(
        owned in owned(),
        at in any::<prop::sample::Index>(),
        byte: u8,
        cut in any::<prop::sample::Index>(),
        extra: bool,
    ) {
        let encoded = bytes(&mut owned.draft(), |_| false);
        let mut changed = encoded.clone();
        changed[at.index(encoded.len())] = byte;
        if let Ok(view) = EventView::decode(&changed) {
            prop_assert_eq!(again(&view), changed);
        }
        let mut cropped = encoded[..cut.index(encoded.len())].to_vec();
        if extra {
            cropped.push(byte);
        }
        if let Ok(view) = EventView::decode(&cropped) {
            prop_assert_eq!(again(&view), cropped);
        }
    }
}
