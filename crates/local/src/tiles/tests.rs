//! Tiles: names, turns, repeats.
#![allow(clippy::unwrap_used)] // a test may panic

use super::*;
use sim::disk::FaultDisk;

#[test]
fn names_of_full_tiles_are_places() {
    let check = |path: &str, expected: Option<(&str, u64)>| {
        let found = Name::parse(path).map(|name| (name.file, name.number));
        let expected = expected.map(|(file, number)| (file.to_owned(), number));
        assert_eq!(found, expected, "{path}");
    };
    check("bustabit/tile/0/x001/234", Some(("tiles/bustabit.0", 1234)));
    check("op/src-2/tile/3/007", Some(("tiles/op+src-2.3", 7)));
    check("a/tile/8/x001/x002/003", Some(("tiles/a.8", 1_002_003)));
    check("a/tile/0/x001/234.p/17", None);
    check("a/tile/0/1234", None);
    check("a/tile/9/000", None);
    check("a/tile/entries/000", None);
    check("a/tile/0/001/234", None);
    check("tile/0/000", None);
    check("../x/tile/0/000", None);
    check("a/tile/0/x999/x999/x999/x999/x999/x999/x999/999", None);
}

#[test]
fn tiles_are_taken_in_their_turn() {
    let disk = Arc::new(FaultDisk::new(0));
    disk.create_dir(DIR).unwrap();
    let mut tiles = Tiles::open(disk, Vec::new()).unwrap();
    let tile = |byte| vec![byte; TILE_BYTES];
    assert!(!tiles.take("a/tile/0/001", &tile(1)).unwrap(), "not its turn");
    assert!(!tiles.take("a/tile/0/000", &tile(1)[1..]).unwrap(), "not full");
    for number in 0..3 {
        assert!(tiles.take(&format!("a/tile/0/{number:03}"), &tile(number)).unwrap());
    }
    tiles.write().unwrap();
    assert!(tiles.take("a/tile/0/001", &tile(1)).unwrap(), "again, the same");
    assert!(tiles.take("a/tile/0/001", &tile(9)).is_err(), "again, another");
    for number in 0..3 {
        let path = format!("a/tile/0/{number:03}");
        assert_eq!(tiles.read(&path).unwrap(), Some(tile(number)), "{path}");
    }
    assert_eq!(tiles.read("a/tile/0/003").unwrap(), None);
    assert_eq!(tiles.read("a/tile/1/000").unwrap(), None);
}
