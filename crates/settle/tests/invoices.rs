//! Korean tax invoices: their amounts, their dates, and how one amends another.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use jiff::civil::{Date, date};
use ledger::{Decimal, Rounding};
use proptest::prelude::*;
use settle::calendar::{Holidays, Weekdays};
use settle::invoice::{
    Change, InvoiceKind, Item, Reason, TaxInvoice, Trader, Vat, is_business_number,
};

fn trader(number: &str, name: &str) -> Trader {
    Trader { number: number.into(), name: name.into() }
}

fn invoice(written: Date, supply: i128, tax: i128) -> TaxInvoice {
    let name = "플랫폼 수수료".to_owned();
    let item = Item { date: written, name, quantity: None, price: None, supply, tax };
    TaxInvoice {
        id: "inv-1".into(),
        kind: InvoiceKind::Regular,
        supplier: trader("1248100998", "운영사"),
        buyer: trader("2208162517", "판매사"),
        written,
        items: vec![item],
        supply,
        tax,
        amends: None,
    }
}

/// Five million won written at the end of March.
fn original() -> TaxInvoice {
    invoice(date(2026, 3, 31), 5_000_000, 500_000)
}

/// Documents as `id kind written supply tax total`.
fn told(documents: &[TaxInvoice]) -> Vec<String> {
    let one = |d: &TaxInvoice| {
        let total = d.total();
        let kind = d.kind.word();
        format!("{} {kind} {} {} {} {total}", d.id, d.written, d.supply, d.tax)
    };
    documents.iter().map(one).collect()
}

/// What amends the original, and by when the last of it is issued, where the law names a day.
fn check(change: &Change, documents: &[&str], issue_by: &str) {
    let original = original();
    let found = original.amend(change, Vat::korean(), "a").unwrap();
    assert_eq!(told(&found), documents, "{change:?}");
    assert_eq!(original, self::original(), "an original is never edited");
    for document in &found {
        let amends = document.amends.as_ref().unwrap();
        assert_eq!(amends.original, "inv-1");
        assert_eq!((amends.reason, amends.happened), change.reason());
        let day = document.issue_by().unwrap().map(|day| day.to_string());
        assert_eq!(day.unwrap_or_default(), issue_by, "{change:?}");
        assert_eq!(TaxInvoice::decode(&document.encode()).as_ref(), Ok(document));
    }
}

#[test]
fn every_reason_and_its_documents() {
    let april = date(2026, 4, 17);
    check(
        &Change::Changed { on: april, supply: -120_000 },
        &["a regular 2026-04-17 -120000 -12000 -132000"],
        "2026-05-10",
    );
    check(
        &Change::Changed { on: april, supply: 15 },
        &["a regular 2026-04-17 15 1 16"],
        "2026-05-10",
    );
    check(
        &Change::Returned { on: date(2026, 12, 1), supply: 999_999 },
        &["a regular 2026-12-01 -999999 -99999 -1099998"],
        "2027-01-10",
    );
    check(
        &Change::Cancelled { on: april },
        &["a regular 2026-04-17 -5000000 -500000 -5500000"],
        "2026-05-10",
    );
    check(
        &Change::Double { found: april },
        &["a regular 2026-03-31 -5000000 -500000 -5500000"],
        "",
    );
    let right = Box::new(invoice(date(2026, 3, 30), 5_500_000, 550_000));
    check(
        &Change::Corrected { found: april, right },
        &[
            "a-minus regular 2026-03-31 -5000000 -500000 -5500000",
            "a-plus regular 2026-03-30 5500000 550000 6050000",
        ],
        "",
    );
    let credit = |on| Change::CreditOpened { on, supply: 1_000_000 };
    let documents = [
        "a-minus regular 2026-03-31 -1000000 -100000 -1100000",
        "a-plus zero-rated 2026-03-31 1000000 0 1000000",
    ];
    check(&credit(date(2026, 4, 12)), &documents, "2026-05-10");
    check(&credit(date(2026, 6, 30)), &documents, "2026-07-10");
    check(&credit(date(2026, 7, 1)), &documents, "2026-07-25");
    check(&credit(date(2026, 7, 25)), &documents, "2026-07-25");
}

