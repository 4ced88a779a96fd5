//! The event packages that can be subscribed to.

/// An event package whose notifier we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Package {
    /// What an extension, a parking slot or a room is doing: lamps beside keys (RFC 4235).
    Dialog,
    /// Whether somebody can be reached (RFC 3856).
    Presence,
    /// How many messages wait in one's mailbox (RFC 3842).
    MessageSummary,
    /// Which phones one has registered (RFC 3680).
    Reg,
}

/// What of a number has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aspect {
    /// Its calls and its state.
    Calls,
    /// Its registered phones.
    Phones,
    /// The messages in its mailbox.
    Messages,
}

impl Package {
    /// Every one.
    pub(super) const ALL: [Self; 4] = [
        Self::Dialog,
        Self::Presence,
        Self::MessageSummary,
        Self::Reg,
    ];

    /// The package of that name. Names are compared by case (RFC 6665 §8.2.1).
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|package| package.name() == name)
    }

    /// As Event spells it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Presence => "presence",
            Self::MessageSummary => "message-summary",
            Self::Reg => "reg",
        }
    }

    /// What its notifications carry.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Dialog => "application/dialog-info+xml",
            Self::Presence => "application/pidf+xml",
            Self::MessageSummary => "application/simple-message-summary",
            Self::Reg => "application/reginfo+xml",
        }
    }

    /// Whether it tells of what has changed.
    pub(super) const fn tells_of(self, aspect: Aspect) -> bool {
        match (self, aspect) {
            (Self::Dialog | Self::Presence, Aspect::Calls)
            | (Self::Reg, Aspect::Phones)
            | (Self::MessageSummary, Aspect::Messages) => true,
            (Self::Dialog | Self::Presence, Aspect::Phones | Aspect::Messages)
            | (Self::Reg, Aspect::Calls | Aspect::Messages)
            | (Self::MessageSummary, Aspect::Calls | Aspect::Phones) => false,
        }
    }
}

/// The value of Allow-Events (RFC 6665 §8.2.2). `refer` is subscribed to by REFER within a call.
pub(crate) const ALLOW_EVENTS: &str = "dialog, presence, message-summary, reg, refer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_known_by_its_name_and_is_advertised() {
        for package in Package::ALL {
            assert_eq!(Package::parse(package.name()), Some(package));
            assert!(ALLOW_EVENTS.split(", ").any(|name| name == package.name()));
        }
        assert_eq!(Package::parse("Dialog"), None);
        assert_eq!(Package::parse("refer"), None);
    }
}
