//! `saldo bench service`: what a served directory bears, asked by another process on the same
//! machine.
//!
//! The service is a process of its own, its events are those of a simulated world. JSON: `{"bulk":
//! {"events","events_per_second","server_cpu_ns_per_event","refused"},"single":{ANSWERS},"reads":
//! {ANSWERS,"ingest_events_per_second"},"neighbour":{"alike":{ANSWERS},"at_ten_times":{ANSWERS},
//! "neighbour_at_ten_times":{ANSWERS},"rounds_ms_p99":[[alike,at ten times]],"p99_ratio"}}`, where
//! ANSWERS are `{"requests","connections","per_second","ms_p50","ms_p99","ms_max","refused"}`.

use super::load::{Asked, Pace, Requests, ask};
use super::{OPERATOR, SOURCE, WorldOf, short};
use crate::args::make::BenchService;
use crate::commands::Outcome;
use crate::commands::demo::this_program;
use crate::errors::{CHILD, Failure};
use crate::output::talk;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

/// The month that is closed before anything is served.
const PERIOD: &str = "2026-03";
/// Rows of a bulk.
const BULK_ROWS: usize = 10_000;
/// Bulks on their way at a time.
const BULK_CONNECTIONS: usize = 4;
/// Rows of a bulk that is brought while others read.
const PACED_ROWS: usize = 2_500;
/// Events a second that are brought while others read.
const PACED_EVENTS: usize = 50_000;
/// Requests on their way at a time.
const CONNECTIONS: usize = 64;
/// Single events a second that each of two operators is brought at first.
const NEIGHBOUR_POSTS: u32 = 300;
/// Times that the two loads take their turns.
const NEIGHBOUR_ROUNDS: u32 = 4;
/// Between two of them: longer than a service is idle before it makes its Store durable, so that
/// neither load meets what the other left to do.
const SETTLE: Duration = Duration::from_secs(7);
/// Programs that ask, each with a key of its own: one alone may ask 20,000 times a second.
const ASKERS: usize = 8;
/// The other operator.
const NEIGHBOUR: &str = "neighbour";

/// Measures.
pub fn run(args: &BenchService) -> Outcome {
    let measured = super::in_work(args.work.as_deref(), |work| measure(args, work))?;
    super::show(&measured, args.format)
}

fn measure(args: &BenchService, work: &Path) -> Result<Value, Failure> {
    let dir = work.join("served");
    if dir.exists() {
        std::fs::remove_dir_all(&dir).map_err(|error| Failure::file(&dir, &error))?;
    }
    let bulk = usize::try_from(args.events).unwrap_or(usize::MAX);
    let long = Duration::from_secs(args.seconds);
    let paced = PACED_EVENTS * usize::try_from(args.seconds).unwrap_or(0);
    // At most what the goal asks for, twice over, so that no event is brought twice.
    let single = 40_000 * usize::try_from(args.seconds).unwrap_or(0);
    // The world's first third is the month that is closed.
    let served = bulk + paced + single + single;
    let mut lines = Lines::make(served + served / 2)?;
    let keys = prepare(&dir, &mut lines, served / 2)?;
    let served = Served::start(&dir)?;
    let asker = Asker { served: &served, runtime: runtime()? };
    let mut report = json!({});
    talk(format!("bringing {bulk} events in bulks of {BULK_ROWS}"));
    report["bulk"] = told(asker.bulk(&keys.own[0], &mut lines, bulk)?);
    talk(format!("single events for {long:?}"));
    report["single"] = told(asker.single(&keys.own, &mut lines, single, long)?);
    talk(format!("reads for {long:?} beside {PACED_EVENTS} events a second"));
    report["reads"] = told(asker.reads(&keys.own, &mut lines, paced, long)?);
    talk("one operator beside another at its load, and at ten times its load");
    report["neighbour"] = told(asker.neighbour(&keys, &mut lines, long)?);
    drop(asker);
    served.stop()?;
    Ok(report)
}

/// A part of the report, shown as soon as it is there.
fn told(part: Value) -> Value {
    talk(&part);
    part
}

/// Lines of the world, each taken once.
struct Lines {
    text: Vec<u8>,
    at: usize,
}

