//! Endpoints of webhooks through commands: recorded, changed, rotated, removed; the secret is on
//! no disk as it is.
#![allow(clippy::unwrap_used)] // a test may panic

use engine::query::Cursor;
use engine::webhook::Progress;
use node::webhooks::{self, EndpointChange, NewEndpoint};
use node::{Purpose, Session, clock};
use std::path::Path;

const HOUR: i64 = 3_600_000_000_000;

fn open(dir: &Path) -> Session {
    Session::open(dir, None, Purpose::Change, &mut |_, _| {}).unwrap()
}

/// Whether any file below a directory has these bytes in it.
fn is_on_disk(dir: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return is_on_disk(&path, bytes);
        }
        let text = std::fs::read(&path).unwrap();
        text.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn an_endpoint_lives_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let files = node::init::template_book("gaming", "house").unwrap();
    node::init::init(dir.path(), &files, "house").unwrap();
    let mut session = open(dir.path());
    let new = NewEndpoint {
        url: "https://example.com/".into(),
        types: vec!["event.posted".into()],
        party: Some("studio-0".into()),
        ..NewEndpoint::default()
    };
    let (id, first) = webhooks::make(&mut session, new, "kim").unwrap();
    let made = webhooks::find(&session, &id).unwrap().unwrap();
    assert_eq!(made.delivered, Cursor::before(made.made + 1), "what was before is not sent");
    let change = EndpointChange { name: Some("feed".into()), ..EndpointChange::default() };
    assert!(webhooks::change(&mut session, &id, change, "lee").unwrap());
    let second = webhooks::rotate(&mut session, &id, HOUR, "kim").unwrap().unwrap();
    let cursor = Cursor { position: 7, place: 1 };
    let progress = |id: &str| Progress { id: id.to_owned(), cursor };
    webhooks::delivered(&mut session, vec![progress(&id), progress("nobody")], "w").unwrap();
    drop(session);

    let mut session = open(dir.path());
    let found = webhooks::find(&session, &id).unwrap().unwrap();
    assert_eq!(
        (found.made, found.made_at, found.author.as_str()),
        (made.made, made.made_at, "kim")
    );
    assert_eq!((found.delivered, found.endpoint.name.as_str()), (cursor, "feed"));
    let now = clock::now_nanos();
    let bytes = |secrets: Vec<(Vec<u8>, i64)>| -> Vec<Vec<u8>> {
        secrets.into_iter().map(|(secret, _)| secret).collect()
    };
    let signing = |at| bytes(webhooks::secrets(&session, &found.endpoint, at).unwrap());
    assert_eq!(signing(now), [second.clone(), first.clone()], "both hold for the overlap");
    assert_eq!(signing(now + 2 * HOUR), std::slice::from_ref(&second));
    assert!(!is_on_disk(dir.path(), &first) && !is_on_disk(dir.path(), &second));

    let third = webhooks::rotate(&mut session, &id, 0, "kim").unwrap().unwrap();
    let found = webhooks::find(&session, &id).unwrap().unwrap();
    let left = webhooks::secrets(&session, &found.endpoint, clock::now_nanos()).unwrap();
    assert_eq!(bytes(left), [third], "without an overlap the others are gone");
    assert!(webhooks::stop(&mut session, &id, "gone").unwrap());
    let stopped = webhooks::find(&session, &id).unwrap().unwrap().endpoint;
    assert_eq!((stopped.enabled, stopped.stopped.as_str()), (false, "gone"));
    assert!(webhooks::remove(&mut session, &id, "kim").unwrap());
    assert_eq!(session.operator.engine.webhooks().unwrap(), []);
    for outcome in [
        webhooks::change(&mut session, &id, EndpointChange::default(), "kim").unwrap(),
        webhooks::stop(&mut session, &id, "").unwrap(),
        webhooks::remove(&mut session, &id, "kim").unwrap(),
        webhooks::rotate(&mut session, &id, 0, "kim").unwrap().is_some(),
    ] {
        assert!(!outcome, "what is gone is not changed");
    }
}
