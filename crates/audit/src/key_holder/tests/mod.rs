//! Holders of every kind, told, not told, and contradicted; replacements that can be reviewed; anything at all from the logs.

use leastgrant_inventory::tables::UsageOriginRow;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::Confidence;

const LAMBDA: &str = "Boto3/1.40.61 ua/2.1 os/linux#5.10.245-269.978.amzn2.aarch64 lang/python#3.12.12 exec-env/AWS_Lambda_python3.12";
const MAC: &str = "aws-cli/2.31.4 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7";
const GITHUB: &str = "aws-sdk-js/3.896.0 ua/2.1 os/linux#6.11.0-1018-azure lang/js configure-aws-credentials-for-github-actions";
const RUNNER: &str = "aws-cli/2.31.4 ua/2.1 os/linux#6.11.0-1018-azure md/arch#x86_64";
const BOTO: &str = "Boto3/1.40.61 ua/2.1 os/linux#6.1.0 lang/python#3.12.11";

/// What logs have of a key: who calls, from where, on which days, how often.
struct Logged<'a> {
    agents: &'a [&'a str],
    addresses: &'a [&'a str],
    endpoints: &'a [&'a str],
    days: std::ops::Range<i64>,
    calls: i64,
}

impl Default for Logged<'_> {
    fn default() -> Self {
        Self {
            agents: &[],
            addresses: &["203.0.113.7"],
            endpoints: &[],
            // A Monday and a Tuesday: of a rhythm nothing can be told.
            days: 4..6,
            calls: 10,
        }
    }
}

impl Logged<'_> {
    fn origin(&self) -> KeyOrigin {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).into()).collect();
        let mut origin = KeyOrigin::default();
        origin.add(UsageOriginRow {
            event_source: "ec2.amazonaws.com".into(),
            event_name: "DescribeInstances".into(),
            region: "eu-west-1".into(),
            outcome: "allowed".into(),
            count: self.calls,
            source_ips: texts(self.addresses),
            user_agents: texts(self.agents),
            vpc_endpoints: texts(self.endpoints),
            active_dates: self.days.clone().collect(),
            ..UsageOriginRow::default()
        });
        origin
    }
}

fn judged(user_name: &str, has_password: bool, logged: &Logged<'_>) -> Verdict {
    let origin = logged.origin();
    judge(HolderFacts {
        user_name,
        tags: &[],
        has_password,
        origin: Some(&origin),
    })
}

/// `KIND NAME CONFIDENCE`, and the others that share the key.
fn brief(verdict: &Verdict) -> String {
    let of = |holder: &Holder| match holder.name {
        Some(name) => format!("{:?} {name}", holder.kind),
        None => format!("{:?}", holder.kind),
    };
    let holder = verdict
        .holder
        .as_ref()
        .map_or_else(|| "nobody".to_owned(), of);
    let others: Vec<String> = verdict.others.iter().map(of).collect();
    let others = match others.as_slice() {
        [] => String::new(),
        others => format!(" with {}", others.join(", ")),
    };
    format!("{holder}{others}: {}", verdict.confidence.name())
}

#[track_caller]
fn assert_holder(user_name: &str, has_password: bool, logged: &Logged<'_>, expected: &str) {
    let verdict = judged(user_name, has_password, logged);
    assert_eq!(brief(&verdict), expected, "{:#?}", verdict.marks);
}

#[test]
fn a_person_is_told_by_a_computer_of_people_and_a_password() {
    let mac = Logged {
        agents: &[MAC],
        ..Logged::default()
    };
    assert_holder("alice", true, &mac, "Person a computer with macOS: high");
    assert_holder("alice", false, &mac, "Person a computer with macOS: medium");
    assert_holder(
        "ada.lovelace@example.com",
        false,
        &mac,
        "Person a computer with macOS: high",
    );
    let browser = Logged {
        agents: &["S3 Browser/12.2.9 (https://s3browser.com)"],
        ..Logged::default()
    };
    assert_holder("upload", false, &browser, "Person S3 Browser: medium");
    // Two computers of one person are no two holders.
    let two = Logged {
        agents: &[MAC, "aws-cli/2.31.4 os/windows#10"],
        ..Logged::default()
    };
    assert_holder("alice", false, &two, "Person a computer with macOS: medium");
}

