//! `dims.yaml`: the dimensions that events may have.

use ledger::rules::Dimension;
use std::collections::BTreeMap;

use super::Title;
use crate::code;
use crate::diagnostic::Reporter;
use crate::names::{self, Form};
use crate::read::Named;

crate::record! {
    /// The dimensions that events may have.
    pub struct DimsFile {
        /// Dimensions by name.
        pub dims: Named<DimSpec>,
    }
}

crate::record! {
    /// A dimension: what an amount belongs to.
    pub struct DimSpec {
        /// Whether its values name people: they are replaced by pseudonyms before anything is kept.
        pub personal: bool = default,
        /// Whether its values name parties: they are resolved through names and aliases.
        pub party: bool = default,
        /// What people read.
        pub title: Title = default,
    }
}

/// The titles of the dimensions, by name.
pub fn titles(file: &DimsFile) -> BTreeMap<String, settle::Title> {
    let dims = file.dims.sound();
    dims.map(|(name, spec)| (name.value.clone(), (&spec.title).into())).collect()
}

/// Checks the file; the dimensions ascend by name.
pub fn compile(file: &DimsFile, reporter: &mut Reporter<'_>) -> Vec<Dimension> {
    names::check_all(Form::Word, "a dimension", &file.dims, reporter);
    let mut dims = Vec::new();
    for (name, spec) in file.dims.sound() {
        if matches!(name.value.as_str(), "source" | "kind") {
            let message = format!("`{}` in templates is the event's own", name.value);
            reporter.error(code::BAD_NAME, name.place, message, "choose another name");
        }
        if spec.personal && spec.party {
            let title = code::PERSONAL_PARTY.title;
            reporter.error(code::PERSONAL_PARTY, name.place, title, code::PERSONAL_PARTY.hint);
        }
        let name = name.value.clone();
        dims.push(Dimension { name, personal: spec.personal, party: spec.party });
    }
    dims.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    dims
}
