//! Writers of a finished run: for people and for machines.
