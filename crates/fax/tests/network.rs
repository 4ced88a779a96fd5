//! Two ends over T.38 on a network that loses, delays, reorders and repeats.

mod common;

use common::{Folder, pages, random, receive, send};
use fax::engine::{ErrorCorrection, Outcome, Progress};
use fax::udptl::{End, Outbound};
use fax::{Reason, Resolution};
use std::collections::BTreeMap;
use std::path::Path;

/// What a network does to datagrams, in percent.
#[derive(Clone, Copy, Default)]
struct Weather {
    lost: u32,
    late: u32,
    twice: u32,
}

struct Network {
    ends: [End; 2],
    progress: [Vec<Progress>; 2],
    /// By when they arrive, in steps of 10 ms, and a count that keeps them apart.
    under_way: BTreeMap<(u32, u32), (usize, Vec<u8>)>,
    weather: Weather,
    step: u32,
    count: u32,
}

impl Network {
    fn new(from: &Path, to: &Path, correction: ErrorCorrection, weather: Weather) -> Self {
        let (mut send, mut receive) = (send(from), receive(to));
        send.error_correction = correction;
        receive.error_correction = correction;
        let end = |job| End::new(job, Outbound::new(3, 400)).expect("it begins");
        Self {
            ends: [end(&send), end(&receive)],
            progress: [Vec::new(), Vec::new()],
            under_way: BTreeMap::new(),
            weather,
            step: 0,
            count: 0,
        }
    }

    fn run(&mut self) -> [Outcome; 2] {
        while self.outcome(0).is_none() || self.outcome(1).is_none() {
            assert!(self.step < 360_000, "an hour is enough");
            self.advance();
        }
        [0, 1].map(|who| self.outcome(who).expect("both ended").clone())
    }

    fn outcome(&self, who: usize) -> Option<&Outcome> {
        self.progress[who]
            .iter()
            .find_map(|progress| match progress {
                Progress::Ended(outcome) => Some(outcome),
                _ => None,
            })
    }

    fn advance(&mut self) {
        self.step += 1;
        for who in 0..2 {
            for datagram in self.ends[who].elapse(80) {
                self.carry(1 - who, &datagram);
            }
        }
        let later = self.under_way.split_off(&(self.step + 1, 0));
        for (to, datagram) in std::mem::replace(&mut self.under_way, later).into_values() {
            self.ends[to].take(&datagram).expect("our own datagrams");
        }
        for (end, progress) in self.ends.iter_mut().zip(&mut self.progress) {
            progress.extend(std::iter::from_fn(|| end.progress()));
        }
    }

    fn carry(&mut self, to: usize, datagram: &[u8]) {
        if self.percent() < self.weather.lost {
            return;
        }
        let copies = if self.percent() < self.weather.twice {
            2
        } else {
            1
        };
        for _ in 0..copies {
            let delay = if self.percent() < self.weather.late {
                5
            } else {
                2
            };
            self.under_way
                .insert((self.step + delay, self.count), (to, datagram.to_vec()));
        }
    }

    fn percent(&mut self) -> u32 {
        self.count += 1;
        random(self.count) % 100
    }
}

fn fax(weather: Weather, resolution: Resolution, correction: ErrorCorrection, count: u32) {
    let folder = Folder::new();
    let sent = pages(resolution, count);
    let file = folder.write("sent.tif", &sent);
    let mut network = Network::new(&file, &folder.path("received.tif"), correction, weather);
    let well = Outcome {
        failure: None,
        pages: count,
    };
    assert_eq!(
        network.run(),
        [well.clone(), well],
        "{:?}",
        network.progress
    );
    assert_eq!(folder.read("received.tif"), sent);
}

/// FAX-10
#[test]
fn pages_arrive_over_t38_without_a_pixel_changed() {
    for resolution in Resolution::ALL {
        for correction in [ErrorCorrection::On, ErrorCorrection::Off] {
            fax(Weather::default(), resolution, correction, 2);
        }
    }
}

/// FAX-10: three packets of a hundred are lost.
#[test]
fn three_percent_of_loss_change_nothing() {
    for correction in [ErrorCorrection::On, ErrorCorrection::Off] {
        let weather = Weather {
            lost: 3,
            ..Weather::default()
        };
        fax(weather, Resolution::Fine, correction, 3);
    }
}

/// FAX-10: and ten of a hundred.
#[test]
fn ten_percent_of_loss_with_reordering_and_repetition_change_nothing() {
    let weather = Weather {
        lost: 10,
        late: 10,
        twice: 10,
    };
    fax(weather, Resolution::Standard, ErrorCorrection::On, 4);
}

/// FAX-07: a trap of the library, which would wait for ever.
#[test]
fn a_peer_that_falls_silent_is_given_up_by_our_own_watchdog() {
    let folder = Folder::new();
    let file = folder.write("sent.tif", &pages(Resolution::Fine, 2));
    for seconds in [0, 2, 4, 7, 10, 15, 25] {
        for correction in [ErrorCorrection::On, ErrorCorrection::Off] {
            let to = folder.path("received.tif");
            let mut network = Network::new(&file, &to, correction, Weather::default());
            while network.step < seconds * 100 {
                network.advance();
            }
            network.weather.lost = 100;
            let outcomes = network.run();
            assert!(
                outcomes.iter().all(|outcome| outcome.failure.is_some()),
                "{outcomes:?}"
            );
            assert!(
                network.step < 100 * (seconds + 300),
                "{} steps",
                network.step
            );
        }
    }
}

/// FAX-07
#[test]
fn a_call_that_drops_over_t38_says_so() {
    let folder = Folder::new();
    let file = folder.write("sent.tif", &pages(Resolution::Fine, 2));
    let to = folder.path("received.tif");
    let mut network = Network::new(&file, &to, ErrorCorrection::On, Weather::default());
    while network.step < 1_000 {
        network.advance();
    }
    network.ends.iter_mut().for_each(End::hang_up);
    let dropped = Outcome {
        failure: Some(Reason::Dropped),
        pages: 0,
    };
    assert_eq!(network.run(), [dropped.clone(), dropped]);
}

/// FAX-10: nothing that follows a pause would repeat what was lost before it.
#[test]
fn the_last_datagram_before_a_pause_is_repeated() {
    let folder = Folder::new();
    let job = receive(&folder.path("received.tif"));
    let mut end = End::new(&job, Outbound::new(3, 400)).expect("it begins");
    let first_second: Vec<Vec<u8>> = (0..100).flat_map(|_| end.elapse(80)).collect();
    let first = first_second
        .first()
        .expect("an answering machine speaks first");
    let copies = first_second.iter().filter(|datagram| *datagram == first);
    assert_eq!(copies.count(), 4);
}
