//! Our registration with a trunk (RFC 3261 §10.2): when it is to be renewed, and what its answers mean.
//!
//! Nothing is sent here: the state says what to send and where, [`super::Trunks`] sends it.

use crate::credentials::Credentials;
use model::{Duration, Time, Trunk};
use sip::message::{Header, Name, Request, Response};
use sip::{Flow, Ids, Uri};

/// Our registration with one trunk.
#[derive(Debug)]
pub(super) struct Registration {
    state: State,
    /// All requests of one registration share these.
    pub(super) call_id: String,
    pub(super) tag: String,
    cseq: u32,
    credentials: Credentials,
    /// For how long it is asked, in seconds.
    wanted: u32,
    /// Where we are registered and until when.
    binding: Option<(Flow, Time)>,
    /// Attempts in a row that failed.
    failures: u32,
    /// Requests of this attempt.
    requests: u8,
    /// Places that failed this attempt.
    failed: usize,
    /// Why it failed last; empty when it did not.
    pub(super) trouble: String,
}

#[derive(Debug)]
enum State {
    /// It is not known where the trunk is.
    Nowhere,
    /// It is asked then.
    Waiting(Time),
    /// It was asked.
    Asked(Flow, Box<Request>),
    /// It was asked to forget us.
    Leaving(Flow, Box<Request>),
    /// It has forgotten us, or never knew.
    Left,
}

/// What is to be said to the trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Say {
    /// Which way.
    pub(super) flow: Flow,
    /// For how long it shall know us, in seconds; 0: no longer.
    pub(super) expires: u32,
    /// The number of the request.
    pub(super) cseq: u32,
    /// Credentials for the challenge that came.
    pub(super) credentials: Vec<Header>,
}

impl Registration {
    pub(super) fn begin(trunk: &Trunk, ids: &mut Ids, now: Time) -> Self {
        Self {
            state: State::Waiting(now),
            call_id: ids.call_id(),
            tag: ids.tag(),
            cseq: 0,
            credentials: Credentials::new(&trunk.username, &trunk.password.0),
            wanted: EXPIRES,
            binding: None,
            failures: 0,
            requests: 0,
            failed: 0,
            trouble: String::new(),
        }
    }

    /// Where we are registered.
    pub(super) fn at(&self) -> Option<Flow> {
        self.binding.map(|(flow, _)| flow)
    }

    /// For how long we are registered.
    pub(super) fn lasts(&self, now: Time) -> Option<Duration> {
        self.binding.map(|(_, until)| until.since(now))
    }

    /// Whether the trunk is being asked to forget us.
    pub(super) const fn is_leaving(&self) -> bool {
        matches!(self.state, State::Leaving(..))
    }

