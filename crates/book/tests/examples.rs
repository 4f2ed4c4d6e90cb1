//! The example books: each compiles without a word, and the program has all of their files.
#![allow(clippy::unwrap_used)] // a test stops at the first surprise

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use book::Files;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn template(name: &str) -> Files {
    let files = book::template(name).expect("every name in the list has a template");
    files.into_iter().map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).collect()
}

fn on_disk(directory: &Path, below: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            on_disk(&path, below, files);
        } else {
            let name = path.strip_prefix(below).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn every_template_is_the_example_on_disk() {
    for name in book::example::templates() {
        let directory = examples().join(name).join("book");
        let mut files = Files::new();
        on_disk(&directory, &directory, &mut files);
        let keys = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&template(name)), keys(&files), "{name}");
        assert_eq!(template(name), files, "{name}");
    }
    assert_eq!(book::template("groceries"), None);
}

#[test]
fn every_template_compiles_without_a_word() {
    for name in book::example::templates() {
        let (compiled, found) = book::compile(&template(name), 1);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
        let compiled = compiled.expect("a book without mistakes compiles");
        assert_eq!(compiled.rules.operator, book::example::OPERATOR_PLACEHOLDER);
        assert!(compiled.agreements.len() >= 2, "{name}");
    }
}

#[test]
fn every_file_names_the_schema_that_describes_it() {
    let schemas: BTreeMap<_, _> = book::schemas().into_iter().collect();
    for name in book::example::templates() {
        let files = book::template(name).unwrap();
        for (path, text) in files.into_iter().filter(|(path, _)| !path.ends_with("csv")) {
            let line = text.lines().next().unwrap();
            let target = line.strip_prefix("# yaml-language-server: $schema=").unwrap_or_default();
            let up = "../".repeat(2 + path.matches('/').count());
            let schema = target.strip_prefix(&format!("{up}schemas/")).unwrap_or_default();
            assert!(schemas.contains_key(schema), "{name}/{path}: {line}");
        }
    }
}

/// Written again with `SALDO_BLESS=1`.
#[test]
fn the_published_schemas_are_those_of_the_program() {
    let directory = examples().join("schemas");
    if std::env::var_os("SALDO_BLESS").is_some() {
        std::fs::create_dir_all(&directory).unwrap();
        for (name, text) in book::schemas() {
            std::fs::write(directory.join(name), text).unwrap();
        }
    }
    let mut files = Files::new();
    on_disk(&directory, &directory, &mut files);
    let schemas: Files =
        book::schemas().into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    for (name, text) in &schemas {
        assert!(files.get(name) == Some(text), "{name} differs: SALDO_BLESS=1 writes it");
    }
    assert_eq!(files.len(), schemas.len());
}

#[test]
fn the_gaming_book_says_what_its_readers_rely_on() {
    let (compiled, _) = book::compile(&template("gaming"), 7);
    let compiled = compiled.expect("compiles");
    let rules = &compiled.rules;
    assert_eq!(rules.revision, 7);
    for (spelling, party) in [
        ("Evolution", "evolution"),
        ("Evolution Gaming", "evolution"),
        ("Blueprint", "blueprint"),
        ("Blueprint Gaming", "blueprint"),
        ("Nolimit City", "nolimit-city"),
        ("No Limit", "nolimit-city"),
        ("Play'n GO", "play-n-go"),
        ("bustabit", "bustabit"),
        ("studio-99", "studio-99"),
    ] {
        let id = rules.party(spelling).unwrap_or_else(|| panic!("{spelling} is no party"));
        assert_eq!(rules.parties[usize::from(id)].name, party);
    }
    let measures: Vec<&str> = compiled.measures.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(measures, ["bonuses", "ggr", "ngr", "stakes", "wins"]);
    let ngr = &compiled.measures[2].terms;
    let signs: Vec<settle::Sign> = ngr.iter().map(|term| term.sign).collect();
    // Stakes are earned; wins and bonuses are costs, whose net is below zero already.
    assert_eq!(signs, [settle::Sign::Plus; 3]);
    for (source, known) in [("bustabit", true), ("bonushunts", true), ("bustabits", false)] {
        assert_eq!(rules.source(source).is_some(), known, "{source}");
    }
}

