//! Where a service is, how it was started, and how it is stopped.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// How long a service may take to end, or to answer: a busy machine starts a JVM in a minute.
pub const PATIENCE: Duration = Duration::from_mins(4);

/// A started service.
pub struct State {
    /// Where clients find it: `HOST:PORT`, or a connection string.
    pub address: String,
    /// Its process.
    pub pid: u32,
    /// What it writes; goes with it.
    pub dir: PathBuf,
    /// The command that starts it again in the same place, word by word.
    pub run: Vec<String>,
    /// The signal that asks it to end.
    pub signal: &'static str,
}

impl State {
    /// What the file of a service says.
    pub fn read(folder: &Path, name: &str) -> Option<Self> {
        let text = fs::read_to_string(folder.join(name)).ok()?;
        let values = |key: &'static str| {
            text.lines().filter_map(move |line| line.split_once(' ').filter(|it| it.0 == key))
        };
        let one = |key| values(key).next().map(|(_, value)| value.to_owned());
        Some(Self {
            address: one("address")?,
            pid: one("pid")?.parse().ok()?,
            dir: one("dir")?.into(),
            run: values("run").map(|(_, word)| word.to_owned()).collect(),
            signal: if one("signal")? == "INT" { "INT" } else { "TERM" },
        })
    }

    /// Writes the file, for its owner only: an address may hold a password.
    pub fn write(&self, folder: &Path, name: &str) -> Result<(), String> {
        let Self { address, pid, dir, run, signal } = self;
        let dir = dir.display();
        let mut text = format!("address {address}\npid {pid}\ndir {dir}\nsignal {signal}\n");
        text.extend(run.iter().flat_map(|word| ["run ", word, "\n"]));
        let path = folder.join(name);
        let written = fs::create_dir_all(folder).and_then(|()| {
            let mut options = fs::OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&path)?;
            std::io::Write::write_all(&mut file, text.as_bytes())
        });
        written.map_err(|why| format!("{}: {why}", path.display()))
    }

    /// Removes the file.
    pub fn forget(folder: &Path, name: &str) -> Result<(), String> {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|why| format!("{}: {why}", path.display()))
    }

    /// Where it is, without a password.
    pub fn place(&self) -> &str {
        self.address.rsplit_once('@').map_or(&self.address, |(_, place)| place)
    }

    /// Whether the process is there, and is ours: numbers are used again.
    pub fn is_running(&self) -> bool {
        let mut ps = Command::new("ps");
        ps.args(["-ww", "-o", "args=", "-p", &self.pid.to_string()]);
        let said = ps.output().map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&said).contains(&*self.dir.to_string_lossy())
    }

    /// Ends the process and removes what it wrote.
    pub fn stop(&self) -> Result<(), String> {
        let start = Instant::now();
        let mut signal = self.signal;
        while self.is_running() {
            kill(self.pid, signal);
            // One that was stopped in mid-air does not end before it goes on.
            kill(self.pid, "CONT");
            sleep(Duration::from_millis(100));
            if start.elapsed() > PATIENCE {
                return Err(format!("process {} does not end", self.pid));
            }
            if start.elapsed() > PATIENCE / 4 {
                signal = "KILL";
            }
        }
        match fs::remove_dir_all(&self.dir) {
            Err(why) if self.dir.exists() => Err(format!("{}: {why}", self.dir.display())),
            _ => Ok(()),
        }
    }
}

fn kill(pid: u32, signal: &str) {
    let mut command = Command::new("kill");
    command.args(["-s", signal, &pid.to_string()]).stderr(Stdio::null());
    // A process that is gone already is what was asked for.
    let _ = command.status();
}

/// A new directory that everybody may pass through: a service may have a user of its own.
pub fn fresh_dir(name: &str) -> Result<PathBuf, String> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let name = format!("saldo-{name}-{}-{}", std::process::id(), now.as_nanos());
    let dir = std::env::temp_dir().join(name);
    let made = fs::create_dir(&dir)
        .and_then(|()| fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)));
    made.map(|()| dir.clone()).map_err(|why| format!("{}: {why}", dir.display()))
}

/// Loopback ports that nothing listens on, all different.
pub fn free_ports<const N: usize>() -> Result<[u16; N], String> {
    let listen = |_| TcpListener::bind(("127.0.0.1", 0));
    let held: Vec<_> = (0..N).map(listen).collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr().map_err(|why| why.to_string())?.port();
    }
    Ok(ports)
}

/// Runs a command to its end; what it said is the error.
pub fn output_of(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|why| format!("{name}: {why}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    let (said, complaint) = (text(&output.stdout), text(&output.stderr));
    Err(format!("{name} ended with {}: {said} {complaint}", output.status))
}
