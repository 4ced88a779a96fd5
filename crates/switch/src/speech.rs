//! How numbers, times and addresses are spoken: the grammar of Mandarin and English that turns them into
//! the atoms of `prompts/PROMPTS.tsv` (CHECKLIST §5).

use alloc::format;
use alloc::vec::Vec;
use core::net::IpAddr;
use model::{Civil, Duration, Language, Phrase, Sound};
use serde::{Deserialize, Serialize};

/// Something to say, in one language. Its parts are spoken without a gap, in the order in which they are
/// added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speech {
    language: Language,
    sounds: Vec<Sound>,
}

impl Speech {
    /// Begins something to say.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self {
            language,
            sounds: Vec::new(),
        }
    }

    /// Adds a phrase.
    #[must_use]
    pub fn phrase(mut self, phrase: Phrase) -> Self {
        self.sounds.push(Sound::Phrase(self.language, phrase));
        self
    }

    /// Adds something that is no phrase: a file that somebody recorded, a tone.
    #[must_use]
    pub fn sound(mut self, sound: Sound) -> Self {
        self.sounds.push(sound);
        self
    }

    /// Adds a number as it is dialled, key by key: `005` is "zero zero five". What is no key is left out.
    #[must_use]
    pub fn digits(mut self, number: &str) -> Self {
        for key in number.chars() {
            match key {
                '*' => self.atom("D-star"),
                '#' => self.atom("D-pound"),
                '+' => self.atom("D-plus"),
                key => {
                    if let Some(digit) = key.to_digit(10) {
                        self.digit(digit);
                    }
                }
            }
        }
        self
    }

    /// Adds a number as it is counted: `105` is "one hundred five", 一百零五. What has no words here, from
    /// 1,000,000 on in English and from 100,000,000 on in Chinese, is spoken digit by digit.
    #[must_use]
    pub fn cardinal(mut self, number: u32) -> Self {
        match (self.language, number) {
            (Language::English, ..1_000_000) => self.english(number),
            (Language::Chinese, ..100_000_000) => self.chinese(number),
            (Language::English | Language::Chinese, _) => {
                return self.digits(&format!("{number}"));
            }
        }
        self
    }

    /// Adds a number of things, with the word for one of them and the word for several, which also holds
    /// the measure word: "two new messages", 两条新留言.
    #[must_use]
    pub fn count(mut self, number: u32, one: Phrase, several: Phrase) -> Self {
        self = match (self.language, number) {
            (Language::Chinese, 2) => {
                self.atom("D-liang");
                self
            }
            (Language::Chinese | Language::English, _) => self.cardinal(number),
        };
        self.phrase(if number == 1 { one } else { several })
    }

    /// Adds a day of the year, month and day counted from 1: "March sixth", 三月六号. What is no date is
    /// left out.
    #[must_use]
    pub fn date(mut self, month: u8, day: u8) -> Self {
        self.nth(&MONTHS, u32::from(month).wrapping_sub(1));
        self.nth(&DAYS, u32::from(day).wrapping_sub(1));
        self
    }

    /// Adds the time of day of a moment.
    #[must_use]
    pub fn time_of(self, moment: Civil) -> Self {
        let small = |number: u16| u8::try_from(number).unwrap_or_default();
        self.time(small(moment.minute / 60), small(moment.minute % 60))
    }

    /// The language in which it is said.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Adds a time of day: "two fifty-six p.m.", 十四点五十六分.
    #[must_use]
    pub fn time(mut self, hour: u8, minute: u8) -> Self {
        let (hour, minute) = (u32::from(hour) % 24, u32::from(minute) % 60);
        match self.language {
            Language::English => self.english_time(hour, minute),
            Language::Chinese => self.chinese_time(hour, minute),
        }
        self
    }

    /// Adds a length of time in minutes and seconds: "two minutes thirty seconds", 两分钟三十秒. Hours are
    /// spoken as minutes: Chinese has one word for the hour of the clock and another, without an atom, for
    /// the length. Parts of a second do not count.
    #[must_use]
    pub fn duration(mut self, length: Duration) -> Self {
        let seconds = length.as_secs();
        let minutes = u32::try_from(seconds / 60).unwrap_or(u32::MAX);
        let seconds = u32::try_from(seconds % 60).unwrap_or_default();
        if minutes > 0 {
            self = self.count(minutes, MINUTE, MINUTES);
        }
        if seconds > 0 || minutes == 0 {
            let one = match self.language {
                // "One second": the ordinal of two sounds the same.
                Language::English => Phrase::named("T-day2"),
                Language::Chinese => SECONDS,
            };
            self = self.count(seconds, one, SECONDS);
        }
        self
    }

    /// Adds an address, digit by digit with its dots or colons. Chinese says 幺 for 1 in IPv6, where 一
    /// and E differ in nothing but tone.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        let address = address.to_canonical();
        for character in format!("{address}").chars() {
            match character {
                '.' => self.atom("D-dot"),
                ':' => self.atom("D-colon"),
                '1' if address.is_ipv6() && self.language == Language::Chinese => {
                    self.atom("D-1p");
                }
                digit => match digit.to_digit(16) {
                    Some(letter @ 10..) => self.nth(&LETTERS, letter - 10),
                    Some(digit) => self.digit(digit),
                    None => {}
                },
            }
        }
        self
    }

    /// Everything there is to say.
    #[must_use]
    pub fn finish(self) -> Vec<Sound> {
        self.sounds
    }

    fn english(&mut self, number: u32) {
        match number {
            0..20 => self.nth(&SMALL, number),
            20..100 => self.tens(number),
            _ => {
                let (unit, word) = if number < 1000 {
                    (100, "D-100")
                } else {
                    (1000, "D-1000")
                };
                let (head, rest) = (number / unit, number % unit);
                self.english(head);
                self.atom(word);
                if rest > 0 {
                    self.english(rest);
                }
            }
        }
    }

    fn chinese(&mut self, number: u32) {
        match number {
            0..20 => self.nth(&SMALL, number),
            20..10_000 => self.chinese_part(number),
            _ => {
                let (upper, lower) = (number / 10_000, number % 10_000);
                match upper {
                    2 => self.atom("D-liang"),
                    upper => self.chinese(upper),
                }
                self.atom("D-wan");
                if (1..1000).contains(&lower) {
                    self.digit(0);
                }
                if lower > 0 {
                    self.chinese_part(lower);
                }
            }
        }
    }

    /// Says a number below 10,000 as the larger or smaller part of a compound: 一十二 rather than 十二.
    fn chinese_part(&mut self, number: u32) {
        let (unit, word) = match number {
            0..10 => return self.digit(number),
            10..20 => {
                self.digit(1);
                return self.nth(&SMALL, number);
            }
            20..100 => return self.tens(number),
            100..1000 => (100, "D-100"),
            _ => (1000, "D-1000"),
        };
        match number / unit {
            2 => self.atom("D-liang"),
            head => self.digit(head),
        }
        self.atom(word);
        let rest = number % unit;
        // One zero stands for all the places that are skipped.
        if rest > 0 && rest < unit / 10 {
            self.digit(0);
        }
        if rest > 0 {
            self.chinese_part(rest);
        }
    }

    /// Says a number from 20 to 99, which both languages put together in the same way.
    fn tens(&mut self, number: u32) {
        let (tens, ones) = (number / 10, number % 10);
        self.nth(&TENS, tens);
        if ones > 0 {
            self.digit(ones);
        }
    }

    fn english_time(&mut self, hour: u32, minute: u32) {
        self.english(match hour % 12 {
            0 => 12,
            hour => hour,
        });
        match minute {
            0 => self.atom("T-oclock"),
            1..10 => {
                self.atom("D-h0");
                self.english(minute);
            }
            _ => self.english(minute),
        }
        self.atom(if hour < 12 { "T-am" } else { "T-pm" });
    }

    fn chinese_time(&mut self, hour: u32, minute: u32) {
        match hour {
            2 => self.atom("D-liang"),
            hour => self.chinese(hour),
        }
        if minute == 0 {
            return self.atom("T-oclock");
        }
        self.atom("T-h");
        if minute < 10 {
            self.atom("D-h0");
        }
        self.chinese(minute);
        self.atom("T-min");
    }

    fn digit(&mut self, digit: u32) {
        self.nth(&SMALL, digit);
    }

    fn nth(&mut self, atoms: &[&'static str], n: u32) {
        let n = usize::try_from(n).ok();
        if let Some(atom) = n.and_then(|n| atoms.get(n)).filter(|atom| !atom.is_empty()) {
            self.atom(atom);
        }
    }

    fn atom(&mut self, id: &'static str) {
        let atom = Phrase::named(id);
        self.sounds.push(Sound::Phrase(self.language, atom));
    }
}

