//! The features of Kafka and their levels: `MetadataVersion` and `Feature` of Kafka's server.

/// The feature that all others lean on.
pub(super) const METADATA_VERSION: &str = "metadata.version";
/// The lowest level of `metadata.version` that a cluster may have.
const OLDEST_METADATA: i16 = 7;
/// The newest level that may be used in production.
pub(super) const NEWEST_METADATA: i16 = 33;

/// The names of the levels of `metadata.version`, from [`OLDEST_METADATA`] on.
const METADATA_NAMES: [&str; 28] = [
    "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2",
    "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0",
    "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0",
    "4.4-IV0", "4.4-IV1", "4.4-IV2", "4.5-IV0",
];

/// A feature beside `metadata.version`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Feature {
    pub(super) name: &'static str,
    /// The level of `metadata.version` at which each level, from 1 on, becomes the default.
    since: &'static [i16],
    /// The level of `metadata.version` that its levels above 0 need; none if they need none.
    pub(super) needs: Option<i16>,
}

/// The features that are used in production, in the order of Kafka's enum.
pub(super) const FEATURES: [Feature; 6] = [
    Feature { name: "kraft.version", since: &[21], needs: Some(21) },
    Feature { name: "transaction.version", since: &[24, 24], needs: None },
    Feature { name: "group.version", since: &[22], needs: None },
    Feature { name: "eligible.leader.replicas.version", since: &[26], needs: Some(23) },
    Feature { name: "share.version", since: &[28, 31], needs: None },
    Feature { name: "streams.version", since: &[29], needs: None },
];

impl Feature {
    /// The newest level.
    pub(super) fn newest(&self) -> i16 {
        self.since.len() as i16
    }

    /// The level that goes with a level of `metadata.version`.
    pub(super) fn default_level(&self, metadata: i16) -> i16 {
        self.since.iter().filter(|since| **since <= metadata).count() as i16
    }
}

/// The levels of a feature, oldest and newest, that this Kafka supports; none of one that it has not.
pub(super) fn supported(name: &str) -> Option<(i16, i16)> {
    if name == METADATA_VERSION {
        return Some((OLDEST_METADATA, NEWEST_METADATA));
    }
    FEATURES.iter().find(|feature| feature.name == name).map(|feature| (0, feature.newest()))
}

/// The level as the tool shows it: that of `metadata.version` by its name.
pub(super) fn shown(name: &str, level: i16) -> String {
    if name != METADATA_VERSION {
        return level.to_string();
    }
    metadata_name(level).map_or_else(|| format!("UNKNOWN {level}"), str::to_owned)
}

/// `MetadataVersion.fromFeatureLevel`
pub(super) fn metadata_name(level: i16) -> Option<&'static str> {
    let place = usize::try_from(level - OLDEST_METADATA).ok()?;
    METADATA_NAMES.get(place).copied()
}

/// `MetadataVersion.fromVersionString`: `4.2-IV1`, or `4.2` for the newest of that release.
pub(super) fn metadata_level(version: &str) -> Option<i16> {
    let production = &METADATA_NAMES[..=(NEWEST_METADATA - OLDEST_METADATA) as usize];
    // What follows the second number does not count.
    let segments: Vec<&str> = version.split('.').collect();
    let key = segments[..segments.len().min(2)].join(".");
    let place = production.iter().position(|name| *name == key).or_else(|| {
        production.iter().rposition(|name| name.split('-').next() == Some(key.as_str()))
    });
    place.map(|place| place as i16 + OLDEST_METADATA)
}

/// All levels of `metadata.version` that may be used in production, by their names.
pub(super) fn metadata_names() -> String {
    METADATA_NAMES[..=(NEWEST_METADATA - OLDEST_METADATA) as usize].join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_have_levels() {
        assert_eq!(metadata_level("3.3-IV3"), Some(7));
        assert_eq!(metadata_level("4.2"), Some(29));
        assert_eq!(metadata_level("4.2.1"), Some(29));
        assert_eq!(metadata_level("4.4-IV2"), Some(33));
        assert_eq!(metadata_level("4.5-IV0"), None);
        assert_eq!(metadata_level("2.8"), None);
        assert_eq!(shown(METADATA_VERSION, 34), "4.5-IV0");
        assert_eq!(shown(METADATA_VERSION, 99), "UNKNOWN 99");
        let defaults = |metadata| FEATURES.map(|feature| feature.default_level(metadata));
        assert_eq!(defaults(7), [0; 6]);
        assert_eq!(defaults(25), [1, 2, 1, 0, 0, 0]);
        assert_eq!(defaults(NEWEST_METADATA), [1, 2, 1, 1, 2, 1]);
    }
}
