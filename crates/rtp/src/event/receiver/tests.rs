use super::*;
use crate::event::KeySender;
use proptest::prelude::*;

/// FC-08
#[test]
fn a_key_is_heard_when_it_goes_down_and_when_it_goes_up() {
    let mut receiver = KeyReceiver::new(8_000);
    let sent = [key(5, 0, 160), key(5, 0, 320), end(5, 0, 480)];
    assert_eq!(
        hear(&mut receiver, &sent),
        [pressed(5), released(5, 60)],
        "three packets are one key"
    );
    assert_eq!(receiver.next_deadline(), None);
}

/// FC-08
#[test]
fn end_packets_that_come_three_times_end_one_key() {
    let mut receiver = KeyReceiver::new(8_000);
    let sent = [
        key(5, 0, 160),
        end(5, 0, 320),
        end(5, 0, 320),
        end(5, 0, 320),
    ];
    assert_eq!(hear(&mut receiver, &sent), [pressed(5), released(5, 40)]);
}

/// FC-08
#[test]
fn the_same_key_twice_is_two_keys() {
    let mut receiver = KeyReceiver::new(8_000);
    let sent = [
        key(5, 0, 160),
        end(5, 0, 400),
        key(5, 800, 160),
        end(5, 800, 400),
    ];
    let heard = [pressed(5), released(5, 50), pressed(5), released(5, 50)];
    assert_eq!(hear(&mut receiver, &sent), heard);
}

/// FC-08
#[test]
fn a_key_whose_ends_are_lost_goes_up_by_itself() {
    let mut receiver = KeyReceiver::new(8_000);
    assert_eq!(hear(&mut receiver, &[key(7, 0, 160)]), [pressed(7)]);
    let deadline = receiver.next_deadline().unwrap();
    assert_eq!(receiver.timeout(Time(deadline.0 - 1)), None);
    assert_eq!(receiver.timeout(deadline), Some(released(7, 20)));
    assert_eq!(
        (receiver.timeout(deadline), receiver.next_deadline()),
        (None, None)
    );
    // The end comes after all.
    assert_eq!(hear(&mut receiver, &[end(7, 0, 320)]), []);
}

/// FC-08
#[test]
fn the_next_key_lets_the_one_before_go_up() {
    let mut receiver = KeyReceiver::new(8_000);
    let sent = [key(1, 0, 160), key(2, 800, 160)];
    assert_eq!(
        hear(&mut receiver, &sent),
        [pressed(1), released(1, 20), pressed(2)]
    );
}

#[test]
fn a_key_of_which_only_the_end_arrives_counts() {
    let mut receiver = KeyReceiver::new(8_000);
    assert_eq!(
        hear(&mut receiver, &[end(3, 0, 800)]),
        [pressed(3), released(3, 100)]
    );
}

#[test]
fn late_packets_of_an_older_key_are_no_other_press() {
    let mut receiver = KeyReceiver::new(8_000);
    let sent = [
        key(1, 0, 160),
        key(2, 800, 160),
        end(1, 0, 320),
        key(1, 0, 160),
        key(2, 800, 320),
    ];
    assert_eq!(
        hear(&mut receiver, &sent),
        [pressed(1), released(1, 20), pressed(2)]
    );
}

#[test]
fn a_key_that_is_overtaken_by_the_next_counts_and_leaves_that_one_down() {
    let mut receiver = KeyReceiver::new(8_000);
    let sent = [key(2, 800, 160), end(1, 0, 320), end(2, 800, 320)];
    let heard = [pressed(2), pressed(1), released(1, 40), released(2, 40)];
    assert_eq!(hear(&mut receiver, &sent), heard);
}

/// FC-08
#[test]
fn a_press_of_three_seconds_is_one_key_also_in_segments() {
    let mut receiver = KeyReceiver::new(48_000);
    let mut sent = Vec::new();
    for segment in 0..2_u32 {
        let from = segment * u32::from(u16::MAX);
        sent.extend((1..=68).map(|n| key(9, from, n * 960)));
        sent.push(key(9, from, u16::MAX));
    }
    sent.push(end(9, 2 * u32::from(u16::MAX), 12_930));
    let heard = hear(&mut receiver, &sent);
    assert_eq!(heard, [pressed(9), released(9, 3_000)]);
}

/// FC-08: events at 8000 beside Opus, as some browsers have them, pressed for longer than one segment lasts.
#[test]
fn a_long_press_beside_sound_of_another_clock_is_one_key() {
    for (events, sound) in [(8_000, 48_000), (48_000, 48_000), (8_000, 8_000)] {
        let mut sender = KeySender::new(events).beside(sound);
        sender.push(9, Duration::from_secs(20)).unwrap();
        let mut receiver = KeyReceiver::new(events).beside(sound);
        let (mut timestamp, mut heard) = (u32::MAX - 90_000, Vec::new());
        while !sender.is_idle() {
            if let Some(packet) = sender.next(timestamp, events / 50) {
                heard.extend(hear(
                    &mut receiver,
                    &[(packet.marker, packet.timestamp, packet.payload)],
                ));
            }
            timestamp = timestamp.wrapping_add(sound / 50);
        }
        assert_eq!(
            heard,
            [pressed(9), released(9, 20_000)],
            "{events} beside {sound}"
        );
    }
}

