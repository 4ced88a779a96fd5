//! A phone: `linphonec` (Debian's `linphone-cli`), typed at like a person would.

use crate::{Keys, Lease, Login, PATIENCE, Process, Recording, Transport, until, write_tone};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// What a phone is to be like before it starts.
#[derive(Debug)]
pub struct LinphoneSetup {
    login: Login,
    tone_hz: f64,
    keys: Keys,
    answers: Answers,
    encrypted: bool,
}

/// What the phone does when it is rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    WhenTold,
    AtOnce,
}

/// A running phone with an identity of its own and a home of its own.
#[derive(Debug)]
pub struct Linphone {
    process: Process,
    home: TempDir,
    login: Login,
    ports: Lease,
}

impl LinphoneSetup {
    /// Plays this tone while it speaks.
    #[must_use]
    pub const fn tone(mut self, hz: f64) -> Self {
        self.tone_hz = hz;
        self
    }

    /// Answers every call at once.
    #[must_use]
    pub const fn answering(mut self) -> Self {
        self.answers = Answers::AtOnce;
        self
    }

    /// Sends keys this way.
    #[must_use]
    pub const fn keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }

    /// Demands SRTP with keys in SDP.
    #[must_use]
    pub const fn encrypted(mut self) -> Self {
        self.encrypted = true;
        self
    }

    /// Starts the phone; it is not registered yet.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(self) -> Linphone {
        let home = tempfile::tempdir().expect("a folder for a phone");
        let mut ports = Lease::of(8);
        for folder in [".local/share/linphone", ".config/linphone"] {
            std::fs::create_dir_all(home.path().join(folder)).expect("folders of a phone");
        }
        let settings = home.path().join("settings");
        std::fs::write(&settings, self.settings(&mut ports)).expect("settings of a phone");
        let tone = home.path().join("tone.wav");
        write_tone(&tone, self.tone_hz, TONE_S).expect("a tone");
        let name = format!("linphone {}", self.login.number);
        let settings = settings.display().to_string();
        let mut program = vec!["stdbuf", "-oL", "linphonec", "-c", &settings];
        if self.answers == Answers::AtOnce {
            program.push("-a");
        }
        let process = Process::start(&name, &program, |command| {
            command.env("HOME", home.path()).current_dir(home.path());
        });
        let mut phone = Linphone {
            process,
            home,
            login: self.login,
            ports,
        };
        phone.type_line("soundcard use files");
        phone.type_line(&format!("play {}", tone.display()));
        let recording = phone.recording();
        phone.type_line(&format!("record {}", recording.display()));
        phone.process.expect_line(&["record "], PATIENCE);
        phone
    }

    fn settings(&self, ports: &mut Lease) -> String {
        let port = ports.port();
        // 0 switches a transport off, -1 takes any port.
        let (udp, tcp, tls) = match self.login.transport {
            Transport::Udp => (i32::from(port), 0, 0),
            Transport::Tcp => (0, -1, 0),
            Transport::Tls => (0, 0, -1),
        };
        let (events, info) = match self.keys {
            Keys::Events => (1, 0),
            Keys::Info => (0, 1),
        };
        let encryption = if self.encrypted { "srtp" } else { "none" };
        let sound = ports.ports(2);
        format!(
            "[sip]
sip_port={udp}
sip_tcp_port={tcp}
sip_tls_port={tls}
default_proxy=0
register_only_when_network_is_up=0
guess_hostname=0
bind_address=127.0.0.1
use_ipv6=0
ipv6_migration_done=1
use_info={info}
use_rfc2833={events}
media_encryption={encryption}
media_encryption_mandatory={}
verify_server_certs=0
verify_server_cn=0
inc_timeout=60
[rtp]
audio_rtp_port={}
[net]
dns_search_enabled=0
[sound]
echocancellation=0
",
            i32::from(self.encrypted),
            sound.start()
        )
    }
}

impl Linphone {
    /// A phone that will log in like this.
    #[must_use]
    pub const fn with(login: Login) -> LinphoneSetup {
        LinphoneSetup {
            login,
            tone_hz: 1000.0,
            keys: Keys::Events,
            answers: Answers::WhenTold,
            encrypted: false,
        }
    }

    /// Begins to register.
    pub fn register(&mut self) {
        let Login {
            number,
            password,
            server,
            transport,
        } = &self.login;
        let line = format!(
            "register sip:{number}@{} sip:{server};transport={} {password}",
            server.ip(),
            transport.name()
        );
        self.type_line(&line);
    }

    /// Registers, and waits until the server has agreed.
    ///
    /// # Panics
    /// When it does not.
    pub fn registered(mut self) -> Self {
        self.register();
        self.is_registered(PATIENCE);
        self
    }

