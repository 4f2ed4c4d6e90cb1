//! Files that nobody on this project wrote, through the shipped mappings, against figures that
//! were computed independently; each file again, in another order and twice, changes nothing.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Home, shared};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// A decimal in units of 10^-6.
fn micros(text: &str) -> i128 {
    let plain = text.replace(',', "");
    let (sign, digits) = plain.strip_prefix('-').map_or((1, plain.as_str()), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    sign * format!("{whole}{part:0<6}").parse::<i128>().unwrap()
}

/// Sum and count of the rows of `totals` by asset: debits less credits, without a sign.
fn sums(home: &Home, account: &str) -> BTreeMap<String, (i128, u64)> {
    let rows = home.run(&["totals", "--account", account, "--format", "json"]).ends(0).json();
    let mut sums: BTreeMap<String, (i128, u64)> = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        let side = |name: &str| micros(row[name].as_str().unwrap());
        let sum = sums.entry(row["asset"].as_str().unwrap().to_owned()).or_default();
        sum.0 += side("credit") - side("debit");
        sum.1 += row["count"].as_u64().unwrap();
    }
    sums
}

fn check_sum(home: &Home, account: &str, asset: &str, value: &str, count: u64) {
    let found = sums(home, account).get(asset).copied().unwrap_or_default();
    assert_eq!(found, (micros(value), count), "{account} in {asset}");
}

fn measure(home: &Home, name: &str, more: &[&str]) -> Value {
    home.run(&[&["measure", name, "--format", "json"], more].concat()).ends(0).json()
}

fn check_measure(home: &Home, name: &str, more: &[&str], value: &str, count: u64) {
    let rows = measure(home, name, more);
    let row = &rows[0];
    let found = (micros(row["value"].as_str().unwrap()), row["count"].as_u64().unwrap());
    assert_eq!(found, (micros(value), count), "{name} {more:?}: {rows}");
}

fn ingest(home: &Home, source: &str, more: &[&str], files: &[&Path]) -> Value {
    let files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let args = [&["ingest", "--source", source, "--format", "json"], more, &files].concat();
    home.run(&args).ends(0).json()
}

/// The lines after the first in another order, which depends on nothing but the text.
fn shuffled(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let header = lines.remove(0);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for at in (1..lines.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        lines.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
    }
    std::iter::once(header).chain(lines).collect::<Vec<_>>().join("\n")
}

/// Everything again changes no total.
fn again(home: &Home, source: &str, more: &[&str], files: &[&Path]) {
    let before = home.run(&["totals", "--format", "json"]).ends(0).out;
    let report = ingest(home, source, more, files);
    assert_eq!(report["posted"], 0, "{source}: {report}");
    assert_eq!(report["duplicate"], report["received"], "{source}");
    assert_eq!(home.run(&["totals", "--format", "json"]).ends(0).out, before, "{source}");
}

#[test]
fn bustabit() {
    let Some(file) = shared("data/gaming-bustabit/bustabit_to_2016-11-24.csv") else { return };
    let home = Home::new("gaming");
    let text = std::fs::read_to_string(&file).unwrap();
    let other = home.file("other-order.csv", &shuffled(&text));
    // The other order first: no order is the right one.
    let report = ingest(&home, "bustabit", &[], &[Path::new(&other)]);
    assert_eq!(report["quarantined"], 0, "{report}");
    assert_eq!(report["posted"], 30_820 + 18_642 + 9_339, "{report}");
    again(&home, "bustabit", &[], &[&file, Path::new(&other)]);
    for (name, period, value, count) in [
        ("stakes", "2016-10", "1163169", 451),
        ("stakes", "2016-11", "86944714", 30_369),
        ("stakes", "2016", "88107883", 30_820),
        ("wins", "2016-10", "917170.35", 258),
        ("wins", "2016-11", "87656351.63", 18_384),
        ("wins", "2016", "88573521.98", 18_642),
        ("bonuses", "2016-10", "11336.5296", 145),
        ("bonuses", "2016-11", "720458.2028", 9_194),
        ("bonuses", "2016", "731794.7324", 9_339),
    ] {
        check_measure(&home, name, &["--period", period], value, count);
    }
    let seoul = ["--period", "2016-11", "--zone", "Asia/Seoul"];
    check_measure(&home, "stakes", &seoul, "88107883", 30_820);
    check_sum(&home, "play:bustabit:*:stakes", "BIT", "88107883", 30_820);
    let players = measure(&home, "stakes", &["--period", "2016", "--by", "player"]);
    assert_eq!(players.as_array().unwrap().len(), 2775);
    home.run(&["close", "2016-11", "--agreement", "bustabit-share"]).ends(0);
    home.run(&["verify"]).ends(0);
}

