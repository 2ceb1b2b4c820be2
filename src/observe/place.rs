//! What has to do with what: from where the failures of a component can come.

use super::now::Now;
use crate::sim::id::ComponentId;

/// A component that is looked at, and all that has to do with it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The component.
    pub component: ComponentId,
    /// By component: whether it has to do with it.
    near: Vec<bool>,
}

impl Place {
    /// Whether a component has to do with it.
    #[must_use]
    pub fn is_near(&self, component: ComponentId) -> bool {
        self.near.get(component.index()).copied().unwrap_or(false)
    }
}

/// By component, all that stand behind it: those that it has called, or names in its settings, directly or
/// through others, and itself.
pub struct Reach(Vec<Vec<bool>>);

impl Reach {
    /// That of all components, by the calls of the run up to now.
    #[must_use]
    pub fn new(now: &Now<'_>) -> Reach {
        let components = &now.world.topology().components;
        let mut calls: Vec<Vec<usize>> = vec![Vec::new(); components.len()];
        let mut add = |from: usize, to: usize| {
            if !calls[from].contains(&to) {
                calls[from].push(to);
            }
        };
        for (i, &(from, to)) in now.observers.ends().iter().enumerate() {
            if now.has_carried(i) {
                add(now.component(from).index(), now.component(to).index());
            }
        }
        for (id, options) in now.components() {
            let named = options.behaviour().refers();
            if let Some(to) = named.and_then(|name| now.world.topology().component(name)) {
                add(id.index(), to.index());
            }
        }
        Reach((0..components.len()).map(|from| behind(from, &calls)).collect())
    }

    /// A component with all that have to do with it: those that stand behind it, or before it, or use what
    /// it uses.
    #[must_use]
    pub fn place(&self, component: ComponentId) -> Place {
        let own = &self.0[component.index()];
        let shares = |other: &Vec<bool>| other.iter().zip(own).any(|(a, b)| *a && *b);
        Place { component, near: self.0.iter().map(shares).collect() }
    }

    /// The same, without those that only use what it uses.
    #[must_use]
    pub fn line(&self, component: ComponentId) -> Place {
        let (c, own) = (component.index(), &self.0[component.index()]);
        let near = self.0.iter().zip(own).map(|(other, behind)| *behind || other[c]);
        Place { component, near: near.collect() }
    }
}

/// All that can be reached from there.
fn behind(from: usize, calls: &[Vec<usize>]) -> Vec<bool> {
    let mut seen = vec![false; calls.len()];
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            next.extend(&calls[at]);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Users before a balancer, it before a service that uses a cache and two databases; workers use one of
    /// those, too; and another service stands alone.
    #[test]
    fn who_shares_nothing_has_nothing_to_do_with_each_other() {
        const CALLS: [&[usize]; 8] = [&[1], &[2], &[3, 4, 5], &[4], &[], &[], &[5], &[]];
        let calls: Vec<Vec<usize>> = CALLS.iter().map(|c| c.to_vec()).collect();
        let reach = Reach((0..8).map(|from| behind(from, &calls)).collect());
        let near = |of: u16| {
            let place = reach.place(ComponentId(of));
            (0..8).filter(|i| place.is_near(ComponentId(*i))).collect::<Vec<u16>>()
        };
        assert_eq!(near(2), [0, 1, 2, 3, 4, 5, 6], "all that it uses, and who uses that");
        assert_eq!(near(4), [0, 1, 2, 3, 4], "not the other database, nor who uses that alone");
        assert_eq!(near(6), [0, 1, 2, 5, 6]);
        assert_eq!(near(7), [7]);
        let line = |of: u16| {
            let place = reach.line(ComponentId(of));
            (0..8).filter(|i| place.is_near(ComponentId(*i))).collect::<Vec<u16>>()
        };
        assert_eq!(line(2), [0, 1, 2, 3, 4, 5], "not who uses one of its databases, too");
        assert_eq!(line(5), [0, 1, 2, 5, 6], "all who use that database");
    }
}
