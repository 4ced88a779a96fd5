//! Offer and answer on one leg (RFC 3264).

use super::agreement::{
    Agreed, Capabilities, Capability, Change, HoldChange, NotAcceptable, RtcpPort,
};
use super::attribute::Format;
use super::browser::{BrowserSide, Ours, Theirs};
use super::crypto::{Crypto, Srtp};
use super::described::{Described, Lines};
use super::remote::{Remote, remote, usable};
use super::said::{Numbers, Said, metrics_for};
use super::session::{Kind, Media, Protocol, Session};
use crate::limits::AGREED_CODECS_MAX;
use crate::srtp::KeySource;
use crate::{Codec, Direction, InBand, Metrics, Security, Source, Stream, TelephoneEvents};
use std::net::IpAddr;

/// Where our side of one leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Tells our sessions apart; from the seeded generator.
    pub session_id: u64,
    /// The address that the peer is told to send to.
    pub address: IpAddr,
    /// The port for RTP; RTCP has the next one.
    pub port: u16,
}

/// The offer/answer state of one leg, from the first description to the last.
///
/// Either side may offer at any time, but only one at once. An exchange that fails leaves everything as
/// it was. Plain data: with a clone per early dialog each fork answers the same offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Negotiation {
    local: Local,
    capabilities: Capabilities,
    wish: Direction,
    described: Described,
    offered: Option<Offered>,
    standing: Option<Standing>,
    /// What the peer said last that it can do.
    peer: Vec<Capability>,
    numbers: Numbers,
    srtp: Srtp,
    keys: Option<KeySource>,
    browsers: Option<BrowserSide>,
}

/// What we offered last. It is kept when it is answered, because a further answer may come (183, then 200).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offered {
    said: Said,
    lines: Lines,
    waits: Waits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    ForAnswer,
    NoMore,
}

/// What both sides agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Standing {
    /// Our side; `None` while audio has port 0.
    said: Option<Said>,
    lines: Lines,
    stream: Stream,
    hold: Hold,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Held,
    Not,
}

impl Negotiation {
    /// A leg of which nothing has been said.
    #[must_use]
    pub fn new(local: Local, capabilities: Capabilities) -> Self {
        Self {
            local,
            capabilities,
            wish: Direction::SendRecv,
            described: Described::default(),
            offered: None,
            standing: None,
            peer: Vec::new(),
            numbers: Numbers::default(),
            srtp: Srtp::Off,
            keys: None,
            browsers: None,
        }
    }

    /// The same leg with what is done about SRTP, and where our keys for it come from. Of clones that go on
    /// apart, at most one may make keys.
    #[must_use]
    pub fn secured(mut self, srtp: Srtp, keys: KeySource) -> Self {
        self.srtp = srtp;
        self.keys = Some(keys);
        self
    }

    /// The same leg towards a browser: a way by ICE, and keys by DTLS, is offered and taken. The credentials for it
    /// come from the keys of [`Self::secured`].
    #[must_use]
    pub fn with_browser(mut self, side: BrowserSide) -> Self {
        self.browsers = Some(side);
        self
    }

    /// Sets which way sound may go at most; it counts from the next offer or answer on.
    pub const fn wish(&mut self, direction: Direction) {
        self.wish = direction;
    }

    /// Sets what can be done, from the next offer or answer on.
    pub fn set_capabilities(&mut self, capabilities: Capabilities) {
        self.capabilities = capabilities;
    }

    /// Sets where our side is, from the next offer or answer on.
    pub const fn set_local(&mut self, local: Local) {
        self.local = local;
    }

    /// How sound goes, once that is agreed.
    #[must_use]
    pub fn stream(&self) -> Option<&Stream> {
        self.standing.as_ref().map(|standing| &standing.stream)
    }

    /// What the peer can do, most wanted first, once something is agreed: for the other leg of the call to share it.
    #[must_use]
    pub fn peer(&self) -> &[Capability] {
        &self.peer
    }

