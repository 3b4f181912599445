//! A line's shape: the request and the policies that bear on it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use leastgrant_policy::evaluate::{Policies, Request};
use leastgrant_policy::principal::{is_account_id, wrong_account};
use leastgrant_policy::{Action, Context, ContextValue, Policy, Principal, Resource};
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::PolicyCache;
use super::object::{Levels, List, Object};
use super::place::{line_error, policy_error, shape_error};

/// A line that was read.
pub(super) struct Question<'a> {
    pub id: Option<&'a RawValue>,
    pub request: Request,
    pub policies: OwnedPolicies,
}

/// Other members beside these are somebody's own notes.
#[derive(Deserialize)]
struct WholeShape<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    request: Object<RequestShape<'a>>,
    #[serde(borrow)]
    policies: Option<Object<PoliciesShape<'a>>>,
}

/// The same, with its parts unread.
#[derive(Deserialize)]
struct LineShape<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    request: &'a RawValue,
    #[serde(borrow)]
    policies: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct IdShape<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestShape<'a> {
    #[serde(borrow)]
    principal: Cow<'a, str>,
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    resource: Cow<'a, str>,
    #[serde(borrow, default)]
    resource_account: Option<Cow<'a, str>>,
    #[serde(default)]
    context: Option<ContextShape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoliciesShape<'a> {
    #[serde(borrow, default)]
    identity: Option<List<'a>>,
    #[serde(borrow, default)]
    boundary: Option<List<'a>>,
    #[serde(borrow, default)]
    session: Option<List<'a>>,
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default)]
    service_control: Option<Levels<'a>>,
    #[serde(borrow, default)]
    resource_control: Option<Levels<'a>>,
    #[serde(borrow, default)]
    vpc_endpoint: Option<List<'a>>,
}

/// Policies that are shared with the cache.
#[derive(Default)]
pub(super) struct OwnedPolicies {
    identity: Vec<Arc<Policy>>,
    boundary: Vec<Arc<Policy>>,
    session: Vec<Arc<Policy>>,
    resource: Option<Arc<Policy>>,
    service_control: Vec<Vec<Arc<Policy>>>,
    resource_control: Vec<Vec<Arc<Policy>>>,
    vpc_endpoint: Vec<Arc<Policy>>,
}

/// The id of a line that cannot be judged, if that much can be read.
pub(super) fn id_of(text: &str) -> Option<&RawValue> {
    serde_json::from_str::<Object<IdShape<'_>>>(text).ok()?.0.id
}

impl<'a> Question<'a> {
    pub(super) fn read(text: &'a str, cache: &mut PolicyCache) -> Result<Self, String> {
        match serde_json::from_str::<Object<WholeShape<'a>>>(text) {
            Ok(Object(line)) => Ok(Self {
                id: line.id,
                request: line.request.0.read()?,
                policies: match line.policies {
                    Some(policies) => policies.0.read(cache)?,
                    None => OwnedPolicies::default(),
                },
            }),
            Err(_) => Self::read_in_parts(text, cache),
        }
    }

    /// Reads a line part by part, to say which of them is at fault.
    fn read_in_parts(text: &'a str, cache: &mut PolicyCache) -> Result<Self, String> {
        let Object(line): Object<LineShape<'a>> = serde_json::from_str(text)
            .map_err(|error| line_error::<Object<LineShape<'_>>>(&error, text))?;
        let Object(request): Object<RequestShape<'a>> = serde_json::from_str(line.request.get())
            .map_err(|_| shape_error::<Object<RequestShape<'_>>>(line.request.get(), "/request"))?;
        Ok(Self {
            id: line.id,
            request: request.read()?,
            policies: match line.policies {
                Some(policies) => read_policies(policies.get(), cache)?,
                None => OwnedPolicies::default(),
            },
        })
    }
}

impl RequestShape<'_> {
    fn read(self) -> Result<Request, String> {
        let principal = Principal::parse(&self.principal).ok_or_else(|| {
            if let Some(account) = wrong_account(&self.principal) {
                return format!("`/request/principal`: `{account}` is no account; give its twelve digits");
            }
            format!("`/request/principal`: `{}` is no caller; give the ARN of a user, role, session or identity provider, a service such as `ec2.amazonaws.com`, a web identity host, or `*`", self.principal)
        })?;
        let action = Action::of_request(&self.action)
            .map_err(|error| format!("`/request/action`: {error}"))?;
        if self.resource.is_empty() {
            return Err("`/request/resource`: is empty; give an ARN, or `*` for a request that names no resource".to_owned());
        }
        if let Some(account) = self.resource_account.as_deref()
            && !is_account_id(account)
        {
            return Err(format!(
                "`/request/resource_account`: `{account}` is no account; give its twelve digits"
            ));
        }
        Ok(Request::new(
            principal,
            action,
            Resource::parse(&self.resource),
            self.resource_account.as_deref(),
            self.context.unwrap_or_default().0,
        ))
    }
}

