//! The product, as people start it.

use crate::{Lease, Login, MailServer, PATIENCE, Process, Recording, Site, Transport, until};
use model::{CallRecord, RecordingId};
use rustix::process::Signal;
use serde_json::Value;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;
use store::{CallQuery, DataFolder, PER_PAGE_MAX, Store};
use tempfile::TempDir;

/// A running server with a data folder and ports of its own.
#[derive(Debug)]
pub struct Server {
    process: Process,
    folder: TempDir,
    addresses: Addresses,
    _ports: Lease,
}

/// Where it listens.
#[derive(Clone, Debug)]
struct Addresses {
    udp: SocketAddr,
    tcp: SocketAddr,
    tls: SocketAddr,
    https: SocketAddr,
    metrics: SocketAddr,
}

impl Server {
    /// Starts the server with a site and waits until phones can register.
    ///
    /// # Panics
    /// When it is not ready by the deadline.
    #[must_use]
    pub fn start(site: &Site) -> Self {
        Self::start_with(site, "")
    }

    /// As [`Server::start`], with lines before everything else in the configuration, as `drain_seconds = 5`.
    ///
    /// # Panics
    /// When it is not ready by the deadline.
    #[must_use]
    pub fn start_with(site: &Site, configuration: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for a server");
        Self::start_in(folder, site, configuration)
    }

    /// As [`Server::start`], on a machine that trusts the certificate of this mail server.
    ///
    /// # Panics
    /// When it is not ready by the deadline.
    #[must_use]
    pub fn start_trusting(site: &Site, mail: &MailServer) -> Self {
        let folder = tempfile::tempdir().expect("a folder for a server");
        let certificate = mail.certificate().pem();
        std::fs::write(folder.path().join(TRUSTED), certificate).expect("a certificate");
        Self::start_in(folder, site, "")
    }

    fn start_in(folder: TempDir, site: &Site, configuration: &str) -> Self {
        let mut ports = Lease::of(RTP_PORTS + 10);
        let (text, addresses) = configured(&mut ports, configuration);
        std::fs::write(folder.path().join("config.toml"), text).expect("a configuration");
        std::fs::write(folder.path().join("site.toml"), site.file()).expect("a site file");
        let site = folder.path().join("site.toml").display().to_string();
        let process = spawn(folder.path(), &["--site", &site]);
        let mut server = Self {
            process,
            folder,
            addresses,
            _ports: ports,
        };
        server.is_ready();
        server
    }

    /// Waits until phones can register.
    ///
    /// # Panics
    /// When that is not so by the deadline.
    pub fn is_ready(&mut self) {
        until("the server is ready", PATIENCE, || {
            if let Some(status) = self.process.ended() {
                let said = self.process.lines().tail();
                panic!("the server ended with {status}; it said:\n{said}");
            }
            self.process
                .lines()
                .since(0)
                .iter()
                .any(|line| line == "ready")
        });
    }

    /// Where it takes a transport.
    #[must_use]
    pub const fn address(&self, transport: Transport) -> SocketAddr {
        match transport {
            Transport::Udp => self.addresses.udp,
            Transport::Tcp => self.addresses.tcp,
            Transport::Tls => self.addresses.tls,
        }
    }

    /// Where pages and SIP over WebSocket are.
    #[must_use]
    pub const fn https(&self) -> SocketAddr {
        self.addresses.https
    }

    /// Where metrics and health are.
    #[must_use]
    pub const fn metrics(&self) -> SocketAddr {
        self.addresses.metrics
    }

    /// The login of an extension by UDP.
    #[must_use]
    pub fn login(&self, number: &str) -> Login {
        self.login_by(number, Transport::Udp)
    }

