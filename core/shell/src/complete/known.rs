//! The names that completion knows: what stands in the cluster, and which files there are.

use std::collections::BTreeSet;

use highwater_cluster::view::ClusterView;

/// The names of what there is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The ids of the brokers.
    pub brokers: Vec<String>,
    /// The ids of the controllers.
    pub controllers: Vec<String>,
    /// The topics, those of Kafka's own last.
    pub topics: Vec<String>,
    /// The partitions as `orders-0`.
    pub partitions: Vec<String>,
    /// The consumer groups.
    pub groups: Vec<String>,
    /// The share groups.
    pub share_groups: Vec<String>,
    /// The transactional ids.
    pub transactional_ids: Vec<String>,
    /// Who clients say that they are, and whom access control lists speak of.
    pub principals: Vec<String>,
    /// The producers that were started by name.
    pub producers: Vec<String>,
    /// The consumers that were started by name.
    pub consumers: Vec<String>,
    /// The share consumers.
    pub share_consumers: Vec<String>,
    /// The applications.
    pub apps: Vec<String>,
    /// The files.
    pub files: Vec<String>,
}

fn principals(view: &ClusterView) -> Vec<String> {
    let running = view.principals.values();
    let all = running.chain(view.acls.iter().map(|acl| &acl.entry.principal));
    let all: BTreeSet<String> = all.map(ToString::to_string).filter(|it| it != "User:*").collect();
    all.into_iter().collect()
}

impl Known {
    /// The names of a cluster, and of files.
    pub fn new(view: &ClusterView, files: Vec<String>) -> Self {
        let (internal, own): (Vec<_>, Vec<_>) =
            view.topics.iter().partition(|topic| topic.is_internal);
        let partitions = own.iter().flat_map(|topic| &topic.partitions);
        Self {
            brokers: view.brokers.iter().map(|broker| broker.id.to_string()).collect(),
            controllers: view.controllers.iter().map(|node| node.id.to_string()).collect(),
            partitions: partitions.map(|partition| partition.partition.to_string()).collect(),
            topics: own.iter().chain(&internal).map(|topic| topic.name.to_string()).collect(),
            groups: view.groups.iter().map(|group| group.id.to_string()).collect(),
            share_groups: view.share_groups.iter().map(|group| group.id.to_string()).collect(),
            transactional_ids: view.transactions.iter().map(|one| one.id.to_string()).collect(),
            principals: principals(view),
            producers: view.producers.iter().map(|client| client.name.to_string()).collect(),
            consumers: view.consumers.iter().map(|client| client.name.to_string()).collect(),
            share_consumers: view
                .share_consumers
                .iter()
                .map(|client| client.name.to_string())
                .collect(),
            apps: view.apps.iter().map(|app| app.name.to_string()).collect(),
            files,
        }
    }

    /// The addresses of the brokers, as tools are given them.
    pub(super) fn servers(&self) -> Vec<String> {
        let brokers = self.brokers.iter().map(|id| format!("broker{id}:9092"));
        let mut servers: Vec<String> = brokers.collect();
        if servers.is_empty() {
            servers.push("localhost:9092".to_owned());
        }
        servers
    }

    /// The numbers of the partitions of a topic.
    pub(super) fn partitions_of(&self, topic: &str) -> Vec<String> {
        let of_topic = |partition: &String| {
            let (name, number) = partition.rsplit_once('-')?;
            (name == topic).then(|| number.to_owned())
        };
        self.partitions.iter().filter_map(of_topic).collect()
    }
}
