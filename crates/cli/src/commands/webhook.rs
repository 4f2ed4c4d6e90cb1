//! `saldo webhook`: endpoints that are called when something changes.
//!
//! JSON is what the service answers: of create and rotate `{"id","secret"}`; of list, show, pause,
//! resume and replay the webhook; of test and deliveries the try to deliver.

use super::remote::{made, once, tables};
use super::{Ended, Outcome};
use crate::args::door::{OneWebhook, Webhook};
use crate::output::{Plain, talk};
use api::address::escaped;
use api::client::{Client, ClientError, Query};
use api::webhooks::{Delivery, NewWebhook, Rotation, WebhookChange};
use serde_json::Value;

/// What takes no document.
const NOTHING: Option<&Value> = None;

/// Asks for what was typed.
pub fn run(client: &Client, args: Webhook) -> Outcome {
    match args {
        Webhook::Create(args) => {
            let crate::args::door::NewWebhook { url, name, types, party, format } = args;
            let new = NewWebhook { url, name, types, party };
            made(client, "/v1/webhooks", &new, ("id", "secret"), format)
        }
        Webhook::List { format } => {
            tables::rows(client.get("/v1/webhooks", &Query::new())?, format)
        }
        Webhook::Show(OneWebhook { id, format }) => {
            tables::one(&client.get(&path(&id, ""), &Query::new())?, format)
        }
        Webhook::Test(OneWebhook { id, format }) => test(client, &id, format),
        Webhook::Rotate { id, overlap_hours, format } => {
            let rotation = Rotation { overlap_hours: Some(overlap_hours) };
            made(client, &path(&id, "/rotate"), &rotation, ("id", "secret"), format)
        }
        Webhook::Pause(OneWebhook { id, format }) => enabled(client, &id, false, format),
        Webhook::Resume(OneWebhook { id, format }) => enabled(client, &id, true, format),
        Webhook::Remove { id } => {
            client.delete(&path(&id, ""), &once()?)?;
            talk(format!("nothing more is sent to {id}"));
            Ok(Ended::Done)
        }
        Webhook::Deliveries { id, format } => {
            let tries: Vec<Value> = client.get(&path(&id, "/deliveries"), &Query::new())?;
            if tries.is_empty() {
                talk("nothing was sent since the service was started");
            }
            tables::rows(tries, format)
        }
        Webhook::Replay { id, after, format } => {
            let path = path(&id, &format!("/replay?after={}", escaped(&after)));
            tables::one(&client.change("POST", &path, NOTHING)?, format)
        }
    }
}

fn path(id: &str, what: &str) -> String {
    format!("/v1/webhooks/{}{what}", escaped(id))
}

fn enabled(client: &Client, id: &str, enabled: bool, format: Plain) -> Outcome {
    let change = WebhookChange { enabled: Some(enabled), ..WebhookChange::default() };
    tables::one(&client.patch(&path(id, ""), &once()?, &change)?, format)
}

fn test(client: &Client, id: &str, format: Plain) -> Outcome {
    let tried: Value = client.change("POST", &path(id, "/test"), NOTHING)?;
    let delivery: Delivery = serde_json::from_value(tried.clone())
        .map_err(|error| ClientError::Strange(format!("the try to deliver: {error}")))?;
    tables::one(&tried, format)?;
    Ok(if delivery.arrived { Ended::Done } else { Ended::Found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::client::{Answered, Asked, Carrier};
    use std::sync::{Arc, Mutex};

    /// The keys that requests had; the answer to the first is lost.
    struct Lossy(Arc<Mutex<Vec<String>>>);

    impl Carrier for Lossy {
        fn carry(&self, asked: &Asked<'_>) -> Result<Answered, ClientError> {
            let key = asked.headers.iter().find(|(name, _)| *name == "idempotency-key").unwrap();
            let mut keys = self.0.lock().unwrap();
            keys.push(key.1.clone());
            if keys.len() % 2 == 1 {
                return Err(ClientError::Unreached("the answer is lost".to_owned()));
            }
            let (status, body) = match asked.method {
                "DELETE" => (204, Vec::new()),
                _ => (200, br#"{"id":"w","note":"done before"}"#.to_vec()),
            };
            Ok(Answered { status, wait: None, body })
        }
    }

    #[test]
    fn a_lost_answer_makes_no_second_webhook() {
        let keys = Arc::new(Mutex::new(Vec::new()));
        let client = Client::over(Lossy(Arc::clone(&keys)));
        let new = || crate::args::door::NewWebhook {
            url: "https://a.example".to_owned(),
            name: String::new(),
            types: Vec::new(),
            party: None,
            format: Plain::Text,
        };
        let id = || "w".to_owned();
        for (typed, ended) in [
            (Webhook::Create(new()), Ended::Found),
            (Webhook::Rotate { id: id(), overlap_hours: 1, format: Plain::Text }, Ended::Found),
            (Webhook::Remove { id: id() }, Ended::Done),
            (Webhook::Pause(OneWebhook { id: id(), format: Plain::Text }), Ended::Done),
            (Webhook::Resume(OneWebhook { id: id(), format: Plain::Text }), Ended::Done),
        ] {
            assert_eq!(run(&client, typed).ok(), Some(ended));
        }
        let keys = keys.lock().unwrap();
        assert!(keys.chunks(2).all(|pair| pair[0] == pair[1]), "{keys:?}");
        assert_eq!(keys.len(), 10);
        assert_ne!(keys[0], keys[2], "each command has its own");
    }
}
