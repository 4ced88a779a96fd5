//! Sessions: in memory for every request, in the database for the next start.

use super::secret;
use crate::account::Account;
use crate::backend::Backend;
use crate::limits::{IDLE_MS, SEEN_EVERY_MS, SESSIONS_MAX, SESSIONS_OF_ACCOUNT_MAX, STAY_MS};
use crate::password::Strength;
use crate::problem::Problem;
use aws_lc_rs::hmac;
use model::{Site, Wall};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{ReadError, SessionRow, Store};

/// Everybody who is logged in by cookie.
pub(crate) struct Sessions {
    store: Store,
    /// Hears of every end: pages are phones by their sessions.
    backend: Arc<dyn Backend>,
    /// Makes what is kept of a password, so that it opens nothing and cannot be tried out.
    credentials: hmac::Key,
    /// By the hash of the cookie's token.
    open: Mutex<BTreeMap<String, Session>>,
}

/// One session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) kept: Kept,
    pub(crate) seen: Wall,
    /// The last use that the database knows of.
    written: Wall,
    /// What is about to take the place of its credential: the owner is changing his password.
    next: Option<String>,
}

/// What never changes of a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Names it to its owner.
    pub(crate) id: u64,
    pub(crate) account: Account,
    /// What tells whether the password is still the same.
    credential: String,
    pub(crate) created: Wall,
    /// Where the login came from.
    pub(crate) address: String,
    /// What the browser calls itself.
    pub(crate) agent: String,
    /// Whether it lasts on a device that is the owner's own.
    #[serde(default)]
    pub(crate) stays: Stays,
    /// Whether the password that it began with is easily guessed.
    #[serde(default)]
    pub(crate) password: Strength,
}

/// How long a session lasts without a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stays {
    /// Half an hour.
    #[default]
    Awhile,
    /// A month.
    Long,
}

/// Where and how somebody logs in.
#[derive(Clone, Debug)]
pub(crate) struct From {
    pub(crate) address: String,
    pub(crate) agent: String,
    pub(crate) stays: Stays,
    pub(crate) password: Strength,
}

impl Sessions {
    /// Those that have not ended since the last start.
    pub(crate) async fn open(store: &Store, backend: &Arc<dyn Backend>) -> Result<Self, ReadError> {
        let now = backend.now();
        let mut open = BTreeMap::new();
        for row in store.sessions().await? {
            match serde_json::from_str::<Kept>(&row.body) {
                Ok(kept) if !is_idle(now, row.seen, kept.stays) => {
                    let session = Session {
                        kept,
                        seen: row.seen,
                        written: row.seen,
                        next: None,
                    };
                    open.insert(row.hash, session);
                }
                // Of another version, or too old.
                Ok(_) | Err(_) => drop(store.remove_session(row.hash)),
            }
        }
        let key = store.derived("sessions");
        Ok(Self {
            store: store.clone(),
            backend: Arc::clone(backend),
            credentials: hmac::Key::new(hmac::HMAC_SHA256, &key),
            open: Mutex::new(open),
        })
    }

    /// Lets somebody in; returns what the cookie says once that is on disk. The oldest session of one who has many ends.
    pub(crate) async fn begin(
        &self,
        now: Wall,
        account: Account,
        site: &Site,
        from: From,
    ) -> Result<String, Problem> {
        let credential = self
            .credential(&account, site)
            .ok_or_else(Problem::wrong_credentials)?;
        let token = secret::random()?;
        let kept = Kept {
            id: secret::random_id()?,
            account,
            credential,
            created: now,
            address: from.address,
            agent: from.agent,
            stays: from.stays,
            password: from.password,
        };
        let hash = secret::hash(&token);
        let row = row(&hash, &kept, now)?;
        {
            let mut open = self.lock();
            self.make_room(&mut open, &kept.account)?;
            let session = Session {
                kept,
                seen: now,
                written: now,
                next: None,
            };
            open.insert(hash.clone(), session);
        }
        if let Err(error) = self.store.put_session(row).await {
            self.lock().remove(&hash);
            return Err(error.into());
        }
        Ok(token)
    }

    fn make_room(
        &self,
        open: &mut BTreeMap<String, Session>,
        account: &Account,
    ) -> Result<(), Problem> {
        let mut own: Vec<_> = open
            .iter()
            .filter(|(_, session)| session.kept.account == *account)
            .map(|(hash, session)| (session.seen, hash.clone()))
            .collect();
        own.sort();
        let too_many = (own.len() + 1).saturating_sub(SESSIONS_OF_ACCOUNT_MAX);
        for (_, hash) in own.into_iter().take(too_many) {
            self.end(open, &hash);
        }
        if open.len() >= SESSIONS_MAX {
            return Err(Problem::busy("too many people are logged in"));
        }
        Ok(())
    }

    /// Whose session a cookie names, if it stands; it stands for another while then.
    pub(crate) fn seen(&self, now: Wall, token: &str, site: &Site) -> Option<(String, Account)> {
        let hash = secret::hash(token);
        let mut open = self.lock();
        let session = open.get_mut(&hash)?;
        if !self.stands(now, session, site) {
            self.end(&mut open, &hash);
            return None;
        }
        session.seen = now;
        let account = session.kept.account.clone();
        if now.0.saturating_sub(session.written.0) >= SEEN_EVERY_MS
            && let Ok(row) = row(&hash, &session.kept, now)
        {
            session.written = now;
            drop(self.store.put_session(row));
        }
        Some((hash, account))
    }

