//! Which steps can leave more decimals than the asset has: what a book is told before anything is
//! rated. Rating itself refuses a payable amount that is too fine.

use crate::agreement::{Figure, Operand, RoundTo};
use crate::statement::Effect;
use crate::steps::{Advance, CarryTo, Count, Deduct, Fixed, Item, Rule, Step, Tax, TaxMethod};
use ledger::{Asset, Decimal};
use std::collections::BTreeSet;

/// The place, from 0, of the step after which the running amount may have more decimals than its
/// asset although no later step rounds it, or although the next one splits it; `None` when the
/// result is always whole minor units.
pub fn unrounded(steps: &[Step], asset: &Asset) -> Option<usize> {
    // What one step leaves in a pool another one takes out, of the next statement at the latest:
    // the second walk begins with what the first one found of pools.
    let mut walk = Walk::default();
    for _ in 0..2 {
        walk = Walk { pools: walk.pools, scale: asset.scale, ..Walk::default() };
        for (place, step) in steps.iter().enumerate() {
            if let (Rule::Split(split), Some(found)) = (&step.rule, walk.running)
                && split.of == Operand::Running
            {
                return Some(found);
            }
            walk.step(place, step);
        }
    }
    walk.running
}

#[derive(Default)]
struct Walk {
    /// Decimals of the asset in force.
    scale: u8,
    /// The step that made the running amount finer than that.
    running: Option<usize>,
    /// Names of steps and deductions whose lines may be finer.
    lines: BTreeSet<String>,
    /// Pools whose balances may be finer.
    pools: BTreeSet<String>,
}

impl Walk {
    #[allow(clippy::match_wildcard_for_single_variants)] // the last arm says why
    fn step(&mut self, place: usize, step: &Step) {
        let name = step.name.as_str();
        match &step.rule {
            Rule::Select(select) => {
                self.scale = select.asset.as_ref().map_or(self.scale, |asset| asset.scale);
            }
            // What statements came to is posted, and has the decimals of its asset.
            Rule::Net(_) => {}
            Rule::Sum(sum) => self.takes(place, name, (false, sum.effect)),
            Rule::Share(share) => {
                self.takes(place, name, (self.figure(&share.amount), share.effect));
            }
            Rule::Tier(tier) => self.takes(place, name, (self.stays(tier.round), tier.effect)),
            Rule::Total(total) => {
                let fine = total.lines.iter().any(|(_, line)| self.line(line));
                self.takes(place, name, (fine, total.effect));
            }
            Rule::Fixed(fixed) => self.takes(place, name, (self.fixed(fixed), fixed.effect)),
            Rule::Item(item) => self.takes(place, name, (self.item(item), item.effect)),
            Rule::Tax(tax) => self.tax(place, name, tax),
            Rule::Deduct(deduct) => self.deduct(place, name, deduct),
            Rule::Minimum(minimum) => self.moves(place, name, self.figure(&minimum.amount)),
            Rule::Cap(cap) => self.moves(place, name, self.figure(&cap.limit)),
            Rule::Reserve(reserve) => {
                let rolling = reserve.rolling.as_ref().map(|rolling| &rolling.amount);
                let fine = rolling.into_iter().chain(&reserve.target).any(|it| self.figure(it));
                self.moves(place, name, fine);
            }
            Rule::Advance(advance) => self.advance(place, name, advance),
            Rule::Carry(carry) => self.carry(place, name, &carry.to),
            Rule::Threshold(_) => self.moves(place, name, false),
            Rule::Round(round) => {
                self.moves(place, name, round.keep_residue);
                self.running = self.running.filter(|_| self.stays(Some(round.to)));
            }
            Rule::Exchange(exchange) => {
                self.scale = exchange.to.scale;
                self.takes(place, name, (self.stays(Some(exchange.round)), Effect::Set));
            }
            // What is not whole is refused, and the parts are.
            Rule::Split(_) => self.running = None,
            Rule::Hierarchy(levels) => {
                self.takes(place, name, (self.stays(levels.round), levels.effect));
            }
            // Of any other step nothing is known but that it works on what runs: so that a new
            // kind asks for a rounding until it is looked at here.
            _ => self.moves(place, name, true),
        }
    }

