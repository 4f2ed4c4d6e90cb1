//! The topic: made with what a Log needs, and refused where its settings would lose records.

use super::KafkaOptions;
use super::fault::failed;
use crate::limits::MESSAGE_BYTES_MAX;
use engine::port::{PortError, PortFault};
use rdkafka::admin::{
    AdminClient, AdminOptions, NewTopic, OwnedResourceSpecifier, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::future::Future;

/// What a topic must say of itself, and with what it is made.
const SETTINGS: [(&str, &str); 4] = [
    // Nothing is deleted by time, by size or by key.
    ("cleanup.policy", "delete"),
    ("retention.ms", "-1"),
    ("retention.bytes", "-1"),
    ("unclean.leader.election.enable", "false"),
];

fn admin(options: &KafkaOptions) -> Result<AdminClient<DefaultClientContext>, PortError> {
    options.client().create().map_err(|error| failed("a connection to Kafka", &error))
}

fn admin_options(options: &KafkaOptions) -> AdminOptions {
    let patience = Some(options.patience);
    AdminOptions::new().request_timeout(patience).operation_timeout(patience)
}

/// Waits for an answer of the driver, which comes on a thread of its own.
fn wait<T>(answer: impl Future<Output = T>) -> Result<T, PortError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| PortError::io("a runtime", error))?;
    Ok(runtime.block_on(answer))
}

/// Makes the topic with `partitions`, each on `replicas` brokers; whether it was not there before.
///
/// # Errors
/// When Kafka cannot be reached or refuses.
pub fn create_topic(
    options: &KafkaOptions,
    partitions: i32,
    replicas: i32,
) -> Result<bool, PortError> {
    let bytes = MESSAGE_BYTES_MAX.to_string();
    // With one replica fewer than there are it goes on taking writes, and none is on one alone.
    let in_sync = (replicas - 1).clamp(1, 2).to_string();
    let mut topic = NewTopic::new(&options.topic, partitions, TopicReplication::Fixed(replicas))
        .set("max.message.bytes", &bytes)
        .set("min.insync.replicas", &in_sync);
    for (name, value) in SETTINGS {
        topic = topic.set(name, value);
    }
    let admin = admin(options)?;
    let made = wait(admin.create_topics([&topic], &admin_options(options)))?;
    let what = || format!("making topic {}", options.topic);
    let made = made.map_err(|error| failed(what(), &error))?;
    match made.into_iter().next() {
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(false),
        Some(Err((_, code))) => Err(failed(what(), &KafkaError::AdminOp(code))),
        _ => Ok(true),
    }
}

/// Refuses a topic that is not there, or that may lose records by its settings.
pub(super) fn check(options: &KafkaOptions) -> Result<(), PortError> {
    let admin = admin(options)?;
    let asked = [ResourceSpecifier::Topic(&options.topic)];
    let answer = wait(admin.describe_configs(&asked, &admin_options(options)))?;
    let what = || format!("the settings of topic {}", options.topic);
    let answer = answer.map_err(|error| failed(what(), &error))?;
    for resource in answer {
        let resource = resource.map_err(|code| failed(what(), &KafkaError::AdminOp(code)))?;
        let OwnedResourceSpecifier::Topic(_) = &resource.specifier else { continue };
        for (name, wanted) in SETTINGS {
            let has = resource.get(name).and_then(|entry| entry.value.as_deref()).unwrap_or("");
            if has != wanted {
                let topic = &options.topic;
                let what = format!("topic {topic} has {name}={has}; a Log needs {wanted}");
                return Err(PortError::new(PortFault::Refused, what));
            }
        }
    }
    Ok(())
}
