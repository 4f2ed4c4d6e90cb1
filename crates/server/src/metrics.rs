//! Metrics for Prometheus. Requests are counted as they come; what the operators stand at is asked
//! when somebody scrapes.

use crate::app::Tenant;
use node::service::Load;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Upper bounds of durations, seconds: from an answer out of memory to one that waits.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Every metric of the process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Asked, Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    operator: String,
    method: String,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    operator: String,
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operator {
    operator: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    operator: String,
    source: String,
    outcome: &'static str,
}

impl Metrics {
    /// Metrics of these operators.
    pub fn new(tenants: Arc<BTreeMap<String, Arc<Tenant>>>) -> Self {
        let mut registry = Registry::with_prefix("saldo");
        let requests = Family::<Answered, Counter>::default();
        let durations =
            Family::<Asked, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register("http_requests", "Requests that were answered", requests.clone());
        let what = "Time from the head of a request to the head of its answer";
        registry.register_with_unit(
            "http_request_duration",
            what,
            Unit::Seconds,
            durations.clone(),
        );
        registry.register_collector(Box::new(Standing(tenants)));
        Self { registry, requests, durations }
    }

    /// Counts a request. Methods and routes are of the table: their number is bounded.
    pub fn request(
        &self,
        (operator, method, route): (&str, &str, &str),
        status: u16,
        took: Duration,
    ) {
        let method = match method {
            "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method,
            _ => "other",
        };
        let [operator, method, route] = [operator, method, route].map(str::to_owned);
        let asked = Asked { operator, method, route };
        self.durations.get_or_create(&asked).observe(took.as_secs_f64());
        let Asked { operator, method, route } = asked;
        self.requests.get_or_create(&Answered { operator, method, route, status }).inc();
    }

    /// The text that is scraped; of one operator only, where one is named.
    pub fn text(&self, of: Option<&str>) -> String {
        let mut text = String::new();
        if prometheus_client::encoding::text::encode(&mut text, &self.registry).is_err() {
            return String::new(); // writing to memory does not fail
        }
        let Some(operator) = of else { return text };
        let own = format!("operator=\"{operator}\"");
        let lines = text.lines().filter(|line| line.starts_with('#') || line.contains(&own));
        lines.flat_map(|line| [line, "\n"]).collect()
    }
}

/// What the operators stand at.
struct Standing(Arc<BTreeMap<String, Arc<Tenant>>>);

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Standing")
    }
}

/// Rows of a metric: labels and value.
type Rows<L> = Vec<(L, u64)>;

impl Collector for Standing {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (mut events, mut loads): (Rows<Outcome>, Vec<(Operator, Load)>) = Default::default();
        for (name, tenant) in self.0.iter() {
            loads.push((Operator { operator: name.clone() }, tenant.service.load()));
            let counters = tenant.service.read(|s| s.operator.engine.state().counters.clone());
            for (source, counts) in counters {
                let named = [
                    ("posted", counts.posted),
                    ("duplicate", counts.duplicate),
                    ("waiting", counts.waiting),
                    ("quarantined", counts.quarantined),
                    ("refused", counts.refused),
                ];
                events.extend(named.map(|(outcome, count)| {
                    (Outcome { operator: name.clone(), source: source.clone(), outcome }, count)
                }));
            }
        }
        let what = "Events by their present state: they move from one to another";
        gauges(encoder.encode_descriptor("events", what, None, MetricType::Gauge)?, &events)?;
        let column = |of: fn(&Load) -> u64| -> Rows<Operator> {
            loads.iter().map(|(labels, load)| (labels.clone(), of(load))).collect()
        };
        let ready = self.0.iter().map(|(name, tenant)| {
            (Operator { operator: name.clone() }, u64::from(tenant.service.failed().is_none()))
        });
        let what = "1 where events and commands are taken, 0 after a failure";
        let descriptor = encoder.encode_descriptor("ready", what, None, MetricType::Gauge)?;
        gauges(descriptor, &ready.collect())?;
        let bytes = Some(&Unit::Bytes);
        for (name, what, unit, rows) in [
            ("queue", "Rows that wait to be built", bytes, column(|load| load.queue_bytes)),
            ("log_position", "Records whose effects can be read", None, column(|l| l.position)),
            (
                "store_checkpoint_position",
                "Records that the last checkpoint of the Store has",
                None,
                column(|load| load.checkpoint),
            ),
        ] {
            gauges(encoder.encode_descriptor(name, what, unit, MetricType::Gauge)?, &rows)?;
        }
        for (name, what, unit, rows) in [
            ("frames", "Frames appended to the Log", None, column(|load| load.frames)),
            ("frame_records", "Records in those frames", None, column(|load| load.frame_records)),
            ("frame", "Bytes of records in those frames", bytes, column(|load| load.frame_bytes)),
        ] {
            let descriptor = encoder.encode_descriptor(name, what, unit, MetricType::Counter)?;
            counters(descriptor, &rows)?;
        }
        Ok(())
    }
}

fn gauges<L: EncodeLabelSet>(mut encoder: MetricEncoder<'_>, rows: &Rows<L>) -> fmt::Result {
    rows.iter().try_for_each(|(labels, value)| {
        let value = i64::try_from(*value).unwrap_or(i64::MAX);
        ConstGauge::new(value).encode(encoder.encode_family(labels)?)
    })
}

fn counters<L: EncodeLabelSet>(mut encoder: MetricEncoder<'_>, rows: &Rows<L>) -> fmt::Result {
    rows.iter().try_for_each(|(labels, value)| {
        ConstCounter::new(*value).encode(encoder.encode_family(labels)?)
    })
}
