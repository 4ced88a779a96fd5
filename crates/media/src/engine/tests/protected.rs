//! Legs whose packets are protected: heard as any other, and by nobody else.

use super::studio::{Fate, Studio, TONES, address, digit};
use model::{Effect, Keys, LegId, Switched};
use rtp::rtcp::Compound;
use rtp::srtp::{MasterKey, Outbound, Suite};
use rtp::{Header, Security, Source};
use std::net::SocketAddr;

/// SI-06
#[test]
fn protected_phones_hear_each_other_and_phones_in_clear() {
    for suite in Suite::BEST_FIRST {
        let mut studio = Studio::with_phones(3);
        studio.protect(1, suite, [1, 2]);
        studio.protect(2, Suite::AeadAes128Gcm, [3, 4]);
        // Relayed with another key, relayed in clear, and mixed.
        for legs in [&[1, 2][..], &[1, 3], &[1, 2, 3]] {
            studio.talk(1, legs);
            studio.run(300);
            studio.listen();
            studio.run(1_000);
            for leg in legs {
                let others = legs.iter().filter(|other| *other != leg);
                let tones: Vec<_> = others.map(|other| TONES[*other as usize - 1]).collect();
                studio.assert_hears(*leg, &tones);
            }
        }
        assert_eq!(studio.engine.counts().refused, 0);
    }
}

/// SI-06
#[test]
fn what_is_sent_is_not_what_is_said() {
    let mut studio = Studio::with_phones(2);
    studio.protect(2, Suite::AesCm128HmacSha1_80, [1, 2]);
    studio.talk(1, &[1, 2]);
    studio.quiet(2);
    studio.phone_of(2).protection = None;
    let mut said = Vec::new();
    studio.run_through(200, |_, packet| {
        said.push(packet[Header::SIZE..].to_vec());
        Fate::Arrives
    });
    let heard = &studio.phone_of(2).packets;
    assert_eq!(heard.len(), said.len());
    for (heard, said) in heard.iter().zip(&said) {
        assert_eq!(heard.payload.len(), said.len() + 10);
        assert_ne!(heard.payload[..said.len()], said[..]);
    }
}

/// SI-06
#[test]
fn who_has_not_the_key_is_neither_heard_nor_does_he_move_anything() {
    let mut studio = Studio::with_phones(2);
    studio.protect(1, Suite::AeadAes128Gcm, [1, 2]);
    studio.talk(1, &[1, 2]);
    studio.quiet(1);
    studio.run(100);
    let header = Header {
        payload_type: 8,
        sequence: 1,
        ssrc: 1_001,
        ..Header::default()
    };
    let plain = [&header.to_bytes()[..], &[0x2a; 160]].concat();
    let wrong = MasterKey::new(Suite::AeadAes128Gcm, &[9; 28]).unwrap();
    let mut wrong_key = plain.clone();
    wrong_key.resize(plain.len() + Suite::OVERHEAD_MAX, 0);
    let length = Outbound::new(&wrong)
        .protect(&mut wrong_key, plain.len())
        .unwrap();
    let received = studio.engine.counts().received;
    for packet in [&plain, &wrong_key[..length]] {
        for _ in 0..10 {
            studio.receive(1, address(LegId(1)), packet);
        }
    }
    assert_eq!(studio.phone_of(2).packets.len(), 0);
    assert_eq!(studio.engine.counts().refused, 20);
    assert_eq!(studio.engine.counts().received, received);
    studio.speak(1, TONES[0]);
    studio.run(500);
    studio.assert_hears(2, &TONES[..1]);
}

/// SI-06, SI-03: only the phone's own packets tell where it is.
#[test]
fn a_port_is_learned_only_from_a_packet_with_the_right_key() {
    let mut studio = Studio::with_phones(2);
    studio.protect(1, Suite::AesCm128HmacSha1_80, [1, 2]);
    let public = address(LegId(1)).ip();
    let sends = MasterKey::new(Suite::AesCm128HmacSha1_80, &[1; 30]).unwrap();
    let receives = MasterKey::new(Suite::AesCm128HmacSha1_80, &[2; 30]).unwrap();
    studio.agree(LegId(1), |stream| {
        stream.source = Source::Latch(public);
        stream.remote = SocketAddr::new(public, 9);
        stream.security = Security::Sdes { sends, receives };
    });
    studio.talk(1, &[1, 2]);
    studio.quiet(1);
    let header = Header {
        payload_type: 8,
        ssrc: 5,
        ..Header::default()
    };
    let forged = [&header.to_bytes()[..], &[0x2a; 170]].concat();
    studio.receive(1, SocketAddr::new(public, 6_666), &forged);
    studio.run(200);
    assert!(
        studio.phone_of(1).packets.is_empty(),
        "nothing goes to the forger or the phone"
    );
    studio.speak(1, TONES[0]);
    studio.run(500);
    studio.assert_hears(1, &TONES[1..2]);
    studio.assert_hears(2, &TONES[..1]);
}

/// SI-06
#[test]
fn a_packet_that_is_sent_again_is_heard_once() {
    let mut studio = Studio::with_phones(2);
    studio.protect(1, Suite::AeadAes128Gcm, [1, 2]);
    studio.quiet(2);
    studio.talk(1, &[1, 2]);
    studio.run_through(400, |_, _| Fate::Doubled);
    let packets = studio.phone_of(2).packets.len();
    assert_eq!(packets, 20);
    assert_eq!(studio.engine.counts().refused, 20);
}

