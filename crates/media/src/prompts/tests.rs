use super::*;
use crate::{Rate, ear};
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, SystemTime};
use wav::{Channels, Writer};

const TABLE: &str = include_str!("../../../../prompts/PROMPTS.tsv");

#[test]
fn every_prompt_is_spoken_in_both_languages() {
    let library = built_in_only();
    let rows = rows();
    assert_eq!(rows.len(), 351);
    for row in &rows {
        assert!(library.spoken.chinese.has(row.id), "{} in Chinese", row.id);
        // Chinese counts by ten thousands and says the word for year; English has no use for these two.
        let chinese_only = ["D-wan", "T-year"].contains(&row.id);
        assert_eq!(row.english == "–", chinese_only, "{}", row.id);
        assert_eq!(
            library.spoken.english.has(row.id),
            !chinese_only,
            "{}",
            row.id
        );
    }
    let known: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
    for (_, id) in library.ids() {
        assert!(known.contains(id), "{id} is in no row");
    }
}

#[test]
fn every_prompt_was_built_from_the_text_it_has() {
    let library = built_in_only();
    for row in rows() {
        let chinese = format!("{}\t{}\t{}", row.id, row.han, row.pinyin);
        let entry = library.spoken.chinese.entry(row.id).unwrap();
        assert_eq!(
            entry.text_hash,
            fnv64(&chinese),
            "run `make prompts`: {}",
            row.id
        );
        if let Some(entry) = library.spoken.english.entry(row.id) {
            let english = format!("{}\t{}", row.id, row.english);
            assert_eq!(
                entry.text_hash,
                fnv64(&english),
                "run `make prompts`: {}",
                row.id
            );
        }
    }
}

/// The voice spells in English what is no Mandarin syllable with its tone.
#[test]
fn nothing_in_the_pinyin_can_be_read_as_english() {
    let possible = syllables();
    for row in rows() {
        for word in row
            .pinyin
            .split([' ', ',', '.'])
            .filter(|word| !word.is_empty())
        {
            let (syllable, tone) = word.split_at(word.len() - 1);
            assert!(
                ("1"..="5").contains(&tone),
                "{}: {word} has no tone",
                row.id
            );
            assert!(
                possible.contains(syllable),
                "{}: {word} is no syllable",
                row.id
            );
        }
    }
    for english in ["the", "lau", "wan4", "hello", "x"] {
        assert!(!possible.contains(english));
    }
}

#[test]
fn no_chinese_prompt_lasts_as_long_as_spelled_english_would() {
    let library = built_in_only();
    for row in rows() {
        let sound = library.spoken.chinese.unpack(row.id).unwrap();
        let syllables = row.pinyin.matches(|c: char| c.is_ascii_digit()).count() as f64;
        let each = spoken_ms(&sound.samples) / syllables;
        // Alone, a syllable is drawn out.
        let longest = if syllables < 2.0 { 600.0 } else { 450.0 };
        assert!(
            (150.0..=longest).contains(&each),
            "{}: {each} ms a syllable",
            row.id
        );
    }
}

#[test]
fn the_chinese_prompt_is_the_one_in_the_chinese_pack() {
    let library = built_in_only();
    for row in rows() {
        let phrase = Phrase(row.id.to_owned().into());
        let heard = library.get(Language::Chinese, &phrase, MASTER_HZ).unwrap();
        assert_eq!(
            heard[..],
            library.spoken.chinese.unpack(row.id).unwrap().samples[..]
        );
        if let Some(english) = library.spoken.english.unpack(row.id) {
            assert_ne!(heard[..], english.samples[..]);
        }
    }
}

