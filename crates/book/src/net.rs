//! Netting across agreements: what is netted exists, has the same parties and asset, and is netted
//! once; which way it pays; and the measures of what its statements came to.

use crate::code;
use crate::compile::owed;
use crate::diagnostic::{Diagnostic, Placed, Reporter};
use crate::file::agreement::AgreementFile;
use crate::file::steps::StepSpec;
use crate::suggest;
use settle::effect::{PARTS, ROOT};
use settle::steps::measure_name;
use settle::{Agreement, Measure, Owed, Rule, Seg, Side, Sign, Term, Title};
use std::collections::{BTreeMap, BTreeSet};

/// Completes the `net` steps of all agreements and adds the measures that they read.
pub fn resolve(
    files: &[(&str, AgreementFile)],
    agreements: &mut [Agreement],
    (measures, own): (&mut Vec<Measure>, &BTreeSet<String>),
    found: &mut Vec<Diagnostic>,
) {
    let mut netted_by = BTreeMap::new();
    for (path, file) in files {
        let mut reporter = Reporter::new(path, found);
        for name in named(file) {
            check(file, name, files, &mut netted_by, &mut reporter);
            if measures.iter().any(|measure| measure.name == measure_name(&name.value)) {
                let message = format!(
                    "the measure of what `{}` comes to is named `{}`, and measures.yaml has one",
                    name.value,
                    measure_name(&name.value)
                );
                let hint = "give the measure in measures.yaml another name";
                reporter.error(code::DUPLICATE_NAME, name.place, message, hint);
            }
        }
    }
    let known: BTreeMap<String, (Owed, String)> = agreements
        .iter()
        .map(|agreement| (agreement.name.clone(), (owed(own, agreement), agreement.from.clone())))
        .collect();
    let mut read = BTreeMap::new();
    for agreement in agreements {
        let from = agreement.from.clone();
        for step in &mut agreement.steps {
            let Rule::Net(net) = &mut step.rule else { continue };
            for netted in &mut net.agreements {
                let Some((owed, payer)) = known.get(&netted.agreement) else { continue };
                netted.owed = *owed;
                netted.reversed = *payer != from;
                read.insert(netted.agreement.clone(), *owed);
            }
        }
    }
    measures.extend(read.into_iter().map(|(agreement, owed)| measure(&agreement, owed)));
    measures.sort_by(|a, b| a.name.cmp(&b.name));
}

/// The agreements that a file nets, each once, in the order named.
fn named(file: &AgreementFile) -> Vec<&Placed<String>> {
    let steps = file.terms.value.iter().flat_map(|terms| &terms.steps.value);
    let nets = steps.filter_map(|step| match &step.value {
        StepSpec::Net(spec) => Some(&spec.agreements.value),
        _ => None,
    });
    let mut once = BTreeSet::new();
    nets.flatten().filter(|name| once.insert(name.value.as_str())).collect()
}

fn check<'f>(
    file: &'f AgreementFile,
    name: &'f Placed<String>,
    files: &'f [(&str, AgreementFile)],
    netted_by: &mut BTreeMap<&'f str, &'f str>,
    reporter: &mut Reporter<'_>,
) {
    let mut others = files.iter().map(|(_, other)| other);
    let Some(other) = others.find(|other| other.agreement.value == name.value) else {
        let names = files.iter().map(|(_, other)| other.agreement.value.as_str());
        let message = format!("there is no agreement `{}`", name.value);
        let hint = suggest::hint(&name.value, names);
        return reporter.error(code::UNKNOWN_NAME, name.place, message, hint);
    };
    let mut wrong = |message: String| {
        reporter.error(code::NET_TERMS, name.place, message, code::NET_TERMS.hint);
    };
    let parties = |file: &'f AgreementFile| {
        BTreeSet::from([file.from.value.as_str(), file.to.value.as_str()])
    };
    if other.agreement.value == file.agreement.value {
        wrong("an agreement cannot net itself".to_owned());
    } else if !named(other).is_empty() {
        wrong(format!("`{}` nets agreements itself", name.value));
    }
    if parties(other) != parties(file) {
        let (from, to) = (&other.from.value, &other.to.value);
        wrong(format!("`{}` is between other parties: {from} and {to}", name.value));
    }
    if other.asset.value != file.asset.value {
        let (theirs, own) = (&other.asset.value, &file.asset.value);
        wrong(format!("`{}` is settled in {theirs}, and this in {own}", name.value));
    }
    if let Some(already) = netted_by.insert(&name.value, &file.agreement.value) {
        wrong(format!("`{}` is netted by `{already}` already", name.value));
    }
}

/// What the statements of an agreement came to: all that they moved against the running account,
/// which payments, holds and the netting itself do not change.
fn measure(agreement: &str, owed: Owed) -> Measure {
    let sign = match owed {
        Owed::Payable => Sign::Minus,
        Owed::Receivable => Sign::Plus,
    };
    let term = |part: &settle::effect::Part| {
        let segments = [ROOT, agreement, part.word()];
        let template = segments.map(|text| Seg::Literal(text.to_owned())).to_vec();
        Term { sign, template, side: Side::Net }
    };
    let title =
        Title { en: format!("Statements of {agreement}"), ko: format!("{agreement} 정산") };
    let terms = PARTS.iter().map(term).collect();
    Measure { name: measure_name(agreement), title, terms, cut: None }
}
