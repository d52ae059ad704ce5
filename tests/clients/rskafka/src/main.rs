//! rskafka against `highwater serve`: it knows no groups and no idempotence, and reads partition by
//! partition. What it says to who runs it is told in `xtask/src/clients/trial.rs`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use rskafka::client::partition::{Compression, OffsetAt, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder};
use rskafka::record::Record;
use tokio::sync::oneshot;

const VERSION: &str = "0.6.0";
const PARTITIONS: i32 = 3;
const TIMEOUT_MS: i32 = 60_000;
/// What is waited for comes in seconds.
const PATIENCE: Duration = Duration::from_secs(60);

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    say(&format!("client rskafka {VERSION}"));
    let servers = std::env::var("BOOTSTRAP_SERVERS")?;
    let servers = servers.split(',').map(str::to_owned).collect();
    let client = ClientBuilder::new(servers).build().await?;
    topics_and_records(&client).await?;
    earlier_records_deleted(&client).await?;
    broker_stopped(&client).await?;
    say("finished");
    Ok(())
}

async fn topics_and_records(client: &Client) -> Outcome {
    say("step a topic; keyed records, compressed by gzip, snappy; read from the earliest");
    let partitions = create(client, "records").await?;
    for (prefix, compression) in [("gzip", Compression::Gzip), ("snappy", Compression::Snappy)] {
        for (place, partition) in partitions.iter().enumerate() {
            let values: Vec<String> = (0..50).map(|n| format!("{prefix}{place}-{n}")).collect();
            produce(partition, &values, compression).await?;
        }
    }
    read_all(&partitions).await?;
    ask("check records exactly-once")?;
    ask("compressed records gzip")?;
    ask("compressed records snappy")
}

async fn earlier_records_deleted(client: &Client) -> Outcome {
    say("step offsets; records deleted up to one; the topic deleted");
    let partitions = create(client, "deleted").await?;
    let values: Vec<String> = (0..10).map(|n| format!("k-{n}")).collect();
    send(&partitions[0], &values, Compression::NoCompression).await?;
    partitions[0].delete_records(4, TIMEOUT_MS).await?;
    let earliest = partitions[0].get_offset(OffsetAt::Earliest).await?;
    let latest = partitions[0].get_offset(OffsetAt::Latest).await?;
    if (earliest, latest) != (4, 10) {
        return Err(format!("offsets from {earliest} to {latest}, not from 4 to 10").into());
    }
    client.controller_client()?.delete_topic("deleted", TIMEOUT_MS).await?;
    let is_there = client.list_topics().await?.iter().any(|topic| topic.name == "deleted");
    if is_there { Err("the topic is still there".into()) } else { Ok(()) }
}

/// Records come one by one, while a broker is stopped: each that was acknowledged is read.
async fn broker_stopped(client: &Client) -> Outcome {
    say("step a broker stopped while records come: at-least-once");
    let partitions = create(client, "stopped").await?;
    let (stopped, mut is_stopped) = oneshot::channel();
    let mut teller = Some(stopped);
    let mut left = 100;
    for n in 0.. {
        for (place, partition) in partitions.iter().enumerate() {
            produce(partition, &[format!("k{place}-{n}")], Compression::Gzip).await?;
        }
        // In a thread of its own, since the answer is awaited.
        if n == 30
            && let Some(teller) = teller.take()
        {
            std::thread::spawn(move || teller.send(ask("cluster broker stop 2").is_ok()));
        }
        if left < 100 || matches!(is_stopped.try_recv(), Ok(true)) {
            left -= 1;
        }
        if left == 0 {
            break;
        }
    }
    read_all(&partitions).await?;
    ask("check stopped at-least-once")?;
    ask("cluster broker start 2")
}

async fn create(client: &Client, topic: &str) -> Outcome<Vec<Arc<PartitionClient>>> {
    client.controller_client()?.create_topic(topic, PARTITIONS, 3, TIMEOUT_MS).await?;
    let mut partitions = Vec::new();
    for partition in 0..PARTITIONS {
        let unknown = UnknownTopicHandling::Retry;
        partitions.push(Arc::new(client.partition_client(topic, partition, unknown).await?));
    }
    Ok(partitions)
}

/// Sends records and tells that they were acknowledged.
async fn produce(
    partition: &PartitionClient,
    values: &[String],
    compression: Compression,
) -> Outcome {
    send(partition, values, compression).await?;
    for value in values {
        say(&format!("acked {} {value}", partition.topic()));
    }
    Ok(())
}

async fn send(partition: &PartitionClient, values: &[String], compression: Compression) -> Outcome {
    let record = |value: &String| Record {
        key: value.split('-').next().map(|key| key.as_bytes().to_vec()),
        value: Some(value.as_bytes().to_vec()),
        headers: BTreeMap::new(),
        timestamp: Utc::now(),
    };
    let records = values.iter().map(record).collect();
    tokio::time::timeout(PATIENCE, partition.produce(records, compression)).await??;
    Ok(())
}

/// Reads each partition from its earliest offset to its latest.
async fn read_all(partitions: &[Arc<PartitionClient>]) -> Outcome {
    for partition in partitions {
        let mut offset = partition.get_offset(OffsetAt::Earliest).await?;
        let latest = partition.get_offset(OffsetAt::Latest).await?;
        while offset < latest {
            let fetch = partition.fetch_records(offset, 1..1_000_000, 1_000);
            let (records, _) = tokio::time::timeout(PATIENCE, fetch).await??;
            for record in records {
                let value = String::from_utf8(record.record.value.unwrap_or_default())?;
                say(&format!("read {} {value}", partition.topic()));
                offset = record.offset + 1;
            }
        }
    }
    Ok(())
}

fn say(line: &str) {
    println!("@{line}");
}

/// Says a line, and waits until it is done.
fn ask(line: &str) -> Outcome {
    say(line);
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "ok" { Ok(()) } else { Err(format!("`{line}` was not answered").into()) }
}