#[test]
fn every_provider_spelling_of_the_bonus_hunts_is_a_party() {
    let shared = std::env::var_os("SALDO_SHARED").map(PathBuf::from);
    let shared =
        shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let Ok(rounds) = std::fs::read_to_string(shared.join("data/gaming-bonushunts/rounds.csv"))
    else {
        println!("ignored: data/gaming-bonushunts/rounds.csv is not there");
        return;
    };
    let (compiled, _) = book::compile(&template("gaming"), 1);
    let rules = compiled.expect("compiles").rules;
    let mut spellings = std::collections::BTreeSet::new();
    for line in rounds.lines().skip(1) {
        // Slot names may have commas; the provider and what follows it never do.
        let provider = line.rsplit(',').nth(5).unwrap_or_default();
        spellings.insert(provider.to_owned());
    }
    let unknown: Vec<_> = spellings.iter().filter(|name| rules.party(name).is_none()).collect();
    assert!(unknown.is_empty() && spellings.len() == 28, "{unknown:?} of {}", spellings.len());
}

#[test]
fn a_file_finds_its_mapping_by_source_and_ending() {
    let (gaming, _) = book::compile(&template("gaming"), 1);
    let (market, _) = book::compile(&template("marketplace"), 1);
    let (gaming, market) = (gaming.expect("compiles"), market.expect("compiles"));
    for (book, source, extension, mapping) in [
        (&gaming, "bustabit", "csv", Some("bustabit")),
        (&gaming, "bustabit", "CSV", Some("bustabit")),
        (&gaming, "bustabit", "parquet", None),
        (&gaming, "bonushunts", "csv", Some("bonushunts-csv")),
        (&gaming, "bonushunts", "json", Some("bonushunts-json")),
        (&gaming, "feed-a", "csv", None),
        (&market, "olist-items", "csv", Some("olist-items")),
        (&market, "olist-payments", "csv", Some("olist-payments")),
        (&market, "online-retail", "parquet", Some("online-retail")),
    ] {
        let found = book.mapping_for(source, extension).map(|mapping| mapping.name.as_str());
        assert_eq!(found, mapping, "{source} .{extension}");
    }
}

/// Days of the shipped calendars that a payment would fall on.
#[test]
fn shipped_calendars_know_their_holidays() {
    let closed = |book: &str, calendar: &str, day: &str| {
        let (compiled, _) = book::compile(&template(book), 1);
        let calendars = compiled.expect("compiles").calendars;
        let set = calendars.holidays(calendar).expect("the template has it");
        set.is_closed(day.parse().unwrap())
    };
    for (book, calendar, day, is_closed) in [
        ("gaming", "kr-2025-2027", "2025-10-08", true),
        ("gaming", "kr-2025-2027", "2025-10-10", false),
        ("payments", "kr-2025-2027", "2026-02-17", true),
        ("payments", "kr-2025-2027", "2026-07-17", true),
        ("payments", "kr-2025-2027", "2025-07-17", false),
        ("app-store", "kr-2025-2027", "2027-02-09", true),
        ("app-store", "kr-2025-2027", "2027-06-07", false),
        ("marketplace", "eu-target2", "2026-04-06", true),
        ("marketplace", "eu-target2", "2026-04-07", false),
        ("marketplace", "eu-target2", "2026-05-14", false),
    ] {
        assert_eq!(closed(book, calendar, day), is_closed, "{calendar} {day}");
    }
    let (market, _) = book::compile(&template("marketplace"), 1);
    let periods = market.expect("compiles").calendars.periods;
    let years: Vec<_> = periods[0].years.iter().map(|year| year.starts.len()).collect();
    assert_eq!(years, [12, 12]);
    let (store, _) = book::compile(&template("app-store"), 1);
    let pairs = store.expect("compiles").quotes.remove(0).pairs;
    let days: Vec<_> = pairs.values().map(BTreeMap::len).collect();
    assert_eq!(days, [28, 28]);
}
