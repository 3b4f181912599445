//! Functions of Lambda and their aliases. What their versions have for policies of their own is not read: a function may have hundreds of
//! them, and each is one of 15 calls a second (Lambda Developer Guide, quotas).

use aws_sdk_lambda::Client;
use futures::StreamExt as _;
use futures::future::join;
use serde::Deserialize;
use serde_json::json;

use super::{Place, RESOURCES_AT_A_TIME};
use crate::live::calls::{GET_FUNCTION_POLICY, LIST_ALIASES, LIST_FUNCTIONS};
use crate::live::regional::in_region;
use crate::live::wire::{picked, raw};

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    functions: Vec<Function>,
    aliases: Vec<Alias>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Function {
    function_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Alias {
    alias_arn: String,
    name: String,
}

pub(super) async fn collect(place: &Place<'_>, lambda: &Client) {
    let page = |marker| {
        let request = lambda.list_functions().set_marker(marker);
        // The environment of a function may hold secrets, and is not to be kept.
        picked(LIST_FUNCTIONS, request.send(), |answer| {
            let functions = answer.functions().iter();
            let functions: Vec<_> = functions
                .map(|function| json!({"FunctionArn": function.function_arn}))
                .collect();
            json!({"Functions": functions, "NextMarker": answer.next_marker})
        })
    };
    let functions = place.list(LIST_FUNCTIONS, "Marker", page, |page: Page| page.functions);
    let functions = functions.await;
    let policies = place.policies(GET_FUNCTION_POLICY, &functions, |function| {
        let arn = &function.function_arn;
        let request = lambda.get_policy().function_name(arn);
        (arn.clone(), raw(GET_FUNCTION_POLICY, request.send()))
    });
    let aliases = futures::stream::iter(&functions)
        .for_each_concurrent(RESOURCES_AT_A_TIME, |function| {
            Box::pin(of_aliases(place, lambda, &function.function_arn))
        });
    join(policies, aliases).await;
}

/// The policies of a function's aliases.
async fn of_aliases(place: &Place<'_>, lambda: &Client, function_arn: &str) {
    let parameters = json!({"FunctionName": function_arn});
    let page = |marker| {
        let request = lambda.list_aliases().function_name(function_arn);
        let sent = raw(LIST_ALIASES, request.set_marker(marker).send());
        in_region(Some(place.region), sent)
    };
    let listed = place.asker.pages(LIST_ALIASES, &parameters, "Marker", page);
    let aliases = listed.await.items(place.asker, |page: Page| page.aliases);
    let policies = place.policies(GET_FUNCTION_POLICY, &aliases, |alias| {
        let request = lambda.get_policy().function_name(function_arn);
        let sent = raw(GET_FUNCTION_POLICY, request.qualifier(&alias.name).send());
        (alias.alias_arn.clone(), sent)
    });
    policies.await;
}
