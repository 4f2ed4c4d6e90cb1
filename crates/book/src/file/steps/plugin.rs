//! `plugin`: a sandboxed program that makes lines of figures.

use super::Spell;
use crate::code;
use crate::diagnostic::{Place, Placed};
use crate::file::agreement::StepsOf;
use crate::read::Named;
use settle::Rule;
use settle::limits::ITEMS_MAX;
use settle::steps::{Plugin, PluginRead};

crate::step_record! {
    /// Hands figures to a WebAssembly program of the book and prints the lines it answers with.
    pub struct PluginSpec {
        /// The program: a file `plugins/….wasm` of the book.
        pub file: Placed<String>,
        /// SHA-256 of the program, 64 hexadecimal digits.
        pub sha256: Placed<String>,
        /// The measures handed over, by the names that the program knows.
        pub reads: Named<PluginReadSpec> = default,
        /// What else it is told.
        pub parameters: Named<Placed<String>> = default,
    }
}

crate::record! {
    /// A measure as it is handed over.
    pub struct PluginReadSpec {
        /// Its name.
        pub measure: Placed<String>,
        /// Dimensions by which its rows are told apart.
        pub by: Vec<Placed<String>> = default,
    }
}

impl Spell for PluginSpec {
    fn rule(&self, steps: &mut StepsOf<'_, '_>, _: Place) -> Rule {
        if let Err((at_hash, message)) = steps.pinned(&self.file.value, &self.sha256.value) {
            let place = if at_hash { self.sha256.place } else { self.file.place };
            let hint = code::PLUGIN_FILE.hint;
            steps.reporter.error(code::PLUGIN_FILE, place, message, hint);
        }
        if self.reads.0.len() > ITEMS_MAX {
            let message = format!("a plug-in is handed at most {ITEMS_MAX} measures");
            steps.reporter.error(code::TOO_MANY, self.file.place, message, "");
        }
        let mut reads = std::collections::BTreeMap::new();
        for (name, read) in self.reads.sound() {
            steps.measure(&read.measure);
            let (measure, by) = (read.measure.value.clone(), steps.groups(&read.by));
            reads.insert(name.value.clone(), PluginRead { measure, by });
        }
        let parameters = self.parameters.sound();
        Rule::Plugin(Plugin {
            file: self.file.value.clone(),
            sha256: self.sha256.value.clone(),
            reads,
            parameters: parameters
                .map(|(name, value)| (name.value.clone(), value.value.clone()))
                .collect(),
        })
    }
}
