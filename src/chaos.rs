//! Commands and their one textual grammar, selectors, units.
