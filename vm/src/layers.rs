//! Which policies a request meets, layer by layer: what an explanation draws, whether or not any statement applies.

use alloc::vec::Vec;

use crate::asked::Resource;
use crate::bundle::gates_by_number::layer_of;
use crate::bundle::read::POLICY_WORDS;
use crate::bundle::{Section, View, members};
use crate::decision::Layer;
use crate::directory::{NONE, Place, Unit, gate};
use crate::gates::InForce;
use crate::request::Request;

/// A layer that takes part in a request, or would but for who asks or for what (EVL-4, EVL-6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerPolicies {
    /// The layer.
    pub layer: Layer,
    /// Whether it must allow and may deny.
    pub is_in_force: bool,
    /// Its policies by number; those of a session's own policies stand behind those of the bundle.
    pub policies: Vec<u32>,
}

/// The layers of one resource of a request, those of rcp and scp level by level, in the order of evaluation.
pub(crate) fn layers(
    view: View<'_>,
    request: &Request<'_>,
    resource: &Resource<'_>,
    place: Place,
) -> Vec<LayerPolicies> {
    let in_force = InForce::of(view, request, place);
    match view.has_directory() {
        true => of_directory(view, request, resource, place, in_force),
        false => of_set(view, in_force),
    }
}

fn of_set(view: View<'_>, in_force: InForce) -> Vec<LayerPolicies> {
    let meta = &view.layout.meta;
    let policies = view.words(Section::Policies);
    let of_gate = |wanted: u32| -> Vec<u32> {
        let gate = |number: &u32| policies.at(*number as usize * POLICY_WORDS + 2);
        (0..(policies.len() / POLICY_WORDS) as u32).filter(|number| gate(number) == wanted).collect()
    };
    let layer = |gate: u32| LayerPolicies {
        layer: layer_of(gate, meta),
        is_in_force: in_force.has(gate),
        policies: of_gate(gate),
    };
    let has = |bit: u32, gate: u32| (meta.members & bit != 0).then(|| layer(gate));
    let first = crate::bundle::gates_by_number::FIRST_LEVEL_GATE;
    let first_rcp = first + meta.scp_levels;
    let levels = (first_rcp..first_rcp + meta.rcp_levels).chain(first..first_rcp).map(layer);
    let plain = [has(members::RESOURCE, 1), has(members::IDENTITY, 0), has(members::BOUNDARY, 2)];
    levels.chain(plain.into_iter().flatten()).chain(has(members::SESSION, 3)).collect()
}

fn of_directory(
    view: View<'_>,
    request: &Request<'_>,
    resource: &Resource<'_>,
    place: Place,
    in_force: InForce,
) -> Vec<LayerPolicies> {
    let mut out = Vec::new();
    let account = |row: u32| (row != NONE).then(|| view.account(row));
    let none = (None, 0);
    let rcps = account(place.account).map_or(none, |account| account.rcps());
    let scps = account(request.standing.account).map_or(none, |account| account.scps());
    for ((root, count), layer, is_in_force) in [
        (rcps, Layer::Rcp as fn(u32) -> Layer, in_force.has_rcps()),
        (scps, Layer::Scp as fn(u32) -> Layer, in_force.has_scps()),
    ] {
        let policies: Vec<u32> = root.map_or(Vec::new(), |root| view.policies_of_unit(root).iter().collect());
        for layer in (0..count).map(layer) {
            let is_its = |number: &u32| view.policy(*number).is_some_and(|policy| policy.layer == layer);
            out.push(LayerPolicies { layer, is_in_force, policies: policies.iter().copied().filter(is_its).collect() });
        }
    }
    let policies = |units: &mut dyn Iterator<Item = Unit>| -> Vec<u32> {
        let mut policies: Vec<u32> = units.flat_map(|unit| view.policies_of_unit(unit.root).iter()).collect();
        policies.sort_unstable();
        policies.dedup();
        policies
    };
    let mut push = |layer, policies| out.push(LayerPolicies { layer, is_in_force: true, policies });
    if let Some(root) = view.policies_of(resource, place, request.action.traits) {
        push(Layer::Resource, policies(&mut [Unit { root, gate: gate::OWN }].into_iter()));
    }
    let scope = view.scope_of(request.standing);
    if request.standing.entity != NONE {
        push(Layer::Identity, policies(&mut scope.units().filter(|unit| unit.gate == 0)));
    }
    if scope.has_boundary {
        push(Layer::Boundary, policies(&mut scope.units().filter(|unit| unit.gate == 2)));
    }
    if let Some(session) = request.session.filter(|session| session.has_policies()) {
        let managed = session.managed().iter().map(|&root| Unit { root, gate: gate::OWN });
        let mut all = policies(&mut { managed });
        let first = (view.words(Section::Policies).len() / POLICY_WORDS) as u32;
        let own = session.overlay().map_or(0, |overlay| overlay.policies().count() as u32);
        all.extend(first..first + own);
        push(Layer::Session, all);
    }
    out
}
