//! What follows the lines: balances, corrections, exchange rates, notes, how to verify.

use super::flow::{Flow, LEFT, PAGE_HEIGHT, QUIET, RIGHT, RULE, Style};
use super::page_of;
use super::table::{Cell, Line, Table};
use crate::document::Document;
use crate::figure;
use crate::words::{Word, pick};
use settle::ledger::Decimal;
use std::collections::BTreeSet;

/// Prints everything after the lines, and then heads and feet of all pages.
pub(crate) fn print(
    flow: &mut Flow,
    document: &Document,
    omitted: usize,
    unprintable: &BTreeSet<char>,
) {
    balances(flow, document);
    corrections(flow, document);
    quotes(flow, document);
    notes(flow, document, omitted, unprintable);
    verification(flow, document);
    edges(flow, document);
}

fn list(flow: &mut Flow, document: &Document, title: Word, header: &[Word], lines: &[Line]) {
    if lines.is_empty() {
        return;
    }
    let header: Vec<&str> = header.iter().map(|word| word.of(document.language)).collect();
    flow.heading(title.of(document.language), 40_000);
    let mut table = Table::fit(flow, &header, lines, 76_000);
    table.print(flow, lines);
}

/// The difference as a cell; empty where it needs more digits than there are.
fn difference(now: Decimal, was: Decimal, scale: u8) -> Cell {
    let difference = now.checked_sub(was).ok();
    difference.map_or(Cell::Empty, |amount| Cell::Figure(figure::amount(amount, scale)))
}

fn balances(flow: &mut Flow, document: &Document) {
    let scale = figure::decimals(&document.asset);
    let line = |balance: &crate::document::Balance| {
        Line::plain(vec![
            Cell::Text(balance.title.clone()),
            Cell::Figure(figure::amount(balance.opening, scale)),
            difference(balance.closing, balance.opening, scale),
            Cell::Figure(figure::amount(balance.closing, scale)),
        ])
    };
    let lines: Vec<Line> = document.balances.iter().map(line).collect();
    let header = [Word::Balance, Word::OpeningBalance, Word::Change, Word::ClosingBalance];
    list(flow, document, Word::Balances, &header, &lines);
}

fn corrections(flow: &mut Flow, document: &Document) {
    let scale = figure::decimals(&document.asset);
    let line = |correction: &crate::document::Correction| {
        let line = Line::plain(vec![
            Cell::Text(correction.title.clone()),
            Cell::Figure(figure::amount(correction.was, scale)),
            Cell::Figure(figure::amount(correction.now, scale)),
            difference(correction.now, correction.was, scale),
        ]);
        Line { under: correction.of.clone(), ..line }
    };
    let lines: Vec<Line> = document.corrections.iter().map(line).collect();
    let header = [Word::Corrects, Word::Was, Word::Now, Word::Difference];
    list(flow, document, Word::Corrections, &header, &lines);
}

fn quotes(flow: &mut Flow, document: &Document) {
    let line = |quote: &crate::document::Quote| {
        Line::plain(vec![
            Cell::Text(format!("1 {} = {}", quote.base, quote.quote)),
            Cell::Text(quote.source.clone()),
            Cell::Text(quote.on.clone()),
            Cell::Figure(figure::plain(quote.rate)),
        ])
    };
    let lines: Vec<Line> = document.quotes.iter().map(line).collect();
    let header = [Word::Pair, Word::Source, Word::Day, Word::Rate];
    list(flow, document, Word::Quotes, &header, &lines);
}

fn notes(flow: &mut Flow, document: &Document, omitted: usize, unprintable: &BTreeSet<char>) {
    let mut notes = document.notes.clone();
    if omitted > 0 {
        let en = format!(
            "Lines of zero that change nothing and are not printed here: {omitted}. \
             The XLSX and JSON forms have all lines."
        );
        let ko = format!(
            "금액이 0이고 결과에 영향이 없어 생략한 행: {omitted}개. \
             XLSX와 JSON에는 모든 행이 있습니다."
        );
        notes.push(pick(document.language, &en, &ko).to_owned());
    }
    if !unprintable.is_empty() {
        let codes = unprintable.iter().take(40).map(|char| format!("U+{:04X}", u32::from(*char)));
        let codes: Vec<String> = codes.collect();
        let word = Word::Unprintable.of(document.language);
        notes.push(format!("{word} {}", codes.join(" ")));
    }
    if notes.is_empty() {
        return;
    }
    flow.heading(Word::Notes.of(document.language), 14_000);
    notes.iter().for_each(|note| flow.paragraph(Style::regular(8_200), note));
}

fn verification(flow: &mut Flow, document: &Document) {
    let language = document.language;
    flow.heading(Word::Verification.of(language), 60_000);
    flow.paragraph(Style::regular(7_600).colored(QUIET), Word::BodyHash.of(language));
    flow.paragraph(Style::regular(8_600), &document.body_hash);
    flow.y += 2_000;
    flow.paragraph(Style::regular(7_600).colored(QUIET), Word::HowToCheck.of(language));
}

/// The head of every page but the first, and the foot of every page.
fn edges(flow: &mut Flow, document: &Document) {
    let style = Style::regular(7_400).colored(QUIET);
    let pages = flow.pages.len();
    let half = (RIGHT - LEFT) / 2 - 6_000;
    let cut = |flow: &Flow, text: &str, width| {
        flow.fonts.wrap(text, (style.size, style.weight), width, 1).swap_remove(0)
    };
    let whole = std::mem::take(&mut flow.pages);
    for (at, page) in whole.into_iter().enumerate() {
        flow.pages.push(page);
        if at > 0 {
            let statement = Word::Statement.of(document.language);
            let left = format!("{}  ·  {statement}", document.agreement.shown());
            let left = cut(flow, &left, half + 60_000);
            flow.text((LEFT, 52_000), style, &left, None);
            let right = cut(flow, &document.id, half - 60_000);
            flow.text_to((RIGHT, 52_000), style, &right, None);
            flow.fill((LEFT, 58_000), (RIGHT - LEFT, 400), RULE);
        }
        let base = PAGE_HEIGHT - 36_000;
        flow.fill((LEFT, base - 13_000), (RIGHT - LEFT, 400), RULE);
        let hash: String = document.body_hash.chars().take(16).collect();
        let left = format!("{}  ·  {}  ·  SHA-256 {hash}…", document.issuer.shown(), document.id);
        let left = cut(flow, &left, RIGHT - LEFT - 90_000);
        flow.text((LEFT, base), style, &left, None);
        flow.text_to((RIGHT, base), style, &page_of(document, at + 1, pages), None);
    }
}
