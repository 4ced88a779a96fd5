//! A registered phone.

use model::{Number, Wall};
use sip::{Flow, Transport};
use std::fmt::Write as _;
use std::net::SocketAddr;

/// A registered phone: where an extension can be reached until when (RFC 3261 §10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Whose phone it is.
    pub extension: Number,
    /// Where it wants calls to go: the Request-URI of requests to it.
    pub contact: String,
    /// Which way requests to it travel.
    pub flow: Flow,
    /// Proxies to go through, the first first (RFC 3327).
    pub path: Vec<String>,
    /// What tells the device from all others: its `+sip.instance` (RFC 5626 §4.1).
    pub instance: Option<String>,
    /// Which of the device's flows it is, where it has several (RFC 5626 §4.2).
    pub reg_id: Option<u32>,
    /// How much it is preferred over others, in thousandths (RFC 3261 §20.10).
    pub q: u16,
    /// Whether an address translator stands between.
    pub nat: Nat,
    /// The Call-ID of its registration.
    pub call_id: String,
    /// The CSeq of its last registration.
    pub cseq: u32,
    /// What it calls itself.
    pub user_agent: String,
    /// When the registration ends, in civil time: it outlives restarts.
    pub expires: Wall,
}

/// Whether an address translator stands between a phone and us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nat {
    /// None is seen.
    Direct,
    /// The phone's own idea of its address differs from where its requests come from.
    Behind,
}

impl Binding {
    /// What tells it from the extension's other phones: the device and its flow where it says which,
    /// otherwise its contact.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.instance, self.reg_id) {
            (Some(instance), Some(flow)) => format!("{instance};reg-id={flow}"),
            (Some(instance), None) => instance.clone(),
            (None, _) => self.contact.clone(),
        }
    }

    /// Whether both have the same [`Self::key`].
    pub(crate) fn has_key_of(&self, other: &Self) -> bool {
        match (&self.instance, &other.instance) {
            (Some(one), Some(two)) => (one, self.reg_id) == (two, other.reg_id),
            (None, None) => self.contact == other.contact,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Everything but extension, key and expiry, as text to store: one `name value` a line.
    #[must_use]
    pub fn body(&self) -> String {
        let mut body = String::new();
        let mut line = |name: &str, value: &dyn std::fmt::Display| {
            // Writing to a String cannot fail.
            let _ = writeln!(body, "{name} {value}");
        };
        line("contact", &self.contact);
        line("transport", &self.flow.transport.name());
        line("local", &self.flow.local);
        line("remote", &self.flow.remote);
        for path in &self.path {
            line("path", path);
        }
        if let Some(instance) = &self.instance {
            line("instance", instance);
        }
        if let Some(reg_id) = &self.reg_id {
            line("reg-id", reg_id);
        }
        line("q", &self.q);
        if self.nat == Nat::Behind {
            line("nat", &"behind");
        }
        line("call-id", &self.call_id);
        line("cseq", &self.cseq);
        line("user-agent", &self.user_agent);
        body
    }

    /// Reads what [`Self::body`] wrote; `None` when it is damaged. A stream's connection is gone.
    #[must_use]
    pub fn read(extension: Number, expires: Wall, body: &str) -> Option<Self> {
        let all = |name: &'static str| {
            body.lines()
                .filter_map(move |line| line.strip_prefix(name)?.strip_prefix(' '))
        };
        let one = |name| all(name).next();
        Some(Self {
            extension,
            contact: one("contact")?.to_owned(),
            flow: Flow {
                transport: Transport::parse(one("transport")?)?,
                local: one("local")?.parse::<SocketAddr>().ok()?,
                remote: one("remote")?.parse::<SocketAddr>().ok()?,
                connection: None,
            },
            path: all("path").map(str::to_owned).collect(),
            instance: one("instance").map(str::to_owned),
            reg_id: one("reg-id").and_then(|id| id.parse().ok()),
            q: one("q")?.parse().ok()?,
            nat: match one("nat") {
                Some("behind") => Nat::Behind,
                Some(_) | None => Nat::Direct,
            },
            call_id: one("call-id")?.to_owned(),
            cseq: one("cseq")?.parse().ok()?,
            user_agent: one("user-agent").unwrap_or_default().to_owned(),
            expires,
        })
    }
}
