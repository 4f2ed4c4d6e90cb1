//! The check of a statement's file, part by part. A part that cannot be read is found once, and
//! what depends on it is left out.

use std::collections::BTreeMap;

use ledger::Rules;
use ledger::time::Span;
use settle::{
    Agreement, Grain, Inputs, Left, Measure, Nothing, Period, Recorded, Scope, SettleError,
    Statement,
};

use super::compare::compare;
use super::report::chain;
use super::{
    AgreedFacts, MyEvent, Report, StatementFacts, StatementProof, agreed, manifest_text, notices,
    notices_hash,
};
use crate::commitment::{CONTROL_SOURCE, StatementCommitment, agreement_hash, leaf_data};
use crate::digest::sha256;
use crate::heads::Head;
use crate::note::{NoteError, SignedNote, VerifierKey};
use crate::placement::keys_of;
use crate::rules_bytes;
use crate::sums::sums_root;

/// The parts of a file, read.
pub(super) struct Parts {
    pub(super) commitment: StatementCommitment,
    agreement: Option<Agreement>,
    measures: Option<Vec<Measure>>,
    statement: Option<Statement>,
    pub(super) rules: Option<Rules>,
}

pub(super) fn check(
    file: &StatementProof,
    keys: &[VerifierKey],
    mine: Option<&mut dyn Iterator<Item = MyEvent>>,
) -> Report {
    let mut report = Report::default();
    let commitment = match StatementCommitment::decode(&file.commitment) {
        Ok(commitment) => commitment,
        Err(error) => {
            report.error(error.code(), error.to_string());
            return report;
        }
    };
    let signers = check_placement(file, &commitment, keys, &mut report);
    check_hashes(file, &commitment, &mut report);
    let parts = read_parts(file, commitment, &mut report);
    check_names(file, &parts, &mut report);
    check_manifest(file, &parts.commitment, keys, &mut report);
    notices::check(file, &parts.commitment, keys, &mut report);
    let agreed = agreed::check(file, &parts.commitment, keys, &mut report);
    report.facts = Some(facts(file, &parts, signers, agreed));
    if let (Some(agreement), Some(measures)) = (&parts.agreement, &parts.measures) {
        check_rating(file, &parts, (agreement, measures), &mut report);
        let span = Span { start: parts.commitment.start, end: parts.commitment.end };
        match Scope::new(agreement, measures, span) {
            Ok(scope) => {
                check_rows(file, &scope, &mut report);
                if let (Some(rules), Some(mine)) = (&parts.rules, mine) {
                    compare(file, (rules, &scope, &agreement.zone), mine, &mut report);
                }
            }
            Err(error) => report.error("E6076", error.to_string()),
        }
    }
    report
}

fn check_placement(
    file: &StatementProof,
    commitment: &StatementCommitment,
    keys: &[VerifierKey],
    report: &mut Report,
) -> Vec<String> {
    let mut data = Vec::new();
    leaf_data(&file.commitment, file.placement.blind).encode_into(&mut data);
    match file.placement.verify(&data, (&commitment.operator, CONTROL_SOURCE), keys) {
        Ok(placed) => placed.signers,
        Err(error) => {
            report.error(error.code(), chain(&error));
            Vec::new()
        }
    }
}

fn check_hashes(file: &StatementProof, commitment: &StatementCommitment, report: &mut Report) {
    for (code, part, found, committed) in [
        ("E6070", "body", sha256(&file.body), commitment.body_hash),
        (
            "E6071",
            "agreement with its measures",
            agreement_hash(&file.agreement, &file.measures),
            commitment.agreement_hash,
        ),
        ("E6072", "posting rules", sha256(&file.rules), commitment.rules_hash),
        ("E6073", "account sums", sums_root(&file.rows), commitment.sums_root),
    ] {
        if found != committed {
            report.error(code, format!("the hash of the {part} is not the committed {committed}"));
        }
    }
}

