//! Who sent a request.

#![allow(clippy::needless_pass_by_ref_mut, reason = "digest follows")]

use crate::Settings;
use crate::hub::Hub;
use crate::refusal::Refusal;
use model::{Directory, Now, Number, Origin};
use sip::Flow;
use sip::message::Request;

/// Finds out who sent a request.
#[derive(Debug)]
pub(crate) struct Gate {}

/// Who sent a request, proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A phone of this extension.
    Extension(Number),
    /// A trunk, by its name.
    Trunk(String),
}

impl From<Identity> for Origin {
    fn from(identity: Identity) -> Self {
        match identity {
            Identity::Extension(number) => Self::Extension(number),
            Identity::Trunk(name) => Self::Trunk(name),
        }
    }
}

impl Gate {
    pub(crate) fn new(settings: &Settings, directory: &Directory) -> Self {
        let _ = (settings, directory);
        Self {}
    }

    /// Takes the trunks of a new configuration.
    pub(crate) fn directory(&mut self, directory: &Directory) {
        let _ = directory;
    }

    /// Who sent it; `None` when he is not to be answered at all.
    pub(crate) fn identify(
        &mut self,
        hub: &mut Hub,
        now: Now,
        flow: Flow,
        request: &Request,
    ) -> Result<Option<Identity>, Refusal> {
        let _ = (hub, now, flow, request);
        Err(Refusal::new(401))
    }
}
