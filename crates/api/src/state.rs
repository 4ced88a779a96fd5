//! What the handlers work with.

use crate::backend::Backend;
use crate::events::{Hub, Told};
use crate::limits::{CHECKS_MAX, GATHERED_FOR, SWEEP_EVERY, TOLD_AT_ONCE_MAX};
use crate::problem::Problem;
use crate::session::{Sessions, Throttle, Tokens};
use crate::time::Zone;
use axum::Router;
use model::{Change, Extension, Number, Site, Wall};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{ReadError, Store, TokenRow, WriteError};
use tokio::sync::{Semaphore, mpsc};

/// What the interface is made of.
pub struct Settings {
    /// What lasts.
    pub store: Store,
    /// What the running server alone knows.
    pub backend: Arc<dyn Backend>,
    /// The folder of recordings, voicemail and faxes.
    pub files: PathBuf,
}

/// The HTTP interface. Copies are the same one.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    store: Store,
    backend: Arc<dyn Backend>,
    files: PathBuf,
    sessions: Sessions,
    tokens: Tokens,
    throttle: Throttle,
    checks: Semaphore,
    hub: Hub,
}

impl Api {
    /// Reads who is logged in.
    pub async fn open(settings: Settings) -> Result<Self, ReadError> {
        let Settings {
            store,
            backend,
            files,
        } = settings;
        let sessions = Sessions::open(&store, &backend).await?;
        let tokens = Tokens::open(&store).await?;
        let hub = Hub::new(store.site(), backend.now());
        Ok(Self(Arc::new(Inner {
            store,
            backend,
            files,
            sessions,
            tokens,
            throttle: Throttle::default(),
            checks: Semaphore::new(CHECKS_MAX),
            hub,
        })))
    }

    /// Whether extensions may use the portal (GEN-01).
    #[must_use]
    pub fn portal_is_on(&self) -> bool {
        self.0.store.site().directory.system.portal
    }

    /// Everything below `/api`.
    pub fn router(&self) -> Router {
        crate::route::router(self.clone())
    }

    /// Takes in what is told, for as long as anybody tells.
    pub async fn listen(self, mut told: mpsc::Receiver<Told>) {
        self.hub().begin(self.backend().states().await);
        self.count_messages().await;
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut news = Vec::new();
        loop {
            tokio::select! {
                count = told.recv_many(&mut news, TOLD_AT_ONCE_MAX) => {
                    if count == 0 {
                        return;
                    }
                    for told in news.drain(..) {
                        self.take_in(told).await;
                    }
                    // To wake up for every fact of every call would cost more than to take it in.
                    tokio::time::sleep(GATHERED_FOR).await;
                }
                _ = sweep.tick() => {
                    let site = self.store().site();
                    self.sessions().sweep(self.now(), &site);
                }
            }
        }
    }

    async fn take_in(&self, told: Told) {
        match told {
            Told::Lost => {
                self.hub().begin(self.backend().states().await);
                self.count_messages().await;
            }
            Told::Site(site) => {
                self.sessions().sweep(self.now(), &site);
                self.hub().site(site);
            }
            Told::Messages(mailbox, counts) => self.hub().messages(mailbox, counts),
            Told::Fact(at, fact) => self.hub().fact(at, &fact),
        }
    }

    /// Looks how many messages there are, at the start or after something was lost.
    async fn count_messages(&self) {
        match self.store().message_counts().await {
            Ok(counts) => self.hub().all_messages(counts),
            Err(error) => tracing::error!(%error, "the mailboxes cannot be read"),
        }
    }

    /// Takes a token that was made elsewhere, in place of the one of its name.
    pub async fn put_token(&self, token: TokenRow) -> Result<(), WriteError> {
        self.tokens().put(token).await
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.0.backend
    }

    pub(crate) fn files(&self) -> &Path {
        &self.0.files
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    pub(crate) fn checks(&self) -> &Semaphore {
        &self.0.checks
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    pub(crate) fn now(&self) -> Wall {
        self.backend().now()
    }

    /// Saves a setting the way star codes do; the configuration that is in force then.
    pub(crate) async fn change(&self, change: Change) -> Result<Arc<Site>, Problem> {
        Ok(self.store().save_change(change).await?)
    }

    /// Saves what was edited of an extension; the extension as it is then.
    pub(crate) async fn edit(
        &self,
        number: Number,
        edit: impl FnOnce(&mut Extension) + Send + 'static,
    ) -> Result<Arc<Extension>, Problem> {
        let saved = self.store().change(move |site| {
            let mut directory = (*site.directory).clone();
            edit(Arc::make_mut(directory.extensions.get_mut(&number)?));
            Some(Site {
                directory: Arc::new(directory),
                ..site.clone()
            })
        });
        extension(&*saved.await?, &number)
    }
}

/// An extension of a configuration.
pub(crate) fn extension(site: &Site, number: &Number) -> Result<Arc<Extension>, Problem> {
    let extension = site.directory.extensions.get(number);
    extension.cloned().ok_or_else(Problem::not_found)
}

/// The zone of a configuration.
pub(crate) fn zone(site: &Site) -> Zone {
    Zone::of(&site.directory.system)
}
