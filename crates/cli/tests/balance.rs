//! Statements as balances, from the command line: posted, netted, held out of payment, proven.
#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{Home, saldo};
use serde_json::Value;

const NET: &str = "agreement: a-net
from: house
to: studio-0
asset: EUR
zone: UTC
period: month
terms:
  - version: 1
    steps:
      - net: { agreements: [studio-0-share] }
";

fn netted() -> Home {
    let home = Home::new("gaming");
    std::fs::write(home.dir.join("books/house/agreements/a-net.yaml"), NET).unwrap();
    home.run(&["apply", "--reason", "one payment"]).ends(0);
    for source in ["feed-a", "feed-b"] {
        let file = home.dir.join(format!("sample/house/{source}.ndjson"));
        home.run(&["ingest", file.to_str().unwrap(), "--source", source]).ends(0);
    }
    home
}

/// The only balance of an agreement.
fn balance(home: &Home, agreement: &str) -> Value {
    let args = ["balance", "--agreement", agreement, "--format", "json"];
    let found = home.run(&args).ends(0).json();
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    found[0].clone()
}

fn statement(home: &Home, agreement: &str) -> Value {
    home.run(&["statement", agreement, "2026-03", "--format", "json"]).ends(0).json()
}

#[test]
fn a_statement_is_a_balance_and_its_line_can_be_held() {
    let home = Home::with_sample("gaming");
    home.run(&["close", "2026-03", "--agreement", "studio-0-share"]).ends(0);
    let stated = statement(&home, "studio-0-share");
    let found = balance(&home, "studio-0-share");
    assert_eq!((&found["payable"], &found["to_pay"]), (&stated["payable"], &stated["payable"]));
    assert_eq!((&found["receivable"], &found["held"]), (&Value::Null, &"0.0000".into()));
    let moved = stated["ledger"].as_array().unwrap().last().unwrap()["line"].as_str().unwrap();
    let id = format!("{}/{moved}", stated["id"].as_str().unwrap());
    let of = ["--agreement", "studio-0-share", "--period", "2026-03", "--reason", "rate"];
    let change = |command: &str| {
        let args = [&[command], &of[..], &["--line", id.as_str(), "--format", "json"]].concat();
        home.run(&args)
    };
    assert!(change("release").ends(2).err.contains("is not held"));
    let held = change("hold").ends(0).json();
    let amount = held["amount"].as_str().unwrap().to_owned();
    let after = statement(&home, "studio-0-share");
    assert_eq!(after["body_sha256"], stated["body_sha256"]);
    let one = &after["held"][0];
    assert_eq!((&one["reason"], &one["by"]), (&"rate".into(), &"tester".into()), "{after}");
    assert_eq!((&one["amount"], &after["to_pay"]), (&held["amount"], &held["to_pay"]));
    let found = balance(&home, "studio-0-share");
    assert_eq!((&found["held"], &found["payable"]), (&amount.clone().into(), &stated["payable"]));
    assert_eq!(found["to_pay"], after["to_pay"]);
    let talk = home.run(&["statement", "studio-0-share", "2026-03", "--lang", "ko"]).ends(0).err;
    assert!(talk.contains("지급 보류") && talk.contains("현재 지급액"), "{talk}");
    home.run(&["verify"]).ends(0);
    assert_eq!(change("release").ends(0).json()["to_pay"], stated["payable"]);
    let totals = home.run(&["totals", "--account", "settlement:*", "--format", "json"]).ends(0);
    let accounts = totals.json();
    let accounts: Vec<_> =
        accounts.as_array().unwrap().iter().map(|row| row["account"].as_str().unwrap()).collect();
    assert!(accounts.contains(&"settlement:studio-0-share:payable"), "{accounts:?}");
}

#[test]
fn netting_is_closed_last_proven_and_explained() {
    let home = netted();
    let closed = home.run(&["close", "2026-03", "--format", "json"]).ends(0).json();
    let names: Vec<_> = closed.as_array().unwrap().iter().map(|one| &one["agreement"]).collect();
    assert_eq!(names.last().unwrap(), &"a-net", "{names:?}");
    let (share, net) = (statement(&home, "studio-0-share"), statement(&home, "a-net"));
    assert_eq!(net["payable"], share["payable"]);
    assert_eq!(balance(&home, "studio-0-share")["to_pay"], "0.0000");
    assert_eq!(balance(&home, "a-net")["to_pay"], share["payable"]);
    let id = net["lines"][0]["id"].as_str().unwrap();
    let told = home.run(&["explain", id, "--format", "json"]).ends(0).out;
    assert!(told.contains("studio-0-share:2026-03:1"), "{told}");
    let held = ["hold", "--agreement", "studio-0-share", "--period", "2026-03"];
    let run = home.run(&[&held[..], &["--line", "10-ggr", "--reason", "no"]].concat()).ends(2);
    assert!(run.err.contains("on the statement of a-net"), "{}", run.err);
    let proof = home.path("net.proof");
    home.run(&["prove", "statement", "a-net", "2026-03", "-o", &proof]).ends(0);
    let key = home.dir.join("keys/house/public.key");
    let mine = home.dir.join("sample/house/feed-a.ndjson");
    let args = ["proof", "check", &proof, "--key", key.to_str().unwrap()];
    saldo(&args).ends(0);
    let good: Vec<String> = std::fs::read_to_string(mine)
        .unwrap_or_default()
        .lines()
        .filter(|line| serde_json::from_str::<Value>(line).is_ok())
        .take(3)
        .map(str::to_owned)
        .collect();
    let events = home.file("mine.ndjson", &good.join("\n"));
    let checked = saldo(&[&args[..], &["--events", &events]].concat()).ends(0).out;
    assert!(checked.contains("the statements of studio-0-share"), "{checked}");
    home.run(&["verify"]).ends(0);
}
