//! Erasing a person: raw rows, then the Vault's row, then the record that it was done.

use crate::{NodeError, legal_hold};
use engine::port::{RawStore, Vault};
use engine::{Command, Control, Engine};

/// What was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Whether the Vault had a row of the person.
    pub vault_row: bool,
    /// Raw rows overwritten.
    pub raw_rows: u64,
    /// Raw blocks written anew under a new key.
    pub raw_blocks: u64,
}

/// Erases `subject`: every raw row that contains it is overwritten, the Vault's row removed, and
/// a record of the control stream says that the pseudonym leads to nobody. Totals, statements and
/// proofs do not change. Repeating it is harmless.
///
/// # Errors
/// [`crate::code::UNDER_HOLD`] where a legal hold covers a row that names the person: then nothing
/// is erased. When a port fails; then it is run again.
pub fn forget(
    engine: &mut Engine,
    vault: &dyn Vault,
    raw: &dyn RawStore,
    subject: &str,
    (at, author): (i64, &str),
) -> Result<Forgotten, NodeError> {
    let pseudonym = vault.find(subject);
    let forms = spellings(subject);
    let mentions = |rows: &[u8]| {
        let mut lines = rows.split(|byte| *byte == b'\n');
        lines.any(|line| forms.iter().any(|form| mentions(line, form)))
    };
    legal_hold::refuse_held(engine, raw, &mentions)?;
    let mut raw_rows = 0;
    let raw_blocks = raw.rewrite(&mut |_, rows| {
        let blanked = blank(rows, &forms);
        raw_rows += blanked;
        blanked > 0
    })?;
    let vault_row = vault.erase(subject)?;
    if let Some(pseudonym) = pseudonym {
        let command = Command::Erased { pseudonym, raw_blocks };
        let author = author.to_owned();
        engine.command(Control { at, author, command }.encode())?;
    }
    Ok(Forgotten { vault_row, raw_rows, raw_blocks })
}

/// How a subject may stand in a raw row: as it is, escaped as in JSON, quoted as in CSV.
fn spellings(subject: &str) -> Vec<Vec<u8>> {
    let quoted = serde_json::to_string(subject).unwrap_or_default();
    let json = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or("");
    let mut forms = vec![
        subject.to_owned(),
        subject.replace('"', "\"\""),
        json.to_owned(),
        json.replace('/', "\\/"),
        json.chars().map(|letter| escaped(letter, false)).collect(),
        json.chars().map(|letter| escaped(letter, true)).collect(),
    ];
    forms.retain(|form| !form.is_empty());
    forms.sort_unstable();
    forms.dedup();
    forms.into_iter().map(String::into_bytes).collect()
}

fn escaped(letter: char, upper: bool) -> String {
    if letter.is_ascii() {
        return letter.to_string();
    }
    let mut units = [0; 2];
    let units = letter.encode_utf16(&mut units).iter();
    units
        .map(|unit| if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") })
        .collect()
}

/// Overwrites with spaces every line that has one of `forms` in it; how many there were.
fn blank(rows: &mut [u8], forms: &[Vec<u8>]) -> u64 {
    let mut count = 0;
    for line in rows.split_mut(|byte| *byte == b'\n') {
        if forms.iter().any(|form| mentions(line, form)) {
            line.fill(b' ');
            count += 1;
        }
    }
    count
}

/// Whether `form` stands in `line` as a value of its own: `p-7` is not in `p-77`.
fn mentions(line: &[u8], form: &[u8]) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    line.windows(form.len()).enumerate().any(|(at, window)| {
        let before = at.checked_sub(1).map(|before| &line[before]);
        // A letter that ends an escape such as `\t` is no part of a word.
        let escape = at.checked_sub(2).is_some_and(|before| line[before] == b'\\');
        window == form && (escape || !word(before)) && !word(line.get(at + form.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_in_every_spelling_and_nobody_else() {
        for (subject, line, found) in [
            ("p-7", r#"{"player":"p-7"}"#, true),
            ("p-7", r#"{"player":"p-77"}"#, false),
            ("p-7", r#"{"player":"xp-7"}"#, false),
            ("p-7", "a,p-7,b", true),
            ("p-7", r#"{"note":"\tp-7"}"#, true),
            ("김", r#"{"player":"\uae40"}"#, true),
            ("김", r#"{"player":"\uAE40"}"#, true),
            ("a/b", r#"{"player":"a\/b"}"#, true),
            ("say \"hi\"", r#"{"player":"say \"hi\""}"#, true),
            ("say \"hi\"", "1,\"say \"\"hi\"\"\",2", true),
            ("😀", r#"{"player":"\ud83d\ude00"}"#, true),
        ] {
            let mut rows = format!("before\n{line}\nafter\n").into_bytes();
            let blanked = blank(&mut rows, &spellings(subject));
            assert_eq!(blanked, u64::from(found), "{subject} in {line}");
            let shown = if found { " ".repeat(line.len()) } else { line.to_owned() };
            assert_eq!(String::from_utf8(rows).unwrap(), format!("before\n{shown}\nafter\n"));
        }
    }
}
