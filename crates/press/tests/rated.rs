//! From a rated statement to paper: titles, sections, balances and notes find their places.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

use press::document::{Document, Effect, Language, Section, Status};
use press::{Facts, Names};
use settle::ledger::time::Span;
use settle::ledger::{Asset, Decimal};
use settle::statement::Previous;
use settle::{Label, Line, LineKind, Reading, Statement, Title};
use std::collections::BTreeMap;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn line(path: &str, kind: LineKind, effect: settle::Effect, amounts: [&str; 2]) -> Line {
    let name = path.split_once("0-").map_or(path, |(_, name)| name);
    Line {
        id: format!("share:2026-03:1/{path}"),
        path: path.to_owned(),
        kind,
        name: name.to_owned(),
        title: Title::default(),
        label: Label::default(),
        asset: None,
        quantity: None,
        base: None,
        rate: None,
        amount: decimal(amounts[0]),
        effect,
        running: decimal(amounts[1]),
        readings: Vec::new(),
        notes: BTreeMap::new(),
    }
}

fn statement() -> Statement {
    use settle::Effect::{Add, Keep, Set, Subtract};
    let mut ggr = line("10-ggr", LineKind::Sum, Set, ["1000.5", "1000.5"]);
    let (measure, value) = ("ggr".to_owned(), decimal("1000.5"));
    ggr.readings.push(Reading { measure, value, count: 7 });
    let mut share = line("20-share", LineKind::Share, Set, ["120.06", "120.06"]);
    (share.base, share.rate) = (Some(decimal("1000.5")), Some(decimal("0.12")));
    share.notes.insert("round".to_owned(), "half-up:2".to_owned());
    let mut hold = line("30-hold", LineKind::Hold, Subtract, ["10", "110.06"]);
    hold.title = Title { en: "Rolling reserve".to_owned(), ko: "순환 유보금".to_owned() };
    hold.label = Label { kind: "Reserve".to_owned(), subkind: "Hold".to_owned() };
    let credit = line("40-credit", LineKind::Credit, Keep, ["5", "110.06"]);
    let mut late = line("correction/2026-02", LineKind::Correction, Add, ["-0.06", "110"]);
    for (name, value) in [("corrects", "share:2026-02:1"), ("was", "9.06"), ("now", "9")] {
        late.notes.insert(name.to_owned(), value.to_owned());
    }
    Statement {
        agreement: "share".to_owned(),
        version: 1,
        period: "2026-03".parse().unwrap(),
        span: Span { start: 1_772_290_800_000_000_000, end: 1_774_969_200_000_000_000 },
        from: "house".to_owned(),
        to: "studio".to_owned(),
        asset: Asset { code: "EUR".to_owned(), scale: 2 },
        previous: Some(Previous { id: "share:2026-02:1".to_owned(), body_hash: "0".repeat(64) }),
        opening: BTreeMap::from([("hold".to_owned(), decimal("3"))]),
        lines: vec![ggr, share, hold, credit, late],
        closing: BTreeMap::from([("hold".to_owned(), decimal("13"))]),
        due: Vec::new(),
        quotes: Vec::new(),
        payable: decimal("110.00"),
    }
}

fn document(language: Language) -> Document {
    let title = |en: &str, ko: &str| Title { en: en.to_owned(), ko: ko.to_owned() };
    let names = Names {
        issuer: ("house".to_owned(), title("Example Games", "예시 게임즈")),
        steps: BTreeMap::new(),
        dims: BTreeMap::new(),
        parties: BTreeMap::from([("studio".to_owned(), title("Studio", ""))]),
        agreement: title("Share", "배분"),
        measures: BTreeMap::from([("ggr".to_owned(), title("Gross revenue", "총수익"))]),
        zone: "Asia/Seoul".to_owned(),
    };
    let (status, body_hash) = (Status::Closed, "ab".repeat(32));
    let facts = Facts { status, body_hash, dues: Vec::new() };
    Document::new(&statement(), &names, facts, language)
}

#[test]
fn what_is_rated_finds_its_place() {
    use Section::{Carry, Corrections, Earned, Reserve};
    let en = document(Language::En);
    let titles: Vec<&str> = en.rows.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(
        titles,
        ["Gross revenue", "Share", "Rolling reserve", "Credit", "Correction: 2026-02"]
    );
    let sections: Vec<Section> = en.rows.iter().map(|row| row.section).collect();
    assert_eq!(sections, [Earned, Earned, Reserve, Carry, Corrections]);
    assert_eq!(en.rows[1].notes, ["rounded half up to 2 decimals"]);
    assert_eq!(en.rows[3].effect, Effect::Keep);
    assert_eq!((en.rows[2].label.as_str(), en.rows[2].sublabel.as_str()), ("Reserve", "Hold"));
    assert_eq!(en.days, Some(("2026-03-01".to_owned(), "2026-03-31".to_owned())));
    assert_eq!(en.from.shown(), "house", "a party without a title goes by its name");
    assert_eq!(en.previous.as_deref(), Some("share:2026-02:1"));
    let balance = &en.balances[0];
    assert_eq!(balance.title, "Rolling reserve");
    assert_eq!((balance.opening, balance.closing), (decimal("3"), decimal("13")));
    let correction = &en.corrections[0];
    assert_eq!((correction.was, correction.now), (decimal("9.06"), decimal("9")));
    assert_eq!((en.measures[0].count, en.measures[0].line.as_str()), (7, "10-ggr"));
}

#[test]
fn korean_titles_where_there_are_any() {
    let ko = document(Language::Ko);
    let titles: Vec<&str> = ko.rows.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(titles, ["총수익", "배분", "순환 유보금", "크레딧", "정정: 2026-02"]);
    assert_eq!(ko.to.shown(), "Studio", "the other language stands in");
    assert_eq!(ko.rows[1].notes, ["소수 2자리 반올림"]);
}

#[test]
fn it_prints_in_every_form() {
    for language in [Language::En, Language::Ko] {
        let document = document(language);
        assert!(press::pdf(&document).unwrap().unprintable.is_empty());
        assert!(!press::xlsx(&document).unwrap().bytes.is_empty());
        let grid = press::grid(&document).unwrap();
        assert!(grid.rows.iter().all(|row| row.len() == grid.columns.len()));
        assert_eq!(grid.rows.len(), 7, "five lines and two sums");
    }
}
