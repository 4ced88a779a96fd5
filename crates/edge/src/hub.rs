//! What every part of the edge works with.

use crate::Settings;
use crate::guard::Guard;
use crate::held::Held;
use crate::notifier::Aspect;
use crate::output::Output;
use crate::owner::Owner;
use crate::passes::Passes;
use crate::refusal::Refusal;
use crate::registrar::Registrar;
use crate::trunks::Book;
use model::{CodecName, Directory, Dtmf, Input, Now, Number, Origin, Reachability, Time};
use rtp::sdp::Order;
use sip::message::{Request, Response};
use sip::transaction::{Full, Limits, ServerId, Transactions};
use sip::{Flow, Ids, Seed};
use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// What every part of the edge works with: configuration, transactions, registrations, outputs.
///
/// The parts themselves (legs, qualify) stand beside it in [`crate::Edge`] and are handed it, so that each
/// can use it without owning the others. What transactions put out is collected by [`crate::Edge`] at the
/// end of each of its calls.
#[derive(Debug)]
pub(crate) struct Hub {
    /// How the edge is set up.
    pub(crate) settings: Settings,
    /// The site.
    pub(crate) directory: Arc<Directory>,
    /// All transactions.
    pub(crate) transactions: Transactions,
    /// Who is registered where.
    pub(crate) registrar: Registrar,
    /// Which trunks there are.
    pub(crate) book: Book,
    /// Who guesses passwords.
    pub(crate) guard: Guard,
    /// With what pages prove themselves.
    pub(crate) passes: Passes,
    /// Whether new calls are taken.
    pub(crate) admission: Admission,
    /// Whether the operator knows that keys of SRTP travel in clear.
    pub(crate) keys_in_clear: Told,
    held: Held,
    /// The extensions of which the switch knows that they can be rung.
    reachable: BTreeSet<Number>,
    /// Of which numbers something is different that is watched perhaps.
    touched: BTreeSet<(Number, Aspect)>,
    outputs: VecDeque<Output>,
}

/// Whether new calls are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// They are.
    Open,
    /// The server is about to end.
    Draining,
}

/// Whether something that is said once was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// It was.
    Yes,
    /// It was not.
    No,
}

impl Hub {
    pub(crate) fn new(settings: Settings, directory: Arc<Directory>, seed: Seed) -> Self {
        Self {
            settings,
            directory,
            transactions: Transactions::new(Ids::new(seed), Limits::default()),
            registrar: Registrar::default(),
            book: Book::default(),
            guard: Guard::default(),
            passes: Passes::default(),
            admission: Admission::Open,
            keys_in_clear: Told::No,
            held: Held::default(),
            reachable: BTreeSet::new(),
            touched: BTreeSet::new(),
            outputs: VecDeque::new(),
        }
    }

    /// How a party's phones tell keys.
    pub(crate) fn dtmf_of(&self, party: &Origin) -> Dtmf {
        let directory = &self.directory;
        let set = match party {
            Origin::Extension(number) => directory.extensions.get(number).map(|it| it.dtmf),
            Origin::Trunk(name) => directory.trunks.get(name).map(|it| it.dtmf),
        };
        set.unwrap_or_default()
    }

    /// The codecs that are spoken with a party, and whose order decides among them: what is set here is meant.
    pub(crate) fn codecs_of(&self, party: &Origin) -> (&[CodecName], Order) {
        let directory = &self.directory;
        let set = match party {
            Origin::Extension(number) => directory.extensions.get(number).map(|it| &it.codecs),
            Origin::Trunk(name) => directory.trunks.get(name).map(|it| &it.codecs),
        };
        let mut lists = [set, Some(&directory.system.codecs)].into_iter().flatten();
        match lists.find(|list| !list.is_empty()) {
            Some(list) => (list, Order::Ours),
            None => (&CodecName::DEFAULT, Order::Theirs),
        }
    }

