//! Two who are listened to, whispered to or joined by a third.

use super::studio::{Fate, LEVEL_DBFS, Studio, TONES};
use model::LegId;
use rtp::{Codec, Header, Marker};

/// MON-02: whatever packets the two would send each other, they do, as if nobody were there.
#[test]
fn nobody_notices_that_somebody_begins_or_ceases_to_listen() {
    for codecs in [[Codec::PCMA; 3], [Codec::G722, Codec::G722, Codec::PCMA]] {
        let mut studio = with_phones(codecs);
        studio.talk(1, &[1, 2]);
        let mut said = [Vec::new(), Vec::new()];
        for plan in [
            Plan::Talk,
            Plan::Listen,
            Plan::Talk,
            Plan::Listen,
            Plan::Gone,
        ] {
            plan.perform(&mut studio);
            let begun = studio.phone_of(3).packets.len();
            // An odd time, so that it begins and ends amid packets.
            studio.run_through(313, |leg, packet| {
                if let Some(said) = said.get_mut(leg.0 as usize - 1) {
                    said.push(packet[Header::SIZE..].to_vec());
                }
                Fate::Arrives
            });
            let heard = studio.phone_of(3).packets.len() - begun;
            assert_eq!(heard > 10, plan == Plan::Listen, "{heard} packets to 3");
        }
        for (leg, said) in [(2, &said[0]), (1, &said[1])] {
            let phone = studio.phone_of(leg);
            let payloads = phone.packets.iter().map(|heard| heard.payload.clone());
            assert_eq!(payloads.collect::<Vec<_>>(), *said);
            phone.assert_seamless();
            for (place, pair) in phone.packets.windows(2).enumerate() {
                let (one, next) = (pair[0].header, pair[1].header);
                assert_eq!(next.timestamp.wrapping_sub(one.timestamp), 160);
                assert_eq!(next.marker, Marker::Clear, "packet {}", place + 1);
                assert_eq!(pair[1].at.0 - pair[0].at.0, 20_000, "none waits for a slot");
            }
        }
        Plan::Listen.perform(&mut studio);
        studio.run(200);
        studio.listen();
        studio.run(500);
        studio.assert_hears(3, &TONES[..2]);
    }
}

/// MON-03: 3 whispers to 1.
#[test]
fn a_whisper_is_heard_by_one_and_changes_nothing_for_the_other() {
    let mut studio = with_phones([Codec::PCMA; 3]);
    studio.talk(1, &[1, 2]);
    studio.run(500);
    let mut said = Vec::new();
    studio.listen();
    for plan in [Plan::Whisper, Plan::Talk] {
        plan.perform(&mut studio);
        studio.run_through(500, |leg, packet| {
            if leg == LegId(1) {
                said.push(packet[Header::SIZE..].to_vec());
            }
            Fate::Arrives
        });
        for leg in [1, 2] {
            studio.phone_of(leg).assert_seamless();
        }
        let heard = match plan {
            Plan::Whisper => &TONES[1..3],
            _ => &TONES[1..2],
        };
        let one = studio.phone_of(1);
        let sound = one.sound();
        // What of the whisper was underway when it ended, or was yet to come when it began, is not looked at.
        let middle = &sound[sound.len() - 3_200..];
        for hz in TONES {
            let level = crate::ear::tone_dbfs(middle, 8_000, hz);
            let expected = if heard.contains(&hz) {
                LEVEL_DBFS
            } else {
                -70.0
            };
            assert!(
                (level - expected).abs() < 0.5 || level.max(expected) < -50.0,
                "{plan:?}: {hz} Hz at {level} dBFS"
            );
        }
    }
    let two = studio.phone_of(2);
    let payloads = two.packets.iter().map(|heard| heard.payload.clone());
    assert_eq!(payloads.collect::<Vec<_>>(), said);
}

fn with_phones(codecs: [Codec; 3]) -> Studio {
    let mut studio = Studio::new();
    for ((leg, codec), hz) in (1..).zip(codecs).zip(TONES) {
        studio.phone(LegId(leg), codec, hz);
    }
    studio
}

/// Who hears whom of 1, 2 and 3.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Plan {
    Talk,
    Listen,
    Whisper,
    /// 3 is somewhere else.
    Gone,
}

impl Plan {
    fn perform(self, studio: &mut Studio) {
        let seats: &[u64] = &[1, 2, 3];
        match self {
            Self::Talk => studio.mix(1, seats, &[(&[1, 2], &[1, 2])]),
            Self::Listen => studio.mix(1, seats, &[(&[1, 2], seats)]),
            Self::Whisper => studio.mix(1, seats, &[(&[1, 2], seats), (&[3], &[1])]),
            Self::Gone => studio.talk(1, &[1, 2]),
        }
    }
}
