//! Datagrams: what is written is read; what is lost is had again; what is nonsense is refused.

use fax::udptl::{Inbound, Malformed, Outbound, Recovery, read};
use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;

#[path = "../../../fuzz/bodies/udptl.rs"]
mod body;

fn packet(number: u8) -> Vec<u8> {
    (0..=number % 7).map(|byte| byte ^ number).collect()
}

/// A datagram with parities, as other machines send it.
fn with_parities(number: u8, span: usize, count: usize) -> Vec<u8> {
    let mut bytes = vec![0, number];
    let own = packet(number);
    bytes.push(own.len() as u8);
    bytes.extend(&own);
    bytes.extend([0x80, 1, span as u8, count as u8]);
    for index in 0..count {
        let mut parity: Vec<u8> = Vec::new();
        for member in 0..span {
            let member =
                i32::from(number) + index as i32 - (span * count) as i32 + (member * count) as i32;
            let Ok(member) = u8::try_from(member) else {
                continue;
            };
            let other = packet(member);
            parity.resize(parity.len().max(other.len()), 0);
            parity
                .iter_mut()
                .zip(&other)
                .for_each(|(byte, other)| *byte ^= other);
        }
        bytes.push(parity.len() as u8);
        bytes.extend(&parity);
    }
    bytes
}

/// FAX-10
#[test]
fn three_datagrams_in_a_row_may_be_lost() {
    let (mut outbound, mut inbound) = (Outbound::new(3, 400), Inbound::default());
    let mut got = Vec::new();
    for number in 0..100_u8 {
        let datagram = outbound.datagram(&packet(number));
        if number % 4 == 3 {
            got.extend(inbound.take(&datagram).expect("a datagram"));
        }
    }
    let all: Vec<_> = (0..100_u8)
        .map(|number| (u16::from(number), packet(number)))
        .collect();
    assert_eq!(got, all);
}

/// FAX-10
#[test]
fn a_lost_packet_is_had_again_from_parities() {
    for (span, count) in [(3, 1), (2, 2), (3, 3)] {
        for lost in 20..30_u8 {
            let mut inbound = Inbound::default();
            let mut got = Vec::new();
            for number in (0..40_u8).filter(|number| *number != lost) {
                got.extend(
                    inbound
                        .take(&with_parities(number, span, count))
                        .expect("a datagram"),
                );
            }
            let (_, again) = got
                .iter()
                .find(|(number, _)| *number == u16::from(lost))
                .unwrap_or_else(|| panic!("{lost} with {span} {count}"));
            assert!(again.starts_with(&packet(lost)));
            assert!(got.is_sorted(), "in order");
            assert_eq!(got.len(), 40);
        }
    }
}

#[test]
fn what_comes_late_or_twice_is_not_told_again() {
    let mut outbound = Outbound::new(0, 400);
    let datagrams: Vec<_> = (0..5)
        .map(|number| outbound.datagram(&packet(number)))
        .collect();
    let mut inbound = Inbound::default();
    let mut numbers = Vec::new();
    for index in [0, 2, 1, 2, 3, 0, 4] {
        let packets = inbound.take(&datagrams[index]).expect("a datagram");
        numbers.extend(packets.into_iter().map(|(number, _)| number));
    }
    assert_eq!(numbers, [0, 2, 3, 4]);
}

#[test]
fn numbers_wrap_around_and_begin_anew() {
    let datagram = |number: u16| {
        let [high, low] = number.to_be_bytes();
        [high, low, 1, 2, 0, 0]
    };
    let mut inbound = Inbound::default();
    for number in [65_534, 65_535, 0, 1] {
        assert_eq!(inbound.take(&datagram(number)), Ok(vec![(number, vec![2])]));
    }
    let told = (40_000..40_020)
        .filter(|number| {
            !inbound
                .take(&datagram(*number))
                .expect("a datagram")
                .is_empty()
        })
        .count();
    assert!(
        (10..20).contains(&told),
        "after a few they are believed: {told}"
    );
}

#[test]
fn no_datagram_is_longer_than_the_other_side_takes() {
    let mut outbound = Outbound::new(3, 200);
    for length in [150, 90, 90, 20, 20, 20] {
        let datagram = outbound.datagram(&vec![7; length]);
        assert!(datagram.len() <= 200, "{}", datagram.len());
        let datagram = read(&datagram).expect("a datagram");
        let Recovery::Packets(packets) = datagram.recovery else {
            panic!("packets are repeated");
        };
        assert!(packets.len() <= 3);
    }
}

#[test]
fn nonsense_is_refused_by_name() {
    for (bytes, reason) in [
        (vec![], Malformed::Truncated),
        (vec![0, 1, 5, 2], Malformed::Truncated),
        (vec![0, 1, 1, 2], Malformed::Truncated),
        (vec![0, 1, 0xC1, 0, 0, 0], Malformed::Fragments),
        (vec![0, 1, 1, 2, 0, 17], Malformed::TooManyEntries),
        (vec![0, 1, 1, 2, 0x80, 1, 0, 0], Malformed::Span),
        (vec![0; 1_401], Malformed::TooLong),
    ] {
        assert_eq!(read(&bytes), Err(reason));
    }
}

#[test]
fn the_seeds_of_the_fuzzer_break_nothing() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/udptl");
    let seeds: Vec<_> = fs::read_dir(folder).expect("the seeds are there").collect();
    assert!(seeds.len() > 4);
    for seed in seeds {
        body::run(&fs::read(seed.expect("it can be read").path()).expect("it can be read"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        body::run(&bytes);
    }
}
