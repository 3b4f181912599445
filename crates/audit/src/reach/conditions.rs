//! What the conditions of a statement leave of it, for a resource that nobody chose.
//!
//! A condition on the circumstances of a call (MFA, address, time, who calls) says when, and not on what: whoever meets it has
//! all of the statement. A condition on the resource or on the call's parameters says on what, and narrows it, unless any value
//! meets it or it is only about how something is kept, such as encrypted. A Deny on parameters closes nothing that its caller
//! cannot open by asking otherwise. Keys and what they are about: IAM User Guide, "AWS global condition context keys".

use leastgrant_policy::condition::{Comparison, Found};
use leastgrant_policy::{ConditionEntry, Context, ContextValue, Effect, Truth};

/// What the conditions leave of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Nothing: they are never met.
    Nothing,
    /// A part that depends on the resource or on what is asked of it.
    Part,
    /// All of it, in some circumstances.
    Sometimes,
    /// All of it.
    Always,
}

/// What the conditions of a statement leave of it, in a context that tells what is known of the caller.
pub(crate) fn scope(conditions: &[ConditionEntry], effect: Effect, context: &Context) -> Scope {
    let mut scope = Scope::Always;
    for condition in conditions {
        let own = match of_one(condition, effect, context) {
            Scope::Nothing => return Scope::Nothing,
            own => own,
        };
        if own == Scope::Part || scope == Scope::Always {
            scope = own;
        }
    }
    scope
}

fn of_one(condition: &ConditionEntry, effect: Effect, context: &Context) -> Scope {
    let key = &*condition.lower_key;
    if is_tag_of_resource(key) {
        // A resource that nobody chose has no tags.
        return match condition.evaluate(&Context::default()) {
            Truth::No => Scope::Nothing,
            Truth::Unknown | Truth::Yes => Scope::Always,
        };
    }
    let truth = match untagged(condition, context) {
        Some(untagged) => condition.evaluate(&untagged),
        None => condition.evaluate(context),
    };
    match truth {
        Truth::Yes => Scope::Always,
        Truth::No => Scope::Nothing,
        Truth::Unknown if effect == Effect::Allow && is_met_by_any(condition, context) => {
            match key {
                // Who calls by himself has none.
                "kms:viaservice" => Scope::Sometimes,
                _ => Scope::Always,
            }
        }
        Truth::Unknown if is_circumstance(key) => Scope::Sometimes,
        // Whoever does not name the parameter meets it.
        Truth::Unknown
            if effect == Effect::Allow
                && !is_always_told(key)
                && condition.evaluate(&Context::default()) == Truth::Yes =>
        {
            Scope::Always
        }
        Truth::Unknown if effect == Effect::Allow && is_way_of_keeping(key) => Scope::Sometimes,
        // All but some values of a parameter are nearly all.
        Truth::Unknown if effect == Effect::Allow && excludes(condition) => Scope::Always,
        Truth::Unknown => Scope::Part,
    }
}

/// Where a condition compares something with nothing but tags of the resource, the context of a resource without tags: it then
/// does not matter what is compared.
fn untagged(condition: &ConditionEntry, context: &Context) -> Option<Context> {
    let values = condition.values.iter();
    let tags: Option<Vec<_>> = values
        .map(|value| value.variables().find(|own| is_tag_of_resource(&own.key)))
        .collect();
    let tags = tags.filter(|tags| !tags.is_empty())?;
    let mut untagged = context.clone();
    for tag in tags {
        untagged.insert(&tag.key, ContextValue::Many(Vec::new()));
    }
    let something = ContextValue::One("something".to_owned());
    untagged.insert(&condition.lower_key, something);
    Some(untagged)
}

/// Whether a value that no policy names meets a condition on what a caller chooses, or the value that grants most.
fn is_met_by_any(condition: &ConditionEntry, context: &Context) -> bool {
    let key = &*condition.lower_key;
    if is_circumstance(key) && !matches!(key, "aws:requestedregion" | "aws:userid") {
        return false;
    }
    let partition = match context.find("aws:principalarn") {
        Found::One(arn) => arn.split(':').nth(1).unwrap_or("aws"),
        _ => "aws",
    };
    let account = match context.find("aws:resourceaccount") {
        Found::One(account) => account,
        _ => "111122223333",
    };
    let value = match key {
        "iam:awsservicename" | "iam:passedtoservice" => "zz-any.amazonaws.com".to_owned(),
        "iam:policyarn" => format!("arn:{partition}:iam::aws:policy/AdministratorAccess"),
        "iam:permissionsboundary" => format!("arn:{partition}:iam::{account}:policy/zz-any"),
        "kms:grantisforawsresource" => "false".to_owned(),
        _ if key.ends_with("arn") => {
            format!("arn:{partition}:zz-any:zz-any-1:{account}:zz-any/zz-any")
        }
        _ => "zz-any".to_owned(),
    };
    let value = match condition.operator.set {
        Some(_) => ContextValue::Many(vec![value]),
        None => ContextValue::One(value),
    };
    let mut context = context.clone();
    context.insert(key, value);
    condition.evaluate(&context) == Truth::Yes
}

