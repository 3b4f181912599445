//! Names and effects of statements, and statements that stand twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{LintCode, Linter, Severity, shown};
use crate::document::{Effect, Statement};
use crate::kind::PolicyKind;
use crate::print::Layout;

impl Linter<'_> {
    /// The Sids.
    pub(super) fn names(&mut self) {
        let is_strict = self.kind.is_read_by_iam();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (index, statement) in self.policy.statements.iter().enumerate() {
            let Some(sid) = &statement.sid else {
                continue;
            };
            let name: &str = sid;
            let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if is_strict && !is_plain {
                let message = format!(
                    "{} has characters that IAM does not take in a Sid; use ASCII letters and digits only",
                    shown(name)
                );
                self.error(LintCode::SidCharacters, sid.span, message);
            }
            if name.is_empty() {
                continue;
            }
            match seen.get(name) {
                None => {
                    seen.insert(name, index + 1);
                }
                Some(first) => {
                    let severity = match is_strict {
                        true => Severity::Error,
                        false => Severity::Warning,
                    };
                    let message = format!(
                        "{} is the Sid of statement {first} too; give each statement its own",
                        shown(name)
                    );
                    self.find(LintCode::SidRepeated, severity, sid.span, message);
                }
            }
        }
    }

    /// Statements that say the same, names aside.
    pub(super) fn repeated_statements(&mut self) {
        // Few statements are alike at a glance, and only those are written out to be compared.
        let mut glances: HashMap<_, usize> = HashMap::new();
        for statement in &self.policy.statements {
            *glances.entry(glance(statement)).or_default() += 1;
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (index, statement) in self.policy.statements.iter().enumerate() {
            if glances.get(&glance(statement)) == Some(&1) {
                continue;
            }
            let nameless = Statement {
                sid: None,
                ..statement.clone()
            };
            match seen.entry(nameless.print(Layout::COMPACT)) {
                Entry::Vacant(place) => {
                    place.insert(index + 1);
                }
                Entry::Occupied(first) => self.warning(
                    LintCode::StatementRepeated,
                    statement.span,
                    format!(
                        "the statement says what statement {} says; remove one of them",
                        first.get()
                    ),
                ),
            }
        }
    }

    pub(super) fn effect(&mut self, statement: &Statement) {
        let is_allow = statement.effect == Effect::Allow;
        // `RCPFullAWSAccess`, which AWS attaches, is the one that may.
        let is_of_aws = statement
            .action
            .entries
            .iter()
            .all(|entry| entry.is_every())
            && !statement.action.is_negated
            && statement.conditions.is_empty();
        if self.kind == PolicyKind::ResourceControl && is_allow && !is_of_aws {
            self.error(
                LintCode::ResourceControlAllow,
                statement.span,
                "`Allow` is not supported in a resource control policy; it can only deny"
                    .to_owned(),
            );
        }
    }
}

/// What statements have in common that say the same.
#[derive(PartialEq, Eq, Hash)]
struct Glance<'a> {
    is_allow: bool,
    principals: Option<usize>,
    actions: (bool, usize, Option<&'a str>),
    resources: Option<(bool, usize, Option<&'a str>)>,
    conditions: usize,
}

fn glance(statement: &Statement) -> Glance<'_> {
    let action = &statement.action;
    let (first, principals) = (action.entries.first(), statement.principal.as_ref());
    Glance {
        is_allow: statement.effect == Effect::Allow,
        principals: principals.map(|list| list.entries.len()),
        actions: (
            action.is_negated,
            action.entries.len(),
            first.map(|entry| entry.as_str()),
        ),
        resources: statement.resource.as_ref().map(|list| {
            let first = list.entries.first().map(|entry| entry.as_str());
            (list.is_negated, list.entries.len(), first)
        }),
        conditions: statement.conditions.len(),
    }
}