    /// Whether nothing more will be said.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Left)
    }

    /// The trunk is at these places: if it is not where we registered any longer, we do so anew.
    pub(super) fn found(&mut self, now: Time, places: &[Flow]) {
        let moved = self.at().is_some_and(|at| !places.contains(&at));
        match self.state {
            State::Nowhere => self.state = State::Waiting(now),
            State::Waiting(_) if moved => self.state = State::Waiting(now),
            State::Waiting(_) | State::Asked(..) | State::Leaving(..) | State::Left => {}
        }
    }

    /// The connection over which we registered is gone, and with it perhaps the way to us.
    pub(super) fn disconnected(&mut self, now: Time, flow: &Flow, spread: Duration) {
        let is_ours = self
            .at()
            .is_some_and(|at| (at.transport, at.remote) == (flow.transport, flow.remote));
        if let (true, State::Waiting(at)) = (is_ours, &mut self.state) {
            *at = (*at).min(now + spread);
        }
    }

    /// When there is something to say, or the binding ends.
    pub(super) fn due(&self) -> Option<Time> {
        let waiting = match self.state {
            State::Waiting(at) => Some(at),
            State::Nowhere | State::Asked(..) | State::Leaving(..) | State::Left => None,
        };
        let ends = self.binding.map(|(_, until)| until);
        waiting.into_iter().chain(ends).min()
    }

    /// What is to be said now, the trunk being at these places.
    pub(super) fn timeout(&mut self, now: Time, places: &[Flow]) -> Option<Say> {
        self.binding = self.binding.filter(|(_, until)| now < *until);
        match self.state {
            State::Waiting(at) if at <= now => {}
            State::Waiting(_)
            | State::Nowhere
            | State::Asked(..)
            | State::Leaving(..)
            | State::Left => return None,
        }
        self.requests = 0;
        self.failed = 0;
        // The place that knows us is asked first.
        let known = self.at().filter(|at| places.contains(at));
        let Some(flow) = known.or_else(|| places.first().copied()) else {
            self.state = State::Nowhere;
            return None;
        };
        Some(self.say(flow, self.wanted, Vec::new()))
    }

    /// Something was sent.
    pub(super) fn said(&mut self, say: &Say, request: Request) {
        let request = Box::new(request);
        self.state = match say.expires {
            0 => State::Leaving(say.flow, request),
            _ => State::Asked(say.flow, request),
        };
    }

    /// The credentials that a request should have from the start, because an earlier one was asked for them.
    pub(super) fn credentials(&mut self, request: &Request, cnonce: &str) -> Vec<Header> {
        self.credentials.headers(request, cnonce)
    }

    /// Nothing is to be registered any longer. What is to be said, if we are.
    pub(super) fn leave(&mut self) -> Option<Say> {
        let asked = match &self.state {
            State::Asked(flow, _) => Some(*flow),
            State::Leaving(..) => return None,
            State::Nowhere | State::Waiting(_) | State::Left => None,
        };
        let flow = self.at().or(asked);
        self.state = State::Left;
        self.binding = None;
        self.requests = 0;
        flow.map(|flow| self.say(flow, 0, Vec::new()))
    }

    /// An answer came. What is to be said to it.
    pub(super) fn answered(
        &mut self,
        now: Time,
        response: &Response,
        (places, token): (&[Flow], &str),
        ids: &mut Ids,
    ) -> Option<Say> {
        let (flow, request, expires) = match &self.state {
            State::Asked(flow, request) => (*flow, request.clone(), self.wanted),
            State::Leaving(flow, request) => (*flow, request.clone(), 0),
            State::Nowhere | State::Waiting(_) | State::Left => return None,
        };
        // What is answered is what was asked last.
        if response.cseq().map(|cseq| cseq.number) != Ok(self.cseq) {
            return None;
        }
        match response.status() {
            ..200 => None,
            200..300 if expires == 0 => self.left(),
            200..300 => {
                self.granted(now, response, token, flow, ids);
                None
            }
            status @ (401 | 407) => {
                let answer = self.credentials.answer(response, &request, &ids.tag());
                match answer {
                    Some(answer) if self.may_ask_again() => Some(self.say(flow, expires, answer)),
                    Some(_) | None => self.refused(now, status, response, ids),
                }
            }
            423 if expires != 0 => match min_expires(response) {
                Some(least) if least > self.wanted && self.may_ask_again() => {
                    self.wanted = least;
                    Some(self.say(flow, least, Vec::new()))
                }
                Some(_) | None => self.refused(now, 423, response, ids),
            },
            408 | 500.. if expires != 0 && response.status() < 600 => {
                let what = format!("it said {}", response.status());
                self.unreachable(now, what, places, retry_after(response), ids)
            }
            status => self.refused(now, status, response, ids),
        }
    }

    /// No answer came, or the request could not be delivered. What is to be said next.
    pub(super) fn unanswered(&mut self, now: Time, places: &[Flow], ids: &mut Ids) -> Option<Say> {
        match self.state {
            State::Asked(..) => {
                let what = "it did not answer".to_owned();
                self.unreachable(now, what, places, Duration::ZERO, ids)
            }
            State::Leaving(..) => self.left(),
            State::Nowhere | State::Waiting(_) | State::Left => None,
        }
    }

    fn say(&mut self, flow: Flow, expires: u32, credentials: Vec<Header>) -> Say {
        self.cseq = self.cseq.saturating_add(1);
        self.requests = self.requests.saturating_add(1);
        Say {
            flow,
            expires,
            cseq: self.cseq,
            credentials,
        }
    }

    const fn may_ask_again(&self) -> bool {
        self.requests < REQUESTS_MAX
    }

    fn left(&mut self) -> Option<Say> {
        self.state = State::Left;
        None
    }

    fn granted(&mut self, now: Time, response: &Response, token: &str, flow: Flow, ids: &mut Ids) {
        let granted = granted(response, token)
            .unwrap_or(self.wanted)
            .min(self.wanted);
        if granted == 0 {
            let wait = self.back_off(RETRY, ids);
            self.fail(now, "it granted no time".to_owned(), wait);
            return;
        }
        let granted = Duration::from_secs(granted.into());
        self.binding = Some((flow, now + granted));
        self.failures = 0;
        self.trouble.clear();
        self.state = State::Waiting(now + renew_after(granted, ids));
    }

    /// The trunk does not want us, or not like this; asking soon again would not change that.
    fn refused(
        &mut self,
        now: Time,
        status: u16,
        response: &Response,
        ids: &mut Ids,
    ) -> Option<Say> {
        if self.is_leaving() {
            return self.left();
        }
        let what = match status {
            401 | 403 | 407 => format!("it refused user name or password ({status})"),
            _ => format!("it refused ({status})"),
        };
        let wait = self.back_off(REFUSED, ids).max(retry_after(response));
        self.fail(now, what, wait);
        None
    }

    /// A place cannot do it at this moment: the next one is asked, or all of them later.
    fn unreachable(
        &mut self,
        now: Time,
        what: String,
        places: &[Flow],
        at_least: Duration,
        ids: &mut Ids,
    ) -> Option<Say> {
        let asked = match &self.state {
            State::Asked(flow, _) => Some(*flow),
            State::Nowhere | State::Waiting(_) | State::Leaving(..) | State::Left => None,
        };
        self.failed += 1;
        if self.failed < places.len() {
            let after = places.iter().position(|place| Some(*place) == asked);
            let next = after.map_or(0, |place| place + 1) % places.len();
            if let Some(flow) = places.get(next) {
                self.requests = 0;
                self.trouble = what;
                return Some(self.say(*flow, self.wanted, Vec::new()));
            }
        }
        let wait = self.back_off(RETRY, ids).max(at_least);
        self.fail(now, what, wait);
        None
    }

    fn fail(&mut self, now: Time, what: String, wait: Duration) {
        self.trouble = what;
        self.failures = self.failures.saturating_add(1);
        self.state = State::Waiting(now + wait);
    }

    /// Doubles with each failure, and is random so that not all who lost a server come back at once
    /// (RFC 5626 §4.5).
    fn back_off(&self, (first, most): (Duration, Duration), ids: &mut Ids) -> Duration {
        let doubled = first.saturating_mul(1 << self.failures.min(DOUBLINGS_MAX));
        let longest = doubled.min(most);
        let half = longest / 2;
        half + random(half, ids)
    }
}

