//! `saldo evidence`: everything about a closed period in one ZIP file for an auditor: the statement
//! in every form, its proof and the key that checks it, signatures, commands, notices, hashes.

use super::{Ended, Globals, Outcome};
use crate::args::ask::Evidence as Args;
use crate::errors::{Failure, NO_FILE};
use crate::output::{self, talk};
use node::Purpose;
use server::evidence::Evidence;
use server::scope::Scope;

/// Writes the file.
pub fn run(globals: &Globals, args: &Args) -> Outcome {
    let Args { agreement, period, output } = args;
    let mut session = globals.open(Purpose::Read)?;
    // Nothing is signed before it is durable.
    session.checkpoint()?;
    let read = Evidence::read(&session, &Scope::default(), (agreement, period))?;
    let Some(evidence) = read else {
        let what = format!("{agreement} {period} is not closed, so that there is none");
        return Err(Failure::said(NO_FILE, what));
    };
    output::bytes(Some(output), &evidence.pack()?, true)?;
    talk(format!("{}: README.txt in it says what is there and how to check it", output.display()));
    Ok(Ended::Done)
}
