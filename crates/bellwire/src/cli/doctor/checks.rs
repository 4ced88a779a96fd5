//! The checks.

use super::super::Place;
use super::super::client::Client;
use super::Finding;
use super::certificate::expires;
use crate::config::{Address, Config, Tls};
use anyhow::Result;
use model::Site;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{DataFolder, Store};

/// Every check, in the order in which things must work.
pub(super) fn all(place: &Place) -> Result<Vec<Finding>> {
    let config = match place.config() {
        Ok(config) => config,
        Err(error) => {
            let lines = error.to_string();
            return Ok(lines
                .lines()
                .map(|line| Finding::fail("configuration", line))
                .collect());
        }
    };
    let runs = Client::find(&place.data)?.is_some();
    let mut findings = vec![match runs {
        true => Finding::ok("server", "runs"),
        false => Finding::ok(
            "server",
            "does not run; the ports are checked as if it were to start",
        ),
    }];
    let (database, site) = database(place, &config, runs);
    findings.push(database);
    findings.push(disk(&place.data));
    findings.push(clock());
    findings.extend(ports(&config, runs));
    findings.push(certificate(&config));
    findings.push(addresses(&config));
    findings.push(resolver());
    if let Some(site) = site {
        findings.extend(others(&site));
    }
    Ok(findings)
}

/// The database, looked at page by page when no server has it open.
fn database(place: &Place, config: &Config, runs: bool) -> (Finding, Option<Arc<Site>>) {
    const WHAT: &str = "database";
    if runs {
        return (Finding::ok(WHAT, "is in use by the server"), None);
    }
    if !place.data.join(&config.store.database).exists() {
        let message = "is not there yet; it is made at the first start";
        return (Finding::ok(WHAT, message), None);
    }
    let opened = DataFolder::take(&place.data)
        .and_then(|folder| Store::open(&folder, &config.store.database, |_| {}));
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return (Finding::fail(WHAT, error.to_string()), None),
    };
    let sound = crate::block_on(opened.store.check());
    opened.store.close();
    let finding = match sound {
        Ok(()) => Finding::ok(WHAT, "is sound"),
        Err(error) => Finding::fail(
            WHAT,
            format!("{error}; put a backup back with `bellwire restore FILE --force`"),
        ),
    };
    (finding, Some(opened.site))
}

fn disk(data: &Path) -> Finding {
    const WHAT: &str = "disk";
    let folder = if data.exists() { data } else { Path::new(".") };
    let Ok(disk) = rustix::fs::statvfs(folder) else {
        let message = format!("{} cannot be read; is it this user's?", folder.display());
        return Finding::fail(WHAT, message);
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) / MEBIBYTE;
    let message = format!("{free} MiB are free for {}", data.display());
    match free {
        0..DISK_FAIL_MIB => Finding::fail(WHAT, format!("only {message}; free some")),
        DISK_FAIL_MIB..DISK_WARN_MIB => Finding::warn(
            WHAT,
            format!("only {message}; recordings will fill it soon"),
        ),
        _ => Finding::ok(WHAT, message),
    }
}

fn clock() -> Finding {
    const WHAT: &str = "clock";
    let now = jiff::Timestamp::now();
    let said = now.strftime("%Y-%m-%d %H:%M:%S UTC");
    let built = format!("{}T00:00:00Z", env!("BELLWIRE_BUILT"));
    let built: Option<jiff::Timestamp> = built.parse().ok();
    if built.is_some_and(|built| now < built) {
        let message = format!("says {said}, before this program was built; set it");
        return Finding::fail(WHAT, message);
    }
    if SYNCHRONIZED.iter().any(|file| Path::new(file).exists()) {
        return Finding::ok(WHAT, format!("says {said} and is kept right by NTP"));
    }
    Finding::warn(
        WHAT,
        format!("says {said}; nothing seems to keep it right: install chrony or systemd-timesyncd"),
    )
}

fn ports(config: &Config, runs: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let udp = config.sip.udp.iter().map(|at| ("sip.udp", *at, true));
    let tcp = config.sip.tcp.iter().map(|at| ("sip.tcp", *at, false));
    let tls = config.sip.tls.iter().map(|at| ("sip.tls", *at, false));
    let https = config.web.https.map(|at| ("web.https", at, false));
    let http = config.web.http.map(|at| ("web.http", at, false));
    let metrics = config.metrics.map(|at| ("metrics.listen", at, false));
    let any = |port| SocketAddr::from(([0, 0, 0, 0], port));
    let browsers = ("media.webrtc_port", any(config.media.webrtc_port), true);
    let (first, last) = (
        *config.media.rtp_ports.start(),
        *config.media.rtp_ports.end(),
    );
    let rtp = [first, last].map(|port| ("media.rtp_ports", any(port), true));
    for (key, at, datagrams) in udp
        .chain(tcp)
        .chain(tls)
        .chain(https)
        .chain(http)
        .chain(metrics)
        .chain([browsers])
        .chain(rtp)
    {
        findings.push(port(key, at, datagrams, runs));
    }
    findings
}

