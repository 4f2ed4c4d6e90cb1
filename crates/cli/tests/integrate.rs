//! Every example of docs/ingest.md, and what other pages mark with `run`, against a real server as
//! a counterparty's engineer would run them.
#![allow(clippy::unwrap_used)] // a test may panic

mod common;

use common::Home;
use common::serve::{Serve, ask};
use std::path::Path;
use std::process::Command;

/// The examples of a page in order: the language with its marks, and the text.
fn examples(page: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let page = std::fs::read_to_string(path).unwrap();
    let blocks = page.split("\n```").collect::<Vec<_>>();
    // Every second piece is inside a fence: the language, and the lines.
    let inside = blocks.iter().skip(1).step_by(2).map(|block| block.split_once('\n').unwrap());
    inside.map(|(language, text)| (language.to_owned(), text.to_owned())).collect()
}

/// Runs a program; nothing where it is not on this machine.
fn run(program: &str, args: &[&str], dir: &Path, environment: &[(&str, String)]) -> Option<bool> {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).envs(environment.iter().map(|(n, v)| (*n, v)));
    let output = command.output().ok()?;
    if !output.status.success() {
        println!("{}", String::from_utf8_lossy(&output.stdout));
        println!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Some(output.status.success())
}

fn has(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

/// Runs an example; it must end well.
fn example(at: usize, language: &str, text: &str, dir: &Path, environment: &[(&str, String)]) {
    let (program, name) = match language {
        "sh" => ("bash", format!("{at}.sh")),
        "python" => ("python3", format!("{at}.py")),
        "js" => ("node", format!("{at}.mjs")),
        other => panic!("no program for {other}"),
    };
    std::fs::write(dir.join(&name), text).unwrap();
    let args: &[&str] = if program == "bash" { &["-euo", "pipefail", &name] } else { &[&name] };
    let done = run(program, args, dir, environment);
    assert_eq!(done, Some(true), "example {at} ({language}):\n{text}");
}

/// Whether what an example needs is here; says how to get it where it is not.
fn is_here(language: &str, text: &str) -> bool {
    let needed: Vec<(&str, Vec<&str>, &str)> = match language {
        "sh" => vec![
            ("curl", vec!["--version"], "apt-get install curl"),
            ("openssl", vec!["version"], "apt-get install openssl"),
        ],
        "python" => vec![("python3", vec!["--version"], "https://www.python.org")],
        _ => vec![("node", vec!["--version"], "https://nodejs.org")],
    };
    let library = ("python3", vec!["-c", "import cryptography"], "pip install cryptography");
    let jq = ("jq", vec!["--version"], "apt-get install jq");
    let more = [library, jq].into_iter().zip(["cryptography", "jq "]);
    let more = more.filter(|(_, word)| text.contains(word)).map(|(need, _)| need);
    let missing = needed.into_iter().chain(more).find(|(program, args, _)| !has(program, args));
    if let Some((program, args, how)) = missing {
        println!("ignored: {program} {} is not here ({how})", args.join(" "));
        return false;
    }
    true
}

fn edit(home: &Home, file: &str, change: impl Fn(String) -> String) {
    let path = home.dir.join("books/house").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, change(text)).unwrap();
}

/// A book with the three tiers, and what signs for the party; nothing where there is no openssl.
fn prepare(home: &Home) -> Option<Vec<(&'static str, String)>> {
    let (party, rsa) = (home.path("studio.key"), home.path("rsa.pem"));
    let made = home.run(&["key", "new", "--name", "studio-0", "--output", &party]).ends(0);
    let generated = Command::new("openssl").args(["genrsa", "-out", &rsa, "2048"]).output().ok()?;
    assert!(generated.status.success());
    let public = ["pkey", "-in", &rsa, "-pubout"];
    let public = Command::new("openssl").args(public).output().unwrap();
    let pem = String::from_utf8(public.stdout).unwrap();
    let public: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    edit(home, "parties.yaml", |text| {
        let keys = format!(
            "studio-0: {{ role: provider, keys: [{{ key: \"{}\" }}], rsa_keys: [{{ id: studio-rsa, \
             alg: rsa-pss-sha512, public: \"{public}\" }}],",
            made.out.trim()
        );
        text.replace("studio-0: { role: provider,", &keys)
    });
    edit(home, "sources.yaml", |text| {
        text.replace("feed-a: {", "feed-a: { party: studio-0,")
            .replace("feed-b: {", "feed-b: { party: studio-0, signed: hmac,")
            .replace("studio-bench: {", "studio-bench: { party: studio-0, signed: message,")
    });
    let out = |args: &[&str]| home.run(args).ends(0).out.trim().to_owned();
    let key = ["access", "create", "--name", "docs", "--role", "provider", "--party", "studio-0"];
    Some(vec![
        ("SALDO_KEY", out(&key)),
        ("SALDO_SECRET", out(&["access", "secret", "--source", "feed-b"])),
        ("SALDO_PARTY_KEY", party),
        ("SALDO_RSA_KEY", rsa),
        ("SALDO_PUBLIC_KEY", home.dir.join("keys/house/public.key").to_str().unwrap().to_owned()),
    ])
}

