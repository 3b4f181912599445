//! A policy document as it was read: every element in its place, with its position in the text.

use std::ops::Deref;
use std::sync::Arc;

use crate::condition::{ConditionEntry, Context, can_hold};
use crate::principal::PrincipalPattern;
use crate::{Action, ActionPattern, ResourcePattern};

/// A part of a document's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Values are equal wherever they stand.
impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// The version of the language. A document without one is of the older version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Version {
    /// `2008-10-17`: `${…}` is plain text.
    #[default]
    V2008,
    /// `2012-10-17`: policy variables.
    V2012,
}

impl Version {
    /// As documents write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => "2012-10-17",
        }
    }
}

/// What a statement does to what it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Grants it, if no statement denies it.
    Allow,
    /// Denies it, whatever else grants it.
    Deny,
}

impl Effect {
    /// As documents write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// Action or NotAction, Resource or NotResource, Principal or NotPrincipal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element<P> {
    /// Whether it is the form with `Not`: what none of the entries matches.
    pub is_negated: bool,
    /// The entries, at least one.
    pub entries: Vec<Spanned<P>>,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Where it stands in the document's text.
    pub span: Span,
    /// Its name, where it has one.
    pub sid: Option<Spanned<Box<str>>>,
    /// Allow or Deny.
    pub effect: Effect,
    /// Who, in resource and trust policies.
    pub principal: Option<Element<PrincipalPattern>>,
    /// Which actions.
    pub action: Element<ActionPattern>,
    /// Which resources; missing in trust policies, where it is the role itself.
    pub resource: Option<Element<ResourcePattern>>,
    /// All of them must be met.
    pub conditions: Vec<ConditionEntry>,
    /// Where the value of Condition stands in the document's text, if there is one.
    pub conditions_span: Option<Span>,
}

/// Statements are equal if they say the same, wherever they stand.
impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.sid == other.sid && self.means_the_same(other)
    }
}

impl Eq for Statement {}

impl Statement {
    /// Whether both are written alike, names aside.
    #[must_use]
    pub fn means_the_same(&self, other: &Self) -> bool {
        self.effect == other.effect
            && self.principal == other.principal
            && self.action == other.action
            && self.resource == other.resource
            && self.conditions == other.conditions
    }

    /// Whether no request can meet all of its conditions, as far as single values of a key tell.
    #[must_use]
    pub fn has_conditions_that_exclude_each_other(&self) -> bool {
        let conditions: Vec<&ConditionEntry> = self.conditions.iter().collect();
        !can_hold(&conditions, &Context::open())
    }

    /// Whether a policy variable stands in its resources.
    #[must_use]
    pub fn has_resource_variables(&self) -> bool {
        self.resource
            .iter()
            .flat_map(|resource| &resource.entries)
            .any(|entry| entry.has_variables())
    }
}

/// A policy document.
///
/// Made by [`Policy::parse`]; what it was read from stays with it, so that untouched parts are printed byte for byte.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) text: Arc<str>,
    /// The version; [`Version::V2008`] where the document has none.
    pub version: Version,
    /// Whether the document states its version.
    pub states_version: bool,
    /// The document's Id, where it has one.
    pub id: Option<Box<str>>,
    /// The statements in order.
    pub statements: Vec<Statement>,
    /// Where the value of `Statement` stands: a list, or one statement.
    pub(crate) statements_span: Span,
}

impl Policy {
    /// The text it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same with only those statements that an action is in, allowed or denied: what decides on it.
    ///
    /// Its text stays the whole one.
    #[must_use]
    pub fn only_about(&self, action: &Action) -> Self {
        let is_about = |own: &&Statement| {
            let mut entries = own.action.entries.iter();
            entries.any(|entry| entry.matches(action)) != own.action.is_negated
        };
        Self {
            text: Arc::clone(&self.text),
            version: self.version,
            states_version: self.states_version,
            id: self.id.clone(),
            statements: self.statements.iter().filter(is_about).cloned().collect(),
            statements_span: self.statements_span,
        }
    }

    /// The text of one statement, as it was written.
    #[must_use]
    pub fn statement_text(&self, statement: &Statement) -> &str {
        self.text
            .get(statement.span.start..statement.span.end)
            .unwrap_or_default()
    }
}

/// Policies are equal if they say the same, whatever their white space.
impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
            && self.states_version == other.states_version
            && self.id == other.id
            && self.statements == other.statements
    }
}

impl Eq for Policy {}
