//! Finds which nodes of a document are copies that aliases made of the same text.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::findings::Place;
use crate::yaml::reading::deserializer;

/// For each node, a number that is the same for all copies of a text. The keys of a mapping and what is in them are
/// recognized; a number or list that an alias repeats is not.
pub(crate) struct Origins(Vec<u64>);

impl Origins {
    /// Those of a text that was read before.
    pub(crate) fn of(text: &str) -> Self {
        let mut found = Vec::new();
        let root = Seed {
            found: &mut found,
            within: 0,
        };
        // An error ends the list: nodes without a number are copies of nothing.
        let _: Result<(), _> = root.deserialize(deserializer(text));
        Self(found)
    }

    /// The number of a place.
    pub(crate) fn get(&self, place: Place) -> Option<u64> {
        self.0.get(place.0).copied()
    }
}

fn hashed(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The parser keeps each text once: an alias leads to the same address.
fn address(text: &str) -> Option<u64> {
    (!text.is_empty()).then(|| hashed(text.as_ptr().addr()))
}

/// The next node, with the number that it has unless it is a text.
struct Seed<'f> {
    found: &'f mut Vec<u64>,
    within: u64,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        self.found.push(self.within);
        from.deserialize_any(self)
    }
}

struct KeySeed<'f>(Seed<'f>);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<u64, D::Error> {
        self.0.found.push(self.0.within);
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name as key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        let own = address(text).unwrap_or(self.0.within);
        if let Some(last) = self.0.found.last_mut() {
            *last = own;
        }
        Ok(own)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if let (Some(own), Some(last)) = (address(text), self.found.last_mut()) {
            *last = own;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            let item = Seed {
                found: self.found,
                within: hashed((self.within, index)),
            };
            if access.next_element_seed(item)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            let key = KeySeed(Seed {
                found: self.found,
                within: hashed((self.within, index)),
            });
            let Some(key) = access.next_key_seed(key)? else {
                break;
            };
            access.next_value_seed(Seed {
                found: self.found,
                within: hashed(key),
            })?;
        }
        Ok(())
    }
}
