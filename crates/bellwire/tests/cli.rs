//! The commands as people type them: what they print, and their exit codes.

use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder in which commands are run.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("there")
    }

    /// Runs `bellwire`, its arguments separated by blanks.
    fn run(&self, line: &str) -> Said {
        self.run_with(line, &[])
    }

    fn run_with(&self, line: &str, environment: &[(&str, &str)]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_bellwire"))
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .env_remove("BELLWIRE_DATA")
            .envs(environment.iter().copied())
            .output()
            .expect("it runs");
        Said::of(&output)
    }
}

/// What a command printed.
#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout.clone()).expect("UTF-8"),
            err: String::from_utf8(output.stderr.clone()).expect("UTF-8"),
        }
    }

    /// It went wrong, and said why in one sentence.
    fn failed_with(&self, sentence: &str) {
        assert_eq!(self.code, 1, "{self:?}");
        assert_eq!(self.err.trim_end(), format!("bellwire: {sentence}"));
        assert_eq!(self.out, "");
    }

    fn printed(&self, text: &str) {
        let said = (self.code, self.out.trim_end(), self.err.as_str());
        assert_eq!(said, (0, text, ""));
    }
}

const OFFICE: &str = "[[extension]]\nnumber = \"100\"\nname = \"张三\"\npassword = \"geheim\"\n\n[[extension]]\nnumber = \"101\"\n";

#[test]
fn the_version_has_commit_and_date() {
    let said = Desk::new().run("--version");
    let words: Vec<_> = said.out.split_whitespace().collect();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!((words[0], words[1], words.len()), ("bellwire", version, 4));
    let date = words[3].trim_end_matches(')');
    assert!(date.len() == 10 && date.starts_with("20"), "{}", said.out);
}

#[test]
fn every_command_has_a_help_of_its_own() {
    let desk = Desk::new();
    let all = desk.run("--help");
    assert_eq!(all.code, 0);
    for command in [
        "serve",
        "demo",
        "site",
        "trace",
        "calls",
        "registrations",
        "trunks",
        "channels",
        "backup",
        "restore",
        "doctor",
    ] {
        let listed = all.out.contains(&format!("\n  {command} "));
        assert!(listed, "{command}\n{}", all.out);
        let help = desk.run(&format!("{command} --help"));
        let is_help = help.code == 0 && help.out.contains("Usage: bellwire");
        assert!(is_help, "{command}");
    }
    for command in ["check", "diff", "apply", "export"] {
        assert_eq!(desk.run(&format!("site {command} --help")).code, 0);
    }
}

#[test]
fn a_command_that_does_not_exist_is_an_error() {
    let said = Desk::new().run("sevre");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("serve"), "{}", said.err);
}

#[test]
fn a_site_is_checked_compared_applied_and_exported() {
    let desk = Desk::new();
    desk.write("s.toml", OFFICE);
    desk.run("site check s.toml").printed("s.toml is in order");
    desk.run("site apply s.toml --data d --dry-run").failed_with(
        "there is no data folder d; name that of the system with --data, or start it once with `bellwire serve`",
    );
    let applied = desk.run("site apply s.toml --data d");
    assert_eq!(applied.code, 0, "{applied:?}");
    let lines: Vec<_> = applied.out.lines().collect();
    assert_eq!(lines[..2], ["+ extension 100", "+ extension 101"]);
    let head = "passwords made up for new extensions, shown this once:";
    assert_eq!(lines[3], head);
    let made_up = lines[4].strip_prefix("101  ").expect("a password");
    assert_eq!(made_up.len(), 16, "{lines:#?}");
    desk.run("site apply s.toml --data d").printed("no change");
    desk.run("site diff s.toml --data d").printed("no change");
    desk.write("t.toml", &OFFICE.replace("张三", "李四"));
    let differs = desk.run("site diff t.toml --data d");
    assert_eq!(differs.code, 2, "{differs:?}");
    let change = "~ extension 100: name \"张三\" -> \"李四\"\n";
    assert_eq!(differs.out, change);
    let dry = desk.run("site apply t.toml --data d --dry-run");
    assert_eq!((dry.code, dry.out.as_str()), (0, change));
    assert_eq!(desk.run("site diff t.toml --data d").code, 2);
    desk.run("site export e.toml --data d").printed("");
    assert!(!desk.read("e.toml").contains("geheim"));
    desk.run("site diff e.toml --data d").printed("no change");
    let on_screen = desk.run("site export --data d");
    assert_eq!(on_screen.out, desk.read("e.toml"));
    let json = desk.run("site diff t.toml --data d --json");
    assert!(json.out.contains("\"changes\": ["), "{json:?}");
}

