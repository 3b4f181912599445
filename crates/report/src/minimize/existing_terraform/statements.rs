//! Statements as they are written in HCL: of a data source, or of an object that is encoded as JSON.

use std::collections::BTreeSet;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::structure::{Block, Body};

/// One statement.
pub(super) struct WrittenStatement {
    /// All of it.
    pub(super) span: Range<usize>,
    /// Whether it is a block, whose members are called otherwise.
    pub(super) is_block: bool,
    /// Whether it allows; none if that is computed.
    pub(super) allows: Option<bool>,
    pub(super) sid: Option<Member>,
    pub(super) actions: Option<Member>,
    pub(super) resources: Option<Member>,
    pub(super) conditions: Vec<WrittenCondition>,
}

/// One operator and key.
pub(super) struct WrittenCondition {
    pub(super) operator: String,
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

/// The statements of a document.
pub(super) struct WrittenDocument {
    /// `Version`; none where it does not stand.
    pub(super) version: Option<String>,
    pub(super) statements: Vec<WrittenStatement>,
    /// Whether the one statement stands without a list.
    pub(super) is_single: bool,
}

/// A member of a statement.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) name_span: Range<usize>,
    pub(super) value_span: Range<usize>,
    /// What it says, unless that is computed.
    pub(super) texts: Option<Vec<String>>,
}

type Result<T> = std::result::Result<T, &'static str>;

/// The statements of `data "aws_iam_policy_document"`.
pub(super) fn of_data_source(body: &Body) -> Result<WrittenDocument> {
    let composed = [
        "source_json",
        "override_json",
        "source_policy_documents",
        "override_policy_documents",
    ];
    if composed.iter().any(|name| body.has_attribute(name)) || body.has_blocks("dynamic") {
        return Err("its document is put together from others");
    }
    if is_repeated(body) {
        return Err("its document is made for several at once");
    }
    let statements: Result<Vec<WrittenStatement>> =
        body.get_blocks("statement").map(of_block).collect();
    Ok(WrittenDocument {
        version: Some(match body.get_attribute("version") {
            None => "2012-10-17".to_owned(),
            Some(version) => literal(&version.value).ok_or("its version is computed")?,
        }),
        statements: statements?,
        is_single: false,
    })
}

/// Whether a block stands for several things, or for one of another account.
pub(super) fn is_repeated(body: &Body) -> bool {
    let members = ["for_each", "count", "provider"];
    members.iter().any(|name| body.has_attribute(name))
}

fn of_block(block: &Block) -> Result<WrittenStatement> {
    let own = &block.body;
    let members = [("actions", "not_actions"), ("resources", "not_resources")];
    let is_double =
        |(one, other): &(&str, &str)| own.has_attribute(one) && own.has_attribute(other);
    let composed = ["dynamic", "principals", "not_principals"];
    if composed.iter().any(|name| own.has_blocks(name)) || members.iter().any(is_double) {
        return Err("a statement is put together from others");
    }
    // The provider reads `&{` as `${`, since HCL has the other for itself.
    let decoded = |texts: Vec<String>| -> Vec<String> {
        texts.iter().map(|text| text.replace("&{", "${")).collect()
    };
    let member = |names: &[&str]| -> Option<Member> {
        let attribute = names.iter().find_map(|name| own.get_attribute(name))?;
        Some(Member {
            name: attribute.key.as_str().to_owned(),
            name_span: attribute.key.span()?,
            value_span: attribute.value.span()?,
            texts: texts(&attribute.value).map(decoded),
        })
    };
    let conditions: Option<Vec<WrittenCondition>> = own
        .get_blocks("condition")
        .map(|condition| {
            let text = |name: &str| literal(&condition.body.get_attribute(name)?.value);
            let values = texts(&condition.body.get_attribute("values")?.value)?;
            Some(WrittenCondition {
                operator: text("test")?,
                key: text("variable")?,
                values: decoded(values),
            })
        })
        .collect();
    Ok(WrittenStatement {
        span: block.span().ok_or("a statement has no place")?,
        is_block: true,
        allows: match own.get_attribute("effect") {
            Some(effect) => effect.value.as_str().map(|text| text == "Allow"),
            None => Some(true),
        },
        sid: member(&["sid"]),
        actions: member(&["actions", "not_actions"]),
        resources: member(&["resources", "not_resources"]),
        conditions: conditions.ok_or("a condition is computed")?,
    })
}

