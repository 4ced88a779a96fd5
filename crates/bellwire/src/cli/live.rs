//! `bellwire calls`, `registrations`, `trunks`, `channels` and `trace`.

use super::client::{Client, escaped};
use super::table::{clean, table};
use super::{Output, Place};
use crate::admin::{LiveCall, LiveChannel, LiveRegistration, LiveTrunk, Trace, TraceWhat};
use crate::print;
use anyhow::Result;
use model::LegQuality;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr;

pub(super) fn calls(place: &Place, output: Output) -> Result<ExitCode> {
    list(
        place,
        output,
        "/calls",
        "no calls in progress",
        |calls: &[LiveCall]| {
            let rows: Vec<_> = calls
                .iter()
                .map(|call| {
                    [
                        call.call.to_string(),
                        call.start.clone(),
                        named(&call.caller, &call.caller_name),
                        call.callee.clone(),
                        call.state.clone(),
                        clock(call.seconds),
                        opinions(&call.mos_x100),
                    ]
                })
                .collect();
            table(
                ["CALL", "START", "CALLER", "CALLED", "STATE", "TIME", "MOS"],
                &rows,
            )
        },
    )
}

pub(super) fn registrations(place: &Place, output: Output) -> Result<ExitCode> {
    list(
        place,
        output,
        "/registrations",
        "no phone is registered",
        |phones: &[LiveRegistration]| {
            let rows: Vec<_> = phones
                .iter()
                .map(|phone| {
                    [
                        named(&phone.extension, &phone.name),
                        phone.transport.clone(),
                        phone.address.clone(),
                        phone.user_agent.clone(),
                        clock(phone.expires_seconds),
                        String::from(if phone.reachable {
                            "reachable"
                        } else {
                            "silent"
                        }),
                    ]
                })
                .collect();
            table(
                ["EXTENSION", "BY", "ADDRESS", "PHONE", "EXPIRES", "STATE"],
                &rows,
            )
        },
    )
}

pub(super) fn trunks(place: &Place, output: Output) -> Result<ExitCode> {
    list(
        place,
        output,
        "/trunks",
        "no trunk is set up",
        |trunks: &[LiveTrunk]| {
            let rows: Vec<_> = trunks
                .iter()
                .map(|trunk| {
                    [
                        trunk.name.clone(),
                        trunk.kind.clone(),
                        trunk.state.clone(),
                        addresses(trunk),
                        trunk.registered_seconds.map(clock).unwrap_or_default(),
                        trunk.trouble.clone(),
                    ]
                })
                .collect();
            table(
                ["TRUNK", "KIND", "STATE", "ADDRESSES", "EXPIRES", "TROUBLE"],
                &rows,
            )
        },
    )
}

/// Where a trunk is, in one cell.
fn addresses(trunk: &LiveTrunk) -> String {
    let places = trunk.places.iter().map(|place| {
        let silent = if place.answers { "" } else { " (silent)" };
        format!("{} {}{silent}", place.transport, place.address)
    });
    let places: Vec<_> = places.collect();
    if places.is_empty() {
        trunk.host.clone()
    } else {
        places.join(", ")
    }
}

pub(super) fn channels(place: &Place, output: Output) -> Result<ExitCode> {
    list(
        place,
        output,
        "/channels",
        "no calls in progress",
        |legs: &[LiveChannel]| {
            let rows: Vec<_> = legs
                .iter()
                .map(|leg| {
                    [
                        leg.leg.to_string(),
                        leg.call.map(|call| call.to_string()).unwrap_or_default(),
                        leg.party.clone(),
                        leg.direction.clone(),
                        leg.state.clone(),
                        leg.codec.clone(),
                        leg.remote.clone(),
                        clock(leg.seconds),
                        leg.quality.as_ref().map(figures).unwrap_or_default(),
                    ]
                })
                .collect();
            table(
                [
                    "LEG", "CALL", "PARTY", "WAY", "STATE", "CODEC", "SOUND", "TIME", "QUALITY",
                ],
                &rows,
            )
        },
    )
}

