//! The machine's types as plain numbers, for what is kept of policies.

/// An effect as whether it denies.
pub(crate) mod effect {
    use dictum_vm::Effect;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(effect: &Effect, out: S) -> Result<S::Ok, S::Error> {
        (*effect == Effect::Deny).serialize(out)
    }

    pub(crate) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Effect, D::Error> {
        Ok(if bool::deserialize(from)? { Effect::Deny } else { Effect::Allow })
    }
}

/// An operator as the word that a bundle has for it.
pub(crate) mod test {
    use dictum_vm::op::TestFlags;
    use dictum_vm::operator::Test;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(test: &Test, out: S) -> Result<S::Ok, S::Error> {
        TestFlags::new(*test).0.serialize(out)
    }

    pub(crate) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Test, D::Error> {
        TestFlags(u32::deserialize(from)?).test().ok_or_else(|| D::Error::custom("no operator"))
    }
}

/// A network as its address, its length and whether it is of IPv6.
pub(crate) mod network {
    use dictum_vm::value::ip::Network;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(network: &Network, out: S) -> Result<S::Ok, S::Error> {
        match *network {
            Network::V4(address, length) => (u128::from(address), length, false),
            Network::V6(address, length) => (address, length, true),
        }
        .serialize(out)
    }

    pub(crate) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Network, D::Error> {
        let (address, length, is_new) = <(u128, u8, bool)>::deserialize(from)?;
        Ok(if is_new { Network::V6(address, length) } else { Network::V4(address as u32, length) })
    }
}