    /// The login of an extension by another transport.
    #[must_use]
    pub fn login_by(&self, number: &str, transport: Transport) -> Login {
        Login {
            number: number.to_owned(),
            password: Site::password(number),
            server: self.address(transport),
            transport,
        }
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same data and the same ports, and waits until phones can register.
    ///
    /// # Panics
    /// When it is not ready by the deadline.
    pub fn start_again(&mut self) {
        self.process = spawn(self.folder.path(), &[]);
        self.is_ready();
    }

    /// Asks it to end when its last call has ended.
    pub fn drain(&self) {
        self.process.signal(Signal::TERM);
    }

    /// How it ended; `None` when it still runs at the deadline.
    pub fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        self.process.wait(within)
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.process.ended().is_none()
    }

    /// What it logged.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.process.lines().since(0)
    }

    /// What a command prints about this server.
    ///
    /// # Panics
    /// When it fails.
    pub fn command(&self, arguments: &[&str]) -> String {
        self.command_with(arguments, "")
    }

    /// As [`Server::command`], for a command that reads something.
    ///
    /// # Panics
    /// When it fails.
    pub fn command_with(&self, arguments: &[&str], input: &str) -> String {
        let mut command = Command::new(binary())
            .args(arguments)
            .args(["--data", &self.data().display().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut stdin = command.stdin.take().expect("it was asked for");
        // A command that reads nothing may have ended already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = command.wait_with_output().expect("the command ends");
        assert!(
            output.status.success(),
            "bellwire {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The calls in progress.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn calls(&self) -> Vec<Value> {
        self.list("calls")
    }

    /// The registered phones.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn registrations(&self) -> Vec<Value> {
        self.list("registrations")
    }

    /// The outside lines.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn trunks(&self) -> Vec<Value> {
        self.list("trunks")
    }

    /// The administrator sets up another site while it runs.
    ///
    /// # Panics
    /// When the site is refused.
    pub fn apply(&self, site: &Site) {
        let file = self.folder.path().join("next.toml");
        std::fs::write(&file, site.file()).expect("a site file");
        self.command(&["site", "apply", &file.display().to_string()]);
    }

    /// The certificate that it made itself.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.data().join("certificate.pem")
    }

    /// The legs of the calls in progress.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn channels(&self) -> Vec<Value> {
        self.list("channels")
    }

    /// Waits until no call is in progress.
    ///
    /// # Panics
    /// When there still is one at the deadline.
    pub fn is_quiet(&self) {
        until("no call is in progress", PATIENCE, || {
            self.calls().is_empty()
        });
    }

    /// The call records, oldest first, read from a backup that the running server makes.
    ///
    /// # Panics
    /// When the backup cannot be made or read.
    #[must_use]
    pub fn records(&self) -> Vec<CallRecord> {
        let copy = tempfile::tempdir().expect("a folder");
        let file = copy.path().join("backup").display().to_string();
        self.command(&["backup", &file]);
        let data = copy.path().join("data");
        let restored = Command::new(binary())
            .args(["restore", &file, "--data"])
            .arg(&data)
            .output()
            .expect("the command starts");
        let error = String::from_utf8_lossy(&restored.stderr);
        assert!(restored.status.success(), "bellwire restore: {error}");
        records(&data)
    }

    /// Waits until no call is in progress and there are this many call records, and gives them, oldest first. A
    /// backup made during a call would have it end there.
    ///
    /// # Panics
    /// When there are fewer at the deadline, or more.
    #[must_use]
    pub fn has_records(&self, count: usize) -> Vec<CallRecord> {
        self.is_quiet();
        let mut found = Vec::new();
        until("the calls are written down", PATIENCE, || {
            found = self.records();
            found.len() >= count
        });
        assert_eq!(found.len(), count, "{found:#?}");
        found
    }

    /// Both sides of a recording.
    ///
    /// # Panics
    /// When there is no such file.
    #[must_use]
    pub fn recording(&self, recording: RecordingId) -> [Recording; 2] {
        let name = format!("files/recordings/{recording}.wav");
        Recording::sides(&self.data().join(name))
    }

    /// The voice messages that were recorded, or are just being recorded.
    #[must_use]
    pub fn voice_files(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.data().join("files/voicemail"));
        let mut files: Vec<_> = files.into_iter().flatten().flatten().collect();
        files.retain(|file| file.metadata().is_ok_and(|file| file.len() > 0));
        files.into_iter().map(|file| file.path()).collect()
    }

    /// A figure of the metrics; `None` when there is no such line.
    ///
    /// # Panics
    /// When the metrics cannot be read.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<f64> {
        let page = http_get(self.addresses.metrics, "/metrics");
        let line = page.lines().find(|line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(' '))
        })?;
        line.rsplit(' ').next()?.parse().ok()
    }

    /// Resident memory in bytes.
    #[must_use]
    pub fn resident_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib * 1024)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn list(&self, command: &str) -> Vec<Value> {
        let said = self.command(&[command, "--json"]);
        serde_json::from_str(&said).expect("a list in JSON")
    }
}

