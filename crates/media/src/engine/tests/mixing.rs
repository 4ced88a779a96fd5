//! Rooms: who hears whom, at which rate, at what price.

use super::studio::{LEVEL_DBFS, Studio, TONES};
use crate::ear;
use model::{
    Digit, Effect, Group, Keys, LegId, MixPlan, RecordingFormat, RecordingId, RecordingLayout,
    RoomId,
};
use rtp::{Codec, Direction, Encoding};
use std::collections::{BTreeMap, BTreeSet};

/// Whatever plans come, in whatever order: everybody hears exactly whom they say, and nobody himself.
#[test]
fn everybody_hears_exactly_whom_the_plan_says() {
    for seed in 1..=12 {
        let mut random = Random(seed);
        let mut studio = Studio::new();
        for (leg, hz) in (1..).zip(VOICES) {
            studio.phone(LegId(leg), random.of(&CODECS), hz);
        }
        let mut world = World::default();
        for _ in 0..5 {
            let changes = 1 + random.below(3);
            for _ in 0..changes {
                let (room, plan) = random.plan();
                studio.perform(&Effect::Mix(room, plan.clone()));
                world.change(room, plan);
                // Many things may happen at one moment, or between two slots.
                studio.run(random.below(2) * 13);
            }
            studio.run(400);
            studio.listen();
            studio.run(400);
            world.assert_heard(&mut studio, seed);
        }
    }
}

#[test]
fn wideband_is_heard_by_those_who_can_and_does_no_harm_to_others() {
    let mut studio = Studio::new();
    let codecs = [Codec::G722, OPUS, Codec::PCMA];
    for (leg, (codec, hz)) in (1..).zip(codecs.into_iter().zip([5_200.0, 700.0, 1_300.0])) {
        studio.phone(LegId(leg), codec, hz);
    }
    studio.talk(1, &[1, 2, 3]);
    studio.run(600);
    studio.listen();
    studio.run(1_000);
    let level = |leg, hz| studio.level(leg, hz);
    assert!(
        (level(2, 5_200.0) - LEVEL_DBFS).abs() < 1.5,
        "{}",
        level(2, 5_200.0)
    );
    assert!((level(1, 700.0) - LEVEL_DBFS).abs() < 1.5);
    assert!((level(1, 1_300.0) - LEVEL_DBFS).abs() < 0.5);
    // What 8 kHz cannot carry does not come back as another tone.
    for hz in [2_800.0, 5_200.0] {
        assert!(level(3, hz) < -55.0, "{hz} Hz at {}", level(3, hz));
    }
    assert!((level(3, 700.0) - LEVEL_DBFS).abs() < 1.5);
    for leg in 1..=3 {
        studio.phone_of(leg).assert_seamless();
    }
}

#[test]
fn a_wideband_phone_is_played_and_recorded_in_wideband() {
    let mut studio = Studio::new();
    for leg in [1, 2] {
        studio.phone(LegId(leg), Codec::G722, 5_200.0 + 500.0 * leg as f64);
    }
    studio.talk(1, &[1, 2]);
    studio.run(400);
    studio.perform(&Effect::Record {
        leg: LegId(1),
        recording: RecordingId(1),
        layout: RecordingLayout::Mixed,
        format: RecordingFormat::Wav,
    });
    studio.run(1_000);
    studio.perform(&Effect::StopRecording(RecordingId(1)));
    let taken = &studio.wire.recordings[&RecordingId(1)].samples;
    assert!(
        taken.len().abs_diff(16_000) <= 640,
        "{} samples",
        taken.len()
    );
    for hz in [5_700.0, 6_200.0] {
        let level = ear::tone_dbfs(&taken[3_200..], 16_000, hz);
        assert!((level - LEVEL_DBFS).abs() < 1.0, "{hz} Hz at {level}");
    }
    let sound = studio.wide_file("a.wav", 5_000.0, 1_000);
    studio.play(1, 1, vec![sound], Keys::Report);
    studio.run(100);
    studio.listen();
    studio.run(800);
    let level = studio.level(1, 5_000.0);
    assert!((level - LEVEL_DBFS).abs() < 1.0, "{level}");
}

