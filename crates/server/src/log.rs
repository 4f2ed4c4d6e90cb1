//! The log: one JSON line on stderr for each event, named as the Elastic Common Schema names
//! fields. `SALDO_LOG` says what is told, as in `info` or `info,saldo::request=debug`.

use node::clock::{now_nanos, show_time};
use serde_json::{Map, Value};
use std::fmt;
use std::io::Write;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::{EnvFilter, Registry};

/// Where lines go.
type Sink = Box<dyn Fn(&str) + Send + Sync>;

/// Writes events as lines.
struct Ecs(Sink);

/// A subscriber that gives each line to `sink`; `filter` as in `SALDO_LOG`.
pub fn subscriber(
    filter: &str,
    sink: impl Fn(&str) + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    let filter = EnvFilter::builder().parse_lossy(filter);
    Registry::default().with(filter).with(Ecs(Box::new(sink)))
}

/// Logs to stderr from now on; a process logs once.
pub fn start() {
    let filter = std::env::var("SALDO_LOG").unwrap_or_else(|_| "info".to_owned());
    let stderr = |line: &str| {
        // Where stderr is closed there is nobody to tell.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    };
    // A second start finds the first one's subscriber, which does the same.
    let _ = tracing::subscriber::set_global_default(subscriber(&filter, stderr));
}

impl<S: Subscriber> Layer<S> for Ecs {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        let mut put = |name: &str, value: &str| {
            fields.0.insert(name.to_owned(), Value::String(value.to_owned()));
        };
        put("@timestamp", &show_time(now_nanos()));
        put("log.level", &event.metadata().level().to_string().to_lowercase());
        put("log.logger", event.metadata().target());
        put("ecs.version", "8.11.0");
        put("service.name", "saldo");
        // What is told in the middle of a request, or of a run, names it.
        if let Some(trace) = crate::trace::current() {
            put("trace.id", &trace.to_string());
        }
        event.record(&mut fields);
        (self.0)(&Value::Object(fields.0).to_string());
    }
}

/// The fields of one event.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}
