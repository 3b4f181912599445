//! Slow, obvious twins of the evaluator and of the comparison, and properties that they agree.

mod compared;
mod conditions;
pub(crate) mod draw;
mod enumerated;
mod levels;
mod naive;
mod solver;

use proptest::prelude::*;

use crate::condition::ContextValue;
use crate::evaluate::Request;
use crate::{Action, Context, Principal, Resource};
use draw::Asked;
use naive::Plain;

/// Bytes to draw a case from.
fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..most)
}

/// The request for the real evaluator. None if it is none that could be asked.
fn real(asked: &Asked, owner: &str) -> Option<Request> {
    let context: Context = asked
        .context
        .iter()
        .map(|(key, value)| match value {
            Ok(value) => (*key, ContextValue::One(value.clone())),
            Err(values) => (*key, ContextValue::Many(values.clone())),
        })
        .collect();
    Some(Request::new(
        Principal::parse(&asked.principal)?,
        Action::parse(&asked.action)?,
        Resource::parse(&asked.resource),
        Some(owner),
        context,
    ))
}

/// The same request for the slow one.
fn plain(asked: &Asked, owner: &str) -> Plain {
    Plain {
        principal: asked.principal.clone(),
        action: asked.action.clone(),
        resource: asked.resource.clone(),
        resource_account: owner.to_owned(),
        context: asked
            .context
            .iter()
            .map(|(key, value)| (key.to_ascii_lowercase(), value.clone()))
            .collect(),
    }
    .with_implied_keys()
}
