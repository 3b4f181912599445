//! Statements of many realistic kinds that fill up the inline policies: narrow ones, service
//! wildcards, exceptions, conditions, denials, variables, and sets that lead to more rights.
//!
//! A denial here never hits a call that a scenario makes; otherwise the CloudTrail events would
//! contradict the policies.

mod business;
mod computing;
mod identity;
mod protection;
mod storage;

use super::Statement;

/// A policy's name and the statements that it may have.
#[derive(Debug)]
pub(crate) struct Theme {
    /// The end of the policy's name.
    pub(crate) name: &'static str,
    /// The statements to choose from.
    pub(crate) statements: &'static [&'static Statement],
}

const fn theme(name: &'static str, statements: &'static [&'static Statement]) -> Theme {
    Theme { name, statements }
}

/// All themes.
pub(crate) static THEMES: &[&Theme] = &[
    &storage::OBJECT_STORE,
    &storage::DATABASE,
    &storage::MESSAGING,
    &computing::FUNCTIONS,
    &computing::COMPUTE,
    &computing::CONTAINERS,
    &computing::NETWORK,
    &protection::KEYS,
    &protection::SECRETS,
    &protection::LOGS,
    &identity::INFRASTRUCTURE,
    &identity::SELF_SERVICE,
    &identity::IDENTITY,
    &business::ANALYTICS,
    &business::FINANCE,
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_statement_has_a_name_of_its_own() {
        let names: Vec<_> = THEMES
            .iter()
            .flat_map(|theme| theme.statements)
            .map(|statement| statement.sid)
            .collect();
        let distinct: HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        assert!(!names.contains(&""));
    }
}
