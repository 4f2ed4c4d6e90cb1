//! Sources of the book, as who sends them must know them.

use crate::scope::Scope;
use api::sources::{Source, SourceAsset, SourceDim, SourceKind, SourceSubject};
use node::book::file::sources::Signed;
use node::clock::show_time;
use node::engine::Engine;
use node::engine::books::Revision;
use node::ledger::rules::{self, Kind, Reference, Rules, Sign};

/// The sources that are seen, by name.
pub fn sources(engine: &Engine, scope: &Scope) -> Vec<Source> {
    let Some(book) = engine.state().books.current() else { return Vec::new() };
    let all = book.compiled.rules.sources.iter();
    all.filter(|source| scope.source(engine, &source.name)).map(|one| shown(book, one)).collect()
}

fn shown(book: &Revision, source: &rules::Source) -> Source {
    let rules = &book.compiled.rules;
    let signed = match book.compiled.signed.get(&source.name) {
        None | Some(Signed::None) => "none",
        Some(Signed::Hmac) => "hmac",
        Some(Signed::Message) => "message",
    };
    let may = |at: usize| {
        let is = |kind: &rules::KindId| usize::from(*kind) == at;
        source.kinds.is_empty() || source.kinds.iter().any(is)
    };
    let kinds = rules.kinds.iter().enumerate().filter(|(at, _)| may(*at));
    let schema = book.compiled.schema_of.get(&source.name);
    Source {
        source: source.name.clone(),
        party: source.party.map(|party| rules.parties[usize::from(party)].name.clone()),
        signed: signed.to_owned(),
        earliest: show_time(source.earliest),
        ahead_seconds_max: source.ahead_nanos_max / 1_000_000_000,
        kinds: kinds.map(|(_, one)| kind(rules, one)).collect(),
        dims: rules.dims.iter().map(dim).collect(),
        assets: rules
            .assets
            .iter()
            .map(|asset| SourceAsset { asset: asset.code.clone(), decimals: asset.scale })
            .collect(),
        schema: schema.map(|schema| SourceSubject {
            subject: schema.subject.clone(),
            version: schema.version,
        }),
    }
}

fn kind(rules: &Rules, kind: &Kind) -> SourceKind {
    let (reference, kinds) = match &kind.reference {
        Reference::None => ("none", [].as_slice()),
        Reference::Optional(kinds) => ("optional", kinds.as_slice()),
        Reference::Required(kinds) => ("required", kinds.as_slice()),
        Reference::Cancels(kinds) => ("cancels", kinds.as_slice()),
    };
    let amount = match kind.sign {
        _ if reference == "cancels" => "none",
        Sign::Positive => "positive",
        Sign::NonNegative => "non-negative",
        Sign::Any => "any",
    };
    let dims = kind.dims_required.iter().map(|dim| rules.dims[usize::from(*dim)].name.clone());
    SourceKind {
        kind: kind.name.clone(),
        amount: amount.to_owned(),
        reference: reference.to_owned(),
        refers_to: kinds.iter().map(|at| rules.kinds[usize::from(*at)].name.clone()).collect(),
        dims: dims.collect(),
    }
}

fn dim(dim: &rules::Dimension) -> SourceDim {
    SourceDim { dim: dim.name.clone(), personal: dim.personal, party: dim.party }
}
