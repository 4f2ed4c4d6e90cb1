//! `agreements/*.yaml`: effective-dated terms between two parties, one agreement a file.

mod terms;

pub use terms::StepsOf;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use ledger::time::{Bucket, Span};
use settle::{Agreement, CustomCalendar, Cycle, Measure, PeriodKind};

use super::Title;
use super::calendars::Calendars;
use super::due::{DueSpec, due_terms};
use super::invoice::InvoiceSpec;
use super::operator::{check_zone, find_zone};
use super::steps::StepSpec;
use super::trial::TrialSpec;
use crate::code;
use crate::compile::{Files, Scope};
use crate::diagnostic::{Place, Placed, Reporter};
use crate::names::Form;
use crate::read::Named;
use crate::scalar::{Exact, Moment};
use ledger::Rules;

crate::record! {
    /// An agreement between two parties: what is measured, what is owed, and when.
    pub struct AgreementFile {
        /// Its name.
        pub agreement: Placed<String>,
        /// What people read.
        pub title: Title = default,
        /// The party that pays when the result is above zero.
        pub from: Placed<String>,
        /// The party that is paid then.
        pub to: Placed<String>,
        /// What it is settled in.
        pub asset: Placed<String>,
        /// Zone whose midnights bound the periods; the book's own where nothing is said.
        pub zone: Option<Placed<String>> = default,
        /// How long its periods are.
        pub period: PeriodWord,
        /// The list of its periods in `calendars/`, where these are custom.
        pub calendar: Option<Placed<String>> = default,
        /// Balances that the first statement begins with, by the name of the step that keeps
        /// them: what the relation brought along from before.
        pub opening: Named<Placed<Exact>> = default,
        /// Whether periods are closed only under a version that both parties signed.
        pub countersigned: Option<Placed<Countersigned>> = default,
        /// How its statements are invoiced under Korean tax law; not where nothing is said.
        pub invoice: Option<Placed<InvoiceSpec>> = default,
        /// The versions of its terms.
        pub terms: Placed<Vec<TermsSpec>>,
        /// Tests of the terms; `saldo check` runs them.
        pub tests: Vec<TrialSpec> = default,
    }
}

crate::record! {
    /// One version of the terms.
    pub struct TermsSpec {
        /// From 1, rising with every change.
        pub version: Placed<u32>,
        /// When they begin to hold; always where nothing is said.
        pub holds_from: Option<Placed<Moment>> = default,
        /// The first moment at which they no longer hold; for good where nothing is said.
        pub holds_until: Option<Placed<Moment>> = default,
        /// When what is payable falls due.
        pub due: Option<Placed<DueSpec>> = default,
        /// What is done, in order.
        pub steps: Placed<Vec<Placed<StepSpec>>>,
    }
}

crate::choice! {
    /// Whether a version needs the signatures of both parties.
    pub enum Countersigned {
        /// A close is blocked until both have signed the version in force.
        Required = "required",
        /// Both may sign; closes do not wait for it.
        Optional = "optional",
    }
}

crate::choice! {
    /// How long periods are.
    pub enum PeriodWord {
        /// One day.
        Day = "day",
        /// Monday to Sunday.
        Week = "week",
        /// The 1st to the 15th, and the rest of the month.
        HalfMonth = "half-month",
        /// A calendar month.
        Month = "month",
        /// Three months.
        Quarter = "quarter",
        /// Six months.
        HalfYear = "half-year",
        /// A calendar year.
        Year = "year",
        /// As a list in `calendars/` says.
        Custom = "custom",
    }
}

impl From<PeriodWord> for PeriodKind {
    fn from(word: PeriodWord) -> Self {
        match word {
            PeriodWord::Day => Self::Day,
            PeriodWord::Week => Self::Week,
            PeriodWord::HalfMonth => Self::HalfMonth,
            PeriodWord::Month => Self::Month,
            PeriodWord::Quarter => Self::Quarter,
            PeriodWord::HalfYear => Self::HalfYear,
            PeriodWord::Year => Self::Year,
            PeriodWord::Custom => Self::Custom,
        }
    }
}

/// What agreements are checked against.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The declared names.
    pub scope: &'a Scope,
    /// Assets, dimensions and parties.
    pub rules: &'a Rules,
    /// The files of the book, for the plug-ins among them.
    pub files: &'a Files,
    /// The party above each party.
    pub parents: &'a BTreeMap<String, String>,
    /// Sound measures.
    pub measures: &'a [Measure],
    /// Holiday sets and lists of custom periods.
    pub calendars: &'a Calendars,
    /// IANA name of the book's zone.
    pub zone: &'a str,
}