/// SI-06: a phone in clear that sends everything twice is relayed to one that must not get a number twice.
#[test]
fn doubles_of_a_phone_in_clear_are_not_protected_twice() {
    let mut studio = Studio::with_phones(2);
    studio.protect(2, Suite::AeadAes128Gcm, [1, 2]);
    studio.quiet(2);
    studio.talk(1, &[1, 2]);
    studio.run_through(400, |_, _| Fate::Doubled);
    assert_eq!(studio.phone_of(2).packets.len(), 20);
}

/// SI-06
#[test]
fn keys_go_on_when_they_are_the_same_and_begin_anew_when_not() {
    let mut studio = Studio::with_phones(2);
    studio.protect(1, Suite::AeadAes128Gcm, [1, 2]);
    studio.talk(1, &[1, 2]);
    studio.run(300);
    // A re-INVITE with the same keys: the phone's contexts are those from before, and so must ours be.
    let before = studio.phone_of(1).protection.take();
    studio.protect(1, Suite::AeadAes128Gcm, [1, 2]);
    studio.phone_of(1).protection = before;
    studio.assert_both_hear();
    // Another key of the phone's: what we send goes on where it was.
    let (_, inbound) = studio.phone_of(1).protection.take().unwrap();
    studio.protect(1, Suite::AeadAes128Gcm, [1, 4]);
    let (outbound, _) = studio.phone_of(1).protection.take().unwrap();
    studio.phone_of(1).protection = Some((outbound, inbound));
    studio.assert_both_hear();
    // Other keys of another suite, then none, then some again.
    studio.protect(1, Suite::AesCm128HmacSha1_80, [3, 4]);
    studio.assert_both_hear();
    studio.phone_of(1).protection = None;
    studio.agree(LegId(1), |stream| stream.security = Security::Plain);
    studio.assert_both_hear();
    studio.protect(1, Suite::AeadAes256Gcm, [5, 6]);
    studio.assert_both_hear();
}

/// SI-06
#[test]
fn whatever_is_made_here_is_protected() {
    let mut studio = Studio::with_phones(2);
    studio.protect(1, Suite::AesCm128HmacSha1_32, [1, 2]);
    studio.quiet(2);
    let tone = studio.file("tone.wav", 1_790.0, 600);
    studio.play(1, 1, vec![tone], Keys::Report);
    studio.run(400);
    assert!(studio.level(1, 1_790.0) > -21.0);
    studio.engine.send_key(studio.now, LegId(1), digit_of('5'));
    studio.run(600);
    assert_eq!(studio.phone_of(1).keys_heard(), "5");
    studio.perform(&Effect::Echo(LegId(1), Switched::On));
    studio.run(200);
    studio.listen();
    studio.run(1_000);
    assert!(studio.level(1, TONES[0]) > -21.0, "echo");
    studio.press(1, '7', 100);
    studio.run(300);
    assert!(studio.told(1).contains(&digit('7')));
}

/// SI-06
#[test]
fn reports_are_protected_both_ways() {
    let mut studio = Studio::with_phones(2);
    studio.protect(1, Suite::AeadAes128Gcm, [1, 2]);
    studio.talk(1, &[1, 2]);
    studio.run(9_000);
    let reports = std::mem::take(&mut studio.wire.rtcp);
    let mut ours = reports.into_iter().filter(|(leg, ..)| *leg == LegId(1));
    let (_, _, mut report) = ours.next().expect("a report was due");
    let (outbound, inbound) = studio.phone_of(1).protection.as_mut().unwrap();
    let length = inbound.unprotect_rtcp(&mut report).unwrap();
    let items = Compound::parse(&report[..length]).unwrap().items().count();
    assert!(items > 1);

    // What comes in clear counts for nothing; what is protected is let in.
    let mut clear = vec![0x80, 201, 0, 1, 0, 0, 3, 0xe9];
    let mut protected = clear.clone();
    protected.resize(clear.len() + Suite::OVERHEAD_MAX, 0);
    let length = outbound.protect_rtcp(&mut protected, clear.len()).unwrap();
    let from = address(LegId(1));
    let from = SocketAddr::new(from.ip(), from.port() + 1);
    let now = studio.now;
    let refused = studio.engine.counts().refused;
    let mut stun = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12]].concat();
    studio.engine.receive_rtcp(now, LegId(1), from, &mut stun);
    studio.receive(1, address(LegId(1)), &stun);
    assert_eq!(
        studio.engine.counts().refused,
        refused,
        "phones keep their ports open with STUN"
    );
    studio.engine.receive_rtcp(now, LegId(1), from, &mut clear);
    assert_eq!(studio.engine.counts().refused, refused + 1);
    studio
        .engine
        .receive_rtcp(now, LegId(1), from, &mut protected[..length]);
    assert_eq!(studio.engine.counts().refused, refused + 1);
}

fn digit_of(key: char) -> model::Digit {
    model::Digit::parse(key).unwrap()
}

impl Studio {
    /// Phones 1 and 2 hear each other from here on.
    #[track_caller]
    fn assert_both_hear(&mut self) {
        self.run(100);
        self.listen();
        self.run(1_000);
        self.assert_hears(1, &TONES[1..2]);
        self.assert_hears(2, &TONES[..1]);
    }
}
