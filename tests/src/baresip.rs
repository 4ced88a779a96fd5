//! A phone: `baresip` (Debian's `baresip-core`), commanded over its control socket.

use crate::{Lease, Log, Login, PATIENCE, Process, Recording, Transport, until, write_tone};
use serde_json::{Value, json};
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// What a phone is to be like before it starts.
#[derive(Debug)]
pub struct BaresipSetup {
    login: Login,
    tone_hz: f64,
    answer: &'static str,
    registers: Registers,
    /// The `mediaenc` of the account; empty for none.
    encryption: &'static str,
    watches: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Registers {
    Yes,
    No,
}

/// A running phone.
#[derive(Debug)]
pub struct Baresip {
    process: Process,
    folder: TempDir,
    login: Login,
    control: TcpStream,
    events: Log<Value>,
    /// Events before this place were waited for already.
    mark: usize,
    address: SocketAddr,
    ports: Lease,
}

impl BaresipSetup {
    /// Plays this tone while it speaks.
    #[must_use]
    pub const fn tone(mut self, hz: f64) -> Self {
        self.tone_hz = hz;
        self
    }

    /// Answers every call at once.
    #[must_use]
    pub const fn answering(mut self) -> Self {
        self.answer = "auto";
        self
    }

    /// Knows no server: calls come to its address.
    #[must_use]
    pub const fn without_server(mut self) -> Self {
        self.registers = Registers::No;
        self
    }

    /// Demands SRTP with keys in SDP.
    #[must_use]
    pub const fn encrypted(mut self) -> Self {
        self.encryption = ";mediaenc=srtp-mand";
        self
    }

    /// Offers SRTP with keys beside plain RTP, and takes either.
    #[must_use]
    pub const fn offering_encryption(mut self) -> Self {
        self.encryption = ";mediaenc=srtp";
        self
    }

    /// Watches whether another extension can be reached, and asks for waiting messages.
    #[must_use]
    pub fn watching(mut self, number: &str) -> Self {
        self.watches = Some(number.to_owned());
        self
    }

    /// Starts the phone; it registers at once.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(self) -> Baresip {
        let folder = tempfile::tempdir().expect("a folder for a phone");
        let mut ports = Lease::of(20);
        // It takes the port after its own for TLS.
        let (address, _tls) = (ports.address(), ports.port());
        let control = ports.address();
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).expect("settings of a phone");
        };
        let tone = folder.path().join("tone.wav");
        write_tone(&tone, self.tone_hz, TONE_S).expect("a tone");
        let sound = ports.ports(12);
        write(
            "config",
            format!(
                "sip_listen {address}
call_local_timeout 120
call_max_calls 4
audio_source aufile,{}
rtp_ports {}-{}
module_path {MODULES}
module g711.so
module aufile.so
module sndfile.so
module srtp.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
{}ctrl_tcp_listen {control}
snd_path {}
",
                tone.display(),
                sound.start(),
                sound.end(),
                self.watches.as_ref().map_or("", |_| WATCHING),
                folder.path().display()
            ),
        );
        write("accounts", self.account());
        let watched = self.watches.as_ref().map(|number| {
            format!(
                "\"{number}\" <sip:{number}@{}>;presence=p2p\n",
                self.login.server
            )
        });
        write("contacts", watched.unwrap_or_default());
        let name = format!("baresip {}", self.login.number);
        let path = folder.path().display().to_string();
        let mut process = Process::start(
            &name,
            &["stdbuf", "-oL", "baresip", "-f", &path],
            |command| {
                command.stdin(std::process::Stdio::null());
            },
        );
        process.expect_line(&["baresip is ready"], PATIENCE);
        let control = TcpStream::connect(control).expect("its control socket");
        let events = Log::new(format!("{name} events"));
        let (reader, log) = (control.try_clone().expect("a socket"), events.clone());
        std::thread::spawn(move || read(reader, &log));
        Baresip {
            process,
            folder,
            login: self.login,
            control,
            events,
            mark: 0,
            address,
            ports,
        }
    }

    fn account(&self) -> String {
        let Login {
            number,
            password,
            server,
            transport,
        } = &self.login;
        let seconds = match self.registers {
            Registers::Yes => 600,
            Registers::No => 0,
        };
        let transport = match transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
        };
        format!(
            "<sip:{number}@{server}{transport}>;auth_pass={password};regint={seconds};answermode={}{}\n",
            self.answer, self.encryption
        )
    }
}

