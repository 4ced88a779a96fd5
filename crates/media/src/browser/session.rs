//! One browser's way.

use super::DATAGRAM_MAX;
use super::demux::Kind;
use super::handshake::{Broken, Dimpl, Handshake, Keys, Step};
use super::ice::{Genuine, Ice};
use super::identity::Identity;
use rtp::Time;
use rtp::dtls::{Dtls, Role};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

/// One browser's way to us and back, from the first check to the end of the call.
///
/// After each call, [`Self::poll`] says what came of it, until it says nothing more. What there is to send goes to
/// the closure that each call is given.
#[derive(Debug)]
pub struct Session {
    identity: Arc<Identity>,
    agreed: Dtls,
    ice: Ice,
    handshake: Box<dyn Handshake>,
    stage: Stage,
    /// Where media is sent.
    remote: Option<SocketAddr>,
    /// From where the last record came: where records are sent until the peer has chosen.
    records_from: Option<SocketAddr>,
    news: VecDeque<News>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The peer has not chosen a way.
    Checking,
    /// It has; there are no keys.
    Shaking,
    /// There are keys.
    Secured,
    /// There will be none.
    Failed,
}

/// What comes of a browser's datagrams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Media goes there from here on.
    Reached(SocketAddr),
    /// Both sides have keys.
    Secured(Keys),
    /// There is no way to speak with this browser.
    Failed(Failure),
    /// The browser has ended it.
    Closed,
}

pub use super::handshake::Broken as Failure;

impl Session {
    /// Begins with what offer and answer said.
    #[must_use]
    pub fn new(now: Time, identity: &Arc<Identity>, agreed: Dtls) -> Self {
        Self {
            ice: Ice::new(now, identity.began, &agreed),
            handshake: handshake(now, identity, &agreed),
            identity: Arc::clone(identity),
            agreed,
            stage: Stage::Checking,
            remote: None,
            records_from: None,
            news: VecDeque::new(),
        }
    }

    /// Takes what was agreed anew: other credentials restart ICE, another certificate or role the handshake; all
    /// else goes on.
    pub fn agree(&mut self, now: Time, agreed: Dtls, send: &mut impl FnMut(SocketAddr, &[u8])) {
        let same =
            (&agreed.fingerprint, agreed.role) == (&self.agreed.fingerprint, self.agreed.role);
        self.ice.agree(now, &agreed);
        if !same {
            self.handshake = handshake(now, &self.identity, &agreed);
            self.stage = match self.remote {
                Some(_) => Stage::Shaking,
                None => Stage::Checking,
            };
        }
        self.agreed = agreed;
        self.go_on(now, send);
    }

    /// What was agreed last.
    #[must_use]
    pub const fn agreed(&self) -> &Dtls {
        &self.agreed
    }

    /// Takes a datagram that the [`super::Router`] says is this browser's. Media is left to whoever has the keys:
    /// [`Kind::Media`] says that it is some.
    pub fn receive(
        &mut self,
        now: Time,
        from: SocketAddr,
        datagram: &[u8],
        send: &mut impl FnMut(SocketAddr, &[u8]),
    ) -> Option<Kind> {
        let kind = Kind::of(datagram)?;
        match kind {
            Kind::Media => return Some(kind),
            Kind::Stun => {
                if self.ice.receive(now, from, datagram) == Genuine::No {
                    return None;
                }
            }
            Kind::Dtls => {
                self.records_from = Some(from);
                if self.stage != Stage::Failed
                    && let Err(why) = self.handshake.receive(now, datagram)
                {
                    self.fail(why);
                }
            }
        }
        self.go_on(now, send);
        Some(kind)
    }

    /// A packet came from there that was protected with the browser's key. Of several ways that the browser has
    /// chosen, it uses this one: so do we.
    pub fn heard_from(&mut self, from: SocketAddr) {
        if self.remote != Some(from) && self.ice.is_chosen(from) {
            self.reached(from);
        }
    }

    /// Does what is due.
    pub fn timeout(&mut self, now: Time, send: &mut impl FnMut(SocketAddr, &[u8])) {
        self.ice.timeout(now);
        if self.stage != Stage::Failed
            && self.handshake.next_deadline().is_some_and(|due| due <= now)
            && let Err(why) = self.handshake.timeout(now)
        {
            self.fail(why);
        }
        self.go_on(now, send);
    }

    /// When [`Self::timeout`] has something to do.
    pub fn next_deadline(&mut self) -> Option<Time> {
        let records = match self.stage {
            Stage::Failed => None,
            Stage::Checking | Stage::Shaking | Stage::Secured => self.handshake.next_deadline(),
        };
        self.ice.next_deadline().into_iter().chain(records).min()
    }

    /// The next news.
    pub fn poll(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    fn go_on(&mut self, now: Time, send: &mut impl FnMut(SocketAddr, &[u8])) {
        while let Some((to, check)) = self.ice.poll() {
            send(to, check.as_ref());
        }
        if let Some(selected) = self.ice.take_selected() {
            self.reached(selected);
        }
        if self.stage == Stage::Checking && self.remote.is_some() {
            self.stage = Stage::Shaking;
            if let Err(why) = self.handshake.timeout(now) {
                self.fail(why);
            }
        }
        self.records(send);
    }

    fn reached(&mut self, remote: SocketAddr) {
        self.remote = Some(remote);
        self.news.push_back(News::Reached(remote));
    }

    /// Sends what the handshake has to say.
    fn records(&mut self, send: &mut impl FnMut(SocketAddr, &[u8])) {
        // A client speaks first, and only where the peer is known to be.
        let begins = self.agreed.role == Role::Client && self.stage == Stage::Checking;
        if begins || self.stage == Stage::Failed {
            return;
        }
        let mut buffer = [0; RECORDS_MAX];
        loop {
            match self.handshake.poll(&mut buffer) {
                Ok(Some(Step::Send(record))) => {
                    if let Some(to) = self.records_from.or(self.remote) {
                        send(to, record);
                    }
                }
                Ok(Some(Step::Keys(keys))) => {
                    self.stage = Stage::Secured;
                    self.news.push_back(News::Secured(keys));
                }
                Ok(Some(Step::Closed)) => self.news.push_back(News::Closed),
                Ok(None) => return,
                Err(why) => return self.fail(why),
            }
        }
    }

    fn fail(&mut self, why: Broken) {
        // What breaks after the keys are there breaks nothing: the keys do not change.
        if self.stage != Stage::Secured && self.stage != Stage::Failed {
            self.stage = Stage::Failed;
            self.news.push_back(News::Failed(why));
        }
    }
}

fn handshake(now: Time, identity: &Identity, agreed: &Dtls) -> Box<dyn Handshake> {
    let announced = agreed.fingerprint.clone();
    Box::new(Dimpl::new(now, identity, agreed.role, announced))
}

/// Room for what one poll of a handshake gives: a record, or the peer's certificate.
const RECORDS_MAX: usize = 4 * DATAGRAM_MAX;