#[test]
fn what_no_person_does_makes_a_person_less_sure() {
    let restless = Logged {
        agents: &[MAC],
        days: 0..60,
        calls: 60,
        ..Logged::default()
    };
    assert_holder(
        "alice",
        true,
        &restless,
        "Person a computer with macOS: medium",
    );
    let fast = Logged {
        agents: &[MAC],
        calls: 5000,
        ..Logged::default()
    };
    assert_holder("alice", false, &fast, "Person a computer with macOS: low");
    // A laptop's agent from inside a VPC: the addresses contradict it.
    let inside = Logged {
        agents: &[MAC],
        addresses: &["10.0.0.7"],
        ..Logged::default()
    };
    assert_holder("alice", false, &inside, "Workload: low");
}

#[test]
fn a_workload_is_told_by_where_it_runs_and_where_it_calls_from() {
    let inside = Logged {
        agents: &[LAMBDA],
        addresses: &["10.0.0.7"],
        endpoints: &["vpce-1"],
        ..Logged::default()
    };
    assert_holder("reader", false, &inside, "Workload Lambda: high");
    // A user agent alone never gives high confidence.
    let alone = Logged {
        agents: &[LAMBDA],
        ..Logged::default()
    };
    assert_holder("reader", false, &alone, "Workload Lambda: medium");
    // Nor does it with addresses and days that no function has.
    let roaming = Logged {
        agents: &[LAMBDA],
        addresses: &["203.0.113.7", "198.51.100.7", "192.0.2.7"],
        days: 4..5,
        ..Logged::default()
    };
    let mut origin = roaming.origin();
    (4..60)
        .filter(|day| !matches!(day % 7, 2 | 3))
        .for_each(|day| origin.days.add(day));
    let verdict = judge(HolderFacts {
        user_name: "reader",
        tags: &[],
        has_password: false,
        origin: Some(&origin),
    });
    assert_eq!(
        brief(&verdict),
        "Workload Lambda: low",
        "{:#?}",
        verdict.marks
    );
    for (agent, expected) in [
        (
            "aws-sdk-nodejs/2.1363.0 linux/v16.20.2 exec-env/AWS_ECS_FARGATE promise",
            "Workload ECS on Fargate: medium",
        ),
        (
            "elbv2.k8s.aws/v2.4.5 aws-sdk-go/1.42.27 (go1.19.3; linux; amd64)",
            "Workload EKS: medium",
        ),
        (
            "aws-cli/2.28.1 os/linux#6.1.147-172.266.amzn2023.x86_64",
            "Workload EC2: low",
        ),
    ] {
        assert_holder(
            "reader",
            false,
            &Logged {
                agents: &[agent],
                ..Logged::default()
            },
            expected,
        );
    }
    let unnamed = Logged {
        agents: &[BOTO],
        addresses: &["10.0.0.7"],
        ..Logged::default()
    };
    assert_holder("reader", false, &unnamed, "Workload: low");
}

#[test]
fn a_ci_system_is_told_by_its_own_agent_and_name() {
    let both = Logged {
        agents: &[GITHUB, RUNNER],
        ..Logged::default()
    };
    assert_holder("github-deploy", false, &both, "Ci GitHub Actions: high");
    assert_holder("shop", false, &both, "Ci GitHub Actions: medium");
    // Runners on Azure are no other cloud where the name says CI.
    let runner = Logged {
        agents: &[RUNNER],
        ..Logged::default()
    };
    assert_holder("github-deploy", false, &runner, "Ci GitHub Actions: low");
    assert_holder("shop", false, &runner, "OtherCloud Azure: low");
    // Calls from inside a VPC contradict hosted runners.
    let inside = Logged {
        agents: &[GITHUB],
        addresses: &["10.0.0.7"],
        ..Logged::default()
    };
    assert_holder("github-deploy", false, &inside, "Ci GitHub Actions: medium");
    let terraform = Logged {
        agents: &[
            "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) aws-sdk-go-v2/1.39.2 os/linux",
        ],
        ..Logged::default()
    };
    assert_holder("shop", false, &terraform, "Ci: low");
}

#[test]
fn a_vendor_is_told_by_agent_and_name_and_not_from_inside_a_vpc() {
    let datadog = Logged {
        agents: &["Datadog"],
        ..Logged::default()
    };
    assert_holder("datadog-integration", false, &datadog, "Saas Datadog: high");
    assert_holder("metrics", false, &datadog, "Saas Datadog: medium");
    let boto = Logged {
        agents: &[BOTO],
        ..Logged::default()
    };
    assert_holder("datadog-integration", false, &boto, "Saas Datadog: low");
    let inside = Logged {
        agents: &["Datadog"],
        addresses: &["10.0.0.7"],
        ..Logged::default()
    };
    assert_holder(
        "datadog-integration",
        false,
        &inside,
        "Saas Datadog: medium",
    );
}

