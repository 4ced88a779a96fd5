//! Finds SIP servers by name (RFC 3263 §4).

use super::random;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};
use model::TrunkTransport;
use sip::Transport;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// The Domain Name System.
#[derive(Clone)]
pub(super) struct Dns {
    resolver: Option<TokioResolver>,
}

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Servers {
    /// Its addresses, to be tried in this order.
    pub(super) places: Vec<(Transport, SocketAddr)>,
    /// How long that holds.
    pub(super) valid_for: Duration,
}

/// One SRV record.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    priority: u16,
    weight: u16,
    port: u16,
    host: String,
}

/// Records, and until when they hold.
struct Answer<T> {
    items: Vec<T>,
    until: Instant,
}

impl Dns {
    /// Asks these name servers; with none, those of `/etc/resolv.conf`. Must be called within a runtime.
    pub(super) fn start(servers: &[SocketAddr]) -> Self {
        let servers = if servers.is_empty() {
            let text = std::fs::read_to_string(RESOLV_CONF).unwrap_or_default();
            system_servers(&text)
        } else {
            servers.to_vec()
        };
        let servers = servers.into_iter().map(|server| {
            let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
            for connection in &mut connections {
                connection.port = server.port();
            }
            NameServerConfig::new(server.ip(), true, connections)
        });
        let config = ResolverConfig::from_name_servers(servers.collect());
        let provider = TokioRuntimeProvider::default();
        let mut builder = Resolver::builder_with_config(config, provider);
        let options = builder.options_mut();
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        options.timeout = ANSWER_WITHIN;
        let resolver = builder.build().inspect_err(|error| {
            tracing::error!(%error, "no names can be looked up");
        });
        Self {
            resolver: resolver.ok(),
        }
    }

    /// Where the SIP service of a host is; `None` when there is none, or nobody says.
    pub(super) async fn servers(
        &self,
        host: &str,
        port: Option<u16>,
        transport: TrunkTransport,
    ) -> Option<Servers> {
        let fixed = fixed(transport);
        if let Some(port) = port {
            // A port means that SRV does not count (RFC 3263 §4.2).
            return self
                .at_host(fixed.unwrap_or(Transport::Udp), host, port)
                .await;
        }
        let services = match fixed {
            Some(transport) => vec![(transport, service(transport, host))],
            None => self.services(host).await,
        };
        for (transport, name) in services {
            if let Some(targets) = self.targets(&name).await {
                return self.at_targets(transport, targets).await;
            }
        }
        let transport = fixed.unwrap_or(Transport::Udp);
        self.at_host(transport, host, transport.default_port())
            .await
    }

    /// The services of a host by NAPTR, the preferred first; without such records, all that we speak
    /// (RFC 3263 §4.1).
    async fn services(&self, host: &str) -> Vec<(Transport, String)> {
        let records = self.records(host, RecordType::NAPTR, |data| match data {
            RData::NAPTR(naptr) => {
                let services = String::from_utf8_lossy(&naptr.services).to_ascii_uppercase();
                let transport = match services.as_str() {
                    "SIP+D2U" => Transport::Udp,
                    "SIP+D2T" => Transport::Tcp,
                    "SIPS+D2T" => Transport::Tls,
                    _ => return None,
                };
                let leads_to_srv = naptr.flags.eq_ignore_ascii_case(b"s");
                let name = naptr.replacement.to_utf8();
                leads_to_srv.then_some(((naptr.order, naptr.preference), transport, name))
            }
            _ => None,
        });
        let mut found = records.await.map(|answer| answer.items).unwrap_or_default();
        found.sort_by_key(|(order, ..)| *order);
        if found.is_empty() {
            let spoken = [Transport::Udp, Transport::Tcp, Transport::Tls];
            return spoken
                .map(|transport| (transport, service(transport, host)))
                .into();
        }
        let found = found.into_iter();
        found
            .map(|(_, transport, name)| (transport, name))
            .collect()
    }

    /// The servers of a service by SRV; `None` when there are no such records.
    async fn targets(&self, service: &str) -> Option<Answer<Target>> {
        self.records(service, RecordType::SRV, |data| match data {
            RData::SRV(srv) => Some(Target {
                priority: srv.priority,
                weight: srv.weight,
                port: srv.port,
                host: srv.target.to_utf8(),
            }),
            _ => None,
        })
        .await
    }

