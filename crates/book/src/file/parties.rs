//! `parties.yaml`: the companies, and every spelling that sources use for them.

use std::collections::{BTreeMap, BTreeSet};

use ledger::rules::Party;

use super::Title;
use crate::code;
use crate::compile::Scope;
use crate::diagnostic::{Placed, Reporter};
use crate::names::{self, Form};
use crate::read::Named;
use crate::scalar::Moment;

crate::record! {
    /// The companies of the book.
    pub struct PartiesFile {
        /// Parties by name: a-z, 0-9 and -.
        pub parties: Named<PartySpec>,
    }
}

crate::record! {
    /// A company.
    pub struct PartySpec {
        /// What it is to the operator.
        pub role: Role,
        /// Every other spelling that sources use for it.
        pub aliases: Vec<Placed<String>> = default,
        /// What people read.
        pub title: Title = default,
        /// Its business registration number (사업자등록번호), for tax invoices: `999-81-00015`.
        pub registration: Option<Placed<String>> = default,
        /// The party above it, for commissions down a tree of parties.
        pub parent: Option<Placed<String>> = default,
        /// Its public keys, with which it signs agreements and requests.
        pub keys: Vec<KeySpec> = default,
        /// Its RSA keys, with which it signs requests where it cannot by Ed25519.
        pub rsa_keys: Vec<RsaKeySpec> = default,
    }
}

crate::record! {
    /// A public key of a party.
    pub struct KeySpec {
        /// As `saldo key show` prints it: `name+hash+base64`, the name being the party's.
        pub key: Placed<String>,
        /// When signatures by it begin to count; always where nothing is said.
        pub holds_from: Option<Placed<Moment>> = default,
        /// The first moment at which they no longer count; for good where nothing is said.
        pub holds_until: Option<Placed<Moment>> = default,
    }
}

crate::record! {
    /// A public RSA key of a party.
    pub struct RsaKeySpec {
        /// What requests name it by: `keyid` of the signature.
        pub id: Placed<String>,
        /// How it signs.
        pub alg: RsaAlgorithm,
        /// `SubjectPublicKeyInfo` in base64: a PEM file of a public key without its first and last
        /// lines, in one line.
        pub public: Placed<String>,
        /// When signatures by it begin to count; always where nothing is said.
        pub holds_from: Option<Placed<Moment>> = default,
        /// The first moment at which they no longer count; for good where nothing is said.
        pub holds_until: Option<Placed<Moment>> = default,
    }
}

crate::choice! {
    /// How an RSA key signs, as RFC 9421 names it.
    pub enum RsaAlgorithm {
        /// RSASSA-PSS with SHA-512.
        Pss = "rsa-pss-sha512",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        V15 = "rsa-v1_5-sha256",
    }
}

crate::choice! {
    /// What a party is to the operator.
    pub enum Role {
        /// The operator itself.
        Operator = "operator",
        /// Provides games, content or services.
        Provider = "provider",
        /// Supplies credits.
        Supplier = "supplier",
        /// Brings customers: agent, affiliate.
        Partner = "partner",
        /// Sells on the marketplace.
        Seller = "seller",
        /// Sells in its own name and is paid out.
        Merchant = "merchant",
        /// Makes apps.
        Developer = "developer",
        /// Moves money: bank, acquirer, payment service.
        Bank = "bank",
    }
}

/// Checks the file; the parties ascend by name.
pub fn compile(file: &PartiesFile, reporter: &mut Reporter<'_>) -> Vec<Party> {
    names::check_all(Form::Name, "a party", &file.parties, reporter);
    let mut owners: BTreeMap<&str, (&str, u32)> = BTreeMap::new();
    for (name, _) in &file.parties.0 {
        owners.insert(&name.value, (&name.value, name.place.line));
    }
    let mut parties = Vec::new();
    for (name, spec) in file.parties.sound() {
        for alias in &spec.aliases {
            if let Some((owner, line)) = owners.get(alias.value.as_str()) {
                let message = format!("`{}` means the party `{owner}` already", alias.value);
                let hint = format!("see line {line}");
                reporter.error(code::ALIAS_TWICE, alias.place, message, hint);
            }
            owners.insert(&alias.value, (&name.value, alias.place.line));
        }
        let aliases = spec.aliases.iter().map(|alias| alias.value.clone()).collect();
        parties.push(Party { name: name.value.clone(), aliases });
    }
    parties.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    parties
}

/// The party above each party. Unknown ones and circles are reported and left out.
pub fn parents(
    file: &PartiesFile,
    scope: &Scope,
    reporter: &mut Reporter<'_>,
) -> BTreeMap<String, String> {
    let mut parents: BTreeMap<String, String> = BTreeMap::new();
    for (name, spec) in file.parties.sound() {
        let Some(parent) = &spec.parent else { continue };
        if !scope.parties.check(parent, reporter) {
            continue;
        }
        // What is kept has no circle, so the way up from the parent ends.
        let mut above = Some(&parent.value);
        while let Some(party) = above.filter(|party| **party != name.value) {
            above = parents.get(party);
        }
        if above.is_some() {
            let message = format!("`{}` would be above itself", name.value);
            reporter.error(code::PARTY_CYCLE, parent.place, message, code::PARTY_CYCLE.hint);
        } else {
            parents.insert(name.value.clone(), parent.value.clone());
        }
    }
    parents
}

/// The parties that are the operator itself.
pub fn own(file: &PartiesFile) -> BTreeSet<String> {
    let own = file.parties.sound().filter(|(_, spec)| spec.role == Role::Operator);
    own.map(|(name, _)| name.value.clone()).collect()
}

/// The titles of the parties, by name.
pub fn titles(file: &PartiesFile) -> BTreeMap<String, settle::Title> {
    let title =
        |(name, spec): (&Placed<String>, &PartySpec)| (name.value.clone(), (&spec.title).into());
    file.parties.sound().map(title).collect()
}
