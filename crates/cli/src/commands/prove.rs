//! `saldo prove`: one small file that a counterparty checks offline.

use super::{Ended, Globals, Outcome};
use crate::args::ask::Prove;
use crate::errors::Failure;
use crate::output::talk;
use node::Purpose;
use std::path::Path;

/// Writes the proof.
pub fn run(globals: &Globals, args: &Prove) -> Outcome {
    let mut session = globals.open(Purpose::Read)?;
    // Nothing is signed before it is durable.
    session.checkpoint()?;
    let key = session.keys.signing()?;
    let engine = &session.operator.engine;
    let (bytes, output) = match args {
        Prove::Event { source, id, output } => {
            (engine.prove_event(source, id, &key)?.encode(), output)
        }
        Prove::Statement { agreement, period, output } => {
            (engine.prove_statement(agreement, period, &key)?.encode(), output)
        }
    };
    write(output, &bytes)?;
    let public = session.place.keys.join(node::keys::PUBLIC);
    talk(format!("wrote {}, {} bytes", output.display(), bytes.len()));
    talk(format!("it is checked with the public key in {}", public.display()));
    Ok(Ended::Done)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::file(path, &error))
}
