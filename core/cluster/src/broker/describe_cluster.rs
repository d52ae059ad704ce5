//! DescribeCluster: which brokers there are, also those that are fenced (KIP-700, KIP-1073).

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages as kafka;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;

use crate::broker::Broker;
use crate::ctx::Ctx;
use crate::input::ReplyTo;

/// The type of endpoints that brokers are asked for.
const BROKERS: i8 = 1;
/// Operations that were not asked for.
const NO_OPERATIONS: i32 = i32::MIN;

impl Broker {
    pub(super) fn on_describe_cluster(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: ReplyTo,
        request: &kafka::DescribeClusterRequest,
    ) {
        if request.endpoint_type != BROKERS {
            let error = ResponseError::MismatchedEndpointType;
            let refused = kafka::DescribeClusterResponse::default().with_error_code(error.code());
            return ctx.respond(from, refused);
        }
        let metadata = self.metadata_of_brokers(ctx);
        let brokers = self.process.image.brokers.iter().filter(|(id, broker)| {
            !ctx.is_hidden(**id) && (!broker.fenced || request.include_fenced_brokers)
        });
        let brokers: Vec<DescribeClusterBroker> = brokers
            .map(|(id, broker)| {
                let known = self.metadata_broker(*id);
                DescribeClusterBroker::default()
                    .with_broker_id(known.node_id)
                    .with_host(known.host)
                    .with_port(known.port)
                    .with_rack(known.rack)
                    .with_is_fenced(broker.fenced)
            })
            .collect();
        // As in Metadata: some broker stands for the controller.
        let some = ctx.random("controller").below(brokers.len().max(1) as u64) as usize;
        let controller = brokers.get(some).map_or(kafka::BrokerId(-1), |broker| broker.broker_id);
        let cluster_id = metadata.cluster_id.unwrap_or_default();
        let response = kafka::DescribeClusterResponse::default()
            .with_endpoint_type(BROKERS)
            .with_cluster_id(cluster_id)
            .with_controller_id(controller)
            .with_brokers(brokers)
            .with_cluster_authorized_operations(NO_OPERATIONS);
        ctx.respond(from, response);
    }
}
