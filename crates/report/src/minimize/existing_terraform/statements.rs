//! Statements as they are written in HCL: of a data source, or of an object that is encoded as JSON.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Object, ObjectKey};
use hcl_edit::structure::Body;

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
    /// How many conditions it has, of each operator and key.
    pub(super) conditions: usize,
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
pub(super) fn of_data_source(body: &Body) -> Result<Vec<WrittenStatement>> {
    let composed = [
        "source_json",
        "override_json",
        "source_policy_documents",
        "override_policy_documents",
    ];
    if composed.iter().any(|name| body.has_attribute(name)) || body.has_blocks("dynamic") {
        return Err("its document is put together from others");
    }
    body.get_blocks("statement")
        .map(|block| {
            let own = &block.body;
            if own.has_blocks("dynamic")
                || own.has_blocks("principals")
                || own.has_blocks("not_principals")
            {
                return Err("a statement is put together from others");
            }
            let member = |names: &[&str]| -> Option<Member> {
                let attribute = names.iter().find_map(|name| own.get_attribute(name))?;
                let texts = texts(&attribute.value).map(|texts| {
                    // The provider reads `&{` as `${`, since HCL has the other for itself.
                    texts.iter().map(|text| text.replace("&{", "${")).collect()
                });
                Some(Member {
                    name: attribute.key.as_str().to_owned(),
                    name_span: attribute.key.span()?,
                    value_span: attribute.value.span()?,
                    texts,
                })
            };
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
                conditions: own.get_blocks("condition").count(),
            })
        })
        .collect()
}

/// The statements of the object that is encoded.
pub(super) fn of_object(object: &Object) -> Result<Vec<WrittenStatement>> {
    let list = value(object, "Statement").ok_or("it has no `Statement`")?;
    let one = std::slice::from_ref(list.1);
    let statements: Vec<&Expression> = match list.1 {
        Expression::Array(array) => array.iter().collect(),
        Expression::Object(_) => one.iter().collect(),
        _ => return Err("its statements are computed"),
    };
    statements.into_iter().map(of_expression).collect()
}

fn of_expression(expression: &Expression) -> Result<WrittenStatement> {
    let Expression::Object(own) = expression else {
        return Err("a statement is computed");
    };
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
        None => 0,
        Some((_, Expression::Object(operators))) => operators
            .iter()
            .map(|(_, keys)| keys.expr().as_object().map(Object::len))
            .sum::<Option<usize>>()
            .ok_or("a condition is computed")?,
        Some(_) => return Err("a condition is computed"),
    };
    Ok(WrittenStatement {
        span: expression.span().ok_or("a statement has no place")?,
        is_block: false,
        allows: value(own, "Effect").and_then(|(_, effect)| Some(effect.as_str()? == "Allow")),
        sid: member(&["Sid"]),
        actions: member(&["Action", "NotAction"]),
        resources: member(&["Resource", "NotResource"]),
        conditions,
    })
}

fn value<'o>(object: &'o Object, name: &str) -> Option<(&'o ObjectKey, &'o Expression)> {
    let mut members = object.iter();
    let (key, value) = members.find(|(key, _)| match key {
        ObjectKey::Ident(own) => own.as_str() == name,
        ObjectKey::Expression(own) => own.as_str() == Some(name),
    })?;
    Some((key, value.expr()))
}

fn texts(value: &Expression) -> Option<Vec<String>> {
    match value {
        Expression::String(text) => Some(vec![text.as_str().to_owned()]),
        Expression::Array(array) => array
            .iter()
            .map(|own| own.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}
