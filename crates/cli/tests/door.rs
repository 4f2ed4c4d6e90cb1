//! Webhooks, schemas and policies: a directory answers what a service does, word for word.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use common::serve::Serve;
use common::{BETS, Home, Run};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;

/// One line per command: what is typed, how it ends, and something that it says.
fn holds(run: &dyn Fn(&[&str]) -> Run, cases: &[(&str, i32, &str)]) {
    for (typed, code, said) in cases {
        let args: Vec<&str> = typed.split_whitespace().collect();
        let run = run(&args).ends(*code);
        let all = format!("{}{}", run.out, run.err);
        assert!(all.contains(said), "{typed}: {all}");
    }
}

/// A receiver that takes one delivery.
fn receiver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 8192];
            let read = stream.read(&mut bytes).unwrap();
            assert!(bytes[..read].starts_with(b"POST /saldo"));
            stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
        }
    });
    format!("http://{address}/saldo")
}

#[test]
fn a_directory_and_a_service_answer_alike() {
    let home = Home::new("gaming");
    let settings = home.dir.join("saldo.yaml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text + "webhooks: { allow_private: true }\n").unwrap();
    let one =
        home.file("one.json", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}");
    let two =
        home.file("two.json", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"}}}");
    let key = home.key("admin", "administrator");
    let receiver = receiver();

    let here = |args: &[&str]| home.run(args);
    schemas(&here, &one, &two);
    webhooks(&here, &receiver);
    policies(&here);
    let serve = Serve::start(&home);
    let address = format!("http://{}", serve.address);
    let there = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saldo"));
        command.args(["--server", &address]).args(args).env("SALDO_KEY", &key);
        Run::of(&command.output().unwrap())
    };
    schemas(&there, &one, &two);
    webhooks(&there, &receiver);
    policies(&there);
    holds(&there, &[("policy test", 2, "error[E9109]")]);
    holds(&here, &[("schema subjects", 2, "error[E4106]")]);
    serve.stop();
}

/// Everything comes to the same a second time: a text keeps its id.
fn schemas(run: &dyn Fn(&[&str]) -> Run, one: &str, two: &str) {
    let register = format!("schema register a-value {one} --format json");
    let reference = format!("schema register a-value {one} --reference x=b:1");
    let wrong = format!("schema register a-value {one} --reference x");
    let (may, may_not) =
        (format!("schema check a-value {one}"), format!("schema check a-value {two}"));
    let latest = format!("schema check a-value {two} --version latest --format json");
    let twice = format!("schema register a-value {two}");
    holds(
        run,
        &[
            (&register, 0, "\"id\": 1"),
            (&register, 0, "\"id\": 1"),
            (&reference, 2, "error[E8"),
            (&wrong, 2, "`x` is no NAME=SUBJECT:VERSION"),
            ("schema subjects --format csv", 0, "a-value"),
            ("schema show a-value", 0, "{\"type\":\"object\",\"properties\""),
            ("schema show a-value --format json", 0, "\"schemaType\": \"JSON\""),
            ("schema show a-value --version 99", 2, "error[E8"),
            ("schema show nothing", 2, "Subject 'nothing' not found."),
            (&may, 0, "it may follow"),
            (&may_not, 1, "the type was string and is number"),
            (&latest, 1, "\"is_compatible\": false"),
            (&twice, 2, "incompatible"),
            ("schema level", 0, "BACKWARD"),
            ("schema level a-value --set NONE", 0, "NONE"),
            (&may_not, 0, "it may follow"),
            ("schema level a-value --unset", 0, "BACKWARD"),
            ("schema level a-value --set SOME", 2, "error[E8"),
            ("schema delete a-value --version 7", 2, "error[E8"),
            ("schema delete a-value", 0, "a-value: deleted ["),
            ("schema show a-value", 2, "not found"),
        ],
    );
}

fn webhooks(run: &dyn Fn(&[&str]) -> Run, receiver: &str) {
    let create = ["webhook", "create", "--url", receiver, "--type", "event.*", "--format", "json"];
    let made = run(&create).ends(0).json();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"), "{made}");
    let id = made["id"].as_str().unwrap();
    let cases = [
        ("list --format csv", 0, receiver),
        ("show ID", 0, "state  active"),
        ("test ID", 0, "status  204"),
        ("deliveries ID", 0, ""),
        ("pause ID", 0, "state  disabled"),
        ("test ID", 2, "error[E8"),
        ("resume ID --format json", 0, "\"state\": \"active\""),
        ("replay ID --after now", 0, id),
        ("replay ID --after nowhere", 2, "error[E8050]"),
        ("rotate ID --overlap-hours 1", 0, "whsec_"),
        ("show ID", 0, "secrets  2"),
        ("rotate ID --overlap-hours 999", 2, "error[E8009]"),
        ("remove ID", 0, "nothing more"),
        ("show ID", 2, "error[E8012]"),
        ("create --url ftp://x", 2, "error[E8"),
    ];
    let typed = |what: &str| format!("webhook {}", what.replace("ID", id));
    let cases = cases.map(|(what, code, said)| (typed(what), code, said));
    holds(run, &cases.each_ref().map(|(typed, code, said)| (typed.as_str(), *code, *said)));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{nobody}/");
    let made = run(&["webhook", "create", "--url", &url, "--format", "json"]).ends(0).json();
    let id = made["id"].as_str().unwrap();
    let tried = run(&["webhook", "test", id, "--format", "json"]).ends(1).json();
    assert!(tried["arrived"] == false && tried["error"].is_string(), "{tried}");
    run(&["webhook", "remove", id]).ends(0);
}