    /// Whether the peer has put us on hold.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.hold() == Hold::Held
    }

    /// Whether an offer of ours waits for its answer, so that none of the peer's can be taken.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let waits = self.offered.as_ref().map(|offered| offered.waits);
        waits == Some(Waits::ForAnswer)
    }

    /// Makes an offer of everything we can do. Where packets are protected already, they are so in the same
    /// way and with the same key; where they are not, they stay so.
    pub fn offer(&mut self) -> Session<'static> {
        let standing = self.standing.as_ref();
        let lines = standing.map_or_else(Lines::audio_only, |standing| standing.lines.clone());
        let dtls = self.offered_dtls();
        let (protocol, crypto) = match &dtls {
            Some(_) => (Protocol::TlsSavpf, Vec::new()),
            None => self.offered_protection(),
        };
        let said = Said {
            formats: self.everything(),
            protocol,
            direction: self.wish,
            rtcp: match dtls {
                Some(_) => RtcpPort::Muxed,
                None => self.capabilities.rtcp,
            },
            // Browsers have better ones of their own.
            metrics: match dtls {
                Some(_) => Metrics::Unasked,
                None => Metrics::Wished,
            },
            crypto,
            dtls,
        };
        self.say_offer(said, lines)
    }

    /// Offers what is agreed once more, unchanged, to refresh a session (RFC 4028 §7.4); everything when
    /// there is nothing agreed.
    pub fn refresh(&mut self) -> Session<'static> {
        let agreed = self.standing.as_ref().and_then(|standing| {
            let mut said = standing.said.clone()?;
            said.dtls = said.dtls.map(Ours::offered_again);
            Some((said, standing.lines.clone()))
        });
        match agreed {
            Some((said, lines)) => self.say_offer(said, lines),
            None => self.offer(),
        }
    }

    /// Forgets an offer that was refused or overtaken (4xx, glare, CANCEL).
    pub fn abandon(&mut self) {
        if self.is_waiting() {
            self.offered = None;
        }
    }

    /// What an offer would come to if it were answered.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn judge(&self, offer: &Session<'_>, source: Source) -> Result<Codec, NotAcceptable> {
        self.take(offer, source).map(|taken| taken.codec)
    }

    /// Answers the peer's offer: one codec of the first audio line that we can do, under the peer's
    /// numbers; every other line refused in its place.
    ///
    /// # Errors
    /// When there is nothing in the offer that we can do, or an offer of ours is pending.
    pub fn answer(
        &mut self,
        offer: &Session<'_>,
        source: Source,
    ) -> Result<(Session<'static>, Agreed), NotAcceptable> {
        if self.is_waiting() {
            return Err(NotAcceptable::OfferPending);
        }
        match self.take(offer, source) {
            Ok(taken) => {
                self.peer = offer.capabilities();
                Ok(self.answer_with(offer, &taken, source))
            }
            Err(NotAcceptable::Refused) => self.answer_refused(offer, source),
            Err(why) => Err(why),
        }
    }

    /// Takes the peer's answer to our last offer.
    ///
    /// # Errors
    /// When nothing was offered, or the answer refuses our audio or fits none of our codecs; the offer is
    /// then forgotten.
    /// Where it answers with a key, packets are protected; where it passes over ours, they are not, unless that is
    /// required.
    pub fn accept(
        &mut self,
        answer: &Session<'_>,
        source: Source,
    ) -> Result<Agreed, NotAcceptable> {
        let offered = self.offered.take().ok_or(NotAcceptable::NothingOffered)?;
        let media = answer
            .media
            .get(offered.lines.audio)
            .ok_or(NotAcceptable::NoAudio)?;
        match usable(media, self.browsers.as_ref()) {
            Ok(()) => {}
            Err(NotAcceptable::Refused) => {
                let stream = self.silenced(source)?;
                return Ok(self.settle(None, offered.lines, stream, Hold::Held));
            }
            Err(why) => return Err(why),
        }
        let remote = remote(answer, media, self.local.address, source)?;
        let stream = self.matched(answer, media, remote, &offered.said, source)?;
        let hold = if offered.said.direction.sends() {
            Hold::of(remote.direction)
        } else {
            self.hold()
        };
        let said = offered.said.with_key_of(&stream.security);
        let agreed = self.settle(Some(said), offered.lines.clone(), stream, hold);
        self.peer = answer.capabilities();
        self.offered = Some(Offered {
            waits: Waits::NoMore,
            ..offered
        });
        Ok(agreed)
    }
}

/// What of an offer we take.
struct Taken {
    index: usize,
    codec: Codec,
    telephone_event: Option<TelephoneEvents>,
    protocol: Protocol<'static>,
    rtcp: RtcpPort,
    metrics: Metrics,
    remote: Remote,
    /// The peer's key, where packets are to be protected.
    crypto: Option<Crypto>,
    /// What a browser says of itself.
    browser: Option<Theirs>,
}

