//! Functions of Lambda. What their versions and aliases have for policies of their own is not read.

use aws_sdk_lambda::Client;
use serde::Deserialize;
use serde_json::json;

use super::Place;
use crate::live::calls::{GET_FUNCTION_POLICY, LIST_FUNCTIONS};
use crate::live::wire::{picked, raw};

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    functions: Vec<Function>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Function {
    function_arn: String,
}

pub(super) async fn collect(place: &Place<'_>, lambda: &Client) {
    let policies = place.policies_of(
        LIST_FUNCTIONS,
        "Marker",
        |marker| {
            let request = lambda.list_functions().set_marker(marker);
            // The environment of a function may hold secrets, and is not to be kept.
            picked(LIST_FUNCTIONS, request.send(), |answer| {
                let functions = answer.functions().iter();
                let functions: Vec<_> = functions
                    .map(|function| json!({"FunctionArn": function.function_arn}))
                    .collect();
                json!({"Functions": functions, "NextMarker": answer.next_marker})
            })
        },
        |page: Page| page.functions,
        GET_FUNCTION_POLICY,
        |function| {
            let arn = &function.function_arn;
            let request = lambda.get_policy().function_name(arn);
            (arn.clone(), raw(GET_FUNCTION_POLICY, request.send()))
        },
    );
    policies.await;
}