#[test]
fn changes_that_cannot_be() {
    let refused = |change: Change, reason: &str| {
        let error = original().amend(&change, Vat::korean(), "a").unwrap_err();
        assert_eq!(error.code(), "E7802", "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    };
    let on = date(2026, 4, 17);
    refused(Change::Cancelled { on: date(2026, 3, 30) }, "before the original");
    let same_day = Change::Cancelled { on: date(2026, 3, 31) };
    assert!(original().amend(&same_day, Vat::korean(), "a").is_ok(), "on the day of the original");
    refused(Change::Changed { on, supply: 0 }, "did not change");
    refused(Change::Returned { on, supply: 0 }, "not part of the supply");
    refused(Change::Returned { on, supply: -1 }, "not part of the supply");
    refused(Change::Returned { on, supply: 5_000_001 }, "not part of the supply");
    refused(Change::CreditOpened { on, supply: 5_000_001 }, "covers is not part");
    refused(Change::CreditOpened { on: date(2026, 7, 26), supply: 1 }, "too late");
    let mut exempt = invoice(date(2026, 3, 31), 100, 0);
    exempt.kind = InvoiceKind::Exempt;
    let change = Change::CreditOpened { on, supply: 1 };
    let error = exempt.amend(&change, Vat::korean(), "a").unwrap_err();
    assert!(error.to_string().contains("not taxed at the ordinary rate"), "{error}");
    let back = exempt.amend(&Change::Returned { on, supply: 55 }, Vat::korean(), "a").unwrap();
    assert_eq!(told(&back), ["a exempt 2026-04-17 -55 0 -55"]);
}

#[test]
fn days_of_issue() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let mut korea = Holidays {
        name: "kr".into(),
        version: 1,
        first_year: 2025,
        last_year: 2026,
        weekend: Weekdays::saturday_sunday(),
        days: [day("2025-10-09"), day("2025-10-10")].into(),
    };
    for (written, by, until) in [
        ("2026-03-31", "2026-04-10", "2026-04-10"),
        ("2026-03-01", "2026-04-10", "2026-04-10"),
        // A Sunday, a Saturday, and a holiday before a weekend.
        ("2026-04-17", "2026-05-10", "2026-05-11"),
        ("2026-09-30", "2026-10-10", "2026-10-12"),
        ("2025-09-30", "2025-10-10", "2025-10-13"),
        ("2025-12-31", "2026-01-10", "2026-01-12"),
    ] {
        let invoice = invoice(day(written), 10, 1);
        assert_eq!(invoice.issue_by(), Ok(Some(day(by))), "{written}");
        let found = invoice.issue_until(std::slice::from_ref(&korea));
        assert_eq!(found, Ok(Some(day(until))), "{written}");
    }
    korea.last_year = 2025;
    let error = original().issue_until(&[korea]).unwrap_err();
    assert_eq!(error.code(), "E7702");
}

#[test]
fn taxes_and_what_they_are_within() {
    use Rounding::{Down, Floor, HalfUp, Up};
    for (supply, round, tax) in [
        (10_956_790, Down, 1_095_679),
        (87_654_325, Down, 8_765_432),
        (-87_654_325, Down, -8_765_432),
        (-87_654_325, Floor, -8_765_433),
        (87_654_325, HalfUp, 8_765_433),
        (1, Up, 1),
        (0, Up, 0),
    ] {
        let vat = Vat { round, ..Vat::korean() };
        assert_eq!(vat.on(supply), Ok(tax), "{supply} {round:?}");
    }
    for (total, round, supply, tax) in [
        (1_000_001, HalfUp, 909_092, 90_909),
        (1_100_000, Down, 1_000_000, 100_000),
        (-1_000_001, HalfUp, -909_092, -90_909),
        (1_000_001, Down, 909_091, 90_910),
    ] {
        let vat = Vat { round, ..Vat::korean() };
        assert_eq!(vat.within(total), Ok((supply, tax)), "{total} {round:?}");
    }
    assert_eq!(Vat::korean().on(i128::MAX).map_err(|error| error.code()), Ok(i128::MAX / 10));
    let nothing = Vat { rate: Decimal::new(-1, 0).unwrap(), round: Down };
    assert_eq!(nothing.within(5).unwrap_err().code(), "E7803");
    let double = Vat { rate: Decimal::new(2, 0).unwrap(), round: Down };
    assert_eq!(double.on(i128::MAX).unwrap_err().code(), "E7803");
}

#[test]
fn registration_numbers() {
    for (number, is_valid) in [
        ("1248100998", true),
        ("2208162517", true),
        ("1248100999", false),
        ("2148100998", false),
        ("124810099", false),
        ("12481009980", false),
        ("124-81-0099", false),
        ("124810099８", false),
        ("", false),
    ] {
        assert_eq!(is_business_number(number), is_valid, "{number}");
    }
}

#[test]
fn broken_documents_are_refused() {
    let check = |change: fn(&mut TaxInvoice), reason: &str| {
        let mut invoice = original();
        change(&mut invoice);
        let error = invoice.check().unwrap_err();
        assert_eq!(error.code(), "E7801", "{error}");
        assert!(error.to_string().contains(reason), "{error}");
        let change = Change::Cancelled { on: date(2026, 4, 17) };
        assert_eq!(invoice.amend(&change, Vat::korean(), "a"), Err(error));
    };
    assert_eq!(original().check(), Ok(()));
    check(|d| d.id.clear(), "its id");
    check(|d| d.id = "x".repeat(65), "its id");
    check(|d| d.id = "a\nb".into(), "its id");
    check(|d| d.supplier.number = "1248100999".into(), "the supplier's number");
    check(|d| d.supplier.number.clear(), "the supplier's number");
    check(|d| d.buyer.number = "x".into(), "the buyer's number");
    check(|d| d.buyer.number = "1248100998".into(), "the same");
    check(|d| d.buyer.name = "  ".into(), "a name is empty");
    check(|d| d.supplier.name = "\t".into(), "a name is empty");
    check(|d| d.items.clear(), "no items");
    check(|d| d.items = vec![d.items[0].clone(); 100], "no items, or too many");
    check(|d| d.items[0].name.clear(), "an item has no proper name");
    check(|d| d.supply += 1, "its supply");
    check(|d| d.tax -= 1, "its tax");
    check(|d| (d.kind, d.items[0].supply) = (InvoiceKind::Exempt, 5_000_000), "has a tax");
    check(|d| (d.tax, d.items[0].tax) = (-1, -1), "against its supply");
    check(|d| (d.supply, d.items[0].supply) = (i128::MAX, i128::MAX), "too large");
    // A zero-rated supply has no tax, also none that its items add up to.
    check(
        |d| {
            let mut items = vec![d.items[0].clone(); 2];
            (items[0].supply, items[1].supply) = (5_000_001, -1);
            (items[0].tax, items[1].tax) = (1, -1);
            (d.kind, d.tax, d.items) = (InvoiceKind::ZeroRated, 0, items);
        },
        "has a tax",
    );
    let mut foreign = original();
    foreign.buyer.number.clear();
    assert_eq!(foreign.check(), Ok(()));
    let change = Change::Cancelled { on: date(2026, 4, 17) };
    let error = original().amend(&change, Vat::korean(), "inv-1").unwrap_err();
    assert!(error.to_string().contains("amends itself"), "{error}");
}

#[test]
fn the_form_of_the_document() {
    let change = Change::Changed { on: date(2026, 4, 17), supply: -120_000 };
    let documents = original().amend(&change, Vat::korean(), "inv-2").unwrap();
    let bytes = documents[0].encode();
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        concat!(
            r#"{"amends":{"happened":"2026-04-17","original":"inv-1","#,
            r#""original-written":"2026-03-31","reason":"change"},"#,
            r#""buyer":{"name":"판매사","number":"2208162517"},"format":"saldo.tax-invoice.v1","#,
            r#""id":"inv-2","items":[{"date":"2026-04-17","name":"플랫폼 수수료","#,
            r#""supply":"-120000","tax":"-12000"}],"kind":"regular","#,
            r#""supplier":{"name":"운영사","number":"1248100998"},"supply":"-120000","#,
            r#""tax":"-12000","total":"-132000","written":"2026-04-17"}"#,
        )
    );
    let mut priced = original();
    priced.items[0].quantity = Some("2.50".parse().unwrap());
    priced.items[0].price = Some("2000000".parse().unwrap());
    assert_eq!(TaxInvoice::decode(&priced.encode()), Ok(priced.clone()));
    let back = priced.amend(&Change::Double { found: date(2026, 4, 1) }, Vat::korean(), "b");
    assert_eq!(back.unwrap()[0].items[0].quantity, Some("-2.5".parse().unwrap()));
    let text = String::from_utf8(bytes).unwrap();
    for (from, to) in [("-132000", "-132001"), ("change", "changed"), ("\"-12000\"", "\"-012000\"")]
    {
        let error = TaxInvoice::decode(text.replacen(from, to, 1).as_bytes()).unwrap_err();
        assert_eq!(error.code(), "E7501", "{from}");
    }
}