    /// Asks the shell for something.
    pub(crate) fn output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// The next thing that the shell has to do.
    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Something about a number is different.
    pub(crate) fn touch(&mut self, number: Number, aspect: Aspect) {
        self.touched.insert((number, aspect));
    }

    /// A number of which something is different, once for each time that it was.
    pub(crate) fn touched(&mut self) -> Option<(Number, Aspect)> {
        self.touched.pop_first()
    }

    /// Sends a message. Only what transactions put out comes here.
    pub(crate) fn send(&mut self, flow: Flow, bytes: Vec<u8>) {
        self.output(Output::Send { flow, bytes });
    }

    /// Lets a request in, or tells its sender that there is no room.
    pub(crate) fn accept(
        &mut self,
        now: Now,
        flow: Flow,
        request: &Request,
        owner: Owner,
    ) -> Option<ServerId> {
        match self
            .transactions
            .accept(sip_time(now.mono), flow, request, owner.into())
        {
            Ok(server) => Some(server),
            Err(Full::Total | Full::Source) => {
                self.refuse(flow, request, &Refusal::later());
                None
            }
        }
    }

    /// Answers a request that was let in.
    pub(crate) fn respond(&mut self, now: Now, server: ServerId, response: Response) {
        self.transactions
            .respond(sip_time(now.mono), server, &response);
    }

    /// Answers a request that was let in, once everything put out so far is on disk.
    pub(crate) fn respond_when_stored(&mut self, now: Now, server: ServerId, response: Response) {
        let ticket = self.held.hold(now.mono, server, response);
        self.output(Output::Barrier(ticket));
    }

    /// Refuses a request without remembering anything.
    pub(crate) fn refuse(&mut self, flow: Flow, request: &Request, refusal: &Refusal) {
        let tag = self.stateless_tag(request);
        let response = refusal.response(request, &tag, &self.settings.product);
        self.reply(flow, request, &response);
    }

    /// Answers a request without remembering anything.
    pub(crate) fn reply(&mut self, flow: Flow, request: &Request, response: &Response) {
        self.transactions.reply(flow, request, response);
    }

    /// The To tag of an answer that is not remembered: the same for every copy of a request, and not to be
    /// guessed (RFC 3261 §8.2.7).
    pub(crate) fn stateless_tag(&self, request: &Request) -> String {
        let mut hasher = DefaultHasher::new();
        self.settings.nonce_key.hash(&mut hasher);
        request.call_id().hash(&mut hasher);
        if let Ok(from) = request.from() {
            from.tag().hash(&mut hasher);
        }
        if let Ok(cseq) = request.cseq() {
            cseq.number.hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }

    /// Tells the switch when an extension can, or can no longer, be reached.
    pub(crate) fn tell_reachability(&mut self, extension: Number) {
        let reachability = self.registrar.reachability(&extension);
        let news = match reachability {
            Reachability::Available => self.reachable.insert(extension),
            Reachability::Unavailable => self.reachable.remove(&extension),
        };
        if news {
            self.output(Output::Switch(Input::Reachable(extension, reachability)));
        }
    }

    /// Everything put out before the barrier is on disk.
    pub(crate) fn committed(&mut self, now: Now, ticket: crate::Ticket) {
        if let Some((server, response)) = self.held.committed(ticket) {
            self.respond(now, server, response);
        }
    }

    /// Does what is due, other than what belongs to legs and qualify.
    pub(crate) fn timeout(&mut self, now: Now) {
        self.transactions.timeout(sip_time(now.mono));
        self.guard.timeout(now.mono);
        while let Some((server, response)) = self.held.timeout(now.mono) {
            self.respond(now, server, response);
        }
    }

    /// When [`Self::timeout`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        [
            self.transactions.next_deadline().map(|time| Time(time.0)),
            self.guard.next_deadline(),
            self.held.next_deadline(),
            self.registrar.next_deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }
}

/// The same instant in the words of the `sip` crate.
pub(crate) const fn sip_time(time: Time) -> sip::Time {
    sip::Time(time.0)
}