#[test]
fn a_program_without_a_place_is_told_only_if_nothing_else_is() {
    let steady = Logged {
        agents: &[BOTO],
        days: 0..60,
        calls: 60,
        ..Logged::default()
    };
    // Use on most days tells no place.
    assert_holder("reader", false, &steady, "Program: medium");
    let fast = Logged {
        agents: &[BOTO],
        calls: 5000,
        ..Logged::default()
    };
    assert_holder("reader", false, &fast, "Program: medium");
    assert_holder(
        "reader",
        false,
        &Logged {
            agents: &["aws-cli/2.15.0"],
            ..Logged::default()
        },
        "nobody: low",
    );
    assert_holder("reader", false, &Logged::default(), "nobody: low");
}

#[test]
fn several_holders_are_said_to_share_the_key() {
    let laptop_and_function = Logged {
        agents: &[MAC, LAMBDA],
        ..Logged::default()
    };
    assert_holder(
        "reader",
        false,
        &laptop_and_function,
        "Workload Lambda with Person: low",
    );
    let function_and_task = Logged {
        agents: &[LAMBDA, "aws-sdk-go/1 exec-env/AWS_ECS_FARGATE"],
        ..Logged::default()
    };
    assert_holder(
        "reader",
        false,
        &function_and_task,
        "Workload ECS on Fargate with Workload Lambda: low",
    );
    // One agent that says two things at once is not believed either.
    let forged = Logged {
        agents: &[
            "aws-cli/2 os/macos#24 exec-env/AWS_Lambda_x configure-aws-credentials-for-github-actions",
        ],
        ..Logged::default()
    };
    let verdict = judged("reader", false, &forged);
    assert!(
        verdict.is_shared() && verdict.confidence == Confidence::Low,
        "{}",
        brief(&verdict)
    );
}

#[test]
fn without_logs_names_alone_give_low_confidence() {
    for (name, tags, expected) in [
        ("circleci-shop", None, "Ci CircleCI: low"),
        ("fastly-logs", None, "Saas Fastly: low"),
        ("shop", Some("Treasure Data"), "Saas Treasure Data: low"),
        ("ada.lovelace", None, "Person: low"),
        ("shop", None, "nobody: low"),
    ] {
        let tags: Vec<(String, String)> = tags
            .map(|value: &str| ("used-by".to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let verdict = judge(HolderFacts {
            user_name: name,
            tags: &tags,
            has_password: false,
            origin: None,
        });
        assert_eq!(brief(&verdict), expected);
    }
}

/// Every replacement that there is: of each kind, each name of the tables, and of none.
fn all_replacements(region: Option<&str>, repository: Option<&str>) -> Vec<String> {
    let names = || {
        table::agents()
            .iter()
            .chain(table::names())
            .map(|row| (row.kind, row.name))
    };
    let kinds = ALL.iter().map(|holder| (holder.kind, None));
    names()
        .chain(kinds)
        .map(|(kind, name)| {
            replacement(&Place {
                partition: "aws-cn",
                account_id: "111122223333",
                region,
                repository,
                holder: Holder { kind, name },
            })
        })
        .collect()
}

#[test]
fn every_replacement_has_whole_trust_policies_with_a_condition_where_somebody_else_is_trusted() {
    for text in all_replacements(None, None)
        .into_iter()
        .chain(all_replacements(Some("cn-north-1"), Some("acme/shop")))
    {
        assert_eq!(text.matches('`').count() % 2, 0, "{text}");
        assert!(
            text.starts_with(char::is_uppercase) && !text.ends_with('.'),
            "{text}"
        );
        for policy in text
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|quoted| quoted.starts_with('{'))
        {
            let policy: Value = serde_json::from_str(policy).unwrap();
            let statement = &policy["Statement"][0];
            assert_eq!(statement["Effect"], "Allow");
            let is_service = statement["Principal"]["Service"].is_string();
            let is_outside =
                !is_service || statement["Principal"]["Service"] == "rolesanywhere.amazonaws.com";
            assert!(
                !is_outside || statement["Condition"]["StringEquals"].is_object(),
                "{policy}"
            );
        }
    }
}

#[test]
fn the_trust_policy_of_github_is_of_one_repository_and_branch() {
    let place = |repository| Place {
        partition: "aws",
        account_id: "111122223333",
        region: None,
        repository,
        holder: Holder {
            kind: HolderKind::Ci,
            name: Some("GitHub Actions"),
        },
    };
    let trust = r#"{"Statement":[{"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com","token.actions.githubusercontent.com:sub":"repo:acme/shop:ref:refs/heads/BRANCH"}},"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}}],"Version":"2012-10-17"}"#;
    let text = replacement(&place(Some("acme/shop")));
    assert!(text.contains(trust), "{text}");
    let text = replacement(&place(None));
    assert!(
        text.contains("repo:ORGANIZATION/REPOSITORY:ref:refs/heads/BRANCH"),
        "{text}"
    );
}

#[test]
fn every_ci_system_with_tokens_has_a_trust_policy() {
    for name in [
        "GitHub Actions",
        "GitLab",
        "CircleCI",
        "Terraform Cloud",
        "Bitbucket Pipelines",
        "Buildkite",
    ] {
        assert!(trust::ci_system(name).is_some(), "{name}");
    }
    assert!(trust::ci_system("Jenkins").is_none());
}

/// All user agents of the corpus's CloudTrail files that are plain JSON, sorted.
fn agents_of_corpus() -> Option<std::collections::BTreeSet<String>> {
    let mut folders = vec![leastgrant_testing::corpus("cloudtrail")?];
    let mut agents = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                for piece in text.split("\"userAgent\":").skip(1) {
                    agents.extend(
                        piece
                            .trim_start()
                            .strip_prefix('"')
                            .and_then(|rest| rest.split('"').next())
                            .map(str::to_owned),
                    );
                }
            }
        }
    }
    Some(agents)
}

