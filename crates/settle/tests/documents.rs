//! Canonical documents: agreements, measures and statement bodies come back, and nothing else is
//! taken for one.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{
    BANDS, agreement, cap, dec, deduct, figure, given, measure_of, minimum, rated, round, share,
};
use crate::common::{step, sum, tier, total};
use ledger::{Asset, Rounding};
use proptest::collection::{btree_map, btree_set};
use proptest::prelude::*;
use settle::steps::Method::{Marginal, Slab};
use settle::steps::{Advance, Carry, CarryTo, Count, Exchange, Fixed, Grant, Item, Part, RateOf};
use settle::steps::{Credit, FreeRounds, Jackpot, Plugin, PluginRead};
use settle::steps::{Hierarchy, LevelRate, NetLoss, Quarantine};
use settle::steps::{Reserve, Rolling, Round, Select, Split, Tax, TaxItem, TaxMethod, Threshold};
use settle::{Agreement, Effect, Label, Measure, Operand, PeriodKind, RoundTo, Rule, Selection};
use settle::{SettleError, Statement, Step, Title, Window};

/// Every kind of step, every kind of operand.
fn all_steps() -> Vec<Step> {
    let values = ["a,b".to_owned(), "주문\n\"x\"\\".to_owned()].into();
    let selection = Selection { dims: [("test".to_owned(), values)].into() };
    vec![
        step("everything", Rule::Select(Select::default())),
        step("net", Rule::Net(crate::common::net())),
        sum("m"),
        deduct("d", true, &[("x", "line:m", "0.1", "running", "0.5")]),
        tier("t", Slab, BANDS),
        tier("u", Marginal, BANDS),
        share("s", "measure:m", "0.25", Effect::Add),
        minimum("low", "fixed:-1.5"),
        cap("high", "fixed:100000"),
        total("all", &["+s", "-low"]),
        step("rent", Rule::Fixed(fixed())),
        step("each", Rule::Item(item())),
        step("debt", Rule::Carry(Carry { to: CarryTo::Forward })),
        step("gone", Rule::Carry(Carry { to: CarryTo::Reset })),
        step("joint", Rule::Carry(Carry { to: CarryTo::Shared("all".into()) })),
        step("ahead", Rule::Advance(advance())),
        round("r", Rounding::HalfEven, 2),
        step("least", Rule::Threshold(Threshold { at: figure("fixed:10", "") })),
        step("parts", Rule::Split(split())),
        kept("tens", Rounding::Down, -1),
        step("tax", Rule::Tax(tax())),
        step("kept", Rule::Reserve(reserve())),
        step("agents", Rule::Hierarchy(hierarchy())),
        step("large", Rule::Quarantine(quarantine())),
        step("prepaid", Rule::Credit(credit())),
        step("pool", Rule::Jackpot(jackpot(true))),
        step("pool-net", Rule::Jackpot(jackpot(false))),
        step("free", Rule::FreeRounds(free_rounds())),
        step("program", Rule::Plugin(plugin())),
        step("abroad", Rule::Exchange(exchange())),
        step("narrow", Rule::Select(Select { selection, ..Select::default() })),
    ]
}

fn tax() -> Tax {
    let round = RoundTo { scale: -1, mode: Rounding::Floor };
    let item = |name: &str, on: Option<&str>| TaxItem {
        name: name.into(),
        rate: dec("0.1"),
        on: on.map(Into::into),
        round,
    };
    let items = vec![item("income", None), item("local", Some("income"))];
    let (of, by) = (Operand::Measure("m".into()), vec!["seller".into()]);
    Tax { method: TaxMethod::Withheld, of, by, items, effect: Effect::Subtract }
}

fn reserve() -> Reserve {
    let rolling = Some(Rolling { amount: figure("line:m", "0.1"), days: 90 });
    let target = Some(figure("fixed:80", ""));
    Reserve { rolling, target, chargebacks: Some("m".into()) }
}

fn hierarchy() -> Hierarchy {
    let rate = LevelRate {
        party: "store".into(),
        product: Some("slot".into()),
        from: Some("2016-11-01".parse().unwrap()),
        turnover: Some(dec("0.01")),
        net_loss: Some(dec("0.1")),
    };
    Hierarchy {
        party: "partner".into(),
        product: Some("game".into()),
        turnover: Some("m".into()),
        net_loss: Some(NetLoss { measure: "m".into(), each: true }),
        parents: [("store".into(), "hq".into())].into(),
        rates: vec![rate.clone(), LevelRate { from: None, net_loss: None, ..rate }],
        round: Some(RoundTo { scale: 2, mode: Rounding::HalfUp }),
        pays: Some("store".into()),
        effect: Effect::Add,
    }
}

