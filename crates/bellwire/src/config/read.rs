//! Reading the configuration, every error at once.

use super::environment::{Read, variables};
use super::{Address, Config, LogFormat, Media, Sip, Store, Tls, Web};
use crate::document::{Document, Fields, Found, Place, Report, nearest};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {} cannot be read: {source}; give an existing file with --config", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// Its content is wrong: one line an error, `file:line:column: message`.
    #[error("{0}")]
    Content(String),
}

impl Config {
    /// Reads the file, if one is given, under the environment of the process.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let (name, text) = match file {
            Some(file) => {
                let text = std::fs::read_to_string(file).map_err(|source| ConfigError::File {
                    file: file.to_owned(),
                    source,
                })?;
                (file.display().to_string(), text)
            }
            None => (String::from("configuration"), String::new()),
        };
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self::read(&name, &text, environment)
    }

    /// Reads a text of that name under an environment.
    pub(crate) fn read(
        name: &str,
        text: &str,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let report = Report::new(name, text);
        let document = Document::parse(text, &report);
        let variables = variables(environment);
        let over: Vec<_> = variables.iter().map(Read::new).collect();
        let config = Reader {
            root: document.root(&report),
            over: &over,
            report: &report,
        }
        .config();
        if report.is_clean() {
            Ok(config)
        } else {
            Err(ConfigError::Content(report.to_string()))
        }
    }
}

struct Reader<'d> {
    root: Fields<'d>,
    over: &'d [Read<'d>],
    report: &'d Report,
}

impl<'d> Reader<'d> {
    fn config(self) -> Config {
        let mut config = Config::default();
        self.sip(&mut config.sip);
        self.web(&mut config.web);
        self.tls(&mut config.tls);
        self.media(&mut config.media);
        self.store(&mut config.store);
        self.rest(&mut config);
        self.unknown_sections();
        let root = self.root.under(overlay(self.over, ""));
        set(
            &mut config.drain,
            root.whole("drain_seconds", 0..=86_400)
                .map(|drain| Duration::from_secs(drain.value.into())),
        );
        root.finish();
        config
    }

    fn section(&self, name: &'static str) -> Fields<'d> {
        self.root.section(name).under(overlay(self.over, name))
    }

    fn sip(&self, sip: &mut Sip) {
        let section = self.section("sip");
        for (key, list) in [
            ("udp", &mut sip.udp),
            ("tcp", &mut sip.tcp),
            ("tls", &mut sip.tls),
            ("name_servers", &mut sip.name_servers),
        ] {
            set(list, self.sockets(&section, key));
        }
        set(
            &mut sip.external_address,
            section.parsed("external_address", address).map(value),
        );
        section.finish();
    }

    /// A list of addresses without doubles.
    fn sockets(&self, section: &Fields<'_>, key: &'static str) -> Option<Vec<SocketAddr>> {
        let mut sockets = Vec::new();
        for found in section.parsed_list(key, socket)? {
            if found.value.port() != 0 && sockets.contains(&found.value) {
                let message = format!("{} stands twice in `{key}`; remove one", found.value);
                self.report.add(found.place, message);
            }
            sockets.push(found.value);
        }
        Some(sockets)
    }

    fn web(&self, web: &mut Web) {
        let section = self.section("web");
        set(
            &mut web.https,
            section.parsed_or_empty("https", socket).map(value),
        );
        set(
            &mut web.http,
            section.parsed_or_empty("http", socket).map(value),
        );
        if web.https.is_some_and(|https| https.port() != 0) && web.https == web.http {
            section
                .problem("`web.https` and `web.http` are the same address; give one another port");
        }
        section.finish();
    }

    fn tls(&self, tls: &mut Tls) {
        let section = self.section("tls");
        let certificate = section.parsed_or_empty("certificate", |file| pem(file, "CERTIFICATE"));
        let key = section.parsed_or_empty("key", |file| pem(file, "PRIVATE KEY"));
        let place =
            |of: &Option<Found<Option<PathBuf>>>| of.as_ref().map(|found| found.place.clone());
        let places = (place(&certificate), place(&key));
        match (
            certificate.and_then(|found| found.value),
            key.and_then(|found| found.value),
        ) {
            (Some(certificate), Some(key)) => *tls = Tls::Files { certificate, key },
            (Some(_), None) if self.report.is_clean() => self.report.add(
                places.0.unwrap_or(Place::At(0)),
                "`tls.certificate` needs `tls.key` beside it; name the file of its private key",
            ),
            (None, Some(_)) if self.report.is_clean() => self.report.add(
                places.1.unwrap_or(Place::At(0)),
                "`tls.key` needs `tls.certificate` beside it; name the file of its certificate",
            ),
            _ => {}
        }
        section.finish();
    }

    fn media(&self, media: &mut Media) {
        let section = self.section("media");
        set(
            &mut media.address,
            section.parsed("address", address).map(value),
        );
        let ports = section.parsed("rtp_ports", ports);
        let browser = section.whole("webrtc_port", 0..=65_535);
        set(
            &mut media.workers,
            section
                .whole("workers", 0..=WORKERS_MAX)
                .and_then(|workers| usize::try_from(workers.value).ok()),
        );
        let place = browser.as_ref().map(|found| found.place.clone());
        let place = place.or_else(|| ports.as_ref().map(|found| found.place.clone()));
        set(&mut media.rtp_ports, ports.map(value));
        set(
            &mut media.webrtc_port,
            browser.and_then(|port| u16::try_from(port.value).ok()),
        );
        if media.rtp_ports.contains(&media.webrtc_port) {
            let (first, last) = (media.rtp_ports.start(), media.rtp_ports.end());
            self.report.add(
                place.unwrap_or_else(|| section.place()),
                format!(
                    "`media.webrtc_port` {} lies within `media.rtp_ports` {first}-{last}; move one of them",
                    media.webrtc_port
                ),
            );
        }
        section.finish();
    }

    fn store(&self, store: &mut Store) {
        let section = self.section("store");
        set(
            &mut store.database,
            section.parsed("database", database).map(value),
        );
        set(&mut store.files, section.parsed("files", files).map(value));
        section.finish();
    }

    fn rest(&self, config: &mut Config) {
        let metrics = self.section("metrics");
        set(
            &mut config.metrics,
            metrics.parsed_or_empty("listen", socket).map(value),
        );
        metrics.finish();
        let log = self.section("log");
        let levels = ["error", "warn", "info", "debug", "trace"].map(|level| (level, level));
        set(
            &mut config.log.level,
            log.choice("level", &levels)
                .map(|level| level.value.to_owned()),
        );
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        set(
            &mut config.log.format,
            log.choice("format", &formats).map(value),
        );
        log.finish();
    }

    /// Variables of sections that do not exist.
    fn unknown_sections(&self) {
        for read in self.over {
            let section = read.section();
            if !section.is_empty() && !SECTIONS.contains(&section) {
                let remedy = match nearest(section, SECTIONS.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known: {}", SECTIONS.join(", ")),
                };
                self.report.add(
                    Place::Environment(read.name().to_owned()),
                    format!("there is no section `{section}`; {remedy}"),
                );
            }
        }
    }
}

fn overlay<'d>(over: &'d [Read<'d>], section: &str) -> Vec<crate::document::Overlaid<'d>> {
    over.iter()
        .filter(|read| read.section() == section)
        .map(Read::overlaid)
        .collect()
}

fn set<T>(target: &mut T, found: Option<T>) {
    if let Some(found) = found {
        *target = found;
    }
}

fn value<T>(found: Found<T>) -> T {
    found.value
}

fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("is {text:?}; it must be an address and a port, such as \"0.0.0.0:5060\" or \"[::]:5060\"")
    })
}

