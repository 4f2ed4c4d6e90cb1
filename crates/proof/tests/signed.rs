//! Leaf data, heads, notes and checkpoints: their bytes, their round trips, and what is refused.

use proof::checkpoint::{Checkpoint, CheckpointError, stream_origin};
use proof::digest::sha256;
use proof::heads::{Head, HeadsError, HeadsTree};
use proof::leaf::{Leaf, LeafData, RecordLeafData};
use proof::note::{NoteError, SIGNATURES_MAX, SignedNote, SigningKey, VerifierKey};
use proptest::collection::vec;
use proptest::prelude::*;

fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, [seed; 32]).expect("a valid name")
}

#[test]
fn leaf_data_byte_by_byte() {
    let content_hash = sha256(b"an event");
    let pseudonyms = [[0xaa; 16], [0xbb; 16]];
    let mut bytes = Vec::new();
    LeafData { content_hash, pseudonyms: &pseudonyms, blind: [0xcc; 16] }.encode_into(&mut bytes);
    let expected = [&[1], content_hash.0.as_slice(), &[2], &[0xaa; 16], &[0xbb; 16], &[0xcc; 16]];
    assert_eq!(bytes, expected.concat());
    let event = Leaf::Event { content_hash, pseudonyms: pseudonyms.to_vec(), blind: [0xcc; 16] };
    assert_eq!(Leaf::decode(&bytes), Ok(event));

    let record = RecordLeafData { kind: 7, record_hash: content_hash, blind: [0xdd; 16] };
    bytes.clear();
    record.encode_into(&mut bytes);
    assert_eq!(bytes, [&[2, 7], content_hash.0.as_slice(), &[0xdd; 16]].concat());
    assert_eq!(Leaf::decode(&bytes), Ok(Leaf::Record(record)));
    bytes.push(0);
    assert!(Leaf::decode(&bytes).is_err(), "nothing may follow");
}

fn heads(count: u64) -> Vec<Head> {
    let head = |n: u64| Head {
        origin: stream_origin("casino", &format!("source-{n}")),
        size: n * 1_000,
        root: sha256(&n.to_le_bytes()),
    };
    (0..count).map(head).collect()
}

#[test]
fn each_head_is_proven_in_any_order_of_arrival() {
    for count in [1, 2, 7, 300] {
        let tree = HeadsTree::new(heads(count)).expect("distinct origins");
        let mut reversed = heads(count);
        reversed.reverse();
        assert_eq!(HeadsTree::new(reversed).map(|tree| tree.root()), Ok(tree.root()));
        assert!(tree.heads().is_sorted_by_key(|head| head.origin.as_bytes()));
        for head in heads(count) {
            let (found, proof) = tree.prove(&head.origin).expect("it is there");
            assert_eq!(found, &head);
            assert_eq!(proof.verify(&head, count, tree.root()), Ok(()));
            let other = Head { size: head.size + 1, ..head };
            assert!(proof.verify(&other, count, tree.root()).is_err());
        }
    }
    let tree = HeadsTree::new(heads(3)).expect("distinct origins");
    assert_eq!(tree.prove("casino/absent"), None);
    assert_eq!(HeadsTree::new(Vec::new()).map(|tree| tree.root()), Ok(sha256(b"")));
}

#[test]
fn heads_that_make_no_tree() {
    let mut twice = heads(2);
    twice[1].origin = twice[0].origin.clone();
    let refused = HeadsTree::new(twice.clone()).map(drop);
    assert_eq!(refused, Err(HeadsError::TwoHeads(twice[0].origin.clone())));
    twice[0].origin = "x".repeat(65_536);
    assert_eq!(HeadsTree::new(twice).map(drop), Err(HeadsError::OriginTooLong(65_536)));
}

