//! How long packets are to wait, learned from how late they come.

use rtp::Time;
use std::time::Duration;

/// How late packets are, each against the fastest of the last seconds, and the wait that follows from it.
///
/// The target weighs waiting against losing: of all waits it is the one with the least sum of itself and
/// [`LOSS_PRICE_US`] for each packet in a hundred that would come too late. A long thin tail is cut off, a short
/// thick one is waited for; a fixed percentile does neither. It goes up with the packet that shows the need, and
/// down as what is old is forgotten, with a time constant of 16 s.
#[derive(Clone, Debug)]
pub(super) struct Delay {
    /// How many packets were so late, by [`BUCKET_US`] from the origin on, with weights that fade.
    late: [u32; BUCKETS],
    /// The transit time of the first bucket; the fastest packet lies in it.
    origin_us: i64,
    /// The fastest transit time of each of the last [`WINDOWS`] windows.
    fastest_us: [i64; WINDOWS],
    window: usize,
    window_end: Time,
    /// Since when every packet is later than any wait.
    hopeless_since: Option<Time>,
    next_fading: Time,
    next_weighing: Time,
    target_us: i64,
}

impl Delay {
    pub(super) fn new() -> Self {
        let mut delay = Self {
            late: [0; BUCKETS],
            origin_us: 0,
            fastest_us: [NONE; WINDOWS],
            window: 0,
            window_end: Time(0),
            hopeless_since: None,
            next_fading: Time(0),
            next_weighing: Time(0),
            target_us: START_US,
        };
        // Before anything is known, the start is as good as two packets that needed it.
        if let Some(bucket) = delay.late.get_mut(bucket_of(START_US - 1)) {
            *bucket = WEIGHT * 2;
        }
        delay
    }

    /// Learns from a packet that says it began at `said_us`, on its sender's clock.
    pub(super) fn arrived(&mut self, now: Time, said_us: i64) {
        let transit_us = micros(now) - said_us;
        self.watch_hopeless(now, transit_us);
        self.watch_fastest(now, transit_us);
        let late_us = transit_us - self.origin_us;
        if let Some(bucket) = self.late.get_mut(bucket_of(late_us)) {
            *bucket += WEIGHT;
        }
        if now >= self.next_fading {
            self.next_fading = now + FADING_EVERY;
            for bucket in &mut self.late {
                *bucket -= *bucket / FADING;
            }
        }
        if late_us > self.target_us || now >= self.next_weighing {
            self.next_weighing = now + WEIGHING_EVERY;
            self.weigh();
        }
    }

    /// How late something is now that began at `said_us`; 0 for the fastest packet.
    pub(super) fn lateness_us(&self, now: Time, said_us: i64) -> i64 {
        match self.fastest() {
            NONE => 0,
            fastest => micros(now) - said_us - fastest,
        }
    }

    /// What begins now, if it came as fast as the fastest; `None` when none came yet.
    pub(super) fn on_time_us(&self, now: Time) -> Option<i64> {
        let fastest = self.fastest();
        (fastest != NONE).then(|| micros(now) - fastest)
    }

    /// How late a packet may be.
    pub(super) const fn target_us(&self) -> i64 {
        self.target_us
    }

    /// Another clock begins. The network is the same.
    pub(super) const fn restart(&mut self) {
        self.fastest_us = [NONE; WINDOWS];
    }

    fn fastest(&self) -> i64 {
        self.fastest_us.iter().copied().min().unwrap_or(NONE)
    }

    /// When all packets of a second were later than any wait, the way has become longer for good.
    fn watch_hopeless(&mut self, now: Time, transit_us: i64) {
        if transit_us - self.origin_us <= TARGET_MAX_US {
            self.hopeless_since = None;
        } else if now.since(*self.hopeless_since.get_or_insert(now)) >= HOPELESS_AFTER {
            self.hopeless_since = None;
            self.restart();
        }
    }

    fn watch_fastest(&mut self, now: Time, transit_us: i64) {
        let before = self.fastest();
        if now >= self.window_end {
            self.window_end = now + WINDOW;
            self.window = (self.window + 1) % WINDOWS;
            self.fastest_us[self.window] = NONE;
        }
        let fastest = &mut self.fastest_us[self.window];
        *fastest = transit_us.min(*fastest);
        let fastest = self.fastest();
        let moved_us = fastest - self.origin_us;
        let is_drift = (0..BUCKET_US).contains(&(before - fastest)) && moved_us < 0;
        if before == NONE || moved_us < -STEP_MAX_US || is_drift {
            self.origin_us = fastest;
        } else if !(0..BUCKET_US).contains(&moved_us) {
            let buckets = moved_us.div_euclid(BUCKET_US);
            self.shift(buckets);
            self.origin_us += buckets * BUCKET_US;
        }
    }

    /// The fastest packet is another: all others are so many buckets less late than it seemed.
    fn shift(&mut self, buckets: i64) {
        let by = usize::try_from(buckets.unsigned_abs()).unwrap_or(BUCKETS);
        let by = by.min(BUCKETS);
        if buckets > 0 {
            let gone: u32 = self.late[..by].iter().sum();
            self.late.copy_within(by.., 0);
            self.late[BUCKETS - by..].fill(0);
            self.late[0] += gone;
        } else {
            let gone: u32 = self.late[BUCKETS - by..].iter().sum();
            self.late.copy_within(..BUCKETS - by, by);
            self.late[..by].fill(0);
            self.late[BUCKETS - 1] += gone;
        }
    }

