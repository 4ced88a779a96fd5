//! The measured server: the real binary, with a thousand extensions.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Extensions that the server has.
pub(crate) const EXTENSIONS: usize = 1_000;

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    child: Child,
    /// Where it speaks SIP over UDP.
    pub(crate) sip: SocketAddr,
    /// From the start of the process to `ready`.
    pub(crate) ready_after: Duration,
    folder: tempfile::TempDir,
}

/// A process that is measured.
#[derive(Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// The CPU time that it has spent so far.
    pub(crate) fn cpu(self) -> Result<Duration> {
        // The scheduler's own count is in nanoseconds, that of /proc/PID/stat in hundredths of a second.
        let mut total = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0))? {
            let text = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            let spent = text.split(' ').next().unwrap_or_default();
            total += spent.parse::<u64>().unwrap_or_default();
        }
        Ok(Duration::from_nanos(total))
    }

    /// Its resident memory in bytes.
    pub(crate) fn resident(self) -> Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let line = line.context("/proc/PID/status has no VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kilobytes << 10)
    }
}

impl Server {
    /// Starts a server on a data folder that has the site already, as after a restart.
    pub(crate) fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let web = [free_port()?, free_port()?, free_port()?];
        let config = format!(
            "[sip]\nudp = [\"127.0.0.1:{port}\"]\ntcp = []\ntls = []\n[web]\nhttps = \"127.0.0.1:{}\"\nhttp = \"127.0.0.1:{}\"\n[metrics]\nlisten = \"127.0.0.1:{}\"\n[media]\nrtp_ports = \"30000-39999\"\n[log]\nlevel = \"warn\"\n",
            web[0], web[1], web[2]
        );
        fs::write(folder.path().join("config.toml"), config)?;
        let mut site = String::from("[system]\ncountry = \"us\"\n");
        for n in 0..EXTENSIONS {
            let number = extension(n);
            site.push_str(&format!(
                "[[extension]]\nnumber = \"{number}\"\nname = \"Extension {number}\"\npassword = \"{}\"\n",
                password(n)
            ));
        }
        let file = folder.path().join("site.toml");
        fs::write(&file, site)?;
        let applied = Command::new(binary()?)
            .args(["site", "apply"])
            .arg(&file)
            .arg("--data")
            .arg(folder.path().join("data"))
            .stdout(Stdio::null())
            .status()?;
        if !applied.success() {
            bail!("the site of the measurement was not applied");
        }
        let begun = Instant::now();
        let mut child = Command::new(binary()?)
            .arg("serve")
            .arg("--config")
            .arg(folder.path().join("config.toml"))
            .arg("--data")
            .arg(folder.path().join("data"))
            .stderr(Stdio::piped())
            .spawn()?;
        let lines = BufReader::new(child.stderr.take().context("it was piped")?).lines();
        let mut lines = lines.map_while(Result::ok);
        if !lines.any(|line| line == "ready") {
            bail!("the server did not start");
        }
        let ready_after = begun.elapsed();
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(|line| eprintln!("{line}")));
        Ok(Self {
            child,
            sip: SocketAddr::from(([127, 0, 0, 1], port)),
            ready_after,
            folder,
        })
    }

    /// The process.
    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; its folder goes with the struct.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.folder.path();
    }
}

/// The number of the `n`th extension.
pub(crate) fn extension(n: usize) -> String {
    (1_000 + n).to_string()
}

/// Its password.
pub(crate) fn password(n: usize) -> String {
    format!("Password-{n}-long")
}

fn binary() -> Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("bellwire");
    if !beside.exists() {
        bail!("{} is missing; run `make bench`", beside.display());
    }
    Ok(beside)
}

fn free_port() -> Result<u16> {
    Ok(std::net::UdpSocket::bind("127.0.0.1:0")?
        .local_addr()?
        .port())
}