#[test]
fn a_file_with_every_key_is_in_order_and_exported_as_it_is() {
    let desk = Desk::new();
    desk.write("s.toml", include_str!("office.toml"));
    let secret = [("PASSWORD_OF_100", "geheim")];
    let unset = desk.run("site check s.toml");
    assert_eq!(
        unset.err,
        "s.toml:80:12: `extension.password`: the environment variable PASSWORD_OF_100 is not set; set it\n"
    );
    desk.run_with("site check s.toml", &secret)
        .printed("s.toml is in order");
    assert_eq!(desk.run_with("site apply s.toml --data d", &secret).code, 0);
    desk.run_with("site diff s.toml --data d", &secret)
        .printed("no change");
    desk.run("site export e.toml --data d").printed("");
    desk.run("site diff e.toml --data d").printed("no change");
    // Another system that is set up from it says the same; users need their passwords.
    let with_password = "[[user]]\npassword = \"x\"";
    desk.write(
        "f.toml",
        &desk.read("e.toml").replace("[[user]]", with_password),
    );
    assert_eq!(desk.run("site apply f.toml --data f").code, 0);
    assert_eq!(desk.run("site export --data f").out, desk.read("e.toml"));
}

#[test]
fn a_wrong_site_file_is_told_with_every_error_and_changes_nothing() {
    let desk = Desk::new();
    desk.write("s.toml", OFFICE);
    desk.run("site apply s.toml --data d");
    let wrong = "[[extension]]\nnumber = \"100\"\nnmae = \"x\"\n\n[[extension]]\nnumber = 7\n";
    desk.write("w.toml", wrong);
    let checked = desk.run("site check w.toml");
    let errors = "w.toml:3:1: there is no key `extension.nmae`; did you mean `extension.name`?\nw.toml:6:10: `extension.number` is text, because leading zeros count: write \"7\"\n";
    assert_eq!((checked.code, checked.err.as_str()), (1, errors));
    let applied = desk.run("site apply w.toml --data d");
    assert_eq!(
        (applied.code, applied.err),
        (1, format!("bellwire: {errors}"))
    );
    desk.run("site diff s.toml --data d").printed("no change");
    desk.run("site check none.toml")
        .failed_with("cannot read the site file none.toml: No such file or directory (os error 2)");
}

#[test]
fn a_wrong_configuration_is_told_with_every_error() {
    let desk = Desk::new();
    desk.write("c.toml", "[sip]\nupd = []\n[media]\nrtp_ports = \"x\"\n");
    let loud = [("BELLWIRE_LOG__LEVEL", "loud")];
    let said = desk.run_with("serve --config c.toml --data d", &loud);
    assert_eq!(said.code, 1);
    let expected = [
        "bellwire: c.toml:2:1: there is no key `sip.upd`; did you mean `sip.udp`?",
        "c.toml:4:13: `media.rtp_ports` is \"x\"; it must be a range such as \"10002-19999\"",
        "BELLWIRE_LOG__LEVEL: `log.level` is \"loud\"; it must be one of error, warn, info, debug, trace",
    ];
    assert_eq!(said.err.lines().collect::<Vec<_>>(), expected);
    // Nothing was begun.
    assert!(!desk.path("d").exists());
    desk.run("serve --config none.toml").failed_with(
        "the configuration none.toml cannot be read: No such file or directory (os error 2); give an existing file with --config",
    );
}

