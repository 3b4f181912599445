//! Answers that do not say whom they are about, wrapped with the call that they answer.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::Error;

/// A call and its answer.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wrapped<P: Serialize, A: Serialize> {
    pub(super) call: &'static str,
    pub(super) parameters: P,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<A>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Refusal>,
}

/// Why a call was refused.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

/// The parameters of a call that has none.
#[derive(Serialize)]
pub(super) struct NoParameters {}

/// Many calls of different kinds in one file.
#[derive(Serialize, Default)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Calls {
    calls: Vec<Box<RawValue>>,
}

impl Calls {
    /// Adds a call and its answer.
    pub(super) fn add(
        &mut self,
        call: &'static str,
        parameters: &impl Serialize,
        answer: &impl Serialize,
    ) -> Result<(), Error> {
        let wrapped = Wrapped {
            call,
            parameters,
            answer: Some(answer),
            error: None,
        };
        let value = serde_json::value::to_raw_value(&wrapped)
            .map_err(|source| Error::Call { call, source })?;
        self.calls.push(value);
        Ok(())
    }
}
