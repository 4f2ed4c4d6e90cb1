//! Whether, where to and how much is exported: the variables that OpenTelemetry names, and the
//! endpoint of `saldo.yaml`. What is not understood is refused, naming the setting.

use super::span::context;
use node::connect::Target;
use node::engine::trace::TraceId;
use node::{NodeError, code};
use opentelemetry::Context;
use opentelemetry::trace::{SpanKind, TraceContextExt, TraceFlags};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample};
use std::collections::HashMap;
use std::env;

/// The variables that are followed.
const MINDED: [&str; 11] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SDK_DISABLED",
    "OTEL_SERVICE_NAME",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
];

/// Where spans go, and which.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where they are posted to.
    pub url: String,
    /// Headers of each request: what the collector knows us by. Never told.
    pub headers: HashMap<String, String>,
    /// What this service is called.
    pub service: String,
    /// Which traces are exported.
    pub sampling: Sampling,
}

/// Which traces are exported.
#[derive(Clone, Debug)]
pub struct Sampling(Sampler);

impl Sampling {
    /// Whether a trace is exported, of which the caller said whether it records it.
    pub fn takes(&self, trace: TraceId, said: Option<bool>) -> bool {
        // Which span of the caller it is does not matter to any sampler.
        let of = |said| context(trace, 1, TraceFlags::default().with_sampled(said));
        let parent = said.map(|said| Context::new().with_remote_span_context(of(said)));
        let id = context(trace, 1, TraceFlags::default()).trace_id();
        let found = self.0.should_sample(parent.as_ref(), id, "", &SpanKind::Server, &[], &[]);
        found.decision == SamplingDecision::RecordAndSample
    }
}

