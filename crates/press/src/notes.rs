//! What lines say beside their figures, in a few words.

use crate::document::Language;
use crate::figure;
use crate::words::pick;
use settle::Line;

/// The notes of a line.
pub(crate) fn of(line: &Line, language: Language) -> Vec<String> {
    line.notes.iter().map(|(name, value)| note(name, value, language)).collect()
}

fn note(name: &str, value: &str, language: Language) -> String {
    let figure = figure::noted(value);
    let say = |en: String, ko: String| pick(language, &en, &ko).to_owned();
    match name {
        "limit" => say(format!("limit {figure}"), format!("한도 {figure}")),
        "band" => say(format!("band {figure}"), format!("구간 {figure}")),
        "upto" => {
            let bound = bound(value);
            say(format!("band {bound}"), format!("구간 {bound}"))
        }
        "by" => say(format!("chosen by {figure}"), format!("구간 기준 {figure}")),
        "of" => format!("= {value}"),
        "days" => say(format!("days {value}"), format!("기간 {value}")),
        "corrects" => say(format!("corrects {value}"), format!("정정 대상 {value}")),
        "was" => say(format!("was {figure}"), format!("정정 전 {figure}")),
        "now" => say(format!("is {figure}"), format!("정정 후 {figure}")),
        "round" => rounding(value, language),
        name => match name.strip_prefix("dim.") {
            Some(dim) => format!("{dim}: {value}"),
            None => format!("{}: {figure}", spoken(name)),
        },
    }
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
            ("limit", "10000.5", "limit 10,000.5", "한도 10,000.5"),
            ("upto", "<= 5000", "band ≤ 5,000", "구간 ≤ 5,000"),
            ("round", "half-up:2", "rounded half up to 2 decimals", "소수 2자리 반올림"),
            ("round", "down:0", "rounded down to whole units", "정수 단위 버림"),
            ("round", "floor:-3", "rounded to the lower to 10^3", "10^3 단위 내림"),
            ("dim.provider", "studio-0", "provider: studio-0", "provider: studio-0"),
            ("low-water", "12000", "Low water: 12,000", "Low water: 12,000"),
        ] {
            assert_eq!(note(name, value, Language::En), en);
            assert_eq!(note(name, value, Language::Ko), ko);
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
