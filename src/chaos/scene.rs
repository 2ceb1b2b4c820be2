//! Finding out who is meant: selectors and paths of settings against a cluster, at one instant.

use super::Expected;
use super::expected::one_of;
use super::selector::{Arrow, LinkSelector, NodeRole, Pattern, Place, Selector, is_glob, matches};
use crate::sim::World;
use crate::sim::id::{ComponentId, NodeId, ZoneId};
use crate::sim::spec::Row;
use crate::sim::topology::Topology;
use std::collections::BTreeSet;
use std::ops::Range;

/// What binding needs to know of a world: who is there, and who is primary now.
pub struct Scene<'a> {
    pub(crate) topology: &'a Topology,
    primary: Box<dyn Fn(NodeId) -> bool + 'a>,
    /// Between which components there are links; `None` where no world is there to be asked.
    joined: Option<BTreeSet<(ComponentId, ComponentId)>>,
    running: bool,
    /// Whether it is another time that is meant: nodes that `scale` may bring can be named.
    planned: bool,
}

impl<'a> Scene<'a> {
    /// The scene of a running world, now.
    #[must_use]
    pub fn now(world: &'a World) -> Scene<'a> {
        let primary = Box::new(|node| world.is_primary(node));
        let of = |node: NodeId| world.topology().nodes[node.index()].component;
        let joined = Some(world.links().map(|link| (of(link.from), of(link.to))).collect());
        Scene { topology: world.topology(), primary, joined, running: true, planned: false }
    }

    /// The scene before the start: node 1 of each database is primary, and every setting may change.
    #[must_use]
    pub fn start(topology: &'a Topology) -> Scene<'a> {
        Scene { running: false, ..Scene::planned(topology) }
    }

    /// The scene as it will be when it runs, for checking commands in advance: node 1 of each
    /// database is primary.
    #[must_use]
    pub fn planned(topology: &'a Topology) -> Scene<'a> {
        let primary = Box::new(|node: NodeId| topology.nodes[node.index()].number == 1);
        Scene { topology, primary, joined: None, running: true, planned: true }
    }

    /// Whether a selector may name others when it runs: it speaks of a role that several nodes can
    /// have.
    pub(super) fn may_change(&self, selector: &Selector) -> bool {
        let role = |(pattern, _): &(Pattern, Place)| {
            let Pattern::Role(name, _) = pattern else { return false };
            let component = self.topology.component(name);
            component.is_some_and(|c| self.topology.components[c.index()].nodes.len() > 1)
        };
        self.joined.is_none() && selector.patterns.iter().any(role)
    }

    /// The scene that a picture shows: who is there, and who is primary in it.
    #[must_use]
    pub fn seen(topology: &'a Topology, primary: impl Fn(NodeId) -> bool + 'a) -> Scene<'a> {
        Scene { topology, primary: Box::new(primary), joined: None, running: true, planned: false }
    }

    /// Whether a message can go from one component to another.
    pub(super) fn is_joined(&self, from: ComponentId, to: ComponentId) -> bool {
        self.joined.as_ref().is_none_or(|pairs| pairs.contains(&(from, to)))
    }

    /// The nodes that a selector names, in order of their numbers. `users` says whether traffic may
    /// be among them. May be empty.
    ///
    /// # Errors
    /// When a name in it does not exist or cannot stand there.
    pub fn nodes(&self, selector: &Selector, users: bool) -> Result<Vec<NodeId>, Expected> {
        let mut nodes = Vec::new();
        for (pattern, place) in &selector.patterns {
            let found = self.pattern(pattern, *place)?;
            let outside = |n: &NodeId| self.topology.nodes[n.index()].zone == ZoneId::OUTSIDE;
            if !users && found.iter().any(outside) && !matches!(pattern, Pattern::Glob(_)) {
                let what = "servers (users have no process)";
                return Err(Expected::new(place.range(), &pattern.to_string(), what));
            }
            nodes.extend(found.into_iter().filter(|n| users || !outside(n)));
        }
        nodes.sort_unstable();
        nodes.dedup();
        Ok(nodes)
    }

    fn pattern(&self, pattern: &Pattern, place: Place) -> Result<Vec<NodeId>, Expected> {
        let all = || self.topology.present();
        match pattern {
            Pattern::Name(name) => self.named(name, place),
            Pattern::Role(component, role) => self.role(component, *role, place),
            Pattern::Zone(zone) => {
                let at = self.topology.zones.iter().position(|z| z == zone);
                let at = at.ok_or_else(|| self.no_zone(zone, place))?;
                Ok(all().filter(|n| self.topology.nodes[n.index()].zone.index() == at).collect())
            }
            Pattern::Region(region) => {
                let is_there = |n: &NodeId| {
                    let zone = self.topology.nodes[n.index()].zone;
                    zone != ZoneId::OUTSIDE && self.topology.region(zone) == region
                };
                if !self.topology.regions.contains(region) {
                    return Err(self.no_region(region, place));
                }
                Ok(all().filter(is_there).collect())
            }
            Pattern::Glob(glob) => Ok(all()
                .filter(|n| {
                    matches(glob, &self.topology.nodes[n.index()].name)
                        || matches(glob, self.topology.display_name(*n))
                })
                .collect()),
        }
    }

    fn no_region(&self, region: &str, place: Place) -> Expected {
        let range = last_of(place, region);
        let regions = self.topology.regions.iter().map(String::as_str).filter(|r| !r.is_empty());
        if regions.clone().next().is_none() {
            return Expected::new(range, region, "no region: this cluster has none");
        }
        Expected::new(range, region, "a region").near(regions)
    }

    fn no_zone(&self, zone: &str, place: Place) -> Expected {
        let range = last_of(place, zone);
        if self.topology.zones.is_empty() {
            return Expected::new(range, zone, "no zone: this cluster has none");
        }
        let zones = self.topology.zones.iter().map(String::as_str);
        Expected::new(range, zone, "a zone").near(zones)
    }

    fn named(&self, name: &str, place: Place) -> Result<Vec<NodeId>, Expected> {
        if let Some(c) = self.topology.component(name) {
            return Ok(self.topology.components[c.index()].nodes().collect());
        }
        if let Some(node) = self.topology.node(name)
            && (self.planned || self.topology.is_present(node))
        {
            return Ok(vec![node]);
        }
        // A number that the component does not have now names nobody, as it may have it later.
        if let Some((component, number)) = name.rsplit_once('-')
            && self.topology.component(component).is_some()
            && number.parse::<u16>().is_ok_and(|n| n > 0)
        {
            return Ok(Vec::new());
        }
        let nodes = self.topology.present();
        let nodes = nodes.map(|n| self.topology.nodes[n.index()].name.as_str());
        let components = self.topology.components.iter().map(|c| c.name.as_str());
        let error = Expected::new(place.range(), name, "a node or a component");
        let error = error.near(components.chain(nodes));
        if error.nearest.is_some() {
            return Err(error);
        }
        // `web.nope`: what stands before the dot.
        let owner = name.split_once('.').and_then(|(owner, _)| self.topology.component(owner));
        let nearest = owner.map(|c| self.topology.components[c.index()].name.clone());
        Err(Expected { nearest, ..error })
    }

    /// `web has 4`: for a node of a component that has fewer.
    pub(super) fn number_too_high(&self, selector: &Selector) -> Option<String> {
        selector.patterns.iter().find_map(|(pattern, _)| {
            let Pattern::Name(name) = pattern else { return None };
            let (component, _) = name.rsplit_once('-')?;
            let id = self.topology.component(component)?;
            let has = self.topology.components[id.index()].nodes.len();
            Some(format!("{component} has {has}"))
        })
    }

    fn role(&self, name: &str, role: NodeRole, place: Place) -> Result<Vec<NodeId>, Expected> {
        let id = self.topology.component(name);
        let database = id.map(|c| &self.topology.components[c.index()]);
        let Some(database) = database.filter(|c| c.kind == "database") else {
            let databases = self.topology.components.iter().filter(|c| c.kind == "database");
            let start = place.range().start;
            let error = Expected::new(start..start + name.len(), name, "a database before `:`");
            return Err(error.near(databases.map(|c| c.name.as_str())));
        };
        let wanted = role == NodeRole::Primary;
        Ok(database.nodes().filter(|n| (self.primary)(*n) == wanted).collect())
    }

    /// The nodes of a selector, as of one side of a link, and those that `scale` may still bring to a component,
    /// a zone or a region in it: what lies between two places lies there whoever comes.
    pub(super) fn side(&self, selector: &Selector) -> Result<Vec<NodeId>, Expected> {
        let mut nodes = self.nodes(selector, true)?;
        let absent = (0..self.topology.nodes.len() as u16).map(NodeId);
        let absent = absent.filter(|n| !self.topology.is_present(*n));
        nodes.extend(absent.filter(|n| selector.patterns.iter().any(|(p, _)| self.awaits(p, *n))));
        nodes.sort_unstable();
        nodes.dedup();
        Ok(nodes)
    }

    /// Whether a pattern names the place to which a node would come.
    fn awaits(&self, pattern: &Pattern, node: NodeId) -> bool {
        let info = &self.topology.nodes[node.index()];
        let zone = self.topology.zones.get(info.zone.index());
        match pattern {
            Pattern::Name(name) => self.topology.components[info.component.index()].name == *name,
            Pattern::Zone(name) => zone == Some(name),
            Pattern::Region(name) => zone.is_some() && self.topology.region(info.zone) == name,
            Pattern::Role(..) | Pattern::Glob(_) => false,
        }
    }

    /// The ordered pairs of nodes that a link selector names, in order, with those of nodes that are
    /// not there yet. May be empty.
    ///
    /// # Errors
    /// When a name in it does not exist.
    pub fn links(&self, selector: &LinkSelector) -> Result<Vec<(NodeId, NodeId)>, Expected> {
        let (from, to) = (self.side(&selector.from)?, self.side(&selector.to)?);
        let mut pairs = Vec::new();
        for a in from {
            for b in to.iter().copied().filter(|b| *b != a) {
                pairs.push((a, b));
                if selector.arrow != Arrow::To {
                    pairs.push((b, a));
                }
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        Ok(pairs)
    }

    /// The components of these kinds that a selector names; all of these kinds without one.
    ///
    /// # Errors
    /// When a name in it does not exist, or is of another kind.
    pub fn components(
        &self,
        selector: Option<&Selector>,
        kinds: &[&str],
    ) -> Result<Vec<ComponentId>, Expected> {
        let all = || (0..self.topology.components.len()).map(|i| ComponentId(i as u16));
        let fits = |c: &ComponentId| kinds.contains(&self.topology.components[c.index()].kind);
        let Some(selector) = selector else {
            return Ok(all().filter(fits).collect());
        };
        let mut found = Vec::new();
        for (pattern, place) in &selector.patterns {
            let nodes = self.pattern(pattern, *place)?;
            let owners = nodes.iter().map(|n| self.topology.nodes[n.index()].component);
            let (right, wrong): (Vec<_>, Vec<_>) = owners.partition(fits);
            if matches!(pattern, Pattern::Name(_) | Pattern::Role(..)) && !wrong.is_empty() {
                let names = all().filter(fits);
                let names = names.map(|c| self.topology.components[c.index()].name.as_str());
                let names: Vec<&str> = names.collect();
                let what = match names.as_slice() {
                    [] => format!("a {}; this cluster has none", kinds.join(" or a ")),
                    names => format!("a {}: {}", kinds.join(" or a "), one_of(names)),
                };
                return Err(Expected::new(place.range(), &pattern.to_string(), what));
            }
            found.extend(right);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The settings of a path `component.setting`, and whose they are: with a pattern before the dot,
    /// of all components that match it and have such a setting.
    ///
    /// # Errors
    /// When there is no such component or setting, or one cannot be changed in this scene.
    pub fn settings(&self, path: &str, at: usize) -> Result<Vec<(ComponentId, Row)>, Expected> {
        let (component, setting) = path.split_once('.').unwrap_or((path, ""));
        if !is_glob(component) {
            return Ok(vec![self.setting(path, at)?]);
        }
        let all = (0..self.topology.components.len()).map(|i| ComponentId(i as u16));
        let meant: Vec<ComponentId> = all.filter(|c| matches(component, self.name(*c))).collect();
        let row = |c: &ComponentId| {
            let kind = self.topology.components[c.index()].kind;
            Some((*c, super::setting::row(kind, setting).ok()?))
        };
        let found: Vec<(ComponentId, Row)> = meant.iter().filter_map(row).collect();
        if let Some((fixed, _)) = found.iter().find(|(_, row)| self.running && !row.live) {
            let fixed = format!("{}.{setting} is fixed at the start", self.name(*fixed));
            let what = format!("settings that can change while running ({fixed})");
            return Err(Expected::new(at..at + path.len(), path, what));
        }
        if found.is_empty() {
            return Err(self.without(&meant, component, setting, at));
        }
        Ok(found)
    }

    /// The error of a pattern that matches these components, of which none has the setting.
    fn without(&self, meant: &[ComponentId], glob: &str, setting: &str, at: usize) -> Expected {
        if meant.is_empty() {
            return Expected::new(at..at + glob.len(), glob, "the name of some component");
        }
        let start = at + glob.len() + ".".len();
        let kinds = meant.iter().map(|c| self.topology.components[c.index()].kind);
        let rows = kinds.flat_map(super::setting::rows);
        let names: Vec<&str> = meant.iter().map(|c| self.name(*c)).collect();
        let what = format!("a setting that one of these has: {}", names.join(", "));
        let error = Expected::new(start..start + setting.len(), setting, what);
        error.near(rows.map(|row| row.name))
    }

    fn name(&self, component: ComponentId) -> &'a str {
        &self.topology.components[component.index()].name
    }

    /// The setting of a path without a pattern, and whose it is.
    fn setting(&self, path: &str, at: usize) -> Result<(ComponentId, Row), Expected> {
        let (component, setting) = path.split_once('.').unwrap_or((path, ""));
        let Some(id) = self.topology.component(component) else {
            let range = at..at + component.len();
            let names = self.topology.components.iter().map(|c| c.name.as_str());
            return Err(Expected::new(range, component, "a component").near(names));
        };
        let kind = self.topology.components[id.index()].kind;
        let row = super::setting::row(kind, setting).map_err(|e| {
            let by = at + path.len() - setting.len();
            e.shifted(by)
        })?;
        if self.running && !row.live {
            let what = "a setting that can change while running (this one is fixed at the start)";
            return Err(Expected::new(at..at + path.len(), path, what));
        }
        Ok((id, row))
    }
}

/// Where the last part of a pattern stands: the name after `zone:`.
fn last_of(place: Place, name: &str) -> Range<usize> {
    let end = place.range().end;
    end.saturating_sub(name.len())..end
}
