//! `saldo --server`: what a service answers is what the directory itself says.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use common::serve::Serve;
use common::{Home, Run};
use std::process::Command;

/// Runs `saldo --server` with a key.
fn remote(address: &str, key: Option<&str>, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saldo"));
    command.args(["--server", address]).args(args).env_remove("SALDO_KEY");
    if let Some(key) = key {
        command.env("SALDO_KEY", key);
    }
    Run::of(&command.output().unwrap())
}

/// What is asked of the service, and then of its directory.
const ASKED: [&[&str]; 19] = [
    &["explain", "event", "feed-a", "t-2"],
    &["contest", "list"],
    &["contest", "list", "--format", "json"],
    &["access", "list"],
    &["access", "list", "--at", "2026-03-31"],
    &["access", "report"],
    &["log", "verify"],
    &["log", "verify", "--limit", "1"],
    &["legal-hold", "list"],
    &["retention"],
    &["agreement", "list"],
    &["invoice", "list"],
    &["notices", "--agreement", "studio-0-share"],
    &["notices", "--agreement", "studio-0-share", "--format", "json"],
    &["totals", "--format", "json"],
    &["totals", "--account", "play:*", "--format", "csv"],
    &["measure", "ggr", "--period", "2026-03", "--by", "provider", "--format", "json"],
    &["statement", "studio-0-share", "2026-03", "--draft", "--format", "json"],
    &["statement", "studio-0-share", "2026-03", "--draft", "--format", "csv", "--lang", "ko"],
];

