//! Trunks: calls out and in, registrations, failover.

mod calling_in;
mod calling_out;
mod health;
mod registering;
#[path = "../support/mod.rs"]
mod support;

use model::{Party, Password, Trunk};
use support::{Office, number};

/// A carrier known by its address.
fn carrier() -> Trunk {
    Trunk::to("carrier", "carrier.example")
}

/// The same with an account.
fn account() -> Trunk {
    Trunk {
        username: "me".to_owned(),
        password: Password("secret".to_owned()),
        ..carrier()
    }
}

/// An office with an outside line and one phone.
fn office(trunk: Trunk) -> Office {
    let mut office = Office::with(&["100"]);
    office.trunk(trunk, &["carrier"]);
    office
}

fn party(digits: &str, name: &str) -> Party {
    Party {
        number: (!digits.is_empty()).then(|| number(digits)),
        name: name.to_owned(),
    }
}
