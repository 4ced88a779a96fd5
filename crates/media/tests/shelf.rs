//! What people put in: recordings of prompts, announcements, music.

use media::prompts::{Library, Shelf};
use media::wav::{self, Channels};
use model::{Language, MusicName, Phrase};
use std::fs;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

/// AD-10: whatever rate and channels a file has, the next listener hears it, and it says who brought it.
#[test]
fn a_recording_takes_the_place_of_a_prompt_until_it_is_taken_away() {
    let (_folder, library) = library();
    let chinese = Shelf::Prompt(Language::Chinese);
    let built_in = library.heard(chinese, "N-01").unwrap();
    for (rate_hz, channels) in [(48_000, 2), (8_000, 1), (11_025, 2), (16_000, 1)] {
        let wav = tone(rate_hz, channels, 2);
        library.put_in(chinese, "N-01", &wav, "admin").unwrap();
        let phrase = Phrase::named("N-01");
        let heard = library.get(Language::Chinese, &phrase, 8_000).unwrap();
        assert!(heard.len().abs_diff(16_000) < 10, "{rate_hz} {channels}");
        assert!(
            (hz(&heard, 8_000) - HZ).abs() < 10.0,
            "{rate_hz} {channels}"
        );
        let [found] = &library.shelved(chinese)[..] else {
            panic!("one recording");
        };
        assert_eq!((&*found.name, &*found.by), ("N-01", "admin"));
        assert!(found.length.abs_diff(Duration::from_secs(2)) < Duration::from_millis(5));
    }
    assert!(library.take_out(chinese, "N-01").unwrap());
    assert!(!library.take_out(chinese, "N-01").unwrap(), "it is gone");
    assert_eq!(library.heard(chinese, "N-01").unwrap(), built_in);
    assert!(library.shelved(chinese).is_empty());
}

#[test]
fn the_name_of_whoever_brought_a_sound_may_be_of_any_letters() {
    let (folder, library) = library();
    for by in ["张三", "a", "ab", "", &"长".repeat(70)] {
        library
            .put_in(Shelf::Announcement, "sale", &tone(8_000, 1, 1), by)
            .unwrap();
        let wanted: String = by.chars().take(64).collect();
        assert_eq!(library.shelved(Shelf::Announcement)[0].by, wanted);
        let bytes = fs::read(folder.path().join("prompts/sale.wav")).unwrap();
        assert_eq!(bytes.len() % 2, 0);
        let size = u32::from_le_bytes(bytes[4..8].try_into().unwrap());
        assert_eq!(size as usize, bytes.len() - 8, "other programs read it too");
    }
}

#[test]
fn music_is_heard_as_soon_as_it_is_there_and_the_built_in_music_where_it_is_not() {
    let (_folder, library) = library();
    let jazz = MusicName::parse("jazz").unwrap();
    let built_in = library.music(8_000);
    assert!(Arc::ptr_eq(&library.music_of(&jazz, 8_000), &built_in));
    library
        .put_in(Shelf::Music, "jazz", &tone(44_100, 2, 3), "")
        .unwrap();
    let first = library.music_of(&jazz, 8_000);
    assert!(first.len().abs_diff(24_000) < 10, "{}", first.len());
    assert!(
        Arc::ptr_eq(&library.music_of(&jazz, 8_000), &first),
        "read once"
    );
    library
        .put_in(Shelf::Music, "jazz", &tone(8_000, 1, 5), "")
        .unwrap();
    assert!(library.music_of(&jazz, 8_000).len() > 39_000, "another");
    library.take_out(Shelf::Music, "jazz").unwrap();
    assert!(Arc::ptr_eq(&library.music_of(&jazz, 8_000), &built_in));
}

#[test]
fn what_cannot_be_used_is_refused_with_a_reason_and_nothing_changes() {
    let (folder, library) = library();
    let good = tone(8_000, 1, 1);
    library.put_in(Shelf::Music, "jazz", &good, "").unwrap();
    let endless = tone(4_000, 1, 901);
    for (wav, reason) in [
        (&b""[..], "not a WAV file"),
        (b"ID3\x04 an MP3 file", "not a WAV file"),
        (good.get(..20).unwrap(), "chunk"),
        (good.get(..44).unwrap(), "no sound"),
        (&endless[..], "longer than 900 s"),
    ] {
        let refused = library.put_in(Shelf::Music, "jazz", wav, "").unwrap_err();
        assert!(refused.to_string().contains(reason), "{refused}");
    }
    for name in [
        "",
        "..",
        "../secret",
        "a/b",
        "Jazz",
        "jazz.wav",
        &"a".repeat(65),
        "音乐",
    ] {
        for shelf in [Shelf::Music, Shelf::Announcement] {
            let refused = library.put_in(shelf, name, &good, "").unwrap_err();
            assert!(
                refused.to_string().contains("is no name"),
                "{name}: {refused}"
            );
            assert!(!library.take_out(shelf, name).unwrap());
        }
        assert!(library.heard(Shelf::Announcement, name).is_none());
    }
    let english = Shelf::Prompt(Language::English);
    let refused = library.put_in(english, "N-999", &good, "").unwrap_err();
    assert!(refused.to_string().contains("no prompt of that name"));
    assert_eq!(library.shelved(Shelf::Music).len(), 1);
    let left = fs::read_dir(folder.path().join("music")).unwrap();
    assert_eq!(left.count(), 1, "nothing is left over");
}

fn library() -> (tempfile::TempDir, Library) {
    let folder = tempfile::tempdir().expect("a folder");
    let library = Library::open(folder.path());
    (folder, library)
}

/// Some seconds of a tone as a WAV file.
fn tone(rate_hz: u32, channels: u16, seconds: u32) -> Vec<u8> {
    let layout = match channels {
        1 => Channels::Mono,
        _ => Channels::Stereo,
    };
    let mut writer = wav::Writer::new(Cursor::new(Vec::new()), layout, rate_hz).expect("memory");
    let samples: Vec<i16> = (0..rate_hz * seconds)
        .map(|place| {
            let turn = std::f64::consts::TAU * HZ * f64::from(place) / f64::from(rate_hz);
            (turn.sin() * 16_000.0) as i16
        })
        .flat_map(|sample| std::iter::repeat_n(sample, channels.into()))
        .collect();
    writer.write(&samples).expect("memory");
    writer.finish().expect("memory").into_inner()
}

/// The frequency of a tone, by how often it crosses zero upwards.
fn hz(samples: &[i16], rate_hz: u32) -> f64 {
    let ups = samples
        .windows(2)
        .filter(|pair| pair[0] < 0 && pair[1] >= 0);
    ups.count() as f64 * f64::from(rate_hz) / samples.len() as f64
}

const HZ: f64 = 700.0;
