//! `saldo backup` and `saldo restore`.

use super::{Ended, Globals, Outcome};
use crate::args::keep::{Backup, Restore};
use crate::output::talk;
use node::{Home, backup, clock};

/// Copies the directory, also while another process writes to it.
pub fn run(globals: &Globals, args: &Backup) -> Outcome {
    let home = Home::open(&globals.dir)?;
    let made = backup::backup(&home, &args.out, !args.without_keys, clock::now_nanos())?;
    let (files, out) = (made.files.len(), args.out.display());
    talk(format!("copied {files} files to {out}"));
    for (operator, records) in &made.records {
        talk(format!("{operator}: {records} records, every frame of the copy read"));
    }
    if made.with_keys {
        talk("THE BACKUP HOLDS THE KEYS: whoever reads it can sign as you and find people");
    } else {
        talk("the backup has no keys: keep the directory `keys` yourself, or it cannot be used");
    }
    Ok(Ended::Done)
}

/// Makes a directory from a backup.
pub fn restore(args: &Restore) -> Outcome {
    let made = backup::restore(&args.backup, &args.to, args.keys.as_deref())?;
    let (files, to) = (made.files.len(), args.to.display());
    talk(format!("restored {files} files to {to}; every one is what was copied"));
    talk("the first command on it rebuilds the store from the log");
    Ok(Ended::Done)
}
