//! Packets in their order, and senders that begin anew.

use super::stage::Stage;
use crate::Rate;
use rtp::{Codec, Encoding, Header, Packet};

/// Values that name their packet: 20 ms each.
fn counted(packets: std::ops::Range<i16>) -> impl Iterator<Item = i16> {
    packets.flat_map(|packet| [packet * 10; 160])
}

/// The values that were heard, each once, without what fades.
fn values(heard: &[i16]) -> Vec<i16> {
    let mut values: Vec<_> = heard.chunks(80).map(|slot| slot[60]).collect();
    values.dedup();
    values
}

#[test]
fn what_comes_evenly_is_heard_as_it_was_sent_after_the_wait() {
    let mut stage = Stage::new(Rate::Narrow);
    stage.talk(counted(1..11), 20, |_| Some(0));
    let heard = stage.hear();
    assert_eq!(heard[..320], [0; 320], "40 ms");
    assert_eq!(heard[400..480], [10; 80]);
    assert_eq!(heard[480..640], [20; 160]);
    assert_eq!(values(&heard), [0, 10, 20, 30, 40, 50, 60, 70, 80]);
}

#[test]
fn packets_that_overtake_each_other_and_come_twice_are_heard_once_in_order() {
    let mut stage = Stage::new(Rate::Narrow);
    for packet in 1..=8 {
        let header = stage.header;
        let after = if packet % 2 == 0 { 0 } else { 25_000 };
        stage.send(&[packet * 10; 160], after);
        stage.send_as(header, &[packet * 10; 160], after + 1_000);
        stage.listen(2);
    }
    stage.listen(4);
    assert_eq!(values(&stage.hear()), [0, 10, 20, 30, 40, 50, 60, 70, 80]);
    let figures = stage.figures();
    assert_eq!((figures.discarded, figures.late), (8, 0));
    assert!(figures.concealed.is_zero());
}

#[test]
fn a_packet_that_comes_after_its_turn_is_dropped_and_counted() {
    let mut stage = Stage::new(Rate::Narrow);
    stage.talk(counted(1..21), 20, |packet| {
        Some(if packet == 10 { 130_000 } else { 0 })
    });
    let values = values(&stage.hear());
    assert!(
        !values
            .windows(2)
            .any(|two| two[1] < two[0] && two[1] == 110),
        "{values:?}"
    );
    assert_eq!(stage.figures().late, 1);
    assert_eq!(stage.figures().concealed.as_millis(), 20);
}

#[test]
fn a_sender_that_begins_anew_is_heard_whatever_its_numbers() {
    let mut stage = Stage::new(Rate::Narrow);
    stage.talk(counted(1..6), 20, |_| Some(0));
    for (sequence, timestamp) in [
        (7, 99),
        (40_000, 2_000_000_000),
        (39_000, 0),
        (40_100, 16_000),
    ] {
        stage.playout.clear();
        stage.header = Header {
            sequence,
            timestamp,
            ..stage.header
        };
        stage.hear();
        stage.talk(counted(50..62), 20, |_| Some(0));
        let values = values(&stage.hear());
        let at = values.iter().position(|value| *value == 510).unwrap();
        assert_eq!(values[at..at + 5], [510, 520, 530, 540, 550], "{values:?}");
        stage.listen(30);
    }
}

#[test]
fn timestamps_that_jump_while_packets_go_on_make_no_gap() {
    for jump in [
        1_000_000_u32,
        5_000,
        0_u32.wrapping_sub(3_000_000),
        0_u32.wrapping_sub(2_000),
    ] {
        let mut stage = Stage::new(Rate::Narrow);
        stage.talk(counted(1..11), 20, |_| Some(0));
        stage.header.timestamp = stage.header.timestamp.wrapping_add(jump);
        stage.talk(counted(11..21), 20, |_| Some(0));
        let heard = values(&stage.hear());
        assert_eq!(
            heard,
            (0..19).map(|packet| packet * 10).collect::<Vec<_>>(),
            "{jump}"
        );
        assert!(stage.figures().concealed.is_zero());
    }
}

#[test]
fn sequence_numbers_far_ahead_are_a_long_loss() {
    let mut stage = Stage::new(Rate::Narrow);
    stage.talk(counted(1..11), 20, |_| Some(0));
    stage.listen(200);
    stage.hear();
    stage.header.sequence = stage.header.sequence.wrapping_add(100);
    stage.header.timestamp = stage.header.timestamp.wrapping_add(100 * 160);
    stage.talk(counted(50..60), 20, |_| Some(0));
    let heard = values(&stage.hear());
    assert!(
        heard.ends_with(&[500, 510, 520, 530, 540, 550, 560, 570]),
        "{heard:?}"
    );
}

#[test]
fn packets_of_changing_length_are_heard_without_a_gap() {
    let mut stage = Stage::new(Rate::Narrow);
    for (value, ms) in (1..).zip([20, 20, 10, 10, 60, 40, 20, 30, 60, 20]) {
        let samples = vec![value * 10; ms as usize * 8];
        // A packet is sent when its last sample was taken.
        stage.listen(ms / 10);
        stage.send(&samples, 0);
    }
    stage.listen(6);
    // Longer packets are there later, so that the wait grows with them.
    let heard = values(&stage.hear());
    let heard: Vec<_> = heard.iter().map(|value| (value + 5) / 10 * 10).collect();
    assert!(heard.is_sorted(), "{heard:?}");
    assert!(
        (0..=9).all(|value| heard.contains(&(value * 10))),
        "{heard:?}"
    );
    assert!(stage.figures().concealed.as_millis() <= 30);
}

#[test]
fn another_codec_begins_with_its_own_packets() {
    let mut stage = Stage::new(Rate::Narrow);
    stage.talk(counted(1..6), 20, |_| Some(0));
    stage.codec = Codec::new(Encoding::L16, 97, 8_000, 1);
    stage.talk(counted(50..60), 20, |_| Some(0));
    let heard = values(&stage.hear());
    assert!(heard.ends_with(&[540, 550, 560, 570]), "{heard:?}");
}

#[test]
fn a_key_in_between_is_not_missing() {
    let mut stage = Stage::new(Rate::Narrow);
    stage.talk(counted(1..11), 20, |_| Some(0));
    for _ in 0..8 {
        let bytes = stage.header.to_bytes();
        let packet = Packet::parse(&bytes).unwrap();
        stage.playout.skip(stage.now, &packet);
        stage.header.sequence = stage.header.sequence.wrapping_add(1);
        stage.listen(2);
    }
    stage.header.timestamp = stage.header.timestamp.wrapping_add(8 * 160);
    stage.talk(counted(19..30), 20, |_| Some(0));
    let heard = values(&stage.hear());
    assert!(heard.ends_with(&[240, 250, 260, 270]), "{heard:?}");
    assert!(stage.figures().concealed.is_zero(), "{:?}", stage.figures());
}
