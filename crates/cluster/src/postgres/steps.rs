//! Making the tables, and bringing them up to date: steps in order, each once, in a transaction.

use super::link::Link;
use engine::port::{PortError, PortFault};
use tokio_postgres::{Client, Error};

/// Steps of a shard's schema. One that was released is never changed.
const SHARD: &[&str] = &[include_str!("steps/shard_1.sql")];
/// Steps of the schema of verification pages.
const VERIFICATION: &[&str] = &[include_str!("steps/verification_1.sql")];

const KNOWN: &str = include_str!("sql/make_steps.sql");
const DONE: &str = include_str!("sql/get_steps.sql");
const NOTE: &str = include_str!("sql/put_step.sql");

/// Makes both schemas and brings their tables up to date, one process at a time. The shard's
/// tables are those that names without a schema mean from here on.
///
/// # Errors
/// [`PortFault::UnknownFormat`] when a later version made them; as the server says.
pub(super) fn prepare(link: &mut Link, shard: &str, verification: &str) -> Result<(), PortError> {
    let lock = format!("select pg_advisory_lock(hashtextextended('{shard}', 0))");
    link.run("waiting for another that opens", link.client.batch_execute(&lock))?;
    bring_up(link, verification, VERIFICATION)?;
    bring_up(link, shard, SHARD)?;
    link.run("opening", link.client.batch_execute("select pg_advisory_unlock_all()"))
}

fn bring_up(link: &mut Link, schema: &str, steps: &[&str]) -> Result<(), PortError> {
    let what = format!("the tables of {schema}");
    let place = format!("create schema if not exists {schema}; set search_path to {schema}");
    link.run(&what, link.client.batch_execute(&place))?;
    link.run(&what, link.client.batch_execute(KNOWN))?;
    let done = link.rows(&what, DONE, &[])?;
    for (at, row) in done.iter().enumerate() {
        let (number, sum): (i32, i64) = (row.get(0), row.get(1));
        let step = steps.get(at).filter(|_| usize::try_from(number) == Ok(at + 1));
        if step.is_none_or(|step| checksum(step) != sum) {
            let what = format!("{what}: step {number} is not one that this version knows");
            return Err(PortError::new(PortFault::UnknownFormat, what));
        }
    }
    for (number, step) in (1..).zip(steps).skip(done.len()) {
        link.run_alone(&what, async |client| take(client, number, step).await)?;
    }
    Ok(())
}

async fn take(client: &mut Client, number: i32, step: &str) -> Result<(), Error> {
    let work = client.transaction().await?;
    work.batch_execute(step).await?;
    work.execute(NOTE, &[&number, &checksum(step)]).await?;
    work.commit().await
}

fn checksum(step: &str) -> i64 {
    crc32c::crc32c(step.as_bytes()).into()
}