impl Lines {
    fn make(lines: usize) -> Result<Self, Failure> {
        let mut text = Vec::new();
        let world = WorldOf { preset: "months", events: lines as u64, accounts: 100_000, seed: 1 };
        world.make(&mut |lines| lines.read_to_end(&mut text).map(|_| ()))?;
        Ok(Self { text, at: 0 })
    }

    /// The next rows, as many as there are of so many.
    fn take(&mut self, rows: usize) -> &[u8] {
        let rest = &self.text[self.at..];
        let ends = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let end = ends.map(|(at, _)| at + 1).nth(rows.saturating_sub(1)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

/// Keys of the two operators.
struct Keys {
    /// As many as read.
    own: Vec<String>,
    other: String,
}

/// A directory with two operators, one of them with a closed month; keys of both.
fn prepare(dir: &Path, lines: &mut Lines, events: usize) -> Result<Keys, Failure> {
    talk(format!("closing a month of {events} events"));
    for operator in [OPERATOR, NEIGHBOUR] {
        let to = dir.display().to_string();
        said(None, &["init", &to, "--operator", operator, "--template", "gaming"])?;
    }
    let file = dir.with_extension("ndjson");
    std::fs::write(&file, lines.take(events)).map_err(|error| Failure::file(&file, &error))?;
    let path = file.display().to_string();
    said(Some((dir, OPERATOR)), &["ingest", &path, "--source", SOURCE])?;
    said(Some((dir, OPERATOR)), &["close", PERIOD])?;
    let key = |operator: &str| {
        let make = ["access", "create", "--name", "bench", "--role", "administrator"];
        said(Some((dir, operator)), &make).map(|text| text.trim().to_owned())
    };
    let own = (0..ASKERS).map(|_| key(OPERATOR)).collect::<Result<_, _>>()?;
    Ok(Keys { own, other: key(NEIGHBOUR)? })
}

/// What a command prints.
fn said(on: Option<(&Path, &str)>, args: &[&str]) -> Result<String, Failure> {
    let mut program = this_program()?;
    if let Some((dir, operator)) = on {
        program.arg("-C").arg(dir).args(["--operator", operator]);
    }
    let output = program.args(args).stderr(Stdio::piped()).output();
    let output = output.map_err(|error| Failure::said(CHILD, error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(Failure::said(CHILD, format!("`saldo {}` ended with {}: {why}", args[0], output.status)))
}

/// A service in a process of its own.
struct Served {
    child: Child,
    address: SocketAddr,
}

impl Served {
    fn start(dir: &Path) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::said(CHILD, error);
        let mut program = this_program()?;
        program.arg("-C").arg(dir).args(["serve", "--listen", "127.0.0.1:0"]);
        let mut child = program.stderr(Stdio::piped()).spawn().map_err(failed)?;
        let Some(said) = child.stderr.take() else {
            return Err(Failure::said(CHILD, "the service says nothing"));
        };
        let mut said = BufReader::new(said);
        let mut line = String::new();
        let address = loop {
            line.clear();
            if said.read_line(&mut line).map_err(failed)? == 0 {
                return Err(Failure::said(CHILD, "the service ended at once"));
            }
            let word = line.split_whitespace().find_map(|word| word.strip_prefix("http://"));
            if let Some(address) = word.and_then(|word| word.parse().ok()) {
                break address;
            }
        };
        // What it says later is not of interest, but somebody has to read it.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Ok(Self { child, address })
    }

    /// Processor time so far; none where the system does not tell.
    fn cpu(&self) -> Duration {
        const TICK: Duration = Duration::from_millis(10);
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        let fields = stat.rsplit(") ").next().unwrap_or_default().split_whitespace();
        let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<u32>().ok());
        TICK * ticks.sum()
    }

    fn stop(mut self) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::said(CHILD, error);
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        told.map_err(failed)?;
        let status = self.child.wait().map_err(failed)?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::said(CHILD, format!("`saldo serve` ended with {status}")))
    }
}

/// A measurement that failed leaves no service behind.
impl Drop for Served {
    fn drop(&mut self) {
        // It has ended where all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().map_err(|error| Failure::said(CHILD, error))
}

/// Who asks the service.
struct Asker<'a> {
    served: &'a Served,
    runtime: tokio::runtime::Runtime,
}

impl Asker<'_> {
    fn ask(&self, connections: usize, requests: Vec<Vec<u8>>, pace: Pace) -> Done {
        let asked = ask(self.served.address, connections, Requests::new(requests), pace);
        self.runtime.block_on(asked).map_err(|error| Failure::said(CHILD, error))
    }

