//! The canonical fields of a hierarchy.

use super::{Hierarchy, LevelRate, NetLoss};
use crate::canon::{Fields, Map, Value, list, text};
use crate::error::SettleError;
use crate::statement::Effect;

impl Hierarchy {
    pub(super) fn map(&self) -> Map {
        let parents = self.parents.iter().map(|(party, parent)| (party.clone(), text(parent)));
        let mut map = Map::from([
            ("effect".into(), text(self.effect.word())),
            ("parents".into(), Value::Map(parents.collect())),
            ("party".into(), text(&self.party)),
            ("rates".into(), list(self.rates.iter().map(LevelRate::value))),
        ]);
        if let Some(product) = &self.product {
            map.insert("product".into(), text(product));
        }
        if let Some(measure) = &self.turnover {
            map.insert("turnover".into(), text(measure));
        }
        if let Some(net_loss) = &self.net_loss {
            map.insert("net-loss".into(), text(&net_loss.measure));
            let floor = if net_loss.each { "each" } else { "all" };
            map.insert("floor".into(), text(floor));
        }
        if let Some(to) = self.round {
            map.insert("round".into(), text(to));
        }
        if let Some(party) = &self.pays {
            map.insert("pays".into(), text(party));
        }
        map
    }

    pub(super) fn of_fields(fields: &mut Fields) -> Result<Self, SettleError> {
        let mut given = fields.map("parents")?;
        let names = given.names().into_iter();
        let parents = names.map(|name| Ok((name.clone(), given.text(&name)?)));
        let parents = parents.collect::<Result<_, SettleError>>()?;
        let net_loss = match fields.optional("net-loss")? {
            Some(measure) => Some(NetLoss { measure, each: fields.word("floor", each)? }),
            None => None,
        };
        Ok(Self {
            party: fields.text("party")?,
            product: fields.optional("product")?,
            turnover: fields.optional("turnover")?,
            net_loss,
            parents,
            rates: fields.maps("rates", LevelRate::read)?,
            round: fields.optional("round")?,
            pays: fields.optional("pays")?,
            effect: fields.word("effect", Effect::from_word)?,
        })
    }
}

fn each(word: &str) -> Option<bool> {
    match word {
        "each" => Some(true),
        "all" => Some(false),
        _ => None,
    }
}

impl LevelRate {
    fn value(&self) -> Value {
        let mut map = Map::from([("party".to_owned(), text(&self.party))]);
        if let Some(product) = &self.product {
            map.insert("product".into(), text(product));
        }
        if let Some(from) = self.from {
            map.insert("from".into(), text(from));
        }
        if let Some(rate) = self.turnover {
            map.insert("turnover".into(), text(rate.canonical()));
        }
        if let Some(rate) = self.net_loss {
            map.insert("net-loss".into(), text(rate.canonical()));
        }
        Value::Map(map)
    }

    fn read(mut fields: Fields) -> Result<Self, SettleError> {
        Ok(Self {
            party: fields.text("party")?,
            product: fields.optional("product")?,
            from: fields.optional("from")?,
            turnover: fields.optional("turnover")?,
            net_loss: fields.optional("net-loss")?,
        })
    }
}
