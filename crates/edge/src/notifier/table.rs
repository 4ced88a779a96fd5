//! All subscriptions, and how they are found.

use super::package::Package;
use super::subscription::{Subscription, SubscriptionId, Telling};
use crate::refusal::Refusal;
use model::{Number, Time};
use sip::Flow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// All subscriptions.
///
/// **Invariant:** each stands exactly once in every index that it belongs to, and nothing else stands there.
#[derive(Debug, Default)]
pub(super) struct Table {
    subscriptions: BTreeMap<SubscriptionId, Subscription>,
    /// By our tag of the dialog.
    tags: BTreeMap<String, SubscriptionId>,
    /// By what is watched.
    targets: BTreeSet<(Number, Package, SubscriptionId)>,
    /// By the way that notifications go.
    flows: BTreeSet<(Flow, SubscriptionId)>,
    /// Those that are to be told something, by when.
    due: BTreeSet<(Time, SubscriptionId)>,
    /// By when they end.
    ends: BTreeSet<(Time, SubscriptionId)>,
    /// How many each extension has.
    watchers: BTreeMap<Number, usize>,
    /// How many were made from each address.
    sources: BTreeMap<IpAddr, usize>,
    last_id: u64,
}

impl Table {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.subscriptions.len()
    }

    /// Whether one more is possible, for an extension from an address.
    pub(super) fn has_room(&self, watcher: &Number, source: &IpAddr) -> Result<(), Refusal> {
        let of_watcher = self.watchers.get(watcher).copied().unwrap_or_default();
        let of_source = self.sources.get(source).copied().unwrap_or_default();
        let full = self.len() >= TOTAL_MAX
            || of_watcher >= OF_EXTENSION_MAX
            || of_source >= OF_ADDRESS_MAX;
        if full { Err(Refusal::later()) } else { Ok(()) }
    }

    /// Adds one.
    pub(super) fn insert(&mut self, subscription: Subscription) -> SubscriptionId {
        self.last_id += 1;
        let id = SubscriptionId(self.last_id);
        let it = &subscription;
        self.tags.insert(it.dialog.local_tag.clone(), id);
        self.targets.insert((it.target, it.package, id));
        self.flows.insert((it.flow, id));
        self.ends.insert((it.ends, id));
        if let Telling::Due(at) = it.telling {
            self.due.insert((at, id));
        }
        *self.watchers.entry(it.watcher).or_default() += 1;
        *self.sources.entry(it.source).or_default() += 1;
        self.subscriptions.insert(id, subscription);
        id
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, id: SubscriptionId) -> Option<Subscription> {
        let it = self.subscriptions.remove(&id)?;
        self.tags.remove(&it.dialog.local_tag);
        self.targets.remove(&(it.target, it.package, id));
        self.flows.remove(&(it.flow, id));
        self.ends.remove(&(it.ends, id));
        if let Telling::Due(at) = it.telling {
            self.due.remove(&(at, id));
        }
        uncount(&mut self.watchers, &it.watcher);
        uncount(&mut self.sources, &it.source);
        Some(it)
    }

    /// Changes one, whatever of it.
    pub(super) fn change<R>(
        &mut self,
        id: SubscriptionId,
        change: impl FnOnce(&mut Subscription) -> R,
    ) -> Option<R> {
        let it = self.subscriptions.get_mut(&id)?;
        let (flow, ends, telling) = (it.flow, it.ends, it.telling);
        let result = change(it);
        if it.flow != flow {
            self.flows.remove(&(flow, id));
            self.flows.insert((it.flow, id));
        }
        if it.ends != ends {
            self.ends.remove(&(ends, id));
            self.ends.insert((it.ends, id));
        }
        if it.telling != telling {
            if let Telling::Due(at) = telling {
                self.due.remove(&(at, id));
            }
            if let Telling::Due(at) = it.telling {
                self.due.insert((at, id));
            }
        }
        Some(result)
    }

    /// One of them.
    pub(super) fn get(&self, id: SubscriptionId) -> Option<&Subscription> {
        self.subscriptions.get(&id)
    }

    /// The one in whose dialog our tag is this.
    pub(super) fn of_tag(&self, tag: &str) -> Option<SubscriptionId> {
        self.tags.get(tag).copied()
    }

    /// Those that watch a number.
    pub(super) fn watching(
        &self,
        target: Number,
    ) -> impl Iterator<Item = (Package, SubscriptionId)> + '_ {
        let first = (target, Package::Dialog, SubscriptionId(0));
        self.targets
            .range(first..)
            .take_while(move |(number, _, _)| *number == target)
            .map(|(_, package, id)| (*package, *id))
    }

    /// Those whose notifications go this way.
    pub(super) fn over(&self, flow: Flow) -> Vec<SubscriptionId> {
        let (first, last) = ((flow, SubscriptionId(0)), (flow, SubscriptionId(u64::MAX)));
        self.flows.range(first..=last).map(|(_, id)| *id).collect()
    }

    /// Every one.
    pub(super) fn all(&self) -> impl Iterator<Item = (SubscriptionId, &Subscription)> {
        self.subscriptions.iter().map(|(id, it)| (*id, it))
    }

    /// The first that is to be told something by `now`.
    pub(super) fn due(&self, now: Time) -> Option<SubscriptionId> {
        first_by(&self.due, now)
    }

    /// The first that has ended by `now`.
    pub(super) fn ended(&self, now: Time) -> Option<SubscriptionId> {
        first_by(&self.ends, now)
    }

    /// When the first is to be told something.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.due.first().map(|(at, _)| *at)
    }

    /// When the first ends.
    pub(super) fn next_end(&self) -> Option<Time> {
        self.ends.first().map(|(at, _)| *at)
    }
}

