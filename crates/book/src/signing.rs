//! Who signs agreements and requests: the public keys of parties, and which agreements need both
//! signatures.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use ledger::time::Span;
use settle::Agreement;
use sha2::{Digest, Sha256};

use crate::code;
use crate::diagnostic::{Diagnostic, Place, Placed, Reporter};
use crate::file::agreement::{AgreementFile, Countersigned};
use crate::file::operator::find_zone;
use crate::file::parties::{KeySpec, PartiesFile, Role, RsaAlgorithm, RsaKeySpec};
use crate::scalar::Moment;

/// A public key of a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyKey {
    /// The verifier key as signed notes write it: `name+hash+base64`.
    pub key: String,
    /// When a signature by it counts, nanoseconds UTC; `i64::MIN` and `i64::MAX` for no bound.
    pub valid: Span,
}

/// A public RSA key of a party, with which it signs requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    /// What requests name it by.
    pub id: String,
    /// How it signs.
    pub alg: RsaAlgorithm,
    /// `SubjectPublicKeyInfo`, DER.
    pub public: Vec<u8>,
    /// When a signature by it counts, nanoseconds UTC.
    pub valid: Span,
}

/// What the book says of signatures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signing {
    /// The keys of each party that has any, in the order of the file.
    pub keys: BTreeMap<String, Vec<PartyKey>>,
    /// The RSA keys of each party that has any.
    pub rsa: BTreeMap<String, Vec<RsaKey>>,
    /// Names of the agreements that are closed only under a version that both parties signed.
    pub required: BTreeSet<String>,
    /// The parties that are the operator itself, which signs with its own key.
    pub own: BTreeSet<String>,
}

impl Signing {
    /// The parties of the agreement that sign beside the operator.
    pub fn counterparties<'a>(&self, agreement: &'a Agreement) -> Vec<&'a str> {
        let both = [agreement.from.as_str(), agreement.to.as_str()];
        both.into_iter().filter(|party| !self.own.contains(*party)).collect()
    }

    /// What the files say; mistakes are reported.
    pub(crate) fn of(
        (operator, zone): (&str, &str),
        parties: Option<&PartiesFile>,
        agreements: &[(&str, AgreementFile)],
        found: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut signing = Self::default();
        signing.own.insert(operator.to_owned());
        if let Some(file) = parties {
            signing.parties(file, zone, &mut Reporter::new("parties.yaml", found));
        }
        for (path, file) in agreements {
            signing.agreement(file, &mut Reporter::new(path, found));
        }
        signing
    }

    fn parties(&mut self, file: &PartiesFile, zone: &str, reporter: &mut Reporter<'_>) {
        let zone = find_zone(zone).unwrap_or(TimeZone::UTC);
        for (name, spec) in file.parties.sound() {
            if spec.role == Role::Operator {
                self.own.insert(name.value.clone());
            }
            let keys = spec.keys.iter().filter_map(|key| key_of(&name.value, key, &zone, reporter));
            let keys: Vec<PartyKey> = keys.collect();
            if !keys.is_empty() {
                self.keys.insert(name.value.clone(), keys);
            }
            let rsa = spec.rsa_keys.iter().filter_map(|key| rsa_key_of(key, &zone, reporter));
            let rsa: Vec<RsaKey> = rsa.collect();
            if !rsa.is_empty() {
                self.rsa.insert(name.value.clone(), rsa);
            }
        }
    }

    fn agreement(&mut self, file: &AgreementFile, reporter: &mut Reporter<'_>) {
        let Some(word) = &file.countersigned else { return };
        if word.value != Countersigned::Required {
            return;
        }
        self.required.insert(file.agreement.value.clone());
        for party in [&file.from.value, &file.to.value] {
            if !self.own.contains(party) && !self.keys.contains_key(party) {
                let message = format!("the party `{party}` has no key to sign with");
                reporter.error(code::NO_PARTY_KEY, word.place, message, code::NO_PARTY_KEY.hint);
            }
        }
    }
}

fn key_of(
    party: &str,
    spec: &KeySpec,
    zone: &TimeZone,
    reporter: &mut Reporter<'_>,
) -> Option<PartyKey> {
    if let Err(message) = check(party, &spec.key.value) {
        reporter.error(code::PARTY_KEY, spec.key.place, message, code::PARTY_KEY.hint);
        return None;
    }
    let ends = (&spec.holds_from, &spec.holds_until);
    let valid = span_of(ends, spec.key.place, zone, reporter);
    Some(PartyKey { key: spec.key.value.clone(), valid })
}

fn rsa_key_of(spec: &RsaKeySpec, zone: &TimeZone, reporter: &mut Reporter<'_>) -> Option<RsaKey> {
    // The first byte of DER is that of a sequence; a library reads the rest when it verifies.
    let public = STANDARD.decode(&spec.public.value).ok().filter(|der| der.first() == Some(&0x30));
    if public.is_none() {
        let message = "a public RSA key is SubjectPublicKeyInfo in base64, in one line";
        reporter.error(code::PARTY_KEY, spec.public.place, message, code::PARTY_KEY.hint);
    }
    let ends = (&spec.holds_from, &spec.holds_until);
    let valid = span_of(ends, spec.id.place, zone, reporter);
    Some(RsaKey { id: spec.id.value.clone(), alg: spec.alg, public: public?, valid })
}

/// When a key counts.
fn span_of(
    (from, until): (&Option<Placed<Moment>>, &Option<Placed<Moment>>),
    key: Place,
    zone: &TimeZone,
    reporter: &mut Reporter<'_>,
) -> Span {
    let mut nanos = |moment: &Option<Placed<Moment>>, otherwise: i64| {
        let Some(moment) = moment else { return otherwise };
        moment.value.nanos(zone).unwrap_or_else(|| {
            let message = "the time is before 1678 or after 2262";
            reporter.error(code::NOT_A_TIME, moment.place, message, "");
            otherwise
        })
    };
    let (start, end) = (nanos(from, i64::MIN), nanos(until, i64::MAX));
    if start >= end {
        let place = until.as_ref().map_or(key, |until| until.place);
        let code = code::EFFECTIVE_ORDER;
        reporter.error(code, place, "the key ends before it begins", code.hint);
    }
    Span { start, end }
}

/// Whether the text is a verifier key whose name is the party's, spelled the one way it can be.
fn check(party: &str, text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.splitn(3, '+').collect();
    let [name, hash, key] = parts[..] else {
        return Err("a public key is written `name+hash+base64`".to_owned());
    };
    let rest = name.strip_prefix(party);
    if !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Err(format!("the key is named `{name}`, and its party `{party}`"));
    }
    // One byte for Ed25519, and the key.
    let bytes = STANDARD.decode(key).ok().filter(|bytes| bytes.len() == 33 && bytes[0] == 1);
    let Some(bytes) = bytes else {
        return Err("the last part of the key is not an Ed25519 key in base64".to_owned());
    };
    let digest = Sha256::digest([name.as_bytes(), b"\n", &bytes].concat());
    let wanted = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let wanted = format!("{wanted:08x}");
    if wanted != hash {
        return Err(format!(
            "the hash in the key is `{hash}`, and its name and bytes give another"
        ));
    }
    Ok(())
}