#[test]
fn every_prompt_is_loud_and_clean_enough() {
    let library = built_in_only();
    for (name, pack) in [
        ("zh-CN", &library.spoken.chinese),
        ("en", &library.spoken.english),
    ] {
        for id in pack.ids() {
            let (entry, what) = (pack.entry(id).unwrap(), format!("{name} {id}"));
            let sound = pack.unpack(id).unwrap();
            assert_eq!(sound.rate_hz, MASTER_HZ, "{what}");
            assert_eq!(sound.samples.len(), entry.samples as usize, "{what}");
            assert_eq!(sound_hash(&sound.samples), entry.sound_hash, "{what}");
            let level = active_dbfs(&sound.samples);
            assert!((level + 20.0).abs() < 1.0, "{what}: {level} dBFS");
            let peak = sound
                .samples
                .iter()
                .map(|s| s.unsigned_abs())
                .max()
                .unwrap();
            assert!(peak < 29_000, "{what}: peak {peak}");
            let sum: i64 = sound.samples.iter().map(|&s| i64::from(s)).sum();
            let mean = sum / sound.samples.len() as i64;
            assert!(mean.abs() < 70, "{what}: constant {mean}");
            let levels = frames(&sound.samples);
            let floor = floor(&levels);
            let quiet = |level: &&f64| **level <= floor;
            for silent in [
                levels.iter().take_while(quiet).count(),
                levels.iter().rev().take_while(quiet).count(),
            ] {
                let silent_ms = silent * 5;
                assert!(
                    silent_ms < 60,
                    "{what}: {silent_ms} ms of silence at an end"
                );
            }
        }
    }
}

/// A narrow line carries little of some consonants, so that a few words, such as "six", become quieter by a bit more
/// than 1 dB there; others seem louder, because the level is that of what is left.
#[test]
fn prompts_and_music_are_equally_loud_at_every_rate() {
    let library = built_in_only();
    let mut exceptions = 0;
    // Nothing is lost at higher rates, so that a few prompts tell of all.
    for (rate, each) in [(Rate::Narrow, 1), (Rate::Wide, 5), (Rate::Full, 25)] {
        for (language, id) in library.ids().step_by(each) {
            let phrase = Phrase(id.to_owned().into());
            let heard = library.get(language, &phrase, rate.hz()).unwrap();
            let off = (active_dbfs_at(&heard, rate) + 20.0).abs();
            let what = format!("{id} in {language:?} at {rate:?}");
            assert!(off <= 1.5, "{what}: {off} dB off");
            exceptions += u32::from(off > 1.0);
        }
        let level = ear::rms_dbfs(&library.music(rate.hz()));
        assert!(
            (level + 20.0).abs() <= 1.0,
            "music at {rate:?}: {level} dBFS"
        );
    }
    assert!(
        exceptions <= 5,
        "{exceptions} prompts are off by more than 1 dB"
    );
}

#[test]
fn music_goes_round_without_a_seam() {
    let music = built_in_only().music(MASTER_HZ);
    let seconds = music.len() / MASTER_HZ as usize;
    assert!((30..=60).contains(&seconds), "{seconds} s");
    assert!((ear::rms_dbfs(&music) + 20.0).abs() < 1.0);
    let step = |a: i16, b: i16| (i32::from(a) - i32::from(b)).abs();
    let inside = music.windows(2).map(|pair| step(pair[0], pair[1])).max();
    assert!(Some(step(music[0], music[music.len() - 1])) <= inside);
    // Nowhere a gap: each quarter of a second is heard, the one around the seam too.
    let seam = [&music[music.len() - 2000..], &music[..2000]].concat();
    for (at, part) in music.chunks_exact(4000).chain([&seam[..]]).enumerate() {
        let level = ear::rms_dbfs(part);
        assert!((-40.0..-12.0).contains(&level), "{at}: {level}");
    }
    // A telephone line carries nearly all of it.
    let narrow = ear::rms_dbfs(&built_in_only().music(8000));
    assert!((narrow + 20.0).abs() < 1.0, "{narrow}");
}

#[test]
fn a_prompt_comes_at_every_rate_and_is_unpacked_once() {
    let library = built_in_only();
    let phrase = Phrase::named("N-01");
    let master = library.get(Language::English, &phrase, 16_000).unwrap();
    for rate_hz in [8000, 48_000] {
        let sound = library.get(Language::English, &phrase, rate_hz).unwrap();
        let expected = master.len() * rate_hz as usize / 16_000;
        assert!(sound.len().abs_diff(expected) <= 1, "{}", sound.len());
        let again = library.get(Language::English, &phrase, rate_hz).unwrap();
        assert!(Arc::ptr_eq(&sound, &again));
    }
}

