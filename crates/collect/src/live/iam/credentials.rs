//! What users sign in with: passwords where the credential report does not tell, access keys and their last use, MFA devices, SSH keys, certificates, service-specific credentials.

use aws_sdk_iam::Client;
use futures::StreamExt as _;
use futures::future::{join, join5};
use serde::Deserialize;
use serde_json::json;

use super::report::Known;
use super::shapes;
use crate::live::asker::Asker;
use crate::live::calls::{
    GET_ACCESS_KEY_LAST_USED, GET_LOGIN_PROFILE, LIST_ACCESS_KEYS, LIST_MFA_DEVICES,
    LIST_SERVICE_SPECIFIC_CREDENTIALS, LIST_SIGNING_CERTIFICATES, LIST_SSH_PUBLIC_KEYS,
};
use crate::live::wire::shaped;

/// Users on their way at a time; their calls still wait for their turn.
const USERS_AT_A_TIME: usize = 20;

pub(super) async fn collect(asker: &Asker<'_>, iam: &Client, user_names: &[String], known: &Known) {
    futures::stream::iter(user_names)
        .for_each_concurrent(USERS_AT_A_TIME, |user_name| async move {
            join5(
                join(access_keys(asker, iam, user_name), async {
                    // A plan takes the report for readable.
                    if !known.tells_of_password(user_name) && !asker.is_planning() {
                        login_profile(asker, iam, user_name).await;
                    }
                }),
                ssh_public_keys(asker, iam, user_name),
                service_specific_credentials(asker, iam, user_name),
                async {
                    if !known.has_no_mfa(user_name) {
                        mfa_devices(asker, iam, user_name).await;
                    }
                },
                async {
                    if !known.has_no_certificate(user_name) {
                        signing_certificates(asker, iam, user_name).await;
                    }
                },
            )
            .await;
        })
        .await;
}

/// A listing of one user: what is asked, and how its items look.
macro_rules! listing {
    ($function:ident, $call:ident, $request:ident, $member:literal, $items:ident, $shape:ident) => {
        async fn $function(asker: &Asker<'_>, iam: &Client, user_name: &str) {
            asker
                .pages($call, &json!({"UserName": user_name}), "Marker", |marker| {
                    let request = iam.$request().user_name(user_name).set_marker(marker);
                    shaped($call, request.send(), |answer| {
                        shapes::page(
                            $member,
                            shapes::list(answer.$items(), shapes::$shape),
                            answer.is_truncated,
                            answer.marker.as_ref(),
                        )
                    })
                })
                .await;
        }
    };
}

listing!(
    mfa_devices,
    LIST_MFA_DEVICES,
    list_mfa_devices,
    "MFADevices",
    mfa_devices,
    mfa_device
);
listing!(
    ssh_public_keys,
    LIST_SSH_PUBLIC_KEYS,
    list_ssh_public_keys,
    "SSHPublicKeys",
    ssh_public_keys,
    ssh_public_key
);
listing!(
    signing_certificates,
    LIST_SIGNING_CERTIFICATES,
    list_signing_certificates,
    "Certificates",
    certificates,
    signing_certificate
);
listing!(
    service_specific_credentials,
    LIST_SERVICE_SPECIFIC_CREDENTIALS,
    list_service_specific_credentials,
    "ServiceSpecificCredentials",
    service_specific_credentials,
    service_specific_credential
);

async fn login_profile(asker: &Asker<'_>, iam: &Client, user_name: &str) {
    let attempt = asker.in_turn(shaped(
        GET_LOGIN_PROFILE,
        iam.get_login_profile().user_name(user_name).send(),
        |answer| json!({"LoginProfile": answer.login_profile.as_ref().map(shapes::login_profile)}),
    ));
    // Without a password, AWS says that there is no such profile, which is an answer.
    asker
        .ask(GET_LOGIN_PROFILE, &json!({"UserName": user_name}), attempt)
        .await;
}

async fn access_keys(asker: &Asker<'_>, iam: &Client, user_name: &str) {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "PascalCase", default)]
    struct Keys {
        access_key_metadata: Vec<Key>,
    }
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "PascalCase", default)]
    struct Key {
        access_key_id: Option<String>,
    }
    let listed = asker
        .pages(
            LIST_ACCESS_KEYS,
            &json!({"UserName": user_name}),
            "Marker",
            |marker| {
                let request = iam
                    .list_access_keys()
                    .user_name(user_name)
                    .set_marker(marker);
                shaped(LIST_ACCESS_KEYS, request.send(), |answer| {
                    shapes::page(
                        "AccessKeyMetadata",
                        shapes::list(&answer.access_key_metadata, shapes::access_key),
                        answer.is_truncated,
                        answer.marker.as_ref(),
                    )
                })
            },
        )
        .await;
    let keys = listed.items(asker, |page: Keys| page.access_key_metadata);
    let each = keys
        .iter()
        .filter_map(|key| key.access_key_id.as_ref())
        .map(|key| async move {
            let attempt = asker.in_turn(shaped(
                GET_ACCESS_KEY_LAST_USED,
                iam.get_access_key_last_used().access_key_id(key).send(),
                |answer| {
                    let used = answer.access_key_last_used.as_ref();
                    json!({"UserName": answer.user_name, "AccessKeyLastUsed": used.map(shapes::access_key_last_used)})
                },
            ));
            let parameters = json!({"AccessKeyId": key});
            asker
                .ask(GET_ACCESS_KEY_LAST_USED, &parameters, attempt)
                .await;
        });
    futures::future::join_all(each).await;
}