impl Taken {
    fn stream(&self, said: &Said, source: Source) -> Stream {
        let security = match (&self.crypto, &said.crypto[..], &self.browser, &said.dtls) {
            (_, _, Some(theirs), Some(ours)) => Security::Dtls(Box::new(ours.with(theirs))),
            (Some(theirs), [ours], ..) => Security::Sdes {
                sends: ours.key.clone(),
                receives: theirs.key.clone(),
            },
            (Some(_) | None, ..) => Security::Plain,
        };
        Stream {
            remote: self.remote.rtp,
            remote_rtcp: self.remote.rtcp_at(self.rtcp),
            direction: said.direction,
            codec: self.codec,
            receives: vec![self.codec],
            telephone_event: self.telephone_event,
            in_band: InBand::Ignored,
            metrics: self.metrics,
            source,
            security,
        }
    }
}

impl Negotiation {
    /// The first line that we can use; when there is none, why the first audio line is of no use.
    fn take(&self, offer: &Session<'_>, source: Source) -> Result<Taken, NotAcceptable> {
        let mut why = NotAcceptable::NoAudio;
        for (index, media) in offer.media.iter().enumerate() {
            match self.take_line(offer, index, media, source) {
                Ok(taken) => return Ok(taken),
                Err(reason) if why == NotAcceptable::NoAudio => why = reason,
                Err(_) => {}
            }
        }
        Err(why)
    }

    fn take_line(
        &self,
        offer: &Session<'_>,
        index: usize,
        media: &Media<'_>,
        source: Source,
    ) -> Result<Taken, NotAcceptable> {
        usable(media, self.browsers.as_ref())?;
        let (crypto, browser) = if media.protocol.is_dtls() {
            (None, Some(Theirs::read(offer, media)?))
        } else {
            (self.taken_crypto(media)?, None)
        };
        let mut codec = self
            .capabilities
            .choose(media.codecs())
            .ok_or(NotAcceptable::NoCommonCodec)?;
        codec.ptime_ms = self.capabilities.ptime_ms(&codec, offer.ptime_ms_of(media));
        let telephone_event = self
            .capabilities
            .telephone_event
            .and_then(|_| media.telephone_event(codec.clock_rate))
            .map(|(number, clock_rate)| TelephoneEvents {
                send: number,
                receive: number,
                clock_rate,
            });
        Ok(Taken {
            index,
            codec,
            telephone_event,
            protocol: media.protocol.clone().into_owned(),
            rtcp: match browser {
                Some(_) => RtcpPort::Muxed,
                None => self.rtcp_with(media),
            },
            metrics: metrics_for(media),
            remote: remote(offer, media, self.local.address, source)?,
            crypto,
            browser,
        })
    }

    /// Which key of an offer is taken: the one that the peer uses already, else that of the best suite.
    fn taken_crypto(&self, media: &Media<'_>) -> Result<Option<Crypto>, NotAcceptable> {
        let is_secure = media.protocol.is_secure();
        if !self.srtp.answers() || self.keys.is_none() {
            return if is_secure {
                Err(NotAcceptable::Secure)
            } else {
                Ok(None)
            };
        }
        let used = self.stream().map(|stream| &stream.security);
        let is_used = |line: &Crypto| matches!(used, Some(Security::Sdes { receives, .. }) if *receives == line.key);
        // The order of the suites is that of their worth.
        let best = Crypto::all(media).min_by_key(|line| (!is_used(line), line.key.suite()));
        match best {
            None if is_secure => Err(NotAcceptable::NoCommonSuite),
            None if self.srtp == Srtp::Required => Err(NotAcceptable::Insecure),
            best => Ok(best),
        }
    }

    /// Our line in answer to the peer's: with the key that we use already where the peer keeps its own, else
    /// with a new one, so that the contexts of both directions begin anew together.
    fn answered_crypto(&mut self, theirs: &Crypto) -> Option<Crypto> {
        let used = self.stream().map(|stream| &stream.security);
        let key = match used {
            Some(Security::Sdes { sends, receives }) if *receives == theirs.key => sends.clone(),
            Some(Security::Sdes { .. } | Security::Plain | Security::Dtls(_)) | None => {
                self.keys.as_mut()?.next(theirs.key.suite())
            }
        };
        Some(Crypto {
            tag: theirs.tag,
            key,
        })
    }

