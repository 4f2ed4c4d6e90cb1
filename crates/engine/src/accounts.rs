//! Accounts and account plans: from what an event's paths are made of to the dense numbers of
//! its accounts, with one look-up per event once a combination was seen.

use crate::error::EngineError;
use crate::lookup::Lookup;
use crate::port::{AccountId, NewAccount};
use crate::prepare::Row;
use ledger::EventView;
use ledger::rules::{KindId, TimeBasis};
use std::collections::HashMap;

/// Rows whose plans are looked up together.
const GROUP: usize = 32;

/// The accounts of one leg, and whose time decides each side's bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedLeg {
    /// Account debited.
    pub debit: AccountId,
    /// Account credited.
    pub credit: AccountId,
    /// Time basis of the debited account.
    pub debit_basis: TimeBasis,
    /// Time basis of the credited account.
    pub credit_basis: TimeBasis,
}

/// What was found of a row's plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Found {
    /// It was not seen before.
    #[default]
    Nothing,
    /// Its only leg.
    Leg(PlannedLeg),
    /// Its number, from 1.
    Plan(u32),
}

/// The first leg stands in the plan itself: most kinds have no other, and each further place in
/// memory costs as much as all the rest of a look-up.
#[derive(Clone, Debug)]
struct Plan {
    hash: u64,
    key_at: u32,
    key_length: u16,
    legs: u16,
    leg_at: u32,
    first: Option<PlannedLeg>,
}

/// A slot of the table: the upper half of a plan's hash, and its number from 1.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    tag: u32,
    number: u32,
}

/// All accounts of an operator, and the plans seen since the process began.
#[derive(Debug, Default)]
pub struct Accounts {
    ids: HashMap<(String, String), AccountId>,
    assets: Vec<u16>,
    asset_codes: Vec<String>,
    fresh: Vec<NewAccount>,
    plans: Vec<Plan>,
    slots: Vec<Slot>,
    keys: Vec<u8>,
    legs: Vec<PlannedLeg>,
}

impl Accounts {
    /// Takes in an account that the Store holds.
    pub fn restore(&mut self, id: AccountId, path: &str, asset: &str) {
        self.ids.insert((path.to_owned(), asset.to_owned()), id);
        self.note_asset(asset);
    }

    /// A number for the asset of an account; equal for accounts of one asset.
    pub fn asset_of(&self, account: AccountId) -> u16 {
        self.assets[account as usize]
    }

    /// The code of such an asset.
    pub fn asset_code(&self, number: u16) -> &str {
        &self.asset_codes[usize::from(number)]
    }

    fn note_asset(&mut self, asset: &str) {
        let known = self.asset_codes.iter().position(|code| code == asset);
        let number = known.unwrap_or_else(|| {
            self.asset_codes.push(asset.to_owned());
            self.asset_codes.len() - 1
        });
        self.assets.push(u16::try_from(number).unwrap_or(u16::MAX));
    }

    /// Accounts used for the first time since the last call, in order of their ids.
    pub fn take_fresh(&mut self) -> Vec<NewAccount> {
        std::mem::take(&mut self.fresh)
    }

