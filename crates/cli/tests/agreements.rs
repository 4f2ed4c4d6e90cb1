//! Two sides: a version offered, signed, countersigned; closes that wait for it; what a
//! counterparty reads of commands that moved its statement.
#![allow(clippy::unwrap_used)] // a failing unwrap fails the test

mod common;

use common::{Home, Run, saldo};
use serde_json::Value;

const AGREEMENT: &str = "studio-0-share";

impl Home {
    /// Replaces text in a file of the book, and puts the book into force.
    fn change(&self, path: &str, from: &str, to: &str) {
        let path = self.dir.join("books/house").join(path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        self.run(&["apply", "--reason", "a test"]).ends(0);
    }

    fn offer(&self, version: &str, file: &str) -> Run {
        self.run(&["agreement", "offer", AGREEMENT, "--version", version, "-o", file])
    }

    fn operator_key(&self) -> String {
        self.dir.join("keys/house/public.key").to_str().unwrap().to_owned()
    }
}

/// A key in the name of a party: its file, and its public text.
fn key(home: &Home, name: &str, file: &str) -> (String, String) {
    let path = home.path(file);
    let made = saldo(&["key", "new", "--name", name, "-o", &path]).ends(0);
    let public = made.out.trim().to_owned();
    assert_eq!(saldo(&["key", "show", &path]).ends(0).out.trim(), public);
    assert_eq!(saldo(&["key", "show", &format!("{path}.pub")]).ends(0).out.trim(), public);
    (path, public)
}

/// The book of the template, in which `studio-0` has a key and its agreement needs signatures.
fn required(home: &Home) -> String {
    let (path, public) = key(home, "studio-0", "studio.key");
    let file = "parties.yaml";
    let book = home.dir.join("books/house").join(file);
    let text = std::fs::read_to_string(&book).unwrap();
    let line = text.lines().find(|line| line.trim_start().starts_with("studio-0:")).unwrap();
    let keyed = line.replacen('{', &format!("{{ keys: [{{ key: {public} }}],"), 1);
    std::fs::write(&book, text.replacen(line, &keyed, 1)).unwrap();
    home.change(
        &format!("agreements/{AGREEMENT}.yaml"),
        "\nterms:",
        "\ncountersigned: required\nterms:",
    );
    path
}

#[test]
fn a_close_waits_until_both_have_signed_the_version_in_force() {
    let home = Home::with_sample("gaming");
    let studio = required(&home);
    let close = ["close", "2026-03", "--agreement", AGREEMENT];
    let blocked = home.run(&close).ends(1).err;
    assert!(blocked.contains("E5105") && blocked.contains("saldo agreement offer"), "{blocked}");

    let file = home.path("offer.json");
    assert!(home.offer("1", &file).ends(0).out.contains("agreement: studio-0-share\nversion: 1\n"));
    let countersign = ["agreement", "countersign", &file];
    assert!(home.run(&countersign).ends(2).err.contains("E6092"), "one side alone");
    let (stranger, _) = key(&home, "studio-1", "stranger.key");
    let (other, _) = key(&home, "studio-0", "other.key");
    assert!(saldo(&["agreement", "sign", &file, "--key", &stranger]).ends(2).err.contains("E6094"));
    let before = std::fs::read(&file).unwrap();
    saldo(&["agreement", "sign", &file, "--key", &other]).ends(0);
    assert!(home.run(&countersign).ends(2).err.contains("E6092"), "a key that the book lacks");
    std::fs::write(&file, before).unwrap();

    let operator = home.operator_key();
    let sign = ["agreement", "sign", &file, "--key", &studio, "--operator-key", &operator];
    let signed = saldo(&sign).ends(0);
    assert!(
        signed.out.contains("version: 1") && signed.out.contains("measure: "),
        "{}",
        signed.out
    );
    assert!(home.run(&countersign).ends(0).out.contains("signed by house, studio-0"));
    let list = home.run(&["agreement", "list", "--format", "json"]).ends(0).json();
    let listed = list.as_array().unwrap().iter().find(|row| row["agreement"] == AGREEMENT).unwrap();
    assert_eq!(listed["signed"], serde_json::json!(["house", "studio-0"]), "{listed}");
    assert_eq!(listed["countersigned"]["by"], "tester", "{listed}");
    home.run(&close).ends(0);
    home.run(&["verify"]).ends(0);

    // Terms of the same version that were changed have another hash, and need signing again.
    home.change(&format!("agreements/{AGREEMENT}.yaml"), "en: ", "en: New ");
    let later = ["close", "2026-04", "--agreement", AGREEMENT];
    assert!(home.run(&later).ends(1).err.contains("not signed by both"));
    assert!(home.run(&countersign).ends(2).err.contains("E6091"), "the old note");
    home.offer("1", &file).ends(0);
    saldo(&sign).ends(0);
    home.run(&countersign).ends(0);
    home.run(&later).ends(0);
    let shown = home.run(&["agreement", "show", AGREEMENT]).ends(0).out;
    assert!(shown.contains("signed by: house, studio-0"), "{shown}");

    // A key that did not hold when the signature was recorded does not count.
    let public = saldo(&["key", "show", &studio]).ends(0).out.trim().to_owned();
    home.change("parties.yaml", &public, &format!("{public}, holds_until: 2020-01-01"));
    let next = ["close", "2026-05", "--agreement", AGREEMENT];
    assert!(home.run(&next).ends(1).err.contains("did not hold when"));
}

#[test]
fn a_proof_says_who_signed_and_the_checker_insists() {
    let home = Home::with_sample("gaming");
    let studio = required(&home);
    let (operator, public) = (home.operator_key(), format!("{studio}.pub"));
    let file = home.path("offer.json");
    home.offer("1", &file).ends(0);
    saldo(&["agreement", "sign", &file, "--key", &studio]).ends(0);
    home.run(&["agreement", "countersign", &file]).ends(0);
    home.run(&["close", "2026-03"]).ends(0);
    let statement = ["statement", AGREEMENT, "2026-03", "--format", "json"];
    let stated = home.run(&statement).ends(0).json();
    assert_eq!(stated["signed_by"], serde_json::json!(["house", "studio-0"]));

    let proof = home.path("signed.proof");
    home.run(&["prove", "statement", AGREEMENT, "2026-03", "-o", &proof]).ends(0);
    let check = |proof: &str, party: &[&str]| {
        let mut args = vec!["proof", "check", proof, "--key", &operator];
        party.iter().for_each(|key| args.extend(["--party-key", key]));
        saldo(&args)
    };
    let whole = check(&proof, &[&public]).ends(0).out;
    assert!(whole.contains("signed by both: house, studio-0\n"), "{whole}");
    let half = check(&proof, &[]).ends(0).out;
    assert!(half.contains("signed by house; not checked: studio-0 "), "{half}");
    let (other, _) = key(&home, "studio-0", "other.key");
    let refused = check(&proof, &[&format!("{other}.pub")]).ends(1).out;
    assert!(refused.contains("E6092"), "{refused}");

    // Another agreement's statement carries no note, and says so.
    home.run(&["prove", "statement", "play-n-go-share", "2026-03", "-o", &proof]).ends(0);
    let bare = check(&proof, &[]).ends(0).out;
    assert!(bare.contains("is not signed\n"), "{bare}");
    let stranger = check(&proof, &[&public]).ends(1).out;
    assert!(stranger.contains("E6094"), "{stranger}");
}

fn line(id: &str, day: &str, amount: &str) -> String {
    format!(
        "{{\"source\":\"feed-a\",\"id\":\"{id}\",\"kind\":\"bet\",\
         \"occurred_at\":\"2026-{day}T00:00:00Z\",\"amount\":\"{amount}\",\"asset\":\"EUR\",\
         \"dims\":{{\"provider\":\"studio-0\",\"game\":\"g\",\"player\":\"p\"}}}}\n"
    )
}

/// Number of the only thing on a list.
fn only(home: &Home, list: &[&str]) -> String {
    let found = home.run(&[list, &["--format", "json"]].concat()).ends(0).json();
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    found[0]["id"].to_string()
}

/// A correction with a reason, a contest resolved, a close, a late correction without a reason.
fn touched() -> Home {
    let home = Home::new("gaming");
    let ingest = |name: &str, text: &str| {
        let file = home.file(name, text);
        home.run(&["ingest", &file, "--source", "feed-a"]).ends(0);
    };
    let kept = ["quarantine", "list", "--code", "E2401"];
    ingest("a.ndjson", &(line("ok", "03-01", "9.00") + &line("fine", "03-02", "1.000001")));
    ingest("b.ndjson", &(line("two", "03-03", "5.00") + &line("two", "03-03", "7.00")));
    let fixed = home.file("fixed.ndjson", &line("fine", "03-02", "1.00"));
    let (id, reason) = (only(&home, &kept), "two decimals, as agreed");
    home.run(&["quarantine", "fix", &id, "--event", &fixed, "--reason", reason]).ends(0);
    let (id, reason) = (only(&home, &["contest", "list"]), "mail of 3 March");
    home.run(&["contest", "resolve", &id, "--keep", "later", "--reason", reason]).ends(0);
    home.run(&["close", "2026-03", "--agreement", AGREEMENT]).ends(0);
    ingest("c.ndjson", &line("late", "03-05", "200.000001"));
    let fixed = home.file("late.ndjson", &line("late", "03-05", "2000.00"));
    home.run(&["quarantine", "fix", &only(&home, &kept), "--event", &fixed]).ends(0);
    home
}

fn notices(home: &Home, agreement: &str) -> Value {
    let args = ["notices", "--agreement", agreement, "--period", "2026-03", "--format", "json"];
    home.run(&args).ends(0).json()[0].clone()
}

#[test]
fn what_was_done_by_hand_is_told_to_those_it_touches() {
    let home = touched();
    let before = notices(&home, AGREEMENT);
    assert_eq!(before["commands"][2]["correction"], Value::Null, "no later statement yet");
    home.run(&["close", "2026-04", "--agreement", AGREEMENT]).ends(0);
    home.run(&["verify"]).ends(0);
    let found = notices(&home, AGREEMENT);
    let told = found["commands"].as_array().unwrap().iter().map(|notice| {
        let text = |name: &str| notice[name].as_str().unwrap_or("-").to_owned();
        ["command", "event", "before", "after", "reason", "by"].map(text).join(" | ")
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "fix | fine | 1.000001 EUR | 1 EUR | two decimals, as agreed | tester",
            "resolve | two | 5 EUR | 7 EUR | mail of 3 March | tester",
            "fix | late | 200.000001 EUR | 2000 EUR | - | tester",
        ],
        "{found}"
    );
    let resolved = &found["commands"][1];
    assert_eq!(resolved["moved"][0]["amount"], "2.0000", "{found}");
    assert_eq!((&resolved["late"], &found["commands"][2]["late"]), (&false.into(), &true.into()));
    let line = found["commands"][2]["correction"].as_str().unwrap();
    assert!(line.starts_with("studio-0-share:2026-04:1/"), "{found}");
    let lines = found["corrections"].as_array().unwrap();
    assert!(lines.iter().any(|found| found["line"] == line), "{found}");
    assert_eq!(notices(&home, "play-n-go-share")["commands"], serde_json::json!([]));
    let all = home.run(&["notices", "--agreement", AGREEMENT]).ends(0).out;
    assert!(all.contains("mail of 3 March") && all.contains(line), "{all}");
}

#[test]
fn the_counterparty_has_the_same_list_in_its_proof() {
    let home = touched();
    let (proof, key) = (home.path("n.proof"), home.operator_key());
    home.run(&["prove", "statement", AGREEMENT, "2026-03", "-o", &proof]).ends(0);
    let check = ["proof", "check", &proof, "--key", &key];
    let checked = saldo(&[&check[..], &["--format", "json"]].concat()).ends(0).json();
    let reasons = checked["notices"].as_array().unwrap().iter().map(|told| told["reason"].clone());
    let reasons: Vec<_> = reasons.collect();
    assert_eq!(reasons, ["two decimals, as agreed".into(), "mail of 3 March".into(), Value::Null]);
    let shown = saldo(&check).ends(0).out;
    assert!(shown.contains("commands that moved what it reads: 3\n"), "{shown}");
    assert!(shown.contains("resolve feed-a/two from 5 EUR to 7 EUR: mail of 3 March\n"), "{shown}");
    let text = std::fs::read_to_string(&proof).unwrap();
    let forged = home.file("forged.proof", &text.replacen("mail of 3 March", "mail of 4 March", 1));
    let refused = saldo(&["proof", "check", &forged, "--key", &key]).ends(1).out;
    assert!(refused.contains("E6078") && refused.contains("E6095"), "{refused}");
}
