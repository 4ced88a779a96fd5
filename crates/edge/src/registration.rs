//! Phones say where they are: REGISTER, and what follows from it.

use crate::hub::Hub;
use crate::notifier::Aspect;
use crate::output::Output;
use crate::owner::Owner;
use crate::refusal::Refusal;
use crate::register::{self, Asked};
use crate::registrar::{Change, OutOfOrder};
use crate::{Binding, Edge};
use model::{Directory, Duration, Now, Number, Reachability};
use sip::message::{NameAddr, Problem, Request};
use sip::{Flow, Transport};
use std::net::SocketAddr;

impl Edge {
    /// Serves a REGISTER of an extension that proved who it is.
    pub(crate) fn register(
        &mut self,
        now: Now,
        extension: Number,
        flow: Flow,
        request: &Request,
    ) -> Result<(), Refusal> {
        check_address_of_record(&extension, request)?;
        let phones_max = self
            .hub
            .directory
            .extension(&extension)
            .map_or(1, |extension| usize::from(extension.max_contacts));
        let asked = register::read(now, extension, flow, request, phones_max)?;
        let Some(server) = self.hub.accept(now, flow, request, Owner::Nobody) else {
            return Ok(());
        };
        let changes = match asked {
            Asked::List => Ok(Vec::new()),
            Asked::ForgetAll { call_id, cseq } => self
                .hub
                .registrar
                .unregister_all(&extension, &call_id, cseq),
            Asked::Change(wanted) => self.hub.registrar.register(now, wanted, phones_max),
        };
        let product = &self.hub.settings.product;
        let tag = self.hub.transactions.tag(server).unwrap_or_default();
        match changes {
            Ok(changes) => {
                let registrar = &self.hub.registrar;
                let answer =
                    register::answer(now.mono, registrar, &extension, request, tag, product);
                match self.apply(now, changes) {
                    Stored::Already => self.hub.respond(now, server, answer),
                    Stored::Soon => self.hub.respond_when_stored(now, server, answer),
                }
            }
            // RFC 3261 §10.3 step 7: an old request must not undo a newer one.
            Err(OutOfOrder) => {
                let answer = Refusal::new(500).response(request, tag, product);
                self.hub.respond(now, server, answer);
            }
        }
        Ok(())
    }

    /// Makes the consequences of changed registrations known: to the store, to the switch, to qualify.
    pub(crate) fn apply(&mut self, now: Now, changes: Vec<Change>) -> Stored {
        let mut extensions = Vec::new();
        let mut stored = Stored::Already;
        for change in changes {
            match change {
                Change::Bound(id) => {
                    let Some(binding) = self.hub.registrar.to_store(id) else {
                        continue;
                    };
                    extensions.push(binding.extension);
                    self.hub.output(Output::Bind(binding));
                    self.qualify.bound(&mut self.hub, now, id);
                    stored = Stored::Soon;
                }
                Change::Refreshed(id) => {
                    let phone = self.hub.registrar.phone(id);
                    extensions.extend(phone.map(|phone| phone.binding.extension));
                    self.qualify.bound(&mut self.hub, now, id);
                }
                Change::Unbound(id, binding) => {
                    extensions.push(binding.extension);
                    self.qualify.unbound(id);
                    self.hub.output(unbind(&binding));
                    stored = Stored::Soon;
                }
            }
        }
        extensions.dedup();
        for extension in extensions {
            self.hub.touch(extension, Aspect::Phones);
            self.hub.tell_reachability(extension);
        }
        stored
    }

    /// Takes up the registrations of an earlier run. Phones on UDP can be called at once; whether one on
    /// TCP or TLS takes a connection is asked first.
    pub(crate) fn restore_registrations(&mut self, now: Now, bindings: Vec<Binding>) {
        let known = |binding: &Binding| {
            self.hub
                .directory
                .extensions
                .contains_key(&binding.extension)
        };
        let (known, mut lost): (Vec<_>, Vec<_>) = bindings.into_iter().partition(known);
        lost.extend(self.hub.registrar.restore(now, known));
        for binding in &lost {
            self.hub.output(unbind(binding));
        }
        let phones: Vec<_> = self
            .hub
            .registrar
            .all()
            .map(|(id, phone)| (id, phone.binding.extension))
            .collect();
        for (id, extension) in phones {
            self.qualify.bound(&mut self.hub, now, id);
            self.hub.tell_reachability(extension);
        }
    }

    /// Forgets the phones of extensions that are gone or have another password. Pages have none: they stay as long as their
    /// session.
    pub(crate) fn drop_revoked(&mut self, now: Now, old: &Directory) {
        let new = &self.hub.directory;
        let changes = self.hub.registrar.retain(|binding| {
            let secret = |directory: &Directory| {
                directory
                    .extension(&binding.extension)
                    .map(|extension| extension.secret.clone())
            };
            let is_page = self.hub.passes.has_opened(&binding.flow);
            new.extensions.contains_key(&binding.extension)
                && (is_page || secret(new) == secret(old))
        });
        self.apply(now, changes);
    }
}

/// Whether the store knows of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// What it has is as good.
    Already,
    /// It was told.
    Soon,
}

/// A phone registers only itself: To and From name the extension whose password it gave.
fn check_address_of_record(extension: &Number, request: &Request) -> Result<(), Refusal> {
    let named = |header: Result<NameAddr<'_>, Problem>| {
        let address = header.map_err(|_| Refusal::new(400))?;
        Ok(address.uri().user().and_then(crate::dialled))
    };
    let own = Some(*extension);
    if named(request.to())? == own && named(request.from())? == own {
        Ok(())
    } else {
        Err(Refusal::new(403))
    }
}

fn unbind(binding: &Binding) -> Output {
    Output::Unbind {
        extension: binding.extension,
        contact: binding.key(),
    }
}

/// A registered phone as the administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationView {
    /// Whose it is.
    pub extension: Number,
    /// The owner's name.
    pub name: String,
    /// Where it wants calls to go.
    pub contact: String,
    /// How it is reached.
    pub transport: Transport,
    /// Where it was seen.
    pub address: SocketAddr,
    /// What it calls itself.
    pub user_agent: String,
    /// How long it is still registered.
    pub expires: Duration,
    /// Whether it answers.
    pub reachability: Reachability,
}

pub(crate) fn views(hub: &Hub, now: Now) -> impl Iterator<Item = RegistrationView> + '_ {
    hub.registrar.all().map(move |(_, phone)| {
        let binding = &phone.binding;
        let owner = hub.directory.extension(&binding.extension);
        RegistrationView {
            extension: binding.extension,
            name: owner.map(|owner| owner.name.clone()).unwrap_or_default(),
            contact: binding.contact.clone(),
            transport: binding.flow.transport,
            address: binding.flow.remote,
            user_agent: binding.user_agent.clone(),
            expires: phone.ends.since(now.mono),
            reachability: phone.reachability,
        }
    })
}
