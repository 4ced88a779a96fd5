//! What is heard where packets are missing.

use super::stage::{Stage, roughest, tone};
use crate::Rate;

#[test]
fn a_lost_packet_of_a_tone_is_hardly_heard() {
    for rate in Rate::ALL {
        let mut stage = Stage::new(rate);
        let clean = roughest(&tone(rate, 203.0, 9_000.0).take(2_000).collect::<Vec<_>>());
        let lost = |packet| (packet % 25 != 24).then_some(0);
        // 20 ms at the highest rate do not fit into a packet.
        let ms = if rate == Rate::Full { 10 } else { 20 };
        let sound = tone(rate, 203.0, 9_000.0).take(rate.samples(100) * 20);
        stage.talk(sound, ms, lost);
        let heard = stage.hear();
        let talk = &heard[rate.samples(100)..];
        let bend = roughest(talk);
        assert!(bend < clean * 3 + 60, "{bend} against {clean} at {rate:?}");
        let quietest = talk
            .chunks(rate.slot())
            .map(|slot| slot.iter().map(|s| s.unsigned_abs()).max().unwrap());
        let quietest = quietest.min().unwrap();
        assert!(quietest > 6_500, "{quietest} at {rate:?}");
        let concealed = stage.figures().concealed.as_millis();
        assert!((60..=80).contains(&concealed), "{concealed} ms");
    }
}

#[test]
fn what_is_made_up_is_silent_after_45_ms_and_what_follows_is_heard() {
    let mut stage = Stage::new(Rate::Narrow);
    let lost = |packet| (!(50..60).contains(&packet)).then_some(0);
    stage.talk(tone(Rate::Narrow, 203.0, 9_000.0).take(8_000 * 2), 20, lost);
    let heard = stage.hear();
    let loudness: Vec<_> = heard
        .chunks(80)
        .map(|slot| slot.iter().map(|s| s.unsigned_abs()).max().unwrap())
        .collect();
    let silent: Vec<_> = (20..loudness.len())
        .filter(|slot| loudness[*slot] == 0)
        .collect();
    // 200 ms are missing, less 45 ms.
    assert!((13..=16).contains(&silent.len()), "{loudness:?}");
    assert!(loudness.last().unwrap() > &8_000);
    assert!(roughest(&heard[400..]) < 900, "{}", roughest(&heard[400..]));
}

#[test]
fn the_codec_makes_up_what_is_lost_where_it_can() {
    let mut stage = Stage::new(Rate::Wide);
    stage.decoder.concealed = Some(77);
    stage.talk([50; 320 * 40], 20, |packet| (packet != 20).then_some(0));
    let heard = stage.hear();
    let made_up = heard.iter().filter(|sample| **sample == 77).count();
    assert_eq!(made_up, 320);
    assert!(
        heard[16 * 50..]
            .iter()
            .all(|sample| [50, 77].contains(sample))
    );
}

#[test]
fn what_the_next_packet_tells_of_a_lost_one_is_heard() {
    let mut stage = Stage::new(Rate::Wide);
    stage.decoder.recovered = Some(66);
    stage.decoder.concealed = Some(77);
    stage.talk([50; 320 * 40], 20, |packet| (packet != 20).then_some(0));
    let heard = stage.hear();
    // Some of it is repeated, for from here on packets wait until the next one is there.
    let recovered = heard.iter().filter(|sample| **sample == 66).count();
    assert!((320..=480).contains(&recovered), "{recovered}");
    assert!(!heard.contains(&77));
    assert_eq!(stage.figures().recovered.as_millis(), 20);
    assert!(stage.figures().concealed.is_zero());
}

#[test]
fn of_two_lost_packets_the_second_is_recovered() {
    let mut stage = Stage::new(Rate::Wide);
    stage.decoder.recovered = Some(66);
    stage.decoder.concealed = Some(77);
    let lost = |packet| (![20, 21].contains(&packet)).then_some(0);
    stage.talk([50; 320 * 40], 20, lost);
    let figures = stage.figures();
    assert_eq!(
        (figures.recovered.as_millis(), figures.concealed.as_millis()),
        (20, 20)
    );
}

#[test]
fn silence_that_is_not_sent_is_silence_and_not_made_up() {
    let mut stage = Stage::new(Rate::Narrow);
    stage.talk([40; 160 * 20], 20, |_| Some(0));
    for pause in [20, 500, 3_000] {
        stage.listen(pause / 10);
        stage.header.timestamp = stage.header.timestamp.wrapping_add(pause * 8);
        stage.hear();
        stage.talk([40; 160 * 20], 20, |_| Some(0));
        assert!(stage.hear().iter().filter(|sample| **sample == 40).count() > 160 * 17);
    }
    assert!(
        stage.figures().concealed.as_millis() <= 180,
        "{:?}",
        stage.figures()
    );
    assert_eq!(stage.figures().discarded, 0);
}

#[test]
fn after_a_jam_all_is_heard_and_then_the_wait_shrinks() {
    let mut stage = Stage::new(Rate::Narrow);
    let sound = tone(Rate::Narrow, 203.0, 9_000.0).take(8_000 * 30);
    // Nothing comes for 150 ms, then all of it at once.
    let late = |packet: u32| {
        Some(
            u64::from(1_200_u32.saturating_sub(packet).min(7) * 20_000)
                * u64::from((1_193..1_200).contains(&packet)),
        )
    };
    stage.talk(sound, 20, late);
    let figures = stage.figures();
    assert_eq!((figures.late, figures.discarded), (0, 0), "{figures:?}");
    assert!(figures.concealed.as_millis() <= 110, "{figures:?}");
    assert!(figures.shortened.as_millis() >= 60, "{figures:?}");
    assert!(figures.delay.as_millis() < 120, "{figures:?}");
}

#[test]
fn while_a_sender_of_opus_pauses_its_codec_makes_the_noise() {
    let mut stage = Stage::new(Rate::Wide);
    stage.decoder.concealed = Some(3);
    stage.talk([50; 320 * 20], 20, |_| Some(0));
    // One sample is two bytes.
    stage.send(&[3], 0);
    stage.listen(80);
    let heard = stage.hear();
    assert!(heard[160 * 50..160 * 90].iter().all(|sample| *sample == 3));
    assert!(heard.ends_with(&[0; 160]), "but not for ever");
    assert!(stage.figures().concealed.is_zero());
}
