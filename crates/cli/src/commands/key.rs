//! `saldo key`: keys with which parties sign agreements, and the change of the operator's own.

use super::{Ended, Globals, Outcome};
use crate::args::agree::Key;
use crate::errors::Failure;
use crate::output::{self, talk};
use node::Purpose;
use std::path::Path;

/// Makes or shows.
pub fn run(globals: &Globals, args: &Key) -> Outcome {
    match args {
        Key::New { name, output } => {
            let (key, public) = node::party_key::create(output, name)?;
            talk(format!("the private key is in {}: it stays with its owner", output.display()));
            talk(format!("the public key is in {}, and here:", public.display()));
            output::text(&format!("{key}\n"))?;
            talk("the operator puts it into its book, at the party in parties.yaml:");
            talk(format!("  keys: [{{ key: \"{key}\" }}]"));
        }
        Key::Rotate { output } => {
            let mut session = globals.open(Purpose::Change)?;
            let note = node::operator_key::rotate(&mut session)?;
            let public = session.place.keys.join(node::keys::PUBLIC);
            talk(format!("another key signs from now on; its public half is {}", public.display()));
            noted(&note, output.as_deref())?;
        }
        Key::Show { file } => output::text(&format!("{}\n", node::party_key::public(file)?))?,
    }
    Ok(Ended::Done)
}

/// The note of a change, in a file or shown.
pub fn noted(note: &str, output: Option<&Path>) -> Result<(), Failure> {
    let before = "what was signed before is checked as before";
    match output {
        Some(path) => {
            output::bytes(Some(path), note.as_bytes(), false)?;
            talk(format!("give counterparties the note in {}; {before}", path.display()));
            Ok(())
        }
        None => {
            talk(format!("give counterparties the note below; {before}"));
            output::text(note)
        }
    }
}
