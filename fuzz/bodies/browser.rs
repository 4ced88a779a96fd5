//! Datagrams on the browsers' port, in any order, from two addresses: `length, from, bytes…` again and again.

use media::browser::{Identity, Router, Session};
use model::LegId;
use rtp::Time;
use rtp::dtls::{Credentials, Dtls, Ice, Role};
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

/// Nothing that comes makes us send more than one answer each, nor breaks anything.
pub(crate) fn run(data: &[u8]) {
    static IDENTITY: LazyLock<Arc<Identity>> =
        LazyLock::new(|| Arc::new(Identity::generate().expect("a certificate")));
    let credentials = |ufrag| Credentials::new(ufrag, "passwordof22characters");
    let (Some(local), Some(remote)) = (credentials("us00"), credentials("them")) else {
        return;
    };
    let [first, rest @ ..] = data else { return };
    let agreed = Dtls {
        role: if first & 1 == 0 {
            Role::Server
        } else {
            Role::Client
        },
        fingerprint: IDENTITY.fingerprint().clone(),
        local,
        remote,
        ice: if first & 2 == 0 { Ice::Lite } else { Ice::Full },
        address: SocketAddr::from(([192, 0, 2, 1], 10_000)),
        candidates: Vec::new(),
    };
    let mut router = Router::default();
    router.put(LegId(1), 0, &agreed);
    let mut session = Session::new(Time(0), &IDENTITY, agreed);
    let mut now = Time(0);
    let mut rest = rest;
    while let [length, from, more @ ..] = rest {
        let length = usize::from(*length) * 4;
        let (datagram, left) = more.split_at(length.min(more.len()));
        rest = left;
        now.0 += u64::from(*from) * 10_000;
        let address = SocketAddr::from(([198, 51, 100, *from & 1], 5_000));
        router.route(address, datagram);
        session.receive(now, address, datagram, &mut |_, _| {});
        session.timeout(now, &mut |_, _| {});
        while session.poll().is_some() {}
        session.next_deadline();
    }
}
