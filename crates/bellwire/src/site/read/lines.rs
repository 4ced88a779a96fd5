//! `[[trunk]]`, `[[outbound_route]]` and `[[inbound_route]]`.

use super::groups::{hours, values};
use super::refer::Refers;
use super::{DTMF, Reader, filled, plain};
use crate::document::{Fields, Found, Names, Place};
use model::{
    Destination, InboundRoute, Number, OutboundRoute, Password, TlsTrust, Trunk, TrunkHealth,
    TrunkKind, TrunkMedia, TrunkTransport,
};
use std::num::NonZeroU32;
use std::sync::Arc;

impl<'r> Reader<'r> {
    pub(super) fn trunks(&mut self, root: &Fields<'r>) {
        let trunks = self.named(root, "trunk", |reader, fields| {
            let name = fields.required("name", fields.parsed("name", filled));
            let trunk = reader.trunk(fields, name.as_ref().map_or("", |name| &name.value));
            let name = name?;
            Some((name.value.clone(), name, trunk?))
        });
        if let Some(trunks) = trunks {
            self.directory.trunks = trunks;
        }
    }

    fn trunk(&self, fields: &Fields<'r>, name: &str) -> Option<Trunk> {
        let known = self.base.directory.trunks.get(name);
        let text = |key| {
            let found = fields.parsed(key, plain);
            found.map(|found| found.value).unwrap_or_default()
        };
        let kinds = [("peer", TrunkKind::Peer), ("register", TrunkKind::Register)];
        let kind = fields.choice("kind", &kinds);
        let host = fields.required("host", fields.parsed("host", host));
        let transports = [
            ("udp", TrunkTransport::Udp),
            ("tcp", TrunkTransport::Tcp),
            ("tls", TrunkTransport::Tls),
            ("auto", TrunkTransport::Auto),
        ];
        let transport = fields.choice("transport", &transports);
        let transport = transport.map_or(TrunkTransport::Udp, |transport| transport.value);
        let default_port = transport.default_port();
        let port = fields.whole("port", 1..=65_535);
        let username = text("username");
        let password = fields
            .secret("password", self.from)
            .map(|found| Password(found.value));
        let password = password.or_else(|| known.map(|known| known.password.clone()));
        let kind = kind.map_or(TrunkKind::Peer, |kind| kind.value);
        if kind == TrunkKind::Register && username.is_empty() {
            fields.problem("a trunk that registers needs `trunk.username`; add it");
        }
        let from_domain = text("from_domain");
        let numbers = fields.numbers("numbers").unwrap_or_default();
        let max_calls = fields.whole("max_calls", 0..=CALLS_MAX);
        let carried = [("rtp", TrunkMedia::Rtp), ("srtp", TrunkMedia::Srtp)];
        let media = fields.choice("media", &carried);
        let t38 = fields.flag("t38");
        let codecs = self.codecs(fields);
        let dtmf = fields.choice("dtmf", &DTMF).map(|found| found.value);
        let authenticate_inbound = fields.flag("authenticate_inbound").unwrap_or(false);
        if authenticate_inbound && username.is_empty() {
            fields.problem("who calls in can only prove `trunk.username`; add it");
        }
        let watched = [
            ("options", TrunkHealth::Options),
            ("none", TrunkHealth::None),
        ];
        let health = fields.choice("health", &watched).map(|found| found.value);
        let tls_trust = fields.parsed("tls_trust", tls_trust);
        Some(Trunk {
            name: name.to_owned(),
            kind,
            host: host?.value,
            port: port.map_or(default_port, |port| {
                u16::try_from(port.value).unwrap_or(default_port)
            }),
            transport,
            username,
            password: password.unwrap_or_default(),
            from_domain,
            numbers: numbers.into_iter().map(|number| number.value).collect(),
            max_calls: max_calls.and_then(|most| NonZeroU32::new(most.value)),
            media: media.map_or(TrunkMedia::Rtp, |media| media.value),
            t38: t38.unwrap_or(true),
            codecs: codecs.unwrap_or_default(),
            dtmf: dtmf.unwrap_or_default(),
            authenticate_inbound,
            health: health.unwrap_or_default(),
            tls_trust: tls_trust.map(|found| found.value).unwrap_or_default(),
        })
    }

    pub(super) fn outbound_routes(&mut self, root: &Fields<'r>) {
        let Some(tables) = root.tables("outbound_route") else {
            return;
        };
        let mut names = Names::default();
        let mut routes = Vec::with_capacity(tables.len());
        for fields in tables {
            let name = fields.required("name", fields.parsed("name", filled));
            let route = self.outbound_route(&fields, name.as_ref());
            if let Some(Found {
                value,
                place: Place::At(at),
            }) = &name
            {
                names.take("outbound_route", value, *at, self.report);
            }
            routes.extend(route.map(Arc::new));
            fields.finish();
        }
        self.directory.outbound_routes = routes;
    }

