//! Where the facts come from, and how many there are.

/// The catalogue's date, sources and size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Version {
    /// The day of the source that actions come from, as `2026-01-31`: what AWS published later is not in it.
    pub date: &'static str,
    /// The packages that it is made from.
    pub sources: Vec<Source>,
    /// How many services it has.
    pub services: usize,
    /// How many actions.
    pub actions: usize,
    /// How many resource types.
    pub resource_types: usize,
    /// How many condition keys of services; one that several services have counts once for each.
    pub condition_keys: usize,
    /// How many condition keys that no service owns.
    pub global_condition_keys: usize,
}

/// A package that facts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// Where it is published: `npm`, `PyPI`.
    pub registry: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its licence, as an SPDX expression.
    pub licence: &'static str,
    /// The day it was made on; `None` where the package does not say.
    pub date: Option<&'static str>,
    /// What was taken from it.
    pub gives: &'static str,
}
