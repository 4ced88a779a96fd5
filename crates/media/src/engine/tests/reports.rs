//! RTCP.

use super::studio::{Fate, Studio, address};
use model::LegId;
use rtp::rtcp::{Compound, Farewell, Item, Report, ReportBlock, SenderInfo, ntp_of};
use rtp::{Direction, Time};
use std::net::SocketAddr;

#[test]
fn each_leg_reports_every_few_seconds_what_it_sent_and_received() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    let mut count = 0;
    studio.run_through(30_000, |leg, _| {
        count += u32::from(leg == LegId(1));
        if leg == LegId(1) && count % 10 == 5 {
            Fate::Lost
        } else {
            Fate::Arrives
        }
    });
    let reports: Vec<_> = reports_to(&studio, 1);
    assert!(
        (4..=12).contains(&reports.len()),
        "{} in 30 s",
        reports.len()
    );
    for bytes in &reports {
        let items: Vec<_> = Compound::parse(bytes).unwrap().items().collect();
        let [
            Item::Sender { ssrc, sent, blocks },
            Item::Name { ssrc: named, cname },
        ] = items[..]
        else {
            panic!("{items:?}")
        };
        assert_eq!(ssrc, named);
        assert_eq!(ssrc, studio.ssrc_to(1));
        assert!(!cname.is_empty());
        assert_eq!(sent.octets, sent.packets * 160);
        let block = blocks.iter().next().unwrap();
        assert_eq!(block.ssrc, 1_001);
        assert!(
            (20..=32).contains(&block.fraction_lost),
            "{}",
            block.fraction_lost
        );
    }
    let Some(Item::Sender { sent, blocks, .. }) = first(reports.last().unwrap()) else {
        panic!("no report")
    };
    assert!((1_000..=1_501).contains(&sent.packets), "{}", sent.packets);
    let lost = blocks.iter().next().unwrap().lost;
    assert!((100..=151).contains(&lost), "{lost}");
}

#[test]
fn whoever_is_not_sent_to_still_gets_reports() {
    let mut studio = Studio::with_phones(1);
    studio.run(10_000);
    let reports = reports_to(&studio, 1);
    assert!(!reports.is_empty());
    assert!(matches!(first(&reports[0]), Some(Item::Receiver { .. })));
    let mut studio = Studio::with_phones(1);
    studio.agree(LegId(1), |stream| stream.direction = Direction::Inactive);
    studio.run(10_000);
    assert!(!reports_to(&studio, 1).is_empty());
}

#[test]
fn the_last_thing_sent_is_a_farewell() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(300);
    studio.close(1);
    let reports = reports_to(&studio, 1);
    let items: Vec<_> = Compound::parse(reports.last().unwrap())
        .unwrap()
        .items()
        .collect();
    let ssrc = studio.ssrc_to(1);
    assert_eq!(items.last(), Some(&Item::Bye { ssrc }));
    assert!(
        reports_to(&studio, 2)
            .iter()
            .all(|report| !report.contains(&203))
    );
}

#[test]
fn a_leg_that_was_never_agreed_on_says_no_farewell() {
    let mut studio = Studio::new();
    studio.engine.open(studio.now, LegId(1), 7);
    studio.run(10_000);
    studio.close(1);
    assert!(studio.wire.rtcp.is_empty());
}

#[test]
fn a_leg_of_which_the_peer_has_heard_nothing_says_no_farewell() {
    let mut studio = Studio::with_phones(1);
    studio.close(1);
    assert!(studio.wire.rtcp.is_empty());
}

#[test]
fn a_report_of_the_peer_is_answered_with_when_it_came() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(300);
    let bytes = peer_report(1_001, None);
    let from = address(LegId(1));
    studio.engine.receive_rtcp(
        studio.now,
        LegId(1),
        SocketAddr::new(from.ip(), from.port() + 1),
        &mut bytes.clone(),
    );
    studio.run(8_000);
    let reports = reports_to(&studio, 1);
    let Some(Item::Sender { blocks, .. }) = first(reports.last().unwrap()) else {
        panic!("no report")
    };
    let block = blocks.iter().next().unwrap();
    assert_eq!(block.last_report, 0x3344_5566);
    assert!((1..8 << 16).contains(&block.delay));
}

#[test]
fn the_quality_of_a_leg_is_known_from_both_sides() {
    let mut studio = Studio::with_phones(2);
    studio.talk(1, &[1, 2]);
    studio.run(1_000);
    let our_ssrc = studio.ssrc_to(1);
    let sent_at = Time(studio.now.0 - 500_000);
    let block = ReportBlock {
        ssrc: our_ssrc,
        fraction_lost: 26,
        lost: 7,
        last_report: (ntp_of(sent_at) >> 16) as u32,
        delay: (1 << 16) * 4 / 10,
        ..ReportBlock::default()
    };
    let from = address(LegId(1));
    let rtcp = SocketAddr::new(from.ip(), from.port() + 1);
    let mut report = peer_report(1_001, Some(block));
    report.extend(voip_metrics(our_ssrc, 38));
    report.extend(voip_metrics(our_ssrc + 1, 20));
    studio
        .engine
        .receive_rtcp(studio.now, LegId(1), rtcp, &mut report);
    let quality = studio.engine.quality(LegId(1)).unwrap();
    let trip = quality.round_trip.unwrap();
    assert!(
        trip.abs_diff(std::time::Duration::from_millis(100))
            .as_millis()
            <= 1,
        "{trip:?}"
    );
    assert_eq!(quality.peer_lost, 7);
    assert_eq!(quality.peer_opinion_x10, Some(38));
    assert_eq!(quality.loss.lost, 0);
    let opinion = quality.rating().mean_opinion();
    assert!((4.2..4.5).contains(&opinion), "{opinion}");
    // From anywhere else it is nobody's word.
    let block = ReportBlock { lost: 99, ..block };
    let stranger = "198.51.100.1:4001".parse().unwrap();
    studio.engine.receive_rtcp(
        studio.now,
        LegId(1),
        stranger,
        &mut peer_report(1_001, Some(block)),
    );
    assert_eq!(studio.engine.quality(LegId(1)).unwrap().peer_lost, 7);
}

