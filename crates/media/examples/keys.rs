//! What it costs to listen for keys: nanoseconds for each 10 ms of one party's sound.
#![allow(clippy::print_stdout, reason = "it is made to print")]

use media::Rate;
use media::dtmf::{Detector, Generator};
use model::Digit;
use std::hint::black_box;
use std::time::Instant;

fn main() {
    println!("sound            8 kHz   16 kHz   48 kHz   ns for each 10 ms");
    for (what, sound) in [
        ("silence", (|_| 0) as fn(u32) -> i16),
        ("noise", |at| (at.wrapping_mul(0x9e37_79b9) >> 20) as i16),
    ] {
        let costs = Rate::ALL.map(|rate| {
            cost(rate, &mut |slot| {
                for (at, sample) in (0..).zip(slot) {
                    *sample = sound(at);
                }
            })
        });
        print(what, costs);
    }
    let costs = Rate::ALL.map(|rate| {
        let mut generator = Generator::default();
        cost(rate, &mut |slot| {
            if generator.is_idle() {
                let _ = generator.push(Digit::parse('5').expect("a key"));
            }
            generator.fill(rate, slot);
        })
    });
    print("keys", costs);
}

/// The mean of many slots, which are made beforehand.
fn cost(rate: Rate, make: &mut dyn FnMut(&mut [i16])) -> f64 {
    let mut sound = vec![0; rate.slot() * 200];
    let length = rate.slot();
    for slot in sound.chunks_mut(length) {
        make(slot);
    }
    let mut detector = Detector::new(rate);
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        for slot in sound.chunks(length) {
            black_box(detector.hear(black_box(slot)));
        }
    }
    let slots = ROUNDS * sound.len() / length;
    begun.elapsed().as_nanos() as f64 / slots as f64
}

fn print(what: &str, costs: [f64; 3]) {
    let [at_8, at_16, at_48] = costs;
    println!("{what:<14} {at_8:>7.0} {at_16:>8.0} {at_48:>8.0}");
}

const ROUNDS: usize = 200;