    /// What an offer says of protection: as it is, or as it should become.
    fn offered_protection(&mut self) -> (Protocol<'static>, Vec<Crypto>) {
        let standing = self.standing.as_ref();
        match standing.map(|standing| (&standing.said, &standing.stream.security)) {
            Some((Some(said), _)) => return (said.protocol.clone(), said.crypto.clone()),
            // It was protected before audio had port 0.
            Some((None, Security::Sdes { sends, .. })) => {
                let key = sends.clone();
                return (Protocol::Savp, vec![Crypto { tag: 1, key }]);
            }
            Some((None, Security::Plain | Security::Dtls(_))) | None => {}
        }
        let mut lines = || self.keys.as_mut().map(Crypto::offer).unwrap_or_default();
        match self.srtp {
            Srtp::Off | Srtp::Answered => (Protocol::Avp, Vec::new()),
            Srtp::Offered => (Protocol::Avp, lines()),
            Srtp::Required => (Protocol::Savp, lines()),
        }
    }

    /// What a browser is offered: what was agreed on once more, or a beginning; nothing where the leg has been without
    /// DTLS so far.
    fn offered_dtls(&mut self) -> Option<Ours> {
        match self
            .standing
            .as_ref()
            .and_then(|standing| standing.said.as_ref())
        {
            Some(said) => said.dtls.clone().map(Ours::offered_again),
            None => Some(Ours::offer(self.browsers.as_ref()?, self.keys.as_mut()?)),
        }
    }

    /// What a browser is answered.
    fn answered_dtls(&mut self, offer: &Session<'_>, taken: &Taken) -> Option<Ours> {
        let media = offer.media.get(taken.index)?;
        let before = match self.standing.as_ref().map(|it| &it.stream.security) {
            Some(Security::Dtls(before)) => Some(&**before),
            Some(Security::Plain | Security::Sdes { .. }) | None => None,
        };
        let (side, keys) = (self.browsers.as_ref()?, self.keys.as_mut()?);
        let theirs = taken.browser.as_ref()?;
        Some(Ours::answer(side, keys, (offer, media), theirs, before))
    }

    fn answer_with(
        &mut self,
        offer: &Session<'_>,
        taken: &Taken,
        source: Source,
    ) -> (Session<'static>, Agreed) {
        let said = self.reply_to(offer, taken);
        let lines = Lines::of(&offer.media, taken.index);
        let media = said.media(said.port(&self.local), &self.capabilities);
        let description = self
            .described
            .say(&self.local, &lines, Some(media), &said.of_session());
        self.offered = None;
        let stream = taken.stream(&said, source);
        let hold = Hold::of(taken.remote.direction);
        (description, self.settle(Some(said), lines, stream, hold))
    }

    /// All audio has port 0, which in a running session is one way to hold it.
    fn answer_refused(
        &mut self,
        offer: &Session<'_>,
        source: Source,
    ) -> Result<(Session<'static>, Agreed), NotAcceptable> {
        let stream = self.silenced(source)?;
        let audio = offer.media.iter().position(|m| m.kind == Kind::Audio);
        let lines = Lines::of(&offer.media, audio.unwrap_or_default());
        let description = self.described.say(&self.local, &lines, None, &[]);
        self.offered = None;
        Ok((description, self.settle(None, lines, stream, Hold::Held)))
    }

    /// Our side of an answer, under the peer's numbers.
    fn reply_to(&mut self, offer: &Session<'_>, taken: &Taken) -> Said {
        let keys = taken.telephone_event.map(|events| Format::TelephoneEvent {
            payload_type: events.receive,
            clock_rate: events.clock_rate,
        });
        let formats: Vec<_> = [Some(Format::Codec(taken.codec)), keys]
            .into_iter()
            .flatten()
            .collect();
        formats.iter().for_each(|&format| self.numbers.bind(format));
        let theirs = taken.crypto.as_ref();
        let crypto = theirs.and_then(|theirs| self.answered_crypto(theirs));
        Said {
            formats,
            protocol: taken.protocol.clone(),
            direction: taken.remote.direction.reversed().and(self.wish),
            rtcp: taken.rtcp,
            metrics: taken.metrics,
            crypto: crypto.into_iter().collect(),
            dtls: self.answered_dtls(offer, taken),
        }
    }

