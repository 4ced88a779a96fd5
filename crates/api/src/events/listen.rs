//! The stream of events (Server-Sent Events).

use super::hub::{Beginning, Change};
use super::seats::Seat;
use crate::account::{Account, Caller, May};
use crate::limits::HEARTBEAT;
use crate::problem::{Problem, Refused};
use crate::state::Api;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use futures_util::stream::{Stream, unfold};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

/// Events as they happen (`text/event-stream`).
///
/// The first is `snapshot`: `presence` (of every extension), `calls` (in progress, those that one may see) and `settings`
/// (one's own), and in `voicemail` how many messages are `new` and `old` in one's own mailbox. Then come `presence`
/// (`number`, `state`), `calls` (`state` is the phase, at last `ended`, or `merged` with the call in `into`), `voicemail`
/// (`new`, `old`), `queues` (to agents, operators and administrators: `queue`, `ticket`, `change`) and `settings` (`changed` names resources; one's own come with their values). A client that comes back with `Last-Event-ID` hears what it
/// missed, or a snapshot when that was too much. Listening does not keep a session alive.
#[utoipa::path(get, path = "/events", tag = "events",
    params(("Last-Event-ID" = Option<String>, Header, description = "The last event that was heard")),
    responses((status = 200, content_type = "text/event-stream", body = String), Refused))]
pub(crate) async fn events(
    caller: Caller,
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let seat = api.hub().seats().take(&caller.account).ok_or_else(|| {
        Problem::busy("too many listen already; close other windows and try again")
    })?;
    let last = headers
        .get("last-event-id")
        .and_then(|last| last.to_str().ok());
    let beginning = api.hub().listen(caller.may, last);
    let listener = Listener {
        waiting: VecDeque::new(),
        api,
        caller,
        changes: None,
        _seat: seat,
    };
    let listener = listener.begin(beginning);
    Ok(Sse::new(unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    })))
}

struct Listener {
    api: Api,
    caller: Caller,
    waiting: VecDeque<Event>,
    changes: Option<tokio::sync::broadcast::Receiver<Arc<Change>>>,
    _seat: Seat,
}

impl Listener {
    fn begin(mut self, beginning: Beginning) -> Self {
        let hub = self.api.hub();
        if let Some(snapshot) = &beginning.snapshot {
            let event = Event::default()
                .event("snapshot")
                .id(hub.name(beginning.last));
            self.waiting.push_back(event.data(snapshot.to_string()));
        }
        let missed = beginning
            .missed
            .iter()
            .filter_map(|change| self.shown(change));
        let missed: Vec<_> = missed.collect();
        self.waiting.extend(missed);
        self.changes = Some(beginning.changes);
        self
    }

    /// The next event; `None` when the listener may no longer listen.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            let received = match &mut self.changes {
                Some(changes) => timeout(HEARTBEAT, changes.recv()).await,
                None => return None,
            };
            if !self.may_listen() {
                return None;
            }
            match received {
                Ok(Ok(change)) => self.waiting.extend(self.shown(&change)),
                // It reads too slowly for all of it: it gets what is, in place of what was.
                Ok(Err(RecvError::Lagged(_))) => {
                    let beginning = self.api.hub().listen(self.caller.may, None);
                    let event = Event::default().event("snapshot");
                    let event = event.id(self.api.hub().name(beginning.last));
                    let snapshot = beginning.snapshot.unwrap_or_default();
                    self.waiting.push_back(event.data(snapshot.to_string()));
                    self.changes = Some(beginning.changes);
                }
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => return Some(Event::default().comment("")),
            }
        }
    }

    fn shown(&self, change: &Change) -> Option<Event> {
        let event = Event::default().event(change.kind);
        change.parties.include(self.caller.may).then(|| {
            event
                .id(self.api.hub().name(change.number))
                .data(&change.data)
        })
    }

    /// Whether the session or token that the listening began with still stands, with the same rights.
    fn may_listen(&self) -> bool {
        let site = self.api.store().site();
        match (&self.caller.account, &self.caller.session) {
            (Account::Token(name), _) => self.api.tokens().stands(name),
            (Account::Extension(_), Some(hash)) => {
                self.api.sessions().stand(self.api.now(), hash, &site)
            }
            (Account::User(name), Some(hash)) => {
                let role = site.users.get(name).map(|user| May::of(user.role));
                role == Some(self.caller.may)
                    && self.api.sessions().stand(self.api.now(), hash, &site)
            }
            (Account::Extension(_) | Account::User(_), None) => false,
        }
    }
}
