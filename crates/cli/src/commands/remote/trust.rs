//! Whom the client trusts over TLS: the public authorities, or those of a file that
//! a variable names; and the certificate that it shows.

use crate::errors::Failure;
use api::client::Trust;
use std::path::Path;

/// Whom TLS trusts and what it shows, from the files that variables name.
pub fn trust() -> Result<Trust, Failure> {
    let file = |name: &str| {
        let path = std::env::var_os(name).filter(|path| !path.is_empty());
        let read = |path| std::fs::read(&path).map_err(|e| Failure::file(Path::new(&path), &e));
        path.map(read).transpose()
    };
    let own = file("SALDO_CLIENT_CERT")?.zip(file("SALDO_CLIENT_KEY")?);
    Ok(Trust { service: file("SALDO_SERVER_CA")?, own })
}
