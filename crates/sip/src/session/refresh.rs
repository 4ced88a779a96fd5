//! Session timers (RFC 4028): a call whose ends do not hear of each other is over.

use super::offers::is_fatal;
use super::requests::Purpose;
use super::{Capability, Session, Stage, Wanted};
use crate::Time;
use crate::message::{Header, Method, Name, Request, Response, ResponseBuilder};
use crate::transaction::{ServerId, Transactions};
use std::time::Duration;

/// What is agreed about refreshing one session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refresh {
    /// The shortest interval that the peer's side allows, as far as it said so.
    min_s: u32,
    running: Option<Running>,
}

/// A session that has to be refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Running {
    interval_s: u32,
    by: By,
    /// When we refresh it, if that is ours to do.
    due: Option<Time>,
    /// When it is over unless it is refreshed.
    ends: Time,
}

/// Who refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Us,
    Peer,
}

/// A value of Session-Expires.
struct Expires<'a> {
    interval_s: u32,
    refresher: Option<&'a str>,
}

impl Refresh {
    /// The interval that we ask for, in seconds.
    pub(super) const INTERVAL_S: u32 = 1_800;
    /// The shortest interval that we accept, in seconds; the RFC allows no shorter one.
    pub(super) const INTERVAL_MIN_S: u32 = 90;

    pub(super) const fn new() -> Self {
        Self {
            min_s: Self::INTERVAL_MIN_S,
            running: None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        let running = self.running.as_ref()?;
        Some(
            running
                .due
                .map_or(running.ends, |due| due.min(running.ends)),
        )
    }

    /// Stops.
    pub(super) const fn stop(&mut self) {
        self.running = None;
    }

    /// Whether a request asks for too short an interval and understands being told so (§9).
    pub(super) fn refuses(request: &Request) -> bool {
        let expires = request
            .header(Name::SessionExpires)
            .and_then(Expires::parse);
        supports_timer(request)
            && expires.is_some_and(|expires| expires.interval_s < Self::INTERVAL_MIN_S)
    }

    /// What an INVITE or UPDATE of ours asks for (§7.1, §7.4): who refreshes keeps doing so.
    pub(super) fn ask(&self) -> Vec<Header> {
        let (interval_s, refresher) = match &self.running {
            None => (Self::INTERVAL_S, ""),
            Some(Running {
                interval_s,
                by: By::Us,
                ..
            }) => (*interval_s, ";refresher=uac"),
            Some(Running {
                interval_s,
                by: By::Peer,
                ..
            }) => (*interval_s, ";refresher=uas"),
        };
        let interval_s = interval_s.max(self.min_s);
        let mut headers = vec![Header::new(
            Name::SessionExpires,
            format_args!("{interval_s}{refresher}"),
        )];
        if self.min_s > Self::INTERVAL_MIN_S {
            headers.push(Header::new(Name::MinSe, self.min_s));
        }
        headers
    }

    /// What our 2xx to an INVITE or UPDATE says, and from now on holds (§9, table 2).
    pub(super) fn agree(&mut self, now: Time, request: &Request) -> Vec<Header> {
        let asked = request
            .header(Name::SessionExpires)
            .and_then(Expires::parse);
        let min_s = request
            .header(Name::MinSe)
            .and_then(seconds)
            .unwrap_or_default();
        let by = match (&asked, supports_timer(request)) {
            (None, false) => {
                self.running = None;
                return Vec::new();
            }
            (None, true) | (Some(_), false) => By::Us,
            (
                Some(Expires {
                    refresher: Some(who),
                    ..
                }),
                true,
            ) if who.eq_ignore_ascii_case("uas") => By::Us,
            (Some(_), true) => By::Peer,
        };
        let interval_s = asked
            .map_or(Self::INTERVAL_S, |asked| {
                asked.interval_s.min(Self::INTERVAL_S)
            })
            .max(min_s)
            .max(Self::INTERVAL_MIN_S);
        self.start(now, interval_s, by);
        let (refresher, require) = match by {
            By::Us => ("uas", None),
            By::Peer => ("uac", Some(Header::new(Name::Require, "timer"))),
        };
        let expires = Header::new(
            Name::SessionExpires,
            format_args!("{interval_s};refresher={refresher}"),
        );
        [Some(expires), require].into_iter().flatten().collect()
    }

    /// What a 2xx to an INVITE or UPDATE of ours says (§7.2).
    pub(super) fn agreed(&mut self, now: Time, response: &Response) {
        let Some(expires) = response
            .header(Name::SessionExpires)
            .and_then(Expires::parse)
        else {
            self.running = None;
            return;
        };
        let by = match expires.refresher {
            Some(who) if who.eq_ignore_ascii_case("uas") => By::Peer,
            Some(_) | None => By::Us,
        };
        self.start(now, expires.interval_s.max(Self::INTERVAL_MIN_S), by);
    }

    /// Takes the minimum of a 422. Gives whether asking again makes sense (§7.3).
    pub(super) fn raise(&mut self, response: &Response) -> bool {
        let min_s = response
            .header(Name::MinSe)
            .and_then(seconds)
            .unwrap_or_default();
        let makes_sense = min_s > self.min_s && min_s <= INTERVAL_MAX_S;
        if makes_sense {
            self.min_s = min_s;
        }
        makes_sense
    }

    fn start(&mut self, now: Time, interval_s: u32, by: By) {
        let interval = Duration::from_secs(u64::from(interval_s));
        self.running = Some(match by {
            By::Us => Running {
                interval_s,
                by,
                due: Some(now + interval / 2),
                ends: now + interval,
            },
            // Who waits for the other ends the call a little before the interval is over (§10).
            By::Peer => Running {
                interval_s,
                by,
                due: None,
                ends: now + (interval - (interval / 3).min(ENDS_BEFORE)),
            },
        });
    }
}

impl Session {
    /// Refreshes what is ours to refresh; ends what nobody refreshed (§10).
    pub(super) fn refresh_timeout(&mut self, now: Time, tx: &mut Transactions) {
        let Some(running) = &mut self.refresh.running else {
            return;
        };
        if running.ends <= now {
            return self.vanish(now, tx);
        }
        if running.due.is_some_and(|due| due <= now) {
            // Once more, should this one fail.
            running.due = Some(now + TRIED_AGAIN_AFTER);
            self.send_refresh(now, tx);
        }
    }

