//! What every Store must do.

mod cases;
mod model;
mod script;

pub use model::Model;
pub use script::{Step, script};

use super::Reopen;
use crate::rng::Rng;
use engine::port::Store;

/// Runs every check; `place` makes a fresh place each time. Panics with what is wrong.
pub fn suite(place: &mut dyn FnMut() -> Reopen<dyn Store>) {
    for (name, case) in cases::ALL {
        println!("store: {name}");
        case(&mut place());
    }
    for seed in 0..4 {
        random_script(&mut place(), seed);
    }
}

/// A random life: after every step the Store says what the model says; opened again it is at its
/// last checkpoint.
fn random_script(open: &mut Reopen<dyn Store>, seed: u64) {
    let mut rng = Rng::from_seed(seed);
    let mut store = open();
    let mut model = Model::default();
    let mut durable = Model::default();
    for step in script(&mut rng, 60) {
        match step {
            Step::Commit(commit) => {
                model.commit(&commit);
                let committed = store.commit(commit);
                committed.unwrap_or_else(|error| panic!("seed {seed}: commit: {error}"));
            }
            Step::Checkpoint { state, partial } => {
                model.checkpoint(&state, &partial);
                let done = store.checkpoint(&state, &partial);
                done.unwrap_or_else(|error| panic!("seed {seed}: checkpoint: {error}"));
                durable = model.clone();
            }
        }
        model.must_equal(&*store, &format!("seed {seed}"));
        if rng.chance(1, 8) {
            drop(store);
            store = open();
            durable.must_equal(&*store, &format!("seed {seed}, opened again"));
            let replayed = model.commits_since_checkpoint();
            model = durable.clone();
            for commit in replayed {
                model.commit(&commit);
                let committed = store.commit(commit);
                committed.unwrap_or_else(|error| panic!("seed {seed}: replay: {error}"));
            }
            model.must_equal(&*store, &format!("seed {seed}, replayed"));
        }
    }
}
