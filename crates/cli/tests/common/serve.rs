//! A served directory, and requests to it as a program of a counterparty makes them.
#![allow(clippy::unwrap_used, dead_code)] // each test file uses what it needs

use super::Home;
use proof::digest::sha256;
use serde_json::Value;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

/// A running `saldo serve`.
pub struct Serve {
    pub child: Child,
    /// `127.0.0.1:PORT`
    pub address: String,
}

impl Serve {
    /// Starts it, at a port that is free, and waits until it listens.
    pub fn start(home: &Home) -> Self {
        Self::start_with(home, &[])
    }

    /// The same with more arguments.
    pub fn start_with(home: &Home, more: &[String]) -> Self {
        let dir = home.dir.to_str().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_saldo"));
        command.args(["-C", dir, "serve", "--listen", "127.0.0.1:0"]).args(more);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("it says where it listens").unwrap();
            if let Some((_, rest)) = line.split_once("://") {
                break rest.split([' ', '/']).next().unwrap().to_owned();
            }
        };
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// As power going away, for the process.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits.
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        // Ended already, where the test came so far.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Brings lines of a source; status and answer.
pub fn bring(
    address: &str,
    key: &str,
    path: &str,
    lines: &[String],
) -> Result<(u16, Value), Error> {
    let body = lines.join("\n");
    let digest = sha256(body.as_bytes()).to_base64();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let headers = format!(
        "Content-Type: application/x-ndjson\r\nContent-Digest: sha-256=:{digest}:\r\n\
         Saldo-Timestamp: {now}\r\n"
    );
    ask(address, ("POST", path), key, &headers, &body)
}

/// One request on a connection of its own; fails where no whole answer comes.
pub fn ask(
    address: &str,
    (method, path): (&str, &str),
    key: &str,
    headers: &str,
    body: &str,
) -> Result<(u16, Value), Error> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Authorization: Bearer {key}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let cut = || Error::new(ErrorKind::UnexpectedEof, "the answer is not whole");
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(cut)?;
    let stated = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    if stated != Some(body.len()) {
        return Err(cut());
    }
    Ok((status, serde_json::from_str(body).unwrap_or(Value::Null)))
}
