//! Principal and Condition, which have members of their own.

use super::Reader;
use super::json::{Member, Node};
use crate::condition::{ConditionEntry, ConditionValue, Operator};
use crate::document::{Spanned, Version};
use crate::principal::{PrincipalKind, PrincipalPattern};
use crate::problem::SyntaxProblemKind;

const PRINCIPAL_MEMBERS: &str = "`AWS`, `Service`, `Federated`, `CanonicalUser`";

impl<'a> Reader<'a> {
    /// `"*"`, or an object of lists.
    pub(super) fn principals(
        &mut self,
        member: &Member<'a>,
    ) -> Option<Vec<Spanned<PrincipalPattern>>> {
        if let Some(text) = member.value.string() {
            if text != "*" {
                self.problem(
                    member.value.span,
                    SyntaxProblemKind::WrongValue {
                        element: "principal",
                        found: text.into_owned(),
                        expected: "`*`, or an object such as `{\"AWS\": \"111122223333\"}`",
                    },
                );
                return None;
            }
            return Some(vec![Spanned {
                value: PrincipalPattern {
                    kind: PrincipalKind::Everyone,
                    text: text.into(),
                },
                span: member.value.span,
            }]);
        }
        let mut principals = Vec::new();
        for group in self.members(member.value, &member.name)? {
            let Some(kind) = PrincipalKind::of_name(&group.name) else {
                self.problem(
                    group.name_span,
                    SyntaxProblemKind::UnknownElement {
                        name: group.name.into_owned(),
                        place: "principal",
                        expected: PRINCIPAL_MEMBERS,
                    },
                );
                continue;
            };
            for (text, node) in self.scalars(&group, "a string or a list of strings") {
                principals.push(Spanned {
                    value: PrincipalPattern {
                        kind,
                        text: text.into(),
                    },
                    span: node.span,
                });
            }
        }
        if principals.is_empty() && self.problems.is_empty() {
            self.empty_list(member.value, &member.name);
        }
        Some(principals)
    }

    /// Operators, keys and values. Operators and keys ignore case, so two that differ in case only are one twice
    /// (IAM Access Analyzer, "Duplicate keys with different case").
    pub(super) fn conditions(&mut self, node: Node<'a>, version: Version) -> Vec<ConditionEntry> {
        let mut entries = Vec::new();
        for group in self
            .members_without_case(node, "Condition")
            .unwrap_or_default()
        {
            let Some(operator) = Operator::parse(&group.name) else {
                self.problem(
                    group.name_span,
                    SyntaxProblemKind::UnknownOperator {
                        name: group.name.into_owned(),
                    },
                );
                continue;
            };
            for key in self
                .members_without_case(group.value, &group.name)
                .unwrap_or_default()
            {
                let values = self
                    .scalars(&key, "a string, number or truth value, or a list of them")
                    .into_iter()
                    .map(|(text, node)| Spanned {
                        value: ConditionValue::parse(&text, operator.comparison, version),
                        span: node.span,
                    })
                    .collect();
                entries.push(ConditionEntry {
                    operator,
                    lower_key: key.name.to_ascii_lowercase().into(),
                    key: Spanned {
                        value: key.name.into(),
                        span: key.name_span,
                    },
                    values,
                });
            }
        }
        entries
    }

    /// One scalar or a list of them, as texts.
    fn scalars(
        &mut self,
        member: &Member<'a>,
        expected: &'static str,
    ) -> Vec<(std::borrow::Cow<'a, str>, Node<'a>)> {
        let nodes = match self.document.items(member.value) {
            Some(nodes) => nodes,
            None => vec![member.value],
        };
        if nodes.is_empty() {
            self.empty_list(member.value, &member.name);
        }
        let mut scalars = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.scalar() {
                Some(text) => scalars.push((text, node)),
                None => self.wrong_type(node, &member.name, expected),
            }
        }
        scalars
    }
}
