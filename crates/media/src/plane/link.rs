//! Where what an engine makes goes: to a leg's own sockets, or protected to its browser.

use super::ports::{Pair, Port};
use super::shared::Door;
use super::worker::Office;
use crate::Rate;
use crate::batch::Outbox;
use crate::browser::{Sealed, WayEvent, Ways};
use crate::engine::{Engine, MediaEvent, Out};
use crate::record::{Begins, Kind, Tape};
use model::{LegId, RecordingFormat, RecordingId, RecordingLayout};
use rtp::{Stream, Time};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Packets on their way out: those that follow each other through one socket go with one call.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    through: Option<Through>,
    outbox: Outbox,
}

/// A socket that packets go out through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Through {
    Leg(LegId, Port),
    Browsers(IpAddr),
}

/// Where an engine's output goes.
pub(super) struct Link<'w> {
    pub(super) sockets: &'w BTreeMap<LegId, Pair>,
    pub(super) office: &'w Office,
    pub(super) doors: &'w [Arc<Door>],
    pub(super) ways: &'w mut Ways,
    pub(super) outgoing: &'w mut Outgoing,
}

impl Link<'_> {
    /// Sends a packet of an engine's, protected where it is for a browser.
    fn send(&mut self, leg: LegId, port: Port, to: SocketAddr, packet: &[u8]) {
        let mut post = Post {
            sockets: self.sockets,
            doors: self.doors,
            outgoing: self.outgoing,
        };
        match self.ways.seal(leg, packet) {
            Sealed::Plain => post.send(Through::Leg(leg, port), to, packet),
            Sealed::Protected(ours, packet) => post.send(Through::Browsers(ours), to, packet),
            Sealed::Withheld => {}
        }
    }

    /// Sends what waits to go with its neighbours.
    pub(super) fn flush(&mut self) {
        self.ways_and_post().1.flush();
    }

    fn ways_and_post(&mut self) -> (&mut Ways, Post<'_>) {
        let post = Post {
            sockets: self.sockets,
            doors: self.doors,
            outgoing: self.outgoing,
        };
        (self.ways, post)
    }

    /// What was agreed for a leg concerns its way.
    pub(super) fn agree(&mut self, now: Time, leg: LegId, stream: &Stream) {
        let (ways, mut post) = self.ways_and_post();
        ways.stream(now, leg, stream, &mut |ours, to, bytes| {
            post.send(Through::Browsers(ours), to, bytes);
        });
    }

    /// The length of the plain packet in a browser's datagram, if one is in it.
    pub(super) fn open(
        &mut self,
        now: Time,
        leg: LegId,
        from: SocketAddr,
        datagram: &mut [u8],
    ) -> Option<usize> {
        let (ways, mut post) = self.ways_and_post();
        ways.receive(now, leg, from, datagram, &mut |ours, to, bytes| {
            post.send(Through::Browsers(ours), to, bytes);
        })
    }

    /// Does what is due on the ways.
    pub(super) fn timeout(&mut self, now: Time, engine: &mut Engine) {
        let (ways, mut post) = self.ways_and_post();
        if ways.next_deadline().is_none_or(|due| due > now) {
            return;
        }
        ways.timeout(now, &mut |ours, to, bytes| {
            post.send(Through::Browsers(ours), to, bytes);
        });
        let legs: Vec<_> = self.ways.legs().collect();
        for leg in legs {
            self.take_up(engine, leg);
        }
    }

    /// Takes up what happened on a leg's way.
    pub(super) fn take_up(&mut self, engine: &mut Engine, leg: LegId) {
        while let Some(event) = self.ways.poll(leg) {
            match event {
                WayEvent::Reached(remote) => engine.reached(leg, remote),
                WayEvent::Failed(why) => {
                    tracing::warn!(%leg, why, "a browser cannot be spoken with");
                    self.office.listener.event(MediaEvent::Silent(leg));
                }
            }
        }
    }
}

/// Packets to the sockets.
struct Post<'w> {
    sockets: &'w BTreeMap<LegId, Pair>,
    doors: &'w [Arc<Door>],
    outgoing: &'w mut Outgoing,
}

impl<'w> Post<'w> {
    /// The browsers' socket at an address of ours.
    fn door(&self, ours: IpAddr) -> Option<&'w Door> {
        let own = self.doors.iter().find(|door| door.is_at(ours));
        own.or_else(|| self.doors.first()).map(|door| &**door)
    }

    fn send(&mut self, through: Through, to: SocketAddr, packet: &[u8]) {
        if self.outgoing.through != Some(through) {
            self.flush();
            self.outgoing.through = Some(through);
        }
        let to = match through {
            Through::Leg(leg, _) => match self.sockets.get(&leg) {
                Some(pair) => pair.reachable(to),
                None => return,
            },
            Through::Browsers(ours) => match self.door(ours) {
                Some(door) => door.reachable(to),
                None => return,
            },
        };
        if let Err(packet) = self.outgoing.outbox.push(to, packet) {
            self.flush();
            self.outgoing.through = Some(through);
            // An empty box has room for whatever an engine makes.
            let _ = self.outgoing.outbox.push(to, packet);
        }
    }

    fn flush(&mut self) {
        let socket = match self.outgoing.through.take() {
            None => return,
            Some(Through::Leg(leg, port)) => self.sockets.get(&leg).map(|pair| pair.socket(port)),
            Some(Through::Browsers(ours)) => self.door(ours).map(|door| &door.socket),
        };
        if let Some(socket) = socket {
            self.outgoing.outbox.send(socket);
        }
    }
}

impl Out for Link<'_> {
    fn rtp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        self.send(leg, Port::Rtp, to, packet);
    }

    fn rtcp(&mut self, leg: LegId, to: SocketAddr, packet: &[u8]) {
        self.send(leg, Port::Rtcp, to, packet);
    }

    fn event(&mut self, event: MediaEvent) {
        self.office.listener.event(event);
    }

    fn record(
        &mut self,
        leg: LegId,
        recording: RecordingId,
        layout: RecordingLayout,
        format: RecordingFormat,
        rate: Rate,
    ) -> Option<Tape> {
        let begins = Begins {
            kind: Kind::Conversation,
            leg,
            recording,
            layout,
            format,
            rate,
        };
        self.office.recorder.begin(begins)
    }

    fn take_down(&mut self, leg: LegId, recording: RecordingId) -> Option<Tape> {
        self.office
            .recorder
            .begin(Begins::dictation(leg, recording))
    }
}
