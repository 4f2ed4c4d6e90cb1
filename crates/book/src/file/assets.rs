//! `assets.yaml`: what amounts are counted in.

use ledger::Asset;
use ledger::limits::SCALE_MAX;

use super::Title;
use crate::code;
use crate::diagnostic::{Placed, Reporter};
use crate::names::{self, Form};
use crate::read::Named;

crate::record! {
    /// What amounts are counted in.
    pub struct AssetsFile {
        /// Assets by code: A-Z and 0-9.
        pub assets: Named<AssetSpec>,
    }
}

crate::record! {
    /// An asset.
    pub struct AssetSpec {
        /// Decimals of its smallest unit: KRW 0, EUR 2, BTC 8; at most 18.
        pub scale: Placed<u8>,
        /// What people read.
        pub title: Title = default,
    }
}

/// Checks the file; the assets ascend by code.
pub fn compile(file: &AssetsFile, reporter: &mut Reporter<'_>) -> Vec<Asset> {
    names::check_all(Form::Asset, "an asset", &file.assets, reporter);
    let mut assets = Vec::new();
    for (code, spec) in file.assets.sound() {
        if spec.scale.value > SCALE_MAX {
            let message = format!("an asset has at most {SCALE_MAX} decimals");
            reporter.error(code::OUT_OF_BOUNDS, spec.scale.place, message, "");
        }
        assets.push(Asset { code: code.value.clone(), scale: spec.scale.value });
    }
    assets.sort_unstable();
    assets
}