impl Baresip {
    /// A phone that will log in like this.
    #[must_use]
    pub const fn with(login: Login) -> BaresipSetup {
        BaresipSetup {
            login,
            tone_hz: 1000.0,
            answer: "manual",
            registers: Registers::Yes,
            encryption: "",
            watches: None,
        }
    }

    /// Where calls without a server reach it.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("sip:{}@{}", self.login.number, self.address)
    }

    /// Waits until the server has agreed to its registration.
    ///
    /// # Panics
    /// When it does not.
    pub fn is_registered(&mut self) {
        // The control socket may have been connected only after the event.
        let process = &self.process;
        let events = &self.events;
        until("the phone is registered", PATIENCE, || {
            let said = process.lines().since(0);
            let in_log = said.iter().any(|line| line.contains("200 OK"));
            in_log || events.since(0).iter().any(|event| is(event, "REGISTER_OK"))
        });
    }

    /// As [`Baresip::is_registered`], to be written after `start()`.
    ///
    /// # Panics
    /// When it does not register.
    #[must_use]
    pub fn registered(mut self) -> Self {
        self.is_registered();
        self
    }

    /// Calls a number at the phone's server.
    pub fn call(&mut self, number: &str) {
        let transport = self.login.transport.name();
        let uri = format!("sip:{number}@{};transport={transport}", self.login.server);
        self.command("dial", &uri);
    }

    /// Calls an address.
    pub fn call_address(&mut self, uri: &str) {
        self.command("dial", uri);
    }

    /// Waits until it is rung; gives what it was told of the call.
    ///
    /// # Panics
    /// When it is not.
    pub fn rings(&mut self) -> Value {
        self.event("CALL_INCOMING")
    }

    /// Waits until it hears that the other side rings, or hears sound before it is answered.
    ///
    /// # Panics
    /// When it does not.
    pub fn hears_ringing(&mut self) -> String {
        let event = self.any_event(&["CALL_RINGING", "CALL_PROGRESS"]);
        text(&event, "type").to_owned()
    }

    /// Takes the call that rings.
    pub fn answer(&mut self) {
        self.command("accept", "");
    }

    /// Waits until the call it made or answered is up.
    ///
    /// # Panics
    /// When it is not.
    pub fn up(&mut self) {
        self.event("CALL_ESTABLISHED");
    }

    /// Hangs up, gives up, or refuses what rings.
    pub fn hang_up(&mut self) {
        self.command("hangup", "");
    }

    /// Waits until a call has ended or failed; gives the reason that it was told.
    ///
    /// # Panics
    /// When it has not.
    pub fn call_ends(&mut self) -> String {
        self.call_ends_within(PATIENCE)
    }

    /// As [`Baresip::call_ends`], with a deadline of its own.
    ///
    /// # Panics
    /// When it has not.
    pub fn call_ends_within(&mut self, within: Duration) -> String {
        let (event, mark) = self
            .events
            .expect("CALL_CLOSED", self.mark, within, |event| {
                is(event, "CALL_CLOSED")
            });
        self.mark = mark;
        text(&event, "param").to_owned()
    }

    /// Puts the call on hold.
    pub fn hold(&mut self) {
        self.command("hold", "");
    }

    /// Takes the held call again.
    pub fn resume(&mut self) {
        self.command("resume", "");
    }

    /// Sends the other side of the call to a number (REFER).
    pub fn transfer(&mut self, number: &str) {
        let uri = format!("sip:{number}@{}", self.login.server);
        self.command("transfer", &uri);
    }

    /// Presses keys, one after the other.
    pub fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            self.command("sndcode", &key.to_string());
            crate::talk(KEY_EVERY);
        }
    }

    /// Waits until the phone at the other side of the call has sent these keys; gives all that came.
    ///
    /// # Panics
    /// When they do not come.
    pub fn receives_keys(&mut self, wanted: &str) -> String {
        let events = &self.events;
        until("the keys arrive", PATIENCE, || {
            keys(&events.since(0)).len() >= wanted.len()
        });
        keys(&self.events.since(0))
    }

    /// Waits until the program prints a line that contains one of these texts.
    ///
    /// # Panics
    /// When it does not.
    pub fn prints(&mut self, any: &[&str]) -> String {
        self.process.expect_line(any, PATIENCE)
    }

    /// Waits for an event of a kind.
    ///
    /// # Panics
    /// When it does not come.
    pub fn event(&mut self, kind: &str) -> Value {
        self.any_event(&[kind])
    }

    /// Waits for an event of one of these kinds.
    ///
    /// # Panics
    /// When none comes.
    pub fn any_event(&mut self, kinds: &[&str]) -> Value {
        let what = kinds.join("|");
        let (event, mark) = self.events.expect(&what, self.mark, PATIENCE, |event| {
            kinds.iter().any(|kind| is(event, kind))
        });
        self.mark = mark;
        event
    }

    /// Whether an event of a kind has come since the phone was started.
    #[must_use]
    pub fn had(&self, kind: &str) -> bool {
        self.events.since(0).iter().any(|event| is(event, kind))
    }

    /// All events, and all that the program printed.
    #[must_use]
    pub const fn log(&self) -> (&Log<Value>, &Log<String>) {
        (&self.events, self.process.lines())
    }

    /// Hangs up, switches the phone off in the ordinary way, and gives what it heard in all its calls, one after
    /// the other. Only what arrived is in it: where nothing was sent there is no silence, as on hold without music.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    pub fn switched_off(mut self) -> Recording {
        self.command("quit", "");
        if self.process.wait(PATIENCE).is_none() {
            panic!(
                "the phone does not end; it said:\n{}",
                self.process.lines().tail()
            );
        }
        let number = &self.login.number;
        let parts = self.recordings();
        let parts = parts.iter().map(|path| Recording::read(number, path));
        parts
            .reduce(Recording::followed_by)
            .unwrap_or_else(|| Recording::read(number, self.folder.path()))
    }

    /// Takes its power away: nobody is told. Its ports stay taken while the result lives, because the server
    /// goes on sending sound there, which is nothing for the next phone.
    #[must_use]
    pub fn power_off(mut self) -> Lease {
        self.process.kill();
        std::mem::replace(&mut self.ports, Lease::of(0))
    }

    /// What it heard, in their order: the names hold the time. A file begins with each call and whenever
    /// the sound of one is negotiated again.
    fn recordings(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.path()).into_iter().flatten();
        let mut paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
        paths.retain(|path| path.to_string_lossy().ends_with("-dec.wav"));
        paths.sort();
        paths
    }

    fn command(&mut self, command: &str, parameters: &str) {
        let message = json!({ "command": command, "params": parameters, "token": "" }).to_string();
        // A program that has ended hears nothing, which what is waited for next will show.
        let _ = write!(self.control, "{}:{message},", message.len());
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.events.tail());
        }
    }
}

