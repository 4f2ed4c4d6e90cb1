//! Documents that tests print, and that people look at.

#![allow(clippy::unwrap_used, dead_code)] // each test file uses what it needs

use press::document::{
    Balance, Correction, Document, Due, Effect, Language, MeasureRow, Party, Quote, Row, Section,
    Status,
};
use settle::ledger::{Asset, Decimal};

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn party(name: &str, title: &str) -> Party {
    Party { name: name.to_owned(), title: title.to_owned() }
}

pub fn word(language: Language, en: &str, ko: &str) -> String {
    if language == Language::En { en.to_owned() } else { ko.to_owned() }
}

/// A document without lines.
pub fn empty(language: Language, (asset, scale): (&str, u8)) -> Document {
    let title = |en, ko| word(language, en, ko);
    Document {
        language,
        issuer: party("house", &title("Example Games Ltd", "예시 게임즈 주식회사")),
        from: party("house", &title("Example Games Ltd", "예시 게임즈 주식회사")),
        to: party("studio-0", &title("Studio Zero GmbH", "스튜디오 제로")),
        agreement: party(
            "studio-0-share",
            &title("Revenue share of Studio Zero", "스튜디오 제로 수익 배분"),
        ),
        version: 2,
        id: "studio-0-share:2026-10:2".to_owned(),
        period: "2026-10".to_owned(),
        days: Some(("2026-10-01".to_owned(), "2026-10-31".to_owned())),
        zone: "Asia/Seoul".to_owned(),
        status: Status::Closed,
        body_hash: "5f2c".repeat(16),
        previous: None,
        asset: Asset { code: asset.to_owned(), scale },
        payable: Decimal::ZERO,
        dues: Vec::new(),
        rows: Vec::new(),
        measures: Vec::new(),
        balances: Vec::new(),
        corrections: Vec::new(),
        quotes: Vec::new(),
        notes: Vec::new(),
    }
}

/// What a line says, besides its figure.
pub struct Says<'a> {
    pub path: &'a str,
    pub title: String,
    pub kind: &'a str,
    pub section: Section,
}

/// Adds a line; the running amount and the payable amount follow.
pub fn add<'d>(
    document: &'d mut Document,
    says: Says<'_>,
    effect: Effect,
    amount: &str,
) -> &'d mut Row {
    let amount = decimal(amount);
    let before = document.rows.last().map_or(Decimal::ZERO, |row| row.running);
    let running = match effect {
        Effect::Set => amount,
        Effect::Add => before.checked_add(amount).unwrap(),
        Effect::Subtract => before.checked_sub(amount).unwrap(),
        Effect::Keep => before,
    };
    document.payable = running;
    document.rows.push(Row {
        id: format!("{}/{}", document.id, says.path),
        section: says.section,
        title: says.title,
        kind: says.kind.to_owned(),
        label: String::new(),
        sublabel: String::new(),
        measures: Vec::new(),
        quantity: None,
        rate: None,
        base: None,
        amount: (says.kind != "select").then_some(amount),
        effect,
        asset: document.asset.clone(),
        running,
        notes: Vec::new(),
        depth: u8::from(effect == Effect::Keep && says.path.contains('/')),
    });
    document.rows.last_mut().unwrap()
}

