//! Which resources are which policies, and where their documents are written.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::template::Element;
use leastgrant_minimize::{Outcome, SourceKind};

use super::module::Module;
use super::statements::{self, WrittenDocument};
use crate::minimize::place::{kind_of, name_of, path_of};

/// The policies by what Terraform calls them.
pub(super) struct Index {
    /// By path and name.
    managed: BTreeMap<(String, String), Vec<usize>>,
    /// By the kind and name of the owner, and the policy's name.
    inline: BTreeMap<(String, String, String), Vec<usize>>,
}

impl Index {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let (mut managed, mut inline) = (BTreeMap::new(), BTreeMap::new());
        // Those that do not change too: a resource can be theirs as well.
        for (place, policy) in outcome.policies.iter().enumerate() {
            let source = &policy.source;
            let name = source.name.clone();
            let places: &mut Vec<usize> = match source.kind {
                SourceKind::CustomerManaged => {
                    let path = path_of(&source.arn).unwrap_or_default();
                    managed.entry((path, name)).or_default()
                }
                SourceKind::Inline => {
                    let owner = name_of(&source.owner).to_owned();
                    let kind = kind_of(&source.owner).to_owned();
                    inline.entry((kind, owner, name)).or_default()
                }
                SourceKind::AwsManaged => continue,
            };
            places.push(place);
        }
        Self { managed, inline }
    }
}

/// A resource that is one of the policies.
pub(super) struct Found<'m> {
    /// Such as `aws_iam_policy.web`.
    pub(super) address: String,
    /// The policies that it can be, in [`Outcome::policies`].
    pub(super) places: &'m [usize],
    pub(super) written: Written,
}

/// Where and how a document is written.
pub(super) enum Written {
    /// As statements of `jsonencode`, in the file of this place.
    Encoded(usize, WrittenDocument),
    /// As statements of the data source of this label, in the file of this place.
    DataSource(String, usize, WrittenDocument),
    /// As JSON in a string or heredoc.
    Text {
        file: usize,
        span: Range<usize>,
        text: String,
        is_heredoc: bool,
    },
    /// As a file beside the module's.
    File(String),
    /// Otherwise: why it is left alone.
    Other(&'static str),
}

/// The policies that a module has.
pub(super) fn policies<'m>(module: &'m Module, index: &'m Index) -> Vec<Found<'m>> {
    let mut found = Vec::new();
    for (file, own) in module.files.iter().enumerate() {
        for block in own.body.blocks() {
            let Some((kind, label)) = resource(block, "resource") else {
                continue;
            };
            let is_repeated = statements::is_repeated(&block.body);
            let mut add = |address: String, places: Option<&'m [usize]>, body: &Body| {
                let Some(places) = places else {
                    return;
                };
                found.push(Found {
                    address,
                    places,
                    written: match body.get_attribute("policy") {
                        _ if is_repeated => {
                            Written::Other("it is made for several at once, or by another provider")
                        }
                        None => Written::Other("it has no `policy`"),
                        Some(document) => written(module, file, &document.value),
                    },
                });
            };
            let address = format!("{kind}.{label}");
            if kind != "aws_iam_role" {
                add(
                    address,
                    places(module, index, kind, &block.body),
                    &block.body,
                );
                continue;
            }
            let Some(owner) = text(module, &block.body, "name") else {
                continue;
            };
            for inline in block.body.get_blocks("inline_policy") {
                let Some(name) = text(module, &inline.body, "name") else {
                    continue;
                };
                let key = ("role".to_owned(), owner.clone(), name);
                let places = index.inline.get(&key).map(Vec::as_slice);
                add(
                    format!("{address}.inline_policy `{}`", key.2),
                    places,
                    &inline.body,
                );
            }
        }
    }
    found
}

/// Type and label of `resource "TYPE" "LABEL"`.
fn resource<'b>(block: &'b Block, ident: &str) -> Option<(&'b str, &'b str)> {
    match block.labels.as_slice() {
        [kind, label] if block.has_ident(ident) => Some((kind.as_str(), label.as_str())),
        _ => None,
    }
}

fn places<'i>(module: &Module, index: &'i Index, kind: &str, body: &Body) -> Option<&'i [usize]> {
    let name = text(module, body, "name");
    let places = match kind {
        "aws_iam_policy" => {
            let path = match body.has_attribute("path") {
                true => text(module, body, "path")?,
                false => "/".to_owned(),
            };
            index.managed.get(&(path, name?))
        }
        "aws_iam_role_policy" | "aws_iam_user_policy" | "aws_iam_group_policy" => {
            let kind = kind.strip_prefix("aws_iam_")?.strip_suffix("_policy")?;
            let owner = text(module, body, kind)?;
            index.inline.get(&(kind.to_owned(), owner, name?))
        }
        _ => None,
    };
    places.map(Vec::as_slice)
}

