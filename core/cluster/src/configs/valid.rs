//! What a setting can hold, and what Kafka says of what it cannot: `ConfigDef.Type` and the validators.

/// The type of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigType {
    /// `true` or `false`.
    Boolean,
    /// Text.
    String,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 16 bits.
    Short,
    /// A whole number of 64 bits.
    Long,
    /// A number with decimals.
    Double,
    /// Texts separated by commas.
    List,
    /// The name of a Java class.
    Class,
    /// Text that is never shown.
    Password,
}

/// What a setting can hold beyond its type, in the notation of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Valid(pub(super) &'static str);

/// What a setting can hold beyond its type, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Holds {
    /// Whatever the type can hold.
    #[default]
    Anything,
    /// A number: the bounds that it has, both of them allowed, and a single one outside of them.
    Range {
        /// The least.
        least: Option<&'static str>,
        /// The greatest.
        most: Option<&'static str>,
        /// One that is allowed besides.
        other: Option<&'static str>,
    },
    /// One of these words.
    Words(Vec<&'static str>),
    /// `*`, or partitions each with a broker.
    ThrottledReplicas,
}

/// The value that is wrong, and what is wrong with it.
pub(super) type Wrong<'a> = (&'a str, String);

impl ConfigType {
    /// The type by the letter that the tables have for it.
    pub(super) fn read(letter: &str) -> Self {
        match letter {
            "b" => Self::Boolean,
            "i" => Self::Int,
            "s" => Self::Short,
            "l" => Self::Long,
            "d" => Self::Double,
            "L" => Self::List,
            "c" => Self::Class,
            "p" => Self::Password,
            _ => Self::String,
        }
    }

    /// Its number in DescribeConfigs.
    pub fn id(self) -> i8 {
        match self {
            Self::Boolean => 1,
            Self::String => 2,
            Self::Int => 3,
            Self::Short => 4,
            Self::Long => 5,
            Self::Double => 6,
            Self::List => 7,
            Self::Class => 8,
            Self::Password => 9,
        }
    }

    /// Its name in Kafka's messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

impl Valid {
    /// What it can hold, for whoever says it in words.
    pub fn holds(self) -> Holds {
        if let Some((least, most)) = self.range() {
            let (most, other) = most.split_once('|').unwrap_or((most, ""));
            let given = |text: &'static str| Some(text).filter(|text| !text.is_empty());
            return Holds::Range { least: given(least), most: given(most), other: given(other) };
        }
        match self.words() {
            Some(words) => Holds::Words(words.trim_start_matches('~').split('|').collect()),
            None if self.0 == "replicas" => Holds::ThrottledReplicas,
            None => Holds::Anything,
        }
    }