pub(super) fn trace(place: &Place, call: &str, output: Output) -> Result<ExitCode> {
    let path = format!("/trace/{}", escaped(call));
    let trace: Trace = Client::running(&place.data)?.get(&path)?;
    if output.json {
        print::line(&serde_json::to_string_pretty(&trace)?);
    } else {
        print::line(&ladder(&trace));
    }
    Ok(ExitCode::SUCCESS)
}

fn list<T: Serialize + DeserializeOwned>(
    place: &Place,
    output: Output,
    path: &str,
    none: &str,
    show: impl FnOnce(&[T]) -> String,
) -> Result<ExitCode> {
    let items: Vec<T> = Client::running(&place.data)?.get(path)?;
    let text = match (output.json, items.is_empty()) {
        (true, _) => serde_json::to_string_pretty(&items)?,
        (false, true) => none.to_owned(),
        (false, false) => show(&items),
    };
    print::line(&text);
    Ok(ExitCode::SUCCESS)
}

/// What each leg of a call is worth, in the order in which they joined.
fn opinions(legs: &[Option<u16>]) -> String {
    let legs = legs.iter().map(|leg| match leg {
        Some(mos_x100) => format!("{:.1}", f64::from(*mos_x100) / 100.0),
        None => String::from("-"),
    });
    legs.collect::<Vec<_>>().join(" ")
}

/// How a leg's sound comes in, in one cell.
fn figures(quality: &LegQuality) -> String {
    let mos = f64::from(quality.mos_x100) / 100.0;
    let sent = (quality.received + quality.lost).max(1);
    let lost = quality.lost as f64 * 100.0 / sent as f64;
    let trip = quality.round_trip_ms;
    let trip = trip.map_or_else(String::new, |ms| format!(", round trip {ms} ms"));
    format!(
        "{mos:.1}, {lost:.1} % lost, jitter {} ms{trip}",
        quality.jitter_ms
    )
}

fn named(number: &str, name: &str) -> String {
    match (number, name) {
        ("", "") => String::from("anonymous"),
        (number, name) if name.is_empty() || name == number => number.to_owned(),
        (number, name) => format!("{number} {name}"),
    }
}

