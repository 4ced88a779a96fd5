//! What some listeners of a room hear: the same speakers, each of them all but himself.

use super::floor::Floor;
use super::leg::{Leg, Sounds};
use super::limiter::{Limiter, Sum};
use super::packer::{Form, Packer};
use super::slot::Slot;
use super::{Counts, Legs, Out};
use crate::Rate;
use model::LegId;
use rtp::Time;

/// One mix. Its work grows with its parties, not with their pairs: the sum is made once, whoever is in it has himself
/// taken out, and all the others get payloads that were encoded once for each form.
#[derive(Debug)]
pub(super) struct Mix {
    /// In order.
    speakers: Vec<LegId>,
    floor: Floor,
    sum: Sum,
    limiter: Limiter,
    shares: Vec<Share>,
    /// Listeners who get packets of their own at present.
    apart: Vec<LegId>,
}

/// Packets that many listeners get.
#[derive(Debug)]
struct Share {
    packer: Packer,
    listeners: Vec<LegId>,
}

/// How a listener gets a mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    /// Which of the room's mixes.
    pub(super) mix: usize,
    /// In which packets.
    pub(super) form: Form,
    pub(super) standing: Standing,
}

/// Whether a listener gets what others get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It does.
    Together,
    /// It gets packets of its own; for so many slots they have had the same sound in them.
    Apart(u32),
}

/// Changes.
impl Mix {
    /// A mix of nobody.
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            speakers: Vec::new(),
            floor: Floor::default(),
            sum: Sum::silence(rate),
            limiter: Limiter::default(),
            shares: Vec::new(),
            apart: Vec::new(),
        }
    }

    /// The rate that it is mixed at.
    pub(super) const fn rate(&self) -> Rate {
        self.sum.rate()
    }

    /// Begins to seat listeners anew. What is encoded for them goes on.
    pub(super) fn reseat(&mut self, speakers: Vec<LegId>) {
        self.floor.reserve(speakers.len());
        self.speakers = speakers;
        self.apart.clear();
        for share in &mut self.shares {
            share.listeners.clear();
        }
    }

    /// Seats a listener. One whose packets nobody can make stays without.
    pub(super) fn seat(&mut self, leg: LegId, form: Form, standing: Standing) {
        if self.share(&form).is_none()
            && let Some(packer) = Packer::new(form)
        {
            let listeners = Vec::new();
            self.shares.push(Share { packer, listeners });
        }
        match standing {
            Standing::Together => {
                if let Some(share) = self.share_mut(&form) {
                    share.listeners.push(leg);
                }
            }
            Standing::Apart(_) => self.apart.push(leg),
        }
    }

    /// All listeners are seated: whoever changes his seat later finds room.
    pub(super) fn seated(&mut self, listeners: usize) {
        self.apart.reserve(listeners);
        for share in &mut self.shares {
            share.listeners.reserve(listeners);
        }
    }

    /// Forgets forms that nobody listens in.
    pub(super) fn forget_unused(&mut self, is_used: impl Fn(&Form) -> bool) {
        self.shares.retain(|share| is_used(share.packer.form()));
    }

    /// Gives a listener packets of its own, which go on where the common ones are.
    pub(super) fn part(&mut self, id: LegId, leg: &mut Leg) {
        let limiter = self.limiter;
        let Some(ticket) = leg.ticket.as_mut().filter(|ticket| {
            // Whoever is heard here may well listen to another mix.
            ticket.standing == Standing::Together
        }) else {
            return;
        };
        let Some(share) = self.share_mut(&ticket.form) else {
            return;
        };
        let mut listeners = share.listeners.iter();
        let Some(place) = listeners.position(|listener| *listener == id) else {
            return;
        };
        share.listeners.swap_remove(place);
        ticket.standing = Standing::Apart(0);
        leg.limiter = limiter;
        if let Some(packer) = &mut leg.packer {
            packer.follow(&share.packer);
        }
        self.apart.push(id);
    }

    fn share(&self, form: &Form) -> Option<&Share> {
        self.shares.iter().find(|share| share.packer.form() == form)
    }

    fn share_mut(&mut self, form: &Form) -> Option<&mut Share> {
        let mut shares = self.shares.iter_mut();
        shares.find(|share| share.packer.form() == form)
    }
}

