//! The first page's head: who, what, when, and how much.

use super::flow::{ACCENT, ALERT, Flow, LEFT, QUIET, RIGHT, SHADE, Style};
use super::font::{Mp, Weight};
use super::tree::{Role, Tree};
use crate::document::{Document, Party, Status};
use crate::figure;
use crate::words::{Word, pick};
use settle::ledger::Decimal;

const MIDDLE: Mp = super::flow::PAGE_WIDTH / 2;
const COLUMN: Mp = MIDDLE - LEFT - 10_000;
/// Room for the names of facts.
const LABEL: Mp = 66_000;

/// Prints the head and the summary.
pub(crate) fn print(flow: &mut Flow, document: &Document) {
    title(flow, document);
    let top = flow.y;
    parties(flow, document);
    let left_end = flow.y;
    flow.y = top;
    facts(flow, document);
    flow.y = flow.y.max(left_end) + 12_000;
    summary(flow, document);
}

fn title(flow: &mut Flow, document: &Document) {
    let language = document.language;
    let letterhead = Style::bold(9_000).colored(QUIET);
    block(flow, (LEFT, RIGHT - LEFT), letterhead, document.issuer.shown(), 2);
    let node = flow.tree.add(Tree::ROOT, Role::Heading1);
    let style = Style::bold(22_000).colored(ACCENT);
    flow.y += 25_000;
    flow.text((LEFT, flow.y), style, Word::Statement.of(language), Some(node));
    if document.status == Status::Draft {
        let style = Style::bold(13_000).colored(ALERT);
        let node = flow.tree.add(Tree::ROOT, Role::Paragraph);
        flow.text_to((RIGHT, flow.y), style, Word::Draft.of(language), Some(node));
    }
    flow.y += 4_000;
    block(flow, (LEFT, RIGHT - LEFT), Style::regular(11_500), document.agreement.shown(), 2);
    if document.status == Status::Draft {
        let style = Style::regular(8_600).colored(ALERT);
        block(flow, (LEFT, RIGHT - LEFT), style, Word::DraftRemark.of(language), 2);
    }
    flow.y += 8_000;
    flow.fill((LEFT, flow.y), (RIGHT - LEFT, 1_200), ACCENT);
    flow.y += 8_000;
}

/// Writes text in a column as one paragraph.
fn block(flow: &mut Flow, (x, width): (Mp, Mp), style: Style, text: &str, lines: usize) {
    let node = flow.tree.add(Tree::ROOT, Role::Paragraph);
    for line in flow.fonts.wrap(text, (style.size, style.weight), width, lines) {
        flow.y += style.lead();
        flow.text((x, flow.y - style.size * 2 / 5 + 1_000), style, &line, Some(node));
    }
}

fn parties(flow: &mut Flow, document: &Document) {
    let (payer, payee) = sides(document);
    for (word, party) in [(Word::Payer, payer), (Word::Payee, payee)] {
        let label = Style::regular(7_400).colored(QUIET);
        block(flow, (LEFT, COLUMN), label, word.of(document.language), 1);
        block(flow, (LEFT, COLUMN), Style::bold(10_000), party.shown(), 3);
        if party.shown() != party.name && !party.name.is_empty() {
            block(flow, (LEFT, COLUMN), label, &party.name, 2);
        }
        flow.y += 5_000;
    }
}

/// Who pays and who is paid.
pub(crate) fn sides(document: &Document) -> (&Party, &Party) {
    if document.payable.is_negative() {
        (&document.to, &document.from)
    } else {
        (&document.from, &document.to)
    }
}

