//! The generators against their published first outputs, and the helpers by count.

use super::{Rng, Zipf, mix};

const DRAWS: usize = 100_000;

#[test]
fn first_outputs_are_the_published_ones() {
    assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0xe220_a839_7b1d_cdaf);
    let mut rng = Rng { state: [1, 2, 3, 4] };
    let first = [(); 4].map(|()| rng.next_u64());
    assert_eq!(first, [11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240]);
}

#[test]
fn equal_seeds_give_equal_streams_and_others_do_not() {
    let stream = |seed| {
        let mut rng = Rng::from_seed(seed);
        [(); 8].map(|()| rng.next_u64())
    };
    assert_eq!(stream(7), stream(7));
    assert_ne!(stream(7), stream(8));
}

#[test]
fn ranges_hold_and_are_used_up() {
    let mut rng = Rng::from_seed(1);
    let mut counts = [0_u32; 6];
    for _ in 0..DRAWS {
        counts[rng.index(6)] += 1;
        assert!((5..=9).contains(&rng.between(5, 9)));
    }
    assert!(counts.iter().all(|count| (16_000..17_400).contains(count)), "{counts:?}");
    assert_eq!((rng.below(0), rng.below(1), rng.between(4, 4)), (0, 0, 4));
    assert_eq!(rng.pick::<u8>(&[]), None);
}

#[test]
fn chances_hold_by_count() {
    let mut rng = Rng::from_seed(2);
    let mut hits =
        |numerator, denominator| (0..DRAWS).filter(|_| rng.chance(numerator, denominator)).count();
    assert_eq!((hits(0, 10), hits(10, 10)), (0, DRAWS));
    let quarter = hits(1, 4);
    assert!((24_500..25_500).contains(&quarter), "{quarter}");
}

#[test]
fn shuffle_moves_things_and_loses_none() {
    let mut items: Vec<u32> = (0..100).collect();
    Rng::from_seed(3).shuffle(&mut items);
    assert_ne!(items, (0..100).collect::<Vec<_>>());
    items.sort_unstable();
    assert_eq!(items, (0..100).collect::<Vec<_>>());
}

#[test]
fn rank_r_is_about_r_plus_one_times_rarer() {
    let (zipf, mut rng) = (Zipf::new(10), Rng::from_seed(4));
    let mut counts = [0_usize; 10];
    for _ in 0..DRAWS {
        counts[zipf.draw(&mut rng)] += 1;
    }
    for (rank, &count) in counts.iter().enumerate() {
        let alike = count * (rank + 1) * 100 / counts[0];
        assert!((90..=110).contains(&alike), "rank {rank}: {counts:?}");
    }
    assert_eq!(Zipf::new(0).draw(&mut rng), 0);
}
