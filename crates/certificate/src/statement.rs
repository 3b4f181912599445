//! Documents and statements, as far as the checker has to know them.

use crate::disjoint::{actions_are_disjoint, resources_are_disjoint};
use crate::include::{includes_action, includes_resource};
use crate::json::Json;

/// A list of patterns, or what none of them matches.
#[derive(Debug)]
struct List {
    is_negated: bool,
    entries: Vec<String>,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) is_allow: bool,
    /// All of it.
    pub(crate) whole: Json,
    action: List,
    resource: List,
    condition: Option<Json>,
}

/// A document.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) version: Option<Json>,
    pub(crate) statements: Vec<Statement>,
}

impl Document {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let Json::Object(members) = Json::read(text)? else {
            return Err("it is no object".to_owned());
        };
        let mut version = None;
        let mut statements = Vec::new();
        for (name, value) in members {
            match name.as_str() {
                "Version" => version = Some(value),
                "Id" => {}
                "Statement" => {
                    let items = match value {
                        Json::List(items) => items,
                        one => vec![one],
                    };
                    statements = items
                        .into_iter()
                        .map(Statement::read)
                        .collect::<Result<_, _>>()?;
                }
                other => return Err(format!("`{other}` is not an element of a policy")),
            }
        }
        Ok(Self {
            version,
            statements,
        })
    }
}

impl Statement {
    fn read(whole: Json) -> Result<Self, String> {
        let Json::Object(members) = &whole else {
            return Err("a statement is no object".to_owned());
        };
        let (mut effect, mut action, mut resource, mut condition) = (None, None, None, None);
        for (name, value) in members {
            match name.as_str() {
                "Sid" => {}
                "Effect" => effect = Some(value),
                "Action" | "NotAction" => put(&mut action, name, value)?,
                "Resource" | "NotResource" => put(&mut resource, name, value)?,
                "Condition" => condition = Some(value.clone()),
                other => return Err(format!("`{other}` is not an element that it follows")),
            }
        }
        let is_allow = match effect {
            Some(Json::Text(text)) if text == "Allow" => true,
            Some(Json::Text(text)) if text == "Deny" => false,
            _ => return Err("a statement's Effect is neither Allow nor Deny".to_owned()),
        };
        Ok(Self {
            is_allow,
            action: action.ok_or("a statement has no Action")?,
            resource: resource.ok_or("a statement has no Resource")?,
            condition,
            whole,
        })
    }

    /// What this one allows that the other does not, in words; nothing if it refines it.
    pub(crate) fn more_than(&self, old: &Self) -> Option<String> {
        let condition = |own: &Self| own.condition.as_ref().map(Json::with_texts);
        if condition(self) != condition(old) {
            return Some("its Condition is another".to_owned());
        }
        let action = self
            .action
            .more_than(&old.action, includes_action, actions_are_disjoint);
        let resource = || {
            self.resource
                .more_than(&old.resource, includes_resource, resources_are_disjoint)
        };
        action
            .map(|entry| format!("the action `{entry}` is not within it"))
            .or_else(|| resource().map(|entry| format!("the resource `{entry}` is not within it")))
    }
}

fn put(place: &mut Option<List>, name: &str, value: &Json) -> Result<(), String> {
    let entries = value
        .texts()
        .ok_or_else(|| format!("`{name}` is neither a text nor a list of texts"))?;
    let list = List {
        is_negated: name.starts_with("Not"),
        entries: entries.into_iter().map(str::to_owned).collect(),
    };
    match place.replace(list) {
        None => Ok(()),
        Some(_) => Err(format!("a statement has both `{name}` and its counterpart")),
    }
}

impl List {
    /// The first entry that goes beyond the old list.
    fn more_than(
        &self,
        old: &Self,
        includes: fn(&str, &str) -> bool,
        are_disjoint: fn(&str, &str) -> bool,
    ) -> Option<&str> {
        let is_within = |new: &&String| match (old.is_negated, self.is_negated) {
            (false, false) => old.entries.iter().any(|old| includes(old, new)),
            (true, false) => old.entries.iter().all(|old| are_disjoint(old, new)),
            // Only the same exceptions are followed.
            (true, true) => self.entries == old.entries,
            (false, true) => false,
        };
        let mut entries = self.entries.iter();
        entries.find(|new| !is_within(new)).map(String::as_str)
    }
}
