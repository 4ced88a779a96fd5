//! Keys, in and out.

use super::studio::{EVENTS, Fate, Studio, TONES, digit};
use model::{Digit, LegId};
use rtp::{Header, Marker};

/// FC-08
#[test]
fn keys_are_told_in_order_and_not_heard_by_the_other() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(100);
    for key in "1*#D0055".chars() {
        studio.press(1, key, 50);
    }
    studio.run(2_500);
    assert_eq!(studio.keys_told(1), "1*#D0055");
    let phone = studio.phone_of(2);
    assert_eq!(phone.keys_heard(), "");
    assert!(
        phone
            .packets
            .iter()
            .all(|heard| heard.header.payload_type != EVENTS)
    );
    let mut numbers = phone.packets.windows(2);
    assert!(
        numbers.all(|pair| pair[1].header.sequence == pair[0].header.sequence.wrapping_add(1)),
        "what was kept back is no loss"
    );
}

/// FC-08
#[test]
fn a_key_counts_once_whatever_is_lost() {
    for lost in 0..6 {
        let mut studio = Studio::with_phones(1);
        studio.press(1, '7', 100);
        let mut count = 0;
        studio.run_through(600, |_, packet| {
            if packet[1] & 0x7f != EVENTS {
                return Fate::Arrives;
            }
            count += 1;
            match count - 1 == lost {
                true => Fate::Lost,
                false => Fate::Doubled,
            }
        });
        assert_eq!(studio.keys_told(1), "7", "without packet {lost}");
    }
}

/// FC-08
#[test]
fn a_key_whose_ends_are_all_lost_counts_once_and_the_next_counts_too() {
    let mut studio = Studio::with_phones(1);
    studio.press(1, '7', 100);
    studio.press(1, '7', 100);
    studio.run_through(1_000, |_, packet| {
        let is_end = packet[1] & 0x7f == EVENTS && packet[Header::SIZE + 1] & 0x80 != 0;
        if is_end { Fate::Lost } else { Fate::Arrives }
    });
    assert_eq!(studio.keys_told(1), "77");
}

/// FC-08
#[test]
fn a_long_press_is_one_key() {
    let mut studio = Studio::with_phones(1);
    studio.press(1, '3', 12_000);
    studio.run(13_000);
    assert_eq!(studio.keys_told(1), "3");
}

/// FC-08
#[test]
fn a_key_told_by_info_too_counts_once() {
    let five = Digit::parse('5').unwrap();
    for (press_ms, info_after_ms) in [(100, 0), (100, 150), (3_000, 100), (3_000, 3_100)] {
        let mut studio = Studio::with_phones(1);
        studio.press(1, '5', press_ms);
        studio.run(20 + info_after_ms);
        studio
            .engine
            .key(studio.now, LegId(1), five, &mut studio.wire);
        studio.run(4_000);
        assert_eq!(
            studio.keys_told(1),
            "5",
            "{press_ms} ms, INFO after {info_after_ms} ms"
        );
    }
}

/// FC-08
#[test]
fn fast_keys_told_in_both_ways_count_once_each() {
    let mut studio = Studio::with_phones(1);
    let five = Digit::parse('5').unwrap();
    for _ in 0..3 {
        studio.press(1, '5', 50);
        studio.run(120);
        studio
            .engine
            .key(studio.now, LegId(1), five, &mut studio.wire);
        studio.run(60);
    }
    studio.run(500);
    assert_eq!(studio.keys_told(1), "555");
}

/// FC-08
#[test]
fn keys_told_by_info_only_all_count() {
    let mut studio = Studio::with_phones(1);
    for key in "5522".chars() {
        let key = Digit::parse(key).unwrap();
        studio
            .engine
            .key(studio.now, LegId(1), key, &mut studio.wire);
        studio.run(50);
    }
    assert_eq!(studio.keys_told(1), "5522");
}

/// FC-08
#[test]
fn a_key_is_sent_instead_of_sound_and_its_end_three_times() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(300);
    studio.listen();
    studio
        .engine
        .send_key(studio.now, LegId(2), Digit::parse('9').unwrap());
    studio.run(600);
    let phone = studio.phone_of(2);
    assert_eq!(phone.keys_heard(), "9");
    phone.assert_seamless();
    let events: Vec<_> = phone
        .packets
        .iter()
        .filter(|heard| heard.header.payload_type == EVENTS)
        .collect();
    assert!(
        events
            .iter()
            .all(|heard| heard.header.timestamp == events[0].header.timestamp)
    );
    assert_eq!(events[0].header.marker, Marker::Set);
    assert_eq!(
        events
            .iter()
            .filter(|heard| heard.header.marker == Marker::Set)
            .count(),
        1
    );
    let ends = events.iter().filter(|heard| heard.payload[1] & 0x80 != 0);
    assert_eq!(ends.count(), 3);
    let first = phone
        .packets
        .iter()
        .position(|heard| heard.header.payload_type == EVENTS)
        .unwrap();
    let last = phone
        .packets
        .iter()
        .rposition(|heard| heard.header.payload_type == EVENTS)
        .unwrap();
    assert_eq!(last - first + 1, events.len(), "no sound between them");
    assert!(phone.packets.len() > last + 5, "and sound after them");
    let duration = u16::from_be_bytes([
        events.last().unwrap().payload[2],
        events.last().unwrap().payload[3],
    ]);
    assert_eq!(duration, 800, "100 ms");
}

/// FC-08
#[test]
fn several_keys_are_sent_one_after_the_other() {
    for legs in [&[1][..], &[1, 2], &[1, 2, 3]] {
        let mut studio = Studio::with_phones(3);
        studio.talk(1, legs);
        studio.run(200);
        studio.listen();
        for key in "12*#".chars() {
            studio
                .engine
                .send_key(studio.now, LegId(1), Digit::parse(key).unwrap());
        }
        studio.run(2_000);
        assert_eq!(
            studio.phone_of(1).keys_heard(),
            "12*#",
            "{} in the room",
            legs.len()
        );
        studio.phone_of(1).assert_seamless();
    }
}

#[test]
fn keys_go_on_while_the_other_is_silent() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(200);
    studio.quiet(1);
    studio.run(1_000);
    studio
        .engine
        .send_key(studio.now, LegId(2), Digit::parse('4').unwrap());
    studio.run(500);
    assert_eq!(studio.phone_of(2).keys_heard(), "4");
}

#[test]
fn a_key_in_a_mix_is_not_heard_as_sound() {
    let mut studio = Studio::with_phones(3);
    studio.talk(1, &[1, 2, 3]);
    studio.run(300);
    studio.press(1, '1', 300);
    studio.run(500);
    assert_eq!(studio.keys_told(1), "1");
    for hz in [697.0, 1_209.0] {
        assert!(studio.level(2, hz) < -45.0);
    }
    studio.listen();
    studio.run(500);
    studio.assert_hears(2, &[TONES[0], TONES[2]]);
}

#[test]
fn keys_from_a_stranger_do_not_count() {
    let mut studio = Studio::with_phones(1);
    let header = Header {
        payload_type: EVENTS,
        ssrc: 9,
        ..Header::default()
    };
    let packet = [&header.to_bytes()[..], &[5, 0x8a, 3, 0x20]].concat();
    studio.receive(1, "198.51.100.1:4000".parse().unwrap(), &packet);
    assert_eq!(studio.told(1), []);
    studio.receive(1, super::studio::address(LegId(1)), &packet);
    assert_eq!(studio.told(1), [digit('5')]);
}
