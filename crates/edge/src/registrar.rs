//! Who is registered where (RFC 3261 §10.3).

use crate::{Binding, register};
use model::{Duration, Now, Number, Reachability, Time, Wall};
use sip::{Flow, Transport};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// All registered phones.
///
/// **Invariant:** every binding stands in each index exactly once, and an extension or flow without
/// bindings stands in none.
#[derive(Debug, Default)]
pub(crate) struct Registrar {
    phones: BTreeMap<PhoneId, Phone>,
    extensions: BTreeMap<Number, Vec<PhoneId>>,
    flows: BTreeSet<(Transport, SocketAddr, PhoneId)>,
    ends: BTreeSet<(Time, PhoneId)>,
    last_id: u64,
}

/// Names a binding as long as it lives; a refresh keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PhoneId(pub(crate) u64);

/// A binding and how it stands.
#[derive(Debug)]
pub(crate) struct Phone {
    /// As registered.
    pub(crate) binding: Binding,
    /// Whether it can be rung.
    pub(crate) reachability: Reachability,
    /// When it ends, on the clock that does not jump.
    pub(crate) ends: Time,
    /// When it last registered.
    refreshed: Time,
    /// Until when the stored copy lasts.
    stored: Wall,
}

impl Phone {
    /// Whether the stored copy says the same as a refresh, and lasts as long and not much longer.
    fn is_stored(&self, refresh: &Binding, granted: Duration) -> bool {
        let lasts = refresh.expires <= self.stored && self.stored <= refresh.expires + granted;
        let Binding {
            extension,
            contact,
            flow,
            path,
            instance,
            reg_id,
            q,
            nat,
            call_id,
            cseq: _,
            user_agent,
            expires: _,
        } = refresh;
        let old = &self.binding;
        lasts
            && (*extension, contact, flow, path)
                == (old.extension, &old.contact, &old.flow, &old.path)
            && (instance, *reg_id, *q, *nat) == (&old.instance, old.reg_id, old.q, old.nat)
            && (call_id, user_agent) == (&old.call_id, &old.user_agent)
    }
}

/// What a registration changed.
#[derive(Debug, PartialEq)]
pub(crate) enum Change {
    /// A binding is new, or has changed so much that it must be stored.
    Bound(PhoneId),
    /// A binding is refreshed, and its stored copy lasts.
    Refreshed(PhoneId),
    /// A binding is gone.
    Unbound(PhoneId, Box<Binding>),
}

/// One contact of a REGISTER.
#[derive(Debug, PartialEq)]
pub(crate) enum Wanted {
    /// Call it here; the binding is complete.
    Bind(Binding),
    /// Call it here no longer.
    Unbind(Binding),
}

/// The request is older than what is known (RFC 3261 §10.3 step 7).
#[derive(Debug, PartialEq)]
pub(crate) struct OutOfOrder;

impl Registrar {
    /// Takes back what was stored before a restart; what ended meanwhile or cannot be reached any more is
    /// returned.
    pub(crate) fn restore(&mut self, now: Now, bindings: Vec<Binding>) -> Vec<Binding> {
        let mut lost = Vec::new();
        for binding in bindings {
            let left = milliseconds_until(now.wall, binding.expires);
            // A browser's connection cannot be opened from here.
            let gone = matches!(binding.flow.transport, Transport::Ws | Transport::Wss);
            if left == 0 || gone {
                lost.push(binding);
                continue;
            }
            let binding = reconnected(binding);
            let on_udp = binding.flow.transport == Transport::Udp;
            let id = self.insert(now, binding);
            if !on_udp && let Some(phone) = self.phones.get_mut(&id) {
                // Whether it takes a connection shows when it is asked.
                phone.reachability = Reachability::Unavailable;
            }
        }
        lost
    }