fn check_bonushunts(home: &Home) {
    for (account, asset, value, count) in [
        ("play:*:*:stakes", "EUR", "759467.501", 22_765),
        ("play:*:*:stakes", "USD", "1864032.40", 4_658),
        ("play:*:*:wins", "EUR", "-58235424.75", 22_625),
        ("play:*:*:wins", "USD", "-61184314.00", 4_585),
    ] {
        check_sum(home, account, asset, value, count);
    }
}

/// Rounds, stakes, winning rounds and wins by provider and currency.
type ByProvider = BTreeMap<(String, String), (u64, i128, u64, i128)>;

/// The figures of the flat file by `name` of the provider as it is spelled there; a round that was
/// delivered twice counts once.
fn by_provider(file: &Path, name: fn(&str) -> String) -> ByProvider {
    let (mut seen, mut found) = (std::collections::BTreeSet::new(), ByProvider::new());
    for line in std::fs::read_to_string(file).unwrap().lines().skip(1) {
        // Only the name of a slot, in the middle, may have commas.
        let head: Vec<&str> = line.splitn(4, ',').collect();
        let tail: Vec<&str> = line.rsplitn(7, ',').collect();
        if !seen.insert((head[1].to_owned(), head[2].to_owned())) {
            continue;
        }
        let (win, bet) = (micros(tail[1]), micros(tail[2]));
        let asset = if tail[3] == "€" { "EUR" } else { "USD" };
        let sums = found.entry((name(tail[5]), asset.to_owned())).or_default();
        let won = u64::from(win > 0);
        *sums = (sums.0 + 1, sums.1 + bet, sums.2 + won, sums.3 + win);
    }
    found
}

/// The party of a spelling, as the book's aliases say.
fn party(spelling: &str) -> String {
    match spelling {
        "Evolution Gaming" => "evolution".to_owned(),
        "Blueprint Gaming" => "blueprint".to_owned(),
        "No Limit" => "nolimit-city".to_owned(),
        other => other.to_lowercase().replace([' ', '\''], "-"),
    }
}

