//! PostgreSQL, one primary, from the system's packages. It refuses to run as the superuser, so
//! there it runs as the user that its package makes.

use super::state::{State, free_ports, fresh_dir, output_of};
use crate::needs::Need;
use crate::tools;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian puts the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";
const DATABASE: &str = "saldo";
const PACKAGE: &str = "postgresql";

const NEED: Need = Need {
    any_of: &[&["psql", "--version"]],
    required: false,
    what_for: "PostgreSQL in tests",
    install: "apt-get install postgresql (14 or later)",
};

/// Makes a database in a new place and starts it.
pub fn start() -> Result<State, String> {
    let programs = match programs() {
        Some(programs) => programs,
        None => {
            tools::provide(&[(NEED, PACKAGE)])?;
            programs().ok_or("its package is here, its programs are not")?
        }
    };
    let dir = fresh_dir("postgres")?;
    start_in(&programs, &dir).map_err(|why| format!("{why} (its log is in {})", dir.display()))
}

/// The programs of the latest version.
fn programs() -> Option<PathBuf> {
    let entries = fs::read_dir(VERSIONS).ok()?.filter_map(Result::ok);
    let version = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().parse::<u32>().ok();
    let latest = entries.filter_map(|entry| Some((version(&entry)?, entry.path()))).max()?;
    let programs = latest.1.join("bin");
    programs.join("initdb").is_file().then_some(programs)
}

fn start_in(programs: &Path, dir: &Path) -> Result<State, String> {
    let [port] = free_ports()?;
    let password = password()?;
    let secret = dir.join("password");
    fs::write(&secret, &password).map_err(|why| why.to_string())?;
    if tools::is_root() {
        output_of(Command::new("chown").arg("-R").arg("postgres").arg(dir))?;
    }
    let private = fs::Permissions::from_mode(0o600);
    fs::set_permissions(&secret, private).map_err(|why| why.to_string())?;
    let data = dir.join("data");
    let mut initdb = program(programs, "initdb");
    initdb.arg("-D").arg(&data).arg("--pwfile").arg(&secret);
    initdb.args(["-U", "postgres", "-E", "UTF8", "--locale=C", "--data-checksums"]);
    output_of(initdb.args(["-A", "scram-sha-256"]))?;
    let settings = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n\
         shared_buffers = 64MB\nmax_connections = 50\n"
    );
    let mut file = fs::OpenOptions::new();
    let file = file.append(true).open(data.join("postgresql.conf"));
    file.and_then(|mut file| std::io::Write::write_all(&mut file, settings.as_bytes()))
        .map_err(|why| why.to_string())?;
    let mut start = program(programs, "pg_ctl");
    start.arg("-D").arg(&data).arg("-l").arg(dir.join("log")).args(["-w", "start"]);
    // Not by its output: the server would keep the pipe open.
    start.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    let status = start.stderr(std::process::Stdio::null()).status();
    if !status.is_ok_and(|status| status.success()) {
        return Err("the server did not start".to_owned());
    }
    let pid = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let pid = pid.lines().next().and_then(|line| line.parse().ok());
    let pid = pid.ok_or("the server does not say its number")?;
    let address = format!("postgres://postgres:{password}@127.0.0.1:{port}/{DATABASE}");
    let mut psql = program(programs, "psql");
    psql.env("PGPASSWORD", &password).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    psql.args(["-X", "-q", "-U", "postgres", "-c", &format!("create database {DATABASE}")]);
    output_of(&mut psql)?;
    let dir = dir.to_owned();
    Ok(State { address, pid, dir, run: Vec::new(), signal: "INT" })
}

/// One of its programs, as a user that it runs as.
fn program(programs: &Path, name: &str) -> Command {
    let path = programs.join(name);
    let mut command = if tools::is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    // A folder that the other user may enter.
    command.current_dir("/").env("LC_ALL", "C");
    command
}

fn password() -> Result<String, String> {
    let mut bytes = [0; 16];
    let file = fs::File::open("/dev/urandom");
    let read = file.and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|why| format!("/dev/urandom: {why}"))?;
    Ok(format!("{:032x}", u128::from_le_bytes(bytes)))
}
