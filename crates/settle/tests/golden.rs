//! Worked settlements, their figures restated from the shared golden cases.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{BANDS, cap, check, deduct, minimum, round, share, sum, tier};
use ledger::Rounding::HalfUp;
use settle::Effect;
use settle::steps::Method::{Marginal, Slab};

#[test]
fn ggr_and_the_waterfall_to_ngr() {
    let flow = &[("stakes", "10000000"), ("wins", "9200000"), ("bonus", "96000")];
    let mut all = flow.to_vec();
    all.extend([("deposits", "1250000"), ("chargebacks", "4120.55")]);
    let ggr = || deduct("ggr", false, &[("won", "measure:wins", "", "", "")]);
    check("G01", 2, flow, vec![sum("stakes"), ggr()], &["ggr 800000.00", "800000.00"]);
    let ngr = deduct(
        "ngr",
        false,
        &[
            ("bonuses", "measure:bonus", "", "", ""),
            ("jackpot", "measure:stakes", "0.01", "", ""),
            ("payment_fees", "measure:deposits", "0.0235", "", ""),
            ("charged_back", "measure:chargebacks", "", "", ""),
            ("tax", "line:ggr", "0.15", "", ""),
        ],
    );
    let wanted = [
        "jackpot 100000.00",
        "payment_fees 29375.00",
        "tax 120000.00",
        "ngr 450504.45",
        "450504.45",
    ];
    check("G02", 2, &all, vec![sum("stakes"), ggr(), ngr], &wanted);
}

#[test]
fn tiers_slab_and_marginal() {
    for (case, ngr, slab, marginal) in [
        ("G03a", "5000.00", "1250.00", "1250.00"),
        ("G03b", "5000.01", "1500.00", "1250.00"),
        ("G03c", "25000.00", "8750.00", "7500.00"),
        ("G03d", "125000.00", "62500.00", "48750.00"),
    ] {
        for (method, payable) in [(Slab, slab), (Marginal, marginal)] {
            let steps = vec![sum("ngr"), tier("share", method, BANDS), round("cents", HalfUp, 2)];
            check(case, 2, &[("ngr", ngr)], steps, &[payable]);
        }
    }
}

#[test]
fn minimum_and_cap() {
    let wanted = ["share 9874.32", "guarantee 5125.68", "15000.00"];
    let steps = vec![sum("share"), minimum("guarantee", "fixed:15000")];
    check("G05", 2, &[("share", "9874.32")], steps, &wanted);
    let steps = vec![sum("share"), cap("ceiling", "fixed:50000.00")];
    check("G07", 2, &[("share", "57812.90")], steps, &["ceiling 7812.90", "50000.00"]);
}

#[test]
fn bonus_deduction_capped_at_a_share_of_ggr() {
    let given = &[("ggr", "250000.00"), ("bonuses", "67500.00")];
    let steps = vec![
        sum("ggr"),
        deduct("base", false, &[("bonus", "measure:bonuses", "", "line:ggr", "0.20")]),
        share("fee", "running", "0.10", Effect::Set),
    ];
    let wanted = ["bonus 50000.00", "bonus/excess 17500.00", "base 200000.00", "20000.00"];
    check("G17", 2, given, steps, &wanted);
}

#[test]
fn licence_fee_and_marketing_fund_on_turnover() {
    let steps = vec![
        sum("sales"),
        share("licence", "running", "0.10", Effect::Set),
        share("marketing", "line:sales", "0.06", Effect::Add),
    ];
    let wanted = ["licence 9643.40", "marketing 5786.04", "15429.44"];
    check("G30", 2, &[("sales", "96434.00")], steps, &wanted);
}