/// `HH:MM:SS`.
fn clock(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

/// Parties as columns, messages as arrows between them and the server, events in between; below it the
/// messages in full.
fn ladder(trace: &Trace) -> String {
    let mut parties: Vec<&str> = Vec::new();
    for party in trace.lines.iter().filter_map(|line| party(&line.what)) {
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    let margin = " ".repeat(TIME);
    let head = std::iter::once("bellwire").chain(parties.iter().copied());
    let head: String = head.map(cell).collect();
    let mut text = format!("call {}\n{margin}{}\n", trace.call, head.trim_end());
    for line in &trace.lines {
        let step = match &line.what {
            TraceWhat::Received { from, message, .. } => {
                arrow(&parties, from, &label(message), Arrow::Left)
            }
            TraceWhat::Sent { to, message, .. } => {
                arrow(&parties, to, &label(message), Arrow::Right)
            }
            TraceWhat::Event { text } => format!("* {}", clean(text)),
        };
        text.push_str(&format!("{:TIME$}{step}\n", clock_of(&line.at)));
    }
    for line in &trace.lines {
        let (direction, address, message) = match &line.what {
            TraceWhat::Received {
                address, message, ..
            } => ("from", address, message),
            TraceWhat::Sent {
                address, message, ..
            } => ("to", address, message),
            TraceWhat::Event { .. } => continue,
        };
        text.push_str(&format!("\n{} {direction} {address}\n", line.at));
        for header in message.trim_end().lines() {
            text.push_str(format!("    {}", clean(header)).trim_end());
            text.push('\n');
        }
    }
    text.trim_end().to_owned()
}

fn party(what: &TraceWhat) -> Option<&str> {
    match what {
        TraceWhat::Received { from, .. } => Some(from),
        TraceWhat::Sent { to, .. } => Some(to),
        TraceWhat::Event { .. } => None,
    }
}

/// Which way an arrow points; the server stands at the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrow {
    Left,
    Right,
}

/// An arrow between the server and a party, across the columns between them.
fn arrow(parties: &[&str], party: &str, label: &str, way: Arrow) -> String {
    let columns = parties.iter().position(|known| *known == party);
    let length = (columns.unwrap_or_default() + 1) * COLUMN - 1;
    let label = format!(" {} ", clean(label));
    let line = length.saturating_sub(label.width() + 3);
    match way {
        Arrow::Left => format!("|<-{label}{}|", "-".repeat(line + 1)),
        Arrow::Right => format!("|-{label}{}>|", "-".repeat(line + 1)),
    }
}

/// A column's headline.
fn cell(name: &str) -> String {
    let name = clean(name);
    let gap = COLUMN.saturating_sub(name.width()).max(1);
    format!("{name}{}", " ".repeat(gap))
}

/// What a message is: its method, or its status and the method it answers.
fn label(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    match first.strip_prefix("SIP/2.0 ") {
        Some(status) => {
            let method = message
                .lines()
                .find_map(|line| line.strip_prefix("CSeq:"))
                .and_then(|cseq| cseq.split_whitespace().nth(1));
            let method = method.map(|method| format!(" ({method})"));
            format!("{status}{}", method.unwrap_or_default())
        }
        None => first.split(' ').next().unwrap_or_default().to_owned(),
    }
}

/// The time of day of an RFC 3339 time.
fn clock_of(at: &str) -> &str {
    let time = at.split_once('T').map_or(at, |(_, time)| time);
    time.get(..12).unwrap_or(time)
}

/// Columns before the first party.
const TIME: usize = 14;
/// Columns of one party.
const COLUMN: usize = 28;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::TraceLine;

    #[test]
    fn quality_is_shown_leg_by_leg() {
        assert_eq!(opinions(&[Some(441), None, Some(300)]), "4.4 - 3.0");
        let quality = LegQuality {
            leg: model::LegId(1),
            codec: String::from("PCMA"),
            received: 950,
            lost: 50,
            peer_lost: 0,
            peer_mos_x100: None,
            jitter_ms: 12,
            round_trip_ms: Some(30),
            mos_x100: 361,
        };
        assert_eq!(
            figures(&quality),
            "3.6, 5.0 % lost, jitter 12 ms, round trip 30 ms"
        );
        let quality = LegQuality {
            round_trip_ms: None,
            received: 0,
            lost: 0,
            ..quality
        };
        assert_eq!(figures(&quality), "3.6, 0.0 % lost, jitter 12 ms");
    }

    #[test]
    fn a_trace_is_a_ladder_with_the_messages_below() {
        let at = |second: u8| format!("2026-01-02T10:00:0{second}.250+08:00");
        let line = |second, what| TraceLine {
            at: at(second),
            what,
        };
        let trace = Trace {
            call: 7,
            lines: vec![
                line(
                    1,
                    TraceWhat::Received {
                        from: String::from("100 张三"),
                        address: String::from("udp 192.0.2.1:5060"),
                        message: String::from("INVITE sip:101@x SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n"),
                    },
                ),
                line(
                    2,
                    TraceWhat::Event {
                        text: String::from("dial"),
                    },
                ),
                line(
                    3,
                    TraceWhat::Sent {
                        to: String::from("101"),
                        address: String::from("tcp 192.0.2.2:5060"),
                        message: String::from("SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n"),
                    },
                ),
            ],
        };
        let expected = "\
call 7
              bellwire                    100 张三                    101
10:00:01.250  |<- INVITE -----------------|
10:00:02.250  * dial
10:00:03.250  |- 200 OK (INVITE) ------------------------------------>|

2026-01-02T10:00:01.250+08:00 from udp 192.0.2.1:5060
    INVITE sip:101@x SIP/2.0
    CSeq: 1 INVITE

2026-01-02T10:00:03.250+08:00 to tcp 192.0.2.2:5060
    SIP/2.0 200 OK
    CSeq: 1 INVITE";
        assert_eq!(ladder(&trace), expected);
    }
}
