//! What the configuration says, and what it says wrong.

use super::*;

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read("c.toml", text, environment).map_err(|error| error.to_string())
}

#[test]
fn everything_is_optional() {
    assert_eq!(read("", &[]), Ok(Config::default()));
    let spelt_out = r#"
[sip]
udp = ["0.0.0.0:5060"]
tcp = ["0.0.0.0:5060"]
tls = ["0.0.0.0:5061"]
external_address = "auto"
name_servers = []
[web]
https = "0.0.0.0:8443"
http  = "0.0.0.0:8080"
[tls]
certificate = ""
key = ""
[media]
address = "auto"
rtp_ports = "10002-19999"
webrtc_port = 10000
workers = 0
[store]
database = "sqlite:bellwire.db"
files = "file:files"
[metrics]
listen = "127.0.0.1:9464"
[log]
level = "info"
format = "text"
"#;
    assert_eq!(read(spelt_out, &[]), Ok(Config::default()));
}

#[test]
fn transports_are_switched_off_by_an_empty_list_or_text() {
    let config = read(
        "[sip]\nudp = []\ntls = []\n[web]\nhttps = \"\"\n[metrics]\nlisten = \"\"",
        &[],
    );
    let config = config.expect("a configuration");
    assert!(config.sip.udp.is_empty() && config.sip.tls.is_empty());
    assert_eq!(config.sip.tcp.len(), 1);
    assert_eq!((config.web.https, config.metrics), (None, None));
}

#[test]
fn the_environment_stands_before_the_file() {
    let config = read(
        "[sip]\nudp = [\"127.0.0.1:1\"]\n[log]\nlevel = \"warn\"",
        &[
            ("BELLWIRE_SIP__UDP", r#"["127.0.0.1:5070"]"#),
            ("BELLWIRE_MEDIA__RTP_PORTS", "20000-20999"),
            ("BELLWIRE_MEDIA__WORKERS", "2"),
            ("BELLWIRE_LOG__LEVEL", "debug"),
            ("BELLWIRE_LOG__FORMAT", "\"json\""),
            ("BELLWIRE_WEB__HTTPS", "127.0.0.1:0"),
            ("BELLWIRE_DRAIN_SECONDS", "5"),
            ("BELLWIRE_PROFILE", "release"),
            ("HOME", "/root"),
        ],
    );
    let config = config.expect("a configuration");
    assert_eq!(config.sip.udp, ["127.0.0.1:5070".parse().expect("socket")]);
    assert_eq!(config.media.rtp_ports, 20_000..=20_999);
    assert_eq!(config.media.workers, 2);
    assert_eq!(config.log.level, "debug");
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.drain, Duration::from_secs(5));
}