#[test]
fn what_one_language_lacks_is_heard_in_the_other() {
    let library = built_in_only();
    let year = Phrase::named("T-year");
    let chinese = library.get(Language::Chinese, &year, 8000);
    assert!(chinese.is_some());
    assert_eq!(library.get(Language::English, &year, 8000), chinese);
    assert_eq!(
        library.get(Language::English, &Phrase::named("X-99"), 8000),
        None
    );
}

#[test]
fn a_recording_replaces_a_prompt_until_it_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path());
    let phrase = Phrase::named("N-01");
    let built_in = library.get(Language::Chinese, &phrase, 8000).unwrap();
    record(folder.path(), "prompts/zh-CN/N-01.wav", 700.0);
    assert_eq!(library.refresh().len(), 0);
    let recorded = library.get(Language::Chinese, &phrase, 8000).unwrap();
    assert_eq!(recorded.len(), 8000);
    assert!(ear::tone_dbfs(&recorded[800..7200], 8000, 700.0) > -11.0);
    let english = library.get(Language::English, &phrase, 8000).unwrap();
    assert_ne!(english, recorded);
    fs::remove_file(folder.path().join("prompts/zh-CN/N-01.wav")).unwrap();
    assert_eq!(library.refresh().len(), 0);
    assert_eq!(
        library.get(Language::Chinese, &phrase, 8000),
        Some(built_in)
    );
}

#[test]
fn recordings_are_heard_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    record(folder.path(), "prompts/en/N-02.wav", 700.0);
    fs::write(folder.path().join("prompts/en/N-03.wav"), "no sound").unwrap();
    let library = Library::open(folder.path());
    let heard = library.get(Language::English, &Phrase::named("N-02"), 8000);
    assert_eq!(heard.map(|sound| sound.len()), Some(8000));
    assert_eq!(library.refresh().len(), 1);
}

#[test]
fn a_recording_can_be_exchanged_while_running() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path());
    let phrase = Phrase::named("D-7");
    for hz in [500.0, 900.0] {
        let path = folder.path().join("prompts/en/D-7.wav");
        record(folder.path(), "prompts/en/D-7.wav", hz);
        // Two changes within the file system's clock tick differ in time all the same.
        let file = fs::File::options().write(true).open(&path).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(hz as u64);
        file.set_modified(time).unwrap();
        library.refresh();
        let heard = library.get(Language::English, &phrase, 16_000).unwrap();
        assert!(ear::tone_dbfs(&heard[1600..14_400], 16_000, hz) > -11.0);
    }
}

#[test]
fn a_broken_recording_is_named_once_and_not_heard() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path());
    let phrase = Phrase::named("N-01");
    let built_in = library.get(Language::English, &phrase, 8000);
    fs::create_dir_all(folder.path().join("prompts/en")).unwrap();
    fs::write(folder.path().join("prompts/en/N-01.wav"), "no sound").unwrap();
    fs::write(folder.path().join("prompts/en/N-1.wav"), "no prompt").unwrap();
    let mut unusable: Vec<_> = library.refresh().iter().map(ToString::to_string).collect();
    unusable.sort();
    let [first, second] = &unusable[..] else {
        panic!("{unusable:?}")
    };
    assert!(first.ends_with("en/N-01.wav: it is not a WAV file; the built-in prompt is used"));
    assert!(second.ends_with("en/N-1.wav: no prompt has this name; the built-in prompt is used"));
    assert_eq!(library.refresh().len(), 0);
    assert_eq!(library.get(Language::English, &phrase, 8000), built_in);
}

#[test]
fn a_file_is_found_in_the_files_folder_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    record(folder.path(), "inside/greetings/100.wav", 600.0);
    record(folder.path(), "secret.wav", 600.0);
    let library = Library::open(&folder.path().join("inside"));
    assert_eq!(library.file("greetings/100.wav", 8000).unwrap().len(), 8000);
    let absolute = folder.path().join("secret.wav");
    for path in [
        "../secret.wav",
        "greetings/../../secret.wav",
        absolute.to_str().unwrap(),
        "greetings/101.wav",
        "greetings",
    ] {
        assert_eq!(library.file(path, 8000), None, "{path}");
    }
}