    /// Whether the session of that hash stands; looking does not keep it alive.
    pub(crate) fn stand(&self, now: Wall, hash: &str, site: &Site) -> bool {
        let open = self.lock();
        open.get(hash)
            .is_some_and(|session| self.stands(now, session, site))
    }

    /// The sessions of an account, by hash.
    pub(crate) fn of(&self, account: &Account) -> Vec<(String, Session)> {
        let open = self.lock();
        let own = open
            .iter()
            .filter(|(_, session)| session.kept.account == *account);
        own.map(|(hash, session)| (hash.clone(), session.clone()))
            .collect()
    }

    /// What names the session of that hash.
    pub(crate) fn id(&self, hash: &str) -> Option<u64> {
        self.lock().get(hash).map(|session| session.kept.id)
    }

    /// How good the password was that a session began with.
    pub(crate) fn password(&self, hash: &str) -> Strength {
        let open = self.lock();
        let session = open.get(hash);
        session
            .map(|session| session.kept.password)
            .unwrap_or_default()
    }

    /// The owner of a session is about to have another secret: this session outlasts that, others do not.
    pub(crate) fn expect(&self, hash: &str, secret: &[u8]) {
        if let Some(session) = self.lock().get_mut(hash) {
            session.next = Some(self.sealed(secret));
        }
    }

    /// The secret was changed, or was not: what was expected holds if it is what the configuration says. Returns once that is
    /// on disk.
    pub(crate) async fn settle(&self, hash: &str, site: &Site) -> Result<(), Problem> {
        let row = {
            let mut open = self.lock();
            let Some(session) = open.get_mut(hash) else {
                return Ok(());
            };
            let is = self.credential(&session.kept.account, site);
            match session.next.take() {
                Some(next) if is.as_deref() == Some(&*next) => {
                    session.kept.credential = next;
                    session.kept.password = Strength::Good;
                }
                Some(_) | None => return Ok(()),
            }
            row(hash, &session.kept, session.seen)?
        };
        Ok(self.store.put_session(row).await?)
    }

    /// Ends a session; returns once that is on disk.
    pub(crate) async fn close(&self, hash: &str) -> Result<(), Problem> {
        self.forget(&mut self.lock(), hash);
        Ok(self.store.remove_session(hash.to_owned()).await?)
    }

    /// Ends the sessions that no longer stand (GEN-01 GEN-02 GEN-03).
    pub(crate) fn sweep(&self, now: Wall, site: &Site) {
        let mut open = self.lock();
        let dead: Vec<_> = open
            .iter()
            .filter(|(_, session)| !self.stands(now, session, site))
            .map(|(hash, _)| hash.clone())
            .collect();
        for hash in dead {
            self.end(&mut open, &hash);
        }
    }

    fn end(&self, open: &mut BTreeMap<String, Session>, hash: &str) {
        self.forget(open, hash);
        drop(self.store.remove_session(hash.to_owned()));
    }

    fn forget(&self, open: &mut BTreeMap<String, Session>, hash: &str) {
        if let Some(session) = open.remove(hash) {
            self.backend.revoke(session.kept.id);
        }
    }

    fn stands(&self, now: Wall, session: &Session, site: &Site) -> bool {
        let credential = self.credential(&session.kept.account, site);
        let credential = credential.as_deref();
        !is_idle(now, session.seen, session.kept.stays)
            && credential.is_some()
            && (credential == Some(&*session.kept.credential)
                || credential == session.next.as_deref())
    }

    /// What changes with the password; `None` for whoever may not log in.
    fn credential(&self, account: &Account, site: &Site) -> Option<String> {
        let secret = match account {
            Account::Extension(number) => {
                let directory = &site.directory;
                let extension = directory.extension(number)?;
                let may = directory.system.portal && extension.portal;
                may.then_some(&extension.secret.sha256[..])?
            }
            Account::User(name) => site.users.get(name)?.password.as_bytes(),
            Account::Token(_) => return None,
        };
        Some(self.sealed(secret))
    }

    fn sealed(&self, secret: &[u8]) -> String {
        secret::hex(hmac::sign(&self.credentials, secret).as_ref())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that was put back keeps nobody logged in for longer than the idle time.
fn is_idle(now: Wall, seen: Wall, stays: Stays) -> bool {
    let most = match stays {
        Stays::Awhile => IDLE_MS,
        Stays::Long => STAY_MS,
    };
    now.0.abs_diff(seen.0) >= most.unsigned_abs()
}

fn row(hash: &str, kept: &Kept, seen: Wall) -> Result<SessionRow, Problem> {
    let body = serde_json::to_string(kept).map_err(|error| {
        tracing::error!(%error, "a session cannot be written");
        Problem::busy("the session cannot be written")
    })?;
    Ok(SessionRow {
        hash: hash.to_owned(),
        seen,
        body,
    })
}
