//! Ways and paths in small accounts.

mod after;
mod told;

use super::{Confidence, Gain, Graph, GraphFacts, NodeId};
use crate::Access;
use crate::testing::{ALL, Small, allow, arn, context, deny, document, trust};

fn graph(small: &Small) -> (Access, Graph) {
    let (_folder, inventory) = small.inventory();
    let access = Access::load(&inventory).unwrap();
    let facts = GraphFacts::load(&inventory).unwrap();
    let graph = Graph::new(&access, &facts, &context());
    (access, graph)
}

fn node(access: &Access, graph: &Graph, name: &str) -> NodeId {
    graph.node_of(access.principal_of(&arn(name)).unwrap())
}

fn short<'a>(access: &'a Access, graph: &Graph, node: NodeId) -> &'a str {
    graph.arn(access, node).splitn(6, ':').nth(5).unwrap()
}

/// The ways of a principal, a line each: set, gain, confidence, targets.
fn ways(small: &Small, name: &str) -> Vec<String> {
    let (access, graph) = graph(small);
    let own = node(&access, &graph, name);
    let words = |way: &super::Way| {
        let targets: Vec<&str> = graph
            .targets(own, way)
            .map(|target| short(&access, &graph, target))
            .collect();
        let sure = match way.confidence {
            Confidence::High => "",
            Confidence::Low => " perhaps",
        };
        let text = format!(
            "{} {:?}{sure} {}",
            way.set.name,
            way.gain,
            targets.join(" ")
        );
        text.trim_end().to_owned()
    };
    graph.ways(own).iter().map(words).collect()
}

/// The shortest path of a principal to the administrator.
fn path(small: &Small, name: &str) -> String {
    let (access, graph) = graph(small);
    let Some(path) = graph.path_to_administrator(node(&access, &graph, name)) else {
        return "none".to_owned();
    };
    let mut text = short(&access, &graph, node(&access, &graph, name)).to_owned();
    for hop in &path.hops {
        let way = hop
            .way
            .as_ref()
            .map_or("as administrator", |way| way.set.name);
        let to = hop
            .to
            .map_or("administrator", |to| short(&access, &graph, to));
        text.push_str(&format!(" -{way}-> {to}"));
    }
    text
}

#[test]
fn a_passed_role_exists_trusts_the_service_and_is_admitted() {
    let mut small = Small::new();
    let passed = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}"#;
    small
        .role("lambda", &trust("lambda.amazonaws.com"), &[ALL])
        .role("ec2", &trust("ec2.amazonaws.com"), &[&allow("s3:*", "*")])
        .profile("ec2")
        .role("bare", &trust("ec2.amazonaws.com"), &[])
        .user(
            "lambda",
            &[&allow(
                "iam:PassRole lambda:CreateFunction lambda:InvokeFunction",
                "*",
            )],
        )
        .user("half", &[&allow("iam:PassRole lambda:CreateFunction", "*")])
        .user(
            "other",
            &[
                &allow("iam:PassRole", &arn("role/x*")),
                &allow("lambda:*", "*"),
            ],
        )
        .user("ec2", &[&allow("iam:PassRole ec2:RunInstances", "*")])
        .user(
            "conditional",
            &[
                passed,
                &allow(
                    "lambda:CreateFunction lambda:InvokeFunction ec2:RunInstances",
                    "*",
                ),
            ],
        );
    assert_eq!(
        ways(&small, "user/lambda"),
        ["lambda-001 Becomes role/lambda"]
    );
    assert_eq!(ways(&small, "user/half"), [""; 0]);
    assert_eq!(
        ways(&small, "user/other"),
        [
            "lambda-003 Becomes perhaps role/lambda",
            "lambda-004 Becomes perhaps role/lambda",
            "lambda-005 Becomes perhaps role/lambda",
            "rhino-26 Becomes perhaps role/lambda"
        ]
    );
    assert_eq!(ways(&small, "user/ec2"), ["ec2-001 Becomes role/ec2"]);
    assert_eq!(
        ways(&small, "user/conditional"),
        ["ec2-001 Becomes role/ec2"]
    );
    assert_eq!(
        path(&small, "user/lambda"),
        "user/lambda -lambda-001-> role/lambda"
    );
    assert_eq!(path(&small, "user/ec2"), "none");
}