struct Row {
    id: &'static str,
    english: &'static str,
    han: &'static str,
    pinyin: &'static str,
}

fn rows() -> Vec<Row> {
    TABLE
        .lines()
        .map(|line| {
            let [id, _, english, han, pinyin] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line:?} has not five columns")
            };
            Row {
                id,
                english,
                han,
                pinyin,
            }
        })
        .collect()
}

fn built_in_only() -> Library {
    Library::open(Path::new("/nonexistent"))
}

/// Mandarin's syllables: initials and the finals that follow them.
fn syllables() -> BTreeSet<String> {
    let mut all: BTreeSet<String> =
        "a ai an ang ao e ei en er o ou yi ya yao ye you yan yin yang ying yong wu wa wo wai wei \
        wan wen wang yu yue yuan yun"
            .split_whitespace()
            .map(str::to_owned)
            .collect();
    for (initials, finals) in [
        ("b p m f", "a o ai ei ao ou an en ang eng u"),
        ("b p m", "i ie iao in ian ing"),
        (
            "d t n l",
            "a e ai ei ao ou an ang eng ong i ie iao iu ian ing u uo uan un",
        ),
        ("n l", "iang in ü üe"),
        (
            "g k h",
            "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
        ),
        (
            "z c s zh ch sh",
            "a e i ai ei ao ou an en ang eng ong u uo ui uan un",
        ),
        ("zh ch sh", "ua uai uang"),
        ("r", "e i ao ou an en ang eng ong u uo ui uan un"),
        ("d t", "ui"),
        ("j q x", "i ia ie iao iu ian in iang ing iong u ue uan un"),
    ] {
        for initial in initials.split_whitespace() {
            for last in finals.split_whitespace() {
                all.insert(format!("{initial}{last}"));
            }
        }
    }
    all
}

/// RMS of each 5 ms.
fn frames(samples: &[i16]) -> Vec<f64> {
    frames_of(samples, MASTER_HZ as usize / 200)
}

fn frames_of(samples: &[i16], length: usize) -> Vec<f64> {
    samples
        .chunks_exact(length)
        .map(|frame| 10_f64.powf(ear::rms_dbfs(frame) / 20.0))
        .collect()
}

/// What divides sound from silence: 35 dB below the loudest frame.
fn floor(levels: &[f64]) -> f64 {
    levels.iter().fold(0.0, |a: f64, &b| a.max(b)) / 56.2
}

/// The level of speech without its pauses.
fn active_dbfs(samples: &[i16]) -> f64 {
    active_level(frames(samples))
}

/// The same at another rate (the method of ITU-T P.56, with a gate instead of an envelope).
fn active_dbfs_at(samples: &[i16], rate: Rate) -> f64 {
    active_level(frames_of(samples, rate.slot() / 2))
}

fn active_level(levels: Vec<f64>) -> f64 {
    let floor = floor(&levels);
    let active: Vec<f64> = levels.into_iter().filter(|&level| level > floor).collect();
    let power = active.iter().map(|level| level * level).sum::<f64>() / active.len() as f64;
    10.0 * power.log10()
}

/// How long speech lasts without pauses of 100 ms and more.
fn spoken_ms(samples: &[i16]) -> f64 {
    let levels = frames(samples);
    let floor = floor(&levels);
    let pauses: usize = levels
        .split(|&level| level > floor)
        .map(<[f64]>::len)
        .filter(|&length| length >= 20)
        .sum();
    (levels.len() - pauses) as f64 * 5.0 - 50.0
}

fn record(folder: &Path, path: &str, hz: f64) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(&path);
    let mut writer = Writer::create(&path, Channels::Mono, 8000).unwrap();
    writer.write(&ear::sine(hz, -10.0, 8000, 1000)).unwrap();
    writer.finish().unwrap();
}

fn fnv64(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn sound_hash(samples: &[i16]) -> u32 {
    let bytes = samples.iter().flat_map(|sample| sample.to_le_bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
