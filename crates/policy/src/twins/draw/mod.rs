//! Policies and requests drawn from bytes, for property tests and for the fuzz target, which includes this file.
//!
//! The alphabet is small, so that patterns overlap often. Where the bytes end, the first of every choice is taken: fewer
//! bytes make simpler policies, and so cases shrink.

mod policy;
mod request;

pub(crate) use policy::{statements, variant};
pub(crate) use request::request;

/// The bytes that choices are drawn from.
#[derive(Debug)]
pub(crate) struct Bytes<'a> {
    left: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.left.split_first() else {
            return 0;
        };
        self.left = rest;
        usize::from(*first).checked_rem(count).unwrap_or(0)
    }

    /// True in about so many of sixteen cases.
    pub(crate) fn chance(&mut self, of_sixteen: usize) -> bool {
        self.below(16) >= 16 - of_sixteen.min(16)
    }

    pub(crate) fn pick<T: Clone + Default>(&mut self, all: &[T]) -> T {
        let index = self.below(all.len());
        all.get(index).cloned().unwrap_or_default()
    }

    pub(crate) fn text(&mut self, pieces: &[&str], least: usize, most: usize) -> String {
        let count = least + self.below(most - least + 1);
        (0..count).map(|_| self.pick(pieces)).collect()
    }
}

/// What may stand in the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) principals: bool,
    pub(crate) conditions: bool,
    pub(crate) variables: bool,
    /// Conditions of one key are of one family.
    pub(crate) one_family: bool,
    /// Wildcards and short ARNs before the fifth colon.
    pub(crate) wide_arns: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) operator: String,
    pub(crate) key: &'static str,
    pub(crate) values: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) is_allow: bool,
    pub(crate) not_principal: bool,
    /// Members of the element and their entries; `*` alone is everyone.
    pub(crate) principals: Vec<(&'static str, String)>,
    pub(crate) not_action: bool,
    pub(crate) actions: Vec<String>,
    pub(crate) not_resource: bool,
    pub(crate) resources: Option<Vec<String>>,
    pub(crate) conditions: Vec<Condition>,
}

/// A request in words.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) principal: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    /// Keys with one value, or with several.
    pub(crate) context: Vec<(&'static str, Result<String, Vec<String>>)>,
}

impl Statement {
    pub(crate) fn json(&self) -> String {
        let mut members = vec![format!(
            "\"Effect\":\"{}\"",
            if self.is_allow { "Allow" } else { "Deny" }
        )];
        let not = |is_negated: bool| if is_negated { "Not" } else { "" };
        if let Some((member, text)) = self.principals.first() {
            let value = if text == "*" && *member == "*" {
                "\"*\"".to_owned()
            } else {
                grouped(
                    self.principals
                        .iter()
                        .filter(|(member, _)| *member != "*")
                        .map(|(member, text)| ((*member).to_owned(), text.clone())),
                )
            };
            members.push(format!("\"{}Principal\":{value}", not(self.not_principal)));
        }
        members.push(format!(
            "\"{}Action\":{}",
            not(self.not_action),
            list(&self.actions)
        ));
        if let Some(resources) = &self.resources {
            members.push(format!(
                "\"{}Resource\":{}",
                not(self.not_resource),
                list(resources)
            ));
        }
        if !self.conditions.is_empty() {
            let mut operators: Vec<&str> = Vec::new();
            for condition in &self.conditions {
                if !operators.contains(&&*condition.operator) {
                    operators.push(&condition.operator);
                }
            }
            let groups: Vec<String> = operators
                .into_iter()
                .map(|operator| {
                    let own = self
                        .conditions
                        .iter()
                        .filter(|own| own.operator == operator);
                    let values = own.flat_map(|own| {
                        own.values
                            .iter()
                            .map(|value| (own.key.to_owned(), value.clone()))
                    });
                    format!("\"{operator}\":{}", grouped(values))
                })
                .collect();
            members.push(format!("\"Condition\":{{{}}}", groups.join(",")));
        }
        format!("{{{}}}", members.join(","))
    }
}

/// A document of these statements.
pub(crate) fn document(statements: &[Statement], is_new: bool) -> String {
    let version = if is_new { "2012-10-17" } else { "2008-10-17" };
    let texts: Vec<String> = statements.iter().map(Statement::json).collect();
    format!(
        "{{\"Version\":\"{version}\",\"Statement\":[{}]}}",
        texts.join(",")
    )
}

fn grouped(pairs: impl Iterator<Item = (String, String)>) -> String {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in pairs {
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => groups.push((name, vec![value])),
        }
    }
    let groups: Vec<String> = groups
        .into_iter()
        .map(|(name, values)| format!("\"{name}\":{}", list(&values)))
        .collect();
    format!("{{{}}}", groups.join(","))
}

fn list(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    match quoted.as_slice() {
        [one] => one.clone(),
        _ => format!("[{}]", quoted.join(",")),
    }
}
