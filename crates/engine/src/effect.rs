//! The ledger effect of statements: what a close posts, what is held out of a payment, and the
//! balances that follow.

mod balance;
mod hold;

pub use balance::Balance;
pub use hold::{Held, Holding};

use crate::block::Posted;
use crate::books::Books;
use crate::close::{Closed, agreement_of};
use crate::error::EngineError;
use crate::port::Position;
use crate::step::Step;
use ledger::time::{Bucket, Span};
use settle::{Movement, Owed, Statement};

/// The effect of one statement.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The statement.
    pub statement: Statement,
    /// What its running amount is to the operator.
    pub owed: Owed,
    /// What it moves.
    pub movements: Vec<Movement>,
}

impl Settled {
    /// The effect of a closed period.
    ///
    /// # Errors
    /// When its body cannot be read, or the book does not have its terms.
    pub fn of(books: &Books, closed: &Closed) -> Result<Self, EngineError> {
        let statement = Statement::parse(&closed.body)?;
        let compiled = &books.get(closed.revision)?.compiled;
        Self::by(compiled, statement, closed.span)
    }

    /// The effect of a statement by the terms of a book.
    ///
    /// # Errors
    /// When the book does not have its terms, or an amount is too large.
    pub fn by(
        compiled: &book::Compiled,
        statement: Statement,
        span: Span,
    ) -> Result<Self, EngineError> {
        let agreement = agreement_of(compiled, &statement.agreement, span)?;
        let owed = compiled.owed(agreement);
        let movements = settle::effect(agreement, &statement, owed)?;
        Ok(Self { statement, owed, movements })
    }
}

/// The quarter of an hour that a statement is posted in: the last one of its period.
pub fn bucket_of(span: Span) -> Bucket {
    Bucket::of(span.end - 1)
}

impl Step<'_> {
    /// Posts movements in one quarter of an hour, for the command at `position`.
    pub(crate) fn settle(
        &mut self,
        movements: &[Movement],
        bucket: Bucket,
        position: Position,
    ) -> Result<(), EngineError> {
        for movement in movements {
            let (debit, credit) = {
                let accounts = self.accounts();
                let mut id = |path: &str| accounts.named(path, &movement.asset);
                (id(&movement.debit)?, id(&movement.credit)?)
            };
            self.add_posting(Posted {
                position,
                debit,
                credit,
                debit_bucket: bucket,
                credit_bucket: bucket,
                minor: movement.minor,
            })?;
        }
        self.only_settles();
        Ok(())
    }
}