fn check_providers(home: &Home, flat: &Path) {
    // The figures that were computed elsewhere, first: the file is read as they were.
    let spelled = by_provider(flat, str::to_owned);
    for (provider, asset, rounds, bets, wins) in [
        ("Play'n GO", "EUR", 8020, "216795.35", "15296169.50"),
        ("Pragmatic Play", "EUR", 7625, "264762.60", "19570458.00"),
        ("Gamomat", "EUR", 1696, "48695.901", "4095374.25"),
        ("Pragmatic Play", "USD", 1556, "312208.40", "25631686.00"),
        ("Nolimit City", "USD", 318, "127938.00", "2693843.00"),
    ] {
        let found = spelled[&(provider.to_owned(), asset.to_owned())];
        let expected = (rounds, micros(bets), micros(wins));
        assert_eq!((found.0, found.1, found.3), expected, "{provider} {asset}");
    }
    let expected = by_provider(flat, party);
    let mut found = ByProvider::new();
    for (name, is_win) in [("stakes", false), ("wins", true)] {
        for period in ["2020", "2021"] {
            let rows = measure(home, name, &["--period", period, "--by", "provider"]);
            for row in rows.as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let key = (text(&row["by"]["provider"]), text(&row["asset"]));
                let sums = found.entry(key).or_default();
                let (count, value) = (row["count"].as_u64().unwrap(), micros(&text(&row["value"])));
                let part = if is_win { (0, 0, count, value) } else { (count, value, 0, 0) };
                *sums = (sums.0 + part.0, sums.1 + part.1, sums.2 + part.2, sums.3 + part.3);
            }
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn bonus_hunts_as_a_flat_file() {
    let Some(folder) = shared("data/gaming-bonushunts") else { return };
    let home = Home::new("gaming");
    let flat = ["--mapping", "bonushunts-csv"];
    let text = std::fs::read_to_string(folder.join("rounds.csv")).unwrap();
    std::fs::copy(folder.join("hunts.csv"), home.path("hunts.csv")).unwrap();
    let other = home.file("rounds.csv", &shuffled(&text));
    let report = ingest(&home, "bonushunts", &flat, &[Path::new(&other)]);
    assert_eq!(report["quarantined"], 0, "{report}");
    check_bonushunts(&home);
    again(&home, "bonushunts", &flat, &[&folder.join("rounds.csv")]);
    home.run(&["verify"]).ends(0);
}

#[test]
fn bonus_hunts_as_documents() {
    let Some(folder) = shared("data/gaming-bonushunts/Datafiles") else { return };
    let home = Home::new("gaming");
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.reverse();
    let paths: Vec<&Path> = files.iter().map(std::path::PathBuf::as_path).collect();
    let nested = ["--mapping", "bonushunts-json"];
    let report = ingest(&home, "bonushunts", &nested, &paths);
    assert_eq!(report["quarantined"], 0);
    check_bonushunts(&home);
    check_providers(&home, &folder.with_file_name("rounds.csv"));
    files.reverse();
    let paths: Vec<&Path> = files.iter().map(std::path::PathBuf::as_path).collect();
    again(&home, "bonushunts", &nested, &paths);
}

#[test]
fn olist() {
    let Some(folder) = shared("data/market-olist") else { return };
    let home = Home::new("marketplace");
    let orders = "olist_orders_dataset.csv";
    std::fs::copy(folder.join(orders), home.path(orders)).unwrap();
    for (source, name) in [
        ("olist-items", "olist_order_items_dataset.csv"),
        ("olist-payments", "olist_order_payments_dataset.csv"),
    ] {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let other = home.file(name, &shuffled(&text));
        let report = ingest(&home, source, &[], &[Path::new(&other)]);
        assert_eq!(report["quarantined"], 0, "{report}");
        again(&home, source, &[], &[&folder.join(name), Path::new(&other)]);
    }
    for (account, value, count) in [
        ("market:*:sales", "512285.14", 4003),
        ("market:*:freight", "80461.42", 4003),
        ("payments:*", "-700916.47", 4619),
    ] {
        check_sum(&home, account, "BRL", value, count);
    }
    for (method, value) in [
        ("credit_card", "-538308.64"),
        ("boleto", "-137687.89"),
        ("voucher", "-20271.21"),
        ("debit_card", "-4648.73"),
    ] {
        let found = sums(&home, &format!("payments:{method}"));
        assert_eq!(found["BRL"].0, micros(value), "{method}");
    }
    home.run(&["verify"]).ends(0);
}

#[test]
fn online_retail() {
    let Some(file) = shared("data/market-online-retail-ii/data/online_retail.parquet") else {
        return;
    };
    let home = Home::new("marketplace");
    let report = ingest(&home, "online-retail", &[], &[&file]);
    assert_eq!(report["posted"], 525_461, "{report}");
    let refunds = sums(&home, "market:online-retail:refunds")["GBP"];
    assert_eq!(refunds, (micros("-629855.370"), 10_206));
    let sales = sums(&home, "market:online-retail:sales")["GBP"];
    assert_eq!(sales.0 + refunds.0, micros("9539484.634"));
    assert_eq!(sales.1 + refunds.1, 525_461);
    again(&home, "online-retail", &[], &[&file]);
}
