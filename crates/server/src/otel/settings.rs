//! Whether, where to and how much is exported: the variables that OpenTelemetry names, and the
//! endpoint of `saldo.yaml`. What is not understood is refused, naming the setting.

use node::connect::Target;
use node::engine::trace::TraceId;
use node::{NodeError, code};
use std::env;

/// Where spans go, and which.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where they are posted to.
    pub target: Target,
    /// Headers of each request: what the collector knows us by. Never told.
    pub headers: Vec<(String, String)>,
    /// What this service is called.
    pub service: String,
    /// Which traces are exported.
    pub sampler: Sampler,
}

/// Which traces are exported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    /// Whether a caller that says so decides.
    pub by_caller: bool,
    /// Of the other traces those whose last eight bytes are below this.
    pub below: u128,
}

impl Sampler {
    /// Whether a trace is exported, of which the caller said whether it records it.
    pub fn takes(&self, trace: TraceId, said: Option<bool>) -> bool {
        if let Some(said) = said.filter(|_| self.by_caller) {
            return said;
        }
        let bytes = trace.bytes();
        let low = bytes.last_chunk().map_or(0, |low| u64::from_be_bytes(*low));
        u128::from(low) < self.below
    }
}

/// All of them.
const ALL: u128 = 1 << 64;

impl Settings {
    /// What this process is told: nothing where no endpoint is named.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn of_process(endpoint: Option<&str>) -> Result<Option<Self>, NodeError> {
        Self::read(endpoint, &|name| env::var(name).ok().filter(|value| !value.is_empty()))
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
        let target = Target::parse(&url, true).map_err(|wrong| {
            let what = format!("OTEL_EXPORTER_OTLP_ENDPOINT: {wrong}");
            NodeError::said(code::BAD_SETTINGS, what)
        })?;
        let headers = var("OTEL_EXPORTER_OTLP_TRACES_HEADERS")
            .or_else(|| var("OTEL_EXPORTER_OTLP_HEADERS"))
            .unwrap_or_default();
        let service = var("OTEL_SERVICE_NAME").unwrap_or_else(|| "saldo".to_owned());
        Ok(Some(Self { target, headers: read_headers(&headers)?, service, sampler: sampler(var)? }))
    }
}

/// `name=value,name=value`, values percent-encoded.
fn read_headers(text: &str) -> Result<Vec<(String, String)>, NodeError> {
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
    let below = match kind {
        "always_on" => ALL,
        "always_off" => 0,
        "traceidratio" => {
            let text = var("OTEL_TRACES_SAMPLER_ARG").unwrap_or_else(|| "1".to_owned());
            ratio(&text).ok_or_else(|| {
                wrong(format!("OTEL_TRACES_SAMPLER_ARG `{text}`; it is a decimal from 0 to 1"))
            })?
        }
        _ => {
            let what = format!(
                "OTEL_TRACES_SAMPLER `{name}`; there is always_on, always_off, traceidratio, \
                 and each of them after parentbased_"
            );
            return Err(wrong(what));
        }
    };
    Ok(Sampler { by_caller, below })
}

/// A decimal from 0 to 1 as a part of all.
fn ratio(text: &str) -> Option<u128> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: u128 = whole.parse().ok()?;
    let is_part = part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_digit());
    let billionths = format!("{part:0<9}").parse::<u128>().ok().filter(|_| is_part)?;
    let all = whole * 1_000_000_000 + billionths;
    (all <= 1_000_000_000).then(|| ALL * all / 1_000_000_000)
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
            (Some("http://a:4318"), vec![], Some(("a", 4318, "/v1/traces"))),
            (Some("http://a"), vec![(BASE, "https://b/x/")], Some(("b", 443, "/x/v1/traces"))),
            (None, vec![(BASE, "http://b"), (TRACES, "http://c/own")], Some(("c", 80, "/own"))),
            (Some("http://a"), vec![("OTEL_SDK_DISABLED", "true")], None),
        ] {
            let settings = read(endpoint, &vars).unwrap();
            let target = settings.as_ref().map(|settings| &settings.target);
            let target = target.map(|target| (&*target.host, target.port, &*target.path));
            assert_eq!(target, found, "{vars:?}");
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
        for arg in ["", "-1", "1.1", "0.1234567890", "half"] {
            let vars = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", arg)];
            assert_eq!(read(Some("http://a"), &vars).unwrap_err().code(), "E5302", "{arg}");
        }
        let headers = [("OTEL_EXPORTER_OTLP_HEADERS", "Api-Key=a%20b, x=1")];
        let settings = read(Some("http://a"), &headers).unwrap().unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(settings.headers, [pair("api-key", "a b"), pair("x", "1")]);
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
            let sampler = read(Some("http://a"), &vars).unwrap().unwrap().sampler;
            let said = [(low, None), (high, None), (high, Some(true)), (high, Some(false))];
            let taken = said.map(|(trace, said)| sampler.takes(trace, said));
            assert_eq!(taken, [plain_low, plain_high, said_yes, said_no], "{name} {arg}");
        }
    }
}
