//! Settings that their owners change while the server runs.

use crate::{
    Agent, Blacklisted, Directory, Extension, FollowMe, ForwardWhen, Forwarding, Number, Switched,
    WakeUp, WakeUpId,
};
use alloc::string::String;
use alloc::sync::Arc;
use serde::{Deserialize, Serialize};

/// A setting changed by its owner, by telephone or in the portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Do not disturb (`*74`, `*074`).
    DoNotDisturb(Number, Switched),
    /// One case of an extension's forwarding (`*71 *72 *73`); `None`: off (`*071 *072 *073`).
    Forward(Number, ForwardWhen, Option<Number>),
    /// All of an extension's forwarding.
    Forwarding(Number, Forwarding),
    /// An extension's follow-me.
    FollowMe(Number, FollowMe),
    /// A caller from outside is refused from here on (`*75`, `*76`).
    Block(Blacklisted),
    /// He no longer is (`*075`).
    Unblock(Number),
    /// The PIN of an extension's mailbox.
    VoicemailPin(Number, String),
    /// Whether an agent takes calls of queues (`*62 *062 *95 *095`).
    Agent(Number, Agent),
    /// A wake-up call is booked, or is to be at another time (`*55*`).
    BookWakeUp(WakeUp),
    /// A wake-up call is cancelled, or over.
    CancelWakeUp(WakeUpId),
    /// All wake-up calls of an extension are cancelled (`*055`).
    CancelWakeUps(Number),
}

impl Change {
    /// The directory with this changed; `None` when what it is about is gone.
    #[must_use]
    pub fn made_in(&self, directory: &Directory) -> Option<Directory> {
        let mut directory = directory.clone();
        match self {
            Self::DoNotDisturb(number, switched) => edit(&mut directory, number, |extension| {
                extension.do_not_disturb = *switched == Switched::On;
            })?,
            Self::Forward(number, when, to) => edit(&mut directory, number, |extension| {
                extension.forwarding.set(*when, *to);
            })?,
            Self::Forwarding(number, forwarding) => edit(&mut directory, number, |extension| {
                extension.forwarding.clone_from(forwarding);
            })?,
            Self::FollowMe(number, follow_me) => edit(&mut directory, number, |extension| {
                extension.follow_me.clone_from(follow_me);
            })?,
            Self::Block(listed) => {
                let listed = Arc::new(listed.clone());
                directory.blacklist.entry(listed.number).or_insert(listed);
            }
            Self::Unblock(number) => {
                directory.blacklist.remove(number)?;
            }
            Self::VoicemailPin(number, pin) => edit(&mut directory, number, |extension| {
                extension.voicemail_pin.clone_from(pin);
            })?,
            Self::Agent(number, agent) => {
                directory.extension(number)?;
                let agent = Arc::new(agent.clone());
                directory.agents.insert(*number, agent);
            }
            Self::BookWakeUp(wake_up) => {
                directory.extension(&wake_up.extension)?;
                let mut others = directory.wake_ups.values();
                if others.any(|other| other.excludes(wake_up)) {
                    return None;
                }
                let wake_up = Arc::new(wake_up.clone());
                directory.wake_ups.insert(wake_up.id, wake_up);
            }
            Self::CancelWakeUp(id) => {
                directory.wake_ups.remove(id)?;
            }
            Self::CancelWakeUps(of) => {
                directory
                    .wake_ups
                    .retain(|_, wake_up| wake_up.extension != *of);
            }
        }
        Some(directory)
    }
}

/// Changes one extension. `None`: it is gone.
fn edit(
    directory: &mut Directory,
    number: &Number,
    change: impl FnOnce(&mut Extension),
) -> Option<()> {
    let extension = directory.extensions.get_mut(number)?;
    change(Arc::make_mut(extension));
    Some(())
}