/// Checks one file: an agreement for each version of the terms.
pub fn compile(
    file: &AgreementFile,
    around: Around<'_>,
    reporter: &mut Reporter<'_>,
) -> Vec<Agreement> {
    Form::Word.check("an agreement", &file.agreement, reporter);
    check_parties(file, around.scope, reporter);
    around.scope.assets.check(&file.asset, reporter);
    let zone_name = file.zone.as_ref().map_or(around.zone, |zone| zone.value.as_str());
    let zone = match &file.zone {
        Some(zone) => check_zone(zone, reporter),
        None => find_zone(around.zone),
    };
    // Reported already where there is none; the dates are compared all the same.
    let zone = zone.unwrap_or(TimeZone::UTC);
    if file.terms.value.is_empty() {
        reporter.error(code::EMPTY, file.terms.place, "the agreement has no terms", "");
    }
    let opening: BTreeMap<String, ledger::Decimal> =
        file.opening.sound().map(|(name, amount)| (name.value.clone(), amount.value.0)).collect();
    let asset = around.rules.assets.iter().find(|asset| asset.code == file.asset.value);
    let custom = custom(file, around, reporter);
    let cycle = Cycle { kind: file.period.into(), custom };
    let mut spans = Vec::new();
    let mut agreements = Vec::new();
    for terms in &file.terms.value {
        let effective = effective(terms, &zone, reporter);
        check_bounds(cycle, terms, effective, zone_name, reporter);
        check_version(terms, effective, &spans, reporter);
        spans.push((terms.version.value, effective));
        let due = terms.due.as_ref();
        let due = due.and_then(|due| due_terms(due, around.calendars, around.scope, reporter));
        let steps = StepsOf::new(around, asset, reporter).compile(&terms.steps);
        let Some(asset) = asset else { continue };
        agreements.push(Agreement {
            name: file.agreement.value.clone(),
            version: terms.version.value,
            title: (&file.title).into(),
            from: file.from.value.clone(),
            to: file.to.value.clone(),
            asset: asset.clone(),
            zone: zone_name.to_owned(),
            period: file.period.into(),
            effective,
            steps,
            opening: opening.clone(),
            due,
            custom: custom.cloned(),
        });
    }
    agreements
}

/// The list of custom periods, which goes with `period: custom` and with nothing else.
fn custom<'a>(
    file: &AgreementFile,
    around: Around<'a>,
    reporter: &mut Reporter<'_>,
) -> Option<&'a CustomCalendar> {
    let is_custom = file.period == PeriodWord::Custom;
    match &file.calendar {
        Some(name) if is_custom => {
            around.scope.periods.check(name, reporter);
            around.calendars.periods(&name.value)
        }
        None if !is_custom => None,
        given => {
            let place = given.as_ref().map_or(file.agreement.place, |name| name.place);
            let code = code::PERIOD_CALENDAR;
            reporter.error(code, place, code.title, code.hint);
            None
        }
    }
}

fn check_parties(file: &AgreementFile, scope: &Scope, reporter: &mut Reporter<'_>) {
    scope.parties.check(&file.from, reporter);
    scope.parties.check(&file.to, reporter);
    if file.from.value == file.to.value {
        let code = code::SAME_PARTY;
        reporter.error(code, file.to.place, code.title, code.hint);
    }
}

fn effective(terms: &TermsSpec, zone: &TimeZone, reporter: &mut Reporter<'_>) -> Span {
    let mut nanos = |moment: &Option<Placed<Moment>>, otherwise: i64| {
        let Some(moment) = moment else { return otherwise };
        let Some(nanos) = moment.value.nanos(zone) else {
            let message = "the time is before 1678 or after 2262";
            reporter.error(code::NOT_A_TIME, moment.place, message, "");
            return otherwise;
        };
        if !Bucket::is_boundary(nanos) {
            let message = "terms can begin and end only on a quarter of an hour UTC";
            let hint = code::NOT_A_BUCKET.hint;
            reporter.error(code::NOT_A_BUCKET, moment.place, message, hint);
        }
        nanos
    };
    let start = nanos(&terms.holds_from, i64::MIN);
    let end = nanos(&terms.holds_until, i64::MAX);
    if start >= end {
        let place = terms.holds_until.as_ref().map_or(Place::START, |until| until.place);
        let code = code::EFFECTIVE_ORDER;
        reporter.error(code, place, code.title, code.cause);
    }
    Span { start, end }
}

/// Reports what settlement itself refuses: a net under the checks that know places.
pub fn refused(file: &AgreementFile, agreements: &[Agreement], reporter: &mut Reporter<'_>) {
    for terms in &file.terms.value {
        let is_it = |agreement: &&Agreement| {
            agreement.name == file.agreement.value && agreement.version == terms.version.value
        };
        for mistake in agreements.iter().filter(is_it).flat_map(Agreement::check) {
            let message = format!("{mistake} ({})", mistake.code());
            let hint = code::REFUSED_TERMS.hint;
            reporter.error(code::REFUSED_TERMS, terms.steps.place, message, hint);
        }
    }
}

/// Terms that change inside a period leave that period without a version.
fn check_bounds(
    cycle: Cycle<'_>,
    terms: &TermsSpec,
    effective: Span,
    zone: &str,
    reporter: &mut Reporter<'_>,
) {
    let ends = [(&terms.holds_from, effective.start), (&terms.holds_until, effective.end)];
    for (moment, nanos) in ends {
        let Some(moment) = moment.as_ref().filter(|_| Bucket::is_boundary(nanos)) else { continue };
        let period = cycle.containing(nanos, zone);
        let span = period.and_then(|period| Ok((period, cycle.span(period, zone)?)));
        if let Ok((period, span)) = span
            && span.start != nanos
        {
            let message = format!("the terms change inside the period {period}");
            let hint = code::INSIDE_PERIOD.cause;
            reporter.warning(code::INSIDE_PERIOD, moment.place, message, hint);
        }
    }
}

fn check_version(
    terms: &TermsSpec,
    effective: Span,
    before: &[(u32, Span)],
    reporter: &mut Reporter<'_>,
) {
    let version = &terms.version;
    if version.value == 0 || before.iter().any(|(other, _)| *other >= version.value) {
        let message = "versions count from 1 and rise";
        reporter.error(code::DUPLICATE_NAME, version.place, message, "");
    }
    let overlaps = |span: &Span| span.start < effective.end && effective.start < span.end;
    if let Some((other, _)) = before.iter().find(|(_, span)| overlaps(span)) {
        let place = terms.holds_from.as_ref().map_or(version.place, |from| from.place);
        let message = format!("version {other} still holds when version {} begins", version.value);
        let hint = format!("end version {other} with `holds_until`");
        reporter.error(code::OVERLAPPING_TERMS, place, message, hint);
    }
}
