use super::*;

#[test]
fn a_voice_comes_back_at_its_level_at_every_rate() {
    for rate in Rate::ALL {
        let said = voice(rate, 100);
        let heard = decode(rate, &packets(rate, Opus::default(), &said, 20));
        let settled = rate.samples(200)..said.len() - rate.samples(100);
        let level = db(power(&heard[settled.clone()]) / power(&said[settled]));
        println!("{rate:?}: level {level:+.2} dB");
        assert_eq!(heard.len(), said.len());
        assert!(level.abs() < 0.5, "{rate:?}: {level} dB");
    }
}

#[test]
fn packets_of_all_lengths_up_to_60_ms_are_sent_and_taken() {
    let (rate, said) = (Rate::Full, voice(Rate::Full, 12));
    for quarters in [1, 2, 4, 8, 16, 24] {
        let samples = rate.slot() / 4 * quarters;
        let (mut encoder, mut decoder) = pair(rate, Opus::default());
        let mut payload = [0; 1_440];
        let bytes = encoder.encode(&said[..samples], &mut payload);
        assert!(bytes > 2, "{quarters} times 2.5 ms");
        let mut out = [0; SAMPLES_MAX];
        assert_eq!(decoder.decode(&payload[..bytes], &mut out), samples);
        assert_eq!(
            decoder.decode(&payload[..bytes], &mut out[..samples - 1]),
            0,
            "no room"
        );
    }
    let (mut encoder, _) = pair(rate, Opus::default());
    assert_eq!(
        encoder.encode(&said[..rate.samples(30)], &mut [0; 1_440]),
        0,
        "Opus has no 30 ms"
    );
}

#[test]
fn a_packet_of_120_ms_is_refused_and_the_next_is_decoded() {
    let channels = Channels::Mono;
    let mut encoder =
        opusic_c::Encoder::new(channels, SampleRate::Hz16000, Application::Voip).unwrap();
    let mut payload = [0; 1_440];
    let bytes = encoder.encode_to_slice(&[0; 1_920], &mut payload).unwrap();
    let (_, mut decoder) = pair(Rate::Wide, Opus::default());
    assert_eq!(decoder.decode(&payload[..bytes], &mut [0; 1_920]), 0);
    let bytes = encoder.encode_to_slice(&[0; 320], &mut payload).unwrap();
    assert_eq!(decoder.decode(&payload[..bytes], &mut [0; 1_920]), 320);
}

#[test]
fn of_stereo_the_mean_is_heard() {
    let rate = SampleRate::Hz48000;
    let mut encoder = opusic_c::Encoder::new(Channels::Stereo, rate, Application::Audio).unwrap();
    let (_, mut decoder) = pair(Rate::Full, Opus::default());
    let (mut said, mut heard) = (Vec::new(), Vec::new());
    for mono in voice(Rate::Full, 50).chunks(960) {
        // Only on the left.
        let both: Vec<_> = mono
            .iter()
            .flat_map(|sample| [sample.cast_unsigned(), 0])
            .collect();
        let (mut payload, mut out) = ([0; 1_440], [0; 960]);
        let bytes = encoder.encode_to_slice(&both, &mut payload).unwrap();
        assert_eq!(decoder.decode(&payload[..bytes], &mut out), 960);
        said.extend_from_slice(mono);
        heard.extend_from_slice(&out);
    }
    let level = db(power(&heard[9_600..]) / power(&said[9_600..]));
    assert!((level + 6.0).abs() < 1.0, "{level} dB");
}

#[test]
fn a_lost_packet_is_recovered_from_the_next_better_than_it_is_concealed() {
    let rate = Rate::Wide;
    let fec = Opus {
        inband_fec: true,
        ..Opus::default()
    };
    let said = voice(rate, 60);
    let sent = packets(rate, fec, &said, 20);
    let clean = decode(rate, &sent);
    let (mut recovered, mut concealed, mut count) = (0.0, 0.0, 0);
    for lost in (20..58).step_by(3) {
        let at = lost * 320;
        let wanted = &clean[at..at + 320];
        let before = |out: &mut [i16]| {
            let (_, mut decoder) = pair(rate, fec);
            sent[..lost]
                .iter()
                .for_each(|packet| assert_eq!(decoder.decode(packet, out), 320));
            decoder
        };
        let mut out = [0; 320];
        if before(&mut out).recover(&sent[lost + 1], &mut out) == 320 {
            recovered += snr(wanted, &out);
            assert_eq!(before(&mut out).conceal(&mut out), 320);
            concealed += snr(wanted, &out);
            count += 1;
        }
    }
    let mean = |sum: f64| sum / f64::from(count);
    println!(
        "{count} recovered: SNR {:.1} dB; concealed {:.1} dB",
        mean(recovered),
        mean(concealed)
    );
    assert!(count >= 5 && mean(recovered) > mean(concealed) + 3.0);
}

#[test]
fn nothing_is_recovered_where_the_peer_did_not_ask_for_it() {
    let rate = Rate::Wide;
    let sent = packets(rate, Opus::default(), &voice(rate, 30), 20);
    let (_, mut decoder) = pair(rate, Opus::default());
    for packet in &sent {
        assert_eq!(decoder.recover(packet, &mut [0; 320]), 0);
    }
}