#[test]
fn every_example_does_what_it_says() {
    let home = Home::new("gaming");
    let Some(mut environment) = prepare(&home) else {
        println!("ignored: openssl is not here (apt-get install openssl)");
        return;
    };
    let auditor = home.key("eyes", "auditor");
    let serve = Serve::start(&home);
    environment.push(("SALDO_URL", format!("http://{}", serve.address)));
    environment.push(path());
    let scratch = home.scratch.path();
    let (mut ran, mut ignored, mut brought) = (0, 0, 0u64);
    for (at, (language, text)) in examples("ingest.md").into_iter().enumerate() {
        // What is compared needs what the first three brought.
        let after = if text.contains("/digest?") { brought < 3 } else { false };
        if after || !is_here(&language, &text) {
            ignored += 1;
            continue;
        }
        example(at, &language, &text, scratch, &environment);
        ran += 1;
        brought += u64::from(text.contains("\"id\"") || text.contains("id: 'doc"))
            - u64::from(text.contains("dry_run") || text.contains("/digest?"));
    }
    let (_, status) = ask(&serve.address, ("GET", "/v1/status"), &auditor, "", "").unwrap();
    assert_eq!(status["posted"].as_u64(), Some(brought), "{status}");
    println!("{ran} examples ran, {ignored} were ignored");
    assert!(ran > 0 && (ignored > 0 || brought == 9), "{ran} {brought}");
    // What is refused in the last moment before the end is counted too, and verified.
    let key = &environment[0].1;
    let path = ("POST", "/v1/sources/feed-a/events");
    let (status, refused) = ask(&serve.address, path, key, "", "{}").unwrap();
    assert_eq!((status, refused["code"].as_str()), (400, Some("E8040")), "{refused}");
    serve.stop();
    home.run(&["verify"]).ends(0);
    assert_eq!(home.status()["refused"].as_u64(), Some(1));
}

/// Where programs are, `saldo` first.
fn path() -> (&'static str, String) {
    let own = Path::new(env!("CARGO_BIN_EXE_saldo")).parent().unwrap().to_str().unwrap();
    ("PATH", format!("{own}:{}", std::env::var("PATH").unwrap_or_default()))
}

#[test]
fn what_other_pages_mark_does_what_it_says() {
    let home = Home::new("gaming");
    edit(&home, "sources.yaml", |text| {
        let source = "feed-a: { party: studio-0, schema: { subject: feed-a-value },";
        text.replace("feed-a: {", source)
    });
    let schema = r#"{"type":"object","required":["id"],"properties":{"kind":{"type":"string"}}}"#;
    let schema = home.file("schema.json", schema);
    home.run(&["schema", "register", "feed-a-value", &schema]).ends(0);
    let sample = home.dir.join("sample/house/feed-a.ndjson");
    home.run(&["ingest", sample.to_str().unwrap(), "--source", "feed-a"]).ends(0);
    home.run(&["close", "2026-03", "--agreement", "studio-0-share"]).ends(0);
    let party = ["--role", "provider", "--party", "studio-0"];
    let key = [&["access", "create", "--name", "docs"][..], &party].concat();
    let client = ["access", "create", "--client", "--name", "docs", "--format", "json"];
    let client = home.run(&[&client[..], &party].concat()).ends(0).json();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let public = home.dir.join("keys/house/public.key").to_str().unwrap().to_owned();
    let key = home.run(&key).ends(0).out.trim().to_owned();
    let serve = Serve::start(&home);
    let environment = [
        ("SALDO_URL", format!("http://{}", serve.address)),
        ("SALDO_KEY", key),
        ("SALDO_CLIENT_ID", text("client_id")),
        ("SALDO_CLIENT_SECRET", text("client_secret")),
        ("SALDO_PUBLIC_KEY", public),
        path(),
    ];
    let (mut ran, mut ignored) = (0, 0);
    for page in ["access.md", "service.md", "schemas.md", "webhooks.md"] {
        for (at, (marks, text)) in examples(page).into_iter().enumerate() {
            let Some(language) = marks.strip_suffix(" run") else { continue };
            if is_here(language, &text) {
                println!("{page}: example {at} ({language})");
                example(at, language, &text, home.scratch.path(), &environment);
                ran += 1;
            } else {
                ignored += 1;
            }
        }
    }
    println!("{ran} examples ran, {ignored} were ignored");
    assert_eq!(ran + ignored, 11);
    serve.stop();
}
