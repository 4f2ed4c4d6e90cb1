//! `saldo key`: keys with which parties sign agreements.

use super::{Ended, Outcome};
use crate::args::agree::Key;
use crate::output::{self, talk};

/// Makes or shows.
pub fn run(args: &Key) -> Outcome {
    match args {
        Key::New { name, output } => {
            let (key, public) = node::party_key::create(output, name)?;
            talk(format!("the private key is in {}: it stays with its owner", output.display()));
            talk(format!("the public key is in {}: the operator puts it into", public.display()));
            talk("its book, under `keys` of the party in parties.yaml");
            output::text(&format!("{key}\n"))?;
        }
        Key::Show { file } => output::text(&format!("{}\n", node::party_key::public(file)?))?,
    }
    Ok(Ended::Done)
}
