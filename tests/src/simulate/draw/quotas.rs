//! Quotas of clients: given and changed while the run goes on, lifted at its end.

use super::{Drawing, Line};

/// Whom they are for: all, the user that everybody is, and single clients.
const ENTITIES: [&str; 4] = ["--client-defaults", "--user ANONYMOUS", "--client p0", "--client c0"];

/// Bytes a second: from what hardly lets a batch through in ten seconds to what nobody notices.
const RATES: [u64; 5] = [3_000, 10_000, 20_000, 60_000, 1_000_000];

/// Percent of a thread's time: from what holds up every request for a second to what nobody notices.
const PERCENTAGES: [&str; 4] = ["0.05", "0.5", "5", "1000"];

/// Partitions a second that may be created and deleted: from one in ten seconds to what nobody notices.
const CHANGES: [&str; 3] = ["0.1", "1", "1000"];

impl Drawing {
    pub(super) fn quotas(&mut self) {
        if !self.random.one_in(4) {
            return;
        }
        let mut given = Vec::new();
        let mut at_ms = self.random.between(1_500, 6_000);
        while at_ms < self.until_ms {
            let random = &mut self.random;
            let (entity, produced, fetched) =
                (*random.pick(&ENTITIES), *random.pick(&RATES), *random.pick(&RATES));
            let rest = (*random.pick(&PERCENTAGES), *random.pick(&CHANGES));
            self.plan.lines.push(Line::new(at_ms, "t5", alter(entity, produced, fetched, rest)));
            given.push(entity);
            at_ms += self.random.between(1_000, 8_000);
        }
        given.sort_unstable();
        given.dedup();
        // A broker may come back only after the end of the faults.
        for (place, entity) in given.into_iter().enumerate() {
            let at_ms = self.until_ms + 4_000 + place as u64;
            self.plan.heal.push(Line::new(
                at_ms,
                "t5",
                alter(entity, 1 << 40, 1 << 40, ("100000", "100000")),
            ));
        }
    }
}

fn alter(entity: &str, produced: u64, fetched: u64, (time, changes): (&str, &str)) -> String {
    format!(
        "kafka-configs.sh --alter {entity} --add-config producer_byte_rate={produced},consumer_byte_rate={fetched},request_percentage={time},controller_mutation_rate={changes} \
         --bootstrap-server broker1:9092"
    )
}
