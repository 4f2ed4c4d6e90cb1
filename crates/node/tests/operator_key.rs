//! Another signing key for the operator: what was sealed and derived under the old one goes on, and
//! a change that is cut off at any of its steps is finished, or was never begun.
#![allow(clippy::unwrap_used)] // a failing unwrap fails the test

use node::access::{self, NewKey, person, token_key};
use node::engine::Command;
use node::proof::rotation::Rotation;
use node::{Purpose, Session, operator_key};
use std::fs;
use std::path::Path;

fn open(dir: &Path) -> Session {
    Session::open(dir, None, Purpose::Change, &mut |_, _| {}).unwrap()
}

/// An operator with a person who shows one-time codes and a client; the secret of the codes.
fn home() -> (tempfile::TempDir, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let files = node::init::template_book("gaming", "house").unwrap();
    node::init::init(dir.path(), &files.into_iter().collect(), "house").unwrap();
    let mut session = open(dir.path());
    person::make_first(&mut session, "kim", "no password", true).unwrap().unwrap();
    let (name, role) = ("feeds".to_owned(), "auditor".to_owned());
    let new = NewKey { client: true, name, role, ..NewKey::default() };
    access::make(&mut session, &new, "tester").unwrap();
    let secret = codes(&session);
    session.checkpoint().unwrap();
    (dir, secret)
}

/// The secret of the person's one-time codes, as it is opened now.
fn codes(session: &Session) -> Vec<u8> {
    person::named(session, "kim", node::clock::now_nanos()).unwrap().unwrap().1.unwrap()
}

/// All is as it must be after so many changes of the key.
fn check(dir: &Path, secret: &[u8], changes: usize) {
    let session = open(dir);
    assert_eq!(codes(&session), secret, "one-time codes are the same");
    assert!(token_key::is_own(&session).unwrap(), "tokens are signed by a key of now");
    let rotations = session.operator.engine.rotations().unwrap();
    assert_eq!(rotations.len(), changes);
    if let Some(last) = rotations.last() {
        assert_eq!(session.keys.signing().unwrap().verifier(), &last.rotation.new);
    }
    let names = fs::read_dir(&session.place.keys).unwrap();
    let left =
        names.filter(|n| n.as_ref().unwrap().path().extension().is_some_and(|e| e == "next"));
    assert_eq!(left.count(), 0, "nothing is left beside");
}

#[test]
fn a_change_of_the_key_keeps_what_was_made_under_the_old_one() {
    let (dir, secret) = home();
    check(dir.path(), &secret, 0);
    for changes in 1..=2 {
        let mut session = open(dir.path());
        let tokens = session.operator.engine.token_keys().unwrap().len();
        operator_key::rotate(&mut session).unwrap();
        assert_eq!(session.operator.engine.token_keys().unwrap().len(), tokens + 1);
        drop(session);
        check(dir.path(), &secret, changes);
    }
}

#[test]
fn a_change_that_was_cut_off_is_finished_or_was_never_begun() {
    let (dir, secret) = home();
    let keys = dir.path().join("keys/house");
    // Put beside, and no more.
    let session = open(dir.path());
    session.keys.renewed().unwrap().put_beside(&keys).unwrap();
    drop(session);
    check(dir.path(), &secret, 0);
    // Recorded, and no more.
    let mut session = open(dir.path());
    let before = fs::read(keys.join("signing.key")).unwrap();
    let public = fs::read(keys.join("public.key")).unwrap();
    operator_key::rotate(&mut session).unwrap();
    drop(session);
    let after = fs::read(keys.join("signing.key")).unwrap();
    let public_after = fs::read(keys.join("public.key")).unwrap();
    let beside = |signing: &[u8], public: &[u8]| {
        use std::os::unix::fs::PermissionsExt as _;
        fs::write(keys.join("signing.key"), signing).unwrap();
        fs::write(keys.join("public.key"), public).unwrap();
        fs::write(keys.join("signing.key.next"), &after).unwrap();
        fs::write(keys.join("public.key.next"), &public_after).unwrap();
        let owner = fs::Permissions::from_mode(0o600);
        fs::set_permissions(keys.join("signing.key.next"), owner).unwrap();
    };
    beside(&before, &public);
    check(dir.path(), &secret, 1);
    // Recorded, and nothing made anew.
    let mut session = open(dir.path());
    let next = session.keys.renewed().unwrap();
    next.put_beside(&keys).unwrap();
    let (old, new) = (session.keys.signing().unwrap(), next.signing().unwrap());
    let note = Rotation::sign("house", &old, &new, 1).unwrap().to_string().into_bytes();
    let elsewhere = Rotation::sign("horse", &old, &new, 1).unwrap().to_string().into_bytes();
    let turned = Rotation::sign("house", &new, &old, 1).unwrap().to_string().into_bytes();
    for wrong in [elsewhere, turned, b"no note".to_vec()] {
        assert!(session.command(Command::OperatorKey { note: wrong }).is_err());
    }
    session.command(Command::OperatorKey { note }).unwrap();
    drop(session);
    check(dir.path(), &secret, 2);
    let after = fs::read(keys.join("signing.key")).unwrap();
    let public_after = fs::read(keys.join("public.key")).unwrap();
    // Between the two files.
    fs::write(keys.join("signing.key"), &after).unwrap();
    fs::write(keys.join("public.key"), &public).unwrap();
    fs::write(keys.join("public.key.next"), &public_after).unwrap();
    check(dir.path(), &secret, 2);
}