fn quarantine() -> Quarantine {
    Quarantine { measure: "m".into(), by: "player".into(), threshold: dec("5000") }
}

fn credit() -> Credit {
    let round = Some(RoundTo { scale: 2, mode: Rounding::HalfUp });
    let (bought, drawn) = ("m".into(), "m".into());
    Credit { bought, drawn, price: dec("0.125"), round, effect: Effect::Add }
}

fn jackpot(takes: bool) -> Jackpot {
    let own = || figure("measure:m", "0.01");
    Jackpot {
        contribution: takes.then(own),
        pool: (!takes).then(|| "pool".into()),
        repaid: (!takes).then(own),
    }
}

fn free_rounds() -> FreeRounds {
    let taken = [("provider".to_owned(), dec("1")), ("shared".to_owned(), dec("0.5"))].into();
    FreeRounds { measure: "m".into(), by: "funded_by".into(), taken, otherwise: dec("0") }
}

fn plugin() -> Plugin {
    let read = PluginRead { measure: "m".into(), by: vec!["player".into()] };
    Plugin {
        file: "plugins/x.wasm".into(),
        sha256: "0".repeat(64),
        reads: [("figure".into(), read)].into(),
        parameters: [("rate".into(), "0.1".into())].into(),
    }
}

fn exchange() -> Exchange {
    Exchange {
        to: Asset { code: "USD".into(), scale: 2 },
        measure: Some("m".into()),
        by: vec!["event".into()],
        rate: RateOf::Fixed(dec("1.0832")),
        round: RoundTo { scale: 2, mode: Rounding::HalfUp },
        each: true,
    }
}

fn fixed() -> Fixed {
    let to = RoundTo { scale: 2, mode: Rounding::Floor };
    Fixed {
        amount: dec("-12.5"),
        first: Some("2016-11-15".parse().unwrap()),
        last: Some("2017-01-31".parse().unwrap()),
        prorate: Some(to),
        effect: Effect::Add,
    }
}

fn item() -> Item {
    let round = Some(RoundTo { scale: 2, mode: Rounding::Up });
    let each = dec("0.025");
    Item { measure: "m".into(), count: Count::Postings, each, round, effect: Effect::Add }
}

fn advance() -> Advance {
    let on = |day: &str| day.parse().unwrap();
    let grants = vec![
        Grant { on: on("2016-11-01"), amount: dec("60000"), pays: false },
        Grant { on: on("2016-11-30"), amount: dec("50"), pays: true },
    ];
    Advance { grants, most: Some(figure("running", "0.5")) }
}

fn split() -> Split {
    let part =
        |(name, gets): &(&str, &str)| Part { name: (*name).into(), gets: gets.parse().unwrap() };
    let parts = [("house", "rate:0.02"), ("fee", "fixed:0.3"), ("rest", "weight:1")];
    let of = "running".parse().unwrap();
    Split { of, parts: parts.iter().map(part).collect(), keep: Some("rest".into()) }
}

fn kept(name: &str, mode: Rounding, scale: i8) -> Step {
    step(name, Rule::Round(Round { to: RoundTo { scale, mode }, keep_residue: true }))
}

/// Tiers of items, and over windows; deductions that are carried.
fn longer_steps() -> Vec<Step> {
    let mut steps = vec![
        tier("items", Slab, BANDS),
        tier("year", Marginal, BANDS),
        tier("volume", Slab, BANDS),
        deduct("d", true, &[("x", "measure:m", "0.1", "", "")]),
        round("r", Rounding::HalfEven, 2),
    ];
    let of = Operand::Measure("m".into());
    for (step, per, window, by) in [
        (0, &["event", "day"][..], None, None),
        (1, &[], Some(Window::Within(PeriodKind::Year)), None),
        (2, &[], Some(Window::Agreement), Some(of.clone())),
    ] {
        let Rule::Tier(tier) = &mut steps[step].rule else { unreachable!("these are tiers") };
        tier.of = of.clone();
        tier.per = per.iter().map(|dim| (*dim).to_owned()).collect();
        (tier.window, tier.by) = (window, by);
    }
    let Rule::Deduct(deduct) = &mut steps[3].rule else { unreachable!("this is a deduction") };
    deduct.items[0].carried = true;
    deduct.items[0].title = Title { en: "Fees".into(), ko: "수수료".into() };
    steps
}