#[test]
fn real_agents_are_told_for_what_they_are_and_others_say_nothing() {
    let Some(agents) = agents_of_corpus() else {
        return;
    };
    let mut told = std::collections::BTreeMap::new();
    for agent in &agents {
        let mut kinds: Vec<_> = agents::parts([agent.as_str()])
            .iter()
            .map(|part| (part.row.kind, part.row.name))
            .collect();
        kinds.sort();
        *told.entry(kinds).or_insert(0) += 1;
        // An attacker's tool that names itself is no client of anybody's.
        if agent.starts_with("stratus-red-team") {
            assert!(agents::parts([agent.as_str()]).is_empty(), "{agent}");
        }
    }
    for (kind, name) in [
        (HolderKind::Ci, None),
        (HolderKind::Person, Some("a computer with macOS")),
        (HolderKind::Person, Some("a browser")),
        (HolderKind::Workload, Some("Lambda")),
        (HolderKind::Program, None),
    ] {
        assert!(
            told.keys().any(|kinds| kinds.contains(&(kind, name))),
            "{kind:?} {name:?}: {told:#?}"
        );
    }
}

proptest! {
    // Long texts of any characters take their time to make up.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_the_logs_and_names_hold_is_judged_and_bounded(
        name in "\\PC{0,80}",
        agents in prop::collection::vec("\\PC{0,900}|.{0,20}exec-env/AWS_Lambda_.{0,20}|`+|Datadog", 0..30),
        addresses in prop::collection::vec("\\PC{0,40}|10\\.0\\.0\\.[0-9]", 0..30),
        days in prop::collection::vec(-1_000_000..1_000_000_i64, 0..20),
        calls in any::<i64>(),
    ) {
        let mut origin = KeyOrigin::default();
        origin.add(UsageOriginRow {
            outcome: "allowed".into(),
            count: calls,
            source_ips: addresses.iter().map(|own| own.as_str().into()).collect(),
            user_agents: agents.iter().map(|own| own.as_str().into()).collect(),
            active_dates: days.into_iter().collect(),
            ..UsageOriginRow::default()
        });
        let tags = [(name.clone(), name.clone())];
        let verdict = judge(HolderFacts { user_name: &name, tags: &tags, has_password: true, origin: Some(&origin) });
        prop_assert!(verdict.marks.len() <= 100);
        for mark in &verdict.marks {
            prop_assert!(mark.fact.chars().count() <= 400, "{}", mark.fact);
            prop_assert_eq!(mark.fact.matches('`').count() % 2, 0, "{}", mark.fact);
        }
        // Names cannot make a user agent certain, and nothing but two sources can.
        if verdict.confidence == Confidence::High {
            let kind = verdict.holder.unwrap().kind;
            let sources: std::collections::BTreeSet<_> = verdict.marks.iter().filter(|mark| mark.kind == kind).map(|mark| mark.source).collect();
            prop_assert!(sources.len() >= 2);
        }
    }
}
