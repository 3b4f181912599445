//! What is wrong with a document by what AWS offers: actions that are not there, resources that do not fit, statements and
//! conditions without effect. What is wrong by the language alone is [`leastgrant_policy::lint`]'s.

mod actions;
mod conditions;
mod partitions;
mod resources;
mod statements;

use leastgrant_policy::kind::PolicyKind;
use leastgrant_policy::scalar::Instant;
use leastgrant_policy::{Effect, LintCode, Policy, Statement, lint};

/// One fault of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Which statement, from 0; none for the document as a whole.
    pub(crate) statement: Option<usize>,
    /// What is wrong: a fragment in lower case, input in backticks.
    pub(crate) words: String,
    /// Whether it rests on the catalogue, which may be behind AWS.
    pub(crate) is_by_catalogue: bool,
    /// Whether a Deny is without the effect that it seems to have.
    pub(crate) weakens_deny: bool,
}

/// The faults of an identity policy of an account of a partition, in the order of its statements.
pub(crate) fn faults(policy: &Policy, partition: &str, as_of: Option<Instant>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for finding in lint(policy, PolicyKind::Identity) {
        if !is_wanted(finding.code) {
            continue;
        }
        let place = policy.statements.iter().position(|own| {
            own.span.start <= finding.span.start && finding.span.end <= own.span.end
        });
        faults.push(Fault {
            statement: place,
            words: finding.message,
            is_by_catalogue: false,
            weakens_deny: false,
        });
    }
    for (index, statement) in policy.statements.iter().enumerate() {
        let mut found = Found {
            faults: &mut faults,
            index,
            statement,
        };
        actions::check(&mut found);
        resources::check(&mut found);
        partitions::check(&mut found, partition);
        conditions::check(&mut found, as_of);
        statements::check(&mut found, policy);
    }
    faults.sort_by_key(|fault| fault.statement);
    faults
}

/// Where faults of one statement go.
struct Found<'a> {
    faults: &'a mut Vec<Fault>,
    index: usize,
    statement: &'a Statement,
}

impl Found<'_> {
    fn find(&mut self, words: String, is_by_catalogue: bool) {
        self.faults.push(Fault {
            statement: Some(self.index),
            words,
            is_by_catalogue,
            weakens_deny: self.statement.effect == Effect::Deny,
        });
    }

    /// What makes the statement say more than it seems to, so that a Deny is none the weaker.
    fn find_widening(&mut self, words: String) {
        self.faults.push(Fault {
            statement: Some(self.index),
            words,
            is_by_catalogue: false,
            weakens_deny: false,
        });
    }
}

/// Faults of the language that change what a policy does. Others are matters of taste, or rules of their own.
fn is_wanted(code: LintCode) -> bool {
    matches!(
        code,
        LintCode::ActionMalformed
            | LintCode::ConditionKeyMalformed
            | LintCode::ConditionValueMalformed
            | LintCode::NotResourceWithVariable
            | LintCode::ResourceNotAnArn
            | LintCode::SetOperatorMissing
            | LintCode::StatementRepeated
            | LintCode::VariableBeforeFifthColon
            | LintCode::VariableInOldVersion
            | LintCode::VariableMalformed
    )
}

#[cfg(test)]
mod tests;
