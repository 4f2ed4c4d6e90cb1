//! The example books, one per field of business, as part of the program: `saldo init` copies them.
//! The build script lists their files.

/// The operator's name in every template; whoever copies one replaces it in `operator.yaml`.
pub const OPERATOR_PLACEHOLDER: &str = "operator-name";

/// Path in the book's directory, and text.
type File = (&'static str, &'static str);

const BOOKS: &[(&str, &[File])] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// Names of the templates.
pub fn templates() -> impl Iterator<Item = &'static str> {
    BOOKS.iter().map(|(name, _)| *name)
}

/// The files of the template `name`, ascending by path.
pub fn template(name: &str) -> Option<Vec<File>> {
    let (_, files) = BOOKS.iter().find(|(known, _)| *known == name)?;
    Some(files.to_vec())
}
