//! `saldo serve`: the service, until it is told to stop.

use super::{Ended, Globals, Outcome};
use crate::args::run::Serve;
use crate::output::talk;
use server::Options;

/// Serves every operator of the directory.
pub fn run(globals: &Globals, args: &Serve) -> Outcome {
    let options = Options {
        dir: globals.dir.clone(),
        listen: args.listen,
        builders: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    };
    server::run(&options, |address| {
        talk(format!(
            "saldo listens at http://{address} (its interface: /openapi.json; Ctrl-C stops it)"
        ));
    })?;
    talk("stopped: everything that was taken is finished and durable");
    Ok(Ended::Done)
}