/// An extended report of VoIP metrics (RFC 3611 §4.7).
fn voip_metrics(of: u32, opinion_x10: u8) -> Vec<u8> {
    let mut bytes = vec![0x80, 207, 0, 10, 0, 0, 3, 0xe9, 7, 0, 0, 8];
    bytes.extend(of.to_be_bytes());
    bytes.extend([0; 19]);
    bytes.push(opinion_x10);
    bytes.extend([0; 8]);
    bytes
}

/// What a call is worth is judged by what was lost of it, more so when it was lost in rows.
#[test]
fn losses_are_heard_in_the_rating() {
    let rated = |is_lost: fn(u32) -> bool| {
        let mut studio = Studio::with_phones(1);
        let mut count = 0;
        studio.run_through(20_000, |_, _| {
            count += 1;
            match is_lost(count) {
                true => Fate::Lost,
                false => Fate::Arrives,
            }
        });
        let quality = studio.engine.quality(LegId(1)).unwrap();
        quality.rating().mean_opinion()
    };
    let clean = rated(|_| false);
    let single = rated(|n| n % 20 == 0);
    let in_rows = rated(|n| n % 100 > 94);
    assert!(clean > 4.3, "{clean}");
    assert!((3.5..4.1).contains(&single), "{single}");
    assert!(
        in_rows < single - 0.05,
        "{in_rows} is no worse than {single}"
    );
}

#[test]
fn reports_on_the_port_of_rtp_are_taken_where_that_was_agreed() {
    let mut studio = Studio::with_phones(2);
    studio.agree(LegId(1), |stream| stream.remote_rtcp = stream.remote);
    studio.talk(1, &[1, 2]);
    studio.run(300);
    studio.receive(1, address(LegId(1)), &peer_report(1_001, None));
    studio.listen();
    studio.run(8_000);
    assert!(
        reports_to(&studio, 1).is_empty(),
        "nothing goes to another port"
    );
    let report = studio.phone_of(1).reports.last().cloned().unwrap();
    let Some(Item::Sender { blocks, .. }) = first(&report) else {
        panic!("no report")
    };
    assert_eq!(blocks.iter().next().unwrap().last_report, 0x3344_5566);
}

#[test]
fn nothing_on_the_port_of_rtcp_does_harm() {
    let mut studio = Studio::with_phones(1);
    let from = address(LegId(1));
    let rtcp = SocketAddr::new(from.ip(), from.port() + 1);
    for length in 0..80 {
        let bytes = vec![0x81; length];
        studio
            .engine
            .receive_rtcp(studio.now, LegId(1), rtcp, &mut bytes.clone());
        let mut bytes = peer_report(1_001, None);
        bytes.truncate(length);
        studio
            .engine
            .receive_rtcp(studio.now, LegId(1), rtcp, &mut bytes.clone());
    }
    studio.run(100);
}

fn reports_to(studio: &Studio, leg: u64) -> Vec<Vec<u8>> {
    let to_leg = studio.wire.rtcp.iter().filter(|(of, ..)| of.0 == leg);
    to_leg.map(|(.., bytes)| bytes.clone()).collect()
}

fn first(bytes: &[u8]) -> Option<Item<'_>> {
    Compound::parse(bytes).unwrap().items().next()
}

fn peer_report(ssrc: u32, received: Option<ReportBlock>) -> Vec<u8> {
    let report = Report {
        ssrc,
        sent: Some(SenderInfo {
            ntp: 0x1122_3344_5566_7788,
            rtp: 0,
            packets: 1,
            octets: 160,
        }),
        received,
        voice: None,
        cname: "phone",
        farewell: Farewell::None,
    };
    let mut bytes = [0; Report::BYTES_MAX];
    let length = report.write(&mut bytes).unwrap();
    bytes[..length].to_vec()
}

/// RFC 3611 §4.7
#[test]
fn who_wishes_for_it_is_told_how_it_is_heard() {
    let mut studio = Studio::with_phones(2);
    studio.agree(LegId(1), |stream| stream.metrics = rtp::Metrics::Wished);
    studio.talk(1, &[1, 2]);
    let mut count = 0;
    studio.run_through(30_000, |leg, _| {
        count += u32::from(leg == LegId(1));
        if leg == LegId(1) && count % 10 == 5 {
            Fate::Lost
        } else {
            Fate::Arrives
        }
    });
    let heard = |leg| {
        let reports: Vec<_> = reports_to(&studio, leg);
        let last = reports.last().cloned().unwrap_or_default();
        let compound = Compound::parse(&last).unwrap();
        compound.items().find_map(|item| match item {
            Item::Voice { heard, .. } => Some(heard),
            _ => None,
        })
    };
    let voice = heard(1).expect("it wished for that");
    assert_eq!(voice.ssrc, 1_001);
    assert!(
        voice.fraction_lost.abs_diff(26) <= 1,
        "one in ten: {voice:?}"
    );
    let opinion = voice.opinion_x10.unwrap();
    assert!((10..35).contains(&opinion), "{voice:?}");
    assert_eq!(heard(2), None, "it did not");
}
