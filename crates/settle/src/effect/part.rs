//! The accounts of a settlement beside its running account, and which of them a line moves.

use super::ROOT;
use crate::statement::{LineKind, Section};
use crate::steps::Rule;

/// What an account of a settlement has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// What was earned.
    Earned,
    /// What was taken from it.
    Deductions,
    /// Taxes added, included and withheld.
    Tax,
    /// What reserves hold: a balance.
    Reserve,
    /// What is carried to the next period: a balance.
    Carry,
    /// What was advanced and not worked off yet: a balance.
    Advance,
    /// What exchanges turned into another asset.
    Exchange,
    /// What late facts changed in closed periods.
    Corrections,
    /// Balances that the first statement began with.
    Opening,
    /// What balances kept more exactly than minor units differ by.
    Rounding,
    /// Advances paid apart from statements.
    Apart,
    /// What is held out of payment.
    Held,
}

/// Every account that statements move against the running one: it is always their sum, the other
/// way round. What is held out of payment is not among them.
pub const PARTS: &[Part] = &[
    Part::Earned,
    Part::Deductions,
    Part::Tax,
    Part::Reserve,
    Part::Carry,
    Part::Advance,
    Part::Exchange,
    Part::Corrections,
    Part::Opening,
    Part::Rounding,
    Part::Apart,
];

impl Part {
    /// The account's last segment.
    pub fn word(self) -> &'static str {
        match self {
            Self::Earned => "earned",
            Self::Deductions => "deductions",
            Self::Tax => "tax",
            Self::Reserve => "reserve",
            Self::Carry => "carry",
            Self::Advance => "advance",
            Self::Exchange => "exchange",
            Self::Corrections => "corrections",
            Self::Opening => "opening",
            Self::Rounding => "rounding",
            Self::Apart => "apart",
            Self::Held => "held",
        }
    }

    /// The account's path: `settlement:games-a:reserve`.
    pub fn account(self, agreement: &str) -> String {
        format!("{ROOT}:{agreement}:{}", self.word())
    }

    /// The account that a line moves, by the step that printed it and its kind.
    pub(super) fn of(step: Option<&Rule>, kind: LineKind) -> Self {
        if let Some(rule) = step.filter(|rule| keeps(rule, kind))
            && let Some((part, _)) = keeper(rule)
        {
            return part;
        }
        match kind.section() {
            Section::Earned => Self::Earned,
            Section::Deductions => Self::Deductions,
            Section::Tax => Self::Tax,
            Section::Reserve => Self::Reserve,
            Section::Opening | Section::Carry => Self::Carry,
            Section::Exchange => Self::Exchange,
            Section::Corrections => Self::Corrections,
        }
    }
}

/// The account of the balances that a step keeps, and whether they count for whom is paid;
/// losses set apart and advances count against. What a waterfall or a credit remembers is no
/// money that anybody owes.
pub(super) fn keeper(rule: &Rule) -> Option<(Part, bool)> {
    match rule {
        Rule::Reserve(_) => Some((Part::Reserve, true)),
        // A carry that resets, and a rounding that drops what it rounds off, have no balance.
        Rule::Carry(_) | Rule::Threshold(_) | Rule::Round(_) => Some((Part::Carry, true)),
        Rule::Quarantine(_) => Some((Part::Carry, false)),
        Rule::Advance(_) => Some((Part::Advance, false)),
        _ => None,
    }
}

/// Whether a line of this kind, where it changes the running amount, changes a balance of the
/// step by as much.
pub(super) fn keeps(rule: &Rule, kind: LineKind) -> bool {
    use LineKind::{BroughtForward, CarriedForward, Fixed, HeldBack, Recouped};
    match rule {
        Rule::Reserve(_) => matches!(kind, LineKind::Hold | LineKind::Release),
        // One that resets prints neither.
        Rule::Carry(_) => matches!(kind, BroughtForward | CarriedForward),
        Rule::Threshold(_) => matches!(kind, BroughtForward | HeldBack),
        Rule::Round(round) if round.keep_residue => {
            matches!(kind, BroughtForward | LineKind::Round)
        }
        Rule::Quarantine(_) => kind == LineKind::Quarantine,
        Rule::Advance(_) => matches!(kind, Recouped | Fixed),
        _ => false,
    }
}