#[test]
fn a_service_answers_as_its_directory_does() {
    let home = Home::new("gaming");
    let key = home.key("admin", "administrator");
    let serve = Serve::start(&home);
    let address = format!("http://{}", serve.address);
    let ask = |args: &[&str]| remote(&address, Some(&key), args);

    for source in ["feed-a", "feed-b"] {
        let file = home.dir.join(format!("sample/house/{source}.ndjson"));
        let file = file.to_str().unwrap();
        let first = ask(&["ingest", file, "--source", source, "--format", "json"]).ends(0).json();
        let counts = first["files"][0]["outcomes"].as_object().unwrap().clone();
        let all: u64 = counts.values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(all, std::fs::read_to_string(file).unwrap().lines().count() as u64);
        // Everything that counts once counts no more the second time.
        let again = ask(&["ingest", file, "--source", source]).ends(0);
        assert!(!again.out.contains("posted"), "{}", again.out);
    }
    let closed = ask(&["close", "2026-03", "--agreement", "studio-0-share", "--format", "json"]);
    let blocked = closed.code == 1;
    assert!(blocked || closed.code == 0, "{}", closed.err);
    let key_file = home.file("key", &format!("{key}\n"));
    let by_file = remote(&address, None, &["--key-file", &key_file, "status"]).ends(0);
    assert!(
        by_file.out.starts_with("operator house, book revision 1\nreceived "),
        "{}",
        by_file.out
    );

    let made = ask(&["access", "create", "--name", "x", "--role", "auditor"]).ends(0);
    ask(&["legal-hold", "place", "--source", "feed-b", "--ordered-by", "K", "--reason", "c"])
        .ends(0);
    let answers = ASKED.map(|args| ask(args).ends(0));
    let table = ask(&["statement", "studio-0-share", "2026-03", "--draft"]).ends(0);
    assert!(table.out.contains("amount") && table.err.contains("studio-0"), "{}", table.out);
    let quarantine = ask(&["quarantine", "list", "--format", "json"]).ends(0).json();
    let auditor = made.out.trim().to_owned();
    let refused = remote(&address, Some(&auditor), &["close", "2026-03"]);
    assert!(refused.err.contains("E8002"), "{}", refused.err);
    serve.stop();

    for (args, answer) in ASKED.iter().zip(&answers) {
        let local = home.run(args).ends(0);
        match serde_json::from_str::<serde_json::Value>(&local.out) {
            Ok(local) => assert_eq!(in_order(answer.json()), in_order(local), "{args:?}"),
            Err(_) => assert_eq!(sorted(&answer.out), sorted(&local.out), "{args:?}"),
        }
    }
    let local = home.run(&["quarantine", "list", "--format", "json"]).ends(0).json();
    let ids = |list: &serde_json::Value| {
        let list = list.as_array().unwrap().iter();
        list.map(|record| record["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&quarantine), ids(&local));
}

/// A list in an order of its own: pages of a service are in that of their cursors.
fn in_order(mut json: serde_json::Value) -> serde_json::Value {
    if let Some(items) = json.as_array_mut() {
        items.sort_by_key(ToString::to_string);
    }
    json
}

/// The words of a text: columns of the same fields may stand in another order.
fn sorted(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text.split([',', '\n', '\r']).collect();
    words.sort_unstable();
    words
}

#[test]
fn an_operator_is_run_without_stopping_the_service() {
    let home = Home::new("gaming");
    let make = ["access", "create", "--name", "admin", "--role", "administrator"];
    let key = home.run(&make).ends(0).out.trim().to_owned();
    let serve = Serve::start(&home);
    let address = format!("http://{}", serve.address);
    let dir = home.dir.to_str().unwrap().to_owned();
    let book = home.dir.join("books/house");
    let ask = |args: &[&str]| remote(&address, Some(&key), &[&["-C", &dir], args].concat());

    // The book: a mistake is named, what is right is planned and comes into force.
    let path = book.join("sources.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("  feed-a: {", "  feed-a: { party: nobody,")).unwrap();
    let wrong = ask(&["check"]).ends(1);
    assert!(wrong.out.contains("sources.yaml:") && wrong.out.contains("nobody"), "{}", wrong.out);
    assert!(ask(&["apply", "--reason", "x"]).ends(2).err.contains("E5309"));
    std::fs::write(&path, text.replace("  feed-a: {", "  feed-a: { party: studio-0,")).unwrap();
    ask(&["check"]).ends(0);
    assert!(ask(&["plan"]).ends(0).out.contains("source feed-a"));
    assert!(ask(&["apply", "--reason", "it sends"]).ends(0).err.contains("revision 2"));
    // The directory of the book alone will do.
    let alone = remote(&address, Some(&key), &["-C", book.to_str().unwrap(), "plan"]).ends(0);
    assert!(alone.err.contains("revision 2"), "{}", alone.err);

    serve.stop();
}

#[test]
fn keys_are_made_and_turned_while_it_serves() {
    let home = Home::new("gaming");
    let sources = home.dir.join("books/house/sources.yaml");
    let text = std::fs::read_to_string(&sources).unwrap();
    std::fs::write(&sources, text.replace("  feed-a: {", "  feed-a: { party: studio-0,")).unwrap();
    let make = ["access", "create", "--name", "admin", "--role", "administrator"];
    let key = home.run(&make).ends(0).out.trim().to_owned();
    let serve = Serve::start(&home);
    let address = format!("http://{}", serve.address);
    let ask = |args: &[&str]| remote(&address, Some(&key), args);

    // A key of the party, for the sandbox, for the event of its source; another secret for it.
    let party = ["access", "create", "--name", "s", "--role", "provider", "--party", "studio-0"];
    let made = ask(&[&party[..], &["--sandbox"]].concat()).ends(0);
    assert!(made.out.starts_with("saldo_key.house-sandbox."), "{}", made.out);
    let made = ask(&[&party[..], &["--format", "json"]].concat()).ends(0).json();
    let id = made["id"].as_str().unwrap();
    let turned = ask(&["access", "rotate", id, "--overlap", "0"]).ends(0).out;
    assert!(turned.starts_with("saldo_key.house."), "{turned}");
    let old = made["key"].as_str().unwrap();
    assert!(remote(&address, Some(old), &["totals"]).ends(2).err.contains("E8001"));
    let kid = ask(&["access", "rotate", "--format", "json"]).ends(0).json();
    assert!(kid["kid"].is_string(), "{kid}");
    let file = home.dir.join("sample/house/feed-a.ndjson");
    let line = std::fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();
    let event: serde_json::Value = serde_json::from_str(&line).unwrap();
    let one = home.file("one.ndjson", &line);
    let party = turned.trim();
    remote(&address, Some(party), &["ingest", &one, "--source", "feed-a"]).ends(0);
    let (id, proof) = (event["id"].as_str().unwrap(), home.path("event.proof"));
    let prove = ["prove", "event", "feed-a", id, "-o", &proof];
    remote(&address, Some(party), &prove).ends(0);
    let public = home.dir.join("keys/house/public.key");
    home.run(&["proof", "check", &proof, "--key", public.to_str().unwrap()]).ends(0);
    another_key_signs(&home, &address, (&key, party), (&line, &proof, &prove));
    serve.stop();
    // A sandbox key of a directory that nobody serves.
    let party = ["access", "create", "--name", "s", "--role", "auditor", "--sandbox"];
    assert!(home.run(&party).ends(0).out.starts_with("saldo_key.house-sandbox."));
}

/// At once; what the old one signed is checked with the old one.
fn another_key_signs(
    home: &Home,
    address: &str,
    (key, party): (&str, &str),
    (line, proof, prove): (&str, &str, &[&str]),
) {
    let ask = |args: &[&str]| remote(address, Some(key), args);
    let public = home.dir.join("keys/house/public.key");
    let note = home.path("rotation.note");
    let old = home.file("old.key", &std::fs::read_to_string(&public).unwrap());
    ask(&["key", "rotate", "-o", &note]).ends(0);
    remote(address, Some(party), prove).ends(0);
    let check = |proof: &str, key: &str, more: &[&str]| {
        home.run(&[&["proof", "check", proof, "--key", key][..], more].concat()).code
    };
    let new = public.to_str().unwrap();
    assert_eq!([check(proof, new, &[]), check(proof, &old, &[])], [0, 1]);
    assert_eq!(check(proof, &old, &["--rotation", &note]), 0);
    let receipt = home.path("receipt.json");
    let events = format!("{line}\n");
    let client = api::client::Client::new(address, party).unwrap();
    let taken = client.events("feed-a", "application/x-ndjson", events.as_bytes(), "accepted");
    std::fs::write(&receipt, serde_json::to_vec(&taken.unwrap().receipt.unwrap()).unwrap())
        .unwrap();
    assert_eq!([check(&receipt, new, &[]), check(&receipt, &old, &[])], [0, 1]);
    let told = home.run(&["proof", "check", &receipt, "--key", &old]).ends(1).out;
    assert!(told.contains("error E6034") && told.contains("hint: "), "{told}");
    let hook = ["webhook", "create", "--url", "https://hooks.example/a"];
    ask(&hook).ends(0);
    let kept = ask(&["log", "commands", "--kind", "webhook", "--format", "csv"]).ends(0).out;
    assert!(kept.contains("https://hooks.example/a"), "{kept}");
}

#[test]
fn what_cannot_be_asked_is_told() {
    let home = Home::new("gaming");
    let serve = Serve::start(&home);
    let address = format!("http://{}", serve.address);
    for (address, key, args, code) in [
        (address.as_str(), None, &["status"][..], "E9110"),
        (&address, Some("saldo_key.house.x.y"), &["status"], "E8001"),
        (&address, Some("k"), &["verify"], "E9109"),
        (&address, Some("k"), &["ingest", "a.csv", "--source", "feed-a"], "E9109"),
        ("saldo.example", Some("k"), &["status"], "E9108"),
        ("http://127.0.0.1:1", Some("k"), &["status"], "E9108"),
    ] {
        let run = remote(address, key, args).ends(2);
        assert!(run.err.contains(&format!("error[{code}]")), "{args:?}: {}", run.err);
        assert!(run.err.contains("hint: "), "{args:?}: {}", run.err);
    }
    serve.stop();
}

#[test]
fn a_service_of_an_own_authority_that_asks_for_certificates_is_reached() {
    let home = Home::new("gaming");
    let key = home.key("admin", "administrator");
    let file = |name: &str| {
        let tls = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/tests/fixtures/tls");
        format!("{tls}/{name}")
    };
    let tls = ["--tls-cert", "one.pem", "--tls-key", "one.key", "--tls-client-ca", "ca.pem"];
    let tls = tls.map(|arg| if arg.starts_with("--") { arg.to_owned() } else { file(arg) });
    let serve = Serve::start_with(&home, &tls);
    let port = serve.address.rsplit(':').next().unwrap();
    let ask = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_saldo"));
        command.args(["--server", &format!("https://localhost:{port}"), "status"]);
        command.env("SALDO_KEY", &key);
        command.envs(variables.iter().map(|(name, path)| (*name, file(path))));
        Run::of(&command.output().unwrap())
    };
    let (ca, own) = (("SALDO_SERVER_CA", "ca.pem"), ("SALDO_CLIENT_CERT", "client.pem"));
    let whole = [ca, own, ("SALDO_CLIENT_KEY", "client.key")];
    assert!(ask(&whole).ends(0).out.contains("operator"));
    for lacking in [&whole[..0], &whole[..1]] {
        let refused = ask(lacking);
        assert_eq!(refused.code, 2, "{}", refused.out);
        assert!(refused.err.contains("E9108"), "{}", refused.err);
    }
    serve.stop();
}
