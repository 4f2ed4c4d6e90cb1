//! Which mapping reads a file.

use super::{Format, Mapping};
use crate::compile::Compiled;

impl Compiled {
    /// The mapping for a file of `source` whose name ends with `extension` (without the dot):
    /// the source's own where its format fits, otherwise the only one of the source that fits.
    pub fn mapping_for(&self, source: &str, extension: &str) -> Option<&Mapping> {
        match self.mappings_for(source, extension).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// The mappings that could read such a file: the source's own alone where it fits, otherwise
    /// every one of the source that fits.
    pub fn mappings_for(&self, source: &str, extension: &str) -> Vec<&Mapping> {
        let fits = |mapping: &&Mapping| fits(mapping.format, extension);
        let own = self.mapping_of.get(source);
        let is_own = |mapping: &&Mapping| own.is_some_and(|own| mapping.name == *own);
        if let Some(own) = self.mappings.iter().find(is_own).filter(fits) {
            return vec![own];
        }
        self.mappings.iter().filter(|mapping| mapping.source == source).filter(fits).collect()
    }
}

fn fits(format: Format, extension: &str) -> bool {
    let extension = extension.to_ascii_lowercase();
    let extensions: &[&str] = match format {
        Format::Csv => &["csv", "tsv", "txt"],
        Format::Json => &["json"],
        Format::Ndjson => &["ndjson", "jsonl"],
        Format::Xlsx => &["xlsx"],
        Format::Parquet => &["parquet"],
    };
    extensions.contains(&extension.as_str())
}
