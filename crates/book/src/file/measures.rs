//! `measures.yaml`: named figures made from account totals or from other measures.

use std::collections::BTreeMap;

use ledger::rules::{Dimension, Kind, Segment, Template};
use settle::{Measure, Seg, Side, Sign, Term};

mod cut;

pub use cut::CutSpec;

use super::Title;
use crate::account::{self, Part};
use crate::code;
use crate::compile::Scope;
use crate::diagnostic::{Placed, Reporter};
use crate::names::{self, Form};
use crate::read::Named;
use crate::suggest;

crate::record! {
    /// Named figures: of account totals, or of other measures.
    pub struct MeasuresFile {
        /// Measures by name.
        pub measures: Named<MeasureSpec>,
    }
}

crate::record! {
    /// A measure: either `terms` or `formula`.
    pub struct MeasureSpec {
        /// Accounts that are added up or taken away.
        pub terms: Option<Placed<Vec<TermSpec>>> = default,
        /// Other measures with + and - between them: `stakes - wins`.
        pub formula: Option<Placed<String>> = default,
        /// When it counts, where not at the time of each posting.
        pub cut: Option<Placed<CutSpec>> = default,
        /// What people read.
        pub title: Title = default,
    }
}

crate::tagged! {
    /// Accounts whose totals count.
    pub enum TermSpec {
        /// Credits less debits, added: what the accounts have earned.
        Add(Placed<String>) = "add",
        /// Credits less debits, taken away: what the accounts have cost.
        Subtract(Placed<String>) = "subtract",
        /// Debits only, added.
        AddDebits(Placed<String>) = "add_debits",
        /// Debits only, taken away.
        SubtractDebits(Placed<String>) = "subtract_debits",
        /// Credits only, added.
        AddCredits(Placed<String>) = "add_credits",
        /// Credits only, taken away.
        SubtractCredits(Placed<String>) = "subtract_credits",
    }
}

impl TermSpec {
    fn parts(&self) -> (Sign, Side, &Placed<String>) {
        match self {
            Self::Add(account) => (Sign::Plus, Side::Net, account),
            Self::Subtract(account) => (Sign::Minus, Side::Net, account),
            Self::AddDebits(account) => (Sign::Plus, Side::Debit, account),
            Self::SubtractDebits(account) => (Sign::Minus, Side::Debit, account),
            Self::AddCredits(account) => (Sign::Plus, Side::Credit, account),
            Self::SubtractCredits(account) => (Sign::Minus, Side::Credit, account),
        }
    }
}

/// The accounts that events post to, when they are known.
pub struct Accounts<'a> {
    /// Templates of the kinds; `None` when kinds.yaml has mistakes.
    pub templates: Option<&'a [Template]>,
    /// Kinds of the book.
    pub kinds: &'a [Kind],
    /// Dimensions of the book.
    pub dims: &'a [Dimension],
}

/// Checks the file; the measures ascend by name, formulas resolved to terms.
pub fn compile(
    file: &MeasuresFile,
    accounts: &Accounts<'_>,
    scope: &Scope,
    reporter: &mut Reporter<'_>,
) -> Vec<Measure> {
    names::check_all(Form::Word, "a measure", &file.measures, reporter);
    let mut formulas = BTreeMap::new();
    let mut terms = BTreeMap::new();
    for (name, spec) in file.measures.sound() {
        match (&spec.terms, &spec.formula) {
            (Some(list), None) => {
                terms.insert(name.value.clone(), own_terms(list, accounts, scope, reporter));
            }
            (None, Some(text)) => {
                let formula = read_formula(text, scope, reporter);
                formulas.insert(name.value.clone(), (text, formula));
            }
            _ => {
                let message = format!("the measure `{}` needs `terms` or `formula`", name.value);
                let hint = code::MEASURE_FORM.cause;
                reporter.error(code::MEASURE_FORM, name.place, message, hint);
            }
        }
    }
    cut::no_parts(file, &formulas, reporter);
    resolve(formulas, &mut terms, reporter);
    let specs: BTreeMap<&str, &MeasureSpec> =
        file.measures.sound().map(|(name, spec)| (name.value.as_str(), spec)).collect();
    let mut measure = |(name, terms): (String, Vec<Term>)| {
        let spec = specs.get(name.as_str());
        let title = spec.map(|spec| (&spec.title).into()).unwrap_or_default();
        let cut = spec.and_then(|spec| spec.cut.as_ref());
        let cut = cut.and_then(|cut| cut::compile(cut, &terms, accounts, scope, reporter));
        Measure { name, title, terms, cut }
    };
    terms.into_iter().map(&mut measure).collect()
}

