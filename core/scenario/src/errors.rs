//! Kafka's names for errors.

use highwater_cluster::protocol::error::ResponseError;

/// The name of an error as Kafka writes it: `NOT_ENOUGH_REPLICAS`.
pub fn name(error: ResponseError) -> String {
    let mut name = String::new();
    for (index, letter) in format!("{error:?}").chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            name.push('_');
        }
        name.extend(letter.to_uppercase());
    }
    name
}
