//! `saldo webhook`: endpoints that are called when something changes.
//!
//! JSON is what the service answers: of create and rotate `{"id","secret"}`; of list, show, pause,
//! resume and replay the webhook; of test and deliveries the try to deliver.

use super::remote::{shown_once, tables};
use super::{Ended, Outcome};
use crate::args::door::{OneWebhook, Webhook};
use crate::output::{Plain, talk};
use api::address::escaped;
use api::client::{Client, ClientError, Query};
use api::webhooks::{Delivery, MadeWebhook, NewWebhook, Rotation, WebhookChange};
use serde_json::Value;

/// What takes no document.
const NOTHING: Option<&Value> = None;

/// Asks for what was typed.
pub fn run(client: &Client, args: Webhook) -> Outcome {
    match args {
        Webhook::Create(args) => {
            let crate::args::door::NewWebhook { url, name, types, party, format } = args;
            let new = NewWebhook { url, name, types, party };
            made(client.change("POST", "/v1/webhooks", Some(&new))?, format)
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
            made(client.change("POST", &path(&id, "/rotate"), Some(&rotation))?, format)
        }
        Webhook::Pause(OneWebhook { id, format }) => enabled(client, &id, false, format),
        Webhook::Resume(OneWebhook { id, format }) => enabled(client, &id, true, format),
        Webhook::Remove { id } => {
            client.change::<Value>("DELETE", &path(&id, ""), NOTHING)?;
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

fn made(MadeWebhook { id, secret }: MadeWebhook, format: Plain) -> Outcome {
    shown_once(&[("id", &id), ("secret", &secret)], format)
}

fn enabled(client: &Client, id: &str, enabled: bool, format: Plain) -> Outcome {
    let change = WebhookChange { enabled: Some(enabled), ..WebhookChange::default() };
    tables::one(&client.change("PATCH", &path(id, ""), Some(&change))?, format)
}

fn test(client: &Client, id: &str, format: Plain) -> Outcome {
    let tried: Value = client.change("POST", &path(id, "/test"), NOTHING)?;
    let delivery: Delivery = serde_json::from_value(tried.clone())
        .map_err(|error| ClientError::Strange(format!("the try to deliver: {error}")))?;
    tables::one(&tried, format)?;
    Ok(if delivery.arrived { Ended::Done } else { Ended::Found })
}
