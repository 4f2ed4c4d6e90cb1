//! The sound book that mistakes are made in.

use book::Files;

/// Everything but agreements.
const BOOK: &[(&str, &str)] = &[
    ("operator.yaml", include_str!("../broken/operator.yaml")),
    ("assets.yaml", include_str!("../broken/assets.yaml")),
    ("dims.yaml", include_str!("../broken/dims.yaml")),
    ("parties.yaml", include_str!("../broken/parties.yaml")),
    ("sources.yaml", include_str!("../broken/sources.yaml")),
    ("kinds.yaml", include_str!("../broken/kinds.yaml")),
    ("measures.yaml", include_str!("../broken/measures.yaml")),
];

/// Its files, and `more`, which replace those of the same path.
pub fn sound_with(more: &[(&str, &str)]) -> Files {
    let files = BOOK.iter().chain(more);
    files.map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}
