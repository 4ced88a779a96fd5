//! The server of an office: edge, switch and media, wired as in the real one, and its disk.

use super::{Office, SERVER, SIP};
use crate::Datagram;
use edge::{Found, MediaNotice, MediaOrder, Output, Ticket};
use media::MediaEvent;
use model::{
    Change, Duration, Effect, Fact, Input, LegEvent, MailboxChange, Number, Question, QuestionId,
    Reply,
};
use sip::{Flow, Transport};
use std::net::SocketAddr;

/// How long it takes until something is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// That long.
    Takes(Duration),
    /// For ever.
    Stuck,
}

/// What is on its way to the disk.
#[derive(Debug)]
pub(super) enum Write {
    Barrier(Ticket),
    Change(QuestionId, Change),
    /// A mailbox is looked at, behind all changes of it.
    Look(QuestionId, Number),
    Mailbox(QuestionId, Number, MailboxChange),
}

/// Edge, switch and media, wired as in the server.
impl Office {
    /// Does what edge, switch and media want, until none wants anything.
    pub(super) fn work(&mut self) {
        loop {
            while let Some(output) = self.edge.poll() {
                self.output(output);
            }
            while let Some(event) = self.sound.event() {
                self.media(event);
            }
            let Some(input) = self.next.pop_front() else {
                break;
            };
            self.switch(input);
        }
        while let Some(packet) = self.sound.packet() {
            let datagram = Datagram {
                from: SocketAddr::new(SERVER, packet.port),
                to: packet.to,
                bytes: packet.bytes,
            };
            self.network.send(self.now.mono, datagram);
        }
    }

    pub(super) fn edge_worked(&mut self) {
        self.edge_deadline = self.edge.next_deadline();
    }

    pub(super) fn output(&mut self, output: Output) {
        let now = self.now;
        match output {
            Output::Send { flow, bytes } => {
                let (from, to) = (flow.local, flow.remote);
                self.network.send(now.mono, Datagram { from, to, bytes });
            }
            Output::Switch(input) => self.switch(input),
            Output::Media(order) => match order {
                MediaOrder::Stream(leg, stream) => self.sound.stream(now.mono, leg, *stream),
                MediaOrder::Close(leg) => self.sound.close(leg),
                MediaOrder::Key(leg, digit) => self.sound.key(now.mono, leg, digit),
                MediaOrder::SendKey(leg, digit) => self.sound.send_key(now.mono, leg, digit),
            },
            Output::Bind(binding) => {
                let key = (binding.extension, binding.key());
                self.stored.insert(key, binding);
            }
            Output::Unbind { extension, contact } => {
                self.stored.remove(&(extension, contact));
            }
            Output::Barrier(ticket) => self.write(Write::Barrier(ticket)),
            Output::Resolve(lookup) => {
                // There is no DNS here: hosts are addresses.
                let port = lookup.port.unwrap_or(SIP);
                let found = lookup.host.parse().ok().map(|ip| Found {
                    flows: vec![Flow {
                        transport: Transport::Udp,
                        local: SocketAddr::new(SERVER, SIP),
                        remote: SocketAddr::new(ip, port),
                        connection: None,
                    }],
                    valid_for: Duration::from_secs(3_600),
                });
                self.edge.resolved(now, &lookup.trunk, found);
                self.edge_worked();
            }
            Output::Close(_) | Output::Dialog { .. } | Output::AuthFailed { .. } => {}
        }
    }

    pub(super) fn media(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Leg(leg, event) => self.leg(leg, event),
            MediaEvent::Silent(leg) => {
                self.edge.media(self.now, leg, MediaNotice::Silent);
                self.edge_worked();
            }
        }
    }

    pub(super) fn leg(&mut self, leg: model::LegId, event: LegEvent) {
        self.next.push_back(Input::Leg(leg, event));
    }

    pub(super) fn switch(&mut self, input: Input) {
        for effect in self.switch.handle(self.now, input) {
            self.perform(effect);
        }
    }

    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Ask(question, Question::Addresses) => {
                let (wan, lan) = (None, Some(SERVER));
                let reply = Reply::Addresses { wan, lan };
                self.next.push_back(Input::Answer(question, reply));
            }
            Effect::Ask(question, Question::LastCaller(_)) => {
                let reply = Reply::LastCaller(None);
                self.next.push_back(Input::Answer(question, reply));
            }
            Effect::Ask(question, Question::Mailbox(number)) => {
                self.write(Write::Look(question, number));
            }
            Effect::Ask(question, Question::MailboxChange(number, change)) => {
                self.write(Write::Mailbox(question, number, change));
            }
            Effect::Discard(recording) => self.mailboxes.discard(recording),
            Effect::Ask(question, Question::Save(change)) => {
                self.write(Write::Change(question, change));
            }
            Effect::Fact(mut fact) => {
                if let Fact::Ended(record) = &mut fact {
                    let legs = record.legs.iter();
                    let known = legs.filter_map(|leg| self.sound.quality(*leg));
                    record.quality = known.collect();
                }
                self.mailboxes.note(&fact);
                self.edge.fact(self.now, &fact);
                self.facts.push(fact);
            }
            effect => {
                self.edge.perform(self.now, &effect, &mut self.sound);
                self.sound.perform(self.now.mono, &effect);
            }
        }
        self.edge_worked();
    }

    pub(super) fn write(&mut self, write: Write) {
        if let Disk::Takes(time) = self.disk {
            self.last_write += 1;
            let key = (self.now.mono + time, self.last_write);
            self.writes.insert(key, write);
        }
    }

    pub(super) fn written(&mut self, write: Write) {
        match write {
            Write::Barrier(ticket) => {
                self.edge.committed(self.now, ticket);
                self.edge_worked();
            }
            Write::Change(question, change) => {
                self.configure(|directory| {
                    if let Some(changed) = change.made_in(directory) {
                        *directory = changed;
                    }
                });
                self.next.push_back(Input::Answer(question, Reply::Saved));
            }
            Write::Look(question, number) => {
                let reply = Reply::Mailbox(self.mailboxes.of(&number));
                self.next.push_back(Input::Answer(question, reply));
            }
            Write::Mailbox(question, number, change) => {
                let reply = match self.mailboxes.change(number, change) {
                    Some(()) => Reply::Saved,
                    None => Reply::NotSaved,
                };
                self.show_messages();
                self.next.push_back(Input::Answer(question, reply));
            }
        }
    }
}