    /// Asks the phone until it says that it is registered: it does not say so by itself.
    ///
    /// # Panics
    /// When it is not registered by the deadline.
    pub fn is_registered(&mut self, within: Duration) {
        until("the phone is registered", within, || {
            self.type_line("status register");
            self.process
                .find_line(&["registered, identity"], LOOK_EVERY)
                .is_some()
        });
    }

    /// Whether the phone says that registration failed, by the deadline.
    pub fn registration_fails(&mut self, within: Duration) -> bool {
        self.process
            .find_line(&["Registration on", "registration failed"], within)
            .is_some_and(|line| line.contains("failed"))
    }

    /// Calls a number at the phone's server.
    pub fn call(&mut self, number: &str) {
        let line = format!("call sip:{number}@{}", self.login.server.ip());
        self.type_line(&line);
    }

    /// Calls an address.
    pub fn call_address(&mut self, uri: &str) {
        self.type_line(&format!("call {uri}"));
    }

    /// Waits until the call it made or answered is up.
    ///
    /// # Panics
    /// When it is not.
    pub fn up(&mut self) {
        self.process
            .expect_line(&["Media streams established"], PATIENCE);
    }

    /// Waits until it is rung; gives the line that says by whom.
    ///
    /// # Panics
    /// When it is not.
    pub fn rings(&mut self) -> String {
        self.process
            .expect_line(&["Receiving new incoming call from"], PATIENCE)
    }

    /// Waits until it hears that the other side rings, or hears sound from there before it is answered.
    ///
    /// # Panics
    /// When it does not.
    pub fn hears_ringing(&mut self) {
        self.process
            .expect_line(&[" ringing.", "early media"], PATIENCE);
    }

    /// Takes the call that rings.
    pub fn answer(&mut self) {
        self.type_line("answer");
    }

    /// Hangs up, gives up, or refuses what rings.
    pub fn hang_up(&mut self) {
        self.type_line("terminate");
    }

    /// Waits until a call has ended or failed; gives the line that says how.
    ///
    /// # Panics
    /// When it has not.
    pub fn call_ends(&mut self) -> String {
        self.call_ends_within(PATIENCE)
    }

    /// As [`Linphone::call_ends`], with a deadline of its own.
    ///
    /// # Panics
    /// When it has not.
    pub fn call_ends_within(&mut self, within: Duration) -> String {
        self.process.expect_line(&[" ended (", " error."], within)
    }

    /// Puts the call on hold, and waits until that is agreed.
    ///
    /// # Panics
    /// When it is not.
    pub fn hold(&mut self) {
        self.type_line("pause");
        self.process.expect_line(&["is now paused"], PATIENCE);
    }

    /// Takes a held call again.
    ///
    /// # Panics
    /// When the other side does not agree.
    pub fn resume(&mut self, call: u32) {
        self.type_line(&format!("resume {call}"));
        self.process
            .expect_line(&["Media streams established"], PATIENCE);
    }

    /// Presses keys, one after the other.
    pub fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            self.type_line(&key.to_string());
            crate::talk(KEY_EVERY);
        }
    }

    /// Sends the other side of the call to a number (REFER).
    pub fn transfer(&mut self, number: &str) {
        let line = format!("transfer sip:{number}@{}", self.login.server.ip());
        self.type_line(&line);
    }

    /// Brings the other sides of two of its calls together (REFER with Replaces).
    pub fn join(&mut self, one: u32, other: u32) {
        self.type_line(&format!("transfer {one} --to-call {other}"));
    }

    /// Waits for a line that contains one of these texts.
    ///
    /// # Panics
    /// When there is none.
    pub fn says(&mut self, any: &[&str]) -> String {
        self.process.expect_line(any, PATIENCE)
    }

    /// Types a command.
    pub fn type_line(&mut self, line: &str) {
        self.process.type_line(line);
    }

    /// Hangs up, switches the phone off in the ordinary way, and gives what it heard in all its calls: the
    /// phone writes the last of it when it ends.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    pub fn switched_off(mut self) -> Recording {
        self.type_line("terminate all");
        self.type_line("quit");
        if self.process.wait(PATIENCE).is_none() {
            panic!(
                "the phone does not end; it said:\n{}",
                self.process.lines().tail()
            );
        }
        Recording::read(&self.login.number, &self.recording())
    }

    /// Takes its power away: nobody is told. Its ports stay taken while the result lives, because the server
    /// goes on sending sound there, which is nothing for the next phone.
    #[must_use]
    pub fn power_off(mut self) -> Lease {
        self.process.kill();
        std::mem::replace(&mut self.ports, Lease::of(0))
    }

    fn recording(&self) -> PathBuf {
        Path::join(self.home.path(), "heard.wav")
    }
}

/// Seconds of tone; it ends before the patience of a whole test does, never within a call.
const TONE_S: u32 = 120;
/// From key to key.
const KEY_EVERY: Duration = Duration::from_millis(250);
/// From question to question.
const LOOK_EVERY: Duration = Duration::from_millis(150);
