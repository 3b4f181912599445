//! What the parameters of one request say.
//!
//! CloudTrail has no documented form for them. Seen are: names in another case than the API's; lists of EC2 as `{"items":[…]}`
//! or `{"item":[…]}`; calls of its newer interface in an object `…Request`, with list elements as `{"tag":1,"content":…}`.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::value::RawValue;

use super::json::{Level, Members, level};

/// More values than this are not told one by one, and neither are more resources of one call.
pub(super) const MOST_VALUES: usize = 1_000;

/// What CloudTrail leaves in the place of parameters that are too long for it.
pub(super) const OMITTED: &str = "omitted";

/// Lists in lists in lists; what lies deeper names no resource.
const MOST_LEVELS: usize = 16;

/// The names on the way to a parameter, in lower case.
///
/// Lists on the way need no name: all of their elements are meant. `{}` stands for the names of an object's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Box<[Cow<'static, str>]>);

/// What is found at some paths.
#[derive(Default)]
pub(super) struct Values<'a> {
    pub(super) texts: Vec<Cow<'a, str>>,
    /// Whether there is more that cannot be read: masked, of another kind, or too much.
    pub(super) is_unclear: bool,
    /// Whether texts are taken that a policy would read as patterns.
    pub(super) takes_patterns: bool,
}

/// The parameters of a request.
pub(super) enum Parameters<'a> {
    /// There are none.
    Absent,
    /// They are cut short, or no JSON object.
    Unreadable,
    Given(Members<'a>),
}

/// The parameters of a request, read when somebody asks.
pub(super) struct Unread<'a> {
    text: Option<&'a str>,
    read: OnceCell<Parameters<'a>>,
}

impl<'a> Unread<'a> {
    pub(super) fn of(text: Option<&'a str>) -> Self {
        Self {
            text,
            read: OnceCell::new(),
        }
    }

    pub(super) fn read(&self) -> &Parameters<'a> {
        self.read.get_or_init(|| Parameters::of(self.text))
    }

    /// Whether somebody has asked.
    pub(super) fn is_read(&self) -> bool {
        self.read.get().is_some()
    }
}

impl Path {
    /// A path of names separated by dots.
    pub(super) fn of(text: &str) -> Self {
        let names = text.split('.').map(|name| name.to_ascii_lowercase().into());
        Self(names.collect())
    }

    /// The names on the way.
    #[cfg(test)]
    pub(super) fn names(&self) -> Vec<String> {
        self.0
            .iter()
            .map(|name| name.clone().into_owned())
            .collect()
    }
}

impl<'a> Parameters<'a> {
    pub(super) fn of(text: Option<&'a str>) -> Self {
        let Some(text) = text else {
            return Self::Absent;
        };
        let members = match level(text) {
            Some(Level::Object(members)) => members,
            Some(Level::Null) => return Self::Absent,
            _ => return Self::Unreadable,
        };
        if let [(name, inner)] = members.0.as_slice()
            && name.to_ascii_lowercase().ends_with("request")
            && let Some(Level::Object(inner)) = level(inner.get())
        {
            return Self::Given(inner);
        }
        let is_omitted = members.named(OMITTED).any(|value| value.get() == "true");
        if is_omitted {
            return Self::Unreadable;
        }
        Self::Given(members)
    }

    /// All values at a path.
    pub(super) fn values(&self, path: &Path, found: &mut Values<'a>) {
        match self {
            Self::Absent => {}
            Self::Unreadable => found.is_unclear = true,
            Self::Given(members) => into_members(members, &path.0, found, 0),
        }
    }

