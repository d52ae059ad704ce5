//! A client's settings by Kafka's names: setting them from text, with the errors of Kafka's
//! `ConfigDef`, and showing them. What producers and consumers have in common; each has its own table.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;

use crate::ids::GroupId;

/// One setting of a client whose settings are `C`: how it is called, set and shown.
#[derive(Debug)]
pub(crate) struct Setting<C> {
    pub(crate) name: &'static str,
    /// Takes the value over. The error is the reason alone: [`set`] puts the words around it.
    pub(crate) set: fn(&mut C, &str) -> Result<(), String>,
    pub(crate) show: fn(&C) -> String,
}

/// A setting that is a field which shows itself: a number, a switch, or text.
macro_rules! setting {
    ($name:literal, $field:ident = $parse:ident $(, $range:expr)?) => {
        $crate::client::settings::Setting {
            name: $name,
            set: |config, text| {
                config.$field = $parse(text $(, $range)?)?;
                Ok(())
            },
            show: |config| config.$field.to_string(),
        }
    };
}
pub(crate) use setting;

/// The names of a table's settings.
pub(crate) const fn names<C, const N: usize>(table: &[Setting<C>]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut place = 0;
    while place < N {
        names[place] = table[place].name;
        place += 1;
    }
    names
}

/// Sets a setting from text and returns its name. None if the table has none of that name; the error is
/// what Kafka's `ConfigException` says.
pub(crate) fn set<C>(
    table: &[Setting<C>],
    config: &mut C,
    name: &str,
    value: &str,
) -> Option<Result<&'static str, String>> {
    let setting = table.iter().find(|setting| setting.name == name)?;
    let value = value.trim();
    let set = (setting.set)(config, value);
    Some(match set {
        Ok(()) => Ok(setting.name),
        Err(reason) => Err(format!("Invalid value {value} for configuration {name}: {reason}")),
    })
}

/// The settings as they are in force, by Kafka's names.
pub(crate) fn show<C>(table: &[Setting<C>], config: &C) -> Vec<(Arc<str>, Arc<str>)> {
    let shown = table.iter().map(|setting| (setting.name.into(), (setting.show)(config).into()));
    shown.collect()
}

/// A whole number of 32 bits.
pub(crate) fn int(text: &str, range: RangeInclusive<i32>) -> Result<i32, String> {
    number(text, &range, "INT")
}

/// A whole number of 64 bits.
pub(crate) fn long(text: &str, range: RangeInclusive<i64>) -> Result<i64, String> {
    number(text, &range, "LONG")
}

/// `true` or `false`, in whatever letters.
pub(crate) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("Expected value to be either true or false".to_owned()),
    }
}

/// Text that goes into requests, where its length has 16 bits.
pub(crate) fn text(given: &str) -> Result<Arc<str>, String> {
    match i16::try_from(given.len()) {
        Ok(_) => Ok(given.into()),
        Err(_) => Err(format!("String must not be longer than {} bytes", i16::MAX)),
    }
}

/// The id of a group, which goes into requests as well.
pub(crate) fn group(given: &str) -> Result<GroupId, String> {
    text(given).map(GroupId)
}

/// What Kafka says of a word that is none of those that a setting can be.
pub(crate) fn none_of(words: &str) -> String {
    format!("String must be one of: {words}")
}

fn number<N: FromStr + PartialOrd + Display>(
    text: &str,
    range: &RangeInclusive<N>,
    kind: &str,
) -> Result<N, String> {
    let number: N = text.parse().map_err(|_| format!("Not a number of type {kind}"))?;
    if number < *range.start() {
        Err(format!("Value must be at least {}", range.start()))
    } else if number > *range.end() {
        Err(format!("Value must be no more than {}", range.end()))
    } else {
        Ok(number)
    }
}
