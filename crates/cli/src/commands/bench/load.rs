//! Requests over HTTP/1.1 from one thread, and how long their answers take: what another process
//! asks of a served operator, so cheap that the service is what is measured.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;

/// Bytes of whole requests, asked in this order and from the first again.
pub type Requests = Arc<Vec<Vec<u8>>>;

/// What was asked, and how long it took.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Microseconds from when a request was due to its whole answer, ascending.
    pub micros: Vec<u32>,
    /// From the first request to the last answer.
    pub wall: Duration,
    /// Answers that were not of the class 2xx, and the first of them.
    pub refused: usize,
    pub refusal: Option<String>,
}

impl Asked {
    /// Takes in what was asked at another time.
    pub fn join(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.micros.sort_unstable();
        self.wall += other.wall;
        self.refused += other.refused;
        self.refusal = self.refusal.take().or(other.refusal);
    }

    /// The microseconds within which this many thousandths of the answers came.
    pub fn within(&self, thousandths: usize) -> u32 {
        let at = (self.micros.len() * thousandths).div_ceil(1000).max(1) - 1;
        self.micros.get(at).copied().unwrap_or(0)
    }
}

/// When requests are due, and when they end.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Each connection asks again as soon as it has its answer, until every request was asked once.
    Once,
    /// The same, until so long has passed.
    For(Duration),
    /// So many a second over all connections, whatever the answers take, until so long has passed:
    /// what waits for an earlier answer is late, and counts so.
    Every(u32, Duration),
}

/// One connection, which asks one thing after another.
struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, bytes: Vec::with_capacity(1 << 16) })
    }

    /// Sends a request, reads the whole answer; its status.
    async fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.bytes.clear();
        let (mut head, mut whole) = (None, usize::MAX);
        while self.bytes.len() < whole {
            if self.stream.read_buf(&mut self.bytes).await? == 0 {
                return Err(Error::new(ErrorKind::UnexpectedEof, "the service hung up"));
            }
            if head.is_none()
                && let Some(at) = self.bytes.windows(4).position(|four| four == b"\r\n\r\n")
            {
                let length = content_length(&self.bytes[..at])?;
                (head, whole) = (Some(at), at + 4 + length);
            }
        }
        let status = self.bytes.get(9..12).and_then(|word| std::str::from_utf8(word).ok());
        let status = status.and_then(|word| word.parse().ok());
        status.ok_or_else(|| Error::new(ErrorKind::InvalidData, "an answer without a status"))
    }
}

fn content_length(head: &[u8]) -> Result<usize> {
    let bad = || Error::new(ErrorKind::InvalidData, "an answer without a length");
    let head = std::str::from_utf8(head).map_err(|_| bad())?;
    let header = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim())
    });
    header.and_then(|value| value.parse().ok()).ok_or_else(bad)
}

/// Asks over so many connections.
///
/// # Errors
/// When a connection fails or an answer cannot be read.
pub async fn ask(
    address: SocketAddr,
    connections: usize,
    requests: Requests,
    pace: Pace,
) -> Result<Asked> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let start = Instant::now();
    let mut beats = match pace {
        Pace::Every(a_second, long) => beat(connections, a_second, long),
        Pace::Once | Pace::For(_) => Vec::new(),
    };
    for connection in open {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        let turn = Turn { pace, start, beats: beats.pop() };
        tasks.spawn(one(connection, requests, next, turn));
    }
    let mut all = Asked::default();
    while let Some(done) = tasks.join_next().await {
        let asked = done.map_err(Error::other)??;
        all.micros.extend(asked.micros);
        all.refused += asked.refused;
        all.refusal = all.refusal.or(asked.refusal);
    }
    all.wall = start.elapsed();
    all.micros.sort_unstable();
    Ok(all)
}

/// Tells each of so many connections when its next request is due, from a thread of its own: the
/// runtime's clock has steps of a millisecond, as long as an answer takes.
fn beat(connections: usize, a_second: u32, long: Duration) -> Vec<UnboundedReceiver<Instant>> {
    let (tell, told): (Vec<_>, Vec<_>) = (0..connections).map(|_| unbounded_channel()).unzip();
    std::thread::spawn(move || {
        let start = Instant::now();
        for (place, tell) in tell.iter().cycle().enumerate() {
            let after = Duration::from_secs(place as u64) / a_second;
            std::thread::sleep((start + after).saturating_duration_since(Instant::now()));
            // A connection that failed has said so.
            if after >= long || tell.send(start + after).is_err() {
                break;
            }
        }
    });
    told
}

/// When one of several connections asks.
struct Turn {
    pace: Pace,
    start: Instant,
    beats: Option<UnboundedReceiver<Instant>>,
}

impl Turn {
    /// When its next request is due; none when it is over.
    async fn due(&mut self) -> Option<Instant> {
        if let Some(beats) = &mut self.beats {
            return beats.recv().await;
        }
        let now = Instant::now();
        let over = matches!(self.pace, Pace::For(long) if now >= self.start + long);
        (!over).then_some(now)
    }
}

async fn one(
    mut connection: Connection,
    requests: Requests,
    next: Arc<AtomicUsize>,
    mut turn: Turn,
) -> Result<Asked> {
    let mut asked = Asked::default();
    while let Some(due) = turn.due().await {
        let place = next.fetch_add(1, Ordering::Relaxed);
        if matches!(turn.pace, Pace::Once) && place >= requests.len() {
            break;
        }
        let status = connection.ask(&requests[place % requests.len()]).await?;
        asked.micros.push(u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX));
        if !(200..300).contains(&status) {
            asked.refused += 1;
            let text = || String::from_utf8_lossy(&connection.bytes).into_owned();
            asked.refusal.get_or_insert_with(text);
        }
    }
    Ok(asked)
}
