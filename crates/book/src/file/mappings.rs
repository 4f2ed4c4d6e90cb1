//! `mappings/*.yaml` against the rest of the book: what they name must be declared. Their own
//! form is checked where mappings are compiled.

use ledger::rules::{Kind, Reference, Rules};

use crate::code;
use crate::compile::Scope;
use crate::diagnostic::{Placed, Reporter};
use crate::mapping::MappingFile;
use crate::mapping::file::{EventFile, Formula};
use crate::read::Named;

/// Checks the names that the mapping uses.
pub fn check(file: &MappingFile, rules: &Rules, scope: &Scope, reporter: &mut Reporter<'_>) {
    scope.sources.check(&file.source, reporter);
    check_dims(&file.dims, scope, reporter);
    if let Some(asset) = file.asset.as_ref().and_then(constant) {
        scope.assets.check(&asset, reporter);
    }
    for event in &file.events {
        check_event(file, &event.value, rules, scope, reporter);
    }
}

fn check_event(
    file: &MappingFile,
    event: &EventFile,
    rules: &Rules,
    scope: &Scope,
    reporter: &mut Reporter<'_>,
) {
    check_dims(&event.dims, scope, reporter);
    if let Some(asset) = event.asset.as_ref().and_then(constant) {
        scope.assets.check(&asset, reporter);
    }
    let Some(name) = constant(&event.kind) else { return };
    if !scope.kinds.check(&name, reporter) {
        return;
    }
    let Some(kind) = rules.kind(&name.value).map(|id| &rules.kinds[usize::from(id)]) else {
        return;
    };
    check_kind(file, event, kind, rules, reporter);
    let source = rules.source(&file.source.value).map(|id| &rules.sources[usize::from(id)]);
    let allowed = source.map_or(&[][..], |source| &source.kinds);
    if !allowed.is_empty() && !allowed.iter().any(|id| rules.kind(&name.value) == Some(*id)) {
        let message = format!("the source `{}` may not send `{}`", file.source.value, name.value);
        let hint = "add the kind to the source in sources.yaml";
        reporter.error(code::UNKNOWN_NAME, name.place, message, hint);
    }
}

fn check_kind(
    file: &MappingFile,
    event: &EventFile,
    kind: &Kind,
    rules: &Rules,
    reporter: &mut Reporter<'_>,
) {
    for dim in kind.dims_required.iter().filter_map(|dim| rules.dims.get(usize::from(*dim))) {
        let mut given = file.dims.names().chain(event.dims.names());
        if !given.any(|name| name == dim.name) {
            let message = format!("`{}` requires `{}`, which is not given", kind.name, dim.name);
            let hint = format!("add `{}` to the mapping's `dims`", dim.name);
            reporter.error(code::MISSING_KEY, event.kind.place, message, hint);
        }
    }
    let refers = event.reference.is_some();
    let needs = matches!(kind.reference, Reference::Required(_) | Reference::Cancels(_));
    if refers && kind.reference == Reference::None || !refers && needs {
        let message = if refers {
            format!("`{}` refers to no event, but `ref` is given", kind.name)
        } else {
            format!("`{}` refers to an event, but `ref` is missing", kind.name)
        };
        reporter.error(code::MISSING_KEY, event.kind.place, message, "compare it with kinds.yaml");
    }
}

fn check_dims(dims: &Named<Formula>, scope: &Scope, reporter: &mut Reporter<'_>) {
    for (name, _) in &dims.0 {
        scope.dims.check(name, reporter);
    }
}

/// The text of a template that has nothing to fill in.
fn constant(formula: &Formula) -> Option<Placed<String>> {
    let is_constant = !formula.text.contains(['{', '}']);
    is_constant.then(|| Placed { value: formula.text.clone(), place: formula.place })
}
