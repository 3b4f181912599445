//! The part of the packed file that says which parameters of calls name resources; [`crate::format`] describes its lines.

use std::collections::BTreeMap;

/// The calls by service.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    /// The lines of a service, by its prefix in lower case.
    services: BTreeMap<&'static str, &'static str>,
}

/// What is known of one call.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// API Gateway's verbs and paths: its two versions share names of calls.
    pub(crate) paths: Vec<(&'static str, &'static str)>,
    /// The parameter that holds tags, and the action that tagging needs besides.
    pub(crate) tags: Option<(&'static str, &'static str)>,
    /// Resource types with their variables and the parameters that hold these.
    pub(crate) types: Vec<(&'static str, Vec<Variable>)>,
}

/// A variable of an ARN format, and paths of the parameters that hold it.
pub(crate) type Variable = (&'static str, Vec<&'static str>);

impl Calls {
    /// Reads the text as far as it is understood.
    pub(crate) fn of(text: &'static str) -> Self {
        let mut calls = Self::default();
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\n') {
            let mut members = line.split('\t').skip(1);
            let (Some(prefix), Some(length)) = (members.next(), members.next()) else {
                break;
            };
            let Some((lines, after)) = length
                .parse()
                .ok()
                .and_then(|length| after.split_at_checked(length))
            else {
                break;
            };
            calls.services.insert(prefix, lines);
            rest = after;
        }
        calls
    }

    /// The names of the calls of a service.
    #[cfg(test)]
    pub(crate) fn names(&self, prefix: &str) -> impl Iterator<Item = &'static str> + use<> {
        let lines = self.services.get(prefix).copied().unwrap_or_default();
        let names = lines.lines().filter_map(|line| line.split_once('\t'));
        names.map(|(name, _)| name)
    }

    /// What is known of a call, in any case of its name.
    pub(crate) fn find(&self, prefix: &str, name: &str) -> Option<Call> {
        let lines = self.services.get(prefix)?.lines();
        lines
            .filter_map(|line| line.split_once('\t'))
            .find(|(call, _)| call.eq_ignore_ascii_case(name))
            .map(|(_, members)| Call::of(members))
    }
}

impl Call {
    fn of(members: &'static str) -> Self {
        let mut call = Self::default();
        for member in members.split('\t') {
            if let Some((parameter, action)) = member
                .strip_prefix('#')
                .and_then(|tags| tags.split_once('>'))
            {
                call.tags = Some((parameter, action));
            } else if let Some((name, variables)) = member.split_once('=') {
                let variables = variables
                    .split(',')
                    .filter_map(|variable| variable.split_once(':'))
                    .map(|(variable, paths)| (variable, paths.split('|').collect()))
                    .collect();
                call.types.push((name, variables));
            } else {
                call.paths.extend(member.split_once(' '));
            }
        }
        call
    }
}

#[cfg(test)]
mod tests {
    use crate::Catalog;

    #[test]
    fn calls_name_resource_types_of_their_service_and_variables_of_their_formats() {
        let calls = Catalog::get().calls();
        assert!(calls.services.len() > 190, "{}", calls.services.len());
        let mut bindings = 0;
        for (prefix, lines) in &calls.services {
            let service = Catalog::get().service(prefix).unwrap();
            for line in lines.lines() {
                let (name, _) = line.split_once('\t').unwrap();
                let call = calls.find(prefix, name).unwrap();
                for (name, variables) in call.types {
                    let mut types = service.resource_types().iter();
                    let found = types.find(|one| one.name == name).unwrap();
                    bindings += 1;
                    for (variable, paths) in variables {
                        assert!(found.arn_format.contains(&format!("${{{variable}}}")));
                        assert!(paths.iter().all(|path| !path.is_empty()), "{line}");
                    }
                }
                if let Some((_, action)) = call.tags {
                    assert!(
                        Catalog::get()
                            .action(&format!("{prefix}:{action}"))
                            .is_some()
                    );
                }
            }
        }
        assert!(bindings > 6_500, "{bindings}");
    }
}
