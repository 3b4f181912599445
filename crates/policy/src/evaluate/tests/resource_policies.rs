//! Where the resource's own policy counts: grants by whom they name, other accounts, keys, roles.

use super::*;

/// "Implicit denies in the same account": what a resource policy's grant is limited by.
#[test]
fn grants_of_a_resource_policy_by_whom_they_name() {
    let nothing = || vec![allow("ec2:*", "*")];
    let cases = [
        // caller, principal of the resource policy, limited by identity, by boundary, by session
        (SESSION, aws(ROLE), [false, true, true]),
        (SESSION, aws(SESSION), [false, false, false]),
        (USER, aws(USER), [false, false, false]),
        (
            "arn:aws:sts::111122223333:federated-user/x",
            aws("arn:aws:sts::111122223333:federated-user/x"),
            [false, false, false],
        ),
        (USER, aws("111122223333"), [true, true, true]),
        (
            SESSION,
            aws("arn:aws:iam::111122223333:root"),
            [true, true, true],
        ),
    ];
    for (caller, principal, limited) in cases {
        let resource = Some(grant(&principal, "s3:*"));
        let worlds = [
            World {
                resource: resource.clone(),
                ..World::default()
            },
            World {
                resource: resource.clone(),
                boundary: nothing(),
                ..World::default()
            },
            World {
                resource,
                session: nothing(),
                ..World::default()
            },
        ];
        for (world, limited) in worlds.iter().zip(limited) {
            let answer = world.ask(caller, "s3:GetObject", OBJECT);
            assert_eq!(
                answer.starts_with("implicitly_denied"),
                limited,
                "{caller} {principal} {answer}"
            );
        }
    }
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let identity = || vec![allow("s3:*", "*")];
    let other = |resource, identity| World {
        resource,
        identity,
        resource_account: Some("999999999999"),
        ..World::default()
    };
    assert_eq!(
        other(None, identity()).ask(USER, "s3:GetObject", OBJECT),
        "implicitly_denied by resource"
    );
    assert_eq!(
        other(Some(grant(&aws(USER), "s3:*")), vec![]).ask(USER, "s3:GetObject", OBJECT),
        "implicitly_denied by identity"
    );
    assert_eq!(
        other(Some(grant(&aws("111122223333"), "s3:*")), identity()).ask(
            USER,
            "s3:GetObject",
            OBJECT
        ),
        "allowed by identity"
    );
    assert_eq!(
        other(Some(grant("\"*\"", "s3:*")), identity()).ask(USER, "s3:GetObject", OBJECT),
        "allowed by identity"
    );
}

#[test]
fn anonymous_callers_need_everyone() {
    let world = |principal: &str| World {
        resource: Some(grant(principal, "s3:*")),
        resource_account: Some("111122223333"),
        ..World::default()
    };
    assert_eq!(
        world("\"*\"").ask("*", "s3:GetObject", OBJECT),
        "allowed by resource"
    );
    assert_eq!(
        world(&aws("111122223333")).ask("*", "s3:GetObject", OBJECT),
        "implicitly_denied by resource"
    );
    assert_eq!(
        World::default().ask("*", "s3:GetObject", OBJECT),
        "implicitly_denied by resource"
    );
}

#[test]
fn a_key_policy_must_allow_and_may_hand_on_to_identity_policies() {
    let identity = || vec![allow("kms:*", "*")];
    let world = |resource, identity| World {
        resource,
        identity,
        ..World::default()
    };
    let root = Some(grant(&aws("arn:aws:iam::111122223333:root"), "kms:*"));
    assert_eq!(
        world(None, identity()).ask(USER, "kms:Decrypt", KEY),
        "implicitly_denied by resource"
    );
    assert_eq!(
        world(root.clone(), identity()).ask(USER, "kms:Decrypt", KEY),
        "allowed by identity"
    );
    assert_eq!(
        world(root, vec![]).ask(USER, "kms:Decrypt", KEY),
        "implicitly_denied by identity"
    );
    assert_eq!(
        world(Some(grant(&aws(USER), "kms:Decrypt")), vec![]).ask(USER, "kms:Decrypt", KEY),
        "allowed by resource"
    );
    assert_eq!(
        world(None, identity()).ask(USER, "kms:ListAliases", "*"),
        "allowed by identity"
    );
    assert_eq!(
        world(None, identity()).ask(
            USER,
            "kms:CreateAlias",
            "arn:aws:kms:eu-west-1:111122223333:alias/a"
        ),
        "allowed by identity"
    );
}

#[test]
fn a_trust_policy_must_allow() {
    let trust = |principal: &str| {
        Some(format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}}}"#
        ))
    };
    let world = |resource, identity| World {
        resource,
        identity,
        ..World::default()
    };
    let identity = || vec![allow("sts:AssumeRole", "*")];
    assert_eq!(
        world(None, identity()).ask(USER, "sts:AssumeRole", ROLE),
        "implicitly_denied by resource"
    );
    assert_eq!(
        world(trust(&aws(USER)), vec![]).ask(USER, "sts:AssumeRole", ROLE),
        "allowed by resource"
    );
    assert_eq!(
        world(trust(&aws("111122223333")), vec![]).ask(USER, "sts:AssumeRole", ROLE),
        "implicitly_denied by identity"
    );
    assert_eq!(
        world(trust(&aws("111122223333")), identity()).ask(USER, "sts:AssumeRole", ROLE),
        "allowed by identity"
    );
    let federated = Some(r#"{"Statement":{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}"#.to_owned());
    assert_eq!(
        world(federated, vec![]).ask("accounts.google.com", "sts:AssumeRoleWithWebIdentity", ROLE),
        "allowed by resource"
    );
}

#[test]
fn a_deny_with_not_principal_spares_who_is_listed_with_account_and_role() {
    let deny = |listed: &str| {
        let text = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}},{{"Effect":"Deny","NotPrincipal":{{"AWS":[{listed}]}},"Action":"*","Resource":"*"}}]}}"#
        );
        World {
            resource: Some(text),
            ..World::default()
        }
    };
    let account = "\"arn:aws:iam::111122223333:root\"";
    assert_eq!(
        deny(&format!("\"{USER}\"")).ask(USER, "s3:GetObject", OBJECT),
        "explicitly_denied by resource"
    );
    assert_eq!(
        deny(&format!("\"{USER}\",{account}")).ask(USER, "s3:GetObject", OBJECT),
        "allowed by resource"
    );
    assert_eq!(
        deny(&format!("\"{ROLE}\",{account}")).ask(SESSION, "s3:GetObject", OBJECT),
        "explicitly_denied by resource"
    );
    assert_eq!(
        deny(&format!("\"{ROLE}\",\"{SESSION}\",{account}")).ask(SESSION, "s3:GetObject", OBJECT),
        "allowed by resource"
    );
}
