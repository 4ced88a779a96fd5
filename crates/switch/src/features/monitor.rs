//! Monitoring (manual §2.6): `*90` and an extension listens, `*91` also whispers to it, `*92` joins its conversation.
//!
//! Both the one who monitors and the one who is monitored must have been allowed to by the administrator. The
//! monitored notice nothing; what is heard follows the extension from room to room and ends with it.

use super::{Code, Event, Farewell, Feature, Phase};
use crate::cx::Cx;
use crate::phrase;
use crate::shadow::{Shadow, Watch};
use alloc::vec;
use alloc::vec::Vec;
use model::{LegEvent, LegId, Number, Phrase};
use serde::{Deserialize, Serialize};

/// Somebody watches the conversation of an extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Monitor {
    supervisor: LegId,
}

impl Monitor {
    pub(crate) fn begin(
        supervisor: LegId,
        code: Code,
        extension: Number,
        cx: &mut Cx<'_>,
    ) -> Phase {
        let how = match code {
            Code::Whisper => Shadow::Whispers,
            Code::Barge => Shadow::Barges,
            _ => Shadow::Listens,
        };
        cx.answer(supervisor);
        match watched(supervisor, extension, cx) {
            Ok(whom) => {
                cx.watch(supervisor, Watch { whom, how });
                Self { supervisor }.into()
            }
            Err(why) => {
                let speech = cx.speech(supervisor).phrase(why);
                Farewell::say(supervisor, speech, cx)
            }
        }
    }
}

/// The leg that somebody may watch, or why not.
fn watched(supervisor: LegId, extension: Number, cx: &Cx<'_>) -> Result<LegId, Phrase> {
    let own = cx
        .extension(supervisor)
        .ok_or(phrase::MONITORING_NOT_ALLOWED)?;
    let may = cx
        .directory()
        .extension(&own)
        .is_some_and(|own| own.may_monitor);
    if !may {
        return Err(phrase::MONITORING_NOT_ALLOWED);
    }
    let target = cx.directory().extension(&extension);
    let target = target.ok_or(phrase::NOT_IN_A_CALL)?;
    if extension == own {
        return Err(phrase::OWN_CALL);
    }
    if !target.may_be_monitored {
        return Err(phrase::MAY_NOT_BE_MONITORED);
    }
    let whom = cx.conversing(&extension).ok_or(phrase::NOT_IN_A_CALL)?;
    if cx.is_with(&own, whom) {
        return Err(phrase::OWN_CALL);
    }
    Ok(whom)
}

impl Feature for Monitor {
    fn on(self, event: Event, cx: &mut Cx<'_>) -> Phase {
        match event {
            Event::Leg(_, LegEvent::HungUp(cause)) => cx.end(cause),
            Event::Lost(_) => {
                let speech = cx.speech(self.supervisor).phrase(phrase::MONITORING_ENDED);
                Farewell::say(self.supervisor, speech, cx)
            }
            _ => self.into(),
        }
    }

    fn legs(&self) -> Vec<LegId> {
        vec![self.supervisor]
    }
}