/// Keys about how something is kept that do not say which: encryption, access control lists, storage classes (Service
/// Authorization Reference, "Condition keys for Amazon S3", "Amazon EC2", "Amazon RDS", "Amazon Elastic File System").
fn is_way_of_keeping(key: &str) -> bool {
    const KEYS: [&str; 12] = [
        "ec2:encrypted",
        "elasticfilesystem:encrypted",
        "rds:storageencrypted",
        "s3:if-match",
        "s3:if-none-match",
        "s3:object-lock-legal-hold",
        "s3:object-lock-mode",
        "s3:object-lock-remaining-retention-days",
        "s3:object-lock-retain-until-date",
        "s3:x-amz-acl",
        "s3:x-amz-content-sha256",
        "s3:x-amz-storage-class",
    ];
    const BEGINNINGS: [&str; 2] = ["s3:x-amz-grant-", "s3:x-amz-server-side-encryption"];
    KEYS.contains(&key)
        || BEGINNINGS
            .iter()
            .any(|beginning| key.starts_with(beginning))
}

fn excludes(condition: &ConditionEntry) -> bool {
    let comparison = condition.operator.comparison;
    comparison.is_negated() && comparison != Comparison::Null
}

fn is_tag_of_resource(key: &str) -> bool {
    key.contains(":resourcetag/") || key.starts_with("s3:existingobjecttag/")
}

/// Parameters that no caller can leave out of the calls that a condition on them is meant for.
fn is_always_told(key: &str) -> bool {
    const KEYS: [&str; 5] = [
        "ec2:instancetype",
        "ec2:region",
        "iam:awsservicename",
        "iam:passedtoservice",
        "iam:policyarn",
    ];
    KEYS.contains(&key)
}

