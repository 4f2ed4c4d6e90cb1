//! `saldo serve`: the service, until it is told to stop.

use super::{Ended, Globals, Outcome};
use crate::args::run::Serve;
use crate::output::talk;
use server::{Options, TlsFiles};

/// Serves every operator of the directory.
pub fn run(globals: &Globals, args: &Serve) -> Outcome {
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    let client_ca = args.tls_client_ca.clone();
    let tls = tls.map(|(cert, key)| TlsFiles { cert, key, client_ca });
    let is_https = args.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    if tls.is_none() && !args.listen.ip().is_loopback() && !is_https {
        talk(
            "without TLS whoever is on the way reads keys and passwords: give --tls-cert and \
             --tls-key, or --public-url https://… of a proxy that ends TLS",
        );
    }
    let options = Options {
        dir: globals.dir.clone(),
        listen: args.listen,
        builders: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        tls,
        public_url: args.public_url.clone(),
    };
    server::run(&options, |address, links| {
        talk(format!(
            "saldo listens at {address} (its interface: {address}/docs; Ctrl-C stops it)"
        ));
        for link in links {
            talk(format!(
                "nobody may ask yet; make the first administrator within 15 minutes at {link}"
            ));
        }
    })?;
    talk("stopped: everything that was taken is finished and durable");
    Ok(Ended::Done)
}
