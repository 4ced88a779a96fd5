//! Figures for Prometheus.
//!
//! Whoever counts holds an `Arc<Metrics>` and calls a method; nothing here blocks for longer than another
//! count takes. The names are those of the documentation and do not change.

use edge::Label;
use model::{CallRecord, CallStatus, CallType};
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Everything that is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    calls: Mutex<BTreeMap<&'static str, u64>>,
    calls_total: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    registrations: AtomicI64,
    trunks: Mutex<Vec<TrunkFigures>>,
    messages: Mutex<BTreeMap<(Label, Way), u64>>,
    packets_received: AtomicU64,
    packets_sent: AtomicU64,
    packets_lost: AtomicU64,
    packets_refused: AtomicU64,
    media_tick: Histogram,
    switch_lag: Histogram,
    auth_failures: AtomicU64,
    bans: AtomicI64,
    store: Histogram,
    jitter: Histogram,
    opinion: Histogram<Opinions>,
}

/// How a trunk stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrunkFigures {
    /// Its name.
    pub(crate) trunk: String,
    /// Whether calls can go out on it.
    pub(crate) up: bool,
    /// Whether it knows us; `None` where it need not be told.
    pub(crate) registered: Option<bool>,
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// To us.
    In,
    /// From us.
    Out,
}

impl Metrics {
    /// How many calls are in each state at this moment.
    pub(crate) fn set_calls(&self, states: impl IntoIterator<Item = (&'static str, u64)>) {
        let mut calls = lock(&self.calls);
        calls.values_mut().for_each(|count| *count = 0);
        calls.extend(states);
    }

    /// A call ended.
    pub(crate) fn call_ended(&self, record: &CallRecord) {
        let labels = (call_type(record.call_type), call_status(record.status));
        *lock(&self.calls_total).entry(labels).or_default() += 1;
        for leg in &record.quality {
            self.jitter
                .observe(Duration::from_millis(leg.jitter_ms.into()));
            self.opinion.count(f64::from(leg.mos_x100) / 100.0);
        }
    }

    /// How many phones are registered.
    pub(crate) fn set_registrations(&self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.registrations.store(count, Ordering::Relaxed);
    }

    /// How the trunks stand.
    pub(crate) fn set_trunks(&self, trunks: Vec<TrunkFigures>) {
        *lock(&self.trunks) = trunks;
    }

    /// A SIP message; the status is 0 for a request. Methods beyond the RFCs' count as one.
    pub(crate) fn sip_message(&self, label: Label, way: Way) {
        let mut messages = lock(&self.messages);
        let has_room = messages.len() < MESSAGE_SERIES_MAX;
        let label = match has_room || messages.contains_key(&(label, way)) {
            true => label,
            false => Label::OTHER,
        };
        *messages.entry((label, way)).or_default() += 1;
    }

    /// RTP packets that came in or went out.
    pub(crate) fn rtp_packets(&self, way: Way, count: u64) {
        let counter = match way {
            Way::In => &self.packets_received,
            Way::Out => &self.packets_sent,
        };
        counter.fetch_add(count, Ordering::Relaxed);
    }

    /// RTP packets that did not come.
    pub(crate) fn rtp_lost(&self, count: u64) {
        self.packets_lost.fetch_add(count, Ordering::Relaxed);
    }

    /// Packets of encrypted calls that were not the other side's, or came a second time.
    pub(crate) fn srtp_refused(&self, count: u64) {
        self.packets_refused.fetch_add(count, Ordering::Relaxed);
    }

    /// How late a media worker began its 20 ms.
    pub(crate) fn media_tick(&self, late: Duration) {
        self.media_tick.observe(late);
    }

    /// How long an event waited for the switch.
    pub(crate) fn switch_lag(&self, waited: Duration) {
        self.switch_lag.observe(waited);
    }

    /// A request with a wrong password or none.
    pub(crate) fn auth_failed(&self) {
        self.auth_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// How many addresses are banned.
    pub(crate) fn set_bans(&self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.bans.store(count, Ordering::Relaxed);
    }

    /// How long a commit took.
    pub(crate) fn stored(&self, took: Duration) {
        self.store.observe(took);
    }

    /// The text format of Prometheus, version 0.0.4.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write_trunks(&self, to: &mut String) -> fmt::Result {
        let trunks = lock(&self.trunks);
        head(
            to,
            "bellwire_trunk_up",
            "gauge",
            "Whether calls can go out on a trunk.",
        )?;
        for TrunkFigures { trunk, up, .. } in trunks.iter() {
            let (trunk, up) = (label(trunk), u8::from(*up));
            writeln!(to, "bellwire_trunk_up{{trunk=\"{trunk}\"}} {up}")?;
        }
        let known = "Whether a trunk that we register with knows us.";
        head(to, "bellwire_trunk_registered", "gauge", known)?;
        for figures in trunks.iter() {
            if let Some(registered) = figures.registered {
                let (trunk, registered) = (label(&figures.trunk), u8::from(registered));
                writeln!(
                    to,
                    "bellwire_trunk_registered{{trunk=\"{trunk}\"}} {registered}"
                )?;
            }
        }
        Ok(())
    }

    fn write(&self, to: &mut String) -> fmt::Result {
        head(to, "bellwire_calls", "gauge", "Calls by state.")?;
        for (state, count) in lock(&self.calls).iter() {
            writeln!(to, "bellwire_calls{{state=\"{state}\"}} {count}")?;
        }
        head(to, "bellwire_calls_total", "counter", "Calls that ended.")?;
        for ((call_type, status), count) in lock(&self.calls_total).iter() {
            writeln!(
                to,
                "bellwire_calls_total{{type=\"{call_type}\",status=\"{status}\"}} {count}"
            )?;
        }
        head(to, "bellwire_registrations", "gauge", "Registered phones.")?;
        let count = self.registrations.load(Ordering::Relaxed);
        writeln!(to, "bellwire_registrations {count}")?;
        self.write_trunks(to)?;
        self.write_messages(to)?;
        self.write_packets(to)?;
        self.media_tick.write(
            to,
            "bellwire_media_tick_seconds",
            "Lateness of the 20 ms tick of the media workers.",
        )?;
        self.switch_lag.write(
            to,
            "bellwire_switch_lag_seconds",
            "How long events wait for the switch.",
        )?;
        let failures = self.auth_failures.load(Ordering::Relaxed);
        head(
            to,
            "bellwire_auth_failures_total",
            "counter",
            "Requests with a wrong password or none.",
        )?;
        writeln!(to, "bellwire_auth_failures_total {failures}")?;
        head(to, "bellwire_bans", "gauge", "Banned addresses.")?;
        writeln!(to, "bellwire_bans {}", self.bans.load(Ordering::Relaxed))?;
        self.store.write(
            to,
            "bellwire_store_seconds",
            "How long commits to the database take.",
        )?;
        self.jitter.write(
            to,
            "bellwire_rtp_jitter_seconds",
            "Jitter of each leg of the calls that ended.",
        )?;
        self.opinion.write(
            to,
            "bellwire_call_mos",
            "Mean opinion, 1 to 4.5, of each leg of the calls that ended, by the E-model.",
        )
    }

    fn write_messages(&self, to: &mut String) -> fmt::Result {
        head(
            to,
            "bellwire_sip_messages_total",
            "counter",
            "SIP messages; the status of a request is empty.",
        )?;
        for ((label, way), count) in lock(&self.messages).iter() {
            let (method, direction) = (label.method(), direction(*way));
            let status = label.status().map(|status| status.to_string());
            let status = status.unwrap_or_default();
            writeln!(
                to,
                "bellwire_sip_messages_total{{method=\"{method}\",direction=\"{direction}\",status=\"{status}\"}} {count}"
            )?;
        }
        Ok(())
    }

    fn write_packets(&self, to: &mut String) -> fmt::Result {
        head(to, "bellwire_rtp_packets_total", "counter", "RTP packets.")?;
        for (way, counter) in [
            (Way::In, &self.packets_received),
            (Way::Out, &self.packets_sent),
        ] {
            let (direction, count) = (direction(way), counter.load(Ordering::Relaxed));
            writeln!(
                to,
                "bellwire_rtp_packets_total{{direction=\"{direction}\"}} {count}"
            )?;
        }
        let lost = self.packets_lost.load(Ordering::Relaxed);
        head(
            to,
            "bellwire_rtp_lost_total",
            "counter",
            "RTP packets that did not come.",
        )?;
        writeln!(to, "bellwire_rtp_lost_total {lost}")?;
        let refused = self.packets_refused.load(Ordering::Relaxed);
        head(
            to,
            "bellwire_srtp_refused_total",
            "counter",
            "Packets of encrypted calls with a wrong tag, seen before, or from elsewhere.",
        )?;
        writeln!(to, "bellwire_srtp_refused_total {refused}")
    }
}

/// Figures, counted by size.
#[derive(Debug, Default)]
struct Histogram<S = Times> {
    buckets: [AtomicU64; BUCKETS],
    count: AtomicU64,
    /// In millionths.
    sum: AtomicU64,
    scale: PhantomData<S>,
}

/// What a histogram counts.
trait Scale {
    /// The upper bounds of its buckets.
    const BOUNDS: [f64; BUCKETS];
}

/// Times in seconds.
#[derive(Debug, Default)]
struct Times;

impl Scale for Times {
    const BOUNDS: [f64; BUCKETS] = [
        0.000_1, 0.000_25, 0.000_5, 0.001, 0.002, 0.004, 0.008, 0.02, 0.05, 0.1, 0.5, 2.0,
    ];
}

/// Mean opinions, 1 to 4.5. Most calls are above 4, below 3.6 many people complain (ITU-T G.107 annex B).
#[derive(Debug, Default)]
struct Opinions;

impl Scale for Opinions {
    const BOUNDS: [f64; BUCKETS] = [1.5, 2.0, 2.6, 3.1, 3.3, 3.6, 3.8, 4.0, 4.1, 4.2, 4.3, 4.4];
}

impl Histogram {
    fn observe(&self, time: Duration) {
        self.count(time.as_secs_f64());
    }
}

impl<S: Scale> Histogram<S> {
    fn count(&self, figure: f64) {
        let bucket = self.buckets.iter().zip(S::BOUNDS);
        if let Some((bucket, _)) = bucket.into_iter().find(|(_, bound)| figure <= *bound) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        let millionths = (figure * 1e6).round() as u64;
        self.sum.fetch_add(millionths, Ordering::Relaxed);
    }

