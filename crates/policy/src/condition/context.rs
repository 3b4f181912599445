//! The context keys of a request.

use crate::scalar::Instant;

/// The context of a request: keys, in any case, and their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Sorted by key; keys are in lower case.
    entries: Vec<(Box<str>, ContextValue)>,
    is_open: bool,
    not_before: Option<Instant>,
}

/// The value of a context key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ContextValue {
    /// Of a single-valued key.
    One(String),
    /// Of a multivalued key. An empty list is as good as no key.
    Many(Vec<String>),
}

/// What a context says about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// The request does not have it.
    Missing,
    /// It was not told whether the request has it.
    NotTold,
    /// Its one value.
    One(&'a str),
    /// The values of a multivalued key, at least one.
    Many(&'a [String]),
}

impl Context {
    /// A context in which nothing is told: a key that is not put in may be there or not, with any value.
    #[must_use]
    pub fn open() -> Self {
        Self {
            entries: Vec::new(),
            is_open: true,
            not_before: None,
        }
    }

    /// Tells that the request is made at this instant or at any later one, where the context does not give the time itself.
    #[must_use]
    pub fn at_or_after(mut self, instant: Instant) -> Self {
        self.not_before = Some(instant);
        self
    }

    /// The earliest instant at which the request may be made, if that is told.
    #[must_use]
    pub(crate) fn not_before(&self) -> Option<Instant> {
        self.not_before
    }

    /// Whether keys that are not in it may still be in the request.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Puts a key in; the later value wins.
    pub fn insert(&mut self, key: &str, value: ContextValue) {
        let key = key.to_ascii_lowercase();
        match self.entries.binary_search_by(|(own, _)| (**own).cmp(&key)) {
            Ok(index) => {
                if let Some((_, own)) = self.entries.get_mut(index) {
                    *own = value;
                }
            }
            Err(index) => self.entries.insert(index, (key.into(), value)),
        }
    }

    /// Whether the key, in any case, was put in.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        self.entries
            .binary_search_by(|(own, _)| (**own).cmp(&key))
            .is_ok()
    }

    /// Puts a single-valued key in where the context does not have it yet. `lower_key` is in lower case.
    pub fn insert_if_missing(&mut self, lower_key: &str, value: impl Into<String>) {
        if let Err(index) = self
            .entries
            .binary_search_by(|(own, _)| (**own).cmp(lower_key))
        {
            let entry = (lower_key.into(), ContextValue::One(value.into()));
            self.entries.insert(index, entry);
        }
    }

    /// What it says about a key, given in lower case.
    #[must_use]
    pub fn find(&self, lower_key: &str) -> Found<'_> {
        let found = self
            .entries
            .binary_search_by(|(own, _)| (**own).cmp(lower_key))
            .ok()
            .and_then(|index| self.entries.get(index));
        match found {
            Some((_, ContextValue::One(value))) => Found::One(value),
            Some((_, ContextValue::Many(values))) if !values.is_empty() => Found::Many(values),
            Some(_) => Found::Missing,
            None if self.is_open => Found::NotTold,
            None => Found::Missing,
        }
    }

    /// Keys, in lower case and order, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.entries.iter().map(|(key, value)| (&**key, value))
    }
}

impl<K: AsRef<str>> FromIterator<(K, ContextValue)> for Context {
    fn from_iter<I: IntoIterator<Item = (K, ContextValue)>>(entries: I) -> Self {
        let mut context = Self::default();
        for (key, value) in entries {
            context.insert(key.as_ref(), value);
        }
        context
    }
}
