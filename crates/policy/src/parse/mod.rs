//! Text → [`Policy`], strictly: what IAM would refuse, or what parsers read in different ways, is a fault with its place.

mod elements;
mod json;
mod statement;

use std::collections::HashSet;
use std::sync::Arc;

use crate::document::{Policy, Span, Version};
use crate::problem::{SyntaxError, SyntaxProblem, SyntaxProblemKind};
use json::{Document, Member, Node};

/// Documents are a few kilobytes; what is larger than this is none.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 20;

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    /// [`SyntaxError`] with every fault that was found.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut reader = Reader {
            document: Document(text),
            problems: Vec::new(),
        };
        let policy = reader.policy();
        match policy {
            Some(policy) if reader.problems.is_empty() => Ok(policy),
            _ => {
                reader.problems.sort_by_key(|problem| problem.span);
                Err(SyntaxError {
                    problems: reader.problems,
                })
            }
        }
    }
}

/// Collects faults while reading goes on.
struct Reader<'a> {
    document: Document<'a>,
    problems: Vec<SyntaxProblem>,
}

const POLICY_ELEMENTS: &str = "`Version`, `Id`, `Statement`";

impl<'a> Reader<'a> {
    fn problem(&mut self, span: Span, kind: SyntaxProblemKind) {
        self.problems.push(SyntaxProblem { kind, span });
    }

    fn wrong_type(&mut self, node: Node<'_>, element: &str, expected: &'static str) {
        self.problem(
            node.span,
            SyntaxProblemKind::WrongType {
                element: element.to_owned(),
                expected,
                found: node.type_name(),
            },
        );
    }

    /// The members of an object; those that stand twice are faults.
    fn members(&mut self, node: Node<'a>, element: &str) -> Option<Vec<Member<'a>>> {
        let Some(members) = self.document.members(node) else {
            self.wrong_type(node, element, "an object");
            return None;
        };
        let mut names = HashSet::with_capacity(members.len());
        for member in &members {
            if !names.insert(&*member.name) {
                self.duplicate(member);
            }
        }
        Some(members)
    }

    /// The members of an object whose names ignore case; those that stand twice in whatever case are faults.
    fn members_without_case(&mut self, node: Node<'a>, element: &str) -> Option<Vec<Member<'a>>> {
        let members = self.members(node, element)?;
        let mut exact = HashSet::with_capacity(members.len());
        let mut lower = HashSet::with_capacity(members.len());
        for member in &members {
            let is_new = lower.insert(member.name.to_ascii_lowercase());
            // Those of the same case have been found already.
            if exact.insert(&*member.name) && !is_new {
                self.duplicate(member);
            }
        }
        Some(members)
    }

    fn duplicate(&mut self, member: &Member<'_>) {
        self.problem(
            member.name_span,
            SyntaxProblemKind::Duplicate {
                name: member.name.clone().into_owned(),
            },
        );
    }

    fn policy(&mut self) -> Option<Policy> {
        let text = self.document.0;
        if text.len() > MAX_DOCUMENT_BYTES {
            self.problem(
                Span::default(),
                SyntaxProblemKind::WrongValue {
                    element: "policy",
                    found: format!("a text of {} bytes", text.len()),
                    expected: "at most 1 MiB long",
                },
            );
            return None;
        }
        let root = match self.document.root() {
            Ok(root) => root,
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        let mut version = None;
        let mut id = None;
        let mut statements = None;
        for member in self.members(root, "policy")? {
            match &*member.name {
                "Version" => version = self.version(member.value),
                "Id" => match member.value.string() {
                    Some(text) => id = Some(text.into()),
                    None => self.wrong_type(member.value, "Id", "a string"),
                },
                "Statement" => statements = Some(member.value),
                name => {
                    let name = name.to_owned();
                    self.problem(
                        member.name_span,
                        SyntaxProblemKind::UnknownElement {
                            name,
                            place: "policy",
                            expected: POLICY_ELEMENTS,
                        },
                    );
                }
            }
        }
        let Some(statements_node) = statements else {
            self.problem(
                root.span,
                SyntaxProblemKind::Missing {
                    place: "policy",
                    element: "Statement",
                },
            );
            return None;
        };
        let nodes = match self.document.items(statements_node) {
            Some(nodes) => nodes,
            None => vec![statements_node],
        };
        if nodes.is_empty() {
            self.empty_list(statements_node, "Statement");
        }
        let statements = nodes
            .into_iter()
            .filter_map(|node| self.statement(node, version.unwrap_or_default()))
            .collect();
        Some(Policy {
            text: Arc::from(text),
            version: version.unwrap_or_default(),
            states_version: version.is_some(),
            id,
            statements,
            statements_span: statements_node.span,
        })
    }

    fn version(&mut self, node: Node<'a>) -> Option<Version> {
        let Some(text) = node.string() else {
            self.wrong_type(node, "Version", "a string");
            return None;
        };
        let versions = [Version::V2008, Version::V2012];
        let found = versions
            .into_iter()
            .find(|version| version.as_str() == text);
        if found.is_none() {
            self.problem(
                node.span,
                SyntaxProblemKind::WrongValue {
                    element: "Version",
                    found: text.into_owned(),
                    expected: "`2012-10-17` or `2008-10-17`",
                },
            );
        }
        found
    }

    fn empty_list(&mut self, node: Node<'_>, element: &str) {
        self.problem(
            node.span,
            SyntaxProblemKind::EmptyList {
                element: element.to_owned(),
            },
        );
    }
}

#[cfg(test)]
mod tests;