/// FC-08: the beginning is lost, or the end, or both.
#[test]
fn a_key_of_which_only_the_middle_arrives_counts_once() {
    let mut receiver = KeyReceiver::new(48_000);
    let middle = [key(7, 0, 3_840), key(7, 0, 4_800)];
    assert_eq!(hear(&mut receiver, &middle), [pressed(7)]);
    let deadline = receiver.next_deadline().unwrap();
    assert_eq!(receiver.timeout(deadline), Some(released(7, 100)));
    assert_eq!(hear(&mut receiver, &[key(7, 48_000, 960)]), [pressed(7)]);
}

#[test]
fn a_segment_with_marker_is_another_press() {
    let mut receiver = KeyReceiver::new(48_000);
    let again = (
        Marker::Set,
        key(9, u32::from(u16::MAX), 960).1,
        key(9, 0, 960).2,
    );
    let heard = hear(&mut receiver, &[key(9, 0, u16::MAX), again]);
    assert_eq!(
        heard.iter().filter(|heard| **heard == pressed(9)).count(),
        2
    );
}

#[test]
fn another_sender_begins_anew() {
    let mut receiver = KeyReceiver::new(8_000);
    assert_eq!(hear(&mut receiver, &[key(4, 0, 160)]), [pressed(4)]);
    let other = Header {
        ssrc: 2,
        ..Header::default()
    };
    let heard: Vec<_> = receiver
        .receive(Time(0), &other, &[4, 10, 0, 160])
        .collect();
    assert_eq!(heard, [released(4, 20), pressed(4)]);
}

#[test]
fn a_payload_too_short_is_not_heard() {
    let mut receiver = KeyReceiver::new(8_000);
    assert_eq!(
        receiver
            .receive(Time(0), &Header::default(), &[4, 10, 0])
            .count(),
        0
    );
    // A clock that nobody has does not divide by zero.
    let mut receiver = KeyReceiver::new(0);
    assert_eq!(hear(&mut receiver, &[end(3, 0, 800)]).len(), 2);
}

proptest! {
    /// FC-08: whatever is lost, doubled or late, each key of which a packet arrives is heard once.
    #[test]
    fn each_key_is_heard_once(
        keys in prop::collection::vec(0..16_u8, 1..8),
        fate in prop::collection::vec((0..4_u8, 0..3_usize), 64),
    ) {
        let mut sent = Vec::new();
        for (at, &event) in (0_u32..).zip(&keys) {
            let from = at * 1_600;
            sent.extend([key(event, from, 160), key(event, from, 320)]);
            sent.extend([end(event, from, 480); 3]);
        }
        let mut arrived: Vec<(usize, Sent)> = Vec::new();
        for (n, (packet, (copies, late))) in sent.into_iter().zip(fate.iter().cycle()).enumerate() {
            arrived.extend((0..*copies).map(|_| (n + late, packet)));
        }
        arrived.sort_by_key(|(at, _)| *at);
        let expected: std::collections::BTreeSet<u32> =
            arrived.iter().map(|(_, (_, timestamp, _))| *timestamp).collect();
        let packets: Vec<_> = arrived.into_iter().map(|(_, packet)| packet).collect();
        let heard = hear(&mut KeyReceiver::new(8_000), &packets);
        let presses = heard.iter().filter(|heard| matches!(heard, Heard::Pressed { .. }));
        prop_assert_eq!(presses.count(), expected.len());
    }

    #[test]
    fn no_packet_makes_it_fail(packets in prop::collection::vec((any::<u32>(), any::<[u8; 4]>()), 0..64)) {
        let mut receiver = KeyReceiver::new(8_000);
        for (at, (timestamp, payload)) in (0_u64..).zip(packets) {
            let header = Header { timestamp, ..Header::default() };
            prop_assert!(receiver.receive(Time(at * 20_000), &header, &payload).count() <= 3);
            receiver.timeout(Time(at * 20_000));
        }
    }
}

type Sent = (Marker, u32, [u8; 4]);

fn key(event: u8, timestamp: u32, duration: u16) -> Sent {
    (
        Marker::Clear,
        timestamp,
        payload(event, Stage::Going, duration),
    )
}

fn end(event: u8, timestamp: u32, duration: u16) -> Sent {
    (
        Marker::Clear,
        timestamp,
        payload(event, Stage::Ended, duration),
    )
}

fn payload(event: u8, stage: Stage, duration: u16) -> [u8; 4] {
    Payload {
        event,
        stage,
        volume: 10,
        duration,
    }
    .to_bytes()
}

fn hear(receiver: &mut KeyReceiver, sent: &[Sent]) -> Vec<Heard> {
    let packets = sent.iter().map(|(marker, timestamp, payload)| {
        let header = Header {
            marker: *marker,
            timestamp: *timestamp,
            ssrc: 1,
            ..Header::default()
        };
        (header, payload)
    });
    packets
        .flat_map(|(header, payload)| receiver.receive(Time(1_000), &header, payload))
        .collect()
}

fn pressed(event: u8) -> Heard {
    Heard::Pressed { event, volume: 10 }
}

fn released(event: u8, millis: u64) -> Heard {
    Heard::Released {
        event,
        length: Duration::from_millis(millis),
    }
}
