//! Where the peer takes its sound.

use super::agreement::{NotAcceptable, RtcpPort};
use super::browser::BrowserSide;
use super::session::{Address, Kind, Media, Protocol, Session};
use crate::{Direction, Source};
use std::net::{IpAddr, SocketAddr};

/// Where and how the peer takes its sound, read from its media line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    pub(super) rtp: SocketAddr,
    rtcp: SocketAddr,
    /// As the peer says, without receiving when its address is nowhere.
    pub(super) direction: Direction,
}

impl Remote {
    pub(super) const fn rtcp_at(&self, rtcp: RtcpPort) -> SocketAddr {
        match rtcp {
            RtcpPort::Next => self.rtcp,
            RtcpPort::Muxed => self.rtp,
        }
    }
}

/// Whether a line is audio with a port, over RTP or over SRTP; with keys from DTLS only where we have a side towards
/// browsers.
pub(super) fn usable(
    media: &Media<'_>,
    browsers: Option<&BrowserSide>,
) -> Result<(), NotAcceptable> {
    if media.kind != Kind::Audio {
        return Err(NotAcceptable::NoAudio);
    }
    if media.port == 0 {
        return Err(NotAcceptable::Refused);
    }
    match &media.protocol {
        Protocol::Avp | Protocol::Avpf | Protocol::Savp | Protocol::Savpf => Ok(()),
        Protocol::TlsSavp | Protocol::TlsSavpf if browsers.is_some() => Ok(()),
        Protocol::TlsSavp | Protocol::TlsSavpf => Err(NotAcceptable::Secure),
        Protocol::Udptl | Protocol::Other(_) => Err(NotAcceptable::Transport),
    }
}

/// Reads addresses and direction of `media`, which `session` belongs to; `local` is our own address.
pub(super) fn remote(
    session: &Session<'_>,
    media: &Media<'_>,
    local: IpAddr,
    source: Source,
) -> Result<Remote, NotAcceptable> {
    let stated = session.direction_of(media);
    if media.protocol.is_dtls() {
        // A browser that does not know its address yet says `0.0.0.0`, and means no hold (RFC 8840 §4.3.2).
        let unknown = SocketAddr::new(unspecified_like(local), 0);
        return Ok(Remote {
            rtp: unknown,
            rtcp: unknown,
            direction: stated,
        });
    }
    let address = session.address_of(media).ok_or(NotAcceptable::NoAddress)?;
    let nowhere = address.is_nowhere();
    let ip = match source {
        // What a phone behind NAT says of its address is of no use outside.
        Source::Latch(ip) => ip,
        Source::Signalled | Source::Ice if nowhere => unspecified_like(local),
        Source::Signalled | Source::Ice => reachable(address, local)?,
    };
    Ok(Remote {
        rtp: SocketAddr::new(ip, media.port),
        rtcp: rtcp(media, ip, source),
        direction: if nowhere {
            stated.and(Direction::SendOnly)
        } else {
            stated
        },
    })
}

/// The address of one host that our side can send to.
fn reachable(address: &Address<'_>, local: IpAddr) -> Result<IpAddr, NotAcceptable> {
    let Address::Ip(ip) = address else {
        return Err(NotAcceptable::HostName);
    };
    let ip = ip.to_canonical();
    if !is_unicast(ip) {
        return Err(NotAcceptable::NotUnicast(ip));
    }
    if ip.is_ipv4() != local.is_ipv4() {
        return Err(NotAcceptable::Family(ip));
    }
    Ok(ip)
}

/// The port of RTP when multiplexed, the one of `a=rtcp`, else the next. An address in `a=rtcp` counts
/// only where the signalled address does, and only one that we could send RTP to as well.
fn rtcp(media: &Media<'_>, ip: IpAddr, source: Source) -> SocketAddr {
    if let Some(stated) = media.rtcp() {
        let other = stated.address.filter(|other| {
            source == Source::Signalled && is_unicast(*other) && other.is_ipv4() == ip.is_ipv4()
        });
        return SocketAddr::new(other.unwrap_or(ip), stated.port);
    }
    SocketAddr::new(ip, media.port.checked_add(1).unwrap_or(media.port))
}

fn is_unicast(ip: IpAddr) -> bool {
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    !ip.is_multicast() && !ip.is_unspecified() && !broadcast
}

fn unspecified_like(local: IpAddr) -> IpAddr {
    match local {
        IpAddr::V4(_) => IpAddr::V4(core::net::Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(core::net::Ipv6Addr::UNSPECIFIED),
    }
}
