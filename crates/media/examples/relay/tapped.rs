//! Calls that are recorded, or heard into by somebody else, beside calls that are only relayed.

use crate::measure::{Row, media_worker, media_worker_with};
use crate::voice::Voice;
use media::Plane;
use model::{Effect, Group, LegId, MixPlan, RecordingFormat, RecordingId, RecordingLayout, RoomId};
use rtp::Codec;
use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

/// Lets so many calls of G.711 be recorded, and be monitored. A monitored call has a third phone, which sends and is sent
/// to like the others: in packets alone that is 1.5 relayed calls.
///
/// # Errors
/// Those of the operating system.
pub(crate) fn tapped(calls: usize, lasting: Duration) -> io::Result<Vec<Row>> {
    let pair = [140.0, 190.0].map(|pitch_hz| Voice::talking(Codec::PCMA, pitch_hz));
    let voices = repeat(&pair, calls);
    let relayed = media_worker(&voices, 2, lasting)?.cpu_us / calls as f64;
    let mut rows = Vec::new();
    for (name, layout) in [
        ("stereo", RecordingLayout::Stereo),
        ("mixed", RecordingLayout::Mixed),
    ] {
        let recorded = media_worker_with(&voices, 2, lasting, |plane, room, legs| {
            talk(plane, room, legs);
            record(plane, room, legs, layout);
        })?;
        rows.push(row(
            &format!("G.711 call recorded as WAV, {name}"),
            recorded.cpu_us / calls as f64,
            relayed,
        ));
    }
    let trio = [pair.to_vec(), vec![Voice::silent(Codec::PCMA)]].concat();
    let voices = repeat(&trio, calls);
    for (name, plan) in [("monitored", listen as Plan), ("whispered into", whisper)] {
        let monitored = media_worker_with(&voices, 3, lasting, |plane, room, legs| {
            plane.perform(&Effect::Mix(room, plan(legs)));
        })?;
        rows.push(row(
            &format!("G.711 call {name}"),
            monitored.cpu_us / calls as f64,
            relayed,
        ));
    }
    Ok(rows)
}

fn row(what: &str, figure: f64, relayed: f64) -> Row {
    let what = format!("{what}, processor time a second (limit: 2 x relayed)");
    Row::new(what, "us", figure, 2.0 * relayed)
}

fn repeat(voices: &[Voice], times: usize) -> Vec<Voice> {
    let count = voices.len() * times;
    voices.iter().cycle().take(count).cloned().collect()
}

fn talk(plane: &mut Plane, room: RoomId, legs: &[LegId]) {
    let plan = MixPlan::talk(legs.iter().copied());
    plane.perform(&Effect::Mix(room, plan));
}

fn record(plane: &mut Plane, room: RoomId, legs: &[LegId], layout: RecordingLayout) {
    let Some(leg) = legs.first() else { return };
    plane.perform(&Effect::Record {
        leg: *leg,
        recording: RecordingId(room.0),
        layout,
        format: RecordingFormat::Wav,
    });
}

type Plan = fn(&[LegId]) -> MixPlan;

/// Two talk; the third hears both, and neither hears him.
fn listen(legs: &[LegId]) -> MixPlan {
    let [one, other, third] = legs else {
        return MixPlan::default();
    };
    plan(&[(&[*one, *other], &[*one, *other, *third])])
}

/// The third is heard by the first alone.
fn whisper(legs: &[LegId]) -> MixPlan {
    let [one, other, third] = legs else {
        return MixPlan::default();
    };
    plan(&[
        (&[*one, *other], &[*one, *other, *third]),
        (&[*third], &[*one]),
    ])
}

fn plan(groups: &[(&[LegId], &[LegId])]) -> MixPlan {
    let set = |legs: &[LegId]| legs.iter().copied().collect::<BTreeSet<_>>();
    let seats = groups.iter().flat_map(|(speakers, listeners)| {
        let both = speakers.iter().chain(*listeners);
        both.copied().collect::<Vec<_>>()
    });
    MixPlan {
        seats: seats.collect(),
        groups: groups
            .iter()
            .map(|(speakers, listeners)| Group {
                speakers: set(speakers),
                listeners: set(listeners),
            })
            .collect(),
    }
}