fn spawn(folder: &Path, more: &[&str]) -> Process {
    let binary = binary().display().to_string();
    let at = |name: &str| folder.join(name).display().to_string();
    let (config, data) = (at("config.toml"), at("data"));
    let mut program = vec![
        binary.as_str(),
        "serve",
        "--config",
        &config,
        "--data",
        &data,
    ];
    program.extend(more);
    Process::start("bellwire", &program, |command| {
        command.current_dir(folder).env_remove("BELLWIRE_DATA");
        if folder.join(TRUSTED).exists() {
            command.env("SSL_CERT_FILE", TRUSTED);
        }
    })
}

/// The program under test: `BELLWIRE_BIN`, else what was built beside the tests.
///
/// # Panics
/// When it was not built.
fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("BELLWIRE_BIN") {
        return PathBuf::from(path);
    }
    let test = std::env::current_exe().expect("the path of the test");
    let folder = test
        .parent()
        .and_then(Path::parent)
        .expect("target/debug/deps/test");
    let path = folder.join("bellwire");
    assert!(
        path.exists(),
        "{} is missing: run `cargo build -p bellwire` first",
        path.display()
    );
    path
}

/// The configuration and where it lets the server listen.
fn configured(ports: &mut Lease, more: &str) -> (String, Addresses) {
    let rtp = ports.ports(RTP_PORTS);
    let udp = ports.address();
    let addresses = Addresses {
        udp,
        tcp: udp,
        tls: ports.address(),
        https: ports.address(),
        metrics: ports.address(),
    };
    let text = format!(
        "{more}
[sip]
udp = [\"{}\"]
tcp = [\"{}\"]
tls = [\"{}\"]
[web]
https = \"{}\"
http = \"{}\"
[media]
rtp_ports = \"{}-{}\"
webrtc_port = {}
[metrics]
listen = \"{}\"
",
        addresses.udp,
        addresses.tcp,
        addresses.tls,
        addresses.https,
        ports.address(),
        rtp.start(),
        rtp.end(),
        ports.port(),
        addresses.metrics
    );
    (text, addresses)
}

/// The call records in a data folder that no server uses, oldest first.
fn records(data: &Path) -> Vec<CallRecord> {
    let folder = DataFolder::take(data).expect("the data folder");
    let opened = Store::open(&folder, Path::new("bellwire.db"), |_| {}).expect("the database");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread needs nothing that could be missing");
    let query = CallQuery {
        per_page: PER_PAGE_MAX,
        ..CallQuery::default()
    };
    let store = opened.store;
    // Closing waits for the connection that reading gave back, which only a running runtime takes.
    let page = runtime.block_on(async {
        let page = store.calls(&query).await.expect("call records");
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        closed.expect("closing does not panic");
        page
    });
    let newest_first = page.items.into_iter().map(|call| call.record);
    newest_first.rev().collect()
}

/// The body of an answer.
fn http_get(address: SocketAddr, path: &str) -> String {
    use std::io::Read;
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    body.to_owned()
}

/// Whom the machine trusts, where that is not what the system says.
const TRUSTED: &str = "trusted.pem";
/// Ports for sound: 100 legs.
const RTP_PORTS: u16 = 200;
