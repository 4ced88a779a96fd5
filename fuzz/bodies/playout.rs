//! The jitter buffer: whatever packets come whenever, each slot is given, the time it takes is bounded, and what was
//! counted only grows.

use media::Rate;
use media::codec::Decoder;
use media::playout::Playout;
use rtp::{Codec, Encoding, Header, Marker, Packet, Time};

/// Takes any bytes, of which the first chooses the codec and each five more say what happens next; panics when
/// something does not hold that must.
pub(crate) fn run(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else {
        return;
    };
    let opus = Codec::new(Encoding::Opus, 96, 48_000, 2);
    let l16 = Codec::new(Encoding::L16, 97, 48_000, 1);
    let codecs = [Codec::PCMU, Codec::G722, opus, l16];
    let codec = codecs[usize::from(first) % codecs.len()];
    let Some(mut decoder) = Decoder::of(&codec, Rate::Wide) else {
        return;
    };
    let mut playout = Playout::new(decoder.rate());
    let mut slot = [0; 480];
    let slot = &mut slot[..decoder.rate().slot()];
    let mut now = Time(1_000_000);
    let mut header = Header::default();
    let mut payload = [first; 2_000];
    for step in bytes.as_chunks::<5>().0.iter().take(STEPS_MAX) {
        let [what, packets, ticks, late, content] = *step;
        // Small steps are usual; the high bit makes them jumps.
        let far = |step: u8, unit: u32| match step {
            0..128 => u32::from(step) * unit,
            128.. => u32::from(step).wrapping_mul(0x0303_0303),
        };
        header.sequence = header.sequence.wrapping_add(far(packets / 8, 1) as u16);
        header.timestamp = header.timestamp.wrapping_add(far(ticks, 20));
        header.payload_type = codec.payload_type;
        header.marker = if what & 64 == 0 {
            Marker::Clear
        } else {
            Marker::Set
        };
        payload[..5].copy_from_slice(step);
        let length = usize::from(content) * if what & 32 == 0 { 1 } else { 8 };
        let mut datagram = header.to_bytes().to_vec();
        datagram.extend_from_slice(&payload[..length.min(payload.len())]);
        let Ok(packet) = Packet::parse(&datagram) else {
            continue;
        };
        match what % 8 {
            0 => playout.clear(),
            1 => playout.skip(now, &packet),
            2 => {
                let other = Codec {
                    payload_type: 100 + packets % 4,
                    ..codec
                };
                playout.push(now, &packet, &other);
            }
            3 => {
                now = Time(
                    now.0
                        .wrapping_add(u64::from(far(late, 10_000)))
                        .min(NOW_MAX),
                )
            }
            _ => playout.push(now, &packet, &codec),
        }
        let before = playout.figures();
        for _ in 0..what / 64 {
            playout.pull(now, &mut decoder, slot);
            now = Time((now.0 + 10_000 + u64::from(late) * 10).min(NOW_MAX));
        }
        let after = playout.figures();
        assert!(after.late >= before.late && after.discarded >= before.discarded);
        assert!(after.concealed >= before.concealed && after.shortened >= before.shortened);
        assert!((10..=200).contains(&after.target.as_millis()), "{after:?}");
    }
}

const STEPS_MAX: usize = 2_000;
/// Ten years.
const NOW_MAX: u64 = 315_360_000_000_000;
