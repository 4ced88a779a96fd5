//! Whose transaction it is.

use crate::legs::SessionId;
use crate::notifier::SubscriptionId;
use crate::registrar::PhoneId;
use crate::trunks::QuestionId;
use sip::transaction::Owner as Number;

/// Whose transaction it is: who is told of its responses and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A session: one INVITE of a call's leg and its dialogs.
    Session(SessionId),
    /// The question to a phone whether it is there.
    Phone(PhoneId),
    /// The notification of a subscriber.
    Subscription(SubscriptionId),
    /// A request to a trunk outside calls.
    Trunk(QuestionId),
    /// A request that is answered and forgotten.
    Nobody,
}

impl From<Owner> for Number {
    fn from(owner: Owner) -> Self {
        Self(match owner {
            Owner::Session(SessionId(id)) => id << KIND_BITS | SESSION,
            Owner::Phone(PhoneId(id)) => id << KIND_BITS | PHONE,
            Owner::Subscription(SubscriptionId(id)) => id << KIND_BITS | SUBSCRIPTION,
            Owner::Trunk(QuestionId(id)) => id << KIND_BITS | TRUNK,
            Owner::Nobody => NOBODY,
        })
    }
}

impl From<Number> for Owner {
    fn from(Number(number): Number) -> Self {
        let id = number >> KIND_BITS;
        match number & KIND_MASK {
            SESSION => Self::Session(SessionId(id)),
            PHONE => Self::Phone(PhoneId(id)),
            SUBSCRIPTION => Self::Subscription(SubscriptionId(id)),
            TRUNK => Self::Trunk(QuestionId(id)),
            _ => Self::Nobody,
        }
    }
}

const KIND_BITS: u32 = 3;
const KIND_MASK: u64 = (1 << KIND_BITS) - 1;
const NOBODY: u64 = 0;
const SESSION: u64 = 1;
const PHONE: u64 = 2;
const SUBSCRIPTION: u64 = 3;
const TRUNK: u64 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_the_same_after_the_transaction() {
        for owner in [
            Owner::Session(SessionId(0)),
            Owner::Session(SessionId(u64::MAX >> KIND_BITS)),
            Owner::Phone(PhoneId(7)),
            Owner::Subscription(SubscriptionId(8)),
            Owner::Trunk(QuestionId(9)),
            Owner::Nobody,
        ] {
            assert_eq!(Owner::from(Number::from(owner)), owner);
        }
    }
}
