//! A connection, and waiting for its answers: the port is synchronous, the driver is not.

use super::PgOptions;
use super::fault::failed;
use engine::port::PortError;
use std::future::Future;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, NoTls, Row};

/// Values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// One connection with a runtime of its own. It talks only while a call waits.
pub(super) struct Link {
    runtime: Runtime,
    pub(super) client: Client,
    patience: Duration,
}

impl Link {
    /// Connects. Server and client give up after the same time.
    pub(super) fn open(options: &PgOptions) -> Result<Self, PortError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| PortError::io("a runtime", error))?;
        let config = options.address.parse::<Config>();
        let mut config = config.map_err(|error| failed("the address of PostgreSQL", &error))?;
        config.connect_timeout(options.patience).application_name("saldo");
        let what = "connecting to PostgreSQL";
        let (client, connection) = wait(&runtime, options.patience, what, config.connect(NoTls))?;
        // Its errors come back with the answers that do not.
        runtime.spawn(async { drop(connection.await) });
        let link = Self { runtime, client, patience: options.patience };
        let millis = options.patience.as_millis();
        // A writer that stands still in a transaction must not keep another from taking over.
        let settings = format!(
            "set synchronous_commit = on; set statement_timeout = {millis}; \
             set lock_timeout = {millis}; set idle_in_transaction_session_timeout = {millis}"
        );
        link.run("settings of the connection", link.client.batch_execute(&settings))?;
        Ok(link)
    }

    /// Waits for an answer, no longer than the patience.
    pub(super) fn run<T>(
        &self,
        what: &str,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, PortError> {
        wait(&self.runtime, self.patience, what, answer)
    }

    /// As [`Link::run`], for what needs the connection for itself.
    pub(super) fn run_alone<T>(
        &mut self,
        what: &str,
        ask: impl AsyncFnOnce(&mut Client) -> Result<T, Error>,
    ) -> Result<T, PortError> {
        wait(&self.runtime, self.patience, what, ask(&mut self.client))
    }

    /// Rows of a query.
    pub(super) fn rows(
        &self,
        what: &str,
        sql: &str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, PortError> {
        self.run(what, self.client.query(sql, values))
    }
}

fn wait<T>(
    runtime: &Runtime,
    patience: Duration,
    what: &str,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, PortError> {
    let answered = runtime.block_on(async { tokio::time::timeout(patience, answer).await });
    let answered = answered.map_err(|_| late(what, patience))?;
    answered.map_err(|error| failed(what, &error))
}

fn late(what: &str, patience: Duration) -> PortError {
    let seconds = patience.as_secs();
    PortError::unavailable(format!("{what}: PostgreSQL did not answer within {seconds} s"), None)
}
