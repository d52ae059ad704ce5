//! Forms of Kafka's command lines that are out of date or common mistakes, and what to write instead.
//! What the real tool says is printed as it is; this stands apart from it.

/// Said where no server is given.
const NO_SERVER: &str = "Highwater: say where the brokers are: --bootstrap-server localhost:9092";
const NOT_TOPICS: &str = "Highwater: the settings of a topic are changed with kafka-configs.sh --alter --topic NAME --add-config NAME=VALUE";

/// What is to be said of the lines with which a tool refused its arguments, if they do not say it already.
pub(crate) fn explained(errors: &[String]) -> Option<String> {
    if errors.iter().any(|line| line.starts_with("Highwater: ")) {
        return None;
    }
    let unknown = |line: &String| {
        let quoted = line.split_once("unrecognized arguments: '").map(|(_, rest)| rest);
        let name = line.strip_suffix(" is not a recognized option");
        let name = name.or(quoted.map(|rest| rest.trim_end_matches('\'')))?;
        let name = name.split(['=', ' ']).find(|word| !word.is_empty())?;
        instead_of(name.trim_start_matches('-')).map(str::to_owned)
    };
    let lacks_server = |line: &String| {
        let is_missing = ["Missing required", "must be specified", " required", "lease specify"];
        line.contains("bootstrap-server") && is_missing.iter().any(|words| line.contains(words))
    };
    let is_altered = |line: &String| line.contains("the kafka-configs tool can be used");
    errors.iter().find_map(unknown).or_else(|| {
        let is_any = |test: &dyn Fn(&String) -> bool| errors.iter().any(test);
        if is_any(&is_altered) {
            Some(NOT_TOPICS.to_owned())
        } else {
            is_any(&lacks_server).then(|| NO_SERVER.to_owned())
        }
    })
}

/// What to write instead of an option that a tool does not know.
pub(crate) fn instead_of(option: &str) -> Option<&'static str> {
    Some(match option {
        "zookeeper" => {
            "Highwater: --zookeeper is gone, and ZooKeeper with it, since Kafka 4.0: write --bootstrap-server localhost:9092"
        }
        "broker-list" => {
            "Highwater: --broker-list was removed in Kafka 4.0: write --bootstrap-server localhost:9092"
        }
        "from-latest" => {
            "Highwater: there is no --from-latest: the end is where a consumer starts by default; --from-beginning starts at the first record"
        }
        "new-consumer" => {
            "Highwater: --new-consumer is gone: every consumer is the new one. Leave it out"
        }
        "whitelist" | "blacklist" => "Highwater: --whitelist is called --include since Kafka 3.0",
        "delete-config" | "add-config" => {
            "Highwater: settings are changed with kafka-configs.sh --alter --entity-type topics --entity-name NAME --add-config NAME=VALUE"
        }
        "partition-count" => "Highwater: the option is called --partitions",
        "replicas" => "Highwater: the option is called --replication-factor",
        _ => return None,
    })
}

/// What to do instead of a command that there is no need for here.
pub(crate) fn instead_of_command(name: &str) -> Option<&'static str> {
    Some(match name {
        "bash" | "sh" | "zsh" => {
            "Highwater: this is a shell already: write what you would write there"
        }
        "docker" | "docker-compose" | "podman" => {
            "Highwater: no container is needed: the cluster runs in this page already"
        }
        "kafka-server-start" | "kafka-server-stop" => {
            "Highwater: the brokers run already: write `broker start 2`, `broker stop 2` or `broker kill 2`"
        }
        "zookeeper-server-start" | "zookeeper-server-stop" | "zookeeper-shell" => {
            "Highwater: Kafka needs no ZooKeeper since version 4.0: controllers keep the metadata"
        }
        "kafka-storage" => "Highwater: the disks of this cluster are formatted already",
        "pip" | "pip3" | "python" | "python3" | "java" | "mvn" | "node" | "npm" => {
            "Highwater: programs cannot be run here; `producer start`, `consumer start` and `app start` stand for them"
        }
        "apt" | "apt-get" | "brew" | "wget" | "curl" | "tar" => {
            "Highwater: there is nothing to install: Kafka's tools are here already"
        }
        _ => return None,
    })
}