#[test]
fn every_error_is_named_with_its_place_and_remedy() {
    let text = "[sip]\nudp = [\"0.0.0.0\", 5060]\nupd = []\n\n[sipp]\n[media]\nrtp_ports = \"9999-10\"\n  webrtc_port = \"x\"\n[log]\nlevel = \"inof\"\n[metrics]\nlisten = true\n";
    let errors = read(
        text,
        &[("BELLWIRE_SIP__TPC", "[]"), ("BELLWIRE_SPI__TCP", "[]")],
    )
    .expect_err("everything is wrong");
    let expected = [
        "c.toml:2:8: `sip.udp` is \"0.0.0.0\"; it must be an address and a port, such as \"0.0.0.0:5060\" or \"[::]:5060\"",
        "c.toml:2:19: `sip.udp` is text, because leading zeros count: write \"5060\"",
        "c.toml:3:1: there is no key `sip.upd`; did you mean `sip.udp`?",
        "c.toml:5:2: there is no key `sipp`; did you mean `sip`?",
        "c.toml:7:13: `media.rtp_ports` is \"9999-10\"; its end must be above its begin",
        "c.toml:8:17: `media.webrtc_port` must be a whole number, without quotation marks; it is text",
        "c.toml:10:9: `log.level` is \"inof\"; did you mean \"info\"?",
        "c.toml:12:10: `metrics.listen` must be text in quotation marks; it is true or false",
        "BELLWIRE_SIP__TPC: there is no key `sip.tpc`; did you mean `sip.tcp`?",
        "BELLWIRE_SPI__TCP: there is no section `spi`; did you mean `sip`?",
    ];
    assert_eq!(errors.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn what_each_value_must_be_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let no_pem = folder.path().join("no.pem");
    std::fs::write(&no_pem, "nothing").expect("written");
    let no_pem = format!("[tls]\ncertificate = {:?}\n", no_pem.display().to_string());
    let table: &[(&str, &str)] = &[
        (
            "[media]\nwebrtc_port = 10004",
            "2:15: `media.webrtc_port` 10004 lies within `media.rtp_ports` 10002-19999; move one of them",
        ),
        (
            "[media]\nrtp_ports = \"9998-20000\"",
            "2:13: `media.webrtc_port` 10000 lies within `media.rtp_ports` 9998-20000; move one of them",
        ),
        (
            "[media]\nrtp_ports = \"10003-20001\"",
            "2:13: `media.rtp_ports` is \"10003-20001\"; it must begin with an even port, as RTP does (RFC 3550 §11)",
        ),
        (
            "[media]\nrtp_ports = \"100-200\"",
            "2:13: `media.rtp_ports` is \"100-200\"; ports below 1024 belong to the system",
        ),
        (
            "[media]\nrtp_ports = \"all\"",
            "2:13: `media.rtp_ports` is \"all\"; it must be a range such as \"10002-19999\"",
        ),
        (
            "[media]\nrtp_ports = \"10002-70000\"",
            "2:13: `media.rtp_ports` is \"10002-70000\"; it must be a range such as \"10002-19999\"",
        ),
        (
            "[media]\nworkers = 1000",
            "2:11: `media.workers` must be from 0 to 256",
        ),
        (
            "[media]\nworkers = -1",
            "2:11: `media.workers` must be from 0 to 256",
        ),
        (
            "[media]\naddress = \"me\"",
            "2:11: `media.address` is \"me\"; it must be \"auto\" or an address such as \"203.0.113.7\"",
        ),
        (
            "[sip]\nudp = \"0.0.0.0:5060\"",
            "2:7: `sip.udp` must be a list such as [\"…\"]; it is text",
        ),
        (
            "[sip]\ntcp = [\"1.2.3.4:5\", \"1.2.3.4:5\"]",
            "2:21: 1.2.3.4:5 stands twice in `tcp`; remove one",
        ),
        (
            "[web]\nhttps = \"0.0.0.0:1\"\nhttp = \"0.0.0.0:1\"",
            "1:1: `web.https` and `web.http` are the same address; give one another port",
        ),
        (
            "[tls]\ncertificate = \"/none.pem\"",
            "2:15: `tls.certificate` names /none.pem, which cannot be read: No such file or directory (os error 2)",
        ),
        (
            "[store]\ndatabase = \"postgres://x/y\"",
            "2:12: `store.database` names PostgreSQL, which this version does not speak; use \"sqlite:bellwire.db\"",
        ),
        (
            "[store]\ndatabase = \"bellwire.db\"",
            "2:12: `store.database` is \"bellwire.db\"; it must be such as \"sqlite:bellwire.db\"",
        ),
        (
            "[store]\nfiles = \"s3:x\"",
            "2:9: `store.files` is \"s3:x\"; it must be such as \"file:files\"",
        ),
        (
            "[log]\nformat = \"xml\"",
            "2:10: `log.format` is \"xml\"; it must be one of text, json",
        ),
        (
            "sip = 1",
            "1:7: `sip` must be a table: write [sip] in a line of its own; it is a number",
        ),
        ("[sip]\nudp = [", "2:8: "),
    ];
    for (text, expected) in table {
        let error = read(text, &[]).expect_err(text);
        assert!(
            error.starts_with(&format!("c.toml:{expected}")),
            "{text}\n got {error}\nwant {expected}"
        );
    }
    let error = read(&no_pem, &[]).expect_err("no PEM block");
    assert!(
        error.contains("c.toml:2:15: `tls.certificate` names"),
        "{error}"
    );
    assert!(error.ends_with("name a PEM file"), "{error}");
}

#[test]
fn a_certificate_needs_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, label: &str| {
        let file = folder.path().join(name);
        let text = format!("-----BEGIN {label}-----\nMA==\n-----END {label}-----\n");
        std::fs::write(&file, text).expect("written");
        file
    };
    let certificate = write("c.pem", "CERTIFICATE");
    let key = write("k.pem", "EC PRIVATE KEY");
    let one = format!(
        "[tls]\ncertificate = {:?}\n",
        certificate.display().to_string()
    );
    let error = read(&one, &[]).expect_err("the key is missing");
    assert_eq!(
        error,
        "c.toml:2:15: `tls.certificate` needs `tls.key` beside it; name the file of its private key"
    );
    let both = format!("{one}key = {:?}\n", key.display().to_string());
    let config = read(&both, &[]).expect("both");
    assert_eq!(config.tls, Tls::Files { certificate, key });
}