/// For how long the registrar says that it knows us: in our contact, else in Expires (RFC 3261 §10.2.4).
fn granted(response: &Response, token: &str) -> Option<u32> {
    let is_ours = |uri: &Uri<'_>| uri.param(super::TOKEN) == Some(token);
    let contacts = response
        .contacts()
        .take(CONTACTS_MAX)
        .filter_map(Result::ok);
    let mut ours = contacts.filter(|contact| is_ours(contact.uri()));
    let contact = ours.next().and_then(|contact| {
        let expires = contact.param("expires")?;
        expires.parse().ok()
    });
    contact.or_else(|| response.expires())
}

/// The least time that the registrar takes; `None` when it says none, or one that makes no sense.
fn min_expires(response: &Response) -> Option<u32> {
    let least = response.header(Name::MinExpires)?.trim().parse().ok()?;
    (least <= EXPIRES_MAX).then_some(least)
}

/// For how long the trunk wants to be left alone, as far as that is heeded (RFC 3261 §20.33).
fn retry_after(response: &Response) -> Duration {
    let value = response.header(Name::RetryAfter).unwrap_or_default();
    let digits = value.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit());
    let digits = digits
        .get(..end.unwrap_or(digits.len()))
        .unwrap_or_default();
    // What is too long for a number is too long.
    let seconds = match digits {
        "" => 0,
        digits => digits.parse().unwrap_or(u64::MAX),
    };
    Duration::from_secs(seconds.min(RETRY_AFTER_MAX.as_secs()))
}

/// When a registration is renewed that was granted for so long: well before its end, the more time the better.
fn renew_after(granted: Duration, ids: &mut Ids) -> Duration {
    let early = granted / 2;
    let spread = random(granted / 4, ids);
    (early + spread).max(RENEW_MIN)
}

/// Up to this, in steps of a millisecond.
pub(super) fn random(most: Duration, ids: &mut Ids) -> Duration {
    let most = u32::try_from(most.as_millis()).unwrap_or(u32::MAX);
    Duration::from_millis(ids.below(most.max(1)).into())
}

/// For how long it is registered, in seconds.
const EXPIRES: u32 = 600;
/// What a registrar may want at least: a week.
const EXPIRES_MAX: u32 = 7 * 86_400;
/// However short a time was granted, nobody is asked more often.
const RENEW_MIN: Duration = Duration::from_secs(10);
/// First and longest wait after a place could not be reached.
const RETRY: (Duration, Duration) = (Duration::from_secs(4), Duration::from_secs(300));
/// First and longest wait after a refusal: many accounts are locked when a wrong password is given often.
const REFUSED: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(1_800));
const DOUBLINGS_MAX: u32 = 10;
/// The longest wait that a trunk may ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);
/// Requests of one attempt: challenges of proxy and server, each once too old, and one 423.
const REQUESTS_MAX: u8 = 6;
/// Contacts of an answer that are looked at.
const CONTACTS_MAX: usize = 64;
