//! The PDF: the same bytes every time, every figure in order, sums that carry from page to page.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Says, add, hostile, long, negative, usual};
use press::PressError;
use press::document::{Document, Effect, Language, Section};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// The text of a PDF as `pdftotext -layout` finds it; `None` where that program is not here.
fn text(pdf: &[u8]) -> Option<String> {
    let child = Command::new("pdftotext")
        .args(["-layout", "-enc", "UTF-8", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "CI needs pdftotext: {error}");
            println!("ignored: pdftotext (poppler-utils) is not here");
            return None;
        }
    };
    let mut input = child.stdin.take().unwrap();
    let bytes = pdf.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "pdftotext refuses the file");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Finds the texts one after the other.
fn in_order(found: &str, wanted: &[&str]) {
    let mut rest = found;
    for text in wanted {
        let at = rest.find(text).unwrap_or_else(|| panic!("{text:?} is not in order in:\n{found}"));
        rest = &rest[at + text.len()..];
    }
}

fn amount(text: &str) -> i128 {
    let text = text.replace(',', "").replace('\u{2212}', "-");
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no whole number"))
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for document in [usual(Language::En), usual(Language::Ko), hostile()] {
        let first = press::pdf(&document).unwrap().bytes;
        assert_eq!(first, press::pdf(&document.clone()).unwrap().bytes);
        assert!(first.starts_with(b"%PDF-1.7"));
        let mut other = document;
        other.body_hash = "0".repeat(64);
        assert_ne!(first, press::pdf(&other).unwrap().bytes);
    }
}

#[test]
fn every_figure_is_there_in_order() {
    let figures = [
        "EUR 135,022.18",
        "94,514.94",
        "40,507.24",
        "1,284,310.55",
        "−96,323.29",
        "2%",
        "−25,686.211",
        "−122,009.501",
        "1,162,301.049",
        "100,000.00",
        "15%",
        "15,000.00",
        "12.5%",
        "66,230.1049",
        "131,230.1049",
        "−0.0049",
        "500",
        "2.5",
        "1,250.00",
        "132,480.10",
        "−4,210.40",
        "12,826.97",
        "3.3%",
        "−4,232.90",
        "8,594.07",
        "−6,843.19",
        "5,120.00",
        "−1,723.19",
        "−118.40",
        "135,022.18",
        "31,200.00",
        "32,923.19",
        "98,002.15",
        "1,482.37",
    ];
    for language in [Language::En, Language::Ko] {
        let Some(found) = text(&press::pdf(&usual(language)).unwrap().bytes) else { return };
        in_order(&found, &figures);
        assert!(found.contains(&"5f2c".repeat(16)));
    }
}

#[test]
fn korean_is_korean() {
    let Some(found) = text(&press::pdf(&usual(Language::Ko)).unwrap().bytes) else { return };
    let words = [
        "정산서",
        "스튜디오 제로 수익 배분",
        "지급액",
        "예시 게임즈 주식회사 → 스튜디오 제로 지급",
    ];
    in_order(&found, &words);
    let words = [
        "공제",
        "보너스",
        "순게임수익",
        "부가가치세 (공급가액 기준)",
        "원천징수세액",
        "유보금 해제",
    ];
    in_order(&found, &words);
    for english in ["Statement", "Payable", "Deductions", "Subtotal", "Page", "Carried", "limit"] {
        assert!(!found.contains(english), "{english} is not translated");
    }
}

#[test]
fn what_the_payee_owes_is_said_so() {
    let Some(found) = text(&press::pdf(&negative(Language::En)).unwrap().bytes) else { return };
    let words = [
        "DRAFT",
        "not closed",
        "Payer",
        "Studio Zero GmbH",
        "Payee",
        "Example Games Ltd",
        "Payable",
        "KRW 12,392,500",
        "Studio Zero GmbH pays Example Games Ltd",
        "−48,250,000",
        "25%",
        "−12,062,500",
        "−330,000",
        "−12,392,500",
    ];
    in_order(&found, &words);
}