    fn write(&self, to: &mut String, name: &str, help: &str) -> fmt::Result {
        head(to, name, "histogram", help)?;
        let mut below = 0;
        for (bucket, bound) in self.buckets.iter().zip(S::BOUNDS) {
            below += bucket.load(Ordering::Relaxed);
            writeln!(to, "{name}_bucket{{le=\"{bound}\"}} {below}")?;
        }
        let count = self.count.load(Ordering::Relaxed).max(below);
        writeln!(to, "{name}_bucket{{le=\"+Inf\"}} {count}")?;
        let sum = self.sum.load(Ordering::Relaxed) as f64 / 1e6;
        writeln!(to, "{name}_sum {sum}\n{name}_count {count}")
    }
}

/// A name as the value of a label.
fn label(name: &str) -> String {
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    escaped.replace('\n', "\\n")
}

fn head(to: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(to, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const fn direction(way: Way) -> &'static str {
    match way {
        Way::In => "in",
        Way::Out => "out",
    }
}

const fn call_type(call_type: CallType) -> &'static str {
    match call_type {
        CallType::Inbound => "inbound",
        CallType::Outbound => "outbound",
        CallType::Internal => "internal",
    }
}

const fn call_status(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Answered => "answered",
        CallStatus::NoAnswer => "no-answer",
        CallStatus::Busy => "busy",
        CallStatus::Failed => "failed",
        CallStatus::Cancelled => "cancelled",
    }
}

