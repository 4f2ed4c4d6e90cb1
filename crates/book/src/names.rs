//! Which names the book declares, and the checks of names against them.

use ledger::name;

use crate::code;
use crate::diagnostic::{Placed, Reporter};
use crate::read::Named;
use crate::suggest;

/// Most entries of one sort: rules count them in 16 bits, and nobody writes as many by hand.
pub const ENTRIES_MAX: usize = 50_000;

/// The names of one sort that the book declares, ascending; broken entries count as declared.
#[derive(Clone, Debug)]
pub struct Known {
    what: &'static str,
    file: &'static str,
    /// `None` when the file that declares them could not be read: nothing can be said then.
    names: Option<Vec<String>>,
}

impl Known {
    /// The names of `declared`; `what` they are, and the `file` that declares them.
    pub fn new<T>(what: &'static str, file: &'static str, declared: Option<&Named<T>>) -> Self {
        let names = declared.map(|declared| {
            let mut names: Vec<String> = declared.names().map(str::to_owned).collect();
            names.sort_unstable();
            names
        });
        Self { what, file, names }
    }

    /// The place of `name` among the names.
    pub fn index(&self, name: &str) -> Option<u16> {
        let at = self.names.as_ref()?.binary_search_by(|known| known.as_str().cmp(name)).ok()?;
        u16::try_from(at).ok()
    }

    /// Whether `name` is declared; reports it when it surely is not.
    pub fn check(&self, name: &Placed<String>, reporter: &mut Reporter<'_>) -> bool {
        let Some(names) = &self.names else { return true };
        if self.index(&name.value).is_some() {
            return true;
        }
        let message =
            format!("the {} `{}` is not declared in {}", self.what, name.value, self.file);
        let hint = suggest::hint(&name.value, names.iter().map(String::as_str));
        reporter.error(code::UNKNOWN_NAME, name.place, message, hint);
        false
    }

    /// The indices of `names`, ascending; unknown ones and repeats are reported.
    pub fn indices(&self, names: &[Placed<String>], reporter: &mut Reporter<'_>) -> Vec<u16> {
        no_repeats(names, self.what, reporter);
        let known = names.iter().filter(|name| self.check(name, reporter));
        let mut indices: Vec<u16> = known.filter_map(|name| self.index(&name.value)).collect();
        indices.sort_unstable();
        indices.dedup();
        indices
    }
}

/// Reports names that stand twice in a list.
pub fn no_repeats(names: &[Placed<String>], what: &str, reporter: &mut Reporter<'_>) {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name.value.as_str()) {
            let message = format!("the {what} `{}` stands twice", name.value);
            reporter.error(code::DUPLICATE_NAME, name.place, message, "");
        }
    }
}

/// What a sort of name may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `[a-z0-9-]{1,64}`: operators, sources, parties, groups.
    Name,
    /// `[a-z][a-z0-9_-]*`: kinds, dimensions, measures, agreements, steps.
    Word,
    /// `[A-Z][A-Z0-9]*`, at most 16: assets.
    Asset,
}

impl Form {
    /// Whether `text` has this form.
    pub fn holds(self, text: &str) -> bool {
        match self {
            Self::Name => name::is_name(text.as_bytes()),
            Self::Word => name::is_word(text.as_bytes()),
            Self::Asset => name::is_asset_code(text.as_bytes()),
        }
    }

    fn described(self) -> &'static str {
        match self {
            Self::Name => "1 to 64 of a-z, 0-9 and -",
            Self::Word => "1 to 64 of a-z, 0-9, _ and -, beginning with a letter",
            Self::Asset => "1 to 16 of A-Z and 0-9, beginning with a letter",
        }
    }

    /// Whether `name` has this form; reports it when it has not.
    pub fn check(self, what: &str, name: &Placed<String>, reporter: &mut Reporter<'_>) -> bool {
        let holds = self.holds(&name.value);
        if !holds {
            let message = format!("`{}` cannot be the name of {what}", name.value);
            let hint = format!("such a name has {}", self.described());
            reporter.error(code::BAD_NAME, name.place, message, hint);
        }
        holds
    }
}

/// Checks the names of declared entries, and that they are not too many.
pub fn check_all<T>(form: Form, what: &str, named: &Named<T>, reporter: &mut Reporter<'_>) {
    for (name, _) in named.0.iter().take(ENTRIES_MAX) {
        form.check(what, name, reporter);
    }
    if let Some((name, _)) = named.0.get(ENTRIES_MAX) {
        let message = format!("there are more than {ENTRIES_MAX} entries");
        reporter.error(code::TOO_MANY, name.place, message, code::TOO_MANY.hint);
    }
}
