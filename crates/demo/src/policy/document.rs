//! Policy documents as JSON, filled in while they are written.

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use super::{Choice, Condition, Statement, VERSION, fill};
use crate::model::Place;

/// A policy document, ready to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'a> {
    /// The `Version`.
    pub(crate) version: &'static str,
    /// The statements.
    pub(crate) statements: &'a [&'static Statement],
    /// Whether a single statement is written as an object in place of a list.
    pub(crate) lone: bool,
    /// What fills the placeholders.
    pub(crate) place: &'a Place,
}

impl<'a> Document<'a> {
    /// A document of the usual version with a list of statements.
    pub(crate) fn new(statements: &'a [&'static Statement], place: &'a Place) -> Self {
        Self {
            version: VERSION,
            statements,
            lone: false,
            place,
        }
    }
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("Document", 2)?;
        document.serialize_field("Version", self.version)?;
        let place = self.place;
        match self.statements {
            [statement] if self.lone => {
                document.serialize_field("Statement", &Filled { statement, place })?;
            }
            statements => {
                let filled: Vec<_> = statements
                    .iter()
                    .map(|statement| Filled { statement, place })
                    .collect();
                document.serialize_field("Statement", &filled)?;
            }
        }
        document.end()
    }
}

/// A statement together with what fills its placeholders.
struct Filled<'a> {
    statement: &'a Statement,
    place: &'a Place,
}

impl Filled<'_> {
    fn texts<'a>(&'a self, list: &'a [&'static str]) -> Texts<'a> {
        Texts {
            list,
            place: self.place,
        }
    }
}

impl Serialize for Filled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let statement = self.statement;
        let mut map = serializer.serialize_map(None)?;
        if !statement.sid.is_empty() {
            map.serialize_entry("Sid", statement.sid)?;
        }
        map.serialize_entry("Effect", statement.effect)?;
        if statement.anyone {
            map.serialize_entry("Principal", "*")?;
        }
        match statement.actions {
            Choice::These(list) => map.serialize_entry("Action", &self.texts(list))?,
            Choice::AllBut(list) => map.serialize_entry("NotAction", &self.texts(list))?,
        }
        match statement.resources {
            Choice::These(list) => map.serialize_entry("Resource", &self.texts(list))?,
            Choice::AllBut(list) => map.serialize_entry("NotResource", &self.texts(list))?,
        }
        if !statement.conditions.is_empty() {
            map.serialize_entry("Condition", &Conditions(self))?;
        }
        map.end()
    }
}

/// The `Condition` member of a statement.
struct Conditions<'a>(&'a Filled<'a>);

impl Serialize for Conditions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for condition in self.0.statement.conditions {
            map.serialize_entry(condition.operator, &Keys(condition, self.0))?;
        }
        map.end()
    }
}

/// The keys of one condition operator.
struct Keys<'a>(&'a Condition, &'a Filled<'a>);

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .keys
                .iter()
                .map(|(key, values)| (fill(key, self.1.place), self.1.texts(values))),
        )
    }
}

/// A list of texts, written as one text where it is a list of one. Policies in the field have both.
struct Texts<'a> {
    list: &'a [&'static str],
    place: &'a Place,
}

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.list {
            [text] => serializer.serialize_str(&fill(text, self.place)),
            texts => serializer.collect_seq(texts.iter().map(|text| fill(text, self.place))),
        }
    }
}

impl Statement {
    /// The number of characters that the statement takes of a quota, which counts no white space
    /// between the members.
    pub(crate) fn characters(&self, place: &Place) -> usize {
        serde_json::to_string(&Filled {
            statement: self,
            place,
        })
        .map_or(0, |text| text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{condition, deny};
    use super::*;

    fn place() -> Place {
        Place {
            account: "111122223333".to_owned(),
            neighbour: "444455556666".to_owned(),
            organisation: "o-madeup1234".to_owned(),
            region: "eu-central-1",
            app: "orders-web".to_owned(),
            target: "target".to_owned(),
        }
    }

    #[test]
    fn a_document_is_written_as_iam_policies_are() {
        static STATEMENT: Statement = deny("NoOther", &["s3:*"], &["arn:aws:s3:::{app}"])
            .on_all_other_resources()
            .when(&[condition(
                "StringNotEquals",
                &[("aws:RequestedRegion", &["{region}", "us-east-1"])],
            )]);
        let place = place();
        let statements = [&STATEMENT];
        let document = Document::new(&statements, &place);
        assert_eq!(
            serde_json::to_string(&document).unwrap(),
            concat!(
                r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoOther","Effect":"Deny","#,
                r#""Action":"s3:*","NotResource":"arn:aws:s3:::orders-web","Condition":"#,
                r#"{"StringNotEquals":{"aws:RequestedRegion":["eu-central-1","us-east-1"]}}}]}"#
            )
        );
    }
}