    fn bulk(&self, key: &str, lines: &mut Lines, events: usize) -> Result<Value, Failure> {
        let bodies = bulks(key, lines, events, BULK_ROWS);
        let before = self.served.cpu();
        let asked = self.ask(BULK_CONNECTIONS, bodies, Pace::Once)?;
        let cpu = self.served.cpu().saturating_sub(before);
        sound(&asked)?;
        let per_event = u64::try_from(cpu.as_nanos()).unwrap_or(0) / (events as u64).max(1);
        Ok(json!({
            "events": events,
            "events_per_second": per_second(events, asked.wall),
            "server_cpu_ns_per_event": per_event,
            "answers": answers(&asked, BULK_CONNECTIONS),
        }))
    }

    fn single(
        &self,
        keys: &[String],
        lines: &mut Lines,
        most: usize,
        long: Duration,
    ) -> Result<Value, Failure> {
        let senders = keys.iter().cycle().take(most);
        let posts = senders.map(|key| post(key, lines.take(1))).collect();
        let before = self.served.cpu();
        let asked = self.ask(CONNECTIONS, posts, Pace::For(long))?;
        let cpu = self.served.cpu().saturating_sub(before);
        sound(&asked)?;
        let mut figures = answers(&asked, CONNECTIONS);
        let each = cpu.as_nanos() / (asked.micros.len() as u128).max(1);
        figures["server_cpu_ns_per_post"] = u64::try_from(each).unwrap_or(0).into();
        Ok(figures)
    }

    fn reads(
        &self,
        keys: &[String],
        lines: &mut Lines,
        events: usize,
        long: Duration,
    ) -> Result<Value, Failure> {
        let bodies = bulks(&keys[0], lines, events, PACED_ROWS);
        let a_second = u32::try_from(PACED_EVENTS / PACED_ROWS).unwrap_or(1);
        let paths = [
            "/v1/totals?account=play:studio-1:*:*:*&limit=20".to_owned(),
            format!("/v1/agreements/studio-0-share/periods/{PERIOD}/statement"),
        ];
        let gets = keys.iter().flat_map(|key| paths.iter().map(|path| get(key, path)));
        let gets = gets.collect();
        let address = self.served.address;
        let (reads, brought) = self
            .runtime
            .block_on(async {
                let reads = ask(address, CONNECTIONS, Requests::new(gets), Pace::For(long));
                let pace = Pace::Every(a_second, long);
                let brought = ask(address, BULK_CONNECTIONS, Requests::new(bodies), pace);
                tokio::try_join!(reads, brought)
            })
            .map_err(|error| Failure::said(CHILD, error))?;
        sound(&reads)?;
        sound(&brought)?;
        let mut figures = answers(&reads, CONNECTIONS);
        let events = brought.micros.len() * PACED_ROWS;
        figures["ingest_events_per_second"] = per_second(events, brought.wall);
        figures["ingest"] = answers(&brought, BULK_CONNECTIONS);
        Ok(figures)
    }

    /// The first operator's answers beside the second at the same load, and at ten times that, in
    /// turn: what the machine does meanwhile meets both alike.
    fn neighbour(&self, keys: &Keys, lines: &mut Lines, long: Duration) -> Result<Value, Failure> {
        let mut beside = Beside::default();
        for round in 0..NEIGHBOUR_ROUNDS {
            for times in if round % 2 == 0 { [1, 10] } else { [10, 1] } {
                std::thread::sleep(SETTLE);
                let (own, other) = self.pair(keys, lines, times, long)?;
                beside.note(times, own, other);
            }
        }
        Ok(beside.told())
    }

