//! What Kafka owes to Java's hashes: the partition of a group, and the order in which some maps are
//! gone through.

/// Java's `String.hashCode()`.
pub(crate) fn hash_code(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// Puts distinct strings in the order in which Java's `HashMap` goes through them, if they were put
/// in as they stand here and none was taken out.
pub(crate) fn hash_map_order<T: AsRef<str>>(keys: &mut [T]) {
    // A table is doubled as soon as it is more than three quarters full.
    let mut buckets = 16_usize;
    while keys.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    keys.sort_by_cached_key(|key| {
        let hash = hash_code(key.as_ref()).cast_unsigned();
        (hash ^ hash >> 16) as usize & (buckets - 1)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of the Java language specification's formula, worked out by hand.
    #[test]
    fn hashes_are_javas() {
        assert_eq!(hash_code(""), 0);
        assert_eq!(hash_code("a"), 97);
        assert_eq!(hash_code("ab"), 97 * 31 + 98);
        // Known to be the least value of all.
        assert_eq!(hash_code("polygenelubricants"), i32::MIN);
    }

    #[test]
    fn a_map_is_gone_through_bucket_by_bucket() {
        let mut keys = ["orders", "b", "a"];
        hash_map_order(&mut keys);
        // "a" is in bucket 1, "b" in bucket 2; "orders" has the hash -1008770331, bucket 10.
        assert_eq!(keys, ["a", "b", "orders"]);
    }
}
