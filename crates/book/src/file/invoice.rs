//! `invoice` of an agreement: that its statements are invoiced under Korean tax law, and how.

use super::Title;
use super::agreement::AgreementFile;
use super::parties::PartiesFile;
use crate::code;
use crate::compile::Scope;
use crate::diagnostic::{Diagnostic, Placed, Reporter};
use settle::invoice::{InvoiceKind, InvoiceTerms, Trader, is_business_number};
use std::collections::BTreeMap;

crate::record! {
    /// How the statements of an agreement are invoiced (세금계산서).
    pub struct InvoiceSpec {
        /// The party that supplies; it has a `registration` in parties.yaml.
        pub supplier: Placed<String>,
        /// The party that is supplied.
        pub buyer: Placed<String>,
        /// What the supply is to the tax; `regular` where nothing is said.
        pub kind: Option<InvoiceWord> = default,
        /// The line of the statement that states the supply; what is payable where none is named.
        pub line: Option<Placed<String>> = default,
        /// Whether that amount includes the tax.
        pub tax_included: bool = default,
        /// What was supplied, in the words of the document; the agreement's title where nothing is
        /// said.
        pub item: Title = default,
    }
}

crate::choice! {
    /// What a supply is to the tax.
    pub enum InvoiceWord {
        /// Taxed at the ordinary rate.
        Regular = "regular",
        /// Taxed at zero.
        ZeroRated = "zero-rated",
        /// Exempt.
        Exempt = "exempt",
    }
}

/// The terms of every agreement that is invoiced, by its name.
pub fn all(
    agreements: &[(&str, AgreementFile)],
    parties: Option<&PartiesFile>,
    of: (&Scope, &str),
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<String, InvoiceTerms> {
    let terms = agreements.iter().filter_map(|(path, file)| {
        let terms = compile(file, parties, of, &mut Reporter::new(path, found))?;
        Some((file.agreement.value.clone(), terms))
    });
    terms.collect()
}

/// The terms of one agreement; `None` where it is not invoiced.
fn compile(
    file: &AgreementFile,
    parties: Option<&PartiesFile>,
    (scope, zone): (&Scope, &str),
    reporter: &mut Reporter<'_>,
) -> Option<InvoiceTerms> {
    let spec = &file.invoice.as_ref()?.value;
    let supplier = trader(&spec.supplier, parties, scope, reporter);
    let buyer = trader(&spec.buyer, parties, scope, reporter);
    let named = [&spec.item, &file.title].into_iter().map(written).find(|name| !name.is_empty());
    Some(InvoiceTerms {
        supplier: supplier?,
        buyer: buyer?,
        kind: match spec.kind {
            None | Some(InvoiceWord::Regular) => InvoiceKind::Regular,
            Some(InvoiceWord::ZeroRated) => InvoiceKind::ZeroRated,
            Some(InvoiceWord::Exempt) => InvoiceKind::Exempt,
        },
        item: named.unwrap_or_else(|| file.agreement.value.clone()),
        line: spec.line.as_ref().map(|line| line.value.clone()),
        tax_included: spec.tax_included,
        zone: file.zone.as_ref().map_or(zone, |zone| &zone.value).to_owned(),
    })
}

fn trader(
    party: &Placed<String>,
    parties: Option<&PartiesFile>,
    scope: &Scope,
    reporter: &mut Reporter<'_>,
) -> Option<Trader> {
    if !scope.parties.check(party, reporter) {
        return None;
    }
    let mut named = parties?.parties.sound();
    let (_, spec) = named.find(|(name, _)| name.value == party.value)?;
    let number = spec.registration.as_ref().map(|number| number.value.replace('-', ""));
    let number = number.filter(|number| is_business_number(number));
    if number.is_none() {
        let message = format!("`{}` has no valid registration number", party.value);
        reporter.error(code::NOT_REGISTERED, party.place, message, code::NOT_REGISTERED.hint);
    }
    let name = written(&spec.title);
    let name = if name.is_empty() { party.value.clone() } else { name };
    Some(Trader { number: number?, name })
}

/// What a Korean document says of the two titles.
fn written(title: &Title) -> String {
    let title: settle::Title = title.into();
    if title.ko.is_empty() { title.en } else { title.ko }
}