#[test]
fn a_recovered_packet_of_two_frames_is_told_apart_by_its_first() {
    // SILK of 20 ms, mono, the flag of its first frame set and not.
    for (packet, tells) in [
        (&[0x48, 0x40][..], true),
        (&[0x48, 0xbf], false),
        (&[0x48], false),
        (&[0x4a, 1, 0x40, 0xff], true),
        (&[0x4a, 252, 0, 0x40], false),
        (&[0x4b, 0x02, 0x40, 0xff], true),
        (&[0x4b, 0x42, 1, 0x40, 0xff], true),
        (&[0x4b, 0x82, 1, 0x40, 0xff], true),
        (&[0x4b, 0x82, 0, 0x40, 0xff], false),
        (&[0xf8, 0x40], false),
        (&[], false),
    ] {
        assert_eq!(tells_of_the_one_before(packet), tells, "{packet:x?}");
    }
}

#[test]
fn the_bit_rate_is_within_what_the_peer_allows() {
    let (rate, said) = (Rate::Full, voice(Rate::Full, 100));
    let bits = |wishes: Opus| 8 * packets(rate, wishes, &said, 20).concat().len() / 2;
    let free = bits(Opus::default());
    let bound = bits(Opus {
        bitrate_max: Some(12_000),
        ..Opus::default()
    });
    println!("{free} bit/s, bound to 12,000: {bound}");
    assert!(
        (18_000..40_000).contains(&free) && bound < 13_000,
        "{free}, {bound}"
    );
    let constant = Opus {
        constant_bitrate: true,
        ..Opus::default()
    };
    let sizes: Vec<_> = packets(rate, constant, &said, 20)
        .iter()
        .map(Vec::len)
        .collect();
    assert!(sizes.iter().all(|size| *size == 90), "36 kbit/s: {sizes:?}");
}

#[test]
fn in_silence_nothing_is_sent_where_the_peer_asks_for_that() {
    let rate = Rate::Wide;
    let silence = vec![0; rate.samples(20) * 100];
    let sent = |dtx| {
        let packets = packets(
            rate,
            Opus {
                dtx,
                ..Opus::default()
            },
            &silence,
            20,
        );
        packets.iter().filter(|packet| !packet.is_empty()).count()
    };
    assert_eq!(sent(false), 100);
    assert!(sent(true) < 30, "{}", sent(true));
}

#[test]
fn nothing_that_comes_is_trusted() {
    let (_, mut decoder) = pair(Rate::Full, Opus::default());
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for length in (0..1_500).chain([PACKET_MAX + 1, 60_000]) {
        let payload: Vec<_> = (0..length).map(|_| random()).collect();
        let mut out = [0; 4_000];
        assert!(decoder.decode(&payload, &mut out) <= SAMPLES_MAX);
        assert!(decoder.recover(&payload, &mut out[..480]) <= 480);
    }
    assert_eq!(decoder.conceal(&mut [0; 100]), 0, "less than 2.5 ms");
    assert_eq!(decoder.conceal(&mut [0; 130]), 120);
    assert_eq!(decoder.conceal(&mut [0; 9_999]), SAMPLES_MAX);
}

#[test]
fn opus_by_another_clock_or_channels_is_none() {
    let odd = Codec::new(rtp::Encoding::Opus, 96, 48_000, 1);
    assert!(
        OpusDecoder::new(&odd, Rate::Full).is_none()
            && OpusEncoder::new(&odd, Rate::Full).is_none()
    );
}

fn pair(rate: Rate, opus: Opus) -> (OpusEncoder, OpusDecoder) {
    let codec = Codec {
        opus,
        ..Codec::OPUS
    };
    (
        OpusEncoder::new(&codec, rate).unwrap(),
        OpusDecoder::new(&codec, rate).unwrap(),
    )
}

fn packets(rate: Rate, opus: Opus, said: &[i16], ms: u8) -> Vec<Vec<u8>> {
    let (mut encoder, _) = pair(rate, opus);
    let packet = |samples: &[i16]| {
        let mut payload = [0; 1_440];
        let bytes = encoder.encode(samples, &mut payload);
        payload[..bytes].to_vec()
    };
    said.chunks(rate.samples(ms)).map(packet).collect()
}

fn decode(rate: Rate, packets: &[Vec<u8>]) -> Vec<i16> {
    let (_, mut decoder) = pair(rate, Opus::default());
    let samples = |packet: &Vec<u8>| {
        let mut out = [0; SAMPLES_MAX];
        let count = decoder.decode(packet, &mut out);
        out[..count].to_vec()
    };
    packets.iter().flat_map(samples).collect()
}

/// So many times 20 ms of syllables with pauses between.
fn voice(rate: Rate, packets: usize) -> Vec<i16> {
    let mut phase = 0.0_f64;
    let sample = |at: usize| {
        let time = at as f64 / f64::from(rate.hz());
        phase += (140.0 + 30.0 * (time * 5.0).sin()) / f64::from(rate.hz());
        let turn = phase * std::f64::consts::TAU;
        let tones = (1..18).map(|n| (turn * f64::from(n)).sin() / f64::from(n));
        (tones.sum::<f64>() * 6_000.0 * (time * 12.0).sin().max(0.0)) as i16
    };
    (0..packets * rate.samples(20)).map(sample).collect()
}

fn snr(wanted: &[i16], heard: &[i16]) -> f64 {
    let noise: Vec<_> = wanted
        .iter()
        .zip(heard)
        .map(|(a, b)| a.saturating_sub(*b))
        .collect();
    db(power(wanted) / power(&noise).max(1.0))
}

fn power(samples: &[i16]) -> f64 {
    let squares = samples.iter().map(|sample| f64::from(*sample).powi(2));
    squares.sum::<f64>() / samples.len() as f64
}

fn db(ratio: f64) -> f64 {
    10.0 * ratio.log10()
}