/// Keys about who calls, from where, when and how, and about the organisation of the resource: it may well be the caller's own.
fn is_circumstance(key: &str) -> bool {
    const KEYS: [&str; 23] = [
        "aws:currenttime",
        "aws:epochtime",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:referer",
        "aws:requestedregion",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "aws:sourceidentity",
        "aws:sourceip",
        "aws:tokenissuetime",
        "aws:useragent",
        "aws:userid",
        "aws:username",
        "aws:viaawsservice",
        "aws:vpcsourceip",
        "ec2:sourceinstancearn",
        "lambda:sourcefunctionarn",
        "s3:authtype",
        "s3:signatureage",
        "s3:signatureversion",
        "s3:tlsversion",
    ];
    const BEGINNINGS: [&str; 6] = [
        "aws:calledvia",
        "aws:ec2instancesource",
        "aws:principal",
        "aws:sourcevpc",
        "aws:vpce",
        "saml:",
    ];
    KEYS.contains(&key)
        || BEGINNINGS
            .iter()
            .any(|beginning| key.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use leastgrant_policy::Policy;

    use super::*;

    fn scope_of(effect: Effect, condition: &str) -> Scope {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{}","Action":"*","Resource":"*","Condition":{condition}}}}}"#,
            effect.as_str()
        );
        let policy = Policy::parse(&text).unwrap();
        let mut context = Context::open();
        let arn = "arn:aws:iam::111122223333:user/u".to_owned();
        context.insert("aws:principalarn", ContextValue::One(arn));
        scope(&policy.statements[0].conditions, effect, &context)
    }

    #[test]
    fn conditions_say_on_what_or_when_or_nothing() {
        let cases = [
            (
                r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
                Scope::Sometimes,
            ),
            (
                r#"{"StringEquals":{"aws:ResourceTag/team":"a"}}"#,
                Scope::Nothing,
            ),
            (
                r#"{"StringNotEquals":{"aws:ResourceTag/team":"a"}}"#,
                Scope::Always,
            ),
            (
                r#"{"StringEquals":{"aws:PrincipalTag/team":"${aws:ResourceTag/team}"}}"#,
                Scope::Nothing,
            ),
            (
                r#"{"StringEqualsIfExists":{"ec2:ResourceTag/team":"a"}}"#,
                Scope::Always,
            ),
            (
                r#"{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}"#,
                Scope::Part,
            ),
            (
                r#"{"StringNotEquals":{"ec2:InstanceType":"p5.48xlarge"}}"#,
                Scope::Always,
            ),
            (
                r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/u"}}"#,
                Scope::Always,
            ),
            (
                r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/v"}}"#,
                Scope::Nothing,
            ),
            (
                r#"{"Bool":{"aws:ViaAWSService":"false"}}"#,
                Scope::Sometimes,
            ),
            (
                r#"{"StringEquals":{"aws:ResourceOrgID":"o-abcdefghij"}}"#,
                Scope::Sometimes,
            ),
            (
                r#"{"NumericGreaterThanEquals":{"s3:TlsVersion":"1.2"}}"#,
                Scope::Sometimes,
            ),
            (r#"{"Null":{"aws:TagKeys":"true"}}"#, Scope::Always),
            (
                r#"{"StringEqualsIfExists":{"s3:x-amz-acl":"private"}}"#,
                Scope::Always,
            ),
            (
                r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}"#,
                Scope::Always,
            ),
            (
                r#"{"StringEqualsIfExists":{"iam:PassedToService":"ec2.amazonaws.com"}}"#,
                Scope::Part,
            ),
            (
                r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"},"StringEquals":{"aws:RequestTag/team":"a"}}"#,
                Scope::Part,
            ),
        ];
        for (condition, expected) in cases {
            assert_eq!(scope_of(Effect::Allow, condition), expected, "{condition}");
        }
        // A Deny of all but some values still leaves those.
        let condition = r#"{"StringNotEquals":{"ec2:InstanceType":"t3.micro"}}"#;
        assert_eq!(scope_of(Effect::Deny, condition), Scope::Part);
    }

    #[test]
    fn conditions_that_any_value_meets_narrow_nothing_and_close_nothing() {
        let met_by_any = [
            r#"{"StringLike":{"iam:PassedToService":"*"}}"#,
            r#"{"StringLike":{"iam:PassedToService":"*.amazonaws.com"}}"#,
            r#"{"Null":{"iam:PassedToService":"false"}}"#,
            r#"{"StringLike":{"iam:PermissionsBoundary":"*"}}"#,
            r#"{"ArnLike":{"iam:PermissionsBoundary":"arn:aws:iam::*:policy/*"}}"#,
            r#"{"ArnLike":{"iam:PolicyARN":"*"}}"#,
            r#"{"ArnLike":{"iam:PolicyARN":"arn:aws:iam::aws:policy/*"}}"#,
            r#"{"StringLike":{"s3:x-amz-acl":"*"}}"#,
            r#"{"StringLike":{"ec2:InstanceType":"*"}}"#,
            r#"{"StringLike":{"aws:RequestTag/team":"*"}}"#,
            r#"{"ForAnyValue:StringLike":{"aws:TagKeys":"*"}}"#,
            r#"{"StringLike":{"aws:RequestedRegion":"*"}}"#,
            r#"{"Bool":{"kms:GrantIsForAWSResource":"false"}}"#,
        ];
        for condition in met_by_any {
            assert_eq!(
                scope_of(Effect::Allow, condition),
                Scope::Always,
                "{condition}"
            );
            assert_ne!(
                scope_of(Effect::Deny, condition),
                Scope::Always,
                "{condition}"
            );
        }
        for (condition, expected) in [
            (r#"{"StringLike":{"kms:ViaService":"*"}}"#, Scope::Sometimes),
            (
                r#"{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#,
                Scope::Part,
            ),
            (
                r#"{"StringEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}"#,
                Scope::Sometimes,
            ),
            (
                r#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#,
                Scope::Sometimes,
            ),
            (
                r#"{"StringLike":{"iam:PassedToService":"ec2*"}}"#,
                Scope::Part,
            ),
            (
                r#"{"ArnLike":{"iam:PolicyARN":"arn:aws:iam::*:policy/app-*"}}"#,
                Scope::Part,
            ),
            (
                r#"{"Bool":{"kms:GrantIsForAWSResource":"true"}}"#,
                Scope::Part,
            ),
            (
                r#"{"StringLike":{"aws:RequestedRegion":"eu-*"}}"#,
                Scope::Sometimes,
            ),
        ] {
            assert_eq!(scope_of(Effect::Allow, condition), expected, "{condition}");
        }
        let unencrypted = r#"{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}"#;
        assert_eq!(scope_of(Effect::Deny, unencrypted), Scope::Part);
    }
}
