//! One statement and its elements.

use super::Reader;
use super::json::{Member, Node};
use crate::document::{Effect, Element, Spanned, Statement, Version};
use crate::problem::SyntaxProblemKind;
use crate::{ActionPattern, ResourcePattern};

const STATEMENT_ELEMENTS: &str = "`Sid`, `Effect`, `Principal`, `NotPrincipal`, `Action`, `NotAction`, `Resource`, `NotResource`, `Condition`";

/// An element that has a form with `Not`.
struct Pair<P> {
    names: (&'static str, &'static str),
    found: Option<Element<P>>,
}

impl<P> Pair<P> {
    fn new(name: &'static str, negated: &'static str) -> Self {
        Self {
            names: (name, negated),
            found: None,
        }
    }

    fn put(
        &mut self,
        reader: &mut Reader<'_>,
        member: &Member<'_>,
        entries: Option<Vec<Spanned<P>>>,
    ) {
        let (first, second) = self.names;
        let is_negated = member.name == second;
        if let Some(found) = &self.found
            && found.is_negated != is_negated
        {
            reader.problem(member.name_span, SyntaxProblemKind::Both { first, second });
        }
        if let Some(entries) = entries {
            self.found = Some(Element {
                is_negated,
                entries,
            });
        }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn statement(&mut self, node: Node<'a>, version: Version) -> Option<Statement> {
        let mut sid = None;
        let mut effect = None;
        let mut principal = Pair::new("Principal", "NotPrincipal");
        let mut action = Pair::new("Action", "NotAction");
        let mut resource = Pair::new("Resource", "NotResource");
        let mut conditions = Vec::new();
        let mut conditions_span = None;
        let members = self.members(node, "Statement")?;
        let has = |names: (&str, &str)| {
            members
                .iter()
                .any(|member| member.name == names.0 || member.name == names.1)
        };
        let (has_effect, has_action) = (has(("Effect", "Effect")), has(action.names));
        for member in &members {
            match &*member.name {
                "Sid" => sid = self.sid(member.value),
                "Effect" => effect = self.effect(member.value),
                "Principal" | "NotPrincipal" => {
                    let entries = self.principals(member);
                    principal.put(self, member, entries);
                }
                "Action" | "NotAction" => {
                    let entries = self.texts(member, ActionPattern::parse);
                    action.put(self, member, entries);
                }
                "Resource" | "NotResource" => {
                    let entries = self.texts(member, |text| ResourcePattern::parse(text, version));
                    resource.put(self, member, entries);
                }
                "Condition" => {
                    conditions = self.conditions(member.value, version);
                    conditions_span = Some(member.value.span);
                }
                name => {
                    let name = name.to_owned();
                    self.problem(
                        member.name_span,
                        SyntaxProblemKind::UnknownElement {
                            name,
                            place: "statement",
                            expected: STATEMENT_ELEMENTS,
                        },
                    );
                }
            }
        }
        for (is_there, element) in [
            (has_effect, "Effect"),
            (has_action, "Action` or `NotAction"),
        ] {
            if !is_there {
                self.problem(
                    node.span,
                    SyntaxProblemKind::Missing {
                        place: "statement",
                        element,
                    },
                );
            }
        }
        Some(Statement {
            span: node.span,
            sid,
            effect: effect?,
            principal: principal.found,
            action: action.found?,
            resource: resource.found,
            conditions,
            conditions_span,
        })
    }

    fn sid(&mut self, node: Node<'a>) -> Option<Spanned<Box<str>>> {
        match node.string() {
            Some(text) => Some(Spanned {
                value: text.into(),
                span: node.span,
            }),
            None => {
                self.wrong_type(node, "Sid", "a string");
                None
            }
        }
    }

    fn effect(&mut self, node: Node<'a>) -> Option<Effect> {
        let Some(text) = node.string() else {
            self.wrong_type(node, "Effect", "a string");
            return None;
        };
        let effects = [Effect::Allow, Effect::Deny];
        let found = effects.into_iter().find(|effect| effect.as_str() == text);
        if found.is_none() {
            self.problem(
                node.span,
                SyntaxProblemKind::WrongValue {
                    element: "Effect",
                    found: text.into_owned(),
                    expected: "`Allow` or `Deny`, case-sensitive",
                },
            );
        }
        found
    }

    /// A string, or a list of strings.
    fn texts<P>(
        &mut self,
        member: &Member<'a>,
        read: impl Fn(&str) -> P,
    ) -> Option<Vec<Spanned<P>>> {
        const EXPECTED: &str = "a string or a list of strings";
        let nodes = match self.document.items(member.value) {
            Some(nodes) => nodes,
            None => vec![member.value],
        };
        if nodes.is_empty() {
            self.empty_list(member.value, &member.name);
            return None;
        }
        let mut texts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.string() {
                Some(text) => texts.push(Spanned {
                    value: read(&text),
                    span: node.span,
                }),
                None => self.wrong_type(node, &member.name, EXPECTED),
            }
        }
        Some(texts)
    }
}
