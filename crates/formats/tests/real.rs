//! The shipped mappings over real files: counts and sums against figures that were computed by
//! others.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use common::{Event, Keep, shared, shipped, sums};
use formats::{Input, Summary, decode};
use ledger::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// 2016-11-01T00:00:00Z.
const NOVEMBER: i64 = 1_477_958_400_000_000_000;

fn read(mapping: &book::mapping::Mapping, path: &Path, keep: &mut Keep) -> Summary {
    decode(mapping, Input::Path(path), 0, keep)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn check(found: &BTreeMap<String, (u64, Decimal)>, expected: &[(&str, u64, &str)]) {
    for (key, count, sum) in expected {
        let sum: Decimal = sum.parse().unwrap();
        assert_eq!(found.get(*key), Some(&(*count, sum)), "{key}");
    }
}

fn events(keep: &Keep) -> impl Iterator<Item = &Event> {
    keep.events.iter().map(|(_, event, _)| event)
}

#[test]
fn bustabit() {
    let Some(folder) = shared("gaming-bustabit") else { return };
    let mut keep = Keep::default();
    let mapping = shipped("gaming", "bustabit");
    let summary = read(&mapping, &folder.join("bustabit_to_2016-11-24.csv"), &mut keep);
    assert_eq!((summary.rows, summary.bad, summary.skipped), (30_820, 0, 0));
    let month = |at: i64| if at < NOVEMBER { "10" } else { "11" };
    let found = sums(events(&keep), |e| format!("{} {}", month(e.occurred_at), e.kind));
    check(
        &found,
        &[
            ("10 bet", 451, "1163169"),
            ("10 win", 258, "917170.35"),
            ("10 bonus", 145, "11336.5296"),
            ("11 bet", 30_369, "86944714"),
            ("11 win", 18_384, "87656351.63"),
            ("11 bonus", 9_194, "720458.2028"),
        ],
    );
    let players: BTreeSet<_> = events(&keep).map(|event| event.dim("player")).collect();
    let rounds: BTreeSet<_> = events(&keep).map(|event| event.dim("round")).collect();
    assert_eq!((players.len(), rounds.len()), (2_775, 25_866));
    let ids: BTreeSet<_> = events(&keep).map(|event| &event.id).collect();
    assert_eq!(ids.len(), keep.events.len());
}

#[test]
fn bonus_hunts_flat_and_nested_are_the_same_events() {
    let Some(folder) = shared("gaming-bonushunts") else { return };
    let mut flat = Keep::default();
    let mapping = shipped("gaming", "bonushunts-csv");
    let summary = read(&mapping, &folder.join("rounds.csv"), &mut flat);
    assert_eq!((summary.rows, summary.bad), (27_799, 0));
    assert_eq!((summary.controls, summary.controls_failed), (491, 0), "{:?}", flat.findings);

    let (mut nested, mut total) = (Keep::default(), Summary::default());
    let mapping = shipped("gaming", "bonushunts-json");
    for entry in std::fs::read_dir(folder.join("Datafiles")).unwrap() {
        nested.progress = (0, 0);
        let summary = read(&mapping, &entry.unwrap().path(), &mut nested);
        total.rows += summary.rows;
        total.bad += summary.bad;
        total.controls += summary.controls;
        total.controls_failed += summary.controls_failed;
    }
    assert_eq!((total.rows, total.bad), (27_799, 0));
    assert_eq!((total.controls, total.controls_failed), (491, 0), "{:?}", nested.findings);

    let distinct: BTreeSet<_> = events(&flat).cloned().collect();
    assert!(distinct == events(&nested).cloned().collect(), "the two forms differ");
    let ids: BTreeSet<_> = distinct.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), distinct.len(), "one id has two contents");
    let asset = |event: &Event| event.asset.clone().unwrap_or_default();
    let found = sums(&distinct, |event| format!("{} {}", event.kind, asset(event)));
    check(
        &found,
        &[
            ("bet EUR", 22_765, "759467.501"),
            ("win EUR", 22_625, "58235424.75"),
            ("bet USD", 4_658, "1864032.40"),
            ("win USD", 4_585, "61184314.00"),
        ],
    );
    let by_provider = sums(&distinct, |event| {
        format!("{} {} {}", event.dim("provider"), event.kind, asset(event))
    });
    assert_eq!(by_provider["Play'n GO bet EUR"], (8_020, "216795.35".parse().unwrap()));
    assert_eq!(by_provider["Gamomat win EUR"].1, "4095374.25".parse().unwrap());
    assert_eq!(by_provider["Nolimit City bet USD"], (318, "127938".parse().unwrap()));
}