impl Settings {
    /// What this process is told: nothing where no endpoint is named.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn of_process(endpoint: Option<&str>) -> Result<Option<Self>, NodeError> {
        let found = Self::read(endpoint, &|name| env::var(name).ok().filter(|v| !v.is_empty()))?;
        if found.is_some() {
            for name in unminded(env::vars_os().filter_map(|(name, _)| name.into_string().ok())) {
                // By name alone: what stands there may be a secret.
                tracing::warn!(error.message = format!("{name} is not minded"), "telemetry");
            }
        }
        Ok(found)
    }

    /// Reads variables; `endpoint` is that of `saldo.yaml`, which they overrule.
    ///
    /// # Errors
    /// [`code::BAD_SETTINGS`], naming the variable.
    pub fn read(
        endpoint: Option<&str>,
        var: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, NodeError> {
        if var("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let base = var("OTEL_EXPORTER_OTLP_ENDPOINT").or_else(|| endpoint.map(str::to_owned));
        let of_traces = var("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        let below = |base: String| format!("{}/v1/traces", base.trim_end_matches('/'));
        let Some(url) = of_traces.or_else(|| base.map(below)) else { return Ok(None) };
        let protocol = var("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
            .or_else(|| var("OTEL_EXPORTER_OTLP_PROTOCOL"));
        if let Some(other) = protocol.filter(|protocol| protocol != "http/protobuf") {
            let what = format!("OTEL_EXPORTER_OTLP_PROTOCOL `{other}`; there is http/protobuf");
            return Err(NodeError::said(code::BAD_SETTINGS, what));
        }
        // The collector is the operator's own: it may be on this machine.
        Target::parse(&url, true).map_err(|wrong| {
            let what = format!("OTEL_EXPORTER_OTLP_ENDPOINT: {wrong}");
            NodeError::said(code::BAD_SETTINGS, what)
        })?;
        let headers = var("OTEL_EXPORTER_OTLP_TRACES_HEADERS")
            .or_else(|| var("OTEL_EXPORTER_OTLP_HEADERS"))
            .unwrap_or_default();
        let service = var("OTEL_SERVICE_NAME").unwrap_or_else(|| "saldo".to_owned());
        let (headers, sampling) = (read_headers(&headers)?, Sampling(sampler(var)?));
        Ok(Some(Self { url, headers, service, sampling }))
    }
}

/// The variables of OpenTelemetry that are set and that nothing here follows.
fn unminded(names: impl Iterator<Item = String>) -> Vec<String> {
    let is_own = |name: &String| name.starts_with("OTEL_");
    let mut found: Vec<String> =
        names.filter(is_own).filter(|name| !MINDED.contains(&name.as_str())).collect();
    found.sort_unstable();
    found
}

/// `name=value,name=value`, values percent-encoded.
fn read_headers(text: &str) -> Result<HashMap<String, String>, NodeError> {
    let wrong = || {
        // What stands there may be a secret: it is not repeated.
        let what = "OTEL_EXPORTER_OTLP_HEADERS: it is name=value,name=value";
        NodeError::said(code::BAD_SETTINGS, what)
    };
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
        let value = unescaped(value.trim()).ok_or_else(wrong)?;
        let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let name = name.trim().to_ascii_lowercase();
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if name.is_empty() || !is_name || !is_plain { Err(wrong()) } else { Ok((name, value)) }
    };
    pairs.map(pair).collect()
}

fn unescaped(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

fn sampler(var: &dyn Fn(&str) -> Option<String>) -> Result<Sampler, NodeError> {
    let wrong = |what: String| NodeError::said(code::BAD_SETTINGS, what);
    let name = var("OTEL_TRACES_SAMPLER").unwrap_or_else(|| "parentbased_always_on".to_owned());
    let (by_caller, kind) =
        name.strip_prefix("parentbased_").map_or((false, &*name), |kind| (true, kind));
    let sampler = match kind {
        "always_on" => Sampler::AlwaysOn,
        "always_off" => Sampler::AlwaysOff,
        "traceidratio" => {
            let text = var("OTEL_TRACES_SAMPLER_ARG").unwrap_or_else(|| "1".to_owned());
            let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
            Sampler::TraceIdRatioBased(ratio.ok_or_else(|| {
                wrong(format!("OTEL_TRACES_SAMPLER_ARG `{text}`; it is a decimal from 0 to 1"))
            })?)
        }
        _ => {
            let what = format!(
                "OTEL_TRACES_SAMPLER `{name}`; there is always_on, always_off, traceidratio, \
                 and each of them after parentbased_"
            );
            return Err(wrong(what));
        }
    };
    Ok(if by_caller { Sampler::ParentBased(Box::new(sampler)) } else { sampler })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    fn read(endpoint: Option<&str>, vars: &[(&str, &str)]) -> Result<Option<Settings>, NodeError> {
        let var = |name: &str| {
            vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(endpoint, &var)
    }

    #[test]
    fn an_endpoint_turns_it_on() {
        const BASE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        for (endpoint, vars, found) in [
            (None, vec![], None),
            (Some("http://a:4318"), vec![], Some("http://a:4318/v1/traces")),
            (Some("http://a"), vec![(BASE, "https://b/x/")], Some("https://b/x/v1/traces")),
            (None, vec![(BASE, "http://b"), (TRACES, "http://c/own")], Some("http://c/own")),
            (Some("http://a"), vec![("OTEL_SDK_DISABLED", "true")], None),
        ] {
            let settings = read(endpoint, &vars).unwrap();
            assert_eq!(settings.as_ref().map(|settings| &*settings.url), found, "{vars:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_and_no_header_is_repeated() {
        for (name, value, said) in [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "`grpc`"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2", "OTEL_EXPORTER_OTLP_HEADERS"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=hunter2%0A", "OTEL_EXPORTER_OTLP_HEADERS"),
            ("OTEL_TRACES_SAMPLER", "sometimes", "`sometimes`"),
        ] {
            let error = read(Some("http://a"), &[(name, value)]).unwrap_err();
            assert_eq!(error.code(), "E5302", "{name}");
            let text = error.to_string();
            assert!(text.contains(said) && !text.contains("hunter2"), "{name}: {text}");
        }
        for arg in ["", "-1", "1.1", "half", "nan"] {
            let vars = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", arg)];
            assert_eq!(read(Some("http://a"), &vars).unwrap_err().code(), "E5302", "{arg}");
        }
        let headers = [("OTEL_EXPORTER_OTLP_HEADERS", "Api-Key=a%20b, x=1")];
        let settings = read(Some("http://a"), &headers).unwrap().unwrap();
        let pairs = [("api-key", "a b"), ("x", "1")];
        assert_eq!(settings.headers, pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
    }

    #[test]
    fn what_is_not_followed_is_named() {
        let set = ["OTEL_SERVICE_NAME", "HOME", "OTEL_EXPORTER_OTLP_COMPRESSION"];
        let named = unminded(set.into_iter().map(str::to_owned));
        assert_eq!(named, ["OTEL_EXPORTER_OTLP_COMPRESSION"]);
        let known = unminded(MINDED.into_iter().map(str::to_owned));
        assert!(known.is_empty(), "{known:?}");
    }

    #[test]
    fn the_caller_decides_where_it_may() {
        let trace = |low: u64| {
            let mut bytes = [1; 16];
            bytes[8..].copy_from_slice(&low.to_be_bytes());
            TraceId::new(bytes).unwrap()
        };
        let (low, high) = (trace(1), trace(u64::MAX));
        for (name, arg, [plain_low, plain_high, said_yes, said_no]) in [
            ("always_on", "", [true, true, true, true]),
            ("always_off", "", [false, false, false, false]),
            ("parentbased_always_on", "", [true, true, true, false]),
            ("parentbased_always_off", "", [false, false, true, false]),
            ("traceidratio", "0.5", [true, false, false, false]),
            ("parentbased_traceidratio", "0.5", [true, false, true, false]),
            ("traceidratio", "0", [false, false, false, false]),
            ("traceidratio", "1", [true, true, true, true]),
        ] {
            let vars = [("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", arg)];
            let sampling = read(Some("http://a"), &vars).unwrap().unwrap().sampling;
            let said = [(low, None), (high, None), (high, Some(true)), (high, Some(false))];
            let taken = said.map(|(trace, said)| sampling.takes(trace, said));
            assert_eq!(taken, [plain_low, plain_high, said_yes, said_no], "{name} {arg}");
        }
    }
}