    /// Carries out a registration: all of it or nothing. When the extension then has more phones than
    /// `phones_max`, those that registered longest ago give way.
    pub(crate) fn register(
        &mut self,
        now: Now,
        wanted: Vec<Wanted>,
        phones_max: usize,
    ) -> Result<Vec<Change>, OutOfOrder> {
        for wanted in &wanted {
            let (Wanted::Bind(binding) | Wanted::Unbind(binding)) = wanted;
            self.check_order(binding)?;
        }
        let mut changes = Vec::new();
        for wanted in wanted {
            match wanted {
                Wanted::Bind(binding) => self.bind(now, binding, phones_max, &mut changes),
                Wanted::Unbind(binding) => {
                    if let Some(id) = self.same(&binding) {
                        changes.extend(self.remove(id));
                    }
                }
            }
        }
        Ok(changes)
    }

    /// Removes every binding of an extension (`Contact: *`).
    pub(crate) fn unregister_all(
        &mut self,
        extension: &Number,
        call_id: &str,
        cseq: u32,
    ) -> Result<Vec<Change>, OutOfOrder> {
        let known = self.extensions.get(extension).cloned().unwrap_or_default();
        let old = |id: &PhoneId| {
            self.phones
                .get(id)
                .is_some_and(|phone| is_out_of_order(&phone.binding, call_id, cseq))
        };
        if known.iter().any(old) {
            return Err(OutOfOrder);
        }
        Ok(known.into_iter().filter_map(|id| self.remove(id)).collect())
    }

    /// The phones of an extension, the preferred first, then the one that registered last.
    pub(crate) fn phones(&self, extension: &Number) -> Vec<(PhoneId, &Phone)> {
        let mut phones: Vec<_> = self
            .extensions
            .get(extension)
            .into_iter()
            .flatten()
            .filter_map(|id| Some((*id, self.phones.get(id)?)))
            .collect();
        phones.sort_by_key(|(id, phone)| {
            (
                std::cmp::Reverse(phone.binding.q),
                std::cmp::Reverse(phone.refreshed),
                *id,
            )
        });
        phones
    }

    /// The phones of an extension that a call is to ring: those that answer, the preferred first. Of a
    /// device with several flows only the one that registered last (RFC 5626 §6).
    pub(crate) fn targets(&self, extension: &Number) -> Vec<(PhoneId, &Binding)> {
        let mut targets: Vec<(PhoneId, &Binding)> = Vec::new();
        for (id, phone) in self.phones(extension) {
            let device = phone.binding.instance.as_deref();
            let has_device = |(_, binding): &(PhoneId, &Binding)| {
                device.is_some() && binding.instance.as_deref() == device
            };
            if phone.reachability == Reachability::Available && !targets.iter().any(has_device) {
                targets.push((id, &phone.binding));
            }
        }
        targets
    }

    /// One phone.
    pub(crate) fn phone(&self, id: PhoneId) -> Option<&Phone> {
        self.phones.get(&id)
    }

    /// Every phone.
    pub(crate) fn all(&self) -> impl Iterator<Item = (PhoneId, &Phone)> {
        self.phones.iter().map(|(id, phone)| (*id, phone))
    }

    /// How many phones are registered.
    pub(crate) fn len(&self) -> usize {
        self.phones.len()
    }

    /// The extensions registered over this flow.
    pub(crate) fn registered_over(&self, flow: &Flow) -> impl Iterator<Item = (PhoneId, Number)> {
        let (transport, remote) = (flow.transport, flow.remote);
        let first = (transport, remote, PhoneId(0));
        let last = (transport, remote, PhoneId(u64::MAX));
        self.flows
            .range(first..=last)
            .filter_map(|&(_, _, id)| Some((id, self.phones.get(&id)?)))
            .map(|(id, phone)| (id, phone.binding.extension))
    }

    /// Whether an extension can be rung.
    pub(crate) fn reachability(&self, extension: &Number) -> Reachability {
        let reachable = self
            .extensions
            .get(extension)
            .into_iter()
            .flatten()
            .filter_map(|id| self.phones.get(id))
            .any(|phone| phone.reachability == Reachability::Available);
        if reachable {
            Reachability::Available
        } else {
            Reachability::Unavailable
        }
    }