    /// Checks a value without blanks around it. `name` is the setting's, which some messages repeat.
    pub(super) fn check<'a>(
        self,
        name: &str,
        config_type: ConfigType,
        value: &'a str,
    ) -> Result<(), Wrong<'a>> {
        let wrong = |reason: &str| Err((value, reason.to_owned()));
        let not_a_number = || (value, format!("Not a number of type {}", config_type.name()));
        match config_type {
            ConfigType::Boolean if is_boolean(value) => Ok(()),
            ConfigType::Boolean => wrong("Expected value to be either true or false"),
            ConfigType::Int => {
                let number: i32 = value.parse().map_err(|_| not_a_number())?;
                self.check_number(value, i64::from(number))
            }
            ConfigType::Short => {
                let number: i16 = value.parse().map_err(|_| not_a_number())?;
                self.check_number(value, i64::from(number))
            }
            ConfigType::Long => {
                self.check_number(value, value.parse().map_err(|_| not_a_number())?)
            }
            ConfigType::Double => self.check_double(value, double(value).ok_or_else(not_a_number)?),
            ConfigType::List if value.is_empty() => Ok(()),
            ConfigType::List if self.0 == "replicas" => throttled_replicas(name, value),
            ConfigType::List => value.split(',').try_for_each(|word| self.check_word(word.trim())),
            ConfigType::String if self.0 == "text" && value.is_empty() => {
                wrong("String must be non-empty")
            }
            _ => self.check_word(value),
        }
    }

    fn check_number<'a>(self, value: &'a str, number: i64) -> Result<(), Wrong<'a>> {
        let Some((least, most)) = self.range() else { return Ok(()) };
        // The level of gzip has a number of its own for the default.
        let (most, other) = most.split_once('|').unwrap_or((most, ""));
        if other.parse() == Ok(number) {
            return Ok(());
        }
        if least.parse().is_ok_and(|least: i64| number < least) {
            return Err((value, format!("Value must be at least {least}")));
        }
        if most.parse().is_ok_and(|most: i64| number > most) {
            return Err((value, format!("Value must be no more than {most}")));
        }
        Ok(())
    }

    fn check_double<'a>(self, value: &'a str, number: i128) -> Result<(), Wrong<'a>> {
        let Some((least, most)) = self.range() else { return Ok(()) };
        if double(least).is_some_and(|least| number < least) {
            return Err((value, format!("Value must be at least {least}")));
        }
        if double(most).is_some_and(|most| number > most) {
            return Err((value, format!("Value must be no more than {most}")));
        }
        Ok(())
    }

    fn check_word<'a>(self, word: &'a str) -> Result<(), Wrong<'a>> {
        let Some(words) = self.words() else { return Ok(()) };
        let (is_same, case): (fn(&str, &str) -> bool, _) = match words.strip_prefix('~') {
            Some(_) => (str::eq_ignore_ascii_case, " (case insensitive)"),
            None => (|a, b| a == b, ""),
        };
        let words = words.trim_start_matches('~');
        if words.split('|').any(|known| is_same(known, word)) {
            return Ok(());
        }
        Err((word, format!("String must be one of{case}: {}", words.replace('|', ", "))))
    }

    /// The least and the greatest number, either of which may be empty.
    fn range(self) -> Option<(&'static str, &'static str)> {
        self.0.split_once("..")
    }

    /// The words of which one must be written. The other notations say what no text can break: that it
    /// is there, or, of settings that only a file can hold, that the list is not empty.
    fn words(self) -> Option<&'static str> {
        let is_list = !matches!(self.0, "" | "*" | "text" | "given" | "list" | "replicas");
        (is_list && self.range().is_none()).then_some(self.0)
    }
}

fn is_boolean(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}

/// A number that Java reads as a double, but for its words for what is no number, in quintillionths and
/// not beyond what those can hold: exact enough for any bound, and the same on every machine.
fn double(value: &str) -> Option<i128> {
    const PLACES: i32 = 18;
    let (number, exponent) = value.split_once(['e', 'E']).unwrap_or((value, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => (-1, number),
        None => (1, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let mut digits = whole.bytes().chain(decimals.bytes());
    if whole.len() + decimals.len() == 0 || !digits.all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // The place of the first digit, with 0 for the one before the point.
    let mut place = i32::try_from(whole.len()).ok()?.saturating_add(exponent);
    let mut sum: i128 = 0;
    for digit in whole.bytes().chain(decimals.bytes()) {
        place = place.saturating_sub(1);
        let unit = match u32::try_from(place.saturating_add(PLACES)) {
            Ok(power) => 10_i128.checked_pow(power).unwrap_or(i128::MAX),
            Err(_) => 0,
        };
        sum = sum.saturating_add(unit.saturating_mul(i128::from(digit - b'0')));
    }
    Some(sign * sum)
}

/// `ThrottledReplicaListValidator`
fn throttled_replicas<'a>(name: &str, value: &'a str) -> Result<(), Wrong<'a>> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_replica = |text: &str| {
        text.split_once(':')
            .is_some_and(|(partition, broker)| is_number(partition) && is_number(broker))
    };
    let replicas = || value.split(',').map(str::trim);
    if value == "*" || replicas().all(|text| text.is_empty() || is_replica(text)) {
        return Ok(());
    }
    let reason = format!(
        "{name} must be the literal '*' or a list of replicas in the following format: \
         [partitionId]:[brokerId],[partitionId]:[brokerId],..."
    );
    Err((value, reason))
}