#[test]
fn roles_are_assumed_where_both_sides_agree_or_the_trust_policy_names_the_caller() {
    let mut small = Small::new();
    let with_tag = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/al*"}}}]}"#;
    small
        .role("account", &trust(&arn("root")), &[])
        .role("named", &trust(&arn("user/bob")), &[])
        .role("public", &trust("*"), &[])
        .role("tagged", with_tag, &[])
        .user("alice", &[&allow("sts:AssumeRole", "*")])
        .user("amy", &[&allow("sts:AssumeRole", &arn("role/acc*"))])
        .user("bob", &[])
        .user(
            "eve",
            &[
                &allow("sts:AssumeRole", "*"),
                &deny("sts:AssumeRole", &arn("role/public")),
            ],
        )
        .user("shut", &[&deny("sts:*", "*")]);
    assert_eq!(
        ways(&small, "user/alice"),
        [
            "sts-001 Becomes role/account role/public",
            "sts-001 Becomes role/tagged"
        ]
    );
    assert_eq!(
        ways(&small, "user/amy"),
        ["sts-001 Becomes role/account role/public"]
    );
    let mut bob = ways(&small, "user/bob");
    bob.sort();
    assert_eq!(
        bob,
        ["sts-001 Becomes role/named", "sts-001 Becomes role/public"]
    );
    assert_eq!(ways(&small, "user/eve"), ["sts-001 Becomes role/account"]);
    assert_eq!(ways(&small, "user/shut"), [""; 0]);
}

#[test]
fn users_are_become_in_the_state_that_the_set_needs() {
    let mut small = Small::new();
    small
        .user("two", &[ALL])
        .keys(2)
        .user("one", &[ALL])
        .keys(1);
    small.user("none", &[&allow("s3:*", "*")]);
    small.user("key", &[&allow("iam:CreateAccessKey", &arn("user/*o*"))]);
    small.user(
        "both",
        &[&allow(
            "iam:CreateAccessKey iam:DeleteAccessKey",
            &arn("user/two"),
        )],
    );
    small.user(
        "login",
        &[&allow(
            "iam:CreateLoginProfile iam:UpdateLoginProfile",
            &arn("user/one"),
        )],
    );
    small.user(
        "own",
        &[&allow("iam:CreateAccessKey", &arn("user/${aws:username}"))],
    );
    small.role(
        "own",
        &trust(&arn("root")),
        &[&allow("iam:CreateAccessKey", &arn("user/${aws:username}"))],
    );
    assert_eq!(
        ways(&small, "user/key"),
        ["iam-002 Becomes user/both user/login user/none user/one user/own"]
    );
    assert_eq!(ways(&small, "user/both"), ["iam-003 Becomes user/two"]);
    assert_eq!(ways(&small, "user/login"), ["iam-004 Becomes user/one"]);
    assert_eq!(ways(&small, "user/own"), [""; 0]);
    assert_eq!(ways(&small, "role/own"), [""; 0]);
    assert_eq!(path(&small, "user/both"), "user/both -iam-003-> user/two");
    small.data.users[0].access_keys_known = false;
    small.data.access_keys.clear();
    assert_eq!(
        ways(&small, "user/both"),
        [
            "iam-002 Becomes perhaps user/two",
            "iam-003 Becomes perhaps user/two"
        ]
    );
}

