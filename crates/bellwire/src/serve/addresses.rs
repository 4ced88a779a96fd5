//! The addresses of this machine.

use super::udp::towards;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Every address of every interface, loopback included.
pub(super) fn all() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut addresses: Vec<_> = interfaces
        .iter()
        .filter(|interface| !interface.is_link_local())
        .map(if_addrs::Interface::ip)
        .collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

/// The address towards the provider (MI-01): that of the interface that leads outside.
pub(super) fn wan() -> Option<IpAddr> {
    towards(OUTSIDE).filter(|address| !address.is_loopback())
}

/// The address towards the phones (MI-02): a private one if there is one besides the WAN's, else the
/// WAN's, which on a machine with a single interface is both.
pub(super) fn lan() -> Option<IpAddr> {
    let wan = wan();
    let private = |address: &IpAddr| match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    };
    let inside = all()
        .into_iter()
        .find(|address| private(address) && Some(*address) != wan);
    inside.or(wan)
}

/// The addresses under which a socket that listens there can be reached, for people.
pub(super) fn reachable(listening: SocketAddr) -> Vec<IpAddr> {
    if !listening.ip().is_unspecified() {
        return vec![listening.ip()];
    }
    let mut addresses = all();
    addresses.retain(|address| listening.is_ipv6() || address.is_ipv4());
    addresses
}

/// The machine's name.
pub(super) fn host_name() -> Option<String> {
    let name = rustix::system::uname();
    let name = name.nodename().to_str().ok()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// A documentation address (RFC 5737): only the way to it is asked for, nothing is sent.
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