    /// Notes that a phone answers, or no longer does; over a stream also on which connection.
    pub(crate) fn seen(&mut self, id: PhoneId, reachability: Reachability, flow: Option<Flow>) {
        let Some(phone) = self.phones.get_mut(&id) else {
            return;
        };
        phone.reachability = reachability;
        if let Some(flow) = flow {
            self.flows.remove(&index(&phone.binding.flow, id));
            phone.binding.flow = flow;
            self.flows.insert(index(&phone.binding.flow, id));
        }
    }

    /// A connection is gone, and with it what was registered over it: nothing else leads there
    /// (RFC 5626 §5.3). What is registered anew over another connection meanwhile stays.
    pub(crate) fn disconnected(&mut self, flow: &Flow) -> Vec<Change> {
        // A connection that could not even be opened says nothing new: the phone counts as unreachable
        // and may still come back.
        if flow.connection.is_none() {
            return Vec::new();
        }
        let gone: Vec<PhoneId> = self
            .registered_over(flow)
            .map(|(id, _)| id)
            .filter(|id| {
                self.phones
                    .get(id)
                    .is_some_and(|phone| phone.binding.flow.connection == flow.connection)
            })
            .collect();
        gone.into_iter().filter_map(|id| self.remove(id)).collect()
    }

    /// Removes the bindings of which `stays` says that they do not stay.
    pub(crate) fn retain(&mut self, stays: impl Fn(&Binding) -> bool) -> Vec<Change> {
        let gone: Vec<PhoneId> = self
            .all()
            .filter(|(_, phone)| !stays(&phone.binding))
            .map(|(id, _)| id)
            .collect();
        gone.into_iter().filter_map(|id| self.remove(id)).collect()
    }

    /// Removes what has ended.
    pub(crate) fn timeout(&mut self, now: Time) -> Vec<Change> {
        let mut changes = Vec::new();
        while let Some(&(ends, id)) = self.ends.first()
            && ends <= now
        {
            self.ends.pop_first();
            changes.extend(self.remove(id));
        }
        changes
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.ends.first().map(|&(ends, _)| ends)
    }

    fn check_order(&self, new: &Binding) -> Result<(), OutOfOrder> {
        let old = self
            .same(new)
            .and_then(|id| self.phones.get(&id))
            .is_some_and(|phone| is_out_of_order(&phone.binding, &new.call_id, new.cseq));
        if old { Err(OutOfOrder) } else { Ok(()) }
    }

    /// The binding that a new one replaces: the same device and flow, or the same contact.
    fn same(&self, new: &Binding) -> Option<PhoneId> {
        let of_extension = self.extensions.get(&new.extension)?;
        of_extension.iter().copied().find(|id| {
            self.phones.get(id).is_some_and(|phone| {
                let old = &phone.binding;
                match (&old.instance, &new.instance) {
                    (Some(old_device), Some(new_device)) => {
                        old_device == new_device && old.reg_id == new.reg_id
                    }
                    (None, _) | (_, None) => is_same_contact(&old.contact, &new.contact),
                }
            })
        })
    }

    fn bind(&mut self, now: Now, binding: Binding, phones_max: usize, changes: &mut Vec<Change>) {
        let replaced = self.same(&binding);
        match replaced {
            Some(id) => {
                let old = self.phones.get(&id).map(|phone| &phone.binding);
                if old.is_some_and(|old| !old.has_key_of(&binding)) {
                    changes.extend(self.remove(id));
                    changes.push(Change::Bound(self.insert(now, binding)));
                } else {
                    changes.extend(self.refresh(now, id, binding));
                }
            }
            None => {
                self.give_way(&binding.extension, phones_max, changes);
                changes.push(Change::Bound(self.insert(now, binding)));
            }
        }
    }

    /// Makes room for one more phone of the extension.
    fn give_way(&mut self, extension: &Number, phones_max: usize, changes: &mut Vec<Change>) {
        while let Some(ids) = self.extensions.get(extension)
            && ids.len() >= phones_max.max(1)
        {
            let oldest = ids
                .iter()
                .copied()
                .min_by_key(|id| (self.phones.get(id).map(|phone| phone.refreshed), *id));
            let Some(removed) = oldest.and_then(|id| self.remove(id)) else {
                return;
            };
            changes.push(removed);
        }
    }

