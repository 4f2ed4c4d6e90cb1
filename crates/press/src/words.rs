//! The words that are printed, in both languages, from one list.

use crate::document::{Language, Section};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $en:literal, $ko:literal;)*) => {
        /// A word or a phrase of the layout.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Word { $($(#[$doc])* $name,)* }

        impl Word {
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in a language.
            pub(crate) fn of(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::En) => $en, (Self::$name, Language::Ko) => $ko,)*
                }
            }
        }
    };
}

words! {
    Statement = "Statement", "정산서";
    Draft = "DRAFT", "초안";
    DraftRemark = "Draft: the period is not closed, and these figures can still change.",
        "초안: 정산 기간이 마감되지 않았으며 금액이 바뀔 수 있습니다.";
    Closed = "Closed", "마감";
    Status = "Status", "상태";
    Payer = "Payer", "지급처";
    Payee = "Payee", "수취처";
    Agreement = "Agreement", "계약";
    Version = "version", "버전";
    Period = "Period", "정산 기간";
    StatementId = "Statement no.", "정산서 번호";
    Previous = "Continues", "이전 정산서";
    Currency = "Currency", "통화";
    Payable = "Payable", "지급액";
    NothingPayable = "Nothing is payable", "지급할 금액 없음";
    Due = "Due", "지급 기일";
    DueInParts = "Due in parts", "분할 지급 기일";
    Description = "Description", "내용";
    Quantity = "Quantity", "수량";
    Base = "Basis", "기준액";
    Rate = "Rate", "요율";
    Detail = "Detail", "내역";
    Amount = "Amount", "금액";
    Running = "Running", "누계";
    Basis = "Basis of settlement", "정산 기준";
    Settlement = "Settlement", "정산 내역";
    BasisTotal = "Basis", "정산 기준액";
    Subtotal = "Subtotal", "소계";
    CarriedForward = "Carried forward", "다음 쪽으로 이월";
    BroughtForward = "Brought forward", "앞쪽에서 이월";
    Balances = "Balances", "잔액";
    Balance = "Balance", "잔액 항목";
    OpeningBalance = "Opening", "기초";
    Change = "Change", "증감";
    ClosingBalance = "Closing", "기말";
    Corrections = "Corrections of earlier statements", "이전 정산서의 정정";
    CorrectionsShort = "Corrections", "정정";
    Corrects = "Corrects", "정정 대상";
    Was = "Was", "정정 전";
    Now = "Is", "정정 후";
    Difference = "Difference", "차액";
    Quotes = "Exchange rates", "적용 환율";
    Source = "Source", "출처";
    Day = "Day", "일자";
    Pair = "Currencies", "통화쌍";
    Measures = "Measures", "지표";
    Measure = "Measure", "지표";
    MeasureName = "Name in the book", "장부 규칙의 이름";
    ReadBy = "Read by line", "사용한 행";
    Value = "Value", "값";
    Postings = "Postings", "분개 수";
    Notes = "Notes", "비고";
    Verification = "Verification", "검증";
    BodyHash = "SHA-256 of the statement's body", "정산서 본문 SHA-256";
    HowToCheck = "This page is a view of the statement's body, which anyone can check without us: \
                  ask for the proof file of this statement and run `saldo proof check FILE --key \
                  KEY`. It recomputes every line from the rule and the measures, and its body must \
                  have the hash above.",
        "이 문서는 정산서 본문을 보기 쉽게 옮긴 것이며, 누구나 독립적으로 검증할 수 있습니다. \
         이 정산서의 증명 파일을 받아 `saldo proof check FILE --key KEY`를 실행하면 계약 규칙과 \
         지표로 모든 행을 다시 계산합니다. 본문의 해시는 위의 값과 같아야 합니다.";
    Unprintable = "Characters that could not be printed and are shown as a crossed box:",
        "표시할 수 없어 X 상자로 나타낸 문자:";
    Line = "Line", "행";
    Section = "Section", "구분";
    Kind = "Kind", "종류";
    Type = "Type", "유형";
    Subtype = "Subtype", "세부 유형";
    Effect = "Effect", "반영";
    AsText = "Written as text: the figure has more than 15 digits, and a spreadsheet would round \
              it.",
        "15자리를 넘어 스프레드시트가 반올림하므로 문자로 적었습니다.";
    NoBalances = "No balance is kept from period to period.", "이월되는 잔액이 없습니다.";
    NoCorrections = "No earlier statement is corrected.", "이전 정산서의 정정이 없습니다.";
    NoMeasures = "No measure is read.", "사용한 지표가 없습니다.";
}

/// What a section is called.
pub(crate) fn section(section: Section, language: Language) -> &'static str {
    let (en, ko) = match section {
        Section::Opening => ("Brought forward", "전기 이월"),
        Section::Earned => ("Earned", "발생액"),
        Section::Deductions => ("Deductions", "공제"),
        Section::Tax => ("Tax", "세액"),
        Section::Reserve => ("Reserve", "유보금"),
        Section::Carry => ("Carried to the next period", "차기 이월"),
        Section::Exchange => ("Exchange", "환산"),
        Section::Corrections => ("Corrections", "정정"),
        Section::Payable => ("Payable", "지급액"),
    };
    pick(language, en, ko)
}