    fn weigh(&mut self) {
        let all: u32 = self.late.iter().sum();
        let price = 100 * LOSS_PRICE_US;
        let mut later = i64::from(all);
        let (mut best_cost, mut best_us) = (i64::MAX, TARGET_MAX_US);
        for (bucket, &count) in (1..).zip(&self.late) {
            later -= i64::from(count);
            let wait_us = (bucket * BUCKET_US).clamp(TARGET_MIN_US, TARGET_MAX_US);
            let cost = wait_us * i64::from(all) + later * price;
            if cost < best_cost {
                (best_cost, best_us) = (cost, wait_us);
            }
        }
        self.target_us = best_us;
    }
}

fn bucket_of(late_us: i64) -> usize {
    let bucket = usize::try_from(late_us.max(0) / BUCKET_US).unwrap_or(BUCKETS);
    bucket.min(BUCKETS - 1)
}

/// An instant as a signed number. The clock of a process does not run for 146,000 years.
pub(super) fn micros(now: Time) -> i64 {
    i64::try_from(now.0).unwrap_or(i64::MAX / 2)
}

/// The shortest wait, on a quiet LAN: peers send, and the worker reads, up to some milliseconds off.
pub(super) const TARGET_MIN_US: i64 = 10_000;
/// The longest wait: beyond it, people begin to talk at the same time (ITU-T G.114).
pub(super) const TARGET_MAX_US: i64 = 200_000;
/// The wait before anything is known.
const START_US: i64 = 40_000;
/// What one packet in a hundred that comes too late is worth. By ITU-T G.107 it would be 150 ms with G.711 and
/// concealment; but the E-model has no sense of people who interrupt each other.
const LOSS_PRICE_US: i64 = 60_000;
const BUCKET_US: i64 = 2_000;
/// Up to 256 ms.
const BUCKETS: usize = 128;
/// What a packet counts.
const WEIGHT: u32 = 256;
/// This part of all that is known is forgotten every [`FADING_EVERY`].
const FADING: u32 = 16;
const FADING_EVERY: Duration = Duration::from_secs(1);
const WEIGHING_EVERY: Duration = Duration::from_millis(100);
/// The fastest packet is remembered for 8 to 10 s: a clock that is 200 ppm off moves by 2 ms meanwhile.
const WINDOWS: usize = 5;
const WINDOW: Duration = Duration::from_secs(2);
/// When a packet is faster than all before by less than a bucket, that is how clocks drift; when it is by more than
/// this, the ones before came through a jam.
const STEP_MAX_US: i64 = 32_000;
const HOPELESS_AFTER: Duration = Duration::from_secs(1);
const NONE: i64 = i64::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_network_gets_the_shortest_wait() {
        let mut delay = Delay::new();
        assert_eq!(delay.target_us(), 40_000);
        feed(&mut delay, 0..500, |packet| packet * 7 % 5 * 1_000);
        assert_eq!(delay.target_us(), TARGET_MIN_US);
    }

    #[test]
    fn jitter_is_waited_for_at_once_and_forgotten_slowly() {
        let mut delay = Delay::new();
        feed(&mut delay, 0..500, |_| 0);
        feed(&mut delay, 500..550, |packet| packet * 7 % 31 * 2_000);
        let target = delay.target_us();
        assert!((54_000..=64_000).contains(&target), "{target}");
        feed(&mut delay, 550..700, |_| 0);
        assert!(delay.target_us() > 40_000, "{}", delay.target_us());
        feed(&mut delay, 700..3_000, |_| 0);
        assert_eq!(delay.target_us(), TARGET_MIN_US);
    }

    #[test]
    fn one_packet_in_a_thousand_is_not_waited_for() {
        let mut delay = Delay::new();
        let late = |packet| if packet % 1_000 == 999 { 150_000 } else { 0 };
        feed(&mut delay, 0..5_000, late);
        assert_eq!(delay.target_us(), TARGET_MIN_US);
        let late = |packet| if packet % 20 == 0 { 150_000 } else { 0 };
        feed(&mut delay, 5_000..6_000, late);
        assert!((150_000..=154_000).contains(&delay.target_us()));
    }

    #[test]
    fn it_never_waits_longer_than_the_most() {
        let mut delay = Delay::new();
        let late = |packet| if packet % 2 == 0 { 900_000 } else { 0 };
        feed(&mut delay, 0..500, late);
        assert!(delay.target_us() <= TARGET_MAX_US);
    }

    #[test]
    fn a_longer_way_is_no_jitter_once_it_is_known() {
        let mut delay = Delay::new();
        feed(&mut delay, 0..500, |_| 0);
        feed(&mut delay, 500..1_500, |_| 80_000);
        assert_eq!(delay.target_us(), TARGET_MIN_US);
        assert_eq!(
            delay.lateness_us(at(1_500) + Duration::from_millis(80), 30_000_000),
            0
        );
        feed(&mut delay, 1_500..1_520, |_| 0);
        assert!(delay.target_us() < 40_000, "{}", delay.target_us());
    }

    #[test]
    fn clocks_that_drift_are_no_jitter() {
        for drift in [-1, 1] {
            let mut delay = Delay::new();
            // 200 ppm of 20 ms.
            feed(&mut delay, 0..90_000, |packet| {
                10_000_000 + drift * packet * 4
            });
            assert!(delay.target_us() <= 12_000, "{}", delay.target_us());
        }
    }

    /// Packets of 20 ms, each so late.
    fn feed(delay: &mut Delay, packets: std::ops::Range<i64>, late_us: impl Fn(i64) -> i64) {
        for packet in packets {
            let late = Duration::from_micros(late_us(packet) as u64);
            delay.arrived(at(packet) + late, packet * 20_000);
        }
    }

    fn at(packet: i64) -> Time {
        Time(5_000_000 + packet as u64 * 20_000)
    }
}
