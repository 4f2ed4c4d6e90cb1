//! One broken book per mistake: each is found, with its code, line and column.
#![allow(clippy::unwrap_used)] // a test stops at the first surprise

mod common;

use book::{Files, Severity};
use common::sound_with;

fn sound() -> Files {
    sound_with(&[("agreements/share.yaml", include_str!("broken/share.yaml"))])
}

/// Replaces `from` by `to` in one file of the sound book and compares all that is found.
#[track_caller]
fn check(path: &str, from: &str, to: &str, expected: &[(&str, u32, u32)]) {
    let mut files = sound();
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{path} has {from:?} once");
    files.insert(path.to_owned(), text.replace(from, to).into_bytes());
    check_files(&files, path, expected);
}

#[track_caller]
fn check_files(files: &Files, path: &str, expected: &[(&str, u32, u32)]) {
    let (compiled, found) = book::compile(files, 1);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    let places: Vec<_> = found.iter().map(|d| (d.code, d.line, d.column)).collect();
    assert_eq!(places, expected, "\n{}", shown.join("\n"));
    assert!(found.iter().all(|d| d.file == path), "{}", shown.join("\n"));
    let is_broken = found.iter().any(|d| d.severity == Severity::Error);
    assert_eq!(compiled.is_none(), is_broken);
}

#[track_caller]
fn check_hint(path: &str, from: &str, to: &str, hint: &str) {
    let mut files = sound();
    let text = String::from_utf8(files[path].clone()).unwrap();
    files.insert(path.to_owned(), text.replace(from, to).into_bytes());
    let (_, found) = book::compile(&files, 1);
    assert_eq!(found.first().map(|d| d.hint.as_str()), Some(hint));
}

#[test]
fn the_sound_book_is_sound() {
    check("operator.yaml", "demo", "demo", &[]);
}

#[test]
fn mistakes_of_files() {
    let mut files = sound();
    files.insert("kinds.yml".to_owned(), Vec::new());
    check_files(&files, "kinds.yml", &[("E1006", 1, 1)]);
    let mut files = sound();
    files.insert("agreements/a/b.yaml".to_owned(), Vec::new());
    check_files(&files, "agreements/a/b.yaml", &[("E1006", 1, 1)]);
    let mut files = sound();
    files.remove("sources.yaml");
    check_files(&files, "sources.yaml", &[("E1007", 1, 1)]);
    let mut files = sound();
    files.insert("dims.yaml".to_owned(), vec![b' '; book::yaml::FILE_BYTES_MAX + 1]);
    check_files(&files, "dims.yaml", &[("E1001", 1, 1)]);
    let mut files = sound();
    files.insert("dims.yaml".to_owned(), b"dims:\n  a\xff: {}\n".to_vec());
    check_files(&files, "dims.yaml", &[("E1002", 2, 4)]);
    let mut files = sound();
    files.insert("dims.yaml".to_owned(), format!("dims: {}", "[".repeat(40)).into_bytes());
    let (_, found) = book::compile(&files, 1);
    assert_eq!(found.iter().map(|d| d.line).collect::<Vec<_>>(), [1]);
}

#[test]
fn mistakes_of_yaml() {
    let path = "operator.yaml";
    check(path, "operator: demo", "operator: [demo", &[("E1003", 2, 10)]);
    check(path, "operator: demo", "operator: &a demo", &[("E1005", 1, 14)]);
    check(path, "operator: demo", "operator: !x demo", &[("E1005", 1, 14)]);
    check(path, "semantics: 1", "---\nsemantics: 1", &[("E1008", 2, 1)]);
    check(path, "operator: demo", "? [a]\n: b\noperator: demo", &[("E1103", 1, 3)]);
}

#[test]
fn mistakes_of_form() {
    let path = "operator.yaml";
    check(path, "semantics: 1", "semantic: 1", &[("E1102", 1, 1), ("E1101", 2, 1)]);
    check(path, "semantics: 1", "semantics: one", &[("E1107", 2, 12)]);
    check(path, "semantics: 1", "semantics: 2", &[("E1106", 2, 12)]);
    check(path, "semantics: 1", "semantics:", &[("E1107", 2, 10)]);
    check(path, "semantics: 1", "semantics: 1\nsemantics: 1", &[("E1105", 3, 1)]);
    check(path, "demo", "Demo", &[("E1201", 1, 11)]);
    check(path, "demo", "\"\"", &[("E1110", 1, 11)]);
    check(path, "demo", "[demo]", &[("E1103", 1, 11)]);
    check(path, "Asia/Seoul", "Asia/Soul", &[("E1403", 3, 7)]);
    check("assets.yaml", "scale: 2", "scale: 19", &[("E1407", 2, 17)]);
    check("sources.yaml", "15m", "15 minutes", &[("E1109", 2, 52)]);
    check("sources.yaml", "2020-01-01", "2020-13-01", &[("E1109", 2, 67)]);
    check("parties.yaml", "role: operator", "role: owner", &[("E1106", 2, 18)]);
    check("dims.yaml", "game: {}", "game: { personal: yes }", &[("E1103", 3, 21)]);
}

