//! `saldo init`: a new directory, or a new operator in one, from an example book or another.

use crate::NodeError;
use crate::code;
use crate::config::{self, Config};
use crate::home::{Home, OperatorHome};
use crate::keys::Keys;
use book::Files;
use book::example::{OPERATOR_PLACEHOLDER, templates};
use ledger::name::is_name;
use std::fs;
use std::path::Path;

/// The operator's name when none is given.
pub const OPERATOR_DEFAULT: &str = "house";

/// What `init` made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The directory.
    pub home: Home,
    /// The new operator.
    pub operator: OperatorHome,
    /// Whether the directory was there and only the operator is new.
    pub added: bool,
}

/// The book of an example, for this operator.
///
/// # Errors
/// [`code::UNKNOWN_TEMPLATE`].
pub fn template_book(template: &str, operator: &str) -> Result<Files, NodeError> {
    let files = book::template(template).ok_or_else(|| {
        let what = format!("`{template}`; there is {}", templates().collect::<Vec<_>>().join(", "));
        NodeError::said(code::UNKNOWN_TEMPLATE, what)
    })?;
    let text = |path: &str, text: &str| match path {
        "operator.yaml" => text.replace(OPERATOR_PLACEHOLDER, operator),
        _ => text.to_owned(),
    };
    Ok(files.into_iter().map(|(path, of)| (path.to_owned(), text(path, of).into_bytes())).collect())
}

/// Makes `dir` a Saldo directory with `operator` and the files of a book, or adds the operator to
/// it. Nothing that exists is overwritten.
///
/// # Errors
/// [`code::BAD_NAME`], [`code::HOME_EXISTS`], or as the system reports.
pub fn init(dir: &Path, files: &Files, operator: &str) -> Result<Made, NodeError> {
    if !is_name(operator.as_bytes()) {
        return Err(NodeError::said(code::BAD_NAME, format!("`{operator}`")));
    }
    let (home, added) = claim(dir, operator)?;
    let place = home.operator(Some(operator))?;
    for existing in [&place.book, &place.data, &place.keys] {
        if existing.exists() {
            return Err(NodeError::said(code::HOME_EXISTS, existing.display().to_string()));
        }
    }
    write_book(&place.book, files)?;
    // The books' first lines name the schemas as `../../schemas/…`.
    for (name, schema) in book::schemas() {
        write(&dir.join("schemas").join(name), schema.as_bytes())?;
    }
    fs::create_dir_all(&place.data)
        .map_err(|error| NodeError::system("making", &place.data, error))?;
    Keys::create(&place.keys, operator)?;
    // Last: only now is it a Saldo directory, with the operator in it.
    write(&dir.join(config::FILE), home.config.text().as_bytes())?;
    Ok(Made { home, operator: place, added })
}

/// Writes the files of a book below a directory.
pub(crate) fn write_book(dir: &Path, files: &Files) -> Result<(), NodeError> {
    files.iter().try_for_each(|(path, text)| write(&dir.join(path), text))
}

/// The directory with the operator added to its settings, not written yet.
fn claim(dir: &Path, operator: &str) -> Result<(Home, bool), NodeError> {
    if dir.join(config::FILE).exists() {
        let mut home = Home::open(dir)?;
        if home.config.operators.iter().any(|known| known == operator) {
            let what = format!("the operator {operator} in {}", dir.display());
            return Err(NodeError::said(code::HOME_EXISTS, what));
        }
        // Commands that named nobody go on meaning the operator they meant.
        if home.config.operators.len() == 1 && home.config.default.is_none() {
            home.config.default = home.config.operators.first().cloned();
        }
        home.config.operators.push(operator.to_owned());
        return Ok((home, true));
    }
    let occupied = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(NodeError::system("reading", dir, error)),
    };
    if occupied {
        let what = format!("{} is not empty", dir.display());
        return Err(NodeError::said(code::HOME_EXISTS, what));
    }
    Ok((Home { dir: dir.to_owned(), config: Config::new(operator) }, false))
}

fn write(path: &Path, text: &[u8]) -> Result<(), NodeError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| NodeError::system("making", parent, error))?;
    }
    fs::write(path, text).map_err(|error| NodeError::system("writing", path, error))
}
