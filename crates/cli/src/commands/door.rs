//! A directory asked as a service is: the same routes in this process, while no server runs on it.

use super::Globals;
use crate::errors::Failure;
use api::client::{Answered, Asked, Carrier, Client, ClientError};
use node::{Purpose, clock};
use server::local::Local;

struct Here(Local);

impl Carrier for Here {
    fn carry(&self, asked: &Asked<'_>) -> Result<Answered, ClientError> {
        let Asked { method, path, headers, body } = *asked;
        let answer = self.0.ask(method, path, headers, body);
        let (status, body) = answer.map_err(|error| ClientError::Strange(error.to_string()))?;
        Ok(Answered { status, wait: None, body })
    }
}

/// A client of the directory itself.
///
/// # Errors
/// When the operator cannot be opened, as while a server runs on it.
pub fn open(globals: &Globals) -> Result<Client, Failure> {
    let session = globals.open(Purpose::Change)?;
    Ok(Client::over(Here(Local::start(session, &clock::author())?)))
}