    fn insert(&mut self, now: Now, binding: Binding) -> PhoneId {
        self.last_id += 1;
        let id = PhoneId(self.last_id);
        let ends = ends(now, &binding);
        let stored = binding.expires;
        self.extensions
            .entry(binding.extension)
            .or_default()
            .push(id);
        self.flows.insert(index(&binding.flow, id));
        self.ends.insert((ends, id));
        self.phones.insert(
            id,
            Phone {
                binding,
                reachability: Reachability::Available,
                ends,
                refreshed: now.mono,
                stored,
            },
        );
        id
    }

    fn refresh(&mut self, now: Now, id: PhoneId, binding: Binding) -> Option<Change> {
        let phone = self.phones.get_mut(&id)?;
        self.flows.remove(&index(&phone.binding.flow, id));
        self.ends.remove(&(phone.ends, id));
        phone.ends = ends(now, &binding);
        phone.refreshed = now.mono;
        phone.reachability = Reachability::Available;
        self.ends.insert((phone.ends, id));
        self.flows.insert(index(&binding.flow, id));
        let granted = Duration::from_millis(milliseconds_until(now.wall, binding.expires));
        let change = if phone.is_stored(&binding, granted) {
            Change::Refreshed(id)
        } else {
            // It is stored for twice as long, so that not each refresh is a write. Should the phone vanish while the
            // server is down, it is remembered for longer, until it is asked.
            phone.stored = binding.expires + granted;
            Change::Bound(id)
        };
        phone.binding = binding;
        Some(change)
    }

    /// A binding as it is to be stored.
    pub(crate) fn to_store(&self, id: PhoneId) -> Option<Binding> {
        let phone = self.phones.get(&id)?;
        Some(Binding {
            expires: phone.stored,
            ..phone.binding.clone()
        })
    }

    fn remove(&mut self, id: PhoneId) -> Option<Change> {
        let phone = self.phones.remove(&id)?;
        let extension = phone.binding.extension;
        if let Some(ids) = self.extensions.get_mut(&extension) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.extensions.remove(&extension);
            }
        }
        self.flows.remove(&index(&phone.binding.flow, id));
        self.ends.remove(&(phone.ends, id));
        Some(Change::Unbound(id, Box::new(phone.binding)))
    }
}

fn index(flow: &Flow, id: PhoneId) -> (Transport, SocketAddr, PhoneId) {
    (flow.transport, flow.remote, id)
}

/// A binding whose connection is gone: a phone on TCP or TLS may take one at its contact.
fn reconnected(mut binding: Binding) -> Binding {
    let listens = sip::Uri::parse(&binding.contact)
        .ok()
        .and_then(|uri| register::address(&uri));
    if let (Transport::Tcp | Transport::Tls, Some(remote)) = (binding.flow.transport, listens) {
        binding.flow.remote = remote;
        binding.flow.connection = None;
    }
    binding
}

fn ends(now: Now, binding: &Binding) -> Time {
    let left = milliseconds_until(now.wall, binding.expires);
    now.mono + Duration::from_millis(left)
}

/// Zero when it has passed; never more than the longest registration, should the wall clock have jumped.
fn milliseconds_until(now: Wall, then: Wall) -> u64 {
    u64::try_from(then.0.saturating_sub(now.0))
        .unwrap_or(0)
        .min(register::EXPIRES_MAX.as_secs() * 1000)
}

/// Whether a registration comes after its successor (RFC 3261 §10.3 step 7).
fn is_out_of_order(known: &Binding, call_id: &str, cseq: u32) -> bool {
    known.call_id == call_id && cseq <= known.cseq
}

/// RFC 3261 §19.1.4.
fn is_same_contact(one: &str, other: &str) -> bool {
    one == other
        || match (sip::Uri::parse(one), sip::Uri::parse(other)) {
            (Ok(one), Ok(other)) => one.matches(&other),
            (Err(_), _) | (_, Err(_)) => false,
        }
}