#[test]
fn mistakes_of_names() {
    check("dims.yaml", "game: {}", "game: {}\n  kind: {}", &[("E1201", 4, 3)]);
    check("dims.yaml", "personal: true", "personal: true, party: true", &[("E1212", 4, 3)]);
    let path = "parties.yaml";
    check(path, "[NetEnt]", "[NetEnt, Evolution Gaming]", &[("E1204", 6, 47)]);
    check(path, "[NetEnt]", "[NetEnt, house]", &[("E1204", 6, 47)]);
    let path = "sources.yaml";
    check(path, "party: netent", "party: netant", &[("E1203", 2, 18)]);
    check(path, "[bet, win]", "[bte, win, win]", &[("E1203", 2, 34), ("E1202", 2, 44)]);
    check(path, "other: {}", "other: { group: alone }", &[("E1213", 3, 19)]);
    check(path, "other: {}", "other: { group: feed }", &[("E1202", 3, 19)]);
    check(path, "other: {}", "other: { mapping: rows }", &[("E1203", 3, 21)]);
    check_hint(path, "party: netent", "party: netant", "did you mean `netent`?");
}

#[test]
fn mistakes_of_cuts() {
    let path = "measures.yaml";
    let cut = |text: &str| format!("formula: stakes - wins\n    cut: {{ {text} }}");
    let check_cut = |text: &str, expected: &[(&str, u32, u32)]| {
        check(path, "formula: stakes - wins", &cut(text), expected);
    };
    check_cut("by: game, closed_by: [bet]", &[]);
    check_cut("by: game, closed_by: [bet], within_days: 366", &[]);
    check_cut("by: gmae, closed_by: [bet]", &[("E1203", 13, 16)]);
    check_cut("by: game, closed_by: [bte]", &[("E1203", 13, 34)]);
    check_cut("by: game, closed_by: []", &[("E1110", 13, 33)]);
    check_cut("by: game, closed_by: [rollback]", &[("E1208", 13, 34)]);
    // A win posts at the time of its bet alone.
    check_cut("by: game, closed_by: [win]", &[("E1208", 13, 34)]);
    check_cut("by: game, closed_by: [bet], within_days: 0", &[("E1407", 13, 53)]);
    check_cut("by: game, closed_by: [bet], within_days: 367", &[("E1407", 13, 53)]);
    let formula = "formula: stakes - wins\n  more:\n    formula: ggr + stakes\n  ggr-cut: \
                   { formula: stakes, cut: { by: game, closed_by: [bet] } }";
    check(path, "formula: stakes - wins", formula, &[]);
    let formula = "formula: stakes - wins\n    cut: { by: game, closed_by: [bet] }\n  more:\n    \
                   formula: ggr + stakes";
    check(path, "formula: stakes - wins", formula, &[("E1303", 15, 14)]);
}

#[test]
fn mistakes_of_invoices() {
    let path = "agreements/share.yaml";
    let invoice = |text: &str| format!("period: month\ninvoice: {{ {text} }}");
    let check_invoice = |text: &str, expected: &[(&str, u32, u32)]| {
        check(path, "period: month", &invoice(text), expected);
    };
    let unregistered = [("E1427", 6, 22), ("E1427", 6, 40)];
    check_invoice("supplier: evolution, buyer: house", &unregistered);
    check_invoice("supplier: evolutoin, buyer: house", &[("E1203", 6, 22), ("E1427", 6, 40)]);
    check_invoice("supplier: house", &[("E1102", 6, 10)]);
    let mut files = sound();
    let parties = "parties:\n  house: { role: operator, registration: 999-81-00015 }\n  \
                   evolution: { role: provider, registration: \"9998100029\" }\n  netent: { role: \
                   provider }\n";
    let share = String::from_utf8(files[path].clone()).unwrap();
    let share = share.replace("period: month", &invoice("supplier: evolution, buyer: house"));
    let share = share.replace("[Evolution Gaming]", "[evolution]");
    files.insert("parties.yaml".to_owned(), parties.as_bytes().to_vec());
    files.insert(path.to_owned(), share.into_bytes());
    let sources = String::from_utf8(files["sources.yaml"].clone()).unwrap();
    files.insert("sources.yaml".to_owned(), sources.into_bytes());
    let (compiled, found) = book::compile(&files, 1);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    let terms = &compiled.unwrap_or_else(|| panic!("{}", shown.join("\n"))).invoices["share"];
    assert_eq!(terms.supplier.number, "9998100029");
    assert_eq!((terms.buyer.name.as_str(), terms.item.as_str()), ("house", "share"));
}