    fn carry(&mut self, place: usize, name: &str, to: &CarryTo) {
        let CarryTo::Shared(pool) = to else { return self.moves(place, name, false) };
        if self.running.is_some() {
            self.pools.insert(pool.clone());
        }
        let fine = self.pools.contains(pool);
        self.moves(place, name, fine);
    }

    fn advance(&mut self, place: usize, name: &str, advance: &Advance) {
        let granted = advance.grants.iter().any(|grant| self.number(grant.amount));
        let fine = granted || advance.most.as_ref().is_some_and(|most| self.figure(most));
        self.moves(place, name, fine);
    }

    /// The step gives a figure, which may be fine, and does this with it.
    fn takes(&mut self, place: usize, name: &str, (fine, effect): (bool, Effect)) {
        if fine {
            self.lines.insert(name.to_owned());
        }
        match effect {
            Effect::Set => self.running = fine.then_some(place),
            Effect::Add | Effect::Subtract if fine => self.running = Some(place),
            Effect::Add | Effect::Subtract | Effect::Keep => {}
        }
    }

    /// The step moves amounts to or from the running one; its lines state parts of either.
    fn moves(&mut self, place: usize, name: &str, fine: bool) {
        if fine {
            self.running = Some(place);
        }
        if self.running.is_some() {
            self.lines.insert(name.to_owned());
        }
    }

    fn deduct(&mut self, place: usize, name: &str, deduct: &Deduct) {
        for item in &deduct.items {
            let cap = item.cap.as_ref().is_some_and(|cap| self.figure(cap));
            if cap || self.figure(&item.amount) || (deduct.floor_at_zero && self.running.is_some())
            {
                self.running = Some(self.running.unwrap_or(place));
                self.lines.insert(item.name.clone());
            }
        }
        self.moves(place, name, false);
    }

    fn tax(&mut self, place: usize, name: &str, tax: &Tax) {
        let rounds = tax.items.iter().any(|item| self.stays(Some(item.round)));
        // What is in an amount is the amount less what is supplied, which alone is rounded.
        let included = tax.method == TaxMethod::Included && self.operand(&tax.of);
        let fine = rounds || included;
        if fine {
            self.lines.extend(tax.items.iter().map(|item| item.name.clone()));
        }
        self.takes(place, name, (fine, tax.effect));
    }

    fn fixed(&self, fixed: &Fixed) -> bool {
        let parts = fixed.prorate.is_some_and(|to| self.stays(Some(to)));
        parts || (fixed.prorate.is_none() && self.number(fixed.amount))
    }

    fn item(&self, item: &Item) -> bool {
        let whole_each = item.each.canonical().scale() == 0;
        let fine = match item.count {
            Count::Postings => self.number(item.each),
            Count::Value => !whole_each,
        };
        fine && self.stays(item.round)
    }

    fn figure(&self, figure: &Figure) -> bool {
        (figure.rate.is_some() || self.operand(&figure.of)) && self.stays(figure.round)
    }

    fn operand(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Running => self.running.is_some(),
            Operand::Line(line) => self.line(line),
            Operand::Measure(_) => false,
            Operand::Fixed(amount) => self.number(*amount),
        }
    }

    fn line(&self, line: &str) -> bool {
        self.lines.contains(line.split('/').next().unwrap_or_default())
    }

    fn number(&self, number: Decimal) -> bool {
        number.canonical().scale() > self.scale
    }

    /// Whether a fine figure is still fine after rounding.
    fn stays(&self, round: Option<RoundTo>) -> bool {
        round.is_none_or(|to| i16::from(to.scale) > i16::from(self.scale))
    }
}
