//! What the driver's errors mean to the port.

use engine::port::{PortError, PortFault};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use std::io;

/// The code behind it, where there is one.
fn code_of(error: &KafkaError) -> Option<Code> {
    match error {
        KafkaError::AdminOp(code) => Some(*code),
        other => other.rdkafka_error_code(),
    }
}

/// The kind of a failure.
fn fault_of(error: &KafkaError) -> PortFault {
    let Some(code) = code_of(error) else { return PortFault::Refused };
    match code {
        Code::MessageSizeTooLarge | Code::MessageBatchTooLarge | Code::InvalidMessageSize => {
            PortFault::Limit
        }
        Code::OffsetOutOfRange | Code::AutoOffsetReset => PortFault::Missing,
        Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition => {
            PortFault::Missing
        }
        Code::MessageTimedOut
        | Code::OperationTimedOut
        | Code::RequestTimedOut
        | Code::TimedOutQueue
        | Code::BrokerTransportFailure
        | Code::AllBrokersDown
        | Code::BrokerNotAvailable
        | Code::LeaderNotAvailable
        | Code::NotLeaderForPartition
        | Code::NotEnoughReplicas
        | Code::NotEnoughReplicasAfterAppend
        | Code::NetworkException
        | Code::Resolve
        | Code::PurgeQueue
        | Code::PurgeInflight
        | Code::NotCoordinator
        | Code::NotController => PortFault::Unavailable,
        Code::KafkaStorageError => PortFault::Io,
        Code::InvalidMessage | Code::BadMessage => PortFault::Corrupt,
        _ => PortFault::Refused,
    }
}

/// The error of the port for one of the driver.
pub(super) fn failed(what: impl Into<String>, error: &KafkaError) -> PortError {
    let source = Some(io::Error::other(error.to_string()));
    PortError { fault: fault_of(error), what: what.into(), source }
}

/// Whether waiting may mend it: the driver tries again by itself.
pub(super) fn may_pass(error: &KafkaError) -> bool {
    let code = code_of(error);
    // A topic may be unknown while a broker starts.
    let starting = [Code::UnknownTopic, Code::UnknownTopicOrPartition, Code::UnknownPartition];
    fault_of(error) == PortFault::Unavailable || code.is_some_and(|it| starting.contains(&it))
}