#[test]
fn a_wrong_site_file_stops_the_start() {
    let desk = Desk::new();
    desk.write("w.toml", "[[extension]]\nnumber = 7\n");
    desk.run("serve --site w.toml --data d").failed_with(
        "w.toml:2:10: `extension.number` is text, because leading zeros count: write \"7\"",
    );
}

#[test]
fn what_is_live_is_asked_of_a_running_server_only() {
    let desk = Desk::new();
    for command in ["calls", "registrations", "trunks", "channels", "trace 1"] {
        desk.run(&format!("{command} --data d")).failed_with(
            "no server runs on the data folder d; start one with `bellwire serve`, or name its folder with --data",
        );
    }
}

#[test]
fn a_backup_is_put_back() {
    let desk = Desk::new();
    desk.write("s.toml", OFFICE);
    desk.run("site apply s.toml --data d");
    let saved = desk.run("backup b.tar --data d");
    assert!(saved.out.starts_with("2 files, "), "{saved:?}");
    desk.run("restore b.tar --data e")
        .printed("2 files, 2 extensions restored into e");
    desk.run("site diff s.toml --data e").printed("no change");
    let again = desk.run("restore b.tar --data e");
    assert_eq!(again.code, 1);
    assert!(again.err.contains("add --force"), "{again:?}");
    let forced = desk.run("restore b.tar --data e --force --json");
    assert!(forced.out.contains("\"put_aside\": \""), "{forced:?}");
    desk.write("x.tar", "hello");
    let unusable = desk.run("restore x.tar --data f");
    assert_eq!(unusable.code, 1);
    let sentence = "bellwire: cannot restore x.tar: ";
    assert!(unusable.err.starts_with(sentence), "{unusable:?}");
    assert_eq!(unusable.err.lines().count(), 1);
}

#[test]
fn the_doctor_finds_a_used_port_a_damaged_database_and_a_wrong_configuration() {
    let desk = Desk::new();
    let used = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = used.local_addr().expect("an address").to_string();
    std::fs::create_dir(desk.path("d")).expect("made");
    desk.write("d/bellwire.db", &"no database, but a text. ".repeat(9));
    let tcp = format!("[\"{at}\"]");
    let settings = [
        ("BELLWIRE_SIP__UDP", "[]"),
        ("BELLWIRE_SIP__TCP", &tcp),
        ("BELLWIRE_SIP__TLS", "[]"),
        ("BELLWIRE_WEB__HTTPS", ""),
        ("BELLWIRE_WEB__HTTP", ""),
        ("BELLWIRE_METRICS__LISTEN", ""),
    ];
    let said = desk.run_with("doctor --data d", &settings);
    assert_eq!(said.code, 1, "{said:?}");
    let line = |what: &str| {
        let found = said.out.lines().find(|line| line.contains(what));
        found.unwrap_or_else(|| panic!("nothing about {what}: {}", said.out))
    };
    assert!(line(&at).starts_with("FAIL"), "{}", said.out);
    assert!(
        line(&at).contains("set another port as sip.tcp"),
        "{}",
        said.out
    );
    assert!(line("  database").starts_with("FAIL"), "{}", said.out);
    for what in ["disk", "clock", "certificate", "address", "DNS"] {
        line(what);
    }
    let json = desk.run_with("doctor --data e --json", &settings);
    assert!(json.out.contains("\"state\": \"fail\""), "{json:?}");
    assert!(!desk.path("e").exists());
    let wrong = desk.run_with("doctor", &[("BELLWIRE_SIP__UDP", "x")]);
    let head = "FAIL  configuration  BELLWIRE_SIP__UDP: ";
    assert!(wrong.out.starts_with(head), "{wrong:?}");
}

#[test]
fn two_commands_do_not_write_into_one_folder() {
    let desk = Desk::new();
    desk.write("s.toml", OFFICE);
    desk.run("site apply s.toml --data d");
    let lock = std::fs::File::open(desk.path("d/bellwire.lock")).expect("there");
    lock.lock().expect("locked");
    let said = desk.run("site apply s.toml --data d");
    assert_eq!(said.code, 1);
    let sentence = "bellwire: another bellwire (process ";
    assert!(said.err.starts_with(sentence), "{said:?}");
}

