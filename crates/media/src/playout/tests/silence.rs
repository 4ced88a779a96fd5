//! Silence that is not sent, but described (RFC 3389).

use super::stage::Stage;
use crate::Rate;
use rtp::{Header, Packet};

/// SI-05
#[test]
fn noise_of_the_level_that_was_said_is_heard_until_sound_is() {
    let mut stage = Stage::new(Rate::Narrow);
    // A network that makes packets wait for 100 ms and more.
    stage.talk([4_000; 160 * 100], 20, |packet| {
        Some(u64::from(packet % 5) * 25_000)
    });
    stage.listen(30);
    describe(&mut stage, 50);
    stage.hear();
    // 500 ms of silence, then words, whose packets wait as long.
    stage.listen(50);
    stage.header.timestamp = stage.header.timestamp.wrapping_add(6_400);
    stage.talk([4_000; 160 * 30], 20, |_| Some(0));
    let heard = stage.hear();
    let words = heard.iter().position(|sample| *sample > 3_000).unwrap();
    assert!((4_300..6_000).contains(&words), "{words}");
    for (number, slot) in heard[..words - 80].chunks_exact(80).enumerate() {
        let power: f64 = slot.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        let level = 10.0 * (power / 80.0).max(1e-9).log10() - 20.0 * 32_767_f64.log10();
        assert!((level + 50.0).abs() < 3.0, "slot {number}: {level:.1} dB");
    }
    assert!(heard[words + 400..].iter().filter(|s| **s == 4_000).count() > 3_000);
}

/// SI-05
#[test]
fn noise_begins_behind_the_last_word_although_that_waits() {
    let mut stage = Stage::new(Rate::Narrow);
    // It waits for 40 ms.
    stage.send(&[4_000; 160], 0);
    stage.listen(1);
    describe(&mut stage, 40);
    stage.hear();
    stage.listen(60);
    let heard = stage.hear();
    let words = heard.iter().position(|sample| *sample > 3_000).unwrap();
    assert!(words > 160 && heard[..words - 40].iter().all(|sample| *sample == 0));
    let noise = heard[2_000..].iter().filter(|sample| **sample != 0).count();
    assert!(noise > 2_000, "{noise}");
}

/// SI-05
#[test]
fn another_description_changes_the_noise_and_none_is_made_without_one() {
    let mut stage = Stage::new(Rate::Wide);
    let loudest = |stage: &mut Stage| {
        stage.hear();
        stage.listen(20);
        let heard = stage.hear();
        heard.iter().map(|sample| sample.unsigned_abs()).max()
    };
    describe(&mut stage, 40);
    assert_eq!(loudest(&mut stage), Some(0), "nobody spoke");
    stage.talk([50; 320 * 10], 20, |_| Some(0));
    stage.listen(40);
    assert_eq!(loudest(&mut stage), Some(0));
    describe(&mut stage, 40);
    let loud = loudest(&mut stage).unwrap();
    describe(&mut stage, 60);
    let quiet = loudest(&mut stage).unwrap();
    assert!(
        (500..700).contains(&loud) && (50..70).contains(&quiet),
        "{loud}, {quiet}"
    );
    stage.playout.clear();
    assert_eq!(loudest(&mut stage), Some(0), "another begins");
}

/// A packet of comfort noise arrives.
fn describe(stage: &mut Stage, level: u8) {
    let header = Header {
        payload_type: 13,
        ..stage.header
    };
    let mut datagram = header.to_bytes().to_vec();
    datagram.extend_from_slice(&[level, 200, 3]);
    let packet = Packet::parse(&datagram).unwrap();
    stage.playout.fall_silent(stage.now, &packet);
    stage.lose(0);
}