#[test]
fn verifier_keys_have_one_spelling() {
    let good = key("casino/studio-a", 1).verifier().to_string();
    assert_eq!(good.parse::<VerifierKey>().as_ref(), Ok(key("casino/studio-a", 1).verifier()));
    let hash = good.split('+').nth(1).expect("three parts");
    let bad = [
        String::new(),
        "casino/studio-a".into(),
        good.replace("casino", "casinos"),
        good.replace(hash, "00000000"),
        good.replace(hash, &format!("0{hash}")),
        format!("{good}A"),
        format!(" {good}"),
        good[..good.len() - 1].into(),
    ];
    for text in bad {
        assert!(text.parse::<VerifierKey>().is_err(), "{text:?}");
    }
    for name in ["", "a b", "a+b", "a\nb", "a\u{3000}b"] {
        assert_eq!(VerifierKey::new(name, [0; 32]), Err(NoteError::KeyName), "{name:?}");
    }
}

#[test]
fn several_signatures() {
    let (operator, witness, stranger) = (key("casino", 1), key("witness", 2), key("stranger", 3));
    let mut note = SignedNote::sign("one\n\ntwo\n", &[&operator]).expect("a valid text");
    note.add_signature(&witness).expect("room for it");
    let read = SignedNote::parse(note.to_string().as_bytes());
    assert_eq!(read.as_ref(), Ok(&note));
    let known =
        |keys: &[&SigningKey]| keys.iter().map(|k| k.verifier().clone()).collect::<Vec<_>>();
    let signers = |keys: &[&SigningKey]| {
        let known = known(keys);
        note.verify(&known)
            .map(|found| found.iter().map(|k| k.name().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(signers(&[&witness]), Ok(vec!["witness".into()]));
    assert_eq!(signers(&[&witness, &operator]), Ok(vec!["casino".into(), "witness".into()]));
    assert_eq!(signers(&[&stranger]), Err(NoteError::NoKnownKey));
    assert_eq!(signers(&[&key("casino", 3)]), Err(NoteError::NoKnownKey), "same name, other key");
    assert_eq!(signers(&[]), Err(NoteError::NoKnownKey));

    let altered = note.to_string().replace("two", "six");
    let altered = SignedNote::parse(altered.as_bytes()).expect("still a note");
    let refused = NoteError::BadSignature { name: "casino".into() };
    assert_eq!(altered.verify(&known(&[&operator, &witness])), Err(refused));
    for text in ["", "no newline", "a\rb\n", "a\tb\n", "a\0\n"] {
        assert_eq!(SignedNote::sign(text, &[&operator]), Err(NoteError::Text), "{text:?}");
    }
}

#[test]
fn notes_that_are_refused() {
    let note = SignedNote::sign("text\n", &[&key("casino", 1)]).expect("a valid text").to_string();
    let line = note.lines().last().expect("a signature").to_owned() + "\n";
    assert!(SignedNote::parse(note.as_bytes()).is_ok());
    let bad = [
        String::new(),
        "text\n".into(),
        "text\n\n".into(),
        note.trim_end().into(),
        note.replace('\u{2014}', "-"),
        note.replace("casino", "cas ino"),
        note.replace("casino ", ""),
        note.replace("\n\n", "\n"),
        format!("{note}\n"),
        format!("{note}text\n"),
        "text\n\n\u{2014} casino AAAA\n".into(),
        "text\n\n\u{2014} casino AAAAAA==\n".into(),
    ];
    for text in bad {
        assert_eq!(SignedNote::parse(text.as_bytes()), Err(NoteError::Malformed), "{text:?}");
    }
    let full = format!("text\n\n{}", line.repeat(SIGNATURES_MAX));
    let mut full = SignedNote::parse(full.as_bytes()).expect("as many as are allowed");
    assert_eq!(full.add_signature(&key("one-more", 2)), Err(NoteError::TooManySignatures));
    let over = format!("{full}{line}");
    assert_eq!(SignedNote::parse(over.as_bytes()), Err(NoteError::TooManySignatures));
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: stream_origin("casino", "studio-a"),
        size: 20_852_163,
        root: sha256(b"root"),
        extensions: vec!["book 7".into()],
    }
}

#[test]
fn checkpoints_line_by_line() {
    let root = checkpoint().root.to_base64();
    let text = format!("casino/studio-a\n20852163\n{root}\nbook 7\n");
    assert_eq!(checkpoint().to_string(), text);
    assert_eq!(text.parse(), Ok(checkpoint()));
    let bad = [
        text.trim_end().to_owned(),
        text.replace("20852163", "020852163"),
        text.replace("20852163", "+20852163"),
        text.replace("20852163", "20852163 "),
        text.replace("20852163", "18446744073709551616"),
        text.replace(&root, &root[1..]),
        text.replace("casino/studio-a", ""),
        format!("{text}\n"),
        text.replace("\nbook 7", "\n\nbook 7"),
        "casino/studio-a\n1\n".into(),
        String::new(),
    ];
    for text in bad {
        assert_eq!(text.parse::<Checkpoint>(), Err(CheckpointError::Malformed), "{text:?}");
    }
}

#[test]
fn a_checkpoint_opens_under_its_key_and_origin_alone() {
    let (operator, witness) = (key("casino", 1), key("witness", 2));
    let note = checkpoint().sign(&[&operator, &witness]).expect("a valid checkpoint").to_string();
    let open = |note: &str, origin: &str, key: &SigningKey| {
        Checkpoint::open(note.as_bytes(), origin, &[key.verifier().clone()])
    };
    assert_eq!(open(&note, "casino/studio-a", &operator), Ok(checkpoint()));
    assert_eq!(open(&note, "casino/studio-a", &witness), Ok(checkpoint()));
    let cases = [
        ("E6041", open(&note, "casino/studio-b", &operator)),
        ("E6042", open(&note, "casino/studio-a", &key("casino", 9))),
        ("E6042", open(&note.replace("208", "209"), "casino/studio-a", &operator)),
        ("E6042", open("", "casino/studio-a", &operator)),
    ];
    for (code, result) in cases {
        assert_eq!(result.as_ref().map_err(CheckpointError::code), Err(code), "{result:?}");
    }
    let text = SignedNote::sign("casino/studio-a\n", &[&operator]).expect("a note").to_string();
    let refused = open(&text, "casino/studio-a", &operator);
    assert_eq!(refused, Err(CheckpointError::Malformed));
    for line in ["", "two\nlines"] {
        let wrong = Checkpoint { extensions: vec![line.into()], ..checkpoint() };
        assert_eq!(wrong.sign(&[&operator]), Err(CheckpointError::Malformed), "{line:?}");
    }
}

proptest! {
    #[test]
    fn parsers_never_panic(bytes in vec(any::<u8>(), 0..300), version in 0..3_u8) {
        let versioned = [&[version], bytes.as_slice()].concat();
        for bytes in [&bytes, &versioned] {
            let _ = Leaf::decode(bytes);
            let _ = SignedNote::parse(bytes);
            if let Ok(head) = Head::decode(bytes) {
                let mut again = Vec::new();
                head.encode_into(&mut again).expect("it was read");
                prop_assert_eq!(&again, bytes);
            }
        }
    }

    #[test]
    fn texts_that_are_nearly_right(
        text in "(casino\n|[0-9]{1,3}\n|[A-Za-z+/]{43}=\n|\n|\u{2014} |casino |[A-Za-z]{8}){0,9}",
    ) {
        if let Ok(note) = SignedNote::parse(text.as_bytes()) {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text.clone());
        }
        let _ = text.parse::<VerifierKey>();
    }

    #[test]
    fn any_flipped_bit_of_a_signed_checkpoint_is_refused(bit in any::<prop::sample::Index>()) {
        let operator = key("casino", 1);
        let mut bytes = checkpoint().sign(&[&operator]).expect("valid").to_string().into_bytes();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let known = [operator.verifier().clone()];
        prop_assert!(Checkpoint::open(&bytes, "casino/studio-a", &known).is_err());
    }

    #[test]
    fn heads_round_trip(origin in ".{0,80}", size in any::<u64>(), root in any::<[u8; 32]>()) {
        let head = Head { origin, size, root: proof::Hash(root) };
        let mut bytes = Vec::new();
        head.encode_into(&mut bytes).expect("a short origin");
        prop_assert_eq!(Head::decode(&bytes), Ok(head));
        prop_assert!(Head::decode(&bytes[..bytes.len() - 1]).is_err());
    }
}