fn statement() -> Statement {
    let (measures, sums) = given(&[("m", "12345.67")], 2);
    let mut steps = all_steps();
    // Nobody runs plug-ins here, and no other statement is there.
    steps.retain(|step| !matches!(step.rule, Rule::Plugin(_) | Rule::Net(_)));
    rated(&agreement(steps, 2), &measures, &sums).unwrap()
}

#[test]
fn the_form_of_each_document() {
    let (measures, sums) = given(&[("m", "-0.50")], 2);
    let steps = vec![sum("m"), minimum("low", "fixed:0")];
    let agreement = agreement(steps, 2);
    let body = rated(&agreement, &measures, &sums).unwrap().body();
    assert_eq!(
        String::from_utf8(body).unwrap(),
        concat!(
            r#"{"agreement":"provider-share","asset":"EUR","end":"1480518000000000000","#,
            r#""format":"saldo.statement.v1","from":"house","id":"provider-share:2016-11:1","#,
            r#""lines":[{"amount":"-0.50","effect":"set","id":"provider-share:2016-11:1/10-m","#,
            r#""kind":"sum","name":"m","path":"10-m","readings":[{"count":"1","measure":"m","#,
            r#""value":"-0.50"}],"running":"-0.50"},{"amount":"0.50","effect":"add","#,
            r#""id":"provider-share:2016-11:1/20-low","kind":"top-up","name":"low","#,
            r#""notes":{"limit":"0"},"path":"20-low","running":"0.00"}],"payable":"0.00","#,
            r#""period":"2016-11","scale":"2","start":"1477926000000000000","to":"studio-a","#,
            r#""version":"1"}"#,
        )
    );
    assert_eq!(
        String::from_utf8(agreement.encode()).unwrap(),
        concat!(
            r#"{"asset":"EUR","effective-end":"9223372036854775807","#,
            r#""effective-start":"-9223372036854775808","format":"saldo.agreement.v1","#,
            r#""from":"house","name":"provider-share","period":"month","scale":"2","#,
            r#""steps":[{"effect":"set","measure":"m","name":"m","step":"sum"},"#,
            r#"{"amount":{"of":"fixed:0"},"name":"low","step":"minimum"}],"#,
            r#""title":{"en":"Provider share","ko":"공급사 배분"},"to":"studio-a","#,
            r#""version":"1","zone":"Asia/Seoul"}"#,
        )
    );
    assert_eq!(
        String::from_utf8(measure_of("m").encode()).unwrap(),
        concat!(
            r#"{"format":"saldo.measure.v1","name":"m","terms":[{"side":"net","sign":"+","#,
            r#""template":["=test","=m"]}],"title":{"en":"","ko":""}}"#,
        )
    );
}

#[test]
fn every_step_comes_back() {
    let agreement = agreement(all_steps(), 2);
    assert_eq!(agreement.check(), []);
    assert_eq!(Agreement::decode(&agreement.encode()), Ok(agreement.clone()));
    let words: std::collections::BTreeSet<_> =
        agreement.steps.iter().map(|s| s.rule.word()).collect();
    assert_eq!(words.len(), Rule::WORDS.len(), "a step is missing from this test");
    let statement = statement();
    assert_eq!(Statement::parse(&statement.body()), Ok(statement));
    let mut labelled = crate::common::agreement(vec![sum("m")], 2);
    labelled.steps[0].label = Label { kind: "revenue".into(), subkind: "slots".into() };
    assert_eq!(Agreement::decode(&labelled.encode()), Ok(labelled));
    let longer = crate::common::agreement(longer_steps(), 2);
    assert_eq!(longer.check(), []);
    assert_eq!(Agreement::decode(&longer.encode()), Ok(longer));
    let measure = Measure {
        terms: vec![crate::common::term("-", &["play", "{provider}", "*", "=x"])],
        ..measure_of("m")
    };
    assert_eq!(Measure::decode(&measure.encode()), Ok(measure));
}