fn read_parts(
    file: &StatementProof,
    commitment: StatementCommitment,
    report: &mut Report,
) -> Parts {
    fn read<T>(report: &mut Report, result: Result<T, SettleError>) -> Option<T> {
        result.map_err(|error| report.error("E6076", error.to_string())).ok()
    }
    let measures = file.measures.iter().map(|bytes| Measure::decode(bytes)).collect();
    let rules = rules_bytes::decode(&file.rules);
    Parts {
        commitment,
        agreement: read(report, Agreement::decode(&file.agreement)),
        measures: read(report, measures),
        statement: read(report, Statement::parse(&file.body)),
        rules: rules.map_err(|error| report.error(error.code(), error.to_string())).ok(),
    }
}

/// Whether all parts speak of the same thing.
fn check_names(file: &StatementProof, parts: &Parts, report: &mut Report) {
    let commitment = &parts.commitment;
    let mut differs = |of: &str, what: &str, found: &dyn ToString, committed: &dyn ToString| {
        let (found, committed) = (found.to_string(), committed.to_string());
        if found != committed {
            let text = format!("the {what} of the {of} is {found:?}, committed is {committed:?}");
            report.error("E6074", text);
        }
    };
    if let Some(agreement) = &parts.agreement {
        differs("agreement", "name", &agreement.name, &commitment.agreement);
        differs("agreement", "version", &agreement.version, &commitment.version);
    }
    if let Some(statement) = &parts.statement {
        differs("body", "agreement", &statement.agreement, &commitment.agreement);
        differs("body", "version", &statement.version, &commitment.version);
        differs("body", "period", &statement.period, &commitment.period);
        differs("body", "start", &statement.span.start, &commitment.start);
        differs("body", "end", &statement.span.end, &commitment.end);
    }
    if let Some(rules) = &parts.rules {
        differs("posting rules", "operator", &rules.operator, &commitment.operator);
    }
    for source in file.events.sources() {
        let origin = crate::checkpoint::stream_origin(&commitment.operator, source);
        // The cut is in this order, or it would not have been read.
        let place = |head: &Head| head.origin.as_bytes().cmp(origin.as_bytes());
        if commitment.cut.binary_search_by(place).is_err() {
            report.error("E6074", format!("the list has events of {origin}, which was not cut"));
        }
    }
}

fn check_manifest(
    file: &StatementProof,
    commitment: &StatementCommitment,
    keys: &[VerifierKey],
    report: &mut Report,
) {
    let notices = file.notices.as_deref().map(notices_hash);
    let root = file.events.root();
    let text = manifest_text(&file.commitment, commitment, &root, notices.as_ref());
    let keys = keys_of(&commitment.operator, keys);
    let opened = || -> Result<bool, NoteError> {
        let note = SignedNote::parse(file.manifest.as_bytes())?;
        note.verify(&keys)?;
        Ok(note.text() == text)
    };
    match opened() {
        Ok(true) => {}
        Ok(false) => {
            let text = "the manifest is of another commitment, event list or list of notices";
            report.error("E6078", text);
        }
        Err(error) => report.error(error.code(), format!("the manifest: {error}")),
    }
}

/// Whether rating again gives the same bytes, and which line is the first that does not.
fn check_rating(
    file: &StatementProof,
    parts: &Parts,
    (agreement, measures): (&Agreement, &[Measure]),
    report: &mut Report,
) {
    let commitment = &parts.commitment;
    let span = Span { start: commitment.start, end: commitment.end };
    let rated = commitment.period.parse::<Period>().and_then(|period| {
        note_span(period, span, agreement, report);
        let left = parts.statement.as_ref().map(left_of).unwrap_or_default();
        let quotes = parts.statement.as_ref().map_or(&[][..], |stated| &stated.quotes);
        let outside = Recorded { quotes, plugins: &Nothing };
        let inputs = Inputs { measures, sums: &file.rows, left: &left, outside: &outside };
        settle::rate(agreement, period, span, &inputs)
    });
    match rated {
        Ok(rated) if rated.body() == file.body => {}
        Ok(rated) => {
            let text = parts.statement.as_ref().map(|stated| first_difference(&rated, stated));
            report.error("E6077", text.unwrap_or_else(|| "the body differs".to_owned()));
        }
        Err(error) => report.error("E6076", format!("{}: {error}", error.code())),
    }
}