/// CO-03: what costs most is made once.
#[test]
fn those_who_hear_the_same_get_the_same_bytes() {
    for codec in [Codec::PCMA, Codec::G722] {
        let mut studio = Studio::new();
        for leg in 1..=30 {
            studio.phone(LegId(leg), codec, VOICES[leg as usize % VOICES.len()]);
            if leg > 3 {
                studio.quiet(leg);
            }
        }
        studio.talk(1, &(1..=30).collect::<Vec<_>>());
        studio.run(3_000);
        studio.listen();
        studio.run(500);
        let heard = |studio: &mut Studio, leg| {
            let packets = studio.phone_of(leg).packets.iter();
            let payloads: Vec<_> = packets.map(|heard| heard.payload.clone()).collect();
            payloads
        };
        let common = heard(&mut studio, 4);
        assert_eq!(common.len(), 25);
        for leg in 5..=30 {
            assert_eq!(heard(&mut studio, leg), common, "leg {leg}");
        }
        for leg in 1..=3 {
            assert_ne!(heard(&mut studio, leg), common);
            let own = VOICES[leg as usize];
            assert!(studio.level(leg, own) < -50.0, "leg {leg} hears himself");
            assert!((studio.level(4, own) - LEVEL_DBFS).abs() < 0.5);
        }
    }
}

#[test]
fn of_many_who_talk_the_same_few_are_heard_until_others_are_clearly_louder() {
    let mut studio = Studio::new();
    let tone = |leg: u64| 400.0 + 130.0 * leg as f64;
    for leg in 1..=20 {
        studio.phone(LegId(leg), Codec::PCMA, tone(leg));
    }
    studio.talk(1, &(1..=20).collect::<Vec<_>>());
    let heard = |studio: &mut Studio| {
        studio.listen();
        studio.run(1_000);
        let loud = (1..20).filter(|leg| studio.level(20, tone(*leg)) > -30.0);
        loud.collect::<BTreeSet<_>>()
    };
    studio.run(500);
    let first = heard(&mut studio);
    assert_eq!(first.len(), 8, "{first:?}");
    assert_eq!(heard(&mut studio), first, "nobody flickers");
    studio.phone_of(15).level_dbfs = -8.0;
    studio.run(500);
    let then = heard(&mut studio);
    assert!(then.contains(&15) && then.len() == 8, "{then:?}");
    for leg in then {
        assert!(
            studio.level(leg, tone(leg)) < -50.0,
            "leg {leg} hears himself"
        );
    }
}

/// One who begins to speak in a room gets packets of his own, and later those of all again.
#[test]
fn whoever_speaks_now_and_then_hears_the_others_without_a_seam() {
    for codec in [Codec::PCMA, Codec::G722, OPUS] {
        let mut studio = Studio::new();
        for (leg, hz) in (1..=4).zip(VOICES) {
            studio.phone(LegId(leg), codec, hz);
        }
        studio.quiet(1);
        studio.quiet(3);
        studio.quiet(4);
        studio.talk(1, &[1, 2, 3, 4]);
        studio.run(500);
        studio.listen();
        for _ in 0..3 {
            studio.speak(1, VOICES[0]);
            studio.run(333);
            studio.quiet(1);
            studio.run(2_700);
        }
        let phone = studio.phone_of(1);
        phone.assert_seamless();
        let sound = phone.sound();
        let rate = phone.rate.hz();
        let window = rate as usize / 50;
        let low = sound
            .chunks_exact(window)
            .filter(|part| (ear::tone_dbfs(part, rate, VOICES[1]) - LEVEL_DBFS).abs() > 3.0);
        let low = low.count();
        assert!(low <= 3, "{codec:?}: {low} packets are damaged");
        assert!(ear::tone_dbfs(&sound, rate, VOICES[0]) < -50.0);
    }
}

#[test]
fn moving_to_another_room_loses_no_more_than_a_packet() {
    let mut studio = Studio::with_phones(4);
    studio.talk(1, &[1, 2, 3]);
    studio.run(500);
    studio.listen();
    studio.run(495);
    // Those who go on hearing each other leave the third behind and find a fourth.
    studio.talk(2, &[1, 2, 4]);
    studio.run(500);
    let sound = studio.phone_of(2).sound();
    let missing = sound
        .chunks_exact(80)
        .filter(|part| ear::tone_dbfs(part, 8_000, TONES[0]) < LEVEL_DBFS - 6.0);
    let missing = missing.count();
    assert!(missing <= 2, "{missing} slots are missing");
    studio.phone_of(2).assert_seamless();
}