    /// Puts the legs of the plan with this hash and key into `legs`; whether it was seen.
    pub fn find(&self, hash: u64, key: &[u8], legs: &mut Vec<PlannedLeg>) -> bool {
        legs.clear();
        if self.slots.is_empty() {
            return false;
        }
        let mask = self.slots.len() - 1;
        let mut slot = index(hash) & mask;
        loop {
            let Slot { tag: found, number } = self.slots[slot];
            if number == 0 {
                return false;
            }
            if found == tag(hash) && self.is_plan(number, hash, key) {
                self.push_legs(&self.plans[number as usize - 1], legs);
                return true;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// What is known of the plan of each row. Rows are taken in groups, so that their waits for
    /// memory overlap.
    pub fn find_all(&self, rows: &[Row], keys: &[u8], found: &mut Vec<Found>) {
        found.clear();
        if self.slots.is_empty() {
            found.resize(rows.len(), Found::Nothing);
            return;
        }
        for rows in rows.chunks(GROUP) {
            let mut numbers = [0; GROUP];
            for (row, number) in rows.iter().zip(&mut numbers) {
                *number = self.candidate(row.plan);
            }
            let mut touched = 0;
            for number in numbers.iter().filter(|number| **number != 0) {
                let plan = &self.plans[*number as usize - 1];
                let last = plan.key_at as usize + usize::from(plan.key_length) - 1;
                touched ^= self.keys[plan.key_at as usize] ^ self.keys[last];
            }
            // Keeps the reads above: they overlap the cache misses of the group.
            std::hint::black_box(touched);
            for (row, number) in rows.iter().zip(numbers) {
                let start = row.plan_at as usize;
                let key = &keys[start..start + usize::from(row.plan_length)];
                let is_it = number != 0 && self.is_plan(number, row.plan, key);
                found.push(if is_it { self.found(number) } else { Found::Nothing });
            }
        }
    }

    fn found(&self, number: u32) -> Found {
        let plan = &self.plans[number as usize - 1];
        match plan.first {
            Some(first) if plan.legs == 1 => Found::Leg(first),
            _ => Found::Plan(number),
        }
    }

    /// The first plan whose hash begins like this one; 0 when there is none.
    fn candidate(&self, hash: u64) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = index(hash) & mask;
        loop {
            let Slot { tag: found, number } = self.slots[slot];
            if number == 0 || found == tag(hash) {
                return number;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn is_plan(&self, number: u32, hash: u64, key: &[u8]) -> bool {
        let plan = &self.plans[number as usize - 1];
        let at = plan.key_at as usize;
        plan.hash == hash && &self.keys[at..at + usize::from(plan.key_length)] == key
    }

    /// The legs of a plan that was found; whether it was.
    pub fn legs(&self, found: Found, legs: &mut Vec<PlannedLeg>) -> bool {
        legs.clear();
        match found {
            Found::Nothing => return false,
            Found::Leg(leg) => legs.push(leg),
            Found::Plan(number) => self.push_legs(&self.plans[number as usize - 1], legs),
        }
        true
    }

    fn push_legs(&self, plan: &Plan, legs: &mut Vec<PlannedLeg>) {
        match plan.first {
            Some(first) if plan.legs == 1 => legs.push(first),
            _ => {
                let at = plan.leg_at as usize;
                legs.extend_from_slice(&self.legs[at..at + usize::from(plan.legs)]);
            }
        }
    }

    /// Makes the plan of an event: its accounts, new ones where needed.
    pub fn make(
        &mut self,
        lookup: &Lookup,
        kind: KindId,
        event: &EventView<'_>,
        (hash, key): (u64, &[u8]),
    ) -> Option<&[PlannedLeg]> {
        let start = self.legs.len();
        let rules = &lookup.rules;
        for leg in &rules.kinds[usize::from(kind)].legs {
            let planned = PlannedLeg {
                debit: self.account(lookup, leg.debit, event)?,
                credit: self.account(lookup, leg.credit, event)?,
                debit_basis: rules.templates[usize::from(leg.debit)].basis,
                credit_basis: rules.templates[usize::from(leg.credit)].basis,
            };
            self.legs.push(planned);
        }
        let plan = Plan {
            hash,
            key_at: u32::try_from(self.keys.len()).ok()?,
            key_length: u16::try_from(key.len()).ok()?,
            legs: u16::try_from(self.legs.len() - start).ok()?,
            leg_at: u32::try_from(start).ok()?,
            first: self.legs.get(start).copied(),
        };
        self.keys.extend_from_slice(key);
        self.plans.push(plan);
        self.link();
        Some(&self.legs[start..])
    }

    fn account(&mut self, lookup: &Lookup, template: u16, event: &EventView<'_>) -> Option<u32> {
        let mut path = String::new();
        lookup.rules.push_path(template, event, &mut path)?;
        self.numbered((path, event.asset.unwrap_or_default().to_owned()))
    }

    /// The number of the account with this path and asset, a new one where needed.
    ///
    /// # Errors
    /// When there are more accounts than numbers.
    pub fn named(&mut self, path: &str, asset: &str) -> Result<AccountId, EngineError> {
        let number = self.numbered((path.to_owned(), asset.to_owned()));
        number.ok_or_else(|| EngineError::Form("there are more accounts than numbers".into()))
    }

    fn numbered(&mut self, key: (String, String)) -> Option<AccountId> {
        if let Some(id) = self.ids.get(&key) {
            return Some(*id);
        }
        let next = AccountId::try_from(self.ids.len()).ok()?;
        self.note_asset(&key.1);
        self.fresh.push(NewAccount { path: key.0.clone(), asset: key.1.clone() });
        self.ids.insert(key, next);
        Some(next)
    }

    /// Puts the last plan into a slot, doubling the slots when they are half full.
    fn link(&mut self) {
        if self.slots.len() < self.plans.len() * 2 {
            let slots = (self.plans.len() * 4).next_power_of_two().max(1024);
            self.slots = vec![Slot::default(); slots];
            (0..self.plans.len()).for_each(|plan| self.place(plan));
        } else {
            self.place(self.plans.len() - 1);
        }
    }

    fn place(&mut self, plan: usize) {
        let mask = self.slots.len() - 1;
        let hash = self.plans[plan].hash;
        let mut slot = index(hash) & mask;
        while self.slots[slot].number != 0 {
            slot = (slot + 1) & mask;
        }
        let number = u32::try_from(plan + 1).unwrap_or(u32::MAX);
        self.slots[slot] = Slot { tag: tag(hash), number };
    }
}

/// The upper half of a hash.
#[allow(clippy::cast_possible_truncation)]
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// The low bits of a hash that is already uniform.
#[allow(clippy::cast_possible_truncation)]
fn index(hash: u64) -> usize {
    hash as usize
}