/// Characters that JSON has another form for: the one that is written comes back, no other.
#[test]
fn texts_are_escaped_one_way() {
    for (title, written) in [
        ("a\tb\n", r#""a\u0009b\u000a""#),
        ("\u{1f}\u{7f}", "\"\\u001f\u{7f}\""),
        (r#"say "50 \ 50""#, r#""say \"50 \\ 50\"""#),
    ] {
        let mut one = agreement(vec![sum("m")], 2);
        one.steps[0].title = Title { en: title.into(), ko: "합계".into() };
        let encoded = String::from_utf8(one.encode()).unwrap();
        assert!(encoded.contains(written), "{title:?} in {encoded}");
        assert_eq!(Agreement::decode(encoded.as_bytes()), Ok(one));
    }
}

/// The message says where the bytes stop being those that would be written.
#[test]
fn the_first_byte_that_differs_is_named() {
    let body = String::from_utf8(statement().body()).unwrap();
    for from in ["\"asset\":", "\"version\":"] {
        let (at, changed) = (body.find(from).unwrap(), body.replacen(from, &format!(" {from}"), 1));
        let error = Statement::parse(changed.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(&format!("byte {at}")), "{error}: {at}");
    }
    let zeros = body.replacen("12345.67\"", "12345.670\"", 1);
    let at = body.find("12345.67\"").unwrap() + "12345.67".len();
    let error = Statement::parse(zeros.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(&format!("byte {at}")), "{error}: {at}");
}

/// An operand or a window is one of its words, and no other.
#[test]
fn words_that_are_read() {
    for (text, wanted) in [
        ("running", Some(Operand::Running)),
        ("line:ggr", Some(Operand::Line("ggr".into()))),
        ("measure:m", Some(Operand::Measure("m".into()))),
        ("fixed:-1.5", Some(Operand::Fixed(dec("-1.5")))),
        ("runs", None),
        ("", None),
        ("fixed:x", None),
        ("sum:m", None),
    ] {
        assert_eq!(text.parse().ok(), wanted, "{text}");
    }
    let day = |text: &str| text.parse().unwrap();
    for (text, wanted) in [
        ("period", Some(Window::Period)),
        ("agreement", Some(Window::Agreement)),
        ("quarter", Some(Window::Within(PeriodKind::Quarter))),
        ("2016-11-01..2016-11-15", Some(Window::Days(day("2016-11-01"), day("2016-11-15")))),
        ("2016-11-01", None),
        ("2016-11-01..x", None),
        ("decade", None),
    ] {
        assert_eq!(text.parse::<Window>().ok(), wanted, "{text}");
        assert!(wanted.is_none_or(|window| window.to_string() == text), "{text}");
    }
}

/// Every kind of line stands where people look for it.
#[test]
fn sections_of_lines() {
    use settle::{LineKind as Kind, Section};
    for (section, kinds) in [
        (Section::Opening, &[Kind::BroughtForward][..]),
        (
            Section::Deductions,
            &[Kind::Deduct, Kind::Excess, Kind::Floor, Kind::Forgone, Kind::Repaid],
        ),
        (Section::Tax, &[Kind::Tax, Kind::Withholding]),
        (Section::Reserve, &[Kind::Hold, Kind::Release]),
        (
            Section::Carry,
            &[Kind::CarriedForward, Kind::HeldBack, Kind::Recouped, Kind::Quarantine, Kind::Credit],
        ),
        (Section::Exchange, &[Kind::Exchange]),
        (Section::Corrections, &[Kind::Correction]),
        (Section::Earned, &[Kind::Sum, Kind::Share, Kind::Tier, Kind::TopUp, Kind::Item]),
    ] {
        for kind in kinds {
            assert_eq!(kind.section(), section, "{kind:?}");
        }
    }
}

#[test]
fn other_forms_of_the_same_are_refused() {
    let body = String::from_utf8(statement().body()).unwrap();
    let check = |what: &str, changed: String, code: &str| {
        assert_ne!(changed, body, "{what}");
        let error = Statement::parse(changed.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code, "{what}: {error}");
    };
    for (what, from, to, code) in [
        ("space", "{\"agreement\"", "{ \"agreement\"", "E7501"),
        ("end", "\"version\":\"1\"}", "\"version\":\"1\"}\n", "E7501"),
        ("cut", "\"version\":\"1\"}", "\"version\":\"1\"", "E7501"),
        ("unknown field", "\"version\"", "\"verse\":\"x\",\"version\"", "E7501"),
        ("double field", "\"version\"", "\"to\":\"studio-a\",\"version\"", "E7501"),
        ("missing field", "\"to\":\"studio-a\",", "", "E7501"),
        ("number", "\"version\":\"1\"", "\"version\":1", "E7501"),
        ("leading zero", "\"version\":\"1\"", "\"version\":\"01\"", "E7501"),
        ("sign", "\"version\":\"1\"", "\"version\":\"+1\"", "E7501"),
        ("decimals", "12345.67\"", "12345.670\"", "E7501"),
        ("escape", "house", "\\u0068ouse", "E7501"),
        ("line id", "2016-11:1/20-m", "2016-12:1/20-m", "E7501"),
        ("period", "\"period\":\"2016-11\"", "\"period\":\"2016-13\"", "E7501"),
        ("format", "saldo.statement.v1", "saldo.statement.v9", "E7502"),
    ] {
        check(what, body.replacen(from, to, 1), code);
    }
}

#[test]
fn deep_and_long_documents_are_refused() {
    let long = vec![b'"'; settle::limits::ENCODED_BYTES_MAX + 1];
    for bytes in [b"[".repeat(100_000), b"{\"a\":".repeat(100_000), long, vec![0xff], vec![]] {
        let codes = [
            Statement::parse(&bytes).unwrap_err().code(),
            Agreement::decode(&bytes).unwrap_err().code(),
            Measure::decode(&bytes).unwrap_err().code(),
        ];
        assert_eq!(codes, ["E7501"; 3]);
    }
}

/// A smaller limit would refuse documents that were written before it.
#[test]
fn limits_of_what_is_stored() {
    use settle::limits as most;
    assert_eq!(most::ENCODED_BYTES_MAX, 4_194_304);
    assert_eq!((most::PLUGIN_BYTES_MAX, most::PLUGIN_MEMORY_BYTES_MAX), (1_048_576, 67_108_864));
    assert_eq!(most::PLUGIN_OUTPUT_BYTES_MAX, 65_536);
}

/// The longest document is read, one byte more is not; so many lists are in each other, no more.
#[test]
fn documents_at_their_bounds() {
    let of_length = |length: usize| {
        let mut one = agreement(vec![sum("m")], 2);
        let rest = one.encode().len() - one.from.len();
        one.from = "f".repeat(length - rest);
        one
    };
    let most = settle::limits::ENCODED_BYTES_MAX;
    let longest = of_length(most);
    assert_eq!(longest.encode().len(), most);
    assert_eq!(Agreement::decode(&longest.encode()), Ok(longest));
    let error = Agreement::decode(&of_length(most + 1).encode()).unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
    let deep = Agreement::decode(&b"[".repeat(100)).unwrap_err();
    let wanted = format!("byte {}", settle::limits::DEPTH_MAX + 1);
    assert!(deep.to_string().contains(&wanted), "{deep}");
}

#[test]
fn pages_are_unique_and_ascend() {
    assert!(settle::CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
    for page in settle::CODES {
        assert!(page.code.starts_with("E7") && page.code.len() == 5, "{}", page.code);
        assert!(!page.hint.is_empty() && !page.cause.is_empty(), "{}", page.code);
    }
    let error = SettleError::NameTwice { step: "x".into() };
    assert!(settle::CODES.iter().any(|page| page.code == error.code()));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Statement::parse(&bytes).is_err());
        prop_assert!(Agreement::decode(&bytes).is_err());
        prop_assert!(Measure::decode(&bytes).is_err());
    }

    /// What is read after a change is the changed document, byte for byte.
    #[test]
    fn a_changed_byte_is_refused_or_kept(at in any::<prop::sample::Index>(), byte: u8) {
        let change = |mut bytes: Vec<u8>| {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        };
        let body = change(statement().body());
        if let Ok(read) = Statement::parse(&body) {
            prop_assert_eq!(read.body(), body);
        }
        let encoded = change(agreement(all_steps(), 2).encode());
        if let Ok(read) = Agreement::decode(&encoded) {
            prop_assert_eq!(read.encode(), encoded);
        }
        let encoded = change(measure_of("m").encode());
        if let Ok(read) = Measure::decode(&encoded) {
            prop_assert_eq!(read.encode(), encoded);
        }
    }

    #[test]
    fn any_texts_and_amounts_come_back(
        texts in prop::collection::vec(any::<String>(), 4),
        amount in any::<i64>(),
        scale in 0u8..=18,
        dims in btree_map(any::<String>(), btree_set(any::<String>(), 0..3), 0..3),
    ) {
        let mut one = agreement(vec![
            step(&texts[0], Rule::Select(Select {
                selection: Selection { dims },
                ..Select::default()
            })),
            share(&texts[1], &format!("measure:{}", texts[2]), "1", Effect::Keep),
            minimum("low", &format!("fixed:{}", dec(&amount.to_string()))),
        ], scale);
        one.title.ko.clone_from(&texts[3]);
        one.from.clone_from(&texts[2]);
        prop_assert_eq!(Agreement::decode(&one.encode()), Ok(one));
    }
}