fn address(text: &str) -> Result<Address, String> {
    match text {
        "auto" => Ok(Address::Auto),
        other => other.parse().map(Address::Fixed).map_err(|_| {
            format!("is {text:?}; it must be \"auto\" or an address such as \"203.0.113.7\"")
        }),
    }
}

fn ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let wrong = || format!("is {text:?}; it must be a range such as \"10002-19999\"");
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let port = |text: &str| text.trim().parse::<u16>().map_err(|_| wrong());
    let (first, last) = (port(first)?, port(last)?);
    if first < 1024 {
        return Err(format!(
            "is {text:?}; ports below 1024 belong to the system"
        ));
    }
    if first.is_multiple_of(2) && last > first {
        Ok(first..=last)
    } else if last <= first {
        Err(format!("is {text:?}; its end must be above its begin"))
    } else {
        Err(format!(
            "is {text:?}; it must begin with an even port, as RTP does (RFC 3550 §11)"
        ))
    }
}

fn database(text: &str) -> Result<PathBuf, String> {
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Err(String::from(
            "names PostgreSQL, which this version does not speak; use \"sqlite:bellwire.db\"",
        ));
    }
    path_of(text, "sqlite:", "\"sqlite:bellwire.db\"")
}

fn files(text: &str) -> Result<PathBuf, String> {
    path_of(text, "file:", "\"file:files\"")
}

fn path_of(text: &str, scheme: &str, example: &str) -> Result<PathBuf, String> {
    match text.strip_prefix(scheme) {
        Some(path) if !path.is_empty() && !path.contains('\0') => Ok(PathBuf::from(path)),
        _ => Err(format!("is {text:?}; it must be such as {example}")),
    }
}

/// Checks that a PEM file can be read and holds what it must (RFC 7468).
fn pem(file: &str, label: &str) -> Result<PathBuf, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("names {file}, which cannot be read: {error}"))?;
    let holds = text.lines().any(|line| {
        line.starts_with("-----BEGIN ") && line.trim_end().ends_with(&format!("{label}-----"))
    });
    if holds {
        Ok(PathBuf::from(file))
    } else {
        Err(format!(
            "names {file}, in which no PEM block `-----BEGIN {label}-----` is; name a PEM file"
        ))
    }
}

const SECTIONS: [&str; 7] = ["sip", "web", "tls", "media", "store", "metrics", "log"];
const WORKERS_MAX: u32 = 256;