/// AD-07: of a system that does not run, from its own folder.
#[test]
fn a_call_is_explained() {
    let desk = Desk::new();
    desk.write(
        "site.toml",
        "[[extension]]\nnumber = \"100\"\n[[extension]]\nnumber = \"101\"\n[[trunk]]\nname = \"carrier\"\nhost = \"192.0.2.10\"\n\
         [[outbound_route]]\nname = \"city\"\nprefix = \"9\"\nstrip = 1\ntrunks = [\"carrier\"]\nopen = [\"mon-fri 09:00-18:00\"]\n",
    );
    assert_eq!(desk.run("site apply site.toml --data d").code, 0);
    let open = desk.run("explain 985337106 --from 100 --at 2026-03-06T14:56 --data d");
    assert_eq!(
        open.out,
        "985337106 is no number inside and no code\nroute city: fits\ntrunk carrier: 85337106 is dialled\n\
         the call goes out on carrier\n"
    );
    let closed = desk.run("explain 985337106 --from 100 --at 2026-03-07T14:56 --data d");
    assert!(
        closed.out.contains("route city: fits, but is closed"),
        "{closed:?}"
    );
    let wrong = desk.run("explain 101 --from 999 --data d");
    assert_eq!(wrong.code, 1);
    assert!(
        wrong
            .err
            .starts_with("bellwire: there is no extension 999; "),
        "{wrong:?}"
    );
}

#[test]
fn prompts_are_listed_drawn_checked_and_replaced() {
    let desk = Desk::new();
    let listed = desk.run("prompts list");
    assert!(listed.out.contains("您拨打的号码不存在"), "{listed:?}");
    assert!(desk.run("prompts tree").out.contains("wake-up call"));
    let checked = desk.run("prompts check");
    assert_eq!(checked.code, 0, "{checked:?}");
    // A recording under a name that no prompt has: nothing is replaced.
    let tone = wav(8_000);
    for folder in ["own/zh-CN", "own/en"] {
        std::fs::create_dir_all(desk.path(folder)).expect("made");
    }
    std::fs::write(desk.path("own/zh-CN/N-01.wav"), &tone).expect("written");
    std::fs::write(desk.path("own/en/N-99.wav"), &tone).expect("written");
    let refused = desk.run("prompts import own");
    assert_eq!(refused.code, 1);
    assert!(
        refused.out.contains("N-99.wav: no prompt has this name"),
        "{refused:?}"
    );
    assert!(!desk.path("data/files/prompts").exists());
    std::fs::remove_file(desk.path("own/en/N-99.wav")).expect("removed");
    let imported = desk.run("prompts import own");
    assert_eq!(imported.code, 0, "{imported:?}");
    let listed = desk.run("prompts list").out;
    let line = listed
        .lines()
        .find(|line| line.starts_with("N-01 ") && line.contains("zh-CN"));
    assert!(
        line.is_some_and(|line| line.contains("1.0 s") && line.contains("recording")),
        "{line:?}"
    );
    // A file that is no sound is named.
    std::fs::create_dir_all(desk.path("data/files/prompts/en")).expect("made");
    std::fs::write(desk.path("data/files/prompts/en/N-02.wav"), "no sound").expect("written");
    let checked = desk.run("prompts check");
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains("N-02.wav"), "{checked:?}");
}

/// A second of silence at 8 kHz, 16 bits, mono.
fn wav(samples: u32) -> Vec<u8> {
    let bytes = samples * 2;
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1, 0, 1, 0]);
    wav.extend(8_000_u32.to_le_bytes());
    wav.extend(16_000_u32.to_le_bytes());
    wav.extend([2, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(bytes.to_le_bytes());
    wav.resize(wav.len() + bytes as usize, 0);
    wav
}