/// What the statement says that earlier ones left; those are checked by their own files.
fn left_of(stated: &Statement) -> Left {
    Left {
        previous: stated.previous.clone(),
        balances: stated.opening.clone(),
        corrections: settle::correct::stated(stated),
    }
}

fn note_span(period: Period, span: Span, agreement: &Agreement, report: &mut Report) {
    if agreement.span(period).ok() != Some(span) {
        let zone = &agreement.zone;
        let text = format!("the committed bounds of {period} are not those that {zone} gives here");
        report.note("E6079", text);
    }
}

fn first_difference(rated: &Statement, stated: &Statement) -> String {
    for line in &rated.lines {
        match stated.line(&line.path) {
            Some(found) if found == line => {}
            Some(found) => {
                let (path, right, wrong) = (&line.path, line.amount, found.amount);
                return format!("line {path} follows with {right}, and is stated with {wrong}");
            }
            None => return format!("line {} is not stated", line.path),
        }
    }
    let extra = stated.lines.iter().find(|line| rated.line(&line.path).is_none());
    match extra {
        Some(line) => format!("line {} is stated and does not follow", line.path),
        None => format!("{} follows, {} is stated", rated.payable, stated.payable),
    }
}

/// Whether the rows are of accounts that the agreement reads, and no others.
fn check_rows(file: &StatementProof, scope: &Scope<'_>, report: &mut Report) {
    for row in file.rows.iter().filter(|row| !scope.reads(&row.path, &row.asset)) {
        let text = format!("no step of the agreement reads {} in {}", row.path, row.asset);
        report.error("E6075", text);
    }
    check_finer_rows(file, scope, report);
}

/// Whether the finer rows of an account add up to its plain row, where both are there.
fn check_finer_rows(file: &StatementProof, scope: &Scope<'_>, report: &mut Report) {
    let mut sums: BTreeMap<(String, &str, &Grain), ledger::Total> = BTreeMap::new();
    for row in &file.rows {
        let parts = || {
            let parts = scope.parts().iter();
            parts.filter(|part| part.asset == row.asset && part.matcher.matches(&row.path))
        };
        let grains = parts().map(|part| &scope.needs()[part.need].grain);
        let Some(grain) = grains.into_iter().find(|grain| !grain.by.is_empty()) else { continue };
        // Where only some values are read, the others are not among the rows.
        let selective = scope
            .parts()
            .iter()
            .any(|part| scope.needs()[part.need].grain == *grain && part.matcher.is_selective());
        if selective {
            continue;
        }
        let mut plain = settle::measure::account_of(&row.path).0.to_owned();
        Grain { by: Vec::new(), window: grain.window }.push(&mut plain, &[]);
        if sums.entry((plain, &row.asset, grain)).or_default().add(row.total).is_err() {
            report.error("E6075", format!("the finer sums of {} overflow", row.path));
        }
    }
    for ((path, asset, grain), sum) in sums {
        let plain = file.rows.iter().find(|row| row.path == path && row.asset == asset);
        if plain.is_some_and(|plain| plain.total != sum) {
            let by = grain.by.join(", ");
            let text = format!("the sums of {path} in {asset} by {by} do not add up to it");
            report.error("E6075", text);
        }
    }
}

fn facts(
    file: &StatementProof,
    parts: &Parts,
    signers: Vec<String>,
    agreed: Option<AgreedFacts>,
) -> StatementFacts {
    let commitment = &parts.commitment;
    let payable = parts.statement.as_ref().map(|statement| {
        let Statement { from, to, asset, payable, .. } = statement.clone();
        (from, to, asset, payable)
    });
    StatementFacts {
        operator: commitment.operator.clone(),
        agreement: commitment.agreement.clone(),
        version: commitment.version,
        period: commitment.period.clone(),
        start: commitment.start,
        end: commitment.end,
        payable,
        cut: commitment.cut.clone(),
        sequence: file.placement.sequence,
        tree_size: file.placement.tree_size,
        signers,
        agreed,
        rows: file.rows.len() as u64,
        events: file.events.count(),
    }
}
