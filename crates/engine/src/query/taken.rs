//! From a line of a statement to the earlier lines that its amount was taken of.

use settle::{Agreement, Effect, Line, LineKind, Operand, Rule, Step};

/// Places, ascending, of the lines that the line at `at` was taken of; none where it stands on
/// measures and fixed amounts alone.
pub(super) fn taken_of(agreement: &Agreement, lines: &[Line], at: usize) -> Vec<usize> {
    let line = &lines[at];
    let step = step_of(agreement, line);
    let begin = lines[..at].iter().take_while(|other| !same_step(other, line)).count();
    if stands_alone(line.kind) {
        return Vec::new();
    }
    let own = step.and_then(|step| of_own_lines(&step.rule, lines, (begin, at)));
    if let Some(own) = own {
        return own;
    }
    let mut taken = Vec::new();
    let mut take = |operand: &Operand| match operand {
        Operand::Line(name) => taken.extend(lines[..at].iter().rposition(|l| &l.name == name)),
        Operand::Running => taken.extend(running(lines, at)),
        _ => {}
    };
    match (line.kind, step.map(|step| &step.rule)) {
        (LineKind::Excess, _) => taken.extend(at.checked_sub(1)),
        (LineKind::Deduct, Some(Rule::Deduct(deduct))) => {
            let item = deduct.items.iter().find(|item| item.name == line.name);
            item.into_iter().for_each(|item| take(&item.amount.of));
            match item.and_then(|item| item.cap.as_ref()).map(|cap| &cap.of) {
                // A cap is taken of the running amount before the step's first deduction.
                Some(Operand::Running) => taken.extend(running(lines, begin)),
                Some(of) => take(of),
                None => {}
            }
            if deduct.floor_at_zero && limited(line) {
                taken.extend(running(lines, at));
            }
        }
        (_, Some(Rule::Share(share))) => take(&share.amount.of),
        (_, Some(Rule::Tier(tier))) => {
            take(&tier.of);
            tier.by.iter().for_each(take);
            taken.extend((begin..at).filter(|_| line.kind == LineKind::Tier));
        }
        (_, Some(Rule::Minimum(minimum))) => {
            take(&minimum.amount.of);
            taken.extend(running(lines, at));
        }
        (_, Some(Rule::Cap(cap))) => {
            take(&cap.limit.of);
            taken.extend(running(lines, at));
        }
        (LineKind::Part, Some(Rule::Split(split))) => take(&split.of),
        (_, Some(Rule::Threshold(threshold))) => {
            take(&threshold.at.of);
            taken.extend(running(lines, at));
        }
        // Rounding, a floor, the result of a step: what they change or state is what runs.
        _ => taken.extend(running(lines, at)),
    }
    taken.sort_unstable();
    taken.dedup();
    taken
}

/// Whether such a line states a measure, a balance or an amount of the agreement.
fn stands_alone(kind: LineKind) -> bool {
    use LineKind::{BroughtForward, Fixed, Item, Net, Select, Sum};
    matches!(kind, Select | Sum | BroughtForward | Fixed | Item | Net)
}

/// Of a line that follows from lines of its own step, which begins at `begin`, or from lines that
/// the step names: these.
fn of_own_lines(rule: &Rule, lines: &[Line], (begin, at): (usize, usize)) -> Option<Vec<usize>> {
    let line = &lines[at];
    match (line.kind, rule) {
        // What was not taken before, and what is not taken now.
        (LineKind::Deduct, Rule::Deduct(_)) if line.name.ends_with("/earlier") => {
            Some((begin..at).rev().take(1).collect())
        }
        (LineKind::CarriedForward, Rule::Deduct(_)) => {
            let item = |line: &Line| line.name.split('/').next().map(str::to_owned);
            Some((begin..at).filter(|place| item(&lines[*place]) == item(line)).collect())
        }
        (_, Rule::Total(total)) => {
            let named = |line: &Line| total.lines.iter().any(|(_, name)| *name == line.name);
            Some((0..begin).filter(|place| named(&lines[*place])).collect())
        }
        // A surtax is taken of another tax, every other one of what ran before the first.
        (LineKind::Tax | LineKind::Withholding, Rule::Tax(tax)) => {
            let item = tax.items.iter().find(|item| item.name == line.name);
            let name = match (item.and_then(|item| item.on.as_ref()), &tax.of) {
                (Some(name), _) | (None, Operand::Line(name)) => name,
                (None, Operand::Running) => {
                    let mut found = running(lines, begin);
                    found.sort_unstable();
                    return Some(found);
                }
                (None, _) => return Some(Vec::new()),
            };
            Some(lines[..at].iter().rposition(|line| line.name == *name).into_iter().collect())
        }
        (LineKind::Total, Rule::Net(_)) => Some((begin..at).collect()),
        (LineKind::Result, Rule::Split(_)) | (LineKind::CarriedForward, Rule::Advance(_)) => {
            Some((begin..at).collect())
        }
        (LineKind::Recouped, Rule::Advance(_)) => {
            let mut found = running(lines, begin);
            found.sort_unstable();
            found.extend(begin..at);
            Some(found)
        }
        _ => None,
    }
}

/// The step that printed a line: the first number of its path is ten times the step's place.
fn step_of<'a>(agreement: &'a Agreement, line: &Line) -> Option<&'a Step> {
    let (place, _) = line.path.split_once("0-")?;
    agreement.steps.get(place.parse::<usize>().ok()?.checked_sub(1)?)
}

fn same_step(a: &Line, b: &Line) -> bool {
    let step = |line: &Line| line.path.split('/').next().map(str::to_owned);
    step(a) == step(b)
}

/// Whether the most that could be taken decided the amount.
fn limited(line: &Line) -> bool {
    line.notes.get("limit") == Some(&line.amount.canonical().to_string())
}

/// The lines that make up the running amount before the line at `at`: back to the last that set
/// it anew.
fn running(lines: &[Line], at: usize) -> Vec<usize> {
    let mut found = Vec::new();
    for (place, line) in lines[..at].iter().enumerate().rev() {
        if line.effect != Effect::Keep {
            found.push(place);
        }
        if line.effect == Effect::Set {
            break;
        }
    }
    found
}