    /// The first operator's answers, and the second's at so many times its load.
    fn pair(
        &self,
        keys: &Keys,
        lines: &mut Lines,
        times: u32,
        long: Duration,
    ) -> Result<(Asked, Asked), Failure> {
        let count = usize::try_from(u64::from(NEIGHBOUR_POSTS) * long.as_secs()).unwrap_or(0);
        let mut posts = |key: &str, count: usize| -> Vec<_> {
            (0..=count).map(|_| post(key, lines.take(1))).collect()
        };
        let (own, other) = (posts(&keys.own[0], count), posts(&keys.other, count * times as usize));
        // Each asks by a thread of its own: neither waits until the other has read its answers.
        let beside = Asker { served: self.served, runtime: runtime()? };
        let (own, other) = std::thread::scope(|scope| {
            let pace = Pace::Every(NEIGHBOUR_POSTS * times, long);
            let other = scope.spawn(move || beside.ask(CONNECTIONS, other, pace));
            let own = self.ask(CONNECTIONS / 4, own, Pace::Every(NEIGHBOUR_POSTS, long));
            (own, other.join())
        });
        let other = other.map_err(|_| Failure::said(CHILD, "who asks beside it panicked"))?;
        let (own, other) = (own?, other?);
        sound(&own)?;
        sound(&other)?;
        Ok((own, other))
    }
}

/// What one operator met beside another, over all rounds.
#[derive(Default)]
struct Beside {
    alike: Asked,
    pressed: Asked,
    other: Asked,
    /// Thousandths of milliseconds at p99 of each round, alike and pressed.
    rounds: [Vec<u32>; 2],
}

impl Beside {
    fn note(&mut self, times: u32, own: Asked, other: Asked) {
        self.rounds[usize::from(times > 1)].push(own.within(990));
        if times > 1 {
            self.pressed.join(own);
            self.other.join(other);
        } else {
            self.alike.join(own);
        }
    }

    fn told(&self) -> Value {
        let [alike, pressed] = &self.rounds;
        let rounds = alike.iter().zip(pressed);
        let rounds: Vec<_> = rounds.map(|(alike, ten)| [millis(*alike), millis(*ten)]).collect();
        json!({
            "alike": answers(&self.alike, CONNECTIONS / 4),
            "at_ten_times": answers(&self.pressed, CONNECTIONS / 4),
            "neighbour_at_ten_times": answers(&self.other, CONNECTIONS),
            "rounds_ms_p99": rounds,
            "p99_ratio": ratio(self.pressed.within(990), self.alike.within(990)),
        })
    }
}

type Done = Result<Asked, Failure>;

/// Every answer is of use, or the measurement is none.
fn sound(asked: &Asked) -> Result<(), Failure> {
    match &asked.refusal {
        None => Ok(()),
        Some(text) => {
            let what = format!("{} requests were refused, such as: {text}", asked.refused);
            Err(Failure::said(CHILD, what))
        }
    }
}

fn bulks(key: &str, lines: &mut Lines, events: usize, rows: usize) -> Vec<Vec<u8>> {
    (0..events.div_ceil(rows)).map(|_| post(key, lines.take(rows))).collect()
}

/// Events as a request.
fn post(key: &str, body: &[u8]) -> Vec<u8> {
    let digest = STANDARD.encode(proof::digest::sha256(body).0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut request = format!(
        "POST /v1/sources/{SOURCE}/events HTTP/1.1\r\nHost: saldo\r\nAuthorization: Bearer \
         {key}\r\nContent-Type: application/x-ndjson\r\nContent-Digest: sha-256=:{digest}:\r\n\
         Saldo-Timestamp: {}\r\nContent-Length: {}\r\n\r\n",
        now.as_secs(),
        body.len(),
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

fn get(key: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: saldo\r\nAuthorization: Bearer {key}\r\n\r\n")
        .into_bytes()
}

fn answers(asked: &Asked, connections: usize) -> Value {
    json!({
        "requests": asked.micros.len(),
        "connections": connections,
        "per_second": per_second(asked.micros.len(), asked.wall),
        "ms_p50": millis(asked.within(500)),
        "ms_p99": millis(asked.within(990)),
        "ms_max": millis(asked.within(1000)),
        "refused": asked.refused,
    })
}

fn millis(micros: u32) -> Value {
    ratio(micros, 1000)
}

#[allow(clippy::float_arithmetic)] // a figure of time, not of money
fn ratio(of: u32, to: u32) -> Value {
    short(f64::from(of) / f64::from(to))
}

/// Whole ones a second.
#[allow(clippy::float_arithmetic, clippy::cast_precision_loss)] // a figure of time, not of money
fn per_second(count: usize, wall: Duration) -> Value {
    let text = format!("{:.0}", count as f64 / wall.as_secs_f64());
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