/// Slots.
impl Mix {
    /// One slot of everybody who listens.
    pub(super) fn slot(
        &mut self,
        (now, number): (Time, u64),
        legs: &mut Legs,
        counts: &mut Counts,
        out: &mut impl Out,
    ) {
        self.floor.choose(&self.speakers, legs);
        self.sum = Sum::silence(self.rate());
        for holder in self.floor.holders() {
            if let Some(voice) = legs.get(&holder.leg).and_then(|leg| leg.voice.as_ref()) {
                self.sum.add(voice.said(), holder.fade);
            }
        }
        let mut place = 0;
        // Nobody hears himself, not even for the rest of a packet.
        while let Some(holder) = self.floor.holders().get(place).copied() {
            if let Some(leg) = legs.get_mut(&holder.leg) {
                self.part(holder.leg, leg);
            }
            place += 1;
        }
        let common = self.limiter.limit(&self.sum);
        for share in &mut self.shares {
            if share.listeners.is_empty() {
                continue;
            }
            let Some(due) = share.packer.put(number, &common) else {
                continue;
            };
            let mut expected_loss = 0;
            for id in &share.listeners {
                if let Some(leg) = legs.get_mut(id) {
                    leg.send(now, *id, due.payload, counts, out);
                    expected_loss = leg.expected_loss().max(expected_loss);
                }
            }
            // Whoever loses most gets what he needs; it does the others no harm.
            share.packer.expect_loss(expected_loss);
        }
        let mut place = 0;
        while let Some(id) = self.apart.get(place).copied() {
            let Some(leg) = legs.get_mut(&id) else {
                place += 1;
                continue;
            };
            let own = self.own(id, leg);
            let heard = own.as_ref().unwrap_or(&common);
            leg.listen((now, number), id, heard, Sounds::Yes, counts, out);
            if self.may_join(leg, own.is_none()) {
                self.apart.swap_remove(place);
                self.join(id, leg);
            } else {
                place += 1;
            }
        }
    }

    /// What somebody hears who is heard himself.
    fn own(&self, id: LegId, leg: &mut Leg) -> Option<Slot> {
        let (Some(fade), Some(voice)) = (self.floor.fade_of(id), &leg.voice) else {
            leg.limiter = self.limiter;
            return None;
        };
        let mut sum = self.sum.clone();
        sum.subtract(voice.said(), fade);
        Some(leg.limiter.limit(&sum))
    }

    /// Whether a listener who was apart may get again what the others get. A decoder that remembers is only given
    /// another encoder's packets when both have encoded the same for a while.
    fn may_join(&self, leg: &mut Leg, is_common: bool) -> bool {
        let is_alone = leg.has_own_sound() || leg.is_taken_down();
        let (Some(ticket), Some(packer)) = (&mut leg.ticket, &leg.packer) else {
            return false;
        };
        let Standing::Apart(slots) = &mut ticket.standing else {
            return false;
        };
        *slots = if is_common && !is_alone {
            *slots + 1
        } else {
            0
        };
        let Some(share) = self.share(packer.form()) else {
            return false;
        };
        let alike = !packer.has_memory()
            || *slots > ALIKE_AFTER_SLOTS
            || (share.listeners.is_empty() && *slots > 0);
        let between = packer.is_between_packets() && share.packer.is_between_packets();
        is_common && !is_alone && alike && (between || share.listeners.is_empty())
    }

    fn join(&mut self, id: LegId, leg: &mut Leg) {
        if let (Some(ticket), Some(packer)) = (&mut leg.ticket, &leg.packer)
            && let Some(share) = self.share_mut(packer.form())
        {
            ticket.standing = Standing::Together;
            if share.listeners.is_empty() {
                share.packer.follow(packer);
            }
            share.listeners.push(id);
        }
    }
}

/// 2 s of the same sound make two encoders alike, whatever each did before.
const ALIKE_AFTER_SLOTS: u32 = 200;