/// A string, or the name of a resource of the module that is referred to.
fn text(module: &Module, body: &Body, attribute: &str) -> Option<String> {
    let value = &body.get_attribute(attribute)?.value;
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let (kind, label, member) = reference(value)?;
    let is_name = matches!(member.as_str(), "name" | "id");
    let mut blocks = module.files.iter().flat_map(|file| file.body.blocks());
    let block = blocks.find(|block| resource(block, "resource") == Some((&kind, &label)));
    let name = &block.filter(|_| is_name)?.body.get_attribute("name")?.value;
    name.as_str().map(str::to_owned)
}

/// `TYPE.LABEL.MEMBER`; of a data source with `data.` before it.
fn reference(value: &Expression) -> Option<(String, String, String)> {
    let Expression::Traversal(traversal) = value else {
        return None;
    };
    let Expression::Variable(first) = &traversal.expr else {
        return None;
    };
    let mut parts = vec![first.as_str()];
    for operator in &traversal.operators {
        let TraversalOperator::GetAttr(name) = operator.value() else {
            return None;
        };
        parts.push(name.as_str());
    }
    match parts.as_slice() {
        ["data", kind, label, member] => Some((
            format!("data.{kind}"),
            (*label).to_owned(),
            (*member).to_owned(),
        )),
        [kind, label, member] => Some((
            (*kind).to_owned(),
            (*label).to_owned(),
            (*member).to_owned(),
        )),
        _ => None,
    }
}

fn written(module: &Module, file: usize, value: &Expression) -> Written {
    match value {
        Expression::Traversal(_) => match reference(value) {
            Some((kind, label, member))
                if kind == "data.aws_iam_policy_document"
                    && matches!(member.as_str(), "json" | "minified_json") =>
            {
                data_source(module, &label)
            }
            _ => Written::Other("its document comes from elsewhere"),
        },
        Expression::FuncCall(call) if !call.name.is_namespaced() => {
            let argument = call.args.get(0).filter(|_| call.args.len() == 1);
            match (call.name.name.as_str(), argument) {
                ("jsonencode", Some(Expression::Object(object))) => statements::of_object(object)
                    .map_or_else(Written::Other, |own| Written::Encoded(file, own)),
                ("file", Some(argument)) => file_name(argument).map_or(
                    Written::Other("its file is outside of the module, or has a computed name"),
                    Written::File,
                ),
                _ => Written::Other("its document is computed"),
            }
        }
        Expression::String(own) => match own.span() {
            Some(span) => Written::Text {
                file,
                span,
                text: own.as_str().to_owned(),
                is_heredoc: false,
            },
            None => Written::Other("its document is computed"),
        },
        Expression::HeredocTemplate(own) => {
            let literal = own
                .template
                .as_single_element()
                .and_then(Element::as_literal);
            match (literal, own.template.span()) {
                (Some(text), Some(span)) => Written::Text {
                    file,
                    span,
                    text: text.to_string(),
                    is_heredoc: true,
                },
                _ => Written::Other("its document has variables"),
            }
        }
        _ => Written::Other("its document is computed"),
    }
}

fn data_source(module: &Module, label: &str) -> Written {
    for (file, own) in module.files.iter().enumerate() {
        let mut blocks = own.body.blocks();
        let wanted = Some(("aws_iam_policy_document", label));
        if let Some(block) = blocks.find(|block| resource(block, "data") == wanted) {
            return statements::of_data_source(&block.body).map_or_else(Written::Other, |own| {
                Written::DataSource(label.to_owned(), file, own)
            });
        }
    }
    Written::Other("its data source is not in the module")
}

/// `x.json` of `"x.json"` or `"${path.module}/x.json"`, within the module's folder.
fn file_name(argument: &Expression) -> Option<String> {
    let name = match argument {
        Expression::String(name) => name.as_str().to_owned(),
        Expression::StringTemplate(template) => {
            let mut elements = template.iter();
            let (Some(first), Some(second), None) =
                (elements.next(), elements.next(), elements.next())
            else {
                return None;
            };
            let Expression::Traversal(traversal) = &first.as_interpolation()?.expr else {
                return None;
            };
            let is_path =
                matches!(&traversal.expr, Expression::Variable(own) if own.as_str() == "path");
            let is_module = matches!(
                traversal.operators.as_slice(),
                [only] if matches!(only.value(), TraversalOperator::GetAttr(name) if name.as_str() == "module")
            );
            let rest = second.as_literal().filter(|_| is_path && is_module)?;
            rest.strip_prefix('/')?.to_owned()
        }
        _ => return None,
    };
    let mut parts = std::path::Path::new(&name).components();
    let is_inside = parts.all(|part| matches!(part, std::path::Component::Normal(_)));
    (is_inside && !name.is_empty()).then_some(name)
}