/// Lines: path, kind, section, effect, amount, base, rate, English, Korean.
type Told = (
    &'static str,
    &'static str,
    Section,
    Effect,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const USUAL: &[Told] = {
    use Effect::{Add, Keep, Set, Subtract};
    use Section::{Carry, Corrections, Deductions, Earned, Opening, Reserve, Tax};
    &[
        ("10-select", "select", Earned, Keep, "0", "", "", "Scope", "대상"),
        ("20-ggr", "sum", Earned, Set, "1284310.55", "", "", "Gross gaming revenue", "총게임수익"),
        ("30-costs/bonus", "deduct", Deductions, Subtract, "96323.29", "", "", "Bonuses", "보너스"),
        ("30-costs/bonus/excess", "excess", Deductions, Keep, "0", "", "", "Not deducted", "미공제액"),
        ("30-costs/fee", "deduct", Deductions, Subtract, "25686.211", "1284310.55", "0.02",
            "Platform fee", "플랫폼 수수료"),
        ("30-costs", "result", Earned, Keep, "1162301.049", "", "",
            "Net gaming revenue", "순게임수익"),
        ("40-share/1", "band", Earned, Keep, "15000", "100000", "0.15", "Band 1", "구간 1"),
        ("40-share/2", "band", Earned, Keep, "50000", "400000", "0.125", "Band 2", "구간 2"),
        ("40-share/3", "band", Earned, Keep, "66230.1049", "662301.049", "0.1", "Band 3", "구간 3"),
        ("40-share", "tier", Earned, Set, "131230.1049", "1162301.049", "",
            "Revenue share", "수익 배분"),
        ("50-round", "round", Earned, Add, "-0.0049", "", "", "Rounding", "단수 조정"),
        ("55-seats", "item", Earned, Add, "1250", "", "2.5", "Live seats", "라이브 좌석"),
        ("60-open", "brought-forward", Opening, Add, "-4210.4", "", "",
            "Negative balance of September", "9월 마이너스 잔액"),
        ("70-vat", "tax", Tax, Add, "12826.97", "128269.7", "0.1",
            "VAT on the supply value", "부가가치세 (공급가액 기준)"),
        ("80-wht", "withholding", Tax, Subtract, "4232.9", "128269.7", "0.033",
            "Withholding tax", "원천징수세액"),
        ("90-hold", "hold", Reserve, Subtract, "6843.19", "", "",
            "Held in reserve, 5 %", "유보금 5%"),
        ("91-release", "release", Reserve, Add, "5120", "", "",
            "Released: reserve of April", "4월 유보금 해제"),
        ("95-late", "correction", Corrections, Add, "-118.4", "", "",
            "Late cancellation of 29 September", "9월 29일 지연 취소"),
        ("99-threshold", "held-back", Carry, Subtract, "0", "", "",
            "Below the threshold", "최저 지급액 미달"),
    ]
};

fn tell(document: &mut Document, told: &Told) {
    let (path, kind, section, effect, amount, base, rate, en, ko) = *told;
    let title = word(document.language, en, ko);
    let row = add(document, Says { path, title, kind, section }, effect, amount);
    row.base = (!base.is_empty()).then(|| decimal(base));
    row.rate = (!rate.is_empty()).then(|| decimal(rate));
}

/// A usual one: measures, deductions, a tiered share, tax, reserve.
pub fn usual(language: Language) -> Document {
    let mut doc = empty(language, ("EUR", 2));
    USUAL.iter().for_each(|told| tell(&mut doc, told));
    doc.rows[0].notes.push("provider: studio-0".to_owned());
    doc.rows[2].notes.push(word(language, "limit 321,077.6375", "한도 321,077.6375"));
    doc.rows[11].quantity = Some(decimal("500"));
    doc.rows[17].notes.push("studio-0-share:2026-09:2/40-share".to_owned());
    let title = word(language, "Gross gaming revenue", "총게임수익");
    doc.rows[1].measures.push(title.clone());
    doc.measures.push(MeasureRow {
        name: "ggr".to_owned(),
        title,
        line: "20-ggr".to_owned(),
        value: decimal("1284310.55"),
        asset: doc.asset.clone(),
        count: 4_812_003,
    });
    for (en, ko, opening, closing) in [
        ("Reserve", "유보금", "31200", "32923.19"),
        ("Negative carry", "마이너스 이월", "-4210.4", "0"),
    ] {
        let title = word(language, en, ko);
        let (opening, closing) = (decimal(opening), decimal(closing));
        doc.balances.push(Balance { title, opening, closing });
    }
    doc.corrections.push(Correction {
        of: "studio-0-share:2026-09:2/40-share".to_owned(),
        title: word(language, "Late cancellation of 29 September", "9월 29일 지연 취소"),
        was: decimal("98120.55"),
        now: decimal("98002.15"),
        line: "95-late".to_owned(),
    });
    doc.quotes.push(Quote {
        source: "ECB".to_owned(),
        base: "EUR".to_owned(),
        quote: "KRW".to_owned(),
        rate: decimal("1482.37"),
        on: "2026-10-30".to_owned(),
    });
    for (on, amount) in [("2026-11-15", "94514.94"), ("2026-12-15", "40507.24")] {
        doc.dues.push(Due { on: on.to_owned(), amount: decimal(amount) });
    }
    doc
}

#[rustfmt::skip]
const NEGATIVE: &[Told] = {
    use Effect::{Set, Subtract};
    use Section::{Deductions, Earned};
    &[
        ("10-ngr", "sum", Earned, Set, "-48250000", "", "", "Net gaming revenue", "순게임수익"),
        ("20-share", "share", Earned, Set, "-12062500", "-48250000", "0.25",
            "Share of the loss", "손실 배분"),
        ("30-fee", "deduct", Deductions, Subtract, "330000", "", "", "Handling", "처리 수수료"),
    ]
};

/// One in which the payee owes.
pub fn negative(language: Language) -> Document {
    let mut doc = empty(language, ("KRW", 0));
    NEGATIVE.iter().for_each(|told| tell(&mut doc, told));
    doc.status = Status::Draft;
    doc
}

/// One of so many lines.
pub fn long(language: Language, lines: usize) -> Document {
    let mut doc = empty(language, ("KRW", 0));
    for at in 1..=lines {
        let path = format!("{at}0-item");
        let title = word(
            language,
            &format!("Title {at:03} of the catalogue"),
            &format!("카탈로그 {at:03}번 타이틀"),
        );
        let amount = (at * 7919 * 31 % 1_000_003).to_string();
        let (kind, section, effect) = match at {
            1 => ("sum", Section::Earned, Effect::Set),
            _ if at % 9 == 0 => ("deduct", Section::Deductions, Effect::Subtract),
            _ => ("sum", Section::Earned, Effect::Add),
        };
        add(&mut doc, Says { path: &path, title, kind, section }, effect, &amount);
    }
    doc
}

/// One with names that nobody should have.
pub fn hostile() -> Document {
    let mut doc = usual(Language::En);
    doc.to = party(
        "evil",
        "=HYPERLINK(\"http://x\")\u{202e}gnp.exe 🎰 \u{5e9}\u{5dc}\u{5d5}\u{5dd} مرحبا 漢字",
    );
    doc.from.title = "A very long company name that goes on ".repeat(12);
    doc.agreement.title = "Wordwithoutanyspaceatall".repeat(20);
    "+1+1\u{0}\u{7}\ttab\nnewline & <b>markup</b> (paren\\theses)"
        .clone_into(&mut doc.rows[1].title);
    "-2+3 한\u{1100}\u{1161}\u{11a8} 똠방각하 펲시콜라 햏".clone_into(&mut doc.rows[2].title);
    "@SUM(A1:A9)".clone_into(&mut doc.rows[4].title);
    doc.rows[4].notes.push("\u{200f}\u{feff}hidden".to_owned());
    doc
}