fn policies(run: &dyn Fn(&[&str]) -> Run) {
    holds(
        run,
        &[
            ("policy explain --role finance --format csv", 0, "close-periods"),
            ("policy explain --role provider --action manage-keys", 0, "never gets"),
            ("policy explain --action close-periods", 0, "shipped/finance.cedar#1"),
            ("policy explain --role auditor --action close-periods", 0, "no policy permits it"),
            ("policy explain --role king", 2, "no role `king`"),
            ("policy explain --action fly", 2, "there is no `fly`"),
            ("policy explain --kind robot", 2, "error[E8009]"),
        ],
    );
    let one = ["policy", "explain", "--role", "finance", "--action", "close-periods"];
    let told = run(&[&one[..], &["--on-source", "feed-a", "--format", "json"]].concat()).ends(0);
    assert_eq!(told.json()[0]["allowed"], true, "{}", told.out);
}

#[test]
fn the_tests_of_policies_are_run_alone() {
    let home = Home::new("gaming");
    let dir = home.dir.join("books/house/policies");
    std::fs::create_dir_all(&dir).unwrap();
    let expectation = |expect: &str| {
        let text =
            format!("- {{ as: {{ role: auditor }}, do: close-periods, expect: {expect} }}\n");
        std::fs::write(dir.join("a.test.yaml"), text).unwrap();
    };
    let run = |args: &[&str]| home.run(args);
    expectation("deny");
    holds(&run, &[("policy test", 0, "1 tests run, 0 errors")]);
    expectation("allow");
    holds(
        &run,
        &[
            ("policy test", 1, "policies/a.test.yaml:1:55"),
            ("policy test --format json", 1, "\"errors\": 1"),
        ],
    );
}

#[test]
fn mapped_rows_and_corrections_are_checked_by_the_schema_of_their_source() {
    let home = Home::new("gaming");
    std::fs::write(home.dir.join("books/house/mappings/cells.yaml"), BETS).unwrap();
    let sources = home.dir.join("books/house/sources.yaml");
    let text = std::fs::read_to_string(&sources).unwrap();
    let named = text.replace("feed-b: {", "feed-b: { schema: { subject: b-value },");
    std::fs::write(&sources, named).unwrap();
    let schema = home.file(
        "b.json",
        r#"{"type":"object","required":["amount"],
            "properties":{"amount":{"pattern":"^[0-9]+\\.[0-9]{2}$"},"kind":{"const":"bet"},
            "dims":{"properties":{"game":{"enum":["crash","dice"]}}}}}"#,
    );
    home.run(&["schema", "register", "b-value", &schema]).ends(0);
    let rows = "id,amount,game,player\na-1,5.00,crash,p\na-2,5.00,poker,p\na-3,6.50,dice,p\n";
    let rows = home.file("rows.csv", rows);
    let ingest = ["ingest", &rows, "--source", "feed-b", "--mapping", "cells", "--format", "json"];
    let report = home.run(&ingest).ends(0).json();
    assert_eq!((&report["posted"], &report["quarantined"]), (&2.into(), &1.into()), "{report}");
    let kept = home.run(&["quarantine", "list", "--format", "json"]).ends(0).json();
    assert_eq!(kept[0]["code"], "E2209", "{kept}");
    assert!(kept[0]["reason"].as_str().unwrap().contains("#/dims/game"), "{kept}");
    let id = kept[0]["id"].to_string();
    let event = |game: &str| {
        let text = format!(
            "{{\"id\":\"a-2\",\"kind\":\"bet\",\"occurred_at\":\"2026-03-02T00:00:00Z\",\
             \"amount\":\"5.00\",\"asset\":\"EUR\",\
             \"dims\":{{\"provider\":\"studio-0\",\"game\":\"{game}\",\"player\":\"p-1\"}}}}"
        );
        home.file("event.json", &text)
    };
    let fix = |game: &str, code| {
        let file = event(game);
        home.run(&["quarantine", "fix", &id, "--event", &file, "--reason", "a slip"]).ends(code)
    };
    let refused = fix("poker", 2);
    assert!(refused.err.contains("error[E5314]"), "{}", refused.err);
    fix("crash", 0);
    home.run(&["verify"]).ends(0);
}
