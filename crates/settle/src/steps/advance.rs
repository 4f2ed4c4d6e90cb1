//! `advance`: what was paid in advance, worked off by what is earned.

use super::Apply;
use crate::agreement::Figure;
use crate::canon::{Fields, Map, Value, list, text};
use crate::check::Checker;
use crate::error::SettleError;
use crate::limits::ITEMS_MAX;
use crate::period::local_day;
use crate::run::{Entry, Run};
use crate::statement::{Effect, LineKind};
use jiff::civil::Date;
use ledger::Decimal;

/// Takes what is earned against the balance of what was advanced. What was advanced before the
/// agreement began is the step's opening balance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// What is advanced, on days that ascend.
    pub grants: Vec<Grant>,
    /// The most that one period works off; `None` for all that it earned. The operand `Running`
    /// is what was earned.
    pub most: Option<Figure>,
}

/// One advance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The day, in the agreement's zone; the period that it lies in already works it off.
    pub on: Date,
    /// How much; above zero.
    pub amount: Decimal,
    /// Whether the statement of that period pays it; otherwise it is paid apart from statements.
    pub pays: bool,
}

impl Apply for Advance {
    fn apply(&self, run: &mut Run<'_>) -> Result<(), SettleError> {
        let mut balance = run.balance("");
        let earned = run.running().max(Decimal::ZERO);
        let brought = Entry::stating(LineKind::BroughtForward, balance, Effect::Keep);
        run.print(brought.part("brought"))?;
        for grant in self.granted(run)? {
            balance = run.fit(balance.checked_add(grant.amount))?;
            // What is paid apart changes what is to be worked off, and nothing that is owed.
            let (kind, effect) = if grant.pays {
                (LineKind::Fixed, Effect::Add)
            } else {
                (LineKind::Credit, Effect::Keep)
            };
            run.print(Entry::stating(kind, grant.amount, effect).part(grant.on))?;
        }
        let all = earned.min(balance.max(Decimal::ZERO));
        let mut entry = Entry::stating(LineKind::Recouped, all, Effect::Subtract);
        if let Some(most) = &self.most {
            let limit = run.figure_at(most, earned)?;
            entry.taken.amount = all.min(limit.amount.max(Decimal::ZERO));
            entry = entry.limited(&limit).rounded(most.round);
        }
        balance = run.fit(balance.checked_sub(entry.taken.amount))?;
        run.print(entry.note("earned", earned.canonical()))?;
        run.set_balance("", balance);
        let left = Entry::stating(LineKind::CarriedForward, balance, Effect::Keep);
        run.print(left.part("unrecouped"))
    }

    fn check(&self, checker: &mut Checker<'_>) {
        for grant in &self.grants {
            checker.number(grant.amount);
            checker.ensure(grant.amount > Decimal::ZERO, "an advance is not above zero");
        }
        let ascends = self.grants.is_sorted_by(|one, next| one.on < next.on);
        checker.ensure(ascends, "the days of its advances do not ascend");
        checker.ensure(self.grants.len() <= ITEMS_MAX, "it has more than 200 advances");
        if let Some(most) = &self.most {
            checker.figure(most);
        }
        checker.keeps_running();
        for part in ["brought", "unrecouped"] {
            checker.prints_part(part);
        }
        checker.prints();
    }

    fn write(&self) -> Map {
        let mut map = Map::new();
        if !self.grants.is_empty() {
            map.insert("grants".into(), list(self.grants.iter().map(Grant::value)));
        }
        if let Some(most) = &self.most {
            map.insert("most".into(), most.value());
        }
        map
    }

    fn read(fields: &mut Fields) -> Result<Self, SettleError> {
        let any = fields.has("grants");
        let grants = if any { fields.maps("grants", Grant::read)? } else { Vec::new() };
        Ok(Self { grants, most: fields.optional_map("most", Figure::read)? })
    }
}

impl Advance {
    /// What is advanced in the period, in order of day.
    fn granted(&self, run: &Run<'_>) -> Result<Vec<&Grant>, SettleError> {
        let (zone, span) = (&run.agreement().zone, run.span());
        let (first, last) = (local_day(span.start, zone)?, local_day(span.end - 1, zone)?);
        Ok(self.grants.iter().filter(|grant| first <= grant.on && grant.on <= last).collect())
    }
}

impl Grant {
    fn value(&self) -> Value {
        let mut map = Map::from([
            ("amount".into(), text(self.amount.canonical())),
            ("on".into(), text(self.on)),
        ]);
        if self.pays {
            map.insert("paid".into(), text("by-statement"));
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        let pays = fields.has("paid");
        if pays {
            fields.word("paid", |word| (word == "by-statement").then_some(()))?;
        }
        Ok(Self { on: fields.parse("on")?, amount: fields.parse("amount")?, pays })
    }
}
