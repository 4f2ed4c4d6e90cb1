//! What lines say beside their figures, in a few words.

use crate::document::Language;
use crate::figure;
use crate::words::pick;
use settle::ledger::Asset;

/// What a note says; amounts have the decimals of the asset.
pub(crate) fn note(name: &str, value: &str, asset: &Asset, language: Language) -> String {
    let figure = match value.parse() {
        Ok(amount) if AMOUNTS.contains(&name) => {
            figure::amount(amount, figure::decimals(asset)).text()
        }
        _ => figure::noted(value),
    };
    match name {
        "of" if value.parse::<u32>().is_err() => return format!("= {value}"),
        "upto" => return format!("{} {}", pick(language, "band", "구간"), bound(value)),
        "round" => return rounding(value, language),
        "day" | "quote" | "pool" | "file" | "sha256" | "pays" | "release" | "days" => {
            return format!("{} {value}", said(name, language).unwrap_or(name));
        }
        _ => {}
    }
    let (name, number) = name.split_once('.').unwrap_or((name, ""));
    let number = if number.is_empty() { String::new() } else { format!(" {number}") };
    match said(name, language) {
        Some(said) => format!("{said}{number} {}", word(value, language).unwrap_or(&figure)),
        None => format!("{}{number}: {figure}", spoken(name)),
    }
}

/// Notes whose values are amounts of the line's asset.
const AMOUNTS: &[&str] =
    &["limit", "was", "now", "held", "earned", "unrated", "once", "each", "drawn"];

/// What notes are called.
const NOTES: &[(&str, &str, &str)] = &[
    ("band", "band", "구간"),
    ("bands", "bands", "구간별"),
    ("by", "chosen by", "구간 기준"),
    ("corrects", "corrects", "정정 대상"),
    ("day", "on", "일자"),
    ("days", "days", "일수"),
    ("drawn", "drawn", "사용액"),
    ("each", "row by row", "건별 합계"),
    ("earned", "earned", "발생액"),
    ("file", "file", "파일"),
    ("from", "from", "원통화 금액"),
    ("funded-by", "funded by", "부담 주체"),
    ("gets", "gets", "배분 기준"),
    ("held", "held", "유보액"),
    ("keep", "kept by", "귀속"),
    ("limit", "limit", "한도"),
    ("method", "method", "방식"),
    ("now", "is", "정정 후"),
    ("of", "of", "총"),
    ("on", "on", "과세 대상"),
    ("once", "at once", "일괄 환산"),
    ("pays", "pays", "지급 주체"),
    ("per", "per", "단위"),
    ("pool", "shared balance", "공동 잔액"),
    ("quote", "rate", "적용 환율"),
    ("release", "released on", "해제일"),
    ("rounding", "rounding", "단수 처리"),
    ("sha256", "SHA-256", "SHA-256"),
    ("unrated", "without a rate", "요율 없음"),
    ("was", "was", "정정 전"),
];

fn said(name: &str, language: Language) -> Option<&'static str> {
    let (_, en, ko) = NOTES.iter().find(|(note, ..)| *note == name)?;
    Some(pick(language, en, ko))
}

/// Words that the values of notes are.
const VALUES: &[(&str, &str, &str)] = &[
    ("added", "added", "별도"),
    ("included", "included", "포함"),
    ("withheld", "withheld", "원천징수"),
    ("line", "per line", "건별"),
    ("once", "once", "일괄"),
    ("day", "day", "일"),
    ("event", "event", "거래"),
    ("rest", "the rest", "나머지"),
];

fn word(value: &str, language: Language) -> Option<&'static str> {
    let (_, en, ko) = VALUES.iter().find(|(word, ..)| *word == value)?;
    Some(pick(language, en, ko))
}

/// A name of the book as a person would write it.
pub(crate) fn spoken(name: &str) -> String {
    let text = name.replace(['-', '_'], " ");
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// `<= 5000` as `≤ 5,000`.
fn bound(text: &str) -> String {
    match text.split_once(' ') {
        Some((sign, number)) => {
            let sign = if sign == "<=" { "≤" } else { sign };
            format!("{sign} {}", figure::noted(number))
        }
        None => figure::noted(text),
    }
}

/// `half-up:2` in words.
fn rounding(text: &str, language: Language) -> String {
    const MODES: &[(&str, &str, &str)] = &[
        ("half-up", "half up", "반올림"),
        ("half-even", "half to even", "짝수 반올림"),
        ("half-down", "half down", "오사육입"),
        ("down", "down", "버림"),
        ("up", "up", "올림"),
        ("floor", "to the lower", "내림"),
        ("ceiling", "to the higher", "높은 쪽 올림"),
    ];
    let (mode, scale) = text.split_once(':').unwrap_or((text, ""));
    let Some((_, en, ko)) = MODES.iter().find(|(word, ..)| *word == mode) else {
        return text.to_owned();
    };
    match (language, scale) {
        (Language::En, "0") => format!("rounded {en} to whole units"),
        (Language::En, "1") => format!("rounded {en} to 1 decimal"),
        (Language::En, scale) => match scale.strip_prefix('-') {
            Some(tens) => format!("rounded {en} to 10^{tens}"),
            None => format!("rounded {en} to {scale} decimals"),
        },
        (Language::Ko, "0") => format!("정수 단위 {ko}"),
        (Language::Ko, scale) => match scale.strip_prefix('-') {
            Some(tens) => format!("10^{tens} 단위 {ko}"),
            None => format!("소수 {scale}자리 {ko}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_sentences() {
        for (name, value, en, ko) in [
            ("limit", "10000.5", "limit 10,000.50", "한도 10,000.50"),
            ("upto", "<= 5000", "band ≤ 5,000", "구간 ≤ 5,000"),
            ("round", "half-up:2", "rounded half up to 2 decimals", "소수 2자리 반올림"),
            ("round", "down:0", "rounded down to whole units", "정수 단위 버림"),
            ("round", "floor:-3", "rounded to the lower to 10^3", "10^3 단위 내림"),
            ("of", "gross refunds", "= gross refunds", "= gross refunds"),
            ("of", "31", "of 31", "총 31"),
            ("of.2", "7", "of 2 7", "총 2 7"),
            ("method", "included", "method included", "방식 포함"),
            ("release", "2026-04-09", "released on 2026-04-09", "해제일 2026-04-09"),
            ("low-water", "12000", "Low water: 12,000", "Low water: 12,000"),
        ] {
            let asset = Asset { code: "EUR".to_owned(), scale: 4 };
            assert_eq!(note(name, value, &asset, Language::En), en);
            assert_eq!(note(name, value, &asset, Language::Ko), ko);
        }
    }

    #[test]
    fn every_note_has_korean_words() {
        let korean = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
        for (name, en, ko) in NOTES.iter().chain(VALUES) {
            assert!(en.is_ascii() && (korean(ko) || *name == "sha256"), "{name}");
        }
    }

    #[test]
    fn every_rounding_has_words() {
        for (_, word) in settle::words::ROUNDINGS {
            let text = format!("{word}:2");
            assert_ne!(rounding(&text, Language::Ko), text);
        }
    }
}
