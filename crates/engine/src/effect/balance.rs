//! What agreements stand at: their balances in the ledger.

use crate::engine::Engine;
use crate::error::EngineError;
use crate::sums;
use settle::effect::{PARTS, Part, ROOT};
use settle::{Agreement, Owed};
use std::collections::BTreeMap;

/// The balances of one agreement in one asset, minor units; each is what it is to the party that
/// is paid when the statement is above zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The agreement.
    pub agreement: String,
    /// The party that pays, and the one that is paid; none where the book in force does not have
    /// the agreement any more.
    pub parties: Option<(String, String)>,
    /// Code of the asset.
    pub asset: String,
    /// What the running account is to the operator.
    pub owed: Owed,
    /// What statements came to and nothing has settled, without what is held.
    pub running: i128,
    /// What is held out of payment.
    pub held: i128,
    /// What is in each other account, zeros left out.
    pub parts: BTreeMap<Part, i128>,
}

impl Balance {
    /// What is in an account; zero where nothing is.
    pub fn part(&self, part: Part) -> i128 {
        self.parts.get(&part).copied().unwrap_or(0)
    }
}

impl Engine {
    /// The balances of every agreement with a statement, in order of agreement and asset.
    ///
    /// # Errors
    /// When the Store cannot be read or a sum leaves 128 bits.
    pub fn balances(&self) -> Result<Vec<Balance>, EngineError> {
        let mut wanted = |path: &str, _: &str| path.split(':').next() == Some(ROOT);
        let sums = sums::account_sums(self.store(), sums::ALWAYS, &mut wanted)?;
        let mut found: BTreeMap<(String, String), BTreeMap<String, i128>> = BTreeMap::new();
        for sum in sums {
            let mut segments = sum.path.split(':').skip(1).map(str::to_owned);
            if let (Some(agreement), Some(part)) = (segments.next(), segments.next()) {
                let net = sum.total.net()?;
                found.entry((agreement, sum.asset)).or_default().insert(part, net);
            }
        }
        Ok(found.into_iter().map(|(of, accounts)| self.balance(of, &accounts)).collect())
    }

    fn balance(
        &self,
        (agreement, asset): (String, String),
        accounts: &BTreeMap<String, i128>,
    ) -> Balance {
        let compiled = self.state.books.current().map(|revision| &revision.compiled);
        let terms = compiled.and_then(|book| book.agreements.iter().find(|a| a.name == agreement));
        let owed = if accounts.contains_key(Owed::Receivable.word()) {
            Owed::Receivable
        } else {
            Owed::Payable
        };
        let credit = |word: &str| accounts.get(word).copied().unwrap_or(0);
        // A receivable is a debit: seen by whom is paid, everything is the other way round.
        let to_payee = |word: &str| match owed {
            Owed::Payable => credit(word),
            Owed::Receivable => -credit(word),
        };
        let parts = PARTS.iter().map(|part| (*part, to_payee(part.word())));
        let parties = |terms: &Agreement| (terms.from.clone(), terms.to.clone());
        Balance {
            parties: terms.map(parties),
            owed,
            running: to_payee(owed.word()),
            held: to_payee(Part::Held.word()),
            parts: parts.filter(|(_, minor)| *minor != 0).collect(),
            agreement,
            asset,
        }
    }
}
