//! Which way sound goes, seen from one side.

use core::fmt;

/// Which way a stream goes, seen from the side that says it (RFC 8866 §6.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendRecv,
    /// This side only sends.
    SendOnly,
    /// This side only receives.
    RecvOnly,
    /// Neither way; RTCP goes on.
    Inactive,
}

impl Direction {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::SendRecv,
        Self::SendOnly,
        Self::RecvOnly,
        Self::Inactive,
    ];

    /// Whether this side sends.
    #[must_use]
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether this side receives.
    #[must_use]
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// The same stream seen from the other side.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::SendRecv => Self::SendRecv,
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::Inactive => Self::Inactive,
        }
    }

    /// What is left when both limits hold.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        let sends = self.sends() && other.sends();
        let receives = self.receives() && other.receives();
        match (sends, receives) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// Reads the name of the attribute, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|direction| direction.name().eq_ignore_ascii_case(name))
    }

    /// The name of the attribute.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Direction::{self, Inactive, RecvOnly, SendOnly, SendRecv};

    #[test]
    fn what_one_side_sends_the_other_receives() {
        for direction in Direction::ALL {
            assert_eq!(direction.sends(), direction.reversed().receives());
            assert_eq!(direction.receives(), direction.reversed().sends());
            assert_eq!(direction.reversed().reversed(), direction);
            assert_eq!(Direction::parse(direction.name()), Some(direction));
        }
        assert_eq!(Direction::parse("SendOnly"), Some(SendOnly));
        assert_eq!(Direction::parse("send"), None);
    }

    #[test]
    fn two_limits_leave_only_what_both_allow() {
        let table = [
            [SendRecv, SendOnly, RecvOnly, Inactive],
            [SendOnly, SendOnly, Inactive, Inactive],
            [RecvOnly, Inactive, RecvOnly, Inactive],
            [Inactive, Inactive, Inactive, Inactive],
        ];
        for (one, row) in Direction::ALL.into_iter().zip(table) {
            for (other, left) in Direction::ALL.into_iter().zip(row) {
                assert_eq!(one.and(other), left, "{one} and {other}");
            }
        }
    }
}
