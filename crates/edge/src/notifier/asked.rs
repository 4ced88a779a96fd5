//! What a SUBSCRIBE asks for.

use super::package::{ALLOW_EVENTS, Package};
use crate::refusal::Refusal;
use model::{Directory, Duration, Number};
use sip::Uri;
use sip::message::{Name, Request};

/// What a SUBSCRIBE asks for that its sender may have.
#[derive(Debug)]
pub(super) struct Asked {
    /// Of what it wants to be told.
    pub(super) target: Number,
    /// What it wants to be told of it.
    pub(super) package: Package,
    /// What it calls the subscription.
    pub(super) id: Option<String>,
    /// What it calls us, for the URIs in what it is told; `None` when that is too long to keep.
    pub(super) host: Option<String>,
    /// For how long; zero asks once (RFC 6665 §4.4.3).
    pub(super) lasts: Duration,
}

/// Reads a SUBSCRIBE of an extension that proved who it is, or says why it is refused.
pub(super) fn read(
    request: &Request,
    watcher: Number,
    directory: &Directory,
) -> Result<Asked, Refusal> {
    let uri = Uri::parse(request.uri()).map_err(|_| Refusal::new(400))?;
    let (package, id) = event(request)?;
    let target = uri.user().and_then(crate::dialled);
    let target = target.ok_or_else(|| Refusal::new(404))?;
    may_watch(watcher, &target, package, directory)?;
    if !takes(request, package) {
        return Err(Refusal::new(406).with(Name::Accept, package.content_type()));
    }
    let host = match uri.port() {
        Some(port) => format!("{}:{port}", uri.host()),
        None => uri.host().to_string(),
    };
    Ok(Asked {
        target,
        package,
        id,
        host: (host.len() <= HOST_BYTES_MAX).then_some(host),
        lasts: lasts(request)?,
    })
}

/// The package and the id of a subscription: 489 for those that nobody here tells of (RFC 6665 §4.2.1.1).
pub(super) fn event(request: &Request) -> Result<(Package, Option<String>), Refusal> {
    let unknown = || Refusal::new(489).with(Name::AllowEvents, ALLOW_EVENTS);
    let event = request.event().map_err(|_| unknown())?;
    let package = Package::parse(event.package()).ok_or_else(unknown)?;
    match event.id() {
        Some(id) if id.len() > ID_BYTES_MAX => Err(Refusal::new(400)),
        id => Ok((package, id.map(str::to_owned))),
    }
}

/// For how long a subscription lasts (RFC 6665 §4.2.1.1).
pub(super) fn lasts(request: &Request) -> Result<Duration, Refusal> {
    match request
        .expires()
        .map(|seconds| Duration::from_secs(seconds.into()))
    {
        None => Ok(LASTS_DEFAULT),
        Some(Duration::ZERO) => Ok(Duration::ZERO),
        Some(short) if short < LASTS_MIN => {
            Err(Refusal::new(423).with(Name::MinExpires, LASTS_MIN.as_secs()))
        }
        Some(wanted) => Ok(wanted.min(LASTS_MAX)),
    }
}

/// Everybody sees what others are doing; mailbox and phones are one's own (SI-09).
fn may_watch(
    watcher: Number,
    target: &Number,
    package: Package,
    directory: &Directory,
) -> Result<(), Refusal> {
    if !is_there(target, package, directory) {
        return Err(Refusal::new(404));
    }
    match package {
        Package::Dialog | Package::Presence => Ok(()),
        Package::MessageSummary | Package::Reg if *target == watcher => Ok(()),
        Package::MessageSummary | Package::Reg => Err(Refusal::new(403)),
    }
}

/// Whether there is something of which a package could tell.
pub(super) fn is_there(target: &Number, package: Package, directory: &Directory) -> bool {
    let is_extension = directory.extensions.contains_key(target);
    match package {
        Package::Presence | Package::MessageSummary | Package::Reg => is_extension,
        Package::Dialog => {
            let slot = |slot: u16| slot.to_string() == target.as_str();
            is_extension
                || directory.parking.slots().any(slot)
                || directory.rooms.contains_key(target)
                || directory.queues.contains_key(target)
                || directory.ring_groups.contains_key(target)
        }
    }
}

/// Whether the subscriber reads what the package tells; nothing said means that it does.
fn takes(request: &Request, package: Package) -> bool {
    let wanted = package.content_type();
    let (kind, _) = wanted.split_once('/').unwrap_or((wanted, ""));
    let mut ranges = request.values(Name::Accept).peekable();
    ranges.peek().is_none()
        || ranges.any(|range| {
            let range = range.split(';').next().unwrap_or_default().trim();
            let all_of_kind = range
                .strip_suffix("/*")
                .is_some_and(|of| of.eq_ignore_ascii_case(kind));
            range == "*/*" || all_of_kind || range.eq_ignore_ascii_case(wanted)
        })
}

/// The shortest subscription.
const LASTS_MIN: Duration = Duration::from_secs(60);
/// The longest subscription. A phone that vanished is told of nothing after this.
const LASTS_MAX: Duration = Duration::from_secs(7200);
/// What is granted when nothing is asked for (RFC 3856 §6.4, RFC 4235 §3.4, RFC 3680 §4.4).
const LASTS_DEFAULT: Duration = Duration::from_secs(3600);
/// The longest id of a subscription.
const ID_BYTES_MAX: usize = 64;
/// The longest name of ours that is kept.
const HOST_BYTES_MAX: usize = 128;