#[test]
fn held_and_muted_legs_and_idle_rooms_cost_nothing() {
    let mut studio = Studio::with_phones(4);
    studio.talk(1, &[1, 2, 3, 4]);
    studio.run(100);
    assert_eq!(studio.decoded(), [1, 2, 3, 4]);
    // 2 is muted: a listener only. 3 holds.
    studio.mix(1, &[1, 2, 3, 4], &[(&[1, 3, 4], &[1, 2, 3, 4])]);
    studio.agree(LegId(3), |stream| stream.direction = Direction::Inactive);
    assert_eq!(studio.decoded(), [1, 4]);
    studio.listen();
    studio.run(200);
    assert_eq!(studio.phone_of(3).packets.len(), 0);
    // Nobody hears anybody.
    studio.mix(1, &[1, 2, 3, 4], &[]);
    assert_eq!(studio.decoded(), [0; 0]);
    studio.run(600);
    assert!(studio.engine.is_idle());
}

#[test]
fn a_key_goes_out_of_a_room_that_shares_its_packets() {
    let mut studio = Studio::with_phones(3);
    studio.quiet(2);
    studio.talk(1, &[1, 2, 3]);
    studio.run(500);
    studio.listen();
    let seven = Digit::parse('7').unwrap();
    studio.engine.send_key(studio.now, LegId(2), seven);
    studio.run(500);
    assert_eq!(studio.phone_of(2).keys_heard(), "7");
    assert_eq!(studio.phone_of(3).keys_heard(), "");
    studio.phone_of(2).assert_seamless();
}

/// Who is where, and whom he hears, by the words of the plans alone.
#[derive(Default)]
struct World {
    rooms: BTreeMap<RoomId, MixPlan>,
    seats: BTreeMap<LegId, RoomId>,
}

impl World {
    fn change(&mut self, room: RoomId, plan: MixPlan) {
        self.seats.retain(|_, seat| *seat != room);
        self.seats.extend(plan.seats.iter().map(|leg| (*leg, room)));
        self.rooms.insert(room, plan);
    }

    fn hears(&self, listener: LegId, speaker: LegId) -> bool {
        let room = self.seats.get(&listener);
        let plan = room.and_then(|room| self.rooms.get(room));
        room == self.seats.get(&speaker) && plan.is_some_and(|plan| plan.hears(listener, speaker))
    }

    #[track_caller]
    fn assert_heard(&self, studio: &mut Studio, seed: u64) {
        let legs = || (1..=VOICES.len() as u64).map(LegId);
        for listener in legs() {
            let heard = legs().filter(|speaker| self.hears(listener, *speaker));
            let heard: BTreeSet<_> = heard.collect();
            let phone = studio.phone_of(listener.0);
            assert_eq!(
                phone.packets.is_empty(),
                heard.is_empty(),
                "seed {seed}: {listener} hears {heard:?}"
            );
            phone.assert_seamless();
            if heard.is_empty() {
                continue;
            }
            for (speaker, hz) in legs().zip(VOICES) {
                let level = studio.level(listener.0, hz);
                let right = if heard.contains(&speaker) {
                    (level - LEVEL_DBFS).abs() < 2.0
                } else {
                    level < -42.0
                };
                assert!(
                    right,
                    "seed {seed}: {listener} hears {heard:?}, {speaker} at {level} dBFS"
                );
            }
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    fn of<T: Copy>(&mut self, some: &[T]) -> T {
        some[self.below(some.len() as u64) as usize]
    }

    fn some(&mut self, legs: &BTreeSet<LegId>) -> BTreeSet<LegId> {
        let chosen = legs.iter().copied().filter(|_| self.below(3) > 0);
        chosen.collect()
    }

    /// A room, of which one of three has seats for some, and groups of them that may overlap.
    fn plan(&mut self) -> (RoomId, MixPlan) {
        let everybody = (1..=VOICES.len() as u64).map(LegId).collect();
        let seats = self.some(&everybody);
        let groups = (0..1 + self.below(3)).map(|_| Group {
            speakers: self.some(&seats),
            listeners: self.some(&seats),
        });
        let groups = groups.collect();
        let plan = MixPlan { seats, groups };
        (RoomId(1 + self.below(3)), plan)
    }
}

/// One for each phone; none is a harmonic of another, and all are clear of keys.
const VOICES: [f64; 7] = [430.0, 610.0, 1_030.0, 1_540.0, 1_990.0, 2_410.0, 2_870.0];
const OPUS: Codec = Codec::new(Encoding::Opus, 96, 48_000, 2);
const CODECS: [Codec; 5] = [Codec::PCMA, Codec::PCMU, Codec::PCMA, Codec::G722, L16];
const L16: Codec = Codec::new(Encoding::L16, 97, 16_000, 1);
