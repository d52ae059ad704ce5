//! `bootstrap.servers`: where the brokers of this cluster are to be found.

use highwater_cluster::ids::BrokerId;

use crate::admin::Server;
use crate::programs::jopt::Refused;

/// The port of a broker, and on `localhost` that of the first one.
const FIRST_PORT: u16 = 9_092;

/// Reads `broker1:9092,broker2:9092`. On `localhost` the brokers listen on ports from 9092 up. The
/// error is what a tool prints to standard error.
pub(crate) fn read(list: &str) -> Result<Vec<Server>, Vec<String>> {
    let servers = list.split(',').map(str::trim).filter(|server| !server.is_empty());
    let servers: Vec<Server> = servers.map(server).collect::<Result<_, _>>()?;
    if servers.is_empty() {
        return Err(cannot_connect("No resolvable bootstrap urls given in bootstrap.servers"));
    }
    Ok(servers)
}

/// As [`read`], for a tool that ends with 1 if it cannot.
pub(crate) fn named(list: &str) -> Result<Vec<Server>, Refused> {
    read(list).map_err(|errors| Refused { code: 1, output: Vec::new(), errors })
}

fn server(address: &str) -> Result<Server, Vec<String>> {
    let parts =
        address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    let Some((host, port)) = parts else {
        return Err(cannot_connect(&format!("Invalid url in bootstrap.servers: {address}")));
    };
    let broker = match host {
        "localhost" | "127.0.0.1" => port
            .checked_sub(FIRST_PORT)
            .map(|place| BrokerId(i32::from(place) + 1))
            .filter(|id| id.0 <= 100),
        host => {
            let id =
                host.strip_prefix("broker").and_then(|id| id.trim_start_matches('-').parse().ok());
            let Some(id) = id else {
                return Err(cannot_connect(&format!(
                    "Couldn't resolve server {address} from bootstrap.servers as DNS resolution failed for {host}"
                )));
            };
            Some(BrokerId(id)).filter(|_| port == FIRST_PORT)
        }
    };
    Ok(Server { address: address.to_owned(), broker })
}

fn cannot_connect(cause: &str) -> Vec<String> {
    vec![
        "Failed to create new KafkaAdminClient".to_owned(),
        format!("Caused by: org.apache.kafka.common.config.ConfigException: {cause}"),
        "Highwater: the brokers are broker1:9092, broker2:9092 and so on".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, brokers: &[Option<i32>]) {
        let found: Vec<Option<i32>> =
            read(list).unwrap().into_iter().map(|server| server.broker.map(|id| id.0)).collect();
        assert_eq!(found, brokers, "for {list}");
    }

    #[test]
    fn brokers_are_found_by_their_names_and_on_localhost_by_their_ports() {
        check("broker1:9092", &[Some(1)]);
        check("broker2:9092, broker-3:9092", &[Some(2), Some(3)]);
        check("localhost:9092,localhost:9094", &[Some(1), Some(3)]);
        check("127.0.0.1:1,broker1:9093", &[None, None]);
    }

    #[test]
    fn what_is_no_address_is_refused_as_kafka_does() {
        for (list, cause) in [
            ("localhost", "Invalid url in bootstrap.servers: localhost"),
            ("kafka:x", "Invalid url in bootstrap.servers: kafka:x"),
            ("", "No resolvable bootstrap urls"),
            ("kafka:9092", "DNS resolution failed for kafka"),
        ] {
            let errors = read(list).unwrap_err();
            assert_eq!(errors[0], "Failed to create new KafkaAdminClient");
            assert!(errors[1].contains(cause), "{errors:?}");
        }
    }
}