    fn outbound_route(
        &mut self,
        fields: &Fields<'r>,
        name: Option<&Found<String>>,
    ) -> Option<OutboundRoute> {
        let prefix = fields.parsed("prefix", keys);
        let strip = fields.whole("strip", 0..=32);
        let prepend = fields.parsed("prepend", keys);
        let pattern = fields.parsed("pattern", pattern);
        let trunks = fields.required("trunks", fields.texts("trunks"));
        let emergency = fields.flag("emergency");
        let open = fields.parsed_list("open", hours);
        let max_minutes = fields.whole("max_minutes", 0..=MINUTES_MAX);
        if trunks.as_ref().is_some_and(Vec::is_empty) {
            fields.problem("`outbound_route.trunks` is empty; name at least one trunk");
        }
        for trunk in trunks.iter().flatten() {
            self.refer(Refers::Trunk, trunk);
        }
        let text =
            |found: Option<Found<String>>| found.map(|found| found.value).unwrap_or_default();
        Some(OutboundRoute {
            name: name?.value.clone(),
            prefix: text(prefix),
            strip: strip.map_or(0, |strip| u8::try_from(strip.value).unwrap_or(0)),
            prepend: text(prepend),
            pattern: text(pattern),
            trunks: trunks?.into_iter().map(|trunk| trunk.value).collect(),
            emergency: emergency.unwrap_or(false),
            open: values(open),
            max_minutes: max_minutes.and_then(|most| NonZeroU32::new(most.value)),
        })
    }

    pub(super) fn inbound_routes(&mut self, root: &Fields<'r>) {
        let Some(tables) = root.tables("inbound_route") else {
            return;
        };
        let mut routes = Vec::with_capacity(tables.len());
        for fields in tables {
            let route = self.inbound_route(&fields);
            routes.extend(route.map(Arc::new));
            fields.finish();
        }
        self.directory.inbound_routes = routes;
    }

    fn inbound_route(&mut self, fields: &Fields<'r>) -> Option<InboundRoute> {
        let trunk = fields.required("trunk", fields.parsed("trunk", filled));
        let number = fields.number_or_empty("number");
        let caller = fields.parsed("caller", keys);
        let to = fields.required("to", fields.parsed("to", destination));
        if let Some(trunk) = &trunk {
            self.refer(Refers::Trunk, trunk);
        }
        if let Some(to) = &to {
            match to.value {
                Destination::Number(number) => {
                    self.refer(Refers::Inside, &to.clone().map(|_| number))
                }
                Destination::Fax(number) => {
                    self.refer(Refers::Extension, &to.clone().map(|_| number));
                }
            }
        }
        Some(InboundRoute {
            trunk: trunk?.value,
            number: number.and_then(|number| number.value),
            caller: caller.map(|caller| caller.value).unwrap_or_default(),
            to: to?.value,
        })
    }
}

/// Reads the name or address of another server.
fn host(text: &str) -> Result<String, String> {
    let text = filled(text)?;
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    let is_name = text
        .bytes()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'.' | b'_'));
    if is_address || is_name {
        Ok(text)
    } else {
        Err(format!(
            "is {text:?}; it must be a name or an address without port, such as \"192.0.2.10\""
        ))
    }
}

/// Reads whose certificates are believed.
fn tls_trust(text: &str) -> Result<TlsTrust, String> {
    match text {
        "system" => Ok(TlsTrust::System),
        "anyone" => Ok(TlsTrust::Anyone),
        path if path.starts_with('/') => Ok(TlsTrust::File(path.to_owned())),
        other => Err(format!(
            "is {other:?}; it must be \"system\", \"anyone\" or the path of a PEM file, such as \"/etc/bellwire/carrier.pem\""
        )),
    }
}

/// Reads keys of a telephone, or nothing.
fn keys(text: &str) -> Result<String, String> {
    match text {
        "" => Ok(String::new()),
        text => crate::document::dialled(text).map(|number| number.to_string()),
    }
}

/// Reads a pattern of a dialled number, or nothing.
fn pattern(text: &str) -> Result<String, String> {
    let (places, _) = text
        .strip_suffix('.')
        .map_or((text, false), |places| (places, true));
    let is_one = text.len() <= Number::LENGTH_MAX
        && places.bytes().all(|place| {
            place.is_ascii_digit() || matches!(place, b'X' | b'Z' | b'N' | b'*' | b'#' | b'+')
        });
    if is_one {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "is {text:?}; it has digits, X (any digit), Z (1-9), N (2-9), and at its end . (anything more)"
        ))
    }
}

fn destination(text: &str) -> Result<Destination, String> {
    match text.strip_prefix("fax:") {
        Some(number) => crate::document::dialled(number).map(Destination::Fax),
        None => crate::document::dialled(text).map(Destination::Number),
    }
}

const CALLS_MAX: u32 = 100_000;
/// A day.
const MINUTES_MAX: u32 = 1_440;