#[test]
fn mistakes_of_kinds() {
    let path = "kinds.yaml";
    let stakes = "play:{provider}:{game}:stakes";
    let (debit, credit) = ((5, 16), (6, 17));
    let at = |code, (line, column): (u32, u32)| [(code, line, column)];
    check(path, stakes, "play:{provider}:{gmae}:stakes", &at("E1203", credit));
    check(path, stakes, "play:{provider}:{player}:stakes", &at("E1210", credit));
    check(path, stakes, "play:{provider}::stakes", &at("E1206", credit));
    check(path, stakes, "play:{provider}:*:stakes", &at("E1206", credit));
    check(path, stakes, "play:x{provider}:stakes", &at("E1206", credit));
    check(path, stakes, "settlement:{provider}:stakes", &at("E1216", credit));
    check(path, stakes, "\"{provider}:{game}:stakes\"", &at("E1216", credit));
    check(path, stakes, "clearing:{provider}", &at("E1211", credit));
    check(path, "- debit: clearing", "- debit: Clearing", &at("E1206", debit));
    check(path, "ref: { optional: [bet] }", "ref: { required: [bat] }", &[("E1203", 8, 23)]);
    check(path, "ref: { optional: [bet] }", "ref: { optional: [] }", &[("E1110", 8, 10)]);
    check(path, "ref: { optional: [bet] }", "ref: { maybe: [bet] }", &[("E1106", 8, 12)]);
    check(path, "    ref: { optional: [bet] }\n", "", &[("E1209", 12, 15)]);
    check(path, "cancels: [bet]", "cancels: [bet, rollback]", &[("E1207", 15, 27)]);
    let undo = "cancels: [bet] }\n  undo:\n    ref: { cancels: [rollback] }";
    check(path, "cancels: [bet] }", undo, &[("E1207", 17, 22)]);
    check_hint(path, "cancels: [bet] }", undo, "Name the kinds that post.");
    check(path, "{ cancels: [bet] }", "{ optional: [bet] }", &[("E1208", 14, 3)]);
    check(
        path,
        "    ref: { optional: [bet] }\n    dims: [provider, game]",
        "    ref: { cancels: [bet] }\n    dims: [provider, game]",
        &[("E1208", 11, 7)],
    );
    check(
        path,
        "  bet:\n    dims: [provider, game]",
        "  bet:\n    dims: [provider]",
        &at("E1205", credit),
    );
}

#[test]
fn mistakes_of_measures() {
    let path = "measures.yaml";
    let stakes = "play:{provider}:{game}:stakes";
    check(path, stakes, "play:{provider}:{game}:stake", &[("E1302", 4, 14)]);
    check(path, stakes, "settlement:{provider}:earned", &[("E1216", 4, 14)]);
    check(path, stakes, "play:{provider}:{gane}:stakes", &[("E1203", 4, 14)]);
    check(path, stakes, "play:{provider}:*:stakes", &[]);
    check(path, stakes, "play:{game}:{game}:stakes", &[("E1202", 4, 14), ("E1302", 4, 14)]);
    check(path, "stakes - wins", "stakes - winss", &[("E1203", 12, 14)]);
    check(path, "stakes - wins", "stakes wins", &[("E1303", 12, 14)]);
    check(path, "stakes - wins", "stakes -", &[("E1303", 12, 14)]);
    check(path, "stakes - wins", "stakes - ggr", &[("E1301", 12, 14)]);
    check(path, "formula: stakes - wins", "title: { en: GGR }", &[("E1304", 11, 3)]);
    check_hint(path, stakes, "play:{provider}:{game}:stake", &format!("did you mean `{stakes}`?"));
}

