//! What is left of speech after a bad network, and what hearing it costs:
//! `cargo run --release -p bellwire-media --example speech [-- PYTHON [CODEC]]`.
//!
//! Prompts in both languages go through each codec and a network that loses and delays, in virtual time, always the
//! same. Three listeners hear them: the playout of this crate, one that plays packets when they come, and one that
//! waits 40 ms and has silence for what is missing. Given a Python that has the package `pesq`, it also prints a
//! perceptual measure (ITU-T P.862, MOS-LQO).
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a measurement, not the product"
)]

mod cost;
mod likeness;
mod listeners;
mod network;
mod perception;
mod talk;

use listeners::{AsTheyCome, FixedWait, Listener, Ours};
use media::Rate;
use network::Network;
use rtp::{Codec, Opus};
use talk::Talk;

fn main() {
    let python = std::env::args().nth(1);
    println!(
        "{:<14}{:<22}{:<24}{:>8}{:>8}{:>7}  ",
        "codec", "network", "listener", "segSNR", "delay", "PESQ"
    );
    let told = Codec {
        opus: Opus {
            inband_fec: true,
            ..Opus::default()
        },
        ..Codec::OPUS
    };
    let codecs = [
        ("G.711", Codec::PCMU, Rate::Narrow),
        ("G.722", Codec::G722, Rate::Wide),
        ("Opus", Codec::OPUS, Rate::Wide),
        ("Opus, FEC", told, Rate::Wide),
    ];
    let only = std::env::args().nth(2).unwrap_or_default();
    for (name, codec, rate) in codecs {
        if !name.contains(&only) {
            continue;
        }
        match Talk::new(codec, rate) {
            Some(talk) => compare(name, &talk, python.as_deref()),
            None => println!("{name:<14}is not there"),
        }
    }
    println!();
    cost::print();
}

fn compare(codec: &str, talk: &Talk, python: Option<&str>) {
    let clean = talk.clean();
    let row = |network: &str, listener: &str, heard: &[i16], note: &str| {
        let likeness = likeness::compare(&clean, heard, talk.rate);
        let perception = python.and_then(|python| {
            perception::compare(python, &talk.speech, heard, talk.rate, likeness.delay_ms)
        });
        let perception = perception.map_or_else(|| String::from("-"), |mos| format!("{mos:.2}"));
        println!(
            "{codec:<14}{network:<22}{listener:<24}{:>5.1} dB{:>5.0} ms{perception:>7}  {note}",
            likeness.snr_db, likeness.delay_ms
        );
    };
    row("none", "-", &clean, "");
    for (name, network) in Network::ALL {
        let mut ours = Ours::new(talk);
        let mut as_they_come = AsTheyCome::new(talk);
        let mut fixed = FixedWait::new(talk);
        let listeners: [(&str, &mut dyn Listener); 3] = [
            ("as they come", &mut as_they_come),
            ("40 ms and silence", &mut fixed),
            ("ours", &mut ours),
        ];
        for (listener, hears) in listeners {
            let heard = network.carry(talk, hears);
            row(name, listener, &heard, &hears.note());
        }
    }
}