#[test]
fn olist() {
    let Some(folder) = shared("market-olist") else { return };
    let (mut items, mut payments) = (Keep::default(), Keep::default());
    let mapping = shipped("marketplace", "olist-items");
    let summary = read(&mapping, &folder.join("olist_order_items_dataset.csv"), &mut items);
    assert_eq!((summary.rows, summary.bad), (4_003, 0), "{:?}", items.bad);
    let by_kind = sums(events(&items), |event| event.kind.clone());
    check(&by_kind, &[("item_sale", 4_003, "512285.14"), ("freight", 4_003, "80461.42")]);
    let sellers =
        sums(events(&items), |event| format!("{:.8} {}", event.dim("seller"), event.kind));
    assert_eq!(sellers.len(), 2 * 949);
    check(
        &sellers,
        &[
            ("7e93a43e item_sale", 28, "15825.24"),
            ("7e93a43e freight", 28, "528.27"),
            ("46dc3b2c item_sale", 39, "10849.61"),
            ("46dc3b2c freight", 39, "989.70"),
        ],
    );

    let mapping = shipped("marketplace", "olist-payments");
    let summary = read(&mapping, &folder.join("olist_order_payments_dataset.csv"), &mut payments);
    assert_eq!((summary.rows, summary.events, summary.bad), (4_619, 4_619, 0));
    let by_method = sums(events(&payments), |event| event.dim("method").to_owned());
    let sum = |method: &str| by_method[method].1.to_string();
    assert_eq!(sum("credit_card"), "538308.64");
    assert_eq!(sum("boleto"), "137687.89");
    assert_eq!(sum("voucher"), "20271.21");
    assert_eq!(sum("debit_card"), "4648.73");

    let paid = sums(events(&payments), |event| event.dim("order").to_owned());
    let sold = sums(events(&items), |event| event.dim("order").to_owned());
    let breaks = sold.iter().filter(|(order, (_, sum))| paid[*order].1 != *sum).count();
    assert_eq!((paid.len() - sold.len(), sold.len(), breaks), (539, 3_510, 20));
}

#[test]
fn online_retail() {
    let Some(folder) = shared("market-online-retail-ii") else { return };
    let mut keep = Keep::default();
    let mapping = shipped("marketplace", "online-retail");
    let summary = read(&mapping, &folder.join("data/online_retail.parquet"), &mut keep);
    assert_eq!((summary.rows, summary.events, summary.bad), (525_461, 525_461, 0));
    let by_kind = sums(events(&keep), |event| event.kind.clone());
    check(&by_kind, &[("return", 10_206, "629855.370"), ("invoice_line", 515_255, "10169340.004")]);
    let invoices: BTreeSet<_> = events(&keep).map(|event| event.dim("order")).collect();
    assert_eq!(invoices.len(), 28_816);
    let below = |event: &&Event| event.amount.is_some_and(Decimal::is_negative);
    let lines = events(&keep).filter(|event| event.kind == "invoice_line");
    assert_eq!(lines.filter(below).count(), 3);
    assert!(keep.progress.0 > 500_000 && keep.progress.1 > 3_000_000);
}
