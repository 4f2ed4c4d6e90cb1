//! Apache Kafka, one broker that is its own controller. Its programs come by Maven, as that is
//! set up on this machine, into a cache outside of the clone.

use super::state::{PATIENCE, State, free_ports, fresh_dir, output_of};
use crate::needs::Need;
use crate::talk::say;
use crate::tools;
use crate::workshop::own_cache_dir;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const VERSION: &str = "4.1.1";
/// Carries what the broker says into its log; of the series that Kafka brings.
const LOG_BINDING: &str = "2.24.3";
/// Copies what a project file names.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

const NEEDS: [(Need, &str); 2] = [
    (
        Need {
            any_of: &[&["java", "-version"]],
            required: false,
            what_for: "Kafka in tests",
            install: "apt-get install default-jre-headless (17 or later)",
        },
        "default-jre-headless",
    ),
    (
        Need {
            any_of: &[&["mvn", "--version"]],
            required: false,
            what_for: "fetching Kafka",
            install: "apt-get install maven",
        },
        "maven",
    ),
];

/// Fetches it where it is not there, and starts one broker.
pub fn start() -> Result<State, String> {
    tools::provide(&NEEDS)?;
    let programs = programs()?;
    let dir = fresh_dir("kafka")?;
    match start_in(&programs, &dir) {
        Ok(state) => Ok(state),
        Err(why) => Err(format!("{why} (its log is in {})", dir.display())),
    }
}

/// The folder of its programs.
fn programs() -> Result<PathBuf, String> {
    let cache = own_cache_dir().ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    let home = cache.join(format!("kafka-{VERSION}"));
    if home.is_dir() {
        return Ok(home);
    }
    say(&format!("fetching Kafka {VERSION} with Maven"));
    let fresh = cache.join(format!("kafka-{VERSION}.new-{}", std::process::id()));
    let made = fs::create_dir_all(&fresh);
    made.map_err(|why| format!("{}: {why}", fresh.display()))?;
    let project = fresh.join("pom.xml");
    fs::write(&project, project_file()).map_err(|why| why.to_string())?;
    let mut maven = Command::new("mvn");
    maven.arg("-B").arg("-q").arg("-f").arg(&project).arg(COPY);
    maven.arg("-DincludeScope=runtime").arg(format!("-DoutputDirectory={}", fresh.display()));
    output_of(&mut maven)?;
    // It stands there whole or not at all.
    fs::rename(&fresh, &home).map_err(|why| format!("{}: {why}", home.display()))?;
    Ok(home)
}

fn project_file() -> String {
    let one = |(group, name, version): (&str, &str, &str)| {
        format!(
            "<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId>\
             <version>{version}</version></dependency>"
        )
    };
    let all = [
        ("org.apache.kafka", "kafka_2.13", VERSION),
        ("org.apache.logging.log4j", "log4j-slf4j-impl", LOG_BINDING),
    ];
    format!(
        "<project><modelVersion>4.0.0</modelVersion><groupId>saldo</groupId>\
         <artifactId>services</artifactId><version>1</version><packaging>pom</packaging>\
         <dependencies>{}</dependencies></project>",
        all.map(one).concat()
    )
}

fn start_in(programs: &Path, dir: &Path) -> Result<State, String> {
    let [port, controller] = free_ports()?;
    let settings = dir.join("server.properties");
    let write = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|why| format!("{}: {why}", path.display()))
    };
    write(&settings, &server_settings(port, controller, dir))?;
    let log_settings = dir.join("log4j2.properties");
    write(&log_settings, LOG_SETTINGS)?;
    let mut java: Vec<String> = ["java", "-Xms128m", "-Xmx512m"].map(str::to_owned).to_vec();
    // A short life: little is worth compiling well.
    java.extend(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"].map(str::to_owned));
    java.push(format!("-Dlog4j2.configurationFile={}", log_settings.display()));
    java.extend(["-cp".to_owned(), format!("{}/*", programs.display())]);
    let tool = |words: &[&str]| {
        let mut command = Command::new("java");
        output_of(command.args(&java[1..]).arg("kafka.tools.StorageTool").args(words))
    };
    let id = tool(&["random-uuid"])?;
    let id = id.lines().last().unwrap_or_default();
    tool(&["format", "-t", id, "-c", &settings.to_string_lossy()])?;
    let mut run = java.clone();
    run.extend(["kafka.Kafka".to_owned(), settings.to_string_lossy().into_owned()]);
    let log = dir.join("log");
    let file = fs::File::create(&log).map_err(|why| why.to_string())?;
    let errors = file.try_clone().map_err(|why| why.to_string())?;
    let mut command = Command::new(&run[0]);
    command.args(&run[1..]).stdin(Stdio::null()).stdout(file).stderr(errors);
    // What interrupts this command is not for the broker.
    command.process_group(0);
    let child = command.spawn().map_err(|why| format!("java: {why}"))?;
    let address = format!("127.0.0.1:{port}");
    let dir = dir.to_owned();
    let state = State { address, pid: child.id(), dir, run, signal: "TERM" };
    await_start(&state, &log)?;
    Ok(state)
}

/// Waits until the broker says that it is there.
fn await_start(state: &State, log: &Path) -> Result<(), String> {
    let start = Instant::now();
    loop {
        let said = fs::read_to_string(log).unwrap_or_default();
        if said.contains("Kafka Server started") {
            return Ok(());
        }
        if start.elapsed() > PATIENCE || !state.is_running() && !said.is_empty() {
            state.stop()?;
            let last = said.lines().rev().take(5).collect::<Vec<_>>().join(" / ");
            return Err(format!("the broker did not start: {last}"));
        }
        sleep(Duration::from_millis(100));
    }
}

fn server_settings(port: u16, controller: u16, dir: &Path) -> String {
    let dir = dir.display();
    format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n\
         controller.listener.names=CONTROLLER\n\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{port}\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         inter.broker.listener.name=PLAINTEXT\n\
         log.dirs={dir}/data\n\
         {ONE_BROKER}"
    )
}

/// Nothing is replicated, topics are made by those who use them, and memory is spared.
const ONE_BROKER: &str = "default.replication.factor=1\n\
    min.insync.replicas=1\n\
    offsets.topic.replication.factor=1\n\
    offsets.topic.num.partitions=1\n\
    transaction.state.log.replication.factor=1\n\
    transaction.state.log.min.isr=1\n\
    transaction.state.log.num.partitions=1\n\
    share.coordinator.state.topic.replication.factor=1\n\
    share.coordinator.state.topic.min.isr=1\n\
    auto.create.topics.enable=false\n\
    num.network.threads=2\n\
    num.io.threads=2\n\
    log.cleaner.dedupe.buffer.size=33554432\n";

const LOG_SETTINGS: &str = "rootLogger.level=warn\n\
    rootLogger.appenderRef.c.ref=c\n\
    logger.s.name=kafka.server.KafkaRaftServer\n\
    logger.s.level=info\n\
    appender.c.type=Console\n\
    appender.c.name=c\n\
    appender.c.layout.type=PatternLayout\n\
    appender.c.layout.pattern=%d %p %c{1} %m%n\n";
