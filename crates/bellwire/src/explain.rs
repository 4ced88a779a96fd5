//! A call that somebody wants explained, as he writes it.

use crate::serve::clock;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use model::{Directory, Number, Origin, Wall};
use serde::{Deserialize, Serialize};
use switch::{Asked, Moment};

/// `bellwire explain NUMBER --from EXT|trunk:NAME [--caller NUMBER] [--at TIME]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Question {
    /// What would be dialled.
    pub(crate) number: String,
    /// An extension, or `trunk:` and a trunk's name.
    pub(crate) from: String,
    /// Who would call on a trunk; empty: somebody who does not show his number.
    #[serde(default)]
    pub(crate) caller: String,
    /// When; empty: now.
    #[serde(default)]
    pub(crate) at: String,
}

impl Question {
    /// What is asked, or a sentence that says what is wrong with it.
    pub(crate) fn asked(&self, directory: &Directory, now: Wall) -> Result<Asked, String> {
        let dialled = self.number.strip_suffix('#').unwrap_or(&self.number);
        let dialled = if dialled.is_empty() {
            &self.number
        } else {
            dialled
        };
        let number = |text: &str| {
            Number::parse(text).map_err(|error| format!("{text:?} cannot be dialled: {error}"))
        };
        let from = match self.from.strip_prefix("trunk:") {
            Some(trunk) if directory.trunks.contains_key(trunk) => Origin::Trunk(trunk.to_owned()),
            Some(trunk) => {
                let known: Vec<_> = directory.trunks.keys().map(String::as_str).collect();
                let known = known.join(", ");
                return Err(format!("there is no trunk {trunk:?}; there are: {known}"));
            }
            None => {
                let extension = number(&self.from)?;
                if !directory.extensions.contains_key(&extension) {
                    return Err(format!(
                        "there is no extension {extension}; name one with --from, or a trunk with --from trunk:NAME"
                    ));
                }
                Origin::Extension(extension)
            }
        };
        let wall = match self.at.as_str() {
            "" => now,
            text => moment(text, &directory.system.timezone)?,
        };
        Ok(Asked {
            from,
            caller: match self.caller.as_str() {
                "" => None,
                text => Some(number(text)?),
            },
            dialled: number(dialled)?,
            at: Some(Moment {
                wall,
                zone: clock::zone(&directory.system.timezone, wall).offset,
            }),
        })
    }
}

/// Reads a moment: RFC 3339, or date and time of the site's clocks.
fn moment(text: &str, timezone: &str) -> Result<Wall, String> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Wall(moment.as_millisecond()));
    }
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    let civil = text.parse::<DateTime>().ok();
    let moment = civil.and_then(|civil| civil.to_zoned(zone).ok());
    let moment = moment.ok_or_else(|| {
        format!("{text:?} is no time; write it as 2026-03-06T14:56, or with an offset as 2026-03-06T14:56:00+08:00")
    })?;
    Ok(Wall(moment.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Extension, Secret, Trunk};
    use std::sync::Arc;

    #[test]
    fn a_question_is_read_as_it_is_written() {
        let asked = asked("985337106#", "100", "", "2026-03-06T14:56").expect("a question");
        assert_eq!(asked.from, Origin::Extension(number("100")));
        assert_eq!(asked.dialled, number("985337106"));
        let at = Moment {
            wall: Wall(1_772_780_160_000),
            zone: 8 * 3_600,
        };
        assert_eq!(asked.at, Some(at));
        let utc = self::asked(
            "100",
            "trunk:carrier",
            "+8613900000001",
            "2026-03-06T06:56:00Z",
        );
        let utc = utc.expect("a question");
        assert_eq!(utc.at, Some(at));
        assert_eq!(utc.from, Origin::Trunk(String::from("carrier")));
        assert_eq!(utc.caller, Some(number("+8613900000001")));
        let now = self::asked("100", "100", "", "").expect("a question");
        assert_eq!(now.at.map(|at| at.wall), Some(Wall(5_000)));
    }

    #[test]
    fn what_is_wrong_with_a_question_is_said() {
        for (number, from, caller, at, wrong) in [
            ("x", "100", "", "", "\"x\" cannot be dialled: "),
            ("1", "999", "", "", "there is no extension 999; "),
            (
                "1",
                "trunk:other",
                "",
                "",
                "there is no trunk \"other\"; there are: carrier",
            ),
            ("1", "100", "?", "", "\"?\" cannot be dialled: "),
            ("1", "100", "", "noon", "\"noon\" is no time; write it as "),
        ] {
            let error = asked(number, from, caller, at).expect_err("a sentence");
            assert!(error.starts_with(wrong), "{error}");
        }
    }

    fn asked(dialled: &str, from: &str, caller: &str, at: &str) -> Result<Asked, String> {
        let mut directory = Directory::default();
        let extension = Extension::new(number("100"), "", Secret::NONE);
        directory
            .extensions
            .insert(number("100"), Arc::new(extension));
        let trunk = Trunk::to("carrier", "192.0.2.10");
        directory.trunks.insert(trunk.name.clone(), Arc::new(trunk));
        let question = Question {
            number: String::from(dialled),
            from: String::from(from),
            caller: String::from(caller),
            at: String::from(at),
        };
        question.asked(&directory, Wall(5_000))
    }

    fn number(text: &str) -> Number {
        Number::parse(text).expect("a number")
    }
}