fn facts(flow: &mut Flow, document: &Document) {
    let language = document.language;
    let period = match &document.days {
        Some((first, last)) if first == last => first.clone(),
        Some((first, last)) => format!("{} ({first} – {last})", document.period),
        None => document.period.clone(),
    };
    let period = format!("{period} {}", document.zone).trim_end().to_owned();
    let version = Word::Version.of(language);
    let agreement = format!("{}, {version} {}", document.agreement.name, document.version);
    let status = match document.status {
        Status::Draft => Word::Draft,
        Status::Closed => Word::Closed,
    };
    let mut facts = vec![
        (Word::StatementId, document.id.clone()),
        (Word::Period, period),
        (Word::Agreement, agreement),
        (Word::Currency, document.asset.code.clone()),
        (Word::Status, status.of(language).to_owned()),
    ];
    if let Some(previous) = &document.previous {
        facts.push((Word::Previous, previous.clone()));
    }
    let label = Style::regular(7_600).colored(QUIET);
    let value = Style::regular(9_000);
    for (word, text) in facts {
        let node = flow.tree.add(Tree::ROOT, Role::Paragraph);
        flow.text((MIDDLE, flow.y + 10_000), label, word.of(language), Some(node));
        let lines = flow.fonts.wrap(&text, (value.size, value.weight), RIGHT - MIDDLE - LABEL, 3);
        for line in lines {
            flow.text((MIDDLE + LABEL, flow.y + 10_000), value, &line, Some(node));
            flow.y += value.lead();
        }
        flow.y += 3_000;
    }
}

/// The box that says what is to be done.
fn summary(flow: &mut Flow, document: &Document) {
    let language = document.language;
    let scale = figure::decimals(&document.asset);
    let absolute = absolute(document.payable);
    let (payer, payee) = sides(document);
    let (payer, payee) = (payer.shown(), payee.shown());
    let sentence = if document.payable.is_zero() {
        Word::NothingPayable.of(language).to_owned()
    } else {
        let en = format!("{payer} pays {payee}");
        let ko = format!("{payer} → {payee} 지급");
        pick(language, &en, &ko).to_owned()
    };
    let inner = RIGHT - LEFT - 24_000;
    let style = Style::regular(9_500);
    let sentence = flow.fonts.wrap(&sentence, (style.size, style.weight), inner, 3);
    let dues = dues(document);
    let lines = Mp::try_from(sentence.len() + dues.len()).unwrap_or(0);
    let height = 46_000 + lines * style.lead();
    let top = flow.y;
    flow.fill((LEFT, top), (RIGHT - LEFT, height), SHADE);
    flow.fill((LEFT, top), (3_000, height), ACCENT);
    let x = LEFT + 14_000;
    let label = Style::regular(8_000).colored(QUIET);
    let node = flow.tree.add(Tree::ROOT, Role::Paragraph);
    flow.text((x, top + 14_000), label, Word::Payable.of(language), Some(node));
    let figure = figure::amount(absolute, scale).text();
    let amount = format!("{} {figure}", document.asset.code);
    let mut size = 19_000;
    while size > 6_000 && flow.fonts.width(&amount, size, Weight::Bold) > inner {
        size -= 500;
    }
    let node = flow.tree.add(Tree::ROOT, Role::Paragraph);
    flow.text((x, top + 35_000), Style::bold(size).colored(ACCENT), &amount, Some(node));
    let mut base = top + 37_000;
    for text in sentence.iter().chain(&dues) {
        base += style.lead();
        let node = flow.tree.add(Tree::ROOT, Role::Paragraph);
        flow.text((x, base), style, text, Some(node));
    }
    flow.y = top + height;
}

fn dues(document: &Document) -> Vec<String> {
    let language = document.language;
    let scale = figure::decimals(&document.asset);
    match document.dues.as_slice() {
        [] => Vec::new(),
        [only] => vec![format!("{}: {}", Word::Due.of(language), only.on)],
        several => {
            let amount = |due: &crate::document::Due| {
                format!(
                    "{} {}",
                    document.asset.code,
                    figure::amount(absolute(due.amount), scale).text()
                )
            };
            let parts = several.iter().map(|due| format!("{}: {}", due.on, amount(due)));
            vec![format!(
                "{}  {}",
                Word::DueInParts.of(language),
                parts.collect::<Vec<_>>().join("  ·  ")
            )]
        }
    }
}

/// The amount without its sign: the sentence beside it says who pays.
fn absolute(amount: Decimal) -> Decimal {
    if amount.is_negative() { amount.checked_neg().unwrap_or(amount) } else { amount }
}
