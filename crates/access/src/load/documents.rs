//! Distinct texts, each read once, on all cores.

use std::collections::HashMap;

use leastgrant_inventory::Text;
use leastgrant_policy::problem::line_and_column;
use leastgrant_policy::{Policy, SyntaxError};
use rayon::prelude::*;

use crate::NamedPolicy;
use crate::policy::Document;

/// Texts by number.
#[derive(Debug, Default)]
pub(super) struct Documents {
    texts: Vec<Text>,
    numbers: HashMap<Text, usize>,
}

impl Documents {
    /// The number of a text, the same for the same text.
    pub(super) fn add(&mut self, text: Text) -> usize {
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = self.texts.len();
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    /// Reads all texts. Policies whose text is no policy get the reason in their document's place.
    pub(super) fn read(self, mut named: Vec<NamedPolicy>) -> (Vec<Policy>, Vec<NamedPolicy>) {
        let parsed: Vec<Result<Policy, String>> = self
            .texts
            .par_iter()
            .map(|text| Policy::parse(text).map_err(|error| reason(&error, text)))
            .collect();
        let mut policies = Vec::with_capacity(parsed.len());
        let numbers: Vec<Result<usize, String>> = parsed
            .into_iter()
            .map(|parsed| {
                parsed.map(|policy| {
                    policies.push(policy);
                    policies.len() - 1
                })
            })
            .collect();
        for policy in &mut named {
            if let Document::Known(number) = &policy.document {
                policy.document = match numbers.get(*number) {
                    Some(Ok(number)) => Document::Known(*number),
                    Some(Err(reason)) => Document::NotKnown(reason.as_str().into()),
                    None => Document::NotKnown("has no document".into()),
                };
            }
        }
        (policies, named)
    }
}

fn reason(error: &SyntaxError, text: &str) -> String {
    let first = error.problems.first().map(|problem| {
        let (line, column) = line_and_column(text, problem.span.start);
        format!("cannot be read, line {line}, column {column}: {problem}")
    });
    let more = match error.problems.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    first.unwrap_or_else(|| "cannot be read".to_owned()) + &more
}
