//! Tax invoices of statements, and the changes that people ask for.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use crate::common::{agreement, given, rated, sum};
use jiff::civil::date;
use settle::Statement;
use settle::invoice::{Amendment, InvoiceKind, InvoiceTerms, Reason, TaxInvoice, Trader, Vat};

/// A statement of November 2016 over an amount in an asset.
fn statement(amount: &str, asset: &str, scale: u8) -> Statement {
    let (measures, mut sums) = given(&[("m", amount)], scale);
    sums[0].asset = asset.into();
    let mut agreement = agreement(vec![sum("m")], scale);
    agreement.asset.code = asset.into();
    rated(&agreement, &measures, &sums).unwrap()
}

fn terms() -> InvoiceTerms {
    let trader = |number: &str, name: &str| Trader { number: number.into(), name: name.into() };
    InvoiceTerms {
        supplier: trader("9998100015", "스튜디오"),
        buyer: trader("9998100029", "하우스"),
        kind: InvoiceKind::Regular,
        item: "용역".into(),
        line: None,
        tax_included: false,
        zone: "Asia/Seoul".into(),
    }
}

#[test]
fn a_statement_is_invoiced() {
    let check = |terms: &InvoiceTerms, statement: &Statement, wanted: &str| {
        let told = match terms.invoice(statement, Vat::korean()) {
            Ok(invoice) => {
                assert_eq!(invoice.items.len(), 1);
                assert_eq!(TaxInvoice::decode(&invoice.encode()).as_ref(), Ok(&invoice));
                let TaxInvoice { id, written, supply, tax, .. } = &invoice;
                format!("{id} {written} {supply} {tax} {}", invoice.total())
            }
            Err(error) => error.code().to_owned(),
        };
        assert_eq!(told, wanted, "{terms:?}");
    };
    let won = statement("5000000", "KRW", 0);
    check(&terms(), &won, "provider-share-2016-11 2016-11-30 5000000 500000 5500000");
    let included = InvoiceTerms { tax_included: true, ..terms() };
    check(&included, &won, "provider-share-2016-11 2016-11-30 4545454 454546 5000000");
    let exempt = InvoiceTerms { kind: InvoiceKind::Exempt, ..included.clone() };
    check(&exempt, &won, "provider-share-2016-11 2016-11-30 5000000 0 5000000");
    let line = InvoiceTerms { line: Some("m".into()), ..terms() };
    check(&line, &won, "provider-share-2016-11 2016-11-30 5000000 500000 5500000");
    let no_line = InvoiceTerms { line: Some("n".into()), ..terms() };
    check(&no_line, &won, "E7801");
    check(&terms(), &statement("12.00", "KRW", 2), "provider-share-2016-11 2016-11-30 12 1 13");
    check(&terms(), &statement("12.50", "KRW", 2), "E7801");
    check(&terms(), &statement("12", "EUR", 0), "E7801");
    check(&terms(), &statement("0", "KRW", 0), "E7801");
    check(&terms(), &statement("-1", "KRW", 0), "E7801");
    let same = InvoiceTerms { buyer: terms().supplier, ..terms() };
    check(&same, &won, "E7801");
}

#[test]
fn changes_that_people_ask_for() {
    use Reason::{Cancel, Change, Correction, Double, LetterOfCredit, Return};
    let original = terms().invoice(&statement("5000000", "KRW", 0), Vat::korean()).unwrap();
    let check = |reason: Reason, supply: Option<i128>, wanted: &[&str]| {
        let amendment = Amendment { reason, on: date(2016, 12, 17), supply };
        let change = amendment.change(&original, Vat::korean());
        let found = change.and_then(|change| original.amend(&change, Vat::korean(), "x-a1"));
        let told = match found {
            Ok(documents) => {
                let one = |d: &TaxInvoice| format!("{} {} {} {}", d.id, d.written, d.supply, d.tax);
                documents.iter().map(one).collect()
            }
            Err(error) => vec![error.code().to_owned()],
        };
        assert_eq!(told, wanted, "{reason:?} {supply:?}");
    };
    check(Change, Some(-120_000), &["x-a1 2016-12-17 -120000 -12000"]);
    check(Change, Some(7), &["x-a1 2016-12-17 7 0"]);
    check(Change, Some(0), &["E7802"]);
    check(Change, None, &["E7802"]);
    check(Return, Some(-100_000), &["x-a1 2016-12-17 -100000 -10000"]);
    check(Return, Some(100_000), &["E7802"]);
    check(Return, Some(0), &["E7802"]);
    for supply in [0, 100_000] {
        let amendment = Amendment { reason: Return, on: date(2016, 12, 17), supply: Some(supply) };
        let refused = amendment.change(&original, Vat::korean()).unwrap_err().to_string();
        assert!(refused.contains("what came back is below zero"), "{refused}");
    }
    check(Return, Some(-5_000_001), &["E7802"]);
    check(Cancel, None, &["x-a1 2016-12-17 -5000000 -500000"]);
    check(Cancel, Some(-1), &["E7802"]);
    check(Double, None, &["x-a1 2016-11-30 -5000000 -500000"]);
    check(Double, Some(-1), &["E7802"]);
    let credit = ["x-a1-minus 2016-11-30 -1000000 -100000", "x-a1-plus 2016-11-30 1000000 0"];
    check(LetterOfCredit, Some(1_000_000), &credit);
    check(LetterOfCredit, None, &["E7802"]);
    let right = ["x-a1-minus 2016-11-30 -5000000 -500000", "x-a1-plus 2016-11-30 4900000 490000"];
    check(Correction, Some(-100_000), &right);
    check(Correction, Some(i128::MAX), &["E7803"]);
    check(Correction, None, &["E7802"]);
}
