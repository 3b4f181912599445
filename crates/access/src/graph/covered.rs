//! Whether policies grant nothing that others do not grant, told statement by statement: an outline of the comparison of policies
//! that is fast enough for every pair of a principal and a target, and that never calls more less.

use leastgrant_policy::{ActionPattern, Effect, Element, Policy, ResourcePattern, Statement};

use super::statements::keys_of;

/// Whether all that a policy allows is allowed by the others, of which each may be its own.
pub(super) fn is_covered(policy: &Policy, others: &[&Policy]) -> bool {
    if others.iter().any(|own| std::ptr::eq(*own, policy)) {
        return true;
    }
    // A variable of one version is plain text in the other.
    if others.iter().any(|own| own.version != policy.version) {
        return false;
    }
    let statements = || others.iter().flat_map(|own| &own.statements);
    let mut denying = statements().filter(|own| own.effect == Effect::Deny);
    let is_denied_too = |own: &Statement| {
        let mut statements = policy.statements.iter();
        is_of_everybody(own) && statements.any(|statement| statement.means_the_same(own))
    };
    let mut allowing = policy.statements.iter();
    denying.all(is_denied_too)
        && allowing.all(|statement| {
            statement.effect == Effect::Deny
                || statements().any(|own| own.effect == Effect::Allow && covers(own, statement))
        })
}

/// Whether a statement allows all that another one does, whoever has it.
fn covers(outer: &Statement, inner: &Statement) -> bool {
    if !is_of_everybody(outer) {
        return false;
    }
    let mut conditions = outer.conditions.iter();
    let resources = match (&outer.resource, &inner.resource) {
        (Some(outer), Some(inner)) => has_room(outer, inner, resource_covers),
        (outer, inner) => outer == inner,
    };
    resources
        && has_room(&outer.action, &inner.action, action_covers)
        && conditions.all(|own| inner.conditions.contains(own))
}

/// Whether a statement says the same to whoever has it: it asks for no more than what a request is about. What only the sessions of a
/// role can have, such as the instance that they run on, is no key of these.
fn is_of_everybody(statement: &Statement) -> bool {
    const OF_REQUESTS: [&str; 5] = [
        "aws:currenttime",
        "aws:epochtime",
        "aws:requestedregion",
        "aws:securetransport",
        "iam:passedtoservice",
    ];
    keys_of(statement).all(|key| OF_REQUESTS.contains(&key))
}

/// Whether a list has room for each of another one's patterns. Negated lists have room for the same only.
fn has_room<T: PartialEq>(
    outer: &Element<T>,
    inner: &Element<T>,
    covers: fn(&T, &T) -> bool,
) -> bool {
    if outer.is_negated || inner.is_negated {
        return outer == inner;
    }
    inner.entries.iter().all(|inner| {
        let mut entries = outer.entries.iter();
        entries.any(|outer| covers(outer, inner))
    })
}

fn action_covers(outer: &ActionPattern, inner: &ActionPattern) -> bool {
    // Without a colon it is no action's beginning.
    let is_beginning = outer.is_every() || outer.as_str().contains(':');
    let [outer, inner] = [outer, inner].map(|own| own.as_str().to_ascii_lowercase());
    outer == inner || is_beginning && begins(&outer, &inner)
}

fn resource_covers(outer: &ResourcePattern, inner: &ResourcePattern) -> bool {
    // Fields are compared one by one, so a beginning counts in the last of them only.
    let is_in_last = outer.is_every() || outer.as_str().matches(':').count() >= 5;
    outer.as_str() == inner.as_str() || is_in_last && begins(outer.as_str(), inner.as_str())
}

/// Whether a pattern is another one, or a beginning of it with a star.
fn begins(outer: &str, inner: &str) -> bool {
    let open = ['*', '?', '$'];
    outer == inner
        || outer
            .strip_suffix('*')
            .is_some_and(|lead| !lead.contains(open) && inner.starts_with(lead))
}

#[cfg(test)]
mod tests {
    use super::*;
    use leastgrant_policy::compare::{DEFAULT_WORK, Kind, Verdict, compare};

    fn policy(statements: &str) -> Policy {
        Policy::parse(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
        ))
        .unwrap()
    }

    /// The comparison of policies is the slow twin: what is covered is no more by it.
    #[test]
    fn what_is_covered_is_a_subset() {
        let statement = |effect: &str, action: &str, resource: &str, condition: &str| {
            format!(
                r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}"#
            )
        };
        let region = r#""StringEquals":{"aws:RequestedRegion":"eu-west-1"}"#;
        let mut random = fastrand::Rng::with_seed(7);
        let mut made = || {
            let count = random.usize(1..3);
            let own: Vec<String> = (0..count)
                .map(|_| {
                    let effect = ["Allow", "Allow", "Allow", "Deny"][random.usize(..4)];
                    let actions = [
                        "*",
                        "s3:*",
                        "s3:Get*",
                        "S3:GetObject",
                        "s3:*Object",
                        "ec2:*",
                    ];
                    let bucket = "arn:aws:s3:::b";
                    let resources = [
                        "*",
                        "arn:aws:s3*",
                        bucket,
                        "arn:aws:s3:::b*",
                        "arn:aws:s3:::b/x*",
                        "arn:aws:s3:::?/x",
                    ];
                    let action = actions[random.usize(..actions.len())];
                    let resource = resources[random.usize(..resources.len())];
                    let condition = ["", "", region][random.usize(..3)];
                    statement(effect, action, resource, condition)
                })
                .collect();
            policy(&own.join(","))
        };
        let mut covered = 0;
        for _ in 0..4000 {
            let (one, two, other) = (made(), made(), made());
            if is_covered(&other, &[&one, &two]) {
                let verdict = compare(&[&one, &two], &[&other], Kind::Identity, DEFAULT_WORK);
                assert!(
                    matches!(verdict, Verdict::Subset),
                    "{one:?}\n{two:?}\n{other:?}\n{verdict:?}"
                );
                covered += 1;
            }
        }
        assert!(covered > 400, "{covered}");
    }

    #[test]
    fn what_others_have_that_one_cannot_have_is_more() {
        let get = |resource: &str, condition: &str| {
            format!(
                r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}","Condition":{{{condition}}}}}"#
            )
        };
        let all = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{}}"#;
        let is_less = |own: &str, other: &str| is_covered(&policy(other), &[&policy(own)]);
        assert!(is_less(all, &get("arn:aws:s3:::b/*", "")));
        // A user has no calls from an instance, and a role's sessions may have.
        let instance =
            r#""ArnEquals":{"ec2:SourceInstanceARN":"arn:aws:ec2:us-east-1:1:instance/i"}"#;
        let with_instance = get("*", instance);
        assert!(!is_less(&with_instance, &with_instance));
        let denied = format!(
            r#"{all},{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"Null":{{"ec2:SourceInstanceARN":"true"}}}}}}"#
        );
        assert!(!is_less(&denied, &denied));
        // What is a variable in one version is plain text in the other.
        let home = get("arn:aws:s3:::b/${aws:username}/*", "");
        let older = Policy::parse(&format!(r#"{{"Statement":[{home}]}}"#)).unwrap();
        assert!(!is_covered(&policy(&home), &[&older]));
    }
}