    /// The addresses of servers, in the order of RFC 2782.
    async fn at_targets(&self, transport: Transport, targets: Answer<Target>) -> Option<Servers> {
        let mut places = Vec::new();
        let mut until = targets.until;
        let chance = || random().map(u32::from_ne_bytes).unwrap_or_default();
        for target in ordered(targets.items, chance) {
            // The root says that the service is decidedly not there.
            if target.host == "." {
                continue;
            }
            let Some(addresses) = self.addresses(&target.host).await else {
                continue;
            };
            until = until.min(addresses.until);
            let at = |ip| (transport, SocketAddr::new(ip, target.port));
            places.extend(addresses.items.into_iter().map(at));
        }
        servers(places, until)
    }

    async fn at_host(&self, transport: Transport, host: &str, port: u16) -> Option<Servers> {
        let addresses = self.addresses(host).await?;
        let at = |ip| (transport, SocketAddr::new(ip, port));
        servers(
            addresses.items.into_iter().map(at).collect(),
            addresses.until,
        )
    }

    /// A and AAAA, or what the hosts file says.
    async fn addresses(&self, host: &str) -> Option<Answer<IpAddr>> {
        let found = self.resolver.as_ref()?.lookup_ip(host).await;
        let found = found
            .inspect_err(|error| tracing::debug!(%error, host, "no address"))
            .ok()?;
        let mut items: Vec<IpAddr> = found.iter().take(RECORDS_MAX).collect();
        items.sort_by_key(IpAddr::is_ipv6);
        Some(Answer {
            items,
            until: found.as_lookup().valid_until(),
        })
    }

    async fn records<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Option<Answer<T>> {
        let found = self.resolver.as_ref()?.lookup(absolute(name), kind).await;
        let found = found
            .inspect_err(|error| tracing::debug!(%error, name, %kind, "no record"))
            .ok()?;
        let records = found.answers().iter().take(RECORDS_MAX);
        let items: Vec<T> = records.filter_map(|record| read(&record.data)).collect();
        (!items.is_empty()).then(|| Answer {
            items,
            until: found.valid_until(),
        })
    }
}

fn servers(places: Vec<(Transport, SocketAddr)>, until: Instant) -> Option<Servers> {
    (!places.is_empty()).then(|| Servers {
        places,
        valid_for: until.saturating_duration_since(Instant::now()),
    })
}

/// By priority; among equals by chance, the more often the greater the weight (RFC 2782).
fn ordered(mut targets: Vec<Target>, mut chance: impl FnMut() -> u32) -> Vec<Target> {
    targets.sort_by_key(|target| (target.priority, target.weight));
    let mut ordered = Vec::with_capacity(targets.len());
    while let Some(first) = targets.first() {
        let priority = first.priority;
        let equals = targets
            .iter()
            .take_while(|target| target.priority == priority);
        let sum: u32 = equals.clone().map(|target| u32::from(target.weight)).sum();
        let mut drawn = chance() % (sum + 1);
        let chosen = equals
            .map(|target| u32::from(target.weight))
            .position(|weight| {
                let is_it = drawn <= weight;
                drawn = drawn.saturating_sub(weight);
                is_it
            });
        ordered.push(targets.remove(chosen.unwrap_or_default()));
    }
    ordered
}

/// What is spoken whatever the records say.
const fn fixed(transport: TrunkTransport) -> Option<Transport> {
    match transport {
        TrunkTransport::Udp => Some(Transport::Udp),
        TrunkTransport::Tcp => Some(Transport::Tcp),
        TrunkTransport::Tls => Some(Transport::Tls),
        TrunkTransport::Auto => None,
    }
}

/// The name under which SRV records stand (RFC 3263 §4.2).
fn service(transport: Transport, host: &str) -> String {
    let prefix = match transport {
        Transport::Udp | Transport::Ws | Transport::Wss => "_sip._udp",
        Transport::Tcp => "_sip._tcp",
        Transport::Tls => "_sips._tcp",
    };
    format!("{prefix}.{host}")
}

/// A name that is not looked for in search domains.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

/// The name servers of a `resolv.conf`.
fn system_servers(text: &str) -> Vec<SocketAddr> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let keyword = words.next()?;
        let address: IpAddr = words.next()?.parse().ok()?;
        (keyword == "nameserver").then(|| SocketAddr::new(address, DNS_PORT))
    });
    lines.take(SERVERS_MAX).collect()
}

const RESOLV_CONF: &str = "/etc/resolv.conf";
const DNS_PORT: u16 = 53;
/// Name servers that are asked.
const SERVERS_MAX: usize = 3;
/// Records of one name that are looked at.
const RECORDS_MAX: usize = 16;
/// How long a name server may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests;
