//! Where trunks are.

use super::Signalling;
use crate::serve::dns::Servers;
use crate::serve::inbox::Event;
use crate::serve::trust::Peer;
use edge::{Found, Lookup};
use model::Now;

impl Signalling {
    /// Finds out where a trunk is: at once, or later from the DNS.
    pub(super) fn look_up(&mut self, now: Now, lookup: Lookup) {
        if let Some(found) = self.ends.literal(&lookup) {
            return self.found(now, &lookup.trunk, Some(found));
        }
        let (dns, inbox) = (self.dns.clone(), self.inbox.clone());
        self.streams.spawn(async move {
            let Lookup {
                trunk,
                host,
                port,
                transport,
            } = lookup;
            let servers = dns.servers(&host, port, transport).await;
            inbox.put(Event::Resolved(trunk, servers)).await;
        });
    }

    pub(super) fn resolved(&mut self, now: Now, trunk: &str, servers: Option<Servers>) {
        let found = servers.map(|servers| {
            let ways = servers.places.iter();
            let ways = ways.filter_map(|(transport, at)| self.ends.way(*transport, *at));
            Found {
                flows: ways.collect(),
                valid_for: servers.valid_for,
            }
        });
        self.found(now, trunk, found);
    }

    pub(super) fn found(&mut self, now: Now, trunk: &str, found: Option<Found>) {
        if let (Some(found), Some(set)) = (&found, self.site.directory.trunks.get(trunk)) {
            for flow in &found.flows {
                let peer = Peer {
                    name: set.host.clone(),
                    trust: set.tls_trust.clone(),
                };
                self.streams.expect(flow, peer);
            }
        }
        self.edge.resolved(now, trunk, found);
    }
}