    /// Whole ARNs that are parameters of the call itself, or in lists that are, with the names of these in lower case.
    pub(super) fn arns(&self) -> Vec<(String, Cow<'a, str>)> {
        let Self::Given(members) = self else {
            return Vec::new();
        };
        let mut arns = Vec::new();
        for (name, value) in &members.0 {
            // Most values are none, and need not be read.
            if !value.get().contains("\"arn:") {
                continue;
            }
            let mut found = Values::default();
            into(value, &[], &mut found, MOST_LEVELS - 2);
            let texts = found.texts.into_iter();
            let of_member = texts.filter(|text| text.starts_with("arn:"));
            arns.extend(of_member.map(|text| (name.to_ascii_lowercase(), text)));
        }
        arns
    }

    /// The values at any of some paths.
    pub(super) fn all(&self, paths: &[Path]) -> Values<'a> {
        self.all_into(paths, Values::default())
    }

    /// The same, added to what was found before.
    pub(super) fn all_into(&self, paths: &[Path], mut found: Values<'a>) -> Values<'a> {
        for path in paths {
            self.values(path, &mut found);
        }
        found
    }
}

impl<'a> Values<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && !self.is_unclear
    }

    pub(super) fn push(&mut self, text: Cow<'a, str>) {
        if text.is_empty() {
            return;
        }
        let is_right = is_plain(&text) || self.takes_patterns && !is_masked(&text);
        if self.texts.len() >= MOST_VALUES || !is_right {
            self.is_unclear = true;
        } else if !self.texts.contains(&text) {
            self.texts.push(text);
        }
    }
}

/// What CloudTrail writes in the place of a value that it must not keep.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains("HIDDEN_DUE_TO_SECURITY_REASONS") || text.contains("***")
}

/// Whether a text is not masked, and one that a policy would not read as a pattern.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !is_masked(text)
        && !text.contains(['*', '?', '$'])
        && !text.chars().any(char::is_control)
}

fn into_members<'a>(
    members: &Members<'a>,
    names: &[Cow<'static, str>],
    found: &mut Values<'a>,
    depth: usize,
) {
    let Some((name, rest)) = names.split_first() else {
        match wrapped(members) {
            Some(inner) => into(inner, names, found, depth + 1),
            // An object where a text is wanted; an empty one is as good as none.
            None => found.is_unclear |= !members.0.is_empty(),
        }
        return;
    };
    if name == "{}" {
        for (name, _) in &members.0 {
            found.push(name.clone());
        }
        return;
    }
    let mut is_there = false;
    for value in members.named(name) {
        is_there = true;
        into(value, rest, found, depth + 1);
    }
    if !is_there && let Some(inner) = wrapped(members) {
        into(inner, names, found, depth + 1);
    }
}

fn into<'a>(
    value: &'a RawValue,
    names: &[Cow<'static, str>],
    found: &mut Values<'a>,
    depth: usize,
) {
    if depth > MOST_LEVELS {
        found.is_unclear = true;
        return;
    }
    match level(value.get()) {
        Some(Level::Object(members)) => into_members(&members, names, found, depth),
        Some(Level::List(elements)) => {
            if elements.len() > MOST_VALUES {
                found.is_unclear = true;
                return;
            }
            for element in elements {
                into(element, names, found, depth + 1);
            }
        }
        Some(Level::Text(text)) if names.is_empty() => found.push(text),
        Some(Level::Number(text)) if names.is_empty() => found.push(Cow::Borrowed(text)),
        // A masked object or list.
        Some(Level::Text(text)) => found.is_unclear |= !text.is_empty(),
        None => found.is_unclear = true,
        Some(Level::Flag(true)) if names.is_empty() => found.push(Cow::Borrowed("true")),
        Some(Level::Number(_) | Level::Flag(_) | Level::Null) => {}
    }
}

/// What an object holds that only wraps a list or one of its elements.
pub(super) fn wrapped<'a>(members: &Members<'a>) -> Option<&'a RawValue> {
    match members.0.as_slice() {
        [(name, inner)] if matches!(&**name, "items" | "item" | "member") => Some(inner),
        [(tag, _), (content, inner)] | [(content, inner), (tag, _)]
            if tag == "tag" && content == "content" =>
        {
            Some(inner)
        }
        _ => None,
    }
}
