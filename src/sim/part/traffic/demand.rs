//! What users want: classes, keys, and who they are.

use crate::sim::id::ComponentId;
use crate::sim::random::{Purpose, Zipf};
use crate::sim::spec::{Class, Cluster, Options};

/// How users choose: classes by their shares, keys by the law of the class.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// By component: of traffic, which classes its users send.
    mixes: Vec<Mix>,
    class: Purpose,
    user: Purpose,
    keys: Vec<(Zipf, Purpose)>,
}

/// The classes of one traffic.
#[derive(Clone, Debug, Default)]
struct Mix {
    /// Upper ends of the classes' shares, as thresholds for 64 random bits.
    thresholds: Vec<u64>,
    /// The last class that it sends.
    last: usize,
}

impl Mix {
    fn new(classes: &[Class], sent: &[String]) -> Mix {
        let sends = |c: &Class| sent.is_empty() || sent.contains(&c.name);
        let all: f64 = classes.iter().filter(|c| sends(c)).map(|c| c.share).sum();
        let scale = if sent.is_empty() { 1.0 } else { 1.0 / all };
        let mut sum = 0.0;
        let thresholds = classes
            .iter()
            .map(|c| {
                sum += if sends(c) { c.share * scale } else { 0.0 };
                // Casts of floats saturate: the last threshold is all bits.
                (sum * 18_446_744_073_709_551_616.0) as u64
            })
            .collect();
        Mix { thresholds, last: classes.iter().rposition(sends).unwrap_or(0) }
    }

    /// The class that 64 random bits mean.
    #[inline]
    fn class(&self, bits: u64) -> u8 {
        self.thresholds.iter().position(|&t| bits < t).unwrap_or(self.last) as u8
    }
}

impl Demand {
    pub(crate) fn new(cluster: &Cluster, seed: u64) -> Demand {
        let classes = &cluster.classes;
        let keys = classes
            .iter()
            .map(|c| {
                let purpose = Purpose::new(seed, &format!("keys of {}", c.name));
                (Zipf::new(c.keys.count, c.keys.zipf), purpose)
            })
            .collect();
        let mixes = cluster
            .components
            .iter()
            .map(|c| match &c.options {
                Options::Traffic(o) => Mix::new(classes, &o.classes),
                _ => Mix::default(),
            })
            .collect();
        let (class, user) = (Purpose::new(seed, "class"), Purpose::new(seed, "user"));
        Demand { mixes, class, user, keys }
    }

    /// The class of a request of that traffic.
    #[inline]
    pub(crate) fn class(&self, traffic: ComponentId, request: u64) -> u8 {
        let mix = &self.mixes[traffic.index()];
        if mix.thresholds.len() == 1 {
            return 0;
        }
        mix.class(self.class.of(request, 0, 0).any())
    }

    /// Whether the users of a component send a class.
    pub(crate) fn sends(&self, component: ComponentId, class: u8) -> bool {
        let thresholds = &self.mixes[component.index()].thresholds;
        let i = usize::from(class);
        let below =
            i.checked_sub(1).map_or(0, |before| thresholds.get(before).copied().unwrap_or(0));
        thresholds.get(i).is_some_and(|&t| t > below)
    }

    /// The user of a request, of so many.
    #[inline]
    pub(crate) fn user(&self, request: u64, users: u64) -> u32 {
        self.user.of(request, 0, 0).below(users) as u32
    }

    /// The key of a request among those of a class.
    #[inline]
    pub(crate) fn key(&self, class: u8, request: u64) -> u32 {
        let (law, purpose) = &self.keys[usize::from(class)];
        law.draw(&mut purpose.of(request, 0, 0)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_traffic_sends_its_own_classes() {
        let class = |name: &str, share| Class {
            name: name.to_owned(),
            share,
            keys: crate::sim::spec::Keys::default(),
            steps: Vec::new(),
        };
        let classes = [class("a", 0.5), class("b", 0.3), class("c", 0.2)];
        let mix = Mix::new(&classes, &["c".to_owned(), "a".to_owned()]);
        let purpose = Purpose::new(1, "class");
        let mut counts = [0; 3];
        for r in 0..10_000 {
            counts[usize::from(mix.class(purpose.of(r, 0, 0).any()))] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((6_900..7_400).contains(&counts[0]), "5 of 7: {counts:?}");
    }
}