    /// Pairs what the peer answered with what we offered: sent under the peer's numbers, received under ours.
    fn matched(
        &self,
        answer: &Session<'_>,
        media: &Media<'_>,
        remote: Remote,
        said: &Said,
        source: Source,
    ) -> Result<Stream, NotAcceptable> {
        let wished = answer.ptime_ms_of(media);
        let mut pairs = media.codecs().filter_map(|theirs| {
            let Format::Codec(ours) = said.counterpart(&Format::Codec(theirs))? else {
                return None;
            };
            let ptime_ms = self.capabilities.ptime_ms(&theirs, wished);
            Some((Codec { ptime_ms, ..theirs }, Codec { ptime_ms, ..ours }))
        });
        let (codec, counterpart) = pairs.next().ok_or(NotAcceptable::NoCommonCodec)?;
        let mut receives = vec![counterpart];
        for (_, ours) in pairs {
            if receives.len() < AGREED_CODECS_MAX && !receives.contains(&ours) {
                receives.push(ours);
            }
        }
        let rtcp = match said.rtcp {
            RtcpPort::Muxed => self.rtcp_with(media),
            RtcpPort::Next => RtcpPort::Next,
        };
        Ok(Stream {
            remote: remote.rtp,
            remote_rtcp: remote.rtcp_at(rtcp),
            direction: said.direction.and(remote.direction.reversed()),
            codec,
            receives,
            telephone_event: said.keys_with(media, codec.clock_rate),
            in_band: InBand::Ignored,
            metrics: metrics_for(media),
            source,
            security: said.secured_with(answer, media, self.srtp)?,
        })
    }

    /// Everything we can do, numbered.
    fn everything(&mut self) -> Vec<Format> {
        let codecs = self.capabilities.codecs.iter().map(|capability| {
            let codec = capability.codec;
            let ptime_ms = self.capabilities.ptime_ms(&codec, Some(codec.ptime_ms));
            Format::Codec(Codec { ptime_ms, ..codec })
        });
        let mut wished: Vec<_> = codecs.take(AGREED_CODECS_MAX).collect();
        if let Some(payload_type) = self.capabilities.telephone_event {
            let mut rates: Vec<_> = wished.iter().map(Format::clock_rate).collect();
            rates.sort_unstable();
            rates.dedup();
            wished.extend(rates.into_iter().map(|clock_rate| Format::TelephoneEvent {
                payload_type,
                clock_rate,
            }));
        }
        wished
            .into_iter()
            .filter_map(|format| self.numbers.give(format))
            .collect()
    }

    fn say_offer(&mut self, said: Said, lines: Lines) -> Session<'static> {
        let media = said.media(said.port(&self.local), &self.capabilities);
        let attributes = said.of_session();
        let described = &mut self.described;
        let description = described.say(&self.local, &lines, Some(media), &attributes);
        self.offered = Some(Offered {
            said,
            lines,
            waits: Waits::ForAnswer,
        });
        description
    }

    /// Where RTCP goes with a peer that wrote `media`.
    fn rtcp_with(&self, media: &Media<'_>) -> RtcpPort {
        if media.has("rtcp-mux") {
            self.capabilities.rtcp
        } else {
            RtcpPort::Next
        }
    }

    /// The stream as it was, going neither way.
    ///
    /// A first exchange with port 0 has no stream: then audio is refused.
    fn silenced(&self, source: Source) -> Result<Stream, NotAcceptable> {
        let before = self.stream().ok_or(NotAcceptable::Refused)?;
        Ok(Stream {
            direction: Direction::Inactive,
            source,
            ..before.clone()
        })
    }

    fn hold(&self) -> Hold {
        self.standing
            .as_ref()
            .map_or(Hold::Not, |standing| standing.hold)
    }

    fn settle(&mut self, said: Option<Said>, lines: Lines, stream: Stream, hold: Hold) -> Agreed {
        let in_band = match stream.telephone_event {
            Some(_) => InBand::Ignored,
            None => self.capabilities.in_band,
        };
        let stream = Stream { in_band, ..stream };
        let change = if self.stream() == Some(&stream) {
            Change::Same
        } else {
            Change::Changed
        };
        let held = match (self.hold(), hold) {
            (Hold::Not, Hold::Held) => Some(HoldChange::Held),
            (Hold::Held, Hold::Not) => Some(HoldChange::Resumed),
            (Hold::Held, Hold::Held) | (Hold::Not, Hold::Not) => None,
        };
        self.standing = Some(Standing {
            said,
            lines,
            stream: stream.clone(),
            hold,
        });
        Agreed {
            stream,
            change,
            hold: held,
        }
    }
}

impl Hold {
    /// We are held while the peer does not receive.
    const fn of(peer: Direction) -> Self {
        if peer.receives() {
            Self::Not
        } else {
            Self::Held
        }
    }
}