#[test]
fn reasons_have_the_numbers_and_names_of_the_form() {
    let all: Vec<_> = Reason::ALL.iter().map(|reason| (*reason as u8, reason.korean())).collect();
    assert_eq!(
        all,
        [
            (1, "기재사항 착오·정정"),
            (2, "공급가액 변동"),
            (3, "환입"),
            (4, "계약의 해제"),
            (5, "내국신용장 사후 개설"),
            (6, "착오에 의한 이중발급"),
        ]
    );
}

proptest! {
    /// An original and what takes it back come to nothing.
    #[test]
    fn what_is_cancelled_is_gone(supply in -1_000_000_000_000i128..1_000_000_000_000) {
        let tax = Vat::korean().on(supply)?;
        let one = invoice(date(2026, 3, 31), supply, tax);
        for change in [
            Change::Cancelled { on: date(2026, 5, 1) },
            Change::Double { found: date(2026, 5, 1) },
        ] {
            let back = one.amend(&change, Vat::korean(), "a")?;
            prop_assert_eq!(back.iter().map(TaxInvoice::total).sum::<i128>(), -one.total());
        }
        let change = Change::Changed { on: date(2026, 5, 1), supply: -supply };
        let mirror = one.amend(&change, Vat::korean(), "b");
        prop_assert!(supply == 0 || mirror?[0].total() == -one.total());
    }

    #[test]
    fn totals_are_split_without_rest(total in any::<i64>(), rate in 0i64..10_000) {
        let vat = Vat { rate: Decimal::new(rate.into(), 4).unwrap(), round: Rounding::HalfUp };
        let (supply, tax) = vat.within(total.into())?;
        prop_assert_eq!(supply + tax, i128::from(total));
        // Within a won of the tax on that supply.
        prop_assert!((vat.on(supply)? - tax).abs() <= 1);
    }
}