/// What a kind of line is called, by the word that statement bodies use for it.
pub(crate) fn kind(word: &str, language: Language) -> Option<&'static str> {
    let (_, en, ko) = KINDS.iter().find(|(kind, ..)| *kind == word)?;
    Some(pick(language, en, ko))
}

const KINDS: &[(&str, &str, &str)] = &[
    ("select", "Scope", "대상"),
    ("sum", "Measure", "지표"),
    ("deduct", "Deduction", "공제"),
    ("excess", "Not deducted", "미공제액"),
    ("floor", "Raised to zero", "0 미만 보전"),
    ("result", "Remaining", "차감 후 금액"),
    ("band", "Band", "구간"),
    ("tier", "Tiered share", "구간별 배분"),
    ("share", "Share", "배분"),
    ("top-up", "Top-up to the minimum", "최소 보장 보전액"),
    ("forgone", "Above the cap", "상한 초과액"),
    ("round", "Rounding", "단수 조정"),
    ("brought-forward", "Brought forward", "전기 이월"),
    ("carried-forward", "Carried forward", "차기 이월"),
    ("fixed", "Fixed amount", "정액"),
    ("item", "Per item", "건별"),
    ("group", "Group", "그룹"),
    ("part", "Part", "분할"),
    ("level", "Level", "단계"),
    ("quarantine", "Set apart", "보류 손실"),
    ("hold", "Held in reserve", "유보"),
    ("release", "Released from reserve", "유보 해제"),
    ("bought", "Credit bought", "크레딧 구매"),
    ("drawn", "Credit drawn", "크레딧 사용"),
    ("credit", "Credit", "크레딧"),
    ("recouped", "Recouped", "선급금 회수"),
    ("contribution", "Contribution", "적립"),
    ("repaid", "Paid back", "환급"),
    ("free-rounds", "Free rounds", "무료 라운드"),
    ("exchange", "Exchange", "환산"),
    ("tax", "Tax", "세액"),
    ("withholding", "Withholding tax", "원천징수세액"),
    ("held-back", "Below the threshold", "최저 지급액 미달"),
    ("total", "Total", "합계"),
    ("plugin", "Plug-in", "플러그인"),
    ("correction", "Correction", "정정"),
    ("net", "Netting", "상계"),
];

/// What a part of a step is called, by the word that statement bodies use for it.
pub(crate) fn part(word: &str, language: Language) -> Option<&'static str> {
    let (_, en, ko) = PARTS.iter().find(|(part, ..)| *part == word)?;
    Some(pick(language, en, ko))
}

const PARTS: &[(&str, &str, &str)] = &[
    ("all", "all", "전체"),
    ("apart", "set apart", "보류"),
    ("bought", "bought", "구매"),
    ("brought", "brought forward", "전기 이월"),
    ("carried", "carried forward", "차기 이월"),
    ("chargebacks", "chargebacks", "지불 거절"),
    ("closing", "closing balance", "기말 잔액"),
    ("contribution", "contribution", "적립"),
    ("current", "this period", "당기"),
    ("days-left", "days left", "잔여 일수"),
    ("difference", "difference", "차액"),
    ("drawn", "drawn", "사용"),
    ("earlier", "of earlier periods", "전기분"),
    ("excess", "not deducted", "미공제액"),
    ("floor", "raised to zero", "0 미만 보전"),
    ("held", "held until", "유보 만기"),
    ("lot", "lot", "구매분"),
    ("lowest", "lowest balance", "최저 잔액"),
    ("opening", "opening balance", "기초 잔액"),
    ("overdrawn", "overdrawn", "초과 사용"),
    ("previous", "before", "이전"),
    ("released", "released", "해제"),
    ("repaid", "paid back", "환급"),
    ("residue", "remainder", "잔여"),
    ("supply", "supply", "공급가액"),
    ("unrecouped", "not recouped", "미회수액"),
    ("used", "used", "충당"),
    ("worked-off", "worked off", "상계"),
];

/// What a dimension that every event has is called.
pub(crate) fn dim(name: &str, language: Language) -> Option<&'static str> {
    match name {
        "kind" => Some(pick(language, "Kind", "거래 종류")),
        "source" => Some(pick(language, "Source", "소스")),
        "day" => Some(pick(language, "Day", "일자")),
        "event" => Some(pick(language, "Event", "거래")),
        _ => None,
    }
}

/// One of two texts.
pub(crate) fn pick<'t>(language: Language, en: &'t str, ko: &'t str) -> &'t str {
    match language {
        Language::En => en,
        Language::Ko => ko,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_in_both_languages() {
        let korean = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
        for word in Word::ALL {
            assert!(word.of(Language::En).is_ascii(), "{word:?} in English");
            assert!(korean(word.of(Language::Ko)), "{word:?} in Korean");
        }
        for (kind, en, ko) in KINDS.iter().chain(PARTS) {
            assert!(en.is_ascii() && korean(ko), "{kind}");
        }
    }

    #[test]
    fn every_kind_of_line_has_words() {
        for kind in settle::LineKind::ALL {
            assert!(super::kind(kind.word(), Language::Ko).is_some(), "{kind:?}");
        }
    }
}