#[test]
fn sums_carry_from_page_to_page() {
    for (language, begins, ends, last) in [
        (Language::En, "Brought forward", "Carried forward", "Payable (KRW)"),
        (Language::Ko, "앞쪽에서 이월", "다음 쪽으로 이월", "지급액 (KRW)"),
    ] {
        let document = long(language, 200);
        let Some(found) = text(&press::pdf(&document).unwrap().bytes) else { return };
        let pages: Vec<&str> =
            found.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
        assert!(pages.len() > 4, "{} pages", pages.len());
        let (mut carried, mut lines) = (None, 0);
        for page in pages {
            let mut sum = 0;
            let mut brought = None;
            for line in page.lines().map(str::trim) {
                let Some((name, figure)) = line.rsplit_once("  ") else { continue };
                let name = name.trim();
                if name == begins {
                    brought = Some(amount(figure));
                    sum = amount(figure);
                } else if name == ends || name == last {
                    assert_eq!(amount(figure), sum, "{line}");
                    carried = Some(sum);
                } else if name.starts_with("Title ") || name.starts_with("카탈로그 ") {
                    sum += amount(figure);
                    lines += 1;
                    carried = brought.filter(|_| lines > 0).or(carried);
                }
                if name == begins {
                    assert_eq!(brought, carried, "what is brought is not what was carried");
                }
            }
        }
        assert_eq!(lines, 200);
        assert_eq!(carried, Some(document.payable.to_minor(0).unwrap()));
    }
}

#[test]
fn hostile_names_are_shown_and_told() {
    let printed = press::pdf(&hostile()).unwrap();
    for char in ['\u{202e}', '\0', '\u{7}', '\u{feff}', '🎰', 'ש', '漢'] {
        assert!(printed.unprintable.contains(&char), "{char:?} is not reported");
    }
    assert!(!printed.unprintable.contains(&'똠'), "rare syllables are in the font");
    let Some(found) = text(&printed.bytes) else { return };
    let words =
        ["=HYPERLINK(\"http://x\")\u{fffd}gnp.exe \u{fffd}", "EUR 135,022.18", "@SUM(A1:A9)"];
    in_order(&found, &words);
    for text in ["-2+3 한각 똠방각하 펲시콜라 햏", "(paren\\theses)", "U+202E", "U+1F3B0"]
    {
        assert!(found.contains(text), "{text:?} is not in:\n{found}");
    }
}

#[test]
fn a_figure_of_38_digits_is_printed_whole() {
    let mut document = common::empty(Language::En, ("BTC", 8));
    let figure = "99999999999999999999999999999.12345678";
    let says = |path| Says { path, title: "All".to_owned(), kind: "sum", section: Section::Earned };
    add(&mut document, says("10-all"), Effect::Set, figure);
    add(&mut document, says("20-none"), Effect::Subtract, "0.00000001");
    let Some(found) = text(&press::pdf(&document).unwrap().bytes) else { return };
    in_order(&found, &["99,999,999,999,999,999,999,999,999,999.12345677"]);
    in_order(&found, &["99,999,999,999,999,999,999,999,999,999.12345678", "−0.00000001"]);
}

#[test]
fn a_statement_that_does_not_add_up_is_refused() {
    let spoil: [fn(&mut Document); 3] = [
        |document| document.payable = common::decimal("1"),
        |document| document.rows[4].amount = Some(common::decimal("25686.21")),
        |document| document.rows[9].running = common::decimal("7"),
    ];
    for spoil in spoil {
        let mut document = usual(Language::En);
        spoil(&mut document);
        for result in [press::pdf(&document), press::xlsx(&document)] {
            assert!(matches!(result, Err(PressError::NotAddingUp { .. })), "{result:?}");
        }
    }
}

#[test]
fn nothing_at_all_is_a_statement_too() {
    let document = common::empty(Language::Ko, ("KRW", 0));
    let Some(found) = text(&press::pdf(&document).unwrap().bytes) else { return };
    in_order(&found, &["정산서", "KRW 0", "지급할 금액 없음", "검증"]);
}