const BUCKETS: usize = 12;
const MESSAGE_SERIES_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn label(message: &str) -> Label {
        Label::read(message.as_bytes()).unwrap()
    }

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let metrics = Metrics::default();
        metrics.set_calls([("talk", 2), ("dial", 1)]);
        metrics.set_calls([("talk", 1)]);
        metrics.sip_message(label("INVITE sip:a@b SIP/2.0\r\n"), Way::In);
        metrics.sip_message(label("SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n"), Way::Out);
        metrics.sip_message(label("FROB\"} sip:a@b SIP/2.0\r\n"), Way::In);
        metrics.rtp_packets(Way::In, 50);
        metrics.stored(Duration::from_millis(3));
        metrics.stored(Duration::from_secs(9));
        metrics.call_ended(&rated([441, 352]));
        let text = metrics.text();
        for line in [
            "bellwire_calls{state=\"talk\"} 1",
            "bellwire_calls{state=\"dial\"} 0",
            "bellwire_sip_messages_total{method=\"INVITE\",direction=\"in\",status=\"\"} 1",
            "bellwire_sip_messages_total{method=\"INVITE\",direction=\"out\",status=\"200\"} 1",
            "bellwire_sip_messages_total{method=\"OTHER\",direction=\"in\",status=\"\"} 1",
            "bellwire_rtp_packets_total{direction=\"in\"} 50",
            "bellwire_store_seconds_bucket{le=\"0.002\"} 0",
            "bellwire_store_seconds_bucket{le=\"0.004\"} 1",
            "bellwire_store_seconds_bucket{le=\"+Inf\"} 2",
            "bellwire_store_seconds_count 2",
            "bellwire_store_seconds_sum 9.003",
            "bellwire_call_mos_bucket{le=\"3.3\"} 0",
            "bellwire_call_mos_bucket{le=\"3.6\"} 1",
            "bellwire_call_mos_bucket{le=\"4.4\"} 1",
            "bellwire_call_mos_bucket{le=\"+Inf\"} 2",
            "bellwire_call_mos_sum 7.93",
            "bellwire_rtp_jitter_seconds_bucket{le=\"0.008\"} 0",
            "bellwire_rtp_jitter_seconds_bucket{le=\"0.02\"} 2",
            "bellwire_rtp_jitter_seconds_sum 0.024",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_flood_of_statuses_does_not_grow_the_table() {
        let metrics = Metrics::default();
        for status in 100..700 {
            for method in ["INVITE", "BYE", "INFO"] {
                let response = format!("SIP/2.0 {status} x\r\nCSeq: 1 {method}\r\n");
                metrics.sip_message(label(&response), Way::In);
            }
        }
        assert!(lock(&metrics.messages).len() <= MESSAGE_SERIES_MAX + 1);
    }

    /// A call with a leg of each of these opinions.
    fn rated(opinions: [u16; 2]) -> CallRecord {
        let number = model::Number::parse("101").unwrap();
        let quality = opinions.map(|mos_x100| model::LegQuality {
            leg: model::LegId(1),
            codec: String::from("PCMA"),
            received: 1_000,
            lost: 0,
            peer_lost: 0,
            peer_mos_x100: None,
            jitter_ms: 12,
            round_trip_ms: None,
            mos_x100,
        });
        CallRecord {
            call: model::CallId(1),
            start: model::Wall(0),
            end: model::Wall(0),
            caller: String::from("100"),
            caller_name: String::new(),
            callee: number,
            final_callee: model::FinalCallee::Number(number),
            talked: Duration::from_secs(20),
            call_type: CallType::Internal,
            status: CallStatus::Answered,
            cause: model::Cause::Normal,
            extensions: Vec::new(),
            legs: Vec::new(),
            recordings: Vec::new(),
            quality: quality.into(),
        }
    }
}