fn port(key: &str, at: SocketAddr, datagrams: bool, runs: bool) -> Finding {
    let bound = match datagrams {
        true => UdpSocket::bind(at).map(drop),
        false => TcpListener::bind(at).map(drop),
    };
    let what = format!("port {at}/{}", if datagrams { "udp" } else { "tcp" });
    match bound {
        Ok(()) if runs && key != "media.rtp_ports" && key != "media.webrtc_port" => Finding::warn(
            what,
            format!("is free although the server runs; was `{key}` changed since it started?"),
        ),
        Ok(()) => Finding::ok(what, format!("is free for {key}")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && runs => {
            Finding::ok(what, format!("is used by the server for {key}"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => Finding::fail(
            what,
            format!("is used by another program; stop that, or set another port as {key}"),
        ),
        Err(error) => Finding::fail(what, format!("cannot be used: {error}; change {key}")),
    }
}

fn certificate(config: &Config) -> Finding {
    const WHAT: &str = "certificate";
    let Tls::Files { certificate, .. } = &config.tls else {
        return Finding::warn(
            WHAT,
            "is self-signed: browsers and phones warn; name one with tls.certificate and tls.key",
        );
    };
    let file = certificate.display();
    let Ok(pem) = std::fs::read_to_string(certificate) else {
        return Finding::fail(
            WHAT,
            format!("{file} cannot be read; name another as tls.certificate"),
        );
    };
    let Some(expires) = expires(&pem) else {
        return Finding::fail(
            WHAT,
            format!("{file} is not understood; name a PEM file as tls.certificate"),
        );
    };
    let day = expires.strftime("%Y-%m-%d");
    let days = expires.duration_since(jiff::Timestamp::now()).as_hours() / 24;
    match days {
        ..0 => Finding::fail(WHAT, format!("{file} ended on {day}; renew it")),
        0..14 => Finding::warn(WHAT, format!("{file} ends on {day}; renew it")),
        _ => Finding::ok(WHAT, format!("{file} is good until {day}")),
    }
}

/// What others are told about where this server is.
fn addresses(config: &Config) -> Finding {
    const WHAT: &str = "address";
    if let Address::Fixed(address) = config.sip.external_address {
        return Finding::ok(WHAT, format!("phones outside are told {address}"));
    }
    match outward() {
        None => Finding::warn(
            WHAT,
            "this machine has no way to other networks; only phones on it can call",
        ),
        Some(address) if is_private(address) => Finding::warn(
            WHAT,
            format!(
                "{address} is private: phones outside hear nothing until sip.external_address is the public one"
            ),
        ),
        Some(address) => Finding::ok(WHAT, format!("{address} is public")),
    }
}

fn resolver() -> Finding {
    const WHAT: &str = "DNS";
    let file = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let servers: Vec<_> = file
        .lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"))
        .map(str::trim)
        .collect();
    match servers.as_slice() {
        [] => Finding::warn(
            WHAT,
            "no name server in /etc/resolv.conf: trunks and mail servers must be given by address",
        ),
        servers => Finding::ok(WHAT, format!("asks {}", servers.join(", "))),
    }
}

/// Machines that the site names.
fn others(site: &Site) -> Vec<Finding> {
    let mut findings = Vec::new();
    for trunk in site.directory.trunks.values() {
        let what = format!("trunk {}", trunk.name);
        findings.push(match (trunk.host.as_str(), trunk.port).to_socket_addrs() {
            Ok(mut found) => match found.next() {
                Some(at) => Finding::ok(what, format!("is at {at}")),
                None => Finding::fail(
                    what,
                    format!("{} has no address; correct its host", trunk.host),
                ),
            },
            Err(error) => Finding::fail(
                what,
                format!(
                    "{} is not found ({error}); correct its host or the DNS",
                    trunk.host
                ),
            ),
        });
    }
    let mail = &site.mail;
    if !mail.host.is_empty() {
        findings.push(match connect(&mail.host, mail.port) {
            Ok(at) => Finding::ok("mail", format!("{at} answers")),
            Err(error) => Finding::fail(
                "mail",
                format!(
                    "{}:{} does not answer ({error}); correct [smtp]",
                    mail.host, mail.port
                ),
            ),
        });
    }
    findings
}

fn connect(host: &str, port: u16) -> std::io::Result<SocketAddr> {
    let found = (host, port).to_socket_addrs()?.next();
    let at = found.ok_or_else(|| std::io::Error::new(ErrorKind::NotFound, "it has no address"))?;
    TcpStream::connect_timeout(&at, PATIENCE).map(|_| at)
}

/// The address from which this machine speaks to others. Nothing is sent.
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|at| at.ip())
}

fn is_private(address: IpAddr) -> bool {
    match address {
        // RFC 1918, RFC 6598 (carrier-grade NAT), loopback and link-local.
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

const MEBIBYTE: u64 = 1 << 20;
const DISK_FAIL_MIB: u64 = 64;
const DISK_WARN_MIB: u64 = 1_024;
const PATIENCE: Duration = Duration::from_secs(3);
/// Files that the common time services make once the clock is right.
const SYNCHRONIZED: [&str; 3] = [
    "/run/systemd/timesync/synchronized",
    "/run/chrony/chronyd.sock",
    "/run/ntpd.sock",
];
