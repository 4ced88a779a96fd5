//! Whether sound goes to a phone and comes from it: it is called, and its channel is watched.

use super::Finding;
use crate::admin::{LiveChannel, LiveRegistration};
use crate::cli::Place;
use crate::cli::client::{Client, escaped};
use anyhow::Result;
use model::LegQuality;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Calls a phone of the extension and says what came of it.
pub(super) fn check(place: &Place, extension: &str) -> Result<Vec<Finding>> {
    let ask = || Client::running(&place.data);
    let phones: Vec<LiveRegistration> = ask()?.get("/registrations")?;
    let before: Vec<LiveChannel> = ask()?.get("/channels")?;
    if before.iter().any(|channel| channel.party == extension) {
        let sentence = "its phone is in a call: try again once that is over";
        return Ok(vec![Finding::warn(extension, sentence)]);
    }
    ask()?.send::<()>("POST", &format!("/sound-check/{}", escaped(extension)), "")?;
    if !phones.iter().any(|phone| phone.extension == extension) {
        let sentence = "no phone is registered: look at its login and at `bellwire doctor`";
        return Ok(vec![Finding::fail(extension, sentence)]);
    }
    let mut seen: Option<LiveChannel> = None;
    let began = Instant::now();
    while began.elapsed()
        < if seen.is_some() {
            LONGEST
        } else {
            BEGINS_WITHIN
        }
    {
        let channels: Vec<LiveChannel> = ask()?.get("/channels")?;
        let channel = channels.into_iter().find(|it| it.party == extension);
        if channel.is_none() && seen.is_some() {
            break;
        }
        seen = channel.or(seen);
        sleep(LOOK_EVERY);
    }
    let ports = place.config()?.media.rtp_ports;
    let ports = format!("{}-{}", ports.start(), ports.end());
    Ok(findings(extension, seen.as_ref(), &ports))
}

/// What a channel looked like in the end, in words.
fn findings(extension: &str, seen: Option<&LiveChannel>, ports: &str) -> Vec<Finding> {
    let Some(channel) = seen.filter(|channel| channel.state != "ringing") else {
        let sentence = "its phone did not take the call: let somebody answer it, or let the phone answer by itself \
                        when it is asked to (Alert-Info, Call-Info: answer-after=0)";
        return vec![Finding::fail(extension, sentence)];
    };
    vec![from(extension, channel, ports), to(extension, channel)]
}

/// What came of the phone's sound.
fn from(extension: &str, channel: &LiveChannel, ports: &str) -> Finding {
    let what = format!("sound from {extension}");
    let came = channel.quality.as_ref().filter(|it| it.received > 0);
    let Some(quality) = came else {
        let sentence = format!(
            "nothing came: let UDP to the ports {ports} of this server through every firewall on the way, switch SIP \
             helpers (ALG) of routers off, and see that the phone is not muted by its settings"
        );
        return Finding::fail(what, sentence);
    };
    let LegQuality {
        received,
        lost,
        jitter_ms,
        codec,
        ..
    } = quality;
    let found = format!(
        "{received} packets of {codec} came, {:.1} % were lost, jitter {jitter_ms} ms",
        percent(*lost, *received)
    );
    if percent(*lost, *received) > LOSS_MAX || *jitter_ms > JITTER_MAX_MS {
        let remedy =
            "look for a weak Wi-Fi or a full line between, and let voice (DSCP EF) go first there";
        Finding::warn(what, format!("{found}: {remedy}"))
    } else {
        Finding::ok(what, found)
    }
}

/// What the phone says of ours.
fn to(extension: &str, channel: &LiveChannel) -> Finding {
    let what = format!("sound to {extension}");
    let quality = channel.quality.as_ref();
    let Some(trip) = quality.and_then(|quality| quality.round_trip_ms) else {
        let sentence = format!(
            "the phone does not say what it hears: ask there whether music was heard. If not, it is told a wrong \
             address (set sip.external_address), or a firewall keeps packets from {}",
            channel.remote
        );
        return Finding::warn(what, sentence);
    };
    let lost = quality.map_or(0, |quality| quality.peer_lost);
    let found = format!("the phone hears it, {lost} packets were lost, {trip} ms there and back");
    if percent(lost, PACKETS_SENT) > LOSS_MAX {
        let remedy =
            "look for a weak Wi-Fi or a full line between, and let voice (DSCP EF) go first there";
        Finding::warn(what, format!("{found}: {remedy}"))
    } else {
        Finding::ok(what, found)
    }
}

/// Of all packets that there should have been.
fn percent(lost: u64, came: u64) -> f64 {
    lost as f64 * 100.0 / (lost + came).max(1) as f64
}

const LOOK_EVERY: Duration = Duration::from_millis(250);
/// By then the switch has begun to ring, if it does.
const BEGINS_WITHIN: Duration = Duration::from_secs(3);
/// Longer than it rings and plays.
const LONGEST: Duration = Duration::from_secs(40);
/// Roughly: 50 a second.
const PACKETS_SENT: u64 = 600;
/// More is heard, in percent.
const LOSS_MAX: f64 = 2.0;
/// More makes a phone wait so long that talk gets slow.
const JITTER_MAX_MS: u32 = 50;

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use model::LegId;

    #[test]
    fn each_direction_is_told_of_in_a_line_of_its_own() {
        for (quality, states) in [
            (Some(quality(600, 0, Some(4))), [State::Ok, State::Ok]),
            (Some(quality(600, 0, None)), [State::Ok, State::Warn]),
            (Some(quality(500, 100, Some(4))), [State::Warn, State::Ok]),
            (None, [State::Fail, State::Warn]),
            (Some(quality(0, 0, None)), [State::Fail, State::Warn]),
        ] {
            let found = findings("101", Some(&channel("answered", quality)), "10002-19999");
            let states_found: Vec<_> = found.iter().map(|finding| finding.state).collect();
            assert_eq!(states_found, states, "{found:?}");
        }
    }

    #[test]
    fn who_does_not_answer_is_told_how_to() {
        for seen in [None, Some(channel("ringing", None))] {
            let found = findings("101", seen.as_ref(), "10002-19999");
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].state, State::Fail);
        }
    }

    fn channel(state: &str, quality: Option<LegQuality>) -> LiveChannel {
        LiveChannel {
            leg: 2,
            call: Some(1),
            party: String::from("101"),
            direction: String::from("out"),
            state: state.to_owned(),
            codec: String::from("PCMA"),
            quality,
            remote: String::from("192.0.2.7:4000"),
            seconds: 12,
        }
    }

    fn quality(received: u64, lost: u64, round_trip_ms: Option<u32>) -> LegQuality {
        LegQuality {
            leg: LegId(2),
            codec: String::from("PCMA"),
            received,
            lost,
            peer_lost: 0,
            peer_mos_x100: None,
            jitter_ms: 3,
            round_trip_ms,
            mos_x100: 441,
        }
    }
}
