//! `kafka-cluster.sh`: `ClusterTool` of Kafka's tools, with what it prints.

use highwater_cluster::program::Program;
use highwater_cluster::protocol::messages::describe_cluster_response::DescribeClusterBroker;

use crate::admin::Admin;
use crate::command::Says;
use crate::options::Opt;
use crate::programs::argparse::{Command, Parsed, Parser};
use crate::programs::{api_versions, calls, servers};
use crate::script::{Failure, Halt, Io, Script, caught, process};
use crate::words::Word;

const BOOTSTRAP_SERVER: Opt =
    Opt::text("--bootstrap-server", "BOOTSTRAP_SERVER", "The brokers to ask, separated by commas.")
        .aliases(&["-b"]);
const BOOTSTRAP_CONTROLLER: Opt = Opt::text(
    "--bootstrap-controller",
    "BOOTSTRAP_CONTROLLER",
    "The controllers to ask; they answer no tools here.",
)
.aliases(&["-C"]);
const CONFIG: Opt =
    Opt::text("--config", "CONFIG", "A file of settings of the admin client.").aliases(&["-c"]);
const ONE_BOOTSTRAP: &[&str] = &["--bootstrap-server", "--bootstrap-controller"];

/// The tool's arguments.
pub(crate) static PARSER: Parser = Parser {
    program: "kafka-cluster",
    about: "The Kafka cluster tool.",
    options: &[],
    one_of: &[],
    metavar: "",
    commands: &[
        Command {
            name: "cluster-id",
            help: "Tells the id of the cluster.",
            options: &[BOOTSTRAP_SERVER, BOOTSTRAP_CONTROLLER, CONFIG],
            one_of: ONE_BOOTSTRAP,
        },
        Command {
            name: "unregister",
            help: "Forgets a broker that will not come back; not offered here.",
            options: &[
                BOOTSTRAP_SERVER,
                BOOTSTRAP_CONTROLLER,
                CONFIG,
                Opt::integer("--id", "ID", (i32::MIN as i64, i32::MAX as i64), "The broker.")
                    .aliases(&["-i"])
                    .required(),
            ],
            one_of: ONE_BOOTSTRAP,
        },
        Command {
            name: "list-endpoints",
            help: "Lists the brokers with their addresses.",
            options: &[
                BOOTSTRAP_SERVER,
                BOOTSTRAP_CONTROLLER,
                CONFIG,
                Opt::flag("--include-fenced-brokers", "Also those that are down."),
            ],
            one_of: ONE_BOOTSTRAP,
        },
        Command {
            name: "api-versions",
            help: "Tells which APIs each broker has, in which versions.",
            options: &[BOOTSTRAP_SERVER, BOOTSTRAP_CONTROLLER, CONFIG],
            one_of: ONE_BOOTSTRAP,
        },
    ],
};

/// The process for `kafka-cluster.sh` with these arguments.
pub(crate) fn start(words: &[Word]) -> Box<dyn Program> {
    let parsed = match PARSER.read(words) {
        Ok(parsed) => parsed,
        Err(refused) => return Says::refused(refused),
    };
    if parsed.own.has("--bootstrap-controller") {
        let hint = "Highwater: controllers answer no tools here; ask a broker: --bootstrap-server broker1:9092";
        return Says::errors(1, [hint.to_owned()]);
    }
    if parsed.command == "unregister" {
        let hint = "Highwater: brokers cannot be unregistered here; `broker stop ID` takes one out, and \
                    kafka-reassign-partitions.sh moves its replicas away";
        return Says::errors(1, [hint.to_owned()]);
    }
    match servers::named(parsed.own.text("--bootstrap-server").unwrap_or_default()) {
        Ok(servers) => process(Cluster { parsed }, Admin::new(servers)),
        Err(refused) => Says::refused(refused),
    }
}

/// The command while it runs.
#[derive(Clone, Debug)]
struct Cluster {
    parsed: Parsed,
}

impl Script for Cluster {
    fn run(&self, io: &mut Io<'_, '_>) -> Result<i32, Halt> {
        let with_fenced = self.parsed.own.has("--include-fenced-brokers");
        let body = match caught(calls::cluster(io, with_fenced))?.map_err(Failure::in_future) {
            Ok(body) => body,
            Err(failure) => {
                io.print_error(&failure.message);
                io.print_error(&failure.to_string());
                return Ok(1);
            }
        };
        match self.parsed.command {
            "cluster-id" => io.print(&format!("Cluster ID: {}", &*body.cluster_id)),
            "api-versions" => api_versions::print(io, &body.brokers),
            _ => list_endpoints(io, &body.brokers),
        }
        Ok(0)
    }
}

fn list_endpoints(io: &mut Io<'_, '_>, brokers: &[DescribeClusterBroker]) {
    let length = |text: &str| text.chars().count();
    let host_width = brokers.iter().map(|broker| length(&broker.host)).max().unwrap_or(100);
    let racks = brokers.iter().filter_map(|broker| broker.rack.as_deref());
    let rack_width = racks.map(length).max().unwrap_or(10);
    let mut line = |[id, host, port, rack, state, kind]: [&str; 6]| {
        io.print(&format!(
            "{id:<10} {host:<host_width$} {port:<10} {rack:<rack_width$} {state:<10} {kind:<15}"
        ));
    };
    line(["ID", "HOST", "PORT", "RACK", "STATE", "ENDPOINT_TYPE"]);
    for broker in brokers {
        let state = if broker.is_fenced { "fenced" } else { "unfenced" };
        line([
            &broker.broker_id.0.to_string(),
            &broker.host,
            &broker.port.to_string(),
            broker.rack.as_deref().unwrap_or("null"),
            state,
            "broker",
        ]);
    }
}
