//! A receiver of webhooks on this machine: notes what comes and answers as it is told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One request that came.
#[derive(Clone)]
pub struct Received {
    pub id: String,
    pub attempt: u32,
    pub kind: String,
    pub subject: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

type Answer = Arc<dyn Fn(&Received, usize) -> u16 + Send + Sync>;

/// A receiver; `answer` is told a request and how many came before it.
#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    came: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub async fn start(answer: impl Fn(&Received, usize) -> u16 + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let came: Arc<Mutex<Vec<Received>>> = Arc::default();
        let answer: Answer = Arc::new(answer);
        let state = (Arc::clone(&came), answer);
        let router = Router::new().fallback(receive).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, came }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn came(&self) -> Vec<Received> {
        self.came.lock().unwrap().clone()
    }

    /// What came, once it is so; what there is after half a minute.
    pub async fn until(&self, is_so: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let came = self.came();
            if is_so(&came) || Instant::now() > end {
                return came;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn receive(
    State((came, answer)): State<(Arc<Mutex<Vec<Received>>>, Answer)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let document: Value = serde_json::from_slice(&body).unwrap();
    let received = Received {
        id: text("webhook-id"),
        attempt: text("saldo-attempt").parse().unwrap(),
        kind: document["type"].as_str().unwrap().to_owned(),
        subject: document["subject"].as_str().unwrap().to_owned(),
        headers,
        body,
    };
    let status = {
        let mut came = came.lock().unwrap();
        let status = answer(&received, came.len());
        came.push(received);
        status
    };
    let status = StatusCode::from_u16(status).unwrap();
    // Where it were followed, it would come here again.
    (status, [(header::LOCATION, "/elsewhere")]).into_response()
}
