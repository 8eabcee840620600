//! Subset construction under a hard budget.
//!
//! A state is the set of positions that the bytes read so far can have led to. Of one pattern, the positions before the
//! last `*` reached are left out: whatever they can still match, that `*` can too, for it may take what they would read
//! first. So a single pattern with many stars stays small; products of different patterns do grow.

use super::positions::{Atom, Positions};
use super::{Automaton, Budget};
use crate::fast_hash::FastMap;

/// Positions looked at that count as one expansion, so that long sets pay for their length.
const POSITIONS_PER_EXPANSION: usize = 32;

/// The automaton of all positions; `None` where it has more states than allowed or the budget is spent.
///
/// State 0 is the dead one. States are numbered as found, breadth first, by ascending class.
pub(super) fn determinize(positions: &Positions, states_max: usize, budget: &mut Budget) -> Option<Automaton> {
    let mut found = Found::default();
    let states_max = states_max.max(2); // dead and start
    found.state_of(Vec::new());
    let mut first = positions.starts.clone();
    drop_covered(positions, &mut first);
    let start = found.state_of(first);

    let mut next = Vec::new();
    let mut following = vec![Vec::new(); positions.class_count];
    while let Some(set) = found.sets.get(next.len() / positions.class_count).cloned() {
        budget.charge(positions.class_count + set.len() / POSITIONS_PER_EXPANSION)?;
        for &position in set.iter() {
            step(positions, position, &mut following);
        }
        for following in &mut following {
            budget.charge(following.len() / POSITIONS_PER_EXPANSION)?;
            let mut following = std::mem::take(following);
            following.sort_unstable();
            following.dedup();
            drop_covered(positions, &mut following);
            next.push(found.state_of(following));
        }
        if found.sets.len() > states_max {
            return None;
        }
    }
    let accepts = found.sets.iter().map(|set| accepted(positions, set)).collect();
    Some(Automaton { class_map: positions.class_map, class_count: positions.class_count, next, accepts, start })
}

/// The states found so far: their sets by number, and back.
#[derive(Default)]
struct Found {
    sets: Vec<std::rc::Rc<[u32]>>,
    numbers: FastMap<std::rc::Rc<[u32]>, u32>,
}

impl Found {
    fn state_of(&mut self, set: Vec<u32>) -> u32 {
        if let Some(&number) = self.numbers.get(set.as_slice()) {
            return number;
        }
        let (set, number) = (std::rc::Rc::from(set), self.sets.len() as u32); // bounded by states_max and a row
        self.sets.push(std::rc::Rc::clone(&set));
        self.numbers.insert(set, number);
        number
    }
}

/// Adds the positions that follow a position to the sets of the classes they follow by.
fn step(positions: &Positions, position: u32, following: &mut [Vec<u32>]) {
    let atom = |position: u32| positions.atoms[position as usize];
    match atom(position) {
        Atom::Byte(class) => following[usize::from(class)].push(position + 1),
        Atom::One => {
            let sets = following.iter_mut().zip(&positions.is_continuation);
            sets.filter(|(_, continuation)| !**continuation).for_each(|(set, _)| set.push(position + 1));
        }
        Atom::Run => {
            following.iter_mut().for_each(|set| set.push(position));
            if let Atom::Byte(class) = atom(position + 1) {
                following[usize::from(class)].push(position + 2);
            }
            return;
        }
        Atom::End(_) => {}
    }
    if positions.swallows(position) {
        let sets = following.iter_mut().zip(&positions.is_continuation);
        sets.filter(|(_, continuation)| **continuation).for_each(|(set, _)| set.push(position));
    }
}

/// Removes from an ascending set the positions before the last `Run` of the same pattern.
fn drop_covered(positions: &Positions, set: &mut Vec<u32>) {
    let mut covered_from = None; // the first position of the pattern whose last `Run` has been seen
    let mut pattern = positions.starts.len();
    for index in (0..set.len()).rev() {
        let position = set[index];
        while pattern > 0 && positions.starts.get(pattern).is_none_or(|&start| start > position) {
            pattern -= 1;
        }
        if covered_from == Some(pattern) {
            set[index] = u32::MAX;
        } else if positions.atoms[position as usize] == Atom::Run {
            covered_from = Some(pattern);
        }
    }
    set.retain(|&position| position != u32::MAX);
}

/// The ids of the patterns that match where the text ends in this set.
fn accepted(positions: &Positions, set: &[u32]) -> Vec<u32> {
    let end = |position: u32| match positions.atoms[position as usize] {
        Atom::End(id) => Some(id),
        _ => None,
    };
    let behind_run = |position: u32| positions.atoms[position as usize] == Atom::Run;
    let mut ids: Vec<u32> =
        set.iter().filter_map(|&position| end(position + u32::from(behind_run(position)))).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