/// Reports what settlement itself refuses: a net under the checks that know places.
pub fn refused(file: &MeasuresFile, measures: &[Measure], reporter: &mut Reporter<'_>) {
    for measure in measures {
        let Err(mistake) = measure.check() else { continue };
        let mut names = file.measures.sound().map(|(name, _)| name);
        let Some(name) = names.find(|name| name.value == measure.name) else { continue };
        let message = format!("{mistake} ({})", mistake.code());
        reporter.error(code::REFUSED_TERMS, name.place, message, code::REFUSED_TERMS.hint);
    }
}

fn own_terms(
    list: &Placed<Vec<TermSpec>>,
    accounts: &Accounts<'_>,
    scope: &Scope,
    reporter: &mut Reporter<'_>,
) -> Vec<Term> {
    if list.value.is_empty() {
        reporter.error(code::EMPTY, list.place, "the measure has no terms", "");
    }
    check_length(list.value.len(), list.place, reporter);
    list.value.iter().filter_map(|term| own_term(term, accounts, scope, reporter)).collect()
}

fn check_length(terms: usize, place: crate::diagnostic::Place, reporter: &mut Reporter<'_>) {
    let terms_max = settle::limits::TERMS_MAX;
    if terms > terms_max {
        let message = format!("the measure has {terms} terms, and {terms_max} are the most");
        reporter.error(code::TOO_MANY, place, message, "");
    }
}

fn own_term(
    spec: &TermSpec,
    accounts: &Accounts<'_>,
    scope: &Scope,
    reporter: &mut Reporter<'_>,
) -> Option<Term> {
    let (sign, side, text) = spec.parts();
    let parts = account::parse(text, true, reporter)?;
    if account::is_settlement(&parts) {
        account::refuse_settlement(text, &parts, reporter);
        return None;
    }
    let mut named = Vec::new();
    for part in &parts {
        if let Part::Named(name) = part {
            named.push(Placed { value: name.clone(), place: text.place });
        }
    }
    names::no_repeats(&named, "dimension", reporter);
    named.retain(|name| !matches!(name.value.as_str(), "source" | "kind"));
    let known = named.iter().filter(|name| scope.dims.check(name, reporter)).count();
    if let Some(templates) = accounts.templates
        && known == named.len()
    {
        check_match(text, &parts, templates, accounts.dims, reporter);
    }
    let segment = |part: Part| match part {
        Part::Literal(text) => Seg::Literal(text),
        Part::Named(name) => Seg::Dim(name),
        Part::Any => Seg::Any,
    };
    Some(Term { sign, side, template: parts.into_iter().map(segment).collect() })
}

fn check_match(
    text: &Placed<String>,
    parts: &[Part],
    templates: &[Template],
    dims: &[Dimension],
    reporter: &mut Reporter<'_>,
) {
    let matches = |template: &Template| {
        let mut pairs = parts.iter().zip(&template.segments);
        parts.len() == template.segments.len() && pairs.all(|(part, to)| fits(part, to, dims))
    };
    if templates.iter().any(matches) {
        return;
    }
    let shown: Vec<String> = templates.iter().map(|template| show(template, dims)).collect();
    let message = format!("no kind posts to `{}`: the measure would always be zero", text.value);
    let hint = suggest::hint(&text.value, shown.iter().map(String::as_str));
    reporter.error(code::MEASURE_MATCHES_NOTHING, text.place, message, hint);
}