#[test]
fn mistakes_of_agreements() {
    let path = "agreements/share.yaml";
    check(path, "from: house", "from: hause", &[("E1203", 2, 7)]);
    check(path, "from: house", "from: evolution", &[("E1408", 3, 5)]);
    check(path, "asset: EUR", "asset: USD", &[("E1203", 4, 8)]);
    check(path, "period: month", "period: moon", &[("E1106", 5, 9)]);
    check(path, "period: month", "period: month\nzone: Seoul", &[("E1403", 6, 7)]);
    check(path, "holds_from: 2026-01-01", "holds_from: 2025-12-01", &[("E1405", 13, 17)]);
    check(path, "holds_from: 2026-01-01", "holds_from: tomorrow", &[("E1109", 13, 17)]);
    let odd = "holds_from: 2026-01-01T00:10:00Z";
    check(path, "holds_from: 2026-01-01", odd, &[("E1402", 13, 17)]);
    let until = "holds_from: 2026-01-01\n    holds_until: 2025-06-01";
    check(path, "holds_from: 2026-01-01", until, &[("E1404", 14, 18)]);
    check(path, "holds_from: 2026-01-01", "holds_from: 2026-01-02", &[("E1411", 13, 17)]);
    check(path, "version: 2", "version: 1", &[("E1202", 12, 14)]);
}

#[test]
fn mistakes_of_steps() {
    let path = "agreements/share.yaml";
    check(path, "\"10%\"", "10.5", &[("E1104", 23, 40)]);
    check(path, "\"10%\"", "\"ten\"", &[("E1108", 23, 40)]);
    check(path, "\"10%\"", "\"110%\"", &[("E1407", 23, 40)]);
    check(path, "\"10.00\"", "10.00", &[("E1104", 19, 30)]);
    check(path, "\"10.00\"", "\"10.005\"", &[("E1407", 19, 30)]);
    check(path, "\"10.00\"", "\"-10\"", &[("E1407", 19, 30)]);
    check(path, "\"200.00\"", "\"100.00\"", &[("E1401", 24, 24)]);
    check(path, "{ rate: \"5%\" }", "{ up_to: \"900\", rate: \"5%\" }", &[("E1401", 25, 24)]);
    check(path, "up_to: \"200.00\", ", "", &[("E1401", 24, 15)]);
    check(path, "[Evolution Gaming]", "[evolution]", &[]);
    check(path, "[Evolution Gaming]", "[Evo]", &[("E1203", 15, 38)]);
    check(path, "{ provider: [Evo", "{ provder: [Evo", &[("E1203", 15, 27)]);
    check(
        path,
        "      - minimum: { amount",
        "      - minimum: { amonut",
        &[("E1102", 26, 9), ("E1101", 26, 20)],
    );
    check(path, "cap: { amount: \"5000.00\" }", "cap: { line: tiers }", &[("E1203", 27, 22)]);
    check(path, "cap: { amount: \"5000.00\" }", "cap: { line: costs/all }", &[("E1410", 15, 7)]);
    check(path, "cap: { amount", "minimum: { amount", &[("E1202", 27, 9)]);
    check(path, "      - cap: ", "      - cup: ", &[("E1106", 27, 9)]);
    check(
        path,
        "select: { only: { provider: [Evolution Gaming] } }\n      - sum: { measure: ggr }",
        "select: { only: { player: [netent] } }\n      - sum: { measure: ggr }",
        &[("E1409", 15, 27)],
    );
}

#[test]
fn codes_ascend_and_have_pages() {
    let codes: Vec<_> = book::codes().collect();
    assert!(codes.is_sorted_by(|a, b| a.code < b.code));
    for code in codes {
        let is_shaped = code.code.len() == 5 && code.code.starts_with("E1");
        assert!(is_shaped && ![code.title, code.cause, code.hint].contains(&""), "{}", code.code);
    }
    assert!(book::codes().any(|code| code.code == "E1203"));
}

#[test]
fn all_mistakes_of_all_files_are_found_at_once() {
    let mut files = sound();
    files.insert("assets.yaml".to_owned(), b"assets:\n  eur: { scale: 2, x: 1 }\n".to_vec());
    files.insert("measures.yaml".to_owned(), b"measures:\n  a: { formula: b }\n".to_vec());
    let (compiled, found) = book::compile(&files, 1);
    let places: Vec<_> = found.iter().map(|d| (d.file.as_str(), d.code, d.line)).collect();
    assert!(compiled.is_none());
    assert_eq!(
        places,
        [
            ("agreements/share.yaml", "E1203", 4),
            ("agreements/share.yaml", "E1203", 10),
            ("agreements/share.yaml", "E1203", 16),
            ("assets.yaml", "E1201", 2),
            ("assets.yaml", "E1101", 2),
            ("measures.yaml", "E1203", 2),
        ]
    );
}