    /// Refreshes by an UPDATE, which says nothing about media; by a re-INVITE where the peer has no UPDATE.
    fn send_refresh(&mut self, now: Time, tx: &mut Transactions) {
        if !matches!(self.stage, Stage::Established) {
            return;
        }
        let under_way = |purpose| matches!(purpose, Purpose::Refresh | Purpose::Offer);
        if self.sent.iter().any(|sent| under_way(sent.purpose)) {
            return;
        }
        match self.peer.update {
            Capability::Present => {
                self.send_request(now, tx, Method::Update, Purpose::Refresh, Vec::new(), None);
            }
            Capability::Unknown => self.wanted = Some(Wanted::Refresh),
        }
    }

    /// An UPDATE of ours without an offer got its final response.
    pub(super) fn receive_refresh_response(
        &mut self,
        now: Time,
        tx: &mut Transactions,
        status: u16,
        response: Option<&Response>,
    ) {
        match (status, response) {
            (200..300, Some(response)) => {
                self.refresh.agreed(now, response);
                self.refresh_target(response);
            }
            (422, Some(response)) if self.refresh.raise(response) => self.send_refresh(now, tx),
            (405 | 501, _) => {
                self.peer.update = Capability::Unknown;
                self.wanted = Some(Wanted::Refresh);
            }
            (status, _) if is_fatal(status) => self.vanish(now, tx),
            // Otherwise it is tried again, and the session ends if that does not help.
            (_, _) => {}
        }
    }

    /// A 2xx to an UPDATE or PRACK. What refreshes the session agrees on the interval again.
    pub(super) fn refreshed_response<'a>(
        &mut self,
        now: Time,
        request: &'a Request,
    ) -> ResponseBuilder<'a> {
        if request.method() != Method::Update {
            return self.response(request, 200);
        }
        let agreed = match self.stage {
            Stage::Established => self.refresh.agree(now, request),
            Stage::Invited(_)
            | Stage::Inviting(_)
            | Stage::Leaving(_)
            | Stage::Left
            | Stage::Over => Vec::new(),
        };
        self.target_response(request, 200).headers(&agreed)
    }

    /// Refuses a refresh that asks for too short an interval; gives whether it did.
    pub(super) fn refuse_short_interval(
        &self,
        now: Time,
        tx: &mut Transactions,
        server: ServerId,
        request: &Request,
    ) -> bool {
        let refuses = Refresh::refuses(request);
        if refuses {
            let response = self
                .response(request, 422)
                .header(Name::MinSe, Refresh::INTERVAL_MIN_S);
            tx.respond(now, server, &response.finish());
        }
        refuses
    }
}

impl<'a> Expires<'a> {
    fn parse(value: &'a str) -> Option<Self> {
        let refresher = value.split(';').skip(1).find_map(|param| {
            let (name, value) = param.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("refresher")
                .then(|| value.trim())
        });
        Some(Self {
            interval_s: seconds(value)?,
            refresher,
        })
    }
}

/// The number before any parameters.
fn seconds(value: &str) -> Option<u32> {
    value.split(';').next()?.trim().parse().ok()
}

fn supports_timer(request: &Request) -> bool {
    request.lists(Name::Supported, "timer")
}

/// How long before its end a session that the peer should refresh is given up (RFC 4028 §10).
const ENDS_BEFORE: Duration = Duration::from_secs(32);

/// How long after a refresh that failed another one is tried.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// The longest interval that a peer may ask for.
const INTERVAL_MAX_S: u32 = 86_400;
