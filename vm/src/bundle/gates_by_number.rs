//! Gates by number: identity, resource, boundary, session, then each level of scp, then each level of rcp.

use super::Meta;
use crate::decision::Layer;

/// Gates before those of the levels.
pub(crate) const FIRST_LEVEL_GATE: u32 = 4;

/// The layer of a gate.
pub(crate) fn layer_of(gate: u32, meta: &Meta) -> Layer {
    match gate {
        0 => Layer::Identity,
        1 => Layer::Resource,
        2 => Layer::Boundary,
        3 => Layer::Session,
        _ if gate - FIRST_LEVEL_GATE < meta.scp_levels => Layer::Scp(gate - FIRST_LEVEL_GATE),
        _ => Layer::Rcp(gate - FIRST_LEVEL_GATE - meta.scp_levels),
    }
}

/// The gate of a layer, given the number of scp levels.
pub const fn gate_of(layer: Layer, scp_levels: u32) -> u32 {
    match layer {
        Layer::Identity => 0,
        Layer::Resource => 1,
        Layer::Boundary => 2,
        Layer::Session => 3,
        Layer::Scp(level) => FIRST_LEVEL_GATE + level,
        Layer::Rcp(level) => FIRST_LEVEL_GATE + scp_levels + level,
    }
}