#[test]
fn who_changes_its_own_policies_is_administrator_unless_its_boundary_limits_it() {
    let mut small = Small::new();
    small
        .managed("mine", &[&allow("s3:*", "*"), ALL])
        .managed("limit", &[&allow("iam:* s3:*", "*")])
        .user("put", &[&allow("iam:PutUserPolicy", &arn("user/${aws:username}"))])
        .user("version", &[&allow("iam:CreatePolicyVersion", &arn("policy/mine"))])
        .attach("user/version", &arn("policy/mine"))
        .user("older", &[&allow("iam:SetDefaultPolicyVersion", "*")])
        .attach("user/older", &arn("policy/mine"))
        .user("aws", &[&allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/*")])
        .attach("user/aws", "arn:aws:iam::aws:policy/ReadOnlyAccess")
        .user("over", &[r#"{"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2020-01-01"}}}"#])
        .user("narrow", &[r#"{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"arn:aws:iam::111122223333:user/narrow","Condition":{"ArnNotEquals":{"iam:PolicyARN":["arn:aws:iam::aws:policy/AdministratorAccess","arn:aws:iam::aws:policy/IAMFullAccess","arn:aws:iam::111122223333:policy/limit"]}}}"#])
        .role("self", &trust("ec2.amazonaws.com"), &[&allow("iam:AttachRolePolicy", &arn("role/self"))])
        .role("aws-reserved/sso.amazonaws.com/sso", &trust("ec2.amazonaws.com"), &[&allow("iam:PutRolePolicy", "*")])
        .group("in", &[], &["member"])
        .user("member", &[&allow("iam:AttachGroupPolicy", &arn("group/in"))])
        .user("bounded", &[&allow("iam:PutUserPolicy", &arn("user/bounded"))]);
    small.user_boundary("limit");
    assert_eq!(ways(&small, "user/put"), ["iam-007 Administrator"]);
    assert_eq!(ways(&small, "user/version"), ["iam-001 Administrator"]);
    assert_eq!(ways(&small, "user/older"), ["rhino-02 Administrator"]);
    assert_eq!(ways(&small, "user/aws"), [""; 0]);
    assert_eq!(ways(&small, "user/over"), [""; 0]);
    assert_eq!(ways(&small, "user/narrow"), ["iam-008 OwnRights perhaps"]);
    assert_eq!(ways(&small, "role/self"), ["iam-009 Administrator"]);
    assert_eq!(
        ways(&small, "role/aws-reserved/sso.amazonaws.com/sso"),
        ["iam-005 OthersRights perhaps role/self"]
    );
    assert_eq!(ways(&small, "user/member"), ["iam-010 Administrator"]);
    assert_eq!(ways(&small, "user/bounded"), ["iam-007 OwnRights"]);
    assert_eq!(path(&small, "user/bounded"), "none");
    assert_eq!(
        path(&small, "user/put"),
        "user/put -iam-007-> administrator"
    );
}

#[test]
fn rights_of_others_that_cannot_be_become_are_no_edge() {
    let mut small = Small::new();
    small
        .user("victim", &[])
        .role(
            "raiser",
            &trust("ec2.amazonaws.com"),
            &[&allow("iam:AttachUserPolicy", "*")],
        )
        .role(
            "taker",
            &trust("ec2.amazonaws.com"),
            &[&allow("iam:AttachUserPolicy iam:CreateAccessKey", "*")],
        );
    assert_eq!(
        ways(&small, "role/raiser"),
        ["iam-008 OthersRights perhaps user/victim"]
    );
    assert_eq!(path(&small, "role/raiser"), "none");
    assert_eq!(
        ways(&small, "role/taker"),
        [
            "iam-002 Becomes user/victim",
            "iam-015 Administrator user/victim"
        ]
    );
}

#[test]
fn roles_are_changed_and_then_assumed() {
    let mut small = Small::new();
    small
        .managed("shared", &[&allow("s3:*", "*")])
        .role("open", &trust(&arn("root")), &[])
        .attach("role/open", &arn("policy/shared"))
        .role("closed", &trust("ec2.amazonaws.com"), &[ALL])
        .user("put", &[&allow("iam:PutRolePolicy sts:AssumeRole", "*")])
        .user(
            "policy",
            &[&allow("iam:CreatePolicyVersion sts:AssumeRole", "*")],
        )
        .user("trust", &[&allow("iam:UpdateAssumeRolePolicy", "*")])
        .user(
            "denied",
            &[
                &allow("iam:UpdateAssumeRolePolicy", "*"),
                &deny("sts:AssumeRole", "*"),
            ],
        );
    assert_eq!(
        ways(&small, "user/put"),
        [
            "iam-005 OthersRights perhaps role/closed",
            "iam-017 Administrator role/open",
            "sts-001 Becomes role/open"
        ]
    );
    assert_eq!(
        ways(&small, "user/policy"),
        [
            "iam-016 Administrator role/open",
            "sts-001 Becomes role/open"
        ]
    );
    assert_eq!(
        ways(&small, "user/trust"),
        ["iam-012 Becomes role/closed role/open"]
    );
    assert_eq!(
        path(&small, "user/trust"),
        "user/trust -iam-012-> role/closed"
    );
    assert_eq!(ways(&small, "user/denied"), [""; 0]);
}

#[test]
fn paths_go_over_hops_and_prefer_what_is_sure() {
    let mut small = Small::new();
    small
        .role("admin", &trust(&arn("role/middle")), &[ALL])
        .role("middle", &trust(&arn("user/start")), &[])
        .role("function", &trust("lambda.amazonaws.com"), &[ALL])
        .group("power", &[&allow("iam:PutGroupPolicy", "*")], &["someone"])
        .user("someone", &[])
        .user("start", &[&allow("lambda:UpdateFunctionCode", "*")])
        .user("unsure", &[&allow("lambda:UpdateFunctionCode", "*")])
        .user(
            "joiner",
            &[&allow("iam:AddUserToGroup", &arn("group/power"))],
        );
    assert_eq!(
        path(&small, "user/start"),
        "user/start -sts-001-> role/middle -sts-001-> role/admin"
    );
    assert_eq!(
        path(&small, "user/unsure"),
        "user/unsure -lambda-003-> role/function"
    );
    assert_eq!(
        path(&small, "user/joiner"),
        "user/joiner -iam-013-> group/power -iam-011-> administrator"
    );
    assert_eq!(path(&small, "role/admin"), "role/admin");
}

#[test]
fn service_and_boundary_policies_close_ways() {
    let mut small = Small::new();
    small
        .managed(
            "limit",
            &[&allow("lambda:* iam:PassRole", &arn("role/none"))],
        )
        .role("function", &trust("lambda.amazonaws.com"), &[ALL])
        .user("free", &[&allow("iam:PassRole lambda:*", "*")])
        .user("bounded", &[&allow("iam:PassRole lambda:*", "*")]);
    small.user_boundary("limit");
    assert!(ways(&small, "user/free").contains(&"lambda-001 Becomes role/function".to_owned()));
    assert_eq!(ways(&small, "user/bounded"), [""; 0]);
    small.organization(&[
        ALL,
        &deny("lambda:CreateFunction lambda:UpdateFunction*", "*"),
    ]);
    assert_eq!(ways(&small, "user/free"), [""; 0]);
}

#[test]
fn conditions_on_the_service_and_on_the_boundary_of_the_target_are_decided() {
    let condition = |condition: &str| {
        trust("lambda.amazonaws.com").replace(
            r#""Action":"#,
            &format!(r#""Condition":{{{condition}}},"Action":"#),
        )
    };
    let mut small = Small::new();
    small
        .role(
            "own",
            &condition(r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#),
            &[ALL],
        )
        .role(
            "other",
            &condition(r#""StringEquals":{"aws:SourceAccount":"444455556666"}"#),
            &[ALL],
        )
        .role(
            "mfa",
            &condition(r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#),
            &[ALL],
        )
        .user(
            "passes",
            &[&allow(
                "iam:PassRole lambda:CreateFunction lambda:InvokeFunction",
                "*",
            )],
        );
    assert_eq!(ways(&small, "user/passes"), ["lambda-001 Becomes role/own"]);
    let delegated = r#"{"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/limit"}}}"#;
    let mut small = Small::new();
    small
        .managed("limit", &[&allow("iam:* s3:*", &arn("user/none"))])
        .user("delegate", &[delegated])
        .user("free", &[])
        .user("bounded", &[]);
    small.user_boundary("limit");
    assert_eq!(
        ways(&small, "user/delegate"),
        ["iam-007 OthersRights perhaps user/bounded"]
    );
}

#[test]
fn everybody_who_can_become_a_principal_is_found_with_a_path() {
    let mut small = Small::new();
    small
        .role("target", &trust(&arn("user/direct")), &[])
        .user("direct", &[])
        .user(
            "over",
            &[&allow("iam:CreateAccessKey", &arn("user/direct"))],
        )
        .user("admin", &[ALL])
        .user(
            "raised",
            &[&allow("iam:PutUserPolicy", &arn("user/raised"))],
        )
        .user("nobody", &[&allow("s3:*", "*")]);
    let (access, graph) = graph(&small);
    let target = access.principal_of(&arn("role/target")).unwrap();
    let found: Vec<(String, usize)> = graph
        .paths_to(&access, target)
        .into_iter()
        .map(|(node, path)| (short(&access, &graph, node).to_owned(), path.hops.len()))
        .collect();
    let expected = [
        ("root", 1),
        ("user/admin", 1),
        ("user/direct", 1),
        ("user/over", 2),
        ("user/raised", 2),
    ];
    assert_eq!(found, expected.map(|(name, hops)| (name.to_owned(), hops)));
}

#[test]
fn evidence_names_statements_resources_and_conditions() {
    let mut small = Small::new();
    let with_mfa = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#;
    small
        .role("function", &trust("lambda.amazonaws.com"), &[ALL])
        .user(
            "u",
            &[
                &allow("lambda:CreateFunction lambda:InvokeFunction", "*"),
                with_mfa,
            ],
        );
    let (access, graph) = graph(&small);
    let own = node(&access, &graph, "user/u");
    let [way] = graph.ways(own) else {
        panic!("{:?}", graph.ways(own))
    };
    assert_eq!(way.gain, Gain::Becomes);
    let target = graph.targets(own, way).next();
    let evidence = graph.evidence(&access, own, way, target);
    let granted: Vec<(&str, Option<&str>, Vec<usize>)> = evidence
        .granted
        .iter()
        .map(|own| {
            let places = own.statements.iter().map(|own| own.index).collect();
            (own.action.as_str(), own.resource.as_deref(), places)
        })
        .collect();
    let function = arn("role/function");
    assert_eq!(
        granted,
        [
            ("iam:PassRole", Some(&*function), vec![1]),
            ("lambda:CreateFunction", None, vec![0]),
            ("lambda:InvokeFunction", None, vec![0])
        ]
    );
    assert_eq!(evidence.keys, ["aws:multifactorauthpresent"]);
    assert!(document(&[ALL]).contains("2012-10-17"));
}

#[test]
fn who_raises_the_rights_of_another_and_becomes_it_is_an_administrator() {
    let mut small = Small::new();
    let pass = "iam:PassRole lambda:CreateFunction lambda:InvokeFunction";
    small
        .managed("limit", &[&allow("s3:*", "*")])
        .role(
            "job",
            &trust("lambda.amazonaws.com"),
            &[&allow("s3:*", "*")],
        )
        .role(
            "jump",
            &trust(&arn("user/far")),
            &[&allow("sts:AssumeRole", "*")],
        )
        .role("end", &trust(&arn("role/jump")), &[])
        .role("named", &trust(&arn("user/named")), &[])
        .group("g", &[], &["member"])
        .group("empty", &[], &[])
        .user("member", &[])
        .user(
            "passes",
            &[
                &allow(&format!("iam:PutRolePolicy {pass}"), &arn("role/job")),
                &allow("lambda:*", "*"),
            ],
        )
        .user(
            "joins",
            &[&allow(
                "iam:PutGroupPolicy iam:AddUserToGroup",
                &arn("group/empty"),
            )],
        )
        .user(
            "takes",
            &[
                &allow("iam:AttachGroupPolicy", &arn("group/g")),
                &allow("iam:CreateAccessKey", &arn("user/member")),
            ],
        )
        .user("far", &[&allow("iam:PutRolePolicy", &arn("role/end"))])
        .user("named", &[&allow("iam:PutRolePolicy", &arn("role/named"))])
        // It raises whom it cannot become, and becomes whom it cannot raise.
        .user(
            "apart",
            &[
                &allow("iam:PutRolePolicy", &arn("role/named")),
                &allow("iam:CreateAccessKey", &arn("user/member")),
            ],
        )
        // What is given to a user with a boundary is limited by it.
        .user(
            "within",
            &[&allow(
                "iam:PutUserPolicy iam:UpdateLoginProfile",
                &arn("user/limited"),
            )],
        )
        .user("limited", &[]);
    small.user_boundary("limit");
    assert_eq!(
        ways(&small, "user/passes")[0],
        "iam-005 Administrator role/job"
    );
    for (name, raises, becomes) in [
        (
            "joins",
            "iam-011 Administrator group/empty",
            "iam-013 Becomes group/empty",
        ),
        (
            "far",
            "iam-005 Administrator role/end",
            "sts-001 Becomes role/jump",
        ),
        (
            "named",
            "iam-017 Administrator role/named",
            "sts-001 Becomes role/named",
        ),
        // In the order of the sets' names.
        (
            "takes",
            "iam-002 Becomes user/member",
            "iam-010 Administrator group/g",
        ),
    ] {
        assert_eq!(ways(&small, &format!("user/{name}")), [raises, becomes]);
    }
    for (name, expected) in [
        ("passes", "user/passes -iam-005-> administrator"),
        ("far", "user/far -iam-005-> administrator"),
        ("apart", "none"),
        ("within", "none"),
    ] {
        assert_eq!(path(&small, &format!("user/{name}")), expected);
    }
}

#[test]
fn a_right_over_a_resource_of_another_kind_is_none() {
    let mut small = Small::new();
    let object = "arn:aws:s3:::bucket/*";
    let launch = |kind: &str| allow("ec2:RunInstances", &format!("arn:aws:ec2:*:*:{kind}/*"));
    const DOCUMENT: &str = "arn:aws:ssm:*::document/AWS-RunShellScript";
    let send = |resource: &str| allow("ssm:SendCommand", resource);
    let pass = allow("iam:PassRole", "*");
    let kinds = [
        "image",
        "instance",
        "network-interface",
        "security-group",
        "subnet",
        "volume",
    ];
    let all: Vec<String> = kinds.iter().map(|kind| launch(kind)).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).chain([&*pass]).collect();
    small
        .role("job", &trust("lambda.amazonaws.com"), &[ALL])
        .role("host", &trust("ec2.amazonaws.com"), &[ALL])
        .profile("host")
        .user("bucket", &[&allow("*", object)])
        .user("other", &[&allow("lambda:*", object), &pass])
        .user("instance", &[&launch("instance"), &pass])
        .user("launch", &all)
        .user("document", &[&send(DOCUMENT)])
        .user(
            "command",
            &[&send(DOCUMENT), &send("arn:aws:ec2:*:*:instance/*")],
        );
    assert_eq!(ways(&small, "user/bucket"), [""; 0]);
    assert_eq!(ways(&small, "user/other"), [""; 0]);
    assert_eq!(ways(&small, "user/instance"), [""; 0]);
    assert_eq!(ways(&small, "user/launch"), ["ec2-001 Becomes role/host"]);
    assert_eq!(ways(&small, "user/document"), [""; 0]);
    assert_eq!(
        ways(&small, "user/command"),
        ["ssm-002 Becomes perhaps role/host"]
    );
}
