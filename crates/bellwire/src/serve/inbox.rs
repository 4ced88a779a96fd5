//! What the signalling thread is told by others, and how it is woken.

use super::dns::Servers;
use super::signalling::Signalling;
use edge::Ticket;
use media::MediaEvent;
use model::QuestionId;
use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use sip::Flow;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::WriteError;
use tokio::sync::mpsc;

/// Something from another thread.
pub(super) enum Event {
    /// A stream was connected; what is sent to it goes here.
    Connected(Flow, mpsc::Sender<Vec<u8>>),
    /// A whole message came on a stream.
    Message(Flow, Vec<u8>),
    /// A stream is gone, or could not be connected.
    Disconnected(Flow),
    /// Where a trunk is, by its name; `None` when it was not found.
    Resolved(String, Option<Servers>),
    /// A media worker has something to say.
    Media(MediaEvent),
    /// What was put before the ticket's barrier is on disk.
    Committed(Ticket),
    /// A setting changed by telephone is on disk, or is not.
    Saved(QuestionId, Result<Arc<model::Site>, WriteError>),
    /// What the switch asked is known.
    Known(QuestionId, model::Reply),
    /// A mailbox has so many messages.
    Messages(model::Number, model::MessageCounts),
    /// Another configuration is on disk.
    Site(Arc<model::Site>),
    /// Somebody wants to know whether sound goes to and from an extension.
    SoundCheck(model::Number),
    /// Somebody asks something of a call.
    Command(model::Command),
    /// A page may prove itself with this.
    Admit(edge::Pass),
    /// A session of the portal is over.
    Revoke(u64),
    /// Somebody looks at what is live.
    Look(Box<dyn FnOnce(&Signalling) + Send>),
    /// No new calls; a second time: no calls at all.
    End,
}

/// Where other threads put events. Copies lead to the same thread.
#[derive(Clone)]
pub(super) struct Inbox {
    messages: mpsc::Sender<Event>,
    inside: mpsc::Sender<Event>,
    bell: Bell,
}

/// The other end.
pub(super) struct Events {
    messages: mpsc::Receiver<Event>,
    inside: mpsc::Receiver<Event>,
    bell: Bell,
}

/// An inbox and its other end.
pub(super) fn inbox() -> io::Result<(Inbox, Events)> {
    let (messages, from_streams) = mpsc::channel(MESSAGES_MAX);
    let (inside, from_inside) = mpsc::channel(INSIDE_MAX);
    let bell = Bell::new()?;
    let events = Events {
        messages: from_streams,
        inside: from_inside,
        bell: bell.clone(),
    };
    let inbox = Inbox {
        messages,
        inside,
        bell,
    };
    Ok((inbox, events))
}

impl Inbox {
    /// Hands over what came from the network. Waits while there is no room, so that a stream that sends
    /// too fast is slowed down by TCP itself. Returns whether anybody is there to take it.
    pub(super) async fn put(&self, event: Event) -> bool {
        let taken = self.messages.send(event).await.is_ok();
        self.bell.ring();
        taken
    }

    /// Hands over what comes from inside; never waits.
    pub(super) fn tell(&self, event: Event) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.inside.try_send(event) {
            tracing::error!("the signalling thread does not keep up; an event was lost");
        }
        self.bell.ring();
    }
}

impl Events {
    /// The next event, if there is one; events from inside go first.
    pub(super) fn next(&mut self) -> Option<Event> {
        self.inside
            .try_recv()
            .or_else(|_| self.messages.try_recv())
            .ok()
    }

    /// Becomes readable when there are events.
    pub(super) fn bell(&self) -> BorrowedFd<'_> {
        self.bell.eventfd.as_fd()
    }

    /// Events from here on ring again. To be called before they are read.
    pub(super) fn hush(&self) {
        let mut count = [0; 8];
        // It may be quiet already.
        let _ = rustix::io::read(&*self.bell.eventfd, &mut count);
        self.bell.rings.store(false, Ordering::SeqCst);
    }
}

/// Wakes a thread that waits in `poll`.
#[derive(Clone)]
struct Bell {
    eventfd: Arc<OwnedFd>,
    /// Spares the system call while it rings already.
    rings: Arc<AtomicBool>,
}

impl Bell {
    fn new() -> io::Result<Self> {
        let eventfd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            eventfd: Arc::new(eventfd),
            rings: Arc::default(),
        })
    }

    fn ring(&self) {
        if !self.rings.swap(true, Ordering::SeqCst)
            && let Err(error) = rustix::io::write(&*self.eventfd, &1_u64.to_ne_bytes())
        {
            tracing::error!(%error, "the signalling thread cannot be woken");
        }
    }
}

/// Messages from streams that wait for the signalling thread. When they are so many, their connections
/// are not read.
const MESSAGES_MAX: usize = 4_096;
/// Events from inside that wait: a play-list's end, a commit and a key for each of many thousand legs. More
/// are lost with an error in the log; timers end what waits for them.
const INSIDE_MAX: usize = 65_536;