/// The keys that came, once each.
fn keys(events: &[Value]) -> String {
    let starts = events.iter().filter(|event| is(event, "CALL_DTMF_START"));
    starts.map(|event| text(event, "param")).collect()
}

fn is(event: &Value, kind: &str) -> bool {
    text(event, "type") == kind
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Reads netstrings, each a JSON object, until the program ends.
fn read(stream: TcpStream, events: &Log<Value>) {
    let mut bytes = BufReader::new(stream).bytes();
    let mut next = move || bytes.next().and_then(Result::ok);
    loop {
        let mut length = 0_usize;
        loop {
            match next() {
                Some(digit @ b'0'..=b'9') => length = length * 10 + usize::from(digit - b'0'),
                Some(_) => break,
                None => return,
            }
        }
        let message: Vec<u8> = std::iter::from_fn(&mut next).take(length).collect();
        let _comma = next();
        match serde_json::from_slice(&message) {
            Ok(event) => events.push(event),
            Err(error) => events.push(json!({ "type": "unreadable", "param": error.to_string() })),
        }
    }
}

/// Where Debian keeps its modules.
const MODULES: &str = "/usr/lib/baresip/modules";
/// The modules that subscribe.
const WATCHING: &str = "module_app contact.so\nmodule_app presence.so\nmodule_app mwi.so\n";
/// Seconds of tone.
const TONE_S: u32 = 120;
/// From key to key.
const KEY_EVERY: Duration = Duration::from_millis(250);