fn fits(part: &Part, segment: &Segment, dims: &[Dimension]) -> bool {
    match (part, segment) {
        (Part::Literal(a), Segment::Literal(b)) => a == b,
        (Part::Named(_), Segment::Literal(_)) => false,
        (Part::Named(name), other) => *name == segment_name(other, dims),
        (Part::Any | Part::Literal(_), _) => true,
    }
}

fn segment_name<'a>(segment: &'a Segment, dims: &'a [Dimension]) -> &'a str {
    match segment {
        Segment::Literal(text) => text,
        Segment::Dim(dim) => dims.get(usize::from(*dim)).map_or("", |dim| &dim.name),
        Segment::Source => "source",
        Segment::Kind => "kind",
    }
}

fn show(template: &Template, dims: &[Dimension]) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Literal(text) => text.clone(),
        other => format!("{{{}}}", segment_name(other, dims)),
    };
    template.segments.iter().map(part).collect::<Vec<_>>().join(":")
}

type Formula = Vec<(Sign, String)>;

fn read_formula(text: &Placed<String>, scope: &Scope, reporter: &mut Reporter<'_>) -> Formula {
    let mut formula = Vec::new();
    let mut sign = Some(Sign::Plus);
    for (at, word) in text.value.split_whitespace().enumerate() {
        sign = match (word, sign) {
            ("+", None) => Some(Sign::Plus),
            ("-", None) => Some(Sign::Minus),
            ("-", Some(_)) if at == 0 => Some(Sign::Minus),
            (name, Some(sign)) if ledger::name::is_word(name.as_bytes()) => {
                let name = Placed { value: name.to_owned(), place: text.place };
                scope.measures.check(&name, reporter);
                formula.push((sign, name.value));
                None
            }
            (other, _) => {
                let message = format!("`{other}` does not belong into a formula here");
                reporter.error(code::BAD_FORMULA, text.place, message, code::BAD_FORMULA.cause);
                return formula;
            }
        };
    }
    if sign.is_some() {
        let message = "the formula has no measure at its end";
        reporter.error(code::BAD_FORMULA, text.place, message, code::BAD_FORMULA.cause);
    }
    formula
}

/// Moves formulas into `terms` as soon as all they are made of is there; what is left over at the
/// end waits for itself, or for a measure with mistakes of its own.
fn resolve(
    mut formulas: BTreeMap<String, (&Placed<String>, Formula)>,
    terms: &mut BTreeMap<String, Vec<Term>>,
    reporter: &mut Reporter<'_>,
) {
    loop {
        let ready = formulas
            .iter()
            .find(|(_, (_, formula))| formula.iter().all(|(_, name)| terms.contains_key(name)));
        let Some(name) = ready.map(|(name, _)| name.clone()) else { break };
        let Some((text, formula)) = formulas.remove(&name) else { break };
        let total: usize = formula.iter().map(|(_, of)| terms.get(of).map_or(0, Vec::len)).sum();
        check_length(total, text.place, reporter);
        let parts = formula.iter().flat_map(|(sign, of)| {
            terms.get(of).into_iter().flatten().map(|term| signed(*sign, term))
        });
        let flat = parts.take(settle::limits::TERMS_MAX).collect();
        terms.insert(name, flat);
    }
    for (name, (text, _)) in &formulas {
        if reaches(name, name, &formulas) {
            let message = format!("the measure `{name}` is made of itself");
            let hint = code::MEASURE_CYCLE.hint;
            reporter.error(code::MEASURE_CYCLE, text.place, message, hint);
        }
    }
}

fn signed(sign: Sign, term: &Term) -> Term {
    let sign = if sign == term.sign { Sign::Plus } else { Sign::Minus };
    Term { sign, ..term.clone() }
}

fn reaches(from: &str, to: &str, formulas: &BTreeMap<String, (&Placed<String>, Formula)>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        let Some((_, formula)) = formulas.get(name) else { continue };
        for (_, next) in formula {
            if next == to {
                return true;
            }
            if seen.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    false
}
