//! The vectors of the RFCs, and what holds for every packet.

use super::cipher::Place;
use super::derive::{Purpose, count, counter_mode, derive};
use super::gcm::Gcm;
use super::layout::{Encryption, Trailer};
use super::*;
use crate::limits::SRTP_SOURCES_MAX;
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM};
use proptest::prelude::*;
use zeroize::Zeroizing;

/// SI-06, RFC 3711 B.3
#[test]
fn session_keys_are_those_of_rfc_3711() {
    let master = MasterKey::new(Suite::AesCm128HmacSha1_80, &hex(MASTER)).unwrap();
    let encryption = derive::<16>(&master, Purpose::RtpEncryption);
    assert_eq!(encryption[..], hex("c61e7a93744f39ee10734afe3ff7a087"));
    let salt = derive::<14>(&master, Purpose::RtpSalt);
    assert_eq!(salt[..], hex("30cbbc08863d8c85d49db34a9ae1"));
    let authentication = derive::<20>(&master, Purpose::RtpAuthentication);
    let known = hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4");
    assert_eq!(authentication[..], known);
}

/// SI-06, RFC 3711 B.2
#[test]
fn the_key_stream_is_that_of_rfc_3711() {
    let cipher = counter_mode(&hex("2b7e151628aed2a6abf7158809cf4f3c"));
    let mut counter = [0; 16];
    counter.copy_from_slice(&hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"));
    let mut stream = [0; 48];
    count(&cipher, counter, &mut stream);
    let known = hex(
        "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab\
                     41e95b3bb0a2e8dd477901e4fca894c0",
    );
    assert_eq!(stream[..], known);
}

/// SI-06, RFC 7714 §16
#[test]
fn gcm_packets_are_those_of_rfc_7714() {
    let clear = "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e6973206469766973\
                 6120696e207061727465732074726573";
    let sealed = [
        "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b\
         36de3adf8833899d7f27beb16a9152cf765ee4390cce",
        "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f\
         1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13",
    ];
    let place = Place {
        ssrc: 0x5501_a0b2,
        index: 0xf17b,
    };
    for (gcm, sealed) in gcms().into_iter().zip(sealed) {
        let (mut buffer, length) = with_room(&hex(clear));
        let length = gcm.seal(place, 12, &mut buffer, length).unwrap();
        assert_eq!(buffer[..length], hex(sealed));
        let length = gcm.open(place, 12, &mut buffer[..length]).unwrap();
        assert_eq!(buffer[..length], hex(clear));
    }
}

/// SI-06, RFC 7714 §17
#[test]
fn gcm_reports_are_those_of_rfc_7714() {
    let clear = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeef\
                 deadbeefdeadbeefdeadbeefdeadbeef";
    let sealed = [
        "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda\
         4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4",
        "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be\
         8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4",
    ];
    let tags_only = [
        "841dd9683dd78ec92ae58790125f62b3000005d4",
        "91db4afbfeee5a978fab4393ed2615fe000005d4",
    ];
    let place = Place {
        ssrc: 0x4d61_7273,
        index: 0x5d4,
    };
    let trailer = |encryption| Trailer {
        encryption,
        index: 0x5d4,
    };
    for ((gcm, sealed), tag) in gcms().into_iter().zip(sealed).zip(tags_only) {
        let (mut buffer, length) = with_room(&hex(clear));
        let encrypted = trailer(Encryption::Encrypted);
        let length = gcm
            .seal_rtcp(place, encrypted, &mut buffer, length)
            .unwrap();
        assert_eq!(buffer[..length], hex(sealed));
        let length = gcm.open_rtcp(place, encrypted, &mut buffer[..length]);
        assert_eq!(buffer[..length.unwrap()], hex(clear));

        let mut authenticated = hex(clear);
        authenticated.extend(hex(tag));
        let length = gcm.open_rtcp(place, trailer(Encryption::Clear), &mut authenticated);
        assert_eq!(authenticated[..length.unwrap()], hex(clear));
    }
}

/// SI-06: what other implementations make of the same master key.
#[test]
fn whole_packets_are_those_that_others_make() {
    let gcm_key = "000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaab";
    let clear = format!("800f1234decafbadcafebabe{}", "ab".repeat(16));
    for (suite, key, sealed) in [
        (
            Suite::AesCm128HmacSha1_80,
            MASTER,
            "4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
        ),
        (
            Suite::AeadAes128Gcm,
            gcm_key,
            "c5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
        ),
    ] {
        let key = MasterKey::new(suite, &hex(key)).unwrap();
        let (mut buffer, length) = with_room(&hex(&clear));
        let length = Outbound::new(&key).protect(&mut buffer, length).unwrap();
        assert_eq!(buffer[12..length], hex(sealed), "{suite:?}");
    }
    let report = format!("81c8000bcafebabe{}", "ab".repeat(16));
    let sealed = "7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798";
    let key = MasterKey::new(Suite::AesCm128HmacSha1_80, &hex(MASTER)).unwrap();
    let (mut buffer, length) = with_room(&hex(&report));
    let length = Outbound::new(&key)
        .protect_rtcp(&mut buffer, length)
        .unwrap();
    assert_eq!(buffer[8..length], hex(sealed));
}

#[test]
fn every_suite_gives_back_what_was_protected() {
    for suite in Suite::BEST_FIRST {
        let (mut ours, mut theirs) = pair(suite);
        for sequence in [5, 6, 8, 7] {
            let packet = rtp(1, sequence, &[9; 160]);
            assert_eq!(exchange(&mut ours, &mut theirs, &packet), Ok(packet));
        }
        let report = rtcp(1, 10);
        for _ in 0..3 {
            let (mut buffer, length) = with_room(&report);
            let length = ours.protect_rtcp(&mut buffer, length).unwrap();
            assert_ne!(buffer[8..length], report[8..], "{suite:?}");
            let length = theirs.unprotect_rtcp(&mut buffer[..length]).unwrap();
            assert_eq!(buffer[..length], report);
        }
        assert_eq!(theirs.counts().accepted, 7);
    }
}

#[test]
fn a_packet_is_taken_once_and_not_after_the_window() {
    for suite in Suite::BEST_FIRST {
        let (mut ours, mut theirs) = pair(suite);
        let mut sent: Vec<_> = (0..200)
            .map(|n| protected(&mut ours, &rtp(1, n, b"x")))
            .collect();
        assert!(theirs.unprotect(&mut sent[199].clone()).is_ok());
        assert_eq!(
            theirs.unprotect(&mut sent[199]),
            Err(Refused::Replayed),
            "{suite:?}"
        );
        assert!(theirs.unprotect(&mut sent[72].clone()).is_ok());
        assert_eq!(theirs.unprotect(&mut sent[72]), Err(Refused::Replayed));
        assert_eq!(theirs.unprotect(&mut sent[71]), Err(Refused::TooOld));
        assert_eq!(theirs.counts().replayed, 3);
    }
}

#[test]
fn a_report_is_taken_once() {
    for suite in Suite::BEST_FIRST {
        let (mut ours, mut theirs) = pair(suite);
        let (mut buffer, length) = with_room(&rtcp(1, 5));
        let length = ours.protect_rtcp(&mut buffer, length).unwrap();
        assert!(
            theirs
                .unprotect_rtcp(&mut buffer[..length].to_vec())
                .is_ok()
        );
        let again = theirs.unprotect_rtcp(&mut buffer[..length]);
        assert_eq!(again, Err(Refused::Replayed), "{suite:?}");
    }
}

#[test]
fn a_forged_packet_changes_nothing() {
    for suite in Suite::BEST_FIRST {
        let (mut ours, mut theirs) = pair(suite);
        let good = protected(&mut ours, &rtp(1, 100, b"hello"));
        // Far ahead: were it believed, the good one would be too old.
        let mut forged = protected(
            &mut Outbound::new(&key(suite, 99)),
            &rtp(1, 30_000, b"hello"),
        );
        assert_eq!(theirs.unprotect(&mut forged), Err(Refused::Forged));
        for ssrc in 2..100 {
            let mut forged = protected(&mut Outbound::new(&key(suite, 99)), &rtp(ssrc, 1, b"x"));
            assert_eq!(theirs.unprotect(&mut forged), Err(Refused::Forged));
        }
        assert!(
            theirs.snapshot().sources.is_empty(),
            "strangers have no state"
        );
        assert!(theirs.unprotect(&mut good.clone()).is_ok());
        assert_eq!(theirs.counts().forged, 99);
    }
}

#[test]
fn sources_have_numbers_of_their_own_and_are_not_endless() {
    let (mut ours, mut theirs) = pair(Suite::AeadAes128Gcm);
    let many = u32::try_from(SRTP_SOURCES_MAX).unwrap();
    for ssrc in 0..many {
        let packet = rtp(ssrc, 7, b"x");
        assert_eq!(exchange(&mut ours, &mut theirs, &packet), Ok(packet));
    }
    let (mut buffer, length) = with_room(&rtp(many, 7, b"x"));
    let refused = ours.protect(&mut buffer, length);
    assert_eq!(refused, Err(Refused::TooManySources));
    let mut other = protected(
        &mut Outbound::new(&key(Suite::AeadAes128Gcm, 1)),
        &rtp(many, 7, b"x"),
    );
    assert_eq!(theirs.unprotect(&mut other), Err(Refused::TooManySources));
    let packet = rtp(0, 8, b"x");
    assert_eq!(exchange(&mut ours, &mut theirs, &packet), Ok(packet));
}

/// A call of an hour has 180,000 packets of 20 ms: the sequence number comes round twice.
#[test]
fn a_call_goes_on_when_numbers_come_round() {
    for suite in Suite::BEST_FIRST {
        let (mut ours, mut theirs) = pair(suite);
        for n in (60_000..260_000_u32).step_by(50) {
            let packet = rtp(1, n as u16, b"x");
            assert_eq!(exchange(&mut ours, &mut theirs, &packet), Ok(packet), "{n}");
        }
        let index = theirs.snapshot().sources[0].rtp.unwrap();
        assert_eq!(index, 259_950);
    }
}

/// The same key stream for two packets gives both away.
#[test]
fn no_index_is_protected_twice() {
    let (mut ours, _) = pair(Suite::AeadAes128Gcm);
    protected(&mut ours, &rtp(1, 1_000, b"one"));
    for (sequence, why) in [(1_000, Refused::Replayed), (800, Refused::TooOld)] {
        let (mut buffer, length) = with_room(&rtp(1, sequence, b"two"));
        assert_eq!(ours.protect(&mut buffer, length), Err(why));
        assert_eq!(buffer[..length], rtp(1, sequence, b"two"), "not encrypted");
    }
}

#[test]
fn a_context_goes_on_from_its_snapshot() {
    for suite in Suite::BEST_FIRST {
        let (mut ours, mut theirs) = pair(suite);
        let mut last = Vec::new();
        for n in (0..140_000_u32).step_by(1_000) {
            last = protected(&mut ours, &rtp(1, n as u16, b"x"));
            theirs.unprotect(&mut last.clone()).unwrap();
        }
        let mut ours = Outbound::resume(&ours.snapshot());
        let mut theirs = Inbound::resume(&theirs.snapshot());
        assert_eq!(theirs.unprotect(&mut last), Err(Refused::Replayed));
        let packet = rtp(1, (140_000_u32 % 65_536) as u16, b"x");
        assert_eq!(exchange(&mut ours, &mut theirs, &packet), Ok(packet));
    }
}

#[test]
fn a_buffer_without_room_is_refused() {
    for suite in Suite::BEST_FIRST {
        let (mut ours, _) = pair(suite);
        let mut packet = rtp(1, 1, b"hello");
        let length = packet.len();
        assert_eq!(ours.protect(&mut packet, length), Err(Refused::NoRoom));
        assert_eq!(ours.protect(&mut packet, length + 1), Err(Refused::NoRoom));
        assert_eq!(packet, rtp(1, 1, b"hello"));
    }
}

#[test]
fn keys_are_not_shown() {
    let key = key(Suite::AeadAes256Gcm, 0xab);
    let shown = format!(
        "{key:?} {:?} {:?} {:?} {:?}",
        Inbound::new(&key),
        Outbound::new(&key),
        Outbound::new(&key).snapshot(),
        KeySource::new([0xab; 32])
    );
    assert!(
        !shown.contains("171") && !shown.to_lowercase().contains("abab"),
        "{shown}"
    );
}

#[test]
fn a_key_source_makes_other_keys_each_time_and_the_same_from_the_same_seed() {
    let (mut one, mut other) = (KeySource::new([7; 32]), KeySource::new([7; 32]));
    let mut all = Vec::new();
    for suite in Suite::BEST_FIRST {
        let key = one.next(suite);
        assert_eq!(key.suite(), suite);
        assert_eq!(key, other.next(suite));
        all.push(key.key_and_salt()[..16].to_vec());
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4);
    assert_ne!(
        KeySource::new([8; 32])
            .next(Suite::AeadAes128Gcm)
            .key_and_salt()[..16],
        all[0]
    );
}

proptest! {
    #[test]
    fn whatever_is_protected_comes_back(
        suite in 0..4_usize, ssrc: u32, sequence: u16, payload in prop::collection::vec(any::<u8>(), 0..1_400),
        csrcs in 0..16_u8, words in 0..4_u16,
    ) {
        let (mut ours, mut theirs) = pair(Suite::BEST_FIRST[suite]);
        let mut packet = rtp(ssrc, sequence, &[]);
        packet[0] |= 0x10 | csrcs;
        packet.extend(vec![5; usize::from(csrcs) * 4]);
        packet.extend([0xbe, 0xde]);
        packet.extend(words.to_be_bytes());
        packet.extend(vec![6; usize::from(words) * 4]);
        packet.extend(payload);
        prop_assert_eq!(exchange(&mut ours, &mut theirs, &packet), Ok(packet));
    }

    #[test]
    fn one_bit_makes_a_packet_another_one(
        suite in 0..4_usize, at: prop::sample::Index, bit in 0..8_u8, report: bool,
    ) {
        let (mut ours, mut theirs) = pair(Suite::BEST_FIRST[suite]);
        let mut packet = if report {
            let (mut buffer, length) = with_room(&rtcp(1, 6));
            let length = ours.protect_rtcp(&mut buffer, length).unwrap();
            buffer[..length].to_vec()
        } else {
            protected(&mut ours, &rtp(1, 1, &[3; 40]))
        };
        let at = at.index(packet.len());
        packet[at] ^= 1 << bit;
        let opened = if report {
            theirs.unprotect_rtcp(&mut packet)
        } else {
            theirs.unprotect(&mut packet)
        };
        prop_assert!(opened.is_err());
        prop_assert!(theirs.snapshot().sources.is_empty());
    }

    #[test]
    fn nothing_panics(suite in 0..4_usize, mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (mut ours, mut theirs) = pair(Suite::BEST_FIRST[suite]);
        let _ = theirs.unprotect(&mut bytes.clone());
        let _ = theirs.unprotect_rtcp(&mut bytes.clone());
        let length = bytes.len().saturating_sub(10);
        let _ = ours.protect(&mut bytes, length);
        let _ = ours.protect_rtcp(&mut bytes, length);
    }
}

/// Key and salt of RFC 3711 B.3.
const MASTER: &str = "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6";

fn gcms() -> [Gcm; 2] {
    let mut salt = [0; 12];
    salt.copy_from_slice(&hex("517569642070726f2071756f"));
    let key: Vec<u8> = (0..32).collect();
    [
        Gcm::new(&AES_128_GCM, &key[..16], Zeroizing::new(salt)),
        Gcm::new(&AES_256_GCM, &key, Zeroizing::new(salt)),
    ]
}

fn key(suite: Suite, byte: u8) -> MasterKey {
    MasterKey::new(suite, &vec![byte; suite.key_and_salt_bytes()]).unwrap()
}

fn pair(suite: Suite) -> (Outbound, Inbound) {
    let key = key(suite, 1);
    (Outbound::new(&key), Inbound::new(&key))
}

fn exchange(ours: &mut Outbound, theirs: &mut Inbound, packet: &[u8]) -> Result<Vec<u8>, Refused> {
    let (mut buffer, length) = with_room(packet);
    let length = ours.protect(&mut buffer, length)?;
    let length = theirs.unprotect(&mut buffer[..length])?;
    buffer.truncate(length);
    Ok(buffer)
}

fn protected(ours: &mut Outbound, packet: &[u8]) -> Vec<u8> {
    let (mut buffer, length) = with_room(packet);
    let length = ours.protect(&mut buffer, length).unwrap();
    buffer.truncate(length);
    buffer
}

fn with_room(packet: &[u8]) -> (Vec<u8>, usize) {
    let mut buffer = packet.to_vec();
    buffer.extend([0; Suite::OVERHEAD_MAX]);
    (buffer, packet.len())
}

fn rtp(ssrc: u32, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let header = crate::Header {
        payload_type: 8,
        sequence,
        ssrc,
        ..crate::Header::default()
    };
    let mut packet = header.to_bytes().to_vec();
    packet.extend(payload);
    packet
}

/// A report of so many words after its first two.
fn rtcp(ssrc: u32, words: u8) -> Vec<u8> {
    let mut packet = vec![0x80, 200, 0, words + 1];
    packet.extend(ssrc.to_be_bytes());
    packet.extend(vec![7; usize::from(words) * 4]);
    packet
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    let bytes = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8);
    bytes.collect()
}
