//! The names of steps, by which others speak of them.

use crate::chaos::Expected;
use std::collections::BTreeMap;

/// The names of all steps in the order of the file, and where each stands first.
#[derive(Debug, Default)]
pub(super) struct Ids {
    all: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Ids {
    /// Adds the name of the next step; whether it is a new one.
    pub fn add(&mut self, id: String) -> bool {
        let place = self.all.len();
        let new = !self.places.contains_key(&id);
        if new {
            self.places.insert(id.clone(), place);
        }
        self.all.push(id);
        new
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The names in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str)
    }

    /// The place of a step in the list of steps.
    pub fn place(&self, id: &str) -> Result<usize, Expected> {
        let wrong = || Expected::whole(id, "the `id` of a step").near(self.iter());
        self.places.get(id).copied().ok_or_else(wrong)
    }
}