/// The id of every atom that the grammar uses.
pub fn atoms() -> impl Iterator<Item = &'static str> {
    let tables: [&[&'static str]; 6] = [&SMALL, &TENS, &LETTERS, &MONTHS, &DAYS, &WORDS];
    let all = tables.into_iter().flatten().copied();
    all.filter(|atom| !atom.is_empty())
}

const MINUTE: Phrase = Phrase::named("QU-17");
const MINUTES: Phrase = Phrase::named("QU-18");
const SECONDS: Phrase = Phrase::named("T-sec");

/// Zero to nineteen.
const SMALL: [&str; 20] = [
    "D-0", "D-1", "D-2", "D-3", "D-4", "D-5", "D-6", "D-7", "D-8", "D-9", "D-10", "D-11", "D-12",
    "D-13", "D-14", "D-15", "D-16", "D-17", "D-18", "D-19",
];
/// The tens, from twenty on.
const TENS: [&str; 10] = [
    "", "", "D-20", "D-30", "D-40", "D-50", "D-60", "D-70", "D-80", "D-90",
];
/// A to F.
const LETTERS: [&str; 6] = ["D-A", "D-B", "D-C", "D-D", "D-E", "D-F"];
const MONTHS: [&str; 12] = [
    "T-mon1", "T-mon2", "T-mon3", "T-mon4", "T-mon5", "T-mon6", "T-mon7", "T-mon8", "T-mon9",
    "T-mon10", "T-mon11", "T-mon12",
];
const DAYS: [&str; 31] = [
    "T-day1", "T-day2", "T-day3", "T-day4", "T-day5", "T-day6", "T-day7", "T-day8", "T-day9",
    "T-day10", "T-day11", "T-day12", "T-day13", "T-day14", "T-day15", "T-day16", "T-day17",
    "T-day18", "T-day19", "T-day20", "T-day21", "T-day22", "T-day23", "T-day24", "T-day25",
    "T-day26", "T-day27", "T-day28", "T-day29", "T-day30", "T-day31",
];
/// Everything that is named above by itself.
const WORDS: [&str; 20] = [
    "D-1p", "D-100", "D-1000", "D-wan", "D-liang", "D-h0", "D-star", "D-pound", "D-plus", "D-dot",
    "D-colon", "T-am", "T-pm", "T-h", "T-min", "T-sec", "T-oclock", "T-day2", "QU-17", "QU-18",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::string::{String, ToString};

    #[test]
    fn numbers_are_dialled_digit_by_digit() {
        let say = |language, number: &str| {
            let number = number.to_string();
            spoken(language, |speech| speech.digits(&number))
        };
        for (number, english, chinese) in [
            ("101", "one zero one", "一零一"),
            ("005", "zero zero five", "零零五"),
            ("41", "four one", "四一"),
            ("*61#", "star six one pound", "星号六一井号"),
            ("+86", "plus eight six", "加八六"),
        ] {
            assert_eq!(say(Language::English, number), english);
            assert_eq!(say(Language::Chinese, number), chinese);
        }
    }

    #[test]
    fn numbers_are_counted_in_words() {
        for (number, english, chinese) in [
            (0, "zero", "零"),
            (1, "one", "一"),
            (2, "two", "二"),
            (10, "ten", "十"),
            (12, "twelve", "十二"),
            (19, "nineteen", "十九"),
            (20, "twenty", "二十"),
            (22, "twenty two", "二十二"),
            (99, "ninety nine", "九十九"),
            (100, "one hundred", "一百"),
            (102, "one hundred two", "一百零二"),
            (105, "one hundred five", "一百零五"),
            (110, "one hundred ten", "一百一十"),
            (112, "one hundred twelve", "一百一十二"),
            (120, "one hundred twenty", "一百二十"),
            (200, "two hundred", "两百"),
            (222, "two hundred twenty two", "两百二十二"),
            (1000, "one thousand", "一千"),
            (1005, "one thousand five", "一千零五"),
            (1015, "one thousand fifteen", "一千零一十五"),
            (1050, "one thousand fifty", "一千零五十"),
            (1100, "one thousand one hundred", "一千一百"),
            (2002, "two thousand two", "两千零二"),
            (10_000, "ten thousand", "一万"),
            (10_500, "ten thousand five hundred", "一万零五百"),
            (12_000, "twelve thousand", "一万两千"),
            (20_000, "twenty thousand", "两万"),
            (100_000, "one hundred thousand", "十万"),
            (
                123_456,
                "one hundred twenty three thousand four hundred fifty six",
                "十二万三千四百五十六",
            ),
            (1_000_000, "one zero zero zero zero zero zero", "一百万"),
            (
                100_000_000,
                "one zero zero zero zero zero zero zero zero",
                "一零零零零零零零零",
            ),
        ] {
            let say = |language| spoken(language, |speech| speech.cardinal(number));
            assert_eq!(say(Language::English), english);
            assert_eq!(say(Language::Chinese), chinese);
        }
    }

    #[test]
    fn counted_things_have_a_plural_in_english_and_a_measure_word_in_chinese() {
        for (number, english, chinese) in [
            (0, "zero new messages", "零条新留言"),
            (1, "one new message", "一条新留言"),
            (2, "two new messages", "两条新留言"),
            (12, "twelve new messages", "十二条新留言"),
            (22, "twenty two new messages", "二十二条新留言"),
            (102, "one hundred two new messages", "一百零二条新留言"),
            (105, "one hundred five new messages", "一百零五条新留言"),
        ] {
            let (one, several) = (Phrase::named("VM-07"), Phrase::named("VM-08"));
            let say = |language| {
                spoken(language, |speech| {
                    speech.count(number, one.clone(), several.clone())
                })
            };
            assert_eq!(say(Language::English), english);
            assert_eq!(say(Language::Chinese), chinese);
        }
    }

    #[test]
    fn dates_are_spoken() {
        for (month, day, english, chinese) in [
            (3, 6, "March sixth", "三月六号"),
            (12, 31, "December thirty-first", "十二月三十一号"),
            (1, 1, "January first", "一月一号"),
            (0, 0, "", ""),
            (13, 32, "", ""),
        ] {
            let say = |language| spoken(language, |speech| speech.date(month, day));
            assert_eq!(say(Language::English), english);
            assert_eq!(say(Language::Chinese), chinese);
        }
    }

    #[test]
    fn times_have_12_hours_in_english_and_24_in_chinese() {
        for (hour, minute, english, chinese) in [
            (14, 56, "two fifty six p.m.", "十四点五十六分"),
            (7, 5, "seven oh five a.m.", "七点零五分"),
            (7, 0, "seven o'clock a.m.", "七点整"),
            (0, 0, "twelve o'clock a.m.", "零点整"),
            (0, 30, "twelve thirty a.m.", "零点三十分"),
            (12, 0, "twelve o'clock p.m.", "十二点整"),
            (12, 12, "twelve twelve p.m.", "十二点十二分"),
            (2, 2, "two oh two a.m.", "两点零二分"),
            (2, 0, "two o'clock a.m.", "两点整"),
            (22, 22, "ten twenty two p.m.", "二十二点二十二分"),
            (23, 10, "eleven ten p.m.", "二十三点十分"),
        ] {
            let say = |language| spoken(language, |speech| speech.time(hour, minute));
            assert_eq!(say(Language::English), english);
            assert_eq!(say(Language::Chinese), chinese);
        }
    }

    #[test]
    fn lengths_of_time_are_minutes_and_seconds() {
        for (seconds, english, chinese) in [
            (0, "zero seconds", "零秒"),
            (1, "one second", "一秒"),
            (2, "two seconds", "两秒"),
            (59, "fifty nine seconds", "五十九秒"),
            (60, "one minute", "一分钟"),
            (61, "one minute one second", "一分钟一秒"),
            (120, "two minutes", "两分钟"),
            (150, "two minutes thirty seconds", "两分钟三十秒"),
            (720, "twelve minutes", "十二分钟"),
            (5405, "ninety minutes five seconds", "九十分钟五秒"),
        ] {
            let length = Duration::from_secs(seconds);
            let say = |language| spoken(language, |speech| speech.duration(length));
            assert_eq!(say(Language::English), english);
            assert_eq!(say(Language::Chinese), chinese);
        }
    }

    /// MI-01 MI-02
    #[test]
    fn addresses_are_spoken_digit_by_digit() {
        for (address, english, chinese) in [
            (
                "192.168.1.10",
                "one nine two dot one six eight dot one dot one zero",
                "一九二点一六八点一点一零",
            ),
            ("::1", "colon colon one", "冒号冒号幺"),
            (
                "fe80::1e",
                "F E eight zero colon colon one E",
                "FE八零冒号冒号幺E",
            ),
            (
                "::ffff:10.0.0.2",
                "one zero dot zero dot zero dot two",
                "一零点零点零点二",
            ),
        ] {
            let address = address.parse().unwrap();
            let say = |language| spoken(language, |speech| speech.address(address));
            assert_eq!(say(Language::English), english);
            assert_eq!(say(Language::Chinese), chinese);
        }
    }

    /// What the list of prompts makes of a speech.
    fn spoken(language: Language, what: impl FnOnce(Speech) -> Speech) -> String {
        let texts = texts();
        let sounds = what(Speech::new(language)).finish();
        let words: Vec<&str> = sounds
            .iter()
            .map(|sound| match sound {
                Sound::Phrase(said_in, Phrase(id)) if *said_in == language => {
                    assert!(
                        atoms().any(|atom| atom == id) || id.starts_with("VM"),
                        "{id}"
                    );
                    let (english, chinese) = texts
                        .get(id.as_ref())
                        .unwrap_or_else(|| panic!("{id} is in no list"));
                    match language {
                        Language::English => english.as_str(),
                        Language::Chinese => chinese.as_str(),
                    }
                }
                other => panic!("{other:?}"),
            })
            .collect();
        match language {
            Language::English => words.join(" "),
            Language::Chinese => words.concat(),
        }
    }

    fn texts() -> BTreeMap<String, (String, String)> {
        let list = crate::phrase::prompt_list();
        let rows = list.lines().map(|row| {
            let mut cells = row.split('\t').map(String::from);
            let id = cells.next().unwrap();
            let (_, english, chinese) = (cells.next(), cells.next(), cells.next());
            (id, (english.unwrap(), chinese.unwrap()))
        });
        rows.collect()
    }
}