fn read_policies(text: &str, cache: &mut PolicyCache) -> Result<OwnedPolicies, String> {
    if text == "null" {
        return Ok(OwnedPolicies::default());
    }
    let Object(shape): Object<PoliciesShape<'_>> = serde_json::from_str(text)
        .map_err(|_| shape_error::<Object<PoliciesShape<'_>>>(text, "/policies"))?;
    shape.read(cache)
}

impl PoliciesShape<'_> {
    fn read(self, cache: &mut PolicyCache) -> Result<OwnedPolicies, String> {
        let mut read =
            |raw: &RawValue, member: &str, index: Option<usize>, level: Option<usize>| {
                cache.parse(raw.get()).map_err(|error| {
                    let mut pointer = format!("/policies/{member}");
                    for part in [level, index].into_iter().flatten() {
                        pointer.push_str(&format!("/{part}"));
                    }
                    policy_error(&error, raw.get(), &pointer)
                })
            };
        let mut list = |raws: Option<List<'_>>, member: &str, level: Option<usize>| {
            raws.into_iter()
                .flat_map(|List(raws)| raws)
                .enumerate()
                .map(|(index, raw)| read(raw, member, Some(index), level))
                .collect::<Result<Vec<_>, _>>()
        };
        let identity = list(self.identity, "identity", None)?;
        let boundary = list(self.boundary, "boundary", None)?;
        let session = list(self.session, "session", None)?;
        let vpc_endpoint = list(self.vpc_endpoint, "vpc_endpoint", None)?;
        let mut levels = |levels: Option<Levels<'_>>, member: &str| {
            levels
                .into_iter()
                .flat_map(|Levels(levels)| levels)
                .enumerate()
                .map(|(level, raws)| list(Some(raws), member, Some(level)))
                .collect::<Result<Vec<_>, _>>()
        };
        let service_control = levels(self.service_control, "service_control")?;
        let resource_control = levels(self.resource_control, "resource_control")?;
        Ok(OwnedPolicies {
            identity,
            boundary,
            session,
            service_control,
            resource_control,
            vpc_endpoint,
            resource: self
                .resource
                .map(|raw| read(raw, "resource", None, None))
                .transpose()?,
        })
    }
}

impl OwnedPolicies {
    pub(super) fn borrowed(&self) -> Policies<'_> {
        Policies {
            identity: borrowed(&self.identity),
            boundary: borrowed(&self.boundary),
            session: borrowed(&self.session),
            resource: self.resource.as_deref(),
            service_control: self
                .service_control
                .iter()
                .map(|level| borrowed(level))
                .collect(),
            resource_control: self
                .resource_control
                .iter()
                .map(|level| borrowed(level))
                .collect(),
            vpc_endpoint: borrowed(&self.vpc_endpoint),
        }
    }
}

fn borrowed(policies: &[Arc<Policy>]) -> Vec<&Policy> {
    policies.iter().map(|policy| &**policy).collect()
}

/// The context of a request, straight from its JSON object.
#[derive(Default)]
struct ContextShape(Context);

impl<'de> Deserialize<'de> for ContextShape {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = ContextShape;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of context keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ContextShape, A::Error> {
                let mut context = Context::default();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    let value: ValueShape = map.next_value()?;
                    // Keys ignore case, so that two spellings are one key with two values, of which one would be lost.
                    if context.contains(&key) {
                        return Err(A::Error::custom(format!(
                            "the context key `{key}` stands twice (keys ignore case); give a list for a multivalued key"
                        )));
                    }
                    context.insert(&key, value.0);
                }
                Ok(ContextShape(context))
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

/// A text, or a list of texts.
struct ValueShape(ContextValue);

impl<'de> Deserialize<'de> for ValueShape {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = ValueShape;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string, or a list of strings for a multivalued key")
            }

            fn visit_str<E>(self, text: &str) -> Result<ValueShape, E> {
                Ok(ValueShape(ContextValue::One(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ValueShape, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element::<String>()? {
                    texts.push(text);
                }
                Ok(ValueShape(ContextValue::Many(texts)))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}