fn first_by(times: &BTreeSet<(Time, SubscriptionId)>, now: Time) -> Option<SubscriptionId> {
    times
        .first()
        .filter(|(at, _)| *at <= now)
        .map(|(_, id)| *id)
}

fn uncount<K: Ord>(counts: &mut BTreeMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// All subscriptions together: about 30 MiB.
const TOTAL_MAX: usize = 20_000;
/// Those of one extension: five phones with a hundred keys each.
const OF_EXTENSION_MAX: usize = 500;
/// Those from one address, behind which there may be a whole office.
const OF_ADDRESS_MAX: usize = 12_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifier::subscription::Begin;
    use sip::dialog::{Dialog, Security, Stage};
    use sip::{Flow, Transport};
    use std::net::{Ipv4Addr, SocketAddr};

    fn subscription(nth: usize, watcher: usize, address: usize) -> Subscription {
        let ip = IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(address).unwrap()));
        Subscription::begin(Begin {
            watcher: number(watcher),
            target: number(nth % 100),
            package: Package::Dialog,
            id: None,
            host: String::new(),
            dialog: Dialog {
                call_id: String::new(),
                local: String::new(),
                local_tag: nth.to_string(),
                remote: String::new(),
                remote_tag: String::new(),
                local_cseq: 0,
                remote_cseq: None,
                remote_target: String::new(),
                route_set: Vec::new(),
                security: Security::Plain,
                stage: Stage::Confirmed,
            },
            flow: Flow {
                transport: Transport::Udp,
                local: SocketAddr::from(([192, 0, 2, 1], 5060)),
                remote: SocketAddr::new(ip, 5060),
                connection: None,
            },
            source: ip,
            ends: Time(u64::try_from(nth).unwrap()),
        })
    }

    fn number(n: usize) -> Number {
        Number::parse(&n.to_string()).unwrap()
    }

    /// SI-09
    #[test]
    fn extension_address_and_server_have_their_limits_and_what_ends_makes_room() {
        let mut table = Table::default();
        let address = |n: usize| IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(n).unwrap()));
        let has_room = |table: &Table, watcher: usize, from: usize| {
            table.has_room(&number(watcher), &address(from)).is_ok()
        };
        let mut ids = Vec::new();
        for nth in 0..OF_ADDRESS_MAX {
            ids.push(table.insert(subscription(nth, nth / OF_EXTENSION_MAX, 1)));
        }
        assert!(!has_room(&table, 0, 2) && !has_room(&table, 999, 1));
        assert!(has_room(&table, 999, 2));
        for nth in OF_ADDRESS_MAX..TOTAL_MAX {
            ids.push(table.insert(subscription(nth, nth / OF_EXTENSION_MAX, 2)));
        }
        assert_eq!(table.len(), TOTAL_MAX);
        assert!(!has_room(&table, 999, 3));
        for id in ids {
            assert!(table.remove(id).is_some());
            assert!(has_room(&table, 0, 3));
        }
        let Table {
            subscriptions,
            tags,
            targets,
            flows,
            due,
            ends,
            watchers,
            sources,
            last_id: _,
        } = table;
        assert!(subscriptions.is_empty() && tags.is_empty() && targets.is_empty());
        assert!(flows.is_empty() && due.is_empty() && ends.is_empty());
        assert!(watchers.is_empty() && sources.is_empty());
    }
}
