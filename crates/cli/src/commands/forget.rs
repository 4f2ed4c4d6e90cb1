//! `saldo forget`: erases a person. JSON: `{"vault_row","raw_rows","raw_blocks"}`.

use super::{Ended, Globals, Outcome};
use crate::args::keep::Forget;
use crate::output::{self, Plain, talk};
use node::{Purpose, clock};
use serde_json::json;

/// Erases the person and says what there was.
pub fn run(globals: &Globals, args: &Forget) -> Outcome {
    let mut session = globals.open(Purpose::Change)?;
    let operator = &mut session.operator;
    let author = clock::author();
    let now = (clock::now_nanos(), author.as_str());
    let (vault, raw) = (operator.vault.as_ref(), operator.raw.as_ref());
    let done = node::forget::forget(&mut operator.engine, vault, raw, &args.subject, now)?;
    session.checkpoint()?;
    match args.format {
        Plain::Json => output::json(&json!({
            "vault_row": done.vault_row,
            "raw_rows": done.raw_rows,
            "raw_blocks": done.raw_blocks,
        }))?,
        Plain::Text => {
            let known = if done.vault_row { "erased" } else { "nobody of this name was known" };
            let (rows, blocks) = (done.raw_rows, done.raw_blocks);
            output::text(&format!("{known}; {rows} raw rows overwritten in {blocks} blocks\n"))?;
        }
    }
    talk("the files that were ingested, and backups made before, are yours to erase");
    Ok(Ended::Done)
}