/// The statements of the object that is encoded.
pub(super) fn of_object(object: &Object) -> Result<WrittenDocument> {
    is_plain(object, &["Version", "Id", "Statement"])?;
    let list = value(object, "Statement").ok_or("it has no `Statement`")?.1;
    let statements: Result<Vec<WrittenStatement>> = match list {
        Expression::Array(array) => array.iter().map(of_expression).collect(),
        Expression::Object(_) => of_expression(list).map(|own| vec![own]),
        _ => return Err("its statements are computed"),
    };
    let version = value(object, "Version");
    Ok(WrittenDocument {
        version: match version {
            None => None,
            Some((_, version)) => Some(literal(version).ok_or("its version is computed")?),
        },
        statements: statements?,
        is_single: matches!(list, Expression::Object(_)),
    })
}

/// Whether each member is one of these names, once.
fn is_plain(object: &Object, names: &[&str]) -> Result<()> {
    let mut known = BTreeSet::new();
    for (key, _) in object {
        let name = key_text(key).ok_or("a name in it is computed")?;
        if !names.contains(&name) || !known.insert(name) {
            return Err("it has members that a policy does not have, or one of them twice");
        }
    }
    Ok(())
}

fn of_expression(expression: &Expression) -> Result<WrittenStatement> {
    let Expression::Object(own) = expression else {
        return Err("a statement is computed");
    };
    is_plain(
        own,
        &[
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ],
    )?;
    let member = |names: &[&str]| -> Option<Member> {
        let (name, (key, value)) = names
            .iter()
            .find_map(|name| Some((name, value(own, name)?)))?;
        Some(Member {
            name: (*name).to_owned(),
            name_span: key.span()?,
            value_span: value.span()?,
            texts: texts(value),
        })
    };
    let conditions = match value(own, "Condition") {
        None => Some(Vec::new()),
        Some((_, Expression::Object(operators))) => of_conditions(operators),
        Some(_) => None,
    };
    Ok(WrittenStatement {
        span: expression.span().ok_or("a statement has no place")?,
        is_block: false,
        allows: value(own, "Effect").and_then(|(_, effect)| Some(effect.as_str()? == "Allow")),
        sid: member(&["Sid"]),
        actions: member(&["Action", "NotAction"]),
        resources: member(&["Resource", "NotResource"]),
        conditions: conditions.ok_or("a condition is computed")?,
    })
}

fn of_conditions(operators: &Object) -> Option<Vec<WrittenCondition>> {
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        for (key, values) in keys.expr().as_object()? {
            conditions.push(WrittenCondition {
                operator: key_text(operator)?.to_owned(),
                key: key_text(key)?.to_owned(),
                values: texts(values.expr())?,
            });
        }
    }
    Some(conditions)
}

fn value<'o>(object: &'o Object, name: &str) -> Option<(&'o ObjectKey, &'o Expression)> {
    let mut members = object.iter();
    let (key, value) = members.find(|(key, _)| key_text(key) == Some(name))?;
    Some((key, value.expr()))
}

fn key_text(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(own) => Some(own.as_str()),
        ObjectKey::Expression(own) => own.as_str(),
    }
}

fn literal(value: &Expression) -> Option<String> {
    match value {
        Expression::String(text) => Some(text.as_str().to_owned()),
        Expression::Bool(own) => Some(own.to_string()),
        Expression::Number(own) => Some(own.to_string()),
        _ => None,
    }
}

fn texts(value: &Expression) -> Option<Vec<String>> {
    match value {
        Expression::Array(array) => array.iter().map(literal).collect(),
        other => literal(other).map(|text| vec![text]),
    }
}
